//! The chain of a product's events: checking one that was read, and extending one.

use std::fmt;

use keyfold::Timestamp;

use super::crypto::{Digest, EMPTY_SHA256, Signer};
use super::event::StoredEvent;
use super::product::{Status, StoredProduct};
use super::seal::{self, SealState};

pub use self::extend::{ChainState, NewEvent, NotExtendable, SealedEvent};

mod extend;

/// Which products may have a chain without a seal.
///
/// Everything that this program writes is sealed. The first `GenuProof` sealed nothing, so a table taken over from it has
/// products that only links hold together. Accepting those for ever would let anybody strip the seal off any product; a product
/// counts as one of them only when its signed registration lies before the takeover.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Unsealed {
    /// No product.
    #[default]
    Never,
    /// Products registered before this moment, when hash and signature prove it.
    RegisteredBefore(Timestamp),
}

/// What is wrong with a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChainFault {
    /// The product has no seal and should have one.
    Unsealed,
    /// The seal does not fit number, last hash and status.
    Seal,
    /// The seal is right but the status is not the sealed one.
    Status {
        /// The sealed one.
        sealed: Status,
    },
    /// Not as many events as were sealed.
    Number {
        /// The number sealed.
        sealed: u64,
        /// The number found.
        found: u64,
    },
    /// The last event is not the one that was sealed.
    Head,
    /// No event at all.
    Empty,
    /// The first event does not begin a chain.
    Start,
    /// An event does not follow the one before it.
    Link {
        /// Its position, from 1.
        event: usize,
    },
    /// The hash of an event is not that of what it shows.
    Hash {
        /// Its position, from 1.
        event: usize,
    },
}

impl fmt::Display for ChainFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsealed => f.write_str("it carries no seal"),
            Self::Seal => f.write_str("its seal does not fit"),
            Self::Status { sealed } => write!(f, "the status was sealed as {}", sealed.as_str()),
            Self::Number { sealed, found } => {
                write!(f, "{sealed} events were sealed, {found} are there")
            }
            Self::Head => f.write_str("its last event is not the one that was sealed"),
            Self::Empty => f.write_str("it has no events"),
            Self::Start => f.write_str("its first event does not begin a chain"),
            Self::Link { event } => write!(f, "event {event} does not follow the one before it"),
            Self::Hash { event } => write!(f, "event {event} was altered"),
        }
    }
}

/// The result of checking a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainReport {
    /// Everything that is wrong, in the order of the chain, the seal first.
    pub faults: Vec<ChainFault>,
    /// The status the seal vouches for, whatever the item shows.
    pub sealed_status: Option<Status>,
}

impl ChainReport {
    /// Whether nothing is wrong.
    pub fn is_intact(&self) -> bool {
        self.faults.is_empty()
    }
}

/// Checks the chain of `product`: `events` are all its events in the order of their sort keys.
///
/// First link, every hash recomputed, every link, and by the seal the number, the last hash and the status.
pub fn verify(
    product_id: &str,
    product: &StoredProduct,
    events: &[StoredEvent],
    signer: &Signer,
    unsealed: &Unsealed,
) -> ChainReport {
    let mut faults = Vec::new();
    let mut sealed_status = None;
    let found = u64::try_from(events.len()).unwrap_or(u64::MAX);
    match seal::read(product_id, product, signer) {
        SealState::Sealed {
            event_count,
            head,
            status,
        } => {
            sealed_status = Some(status);
            if event_count != found {
                faults.push(ChainFault::Number {
                    sealed: event_count,
                    found,
                });
            }
            if !events
                .last()
                .and_then(|event| event.hash.text())
                .is_some_and(|hash| head.matches(hash))
            {
                faults.push(ChainFault::Head);
            }
        }
        SealState::StatusChanged { sealed } => {
            sealed_status = Some(sealed);
            faults.push(ChainFault::Status { sealed });
        }
        SealState::Broken => faults.push(ChainFault::Seal),
        SealState::Absent => {
            if !may_be_unsealed(product_id, product, events, signer, unsealed) {
                faults.push(ChainFault::Unsealed);
            }
        }
    }
    if events.is_empty() {
        faults.push(ChainFault::Empty);
    }
    let brand_id = product.brand_id.text();
    let mut previous: Option<&str> = None;
    for (index, event) in events.iter().enumerate() {
        let position = index + 1;
        let link = event.previous_hash.text();
        if index == 0 {
            // The first `GenuProof` wrote "" when it appended to a product without events.
            if link != Some(EMPTY_SHA256) && !(event.is_legacy() && link == Some("")) {
                faults.push(ChainFault::Start);
            }
        } else if link.is_none() || link != previous {
            faults.push(ChainFault::Link { event: position });
        }
        if !event.hash_matches(product_id, brand_id) {
            faults.push(ChainFault::Hash { event: position });
        }
        previous = event.hash.text();
    }
    ChainReport {
        faults,
        sealed_status,
    }
}

fn may_be_unsealed(
    product_id: &str,
    product: &StoredProduct,
    events: &[StoredEvent],
    signer: &Signer,
    unsealed: &Unsealed,
) -> bool {
    let Unsealed::RegisteredBefore(moment) = unsealed else {
        return false;
    };
    product
        .created_at
        .text()
        .and_then(|created_at| created_at.parse::<Timestamp>().ok())
        .is_some_and(|created_at| created_at < *moment)
        && product.hash_matches(product_id)
        && product.signature_is_valid(signer)
        && events.iter().all(StoredEvent::is_legacy)
}

/// The hash that stands before the first event.
pub fn first_link() -> Digest {
    super::crypto::sha256("")
}

#[cfg(test)]
mod tests;
