//! Extending a chain: the next event, its hash, and the seal that goes with it.

use keyfold::Timestamp;
use serde::Serialize;

use super::{Unsealed, first_link, verify};
use crate::domain::canonical::Object;
use crate::domain::crypto::{Digest, Signer};
use crate::domain::event::{EventKind, HASH_VERSION, HashedEvent, StoredEvent};
use crate::domain::product::{Status, StoredProduct};
use crate::domain::seal::{self, SealState, SealedFields};

/// What is recorded, before it has its place in the chain.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEvent {
    /// What happened.
    pub kind: EventKind,
    /// Who did it.
    pub actor: String,
    /// Where.
    pub location: Option<String>,
    /// When it was recorded, strictly after the event before it.
    pub timestamp: Timestamp,
    /// What else is known.
    pub data: Object,
}

/// An event in its place.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(
    missing_docs,
    reason = "the attributes of the item, under their own names"
)]
pub struct SealedEvent {
    pub product_id: String,
    #[serde(rename = "type")]
    pub kind: EventKind,
    pub actor: String,
    pub location: Option<String>,
    pub timestamp: Timestamp,
    pub data: Object,
    pub hash: String,
    pub previous_hash: String,
    pub hash_version: u64,
}

/// Where a chain stands: what its seal covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainState {
    /// How many events it has.
    pub event_count: u64,
    /// The hash of the last one.
    pub head: Digest,
    /// The product's status.
    pub status: Status,
}

/// A chain that was tampered with is not extended: a new seal would make the forgery good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the product's chain is broken: its seal does not fit its number of events, last event and status, so nothing can be added to it"
)]
pub struct NotExtendable;

impl ChainState {
    /// The chain of a product that is being registered.
    pub fn new() -> Self {
        Self {
            event_count: 0,
            head: first_link(),
            status: Status::Active,
        }
    }

    /// Where the chain of a stored product stands, by its seal. Events are not needed: the seal names the last one.
    ///
    /// # Errors
    /// [`NotExtendable`] when the seal does not fit, and when there is none: see [`Self::take_over`].
    pub fn resume(
        product_id: &str,
        product: &StoredProduct,
        signer: &Signer,
    ) -> Result<Self, NotExtendable> {
        match seal::read(product_id, product, signer) {
            SealState::Sealed {
                event_count,
                head,
                status,
            } => Ok(Self {
                event_count,
                head,
                status,
            }),
            SealState::StatusChanged { .. } | SealState::Broken | SealState::Absent => {
                Err(NotExtendable)
            }
        }
    }

    /// Where a chain without a seal stands, after checking all of it: it gets its first seal with the next event.
    ///
    /// # Errors
    /// [`NotExtendable`] when the chain is not intact or the product must be sealed.
    pub fn take_over(
        product_id: &str,
        product: &StoredProduct,
        events: &[StoredEvent],
        signer: &Signer,
        unsealed: &Unsealed,
    ) -> Result<Self, NotExtendable> {
        if !verify(product_id, product, events, signer, unsealed).is_intact() {
            return Err(NotExtendable);
        }
        let head = events
            .last()
            .and_then(|event| event.hash.text())
            .and_then(Digest::parse);
        let status = product.status.text().and_then(Status::parse);
        let event_count = u64::try_from(events.len()).ok();
        match (head, status, event_count) {
            (Some(head), Some(status), Some(event_count)) => Ok(Self {
                event_count,
                head,
                status,
            }),
            _ => Err(NotExtendable),
        }
    }

    /// The chain with one more event, and that event as it is stored.
    pub fn append(&self, product_id: &str, event: NewEvent) -> (Self, SealedEvent) {
        let previous_hash = self.head.to_string();
        let timestamp = event.timestamp.to_string();
        let head = HashedEvent {
            product_id,
            kind: event.kind.as_str(),
            actor: &event.actor,
            location: event.location.as_deref(),
            timestamp: &timestamp,
            data: &event.data,
            previous_hash: &previous_hash,
        }
        .hash();
        let next = Self {
            event_count: self.event_count + 1,
            head,
            status: event.kind.sets_status().unwrap_or(self.status),
        };
        let event = SealedEvent {
            product_id: product_id.to_owned(),
            kind: event.kind,
            actor: event.actor,
            location: event.location,
            timestamp: event.timestamp,
            data: event.data,
            hash: head.to_string(),
            previous_hash,
            hash_version: HASH_VERSION,
        };
        (next, event)
    }

    /// The seal of the chain as it stands.
    pub fn seal(&self, product_id: &str, signer: &Signer) -> Digest {
        let head = self.head.to_string();
        SealedFields {
            product_id,
            event_count: self.event_count,
            head: &head,
            status: self.status.as_str(),
        }
        .seal(signer)
    }
}

impl Default for ChainState {
    fn default() -> Self {
        Self::new()
    }
}
