//! `/integrations`: where events come from, and trying it out.

use maud::{Markup, html};

use keyfold_web::csrf;

use super::form::{Control, Field, Input};
use super::shell::{Place, Shell};
use super::{SignedIn, Site, icon, link};
use crate::domain::integration::{Feed, VENDORS};
use crate::domain::journey::JOURNEYS;

/// Where events come from.
#[derive(Debug, Clone)]
pub struct IntegrationsPage {
    /// Who is signed in.
    pub signed_in: Option<SignedIn>,
    /// Connected sources: vendor, beginning of the key, events.
    pub sources: Vec<(String, String, u64)>,
    /// Products to choose from: id and name.
    pub products: Vec<(String, String)>,
    /// A source that was connected just now: its key and what to do.
    pub connected: Option<(String, Vec<String>)>,
    /// What came of a test event or a simulation.
    pub outcome: Option<Outcome>,
    /// The field `productName` of a simulation.
    pub product_name: Field,
}

/// What came of it.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// An event is in a chain.
    Event {
        /// The product.
        product_id: String,
        /// What it became.
        kind: String,
        /// Its hash.
        hash: String,
    },
    /// A journey was simulated.
    Journey {
        /// The product's name.
        name: String,
        /// Its code.
        code: String,
        /// Its id.
        product_id: String,
        /// What happened: kind, actor, place.
        steps: Vec<(String, String, String)>,
    },
    /// It was refused.
    Refused(String),
}

const SAMPLES: [(Feed, &str, &str, &str); 3] = [
    (
        Feed::Shipping,
        "Shipping",
        "FedEx, DHL, UPS, USPS, Chronopost. picked_up, in_transit and out_for_delivery are shipped; delivered is received; exception is custom.",
        r#"{"productId": "…", "trackingNumber": "FX-1", "carrier": "FedEx", "status": "picked_up", "city": "Memphis", "country": "United States"}"#,
    ),
    (
        Feed::Pos,
        "Point of sale",
        "Shopify, Square, WooCommerce, Stripe. A sale is sold; the buyer’s e-mail address never reaches the chain.",
        r#"{"verificationCode": "…", "orderId": "1001", "platform": "shopify", "storeName": "Fifth Avenue", "amount": 990.00, "currency": "USD"}"#,
    ),
    (
        Feed::Warehouse,
        "Warehouse",
        "SAP, Oracle, Manhattan and your own. received, stored and returned are received; inspected is inspected; dispatched is shipped.",
        r#"{"productId": "…", "action": "stored", "warehouseName": "Hub East", "bay": "4", "inspectorId": "QA-7"}"#,
    ),
];

impl IntegrationsPage {
    /// Samples for tests: a stranger, a brand, and what came of things.
    pub fn samples() -> Vec<Self> {
        let stranger = Self {
            signed_in: None,
            sources: Vec::new(),
            products: Vec::new(),
            connected: None,
            outcome: None,
            product_name: Field::default(),
        };
        let brand = Self {
            signed_in: Some(SignedIn::sample()),
            sources: vec![("FedEx".into(), "aik_0f9d".into(), 12)],
            products: vec![(
                "e084595c97320cfcc85309943f345760".into(),
                "Field watch 38".into(),
            )],
            connected: Some((
                "aik_00112233445566778899aabbccddeeff".into(),
                vec!["Open the portal.".into(), "Paste the address.".into()],
            )),
            ..stranger.clone()
        };
        let mut done = brand.clone();
        done.connected = None;
        done.outcome = Some(Outcome::Journey {
            name: "<b>Watch</b>".into(),
            code: "x7Kp-2mQ_9aZ".into(),
            product_id: "e084595c97320cfcc85309943f345760".into(),
            steps: vec![(
                "manufactured".into(),
                "Master Watchmaker".into(),
                "Le Brassus, Switzerland".into(),
            )],
        });
        let mut refused = brand.clone();
        refused.outcome = Some(Outcome::Refused(
            "A product with this name already exists.".into(),
        ));
        let mut event = brand.clone();
        event.outcome = Some(Outcome::Event {
            product_id: "e084595c97320cfcc85309943f345760".into(),
            kind: "shipped".into(),
            hash: "ef5a98da17309c2add0c5531a5cbaa30".into(),
        });
        vec![stranger, brand, done, refused, event]
    }

    /// The page.
    pub fn render(&self, site: &Site) -> Markup {
        let mut shell = Shell::new(
            "Integrations · GenuProof",
            "Carriers, shops and warehouses report what happens to a product.",
            Place::Integrations,
        );
        shell.signed_in = self.signed_in.as_ref();
        shell.render(site, &html! {
            div class="stack" {
                div class="title flush" { div {
                    h1 { "Integrations" }
                    p { "Carriers, shops and warehouses report what happens to a product; each report is one more sealed event." }
                } }
                @if let Some(outcome) = &self.outcome { (outcome.render()) }
                @if let Some((key, steps)) = &self.connected {
                    div class="notice good" role="status" { (icon::pass()) h2 { "Connected" } p { "Its key is shown this once:" } }
                    div class="secret" { code { (key) } button class="needs-js small-button" type="button" data-copy=(key) { span data-label aria-live="polite" { "Copy key" } } }
                    ol { @for step in steps { li { (step) } } }
                }
                @match &self.signed_in {
                    Some(brand) => div class="two" { (self.connect(brand)) (self.test(brand)) (self.simulate(brand)) },
                    None => div class="call" { div { h2 { "Try it with your brand" } p class="muted" { "Connect a source, send a test event, simulate a journey." } } a class="button main" href="/dashboard" { "Sign in" } }
                }
                @for (feed, name, what, body) in SAMPLES {
                    section class="stack-s" aria-labelledby=(feed.as_str()) {
                        h2 id=(feed.as_str()) { (name) }
                        p { (what) }
                        pre class="shape" tabindex="0" { "POST " (feed.path()) "\nX-Ingest-Key: aik_…\n\n" (body) }
                    }
                }
            }
        })
    }

    fn connect(&self, brand: &SignedIn) -> Markup {
        let vendors = VENDORS.each_ref().map(|vendor| (vendor.id, vendor.name));
        let kind = Input {
            name: "type",
            label: "Vendor",
            required: true,
            control: Control::Choice(&vendors),
            ..Input::default()
        };
        html! {
            section class="stack-s" aria-labelledby="connect" {
                h2 id="connect" { "Connect a source" }
                @if !self.sources.is_empty() {
                    ul { @for (vendor, prefix, events) in &self.sources { li { (vendor) " " code { (prefix) "…" } " " span class="muted" { (super::words::counted(*events, "event", "events")) } } } }
                }
                form class="form panel" method="post" action="/integrations/connect" {
                    input type="hidden" name=(csrf::FIELD) value=(brand.csrf);
                    (kind.render(&Field::default(), None))
                    div { button { "Connect" } }
                }
            }
        }
    }

    fn test(&self, brand: &SignedIn) -> Markup {
        let products: Vec<(&str, &str)> = self
            .products
            .iter()
            .map(|(id, name)| (id.as_str(), name.as_str()))
            .collect();
        let product = Input {
            name: "productId",
            label: "Product",
            required: true,
            control: Control::Choice(&products),
            ..Input::default()
        };
        let kinds = [
            ("shipping", "Shipping: picked up"),
            ("pos", "Point of sale: sold"),
            ("warehouse", "Warehouse: stored"),
        ];
        let kind = Input {
            name: "feed",
            label: "Event",
            required: true,
            control: Control::Choice(&kinds),
            ..Input::default()
        };
        html! {
            section class="stack-s" aria-labelledby="test" {
                h2 id="test" { "Send a test event" }
                @if self.products.is_empty() {
                    p class="muted" { "Register a product first, or simulate one." }
                } @else {
                    form class="form panel" method="post" action="/integrations/test" {
                        input type="hidden" name=(csrf::FIELD) value=(brand.csrf);
                        (product.render(&Field::default(), None)) (kind.render(&Field::default(), None))
                        div { button { "Send" } }
                    }
                }
            }
        }
    }

    fn simulate(&self, brand: &SignedIn) -> Markup {
        let name = Input {
            name: "productName",
            label: "Name of the product",
            required: true,
            most: 300,
            ..Input::default()
        };
        let journeys = JOURNEYS
            .each_ref()
            .map(|journey| (journey.id, journey.name));
        let journey = Input {
            name: "journey",
            label: "Journey",
            required: true,
            control: Control::Choice(&journeys),
            ..Input::default()
        };
        html! {
            section class="stack-s" aria-labelledby="simulate" {
                h2 id="simulate" { "Simulate a journey" }
                form class="form panel" method="post" action="/integrations/simulate" {
                    input type="hidden" name=(csrf::FIELD) value=(brand.csrf);
                    (name.render(&self.product_name, None)) (journey.render(&Field::default(), None))
                    div { button class="main" { "Simulate" } }
                }
            }
        }
    }
}

impl Outcome {
    fn render(&self) -> Markup {
        html! {
            @match self {
                Self::Refused(why) => div class="notice warn" role="alert" { (icon::warning()) h2 { "Nothing was written" } p { (why) } },
                Self::Event { product_id, kind, hash } => div class="notice good" role="status" {
                    (icon::pass()) h2 { "The event is in the chain" }
                    p { "It became " code { (kind) } ", with the hash " code { (hash.chars().take(16).collect::<String>()) "…" } "." }
                    p { a href=(link::product(product_id)) { "See the product" } }
                },
                Self::Journey { name, code, product_id, steps } => {
                    div class="notice good" role="status" {
                        (icon::pass()) h2 { (name) " has travelled" }
                        p class="row" { a href=(link::certificate(code)) { "Verify it" } a href=(link::diploma(code)) { "Its QR code" } a href=(link::product(product_id)) { "The product" } }
                    }
                    ol { @for (kind, actor, place) in steps { li { strong { (super::words::titled(kind)) } ", " (actor) @if !place.is_empty() { ", " (place) } } } }
                }
            }
        }
    }
}
