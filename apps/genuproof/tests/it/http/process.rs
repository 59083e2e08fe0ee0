//! The program itself: started, stopped, killed, and started again.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

/// A running program, killed at the latest when dropped.
struct Program {
    child: Child,
    url: String,
    /// What it said before it answered.
    said: Vec<String>,
}

impl Program {
    fn start(args: &[&str]) -> Self {
        let mut child = command(args).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut said = Vec::new();
        let url = loop {
            let line = lines.next().unwrap().unwrap();
            said.push(line.clone());
            if let Some(url) = line.strip_prefix("GenuProof") {
                break url.trim().to_owned();
            }
        };
        // The rest is short enough for the pipe; it is kept open so that the program can write it.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, url, said }
    }

    async fn get(&self, path: &str) -> Value {
        let response = reqwest::get(format!("{}{path}", self.url)).await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        response.json().await.unwrap()
    }

    async fn post(&self, path: &str, key: &str, body: &Value) -> Value {
        let request = reqwest::Client::new().post(format!("{}{path}", self.url));
        let response = request
            .header("x-api-key", key)
            .json(body)
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 200);
        response.json().await.unwrap()
    }

    fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// Waits for its end, which must come within `within`.
    fn ended(&mut self, within: Duration) -> std::process::ExitStatus {
        let begin = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(begin.elapsed() < within, "still running after {within:?}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_genuproof"));
    command.args(args);
    for variable in [
        "SIGNING_SECRET",
        "AWS_ENDPOINT_URL_DYNAMODB",
        "OPEN_DEMO",
        "NEXT_PUBLIC_BASE_URL",
        "DYNAMODB_TABLE",
    ] {
        command.env_remove(variable);
    }
    command
}

/// Standard error and the exit code of a program that cannot start.
fn refused(mut command: Command) -> (String, Option<i32>) {
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut text = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    (text, child.wait().unwrap().code())
}

fn on(folder: &Path) -> [&str; 4] {
    [
        "--listen",
        "127.0.0.1:0",
        "--data",
        folder.to_str().unwrap(),
    ]
}

/// A brand with a product: its key and the product's id.
async fn registered(program: &Program) -> (String, String) {
    let body = json!({ "name": "Maison", "domain": "maison.example", "industry": "fashion" });
    let brand = program.post("/api/brands", "", &body).await;
    let key = brand["apiKey"].as_str().unwrap().to_owned();
    let body = json!({ "brandId": brand["id"], "name": "Watch" });
    let product = program.post("/api/products/register", &key, &body).await;
    (key, product["productId"].as_str().unwrap().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn it_stops_within_five_seconds_and_finds_its_data_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut program = Program::start(&on(folder.path()));
    let (key, product) = registered(&program).await;
    // A browser keeps its connection open.
    let keeps = reqwest::Client::new();
    keeps.get(&program.url).send().await.unwrap();
    program.signal(Signal::TERM);
    let status = program.ended(Duration::from_secs(5));
    assert_eq!(status.code(), Some(0));

    let mut again = Program::start(&on(folder.path()));
    let verified = again
        .get(&format!("/api/products/verify?productId={product}"))
        .await;
    assert_eq!(verified["authentic"], true, "{verified}");
    let body = json!({ "productId": product, "type": "sold", "actor": "Shop" });
    again.post("/api/products/events", &key, &body).await;
    again.signal(Signal::INT);
    assert_eq!(again.ended(Duration::from_secs(5)).code(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_being_killed() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(&on(folder.path()));
    let (key, product) = registered(&program).await;
    for _ in 0..5 {
        let body = json!({ "productId": product, "type": "custom", "actor": "Writer" });
        program.post("/api/products/events", &key, &body).await;
    }
    program.signal(Signal::KILL);
    drop(program);
    let again = Program::start(&on(folder.path()));
    let chain = again
        .get(&format!("/api/products/events?productId={product}"))
        .await;
    assert_eq!(
        (&chain["count"], &chain["chainValid"]),
        (&json!(6), &json!(true))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_port_and_a_held_folder_are_said_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(&on(folder.path()));
    let address = program.url.strip_prefix("http://").unwrap();
    let (error, code) = refused(command(&["--listen", address, "--memory"]));
    assert!(
        error.contains("in use") && error.contains("--listen"),
        "{error}"
    );
    assert_eq!(code, Some(3));
    let (error, _) = refused(command(&[
        "--listen",
        "127.0.0.1:0",
        "--memory",
        "--dynamodb",
        address,
    ]));
    assert!(
        error.contains("in use") && error.contains("--dynamodb"),
        "{error}"
    );
    let (error, code) = refused(command(&on(folder.path())));
    assert!(
        error.contains("is held by process") && error.contains("hint:"),
        "{error}"
    );
    assert_eq!(code, Some(3));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demonstration_is_there_and_a_second_start_finds_it_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut args = on(folder.path()).to_vec();
    args.extend(["--demo", "--dynamodb", "127.0.0.1:0"]);
    let mut keys = Vec::new();
    for round in 0..2 {
        let mut program = Program::start(&args);
        for code in [
            "wfPHybaFV3_a",
            "pOszdB-1n6IC",
            "27dEHQymVRMl",
            "FshGQLRNsr4p",
            "IebJZgMHdD-h",
        ] {
            let verified = program
                .get(&format!("/api/products/verify?metadata=true&code={code}"))
                .await;
            assert_eq!(verified["authentic"], true, "{verified}");
        }
        let brands = program.get("/api/brands/list").await;
        keys.push(brands["count"].clone());
        if round == 0 {
            // What somebody adds is no reason not to start again.
            let body = json!({ "name": "Own", "domain": "own.example", "industry": "other" });
            program.post("/api/brands", "", &body).await;
        }
        program.signal(Signal::TERM);
        program.ended(Duration::from_secs(5));
        assert!(program.said.iter().all(|line| !line.contains("differs")));
    }
    let count = |value: &Value| value.as_u64().unwrap();
    assert_eq!(count(&keys[1]), count(&keys[0]) + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_secret_is_an_error_and_not_a_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut program = Program::start(&on(folder.path()));
    registered(&program).await;
    program.signal(Signal::TERM);
    program.ended(Duration::from_secs(5));
    std::fs::remove_file(folder.path().join(genuproof::server::SECRET_FILE)).unwrap();
    let (error, code) = refused(command(&on(folder.path())));
    assert!(error.contains("SIGNING_SECRET"), "{error}");
    assert_eq!(code, Some(3));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_process_serves_the_table_through_the_endpoint() {
    let folder = tempfile::tempdir().unwrap();
    let holder = keyfold::embedded::open(folder.path()).unwrap();
    let served = holder.serve("127.0.0.1:0").await.unwrap();
    let endpoint = served.endpoint();
    let args = ["--listen", "127.0.0.1:0", "--endpoint", &endpoint];
    let (error, _) = refused(command(&args));
    assert!(error.contains("SIGNING_SECRET"), "{error}");

    let mut child = command(&args);
    child.env("SIGNING_SECRET", "a secret of the test");
    let mut child = child.stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let url = line.strip_prefix("GenuProof").unwrap().trim().to_owned();
    let program = Program {
        child,
        url,
        said: Vec::new(),
    };
    let (_, product) = registered(&program).await;
    let verified = program
        .get(&format!("/api/products/verify?productId={product}"))
        .await;
    assert_eq!(verified["authentic"], true);
    let tables = holder.client().list_tables().send().await.unwrap();
    assert_eq!(tables.table_names(), ["authentik", "authentik-streams"]);
}

#[test]
fn aws_without_its_feature_names_the_feature() {
    let mut aws = command(&["--aws", "--listen", "127.0.0.1:0"]);
    aws.env("SIGNING_SECRET", "a secret of the test");
    if cfg!(feature = "aws") {
        return;
    }
    let (error, code) = refused(aws);
    assert!(error.contains("--features aws"), "{error}");
    assert_eq!(code, Some(3));
}
