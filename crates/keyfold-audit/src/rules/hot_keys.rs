//! # `hot-partition-key`
//!
//! One partition takes 1,000 write and 3,000 read units a second. A partition key that is a constant, a date, a boolean or
//! a status puts all traffic on one. A global secondary index that throttles pushes back on its table.
//!
//! ```ts
//! Item: { PK: 'ORDERS', SK: orderId }                                     // bad: every order in one partition
//! Item: { PK: `ORDERS#${shard(orderId)}`, SK: orderId }                    // good: ceil(peak / 1000) shards
//! ```
//! ```python
//! Item={"pk": datetime.now().strftime("%Y-%m-%d"), "sk": id}               # bad: today's partition
//! ```
//!
//! High for writes, medium for reads; evidence from a write is needed for high.
//!
//! **Stays silent**: a constant partition and a constant sort key (one settings item); a shard suffix; a bucket together
//! with something that has many values, as a tenant.
//!
//! Source: Developer Guide, "Using write sharding to distribute workloads evenly".

use super::evidence::{self, KeyPart};
use super::tenants::is_partition;
use super::{Context, Draft, Rule};
use crate::finding::{Confidence, Severity};
use crate::layer::Place;
use crate::link::FileId;
use crate::link::eval::{Eval, Piece};
use crate::op::Op;
use crate::sites::Site;

/// All in one partition.
pub static HOT_PARTITION_KEY: Rule = Rule {
    id: "hot-partition-key",
    severity: Severity::High,
    effort: 90,
    title: "A partition key with few values",
    why: "One partition takes 1,000 write and 3,000 read units a second; an index that throttles pushes back on its table.",
    fix: "Shard by a stable hash (ceil(peak write units / 1000) shards); keep the bucket in the sort key.",
    security: None,
    page: include_str!("hot_keys.rs"),
};

/// Keys of every call.
pub fn check(cx: &Context<'_>, eval: &Eval<'_>, file: FileId, out: &mut Vec<Draft>) {
    if matches!(
        cx.place(file),
        Place::Script | Place::Test | Place::Example | Place::Infrastructure
    ) {
        return;
    }
    for site in cx.calls(file) {
        if !matches!(site.op, Op::PutItem | Op::UpdateItem | Op::Query) {
            continue;
        }
        let parts = evidence::key_parts(eval, site);
        for part in parts.iter().filter(|p| is_partition(p) && p.whole) {
            let Some(kind) = narrow(eval, part) else {
                continue;
            };
            if site.op == Op::UpdateItem || kind == "a constant" && fixed_item(site, part, &parts) {
                continue;
            }
            // A read proves little: which items lie there, the write says.
            let text = evidence::shown(&part.pieces);
            let mut draft = Draft::at_site(
                &HOT_PARTITION_KEY,
                cx,
                site,
                format!("the partition key {} is {kind}: {text}", part.attribute),
            );
            if !site.op.writes() {
                draft = draft.severity(Severity::Medium).at_most(Confidence::Medium);
            }
            if kind != "a constant" {
                draft = draft.at_most(Confidence::Medium);
            }
            out.push(draft);
            break;
        }
    }
}

/// What makes the key's values few.
fn narrow(eval: &Eval<'_>, part: &KeyPart) -> Option<&'static str> {
    let holes: Vec<(&smol_str::SmolStr, crate::link::At)> = part
        .pieces
        .iter()
        .filter_map(|p| match p {
            Piece::Hole(name, at) => Some((name, *at)),
            Piece::Lit(_) => None,
        })
        .collect();
    let text = evidence::shown(&part.pieces);
    if holes.is_empty() {
        // A number or an id written out is one item's key in a script, not a design.
        let constant = !text.is_empty()
            && text.chars().any(char::is_alphabetic)
            && !text.chars().any(|c| c.is_ascii_digit());
        return constant.then_some("a constant");
    }
    let [(name, at)] = holes[..] else { return None };
    if evidence::has_word(name, &["shard", "bucket", "partition", "hash", "suffix"]) {
        return None;
    }
    let words = evidence::words(name);
    let is = |list: &[&str]| {
        words.last().is_some_and(|w| list.contains(&w.as_str())) && words.len() <= 2
    };
    if is(&[
        "today",
        "yyyymmdd",
        "yearmonth",
        "yyyymm",
        "isodate",
        "datestring",
    ]) || words.as_slice() == ["date"]
        || is_date_call(eval, at)
    {
        return Some("a date");
    }
    if is(&["status", "country"]) {
        return Some("a word with few values");
    }
    None
}

/// `strftime("%Y-%m-%d")`, `toISOString().slice(0, 10)`.
fn is_date_call(eval: &Eval<'_>, at: crate::link::At) -> bool {
    let file = eval.project.file(at.file);
    let crate::facts::Kind::Call(callee, args, _) = file.kind(at.node) else {
        return false;
    };
    let name = crate::link::flow::callee_name(file, *callee);
    match name.as_str() {
        "strftime" | "format" => args.iter().any(|a| {
            eval.text(crate::link::At {
                file: at.file,
                node: a.value,
            })
            .is_some_and(|t| {
                matches!(
                    t.as_str(),
                    "%Y-%m-%d" | "%Y%m%d" | "%Y-%m" | "YYYY-MM-DD" | "yyyy-MM-dd" | "%Y-%m-%d-%H"
                )
            })
        }),
        "slice" | "substring" | "substr" => {
            matches!(file.kind(*callee), crate::facts::Kind::Member(obj, _)
            if matches!(file.kind(*obj), crate::facts::Kind::Call(inner, ..) if crate::link::flow::callee_name(file, *inner) == "toISOString"))
        }
        _ => false,
    }
}

/// Constant partition and constant sort key: one item. A Query of a constant partition with nothing else is not.
fn fixed_item(site: &Site, part: &KeyPart, parts: &[KeyPart]) -> bool {
    let prefix = part
        .attribute
        .trim_end_matches("PK")
        .trim_end_matches("pk")
        .to_owned();
    let sort: Vec<&KeyPart> = parts
        .iter()
        .filter(|p| !is_partition(p))
        .filter(|p| {
            let name = p.attribute.to_ascii_lowercase();
            name.ends_with("sk") || name.contains("sort") || name.contains("range")
        })
        .filter(|p| {
            p.attribute
                .to_ascii_lowercase()
                .starts_with(&prefix.to_ascii_lowercase())
        })
        .collect();
    match sort.first() {
        Some(sort) => !sort.pieces.iter().any(|p| matches!(p, Piece::Hole(..))),
        // No sort key seen: the key is the item's.
        None => site.op != Op::Query,
    }
}

/// Entities of a model whose partition key is a constant and whose sort key is not: all of them share one partition.
pub fn declared(cx: &Context<'_>, _eval: &Eval<'_>, out: &mut Vec<Draft>) {
    for entity in &cx.infra.entities {
        let constant = !entity.pk.is_empty() && !entity.pk.contains('{');
        let many = entity.sk.as_ref().is_some_and(|sk| sk.contains('{'));
        if constant && many {
            let mut draft = Draft::in_file(
                &HOT_PARTITION_KEY,
                &entity.file,
                entity.line,
                entity.line,
                format!(
                    "every {} is written under the one partition key {}",
                    entity.name, entity.pk
                ),
            )
            .severity(Severity::Medium)
            .at_most(Confidence::Medium);
            draft.table = Some(entity.table.clone());
            out.push(draft);
        }
    }
}
