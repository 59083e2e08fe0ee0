//! `GET /api/explore`: the gallery of all products in a state, newest first.
//!
//! 400: a limit that is none.

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use axum::routing::get;
use keyfold_web::error::Failure;
use serde_json::{Value, json};

use crate::app::App;
use crate::domain::input::Explore;
use crate::routes::request::Query;
use crate::routes::{Access, Route, answer};
use crate::table::ProductListing;

pub fn route() -> Route {
    Route::endpoint(Method::GET, "/api/explore", Access::Public, get(handle))
}

async fn handle(State(app): State<App>, Query(query): Query) -> Result<Json<Value>, Failure> {
    let asked = Explore::parse(&query)?;
    let found = app.store.gallery(asked.limit, &asked.status, None).await?;
    Ok(Json(answer::list(
        "products",
        found.products.iter().map(shown).collect(),
        None,
    )))
}

fn shown(product: &ProductListing) -> Value {
    let hash = product.hash.text().unwrap_or_default();
    json!({
        "productId": product.id,
        "name": product.name,
        "brandName": product.brand_name,
        "sku": product.sku,
        "category": product.category,
        "description": product.description,
        "status": product.status,
        "verificationCode": product.verification_code,
        "hash": format!("{}...", hash.get(..16).unwrap_or(hash)),
        "createdAt": product.created_at,
        "scanCount": product.scan_count.here().copied().unwrap_or_default(),
    })
}
