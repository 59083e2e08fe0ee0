//! `POST /api/ingest/shipping`, `/pos` and `/warehouse`: events as other people's programs report them, with the key of a source.
//!
//! 400: a field is missing or out of bounds, an unknown code. 401: no ingest key, or a wrong one. 403: a key of another kind of source,
//! or of another brand than the product's. 404: no such product. 409: the chain was tampered with.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::routing::post;
use keyfold_web::body::RawBody;
use keyfold_web::error::Failure;
use serde_json::{Value, json};

use crate::app::App;
use crate::domain::canonical::Object;
use crate::domain::input::{ReportTarget, Target, report_of};
use crate::domain::integration::{Feed, VENDORS, Vendor};
use crate::routes::access::{Intent, caller};
use crate::routes::answer::unknown_product;
use crate::routes::request::text;
use crate::routes::{Access, Route};
use crate::table::{Integration, Product};

/// Longer is no key that anybody means.
const IDEMPOTENCY_KEY_MAX: usize = 255;

pub fn shipping() -> Route {
    route(Feed::Shipping)
}

pub fn pos() -> Route {
    route(Feed::Pos)
}

pub fn warehouse() -> Route {
    route(Feed::Warehouse)
}

fn route(feed: Feed) -> Route {
    let handler = move |state, headers, body| handle(state, headers, body, feed);
    Route::endpoint(Method::POST, feed.path(), Access::Ingest, post(handler))
}

async fn handle(
    State(app): State<App>,
    headers: HeaderMap,
    RawBody(body): RawBody,
    feed: Feed,
) -> Result<Json<Value>, Failure> {
    let reported = report_of(feed, &body, app.store.now())?;
    let idempotency_key = text(&headers, "idempotency-key").filter(|key| !key.is_empty());
    if idempotency_key.is_some_and(|key| key.len() > IDEMPOTENCY_KEY_MAX) {
        return Err(Failure::bad_request(format!(
            "Idempotency-Key is too long: at most {IDEMPOTENCY_KEY_MAX} characters"
        )));
    }
    let source = source(&app, &headers, feed).await?;
    let product = product(&app, reported.target.clone()).await?;
    let source = match source {
        Some(source) if Some(&source.brand_id) == product.brand().as_ref() => source,
        Some(_) => {
            return Err(Failure::forbidden(
                "this ingest key belongs to another brand than the product",
            ));
        }
        // An open demonstration, or a page of the brand that is signed in.
        None => {
            let caller = caller(&app, &headers, Intent::Change).await?;
            caller.may_change(&product)?;
            own_source(&app, &product, feed).await?
        }
    };
    let accepted = app
        .store
        .report(&source, &product.id, reported, idempotency_key)
        .await?;
    let message = if accepted.is_repeat {
        "This was reported before; nothing was added."
    } else {
        "The event is in the product's chain."
    };
    Ok(Json(json!({
        "success": true,
        "eventType": accepted.kind,
        "hash": accepted.hash,
        "productId": product.id,
        "message": message,
    })))
}

/// The source whose key was sent; none where one need not be, because somebody is signed in or this is an open demonstration.
async fn source(
    app: &App,
    headers: &HeaderMap,
    feed: Feed,
) -> Result<Option<Integration>, Failure> {
    let Some(key) = text(headers, "x-ingest-key")
        .map(str::trim)
        .filter(|key| !key.is_empty())
    else {
        if app.open_demo {
            return Ok(None);
        }
        return Err(Failure::unauthorized(
            "an ingest key is required: send the key of the integration as X-Ingest-Key",
        ));
    };
    let source = app.store.integration_of_key(key).await?;
    let source = source.ok_or_else(|| {
        Failure::unauthorized("this ingest key is not valid: send the one that was shown when the integration was configured")
    })?;
    let serves = Vendor::find(&source.kind).map(|vendor| vendor.feed);
    if serves != Some(feed) {
        return Err(Failure::forbidden(format!(
            "this ingest key is for another endpoint than {}",
            feed.path()
        )));
    }
    Ok(Some(source))
}

async fn product(app: &App, target: ReportTarget) -> Result<Product, Failure> {
    match target {
        ReportTarget::Product(named) => {
            let found = app.store.product(&Target::Product(named)).await?;
            found.ok_or_else(unknown_product)
        }
        ReportTarget::Code(named) => {
            let found = app.store.product(&Target::Code(named)).await?;
            found.ok_or_else(|| {
                Failure::bad_request("there is no product with this verificationCode")
            })
        }
    }
}

/// A source of the product's brand that serves this endpoint, made when there is none: an open demonstration has no keys.
async fn own_source(app: &App, product: &Product, feed: Feed) -> Result<Integration, Failure> {
    let brand = product.brand().ok_or_else(unknown_product)?;
    let serves =
        |source: &Integration| Vendor::find(&source.kind).is_some_and(|vendor| vendor.feed == feed);
    if let Some(source) = app
        .store
        .integrations(&brand)
        .await?
        .into_iter()
        .find(serves)
    {
        return Ok(source);
    }
    let vendor = VENDORS.iter().find(|vendor| vendor.feed == feed);
    let vendor = vendor.ok_or_else(Failure::internal)?;
    let new = app.store.connect(&brand, vendor, Object::new()).await?;
    Ok(new.integration)
}
