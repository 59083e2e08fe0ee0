//! # `no-ttl-on-ephemeral`, `ttl-not-epoch-seconds`, `mixed-retention`, `time-series-in-dynamodb`, `table-per-entity`
//!
//! Sessions, tokens, locks and codes are read for minutes and kept for ever, unless a TTL says otherwise.
//!
//! ```ts
//! Item: { PK: `SESSION#${id}`, expiresAt: Date.now() + 3600_000 }                     // bad: milliseconds never expire
//! Item: { PK: `SESSION#${id}`, ttl: Math.floor(Date.now() / 1000) + 3600 }              // good: epoch seconds
//! ```
//! ```python
//! Item={"pk": key, "ttl": int(time.time() * 1000) + 3_600_000}                          # bad
//! ```
//!
//! `ttl-not-epoch-seconds`: milliseconds, or text, in the attribute that the table names as TTL: it never expires.
//! `mixed-retention`: one table for what lives for days and what lives for years. `time-series-in-dynamodb`: metrics read in
//! ranges and added up in memory; roll-ups written from the stream cost a fraction. `table-per-entity` (low): four tables or
//! more with a lone hash key; one table per bounded context is the aim, not one for everything.
//!
//! Source: Developer Guide, "Working with expired items and time to live".

use std::collections::BTreeMap;

use super::evidence;
use super::{Context, Costing, Draft, Rule};
use crate::facts::Kind;
use crate::finding::{Confidence, Severity};
use crate::link::eval::{Eval, Piece, Value};
use crate::link::flow::callee_name;
use crate::link::{At, Role};
use crate::op::Op;
use crate::sites::{Named, Site};
use crate::tables::{DeclaredEntity, TableDef};

const PAGE: &str = include_str!("retention.rs");

/// Kept for ever.
pub static NO_TTL_ON_EPHEMERAL: Rule = Rule {
    id: "no-ttl-on-ephemeral",
    severity: Severity::Medium,
    effort: 20,
    title: "Short-lived items without a TTL",
    why: "They are stored, backed up and copied to every replica for ever.",
    fix: "Name a TTL attribute on the table and write epoch seconds into it.",
    security: None,
    page: PAGE,
};
/// Never expires.
pub static TTL_NOT_EPOCH_SECONDS: Rule = Rule {
    id: "ttl-not-epoch-seconds",
    severity: Severity::High,
    effort: 10,
    title: "A TTL that is not in epoch seconds",
    why: "The service reads seconds: milliseconds lie fifty thousand years ahead, text is ignored.",
    fix: "Divide by 1000: Math.floor(Date.now() / 1000), int(time.time()).",
    security: None,
    page: PAGE,
};
/// Days and years in one table.
pub static MIXED_RETENTION: Rule = Rule {
    id: "mixed-retention",
    severity: Severity::Medium,
    effort: 480,
    title: "Retention classes mixed in one table",
    why: "Backup, point-in-time recovery, table class, export and deletion rights are per table.",
    fix: "A table per retention class.",
    security: None,
    page: PAGE,
};
/// A series in the wrong store.
pub static TIME_SERIES_IN_DYNAMODB: Rule = Rule {
    id: "time-series-in-dynamodb",
    severity: Severity::Medium,
    effort: 2400,
    title: "A time series that is added up in memory",
    why: "Every chart reads and bills every point.",
    fix: "Write roll-ups (hour, day) from the stream and a TTL on the points; or S3 and Parquet, or a time-series store.",
    security: None,
    page: PAGE,
};
/// Joins by hand.
pub static TABLE_PER_ENTITY: Rule = Rule {
    id: "table-per-entity",
    severity: Severity::Low,
    effort: 480,
    title: "A table for every entity",
    why: "What belongs together is read one by one and joined by hand.",
    fix: "One table per bounded context, with item collections that one Query reads.",
    security: None,
    page: PAGE,
};

const EPHEMERAL: [&str; 15] = [
    "session",
    "sessions",
    "otp",
    "nonce",
    "cache",
    "lock",
    "locks",
    "lease",
    "idempotency",
    "verification",
    "ratelimit",
    "presence",
    "connection",
    "connections",
    "magiclink",
];

/// Items and tables by how long they live.
pub fn check(cx: &Context<'_>, eval: &Eval<'_>, out: &mut Vec<Draft>) {
    for site in cx.all_calls() {
        if cx.project.file(site.at.file).role == Role::Production {
            milliseconds(cx, eval, site, out);
        }
    }
    for table in &cx.infra.tables {
        ephemeral_table(table, out);
    }
    for entity in &cx.infra.entities {
        ephemeral_entity(entity, out);
    }
    mixed(cx, eval, out);
    series(cx, eval, out);
    lone_tables(cx, out);
}

fn ttl_attributes(cx: &Context<'_>, site: &Site) -> Vec<String> {
    let named: Vec<String> = cx
        .infra
        .tables
        .iter()
        .filter(|t| match &site.table {
            Named::Name(name) => t.name.as_ref().is_none_or(|n| n == name),
            _ => true,
        })
        .filter_map(|t| t.ttl.clone())
        .collect();
    if named.is_empty() {
        vec![
            "ttl".to_owned(),
            "TTL".to_owned(),
            "timeToLive".to_owned(),
            "time_to_live".to_owned(),
        ]
    } else {
        named
    }
}

fn milliseconds(cx: &Context<'_>, eval: &Eval<'_>, site: &Site, out: &mut Vec<Draft>) {
    if site.op != Op::PutItem {
        return;
    }
    let names = ttl_attributes(cx, site);
    for part in evidence::key_parts(eval, site) {
        if !names.iter().any(|n| n == part.attribute.as_str()) {
            continue;
        }
        let Some(what) = wrong_unit(eval, part.at, 4) else {
            continue;
        };
        let declared = cx
            .infra
            .tables
            .iter()
            .any(|t| t.ttl.as_deref() == Some(part.attribute.as_str()));
        let draft = Draft::at_site(
            &TTL_NOT_EPOCH_SECONDS,
            cx,
            site,
            format!("{} is {what}, not epoch seconds", part.attribute),
        )
        .related(cx.project, part.at, "made here");
        out.push(if declared {
            draft
        } else {
            draft.at_most(Confidence::Medium)
        });
    }
}

/// Milliseconds or text, as far as the expression says.
fn wrong_unit(eval: &Eval<'_>, at: At, depth: u32) -> Option<&'static str> {
    if depth == 0 {
        return None;
    }
    let file = eval.project.file(at.file);
    let here = |node: u32| At {
        file: at.file,
        node,
    };
    match file.kind(at.node) {
        Kind::Call(callee, args, _) => {
            let name = callee_name(file, *callee);
            let root = evidence::root_name(file, *callee);
            match name.as_str() {
                "now" if root.as_deref() == Some("Date") => Some("milliseconds"),
                "getTime" | "currentTimeMillis" | "toEpochMilli" | "timestamp_millis"
                | "as_millis" => Some("milliseconds"),
                "toISOString" | "isoformat" | "to_rfc3339" => Some("text"),
                "floor" | "round" | "ceil" | "int" | "Number" | "String" | "str" | "trunc"
                | "to_string" | "toString" => args
                    .first()
                    .and_then(|a| wrong_unit(eval, here(a.value), depth - 1))
                    .or_else(|| match file.kind(*callee) {
                        Kind::Member(obj, m) if m == "toString" || m == "to_string" => {
                            wrong_unit(eval, here(*obj), depth - 1)
                        }
                        _ => None,
                    }),
                _ => None,
            }
        }
        Kind::Binary(op, left, right) => match op.as_str() {
            "+" | "-" => wrong_unit(eval, here(*left), depth - 1)
                .or_else(|| wrong_unit(eval, here(*right), depth - 1)),
            "*" if is_thousand(eval, here(*right)) && is_time_call(eval, here(*left)) => {
                Some("milliseconds")
            }
            _ => None,
        },
        Kind::Name(name) => eval
            .bindings(at, name)
            .into_iter()
            .find_map(|(_, b)| match b.source {
                crate::link::scope::Source::Value(value)
                    if value != at.node && b.path.is_empty() =>
                {
                    wrong_unit(eval, here(value), depth - 1)
                }
                _ => None,
            }),
        _ => None,
    }
}

fn is_thousand(eval: &Eval<'_>, at: At) -> bool {
    matches!(eval.value(at), Value::Number(n) if matches!(n.replace('_', "").as_str(), "1000" | "1000.0" | "1e3"))
}

fn is_time_call(eval: &Eval<'_>, at: At) -> bool {
    let file = eval.project.file(at.file);
    matches!(file.kind(at.node), Kind::Call(callee, ..) if matches!(callee_name(file, *callee).as_str(), "time" | "timestamp"))
}

fn ephemeral_table(table: &TableDef, out: &mut Vec<Draft>) {
    if table.ttl.is_some() || table.open || matches!(table.source, "code" | "pynamodb" | "cli") {
        return;
    }
    let name = table
        .name
        .clone()
        .or_else(|| table.logical.clone())
        .unwrap_or_default();
    let words = evidence::words(&name);
    let lives_on = words.iter().any(|w| {
        matches!(
            w.as_str(),
            "terraform" | "tf" | "state" | "tfstate" | "history"
        )
    });
    if words.iter().any(|w| EPHEMERAL.contains(&w.as_str())) && !lives_on {
        let mut draft = Draft::in_file(
            &NO_TTL_ON_EPHEMERAL,
            &table.file,
            table.line,
            table.end_line,
            format!("{name} has no TTL"),
        );
        draft.table.clone_from(&table.name);
        out.push(draft.at_most(Confidence::Medium).costs(Costing::Growth));
    }
}

/// An entity of a model that lives briefly by its name, and for ever by its fields.
fn ephemeral_entity(entity: &DeclaredEntity, out: &mut Vec<Draft>) {
    let last = evidence::words(&entity.name).pop().unwrap_or_default();
    if entity.expires || !EPHEMERAL.contains(&last.as_str()) {
        return;
    }
    let mut draft = Draft::in_file(
        &NO_TTL_ON_EPHEMERAL,
        &entity.file,
        entity.line,
        entity.line,
        format!("{} has no TTL", entity.name),
    );
    draft.table = Some(entity.table.clone());
    out.push(draft.at_most(Confidence::Medium).costs(Costing::Growth));
}

/// Puts with a TTL, and puts of what is kept for years with its word.
type Kept<'a> = (Vec<&'a Site>, Vec<(&'a Site, String)>);

/// What a put's key is called, and whether it has a TTL.
fn mixed(cx: &Context<'_>, eval: &Eval<'_>, out: &mut Vec<Draft>) {
    let mut by_table: BTreeMap<Named, Kept<'_>> = BTreeMap::new();
    for site in cx
        .all_calls()
        .filter(|s| s.op == Op::PutItem && cx.project.file(s.at.file).role == Role::Production)
    {
        if matches!(site.table, Named::Unknown | Named::Hole(_)) {
            continue;
        }
        let parts = evidence::key_parts(eval, site);
        let ttl = parts
            .iter()
            .any(|p| evidence::has_word(&p.attribute, &["ttl", "expires", "expiry", "expiration"]));
        let kept = parts
            .iter()
            .filter(|p| {
                super::tenants::is_partition(p) || p.attribute.to_ascii_lowercase().ends_with("sk")
            })
            .find_map(|p| {
                let text = evidence::shown(&p.pieces);
                evidence::words(&text).into_iter().find(|w| {
                    matches!(
                        w.as_str(),
                        "audit" | "ledger" | "invoice" | "consent" | "payment"
                    )
                })
            });
        let entry = by_table.entry(site.table.clone()).or_default();
        if ttl {
            entry.0.push(site);
        } else if let Some(word) = kept {
            entry.1.push((site, word));
        }
    }
    for (table, (short, long)) in by_table {
        if let (Some(short), Some((long, word))) = (short.first(), long.first()) {
            let name = table.label().unwrap_or_default();
            out.push(
                Draft::at_site(
                    &MIXED_RETENTION,
                    cx,
                    short,
                    format!("{name} holds items with a TTL and {word} items"),
                )
                .at_most(Confidence::Medium)
                .related(cx.project, long.at, format!("{word} written here")),
            );
        }
    }
}

/// A query over a series whose points are added up.
fn series(cx: &Context<'_>, eval: &Eval<'_>, out: &mut Vec<Draft>) {
    for site in cx
        .all_calls()
        .filter(|s| s.op == Op::Query && cx.project.file(s.at.file).role == Role::Production)
    {
        let parts = evidence::key_parts(eval, site);
        let metric = parts.iter().any(|p| {
            p.whole
                && p.pieces.iter().any(|piece| {
                    let name = match piece {
                        Piece::Hole(name, _) | Piece::Lit(name) => name,
                    };
                    evidence::has_word(
                        name,
                        &[
                            "metric",
                            "metrics",
                            "device",
                            "sensor",
                            "series",
                            "telemetry",
                            "meter",
                            "reading",
                        ],
                    )
                })
        });
        let range = parts.iter().any(|p| {
            !p.whole && (evidence::has_word(&p.attribute, &["timestamp", "time", "ts", "date"]) || p.pieces.iter().any(|x| matches!(x, Piece::Hole(n, _) if evidence::has_word(n, &["from", "start", "since", "to", "end", "time", "timestamp"]))))
        });
        if !metric || !range {
            continue;
        }
        let aggregates = site.response_uses(eval).into_iter().any(|u| match u {
            crate::link::flow::Use::Field(name, at) if matches!(name.as_str(), "Items" | "items") => {
                evidence::part_uses(eval, at).into_iter().any(|u| match u {
                    crate::link::flow::Use::Method(m, _) => matches!(m.as_str(), "reduce" | "fold"),
                    crate::link::flow::Use::Passed(call, _) => {
                        let f = cx.project.file(call.file);
                        matches!(f.kind(call.node), Kind::Call(c, ..) if matches!(callee_name(f, *c).as_str(), "sum" | "mean" | "avg" | "max" | "min" | "average" | "sumBy" | "meanBy"))
                    }
                    _ => false,
                })
            }
            _ => false,
        });
        if aggregates {
            out.push(
                Draft::at_site(
                    &TIME_SERIES_IN_DYNAMODB,
                    cx,
                    site,
                    "points of a series are read and added up in memory",
                )
                .at_most(Confidence::Medium),
            );
        }
    }
}

fn lone_tables(cx: &Context<'_>, out: &mut Vec<Draft>) {
    let mut by_file: BTreeMap<&str, Vec<&TableDef>> = BTreeMap::new();
    for table in &cx.infra.tables {
        if table.sk.is_none()
            && table.pk.is_some()
            && !matches!(table.source, "code" | "pynamodb" | "cli")
        {
            by_file.entry(table.file.as_str()).or_default().push(table);
        }
    }
    for (file, tables) in by_file {
        // Code that reads two of them in one function.
        let names: Vec<&String> = tables
            .iter()
            .filter_map(|t| t.name.as_ref().or(t.logical.as_ref()))
            .collect();
        let joined = cx.all_calls().any(|a| {
            a.op == Op::GetItem
                && cx.sites[a.at.file as usize].sites.iter().any(|b| {
                    b.op == Op::GetItem && b.function == a.function && b.table != a.table && a.function != 0
                        && matches!((&a.table, &b.table), (Named::Name(x), Named::Name(y)) if names.contains(&x) && names.contains(&y))
                })
        });
        if tables.len() >= 4 && joined {
            let list: Vec<String> = names.iter().map(ToString::to_string).collect();
            let message = format!(
                "{} tables with a lone hash key that are read one after the other: {}",
                tables.len(),
                list.join(", ")
            );
            out.push(
                Draft::in_file(
                    &TABLE_PER_ENTITY,
                    file,
                    tables[0].line,
                    tables[0].end_line,
                    message,
                )
                .at_most(Confidence::Medium),
            );
        }
    }
}
