//! # `missing-retry`, in what is written by hand
//!
//! The SDK has tried again several times before a program sees that it was throttled. Going on as if nothing had happened
//! loses the request; a loop of one's own without jitter makes every client come back in the same moment.
//!
//! ```ts
//! catch (e) { if (e.name === 'ProvisionedThroughputExceededException') return null; throw e }   // bad: lost
//! while (true) { try { return await get() } catch (e) { await sleep(100) } }                    // bad: for ever
//! ```
//!
//! **Stays silent**: a handler that throws, tries again or hands the request on; an outer retry with a bound and jitter.

use super::retries::MISSING_RETRY;
use super::streams::{mentions, walk};
use super::{Context, Draft};
use crate::facts::{Kind, LoopKind};
use crate::finding::{Confidence, Severity};
use crate::link::eval::Eval;
use crate::link::flow::callee_name;
use crate::link::{At, FileId, Role, SourceFile};

/// What the service says when there is too much.
const THROTTLED: [&str; 10] = [
    "ProvisionedThroughputExceededException",
    "ProvisionedThroughputExceeded",
    "ThrottlingException",
    "RequestLimitExceeded",
    "TransactionConflictException",
    "TransactionInProgressException",
    "is_provisioned_throughput_exceeded_exception",
    "is_request_limit_exceeded",
    "is_transaction_conflict_exception",
    "is_transaction_in_progress_exception",
];

const WAITS: [&str; 7] = [
    "sleep",
    "delay",
    "setTimeout",
    "wait",
    "pause",
    "backoff",
    "sleepMs",
];
const JITTER: [&str; 10] = [
    "random",
    "jitter",
    "rand",
    "uniform",
    "randint",
    "randomInt",
    "nextint",
    "nextdouble",
    "threadlocalrandom",
    "secrets",
];

/// Handlers and loops around calls.
pub fn check(cx: &Context<'_>, eval: &Eval<'_>, file: FileId, out: &mut Vec<Draft>) {
    let f = cx.project.file(file);
    if f.role == Role::Test || cx.sites[file as usize].sites.is_empty() {
        return;
    }
    for (id, node) in (0u32..).zip(&f.facts.nodes) {
        match &node.kind {
            Kind::If(cond, then, _)
                if (named(f, *cond) || is_as(eval, file, *cond)) && gives_up(f, *then) =>
            {
                swallowed(cx, At { file, node: id }, out);
            }
            Kind::Try(_, handlers, _) => {
                for (pat, body) in handlers {
                    if pat.is_some_and(|pat| named(f, pat)) && gives_up(f, *body) {
                        swallowed(cx, At { file, node: *body }, out);
                    }
                }
            }
            _ => {}
        }
    }
    by_hand(cx, eval, file, out);
}

fn swallowed(cx: &Context<'_>, at: At, out: &mut Vec<Draft>) {
    out.push(
        Draft::at(
            &MISSING_RETRY,
            cx,
            at,
            "a throttled request is given up without an error",
        )
        .fix("Let the error through, or put the request where it is tried again."),
    );
}

/// A throttling error is named here.
fn named(file: &SourceFile, id: u32) -> bool {
    let mut found = false;
    walk(file, id, &mut |id| {
        found = found
            || match file.kind(id) {
                Kind::Name(name)
                | Kind::Member(_, name)
                | Kind::Str(name)
                | Kind::Type(name, _) => THROTTLED
                    .iter()
                    .any(|known| name.rsplit(['.', ':', '*', ' ']).next() == Some(known)),
                _ => false,
            };
    });
    // "If it is not throttling" is the other case.
    found
        && !matches!(file.kind(id), Kind::Unary(op, _) if matches!(op.as_str(), "!" | "not"))
        && !matches!(file.kind(id), Kind::Binary(op, ..) if matches!(op.as_str(), "!=" | "!==" | "&&" | "and" | "not in"))
}

/// Go: `var busy *types.ProvisionedThroughputExceededException; if errors.As(err, &busy)`.
fn is_as(eval: &Eval<'_>, file: FileId, cond: u32) -> bool {
    let f = eval.project.file(file);
    let Kind::Call(callee, args, _) = f.kind(cond) else {
        return false;
    };
    if callee_name(f, *callee) != "As" {
        return false;
    }
    let mut typed = false;
    for arg in args {
        walk(f, arg.value, &mut |id| {
            if let Kind::Name(name) = f.kind(id) {
                typed |= eval
                    .bindings(At { file, node: id }, name)
                    .iter()
                    .any(|(_, binding)| named(f, binding.node));
            }
        });
    }
    typed
}

/// Nothing happens but a log line and a return of nothing.
fn gives_up(file: &SourceFile, body: u32) -> bool {
    let mut only = true;
    let mut nodes = 0;
    walk(file, body, &mut |id| {
        nodes += 1;
        match file.kind(id) {
            Kind::Throw(_) | Kind::Loop(..) | Kind::Assign(..) | Kind::Jump => only = false,
            Kind::Call(callee, ..) => {
                let name = callee_name(file, *callee);
                only &= matches!(
                    name.as_str(),
                    "log"
                        | "warn"
                        | "warning"
                        | "info"
                        | "debug"
                        | "error"
                        | "trace"
                        | "println"
                        | "print"
                        | "Ok"
                        | "Some"
                        | "Printf"
                        | "Println"
                        | "emptyList"
                        | "listOf"
                        | "of"
                        | "empty"
                        | "exception"
                );
            }
            Kind::Return(Some(value)) => {
                only &= match file.kind(*value) {
                    Kind::Null | Kind::Bool(_) => true,
                    Kind::Array(items) => items.iter().all(|i| matches!(file.kind(*i), Kind::Null)),
                    Kind::Object(fields) => fields.is_empty(),
                    Kind::Name(name) => matches!(name.as_str(), "undefined" | "None" | "nil"),
                    Kind::Call(callee, ..) => {
                        matches!(
                            callee_name(file, *callee).as_str(),
                            "Ok" | "emptyList" | "of" | "empty"
                        )
                    }
                    _ => false,
                };
            }
            _ => {}
        }
    });
    only && nodes > 0
}

/// A loop that tries a call again.
fn by_hand(cx: &Context<'_>, _eval: &Eval<'_>, file: FileId, out: &mut Vec<Draft>) {
    let f = cx.project.file(file);
    let mut seen: Vec<u32> = Vec::new();
    for site in cx.calls(file) {
        let mut handlers: Option<Vec<u32>> = None;
        for up in f.ancestors(site.at.node) {
            match f.kind(up) {
                Kind::Try(body, list, _)
                    if f.contains(*body, site.at.node) && handlers.is_none() =>
                {
                    handlers = Some(list.iter().map(|(_, body)| *body).collect());
                }
                Kind::Lambda(_) | Kind::FnDef(_) => break,
                Kind::Loop(kind, _, over, body) => {
                    let Some(handlers) = &handlers else { break };
                    if seen.contains(&up) {
                        break;
                    }
                    let waits = handlers.iter().any(|h| {
                        mentions(f, *h, &["sleep", "delay", "wait", "backoff"]) && calls_wait(f, *h)
                    });
                    let leaves = handlers.iter().any(|h| {
                        let mut leaves = false;
                        walk(f, *h, &mut |id| {
                            leaves |= matches!(
                                f.kind(id),
                                Kind::Throw(_) | Kind::Return(_) | Kind::Jump | Kind::If(..)
                            );
                        });
                        leaves
                    });
                    let endless = *kind == LoopKind::While
                        && over
                            .is_none_or(|c| matches!(f.kind(c), Kind::Bool(true) | Kind::Num(_)));
                    let message = if endless && !leaves {
                        "a retry by hand without a bound: a request that always fails is tried for ever"
                    } else if waits && !mentions(f, *body, &JITTER) {
                        "a retry by hand without jitter: throttled clients come back together"
                    } else {
                        break;
                    };
                    seen.push(up);
                    out.push(
                        Draft::at(&MISSING_RETRY, cx, At { file, node: up }, message)
                            .severity(Severity::Low)
                            .at_most(Confidence::Medium)
                            .related(cx.project, site.at, "tried here")
                            .fix("Leave retries to the SDK (its standard mode has a bound and jitter), or add both."),
                    );
                    break;
                }
                _ => {}
            }
        }
    }
}

fn calls_wait(file: &SourceFile, id: u32) -> bool {
    let mut found = false;
    walk(file, id, &mut |id| {
        found |= matches!(file.kind(id), Kind::Call(callee, ..)
            if WAITS.contains(&callee_name(file, *callee).as_str()));
    });
    found
}
