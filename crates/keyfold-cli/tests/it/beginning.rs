//! `keyfold new`.

use crate::{keyfold, text};

/// The whole of it, file by file; that it builds and does what it says is tested where it lies in our own
/// workspace.
#[test]
fn a_project_is_written_whole_under_its_own_name() {
    let folder = tempfile::tempdir().unwrap();
    let new = |name: &str| {
        let mut new = keyfold(&["new", name]);
        new.current_dir(folder.path()).output().unwrap()
    };
    let made = new("corner-shop");
    assert!(made.status.success(), "{}", text(&made.stderr));
    assert!(text(&made.stdout).contains("cd corner-shop"));
    let project = folder.path().join("corner-shop");
    let read = |file: &str| std::fs::read_to_string(project.join(file)).unwrap();
    let manifest = read("Cargo.toml");
    assert!(manifest.contains("name = \"corner-shop\"") && manifest.contains("keyfold = { "));
    assert!(read("src/main.rs").contains("use corner_shop::table::"));
    assert!(read("tests/table.rs").contains("use corner_shop::table::"));
    for file in ["src/table.rs", "src/lib.rs", "README.md", ".gitignore"] {
        let text = read(file);
        assert!(
            !text.contains("my-table") && !text.contains("my_table"),
            "{file}"
        );
    }

    // Nothing is ever written over.
    std::fs::write(project.join("src/lib.rs"), "mine").unwrap();
    let again = new("corner-shop");
    assert_eq!(again.status.code(), Some(2));
    assert!(text(&again.stderr).contains("is there already"));
    assert_eq!(read("src/lib.rs"), "mine");

    let named_badly = new("Corner Shop");
    assert_eq!(named_badly.status.code(), Some(2));
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[test]
fn a_checkout_that_is_none_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut new = keyfold(&["new", "shop", "--keyfold", "nowhere"]);
    let refused = new.current_dir(folder.path()).output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("crates/keyfold"));
    assert!(std::fs::read_dir(folder.path()).unwrap().next().is_none());
}
