//! `GET /`: the front page.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::get;
use keyfold_web::error::Failure;
use maud::Markup;

use crate::app::App;
use crate::pages::home::HomePage;
use crate::routes::access::shown;
use crate::routes::{Access, Route};

pub fn route() -> Route {
    Route::page("/", Access::Public, get(handle))
}

async fn handle(State(app): State<App>, headers: HeaderMap) -> Result<Markup, Failure> {
    let signed_in = shown(&app, &headers).await?;
    Ok(HomePage { signed_in }.render(&app.site))
}
