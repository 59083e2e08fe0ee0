//! The verdict: what it costs, what it says, what a scan leaves.

use genuproof::domain::event::EventKind;
use genuproof::domain::ids::{Form as _, ProductId, Ref, VerificationCode};
use genuproof::domain::input::Target;
use genuproof::domain::verdict::Caller;
use genuproof::domain::{fingerprint, verdict::ClaimView};
use serde_json::json;
use tokio::task::JoinSet;

use crate::world::*;

#[tokio::test]
async fn a_verdict_costs_two_reads_and_a_scan_one_query_and_one_transaction_beside_them() {
    let world = world().await;
    let brand = world.brand("Maison").await;
    let product = world.travelled(&brand, "Régate").await;
    world.requests.take();

    world.look(&product).await;
    let looked = world.requests.take();
    assert_eq!(
        looked.into_iter().collect::<Vec<_>>(),
        [("GetItem", (1, 1.0)), ("Query", (1, 1.0))],
        "a unit for each 4 KB read consistently"
    );

    world.scan(&product).await;
    let scanned = world.requests.take();
    // Twice a unit for each of four items of at most 1 KB, and what the index of products takes of one of them.
    let writes = scanned["TransactWriteItems"];
    // A second query looks at the scans before, for the warnings.
    assert_eq!(
        (writes.0, scanned["GetItem"], scanned["Query"]),
        (1, (1, 1.0), (2, 2.0))
    );
    assert_eq!(scanned.len(), 3, "{scanned:?}");
    assert!((8.0..=12.0).contains(&writes.1), "{writes:?}");

    let by_id = Target::Product(Ref::Named(product.id.clone()));
    world
        .store
        .verify(&by_id, caller(), None)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        world.requests.take().into_iter().collect::<Vec<_>>(),
        [("Query", (1, 1.0))]
    );
}

#[tokio::test]
async fn an_honest_product_is_authentic_without_warnings_and_its_scans_are_counted_from_none() {
    let world = world().await;
    let brand = world.brand("Maison").await;
    let product = world.travelled(&brand, "Régate").await;
    for before in 0..3 {
        let scanned = world.scan(&product).await;
        assert!(scanned.verdict.authentic && scanned.recorded);
        assert_eq!(scanned.verdict.warnings, Vec::<String>::new());
        assert_eq!(scanned.scan_count, before);
        assert!(scanned.certificate.signature_valid && scanned.certificate.chain_integrity);
    }
    let before = world.everything().await;
    let looked = world.look(&product).await;
    assert_eq!((looked.scan_count, looked.recorded), (3, false));
    assert_eq!(world.everything().await, before, "looking leaves no trace");
    let kinds: Vec<_> = looked
        .events
        .iter()
        .map(|event| event.kind.text().unwrap())
        .collect();
    assert_eq!(kinds, ["manufactured", "shipped", "received"]);
    assert_eq!(looked.product.name.text(), Some("Régate"));
}

#[tokio::test]
async fn what_does_not_exist_is_unknown_and_leaves_no_trace() {
    let world = world().await;
    let before = world.everything().await;
    for target in [
        Target::Code(Ref::Unknown),
        Target::Product(Ref::Unknown),
        Target::Code(Ref::Named(VerificationCode::parse("aaaaaaaaaaaa").unwrap())),
        Target::Product(Ref::Named(
            ProductId::parse("00112233445566778899aabbccddeeff").unwrap(),
        )),
    ] {
        assert_eq!(
            world
                .store
                .verify(&target, caller(), Some(&place()))
                .await
                .unwrap(),
            None
        );
        assert_eq!(world.store.product(&target).await.unwrap(), None);
    }
    let nobody = ProductId::parse("00112233445566778899aabbccddeeff").unwrap();
    assert_eq!(world.store.chain(&nobody).await.unwrap(), None);
    assert_eq!(world.store.scans(&nobody, 10).await.unwrap(), None);
    assert_eq!(world.store.claim(&nobody).await.unwrap(), None);
    assert_eq!(world.everything().await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_scans_at_once_none_is_lost_and_all_counters_agree() {
    let world = world().await;
    let brand = world.brand("Maison").await;
    let product = world.product(&brand, "Régate").await;
    let mut tasks = JoinSet::new();
    for _ in 0..50 {
        let (store, target) = (world.store.clone(), code_of(&product));
        tasks.spawn(async move {
            store
                .verify(&target, caller(), Some(&place()))
                .await
                .unwrap()
                .unwrap()
        });
    }
    while let Some(done) = tasks.join_next().await {
        let scanned = done.unwrap();
        assert!(
            scanned.recorded && scanned.verdict.authentic,
            "{:?}",
            scanned.verdict
        );
    }
    assert_eq!(
        world
            .items(&format!("PRODUCT#{}", product.id), "SCAN#")
            .await
            .len(),
        50,
        "in one millisecond"
    );
    assert_eq!(count_in(&world.meta(&product.id).await, "scanCount"), 50);
    let stats = world
        .get(&format!("BRAND#{}", brand.id), "STATS")
        .await
        .unwrap();
    assert_eq!(count_in(&stats, "scanCount"), 50);
    let listing = world.items("PRODUCT_INDEX", "PRODUCT#").await;
    assert_eq!(count_in(&listing[0], "scanCount"), 50);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scans_while_events_are_added_find_the_chain_whole() {
    let world = world().await;
    let brand = world.brand("Maison").await;
    let product = world.product(&brand, "Régate").await;
    let mut tasks = JoinSet::new();
    for number in 0..30 {
        let (store, target, id) = (world.store.clone(), code_of(&product), product.id.clone());
        tasks.spawn(async move {
            if number % 2 == 0 {
                store
                    .append(&id, happening(EventKind::Shipped, "FedEx"))
                    .await
                    .unwrap();
            } else {
                let scanned = store
                    .verify(&target, caller(), Some(&place()))
                    .await
                    .unwrap()
                    .unwrap();
                assert!(scanned.verdict.authentic, "{:?}", scanned.verdict.warnings);
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    let looked = world.look(&product).await;
    assert_eq!((looked.events.len(), looked.scan_count), (16, 15));
}

#[tokio::test]
async fn a_scan_that_cannot_be_written_leaves_the_verdict() {
    let world = world().await;
    let brand = world.brand("Maison").await;
    let product = world.product(&brand, "Régate").await;
    // A counter that is text cannot be raised.
    for attribute in ["scanCount"] {
        let mut meta = world.meta(&product.id).await;
        meta.insert(attribute.to_owned(), text("many"));
        world.put(meta).await;
    }
    let scanned = world.scan(&product).await;
    assert!(scanned.verdict.authentic && scanned.recorded);
    assert_eq!(
        world
            .items(&format!("PRODUCT#{}", product.id), "SCAN#")
            .await
            .len(),
        1
    );
    let stats = world
        .get(&format!("BRAND#{}", brand.id), "STATS")
        .await
        .unwrap();
    assert_eq!(count_in(&stats, "scanCount"), 1, "the brand's still counts");
    let mut stats = stats;
    stats.insert("scanCount".to_owned(), text("many"));
    world.put(stats).await;
    let scanned = world.scan(&product).await;
    assert!(scanned.verdict.authentic && scanned.recorded);
    assert_eq!(
        world
            .items(&format!("PRODUCT#{}", product.id), "SCAN#")
            .await
            .len(),
        2
    );
}

#[tokio::test]
async fn only_the_claimant_sees_the_name_and_others_are_warned() {
    let world = world().await;
    let brand = world.brand("Maison").await;
    let product = world.product(&brand, "Régate").await;
    let claim = json!({
        "PK": format!("PRODUCT#{}", product.id), "SK": "CLAIM", "productId": product.id, "consumerName": "Jane", "email": null,
        "fingerprint": fingerprint::device(&signer(), ADDRESS, Some(AGENT)).to_string(),
        "claimedAt": "2026-03-01T09:00:00.000Z", "ttl": 1_772_357_401,
    });
    world.put(item_of(&object(claim))).await;
    let own = world.scan(&product).await.verdict;
    assert_eq!(
        (own.claim.claimed_by.as_deref(), own.warnings.len()),
        (Some("Jane"), 0)
    );
    let other = Caller {
        address: "198.51.100.1",
        user_agent: Some(AGENT),
    };
    let scanned = world
        .store
        .verify(&code_of(&product), other, Some(&place()))
        .await
        .unwrap()
        .unwrap()
        .verdict;
    assert!(
        scanned.scanned_by_another_device && scanned.warnings[0].contains("registered to another")
    );
    assert_eq!(
        scanned.claim,
        ClaimView {
            claimed: true,
            is_claimant: false,
            claimed_at: Some("2026-03-01T09:00:00.000Z".to_owned()),
            claimed_by: None
        }
    );
    assert_eq!(
        world
            .store
            .claim(&product.id)
            .await
            .unwrap()
            .unwrap()
            .consumer_name
            .text(),
        Some("Jane")
    );
    world.clock.advance_ms(1_000);
    assert!(
        !world.look(&product).await.verdict.claim.claimed,
        "it has expired, deleted or not"
    );
    assert_eq!(world.store.claim(&product.id).await.unwrap(), None);
}

#[tokio::test]
async fn a_long_chain_is_read_to_its_end() {
    let world = world().await;
    let brand = world.brand("Maison").await;
    let product = world.product(&brand, "Régate").await;
    for number in 0..150 {
        let mut happening = happening(EventKind::Custom, "Somebody");
        happening.data = object(json!({"number": number, "notes": "n".repeat(14_000)}));
        world.store.append(&product.id, happening).await.unwrap();
    }
    world.requests.take();
    let looked = world.look(&product).await;
    assert!(looked.verdict.authentic, "{:?}", looked.verdict.warnings);
    assert_eq!(looked.events.len(), 151);
    assert!(
        world.requests.take()["Query"].0 > 1,
        "more than the 1 MB of one answer"
    );
}
