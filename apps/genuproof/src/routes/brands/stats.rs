//! `GET /api/brands/stats?brandId=`: the numbers of a brand, counted from its products, and its counters.
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
use crate::routes::answer::unknown_brand;
use crate::routes::request::Query;
use crate::routes::{Access, Route};

pub fn route() -> Route {
    Route::endpoint(Method::GET, "/api/brands/stats", Access::Key, get(handle))
}

async fn handle(
    State(app): State<App>,
    headers: HeaderMap,
    Query(query): Query,
) -> Result<Json<Value>, Failure> {
    let named = brand_of(&query, "brandId")?;
    let caller = caller(&app, &headers, Intent::Read).await?;
    let brand = caller.brand(&app, named).await?;
    let numbers = app.store.brand_numbers(&brand.id).await?;
    let numbers = numbers.ok_or_else(unknown_brand)?;
    let stats = numbers.stats;
    Ok(Json(json!({
        "productCount": numbers.products,
        "activeProducts": numbers.active,
        "recalledProducts": numbers.recalled,
        "transferredProducts": numbers.transferred,
        "totalScans": numbers.scans,
        "threatCount": stats.threat_count,
        "unresolvedThreats": stats.unresolved(),
        "statsCounter": {
            "productCount": stats.product_count,
            "scanCount": stats.scan_count,
            "threatCount": stats.threat_count,
        },
    })))
}
