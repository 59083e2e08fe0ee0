//! `--fix`: edits whose correctness shows at the site itself.
//!
//! Every edit is parsed again; one that makes a syntax error, or overlaps another, is dropped and said.

mod pages;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::finding::Finding;
use crate::lang::Lang;
use crate::lower;

/// A replacement of bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edit {
    /// First byte.
    pub start: usize,
    /// One past the last.
    pub end: usize,
    /// What stands there then.
    pub text: String,
}

/// What was done to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fixed {
    /// The file.
    pub file: String,
    /// Its text before.
    pub before: String,
    /// Its text after.
    pub after: String,
    /// The rules that were repaired.
    pub rules: Vec<&'static str>,
    /// What was dropped, and why.
    pub dropped: Vec<String>,
}

/// The edits of all findings that have one, by file.
pub fn fixes(findings: &[Finding], texts: &BTreeMap<String, String>) -> Vec<Fixed> {
    let mut by_file: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in findings.iter().filter(|f| f.suppressed.is_none()) {
        by_file
            .entry(finding.file.as_str())
            .or_default()
            .push(finding);
    }
    let mut out = Vec::new();
    for (file, findings) in by_file {
        let Some(before) = texts.get(file) else {
            continue;
        };
        let mut after = before.clone();
        let mut rules = Vec::new();
        let mut dropped = Vec::new();
        let mut taken: Vec<(usize, usize)> = Vec::new();
        // From the end, so that earlier places stay where they are.
        let mut sorted: Vec<(&Finding, Vec<Edit>)> = findings
            .into_iter()
            .map(|finding| (finding, edits(finding, before)))
            .filter(|(_, edits)| !edits.is_empty())
            .collect();
        sorted.sort_by_key(|(finding, edits)| {
            std::cmp::Reverse((edits.iter().map(|e| e.end).max(), finding.line))
        });
        for (finding, edits) in sorted {
            let overlaps = edits
                .iter()
                .any(|e| taken.iter().any(|t| overlap((e.start, e.end), *t)));
            if overlaps {
                dropped.push(format!(
                    "{file}:{} {}: it overlaps another edit",
                    finding.line, finding.rule
                ));
                continue;
            }
            let candidate = apply(&after, &edits, before.len(), &taken);
            match candidate {
                Some(text) if parses(file, before, &text) => {
                    taken.extend(edits.iter().map(|e| (e.start, e.end)));
                    after = text;
                    rules.push(finding.rule);
                }
                _ => dropped.push(format!(
                    "{file}:{} {}: the edit would not parse",
                    finding.line, finding.rule
                )),
            }
        }
        if after != *before || !dropped.is_empty() {
            rules.sort_unstable();
            rules.dedup();
            out.push(Fixed {
                file: file.to_owned(),
                before: before.clone(),
                after,
                rules,
                dropped,
            });
        }
    }
    out
}

/// Two insertions at one place stand beside each other.
fn overlap(a: (usize, usize), b: (usize, usize)) -> bool {
    let insertions = a.0 == a.1 && b.0 == b.1;
    !insertions && a.0 < b.1.max(b.0 + 1) && b.0 < a.1.max(a.0 + 1)
}

/// Applies edits given in places of the first text; those taken lie all behind.
fn apply(text: &str, edits: &[Edit], _len: usize, taken: &[(usize, usize)]) -> Option<String> {
    let first = edits.iter().map(|e| e.end).max()?;
    if taken.iter().any(|(start, _)| *start < first) {
        return None;
    }
    let mut out = text.to_owned();
    let mut sorted = edits.to_vec();
    sorted.sort_by_key(|e| std::cmp::Reverse(e.start));
    for edit in sorted {
        if !out.is_char_boundary(edit.start) || !out.is_char_boundary(edit.end) {
            return None;
        }
        out.replace_range(edit.start..edit.end, &edit.text);
    }
    Some(out)
}

/// No more syntax errors than before.
fn parses(file: &str, before: &str, after: &str) -> bool {
    let Some((lang, grammar)) = Lang::of_path(file) else {
        return false;
    };
    let errors = |text: &str| {
        lower::read(text, lang, grammar, Duration::from_secs(4))
            .map_or(usize::MAX, |facts| facts.errors.len())
    };
    errors(after) <= errors(before)
}

fn edits(finding: &Finding, text: &str) -> Vec<Edit> {
    match finding.rule {
        "ttl-not-epoch-seconds" => ttl_seconds(finding, text),
        "reserved-word" => reserved(finding, text),
        "missing-pitr" => terraform_block(
            finding,
            text,
            "point_in_time_recovery",
            "point_in_time_recovery {\n    enabled = true\n  }",
        )
        .or_else(|| {
            cloudformation(
                finding,
                text,
                "PointInTimeRecoverySpecification",
                &[
                    "PointInTimeRecoverySpecification:",
                    "  PointInTimeRecoveryEnabled: true",
                ],
            )
        })
        .or_else(|| {
            cdk(
                finding,
                text,
                "pointInTimeRecovery",
                "point_in_time_recovery",
            )
        })
        .unwrap_or_default(),
        "pagination-ignored" => pages::all_pages(finding, text),
        "missing-deletion-protection" => retained(finding, text)
            .or_else(|| {
                terraform_block(
                    finding,
                    text,
                    "deletion_protection_enabled",
                    "deletion_protection_enabled = true",
                )
            })
            .or_else(|| {
                cloudformation(
                    finding,
                    text,
                    "DeletionProtectionEnabled",
                    &["DeletionProtectionEnabled: true"],
                )
            })
            .or_else(|| cdk(finding, text, "deletionProtection", "deletion_protection"))
            .unwrap_or_default(),
        _ => Vec::new(),
    }
}

fn region<'t>(finding: &Finding, text: &'t str) -> Option<(usize, &'t str)> {
    let mut at = 0;
    let mut start = None;
    for (number, line) in (1u32..).zip(text.split_inclusive('\n')) {
        if number == finding.line {
            start = Some(at);
        }
        at += line.len();
        if number == finding.end_line {
            break;
        }
    }
    let start = start?;
    Some((start, &text[start..at]))
}

/// `Date.now() + …` in the TTL's own expression becomes seconds.
fn ttl_seconds(finding: &Finding, text: &str) -> Vec<Edit> {
    // The expression's place is the related location: its line holds the TTL.
    let Some(related) = finding.related.first().filter(|r| r.file == finding.file) else {
        return Vec::new();
    };
    let mut at = 0;
    for (number, line) in (1u32..).zip(text.split_inclusive('\n')) {
        if number == related.line {
            // One whole expression on one line: `Date.now() + n`.
            if let Some(found) = line.find("Date.now()") {
                let tail = &line[found..];
                let end = tail.find([',', ';', '}', '\n', '\r']).unwrap_or(tail.len());
                let expression = tail[..end].trim_end();
                if expression.matches('(').count() == expression.matches(')').count()
                    && !line[..found].contains("Math.floor")
                {
                    return vec![Edit {
                        start: at + found,
                        end: at + found + expression.len(),
                        text: format!("Math.floor(({expression}) / 1000)"),
                    }];
                }
            }
            return Vec::new();
        }
        at += line.len();
    }
    Vec::new()
}

/// A bare reserved word becomes a `#name`, and the name is supplied, in one literal request.
fn reserved(finding: &Finding, text: &str) -> Vec<Edit> {
    let Some((start, site)) = region(finding, text) else {
        return Vec::new();
    };
    let Some(word) = finding.message.split(' ').next() else {
        return Vec::new();
    };
    // Only where the placeholder map is a literal beside it.
    let Some(map) = site.find("ExpressionAttributeNames") else {
        return Vec::new();
    };
    let Some(open) = site[map..].find('{').map(|n| map + n + 1) else {
        return Vec::new();
    };
    let placeholder = format!("#{word}");
    if site.contains(&format!("{placeholder}\"")) || site.contains(&format!("{placeholder}'")) {
        return Vec::new();
    }
    let mut edits = Vec::new();
    for line in [
        "KeyConditionExpression",
        "FilterExpression",
        "UpdateExpression",
        "ConditionExpression",
        "ProjectionExpression",
    ] {
        let Some(at) = site.find(line) else { continue };
        let Some(quote_at) = site[at..].find(['\'', '"', '`']).map(|n| at + n) else {
            continue;
        };
        let quote = &site[quote_at..=quote_at];
        let Some(end) = site[quote_at + 1..].find(quote).map(|n| quote_at + 1 + n) else {
            continue;
        };
        let mut from = quote_at + 1;
        while let Some(found) = site[from..end].find(word).map(|n| from + n) {
            let before = site[..found].chars().next_back().unwrap_or(' ');
            let after = site[found + word.len()..].chars().next().unwrap_or(' ');
            let alone = |c: char| !(c.is_alphanumeric() || matches!(c, '_' | '#' | ':'));
            if alone(before) && alone(after) {
                edits.push(Edit {
                    start: start + found,
                    end: start + found + word.len(),
                    text: placeholder.clone(),
                });
            }
            from = found + word.len();
        }
    }
    if edits.is_empty() {
        return edits;
    }
    let quote = if site.contains('"') && !site.contains('\'') {
        '"'
    } else {
        '\''
    };
    edits.push(Edit {
        start: start + open,
        end: start + open,
        text: format!(" {quote}{placeholder}{quote}: {quote}{word}{quote},"),
    });
    edits
}

/// A setting at the end of a Terraform resource that does not have it.
fn terraform_block(finding: &Finding, text: &str, key: &str, setting: &str) -> Option<Vec<Edit>> {
    if !finding.file.ends_with(".tf") {
        return None;
    }
    let (start, site) = region(finding, text)?;
    if site.contains(key) || !site.trim_start().starts_with("resource") {
        return None;
    }
    let close = site.rfind('}')?;
    Some(vec![Edit {
        start: start + close,
        end: start + close,
        text: format!("\n  {setting}\n"),
    }])
}

/// A property after `Properties:` of a `CloudFormation` resource in YAML.
fn cloudformation(finding: &Finding, text: &str, key: &str, lines: &[&str]) -> Option<Vec<Edit>> {
    if !(finding.file.ends_with(".yml") || finding.file.ends_with(".yaml")) {
        return None;
    }
    let (start, site) = region(finding, text)?;
    if site.contains(key) {
        return None;
    }
    let mut at = 0;
    let mut indent = None;
    for line in site.split_inclusive('\n') {
        if let Some(_found) = indent {
            let own = line.len() - line.trim_start().len();
            if !line.trim().is_empty() {
                let pad = " ".repeat(own);
                let added = lines
                    .iter()
                    .fold(String::new(), |text, l| text + &pad + l + "\n");
                return Some(vec![Edit {
                    start: start + at,
                    end: start + at,
                    text: added,
                }]);
            }
        } else if line.trim_end().ends_with("Properties:") {
            indent = Some(line.len() - line.trim_start().len());
        }
        at += line.len();
    }
    None
}

/// What destroys the table with its stack keeps it.
fn retained(finding: &Finding, text: &str) -> Option<Vec<Edit>> {
    let (start, site) = region(finding, text)?;
    [
        ("RemovalPolicy.DESTROY", "RemovalPolicy.RETAIN"),
        ("RemovalPolicy_DESTROY", "RemovalPolicy_RETAIN"),
        ("DeletionPolicy: Delete", "DeletionPolicy: Retain"),
    ]
    .iter()
    .find_map(|(destroys, keeps)| {
        let at = site.find(destroys)?;
        Some(vec![Edit {
            start: start + at,
            end: start + at + destroys.len(),
            text: (*keeps).to_owned(),
        }])
    })
}

/// A property beside the partition key of a CDK table, in TypeScript and Python.
fn cdk(finding: &Finding, text: &str, camel: &str, snake: &str) -> Option<Vec<Edit>> {
    let (start, site) = region(finding, text)?;
    let (beside, setting) = match finding.file.rsplit('.').next()? {
        "ts" | "js" => ("partitionKey:", format!("{camel}: true,")),
        "py" => ("partition_key=", format!("{snake}=True,")),
        _ => return None,
    };
    if site.contains(camel) || site.contains(snake) {
        return None;
    }
    let at = site.find(beside)?;
    // On a line of its own where the key is.
    let line = site[..at].rfind('\n').map_or(0, |n| n + 1);
    let alone = site[line..at].trim().is_empty();
    let text = if alone {
        format!("{setting}\n{}", &site[line..at])
    } else {
        format!("{setting} ")
    };
    Some(vec![Edit {
        start: start + at,
        end: start + at,
        text,
    }])
}

/// A unified diff.
pub fn preview(fixed: &Fixed) -> String {
    similar::TextDiff::from_lines(&fixed.before, &fixed.after)
        .unified_diff()
        .context_radius(2)
        .header(&format!("a/{}", fixed.file), &format!("b/{}", fixed.file))
        .to_string()
}
