//! `GET /api/products/events?productId=`: the chain of a product, in order, and whether it is whole.
//!
//! 400: no id. 404: no such product.

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use axum::routing::get;
use keyfold_web::error::Failure;
use serde_json::{Value, json};

use crate::app::App;
use crate::domain::input::product_of;
use crate::routes::answer::unknown_product;
use crate::routes::request::Query;
use crate::routes::{Access, Route, answer};

pub fn route() -> Route {
    let path = "/api/products/events";
    Route::endpoint(Method::GET, path, Access::Public, get(handle)).never_stored()
}

async fn handle(State(app): State<App>, Query(query): Query) -> Result<Json<Value>, Failure> {
    let id = product_of(&query)?.named().ok_or_else(unknown_product)?;
    let chain = app.store.chain(&id).await?.ok_or_else(unknown_product)?;
    Ok(Json(json!({
        "events": chain.events.iter().map(answer::event).collect::<Vec<_>>(),
        "count": chain.events.len(),
        "chainValid": chain.is_valid,
    })))
}
