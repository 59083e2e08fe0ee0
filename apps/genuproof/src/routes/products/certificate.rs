//! `GET /api/products/certificate`: what is known of a product, as a file. No scan is recorded.
//!
//! 400: neither code nor id. 404: no such product.

use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use axum::routing::get;
use keyfold_web::error::Failure;
use serde_json::json;

use crate::app::App;
use crate::domain::input::Document;
use crate::routes::answer::{attachment, unknown_product};
use crate::routes::request::{Query, Visitor};
use crate::routes::{Access, Route, answer};

pub fn route() -> Route {
    let path = "/api/products/certificate";
    Route::endpoint(Method::GET, path, Access::Public, get(handle)).never_stored()
}

async fn handle(
    State(app): State<App>,
    visitor: Visitor,
    Query(query): Query,
) -> Result<Response, Failure> {
    let asked = Document::parse(&query)?;
    let looked = app
        .store
        .verify(&asked.target, visitor.caller(), None)
        .await?;
    let looked = looked.ok_or_else(unknown_product)?;
    let (product, verdict) = (&looked.product, &looked.verdict);
    let chain_is_valid = verdict.chain.is_intact();
    let code = product.verification_code.text().unwrap_or_default();
    let body = json!({
        "version": "1.0",
        "issuer": "GenuProof Platform",
        "issuedAt": app.store.now(),
        "product": {
            "id": looked.product_id,
            "name": product.name,
            "brand": product.brand_name,
            "sku": product.sku,
            "category": product.category,
            "registeredAt": product.created_at,
            "status": product.status,
        },
        "cryptography": {
            "algorithm": "SHA-256",
            "signatureAlgorithm": "HMAC-SHA256",
            "productHash": product.hash,
            "signature": product.signature,
            "hashValid": verdict.hash_match,
            "signatureValid": verdict.signature_valid,
        },
        "provenance": {
            "chainAlgorithm": "SHA-256-linked",
            "chainValid": chain_is_valid,
            "eventCount": looked.events.len(),
            "events": looked.events.iter().map(answer::event).collect::<Vec<_>>(),
        },
        "verification": {
            "authentic": verdict.authentic,
            "verificationCode": product.verification_code,
            "verifyUrl": app.base.verify_text(code),
            "totalScans": looked.scan_count,
        },
    });
    Ok(attachment(
        &format!("genuproof-certificate-{}.json", file_part(code)),
        &body,
    ))
}

/// A code as a part of a file's name: altered records may hold anything.
pub(super) fn file_part(code: &str) -> String {
    let plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    code.chars().filter(plain).take(64).collect()
}
