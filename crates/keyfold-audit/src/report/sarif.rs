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

/// Code scanning takes so many bytes, gzipped.
const GZIPPED_MAX: usize = 10 << 20;

/// The log. With `inventory`, calls are results too. What does not fit is cut by severity, and said.
pub fn render(report: &Report, inventory: bool) -> String {
    let mut most = RESULTS_MAX;
    loop {
        let text = with(report, inventory, most);
        // Only what is larger than the limit unpacked can be larger packed.
        if text.len() <= GZIPPED_MAX || most < 100 {
            return text;
        }
        let packed = gzipped(&text);
        if packed <= GZIPPED_MAX {
            return text;
        }
        let results = report.findings.len().min(most);
        most = fitting(results, packed);
    }
}

/// So many results as fit, with a tenth to spare.
fn fitting(results: usize, packed: usize) -> usize {
    results.saturating_mul(GZIPPED_MAX / 1024) / (packed / 1024).max(1) * 9 / 10
}

fn gzipped(text: &str) -> usize {
    use std::io::Write as _;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    // Writing into memory does not fail; if it did, the text's own length is the safe answer.
    let written = encoder
        .write_all(text.as_bytes())
        .and_then(|()| encoder.finish());
    written.map_or(text.len(), |bytes| bytes.len())
}

fn with(report: &Report, inventory: bool, most: usize) -> String {
    let mut rules: Vec<Value> = RULES.iter().map(|rule| descriptor(rule)).collect();
    // Findings are sorted by severity: what exceeds is the least.
    let mut results: Vec<Value> = report.findings.iter().take(most).map(result).collect();
    let cut = report.findings.len().saturating_sub(most);
    if inventory {
        let index = rules.len();
        rules.push(json!({ "id": "sdk-call", "shortDescription": { "text": "A call of DynamoDB" }, "defaultConfiguration": { "level": "none" } }));
        for call in report
            .inventory
            .calls
            .iter()
            .take(most.saturating_sub(results.len()))
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
        notifications.push(json!({ "level": "warning", "message": { "text": format!("{cut} results of the lowest severity were cut: a run holds {RESULTS_MAX}, and 10 MB gzipped") } }));
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
