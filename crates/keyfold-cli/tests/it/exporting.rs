//! `keyfold model check`, `export`, `import` and `diff`.

use std::path::{Path, PathBuf};

use tokio::process::Command;

use crate::{run, text, words};

fn data(name: &str) -> String {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../keyfold-export/tests/data");
    tests.join(name).to_str().unwrap().to_owned()
}

/// The folder `cargo xtask test` installs AWS's clients into.
fn aws() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let path = target.join("clients/python/bin/aws");
    assert!(
        path.exists(),
        "no {}\nhint: `cargo xtask test` installs what the tests need; after that `cargo test` finds it",
        path.display()
    );
    path
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_aws_cli_creates_the_very_table_that_is_modelled() {
    let folder = tempfile::tempdir().unwrap();
    let served = keyfold_embedded::memory()
        .serve("127.0.0.1:0")
        .await
        .unwrap();
    let endpoint = served.endpoint();
    let call = async |operation: &str, file: &Path| {
        let said = Command::new(aws())
            .args([
                "dynamodb",
                operation,
                "--endpoint-url",
                &endpoint,
                "--cli-input-json",
            ])
            .arg(format!("file://{}", file.display()))
            .env("AWS_ACCESS_KEY_ID", "anyone")
            .env("AWS_SECRET_ACCESS_KEY", "anything")
            .env("AWS_DEFAULT_REGION", "eu-central-1")
            .env("AWS_CONFIG_FILE", "/nonexistent")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_PAGER", "")
            .output()
            .await
            .unwrap();
        assert!(said.status.success(), "{operation}: {}", text(&said.stderr));
    };
    let model = folder.path().join("keyfold.model.json");
    let json = run(&["model", "show", "--app", "genuproof", "--json"]);
    std::fs::write(&model, &json.stdout).unwrap();
    for (model, name) in [
        (model.to_str().unwrap().to_owned(), "genuproof"),
        (data("awkward.model.json"), "Awkward.table"),
    ] {
        for form in ["create-table", "time-to-live"] {
            let file = folder.path().join(form);
            let args = [
                "model", "export", form, "--model", &model, "--name", name, "-o",
            ];
            let exported = run(&[&args[..], &[file.to_str().unwrap()]].concat());
            assert!(exported.status.success(), "{}", text(&exported.stderr));
            let operation = if form == "create-table" {
                form
            } else {
                "update-time-to-live"
            };
            call(operation, &file).await;
        }
        let verified = run(&[
            "table",
            "verify",
            "--model",
            &model,
            "--name",
            name,
            "--endpoint",
            &endpoint,
        ]);
        assert_eq!(
            text(&verified.stdout),
            format!("table `{name}`: as modelled\n")
        );
    }
}

#[test]
fn every_form_is_written_to_the_terminal_or_to_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("out");
    for (form, word) in [
        ("create-table", "\"AttributeDefinitions\""),
        ("time-to-live", "\"TimeToLiveSpecification\""),
        ("cloudformation", "\"AWS::DynamoDB::Table\""),
        ("cloudformation-yaml", "Type: AWS::DynamoDB::Table"),
        ("cdk", "\"partitionKey\""),
        ("terraform", "resource \"aws_dynamodb_table\" \"table\""),
        ("iam", "\"stream-consumer\""),
        ("markdown", "# Genuproof"),
        ("mermaid", "flowchart LR"),
        ("svg", "<svg xmlns"),
        ("workbench", "\"TableFacets\""),
    ] {
        let out = run(&["model", "export", form, "--app", "genuproof"]);
        assert!(out.status.success(), "{form}: {}", text(&out.stderr));
        assert!(text(&out.stdout).contains(word), "{form}");
        let named = [
            "model",
            "export",
            form,
            "--app",
            "genuproof",
            "--out",
            file.to_str().unwrap(),
        ];
        assert!(run(&named).stdout.is_empty());
        assert_eq!(std::fs::read(&file).unwrap(), out.stdout, "{form}");
    }
    let left_out = run(&["model", "export", "workbench", "--app", "genuproof"]);
    assert!(words(&left_out.stderr).contains("access patterns"));
}

#[test]
fn what_does_not_belong_together_is_wrong_use() {
    for (args, word) in [
        (&["svg", "--policies"][..], "--policies belongs to"),
        (&["terraform", "--role", "reader"], "--role belongs to iam"),
        (
            &["terraform", "--tenant-part", "id"],
            "--tenant-part belongs to iam",
        ),
        (
            &["markdown", "--samples", "x"],
            "--samples belongs to workbench",
        ),
        (
            &["iam", "--tenant-part", "customer"],
            "the parts of partition keys are:",
        ),
        (&["pdf"], "possible values"),
    ] {
        let args = [&["model", "export", "--app", "genuproof"], args].concat();
        let refused = run(&args);
        assert_eq!(refused.status.code(), Some(2), "{args:?}");
        assert!(
            words(&refused.stderr).contains(word),
            "{}",
            text(&refused.stderr)
        );
    }
    let policy = run(&[
        "model",
        "export",
        "iam",
        "--app",
        "genuproof",
        "--role",
        "reader",
        "--tenant-part",
        "brand",
        "--tenant-tag",
        "owner",
    ]);
    let policy = text(&policy.stdout);
    assert!(
        policy.starts_with("{\n  \"Version\": \"2012-10-17\""),
        "one policy is a document by itself"
    );
    assert!(
        policy.contains("BRAND#${aws:PrincipalTag/owner}"),
        "{policy}"
    );
}

#[test]
fn a_workbench_file_becomes_a_model_and_goes_back_with_its_samples() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (model, samples) = (path("keyfold.model.json"), path("samples.json"));
    let shop = data("AnOnlineShop.json");
    let import = |file: &str, model: &str, samples: &str| {
        let done = run(&[
            "model",
            "import",
            file,
            "--out",
            model,
            "--samples",
            samples,
        ]);
        assert!(done.status.success(), "{}", text(&done.stderr));
        text(&done.stderr)
    };
    let notes = import(&shop, &model, &samples);
    assert!(
        notes.contains("Customer (3)") && notes.contains("declare them"),
        "{notes}"
    );
    let checked = run(&["model", "check", "--model", &model]);
    assert_eq!(
        text(&checked.stdout),
        "OnlineShop: 9 entities, 0 access patterns, nothing found\n"
    );

    let back = path("back.json");
    let export = [
        "model",
        "export",
        "workbench",
        "--model",
        &model,
        "--name",
        "OnlineShop",
        "--samples",
        &samples,
        "-o",
        &back,
    ];
    assert!(run(&export).status.success());
    let (again, samples_again) = (path("again.json"), path("samples-again.json"));
    import(&back, &again, &samples_again);
    let read = |path: &str| std::fs::read_to_string(path).unwrap();
    assert_eq!(read(&again), read(&model));
    let sorted = |path: &str| {
        let mut lines: Vec<String> = read(path).lines().map(str::to_owned).collect();
        lines.sort_unstable();
        lines
    };
    assert_eq!(sorted(&samples_again), sorted(&samples));
    assert_eq!(sorted(&samples).len(), 19);

    // The samples are what `table import` reads, into a table made of the model.
    let (data, items) = (path("data"), folder.path().join("items"));
    std::fs::create_dir(&items).unwrap();
    std::fs::copy(&samples, items.join("samples.json")).unwrap();
    let created = run(&["table", "create", "--model", &model, "--data", &data]);
    assert!(created.status.success(), "{}", text(&created.stderr));
    let imported = run(&[
        "table",
        "import",
        "--table",
        "onlineshop",
        "--data",
        &data,
        "--from",
        items.to_str().unwrap(),
    ]);
    assert!(imported.status.success(), "{}", text(&imported.stderr));
    assert!(
        text(&imported.stdout).contains("19"),
        "{}",
        text(&imported.stdout)
    );

    let other = path("other.json");
    std::fs::write(&other, "{\"Resources\": {}}").unwrap();
    let refused = run(&["model", "import", &other]);
    assert_eq!(refused.status.code(), Some(3));
    assert!(words(&refused.stderr).contains("NoSQL Workbench model"));
    let missing = run(&["model", "import", &shop, "--table", "Chat"]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(words(&missing.stderr).contains("it has `OnlineShop`"));
}

#[test]
fn a_change_that_stored_items_do_not_survive_ends_with_1() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, change: fn(String) -> String| {
        let json = run(&["model", "show", "--app", "genuproof", "--json"]);
        let path = folder.path().join(name);
        std::fs::write(&path, change(text(&json.stdout))).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let old = file("old.json", |text| text);
    let moved = file("moved.json", |text| text.replace("\"CLAIM\"", "\"OWNER\""));
    let paged = file("paged.json", |text| {
        text.replace("\"page\": 50", "\"page\": 25")
    });

    let same = run(&["model", "diff", &old, &old]);
    assert!(same.status.success());
    assert!(text(&same.stdout).contains("nothing changed"));
    let safe = run(&["model", "diff", &old, &paged]);
    assert!(safe.status.success(), "{}", text(&safe.stdout));
    assert!(text(&safe.stdout).contains("stored items survive: deploy as it is"));
    let lost = run(&["model", "diff", &old, &moved]);
    assert_eq!(lost.status.code(), Some(1));
    for part in [
        "LOST",
        "PRODUCT#{product} / CLAIM → PRODUCT#{product} / OWNER",
        "1. expand",
        "2. backfill",
        "3. contract",
    ] {
        assert!(
            text(&lost.stdout).contains(part),
            "no {part} in {}",
            text(&lost.stdout)
        );
    }
    assert!(words(&lost.stderr).contains("do not survive this change as it is"));
    let json = run(&["model", "diff", &old, &moved, "--json"]);
    assert_eq!(json.status.code(), Some(1));
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["survival"], "lost");
    assert_eq!(json["changes"][0]["steps"][0]["phase"], "expand");
    assert_eq!(
        run(&["model", "diff", &old, "/nonexistent"]).status.code(),
        Some(3)
    );
}

#[test]
fn a_design_with_a_mistake_is_found_out() {
    let folder = tempfile::tempdir().unwrap();
    let json = text(&run(&["model", "show", "--app", "genuproof", "--json"]).stdout);
    let file = folder.path().join("keyfold.model.json");
    std::fs::write(&file, json.replace("\"STATS\"", "\"PROFILE\"")).unwrap();
    let file = file.to_str().unwrap();
    let found = run(&["model", "check", "--model", file]);
    assert_eq!(found.status.code(), Some(1));
    assert!(
        text(&found.stdout).contains("KF0002: `Brand` and `BrandStats` can write the same item"),
        "{}",
        text(&found.stdout)
    );
    let json = run(&["model", "check", "--model", file, "--json"]);
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["findings"].as_array().unwrap().len(), 1);
    let fine = run(&["model", "check", "--app", "genuproof"]);
    assert!(fine.status.success());
    assert!(text(&fine.stdout).contains("nothing found"));
}
