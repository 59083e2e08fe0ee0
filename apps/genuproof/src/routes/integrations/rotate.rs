//! `POST /api/integrations/rotate`: a new key for a source; the present one counts for a while.
//!
//! 400: a field is missing or out of bounds. 401: no key, or a wrong one. 403: another brand's key. 404: no such brand or source.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::routing::post;
use keyfold_web::body::RawBody;
use keyfold_web::error::Failure;
use serde_json::Value;

use super::configure::shown;
use crate::app::App;
use crate::domain::input::RotateIngestKey;
use crate::domain::integration::Vendor;
use crate::routes::access::{Intent, caller};
use crate::routes::answer::unknown_integration;
use crate::routes::{Access, Route};

pub fn route() -> Route {
    let path = "/api/integrations/rotate";
    Route::endpoint(Method::POST, path, Access::Key, post(handle))
}

async fn handle(
    State(app): State<App>,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<Json<Value>, Failure> {
    let wanted = RotateIngestKey::parse(&body)?;
    let caller = caller(&app, &headers, Intent::Change).await?;
    let brand = caller.brand(&app, wanted.brand).await?;
    let store = &app.store;
    let new = store
        .rotate_ingest_key(&brand.id, &wanted.integration, wanted.grace_hours)
        .await?;
    let vendor = Vendor::find(&new.integration.kind).ok_or_else(unknown_integration)?;
    Ok(Json(shown(&app, vendor, &new)))
}
