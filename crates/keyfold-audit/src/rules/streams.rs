//! # `stream-without-consumer`, `consumer-without-filter`, `trigger-without-failure-destination`
//!
//! What is attached to a table's stream.
//!
//! | rule | severity | what |
//! |---|---|---|
//! | `stream-without-consumer` | low | the stream is on, and nothing of the project reads it |
//! | `consumer-without-filter` | low | the function wakes for every change and drops most of them in code |
//! | `trigger-without-failure-destination` | medium | one record that always fails stops its shard |
//!
//! ```yaml
//! FilterCriteria: { Filters: [{ Pattern: '{"eventName": ["INSERT"]}' }] }
//! BisectBatchOnFunctionError: true
//! MaximumRetryAttempts: 3
//! DestinationConfig: { OnFailure: { Destination: !GetAtt Failed.Arn } }
//! ```
//!
//! **Stays silent**: a stream whose ARN is exported or handed on; global tables, which need one; a program that reads
//! streams itself; a consumer whose table is not known.
//!
//! Source: Lambda Developer Guide, "Using Lambda with `DynamoDB`", "Event filtering".

use super::evidence;
use super::{Context, Draft, Rule};
use crate::facts::{Field, Kind, LoopKind};
use crate::finding::{Confidence, Severity};
use crate::link::eval::Eval;
use crate::link::flow::callee_name;
use crate::link::{At, Role, SourceFile};
use crate::tables::{StreamConsumer, TableDef};

const PAGE: &str = include_str!("streams.rs");

/// Nobody reads.
pub static STREAM_WITHOUT_CONSUMER: Rule = Rule {
    id: "stream-without-consumer",
    severity: Severity::Low,
    effort: 15,
    title: "A stream that nothing reads",
    why: "It hides that nobody handles the changes.",
    fix: "Add the consumer, or switch the stream off.",
    security: None,
    page: PAGE,
};
/// Wakes for everything.
pub static CONSUMER_WITHOUT_FILTER: Rule = Rule {
    id: "consumer-without-filter",
    severity: Severity::Low,
    effort: 15,
    title: "A consumer without a filter",
    why: "The function wakes for every change and drops most in code.",
    fix: "Filter in the event source mapping.",
    security: None,
    page: PAGE,
};
/// One bad record stops all.
pub static TRIGGER_WITHOUT_FAILURE_DESTINATION: Rule = Rule {
    id: "trigger-without-failure-destination",
    severity: Severity::Medium,
    effort: 20,
    title: "A stream mapping without a way out for failures",
    why: "One record that always fails stops its shard for a day.",
    fix: "Bound the retries, bisect, and name a destination for failures.",
    security: None,
    page: PAGE,
};

/// Streams and what reads them.
pub fn check(cx: &Context<'_>, eval: &Eval<'_>, out: &mut Vec<Draft>) {
    for consumer in &cx.infra.consumers {
        if !consumer.failure_handling {
            let message = "a stream mapping without retry bound, bisect and failure destination";
            out.push(at(&TRIGGER_WITHOUT_FAILURE_DESTINATION, consumer, message));
        }
    }
    unread(cx, eval, out);
    unfiltered(cx, eval, out);
}

fn at(rule: &'static Rule, consumer: &StreamConsumer, message: &str) -> Draft {
    Draft::in_file(rule, &consumer.file, consumer.line, consumer.line, message)
}

fn unread(cx: &Context<'_>, eval: &Eval<'_>, out: &mut Vec<Draft>) {
    let stages = crate::layer::patterns(&cx.config.stages);
    let tables: Vec<&TableDef> = cx
        .infra
        .tables
        .iter()
        .filter(|t| t.stream.is_some() && t.replicas.is_empty() && !t.open)
        .filter(|t| !matches!(t.source, "code" | "cli" | "pynamodb" | "model"))
        .filter(|t| !stages.is_match(&t.file) && crate::walk::role(&t.file) != Role::Test)
        .collect();
    if tables.is_empty()
        || cx.infra.consumers.iter().any(|c| c.table.is_none())
        || handed_on(cx, eval)
    {
        return;
    }
    for table in tables {
        let read = cx.infra.consumers.iter().any(|consumer| {
            [&table.name, &table.logical]
                .into_iter()
                .flatten()
                .any(|name| Some(name) == consumer.table.as_ref())
        });
        if !read {
            let name = table
                .name
                .as_ref()
                .or(table.logical.as_ref())
                .map_or("the table", String::as_str);
            let mut draft = Draft::in_file(
                &STREAM_WITHOUT_CONSUMER,
                &table.file,
                table.line,
                table.end_line,
                format!("nothing reads the stream of {name}"),
            )
            .at_most(Confidence::Medium);
            draft.table.clone_from(&table.name);
            out.push(draft);
        }
    }
}

/// A stream's ARN is named outside a mapping, or a program reads streams by itself.
fn handed_on(cx: &Context<'_>, eval: &Eval<'_>) -> bool {
    cx.project.ids().any(|(_, file)| {
        let imported = file.facts.imports.iter().any(|import| {
            let module = import.module.to_ascii_lowercase();
            [
                "dynamodbstreams",
                "dynamodb-streams",
                "dynamodb_streams",
                "kinesis",
            ]
            .iter()
            .any(|word| module.contains(word))
        });
        imported || names_stream(cx, eval, file)
    })
}

fn names_stream(cx: &Context<'_>, _eval: &Eval<'_>, file: &SourceFile) -> bool {
    let in_mapping = |line: u32| {
        cx.infra.consumers.iter().any(|consumer| {
            consumer.file == file.path
                && (consumer.line.saturating_sub(2)..consumer.line + 14).contains(&line)
        })
    };
    let is_arn = |text: &str| {
        text.contains("StreamArn")
            || text.contains("stream_arn")
            || text.contains("streamArn")
            || text == "dynamodbstreams"
    };
    file.facts.nodes.iter().any(|node| {
        let named = match &node.kind {
            Kind::Str(text) => is_arn(text),
            Kind::Member(_, name) | Kind::Name(name) => is_arn(name),
            _ => false,
        };
        named && !in_mapping(node.span.line)
    })
}

/// One mapping without a filter, and one handler that drops what it is not for.
fn unfiltered(cx: &Context<'_>, eval: &Eval<'_>, out: &mut Vec<Draft>) {
    let without: Vec<&StreamConsumer> = cx.infra.consumers.iter().filter(|c| !c.filter).collect();
    if without.is_empty() {
        return;
    }
    let mut drops: Vec<At> = Vec::new();
    for (id, file) in cx.project.ids() {
        if file.role == Role::Test || file.lang.is_document() {
            continue;
        }
        let found = (0u32..).zip(&file.facts.nodes).find(|(node, _)| {
            drops_record(
                eval,
                At {
                    file: id,
                    node: *node,
                },
            )
        });
        drops.extend(found.map(|(node, _)| At { file: id, node }));
    }
    // Which mapping a handler belongs to is not known: only as many as drop records can be meant.
    if drops.len() < without.len() {
        return;
    }
    for consumer in without {
        let message =
            "the function wakes for every change, and its code drops some of them by eventName";
        out.push(
            at(&CONSUMER_WITHOUT_FILTER, consumer, message)
                .at_most(Confidence::Medium)
                .related(cx.project, drops[0], "dropped here"),
        );
    }
}

/// `if (record.eventName !== 'INSERT') continue`, `.filter(r => r.eventName === 'INSERT')`, or a loop whose only
/// statement is such a condition.
fn drops_record(eval: &Eval<'_>, at: At) -> bool {
    let file = eval.project.file(at.file);
    let Kind::Binary(op, left, right) = file.kind(at.node) else {
        return false;
    };
    let event = |id: u32| match file.kind(id) {
        Kind::Member(_, name) => matches!(name.as_str(), "eventName" | "EventName" | "event_name"),
        Kind::Index(_, key) => eval
            .text(At {
                file: at.file,
                node: *key,
            })
            .is_some_and(|key| key == "eventName"),
        Kind::Call(callee, args, _) => {
            args.is_empty()
                && matches!(
                    callee_name(file, *callee).as_str(),
                    "getEventName" | "eventName" | "event_name"
                )
                || matches!(callee_name(file, *callee).as_str(), "get")
                    && args.first().is_some_and(|a| {
                        eval.text(At {
                            file: at.file,
                            node: a.value,
                        })
                        .is_some_and(|k| k == "eventName")
                    })
        }
        _ => false,
    };
    let kind = |id: u32| {
        eval.text(At {
            file: at.file,
            node: id,
        })
        .is_some_and(|t| matches!(t.as_str(), "INSERT" | "MODIFY" | "REMOVE"))
    };
    if !(event(*left) && kind(*right) || event(*right) && kind(*left)) {
        return false;
    }
    let equal = matches!(op.as_str(), "==" | "===");
    for up in file.ancestors(at.node).take(8) {
        match file.kind(up) {
            Kind::If(_, then, other) => {
                let leaves = {
                    let mut leaves = false;
                    walk(file, *then, &mut |id| {
                        leaves |= matches!(file.kind(id), Kind::Jump | Kind::Return(None));
                    });
                    leaves
                };
                let alone = file.parent(up).is_some_and(|block| match file.kind(block) {
                    Kind::Block(list) => {
                        list.len() == 1
                            && file.parent(block).is_some_and(|l| {
                                matches!(
                                    file.kind(l),
                                    Kind::Loop(LoopKind::Each, ..) | Kind::Lambda(_)
                                )
                            })
                    }
                    Kind::Loop(LoopKind::Each, ..) => true,
                    _ => false,
                });
                return !equal && leaves || equal && other.is_none() && alone;
            }
            Kind::Call(callee, ..) if equal => {
                return callee_name(file, *callee) == "filter";
            }
            Kind::Loop(..) | Kind::FnDef(_) => return false,
            _ => {}
        }
    }
    false
}

/// Every node under one, itself included.
pub fn walk(file: &SourceFile, id: u32, each: &mut dyn FnMut(u32)) {
    each(id);
    let mut inner = Vec::new();
    file.facts.children(id, |child| inner.push(child));
    for child in inner {
        walk(file, child, each);
    }
}

/// Whether a node, or one under it, names one of these words: in a name, a member, a text or a field.
pub fn mentions(file: &SourceFile, id: u32, words: &[&str]) -> bool {
    let mut found = false;
    walk(file, id, &mut |id| {
        found = found || match file.kind(id) {
            Kind::Name(name) | Kind::Member(_, name) | Kind::Str(name) | Kind::Type(name, _) => {
                evidence::has_word(name, words)
            }
            Kind::Object(fields) => fields.iter().any(
                |field| matches!(field, Field::Named(name, _) if evidence::has_word(name, words)),
            ),
            Kind::PatObject(fields) => fields
                .iter()
                .any(|(name, _)| evidence::has_word(name, words)),
            _ => false,
        };
    });
    found
}
