//! `GET /api/products/dispute?productId=`: disputes about a product, newest first. Names, order numbers and notes are shown to its
//! brand.
//!
//! 400: no id. 401: a key that is none. 404: no such product.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::routing::get;
use keyfold_web::error::Failure;
use serde_json::{Value, json};

use crate::app::App;
use crate::domain::input::product_of;
use crate::routes::access::is_owner;
use crate::routes::answer::unknown_product;
use crate::routes::request::Query;
use crate::routes::{Access, Route};
use crate::store::DisputeId;
use crate::table::Dispute;

pub fn route() -> Route {
    let path = "/api/products/dispute";
    Route::endpoint(Method::GET, path, Access::PublicOrKey, get(handle))
}

async fn handle(
    State(app): State<App>,
    headers: HeaderMap,
    Query(query): Query,
) -> Result<Json<Value>, Failure> {
    let id = product_of(&query)?.named().ok_or_else(unknown_product)?;
    let product = app.store.product_by_id(&id).await?;
    let product = product.ok_or_else(unknown_product)?;
    let is_owner = is_owner(&app, &headers, &product).await?;
    let disputes = app.store.disputes(&id).await?;
    let disputes: Vec<_> = disputes
        .iter()
        .map(|dispute| shown(dispute, is_owner))
        .collect();
    Ok(Json(
        json!({ "count": disputes.len(), "disputes": disputes }),
    ))
}

fn shown(dispute: &Dispute, is_owner: bool) -> Value {
    let mut shown = json!({ "status": dispute.status, "createdAt": dispute.created_at });
    if is_owner {
        shown["id"] = DisputeId::of(dispute).to_string().into();
        shown["consumerName"] = json!(dispute.consumer_name);
        shown["orderNumber"] = json!(dispute.order_number);
        shown["notes"] = json!(dispute.notes);
        shown["originalClaim"] = json!(dispute.original_claim);
        shown["changedAt"] = json!(dispute.changed_at);
        shown["changedBy"] = json!(dispute.changed_by);
        shown["note"] = json!(dispute.note);
    }
    shown
}
