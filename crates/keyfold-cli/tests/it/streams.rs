//! `keyfold streams`, on a data folder and on an endpoint whose pipeline runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use keyfold::embedded::Engine;
use keyfold::prelude::*;
use keyfold_stream::{Context, HandlerError, Pipeline, Running, Source};
use serde_json::Value;

use crate::{keyfold, text, words};

#[derive(Table, Clone)]
#[table(pk = "PK", sk = "SK", stream = new_and_old_images)]
struct Shop {
    orders: Repo<Order>,
}

#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[key(pk = "ORDER#{id}", sk = "META")]
struct Order {
    id: u32,
    cents: i64,
}

/// A table whose pipeline refuses orders of 13 while it is told to.
async fn shop(engine: &Engine, refuses: &Arc<AtomicBool>) -> (Shop, Running) {
    let shop = Shop::builder(engine.client()).build();
    shop.create_table().if_missing().await.unwrap();
    let refuses = refuses.clone();
    let pipeline = Pipeline::<Shop>::new("orders").lease(Duration::from_secs(1));
    let pipeline = pipeline.on(move |change: Change<Order>, _: Context| {
        let refuses = refuses.load(Ordering::Relaxed);
        async move {
            if refuses && change.into_new()?.cents == 13 {
                return Err(HandlerError::set_aside("thirteen is unlucky"));
            }
            Ok(())
        }
    });
    let running = pipeline
        .start(&shop, Source::embedded(engine))
        .await
        .unwrap();
    (shop, running)
}

async fn put(shop: &Shop, id: u32, cents: i64) {
    shop.orders.put(Order { id, cents }).await.unwrap();
}

/// The command's answer, off the runtime that serves it.
async fn told(args: Vec<String>) -> (Option<i32>, String, String) {
    let output = tokio::task::spawn_blocking(move || {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        keyfold(&args).output().unwrap()
    });
    let output = output.await.unwrap();
    (
        output.status.code(),
        text(&output.stdout),
        words(&output.stderr),
    )
}

fn args(what: &[&str], place: [&str; 2]) -> Vec<String> {
    let fixed = ["--table", "shop"];
    let all = ["streams"].iter().chain(what).chain(&fixed).chain(&place);
    all.map(|arg| (*arg).to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn pipelines_of_a_folder_are_looked_after_while_nothing_runs() {
    let folder = tempfile::tempdir().unwrap();
    let place = ["--data", folder.path().to_str().unwrap()];
    {
        let engine = keyfold::embedded::open(folder.path()).unwrap();
        let (shop, running) = shop(&engine, &Arc::new(AtomicBool::new(true))).await;
        put(&shop, 1, 12).await;
        put(&shop, 2, 13).await;
        running.caught_up().await;
        running.stop().await;
        put(&shop, 3, 14).await;
    }
    let (code, out, _) = told(args(&["lag"], place)).await;
    assert_eq!(code, Some(0));
    assert!(out.starts_with("pipeline `orders`: 1 behind\n"), "{out}");
    assert!(
        out.contains("read by nobody, 1 behind, the oldest from 20"),
        "{out}"
    );
    let (_, out, _) = told(args(&["lag", "orders", "--json"], place)).await;
    let lag: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (&lag[0]["behind"], &lag[0]["shards"][0]["andMore"]),
        (&1.into(), &false.into())
    );

    let (_, out, _) = told(args(&["dead-letters", "orders"], place)).await;
    assert!(
        out.starts_with("pipeline `orders`: 1 dead letters\n"),
        "{out}"
    );
    assert!(
        out.contains("Order, tried once, set aside 20")
            && out.contains("\n    thirteen is unlucky\n"),
        "{out}"
    );
    assert!(!out.contains("ORDER#"), "keys are customers' data: {out}");
    let (_, out, _) = told(args(&["dead-letters", "orders", "--json"], place)).await;
    let letters: Value = serde_json::from_str(&out).unwrap();
    let record = letters[0]["record"].as_str().unwrap();
    let (_, out, _) = told(args(&["dead-letters", "orders", "--show", record], place)).await;
    let shown: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        shown["Records"][0]["dynamodb"]["NewImage"]["cents"]["N"],
        "13"
    );

    let (code, out, _) = told(args(&["replay", "orders", record], place)).await;
    assert_eq!(code, Some(0));
    assert_eq!(
        out,
        format!("{record}  asked for: the pipeline's next start tries it\n")
    );

    let (_, out, _) = told(args(&["tail", "--from-start", "--once"], place)).await;
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines.len(), 3, "{out}");
    assert!(
        lines[2].contains(r#"inserted  Order  {"PK":{"S":"ORDER#0000000003"},"SK":{"S":"META"}}"#),
        "{out}"
    );
    let (_, out, _) = told(args(&["tail", "--from-start", "--once", "--json"], place)).await;
    let first: Value = serde_json::from_str(out.lines().next().unwrap()).unwrap();
    assert_eq!(
        (&first["entity"], &first["record"]["eventName"]),
        (&"Order".into(), &"INSERT".into())
    );

    // The next start does what was asked for.
    let engine = keyfold::embedded::open(folder.path()).unwrap();
    let (_, running) = shop(&engine, &Arc::new(AtomicBool::new(false))).await;
    running.caught_up().await;
    tokio::time::timeout(Duration::from_secs(20), async {
        while running.status().handled < 2 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .unwrap();
    running.stop().await;
    drop(engine);
    let (_, out, _) = told(args(&["dead-letters", "orders"], place)).await;
    assert_eq!(out, "pipeline `orders` has no dead letters\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_is_done_by_the_worker_that_runs() {
    let engine = keyfold::embedded::memory();
    let refuses = Arc::new(AtomicBool::new(true));
    let (shop, running) = shop(&engine, &refuses).await;
    let served = engine.serve("127.0.0.1:0").await.unwrap();
    let endpoint = served.endpoint();
    let place = ["--endpoint", &*endpoint];
    put(&shop, 1, 13).await;
    put(&shop, 2, 13).await;
    running.caught_up().await;

    let (code, out, error) = told(args(&["replay", "orders", "--all"], place)).await;
    assert_eq!(code, Some(1), "{error}");
    assert_eq!(
        out.matches("failed again: thirteen is unlucky").count(),
        2,
        "{out}"
    );
    assert!(error.contains("2 failed again"), "{error}");
    refuses.store(false, Ordering::Relaxed);
    let (code, out, error) = told(args(&["replay", "orders", "--all", "--json"], place)).await;
    assert_eq!(code, Some(0), "{error}");
    assert_eq!(out.matches(r#""outcome": "handled""#).count(), 2, "{out}");

    let (code, _, error) = told(args(&["replay", "orders", "nonesuch"], place)).await;
    assert_eq!(code, Some(2));
    assert!(
        error.contains("KF3009") && error.contains("no dead letter `nonesuch`"),
        "{error}"
    );
    let (code, _, error) = told(args(&["lag", "others"], place)).await;
    assert_eq!(code, Some(2));
    assert!(
        error.contains("KF3010") && error.contains("there are: orders"),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_without_a_stream_says_what_to_do() {
    let engine = keyfold::embedded::memory();
    crate::fixture::create(&engine.client(), "shop").await;
    let served = engine.serve("127.0.0.1:0").await.unwrap();
    let endpoint = served.endpoint();
    let place = ["--endpoint", &*endpoint];
    let (code, _, error) = told(args(&["tail"], place)).await;
    assert_eq!(code, Some(3));
    assert!(
        error.contains("KF3007") && error.contains("new_and_old_images"),
        "{error}"
    );
    let (code, out, _) = told(args(&["lag"], place)).await;
    assert_eq!(
        (code, &*out),
        (Some(0), "no pipeline was ever started on table `shop`\n")
    );
}
