use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::get;
use keyfold_web::serve::{self, DRAIN_MAX};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

#[tokio::test]
async fn a_busy_port_names_the_flag() {
    let first = serve::bind(([127, 0, 0, 1], 0).into(), "--listen")
        .await
        .unwrap();
    let error = serve::bind(first.local_addr().unwrap(), "--listen")
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("in use") && error.contains("--listen"),
        "{error}"
    );
}

#[tokio::test]
async fn a_running_request_is_answered_after_the_stop_and_then_the_server_ends() {
    let (started, has_started) = oneshot::channel::<()>();
    let (ended, took) = run(Duration::from_millis(300), started, has_started).await;
    assert!(
        ended.contains("200 OK") && ended.ends_with("done"),
        "{ended}"
    );
    assert!(took < Duration::from_secs(2), "{took:?}");
}

#[tokio::test]
async fn a_request_that_does_not_end_does_not_hold_the_server() {
    let (started, has_started) = oneshot::channel::<()>();
    let (ended, took) = run(Duration::from_mins(1), started, has_started).await;
    assert!(!ended.contains("done"), "{ended}");
    assert!(
        took >= DRAIN_MAX && took < Duration::from_secs(5),
        "{took:?}"
    );
}

/// Starts a request that takes `work`, stops the server while it runs; answers what the client got, and the time
/// from the stop to the server's end.
async fn run(
    work: Duration,
    started: oneshot::Sender<()>,
    has_started: oneshot::Receiver<()>,
) -> (String, Duration) {
    let started = std::sync::Arc::new(std::sync::Mutex::new(Some(started)));
    let router = Router::new().route(
        "/",
        get(move || async move {
            let first = started.lock().unwrap().take();
            first.unwrap().send(()).unwrap();
            tokio::time::sleep(work).await;
            "done"
        }),
    );
    let listener = serve::bind(([127, 0, 0, 1], 0).into(), "--listen")
        .await
        .unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(serve::serve(listener, router, async move {
        stopped.await.unwrap();
    }));
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream
        .write_all(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        .await
        .unwrap();
    let client = tokio::spawn(async move {
        let mut answer = String::new();
        let _ =
            tokio::time::timeout(Duration::from_secs(5), stream.read_to_string(&mut answer)).await;
        answer
    });
    has_started.await.unwrap();
    let at = Instant::now();
    stop.send(()).unwrap();
    server.await.unwrap().unwrap();
    let took = at.elapsed();
    (client.await.unwrap(), took)
}

#[tokio::test]
async fn an_address_answers_once_it_serves_and_not_merely_listens() {
    let listener = serve::bind(([127, 0, 0, 1], 0).into(), "--listen")
        .await
        .unwrap();
    let address = listener.local_addr().unwrap();
    let within = Duration::from_millis(200);
    assert!(
        !serve::answers(address, "/", within).await,
        "it only listens"
    );
    let router = Router::new().route("/", get(|| async { "here" }));
    tokio::spawn(serve::serve(listener, router, std::future::pending()));
    assert!(serve::answers(address, "/", Duration::from_secs(5)).await);
    assert!(!serve::answers(address, "/nothing", within).await);
    let everywhere = ([0, 0, 0, 0], address.port()).into();
    assert_eq!(serve::reachable(everywhere), address);
}
