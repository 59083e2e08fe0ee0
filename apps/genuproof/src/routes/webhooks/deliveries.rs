//! `GET /api/webhooks/deliveries?brandId=&webhookId=`: what a webhook was told, newest first.
//!
//! 400: no id, a cursor that is none. 401: no key, or a wrong one. 403: another brand's key. 404: no such webhook.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::routing::get;
use keyfold_web::error::Failure;
use serde_json::{Value, json};

use crate::app::App;
use crate::domain::input::ListDeliveries;
use crate::routes::access::{Intent, caller};
use crate::routes::request::Query;
use crate::routes::{Access, Route, answer};
use crate::store::DeliveryId;
use crate::table::Delivery;

pub fn route() -> Route {
    let path = "/api/webhooks/deliveries";
    Route::endpoint(Method::GET, path, Access::Key, get(handle))
}

async fn handle(
    State(app): State<App>,
    headers: HeaderMap,
    Query(query): Query,
) -> Result<Json<Value>, Failure> {
    let asked = ListDeliveries::parse(&query)?;
    let caller = caller(&app, &headers, Intent::Read).await?;
    let brand = caller.brand(&app, asked.brand).await?;
    let hook = app.store.webhook(&brand.id, &asked.webhook).await?;
    let page = app
        .store
        .deliveries(&hook.id, asked.limit, asked.cursor.as_deref())
        .await?;
    let deliveries = page.items.iter().map(shown).collect();
    Ok(Json(answer::list(
        "deliveries",
        deliveries,
        page.next.as_ref(),
    )))
}

fn shown(delivery: &Delivery) -> Value {
    json!({
        "id": DeliveryId::of(delivery).to_string(),
        "type": delivery.kind,
        "state": delivery.state,
        "createdAt": delivery.created_at,
        "attempts": delivery.attempts,
        "status": delivery.status,
        "error": delivery.error,
        "nextTryAt": delivery.due_at,
        "doneAt": delivery.done_at,
    })
}
