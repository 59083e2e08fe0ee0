//! `POST /dashboard/signin`: a key for a session.

use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use keyfold_web::body::FormBody;
use keyfold_web::csrf;
use keyfold_web::error::Failure;
use keyfold_web::session::Session;
use serde::Deserialize;

use crate::app::App;
use crate::domain::access::ApiKey;
use crate::domain::ids::draw;
use crate::pages::dashboard::SignInPage;
use crate::pages::form::Field;
use crate::routes::access::subject;
use crate::routes::{Access, Route};
use crate::table::Brand;

#[derive(Deserialize)]
struct Typed {
    #[serde(default)]
    key: String,
}

pub fn route() -> Route {
    Route::action("/dashboard/signin", Access::Public, post(handle))
}

async fn handle(
    State(app): State<App>,
    headers: HeaderMap,
    FormBody(typed): FormBody<Typed>,
) -> Result<Response, Failure> {
    csrf::check_anonymous(&headers)?;
    let brand = match ApiKey::parse(typed.key.trim()) {
        Some(key) => app.store.authenticate(&key).await?,
        None => None,
    };
    let Some(brand) = brand else {
        let page = SignInPage {
            key: Field::default().refused("No brand has this key. Paste it again, whole."),
            ..SignInPage::default()
        };
        return Ok((StatusCode::UNAUTHORIZED, page.render(&app.site)).into_response());
    };
    let (_, cookie) = open(&app, &brand)?;
    Ok(([(SET_COOKIE, cookie)], Redirect::to("/dashboard")).into_response())
}

/// A session for the brand.
pub(super) fn open(app: &App, brand: &Brand) -> Result<(Session, HeaderValue), Failure> {
    let nonce = draw::<16>(&*app.randomness).map_err(|error| {
        tracing::error!(%error, "no session can be opened");
        Failure::internal()
    })?;
    let subject = subject(brand).ok_or_else(Failure::internal)?;
    Ok(app.sessions.issue(&subject, nonce, app.system_now()))
}
