//! A pipeline that runs: how far it is, and how it is stopped.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use keyfold::{GetError, RequestError, TableError, Timestamp, WriteError};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::pipeline::Definition;
use crate::source::Source;
use crate::worker::Worker;

/// A pipeline cannot be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The table has no stream.
    #[error(
        "KF3007: table `{table}` has no stream; declare `stream = new_and_old_images`, and switch it on with UpdateTable"
    )]
    NoStream {
        /// The table.
        table: String,
    },
    /// `<table>-streams` cannot be made.
    #[error("KF3008: `<table>-streams` cannot be made")]
    Table(#[from] TableError),
    /// The table or its stream cannot be reached.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The pipeline's row cannot be read.
    #[error(transparent)]
    Read(#[from] GetError),
    /// The pipeline's row cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The stream's shards or their leases cannot be read.
    #[error("KF3008: the shards cannot be taken: {0}")]
    First(String),
}

/// A pipeline that runs, until it is stopped or dropped.
#[derive(Debug)]
#[must_use = "a pipeline ends when this is dropped"]
pub struct Running {
    shared: Arc<Shared>,
    stop: watch::Sender<bool>,
    task: Option<JoinHandle<()>>,
    wake: Option<JoinHandle<()>>,
}

/// How far a pipeline is, as this worker sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Status {
    /// The shards it reads.
    pub shards: BTreeMap<String, ShardStatus>,
    /// Records handled since it was started.
    pub handled: u64,
    /// Calls that failed.
    pub failed_calls: u64,
    /// Records set aside.
    pub set_aside: u64,
    /// How often records had been deleted from the stream before they were read.
    pub trimmed: u64,
}

/// How far a shard is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShardStatus {
    /// All records up to this one are done with.
    pub position: Option<String>,
    /// How many records are being handled or wait for it.
    pub in_hand: usize,
    /// About when the oldest of them was written.
    pub oldest_in_hand: Option<Timestamp>,
}

impl Status {
    /// How many records are being handled or wait for it.
    pub fn in_hand(&self) -> usize {
        self.shards.values().map(|shard| shard.in_hand).sum()
    }
}

impl Running {
    pub(crate) async fn start(
        definition: Arc<Definition>,
        client: aws_sdk_dynamodb::Client,
        table: String,
        source: Source,
    ) -> Result<Self, StartError> {
        let shared = Arc::new(Shared::default());
        let woken = Arc::clone(&shared.woken);
        let wake = source
            .wake
            .as_ref()
            .map(|wake| tokio::spawn(wake(&table, woken)));
        let told = shared.woken.subscribe();
        let worker = Worker::start(definition, client, table, source, Arc::clone(&shared), told);
        let worker = match worker.await {
            Ok(worker) => worker,
            Err(error) => {
                wake.inspect(JoinHandle::abort);
                return Err(error);
            }
        };
        let (stop, stopped) = watch::channel(false);
        Ok(Self {
            shared,
            stop,
            task: Some(tokio::spawn(worker.run(stopped))),
            wake,
        })
    }

    /// How far it is.
    pub fn status(&self) -> Status {
        Status {
            shards: self
                .shared
                .lock()
                .iter()
                .map(|(id, s)| (id.clone(), s.status.clone()))
                .collect(),
            handled: self.shared.handled.load(Ordering::Relaxed),
            failed_calls: self.shared.failed_calls.load(Ordering::Relaxed),
            set_aside: self.shared.set_aside.load(Ordering::Relaxed),
            trimmed: self.shared.trimmed.load(Ordering::Relaxed),
        }
    }

    /// Waits until every change written before this call is handled or set aside, in all shards that
    /// this worker reads (of which it must have one).
    pub async fn caught_up(&self) {
        let asked = Instant::now();
        loop {
            let told = self.shared.idle.notified();
            tokio::pin!(told);
            told.as_mut().enable();
            {
                let shards = self.shared.lock();
                let is_idle = |shard: &Known| shard.idle_at.is_some_and(|at| at >= asked);
                let settled = !self.shared.unsettled.load(Ordering::Acquire);
                if settled && !shards.is_empty() && shards.values().all(is_idle) {
                    return;
                }
            }
            // It looks now, and not when the next poll is due.
            self.shared.woken.send_modify(|count| *count += 1);
            tokio::select! {
                () = told => {}
                () = tokio::time::sleep(std::time::Duration::from_millis(20)) => {}
            }
        }
    }

    /// Stops: begins no more records, waits for the handlers that run (as long as one may take),
    /// writes the positions, and gives the shards back, so that another worker can go on at once.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        if let Some(task) = self.task.take() {
            // That it panicked was told where it did.
            let _ = task.await;
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
        if let Some(wake) = &self.wake {
            wake.abort();
        }
    }
}

/// What the tasks of a pipeline tell.
#[derive(Debug)]
pub(crate) struct Shared {
    shards: Mutex<BTreeMap<String, Known>>,
    handled: AtomicU64,
    failed_calls: AtomicU64,
    set_aside: AtomicU64,
    trimmed: AtomicU64,
    /// Raised when there may be something to read.
    woken: Arc<watch::Sender<u64>>,
    idle: Notify,
    /// A shard ended, and its children are not taken yet.
    unsettled: AtomicBool,
}

#[derive(Debug, Default)]
struct Known {
    status: ShardStatus,
    /// When a read was begun that found nothing while nothing was in hand.
    idle_at: Option<Instant>,
}

impl Default for Shared {
    fn default() -> Self {
        Self {
            shards: Mutex::default(),
            handled: AtomicU64::default(),
            failed_calls: AtomicU64::default(),
            set_aside: AtomicU64::default(),
            trimmed: AtomicU64::default(),
            woken: Arc::new(watch::Sender::new(0)),
            idle: Notify::new(),
            unsettled: AtomicBool::default(),
        }
    }
}

impl Shared {
    pub(crate) fn handled(&self) {
        self.handled.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn retried(&self) {
        self.failed_calls.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn set_aside(&self) {
        self.set_aside.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn trimmed(&self) {
        self.trimmed.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn hold(&self, id: &str) {
        self.lock().insert(id.to_owned(), Known::default());
    }

    pub(crate) fn shard(&self, id: &str, change: impl FnOnce(&mut ShardStatus)) {
        if let Some(known) = self.lock().get_mut(id) {
            change(&mut known.status);
        }
    }

    pub(crate) fn idle(&self, id: &str, at: Instant) {
        if let Some(known) = self.lock().get_mut(id) {
            known.idle_at = Some(at);
        }
        self.idle.notify_waiters();
    }

    pub(crate) fn unsettled(&self, unsettled: bool) {
        self.unsettled.store(unsettled, Ordering::Release);
    }

    pub(crate) fn forget(&self, id: &str) {
        self.lock().remove(id);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Known>> {
        self.shards.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
