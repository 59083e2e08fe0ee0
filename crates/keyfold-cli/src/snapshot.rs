//! `keyfold snapshot`: a data folder as one file, also while a process holds it.

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use rusqlite::{Connection, OpenFlags};
use serde_json::json;

use crate::failure::Failed;
use crate::format::{Format, FormatArgs};
use crate::say;
use crate::table::progress::grouped;

/// Everything that was acknowledged before it began, and nothing by halves. Who holds the folder goes on
/// reading and writing meanwhile.
#[derive(Debug, Args)]
pub struct Snapshot {
    /// The embedded engine's data folder.
    #[arg(long, value_name = "DIR", default_value = ".keyfold")]
    data: PathBuf,
    /// The file to write; it must not exist.
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    /// Say what would be copied, and write nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    format: FormatArgs,
}

/// The engine's file in its folder, as `keyfold_embedded::open` names it.
pub const ENGINE_FILE: &str = "engine.sqlite";
/// A writer may be finishing: waited for, not given up for.
const BUSY_FOR: Duration = Duration::from_secs(30);
const TELL_EVERY: Duration = Duration::from_secs(1);

/// Takes it.
pub fn run(snapshot: &Snapshot) -> Result<(), Failed> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Failed::not_finished)?;
    runtime.block_on(snapshot.run())
}

impl Snapshot {
    async fn run(&self) -> Result<(), Failed> {
        let stop = keyfold_web::serve::stop_signal().map_err(Failed::not_finished)?;
        let file = self.data.join(ENGINE_FILE);
        if !file.is_file() {
            return Err(failed(format!(
                "there is no data in the folder {}\nhint: name the folder with --data DIR",
                self.data.display()
            )));
        }
        if self.to.exists() {
            return Err(failed(format!(
                "{} is there already\nhint: name a new file; a snapshot is never written over another",
                self.to.display()
            )));
        }
        let bytes = bytes(&file) + bytes(&self.data.join("engine.sqlite-wal"));
        if self.dry_run {
            self.tell(bytes, "would be copied to");
            return Ok(());
        }
        self.take(&file, stop).await?;
        self.tell(self::bytes(&self.to), "is in");
        Ok(())
    }

    fn tell(&self, bytes: u64, state: &str) {
        let (data, to) = (self.data.display(), self.to.display());
        let size = grouped(bytes);
        say::out(&match self.format.chosen() {
            Format::Text if self.dry_run => {
                format!("{data} {state} {to}, up to {size} bytes; nothing was written\n")
            }
            Format::Text => format!("{data} {state} {to}, {size} bytes\n"),
            Format::Json => {
                let told = json!({ "data": self.data, "to": self.to, "bytes": bytes, "dryRun": self.dry_run });
                format!("{told:#}\n")
            }
        });
    }

    /// Into a folder beside the target first: there is a whole snapshot of that name or none.
    async fn take(&self, file: &Path, stop: impl Future<Output = ()>) -> Result<(), Failed> {
        let beside = match self.to.parent() {
            Some(parent) if parent != Path::new("") => parent,
            _ => Path::new("."),
        };
        let cannot = |error: std::io::Error| {
            failed(format!(
                "{} cannot be written: {error}\nhint: choose a folder with space that this user can write to",
                self.to.display()
            ))
        };
        let folder = tempfile::Builder::new()
            .prefix(".keyfold-snapshot-")
            .tempdir_in(beside)
            .map_err(cannot)?;
        let partial = folder.path().join(ENGINE_FILE);
        let connection = open(file).map_err(failed)?;
        let handle = connection.get_interrupt_handle();
        let target = partial.clone();
        let mut copying = tokio::task::spawn_blocking(move || vacuum_into(&connection, &target));
        let copied = tokio::select! {
            copied = &mut copying => copied,
            never = tell_progress(&partial) => match never {},
            () = stop => {
                handle.interrupt();
                // What it has written is removed behind it.
                let _ = copying.await;
                return Err(Failed::not_finished(
                    "KF6005: stopped before the end\nhint: nothing was written; begin again",
                ));
            }
        };
        copied.map_err(failed)?.map_err(failed)?;
        std::fs::File::open(&partial)
            .and_then(|file| file.sync_all())
            .and_then(|()| place(&partial, &self.to))
            .map_err(cannot)
    }
}

/// Unlike a rename, a link never takes the place of another file; some file systems have none.
fn place(partial: &Path, to: &Path) -> std::io::Result<()> {
    match std::fs::hard_link(partial, to) {
        Err(_) if !to.try_exists()? => std::fs::rename(partial, to),
        linked => linked,
    }
}

fn failed(error: impl std::fmt::Display) -> Failed {
    Failed::not_finished(format!("KF6008: no snapshot was taken: {error}"))
}

/// Another process may hold the folder: a write-ahead log lets any number read beside the one that writes.
fn open(file: &Path) -> rusqlite::Result<Connection> {
    // Not read-only: what a killed process left in its log is taken over by whoever opens the file next.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    connection.busy_timeout(BUSY_FOR)?;
    Ok(connection)
}

fn vacuum_into(connection: &Connection, to: &Path) -> rusqlite::Result<()> {
    connection.execute("VACUUM INTO ?1", [to.to_string_lossy()])?;
    Ok(())
}

async fn tell_progress(partial: &Path) -> Infallible {
    loop {
        tokio::time::sleep(TELL_EVERY).await;
        say::aside(&format!("copied {} bytes\n", grouped(bytes(partial))));
    }
}

fn bytes(file: &Path) -> u64 {
    std::fs::metadata(file).map_or(0, |about| about.len())
}
