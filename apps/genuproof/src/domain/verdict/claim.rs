//! A consumer's claim on a product, and what a caller may see of it.

use serde::{Deserialize, Serialize};

use crate::domain::crypto::Signer;
use crate::domain::fingerprint;
use crate::domain::stored::Stored;

/// A claim as it lies in the table.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(
    missing_docs,
    reason = "the attributes of the item, under their own names"
)]
pub struct StoredClaim {
    pub product_id: Stored<String>,
    pub consumer_name: Stored<String>,
    pub email: Stored<String>,
    pub fingerprint: Stored<String>,
    pub claimed_at: Stored<String>,
    pub disputed: Stored<bool>,
    /// Epoch seconds from which on the claim no longer counts, whether or not it is still there.
    pub ttl: Stored<u64>,
}

impl StoredClaim {
    /// Whether it still counts at `epoch_second`. An open dispute keeps a claim.
    pub fn counts_at(&self, epoch_second: u64) -> bool {
        self.disputed.here() == Some(&true) || self.ttl.here().is_none_or(|ttl| *ttl > epoch_second)
    }
}

/// Who asks.
#[derive(Debug, Clone, Copy)]
pub struct Caller<'a> {
    /// The address, by the one rule of [`crate::domain::client`].
    pub address: &'a str,
    /// The user agent, when there is one.
    pub user_agent: Option<&'a str>,
}

/// A claim, as a caller may see it: the name only by the claimant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClaimView {
    /// Whether there is one.
    pub claimed: bool,
    /// Whether the caller's device made it.
    pub is_claimant: bool,
    /// When it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claimed_at: Option<String>,
    /// Whose it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claimed_by: Option<String>,
}

impl ClaimView {
    /// Of a claim that still counts.
    pub fn of(claim: Option<&StoredClaim>, caller: Caller<'_>, signer: &Signer) -> Self {
        let Some(claim) = claim else {
            return Self {
                claimed: false,
                is_claimant: false,
                claimed_at: None,
                claimed_by: None,
            };
        };
        let is_claimant = claim.fingerprint.text().is_some_and(|stored| {
            fingerprint::is_device(signer, caller.address, caller.user_agent, stored)
        });
        Self {
            claimed: true,
            is_claimant,
            claimed_at: claim.claimed_at.text().map(str::to_owned),
            claimed_by: claim
                .consumer_name
                .text()
                .filter(|_| is_claimant)
                .map(str::to_owned),
        }
    }
}
