//! The endpoint driven by AWS's own clients for other languages. Each script asserts by itself, and
//! says nothing unless something is wrong.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tokio::process::Command;

/// The folder `cargo xtask test` installs clients into.
fn installed(what: &str) -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let path = target.join("clients").join(what);
    assert!(
        path.exists(),
        "no {what} in {}\nhint: `cargo xtask test` installs what the tests need; after that `cargo test` finds it",
        target.join("clients").display()
    );
    path
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/clients")
        .join(name)
}

/// Runs a client that knows nothing of this machine's AWS settings.
async fn run(command: &mut Command) -> String {
    let output = command
        .env("AWS_ACCESS_KEY_ID", "anyone")
        .env("AWS_SECRET_ACCESS_KEY", "anything")
        .env("AWS_DEFAULT_REGION", "eu-central-1")
        .env("AWS_CONFIG_FILE", "/nonexistent")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_PAGER", "")
        .env_remove("AWS_PROFILE")
        .env_remove("AWS_ENDPOINT_URL")
        .env_remove("AWS_ENDPOINT_URL_DYNAMODB")
        .kill_on_drop(true)
        .output()
        .await
        .unwrap();
    let (said, complained) = (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    );
    assert!(output.status.success(), "{said}{complained}");
    assert_eq!(complained, "");
    said
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn boto3_finds_everything_it_expects_of_dynamodb() {
    let python = installed("python/bin/python");
    let served = keyfold_embedded::memory()
        .serve("127.0.0.1:0")
        .await
        .unwrap();
    let mut command = Command::new(python);
    command
        .arg(script("boto3_client.py"))
        .arg(served.endpoint());
    assert_eq!(run(&mut command).await, "");
    served.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sdk_for_javascript_finds_everything_it_expects_of_dynamodb() {
    let folder = installed("node");
    let served = keyfold_embedded::memory()
        .serve("127.0.0.1:0")
        .await
        .unwrap();
    let mut command = Command::new("node");
    command
        .arg(script("sdk_client.mjs"))
        .arg(served.endpoint())
        .arg(folder);
    assert_eq!(run(&mut command).await, "");
    served.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_aws_cli_works_on_it() {
    let aws = installed("python/bin/aws");
    let served = keyfold_embedded::memory()
        .serve("127.0.0.1:0")
        .await
        .unwrap();
    let cli = async |service: &str, args: &[&str]| -> Value {
        let mut command = Command::new(&aws);
        command
            .args(["--endpoint-url", &served.endpoint(), "--output", "json"])
            .arg(service)
            .args(args);
        let said = run(&mut command).await;
        // Some commands answer nothing.
        serde_json::from_str(&said).unwrap_or(Value::Null)
    };
    let table = "--table-name=cli";
    let created = cli(
        "dynamodb",
        &[
            "create-table",
            table,
            "--billing-mode=PAY_PER_REQUEST",
            "--attribute-definitions=AttributeName=pk,AttributeType=S",
            "--key-schema=AttributeName=pk,KeyType=HASH",
            "--stream-specification=StreamEnabled=true,StreamViewType=NEW_AND_OLD_IMAGES",
        ],
    )
    .await;
    let arn = created["TableDescription"]["LatestStreamArn"].as_str();
    let item = r#"{"pk": {"S": "A"}, "count": {"N": "1"}}"#;
    cli("dynamodb", &["put-item", table, "--item", item]).await;
    let found = cli(
        "dynamodb",
        &["get-item", table, "--key", r#"{"pk": {"S": "A"}}"#],
    )
    .await;
    assert_eq!(found["Item"]["count"], json!({"N": "1"}));
    let items = r#"[{"Put": {"TableName": "cli", "Item": {"pk": {"S": "B"}}}}]"#;
    cli(
        "dynamodb",
        &["transact-write-items", "--transact-items", items],
    )
    .await;
    // The command pages by itself.
    let scanned = cli("dynamodb", &["scan", table, "--page-size=1"]).await;
    assert_eq!(scanned["Count"], 2);
    let selected = cli(
        "dynamodb",
        &[
            "execute-statement",
            "--statement=SELECT * FROM \"cli\" WHERE pk = 'B'",
        ],
    )
    .await;
    assert_eq!(selected["Items"], json!([{"pk": {"S": "B"}}]));
    let stream = cli(
        "dynamodbstreams",
        &["describe-stream", "--stream-arn", arn.unwrap()],
    )
    .await;
    assert_eq!(
        stream["StreamDescription"]["StreamViewType"],
        "NEW_AND_OLD_IMAGES"
    );
    cli("dynamodb", &["delete-table", table]).await;
    let listed = cli("dynamodb", &["list-tables"]).await;
    assert_eq!(listed["TableNames"], json!([]));
    served.stop().await;
}
