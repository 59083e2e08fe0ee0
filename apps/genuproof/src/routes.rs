//! Every address that is answered, in one table: the router, the numbers that `/api/health` tells and the test that tries each
//! address as a stranger are all made from it.
//!
//! | Folder | Addresses |
//! |---|---|
//! | `brands`, `products`, `scans`, `threats`, `ops`, `health` | the API, below `/api` |
//! | `catalog`, `integrations`, `ingest`, `webhooks`, `stripe`, `analytics` | the same |
//! | `site` | pages, and what their forms and scripts send |

use axum::Router;
use axum::http::Method;
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::Response;
use axum::routing::MethodRouter;

use keyfold_web::error::faced;
use keyfold_web::headers::{no_store, secured};

use crate::app::App;
use crate::pages::failure;

mod access;
mod analytics;
mod answer;
mod brands;
mod catalog;
pub(crate) mod describe;
mod health;
mod ingest;
mod integrations;
mod limited;
mod openapi;
mod ops;
mod products;
mod request;
mod scans;
mod site;
mod stripe;
mod threats;
mod webhooks;

/// One address and method.
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path, as the router matches it.
    pub path: &'static str,
    /// What it is.
    pub kind: Kind,
    /// Who may.
    pub access: Access,
    /// Whether the handler says itself what caches may do.
    has_own_caching: bool,
    handler: MethodRouter<App>,
}

/// What is at an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Part of the API.
    Endpoint,
    /// A page.
    Page,
    /// What a page's form or script sends.
    Action,
}

/// Who is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody.
    Public,
    /// The brand concerned.
    Key,
    /// Everybody; for some of what can be asked, the brand concerned.
    PublicOrKey,
    /// Whoever has the ingest key of a source of the product's brand.
    Ingest,
    /// Whoever is signed in; others are led to signing in.
    Session,
}

impl Route {
    fn endpoint(
        method: Method,
        path: &'static str,
        access: Access,
        handler: MethodRouter<App>,
    ) -> Self {
        Self {
            method,
            path,
            kind: Kind::Endpoint,
            access,
            has_own_caching: false,
            handler,
        }
    }

    fn page(path: &'static str, access: Access, handler: MethodRouter<App>) -> Self {
        Self {
            method: Method::GET,
            path,
            kind: Kind::Page,
            access,
            has_own_caching: false,
            handler,
        }
    }

    fn action(path: &'static str, access: Access, handler: MethodRouter<App>) -> Self {
        Self {
            method: Method::POST,
            path,
            kind: Kind::Action,
            access,
            has_own_caching: false,
            handler,
        }
    }

    /// Leaves it to the handler what caches may do.
    fn with_own_caching(mut self) -> Self {
        self.has_own_caching = true;
        self
    }

    /// Keeps the answers out of every cache.
    fn never_stored(mut self) -> Self {
        self.handler = self
            .handler
            .layer(map_response(|mut response: Response| async {
                no_store(response.headers_mut());
                response
            }));
        self
    }
}

/// Every route there is.
pub fn all() -> Vec<Route> {
    let routes = endpoints().into_iter().chain(pages());
    let private = |route: &Route| {
        !route.has_own_caching && (route.kind != Kind::Endpoint || route.access != Access::Public)
    };
    routes
        .map(|route| {
            if private(&route) {
                route.never_stored()
            } else {
                route
            }
        })
        .collect()
}

/// The API.
fn endpoints() -> Vec<Route> {
    vec![
        brands::create::route(),
        brands::get::route(),
        brands::list::route(),
        brands::stats::route(),
        brands::scans::route(),
        brands::keys::list(),
        brands::keys::rotate(),
        brands::keys::revoke(),
        products::register::route(),
        products::batch::route(),
        products::list::route(),
        products::search::route(),
        products::verify::route(),
        products::append_event::route(),
        products::events::route(),
        products::qr::route(),
        products::explore::route(),
        products::history::route(),
        products::transfer::route(),
        products::recall::route(),
        products::claim::route(),
        products::claim_state::route(),
        products::dispute::route(),
        products::disputes::route(),
        products::rule::route(),
        products::certificate::route(),
        products::passport::route(),
        products::og::route(),
        catalog::categories(),
        catalog::actors(),
        catalog::locations(),
        ingest::shipping(),
        ingest::pos(),
        ingest::warehouse(),
        integrations::configure::route(),
        integrations::list::route(),
        integrations::rotate::route(),
        integrations::status::route(),
        integrations::journeys::route(),
        integrations::simulate::route(),
        webhooks::create::route(),
        webhooks::list::route(),
        webhooks::delete::route(),
        webhooks::rotate::route(),
        webhooks::resume::route(),
        webhooks::deliveries::route(),
        webhooks::resend::route(),
        stripe::plans::route(),
        stripe::checkout::route(),
        stripe::webhook::route(),
        analytics::get::route(),
        analytics::audit::route(),
        scans::list::route(),
        threats::list::route(),
        threats::settle::resolve(),
        threats::settle::reopen(),
        threats::stream::route(),
        ops::list::route(),
        health::get::route(),
        openapi::route(),
    ]
}

/// Pages, and what their forms and scripts send.
fn pages() -> Vec<Route> {
    vec![
        site::home::route(),
        site::verify::route(),
        site::certificate::route(),
        site::scan::route(),
        site::diploma::route(),
        site::dashboard::route(),
        site::sign_in::route(),
        site::sign_out::route(),
        site::new_brand::route(),
        site::new_product::route(),
        site::alerts::route(),
        site::settle_alert::resolve(),
        site::settle_alert::reopen(),
        site::explore::route(),
        site::product::route(),
        site::custody::transfer(),
        site::custody::recall(),
        site::ownership::claim(),
        site::ownership::dispute(),
        site::analytics::route(),
        site::logs::ops(),
        site::logs::audit(),
        site::status::route(),
        site::pricing::page(),
        site::pricing::checkout(),
        site::manual::docs(),
        site::manual::connect(),
        site::embed::route(),
        site::compare::route(),
        site::keys::page(),
        site::keys::rotate(),
        site::keys::revoke(),
        site::keys::add_webhook(),
        site::keys::delete_webhook(),
        site::integrations::page(),
        site::integrations::connect(),
        site::integrations::test(),
        site::integrations::simulate(),
    ]
}

/// How many endpoints and how many pages there are.
pub fn counts() -> (usize, usize) {
    let routes = all();
    let of = |kind| routes.iter().filter(|route| route.kind == kind).count();
    (of(Kind::Endpoint), of(Kind::Page))
}

/// What the API is, as an OpenAPI document.
pub fn document(base: &str) -> String {
    describe::document(base).to_string()
}

/// The whole site.
pub(crate) fn router(app: &App) -> Router {
    let router = all()
        .into_iter()
        .fold(Router::new(), |router, route| {
            router.route(route.path, route.handler)
        })
        .layer(from_fn_with_state(app.clone(), limited::limit))
        .merge(app.site.assets.router())
        .with_state(app.clone());
    let site = app.site.clone();
    let is_https = site.base_url.to_ascii_lowercase().starts_with("https://");
    secured(
        faced(router, move |failure| failure::render(&site, failure)),
        is_https,
    )
}
