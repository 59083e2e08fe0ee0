//! The rules: pure functions over linked facts. A rule's file is its page.

pub mod access;
pub mod batch;
pub mod clients;
pub mod counters;
pub mod credentials;
pub mod evidence;
pub mod expiry;
pub mod expressions;
pub mod filters;
pub mod hot_keys;
pub mod iam;
pub mod indexes;
pub mod injection;
pub mod items;
pub mod keys;
pub mod layering;
pub mod live;
pub mod loops;
pub mod meta;
pub mod pagination;
pub mod pii;
pub mod retention;
pub mod retries;
pub mod scans;
pub mod smells;
pub mod streams;
pub mod table_settings;
pub mod tenants;
pub mod throttling;
pub mod writes;

use std::collections::BTreeMap;

use crate::config::{Config, TableHint};
use crate::facts::Span;
use crate::finding::{Confidence, Related, Severity};
use crate::layer::{Layer, Place};
use crate::link::eval::Eval;
use crate::link::{At, FileId, Project};
use crate::reach::{Reach, Reachability};
use crate::sites::{FileSites, Site};
use crate::tables::Infrastructure;

/// What a rule is called, and how bad what it finds is.
#[derive(Debug)]
pub struct Rule {
    /// Its name, for the pattern it finds.
    pub id: &'static str,
    /// Its severity, unless evidence or configuration says otherwise.
    pub severity: Severity,
    /// Minutes a repair takes.
    pub effort: u32,
    /// One line: what it finds.
    pub title: &'static str,
    /// One line: why it hurts.
    pub why: &'static str,
    /// One line: what to do.
    pub fix: &'static str,
    /// For security rules: the score that code scanning shows.
    pub security: Option<&'static str>,
    /// The page: the doc comment of its file.
    pub page: &'static str,
}

/// A check of one file, or of the whole project.
#[derive(Clone, Copy)]
pub enum Check {
    /// Runs once per file.
    File(fn(&Context<'_>, &Eval<'_>, FileId, &mut Vec<Draft>)),
    /// Runs once.
    Project(fn(&Context<'_>, &Eval<'_>, &mut Vec<Draft>)),
}

/// All that rules may look at.
pub struct Context<'p> {
    /// Linked facts.
    pub project: &'p Project,
    /// Calls and clients, by file.
    pub sites: &'p [FileSites],
    /// The repository layer.
    pub layer: &'p Layer,
    /// What is reached how.
    pub reach: &'p Reachability,
    /// Tables, rights, consumers.
    pub infra: &'p Infrastructure,
    /// The configuration.
    pub config: &'p Config,
    /// Sizes of tables.
    pub tables: &'p BTreeMap<String, TableHint>,
    /// The word that tells tenants apart, if there is one.
    pub tenant: Option<String>,
    /// Pages abandoned and the like, for readers of the meter.
    pub tests: bool,
}

impl Context<'_> {
    /// Where a file's calls stand.
    pub fn place(&self, file: FileId) -> Place {
        self.layer.place(self.project, file)
    }

    /// Production code, or what is asked for besides.
    pub fn live(&self, file: FileId) -> bool {
        match self.place(file) {
            Place::Test => self.tests,
            Place::Infrastructure | Place::Example => true,
            _ => true,
        }
    }

    /// How a call is reached.
    pub fn reach(&self, site: &Site) -> Reach {
        self.reach.of(self.project, site.at.file, site.function)
    }

    /// The calls of a file that rules judge: tests are left out unless asked for.
    pub fn calls(&self, file: FileId) -> impl Iterator<Item = &Site> {
        let live = self.live(file);
        self.sites[file as usize].sites.iter().filter(move |site| {
            // Keyfold's own calls: the compiler has judged them.
            live && site.api != crate::surfaces::Api::Keyfold
                && (self.tests || !self.project.file(file).facts.function(site.function).test)
        })
    }

    /// Every call that rules judge.
    pub fn all_calls(&self) -> impl Iterator<Item = &Site> {
        (0..u32::try_from(self.sites.len()).unwrap_or(u32::MAX)).flat_map(|file| self.calls(file))
    }
}

/// What a finding costs, to be worked out with the traffic file.
#[derive(Clone, Debug, PartialEq)]
pub enum Costing {
    /// Reads the whole table.
    Scan {
        /// Strongly consistent.
        consistent: bool,
    },
    /// Reads a partition to keep some of it.
    Filtered,
    /// Stores and writes these many indexes.
    Indexes(usize),
    /// Point-in-time recovery of the table's bytes.
    Recovery,
    /// Storage that grows for ever.
    Growth,
    /// Twice the units of a read.
    Consistent,
    /// Units that were metered, scaled to a month.
    Metered {
        /// Read units.
        read_units: f64,
        /// Write units.
        write_units: f64,
    },
}

/// A finding before it is placed, priced and counted.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The rule.
    pub rule: &'static Rule,
    /// The file, relative to the project's root.
    pub file: String,
    /// Where.
    pub span: Span,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// What.
    pub message: String,
    /// What to do, when it is known better than the rule says.
    pub fix: Option<String>,
    /// A proposed text.
    pub suggestion: Option<String>,
    /// Other places.
    pub related: Vec<Related>,
    /// The operation.
    pub op: Option<&'static str>,
    /// The function.
    pub function: Option<String>,
    /// The table.
    pub table: Option<String>,
    /// What it costs.
    pub costing: Option<Costing>,
    /// It counts so often, as a rule that speaks for many places.
    pub effort: Option<u32>,
}

impl Draft {
    /// At a call.
    pub fn at_site(
        rule: &'static Rule,
        cx: &Context<'_>,
        site: &Site,
        message: impl Into<String>,
    ) -> Draft {
        let file = cx.project.file(site.at.file);
        let span = file.span(site.at.node);
        // The token that names the operation, to the end of the call.
        let span = Span {
            line: site.line,
            end_line: span.end_line.max(site.line),
            ..span
        };
        let in_error = file.in_error(span);
        let confidence = match (in_error, site.by_shape) {
            (true, _) => Confidence::Low,
            (_, true) => Confidence::Medium,
            _ => Confidence::High,
        };
        Draft {
            rule,
            file: file.path.clone(),
            span,
            severity: rule.severity,
            confidence,
            message: message.into(),
            fix: None,
            suggestion: None,
            related: Vec::new(),
            op: Some(site.op.name()),
            function: Some(file.function_name(site.function)).filter(|name| !name.is_empty()),
            table: site.table.label(),
            costing: None,
            effort: None,
        }
    }

    /// At a node.
    pub fn at(rule: &'static Rule, cx: &Context<'_>, at: At, message: impl Into<String>) -> Draft {
        let file = cx.project.file(at.file);
        let span = file.span(at.node);
        let function = file.function_name(file.named_function(at.node));
        Draft {
            file: file.path.clone(),
            span,
            confidence: if file.in_error(span) {
                Confidence::Low
            } else {
                Confidence::High
            },
            function: Some(function).filter(|name| !name.is_empty()),
            ..Draft::in_file(rule, &file.path, span.line, span.end_line, message)
        }
    }

    /// At lines of a file that is not linked.
    pub fn in_file(
        rule: &'static Rule,
        file: &str,
        line: u32,
        end_line: u32,
        message: impl Into<String>,
    ) -> Draft {
        Draft {
            rule,
            file: file.to_owned(),
            span: Span {
                start: 0,
                end: 0,
                line,
                end_line: end_line.max(line),
            },
            severity: rule.severity,
            confidence: Confidence::High,
            message: message.into(),
            fix: None,
            suggestion: None,
            related: Vec::new(),
            op: None,
            function: None,
            table: None,
            costing: None,
            effort: None,
        }
    }

    /// With another severity.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Draft {
        self.severity = severity;
        self
    }

    /// No surer than this.
    #[must_use]
    pub fn at_most(mut self, confidence: Confidence) -> Draft {
        self.confidence = self.confidence.max(confidence);
        self
    }

    /// With a better repair than the rule's.
    #[must_use]
    pub fn fix(mut self, fix: impl Into<String>) -> Draft {
        self.fix = Some(fix.into());
        self
    }

    /// With a cost.
    #[must_use]
    pub fn costs(mut self, costing: Costing) -> Draft {
        self.costing = Some(costing);
        self
    }

    /// With another place.
    #[must_use]
    pub fn related(mut self, project: &Project, at: At, message: impl Into<String>) -> Draft {
        let file = project.file(at.file);
        self.related.push(Related {
            file: file.path.clone(),
            line: file.span(at.node).line,
            message: message.into(),
        });
        self
    }
}

/// Every rule, in the order of the specification.
pub static RULES: &[&Rule] = &[
    &layering::SDK_BYPASS,
    &layering::CLIENT_OUTSIDE_LAYER,
    &layering::SDK_IN_SCRIPT,
    &layering::NO_REPOSITORY_LAYER,
    &layering::CONTEXT_CROSSING,
    &tenants::TENANT_SCOPE_MISSING,
    &iam::WILDCARD_IAM,
    &credentials::STATIC_CREDENTIALS,
    &pii::PII_PLAINTEXT,
    &keys::KEY_DELIMITER_INJECTION,
    &keys::OPEN_PREFIX,
    &injection::EXPRESSION_INJECTION,
    &scans::SCAN_ON_DATA_PATH,
    &scans::SCAN_IN_JOB,
    &scans::FULL_TABLE_SCAN,
    &scans::COUNT_BY_SCAN,
    &scans::HEALTH_CHECK_SCAN,
    &filters::FILTER_AFTER_QUERY,
    &filters::LIMIT_WITH_FILTER,
    &pagination::PAGINATION_IGNORED,
    &loops::N_PLUS_ONE_GET,
    &loops::SEQUENTIAL_BATCH,
    &access::STRONGLY_CONSISTENT_BY_DEFAULT,
    &access::CONSISTENT_READ_ON_GSI,
    &smells::PROJECTION_MISSING,
    &smells::SORT_IN_MEMORY,
    &smells::SCAN_INDEX_FORWARD_IGNORED,
    &counters::READ_MODIFY_WRITE_COUNTER,
    &counters::READ_MODIFY_WRITE_ITEM,
    &writes::PUT_WITHOUT_CONDITION,
    &writes::NON_ATOMIC_WRITES,
    &batch::UNPROCESSED_IGNORED,
    &batch::UNPROCESSED_TIGHT_LOOP,
    &batch::BATCH_TOO_LARGE,
    &batch::DUPLICATE_IN_BATCH,
    &retries::MISSING_RETRY,
    &expressions::RESERVED_WORD,
    &expressions::PLACEHOLDER_MISMATCH,
    &expressions::KEY_IN_UPDATE,
    &expressions::LEGACY_PARAMETERS,
    &hot_keys::HOT_PARTITION_KEY,
    &items::UNBOUNDED_ITEM_COLLECTION,
    &items::LARGE_ITEM,
    &indexes::GSI_PROLIFERATION,
    &indexes::UNUSED_GSI,
    &indexes::PROJECTION_ALL,
    &indexes::INDEX_NAME_UNKNOWN,
    &retention::NO_TTL_ON_EPHEMERAL,
    &retention::TTL_NOT_EPOCH_SECONDS,
    &expiry::TTL_TRUSTED,
    &retention::MIXED_RETENTION,
    &retention::TIME_SERIES_IN_DYNAMODB,
    &retention::TABLE_PER_ENTITY,
    &table_settings::MISSING_PITR,
    &table_settings::MISSING_ENCRYPTION,
    &table_settings::MISSING_DELETION_PROTECTION,
    &table_settings::CAPACITY_WITHOUT_AUTOSCALING,
    &streams::STREAM_WITHOUT_CONSUMER,
    &streams::CONSUMER_WITHOUT_FILTER,
    &streams::TRIGGER_WITHOUT_FAILURE_DESTINATION,
    &table_settings::GSI_KEY_TYPE_MISMATCH,
    &table_settings::ATTRIBUTE_UNUSED,
    &clients::CLIENT_PER_REQUEST,
    &clients::SDK_END_OF_SUPPORT,
    &live::UNDECLARED_ACCESS,
    &live::SCAN_SEEN,
    &live::HOT_KEY,
    &live::LOW_READ_EFFICIENCY,
    &live::THROTTLED,
    &live::PATTERN_UNUSED,
    &live::PAGES_ABANDONED,
    &live::UNPROCESSED_DROPPED,
    &live::ITEM_GROWING,
    &live::COLLECTION_GROWING,
    &live::CONSISTENT_WITHOUT_NEED,
    &live::CROSS_TENANT,
    &live::TTL_NOT_DELETING,
    &live::IDLE_TABLE,
    &live::OVER_PROVISIONED,
    &live::COST_JUMP,
    &meta::SUPPRESSION_WITHOUT_REASON,
    &meta::SUPPRESSION_UNUSED,
    &meta::SUPPRESSION_EXPIRED,
    &meta::UNKNOWN_RULE_IN_CONFIG,
    &meta::TABLE_NAME_UNRESOLVED,
];

/// Every check.
pub static CHECKS: &[Check] = &[
    Check::Project(layering::check),
    Check::Project(tenants::check),
    Check::Project(iam::check),
    Check::File(credentials::check),
    Check::File(pii::check),
    Check::File(keys::check),
    Check::File(injection::check),
    Check::File(scans::check),
    Check::File(filters::check),
    Check::File(pagination::check),
    Check::File(loops::check),
    Check::Project(access::check),
    Check::File(smells::check),
    Check::File(counters::check),
    Check::File(writes::check),
    Check::File(batch::check),
    Check::File(retries::check),
    Check::File(throttling::check),
    Check::File(expressions::check),
    Check::File(hot_keys::check),
    Check::Project(hot_keys::declared),
    Check::File(items::check),
    Check::Project(indexes::check),
    Check::Project(retention::check),
    Check::File(expiry::check),
    Check::Project(table_settings::check),
    Check::Project(streams::check),
    Check::Project(clients::check),
    Check::Project(meta::check),
];

/// The rule of a name.
pub fn by_id(id: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.id == id).copied()
}

/// The rule whose name is nearest.
pub fn nearest(id: &str) -> Option<&'static str> {
    RULES
        .iter()
        .map(|rule| (strsim::damerau_levenshtein(id, rule.id), rule.id))
        .min()
        .filter(|(distance, name)| *distance <= name.len() / 2)
        .map(|(_, name)| name)
}

/// The doc comment at the head of a rule's file.
pub fn page(source: &str) -> String {
    source
        .lines()
        .take_while(|line| line.starts_with("//!"))
        .map(|line| {
            line.trim_start_matches("//!")
                .strip_prefix(' ')
                .unwrap_or_else(|| line.trim_start_matches("//!"))
        })
        .collect::<Vec<_>>()
        .join("\n")
}
