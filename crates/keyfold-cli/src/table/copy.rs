//! `keyfold table copy`: all items of a table into another, here or anywhere else.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use clap::Args;
use genuproof::settings::Storage;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::batch::Writer;
use super::checkpoint;
use super::error::OperateError;
use super::pace::Pace;
use super::place::{self, Described, Place, PlaceArgs};
use super::progress::{Progress, grouped};
use super::scan::{Position, Reader, ScanArgs, each_segment};
use super::stop::Stop;
use crate::failure::Failed;
use crate::format::{Format, FormatArgs};
use crate::say;

/// Puts every item; one that is there already is replaced, and what only the target has stays. Both
/// tables must be there, with the same keys. It reads with Scan, so what is written meanwhile may be
/// copied or not.
#[derive(Debug, Args)]
pub struct Copy {
    /// The table that is read.
    #[arg(long, value_name = "NAME")]
    table: String,
    /// The table that is written [default: the same name].
    #[arg(long, value_name = "NAME")]
    to_table: Option<String>,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    scan: ScanArgs,
    /// The file that notes what is done [default: keyfold-copy-TABLE-TO_TABLE.checkpoint].
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
    /// Say how much there is and what copying it takes, and write nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    format: FormatArgs,
}

/// Where the table is that is read.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
#[expect(clippy::struct_field_names, reason = "they are the names of the flags")]
struct Source {
    /// Read from the embedded engine's folder.
    #[arg(long, value_name = "DIR")]
    from_data: Option<PathBuf>,
    /// Read from a DynamoDB endpoint.
    #[arg(long, value_name = "URL")]
    from_endpoint: Option<String>,
    /// Read from AWS.
    #[arg(long)]
    from_aws: bool,
}

/// Where the table is that is written.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
#[expect(clippy::struct_field_names, reason = "they are the names of the flags")]
struct Target {
    /// Write into the embedded engine's folder.
    #[arg(long, value_name = "DIR")]
    to_data: Option<PathBuf>,
    /// Write to a DynamoDB endpoint.
    #[arg(long, value_name = "URL")]
    to_endpoint: Option<String>,
    /// Write to AWS.
    #[arg(long)]
    to_aws: bool,
}

/// Requests at once for each segment.
const REQUESTS_AT_ONCE: usize = 4;

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Between {
    from: String,
    table: String,
    to: String,
    to_table: String,
    // Of the table that is read: keys to go on from do not fit one that was made anew.
    table_id: String,
}

#[derive(Serialize, Deserialize)]
struct State {
    between: Between,
    segments: Vec<Segment>,
}

#[derive(Clone, Default, Serialize, Deserialize)]
struct Segment {
    items: u64,
    position: Position,
}

impl Copy {
    pub async fn run(self) -> Result<(), Failed> {
        let stop = Stop::on_signals()?;
        let (from, to) = self.places().await?;
        let to_table = self.to_table.as_ref().unwrap_or(&self.table);
        if from.id == to.id && self.table == *to_table {
            return Err(Failed::wrong_use(
                "a table is not copied into itself\nhint: name another with --to-table, or another place",
            ));
        }
        let (source, target) = (
            from.describe(&self.table).await?,
            to.describe(to_table).await?,
        );
        if source.keys != target.keys {
            return Err(OperateError::Keys {
                from: source.keys_text(),
                to: target.keys_text(),
            }
            .into());
        }
        if self.dry_run {
            self.would_copy(to_table, &source);
            return Ok(());
        }
        let between = Between {
            from: from.id.clone(),
            table: self.table.clone(),
            to: to.id.clone(),
            to_table: to_table.clone(),
            table_id: source.id.clone(),
        };
        let file = self.checkpoint.clone().unwrap_or_else(|| {
            PathBuf::from(format!("keyfold-copy-{}-{to_table}.checkpoint", self.table))
        });
        let state = State::load(&file, between, self.scan.segments)?;
        let before = state.items();
        if before > 0 {
            say::aside(&format!("goes on after {} items\n", grouped(before)));
        }
        let segments = u32::try_from(state.segments.len()).unwrap_or(u32::MAX);
        let pace = Pace::new(self.scan.items_per_second);
        let work = Arc::new(Work {
            reader: Reader {
                place: from,
                table: self.table.clone(),
                segments,
                consistent: self.scan.consistent,
                page_items: pace.at_once(segments),
            },
            writer: Writer {
                place: to,
                table: to_table.clone(),
                at_once: REQUESTS_AT_ONCE,
            },
            pace,
            progress: Progress::new("copied", before, Some(source.items)),
            checkpoint: file,
            state: Mutex::new(state),
        });
        let whole = work.all(segments, &stop).await;
        work.progress.end();
        if !whole? {
            return Err(OperateError::Stopped.into());
        }
        checkpoint::remove(&work.checkpoint)?;
        self.done(to_table, work.state().items());
        Ok(())
    }

    async fn places(&self) -> Result<(Place, Place), Failed> {
        let from = PlaceArgs {
            data: self.source.from_data.clone(),
            endpoint: self.source.from_endpoint.clone(),
            aws: self.source.from_aws,
        };
        let to = PlaceArgs {
            data: self.target.to_data.clone(),
            endpoint: self.target.to_endpoint.clone(),
            aws: self.target.to_aws,
        };
        let (from, to) = (from.storage()?, to.storage()?);
        // A folder is opened once.
        let is_one = match (&from, &to) {
            (Storage::Folder(one), Storage::Folder(other)) => {
                one.canonicalize().ok() == other.canonicalize().ok() && one.exists()
            }
            _ => false,
        };
        let from = place::existing(from).await?;
        let to = if is_one {
            from.clone()
        } else {
            place::existing(to).await?
        };
        Ok((from, to))
    }

    fn would_copy(&self, to_table: &str, source: &Described) {
        let units = self.scan.read_units(source);
        // At least one for each item, and one for each KB.
        let write_units = source.items.max(source.bytes.div_ceil(1_024));
        say::out(&match self.format.chosen() {
            Format::Text => format!(
                "table `{}` into `{to_table}`: about {} items, {} bytes; about {units} read units, and at least {} write units and those of the indexes; nothing was written\n",
                self.table,
                grouped(source.items),
                grouped(source.bytes),
                grouped(write_units),
            ),
            Format::Json => {
                let told = json!({
                    "table": self.table,
                    "toTable": to_table,
                    "items": source.items,
                    "bytes": source.bytes,
                    "readUnits": units,
                    "writeUnits": write_units,
                });
                format!("{told:#}\n")
            }
        });
    }

    fn done(&self, to_table: &str, items: u64) {
        say::out(&match self.format.chosen() {
            Format::Text => format!(
                "table `{}` into `{to_table}`: {} items copied\n",
                self.table,
                grouped(items)
            ),
            Format::Json => {
                let told = json!({ "table": self.table, "toTable": to_table, "items": items });
                format!("{told:#}\n")
            }
        });
    }
}

impl State {
    fn load(file: &Path, between: Between, segments: u32) -> Result<Self, OperateError> {
        match checkpoint::load::<Self>(file)? {
            Some(noted) if noted.between == between => Ok(noted),
            Some(_) => Err(OperateError::Checkpoint {
                file: file.to_owned(),
                problem: "is of a copy between other tables".to_owned(),
            }),
            None => {
                let fresh = Self {
                    between,
                    segments: vec![Segment::default(); segments as usize],
                };
                // Better now than after the first thousand items.
                checkpoint::save(file, &fresh)?;
                Ok(fresh)
            }
        }
    }

    fn items(&self) -> u64 {
        self.segments.iter().map(|segment| segment.items).sum()
    }
}

struct Work {
    reader: Reader,
    writer: Writer,
    pace: Pace,
    progress: Progress,
    checkpoint: PathBuf,
    state: Mutex<State>,
}

impl Work {
    async fn all(self: &Arc<Self>, segments: u32, stop: &Stop) -> Result<bool, OperateError> {
        each_segment(segments, |segment| {
            Arc::clone(self).segment(segment, stop.clone())
        })
        .await
    }

    async fn segment(self: Arc<Self>, number: u32, mut stop: Stop) -> Result<bool, OperateError> {
        loop {
            let from = self.position(number);
            if from == Position::End {
                return Ok(true);
            }
            let copying = async {
                self.pace.ready().await;
                let page = self.reader.page(number, from).await?;
                let items = u64::try_from(page.items.len()).unwrap_or(u64::MAX);
                self.writer.put(page.items).await?;
                Ok::<_, OperateError>((items, page.then))
            };
            let Some(copied) = stop.or(copying).await else {
                return Ok(false);
            };
            let (items, then) = copied?;
            self.note(number, items, then)?;
            self.pace.took(items);
            self.progress.add(items);
        }
    }

    fn position(&self, number: u32) -> Position {
        let state = self.state();
        let segment = state.segments.get(number as usize);
        segment.map_or(Position::End, |segment| segment.position.clone())
    }

    fn note(&self, number: u32, items: u64, position: Position) -> Result<(), OperateError> {
        let mut state = self.state();
        if let Some(segment) = state.segments.get_mut(number as usize) {
            segment.items += items;
            segment.position = position;
        }
        checkpoint::save(&self.checkpoint, &*state)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
