//! `keyfold model check`: what the compiler would say of a design.

use clap::Args;
use serde_json::json;

use super::Which;
use crate::failure::Failed;
use crate::format::{Format, FormatArgs};
use crate::say;

/// Checks keys and access patterns. Exit code 1 where there is a finding.
#[derive(Debug, Args)]
pub struct Check {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    format: FormatArgs,
}

impl Check {
    pub fn run(self) -> Result<(), Failed> {
        let model = self.which.read()?;
        let findings = keyfold_model::check::findings(&model);
        match self.format.chosen() {
            Format::Text if findings.is_empty() => say::out(&format!(
                "{}: {} entities, {} access patterns, nothing found\n",
                model.name,
                model.entities.len(),
                model.all_patterns().count()
            )),
            Format::Text => say::out(&(findings.join("\n") + "\n")),
            Format::Json => {
                let answer = json!({ "model": model.name, "findings": findings });
                say::out(&format!("{answer:#}\n"));
            }
        }
        match findings.len() {
            0 => Ok(()),
            many => Err(Failed::found(format!(
                "{many} finding{} in the design `{}`\nhint: `keyfold explain CODE` says what each means and what to do",
                if many == 1 { "" } else { "s" },
                model.name
            ))),
        }
    }
}
