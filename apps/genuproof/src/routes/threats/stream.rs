//! `GET /api/stream?brandId=`: the alerts of a brand as they are raised, as server-sent events.
//!
//! Besides `threat` there are `verdict`, when an analyst judged an alert, `numbers`, when the brand's counters changed, and
//! `heartbeat`. Each `threat` has a number; whoever comes back says the last one (`Last-Event-ID`) and is told what was missed, and only that.
//! A page that knows the number of its newest alert says it as `after`.
//!
//! 400: no brand, an `after` that is no number. 401: no key or session, or a wrong one. 403: another brand's. 404: no such brand.
//! 503: too many follow.

use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use keyfold_web::error::Failure;
use keyfold_web::sse::{self, Event};
use serde_json::{Value, json};

use crate::app::App;
use crate::domain::input::Follow;
use crate::feed::{FollowError, Follower, Told};
use crate::routes::access::{Intent, caller};
use crate::routes::request::{Query, text};
use crate::routes::{Access, Route};
use crate::table::{Alert, BrandStats, FeedEntry};

/// After a lost connection a browser comes back at once: a server that restarts is there again in a second or two.
const COMES_BACK_AFTER: Duration = Duration::from_secs(1);
const RETRY_AFTER_S: u64 = 5;

pub fn route() -> Route {
    let path = "/api/stream";
    Route::endpoint(Method::GET, path, Access::Key, get(handle)).with_own_caching()
}

async fn handle(
    State(app): State<App>,
    headers: HeaderMap,
    Query(query): Query,
) -> Result<Response, Failure> {
    let asked = Follow::parse(&query)?;
    let caller = caller(&app, &headers, Intent::Read).await?;
    let brand = caller.brand(&app, asked.brand).await?;
    // What a browser says when it comes back is later than what the page knew; nonsense is as if it said nothing.
    let known = text(&headers, "last-event-id").and_then(|id| id.trim().parse().ok());
    let after = known.or(asked.after);
    let follower = app.feeds.follow(&app.store, &brand.id, after).await;
    let follower = follower.map_err(|error| match error {
        FollowError::Full => Failure::unavailable(error.to_string(), RETRY_AFTER_S),
        FollowError::Store(error) => error.into(),
    })?;
    let hello = json!({ "brandId": brand.id, "timestamp": app.store.now() });
    let state = (app, follower, Some(hello));
    Ok(sse::events(state, |(app, mut follower, hello)| async move {
        let event = match hello {
            Some(hello) => connected(&hello, &follower),
            None => match follower.next().await? {
                Told::Alert(entry) => threat(&entry),
                Told::Verdict(alert) => verdict(&alert),
                Told::Numbers(stats) => numbers(&stats),
                Told::Heartbeat => Event::json("heartbeat", &json!({ "ts": app.store.now() })),
            },
        };
        // What is written here is always JSON.
        Some((event.ok()?, (app, follower, None)))
    })
    .into_response())
}

/// With the position, so that whoever loses the connection before the first alert misses none either.
fn connected(hello: &Value, follower: &Follower) -> Result<Event, serde_json::Error> {
    let event = Event::json("connected", hello)?;
    Ok(event.id(follower.position()).retry(COMES_BACK_AFTER))
}

fn threat(entry: &FeedEntry) -> Result<Event, serde_json::Error> {
    let threat = json!({
        "type": entry.kind,
        "severity": entry.severity,
        "productId": entry.product_id,
        "details": entry.details,
        "timestamp": entry.timestamp,
        "source": entry.source,
        "id": entry.alert_id,
        "productName": entry.product_name,
        "country": entry.country,
        "city": entry.city,
    });
    Ok(Event::json("threat", &threat)?.id(entry.number))
}

fn numbers(stats: &BrandStats) -> Result<Event, serde_json::Error> {
    let numbers = json!({
        "productCount": stats.product_count,
        "scanCount": stats.scan_count,
        "threatCount": stats.threat_count,
        "unresolvedThreats": stats.unresolved(),
    });
    Event::json("numbers", &numbers)
}

fn verdict(alert: &Alert) -> Result<Event, serde_json::Error> {
    let verdict = json!({
        "id": alert.id().to_string(),
        "severity": alert.severity,
        "details": alert.details,
        "aiAnalysis": alert.ai_analysis,
    });
    Event::json("verdict", &verdict)
}
