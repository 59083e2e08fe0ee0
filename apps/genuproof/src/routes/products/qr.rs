//! `GET /api/products/qr`: the QR code of a code or id, as PNG or SVG. Whether it exists is not looked up.
//!
//! 400: neither code nor id, a format that is none, a link that fits into no QR code.

use axum::extract::State;
use axum::http::Method;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use keyfold_web::error::Failure;

use crate::app::App;
use crate::domain::input::{Qr, QrFormat};
use crate::domain::qr::{QrError, QrImage};
use crate::routes::request::Query;
use crate::routes::{Access, Route};

// A code's image never changes.
const CACHING: &str = "public, max-age=31536000, immutable";

pub fn route() -> Route {
    Route::endpoint(Method::GET, "/api/products/qr", Access::Public, get(handle))
}

async fn handle(State(app): State<App>, Query(query): Query) -> Result<Response, Failure> {
    let asked = Qr::parse(&query)?;
    let image = QrImage::of(&asked.link(&app.base)).map_err(refused)?;
    let (kind, content) = match asked.format {
        QrFormat::Png => ("image/png", image.png().map_err(refused)?),
        QrFormat::Svg => ("image/svg+xml", image.svg().into_bytes()),
    };
    let headers = [(CONTENT_TYPE, kind), (CACHE_CONTROL, CACHING)];
    Ok((headers, content).into_response())
}

fn refused(error: QrError) -> Failure {
    match error {
        QrError::TooLong => Failure::bad_request("this code is too long for a QR code"),
        QrError::Encoding => Failure::internal(),
    }
}
