//! # `sdk-bypass`, `client-outside-layer`, `sdk-in-script`, `no-repository-layer`, `context-crossing`
//!
//! The tenant check, encryption, audit trail, metering and retries live in the repository layer. A call past it has none
//! of them, and nobody sees that it is missing.
//!
//! ```ts
//! // bad, in routes/orders.ts
//! await ddb.send(new PutCommand({ TableName, Item: order }));
//! // good
//! await orders.save(tenant, order);
//! ```
//!
//! Where the layer is, is configured (`[audit.layer] paths = ["src/repository/**"]`) or inferred; `--inventory` shows how.
//! The finding names the function of the layer that does the same operation on the same table, when there is one.
//!
//! Critical when it writes to a tenant's table without a tenant in the key, info for table administration. Confidence
//! is high if the layer is configured, medium if it is inferred.
//!
//! **Stays silent**: the layer and its tests; infrastructure code. Scripts and migrations are `sdk-in-script` (info).
//! A project without any layer gets one finding, `no-repository-layer`, with the count per folder. A layer may be for some
//! tables only (`[[audit.layer.of]]`): a call of another context's table is `context-crossing`.

use std::collections::BTreeMap;

use super::{Context, Draft, Rule};
use crate::finding::{Confidence, Severity};
use crate::layer::Place;
use crate::link::eval::Eval;
use crate::sites::{Named, Site};

const PAGE: &str = include_str!("layering.rs");

/// A call past the layer.
pub static SDK_BYPASS: Rule = Rule {
    id: "sdk-bypass",
    severity: Severity::High,
    effort: 30,
    title: "A call past the repository layer",
    why: "Tenant check, encryption, audit trail, metering and retries live in the layer.",
    fix: "Call the repository; give it the method that is missing.",
    security: None,
    page: PAGE,
};
/// A client made outside the layer.
pub static CLIENT_OUTSIDE_LAYER: Rule = Rule {
    id: "client-outside-layer",
    severity: Severity::Low,
    effort: 10,
    title: "A client made outside the repository layer",
    why: "Whoever holds a client can go around the layer.",
    fix: "Make the client where the layer is made, and hand out the repository.",
    security: None,
    page: PAGE,
};
/// A script that uses the SDK.
pub static SDK_IN_SCRIPT: Rule = Rule {
    id: "sdk-in-script",
    severity: Severity::Info,
    effort: 0,
    title: "A script that calls DynamoDB directly",
    why: "It has none of the layer's checks.",
    fix: "Nothing, if it is run by hand and reviewed.",
    security: None,
    page: PAGE,
};
/// No layer at all.
pub static NO_REPOSITORY_LAYER: Rule = Rule {
    id: "no-repository-layer",
    severity: Severity::Medium,
    effort: 480,
    title: "No repository layer",
    why: "Every call has to get tenants, conditions, pages and retries right by itself.",
    fix: "Gather the calls in one module per bounded context, and let nothing else hold a client.",
    security: None,
    page: PAGE,
};
/// One context's repository on another's table.
pub static CONTEXT_CROSSING: Rule = Rule {
    id: "context-crossing",
    severity: Severity::Medium,
    effort: 60,
    title: "A repository calls another context's table",
    why: "Two contexts that share a table cannot change their keys without each other.",
    fix: "Ask the other context's repository, or subscribe to its stream.",
    security: None,
    page: PAGE,
};

/// Calls and clients by where they stand.
pub fn check(cx: &Context<'_>, eval: &Eval<'_>, out: &mut Vec<Draft>) {
    let mut without: Vec<&Site> = Vec::new();
    for file in 0..u32::try_from(cx.sites.len()).unwrap_or(u32::MAX) {
        let place = cx.place(file);
        let mut in_script = Vec::new();
        for site in cx.calls(file) {
            match place {
                Place::Bypass => out.push(bypass(cx, eval, site)),
                Place::Script => in_script.push(site),
                Place::None if site.op.on_items() => without.push(site),
                Place::Repository => crossing(cx, site, out),
                _ => {}
            }
        }
        if let Some(first) = in_script.first() {
            let message = format!("{} calls past the layer in a script", in_script.len());
            let mut draft = Draft::at_site(&SDK_IN_SCRIPT, cx, first, message);
            draft.confidence = confidence(cx);
            out.push(draft);
        }
        if place == Place::Bypass {
            for client in &cx.sites[file as usize].clients {
                let mut draft = Draft::at(
                    &CLIENT_OUTSIDE_LAYER,
                    cx,
                    client.at,
                    format!("a client outside the layer ({})", client.api.name()),
                );
                draft.confidence = confidence(cx);
                out.push(draft);
            }
        }
    }
    // A handful of calls in one or two files is a small program, not a missing layer.
    let mut folders: BTreeMap<String, usize> = BTreeMap::new();
    let mut files: Vec<u32> = without.iter().map(|s| s.at.file).collect();
    files.dedup();
    if without.len() >= 5 && files.len() >= 2 {
        for site in &without {
            let path = &cx.project.file(site.at.file).path;
            let folder = path
                .rsplit_once('/')
                .map_or(".", |(folder, _)| folder)
                .to_owned();
            *folders.entry(folder).or_default() += 1;
        }
        let counts: Vec<String> = folders
            .iter()
            .map(|(folder, n)| format!("{folder}: {n}"))
            .collect();
        let message = format!(
            "{} calls in {} files and no layer between ({})",
            without.len(),
            files.len(),
            counts.join(", ")
        );
        out.push(
            Draft::at_site(&NO_REPOSITORY_LAYER, cx, without[0], message)
                .at_most(Confidence::Medium),
        );
    }
}

fn confidence(cx: &Context<'_>) -> Confidence {
    if cx.layer.configured {
        Confidence::High
    } else {
        Confidence::Medium
    }
}

fn bypass(cx: &Context<'_>, eval: &Eval<'_>, site: &Site) -> Draft {
    let table = site
        .table
        .label()
        .map(|t| format!(" on {t}"))
        .unwrap_or_default();
    let mut draft = Draft::at_site(
        &SDK_BYPASS,
        cx,
        site,
        format!("{}{table} outside the repository layer", site.op.name()),
    );
    draft.confidence = draft.confidence.max(confidence(cx));
    draft.severity = if !site.op.on_items() {
        Severity::Info
    } else if site.op.writes() && super::tenants::lacks_tenant(cx, eval, site) {
        Severity::Critical
    } else {
        Severity::High
    };
    let same = cx.all_calls().find(|other| {
        cx.place(other.at.file) == Place::Repository
            && other.op == site.op
            && other.table == site.table
            && other.table != Named::Unknown
    });
    if let Some(same) = same {
        let name = same.function_name(cx.project);
        draft = draft.fix(format!(
            "Call {name} of the layer, which does {} on the same table.",
            site.op.name()
        ));
        draft = draft.related(cx.project, same.at, format!("{name} in the layer"));
    }
    draft
}

fn crossing(cx: &Context<'_>, site: &Site, out: &mut Vec<Draft>) {
    let Named::Name(table) = &site.table else {
        return;
    };
    let owner = cx
        .layer
        .of
        .iter()
        .find(|(tables, _)| tables.contains(table));
    if let Some((_, files)) = owner
        && !files.contains(&site.at.file)
    {
        let draft = Draft::at_site(
            &CONTEXT_CROSSING,
            cx,
            site,
            format!(
                "{} on {table}, which belongs to another context",
                site.op.name()
            ),
        );
        out.push(draft);
    }
}
