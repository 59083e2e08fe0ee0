//! `GET /api/integrations/status?brandId=`: which sources are connected, which there are, and what came from where.
//!
//! 400: no id. 401: no key, or a wrong one. 403: another brand's key. 404: no such brand.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::routing::get;
use keyfold_web::error::Failure;
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::domain::input::brand_of;
use crate::domain::integration::{SOURCES, VENDORS, Vendor};
use crate::routes::access::{Intent, caller};
use crate::routes::answer::unknown_brand;
use crate::routes::request::Query;
use crate::routes::{Access, Route};

pub fn route() -> Route {
    let path = "/api/integrations/status";
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
    let (sources, counts, profile) = tokio::try_join!(
        app.store.integrations(&brand.id),
        app.store.sources(&brand.id),
        app.store.brand(&brand.id),
    )?;
    let stats = profile.ok_or_else(unknown_brand)?.stats;
    let configured = sources.iter().map(|source| {
        let url =
            Vendor::find(&source.kind).map(|vendor| format!("{}{}", app.base, vendor.feed.path()));
        json!({
            "id": source.id,
            "type": source.kind,
            "active": source.active,
            "createdAt": source.created_at,
            "lastEvent": source.last_event,
            "eventCount": source.event_count,
            "webhookUrl": url,
        })
    });
    let is_connected = |vendor: &Vendor| {
        sources
            .iter()
            .any(|source| source.active && source.kind == vendor.id)
    };
    let available = VENDORS.iter().map(|vendor| {
        json!({
            "type": vendor.id,
            "name": vendor.name,
            "category": vendor.feed.as_str(),
            "connected": is_connected(vendor),
        })
    });
    let breakdown: Map<_, _> = SOURCES
        .iter()
        .zip(counts)
        .map(|(source, count)| ((*source).to_owned(), count.into()))
        .collect();
    Ok(Json(json!({
        "brand": { "id": brand.id, "name": brand.name },
        "integrations": {
            "configured": configured.collect::<Vec<_>>(),
            "available": available.collect::<Vec<_>>(),
            "connectedCount": VENDORS.iter().filter(|vendor| is_connected(vendor)).count(),
            "totalAvailable": VENDORS.len(),
        },
        "stats": {
            "productCount": stats.product_count,
            "scanCount": stats.scan_count,
            "threatCount": stats.threat_count,
        },
        "sourceBreakdown": breakdown,
    })))
}
