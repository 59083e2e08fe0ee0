//! `GET /api/og`: the picture that previews of a link show.
//!
//! 400: a parameter is too long.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, Method};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use keyfold_web::error::Failure;

use crate::domain::input::Picture;
use crate::pages::preview;
use crate::routes::request::Query;
use crate::routes::{Access, Route};

pub fn route() -> Route {
    Route::endpoint(Method::GET, "/api/og", Access::Public, get(handle))
}

async fn handle(Query(query): Query) -> Result<Response, Failure> {
    let asked = Picture::parse(&query)?;
    // Drawing takes some milliseconds of a processor: other requests are not to wait for it.
    let drawn = tokio::task::spawn_blocking(move || preview::draw(&asked)).await;
    let png = drawn.ok().flatten().ok_or_else(Failure::internal)?;
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("image/png")),
        (
            CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=86400"),
        ),
    ];
    Ok((headers, png).into_response())
}
