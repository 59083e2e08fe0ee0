//! `move_to`: an item under another key, with what is kept in step.

use keyfold::prelude::*;

use crate::shop::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Refusal)]
enum Refused {
    Changed,
    EmailTaken,
}

#[tokio::test]
async fn an_item_moves_to_another_key_and_is_stamped() {
    let Open { db, client, hands } = open().await;
    let first = order(1, 5);
    db.orders.create(first.clone()).await.expect("created");
    hands.forward_ms(9);
    let moved = Order {
        placed: moment(99_000),
        suffix: Some("b".to_owned()),
        ..first.clone()
    };
    db.orders.move_to(&first, &moved).await.expect("moved");
    assert_eq!(db.orders.find(&first).await.expect("read"), None);
    let expected = Order {
        changed: moment(9),
        ..moved.clone()
    };
    assert_eq!(db.orders.get(&moved).await.expect("read"), expected);
    let listed = db.orders_of("main").page().await.expect("listed");
    assert_eq!(listed.items, [expected], "indexes follow");
    assert_eq!(count(&client).await, 1);
}

#[tokio::test]
async fn claims_and_mirrors_move_along() {
    let Open { db, client, .. } = open().await;
    let one = customer(1);
    db.customers.create(one.clone()).await.expect("created");
    db.customers
        .patch(&one.id)
        .add_visits(3)
        .send()
        .await
        .expect("counted");
    let loaded = db.customers.get(&one.id).consistent().await.expect("read");
    let moved = Customer {
        id: Id::from_bits(9),
        ..loaded.clone()
    };
    db.customers.move_to(&loaded, &moved).await.expect("moved");
    let read = db
        .customers
        .get(&moved.id)
        .consistent()
        .await
        .expect("read");
    assert_eq!((read.visits, read.version), (3, loaded.version + 1));
    assert_eq!(db.customers.find(&one.id).await.expect("read"), None);
    let claim = db
        .emails
        .get("c1@mail.example")
        .consistent()
        .await
        .expect("kept");
    assert_eq!(claim.customer, moved.id);
    let card = db.cards.get((&moved.joined, &moved.id)).consistent().await;
    assert_eq!(card.expect("moved too").visits, 3);
    assert_eq!(count(&client).await, 3, "nothing is left at the old place");
}

#[tokio::test]
async fn what_changed_since_it_was_loaded_does_not_move() {
    let Open { db, .. } = open().await;
    // By its version.
    let one = customer(1);
    db.customers.create(one.clone()).await.expect("created");
    db.customers
        .patch(&one.id)
        .add_visits(1)
        .send()
        .await
        .expect("counted");
    let moved = Customer {
        id: Id::from_bits(9),
        ..one.clone()
    };
    let error = db
        .customers
        .move_to(&one, &moved)
        .await
        .expect_err("changed");
    assert!(error.is_condition_failed(), "{error}");
    // By its fields.
    let first = order(1, 5);
    db.orders.create(first.clone()).await.expect("created");
    db.orders
        .patch(&first)
        .coupon("X".to_owned())
        .send()
        .await
        .expect("patched");
    let later = Order {
        placed: moment(99_000),
        ..first.clone()
    };
    let error = db
        .orders
        .move_to(&first, &later)
        .await
        .expect_err("changed");
    assert!(error.is_condition_failed(), "{error}");
    assert!(db.orders.find(&later).await.expect("read").is_none());
    let absent = db.orders.move_to(&order(7, 7), &order(7, 8)).await;
    assert!(absent.expect_err("absent").is_not_found());
}

#[tokio::test]
async fn a_taken_key_or_a_taken_claim_refuses_the_move() {
    let Open { db, client, .. } = open().await;
    for number in [1, 2] {
        db.customers
            .create(customer(number))
            .await
            .expect("created");
    }
    let before = count(&client).await;
    let onto = Customer {
        id: Id::from_bits(2),
        ..customer(1)
    };
    let error = db
        .customers
        .move_to(&customer(1), &onto)
        .await
        .expect_err("taken");
    assert!(
        matches!(error, WriteError::AlreadyThere { entity: "Customer" }),
        "{error}"
    );
    let renamed = Customer {
        id: Id::from_bits(9),
        email: "c2@mail.example".to_owned(),
        ..customer(1)
    };
    let error = db
        .customers
        .move_to(&customer(1), &renamed)
        .await
        .expect_err("taken");
    assert!(matches!(error, WriteError::Taken { .. }), "{error}");
    let refused = db
        .transact()
        .add(db.customers.move_to(&customer(1), &renamed))
        .or(Refused::Changed)
        .or_taken(CustomerUnique::Email, Refused::EmailTaken)
        .commit()
        .await
        .expect_err("taken");
    assert_eq!(refused.refusal(), Some(&Refused::EmailTaken));
    assert_eq!(count(&client).await, before, "nothing of it is written");
}

#[tokio::test]
async fn a_move_that_is_none_and_a_key_that_is_too_long_are_told_before_anything_is_sent() {
    let Open { db, .. } = open().await;
    let first = order(1, 5);
    let same = db.orders.move_to(&first, &first).request();
    let same = same.expect_err("the same key").to_string();
    assert!(same.contains("edit(&loaded)"), "{same}");
    let long = Order {
        suffix: Some("x".repeat(2_000)),
        ..first.clone()
    };
    let long = db.orders.move_to(&first, &long).request();
    assert!(long.expect_err("too long").to_string().contains("KF1002"));
    let large = Order {
        placed: moment(1),
        lines: vec!["x".repeat(410_000)],
        ..first.clone()
    };
    let large = db.orders.move_to(&first, &large).request();
    assert!(large.expect_err("too large").to_string().contains("KF1004"));
}

#[tokio::test]
async fn an_item_that_was_upserted_moves_too() {
    let Open { db, .. } = open().await;
    db.totals
        .upsert("Geneva")
        .add_orders(2)
        .send()
        .await
        .expect("begun");
    let loaded = db.totals.get("Geneva").consistent().await.expect("read");
    let moved = Totals {
        city: "Genève".to_owned(),
        ..loaded.clone()
    };
    db.totals.move_to(&loaded, &moved).await.expect("moved");
    assert_eq!(db.totals.get("Genève").await.expect("read").orders, 2);
}
