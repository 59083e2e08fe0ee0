//! Whatever is done to the table by hand without the secret is noticed, and nothing of it is made good by a later event.

use genuproof::domain::chain::ChainFault;
use genuproof::domain::crypto::{EMPTY_SHA256, sha256};
use genuproof::domain::event::{EventKind, HashedEvent};
use genuproof::store::{AppendError, Verified};
use genuproof::table::{Brand, Product};
use serde_json::{Value, json};

use crate::world::*;

async fn travelled() -> (World, Brand, Product) {
    let world = world().await;
    let brand = world.brand("Maison").await;
    let product = world.travelled(&brand, "Régate").await;
    (world, brand, product)
}

/// The hash that anybody can compute of an event.
fn hash_of(event: &Item) -> String {
    let text = |name: &str| event[name].as_s().unwrap().clone();
    let location = event["location"].as_s().ok().cloned();
    let data = object(plain(&event["data"]));
    HashedEvent {
        product_id: &text("productId"),
        kind: &text("type"),
        actor: &text("actor"),
        location: location.as_deref(),
        timestamp: &text("timestamp"),
        data: &data,
        previous_hash: &text("previousHash"),
    }
    .hash()
    .to_string()
}

fn plain(value: &aws_sdk_dynamodb::types::AttributeValue) -> Value {
    use aws_sdk_dynamodb::types::AttributeValue as A;
    match value {
        A::S(text) => json!(text),
        A::M(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), plain(value)))
            .collect(),
        A::Bool(bool) => json!(bool),
        other => panic!("{other:?}"),
    }
}

async fn check_broken(world: &World, product: &Product, what: &str) -> Verified {
    let looked = world.look(product).await;
    assert!(
        !looked.verdict.authentic && !looked.certificate.chain_integrity,
        "{what}"
    );
    assert!(
        looked
            .verdict
            .warnings
            .iter()
            .any(|warning| warning.contains("chain")),
        "{what}: {:?}",
        looked.verdict.warnings
    );
    assert!(
        !world
            .store
            .chain(&product.id)
            .await
            .unwrap()
            .unwrap()
            .is_valid,
        "{what}"
    );
    looked
}

#[tokio::test]
async fn every_attribute_of_every_event_is_covered() {
    let (world, _, product) = travelled().await;
    for event in world.events(&product.id).await {
        for (attribute, value) in [
            ("actor", json!("Somebody")),
            ("location", json!("Elsewhere")),
            ("location", json!(null)),
            ("type", json!("inspected")),
            ("timestamp", json!("2026-03-01T09:30:00.777Z")),
            ("data", json!({"note": "another"})),
            ("data", json!({})),
            ("hash", json!(sha256("x").to_string())),
            ("hash", json!(7)),
            ("previousHash", json!(sha256("x").to_string())),
            ("previousHash", json!(null)),
            ("productId", json!("00112233445566778899aabbccddeeff")),
            ("hashVersion", json!(1)),
            ("hashVersion", json!("2")),
        ] {
            let mut altered = event.clone();
            let value = self::attribute(&value);
            if altered[attribute] == value {
                continue;
            }
            altered.insert(attribute.to_owned(), value);
            world.put(altered).await;
            check_broken(&world, &product, attribute).await;
        }
        for attribute in [
            "actor",
            "type",
            "timestamp",
            "data",
            "hash",
            "previousHash",
            "productId",
            "hashVersion",
        ] {
            let mut altered = event.clone();
            altered.remove(attribute);
            world.put(altered).await;
            check_broken(&world, &product, &format!("no {attribute}")).await;
        }
        world.put(event).await;
        assert!(world.look(&product).await.verdict.authentic, "put back");
    }
}

#[tokio::test]
async fn no_event_can_be_taken_out() {
    let (world, _, product) = travelled().await;
    let events = world.events(&product.id).await;
    for event in &events {
        world.delete(event).await;
        check_broken(&world, &product, "one").await;
        world.put(event.clone()).await;
    }
    for event in &events {
        world.delete(event).await;
    }
    let looked = check_broken(&world, &product, "all").await;
    assert!(looked.verdict.chain.faults.contains(&ChainFault::Empty));
}

#[tokio::test]
async fn a_forgery_with_a_right_link_is_noticed_and_not_sealed_by_the_next_event() {
    let (world, _, product) = travelled().await;
    let mut forged = world.events(&product.id).await.pop().unwrap();
    let sk = "EVENT#2026-03-05T00:00:00.000Z#sold";
    for (name, value) in [
        ("SK", sk),
        ("type", "sold"),
        ("timestamp", "2026-03-05T00:00:00.000Z"),
        ("actor", "Thief"),
    ] {
        forged.insert(name.to_owned(), text(value));
    }
    forged.insert("previousHash".to_owned(), forged["hash"].clone());
    forged.insert("hash".to_owned(), text(&hash_of(&forged)));
    world.put(forged.clone()).await;
    check_broken(&world, &product, "appended").await;

    // With the numbers in the product's item to match.
    let honest = world.meta(&product.id).await;
    let mut meta = honest.clone();
    meta.insert("eventCount".to_owned(), number(4));
    meta.insert("chainHead".to_owned(), forged["hash"].clone());
    world.put(meta).await;
    check_broken(&world, &product, "appended and counted").await;
    let before = world.everything().await;
    let refused = world
        .store
        .append(&product.id, happening(EventKind::Sold, "Boutique"))
        .await
        .unwrap_err();
    assert!(matches!(refused, AppendError::Broken(_)), "{refused}");
    assert_eq!(world.everything().await, before);

    // And where only the forged event lies behind the sealed one.
    world.put(honest).await;
    let before = world.everything().await;
    let refused = world
        .store
        .append(&product.id, happening(EventKind::Sold, "Boutique"))
        .await
        .unwrap_err();
    assert!(matches!(refused, AppendError::Broken(_)), "{refused}");
    assert_eq!(world.everything().await, before);
}

#[tokio::test]
async fn a_chain_written_anew_is_noticed_with_and_without_its_seal() {
    let (world, _, product) = travelled().await;
    let mut previous = EMPTY_SHA256.to_owned();
    for mut event in world.events(&product.id).await {
        event.insert("actor".to_owned(), text("Thief"));
        event.insert("previousHash".to_owned(), text(&previous));
        previous = hash_of(&event);
        event.insert("hash".to_owned(), text(&previous));
        world.put(event).await;
    }
    check_broken(&world, &product, "rewritten").await;
    let mut meta = world.meta(&product.id).await;
    meta.insert("chainHead".to_owned(), text(&previous));
    world.put(meta.clone()).await;
    check_broken(&world, &product, "rewritten, head too").await;
    for attribute in ["chainSeal", "chainHead", "eventCount"] {
        meta.remove(attribute);
        world.put(meta.clone()).await;
        check_broken(&world, &product, attribute).await;
    }
    for mut event in world.events(&product.id).await {
        event.remove("hashVersion");
        world.put(event).await;
    }
    check_broken(&world, &product, "as if it were of the first program").await;
    let refused = world
        .store
        .append(&product.id, happening(EventKind::Sold, "Boutique"))
        .await
        .unwrap_err();
    assert!(matches!(refused, AppendError::Broken(_)), "{refused}");
}

#[tokio::test]
async fn a_last_event_moved_in_time_is_not_followed() {
    let (world, _, product) = travelled().await;
    let mut last = world.events(&product.id).await.pop().unwrap();
    world.delete(&last).await;
    last.insert(
        "SK".to_owned(),
        text("EVENT#9000-01-01T00:00:00.000Z#received"),
    );
    world.put(last).await;
    let refused = world
        .store
        .append(&product.id, happening(EventKind::Sold, "Boutique"))
        .await
        .unwrap_err();
    assert!(matches!(refused, AppendError::Broken(_)), "{refused}");
}

#[tokio::test]
async fn a_recall_cannot_be_undone_by_hand() {
    let (world, _, product) = travelled().await;
    world
        .store
        .append(&product.id, happening(EventKind::Recalled, "Maison"))
        .await
        .unwrap();
    let mut meta = world.meta(&product.id).await;
    meta.insert("status".to_owned(), text("active"));
    world.put(meta).await;
    let looked = world.look(&product).await;
    assert!(!looked.verdict.authentic && !looked.certificate.chain_integrity);
    let warnings = looked.verdict.warnings.join(" ");
    assert!(
        warnings.contains("status differs") && warnings.contains("recall"),
        "{warnings}"
    );
    let refused = world
        .store
        .append(&product.id, happening(EventKind::Sold, "Boutique"))
        .await
        .unwrap_err();
    assert!(matches!(refused, AppendError::Broken(_)), "{refused}");
}

#[tokio::test]
async fn an_altered_record_is_a_mismatch_and_a_rehashed_one_is_not_signed() {
    let (world, brand, product) = travelled().await;
    let honest = world.meta(&product.id).await;
    let mut meta = honest.clone();
    meta.insert("name".to_owned(), text("Régate Gold"));
    world.put(meta.clone()).await;
    let verdict = world.scan(&product).await.verdict;
    assert!(!verdict.authentic && !verdict.hash_match && verdict.signature_valid);
    assert!(verdict.warnings[0].contains("mismatch") && verdict.warnings[0].contains("tampering"));
    assert_eq!(count_in(&world.meta(&product.id).await, "scanCount"), 1);
    let scans = world
        .items(&format!("PRODUCT#{}", product.id), "SCAN#")
        .await;
    assert_eq!(scans[0]["result"], text("suspicious"));

    let altered = genuproof::domain::product::HashedFields {
        product_id: product.id.as_str(),
        brand_id: brand.id.as_str(),
        name: "Régate Gold",
        sku: None,
        metadata: &object(json!({})),
        created_at: product.created_at.text().unwrap(),
    };
    meta.insert("hash".to_owned(), text(&altered.hash().to_string()));
    world.put(meta).await;
    let verdict = world.look(&product).await.verdict;
    assert!(!verdict.authentic && verdict.hash_match && !verdict.signature_valid);
    assert!(verdict.warnings[0].contains("signature"));
}

#[tokio::test]
async fn scans_of_an_altered_record_count_for_the_brand_of_the_code() {
    let (world, brand, product) = travelled().await;
    let other = world.brand("Other").await;
    let listings = world.items("PRODUCT_INDEX", "PRODUCT#").await.len();
    for (attribute, value) in [
        ("brandId", json!(other.id)),
        ("createdAt", json!("2025-01-01T00:00:00.000Z")),
        ("createdAt", json!(7)),
    ] {
        let honest = world.meta(&product.id).await;
        let mut meta = honest.clone();
        meta.insert(attribute.to_owned(), self::attribute(&value));
        world.put(meta).await;
        let scanned = world.scan(&product).await;
        assert!(
            !scanned.verdict.authentic && scanned.recorded,
            "{attribute}"
        );
        world.put(honest).await;
    }
    let counted = |brand: Brand| {
        let store = world.store.clone();
        async move {
            store
                .brand(&brand.id)
                .await
                .unwrap()
                .unwrap()
                .stats
                .scan_count
        }
    };
    assert_eq!((counted(brand).await, counted(other).await), (3, 0));
    assert_eq!(
        world.items("PRODUCT_INDEX", "PRODUCT#").await.len(),
        listings,
        "none is made where a forger says"
    );
}

#[tokio::test]
async fn a_code_pointed_at_another_product_is_not_authentic() {
    let (world, brand, product) = travelled().await;
    let other = world.product(&brand, "Other").await;
    let pk = format!("VERIFY#{}", product.verification_code.text().unwrap());
    let mut lookup = world.get(&pk, "META").await.unwrap();
    lookup.insert("productId".to_owned(), text(other.id.as_str()));
    world.put(lookup.clone()).await;
    let looked = world.look(&product).await;
    assert!(!looked.verdict.authentic && !looked.verdict.code_matches);
    assert!(looked.verdict.warnings[0].contains("another product"));
    assert_eq!(world.store.product(&code_of(&product)).await.unwrap(), None);
    for odd in [json!(7), json!("x"), json!(null), json!({})] {
        lookup.insert("productId".to_owned(), attribute(&odd));
        world.put(lookup.clone()).await;
        assert_eq!(
            world
                .store
                .verify(&code_of(&product), caller(), Some(&place()))
                .await
                .unwrap(),
            None
        );
    }
}

#[tokio::test]
async fn odd_and_missing_attributes_of_a_product_are_never_an_error() {
    let (world, brand, product) = travelled().await;
    let honest = world.meta(&product.id).await;
    let uncovered = [
        "brandName",
        "category",
        "description",
        "imageUrl",
        "updatedAt",
        "scanCount",
    ];
    let names: Vec<_> = honest
        .keys()
        .filter(|name| !["PK", "SK", "GSI1PK", "GSI1SK"].contains(&name.as_str()))
        .collect();
    assert!(names.len() > 18, "{names:?}");
    for name in names {
        let odd = [
            json!(-1),
            json!(1.5),
            json!("é"),
            json!([]),
            json!({"a": [1]}),
            json!(true),
            json!(null),
        ];
        let values = odd.iter().map(|value| Some(attribute(value)));
        let binary =
            aws_sdk_dynamodb::types::AttributeValue::B(aws_sdk_dynamodb::primitives::Blob::new([
                1, 2,
            ]));
        let set = aws_sdk_dynamodb::types::AttributeValue::Ns(vec!["1".to_owned()]);
        for value in values.chain([None, Some(binary), Some(set)]) {
            let mut meta = honest.clone();
            let was = meta.remove(name);
            meta.extend(value.clone().map(|value| (name.clone(), value)));
            if meta.get(name) == was.as_ref() {
                continue;
            }
            world.put(meta).await;
            let scanned = world
                .store
                .verify(&code_of(&product), caller(), Some(&place()))
                .await;
            let scanned = scanned
                .unwrap_or_else(|error| panic!("{name} {value:?}: {error}"))
                .unwrap();
            let is_same = (name == "sku" || name == "metadata")
                && !scanned
                    .verdict
                    .warnings
                    .iter()
                    .any(|warning| warning.contains("mismatch"));
            assert_eq!(
                scanned.verdict.authentic,
                uncovered.contains(&name.as_str()) || is_same,
                "{name} {value:?}"
            );
            assert!(scanned.recorded, "{name} {value:?}");
            world.store.products(&brand.id, 10, None).await.unwrap();
            world.store.chain(&product.id).await.unwrap().unwrap();
            world.store.scans(&product.id, 10).await.unwrap().unwrap();
        }
    }
    world.put(honest.clone()).await;
    assert!(world.look(&product).await.verdict.authentic);
    world.delete(&honest).await;
    assert_eq!(
        world
            .store
            .verify(&code_of(&product), caller(), Some(&place()))
            .await
            .unwrap(),
        None,
        "no product"
    );
    assert_eq!(world.store.chain(&product.id).await.unwrap(), None);
}

#[tokio::test]
async fn an_odd_claim_is_no_error() {
    let (world, _, product) = travelled().await;
    let pk = format!("PRODUCT#{}", product.id);
    for claim in [
        json!({"PK": pk, "SK": "CLAIM"}),
        json!({"PK": pk, "SK": "CLAIM", "fingerprint": 7, "consumerName": [], "claimedAt": {}, "ttl": "x", "disputed": 1}),
    ] {
        world.put(item_of(&object(claim))).await;
        let verdict = world.scan(&product).await.verdict;
        assert!(verdict.authentic && verdict.claim.claimed && !verdict.claim.is_claimant);
        assert!(world.store.claim(&product.id).await.unwrap().is_some());
    }
}
