//! `GET /docs`: the API. `GET /mcp`: how to connect an AI client.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::get;
use keyfold_web::error::Failure;
use maud::Markup;

use crate::app::App;
use crate::mcp;
use crate::pages::manual::{DocsPage, McpPage};
use crate::routes::access::shown;
use crate::routes::{Access, Route};

pub fn docs() -> Route {
    Route::page("/docs", Access::Public, get(show_docs))
}

pub fn connect() -> Route {
    Route::page("/mcp", Access::Public, get(show_mcp))
}

async fn show_docs(State(app): State<App>, headers: HeaderMap) -> Result<Markup, Failure> {
    let page = DocsPage {
        signed_in: shown(&app, &headers).await?,
    };
    Ok(page.render(&app.site))
}

async fn show_mcp(State(app): State<App>, headers: HeaderMap) -> Result<Markup, Failure> {
    let page = McpPage {
        signed_in: shown(&app, &headers).await?,
        groups: mcp::groups(),
    };
    Ok(page.render(&app.site))
}
