//! `keyfold table import`: the items of an export into a table that is there.

mod reader;
mod source;

use std::collections::{BTreeMap, HashMap};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use clap::Args;
use keyfold::Item;
use keyfold_dynamo::units::write_units;
use serde::{Deserialize, Serialize};
use serde_json::json;

use self::reader::Lines;
use self::source::DataFile;
use super::batch::Writer;
use super::checkpoint;
use super::error::OperateError;
use super::pace::Pace;
use super::place::{Described, Place, PlaceArgs};
use super::progress::{Progress, grouped};
use super::stop::Stop;
use crate::failure::Failed;
use crate::format::{Format, FormatArgs};
use crate::say;

/// Puts every item; one that is there already is replaced. The table must be there.
#[derive(Debug, Args)]
pub struct Import {
    /// The table.
    #[arg(long, value_name = "NAME")]
    table: String,
    /// The export, the folder it lies in, or a folder of `*.json` and `*.json.gz` files with an item on each line.
    #[arg(long, value_name = "DIR")]
    from: PathBuf,
    /// At most so many items a second, to leave the table's capacity to others.
    #[arg(long, value_name = "N")]
    items_per_second: Option<NonZeroU32>,
    /// The file that notes what is done [default: in the folder of the files].
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
    #[command(flatten)]
    place: PlaceArgs,
    /// Read and check every line, say what writing it takes, and write nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    format: FormatArgs,
}

/// How many items are put before it is noted that they are.
const ROUND_ITEMS: usize = 400;
const ROUND_BYTES: usize = 8 * 1_024 * 1_024;
const REQUESTS_AT_ONCE: usize = 8;

/// How far it is: lines of each file.
#[derive(Default, Serialize, Deserialize)]
struct State {
    place: String,
    table: String,
    files: BTreeMap<String, FileState>,
}

#[derive(Default, Clone, Serialize, Deserialize)]
struct FileState {
    /// Of the file: one of another length is another file.
    bytes: u64,
    lines: u64,
    items: u64,
    done: bool,
}

impl Import {
    pub async fn run(self) -> Result<(), Failed> {
        let stop = Stop::on_signals()?;
        let source = source::open(&self.from)?;
        let place = self.place.reach().await?;
        let described = place.describe(&self.table).await?;
        let checkpoint = self.checkpoint.clone().unwrap_or_else(|| {
            source
                .dir
                .join(format!("keyfold-import-{}.checkpoint", self.table))
        });
        let state = if self.dry_run {
            State::default()
        } else {
            State::load(&checkpoint, &place, &self.table)?
        };
        let before = state.files.values().map(|file| file.items).sum();
        if before > 0 {
            say::aside(&format!("goes on after {} items\n", grouped(before)));
        }
        let verb = if self.dry_run { "checked" } else { "imported" };
        let pace = Pace::new(self.items_per_second.filter(|_| !self.dry_run));
        let round_items = pace.at_once(1).map_or(ROUND_ITEMS, |items| items as usize);
        let mut work = Work {
            writer: (!self.dry_run).then(|| Writer {
                place,
                table: self.table.clone(),
                at_once: REQUESTS_AT_ONCE,
            }),
            described,
            round_items: round_items.min(ROUND_ITEMS),
            pace,
            progress: Progress::new(verb, before, source.items()),
            checkpoint,
            state,
            units: 0.0,
            stop,
        };
        let whole = work.all(&source.files).await;
        work.progress.end();
        if !whole? {
            return Err(OperateError::Stopped.into());
        }
        if !self.dry_run {
            checkpoint::remove(&work.checkpoint)?;
        }
        self.done(&work, source.files.len());
        Ok(())
    }

    fn done(&self, work: &Work, files: usize) {
        let items: u64 = work.state.files.values().map(|file| file.items).sum();
        let table = &self.table;
        say::out(&match self.format.chosen() {
            Format::Text if self.dry_run => format!(
                "table `{table}`: {} items in {files} files, every line fits; putting them takes about {} write units and those of the indexes; nothing was written\n",
                grouped(items),
                work.units,
            ),
            Format::Text => format!("table `{table}`: {} items put\n", grouped(items)),
            Format::Json => {
                let units = self.dry_run.then_some(work.units);
                let told =
                    json!({ "table": table, "items": items, "files": files, "writeUnits": units });
                format!("{told:#}\n")
            }
        });
    }
}

impl State {
    fn load(file: &Path, place: &Place, table: &str) -> Result<Self, OperateError> {
        let fresh = Self {
            place: place.id.clone(),
            table: table.to_owned(),
            files: BTreeMap::new(),
        };
        let Some(noted) = checkpoint::load::<Self>(file)? else {
            // Better now than after the first thousand items.
            checkpoint::save(file, &fresh)?;
            return Ok(fresh);
        };
        if noted.place == fresh.place && noted.table == fresh.table {
            return Ok(noted);
        }
        Err(OperateError::Checkpoint {
            file: file.to_owned(),
            problem: "is of an import into another table".to_owned(),
        })
    }
}

struct Work {
    /// None: every line is checked and none written.
    writer: Option<Writer>,
    described: Described,
    round_items: usize,
    pace: Pace,
    progress: Progress,
    checkpoint: PathBuf,
    state: State,
    units: f64,
    stop: Stop,
}

impl Work {
    /// Whether it came to the end.
    async fn all(&mut self, files: &[DataFile]) -> Result<bool, OperateError> {
        for file in files {
            let bytes = file.bytes()?;
            let noted = self.state.files.get(&file.name).cloned();
            let noted = noted.filter(|noted| noted.bytes == bytes);
            let mut at = noted.unwrap_or(FileState {
                bytes,
                ..FileState::default()
            });
            if !at.done {
                file.check()?;
                if !self.file(file, &mut at).await? {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    async fn file(&mut self, file: &DataFile, at: &mut FileState) -> Result<bool, OperateError> {
        let mut lines = Lines::open(file)?;
        lines.skip(at.lines)?;
        loop {
            let round = self.round(file, &mut lines)?;
            let put = async {
                self.pace.ready().await;
                match &self.writer {
                    Some(writer) => writer.put(round.items).await,
                    None => Ok(()),
                }
            };
            let Some(put) = self.stop.or(put).await else {
                return Ok(false);
            };
            put?;
            at.lines = lines.read();
            at.items += round.lines;
            at.done = round.is_last;
            self.units += round.units;
            if at.done {
                file.check_count(at.items)?;
            }
            self.state.files.insert(file.name.clone(), at.clone());
            if self.writer.is_some() {
                checkpoint::save(&self.checkpoint, &self.state)?;
            }
            self.pace.took(round.lines);
            self.progress.add(round.lines);
            if at.done {
                return Ok(true);
            }
        }
    }

    /// The next items. Of two with one key the later counts, as if they were put one after the other.
    fn round(&self, file: &DataFile, lines: &mut Lines) -> Result<Round, OperateError> {
        let mut round = Round::default();
        let mut places: HashMap<Vec<String>, usize> = HashMap::new();
        let mut bytes = 0;
        while round.items.len() < self.round_items && bytes < ROUND_BYTES {
            let Some(line) = lines.next()? else {
                round.is_last = true;
                break;
            };
            let item = super::line::read(line);
            let bad = |reason| OperateError::BadLine {
                file: file.name.clone(),
                line: lines.read(),
                reason,
            };
            let item = item.map_err(bad)?;
            let (key, item_bytes) = source::fits(&item, &self.described).map_err(bad)?;
            round.lines += 1;
            round.units += write_units(item_bytes, false);
            bytes += item_bytes;
            if let Some(place) = places.get(&key) {
                round.items[*place] = item;
            } else {
                places.insert(key, round.items.len());
                round.items.push(item);
            }
        }
        Ok(round)
    }
}

#[derive(Default)]
struct Round {
    items: Vec<Item>,
    lines: u64,
    units: f64,
    is_last: bool,
}
