//! `find get exists create put delete`.

use aws_sdk_dynamodb::types::AttributeValue;
use keyfold::prelude::*;

use crate::shop::*;

#[tokio::test]
async fn what_is_created_is_found_by_its_key() {
    let Open { db, .. } = open().await;
    let order = Order {
        suffix: Some("a#b %$é".to_owned()),
        coupon: Some("X".to_owned()),
        ..order(1, 5)
    };
    db.orders.create(order.clone()).await.expect("created");
    let key = OrderKey {
        customer: order.customer,
        placed: order.placed,
        suffix: order.suffix.clone(),
    };
    assert_eq!(
        db.orders.find(&key).await.expect("read"),
        Some(order.clone())
    );
    assert_eq!(
        db.orders.find(&order).consistent().await.expect("read"),
        Some(order.clone())
    );
    assert!(db.orders.exists(&key).await.expect("read"));
    let without_tail = OrderKey {
        suffix: None,
        ..key
    };
    assert_eq!(db.orders.find(&without_tail).await.expect("read"), None);
    assert!(
        db.orders
            .get(&without_tail)
            .await
            .expect_err("absent")
            .is_not_found()
    );
}

#[tokio::test]
async fn an_item_holds_what_its_struct_and_templates_say() {
    let Open { db, client, .. } = open().await;
    db.orders.create(order(1, 5)).await.expect("created");
    let item = raw(
        &client,
        "CUSTOMER#00000000000000000000000000000001",
        "ORDER#2026-03-01T09:35:00.000Z",
    )
    .await;
    let item = item.expect("there");
    let text = |name: &str| {
        item.get(name)
            .and_then(|value| value.as_s().ok())
            .map(String::as_str)
    };
    assert_eq!(text("entity"), Some("Order"));
    assert_eq!(text("GSI1PK"), Some("STATE#open"));
    assert_eq!(text("GSI1SK"), Some("ORDER#2026-03-01T09:35:00.001Z#00007"));
    assert_eq!(item.get("number"), Some(&AttributeValue::N("5".to_owned())));
    assert!(
        !item.contains_key("suffix"),
        "key-only fields are in the key alone"
    );
    assert!(
        !item.contains_key("coupon"),
        "`omit_none` leaves the attribute out"
    );
}

#[tokio::test]
async fn none_is_null_and_leaves_the_index() {
    let Open { db, client, .. } = open().await;
    db.customers
        .create(Customer {
            city: None,
            ..customer(1)
        })
        .await
        .expect("created");
    db.orders
        .create(Order {
            number: None,
            ..order(1, 5)
        })
        .await
        .expect("created");
    let item = raw(&client, "CUSTOMER#00000000000000000000000000000001", "META")
        .await
        .expect("there");
    assert_eq!(item.get("city"), Some(&AttributeValue::Null(true)));
    assert!(!item.contains_key("GSI1PK"), "a sparse index");
    let by_number = db.orders_of("main").page().await.expect("read");
    assert!(by_number.items.is_empty(), "NULL is no key of an index");
    db.customers
        .patch(&customer(1).id)
        .city(Some("Rome".to_owned()))
        .send()
        .await
        .expect("patched");
    assert_eq!(
        db.customers_in("Rome")
            .page()
            .await
            .expect("read")
            .items
            .len(),
        1,
        "back in the index"
    );
}

#[tokio::test]
async fn creating_twice_is_refused_and_writes_nothing() {
    let Open { db, .. } = open().await;
    db.notes
        .create(Note {
            folder: "f".into(),
            title: "t".into(),
            body: "1".into(),
        })
        .await
        .expect("created");
    let again = db
        .notes
        .create(Note {
            folder: "f".into(),
            title: "t".into(),
            body: "2".into(),
        })
        .await;
    assert!(again.expect_err("refused").is_already_there());
    assert_eq!(db.notes.get(("f", "t")).await.expect("read").body, "1");
}

#[tokio::test]
async fn put_replaces_and_delete_is_idempotent() {
    let Open { db, .. } = open().await;
    let note = |body: &str| Note {
        folder: "f".into(),
        title: "t".into(),
        body: body.into(),
    };
    db.notes.put(note("1")).await.expect("put");
    db.notes
        .put(note("2"))
        .when(|n| n.body.eq("1"))
        .await
        .expect("put");
    let refused = db
        .notes
        .put(note("3"))
        .when(|n| n.body.eq("1"))
        .await
        .expect_err("refused");
    assert!(refused.is_condition_failed(), "{refused}");
    let refused = db
        .notes
        .delete(("f", "t"))
        .when(|n| n.body.eq("1"))
        .await
        .expect_err("refused");
    assert!(refused.is_condition_failed(), "{refused}");
    db.notes.delete(("f", "t")).await.expect("deleted");
    db.notes.delete(("f", "t")).await.expect("deleted again");
    assert_eq!(db.notes.find(("f", "t")).await.expect("read"), None);
}

#[tokio::test]
async fn keys_of_hostile_text_do_not_meet() {
    let Open { db, client, .. } = open().await;
    let texts = [
        "a",
        "a#b",
        "a%23b",
        "a$",
        "a b",
        "a\u{0}",
        "%",
        "é",
        "🦀",
        "A",
        "\u{10FFFF}",
    ];
    for folder in texts {
        for title in texts {
            let body = format!("{folder}/{title}");
            db.notes
                .create(Note {
                    folder: folder.into(),
                    title: title.into(),
                    body,
                })
                .await
                .expect("created");
        }
    }
    assert_eq!(
        usize::try_from(count(&client).await).expect("count"),
        texts.len() * texts.len()
    );
    for folder in texts {
        for title in texts {
            let note = db.notes.get((folder, title)).await.expect("read");
            assert_eq!((note.folder.as_str(), note.title.as_str()), (folder, title));
            assert_eq!(note.body, format!("{folder}/{title}"));
        }
    }
}

#[tokio::test]
async fn expired_items_are_as_good_as_gone() {
    let Open { db, client, hands } = open().await;
    let session = Session {
        token: "t".into(),
        user: "u".into(),
        until: Some(moment(10_500)),
    };
    db.sessions.create(session.clone()).await.expect("created");
    let item = raw(&client, "SESSION#t", "META").await.expect("there");
    assert_eq!(
        item.get("expires"),
        Some(&AttributeValue::N("1772357411".to_owned())),
        "seconds, rounded up"
    );
    assert!(!item.contains_key("until"));
    assert_eq!(
        db.sessions.get("t").await.expect("read").until,
        Some(moment(11_000))
    );
    assert!(
        db.sessions
            .create(session.clone())
            .await
            .expect_err("alive")
            .is_already_there()
    );

    hands.forward_ms(11_000);
    assert!(
        raw(&client, "SESSION#t", "META").await.is_some(),
        "nothing deletes it at once"
    );
    assert_eq!(db.sessions.find("t").await.expect("read"), None);
    assert!(!db.sessions.exists("t").await.expect("read"));
    assert!(
        db.sessions
            .patch("t")
            .user("v")
            .send()
            .await
            .expect_err("gone")
            .is_not_found()
    );
    assert!(
        db.sessions
            .edit(&session)
            .user("v")
            .send()
            .await
            .expect_err("gone")
            .is_not_found()
    );
    let fresh = Session {
        user: "new".into(),
        until: None,
        ..session
    };
    db.sessions
        .create(fresh.clone())
        .await
        .expect("created over the expired one");
    assert_eq!(db.sessions.get("t").await.expect("read"), fresh);
}

#[tokio::test]
async fn an_item_that_does_not_fit_names_entity_and_attribute_and_not_its_key() {
    let Open { db, client, .. } = open().await;
    let put = client
        .put_item()
        .table_name("shop")
        .item("PK", AttributeValue::S("SESSION#geheim".into()));
    let put = put
        .item("SK", AttributeValue::S("META".into()))
        .item("user", AttributeValue::N("7".into()));
    put.item("token", AttributeValue::S("geheim".into()))
        .send()
        .await
        .expect("put");
    let error = db
        .sessions
        .get("geheim")
        .await
        .expect_err("malformed")
        .to_string();
    assert!(
        error.contains("KF1005") && error.contains("`Session`") && error.contains("user"),
        "{error}"
    );
    assert!(!error.contains("geheim"), "{error}");
}

#[tokio::test]
async fn identifiers_and_bits_come_from_the_handle() {
    struct Seven;
    impl keyfold::Randomness for Seven {
        fn bits(&self) -> u128 {
            7
        }
    }
    let client = keyfold::embedded::memory().client();
    let db = Shop::builder(client).randomness(Seven).build();
    assert_eq!(db.random(), 7);
    assert_eq!(db.new_id::<Customer, keyfold::Hex16>().bits(), 7);
}
