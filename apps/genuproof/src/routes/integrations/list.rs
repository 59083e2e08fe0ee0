//! `GET /api/integrations/configure?brandId=`: the sources a brand has connected.
//!
//! 400: no id. 401: no key, or a wrong one. 403: another brand's key. 404: no such brand.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::routing::get;
use keyfold_web::error::Failure;
use serde_json::{Value, json};

use crate::app::App;
use crate::domain::input::brand_of;
use crate::routes::access::{Intent, caller};
use crate::routes::request::Query;
use crate::routes::{Access, Route, answer};

pub fn route() -> Route {
    let path = "/api/integrations/configure";
    Route::endpoint(Method::GET, path, Access::Key, get(handle))
}

async fn handle(
    State(app): State<App>,
    headers: HeaderMap,
    Query(query): Query,
) -> Result<Json<Value>, Failure> {
    let named = brand_of(&query, "brandId")?;
    let caller = caller(&app, &headers, Intent::Read).await?;
    let brand = caller.brand(&app, named).await?;
    let sources = app.store.integrations(&brand.id).await?;
    let sources = sources.iter().map(|source| {
        // Items of others may hold the whole key.
        let prefix: String = source.ingest_key.chars().take(8).collect();
        json!({
            "id": source.id,
            "type": source.kind,
            "active": source.active,
            "ingestKey": format!("{prefix}..."),
            "createdAt": source.created_at,
            "lastEvent": source.last_event,
            "eventCount": source.event_count,
        })
    });
    Ok(Json(answer::list("integrations", sources.collect(), None)))
}
