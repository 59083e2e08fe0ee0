//! # `projection-missing`, `sort-in-memory`, `scan-index-forward-ignored`
//!
//! Items of one partition come sorted by the sort key, in either direction (`ScanIndexForward`). Sorting or reversing
//! them in memory needs all of them read first, and is wrong as soon as there is a second page.
//!
//! ```ts
//! Items.sort((a, b) => b.createdAt - a.createdAt)      // make createdAt the sort key
//! Items.reverse()                                      // ScanIndexForward: false
//! ```
//!
//! `projection-missing`: whole items over 4 KB are read, and at most two of their attributes are used. A projection expression
//! lowers what is transferred, not what is billed: to read less, an index with fewer attributes is needed. How large items
//! are, the traffic file says (`tables.<name>.item_bytes`) or `[audit] item_kb`.
//!
//! ```ts
//! const { Item } = await doc.send(new GetCommand({ TableName: 'reports', Key }))   // bad: 40 KB for a title
//! return Item.title
//! new GetCommand({ TableName: 'reports', Key, ProjectionExpression: 'title' })     // good
//! ```
//!
//! **Stays silent**: items that are handed on whole, or whose size is not known; when the sort is by something that differs from one call to the next.

use super::evidence;
use super::{Context, Draft, Rule};
use crate::facts::{Kind, LoopKind};
use crate::finding::{Confidence, Severity};
use crate::link::eval::Eval;
use crate::link::flow::{self, Use};
use crate::link::{At, FileId};
use crate::op::Op;
use crate::sites::{Named, Site};

const PAGE: &str = include_str!("smells.rs");

/// Forty kilobytes for a title.
pub static PROJECTION_MISSING: Rule = Rule {
    id: "projection-missing",
    severity: Severity::Low,
    effort: 20,
    title: "Whole items read for one or two attributes",
    why: "Large items are transferred and decoded for a few bytes of them.",
    fix: "Add a ProjectionExpression; to be billed less, keep these attributes in an index of their own.",
    security: None,
    page: PAGE,
};
/// Sorted after reading.
pub static SORT_IN_MEMORY: Rule = Rule {
    id: "sort-in-memory",
    severity: Severity::Low,
    effort: 20,
    title: "Items of a Query sorted in memory",
    why: "All items must be read before the first can be shown; a second page breaks the order.",
    fix: "Let the sort key of the table or an index hold what is sorted by.",
    security: None,
    page: PAGE,
};
/// Reversed after reading.
pub static SCAN_INDEX_FORWARD_IGNORED: Rule = Rule {
    id: "scan-index-forward-ignored",
    severity: Severity::Low,
    effort: 20,
    title: "Items of a Query reversed in memory",
    why: "Everything is read to show the last items first.",
    fix: "Set ScanIndexForward to false.",
    security: None,
    page: PAGE,
};

/// What is done with the items of queries.
pub fn check(cx: &Context<'_>, eval: &Eval<'_>, file: FileId, out: &mut Vec<Draft>) {
    for site in cx.calls(file) {
        projection(cx, eval, site, out);
        if site.op != Op::Query {
            continue;
        }
        for u in site.response_uses(eval) {
            let Use::Field(name, at) = u else { continue };
            if !matches!(name.as_str(), "Items" | "items") {
                continue;
            }
            for inner in evidence::part_uses(eval, at) {
                let Use::Method(method, call) = inner else {
                    continue;
                };
                let rule = match method.as_str() {
                    "sort" | "toSorted" | "sort_by" | "sort_by_key" => &SORT_IN_MEMORY,
                    "reverse" | "toReversed" => &SCAN_INDEX_FORWARD_IGNORED,
                    _ => continue,
                };
                let mut draft = Draft::at(rule, cx, call, rule.title).at_most(Confidence::Medium);
                draft.op = Some(site.op.name());
                draft.table = site.table.label();
                out.push(draft.related(cx.project, site.at, "read here"));
            }
        }
    }
}

/// Whole items over 4 KB, of which one or two attributes are used.
fn projection(cx: &Context<'_>, eval: &Eval<'_>, site: &Site, out: &mut Vec<Draft>) {
    if !matches!(site.op, Op::GetItem | Op::Query | Op::Scan)
        || ["ProjectionExpression", "AttributesToGet", "attributes"]
            .iter()
            .any(|name| site.params.has(name))
        || site.params.open
    {
        return;
    }
    let known = match &site.table {
        Named::Name(name) => cx.tables.get(name).and_then(|hint| hint.item_bytes),
        _ => None,
    };
    let Some(bytes) = known.or_else(|| cx.config.item_kb.map(|kb| kb * 1024.0)) else {
        return;
    };
    if bytes <= 4096.0 {
        return;
    }
    let Some(mut used) = attributes_used(eval, site) else {
        return;
    };
    used.sort();
    used.dedup();
    if used.is_empty() || used.len() > 2 {
        return;
    }
    let message = format!(
        "items of {:.0} KB are read whole, of which {} {} used",
        bytes / 1024.0,
        used.join(" and "),
        if used.len() == 1 { "is" } else { "are" }
    );
    out.push(Draft::at_site(&PROJECTION_MISSING, cx, site, message).at_most(Confidence::Medium));
}

/// The attributes that are read of the items; `None` when somebody may read all of them.
pub fn attributes_used(eval: &Eval<'_>, site: &Site) -> Option<Vec<String>> {
    let mut used = Vec::new();
    for u in site.response_uses(eval) {
        match u {
            Use::Field(name, at) if matches!(name.as_str(), "Item" | "item" | "getItem") => {
                of_item(&evidence::part_uses(eval, at), &mut used)?;
            }
            Use::Field(name, at) if matches!(name.as_str(), "Items" | "items" | "getItems") => {
                for u in evidence::part_uses(eval, at) {
                    match u {
                        Use::Field(name, _)
                            if matches!(name.as_str(), "length" | "len" | "size") => {}
                        Use::Tested(_) => {}
                        Use::Iterated(at) => of_item(&turns(eval, at)?, &mut used)?,
                        Use::Method(name, call)
                            if matches!(
                                name.as_str(),
                                "map" | "forEach" | "filter" | "some" | "every" | "find"
                            ) =>
                        {
                            of_item(&lambda_item(eval, call)?, &mut used)?;
                        }
                        _ => return None,
                    }
                }
            }
            Use::Field(..) | Use::Tested(_) => {}
            _ => return None,
        }
    }
    Some(used)
}

fn of_item(uses: &[Use], used: &mut Vec<String>) -> Option<()> {
    for u in uses {
        match u {
            Use::Field(name, _)
                if !matches!(name.as_str(), "keys" | "values" | "items" | "entries") =>
            {
                used.push(name.to_string());
            }
            Use::Tested(_) => {}
            _ => return None,
        }
    }
    Some(())
}

/// What a loop does with each element.
fn turns(eval: &Eval<'_>, at: At) -> Option<Vec<Use>> {
    let file = eval.project.file(at.file);
    let Kind::Loop(LoopKind::Each, Some(pat), ..) = file.kind(at.node) else {
        return None;
    };
    let Kind::Name(name) = file.kind(*pat) else {
        return None;
    };
    let mut out = Vec::new();
    flow::name_uses(eval, at, name, 20, &mut out);
    (!out.is_empty()).then_some(out)
}

/// What the lambda of `items.map(item => …)` does with its item.
fn lambda_item(eval: &Eval<'_>, call: At) -> Option<Vec<Use>> {
    let file = eval.project.file(call.file);
    let Kind::Call(_, args, _) = file.kind(call.node) else {
        return None;
    };
    let Kind::Lambda(function) = file.kind(args.first()?.value) else {
        return None;
    };
    let uses = flow::callback_uses(eval, call.file, *function, 0);
    (!uses.is_empty()).then_some(uses)
}
