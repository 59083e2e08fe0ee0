//! A table from its first item to its last, in segments that are read at once.

use std::num::NonZeroU32;

use clap::Args;
use keyfold::Item;
use keyfold_dynamo::units::{Consistency, read_units};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::task::JoinSet;

use super::error::OperateError;
use super::line;
use super::place::{Described, Place};

/// How a table is read.
#[derive(Debug, Clone, Args)]
pub struct ScanArgs {
    /// How many parts of the table are read at once.
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub segments: u32,
    /// Read with strong consistency, at twice the units: every write acknowledged before the beginning is in it.
    #[arg(long)]
    pub consistent: bool,
    /// At most so many items a second, to leave the table's capacity to others.
    #[arg(long, value_name = "N")]
    pub items_per_second: Option<NonZeroU32>,
}

impl ScanArgs {
    /// About what a whole read takes. `DynamoDB` counts each page for itself, so pages that are not
    /// full cost a little more.
    pub fn read_units(&self, described: &Described) -> f64 {
        let consistency = if self.consistent {
            Consistency::Strong
        } else {
            Consistency::Eventual
        };
        read_units(
            usize::try_from(described.bytes).unwrap_or(usize::MAX),
            consistency,
        )
    }
}

/// Reads pages of one table.
#[derive(Debug, Clone)]
pub struct Reader {
    /// Where the table is.
    pub place: Place,
    /// Its name.
    pub table: String,
    /// Into how many parts it is divided.
    pub segments: u32,
    /// Whether reads are strongly consistent.
    pub consistent: bool,
    /// How many items a page may hold.
    pub page_items: Option<u32>,
}

/// Where a segment goes on.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Position {
    /// At its beginning.
    #[default]
    Start,
    /// Behind the item of this key.
    After(Value),
    /// Nowhere: it is done.
    End,
}

/// A page.
#[derive(Debug)]
pub struct Page {
    /// What it holds.
    pub items: Vec<Item>,
    /// Where the next one begins.
    pub then: Position,
}

impl Reader {
    /// The page of `segment` at `from`.
    pub async fn page(&self, segment: u32, from: Position) -> Result<Page, OperateError> {
        let unreadable = |problem| OperateError::Task { reason: problem };
        let from = match from {
            Position::Start => None,
            Position::After(key) => Some(line::attributes(key).map_err(unreadable)?),
            Position::End => {
                return Ok(Page {
                    items: Vec::new(),
                    then: Position::End,
                });
            }
        };
        let as_i32 = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
        // keyfold: allow(scan-on-data-path) reason="an operator's export reads the whole table, in segments and pages"
        let answer = self
            .place
            .client
            .scan()
            .table_name(&self.table)
            .segment(as_i32(segment))
            .total_segments(as_i32(self.segments))
            .consistent_read(self.consistent)
            .set_limit(self.page_items.map(as_i32))
            .set_exclusive_start_key(from)
            .send()
            .await
            .map_err(|error| OperateError::request("Scan", &self.table, &self.place.text, error))?;
        let then = match &answer.last_evaluated_key {
            Some(key) => Position::After(line::attributes_json(key).map_err(unreadable)?),
            None => Position::End,
        };
        Ok(Page {
            items: answer.items.unwrap_or_default(),
            then,
        })
    }
}

/// Works on all segments at once. Whether each came to its end; not, when this process was asked to stop.
pub async fn each_segment<W>(segments: u32, work: impl Fn(u32) -> W) -> Result<bool, OperateError>
where
    W: Future<Output = Result<bool, OperateError>> + Send + 'static,
{
    let mut running = JoinSet::new();
    for segment in 0..segments {
        running.spawn(work(segment));
    }
    let mut whole = true;
    while let Some(ended) = running.join_next().await {
        whole &= ended.map_err(|error| OperateError::Task {
            reason: error.to_string(),
        })??;
    }
    Ok(whole)
}
