//! What surrounds every page: head, top bar, banner.

use maud::{DOCTYPE, Markup, html};

use keyfold_web::assets::{HTMX, PAGE_SCRIPT, STYLE, THEME_SCRIPT};
use keyfold_web::csrf;

use super::{SignedIn, Site, face, icon};

/// The places of the top bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// `/`, and whatever is no other place.
    Home,
    /// `/verify` and what is below it.
    Verify,
    /// `/explore` and `/product`.
    Explore,
    /// `/dashboard` and what is below it.
    Dashboard,
    /// `/docs`.
    Docs,
    /// `/pricing`.
    Pricing,
    /// `/integrations`.
    Integrations,
    /// `/mcp`.
    Mcp,
}

/// A page's head and surroundings.
#[derive(Debug)]
pub(super) struct Shell<'a> {
    pub title: &'a str,
    pub description: &'a str,
    pub place: Place,
    pub signed_in: Option<&'a SignedIn>,
    pub preview: Option<Preview>,
    /// Whether programs that index pages may list this one.
    pub listed: bool,
    /// Whether the page has a part that htmx fetches.
    pub htmx: bool,
    /// A script of this page alone.
    pub script: Option<&'static str>,
}

/// What previews of a link show besides title and description.
#[derive(Debug)]
pub(super) struct Preview {
    /// Path below the base URL.
    pub path: String,
    /// Path and query of the image below the base URL.
    pub image: String,
}

// Neither may be on: the content security policy refuses inline styles and eval.
const HTMX_CONFIG: &str =
    r#"{"includeIndicatorStyles":false,"allowEval":false,"selfRequestsOnly":true}"#;

impl<'a> Shell<'a> {
    pub fn new(title: &'a str, description: &'a str, place: Place) -> Self {
        Self {
            title,
            description,
            place,
            signed_in: None,
            preview: None,
            listed: true,
            htmx: false,
            script: None,
        }
    }

    pub fn render(&self, site: &Site, content: &Markup) -> Markup {
        html! {
            (DOCTYPE)
            html lang="en" data-theme-key="genuproof-theme" {
                (self.head(site))
                body {
                    a class="skip" href="#content" { "Skip to the content" }
                    (self.bar())
                    @if site.open_demo {
                        aside class="banner" aria-label="Mode" {
                            p { strong { "Open demonstration. " } "Brand functions answer without a key: keep nothing real here." }
                        }
                    }
                    main id="content" tabindex="-1" { (content) }
                }
            }
        }
    }

    fn head(&self, site: &Site) -> Markup {
        let url = |name: &str| site.assets.url(name);
        html! {
            head {
                meta charset="utf-8";
                title { (self.title) }
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="description" content=(self.description);
                meta name="color-scheme" content="light dark";
                @if !self.listed { meta name="robots" content="noindex"; }
                meta property="og:site_name" content="GenuProof";
                meta property="og:type" content="website";
                meta property="og:title" content=(self.title);
                meta property="og:description" content=(self.description);
                @if let Some(preview) = &self.preview {
                    meta property="og:url" content={ (site.base_url) (preview.path) };
                    meta property="og:image" content={ (site.base_url) (preview.image) };
                    meta property="og:image:width" content="1200";
                    meta property="og:image:height" content="630";
                    meta name="twitter:card" content="summary_large_image";
                }
                link rel="icon" type="image/svg+xml" href=(url(face::MARK));
                script src=(url(THEME_SCRIPT)) {}
                link rel="stylesheet" href=(url(STYLE));
                link rel="stylesheet" href=(url(face::OWN_STYLE));
                script src=(url(PAGE_SCRIPT)) defer {}
                @if self.htmx {
                    meta name="htmx-config" content=(HTMX_CONFIG);
                    script src=(url(HTMX)) defer {}
                }
                @if let Some(script) = self.script { script src=(url(script)) defer {} }
            }
        }
    }

    fn bar(&self) -> Markup {
        let places = [
            (Place::Explore, "/explore", "Explore"),
            (Place::Verify, "/verify", "Verify"),
            (Place::Dashboard, "/dashboard", "Dashboard"),
            (Place::Docs, "/docs", "API"),
            (Place::Pricing, "/pricing", "Pricing"),
            (Place::Integrations, "/integrations", "Integrations"),
            (Place::Mcp, "/mcp", "MCP"),
        ];
        html! {
            header class="bar" {
                div class="bar-in" {
                    a class="brand" href="/" aria-label="GenuProof, home" { (icon::logo()) "GenuProof" }
                    nav class="places" aria-label="Places" {
                        @for (place, path, name) in places {
                            a href=(path) aria-current=[(place == self.place).then_some("page")] { (name) }
                        }
                    }
                    div class="account" {
                        button class="quiet icon needs-js" type="button" data-theme-switch aria-label="Dark colours" aria-pressed="false" {
                            (icon::moon()) (icon::sun())
                        }
                        @match self.signed_in {
                            Some(brand) => {
                                span class="who" title=(brand.brand_name) { (brand.brand_name) }
                                form method="post" action="/dashboard/signout" {
                                    input type="hidden" name=(csrf::FIELD) value=(brand.csrf);
                                    button class="quiet" { "Sign out" }
                                }
                            }
                            None => a class="button" href="/dashboard" { "Sign in" }
                        }
                    }
                }
            }
        }
    }
}
