//! `GET /qr/{code}`: the certificate to print. Opening it records nothing.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use jiff::Timestamp;
use keyfold_web::error::Failure;

use super::certificate::{look, unknown};
use super::verdict;
use crate::app::App;
use crate::pages::diploma::DiplomaPage;
use crate::routes::access::shown;
use crate::routes::request::{PathText, Visitor};
use crate::routes::{Access, Route};

pub fn route() -> Route {
    Route::page("/qr/{code}", Access::Public, get(handle))
}

async fn handle(
    State(app): State<App>,
    headers: HeaderMap,
    visitor: Visitor,
    PathText(code): PathText,
) -> Result<Response, Failure> {
    let signed_in = shown(&app, &headers).await?;
    let Some(verified) = look(&app, &visitor, &code).await? else {
        return Ok(unknown(&app, signed_in, code));
    };
    let now_ms = app.store.now().as_millisecond();
    let page = DiplomaPage {
        signed_in,
        authentic: verified.verdict.authentic,
        product: verdict::product(&verified),
        checked_at: Timestamp::from_millisecond(now_ms).unwrap_or(Timestamp::MAX),
        code,
    };
    Ok(page.render(&app.site).into_response())
}
