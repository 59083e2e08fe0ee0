//! The stream of a table.

use std::time::{Duration, Instant};

use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem};
use aws_sdk_dynamodbstreams::types::{
    AttributeValue as StreamValue, OperationType, Record, ShardIteratorType,
};

use crate::on::{Item, On, item, key, n};

/// A record's name, sort key, and the attribute `v` before and after.
type Change = (OperationType, String, Option<String>, Option<String>);

/// Reads the stream from its beginning until there are so many records, and once more, since there
/// must be no others. What was written is in it a moment later.
async fn changes(on: &On, expected: usize) -> Vec<Change> {
    let table = on.client.describe_table().table_name(&on.table);
    let table = table.send().await.unwrap().table.unwrap();
    let arn = table.latest_stream_arn.unwrap();
    let since = Instant::now();
    let mut is_last = false;
    loop {
        let found = read(on, &arn).await;
        if is_last || since.elapsed() > Duration::from_secs(30) {
            return found.iter().map(change).collect();
        }
        is_last = found.len() >= expected;
        if !is_last {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

async fn read(on: &On, arn: &str) -> Vec<Record> {
    let stream = on.streams.describe_stream().stream_arn(arn);
    let stream = stream.send().await.unwrap().stream_description.unwrap();
    let mut records = Vec::new();
    for shard in stream.shards.unwrap() {
        let iterator = on
            .streams
            .get_shard_iterator()
            .stream_arn(arn)
            .set_shard_id(shard.shard_id)
            .shard_iterator_type(ShardIteratorType::TrimHorizon)
            .send()
            .await
            .unwrap();
        let mut iterator = iterator.shard_iterator;
        while let Some(from) = iterator {
            let page = on.streams.get_records().shard_iterator(from);
            let page = page.send().await.unwrap();
            let found = page.records.unwrap();
            // An open shard has no end: what is empty is all there is by now.
            iterator = page.next_shard_iterator.filter(|_| !found.is_empty());
            records.extend(found);
        }
    }
    records
}

fn change(record: &Record) -> Change {
    let text = |value: &StreamValue| match value {
        StreamValue::S(value) | StreamValue::N(value) => value.clone(),
        other => panic!("{other:?}"),
    };
    let change = record.dynamodb().unwrap();
    assert!(change.approximate_creation_date_time().is_some());
    assert_eq!(
        change.stream_view_type().unwrap().as_str(),
        "NEW_AND_OLD_IMAGES"
    );
    let keys = change.keys().unwrap();
    assert_eq!(keys.len(), 2);
    for image in [change.old_image(), change.new_image()]
        .into_iter()
        .flatten()
    {
        assert_eq!((&image["pk"], &image["sk"]), (&keys["pk"], &keys["sk"]));
    }
    (
        record.event_name().unwrap().clone(),
        text(&keys["sk"]),
        change.old_image().map(|image| text(&image["v"])),
        change.new_image().map(|image| text(&image["v"])),
    )
}

fn value(sk: &str, value: usize) -> Item {
    item("A", sk, [("v", n(value))])
}

fn changed(kind: OperationType, sk: &str, old: Option<usize>, new: Option<usize>) -> Change {
    let text = |value: Option<usize>| value.map(|value| value.to_string());
    (kind, sk.to_owned(), text(old), text(new))
}

pub async fn changes_come_in_order_with_both_images(on: &On) {
    use OperationType::{Insert, Modify, Remove};

    on.put(value("1", 0)).await;
    let mut expected = vec![changed(Insert, "1", None, Some(0))];
    for number in 1..20 {
        let update = on.client.update_item().table_name(&on.table);
        update
            .set_key(Some(key("A", "1")))
            .update_expression("SET v = :v")
            .expression_attribute_values(":v", n(number))
            .send()
            .await
            .unwrap();
        expected.push(changed(Modify, "1", Some(number - 1), Some(number)));
    }
    // What changes nothing that is there is no change: a delete of what is not there.
    for sk in ["none", "1"] {
        let delete = on.client.delete_item().table_name(&on.table);
        delete.set_key(Some(key("A", sk))).send().await.unwrap();
    }
    expected.push(changed(Remove, "1", Some(19), None));
    assert_eq!(changes(on, expected.len()).await, expected);
}

pub async fn an_identical_put_is_not_recorded(on: &On) {
    on.put(value("1", 0)).await;
    on.put(value("1", 0)).await;
    on.put(value("1", 1)).await;
    let change = |old, new| changed(OperationType::Modify, "1", Some(old), Some(new));
    let first = changed(OperationType::Insert, "1", None, Some(0));
    on.documented(vec![first, change(0, 1)])
        .is(&changes(on, 2).await);
}

pub async fn a_transaction_is_recorded_item_by_item(on: &On) {
    on.put(value("1", 0)).await;
    let put = |item| {
        let put = Put::builder().table_name(&on.table).set_item(Some(item));
        TransactWriteItem::builder()
            .put(put.build().unwrap())
            .build()
    };
    let delete = Delete::builder().table_name(&on.table);
    let delete = delete.set_key(Some(key("A", "1"))).build().unwrap();
    on.client
        .transact_write_items()
        .transact_items(put(value("2", 2)))
        .transact_items(TransactWriteItem::builder().delete(delete).build())
        .transact_items(put(value("3", 3)))
        .send()
        .await
        .unwrap();
    // One that is refused is not recorded.
    let refused = Put::builder()
        .table_name(&on.table)
        .set_item(Some(value("2", 9)))
        .condition_expression("attribute_not_exists(pk)")
        .build()
        .unwrap();
    let refused = on
        .client
        .transact_write_items()
        .transact_items(put(value("4", 4)))
        .transact_items(TransactWriteItem::builder().put(refused).build());
    refused.send().await.unwrap_err();
    let mut found = changes(on, 4).await;
    // Only the records of one item are in order.
    found.sort_by(|a, b| a.1.cmp(&b.1));
    assert_eq!(
        found,
        [
            changed(OperationType::Insert, "1", None, Some(0)),
            changed(OperationType::Remove, "1", Some(0), None),
            changed(OperationType::Insert, "2", None, Some(2)),
            changed(OperationType::Insert, "3", None, Some(3)),
        ]
    );
}
