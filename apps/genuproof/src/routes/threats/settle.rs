//! `POST /api/threats/resolve` and `/api/threats/reopen`: what a brand makes of an alert, with who and why.
//!
//! 400: a field is missing or out of bounds. 401: no key, or a wrong one. 403: another brand's key. 404: no such alert. 409: it is
//! so already.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::routing::post;
use keyfold_web::body::RawBody;
use keyfold_web::error::Failure;
use serde_json::Value;

use crate::app::App;
use crate::domain::alert::AlertId;
use crate::domain::input::SettleThreat;
use crate::routes::access::{Intent, caller};
use crate::routes::answer::{self, unknown_alert};
use crate::routes::{Access, Route};
use crate::store::Settlement;

pub fn resolve() -> Route {
    let path = "/api/threats/resolve";
    let handler = |state, headers, body| handle(state, headers, body, true);
    Route::endpoint(Method::POST, path, Access::Key, post(handler))
}

pub fn reopen() -> Route {
    let path = "/api/threats/reopen";
    let handler = |state, headers, body| handle(state, headers, body, false);
    Route::endpoint(Method::POST, path, Access::Key, post(handler))
}

async fn handle(
    State(app): State<App>,
    headers: HeaderMap,
    RawBody(body): RawBody,
    is_resolved: bool,
) -> Result<Json<Value>, Failure> {
    let wanted = SettleThreat::parse(&body)?;
    let caller = caller(&app, &headers, Intent::Change).await?;
    let brand = caller.brand(&app, wanted.brand).await?;
    let id = AlertId::parse(&wanted.id).ok_or_else(unknown_alert)?;
    let settlement = Settlement {
        is_resolved,
        by: wanted.by.unwrap_or_else(|| brand.name.clone()),
        note: wanted.note,
    };
    let alert = app.store.settle(&brand.id, &id, &settlement).await?;
    Ok(Json(answer::alert(&alert)))
}
