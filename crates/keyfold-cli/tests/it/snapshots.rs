//! `keyfold snapshot` and `keyfold restore`.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::fixture::{TABLE, all, all_in, folder_with, items, put};
use crate::{run, text, words};

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_snapshot_of_a_folder_in_use_has_all_that_was_acknowledged_and_is_restored() {
    let data = folder_with(items(1_000)).await;
    let out = tempfile::tempdir().unwrap();
    let file = out.path().join("things.snapshot");
    let engine = keyfold_embedded::open(data.path()).unwrap();
    let before = all(&engine.client(), TABLE).await;

    let stop = Arc::new(AtomicBool::new(false));
    let writing = {
        let (client, stop) = (engine.client(), Arc::clone(&stop));
        tokio::spawn(async move {
            let mut written = 0;
            while !stop.load(Ordering::Relaxed) {
                let mut more = items(1_000 + written + 25);
                put(&client, TABLE, more.split_off(1_000 + written)).await;
                written += 25;
            }
            written
        })
    };
    let args = ["snapshot", "--data", path(data.path()), "--to", path(&file)];
    let dry = run(&[&args[..], &["--dry-run"]].concat());
    assert!(
        dry.status.success() && !file.exists(),
        "a dry run writes nothing"
    );
    let taken = run(&args);
    stop.store(true, Ordering::Relaxed);
    assert!(taken.status.success(), "{}", text(&taken.stderr));
    assert!(writing.await.unwrap() > 0, "it was in use");
    let again = run(&args);
    assert_eq!(again.status.code(), Some(3));
    assert!(text(&again.stderr).contains("KF6008"));

    let held = run(&[
        "restore",
        "--from",
        path(&file),
        "--data",
        path(data.path()),
        "--force",
    ]);
    assert_eq!(held.status.code(), Some(3));
    let error = words(&held.stderr);
    assert!(
        error.contains("KF5003") && error.contains("is held by process"),
        "{error}"
    );
    assert!(
        all(&engine.client(), TABLE).await.len() > before.len(),
        "nothing happened to it"
    );

    let restored = out.path().join("restored");
    let args = ["restore", "--from", path(&file), "--data", path(&restored)];
    let dry = run(&[&args[..], &["--dry-run"]].concat());
    assert!(dry.status.success() && !restored.exists());
    let done = run(&args);
    assert!(done.status.success(), "{}", text(&done.stderr));
    assert!(
        text(&done.stdout).contains("tables: 1"),
        "{}",
        text(&done.stdout)
    );
    let there = all_in(&restored).await;
    assert!(
        before
            .iter()
            .all(|(key, item)| there.get(key) == Some(item))
    );
    let left: Vec<_> = std::fs::read_dir(out.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left.len(), 2, "no partial files: {left:?}");
}

#[tokio::test]
async fn a_snapshot_of_a_folder_nobody_holds_has_what_a_killed_process_left_in_its_log() {
    let data = folder_with(items(50)).await;
    let out = tempfile::tempdir().unwrap();
    // A copy with its write-ahead log, as a process that is killed leaves it.
    let left = out.path().join("left");
    std::fs::create_dir(&left).unwrap();
    let engine = keyfold_embedded::open(data.path()).unwrap();
    put(&engine.client(), TABLE, items(80)).await;
    for name in ["engine.sqlite", "engine.sqlite-wal"] {
        std::fs::copy(data.path().join(name), left.join(name)).unwrap();
    }
    let raw = left.join("engine.sqlite");
    let nowhere = out.path().join("nowhere");
    let refused = run(&["restore", "--from", path(&raw), "--data", path(&nowhere)]);
    assert_eq!(refused.status.code(), Some(3));
    assert!(words(&refused.stderr).contains("is no snapshot") && !nowhere.exists());
    let file = out.path().join("s");
    let taken = run(&["snapshot", "--data", path(&left), "--to", path(&file)]);
    assert!(taken.status.success(), "{}", text(&taken.stderr));
    let restored = out.path().join("restored");
    let done = run(&["restore", "--from", path(&file), "--data", path(&restored)]);
    assert!(done.status.success(), "{}", text(&done.stderr));
    assert_eq!(all_in(&restored).await.len(), 80);
}

#[tokio::test]
async fn a_folder_with_data_is_replaced_only_when_told_so_and_only_by_a_snapshot() {
    let old = folder_with(items(10)).await;
    let new = folder_with(items(20)).await;
    let out = tempfile::tempdir().unwrap();
    let file = out.path().join("new.snapshot");
    assert!(
        run(&["snapshot", "--data", path(new.path()), "--to", path(&file)])
            .status
            .success()
    );

    let args = ["restore", "--from", path(&file), "--data", path(old.path())];
    let refused = run(&args);
    assert_eq!(refused.status.code(), Some(3));
    let error = words(&refused.stderr);
    assert!(
        error.contains("KF6009") && error.contains("--force"),
        "{error}"
    );

    let whole = std::fs::read(&file).unwrap();
    let mut damaged = whole.clone();
    for byte in &mut damaged[4_096..12_288] {
        *byte = 0x5a;
    }
    for (name, bytes) in [
        ("empty", &b""[..]),
        ("text", b"no database at all"),
        ("damaged", &damaged),
    ] {
        let bad = out.path().join(name);
        std::fs::write(&bad, bytes).unwrap();
        let refused = run(&[
            "restore",
            "--from",
            path(&bad),
            "--data",
            path(old.path()),
            "--force",
        ]);
        assert_eq!(refused.status.code(), Some(3), "{name}");
        assert!(words(&refused.stderr).contains("is no snapshot"), "{name}");
    }
    assert_eq!(all_in(old.path()).await.len(), 10, "nothing happened to it");

    let forced = run(&[&args[..], &["--force"]].concat());
    assert!(forced.status.success(), "{}", text(&forced.stderr));
    assert_eq!(all_in(old.path()).await.len(), 20);
}
