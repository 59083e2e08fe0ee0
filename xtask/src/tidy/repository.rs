//! What the checks look at: the files that belong to the repository, and cargo's view of it.

use std::collections::BTreeSet;
use std::fs;

use anyhow::Context as _;
use cargo_metadata::camino::{Utf8Path, Utf8PathBuf};
use cargo_metadata::{Metadata, MetadataCommand, Package};
use ignore::WalkBuilder;

use super::Offence;

/// The files that belong to the repository, and what cargo says about its crates.
pub struct Repository {
    pub root: Utf8PathBuf,
    /// Relative to the root; without what `.gitignore` names, which a fresh clone does not have.
    pub files: BTreeSet<Utf8PathBuf>,
    pub metadata: Metadata,
}

impl Repository {
    pub fn read(root: &Utf8Path) -> anyhow::Result<Self> {
        let mut command = MetadataCommand::new();
        command.manifest_path(root.join("Cargo.toml"));
        Self::with_metadata(root, &command)
    }

    pub(super) fn with_metadata(
        root: &Utf8Path,
        command: &MetadataCommand,
    ) -> anyhow::Result<Self> {
        let metadata = command.exec().context("cargo metadata failed")?;
        // Cargo resolves links in its own paths; ours must be made the same way.
        let root = metadata
            .workspace_root
            .clone()
            .canonicalize_utf8()
            .with_context(|| format!("cannot find the repository at {root}"))?;
        let files = files_below(&root)?;
        Ok(Self {
            root,
            files,
            metadata,
        })
    }

    pub fn text(&self, file: &Utf8Path) -> anyhow::Result<String> {
        fs::read_to_string(self.root.join(file)).with_context(|| format!("cannot read {file}"))
    }

    pub fn files_ending<'r>(&'r self, end: &'static str) -> impl Iterator<Item = &'r Utf8Path> {
        let files = self.files.iter().map(Utf8PathBuf::as_path);
        files.filter(move |file| file.as_str().ends_with(end))
    }

    /// Whether a fresh clone has this file or folder.
    pub fn has(&self, path: &Utf8Path) -> bool {
        let below = |file: &Utf8PathBuf| file.starts_with(path);
        self.files.contains(path) || self.files.iter().any(below)
    }

    pub fn members(&self) -> Vec<&Package> {
        self.metadata.workspace_packages()
    }

    /// A path of cargo's, relative to the root.
    pub fn relative(&self, path: &Utf8Path) -> Utf8PathBuf {
        path.strip_prefix(&self.root).unwrap_or(path).to_owned()
    }
}

/// An offence in one of the repository's files.
pub fn offence(file: impl Into<Utf8PathBuf>, line: usize, what: impl Into<String>) -> Offence {
    Offence {
        file: file.into(),
        line,
        what: what.into(),
    }
}

fn files_below(root: &Utf8Path) -> anyhow::Result<BTreeSet<Utf8PathBuf>> {
    let walk = WalkBuilder::new(root)
        .standard_filters(false)
        .git_ignore(true)
        .require_git(false)
        .filter_entry(|entry| entry.file_name() != ".git")
        .build();
    let mut files = BTreeSet::new();
    for entry in walk {
        let entry = entry.context("cannot list the repository's files")?;
        if entry.file_type().is_some_and(|kind| kind.is_file()) {
            let path = Utf8PathBuf::try_from(entry.into_path())?;
            files.insert(path.strip_prefix(root)?.to_owned());
        }
    }
    Ok(files)
}
