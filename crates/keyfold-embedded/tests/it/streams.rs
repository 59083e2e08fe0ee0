//! Streams that stay flat, hold a day, and tell only of what changed; deletions by time to live.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::types::{
    AttributeValue, BillingMode, KeyType, StreamSpecification, StreamViewType,
    TimeToLiveSpecification,
};
use aws_sdk_dynamodbstreams::operation::get_shard_iterator::GetShardIteratorError;
use aws_sdk_dynamodbstreams::types::{OperationType, Record, Shard, ShardIteratorType};
use dynoxide::storage::Storage;
use keyfold_embedded::{Changed, Engine, Options};

use crate::fixture::{attribute, key, text};

pub const TABLE: &str = "Streamed";
const LONG_AGO: &str = "1500000000";
const FAR_AHEAD: &str = "9999999999";

pub async fn with_stream(engine: &Engine) -> Client {
    let client = engine.client();
    client
        .create_table()
        .table_name(TABLE)
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(attribute("pk"))
        .key_schema(key("pk", KeyType::Hash))
        .stream_specification(
            StreamSpecification::builder()
                .stream_enabled(true)
                .stream_view_type(StreamViewType::NewAndOldImages)
                .build()
                .unwrap(),
        )
        .send()
        .await
        .unwrap();
    client
}

async fn put(client: &Client, pk: &str, attributes: &[(&str, AttributeValue)]) {
    let mut put = client.put_item().table_name(TABLE).item("pk", text(pk));
    for (name, value) in attributes {
        put = put.item(*name, value.clone());
    }
    put.send().await.unwrap();
}

pub async fn records(engine: &Engine) -> Vec<Record> {
    let streams = engine.streams_client();
    let mut found = Vec::new();
    for iterator in iterators(engine, TABLE).await {
        let answer = streams
            .get_records()
            .shard_iterator(iterator)
            .send()
            .await
            .unwrap();
        found.extend(answer.records.unwrap_or_default());
    }
    found
}

/// From the oldest record on, one for each shard.
pub async fn iterators(engine: &Engine, table: &str) -> Vec<String> {
    let streams = engine.streams_client();
    let listed = streams
        .list_streams()
        .table_name(table)
        .send()
        .await
        .unwrap();
    let arn = listed.streams()[0].stream_arn().unwrap();
    let described = streams
        .describe_stream()
        .stream_arn(arn)
        .send()
        .await
        .unwrap();
    let mut found = Vec::new();
    for shard in described.stream_description().unwrap().shards() {
        let iterator = streams
            .get_shard_iterator()
            .stream_arn(arn)
            .shard_id(shard.shard_id().unwrap())
            .shard_iterator_type(ShardIteratorType::TrimHorizon)
            .send()
            .await
            .unwrap();
        found.push(iterator.shard_iterator.unwrap());
    }
    found
}

/// Waits for what the upkeep does in its own time.
async fn until<F: Future<Output = bool>>(holds: impl Fn() -> F) {
    let waited = tokio::time::timeout(Duration::from_secs(30), async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    assert!(waited.await.is_ok(), "it never came to be");
}

fn engine_file(folder: &tempfile::TempDir) -> Storage {
    Storage::new(folder.path().join("engine.sqlite").to_str().unwrap()).unwrap()
}

#[tokio::test]
async fn what_leaves_an_item_as_it_was_is_not_streamed() {
    let engine = keyfold_embedded::memory();
    let client = with_stream(&engine).await;
    let nested = AttributeValue::M(
        [("one", "1"), ("two", "2"), ("three", "3"), ("four", "4")]
            .map(|(name, value)| (name.to_owned(), text(value)))
            .into(),
    );
    let item = [("nested", nested), ("name", text("Ada \"quoted\" ☃"))];
    put(&client, "ITEM#1", &item).await;
    for _ in 0..8 {
        // Members are written in another order each time.
        put(&client, "ITEM#1", &item).await;
    }
    assert_eq!(records(&engine).await.len(), 1);

    put(&client, "ITEM#1", &[("name", text("Eve \"quoted\" ☃"))]).await;
    put(&client, "ITEM#1", &[("name", text("Ada \"quoted\" ☃"))]).await;
    // The same text as another type.
    put(
        &client,
        "ITEM#1",
        &[("name", AttributeValue::N("1".into()))],
    )
    .await;
    put(&client, "ITEM#1", &[("name", text("1"))]).await;
    let names: Vec<_> = records(&engine)
        .await
        .iter()
        .map(|record| record.event_name().unwrap().clone())
        .collect();
    assert_eq!(names[0], OperationType::Insert);
    assert_eq!(names[1..], vec![OperationType::Modify; 4]);
}

#[tokio::test]
async fn a_record_is_kept_for_a_day() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Options::new()
        .upkeep_every(Duration::from_millis(20))
        .open(folder.path())
        .unwrap();
    let client = with_stream(&engine).await;
    for number in 0..1_200 {
        put(&client, &format!("OLD#{number}"), &[]).await;
    }
    engine_file(&folder)
        .conn()
        .execute(
            "UPDATE _stream_records SET created_at = created_at - 24 * 60 * 60 - 1",
            [],
        )
        .unwrap();
    put(&client, "NEW#1", &[]).await;
    until(|| async { records(&engine).await.len() == 1 }).await;
    let kept = records(&engine).await;
    let keys = kept[0].dynamodb().unwrap().keys().unwrap();
    assert_eq!(keys["pk"].as_s().unwrap(), "NEW#1");
}

#[tokio::test]
async fn streamed_writes_and_reads_find_their_place_by_an_index() {
    let folder = tempfile::tempdir().unwrap();
    let engine = keyfold_embedded::open(folder.path()).unwrap();
    with_stream(&engine).await;
    let file = engine_file(&folder);
    // As the engine asks, at each streamed write and at each read of records.
    for asked in [
        "SELECT COALESCE(MAX(CAST(sequence_number AS INTEGER)), 0) + 1 FROM _stream_records WHERE table_name = 'T'",
        "SELECT event_name FROM _stream_records WHERE table_name = 'T' AND shard_id = 'S'
         AND CAST(sequence_number AS INTEGER) > 1 ORDER BY CAST(sequence_number AS INTEGER) ASC LIMIT 9",
    ] {
        let plan: String = file
            .conn()
            .query_row(&format!("EXPLAIN QUERY PLAN {asked}"), [], |row| row.get(3))
            .unwrap();
        assert!(plan.contains("INDEX keyfold_stream_records"), "{plan}");
        assert!(plan.starts_with("SEARCH"), "{plan}");
    }
}

#[tokio::test]
async fn an_expired_item_is_deleted_and_its_record_says_by_whom() {
    let engine = Options::new()
        .upkeep_every(Duration::from_millis(20))
        .memory();
    let client = with_stream(&engine).await;
    client
        .update_time_to_live()
        .table_name(TABLE)
        .time_to_live_specification(
            TimeToLiveSpecification::builder()
                .enabled(true)
                .attribute_name("ttl")
                .build()
                .unwrap(),
        )
        .send()
        .await
        .unwrap();
    put(
        &client,
        "KEPT#1",
        &[("ttl", AttributeValue::N(FAR_AHEAD.into()))],
    )
    .await;
    put(&client, "KEPT#2", &[("ttl", text(LONG_AGO))]).await;
    put(&client, "BY-HAND", &[]).await;
    client
        .delete_item()
        .table_name(TABLE)
        .key("pk", text("BY-HAND"))
        .send()
        .await
        .unwrap();
    let mut changes = engine.changes(TABLE);
    put(
        &client,
        "EXPIRED",
        &[("ttl", AttributeValue::N(LONG_AGO.into()))],
    )
    .await;
    assert_eq!(changes.changed().await, Changed::Written);
    // Told of the deletion too.
    let told = tokio::time::timeout(Duration::from_secs(30), changes.changed()).await;
    assert_eq!(told, Ok(Changed::Written));

    let left = client.scan().table_name(TABLE).send().await.unwrap();
    let mut left: Vec<_> = left
        .items()
        .iter()
        .map(|item| item["pk"].as_s().unwrap())
        .collect();
    left.sort();
    assert_eq!(
        left,
        ["KEPT#1", "KEPT#2"],
        "a time in the future, and one that is no number"
    );
    let removed: Vec<_> = records(&engine)
        .await
        .into_iter()
        .filter(|record| record.event_name() == Some(&OperationType::Remove))
        .collect();
    assert_eq!(removed.len(), 2);
    assert!(removed[0].user_identity().is_none(), "a user's deletion");
    let by = removed[1]
        .user_identity()
        .expect("a deletion by time to live");
    assert_eq!(by.principal_id(), Some("dynamodb.amazonaws.com"));
    assert_eq!(by.r#type(), Some("Service"));
}

async fn arn(engine: &Engine) -> String {
    let described = engine
        .client()
        .describe_table()
        .table_name(TABLE)
        .send()
        .await
        .unwrap();
    described.table.unwrap().latest_stream_arn.unwrap()
}

async fn shards(engine: &Engine) -> Vec<Shard> {
    let described = engine
        .streams_client()
        .describe_stream()
        .stream_arn(arn(engine).await)
        .send()
        .await
        .unwrap();
    described.stream_description.unwrap().shards.unwrap()
}

#[tokio::test]
async fn an_open_shard_has_no_end() {
    let engine = keyfold_embedded::memory();
    let client = with_stream(&engine).await;
    put(&client, "ITEM#1", &[]).await;
    let shards = shards(&engine).await;
    let [shard] = shards.as_slice() else {
        panic!("{shards:?}");
    };
    assert!(shard.shard_id().unwrap().len() >= 28, "{shard:?}");
    assert_eq!(shard.parent_shard_id(), None);
    let range = shard.sequence_number_range().unwrap();
    assert_eq!(range.ending_sequence_number(), None);
    let first = &records(&engine).await[0];
    let first = first.dynamodb().unwrap().sequence_number().unwrap();
    assert!(range.starting_sequence_number().unwrap() <= first);
}

#[tokio::test]
async fn a_table_made_anew_has_a_stream_of_its_own() {
    let engine = keyfold_embedded::memory();
    let client = with_stream(&engine).await;
    put(&client, "OF-THE-FIRST", &[]).await;
    let first = arn(&engine).await;
    client
        .delete_table()
        .table_name(TABLE)
        .send()
        .await
        .unwrap();
    with_stream(&engine).await;
    put(&client, "OF-THE-SECOND", &[]).await;
    let records = records(&engine).await;
    assert_eq!(records.len(), 1);
    let keys = records[0].dynamodb().unwrap().keys().unwrap();
    assert_eq!(keys["pk"].as_s().unwrap(), "OF-THE-SECOND");
    let gone = engine
        .streams_client()
        .describe_stream()
        .stream_arn(first)
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert!(gone.is_resource_not_found_exception(), "{gone}");
}

#[tokio::test]
async fn a_place_before_what_was_removed_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Options::new()
        .upkeep_every(Duration::from_millis(20))
        .open(folder.path())
        .unwrap();
    let client = with_stream(&engine).await;
    for number in 0..3 {
        put(&client, &format!("OLD#{number}"), &[]).await;
    }
    let old: Vec<String> = records(&engine)
        .await
        .iter()
        .map(|record| record.dynamodb().unwrap().sequence_number().unwrap().into())
        .collect();
    let shard = shards(&engine).await.remove(0).shard_id.unwrap();
    let arn = arn(&engine).await;
    let after = async |sequence_number: &str| {
        let iterator = engine
            .streams_client()
            .get_shard_iterator()
            .stream_arn(&arn)
            .shard_id(&shard)
            .shard_iterator_type(ShardIteratorType::AfterSequenceNumber)
            .sequence_number(sequence_number)
            .send()
            .await?;
        Ok::<_, SdkError<GetShardIteratorError>>(iterator.shard_iterator.unwrap())
    };
    let before = after(&old[0]).await.unwrap();
    engine_file(&folder)
        .conn()
        .execute(
            "UPDATE _stream_records SET created_at = created_at - 24 * 60 * 60 - 1",
            [],
        )
        .unwrap();
    until(|| async { records(&engine).await.is_empty() }).await;
    put(&client, "NEW#1", &[]).await;

    let trimmed = after(&old[0]).await.unwrap_err().into_service_error();
    assert!(trimmed.is_trimmed_data_access_exception(), "{trimmed}");
    let read = async |iterator| {
        engine
            .streams_client()
            .get_records()
            .shard_iterator(iterator)
            .send()
            .await
    };
    let trimmed = read(before).await.unwrap_err().into_service_error();
    assert!(trimmed.is_trimmed_data_access_exception(), "{trimmed}");
    // Nothing was missed by whoever had read the last of them.
    let answer = read(after(&old[2]).await.unwrap()).await.unwrap();
    assert_eq!(answer.records().len(), 1);
}
