//! The feed of alerts, told out of order, twice, or not at all.

use genuproof::domain::alert::AlertKind;
use genuproof::feed::{Feeds, Follower, Told};
use genuproof::store::{NewAlert, Raised};
use genuproof::table::{Brand, Product};

use crate::world::*;

impl World {
    async fn raised(&self, brand: &Brand, product: &Product, count: usize) {
        for number in 0..count {
            self.clock.advance_ms(1);
            let alert = NewAlert {
                kind: AlertKind::ProductRecall,
                brand: brand.id.clone(),
                product: product.id.clone(),
                product_name: None,
                at: self.store.now(),
                suffix: format!("{number:04}"),
                details: "Water".to_owned(),
                country: None,
                city: None,
                flags: Vec::new(),
                is_logged: false,
            };
            assert_eq!(self.store.raise(&alert).await.unwrap(), Raised::Now);
            assert_eq!(self.store.raise(&alert).await.unwrap(), Raised::Before);
        }
    }
}

/// The numbers of the next alerts.
async fn numbers(follower: &mut Follower, count: usize) -> Vec<u64> {
    let mut numbers = Vec::new();
    while numbers.len() < count {
        match follower.next().await.unwrap() {
            Told::Alert(entry) => numbers.push(entry.number),
            Told::Heartbeat => panic!("nothing came after {numbers:?}"),
            _ => {}
        }
    }
    numbers
}

#[tokio::test]
async fn alerts_that_are_told_out_of_order_twice_or_never_are_given_once_and_in_order() {
    let world = world().await;
    let brand = world.brand("Maison").await;
    let product = world.product(&brand, "Régate").await;
    let feeds = Feeds::new(None);
    let mut follower = feeds.follow(&world.store, &brand.id, None).await.unwrap();
    world.raised(&brand, &product, 5).await;
    let entries = world.store.feed(&brand.id, 1, 100).await.unwrap();
    // The second is never told, the third twice, the fifth before the fourth.
    for at in [0, 2, 2, 4, 3] {
        feeds.publish(entries[at].clone());
    }
    assert_eq!(numbers(&mut follower, 5).await, [1, 2, 3, 4, 5]);
    feeds.publish(entries[1].clone());
    let quiet = tokio::time::timeout(std::time::Duration::from_millis(200), follower.next()).await;
    assert!(quiet.is_err(), "{quiet:?}");
}

#[tokio::test]
async fn somebody_slow_finds_in_the_table_what_is_no_longer_in_memory() {
    let world = world().await;
    let brand = world.brand("Maison").await;
    let product = world.product(&brand, "Régate").await;
    let feeds = Feeds::new(None);
    let mut slow = feeds.follow(&world.store, &brand.id, None).await.unwrap();
    world.raised(&brand, &product, 400).await;
    for from in (1..=400).step_by(100) {
        for entry in world.store.feed(&brand.id, from, 100).await.unwrap() {
            feeds.publish(entry);
        }
    }
    let expect: Vec<u64> = (1..=400).collect();
    assert_eq!(numbers(&mut slow, 400).await, expect);
    let mut late = feeds
        .follow(&world.store, &brand.id, Some(150))
        .await
        .unwrap();
    assert_eq!(late.position(), 150);
    assert_eq!(numbers(&mut late, 250).await, expect[150..]);
    assert_eq!(feeds.followers(), 2);
    drop((slow, late));
    assert_eq!(feeds.followers(), 0);
}
