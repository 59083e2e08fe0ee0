//! Infrastructure as the tools read it that it is made for.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use keyfold_export::{Tenant, With, cloud_formation, terraform};
use serde_json::Value;

use crate::{awkward, genuproof};

/// A program that `cargo xtask test` installs.
fn installed(program: &str) -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let path = target.join("clients/infrastructure/bin").join(program);
    assert!(
        path.exists(),
        "no {}\nhint: `cargo xtask test` installs what the tests need; after that `cargo test` finds it",
        path.display()
    );
    path
}

/// A file for a program to read.
fn file(name: &str, text: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("infrastructure");
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn lint(files: &[PathBuf]) -> Output {
    Command::new(installed("cfn-lint"))
        .arg("--")
        .args(files)
        .output()
        .unwrap()
}

fn with_tenant() -> With<'static> {
    With {
        policies: true,
        tenant: Some(Tenant {
            part: "tenant",
            principal_tag: "tenant-id",
        }),
    }
}

fn with_policies() -> With<'static> {
    With {
        policies: true,
        tenant: None,
    }
}

#[test]
fn cloud_formation_has_nothing_for_its_linter() {
    let mut files = Vec::new();
    for (name, model, with) in [
        ("genuproof", genuproof(), with_policies()),
        ("awkward", awkward(), with_tenant()),
        ("plain", genuproof(), With::default()),
    ] {
        let template = cloud_formation(&model, name, with).unwrap();
        files.push(file(&format!("{name}.json"), &template.to_json()));
        files.push(file(&format!("{name}.yaml"), &template.to_yaml()));
    }
    let said = lint(&files);
    assert!(
        said.status.success() && said.stdout.is_empty(),
        "{}{}",
        String::from_utf8_lossy(&said.stdout),
        String::from_utf8_lossy(&said.stderr)
    );
    // The linter would say it.
    let template = cloud_formation(&genuproof(), "genuproof", With::default()).unwrap();
    let wrong = template
        .to_yaml()
        .replace("KeyType: HASH", "KeyType: HASHED");
    assert!(!lint(&[file("wrong.yaml", &wrong)]).status.success());
}

fn parsed(name: &str, text: &str) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/hcl.py");
    let said = Command::new(installed("python"))
        .arg(script)
        .arg(file(name, text))
        .output()
        .unwrap();
    assert!(
        said.status.success(),
        "{}\n{text}",
        String::from_utf8_lossy(&said.stderr)
    );
    serde_json::from_slice(&said.stdout).unwrap()
}

#[test]
fn terraform_is_read_by_a_parser_of_its_language() {
    let text = terraform(&genuproof(), "genuproof", with_policies()).unwrap();
    let read = parsed("genuproof.tf", &text).to_string();
    for word in [
        "aws_dynamodb_table",
        "GSI1PK",
        "NEW_AND_OLD_IMAGES",
        "dynamodb:GetRecords",
        "stream_arn",
    ] {
        assert!(read.contains(word), "no {word} in {read}");
    }
    let text = terraform(&awkward(), "awkward", with_tenant()).unwrap();
    let read = parsed("awkward.tf", &text).to_string();
    // IAM's variables and odd attribute names stay text.
    assert!(read.contains("$${x}"), "{read}");
    assert!(
        read.contains("TENANT#$${aws:PrincipalTag/tenant-id}"),
        "{read}"
    );
}
