//! Several workers on one table: they share its shards, and take over from those that die.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use keyfold::embedded::{Fault, Faults, Options, Requests as Which};
use keyfold::prelude::*;
use keyfold_stream::{Context, HandlerError, Pipeline, Running};

use crate::requests::Requests;
use crate::shop::{Order, QUICK, Seen, Shop, noting, shop_on, source, streams};

const LEASE: Duration = Duration::from_secs(2);

async fn until(what: &str, holds: impl AsyncFn() -> bool) -> Duration {
    let since = Instant::now();
    while !holds().await {
        assert!(since.elapsed() < Duration::from_secs(30), "never: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    since.elapsed()
}

#[tokio::test]
async fn a_pipeline_without_work_writes_nothing() {
    let engine = keyfold::embedded::memory();
    let requests = Requests::default();
    let config = engine.config().interceptor(requests.clone()).build();
    let client = aws_sdk_dynamodb::Client::from_conf(config);
    let shop = Shop::builder(client).build();
    shop.create_table().if_missing().await.unwrap();
    let seen = Seen::default();
    let running = noting("idle", &seen)
        .lease(Duration::from_secs(1))
        .start(&shop, source(&engine))
        .await
        .unwrap();
    let other = noting("idle", &seen)
        .lease(Duration::from_secs(1))
        .worker("other");
    let other = other.start(&shop, source(&engine)).await.unwrap();
    shop.put(1, 1).await;
    seen.until(1).await;
    tokio::time::sleep(Duration::from_millis(500)).await;

    let before = requests.writes();
    // Long enough for each to take the other for dead, were silence alone a sign.
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(requests.writes(), before);
    assert!(requests.reads() < 200, "{} reads", requests.reads());

    // And both are alive.
    shop.put(1, 2).await;
    seen.until(2).await;
    assert_eq!(seen.of(1), [1, 2]);
    drop((running, other));
}

#[tokio::test]
async fn a_trickle_costs_one_write_for_many_records() {
    let engine = keyfold::embedded::memory();
    let requests = Requests::default();
    let config = engine.config().interceptor(requests.clone()).build();
    let counted = Shop::builder(aws_sdk_dynamodb::Client::from_conf(config)).build();
    let shop = shop_on(&engine).await;
    let seen = Seen::default();
    let running = noting("trickle", &seen)
        .start(&counted, source(&engine))
        .await
        .unwrap();
    let before = requests.writes();
    let begin = Instant::now();
    for number in 0..200 {
        shop.put(number % 7, i64::from(number)).await;
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    running.caught_up().await;
    let writes = requests.writes() - before;
    // A busy machine takes longer for them: what counts is time, not records.
    let seconds = begin.elapsed().as_secs_f64();
    assert!(
        f64::from(u32::try_from(writes).unwrap()) <= 2.0 + 1.5 * seconds,
        "{writes} writes for 200 records in {seconds} seconds"
    );
}

#[tokio::test]
async fn a_shard_whose_worker_died_is_taken_over_within_the_lease_time() {
    let engine = keyfold::embedded::memory();
    let shop = shop_on(&engine).await;
    let (of_first, of_second) = (Seen::default(), Seen::default());
    let first = noting("notes", &of_first).lease(LEASE).worker("first");
    let first = first.start(&shop, source(&engine)).await.unwrap();
    let second = noting("notes", &of_second).lease(LEASE).worker("second");
    let _second = second.start(&shop, source(&engine)).await.unwrap();
    shop.put(1, 1).await;
    of_first.until(1).await;
    // The position is written.
    until("the position", async || {
        let state = streams(&engine).state("notes").get().await.unwrap();
        state.shards[0].position.is_some()
    })
    .await;

    // Dies without a word; then there is work.
    drop(first);
    shop.put(1, 2).await;
    let took = until("taken over", async || of_second.len() > 0).await;
    assert!(took < LEASE * 3, "took {took:?}");
    assert_eq!(of_second.of(1), [2]);
}

#[tokio::test]
async fn a_worker_that_starts_again_under_its_name_goes_on_at_once() {
    let engine = keyfold::embedded::memory();
    let shop = shop_on(&engine).await;
    let seen = Seen::default();
    for round in 1..4 {
        let running = noting("notes", &seen).lease(Duration::from_mins(1));
        let running = running.start(&shop, source(&engine)).await.unwrap();
        shop.put(1, round).await;
        let took = until("handled", async || seen.of(1).contains(&round)).await;
        assert!(took < Duration::from_secs(20), "took {took:?}");
        // Dies, and gives nothing back.
        drop(running);
    }
}

#[tokio::test]
async fn a_worker_that_cannot_write_stops_before_another_begins() {
    let engine = keyfold::embedded::memory();
    let requests = Requests::default();
    let config = engine.config().interceptor(requests.clone()).build();
    let cut_off = Shop::builder(aws_sdk_dynamodb::Client::from_conf(config)).build();
    let shop = shop_on(&engine).await;
    let order: Arc<Mutex<Vec<(&'static str, i64)>>> = Arc::default();
    let worker = |name: &'static str| {
        let order = order.clone();
        Pipeline::<Shop>::new("notes").lease(LEASE).worker(name).on(
            move |change: Change<Order>, _: Context| {
                let order = order.clone();
                async move {
                    order.lock().unwrap().push((name, change.into_new()?.cents));
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    Ok::<(), HandlerError>(())
                }
            },
        )
    };
    let first = worker("first")
        .start(&cut_off, source(&engine))
        .await
        .unwrap();
    let _second = worker("second")
        .start(&shop, source(&engine))
        .await
        .unwrap();
    // More than can be handled before the first loses its lease.
    for cents in 0..150 {
        shop.put(1, cents).await;
    }
    until("the first works", async || order.lock().unwrap().len() > 10).await;
    requests.cut(true);
    until("the second works", async || {
        order
            .lock()
            .unwrap()
            .iter()
            .any(|(who, _)| *who == "second")
    })
    .await;
    requests.cut(false);
    until("all is handled", async || {
        order.lock().unwrap().iter().any(|(_, cents)| *cents == 149)
    })
    .await;
    let order = order.lock().unwrap().clone();
    let begun = order.iter().position(|(who, _)| *who == "second").unwrap();
    // Never both: from then on the second alone, until it in turn hands over (it does not).
    assert!(
        order[begun..].iter().all(|(who, _)| *who == "second"),
        "{order:?}"
    );
    // Nothing left out: the second begins no later than where the first was.
    let (last_of_first, first_of_second) = (order[begun - 1].1, order[begun].1);
    assert!(
        first_of_second <= last_of_first + 1,
        "{first_of_second} after {last_of_first}"
    );
    let of_second: Vec<i64> = order[begun..].iter().map(|(_, cents)| *cents).collect();
    assert!(
        of_second.windows(2).all(|pair| pair[1] == pair[0] + 1),
        "{of_second:?}"
    );
    drop(first);
}

/// Which worker reads how many shards.
fn shares(workers: &[(&str, &Running)]) -> BTreeMap<String, usize> {
    let count = |running: &Running| running.status().shards.len();
    workers
        .iter()
        .map(|(name, running)| ((*name).to_owned(), count(running)))
        .collect()
}

#[tokio::test]
async fn two_workers_share_the_shards_and_one_takes_all_when_the_other_stops() {
    let splits = Faults::seeded(3).often_for(Fault::ShardSplit, 0.5, Which::all());
    let engine = Options::new().faults(splits).memory();
    let shop = shop_on(&engine).await;
    let seen = Seen::default();
    // So long that a busy machine's pause is nobody's death: what dies begins again at its position.
    let lease = Duration::from_secs(5);
    let first = noting("shared", &seen)
        .lease(lease)
        .worker("first")
        .start(&shop, source(&engine))
        .await
        .unwrap();
    let mut written = 0;
    for round in 0..20 {
        for id in 0..10 {
            shop.put(id, round).await;
            written += 1;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let second = noting("shared", &seen)
        .lease(lease)
        .worker("second")
        .start(&shop, source(&engine))
        .await
        .unwrap();
    until("shared", async || {
        let shares = shares(&[("first", &first), ("second", &second)]);
        shares["first"] > 0 && shares["second"] > 0
    })
    .await;
    for round in 20..40 {
        for id in 0..10 {
            shop.put(id, round).await;
            written += 1;
        }
    }
    seen.until(written).await;
    first.stop().await;
    for id in 0..10 {
        shop.put(id, 40).await;
        written += 1;
    }
    seen.until(written).await;
    second.caught_up().await;
    let expected: Vec<i64> = (0..=40).collect();
    for id in 0..10 {
        assert_eq!(seen.of(id), expected, "order {id}");
    }
    assert!(engine.faults().count(Fault::ShardSplit) > 0);
}

#[tokio::test]
async fn a_slow_handler_holds_up_reading_and_memory_stays_bounded() {
    let engine = keyfold::embedded::memory();
    let shop = shop_on(&engine).await;
    let seen = Seen::default();
    let slow = seen.clone();
    let pipeline = Pipeline::<Shop>::new("slow")
        .retry(QUICK)
        .in_hand_max(50)
        .concurrency(4)
        .on(move |change: Change<Order>, cx: Context| {
            let seen = slow.clone();
            async move {
                tokio::time::sleep(Duration::from_millis(2)).await;
                seen.add(&change.into_new()?, &cx);
                Ok::<(), HandlerError>(())
            }
        });
    for number in 0..1_000 {
        shop.put(number % 100, i64::from(number)).await;
    }
    let running = pipeline.start(&shop, source(&engine)).await.unwrap();
    let mut most = 0;
    while seen.len() < 1_000 {
        most = most.max(running.status().in_hand());
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!((10..=50).contains(&most), "{most} in hand");
}
