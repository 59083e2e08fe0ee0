//! `POST /api/products/recall`: calls a product back. Of several at once exactly one does.
//!
//! 400: a field is missing or out of bounds, the product is already recalled. 401: no key, or a wrong one. 403: another brand's
//! product. 404: no such product. 409: the chain was tampered with.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::routing::post;
use keyfold_web::body::RawBody;
use keyfold_web::error::Failure;
use serde_json::{Value, json};

use crate::app::App;
use crate::domain::input::RecallProduct;
use crate::routes::access::{Intent, owned};
use crate::routes::{Access, Route};
use crate::store::Recall;

pub fn route() -> Route {
    let path = "/api/products/recall";
    Route::endpoint(Method::POST, path, Access::Key, post(handle))
}

async fn handle(
    State(app): State<App>,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<Json<Value>, Failure> {
    let wanted = RecallProduct::parse(&body)?;
    let product = owned(&app, &headers, Intent::Change, wanted.product).await?;
    let recall = Recall {
        reason: wanted.reason,
        issued_by: wanted.issued_by,
    };
    let recalled = app.store.recall(&product.id, recall).await?;
    Ok(Json(json!({
        "success": true,
        "hash": recalled.event.hash,
        "timestamp": recalled.event.timestamp,
        "status": recalled.status,
    })))
}
