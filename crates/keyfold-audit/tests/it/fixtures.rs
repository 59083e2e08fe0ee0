//! Fixtures are small projects. `~ rule` in a comment expects a finding of that rule on its line, `^ Operation` a
//! call. A missed or an extra finding fails with file and line; calls are compared in files that mark any.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

use crate::run::{fixtures, json};

type Marks = BTreeSet<(String, u64, String)>;

/// What the files of a project expect: findings, calls.
fn expected(
    folder: &Path,
    at: &Path,
    findings: &mut Marks,
    calls: &mut Marks,
    marked: &mut BTreeSet<String>,
) {
    for entry in std::fs::read_dir(at).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            expected(folder, &path, findings, calls, marked);
            continue;
        }
        let name = path
            .strip_prefix(folder)
            .unwrap()
            .to_str()
            .unwrap()
            .replace('\\', "/");
        for (line, text) in (1u64..).zip(std::fs::read_to_string(&path).unwrap().lines()) {
            for (mark, into) in [("~ ", &mut *findings), ("^ ", &mut *calls)] {
                let Some((_, list)) = text
                    .split_once(&format!("//{mark}"))
                    .or_else(|| text.split_once(&format!("#{mark}")))
                else {
                    continue;
                };
                let list = list.split("//").next().unwrap().split('#').next().unwrap();
                for word in list.split(',').map(str::trim).filter(|w| !w.is_empty()) {
                    into.insert((name.clone(), line, word.to_owned()));
                    if mark == "^ " {
                        marked.insert(name.clone());
                    }
                }
            }
        }
    }
}

fn compare(what: &str, expected: &Marks, actual: &Marks, out: &mut String) {
    for (file, line, name) in expected.difference(actual) {
        let _ = writeln!(out, "  {file}:{line}: missed {what} {name}");
    }
    for (file, line, name) in actual.difference(expected) {
        let _ = writeln!(out, "  {file}:{line}: extra {what} {name}");
    }
}

fn rows(list: &Value, word: &str) -> Marks {
    list.as_array()
        .unwrap()
        .iter()
        .filter(|row| row.get("suppressed").is_none_or(Value::is_null))
        .map(|row| {
            (
                row["file"].as_str().unwrap().to_owned(),
                row["line"].as_u64().unwrap(),
                row[word].as_str().unwrap().to_owned(),
            )
        })
        .collect()
}

#[test]
fn every_fixture_finds_exactly_what_it_marks() {
    let mut wrong = String::new();
    for language in ["typescript", "python", "rust"] {
        for project in std::fs::read_dir(fixtures().join(language)).unwrap() {
            let folder = project.unwrap().path();
            let (mut findings, mut calls, mut marked) =
                (Marks::new(), Marks::new(), BTreeSet::new());
            expected(&folder, &folder, &mut findings, &mut calls, &mut marked);
            let report = json(&folder);
            let mut out = String::new();
            // How a small fixture is layered is not what it is about, unless it says so.
            let about_layers = folder.ends_with("layers");
            let aside = [
                "no-repository-layer",
                "sdk-end-of-support",
                "sdk-bypass",
                "client-outside-layer",
                "sdk-in-script",
            ];
            let found: Marks = rows(&report["findings"], "rule")
                .into_iter()
                .filter(|(.., rule)| about_layers || !aside.contains(&rule.as_str()))
                .collect();
            compare("finding", &findings, &found, &mut out);
            let called = rows(&report["inventory"]["calls"], "op")
                .into_iter()
                .filter(|(file, ..)| marked.contains(file))
                .collect();
            compare("call", &calls, &called, &mut out);
            if !out.is_empty() {
                let _ = writeln!(wrong, "{}\n{out}", folder.display());
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}
