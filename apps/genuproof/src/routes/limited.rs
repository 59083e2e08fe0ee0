//! Who asks too often is told to wait: 429, with the time.
//!
//! A request with a key counts for the key. One whose key turns out to be none counts for its address as well, so that guessing
//! keys is no way around the limit.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use keyfold_web::error::Failure;

use crate::app::App;
use crate::domain::client::{Client, ForwardingHeaders};
use crate::limits::Who;
use crate::routes::request::text;

pub async fn limit(State(app): State<App>, request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map(|peer| peer.0.ip());
    if app.limiter.exempts(peer) {
        return next.run(request).await;
    }
    let headers = request.headers();
    let forwarding = ForwardingHeaders {
        forwarded_for: text(headers, "x-forwarded-for"),
        real_ip: text(headers, "x-real-ip"),
    };
    let address = Who::address(&Client::of(peer, forwarding, &app.proxies).address);
    let key = key(headers);
    let taken = match &key {
        Some(key) => app
            .limiter
            .look(&address)
            .and_then(|()| app.limiter.take(key)),
        None => app.limiter.take(&address),
    };
    if let Err(wait) = taken {
        let wait_s = wait.as_secs() + 1;
        return Failure::too_many(
            format!("too many requests: wait {wait_s} s, and ask less often"),
            wait_s,
        )
        .into_response();
    }
    let response = next.run(request).await;
    if key.is_some() && response.status() == StatusCode::UNAUTHORIZED {
        // It may be the last one; the next request is told.
        let _ = app.limiter.take(&address);
    }
    response
}

fn key(headers: &HeaderMap) -> Option<Who> {
    ["x-api-key", "authorization", "x-ingest-key"]
        .iter()
        .find_map(|name| text(headers, name))
        .map(Who::key)
}
