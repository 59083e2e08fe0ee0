//! A line of the audit: what happened to a product, in the words of its kind.

use serde::{Deserialize, Serialize};

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(
    missing_docs,
    reason = "the members of the answer, under their own names"
)]
pub struct AuditLine {
    /// `event`, `scan` or `alert`.
    #[serde(rename = "type")]
    pub kind: String,
    pub action: String,
    pub actor: Option<String>,
    pub product_id: String,
    pub location: Option<String>,
    pub timestamp: String,
    pub hash: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<String>,
}

/// Digits of an event's hash that are shown.
const HASH_DIGITS: usize = 12;

impl AuditLine {
    /// Of an event.
    pub fn event(
        product: &str,
        action: &str,
        actor: Option<&str>,
        location: Option<&str>,
        timestamp: &str,
        hash: Option<&str>,
    ) -> Self {
        let short = |hash: &str| hash.get(..HASH_DIGITS).unwrap_or(hash).to_owned();
        Self {
            kind: "event".to_owned(),
            action: action.to_owned(),
            actor: actor.map(str::to_owned),
            product_id: product.to_owned(),
            location: location.map(str::to_owned),
            timestamp: timestamp.to_owned(),
            hash: hash.map(short),
            result: None,
            severity: None,
            details: None,
        }
    }

    /// Of a scan.
    pub fn scan(product: &str, country: &str, city: &str, timestamp: &str, result: &str) -> Self {
        Self {
            kind: "scan".to_owned(),
            action: "verification_scan".to_owned(),
            actor: None,
            product_id: product.to_owned(),
            location: Some(format!("{city}, {country}")),
            timestamp: timestamp.to_owned(),
            hash: None,
            result: Some(result.to_owned()),
            severity: None,
            details: None,
        }
    }

    /// Of an alert.
    pub fn alert(
        product: &str,
        action: &str,
        timestamp: &str,
        severity: &str,
        details: &str,
    ) -> Self {
        Self {
            kind: "alert".to_owned(),
            action: action.to_owned(),
            actor: None,
            product_id: product.to_owned(),
            location: None,
            timestamp: timestamp.to_owned(),
            hash: None,
            result: None,
            severity: Some(severity.to_owned()),
            details: Some(details.to_owned()),
        }
    }
}
