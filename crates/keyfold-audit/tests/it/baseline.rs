//! Baselines and suppressions.

use std::path::Path;

use keyfold_audit::command::Options;

use crate::run::{audit, found, json, options, project, write};

const HEAD: &str = "import boto3\ntable = boto3.resource('dynamodb').Table('t')\n\n";

fn scan(name: &str) -> String {
    format!(
        "def {name}():\n    page = table.scan()\n    return page['Items'], page['LastEvaluatedKey']\n\n"
    )
}

fn with_baseline(folder: &Path) -> Options {
    Options {
        baseline: Some(folder.join("base.json")),
        fail_on: Some(keyfold_audit::finding::Severity::Info),
        ..options(folder)
    }
}

fn write_baseline(folder: &Path, accept: Option<&str>) -> u8 {
    audit(&Options {
        write_baseline: Some(folder.join("base.json")),
        baseline_accept: accept.map(str::to_owned),
        ..options(folder)
    })
    .code
}

#[test]
fn what_is_known_does_not_fail_and_what_is_new_does() {
    let folder = project(&[("a.py", &format!("{HEAD}{}", scan("one")))]);
    assert_eq!(audit(&with_baseline_missing(folder.path())).code, 1);
    assert_eq!(write_baseline(folder.path(), None), 0);
    assert_eq!(audit(&with_baseline(folder.path())).code, 0);
    write(
        folder.path(),
        "a.py",
        &format!("{HEAD}{}{}", scan("one"), scan("two")),
    );
    assert_eq!(audit(&with_baseline(folder.path())).code, 1);
}

fn with_baseline_missing(folder: &Path) -> Options {
    Options {
        fail_on: Some(keyfold_audit::finding::Severity::Info),
        ..options(folder)
    }
}

#[test]
fn moved_reformatted_and_renamed_findings_stay_known() {
    let folder = project(&[("a.py", &format!("{HEAD}{}", scan("one")))]);
    write_baseline(folder.path(), None);
    // An inserted neighbour moves the line.
    write(
        folder.path(),
        "a.py",
        &format!("{HEAD}X = 1\n\n\n{}", scan("one")),
    );
    assert_eq!(audit(&with_baseline(folder.path())).code, 0, "moved");
    let reformatted = scan("one").replace("table.scan()", "table.scan(\n    )");
    write(folder.path(), "a.py", &format!("{HEAD}{reformatted}"));
    assert_eq!(audit(&with_baseline(folder.path())).code, 0, "reformatted");
    std::fs::rename(folder.path().join("a.py"), folder.path().join("b.py")).unwrap();
    assert_eq!(audit(&with_baseline(folder.path())).code, 0, "renamed");
}

#[test]
fn a_duplicated_site_is_new() {
    let folder = project(&[("a.py", &format!("{HEAD}{}", scan("one")))]);
    write_baseline(folder.path(), None);
    let twice = scan("one").replace(
        "    return",
        "    again = table.scan()\n    return again['Items'], again['LastEvaluatedKey'],",
    );
    write(folder.path(), "a.py", &format!("{HEAD}{twice}"));
    assert_eq!(audit(&with_baseline(folder.path())).code, 1);
}

#[test]
fn a_baseline_refuses_to_grow_without_a_reason_and_shrinks_by_itself() {
    let folder = project(&[("a.py", &format!("{HEAD}{}{}", scan("one"), scan("two")))]);
    assert_eq!(write_baseline(folder.path(), None), 0);
    write(folder.path(), "a.py", &format!("{HEAD}{}", scan("one")));
    assert_eq!(write_baseline(folder.path(), None), 0);
    let text = std::fs::read_to_string(folder.path().join("base.json")).unwrap();
    assert_eq!(
        text.matches("\"fingerprint\"").count(),
        1,
        "what is gone is removed"
    );
    write(
        folder.path(),
        "a.py",
        &format!("{HEAD}{}{}", scan("one"), scan("two")),
    );
    assert_eq!(write_baseline(folder.path(), None), 2);
    assert_eq!(
        std::fs::read_to_string(folder.path().join("base.json")).unwrap(),
        text,
        "nothing half-written"
    );
    assert_eq!(write_baseline(folder.path(), Some("released on Friday")), 0);
    assert!(
        std::fs::read_to_string(folder.path().join("base.json"))
            .unwrap()
            .contains("released on Friday")
    );
}

#[test]
fn a_newer_or_broken_baseline_is_wrong_use() {
    let folder = project(&[
        ("a.py", HEAD),
        ("base.json", "{\"schema\":\"keyfold.audit-baseline/9\"}"),
    ]);
    let outcome = audit(&with_baseline(folder.path()));
    assert_eq!(outcome.code, 2);
    assert!(outcome.err.contains("newer version"), "{}", outcome.err);
    write(folder.path(), "base.json", "{");
    assert_eq!(audit(&with_baseline(folder.path())).code, 2);
}

fn rules(comment: &str) -> Vec<String> {
    let text = format!(
        "{HEAD}def one():\n{comment}\n    page = table.scan()\n    return page['Items'], page['LastEvaluatedKey']\n"
    );
    let folder = project(&[("a.py", &text)]);
    found(&json(folder.path()), "a.py")
        .into_iter()
        .map(|(rule, _)| rule)
        .collect()
}

#[test]
fn a_suppression_with_a_reason_hides_and_stays_in_the_report() {
    assert!(rules("    # keyfold: allow(scan-on-data-path) reason=\"ten items\"").is_empty());
    assert!(rules("    # keyfold: allow(scan-on-data-path, full-table-scan) reason='ten items' until=2027-01-31").is_empty());
    let folder = project(&[(
        "a.py",
        &format!(
            "{HEAD}# keyfold: allow(scan-on-data-path) reason=\"ten\"\n{}",
            scan("one")
        ),
    )]);
    let report = json(folder.path());
    assert_eq!(
        report["findings"][0]["suppressed"]["reason"], "ten",
        "above the function"
    );
    assert_eq!(report["summary"]["suppressed"], 1);
}

#[test]
fn a_suppression_without_reason_expired_or_unused_is_reported() {
    assert_eq!(
        rules("    # keyfold: allow(scan-on-data-path)"),
        ["scan-on-data-path", "suppression-without-reason"]
    );
    assert_eq!(
        rules("    # keyfold: allow(scan-on-data-path) reason=\"x\" until=2026-01-31"),
        ["scan-on-data-path", "suppression-expired"]
    );
    assert_eq!(
        rules("    # keyfold: allow(missing-retry) reason=\"x\""),
        ["scan-on-data-path", "suppression-unused"]
    );
}

#[test]
fn each_comment_syntax_suppresses() {
    for (file, text) in [
        (
            "a.ts",
            "import { ScanCommand } from '@aws-sdk/lib-dynamodb';\n// keyfold: allow(scan-on-data-path) reason=\"x\"\nexport const f = (c: any) => c.send(new ScanCommand({ TableName: 't' }));\n",
        ),
        (
            "a.js",
            "const { ScanCommand } = require('@aws-sdk/lib-dynamodb');\n/* keyfold: allow(scan-on-data-path) reason=\"x\" */\nexports.f = (c) => c.send(new ScanCommand({ TableName: 't' }));\n",
        ),
        (
            "a.ts",
            "import { ScanCommand } from '@aws-sdk/lib-dynamodb';\nexport const f = (c: any) => c.send(new ScanCommand({ TableName: 't' })); // keyfold: allow(scan-on-data-path) reason=\"x\"\n",
        ),
        (
            "a.rs",
            "// keyfold: allow(scan-on-data-path) reason=\"x\"\npub async fn f(c: &aws_sdk_dynamodb::Client) { c.scan().table_name(\"t\").into_paginator().send(); }\n",
        ),
    ] {
        let folder = project(&[(file, text)]);
        assert!(
            found(&json(folder.path()), file).is_empty(),
            "{file}: {text}"
        );
    }
}
