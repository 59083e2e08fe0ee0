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
//! **Stays silent**: a filter on the TTL attribute (expired items stay visible until they are deleted, so it is
//! right); a full primary key (one item at most).
//!
//! **Cost**: `(bytes examined − bytes returned) / 8192 × calls × price`.
//!
//! Source: Developer Guide, "Other aspects of working with the Query operation".

use super::evidence::{self, ItemsUse};
use super::{Context, Costing, Draft, Rule, scans};
use crate::finding::Severity;
use crate::link::FileId;
use crate::link::eval::Eval;
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
        if site.op != Op::Query || site.api == Api::Dynamoose && site.params.chain.is_empty() {
            continue;
        }
        let Some(at) = evidence::filter(site) else {
            continue;
        };
        let names = scans::filtered(eval, site, at);
        if !names.is_empty() && names.iter().all(|name| is_ttl(cx, site, name)) {
            continue;
        }
        if evidence::full_key(eval, site) {
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
