//! `keyfold table create` and `verify`: a table and its model file.

use std::path::{Path, PathBuf};

use clap::Args;
use genuproof::settings::Storage;
use keyfold::model::{ModelledTable, TableModel};
use keyfold::{Difference, TableError};
use serde_json::json;

use super::error::OperateError;
use super::place::{self, Place, PlaceArgs};
use crate::failure::Failed;
use crate::format::{Format, FormatArgs};
use crate::say;

/// Which design, and where.
#[derive(Debug, Args)]
pub struct DesignArgs {
    /// The model file, which a snapshot test in your project writes.
    #[arg(long, value_name = "FILE", default_value = "keyfold.model.json")]
    model: PathBuf,
    /// The table's name [default: the model's name in lower case].
    #[arg(long, visible_alias = "table", value_name = "NAME")]
    name: Option<String>,
    #[command(flatten)]
    place: PlaceArgs,
    #[command(flatten)]
    format: FormatArgs,
}

/// Creates a table. One that is there is left as it is: fine if it fits, exit code 1 if it differs.
#[derive(Debug, Args)]
pub struct Create {
    #[command(flatten)]
    design: DesignArgs,
    /// Say what would be created, and create nothing.
    #[arg(long)]
    dry_run: bool,
}

/// Compares a table with its design; exit code 1 if they differ.
#[derive(Debug, Args)]
pub struct Verify {
    #[command(flatten)]
    design: DesignArgs,
}

const WOULD_CREATE: &str = "would be created";

impl Create {
    pub async fn run(self) -> Result<(), Failed> {
        let design = self.design.read()?;
        let storage = self.design.place.storage()?;
        let is_new_folder = matches!(&storage, Storage::Folder(dir) if !place::has_data(dir));
        if self.dry_run && is_new_folder {
            design.tell(self.design.format, WOULD_CREATE, &[]);
            return Ok(());
        }
        let place = place::reach(storage).await?;
        if self.dry_run {
            return match place.describe(&design.table).await {
                Ok(_) => design.compare(&place, self.design.format).await,
                Err(OperateError::NoTable { .. }) => {
                    design.tell(self.design.format, WOULD_CREATE, &[]);
                    Ok(())
                }
                Err(error) => Err(error.into()),
            };
        }
        match design.at(&place).create().await {
            Ok(()) => {
                design.tell(self.design.format, "created", &[]);
                Ok(())
            }
            Err(TableError::AlreadyThere { .. }) => {
                design.compare(&place, self.design.format).await
            }
            Err(error) => Err(Failed::not_finished(error)),
        }
    }
}

impl Verify {
    pub async fn run(self) -> Result<(), Failed> {
        let design = self.design.read()?;
        let place = self.design.place.reach().await?;
        design.compare(&place, self.design.format).await
    }
}

struct Design {
    model: TableModel<'static>,
    table: String,
}

impl DesignArgs {
    fn read(&self) -> Result<Design, Failed> {
        let model = read(&self.model)?;
        let table = self
            .name
            .clone()
            .unwrap_or_else(|| model.name.to_ascii_lowercase());
        Ok(Design { model, table })
    }
}

fn read(file: &Path) -> Result<TableModel<'static>, Failed> {
    if !file.exists() {
        return Err(Failed::wrong_use(format!(
            "there is no model file {}\nhint: name one with --model FILE; your own is written by a test that calls keyfold::model::snapshot",
            file.display()
        )));
    }
    keyfold::model::read(file).map_err(|error| {
        Failed::not_finished(format!(
            "the model file {} cannot be read: {error}",
            file.display()
        ))
    })
}

impl Design {
    fn at<'a>(&'a self, place: &'a Place) -> ModelledTable<'a, 'static> {
        ModelledTable {
            client: &place.client,
            table: &self.table,
            model: &self.model,
        }
    }

    async fn compare(&self, place: &Place, format: FormatArgs) -> Result<(), Failed> {
        // A table that is not there is told in its own words.
        place.describe(&self.table).await?;
        let differences = self.at(place).verify().await;
        let differences = differences.map_err(Failed::not_finished)?;
        if differences.is_empty() {
            self.tell(format, "as modelled", &[]);
            return Ok(());
        }
        self.tell(format, "different", &differences);
        Err(Failed::found(format!(
            "KF1015: table `{}` differs from its model in {} {}",
            self.table,
            differences.len(),
            if differences.len() == 1 {
                "place"
            } else {
                "places"
            }
        )))
    }

    fn tell(&self, format: FormatArgs, state: &str, differences: &[Difference]) {
        let text = match format.chosen() {
            Format::Text if differences.is_empty() => {
                format!("table `{}`: {state}\n", self.table)
            }
            Format::Text => differences
                .iter()
                .fold(String::new(), |mut text, difference| {
                    text.extend([&*difference.to_string(), "; ", difference.remedy(), "\n"]);
                    text
                }),
            Format::Json => {
                let all: Vec<_> = differences
                    .iter()
                    .map(|difference| {
                        json!({
                            "what": difference.what,
                            "expected": difference.expected,
                            "found": difference.found,
                            "remedy": difference.remedy(),
                        })
                    })
                    .collect();
                let told = json!({ "table": self.table, "state": state, "differences": all });
                format!("{told:#}\n")
            }
        };
        say::out(&text);
    }
}
