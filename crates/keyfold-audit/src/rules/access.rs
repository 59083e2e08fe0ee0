//! # `strongly-consistent-by-default`, `consistent-read-on-gsi`
//!
//! A strongly consistent read costs twice the units and cannot be served by the nearest copy. As the default of a
//! helper, or on more than half of all reads, it doubles the bill of those reads. On a global secondary index it is
//! refused with a `ValidationException`, always.
//!
//! ```ts
//! new QueryCommand({ IndexName: 'GSI1', ConsistentRead: true, … })   // fails
//! ```
//! ```python
//! table.query(IndexName="gsi1", ConsistentRead=True, …)               # fails
//! ```
//!
//! **Stays silent**: reading right after writing in the same function, locks, uniqueness checks; local secondary indexes.
//!
//! Source: Developer Guide, "DynamoDB read consistency".

use super::evidence;
use super::{Context, Costing, Draft, Rule};
use crate::finding::Severity;
use crate::link::eval::Eval;
use crate::op::Op;
use crate::sites::{Named, Site};

const PAGE: &str = include_str!("access.rs");

/// More than half of all reads are strongly consistent.
pub static STRONGLY_CONSISTENT_BY_DEFAULT: Rule = Rule {
    id: "strongly-consistent-by-default",
    severity: Severity::Medium,
    effort: 15,
    title: "Strongly consistent reads by default",
    why: "A strongly consistent read costs twice as many units.",
    fix: "Read eventually consistent by default; ask for consistency where a read follows a write of the same flow.",
    security: None,
    page: PAGE,
};
/// Fails for certain.
pub static CONSISTENT_READ_ON_GSI: Rule = Rule {
    id: "consistent-read-on-gsi",
    severity: Severity::High,
    effort: 10,
    title: "Consistent read of a global secondary index",
    why: "A global secondary index has no strongly consistent reads: a ValidationException.",
    fix: "Leave ConsistentRead out, or read the table by its own key.",
    security: None,
    page: PAGE,
};

/// Consistent reads of the project.
pub fn check(cx: &Context<'_>, eval: &Eval<'_>, out: &mut Vec<Draft>) {
    let reads: Vec<&Site> = cx
        .all_calls()
        .filter(|s| matches!(s.op, Op::GetItem | Op::Query | Op::Scan | Op::BatchGetItem))
        .collect();
    let mut consistent: Vec<&Site> = Vec::new();
    for site in &reads {
        let Some(at) = evidence::consistent(eval, site) else {
            continue;
        };
        if let Some(index) = &site.index
            && matches!(site.op, Op::Query | Op::Scan)
        {
            if !local(cx, index) {
                let name = index.label().map(|n| format!(" {n}")).unwrap_or_default();
                out.push(
                    Draft::at_site(
                        &CONSISTENT_READ_ON_GSI,
                        cx,
                        site,
                        format!(
                            "{} of index{name} asks for a consistent read",
                            site.op.name()
                        ),
                    )
                    .related(cx.project, at, "set here"),
                );
            }
            continue;
        }
        let file = cx.project.file(site.at.file);
        let writes_too = cx.sites[site.at.file as usize]
            .sites
            .iter()
            .any(|other| other.function == site.function && other.op.writes());
        let lock = evidence::has_word(
            &file.function_name(site.function),
            &["lock", "unique", "lease", "acquire", "verify"],
        );
        if !writes_too && !lock {
            consistent.push(site);
        }
    }
    if consistent.len() >= 3 && consistent.len() * 2 > reads.len() {
        let message = format!(
            "{} of {} reads are strongly consistent",
            consistent.len(),
            reads.len()
        );
        let mut draft = Draft::at_site(&STRONGLY_CONSISTENT_BY_DEFAULT, cx, consistent[0], message)
            .costs(Costing::Consistent);
        for site in &consistent[1..] {
            draft = draft.related(cx.project, site.at, "and here");
        }
        out.push(draft);
    }
}

fn local(cx: &Context<'_>, index: &Named) -> bool {
    let Named::Name(name) = index else {
        return true;
    };
    let lower = name.to_ascii_lowercase();
    lower.contains("lsi")
        || lower.contains("local")
        || cx
            .infra
            .tables
            .iter()
            .any(|t| t.lsi.iter().any(|l| l.name == *name))
}
