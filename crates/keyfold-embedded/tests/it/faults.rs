//! Faults happen to the requests they were asked for, say what AWS says, and are counted.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::{
    AttributeValue, KeysAndAttributes, Put, PutRequest, TransactWriteItem, Update, WriteRequest,
};
use aws_sdk_dynamodbstreams::types::ShardIteratorType;
use keyfold_embedded::{Engine, Fault, Faults, Options, Requests};

use crate::fixture::{INDEX, TABLE, create_table, order, text};
use crate::streams;

/// An engine with these faults, and a client that tries once.
async fn with(faults: Faults) -> (Engine, Client) {
    let engine = Options::new().faults(faults).memory();
    let client = once(&engine);
    create_table(&client, TABLE).await;
    (engine, client)
}

fn once(engine: &Engine) -> Client {
    Client::from_conf(
        engine
            .config()
            .retry_config(RetryConfig::disabled())
            .build(),
    )
}

async fn put(client: &Client, pk: &str) -> Result<(), String> {
    let put = client
        .put_item()
        .table_name(TABLE)
        .set_item(Some(order(pk, "1")));
    match put.send().await {
        Ok(_) => Ok(()),
        Err(error) => Err(error.code().unwrap_or("no answer").to_owned()),
    }
}

async fn is_there(client: &Client, pk: &str) -> bool {
    let get = client
        .get_item()
        .table_name(TABLE)
        .key("pk", text(pk))
        .key("sk", text("1"))
        .consistent_read(true);
    get.send().await.unwrap().item.is_some()
}

async fn listed(client: &Client) -> usize {
    let query = client
        .query()
        .table_name(TABLE)
        .index_name(INDEX)
        .key_condition_expression("#status = :status")
        .expression_attribute_names("#status", "status")
        .expression_attribute_values(":status", text("open"));
    query.send().await.unwrap().items().len()
}

#[tokio::test]
async fn a_throttled_request_does_nothing_and_others_are_not_concerned() {
    let some = Requests::all()
        .table(TABLE)
        .operation("PutItem")
        .key_prefix("BUSY#");
    let (engine, client) = with(Faults::seeded(1).often_for(Fault::Throttled, 1.0, some)).await;
    let throttled = put(&client, "BUSY#1").await;
    assert_eq!(
        throttled,
        Err("ProvisionedThroughputExceededException".into())
    );
    assert!(!is_there(&client, "BUSY#1").await);
    put(&client, "QUIET#1").await.unwrap();
    assert!(is_there(&client, "QUIET#1").await);
    assert_eq!(engine.faults().count(Fault::Throttled), 1);
    assert_eq!(
        engine.faults().to_string(),
        "faults of seed 1: 1\n        1  Throttled  PutItem  Orders"
    );
}

#[tokio::test]
async fn a_partition_key_gets_so_many_units_a_second_and_no_more() {
    // An item is 1 unit in the table and 1 in its index.
    let (engine, client) = with(Faults::seeded(1).partition_units(1_000.0, 4.0)).await;
    let mut answers = Vec::new();
    while answers.len() < 50 && !answers.iter().any(Result::is_err) {
        answers.push(put(&client, "HOT").await);
    }
    assert!(answers.len() > 2, "two are within the second's units");
    assert_eq!(
        answers.pop(),
        Some(Err("ProvisionedThroughputExceededException".into()))
    );
    put(&client, "COLD").await.unwrap();
    assert!(is_there(&client, "HOT").await, "reads are counted apart");
    assert_eq!(engine.faults().count(Fault::HotPartition), 1);
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    put(&client, "HOT").await.unwrap();
}

#[tokio::test]
async fn reads_of_one_key_are_counted_by_query_too() {
    let (engine, client) = with(Faults::seeded(1).partition_units(1.0, 1_000.0)).await;
    put(&client, "HOT").await.unwrap();
    let query = || {
        client
            .query()
            .table_name(TABLE)
            .consistent_read(true)
            .key_condition_expression("(#pk=:pk) AND begins_with(sk, :sk)")
            .expression_attribute_names("#pk", "pk")
            .expression_attribute_values(":pk", text("HOT"))
            .expression_attribute_values(":sk", text("1"))
            .send()
    };
    let answer = query().await.unwrap();
    assert!(answer.consumed_capacity.is_none(), "nobody asked for it");
    let mut throttled = None;
    for _ in 0..50 {
        if let Err(error) = query().await {
            throttled = Some(error);
            break;
        }
    }
    assert_eq!(
        throttled.unwrap().code(),
        Some("ProvisionedThroughputExceededException")
    );
    assert_eq!(engine.faults().count(Fault::HotPartition), 1);
}

#[tokio::test]
async fn a_conflict_cancels_a_transaction_with_reasons() {
    let (_engine, client) = with(Faults::seeded(1).often(Fault::Conflict, 1.0)).await;
    assert_eq!(
        put(&client, "ITEM#1").await,
        Err("TransactionConflictException".into())
    );
    let puts = ["ITEM#1", "ITEM#2"].map(|pk| {
        let put = Put::builder()
            .table_name(TABLE)
            .set_item(Some(order(pk, "1")));
        TransactWriteItem::builder()
            .put(put.build().unwrap())
            .build()
    });
    let error = client
        .transact_write_items()
        .set_transact_items(Some(puts.into()))
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    let aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError::TransactionCanceledException(canceled) = error else {
        panic!("{error}");
    };
    let codes: Vec<_> = canceled
        .cancellation_reasons()
        .iter()
        .map(|reason| reason.code().unwrap())
        .collect();
    assert_eq!(codes, ["TransactionConflict", "None"]);
    assert!(!is_there(&client, "ITEM#1").await);
}

#[tokio::test]
async fn what_a_batch_leaves_is_returned_and_gets_through_in_the_end() {
    let (engine, client) = with(Faults::seeded(1).often(Fault::Unprocessed, 1.0)).await;
    let write = |pk: String| {
        let put = PutRequest::builder()
            .set_item(Some(order(&pk, "1")))
            .build()
            .unwrap();
        WriteRequest::builder().put_request(put).build()
    };
    let mut left: Vec<_> = (0..10)
        .map(|number| write(format!("ITEM#{number}")))
        .collect();
    let mut sent = Vec::new();
    while !left.is_empty() {
        sent.push(left.len());
        let answer = client
            .batch_write_item()
            .request_items(TABLE, std::mem::take(&mut left))
            .send()
            .await
            .unwrap();
        left = answer
            .unprocessed_items
            .and_then(|mut tables| tables.remove(TABLE))
            .unwrap_or_default();
    }
    assert_eq!(sent, [10, 5, 2, 1]);
    assert_eq!(engine.faults().count(Fault::Unprocessed), 4);

    let keys = (0..10).map(|number| {
        [
            ("pk".to_owned(), text(format!("ITEM#{number}"))),
            ("sk".to_owned(), text("1")),
        ]
        .into()
    });
    let keys = KeysAndAttributes::builder().set_keys(Some(keys.collect()));
    let answer = client
        .batch_get_item()
        .request_items(TABLE, keys.build().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(answer.responses.unwrap()[TABLE].len(), 5);
    assert_eq!(answer.unprocessed_keys.unwrap()[TABLE].keys().len(), 5);
}

#[tokio::test]
async fn eventual_reads_lag_and_consistent_ones_do_not() {
    let lag = Duration::from_millis(400);
    let faults = Faults::seeded(1)
        .often(Fault::StaleIndex, 1.0)
        .often(Fault::StaleRead, 1.0)
        .lag(lag);
    let (engine, client) = with(faults).await;
    assert_eq!(listed(&client).await, 0);
    put(&client, "ITEM#1").await.unwrap();
    assert!(is_there(&client, "ITEM#1").await);
    let eventual = || {
        let get = client
            .get_item()
            .table_name(TABLE)
            .key("pk", text("ITEM#1"));
        get.key("sk", text("1")).send()
    };
    // Of the same moment, and so of a time before the item; unless the machine took its time.
    let (listed_then, got_then) = (listed(&client).await, eventual().await.unwrap().item);
    assert_eq!(listed_then, usize::from(got_then.is_some()));
    tokio::time::sleep(lag).await;
    assert_eq!(listed(&client).await, 1);
    assert!(eventual().await.unwrap().item.is_some());
    assert!(engine.faults().count(Fault::StaleIndex) >= 3);

    // A stale answer is seen, whatever the machine's speed.
    let (_engine, client) = with(
        Faults::seeded(1)
            .often(Fault::StaleIndex, 1.0)
            .lag(Duration::from_hours(1)),
    )
    .await;
    assert_eq!(listed(&client).await, 0);
    put(&client, "ITEM#1").await.unwrap();
    assert_eq!(listed(&client).await, 0);
}

#[tokio::test]
async fn a_lost_answer_is_of_a_request_that_was_done() {
    let some = Requests::all().operation("PutItem");
    let (engine, client) = with(Faults::seeded(1).often_for(Fault::AnswerLost, 1.0, some)).await;
    assert_eq!(put(&client, "ITEM#1").await, Err("no answer".into()));
    assert!(is_there(&client, "ITEM#1").await);
    assert_eq!(engine.faults().count(Fault::AnswerLost), 1);
}

#[tokio::test]
async fn sent_again_a_transaction_counts_once_and_an_update_twice() {
    let first = |faults: Faults| faults.often(Fault::AnswerLost, 0.5);
    // Some seed loses the first answer and lets the second through.
    for seed in 0..50 {
        let engine = Options::new().faults(first(Faults::seeded(seed))).memory();
        let client = engine.client();
        create_table(&client, TABLE).await;
        let add = |builder: aws_sdk_dynamodb::types::builders::UpdateBuilder| {
            builder
                .table_name(TABLE)
                .key("pk", text("COUNTER"))
                .key("sk", text("1"))
                .update_expression("ADD n :one")
                .expression_attribute_values(":one", AttributeValue::N("1".into()))
                .build()
                .unwrap()
        };
        let item = TransactWriteItem::builder()
            .update(add(Update::builder()))
            .build();
        let sent = client
            .transact_write_items()
            .transact_items(item)
            .send()
            .await;
        if sent.is_err() || engine.faults().count(Fault::AnswerLost) != 1 {
            continue;
        }
        let scan = counted(&once(&engine)).await;
        assert_eq!(scan, Some("1".to_owned()));
        return;
    }
    panic!("no seed lost exactly one answer");
}

/// The counter, read until an answer arrives.
async fn counted(client: &Client) -> Option<String> {
    for _ in 0..100 {
        let get = client
            .get_item()
            .table_name(TABLE)
            .key("pk", text("COUNTER"))
            .key("sk", text("1"));
        if let Ok(answer) = get.send().await {
            return Some(answer.item?.get("n")?.as_n().ok()?.clone());
        }
    }
    None
}

#[tokio::test]
async fn iterators_expire_and_records_come_again() {
    let engine = Options::new()
        .faults(Faults::seeded(1).often(Fault::Redelivered, 1.0))
        .memory();
    let client = streams::with_stream(&engine).await;
    let put = client
        .put_item()
        .table_name(streams::TABLE)
        .item("pk", text("ITEM#1"));
    put.send().await.unwrap();
    let iterator = streams::iterators(&engine, streams::TABLE).await.remove(0);
    let reader = engine.streams_client();
    let first = reader
        .get_records()
        .shard_iterator(iterator)
        .send()
        .await
        .unwrap();
    let next = first.next_shard_iterator.unwrap();
    let again = reader
        .get_records()
        .shard_iterator(next)
        .send()
        .await
        .unwrap();
    assert_eq!(first.records, again.records);
    assert_eq!(again.records.unwrap().len(), 1);

    let engine = Options::new()
        .faults(Faults::seeded(1).often(Fault::IteratorExpired, 1.0))
        .memory();
    streams::with_stream(&engine).await;
    let iterator = streams::iterators(&engine, streams::TABLE).await.remove(0);
    let expired = engine
        .streams_client()
        .get_records()
        .shard_iterator(iterator)
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert!(expired.is_expired_iterator_exception(), "{expired}");
}

#[tokio::test]
async fn shards_close_and_their_children_hold_what_follows() {
    let folder = tempfile::tempdir().unwrap();
    let faults = Faults::seeded(1).often(Fault::ShardSplit, 0.5);
    let engine = Options::new().faults(faults).open(folder.path()).unwrap();
    let client = streams::with_stream(&engine).await;
    let write = async |client: &Client, round: u32| {
        for key in 0..5 {
            let put = client
                .put_item()
                .table_name(streams::TABLE)
                .item("pk", text(format!("ITEM#{key}")))
                .item("round", AttributeValue::N(round.to_string()));
            put.send().await.unwrap();
        }
    };
    let mut tree = Tree::default();
    for round in 0..20 {
        write(&client, round).await;
        tree.follow(&engine).await;
    }
    assert!(tree.closed.len() > 5, "{:?}", tree.closed);
    assert!(tree.places.len() <= 4, "{:?}", tree.places);
    assert!(engine.faults().count(Fault::ShardSplit) > 5);
    let told = engine.faults().to_string();
    assert!(told.contains("ShardSplit  GetRecords  Streamed"), "{told}");

    // Opened again, without faults: the places are as they were.
    drop((client, engine));
    let engine = keyfold_embedded::open(folder.path()).unwrap();
    write(&engine.client(), 20).await;
    let places = tree.places.len();
    tree.follow(&engine).await;
    assert_eq!(tree.places.len(), places);
    for key in 0..5 {
        let rounds = &tree.seen[&format!("ITEM#{key}")];
        assert_eq!(
            *rounds,
            (0..=20).collect::<Vec<u32>>(),
            "each once, in order"
        );
    }
}

/// A reader of all shards, parents before children.
#[derive(Default)]
struct Tree {
    /// Of the open shards.
    places: BTreeMap<String, String>,
    closed: BTreeSet<String>,
    seen: BTreeMap<String, Vec<u32>>,
}

impl Tree {
    async fn follow(&mut self, engine: &Engine) {
        let client = engine.streams_client();
        let listed = client.list_streams().send().await.unwrap();
        let arn = listed.streams()[0].stream_arn().unwrap();
        let mut start = None;
        loop {
            let described = client
                .describe_stream()
                .stream_arn(arn)
                .limit(2)
                .set_exclusive_start_shard_id(start)
                .send()
                .await
                .unwrap();
            let described = described.stream_description.unwrap();
            for shard in described.shards() {
                let id = shard.shard_id().unwrap();
                if let Some(parent) = shard.parent_shard_id() {
                    assert!(
                        self.closed.contains(parent),
                        "a child before its parent's end"
                    );
                }
                if !self.closed.contains(id) {
                    self.read(engine, arn, id).await;
                }
            }
            start = described.last_evaluated_shard_id;
            if start.is_none() {
                return;
            }
        }
    }

    async fn read(&mut self, engine: &Engine, arn: &str, id: &str) {
        let client = engine.streams_client();
        let mut place = if let Some(place) = self.places.remove(id) {
            place
        } else {
            let iterator = client
                .get_shard_iterator()
                .stream_arn(arn)
                .shard_id(id)
                .shard_iterator_type(ShardIteratorType::TrimHorizon);
            iterator.send().await.unwrap().shard_iterator.unwrap()
        };
        loop {
            let page = client.get_records().shard_iterator(&place).limit(3);
            let page = page.send().await.unwrap();
            for record in page.records() {
                let item = record.dynamodb().unwrap().new_image().unwrap();
                let round = item["round"].as_n().unwrap().parse().unwrap();
                let key = item["pk"].as_s().unwrap().clone();
                self.seen.entry(key).or_default().push(round);
            }
            match page.next_shard_iterator {
                None => {
                    self.closed.insert(id.to_owned());
                    return;
                }
                Some(next) if next == place => {
                    self.places.insert(id.to_owned(), next);
                    return;
                }
                Some(next) => place = next,
            }
        }
    }
}

#[tokio::test]
async fn a_seed_gives_the_same_run_again() {
    let run = async |seed| {
        let (engine, client) = with(Faults::aws_like(seed).often(Fault::Throttled, 0.3)).await;
        let mut outcomes = Vec::new();
        for number in 0..40 {
            outcomes.push(put(&client, &format!("ITEM#{number}")).await);
        }
        (outcomes, engine.faults())
    };
    let (outcomes, report) = run(42).await;
    assert_eq!((outcomes.clone(), report.clone()), run(42).await);
    assert_ne!(outcomes, run(43).await.0);
    assert_eq!(
        report.total(),
        u64::try_from(outcomes.iter().filter(|outcome| outcome.is_err()).count()).unwrap()
    );
}

#[test]
fn faults_are_named() {
    assert_eq!("aws-like".parse(), Ok(Faults::aws_like(1)));
    assert_eq!("aws-like:42".parse(), Ok(Faults::aws_like(42)));
    for unknown in ["", "aws", "aws-like:", "aws-like:x"] {
        let error = unknown.parse::<Faults>().unwrap_err().to_string();
        assert!(error.contains("hint: write `aws-like`"), "{error}");
    }
}

#[tokio::test]
async fn over_http_a_lost_answer_is_a_failure_of_the_server() {
    let some = Requests::all().operation("PutItem");
    let (engine, _) = with(Faults::seeded(1).often_for(Fault::AnswerLost, 1.0, some)).await;
    let served = engine.serve("127.0.0.1:0").await.unwrap();
    let client = Client::from_conf(
        aws_sdk_dynamodb::Config::builder()
            .behavior_version_latest()
            .region(aws_sdk_dynamodb::config::Region::from_static("local"))
            .credentials_provider(aws_sdk_dynamodb::config::Credentials::new(
                "anyone", "anything", None, None, "test",
            ))
            .endpoint_url(served.endpoint())
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .retry_config(RetryConfig::disabled())
            .build(),
    );
    let answer = put(&client, "ITEM#1").await;
    assert_eq!(answer, Err("InternalServerError".into()));
    assert!(is_there(&client, "ITEM#1").await);
    served.stop().await;
}
