//! `GET /verify`: the field for a code. `?code=` leads to the code's certificate, and so does `?pid=`, which QR codes made for an
//! id hold.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use keyfold_web::error::Failure;

use crate::app::App;
use crate::domain::input::{self, Target, Verify};
use crate::pages::link;
use crate::pages::verify::{Trouble, VerifyPage};
use crate::routes::access::shown;
use crate::routes::request::Query;
use crate::routes::{Access, Route};

pub fn route() -> Route {
    Route::page("/verify", Access::Public, get(handle))
}

async fn handle(
    State(app): State<App>,
    headers: HeaderMap,
    Query(query): Query,
) -> Result<Response, Failure> {
    let typed = query.get("code").map(str::trim).unwrap_or_default();
    let (status, trouble) = if typed.is_empty() {
        match query.get("pid") {
            None => (StatusCode::OK, None),
            Some(id) => match code_of(&app, id).await? {
                Some(code) => return Ok(Redirect::to(&link::certificate(&code)).into_response()),
                None => (StatusCode::NOT_FOUND, Some(Trouble::UnknownProduct)),
            },
        }
    } else if of_code(typed).is_some() {
        return Ok(Redirect::to(&link::certificate(typed)).into_response());
    } else {
        (StatusCode::BAD_REQUEST, Some(Trouble::TooLong))
    };
    let page = VerifyPage {
        signed_in: shown(&app, &headers).await?,
        code: typed.chars().take(64).collect(),
        trouble,
    };
    Ok((status, page.render(&app.site)).into_response())
}

/// What a code names; none when it is too long for one, or a step in a path (`.`, `..`), which browsers would resolve.
pub(super) fn of_code(code: &str) -> Option<Target> {
    if matches!(code, "" | "." | "..") {
        return None;
    }
    let asked = input::Query::parse(&format!("code={}", link::value(code)));
    Verify::parse(&asked).ok().map(|asked| asked.target)
}

async fn code_of(app: &App, id: &str) -> Result<Option<String>, Failure> {
    let asked = input::Query::parse(&format!("productId={}", link::value(id)));
    let Ok(asked) = Verify::parse(&asked) else {
        return Ok(None);
    };
    let product = app.store.product(&asked.target).await?;
    Ok(product.and_then(|product| product.verification_code.text().map(str::to_owned)))
}
