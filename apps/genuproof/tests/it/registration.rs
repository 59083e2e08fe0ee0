//! Registering: all or nothing, and the same product once.

use genuproof::domain::ids::{BrandId, Form as _};
use genuproof::store::RegisterError;
use genuproof::table::Brand;
use tokio::task::JoinSet;

use crate::world::*;

/// Registers all at once; gives which succeeded.
async fn at_once(
    world: &World,
    brand: &Brand,
    products: &[(&str, Option<&str>)],
) -> Vec<(String, Option<String>)> {
    let mut tasks = JoinSet::new();
    for (name, sku) in products {
        let (store, brand, details) = (world.store.clone(), brand.clone(), details(name, *sku));
        tasks.spawn(async move {
            let registered = store.register(&brand, details, false).await;
            registered.map(|product| {
                (
                    product.name.text().unwrap().to_owned(),
                    product.sku.text().map(str::to_owned),
                )
            })
        });
    }
    let mut won = Vec::new();
    while let Some(done) = tasks.join_next().await {
        match done.unwrap() {
            Ok(product) => won.push(product),
            Err(RegisterError::Duplicate) => {}
            Err(error) => panic!("{error}"),
        }
    }
    won.sort();
    won
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_thirty_identical_registrations_at_once_exactly_one_wins() {
    for sku in [None, Some("RG-42")] {
        let world = world().await;
        let brand = world.brand("Maison").await;
        let before = world.everything().await.len();
        assert_eq!(
            at_once(&world, &brand, &[("Régate", sku); 30]).await.len(),
            1
        );
        let left = world.everything().await.len() - before;
        assert_eq!(
            left,
            if sku.is_some() { 7 } else { 6 },
            "nothing is left of the others"
        );
        let stats = world.store.brand(&brand.id).await.unwrap().unwrap().stats;
        assert_eq!(stats.product_count, 1);
    }
}

#[tokio::test]
async fn products_are_the_same_by_name_and_sku() {
    let world = world().await;
    let brand = world.brand("Maison").await;
    let other = world.brand("Other").await;
    let long = "x".repeat(300);
    let odd = "名前#1 $%\u{1} ".repeat(20);
    for (brand, name, sku, accepted) in [
        (&brand, "Tote", Some("A"), true),
        (&brand, "Tote", Some("B"), true),
        (&brand, "Tote", Some("A"), false),
        (&brand, "Tote", None, false),
        (&brand, "tote", Some("A"), true),
        (&brand, "Tote ", Some("A"), true),
        (&brand, "Plain", None, true),
        (&brand, "Plain", None, false),
        (&brand, "Plain", Some("A"), false),
        (&other, "Plain", Some("A"), true),
        (&other, "Plain", None, false),
        (&brand, long.as_str(), None, true),
        (&brand, long.as_str(), None, false),
        (&brand, odd.as_str(), Some("名#"), true),
        (&brand, odd.as_str(), Some("名#"), false),
        (&brand, odd.as_str(), Some("名"), true),
    ] {
        let result = world.store.register(brand, details(name, sku), false).await;
        match result {
            Ok(_) => assert!(accepted, "{name} {sku:?}"),
            Err(RegisterError::Duplicate) => assert!(!accepted, "{name} {sku:?}"),
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_mix_at_once_obeys_the_rule() {
    let world = world().await;
    for round in 0..6 {
        let brand = world.brand(&format!("Maison {round}")).await;
        let mut mix = Vec::new();
        for _ in 0..3 {
            mix.extend([
                ("Tote", Some("A")),
                ("Tote", Some("B")),
                ("Tote", Some("C")),
                ("Bag", Some("A")),
            ]);
            // In some rounds the one without a sku comes first, in others last.
            mix.insert(if round % 2 == 0 { 0 } else { mix.len() }, ("Tote", None));
        }
        let won = at_once(&world, &brand, &mix).await;
        let totes: Vec<_> = won
            .iter()
            .filter(|(name, _)| name == "Tote")
            .map(|(_, sku)| sku.as_deref())
            .collect();
        assert!(
            totes == [None] || totes == [Some("A"), Some("B"), Some("C")],
            "round {round}: {totes:?}"
        );
        assert_eq!(won.len(), totes.len() + 1, "the bag");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn different_products_at_once_all_succeed_and_are_counted() {
    let world = world().await;
    let brand = world.brand("Maison").await;
    let names: Vec<String> = (0..30).map(|number| format!("Product {number}")).collect();
    let mix: Vec<_> = names.iter().map(|name| (name.as_str(), None)).collect();
    assert_eq!(at_once(&world, &brand, &mix).await.len(), 30);
    let stats = world.store.brand(&brand.id).await.unwrap().unwrap().stats;
    assert_eq!(stats.product_count, 30);
    assert_eq!(
        world
            .store
            .brand_numbers(&brand.id)
            .await
            .unwrap()
            .unwrap()
            .products,
        30
    );
}

#[tokio::test]
async fn a_code_that_is_taken_is_drawn_again() {
    let world = world().await;
    let brand = world.brand("Maison").await;
    let (first, second, code) = ([1; 16], [2; 16], [7; 9]);
    world.dice.next(&first);
    world.dice.next(&code);
    let one = world
        .store
        .register(&brand, details("One", None), false)
        .await
        .unwrap();
    // The same code once more, and then the same id.
    world.dice.next(&second);
    world.dice.next(&code);
    world.dice.next(&first);
    let two = world
        .store
        .register(&brand, details("Two", None), false)
        .await
        .unwrap();
    assert_ne!(one.verification_code, two.verification_code);
    assert_ne!(one.id, two.id);
    assert!(world.look(&one).await.verdict.authentic && world.look(&two).await.verdict.authentic);
    assert_eq!(
        world
            .store
            .brand(&brand.id)
            .await
            .unwrap()
            .unwrap()
            .stats
            .product_count,
        2
    );
}

#[tokio::test]
async fn a_brand_that_is_gone_registers_nothing() {
    let world = world().await;
    let mut brand = world.brand("Maison").await;
    let before = world.everything().await;
    brand.id = BrandId::parse("00000000-0000-4000-8000-000000000000").unwrap();
    let refused = world
        .store
        .register(&brand, details("One", None), false)
        .await
        .unwrap_err();
    assert!(matches!(refused, RegisterError::UnknownBrand), "{refused}");
    assert_eq!(world.everything().await, before);
}

#[tokio::test]
async fn metadata_comes_back_as_it_was_hashed() {
    let world = world().await;
    let brand = world.brand("Maison").await;
    for (number, metadata) in [
        r#"{"é":[2,1],"a":{"d":1.0,"c":"x"},"2":0.25,"B":-3,"10":1e21}"#,
        r#"{"tiny":2.5e-7,"small":1e-7,"big":123456789012345680000,"neg":-0.1,"max":9007199254740991,"zero":0}"#,
        r#"{"empty":{},"list":[],"text":"","null":null,"deep":[[[{"a":[null,true]}]]]}"#,
    ]
    .into_iter()
    .enumerate()
    {
        let mut product = details(&format!("Product {number}"), None);
        product.metadata = serde_json::from_str(metadata).unwrap();
        let product = world.store.register(&brand, product, false).await.unwrap();
        let verdict = world.look(&product).await.verdict;
        assert!(verdict.authentic, "{metadata}: {:?}", verdict.warnings);
    }
}

#[tokio::test]
async fn the_list_gives_every_product_of_a_brand_once_newest_first() {
    let world = world().await;
    let brand = world.brand("Maison").await;
    let other = world.brand("Other").await;
    let mut registered = Vec::new();
    for number in 0..23 {
        registered.push(world.product(&brand, &format!("Product {number}")).await.id);
        world.product(&other, &format!("Product {number}")).await;
        world.clock.advance_ms(number % 3);
    }
    let (mut seen, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let page = world
            .store
            .products(&brand.id, 5, cursor.as_deref())
            .await
            .unwrap();
        assert!(page.items.len() <= 5);
        seen.extend(page.items);
        cursor = page.next.map(|next| next.to_string());
        let Some(cursor) = &cursor else { break };
        let refused = world
            .store
            .products(&other.id, 5, Some(cursor))
            .await
            .unwrap_err();
        assert!(refused.is_cursor_refused(), "another brand's: {refused}");
        let altered = format!("{}A", &cursor[..cursor.len() - 1]);
        if altered != *cursor {
            assert!(
                world
                    .store
                    .products(&brand.id, 5, Some(&altered))
                    .await
                    .unwrap_err()
                    .is_cursor_refused()
            );
        }
    }
    assert!(seen.is_sorted_by(|a, b| a.created_at.text() >= b.created_at.text()));
    let mut ids: Vec<_> = seen.into_iter().map(|product| product.id).collect();
    ids.sort();
    registered.sort();
    assert_eq!(ids, registered);
}
