//! Items as the first `GenuProof` wrote them.

use genuproof::domain::chain::Unsealed;
use genuproof::domain::crypto::sha256;
use genuproof::domain::event::EventKind;
use genuproof::domain::ids::{Form as _, ProductId, Ref, VerificationCode};
use genuproof::domain::input::Target;
use genuproof::store::AppendError;
use serde_json::json;
use tokio::task::JoinSet;

use crate::world::*;

const PRODUCT: &str = "00112233445566778899aabbccddeeff";
const BRAND: &str = "3f2b8c1e-5d47-4a90-9c11-7e0a6b2d4f55";
const CREATED: &str = "2026-03-01T09:30:00.000Z";
const CODE: &str = "-Pn6-_z9_v8B";

fn taken_over() -> Unsealed {
    Unsealed::RegisteredBefore("2026-06-01T00:00:00.000Z".parse().unwrap())
}

fn target() -> Target {
    Target::Code(Ref::Named(VerificationCode::parse(CODE).unwrap()))
}

pub fn product() -> ProductId {
    ProductId::parse(PRODUCT).unwrap()
}

/// A brand and a product of its batch: no hash lookup, no listing, no seal; hashed by the first rule.
pub async fn legacy(unsealed: Unsealed) -> World {
    let world = world_on(crate::world::engine(), unsealed).await;
    world.clock.set("2026-07-01T00:00:00.000Z");
    let empty = sha256("").to_string();
    let first_hash = "eae68f93758b14749effbf29d5a61714afd160335bb7214062af5bec8fc06687";
    let pk = format!("PRODUCT#{PRODUCT}");
    let second_hash = sha256(&format!(
        r#"{{"productId":"{PRODUCT}","type":"shipped","actor":"FedEx","timestamp":"2026-03-02T10:00:00.000Z","data":{{"trackingNumber":"FX-1","carrierStatus":"picked_up","source":"shipping_webhook"}},"previousHash":"{first_hash}"}}"#
    ));
    for item in [
        json!({
            "PK": format!("BRAND#{BRAND}"), "SK": "PROFILE", "GSI1PK": format!("BRAND#{BRAND}"), "GSI1SK": "PROFILE", "id": BRAND,
            "name": "Maison Test", "domain": "maison.example", "industry": "fashion", "logoUrl": null, "plan": "free",
            "createdAt": "2026-02-01T00:00:00.000Z", "productCount": 0, "scanCount": 0,
        }),
        json!({"PK": format!("BRAND#{BRAND}"), "SK": "STATS", "productCount": 1, "scanCount": 0, "threatCount": 0}),
        json!({
            "PK": pk, "SK": "META", "GSI1PK": format!("BRAND#{BRAND}"), "GSI1SK": format!("PRODUCT#{CREATED}"),
            "productId": PRODUCT, "brandId": BRAND, "brandName": "Maison Test", "name": "Plain", "sku": null, "category": null,
            "description": null, "imageUrl": null, "verificationCode": CODE,
            "hash": "ca55c7ceb04cf9c727c2f846dd6f0c40aaac5c296b24024fa44aaa656abfaea9",
            "signature": "76385aae7eaf2a1a166043112d62bfe28bd73aee67a88b9234b06f02c92c83ec",
            "status": "active", "metadata": {}, "createdAt": CREATED, "updatedAt": CREATED, "scanCount": 0,
        }),
        json!({
            "PK": format!("VERIFY#{CODE}"), "SK": "META", "GSI1PK": format!("VERIFY#{CODE}"), "GSI1SK": "META",
            "productId": PRODUCT, "brandId": BRAND,
        }),
        json!({
            "PK": pk, "SK": format!("EVENT#{CREATED}#manufactured"), "productId": PRODUCT, "type": "manufactured",
            "actor": "Maison Test", "location": "Geneva, Switzerland", "timestamp": CREATED,
            "data": {"registeredBy": BRAND, "batch": true}, "hash": first_hash, "previousHash": empty,
        }),
        json!({
            "PK": pk, "SK": "EVENT#2026-03-02T10:00:00.000Z#shipped", "productId": PRODUCT, "type": "shipped",
            "actor": "FedEx (FX-1)", "location": "Lyon", "timestamp": "2026-03-02T10:00:00.000Z",
            "data": {"carrier": "FedEx", "trackingNumber": "FX-1", "carrierStatus": "picked_up", "source": "shipping_webhook"},
            "hash": second_hash.to_string(), "previousHash": first_hash,
        }),
    ] {
        world.put(item_of(&object(item))).await;
    }
    world
}

#[tokio::test]
async fn a_product_of_before_the_takeover_is_authentic_where_that_is_said_and_nowhere_else() {
    for (unsealed, expect) in [
        (taken_over(), true),
        (Unsealed::Never, false),
        (Unsealed::RegisteredBefore(CREATED.parse().unwrap()), false),
    ] {
        let world = legacy(unsealed.clone()).await;
        let looked = world
            .store
            .verify(&target(), caller(), None)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            looked.verdict.authentic, expect,
            "{unsealed:?} {:?}",
            looked.verdict.warnings
        );
        assert_eq!(looked.events.len(), 2);
        let refused = world
            .store
            .append(&product(), happening(EventKind::Sold, "Boutique"))
            .await;
        assert_eq!(refused.is_ok(), expect);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn its_first_scans_write_the_listing_that_was_left_out() {
    let world = legacy(taken_over()).await;
    let mut tasks = JoinSet::new();
    for _ in 0..20 {
        let store = world.store.clone();
        tasks.spawn(async move {
            store
                .verify(&target(), caller(), Some(&place()))
                .await
                .unwrap()
                .unwrap()
                .recorded
        });
    }
    while let Some(done) = tasks.join_next().await {
        assert!(done.unwrap());
    }
    let listing = world.items("PRODUCT_INDEX", "PRODUCT#").await;
    assert_eq!(listing.len(), 1);
    assert_eq!(
        (count_in(&listing[0], "scanCount"), &listing[0]["name"]),
        (20, &text("Plain"))
    );
    assert_eq!(count_in(&world.meta(&product()).await, "scanCount"), 20);
    let stats = world.get(&format!("BRAND#{BRAND}"), "STATS").await.unwrap();
    assert_eq!(count_in(&stats, "scanCount"), 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn its_next_events_seal_it() {
    let world = legacy(taken_over()).await;
    let mut tasks = JoinSet::new();
    for _ in 0..10 {
        let store = world.elsewhere();
        tasks.spawn(async move {
            store
                .append(&product(), happening(EventKind::Sold, "Boutique"))
                .await
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap().unwrap();
    }
    let looked = world
        .store
        .verify(&target(), caller(), None)
        .await
        .unwrap()
        .unwrap();
    assert!(looked.verdict.authentic, "{:?}", looked.verdict.warnings);
    assert_eq!(looked.events.len(), 12);
    assert_eq!(count_in(&world.meta(&product()).await, "eventCount"), 12);
    let last = world.events(&product()).await.pop().unwrap();
    world.delete(&last).await;
    assert!(
        !world
            .store
            .chain(&product())
            .await
            .unwrap()
            .unwrap()
            .is_valid,
        "sealed"
    );
}

#[tokio::test]
async fn events_of_any_type_and_time_are_part_of_its_chain() {
    let world = legacy(taken_over()).await;
    let previous = world.events(&product()).await.pop().unwrap()["hash"]
        .as_s()
        .unwrap()
        .clone();
    let (kind, at) = ("quality check%", "2026-03-05T08:00:00+02:00");
    let hash = sha256(&format!(
        r#"{{"productId":"{PRODUCT}","type":"{kind}","actor":"Lab","timestamp":"{at}","data":{{}},"previousHash":"{previous}"}}"#
    ));
    let event = json!({
        "PK": format!("PRODUCT#{PRODUCT}"), "SK": format!("EVENT#{at}#{kind}"), "productId": PRODUCT, "type": kind, "actor": "Lab",
        "location": null, "coordinates": {"lat": 1.5, "lng": 2}, "timestamp": at, "data": {}, "hash": hash.to_string(),
        "previousHash": previous,
    });
    world.put(item_of(&object(event))).await;
    let looked = world
        .store
        .verify(&target(), caller(), None)
        .await
        .unwrap()
        .unwrap();
    assert!(looked.verdict.authentic, "{:?}", looked.verdict.warnings);
    assert_eq!(looked.events.len(), 3);
    world.clock.set("2026-03-04T00:00:00.000Z");
    let appended = world
        .store
        .append(&product(), happening(EventKind::Sold, "Boutique"))
        .await;
    // 08:00 in its zone is 06:00 UTC, whose text sorts before: nothing can be written behind it at that time.
    assert!(matches!(appended, Err(AppendError::Broken(_))));
    world.clock.set("2026-03-06T00:00:00.000Z");
    world
        .store
        .append(&product(), happening(EventKind::Sold, "Boutique"))
        .await
        .unwrap();
    assert!(
        world
            .store
            .verify(&target(), caller(), None)
            .await
            .unwrap()
            .unwrap()
            .verdict
            .authentic
    );
}
