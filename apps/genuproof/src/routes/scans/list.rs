//! `GET /api/scans?productId=`: when and where a product was scanned, newest first; never by whom.
//!
//! 400: no id, a limit that is none. 404: no such product.

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use axum::routing::get;
use keyfold_web::error::Failure;
use serde_json::{Value, json};

use crate::app::App;
use crate::domain::input::ListScans;
use crate::routes::answer::unknown_product;
use crate::routes::request::Query;
use crate::routes::{Access, Route};

pub fn route() -> Route {
    Route::endpoint(Method::GET, "/api/scans", Access::PublicOrKey, get(handle))
}

async fn handle(State(app): State<App>, Query(query): Query) -> Result<Json<Value>, Failure> {
    let asked = ListScans::parse(&query)?;
    let id = asked.product.named().ok_or_else(unknown_product)?;
    let found = app.store.scans(&id, asked.limit).await?;
    let found = found.ok_or_else(unknown_product)?;
    let scans = found.scans.iter().map(|scan| {
        json!({
            "timestamp": scan.timestamp,
            "country": scan.country,
            "city": scan.city,
            "result": scan.result,
        })
    });
    Ok(Json(json!({
        "scans": scans.collect::<Vec<_>>(),
        "locations": found.locations,
        "totalScans": found.total,
    })))
}
