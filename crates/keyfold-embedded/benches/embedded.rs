//! What the way through the SDK costs: the engine called directly, the SDK in process, and the SDK
//! over HTTP on this machine, in one run. The ratios are what counts.
//!
//! `cargo bench -p keyfold-embedded`; a name after `--` chooses.

#![expect(
    clippy::unwrap_used,
    reason = "a benchmark that cannot run has nothing to report"
)]

use std::hint::black_box;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::types::AttributeValue;
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use dynoxide::Database;
use keyfold_embedded::{Engine, Served};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

const TABLE: &str = "Orders";
const PADDING_BYTES: usize = 800;
const PARTITIONS: usize = 100;
const ITEMS_OF_PARTITION: usize = 10;
/// A partition that is read whole, in pages of 1 MB.
const LONG: &str = "LONG";
const LONG_ITEMS: usize = 1_500;

fn table() -> Value {
    let string = |name: &str| json!({"AttributeName": name, "AttributeType": "S"});
    json!({
        "TableName": TABLE,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [string("pk"), string("sk"), string("status")],
        "KeySchema": [
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"}
        ],
        "GlobalSecondaryIndexes": [{
            "IndexName": "by-status",
            "KeySchema": [
                {"AttributeName": "status", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"}
            ],
            "Projection": {"ProjectionType": "ALL"}
        }]
    })
}

fn item(pk: &str, sk: &str) -> Value {
    json!({
        "pk": {"S": pk},
        "sk": {"S": sk},
        "status": {"S": "open"},
        "amount": {"N": "1250"},
        "padding": {"S": "x".repeat(PADDING_BYTES)}
    })
}

fn fill(engine: &Database) {
    engine.create_table(request(&table())).unwrap();
    let put = |pk: &str, number: usize| {
        let item = item(pk, &format!("ORDER#{number:05}"));
        engine
            .put_item(request(&json!({"TableName": TABLE, "Item": item})))
            .unwrap();
    };
    for partition in 0..PARTITIONS {
        for number in 0..ITEMS_OF_PARTITION {
            put(&format!("TENANT#{partition}"), number);
        }
    }
    for number in 0..LONG_ITEMS {
        put(LONG, number);
    }
}

fn request<T: serde::de::DeserializeOwned>(request: &Value) -> T {
    serde_json::from_value(request.clone()).unwrap()
}

struct Clients {
    in_memory: Client,
    on_disk: Client,
    over_http: Client,
    _served: Served,
    _folders: [tempfile::TempDir; 2],
}

/// Three engines with the same items, filled directly and then opened.
fn clients(runtime: &Runtime) -> Clients {
    // What `memory` does, with items in it already.
    let opened = |parent: Option<&str>| -> (Engine, tempfile::TempDir) {
        let folder = match parent {
            Some(parent) => tempfile::tempdir_in(parent),
            None => tempfile::tempdir(),
        };
        let folder = folder.unwrap();
        let file = folder.path().join("engine.sqlite");
        let engine = Database::new(file.to_str().unwrap()).unwrap();
        engine.enable_bulk_loading().unwrap();
        fill(&engine);
        drop(engine);
        (keyfold_embedded::open(folder.path()).unwrap(), folder)
    };
    let (in_memory, memory_folder) = opened(Some("/dev/shm"));
    let (on_disk, disk_folder) = opened(None);
    let served = runtime.block_on(in_memory.serve("127.0.0.1:0")).unwrap();
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("local"))
        .credentials_provider(Credentials::new("anyone", "anything", None, None, "bench"))
        .endpoint_url(served.endpoint())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    Clients {
        in_memory: in_memory.client(),
        on_disk: on_disk.client(),
        over_http: Client::from_conf(config),
        _served: served,
        _folders: [memory_folder, disk_folder],
    }
}

impl Clients {
    fn each(&self) -> [(&'static str, &Client); 3] {
        [
            ("sdk in process", &self.in_memory),
            ("sdk in process, on disk", &self.on_disk),
            ("sdk over http", &self.over_http),
        ]
    }
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn get(bench: &mut Criterion, runtime: &Runtime, engine: &Database, clients: &Clients) {
    let mut group = bench.benchmark_group("get");
    let key = json!({"pk": {"S": "TENANT#7"}, "sk": {"S": "ORDER#00003"}});
    let direct = json!({"TableName": TABLE, "Key": key});
    group.bench_function("engine directly", |bench| {
        bench.iter_batched(
            || request(&direct),
            |request| black_box(engine.get_item(request).unwrap()),
            criterion::BatchSize::SmallInput,
        );
    });
    for (name, client) in clients.each() {
        group.bench_function(BenchmarkId::from_parameter(name), |bench| {
            bench.to_async(runtime).iter(|| async {
                let get = client.get_item().table_name(TABLE);
                let get = get
                    .key("pk", text("TENANT#7"))
                    .key("sk", text("ORDER#00003"));
                black_box(get.send().await.unwrap())
            });
        });
    }
    group.finish();
}

fn query(
    bench: &mut Criterion,
    runtime: &Runtime,
    engine: &Database,
    clients: &Clients,
    (name, pk): (&str, &str),
) {
    let mut group = bench.benchmark_group(name);
    let direct = json!({
        "TableName": TABLE,
        "KeyConditionExpression": "pk = :pk",
        "ExpressionAttributeValues": {":pk": {"S": pk}}
    });
    group.bench_function("engine directly", |bench| {
        bench.iter_batched(
            || request(&direct),
            |request| black_box(engine.query(request).unwrap()),
            criterion::BatchSize::SmallInput,
        );
    });
    for (name, client) in clients.each() {
        group.bench_function(BenchmarkId::from_parameter(name), |bench| {
            bench.to_async(runtime).iter(|| async {
                let query = client.query().table_name(TABLE);
                let query = query.key_condition_expression("pk = :pk");
                let query = query.expression_attribute_values(":pk", text(pk));
                black_box(query.send().await.unwrap())
            });
        });
    }
    group.finish();
}

fn put(bench: &mut Criterion, runtime: &Runtime, engine: &Database, clients: &Clients) {
    let mut group = bench.benchmark_group("put");
    let direct = json!({"TableName": TABLE, "Item": item("TENANT#7", "ORDER#00003")});
    group.bench_function("engine directly", |bench| {
        bench.iter_batched(
            || request(&direct),
            |request| black_box(engine.put_item(request).unwrap()),
            criterion::BatchSize::SmallInput,
        );
    });
    let padding = "x".repeat(PADDING_BYTES);
    for (name, client) in clients.each() {
        group.bench_function(BenchmarkId::from_parameter(name), |bench| {
            bench.to_async(runtime).iter(|| async {
                let put = client.put_item().table_name(TABLE);
                let put = put
                    .item("pk", text("TENANT#7"))
                    .item("sk", text("ORDER#00003"))
                    .item("status", text("open"))
                    .item("amount", AttributeValue::N("1250".to_owned()))
                    .item("padding", text(&padding));
                black_box(put.send().await.unwrap())
            });
        });
    }
    group.finish();
}

fn embedded(bench: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let engine = Database::memory().unwrap();
    fill(&engine);
    let clients = clients(&runtime);
    get(bench, &runtime, &engine, &clients);
    query(
        bench,
        &runtime,
        &engine,
        &clients,
        ("query of 10", "TENANT#7"),
    );
    query(
        bench,
        &runtime,
        &engine,
        &clients,
        ("query of a page of 1 MB", LONG),
    );
    put(bench, &runtime, &engine, &clients);
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(std::time::Duration::from_millis(500))
        .measurement_time(std::time::Duration::from_secs(2));
    targets = embedded
}
criterion_main!(benches);
