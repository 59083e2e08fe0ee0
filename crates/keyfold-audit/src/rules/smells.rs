//! # `sort-in-memory`, `scan-index-forward-ignored`
//!
//! Items of one partition come sorted by the sort key, in either direction (`ScanIndexForward`). Sorting or reversing
//! them in memory needs all of them read first, and is wrong as soon as there is a second page.
//!
//! ```ts
//! Items.sort((a, b) => b.createdAt - a.createdAt)      // make createdAt the sort key
//! Items.reverse()                                      // ScanIndexForward: false
//! ```
//!
//! **Stays silent**: when the sort is by something that differs from one call to the next.

use super::evidence;
use super::{Context, Draft, Rule};
use crate::finding::{Confidence, Severity};
use crate::link::FileId;
use crate::link::eval::Eval;
use crate::link::flow::Use;
use crate::op::Op;

const PAGE: &str = include_str!("smells.rs");

/// Sorted after reading.
pub static SORT_IN_MEMORY: Rule = Rule {
    id: "sort-in-memory",
    severity: Severity::Low,
    effort: 20,
    title: "Items of a Query sorted in memory",
    why: "All items must be read before the first can be shown; a second page breaks the order.",
    fix: "Let the sort key of the table or an index hold what is sorted by.",
    security: None,
    page: PAGE,
};
/// Reversed after reading.
pub static SCAN_INDEX_FORWARD_IGNORED: Rule = Rule {
    id: "scan-index-forward-ignored",
    severity: Severity::Low,
    effort: 20,
    title: "Items of a Query reversed in memory",
    why: "Everything is read to show the last items first.",
    fix: "Set ScanIndexForward to false.",
    security: None,
    page: PAGE,
};

/// What is done with the items of queries.
pub fn check(cx: &Context<'_>, eval: &Eval<'_>, file: FileId, out: &mut Vec<Draft>) {
    for site in cx.calls(file) {
        if site.op != Op::Query {
            continue;
        }
        for u in site.response_uses(eval) {
            let Use::Field(name, at) = u else { continue };
            if !matches!(name.as_str(), "Items" | "items") {
                continue;
            }
            for inner in evidence::part_uses(eval, at) {
                let Use::Method(method, call) = inner else {
                    continue;
                };
                let rule = match method.as_str() {
                    "sort" | "toSorted" | "sort_by" | "sort_by_key" => &SORT_IN_MEMORY,
                    "reverse" | "toReversed" => &SCAN_INDEX_FORWARD_IGNORED,
                    _ => continue,
                };
                let mut draft = Draft::at(rule, cx, call, rule.title).at_most(Confidence::Medium);
                draft.op = Some(site.op.name());
                draft.table = site.table.label();
                out.push(draft.related(cx.project, site.at, "read here"));
            }
        }
    }
}
