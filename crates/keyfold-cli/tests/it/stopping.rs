//! Ctrl-C in the middle, and the same command again.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::fixture::{Item, TABLE, all_in, export_in, folder_with, items, lines_of, put, s};
use crate::{keyfold, text, words};

const ITEMS: usize = 3_000;

/// Runs it slowly and sends `signal` once its checkpoint knows of some of the items and not of all.
fn stopped_in_the_middle(
    args: &[&str],
    signal: Signal,
    checkpoint: impl Fn() -> Option<PathBuf>,
) -> Output {
    let mut child = keyfold(args)
        .args(["--items-per-second", "2000"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let begin = Instant::now();
    loop {
        assert!(begin.elapsed() < Duration::from_secs(30), "no checkpoint");
        assert!(child.try_wait().unwrap().is_none(), "it ended too early");
        let done = checkpoint().map_or(0, |file| items_noted(&file));
        if (ITEMS / 5..ITEMS).contains(&done) {
            break;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    kill_process(Pid::from_child(&child), signal).unwrap();
    child.wait_with_output().unwrap()
}

fn items_noted(checkpoint: &Path) -> usize {
    let Ok(text) = std::fs::read(checkpoint) else {
        return 0;
    };
    let state: Value = serde_json::from_slice(&text).unwrap();
    let parts: Vec<&Value> = match (&state["segments"], &state["files"]) {
        (Value::Array(segments), _) => segments.iter().collect(),
        (_, Value::Object(files)) => files.values().collect(),
        _ => panic!("neither segments nor files in {state}"),
    };
    let items = parts.iter().map(|part| part["items"].as_u64().unwrap());
    usize::try_from(items.sum::<u64>()).unwrap()
}

fn goes_on(args: &[&str]) -> String {
    let done = keyfold(args).output().unwrap();
    let told = words(&done.stderr);
    assert!(done.status.success(), "{told}");
    assert!(told.contains("goes on"), "it began anew: {told}");
    text(&done.stdout)
}

fn told_to_go_on(stopped: &Output) {
    assert_eq!(stopped.status.code(), Some(3));
    let told = words(&stopped.stderr);
    assert!(
        told.contains("KF6005") && told.contains("same command"),
        "{told}"
    );
}

#[tokio::test]
async fn an_export_goes_on_and_has_every_item_once() {
    let from = folder_with(items(ITEMS)).await;
    for signal in [Signal::INT, Signal::KILL] {
        let out = tempfile::tempdir().unwrap();
        let (data, to) = (from.path().to_str().unwrap(), out.path().to_str().unwrap());
        let args = [
            "table",
            "export",
            "--table",
            TABLE,
            "--data",
            data,
            "--to",
            to,
            "--segments",
            "3",
        ];
        let checkpoint = || {
            let export = std::fs::read_dir(out.path().join("AWSDynamoDB"))
                .ok()?
                .next()?;
            Some(export.unwrap().path().join("keyfold-export.checkpoint"))
        };
        let stopped = stopped_in_the_middle(&args, signal, checkpoint);
        if signal == Signal::INT {
            told_to_go_on(&stopped);
        }
        let export = export_in(out.path());
        assert!(!export.join("manifest-files.json").exists());
        let import = keyfold(&[
            "table", "import", "--table", TABLE, "--data", data, "--from", to,
        ])
        .output()
        .unwrap();
        assert!(
            words(&import.stderr).contains("not finished"),
            "half an export is not imported"
        );

        // What was written and not noted, as by a process that was killed between the two.
        let file = std::fs::read_dir(export.join("data"))
            .unwrap()
            .next()
            .unwrap()
            .unwrap();
        let mut file = std::fs::OpenOptions::new()
            .append(true)
            .open(file.path())
            .unwrap();
        file.write_all(b"half a page").unwrap();

        // The number of segments is that of the beginning, whatever is said now.
        let again = [
            "table",
            "export",
            "--table",
            TABLE,
            "--data",
            data,
            "--to",
            to,
            "--segments",
            "5",
        ];
        assert!(goes_on(&again).contains("3,000 items in"));
        let lines = lines_of(&export_in(out.path()));
        let distinct: BTreeSet<&String> = lines.iter().collect();
        assert_eq!((lines.len(), distinct.len()), (ITEMS, ITEMS));
        let target = folder_with(Vec::new()).await;
        let into = target.path().to_str().unwrap();
        let imported = keyfold(&[
            "table", "import", "--table", TABLE, "--data", into, "--from", to,
        ])
        .output()
        .unwrap();
        assert!(imported.status.success(), "{}", text(&imported.stderr));
        assert!(
            all_in(target.path()).await == all_in(from.path()).await,
            "items differ"
        );
    }
}

#[tokio::test]
async fn an_import_goes_on_behind_what_it_has_put() {
    let from = folder_with(items(ITEMS)).await;
    let to = folder_with(Vec::new()).await;
    let out = tempfile::tempdir().unwrap();
    let (data, export) = (from.path().to_str().unwrap(), out.path().to_str().unwrap());
    let exported = keyfold(&[
        "table",
        "export",
        "--table",
        TABLE,
        "--data",
        data,
        "--to",
        export,
        "--segments",
        "2",
    ])
    .output()
    .unwrap();
    assert!(exported.status.success());
    let into = to.path().to_str().unwrap();
    let args = [
        "table", "import", "--table", TABLE, "--data", into, "--from", export,
    ];
    let checkpoint = || Some(export_in(out.path()).join("keyfold-import-Things.checkpoint"));
    told_to_go_on(&stopped_in_the_middle(&args, Signal::INT, checkpoint));
    assert!((1..ITEMS).contains(&all_in(to.path()).await.len()));

    // An item of the first line, changed since: it is not put again.
    let first = &lines_of(&export_in(out.path()))[0];
    let first: Value = serde_json::from_str(first).unwrap();
    let key = |name: &str| s(first["Item"][name]["S"].as_str().unwrap());
    let changed = Item::from([
        ("pk".to_owned(), key("pk")),
        ("sk".to_owned(), key("sk")),
        ("note".to_owned(), s("changed")),
    ]);
    put(
        &keyfold_embedded::open(to.path()).unwrap().client(),
        TABLE,
        vec![changed.clone()],
    )
    .await;

    assert_eq!(goes_on(&args), "table `Things`: 3,000 items put\n");
    let (mut wanted, found) = (all_in(from.path()).await, all_in(to.path()).await);
    wanted.insert(
        format!("{:?} {:?}", changed.get("pk"), changed.get("sk")),
        changed,
    );
    assert!(found == wanted, "items differ");
}

#[tokio::test]
async fn a_copy_goes_on_and_has_every_item() {
    let from = folder_with(items(ITEMS)).await;
    let to = folder_with(Vec::new()).await;
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("copy.checkpoint");
    let args = [
        "table",
        "copy",
        "--table",
        TABLE,
        "--from-data",
        from.path().to_str().unwrap(),
        "--to-data",
        to.path().to_str().unwrap(),
        "--checkpoint",
        file.to_str().unwrap(),
    ];
    told_to_go_on(&stopped_in_the_middle(&args, Signal::INT, || {
        Some(file.clone())
    }));
    assert!((1..ITEMS).contains(&all_in(to.path()).await.len()));
    assert_eq!(
        goes_on(&args),
        "table `Things` into `Things`: 3,000 items copied\n"
    );
    assert!(
        all_in(to.path()).await == all_in(from.path()).await,
        "items differ"
    );
    assert!(!file.exists());
}

#[tokio::test]
async fn a_checkpoint_of_other_tables_is_refused() {
    let (from, to, other) = (
        folder_with(items(ITEMS)).await,
        folder_with(Vec::new()).await,
        folder_with(Vec::new()).await,
    );
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("copy.checkpoint");
    let begin = [
        "table",
        "copy",
        "--table",
        TABLE,
        "--from-data",
        from.path().to_str().unwrap(),
        "--checkpoint",
        file.to_str().unwrap(),
    ];
    let first = [&begin[..], &["--to-data", to.path().to_str().unwrap()]].concat();
    told_to_go_on(&stopped_in_the_middle(&first, Signal::INT, || {
        Some(file.clone())
    }));
    let second = [&begin[..], &["--to-data", other.path().to_str().unwrap()]].concat();
    let refused = keyfold(&second).output().unwrap();
    assert_eq!(refused.status.code(), Some(3));
    assert!(words(&refused.stderr).contains("KF6004"));
    assert!(all_in(other.path()).await.is_empty());
}
