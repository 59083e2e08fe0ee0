//! `POST /dashboard/signout`: ends the session in this browser.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use keyfold_web::body::FormBody;
use keyfold_web::csrf;
use keyfold_web::error::Failure;
use serde::Deserialize;

use crate::app::App;
use crate::routes::{Access, Route};

#[derive(Deserialize)]
struct Sent {
    csrf: Option<String>,
}

pub fn route() -> Route {
    Route::action("/dashboard/signout", Access::Session, post(handle))
}

async fn handle(
    State(app): State<App>,
    headers: HeaderMap,
    FormBody(sent): FormBody<Sent>,
) -> Result<Response, Failure> {
    // The session need not be valid any more to be ended.
    if let Some(session) = app.sessions.read(&headers, app.system_now()) {
        csrf::check(&app.sessions, &session, &headers, sent.csrf.as_deref())?;
    }
    let ended = [(SET_COOKIE, app.sessions.end())];
    Ok((ended, Redirect::to("/dashboard")).into_response())
}
