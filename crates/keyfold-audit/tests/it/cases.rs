//! Every rule fires on what its cases mark and is silent on the rest; and the matrix of rules and surfaces, whole.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use keyfold_audit::cases::{self, Case, SURFACES};
use keyfold_audit::rules::RULES;

use crate::run::{fixtures, found, project, with_meter};

fn marked(case: &Case) -> BTreeSet<(String, u64)> {
    let mut out = BTreeSet::new();
    for file in &case.files {
        for (number, line) in (1u64..).zip(file.text.lines()) {
            if cases::is_marked(line) {
                out.insert((file.path.clone(), number));
            }
        }
    }
    out
}

#[test]
fn every_rule_fires_on_what_its_cases_mark_and_is_silent_on_the_rest() {
    let mut wrong = String::new();
    for rule in RULES {
        for case in cases::of(rule.id) {
            let files: Vec<(&str, &str)> = case
                .files
                .iter()
                .map(|f| (f.path.as_str(), f.text.as_str()))
                .collect();
            let folder = project(&files);
            let metered = folder.path().join("metered.json");
            let report = with_meter(folder.path(), metered.is_file().then_some(metered));
            let actual: BTreeSet<(String, u64)> = case
                .files
                .iter()
                .flat_map(|file| {
                    found(&report, &file.path)
                        .into_iter()
                        .filter(|(name, _)| name == rule.id)
                        .map(|(_, line)| (file.path.clone(), line))
                })
                .collect();
            let expected = marked(&case);
            let kind = if case.fires { "fires" } else { "silent" };
            if case.fires == expected.is_empty() {
                let _ = writeln!(
                    wrong,
                    "{} {kind} {}: its marks say otherwise",
                    rule.id, case.surface
                );
            }
            for (file, line) in expected.difference(&actual) {
                let _ = writeln!(
                    wrong,
                    "{} {kind} {}: missed {file}:{line}",
                    rule.id, case.surface
                );
            }
            for (file, line) in actual.difference(&expected) {
                let _ = writeln!(
                    wrong,
                    "{} {kind} {}: extra {file}:{line}",
                    rule.id, case.surface
                );
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn no_rule_is_without_a_case_that_fires_and_one_that_is_silent() {
    let without: Vec<&str> = RULES
        .iter()
        .map(|rule| rule.id)
        .filter(|rule| {
            let cases = cases::of(rule);
            !cases.iter().any(|c| c.fires) || !cases.iter().any(|c| !c.fires)
        })
        .collect();
    assert!(without.is_empty(), "without cases: {}", without.join(", "));
    for case in RULES.iter().flat_map(|rule| cases::of(rule.id)) {
        assert!(
            SURFACES.contains(&case.surface.as_str()),
            "no surface: {}",
            case.surface
        );
    }
}

/// Rules that speak of definitions: they have nothing to say in a program.
const OF_DEFINITIONS: [&str; 14] = [
    "wildcard-iam",
    "gsi-proliferation",
    "unused-gsi",
    "projection-all",
    "no-ttl-on-ephemeral",
    "missing-pitr",
    "missing-encryption",
    "missing-deletion-protection",
    "capacity-without-autoscaling",
    "stream-without-consumer",
    "consumer-without-filter",
    "trigger-without-failure-destination",
    "gsi-key-type-mismatch",
    "attribute-unused",
];

/// Rules that speak of definitions and of programs.
const OF_BOTH: [&str; 5] = [
    "table-per-entity",
    "suppression-without-reason",
    "suppression-unused",
    "suppression-expired",
    "unknown-rule-in-config",
];

/// The surface of a fixture's file.
fn surface_of(path: &Path) -> Option<&'static str> {
    if path.components().any(|part| part.as_os_str() == "infra") {
        return Some("infrastructure");
    }
    Some(match path.extension()?.to_str()? {
        "ts" | "tsx" | "js" => "typescript",
        "py" => "python",
        "rs" => "rust",
        "java" => "java",
        "kt" => "kotlin",
        "go" => "go",
        "tf" | "yml" | "yaml" | "json" => "infrastructure",
        _ => return None,
    })
}

fn fixture_marks(at: &Path, out: &mut BTreeMap<String, BTreeSet<&'static str>>) {
    for entry in std::fs::read_dir(at).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            fixture_marks(&path, out);
            continue;
        }
        let Some(surface) = surface_of(&path) else {
            continue;
        };
        for line in std::fs::read_to_string(&path).unwrap().lines() {
            let Some((_, list)) = line.split_once("//~ ").or_else(|| line.split_once("#~ ")) else {
                continue;
            };
            for word in list.split([',', ';', ' ']) {
                out.entry(word.trim().to_owned())
                    .or_default()
                    .insert(surface);
            }
        }
    }
}

fn matrix() -> String {
    let mut fixtured = BTreeMap::new();
    fixture_marks(&fixtures(), &mut fixtured);
    let mut out = String::from(
        "# Rules and surfaces\n\n\
         What is tested of each rule on each surface, from its cases and fixtures. Written by a test, which fails when a cell \
         changes: `KEYFOLD_DOCS=write cargo test -p keyfold-audit matrix`.\n\n\
         **both**: a case that fires and one that stays silent · **fires**: only that · **open**: the rule may work there, and \
         nothing proves it · –: not applicable.\n\n| rule |",
    );
    for surface in SURFACES {
        let _ = write!(out, " {surface} |");
    }
    out.push_str("\n|---|---|---|---|---|---|---|---|---|\n");
    for rule in RULES {
        let cases = cases::of(rule.id);
        let _ = write!(out, "| `{}` |", rule.id);
        for surface in SURFACES {
            let has = |fires: bool| {
                cases
                    .iter()
                    .any(|c| c.surface == surface && c.fires == fires)
            };
            let fires = has(true) || fixtured.get(rule.id).is_some_and(|of| of.contains(surface));
            let live = keyfold_audit::rules::live::RULES
                .iter()
                .any(|l| l.id == rule.id);
            let applies = match surface {
                "metered" => live,
                "infrastructure" => OF_DEFINITIONS.contains(&rule.id) || OF_BOTH.contains(&rule.id),
                _ => !live && !OF_DEFINITIONS.contains(&rule.id),
            };
            let cell = match (fires, has(false), applies) {
                (true, true, _) => "both",
                (true, false, _) => "fires",
                (false, _, true) => "open",
                (false, _, false) => "–",
            };
            let _ = write!(out, " {cell} |");
        }
        out.push('\n');
    }
    out
}

#[test]
fn the_matrix_of_rules_and_surfaces_is_as_written() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/audit-matrix.md");
    let now = matrix();
    if std::env::var("KEYFOLD_DOCS").is_ok_and(|value| value == "write") {
        std::fs::write(&path, &now).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    for (was, is) in written.lines().zip(now.lines()) {
        assert_eq!(was, is, "KEYFOLD_DOCS=write writes it anew");
    }
    assert_eq!(written.lines().count(), now.lines().count());
}
