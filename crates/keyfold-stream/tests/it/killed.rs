//! Workers are killed at random moments, under load: every change is handled, effects once.
//!
//! A worker is a child process, this test program again. Once it holds the engine's folder and writes
//! by itself; once it works on an endpoint that another process serves, beside a second worker.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use keyfold::ChangeKind;
use keyfold::embedded::{Engine, Fault, Faults, Options};
use keyfold::prelude::*;
use keyfold_stream::operate::Operator;
use keyfold_stream::{Context, HandlerError, Pipeline, Source};

use crate::shop::{Order, Shop, TotalKey, client_at, letters, shop_on, source};

const FOLDER: &str = "KEYFOLD_STREAM_FOLDER";
const ENDPOINT: &str = "KEYFOLD_STREAM_ENDPOINT";
const WORKER: &str = "KEYFOLD_STREAM_WORKER";
const ORDERS: u32 = 20;
const LEASE: Duration = Duration::from_secs(1);

/// 30 rounds unless `KEYFOLD_ROUNDS` says otherwise.
fn rounds() -> u32 {
    std::env::var("KEYFOLD_ROUNDS").map_or(30, |rounds| rounds.parse().unwrap())
}

/// Counts changes, and keeps each order's last amount: wrong if one is left out, counted twice or
/// handled before an older one.
fn counting(shop: &Shop) -> Pipeline<Shop> {
    let shop = shop.clone();
    Pipeline::new("counting")
        .lease(LEASE)
        .on(move |change: Change<Order>, cx: Context| {
            let shop = shop.clone();
            async move {
                let order = change.into_new()?;
                let all = TotalKey {
                    name: "all".to_owned(),
                };
                let of_one = TotalKey {
                    name: format!("order {}", order.id),
                };
                let count = shop.totals.upsert(all).add_orders(1).add_cents(order.cents);
                // Each order is written with 1, 2, 3 …: its count is its last amount, if nothing is
                // missing, and is raised in this order, or the condition fails.
                let before = u64::try_from(order.cents - 1).unwrap_or_default();
                let raise = shop.totals.upsert(of_one).add_orders(1);
                let raise = match before {
                    0 => raise.when(|total| total.orders.absent()),
                    before => raise.when(|total| total.orders.eq(before)),
                };
                cx.once(shop.transact().apply(count).apply(raise))
                    .commit()
                    .await?;
                Ok::<(), HandlerError>(())
            }
        })
}

/// What the stream has of orders: how many changes, and the last amount of each order.
async fn streamed(engine: &Engine) -> (u64, BTreeMap<u32, i64>) {
    let engine = engine.past_faults();
    let operator = Operator::new(engine.client(), &source(&engine), "shop");
    let mut tail = operator.tail(true).await.unwrap();
    let (mut changes, mut last) = (0, BTreeMap::new());
    let mut seen = BTreeSet::new();
    let mut silent = 0;
    while silent < 3 {
        let records = tail.next().await.unwrap();
        silent = if records.is_empty() { silent + 1 } else { 0 };
        for (_, record) in records {
            let change = record.change;
            if change.place(Shop::model()) == Some(0) && seen.insert(record.id) {
                assert_ne!(change.kind, ChangeKind::Removed);
                let order: Order = change.decode(Shop::model()).unwrap().into_new().unwrap();
                changes += 1;
                let amount = last.entry(order.id).or_insert(0);
                *amount = order.cents.max(*amount);
            }
        }
    }
    (changes, last)
}

async fn check(engine: &Engine, shop: &Shop) -> u64 {
    let (changes, last) = streamed(engine).await;
    let since = Instant::now();
    while shop.total("all").await.map_or(0, |total| total.orders) < changes {
        let total = shop.total("all").await;
        assert!(
            since.elapsed() < Duration::from_secs(30),
            "{total:?} of {changes}"
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let total = shop.total("all").await.map_or(0, |total| total.orders);
    assert_eq!(total, changes, "counted twice");
    for (id, amount) in last {
        let count = shop.total(&format!("order {id}")).await.unwrap().orders;
        assert_eq!(i64::try_from(count).unwrap(), amount, "order {id}");
    }
    assert!(
        letters(engine, "counting").await.is_empty(),
        "overtaken or lost"
    );
    changes
}

fn child(test: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", test, "--ignored", "--nocapture"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

#[tokio::test]
async fn a_worker_that_is_killed_with_its_engine_has_handled_everything_in_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let (mut acknowledged, mut total) = (0, 0);
    for round in 0..rounds() {
        let mut writer = child("killed::writes_and_handles_until_killed")
            .env(FOLDER, folder.path())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(writer.stdout.take().unwrap()).lines();
        let kill_after = 5 + (round * 37) % 90;
        let mut seen = 0;
        while seen < kill_after {
            let line = lines.next().expect("the child lives").unwrap();
            seen += u32::from(line.starts_with("acknowledged"));
        }
        std::thread::sleep(Duration::from_micros(u64::from(round) * 7_919 % 9_000));
        writer.kill().unwrap();
        writer.wait().unwrap();
        acknowledged += u64::from(seen);
        // Every few rounds, and in the end, all must be there; the others pile up.
        if round % 5 == 4 || round + 1 == rounds() {
            let engine = keyfold::embedded::open(folder.path()).unwrap();
            let shop = shop_on(&engine).await;
            let running = counting(&shop).start(&shop, source(&engine)).await.unwrap();
            running.caught_up().await;
            total = check(&engine, &shop).await;
            assert!(
                total >= acknowledged,
                "{acknowledged} acknowledged, {total} in the stream"
            );
            running.stop().await;
        }
    }
    assert!(total > 0);
}

#[tokio::test]
#[ignore = "a child process of the test above"]
async fn writes_and_handles_until_killed() {
    let folder = std::env::var(FOLDER).unwrap();
    let engine = keyfold::embedded::open(folder).unwrap();
    let shop = shop_on(&engine).await;
    let _running = counting(&shop).start(&shop, source(&engine)).await.unwrap();
    write_orders(&shop, || {
        println!("acknowledged");
        true
    })
    .await;
}

/// Writes orders, each with the next amount, until told to end.
async fn write_orders(shop: &Shop, mut go_on: impl FnMut() -> bool) {
    let mut amounts = BTreeMap::new();
    for id in 0..ORDERS {
        let found = shop
            .orders
            .find(crate::shop::OrderKey { id })
            .consistent()
            .await
            .unwrap();
        amounts.insert(id, found.map_or(0, |order| order.cents));
    }
    for number in 0_u32.. {
        let id = number.wrapping_mul(7) % ORDERS;
        let amount = amounts.entry(id).or_default();
        *amount += 1;
        shop.put(id, *amount).await;
        if !go_on() {
            return;
        }
    }
}

fn spawn_worker(endpoint: &str, name: &str) -> Child {
    child("killed::works_at_the_endpoint_until_killed")
        .env(ENDPOINT, endpoint)
        .env(WORKER, name)
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

#[tokio::test]
async fn workers_that_are_killed_one_by_one_leave_nothing_out() {
    // Shards close and have children meanwhile.
    let engine = Options::new()
        .faults(Faults::seeded(5).often(Fault::ShardSplit, 0.03))
        .memory();
    let shop = shop_on(&engine.past_faults()).await;
    let served = engine.serve("127.0.0.1:0").await.unwrap();
    let mut workers = Vec::new();
    let mut next = 0;
    let mut spawn = || {
        next += 1;
        spawn_worker(&served.endpoint(), &format!("worker {next}"))
    };
    workers.extend([spawn(), spawn()]);
    for round in 0..rounds().div_ceil(3) {
        let mut left = 60 + round % 40;
        write_orders(&shop, || {
            left -= 1;
            left > 0
        })
        .await;
        tokio::time::sleep(Duration::from_millis(u64::from(round) * 131 % 400)).await;
        let at = usize::from(round % 2 == 1);
        workers[at].kill().unwrap();
        workers[at].wait().unwrap();
        workers[at] = spawn();
        if round % 4 == 3 {
            check(&engine, &shop).await;
        }
    }
    let changes = check(&engine, &shop).await;
    assert!(changes >= u64::from(rounds().div_ceil(3)) * 60);
    for mut worker in workers {
        worker.kill().unwrap();
        worker.wait().unwrap();
    }
}

#[tokio::test]
#[ignore = "a child process of the test above"]
async fn works_at_the_endpoint_until_killed() {
    let endpoint = std::env::var(ENDPOINT).unwrap();
    let (client, streams) = client_at(&endpoint);
    let shop = Shop::builder(client).build();
    let source = Source::dynamodb(streams).poll_every(Duration::from_millis(30));
    let pipeline = counting(&shop).worker(std::env::var(WORKER).unwrap());
    let _running = pipeline.start(&shop, source).await.unwrap();
    std::future::pending::<()>().await;
}
