//! `POST /api/stripe/checkout`: the page on which a plan is paid.
//!
//! 400: a plan that is none. With a brand also 401: no key, or a wrong one; 403: another brand's key; 404: no such brand. 502: the
//! payment service does not answer as it should.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::routing::post;
use keyfold_web::body::RawBody;
use keyfold_web::error::Failure;
use serde_json::{Value, json};

use crate::app::App;
use crate::domain::ids::draw_uuid;
use crate::domain::input::Checkout;
use crate::outside::stripe::Order;
use crate::routes::access::{Intent, caller};
use crate::routes::stripe::plans::shown;
use crate::routes::{Access, Route};

pub fn route() -> Route {
    let path = "/api/stripe/checkout";
    Route::endpoint(Method::POST, path, Access::PublicOrKey, post(handle))
}

async fn handle(
    State(app): State<App>,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<Json<Value>, Failure> {
    let wanted = Checkout::parse(&body)?;
    let plan = wanted.plan;
    let brand = match wanted.brand {
        Some(named) => {
            let caller = caller(&app, &headers, Intent::Change).await?;
            Some(caller.brand(&app, named).await?.id)
        }
        None => None,
    };
    if plan.amount_cents == 0 {
        return Ok(Json(json!({ "url": "/dashboard", "free": true })));
    }
    if !app.stripe.is_set_up() {
        return Ok(Json(json!({
            "plan": shown(plan, &app.stripe),
            "message": "Payment is not set up on this server. Ask whoever runs it.",
        })));
    }
    let key = draw_uuid(&*app.randomness).map_err(|error| {
        tracing::error!(%error, "no order can be made");
        Failure::internal()
    })?;
    let order = Order {
        plan,
        brand: brand.as_ref(),
        email: wanted.email.as_deref(),
        base: &app.base,
        idempotency_key: &key,
    };
    let url = app.stripe.checkout(order).await.map_err(|error| {
        tracing::warn!(%error, "nothing can be paid");
        Failure::new(
            StatusCode::BAD_GATEWAY,
            format!("{error}: nothing was paid, try again"),
        )
    })?;
    Ok(Json(json!({ "url": url })))
}
