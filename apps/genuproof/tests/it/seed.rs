//! The demonstration.

use genuproof::domain::chain::Unsealed;
use genuproof::domain::demo;
use genuproof::domain::ids::Ref;
use genuproof::domain::input::Target;
use genuproof::store::SeedError;

use crate::world::*;

#[tokio::test]
async fn it_is_written_once_and_found_again_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    let world = world_on(
        keyfold::embedded::open(folder.path()).unwrap(),
        Unsealed::Never,
    )
    .await;
    let first = world.store.seed_demo().await.unwrap();
    let written = world.everything().await;
    let keys: Vec<_> = first
        .brands
        .iter()
        .map(|brand| brand.api_key.as_ref().unwrap().reveal().to_owned())
        .collect();
    for (seeded, key) in first.brands.iter().zip(&keys) {
        let key = genuproof::domain::access::ApiKey::parse(key).unwrap();
        let brand = world.store.authenticate(&key).await.unwrap().unwrap();
        assert_eq!(brand.id, seeded.brand.id);
    }
    drop(world);
    let world = world_on(
        keyfold::embedded::open(folder.path()).unwrap(),
        Unsealed::Never,
    )
    .await;
    world.clock.set("2026-03-09T00:00:00.000Z");
    let again = world.store.seed_demo().await.unwrap();
    assert_eq!(world.everything().await, written, "nothing is added");
    let same: Vec<_> = again
        .brands
        .iter()
        .map(|brand| brand.api_key.as_ref().unwrap().reveal().to_owned())
        .collect();
    assert_eq!(same, keys);
    assert_eq!(again.code, "pOszdB-1n6IC", "the first that nobody claimed");
}

#[tokio::test]
async fn everything_in_it_verifies_and_counts() {
    let world = world().await;
    world.store.seed_demo().await.unwrap();
    let demo = demo::at("2026-03-01T09:30:00.000Z".parse().unwrap());
    let mut claimed = 0;
    for product in &demo.products {
        let looked = world
            .store
            .verify(
                &Target::Code(Ref::Named(product.code.clone())),
                caller(),
                None,
            )
            .await;
        let looked = looked.unwrap().unwrap();
        assert!(
            looked.verdict.authentic,
            "{}: {:?}",
            product.details.name, looked.verdict.warnings
        );
        assert_eq!(looked.product_id, product.id);
        assert_eq!(looked.events.len(), product.events.len());
        let times = |times: Vec<String>| times;
        assert_eq!(
            times(
                looked
                    .events
                    .iter()
                    .map(|event| event.timestamp.text().unwrap().to_owned())
                    .collect()
            ),
            times(
                product
                    .events
                    .iter()
                    .map(|event| event.timestamp.to_string())
                    .collect()
            )
        );
        assert_eq!(looked.scan_count, product.scans.len() as u64);
        let scans = world.store.scans(&product.id, 500).await.unwrap().unwrap();
        assert_eq!(scans.scans.len(), product.scans.len());
        claimed += u32::from(looked.verdict.claim.claimed);
    }
    assert!(claimed >= 1);
    for brand in &demo.brands {
        let mine: Vec<_> = demo
            .products
            .iter()
            .filter(|product| product.brand == brand.id)
            .collect();
        let numbers = world.store.brand_numbers(&brand.id).await.unwrap().unwrap();
        assert_eq!(numbers.stats.product_count, mine.len() as u64);
        assert_eq!(numbers.products, mine.len() as u64);
        assert_eq!(numbers.stats.scan_count, numbers.scans);
    }
    let gallery = world
        .store
        .table()
        .all_products()
        .page_size(100)
        .page()
        .await
        .unwrap();
    assert_eq!(gallery.items.len(), demo.products.len());
}

#[tokio::test]
async fn a_seeding_that_was_cut_off_is_finished() {
    let world = world().await;
    world.store.seed_demo().await.unwrap();
    let whole = world.everything().await;
    // As if it had ended before the last product.
    let demo = demo::at("2026-03-01T09:30:00.000Z".parse().unwrap());
    let last = demo.products.last().unwrap();
    for (key, item) in &whole {
        let is_its =
            key.contains(last.id.as_str()) || format!("{item:?}").contains(last.id.as_str());
        if is_its {
            world.delete(item).await;
        }
    }
    world.store.seed_demo().await.unwrap();
    let again = world
        .store
        .verify(&Target::Code(Ref::Named(last.code.clone())), caller(), None)
        .await
        .unwrap()
        .unwrap();
    assert!(again.verdict.authentic);
    assert_eq!(again.scan_count, last.scans.len() as u64);
    assert_eq!(world.everything().await.len(), whole.len());
}

#[tokio::test]
async fn another_table_is_left_alone() {
    let world = world().await;
    world.brand("Maison").await;
    let before = world.everything().await;
    let refused = world.store.seed_demo().await.unwrap_err();
    assert!(matches!(refused, SeedError::NotEmpty), "{refused}");
    assert_eq!(world.everything().await, before);
}
