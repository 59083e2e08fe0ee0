//! `GET /api/stripe/checkout`: the plans there are.

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use axum::routing::get;
use serde_json::{Value, json};

use crate::app::App;
use crate::domain::plan::PLANS;
use crate::domain::plan::Plan;
use crate::outside::stripe::Stripe;
use crate::routes::{Access, Route};

pub fn route() -> Route {
    let path = "/api/stripe/checkout";
    Route::endpoint(Method::GET, path, Access::Public, get(handle))
}

async fn handle(State(app): State<App>) -> Json<Value> {
    let plans = PLANS
        .iter()
        .map(|plan| (plan.id.to_owned(), shown(plan, &app.stripe)));
    Json(json!({ "plans": plans.collect::<serde_json::Map<_, _>>() }))
}

/// A plan, with its price where the payment service has one.
pub(super) fn shown(plan: &Plan, stripe: &Stripe) -> Value {
    let mut shown = json!({
        "name": plan.name,
        "amount": plan.amount_cents,
        "products": plan.products,
        "features": plan.features,
    });
    if let Some(price) = stripe.price(plan) {
        shown["priceId"] = price.into();
    }
    shown
}
