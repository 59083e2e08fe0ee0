//! A finding, and the scales it is measured by.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Data loss, leak or takeover.
    Critical,
    /// Wrong results, or cost that grows with the table.
    High,
    /// Cost, latency or operability.
    Medium,
    /// A smell.
    Low,
    /// To know.
    Info,
}

impl Severity {
    /// Every severity, the worst first.
    pub const ALL: [Severity; 5] = [
        Severity::Critical,
        Severity::High,
        Severity::Medium,
        Severity::Low,
        Severity::Info,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Critical => "critical",
            Severity::High => "high",
            Severity::Medium => "medium",
            Severity::Low => "low",
            Severity::Info => "info",
        }
    }

    /// The severity of a name.
    pub fn from_name(name: &str) -> Option<Severity> {
        Severity::ALL.into_iter().find(|s| s.name() == name)
    }
}

/// How sure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// All evidence in one function, nothing unknown.
    High,
    /// Evidence followed once, or one harmless unknown.
    Medium,
    /// Rests on names.
    Low,
}

impl Confidence {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Confidence::High => "high",
            Confidence::Medium => "medium",
            Confidence::Low => "low",
        }
    }

    /// The confidence of a name.
    pub fn from_name(name: &str) -> Option<Confidence> {
        [Confidence::High, Confidence::Medium, Confidence::Low]
            .into_iter()
            .find(|c| c.name() == name)
    }
}

/// Another place that belongs to a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Related {
    /// File, relative to the project's root.
    pub file: String,
    /// Line.
    pub line: u32,
    /// What is there.
    pub message: String,
}

/// Where a figure comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    /// A default.
    Assumed,
    /// The traffic file.
    Declared,
    /// The guard's meter.
    Metered,
}

impl Basis {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Basis::Assumed => "assumed",
            Basis::Declared => "declared",
            Basis::Metered => "metered",
        }
    }
}

/// What a finding costs a month.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cost {
    /// USD a month.
    pub monthly_usd: f64,
    /// The formula.
    pub formula: String,
    /// Its inputs, as printed.
    pub inputs: BTreeMap<String, String>,
    /// Where the poorest input comes from.
    pub basis: Basis,
    /// USD a month once it is repaired, where that can be worked out from the same inputs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instead_usd: Option<f64>,
}

/// New, or in the baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Not in the baseline.
    New,
    /// In the baseline.
    Known,
}

/// Why a finding does not count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Suppressed {
    /// `inSource` or `external`.
    pub kind: &'static str,
    /// The reason given.
    pub reason: String,
    /// Until when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// One fault at one place.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// The rule.
    pub rule: &'static str,
    /// File, relative to the project's root.
    pub file: String,
    /// First line.
    pub line: u32,
    /// First column, in UTF-16 units, from 1.
    pub column: u32,
    /// Last line.
    pub end_line: u32,
    /// First column after it.
    #[serde(skip)]
    pub end_column: u32,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// What.
    pub message: String,
    /// Why it hurts.
    pub why: String,
    /// What to do.
    pub fix: String,
    /// A proposed text or patch; never applied by itself.
    pub suggestion: Option<String>,
    /// Other places.
    pub related: Vec<Related>,
    /// The operation.
    pub op: Option<&'static str>,
    /// The function it stands in.
    pub function: Option<String>,
    /// The table.
    pub table: Option<String>,
    /// What it costs.
    pub cost: Option<Cost>,
    /// How long the repair takes.
    pub effort_minutes: u32,
    /// What it is recognised by.
    pub fingerprint: String,
    /// New or known.
    pub state: State,
    /// Why it does not count.
    pub suppressed: Option<Suppressed>,
    /// Byte range, to find columns and text by.
    #[serde(skip)]
    pub bytes: (u32, u32),
}
