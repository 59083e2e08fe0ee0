//! # `wildcard-iam`
//!
//! A runtime role with `dynamodb:*`, or with every table, is a leak of one function away from all data. On tenants' tables
//! `dynamodb:LeadingKeys` bounds what a role may touch; a Scan has no leading key, so it must not be allowed beside it.
//!
//! ```yaml
//! # bad
//! - Effect: Allow
//!   Action: dynamodb:*
//!   Resource: "*"
//! # good
//! - Effect: Allow
//!   Action: [dynamodb:GetItem, dynamodb:Query]
//!   Resource: !GetAtt Orders.Arn
//! ```
//!
//! The smallest policy, computed from the calls that were found, is in the finding's `suggestion`.
//!
//! **Stays silent**: `table/Name/index/*` (it belongs to the table); `ListTables`, `DescribeLimits`, `ListStreams`, which need
//! `*`; deploy and backup roles; Deny statements; CDK grants on one table, except `grantFullAccess`, which is `dynamodb:*`.
//!
//! Source: Developer Guide, "Using IAM policy conditions for fine-grained access control".

use std::collections::BTreeSet;

use super::{Context, Draft, Rule};
use crate::finding::Severity;
use crate::link::Role;
use crate::link::eval::Eval;
use crate::tables::IamStatement;

/// Rights that are too wide.
pub static WILDCARD_IAM: Rule = Rule {
    id: "wildcard-iam",
    severity: Severity::High,
    effort: 20,
    title: "Rights on every table or for every operation",
    why: "Whoever takes over this role can read, change or delete everything.",
    fix: "Name the operations and the table.",
    security: Some("7.5"),
    page: include_str!("iam.rs"),
};

/// Operations that have no table.
const NEEDS_ALL: [&str; 8] = [
    "listtables",
    "describelimits",
    "liststreams",
    "describereservedcapacity",
    "describereservedcapacityofferings",
    "listglobaltables",
    "listbackups",
    "describeendpoints",
];

/// Every statement.
pub fn check(cx: &Context<'_>, _eval: &Eval<'_>, out: &mut Vec<Draft>) {
    for statement in cx.infra.iam.iter().filter(|s| s.allow) {
        let Some(message) = fault(statement) else {
            continue;
        };
        let mut draft = Draft::in_file(
            &WILDCARD_IAM,
            &statement.file,
            statement.line,
            statement.end_line,
            message,
        );
        draft.suggestion = smallest(cx, statement);
        out.push(draft);
    }
}

fn fault(statement: &IamStatement) -> Option<String> {
    let who = statement
        .principal
        .as_deref()
        .unwrap_or_default()
        .to_ascii_lowercase();
    if ["deploy", "backup", "cicd", "pipeline", "boundary", "admin"]
        .iter()
        .any(|word| who.contains(word))
    {
        return None;
    }
    let actions: Vec<String> = statement
        .actions
        .iter()
        .map(|a| a.to_ascii_lowercase())
        .collect();
    let on_tables: Vec<&String> = actions
        .iter()
        .filter(|a| a.starts_with("dynamodb:") || *a == "*")
        .collect();
    if on_tables.is_empty() {
        return None;
    }
    let all = on_tables.iter().any(|a| *a == "*" || *a == "dynamodb:*");
    let wide: Vec<&String> = statement.resources.iter().filter(|r| is_wide(r)).collect();
    if all {
        let what = if wide.is_empty() {
            "on its table"
        } else {
            "on every table"
        };
        return Some(format!("every operation is allowed {what}"));
    }
    let needs_all = on_tables
        .iter()
        .all(|a| NEEDS_ALL.contains(&a.trim_start_matches("dynamodb:")));
    if !wide.is_empty() && !needs_all {
        return Some(format!("{} on every table", statement.actions.join(", ")));
    }
    let keys: Vec<&String> = statement
        .conditions
        .iter()
        .filter(|c| c.contains("LeadingKeys"))
        .collect();
    if !keys.is_empty() && actions.iter().any(|a| a == "dynamodb:scan") {
        return Some(
            "Scan is allowed beside LeadingKeys: a Scan has no leading key and reads every tenant"
                .to_owned(),
        );
    }
    if keys.iter().any(|c| c.contains("ForAllValues:"))
        && !statement.conditions.iter().any(|c| c.starts_with("Null"))
    {
        return Some(
            "ForAllValues with LeadingKeys and no Null check: a request without keys passes"
                .to_owned(),
        );
    }
    None
}

fn is_wide(resource: &str) -> bool {
    resource == "*"
        || resource.ends_with(":table/*")
        || resource.ends_with(":*") && resource.contains("dynamodb") && !resource.contains("table/")
}

/// What the calls of production code need.
fn smallest(cx: &Context<'_>, statement: &IamStatement) -> Option<String> {
    let mut actions: BTreeSet<&str> = BTreeSet::new();
    let mut tables: BTreeSet<String> = BTreeSet::new();
    for site in cx.all_calls() {
        if cx.project.file(site.at.file).role != Role::Production {
            continue;
        }
        actions.insert(site.op.name());
        tables.extend(site.table.label());
    }
    if actions.is_empty() {
        return None;
    }
    let actions: Vec<String> = actions
        .iter()
        .map(|a| format!("\"dynamodb:{a}\""))
        .collect();
    let resources: Vec<String> = tables
        .iter()
        .flat_map(|t| {
            [
                format!("\"arn:aws:dynamodb:*:*:table/{t}\""),
                format!("\"arn:aws:dynamodb:*:*:table/{t}/index/*\""),
            ]
        })
        .collect();
    let resources = if resources.is_empty() {
        statement.resources.join(", ")
    } else {
        resources.join(", ")
    };
    Some(format!(
        "{{ \"Effect\": \"Allow\", \"Action\": [{}], \"Resource\": [{resources}] }}",
        actions.join(", ")
    ))
}
