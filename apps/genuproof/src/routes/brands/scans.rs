//! `GET /api/brands/scans?brandId=`: where a brand's products were scanned, and where suspiciously.
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

const LOCATIONS_MAX: usize = 15;
const HOTSPOTS_MAX: usize = 10;

pub fn route() -> Route {
    Route::endpoint(Method::GET, "/api/brands/scans", Access::Key, get(handle))
}

async fn handle(
    State(app): State<App>,
    headers: HeaderMap,
    Query(query): Query,
) -> Result<Json<Value>, Failure> {
    let named = brand_of(&query, "brandId")?;
    let caller = caller(&app, &headers, Intent::Read).await?;
    let brand = caller.brand(&app, named).await?;
    let places = app.store.places(&brand.id).await?;
    let locations = places.places.iter().take(LOCATIONS_MAX).map(|spot| {
        json!({ "country": spot.country, "city": spot.city, "count": spot.count, "lastScan": spot.last_scan })
    });
    let hotspots = places.hotspots.iter().take(HOTSPOTS_MAX);
    let hotspots = hotspots
        .map(|spot| json!({ "country": spot.country, "city": spot.city, "count": spot.count }));
    Ok(Json(json!({
        "locations": locations.collect::<Vec<_>>(),
        "threatHotspots": hotspots.collect::<Vec<_>>(),
        "totalScans": places.scans,
    })))
}
