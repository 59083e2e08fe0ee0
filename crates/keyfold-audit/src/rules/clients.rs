//! # `client-per-request`, `sdk-end-of-support`
//!
//! A client made inside a handler opens a connection and does a TLS handshake for every request. One made at the
//! module's level, or once in a cached function, is shared.
//!
//! ```ts
//! export const handler = async () => { const client = new DynamoDBClient({}); … }   // bad
//! const client = new DynamoDBClient({}); export const handler = async () => { … }   // good
//! ```
//!
//! `sdk-end-of-support`: the AWS SDK for JavaScript v2 (ended 2025-09-08), for Go v1 (2025-07-31), for Java v1
//! (2025-12-31), rusoto and boto 2 get no fixes any more. Once per project and SDK, with the number of calls.
//!
//! **Stays silent**: aioboto3's clients, which live in an `async with`; constructors of classes, `main`, cached functions (`lru_cache`, `OnceCell`, `lazy`), functions
//! that do nothing but make the client, tests, scripts.

use std::collections::BTreeMap;

use super::{Context, Draft, Rule};
use crate::finding::{Confidence, Severity};
use crate::layer::Place;
use crate::link::eval::Eval;
use crate::reach::Reach;
use crate::sites::Site;
use crate::surfaces::Api;

const PAGE: &str = include_str!("clients.rs");

/// A client per request.
pub static CLIENT_PER_REQUEST: Rule = Rule {
    id: "client-per-request",
    severity: Severity::Medium,
    effort: 15,
    title: "A client made per request",
    why: "Each client opens its own connections: a TLS handshake per request.",
    fix: "Make the client once, outside the handler, and hand it in.",
    security: None,
    page: PAGE,
};
/// No fixes any more.
pub static SDK_END_OF_SUPPORT: Rule = Rule {
    id: "sdk-end-of-support",
    severity: Severity::Low,
    effort: 0,
    title: "An SDK without support",
    why: "It gets no fixes any more, security fixes included.",
    fix: "Move to the current SDK of the language.",
    security: None,
    page: PAGE,
};

/// Clients and SDKs of the project.
pub fn check(cx: &Context<'_>, eval: &Eval<'_>, out: &mut Vec<Draft>) {
    for sites in cx.sites {
        for client in &sites.clients {
            let file = cx.project.file(client.at.file);
            if client.function == 0
                || cx.place(client.at.file) == Place::Test
                || file.role != crate::link::Role::Production
            {
                continue;
            }
            let function = file.facts.function(client.function);
            let entry = cx
                .reach
                .entries
                .contains(&(client.at.file, client.function));
            let reached = cx.reach.of(cx.project, client.at.file, client.function) == Reach::Data;
            let uses_it = sites
                .sites
                .iter()
                .any(|s| s.function == client.function && s.op.on_items());
            let cached = function.decorators.iter().any(|d| {
                let text = format!("{:?}", file.kind(*d)).to_lowercase();
                text.contains("cache") || text.contains("memo")
            });
            // Only for the first call: `if (!client) client = new …`, `client ??= …`.
            let guarded = file.ancestors(client.at.node).any(|up| {
                matches!(file.kind(up), crate::facts::Kind::If(..) | crate::facts::Kind::Choice(_))
                    || matches!(file.kind(up), crate::facts::Kind::Assign(_, op, _) if op == "??=" || op == "||=")
            });
            if function.name == "new"
                || function.name == "main"
                || cached
                || guarded
                || function.test
            {
                continue;
            }
            if entry || uses_it && reached {
                out.push(Draft::at(
                    &CLIENT_PER_REQUEST,
                    cx,
                    client.at,
                    format!("a {} client is made on every call", client.api.name()),
                ));
            } else if uses_it && function.class.is_none() && client.api != Api::Aioboto3 {
                let draft = Draft::at(
                    &CLIENT_PER_REQUEST,
                    cx,
                    client.at,
                    format!("a {} client is made on every call", client.api.name()),
                );
                out.push(draft.at_most(Confidence::Medium));
            }
        }
    }
    let mut old: BTreeMap<Api, Vec<&Site>> = BTreeMap::new();
    for site in cx.all_calls().filter(|s| !s.by_shape) {
        if ended(site.api).is_some() {
            old.entry(site.api).or_default().push(site);
        }
    }
    for (api, sites) in old {
        let Some(date) = ended(api) else { continue };
        let message = format!(
            "{} is without support since {date}: {} calls",
            api.name(),
            sites.len()
        );
        out.push(Draft::at_site(&SDK_END_OF_SUPPORT, cx, sites[0], message));
    }
    let _ = eval;
}

fn ended(api: Api) -> Option<&'static str> {
    match api {
        Api::AwsSdkJsV2 => Some("2025-09-08"),
        Api::AwsSdkGoV1 => Some("2025-07-31"),
        Api::AwsSdkJavaV1 => Some("2025-12-31"),
        Api::Rusoto | Api::Dynomite => Some("2022"),
        _ => None,
    }
}
