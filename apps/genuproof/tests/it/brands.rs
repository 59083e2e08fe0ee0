//! Brands: created, listed, counted, recognised by their key.

use genuproof::domain::access::ApiKey;
use genuproof::domain::event::EventKind;
use genuproof::domain::ids::{BrandId, Form as _};
use genuproof::domain::input::CreateBrand;

use crate::world::*;

#[tokio::test]
async fn a_key_opens_its_own_brand_and_no_other() {
    let world = world().await;
    let create = |name: &str| CreateBrand {
        name: name.to_owned(),
        domain: "x.example".to_owned(),
        industry: "other".to_owned(),
        logo_url: Some("https://x.example/logo.png".to_owned()),
    };
    let one = world.store.create_brand(create("One")).await.unwrap();
    let two = world.store.create_brand(create("Two")).await.unwrap();
    assert_eq!(
        world.store.authenticate(&one.api_key).await.unwrap(),
        Some(one.brand.clone())
    );
    assert_ne!(one.brand.id, two.brand.id);
    let digits = |key: &ApiKey| {
        key.reveal()
            .rsplit_once('_')
            .map(|(front, secret)| (front.to_owned(), secret.to_owned()))
    };
    let ((front, _), (_, secret)) = (digits(&one.api_key).unwrap(), digits(&two.api_key).unwrap());
    let mixed = ApiKey::parse(&format!("{front}_{secret}")).unwrap();
    assert_eq!(
        world.store.authenticate(&mixed).await.unwrap(),
        None,
        "another's secret"
    );
    let stranger = BrandId::parse("00000000-0000-4000-8000-000000000000").unwrap();
    let key = ApiKey::draw(&stranger, &genuproof::domain::ids::OsRandomness).unwrap();
    assert_eq!(
        world.store.authenticate(&key).await.unwrap(),
        None,
        "no such brand"
    );
    world.store.probe().await.unwrap();
}

#[tokio::test]
async fn a_brand_without_a_key_opens_to_nobody() {
    let world = world().await;
    let brand = world.brand("Old").await;
    let mut item = world
        .get(&format!("BRAND#{}", brand.id), "PROFILE")
        .await
        .unwrap();
    item.remove("apiKeyHash");
    item.remove("apiKeyPrefix");
    world.put(item).await;
    let key = ApiKey::draw(&brand.id, &genuproof::domain::ids::OsRandomness).unwrap();
    assert_eq!(world.store.authenticate(&key).await.unwrap(), None);
    let profile = world.store.brand(&brand.id).await.unwrap().unwrap();
    assert_eq!(profile.brand.name, "Old");
}

#[tokio::test]
async fn the_list_gives_every_brand_once_newest_first() {
    let world = world().await;
    let mut created = Vec::new();
    for number in 0..11 {
        created.push(world.brand(&format!("Brand {number}")).await.id);
        // Some of them in one millisecond.
        world.clock.advance_ms(number % 2);
    }
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let page = world.store.brands(4, cursor.as_deref()).await.unwrap();
        assert!(page.items.len() <= 4);
        seen.extend(page.items);
        cursor = page.next.map(|next| next.to_string());
        if cursor.is_none() {
            break;
        }
    }
    assert!(seen.is_sorted_by(|a, b| a.created_at >= b.created_at));
    let mut ids: Vec<_> = seen.into_iter().map(|listing| listing.brand_id).collect();
    ids.sort();
    created.sort();
    assert_eq!(ids, created);
    let refused = world.store.brands(4, Some("garbled")).await.unwrap_err();
    assert!(refused.is_cursor_refused(), "{refused}");
}

#[tokio::test]
async fn the_numbers_count_products_by_status_and_all_scans() {
    let world = world().await;
    let brand = world.brand("Maison").await;
    let other = world.brand("Other").await;
    world.product(&other, "Not mine").await;
    let mut products = Vec::new();
    for number in 0..5 {
        products.push(world.product(&brand, &format!("Product {number}")).await);
    }
    for (product, kind) in [
        (&products[0], EventKind::Recalled),
        (&products[1], EventKind::Transferred),
        (&products[2], EventKind::Sold),
    ] {
        world
            .store
            .append(&product.id, happening(kind, "Somebody"))
            .await
            .unwrap();
    }
    for _ in 0..3 {
        world.scan(&products[4]).await;
    }
    world.scan(&products[0]).await;
    let numbers = world.store.brand_numbers(&brand.id).await.unwrap().unwrap();
    assert_eq!(
        (
            numbers.products,
            numbers.active,
            numbers.recalled,
            numbers.transferred,
            numbers.scans
        ),
        (5, 3, 1, 1, 4)
    );
    assert_eq!(
        (
            numbers.stats.product_count,
            numbers.stats.scan_count,
            numbers.stats.threat_count
        ),
        (5, 4, 0)
    );
    let nobody = BrandId::parse("00000000-0000-4000-8000-000000000000").unwrap();
    assert_eq!(world.store.brand_numbers(&nobody).await.unwrap(), None);
}
