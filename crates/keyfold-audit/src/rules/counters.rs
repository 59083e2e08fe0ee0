//! # `read-modify-write-counter`, `read-modify-write-item`
//!
//! A value is read, changed in memory and written back, with no condition on what was read. Two writers do it at once,
//! and one update is lost.
//!
//! ```ts
//! const { Item } = await ddb.send(new GetCommand({ Key }));
//! await ddb.send(new PutCommand({ Item: { ...Item, count: Item.count + 1 } }));                       // bad
//! await ddb.send(new UpdateCommand({ Key, UpdateExpression: 'ADD #n :one', … }));                      // good
//! ```
//! ```python
//! item = table.get_item(Key=key)["Item"]; item["stock"] -= 1; table.put_item(Item=item)                 # bad
//! table.update_item(Key=key, UpdateExpression="SET stock = stock - :one", …)                            # good
//! ```
//!
//! Guarded forms are never a finding: `ADD`, `SET a = a ± :d`, `list_append`, `if_not_exists`; a condition that names
//! the attribute or a version; a transaction with one; `VersionAttribute`, `@DynamoDbVersionAttribute`; `ElectroDB`'s
//! `.add()`, Toolbox's `$add`, Dynamoose's `$ADD`. A condition on something else (`attribute_exists(PK)`) is no guard.
//!
//! **Stays silent**: the read only supplies a key, a permission or a 404.

use smol_str::SmolStr;

use super::evidence;
use super::{Context, Draft, Rule};
use crate::facts::{Field, Kind};
use crate::finding::{Confidence, Severity};
use crate::layer::Place;
use crate::link::eval::{Eval, Value};
use crate::link::scope::Source;
use crate::link::{At, FileId};
use crate::op::Op;
use crate::sites::Site;
use crate::surfaces::{Api, HandleKind};

const PAGE: &str = include_str!("counters.rs");

/// Arithmetic on what was read.
pub static READ_MODIFY_WRITE_COUNTER: Rule = Rule {
    id: "read-modify-write-counter",
    severity: Severity::High,
    effort: 30,
    title: "A counter that is read, changed and written back",
    why: "Two writers at once: one update is lost.",
    fix: "ADD, or SET n = n + :d in the update; or a condition on the value that was read.",
    security: None,
    page: PAGE,
};
/// A whole item or list written back.
pub static READ_MODIFY_WRITE_ITEM: Rule = Rule {
    id: "read-modify-write-item",
    severity: Severity::Medium,
    effort: 45,
    title: "An item that is read, changed and written back",
    why: "Two writers at once: one update is lost.",
    fix: "Update only what changes; or a version attribute with a condition.",
    security: None,
    page: PAGE,
};

/// Writes of what was read in the same function.
pub fn check(cx: &Context<'_>, eval: &Eval<'_>, file: FileId, out: &mut Vec<Draft>) {
    if matches!(cx.place(file), Place::Script | Place::Test | Place::Example) {
        return;
    }
    let all: Vec<&Site> = cx.calls(file).collect();
    for write in &all {
        if !matches!(write.op, Op::PutItem | Op::UpdateItem) {
            continue;
        }
        if write.api == Api::Pynamodb {
            pynamodb(cx, eval, write, &all, out);
            continue;
        }
        let read = all
            .iter()
            .any(|site| site.op.reads() && site.function == write.function)
            || reads_by_call(cx, eval, write);
        if !read || guarded(eval, write) {
            continue;
        }
        let Some((how, at)) = written_back(eval, write) else {
            continue;
        };
        let rule = match how {
            How::Arithmetic => &READ_MODIFY_WRITE_COUNTER,
            How::Whole => &READ_MODIFY_WRITE_ITEM,
        };
        let what = match how {
            How::Arithmetic => "a number that was read is changed in memory and written back",
            How::Whole => "an item that was read is changed in memory and written back",
        };
        let mut draft = Draft::at_site(rule, cx, write, format!("{what} without a condition"));
        if let Some(read) = all
            .iter()
            .find(|site| site.op.reads() && site.function == write.function)
        {
            draft = draft.related(cx.project, read.at, "read here");
        } else {
            draft = draft.at_most(Confidence::Medium);
        }
        if at != write.at {
            draft = draft.related(cx.project, at, "changed here");
        }
        out.push(draft);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    Arithmetic,
    Whole,
}

/// A condition that names something other than the item's existence.
fn guarded(eval: &Eval<'_>, site: &Site) -> bool {
    if site.params.has("Expected") {
        return true;
    }
    let Some(at) = site.param("ConditionExpression") else {
        return false;
    };
    let Some((pieces, _)) = evidence::expression(eval, site, "ConditionExpression") else {
        // A condition object: which attribute it names, its text says.
        let mut parts = Vec::new();
        evidence::boto_conditions(eval, at, &mut parts, false);
        return !parts.is_empty()
            && parts.iter().any(|p| p.whole || !p.pieces.is_empty())
            && !only_existence(eval, at);
    };
    let text = evidence::shown(&pieces);
    // A comparison is a guard; existence alone is none.
    text.contains(['=', '<', '>'])
        || text.contains("BETWEEN")
        || text.contains("contains")
        || text.contains("size")
        || text.contains("attribute_not_exists")
        || text.contains('{')
}

fn only_existence(eval: &Eval<'_>, at: At) -> bool {
    let file = eval.project.file(at.file);
    match file.kind(at.node) {
        Kind::Call(callee, ..) => crate::link::flow::callee_name(file, *callee) == "exists",
        _ => false,
    }
}

/// Calls a function of the project that reads an item, in the same function.
fn reads_by_call(cx: &Context<'_>, eval: &Eval<'_>, write: &Site) -> bool {
    let file = cx.project.file(write.at.file);
    let mut stack = vec![file.facts.function(write.function).body];
    while let Some(id) = stack.pop() {
        if let Kind::Call(callee, ..) = file.kind(id)
            && let Value::Function(at, function) = eval.value(At {
                file: write.at.file,
                node: *callee,
            })
            && cx.sites[at as usize]
                .sites
                .iter()
                .any(|s| s.function == function && matches!(s.op, Op::GetItem | Op::Query))
        {
            return true;
        }
        file.facts.children(id, |child| stack.push(child));
    }
    false
}

/// What is written is what was read, changed.
fn written_back(eval: &Eval<'_>, write: &Site) -> Option<(How, At)> {
    if write.op == Op::PutItem {
        let item = write.param("Item")?;
        // Rust gives its parts one by one.
        if write.api == Api::AwsSdkRust {
            return evidence::key_parts(eval, write)
                .iter()
                .find_map(|part| arithmetic(eval, part.at, 4))
                .map(|at| (How::Arithmetic, at));
        }
        let item = evidence::plain(eval, item);
        whole_item(eval, item)
    } else {
        for (_, at) in evidence::attribute_values(eval, write).unwrap_or_default() {
            let at = evidence::plain(eval, at);
            if let Some(found) = arithmetic(eval, at, 4) {
                return Some((How::Arithmetic, found));
            }
        }
        None
    }
}

fn whole_item(eval: &Eval<'_>, item: At) -> Option<(How, At)> {
    let file = eval.project.file(item.file);
    // `{ ...Item, count: Item.count + 1 }`.
    if let Value::Object(object) = eval.value(item)
        && let Kind::Object(fields) = eval.project.kind(object)
    {
        let mut spread = false;
        for field in fields {
            match field {
                Field::Spread(value) => {
                    spread |= was_read(
                        eval,
                        At {
                            file: object.file,
                            node: *value,
                        },
                        5,
                    );
                }
                Field::Named(_, value) => {
                    let at = evidence::plain(
                        eval,
                        At {
                            file: object.file,
                            node: *value,
                        },
                    );
                    if let Some(found) = arithmetic(eval, at, 4) {
                        return Some((How::Arithmetic, found));
                    }
                }
                Field::Computed(..) => {}
            }
        }
        return spread.then_some((How::Whole, item));
    }
    // `item.count += 1; put(item)`.
    if let Kind::Name(name) = file.kind(item.node)
        && was_read(eval, item, 5)
    {
        let changes = mutations(eval, item, name);
        let (at, arithmetic) = changes
            .into_iter()
            .max_by_key(|(_, arithmetic)| *arithmetic)?;
        return Some((
            if arithmetic {
                How::Arithmetic
            } else {
                How::Whole
            },
            at,
        ));
    }
    None
}

/// Assignments to members of a name in the function; whether each is arithmetic.
fn mutations(eval: &Eval<'_>, at: At, name: &SmolStr) -> Vec<(At, bool)> {
    let file = eval.project.file(at.file);
    let function = file.named_function(at.node);
    let mut out = Vec::new();
    for place in file.names.get(name).into_iter().flatten() {
        if file.named_function(*place) != function {
            continue;
        }
        let mut node = *place;
        while let Some(up) = file.parent(node) {
            match file.kind(up) {
                Kind::Member(obj, _) | Kind::Index(obj, _) if *obj == node => node = up,
                Kind::Assign(target, op, value) if *target == node && node != *place => {
                    let counts = matches!(op.as_str(), "+=" | "-=")
                        && is_number(
                            eval,
                            At {
                                file: at.file,
                                node: *value,
                            },
                        )
                        || matches!(file.kind(*value), Kind::Binary(op, ..) if matches!(op.as_str(), "+" | "-"));
                    out.push((
                        At {
                            file: at.file,
                            node: up,
                        },
                        counts,
                    ));
                    break;
                }
                // `item.tags.push(x)`.
                Kind::Call(callee, ..) if *callee == node => {
                    if let Kind::Member(_, method) = file.kind(node)
                        && matches!(
                            method.as_str(),
                            "push"
                                | "append"
                                | "unshift"
                                | "splice"
                                | "extend"
                                | "insert"
                                | "update"
                        )
                    {
                        out.push((
                            At {
                                file: at.file,
                                node: up,
                            },
                            false,
                        ));
                    }
                    break;
                }
                _ => break,
            }
        }
    }
    out
}

fn is_number(eval: &Eval<'_>, at: At) -> bool {
    !matches!(
        eval.value(at),
        Value::Text(_) | Value::Array(_) | Value::Object(_)
    )
}

/// The value is arithmetic on something that was read.
fn arithmetic(eval: &Eval<'_>, at: At, depth: u32) -> Option<At> {
    if depth == 0 {
        return None;
    }
    let file = eval.project.file(at.file);
    let here = |node: u32| At {
        file: at.file,
        node,
    };
    match file.kind(at.node) {
        Kind::Binary(op, left, right) if matches!(op.as_str(), "+" | "-") => {
            let read = was_read(eval, here(*left), 16) || was_read(eval, here(*right), 16);
            (read && !is_time(eval, here(*left)) && !is_time(eval, here(*right))).then_some(at)
        }
        Kind::Name(name) => eval
            .bindings(at, name)
            .into_iter()
            .find_map(|(_, b)| match b.source {
                Source::Value(value) if value != at.node && b.path.is_empty() => {
                    arithmetic(eval, here(value), depth - 1)
                }
                _ => None,
            }),
        Kind::Call(_, args, _) => args
            .iter()
            .find_map(|arg| arithmetic(eval, here(arg.value), depth - 1)),
        Kind::Choice(values) => values
            .iter()
            .find_map(|v| arithmetic(eval, here(*v), depth - 1)),
        Kind::If(_, then, other) => arithmetic(eval, here(*then), depth - 1)
            .or_else(|| other.and_then(|o| arithmetic(eval, here(o), depth - 1))),
        _ => None,
    }
}

fn is_time(eval: &Eval<'_>, at: At) -> bool {
    let label = eval.label(at);
    evidence::has_word(
        &label,
        &["now", "time", "date", "ttl", "expires", "timestamp"],
    )
}

/// The value comes from the response of a read in the same function, or of a function that reads.
fn was_read(eval: &Eval<'_>, at: At, depth: u32) -> bool {
    if depth == 0 {
        return false;
    }
    let file = eval.project.file(at.file);
    let here = |node: u32| At {
        file: at.file,
        node,
    };
    if let Value::Handle(handle) = eval.value(at) {
        return matches!(handle.kind, HandleKind::Response | HandleKind::Record)
            && handle.op.is_some_and(Op::reads);
    }
    match file.kind(at.node) {
        Kind::Member(obj, _) | Kind::Index(obj, _) => was_read(eval, here(*obj), depth - 1),
        Kind::Name(name) => eval
            .bindings(at, name)
            .into_iter()
            .any(|(_, b)| match b.source {
                Source::Value(value) if value != at.node => was_read(eval, here(value), depth - 1),
                _ => false,
            }),
        Kind::Choice(values) => values.iter().any(|v| was_read(eval, here(*v), depth - 1)),
        Kind::If(_, then, _) => was_read(eval, here(*then), depth - 1),
        Kind::Call(callee, args, _) => {
            if let Value::Handle(handle) = eval.value(at) {
                return handle.op.is_some_and(Op::reads);
            }
            if let Value::Function(f, id) = eval.value(here(*callee)) {
                // A function of the project that reads one item and gives it back.
                return eval
                    .returns(f, id)
                    .into_iter()
                    .any(|node| was_read(eval, At { file: f, node }, depth - 1));
            }
            let name = crate::link::flow::callee_name(file, *callee);
            if matches!(
                name.as_str(),
                "get"
                    | "int"
                    | "Number"
                    | "parseInt"
                    | "unmarshall"
                    | "deepcopy"
                    | "copy"
                    | "dict"
                    | "float"
                    | "Decimal"
                    | "structuredClone"
                    | "parse"
                    | "as_n"
                    | "as_s"
                    | "ok"
                    | "ok_or"
                    | "ok_or_else"
                    | "context"
                    | "expect"
                    | "unwrap"
                    | "unwrap_or"
                    | "unwrap_or_default"
                    | "cloned"
                    | "clone"
                    | "and_then"
                    | "map"
                    | "n"
                    | "getN"
                    | "toInt"
                    | "toLong"
                    | "parseLong"
                    | "valueOf"
                    | "intValue"
                    | "longValue"
            ) {
                return args
                    .iter()
                    .any(|a| was_read(eval, here(a.value), depth - 1))
                    || matches!(file.kind(*callee), Kind::Member(obj, _) if was_read(eval, here(*obj), depth - 1));
            }
            false
        }
        _ => false,
    }
}

/// `item = Model.get(…); item.n += 1; item.save()`.
fn pynamodb(cx: &Context<'_>, eval: &Eval<'_>, write: &Site, all: &[&Site], out: &mut Vec<Draft>) {
    let file = eval.project.file(write.at.file);
    if write.op != Op::PutItem || write.params.has("ConditionExpression") {
        return;
    }
    let Kind::Call(callee, ..) = file.kind(write.at.node) else {
        return;
    };
    let Kind::Member(obj, _) = file.kind(*callee) else {
        return;
    };
    let Kind::Name(name) = file.kind(*obj) else {
        return;
    };
    let Some(read) = all.iter().find(|s| {
        s.op == Op::GetItem && s.function == write.function && s.handle.model == write.handle.model
    }) else {
        return;
    };
    let versioned = write.handle.model.is_some_and(|(f, class)| {
        let mf = cx.project.file(f);
        mf.facts.class(class).fields.iter().any(|field| {
            field.value.is_some_and(|v| matches!(mf.kind(v), Kind::Call(c, ..) if crate::link::flow::callee_name(mf, *c) == "VersionAttribute"))
        })
    });
    let changes = mutations(
        eval,
        At {
            file: write.at.file,
            node: *obj,
        },
        name,
    );
    let Some((at, arithmetic)) = changes.into_iter().max_by_key(|(_, a)| *a) else {
        return;
    };
    if versioned {
        return;
    }
    let rule = if arithmetic {
        &READ_MODIFY_WRITE_COUNTER
    } else {
        &READ_MODIFY_WRITE_ITEM
    };
    out.push(
        Draft::at_site(
            rule,
            cx,
            write,
            "a record that was read is changed and saved without a condition",
        )
        .related(cx.project, read.at, "read here")
        .related(cx.project, at, "changed here"),
    );
}
