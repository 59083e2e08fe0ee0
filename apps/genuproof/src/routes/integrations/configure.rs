//! `POST /api/integrations/configure`: connects a source of events; its key is shown this once.
//!
//! 400: a field is missing, a type that is none. 401: no key, or a wrong one. 403: another brand's key. 404: no such brand. 409: too
//! many.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::routing::post;
use keyfold_web::body::RawBody;
use keyfold_web::error::Failure;
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::domain::input::ConfigureIntegration;
use crate::domain::integration::Vendor;
use crate::routes::access::{Intent, caller};
use crate::routes::{Access, Route};
use crate::store::NewIntegration;

pub fn route() -> Route {
    let path = "/api/integrations/configure";
    Route::endpoint(Method::POST, path, Access::Key, post(handle))
}

async fn handle(
    State(app): State<App>,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<Json<Value>, Failure> {
    let wanted = ConfigureIntegration::parse(&body)?;
    let caller = caller(&app, &headers, Intent::Change).await?;
    let brand = caller.brand(&app, wanted.brand).await?;
    let new = app
        .store
        .connect(&brand.id, wanted.vendor, wanted.config)
        .await?;
    Ok(Json(shown(&app, wanted.vendor, &new)))
}

/// A source with its key, and how it is set up at the vendor.
pub(super) fn shown(app: &App, vendor: &Vendor, new: &NewIntegration) -> Value {
    let url = format!("{}{}", app.base, vendor.feed.path());
    let steps = vendor.instructions(&url, &new.key);
    let steps = steps.into_iter().enumerate();
    let steps: Map<_, _> = steps
        .map(|(at, step)| (format!("step{}", at + 1), step.into()))
        .collect();
    json!({
        "id": new.integration.id,
        "type": new.integration.kind,
        "ingestKey": new.key,
        "active": new.integration.active,
        "webhookUrl": url,
        "instructions": steps,
    })
}
