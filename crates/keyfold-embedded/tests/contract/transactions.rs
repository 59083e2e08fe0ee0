//! Transactions: all or nothing, and why nothing.

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    ConditionCheck, Delete, Get, Put, ReturnValuesOnConditionCheckFailure as OnFailure,
    TransactGetItem, TransactWriteItem, Update,
};

use crate::on::{Engine, Item, On, item, key, n, outcome, s};

fn put(on: &On, item: Item) -> TransactWriteItem {
    let put = Put::builder().table_name(&on.table).set_item(Some(item));
    TransactWriteItem::builder()
        .put(put.build().unwrap())
        .build()
}

fn create(on: &On, item: Item, asked: OnFailure) -> TransactWriteItem {
    let put = Put::builder()
        .table_name(&on.table)
        .set_item(Some(item))
        .condition_expression("attribute_not_exists(pk)")
        .return_values_on_condition_check_failure(asked);
    TransactWriteItem::builder()
        .put(put.build().unwrap())
        .build()
}

fn count_up(on: &On, counter: Item, by: u32) -> TransactWriteItem {
    let update = Update::builder()
        .table_name(&on.table)
        .set_key(Some(counter))
        .update_expression("ADD visits :by")
        .expression_attribute_values(":by", n(by));
    TransactWriteItem::builder()
        .update(update.build().unwrap())
        .build()
}

fn exists(on: &On, pk: &str, sk: &str) -> TransactWriteItem {
    let check = ConditionCheck::builder()
        .table_name(&on.table)
        .set_key(Some(key(pk, sk)))
        .condition_expression("attribute_exists(pk)");
    TransactWriteItem::builder()
        .condition_check(check.build().unwrap())
        .build()
}

async fn write(on: &On, actions: Vec<TransactWriteItem>) -> String {
    let write = on.client.transact_write_items();
    outcome(&write.set_transact_items(Some(actions)).send().await).to_owned()
}

pub async fn reasons_come_in_order_and_show_the_item_when_asked(on: &On) {
    let there = item("A", "1", [("value", s("there"))]);
    on.put(there.clone()).await;
    let delete = Delete::builder().table_name(&on.table);
    let delete = delete.set_key(Some(key("A", "1"))).build().unwrap();
    let refused = on
        .client
        .transact_write_items()
        .transact_items(count_up(on, key("COUNTER", "1"), 1))
        .transact_items(exists(on, "A", "9"))
        .transact_items(TransactWriteItem::builder().delete(delete).build())
        .transact_items(create(on, key("B", "1"), OnFailure::AllOld))
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert_eq!(
        reasons(refused),
        [
            ("None".to_owned(), None),
            ("ConditionalCheckFailed".to_owned(), None),
            ("None".to_owned(), None),
            ("None".to_owned(), None),
        ]
    );
    let refused = on
        .client
        .transact_write_items()
        .transact_items(create(on, there.clone(), OnFailure::AllOld))
        .transact_items(exists(on, "A", "9"))
        .transact_items(count_up(on, key("COUNTER", "1"), 1))
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert_eq!(
        reasons(refused),
        [
            ("ConditionalCheckFailed".to_owned(), Some(there.clone())),
            ("ConditionalCheckFailed".to_owned(), None),
            ("None".to_owned(), None),
        ]
    );
    assert_eq!(on.get("COUNTER", "1").await, None);
    assert_eq!(on.get("A", "1").await, Some(there));
}

fn reasons(refused: TransactWriteItemsError) -> Vec<(String, Option<Item>)> {
    let TransactWriteItemsError::TransactionCanceledException(refused) = refused else {
        panic!("{refused:?}");
    };
    let reasons = refused.cancellation_reasons.unwrap().into_iter();
    reasons
        .map(|reason| (reason.code.unwrap(), reason.item))
        .collect()
}

pub async fn an_item_is_named_once(on: &On) {
    let twice = vec![put(on, key("A", "1")), exists(on, "A", "1")];
    assert_eq!(write(on, twice).await, "ValidationException");
    assert_eq!(on.get("A", "1").await, None);
}

pub async fn a_hundred_actions_fit(on: &On) {
    let actions = |count: usize| {
        let items = (0..count).map(|number| key("A", &format!("{number:03}")));
        items.map(|item| put(on, item)).collect()
    };
    assert_eq!(write(on, actions(101)).await, "ValidationException");
    on.documented("ok".to_owned())
        .differs(
            Engine::DynamoDbLocal,
            "A transaction holds 10 actions, not 100",
            "ValidationException".to_owned(),
        )
        .is(&write(on, actions(100)).await);
    assert_eq!(write(on, actions(10)).await, "ok");
    // 4 MB in all.
    let large = (0..11).map(|number| {
        put(
            on,
            crate::on::sized("LARGE", &number.to_string(), 400 * 1024),
        )
    });
    assert_eq!(write(on, large.collect()).await, "ValidationException");
}

pub async fn a_token_applies_once(on: &On) {
    // Others' tokens are in the same account.
    let token = format!("contract-{}", std::process::id());
    let send = async |by, first: &str| {
        // A map has no order of its own, a request has.
        let keys = std::iter::repeat_with(|| key("COUNTER", "1"));
        let mut keys = keys.filter(|key| key.keys().next().unwrap() == first);
        let action = count_up(on, keys.next().unwrap(), by);
        let write = on.client.transact_write_items();
        let write = write.client_request_token(&token).transact_items(action);
        outcome(&write.send().await).to_owned()
    };
    assert_eq!(send(1, "pk").await, "ok");
    assert_eq!(send(1, "pk").await, "ok");
    assert_eq!(on.get("COUNTER", "1").await.unwrap()["visits"], n(1));
    // Another request under the token of one that was done.
    let mismatch = "IdempotentParameterMismatchException";
    assert_eq!(send(2, "pk").await, mismatch);
    on.documented("ok".to_owned())
        .differs(
            Engine::DynamoDbLocal,
            "A request whose key names its attributes in another order is another to its token",
            mismatch.to_owned(),
        )
        .is(&send(1, "sk").await);
}

pub async fn reads_come_in_order_with_gaps(on: &On) {
    let (first, last) = (item("A", "1", [("x", n(1))]), key("B", "1"));
    on.put(first.clone()).await;
    on.put(last.clone()).await;
    let reads = [("B", "1"), ("A", "2"), ("A", "1")].map(|(pk, sk)| {
        let get = Get::builder().table_name(&on.table);
        let get = get.set_key(Some(key(pk, sk))).build().unwrap();
        TransactGetItem::builder().get(get).build()
    });
    let read = on.client.transact_get_items();
    let read = read.set_transact_items(Some(reads.into())).send().await;
    let items = read.unwrap().responses.unwrap().into_iter();
    let items: Vec<_> = items.map(|response| response.item).collect();
    assert_eq!(items, [Some(last), None, Some(first)]);
}
