//! What nobody asks for and has to be done: items whose time is over are deleted, stream records of
//! yesterday removed.
//!
//! A task does it, begun by the first call on a runtime and gone with the engine or the runtime,
//! whichever ends first; the next call begins another.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use dynoxide::DynoxideError;
use dynoxide::storage::Storage;
use dynoxide::storage_backend::{Clock, SystemClock};

use crate::call::on_a_thread;
use crate::changes::Written;
use crate::engine::Inner;
use crate::streams;

/// A round that reads whole tables is not begun again before so many times what the last one took.
const REST: u32 = 50;

#[derive(Debug)]
pub(crate) struct Upkeep {
    every: Duration,
    running: Arc<AtomicBool>,
}

impl Upkeep {
    pub(crate) fn new(every: Duration) -> Self {
        Self {
            every,
            running: Arc::default(),
        }
    }

    /// Begins the task, where there is none and there can be one.
    pub(crate) fn begin(inner: &Arc<Inner>) {
        let upkeep = &inner.upkeep;
        // A load is what a call pays for this.
        if upkeep.running.load(Ordering::Relaxed) || upkeep.running.swap(true, Ordering::AcqRel) {
            return;
        }
        let running = Running(Arc::clone(&upkeep.running));
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(rounds(Arc::downgrade(inner), upkeep.every, running));
        }
    }
}

/// Dropped with the task, also when its runtime ends.
struct Running(Arc<AtomicBool>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

async fn rounds(inner: Weak<Inner>, every: Duration, running: Running) {
    let mut pause = every;
    loop {
        tokio::time::sleep(pause).await;
        let Some(inner) = inner.upgrade() else {
            drop(running);
            return;
        };
        let begin = Instant::now();
        if let Err(error) = round(&inner).await {
            tracing::warn!(%error, "expired items and old stream records could not be removed; the next round tries again");
        }
        pause = every.max(begin.elapsed() * REST);
    }
}

async fn round(inner: &Arc<Inner>) -> Result<(), DynoxideError> {
    // A snapshot that no stale read has asked for since holds the log's space.
    *inner.before.lock().await = None;
    trim(inner).await?;
    sweep(inner).await
}

async fn trim(inner: &Arc<Inner>) -> Result<(), DynoxideError> {
    let now = unix_seconds();
    loop {
        // A reader knows: mostly there is nothing to hold the writer for.
        let mut reader = inner.handles.reader().await?;
        let Some(first) = reader.run(|storage| streams::too_old(storage, now))? else {
            return Ok(());
        };
        drop(reader);
        let writer = inner.handles.writer().await;
        let file = inner.file();
        // A connection of its own: the writer's cannot be had. It is held off meanwhile.
        on_a_thread(move || {
            let trimmed = streams::trim(&Storage::new(&file)?, first, now);
            drop(writer);
            trimmed
        })
        .await?;
    }
}

async fn sweep(inner: &Arc<Inner>) -> Result<(), DynoxideError> {
    let late = inner
        .injector
        .as_ref()
        .map_or(Duration::ZERO, |injector| injector.faults.late_ttl);
    let late_seconds = i64::try_from(late.as_secs()).unwrap_or(i64::MAX);
    let until = unix_seconds().saturating_sub(late_seconds);
    let mut reader = inner.handles.reader().await?;
    let expired =
        on_a_thread(move || reader.run(|storage| tables_with_expired(storage, until))).await?;
    if expired.is_empty() {
        return Ok(());
    }
    let database = inner.handles.writer().await.database();
    // Takes the engine's own lock for 25 rows at a time, and lets others in between.
    let deleted = on_a_thread(move || database.sweep_ttl()).await?;
    if deleted > 0 {
        tracing::debug!(deleted, "expired items were deleted");
        inner.watchers.tell(&Written::Tables(expired));
    }
    Ok(())
}

/// The tables that hold an item whose time is over. A sweep reads each table whole under the
/// writer's lock, so that it is only begun where it has something to do.
fn tables_with_expired(
    storage: &Storage,
    until_unix_seconds: i64,
) -> Result<Vec<String>, DynoxideError> {
    let mut found = Vec::new();
    for table in storage.list_ttl_enabled_tables()? {
        let Some(attribute) = table.ttl_attribute else {
            continue;
        };
        let name = table.table_name;
        // No path of JSON can name an attribute with a quote in it: the sweep itself finds out.
        let expired = attribute.contains(['"', '\\']) || {
            let sql = format!(
                "SELECT EXISTS (SELECT 1 FROM \"{}\"
                    WHERE CAST(json_extract(item_json, ?1) AS REAL) <= ?2)",
                name.replace('"', "\"\"")
            );
            storage.conn().query_row(
                &sql,
                (format!("$.\"{attribute}\".N"), until_unix_seconds),
                |row| row.get(0),
            )?
        };
        if expired {
            found.push(name);
        }
    }
    Ok(found)
}

/// By the clock that the engine dates its records with.
pub(crate) fn unix_seconds() -> i64 {
    i64::try_from(SystemClock.now_unix_secs()).unwrap_or(i64::MAX)
}
