//! `POST /dashboard/alerts/resolve` and `/reopen`: what the brand that is signed in makes of an alert.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use keyfold_web::body::FormBody;
use keyfold_web::csrf;
use keyfold_web::error::Failure;
use serde::Deserialize;

use crate::app::App;
use crate::domain::alert::AlertId;
use crate::routes::access::signed_in;
use crate::routes::answer::unknown_alert;
use crate::routes::{Access, Route};
use crate::store::{SettleError, Settlement};

#[derive(Deserialize)]
struct Sent {
    csrf: Option<String>,
    #[serde(default)]
    id: String,
    #[serde(default)]
    back: String,
}

pub fn resolve() -> Route {
    let handler = |state, headers, body| handle(state, headers, body, true);
    Route::action("/dashboard/alerts/resolve", Access::Session, post(handler))
}

pub fn reopen() -> Route {
    let handler = |state, headers, body| handle(state, headers, body, false);
    Route::action("/dashboard/alerts/reopen", Access::Session, post(handler))
}

async fn handle(
    State(app): State<App>,
    headers: HeaderMap,
    FormBody(sent): FormBody<Sent>,
    is_resolved: bool,
) -> Result<Response, Failure> {
    let Some((session, brand)) = signed_in(&app, &headers).await? else {
        return Ok(Redirect::to("/dashboard").into_response());
    };
    csrf::check(&app.sessions, &session, &headers, sent.csrf.as_deref())?;
    let id = AlertId::parse(&sent.id).ok_or_else(unknown_alert)?;
    let settlement = Settlement {
        is_resolved,
        by: brand.name.clone(),
        note: None,
    };
    match app.store.settle(&brand.id, &id, &settlement).await {
        // Somebody else did the same: that is what was wanted.
        Ok(_) | Err(SettleError::Already { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    let to = match sent.back.as_str() {
        "alerts" => "/dashboard/alerts",
        _ => "/dashboard#alerts",
    };
    Ok(Redirect::to(to).into_response())
}
