//! `keyfold table export`, `import` and `copy`.

use std::path::Path;

use aws_sdk_dynamodb::types::{AttributeValue, ScalarAttributeType};
use serde_json::Value;

use crate::fixture::{
    Item, TABLE, all, all_in, create, create_with, everything, export_in, folder_with, items,
    lines_of, s,
};
use crate::{run, text, words};

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn succeeds(args: &[&str]) -> String {
    let done = run(args);
    assert!(done.status.success(), "{args:?}: {}", text(&done.stderr));
    text(&done.stdout)
}

fn fails(args: &[&str], code: i32) -> String {
    let done = run(args);
    assert_eq!(
        done.status.code(),
        Some(code),
        "{args:?}: {}",
        text(&done.stderr)
    );
    words(&done.stderr)
}

#[tokio::test]
async fn what_is_exported_and_imported_is_the_same_to_the_last_digit() {
    let mut all_items = items(300);
    all_items.push(everything());
    let from = folder_with(all_items).await;
    let to = folder_with(Vec::new()).await;
    let out = tempfile::tempdir().unwrap();

    let told = succeeds(&[
        "table",
        "export",
        "--table",
        TABLE,
        "--data",
        path(from.path()),
        "--to",
        path(out.path()),
    ]);
    assert!(told.contains("301 items in"), "{told}");
    let export = export_in(out.path());
    assert_eq!(lines_of(&export).len(), 301);
    let summary = std::fs::read(export.join("manifest-summary.json")).unwrap();
    let summary: Value = serde_json::from_slice(&summary).unwrap();
    assert_eq!(summary["itemCount"], 301);
    assert_eq!(summary["outputFormat"], "DYNAMODB_JSON");
    let manifest = summary["manifestFilesS3Key"].as_str().unwrap();
    assert!(out.path().join(manifest).is_file());
    assert!(!export.join("keyfold-export.checkpoint").exists());

    let told = succeeds(&[
        "table",
        "import",
        "--table",
        TABLE,
        "--data",
        path(to.path()),
        "--from",
        path(out.path()),
    ]);
    assert_eq!(told, "table `Things`: 301 items put\n");
    assert_eq!(all_in(to.path()).await, all_in(from.path()).await);
    let left: Vec<_> = std::fs::read_dir(&export)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert!(
        left.iter()
            .all(|name| !name.to_string_lossy().contains("checkpoint")),
        "{left:?}"
    );
}

#[tokio::test]
async fn an_export_has_the_files_and_fields_of_awss_own() {
    let from = folder_with(items(3)).await;
    let out = tempfile::tempdir().unwrap();
    succeeds(&[
        "table",
        "export",
        "--table",
        TABLE,
        "--data",
        path(from.path()),
        "--to",
        path(out.path()),
        "--segments",
        "2",
    ]);
    let ours = export_in(out.path());
    let theirs = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/aws-export");
    let theirs = export_in(&theirs);
    let names = |export: &Path, file: &str| {
        let text = std::fs::read_to_string(export.join(file)).unwrap();
        let mut values = serde_json::Deserializer::from_str(&text).into_iter::<Value>();
        let Value::Object(members) = values.next().unwrap().unwrap() else {
            panic!("no object in {file}");
        };
        let mut names: Vec<String> = members.keys().cloned().collect();
        names.sort();
        names
    };
    for file in ["manifest-summary.json", "manifest-files.json"] {
        assert_eq!(names(&ours, file), names(&theirs, file), "{file}");
    }
    for file in [
        "_started",
        "manifest-summary.checksum",
        "manifest-files.checksum",
    ] {
        assert!(ours.join(file).is_file(), "{file}");
    }
    // The tool that everybody has reads the files too.
    for entry in std::fs::read_dir(ours.join("data")).unwrap() {
        let tested = std::process::Command::new("gzip")
            .arg("-t")
            .arg(entry.unwrap().path())
            .status();
        assert!(tested.unwrap().success());
    }
}

#[tokio::test]
async fn an_export_of_aws_is_imported() {
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join("model.json");
    // Its key is a number.
    let design = r#"{"name":"ProductCatalog","pk":{"name":"Id","type":"N"},"sk":null,"indexes":[],"entities":[],"patterns":[]}"#;
    std::fs::write(&model, design).unwrap();
    let data = folder.path().join("data");
    let data = path(&data);
    succeeds(&[
        "table",
        "create",
        "--model",
        path(&model),
        "--name",
        "ProductCatalog",
        "--data",
        data,
    ]);
    // It lies in the repository: not a place for checkpoints.
    let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/aws-export");
    let checkpoint = folder.path().join("checkpoint");
    let args = [
        "table",
        "import",
        "--table",
        "ProductCatalog",
        "--data",
        data,
        "--from",
        fixture,
        "--checkpoint",
        path(&checkpoint),
    ];
    let dry = succeeds(&[&args[..], &["--dry-run"]].concat());
    assert!(
        dry.contains("3 items in 3 files, every line fits") && dry.contains("3 write units"),
        "{dry}"
    );
    let client = keyfold_embedded::open(data).unwrap().client();
    assert!(
        all(&client, "ProductCatalog").await.is_empty(),
        "a dry run writes nothing"
    );
    drop(client);

    assert_eq!(succeeds(&args), "table `ProductCatalog`: 3 items put\n");
    let client = keyfold_embedded::open(data).unwrap().client();
    let id = AttributeValue::N("102".to_owned());
    let found = client
        .get_item()
        .table_name("ProductCatalog")
        .key("Id", id)
        .send()
        .await
        .unwrap();
    let item = found.item.unwrap();
    assert_eq!(item["Title"], s(""));
    assert_eq!(
        item["Cover"].as_b().unwrap().as_ref(),
        [0xff, 0xd8, 0xff, 0xe0, 0, 0x10]
    );
    assert_eq!(
        item["Ratings"].as_m().unwrap()["FiveStar"].as_l().unwrap()[0],
        s("Excellent")
    );
    assert_eq!(item["Thumbs"].as_bs().unwrap().len(), 2);
}

#[tokio::test]
async fn plain_files_are_imported_and_of_two_lines_with_one_key_the_later_counts() {
    let to = folder_with(Vec::new()).await;
    let from = tempfile::tempdir().unwrap();
    let line = |sk: &str, note: &str| {
        format!(r#"{{"Item":{{"pk":{{"S":"A"}},"sk":{{"S":"{sk}"}},"note":{{"S":"{note}"}}}}}}"#)
    };
    let first = format!(
        "{}\n\n{}\r\n{}",
        line("1", "old"),
        line("2", "two"),
        line("1", "new")
    );
    std::fs::write(from.path().join("a.json"), first).unwrap();
    std::fs::write(from.path().join("b.json"), line("3", "three")).unwrap();
    std::fs::write(from.path().join("notes.txt"), "not a file of items").unwrap();
    let told = succeeds(&[
        "table",
        "import",
        "--table",
        TABLE,
        "--data",
        path(to.path()),
        "--from",
        path(from.path()),
        "--json",
    ]);
    assert_eq!(serde_json::from_str::<Value>(&told).unwrap()["items"], 4);
    let there = all_in(to.path()).await;
    let notes: Vec<&AttributeValue> = there.values().map(|item| &item["note"]).collect();
    assert_eq!(notes, [&s("new"), &s("two"), &s("three")]);
}

#[tokio::test]
async fn a_bad_line_is_named_by_file_and_number_and_its_values_are_not_shown() {
    let to = folder_with(Vec::new()).await;
    let from = tempfile::tempdir().unwrap();
    let good = r#"{"Item":{"pk":{"S":"A"},"sk":{"S":"1"}}}"#;
    let too_large = format!(
        r#"{{"Item":{{"pk":{{"S":"A"}},"sk":{{"S":"2"}},"x":{{"S":"{}"}}}}}}"#,
        "secret".repeat(70_000)
    );
    for (bad, reason) in [
        (r#"{"Item":{"pk":{"S":"secret"}}}"#, "`sk` is missing"),
        (
            r#"{"Item":{"pk":{"S":"secret"},"sk":{"N":"1"}}}"#,
            "`sk` is not of type S",
        ),
        (
            r#"{"Item":{"pk":{"S":"secret"},"sk":{"S":""}}}"#,
            "`sk` takes 0 bytes",
        ),
        (
            r#"{"Item":{"pk":{"S":"secret"},"sk":{"N":"secret"}}}"#,
            "not a number",
        ),
        (r#"{"Item":{"pk":{"S":"secret""#, "not JSON"),
        (&too_large, "of at most 409600"),
    ] {
        std::fs::write(from.path().join("items.json"), format!("{good}\n{bad}\n")).unwrap();
        let args = [
            "table",
            "import",
            "--table",
            TABLE,
            "--data",
            path(to.path()),
            "--from",
            path(from.path()),
        ];
        for error in [
            fails(&args, 3),
            fails(&[&args[..], &["--dry-run"]].concat(), 3),
        ] {
            assert!(
                error.contains("KF6002") && error.contains("items.json, line 2"),
                "{error}"
            );
            assert!(error.contains(reason), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }
    assert!(all_in(to.path()).await.is_empty());
}

#[tokio::test]
async fn a_damaged_or_unsuitable_export_is_refused() {
    let from = folder_with(items(20)).await;
    let to = folder_with(Vec::new()).await;
    let out = tempfile::tempdir().unwrap();
    succeeds(&[
        "table",
        "export",
        "--table",
        TABLE,
        "--data",
        path(from.path()),
        "--to",
        path(out.path()),
        "--segments",
        "1",
    ]);
    let export = export_in(out.path());
    let args = [
        "table",
        "import",
        "--table",
        TABLE,
        "--data",
        path(to.path()),
        "--from",
        path(out.path()),
    ];
    let refused = |file: &str, change: &dyn Fn(Vec<u8>) -> Vec<u8>, reason: &str| {
        let file = export.join(file);
        let before = std::fs::read(&file).unwrap();
        std::fs::write(&file, change(before.clone())).unwrap();
        let error = fails(&args, 3);
        assert!(
            error.contains("KF6003") && error.contains(reason),
            "{error}"
        );
        std::fs::write(&file, before).unwrap();
    };
    let replaced = |from: &'static str, to: &'static str| {
        move |text: Vec<u8>| {
            String::from_utf8(text)
                .unwrap()
                .replace(from, to)
                .into_bytes()
        }
    };
    refused(
        "manifest-summary.json",
        &replaced("FULL", "INCREMENTAL"),
        "not a full one",
    );
    refused(
        "manifest-summary.json",
        &replaced("DYNAMODB_JSON", "ION"),
        "not in DynamoDB JSON",
    );
    refused(
        "manifest-files.json",
        &replaced(".json.gz", ".ion.gz"),
        "is not there",
    );
    refused(
        "manifest-files.json",
        &replaced("\"itemCount\":20", "\"itemCount\":21"),
        "holds 20 items, and the manifest says 21",
    );
    let manifest = std::fs::read_to_string(export.join("manifest-files.json")).unwrap();
    let entry: Value = serde_json::from_str(&manifest).unwrap();
    let data = entry["dataFileS3Key"]
        .as_str()
        .unwrap()
        .split_once("/data/")
        .unwrap()
        .1;
    let cut = |mut bytes: Vec<u8>| {
        bytes.truncate(bytes.len() - 9);
        bytes
    };
    refused(&format!("data/{data}"), &cut, "MD5");
    succeeds(&args);
}

#[tokio::test]
async fn dry_runs_say_what_it_takes_and_write_nothing() {
    let from = folder_with(items(500)).await;
    let to = folder_with(Vec::new()).await;
    let out = tempfile::tempdir().unwrap();
    let out_folder = out.path().join("exports");
    let told = succeeds(&[
        "table",
        "export",
        "--table",
        TABLE,
        "--data",
        path(from.path()),
        "--to",
        path(&out_folder),
        "--dry-run",
    ]);
    assert!(
        told.contains("about 500 items") && told.contains("read units"),
        "{told}"
    );
    let half = succeeds(&[
        "table",
        "export",
        "--table",
        TABLE,
        "--data",
        path(from.path()),
        "--to",
        path(&out_folder),
        "--dry-run",
        "--json",
    ]);
    let whole = succeeds(&[
        "table",
        "export",
        "--table",
        TABLE,
        "--data",
        path(from.path()),
        "--to",
        path(&out_folder),
        "--dry-run",
        "--json",
        "--consistent",
    ]);
    let units = |told: &str| {
        serde_json::from_str::<Value>(told).unwrap()["readUnits"]
            .as_f64()
            .unwrap()
    };
    assert!(units(&half) > 0.0);
    assert!(
        (units(&whole) - 2.0 * units(&half)).abs() < 1e-9,
        "{half} {whole}"
    );
    assert!(!out_folder.exists());

    let checkpoint = out.path().join("checkpoint");
    let told = succeeds(&[
        "table",
        "copy",
        "--table",
        TABLE,
        "--from-data",
        path(from.path()),
        "--to-data",
        path(to.path()),
        "--checkpoint",
        path(&checkpoint),
        "--dry-run",
    ]);
    assert!(
        told.contains("about 500 items") && told.contains("nothing was written"),
        "{told}"
    );
    assert!(!checkpoint.exists() && all_in(to.path()).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_is_copied_from_a_folder_to_an_endpoint_and_beside_itself() {
    let mut all_items = items(300);
    all_items.push(everything());
    let from = folder_with(all_items).await;
    let engine = keyfold_embedded::memory();
    create(&engine.client(), "Copies").await;
    let served = engine.serve("127.0.0.1:0").await.unwrap();
    let out = tempfile::tempdir().unwrap();
    let checkpoint = out.path().join("checkpoint");
    let checkpoint = path(&checkpoint);
    let endpoint = served.endpoint();
    let told = succeeds(&[
        "table",
        "copy",
        "--table",
        TABLE,
        "--from-data",
        path(from.path()),
        "--to-endpoint",
        &endpoint,
        "--to-table",
        "Copies",
        "--checkpoint",
        checkpoint,
    ]);
    assert_eq!(told, "table `Things` into `Copies`: 301 items copied\n");
    let copied = all(&engine.client(), "Copies").await;
    assert_eq!(copied, all_in(from.path()).await);

    create(&engine.client(), "Again").await;
    let between = [
        "table",
        "copy",
        "--from-endpoint",
        &endpoint,
        "--to-endpoint",
        &endpoint,
        "--checkpoint",
        checkpoint,
    ];
    succeeds(&[&between[..], &["--table", "Copies", "--to-table", "Again"]].concat());
    assert_eq!(all(&engine.client(), "Again").await, copied);
    let itself = fails(&[&between[..], &["--table", "Again"]].concat(), 2);
    assert!(itself.contains("into itself"), "{itself}");

    create_with(&engine.client(), "Numbers", ScalarAttributeType::N).await;
    let other = fails(
        &[&between[..], &["--table", "Again", "--to-table", "Numbers"]].concat(),
        3,
    );
    assert!(
        other.contains("KF6007") && other.contains("sk N"),
        "{other}"
    );
    let missing = fails(
        &[&between[..], &["--table", "Again", "--to-table", "Nowhere"]].concat(),
        3,
    );
    assert!(
        missing.contains("KF6001") && missing.contains("`Nowhere`"),
        "{missing}"
    );
    let unsaid = fails(
        &[
            "table",
            "copy",
            "--table",
            TABLE,
            "--to-endpoint",
            &endpoint,
        ],
        2,
    );
    assert!(unsaid.contains("--from-data"), "{unsaid}");
}

#[tokio::test]
async fn a_table_is_copied_within_one_folder() {
    let folder = folder_with(items(40)).await;
    let client = keyfold_embedded::open(folder.path()).unwrap().client();
    create(&client, "Second").await;
    drop(client);
    let here = path(folder.path());
    let checkpoint = folder.path().join("copy.checkpoint");
    succeeds(&[
        "table",
        "copy",
        "--table",
        TABLE,
        "--from-data",
        here,
        "--to-data",
        here,
        "--to-table",
        "Second",
        "--checkpoint",
        path(&checkpoint),
    ]);
    let client = keyfold_embedded::open(folder.path()).unwrap().client();
    let copied: Vec<Item> = all(&client, "Second").await.into_values().collect();
    assert_eq!(copied.len(), 40);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_held_folder_is_reached_at_its_holders_endpoint() {
    let from = folder_with(items(30)).await;
    let out = tempfile::tempdir().unwrap();
    let engine = keyfold_embedded::open(from.path()).unwrap();
    let args = [
        "table",
        "export",
        "--table",
        TABLE,
        "--data",
        path(from.path()),
        "--to",
        path(out.path()),
    ];
    let error = fails(&args, 3);
    assert!(error.contains("KF5003"), "it serves nothing: {error}");
    let served = engine.serve("127.0.0.1:0").await.unwrap();
    succeeds(&args);
    assert_eq!(lines_of(&export_in(out.path())).len(), 30);
    served.stop().await;
}
