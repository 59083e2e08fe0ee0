//! `GET /api/products/verify`: is it genuine? Every call is a scan, unless it says `metadata=true`.
//!
//! 400: neither code nor id. 404: no such code or product (`authentic` is false).

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use axum::routing::get;
use keyfold_web::error::Failure;
use serde_json::{Value, json};

use crate::app::App;
use crate::domain::input::Verify;
use crate::routes::request::{Query, Visitor};
use crate::routes::{Access, Route, answer};
use crate::store::Verified;

pub fn route() -> Route {
    let route = Route::endpoint(
        Method::GET,
        "/api/products/verify",
        Access::Public,
        get(handle),
    );
    route.never_stored()
}

async fn handle(
    State(app): State<App>,
    method: Method,
    visitor: Visitor,
    Query(query): Query,
) -> Result<Json<Value>, Failure> {
    let asked = Verify::parse(&query)?;
    // HEAD asks whether there is an answer; nobody reads it.
    let is_scan = asked.is_scan && method == Method::GET;
    let place = is_scan.then_some(&visitor.place);
    let verified = app
        .store
        .verify(&asked.target, visitor.caller(), place)
        .await?;
    let verified = verified.ok_or_else(|| {
        Failure::not_found("no product is registered under this code or id")
            .with("authentic", false)
    })?;
    Ok(Json(body(&verified)))
}

fn body(verified: &Verified) -> Value {
    let (product, verdict) = (&verified.product, &verified.verdict);
    let events = verified.events.iter().map(|event| {
        let mut shown = answer::event(event);
        shown["productId"] = json!(verified.product_id);
        shown
    });
    json!({
        "authentic": verdict.authentic,
        "product": {
            "productId": verified.product_id,
            "brandId": product.brand_id,
            "brandName": product.brand_name,
            "name": product.name,
            "sku": product.sku,
            "category": product.category,
            "description": product.description,
            "imageUrl": product.image_url,
            "verificationCode": product.verification_code,
            "hash": product.hash,
            "signature": product.signature,
            "status": product.status,
            "createdAt": product.created_at,
            "updatedAt": product.updated_at,
        },
        "events": events.collect::<Vec<_>>(),
        "warnings": verdict.warnings,
        "scanCount": verified.scan_count,
        "certificate": verified.certificate,
        "claim": verdict.claim,
    })
}
