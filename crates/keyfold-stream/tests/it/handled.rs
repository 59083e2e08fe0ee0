//! In one process: what is given to handlers, and what happens when they fail.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use keyfold::ChangeKind;
use keyfold::prelude::*;
use keyfold_stream::{Context, HandlerError, Pipeline, Start};

use crate::shop::{
    Cart, CartKey, Order, QUICK, Seen, Shop, ShopChange, letters, noting, shop_on, source,
};

type Handled = Result<(), HandlerError>;

#[tokio::test]
async fn a_write_wakes_its_handler() {
    let engine = keyfold::embedded::memory();
    let shop = shop_on(&engine).await;
    let seen = Seen::default();
    let running = noting("notes", &seen)
        .start(&shop, source(&engine))
        .await
        .unwrap();
    for number in 0..20 {
        shop.put(number % 4, i64::from(number)).await;
    }
    running.caught_up().await;
    for id in 0..4 {
        let expected: Vec<i64> = (0..5).map(|round| i64::from(round * 4 + id)).collect();
        assert_eq!(seen.of(id.try_into().unwrap()), expected);
    }
    assert_eq!(running.status().handled, 20);
    running.stop().await;
}

#[tokio::test]
async fn what_was_written_before_the_first_start_comes_too_unless_told_otherwise() {
    let engine = keyfold::embedded::memory();
    let shop = shop_on(&engine).await;
    shop.put(1, 1).await;
    // Records tell their time to the second.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let (all, new) = (Seen::default(), Seen::default());
    let first = noting("all", &all)
        .start(&shop, source(&engine))
        .await
        .unwrap();
    let latest = noting("new", &new).start_at(Start::Latest);
    let second = latest.start(&shop, source(&engine)).await.unwrap();
    shop.put(1, 2).await;
    first.caught_up().await;
    second.caught_up().await;
    assert_eq!((all.of(1), new.of(1)), (vec![1, 2], vec![2]));
}

#[tokio::test]
async fn a_restart_goes_on_where_it_stopped() {
    let engine = keyfold::embedded::memory();
    let shop = shop_on(&engine).await;
    let seen = Seen::default();
    for round in 0..3 {
        let running = noting("notes", &seen)
            .start(&shop, source(&engine))
            .await
            .unwrap();
        shop.put(1, round).await;
        running.caught_up().await;
        running.stop().await;
        shop.put(2, round).await;
    }
    let running = noting("notes", &seen)
        .start(&shop, source(&engine))
        .await
        .unwrap();
    running.caught_up().await;
    assert_eq!(seen.of(1), [0, 1, 2]);
    assert_eq!(seen.of(2), [0, 1, 2]);
}

#[tokio::test]
async fn every_change_is_told_as_what_it_is() {
    let engine = keyfold::embedded::memory();
    let shop = shop_on(&engine).await;
    let (told, mut telling) = tokio::sync::mpsc::unbounded_channel();
    let pipeline = Pipeline::<Shop>::new("any").on_any(move |change: ShopChange, _: Context| {
        let told = told.clone();
        async move {
            let text = match change {
                ShopChange::Order(order) => {
                    format!("{:?} {:?}", order.kind, order.new.map(|o| o.cents))
                }
                ShopChange::Unknown(raw) => format!("unknown {:?}", raw.kind),
                _ => "other".to_owned(),
            };
            told.send(text).map_err(HandlerError::retry)
        }
    });
    let running = pipeline.start(&shop, source(&engine)).await.unwrap();
    shop.put(1, 5).await;
    shop.put(1, 6).await;
    shop.orders
        .delete(crate::shop::OrderKey { id: 1 })
        .await
        .unwrap();
    let stranger = [("PK", "STRANGER#1"), ("SK", "META")].map(|(name, value)| {
        let value = aws_sdk_dynamodb::types::AttributeValue::S(value.to_owned());
        (name.to_owned(), value)
    });
    let put = shop.client().put_item().table_name("shop");
    put.set_item(Some(stranger.into())).send().await.unwrap();
    running.caught_up().await;
    let mut all = Vec::new();
    while let Ok(text) = telling.try_recv() {
        all.push(text);
    }
    all.sort();
    assert_eq!(
        all,
        [
            "Inserted Some(5)",
            "Modified Some(6)",
            "Removed None",
            "unknown Inserted"
        ]
    );
}

#[tokio::test]
async fn a_record_that_always_fails_is_set_aside_and_the_rest_goes_on() {
    let engine = keyfold::embedded::memory();
    let shop = shop_on(&engine).await;
    let seen = Seen::default();
    let kept = seen.clone();
    let pipeline =
        Pipeline::new("picky")
            .retry(QUICK)
            .on(move |change: Change<Order>, cx: Context| {
                let seen = kept.clone();
                async move {
                    let order = change.into_new()?;
                    match order.cents {
                        13 => Err(HandlerError::retry(format!(
                            "unlucky, attempt {}",
                            cx.attempt()
                        ))),
                        14 => Err(HandlerError::set_aside("never")),
                        15 => panic!("a bug"),
                        _ => {
                            seen.add(&order, &cx);
                            Handled::Ok(())
                        }
                    }
                }
            });
    let running = pipeline.start(&shop, source(&engine)).await.unwrap();
    for cents in 10..20 {
        shop.put(1, cents).await;
        shop.put(u32::try_from(cents).unwrap(), cents).await;
    }
    running.caught_up().await;
    assert_eq!(seen.of(1), [10, 11, 12, 16, 17, 18, 19]);
    let status = running.status();
    assert_eq!((status.handled, status.set_aside), (14, 6));
    let mut found: Vec<_> = letters(&engine, "picky")
        .await
        .into_iter()
        .map(|letter| (letter.attempts, letter.reason, letter.entity.unwrap()))
        .collect();
    found.sort();
    found.dedup();
    let expected = [
        (1, "never".to_owned()),
        (3, "KF3003: the handler panicked".to_owned()),
        (3, "unlucky, attempt 3".to_owned()),
    ];
    assert_eq!(
        found,
        expected.map(|(n, reason)| (n, reason, "Order".to_owned()))
    );
}

#[tokio::test]
async fn a_handler_that_hangs_is_ended_and_others_go_on() {
    let engine = keyfold::embedded::memory();
    let shop = shop_on(&engine).await;
    let seen = Seen::default();
    let kept = seen.clone();
    let hung = Arc::new(AtomicU32::new(0));
    let count = hung.clone();
    let pipeline = Pipeline::new("hangs")
        .retry(QUICK)
        .time_limit(Duration::from_millis(50))
        .on(move |change: Change<Order>, cx: Context| {
            let (seen, hung) = (kept.clone(), count.clone());
            async move {
                let order = change.into_new()?;
                if order.id == 0 && order.cents == 0 {
                    hung.fetch_add(1, Ordering::Relaxed);
                    std::future::pending::<()>().await;
                }
                seen.add(&order, &cx);
                Handled::Ok(())
            }
        });
    let running = pipeline.start(&shop, source(&engine)).await.unwrap();
    for cents in 0..3 {
        for id in 0..10 {
            shop.put(id, cents).await;
        }
    }
    running.caught_up().await;
    assert_eq!(seen.of(0), [1, 2]);
    assert_eq!(seen.len(), 29);
    assert_eq!(hung.load(Ordering::Relaxed), 3);
    let letters = letters(&engine, "hangs").await;
    assert_eq!(letters.len(), 1);
    assert!(
        letters[0].reason.starts_with("KF3004"),
        "{}",
        letters[0].reason
    );
}

#[tokio::test]
async fn an_image_that_cannot_be_there_is_said_clearly() {
    let removed = Change::removed(Order { id: 1, cents: 1 });
    assert_eq!(removed.kind, ChangeKind::Removed);
    let error = removed.into_new().unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("KF3001: a removed `Order` has no new image"),
        "{error}"
    );
    assert!(HandlerError::from(error).is_set_aside());
}

#[tokio::test]
async fn what_expired_is_told_from_what_was_deleted() {
    let options = keyfold::embedded::Options::new().upkeep_every(Duration::from_millis(20));
    let engine = options.memory();
    let shop = shop_on(&engine).await;
    let (told, mut telling) = tokio::sync::mpsc::unbounded_channel();
    let pipeline = Pipeline::<Shop>::new("carts").on(move |change: Change<Cart>, _: Context| {
        let told = told.clone();
        async move {
            let by_ttl = change.expired_by_ttl;
            if change.is_remove() {
                told.send((change.into_old()?.id, by_ttl))
                    .map_err(HandlerError::retry)?;
            }
            Ok::<(), HandlerError>(())
        }
    });
    let running = pipeline.start(&shop, source(&engine)).await.unwrap();
    let past = Timestamp::from_millisecond(shop.now().as_millisecond() - 60_000).unwrap();
    shop.carts.put(Cart { id: 1, until: None }).await.unwrap();
    shop.carts.delete(CartKey { id: 1 }).await.unwrap();
    assert_eq!(telling.recv().await.unwrap(), (1, false));
    let expired = Cart {
        id: 2,
        until: Some(past),
    };
    shop.carts.put(expired).await.unwrap();
    let gone = tokio::time::timeout(Duration::from_secs(20), telling.recv()).await;
    assert_eq!(gone.unwrap().unwrap(), (2, true));
    drop(running);
}
