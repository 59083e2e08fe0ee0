//! Java, Kotlin, Go and infrastructure: what is found in each fixture, line by line.
//!
//! A fixture says itself what is found: `//^ Query orders byDate` is a call of that operation on that table and
//! index, `//~ rule-id` a finding, on that line. A line without a mark has neither.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on ends by panicking, in its helpers too"
)]

mod infrastructure;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use keyfold_audit::config::Config;
use keyfold_audit::lang::Lang;
use keyfold_audit::link::eval::Eval;
use keyfold_audit::link::{Project, SourceFile};
use keyfold_audit::rules::{CHECKS, Check, Context, Draft};
use keyfold_audit::sites::{FileSites, Named};
use keyfold_audit::tables::Infrastructure;
use keyfold_audit::{infra, layer, lower, reach, sites, walk};

/// A fixture's folder, read and judged.
pub struct Read {
    /// Linked facts.
    pub project: Project,
    /// Calls.
    pub sites: Vec<FileSites>,
    /// Tables, rights, consumers.
    pub infra: Infrastructure,
    /// Findings.
    pub drafts: Vec<Draft>,
}

/// Reads `tests/fixtures/<folder>`.
///
/// # Panics
/// When a fixture cannot be read.
pub fn read(folder: &str) -> Read {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(folder);
    let mut files = Vec::new();
    let mut scripts = Vec::new();
    for entry in walk::walk(&root, std::slice::from_ref(&root), &[]).unwrap() {
        let text = std::fs::read_to_string(&entry.full).unwrap();
        let Some((lang, grammar)) = Lang::of_path(&entry.path) else {
            scripts.push((entry.path, text));
            continue;
        };
        let facts = lower::read(&text, lang, grammar, Duration::from_secs(5)).unwrap();
        assert_eq!(facts.errors, [], "{} is not read whole", entry.path);
        files.push(SourceFile::new(
            entry.path.clone(),
            lang,
            walk::role(&entry.path),
            facts,
        ));
    }
    let project = Project::new(files);
    let sites = sites::collect(&project);
    let infra = infra::collect(&project, &sites, &scripts);
    let config = Config::default();
    let reach = reach::find(&project, &config);
    let layer = layer::find(&project, &sites, &config, &reach.entry_files);
    let hints = BTreeMap::new();
    let context = Context {
        project: &project,
        sites: &sites,
        layer: &layer,
        reach: &reach,
        infra: &infra,
        config: &config,
        tables: &hints,
        tenant: None,
        tests: false,
    };
    let eval = Eval::new(&project);
    let mut drafts = Vec::new();
    for check in CHECKS {
        match check {
            Check::File(check) => (0..u32::try_from(project.files.len()).unwrap())
                .for_each(|file| check(&context, &eval, file, &mut drafts)),
            Check::Project(check) => check(&context, &eval, &mut drafts),
        }
    }
    Read {
        project,
        sites,
        infra,
        drafts,
    }
}

/// Rules that speak of the project as a whole: the fixtures of a language are no project.
const OF_THE_PROJECT: [&str; 10] = [
    "no-repository-layer",
    "sdk-bypass",
    "client-outside-layer",
    "table-name-unresolved",
    "index-name-unknown",
    "unused-gsi",
    "table-per-entity",
    "mixed-retention",
    "context-crossing",
    "sdk-end-of-support",
];

fn marks(text: &str, sign: &str) -> BTreeSet<(u32, String)> {
    let mut out = BTreeSet::new();
    for (at, line) in (1u32..).zip(text.lines()) {
        for mark in line.split(sign).skip(1) {
            let mark = mark.split(" //").next().unwrap_or(mark);
            out.extend(mark.split(';').map(|mark| (at, mark.trim().to_owned())));
        }
    }
    out
}

fn check(folder: &str) {
    let read = read(folder);
    let mut wrong = Vec::new();
    for (id, file) in read.project.ids() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/fixtures")
            .join(folder);
        let text = std::fs::read_to_string(root.join(&file.path)).unwrap();
        let label = |named: &Named| named.label().unwrap_or_else(|| "?".to_owned());
        let calls: BTreeSet<(u32, String)> = read.sites[id as usize]
            .sites
            .iter()
            .map(|site| {
                let index = site
                    .index
                    .as_ref()
                    .map(|index| format!(" {}", label(index)));
                (
                    site.line,
                    format!(
                        "{} {}{}",
                        site.op.name(),
                        label(&site.table),
                        index.unwrap_or_default()
                    ),
                )
            })
            .collect();
        compare(
            &file.path,
            "call",
            &marks(&text, "//^ "),
            &calls,
            &mut wrong,
        );
        let findings: BTreeSet<(u32, String)> = read
            .drafts
            .iter()
            .filter(|draft| draft.file == file.path && !OF_THE_PROJECT.contains(&draft.rule.id))
            .map(|draft| (draft.span.line, draft.rule.id.to_owned()))
            .collect();
        compare(
            &file.path,
            "finding",
            &marks(&text, "//~ "),
            &findings,
            &mut wrong,
        );
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn compare(
    path: &str,
    what: &str,
    expected: &BTreeSet<(u32, String)>,
    found: &BTreeSet<(u32, String)>,
    wrong: &mut Vec<String>,
) {
    wrong.extend(
        expected
            .difference(found)
            .map(|(line, mark)| format!("{path}:{line} missed {what}: {mark}")),
    );
    wrong.extend(
        found
            .difference(expected)
            .map(|(line, mark)| format!("{path}:{line} extra {what}: {mark}")),
    );
}

#[test]
fn java_is_read_line_by_line() {
    check("java");
}

#[test]
fn kotlin_is_read_line_by_line() {
    check("kotlin");
}

#[test]
fn go_is_read_line_by_line() {
    check("go");
}
