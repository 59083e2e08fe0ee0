//! `keyfold model`: a table's design, as it stands in `keyfold.model.json` or in an application of ours.

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
pub enum Model {
    /// Show entities with their keys, indexes, access patterns and the items kept in step.
    Show(Show),
}

/// Which design, and how.
#[derive(Debug, Args)]
pub struct Show {
    /// The model file, which a snapshot test in your project writes [default: keyfold.model.json].
    #[arg(long, value_name = "FILE", conflicts_with = "app")]
    model: Option<PathBuf>,
    /// An application of ours.
    #[arg(long)]
    app: Option<App>,
    #[command(flatten)]
    format: FormatArgs,
}

/// The applications.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum App {
    /// Anti-counterfeiting.
    Genuproof,
}

/// Runs the command.
pub fn run(model: Model) -> Result<(), Failed> {
    let Model::Show(show) = model;
    match show.app {
        Some(App::Genuproof) => shown(genuproof::table::Genuproof::model(), show.format.chosen()),
        None => shown(&read(show.model.as_deref())?, show.format.chosen()),
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

fn shown(model: &TableModel<'_>, format: Format) -> Result<(), Failed> {
    let text = match format {
        Format::Text => text::of(model),
        Format::Json => serde_json::to_string_pretty(model).map_err(Failed::not_finished)? + "\n",
    };
    say::out(&text);
    Ok(())
}
