//! `/compare`: two codes side by side.

use maud::{Markup, html};

use super::form::{Field, Input};
use super::shell::{Place, Shell};
use super::{SignedIn, Site, icon, link, words};

/// Two codes side by side.
#[derive(Debug, Clone)]
pub struct ComparePage {
    /// Who is signed in.
    pub signed_in: Option<SignedIn>,
    /// What was typed.
    pub codes: [String; 2],
    /// What was found: none where nothing was asked for, `Err` where a code is nobody's.
    pub found: [Option<Result<Column, ()>>; 2],
}

/// A product.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "named as the members of the API's answer")]
pub struct Column {
    pub is_authentic: bool,
    pub brand: String,
    pub product: String,
    pub sku: String,
    pub category: String,
    pub status: String,
    pub registered: String,
    pub scans: u64,
    pub events: usize,
    pub is_signed: bool,
    pub is_whole: bool,
    pub hash: String,
}

impl ComparePage {
    /// Samples for tests: nothing asked, and two products of which one is nobody's.
    pub fn samples() -> Vec<Self> {
        let column = Column {
            is_authentic: true,
            brand: "Maison Verrault".into(),
            product: "<i>Field</i> watch 38".into(),
            sku: "MV-FW38-S".into(),
            category: "Watches".into(),
            status: "active".into(),
            registered: "2026-03-01T09:30:00.000Z".into(),
            scans: 1_482,
            events: 4,
            is_signed: true,
            is_whole: true,
            hash: "ef5a98da17309c2add0c5531a5cbaa30dd2ec9ff15f4ff00adb0a0165d35f678".into(),
        };
        let empty = Self {
            signed_in: None,
            codes: Default::default(),
            found: [None, None],
        };
        let both = Self {
            signed_in: Some(SignedIn::sample()),
            codes: ["x7Kp-2mQ_9aZ".into(), "AAAAAAAAAAAA".into()],
            found: [Some(Ok(column)), Some(Err(()))],
        };
        vec![empty, both]
    }

    /// The page.
    pub fn render(&self, site: &Site) -> Markup {
        let mut shell = Shell::new(
            "Compare · GenuProof",
            "Two products side by side, by their codes.",
            Place::Verify,
        );
        shell.signed_in = self.signed_in.as_ref();
        let input = |name, label| Input {
            name,
            label,
            required: true,
            most: 64,
            ..Input::default()
        };
        let [one, two] = &self.codes;
        shell.render(site, &html! {
            div class="stack" {
                div class="title flush" { div { h1 { "Compare" } p { "Two products side by side. Comparing is no scan: nothing is counted." } } }
                form class="form panel" method="get" action="/compare" {
                    div class="pair" {
                        (input("a", "First code").render(&Field::of(one.as_str()), None))
                        (input("b", "Second code").render(&Field::of(two.as_str()), None))
                    }
                    div { button class="main" { "Compare" } }
                }
                @if self.found.iter().any(Option::is_some) {
                    div class="two" { @for (code, found) in self.codes.iter().zip(&self.found) { (column(code, found.as_ref())) } }
                }
            }
        })
    }
}

fn column(code: &str, found: Option<&Result<Column, ()>>) -> Markup {
    let Some(Ok(own)) = found else {
        return html! {
            section class="stack-s" aria-label={ "Code " (code) } {
                h2 { code { (code) } }
                div class="notice warn" { (icon::warning()) h3 { "No product has this code" } p { "Type it again, with capital and small letters as printed." } }
            }
        };
    };
    let yes = |is: bool| if is { "Right" } else { "Wrong" };
    let registered = own
        .registered
        .parse()
        .map_or_else(|_| html! { (own.registered) }, words::day);
    let (scans, events) = (words::grouped(own.scans), own.events.to_string());
    let rows: [(&str, Markup); 10] = [
        ("Brand", html! { (own.brand) }),
        ("SKU", html! { (own.sku) }),
        ("Category", html! { (own.category) }),
        ("Status", words::status(&own.status)),
        ("Registered", registered),
        ("Scans", html! { (scans) }),
        ("Events", html! { (events) }),
        ("Signature", html! { (yes(own.is_signed)) }),
        ("Chain", html! { (yes(own.is_whole)) }),
        ("Hash", html! { span class="hash" { (own.hash) } }),
    ];
    html! {
        section class="stack-s" aria-label={ "Code " (code) } {
            h2 { (own.product) }
            p { span class={ "badge " (if own.is_authentic { "good" } else { "bad" }) } {
                @if own.is_authentic { (icon::tick()) "Authentic" } @else { (icon::warning()) "Failed" }
            } }
            dl class="facts" { @for (name, value) in rows { div { dt { (name) } dd { (value) } } } }
            p { a href=(link::certificate(code)) aria-label={ "Open the certificate of " (own.product) } { "Open its certificate" } }
        }
    }
}
