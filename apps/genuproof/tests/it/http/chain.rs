//! `POST` and `GET /api/products/events`: the chain over HTTP.

use aws_sdk_dynamodb::types::AttributeValue;
use genuproof::domain::crypto::EMPTY_SHA256;
use genuproof::domain::event::HashedEvent;
use genuproof::settings::DEFAULT_TABLE;
use serde_json::{Value, json};

use crate::http::site::{Brand, Site, members, text};

async fn start() -> (Site, Brand, String) {
    let site = Site::start().await;
    let brand = site.brand("Maison").await;
    let id = text(&site.product(&brand, "Watch").await["productId"]);
    (site, brand, id)
}

#[tokio::test]
async fn an_event_is_stored_as_sent_and_its_hash_can_be_recomputed() {
    let (site, brand, id) = start().await;
    let data = json!({ "trackingNumber": "FX-1", "weights": [1, 2.50, { "kg": null }], "é": "ü" });
    let body = json!({
        "productId": id, "type": "shipped", "actor": "FedEx (FX-1)", "location": "Lyon, France",
        "coordinates": { "lat": 45.76, "lng": 4.84 }, "data": data,
    });
    let answer = site.post_as(&brand, "/api/products/events", &body).await;
    let appended = answer.ok();
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(
        members(&appended),
        ["hash", "previousHash", "timestamp", "type"]
    );
    assert_eq!(appended["type"], "shipped");

    let chain = chain(&site, &id).await;
    assert_eq!(members(&chain), ["chainValid", "count", "events"]);
    assert_eq!(
        (&chain["chainValid"], &chain["count"]),
        (&json!(true), &json!(2))
    );
    let event = &chain["events"][1];
    assert_eq!(
        members(event),
        [
            "actor",
            "data",
            "hash",
            "location",
            "previousHash",
            "timestamp",
            "type"
        ]
    );
    assert_eq!(event["data"], data);
    for field in ["hash", "previousHash", "timestamp", "type"] {
        assert_eq!(event[field], appended[field]);
    }
    let hashed = HashedEvent {
        product_id: &id,
        kind: "shipped",
        actor: "FedEx (FX-1)",
        location: Some("Lyon, France"),
        timestamp: event["timestamp"].as_str().unwrap(),
        data: data.as_object().unwrap(),
        previous_hash: event["previousHash"].as_str().unwrap(),
    };
    assert_eq!(text(&event["hash"]), hashed.hash().to_string());
}

#[tokio::test]
async fn without_data_it_is_an_empty_object_and_transferred_sets_the_status() {
    let (site, brand, id) = start().await;
    for kind in ["received", "inspected", "sold", "custom", "transferred"] {
        let body = json!({ "productId": id, "type": kind, "actor": "Somebody", "location": "" });
        site.post_as(&brand, "/api/products/events", &body)
            .await
            .ok();
    }
    let chain = chain(&site, &id).await;
    assert_eq!(chain["chainValid"], true);
    assert_eq!(chain["events"][1]["data"], json!({}));
    assert_eq!(chain["events"][1]["location"], Value::Null);
    assert_links(&chain, 6);
    let found = site
        .get(&format!("/api/products/search?productId={id}"))
        .await
        .ok();
    assert_eq!(found["product"]["status"], "transferred");
}

#[tokio::test]
async fn a_recalled_product_is_recalled_once_and_not_handed_on() {
    let (site, brand, id) = start().await;
    let send = async |kind: &str| {
        let body = json!({ "productId": id, "type": kind, "actor": "Maison", "data": { "reason": "The crown lets water in." } });
        site.post_as(&brand, "/api/products/events", &body).await
    };
    send("recalled").await.ok();
    assert!(
        send("recalled")
            .await
            .error(400)
            .contains("already recalled")
    );
    assert!(send("transferred").await.error(400).contains("recalled"));
    let verified = site
        .get(&format!(
            "/api/products/verify?productId={id}&metadata=true"
        ))
        .await
        .ok();
    assert_eq!(verified["product"]["status"], "recalled");
    assert_eq!(verified["authentic"], true);
    let warnings = verified["warnings"].to_string();
    assert!(
        warnings.contains("recall") && warnings.contains("water in"),
        "{warnings}"
    );
}

#[tokio::test]
async fn an_event_that_cannot_be_is_refused_and_nothing_is_written() {
    let (site, brand, id) = start().await;
    let items = site.items().await;
    let with = |field: &str, value: Value| {
        let mut body = json!({ "productId": id, "type": "shipped", "actor": "FedEx" });
        body[field] = value;
        body
    };
    for (body, word) in [
        (json!({}), "required"),
        (with("type", json!("")), "required"),
        (with("actor", Value::Null), "required"),
        (with("type", json!("Shipped")), "manufactured"),
        (with("actor", json!("x".repeat(201))), "200"),
        (with("location", json!({})), "text"),
        (with("data", json!([])), "object"),
        (
            with("coordinates", json!({ "lat": 91, "lng": 0 })),
            "coordinates.lat",
        ),
        (with("coordinates", json!({ "lat": 1 })), "coordinates.lng"),
        (with("productId", json!("x".repeat(129))), "128"),
    ] {
        let answer = site.post_as(&brand, "/api/products/events", &body).await;
        let error = answer.error(400);
        assert!(error.contains(word), "{error}");
    }
    for unknown in ["nonsense#", "00112233445566778899aabbccddeeff"] {
        let body = with("productId", json!(unknown));
        site.post_as(&brand, "/api/products/events", &body)
            .await
            .error(404);
    }
    assert_eq!(site.items().await, items);
    site.get("/api/products/events").await.error(400);
    site.get("/api/products/events?productId=unknown")
        .await
        .error(404);
}

#[tokio::test]
async fn a_chain_that_was_tampered_with_shows_it_everywhere_and_is_not_extended() {
    let (site, brand, id) = start().await;
    let body = json!({ "productId": id, "type": "shipped", "actor": "FedEx" });
    site.post_as(&brand, "/api/products/events", &body)
        .await
        .ok();
    // Somebody who can write the table sets the status back and cuts the last event off.
    let client = site.engine.past_faults().client();
    let partition = AttributeValue::S(format!("PRODUCT#{id}"));
    let events = client
        .query()
        .table_name(DEFAULT_TABLE)
        .key_condition_expression("PK = :pk AND begins_with(SK, :sk)")
        .expression_attribute_values(":pk", partition.clone())
        .expression_attribute_values(":sk", AttributeValue::S("EVENT#".into()))
        .send()
        .await
        .unwrap();
    let last = events.items().last().unwrap();
    client
        .delete_item()
        .table_name(DEFAULT_TABLE)
        .key("PK", partition)
        .key("SK", last["SK"].clone())
        .send()
        .await
        .unwrap();

    assert_eq!(chain(&site, &id).await["chainValid"], false);
    let verified = site
        .get(&format!(
            "/api/products/verify?productId={id}&metadata=true"
        ))
        .await
        .ok();
    assert_eq!(verified["authentic"], false);
    assert_eq!(verified["certificate"]["chainIntegrity"], false);
    assert_eq!(verified["certificate"]["signatureValid"], true);
    assert!(verified["warnings"].to_string().contains("chain"));
    let answer = site.post_as(&brand, "/api/products/events", &body).await;
    assert!(answer.error(409).contains("chain"));
}

pub async fn chain(site: &Site, id: &str) -> Value {
    site.get(&format!("/api/products/events?productId={id}"))
        .await
        .ok()
}

/// Every event follows the one before it, later by a millisecond at least, and none stands twice.
pub fn assert_links(chain: &Value, count: usize) {
    let events = chain["events"].as_array().unwrap();
    assert_eq!(events.len(), count);
    assert_eq!(events[0]["previousHash"], EMPTY_SHA256);
    for pair in events.windows(2) {
        assert_eq!(pair[1]["previousHash"], pair[0]["hash"]);
        assert!(text(&pair[0]["timestamp"]) < text(&pair[1]["timestamp"]));
    }
}
