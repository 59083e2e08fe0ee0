//! `keyfold table create` and `verify`.

use std::path::{Path, PathBuf};

use crate::{fixture, run, text, words};

/// The model file of an application.
fn model(folder: &Path) -> PathBuf {
    let file = folder.join("keyfold.model.json");
    let json = run(&["model", "show", "--app", "genuproof", "--json"]);
    std::fs::write(&file, &json.stdout).unwrap();
    file
}

#[test]
fn a_table_is_created_from_its_model_and_found_as_modelled() {
    let folder = tempfile::tempdir().unwrap();
    let model = model(folder.path());
    let (model, data) = (model.to_str().unwrap(), folder.path().join("data"));
    let data = data.to_str().unwrap();

    let dry = run(&[
        "table",
        "create",
        "--model",
        model,
        "--data",
        data,
        "--dry-run",
    ]);
    assert!(dry.status.success());
    assert_eq!(text(&dry.stdout), "table `genuproof`: would be created\n");
    assert!(!Path::new(data).exists(), "a dry run makes no folder");
    let missing = run(&["table", "verify", "--model", model, "--data", data]);
    assert_eq!(missing.status.code(), Some(3));
    assert!(text(&missing.stderr).contains("KF6001"));
    assert!(!Path::new(data).exists(), "looking makes no folder");

    let created = run(&["table", "create", "--model", model, "--data", data]);
    assert!(created.status.success(), "{}", text(&created.stderr));
    assert_eq!(text(&created.stdout), "table `genuproof`: created\n");
    for command in ["create", "verify"] {
        let again = run(&["table", command, "--model", model, "--data", data]);
        assert!(again.status.success());
        assert_eq!(text(&again.stdout), "table `genuproof`: as modelled\n");
    }
    let other = run(&[
        "table", "verify", "--model", model, "--data", data, "--name", "other",
    ]);
    assert_eq!(other.status.code(), Some(3));
    let error = words(&other.stderr);
    assert!(
        error.contains("KF6001") && error.contains("`other`"),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_difference_is_a_line_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let model = model(folder.path());
    let model = model.to_str().unwrap();
    let engine = keyfold_embedded::memory();
    fixture::create(&engine.client(), "genuproof").await;
    let served = engine.serve("127.0.0.1:0").await.unwrap();
    let endpoint = served.endpoint();
    for command in ["create", "verify"] {
        let args = ["table", command, "--model", model, "--endpoint", &endpoint];
        let different = run(&args);
        assert_eq!(different.status.code(), Some(1), "{command}");
        let lines = text(&different.stdout);
        let lines: Vec<&str> = lines.lines().collect();
        assert_eq!(lines.len(), 4, "{lines:?}");
        for (line, (what, remedy)) in lines.iter().zip([
            (
                "key: the model says PK S, SK S, the table has pk S, sk S",
                "create another table",
            ),
            (
                "index GSI1: the model says",
                "add the index with UpdateTable",
            ),
            (
                "stream: the model says NEW_AND_OLD_IMAGES, the table has off",
                "switch the stream on",
            ),
            (
                "time to live: the model says ttl, the table has off",
                "UpdateTimeToLive",
            ),
        ]) {
            assert!(line.contains(what) && line.contains(remedy), "{line}");
        }
        assert!(text(&different.stderr).contains("KF1015"));
    }
}
