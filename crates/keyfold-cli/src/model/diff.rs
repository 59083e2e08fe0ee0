//! `keyfold model diff`: what a change means for what is stored.

use std::path::PathBuf;

use clap::Args;
use keyfold_export::diff::diff;

use super::read;
use crate::failure::Failed;
use crate::format::{Format, FormatArgs};
use crate::say;

/// Compares two model files. Exit code 1 where stored items do not survive the change as it is.
#[derive(Debug, Args)]
pub struct Diff {
    /// The design that the stored items were written by, such as the file of the release that runs.
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// The design to come.
    #[arg(value_name = "NEW")]
    new: PathBuf,
    #[command(flatten)]
    format: FormatArgs,
}

impl Diff {
    pub fn run(self) -> Result<(), Failed> {
        let diff = diff(&read(Some(&self.old))?, &read(Some(&self.new))?);
        match self.format.chosen() {
            Format::Text => say::out(&diff.to_string()),
            Format::Json => {
                let text = serde_json::to_string_pretty(&diff).map_err(Failed::not_finished)?;
                say::out(&(text + "\n"));
            }
        }
        if diff.is_safe() {
            return Ok(());
        }
        Err(Failed::found(
            "stored items do not survive this change as it is\nhint: take the steps above, each in a release of its own; a model file for every step shows with this command that it is safe",
        ))
    }
}
