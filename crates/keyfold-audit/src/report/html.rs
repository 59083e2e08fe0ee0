//! One self-contained page: no network, filters by rule, severity, state, owner and path.

use std::collections::BTreeMap;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::decide::months;
use super::text::{figures, headline, money, of_fingerprint, row_money, rows};
use super::{Report, excerpt};
use crate::finding::{Finding, State};

const STYLE: &str = include_str!("html/page.css");
const SCRIPT: &str = include_str!("html/page.js");

/// The page.
pub fn render(report: &Report) -> String {
    let title = headline(report);
    let rules = rows(report);
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "DynamoDB audit" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 { "DynamoDB audit" }
                    p.muted { (title.trim_start_matches("DynamoDB audit: ")) @if let Some(revision) = &report.project.revision { " · revision " code { (revision.get(..12).unwrap_or(revision)) } } }
                    (totals(report))
                }
                main {
                    (tops(report))
                    (decisions(report))
                    (by_rule(&rules))
                    (whose(report))
                    (grid(report))
                    section aria-labelledby="findings" {
                        h2 id="findings" { "Findings" }
                        form id="filters" {
                            label { span { "Rule" } select id="rule" { option value="" { "all" } @for row in &rules { option { (row.rule) } } } }
                            label { span { "Severity" } select id="severity" { option value="" { "all" } @for s in crate::finding::Severity::ALL { option { (s.name()) } } } }
                            label { span { "State" } select id="state" { option value="" { "all" } option { "new" } option { "known" } option { "suppressed" } } }
                            @if !report.owners.is_empty() {
                                label { span { "Owner" } select id="owner" { option value="" { "all" } @for owner in report.decisions.by_owner.keys() { option { (owner) } } } }
                            }
                            label { span { "Path" } input id="path" type="search" placeholder="src/"; }
                            output id="count" aria-live="polite" {}
                        }
                        @for finding in &report.findings { (one(report, finding)) }
                        @if report.findings.is_empty() { p { "Nothing was found." } }
                    }
                }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    }
    .into_string()
}

fn badge(severity: crate::finding::Severity) -> Markup {
    html! { span class={ "badge " (severity.name()) } { (severity.name()) } }
}

fn by_rule(rows: &[super::text::Row<'_>]) -> Markup {
    html! {
        section aria-labelledby="by-rule" {
            h2 id="by-rule" { "By rule" }
            div.scroll { table {
                thead { tr { th { "severity" } th { "rule" } th.n { "found" } th.n { "new" } th.n { "known" } th.n { "a month, USD" } th.n { "hours" } } }
                tbody {
                    @for row in rows {
                        tr {
                            td { (badge(row.severity)) }
                            td { code { (row.rule) } }
                            td.n { (row.found) } td.n { (row.new) } td.n { (row.known) }
                            td.n { (row_money(row)) }
                            td.n { (format!("{:.1}", f64::from(row.minutes) / 60.0)) }
                        }
                    }
                }
            } }
        }
    }
}

fn totals(report: &Report) -> Markup {
    let s = &report.summary;
    html! {
        dl.totals {
            div { dt { "new" } dd { (s.new) } }
            div { dt { "known" } dd { (s.known) } }
            div { dt { "suppressed" } dd { (s.suppressed) } }
            div { dt { "hours to repair, once" } dd { (format!("{:.1}", s.effort_hours)) } }
            div { dt { "USD to repair, once" } dd { (keyfold_cost::count((s.effort_hours * s.hourly_rate).round())) } }
            div { dt { "USD a month while it stays" @if s.monthly_assumed { " (assumed inputs)" } } dd { (figures(s.monthly_usd)) } }
        }
        @if let Some((date, first)) = report.decisions.trend.first() {
            p.muted { "Trend: " (first) " on " (date) ", " (report.counted().count()) " now." }
        }
    }
}

/// What staying costs against each way out.
fn decisions(report: &Report) -> Markup {
    let families = &report.decisions.families;
    if families.is_empty() {
        return html! {};
    }
    html! {
        section aria-labelledby="decide" {
            h2 id="decide" { "To decide" }
            div.scroll { table {
                thead { tr { th { "about" } th { "way" } th.n { "a month, USD" } th.n { "hours, once" } th { "repaid after" } } }
                tbody {
                    @for decision in families {
                        @for (at, way) in decision.ways.iter().enumerate() {
                            tr class=(if at == 0 { "first" } else { "" }) {
                                td { @if at == 0 { b { (decision.family) } span.muted { " " (decision.found) " found, " (decision.basis.name()) } } }
                                td { (way.what) }
                                td.n { @match way.monthly_usd { Some(usd) => (figures(usd)), None => span.muted { "not priced" } } }
                                td.n { @match way.hours { Some(h) => (format!("{h:.0}")), None => "–" } }
                                td { @if at == 1 { @if let Some(n) = decision.repaid_after_months { (months(n)) } } }
                            }
                        }
                    }
                }
            } }
        }
    }
}

fn tops(report: &Report) -> Markup {
    let d = &report.decisions;
    let list = |title: &str, id: &str, fingerprints: &[String]| {
        html! {
            @if !fingerprints.is_empty() {
                section aria-labelledby=(id) {
                    h2 id=(id) { (title) }
                    ol {
                        @for finding in fingerprints.iter().filter_map(|f| of_fingerprint(report, f)) {
                            li {
                                (badge(finding.severity)) " "
                                a href={ "#" (finding.fingerprint) } { code { (finding.rule) } }
                                " " span.where { (finding.file) ":" (finding.line) }
                                @if let Some(cost) = &finding.cost { " " span.muted { (money(cost)) } }
                            }
                        }
                    }
                }
            }
        }
    };
    html! {
        div.pair {
            (list("Most money", "most-money", &d.top_money))
            (list("Most risk", "most-risk", &d.top_risk))
        }
    }
}

/// Bypasses by folder and owner.
fn whose(report: &Report) -> Markup {
    let d = &report.decisions;
    if d.bypasses.is_empty() && d.by_owner.is_empty() {
        return html! {};
    }
    html! {
        div.pair {
            @if !d.bypasses.is_empty() {
                section aria-labelledby="bypasses" {
                    h2 id="bypasses" { "Bypasses of the layer" }
                    div.scroll { table {
                        thead { tr { th { "folder" } th { "owner" } th.n { "found" } } }
                        tbody { @for b in &d.bypasses { tr { td { code { (b.folder) } } td { (b.owner.as_deref().unwrap_or("–")) } td.n { (b.found) } } } }
                    } }
                }
            }
            @if !d.by_owner.is_empty() {
                section aria-labelledby="owners" {
                    h2 id="owners" { "By owner" }
                    div.scroll { table {
                        thead { tr { th { "owner" } th.n { "found" } } }
                        tbody { @for (owner, n) in &d.by_owner { tr { td { (owner) } td.n { (n) } } } }
                    } }
                }
            }
        }
    }
}

/// Tables × rules.
fn grid(report: &Report) -> Markup {
    let mut cells: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
    for finding in report.counted() {
        if let Some(table) = &finding.table {
            *cells
                .entry(table.as_str())
                .or_default()
                .entry(finding.rule)
                .or_default() += 1;
        }
    }
    if cells.is_empty() {
        return html! {};
    }
    let mut rules: Vec<&str> = cells.values().flat_map(|row| row.keys().copied()).collect();
    rules.sort_unstable();
    rules.dedup();
    html! {
        section aria-labelledby="grid" {
            h2 id="grid" { "Tables × rules" }
            div.scroll { table {
                thead { tr { th { "table" } @for rule in &rules { th.n { (rule) } } } }
                tbody { @for (table, row) in &cells { tr { td { code { (table) } } @for rule in &rules { td.n { @if let Some(n) = row.get(rule) { (n) } } } } } }
            } }
        }
    }
}

fn one(report: &Report, finding: &Finding) -> Markup {
    let state = match (&finding.suppressed, finding.state) {
        (Some(_), _) => "suppressed",
        (None, State::New) => "new",
        (None, State::Known) => "known",
    };
    html! {
        article.finding id=(finding.fingerprint) data-rule=(finding.rule) data-severity=(finding.severity.name()) data-path=(finding.file) data-state=(state)
            data-owner=(report.owners.of(&finding.file).unwrap_or("nobody")) {
            h3 { (badge(finding.severity)) " " code { (finding.rule) } " " span.where { (finding.file) ":" (finding.line) } }
            p.message { (finding.message) @if finding.confidence != crate::finding::Confidence::High { span.muted { " (" (finding.confidence.name()) " confidence)" } } }
            @if let Some((line, marks)) = report.texts.get(&finding.file).and_then(|text| excerpt::excerpt(text, finding)) {
                pre { (line) "\n" span.marks { (marks) } }
            }
            @for related in &finding.related { p.related { (related.file) ":" (related.line) " " (related.message) } }
            dl {
                div { dt { "Why" } dd { (finding.why) } }
                div { dt { "Instead" } dd { (finding.fix) } }
                @if let Some(cost) = &finding.cost { div { dt { "Cost" } dd { (money(cost)) " a month: " (cost.formula) } } }
                @if let Some(suppressed) = &finding.suppressed { div { dt { "Suppressed" } dd { (suppressed.reason) } } }
            }
            @if let Some(suggestion) = &finding.suggestion { details { summary { "Suggestion" } pre { (suggestion) } } }
            p.muted { (state) " · " (finding.effort_minutes) " min" @if let Some(function) = &finding.function { " · " code { (function) } } @if let Some(table) = &finding.table { " · " code { (table) } } }
        }
    }
}
