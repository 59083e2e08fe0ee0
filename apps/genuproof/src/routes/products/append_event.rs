//! `POST /api/products/events`: one more event in a product's chain.
//!
//! 400: a field is missing or out of bounds. 401: no key, or a wrong one. 403: another brand's product. 404: no such product.
//! 409: the chain was tampered with.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::routing::post;
use keyfold_web::body::RawBody;
use keyfold_web::error::Failure;
use serde_json::{Value, json};

use crate::app::App;
use crate::domain::input::{AppendEvent, Target};
use crate::routes::access::{Intent, caller};
use crate::routes::answer::unknown_product;
use crate::routes::{Access, Route};
use crate::store::Happening;

pub fn route() -> Route {
    Route::endpoint(
        Method::POST,
        "/api/products/events",
        Access::Key,
        post(handle),
    )
}

async fn handle(
    State(app): State<App>,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<Json<Value>, Failure> {
    let wanted = AppendEvent::parse(&body)?;
    let caller = caller(&app, &headers, Intent::Change).await?;
    let target = Target::Product(wanted.product);
    let product = app.store.product(&target).await?;
    let product = product.ok_or_else(unknown_product)?;
    caller.may_change(&product)?;
    let happening = Happening {
        kind: wanted.kind,
        actor: wanted.actor,
        location: wanted.location,
        coordinates: wanted.coordinates,
        data: wanted.data,
    };
    let appended = app.store.append(&product.id, happening).await?;
    let event = appended.event;
    Ok(Json(json!({
        "hash": event.hash,
        "previousHash": event.previous_hash,
        "timestamp": event.timestamp,
        "type": event.kind,
    })))
}
