//! # `suppression-without-reason`, `suppression-unused`, `suppression-expired`, `unknown-rule-in-config`, `table-name-unresolved`
//!
//! A suppression stands on the line, on the line above, or above the function or resource:
//!
//! ```ts
//! // keyfold: allow(scan-in-job) reason="nightly export, 200 items" until=2027-01-31
//! ```
//! ```python
//! # keyfold: allow(pagination-ignored) reason="at most ten plans"
//! ```
//!
//! The reason is obligatory: without one the finding stays. A suppression that hides nothing, or whose date has passed, is
//! reported. A rule that does not exist, in a suppression or in `keyfold.toml`, is `unknown-rule-in-config`, with the
//! nearest name.
//!
//! `table-name-unresolved` stands once per file, at its first call whose table is not known: rules that compare calls
//! with definitions are silent about it.
//!
//! ```ts
//! new GetCommand({ TableName: config.tables[kind], Key })        // not known
//! new GetCommand({ TableName: process.env.ORDERS_TABLE, Key })   // known, where infrastructure sets ORDERS_TABLE
//! ```
//!
//! **Stays silent**: projects without a table's definition; a table that a parameter brings, in a wrapper that everyone
//! calls with a known name; tests.

use super::{Context, Draft, Rule};
use crate::finding::Severity;
use crate::link::Role;
use crate::link::eval::{Eval, Value};
use crate::link::scope::Source;
use crate::sites::{Named, Site};

const PAGE: &str = include_str!("meta.rs");

/// Nobody knows why.
pub static SUPPRESSION_WITHOUT_REASON: Rule = Rule {
    id: "suppression-without-reason",
    severity: Severity::Medium,
    effort: 5,
    title: "A suppression without a reason",
    why: "Nobody can tell later whether it still holds.",
    fix: "Add reason=\"…\".",
    security: None,
    page: PAGE,
};
/// Hides nothing.
pub static SUPPRESSION_UNUSED: Rule = Rule {
    id: "suppression-unused",
    severity: Severity::Low,
    effort: 2,
    title: "A suppression that hides nothing",
    why: "It will hide the next fault at this place.",
    fix: "Remove it.",
    security: None,
    page: PAGE,
};
/// Its time has passed.
pub static SUPPRESSION_EXPIRED: Rule = Rule {
    id: "suppression-expired",
    severity: Severity::Medium,
    effort: 15,
    title: "A suppression whose date has passed",
    why: "The repair was promised for an earlier day.",
    fix: "Repair what it hides, or set a new date and say why.",
    security: None,
    page: PAGE,
};
/// A misspelt rule.
pub static UNKNOWN_RULE_IN_CONFIG: Rule = Rule {
    id: "unknown-rule-in-config",
    severity: Severity::Medium,
    effort: 2,
    title: "A rule that does not exist",
    why: "What it was meant to switch or hide is not switched or hidden.",
    fix: "Correct its name: keyfold audit --rules lists all.",
    security: None,
    page: PAGE,
};
/// Not known.
pub static TABLE_NAME_UNRESOLVED: Rule = Rule {
    id: "table-name-unresolved",
    severity: Severity::Info,
    effort: 0,
    title: "A table whose name is not known",
    why: "Rules that compare calls with definitions are silent about it.",
    fix: "Name it in an environment variable that the infrastructure sets, or in a constant.",
    security: None,
    page: PAGE,
};

/// One finding per file, at the first call whose table is not known.
pub fn check(cx: &Context<'_>, eval: &Eval<'_>, out: &mut Vec<Draft>) {
    if cx.infra.tables.is_empty() {
        return;
    }
    for (file, f) in cx.project.ids() {
        if f.role != Role::Production {
            continue;
        }
        let unknown: Vec<&Site> = cx
            .calls(file)
            .filter(|site| !of_no_table(site) && unresolved(cx, eval, site))
            .collect();
        let Some(first) = unknown.first() else {
            continue;
        };
        let more = match unknown.len() {
            1 => String::new(),
            n => format!(", here and in {} more calls of this file", n - 1),
        };
        let message = match &first.table {
            Named::Env(name) => {
                format!("no definition says which table {name} names{more}")
            }
            Named::Hole(name) => format!("which table {name} is, is not known{more}"),
            _ => format!("the table is not known{more}"),
        };
        out.push(Draft::at_site(&TABLE_NAME_UNRESOLVED, cx, first, message));
    }
}

fn of_no_table(site: &Site) -> bool {
    matches!(
        site.op.name(),
        "ListTables"
            | "DescribeLimits"
            | "TransactWriteItems"
            | "TransactGetItems"
            | "BatchGetItem"
            | "BatchWriteItem"
            | "ExecuteStatement"
            | "BatchExecuteStatement"
            | "ExecuteTransaction"
            | "DescribeEndpoints"
            | "ListBackups"
            | "ListGlobalTables"
            | "ListExports"
            | "ListImports"
            | "DescribeExport"
            | "DescribeImport"
            | "ListTagsOfResource"
            | "TagResource"
            | "UntagResource"
    ) || site.api.is_mapper()
}

fn unresolved(cx: &Context<'_>, eval: &Eval<'_>, site: &Site) -> bool {
    match &site.table {
        Named::Name(name) => name.starts_with('{') && name.ends_with('}'),
        Named::Env(variable) => !cx
            .infra
            .environment
            .iter()
            .any(|(name, _)| name == variable),
        Named::Unknown => false,
        Named::Hole(_) => {
            let Some(at) = site.param("TableName") else {
                return false;
            };
            // A parameter or a field: those who fill it know.
            let file = cx.project.file(at.file);
            let Some(root) = super::evidence::root_name(file, at.node) else {
                return false;
            };
            let filled = |name: &str| matches!(name, "self" | "this" | "cls");
            !filled(&root)
                && matches!(eval.value(at), Value::Ext(path) if !path.starts_with("self"))
                && !eval
                    .bindings(at, &root)
                    .iter()
                    .any(|(_, binding)| !matches!(binding.source, Source::Value(_)))
        }
    }
}
