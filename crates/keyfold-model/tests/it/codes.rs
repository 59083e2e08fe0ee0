//! Every code that is said has its page.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use keyfold_model::errors::{REGISTRY, explain};

/// The codes a text mentions, `KF` and four digits.
fn codes(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("KF").filter_map(|(at, _)| {
        let code = text.get(at..at + 6)?;
        code[2..]
            .bytes()
            .all(|b| b.is_ascii_digit())
            .then_some(code)
    })
}

#[test]
fn every_code_in_the_sources_is_in_the_registry() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut mentioned = BTreeSet::new();
    let mut folders = vec![sources];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("the sources") {
            let path = entry.expect("a file").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().is_some_and(|name| name != "errors.rs") {
                let text = fs::read_to_string(&path).expect("a source file");
                mentioned.extend(codes(&text).map(str::to_owned));
            }
        }
    }
    assert!(mentioned.len() > 10, "{mentioned:?}");
    let unknown: Vec<_> = mentioned
        .iter()
        .filter(|code| explain(code).is_none())
        .collect();
    assert!(unknown.is_empty(), "no page for {unknown:?}");
}

#[test]
fn every_page_says_why_and_what_to_do() {
    for entry in REGISTRY {
        assert_eq!(codes(entry.code).collect::<Vec<_>>(), [entry.code]);
        for words in [entry.title, entry.cause, entry.fix] {
            assert!(!words.trim().is_empty(), "{}", entry.code);
        }
        assert!(
            entry.cause.ends_with('.') && entry.fix.ends_with('.'),
            "{}",
            entry.code
        );
    }
    assert!(explain("KF9999").is_none());
}
