//! Every sample of every page, and a server that shows them.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{Html, IntoResponse};
use axum::routing::{get, post};
use genuproof::pages::alerts::AlertsPage;
use genuproof::pages::analytics::AnalyticsPage;
use genuproof::pages::certificate::{CertificatePage, UnknownCodePage};
use genuproof::pages::compare::ComparePage;
use genuproof::pages::dashboard::{DashboardPage, NewKeyPage, SignInPage};
use genuproof::pages::diploma::DiplomaPage;
use genuproof::pages::embed::Badge;
use genuproof::pages::explore::ExplorePage;
use genuproof::pages::home::HomePage;
use genuproof::pages::integrations::IntegrationsPage;
use genuproof::pages::keys::KeysPage;
use genuproof::pages::logs::{AuditPage, OpsPage};
use genuproof::pages::manual::{DocsPage, McpPage};
use genuproof::pages::pricing::{PayPage, PricingPage};
use genuproof::pages::product::{ProductPage, UnknownProductPage};
use genuproof::pages::status::StatusPage;
use genuproof::pages::verify::VerifyPage;
use genuproof::pages::{Site, face, failure};
use keyfold_web::error::{Failure, faced};
use keyfold_web::headers::secured;
use keyfold_web::sse::{self, Event};

/// A page's sample under a name.
pub struct Sample {
    pub name: String,
    pub html: String,
}

pub fn site(open_demo: bool) -> Site {
    Site {
        assets: face::assets(),
        base_url: "https://genuproof.example".into(),
        open_demo,
    }
}

#[expect(clippy::too_many_lines, reason = "a list: every page once")]
pub fn samples(site: &Site) -> Vec<Sample> {
    let mut samples = Vec::new();
    let mut add = |name: &str, pages: Vec<String>| {
        for (at, html) in pages.into_iter().enumerate() {
            samples.push(Sample {
                name: format!("{name}-{at}"),
                html,
            });
        }
    };
    let failures = [
        Failure::not_found("there is nothing at this address"),
        Failure::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "this address does not answer to this method",
        ),
        Failure::internal().with_code("KF1001"),
        Failure::too_many("this address asked too often", 30),
    ];
    add("home", vec![HomePage::sample().render(site).into_string()]);
    add(
        "verify",
        VerifyPage::samples()
            .iter()
            .map(|page| page.render(site).into_string())
            .collect(),
    );
    add(
        "certificate",
        CertificatePage::samples()
            .iter()
            .map(|page| page.render(site).into_string())
            .collect(),
    );
    add(
        "unknown-code",
        vec![UnknownCodePage::sample().render(site).into_string()],
    );
    add(
        "diploma",
        DiplomaPage::samples()
            .iter()
            .map(|page| page.render(site).into_string())
            .collect(),
    );
    add(
        "sign-in",
        SignInPage::samples()
            .iter()
            .map(|page| page.render(site).into_string())
            .collect(),
    );
    add(
        "new-key",
        vec![NewKeyPage::sample().render(site).into_string()],
    );
    add(
        "dashboard",
        DashboardPage::samples()
            .iter()
            .map(|page| page.render(site).into_string())
            .collect(),
    );
    let rendered = |pages: Vec<maud::Markup>| -> Vec<String> {
        pages.into_iter().map(maud::Markup::into_string).collect()
    };
    let pages = AlertsPage::samples();
    add(
        "alerts",
        rendered(pages.iter().map(|page| page.render(site)).collect()),
    );
    let pages = ExplorePage::samples();
    add(
        "explore",
        rendered(pages.iter().map(|page| page.render(site)).collect()),
    );
    let pages = ProductPage::samples();
    add(
        "product",
        rendered(pages.iter().map(|page| page.render(site)).collect()),
    );
    macro_rules! add_all {
        ($($name:literal: $pages:expr),* $(,)?) => {
            $(add($name, rendered($pages.iter().map(|page| page.render(site)).collect()));)*
        };
    }
    add_all! {
        "analytics": AnalyticsPage::samples(),
        "ops-log": OpsPage::samples(),
        "audit": AuditPage::samples(),
        "status": StatusPage::samples(),
        "pricing": PricingPage::samples(),
        "pay": PayPage::samples(),
        "docs": [DocsPage::sample()],
        "mcp": [McpPage::sample()],
        "integrations": IntegrationsPage::samples(),
        "compare": ComparePage::samples(),
        "embed": Badge::samples(),
        "keys": KeysPage::samples(),
    }
    add(
        "unknown-product",
        rendered(vec![UnknownProductPage::sample().render(site)]),
    );
    add(
        "failure",
        failures
            .iter()
            .map(|failure| failure::render(site, failure))
            .collect(),
    );
    samples
}

/// Serves every sample at `/<name>`, with the headers of the real server.
pub async fn serve(scans: Arc<AtomicUsize>) -> SocketAddr {
    let site = site(false);
    let mut router = Router::new();
    for sample in samples(&site) {
        router = router.route(
            &format!("/{}", sample.name),
            get(move || async move { Html(sample.html) }),
        );
    }
    let record = move |Path(code): Path<String>| async move {
        scans.fetch_add(1, Ordering::SeqCst);
        let pages = CertificatePage::samples();
        let page = pages.into_iter().find(|page| page.standing.code == code);
        page.map(|page| Html(page.standing.recorded_fragment().into_string()))
            .ok_or(Failure::not_found("no such code"))
    };
    router = router
        .route("/verify/{code}/scan", post(record))
        .route("/api/products/qr", get(picture))
        .route("/api/stream", get(feed))
        .merge(site.assets.router());
    let router = secured(
        faced(router, move |failure| failure::render(&site, failure)),
        false,
    );
    let listener = keyfold_web::serve::bind(([127, 0, 0, 1], 0).into(), "--listen")
        .await
        .unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(keyfold_web::serve::serve(
        listener,
        router,
        std::future::pending(),
    ));
    address
}

/// A feed in which nothing happens.
async fn feed() -> impl IntoResponse {
    sse::events(0_u64, |number| async move {
        if number > 0 {
            tokio::time::sleep(Duration::from_secs(3)).await;
        }
        let event = Event::json("connected", &number).ok()?;
        Some((event, number + 1))
    })
}

/// Stands where the real QR code will be.
async fn picture() -> impl IntoResponse {
    let dark = |at: &usize| (at * 7 + at / 29 * 13 + at * at % 11) % 5 < 2;
    let mut squares = String::new();
    for at in (0..29 * 29).filter(dark) {
        let _ = write!(squares, "M{} {}h1v1h-1z", at % 29 + 2, at / 29 + 2);
    }
    let svg = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 33 33"><path fill="#fff" d="M0 0h33v33H0z"/><path d="{squares}"/></svg>"##
    );
    ([(CONTENT_TYPE, "image/svg+xml")], svg)
}
