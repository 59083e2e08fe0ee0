//! `POST /api/webhooks/deliveries/resend`: a delivery that was done with is sent once more, with a new day of tries.
//!
//! 400: a field is missing. 401: no key, or a wrong one. 403: another brand's key. 404: no such webhook or delivery, or it is still
//! to be tried.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::routing::post;
use keyfold_web::body::RawBody;
use keyfold_web::error::Failure;
use serde_json::{Value, json};

use crate::app::App;
use crate::domain::input::NamedDelivery;
use crate::routes::access::{Intent, caller};
use crate::routes::answer::unknown_delivery;
use crate::routes::{Access, Route};
use crate::store::DeliveryId;

pub fn route() -> Route {
    let path = "/api/webhooks/deliveries/resend";
    Route::endpoint(Method::POST, path, Access::Key, post(handle))
}

async fn handle(
    State(app): State<App>,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<Json<Value>, Failure> {
    let named = NamedDelivery::parse(&body)?;
    let caller = caller(&app, &headers, Intent::Change).await?;
    let brand = caller.brand(&app, named.webhook.brand).await?;
    let id = DeliveryId::parse(&named.delivery).ok_or_else(unknown_delivery)?;
    app.store
        .resend(&brand.id, &named.webhook.webhook, &id)
        .await?;
    Ok(Json(json!({ "id": id.to_string(), "state": "waiting" })))
}
