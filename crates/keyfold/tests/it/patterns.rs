//! Declared access patterns and item collections.

use keyfold::prelude::*;

use crate::shop::*;

#[tokio::test]
async fn a_collection_is_one_query_into_one_struct() {
    let Open { db, .. } = open().await;
    db.customers.create(customer(1)).await.expect("created");
    db.customers.create(customer(16)).await.expect("created");
    for minute in 0..5 {
        db.orders.create(order(1, minute)).await.expect("created");
    }
    db.orders.create(order(16, 3)).await.expect("created");
    let file = db.file(&customer(1).id).get().await.expect("there");
    assert_eq!(file.customer.id, customer(1).id);
    assert_eq!(
        file.orders
            .iter()
            .map(|order| order.number)
            .collect::<Vec<_>>(),
        [Some(0), Some(1), Some(2), Some(3), Some(4)]
    );
    assert_eq!(db.file(&customer(2).id).find().await.expect("read"), None);
    assert!(
        db.file(&customer(2).id)
            .get()
            .await
            .expect_err("absent")
            .is_not_found()
    );
}

#[tokio::test]
async fn a_child_without_its_parent_is_an_error_and_not_a_half_answer() {
    let Open { db, .. } = open().await;
    db.orders.create(order(1, 1)).await.expect("created");
    let error = db
        .file(&customer(1).id)
        .find()
        .await
        .expect_err("no parent");
    assert!(error.to_string().contains("KF1016"), "{error}");
}

#[tokio::test]
async fn a_collection_past_its_limit_is_an_error_and_never_cut() {
    let Open { db, .. } = open().await;
    db.customers.create(customer(1)).await.expect("created");
    for minute in 0..50 {
        db.orders.create(order(1, minute)).await.expect("created");
    }
    let error = db.file(&customer(1).id).find().await.expect_err("51 items");
    assert!(
        matches!(
            error,
            QueryError::TooMany {
                pattern: "file",
                max_items: 50
            }
        ),
        "{error}"
    );
    assert_eq!(
        db.file(&customer(1).id)
            .max_items(51)
            .get()
            .await
            .expect("read")
            .orders
            .len(),
        50
    );
}

#[tokio::test]
async fn a_collection_larger_than_a_page_is_whole() {
    let Open { db, .. } = open().await;
    db.customers.create(customer(1)).await.expect("created");
    for minute in 0..12 {
        let large = Order {
            lines: vec!["x".repeat(200_000)],
            ..order(1, minute)
        };
        db.orders.create(large).await.expect("created");
    }
    let file = db
        .file(&customer(1).id)
        .consistent()
        .get()
        .await
        .expect("read");
    assert_eq!(file.orders.len(), 12, "2.4 MB take three requests");
}

#[tokio::test]
async fn ranges_hold_what_they_say() {
    let Open { db, .. } = open().await;
    for minute in 0..10 {
        db.orders.create(order(1, minute)).await.expect("created");
        let tail = Order {
            suffix: Some("b".into()),
            ..order(1, minute)
        };
        db.orders.create(tail).await.expect("created");
    }
    let minutes =
        |orders: Vec<Order>| -> Vec<_> { orders.iter().filter_map(|order| order.number).collect() };
    let between = db.orders_between(&customer(1).id, moment(2 * 60_000)..moment(4 * 60_000));
    let between = minutes(between.all(100).await.expect("read"));
    assert_eq!(
        between,
        [2, 2, 3, 3],
        "half open; with and without the tail"
    );
    let due = db
        .orders_due(State::Open, moment(60_001))
        .all(100)
        .await
        .expect("read");
    assert_eq!(
        minutes(due),
        [0, 0, 1, 1],
        "an inclusive bound on a part that is not the last"
    );

    for number in 1..=5 {
        db.customers
            .create(customer(number))
            .await
            .expect("created");
    }
    let cards = db.cards_since(moment(4_000)).all(100).await.expect("read");
    assert_eq!(
        cards
            .iter()
            .map(|card| card.customer.bits())
            .collect::<Vec<_>>(),
        [5, 4],
        "from, in value order"
    );

    for title in ["a", "ab", "b", "a#c", "A"] {
        db.notes
            .create(Note {
                folder: "f".into(),
                title: title.into(),
                body: String::new(),
            })
            .await
            .expect("created");
    }
    let named = db.notes_named("f", "a").all(100).await.expect("read");
    assert_eq!(
        named
            .iter()
            .map(|note| note.title.as_str())
            .collect::<Vec<_>>(),
        ["a", "a#c", "ab"]
    );
    assert_eq!(
        db.notes_named("f", "").all(100).await.expect("read").len(),
        5
    );
}

#[tokio::test]
async fn an_empty_range_asks_nothing() {
    let Open { db, .. } = open().await;
    let page = db
        .orders_between(&customer(1).id, moment(9)..moment(3))
        .page()
        .await
        .expect("empty");
    assert!(page.items.is_empty() && page.next.is_none() && page.cost.read_units == 0.0);
}
