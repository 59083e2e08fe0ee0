//! What the embedded engine's streams do not do: trees of more shards than a page of `DescribeStream`
//! holds, reads that are throttled, records that were trimmed. A stand-in speaks `DynamoDB` Streams'
//! protocol below the ordinary client.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_dynamodbstreams::config::{BehaviorVersion, Credentials, Region};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use keyfold_stream::{Running, Source, Start};
use serde_json::{Value, json};

use keyfold::Table as _;

use crate::requests::Requests;
use crate::shop::{Seen, Shop, noting, shop_on};

#[derive(Debug, Clone, Default)]
struct Shard {
    id: String,
    parent: Option<String>,
    records: Vec<Value>,
    closed: bool,
    /// So many of the records are no longer kept.
    trimmed: usize,
}

/// A stream, and how it behaves.
#[derive(Debug, Default)]
struct Stream {
    shards: Vec<Shard>,
    calls: usize,
    /// Every so many reads are refused.
    refuses: Option<(usize, &'static str)>,
    pages: usize,
}

#[derive(Debug, Clone, Default)]
struct Fake(Arc<Mutex<Stream>>);

/// Of `DescribeStream`.
const SHARDS_OF_PAGE: usize = 100;

impl Fake {
    fn with(&self, change: impl FnOnce(&mut Stream)) {
        change(&mut self.0.lock().unwrap());
    }

    fn shard(&self, id: &str, parent: Option<&str>, closed: bool) {
        let shard = Shard {
            id: id.to_owned(),
            parent: parent.map(str::to_owned),
            closed,
            ..Shard::default()
        };
        self.with(|stream| stream.shards.push(shard));
    }

    /// A change of an order, in a shard.
    fn put(&self, shard: &str, number: usize, id: u32, cents: usize, age: Duration) {
        let created = std::time::SystemTime::UNIX_EPOCH
            .elapsed()
            .unwrap()
            .saturating_sub(age);
        let keys = json!({ "PK": { "S": format!("ORDER#{id}") }, "SK": { "S": "META" } });
        let mut image = keys.clone();
        image["entity"] = json!({ "S": "Order" });
        image["id"] = json!({ "N": id.to_string() });
        image["cents"] = json!({ "N": cents.to_string() });
        let record = json!({
            "eventID": format!("event-{number}"),
            "eventName": "MODIFY",
            "dynamodb": {
                "Keys": keys, "NewImage": image, "StreamViewType": "NEW_IMAGE",
                "SequenceNumber": format!("{number:021}"), "SizeBytes": 60,
                "ApproximateCreationDateTime": created.as_secs(),
            },
        });
        self.with(|stream| {
            let shard = stream
                .shards
                .iter_mut()
                .find(|known| known.id == shard)
                .unwrap();
            shard.records.push(record);
        });
    }

    fn source(&self) -> Source {
        let config = aws_sdk_dynamodbstreams::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .endpoint_url("http://streams.invalid")
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("local", "local", None, None, "test"))
            .http_client(self.clone());
        let client = aws_sdk_dynamodbstreams::Client::from_conf(config.build());
        Source::dynamodb(client).poll_every(Duration::from_millis(5))
    }
}

impl Stream {
    fn answer(&mut self, operation: &str, request: &Value) -> (u16, Value) {
        self.calls += 1;
        let refused = |kind: &str| {
            let kind = format!("com.amazonaws.dynamodb.v20120810#{kind}");
            (400, json!({ "__type": kind, "message": "refused" }))
        };
        let text = |name: &str| request[name].as_str().unwrap_or_default().to_owned();
        match operation {
            "DescribeStream" => {
                self.pages += 1;
                let after = text("ExclusiveStartShardId");
                let from = self
                    .shards
                    .iter()
                    .position(|shard| shard.id == after)
                    .map_or(0, |at| at + 1);
                let page: Vec<&Shard> =
                    self.shards.iter().skip(from).take(SHARDS_OF_PAGE).collect();
                let mut described = json!({
                    "StreamArn": "arn", "StreamStatus": "ENABLED",
                    "Shards": page.iter().map(|shard| json!({
                        "ShardId": shard.id, "ParentShardId": shard.parent,
                    })).collect::<Vec<_>>(),
                });
                if from + page.len() < self.shards.len() {
                    described["LastEvaluatedShardId"] = json!(page.last().unwrap().id);
                }
                (200, json!({ "StreamDescription": described }))
            }
            "GetShardIterator" => {
                let Some(shard) = self.shards.iter().find(|shard| shard.id == text("ShardId"))
                else {
                    return refused("ResourceNotFoundException");
                };
                let place = |number: &str| {
                    let is = |record: &Value| record["dynamodb"]["SequenceNumber"] == *number;
                    shard.records.iter().position(is).map_or(0, |at| at + 1)
                };
                let at = match &*text("ShardIteratorType") {
                    "TRIM_HORIZON" => shard.trimmed,
                    "LATEST" => shard.records.len(),
                    "AFTER_SEQUENCE_NUMBER" => place(&text("SequenceNumber")),
                    other => panic!("{other}"),
                };
                if at < shard.trimmed {
                    return refused("TrimmedDataAccessException");
                }
                (
                    200,
                    json!({ "ShardIterator": format!("{} {at}", shard.id) }),
                )
            }
            "GetRecords" => {
                if let Some((every, kind)) = self.refuses
                    && self.calls.is_multiple_of(every)
                {
                    return refused(kind);
                }
                let iterator = text("ShardIterator");
                let (id, at) = iterator.split_once(' ').unwrap();
                let at: usize = at.parse().unwrap();
                let shard = self.shards.iter().find(|shard| shard.id == id).unwrap();
                if at < shard.trimmed {
                    return refused("TrimmedDataAccessException");
                }
                let limit = usize::try_from(request["Limit"].as_u64().unwrap()).unwrap();
                let records: Vec<Value> =
                    shard.records.iter().skip(at).take(limit).cloned().collect();
                let next = at + records.len();
                let mut answer = json!({ "Records": records });
                if !(shard.closed && next == shard.records.len()) {
                    answer["NextShardIterator"] = json!(format!("{id} {next}"));
                }
                (200, answer)
            }
            other => panic!("{other}"),
        }
    }
}

impl HttpConnector for Fake {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        let body = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
        let (status, answer) = self.0.lock().unwrap().answer(&operation, &body);
        HttpConnectorFuture::ready(Ok(HttpResponse::new(
            StatusCode::try_from(status).unwrap(),
            SdkBody::from(answer.to_string()),
        )))
    }
}

impl HttpClient for Fake {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

const NOW: Duration = Duration::ZERO;

async fn started(fake: &Fake, seen: &Seen, start: Start) -> Running {
    let engine = keyfold::embedded::memory();
    let shop = shop_on(&engine).await;
    let pipeline = noting("tree", seen)
        .start_at(start)
        .lease(Duration::from_secs(1));
    pipeline.start(&shop, fake.source()).await.unwrap()
}

/// A chain of closed shards that split and go on, with the changes of four orders.
fn chain(fake: &Fake, length: usize) -> usize {
    let mut number = 0;
    for at in 0..length {
        let parent = at.checked_sub(1).map(|before| format!("shard-{before:04}"));
        let id = format!("shard-{at:04}");
        fake.shard(&id, parent.as_deref(), at + 1 < length);
        for order in 0..4 {
            fake.put(&id, number, order, at, NOW);
            number += 1;
        }
    }
    number
}

#[tokio::test]
async fn a_long_tree_is_read_from_its_root_parents_before_children() {
    let fake = Fake::default();
    // The newest are listed first: the order of the list means nothing.
    let written = chain(&fake, 130);
    fake.with(|stream| stream.shards.reverse());
    let seen = Seen::default();
    let _running = started(&fake, &seen, Start::TrimHorizon).await;
    seen.until(written).await;
    let expected: Vec<i64> = (0..130).collect();
    for order in 0..4 {
        assert_eq!(seen.of(order), expected);
    }
    fake.with(|stream| assert!(stream.pages >= 2, "the list has two pages"));
}

#[tokio::test]
async fn a_start_at_the_latest_leaves_out_parents_and_takes_children_whole() {
    let fake = Fake::default();
    chain(&fake, 3);
    let seen = Seen::default();
    let _running = started(&fake, &seen, Start::Latest).await;
    fake.put("shard-0002", 100, 0, 100, NOW);
    seen.until(1).await;
    // It splits before it is read to its end.
    fake.put("shard-0002", 101, 0, 101, NOW);
    fake.shard("left", Some("shard-0002"), false);
    fake.shard("right", Some("shard-0002"), false);
    fake.put("left", 102, 0, 102, NOW);
    fake.put("right", 103, 1, 103, NOW);
    fake.with(|stream| stream.shards[2].closed = true);
    seen.until(4).await;
    assert_eq!((seen.of(0), seen.of(1)), (vec![100, 101, 102], vec![103]));
}

#[tokio::test]
async fn records_older_than_the_start_are_left_out_by_whoever_reads_them() {
    let fake = Fake::default();
    fake.shard("one", None, false);
    fake.put("one", 1, 0, 1, Duration::from_hours(1));
    let seen = Seen::default();
    let running = started(&fake, &seen, Start::Latest).await;
    // The iterator expires before anything was read by it.
    fake.with(|stream| stream.refuses = Some((1, "ExpiredIteratorException")));
    tokio::time::sleep(Duration::from_millis(50)).await;
    fake.with(|stream| stream.refuses = None);
    fake.put("one", 2, 0, 2, NOW);
    seen.until(1).await;
    running.caught_up().await;
    assert_eq!(seen.of(0), [2]);
}

#[tokio::test]
async fn reads_that_are_refused_are_tried_again() {
    for kind in [
        "LimitExceededException",
        "ExpiredIteratorException",
        "InternalServerError",
    ] {
        let fake = Fake::default();
        fake.shard("one", None, false);
        for number in 1..=200 {
            fake.put("one", number, 0, number, NOW);
        }
        fake.with(|stream| stream.refuses = Some((3, kind)));
        let seen = Seen::default();
        let running = started(&fake, &seen, Start::TrimHorizon).await;
        seen.until(200).await;
        running.caught_up().await;
        assert_eq!(seen.of(0), (1..=200).collect::<Vec<i64>>(), "{kind}");
        assert_eq!(running.status().trimmed, 0);
    }
}

#[tokio::test]
async fn records_that_were_trimmed_are_passed_over_and_told() {
    let engine = keyfold::embedded::memory();
    let shop = shop_on(&engine).await;
    let fake = Fake::default();
    fake.shard("one", None, false);
    for number in 1..=3 {
        fake.put("one", number, 0, number, NOW);
    }
    let seen = Seen::default();
    let running = noting("tree", &seen)
        .start(&shop, fake.source())
        .await
        .unwrap();
    seen.until(3).await;
    running.stop().await;
    for number in 4..=9 {
        fake.put("one", number, 0, number, NOW);
    }
    // A day passes.
    fake.with(|stream| stream.shards[0].trimmed = 6);
    let running = noting("tree", &seen)
        .worker("next")
        .start(&shop, fake.source())
        .await
        .unwrap();
    seen.until(6).await;
    assert_eq!(seen.of(0), [1, 2, 3, 7, 8, 9]);
    assert_eq!(running.status().trimmed, 1);
}

#[tokio::test]
async fn a_shard_that_cannot_be_finished_at_once_is_finished_later() {
    let engine = keyfold::embedded::memory();
    let requests = Requests::default();
    let config = engine.config().interceptor(requests.clone()).build();
    let shop = Shop::builder(aws_sdk_dynamodb::Client::from_conf(config)).build();
    shop.create_table().await.unwrap();
    let fake = Fake::default();
    fake.shard("parent", None, false);
    let seen = Seen::default();
    let pipeline = noting("tree", &seen).lease(Duration::from_secs(1));
    let _running = pipeline.start(&shop, fake.source()).await.unwrap();
    requests.cut(true);
    fake.shard("child", Some("parent"), false);
    fake.put("child", 1, 0, 1, NOW);
    fake.with(|stream| stream.shards[0].closed = true);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(seen.len(), 0);
    requests.cut(false);
    seen.until(1).await;
}
