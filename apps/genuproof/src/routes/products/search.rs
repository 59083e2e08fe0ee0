//! `GET /api/products/search`: a product by its code or id, for everybody; the products of a brand, for the brand.
//!
//! 400: neither code, id nor brand. 404: no such product (`found` is false) or brand. For a brand also 401 and 403.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::routing::get;
use keyfold_web::error::Failure;
use serde_json::{Value, json};

use crate::app::App;
use crate::domain::ids::{BrandId, Ref};
use crate::domain::input::{Search, Target};
use crate::routes::access::{Intent, caller};
use crate::routes::request::Query;
use crate::routes::{Access, Route, answer};

/// Newest products of a brand that are shown.
const PRODUCTS_MAX: u32 = 100;

pub fn route() -> Route {
    Route::endpoint(
        Method::GET,
        "/api/products/search",
        Access::PublicOrKey,
        get(handle),
    )
}

async fn handle(
    State(app): State<App>,
    headers: HeaderMap,
    Query(query): Query,
) -> Result<Json<Value>, Failure> {
    match Search::parse(&query)? {
        Search::One(target) => one(&app, &target).await,
        Search::Brand(brand) => of_brand(&app, &headers, brand).await,
    }
}

async fn one(app: &App, target: &Target) -> Result<Json<Value>, Failure> {
    let found = app
        .store
        .product(target)
        .await?
        .ok_or_else(|| Failure::not_found("there is no such product").with("found", false))?;
    let mut product = answer::product(&found);
    product["brandName"] = json!(found.brand_name);
    product["hash"] = json!(found.hash);
    Ok(Json(json!({ "found": true, "product": product })))
}

async fn of_brand(
    app: &App,
    headers: &HeaderMap,
    brand: Ref<BrandId>,
) -> Result<Json<Value>, Failure> {
    let caller = caller(app, headers, Intent::Read).await?;
    let brand = caller.brand(app, brand).await?;
    let page = app.store.products(&brand.id, PRODUCTS_MAX, None).await?;
    let products: Vec<_> = page.items.iter().map(answer::product).collect();
    Ok(Json(json!({
        "found": true,
        "count": products.len(),
        "products": products,
    })))
}
