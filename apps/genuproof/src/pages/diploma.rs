//! `/qr/{code}`: the certificate to print, with its QR code. Rendering records no scan.

use jiff::Timestamp;
use maud::{Markup, html};

use super::certificate::Product;
use super::shell::{Place, Shell};
use super::{SignedIn, Site, icon, link, words};

/// The printable certificate.
#[derive(Debug, Clone)]
pub struct DiplomaPage {
    /// Who is signed in.
    pub signed_in: Option<SignedIn>,
    /// The code.
    pub code: String,
    /// All checks passed.
    pub authentic: bool,
    /// The product's record as stored.
    pub product: Product,
    /// When it was checked, which a piece of paper has to say.
    pub checked_at: Timestamp,
}

impl DiplomaPage {
    /// Samples for tests.
    pub fn samples() -> Vec<Self> {
        let intact = Self {
            signed_in: None,
            code: "x7Kp-2mQ_9aZ".into(),
            authentic: true,
            product: Product::sample(),
            checked_at: Timestamp::from_second(1_773_394_200).unwrap_or_default(),
        };
        let failed = Self {
            authentic: false,
            ..intact.clone()
        };
        vec![intact, failed]
    }

    /// The page.
    pub fn render(&self, site: &Site) -> Markup {
        let product = &self.product;
        let title = format!("QR certificate: {} · GenuProof", product.name);
        let mut shell = Shell::new(
            &title,
            "A certificate to print, with the product’s QR code.",
            Place::Verify,
        );
        shell.signed_in = self.signed_in.as_ref();
        shell.listed = false;
        let image = link::qr_png(&self.code);
        shell.render(site, &html! {
            div class="diploma stack" {
                div class="title no-print" {
                    p class="lead" { "The certificate to print and keep with the product." }
                    div class="row" {
                        button class="main needs-js" type="button" data-print { "Print" }
                        a class="button" href=(image) download={ "genuproof-" (self.code) ".png" } { "Download PNG" }
                        a class="button" href=(link::certificate(&self.code)) { "Full certificate" }
                    }
                }
                article class={ "sheet" @if !self.authentic { " failed" } } aria-labelledby="name" {
                    div class="field-pattern" {}
                    div class="sheet-head" {
                        div {
                            p class="sheet-title" { "Certificate of authenticity" }
                            h1 id="name" { (product.name) }
                            p class="of" { "by " (product.brand_name) }
                        }
                        span class={ "seal " @if self.authentic { "good" } @else { "bad" } } {
                            @if self.authentic { (icon::tick()) } @else { (icon::cross()) }
                        }
                    }
                    div class="body" {
                        dl class="facts" {
                            div class="whole" { dt { "Verification code" } dd class="serial" { (self.code) } }
                            div { dt { "Brand" } dd { (product.brand_name) } }
                            @if let Some(sku) = &product.sku { div { dt { "SKU" } dd { (sku) } } }
                            div { dt { "Registered" } dd { (words::day(product.created_at)) } }
                            div { dt { "Checked" } dd { (words::minute(self.checked_at)) } }
                            div class="whole" { dt { "Result" } dd {
                                @if self.authentic { span class="badge good" { (icon::tick()) "Verified" } }
                                @else { span class="badge bad" { (icon::cross()) "Not verified" } }
                            } }
                            div class="whole" { dt { "Hash (SHA-256)" } dd class="hash" { (product.hash) } }
                        }
                        div class="stack-s" {
                            div class="qr" { img src=(image) width="400" height="400" alt={ "QR code that opens the certificate of code " (self.code) }; }
                            p class="small muted" { "Scan to check again: only the answer of that moment counts." }
                        }
                    }
                    p class="microprint" aria-hidden="true" { @for _ in 0..6 { (product.hash) } }
                }
            }
        })
    }
}
