//! `GET /dashboard/alerts`: all recent alerts of the brand that is signed in.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use jiff::Timestamp;
use keyfold_web::error::Failure;

use super::verdict::moment;
use crate::app::App;
use crate::pages::SignedIn;
use crate::pages::alerts::{AlertList, AlertRow, AlertsPage, Resolution};
use crate::routes::access::signed_in;
use crate::routes::{Access, Route};
use crate::store::StoreError;
use crate::table::{Alert, Brand, BrandStats};

/// Rows of the page of all.
const ROWS: u32 = 200;

pub fn route() -> Route {
    Route::page("/dashboard/alerts", Access::Session, get(handle))
}

async fn handle(State(app): State<App>, headers: HeaderMap) -> Result<Response, Failure> {
    let Some((session, brand)) = signed_in(&app, &headers).await? else {
        return Ok(Redirect::to("/dashboard").into_response());
    };
    let (list, stats) = list(&app, &brand, ROWS).await?;
    let page = AlertsPage {
        signed_in: SignedIn {
            csrf: app.sessions.csrf_token(&session),
            brand_name: brand.name,
        },
        list,
        total: stats.as_ref().map_or(0, |stats| stats.threat_count),
        open: stats.as_ref().map_or(0, BrandStats::unresolved),
    };
    Ok(page.render(&app.site).into_response())
}

/// The newest alerts, with the number from which on they are followed.
pub(super) async fn list(
    app: &App,
    brand: &Brand,
    rows: u32,
) -> Result<(AlertList, Option<BrandStats>), StoreError> {
    // The number first: an alert that is raised in between is then in the list and told again, and never neither.
    let profile = app.store.brand(&brand.id).await?;
    let stats = profile.map(|profile| profile.stats);
    let alerts = app.store.alerts(&brand.id, rows).await?;
    let list = AlertList {
        brand_id: brand.id.to_string(),
        position: stats.as_ref().map_or(0, BrandStats::feed_end),
        alerts: alerts.iter().map(row).collect(),
        rows_max: usize::try_from(rows).unwrap_or(usize::MAX),
    };
    Ok((list, stats))
}

fn row(alert: &Alert) -> AlertRow {
    let text = |stored: &crate::table::Text| stored.text().unwrap_or("—").to_owned();
    let place = [&alert.city, &alert.country]
        .into_iter()
        .filter_map(|part| part.text())
        .collect::<Vec<_>>()
        .join(", ");
    AlertRow {
        id: alert.id().to_string(),
        kind: text(&alert.shown_kind),
        severity: text(&alert.severity),
        product_id: text(&alert.product_id),
        product_name: alert
            .product_name
            .text()
            .map_or_else(|| text(&alert.product_id), str::to_owned),
        details: text(&alert.details),
        timestamp: Timestamp::from_millisecond(alert.at.as_millisecond()).unwrap_or_default(),
        place: Some(place).filter(|place| !place.is_empty()),
        repeats: alert.repeats.here().copied().unwrap_or_default(),
        resolution: alert.is_resolved().then(|| Resolution {
            by: text(&alert.resolved_by),
            at: moment(&alert.resolved_at),
            note: alert.resolution_note.text().map(str::to_owned),
        }),
    }
}
