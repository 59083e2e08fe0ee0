//! `POST /api/products/dispute`: a consumer disputes somebody else's claim.
//!
//! 400: a field is missing or out of bounds, there is no claim. 404: no such product. 429: too many are open.

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use axum::routing::post;
use keyfold_web::body::RawBody;
use keyfold_web::error::Failure;
use serde_json::{Value, json};

use crate::app::App;
use crate::domain::input::DisputeClaim;
use crate::routes::answer::unknown_product;
use crate::routes::request::Visitor;
use crate::routes::{Access, Route};
use crate::store::{DisputeId, NewDispute};

pub fn route() -> Route {
    let path = "/api/products/dispute";
    Route::endpoint(Method::POST, path, Access::Public, post(handle)).never_stored()
}

async fn handle(
    State(app): State<App>,
    visitor: Visitor,
    RawBody(body): RawBody,
) -> Result<Json<Value>, Failure> {
    let wanted = DisputeClaim::parse(&body)?;
    let product = wanted.product.named().ok_or_else(unknown_product)?;
    let new = NewDispute {
        consumer_name: wanted.consumer_name,
        email: wanted.email,
        order_number: wanted.order_number,
        notes: wanted.notes,
    };
    let dispute = app
        .store
        .dispute_claim(&product, &new, visitor.caller())
        .await?;
    Ok(Json(json!({
        "success": true,
        "disputeId": DisputeId::of(&dispute).to_string(),
        "status": dispute.status,
        "message": "The dispute is open. The brand will look into it.",
    })))
}
