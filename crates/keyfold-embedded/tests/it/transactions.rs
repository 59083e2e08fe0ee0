use aws_sdk_dynamodb::types::{Put, ReturnConsumedCapacity, TransactWriteItem, Update};

use crate::fixture::{TABLE, attribute, get, key, memory_with_table, order, put, text};

fn count_up() -> TransactWriteItem {
    let update = Update::builder()
        .table_name(TABLE)
        .key("pk", text("TENANT#1"))
        .key("sk", text("COUNTER"))
        .update_expression("ADD visits :one")
        .expression_attribute_values(
            ":one",
            aws_sdk_dynamodb::types::AttributeValue::N("1".into()),
        )
        .build()
        .unwrap();
    TransactWriteItem::builder().update(update).build()
}

#[tokio::test(flavor = "current_thread")]
async fn a_transaction_sent_again_with_its_token_is_applied_once() {
    let (_engine, client) = memory_with_table().await;
    let send = async || {
        client
            .transact_write_items()
            .client_request_token("the-same")
            .transact_items(count_up())
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .unwrap()
            .consumed_capacity
            .unwrap()
            .remove(0)
    };
    let first = send().await;
    assert_eq!(first.write_capacity_units, Some(2.0));
    // A change of tables in between must not make the engine forget.
    client
        .create_table()
        .table_name("Other")
        .billing_mode(aws_sdk_dynamodb::types::BillingMode::PayPerRequest)
        .attribute_definitions(attribute("pk"))
        .key_schema(key("pk", aws_sdk_dynamodb::types::KeyType::Hash))
        .send()
        .await
        .unwrap();
    let second = send().await;
    assert_eq!(
        second.read_capacity_units,
        Some(2.0),
        "billed as a read of what is there"
    );
    let counter = get(&client, "TENANT#1", "COUNTER").await.unwrap();
    assert_eq!(counter["visits"].as_n().unwrap(), "1");
}

#[tokio::test(flavor = "current_thread")]
async fn a_refused_transaction_writes_nothing_and_says_which_action() {
    let (_engine, client) = memory_with_table().await;
    put(&client, order("TENANT#1", "ORDER#1")).await;
    let taken = Put::builder()
        .table_name(TABLE)
        .set_item(Some(order("TENANT#1", "ORDER#1")))
        .condition_expression("attribute_not_exists(pk)")
        .build()
        .unwrap();
    let refused = client
        .transact_write_items()
        .transact_items(count_up())
        .transact_items(TransactWriteItem::builder().put(taken).build())
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    let aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError::TransactionCanceledException(cancelled) = refused else {
        panic!("{refused:?}");
    };
    let codes: Vec<_> = cancelled
        .cancellation_reasons()
        .iter()
        .map(|reason| reason.code().unwrap())
        .collect();
    assert_eq!(codes, ["None", "ConditionalCheckFailed"]);
    assert!(get(&client, "TENANT#1", "COUNTER").await.is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transactional_read_is_of_one_moment() {
    use aws_sdk_dynamodb::types::{Get, TransactGetItem};

    let (_engine, client) = memory_with_table().await;
    let both = |value: usize| {
        ["A", "B"].map(|sk| {
            let mut item = order("TENANT#1", sk);
            item.insert("value".to_owned(), text(value.to_string()));
            let put = Put::builder()
                .table_name(TABLE)
                .set_item(Some(item))
                .build()
                .unwrap();
            TransactWriteItem::builder().put(put).build()
        })
    };
    let writer = tokio::spawn({
        let client = client.clone();
        async move {
            for value in 0..200 {
                let [a, b] = both(value);
                client
                    .transact_write_items()
                    .transact_items(a)
                    .transact_items(b)
                    .send()
                    .await
                    .unwrap();
            }
        }
    });
    while !writer.is_finished() {
        let get = |sk: &str| {
            let get = Get::builder()
                .table_name(TABLE)
                .key("pk", text("TENANT#1"))
                .key("sk", text(sk))
                .build()
                .unwrap();
            TransactGetItem::builder().get(get).build()
        };
        let read = client
            .transact_get_items()
            .transact_items(get("A"))
            .transact_items(get("B"))
            .send()
            .await
            .unwrap();
        let values: Vec<_> = read
            .responses()
            .iter()
            .map(|response| response.item().and_then(|item| item.get("value").cloned()))
            .collect();
        assert_eq!(values[0], values[1]);
    }
    writer.await.unwrap();
}
