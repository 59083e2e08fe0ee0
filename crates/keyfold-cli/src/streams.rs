//! `keyfold streams`: what operators do with pipelines, whatever runs them.

mod dead_letters;
mod lag;
mod replay;
mod tail;

use clap::{Args, Subcommand};
use keyfold_stream::operate::{OperateError, Operator};

use crate::failure::Failed;
use crate::format::FormatArgs;
use crate::table::place::{Place, PlaceArgs};

/// What to do with the pipelines of a table.
#[derive(Debug, Subcommand)]
pub enum Streams {
    /// Print the changes of a table as they come.
    Tail(tail::Tail),
    /// How far pipelines are: how many records of each shard are not done with, since when.
    Lag(lag::Lag),
    /// What a pipeline set aside, and why.
    DeadLetters(dead_letters::DeadLetters),
    /// Have dead letters tried again by the pipeline's workers.
    Replay(replay::Replay),
}

/// Which table, where, and how to answer.
#[derive(Debug, Args)]
pub struct TableArgs {
    /// The table.
    #[arg(long, value_name = "NAME")]
    table: String,
    #[command(flatten)]
    place: PlaceArgs,
    #[command(flatten)]
    format: FormatArgs,
}

impl TableArgs {
    /// The table's pipelines, and the place it is in.
    async fn reach(&self) -> Result<(Operator, Place), Failed> {
        let place = self.place.reach().await?;
        let operator = Operator::new(place.client.clone(), &place.source, &self.table);
        Ok((operator, place))
    }
}

/// Runs the command.
pub fn run(streams: Streams) -> Result<(), Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Failed::not_finished)?;
    runtime.block_on(async {
        match streams {
            Streams::Tail(tail) => tail.run().await,
            Streams::Lag(lag) => lag.run().await,
            Streams::DeadLetters(letters) => letters.run().await,
            Streams::Replay(replay) => replay.run().await,
        }
    })
}

/// What there is to do about it.
fn failed(error: OperateError, place: &Place) -> Failed {
    match error {
        OperateError::Request(request) if request.is_table_missing() => {
            let table = &request.table;
            Failed::not_finished(format!(
                "KF6001: there is no table `{table}` {}\nhint: names are told with --table",
                place.text
            ))
        }
        OperateError::NoStream { .. } => Failed::not_finished(format!(
            "{error}\nhint: declare `stream = new_and_old_images` and switch it on with UpdateTable; `keyfold table verify` says what differs"
        )),
        OperateError::NoPipeline { .. } | OperateError::NoLetter { .. } => Failed::wrong_use(error),
        error => Failed::not_finished(error),
    }
}
