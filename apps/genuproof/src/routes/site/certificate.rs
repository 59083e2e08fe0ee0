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
use crate::pages::ownership::{Done, Ownership, OwnershipBox};
use crate::routes::access::{shown, signed_in};
use crate::routes::request::{PathText, Query, Visitor};
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
    Query(query): Query,
) -> Result<Response, Failure> {
    let Some(verified) = look(&app, &visitor, &code).await? else {
        return Ok(unknown(&app, shown(&app, &headers).await?, code));
    };
    let mut page = page(&app, &headers, &code, &verified, query.get("brand")).await?;
    if let Some(ownership) = &mut page.ownership {
        ownership.done = match (query.get("done"), ownership.state) {
            (Some("claimed"), Ownership::Yours(_)) => Some(Done::Claimed),
            (Some("disputed"), Ownership::Others(_)) => Some(Done::Disputed),
            _ => None,
        };
    }
    Ok(page.render(&app.site).into_response())
}

/// The page of a code that exists. A brand that looks at its own product, signed in or by saying so, claims nothing.
pub(super) async fn page(
    app: &App,
    headers: &HeaderMap,
    code: &str,
    verified: &Verified,
    said_brand: Option<&str>,
) -> Result<CertificatePage, Failure> {
    let session = signed_in(app, headers).await?;
    let own = verified.product.brand_id.text();
    let is_own = own.is_some()
        && (said_brand == own
            || session
                .as_ref()
                .is_some_and(|(_, brand)| Some(brand.id.as_str()) == own));
    Ok(CertificatePage {
        signed_in: session.map(|(session, brand)| SignedIn {
            csrf: app.sessions.csrf_token(&session),
            brand_name: brand.name,
        }),
        standing: verdict::standing(code, verified),
        product: verdict::product(verified),
        events: verdict::events(verified),
        ownership: (!is_own).then(|| OwnershipBox::of(verdict::ownership(verified))),
        product_id: verified.product_id.to_string(),
    })
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
