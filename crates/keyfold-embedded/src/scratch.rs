//! The folder of an engine that keeps nothing.
//!
//! `SQLite` in memory has one connection, and one connection serves one call at a time: a scan
//! stalls every read behind it. A file on a tmpfs costs the same and can have a writer and readers.
//! Where there is no tmpfs the system's temporary folder serves: without waiting for the disk, the
//! page cache is the memory.

use std::path::{Path, PathBuf};
use std::sync::Once;
use std::time::Duration;

use tempfile::TempDir;

use crate::folder::{Folder, LOCK_FILE, OpenError};

const PREFIX: &str = "keyfold-memory-";

/// A folder without a locked lock file and younger than this may belong to an engine that is just
/// being opened.
const OPENING: Duration = Duration::from_mins(1);

/// Where the folder of an engine in memory may be, best first.
pub(crate) fn folders() -> Vec<PathBuf> {
    vec![PathBuf::from("/dev/shm"), std::env::temp_dir()]
}

/// A fresh folder in the first of `parents` that lets us write, removed when dropped.
pub(crate) fn create(parents: &[PathBuf]) -> Result<TempDir, OpenError> {
    let mut refused = OpenError::Folder {
        dir: PathBuf::new(),
        source: std::io::Error::other("there is none to try"),
    };
    for parent in parents {
        match tempfile::Builder::new().prefix(PREFIX).tempdir_in(parent) {
            Ok(folder) => {
                static ONCE: Once = Once::new();
                ONCE.call_once(|| remove_orphans(parent));
                return Ok(folder);
            }
            Err(source) => {
                refused = OpenError::Folder {
                    dir: parent.clone(),
                    source,
                };
            }
        }
    }
    Err(refused)
}

/// Removes what killed processes left behind in `parent`: folders whose lock nobody holds. Not by
/// process id, which says nothing where containers share a tmpfs.
pub(crate) fn remove_orphans(parent: &Path) {
    let Ok(entries) = std::fs::read_dir(parent) else {
        return;
    };
    for entry in entries.flatten() {
        if !entry.file_name().to_string_lossy().starts_with(PREFIX) {
            continue;
        }
        let folder = entry.path();
        let old = entry
            .metadata()
            .and_then(|meta| meta.modified())
            .is_ok_and(|at| at.elapsed().is_ok_and(|age| age > OPENING));
        let abandoned = match Folder::is_held(&folder) {
            Ok(held) => {
                !held && (old || folder.join(LOCK_FILE).metadata().is_ok_and(|m| m.len() > 0))
            }
            Err(error) => old && error.kind() == std::io::ErrorKind::NotFound,
        };
        if abandoned && let Err(error) = std::fs::remove_dir_all(&folder) {
            tracing::debug!(%error, "a folder left behind in memory could not be removed");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_dead_process_left_is_removed_and_what_lives_is_not() {
        let parent = tempfile::tempdir().unwrap();
        let parents = [parent.path().to_owned()];
        let alive = create(&parents).unwrap();
        let _held = Folder::hold(alive.path()).unwrap();
        let opening = create(&parents).unwrap();
        let orphan = create(&parents).unwrap().keep();
        drop(Folder::hold(&orphan).unwrap());
        let foreign = parent.path().join("not-ours");
        std::fs::create_dir(&foreign).unwrap();

        remove_orphans(parent.path());
        assert!(alive.path().exists() && opening.path().exists() && foreign.exists());
        assert!(!orphan.exists());
    }

    #[test]
    fn the_next_folder_serves_where_the_first_does_not() {
        let usable = tempfile::tempdir().unwrap();
        let parents = [usable.path().join("missing"), usable.path().to_owned()];
        let folder = create(&parents).unwrap();
        assert!(folder.path().starts_with(usable.path()));
        assert!(create(&parents[..1]).is_err());
    }

    #[tokio::test(flavor = "current_thread")]
    async fn an_engine_without_a_folder_answers_with_the_reason() {
        let mut options = crate::Options::new();
        options.memory_folders = vec![PathBuf::from("/nowhere/at/all")];
        let engine = options.memory();
        assert!(engine.open_error().is_some());
        let refused = engine.client().list_tables().send().await.unwrap_err();
        let refused = refused.into_service_error();
        let message = refused.meta().message().unwrap();
        assert!(message.starts_with("KF5004"), "{message}");
    }
}
