//! # `filter-after-query`, `limit-with-filter`
//!
//! A Query with a filter reads everything its key condition matches, bills it, and drops some of it afterwards.
//! With `Limit` the page may be empty though matches follow: `Limit` counts items examined, not returned.
//!
//! ```ts
//! // bad: reads all orders of the tenant, and the page of ten may hold none
//! new QueryCommand({ KeyConditionExpression: 'PK = :t', FilterExpression: '#s = :open', Limit: 10, … })
//! // good: the status is part of the index's sort key
//! new QueryCommand({ IndexName: 'GSI1', KeyConditionExpression: 'GSI1PK = :t AND begins_with(GSI1SK, :open)', Limit: 10, … })
//! ```
//! ```python
//! table.query(KeyConditionExpression=Key("pk").eq(t), FilterExpression=Attr("status").eq("open"))  # bad
//! table.query(IndexName="open", KeyConditionExpression=Key("open_pk").eq(t))                        # good: sparse
//! ```
//!
//! High when combined with `Limit`, or when only the first item or emptiness is used: then it is wrong, not only dear.
//!
//! A filter in memory right after the Query is the same: all was read, billed and transferred.
//!
//! `limit-with-filter` is what is left when the filter itself is right (expired items), or when it is a Scan's: a page of
//! `Limit` items may lose any number of them.
//!
//! **Stays silent**: a filter on the TTL attribute (expired items stay visible until they are deleted, so it is
//! right); a full primary key (one item at most).
//!
//! **Cost**: `(bytes examined − bytes returned) / 8192 × calls × price`.
//!
//! Source: Developer Guide, "Other aspects of working with the Query operation".

use smol_str::SmolStr;

use super::evidence::{self, ItemsUse};
use super::{Context, Costing, Draft, Rule, scans};
use crate::facts::{Kind, LoopKind};
use crate::finding::{Confidence, Severity};
use crate::layer::Place;
use crate::link::eval::Eval;
use crate::link::flow::Use;
use crate::link::{At, FileId};
use crate::op::Op;
use crate::sites::{Named, Site};
use crate::surfaces::Api;

const PAGE: &str = include_str!("filters.rs");

/// A filter after a query.
pub static FILTER_AFTER_QUERY: Rule = Rule {
    id: "filter-after-query",
    severity: Severity::Medium,
    effort: 60,
    title: "Query with a filter",
    why: "Reads are billed before the filter; with Limit a page may be empty though matches follow.",
    fix: "Put the attribute into the sort key, a sparse index, or a part of the index's key.",
    security: None,
    page: PAGE,
};
/// A limit that counts what is examined.
pub static LIMIT_WITH_FILTER: Rule = Rule {
    id: "limit-with-filter",
    severity: Severity::Medium,
    effort: 20,
    title: "Limit with a filter",
    why: "Limit is the number of items examined, not of items returned.",
    fix: "Read pages until enough items are there, or let a key condition do the filter's work.",
    security: None,
    page: PAGE,
};

/// Queries with filters, and scans with filter and limit.
pub fn check(cx: &Context<'_>, eval: &Eval<'_>, file: FileId, out: &mut Vec<Draft>) {
    for site in cx.calls(file) {
        if site.op == Op::Scan && evidence::filter(site).is_some() {
            limited_page(cx, eval, site, out);
        }
        if site.op != Op::Query || site.api == Api::Dynamoose && site.params.chain.is_empty() {
            continue;
        }
        let Some(at) = evidence::filter(site) else {
            in_memory(cx, eval, site, out);
            continue;
        };
        if evidence::full_key(eval, site) {
            continue;
        }
        let names = scans::filtered(eval, site, at);
        if !names.is_empty() && names.iter().all(|name| is_ttl(cx, site, name)) {
            limited_page(cx, eval, site, out);
            continue;
        }
        let uses = site.response_uses(eval);
        let items = evidence::items_use(eval, &uses);
        let limited = site.params.has("Limit");
        let first = items == ItemsUse::First;
        let on = if names.is_empty() {
            String::new()
        } else {
            format!(" on {}", names.join(", "))
        };
        let mut draft = Draft::at_site(
            &FILTER_AFTER_QUERY,
            cx,
            site,
            format!("Query with a filter{on}"),
        );
        if limited {
            draft.message += ": with Limit a page may be empty though matches follow";
        } else if first {
            draft.message += ": an empty first page does not mean that nothing matches";
        } else {
            draft.message += ": what it drops is read and billed";
        }
        let pages = evidence::pages_by_itself(eval, site) || site.params.has("ExclusiveStartKey");
        if (limited || first) && !pages {
            draft = draft.severity(Severity::High);
        }
        out.push(draft.costs(Costing::Filtered));
    }
}

/// A page of `Limit` items of which the filter drops some, and nobody reads on.
fn limited_page(cx: &Context<'_>, eval: &Eval<'_>, site: &Site, out: &mut Vec<Draft>) {
    if !site.params.has("Limit")
        || site.params.has("ExclusiveStartKey")
        || evidence::pages_by_itself(eval, site)
        || cx.place(site.at.file) == Place::Script
    {
        return;
    }
    let reads_on = site.response_uses(eval).iter().any(|u| match u {
        Use::Field(name, _) => evidence::PAGE_KEYS.contains(&name.as_str()),
        Use::Returned(..) | Use::Passed(..) | Use::Stored(_) => true,
        _ => false,
    });
    if !reads_on {
        out.push(Draft::at_site(
            &LIMIT_WITH_FILTER,
            cx,
            site,
            "Limit counts items examined: the filter drops some of them, and the page may be short or empty",
        ));
    }
}

/// Items of a Query that are filtered in memory by an attribute that is no key of the condition.
fn in_memory(cx: &Context<'_>, eval: &Eval<'_>, site: &Site, out: &mut Vec<Draft>) {
    if evidence::full_key(eval, site) || cx.place(site.at.file) == Place::Script {
        return;
    }
    let Some((attribute, at)) = memory_filter(eval, site) else {
        return;
    };
    let keys = evidence::key_parts(eval, site);
    if keys.iter().any(|part| part.attribute == attribute) || is_ttl(cx, site, &attribute) {
        return;
    }
    out.push(
        Draft::at_site(
            &FILTER_AFTER_QUERY,
            cx,
            site,
            format!("items are filtered in memory on {attribute}: all of them are read and billed"),
        )
        .at_most(Confidence::Medium)
        .related(cx.project, at, "filtered here")
        .costs(Costing::Filtered),
    );
}

/// The attribute that the items of a response are filtered by in memory, and where.
pub fn memory_filter(eval: &Eval<'_>, site: &Site) -> Option<(SmolStr, At)> {
    for u in site.response_uses(eval) {
        let Use::Field(name, at) = u else { continue };
        if !matches!(name.as_str(), "Items" | "items" | "data") {
            continue;
        }
        for inner in evidence::part_uses(eval, at) {
            let found = match inner {
                Use::Method(name, call) if name == "filter" => compared(eval, call),
                Use::Iterated(at) => only_if(eval, at),
                _ => None,
            };
            if let Some(found) = found {
                return Some(found);
            }
        }
    }
    None
}

/// `.filter(item => item.status === 'open')`.
fn compared(eval: &Eval<'_>, call: At) -> Option<(SmolStr, At)> {
    let file = eval.project.file(call.file);
    let Kind::Call(_, args, _) = file.kind(call.node) else {
        return None;
    };
    let Kind::Lambda(function) = file.kind(args.first()?.value) else {
        return None;
    };
    let function = file.facts.function(*function);
    let Kind::Name(item) = file.kind(function.params.first()?.pat) else {
        return None;
    };
    let attribute = comparison(eval, call.file, function.body, item)?;
    Some((attribute, call))
}

/// `[item for item in items if item["status"] == "open"]`.
fn only_if(eval: &Eval<'_>, at: At) -> Option<(SmolStr, At)> {
    let file = eval.project.file(at.file);
    let Kind::Loop(LoopKind::Each, Some(pat), _, body) = file.kind(at.node) else {
        return None;
    };
    let Kind::Name(item) = file.kind(*pat) else {
        return None;
    };
    let only = match file.kind(*body) {
        Kind::Block(list) if list.len() == 1 => list[0],
        _ => *body,
    };
    let Kind::If(cond, _, None) = file.kind(only) else {
        return None;
    };
    let attribute = comparison(eval, at.file, *cond, item)?;
    Some((
        attribute,
        At {
            file: at.file,
            node: only,
        },
    ))
}

/// The attribute of an item that is compared under a node.
fn comparison(eval: &Eval<'_>, file: FileId, body: u32, item: &SmolStr) -> Option<SmolStr> {
    let f = eval.project.file(file);
    let is_item = |id: u32| matches!(f.kind(id), Kind::Name(name) if name == item);
    let attribute = |id: u32| match f.kind(id) {
        Kind::Member(obj, name) if is_item(*obj) => Some(name.clone()),
        Kind::Index(obj, key) if is_item(*obj) => eval.text(At { file, node: *key }),
        Kind::Call(callee, args, _) => match f.kind(*callee) {
            Kind::Member(obj, name) if name == "get" && is_item(*obj) => {
                args.first().and_then(|a| {
                    eval.text(At {
                        file,
                        node: a.value,
                    })
                })
            }
            _ => None,
        },
        _ => None,
    };
    let mut found = None;
    super::streams::walk(f, body, &mut |id| {
        if let Kind::Binary(op, left, right) = f.kind(id)
            && matches!(
                op.as_str(),
                "==" | "===" | "!=" | "!==" | "<" | ">" | "<=" | ">=" | "in"
            )
            && !matches!(f.kind(*right), Kind::Null)
            && found.is_none()
        {
            found = attribute(*left).or_else(|| attribute(*right));
        }
    });
    found
}

fn is_ttl(cx: &Context<'_>, site: &Site, name: &str) -> bool {
    let declared = cx.infra.tables.iter().any(|table| {
        table.ttl.as_deref() == Some(name)
            && match &site.table {
                Named::Name(of) => table.name.as_ref().is_none_or(|n| n == of),
                _ => true,
            }
    });
    declared
        || evidence::has_word(name, &["ttl", "expires", "expiry", "expiration", "expire"])
        || matches!(
            name.to_ascii_lowercase().as_str(),
            "expiresat" | "expiretime" | "timetolive"
        )
}
