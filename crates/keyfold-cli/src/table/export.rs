//! `keyfold table export`: all items into files, in the format of DynamoDB's own export to S3.

pub mod folder;

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use serde_json::json;

use self::folder::Folder;
use super::error::OperateError;
use super::pace::Pace;
use super::place::{Described, PlaceArgs};
use super::progress::{Progress, grouped};
use super::scan::{Position, Reader, ScanArgs, each_segment};
use super::stop::Stop;
use crate::failure::Failed;
use crate::format::{Format, FormatArgs};
use crate::say;

/// Writes `AWSDynamoDB/<export-id>/` into a folder: manifests, and a compressed file of items for each
/// segment. It reads with Scan, so what is written meanwhile may be in it or not.
#[derive(Debug, Args)]
pub struct Export {
    /// The table.
    #[arg(long, value_name = "NAME")]
    table: String,
    /// The folder the export is written into; one that was stopped there is gone on with.
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    #[command(flatten)]
    scan: ScanArgs,
    #[command(flatten)]
    place: PlaceArgs,
    /// Say how much there is and what reading it takes, and write nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    format: FormatArgs,
}

impl Export {
    pub async fn run(self) -> Result<(), Failed> {
        let stop = Stop::on_signals()?;
        let place = self.place.reach().await?;
        let described = place.describe(&self.table).await?;
        if self.dry_run {
            self.would_read(&described);
            return Ok(());
        }
        let folder = Folder::open(&self.to, &place.id, &self.table, &described, &self.scan)?;
        let before = folder.items();
        if folder.is_resumed() {
            say::aside(&format!(
                "goes on with {} after {} items\n",
                folder.path().display(),
                grouped(before)
            ));
        }
        let pace = Pace::new(self.scan.items_per_second);
        let work = Arc::new(Work {
            reader: Reader {
                place,
                table: self.table.clone(),
                segments: folder.segments(),
                consistent: folder.is_consistent(),
                page_items: pace.at_once(folder.segments()),
            },
            pace,
            progress: Progress::new("exported", before, Some(described.items)),
            folder,
        });
        let whole = work.all(&stop).await;
        work.progress.end();
        if !whole? {
            return Err(OperateError::Stopped.into());
        }
        work.folder.finish(&described)?;
        self.done(&work.folder);
        Ok(())
    }

    fn would_read(&self, described: &Described) {
        let units = self.scan.read_units(described);
        say::out(&match self.format.chosen() {
            Format::Text => format!(
                "table `{}`: about {} items, {} bytes; reading them takes about {units} read units; nothing was written\n",
                self.table,
                grouped(described.items),
                grouped(described.bytes),
            ),
            Format::Json => {
                let told = json!({
                    "table": self.table,
                    "items": described.items,
                    "bytes": described.bytes,
                    "readUnits": units,
                });
                format!("{told:#}\n")
            }
        });
    }

    fn done(&self, folder: &Folder) {
        let (items, path) = (folder.items(), folder.path());
        say::out(&match self.format.chosen() {
            Format::Text => format!(
                "table `{}`: {} items in {}\n",
                self.table,
                grouped(items),
                path.display()
            ),
            Format::Json => {
                let told = json!({ "table": self.table, "items": items, "path": path });
                format!("{told:#}\n")
            }
        });
    }
}

struct Work {
    reader: Reader,
    pace: Pace,
    progress: Progress,
    folder: Folder,
}

impl Work {
    async fn all(self: &Arc<Self>, stop: &Stop) -> Result<bool, OperateError> {
        each_segment(self.folder.segments(), |segment| {
            Arc::clone(self).segment(segment, stop.clone())
        })
        .await
    }

    async fn segment(self: Arc<Self>, segment: u32, mut stop: Stop) -> Result<bool, OperateError> {
        loop {
            let from = self.folder.position(segment);
            if from == Position::End {
                return Ok(true);
            }
            let reading = async {
                self.pace.ready().await;
                self.reader.page(segment, from).await
            };
            let Some(page) = stop.or(reading).await else {
                return Ok(false);
            };
            let page = page?;
            let items = u64::try_from(page.items.len()).unwrap_or(u64::MAX);
            self.folder.add(segment, &page)?;
            self.pace.took(items);
            self.progress.add(items);
        }
    }
}
