//! The formulas against what the engine says a request took.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, ConsumedCapacity, GlobalSecondaryIndex,
    KeySchemaElement, KeyType, KeysAndAttributes, Projection, ProjectionType, Put,
    ReturnConsumedCapacity, ScalarAttributeType, TransactWriteItem,
};
use keyfold_cost::Quantity;
use keyfold_cost::units::{self, Consistency};

const TABLE: &str = "sizes";
const ASK: ReturnConsumedCapacity = ReturnConsumedCapacity::Indexes;

fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

fn key(pk: &str, sk: &str) -> HashMap<String, AttributeValue> {
    HashMap::from([("pk".to_owned(), s(pk)), ("sk".to_owned(), s(sk))])
}

/// An item of so many bytes in all.
fn item(pk: &str, sk: &str, by: Option<&str>, bytes: usize) -> HashMap<String, AttributeValue> {
    let mut item = key(pk, sk);
    if let Some(by) = by {
        item.insert("by".to_owned(), s(by));
    }
    let used: usize = 3 + 2 + pk.len() + 2 + sk.len() + by.map_or(0, |by| 2 + by.len());
    item.insert("pad".to_owned(), s("x".repeat(bytes - used)));
    item
}

async fn table() -> Client {
    let client = keyfold_embedded::memory().client();
    let attribute = |name: &str| {
        AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(ScalarAttributeType::S)
            .build()
            .unwrap()
    };
    let element = |name: &str, kind| {
        KeySchemaElement::builder()
            .attribute_name(name)
            .key_type(kind)
            .build()
            .unwrap()
    };
    let index = GlobalSecondaryIndex::builder()
        .index_name("by-by")
        .key_schema(element("by", KeyType::Hash))
        .projection(
            Projection::builder()
                .projection_type(ProjectionType::All)
                .build(),
        );
    client
        .create_table()
        .table_name(TABLE)
        .set_attribute_definitions(Some(vec![
            attribute("pk"),
            attribute("sk"),
            attribute("by"),
        ]))
        .key_schema(element("pk", KeyType::Hash))
        .key_schema(element("sk", KeyType::Range))
        .global_secondary_indexes(index.build().unwrap())
        .billing_mode(BillingMode::PayPerRequest)
        .send()
        .await
        .unwrap();
    client
}

fn total(consumed: Option<ConsumedCapacity>) -> f64 {
    consumed.unwrap().capacity_units.unwrap()
}

fn bytes(number: usize) -> Quantity {
    Quantity::declared("size", f64::from(u32::try_from(number).unwrap()), "B")
}

fn items(number: usize) -> Quantity {
    Quantity::declared("items", f64::from(u32::try_from(number).unwrap()), "items")
}

fn same(predicted: f64, metered: f64, what: &str) {
    assert!(
        (predicted - metered).abs() < 1e-9,
        "{what}: {predicted} predicted, {metered} metered"
    );
}

/// Sizes at and around every step, and some in between.
const SIZES: [usize; 11] = [
    60, 1_023, 1_024, 1_025, 4_096, 4_097, 8_192, 8_193, 30_000, 102_400, 102_401,
];

#[tokio::test(flavor = "current_thread")]
async fn writes_and_reads_of_one_item() {
    let client = table().await;
    for size in SIZES {
        let sk = size.to_string();
        let put = client
            .put_item()
            .table_name(TABLE)
            .set_item(Some(item("A", &sk, None, size)));
        let put = put.return_consumed_capacity(ASK).send().await.unwrap();
        let metered = total(put.consumed_capacity);
        same(units::write(&bytes(size), false).per_call, metered, "put");
        for (strong, consistency) in [(true, Consistency::Strong), (false, Consistency::Eventual)] {
            let get = client
                .get_item()
                .table_name(TABLE)
                .set_key(Some(key("A", &sk)));
            let get = get
                .consistent_read(strong)
                .return_consumed_capacity(ASK)
                .send()
                .await
                .unwrap();
            let metered = total(get.consumed_capacity);
            same(
                units::get(&bytes(size), consistency).per_call,
                metered,
                "get",
            );
        }
        let delete = client
            .delete_item()
            .table_name(TABLE)
            .set_key(Some(key("A", &sk)));
        let delete = delete.return_consumed_capacity(ASK).send().await.unwrap();
        same(
            units::write(&bytes(size), false).per_call,
            total(delete.consumed_capacity),
            "delete",
        );
    }
}

#[tokio::test(flavor = "current_thread")]
async fn queries_scans_and_batches() {
    for (number, size) in [
        (1, 100),
        (10, 900),
        (50, 1_024),
        (7, 4_097),
        (30, 100_000),
        (40, 60_001),
    ] {
        let client = table().await;
        for at in 0..number {
            let item = item("A", &format!("{at:04}"), None, size);
            client
                .put_item()
                .table_name(TABLE)
                .set_item(Some(item))
                .send()
                .await
                .unwrap();
        }
        for (strong, consistency) in [(true, Consistency::Strong), (false, Consistency::Eventual)] {
            let query = client
                .query()
                .table_name(TABLE)
                .key_condition_expression("pk = :pk")
                .expression_attribute_values(":pk", s("A"))
                .consistent_read(strong)
                .return_consumed_capacity(ASK);
            let mut metered = 0.0;
            let mut pages = query.into_paginator().send();
            while let Some(page) = pages.next().await {
                let page = page.unwrap();
                metered += total(page.consumed_capacity);
            }
            let predicted = units::query(&items(number), &bytes(size), consistency);
            same(predicted.per_call, metered, &predicted.formula);
        }
        let mut scanned = 0.0;
        let mut pages = client
            .scan()
            .table_name(TABLE)
            .return_consumed_capacity(ASK)
            .into_paginator()
            .send();
        while let Some(page) = pages.next().await {
            scanned += total(page.unwrap().consumed_capacity);
        }
        let predicted = units::scan(&items(number), &bytes(size), Consistency::Eventual);
        same(predicted.per_call, scanned, &predicted.formula);

        let keys = (0..number)
            .map(|at| key("A", &format!("{at:04}")))
            .collect();
        let asked = KeysAndAttributes::builder()
            .set_keys(Some(keys))
            .build()
            .unwrap();
        let batch = client
            .batch_get_item()
            .request_items(TABLE, asked)
            .return_consumed_capacity(ASK)
            .send()
            .await
            .unwrap();
        let metered = total(
            batch
                .consumed_capacity
                .and_then(|all| all.into_iter().next()),
        );
        let predicted = units::batch_get(&items(number), &bytes(size), Consistency::Eventual);
        same(predicted.per_call, metered, &predicted.formula);
    }
}

#[tokio::test(flavor = "current_thread")]
async fn an_index_and_a_transaction() {
    let client = table().await;
    for size in SIZES {
        let sk = size.to_string();
        let size = bytes(size);
        let whole = usize::try_from(size.value.to_string().parse::<u64>().unwrap()).unwrap();
        for (by, changes) in [("one", 1), ("one", 0), ("two", 2)] {
            let put =
                client
                    .put_item()
                    .table_name(TABLE)
                    .set_item(Some(item("A", &sk, Some(by), whole)));
            let put = put.return_consumed_capacity(ASK).send().await.unwrap();
            let predicted = units::write(&size, false).plus(&units::index_write(&size, changes));
            same(
                predicted.per_call,
                total(put.consumed_capacity),
                &predicted.formula,
            );
        }
        let put = Put::builder()
            .table_name(TABLE)
            .set_item(Some(item("B", &sk, Some("one"), whole)))
            .build()
            .unwrap();
        let written = client
            .transact_write_items()
            .transact_items(TransactWriteItem::builder().put(put).build())
            .return_consumed_capacity(ASK)
            .send()
            .await
            .unwrap();
        let metered = total(
            written
                .consumed_capacity
                .and_then(|all| all.into_iter().next()),
        );
        let predicted = units::write(&size, true).plus(&units::index_write(&size, 1));
        same(predicted.per_call, metered, &predicted.formula);
    }
}
