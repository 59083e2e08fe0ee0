//! `/explore`: the gallery of all products that are in their first hands.

use jiff::Timestamp;
use maud::{Markup, html};

use super::shell::{Place, Shell};
use super::{SignedIn, Site, link, words};

/// The gallery.
#[derive(Debug, Clone)]
pub struct ExplorePage {
    /// Who is signed in.
    pub signed_in: Option<SignedIn>,
    /// The categories, and how many products each has.
    pub categories: Vec<(String, u64)>,
    /// The category that is looked at.
    pub category: Option<String>,
    /// Products in all.
    pub total: u64,
    /// The newest ones.
    pub products: Vec<Card>,
}

/// A product in the gallery.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "named as the product's attributes")]
pub struct Card {
    pub product_id: String,
    pub name: String,
    pub brand_name: String,
    pub category: Option<String>,
    pub description: Option<String>,
    pub verification_code: String,
    pub created_at: Timestamp,
    pub scan_count: u64,
}

impl ExplorePage {
    /// Samples for tests: empty, filled, one category.
    pub fn samples() -> Vec<Self> {
        let empty = Self {
            signed_in: None,
            categories: Vec::new(),
            category: None,
            total: 0,
            products: Vec::new(),
        };
        let filled = Self {
            categories: vec![("Fragrances".into(), 1), ("Watches".into(), 2)],
            total: 3,
            products: Card::samples(),
            ..empty.clone()
        };
        let mut one = filled.clone();
        one.category = Some("Watches".into());
        one.signed_in = Some(SignedIn::sample());
        one.products.truncate(2);
        let mut none = filled.clone();
        none.category = Some("<b>Bags & more</b>".into());
        none.products.clear();
        vec![empty, filled, one, none]
    }

    /// The page.
    pub fn render(&self, site: &Site) -> Markup {
        let mut shell = Shell::new(
            "Explore · GenuProof",
            "Products with a certificate: see what is registered, and check it.",
            Place::Explore,
        );
        shell.signed_in = self.signed_in.as_ref();
        let current = |name: Option<&str>| (self.category.as_deref() == name).then_some("true");
        shell.render(site, &html! {
            div class="stack" {
                div class="title flush" { div {
                    h1 { "Explore" }
                    p { (words::counted(self.total, "product", "products")) " with a certificate, the newest first." }
                } }
                @if !self.categories.is_empty() {
                    nav class="chips" aria-label="Categories" {
                        a href="/explore" aria-current=[current(None)] { "All" }
                        @for (name, count) in &self.categories {
                            a href={ "/explore?category=" (link::value(name)) } aria-current=[current(Some(name))] {
                                (name) " " span { (words::grouped(*count)) }
                            }
                        }
                    }
                }
                @if self.products.is_empty() {
                    div class="empty boxed" {
                        strong { (if self.category.is_some() { "Nothing in this category" } else { "Nothing is registered yet" }) }
                        p {
                            @if self.category.is_some() { a href="/explore" { "See all products" } }
                            @else { "Brands register their products on the " a href="/dashboard" { "dashboard" } "; they appear here at once." }
                        }
                    }
                } @else {
                    ul class="cards" { @for product in &self.products { (product.render()) } }
                }
            }
        })
    }
}

impl Card {
    fn render(&self) -> Markup {
        let code = &self.verification_code;
        html! {
            li class="card" {
                div class="stack-s" {
                    div {
                        h2 { a href=(link::product(&self.product_id)) { (self.name) } }
                        p class="muted" { "by " (self.brand_name) }
                    }
                    @if let Some(text) = &self.description { p class="small clip" { (text) } }
                    p class="small muted meta" {
                        @if let Some(category) = &self.category { span { (category) } }
                        span { (words::day(self.created_at)) }
                        span { (words::counted(self.scan_count, "scan", "scans")) }
                    }
                }
                div class="row" {
                    a class="button small-button" href=(link::certificate(code)) aria-label={ "Verify " (self.name) } { "Verify" }
                    a class="small" href=(link::diploma(code)) aria-label={ "QR certificate of " (self.name) } { "QR certificate" }
                }
            }
        }
    }

    fn samples() -> Vec<Self> {
        [
            ("Field watch 38, brushed steel", "Watches", Some("Hand-wound, 38 mm, sapphire glass. Water-resistant to 100 m, and made to be repaired: every part can be had for thirty years."), 12),
            ("Diver 41, black", "Watches", None, 18_482),
            ("<i>Oud Royale</i> Eau de Parfum", "Fragrances", Some("無限無限無限無限無限無限無限無限無限無限無限無限無限無限無限無限無限無限無限無限無限無限無限無限無限無限無限無限無限無限"), 1),
        ]
        .into_iter()
        .map(|(name, category, description, scan_count)| Self {
            product_id: "e084595c97320cfcc85309943f345760".into(),
            name: name.into(),
            brand_name: "Maison Verrault".into(),
            category: Some(category.into()),
            description: description.map(Into::into),
            verification_code: "x7Kp-2mQ_9aZ".into(),
            created_at: Timestamp::from_second(1_772_357_400).unwrap_or_default(),
            scan_count,
        })
        .collect()
    }
}
