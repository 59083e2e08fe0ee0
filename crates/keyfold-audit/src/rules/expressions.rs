//! # `reserved-word`, `placeholder-mismatch`, `key-in-update`, `legacy-parameters`
//!
//! Certain at run time: a `ValidationException`, the first time this line runs.
//!
//! ```ts
//! UpdateExpression: 'SET status = :s'                                    // bad: status is reserved
//! UpdateExpression: 'SET #s = :s', ExpressionAttributeNames: { '#s': 'status' }   // good
//! ```
//! ```python
//! UpdateExpression="SET pk = :p"                                          # bad: a key cannot be changed
//! ```
//!
//! `placeholder-mismatch`: a `:value` or `#name` that is used and not supplied, or supplied and not used, in one literal
//! request. `legacy-parameters` (low): `KeyConditions`, `ScanFilter`, `AttributeUpdates`, `Expected`, `AttributesToGet`.
//!
//! **Stays silent**: expressions and placeholder maps that are not all known; `#` names. Path segments are checked one by
//! one.
//!
//! Source: Developer Guide, "Reserved words in DynamoDB" (573 words).

use super::evidence;
use super::{Context, Draft, Rule};
use crate::finding::Severity;
use crate::link::FileId;
use crate::link::eval::{Eval, Piece};
use crate::sites::{Named, Site};
use crate::surfaces::Api;

const PAGE: &str = include_str!("expressions.rs");

/// Fails for certain.
pub static RESERVED_WORD: Rule = Rule {
    id: "reserved-word",
    severity: Severity::High,
    effort: 10,
    title: "A reserved word in an expression",
    why: "The request is refused with a ValidationException.",
    fix: "Use a #name placeholder.",
    security: None,
    page: PAGE,
};
/// Fails for certain.
pub static PLACEHOLDER_MISMATCH: Rule = Rule {
    id: "placeholder-mismatch",
    severity: Severity::High,
    effort: 10,
    title: "Placeholders that do not match",
    why: "The request is refused with a ValidationException.",
    fix: "Supply exactly the placeholders that the expressions use.",
    security: None,
    page: PAGE,
};
/// Fails for certain.
pub static KEY_IN_UPDATE: Rule = Rule {
    id: "key-in-update",
    severity: Severity::High,
    effort: 10,
    title: "An update that sets a key",
    why: "A key attribute cannot be updated: a ValidationException.",
    fix: "Put a new item and delete the old one in a transaction.",
    security: None,
    page: PAGE,
};
/// Old parameters.
pub static LEGACY_PARAMETERS: Rule = Rule {
    id: "legacy-parameters",
    severity: Severity::Low,
    effort: 20,
    title: "Legacy parameters",
    why: "They cannot be combined with expressions and get nothing new.",
    fix: "Use expressions.",
    security: None,
    page: PAGE,
};

const EXPRESSIONS: [&str; 5] = [
    "KeyConditionExpression",
    "FilterExpression",
    "UpdateExpression",
    "ConditionExpression",
    "ProjectionExpression",
];

/// Words that are part of the grammar of expressions.
const GRAMMAR: [&str; 17] = [
    "SET",
    "REMOVE",
    "ADD",
    "DELETE",
    "AND",
    "OR",
    "NOT",
    "BETWEEN",
    "IN",
    "BEGINS_WITH",
    "CONTAINS",
    "SIZE",
    "ATTRIBUTE_EXISTS",
    "ATTRIBUTE_NOT_EXISTS",
    "ATTRIBUTE_TYPE",
    "LIST_APPEND",
    "IF_NOT_EXISTS",
];

/// The words that cannot stand in an expression by themselves.
const RESERVED: &str = include_str!("expressions/reserved.txt");

/// Whether an attribute's name is reserved.
pub fn is_reserved(word: &str) -> bool {
    let upper = word.to_ascii_uppercase();
    RESERVED
        .split_ascii_whitespace()
        .any(|reserved| reserved == upper)
}

/// Expressions of every call.
pub fn check(cx: &Context<'_>, eval: &Eval<'_>, file: FileId, out: &mut Vec<Draft>) {
    for site in cx.calls(file) {
        if site.api.is_mapper() {
            continue;
        }
        for name in EXPRESSIONS {
            let Some((pieces, at)) = evidence::expression(eval, site, name) else {
                continue;
            };
            if let Some(word) = bare_words(&pieces).into_iter().find(|w| is_reserved(w)) {
                let draft = Draft::at_site(
                    &RESERVED_WORD,
                    cx,
                    site,
                    format!("{word} in {name} is a reserved word"),
                );
                out.push(draft.related(cx.project, at, "written here"));
            }
        }
        placeholders(cx, eval, site, out);
        key_in_update(cx, eval, site, out);
        let old = [
            "KeyConditions",
            "ScanFilter",
            "QueryFilter",
            "AttributeUpdates",
            "Expected",
            "AttributesToGet",
        ];
        if let Some(name) = old.iter().find(|name| site.params.has(name)) {
            out.push(Draft::at_site(
                &LEGACY_PARAMETERS,
                cx,
                site,
                format!("{name} is a legacy parameter"),
            ));
        }
    }
}

/// Attribute names that stand in an expression by themselves; none when what stands beside a hole may be one.
fn bare_words(pieces: &[Piece]) -> Vec<String> {
    let text: String = pieces
        .iter()
        .map(|p| match p {
            Piece::Lit(t) => t.as_str(),
            Piece::Hole(..) => "\u{0}",
        })
        .collect();
    let mut out = Vec::new();
    let bytes: Vec<char> = text.chars().collect();
    let mut at = 0;
    while at < bytes.len() {
        let c = bytes[at];
        if !(c.is_alphanumeric() || matches!(c, '_' | '#' | ':' | '\u{0}' | '-')) {
            at += 1;
            continue;
        }
        let start = at;
        while at < bytes.len()
            && (bytes[at].is_alphanumeric() || matches!(bytes[at], '_' | '#' | ':' | '\u{0}' | '-'))
        {
            at += 1;
        }
        let word: String = bytes[start..at].iter().collect();
        // A function's name is followed by a bracket.
        let call = bytes[at..].iter().find(|c| !c.is_whitespace()) == Some(&'(');
        let grammar = GRAMMAR.contains(&word.to_ascii_uppercase().as_str());
        let index = start > 0 && bytes[start - 1] == '[';
        if word.contains(['#', ':', '\u{0}', '-'])
            || grammar
            || call
            || index
            || word.chars().all(|c| c.is_ascii_digit())
        {
            continue;
        }
        out.push(word);
    }
    out
}

/// Placeholders in a text: with their mark.
fn used(text: &str, mark: char) -> Vec<String> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(mark) {
        let tail = &rest[at + 1..];
        let end = tail
            .find(|c: char| !(c.is_alphanumeric() || c == '_'))
            .unwrap_or(tail.len());
        if end > 0 {
            out.push(format!("{mark}{}", &tail[..end]));
        }
        rest = &tail[end..];
    }
    out.sort();
    out.dedup();
    out
}

fn placeholders(cx: &Context<'_>, eval: &Eval<'_>, site: &Site, out: &mut Vec<Draft>) {
    let written = matches!(
        site.api,
        Api::AwsSdkJsV2 | Api::AwsSdkJsV3 | Api::Boto3 | Api::Aioboto3 | Api::AwsSdkRust
    ) || matches!(
        site.api,
        Api::AwsSdkJavaV1
            | Api::AwsSdkJavaV2
            | Api::AwsSdkKotlin
            | Api::AwsSdkGoV1
            | Api::AwsSdkGoV2
    );
    if site.params.open || !written {
        return;
    }
    let mut text = String::new();
    for name in EXPRESSIONS {
        if site.params.all(name).count() > 1 {
            return;
        }
        if let Some(at) = site.param(name) {
            let Some((pieces, _)) = evidence::expression(eval, site, name) else {
                let _ = at;
                return;
            };
            if pieces.iter().any(|p| matches!(p, Piece::Hole(..))) {
                return;
            }
            text.push_str(&evidence::shown(&pieces));
            text.push(' ');
        }
    }
    if text.is_empty() {
        return;
    }
    for (field, mark) in [
        ("ExpressionAttributeValues", ':'),
        ("ExpressionAttributeNames", '#'),
    ] {
        if site.params.all(field).count() > 1 && site.api != Api::AwsSdkRust {
            return;
        }
        let supplied: Option<Vec<String>> = if mark == ':' {
            evidence::attribute_values(eval, site)
                .map(|v| v.into_iter().map(|(n, _)| n.to_string()).collect())
        } else if site.params.has(field) {
            names_only(eval, site)
        } else {
            Some(Vec::new())
        };
        let Some(supplied) = supplied else { continue };
        if supplied.is_empty() && site.params.has(field) {
            continue;
        }
        let used = used(&text, mark);
        if let Some(missing) = used.iter().find(|u| !supplied.contains(u)) {
            out.push(Draft::at_site(
                &PLACEHOLDER_MISMATCH,
                cx,
                site,
                format!("{missing} is used and not in {field}"),
            ));
        } else if let Some(extra) = supplied.iter().find(|s| !used.contains(s)) {
            out.push(Draft::at_site(
                &PLACEHOLDER_MISMATCH,
                cx,
                site,
                format!("{extra} is in {field} and not used"),
            ));
        }
    }
}

/// The placeholders of names, whatever the names are.
fn names_only(eval: &Eval<'_>, site: &Site) -> Option<Vec<String>> {
    evidence::attribute_names(eval, site)
        .map(|v| v.into_iter().map(|(n, _)| n.to_string()).collect())
}

fn key_in_update(cx: &Context<'_>, eval: &Eval<'_>, site: &Site, out: &mut Vec<Draft>) {
    let Some((pieces, _)) = evidence::expression(eval, site, "UpdateExpression") else {
        return;
    };
    let text = evidence::shown(&pieces);
    if site.params.literal.is_none() && !site.params.has("Key") {
        return;
    }
    // The keys of this request's own `Key`, when all of them are seen.
    let mut keys: Vec<String> = evidence::key_parts(eval, site)
        .into_iter()
        .filter(|p| !p.in_condition)
        .map(|p| p.attribute.to_string())
        .collect();
    if let Named::Name(name) = &site.table {
        for table in cx
            .infra
            .tables
            .iter()
            .filter(|t| t.name.as_ref() == Some(name))
        {
            keys.extend(table.pk.clone());
            keys.extend(table.sk.clone());
        }
    }
    let names = evidence::attribute_names(eval, site).unwrap_or_default();
    let set_part = text.split("REMOVE").next().unwrap_or(&text).trim_start();
    let Some(set_part) = set_part
        .strip_prefix("SET ")
        .or_else(|| set_part.strip_prefix("set "))
    else {
        return;
    };
    for clause in evidence::clauses(set_part) {
        let name = names
            .iter()
            .find(|(p, _)| *p == clause.attribute)
            .map_or(clause.attribute.clone(), |(_, n)| n.to_string());
        if keys.contains(&name) {
            out.push(Draft::at_site(
                &KEY_IN_UPDATE,
                cx,
                site,
                format!("{name} is a key and cannot be updated"),
            ));
            return;
        }
    }
}
