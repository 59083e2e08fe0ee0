//! `GET /api/threats?brandId=`: the alerts of a brand, newest first.
//!
//! 400: no brand, a limit that is none. 401: no key, or a wrong one. 403: another brand's key. 404: no such brand.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::routing::get;
use keyfold_web::error::Failure;
use serde_json::Value;

use crate::app::App;
use crate::domain::input::ListThreats;
use crate::routes::access::{Intent, caller};
use crate::routes::request::Query;
use crate::routes::{Access, Route, answer};

pub fn route() -> Route {
    Route::endpoint(Method::GET, "/api/threats", Access::Key, get(handle))
}

async fn handle(
    State(app): State<App>,
    headers: HeaderMap,
    Query(query): Query,
) -> Result<Json<Value>, Failure> {
    let asked = ListThreats::parse(&query)?;
    let caller = caller(&app, &headers, Intent::Read).await?;
    let brand = caller.brand(&app, asked.brand).await?;
    let alerts = app.store.alerts(&brand.id, asked.limit).await?;
    let alerts = alerts.iter().map(answer::alert).collect();
    Ok(Json(answer::list("threats", alerts, None)))
}
