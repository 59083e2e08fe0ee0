//! `/ops-log`: what the analyst judged. `/audit`: what happened last.

use maud::{Markup, html};

use super::shell::{Place, Shell};
use super::{SignedIn, Site, chart, link, words};

/// What the analyst judged.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "named as the members of the API's answer")]
pub struct OpsPage {
    pub signed_in: Option<SignedIn>,
    pub entries: Vec<OpsRow>,
    pub model: String,
    pub latency_ms: u64,
    pub confidence: u64,
    pub agents: Vec<(String, u64)>,
    pub severities: Vec<(String, u64)>,
    pub vectors: Vec<(String, u64)>,
}

/// A line of it.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "named as the members of the API's answer")]
pub struct OpsRow {
    pub at: String,
    pub agent: String,
    pub severity: String,
    pub vector: String,
    pub confidence: u64,
    pub latency_ms: u64,
    pub product_id: String,
}

/// What happened last.
#[derive(Debug, Clone)]
pub struct AuditPage {
    /// Who is signed in.
    pub signed_in: Option<SignedIn>,
    /// The newest first.
    pub entries: Vec<AuditRow>,
}

/// A line of it.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "named as the members of the API's answer")]
pub struct AuditRow {
    pub at: String,
    pub kind: String,
    pub action: String,
    pub who: String,
    pub product_id: String,
}

impl OpsPage {
    /// Samples for tests: empty, and filled.
    pub fn samples() -> Vec<Self> {
        let empty = Self {
            signed_in: None,
            entries: Vec::new(),
            model: "gemini-2.5-flash".into(),
            latency_ms: 0,
            confidence: 0,
            agents: Vec::new(),
            severities: Vec::new(),
            vectors: Vec::new(),
        };
        let row = |agent: &str, severity: &str, vector: &str| OpsRow {
            at: "2026-03-01T09:30:00.000Z".into(),
            agent: agent.into(),
            severity: severity.into(),
            vector: vector.into(),
            confidence: 70,
            latency_ms: 412,
            product_id: "e084595c97320cfcc85309943f345760".into(),
        };
        let filled = Self {
            signed_in: Some(SignedIn::sample()),
            entries: vec![
                row("threat_detector", "HIGH", "tag_cloning"),
                row("chain_analyzer", "MEDIUM", "<i>chain_gap</i>"),
            ],
            latency_ms: 412,
            confidence: 70,
            agents: vec![("chain_analyzer".into(), 1), ("threat_detector".into(), 1)],
            severities: vec![("HIGH".into(), 1), ("MEDIUM".into(), 1)],
            vectors: vec![("chain_gap".into(), 1), ("tag_cloning".into(), 1)],
            ..empty.clone()
        };
        vec![empty, filled]
    }

    /// The page.
    pub fn render(&self, site: &Site) -> Markup {
        let mut shell = Shell::new(
            "Operations log · GenuProof",
            "What the analyst judged, and how long it took.",
            Place::Dashboard,
        );
        shell.signed_in = self.signed_in.as_ref();
        let count = u64::try_from(self.entries.len()).unwrap_or_default();
        shell.render(site, &html! {
            div class="stack" {
                div class="title flush" { div {
                    h1 { "Operations log" }
                    p { "What the analyst made of alerts over the last seven days. Its model is " code { (self.model) } "; where that is not set up or does not answer, rules judge." }
                } }
                dl class="figures figure" {
                    div { dt { "operations" } dd { (words::grouped(count)) } }
                    div { dt { "ms on average" } dd { (words::grouped(self.latency_ms)) } }
                    div { dt { "% sure on average" } dd { (self.confidence) } }
                }
                @if self.entries.is_empty() {
                    div class="empty boxed" {
                        strong { "Nothing was judged yet" }
                        p { "An entry appears when scans or a gap in a history raise an alert." }
                    }
                } @else {
                    div class="wide-table" role="region" aria-label="Table of operations" tabindex="0" { table {
                        thead { tr {
                            th scope="col" { "When" } th scope="col" { "Agent" } th scope="col" { "Severity" } th scope="col" { "What" }
                            th scope="col" class="number" { "Sure, %" } th scope="col" class="number" { "ms" } th scope="col" { "Product" }
                        } }
                        tbody { @for row in &self.entries { tr {
                            td { (moment(&row.at)) }
                            td { (row.agent) }
                            td { (words::severity(&row.severity.to_lowercase())) }
                            td { (row.vector) }
                            td class="number" { (row.confidence) }
                            td class="number" { (words::grouped(row.latency_ms)) }
                            td { (product(&row.product_id)) }
                        } } }
                    } }
                    div class="two" {
                        (chart::shares("Agents", "Agent", &self.agents, ""))
                        (chart::shares("Severities", "Severity", &self.severities, ""))
                        (chart::shares("Attack vectors", "Attack vector", &self.vectors, ""))
                    }
                }
            }
        })
    }
}

impl AuditPage {
    /// Samples for tests: empty, and filled.
    pub fn samples() -> Vec<Self> {
        let empty = Self {
            signed_in: None,
            entries: Vec::new(),
        };
        let row = |kind: &str, action: &str, who: &str| AuditRow {
            at: "2026-03-01T09:30:00.000Z".into(),
            kind: kind.into(),
            action: action.into(),
            who: who.into(),
            product_id: "e084595c97320cfcc85309943f345760".into(),
        };
        let filled = Self {
            signed_in: Some(SignedIn::sample()),
            entries: vec![
                row("alert", "product_recall", "critical"),
                row("scan", "verification_scan", "Lyon, FR"),
                row("event", "shipped", "<b>FedEx</b> (FX-1)"),
            ],
        };
        vec![empty, filled]
    }

    /// The page.
    pub fn render(&self, site: &Site) -> Markup {
        let mut shell = Shell::new(
            "Audit · GenuProof",
            "What happened last to products.",
            Place::Dashboard,
        );
        shell.signed_in = self.signed_in.as_ref();
        shell.render(site, &html! {
            div class="stack" {
                div class="title flush" { div {
                    h1 { "Audit" }
                    p { (if self.signed_in.is_some() { "What happened last to your products: events, scans, alerts." }
                        else { "What happened last to products of all brands. Alerts are shown to their brand alone." }) }
                } }
                @if self.entries.is_empty() {
                    div class="empty boxed" { strong { "Nothing happened yet" } p { "Events and scans appear here within two seconds." } }
                } @else {
                    div class="wide-table" role="region" aria-label="Table of what happened" tabindex="0" { table {
                        thead { tr {
                            th scope="col" { "When" } th scope="col" { "Kind" } th scope="col" { "What" } th scope="col" { "Who or where" }
                            th scope="col" { "Product" }
                        } }
                        tbody { @for row in &self.entries { tr {
                            td { (moment(&row.at)) }
                            td { (words::titled(&row.kind)) }
                            td { (row.action.replace('_', " ")) }
                            td { (row.who) }
                            td { (product(&row.product_id)) }
                        } } }
                    } }
                }
            }
        })
    }
}

fn moment(text: &str) -> Markup {
    text.parse()
        .map_or_else(|_| html! { (text) }, words::minute)
}

fn product(id: &str) -> Markup {
    let short: String = id.chars().take(8).collect();
    html! { a class="mono" href=(link::product(id)) aria-label={ "Product " (id) } { (short) "…" } }
}
