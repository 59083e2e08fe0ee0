//! # `unprocessed-ignored`, `unprocessed-tight-loop`, `batch-too-large`, `duplicate-in-batch`
//!
//! A throttled `BatchWriteItem` or `BatchGetItem` answers with success and a rest. Who does not read the rest loses
//! items without an error. Who sends it again at once throttles himself.
//!
//! ```ts
//! await ddb.send(new BatchWriteCommand({ RequestItems }));                       // bad
//! let rest = RequestItems;                                                      // good
//! for (let turn = 0; rest && Object.keys(rest).length; turn++) {
//!   rest = (await ddb.send(new BatchWriteCommand({ RequestItems: rest }))).UnprocessedItems;
//!   await sleep(jitter(turn));
//! }
//! ```
//! ```python
//! client.batch_write_item(RequestItems=items)    # bad
//! with table.batch_writer() as batch: …          # good: it retries the rest
//! ```
//!
//! **Stays silent**: boto3's `batch_writer`, `PynamoDB`'s batches, a rest that is read or handed to the caller, a
//! wrapper that retries inside (followed one call).
//!
//! `batch-too-large`: more than 25 writes, 100 keys or 100 actions of a transaction in one literal request;
//! `duplicate-in-batch`: one key twice. Both fail for certain.
//!
//! Source: Developer Guide, "Error handling: batch operations"; API Reference, `BatchWriteItem`, `BatchGetItem`.

use super::evidence::{self, UNPROCESSED};
use super::{Context, Draft, Rule};
use crate::facts::{Field, Kind, LoopKind};
use crate::finding::{Confidence, Severity};
use crate::link::eval::{Eval, Value};
use crate::link::flow::{self, Use, callee_name};
use crate::link::{At, FileId};
use crate::op::Op;
use crate::sites::Site;
use crate::surfaces::{Api, HandleKind};

const PAGE: &str = include_str!("batch.rs");

/// The rest of a batch is lost.
pub static UNPROCESSED_IGNORED: Rule = Rule {
    id: "unprocessed-ignored",
    severity: Severity::High,
    effort: 20,
    title: "The rest of a batch is not read",
    why: "A throttled batch returns success with a rest: items are lost without an error.",
    fix: "Send the rest again with exponential backoff and jitter until it is empty.",
    security: None,
    page: PAGE,
};
/// The rest is sent again at once.
pub static UNPROCESSED_TIGHT_LOOP: Rule = Rule {
    id: "unprocessed-tight-loop",
    severity: Severity::Medium,
    effort: 20,
    title: "The rest of a batch is sent again without a delay",
    why: "Sending again at once meets the same throttling and burns the retries.",
    fix: "Wait between the turns: exponential backoff with jitter.",
    security: None,
    page: PAGE,
};
/// More than fits.
pub static BATCH_TOO_LARGE: Rule = Rule {
    id: "batch-too-large",
    severity: Severity::Medium,
    effort: 10,
    title: "A batch with more than fits",
    why: "A batch holds 25 writes or 100 keys, a transaction 100 actions: more is a ValidationException.",
    fix: "Split it into chunks of the operation's limit.",
    security: None,
    page: PAGE,
};
/// One key twice.
pub static DUPLICATE_IN_BATCH: Rule = Rule {
    id: "duplicate-in-batch",
    severity: Severity::High,
    effort: 10,
    title: "One key twice in a batch",
    why: "A batch or transaction with one item twice is a ValidationException.",
    fix: "Write the item once; two changes of one item are one update.",
    security: None,
    page: PAGE,
};

/// Every batch.
pub fn check(cx: &Context<'_>, eval: &Eval<'_>, file: FileId, out: &mut Vec<Draft>) {
    for site in cx.calls(file) {
        sizes(cx, eval, site, out);
        if !matches!(site.op, Op::BatchWriteItem | Op::BatchGetItem) {
            continue;
        }
        let retries = matches!(site.handle.kind, HandleKind::Batch)
            || matches!(
                site.api,
                Api::Pynamodb | Api::GureguDynamo | Api::SpringDataDynamodb
            )
            || matches!(eval.value(site.at).handle(), Some(h) if h.kind == HandleKind::Batch)
            || site.api == Api::DynamodbOnetable
            || site.params.has("MaxAttempts");
        if retries {
            continue;
        }
        let uses = site.response_uses(eval);
        let read = |uses: &[Use]| {
            uses.iter().any(|u| match u {
                Use::Field(name, _) | Use::Method(name, _) => UNPROCESSED.contains(&name.as_str()),
                _ => false,
            })
        };
        if read(&uses) {
            tight_loop(cx, eval, site, out);
            continue;
        }
        let mut up = false;
        let escapes = uses.iter().any(|u| match u {
            Use::Returned(function, at) => {
                let callers = eval.callers_of(at.file, *function);
                let all = !callers.is_empty()
                    && callers.iter().all(|(call, _)| {
                        let uses = flow::uses(eval, *call);
                        uses.iter()
                            .all(|u| matches!(u, Use::Field(..) | Use::Tested(_)))
                            && !read(&uses)
                    });
                up |= all;
                !all
            }
            Use::Field(..) | Use::Tested(_) => false,
            _ => true,
        });
        if escapes || site.responses.is_empty() && site.api != Api::DynamodbToolbox {
            continue;
        }
        let what = if site.op == Op::BatchWriteItem {
            "UnprocessedItems"
        } else {
            "UnprocessedKeys"
        };
        let mut draft = Draft::at_site(
            &UNPROCESSED_IGNORED,
            cx,
            site,
            format!("{}: {what} is not read", site.op.name()),
        );
        if up {
            draft = draft.at_most(Confidence::Medium);
        }
        out.push(draft);
    }
}

const WAITS: [&str; 18] = [
    "sleep",
    "delay",
    "setTimeout",
    "wait",
    "backoff",
    "pause",
    "retry",
    "timeout",
    "exponentialBackoff",
    "sleepMs",
    "after",
    "pRetry",
    "asyncRetry",
    "jitter",
    "backOff",
    "Sleep",
    "tick",
    "wait_exponential",
];

/// A loop that sends the rest again, and nothing in it waits.
fn tight_loop(cx: &Context<'_>, eval: &Eval<'_>, site: &Site, out: &mut Vec<Draft>) {
    let file = cx.project.file(site.at.file);
    let Some(looped) = file
        .ancestors(site.at.node)
        .filter(|up| matches!(file.kind(*up), Kind::Loop(LoopKind::While, ..)))
        .last()
    else {
        return;
    };
    // The loop is over the rest: its condition or body names it.
    let mut waits = false;
    let mut names_rest = false;
    let mut stack = vec![looped];
    while let Some(id) = stack.pop() {
        match file.kind(id) {
            Kind::Call(callee, ..) => {
                let name = callee_name(file, *callee);
                waits |= WAITS.iter().any(|w| name.eq_ignore_ascii_case(w))
                    || evidence::has_word(&name, &["sleep", "delay", "backoff", "wait", "retry"]);
            }
            Kind::Name(name) | Kind::Member(_, name) => {
                names_rest |= evidence::has_word(
                    name,
                    &["unprocessed", "remaining", "rest", "pending", "retry"],
                );
            }
            Kind::Str(text) => names_rest |= UNPROCESSED.contains(&text.as_str()),
            _ => {}
        }
        file.facts.children(id, |child| stack.push(child));
    }
    let _ = eval;
    if !waits && names_rest {
        out.push(Draft::at_site(
            &UNPROCESSED_TIGHT_LOOP,
            cx,
            site,
            format!("{} sends the rest again without a delay", site.op.name()),
        ));
    }
}

fn sizes(cx: &Context<'_>, eval: &Eval<'_>, site: &Site, out: &mut Vec<Draft>) {
    let (field, max, what) = match site.op {
        Op::BatchWriteItem => ("RequestItems", 25, "writes"),
        Op::BatchGetItem => ("RequestItems", 100, "keys"),
        Op::TransactWriteItems | Op::TransactGetItems => ("TransactItems", 100, "actions"),
        _ => return,
    };
    let Some(at) = site.param(field) else { return };
    unchunked(cx, eval, site, at, max, what, out);
    for list in lists(eval, at) {
        let Kind::Array(items) = eval.project.kind(list) else {
            continue;
        };
        let file = eval.project.file(list.file);
        if items
            .iter()
            .any(|i| matches!(file.kind(*i), Kind::Spread(_)))
        {
            continue;
        }
        if items.len() > max {
            out.push(Draft::at_site(
                &BATCH_TOO_LARGE,
                cx,
                site,
                format!(
                    "{} {what} in one {}: at most {max} fit",
                    items.len(),
                    site.op.name()
                ),
            ));
        }
        let keys: Vec<String> = items
            .iter()
            .filter_map(|item| {
                key_text(
                    eval,
                    At {
                        file: list.file,
                        node: *item,
                    },
                )
            })
            .collect();
        if let Some(twice) = keys
            .iter()
            .enumerate()
            .find(|(n, key)| keys[..*n].contains(key))
        {
            let _ = twice;
            out.push(
                Draft::at_site(
                    &DUPLICATE_IN_BATCH,
                    cx,
                    site,
                    format!("{} names one key twice", site.op.name()),
                )
                .severity(Severity::High),
            );
        }
    }
}

/// The lists inside `RequestItems`, or the list itself.
/// As many as the caller has: `RequestItems: { orders: items.map(…) }` of a parameter, and nobody in sight cuts it.
fn unchunked(
    cx: &Context<'_>,
    eval: &Eval<'_>,
    site: &Site,
    at: At,
    max: usize,
    what: &str,
    out: &mut Vec<Draft>,
) {
    for value in requests(eval, at) {
        let file = eval.project.file(value.file);
        let over = match file.kind(value.node) {
            Kind::Call(callee, ..) => match file.kind(*callee) {
                Kind::Member(list, name) if name == "map" => *list,
                _ => continue,
            },
            Kind::Loop(LoopKind::Each, _, Some(over), _) => *over,
            _ => continue,
        };
        let Kind::Name(name) = file.kind(over) else {
            continue;
        };
        let here = At {
            file: value.file,
            node: over,
        };
        let handed_in = eval
            .bindings(here, name)
            .iter()
            .any(|(_, b)| matches!(b.source, crate::link::scope::Source::Param(..)));
        let cuts = [
            "chunk",
            "chunks",
            "chunked",
            "slice",
            "splice",
            "batches",
            "batched",
            "partition",
            "page",
            "max",
            "limit",
            "length",
            "len",
            "islice",
            "range",
        ];
        let cut = |file: &crate::link::SourceFile, function: u32| {
            function != 0
                && super::streams::mentions(file, file.facts.function(function).body, &cuts)
        };
        let mut functions = vec![(site.at.file, site.function)];
        functions.extend(
            eval.callers_of(site.at.file, site.function)
                .iter()
                .map(|(call, _)| {
                    (
                        call.file,
                        eval.project.file(call.file).named_function(call.node),
                    )
                }),
        );
        let named_so = evidence::has_word(name, &cuts)
            || evidence::has_word(&file.function_name(site.function), &["chunk", "page"]);
        let looped = eval
            .project
            .file(site.at.file)
            .ancestors(site.at.node)
            .any(|up| matches!(eval.project.file(site.at.file).kind(up), Kind::Loop(..)));
        if handed_in
            && !named_so
            && !looped
            && !functions
                .iter()
                .any(|(id, function)| cut(eval.project.file(*id), *function))
        {
            out.push(
                Draft::at_site(
                    &BATCH_TOO_LARGE,
                    cx,
                    site,
                    format!(
                        "as many {what} as {name} has in one {}: at most {max} fit",
                        site.op.name()
                    ),
                )
                .at_most(Confidence::Medium),
            );
            return;
        }
    }
}

/// The collections of a batch: of each table, or the list of actions.
fn requests(eval: &Eval<'_>, at: At) -> Vec<At> {
    match eval.value(at) {
        Value::Object(object) => match eval.project.kind(object) {
            Kind::Object(fields) => fields
                .iter()
                .filter_map(|field| match field {
                    Field::Named(_, value) | Field::Computed(_, value) => Some(At {
                        file: object.file,
                        node: *value,
                    }),
                    Field::Spread(_) => None,
                })
                .flat_map(|value| match eval.value(value) {
                    Value::Object(inner) => crate::surfaces::object_field(eval, inner, "Keys")
                        .into_iter()
                        .collect(),
                    _ => vec![value],
                })
                .collect(),
            _ => Vec::new(),
        },
        _ => vec![at],
    }
}

fn lists(eval: &Eval<'_>, at: At) -> Vec<At> {
    match eval.value(at) {
        Value::Array(array) => vec![array],
        Value::Object(object) => match eval.project.kind(object) {
            Kind::Object(fields) => fields
                .iter()
                .filter_map(|field| match field {
                    Field::Named(name, value) if name != "Responses" => Some(At {
                        file: object.file,
                        node: *value,
                    }),
                    Field::Computed(_, value) => Some(At {
                        file: object.file,
                        node: *value,
                    }),
                    _ => None,
                })
                .flat_map(|value| lists_of(eval, value))
                .collect(),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

fn lists_of(eval: &Eval<'_>, at: At) -> Vec<At> {
    match eval.value(at) {
        Value::Array(array) => vec![array],
        Value::Object(object) => crate::surfaces::object_field(eval, object, "Keys")
            .map(|keys| lists_of(eval, keys))
            .unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// A key as text, when all of it is literal.
fn key_text(eval: &Eval<'_>, at: At) -> Option<String> {
    let Value::Object(object) = eval.value(at) else {
        return None;
    };
    let Kind::Object(fields) = eval.project.kind(object) else {
        return None;
    };
    let mut parts = Vec::new();
    for field in fields {
        let Field::Named(name, value) = field else {
            return None;
        };
        let value = evidence::plain(
            eval,
            At {
                file: object.file,
                node: *value,
            },
        );
        parts.push(match (eval.text(value), eval.value(value)) {
            (Some(text), _) => format!("{name}={text}"),
            (None, Value::Number(n)) => format!("{name}={n}"),
            _ => return None,
        });
    }
    parts.sort();
    // A put or delete request of unknown shape has one field: no key.
    (!parts.is_empty()
        && fields
            .iter()
            .all(|f| !matches!(f, Field::Named(n, _) if n.ends_with("Request"))))
    .then(|| parts.join("&"))
}
