//! Alerts: the list that grows while it is looked at, on the dashboard and on `/dashboard/alerts`.
//!
//! The list is whole without a script. With one, `live.js` follows the brand's feed from the number that the list says it is at, and
//! makes new rows of the template below it.

use jiff::Timestamp;
use maud::{Markup, html};

use keyfold_web::csrf;

use super::shell::{Place, Shell};
use super::{SignedIn, Site, face, icon, link, words};

/// An alert, as it is shown.
#[derive(Debug, Clone)]
#[expect(
    missing_docs,
    reason = "the attributes of the alert, under their own names"
)]
pub struct AlertRow {
    pub id: String,
    pub kind: String,
    pub severity: String,
    pub product_id: String,
    pub product_name: String,
    pub details: String,
    pub timestamp: Timestamp,
    pub place: Option<String>,
    pub repeats: u64,
    /// By whom, when and why, once it is resolved.
    pub resolution: Option<Resolution>,
}

/// What the brand made of an alert.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "they are what they are called")]
pub struct Resolution {
    pub by: String,
    pub at: Timestamp,
    pub note: Option<String>,
}

/// Alerts with what is needed to follow what comes after them.
#[derive(Debug, Clone)]
pub struct AlertList {
    /// Whose.
    pub brand_id: String,
    /// The number of the newest one in the brand's feed.
    pub position: u64,
    /// The newest ones, newest first.
    pub alerts: Vec<AlertRow>,
    /// How many rows the list keeps; what is older is on the page of all.
    pub rows_max: usize,
}

/// `/dashboard/alerts`.
#[derive(Debug, Clone)]
pub struct AlertsPage {
    /// The brand.
    pub signed_in: SignedIn,
    /// Its alerts.
    pub list: AlertList,
    /// Alerts in all.
    pub total: u64,
    /// Those that are not resolved.
    pub open: u64,
}

/// Where an action leads back to.
const BACK_TO_DASHBOARD: &str = "dashboard";
const BACK_TO_ALERTS: &str = "alerts";

impl AlertsPage {
    /// Samples for tests: none, and many.
    pub fn samples() -> Vec<Self> {
        let list = AlertList::sample();
        let empty = Self {
            signed_in: SignedIn::sample(),
            list: AlertList {
                alerts: Vec::new(),
                position: 0,
                ..list.clone()
            },
            total: 0,
            open: 0,
        };
        let filled = Self {
            list,
            total: 5,
            open: 4,
            ..empty.clone()
        };
        vec![empty, filled]
    }

    /// The page.
    pub fn render(&self, site: &Site) -> Markup {
        let title = format!("Alerts · {} · GenuProof", self.signed_in.brand_name);
        let mut shell = Shell::new(&title, "What needs a look.", Place::Dashboard);
        shell.signed_in = Some(&self.signed_in);
        shell.listed = false;
        shell.script = Some(face::LIVE_SCRIPT);
        let of = |severities: &[&str]| {
            let open = self.list.alerts.iter().filter(|alert| {
                alert.resolution.is_none() && severities.contains(&alert.severity.as_str())
            });
            u64::try_from(open.count()).unwrap_or(u64::MAX)
        };
        let different = |what: fn(&AlertRow) -> Option<&str>| {
            let mut all: Vec<_> = self.list.alerts.iter().filter_map(what).collect();
            all.sort_unstable();
            all.dedup();
            u64::try_from(all.len()).unwrap_or(u64::MAX)
        };
        let figures = [
            (of(&["critical", "high"]), "open, critical or high"),
            (of(&["medium", "low"]), "open, medium or low"),
            (different(|alert| Some(&alert.product_id)), "products"),
            (different(|alert| alert.place.as_deref()), "places"),
        ];
        shell.render(site, &html! {
            div class="stack" {
                div class="title flush" {
                    div {
                        h1 { "Alerts" }
                        p { "What broke a rule, the newest first. Resolve what you have looked into." }
                    }
                    a class="button" href="/dashboard" { "Dashboard" }
                }
                dl class="figures four figure" {
                    @for (number, of) in figures { div { dt { (of) } dd { (words::grouped(number)) } } }
                }
                (self.list.render(&self.signed_in, BACK_TO_ALERTS))
            }
        })
    }
}

impl AlertList {
    /// The list on the dashboard.
    pub(super) fn on_dashboard(&self, signed_in: &SignedIn) -> Markup {
        self.render(signed_in, BACK_TO_DASHBOARD)
    }

    fn render(&self, signed_in: &SignedIn, back: &str) -> Markup {
        html! {
            section class="stack-s" id="alerts" aria-labelledby="alerts-title" data-live=(link::stream(&self.brand_id))
                data-after=(self.position) data-rows=(self.rows_max) data-words=(kinds_as_json()) {
                div class="live-head" {
                    h2 id="alerts-title" { (if back == BACK_TO_DASHBOARD { "Alerts" } else { "Newest first" }) }
                    p class="live needs-js" role="status" data-live-state="off" {
                        span class="dot" {} span data-live-word { "Connecting" } span class="muted" data-live-last {}
                    }
                    button class="quiet small-button needs-js" type="button" data-live-pause aria-pressed="false" { "Pause" }
                    @if back == BACK_TO_DASHBOARD { a class="all" href="/dashboard/alerts" { "All alerts" } }
                }
                button class="held needs-js" type="button" data-live-show hidden { "Show new alerts" }
                ol class="alerts" data-live-list {
                    @for alert in &self.alerts { (alert.render(signed_in, back)) }
                }
                div class="empty boxed" data-live-empty hidden[!self.alerts.is_empty()] {
                    strong { "No alert yet" }
                    p { "The moment a scan breaks a rule it appears here: too many countries in a day, too many scans in an hour, a record that was altered." }
                }
                template data-live-row { (AlertRow::blank().render(signed_in, back)) }
                p class="aside" aria-live="polite" data-live-said {}
            }
        }
    }

    pub(super) fn sample() -> Self {
        Self {
            brand_id: "3f2b8c1e-5d47-4a90-9c11-7e0a6b2d4f55".into(),
            position: 5,
            alerts: AlertRow::samples(),
            rows_max: 50,
        }
    }
}

impl AlertRow {
    fn render(&self, signed_in: &SignedIn, back: &str) -> Markup {
        let is_resolved = self.resolution.is_some();
        html! {
            li class={ "alert " (words::severity_class(&self.severity)) @if is_resolved { " done" } } data-alert=(self.id) {
                div class="alert-what" {
                    div class="row" { span data-severity { @if is_resolved { span class="badge plain" { (icon::tick()) "Resolved" } } @else { (words::severity(&self.severity)) } } h3 data-title { (words::alert(&self.kind)) } }
                    p data-details { (self.details) }
                    p class="small muted meta" {
                        a href=(link::product(&self.product_id)) data-product { (self.product_name) }
                        span data-place hidden[self.place.is_none()] { (self.place.as_deref().unwrap_or_default()) }
                        (words::minute(self.timestamp))
                        @if self.repeats > 0 { span { "repeated " (words::counted(self.repeats, "time", "times")) } }
                        @if let Some(resolution) = &self.resolution {
                            span { "resolved by " (resolution.by) ", " (words::minute(resolution.at)) @if let Some(note) = &resolution.note { ": " (note) } }
                        }
                    }
                }
                form method="post" action=(if is_resolved { "/dashboard/alerts/reopen" } else { "/dashboard/alerts/resolve" }) {
                    input type="hidden" name=(csrf::FIELD) value=(signed_in.csrf);
                    input type="hidden" name="id" value=(self.id) data-id;
                    input type="hidden" name="back" value=(back);
                    button class="small-button" { (if is_resolved { "Reopen" } else { "Resolve" }) span class="aside" data-of { ": " (words::alert(&self.kind)) ", " (self.product_name) } }
                }
            }
        }
    }

    /// What a script fills in.
    fn blank() -> Self {
        Self {
            id: String::new(),
            kind: String::new(),
            severity: "low".to_owned(),
            product_id: String::new(),
            product_name: String::new(),
            details: String::new(),
            timestamp: Timestamp::UNIX_EPOCH,
            place: None,
            repeats: 0,
            resolution: None,
        }
    }

    fn samples() -> Vec<Self> {
        let row = |number: i64, kind: &str, severity: &str, details: &str| Self {
            id: format!("2026-03-03T10:0{number}:00.000Z~{kind}~0f3a"),
            kind: kind.to_owned(),
            severity: severity.to_owned(),
            product_id: "e084595c97320cfcc85309943f345760".into(),
            product_name: "Field watch 38, brushed steel".into(),
            details: details.to_owned(),
            timestamp: Timestamp::from_second(1_772_532_000 + number * 60).unwrap_or_default(),
            place: Some("Lagos, NG".into()),
            repeats: u64::try_from(number * 3).unwrap_or_default(),
            resolution: None,
        };
        let mut samples = vec![
            row(
                4,
                "hash_tampering",
                "critical",
                "A scan's result is \"suspicious\": record, signature, chain or code are not as they were registered. The stored record no longer proves what was registered. Treat the item as suspect until the record is explained.",
            ),
            row(
                3,
                "geographic_anomaly",
                "high",
                "Scanned from 3 different countries within 24 hours: DE, FR, NG. One item cannot be in so many countries within a day. The code has probably been copied onto other items.",
            ),
            row(2, "burst_scan", "medium", "10 scans within one hour."),
            row(1, "<script>alert(1)</script>", "low", "<b>Hostile</b> text"),
            row(
                0,
                "product_recall",
                "critical",
                "Field watch 38, brushed steel was recalled: the crown may let water in.",
            ),
        ];
        if let Some(last) = samples.last_mut() {
            last.place = None;
            last.resolution = Some(Resolution {
                by: "Maison Verrault".into(),
                at: Timestamp::from_second(1_772_535_600).unwrap_or_default(),
                note: Some("Our own recall".into()),
            });
        }
        samples
    }
}

/// The titles of kinds and the colours of severities, for rows that a script makes.
fn kinds_as_json() -> String {
    use crate::domain::alert::{AlertKind, Severity};

    let titles: serde_json::Map<_, _> = AlertKind::ALL
        .into_iter()
        .map(|kind| (kind.as_str().to_owned(), words::alert(kind.as_str()).into()))
        .collect();
    let colours: serde_json::Map<_, _> = Severity::ALL
        .into_iter()
        .map(|severity| {
            let word = severity.as_str();
            (word.to_owned(), words::severity_class(word).into())
        })
        .collect();
    serde_json::json!({ "titles": titles, "colours": colours }).to_string()
}
