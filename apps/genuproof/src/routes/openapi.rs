//! `GET /api/openapi.json`: what the API is, for programs.

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, Method};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::app::App;
use crate::routes::{Access, Route};

pub fn route() -> Route {
    let path = "/api/openapi.json";
    Route::endpoint(Method::GET, path, Access::Public, get(handle))
}

async fn handle(State(app): State<App>) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (
            CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=300"),
        ),
    ];
    (headers, app.document.clone()).into_response()
}
