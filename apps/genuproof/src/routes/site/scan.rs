//! `POST /verify/{code}/scan`: what the certificate's script sends once it is open. Records the scan and answers with the parts of
//! the page that depend on it.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::post;
use keyfold_web::csrf;
use keyfold_web::error::Failure;
use maud::Markup;

use super::verdict;
use super::verify::of_code;
use crate::app::App;
use crate::routes::request::{PathText, Visitor};
use crate::routes::{Access, Route};

pub fn route() -> Route {
    Route::action("/verify/{code}/scan", Access::Public, post(handle))
}

async fn handle(
    State(app): State<App>,
    headers: HeaderMap,
    visitor: Visitor,
    PathText(code): PathText,
) -> Result<Markup, Failure> {
    // Other sites would have their visitors scan without knowing.
    csrf::check_anonymous(&headers)?;
    let unknown = || Failure::not_found("no product is registered under this code");
    let target = of_code(&code).ok_or_else(unknown)?;
    let verified = app
        .store
        .verify(&target, visitor.caller(), Some(&visitor.place))
        .await?
        .ok_or_else(unknown)?;
    if !verified.recorded {
        return Err(Failure::unavailable("the scan could not be recorded", 1));
    }
    let standing = verdict::standing(&code, &verified);
    Ok(standing.recorded_fragment())
}
