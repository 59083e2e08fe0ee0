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
//! Rights to write to a table that the code only reads, and a second role without `LeadingKeys` on a table whose other
//! role has it, are found by comparing statements with the calls and with each other (medium).
//!
//! **Stays silent**: `table/Name/index/*` (it belongs to the table); `ListTables`, `DescribeLimits`, `ListStreams`, which need
//! `*`; deploy and backup roles; Deny statements; CDK grants on one table, except `grantFullAccess`, which is `dynamodb:*`.
//!
//! Source: Developer Guide, "Using IAM policy conditions for fine-grained access control".

use std::collections::BTreeSet;

use super::{Context, Draft, Rule};
use crate::finding::{Confidence, Severity};
use crate::link::Role;
use crate::link::eval::Eval;
use crate::sites::Named;
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
        let (message, severity) = match fault(statement) {
            Some(message) => (message, WILDCARD_IAM.severity),
            None => match beside(cx, statement).or_else(|| only_reads(cx, statement)) {
                Some(message) => (message, Severity::Medium),
                None => continue,
            },
        };
        let mut draft = Draft::in_file(
            &WILDCARD_IAM,
            &statement.file,
            statement.line,
            statement.end_line,
            message,
        )
        .severity(severity);
        if severity == Severity::Medium {
            draft = draft.at_most(Confidence::Medium);
        }
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

const WRITES: [&str; 5] = [
    "dynamodb:putitem",
    "dynamodb:updateitem",
    "dynamodb:deleteitem",
    "dynamodb:batchwriteitem",
    "dynamodb:partiqlinsert",
];

fn is_runtime(statement: &IamStatement) -> bool {
    let who = statement
        .principal
        .as_deref()
        .unwrap_or_default()
        .to_ascii_lowercase();
    ![
        "deploy", "backup", "cicd", "pipeline", "boundary", "admin", "migrat", "export",
    ]
    .iter()
    .any(|word| who.contains(word))
}

/// The logical name or name of the table in a resource: `${Orders.Arn}`, `aws_dynamodb_table.orders.arn`,
/// `arn:aws:dynamodb:…:table/orders`.
fn table_of(resource: &str) -> Option<String> {
    let rest = if let Some((_, rest)) = resource.split_once(":table/") {
        rest
    } else if let Some((_, rest)) = resource.split_once("aws_dynamodb_table.") {
        rest
    } else {
        resource.strip_prefix("${")?
    };
    let name: String = rest
        .chars()
        .take_while(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
        .collect();
    (!name.is_empty()).then_some(name)
}

/// Another role is held to its tenant's keys on this table, this one is not.
fn beside(cx: &Context<'_>, statement: &IamStatement) -> Option<String> {
    cx.tenant.as_ref()?;
    let leads = |s: &IamStatement| s.conditions.iter().any(|c| c.contains("LeadingKeys"));
    if leads(statement) || !is_runtime(statement) {
        return None;
    }
    let tables: Vec<String> = statement
        .resources
        .iter()
        .filter_map(|r| table_of(r))
        .collect();
    let other = cx.infra.iam.iter().find(|other| {
        other.allow
            && leads(other)
            && other
                .resources
                .iter()
                .filter_map(|r| table_of(r))
                .any(|t| tables.contains(&t))
    })?;
    let items = [
        "getitem",
        "query",
        "scan",
        "putitem",
        "updateitem",
        "deleteitem",
        "batch",
    ];
    statement
        .actions
        .iter()
        .any(|a| items.iter().any(|item| a.to_ascii_lowercase().contains(item)))
        .then(|| {
            format!(
                "no dynamodb:LeadingKeys here, though {}:{} holds another role of this table to its tenant",
                other.file, other.line
            )
        })
}

/// Rights to write to a table that no call writes to.
fn only_reads(cx: &Context<'_>, statement: &IamStatement) -> Option<String> {
    if !is_runtime(statement)
        || !statement
            .actions
            .iter()
            .any(|a| WRITES.contains(&a.to_ascii_lowercase().as_str()))
    {
        return None;
    }
    let tables: Vec<String> = statement
        .resources
        .iter()
        .filter_map(|r| table_of(r))
        .collect();
    let [table] = &tables[..] else { return None };
    let names: Vec<&String> = cx
        .infra
        .tables
        .iter()
        .filter(|t| t.name.as_ref() == Some(table) || t.logical.as_ref() == Some(table))
        .flat_map(|t| t.name.iter().chain(&t.logical))
        .collect();
    let is_it = |named: &Named| match named {
        Named::Name(name) => names.contains(&name),
        Named::Env(variable) => cx
            .infra
            .environment
            .iter()
            .any(|(name, target)| name == variable && names.contains(&target)),
        _ => false,
    };
    let mut reads = false;
    for site in cx
        .project
        .ids()
        .flat_map(|(id, _)| &cx.sites[id as usize].sites)
    {
        if is_it(&site.table) {
            if site.op.writes() {
                return None;
            }
            reads = true;
        } else if site.op.writes() && !matches!(site.table, Named::Name(_)) {
            // It may be this one.
            return None;
        }
    }
    reads.then(|| format!("rights to write to {table}, which the code only reads"))
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
