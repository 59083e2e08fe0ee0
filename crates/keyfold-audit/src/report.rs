//! The report: findings, inventory, totals; and the forms it is written in.

pub mod decide;
pub mod excerpt;
pub mod github;
pub mod html;
pub mod json;
pub mod markdown;
pub mod owners;
pub mod sarif;
pub mod text;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::finding::{Finding, Severity, State};
use crate::lang::Lang;
use crate::load::Unparsed;
use crate::tables::IndexDef;

/// What was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProjectInfo {
    /// The root, as given.
    pub root: String,
    /// The commit, if it is a repository.
    pub revision: Option<String>,
    /// Lines per language.
    pub languages: BTreeMap<String, u64>,
    /// Files walked.
    pub files: usize,
}

/// A client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClientRow {
    /// File.
    pub file: String,
    /// Line of the constructor.
    pub line: u32,
    /// Its last line.
    pub end_line: u32,
    /// The library.
    pub api: &'static str,
    /// The language.
    pub language: &'static str,
}

/// A call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CallRow {
    /// File.
    pub file: String,
    /// Line of the token that names the operation.
    pub line: u32,
    /// Last line of the call.
    pub end_line: u32,
    /// The operation.
    pub op: &'static str,
    /// The library.
    pub api: &'static str,
    /// Where it stands.
    pub layer: &'static str,
    /// The function.
    pub function: Option<String>,
    /// The table.
    pub table: Option<String>,
    /// The index.
    pub index: Option<String>,
    /// A helper through which it is called.
    pub via: Option<String>,
    /// How it is reached.
    pub reach: crate::reach::Reach,
}

/// A table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TableRow {
    /// File.
    pub file: String,
    /// First line of the resource.
    pub line: u32,
    /// Name.
    pub name: Option<String>,
    /// Where it is defined.
    pub source: &'static str,
    /// Partition key.
    pub pk: Option<String>,
    /// Sort key.
    pub sk: Option<String>,
    /// Global secondary indexes.
    pub gsi: Vec<IndexDef>,
    /// Local secondary indexes.
    pub lsi: Vec<IndexDef>,
    /// TTL attribute.
    pub ttl: Option<String>,
    /// Point-in-time recovery.
    pub pitr: Option<bool>,
    /// Billing mode.
    pub billing: Option<String>,
    /// Encryption.
    pub encryption: Option<String>,
    /// Stream view.
    pub stream: Option<String>,
    /// Deletion protection.
    pub deletion_protection: Option<bool>,
}

/// The map of the project.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Inventory {
    /// Clients.
    pub clients: Vec<ClientRow>,
    /// Calls.
    pub calls: Vec<CallRow>,
    /// Tables.
    pub tables: Vec<TableRow>,
}

/// The layer, for the reader.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LayerInfo {
    /// Configured rather than inferred.
    pub configured: bool,
    /// Path and reason.
    pub paths: BTreeMap<String, String>,
    /// What was nearly one.
    pub runners_up: BTreeMap<String, String>,
}

/// Totals.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Summary {
    /// Findings by rule.
    pub by_rule: BTreeMap<String, usize>,
    /// Findings by severity.
    pub by_severity: BTreeMap<String, usize>,
    /// Calls by layer.
    pub by_layer: BTreeMap<String, usize>,
    /// Money a month while they stay.
    pub monthly_usd: f64,
    /// Some of it rests on assumed inputs.
    pub monthly_assumed: bool,
    /// Hours to repair.
    pub effort_hours: f64,
    /// What an hour costs.
    pub hourly_rate: f64,
    /// Files that could not be read.
    pub unparsed: Vec<Unparsed>,
    /// Suppressed findings.
    pub suppressed: usize,
    /// Known findings.
    pub known: usize,
    /// New findings.
    pub new: usize,
    /// Findings not shown because they are not sure enough.
    pub unsure: usize,
}

/// A ceiling that was passed, or can be lowered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ceiling {
    /// The rule.
    pub rule: String,
    /// What is allowed.
    pub ceiling: usize,
    /// What is there.
    pub found: usize,
}

/// Everything.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The form of the JSON.
    pub schema: &'static str,
    /// What was read.
    pub project: ProjectInfo,
    /// The map.
    pub inventory: Inventory,
    /// The layer.
    pub layer: LayerInfo,
    /// The word for a tenant, configured or inferred.
    #[serde(skip)]
    pub tenant: Option<String>,
    /// The faults, suppressed ones too.
    pub findings: Vec<Finding>,
    /// Totals.
    pub summary: Summary,
    /// Who owns which files.
    #[serde(skip)]
    pub owners: owners::Owners,
    /// What the baseline knows of earlier runs: date, count.
    #[serde(skip)]
    pub history: Vec<(String, usize)>,
    /// What to decide.
    pub decisions: decide::Decisions,
    /// Ceilings of the configuration that do not fit.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ceilings: Vec<Ceiling>,
    /// Texts of the files that findings are in.
    #[serde(skip)]
    pub texts: BTreeMap<String, String>,
    /// Findings of the baseline that are gone.
    #[serde(skip)]
    pub fixed: usize,
}

/// The version of the JSON.
pub const SCHEMA: &str = "keyfold.audit/1";

impl Report {
    /// Findings that count: not suppressed.
    pub fn counted(&self) -> impl Iterator<Item = &Finding> {
        self.findings
            .iter()
            .filter(|finding| finding.suppressed.is_none())
    }

    /// Findings that are new and at or above a severity; a low confidence never fails.
    pub fn failing(&self, at: Severity) -> usize {
        self.counted()
            .filter(|f| {
                f.state == State::New
                    && f.severity <= at
                    && f.confidence != crate::finding::Confidence::Low
            })
            .count()
    }
}

/// The language of a path, as the report names it.
pub fn language(path: &str) -> &'static str {
    Lang::of_path(path).map_or("", |(lang, _)| lang.name())
}
