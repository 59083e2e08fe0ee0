//! The data folder and who holds it.
//!
//! | file | what it is |
//! |---|---|
//! | `engine.sqlite` | tables, items, indexes and stream records: a `SQLite` file of the engine |
//! | `engine.sqlite-wal`, `engine.sqlite-shm` | its write-ahead log; they belong to the file and are copied with it |
//! | `keyfold.lock` | locked by the one process that has the folder open; says which, and the endpoint it serves |
//!
//! A folder whose engine is closed may be copied as it is. Of an open one
//! [`Engine::snapshot`](crate::Engine::snapshot) takes a consistent copy.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub(crate) const LOCK_FILE: &str = "keyfold.lock";
pub(crate) const ENGINE_FILE: &str = "engine.sqlite";

/// Why a data folder could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Another engine has the folder open.
    #[error("KF5003: the data folder {} is held by {holder}. hint: {}", dir.display(), holder.hint())]
    Held {
        /// The folder.
        dir: PathBuf,
        /// Who has it.
        holder: Holder,
    },
    /// The folder or its lock file cannot be used.
    #[error("KF5004: the data folder {} cannot be used: {source}. hint: it must be a folder this user can write to", dir.display())]
    Folder {
        /// The folder.
        dir: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The engine refuses its file.
    #[error("KF5002: the engine cannot open {}: {reason}. hint: a file written by a newer version is opened by that version; a damaged one is replaced by a snapshot", file.display())]
    Engine {
        /// The engine's file.
        file: PathBuf,
        /// What the engine said.
        reason: String,
    },
}

impl OpenError {
    /// Whether another engine has the folder open.
    pub fn is_held(&self) -> bool {
        matches!(self, Self::Held { .. })
    }
}

/// The process that has a data folder open.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Holder {
    /// Its process id; `None` where it has not written it yet or the system hides a locked file.
    pub pid: Option<u32>,
    /// The `DynamoDB` endpoint it serves, if it serves one: whoever cannot open the folder can
    /// connect there.
    pub endpoint: Option<String>,
}

impl Holder {
    fn hint(&self) -> String {
        if self.pid == Some(std::process::id()) {
            return "it is open in this very process: clone that `Engine`".to_owned();
        }
        match &self.endpoint {
            Some(endpoint) => format!("connect to {endpoint}, or stop that process"),
            None => "stop that process, or choose another folder".to_owned(),
        }
    }
}

impl std::fmt::Display for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.pid {
            Some(pid) => write!(f, "process {pid}")?,
            None => f.write_str("another process")?,
        }
        match &self.endpoint {
            Some(endpoint) => write!(f, ", which serves {endpoint}"),
            None => Ok(()),
        }
    }
}

/// Who has the folder `dir` open, if anybody has.
///
/// # Errors
/// When the lock file exists and cannot be read.
pub fn holder(dir: impl AsRef<Path>) -> std::io::Result<Option<Holder>> {
    let dir = dir.as_ref();
    match Folder::is_held(dir) {
        Ok(true) => Ok(Some(read_holder(&dir.join(LOCK_FILE)))),
        Ok(false) => Ok(None),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// A data folder held by this process until dropped.
#[derive(Debug)]
pub(crate) struct Folder {
    dir: PathBuf,
    // The lock ends with the file: also when the process is killed.
    lock: Mutex<File>,
}

impl Folder {
    pub(crate) fn hold(dir: &Path) -> Result<Self, OpenError> {
        let unusable = |source| OpenError::Folder {
            dir: dir.to_owned(),
            source,
        };
        std::fs::create_dir_all(dir).map_err(unusable)?;
        let path = dir.join(LOCK_FILE);
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(unusable)?;
        // Whoever asks for the `holder` has the lock for an instant: not a reason to refuse.
        let mut attempts = 0;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if attempts < 5 => {
                    attempts += 1;
                    std::thread::sleep(Duration::from_millis(5));
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(OpenError::Held {
                        dir: dir.to_owned(),
                        holder: read_holder(&path),
                    });
                }
                Err(TryLockError::Error(source)) => return Err(unusable(source)),
            }
        }
        let folder = Self {
            dir: dir.to_owned(),
            lock: Mutex::new(file),
        };
        folder.announce(None).map_err(unusable)?;
        Ok(folder)
    }

    /// Writes who holds the folder, and where it serves, into the lock file.
    pub(crate) fn announce(&self, endpoint: Option<String>) -> std::io::Result<()> {
        let holder = Holder {
            pid: Some(std::process::id()),
            endpoint,
        };
        let text = serde_json::to_vec(&holder)?;
        let mut file = self
            .lock
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        file.rewind()?;
        file.set_len(0)?;
        file.write_all(&text)?;
        file.flush()
    }

    pub(crate) fn engine_file(&self) -> PathBuf {
        self.dir.join(ENGINE_FILE)
    }

    pub(crate) fn is_held(dir: &Path) -> std::io::Result<bool> {
        let file = File::open(dir.join(LOCK_FILE))?;
        match file.try_lock_shared() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

fn read_holder(lock_file: &Path) -> Holder {
    let mut text = String::new();
    File::open(lock_file)
        .and_then(|mut file| file.read_to_string(&mut text))
        .ok()
        .and_then(|_| serde_json::from_str(&text).ok())
        .unwrap_or_default()
}
