//! Event hashes of the first `GenuProof` (version 1).
//!
//! It did not always hash what it stored, and it hashed `data` in whatever order an object had, so an event is tried with each
//! of the inputs that its writers used. It never covered the place.

use super::HashedEvent;
use crate::domain::canonical::{Object, Writer};
use crate::domain::crypto::{Digest, sha256};

/// The members of `data` in the order in which one of the writers hashed them. `data` of events sent by clients themselves had
/// the client's order; when it had several keys that were not sorted, its hash cannot be recomputed from the table.
const WRITERS: [&[&str]; 4] = [
    // transfer
    &["reason", "previousOwner"],
    // incoming sale
    &["orderId", "platform", "amount", "currency", "source"],
    // incoming warehouse report
    &["action", "bay", "inspectorId", "notes", "source"],
    // simulated journey
    &[
        "source",
        "carrier",
        "trackingNumber",
        "platform",
        "orderId",
        "simulated",
    ],
];

/// Incoming shipping report: hashed without `carrier`, and with the bare carrier as actor.
const SHIPPING: &[&str] = &["trackingNumber", "carrierStatus", "signedBy", "source"];

/// Whether `stored` is the hash that the first `GenuProof` gave this event.
pub fn hash_matches(event: &HashedEvent<'_>, brand_id: Option<&str>, stored: &str) -> bool {
    if hash(event, event.actor, sorted(event.data)).matches(stored) {
        return true;
    }
    if WRITERS.iter().any(|order| {
        ordered(event.data, order, &[])
            .is_some_and(|data| hash(event, event.actor, data).matches(stored))
    }) {
        return true;
    }
    if let Some(carrier) = event
        .data
        .get("carrier")
        .and_then(|carrier| carrier.as_str())
        && let Some(tracking) = event
            .data
            .get("trackingNumber")
            .and_then(|tracking| tracking.as_str())
        && event.actor == format!("{carrier} ({tracking})")
        && let Some(data) = ordered(event.data, SHIPPING, &["carrier"])
        && hash(event, carrier, data).matches(stored)
    {
        return true;
    }
    // First events were hashed with the brand's id for an actor and without data, and stored with the brand's name and with
    // who registered the product.
    if let Some(brand_id) = brand_id
        && event.kind == "manufactured"
        && ordered(event.data, &[], &["registeredBy", "batch"]).is_some()
        && event
            .data
            .get("registeredBy")
            .is_none_or(|by| by.as_str() == Some(brand_id))
    {
        return hash(event, brand_id, Writer::new()).matches(stored);
    }
    false
}

fn hash(event: &HashedEvent<'_>, actor: &str, data: Writer) -> Digest {
    sha256(
        &Writer::new()
            .text("productId", event.product_id)
            .text("type", event.kind)
            .text("actor", actor)
            .text("timestamp", event.timestamp)
            .written("data", data)
            .text("previousHash", event.previous_hash)
            .finish(),
    )
}

fn sorted(data: &Object) -> Writer {
    let mut members: Vec<_> = data.iter().collect();
    members.sort_unstable_by_key(|(key, _)| key.as_str());
    members
        .into_iter()
        .fold(Writer::new(), |writer, (key, value)| {
            writer.value(key, value)
        })
}

/// The members that are there, in the order given; `None` when there is one that is neither hashed nor left out.
fn ordered(data: &Object, order: &[&str], left_out: &[&str]) -> Option<Writer> {
    let known = |key: &String| order.contains(&key.as_str()) || left_out.contains(&key.as_str());
    data.keys().all(known).then(|| {
        order
            .iter()
            .fold(Writer::new(), |writer, key| match data.get(*key) {
                Some(value) => writer.value(key, value),
                None => writer,
            })
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::tests::{first_item, second_item, stored};
    use crate::domain::crypto::{EMPTY_SHA256, sha256};
    use crate::domain::product::tests::{BRAND, CREATED, PRODUCT};

    fn check(item: &Value, hash: &str) -> bool {
        let mut item = item.clone();
        item.as_object_mut().unwrap().remove("hashVersion");
        item["hash"] = hash.into();
        stored(item).hash_matches(PRODUCT, Some(BRAND))
    }

    #[test]
    fn the_published_hashes_of_version_1_match() {
        assert!(
            check(
                &first_item(),
                "ab623e524cd8ec21c8afbbef0b286a12be5904fc0e3a6e54900e31c3ccca13c6"
            ),
            "as shown"
        );
        assert!(
            check(
                &first_item(),
                "eae68f93758b14749effbf29d5a61714afd160335bb7214062af5bec8fc06687"
            ),
            "as the original hashed it"
        );
        // Its link is that of version 1 here: the vector keeps the version 2 hash before it.
        assert!(check(
            &second_item(),
            "88580ce222dbba00b11e8af382d6ecbf8315a54a0159e8a68b4771b1d2405c5a"
        ));
        assert!(!check(
            &first_item(),
            "88580ce222dbba00b11e8af382d6ecbf8315a54a0159e8a68b4771b1d2405c5a"
        ));
    }

    /// `hashed` is the `data` text that the writer hashed; `shown` is what it stored.
    fn written(
        kind: &str,
        hashed_actor: &str,
        hashed: &str,
        shown_actor: &str,
        shown: &Value,
    ) -> bool {
        let hash = sha256(&format!(
            r#"{{"productId":"{PRODUCT}","type":"{kind}","actor":"{hashed_actor}","timestamp":"{CREATED}","data":{hashed},"previousHash":"{EMPTY_SHA256}"}}"#
        ));
        let item = json!({
            "productId": PRODUCT, "type": kind, "actor": shown_actor, "location": "anywhere", "timestamp": CREATED, "data": shown,
            "previousHash": EMPTY_SHA256,
        });
        check(&item, &hash.to_string())
    }

    #[test]
    fn every_writer_of_the_original_is_recognised() {
        for (hashed, shown) in [
            (r#"{"bulk":true}"#, json!({"bulk": true})),
            (
                r#"{"reason":"gift","previousOwner":"Maison"}"#,
                json!({"previousOwner": "Maison", "reason": "gift"}),
            ),
            (
                r#"{"reason":"sharp edge"}"#,
                json!({"reason": "sharp edge"}),
            ),
            (
                r#"{"orderId":"1","platform":"shopify","amount":12.5,"source":"pos_webhook"}"#,
                json!({"amount": 12.50, "orderId": "1", "platform": "shopify", "source": "pos_webhook"}),
            ),
            (
                r#"{"action":"stored","bay":"B4","notes":"ok","source":"warehouse_webhook"}"#,
                json!({"bay": "B4", "action": "stored", "notes": "ok", "source": "warehouse_webhook"}),
            ),
            (
                r#"{"source":"shipping_webhook","carrier":"DHL","trackingNumber":"DHL-1","simulated":true}"#,
                json!({"carrier": "DHL", "simulated": true, "source": "shipping_webhook", "trackingNumber": "DHL-1"}),
            ),
            ("{}", json!({})),
        ] {
            assert!(
                written("custom", "Somebody", hashed, "Somebody", &shown),
                "{hashed}"
            );
        }
        let shipping = json!({"carrier": "UPS", "trackingNumber": "U1", "carrierStatus": "delivered", "signedBy": "J", "source": "shipping_webhook"});
        let hashed = r#"{"trackingNumber":"U1","carrierStatus":"delivered","signedBy":"J","source":"shipping_webhook"}"#;
        assert!(written("received", "UPS", hashed, "UPS (U1)", &shipping));
        assert!(!written("received", "UPS", hashed, "Thief (U1)", &shipping));
        assert!(written(
            "manufactured",
            BRAND,
            "{}",
            "Maison",
            &json!({"registeredBy": BRAND, "batch": true})
        ));
    }

    #[test]
    fn data_beyond_what_a_writer_hashed_does_not_match() {
        assert!(!written(
            "manufactured",
            BRAND,
            "{}",
            "Maison",
            &json!({"registeredBy": "another"})
        ));
        assert!(!written(
            "manufactured",
            BRAND,
            "{}",
            "Maison",
            &json!({"registeredBy": BRAND, "note": "x"})
        ));
        assert!(!written(
            "shipped",
            BRAND,
            "{}",
            "Maison",
            &json!({"registeredBy": BRAND})
        ));
        assert!(!written(
            "recalled",
            "System",
            r#"{"reason":"a"}"#,
            "System",
            &json!({"reason": "b"})
        ));
    }
}
