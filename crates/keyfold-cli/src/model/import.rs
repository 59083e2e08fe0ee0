//! `keyfold model import`: a `NoSQL` Workbench file as a model file, or as Rust types.

use std::path::PathBuf;

use clap::Args;
use keyfold_export::Tree;
use keyfold_export::workbench::{self, Table};

use super::{json, put, text_of};
use crate::failure::Failed;
use crate::say;

/// Reads a data model that NoSQL Workbench exported, and writes it as a model file or as Rust types.
#[derive(Debug, Args)]
#[expect(
    clippy::doc_markdown,
    reason = "this documentation is the help that people read"
)]
pub struct Import {
    /// The file: in Workbench, "Export data model" as "NoSQL Workbench model".
    file: PathBuf,
    /// Which of its tables, where it has several.
    #[arg(long, value_name = "NAME")]
    table: Option<String>,
    /// Write the Rust types that declare the table, instead of a model file.
    #[arg(long)]
    rust: bool,
    /// The file to write [default: standard output].
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Where to write the sample items, one a line: in a folder of its own, `keyfold table import --from` reads it.
    #[arg(long, value_name = "FILE")]
    samples: Option<PathBuf>,
}

impl Import {
    pub fn run(self) -> Result<(), Failed> {
        let text = text_of(&self.file)?;
        let tables = workbench::read(&text)
            .map_err(|error| Failed::not_finished(format!("{}: {error}", self.file.display())))?;
        let table = chosen(tables, self.table.as_deref())?;
        let text = if self.rust {
            workbench::rust(&table.model)
        } else {
            json(&table.model)?
        };
        put(self.out.as_deref(), &text)?;
        if let Some(samples) = &self.samples {
            let lines: String = table
                .items
                .iter()
                .map(|item| Tree::map([("Item", item.clone())]).to_json_line() + "\n")
                .collect();
            put(Some(samples), &lines)?;
        }
        for note in table.notes {
            say::aside(&format!("{note}\n"));
        }
        Ok(())
    }
}

fn chosen(mut tables: Vec<Table>, name: Option<&str>) -> Result<Table, Failed> {
    let names: Vec<String> = tables
        .iter()
        .map(|table| format!("`{}`", table.name))
        .collect();
    let place = match name {
        Some(name) => tables.iter().position(|table| table.name == name),
        None if tables.len() > 1 => {
            return Err(Failed::wrong_use(format!(
                "the file has {} tables\nhint: choose one with --table: {}",
                tables.len(),
                names.join(", ")
            )));
        }
        None => (!tables.is_empty()).then_some(0),
    };
    match place {
        Some(place) => Ok(tables.swap_remove(place)),
        None if names.is_empty() => Err(Failed::not_finished("the file has no tables")),
        None => Err(Failed::wrong_use(format!(
            "the file has no such table\nhint: it has {}",
            names.join(", ")
        ))),
    }
}
