//! What people see. A page is a struct that a route fills and that renders itself; it reads nothing and decides nothing.
//!
//! | path | page |
//! |---|---|
//! | `/` | [`home::HomePage`] |
//! | `/verify` | [`verify::VerifyPage`] |
//! | `/verify/{code}` | [`certificate::CertificatePage`], and [`certificate::UnknownCodePage`] with 404 |
//! | `POST /verify/{code}/scan` | [`certificate::Standing::recorded_fragment`], for the script on that page |
//! | `/qr/{code}` | [`diploma::DiplomaPage`] |
//! | `/dashboard` | [`dashboard::SignInPage`] without a session, [`dashboard::DashboardPage`] with one |
//! | `/dashboard/alerts` | [`alerts::AlertsPage`] |
//! | `/explore` | [`explore::ExplorePage`] |
//! | `/product/{id}` | [`product::ProductPage`], and [`product::UnknownProductPage`] with 404 |
//! | `POST /dashboard/signin`, `/dashboard/signout` | back to `/dashboard`, or [`dashboard::SignInPage`] with the error |
//! | `POST /dashboard/brands` | [`dashboard::NewKeyPage`], or [`dashboard::SignInPage`] with the errors |
//! | `POST /dashboard/products` | back to `/dashboard`, or [`dashboard::DashboardPage`] with the errors |
//! | `POST /dashboard/alerts/resolve`, `/reopen` | back to where it was asked for |
//! | `POST /product/{id}/transfer`, `/recall` | back to `/product/{id}`, or [`product::ProductPage`] with the errors |
//! | `POST /verify/{code}/claim`, `/dispute` | back to `/verify/{code}`, or [`certificate::CertificatePage`] with the errors |
//! | `/analytics` | [`analytics::AnalyticsPage`] |
//! | `/ops-log`, `/audit` | [`logs::OpsPage`], [`logs::AuditPage`] |
//! | `/status` | [`status::StatusPage`] |
//! | `/pricing`, `POST /pricing/checkout` | [`pricing::PricingPage`], [`pricing::PayPage`] |
//! | `/docs`, `/mcp` | [`manual::DocsPage`], [`manual::McpPage`] |
//! | `/integrations`, and what its forms send | [`integrations::IntegrationsPage`] |
//! | `/compare` | [`compare::ComparePage`] |
//! | `/embed/{code}` | [`embed::Badge`] |
//! | `/dashboard/keys`, and what its forms send | [`keys::KeysPage`] |
//! | everything that fails | [`failure::render`] |

pub mod alerts;
pub mod analytics;
pub mod certificate;
pub mod compare;
pub mod dashboard;
pub mod diploma;
pub mod embed;
pub mod explore;
pub mod face;
pub mod failure;
pub mod form;
pub mod home;
pub mod integrations;
pub mod keys;
pub mod logs;
pub mod manual;
pub mod ownership;
pub mod preview;
pub mod pricing;
pub mod product;
pub mod shell;
pub mod status;
pub mod verify;

mod chart;
mod icon;
pub(crate) mod link;
mod words;

use keyfold_web::assets::Assets;

/// What every page of one server needs.
#[derive(Clone)]
pub struct Site {
    /// The files that pages refer to: [`face::assets`].
    pub assets: Assets,
    /// The public address, without a slash at the end; previews of links need it.
    pub base_url: String,
    /// Whether brand functions answer without a key, which every page then says.
    pub open_demo: bool,
}

/// The brand that is signed in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// Its name.
    pub brand_name: String,
    /// The session's token for forms.
    pub csrf: String,
}

impl SignedIn {
    /// A sample for tests.
    pub fn sample() -> Self {
        Self {
            brand_name: "Maison Verrault".into(),
            csrf: "c2FtcGxlLXRva2Vu".into(),
        }
    }
}
