//! `GET /api/brands/list`: all brands, newest first, in pages.
//!
//! 400: a limit that is none, a cursor that was not given out here.

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use axum::routing::get;
use keyfold_web::error::Failure;
use serde_json::{Value, json};

use crate::app::App;
use crate::domain::input::ListBrands;
use crate::routes::request::Query;
use crate::routes::{Access, Route, answer};

pub fn route() -> Route {
    Route::endpoint(Method::GET, "/api/brands/list", Access::Public, get(handle))
}

async fn handle(State(app): State<App>, Query(query): Query) -> Result<Json<Value>, Failure> {
    let asked = ListBrands::parse(&query)?;
    let page = app
        .store
        .brands(asked.limit, asked.cursor.as_deref())
        .await?;
    let brands = page.items.iter().map(|brand| {
        json!({
            "id": brand.brand_id,
            "name": brand.name,
            "domain": brand.domain,
            "industry": brand.industry,
            "plan": brand.plan,
            "createdAt": brand.created_at,
        })
    });
    Ok(Json(answer::list(
        "brands",
        brands.collect(),
        page.next.as_ref(),
    )))
}
