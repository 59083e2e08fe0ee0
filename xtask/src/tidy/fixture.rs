//! A small workspace on disk, made for one test.

use std::fs;

use cargo_metadata::MetadataCommand;
use cargo_metadata::camino::Utf8PathBuf;
use tempfile::TempDir;

use super::Offence;
use super::repository::Repository;

/// Files in a folder that goes away with the value: a cargo workspace.
pub struct Fixture {
    folder: TempDir,
    members: Vec<String>,
}

impl Fixture {
    pub fn new() -> Self {
        let fixture = Self {
            folder: TempDir::new().unwrap(),
            members: Vec::new(),
        };
        fixture.file(".gitignore", "/target\n")
    }

    pub fn file(self, path: &str, text: &str) -> Self {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    /// A crate of the workspace; `rest` follows its `[package]` table, from line 6 on.
    pub fn member(mut self, folder: &str, rest: &str) -> Self {
        self.members.push(folder.to_owned());
        self.package(folder, &format!("license = \"MIT\"\n{rest}"))
    }

    /// A crate outside of the workspace; its library has a front page unless the test wrote one.
    pub fn package(self, folder: &str, rest: &str) -> Self {
        let name = folder.rsplit('/').next().unwrap();
        let start =
            format!("[package]\nname = \"{name}\"\nversion = \"1.0.0\"\nedition = \"2024\"\n");
        let lib = format!("{folder}/src/lib.rs");
        let lib_is_there = self.folder.path().join(&lib).exists();
        let fixture = self.file(&format!("{folder}/Cargo.toml"), &format!("{start}{rest}"));
        if lib_is_there {
            return fixture;
        }
        fixture.file(&lib, "//! A front page.\n")
    }

    /// What a check says about it, in order.
    pub fn offences(
        &self,
        check: impl Fn(&Repository) -> anyhow::Result<Vec<Offence>>,
    ) -> Vec<String> {
        let root = Utf8PathBuf::try_from(self.folder.path().to_owned()).unwrap();
        let manifest = root.join("Cargo.toml");
        // Cargo refuses a workspace without members: then the root is a crate itself.
        let head = if self.members.is_empty() {
            fs::create_dir_all(root.join("src")).unwrap();
            fs::write(root.join("src/lib.rs"), "").unwrap();
            "[package]\nname = \"root\"\nlicense = \"MIT\"\n[workspace]\n".to_owned()
        } else {
            format!("[workspace]\nmembers = {:?}\n", self.members)
        };
        let tail = "resolver = \"3\"\nexclude = [\"outside\"]\n";
        let lints = "[workspace.lints.rust]\nunsafe_code = \"forbid\"\n";
        fs::write(&manifest, [&head, tail, lints].concat()).unwrap();
        let mut command = MetadataCommand::new();
        command.manifest_path(manifest);
        command.other_options(["--offline".to_owned()]);
        let repository = Repository::with_metadata(&root, &command).unwrap();
        let mut found = check(&repository).unwrap();
        found.sort();
        found.iter().map(ToString::to_string).collect()
    }
}
