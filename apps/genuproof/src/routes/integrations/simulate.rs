//! `POST /api/integrations/simulate`: registers a product with a whole journey behind it, in one transaction.
//!
//! 400: a field is missing or out of bounds, a journey that is none. 401: no key, or a wrong one. 402: the brand's plan is used up.
//! 403: another brand's key. 404: no such brand. 409: the brand has this product already.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::routing::post;
use keyfold_web::body::RawBody;
use keyfold_web::error::Failure;
use serde_json::{Value, json};

use crate::app::App;
use crate::domain::canonical::Object;
use crate::domain::ids::{Form as _, VerificationCode};
use crate::domain::input::{ProductDetails, Simulate, SimulatedStep};
use crate::domain::journey;
use crate::routes::access::{Intent, caller};
use crate::routes::{Access, Route};

pub fn route() -> Route {
    let path = "/api/integrations/simulate";
    Route::endpoint(Method::POST, path, Access::Key, post(handle))
}

async fn handle(
    State(app): State<App>,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<Json<Value>, Failure> {
    let wanted = Simulate::parse(&body)?;
    let caller = caller(&app, &headers, Intent::Change).await?;
    let brand = caller.brand(&app, wanted.brand).await?;
    let (kind, steps) = match wanted.journey {
        SimulatedStep::Known(journey) => {
            let steps = journey.steps(&*app.randomness).map_err(|error| {
                tracing::error!(%error, "no journey can be simulated");
                Failure::internal()
            })?;
            (journey.id, steps)
        }
        SimulatedStep::Custom(steps) => ("custom", steps),
    };
    let details = ProductDetails {
        name: wanted.product_name,
        sku: wanted.sku,
        category: wanted.category,
        description: None,
        image_url: None,
        metadata: Object::new(),
        manufacturing_location: None,
    };
    let events = || journey::events(&steps, app.store.now());
    let registered = app.store.register_with(&brand, &details, events).await?;
    let product = &registered.product;
    let code = product
        .verification_code
        .text()
        .and_then(VerificationCode::parse);
    let code = code.ok_or_else(Failure::internal)?;
    let short = |hash: &str| format!("{}...", hash.get(..16).unwrap_or(hash));
    let shown = registered.events.iter().zip(&steps).enumerate();
    let shown = shown.map(|(at, (event, step))| {
        json!({
            "step": at + 1,
            "type": event.kind,
            "actor": event.actor,
            "location": event.location,
            "hash": short(&event.hash),
            "source": step.reported_by(),
        })
    });
    Ok(Json(json!({
        "success": true,
        "product": {
            "productId": product.id,
            "name": product.name,
            "verificationCode": code,
            "hash": short(product.hash.text().unwrap_or_default()),
        },
        "journey": { "type": kind, "totalSteps": steps.len(), "events": shown.collect::<Vec<_>>() },
        "urls": {
            "verify": app.base.verify(&code),
            "qr": format!("{}/qr/{code}", app.base),
            "product": format!("{}/product/{}", app.base, product.id),
        },
    })))
}
