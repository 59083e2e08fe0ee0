//! `POST /api/webhooks`: a new webhook, and the secret its deliveries are signed with, shown this once.
//!
//! 400: a field is missing or out of bounds, an address that is not delivered to. 401: no key, or a wrong one. 403: another brand's
//! key. 404: no such brand. 409: too many.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::routing::post;
use keyfold_web::body::RawBody;
use keyfold_web::error::Failure;
use serde_json::{Value, json};

use crate::app::App;
use crate::domain::input::CreateWebhook;
use crate::routes::access::{Intent, caller};
use crate::routes::{Access, Route};

pub fn route() -> Route {
    Route::endpoint(Method::POST, "/api/webhooks", Access::Key, post(handle))
}

async fn handle(
    State(app): State<App>,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<Json<Value>, Failure> {
    let wanted = CreateWebhook::parse(&body, app.targets)?;
    let caller = caller(&app, &headers, Intent::Change).await?;
    let brand = caller.brand(&app, wanted.brand).await?;
    let new = app
        .store
        .create_webhook(&brand.id, &wanted.target, wanted.events)
        .await?;
    Ok(Json(json!({
        "id": new.webhook.id,
        "url": new.webhook.url,
        "events": new.webhook.events,
        "active": new.webhook.active,
        "secret": new.secret,
    })))
}
