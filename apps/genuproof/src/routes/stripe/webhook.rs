//! `POST /api/stripe/webhook`: what the payment service tells. Each event is acted upon once.
//!
//! 400: unsigned, wrongly signed or stale.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::routing::post;
use keyfold_web::body::RawBody;
use keyfold_web::error::Failure;
use serde_json::{Value, json};

use crate::app::App;
use crate::routes::request::text;
use crate::routes::{Access, Route};

pub fn route() -> Route {
    let path = "/api/stripe/webhook";
    Route::endpoint(Method::POST, path, Access::Public, post(handle))
}

async fn handle(
    State(app): State<App>,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<Json<Value>, Failure> {
    let header = text(&headers, "stripe-signature");
    let event = app.stripe.event(header, &body, app.store.now());
    let change = event.map_err(|error| Failure::bad_request(error.to_string()))?;
    if let Some(change) = change {
        app.store.change_plan(&change).await?;
    }
    Ok(Json(json!({ "received": true })))
}
