//! Runs the auditor on a folder.

use std::path::{Path, PathBuf};

use keyfold_audit::command::{Format, Options, run};
use keyfold_audit::finding::{Confidence, Severity};
use serde_json::Value;

/// Options that tests start from: no cache of the user's.
pub fn options(folder: &Path) -> Options {
    Options {
        paths: vec![folder.to_path_buf()],
        fail_on: Some(Severity::High),
        min_confidence: Some(Confidence::Medium),
        no_cache: true,
        today: "2026-06-01".to_owned(),
        ..Options::default()
    }
}

/// What came out.
pub struct Outcome {
    pub code: u8,
    pub out: String,
    pub err: String,
}

/// Runs; wrong use is exit code 2 with its message on `err`.
pub fn audit(options: &Options) -> Outcome {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = match run(options, &mut out, &mut err) {
        Ok(code) => code,
        Err(error) => {
            err.extend(error.to_string().into_bytes());
            2
        }
    };
    Outcome {
        code,
        out: String::from_utf8(out).unwrap(),
        err: String::from_utf8(err).unwrap(),
    }
}

/// The JSON report of a folder.
pub fn json(folder: &Path) -> Value {
    let outcome = audit(&Options {
        formats: vec![Format::Json],
        ..options(folder)
    });
    serde_json::from_str(&outcome.out).unwrap_or_else(|error| panic!("{error}: {}", outcome.err))
}

/// The JSON report of a folder with what was metered.
pub fn with_meter(folder: &Path, metered: Option<PathBuf>) -> Value {
    let outcome = audit(&Options {
        formats: vec![Format::Json],
        metered,
        ..options(folder)
    });
    serde_json::from_str(&outcome.out).unwrap_or_else(|error| panic!("{error}: {}", outcome.err))
}

/// A folder with these files.
pub fn project(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        write(folder.path(), path, text);
    }
    folder
}

/// Writes a file, with its folders.
pub fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// The fixtures' folder.
pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// The rules found, with their lines, of one file.
pub fn found(report: &Value, file: &str) -> Vec<(String, u64)> {
    report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|f| f["file"] == file && f["suppressed"].is_null())
        .map(|f| {
            (
                f["rule"].as_str().unwrap().to_owned(),
                f["line"].as_u64().unwrap(),
            )
        })
        .collect()
}
