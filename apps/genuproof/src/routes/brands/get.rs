//! `GET /api/brands?id=`: a brand with its counters, and nothing about its keys.
//!
//! 400: no id, or one over its length. 404: no such brand.

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use axum::routing::get;
use keyfold_web::error::Failure;
use serde_json::{Value, json};

use crate::app::App;
use crate::domain::input::brand_of;
use crate::routes::answer::unknown_brand;
use crate::routes::request::Query;
use crate::routes::{Access, Route};

pub fn route() -> Route {
    Route::endpoint(Method::GET, "/api/brands", Access::Public, get(handle))
}

async fn handle(State(app): State<App>, Query(query): Query) -> Result<Json<Value>, Failure> {
    let id = brand_of(&query, "id")?.named().ok_or_else(unknown_brand)?;
    let found = app.store.brand(&id).await?.ok_or_else(unknown_brand)?;
    let (brand, stats) = (found.brand, found.stats);
    Ok(Json(json!({
        "id": brand.id,
        "name": brand.name,
        "domain": brand.domain,
        "industry": brand.industry,
        "logoUrl": brand.logo_url,
        "plan": brand.plan,
        "createdAt": brand.created_at,
        "productCount": stats.product_count,
        "scanCount": stats.scan_count,
        "threatCount": stats.threat_count,
    })))
}
