use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::config::interceptors::BeforeTransmitInterceptorContextRef;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};

use crate::fixture::{TABLE, create_table, get, memory_with_table, order, put, text};

#[tokio::test(flavor = "current_thread")]
async fn an_item_is_written_and_read_through_the_sdk() {
    let (_engine, client) = memory_with_table().await;
    put(&client, order("TENANT#1", "ORDER#1")).await;
    let found = get(&client, "TENANT#1", "ORDER#1").await.unwrap();
    assert_eq!(found, order("TENANT#1", "ORDER#1"));
    assert!(get(&client, "TENANT#1", "ORDER#2").await.is_none());
}

/// Keeps the names of the headers a request would be sent with.
#[derive(Debug, Clone, Default)]
struct Headers(Arc<Mutex<Vec<String>>>);

impl Intercept for Headers {
    fn name(&self) -> &'static str {
        "Headers"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), aws_sdk_dynamodb::error::BoxError> {
        let mut names = self.0.lock().unwrap();
        names.extend(
            context
                .request()
                .headers()
                .iter()
                .map(|(name, _)| name.to_owned()),
        );
        Ok(())
    }
}

#[tokio::test(flavor = "current_thread")]
async fn nothing_is_signed_and_no_credentials_are_needed() {
    let headers = Headers::default();
    let config = keyfold_embedded::memory()
        .config()
        .interceptor(headers.clone())
        .build();
    let client = aws_sdk_dynamodb::Client::from_conf(config);
    client.list_tables().send().await.unwrap();
    let names = headers.0.lock().unwrap();
    assert!(names.iter().any(|name| name == "x-amz-target"), "{names:?}");
    assert!(
        !names
            .iter()
            .any(|name| name == "authorization" || name == "x-amz-date"),
        "{names:?}"
    );
}

#[tokio::test(flavor = "current_thread")]
async fn streams_are_read_through_their_own_client() {
    use aws_sdk_dynamodb::types::{StreamSpecification, StreamViewType};
    use aws_sdk_dynamodbstreams::types::ShardIteratorType;

    let (engine, client) = memory_with_table().await;
    let table = client
        .update_table()
        .table_name(TABLE)
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
    let arn = table
        .table_description
        .and_then(|table| table.latest_stream_arn)
        .unwrap();
    put(&client, order("TENANT#1", "ORDER#1")).await;

    let streams = engine.streams_client();
    let stream = streams
        .describe_stream()
        .stream_arn(&arn)
        .send()
        .await
        .unwrap();
    let shard = stream.stream_description.unwrap().shards.unwrap().remove(0);
    let iterator = streams
        .get_shard_iterator()
        .stream_arn(&arn)
        .shard_id(shard.shard_id.unwrap())
        .shard_iterator_type(ShardIteratorType::TrimHorizon)
        .send()
        .await
        .unwrap()
        .shard_iterator
        .unwrap();
    let records = streams
        .get_records()
        .shard_iterator(iterator)
        .send()
        .await
        .unwrap()
        .records
        .unwrap();
    assert_eq!(records.len(), 1);
    let image = records[0]
        .dynamodb()
        .and_then(|change| change.new_image())
        .unwrap();
    assert_eq!(image["pk"].as_s().unwrap(), "TENANT#1");
}

#[tokio::test(flavor = "current_thread")]
async fn units_and_errors_are_the_engines_own() {
    let (_engine, client) = memory_with_table().await;
    let written = client
        .put_item()
        .table_name(TABLE)
        .set_item(Some(order("TENANT#1", "ORDER#1")))
        .return_consumed_capacity(ReturnConsumedCapacity::Total)
        .send()
        .await
        .unwrap();
    // One for the table, one for its index.
    assert_eq!(written.consumed_capacity.unwrap().capacity_units, Some(2.0));

    let refused = client
        .put_item()
        .table_name(TABLE)
        .set_item(Some(order("TENANT#1", "ORDER#1")))
        .condition_expression("attribute_not_exists(pk)")
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert!(refused.is_conditional_check_failed_exception());

    let missing = client
        .get_item()
        .table_name("Nowhere")
        .key("pk", text("A"))
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert!(missing.is_resource_not_found_exception());

    let invalid = client
        .put_item()
        .table_name(TABLE)
        .item("pk", AttributeValue::Null(false))
        .item("sk", text("A"))
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert_eq!(invalid.meta().code(), Some("ValidationException"));
    let message = invalid.meta().message().unwrap();
    assert!(
        message.starts_with("1 validation error detected: "),
        "{message}"
    );
}

#[tokio::test(flavor = "current_thread")]
async fn an_index_key_of_several_attributes_is_served() {
    use crate::fixture::{all, attribute, key};
    use aws_sdk_dynamodb::types::{BillingMode, GlobalSecondaryIndex, KeyType};

    let client = keyfold_embedded::memory().client();
    client
        .create_table()
        .table_name(TABLE)
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(attribute("pk"))
        .attribute_definitions(attribute("region"))
        .attribute_definitions(attribute("status"))
        .key_schema(key("pk", KeyType::Hash))
        .global_secondary_indexes(
            GlobalSecondaryIndex::builder()
                .index_name("by-region")
                .key_schema(key("region", KeyType::Hash))
                .key_schema(key("status", KeyType::Range))
                .key_schema(key("pk", KeyType::Range))
                .projection(all())
                .build()
                .unwrap(),
        )
        .send()
        .await
        .unwrap();
    for (pk, status) in [("1", "open"), ("2", "closed"), ("3", "open")] {
        client
            .put_item()
            .table_name(TABLE)
            .item("pk", text(pk))
            .item("region", text("eu"))
            .item("status", text(status))
            .send()
            .await
            .unwrap();
    }
    let open = client
        .query()
        .table_name(TABLE)
        .index_name("by-region")
        .key_condition_expression("#region = :eu AND #status = :open")
        .expression_attribute_names("#region", "region")
        .expression_attribute_names("#status", "status")
        .expression_attribute_values(":eu", text("eu"))
        .expression_attribute_values(":open", text("open"))
        .send()
        .await
        .unwrap();
    let found: Vec<_> = open
        .items()
        .iter()
        .map(|item| item["pk"].as_s().unwrap())
        .collect();
    assert_eq!(found, ["1", "3"]);
}

#[tokio::test(flavor = "current_thread")]
async fn the_row_count_is_not_taken_anew_at_each_describe() {
    let (_engine, client) = memory_with_table().await;
    let count = async || {
        let table = client
            .describe_table()
            .table_name(TABLE)
            .send()
            .await
            .unwrap();
        table.table.unwrap().item_count.unwrap()
    };
    // A description serves for a second at least: on a machine that is slower, try again.
    for round in 0..20 {
        let started = std::time::Instant::now();
        put(&client, order("TENANT#1", &format!("ORDER#{round}#1"))).await;
        let before = count().await;
        put(&client, order("TENANT#1", &format!("ORDER#{round}#2"))).await;
        let after = count().await;
        if started.elapsed() < std::time::Duration::from_millis(900) {
            assert_eq!(before, after, "counted again at once");
            // A thousand times what counting took, at least a second.
            for _ in 0..120 {
                tokio::time::sleep(std::time::Duration::from_millis(500)).await;
                if count().await > after {
                    return;
                }
            }
            panic!("not counted again within a minute");
        }
    }
    panic!("no round was done within a second");
}

#[tokio::test(flavor = "current_thread")]
async fn engines_in_memory_share_nothing() {
    let (_engine, client) = memory_with_table().await;
    put(&client, order("TENANT#1", "ORDER#1")).await;
    let other = keyfold_embedded::memory().client();
    assert!(
        other
            .list_tables()
            .send()
            .await
            .unwrap()
            .table_names()
            .is_empty()
    );
    create_table(&other, TABLE).await;
    assert!(get(&other, "TENANT#1", "ORDER#1").await.is_none());
}
