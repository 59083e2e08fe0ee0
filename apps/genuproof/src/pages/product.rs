//! `/product/{id}`: everything about a product on one page, and for its brand what it can do with it. Opening it records nothing.

use jiff::Timestamp;
use maud::{Markup, html};

use keyfold_web::csrf;

use super::certificate::{Event, Product, timeline};
use super::form::{Control, Field, Input, first_wrong};
use super::shell::{Place, Shell};
use super::{SignedIn, Site, icon, link, words};

/// The page of a product.
#[derive(Debug, Clone)]
pub struct ProductPage {
    /// Who is signed in.
    pub signed_in: Option<SignedIn>,
    /// Its id.
    pub id: String,
    /// Its code.
    pub code: String,
    /// Its record.
    pub product: Product,
    /// The platform's signature.
    pub signature: String,
    /// Whether all checks passed.
    pub authentic: bool,
    /// Who has it.
    pub owner: String,
    /// How often it was scanned.
    pub scan_count: u64,
    /// The newest scans.
    pub scans: Vec<ScanRow>,
    /// Its history, oldest first.
    pub events: Vec<Event>,
    /// For its brand, while it can still be handed on.
    pub custody: Option<CustodyForm>,
}

/// A scan, without anything about who made it.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "named as the scan's attributes")]
pub struct ScanRow {
    pub timestamp: Timestamp,
    pub country: String,
    pub city: String,
    pub result: String,
}

/// The fields of `POST /product/{id}/transfer` and `/recall`.
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "named as the request's fields")]
pub struct CustodyForm {
    pub new_owner: Field,
    pub location: Field,
    pub reason: Field,
    pub recall_reason: Field,
}

/// The page of an id that names nothing. Goes out with 404.
#[derive(Debug, Clone)]
pub struct UnknownProductPage {
    /// Who is signed in.
    pub signed_in: Option<SignedIn>,
}

impl ProductPage {
    /// Samples for tests: as anybody sees it, as its brand does, and not authentic.
    pub fn samples() -> Vec<Self> {
        let plain = Self {
            signed_in: None,
            id: "e084595c97320cfcc85309943f345760".into(),
            code: "x7Kp-2mQ_9aZ".into(),
            product: Product::sample(),
            signature: "3bf946a51bd9e96fc840516977963285fb5af1f7d1b5a5e891218596a4479db6".into(),
            authentic: true,
            owner: "Maison Verrault".into(),
            scan_count: 12,
            scans: ScanRow::samples(),
            events: Event::samples(),
            custody: None,
        };
        let mut own = plain.clone();
        own.signed_in = Some(SignedIn::sample());
        own.custody = Some(CustodyForm {
            recall_reason: Field::default().refused("Fill this in."),
            ..CustodyForm::default()
        });
        own.product.description = Some("Hand-wound, 38 mm, sapphire glass.".into());
        let mut failed = plain.clone();
        failed.authentic = false;
        failed.scans.clear();
        failed.product.status = "recalled".into();
        failed.product.name = format!("<script>{}</script>", "W".repeat(120));
        vec![plain, own, failed]
    }

    /// The page.
    pub fn render(&self, site: &Site) -> Markup {
        let product = &self.product;
        let title = format!("{} by {} · GenuProof", product.name, product.brand_name);
        let mut shell = Shell::new(
            &title,
            "Record, scans and history of a product.",
            Place::Explore,
        );
        shell.signed_in = self.signed_in.as_ref();
        shell.render(site, &html! {
            div class="split" {
                div class="stack" {
                    div class="stack-s" {
                        div {
                            h1 { (product.name) }
                            p class="lead" { "by " (product.brand_name) }
                        }
                        div class="row" {
                            (words::status(&product.status))
                            @if self.authentic { span class="badge good" { (icon::tick()) "Authentic" } }
                            @else { span class="badge bad" { (icon::cross()) "Not authentic" } }
                        }
                        @if let Some(text) = &product.description { p { (text) } }
                    }
                    (self.facts())
                    (self.scans())
                    @if let Some(form) = &self.custody { (self.custody(form)) }
                }
                div class="stack" {
                    (self.code())
                    section class="stack-s" aria-labelledby="journey" {
                        h2 id="journey" { "Journey" }
                        (timeline(&self.events))
                    }
                }
            }
        })
    }

    fn facts(&self) -> Markup {
        let product = &self.product;
        let events = u64::try_from(self.events.len()).unwrap_or(u64::MAX);
        html! {
            dl class="facts" {
                @if let Some(sku) = &product.sku { div { dt { "SKU" } dd { (sku) } } }
                @if let Some(category) = &product.category { div { dt { "Category" } dd { (category) } } }
                div { dt { "Registered" } dd { (words::day(product.created_at)) } }
                div { dt { "Owner" } dd { (self.owner) } }
                div { dt { "Scans" } dd { (words::grouped(self.scan_count)) } }
                div { dt { "Events" } dd { (words::grouped(events)) } }
                div { dt { "Code" } dd class="mono" { (self.code) } }
                div class="whole" { dt { "Hash (SHA-256)" } dd class="hash" { (product.hash) } }
                div class="whole" { dt { "Signature (HMAC-SHA256)" } dd class="hash" { (self.signature) } }
            }
        }
    }

    fn code(&self) -> Markup {
        let code = &self.code;
        html! {
            section class="stack-s" aria-labelledby="code" {
                h2 id="code" { "Code" }
                div class="qr" { img src=(link::qr_png(code)) alt={ "QR code that leads to the certificate of " (code) } width="400" height="400"; }
                div class="row" {
                    a class="button main" href=(link::certificate(code)) { "Run a verification" }
                    a class="button" href=(link::diploma(code)) { "QR certificate" }
                }
                p class="small row" {
                    a href=(link::qr(code, "png")) download={ "genuproof-" (code) ".png" } { "QR as PNG" }
                    a href=(link::qr(code, "svg")) download={ "genuproof-" (code) ".svg" } { "QR as SVG" }
                    a href=(link::verify_json(code)) download={ "genuproof-" (code) ".json" } { "Export JSON" }
                }
            }
        }
    }

    fn scans(&self) -> Markup {
        html! {
            details class="fold" {
                summary { span { "Scans " span class="muted" { (words::grouped(self.scan_count)) } } (icon::chevron()) }
                @if self.scans.is_empty() {
                    p class="muted" { "Nobody has scanned it yet." }
                } @else {
                    div class="wide-table" role="region" aria-label="Table of scans" tabindex="0" {
                        table {
                            thead { tr { th scope="col" { "Time" } th scope="col" { "City" } th scope="col" { "Country" } th scope="col" { "Result" } } }
                            tbody {
                                @for scan in &self.scans {
                                    tr {
                                        td { (words::minute(scan.timestamp)) }
                                        td { (scan.city) }
                                        td { (scan.country) }
                                        td {
                                            @if scan.result == "authentic" { span class="badge good" { (icon::tick()) "Authentic" } }
                                            @else { span class="badge bad" { (icon::cross()) (words::titled(&scan.result)) } }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    fn custody(&self, form: &CustodyForm) -> Markup {
        let token = self.signed_in.as_ref().map(|brand| brand.csrf.as_str());
        let focus = first_wrong(&[
            ("newOwner", &form.new_owner),
            ("location", &form.location),
            ("reason", &form.reason),
            ("recallReason", &form.recall_reason),
        ]);
        let input = |name, label, required, most| Input {
            name,
            label,
            required,
            most,
            ..Input::default()
        };
        let reason = Input {
            hint: "Whoever scans it from now on reads this.",
            control: Control::Lines,
            ..input("recallReason", "Reason", true, 2_000)
        };
        html! {
            section class="stack-s" aria-labelledby="custody" {
                h2 id="custody" { "For your brand" }
                details class="fold" open[form.is_transfer_wrong()] {
                    summary { "Hand it on" (icon::chevron()) }
                    form class="form" method="post" action={ (link::product(&self.id)) "/transfer" } {
                        @if let Some(token) = token { input type="hidden" name=(csrf::FIELD) value=(token); }
                        (input("newOwner", "New owner", true, 200).render(&form.new_owner, focus))
                        div class="pair" {
                            (input("location", "Place", false, 200).render(&form.location, focus))
                            (input("reason", "Reason", false, 2_000).render(&form.reason, focus))
                        }
                        div { button class="main" { "Hand it on" } }
                    }
                }
                details class="fold" open[form.recall_reason.error.is_some()] {
                    summary { "Recall it" (icon::chevron()) }
                    form class="form" method="post" action={ (link::product(&self.id)) "/recall" } {
                        @if let Some(token) = token { input type="hidden" name=(csrf::FIELD) value=(token); }
                        p class="small muted" { "A recall cannot be taken back: it becomes part of the sealed history." }
                        (reason.render(&form.recall_reason, focus))
                        div { button class="main" { "Recall it" } }
                    }
                }
            }
        }
    }
}

impl CustodyForm {
    fn is_transfer_wrong(&self) -> bool {
        [&self.new_owner, &self.location, &self.reason]
            .iter()
            .any(|field| field.error.is_some())
    }
}

impl ScanRow {
    fn samples() -> Vec<Self> {
        [("Lagos", "NG"), ("Berlin", "DE"), ("Besançon", "FR")]
            .into_iter()
            .map(|(city, country)| Self {
                timestamp: Timestamp::from_second(1_772_532_000).unwrap_or_default(),
                country: country.into(),
                city: city.into(),
                result: if country == "NG" {
                    "suspicious"
                } else {
                    "authentic"
                }
                .into(),
            })
            .collect()
    }
}

impl UnknownProductPage {
    /// A sample for tests.
    pub fn sample() -> Self {
        Self { signed_in: None }
    }

    /// The page.
    pub fn render(&self, site: &Site) -> Markup {
        let mut shell = Shell::new(
            "Unknown product · GenuProof",
            "There is no such product.",
            Place::Explore,
        );
        shell.signed_in = self.signed_in.as_ref();
        shell.listed = false;
        shell.render(
            site,
            &html! {
                div class="narrow stack" {
                    h1 { "No such product" }
                    p class="lead" { "Nothing is registered at this address." }
                    div { a class="button main" href="/explore" { "See all products" } }
                }
            },
        )
    }
}
