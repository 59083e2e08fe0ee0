//! `GET /pricing`, and `POST /pricing/checkout`: the way to pay for a plan.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use keyfold_web::body::FormBody;
use keyfold_web::csrf;
use keyfold_web::error::Failure;
use maud::Markup;
use serde::Deserialize;

use crate::app::App;
use crate::domain::ids::draw_uuid;
use crate::domain::plan::Plan;
use crate::outside::stripe::Order;
use crate::pages::SignedIn;
use crate::pages::pricing::{PayPage, PricingPage};
use crate::routes::access::signed_in;
use crate::routes::{Access, Route};

#[derive(Deserialize)]
struct Typed {
    csrf: Option<String>,
    #[serde(default)]
    plan: String,
}

pub fn page() -> Route {
    Route::page("/pricing", Access::Public, get(show))
}

pub fn checkout() -> Route {
    Route::action("/pricing/checkout", Access::Session, post(choose))
}

async fn show(State(app): State<App>, headers: HeaderMap) -> Result<Markup, Failure> {
    let found = signed_in(&app, &headers).await?;
    let page = PricingPage {
        own: found.as_ref().map(|(_, brand)| brand.plan.clone()),
        signed_in: found.map(|(session, brand)| SignedIn {
            csrf: app.sessions.csrf_token(&session),
            brand_name: brand.name,
        }),
    };
    Ok(page.render(&app.site))
}

async fn choose(
    State(app): State<App>,
    headers: HeaderMap,
    FormBody(typed): FormBody<Typed>,
) -> Result<Response, Failure> {
    let Some((session, brand)) = signed_in(&app, &headers).await? else {
        return Ok(Redirect::to("/dashboard").into_response());
    };
    csrf::check(&app.sessions, &session, &headers, typed.csrf.as_deref())?;
    let plan = Plan::find(&typed.plan).filter(|plan| plan.amount_cents > 0);
    let Some(plan) = plan else {
        return Ok(Redirect::to("/pricing").into_response());
    };
    let key = draw_uuid(&*app.randomness).map_err(|_| Failure::internal())?;
    let order = Order {
        plan,
        brand: Some(&brand.id),
        email: None,
        base: &app.base,
        idempotency_key: &key,
    };
    let url = if app.stripe.is_set_up() {
        let url = app.stripe.checkout(order).await;
        Some(url.map_err(|error| {
            tracing::warn!(%error, "nothing can be paid");
            Failure::unavailable(format!("{error}: nothing was paid"), 10)
        })?)
    } else {
        None
    };
    let page = PayPage {
        signed_in: SignedIn {
            csrf: app.sessions.csrf_token(&session),
            brand_name: brand.name,
        },
        plan: plan.name.to_owned(),
        url,
    };
    Ok(page.render(&app.site).into_response())
}
