//! `--format text|json`, and `--json` for short.

use clap::{Args, ValueEnum};

/// How a command answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

/// The flags that choose it.
#[derive(Debug, Clone, Copy, Args)]
pub struct FormatArgs {
    /// How to answer.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Short for `--format json`.
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

impl FormatArgs {
    /// The format that was chosen.
    pub fn chosen(self) -> Format {
        if self.json { Format::Json } else { self.format }
    }
}
