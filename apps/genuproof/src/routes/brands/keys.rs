//! `GET /api/brands/keys`, `POST /api/brands/keys/rotate` and `/revoke`: the keys of a brand, in the hands of whoever holds one.
//!
//! 400: a field is missing or out of bounds. 401: no key, or a wrong one. 403: another brand's key. 404: no such brand or key. 409:
//! the brand has no other key.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::routing::{get, post};
use keyfold_web::body::RawBody;
use keyfold_web::error::Failure;
use serde_json::{Value, json};

use crate::app::App;
use crate::domain::input::{RevokeKey, RotateKey, brand_of};
use crate::routes::access::{Intent, caller};
use crate::routes::request::Query;
use crate::routes::{Access, Route};

pub fn list() -> Route {
    Route::endpoint(Method::GET, "/api/brands/keys", Access::Key, get(show))
}

pub fn rotate() -> Route {
    let path = "/api/brands/keys/rotate";
    Route::endpoint(Method::POST, path, Access::Key, post(replace))
}

pub fn revoke() -> Route {
    let path = "/api/brands/keys/revoke";
    Route::endpoint(Method::POST, path, Access::Key, post(end))
}

async fn show(
    State(app): State<App>,
    headers: HeaderMap,
    Query(query): Query,
) -> Result<Json<Value>, Failure> {
    let named = brand_of(&query, "brandId")?;
    let caller = caller(&app, &headers, Intent::Read).await?;
    let brand = caller.brand(&app, named).await?;
    let keys = brand.keys(app.store.now());
    let keys: Vec<_> = keys
        .iter()
        .map(|key| json!({ "prefix": key.prefix, "present": key.is_present, "until": key.until }))
        .collect();
    Ok(Json(json!({ "keys": keys, "count": keys.len() })))
}

async fn replace(
    State(app): State<App>,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<Json<Value>, Failure> {
    let wanted = RotateKey::parse(&body)?;
    let caller = caller(&app, &headers, Intent::Change).await?;
    let brand = caller.brand(&app, wanted.brand).await?;
    let new = app.store.rotate_key(&brand.id, wanted.grace_hours).await?;
    Ok(Json(json!({
        "apiKey": new.key.reveal(),
        "prefix": new.key.prefix(),
        "previousUntil": new.previous_until,
    })))
}

async fn end(
    State(app): State<App>,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<Json<Value>, Failure> {
    let wanted = RevokeKey::parse(&body)?;
    let caller = caller(&app, &headers, Intent::Change).await?;
    let brand = caller.brand(&app, wanted.brand).await?;
    app.store.revoke_key(&brand.id, &wanted.prefix).await?;
    Ok(Json(json!({ "revoked": wanted.prefix })))
}
