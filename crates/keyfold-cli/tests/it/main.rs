//! The `keyfold` command, as people run it.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on ends by panicking, in its helpers too"
)]

mod beginning;
mod cost;
mod design;
mod exporting;
mod fixture;
#[expect(
    dead_code,
    clippy::struct_field_names,
    clippy::upper_case_acronyms,
    reason = "types that were written by the command, named as in the files they come from"
)]
mod imported;
mod looking;
mod moving;
mod snapshots;
mod stopping;
mod streams;
mod throttled;
mod up;

use std::process::{Command, Output};

fn keyfold(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_keyfold"));
    command.args(args);
    for variable in [
        "SIGNING_SECRET",
        "AWS_ENDPOINT_URL_DYNAMODB",
        "OPEN_DEMO",
        "DYNAMODB_TABLE",
    ] {
        command.env_remove(variable);
    }
    // Messages are not broken at the width of somebody's terminal.
    command.env("NO_COLOR", "1");
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// An error's message without the lines it is broken into for people.
fn words(bytes: &[u8]) -> String {
    let text = text(bytes);
    let words = text.split_whitespace().filter(|word| *word != "│");
    words.collect::<Vec<_>>().join(" ")
}

fn run(args: &[&str]) -> Output {
    keyfold(args).output().unwrap()
}
