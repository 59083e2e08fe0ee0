//! `GET /status`: this server asks itself for eight of its addresses. One that says that there is nothing is up all the same.

use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::get;
use keyfold_web::error::Failure;
use maud::Markup;

use crate::app::App;
use crate::pages::status::{Check, StatusPage};
use crate::routes::access::shown;
use crate::routes::{Access, Route};

const WITHIN: Duration = Duration::from_secs(2);
const CHECKS: [(&str, &str); 8] = [
    ("Landing page", "/"),
    (
        "Verification",
        "/api/products/verify?code=AAAAAAAAAAAA&metadata=true",
    ),
    ("Brand list", "/api/brands/list?limit=1"),
    ("Analytics", "/api/analytics"),
    ("Health", "/api/health"),
    ("QR code", "/api/products/qr?code=AAAAAAAAAAAA"),
    ("Preview image", "/api/og"),
    ("Explore", "/api/explore?limit=1"),
];

pub fn route() -> Route {
    Route::page("/status", Access::Public, get(handle))
}

async fn handle(State(app): State<App>, headers: HeaderMap) -> Result<Markup, Failure> {
    let begin = Instant::now();
    let probe = tokio::time::timeout(WITHIN, app.store.probe()).await;
    let database_ms = ms(begin);
    let client = reqwest::Client::builder()
        .no_proxy()
        .timeout(WITHIN)
        .build();
    let client = client.map_err(|_| Failure::internal())?;
    let mut tasks = Vec::new();
    for (name, path) in CHECKS {
        let request = client.get(format!("{}{path}", app.local_url));
        tasks.push(tokio::spawn(async move {
            let begin = Instant::now();
            let answer = request.send().await;
            let is_up =
                answer.is_ok_and(|answer| answer.status().is_success() || answer.status() == 404);
            Check {
                name,
                path,
                is_up,
                latency_ms: ms(begin),
            }
        }));
    }
    let mut checks = Vec::new();
    for task in tasks {
        checks.push(task.await.map_err(|_| Failure::internal())?);
    }
    let (endpoints, pages) = app.counts;
    let page = StatusPage {
        signed_in: shown(&app, &headers).await?,
        is_healthy: matches!(probe, Ok(Ok(()))),
        database_ms,
        endpoints,
        pages,
        checks,
    };
    Ok(page.render(&app.site))
}

fn ms(begin: Instant) -> u64 {
    u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX)
}
