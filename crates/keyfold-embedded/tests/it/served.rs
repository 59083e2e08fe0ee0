use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use keyfold_embedded::{Changed, Served};

use crate::fixture::{TABLE, create_table, get, order, padded, put, text};

/// The SDK's ordinary HTTP client.
fn over_http(served: &Served) -> Client {
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(Credentials::new("anyone", "anything", None, None, "test"))
        .endpoint_url(served.endpoint())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    Client::from_conf(config)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_over_http_and_one_in_process_see_the_same_tables() {
    let engine = keyfold_embedded::memory();
    let served = engine.serve("127.0.0.1:0").await.unwrap();
    let (near, far) = (engine.client(), over_http(&served));
    create_table(&far, TABLE).await;
    put(&far, order("TENANT#1", "ORDER#1")).await;
    assert_eq!(
        get(&near, "TENANT#1", "ORDER#1").await,
        Some(order("TENANT#1", "ORDER#1"))
    );
    put(&near, order("TENANT#1", "ORDER#2")).await;
    let page = far
        .query()
        .table_name(TABLE)
        .key_condition_expression("pk = :pk")
        .expression_attribute_values(":pk", text("TENANT#1"))
        .send()
        .await
        .unwrap();
    assert_eq!(page.count, 2);

    let refused = far
        .put_item()
        .table_name(TABLE)
        .set_item(Some(order("TENANT#1", "ORDER#1")))
        .condition_expression("attribute_not_exists(pk)")
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert!(refused.is_conditional_check_failed_exception());
    served.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writes_over_http_are_told_to_watchers_in_process() {
    let engine = keyfold_embedded::memory();
    let served = engine.serve("127.0.0.1:0").await.unwrap();
    let far = over_http(&served);
    create_table(&far, TABLE).await;
    let mut changes = engine.changes(TABLE);
    put(&far, order("TENANT#1", "ORDER#1")).await;
    assert_eq!(changes.changed().await, Changed::Written);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_largest_requests_fit() {
    use aws_sdk_dynamodb::types::{PutRequest, WriteRequest};

    let engine = keyfold_embedded::memory();
    let served = engine.serve("127.0.0.1:0").await.unwrap();
    let far = over_http(&served);
    create_table(&far, TABLE).await;
    let writes = (0..25).map(|number| {
        let put = PutRequest::builder()
            .set_item(Some(padded(
                "TENANT#1",
                &format!("ORDER#{number}"),
                400_000,
            )))
            .build()
            .unwrap();
        WriteRequest::builder().put_request(put).build()
    });
    let written = far
        .batch_write_item()
        .request_items(TABLE, writes.collect())
        .send()
        .await
        .unwrap();
    assert!(
        written
            .unprocessed_items
            .is_none_or(|items| items.is_empty())
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopping_frees_the_port_and_leaves_the_engine() {
    let engine = keyfold_embedded::memory();
    let served = engine.serve("127.0.0.1:0").await.unwrap();
    let address = served.address().to_string();
    create_table(&over_http(&served), TABLE).await;
    let taken = engine.serve(&address).await.unwrap_err();
    assert!(
        taken
            .to_string()
            .starts_with("KF5006: cannot listen at 127.0.0.1:"),
        "{taken}"
    );
    served.stop().await;
    let served = engine.serve(&address).await.unwrap();
    put(&over_http(&served), order("TENANT#1", "ORDER#1")).await;
    put(&engine.client(), order("TENANT#1", "ORDER#2")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_request_of_dynamodb_is_answered_as_one() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let engine = keyfold_embedded::memory();
    let served = engine.serve("127.0.0.1:0").await.unwrap();
    let ask = async |head: &str, body: &str| {
        let mut socket = tokio::net::TcpStream::connect(served.address())
            .await
            .unwrap();
        let request = format!(
            "{head}\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.unwrap();
        answer
    };
    let answer = ask("GET / HTTP/1.1", "").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let answer = ask("POST / HTTP/1.1", "{}").await;
    assert!(
        answer.starts_with("HTTP/1.1 400") && answer.contains("KF5001"),
        "{answer}"
    );
    let head = "POST / HTTP/1.1\r\nx-amz-target: DynamoDB_20120810.GetItem";
    for body in ["", "{", "[]", "{\"TableName\": 7}"] {
        let answer = ask(head, body).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{body}: {answer}");
        assert!(answer.contains("Exception"), "{body}: {answer}");
    }
}
