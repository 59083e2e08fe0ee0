//! `GET /api/webhooks?brandId=`: where a brand wants to be told.
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
use crate::routes::{Access, Route};

pub fn route() -> Route {
    Route::endpoint(Method::GET, "/api/webhooks", Access::Key, get(handle))
}

async fn handle(
    State(app): State<App>,
    headers: HeaderMap,
    Query(query): Query,
) -> Result<Json<Value>, Failure> {
    let named = brand_of(&query, "brandId")?;
    let caller = caller(&app, &headers, Intent::Read).await?;
    let brand = caller.brand(&app, named).await?;
    let hooks = app.store.webhooks(&brand.id).await?;
    let hooks = hooks.iter().map(|hook| {
        json!({
            "id": hook.id,
            "url": hook.url,
            "events": hook.events,
            "active": hook.active,
            "createdAt": hook.created_at,
            "lastTriggered": hook.last_triggered,
            "deliveryCount": hook.delivery_count,
            "failingSince": hook.failing_since,
            "pausedAt": hook.paused_at,
        })
    });
    Ok(Json(json!({ "webhooks": hooks.collect::<Vec<_>>() })))
}
