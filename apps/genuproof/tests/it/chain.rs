//! One more event: one after the other, sealed.

use std::collections::BTreeSet;

use genuproof::domain::event::EventKind;
use genuproof::domain::ids::{Form as _, ProductId};
use genuproof::domain::product::Status;
use genuproof::store::AppendError;
use tokio::task::JoinSet;

use crate::world::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_forty_events_at_once_all_are_in_one_valid_chain() {
    let world = world().await;
    let brand = world.brand("Maison").await;
    let product = world.product(&brand, "Régate").await;
    let mut tasks = JoinSet::new();
    let stores: Vec<_> = (0..4).map(|_| world.elsewhere()).collect();
    for number in 0..40 {
        let (store, id) = (stores[number % 4].clone(), product.id.clone());
        let kind = EventKind::ALL[number % 5];
        tasks.spawn(async move {
            store
                .append(&id, happening(kind, &format!("Actor {number}")))
                .await
        });
    }
    let mut hashes = BTreeSet::new();
    while let Some(done) = tasks.join_next().await {
        hashes.insert(done.unwrap().unwrap().event.hash);
    }
    assert_eq!(hashes.len(), 40);
    let chain = world.store.chain(&product.id).await.unwrap().unwrap();
    assert!(chain.is_valid);
    assert_eq!(chain.events.len(), 41);
    let links: BTreeSet<_> = chain
        .events
        .iter()
        .map(|event| event.previous_hash.text().unwrap())
        .collect();
    assert_eq!(links.len(), 41, "every hash is followed once");
    assert!(
        chain
            .events
            .is_sorted_by(|a, b| a.timestamp.text() < b.timestamp.text())
    );
    let found: BTreeSet<_> = chain
        .events
        .iter()
        .map(|event| event.hash.text().unwrap().to_owned())
        .collect();
    assert!(hashes.is_subset(&found));
    assert!(world.look(&product).await.verdict.authentic);
}

#[tokio::test]
async fn an_event_comes_after_the_last_one_even_if_the_clock_goes_back() {
    let world = world().await;
    let brand = world.brand("Maison").await;
    let product = world.product(&brand, "Régate").await;
    world.clock.set("2020-01-01T00:00:00.000Z");
    let appended = world
        .store
        .append(&product.id, happening(EventKind::Shipped, "FedEx"))
        .await
        .unwrap();
    assert_eq!(
        appended.event.timestamp.to_string(),
        "2026-03-01T09:30:00.001Z"
    );
    assert!(world.look(&product).await.verdict.authentic);
}

#[tokio::test]
async fn status_and_owner_follow_from_events() {
    let world = world().await;
    let brand = world.brand("Maison").await;
    let product = world.product(&brand, "Régate").await;
    world.clock.set("2026-04-01T00:00:00.000Z");
    let appended = world
        .store
        .append(&product.id, happening(EventKind::Transferred, "Jane"))
        .await
        .unwrap();
    assert_eq!(appended.status, Status::Transferred);
    let meta = world.meta(&product.id).await;
    assert_eq!(meta["status"], text("transferred"));
    assert_eq!(meta["currentOwner"], text("Jane"));
    assert_eq!(meta["updatedAt"], text("2026-04-01T00:00:00.000Z"));
    world
        .store
        .append(&product.id, happening(EventKind::Recalled, "Maison"))
        .await
        .unwrap();
    let listing = world.items("PRODUCT_INDEX", "PRODUCT#").await;
    assert_eq!(
        listing[0]["status"],
        text("recalled"),
        "the gallery follows"
    );
    for (kind, expect) in [
        (EventKind::Recalled, "already recalled"),
        (EventKind::Transferred, "recalled"),
    ] {
        let refused = world
            .store
            .append(&product.id, happening(kind, "Somebody"))
            .await
            .unwrap_err();
        assert!(matches!(
            refused,
            AppendError::AlreadyRecalled | AppendError::Recalled
        ));
        assert!(refused.to_string().contains(expect), "{refused}");
    }
    let appended = world
        .store
        .append(&product.id, happening(EventKind::Received, "Maison"))
        .await
        .unwrap();
    assert_eq!(
        appended.status,
        Status::Recalled,
        "what comes back stays recalled"
    );
    let verdict = world.look(&product).await.verdict;
    assert!(
        verdict.authentic && verdict.warnings[0].contains("recall"),
        "{:?}",
        verdict.warnings
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_recalls_at_once_one_is_an_event() {
    let world = world().await;
    let brand = world.brand("Maison").await;
    let product = world.product(&brand, "Régate").await;
    let mut tasks = JoinSet::new();
    for _ in 0..20 {
        let (store, id) = (world.elsewhere(), product.id.clone());
        tasks.spawn(async move {
            store
                .append(&id, happening(EventKind::Recalled, "Maison"))
                .await
        });
    }
    let mut recalled = 0;
    while let Some(done) = tasks.join_next().await {
        match done.unwrap() {
            Ok(_) => recalled += 1,
            Err(AppendError::AlreadyRecalled) => {}
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(recalled, 1);
    assert_eq!(world.events(&product.id).await.len(), 2);
}

#[tokio::test]
async fn an_unknown_product_gets_no_event() {
    let world = world().await;
    let nobody = ProductId::parse("00112233445566778899aabbccddeeff").unwrap();
    let refused = world
        .store
        .append(&nobody, happening(EventKind::Shipped, "FedEx"))
        .await
        .unwrap_err();
    assert!(matches!(refused, AppendError::UnknownProduct), "{refused}");
    assert!(world.everything().await.is_empty());
}
