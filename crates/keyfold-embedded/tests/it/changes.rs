use std::time::Duration;

use aws_sdk_dynamodb::types::{PutRequest, WriteRequest};
use keyfold_embedded::{Changed, Changes};

use crate::fixture::{TABLE, create_table, memory_with_table, order, put};

async fn told(changes: &mut Changes) -> bool {
    tokio::time::timeout(Duration::from_secs(5), changes.changed()).await == Ok(Changed::Written)
}

#[tokio::test(flavor = "current_thread")]
async fn each_kind_of_write_is_told_to_those_who_watch_the_table() {
    let (engine, client) = memory_with_table().await;
    let mut changes = engine.changes(TABLE);
    put(&client, order("TENANT#1", "ORDER#1")).await;
    assert!(told(&mut changes).await);

    let put = PutRequest::builder()
        .set_item(Some(order("TENANT#1", "ORDER#2")))
        .build()
        .unwrap();
    client
        .batch_write_item()
        .request_items(
            TABLE,
            vec![WriteRequest::builder().put_request(put).build()],
        )
        .send()
        .await
        .unwrap();
    assert!(told(&mut changes).await);

    client
        .execute_statement()
        .statement(format!(
            "DELETE FROM \"{TABLE}\" WHERE pk = 'TENANT#1' AND sk = 'ORDER#2'"
        ))
        .send()
        .await
        .unwrap();
    assert!(told(&mut changes).await);
    assert_eq!(changes.count(), 3);
}

#[tokio::test(flavor = "current_thread")]
async fn reads_refusals_and_other_tables_are_not_told() {
    let (engine, client) = memory_with_table().await;
    create_table(&client, "Other").await;
    let changes = engine.changes(TABLE);
    client.scan().table_name(TABLE).send().await.unwrap();
    client
        .execute_statement()
        .statement(format!("SELECT * FROM \"{TABLE}\""))
        .send()
        .await
        .unwrap();
    client
        .put_item()
        .table_name("Other")
        .set_item(Some(order("TENANT#1", "ORDER#1")))
        .send()
        .await
        .unwrap();
    client
        .put_item()
        .table_name(TABLE)
        .set_item(Some(order("TENANT#1", "ORDER#1")))
        .condition_expression("attribute_exists(pk)")
        .send()
        .await
        .unwrap_err();
    assert_eq!(changes.count(), 0);
}

#[tokio::test(flavor = "current_thread")]
async fn watching_ends_with_the_engine() {
    let (engine, client) = memory_with_table().await;
    let mut changes = engine.changes(TABLE);
    drop((engine, client));
    assert_eq!(changes.changed().await, Changed::Closed);
}
