use serde_json::{Value, json};

use super::*;
use crate::domain::crypto::tests::vector_signer;
use crate::domain::crypto::{Secret, sha256};
use crate::domain::event::tests::{first_item, second_item, stored};
use crate::domain::event::{EventKind, HashedEvent};
use crate::domain::product::tests::{BRAND, PRODUCT, stored_item};
use crate::domain::seal::SealedFields;
use crate::domain::seal::tests::sealed_item;

/// A product with six events of ours, as it lies in the table, for an attacker to change.
struct Table {
    product: Value,
    events: Vec<Value>,
}

impl Table {
    fn new() -> Self {
        Self::with(&[
            "manufactured",
            "shipped",
            "received",
            "inspected",
            "sold",
            "transferred",
        ])
    }

    fn recalled() -> Self {
        Self::with(&["manufactured", "shipped", "recalled"])
    }

    fn with(kinds: &[&str]) -> Self {
        let mut state = ChainState::new();
        let mut events = Vec::new();
        for (at, kind) in kinds.iter().enumerate() {
            let event = NewEvent {
                kind: EventKind::parse(kind).unwrap(),
                actor: format!("Actor {at}"),
                location: (at % 2 == 0).then(|| format!("Place {at}")),
                timestamp: format!("2026-03-0{}T10:00:00.000Z", at + 1)
                    .parse()
                    .unwrap(),
                data: json!({"step": at, "reason": "sharp edge"})
                    .as_object()
                    .unwrap()
                    .clone(),
            };
            let (next, event) = state.append(PRODUCT, event);
            state = next;
            events.push(serde_json::to_value(event).unwrap());
        }
        let mut product = stored_item();
        product["status"] = json!(state.status.as_str());
        product["eventCount"] = json!(state.event_count);
        product["chainHead"] = json!(state.head.to_string());
        product["chainSeal"] = json!(state.seal(PRODUCT, &vector_signer()).to_string());
        Self { product, events }
    }

    fn check(&self) -> ChainReport {
        self.check_with(&Unsealed::Never)
    }

    fn check_with(&self, unsealed: &Unsealed) -> ChainReport {
        let product = serde_json::from_value(self.product.clone()).unwrap();
        let events: Vec<_> = self.events.iter().cloned().map(stored).collect();
        verify(PRODUCT, &product, &events, &vector_signer(), unsealed)
    }

    /// What somebody without the secret can do: all hashes and links anew, the plain attributes of the seal too.
    fn rehash(&mut self, from: usize) {
        for at in from..self.events.len() {
            let previous = if at == 0 {
                EMPTY_SHA256.to_owned()
            } else {
                self.events[at - 1]["hash"].as_str().unwrap().to_owned()
            };
            let event = &mut self.events[at];
            event["previousHash"] = json!(previous);
            event["hash"] = json!(
                HashedEvent {
                    product_id: PRODUCT,
                    kind: event["type"].as_str().unwrap(),
                    actor: event["actor"].as_str().unwrap(),
                    location: event["location"].as_str(),
                    timestamp: event["timestamp"].as_str().unwrap(),
                    data: event["data"].as_object().unwrap(),
                    previous_hash: &previous,
                }
                .hash()
                .to_string()
            );
        }
        self.product["eventCount"] = json!(self.events.len());
        self.product["chainHead"] = self
            .events
            .last()
            .map_or(Value::Null, |event| event["hash"].clone());
    }
}

#[test]
fn a_chain_of_ours_is_intact() {
    let report = Table::new().check();
    assert_eq!(report.faults, []);
    assert_eq!(report.sealed_status, Some(Status::Transferred));
}

#[test]
fn the_published_chain_is_intact() {
    let table = Table {
        product: sealed_item(),
        events: vec![first_item(), second_item()],
    };
    assert_eq!(table.check().faults, []);
}

#[test]
fn changing_anything_shown_of_any_event_breaks_the_chain() {
    for at in 0..6 {
        for (attribute, value) in [
            ("actor", json!("Thief")),
            ("location", json!("Nowhere")),
            ("type", json!("custom")),
            ("timestamp", json!("2026-03-01T10:00:00.500Z")),
            ("data", json!({})),
            ("previousHash", json!("00".repeat(32))),
            ("hash", json!("00".repeat(32))),
            ("productId", json!("ffffffffffffffffffffffffffffffff")),
            ("hashVersion", json!(1)),
            ("hashVersion", json!(3)),
        ] {
            let mut table = Table::new();
            table.events[at][attribute] = value;
            let report = table.check();
            assert!(!report.is_intact(), "{attribute} of event {at}");
            // And with every hash made to fit again.
            table.rehash(at);
            if matches!(attribute, "previousHash" | "hash") {
                continue; // which undoes it
            }
            assert!(
                !table.check().is_intact(),
                "{attribute} of event {at}, rehashed"
            );
        }
    }
}

#[test]
fn an_altered_event_is_named() {
    let mut table = Table::new();
    table.events[2]["actor"] = json!("Thief");
    assert_eq!(table.check().faults, [ChainFault::Hash { event: 3 }]);
    table.events[2]["actor"] = json!("Actor 2");
    table.events[2]["previousHash"] = json!("00".repeat(32));
    assert_eq!(
        table.check().faults,
        [ChainFault::Link { event: 3 }, ChainFault::Hash { event: 3 }]
    );
}

#[test]
fn deleting_events_breaks_the_chain() {
    let delete = |range: std::ops::Range<usize>| {
        let mut table = Table::new();
        table.events.drain(range);
        table
    };
    assert_eq!(
        delete(0..1).check().faults,
        [
            ChainFault::Number {
                sealed: 6,
                found: 5
            },
            ChainFault::Start
        ],
        "the first"
    );
    assert_eq!(
        delete(2..3).check().faults,
        [
            ChainFault::Number {
                sealed: 6,
                found: 5
            },
            ChainFault::Link { event: 3 }
        ],
        "one in the middle"
    );
    assert_eq!(
        delete(5..6).check().faults,
        [
            ChainFault::Number {
                sealed: 6,
                found: 5
            },
            ChainFault::Head
        ],
        "the last"
    );
    assert_eq!(
        delete(0..6).check().faults,
        [
            ChainFault::Number {
                sealed: 6,
                found: 0
            },
            ChainFault::Head,
            ChainFault::Empty
        ],
        "all"
    );
    for range in [0..1, 2..3, 5..6, 0..6] {
        let mut table = delete(range.clone());
        table.rehash(0);
        assert_eq!(
            table.check().faults[0],
            ChainFault::Seal,
            "{range:?}, rehashed"
        );
    }
}

#[test]
fn exchanging_or_doubling_events_breaks_the_chain() {
    let mut table = Table::new();
    table.events.swap(2, 3);
    assert!(!table.check().is_intact());
    let mut table = Table::new();
    let copy = table.events[2].clone();
    table.events.insert(3, copy);
    assert!(!table.check().is_intact());
}

#[test]
fn appending_without_the_secret_breaks_the_chain() {
    let mut table = Table::new();
    let mut forged = table.events[5].clone();
    forged["timestamp"] = json!("2026-03-07T10:00:00.000Z");
    table.events.push(forged);
    let head = (
        table.product["eventCount"].clone(),
        table.product["chainHead"].clone(),
    );
    table.rehash(6);
    assert_eq!(
        table.check().faults,
        [ChainFault::Seal],
        "with number and last hash changed too"
    );
    (table.product["eventCount"], table.product["chainHead"]) = head;
    assert_eq!(
        table.check().faults,
        [
            ChainFault::Number {
                sealed: 6,
                found: 7
            },
            ChainFault::Head
        ]
    );
}

#[test]
fn rewriting_the_whole_chain_without_the_secret_breaks_it() {
    let mut table = Table::new();
    for event in &mut table.events {
        event["actor"] = json!("Thief");
    }
    table.rehash(0);
    assert_eq!(table.check().faults, [ChainFault::Seal]);
    // With a seal by another secret.
    let forger = Signer::new(Secret::new("guessed").unwrap());
    let head = table.product["chainHead"].as_str().unwrap().to_owned();
    let seal = SealedFields {
        product_id: PRODUCT,
        event_count: 6,
        head: &head,
        status: "transferred",
    }
    .seal(&forger);
    table.product["chainSeal"] = json!(seal.to_string());
    assert_eq!(table.check().faults, [ChainFault::Seal]);
}

#[test]
fn a_status_set_back_by_hand_breaks_the_chain_and_the_sealed_one_is_known() {
    let mut table = Table::recalled();
    assert!(table.check().is_intact());
    table.product["status"] = json!("active");
    let report = table.check();
    assert_eq!(
        report.faults,
        [ChainFault::Status {
            sealed: Status::Recalled
        }]
    );
    assert_eq!(report.sealed_status, Some(Status::Recalled));
}

#[test]
fn a_seal_taken_from_an_earlier_moment_does_not_fit_a_later_chain() {
    let earlier = Table::with(&["manufactured", "shipped"]);
    let mut table = Table::recalled();
    table.product = earlier.product;
    assert_eq!(
        table.check().faults,
        [
            ChainFault::Number {
                sealed: 2,
                found: 3
            },
            ChainFault::Head
        ]
    );
}

#[test]
fn a_stripped_seal_breaks_the_chain() {
    let strip = |table: &mut Table| {
        for attribute in ["eventCount", "chainHead", "chainSeal"] {
            table.product.as_object_mut().unwrap().remove(attribute);
        }
    };
    let mut table = Table::new();
    strip(&mut table);
    assert_eq!(table.check().faults, [ChainFault::Unsealed]);
    // Nor does it pass for an older product, even before a takeover, while an event names the rule of today.
    let later = Unsealed::RegisteredBefore("2027-01-01T00:00:00.000Z".parse().unwrap());
    assert_eq!(table.check_with(&later).faults, [ChainFault::Unsealed]);
}

/// A product of the first `GenuProof`: no seal, version 1, the first event hashed as it hashed it.
fn legacy_table() -> Table {
    let mut first = first_item();
    first["hash"] = json!("eae68f93758b14749effbf29d5a61714afd160335bb7214062af5bec8fc06687");
    let mut second = second_item();
    second["previousHash"] = first["hash"].clone();
    let data =
        r#"{"trackingNumber":"FX-1","carrierStatus":"picked_up","source":"shipping_webhook"}"#;
    let hashed = format!(
        r#"{{"productId":"{PRODUCT}","type":"shipped","actor":"FedEx","timestamp":"2026-03-02T10:00:00.000Z","data":{data},"previousHash":{}}}"#,
        first["hash"]
    );
    second["hash"] = json!(sha256(&hashed).to_string());
    let mut events = vec![first, second];
    for event in &mut events {
        event.as_object_mut().unwrap().remove("hashVersion");
    }
    Table {
        product: stored_item(),
        events,
    }
}

#[test]
fn a_chain_of_the_first_genuproof_is_intact_only_from_before_the_takeover() {
    let table = legacy_table();
    let after = Unsealed::RegisteredBefore("2026-06-01T00:00:00.000Z".parse().unwrap());
    let before = Unsealed::RegisteredBefore("2026-03-01T09:30:00.000Z".parse().unwrap());
    assert_eq!(table.check_with(&after).faults, []);
    assert_eq!(table.check_with(&before).faults, [ChainFault::Unsealed]);
    assert_eq!(table.check().faults, [ChainFault::Unsealed]);
    // The date of registration is only believed when it is signed.
    let mut backdated = legacy_table();
    backdated.product["createdAt"] = json!("2020-01-01T00:00:00.000Z");
    assert!(!backdated.check_with(&before).is_intact());
}

#[test]
fn a_taken_over_chain_is_sealed_with_its_next_event() {
    let mut table = legacy_table();
    let after = Unsealed::RegisteredBefore("2026-06-01T00:00:00.000Z".parse().unwrap());
    let product = serde_json::from_value(table.product.clone()).unwrap();
    let events: Vec<_> = table.events.iter().cloned().map(stored).collect();
    assert_eq!(
        ChainState::resume(PRODUCT, &product, &vector_signer()),
        Err(NotExtendable)
    );
    assert_eq!(
        ChainState::take_over(
            PRODUCT,
            &product,
            &events[..1],
            &vector_signer(),
            &Unsealed::Never
        ),
        Err(NotExtendable)
    );
    let state =
        ChainState::take_over(PRODUCT, &product, &events, &vector_signer(), &after).unwrap();
    let event = NewEvent {
        kind: EventKind::Sold,
        actor: "Shop".into(),
        location: None,
        timestamp: "2026-07-01T00:00:00.000Z".parse().unwrap(),
        data: json!({"registeredBy": BRAND}).as_object().unwrap().clone(),
    };
    let (state, event) = state.append(PRODUCT, event);
    table.events.push(serde_json::to_value(event).unwrap());
    table.product["eventCount"] = json!(state.event_count);
    table.product["chainHead"] = json!(state.head.to_string());
    table.product["chainSeal"] = json!(state.seal(PRODUCT, &vector_signer()).to_string());
    assert_eq!(table.check().faults, []);
}

#[test]
fn a_chain_with_a_broken_seal_is_not_extended() {
    let mut table = Table::recalled();
    let resume = |table: &Table| {
        ChainState::resume(
            PRODUCT,
            &serde_json::from_value(table.product.clone()).unwrap(),
            &vector_signer(),
        )
    };
    assert_eq!(resume(&table).unwrap().event_count, 3);
    table.product["status"] = json!("active");
    assert_eq!(resume(&table), Err(NotExtendable));
}
