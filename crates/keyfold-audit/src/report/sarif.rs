//! SARIF 2.1.0, for code scanning.

use serde_json::{Value, json};

use super::Report;
use crate::finding::{Confidence, Finding, Severity, State};
use crate::rules::{RULES, Rule, page};

/// Code scanning takes so many results a run.
const RESULTS_MAX: usize = 25_000;

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

fn precision(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::High => "very-high",
        Confidence::Medium => "high",
        Confidence::Low => "medium",
    }
}

/// The log. With `inventory`, calls are results too.
pub fn render(report: &Report, inventory: bool) -> String {
    let mut rules: Vec<Value> = RULES.iter().map(|rule| descriptor(rule)).collect();
    // Findings are sorted by severity: what exceeds is the least.
    let mut results: Vec<Value> = report
        .findings
        .iter()
        .take(RESULTS_MAX)
        .map(result)
        .collect();
    let cut = report.findings.len().saturating_sub(RESULTS_MAX);
    if inventory {
        let index = rules.len();
        rules.push(json!({ "id": "sdk-call", "shortDescription": { "text": "A call of DynamoDB" }, "defaultConfiguration": { "level": "none" } }));
        for call in report
            .inventory
            .calls
            .iter()
            .take(RESULTS_MAX - results.len())
        {
            results.push(json!({
                "ruleId": "sdk-call", "ruleIndex": index, "kind": "informational", "level": "none",
                "message": { "text": format!("{} ({})", call.op, call.api) },
                "locations": [{ "physicalLocation": location(&call.file, call.line, None, call.end_line, None) }],
                "properties": { "op": call.op, "api": call.api, "layer": call.layer },
            }));
        }
    }
    let mut notifications: Vec<Value> = report
        .summary
        .unparsed
        .iter()
        .map(|unparsed| {
            json!({
                "level": "warning",
                "message": { "text": format!("not read: {}", unparsed.reason) },
                "locations": [{ "physicalLocation": { "artifactLocation": { "uri": uri(&unparsed.file), "uriBaseId": "SRCROOT" } } }],
            })
        })
        .collect();
    if cut > 0 {
        notifications.push(json!({ "level": "warning", "message": { "text": format!("{cut} results of the lowest severity were cut: a run holds {RESULTS_MAX}") } }));
    }
    let mut run = json!({
        "tool": { "driver": {
            "name": "keyfold audit",
            "informationUri": "https://github.com/keyfold/keyfold",
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "rules": rules,
        } },
        "columnKind": "utf16CodeUnits",
        "originalUriBaseIds": { "SRCROOT": { "description": { "text": "The root of the audited project" } } },
        "automationDetails": { "id": "keyfold-audit/" },
        "invocations": [{ "executionSuccessful": true, "toolExecutionNotifications": notifications }],
        "results": results,
    });
    if let (Some(revision), Some(run)) = (&report.project.revision, run.as_object_mut()) {
        run.insert("properties".to_owned(), json!({ "revision": revision }));
    }
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    });
    let mut text = serde_json::to_string_pretty(&log).unwrap_or_default();
    text.push('\n');
    text
}

fn descriptor(rule: &Rule) -> Value {
    let page = page(rule.page);
    let mut tags = vec!["dynamodb"];
    let mut properties = json!({ "precision": "high" });
    if let (Some(score), Some(map)) = (rule.security, properties.as_object_mut()) {
        tags.push("security");
        map.insert("security-severity".to_owned(), json!(score));
    }
    if let Some(map) = properties.as_object_mut() {
        map.insert("tags".to_owned(), json!(tags));
    }
    json!({
        "id": rule.id,
        "name": pascal(rule.id),
        "shortDescription": { "text": rule.title },
        "fullDescription": { "text": format!("{} {}", rule.why, rule.fix) },
        "help": { "text": format!("{} {}", rule.why, rule.fix), "markdown": page },
        "defaultConfiguration": { "level": level(rule.severity) },
        "properties": properties,
    })
}

fn pascal(id: &str) -> String {
    id.split('-')
        .map(|word| {
            let mut chars = word.chars();
            chars
                .next()
                .map(|c| c.to_uppercase().collect::<String>() + chars.as_str())
                .unwrap_or_default()
        })
        .collect()
}

/// A path as a URI: percent-encoded.
pub fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                out.push(char::from(byte));
            }
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

fn location(
    file: &str,
    line: u32,
    column: Option<u32>,
    end_line: u32,
    end_column: Option<u32>,
) -> Value {
    let mut region = json!({ "startLine": line.max(1), "endLine": end_line.max(line).max(1) });
    if let Some(map) = region.as_object_mut() {
        if let Some(column) = column {
            map.insert("startColumn".to_owned(), json!(column.max(1)));
        }
        if let Some(end) = end_column {
            map.insert("endColumn".to_owned(), json!(end.max(1)));
        }
    }
    json!({ "artifactLocation": { "uri": uri(file), "uriBaseId": "SRCROOT" }, "region": region })
}

fn result(finding: &Finding) -> Value {
    let index = RULES
        .iter()
        .position(|rule| rule.id == finding.rule)
        .unwrap_or(0);
    let related: Vec<Value> = finding
        .related
        .iter()
        .map(|related| {
            json!({
                "physicalLocation": location(&related.file, related.line, None, related.line, None),
                "message": { "text": related.message },
            })
        })
        .collect();
    let mut properties = json!({ "confidence": finding.confidence.name(), "precision": precision(finding.confidence), "effort_minutes": finding.effort_minutes });
    if let Some(map) = properties.as_object_mut() {
        if let Some(cost) = &finding.cost {
            map.insert("monthly_usd".to_owned(), json!(cost.monthly_usd));
        }
        if let Some(op) = finding.op {
            map.insert("op".to_owned(), json!(op));
        }
    }
    let mut value = json!({
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": level(finding.severity),
        "message": { "text": format!("{}. {}", finding.message, finding.fix) },
        "locations": [{ "physicalLocation": location(&finding.file, finding.line, Some(finding.column), finding.end_line, Some(finding.end_column)) }],
        "partialFingerprints": { "keyfold/v1": finding.fingerprint, "primaryLocationLineHash": format!("{}:1", &finding.fingerprint[..finding.fingerprint.len().min(16)]) },
        "baselineState": match finding.state { State::New => "new", State::Known => "unchanged" },
        "properties": properties,
    });
    if let Some(map) = value.as_object_mut() {
        if !related.is_empty() {
            map.insert("relatedLocations".to_owned(), json!(related));
            // Where evidence was followed through other places, they are the flow.
            let flow: Vec<Value> = finding
                .related
                .iter()
                .map(|r| json!({ "location": { "physicalLocation": location(&r.file, r.line, None, r.line, None), "message": { "text": r.message } } }))
                .chain(std::iter::once(json!({ "location": { "physicalLocation": location(&finding.file, finding.line, Some(finding.column), finding.end_line, None), "message": { "text": finding.message } } })))
                .collect();
            map.insert(
                "codeFlows".to_owned(),
                json!([{ "threadFlows": [{ "locations": flow }] }]),
            );
        }
        if let Some(suppressed) = &finding.suppressed {
            map.insert(
                "suppressions".to_owned(),
                json!([{ "kind": suppressed.kind, "justification": suppressed.reason }]),
            );
        }
    }
    value
}
