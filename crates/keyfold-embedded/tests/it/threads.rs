use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::fixture::{TABLE, get, memory_with_table, order, padded, put, text};

/// Counts how often another task of a runtime with one thread has its turn.
fn turns() -> Arc<AtomicUsize> {
    let turns = Arc::new(AtomicUsize::new(0));
    let counted = Arc::downgrade(&turns);
    tokio::spawn(async move {
        while let Some(turns) = counted.upgrade() {
            turns.fetch_add(1, Ordering::Relaxed);
            drop(turns);
            tokio::task::yield_now().await;
        }
    });
    turns
}

#[tokio::test(flavor = "current_thread")]
async fn a_loop_of_calls_leaves_others_their_turn() {
    let (_engine, client) = memory_with_table().await;
    put(&client, order("TENANT#1", "ORDER#1")).await;
    let turns = turns();
    for _ in 0..100 {
        get(&client, "TENANT#1", "ORDER#1").await;
    }
    let turns = turns.load(Ordering::Relaxed);
    assert!(turns >= 100, "{turns} turns beside 100 calls");
}

#[tokio::test(flavor = "current_thread")]
async fn a_long_scan_leaves_the_thread_to_others() {
    let (_engine, client) = memory_with_table().await;
    for number in 0..100 {
        put(
            &client,
            padded("TENANT#1", &format!("ORDER#{number}"), 9_000),
        )
        .await;
    }
    let turns = turns();
    let page = client.scan().table_name(TABLE).send().await.unwrap();
    assert_eq!(page.count, 100);
    let while_scanning = turns.load(Ordering::Relaxed);
    assert!(
        while_scanning > 20,
        "{while_scanning} turns beside the scan"
    );
}

#[tokio::test(flavor = "current_thread")]
async fn a_large_batch_leaves_the_thread_to_others() {
    use aws_sdk_dynamodb::types::{PutRequest, WriteRequest};

    let (_engine, client) = memory_with_table().await;
    let writes = (0..25).map(|number| {
        let put = PutRequest::builder()
            .set_item(Some(padded("TENANT#1", &format!("ORDER#{number}"), 9_000)))
            .build()
            .unwrap();
        WriteRequest::builder().put_request(put).build()
    });
    let batch = client
        .batch_write_item()
        .request_items(TABLE, writes.collect());
    let turns = turns();
    batch.send().await.unwrap();
    let while_writing = turns.load(Ordering::Relaxed);
    assert!(while_writing > 20, "{while_writing} turns beside the batch");
}

#[tokio::test(flavor = "current_thread")]
async fn a_list_is_drained_page_by_page() {
    let (_engine, client) = memory_with_table().await;
    for number in 0..700 {
        put(
            &client,
            padded("TENANT#1", &format!("ORDER#{number:04}"), 4_000),
        )
        .await;
    }
    let mut pages = client
        .query()
        .table_name(TABLE)
        .key_condition_expression("pk = :pk")
        .expression_attribute_values(":pk", text("TENANT#1"))
        .into_paginator()
        .send();
    let mut seen = Vec::new();
    let mut page_items = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        assert_eq!(
            page.count, page.scanned_count,
            "no filter: as many counted as scanned"
        );
        page_items.push(page.count);
        seen.extend(
            page.items
                .unwrap()
                .iter()
                .map(|item| item["sk"].as_s().unwrap().clone()),
        );
    }
    let expected: Vec<_> = (0..700)
        .map(|number| format!("ORDER#{number:04}"))
        .collect();
    assert_eq!(seen, expected);
    // 1 MB of 4 KB items, twice, and the rest.
    assert_eq!(page_items.len(), 3, "{page_items:?}");
}
