//! `/embed/{code}`: a badge that any site may frame. Its colours come from variables that the site may set.

use maud::{DOCTYPE, Markup, html};

use super::{Site, face, icon, link};

/// The badge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Badge {
    /// The code.
    pub code: String,
    /// What it says.
    pub says: Says,
    /// Brand and product; empty where there are none.
    pub product: String,
}

/// What a badge says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are what they are called")]
pub enum Says {
    Authentic,
    NotVerified,
    Unknown,
}

impl Badge {
    /// Samples for tests.
    pub fn samples() -> Vec<Self> {
        [
            (Says::Authentic, "Maison Verrault · Field watch 38"),
            (Says::NotVerified, "<b>Maison</b> · Diver"),
            (Says::Unknown, ""),
        ]
        .map(|(says, product)| Self {
            code: "x7Kp-2mQ_9aZ".into(),
            says,
            product: product.into(),
        })
        .to_vec()
    }

    /// The page.
    pub fn render(&self, site: &Site) -> Markup {
        let (class, words) = match self.says {
            Says::Authentic => ("badge good", "Verified Authentic"),
            Says::NotVerified => ("badge bad", "Not Verified"),
            Says::Unknown => ("badge bad", "Verification Error"),
        };
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    title { (words) " · GenuProof" }
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="robots" content="noindex";
                    link rel="icon" type="image/svg+xml" href=(site.assets.url(face::MARK));
                    link rel="stylesheet" href=(site.assets.url(face::EMBED_STYLE));
                }
                body { main { h1 {
                    a class=(class) href=(link::certificate(&self.code)) target="_blank" rel="noopener" {
                        @if self.says == Says::Authentic { (icon::seal()) } @else { (icon::warning()) }
                        span { strong { (words) } @if !self.product.is_empty() { span { (self.product) } } @if site.open_demo { span { "Open demonstration" } } }
                    }
                } } }
            }
        }
    }
}
