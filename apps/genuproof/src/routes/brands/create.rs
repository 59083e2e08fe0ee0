//! `POST /api/brands`: a new brand, and its key, shown this once.
//!
//! 400: a field is missing or out of bounds.

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use axum::routing::post;
use keyfold_web::body::RawBody;
use keyfold_web::error::Failure;
use serde_json::{Value, json};

use crate::app::App;
use crate::domain::input::CreateBrand;
use crate::routes::{Access, Route};

pub fn route() -> Route {
    // The answer holds a key.
    Route::endpoint(Method::POST, "/api/brands", Access::Public, post(handle)).never_stored()
}

async fn handle(State(app): State<App>, RawBody(body): RawBody) -> Result<Json<Value>, Failure> {
    let new = app.store.create_brand(CreateBrand::parse(&body)?).await?;
    let brand = new.brand;
    Ok(Json(json!({
        "id": brand.id,
        "name": brand.name,
        "domain": brand.domain,
        "industry": brand.industry,
        "plan": brand.plan,
        "createdAt": brand.created_at,
        "apiKey": new.api_key.reveal(),
    })))
}
