//! `keyfold table`: what operators do with a table, here or anywhere else.
//!
//! ```text
//! place ─► scan ─► export/folder     import/source ─► batch ─► place
//!            └────────── copy ────────────────────────┘
//! ```
//! Long work keeps a checkpoint beside its result after every page, so that it can be stopped at
//! any moment and gone on with.

mod batch;
mod checkpoint;
mod copy;
mod design;
mod error;
mod export;
mod import;
pub mod line;
mod number;
mod pace;
pub mod place;
pub mod progress;
mod scan;
pub mod stop;

use clap::Subcommand;

use crate::failure::Failed;

/// What to do with a table.
#[derive(Debug, Subcommand)]
pub enum Table {
    /// Create a table as its model file says: keys, indexes, stream, time to live.
    Create(design::Create),
    /// List what differs between a table and its model file, and what to do about it.
    Verify(design::Verify),
    /// Write all items into a folder, in the format of DynamoDB's own export to S3.
    Export(export::Export),
    /// Put all items of an export into a table; AWS's exports too.
    Import(import::Import),
    /// Put all items of a table into another.
    Copy(copy::Copy),
}

/// Runs the command.
pub fn run(table: Table) -> Result<(), Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Failed::not_finished)?;
    runtime.block_on(async {
        match table {
            Table::Create(create) => create.run().await,
            Table::Verify(verify) => verify.run().await,
            Table::Export(export) => export.run().await,
            Table::Import(import) => import.run().await,
            Table::Copy(copy) => copy.run().await,
        }
    })
}
