//! A verdict, as pages show it.

use jiff::Timestamp;

use crate::domain::chain::ChainFault;
use crate::domain::ids::{Form as _, VerificationCode};
use crate::domain::stored::Stored;
use crate::pages::certificate::{Checks, Event, Product, Standing};
use crate::pages::ownership::Ownership;
use crate::store::Verified;

/// What the verdict is and rests on.
pub fn standing(code: &str, verified: &Verified) -> Standing {
    let verdict = &verified.verdict;
    Standing {
        code: code.to_owned(),
        authentic: verdict.authentic,
        checks: Checks {
            format: VerificationCode::parse(code).is_some(),
            signature: verdict.signature_valid,
            chain: verdict.chain.is_intact(),
            record: verdict.hash_match && verdict.code_matches,
        },
        warnings: verdict.warnings.clone(),
        scan_count: verified.scan_count,
    }
}

/// The record.
pub fn product(verified: &Verified) -> Product {
    let product = &verified.product;
    let text = |stored: &Stored<String>| stored.text().unwrap_or("—").to_owned();
    let optional = |stored: &Stored<String>| stored.text().map(str::to_owned);
    Product {
        name: text(&product.name),
        brand_name: text(&product.brand_name),
        sku: optional(&product.sku),
        category: optional(&product.category),
        description: optional(&product.description),
        status: text(&product.status),
        created_at: moment(&product.created_at),
        hash: text(&product.hash),
    }
}

/// The history, each step with whether it fits the one before.
pub fn events(verified: &Verified) -> Vec<Event> {
    let faults = &verified.verdict.chain.faults;
    let is_broken = |index: usize| {
        faults.iter().any(|fault| match fault {
            ChainFault::Link { event } | ChainFault::Hash { event } => *event == index + 1,
            ChainFault::Start => index == 0,
            _ => false,
        })
    };
    let text = |stored: &Stored<String>| stored.text().unwrap_or("—").to_owned();
    verified
        .events
        .iter()
        .enumerate()
        .map(|(index, event)| Event {
            kind: text(&event.kind),
            actor: text(&event.actor),
            location: event.location.text().map(str::to_owned),
            timestamp: moment(&event.timestamp),
            hash: text(&event.hash),
            previous_hash: text(&event.previous_hash),
            linked: !is_broken(index),
            data: event
                .data
                .here()
                .filter(|data| !data.is_empty())
                .and_then(|data| serde_json::to_string_pretty(data).ok()),
        })
        .collect()
}

/// Whose it is.
pub fn ownership(verified: &Verified) -> Ownership {
    let claim = &verified.verdict.claim;
    let read = claim.claimed_at.as_deref().and_then(|at| at.parse().ok());
    let at = read.unwrap_or(Timestamp::UNIX_EPOCH);
    match (claim.claimed, claim.is_claimant) {
        (false, _) => Ownership::Unclaimed,
        (true, true) => Ownership::Yours(at),
        (true, false) => Ownership::Others(at),
    }
}

/// A stored moment. One that is none is shown as the beginning of 1970; the verdict says that the record was changed.
pub fn moment(stored: &Stored<String>) -> Timestamp {
    let read = stored.text().and_then(|text| text.parse().ok());
    read.unwrap_or(Timestamp::UNIX_EPOCH)
}
