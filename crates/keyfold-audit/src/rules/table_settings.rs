//! # Table settings: `missing-pitr`, `missing-deletion-protection`, `missing-encryption`, `capacity-without-autoscaling`, `gsi-key-type-mismatch`, `attribute-unused`
//!
//! What a table's definition leaves off. A switch that a parameter or a condition sets is not known, and not reported.
//!
//! | rule | severity | what |
//! |---|---|---|
//! | `missing-pitr` | high | no point-in-time recovery on a table that holds entities |
//! | `missing-deletion-protection` | medium | deletion protection is off, or removing the resource deletes the table |
//! | `missing-encryption` | medium | only where a customer key is required, or encryption was switched off by hand |
//! | `capacity-without-autoscaling` | medium | provisioned without autoscaling |
//! | `gsi-key-type-mismatch`, `attribute-unused` | high | the deployment fails |
//!
//! ```yaml
//! PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true }
//! DeletionProtectionEnabled: true
//! DeletionPolicy: Retain
//! ```
//!
//! **Stays silent**: tables of what lives briefly (sessions, caches, locks); test and preview stacks
//! (`[audit] stages`); tables that code makes.
//!
//! Source: AWS Config `dynamodb-pitr-enabled`; Control Tower CT.DYNAMODB.PR.1, PR.2; Checkov `CKV_AWS_28`.

use super::evidence;
use super::{Context, Costing, Draft, Rule};
use crate::finding::Severity;
use crate::link::eval::Eval;
use crate::tables::{Switch, TableDef};

const PAGE: &str = include_str!("table_settings.rs");

/// A rule of this page.
const fn rule(
    id: &'static str,
    severity: Severity,
    effort: u32,
    title: &'static str,
    why: &'static str,
    fix: &'static str,
) -> Rule {
    Rule {
        id,
        severity,
        effort,
        title,
        why,
        fix,
        security: None,
        page: PAGE,
    }
}

/// No way back.
pub static MISSING_PITR: Rule = rule(
    "missing-pitr",
    Severity::High,
    5,
    "No point-in-time recovery",
    "A wrong write or a deleted table cannot be undone.",
    "Switch point-in-time recovery on.",
);
/// No customer key.
pub static MISSING_ENCRYPTION: Rule = rule(
    "missing-encryption",
    Severity::Medium,
    15,
    "No customer key where one is required",
    "Access to the key cannot be audited or withdrawn.",
    "Encrypt the table with a customer-managed KMS key.",
);
/// One click from gone.
pub static MISSING_DELETION_PROTECTION: Rule = rule(
    "missing-deletion-protection",
    Severity::Medium,
    5,
    "No deletion protection",
    "A changed stack or one command deletes the table.",
    "Switch deletion protection on, and let the resource be retained.",
);
/// Fixed capacity.
pub static CAPACITY_WITHOUT_AUTOSCALING: Rule = rule(
    "capacity-without-autoscaling",
    Severity::Medium,
    30,
    "Provisioned capacity without autoscaling",
    "Above it requests are throttled, below it capacity is paid for nothing.",
    "Add autoscaling, or use on-demand.",
);
/// Fails to deploy.
pub static GSI_KEY_TYPE_MISMATCH: Rule = rule(
    "gsi-key-type-mismatch",
    Severity::High,
    10,
    "A key attribute that is not defined",
    "The deployment fails.",
    "Define every key attribute with its type.",
);
/// Fails to deploy.
pub static ATTRIBUTE_UNUSED: Rule = rule(
    "attribute-unused",
    Severity::High,
    10,
    "An attribute that is defined and no key",
    "The deployment fails: only key attributes are defined.",
    "Remove the definition.",
);

/// Every table of infrastructure.
pub fn check(cx: &Context<'_>, _eval: &Eval<'_>, out: &mut Vec<Draft>) {
    let stages = crate::layer::patterns(&cx.config.stages);
    for table in &cx.infra.tables {
        if matches!(table.source, "code" | "cli" | "pynamodb" | "model") {
            continue;
        }
        if stages.is_match(&table.file)
            || crate::walk::role(&table.file) == crate::link::Role::Test && !cx.tests
        {
            continue;
        }
        settings(cx, table, out);
        attributes(table, out);
    }
}

fn name_of(table: &TableDef) -> String {
    table
        .name
        .clone()
        .or_else(|| table.logical.clone())
        .unwrap_or_else(|| "the table".to_owned())
}

fn settings(cx: &Context<'_>, table: &TableDef, out: &mut Vec<Draft>) {
    let name = name_of(table);
    // The lock table of Terraform's state holds locks, whatever it is called.
    let state_lock = table.pk.as_deref() == Some("LockID") && table.sk.is_none();
    let ephemeral = state_lock
        || evidence::has_word(
            &name,
            &[
                "session",
                "sessions",
                "cache",
                "lock",
                "locks",
                "lease",
                "idempotency",
                "connections",
                "ratelimit",
                "otp",
                "nonce",
                "temp",
                "tmp",
            ],
        );
    let at = |rule: &'static Rule, message: String| {
        let mut draft = Draft::in_file(rule, &table.file, table.line, table.end_line, message);
        draft.table.clone_from(&table.name);
        draft
    };
    if matches!(table.pitr, Switch::Off | Switch::Absent) && !ephemeral && !table.open {
        out.push(
            at(
                &MISSING_PITR,
                format!("{name} has no point-in-time recovery"),
            )
            .costs(Costing::Recovery),
        );
    }
    let removable = matches!(table.removal.as_deref(), Some("DESTROY" | "Delete"));
    let kept = matches!(
        table.removal.as_deref(),
        Some("RETAIN" | "Retain" | "prevent_destroy")
    );
    if !ephemeral
        && !table.open
        && (removable || matches!(table.deletion_protection, Switch::Off | Switch::Absent))
        && !kept
        && table.deletion_protection != Switch::On
    {
        let message = if removable {
            format!("removing the resource deletes {name}")
        } else {
            format!("{name} has no deletion protection")
        };
        out.push(at(&MISSING_DELETION_PROTECTION, message));
    }
    let off = table.encryption.as_deref() == Some("DISABLED");
    if off
        || cx.config.require_cmk
            && !matches!(table.encryption.as_deref(), Some("CUSTOMER_MANAGED"))
            && !table.open
    {
        out.push(at(
            &MISSING_ENCRYPTION,
            format!("{name} is not encrypted with a customer key"),
        ));
    }
    let provisioned = table.billing.as_deref() == Some("PROVISIONED")
        || table.billing.is_none() && table.capacity.is_some();
    let free_tier = table
        .capacity
        .is_some_and(|(read, write)| read <= 5 && write <= 5);
    // CDK's own default is five units of each.
    let free_tier = free_tier || table.source == "cdk" && table.capacity.is_none();
    if provisioned && !table.autoscaling && !free_tier && !table.open {
        out.push(at(
            &CAPACITY_WITHOUT_AUTOSCALING,
            format!("{name} has provisioned capacity and no autoscaling"),
        ));
    }
}

fn attributes(table: &TableDef, out: &mut Vec<Draft>) {
    if table.attributes.is_empty() || table.open || matches!(table.source, "cdk" | "pulumi" | "sst")
    {
        return;
    }
    let mut keys: Vec<&String> = table.pk.iter().chain(&table.sk).collect();
    for index in table.gsi.iter().chain(&table.lsi) {
        keys.extend(index.pk.iter().chain(&index.sk));
    }
    if keys.is_empty() {
        return;
    }
    let name = name_of(table);
    if let Some(missing) = keys
        .iter()
        .find(|k| !table.attributes.iter().any(|(n, _)| n == **k))
    {
        out.push(Draft::in_file(
            &GSI_KEY_TYPE_MISMATCH,
            &table.file,
            table.line,
            table.end_line,
            format!("key attribute {missing} of {name} is not defined"),
        ));
    }
    let indexes_known = table
        .gsi
        .iter()
        .chain(&table.lsi)
        .all(|i| i.pk.is_some() || i.sk.is_some());
    if let Some((unused, _)) = table.attributes.iter().find(|(n, _)| !keys.contains(&n))
        && indexes_known
    {
        out.push(Draft::in_file(
            &ATTRIBUTE_UNUSED,
            &table.file,
            table.line,
            table.end_line,
            format!("attribute {unused} of {name} is defined and no key"),
        ));
    }
}
