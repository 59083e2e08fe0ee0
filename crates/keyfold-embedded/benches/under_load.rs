//! The engine under load and with years of data: reads of many tasks beside a scan, tables of any size,
//! streams of any length; and other engines with the same requests, in one run.
//!
//! `cargo bench -p keyfold-embedded --bench under_load`. `KEYFOLD_PEERS=dynalite=http://127.0.0.1:4567,..`
//! names endpoints to compare with, `KEYFOLD_ITEMS` the largest table.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark that cannot run has nothing to report, and what it reports it prints"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, GlobalSecondaryIndex, KeySchemaElement,
    KeyType, Projection, ProjectionType, Put, PutRequest, ScalarAttributeType, StreamSpecification,
    StreamViewType, TransactWriteItem, WriteRequest,
};
use keyfold_embedded::Options;

const TABLE: &str = "Orders";
const OF_PARTITION: usize = 10;
const ITEMS: usize = 20_000;
const STREAMED: usize = 100_000;
const SAMPLES: usize = 2_000;

type Item = std::collections::HashMap<String, AttributeValue>;

fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

fn pk(number: usize) -> String {
    format!("TENANT#{:07}", number / OF_PARTITION)
}

fn sk(number: usize) -> String {
    format!("ORDER#{:02}", number % OF_PARTITION)
}

fn item(number: usize) -> Item {
    [
        ("pk", text(pk(number))),
        ("sk", text(sk(number))),
        (
            "status",
            text(format!("open-{:04}", number / OF_PARTITION % 5_000)),
        ),
        ("amount", AttributeValue::N("1250".to_owned())),
        ("padding", text("x".repeat(800))),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

async fn create(client: &Client, streamed: bool) {
    let attribute = |name: &str| {
        AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(ScalarAttributeType::S)
            .build()
            .unwrap()
    };
    let key = |name: &str, kind| {
        KeySchemaElement::builder()
            .attribute_name(name)
            .key_type(kind)
            .build()
            .unwrap()
    };
    let all = Projection::builder().projection_type(ProjectionType::All);
    let index = GlobalSecondaryIndex::builder()
        .index_name("by-status")
        .key_schema(key("status", KeyType::Hash))
        .key_schema(key("sk", KeyType::Range))
        .projection(all.build());
    let stream = StreamSpecification::builder()
        .stream_enabled(streamed)
        .set_stream_view_type(streamed.then_some(StreamViewType::NewAndOldImages));
    client
        .create_table()
        .table_name(TABLE)
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(attribute("pk"))
        .attribute_definitions(attribute("sk"))
        .attribute_definitions(attribute("status"))
        .key_schema(key("pk", KeyType::Hash))
        .key_schema(key("sk", KeyType::Range))
        .global_secondary_indexes(index.build().unwrap())
        .stream_specification(stream.build().unwrap())
        .send()
        .await
        .unwrap();
}

async fn fill(client: &Client, numbers: std::ops::Range<usize>) {
    let numbers: Vec<usize> = numbers.collect();
    for chunk in numbers.chunks(25) {
        let writes = chunk.iter().map(|&number| {
            let put = PutRequest::builder().set_item(Some(item(number)));
            WriteRequest::builder()
                .put_request(put.build().unwrap())
                .build()
        });
        let batch = client
            .batch_write_item()
            .request_items(TABLE, writes.collect());
        batch.send().await.unwrap();
    }
}

async fn get(client: &Client, number: usize) {
    let get = client.get_item().table_name(TABLE);
    let get = get.key("pk", text(pk(number))).key("sk", text(sk(number)));
    assert!(get.send().await.unwrap().item.is_some());
}

async fn query(client: &Client, number: usize) {
    let query = client
        .query()
        .table_name(TABLE)
        .key_condition_expression("pk = :pk");
    let answer = query
        .expression_attribute_values(":pk", text(pk(number)))
        .send();
    assert_eq!(answer.await.unwrap().count, 10);
}

async fn put(client: &Client, number: usize) {
    let put = client
        .put_item()
        .table_name(TABLE)
        .set_item(Some(item(number)));
    put.send().await.unwrap();
}

async fn update(client: &Client, number: usize) {
    client
        .update_item()
        .table_name(TABLE)
        .key("pk", text(pk(number)))
        .key("sk", text(sk(number)))
        .update_expression("ADD visits :one")
        .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
        .send()
        .await
        .unwrap();
}

async fn transact(client: &Client, number: usize) {
    let puts = (0..5).map(|at| {
        let put = Put::builder()
            .table_name(TABLE)
            .set_item(Some(item(number / 10 * 10 + at)));
        TransactWriteItem::builder()
            .put(put.build().unwrap())
            .build()
    });
    let transact = client
        .transact_write_items()
        .set_transact_items(Some(puts.collect()));
    transact.send().await.unwrap();
}

/// Percentiles in microseconds.
struct Taken(Vec<Duration>);

impl Taken {
    fn at(&self, share: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a place in a list of thousands"
        )]
        let place = ((sorted.len() - 1) as f64 * share) as usize;
        sorted[place].as_secs_f64() * 1e6
    }

    fn line(&self) -> String {
        format!("{:>9.0} {:>9.0}", self.at(0.5), self.at(0.99))
    }
}

/// Numbers spread over a table, the same each time.
fn spread(sample: usize, items: usize) -> usize {
    sample.wrapping_mul(7_919) % items
}

async fn timed<F: Future<Output = ()>>(
    samples: usize,
    items: usize,
    run: impl Fn(usize) -> F,
) -> Taken {
    let mut taken = Vec::with_capacity(samples);
    for sample in 0..samples {
        let number = spread(sample, items);
        let begin = Instant::now();
        run(number).await;
        taken.push(begin.elapsed());
    }
    // What comes first warms up.
    taken.drain(..samples / 10);
    Taken(taken)
}

async fn tasks(client: &Client, tasks: usize, per_task: usize) -> Taken {
    let mut running = tokio::task::JoinSet::new();
    for task in 0..tasks {
        let client = client.clone();
        running.spawn(async move {
            timed(per_task, ITEMS, |number| {
                get(&client, (number + task * 31) % ITEMS)
            })
            .await
            .0
        });
    }
    Taken(running.join_all().await.concat())
}

async fn reads_beside_a_scan(folder: &std::path::Path) {
    println!("\nGet on disk, microseconds              p50       p99   p99 beside a scan : quiet");
    let engine = keyfold_embedded::open(folder).unwrap();
    let client = engine.client();
    create(&client, false).await;
    fill(&client, 0..ITEMS).await;
    for count in [1, 8, 32] {
        let quiet = tasks(&client, count, 4_000 / count).await;
        println!("  {count:>2} tasks, quiet              {}", quiet.line());
        for (scanned, own_thread) in [("by the same runtime", false), ("from elsewhere", true)] {
            let stop = Arc::new(AtomicBool::new(false));
            let scanning = scan_until(client.clone(), stop.clone());
            // A page of 1 MB takes the SDK milliseconds to decode, on a thread of its runtime.
            let scanning = if own_thread {
                tokio::task::spawn_blocking(move || {
                    tokio::runtime::Builder::new_current_thread()
                        .enable_all()
                        .build()
                        .unwrap()
                        .block_on(scanning);
                })
            } else {
                tokio::spawn(scanning)
            };
            let beside = tasks(&client, count, 4_000 / count).await;
            stop.store(true, Ordering::Relaxed);
            scanning.await.unwrap();
            println!(
                "  {count:>2} tasks, a scan {scanned:<20}{}   {:.2}",
                beside.line(),
                beside.at(0.99) / quiet.at(0.99)
            );
        }
    }
}

async fn scan_until(client: Client, stop: Arc<AtomicBool>) {
    while !stop.load(Ordering::Relaxed) {
        let mut pages = client.scan().table_name(TABLE).into_paginator().send();
        while !stop.load(Ordering::Relaxed) && pages.next().await.is_some() {}
    }
}

async fn sizes() {
    let most: usize =
        std::env::var("KEYFOLD_ITEMS").map_or(100_000, |items| items.parse().unwrap());
    println!(
        "\nItems in memory, p50 and p99           Get                 Query of 10                 Put"
    );
    let engine = Options::new().memory();
    let client = engine.client();
    create(&client, false).await;
    let mut filled = 0;
    for items in [1_000, 100_000, 1_000_000] {
        if items > most {
            break;
        }
        fill(&client, filled..items).await;
        filled = items;
        let reads = timed(SAMPLES, items, |number| get(&client, number)).await;
        let queries = timed(SAMPLES, items, |number| query(&client, number)).await;
        let puts = timed(SAMPLES, items, |number| put(&client, number)).await;
        println!(
            "  {items:>9}          {} {} {}",
            reads.line(),
            queries.line(),
            puts.line()
        );
    }
}

/// The table keeps its size: what changes is the number of records alone.
async fn streams() {
    println!("\nPut in memory, microseconds            p50       p99");
    for streamed in [false, true] {
        let engine = Options::new().memory();
        let client = engine.client();
        create(&client, streamed).await;
        fill(&client, 0..SAMPLES).await;
        let stream = if streamed { "a stream" } else { "no stream" };
        let first = timed(SAMPLES, SAMPLES, |number| put_changed(&client, number)).await;
        println!("  {stream}, the first puts     {}", first.line());
        for number in 0..STREAMED {
            put_changed(&client, number).await;
        }
        let later = timed(SAMPLES, SAMPLES, |number| put_changed(&client, number)).await;
        println!("  {stream}, after {STREAMED}     {}", later.line());
    }
}

/// One of a few items, as it never was before: what changes nothing is not streamed.
async fn put_changed(client: &Client, number: usize) {
    static WRITES: AtomicU64 = AtomicU64::new(0);
    let mut item = item(number % SAMPLES);
    let write = WRITES.fetch_add(1, Ordering::Relaxed);
    item.insert("write".to_owned(), AttributeValue::N(write.to_string()));
    let put = client.put_item().table_name(TABLE).set_item(Some(item));
    put.send().await.unwrap();
}

async fn peers() {
    println!(
        "\nSame requests, p50 and p99   Get                 Query of 10         Put                 Update              Transaction of 5"
    );
    let memory = Options::new().memory();
    let folder = tempfile::tempdir().unwrap();
    let disk = keyfold_embedded::open(folder.path()).unwrap();
    let served = Options::new().memory();
    let endpoint = served.serve("127.0.0.1:0").await.unwrap();
    let mut clients = vec![
        ("in process, memory".to_owned(), memory.client()),
        ("in process, disk".to_owned(), disk.client()),
        (
            "over HTTP, memory".to_owned(),
            over_http(&endpoint.endpoint()),
        ),
    ];
    let named = std::env::var("KEYFOLD_PEERS").unwrap_or_default();
    for peer in named.split(',').filter(|peer| !peer.is_empty()) {
        let (name, url) = peer.split_once('=').unwrap();
        clients.push((name.to_owned(), over_http(url)));
    }
    for (name, client) in clients {
        let _ = client.delete_table().table_name(TABLE).send().await;
        create(&client, false).await;
        // Others make a table in their own time.
        tokio::time::sleep(Duration::from_secs(1)).await;
        fill(&client, 0..1_000).await;
        let reads = timed(SAMPLES, 1_000, |number| get(&client, number)).await;
        let queries = timed(SAMPLES, 1_000, |number| query(&client, number)).await;
        let puts = timed(SAMPLES, 1_000, |number| put(&client, number)).await;
        let updates = timed(SAMPLES, 1_000, |number| update(&client, number)).await;
        print!(
            "  {name:<22} {} {} {} {}",
            reads.line(),
            queries.line(),
            puts.line(),
            updates.line()
        );
        // Not every engine has transactions.
        let item = TransactWriteItem::builder().put(
            Put::builder()
                .table_name(TABLE)
                .set_item(Some(item(1)))
                .build()
                .unwrap(),
        );
        let tried = client
            .transact_write_items()
            .transact_items(item.build())
            .send()
            .await;
        if tried.is_ok() {
            let transactions = timed(SAMPLES / 4, 1_000, |number| transact(&client, number)).await;
            println!(" {}", transactions.line());
        } else {
            println!("         –");
        }
    }
    endpoint.stop().await;
}

fn over_http(url: &str) -> Client {
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(Credentials::new("anyone", "anything", None, None, "bench"))
        .endpoint_url(url)
        .http_client(aws_smithy_http_client::Builder::new().build_http());
    Client::from_conf(config.build())
}

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    peers().await;
    reads_beside_a_scan(folder.path()).await;
    streams().await;
    sizes().await;
}
