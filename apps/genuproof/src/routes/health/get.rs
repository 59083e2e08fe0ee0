//! `GET /api/health`: whether API and table answer; 200 either way.

use std::time::{Duration, Instant};

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use axum::routing::get;
use serde_json::{Value, json};

use crate::app::App;
use crate::routes::{Access, Route};

/// A table that takes longer is not healthy, and whoever asks has a time-out of their own.
const DATABASE_WITHIN: Duration = Duration::from_secs(2);

pub fn route() -> Route {
    let path = "/api/health";
    Route::endpoint(Method::GET, path, Access::Public, get(handle)).never_stored()
}

async fn handle(State(app): State<App>) -> Json<Value> {
    let begin = Instant::now();
    let probe = tokio::time::timeout(DATABASE_WITHIN, app.store.probe()).await;
    let latency_ms = begin.elapsed().as_millis();
    let healthy = matches!(probe, Ok(Ok(())));
    let (endpoints, pages) = app.counts;
    let mut body = json!({
        "status": if healthy { "operational" } else { "degraded" },
        "timestamp": app.store.now(),
        "services": {
            "api": "healthy",
            "database": if healthy { "healthy" } else { "unhealthy" },
            "dbLatency": format!("{latency_ms}ms"),
        },
        "version": "1.0.0",
        "endpoints": endpoints,
        "pages": pages,
    });
    if app.open_demo {
        body["openDemo"] = true.into();
    }
    Json(body)
}
