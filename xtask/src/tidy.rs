//! `cargo xtask tidy`: what neither the compiler nor clippy checks.
//!
//! One file per check. Each is proven to fire and to stay silent on a small workspace made for
//! the test.

mod dependencies;
mod excerpts;
mod front_pages;
mod licences;
mod links;
mod lints;
mod manifest;
mod module_files;
mod repository;

use std::fmt;

use cargo_metadata::camino::{Utf8Path, Utf8PathBuf};

use repository::Repository;

/// One thing to change: where it stands, what is wrong and what to write instead.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Offence {
    file: Utf8PathBuf,
    line: usize,
    what: String,
}

impl fmt::Display for Offence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Offence { file, line, what } = self;
        write!(f, "{file}:{line}: {what}")
    }
}

/// Runs every check on the repository at `root`; what they find is in order of file and line.
pub fn run(root: &Utf8Path) -> anyhow::Result<Vec<Offence>> {
    let repository = Repository::read(root)?;
    let checks = [
        dependencies::check,
        excerpts::check,
        front_pages::check,
        licences::check,
        links::check,
        lints::check,
        module_files::check,
    ];
    let mut offences = Vec::new();
    for check in checks {
        offences.extend(check(&repository)?);
    }
    offences.sort();
    Ok(offences)
}

#[cfg(test)]
mod fixture;
