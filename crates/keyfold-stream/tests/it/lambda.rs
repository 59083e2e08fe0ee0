//! The same handlers as a Lambda function: AWS's events, its partial failures, and its runtime.

use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use keyfold::prelude::*;
use keyfold_stream::lambda::{Answer, Event, Function};
use keyfold_stream::{Context, HandlerError, Pipeline};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::again::totals;
use crate::shop::{QUICK, Shop, client_at, letters, shop_on};

/// The table of AWS's examples.
#[derive(Table, Clone)]
#[table(pk = number("Id"), tag = none, ttl = "expires", stream = new_and_old_images)]
struct TestTable {
    messages: Repo<Message>,
}

#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[key(pk = id)]
struct Message {
    id: u32,
    message: Option<String>,
}

type Told = Arc<Mutex<Vec<String>>>;

fn table() -> TestTable {
    TestTable::builder(keyfold::embedded::memory().client())
        .table("TestTable")
        .build()
}

/// Notes what it is given, and fails for some.
fn noting(
    told: &Told,
    fails: impl Fn(&Change<Message>) -> bool + Send + Sync + Clone + 'static,
) -> Function {
    let told = told.clone();
    let pipeline = Pipeline::<TestTable>::new("notes").retry(QUICK).on(
        move |change: Change<Message>, cx: Context| {
            let (told, fails) = (told.clone(), fails.clone());
            async move {
                if fails(&change) {
                    return Err(HandlerError::retry("told to"));
                }
                let text = |item: &Option<Message>| {
                    item.as_ref()
                        .map(|item| item.message.clone().unwrap_or_default())
                };
                let by = if change.expired_by_ttl {
                    " by time to live"
                } else {
                    ""
                };
                let line = format!(
                    "{} {} {:?}{by}: {:?} -> {:?}",
                    cx.id(),
                    cx.sequence_number(),
                    change.kind,
                    text(&change.old),
                    text(&change.new)
                );
                told.lock().unwrap().push(line);
                Ok(())
            }
        },
    );
    pipeline.lambda(&table())
}

fn event(json: &Value) -> Event {
    serde_json::from_value(json.clone()).unwrap()
}

const A_MINUTE: Duration = Duration::from_mins(1);

#[tokio::test]
async fn the_documented_event_is_understood() {
    let told = Told::default();
    let json = serde_json::from_str(include_str!("lambda/documented.json")).unwrap();
    let answer = noting(&told, |_| false)
        .handle(event(&json), A_MINUTE)
        .await;
    assert_eq!(
        serde_json::to_value(answer).unwrap(),
        json!({ "batchItemFailures": [] })
    );
    assert_eq!(
        *told.lock().unwrap(),
        [
            r#"1 111 Inserted: None -> Some("New item!")"#,
            r#"2 222 Modified: Some("New item!") -> Some("This item has changed")"#,
            r#"3 333 Removed: Some("This item has changed") -> None"#,
        ]
    );
}

/// A record of one of the views, from AWS's example of it.
fn record(number: u32, name: &str, id: u32, view: &str) -> Value {
    let image =
        json!({ "Id": { "N": id.to_string() }, "Message": { "S": format!("text {number}") } });
    let mut change = json!({
        "ApproximateCreationDateTime": 1_479_499_740,
        "Keys": { "Id": { "N": id.to_string() } },
        "SequenceNumber": format!("{number:021}"),
        "SizeBytes": 59,
        "StreamViewType": view,
    });
    if view.starts_with("NEW") && name != "REMOVE" {
        change["NewImage"] = image.clone();
    }
    if view.contains("OLD") && name != "INSERT" {
        change["OldImage"] = image;
    }
    json!({
        "eventID": format!("id-{number}"),
        "eventName": name,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "us-west-2",
        "dynamodb": change,
        "eventSourceARN": "arn:aws:dynamodb:us-west-2:111122223333:table/TestTable/stream/2015-05-11T21:21:33.291",
    })
}

#[tokio::test]
async fn a_deletion_by_time_to_live_is_told_from_a_users() {
    let told = Told::default();
    let mut by_ttl = record(1, "REMOVE", 1, "NEW_AND_OLD_IMAGES");
    by_ttl["userIdentity"] = json!({ "type": "Service", "principalId": "dynamodb.amazonaws.com" });
    let by_user = record(2, "REMOVE", 1, "NEW_AND_OLD_IMAGES");
    let event = event(&json!({ "Records": [by_ttl, by_user] }));
    noting(&told, |_| false).handle(event, A_MINUTE).await;
    let told = told.lock().unwrap();
    assert!(
        told[0].contains("Removed by time to live: Some(\"text 1\")"),
        "{told:?}"
    );
    assert!(!told[1].contains("time to live"), "{told:?}");
}

#[tokio::test]
async fn views_hold_what_they_hold() {
    let told = Told::default();
    let records = [
        record(1, "MODIFY", 1, "NEW_IMAGE"),
        record(2, "MODIFY", 1, "OLD_IMAGE"),
        record(3, "MODIFY", 1, "KEYS_ONLY"),
    ];
    let event = event(&json!({ "Records": records }));
    noting(&told, |_| false).handle(event, A_MINUTE).await;
    let told: Vec<String> = told
        .lock()
        .unwrap()
        .iter()
        .map(|line| line.split_once(": ").unwrap().1.to_owned())
        .collect();
    assert_eq!(
        told,
        [
            "None -> Some(\"text 1\")",
            "Some(\"text 2\") -> None",
            "None -> None"
        ]
    );
}

#[tokio::test]
async fn the_first_record_that_fails_is_reported_and_none_of_its_item_is_overtaken() {
    let told = Told::default();
    // Of item 1 the second fails; item 2 does not.
    let records = [(1, 1), (2, 2), (3, 1), (4, 1), (5, 2)]
        .map(|(number, id)| record(number, "MODIFY", id, "NEW_AND_OLD_IMAGES"));
    let fails = |change: &Change<Message>| {
        change
            .new
            .as_ref()
            .is_some_and(|item| item.message.as_deref() == Some("text 3"))
    };
    let event = event(&json!({ "Records": records }));
    let answer = noting(&told, fails)
        .report_failures()
        .handle(event, A_MINUTE)
        .await;
    let failures: Vec<_> = answer
        .batch_item_failures
        .iter()
        .map(|f| &*f.item_identifier)
        .collect();
    assert_eq!(failures, ["000000000000000000003"]);
    let told = told.lock().unwrap().join("\n");
    assert!(
        told.contains("id-1 ") && told.contains("id-2 ") && !told.contains("id-4 "),
        "{told}"
    );
}

#[tokio::test]
async fn a_batch_that_takes_too_long_is_answered_in_time() {
    let engine = keyfold::embedded::memory();
    let shop = shop_on(&engine).await;
    let slow = Pipeline::<Shop>::new("slow").concurrency(1).on(
        |_: Change<crate::shop::Order>, _: Context| async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            Ok::<(), HandlerError>(())
        },
    );
    let records: Vec<_> = (0..10).map(order).collect();
    let started = std::time::Instant::now();
    let event = event(&json!({ "Records": records }));
    let answer = slow
        .lambda(&shop)
        .handle(event, Duration::from_secs(1))
        .await;
    // All of them would take 3 seconds.
    let took = started.elapsed();
    assert!(took < Duration::from_millis(2_500), "took {took:?}");
    assert_eq!(answer.batch_item_failures.len(), 1);
    let first: u32 = answer.batch_item_failures[0]
        .item_identifier
        .parse()
        .unwrap();
    assert!((1..=4).contains(&first), "{first}");
}

/// An order of the shop that was written.
fn order(number: u32) -> Value {
    let keys = json!({ "PK": { "S": format!("ORDER#{number}") }, "SK": { "S": "META" } });
    let mut image = keys.clone();
    image["entity"] = json!({ "S": "Order" });
    image["id"] = json!({ "N": number.to_string() });
    image["cents"] = json!({ "N": "5" });
    json!({
        "eventID": format!("order-{number}"),
        "eventName": "INSERT",
        "dynamodb": {
            "Keys": keys, "NewImage": image, "StreamViewType": "NEW_AND_OLD_IMAGES",
            "SequenceNumber": format!("{number:021}"), "ApproximateCreationDateTime": 1_479_499_740.0,
        },
    })
}

const ENDPOINT: &str = "KEYFOLD_LAMBDA_ENDPOINT";

/// Lambda's runtime interface: invocations that are given out, answers that come back.
/// Source: AWS Lambda Developer Guide, "Using the Lambda runtime API for custom runtimes".
#[derive(Clone)]
struct Runtime {
    invocations: Arc<tokio::sync::Mutex<mpsc::UnboundedReceiver<(String, Value)>>>,
    answers: mpsc::UnboundedSender<(String, String, Value)>,
}

impl Runtime {
    fn router(self) -> Router {
        Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/{what}", post(answered))
            .with_state(self)
    }
}

async fn next(State(runtime): State<Runtime>) -> impl IntoResponse {
    let invocation = runtime.invocations.lock().await.recv().await;
    // Without one it waits, as Lambda does.
    let Some((id, event)) = invocation else {
        std::future::pending().await
    };
    let now = std::time::SystemTime::UNIX_EPOCH
        .elapsed()
        .unwrap()
        .as_millis();
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("lambda-runtime-aws-request-id", id),
        ("lambda-runtime-deadline-ms", (now + 10_000).to_string()),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:us-west-2:111122223333:function:totals".to_owned(),
        ),
        (
            "lambda-runtime-trace-id",
            "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1".to_owned(),
        ),
        ("content-type", "application/json".to_owned()),
    ] {
        headers.insert(name, value.parse().unwrap());
    }
    (headers, event.to_string())
}

async fn answered(
    State(runtime): State<Runtime>,
    Path((id, what)): Path<(String, String)>,
    body: String,
) -> impl IntoResponse {
    let body = serde_json::from_str(&body).unwrap_or(Value::Null);
    runtime.answers.send((id, what, body)).unwrap();
    (axum::http::StatusCode::ACCEPTED, r#"{"status":"OK"}"#)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_built_function_runs_under_lambdas_runtime() {
    let engine = keyfold::embedded::memory();
    let shop = shop_on(&engine).await;
    let served = engine.serve("127.0.0.1:0").await.unwrap();
    let (invoke, invocations) = mpsc::unbounded_channel();
    let (answers, mut answered) = mpsc::unbounded_channel();
    let runtime = Runtime {
        invocations: Arc::new(tokio::sync::Mutex::new(invocations)),
        answers,
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, runtime.router()).await });
    let mut function = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "lambda::is_the_function",
            "--ignored",
            "--nocapture",
        ])
        .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
        .env("AWS_LAMBDA_FUNCTION_NAME", "totals")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env("AWS_LAMBDA_LOG_STREAM_NAME", "stream")
        .env("AWS_LAMBDA_LOG_GROUP_NAME", "group")
        .env(ENDPOINT, served.endpoint())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();

    let batch = json!({ "Records": [order(1), order(2), order(3)] });
    let mut poisoned = order(4);
    poisoned["dynamodb"]["NewImage"]["cents"] = json!({ "S": "not a number" });
    let other = json!({ "Records": [order(2), poisoned, order(5)] });
    let mut all = Vec::new();
    // The same batch twice: Lambda delivers again.
    for (id, event) in [("a", &batch), ("b", &batch), ("c", &other)] {
        invoke.send((id.to_owned(), event.clone())).unwrap();
        let answer = tokio::time::timeout(A_MINUTE, answered.recv())
            .await
            .unwrap()
            .unwrap();
        all.push(answer);
    }
    function.kill().unwrap();
    function.wait().unwrap();
    for ((id, what, body), expected) in all.iter().zip(["a", "b", "c"]) {
        assert_eq!((&**id, &**what), (expected, "response"), "{body}");
        assert_eq!(*body, json!({ "batchItemFailures": [] }));
    }
    let total = shop.total("totals").await.unwrap();
    assert_eq!((total.orders, total.cents), (4, 20));
    let letters = letters(&engine, "totals").await;
    assert_eq!(letters.len(), 1);
    assert_eq!((&*letters[0].record, letters[0].attempts), ("order-4", 1));
    assert!(
        letters[0].reason.starts_with("KF3002"),
        "{}",
        letters[0].reason
    );
    let _ = Answer::default();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a child process of the test above"]
async fn is_the_function() {
    let (client, _) = client_at(&std::env::var(ENDPOINT).unwrap());
    let shop = Shop::builder(client).build();
    // The pipeline that the other tests run in process.
    let pipeline = totals("totals", &shop, |_, _| false);
    pipeline.lambda(&shop).run().await.unwrap();
}
