//! The OpenAPI document: valid, whole, and true: a fuzzer that knows nothing but the document finds no server error and no answer that
//! is not as described.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use crate::http::site::Site;

#[tokio::test]
async fn the_document_describes_every_endpoint() {
    let site = Site::start().await;
    let answer = site.get("/api/openapi.json").await;
    let document = answer.ok();
    assert_eq!(document["openapi"], "3.1.0");
    let operations: usize = document["paths"]
        .as_object()
        .unwrap()
        .values()
        .map(|path| path.as_object().unwrap().len())
        .sum();
    assert_eq!(
        site.get("/api/health").await.ok()["endpoints"],
        json!(operations)
    );
    let ids: std::collections::BTreeSet<_> = document["paths"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|path| path.as_object().unwrap().values())
        .map(|operation| operation["operationId"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids.len(), operations);
    let docs = site.get("/docs").await.text();
    for path in document["paths"].as_object().unwrap().keys() {
        assert!(docs.contains(path.as_str()), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fuzzer_finds_no_server_error_and_no_answer_that_is_not_as_described() {
    let Some(fuzzer) = fuzzer() else {
        println!("skipped: no schemathesis: `cargo xtask test` installs it");
        return;
    };
    let site = Site::start().await;
    let brand = site.brand("Maison").await;
    site.product(&brand, "Watch").await;
    let examples = std::env::var("KEYFOLD_ROUNDS")
        .ok()
        .and_then(|rounds| rounds.parse::<u32>().ok())
        .unwrap_or(1)
        * 8;
    let url = site.url("/api/openapi.json");
    // It keeps notes where it runs.
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().to_owned();
    let output = tokio::task::spawn_blocking(move || {
        Command::new(fuzzer)
            .args(["run", &url, "--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"])
            .args(["--max-examples", &examples.to_string(), "--seed", "20260301", "--workers", "2", "--request-timeout", "10"])
            .args(["--exclude-path", "/api/stream", "--phases", "examples,fuzzing", "--no-color"])
            .args(["-H", &format!("X-Api-Key: {}", brand.key)])
            .current_dir(place)
            .env_remove("HTTP_PROXY")
            .env_remove("http_proxy")
            .env("NO_PROXY", "127.0.0.1")
            .output()
            .unwrap()
    })
    .await
    .unwrap();
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.status.success(), "{said}");
}

/// `schemathesis` from `PyPI`: named by `KEYFOLD_SCHEMATHESIS`, or where the tests' other tools are.
fn fuzzer() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("KEYFOLD_SCHEMATHESIS") {
        return Some(named.into());
    }
    let place = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../target/clients/schemathesis/bin/schemathesis");
    place.exists().then_some(place)
}
