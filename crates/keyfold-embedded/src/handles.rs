//! One writer and a few readers on one file.
//!
//! Why both of the engine's layers: the writer is a `Database`, which keeps the tokens of
//! transactions (a retried one is answered, not applied again, and billed as the engine bills it),
//! the state of vector indexes under construction, and the paged TTL sweep; all private to it. Its
//! own lock costs nothing measurable beside ours. The readers are the layer below, `Storage` with
//! `actions::*::execute`: many of them can be on the file at once, none can write
//! (`PRAGMA query_only`), and their connections are ours to set.
//!
//! Every connection sees every commit at once (a write-ahead log without shared cache), so whoever
//! has the answer to a write reads it through any reader. What a connection does not see is a
//! change of tables and indexes: each caches those on its first use. So after one, before its
//! answer is given, all readers are opened anew; the writer made the change itself.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dynoxide::{Database, DynoxideError, storage::Storage};
use tokio::sync::{OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};

use crate::options::Durability;

/// How the writer's connection waits for the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Synchronous {
    Durable(Durability),
    /// Nothing is to survive.
    Off,
}

pub(crate) struct Handles {
    writer: Arc<tokio::sync::Mutex<Database>>,
    readers: Arc<Readers>,
    synchronous: Synchronous,
}

impl Handles {
    pub(crate) fn open(
        file: &Path,
        readers: usize,
        synchronous: Synchronous,
    ) -> Result<Self, DynoxideError> {
        let database = open_writer(file, synchronous)?;
        let pool = Readers {
            file: file.to_owned(),
            count: readers,
            permits: Arc::new(Semaphore::new(readers)),
            idle: Mutex::default(),
        };
        pool.reopen()?;
        Ok(Self {
            writer: Arc::new(tokio::sync::Mutex::new(database)),
            readers: Arc::new(pool),
            synchronous,
        })
    }

    /// Waits for its turn: the order of asking.
    pub(crate) async fn writer(&self) -> Writer {
        Writer {
            database: Arc::clone(&self.writer).lock_owned().await,
            file: self.readers.file.clone(),
            synchronous: self.synchronous,
        }
    }

    /// Waits for an idle one.
    pub(crate) async fn reader(&self) -> Result<Reader, DynoxideError> {
        self.readers.take().await
    }

    /// A connection of its own that goes on seeing what is there now.
    pub(crate) fn begin_snapshot(&self) -> Result<Storage, DynoxideError> {
        let storage = open_reader(&self.readers.file)?;
        // A transaction sees from its first read on.
        storage
            .conn()
            .execute_batch("BEGIN DEFERRED; SELECT COUNT(*) FROM _tables;")?;
        Ok(storage)
    }

    /// Opens all readers anew, so that none has cached a table as it was.
    pub(crate) fn reopen_readers(&self) -> Result<(), DynoxideError> {
        self.readers.reopen()
    }
}

/// The writer, until dropped.
pub(crate) struct Writer {
    database: OwnedMutexGuard<Database>,
    file: PathBuf,
    synchronous: Synchronous,
}

impl Writer {
    /// The same connection, under the engine's own lock alone.
    pub(crate) fn database(&self) -> Database {
        Database::clone(&self.database)
    }

    pub(crate) fn run<T>(
        &mut self,
        call: impl FnOnce(&Database) -> Result<T, DynoxideError>,
    ) -> Result<T, DynoxideError> {
        let database = &*self.database;
        if let Ok(result) = catch_unwind(AssertUnwindSafe(|| call(database))) {
            return result.map_err(|error| no_room(&self.file, error));
        }
        // Its transaction is open and its lock poisoned. Closing it rolls back.
        *self.database = open_writer(&self.file, self.synchronous)?;
        Err(panicked())
    }
}

fn open_writer(file: &Path, synchronous: Synchronous) -> Result<Database, DynoxideError> {
    let path = file.to_str().ok_or_else(|| {
        DynoxideError::InternalServerError("the path is not valid Unicode".to_owned())
    })?;
    let database = Database::new(path)?;
    // The writer's own connection cannot be had: one like it.
    let storage = Storage::new(path)?;
    crate::streams::prepare(&storage)?;
    match synchronous {
        Synchronous::Durable(Durability::Full) => require_full_by_default(&storage)?,
        // The engine's names for its settings of the connection: NORMAL, and OFF.
        Synchronous::Durable(Durability::Normal) => database.disable_bulk_loading()?,
        Synchronous::Off => database.enable_bulk_loading()?,
    }
    Ok(database)
}

/// The engine gives `SQLite`'s words for a disk that takes no more, and no name.
fn no_room(file: &Path, error: DynoxideError) -> DynoxideError {
    let reason = error.to_string();
    if error.status_code() < 500
        || !["disk I/O error", "disk is full"]
            .iter()
            .any(|words| reason.contains(words))
    {
        return error;
    }
    DynoxideError::InternalServerError(format!(
        "KF5007: the disk is full, or fails: {} could not be written ({reason}); what was acknowledged before is kept. hint: make room on that disk",
        file.display()
    ))
}

fn panicked() -> DynoxideError {
    DynoxideError::InternalServerError("KF5005: the engine panicked in this call; its connection was opened anew. hint: please report it, with the operation and the shape of the request"
            .to_owned())
}

/// A connection is `synchronous=FULL` unless `SQLite` was built to differ, and the engine offers no
/// way to set that on the writer: so make sure of it on one like it.
fn require_full_by_default(storage: &Storage) -> Result<(), DynoxideError> {
    const FULL: i64 = 2;
    let level: i64 = storage
        .conn()
        .pragma_query_value(None, "synchronous", |row| row.get(0))?;
    if level < FULL {
        return Err(DynoxideError::InternalServerError(format!(
            "this build of SQLite defaults to synchronous={level}, so Durability::Full cannot be kept; choose Durability::Normal or build SQLite without SQLITE_DEFAULT_SYNCHRONOUS and SQLITE_DEFAULT_WAL_SYNCHRONOUS"
        )));
    }
    Ok(())
}

struct Readers {
    file: PathBuf,
    count: usize,
    permits: Arc<Semaphore>,
    idle: Mutex<Idle>,
}

#[derive(Default)]
struct Idle {
    // Rises with each change of tables or indexes; a handle of an older one is not used again.
    generation: u64,
    handles: Vec<Storage>,
}

impl Readers {
    fn reopen(&self) -> Result<(), DynoxideError> {
        let handles = (0..self.count)
            .map(|_| open_reader(&self.file))
            .collect::<Result<Vec<_>, _>>();
        let mut idle = self.lock();
        idle.generation += 1;
        // Also when they cannot be opened now: a stale one must not answer, and `take` tries again.
        idle.handles.clear();
        idle.handles.extend(handles?);
        Ok(())
    }

    async fn take(self: &Arc<Self>) -> Result<Reader, DynoxideError> {
        let permit = Arc::clone(&self.permits)
            .acquire_owned()
            .await
            .map_err(|closed| DynoxideError::InternalServerError(closed.to_string()))?;
        let (generation, idle) = {
            let mut idle = self.lock();
            (idle.generation, idle.handles.pop())
        };
        let storage = match idle {
            Some(storage) => storage,
            None => open_reader(&self.file)?,
        };
        Ok(Reader {
            storage: Some(storage),
            generation,
            readers: Arc::clone(self),
            _permit: permit,
        })
    }

    fn lock(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn open_reader(file: &Path) -> Result<Storage, DynoxideError> {
    let storage = Storage::new(&file.to_string_lossy())?;
    storage
        .conn()
        .execute_batch("PRAGMA query_only = ON; PRAGMA mmap_size = 268435456;")?;
    Ok(storage)
}

/// A reader of its own, until dropped.
pub(crate) struct Reader {
    // `None` after a call on it panicked, and while it is being dropped.
    storage: Option<Storage>,
    generation: u64,
    readers: Arc<Readers>,
    _permit: OwnedSemaphorePermit,
}

impl Reader {
    pub(crate) fn run<T>(
        &mut self,
        call: impl FnOnce(&Storage) -> Result<T, DynoxideError>,
    ) -> Result<T, DynoxideError> {
        let Some(storage) = &self.storage else {
            return Err(panicked());
        };
        if let Ok(result) = catch_unwind(AssertUnwindSafe(|| call(storage))) {
            return result;
        }
        // It may be half way through: closed, not given back.
        self.storage = None;
        Err(panicked())
    }

    /// Which state of tables and indexes it knows.
    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let Some(storage) = self.storage.take() else {
            return;
        };
        let mut idle = self.readers.lock();
        if idle.generation == self.generation && idle.handles.len() < self.readers.count {
            idle.handles.push(storage);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn synchronous(prepare: impl FnOnce(&Storage)) -> i64 {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("engine.sqlite");
        let storage = Storage::new(file.to_str().unwrap()).unwrap();
        prepare(&storage);
        storage
            .conn()
            .pragma_query_value(None, "synchronous", |row| row.get(0))
            .unwrap()
    }

    /// What the engine's names for its settings mean, which `Durability` stands on.
    #[test]
    fn the_engines_settings_are_full_normal_and_off() {
        assert_eq!(synchronous(|_| ()), 2, "FULL, unless told otherwise");
        assert_eq!(
            synchronous(|storage| storage.disable_bulk_loading().unwrap()),
            1
        );
        assert_eq!(
            synchronous(|storage| storage.enable_bulk_loading().unwrap()),
            0
        );
    }

    #[test]
    fn a_reader_cannot_write() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("engine.sqlite");
        let storage = open_reader(&file).unwrap();
        let written = storage.conn().execute_batch("CREATE TABLE t (x)");
        assert!(written.unwrap_err().to_string().contains("readonly"));
    }

    #[tokio::test]
    async fn reads_wait_for_neither_the_writer_nor_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("engine.sqlite");
        let handles = Handles::open(&file, 2, Synchronous::Off).unwrap();
        let _writer = handles.writer().await;
        let _long_scan = handles.reader().await.unwrap();
        let short = tokio::time::timeout(std::time::Duration::from_secs(5), handles.reader());
        short.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn a_reader_from_before_a_change_of_tables_is_not_used_again() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("engine.sqlite");
        let handles = Handles::open(&file, 1, Synchronous::Off).unwrap();
        let before = handles.reader().await.unwrap();
        handles.reopen_readers().unwrap();
        let generation = before.generation();
        drop(before);
        assert!(handles.reader().await.unwrap().generation() > generation);
    }

    #[tokio::test]
    async fn a_call_that_panics_costs_its_handle_and_no_more() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("engine.sqlite");
        let handles = Handles::open(&file, 1, Synchronous::Off).unwrap();
        let mut reader = handles.reader().await.unwrap();
        let failed = reader.run(|_| -> Result<(), _> { panic!("in a test") });
        assert_eq!(failed.unwrap_err().status_code(), 500);
        drop(reader);
        let mut reader = handles.reader().await.unwrap();
        reader.run(Storage::list_table_names).unwrap();

        let mut writer = handles.writer().await;
        let failed = writer.run(|_| -> Result<(), _> { panic!("in a test") });
        assert_eq!(failed.unwrap_err().status_code(), 500);
        writer.run(Database::table_count).unwrap();
    }
}
