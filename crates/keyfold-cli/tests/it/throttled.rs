//! A table whose capacity is used up now and then.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};

use crate::fixture::{TABLE, all, all_in, create, folder_with, items};
use crate::{run, text};

/// An endpoint before an engine's: of the writes it throttles every fifth, and of each other one it
/// leaves every second item unprocessed.
#[derive(Default)]
struct Busy {
    writes: AtomicU32,
    throttled: AtomicU32,
    left: AtomicU32,
}

impl Busy {
    fn before(engine: SocketAddr) -> (Arc<Self>, String) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let busy = Arc::new(Self::default());
        let shared = Arc::clone(&busy);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let busy = Arc::clone(&shared);
                std::thread::spawn(move || busy.answer(&stream.unwrap(), engine));
            }
        });
        (busy, url)
    }

    fn answer(&self, mut client: &TcpStream, engine: SocketAddr) {
        let (target, body) = request(client);
        let (status, answer) = if target.ends_with("BatchWriteItem") {
            self.write(&target, &body, engine)
        } else {
            send(engine, &target, &body)
        };
        write!(
            client,
            "HTTP/1.1 {status}\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{answer}",
            answer.len()
        )
        .unwrap();
    }

    fn write(&self, target: &str, body: &str, engine: SocketAddr) -> (String, String) {
        if self.writes.fetch_add(1, Ordering::Relaxed) % 5 == 4 {
            self.throttled.fetch_add(1, Ordering::Relaxed);
            let error = json!({
                "__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
                "message": "slower",
            });
            return ("400 Bad Request".to_owned(), error.to_string());
        }
        let mut asked: Value = serde_json::from_str(body).unwrap();
        let (table, requests) = asked["RequestItems"]
            .as_object()
            .unwrap()
            .iter()
            .next()
            .unwrap();
        let (table, requests) = (table.clone(), requests.as_array().unwrap().clone());
        let passed: Vec<&Value> = requests.iter().step_by(2).collect();
        let left: Vec<&Value> = requests.iter().skip(1).step_by(2).collect();
        self.left
            .fetch_add(u32::try_from(left.len()).unwrap(), Ordering::Relaxed);
        asked["RequestItems"] = json!({ table.clone(): passed });
        let (status, answer) = send(engine, target, &asked.to_string());
        let mut answer: Value = serde_json::from_str(&answer).unwrap();
        if !left.is_empty() {
            answer["UnprocessedItems"] = json!({ table: left });
        }
        (status, answer.to_string())
    }
}

/// Target and body of a request.
fn request(stream: &TcpStream) -> (String, String) {
    let mut input = BufReader::new(stream);
    let (mut target, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        input.read_line(&mut line).unwrap();
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            if line.trim_end().is_empty() {
                break;
            }
            continue;
        };
        match &*name.to_ascii_lowercase() {
            "x-amz-target" => value.clone_into(&mut target),
            "content-length" => length = value.parse().unwrap(),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    input.read_exact(&mut body).unwrap();
    (target, String::from_utf8(body).unwrap())
}

/// Status and body of the engine's answer.
fn send(engine: SocketAddr, target: &str, body: &str) -> (String, String) {
    let mut stream = TcpStream::connect(engine).unwrap();
    write!(
        stream,
        "POST / HTTP/1.1\r\nHost: {engine}\r\nX-Amz-Target: {target}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.lines().next().unwrap().split_once(' ').unwrap().1;
    (status.to_owned(), body.to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_busy_table_leaves_or_throttles_is_sent_again() {
    let from = folder_with(items(400)).await;
    let engine = keyfold_embedded::memory();
    create(&engine.client(), TABLE).await;
    let served = engine.serve("127.0.0.1:0").await.unwrap();
    let (busy, url) = Busy::before(served.address());
    let out = tempfile::tempdir().unwrap();
    let checkpoint = out.path().join("checkpoint");
    let copied = run(&[
        "table",
        "copy",
        "--table",
        TABLE,
        "--from-data",
        from.path().to_str().unwrap(),
        "--to-endpoint",
        &url,
        "--checkpoint",
        checkpoint.to_str().unwrap(),
    ]);
    assert!(copied.status.success(), "{}", text(&copied.stderr));
    assert!(text(&copied.stdout).contains("400 items copied"));
    assert!(busy.left.load(Ordering::Relaxed) > 100 && busy.throttled.load(Ordering::Relaxed) > 3);
    assert_eq!(
        all(&engine.client(), TABLE).await,
        all_in(from.path()).await
    );
}
