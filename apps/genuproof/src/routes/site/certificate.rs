//! `GET /verify/{code}`: whether a product is genuine. Opening it records nothing: previews of links open it too.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use keyfold_web::error::Failure;

use super::verdict;
use super::verify::of_code;
use crate::app::App;
use crate::pages::SignedIn;
use crate::pages::certificate::{CertificatePage, UnknownCodePage};
use crate::routes::access::shown;
use crate::routes::request::{PathText, Visitor};
use crate::routes::{Access, Route};
use crate::store::Verified;

pub fn route() -> Route {
    Route::page("/verify/{code}", Access::Public, get(handle))
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
    let page = CertificatePage {
        signed_in,
        standing: verdict::standing(&code, &verified),
        product: verdict::product(&verified),
        events: verdict::events(&verified),
        claimed_at: verdict::claimed_at(&verified),
    };
    Ok(page.render(&app.site).into_response())
}

/// The verdict, without a trace.
pub(super) async fn look(
    app: &App,
    visitor: &Visitor,
    code: &str,
) -> Result<Option<Verified>, Failure> {
    match of_code(code) {
        Some(target) => Ok(app.store.verify(&target, visitor.caller(), None).await?),
        None => Ok(None),
    }
}

/// The page of a code that names nothing.
pub(super) fn unknown(app: &App, signed_in: Option<SignedIn>, code: String) -> Response {
    let page = UnknownCodePage { signed_in, code };
    (StatusCode::NOT_FOUND, page.render(&app.site)).into_response()
}
