//! Consumed capacity, by the rules AWS documents: "Read and write operations" and "Item sizes and
//! formats" in the Developer Guide.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::{
    ConsumedCapacity, Get, KeysAndAttributes, Put, PutRequest, ReturnConsumedCapacity,
    TransactGetItem, TransactWriteItem, WriteRequest,
};

use crate::on::{BY_AMOUNT, BY_REGION, BY_STATUS, Engine, Item, On, item, key, n, s, sized};

const ASK: ReturnConsumedCapacity = ReturnConsumedCapacity::Indexes;

fn total(consumed: Option<ConsumedCapacity>) -> f64 {
    consumed.unwrap().capacity_units.unwrap()
}

/// In all, of the table, and of each index that took some.
fn shares(consumed: Option<ConsumedCapacity>) -> BTreeMap<String, f64> {
    let consumed = consumed.unwrap();
    let table = consumed.table.unwrap().capacity_units.unwrap();
    let mut shares = BTreeMap::from([
        ("total".to_owned(), consumed.capacity_units.unwrap()),
        ("table".to_owned(), table),
    ]);
    let global = consumed.global_secondary_indexes.unwrap_or_default();
    let local = consumed.local_secondary_indexes.unwrap_or_default();
    for (index, share) in global.into_iter().chain(local) {
        let units = share.capacity_units.unwrap();
        if units > 0.0 {
            shares.insert(index, units);
        }
    }
    shares
}

fn units<const N: usize>(shares: [(&str, f64); N]) -> BTreeMap<String, f64> {
    let owned = shares.map(|(name, units)| (name.to_owned(), units));
    owned.into()
}

async fn put(on: &On, item: Item) -> Option<ConsumedCapacity> {
    let put = on.client.put_item().table_name(&on.table);
    let put = put.set_item(Some(item)).return_consumed_capacity(ASK);
    put.send().await.unwrap().consumed_capacity
}

pub async fn a_read_costs_a_unit_per_4_kb(on: &On) {
    for (bytes, strong) in [(100, 1.0), (4096, 1.0), (4097, 2.0), (12 * 1024 + 1, 4.0)] {
        on.put(sized("A", "1", bytes)).await;
        for (consistent, expected) in [(true, strong), (false, strong / 2.0)] {
            let get = on.client.get_item().table_name(&on.table);
            let get = get
                .set_key(Some(key("A", "1")))
                .consistent_read(consistent)
                // What is left out has been read all the same.
                .projection_expression("pk")
                .return_consumed_capacity(ASK);
            let consumed = get.send().await.unwrap().consumed_capacity;
            on.documented(expected).is(&total(consumed));
        }
    }
    // What is not there costs as the smallest.
    let get = on.client.get_item().table_name(&on.table);
    let get = get
        .set_key(Some(key("A", "2")))
        .return_consumed_capacity(ASK);
    on.documented(0.5)
        .is(&total(get.send().await.unwrap().consumed_capacity));
}

pub async fn a_write_costs_a_unit_per_kb(on: &On) {
    for (bytes, expected) in [(100, 1.0), (1024, 1.0), (1025, 2.0), (10 * 1024, 10.0)] {
        let consumed = put(on, sized("A", &bytes.to_string(), bytes)).await;
        on.documented(expected).is(&total(consumed));
    }
    // The larger of before and after.
    let consumed = put(on, sized("A", "10240", 100)).await;
    on.documented(10.0).is(&total(consumed));
    on.put(sized("A", "1", 3000)).await;
    let update = on.client.update_item().table_name(&on.table);
    let update = update
        .set_key(Some(key("A", "1")))
        .update_expression("REMOVE padding")
        .return_consumed_capacity(ASK);
    on.documented(3.0)
        .is(&total(update.send().await.unwrap().consumed_capacity));
    for (sk, expected) in [("1025", 2.0), ("none", 1.0)] {
        let delete = on.client.delete_item().table_name(&on.table);
        let delete = delete.set_key(Some(key("A", sk)));
        let deleted = delete.return_consumed_capacity(ASK).send().await;
        on.documented(expected)
            .is(&total(deleted.unwrap().consumed_capacity));
    }
}

pub async fn an_index_that_changes_costs_beside_its_table(on: &On) {
    let others = |status: &str| [("status", s(status)), ("region", s("eu")), ("amount", n(1))];
    let all = units([
        ("total", 4.0),
        ("table", 1.0),
        (BY_STATUS, 1.0),
        (BY_REGION, 1.0),
        (BY_AMOUNT, 1.0),
    ]);
    let consumed = put(on, item("A", "1", others("open"))).await;
    on.documented(all.clone()).is(&shares(consumed));
    // A key that changes: out of its old place and into the new. Where nothing changes, nothing.
    let consumed = put(on, item("A", "1", others("closed"))).await;
    on.documented(units([
        ("total", 4.0),
        ("table", 1.0),
        (BY_STATUS, 2.0),
        (BY_AMOUNT, 1.0),
    ]))
    .is(&shares(consumed));
    // An attribute that one of them does not have.
    let update = on.client.update_item().table_name(&on.table);
    let update = update
        .set_key(Some(key("A", "1")))
        .update_expression("SET note = :note")
        .expression_attribute_values(":note", s("x"))
        .return_consumed_capacity(ASK);
    let consumed = update.send().await.unwrap().consumed_capacity;
    on.documented(units([
        ("total", 3.0),
        ("table", 1.0),
        (BY_STATUS, 1.0),
        (BY_AMOUNT, 1.0),
    ]))
    .is(&shares(consumed));
    let delete = on.client.delete_item().table_name(&on.table);
    let delete = delete.set_key(Some(key("A", "1")));
    let deleted = delete.return_consumed_capacity(ASK).send().await;
    on.documented(all)
        .is(&shares(deleted.unwrap().consumed_capacity));
}

pub async fn a_page_is_summed_and_then_rounded(on: &On) {
    for number in 0..10 {
        let mut item = sized("A", &number.to_string(), 900);
        item.insert("status".to_owned(), s("open"));
        on.put(item).await;
    }
    let query = |consistent| {
        let query = on.client.query().table_name(&on.table);
        query
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", s("A"))
            .consistent_read(consistent)
            .return_consumed_capacity(ASK)
    };
    // 9,100 bytes: three units of 4 KB, not ten.
    for (consistent, expected) in [(true, 3.0), (false, 1.5)] {
        let page = query(consistent).send().await.unwrap();
        on.documented(expected).is(&total(page.consumed_capacity));
    }
    // A filter saves nothing.
    let filtered = query(true).filter_expression("attribute_exists(nothing)");
    let filtered = filtered.send().await.unwrap();
    on.documented(3.0).is(&total(filtered.consumed_capacity));
    let scanned = on.client.scan().table_name(&on.table);
    let scanned = scanned.return_consumed_capacity(ASK).send().await;
    on.documented(1.5)
        .is(&total(scanned.unwrap().consumed_capacity));
    // Of an index: by its own items, and nothing of the table.
    let indexed = on.client.query().table_name(&on.table);
    let indexed = indexed
        .index_name(BY_STATUS)
        .key_condition_expression("#status = :open")
        .expression_attribute_names("#status", "status")
        .expression_attribute_values(":open", s("open"))
        .return_consumed_capacity(ASK);
    on.eventually(10, async || indexed.clone().send().await.unwrap().count)
        .await;
    let consumed = indexed.send().await.unwrap().consumed_capacity;
    on.documented(units([("total", 1.5), ("table", 0.0), (BY_STATUS, 1.5)]))
        .is(&shares(consumed));
}

pub async fn batches_round_each_item(on: &On) {
    let items = (0..10).map(|number| sized("A", &number.to_string(), 1100));
    let writes = items.map(|item| {
        let put = PutRequest::builder().set_item(Some(item)).build().unwrap();
        WriteRequest::builder().put_request(put).build()
    });
    let written = on.client.batch_write_item();
    let written = written
        .request_items(&on.table, writes.collect())
        .return_consumed_capacity(ASK);
    let consumed = written.send().await.unwrap().consumed_capacity.unwrap();
    on.documented(20.0).is(&total(consumed.into_iter().next()));

    let keys = (0..11).map(|number| key("A", &number.to_string()));
    let reading = KeysAndAttributes::builder().set_keys(Some(keys.collect()));
    let read = on.client.batch_get_item();
    let read = read
        .request_items(&on.table, reading.build().unwrap())
        .return_consumed_capacity(ASK);
    let consumed = read.send().await.unwrap().consumed_capacity.unwrap();
    // Ten, and one that is not there.
    on.documented(5.5)
        .differs(
            Engine::DynamoDbLocal,
            "A key of a batch that is not there costs nothing",
            5.0,
        )
        .is(&total(consumed.into_iter().next()));
}

pub async fn transactions_cost_twice(on: &On) {
    let mut write = on.client.transact_write_items();
    for (sk, bytes) in [("1", 900), ("2", 1100)] {
        let put = Put::builder().table_name(&on.table);
        let put = put.set_item(Some(sized("A", sk, bytes))).build().unwrap();
        write = write.transact_items(TransactWriteItem::builder().put(put).build());
    }
    let written = write.return_consumed_capacity(ASK).send().await.unwrap();
    let consumed = written.consumed_capacity.unwrap();
    on.documented(6.0)
        .differs(
            Engine::DynamoDbLocal,
            "A write in a transaction costs up to four times its units, not twice",
            12.0,
        )
        .is(&total(consumed.into_iter().next()));

    let mut read = on.client.transact_get_items();
    for sk in ["1", "2"] {
        let get = Get::builder().table_name(&on.table);
        let get = get.set_key(Some(key("A", sk))).build().unwrap();
        read = read.transact_items(TransactGetItem::builder().get(get).build());
    }
    let read = read.return_consumed_capacity(ASK).send().await.unwrap();
    let consumed = read.consumed_capacity.unwrap();
    on.documented(4.0).is(&total(consumed.into_iter().next()));
}
