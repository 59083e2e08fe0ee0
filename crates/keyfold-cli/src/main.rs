//! The `keyfold` command. Wiring only: each command is a file, what it does lies in the libraries.

mod explain;
mod failure;
mod format;
mod model;
mod say;
mod up;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Single-table design on DynamoDB: runs it, shows it, explains it.
#[derive(Parser)]
#[command(name = "keyfold", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start everything in one process, with demonstration data, and say what to open.
    Up(up::Up),
    /// Look at a table's design.
    #[command(subcommand)]
    Model(model::Model),
    /// Say what an error code means and what to do.
    Explain(explain::Explain),
}

fn main() -> ExitCode {
    // A wrong use ends here, with exit code 2 and the usage.
    let cli = Cli::parse();
    let done = match cli.command {
        Command::Up(up) => up::run(up),
        Command::Model(model) => model::run(model),
        Command::Explain(explain) => explain::run(&explain),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => say::failed(&failed),
    }
}
