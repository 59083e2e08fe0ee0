//! # `gsi-proliferation`, `unused-gsi`, `projection-all`, `index-name-unknown`
//!
//! Every write is paid again for each index that holds the item, and so is the storage. Unpredictable questions never end:
//! an index per question is a search engine at the wrong price.
//!
//! **Instead**: overload generic indexes (`GSI1PK`), make them sparse, merge two that share a partition key, or serve ad-hoc
//! search from a search engine fed by the stream.
//!
//! `unused-gsi`: an index that no call names. `projection-all` (low): every attribute in three indexes or more.
//! `index-name-unknown` (high): a query names an index that the table's own definition lacks: a `ValidationException`.
//!
//! **Stays silent**: generic indexes that serve several entities (they count); an index whose name is computed at run
//! time silences `unused-gsi` for its table; `external_indexes` in the configuration; Amplify and `AppSync` projects.
//!
//! **Cost**: `Σ index (bytes × price per GB + writes × ceil(item KB) × price)`.
//!
//! Source: Developer Guide, "Best practices for using secondary indexes".

use super::{Context, Costing, Draft, Rule, evidence, smells};
use crate::finding::{Confidence, Severity};
use crate::link::Role;
use crate::link::eval::Eval;
use crate::op::Op;
use crate::sites::{Named, Site};
use crate::tables::{IndexDef, TableDef};

const PAGE: &str = include_str!("indexes.rs");

/// Many indexes.
pub static GSI_PROLIFERATION: Rule = Rule {
    id: "gsi-proliferation",
    severity: Severity::Medium,
    effort: 600,
    title: "Many indexes on one table",
    why: "Every write is paid again for each index that holds the item, and so is the storage.",
    fix: "Overload generic indexes, make them sparse, merge those that share a partition key, or feed a search engine from the stream.",
    security: None,
    page: PAGE,
};
/// Nobody asks it.
pub static UNUSED_GSI: Rule = Rule {
    id: "unused-gsi",
    severity: Severity::Medium,
    effort: 30,
    title: "An index that no call names",
    why: "Its storage and its share of every write are paid for nothing.",
    fix: "Look at its metered reads; if there are none, drop it.",
    security: None,
    page: PAGE,
};
/// Everything copied.
pub static PROJECTION_ALL: Rule = Rule {
    id: "projection-all",
    severity: Severity::Low,
    effort: 45,
    title: "Indexes that copy every attribute",
    why: "Bytes that no query reads are stored and written again in each index.",
    fix: "Project what the queries use. A projection cannot be changed in place: a new index, backfill, switch.",
    security: None,
    page: PAGE,
};
/// Fails for certain.
pub static INDEX_NAME_UNKNOWN: Rule = Rule {
    id: "index-name-unknown",
    severity: Severity::High,
    effort: 15,
    title: "A query of an index that the table does not have",
    why: "The request is refused with a ValidationException.",
    fix: "Name an index of the table, or add it to its definition.",
    security: None,
    page: PAGE,
};

/// Tables against calls.
pub fn check(cx: &Context<'_>, eval: &Eval<'_>, out: &mut Vec<Draft>) {
    let max = cx.config.gsi_max.unwrap_or(3);
    for table in &cx.infra.tables {
        let calls = calls_of(cx, table);
        if table.gsi.len() > max && table.source != "pynamodb" {
            let users: Vec<String> = table
                .gsi
                .iter()
                .map(|index| {
                    let n = calls
                        .iter()
                        .filter(
                            |s| matches!(&s.index, Some(Named::Name(name)) if *name == index.name),
                        )
                        .count();
                    format!("{} ({n} calls)", index.name)
                })
                .collect();
            let message = format!(
                "{} has {} global secondary indexes: {}",
                shown(table),
                table.gsi.len(),
                users.join(", ")
            );
            let mut draft = Draft::in_file(
                &GSI_PROLIFERATION,
                &table.file,
                table.line,
                table.end_line,
                message,
            );
            draft.table.clone_from(&table.name);
            if table.gsi.len() > 5 {
                draft = draft.severity(Severity::High);
            }
            draft.effort = Some(u32::try_from((table.gsi.len() - max) * 600).unwrap_or(u32::MAX));
            out.push(draft.costs(Costing::Indexes(table.gsi.len())));
        }
        if table.source == "model" {
            undeclared(cx, table, &calls, out);
        } else {
            unused(cx, table, &calls, out);
        }
        for index in table
            .gsi
            .iter()
            .filter(|i| i.projection.as_deref() == Some("ALL"))
        {
            narrow(cx, eval, table, index, &calls, out);
        }
    }
    unknown(cx, out);
}

/// An index that copies every attribute, of which every reader uses a few.
fn narrow(
    cx: &Context<'_>,
    eval: &Eval<'_>,
    table: &TableDef,
    index: &IndexDef,
    calls: &[&Site],
    out: &mut Vec<Draft>,
) {
    let readers: Vec<&&Site> = calls
        .iter()
        .filter(|s| matches!(&s.index, Some(Named::Name(name)) if *name == index.name))
        .collect();
    if readers.is_empty()
        || cx
            .all_calls()
            .any(|s| matches!(&s.index, Some(Named::Hole(_) | Named::Unknown)))
    {
        return;
    }
    let mut used: Vec<String> = Vec::new();
    for site in &readers {
        let Some(names) = projected(eval, site).or_else(|| smells::attributes_used(eval, site))
        else {
            return;
        };
        used.extend(names);
    }
    used.sort();
    used.dedup();
    if used.is_empty() || used.len() > 4 {
        return;
    }
    let large = table
        .name
        .as_ref()
        .and_then(|name| cx.tables.get(name)?.item_bytes)
        .or(cx.config.item_kb.map(|kb| kb * 1024.0))
        .is_some_and(|bytes| bytes > 1024.0);
    let line = if index.line == 0 {
        table.line
    } else {
        index.line
    };
    let message = format!(
        "{} copies every attribute of {}, and its readers use {}",
        index.name,
        shown(table),
        used.join(", ")
    );
    let mut draft = Draft::in_file(&PROJECTION_ALL, &table.file, line, line, message)
        .at_most(Confidence::Medium);
    if large || table.gsi.len() >= 3 {
        draft = draft.severity(Severity::Medium);
    }
    draft.table.clone_from(&table.name);
    out.push(draft);
}

/// The attributes of a projection expression.
fn projected(eval: &Eval<'_>, site: &Site) -> Option<Vec<String>> {
    let (pieces, _) = evidence::expression(eval, site, "ProjectionExpression")?;
    let text = evidence::shown(&pieces);
    if text.contains('{') {
        return None;
    }
    let known = evidence::attribute_names(eval, site).unwrap_or_default();
    Some(
        text.split(',')
            .map(|name| {
                let name = name.trim();
                known
                    .iter()
                    .find(|(placeholder, _)| placeholder == name)
                    .map_or_else(|| name.to_owned(), |(_, name)| name.to_string())
            })
            .collect(),
    )
}

fn shown(table: &TableDef) -> String {
    table
        .name
        .clone()
        .or_else(|| table.logical.clone())
        .unwrap_or_else(|| "the table".to_owned())
}

/// The calls that surely or possibly concern a table.
fn calls_of<'a>(cx: &'a Context<'_>, table: &TableDef) -> Vec<&'a Site> {
    let only = cx.infra.tables.len() == 1;
    cx.all_calls()
        .filter(|s| concerns(cx, s, table) || only && !matches!(s.table, Named::Name(_)))
        .collect()
}

fn concerns(cx: &Context<'_>, site: &Site, table: &TableDef) -> bool {
    match &site.table {
        Named::Name(name) => {
            table.name.as_ref() == Some(name) || table.logical.as_ref() == Some(name)
        }
        Named::Env(env) => cx.infra.environment.iter().any(|(variable, of)| {
            variable == env
                && (Some(of) == table.name.as_ref() || Some(of) == table.logical.as_ref())
        }),
        _ => false,
    }
}

fn unused(cx: &Context<'_>, table: &TableDef, calls: &[&Site], out: &mut Vec<Draft>) {
    let queries: Vec<&&Site> = calls
        .iter()
        .filter(|s| matches!(s.op, Op::Query | Op::Scan))
        .collect();
    // Without any call of the table the project does not hold its readers.
    if queries.is_empty() || matches!(table.source, "pynamodb" | "code") {
        return;
    }
    let all: Vec<&Site> = cx
        .all_calls()
        .filter(|s| matches!(s.op, Op::Query | Op::Scan))
        .collect();
    let computed = all.iter().any(|s| {
        s.params.open
            || matches!(
                &s.index,
                Some(Named::Hole(_) | Named::Unknown | Named::Env(_))
            )
            || s.api.is_mapper()
            || matches!(&s.index, Some(Named::Name(n)) if n.contains('{'))
    });
    let unresolved =
        cx.infra.tables.len() > 1 && all.iter().any(|s| s.index.is_none() && s.params.open);
    if computed || unresolved {
        return;
    }
    let external = table
        .name
        .as_ref()
        .and_then(|n| cx.config.external_indexes.get(n));
    for index in &table.gsi {
        let named = all
            .iter()
            .any(|s| matches!(&s.index, Some(Named::Name(name)) if *name == index.name));
        if named || index.name.is_empty() || external.is_some_and(|e| e.contains(&index.name)) {
            continue;
        }
        let line = if index.line == 0 {
            table.line
        } else {
            index.line
        };
        let message = format!("no call names the index {} of {}", index.name, shown(table));
        let mut draft = Draft::in_file(&UNUSED_GSI, &table.file, line, line, message)
            .at_most(Confidence::Medium)
            .costs(Costing::Indexes(1));
        draft.table.clone_from(&table.name);
        out.push(draft);
    }
}

/// An index of a model that none of its access patterns uses.
fn undeclared(cx: &Context<'_>, table: &TableDef, calls: &[&Site], out: &mut Vec<Draft>) {
    let external = table
        .name
        .as_ref()
        .and_then(|n| cx.config.external_indexes.get(n));
    for index in &table.gsi {
        let declared = cx
            .infra
            .declared_indexes
            .iter()
            .any(|(of, name)| Some(of) == table.name.as_ref() && *name == index.name);
        let called = calls
            .iter()
            .any(|s| matches!(&s.index, Some(Named::Name(name)) if *name == index.name));
        if !declared && !called && external.is_none_or(|e| !e.contains(&index.name)) {
            let message = format!(
                "no access pattern of the model uses the index {} of {}",
                index.name,
                shown(table)
            );
            let mut draft =
                Draft::in_file(&UNUSED_GSI, &table.file, index.line, index.line, message)
                    .at_most(Confidence::Medium)
                    .costs(Costing::Indexes(1));
            draft.table.clone_from(&table.name);
            out.push(draft);
        }
    }
}

fn unknown(cx: &Context<'_>, out: &mut Vec<Draft>) {
    for site in cx.all_calls() {
        let (Some(Named::Name(index)), Op::Query | Op::Scan) = (&site.index, site.op) else {
            continue;
        };
        if index.contains('{') || cx.project.file(site.at.file).role == Role::Test {
            continue;
        }
        let of: Vec<&TableDef> = cx
            .infra
            .tables
            .iter()
            .filter(|t| t.source != "pynamodb" && concerns(cx, site, t))
            .collect();
        if of.is_empty() || of.iter().any(|t| t.open) {
            continue;
        }
        if of.iter().any(|t| {
            t.gsi
                .iter()
                .chain(&t.lsi)
                .any(|i| i.name == *index || i.name.is_empty())
        }) {
            continue;
        }
        let mut draft = Draft::at_site(
            &INDEX_NAME_UNKNOWN,
            cx,
            site,
            format!("{} has no index {index}", shown(of[0])),
        );
        draft.related.push(crate::finding::Related {
            file: of[0].file.clone(),
            line: of[0].line,
            message: "table defined here".to_owned(),
        });
        out.push(draft);
    }
}
