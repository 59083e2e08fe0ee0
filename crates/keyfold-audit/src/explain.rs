//! `--explain` and `--rules`.

use serde_json::json;

use crate::cases;
use crate::report::Report;
use crate::rules::{self, RULES, Rule};

/// A rule's page, with the figures of this project where it has findings.
pub fn explain(rule: &Rule, report: Option<&Report>) -> String {
    let mut out = format!(
        "{} · {} · {} min\n{}\n\n{}\n",
        rule.id,
        rule.severity.name(),
        rule.effort,
        rule.title,
        rules::page(rule.page)
    );
    out.push_str(&examples(rule.id));
    out.push_str(&format!(
        "\nTo accept one, with its reason:\n\n    keyfold: allow({}) reason=\"…\"\n",
        rule.id
    ));
    if let Some(report) = report {
        let found: Vec<_> = report.counted().filter(|f| f.rule == rule.id).collect();
        if !found.is_empty() {
            out.push_str(&format!("\nIn this project: {}\n", found.len()));
            for finding in found.iter().take(5) {
                out.push_str(&format!(
                    "  {}:{} {}\n",
                    finding.file, finding.line, finding.message
                ));
                if let Some(cost) = &finding.cost {
                    out.push_str(&format!(
                        "    {} a month: {}\n",
                        crate::report::text::money(cost),
                        cost.formula
                    ));
                    for (name, value) in &cost.inputs {
                        out.push_str(&format!("    {name}: {value}\n"));
                    }
                }
            }
        }
    }
    out
}

/// One case that is found and one that is not, for every language that has them.
fn examples(rule: &str) -> String {
    let cases = cases::of(rule);
    let mut out = String::new();
    for surface in cases::SURFACES {
        for (fires, word) in [(true, "bad"), (false, "good")] {
            let Some(case) = cases
                .iter()
                .find(|case| case.surface == surface && case.fires == fires)
            else {
                continue;
            };
            out.push_str(&format!("\n{surface}, {word}:\n"));
            for file in &case.files {
                out.push_str(&format!("\n    {}\n", file.path));
                for line in file.text.lines() {
                    let text = cases::unmarked(line);
                    let mark = if cases::is_marked(line) { '>' } else { ' ' };
                    out.push_str(format!("  {mark}   {text}").trim_end());
                    out.push('\n');
                }
            }
        }
    }
    out
}

/// All rules, with severity.
pub fn list() -> String {
    let mut out = String::new();
    for rule in RULES {
        out.push_str(&format!(
            "{:<36} {:<9} {:>5} min  {}\n",
            rule.id,
            rule.severity.name(),
            rule.effort,
            rule.title
        ));
    }
    out.push_str(
        "\nLanguages: TypeScript, JavaScript, Python, Rust, Java, Kotlin, Go; Terraform, CloudFormation, SAM, Serverless, CDK.\n\
         Not read: script blocks of Vue, Svelte and Astro; Jupyter notebooks.\n",
    );
    out
}

/// All rules as JSON.
pub fn list_json() -> String {
    let rules: Vec<_> = RULES
        .iter()
        .map(|rule| {
            json!({
                "id": rule.id, "severity": rule.severity.name(), "effort_minutes": rule.effort, "title": rule.title,
                "why": rule.why, "fix": rule.fix, "security": rule.security.is_some(),
            })
        })
        .collect();
    let mut text =
        serde_json::to_string_pretty(&json!({ "schema": "keyfold.audit-rules/1", "rules": rules }))
            .unwrap_or_default();
    text.push('\n');
    text
}
