//! `/`: what this is, a field for a code, and what stands behind the answer.

use maud::{Markup, html};

use super::shell::{Place, Shell};
use super::verify::ask;
use super::{SignedIn, Site, icon};

/// The front page.
#[derive(Debug, Clone)]
pub struct HomePage {
    /// Who is signed in.
    pub signed_in: Option<SignedIn>,
}

// SHA-256 of "specimen", so that nobody takes the specimen's hash for a product's.
const SPECIMEN_HASH: &str = "3c6a8279d628d16065388481df6c286915f0dbe13d6d73cb763a8ac729ecb362";

impl HomePage {
    /// A sample for tests.
    pub fn sample() -> Self {
        Self { signed_in: None }
    }

    /// The page.
    pub fn render(&self, site: &Site) -> Markup {
        let mut shell = Shell::new(
            "GenuProof: know that it is real",
            "Check a product by the code beside its QR code: signed record, unbroken history, no app and no account.",
            Place::Home,
        );
        shell.signed_in = self.signed_in.as_ref();
        shell.render(site, &html! {
            div class="split even" {
                div class="stack" {
                    h1 { "Know that it is real" }
                    p class="lead" {
                        "Every registered product has a signed record and a history in which no step can be changed, removed or "
                        "slipped in without it showing. Scan its QR code, or type the code beside it."
                    }
                    (ask("", None))
                    (figures())
                }
                (specimen())
            }
            section aria-labelledby="layers" class="stack" {
                h2 id="layers" { "Three layers of defence" }
                ul class="thirds layers" {
                    li { (icon::seal()) h3 { "A signed record" }
                        p { "What a product is, who made it and when is hashed and signed. A changed name or a copied entry no longer fits its signature." } }
                    li { (icon::chain()) h3 { "A sealed history" }
                        p { "Made, shipped, received, inspected, sold: each step holds the hash of the one before, and the whole is sealed at its end." } }
                    li { (icon::scan()) h3 { "Counted scans" }
                        p { "Every check of a code is counted for its brand. A code that is copied onto a thousand fakes is a code that is scanned too often." } }
                }
            }
            section aria-labelledby="steps" class="stack" {
                h2 id="steps" { "How it works" }
                ol class="thirds steps" {
                    li { h3 { "Register" } p { "A brand enters its product and gets a code of 12 characters with its QR code, ready to print." } }
                    li { h3 { "Verify" } p { "Whoever holds the product scans the code and sees record, signature and history checked on the spot." } }
                    li { h3 { "Monitor" } p { "The brand sees each product’s scans and status, and adds what happens to it along the way." } }
                }
            }
            section aria-label="For brands" {
                div class="call" {
                    div { h2 { "Put proof on what you make" } p class="muted" { "Create your brand, register the first product, print its code." } }
                    a class="button main" href="/dashboard" { "Open the dashboard" }
                }
            }
        })
    }
}

fn figures() -> Markup {
    let figures = [
        ("4", "checks at every scan"),
        ("256", "bits in each hash and signature"),
        ("12", "characters to type"),
        ("0", "apps or accounts needed"),
    ];
    html! {
        dl class="figures four figure" {
            @for (number, of) in figures { div { dt { (of) } dd { (number) } } }
        }
    }
}

fn specimen() -> Markup {
    html! {
        figure class="sheet" aria-label="A specimen of a certificate" {
            div class="field-pattern" {}
            div class="stack-s" {
                div class="sheet-head" {
                    p class="sheet-title" { "Certificate of authenticity" }
                    span class="badge plain" { "Specimen" }
                }
                div { h2 { "Field watch 38, brushed steel" } p class="of" { "by Maison Verrault" } }
            }
            hr;
            div class="verdict good" {
                span class="seal" { (icon::tick()) }
                div { p class="serial" { "SPEC-IMEN_01" } p { "Record, signature and history intact." } }
            }
            hr;
            dl class="facts" {
                div { dt { "Registered" } dd { "1 Mar 2026" } }
                div { dt { "Made in" } dd { "Besançon, France" } }
                div class="whole" { dt { "Hash" } dd class="hash" { (SPECIMEN_HASH) } }
            }
        }
    }
}
