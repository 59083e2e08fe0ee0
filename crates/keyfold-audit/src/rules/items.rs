//! # `unbounded-item-collection`, `large-item`
//!
//! A list or set attribute that only grows ends at the item limit of 400 KB, and every append rewrites and bills the whole
//! item before that.
//!
//! ```ts
//! UpdateExpression: 'SET events = list_append(events, :e)'        // bad
//! Item: { PK: `ORDER#${id}`, SK: `EVENT#${time}`, … }               // good: an item per element
//! ```
//! ```python
//! UpdateExpression="ADD followers :f"                              # bad, when :f is a set
//! ```
//!
//! `large-item`: Base64, file bytes, HTML or embeddings put into an item. Instead: S3 and a pointer.
//!
//! In a table with a local secondary index, all items of one partition key value share 10 GB: an event log under a parent's
//! key, without a time bucket in that key and without a TTL, ends there.
//!
//! **Stays silent**: a condition on `size(x)`; `ADD` of a number.
//!
//! **Cost** of appending: `ceil(item KB) × appends × price of a write unit`.

use super::evidence;
use super::{Context, Draft, Rule};
use crate::facts::Kind;
use crate::finding::{Confidence, Severity};
use crate::layer::Place;
use crate::link::FileId;
use crate::link::eval::{Eval, Piece, Value};
use crate::op::Op;

const PAGE: &str = include_str!("items.rs");

/// It only grows.
pub static UNBOUNDED_ITEM_COLLECTION: Rule = Rule {
    id: "unbounded-item-collection",
    severity: Severity::Medium,
    effort: 90,
    title: "A list or set that only grows",
    why: "An item ends at 400 KB, and each append rewrites and bills the whole item.",
    fix: "An item per element under the same partition key; or a cap in the condition: size(x) < :n.",
    security: None,
    page: PAGE,
};
/// Files in items.
pub static LARGE_ITEM: Rule = Rule {
    id: "large-item",
    severity: Severity::Medium,
    effort: 60,
    title: "File content in an item",
    why: "Every touch of the item bills its whole size; 400 KB is the end.",
    fix: "Put the content into S3 and a pointer into the item.",
    security: None,
    page: PAGE,
};

/// Updates and puts.
pub fn check(cx: &Context<'_>, eval: &Eval<'_>, file: FileId, out: &mut Vec<Draft>) {
    if matches!(cx.place(file), Place::Script | Place::Test | Place::Example) {
        return;
    }
    for site in cx.calls(file) {
        if site.op == Op::UpdateItem
            && let Some((pieces, _)) = evidence::expression(eval, site, "UpdateExpression")
        {
            let text = evidence::shown(&pieces);
            let capped = evidence::expression(eval, site, "ConditionExpression")
                .is_some_and(|(p, _)| evidence::shown(&p).contains("size"));
            let shrinks = text.contains("REMOVE") || text.contains("DELETE ");
            let sets = adds_set(eval, site, &text);
            if (text.contains("list_append") || sets) && !capped && !shrinks {
                let how = if sets { "ADD to a set" } else { "list_append" };
                out.push(
                    Draft::at_site(
                        &UNBOUNDED_ITEM_COLLECTION,
                        cx,
                        site,
                        format!("{how} with no cap"),
                    )
                    .at_most(Confidence::Medium),
                );
            }
        }
        if site.op == Op::PutItem {
            event_log(cx, eval, site, out);
            for part in evidence::key_parts(eval, site) {
                let name = part.attribute.as_str();
                let f = cx.project.file(part.at.file);
                let encoded = match f.kind(part.at.node) {
                    Kind::Call(callee, args, _) => {
                        let called = crate::link::flow::callee_name(f, *callee);
                        called == "b64encode"
                            || called == "toString"
                                && args.iter().any(|a| {
                                    eval.text(crate::link::At {
                                        file: part.at.file,
                                        node: a.value,
                                    })
                                    .is_some_and(|t| t == "base64")
                                })
                    }
                    _ => false,
                };
                let file_like = evidence::has_word(
                    name,
                    &[
                        "base64",
                        "embedding",
                        "embeddings",
                        "html",
                        "pdf",
                        "filecontent",
                        "imagedata",
                    ],
                );
                if (encoded
                    && !evidence::has_word(
                        name,
                        &[
                            "id",
                            "token",
                            "key",
                            "hash",
                            "cursor",
                            "cipher",
                            "secret",
                            "password",
                            "salt",
                            "signature",
                        ],
                    )
                    || file_like)
                    && !matches!(eval.value(part.at), Value::Bool(_) | Value::Number(_))
                {
                    out.push(
                        Draft::at_site(&LARGE_ITEM, cx, site, format!("{name} holds file content"))
                            .at_most(Confidence::Medium),
                    );
                    break;
                }
            }
        }
    }
}

/// `ADD x :s` where `:s` is a set.
fn adds_set(eval: &Eval<'_>, site: &crate::sites::Site, text: &str) -> bool {
    let Some(at) = text.find("ADD ") else {
        return false;
    };
    let words: Vec<&str> = text[at + 4..]
        .split([' ', ','])
        .filter(|w| !w.is_empty())
        .collect();
    let Some(value) = words.get(1) else {
        return false;
    };
    let values = evidence::attribute_values(eval, site).unwrap_or_default();
    let Some((_, at)) = values.iter().find(|(name, _)| name == value) else {
        return false;
    };
    let file = eval.project.file(at.file);
    match file.kind(at.node) {
        Kind::Call(callee, _, _) => matches!(
            crate::link::flow::callee_name(file, *callee).as_str(),
            "createSet" | "Set" | "set" | "Ss" | "Ns"
        ),
        Kind::Object(fields) => {
            matches!(&fields[..], [crate::facts::Field::Named(n, _)] if n == "SS" || n == "NS")
        }
        Kind::Array(_) => file.lang == crate::lang::Lang::Python,
        _ => false,
    }
}

/// Items that are added under one key for ever, in a table whose item collections end at 10 GB.
fn event_log(cx: &Context<'_>, eval: &Eval<'_>, site: &crate::sites::Site, out: &mut Vec<Draft>) {
    let table = cx.infra.tables.iter().find(|table| {
        !table.lsi.is_empty()
            && match &site.table {
                crate::sites::Named::Name(name) => {
                    table.name.as_ref() == Some(name) || table.logical.as_ref() == Some(name)
                }
                crate::sites::Named::Env(variable) => {
                    cx.infra.environment.iter().any(|(name, target)| {
                        name == variable
                            && (Some(target) == table.name.as_ref()
                                || Some(target) == table.logical.as_ref())
                    })
                }
                _ => false,
            }
    });
    let Some(table) = table else { return };
    let parts = evidence::key_parts(eval, site);
    let part = |name: &Option<String>| {
        parts
            .iter()
            .find(|p| name.as_deref() == Some(p.attribute.as_str()))
    };
    let (Some(pk), Some(sk)) = (part(&table.pk), part(&table.sk)) else {
        return;
    };
    let timed = |part: &evidence::KeyPart, words: &[&str]| {
        part.pieces.iter().any(|piece| match piece {
            Piece::Hole(name, _) => evidence::has_word(name, words),
            Piece::Lit(_) => false,
        })
    };
    let moment = [
        "timestamp",
        "time",
        "ts",
        "at",
        "now",
        "date",
        "created",
        "ulid",
        "iso",
        "millis",
    ];
    let bucket = [
        "date", "day", "month", "hour", "week", "year", "bucket", "shard",
    ];
    let short_lived = parts
        .iter()
        .any(|p| evidence::has_word(&p.attribute, &["ttl", "expires", "expiry", "expiration"]));
    if timed(sk, &moment) && !timed(pk, &bucket) && !short_lived && table.ttl.is_none() {
        let name = table.name.clone().or_else(|| table.logical.clone());
        out.push(
            Draft::at_site(
                &UNBOUNDED_ITEM_COLLECTION,
                cx,
                site,
                format!(
                    "a log under one {}: {} has a local index, so its item collections end at 10 GB",
                    pk.attribute,
                    name.as_deref().unwrap_or("the table")
                ),
            )
            .fix("Put a time bucket into the partition key, or a TTL on the items; or make the local index a global one.")
            .at_most(Confidence::Medium),
        );
    }
}
