//! `GET /api/products/list?brandId=`: the products of a brand, newest first, in pages.
//!
//! 400: no brand, a limit that is none, a cursor that was not given out for this brand. 401: no key, or a wrong one.
//! 403: another brand's key. 404: no such brand.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::routing::get;
use keyfold_web::error::Failure;
use serde_json::Value;

use crate::app::App;
use crate::domain::input::ListProducts;
use crate::routes::access::{Intent, caller};
use crate::routes::request::Query;
use crate::routes::{Access, Route, answer};

pub fn route() -> Route {
    Route::endpoint(Method::GET, "/api/products/list", Access::Key, get(handle))
}

async fn handle(
    State(app): State<App>,
    headers: HeaderMap,
    Query(query): Query,
) -> Result<Json<Value>, Failure> {
    let asked = ListProducts::parse(&query)?;
    let caller = caller(&app, &headers, Intent::Read).await?;
    let brand = caller.brand(&app, asked.brand).await?;
    let page = app
        .store
        .products(&brand.id, asked.limit, asked.cursor.as_deref())
        .await?;
    let products = page.items.iter().map(|product| {
        let mut shown = answer::product(product);
        shown["hash"] = serde_json::json!(product.hash);
        shown
    });
    Ok(Json(answer::list(
        "products",
        products.collect(),
        page.next.as_ref(),
    )))
}
