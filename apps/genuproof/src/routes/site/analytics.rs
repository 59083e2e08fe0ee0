//! `GET /analytics`: the figures of the brand that is signed in; of all brands for everybody else, and with `?of=all`.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::get;
use keyfold_web::error::Failure;
use maud::Markup;

use crate::app::App;
use crate::pages::SignedIn;
use crate::pages::analytics::AnalyticsPage;
use crate::routes::access::signed_in;
use crate::routes::request::Query;
use crate::routes::{Access, Route};

pub fn route() -> Route {
    Route::page("/analytics", Access::Public, get(handle))
}

async fn handle(
    State(app): State<App>,
    headers: HeaderMap,
    Query(query): Query,
) -> Result<Markup, Failure> {
    let found = signed_in(&app, &headers).await?;
    let own = found.as_ref().filter(|_| query.get("of") != Some("all"));
    let figures = app.store.figures(own.map(|(_, brand)| &brand.id)).await?;
    let page = AnalyticsPage {
        is_own: own.is_some(),
        signed_in: found.as_ref().map(|(session, brand)| SignedIn {
            csrf: app.sessions.csrf_token(session),
            brand_name: brand.name.clone(),
        }),
        scans: figures.scans,
        products: figures.products,
        days: figures.days,
        hours: figures
            .hours
            .iter()
            .enumerate()
            .map(|(hour, count)| (format!("{hour:02}"), *count))
            .collect(),
        countries: figures.countries,
        categories: figures.categories,
        statuses: figures.statuses.into_iter().collect(),
        results: figures.results.into_iter().collect(),
    };
    Ok(page.render(&app.site))
}
