//! `POST /api/products/batch`: up to 50 new products at once, each whole or not at all.
//!
//! What is not registered is listed in `skipped`, with its place in the request and why.
//!
//! 400: a field is missing or out of bounds. 401: no key, or a wrong one. 402: the brand's plan has no room for all of them; none
//! is registered. 403: another brand's key. 404: no such brand.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::routing::post;
use keyfold_web::body::RawBody;
use keyfold_web::error::Failure;
use serde_json::{Value, json};

use crate::app::App;
use crate::domain::input::RegisterMany;
use crate::routes::access::{Intent, caller};
use crate::routes::{Access, Route};

pub fn route() -> Route {
    let path = "/api/products/batch";
    Route::endpoint(Method::POST, path, Access::Key, post(handle))
}

async fn handle(
    State(app): State<App>,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<Json<Value>, Failure> {
    let wanted = RegisterMany::parse(&body)?;
    let caller = caller(&app, &headers, Intent::Change).await?;
    let brand = caller.brand(&app, wanted.brand).await?;
    let names: Vec<(usize, String)> = wanted
        .products
        .iter()
        .map(|(at, product)| (*at, product.name.clone()))
        .collect();
    let entries = app.store.register_many(&brand, wanted.products).await?;
    let (mut products, mut skipped) = (Vec::new(), Vec::new());
    for (at, registered) in entries {
        match registered {
            Ok(product) => products.push(json!({
                "productId": product.id,
                "name": product.name,
                "verificationCode": product.verification_code,
                "hash": product.hash,
            })),
            Err(error) => {
                let name = names
                    .iter()
                    .find(|(own, _)| *own == at)
                    .map(|(_, name)| name);
                let failure = Failure::from(error);
                skipped.push(json!({ "index": at, "name": name, "error": failure.message() }));
            }
        }
    }
    let mut answer = json!({ "registered": products.len(), "products": products });
    if !skipped.is_empty() {
        answer["skipped"] = skipped.into();
    }
    Ok(Json(answer))
}
