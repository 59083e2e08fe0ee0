//! The list in the guide and the cases say the same.

use std::collections::BTreeSet;
use std::path::Path;

use crate::Case;
use crate::on::{Documented, Engine};

/// Case, engine, and what differs.
type Difference = (String, String, String);

pub fn compare(cases: &[Case], sources: &[(&str, &str)]) {
    let stated: BTreeSet<_> = sources.iter().flat_map(|source| stated(*source)).collect();
    for (case, ..) in &stated {
        assert!(cases.iter().any(|one| one.name == case), "no case {case}");
    }
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guide/differences.md");
    let page = std::fs::read_to_string(page).unwrap();
    let listed: BTreeSet<_> = page.lines().filter_map(listed).collect();
    let row = |(case, engine, what): &Difference| format!("| {what} | {engine} | `{case}` |\n");
    let missing: String = stated.difference(&listed).map(row).collect();
    let vanished: String = listed.difference(&stated).map(row).collect();
    assert!(
        missing.is_empty() && vanished.is_empty(),
        "docs/guide/differences.md lacks\n{missing}and has what no case states\n{vanished}"
    );
}

/// The three ways to be wrong about a difference are each noticed, and being right is not.
pub fn are_noticed() {
    let stated = |engine, actual: u8| {
        let documented = Documented::on(engine, 1).differs(Engine::DynamoDbLocal, "…", 2);
        documented.compare(&actual).is_ok()
    };
    assert!(stated(Engine::Embedded, 1));
    assert!(!stated(Engine::Embedded, 2), "not stated of this engine");
    assert!(stated(Engine::DynamoDbLocal, 2));
    assert!(!stated(Engine::DynamoDbLocal, 1), "it has vanished");
    assert!(!stated(Engine::DynamoDbLocal, 3), "it is another one");
}

/// What the cases of a file state by `.differs(Engine::…, "…", …)`.
fn stated((topic, source): (&str, &str)) -> Vec<Difference> {
    let mut found = Vec::new();
    for function in source.split("async fn ").skip(1) {
        let (case, body) = function.split_once('(').unwrap();
        for difference in body.split(".differs(").skip(1) {
            let (_, difference) = difference.split_once("Engine::").unwrap();
            let (engine, difference) = difference.split_once(',').unwrap();
            let what = difference.split('"').nth(1).unwrap();
            found.push((format!("{topic}::{case}"), shown(engine), what.to_owned()));
        }
    }
    found
}

fn listed(line: &str) -> Option<Difference> {
    let cells: Vec<_> = line.split('|').map(str::trim).collect();
    let [_, what, engine, case, _] = cells[..] else {
        return None;
    };
    let case = case.strip_prefix('`')?.strip_suffix('`')?;
    Some((case.to_owned(), engine.to_owned(), what.to_owned()))
}

fn shown(engine: &str) -> String {
    match engine {
        "Embedded" => "embedded".to_owned(),
        "DynamoDbLocal" => "DynamoDB Local".to_owned(),
        other => other.to_owned(),
    }
}
