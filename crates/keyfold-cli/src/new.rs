//! `keyfold new NAME`: a project with one declared table, that builds, passes its tests and runs.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::failure::Failed;
use crate::say;

/// One table, the questions asked of it, a program and tests, on the engine in process; one feature away
/// from AWS.
#[derive(Debug, Args)]
pub struct New {
    /// The project's name, and its folder here.
    name: String,
    /// A checkout of Keyfold to build with; without it the one this command was built from while it is
    /// there, else the published version.
    #[arg(long, value_name = "DIR")]
    keyfold: Option<PathBuf>,
}

/// The project as it is in our own workspace, where it is compiled and tested.
macro_rules! ours {
    ($($file:literal),+) => {
        [$(($file, include_str!(concat!("../../../examples/my-table/", $file)))),+]
    };
}

const FILES: [(&str, &str); 6] = ours![
    ".gitignore",
    "README.md",
    "src/lib.rs",
    "src/main.rs",
    "src/table.rs",
    "tests/table.rs"
];

/// Where the crates of a checkout lie beside this one.
const CHECKOUT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// Makes the project.
pub fn run(new: &New) -> Result<(), Failed> {
    check(&new.name).map_err(Failed::wrong_use)?;
    let folder = Path::new(&new.name);
    if folder.exists() {
        return Err(Failed::wrong_use(format!(
            "{} is there already\nhint: choose another name, or remove it",
            folder.display()
        )));
    }
    let manifest = manifest(&new.name, &dependency(new.keyfold.as_deref())?);
    write(folder, &manifest, &new.name).map_err(|error| {
        Failed::not_finished(format!(
            "{} cannot be written: {error}\nhint: nothing was left behind; choose a folder that this user can write to",
            folder.display()
        ))
    })?;
    say::out(&format!(
        "{name} is ready: the table is declared in {name}/src/table.rs\n\n  cd {name}\n  cargo test\n  cargo run\n",
        name = new.name
    ));
    Ok(())
}

/// A folder beside it first: there is a whole project of that name or none.
fn write(folder: &Path, manifest: &str, name: &str) -> std::io::Result<()> {
    let partial = tempfile::Builder::new()
        .prefix(".keyfold-new-")
        .tempdir_in(".")?;
    let files = FILES
        .iter()
        .map(|(file, text)| (*file, named(text, name)))
        .chain([("Cargo.toml", manifest.to_owned())]);
    for (file, text) in files {
        let file = partial.path().join(file);
        if let Some(parent) = file.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(file, text)?;
    }
    open_to_others(partial.path())?;
    std::fs::rename(partial.path(), folder)
}

/// A temporary folder is its maker's alone; a project is not.
#[cfg(unix)]
fn open_to_others(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn open_to_others(_folder: &Path) -> std::io::Result<()> {
    Ok(())
}

fn named(text: &str, name: &str) -> String {
    text.replace("my-table", name)
        .replace("my_table", &name.replace('-', "_"))
}

/// What cargo takes as the name of a package whose library Rust code can name.
fn check(name: &str) -> Result<(), String> {
    let fits = name.starts_with(|first: char| first.is_ascii_lowercase())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_');
    if !fits {
        return Err(format!(
            "{name:?} cannot name a package\nhint: begin with a letter a-z, and go on with a-z, 0-9, - and _"
        ));
    }
    let taken = [
        "as",
        "async",
        "await",
        "break",
        "const",
        "continue",
        "crate",
        "dyn",
        "else",
        "enum",
        "extern",
        "false",
        "fn",
        "for",
        "gen",
        "if",
        "impl",
        "in",
        "let",
        "loop",
        "match",
        "mod",
        "move",
        "mut",
        "pub",
        "ref",
        "return",
        "self",
        "static",
        "struct",
        "super",
        "trait",
        "true",
        "type",
        "unsafe",
        "use",
        "where",
        "while",
        "abstract",
        "become",
        "box",
        "do",
        "final",
        "macro",
        "override",
        "priv",
        "try",
        "typeof",
        "unsized",
        "virtual",
        "yield",
        "test",
        "core",
        "std",
        "alloc",
        "proc_macro",
        "keyfold",
        "serde",
        "tokio",
    ];
    if taken.contains(&&*name.replace('-', "_")) {
        return Err(format!(
            "{name:?} means something else in Rust or in this project\nhint: choose another name"
        ));
    }
    Ok(())
}

fn dependency(checkout: Option<&Path>) -> Result<String, Failed> {
    let crate_of = |checkout: &Path| checkout.join("crates/keyfold");
    let named = match checkout {
        Some(checkout) if crate_of(checkout).join("Cargo.toml").is_file() => crate_of(checkout),
        Some(checkout) => {
            return Err(Failed::wrong_use(format!(
                "{} is no checkout of Keyfold\nhint: name the folder in which crates/keyfold lies",
                checkout.display()
            )));
        }
        None if crate_of(Path::new(CHECKOUT)).is_dir() => crate_of(Path::new(CHECKOUT)),
        None => {
            return Ok(format!("{{ version = \"{}\" }}", env!("CARGO_PKG_VERSION")));
        }
    };
    let path = std::fs::canonicalize(&named).unwrap_or(named);
    // As TOML writes text: a path may hold quotes and backslashes.
    let path = toml_text(&path.to_string_lossy());
    Ok(format!("{{ path = {path} }}"))
}

fn toml_text(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{escaped}\"")
}

fn manifest(name: &str, keyfold: &str) -> String {
    format!(
        r#"[package]
name = "{name}"
version = "0.1.0"
edition = "2024"
publish = false

[features]
# AWS in place of the engine in process: `cargo run --features aws`.
aws = ["dep:aws-config"]

[dependencies]
aws-config = {{ version = "{AWS_CONFIG}", optional = true, features = ["behavior-version-latest"] }}
aws-sdk-dynamodb = {{ version = "{AWS_SDK}", default-features = false, features = ["rt-tokio", "behavior-version-latest"] }}
keyfold = {keyfold}
serde = {{ version = "1", features = ["derive"] }}
tokio = {{ version = "1", features = ["macros", "rt-multi-thread"] }}

# A project of its own, also inside of another one's folder.
[workspace]
"#
    )
}

const AWS_CONFIG: &str = "1.13";
const AWS_SDK: &str = "1.136";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_depends_on_what_ours_does() {
        let ours = include_str!("../../../Cargo.toml");
        for (name, version) in [("aws-config", AWS_CONFIG), ("aws-sdk-dynamodb", AWS_SDK)] {
            let line = format!("{name} = {{ version = \"{version}\"");
            assert!(ours.contains(&line), "{line}");
        }
    }

    #[test]
    fn names_that_no_package_can_have_are_refused() {
        for good in ["shop", "my-shop", "shop2", "a_b"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for bad in ["", "2shop", "Shop", "a b", "../up", "try", "keyfold", "ä"] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn paths_are_written_as_text() {
        assert_eq!(toml_text(r#"a "b"\c"#), r#""a \"b\"\\c""#);
    }
}
