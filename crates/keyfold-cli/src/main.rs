//! The `keyfold` command. Wiring only: each command is a file, what it does lies in the libraries.

mod audit;
mod cost;
mod explain;
mod failure;
mod format;
mod model;
mod new;
mod restore;
mod say;
mod snapshot;
mod streams;
mod table;
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
    /// Begin a project: a declared table, its questions, tests, and a program that runs.
    New(new::New),
    /// Look at a table's design.
    #[command(subcommand)]
    Model(model::Model),
    /// Create, check, export, import and copy tables.
    #[command(subcommand)]
    Table(table::Table),
    /// Look after pipelines: watch a stream, see how far they are and what they set aside.
    #[command(subcommand)]
    Streams(streams::Streams),
    /// Copy a data folder into one file, also while it is in use.
    Snapshot(snapshot::Snapshot),
    /// Put a snapshot into a data folder.
    Restore(restore::Restore),
    /// Predict what a design costs a month.
    Cost(Box<cost::Cost>),
    /// Read source and infrastructure, and say what hurts with DynamoDB.
    Audit(Box<audit::Audit>),
    /// Say what an error code means and what to do.
    Explain(explain::Explain),
}

fn main() -> ExitCode {
    // A wrong use ends here, with exit code 2 and the usage.
    let cli = Cli::parse();
    let done = match cli.command {
        Command::Up(up) => up::run(up),
        Command::New(new) => new::run(&new),
        Command::Model(model) => model::run(model),
        Command::Table(table) => table::run(table),
        Command::Streams(streams) => streams::run(streams),
        Command::Snapshot(snapshot) => snapshot::run(&snapshot),
        Command::Restore(restore) => restore::run(&restore),
        Command::Cost(cost) => cost::run(&cost),
        Command::Audit(audit) => return audit::run(*audit),
        Command::Explain(explain) => explain::run(&explain),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => say::failed(&failed),
    }
}
