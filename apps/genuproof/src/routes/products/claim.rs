//! `POST /api/products/claim`: a consumer claims a product. Of several at once exactly one does.
//!
//! 400: a field is missing or out of bounds. 404: no such product. 409: it is claimed; never by whom.

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use axum::routing::post;
use keyfold_web::body::RawBody;
use keyfold_web::error::Failure;
use serde_json::{Value, json};

use crate::app::App;
use crate::domain::input::ClaimProduct;
use crate::routes::answer::unknown_product;
use crate::routes::request::Visitor;
use crate::routes::{Access, Route};
use crate::store::NewClaim;

pub fn route() -> Route {
    let path = "/api/products/claim";
    Route::endpoint(Method::POST, path, Access::Public, post(handle)).never_stored()
}

async fn handle(
    State(app): State<App>,
    visitor: Visitor,
    RawBody(body): RawBody,
) -> Result<Json<Value>, Failure> {
    let wanted = ClaimProduct::parse(&body)?;
    let product = wanted.product.named().ok_or_else(unknown_product)?;
    let claim = NewClaim {
        consumer_name: wanted.consumer_name,
        email: wanted.email,
    };
    let claimed_at = app
        .store
        .claim_product(&product, claim, visitor.caller())
        .await?;
    Ok(Json(json!({
        "success": true,
        "claimedAt": claimed_at,
        "message": "The product is claimed. Scans by other devices will be reported to its brand.",
    })))
}
