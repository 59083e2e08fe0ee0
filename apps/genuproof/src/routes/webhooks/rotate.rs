//! `POST /api/webhooks/rotate`: a new secret for a webhook; for a while its deliveries are signed with the present one too.
//!
//! 400: a field is missing or out of bounds. 401: no key, or a wrong one. 403: another brand's key. 404: no such webhook.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::routing::post;
use keyfold_web::body::RawBody;
use keyfold_web::error::Failure;
use serde_json::{Value, json};

use crate::app::App;
use crate::domain::input::RotateSecret;
use crate::routes::access::{Intent, caller};
use crate::routes::{Access, Route};

pub fn route() -> Route {
    let path = "/api/webhooks/rotate";
    Route::endpoint(Method::POST, path, Access::Key, post(handle))
}

async fn handle(
    State(app): State<App>,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<Json<Value>, Failure> {
    let wanted = RotateSecret::parse(&body)?;
    let caller = caller(&app, &headers, Intent::Change).await?;
    let brand = caller.brand(&app, wanted.webhook.brand).await?;
    let (id, hours) = (&wanted.webhook.webhook, wanted.grace_hours);
    let new = app.store.rotate_secret(&brand.id, id, hours).await?;
    Ok(Json(json!({ "id": new.webhook.id, "secret": new.secret })))
}
