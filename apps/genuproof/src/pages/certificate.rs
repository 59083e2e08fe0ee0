//! `/verify/{code}`: whether a product is genuine, why, and where it has been.
//!
//! Rendering records nothing. With a script the page then asks `POST /verify/{code}/scan` once, which records the scan
//! and answers with [`Standing::recorded_fragment`]; link previews and readers without a script leave no trace.

use jiff::Timestamp;
use maud::{Markup, html};

use super::form::Field;
use super::ownership::{Done, Ownership, OwnershipBox};
use super::shell::{Place, Preview, Shell};
use super::verify::ask;
use super::{SignedIn, Site, icon, link, words};

/// The page of a code that exists.
#[derive(Debug, Clone)]
pub struct CertificatePage {
    /// Who is signed in.
    pub signed_in: Option<SignedIn>,
    /// The verdict.
    pub standing: Standing,
    /// The product's record as stored.
    pub product: Product,
    /// The history, oldest first.
    pub events: Vec<Event>,
    /// Where it is claimed, and a claim disputed; none where the page is its brand's.
    pub ownership: Option<OwnershipBox>,
    /// The product's id.
    pub product_id: String,
}

/// The verdict on a code and what it rests on.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The code that was asked for.
    pub code: String,
    /// All checks passed.
    pub authentic: bool,
    /// The single checks.
    pub checks: Checks,
    /// What a person should know besides, most serious first.
    pub warnings: Vec<String>,
    /// Scans before this one.
    pub scan_count: u64,
}

/// The four checks.
#[derive(Debug, Clone, Copy)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "four independent checks, each passed or not"
)]
pub struct Checks {
    /// The code has the form of one.
    pub format: bool,
    /// The signature over the hash is the platform's.
    pub signature: bool,
    /// The history is complete and unaltered.
    pub chain: bool,
    /// The stored record is the one that was hashed, and the code is its own.
    pub record: bool,
}

/// A product as stored.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the attributes of the product item")]
pub struct Product {
    pub name: String,
    pub brand_name: String,
    pub sku: Option<String>,
    pub category: Option<String>,
    pub description: Option<String>,
    pub status: String,
    pub created_at: Timestamp,
    pub hash: String,
}

/// A step of the history.
#[derive(Debug, Clone)]
pub struct Event {
    /// `manufactured`, `shipped`, …
    pub kind: String,
    /// Who did it.
    pub actor: String,
    /// Where.
    pub location: Option<String>,
    /// When.
    pub timestamp: Timestamp,
    /// The event's hash.
    pub hash: String,
    /// The hash of the event before.
    pub previous_hash: String,
    /// Whether hash and link are right.
    pub linked: bool,
    /// What else was stored with it, as JSON text; none when it is empty.
    pub data: Option<String>,
}

impl CertificatePage {
    /// Samples for tests: intact, with warnings, failed, and with hostile text.
    pub fn samples() -> Vec<Self> {
        let intact = Self {
            signed_in: None,
            standing: Standing::sample(),
            product: Product::sample(),
            events: Event::samples(),
            ownership: Some(OwnershipBox::of(Ownership::Unclaimed)),
            product_id: "e084595c97320cfcc85309943f345760".into(),
        };
        let mut warned = intact.clone();
        warned.standing.code = "x7Kp-2mQ_9aB".into();
        warned.signed_in = Some(SignedIn::sample());
        warned.product.status = "recalled".into();
        warned.standing.warnings = vec![
            "This product was recalled by its brand: the crown may let water in.".into(),
            "Scanned from 4 different countries within 24 hours.".into(),
        ];
        let mut others = OwnershipBox::of(Ownership::Others(Timestamp::UNIX_EPOCH));
        others.form.email = Field::of("jane").refused("This must be an address with an @.");
        warned.ownership = Some(others);
        let mut failed = intact.clone();
        failed.standing.code = "x7Kp-2mQ_9aC".into();
        failed.standing.authentic = false;
        failed.standing.checks.chain = false;
        failed.standing.checks.record = false;
        failed.standing.warnings = vec![
            "Hash mismatch: the record was changed after it was signed, a sign of tampering."
                .into(),
            "The chain of events is broken.".into(),
        ];
        if let Some(event) = failed.events.get_mut(2) {
            event.linked = false;
        }
        let mut yours = OwnershipBox::of(Ownership::Yours(Timestamp::UNIX_EPOCH));
        yours.done = Some(Done::Claimed);
        failed.ownership = Some(yours);
        let mut hostile = failed.clone();
        hostile.ownership = None;
        let text = "<script>alert(1)</script>\"'&\u{202e} ".to_owned() + &"無限".repeat(150);
        hostile.product.name.clone_from(&text);
        hostile.product.brand_name.clone_from(&text);
        hostile.product.sku = Some("W".repeat(100));
        hostile.standing.code = "../../<b>#?&%".into();
        hostile.standing.warnings.push(text.clone());
        hostile
            .events
            .iter_mut()
            .for_each(|event| event.actor.clone_from(&text));
        vec![intact, warned, failed, hostile]
    }

    /// The page.
    pub fn render(&self, site: &Site) -> Markup {
        let (product, code) = (&self.product, &self.standing.code);
        let verdict = if self.standing.authentic {
            "authentic"
        } else {
            "not authentic"
        };
        let title = format!("{} by {} · GenuProof", product.name, product.brand_name);
        let description = format!(
            "{} by {}: checked and {verdict}. See its record and history.",
            product.name, product.brand_name
        );
        let mut shell = Shell::new(&title, &description, Place::Verify);
        shell.signed_in = self.signed_in.as_ref();
        shell.htmx = true;
        shell.preview = Some(Preview {
            path: link::certificate(code),
            image: format!(
                "/api/og?brand={}&product={}&status={}&hash={}",
                link::value(&product.brand_name),
                link::value(&product.name),
                if self.standing.authentic {
                    "authentic"
                } else {
                    "failed"
                },
                link::value(&product.hash),
            ),
        });
        shell.render(
            site,
            &html! {
                div class="split" {
                    article class="stack" aria-labelledby="name" {
                        (self.sheet())
                        (self.actions())
                        @if let Some(ownership) = &self.ownership { (ownership.render(&self.standing.code)) }
                    }
                    div class="stack" {
                        (self.standing.checks_list(false))
                        (self.journey())
                    }
                }
            },
        )
    }

    fn sheet(&self) -> Markup {
        let product = &self.product;
        html! {
            div class={ "sheet" @if !self.standing.authentic { " failed" } } {
                div class="field-pattern" {}
                div class="sheet-head" {
                    div {
                        p class="sheet-title" { "Certificate of authenticity" }
                        h1 id="name" { (product.name) }
                        p class="of" { "by " (product.brand_name) }
                    }
                }
                hr;
                div aria-live="polite" hx-post=(link::record_scan(&self.standing.code)) hx-trigger="load" hx-swap="innerHTML" {
                    (self.standing.verdict(false))
                }
                hr;
                (self.facts())
                p class="microprint" aria-hidden="true" { @for _ in 0..6 { (product.hash) } }
            }
        }
    }

    fn facts(&self) -> Markup {
        let (product, checks) = (&self.product, self.standing.checks);
        html! {
            dl class="facts" {
                div { dt { "Code" } dd class="mono" { (self.standing.code) } }
                div { dt { "Status" } dd { (words::status(&product.status)) } }
                div { dt { "Registered" } dd { (words::day(product.created_at)) } }
                div { dt { "Total scans" } dd { (self.standing.total_scans(false)) } }
                @if let Some(sku) = &product.sku { div { dt { "SKU" } dd { (sku) } } }
                @if let Some(category) = &product.category { div { dt { "Category" } dd { (category) } } }
                div { dt { "Signature" } dd { (passed(checks.signature, "Valid", "Not valid")) } }
                div { dt { "Chain" } dd { (passed(checks.chain, "Intact", "Broken")) } }
                @if let Some(text) = &product.description { div class="whole" { dt { "Description" } dd { (text) } } }
                div class="whole" { dt { "Hash (SHA-256)" } dd class="hash" { (product.hash) } }
            }
        }
    }

    fn actions(&self) -> Markup {
        let code = &self.standing.code;
        html! {
            div class="row no-print" {
                a class="button" href=(link::diploma(code)) { "QR certificate" }
                a class="button" href=(link::product(&self.product_id)) { "Full details" }
                button class="needs-js" type="button" data-copy-url { span data-label aria-live="polite" { "Copy link" } }
                a class="button" href=(link::verify_json(code)) download={ "genuproof-" (code) ".json" } { "Export JSON" }
            }
        }
    }

    fn journey(&self) -> Markup {
        html! {
            section class="stack-s" aria-labelledby="journey" {
                h2 id="journey" { "Journey" }
                (timeline(&self.events))
            }
        }
    }
}

/// The history, oldest first.
pub(super) fn timeline(events: &[Event]) -> Markup {
    let steps = u64::try_from(events.len()).unwrap_or(u64::MAX);
    html! {
        @if events.is_empty() {
            p class="muted" { "No step of its history is on record. Every genuine product has at least the one of its making." }
        } @else {
            p class="muted small" { (words::counted(steps, "step", "steps")) ", oldest first. Open one to see its place in the chain." }
            ol class="timeline" { @for event in events { (event.render()) } }
        }
    }
}

impl Standing {
    /// What `POST /verify/{code}/scan` answers: the verdict after the scan was recorded, and the two other places of
    /// the page that depend on it.
    pub fn recorded_fragment(&self) -> Markup {
        html! { (self.verdict(true)) (self.checks_list(true)) (self.total_scans(true)) }
    }

    fn verdict(&self, recorded: bool) -> Markup {
        let (class, word) = if self.authentic {
            ("good", "Authentic")
        } else {
            ("bad", "Failed")
        };
        html! {
            div class="stack-s" {
                div class={ "verdict " (class) } {
                    span class={ "seal " (class) } { @if self.authentic { (icon::tick()) } @else { (icon::cross()) } }
                    div {
                        h2 { (word) }
                        p {
                            @if !self.authentic { "Not authentic. Do not rely on this product: keep its packaging and ask the brand or the shop." }
                            @else if self.warnings.is_empty() { "Record, signature and history are intact." }
                            @else { "Record, signature and history are intact, but read the warnings." }
                        }
                        p class="small muted" { (self.scans(recorded)) }
                    }
                }
                @if !self.warnings.is_empty() {
                    div class={ "notice " @if self.authentic { "warn" } @else { "bad" } } {
                        (icon::warning())
                        h3 { (words::counted(u64::try_from(self.warnings.len()).unwrap_or(u64::MAX), "warning", "warnings")) }
                        ul { @for warning in &self.warnings { li { (warning) } } }
                    }
                }
            }
        }
    }

    fn scans(&self, recorded: bool) -> String {
        match (recorded, self.scan_count) {
            (true, 0) => "This is the first recorded scan.".into(),
            (true, count) => format!(
                "This scan was recorded. Before it: {}.",
                words::counted(count, "scan", "scans")
            ),
            (false, 0) => "Not scanned yet.".into(),
            (false, count) => format!("{} so far.", words::counted(count, "scan", "scans")),
        }
    }

    fn total_scans(&self, recorded: bool) -> Markup {
        let count = self.scan_count.saturating_add(u64::from(recorded));
        html! { span id="total-scans" hx-swap-oob=[recorded.then_some("true")] { (count) } }
    }

    fn checks_list(&self, recorded: bool) -> Markup {
        let checks = self.checks;
        let list = [
            (
                checks.format,
                "Format",
                "The code has the form of a code.",
                "No code has this form.",
            ),
            (
                checks.signature,
                "Signature",
                "The platform signed this record.",
                "The signature is not the platform’s.",
            ),
            (
                checks.chain,
                "Chain",
                "Every step of the history fits the one before, and none is missing.",
                "A step of the history was changed, removed or added.",
            ),
            (
                checks.record,
                "Record",
                "The stored record is the one that was signed.",
                "The stored record is not the one that was signed.",
            ),
        ];
        html! {
            section id="checks" class={ "stack-s" @if !recorded { " ticking" } } aria-labelledby="checks-title" hx-swap-oob=[recorded.then_some("true")] {
                h2 id="checks-title" { "Four checks" }
                ul class="checks" {
                    @for (ok, name, good, bad) in list {
                        li class=(if ok { "pass" } else { "fail" }) {
                            @if ok { (icon::pass()) } @else { (icon::fail()) }
                            h3 { (name) span class="said" { @if ok { "Passed" } @else { "Failed" } } }
                            p { @if ok { (good) } @else { (bad) } }
                        }
                    }
                }
            }
        }
    }

    fn sample() -> Self {
        Self {
            code: "x7Kp-2mQ_9aZ".into(),
            authentic: true,
            checks: Checks {
                format: true,
                signature: true,
                chain: true,
                record: true,
            },
            warnings: Vec::new(),
            scan_count: 12,
        }
    }
}

impl Event {
    fn render(&self) -> Markup {
        html! {
            li class=[(!self.linked).then_some("broken")] {
                details {
                    summary {
                        strong { (words::titled(&self.kind)) @if !self.linked { " " span class="badge bad" { (icon::warning()) "Link broken" } } }
                        span { bdi { (self.actor) } @if let Some(place) = &self.location { " · " bdi { (place) } } }
                        span { (words::minute(self.timestamp)) }
                        (icon::chevron())
                    }
                    dl class="facts" {
                        div { dt { "Link" } dd { (passed(self.linked, "Fits the step before", "Does not fit the step before")) } }
                        div { dt { "Hash" } dd class="hash" { (self.hash) } }
                        div { dt { "Previous hash" } dd class="hash" { (self.previous_hash) } }
                        @if let Some(data) = &self.data { div { dt { "Data" } dd { pre { (data) } } } }
                    }
                }
            }
        }
    }

    pub(super) fn samples() -> Vec<Self> {
        let hashes = [
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "963b14e2ba7d7385261b1fc12f2c3079e803b481f0119859b438f3deea0b0914",
            "ae1209bd86877bde53324d7454bd75c09b29908d3c44280bada2b071777efa06",
            "8dfcb1c8ef9a08d3297388d9065856e9606d364297669939b9d6ce3b4387fc1e",
            "18ad2262757eccf5ff29f5e01d05f27b373e28fe264754cf4f11b8088ac41c1b",
        ];
        let steps = [
            (
                "manufactured",
                "Maison Verrault",
                Some("Besançon, France"),
                1_772_357_400,
                Some("{\n  \"registeredBy\": \"a3f1…\"\n}"),
            ),
            (
                "shipped",
                "Rhône Express",
                Some("Lyon, France"),
                1_772_616_600,
                None,
            ),
            (
                "received",
                "Harbour & Sons",
                Some("Rotterdam, Netherlands"),
                1_772_962_200,
                None,
            ),
            ("sold", "Harbour & Sons", None, 1_773_394_200, None),
        ];
        steps
            .into_iter()
            .zip(hashes.windows(2))
            .map(|((kind, actor, location, at, data), pair)| Self {
                kind: kind.into(),
                actor: actor.into(),
                location: location.map(Into::into),
                timestamp: Timestamp::from_second(at).unwrap_or_default(),
                hash: pair.last().copied().unwrap_or_default().into(),
                previous_hash: pair.first().copied().unwrap_or_default().into(),
                linked: true,
                data: data.map(Into::into),
            })
            .collect()
    }
}

impl Product {
    pub(super) fn sample() -> Self {
        Self {
            name: "Field watch 38, brushed steel".into(),
            brand_name: "Maison Verrault".into(),
            sku: Some("MV-FW38-S".into()),
            category: Some("watches".into()),
            description: None,
            status: "active".into(),
            created_at: Timestamp::from_second(1_772_357_400).unwrap_or_default(),
            hash: "5f7c2d0e91b84a6f3c8e7d12a09b4e65f1c3d8a7720e94b6c5a1f08d3e2b7946".into(),
        }
    }
}

/// The page of a code that nobody registered. Goes out with 404.
#[derive(Debug, Clone)]
pub struct UnknownCodePage {
    /// Who is signed in.
    pub signed_in: Option<SignedIn>,
    /// What was asked for.
    pub code: String,
}

impl UnknownCodePage {
    /// A sample for tests.
    pub fn sample() -> Self {
        Self {
            signed_in: None,
            code: "x7Kp-2mQ_9aY".into(),
        }
    }

    /// The page.
    pub fn render(&self, site: &Site) -> Markup {
        let mut shell = Shell::new(
            "Unknown code · GenuProof",
            "This code belongs to no registered product.",
            Place::Verify,
        );
        shell.signed_in = self.signed_in.as_ref();
        shell.listed = false;
        let shown: String = self.code.chars().take(64).collect();
        shell.render(site, &html! {
            div class="narrow stack" {
                div {
                    p class="serial muted" { (shown) }
                    h1 { "No product has this code" }
                }
                div class="notice bad" {
                    (icon::fail())
                    h2 { "What this means" }
                    p { "Either it was mistyped (capital and small letters differ, and 0 is not O), or the product was never registered here. If the code is printed exactly like this, do not rely on the product." }
                }
                (ask(&shown, None))
            }
        })
    }
}

fn passed(ok: bool, good: &str, bad: &str) -> Markup {
    html! {
        @if ok { span class="badge good" { (icon::tick()) (good) } }
        @else { span class="badge bad" { (icon::cross()) (bad) } }
    }
}
