//! `keyfold model`: a table's design, as it stands in `keyfold.model.json` or in an application of ours.

mod check;
mod diff;
mod export;
mod import;
mod text;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use keyfold::Table as _;
use keyfold_model::TableModel;

use crate::failure::Failed;
use crate::format::{Format, FormatArgs};
use crate::say;

/// What to do with a design.
#[derive(Debug, Subcommand)]
#[expect(
    clippy::doc_markdown,
    reason = "this documentation is the help that people read"
)]
pub enum Model {
    /// Show entities with their keys, indexes, access patterns and the items kept in step.
    Show(Show),
    /// Check the design as the compiler checks it: keys that meet, patterns that do not fit.
    Check(check::Check),
    /// Write it as infrastructure, policies, documents, a diagram or a NoSQL Workbench file.
    Export(export::Export),
    /// Make a model file, or Rust types, of a NoSQL Workbench file.
    Import(import::Import),
    /// Say what changed between two model files, whether stored items survive it, and the steps if not.
    Diff(diff::Diff),
}

/// Which design, and how.
#[derive(Debug, Args)]
pub struct Show {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    format: FormatArgs,
}

/// Which design.
#[derive(Debug, Args)]
pub struct Which {
    /// The model file, which a snapshot test in your project writes [default: keyfold.model.json].
    #[arg(long, value_name = "FILE", conflicts_with = "app")]
    model: Option<PathBuf>,
    /// An application of ours.
    #[arg(long)]
    app: Option<App>,
}

/// The applications.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum App {
    /// Anti-counterfeiting.
    Genuproof,
}

/// Runs the command.
pub fn run(model: Model) -> Result<(), Failed> {
    match model {
        Model::Show(show) => show.run(),
        Model::Check(check) => check.run(),
        Model::Export(export) => export.run(),
        Model::Import(import) => import.run(),
        Model::Diff(diff) => diff.run(),
    }
}

impl Show {
    fn run(self) -> Result<(), Failed> {
        let model = self.which.read()?;
        let text = match self.format.chosen() {
            Format::Text => text::of(&model),
            Format::Json => json(&model)?,
        };
        say::out(&text);
        Ok(())
    }
}

impl Which {
    /// The design that is meant.
    fn read(&self) -> Result<TableModel<'static>, Failed> {
        if let Some(App::Genuproof) = self.app {
            return Ok(genuproof::table::Genuproof::model().clone());
        }
        read(self.model.as_deref())
    }
}

/// The design in a model file: the one that is named, or the one that lies here.
pub fn read(named: Option<&Path>) -> Result<TableModel<'static>, Failed> {
    let file = named.unwrap_or(Path::new("keyfold.model.json"));
    if named.is_none() && !file.exists() {
        return Err(Failed::wrong_use(
            "there is no keyfold.model.json here\nhint: name one with --model FILE, or an application of ours with --app; your own is written by a test that calls keyfold::model::snapshot",
        ));
    }
    keyfold::model::read(file).map_err(|error| {
        Failed::not_finished(format!(
            "the model file {} cannot be read: {error}",
            file.display()
        ))
    })
}

/// As it stands in a model file.
fn json(model: &TableModel<'_>) -> Result<String, Failed> {
    Ok(serde_json::to_string_pretty(model).map_err(Failed::not_finished)? + "\n")
}

/// Writes to a file, or else to standard output.
fn put(file: Option<&Path>, text: &str) -> Result<(), Failed> {
    let Some(file) = file else {
        say::out(text);
        return Ok(());
    };
    std::fs::write(file, text).map_err(|error| {
        Failed::not_finished(format!("{} cannot be written: {error}", file.display()))
    })
}

/// Reads a file that was named.
fn text_of(file: &Path) -> Result<String, Failed> {
    std::fs::read_to_string(file).map_err(|error| {
        Failed::not_finished(format!("{} cannot be read: {error}", file.display()))
    })
}
