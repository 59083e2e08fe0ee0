//! Batches: not atomic, limited, and what is left of them.

use aws_sdk_dynamodb::types::{DeleteRequest, KeysAndAttributes, PutRequest, WriteRequest};

use crate::on::{Item, On, item, key, outcome, s, sized, texts};

const REFUSED: &str = "ValidationException";

fn put(item: Item) -> WriteRequest {
    let put = PutRequest::builder().set_item(Some(item)).build().unwrap();
    WriteRequest::builder().put_request(put).build()
}

fn keys(numbers: std::ops::Range<usize>) -> Vec<Item> {
    numbers
        .map(|number| key("A", &format!("{number:03}")))
        .collect()
}

fn reading(keys: Vec<Item>) -> KeysAndAttributes {
    let reading = KeysAndAttributes::builder().set_keys(Some(keys));
    reading.build().unwrap()
}

pub async fn a_batch_holds_25_writes_or_100_keys(on: &On) {
    for (writes, expected) in [(25, "ok"), (26, REFUSED)] {
        let writes = keys(0..writes).into_iter().map(put).collect();
        let batch = on
            .client
            .batch_write_item()
            .request_items(&on.table, writes);
        assert_eq!(outcome(&batch.send().await), expected);
    }
    for (reads, expected) in [(100, "ok"), (101, REFUSED)] {
        let batch = on.client.batch_get_item();
        let batch = batch.request_items(&on.table, reading(keys(0..reads)));
        assert_eq!(outcome(&batch.send().await), expected);
    }
}

pub async fn a_batch_that_is_done_leaves_nothing_unprocessed(on: &On) {
    on.put(key("A", "000")).await;
    let delete = DeleteRequest::builder().set_key(Some(key("A", "000")));
    let delete = delete.build().unwrap();
    let others = [("status", s("open")), ("note", s("x"))];
    let writes = vec![
        put(item("A", "001", others)),
        WriteRequest::builder().delete_request(delete).build(),
    ];
    let written = on.client.batch_write_item();
    let written = written.request_items(&on.table, writes).send().await;
    // Empty, not absent: callers loop on it.
    assert_eq!(written.unwrap().unprocessed_items, Some([].into()));

    let reading = KeysAndAttributes::builder()
        .set_keys(Some(keys(0..3)))
        .projection_expression("sk, #status")
        .expression_attribute_names("#status", "status")
        .build()
        .unwrap();
    let read = on.client.batch_get_item();
    let read = read.request_items(&on.table, reading).send().await.unwrap();
    assert_eq!(read.unprocessed_keys, Some([].into()));
    // What is not there is left out, without a gap.
    let expected = [("sk", s("001")), ("status", s("open"))];
    let expected = expected.map(|(name, value)| (name.to_owned(), value));
    assert_eq!(read.responses.unwrap()[&on.table], [expected.into()]);
}

pub async fn a_read_of_more_than_16_mb_leaves_keys_unprocessed(on: &On) {
    const ITEMS: usize = 45;
    for key in keys(0..ITEMS) {
        on.put(sized("A", key["sk"].as_s().unwrap(), 390 * 1024))
            .await;
    }
    let mut left = Some(reading(keys(0..ITEMS)));
    let (mut found, mut rounds) = (Vec::new(), Vec::new());
    while let Some(keys) = left.take() {
        let read = on.client.batch_get_item();
        let read = read.request_items(&on.table, keys).send().await.unwrap();
        let items = read.responses.unwrap().remove(&on.table).unwrap();
        rounds.push(items.len());
        found.extend(texts(&items, "sk"));
        // It can be sent again as it is.
        left = read.unprocessed_keys.unwrap().remove(&on.table);
    }
    found.sort();
    found.dedup();
    assert_eq!(found.len(), ITEMS);
    // As many as 16 MB hold: 42.
    on.documented(vec![42, 3]).is(&rounds);
}

pub async fn the_same_key_twice_is_refused(on: &On) {
    let writes = vec![put(key("A", "1")), put(item("A", "1", [("x", s("x"))]))];
    let batch = on
        .client
        .batch_write_item()
        .request_items(&on.table, writes);
    assert_eq!(outcome(&batch.send().await), REFUSED);
    let twice = reading(vec![key("A", "1"), key("A", "1")]);
    let batch = on.client.batch_get_item().request_items(&on.table, twice);
    assert_eq!(outcome(&batch.send().await), REFUSED);
}
