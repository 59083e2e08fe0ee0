//! Designs as what others read, checked by the parsers and linters of those others.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on ends by panicking, in its helpers too"
)]

mod diff;
mod documents;
mod infrastructure;
mod tools;
mod workbench;

use std::path::{Path, PathBuf};

use keyfold_model::TableModel;

/// The design of an application, as its model file once was.
fn genuproof() -> TableModel<'static> {
    read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/genuproof.model.json"))
}

/// A design with everything a table can have, and names that need escaping everywhere.
fn awkward() -> TableModel<'static> {
    read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/awkward.model.json"))
}

fn read(path: PathBuf) -> TableModel<'static> {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Where pictures go that people look at.
fn artefact(name: &str, text: &str) {
    let folder = std::env::var_os("KEYFOLD_ARTEFACTS").map_or_else(
        || Path::new(env!("CARGO_TARGET_TMPDIR")).join("../artefacts"),
        PathBuf::from,
    );
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(name), text).unwrap();
}
