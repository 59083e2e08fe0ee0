//! The examination of a table.

use genuproof::doctor;
use genuproof::domain::event::EventKind;

use crate::world::*;

async fn examined(world: &World) -> Vec<String> {
    let found = doctor::examine(&world.client, TABLE, &world.store)
        .await
        .unwrap();
    found.findings.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn a_table_that_was_only_used_has_nothing_wrong() {
    let world = world().await;
    let watching = world.watch().await;
    let brand = world.brand("Maison").await;
    let product = world.travelled(&brand, "Régate").await;
    for _ in 0..12 {
        world.clock.advance_ms(1_000);
        world.scan(&product).await;
    }
    world
        .store
        .append(&product.id, happening(EventKind::Recalled, "Maison"))
        .await
        .unwrap();
    watching.caught_up().await;
    assert_eq!(examined(&world).await, Vec::<String>::new());
    watching.stop().await;
}

#[tokio::test]
async fn what_does_not_fit_is_said_and_what_follows_from_something_else_is_put_right() {
    let world = world().await;
    let brand = world.brand("Maison").await;
    let product = world.travelled(&brand, "Régate").await;
    let gone = world.product(&brand, "Gone").await;
    world.scan(&product).await;
    let meta = world.meta(&product.id).await;
    // A lookup and a listing deleted, index keys cut off, counters set by hand.
    let hash = format!("HASH#{}", meta["hash"].as_s().unwrap());
    let lookup = world.get(&hash, "META").await.unwrap();
    world.delete(&lookup).await;
    for listing in world.items("PRODUCT_INDEX", "").await {
        world.delete(&listing).await;
    }
    for listing in world.items("BRAND_INDEX", "").await {
        world.delete(&listing).await;
    }
    let mut cut = meta.clone();
    cut.remove("GSI1PK");
    cut.remove("GSI1SK");
    cut.insert("scanCount".to_owned(), number(7));
    world.put(cut).await;
    let mut stats = world
        .get(&format!("BRAND#{}", brand.id), "STATS")
        .await
        .unwrap();
    stats.insert("productCount".to_owned(), number(99));
    world.put(stats).await;
    // A product that is no more leaves its lookups behind.
    let meta = world.meta(&gone.id).await;
    world.delete(&meta).await;

    let found = doctor::examine(&world.client, TABLE, &world.store)
        .await
        .unwrap();
    let said: Vec<_> = found.findings.iter().map(ToString::to_string).collect();
    for part in [
        "no HASH lookup leads to",
        "the listing of",
        "is in no list",
        "lacks its index keys",
        "counts 7 scans and has 1",
        "productCount of brand",
        "a VERIFY lookup leads to a product that is not there",
    ] {
        assert!(
            said.iter().any(|one| one.contains(part)),
            "{part}: {said:?}"
        );
    }
    let before = world.everything().await;
    doctor::examine(&world.client, TABLE, &world.store)
        .await
        .unwrap();
    assert_eq!(world.everything().await, before, "looking changes nothing");
    doctor::repair(&world.client, TABLE, &found.findings)
        .await
        .unwrap();
    assert_eq!(examined(&world).await, Vec::<String>::new());
    assert!(world.look(&product).await.verdict.authentic);
}

#[tokio::test]
async fn a_broken_chain_is_said_and_not_sealed_anew() {
    let world = world().await;
    let brand = world.brand("Maison").await;
    let product = world.travelled(&brand, "Régate").await;
    let mut event = world.events(&product.id).await.remove(1);
    event.insert("actor".to_owned(), text("Somebody else"));
    world.put(event).await;
    let found = doctor::examine(&world.client, TABLE, &world.store)
        .await
        .unwrap();
    assert_eq!(found.findings.len(), 1);
    assert!(
        found.findings[0]
            .to_string()
            .contains("is broken (cannot be repaired)")
    );
    assert_eq!(
        doctor::repair(&world.client, TABLE, &found.findings)
            .await
            .unwrap(),
        0
    );
}
