//! `POST /api/products/transfer`: hands a product on.
//!
//! 400: a field is missing or out of bounds, the product is recalled. 401: no key, or a wrong one. 403: another brand's product.
//! 404: no such product. 409: the chain was tampered with.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::routing::post;
use keyfold_web::body::RawBody;
use keyfold_web::error::Failure;
use serde_json::{Value, json};

use crate::app::App;
use crate::domain::input::TransferProduct;
use crate::routes::access::{Intent, owned};
use crate::routes::{Access, Route};
use crate::store::Transfer;

pub fn route() -> Route {
    let path = "/api/products/transfer";
    Route::endpoint(Method::POST, path, Access::Key, post(handle))
}

async fn handle(
    State(app): State<App>,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<Json<Value>, Failure> {
    let wanted = TransferProduct::parse(&body)?;
    let product = owned(&app, &headers, Intent::Change, wanted.product).await?;
    let transfer = Transfer {
        new_owner: wanted.new_owner,
        location: wanted.location,
        reason: wanted.reason,
    };
    let event = app.store.transfer(&product.id, &transfer).await?.event;
    Ok(Json(json!({
        "success": true,
        "hash": event.hash,
        "previousHash": event.previous_hash,
        "timestamp": event.timestamp,
        "newOwner": transfer.new_owner,
    })))
}
