//! `POST /api/webhooks/resume`: a webhook that was paused, because nothing came through for days, is told again.
//!
//! 400: a field is missing. 401: no key, or a wrong one. 403: another brand's key. 404: no such webhook.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::routing::post;
use keyfold_web::body::RawBody;
use keyfold_web::error::Failure;
use serde_json::{Value, json};

use crate::app::App;
use crate::domain::input::NamedWebhook;
use crate::routes::access::{Intent, caller};
use crate::routes::{Access, Route};

pub fn route() -> Route {
    let path = "/api/webhooks/resume";
    Route::endpoint(Method::POST, path, Access::Key, post(handle))
}

async fn handle(
    State(app): State<App>,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<Json<Value>, Failure> {
    let named = NamedWebhook::parse(&body)?;
    let caller = caller(&app, &headers, Intent::Change).await?;
    let brand = caller.brand(&app, named.brand).await?;
    app.store.resume_webhook(&brand.id, &named.webhook).await?;
    Ok(Json(json!({ "id": named.webhook, "active": true })))
}
