use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    BillingMode, CreateGlobalSecondaryIndexAction, GlobalSecondaryIndexUpdate, KeyType,
};
use tokio::task::JoinSet;

use crate::fixture::{TABLE, all, attribute, create_table, get, key, order, put, text};

/// How many orders have the status, as each of many reads at once finds them: more reads than there
/// are readers, so that each of them answers.
async fn found_by_every_reader(client: &Client, index: &str, attribute: &str) -> Vec<Option<i32>> {
    let mut reads = JoinSet::new();
    for _ in 0..16 {
        let query = client
            .query()
            .table_name(TABLE)
            .index_name(index)
            .key_condition_expression("#attribute = :value")
            .expression_attribute_names("#attribute", attribute)
            .expression_attribute_values(":value", text("open"));
        reads.spawn(async move { query.send().await.ok().map(|page| page.count) });
    }
    reads.join_all().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_reader_knows_a_new_index_once_the_change_is_answered() {
    let folder = tempfile::tempdir().unwrap();
    let engine = keyfold_embedded::Options::new()
        .readers(4)
        .open(folder.path())
        .unwrap();
    let client = engine.client();
    create_table(&client, TABLE).await;
    for order_id in 0..20 {
        let mut item = order("TENANT#1", &format!("ORDER#{order_id}"));
        item.insert("stage".to_owned(), text("open"));
        put(&client, item).await;
    }
    // Each has the table as it is now.
    let found = found_by_every_reader(&client, "by-status", "status").await;
    assert_eq!(found, [Some(20); 16]);
    assert_eq!(
        found_by_every_reader(&client, "by-stage", "stage").await,
        [None; 16]
    );

    client
        .update_table()
        .table_name(TABLE)
        .attribute_definitions(attribute("stage"))
        .global_secondary_index_updates(
            GlobalSecondaryIndexUpdate::builder()
                .create(
                    CreateGlobalSecondaryIndexAction::builder()
                        .index_name("by-stage")
                        .key_schema(key("stage", KeyType::Hash))
                        .projection(all())
                        .build()
                        .unwrap(),
                )
                .build(),
        )
        .send()
        .await
        .unwrap();
    assert_eq!(
        found_by_every_reader(&client, "by-stage", "stage").await,
        [Some(20); 16]
    );

    // And a write after it is in the index.
    let mut item = order("TENANT#1", "ORDER#20");
    item.insert("stage".to_owned(), text("open"));
    put(&client, item).await;
    assert_eq!(
        found_by_every_reader(&client, "by-stage", "stage").await,
        [Some(21); 16]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_table_made_anew_under_its_name_is_read_by_its_new_key() {
    let client = keyfold_embedded::memory().client();
    create_table(&client, TABLE).await;
    put(&client, order("TENANT#1", "ORDER#1")).await;
    for _ in 0..8 {
        assert!(get(&client, "TENANT#1", "ORDER#1").await.is_some());
    }
    client
        .delete_table()
        .table_name(TABLE)
        .send()
        .await
        .unwrap();
    client
        .create_table()
        .table_name(TABLE)
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(attribute("id"))
        .key_schema(key("id", KeyType::Hash))
        .send()
        .await
        .unwrap();
    client
        .put_item()
        .table_name(TABLE)
        .item("id", text("A"))
        .send()
        .await
        .unwrap();
    for _ in 0..8 {
        let found = client
            .get_item()
            .table_name(TABLE)
            .key("id", text("A"))
            .send()
            .await
            .unwrap();
        assert!(found.item.is_some());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_wrote_reads_what_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let client = keyfold_embedded::open(folder.path()).unwrap().client();
    create_table(&client, TABLE).await;
    let mut tasks = JoinSet::new();
    for task in 0..8 {
        let client = client.clone();
        tasks.spawn(async move {
            for number in 0..50 {
                let (pk, sk) = (format!("TENANT#{task}"), format!("ORDER#{number}"));
                put(&client, order(&pk, &sk)).await;
                assert!(get(&client, &pk, &sk).await.is_some(), "{pk} {sk}");
            }
        });
    }
    tasks.join_all().await;
}
