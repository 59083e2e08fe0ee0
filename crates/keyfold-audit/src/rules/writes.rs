//! # `put-without-condition`, `non-atomic-writes`
//!
//! A `PutItem` that creates something overwrites what is already there, in silence. A check before it does not help: two
//! requests both pass it.
//!
//! ```ts
//! if (!(await get(email))) await ddb.send(new PutCommand({ Item }));                                     // bad, high
//! await ddb.send(new PutCommand({ Item, ConditionExpression: 'attribute_not_exists(PK)' }));              // good
//! ```
//! ```python
//! def create_user(user): table.put_item(Item=user)                                                       # bad
//! ```
//!
//! Two writes that belong together, one after the other: a crash between them leaves a half.
//!
//! ```ts
//! await put(order); await update(stock);                    // bad
//! await transactWrite([put(order), update(stock)]);          // good: up to 100 actions, 4 MB, twice the units
//! ```
//!
//! **Stays silent**: a fresh UUID or ULID in the key; upsert, save, set, cache, session; logs, metrics and audit records;
//! compensation in `catch`; branches of which only one runs; `BatchWriteItem`, which cannot carry conditions.

use super::evidence;
use super::{Context, Draft, Rule};
use crate::facts::{Id, Kind};
use crate::finding::{Confidence, Severity};
use crate::layer::Place;
use crate::link::eval::{Eval, Piece, Value};
use crate::link::flow::callee_name;
use crate::link::{At, FileId, SourceFile};
use crate::op::Op;
use crate::sites::Site;
use crate::surfaces::Api;

const PAGE: &str = include_str!("writes.rs");

/// A creation that overwrites.
pub static PUT_WITHOUT_CONDITION: Rule = Rule {
    id: "put-without-condition",
    severity: Severity::Medium,
    effort: 20,
    title: "A creation without a condition",
    why: "It overwrites an existing entity in silence.",
    fix: "attribute_not_exists(PK); for uniqueness of another attribute a uniqueness item in the same transaction.",
    security: None,
    page: PAGE,
};
/// Writes that belong together.
pub static NON_ATOMIC_WRITES: Rule = Rule {
    id: "non-atomic-writes",
    severity: Severity::Medium,
    effort: 60,
    title: "Writes that belong together, outside a transaction",
    why: "A crash or a throttle between them leaves a half.",
    fix: "TransactWriteItems (100 actions, 4 MB, twice the write units), or derive the second from the stream.",
    security: None,
    page: PAGE,
};

const CREATES: [&str; 9] = [
    "create", "register", "signup", "add", "insert", "reserve", "claim", "enroll", "invite",
];
const NOT: [&str; 26] = [
    "upsert",
    "save",
    "set",
    "cache",
    "session",
    "heartbeat",
    "update",
    "log",
    "logs",
    "audit",
    "event",
    "events",
    "metric",
    "metrics",
    "record",
    "sync",
    "replace",
    "history",
    "message",
    "notification",
    "connection",
    "checkpoint",
    "track",
    "trace",
    "import",
    "or",
];

/// Puts and groups of writes.
pub fn check(cx: &Context<'_>, eval: &Eval<'_>, file: FileId, out: &mut Vec<Draft>) {
    if matches!(cx.place(file), Place::Script | Place::Test | Place::Example) {
        return;
    }
    let all: Vec<&Site> = cx.calls(file).collect();
    for site in &all {
        put(cx, eval, site, &all, out);
    }
    groups(cx, eval, file, &all, out);
}

fn put(cx: &Context<'_>, eval: &Eval<'_>, site: &Site, all: &[&Site], out: &mut Vec<Draft>) {
    if site.op != Op::PutItem
        || evidence::has_condition(site)
        || site.params.open
        || site.params.has("Batch")
        || site.params.has("Transaction")
    {
        return;
    }
    let file = cx.project.file(site.at.file);
    // A mapper's `create` is conditional by itself.
    let conditional = matches!(
        site.api,
        Api::Electrodb | Api::DynamodbOnetable | Api::Dynamoose
    ) && matches!(file.kind(site.at.node), Kind::Call(callee, ..) if callee_name(file, *callee) == "create");
    if conditional || site.api == Api::Pynamodb && site.params.has("ConditionExpression") {
        return;
    }
    let function = file.function_name(site.function);
    let own = function.rsplit('.').next().unwrap_or(&function);
    let creates = evidence::has_word(own, &CREATES) && !evidence::has_word(own, &NOT);
    let checked = all.iter().find(|other| {
        other.function == site.function
            && matches!(other.op, Op::GetItem | Op::Query)
            && file.span(other.at.node).start < file.span(site.at.node).start
            && other.table == site.table
            && refuses_when_found(eval, file, other, site)
    });
    let fresh = evidence::key_parts(eval, site).iter().any(|part| {
        let key = part.attribute.to_ascii_lowercase();
        let is_key =
            key.ends_with("pk") || key.ends_with("sk") || key == "id" || key.ends_with("id");
        is_key
            && part
                .pieces
                .iter()
                .any(|p| matches!(p, Piece::Hole(name, at) if is_fresh(eval, name, *at, 4)))
    });
    if fresh || fresh_inside(cx, eval, site) {
        return;
    }
    if let Some(check) = checked {
        out.push(
            Draft::at_site(
                &PUT_WITHOUT_CONDITION,
                cx,
                site,
                "checked before, then put: two requests both pass the check",
            )
            .severity(Severity::High)
            .related(cx.project, check.at, "checked here"),
        );
    } else if creates && !key_unknown(eval, site) {
        let name = own.to_owned();
        out.push(
            Draft::at_site(
                &PUT_WITHOUT_CONDITION,
                cx,
                site,
                format!("{name} overwrites what is already there"),
            )
            .at_most(Confidence::Medium),
        );
    }
}

/// The key is made elsewhere (`item.to_item()`), and this function makes an id: it goes into what is put.
fn fresh_inside(cx: &Context<'_>, eval: &Eval<'_>, site: &Site) -> bool {
    let file = cx.project.file(site.at.file);
    let elsewhere = evidence::key_parts(eval, site).iter().any(|part| {
        part.at.file != site.at.file || file.named_function(part.at.node) != site.function
    });
    elsewhere
        && site.function != 0
        && super::streams::mentions(
            file,
            file.facts.function(site.function).body,
            &[
                "uuid", "ulid", "v4", "v7", "nanoid", "ksuid", "cuid", "uuid4",
            ],
        )
}

/// The item's parts cannot be seen: its key may be fresh.
fn key_unknown(eval: &Eval<'_>, site: &Site) -> bool {
    evidence::key_parts(eval, site).is_empty()
}

/// Made by a generator of ids, here or one binding up.
fn is_fresh(eval: &Eval<'_>, name: &str, at: At, depth: u32) -> bool {
    if evidence::has_word(
        name,
        &[
            "uuid", "ulid", "nanoid", "uuid4", "uuidv4", "ksuid", "cuid", "v4", "uuid1", "random",
        ],
    ) {
        return true;
    }
    if depth == 0 {
        return false;
    }
    let file = eval.project.file(at.file);
    match file.kind(at.node) {
        Kind::Call(callee, args, _) => {
            let called = callee_name(file, *callee);
            evidence::has_word(
                &called,
                &[
                    "uuid", "ulid", "nanoid", "uuid4", "v4", "ksuid", "cuid", "generate", "random",
                    "new", "now", "time",
                ],
            ) || args.iter().any(|a| {
                is_fresh(
                    eval,
                    &eval.label(At {
                        file: at.file,
                        node: a.value,
                    }),
                    At {
                        file: at.file,
                        node: a.value,
                    },
                    depth - 1,
                )
            })
        }
        Kind::Name(name) => eval.bindings(at, name).iter().any(|(_, b)| match b.source {
            crate::link::scope::Source::Value(value) if value != at.node => {
                let value = At {
                    file: at.file,
                    node: value,
                };
                is_fresh(eval, &eval.label(value), value, depth - 1)
            }
            _ => false,
        }),
        Kind::Member(obj, _) => {
            let obj = At {
                file: at.file,
                node: *obj,
            };
            matches!(file.kind(obj.node), Kind::Name(_)) && {
                // `order.id` of an object made here with a fresh id.
                match eval.value(obj) {
                    Value::Object(object) => crate::surfaces::object_field(eval, object, "id")
                        .is_some_and(|id| is_fresh(eval, &eval.label(id), id, depth - 1)),
                    _ => false,
                }
            }
        }
        Kind::Index(..) => false,
        _ => false,
    }
}

/// `if (found) throw` or `return` between the read and the put.
fn refuses_when_found(eval: &Eval<'_>, file: &SourceFile, read: &Site, put: &Site) -> bool {
    read.response_uses(eval).iter().any(|u| {
        let node = match u {
            crate::link::flow::Use::Field(name, at)
                if matches!(name.as_str(), "Item" | "Items" | "item" | "items" | "Count") =>
            {
                at.node
            }
            crate::link::flow::Use::Tested(at) => at.node,
            _ => return false,
        };
        // A test nearby that leaves: `if (x.Item) { throw … }`.
        let mut nodes = vec![node];
        if let Kind::Name(name) = file.kind(node) {
            nodes.extend(file.names.get(name).into_iter().flatten().copied());
        }
        nodes.into_iter().any(|node| {
            std::iter::once(node)
                .chain(file.ancestors(node))
                .take(8)
                .any(|up| match file.kind(up) {
                    Kind::If(cond, then, _) => {
                        let positive = !matches!(file.kind(*cond), Kind::Unary(op, _) if op == "!");
                        file.contains(*cond, node)
                            && positive
                            && leaves(file, *then)
                            && file.span(up).start < file.span(put.at.node).start
                            && !file.contains(*then, put.at.node)
                    }
                    _ => false,
                })
        })
    })
}

fn leaves(file: &SourceFile, id: Id) -> bool {
    match file.kind(id) {
        Kind::Throw(_) | Kind::Return(_) => true,
        Kind::Block(list) | Kind::Other(list) => list.iter().any(|s| leaves(file, *s)),
        _ => false,
    }
}

/// Two or more writes in one function, outside a transaction.
fn groups(cx: &Context<'_>, eval: &Eval<'_>, file: FileId, all: &[&Site], out: &mut Vec<Draft>) {
    let f = cx.project.file(file);
    let mut functions: Vec<u32> = all.iter().map(|s| s.function).collect();
    functions.sort_unstable();
    functions.dedup();
    for function in functions {
        if function == 0 {
            continue;
        }
        let name = f.function_name(function);
        if evidence::has_word(
            &name,
            &[
                "seed", "setup", "migrate", "backfill", "log", "metric", "track", "test",
                "populate",
            ],
        ) {
            continue;
        }
        let writes: Vec<&&Site> = all
            .iter()
            .filter(|s| {
                s.function == function
                    && matches!(s.op, Op::PutItem | Op::UpdateItem | Op::DeleteItem)
            })
            .filter(|s| !s.params.has("Batch") && !s.params.has("Transaction"))
            .filter(|s| !in_handler(f, s.at.node) && !is_log(eval, s))
            .collect();
        let Some((first, rest)) = writes.split_first() else {
            continue;
        };
        let later: Vec<&&&Site> = rest
            .iter()
            .filter(|w| runs_after(f, first.at.node, w.at.node))
            .collect();
        // One write of the same item is a correction, not a second entity; so is a status that follows work.
        let later: Vec<&&&Site> = later
            .into_iter()
            .filter(|w| different_item(eval, first, w))
            .collect();
        if later.is_empty()
            || evidence::repeat(eval, first.at).is_some()
                != evidence::repeat(eval, later[0].at).is_some()
        {
            continue;
        }
        let unique = writes.iter().any(|w| {
            evidence::key_parts(eval, w).iter().any(|p| {
                let text = evidence::shown(&p.pieces);
                evidence::has_word(&text, &["unique", "lookup", "balance", "uniq"])
                    || evidence::has_word(&p.attribute, &["balance", "credits"])
            })
        });
        let mut draft = Draft::at_site(
            &NON_ATOMIC_WRITES,
            cx,
            first,
            format!(
                "{} and {} more write{} in {name}, outside a transaction",
                first.op.name(),
                later.len(),
                if later.len() == 1 { "" } else { "s" }
            ),
        );
        for write in &later {
            draft = draft.related(cx.project, write.at, format!("{} here", write.op.name()));
        }
        if unique {
            draft = draft.severity(Severity::High);
        } else {
            draft = draft.at_most(Confidence::Medium);
        }
        out.push(draft);
    }
}

/// In a `catch`: a compensation.
fn in_handler(file: &SourceFile, node: Id) -> bool {
    let mut child = node;
    for up in file.ancestors(node) {
        if let Kind::Try(body, _, _) = file.kind(up)
            && *body != child
        {
            return true;
        }
        child = up;
    }
    false
}

/// Both can run in one turn: not in different branches, and nothing returns between.
fn runs_after(file: &SourceFile, first: Id, second: Id) -> bool {
    let above: Vec<Id> = file.ancestors(first).collect();
    let mut child = second;
    for up in file.ancestors(second) {
        if above.contains(&up) {
            let of_first = std::iter::once(first)
                .chain(above.iter().copied())
                .take_while(|a| *a != up)
                .last();
            return match file.kind(up) {
                Kind::If(cond, then, _) => {
                    of_first == Some(*cond)
                        || of_first != Some(*then) && child != *then
                        || of_first == Some(child)
                }
                Kind::Match(subject, _) => of_first == Some(*subject) || of_first == Some(child),
                Kind::Block(list) => {
                    // The first stands in a branch that leaves before the second runs.
                    let branch = of_first.unwrap_or(first);
                    !(list.contains(&branch) && branch_leaves(file, branch, first))
                }
                _ => true,
            };
        }
        child = up;
    }
    false
}

fn branch_leaves(file: &SourceFile, branch: Id, inside: Id) -> bool {
    match file.kind(branch) {
        Kind::If(_, then, other) => {
            if file.contains(*then, inside) {
                leaves(file, *then)
            } else {
                other.is_some_and(|o| file.contains(o, inside) && leaves(file, o))
            }
        }
        Kind::Return(_) => true,
        _ => false,
    }
}

fn is_log(eval: &Eval<'_>, site: &Site) -> bool {
    let table = site.table.label().unwrap_or_default();
    evidence::has_word(
        &table,
        &[
            "log", "logs", "audit", "metric", "metrics", "event", "events", "cache", "history",
        ],
    ) || evidence::key_parts(eval, site).iter().any(|p| {
        evidence::has_word(
            &evidence::shown(&p.pieces),
            &["audit", "log", "event", "metric", "cache"],
        )
    })
}

/// The keys are not surely the same.
fn different_item(eval: &Eval<'_>, a: &Site, b: &Site) -> bool {
    if a.table != b.table {
        return true;
    }
    let key = |site: &Site| -> Option<String> {
        let parts: Vec<String> = evidence::key_parts(eval, site)
            .iter()
            .filter(|p| {
                let name = p.attribute.to_ascii_lowercase();
                site.op != Op::PutItem || name == "pk" || name == "sk" || name == "id"
            })
            .map(|p| evidence::shown(&p.pieces))
            .collect();
        (!parts.is_empty()).then(|| parts.join("/"))
    };
    match (key(a), key(b)) {
        (Some(a), Some(b)) => a != b,
        // Unknown keys in one table: it may be one item.
        _ => false,
    }
}
