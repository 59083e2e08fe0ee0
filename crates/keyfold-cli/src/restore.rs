//! `keyfold restore`: a snapshot becomes a data folder.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use clap::Args;
use keyfold_embedded::OpenError;
use rusqlite::{Connection, OpenFlags};
use serde_json::json;

use crate::failure::Failed;
use crate::format::{Format, FormatArgs};
use crate::say;
use crate::snapshot::ENGINE_FILE;

/// The snapshot is checked and opened by the engine before anything in the folder changes.
#[derive(Debug, Args)]
pub struct Restore {
    /// The snapshot.
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
    /// The data folder; it must be empty or missing.
    #[arg(long, value_name = "DIR", default_value = ".keyfold")]
    data: PathBuf,
    /// Replace the data that is in the folder; it is gone then.
    #[arg(long)]
    force: bool,
    /// Check the snapshot and the folder, and write nothing.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    format: FormatArgs,
}

const LOCK_FILE: &str = "keyfold.lock";

/// Restores it.
pub fn run(restore: &Restore) -> Result<(), Failed> {
    restore.run()
}

impl Restore {
    fn run(&self) -> Result<(), Failed> {
        let tables = tables_of(&self.from)?;
        if let Ok(Some(_)) = keyfold_embedded::holder(&self.data) {
            return Err(self.held());
        }
        self.require_room()?;
        if self.dry_run {
            self.tell(tables, "would be restored");
            return Ok(());
        }
        std::fs::create_dir_all(&self.data).map_err(|error| self.cannot(&error))?;
        {
            let _held = self.hold()?;
            self.replace()?;
        }
        keyfold_embedded::open(&self.data).map_err(Failed::not_finished)?;
        self.tell(tables, "is restored");
        Ok(())
    }

    fn tell(&self, tables: u64, state: &str) {
        let (from, data) = (self.from.display(), self.data.display());
        say::out(&match self.format.chosen() {
            Format::Text if self.dry_run => {
                format!("{from} {state} into {data}, tables: {tables}; nothing was written\n")
            }
            Format::Text => format!("{from} {state} into {data}, tables: {tables}\n"),
            Format::Json => {
                let told = json!({ "from": self.from, "data": self.data, "tables": tables, "state": state });
                format!("{told:#}\n")
            }
        });
    }

    /// The folder has nothing that would be lost.
    fn require_room(&self) -> Result<(), Failed> {
        if self.force {
            return Ok(());
        }
        let entries = match std::fs::read_dir(&self.data) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(self.cannot(&error)),
        };
        for entry in entries {
            if entry.map_err(|error| self.cannot(&error))?.file_name() != LOCK_FILE {
                return Err(failed(&format!(
                    "the folder {} is not empty\nhint: name an empty one, or replace the data in it with --force",
                    self.data.display()
                )));
            }
        }
        Ok(())
    }

    /// As the engine holds a folder, so that nobody opens it meanwhile.
    fn hold(&self) -> Result<File, Failed> {
        let lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(self.data.join(LOCK_FILE))
            .map_err(|error| self.cannot(&error))?;
        match lock.try_lock() {
            Ok(()) => Ok(lock),
            Err(TryLockError::WouldBlock) => Err(self.held()),
            Err(TryLockError::Error(error)) => Err(self.cannot(&error)),
        }
    }

    fn held(&self) -> Failed {
        let holder = keyfold_embedded::holder(&self.data).ok().flatten();
        Failed::not_finished(OpenError::Held {
            dir: self.data.clone(),
            holder: holder.unwrap_or_default(),
        })
    }

    fn replace(&self) -> Result<(), Failed> {
        let cannot = |error: std::io::Error| self.cannot(&error);
        let folder = tempfile::Builder::new()
            .prefix(".keyfold-restore-")
            .tempdir_in(&self.data)
            .map_err(cannot)?;
        let new = folder.path().join(ENGINE_FILE);
        std::fs::copy(&self.from, &new).map_err(cannot)?;
        // It opens, or nothing changes.
        drop(keyfold_embedded::open(folder.path()).map_err(Failed::not_finished)?);
        File::open(&new)
            .and_then(|file| file.sync_all())
            .map_err(cannot)?;
        // The log first: with the new file it would be taken for its own.
        for old in ["engine.sqlite-wal", "engine.sqlite-shm"] {
            match std::fs::remove_file(self.data.join(old)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(cannot(error));
                }
                _ => {}
            }
        }
        std::fs::rename(&new, self.data.join(ENGINE_FILE)).map_err(cannot)?;
        File::open(&self.data)
            .and_then(|dir| dir.sync_all())
            .map_err(cannot)
    }

    fn cannot(&self, error: &std::io::Error) -> Failed {
        failed(&format!(
            "the folder {} cannot be written: {error}\nhint: it must be a folder with space that this user can write to",
            self.data.display()
        ))
    }
}

fn failed(problem: &str) -> Failed {
    Failed::not_finished(format!("KF6009: nothing was restored: {problem}"))
}

/// How many tables a snapshot holds; whatever else it is, it is refused.
fn tables_of(file: &Path) -> Result<u64, Failed> {
    let no_snapshot = |reason: &str| {
        failed(&format!(
            "{} is no snapshot: {reason}\nhint: name a file that `keyfold snapshot` wrote",
            file.display()
        ))
    };
    if !file.is_file() {
        return Err(no_snapshot("there is no such file"));
    }
    let mut log = file.as_os_str().to_owned();
    log.push("-wal");
    if std::fs::metadata(&log).is_ok_and(|log| log.len() > 0) {
        return Err(no_snapshot(
            "it is an engine's own file, and a part of its data is in the log beside it",
        ));
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let look = || {
        let connection = Connection::open_with_flags(file, flags)?;
        let whole: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        // The engine's own list of its tables.
        let tables = connection.query_row("SELECT count(*) FROM _tables", [], |row| row.get(0))?;
        Ok((whole, tables))
    };
    let looked: rusqlite::Result<(String, u64)> = look();
    match looked {
        Ok((whole, tables)) if whole == "ok" => Ok(tables),
        Ok(_) => Err(no_snapshot("it is damaged")),
        Err(error) => Err(no_snapshot(&error.to_string())),
    }
}
