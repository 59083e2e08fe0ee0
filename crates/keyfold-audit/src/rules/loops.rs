//! # `n-plus-one-get`, `sequential-batch`
//!
//! A `GetItem` per element of a list is one round trip each; a `PutItem` or `DeleteItem` per element, awaited one by one,
//! as well. Capacity is the same as in a batch, so the money is zero: what is lost is latency and connections.
//!
//! ```ts
//! for (const id of ids) users.push(await get(id));                        // bad
//! await ddb.send(new BatchGetCommand({ RequestItems: { users: { Keys } } })); // good: 100 keys a call
//! ```
//! ```python
//! [table.get_item(Key={"pk": i}) for i in ids]      # bad
//! dynamodb.batch_get_item(RequestItems={…})         # good, with a retry of UnprocessedKeys
//! ```
//!
//! Better than a batch: one item collection that a single Query reads, or a copy of the attributes that are needed.
//! Also found one call down: the loop calls a function that gets one item. The loop is the finding's place, the call is
//! its related location.
//!
//! **Stays silent**: paging loops, retries, at most three turns over a literal list, conditional writes and `UpdateItem`
//! (no batch form exists), bodies of `batch_writer`.

use super::evidence::{self, Repeat};
use super::{Context, Draft, Rule};
use crate::finding::{Confidence, Severity};
use crate::layer::Place;
use crate::link::eval::Eval;
use crate::link::{At, FileId};
use crate::op::Op;
use crate::reach::Reach;
use crate::sites::Site;

const PAGE: &str = include_str!("loops.rs");

/// A read per element.
pub static N_PLUS_ONE_GET: Rule = Rule {
    id: "n-plus-one-get",
    severity: Severity::Medium,
    effort: 45,
    title: "One read per element of a list",
    why: "Each element is a round trip: latency and connections grow with the list. Capacity is the same as in a batch.",
    fix: "BatchGetItem by 100 with a retry of unprocessed keys; better one item collection and one Query.",
    security: None,
    page: PAGE,
};
/// A write per element.
pub static SEQUENTIAL_BATCH: Rule = Rule {
    id: "sequential-batch",
    severity: Severity::Low,
    effort: 30,
    title: "One write after the other for a list",
    why: "Each element waits for the one before it.",
    fix: "Batches of 25, or bounded concurrency.",
    security: None,
    page: PAGE,
};

/// Reads and writes of one item inside loops, and functions of them one call up.
pub fn check(cx: &Context<'_>, eval: &Eval<'_>, file: FileId, out: &mut Vec<Draft>) {
    let min = cx.config.loop_min.unwrap_or(4);
    for site in cx.calls(file) {
        if cx.place(file) == Place::Script || cx.reach(site) == Reach::Job && site.op.writes() {
            continue;
        }
        let reads = site.op == Op::GetItem
            || site.op == Op::Query && evidence::limit(eval, site) == Some(1);
        let writes =
            matches!(site.op, Op::PutItem | Op::DeleteItem) && !evidence::has_condition(site);
        if !reads && !writes {
            continue;
        }
        if site.params.has("Batch") || site.params.has("Transaction") {
            continue;
        }
        let rule = if reads {
            &N_PLUS_ONE_GET
        } else {
            &SEQUENTIAL_BATCH
        };
        if let Some(repeat) = evidence::repeat(eval, site.at) {
            if report(eval, file, &repeat, min, reads) {
                out.push(draft(rule, cx, site, &repeat, None));
            }
            continue;
        }
        if !reads {
            continue;
        }
        // One call down: who calls this function in a loop?
        for (call, certain) in eval.callers_of(site.at.file, site.function) {
            if cx.project.file(call.file).role == crate::link::Role::Test {
                continue;
            }
            let Some(repeat) = evidence::repeat(eval, call) else {
                continue;
            };
            if report(eval, call.file, &repeat, min, reads) {
                let confidence = if certain {
                    Confidence::Medium
                } else {
                    Confidence::Low
                };
                out.push(draft(rule, cx, site, &repeat, Some(call)).at_most(confidence));
            }
        }
    }
}

fn report(eval: &Eval<'_>, file: FileId, repeat: &Repeat, min: usize, reads: bool) -> bool {
    if evidence::few(eval, file, repeat.over, min - 1) {
        return false;
    }
    // Retries count attempts, chunks are batches.
    let label = repeat
        .over
        .map(|over| eval.label(At { file, node: over }))
        .unwrap_or_default();
    if evidence::has_word(
        &label,
        &["attempts", "retries", "retry", "attempt", "max", "range"],
    ) && label != "range"
    {
        return false;
    }
    if label == "range" {
        return false;
    }
    reads || !repeat.together
}

fn draft(
    rule: &'static Rule,
    cx: &Context<'_>,
    site: &Site,
    repeat: &Repeat,
    call: Option<At>,
) -> Draft {
    let together = if repeat.together {
        ", together"
    } else {
        ", one after the other"
    };
    let message = format!("{} once per element{together}", site.op.name());
    match call {
        None => Draft::at_site(rule, cx, site, message),
        Some(call) => {
            let mut draft = Draft::at(
                rule,
                cx,
                call,
                format!("{message}, in {}", site.function_name(cx.project)),
            );
            draft.op = Some(site.op.name());
            draft.table = site.table.label();
            draft.severity = Severity::Medium;
            draft.related(cx.project, site.at, format!("{} here", site.op.name()))
        }
    }
}
