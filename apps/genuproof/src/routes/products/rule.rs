//! `POST /api/products/dispute/status`: the brand moves a dispute to another state.
//!
//! 400: a field is missing or out of bounds. 401: no key, or a wrong one. 403: another brand's product. 404: no such product or
//! dispute. 409: the dispute is resolved, or in this state already.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::routing::post;
use keyfold_web::body::RawBody;
use keyfold_web::error::Failure;
use serde_json::{Value, json};

use crate::app::App;
use crate::domain::input::RuleDispute;
use crate::routes::access::{Intent, owned};
use crate::routes::answer::unknown_dispute;
use crate::routes::{Access, Route};
use crate::store::{DisputeId, Ruling};

pub fn route() -> Route {
    let path = "/api/products/dispute/status";
    Route::endpoint(Method::POST, path, Access::Key, post(handle))
}

async fn handle(
    State(app): State<App>,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<Json<Value>, Failure> {
    let wanted = RuleDispute::parse(&body)?;
    let product = owned(&app, &headers, Intent::Change, wanted.product).await?;
    let id = DisputeId::parse(&wanted.dispute).ok_or_else(unknown_dispute)?;
    let brand = product.brand_name.text().unwrap_or("the brand");
    let ruling = Ruling {
        status: wanted.status,
        by: wanted.by.unwrap_or_else(|| brand.to_owned()),
        note: wanted.note,
    };
    let dispute = app.store.rule(&product.id, &id, &ruling).await?;
    Ok(Json(json!({
        "success": true,
        "disputeId": id.to_string(),
        "status": dispute.status,
        "changedAt": dispute.changed_at,
    })))
}
