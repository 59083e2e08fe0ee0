//! `POST /api/products/register`: a new product with its code, hash and signature.
//!
//! 400: a field is missing or out of bounds. 401: no key, or a wrong one. 403: another brand's key. 404: no such brand.
//! 409: the brand has this product already.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::routing::post;
use keyfold_web::body::RawBody;
use keyfold_web::error::Failure;
use serde_json::{Value, json};

use crate::app::App;
use crate::domain::ids::{Form as _, VerificationCode};
use crate::domain::input::RegisterProduct;
use crate::domain::links::qr_data;
use crate::routes::access::{Intent, caller};
use crate::routes::{Access, Route};

pub fn route() -> Route {
    Route::endpoint(
        Method::POST,
        "/api/products/register",
        Access::Key,
        post(handle),
    )
}

async fn handle(
    State(app): State<App>,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<Json<Value>, Failure> {
    let wanted = RegisterProduct::parse(&body)?;
    let caller = caller(&app, &headers, Intent::Change).await?;
    let brand = caller.brand(&app, wanted.brand).await?;
    let product = app.store.register(&brand, wanted.product, false).await?;
    let code = product
        .verification_code
        .text()
        .and_then(VerificationCode::parse)
        .ok_or_else(Failure::internal)?;
    Ok(Json(json!({
        "productId": product.id,
        "verificationCode": code,
        "hash": product.hash,
        "signature": product.signature,
        "verifyUrl": app.base.verify(&code),
        "qrData": qr_data(&code, &product.id),
    })))
}
