//! # `pagination-ignored`
//!
//! A page ends at 1 MB, or at `Limit`. A Query or Scan of which only the items are used, while the key of the next
//! page is neither read nor handed on, gives silently less once the data has grown.
//!
//! ```ts
//! const { Items } = await ddb.send(new QueryCommand(params));            // bad: the first page
//! for await (const page of paginateQuery({ client }, params)) { … }      // good
//! ```
//! ```python
//! items = table.query(**params)["Items"]                                  # bad
//! pages = client.get_paginator("query").paginate(**params)                # good
//! ```
//! ```rust,ignore
//! let items = client.query().table_name(t).send().await?.items;          // bad
//! let items = client.query().table_name(t).into_paginator().items().send(); // good
//! ```
//!
//! Followed one call up: a helper that returns the whole response is fine if a caller reads the key.
//!
//! **Stays silent**: a full primary key; `Limit 1` without a filter of which only the first item is used; existence
//! without a filter; the token or the whole response handed to somebody outside; libraries that page by themselves
//! (`PynamoDB`, Dynamoose `.all()`, `ElectroDB` `pages: 'all'`); a loop that feeds `ExclusiveStartKey`.
//! A constant `Limit` (the newest N) and a unique look-up are `low`.
//!
//! Source: Developer Guide, "Paginating table query results".

use super::evidence::{self, ItemsUse, PAGE_KEYS};
use super::{Context, Draft, Rule};
use crate::facts::FnId;
use crate::finding::{Confidence, Severity};
use crate::link::eval::Eval;
use crate::link::flow::{self, Use};
use crate::link::{At, FileId};
use crate::op::Op;
use crate::sites::Site;
use crate::surfaces::Api;

/// Only the first page is read.
pub static PAGINATION_IGNORED: Rule = Rule {
    id: "pagination-ignored",
    severity: Severity::High,
    effort: 30,
    title: "Only the first page is read",
    why: "A page ends at 1 MB: results are silently cut as data grows.",
    fix: "Use the SDK's paginator, or hand the key of the next page to the caller as an opaque cursor.",
    security: None,
    page: include_str!("pagination.rs"),
};

/// What happens to the key of the next page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// Somebody reads it, or may.
    Read,
    /// Nobody does.
    Dropped,
    /// Nobody does, one call up.
    DroppedByCallers,
}

/// Every call that answers in pages.
pub fn check(cx: &Context<'_>, eval: &Eval<'_>, file: FileId, out: &mut Vec<Draft>) {
    for site in cx.calls(file) {
        let paged = matches!(
            site.op,
            Op::Query | Op::Scan | Op::ListTables | Op::ListTagsOfResource | Op::ExecuteStatement
        );
        if !paged
            || evidence::pages_by_itself(eval, site)
            || site.params.has("ExclusiveStartKey")
            || site.params.has("ExclusiveStartTableName")
        {
            continue;
        }
        // A mapper's array with a property is followed by its own names.
        let uses = site.response_uses(eval);
        let fate = fate(eval, site, &uses);
        if fate == Fate::Read || uses.is_empty() {
            continue;
        }
        if let Some(draft) = judge(cx, eval, site, &uses, fate) {
            out.push(draft);
        }
    }
}

fn judge(
    cx: &Context<'_>,
    eval: &Eval<'_>,
    site: &Site,
    uses: &[Use],
    fate: Fate,
) -> Option<Draft> {
    let filter = evidence::filter(site).is_some();
    let limit = evidence::limit(eval, site);
    let items = if fate == Fate::Dropped {
        evidence::items_use(eval, uses)
    } else {
        ItemsUse::All
    };
    if items == ItemsUse::None || evidence::full_key(eval, site) {
        return None;
    }
    let counting =
        site.param("Select").is_some() || matches!(items, ItemsUse::Count) && counted(uses);
    let mut draft = Draft::at_site(
        &PAGINATION_IGNORED,
        cx,
        site,
        format!(
            "{} of one page: the key of the next page is dropped",
            site.op.name()
        ),
    );
    match (items, filter) {
        (ItemsUse::First, false) => {
            if limit == Some(1) {
                return None;
            }
            draft = draft.severity(Severity::Low);
            draft.message = format!(
                "{} of which only the first item is used; an index does not make it unique",
                site.op.name()
            );
        }
        (ItemsUse::Count, false) if !counting => return None,
        (ItemsUse::First, true) => {
            draft.message = format!(
                "{} with a filter, of which only the first item of the first page is used",
                site.op.name()
            );
        }
        (ItemsUse::Count, true) => {
            draft.message = format!(
                "{} with a filter: an empty first page does not prove that nothing matches",
                site.op.name()
            );
        }
        _ => {
            if limit == Some(1) && !filter {
                return None;
            }
            if limit.is_some() && !filter {
                draft = draft.severity(Severity::Low);
                draft.message = format!(
                    "{} of at most {} items, and no way to the next",
                    site.op.name(),
                    limit.unwrap_or_default()
                );
            }
        }
    }
    if fate == Fate::DroppedByCallers {
        draft = draft.at_most(Confidence::Medium);
        draft.message += " by every caller of this function";
    }
    Some(draft)
}

fn counted(uses: &[Use]) -> bool {
    uses.iter()
        .any(|u| matches!(u, Use::Field(name, _) if matches!(name.as_str(), "Count" | "count")))
}

fn is_items(site: &Site, name: &str) -> bool {
    matches!(
        name,
        "Items"
            | "items"
            | "Count"
            | "count"
            | "ScannedCount"
            | "scanned_count"
            | "data"
            | "TableNames"
            | "table_names"
            | "Tags"
            | "$metadata"
            | "ConsumedCapacity"
            | "consumed_capacity"
            | "ResponseMetadata"
            | "length"
            | "!"
            | "set_items"
            | "getItems"
            | "getCount"
            | "getScannedCount"
            | "scannedCount"
            | "hasItems"
            | "consumedCapacity"
            | "getConsumedCapacity"
            | "tableNames"
            | "getTableNames"
            | "sdkHttpResponse"
            | "responseMetadata"
            | "ResultMetadata"
            | "$response"
            | "httpStatusCode"
    ) || array_like(site) && !PAGE_KEYS.contains(&name)
}

/// The response is an array of items with the key as a property.
fn array_like(site: &Site) -> bool {
    matches!(site.api, Api::DynamodbOnetable | Api::Dynamoose)
}

fn fate(eval: &Eval<'_>, site: &Site, uses: &[Use]) -> Fate {
    let mut up = false;
    for u in uses {
        match u {
            Use::Field(name, _) if is_items(site, name) => {}
            Use::Method(..) | Use::Iterated(_) | Use::Tested(_) if array_like(site) => {}
            Use::Tested(_) => {}
            Use::Returned(function, at) => match callers(eval, site, at.file, *function) {
                Fate::Read => return Fate::Read,
                _ => up = true,
            },
            Use::Passed(call, place) => match passed(eval, site, *call, *place) {
                Fate::Read => return Fate::Read,
                _ => up = true,
            },
            // A part whose name says nothing: whoever gets it may read on.
            _ => return Fate::Read,
        }
    }
    if up {
        Fate::DroppedByCallers
    } else {
        Fate::Dropped
    }
}

/// A function gives the response back: what its callers read.
fn callers(eval: &Eval<'_>, site: &Site, file: FileId, function: FnId) -> Fate {
    let callers = eval.callers_of(file, function);
    if callers.is_empty() {
        return Fate::Read;
    }
    for (call, _) in callers {
        let uses = flow::uses(eval, call);
        if uses.is_empty() {
            continue;
        }
        let dropped = uses.iter().all(|u| match u {
            Use::Field(name, _) => is_items(site, name),
            Use::Tested(_) => true,
            Use::Method(..) | Use::Iterated(_) => array_like(site),
            _ => false,
        });
        if !dropped {
            return Fate::Read;
        }
    }
    Fate::DroppedByCallers
}

/// A function gets the response: what it reads of its parameter.
fn passed(eval: &Eval<'_>, site: &Site, call: At, place: usize) -> Fate {
    let crate::facts::Kind::Call(callee, ..) = eval.project.kind(call) else {
        return Fate::Read;
    };
    let crate::link::eval::Value::Function(file, function) = eval.value(At {
        file: call.file,
        node: *callee,
    }) else {
        return Fate::Read;
    };
    let uses = flow::callback_uses(eval, file, function, place);
    let dropped = !uses.is_empty()
        && uses.iter().all(|u| match u {
            Use::Field(name, _) => is_items(site, name),
            Use::Tested(_) => true,
            _ => false,
        });
    if dropped {
        Fate::DroppedByCallers
    } else {
        Fate::Read
    }
}
