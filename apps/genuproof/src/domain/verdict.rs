//! The verdict on a product: is it genuine, and what should a person be told beside?

use serde::{Deserialize, Serialize};

use super::chain::{self, ChainFault, ChainReport, Unsealed};
use super::crypto::{Signer, constant_time_eq};
use super::event::StoredEvent;
use super::product::{Status, StoredProduct};
use super::stored::Stored;

pub use self::claim::{Caller, ClaimView, StoredClaim};

mod claim;

/// What is known when a verdict is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Inquiry<'a> {
    /// The id under which the product lies.
    pub product_id: &'a str,
    /// The code that was asked for; none when the product was asked for by its id.
    pub code: Option<&'a str>,
    /// The product as it was read.
    pub product: &'a StoredProduct,
    /// All its events, in the order of their sort keys.
    pub events: &'a [StoredEvent],
    /// Its claim, when there is one that has not expired.
    pub claim: Option<&'a StoredClaim>,
    /// Who asks.
    pub caller: Caller<'a>,
    /// Whether this is a scan. When it only looks (`metadata=true`) there is no warning about the claim.
    pub is_scan: bool,
}

/// The verdict.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is the outcome of one check of its own"
)]
pub struct Verdict {
    /// Whether hash, signature and chain are right and the code is the product's own.
    pub authentic: bool,
    /// Whether the stored hash is that of the stored fields.
    pub hash_match: bool,
    /// Whether the stored hash was signed by the platform.
    pub signature_valid: bool,
    /// The chain, with everything that is wrong with it.
    pub chain: ChainReport,
    /// Whether the product names the code that was asked for.
    pub code_matches: bool,
    /// What to tell a person. Warnings about patterns of scans are added by those who count scans.
    pub warnings: Vec<String>,
    /// The claim, as this caller may see it.
    pub claim: ClaimView,
    /// Whether the product is claimed by another device and this is a scan: an alert is due.
    pub scanned_by_another_device: bool,
}

impl Verdict {
    /// The word recorded with the scan.
    pub fn scan_result(&self) -> &'static str {
        if self.authentic {
            "authentic"
        } else {
            "suspicious"
        }
    }
}

/// Judges.
pub fn judge(inquiry: &Inquiry<'_>, signer: &Signer, unsealed: &Unsealed) -> Verdict {
    let Inquiry {
        product_id,
        code,
        product,
        events,
        claim,
        caller,
        is_scan,
    } = *inquiry;
    let hash_match = product.hash_matches(product_id);
    let signature_valid = product.signature_is_valid(signer);
    let chain = chain::verify(product_id, product, events, signer, unsealed);
    let code_matches = code.is_none_or(|code| {
        product
            .verification_code
            .text()
            .is_some_and(|own| constant_time_eq(own, code))
    });
    let claim = ClaimView::of(claim, caller, signer);
    let scanned_by_another_device = is_scan && claim.claimed && !claim.is_claimant;

    let mut warnings = Vec::new();
    if !hash_match {
        warnings.push("Product data mismatch: the record is not the one that was registered, a sign of tampering.".to_owned());
    }
    if !signature_valid {
        warnings.push(
            "The platform's signature is invalid: this record was not signed by GenuProof."
                .to_owned(),
        );
    }
    if !code_matches {
        warnings.push("This code belongs to another product.".to_owned());
    }
    warnings.extend(chain_warnings(&chain));
    warnings.extend(recall_warning(product, events, &chain));
    if scanned_by_another_device {
        warnings.push("This product is registered to another consumer.".to_owned());
    }
    let authentic = hash_match && signature_valid && code_matches && chain.is_intact();
    Verdict {
        authentic,
        hash_match,
        signature_valid,
        chain,
        code_matches,
        warnings,
        claim,
        scanned_by_another_device,
    }
}

fn chain_warnings(chain: &ChainReport) -> Vec<String> {
    let mut warnings = Vec::new();
    let others: Vec<_> = chain
        .faults
        .iter()
        .filter(|fault| !matches!(fault, ChainFault::Status { .. }))
        .collect();
    if let Some(first) = others.first() {
        let more = match others.len() - 1 {
            0 => String::new(),
            more => format!(" (and {more} more)"),
        };
        warnings.push(format!("The provenance chain is broken: {first}{more}."));
    }
    for fault in &chain.faults {
        if let ChainFault::Status { sealed } = fault {
            warnings.push(format!(
                "The product's status differs from the one sealed with its provenance chain, which is {}.",
                sealed.as_str()
            ));
        }
    }
    warnings
}

/// A recall counts wherever it shows: in the status, in the seal, or as an event, whatever was set back by hand.
fn recall_warning(
    product: &StoredProduct,
    events: &[StoredEvent],
    chain: &ChainReport,
) -> Option<String> {
    let recalled = Status::Recalled.as_str();
    let event = events
        .iter()
        .rev()
        .find(|event| event.kind.text() == Some(recalled));
    let is_recalled = event.is_some()
        || product.status.text() == Some(recalled)
        || chain.sealed_status == Some(Status::Recalled);
    is_recalled.then(|| {
        let reason = event
            .and_then(|event| event.data.here())
            .and_then(|data| data.get("reason"))
            .and_then(|reason| reason.as_str())
            .filter(|reason| !reason.trim().is_empty());
        match reason {
            Some(reason) => format!("This product is under recall: {reason}"),
            None => "This product is under recall by its brand.".to_owned(),
        }
    })
}

/// The two outcomes that a certificate shows beside the verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Certificate {
    /// The stored hash.
    pub hash: Stored<String>,
    /// Whether the platform signed it.
    pub signature_valid: bool,
    /// Whether the chain is whole.
    pub chain_integrity: bool,
}

impl Certificate {
    /// Of a verdict.
    pub fn of(product: &StoredProduct, verdict: &Verdict) -> Self {
        Self {
            hash: product.hash.clone(),
            signature_valid: verdict.signature_valid,
            chain_integrity: verdict.chain.is_intact(),
        }
    }
}

#[cfg(test)]
mod tests;
