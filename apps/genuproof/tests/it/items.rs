//! What is written has exactly the attributes, types and keys that other readers of the table rely upon.

use genuproof::domain::access::ApiKey;
use genuproof::domain::event::EventKind;
use genuproof::domain::ids::{Form as _, ProductId};
use genuproof::domain::input::{Coordinates, CreateBrand, ProductDetails};
use genuproof::store::{Happening, NewBrand};
use serde_json::{Value, json};

use crate::world::*;

const PRODUCT: &str = "00112233445566778899aabbccddeeff";
const BRAND: &str = "3f2b8c1e-5d47-4a90-9c11-7e0a6b2d4f55";
const CREATED: &str = "2026-03-01T09:30:00.000Z";

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b'-').collect();
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(pair).collect()
}

/// The brand and the product of the published vectors, drawn by dice that were told what to show.
async fn published() -> (World, NewBrand) {
    let world = world().await;
    world.dice.next(&hex(BRAND));
    let new = world.store.create_brand(CreateBrand {
        name: "Maison Test".to_owned(),
        domain: "maison.example".to_owned(),
        industry: "fashion".to_owned(),
        logo_url: None,
    });
    let new = new.await.unwrap();
    world.dice.next(&hex(PRODUCT));
    world
        .dice
        .next(&[0xf8, 0xf9, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe, 0xff, 0x01]);
    let product = ProductDetails {
        name: "Régate \"42\" \\ 腕時計".to_owned(),
        sku: Some("RG-42".to_owned()),
        category: Some("Watches".to_owned()),
        description: None,
        image_url: None,
        metadata: object(
            json!({"colour": "black", "limited": true, "nested": {"a": [1, 2, {"b": null}], "w": 1.5}, "qty": 3}),
        ),
        manufacturing_location: Some("Geneva, Switzerland".to_owned()),
    };
    world
        .store
        .register(&new.brand, product, false)
        .await
        .unwrap();
    (world, new)
}

async fn check(world: &World, pk: &str, sk: &str, expect: Value) {
    let item = world.get(pk, sk).await;
    let item = item.unwrap_or_else(|| panic!("{pk} {sk} is not there"));
    assert_eq!(typed(&item), expect, "{pk} {sk}");
}

#[tokio::test]
async fn a_brand_is_three_items() {
    let (world, new) = published().await;
    let pk = format!("BRAND#{BRAND}");
    let hash = ApiKey::parse(new.api_key.reveal())
        .unwrap()
        .hash()
        .to_string();
    let profile = json!({
        "PK": {"S": pk}, "SK": {"S": "PROFILE"}, "GSI1PK": {"S": pk}, "GSI1SK": {"S": "PROFILE"},
        "id": {"S": BRAND}, "name": {"S": "Maison Test"}, "domain": {"S": "maison.example"}, "industry": {"S": "fashion"},
        "logoUrl": {"NULL": true}, "plan": {"S": "free"}, "createdAt": {"S": CREATED}, "productCount": {"N": "0"},
        "scanCount": {"N": "0"}, "apiKeyHash": {"S": hash}, "apiKeyPrefix": {"S": new.api_key.prefix()},
    });
    check(&world, &pk, "PROFILE", profile).await;
    let stats = json!({
        "PK": {"S": pk}, "SK": {"S": "STATS"}, "productCount": {"N": "1"}, "scanCount": {"N": "0"}, "threatCount": {"N": "0"},
    });
    check(&world, &pk, "STATS", stats).await;
    let sk = format!("BRAND#{CREATED}#{BRAND}");
    let listing = json!({
        "PK": {"S": "BRAND_INDEX"}, "SK": {"S": sk}, "brandId": {"S": BRAND}, "name": {"S": "Maison Test"},
        "domain": {"S": "maison.example"}, "industry": {"S": "fashion"}, "plan": {"S": "free"}, "createdAt": {"S": CREATED},
    });
    check(&world, "BRAND_INDEX", &sk, listing).await;
    let all = world.everything().await;
    let secret = new.api_key.reveal();
    assert!(
        !format!("{all:?}").contains(secret),
        "the key itself is nowhere"
    );
}

#[tokio::test]
async fn a_product_is_the_published_vector_with_its_lookups_listing_and_first_event() {
    let (world, _) = published().await;
    let hash = "ef5a98da17309c2add0c5531a5cbaa30dd2ec9ff15f4ff00adb0a0165d35f678";
    let head = "2ef844b76155df00352500ed97fbd6e0e5661c1d52ebb0ce316a617d10bfca17";
    let pk = format!("PRODUCT#{PRODUCT}");
    let seal = signer().sign(&format!(
        r#"chain:{{"productId":"{PRODUCT}","eventCount":1,"head":"{head}","status":"active"}}"#
    ));
    let name = json!({"S": "Régate \"42\" \\ 腕時計"});
    let meta = json!({
        "PK": {"S": pk}, "SK": {"S": "META"}, "GSI1PK": {"S": format!("BRAND#{BRAND}")},
        "GSI1SK": {"S": format!("PRODUCT#{CREATED}")}, "productId": {"S": PRODUCT}, "brandId": {"S": BRAND},
        "brandName": {"S": "Maison Test"}, "name": name, "sku": {"S": "RG-42"}, "category": {"S": "Watches"},
        "description": {"NULL": true}, "imageUrl": {"NULL": true}, "verificationCode": {"S": "-Pn6-_z9_v8B"}, "hash": {"S": hash},
        "signature": {"S": "3bf946a51bd9e96fc840516977963285fb5af1f7d1b5a5e891218596a4479db6"}, "status": {"S": "active"},
        "metadata": {"M": {
            "colour": {"S": "black"}, "limited": {"BOOL": true}, "qty": {"N": "3"},
            "nested": {"M": {"a": {"L": [{"N": "1"}, {"N": "2"}, {"M": {"b": {"NULL": true}}}]}, "w": {"N": "1.5"}}},
        }},
        "createdAt": {"S": CREATED}, "updatedAt": {"S": CREATED}, "scanCount": {"N": "0"},
        "eventCount": {"N": "1"}, "chainHead": {"S": head}, "chainSeal": {"S": seal.to_string()},
    });
    check(&world, &pk, "META", meta).await;
    let lookup = |pk: &str| json!({"PK": {"S": pk}, "SK": {"S": "META"}, "productId": {"S": PRODUCT}, "brandId": {"S": BRAND}});
    let mut code = lookup("VERIFY#-Pn6-_z9_v8B");
    code["GSI1PK"] = json!({"S": "VERIFY#-Pn6-_z9_v8B"});
    code["GSI1SK"] = json!({"S": "META"});
    check(&world, "VERIFY#-Pn6-_z9_v8B", "META", code).await;
    check(
        &world,
        &format!("HASH#{hash}"),
        "META",
        lookup(&format!("HASH#{hash}")),
    )
    .await;
    let sk = format!("PRODUCT#{CREATED}#{PRODUCT}");
    let listing = json!({
        "PK": {"S": "PRODUCT_INDEX"}, "SK": {"S": sk}, "productId": {"S": PRODUCT}, "brandId": {"S": BRAND}, "name": name,
        "brandName": {"S": "Maison Test"}, "sku": {"S": "RG-42"}, "category": {"S": "Watches"}, "description": {"NULL": true},
        "status": {"S": "active"}, "verificationCode": {"S": "-Pn6-_z9_v8B"}, "hash": {"S": hash}, "createdAt": {"S": CREATED},
        "scanCount": {"N": "0"},
    });
    check(&world, "PRODUCT_INDEX", &sk, listing).await;
    let sk = format!("EVENT#{CREATED}#manufactured");
    let event = json!({
        "PK": {"S": pk}, "SK": {"S": sk}, "productId": {"S": PRODUCT}, "type": {"S": "manufactured"}, "actor": {"S": "Maison Test"},
        "location": {"S": "Geneva, Switzerland"}, "timestamp": {"S": CREATED}, "data": {"M": {"registeredBy": {"S": BRAND}}},
        "hash": {"S": head}, "previousHash": {"S": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        "hashVersion": {"N": "2"},
    });
    check(&world, &pk, &sk, event).await;
    let prefixes = [
        "WEBHOOK#",
        "INTEGRATION#",
        "PRODUCT#",
        "THREAT#",
        "EVENT#",
        "SCAN#",
        "DISPUTE#",
        "BRAND#",
        "ALERT#",
    ];
    let ours: Vec<_> = world
        .everything()
        .await
        .into_keys()
        .filter(|key| key.starts_with("UNIQUE#"))
        .collect();
    assert_eq!(ours.len(), 2, "name and sku");
    for key in ours {
        let sk = key.split(' ').nth(1).unwrap();
        assert!(
            prefixes.iter().all(|prefix| !sk.starts_with(prefix)),
            "{key}"
        );
    }
}

#[tokio::test]
async fn an_event_that_was_asked_for_has_its_point_or_null() {
    let (world, _) = published().await;
    let id = ProductId::parse(PRODUCT).unwrap();
    let sent = |coordinates| Happening {
        kind: EventKind::Shipped,
        actor: "FedEx (FX-1)".to_owned(),
        location: None,
        coordinates,
        data: object(json!({
            "carrier": "FedEx", "carrierStatus": "picked_up", "source": "shipping_webhook", "trackingNumber": "FX-1",
        })),
    };
    world.clock.set("2026-03-02T10:00:00.000Z");
    world.store.append(&id, sent(None)).await.unwrap();
    let point = Coordinates {
        lat: 46.2,
        lng: -6.5,
    };
    world.store.append(&id, sent(Some(point))).await.unwrap();
    let pk = format!("PRODUCT#{PRODUCT}");
    let sk = "EVENT#2026-03-02T10:00:00.000Z#shipped";
    let event = json!({
        "PK": {"S": pk}, "SK": {"S": sk}, "productId": {"S": PRODUCT}, "type": {"S": "shipped"}, "actor": {"S": "FedEx (FX-1)"},
        "location": {"NULL": true}, "coordinates": {"NULL": true}, "timestamp": {"S": "2026-03-02T10:00:00.000Z"},
        "data": {"M": {
            "carrier": {"S": "FedEx"}, "carrierStatus": {"S": "picked_up"}, "source": {"S": "shipping_webhook"},
            "trackingNumber": {"S": "FX-1"},
        }},
        "hash": {"S": "963b14e2ba7d7385261b1fc12f2c3079e803b481f0119859b438f3deea0b0914"},
        "previousHash": {"S": "2ef844b76155df00352500ed97fbd6e0e5661c1d52ebb0ce316a617d10bfca17"}, "hashVersion": {"N": "2"},
    });
    check(&world, &pk, sk, event).await;
    let later = world
        .get(&pk, "EVENT#2026-03-02T10:00:00.001Z#shipped")
        .await
        .unwrap();
    assert_eq!(
        typed(&later)["coordinates"],
        json!({"M": {"lat": {"N": "46.2"}, "lng": {"N": "-6.5"}}})
    );
    let meta = typed(&world.meta(&id).await);
    assert_eq!(
        (&meta["eventCount"]["N"], &meta["updatedAt"]["S"]),
        (&json!("3"), &json!(CREATED))
    );
}

#[tokio::test]
async fn a_scan_keeps_neither_address_nor_device() {
    let (world, _) = published().await;
    let id = ProductId::parse(PRODUCT).unwrap();
    world.clock.set("2026-03-03T08:00:00.000Z");
    world.dice.next(&hex("0123456789abcdef"));
    let product = world.store.table().products.get(&id).await.unwrap();
    world.scan(&product).await;
    let pk = format!("PRODUCT#{PRODUCT}");
    let sk = "SCAN#2026-03-03T08:00:00.000Z#0123456789abcdef";
    let scan = json!({
        "PK": {"S": pk}, "SK": {"S": sk}, "productId": {"S": PRODUCT}, "timestamp": {"S": "2026-03-03T08:00:00.000Z"},
        "country": {"S": "FR"}, "city": {"S": "Lyon"}, "userAgent": {"S": AGENT}, "result": {"S": "authentic"},
        "brandId": {"S": BRAND},
    });
    check(&world, &pk, sk, scan).await;
    assert!(!format!("{:?}", world.everything().await).contains(ADDRESS));
}

#[tokio::test]
async fn a_batch_product_differs_by_one_mark_in_its_first_event() {
    let (world, new) = published().await;
    let product = world
        .store
        .register(&new.brand, details("Second", None), true)
        .await
        .unwrap();
    let events = world.events(&product.id).await;
    assert_eq!(
        typed(&events[0])["data"],
        json!({"M": {"registeredBy": {"S": BRAND}, "batch": {"BOOL": true}}})
    );
    assert!(typed(&events[0])["location"]["NULL"].as_bool().unwrap());
    assert!(world.look(&product).await.verdict.authentic);
}
