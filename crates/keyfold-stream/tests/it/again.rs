//! Effects once, however often a record is delivered; dead letters, and trying them again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use keyfold::embedded::{Engine, Faults, Options};
use keyfold::prelude::*;
use keyfold_stream::operate::{OperateError, Operator};
use keyfold_stream::{Applied, Context, HandlerError, Pipeline};

use crate::shop::{Order, QUICK, Shop, TotalKey, letters, shop_on, source};

/// Adds each new order to a total, once; then fails if told to.
pub fn totals(
    name: &str,
    shop: &Shop,
    fails: impl Fn(&Order, &Context) -> bool + Clone + Send + Sync + 'static,
) -> Pipeline<Shop> {
    let shop = shop.clone();
    Pipeline::new(name).on(move |change: Change<Order>, cx: Context| {
        let (shop, fails) = (shop.clone(), fails.clone());
        async move {
            let order = change.into_new()?;
            let key = TotalKey {
                name: cx.pipeline().to_owned(),
            };
            let add = shop.totals.upsert(key).add_orders(1).add_cents(order.cents);
            cx.once(shop.transact().apply(add)).commit().await?;
            if fails(&order, &cx) {
                return Err(HandlerError::retry("after its effect"));
            }
            Ok(())
        }
    })
}

fn operator(engine: &Engine) -> Operator {
    let engine = engine.past_faults();
    Operator::new(engine.client(), &source(&engine), "shop")
}

#[tokio::test]
async fn a_handler_that_fails_after_its_effect_has_it_once() {
    let engine = keyfold::embedded::memory();
    let shop = shop_on(&engine).await;
    let pipeline = totals("once", &shop, |_, cx| cx.attempt() < 3).retry(QUICK);
    let running = pipeline.start(&shop, source(&engine)).await.unwrap();
    for id in 0..10 {
        shop.put(id, 5).await;
    }
    running.caught_up().await;
    let total = shop.total("once").await.unwrap();
    assert_eq!((total.orders, total.cents), (10, 50));
    assert_eq!(running.status().failed_calls, 20);
    assert!(letters(&engine, "once").await.is_empty());
}

#[tokio::test]
async fn a_second_transaction_of_a_handler_needs_a_name_and_has_its_own_effect() {
    let engine = keyfold::embedded::memory();
    let shop = shop_on(&engine).await;
    let db = shop.clone();
    let (told, mut telling) = tokio::sync::mpsc::unbounded_channel();
    let pipeline = Pipeline::new("twice").on(move |_: Change<Order>, cx: Context| {
        let (db, told) = (db.clone(), told.clone());
        async move {
            let add = |name: &str| {
                let key = TotalKey {
                    name: name.to_owned(),
                };
                db.transact().apply(db.totals.upsert(key).add_orders(1))
            };
            let first = cx.once(add("a")).commit().await?;
            let same = cx.once(add("a")).commit().await?;
            let other = cx.once_as("other", add("b")).commit().await?;
            told.send([first, same, other]).map_err(HandlerError::retry)
        }
    });
    let running = pipeline.start(&shop, source(&engine)).await.unwrap();
    shop.put(1, 1).await;
    running.caught_up().await;
    assert_eq!(
        telling.recv().await.unwrap(),
        [Applied::Now, Applied::Before, Applied::Now]
    );
    assert_eq!(shop.total("a").await.unwrap().orders, 1);
    assert_eq!(shop.total("b").await.unwrap().orders, 1);
}

#[tokio::test]
async fn a_dead_letter_is_replayed_by_hand() {
    let engine = keyfold::embedded::memory();
    let shop = shop_on(&engine).await;
    let broken = Arc::new(AtomicBool::new(true));
    let is_broken = broken.clone();
    let pipeline = Pipeline::<Shop>::new("mended")
        .retry(QUICK)
        .lease(Duration::from_secs(1))
        .on(move |_: Change<Order>, cx: Context| {
            let is_broken = is_broken.load(Ordering::Relaxed);
            async move {
                if is_broken {
                    return Err(HandlerError::retry(format!(
                        "broken, replay {}",
                        cx.is_replay()
                    )));
                }
                Ok(())
            }
        });
    let running = pipeline.start(&shop, source(&engine)).await.unwrap();
    shop.put(1, 1).await;
    running.caught_up().await;
    let operator = operator(&engine);
    let letter = operator.dead_letters("mended").await.unwrap().remove(0);
    assert_eq!(
        (letter.attempts, &*letter.reason),
        (3, "broken, replay false")
    );

    // Still broken: it stays, with what was said last.
    operator.replay("mended", &letter.record).await.unwrap();
    while operator
        .is_asked_for("mended", &letter.record)
        .await
        .unwrap()
    {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let again = operator
        .dead_letter("mended", &letter.record)
        .await
        .unwrap();
    assert_eq!((again.attempts, &*again.reason), (6, "broken, replay true"));

    broken.store(false, Ordering::Relaxed);
    operator.replay("mended", &letter.record).await.unwrap();
    while operator
        .is_asked_for("mended", &letter.record)
        .await
        .unwrap()
    {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let gone = operator.dead_letter("mended", &letter.record).await;
    assert!(matches!(gone, Err(OperateError::NoLetter { .. })));
    let unknown = operator
        .dead_letters("other")
        .await
        .unwrap_err()
        .to_string();
    assert!(
        unknown.contains("KF3010") && unknown.contains("mended"),
        "{unknown}"
    );
}

#[tokio::test]
async fn lag_is_what_is_not_done_with() {
    let engine = keyfold::embedded::memory();
    let shop = shop_on(&engine).await;
    let running = totals("lag", &shop, |_, _| false)
        .start(&shop, source(&engine))
        .await
        .unwrap();
    shop.put(1, 1).await;
    running.caught_up().await;
    running.stop().await;
    for id in 0..7 {
        shop.put(id, 2).await;
    }
    let lag = operator(&engine).lag("lag").await.unwrap();
    assert_eq!(lag.len(), 1);
    assert_eq!(
        (lag[0].behind, lag[0].and_more, lag[0].owner.as_deref()),
        (7, false, None)
    );
    assert!(lag[0].oldest.is_some() && lag[0].position.is_some());
}

/// 1 unless `KEYFOLD_ROUNDS` says otherwise.
fn rounds() -> u64 {
    std::env::var("KEYFOLD_ROUNDS").map_or(1, |rounds| rounds.parse().unwrap())
}

#[tokio::test]
async fn on_a_service_that_fails_as_aws_does_every_change_counts_once() {
    for seed in 1..=rounds() {
        let engine = Options::new().faults(Faults::aws_like(seed)).memory();
        // The orders are set up past the faults; the pipeline bears them.
        let sound = shop_on(&engine.past_faults()).await;
        let shop = Shop::builder(engine.client()).build();
        let pipeline = totals("faulty", &shop, |order, cx| {
            order.cents % 11 == 0 && cx.attempt() == 1
        });
        let policy = Policy {
            attempts_max: 30,
            pause_first: Duration::from_millis(1),
            pause_max: Duration::from_millis(50),
        };
        let pipeline = pipeline.retry(policy).lease(Duration::from_secs(2));
        let first = pipeline
            .clone()
            .worker("first")
            .start(&shop, source(&engine))
            .await
            .unwrap();
        let second = pipeline
            .worker("second")
            .start(&shop, source(&engine))
            .await
            .unwrap();
        let mut cents = 0;
        for number in 0..400_i64 {
            sound.put(u32::try_from(number % 40).unwrap(), number).await;
            cents += number;
        }
        let done = async || {
            sound
                .total("faulty")
                .await
                .is_some_and(|total| total.orders == 400)
        };
        let since = std::time::Instant::now();
        while !done().await {
            let total = sound.total("faulty").await;
            assert!(
                since.elapsed() < Duration::from_mins(1),
                "seed {seed}: {total:?}\n{}",
                engine.faults()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        first.stop().await;
        second.stop().await;
        let total = sound.total("faulty").await.unwrap();
        assert_eq!((total.orders, total.cents), (400, cents), "seed {seed}");
        assert!(letters(&engine, "faulty").await.is_empty(), "seed {seed}");
    }
}
