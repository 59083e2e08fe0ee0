//! Where things stand in a `Cargo.toml` or `Cargo.lock`: cargo's metadata has no lines.

use anyhow::Context as _;
use cargo_metadata::camino::Utf8Path;
use toml::de::{DeTable, DeValue};

use crate::markdown::line_at;

/// The line that declares a dependency which is not only for development; 1 if there is none.
pub fn dependency_line(text: &str, kind: DependencyTable, name: &str) -> usize {
    let Ok(manifest) = DeTable::parse(text) else {
        return 1;
    };
    let manifest = manifest.get_ref();
    let mut tables = vec![manifest];
    // `[target.'cfg(unix)'.dependencies]`
    if let Some(DeValue::Table(targets)) = manifest.get("target").map(toml::Spanned::get_ref) {
        tables.extend(
            targets
                .values()
                .filter_map(|target| target.get_ref().as_table()),
        );
    }
    let found = tables.into_iter().find_map(|table| {
        let dependencies = table.get(kind.key())?.get_ref().as_table()?;
        let found = dependencies.iter().find(|(key, value)| {
            let package = value
                .get_ref()
                .get("package")
                .and_then(|package| package.get_ref().as_str());
            package.unwrap_or(key.get_ref()) == name
        });
        found.map(|(key, _)| line_at(text, key.span().start))
    });
    found.unwrap_or(1)
}

/// The three tables of a manifest that hold dependencies.
#[derive(Clone, Copy)]
pub enum DependencyTable {
    Normal,
    Build,
    Development,
}

impl DependencyTable {
    fn key(self) -> &'static str {
        match self {
            Self::Normal => "dependencies",
            Self::Build => "build-dependencies",
            Self::Development => "dev-dependencies",
        }
    }
}

/// Whether the manifest says `[lints] workspace = true`.
pub fn inherits_lints(file: &Utf8Path, text: &str) -> anyhow::Result<bool> {
    let manifest = DeTable::parse(text).with_context(|| format!("cannot read {file}"))?;
    let lints = manifest
        .get_ref()
        .get("lints")
        .and_then(|lints| lints.get_ref().get("workspace"));
    Ok(lints.is_some_and(|inherits| inherits.get_ref().as_bool() == Some(true)))
}

/// The line of a package in `Cargo.lock`; 1 if it is not there.
pub fn locked_line(text: &str, name: &str, version: &str) -> usize {
    let Ok(lock) = DeTable::parse(text) else {
        return 1;
    };
    let packages = lock
        .get_ref()
        .get("package")
        .and_then(|packages| packages.get_ref().as_array());
    let found = packages.into_iter().flatten().find(|package| {
        let is = |key, value| {
            package
                .get_ref()
                .get(key)
                .and_then(|found| found.get_ref().as_str())
                == Some(value)
        };
        is("name", name) && is("version", version)
    });
    let name = found.and_then(|package| package.get_ref().get("name"));
    name.map_or(1, |name| line_at(text, name.span().start))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = "[package]\nname = \"a\"\n\n[dev-dependencies]\nb = \"1\"\n\n\
        [dependencies]\nb = \"1\"\nc = { path = \"c\" }\nrenamed = { package = \"d\", path = \"d\" }\n\n\
        [target.'cfg(unix)'.dependencies]\ne = \"1\"\n\n[build-dependencies.f]\npath = \"f\"\n";

    #[test]
    fn a_dependency_is_found_in_its_table_under_its_package_name() {
        use DependencyTable::{Build, Development, Normal};
        let line = |kind, name| dependency_line(MANIFEST, kind, name);
        assert_eq!(line(Development, "b"), 5);
        assert_eq!(line(Normal, "b"), 8);
        assert_eq!(line(Normal, "d"), 10);
        assert_eq!(line(Normal, "e"), 13);
        assert_eq!(line(Build, "f"), 15);
        assert_eq!(line(Normal, "absent"), 1);
    }

    #[test]
    fn a_locked_package_is_found_by_name_and_version() {
        let lock = "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n\n\
                    [[package]]\nname = \"a\"\nversion = \"2.0.0\"\n";
        assert_eq!(locked_line(lock, "a", "2.0.0"), 8);
        assert_eq!(locked_line(lock, "a", "3.0.0"), 1);
    }
}
