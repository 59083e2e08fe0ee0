//! `GET /api/products/dpp-export`: the digital product passport of the European Union, as a file. No scan is recorded.
//!
//! 400: neither code nor id. 404: no such product.

use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use axum::routing::get;
use keyfold_web::error::Failure;
use serde_json::{Value, json};

use super::certificate::file_part;
use crate::app::App;
use crate::domain::event::StoredEvent;
use crate::domain::ids::{BrandId, Form as _};
use crate::domain::input::Document;
use crate::domain::product::StoredProduct;
use crate::routes::answer::{attachment, unknown_product};
use crate::routes::request::{Query, Visitor};
use crate::routes::{Access, Route};

pub fn route() -> Route {
    let path = "/api/products/dpp-export";
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
    let product = &looked.product;
    let brand = match product.brand_id.text().and_then(BrandId::parse) {
        Some(id) => app.store.brand(&id).await?,
        None => None,
    };
    let code = product.verification_code.text().unwrap_or_default();
    let events: Vec<_> = looked.events.iter().enumerate().map(step).collect();
    let body = json!({
        "@context": "https://schema.org/",
        "@type": "Product",
        "dppVersion": "1.0",
        "dppStandard": "ESPR-2024/1781",
        "identification": {
            "gtin": product.sku,
            "serialNumber": looked.product_id,
            "verificationCode": product.verification_code,
            "batchId": told(product, "batchId", Value::Null),
        },
        "product": {
            "name": product.name,
            "brand": product.brand_name,
            "category": product.category,
            "description": product.description,
            "manufacturingDate": product.created_at,
            "status": product.status,
        },
        "manufacturer": {
            "name": product.brand_name,
            "brandId": product.brand_id,
            "registeredAt": brand.map(|brand| brand.brand.created_at),
        },
        "supplyChain": {
            "eventCount": events.len(),
            "chainIntegrity": looked.verdict.chain.is_intact(),
            "events": events,
        },
        "verification": {
            "algorithm": "SHA-256",
            "signatureAlgorithm": "HMAC-SHA256",
            "productHash": product.hash,
            "signature": product.signature,
            "verifyUrl": app.base.verify_text(code),
            "qrUrl": app.base.qr_text(code),
        },
        "sustainability": {
            "carbonFootprint": told(product, "carbonFootprint", Value::Null),
            "recyclability": told(product, "recyclability", Value::Null),
            "materials": told(product, "materials", Value::Null),
            "certifications": told(product, "certifications", json!([])),
            "repairInstructions": told(product, "repairInstructions", Value::Null),
        },
        "metadata": {
            "issuer": "GenuProof Platform",
            "issuedAt": app.store.now(),
            "expiresAt": null,
            "dataCarrier": "QR Code (ISO/IEC 18004)",
            "accessLevel": "public",
        },
    });
    Ok(attachment(&format!("dpp-{}.json", file_part(code)), &body))
}

fn step((at, event): (usize, &StoredEvent)) -> Value {
    let source = event.data.here().and_then(|data| data.get("source"));
    json!({
        "sequence": at + 1,
        "type": event.kind,
        "actor": event.actor,
        "location": event.location,
        "timestamp": event.timestamp,
        "hash": event.hash,
        "previousHash": event.previous_hash,
        "source": source.and_then(Value::as_str).unwrap_or("manual"),
    })
}

/// What the brand wrote into the product's metadata, which the hash covers.
fn told(product: &StoredProduct, name: &str, otherwise: Value) -> Value {
    let metadata = product.metadata.here();
    metadata
        .and_then(|metadata| metadata.get(name).cloned())
        .unwrap_or(otherwise)
}
