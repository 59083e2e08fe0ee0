//! In a real repository: what is staged, what changed, the hook.

use std::path::Path;
use std::process::Command;

use keyfold_audit::command::Options;

use crate::run::{audit, options, project, write};

fn git(folder: &Path, args: &[&str]) {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(["-c", "user.name=t", "-c", "user.email=t@example.com"])
        .args(args)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "git {args:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

const CLEAN: &str = "import boto3\ntable = boto3.resource('dynamodb').Table('t')\n\n\ndef get(pk):\n    return table.get_item(Key={'pk': pk})\n";
const SCAN: &str = "\n\ndef every():\n    return table.scan(FilterExpression='a = :a', ExpressionAttributeValues={':a': 1})\n";

fn repository() -> tempfile::TempDir {
    let folder = project(&[("a.py", CLEAN), ("old.py", &format!("{CLEAN}{SCAN}"))]);
    git(folder.path(), &["init", "-q", "-b", "main"]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-qm", "first"]);
    folder
}

fn staged(folder: &Path) -> u8 {
    audit(&Options {
        staged: true,
        ..options(folder)
    })
    .code
}

#[test]
fn a_staged_fault_is_refused_and_one_in_the_work_tree_only_is_not() {
    let folder = repository();
    assert_eq!(
        staged(folder.path()),
        0,
        "old findings that nobody touched are quiet"
    );
    write(folder.path(), "a.py", &format!("{CLEAN}{SCAN}"));
    assert_eq!(staged(folder.path()), 0, "only in the work tree");
    git(folder.path(), &["add", "a.py"]);
    assert_eq!(staged(folder.path()), 1, "staged");
    // The index counts, not the file that was repaired since.
    write(folder.path(), "a.py", CLEAN);
    assert_eq!(
        staged(folder.path()),
        1,
        "staged, repaired in the work tree only"
    );
}

#[test]
fn a_difference_shows_what_changed_since_the_merge_base() {
    let folder = repository();
    let since = |folder: &Path| {
        audit(&Options {
            diff: Some("main".to_owned()),
            ..options(folder)
        })
        .code
    };
    git(folder.path(), &["checkout", "-qb", "work"]);
    assert_eq!(since(folder.path()), 0);
    write(folder.path(), "b c.py", &format!("{CLEAN}{SCAN}"));
    assert_eq!(since(folder.path()), 1, "a file git does not know yet");
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-qm", "second"]);
    assert_eq!(since(folder.path()), 1);
    let outcome = audit(&Options {
        diff: Some("nothing".to_owned()),
        ..options(folder.path())
    });
    assert_eq!(outcome.code, 2, "an unknown revision is wrong use");
}

#[test]
fn the_hook_is_written_once_and_keeps_the_one_that_was_there() {
    let folder = repository();
    let hook = folder.path().join(".git/hooks/pre-commit");
    std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
    std::fs::write(&hook, "#!/bin/sh\nexit 0\n").unwrap();
    let install = || {
        audit(&Options {
            install_hook: true,
            ..options(folder.path())
        })
    };
    assert_eq!(install().code, 0);
    let text = std::fs::read_to_string(&hook).unwrap();
    assert!(
        text.contains("keyfold audit --staged --fail-on high")
            && text.contains("pre-commit.before-keyfold")
    );
    assert!(install().out.contains("already"));
    assert_eq!(std::fs::read_to_string(&hook).unwrap(), text);
    assert!(
        folder
            .path()
            .join(".git/hooks/pre-commit.before-keyfold")
            .is_file()
    );
}

#[test]
fn the_hook_goes_where_hooks_are_configured() {
    let folder = repository();
    git(folder.path(), &["config", "core.hooksPath", "hooks"]);
    assert_eq!(
        audit(&Options {
            install_hook: true,
            ..options(folder.path())
        })
        .code,
        0
    );
    assert!(folder.path().join("hooks/pre-commit").is_file());
}
