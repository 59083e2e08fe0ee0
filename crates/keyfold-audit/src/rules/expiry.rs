//! # `ttl-trusted`
//!
//! An expired item is deleted within a few days, not at its second: until then it is read like any other. Where a token,
//! a session or a lock is checked, the time must be compared too.
//!
//! ```ts
//! // bad: a session that ended yesterday still logs in
//! const { Item } = await doc.send(new GetCommand({ TableName: 'sessions', Key: { id } }))
//! return Item !== undefined
//! // good
//! return Item !== undefined && Item.ttl > Date.now() / 1000
//! ```
//! ```python
//! item = table.get_item(Key={"id": token}).get("Item")
//! return item is not None and item["ttl"] > time.time()      # good
//! ```
//!
//! **Stays silent**: when the function, or one that calls it, reads the time or the attribute; a filter on it; tables
//! without a TTL; what is no token, session or lock.
//!
//! Source: Developer Guide, "Working with expired items and time to live".

use super::streams::mentions;
use super::{Context, Draft, Rule, evidence};
use crate::finding::{Confidence, Severity};
use crate::link::eval::{Eval, Piece};
use crate::link::flow::Use;
use crate::link::{FileId, Role};
use crate::op::Op;
use crate::sites::{Named, Site};

/// Expired is not deleted.
pub static TTL_TRUSTED: Rule = Rule {
    id: "ttl-trusted",
    severity: Severity::Low,
    effort: 15,
    title: "An expired item is trusted",
    why: "An expired item can be read for days until it is deleted.",
    fix: "Compare the time too, where a token, session or lock is checked.",
    security: None,
    page: include_str!("expiry.rs"),
};

const GUARDS: [&str; 15] = [
    "session",
    "sessions",
    "token",
    "tokens",
    "otp",
    "nonce",
    "nonces",
    "lock",
    "locks",
    "lease",
    "leases",
    "verification",
    "invite",
    "invites",
    "magiclink",
];

/// Words of a moment: whoever reads one compares it, as far as can be seen.
const TIME: [&str; 17] = [
    "ttl",
    "expires",
    "expire",
    "expiry",
    "expired",
    "expiration",
    "expiresat",
    "expireat",
    "exp",
    "until",
    "now",
    "clock",
    "timetolive",
    "validuntil",
    "deadline",
    "isvalid",
    "currenttimemillis",
];

/// Reads of what guards something.
pub fn check(cx: &Context<'_>, eval: &Eval<'_>, file: FileId, out: &mut Vec<Draft>) {
    let f = cx.project.file(file);
    if f.role != Role::Production {
        return;
    }
    for site in cx.calls(file) {
        if !matches!(site.op, Op::GetItem | Op::Query) || site.function == 0 {
            continue;
        }
        let Some(what) = guarded(eval, site) else {
            continue;
        };
        if !expires(cx, eval, site, &what) || reads_time(cx, site) {
            continue;
        }
        let callers = eval.callers_of(file, site.function);
        let seen = callers.iter().any(|(call, _)| {
            let other = cx.project.file(call.file);
            let function = other.named_function(call.node);
            function != 0 && mentions(other, other.facts.function(function).body, &TIME)
        });
        if seen {
            continue;
        }
        let handed = site
            .response_uses(eval)
            .iter()
            .any(|u| matches!(u, Use::Returned(..)));
        let sure = if handed && callers.is_empty() {
            Confidence::Low
        } else {
            Confidence::Medium
        };
        out.push(
            Draft::at_site(
                &TTL_TRUSTED,
                cx,
                site,
                format!(
                    "a {what} is read and its time is not compared: expired ones are still there"
                ),
            )
            .at_most(sure),
        );
    }
}

/// The word that says what is guarded: of the table, or of the key's fixed text.
fn guarded(eval: &Eval<'_>, site: &Site) -> Option<String> {
    let of = |text: &str| {
        evidence::words(text)
            .into_iter()
            .find(|word| GUARDS.contains(&word.as_str()))
    };
    if let Some(word) = site.table.label().as_deref().and_then(of) {
        return Some(word);
    }
    evidence::key_parts(eval, site)
        .iter()
        .flat_map(|part| &part.pieces)
        .find_map(|piece| match piece {
            Piece::Lit(text) => of(text),
            Piece::Hole(..) => None,
        })
}

/// The table's definition names a TTL, or a put of the same thing writes one.
fn expires(cx: &Context<'_>, eval: &Eval<'_>, site: &Site, what: &str) -> bool {
    let declared = cx.infra.tables.iter().any(|table| {
        table.ttl.is_some()
            && match &site.table {
                Named::Name(name) => {
                    table.name.as_ref() == Some(name) || table.logical.as_ref() == Some(name)
                }
                Named::Env(variable) => cx.infra.environment.iter().any(|(name, target)| {
                    name == variable
                        && (Some(target) == table.name.as_ref()
                            || Some(target) == table.logical.as_ref())
                }),
                _ => false,
            }
    });
    declared
        || cx
            .all_calls()
            .filter(|put| put.op == Op::PutItem && put.table == site.table)
            .any(|put| {
                guarded(eval, put).as_deref() == Some(what)
                    && evidence::key_parts(eval, put).iter().any(|part| {
                        evidence::has_word(
                            &part.attribute,
                            &["ttl", "expires", "expiry", "expiration", "timetolive"],
                        )
                    })
            })
}

fn reads_time(cx: &Context<'_>, site: &Site) -> bool {
    let file = cx.project.file(site.at.file);
    mentions(file, file.facts.function(site.function).body, &TIME)
}
