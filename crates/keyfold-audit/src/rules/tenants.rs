//! # `tenant-scope-missing`
//!
//! In a table that several tenants share, a key or a key condition without the tenant reads or writes across tenants. A
//! filter on the tenant is not isolation: it is forgotten once, and the read is billed in full. A tenant taken from the
//! request's body is whatever the caller writes there.
//!
//! ```ts
//! KeyConditionExpression: 'PK = :pk', ':pk': `ORDER#${orderId}`                    // bad
//! KeyConditionExpression: 'PK = :pk', ':pk': `TENANT#${tenantId}#ORDER#${orderId}`   // good
//! ```
//! ```python
//! Key("pk").eq(f"TENANT#{request.json['tenant_id']}")   # bad: the caller says who he is
//! ```
//!
//! Only in projects with tenancy: configured (`[audit.tenancy] attribute, prefix, global, admin`), or inferred when at
//! least three kinds of partition key hold a tenant, organisation, workspace, account or customer.
//!
//! **Stays silent**: entities declared global, administrative paths, stream consumers, migrations, keys whose parts
//! are not all known.
//!
//! Source: CWE-639; AWS, "`SaaS` tenant isolation strategies".

use std::collections::BTreeSet;

use super::evidence::{self, KeyPart};
use super::{Context, Draft, Rule};
use crate::finding::{Confidence, Severity};
use crate::layer::Place;
use crate::link::eval::{Eval, Piece};
use crate::link::{Project, Role};
use crate::op::Op;
use crate::sites::{FileSites, Site};
use crate::tables::Infrastructure;

/// No tenant in the key.
pub static TENANT_SCOPE_MISSING: Rule = Rule {
    id: "tenant-scope-missing",
    severity: Severity::Critical,
    effort: 45,
    title: "A key without its tenant",
    why: "What is not in the key is not isolated: a filter is forgotten once, and the read is billed in full.",
    fix: "Put the tenant first in the partition key, from the authenticated identity.",
    security: Some("8.1"),
    page: include_str!("tenants.rs"),
};

const TENANTS: [&str; 7] = [
    "tenant",
    "org",
    "organization",
    "organisation",
    "workspace",
    "account",
    "customer",
];

/// The word for a tenant, if keys say there is one: three kinds of keys hold it.
pub fn infer(project: &Project, sites: &[FileSites], infra: &Infrastructure) -> Option<String> {
    let eval = Eval::new(project);
    let mut kinds: std::collections::BTreeMap<&str, BTreeSet<String>> =
        std::collections::BTreeMap::new();
    for site in sites.iter().flat_map(|s| &s.sites) {
        if project.file(site.at.file).role != Role::Production || !site.op.on_items() {
            continue;
        }
        for part in evidence::key_parts(&eval, site) {
            if !is_partition(&part) {
                continue;
            }
            if let Some(word) = tenant_word(&part, &TENANTS) {
                let kind = format!(
                    "{}:{}",
                    evidence::shown(&part.pieces),
                    sort_kind(&eval, site)
                );
                kinds.entry(word).or_default().insert(kind);
            }
        }
    }
    for entity in &infra.entities {
        let holes = entity
            .pk
            .split('{')
            .skip(1)
            .filter_map(|rest| rest.split('}').next());
        for hole in holes {
            let found = evidence::words(hole);
            if let Some(word) = TENANTS.iter().find(|word| found.iter().any(|w| w == *word)) {
                kinds
                    .entry(word)
                    .or_default()
                    .insert(format!("{}:{}", entity.table, entity.name));
            }
        }
    }
    kinds
        .into_iter()
        .filter(|(word, keys)| {
            keys.len() >= 3 && !matches!(*word, "account" | "customer") || keys.len() >= 5
        })
        .max_by_key(|(_, keys)| keys.len())
        .map(|(word, _)| word.to_owned())
}

fn sort_kind(eval: &Eval<'_>, site: &Site) -> String {
    let parts = evidence::key_parts(eval, site);
    parts
        .iter()
        .find(|p| !is_partition(p))
        .map(|p| p.pieces.first())
        .and_then(|p| match p {
            Some(Piece::Lit(text)) => Some(
                text.split(['#', '|', ':'])
                    .next()
                    .unwrap_or_default()
                    .to_owned(),
            ),
            _ => None,
        })
        .unwrap_or_default()
}

fn tenant_word(part: &KeyPart, words: &[&'static str]) -> Option<&'static str> {
    part.pieces.iter().find_map(|piece| {
        let name = match piece {
            Piece::Hole(name, _) => name,
            Piece::Lit(text) => text,
        };
        let found = evidence::words(name);
        words
            .iter()
            .find(|word| {
                found
                    .iter()
                    .any(|w| w == *word || w.strip_suffix('s') == Some(**word))
            })
            .copied()
    })
}

/// An attribute that is a partition key by its name.
pub fn is_partition(part: &KeyPart) -> bool {
    let name = part.attribute.to_ascii_lowercase();
    name == "pk"
        || name.ends_with("pk") && name.len() <= 8
        || name == "partitionkey"
        || name == "partition_key"
        || name == "hashkey"
        || name == "hash_key"
}

fn has_tenant(part: &KeyPart, word: &str) -> bool {
    let short = word.get(..3).unwrap_or(word);
    part.pieces.iter().any(|piece| {
        let name = match piece {
            Piece::Hole(name, _) => name,
            Piece::Lit(text) => text,
        };
        evidence::words(name)
            .iter()
            .any(|w| w.starts_with(short) || w == "tid" || w == "oid")
    })
}

/// A site's partition key is fully known and has no tenant.
pub fn lacks_tenant(cx: &Context<'_>, eval: &Eval<'_>, site: &Site) -> bool {
    let Some(tenant) = &cx.tenant else {
        return false;
    };
    let parts = evidence::key_parts(eval, site);
    let Some(pk) = parts.iter().find(|p| is_partition(p) && p.whole) else {
        return false;
    };
    // A key whose text begins with a hole is made elsewhere: unknown.
    let known =
        matches!(pk.pieces.first(), Some(Piece::Lit(text)) if text.contains(['#', '|', ':', '/']));
    known
        && pk
            .pieces
            .iter()
            .any(|p| matches!(p, Piece::Hole(name, _) if !name.is_empty()))
        && !parts.iter().any(|p| has_tenant(p, tenant))
}

/// Keys, scans and sources of the tenant.
pub fn check(cx: &Context<'_>, eval: &Eval<'_>, out: &mut Vec<Draft>) {
    let Some(tenant) = &cx.tenant else { return };
    let admin = crate::layer::patterns(&cx.config.tenancy.admin);
    let configured = cx.config.tenancy.attribute.is_some() || cx.config.tenancy.prefix.is_some();
    for site in cx.all_calls() {
        let file = cx.project.file(site.at.file);
        if !site.op.on_items()
            || matches!(
                cx.place(site.at.file),
                Place::Script | Place::Test | Place::Example
            )
            || admin.is_match(&file.path)
        {
            continue;
        }
        let function = file.function_name(site.function);
        if evidence::has_word(
            &function,
            &[
                "admin", "global", "system", "platform", "migrate", "internal",
            ],
        ) || evidence::has_word(&file.path, &["admin", "stream", "migration"])
        {
            continue;
        }
        let global = |text: &str| {
            cx.config
                .tenancy
                .global
                .iter()
                .any(|g| text.starts_with(g.as_str()) || text.contains(&format!("{g}#")))
        };
        let parts = evidence::key_parts(eval, site);
        for part in parts.iter().filter(|p| is_partition(p)) {
            // (d): the caller says who he is.
            for piece in &part.pieces {
                if let Piece::Hole(name, at) = piece
                    && evidence::has_word(name, &[tenant, "tenant", "org"])
                    && evidence::from_request(eval, *at)
                {
                    let draft = Draft::at_site(
                        &TENANT_SCOPE_MISSING,
                        cx,
                        site,
                        format!("{name} in the key comes from the request"),
                    );
                    out.push(draft.at_most(Confidence::Medium).fix("Take the tenant from the authenticated identity, not from what the caller sends."));
                }
            }
        }
        // (a): a key without it.
        if lacks_tenant(cx, eval, site) {
            let Some(pk) = parts.iter().find(|p| is_partition(p) && p.whole) else {
                continue;
            };
            let text = evidence::shown(&pk.pieces);
            // A look-up that exists to find the tenant: by e-mail, token, domain.
            if global(&text)
                || evidence::has_word(
                    &text,
                    &[
                        "email", "token", "domain", "user", "lookup", "unique", "session", "plan",
                        "flag", "apikey", "webhook", "stripe", "slug",
                    ],
                )
            {
                continue;
            }
            let draft = Draft::at_site(
                &TENANT_SCOPE_MISSING,
                cx,
                site,
                format!("the partition key {text} has no {tenant}"),
            );
            out.push(if configured {
                draft
            } else {
                draft.at_most(Confidence::Medium)
            });
        }
        // (c): only in the filter.
        if matches!(site.op, Op::Query | Op::Scan)
            && let Some(at) = evidence::filter(site)
            && super::scans::filtered(eval, site, at)
                .iter()
                .any(|n| evidence::has_word(n, &[tenant]))
            && !parts.iter().any(|p| has_tenant(p, tenant))
        {
            let draft = Draft::at_site(
                &TENANT_SCOPE_MISSING,
                cx,
                site,
                format!("the {tenant} is only in the filter"),
            );
            out.push(if configured {
                draft
            } else {
                draft.at_most(Confidence::Medium)
            });
        }
    }
}
