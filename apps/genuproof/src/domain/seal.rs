//! The seal of a chain: what links alone cannot show.
//!
//! Anybody who can write the table can compute SHA-256, so links do not reveal a cut-off tail, an appended forgery or a chain
//! written anew. The product's item therefore carries the number of events, the hash of the last one, and an HMAC over both and
//! the status, which changes in the same transaction as every event. Restoring an older, complete copy of all items of a product
//! cannot be noticed this way.

use super::canonical::Writer;
use super::crypto::{Digest, Signer};
use super::product::{Status, StoredProduct};

/// What a seal covers.
#[derive(Debug, Clone, Copy)]
pub struct SealedFields<'a> {
    /// The product.
    pub product_id: &'a str,
    /// How many events its chain has.
    pub event_count: u64,
    /// The hash of the last one.
    pub head: &'a str,
    /// The product's status.
    pub status: &'a str,
}

impl SealedFields<'_> {
    /// The seal.
    pub fn seal(&self, signer: &Signer) -> Digest {
        signer.sign(&self.signed_text())
    }

    fn is_sealed_by(&self, signer: &Signer, seal: &str) -> bool {
        signer.accepts(&self.signed_text(), seal)
    }

    fn signed_text(&self) -> String {
        let sealed = Writer::new()
            .text("productId", self.product_id)
            .count("eventCount", self.event_count)
            .text("head", self.head)
            .text("status", self.status);
        format!("chain:{}", sealed.finish())
    }
}

/// What the seal on a stored product says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SealState {
    /// It fits: the chain has this many events and ends in this hash, and the status is the sealed one.
    Sealed {
        /// The number of events.
        event_count: u64,
        /// The hash of the last.
        head: Digest,
        /// The status.
        status: Status,
    },
    /// It would fit if the status were another: somebody set the status by hand.
    StatusChanged {
        /// The status that was sealed.
        sealed: Status,
    },
    /// There is a seal, or a part of one, and it does not fit.
    Broken,
    /// There is none.
    Absent,
}

/// Reads and checks the seal on a stored product.
pub fn read(product_id: &str, product: &StoredProduct, signer: &Signer) -> SealState {
    use super::stored::Stored::Absent;
    if matches!(
        (
            &product.event_count,
            &product.chain_head,
            &product.chain_seal
        ),
        (Absent, Absent, Absent)
    ) {
        return SealState::Absent;
    }
    let (Some(event_count), Some(head), Some(seal)) = (
        product.event_count.here().copied(),
        product.chain_head.text().and_then(Digest::parse),
        product.chain_seal.text(),
    ) else {
        return SealState::Broken;
    };
    let head_text = head.to_string();
    let fits = |status: Status| {
        SealedFields {
            product_id,
            event_count,
            head: &head_text,
            status: status.as_str(),
        }
        .is_sealed_by(signer, seal)
    };
    let shown = product.status.text().and_then(Status::parse);
    match shown {
        Some(status) if fits(status) => SealState::Sealed {
            event_count,
            head,
            status,
        },
        _ => Status::ALL
            .into_iter()
            .find(|status| fits(*status))
            .map_or(SealState::Broken, |sealed| SealState::StatusChanged {
                sealed,
            }),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use serde_json::{Value, json};

    use super::super::crypto::tests::vector_signer;
    use super::super::event::tests::SECOND_HASH;
    use super::super::product::tests::{PRODUCT, stored_item};
    use super::*;

    const SEAL: &str = "ae1209bd86877bde53324d7454bd75c09b29908d3c44280bada2b071777efa06";

    /// The published product with the published seal over its two published events.
    pub(crate) fn sealed_item() -> Value {
        let mut item = stored_item();
        item["eventCount"] = json!(2);
        item["chainHead"] = json!(SECOND_HASH);
        item["chainSeal"] = json!(SEAL);
        item
    }

    fn state(change: impl FnOnce(&mut Value)) -> SealState {
        let mut item = sealed_item();
        change(&mut item);
        read(
            PRODUCT,
            &serde_json::from_value(item).unwrap(),
            &vector_signer(),
        )
    }

    #[test]
    fn the_published_chain_has_the_published_seal() {
        let sealed = SealedFields {
            product_id: PRODUCT,
            event_count: 2,
            head: SECOND_HASH,
            status: "active",
        };
        assert_eq!(sealed.seal(&vector_signer()).to_string(), SEAL);
        let head = Digest::parse(SECOND_HASH).unwrap();
        assert_eq!(
            state(|_| {}),
            SealState::Sealed {
                event_count: 2,
                head,
                status: Status::Active
            }
        );
    }

    #[test]
    fn a_status_set_by_hand_is_told_apart() {
        assert_eq!(
            state(|item| item["status"] = json!("recalled")),
            SealState::StatusChanged {
                sealed: Status::Active
            }
        );
        assert_eq!(
            state(|item| item["status"] = json!("nonsense")),
            SealState::StatusChanged {
                sealed: Status::Active
            }
        );
        assert_eq!(
            state(|item| item["status"] = json!(null)),
            SealState::StatusChanged {
                sealed: Status::Active
            }
        );
    }

    #[test]
    fn a_seal_that_was_touched_is_broken_and_one_taken_off_is_absent() {
        for (attribute, value) in [
            ("eventCount", json!(1)),
            ("eventCount", json!("2")),
            ("eventCount", json!(null)),
            ("chainHead", json!("00".repeat(32))),
            ("chainHead", json!("é")),
            ("chainSeal", json!("00".repeat(32))),
            ("chainSeal", json!(null)),
            ("chainSeal", json!(7)),
        ] {
            assert_eq!(
                state(|item| item[attribute] = value.clone()),
                SealState::Broken,
                "{attribute} {value}"
            );
        }
        let bare = state(|item| *item = stored_item());
        assert_eq!(bare, SealState::Absent);
    }

    #[test]
    fn a_seal_of_another_product_does_not_fit() {
        let product = serde_json::from_value(sealed_item()).unwrap();
        assert_eq!(
            read(
                "ffffffffffffffffffffffffffffffff",
                &product,
                &vector_signer()
            ),
            SealState::Broken
        );
    }
}
