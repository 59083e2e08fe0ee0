//! What was there before: a sorted file of fingerprints that only gets shorter.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::finding::{Finding, State};

/// The form this program writes and reads.
const SCHEMA: &str = "keyfold.audit-baseline/1";

/// Why a baseline cannot be used or written.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    /// It cannot be read or written.
    #[error("baseline {path}: {reason}")]
    Unusable {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
    /// It would grow.
    #[error(
        "the baseline only shrinks; {count} new findings would be added:\n{list}\nhint: repair them, or give a reason with --baseline-accept \"…\""
    )]
    Grows {
        /// How many.
        count: usize,
        /// Which.
        list: String,
    },
}

/// A known finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its fingerprint.
    pub fingerprint: String,
    /// The fingerprint without the path.
    pub content: String,
    /// The rule, for the reader.
    pub rule: String,
    /// The file, for the reader.
    pub file: String,
    /// The function, for the reader.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub function: Option<String>,
}

/// A time it was allowed to grow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    /// When: a date.
    pub date: String,
    /// Why.
    pub reason: String,
    /// How many were added.
    pub added: usize,
}

/// The file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Baseline {
    /// Its form.
    pub schema: String,
    /// Counts per rule.
    pub counts: BTreeMap<String, usize>,
    /// When it was allowed to grow, and why.
    #[serde(default)]
    pub accepted: Vec<Accepted>,
    /// Number of findings after each write: the trend.
    #[serde(default)]
    pub history: Vec<(String, usize)>,
    /// What is known, by rule, file and fingerprint.
    pub findings: Vec<Entry>,
}

impl Baseline {
    /// An empty one.
    pub fn empty() -> Baseline {
        Baseline {
            schema: SCHEMA.to_owned(),
            counts: BTreeMap::new(),
            accepted: Vec::new(),
            history: Vec::new(),
            findings: Vec::new(),
        }
    }

    /// Reads a file.
    pub fn read(path: &Path) -> Result<Baseline, BaselineError> {
        let unusable = |reason: String| BaselineError::Unusable {
            path: path.display().to_string(),
            reason,
        };
        let text = std::fs::read_to_string(path).map_err(|error| unusable(error.to_string()))?;
        let value: serde_json::Value =
            serde_json::from_str(&text).map_err(|error| unusable(error.to_string()))?;
        match value.get("schema").and_then(serde_json::Value::as_str) {
            Some(SCHEMA) => {
                serde_json::from_value(value).map_err(|error| unusable(error.to_string()))
            }
            Some(other) if other.starts_with("keyfold.audit-baseline/") => Err(unusable(format!(
                "it was written by a newer version ({other}); this one reads {SCHEMA}"
            ))),
            _ => Err(unusable(format!(
                "it is no baseline: \"schema\" is not {SCHEMA}"
            ))),
        }
    }

    /// Writes the file: beside, then renamed.
    pub fn write(&self, path: &Path) -> Result<(), BaselineError> {
        let unusable = |reason: String| BaselineError::Unusable {
            path: path.display().to_string(),
            reason,
        };
        let mut text =
            serde_json::to_string_pretty(self).map_err(|error| unusable(error.to_string()))?;
        text.push('\n');
        let beside = path.with_extension("json.tmp");
        std::fs::write(&beside, text)
            .and_then(|()| std::fs::rename(&beside, path))
            .map_err(|error| unusable(error.to_string()))
    }

    /// Marks what is known. `contents` gives a finding's fingerprint without its path; `exists` tells whether
    /// a file is still there, so that only a renamed one is followed.
    pub fn mark(
        &self,
        findings: &mut [Finding],
        contents: &[String],
        exists: &dyn Fn(&str) -> bool,
    ) {
        let mut known: BTreeMap<&str, usize> = BTreeMap::new();
        for entry in &self.findings {
            *known.entry(entry.fingerprint.as_str()).or_default() += 1;
        }
        let mut moved: BTreeMap<&str, usize> = BTreeMap::new();
        for entry in self.findings.iter().filter(|entry| !exists(&entry.file)) {
            *moved.entry(entry.content.as_str()).or_default() += 1;
        }
        for (finding, content) in findings.iter_mut().zip(contents) {
            if let Some(left) = known
                .get_mut(finding.fingerprint.as_str())
                .filter(|n| **n > 0)
            {
                *left -= 1;
                finding.state = State::Known;
            } else if let Some(left) = moved.get_mut(content.as_str()).filter(|n| **n > 0) {
                *left -= 1;
                finding.state = State::Known;
            }
        }
    }

    /// The baseline after this run. It does not grow unless `accept` says why.
    pub fn next(
        &self,
        findings: &[Finding],
        contents: &[String],
        accept: Option<&str>,
        date: &str,
        first: bool,
    ) -> Result<Baseline, BaselineError> {
        let counted: Vec<(&Finding, &String)> = findings
            .iter()
            .zip(contents)
            .filter(|(f, _)| f.suppressed.is_none())
            .collect();
        let new: Vec<&Finding> = counted
            .iter()
            .filter(|(f, _)| f.state == State::New)
            .map(|(f, _)| *f)
            .collect();
        if !new.is_empty() && !first && accept.is_none() {
            let list: Vec<String> = new
                .iter()
                .take(20)
                .map(|f| format!("  {}:{} {}", f.file, f.line, f.rule))
                .collect();
            return Err(BaselineError::Grows {
                count: new.len(),
                list: list.join("\n"),
            });
        }
        let mut next = Baseline {
            accepted: self.accepted.clone(),
            history: self.history.clone(),
            ..Baseline::empty()
        };
        if let (Some(reason), false) = (accept, new.is_empty()) {
            next.accepted.push(Accepted {
                date: date.to_owned(),
                reason: reason.to_owned(),
                added: new.len(),
            });
        }
        for (finding, content) in counted {
            *next.counts.entry(finding.rule.to_owned()).or_default() += 1;
            next.findings.push(Entry {
                fingerprint: finding.fingerprint.clone(),
                content: content.clone(),
                rule: finding.rule.to_owned(),
                file: finding.file.clone(),
                function: finding.function.clone(),
            });
        }
        next.findings.sort_by(|a, b| {
            (&a.rule, &a.file, &a.fingerprint).cmp(&(&b.rule, &b.file, &b.fingerprint))
        });
        if next.history.last().map(|(_, n)| *n) != Some(next.findings.len()) {
            next.history.push((date.to_owned(), next.findings.len()));
        }
        Ok(next)
    }
}
