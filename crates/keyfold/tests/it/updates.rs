//! `patch`, `upsert`, `edit`.

use keyfold::prelude::*;

use crate::shop::*;

#[tokio::test]
async fn a_patch_changes_what_it_names_and_never_creates() {
    let Open { db, client, hands } = open().await;
    let placed = order(1, 5);
    db.orders.create(placed.clone()).await.expect("created");
    hands.forward_ms(99);
    let patch = db
        .orders
        .patch(&placed)
        .lines(vec!["strap".to_owned()])
        .coupon("X".to_owned());
    patch.send().await.expect("patched");
    let read = db.orders.get(&placed).await.expect("read");
    let expected = Order {
        lines: vec!["strap".to_owned()],
        coupon: Some("X".to_owned()),
        changed: moment(99),
        ..placed.clone()
    };
    assert_eq!(read, expected, "`#[updated]` is stamped");
    db.orders
        .patch(&placed)
        .coupon(None)
        .send()
        .await
        .expect("patched");
    db.orders
        .patch(&placed)
        .remove_coupon()
        .send()
        .await
        .expect("patched");
    assert_eq!(db.orders.get(&placed).await.expect("read").coupon, None);

    let before = count(&client).await;
    let missing = db
        .orders
        .patch(&order(2, 5))
        .lines(Vec::new())
        .send()
        .await
        .expect_err("refused");
    assert!(missing.is_not_found(), "{missing}");
    assert_eq!(count(&client).await, before);
}

#[tokio::test]
async fn a_failed_condition_is_told_from_an_absent_item() {
    let Open { db, .. } = open().await;
    let placed = order(1, 5);
    db.orders.create(placed.clone()).await.expect("created");
    let refused = db
        .orders
        .patch(&placed)
        .coupon("X".to_owned())
        .when(|o| o.weight.gt(7_u16))
        .send()
        .await;
    assert!(refused.expect_err("refused").is_condition_failed());
    let both = db
        .orders
        .patch(&placed)
        .coupon("X".to_owned())
        .when(|o| o.weight.ge(7_u16).and(!o.coupon.exists()));
    both.send().await.expect("patched");
}

#[tokio::test]
async fn parts_of_an_index_key_move_the_item_in_the_index() {
    let Open { db, .. } = open().await;
    let placed = order(1, 5);
    db.orders.create(placed.clone()).await.expect("created");
    db.orders
        .patch(&placed)
        .state(State::InTransit)
        .send()
        .await
        .expect("patched");
    db.orders
        .patch(&placed)
        .due_and_weight(moment(1_000), 3_u16)
        .send()
        .await
        .expect("patched");
    let open_ones = db
        .orders_due(State::Open, moment(1_000_000))
        .page()
        .await
        .expect("read");
    assert!(open_ones.items.is_empty());
    let moved = db
        .orders_due(State::InTransit, moment(1_000))
        .page()
        .await
        .expect("read");
    assert_eq!(moved.items.len(), 1);
    assert_eq!(
        (moved.items[0].due, moved.items[0].weight),
        (moment(1_000), 3)
    );

    let loaded = db.orders.get(&placed).consistent().await.expect("read");
    db.orders
        .edit(&loaded)
        .weight(4_u16)
        .send()
        .await
        .expect("edited");
    db.orders
        .patch(&placed)
        .number(None)
        .send()
        .await
        .expect("patched");
    assert!(
        db.orders_of("main")
            .page()
            .await
            .expect("read")
            .items
            .is_empty(),
        "left the sparse index"
    );
    db.orders
        .patch(&placed)
        .number(Some(12))
        .send()
        .await
        .expect("patched");
    assert_eq!(
        db.orders_of("main").page().await.expect("read").items.len(),
        1
    );
}

#[tokio::test]
async fn an_edit_refuses_parts_that_changed_since_it_was_loaded() {
    let Open { db, .. } = open().await;
    let placed = order(1, 5);
    db.orders.create(placed.clone()).await.expect("created");
    let loaded = db.orders.get(&placed).consistent().await.expect("read");
    db.orders
        .patch(&placed)
        .due_and_weight(moment(7), 9_u16)
        .send()
        .await
        .expect("patched");
    let stale = db
        .orders
        .edit(&loaded)
        .weight(1_u16)
        .send()
        .await
        .expect_err("stale");
    assert!(
        stale.is_condition_failed(),
        "the key would have been made from the old `due`: {stale}"
    );
    db.orders
        .edit(&loaded)
        .lines(Vec::new())
        .send()
        .await
        .expect("no key is made from `lines`");
}

#[tokio::test]
async fn a_version_is_raised_and_checked() {
    let Open { db, .. } = open().await;
    db.customers.create(customer(1)).await.expect("created");
    let first = db
        .customers
        .get(&customer(1).id)
        .consistent()
        .await
        .expect("read");
    db.customers
        .edit(&first)
        .name("B")
        .send()
        .await
        .expect("edited");
    let stale = db
        .customers
        .edit(&first)
        .name("C")
        .send()
        .await
        .expect_err("stale");
    assert!(stale.is_condition_failed());
    let second = db
        .customers
        .get(&customer(1).id)
        .consistent()
        .await
        .expect("read");
    assert_eq!((second.name.as_str(), second.version), ("B", 2));
}

#[tokio::test]
async fn an_upsert_begins_an_item_that_can_be_read() {
    let Open { db, hands, .. } = open().await;
    db.totals
        .upsert("Geneva")
        .add_orders(2)
        .send()
        .await
        .expect("begun");
    hands.forward_ms(5_000);
    db.totals
        .upsert("Geneva")
        .add_orders(1)
        .add_balance(-7)
        .send()
        .await
        .expect("changed");
    let expected = Totals {
        city: "Geneva".into(),
        orders: 3,
        balance: -7,
        last: None,
        tags: Vec::new(),
        since: moment(0),
        changed: moment(5_000),
    };
    assert_eq!(db.totals.get("Geneva").await.expect("read"), expected);
    db.totals
        .upsert("Rome")
        .last("x".to_owned())
        .send()
        .await
        .expect("begun");
    assert_eq!(db.totals.get("Rome").await.expect("read").orders, 0);
}

#[tokio::test]
async fn a_hundred_increments_at_once_all_count() {
    let Open { db, .. } = open().await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..100 {
        let db = db.clone();
        tasks.spawn(async move { db.totals.upsert("Geneva").add_orders(1).send().await });
    }
    while let Some(done) = tasks.join_next().await {
        done.expect("ran").expect("counted");
    }
    assert_eq!(
        db.totals
            .get("Geneva")
            .consistent()
            .await
            .expect("read")
            .orders,
        100
    );
}
