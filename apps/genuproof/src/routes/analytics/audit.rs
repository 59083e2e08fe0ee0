//! `GET /api/audit`: what happened last; of a brand with its key, else of all brands without their alerts.
//!
//! 400: a limit that is none. 401: a key that is none.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::routing::get;
use keyfold_web::error::Failure;
use serde_json::{Value, json};

use crate::app::App;
use crate::domain::input::ListAudit;
use crate::routes::access::{Caller, visitor};
use crate::routes::request::Query;
use crate::routes::{Access, Route, answer};
use crate::store::Audited;

pub fn route() -> Route {
    let path = "/api/audit";
    Route::endpoint(Method::GET, path, Access::PublicOrKey, get(handle))
}

async fn handle(
    State(app): State<App>,
    headers: HeaderMap,
    Query(query): Query,
) -> Result<Json<Value>, Failure> {
    let limit = ListAudit::parse(&query)?.limit;
    let mut entries: Vec<Audited> = Vec::new();
    match visitor(&app, &headers).await? {
        Some(Caller::Brands(brands)) => {
            for brand in &brands {
                entries.extend(app.store.audit_of(brand, limit).await?);
            }
            entries.sort_by_key(|entry| std::cmp::Reverse(entry.at));
            entries.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        }
        Some(Caller::Anybody) | None => entries = app.store.audit_of_all(limit).await?,
    }
    let entries = entries.iter().map(|entry| json!(entry.line)).collect();
    Ok(Json(answer::list("entries", entries, None)))
}
