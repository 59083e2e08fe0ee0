//! A disk that is full and a folder that cannot be written: clear errors, nothing lost.
//!
//! This test program again is the one that meets them: a limit on the size of its files stands for a full
//! disk, and an account without rights for a folder of somebody else's.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;

use crate::fixture::{TABLE, create_table, get, padded};

const FOLDER: &str = "KEYFOLD_DISK_FOLDER";
/// `nobody`, on every Debian.
const NOBODY: u32 = 65_534;

fn folder() -> Option<PathBuf> {
    std::env::var_os(FOLDER).map(PathBuf::from)
}

fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!("{}{}", text(&output.stdout), text(&output.stderr))
}

#[tokio::test]
async fn a_full_disk_refuses_writes_and_loses_none() {
    let folder = tempfile::tempdir().unwrap();
    let engine = keyfold_embedded::open(folder.path()).unwrap();
    create_table(&engine.client(), TABLE).await;
    drop(engine);
    // Files of 2 MB at most; what would be a signal is an error for whoever ignores it.
    let output = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 4096; exec \"$0\" \"$@\""])
        .arg(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "disk::writes_until_refused",
            "--ignored",
            "--nocapture",
        ])
        .env(FOLDER, folder.path())
        .output()
        .unwrap();
    let said = said(&output);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("InternalServerError"), "{said}");
    assert!(said.contains("KF5007: the disk is full"), "{said}");
    let acknowledged = said
        .lines()
        .filter(|line| line.starts_with("acknowledged"))
        .count();
    assert!(acknowledged > 10, "{said}");

    let engine = keyfold_embedded::open(folder.path()).unwrap();
    let client = engine.client();
    for number in 0..acknowledged {
        let sk = format!("ORDER#{number}");
        assert!(
            get(&client, "TENANT#1", &sk).await.is_some(),
            "{sk} is lost"
        );
    }
    crate::fixture::put(&client, padded("TENANT#1", "AFTER", 100)).await;
}

/// Run only by the test above.
#[tokio::test]
#[ignore = "the program that a_full_disk_refuses_writes_and_loses_none limits"]
async fn writes_until_refused() {
    let Some(folder) = folder() else { return };
    let engine = keyfold_embedded::open(folder).unwrap();
    let once = engine.config().retry_config(RetryConfig::disabled());
    let client = Client::from_conf(once.build());
    for number in 0..10_000 {
        let put = client.put_item().table_name(TABLE).set_item(Some(padded(
            "TENANT#1",
            &format!("ORDER#{number}"),
            20_000,
        )));
        match put.send().await {
            Ok(_) => println!("acknowledged {number}"),
            Err(error) => {
                let error = error.into_service_error();
                println!("refused {:?}: {:?}", error.code(), error.message());
                // What is there can still be read.
                assert!(get(&client, "TENANT#1", "ORDER#0").await.is_some());
                return;
            }
        }
    }
    panic!("10,000 items fit");
}

/// This program, as an account that may write nowhere here.
fn open_as_nobody(folder: &Path) -> String {
    let program = tempfile::tempdir().unwrap();
    let rights = |path: &Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    rights(program.path(), 0o755);
    let copy = program.path().join("it");
    std::fs::copy(std::env::current_exe().unwrap(), &copy).unwrap();
    rights(&copy, 0o755);
    let mut command = Command::new(copy);
    command
        .args(["--exact", "disk::opens", "--ignored", "--nocapture"])
        .current_dir(program.path())
        .env(FOLDER, folder);
    if is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    said(&command.output().unwrap())
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|of_ours| of_ours.uid() == 0)
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_named_with_what_to_do() {
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("data");
    let engine = keyfold_embedded::open(&folder).unwrap();
    let client = engine.client();
    create_table(&client, TABLE).await;
    crate::fixture::put(&client, padded("TENANT#1", "ORDER#1", 100)).await;
    drop((client, engine));
    let rights = |path: &Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    rights(outer.path(), 0o755);
    for file in std::fs::read_dir(&folder).unwrap() {
        rights(&file.unwrap().path(), 0o444);
    }
    rights(&folder, 0o555);
    let refused = open_as_nobody(&folder);
    let missing = open_as_nobody(&outer.path().join("missing"));
    rights(&folder, 0o755);
    for file in std::fs::read_dir(&folder).unwrap() {
        rights(&file.unwrap().path(), 0o644);
    }
    for (said, name) in [(&refused, "data"), (&missing, "missing")] {
        assert!(said.contains("KF5004: the data folder"), "{said}");
        assert!(said.contains(name), "{said}");
        assert!(said.contains("a folder this user can write to"), "{said}");
    }
    let engine = keyfold_embedded::open(&folder).unwrap();
    assert!(get(&engine.client(), "TENANT#1", "ORDER#1").await.is_some());
}

/// Run only by the test above.
#[test]
#[ignore = "the program that a_folder_that_cannot_be_written_is_named_with_what_to_do starts"]
fn opens() {
    let Some(folder) = folder() else { return };
    match keyfold_embedded::open(folder) {
        Ok(_) => println!("it opened"),
        Err(error) => println!("{error}"),
    }
}
