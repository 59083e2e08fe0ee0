//! `POST /api/products/history`: one event on many products.
//!
//! 400: a field is missing or out of bounds. 401: no key, or a wrong one. 403: another brand's product. 404: no such product. In
//! these cases nothing is written. A product whose chain does not take the event is listed in `failed`.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::routing::post;
use keyfold_web::body::RawBody;
use keyfold_web::error::Failure;
use serde_json::{Value, json};

use crate::app::App;
use crate::domain::canonical::Object;
use crate::domain::input::AppendToMany;
use crate::routes::access::{Intent, caller};
use crate::routes::answer::unknown_product;
use crate::routes::{Access, Route};
use crate::store::{AppendError, Happening};

pub fn route() -> Route {
    let path = "/api/products/history";
    Route::endpoint(Method::POST, path, Access::Key, post(handle))
}

async fn handle(
    State(app): State<App>,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<Json<Value>, Failure> {
    let wanted = AppendToMany::parse(&body)?;
    let caller = caller(&app, &headers, Intent::Change).await?;
    let mut products = Vec::with_capacity(wanted.products.len());
    for named in wanted.products {
        let id = named.named().ok_or_else(unknown_product)?;
        let product = app.store.product_by_id(&id).await?;
        let product = product.ok_or_else(unknown_product)?;
        caller.may_change(&product)?;
        products.push(product.id);
    }
    let (mut events, mut failed) = (Vec::new(), Vec::new());
    for product in products {
        let happening = Happening {
            kind: wanted.kind,
            actor: wanted.actor.clone(),
            location: wanted.location.clone(),
            coordinates: None,
            data: Object::from_iter([("bulk".to_owned(), true.into())]),
        };
        match app.store.append(&product, happening).await {
            Ok(appended) => {
                events.push(json!({ "productId": product, "hash": appended.event.hash }));
            }
            Err(AppendError::Store(error)) => return Err(error.into()),
            Err(error) => {
                failed.push(json!({ "productId": product, "error": error.to_string() }));
            }
        }
    }
    let mut answer = json!({ "processed": events.len(), "events": events });
    if !failed.is_empty() {
        answer["failed"] = failed.into();
    }
    Ok(Json(answer))
}
