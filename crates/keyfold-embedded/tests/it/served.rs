use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use keyfold_embedded::{Changed, Served};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

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

/// Sends one request on a connection of its own and reads everything that comes back.
async fn ask(served: &Served, head: &str, body: &str) -> String {
    let mut socket = TcpStream::connect(served.address()).await.unwrap();
    let request = format!(
        "{head}\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    answer
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
    let engine = keyfold_embedded::memory();
    let served = engine.serve("127.0.0.1:0").await.unwrap();
    let ask = async |head: &str, body: &str| ask(&served, head, body).await;
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_has_the_checksum_and_the_id_that_clients_look_for() {
    let served = keyfold_embedded::memory()
        .serve("127.0.0.1:0")
        .await
        .unwrap();
    let list = async || {
        let head = "POST / HTTP/1.1\r\nx-amz-target: DynamoDB_20120810.ListTables";
        ask(&served, head, "{}").await
    };
    let answer = list().await;
    assert!(answer.ends_with("\r\n\r\n{\"TableNames\":[]}"), "{answer}");
    for header in [
        "content-type: application/x-amz-json-1.0\r\n",
        // CRC-32 of the body, as DynamoDB Local answers it too.
        "x-amz-crc32: 1315925753\r\n",
        "content-length: 17\r\n",
    ] {
        assert!(answer.contains(header), "{answer}");
    }
    let id = |answer: &str| {
        let (_, rest) = answer.split_once("x-amzn-requestid: ").unwrap();
        rest.split_once("\r\n").unwrap().0.to_owned()
    };
    assert_ne!(id(&answer), id(&list().await));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_is_too_large_is_answered_as_dynamodb_answers() {
    let served = keyfold_embedded::memory()
        .serve("127.0.0.1:0")
        .await
        .unwrap();
    let far = over_http(&served);
    create_table(&far, TABLE).await;
    // One that sends everything before it looks for an answer finds it.
    let head = "POST / HTTP/1.1\r\nx-amz-target: DynamoDB_20120810.PutItem";
    let answer = ask(&served, head, &"x".repeat(40 << 20)).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    let refused = far
        .put_item()
        .table_name(TABLE)
        .set_item(Some(padded("TENANT#1", "ORDER#1", 40 << 20)))
        .send()
        .await
        .unwrap_err();
    assert_eq!(refused.raw_response().unwrap().status().as_u16(), 413);
    let refused = refused.into_service_error();
    assert_eq!(
        refused.meta().code(),
        Some("RequestEntityTooLargeException")
    );
    let message = refused.meta().message().unwrap();
    assert!(message.contains("more than 32 MB"), "{message}");
    // It fits the endpoint, not an item.
    let refused = far
        .put_item()
        .table_name(TABLE)
        .set_item(Some(padded("TENANT#1", "ORDER#1", 20 << 20)))
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert_eq!(refused.meta().code(), Some("ValidationException"));
    put(&far, order("TENANT#1", "ORDER#1")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn idle_connections_hinder_neither_others_nor_the_end() {
    let served = keyfold_embedded::memory()
        .serve("127.0.0.1:0")
        .await
        .unwrap();
    // Half of them have said nothing yet, half keep alive what they have used.
    let mut idle = Vec::new();
    for number in 0..200 {
        let mut socket = TcpStream::connect(served.address()).await.unwrap();
        if number % 2 == 0 {
            let request = "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";
            socket.write_all(request.as_bytes()).await.unwrap();
            let mut answer = [0; 15];
            socket.read_exact(&mut answer).await.unwrap();
            assert_eq!(&answer, b"HTTP/1.1 200 OK");
        }
        idle.push(socket);
    }
    let work = async {
        let far = over_http(&served);
        create_table(&far, TABLE).await;
        for number in 0..50 {
            put(&far, order("TENANT#1", &format!("ORDER#{number}"))).await;
        }
        served.stop().await;
    };
    tokio::time::timeout(std::time::Duration::from_mins(1), work)
        .await
        .unwrap();
    for socket in &mut idle {
        let mut rest = Vec::new();
        // Closed from the other side: the end, not more waiting.
        socket.read_to_end(&mut rest).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_is_running_when_it_stops_is_answered() {
    let served = keyfold_embedded::memory()
        .serve("127.0.0.1:0")
        .await
        .unwrap();
    create_table(&over_http(&served), TABLE).await;
    let mut socket = TcpStream::connect(served.address()).await.unwrap();
    let body = r#"{"TableName":"Orders","Item":{"pk":{"S":"A"},"sk":{"S":"A"}}}"#;
    let head = format!(
        "POST / HTTP/1.1\r\nhost: localhost\r\nx-amz-target: DynamoDB_20120810.PutItem\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let (first, second) = body.split_at(10);
    socket.write_all(head.as_bytes()).await.unwrap();
    socket.write_all(first.as_bytes()).await.unwrap();
    // The endpoint has seen it begin: a request on another connection is answered after that.
    ask(&served, "GET / HTTP/1.1", "").await;
    let stopping = tokio::spawn(served.stop());
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    assert!(!stopping.is_finished());
    socket.write_all(second.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    stopping.await.unwrap();
}
