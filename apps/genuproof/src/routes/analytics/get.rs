//! `GET /api/analytics`: figures of everybody together, or of a brand.
//!
//! 400: an id that is too long. For a brand also 401: no key, or a wrong one; 403: another brand's key; 404: no such brand.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::routing::get;
use keyfold_web::error::Failure;
use serde_json::{Value, json};

use crate::app::App;
use crate::domain::input::Analytics;
use crate::routes::access::{Intent, caller};
use crate::routes::request::Query;
use crate::routes::{Access, Route};
use crate::store::Figures;

const COUNTRIES_MAX: usize = 10;

pub fn route() -> Route {
    let path = "/api/analytics";
    Route::endpoint(Method::GET, path, Access::PublicOrKey, get(handle))
}

async fn handle(
    State(app): State<App>,
    headers: HeaderMap,
    Query(query): Query,
) -> Result<Json<Value>, Failure> {
    let figures = match Analytics::parse(&query)?.brand {
        Some(named) => {
            let caller = caller(&app, &headers, Intent::Read).await?;
            let brand = caller.brand(&app, named).await?;
            app.store.figures(Some(&brand.id)).await?
        }
        None => app.store.figures(None).await?,
    };
    Ok(Json(body(&figures)))
}

fn body(figures: &Figures) -> Value {
    let counted = |name: &str, counts: &[(String, u64)], most: usize| -> Vec<Value> {
        let counts = counts.iter().take(most);
        counts
            .map(|(value, count)| json!({ name: value, "count": count }))
            .collect()
    };
    json!({
        "totalScans": figures.scans,
        "totalProducts": figures.products,
        "dailyScans": counted("date", &figures.days, usize::MAX),
        "topCountries": counted("country", &figures.countries, COUNTRIES_MAX),
        "resultBreakdown": figures.results,
        "hourlyDistribution": figures.hours,
        "categoryBreakdown": counted("category", &figures.categories, usize::MAX),
        "statusBreakdown": figures.statuses,
    })
}
