//! The HTML report in headless Chromium: its script runs, nothing is fetched, and it is looked at on two widths.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use keyfold_audit::command::{Format, Options};

use crate::run::{audit, fixtures, options};

/// Runs Chromium to its end, or for a minute.
fn chromium(arguments: &[String]) -> String {
    let out = tempfile::NamedTempFile::new().unwrap();
    let home = tempfile::tempdir().unwrap();
    let mut child = Command::new("chromium")
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
        ])
        .arg(format!("--user-data-dir={}", home.path().display()))
        .args(arguments)
        .stdout(Stdio::from(out.reopen().unwrap()))
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| {
            panic!(
                "chromium: {error}; Debian has it as `chromium`, and `cargo xtask test` installs it"
            )
        });
    let until = Instant::now() + Duration::from_mins(1);
    while child.try_wait().unwrap().is_none() {
        if Instant::now() > until {
            child.kill().unwrap();
            panic!("chromium did not end within a minute");
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    std::fs::read_to_string(out.path()).unwrap()
}

fn artefacts() -> PathBuf {
    let folder = std::env::var_os("KEYFOLD_ARTEFACTS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/artefacts"),
        PathBuf::from,
    );
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn the_html_report_opens_in_a_browser_and_its_filters_work() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("report.html");
    let report = audit(&Options {
        formats: vec![Format::Html],
        outputs: vec![page.clone()],
        ..options(&fixtures())
    });
    assert!(report.code < 2, "{}", report.err);
    let text = std::fs::read_to_string(&page).unwrap();
    for fetches in ["src=\"", "href=\"http", "url(", "@import"] {
        assert!(!text.contains(fetches), "it asks nobody: {fetches}");
    }
    let url = format!("file://{}", page.display());
    let dom = chromium(&["--dump-dom".to_owned(), url.clone()]);
    let count = dom
        .split("<output")
        .nth(1)
        .unwrap()
        .split("</output>")
        .next()
        .unwrap();
    let all = text.matches("<article").count();
    assert!(
        count.contains(&format!("{all} of {all} findings")),
        "the script did not run: {count}"
    );
    for (width, height) in [(1280, 1600), (360, 1600)] {
        for scheme in ["light", "dark"] {
            let to = artefacts().join(format!("audit-{width}-{scheme}.png"));
            let mut arguments = vec![
                format!("--screenshot={}", to.display()),
                format!("--window-size={width},{height}"),
            ];
            if scheme == "dark" {
                arguments.push("--blink-settings=preferredColorScheme=0".to_owned());
            }
            arguments.push(url.clone());
            chromium(&arguments);
            assert!(
                std::fs::metadata(&to).unwrap().len() > 10_000,
                "{} is empty",
                to.display()
            );
        }
    }
}
