//! `GET /integrations`, and what its forms send: connecting a source, a test event, a simulated journey.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use keyfold_web::body::FormBody;
use keyfold_web::csrf;
use keyfold_web::error::Failure;
use serde::Deserialize;
use serde_json::json;

use super::form::{body, field};
use crate::app::App;
use crate::domain::canonical::Object;
use crate::domain::ids::{Form as _, ProductId, draw_uuid};
use crate::domain::input::{ProductDetails, Simulate, SimulatedStep, report_of};
use crate::domain::integration::{Feed, VENDORS, Vendor};
use crate::domain::journey;
use crate::pages::SignedIn;
use crate::pages::form::Field;
use crate::pages::integrations::{IntegrationsPage, Outcome};
use crate::routes::access::signed_in;
use crate::routes::{Access, Route};
use crate::table::Brand;

const PRODUCTS: u32 = 100;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Typed {
    csrf: Option<String>,
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    product_id: String,
    #[serde(default)]
    feed: String,
    #[serde(default)]
    product_name: String,
    #[serde(default)]
    journey: String,
}

pub fn page() -> Route {
    Route::page("/integrations", Access::Public, get(show))
}

pub fn connect() -> Route {
    Route::action("/integrations/connect", Access::Session, post(make))
}

pub fn test() -> Route {
    Route::action("/integrations/test", Access::Session, post(send))
}

pub fn simulate() -> Route {
    Route::action("/integrations/simulate", Access::Session, post(travel))
}

async fn show(State(app): State<App>, headers: HeaderMap) -> Result<Response, Failure> {
    let page = match signed_in(&app, &headers).await? {
        Some((session, brand)) => filled(&app, &brand, app.sessions.csrf_token(&session)).await?,
        None => IntegrationsPage {
            signed_in: None,
            sources: Vec::new(),
            products: Vec::new(),
            connected: None,
            outcome: None,
            product_name: Field::default(),
        },
    };
    Ok(page.render(&app.site).into_response())
}

async fn make(
    State(app): State<App>,
    headers: HeaderMap,
    FormBody(typed): FormBody<Typed>,
) -> Result<Response, Failure> {
    let Some((brand, token)) = allowed(&app, &headers, &typed).await? else {
        return Ok(Redirect::to("/dashboard").into_response());
    };
    let Some(vendor) = Vendor::find(&typed.kind) else {
        return Ok(Redirect::to("/integrations").into_response());
    };
    let new = app.store.connect(&brand.id, vendor, Object::new()).await?;
    let mut page = filled(&app, &brand, token).await?;
    let url = format!("{}{}", app.base, vendor.feed.path());
    page.connected = Some((
        new.key.clone(),
        vendor.instructions(&url, &new.key).to_vec(),
    ));
    Ok(page.render(&app.site).into_response())
}

async fn send(
    State(app): State<App>,
    headers: HeaderMap,
    FormBody(typed): FormBody<Typed>,
) -> Result<Response, Failure> {
    let Some((brand, token)) = allowed(&app, &headers, &typed).await? else {
        return Ok(Redirect::to("/dashboard").into_response());
    };
    let feed = Feed::ALL
        .into_iter()
        .find(|feed| feed.as_str() == typed.feed);
    let product = match ProductId::parse(&typed.product_id) {
        Some(id) => app.store.product_by_id(&id).await?,
        None => None,
    };
    let product = product.filter(|product| product.brand().as_ref() == Some(&brand.id));
    let (Some(feed), Some(product)) = (feed, product) else {
        return Ok(Redirect::to("/integrations").into_response());
    };
    let number = draw_uuid(&*app.randomness).map_err(|_| Failure::internal())?;
    let number = number.get(..8).unwrap_or(&number).to_uppercase();
    let report = match feed {
        Feed::Shipping => {
            json!({ "productId": product.id, "trackingNumber": format!("TEST-{number}"), "carrier": "Test carrier", "status": "picked_up" })
        }
        Feed::Pos => {
            json!({ "productId": product.id, "orderId": format!("TEST-{number}"), "platform": "test", "storeName": "Test store" })
        }
        Feed::Warehouse => {
            json!({ "productId": product.id, "action": "stored", "warehouseName": "Test warehouse", "bay": number })
        }
    };
    let reported = report_of(feed, report.to_string().as_bytes(), app.store.now())?;
    let serves = |kind: &str| Vendor::find(kind).is_some_and(|vendor| vendor.feed == feed);
    let sources = app.store.integrations(&brand.id).await?;
    let source = if let Some(source) = sources.into_iter().find(|source| serves(&source.kind)) {
        source
    } else {
        let vendor = VENDORS.iter().find(|vendor| vendor.feed == feed);
        let vendor = vendor.ok_or_else(Failure::internal)?;
        let new = app.store.connect(&brand.id, vendor, Object::new()).await?;
        new.integration
    };
    let accepted = app.store.report(&source, &product.id, reported, None).await;
    let (status, outcome) = match accepted {
        Ok(accepted) => (
            StatusCode::OK,
            Outcome::Event {
                product_id: product.id.to_string(),
                kind: accepted.kind,
                hash: accepted.hash,
            },
        ),
        Err(error) => refused(error.into())?,
    };
    let mut page = filled(&app, &brand, token).await?;
    page.outcome = Some(outcome);
    Ok((status, page.render(&app.site)).into_response())
}

async fn travel(
    State(app): State<App>,
    headers: HeaderMap,
    FormBody(typed): FormBody<Typed>,
) -> Result<Response, Failure> {
    let Some((brand, token)) = allowed(&app, &headers, &typed).await? else {
        return Ok(Redirect::to("/dashboard").into_response());
    };
    let fields = [
        ("brandId", brand.id.as_str()),
        ("productName", typed.product_name.as_str()),
        ("journey", typed.journey.as_str()),
    ];
    let mut page = filled(&app, &brand, token).await?;
    let wanted = match Simulate::parse(&body(&fields)) {
        Ok(wanted) => wanted,
        Err(refusal) => {
            page.product_name = field("productName", &typed.product_name, Some(&refusal));
            page.outcome = Some(Outcome::Refused(refusal.to_string()));
            return Ok((StatusCode::BAD_REQUEST, page.render(&app.site)).into_response());
        }
    };
    let SimulatedStep::Known(known) = wanted.journey else {
        return Ok(Redirect::to("/integrations").into_response());
    };
    let steps = known
        .steps(&*app.randomness)
        .map_err(|_| Failure::internal())?;
    let details = ProductDetails {
        name: wanted.product_name,
        sku: None,
        category: Some(known.category.to_owned()),
        description: None,
        image_url: None,
        metadata: Object::new(),
        manufacturing_location: None,
    };
    let events = || journey::events(&steps, app.store.now());
    let (status, outcome) = match app.store.register_with(&brand, &details, events).await {
        Ok(registered) => (
            StatusCode::OK,
            Outcome::Journey {
                name: details.name.clone(),
                code: registered
                    .product
                    .verification_code
                    .text()
                    .unwrap_or_default()
                    .to_owned(),
                product_id: registered.product.id.to_string(),
                steps: registered
                    .events
                    .iter()
                    .map(|event| {
                        let place = event.location.clone().unwrap_or_default();
                        (event.kind.as_str().to_owned(), event.actor.clone(), place)
                    })
                    .collect(),
            },
        ),
        Err(error) => refused(error.into())?,
    };
    page.outcome = Some(outcome);
    Ok((status, page.render(&app.site)).into_response())
}

/// What a person can mend is shown on the page; the rest is a failure.
fn refused(failure: Failure) -> Result<(StatusCode, Outcome), Failure> {
    if failure.status().is_server_error() {
        return Err(failure);
    }
    Ok((
        failure.status(),
        Outcome::Refused(failure.message().to_owned()),
    ))
}

async fn allowed(
    app: &App,
    headers: &HeaderMap,
    typed: &Typed,
) -> Result<Option<(Brand, String)>, Failure> {
    let Some((session, brand)) = signed_in(app, headers).await? else {
        return Ok(None);
    };
    csrf::check(&app.sessions, &session, headers, typed.csrf.as_deref())?;
    Ok(Some((brand, app.sessions.csrf_token(&session))))
}

async fn filled(app: &App, brand: &Brand, csrf: String) -> Result<IntegrationsPage, Failure> {
    let (sources, products) = tokio::try_join!(
        app.store.integrations(&brand.id),
        app.store.products(&brand.id, PRODUCTS, None),
    )?;
    let name =
        |kind: &str| Vendor::find(kind).map_or(kind.to_owned(), |vendor| vendor.name.to_owned());
    Ok(IntegrationsPage {
        signed_in: Some(SignedIn {
            csrf,
            brand_name: brand.name.clone(),
        }),
        sources: sources
            .iter()
            .map(|source| {
                let prefix = source.ingest_key.chars().take(8).collect();
                (name(&source.kind), prefix, source.event_count)
            })
            .collect(),
        products: products
            .items
            .iter()
            .map(|product| {
                let name = product.name.text().unwrap_or(product.id.as_str());
                (product.id.to_string(), name.to_owned())
            })
            .collect(),
        connected: None,
        outcome: None,
        product_name: Field::default(),
    })
}
