//! The page of error codes is made from the registry.

use std::fmt::Write as _;
use std::path::Path;

use keyfold_model::errors::REGISTRY;

#[test]
fn the_page_of_error_codes_is_what_the_registry_says() {
    let mut page = String::from(
        "# Error codes\n\n\
         Every error Keyfold gives has a code that stays. `keyfold explain KF0002` prints its entry.\n\
         This page is made from the registry in `keyfold-model`; run its tests with `KEYFOLD_DOCS=write` after a change there.\n",
    );
    for entry in REGISTRY {
        let _ = write!(
            page,
            "\n## {}: {}\n\n{}\n\n**What to do.** {}\n",
            entry.code, entry.title, entry.cause, entry.fix
        );
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/errors.md");
    if std::env::var_os("KEYFOLD_DOCS").is_some_and(|value| value == "write") {
        std::fs::write(&path, &page).expect("written");
    }
    let found = std::fs::read_to_string(&path).expect("docs/errors.md is there");
    assert!(
        found == page,
        "docs/errors.md is not what the registry says; run with KEYFOLD_DOCS=write"
    );
}
