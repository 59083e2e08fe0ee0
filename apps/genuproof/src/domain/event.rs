//! An event in a product's life, and what its hash covers.

use serde::{Deserialize, Serialize};

use super::canonical::{Object, Writer};
use super::crypto::{Digest, sha256};
use super::product::Status;
use super::stored::Stored;

pub mod legacy;

/// The version of the hash rule that this program writes; items without a version were written by the first `GenuProof` (1).
pub const HASH_VERSION: u64 = 2;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the words of the format")]
pub enum EventKind {
    Manufactured,
    Shipped,
    Received,
    Inspected,
    Sold,
    Transferred,
    Recalled,
    Custom,
}

impl EventKind {
    /// Every kind, in the order in which messages list them.
    pub const ALL: [Self; 8] = [
        Self::Manufactured,
        Self::Shipped,
        Self::Received,
        Self::Inspected,
        Self::Sold,
        Self::Transferred,
        Self::Recalled,
        Self::Custom,
    ];

    /// The word that is stored, hashed and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Manufactured => "manufactured",
            Self::Shipped => "shipped",
            Self::Received => "received",
            Self::Inspected => "inspected",
            Self::Sold => "sold",
            Self::Transferred => "transferred",
            Self::Recalled => "recalled",
            Self::Custom => "custom",
        }
    }

    /// Reads the word, exactly as it is written.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// The status that a product has from this event on, when it changes it. Chain and status never disagree.
    pub fn sets_status(self) -> Option<Status> {
        match self {
            Self::Transferred => Some(Status::Transferred),
            Self::Recalled => Some(Status::Recalled),
            _ => None,
        }
    }
}

/// What an event's hash covers (version 2). Coordinates are not covered.
#[derive(Debug, Clone, Copy)]
#[expect(
    missing_docs,
    reason = "the members of the hashed object, under their own names"
)]
pub struct HashedEvent<'a> {
    pub product_id: &'a str,
    pub kind: &'a str,
    pub actor: &'a str,
    pub location: Option<&'a str>,
    pub timestamp: &'a str,
    pub data: &'a Object,
    pub previous_hash: &'a str,
}

impl HashedEvent<'_> {
    /// The bytes that are hashed.
    pub fn canonical(&self) -> String {
        Writer::new()
            .text("productId", self.product_id)
            .text("type", self.kind)
            .text("actor", self.actor)
            .text_or_null("location", self.location)
            .text("timestamp", self.timestamp)
            .object("data", self.data)
            .text("previousHash", self.previous_hash)
            .finish()
    }

    /// The event's hash.
    pub fn hash(&self) -> Digest {
        sha256(&self.canonical())
    }
}

/// An event as it lies in the table.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(
    missing_docs,
    reason = "the attributes of the item, under their own names"
)]
pub struct StoredEvent {
    pub product_id: Stored<String>,
    #[serde(rename = "type")]
    pub kind: Stored<String>,
    pub actor: Stored<String>,
    pub location: Stored<String>,
    pub timestamp: Stored<String>,
    pub data: Stored<Object>,
    pub hash: Stored<String>,
    pub previous_hash: Stored<String>,
    /// The rule by which `hash` was made; absent on items of the first `GenuProof`.
    pub hash_version: Stored<u64>,
}

impl StoredEvent {
    /// Whether the stored hash is the hash of what the event shows, by the rule it was made with.
    ///
    /// `brand_id` is that of the product: the first `GenuProof` hashed it into first events.
    pub fn hash_matches(&self, product_id: &str, brand_id: Option<&str>) -> bool {
        self.hash_is_right(product_id, brand_id).unwrap_or(false)
    }

    /// Whether it was written by the first `GenuProof`.
    pub fn is_legacy(&self) -> bool {
        matches!(self.hash_version, Stored::Absent | Stored::Here(1))
    }

    fn hash_is_right(&self, product_id: &str, brand_id: Option<&str>) -> Option<bool> {
        let stored = self.hash.text()?;
        self.product_id.text().filter(|own| *own == product_id)?;
        let empty = Object::new();
        let event = HashedEvent {
            product_id,
            kind: self.kind.text()?,
            actor: self.actor.text()?,
            location: self.location.here_or_absent()?.map(String::as_str),
            timestamp: self.timestamp.text()?,
            data: self.data.here_or_absent()?.unwrap_or(&empty),
            previous_hash: self.previous_hash.text()?,
        };
        match self.hash_version {
            Stored::Here(HASH_VERSION) => Some(event.hash().matches(stored)),
            Stored::Absent | Stored::Here(1) => {
                Some(legacy::hash_matches(&event, brand_id, stored))
            }
            Stored::Here(_) | Stored::Odd => None,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use serde_json::{Value, json};

    use super::super::crypto::EMPTY_SHA256;
    use super::super::product::tests::{BRAND, CREATED, PRODUCT};
    use super::*;

    pub(crate) const FIRST_HASH: &str =
        "2ef844b76155df00352500ed97fbd6e0e5661c1d52ebb0ce316a617d10bfca17";
    pub(crate) const SECOND_HASH: &str =
        "963b14e2ba7d7385261b1fc12f2c3079e803b481f0119859b438f3deea0b0914";

    /// The first published event, as it is stored.
    pub(crate) fn first_item() -> Value {
        json!({
            "productId": PRODUCT, "type": "manufactured", "actor": "Maison Test", "location": "Geneva, Switzerland",
            "timestamp": CREATED, "data": {"registeredBy": BRAND}, "previousHash": EMPTY_SHA256, "hash": FIRST_HASH, "hashVersion": 2,
        })
    }

    /// The second published event, as it is stored.
    pub(crate) fn second_item() -> Value {
        json!({
            "productId": PRODUCT, "type": "shipped", "actor": "FedEx (FX-1)", "location": null, "timestamp": "2026-03-02T10:00:00.000Z",
            "data": {"carrier": "FedEx", "carrierStatus": "picked_up", "source": "shipping_webhook", "trackingNumber": "FX-1"},
            "previousHash": FIRST_HASH, "hash": SECOND_HASH, "hashVersion": 2,
        })
    }

    pub(crate) fn stored(item: Value) -> StoredEvent {
        serde_json::from_value(item).unwrap()
    }

    #[test]
    fn the_published_events_have_their_published_hashes() {
        let Value::Object(data) = json!({"registeredBy": BRAND}) else {
            unreachable!()
        };
        let event = HashedEvent {
            product_id: PRODUCT,
            kind: "manufactured",
            actor: "Maison Test",
            location: Some("Geneva, Switzerland"),
            timestamp: CREATED,
            data: &data,
            previous_hash: EMPTY_SHA256,
        };
        assert_eq!(
            event.canonical(),
            r#"{"productId":"00112233445566778899aabbccddeeff","type":"manufactured","actor":"Maison Test","location":"Geneva, Switzerland","timestamp":"2026-03-01T09:30:00.000Z","data":{"registeredBy":"3f2b8c1e-5d47-4a90-9c11-7e0a6b2d4f55"},"previousHash":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}"#
        );
        assert_eq!(event.hash().to_string(), FIRST_HASH);
        assert!(stored(first_item()).hash_matches(PRODUCT, Some(BRAND)));
        assert!(stored(second_item()).hash_matches(PRODUCT, Some(BRAND)));
    }

    #[test]
    fn every_field_a_reader_is_shown_is_covered() {
        for (attribute, value) in [
            ("type", json!("sold")),
            ("actor", json!("Somebody")),
            ("location", json!("Elsewhere")),
            ("location", json!(null)),
            ("timestamp", json!("2026-03-01T09:30:00.001Z")),
            ("data", json!({})),
            ("data", json!({"registeredBy": BRAND, "more": 1})),
            ("previousHash", json!(FIRST_HASH)),
            ("hash", json!(SECOND_HASH)),
            ("productId", json!("ffffffffffffffffffffffffffffffff")),
        ] {
            let mut item = first_item();
            item[attribute] = value.clone();
            assert!(
                !stored(item).hash_matches(PRODUCT, Some(BRAND)),
                "{attribute} {value}"
            );
        }
    }

    #[test]
    fn odd_events_do_not_match_and_do_not_fail() {
        for attribute in [
            "productId",
            "type",
            "actor",
            "location",
            "timestamp",
            "data",
            "previousHash",
            "hash",
            "hashVersion",
        ] {
            for odd in [json!(-1), json!([]), json!("é"), json!({"a": null})] {
                let mut item = first_item();
                item[attribute] = odd.clone();
                assert!(
                    !stored(item).hash_matches(PRODUCT, Some(BRAND)),
                    "{attribute} {odd}"
                );
            }
        }
    }

    #[test]
    fn an_event_of_ours_does_not_pass_as_an_older_one() {
        let mut item = first_item();
        item.as_object_mut().unwrap().remove("hashVersion");
        assert!(!stored(item).hash_matches(PRODUCT, Some(BRAND)));
    }

    #[test]
    fn kinds_are_read_exactly_as_written() {
        for kind in EventKind::ALL {
            assert_eq!(EventKind::parse(kind.as_str()), Some(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
        for odd in ["", "Shipped", "shipped ", "SHIPPED", "toString", "#"] {
            assert_eq!(EventKind::parse(odd), None, "{odd}");
        }
        assert_eq!(EventKind::Recalled.sets_status(), Some(Status::Recalled));
        assert_eq!(EventKind::Sold.sets_status(), None);
    }
}
