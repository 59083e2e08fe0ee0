//! One self-contained page: no network, filters by rule, severity and path.

use std::collections::BTreeMap;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::text::{figures, headline, money, row_money, rows};
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
                    p { (title) }
                    (totals(report))
                }
                main {
                    section aria-label="Totals by rule" {
                        h2 { "By rule" }
                        div.scroll { table {
                            thead { tr { th { "rule" } th.n { "found" } th.n { "new" } th.n { "known" } th.n { "a month (USD)" } th.n { "hours" } } }
                            tbody {
                                @for row in &rules {
                                    tr {
                                        td { span class={ "dot " (row.severity.name()) } {} " " code { (row.rule) } }
                                        td.n { (row.found) } td.n { (row.new) } td.n { (row.known) }
                                        td.n { (row_money(row)) }
                                        td.n { (format!("{:.1}", f64::from(row.minutes) / 60.0)) }
                                    }
                                }
                            }
                        } }
                    }
                    (grid(report))
                    section aria-label="Findings" {
                        h2 { "Findings" }
                        form id="filters" {
                            label { "Rule " select id="rule" { option value="" { "all" } @for row in &rules { option { (row.rule) } } } }
                            label { "Severity " select id="severity" { option value="" { "all" } @for s in crate::finding::Severity::ALL { option { (s.name()) } } } }
                            label { "Path " input id="path" type="search" placeholder="src/"; }
                            label { "State " select id="state" { option value="" { "all" } option { "new" } option { "known" } option { "suppressed" } } }
                            output id="count" {}
                        }
                        @for finding in &report.findings { (one(report, finding)) }
                    }
                }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    }
    .into_string()
}

fn totals(report: &Report) -> Markup {
    let s = &report.summary;
    html! {
        dl.totals {
            div { dt { "new" } dd { (s.new) } }
            div { dt { "known" } dd { (s.known) } }
            div { dt { "suppressed" } dd { (s.suppressed) } }
            div { dt { "hours to repair" } dd { (format!("{:.1}", s.effort_hours)) } }
            div { dt { "USD a month" @if s.monthly_assumed { " (assumed)" } } dd { (figures(s.monthly_usd)) } }
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
        section aria-label="Tables by rules" {
            h2 { "Tables × rules" }
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
        article.finding data-rule=(finding.rule) data-severity=(finding.severity.name()) data-path=(finding.file) data-state=(state) {
            h3 { span class={ "dot " (finding.severity.name()) } {} " " code { (finding.rule) } " " span.where { (finding.file) ":" (finding.line) } }
            p { (finding.message) @if finding.confidence != crate::finding::Confidence::High { " (" (finding.confidence.name()) " confidence)" } }
            @if let Some((line, marks)) = report.texts.get(&finding.file).and_then(|text| excerpt::excerpt(text, finding)) {
                pre { (line) "\n" span.marks { (marks) } }
            }
            @for related in &finding.related { p.related { (related.file) ":" (related.line) " " (related.message) } }
            p { b { "Why " } (finding.why) }
            p { b { "Instead " } (finding.fix) }
            @if let Some(cost) = &finding.cost { p { b { "Cost " } (money(cost)) " a month: " (cost.formula) } }
            @if let Some(suggestion) = &finding.suggestion { pre { (suggestion) } }
            @if let Some(suppressed) = &finding.suppressed { p { b { "Suppressed " } (suppressed.reason) } }
            p.small { (state) " · " (finding.severity.name()) " · " (finding.effort_minutes) " min" @if let Some(function) = &finding.function { " · " (function) } }
        }
    }
}
