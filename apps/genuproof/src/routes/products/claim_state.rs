//! `GET /api/products/claim?productId=`: whether a product is claimed. The name is shown to the device that claimed it and to the
//! brand.
//!
//! 400: no id. 401: a key that is none. An unknown product is not claimed.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::routing::get;
use keyfold_web::error::Failure;
use serde_json::{Value, json};

use crate::app::App;
use crate::domain::input::product_of;
use crate::domain::verdict::ClaimView;
use crate::routes::access::is_owner;
use crate::routes::request::{Query, Visitor};
use crate::routes::{Access, Route};

pub fn route() -> Route {
    let path = "/api/products/claim";
    Route::endpoint(Method::GET, path, Access::Public, get(handle)).never_stored()
}

async fn handle(
    State(app): State<App>,
    headers: HeaderMap,
    visitor: Visitor,
    Query(query): Query,
) -> Result<Json<Value>, Failure> {
    let unclaimed = || Ok(Json(json!({ "claimed": false })));
    let Some(id) = product_of(&query)?.named() else {
        return unclaimed();
    };
    let Some(claim) = app.store.claim(&id).await? else {
        return unclaimed();
    };
    let view = ClaimView::of(Some(&claim), visitor.caller(), app.store.signer());
    let product = app.store.product_by_id(&id).await?;
    let is_owner = match &product {
        Some(product) => is_owner(&app, &headers, product).await?,
        None => false,
    };
    let mut answer = json!({ "claimed": true, "claimedAt": view.claimed_at });
    if view.is_claimant || is_owner {
        answer["consumerName"] = json!(claim.consumer_name);
    }
    Ok(Json(answer))
}
