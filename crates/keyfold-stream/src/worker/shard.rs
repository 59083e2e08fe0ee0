//! A shard in hand: read, handled, its position written.

use std::sync::Arc;
use std::time::Duration;

use keyfold::{Table as _, Timestamp, Write as _, WriteError};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::attempt::{Bench, Done, Outcome, jittered};
use super::hand::{Hand, Position};
use super::hold::{Hold, Times};
use crate::handler::BoxFuture;
use crate::pipeline::Definition;
use crate::record::Record;
use crate::running::Shared;
use crate::source::{Page, ReadError, Reader};
use crate::table::{ShardRowKey, Streams};

/// As much as one page of AWS has.
const PAGE_BYTES: usize = 1 << 20;
/// Pages are asked for so large once the first has told how large records are.
const FIRST_PAGE: i32 = 16;
const PAGE_MAX: i32 = 1_000;
/// A read that takes longer is given up and tried again; a last write is given up.
const ANSWER_TIME: Duration = Duration::from_secs(20);
/// Who is told of each write looks again so long after a page that was not full: a page may be short
/// for another reason than that nothing follows.
const AGAIN: Duration = Duration::from_millis(25);
/// A finished shard is remembered for longer than the stream lists it.
const REMEMBERED_MS: i64 = 48 * 60 * 60 * 1_000;

/// What a shard's task is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Command {
    /// Go on.
    Run,
    /// Let the handlers that run end, write the position, and leave the shard to whoever wants it,
    /// or to this worker.
    Release(Option<String>),
}

/// How a shard's task ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The shard is closed and done with.
    Finished,
    /// It was let go as commanded.
    Released,
    /// Another worker has it, or it could not be told that it is ours still.
    Lost,
}

/// What a shard's task begins with.
pub(crate) struct Shard {
    pub(crate) definition: Arc<Definition>,
    pub(crate) streams: Streams,
    pub(crate) shared: Arc<Shared>,
    pub(crate) id: Arc<str>,
    pub(crate) lease: String,
    pub(crate) beat: u64,
    pub(crate) held_since: Instant,
    pub(crate) reader: Reader,
    /// Older records are passed over.
    pub(crate) since: Option<Timestamp>,
    pub(crate) poll: Duration,
    /// Between two reads, at least.
    pub(crate) gather: Duration,
    /// Whether somebody tells when there is something to read.
    pub(crate) is_woken: bool,
    pub(crate) commands: watch::Receiver<Command>,
    pub(crate) woken: watch::Receiver<u64>,
}

type Fetched = (Reader, Fetch, Result<Page, ReadError>);

/// How things were when a page was asked for.
#[derive(Debug, Clone, Copy)]
struct Fetch {
    sent: Instant,
    limit: i32,
    /// Nothing was in hand.
    is_idle: bool,
    /// And the position was written.
    is_written: bool,
}

struct Work {
    shard: Shard,
    times: Times,
    hold: Arc<Hold>,
    bench: Bench,
    stopping: watch::Sender<bool>,
    hand: Hand,
    tasks: JoinSet<Done>,
    /// Done with and not yet written.
    unwritten: Option<Position>,
    written: Option<Position>,
    wrote: Instant,
    /// When the first record came after there was none.
    busy_since: Instant,
    /// After a write that failed.
    write_again: Instant,
    is_read: bool,
    gone: bool,
    record_bytes: Option<usize>,
    failures: u32,
}

impl Shard {
    /// Reads and handles until it is finished, released or lost.
    pub(crate) async fn run(self) -> Ended {
        let times = Times::of(self.definition.lease);
        let (stopping, is_stopping) = watch::channel(false);
        let now = Instant::now();
        Work {
            hold: Arc::new(Hold::new(self.held_since, times.safe)),
            bench: Bench {
                definition: Arc::clone(&self.definition),
                streams: self.streams.clone(),
                slots: Arc::new(Semaphore::new(self.definition.concurrency)),
                stopping: is_stopping,
                keeps_letters: true,
            },
            times,
            stopping,
            hand: Hand::default(),
            tasks: JoinSet::new(),
            unwritten: None,
            written: None,
            wrote: now,
            busy_since: now,
            write_again: now,
            is_read: false,
            gone: false,
            record_bytes: None,
            failures: 0,
            shard: self,
        }
        .run()
        .await
    }
}

impl Work {
    async fn run(mut self) -> Ended {
        let mut reader = Some(self.shard.reader.clone());
        let mut fetching: Option<BoxFuture<Fetched>> = None;
        let mut next_poll = Instant::now();
        let mut gathered = Instant::now();
        let mut commands = self.shard.commands.clone();
        let mut woken = self.shard.woken.clone();
        loop {
            let command = commands.borrow_and_update().clone();
            if let Command::Release(to) = command {
                return self.release(to).await;
            }
            self.begin();
            let is_done = self.is_read && self.hand.is_empty();
            if is_done
                && Instant::now() >= self.write_again
                && let Some(ended) = self.finish().await
            {
                return ended;
            }
            let may_read = fetching.is_none() && !self.is_read && self.has_room();
            if may_read
                && Instant::now() >= next_poll
                && let Some(reader) = reader.take()
            {
                woken.borrow_and_update();
                gathered = Instant::now() + self.shard.gather;
                fetching = Some(self.fetch(reader));
            }
            let idle = fetching.is_none();
            let needs_write = self.unwritten.is_some() || !self.hand.is_empty();
            let write_at = self.write_at();
            let write_again = self.write_again;
            tokio::select! {
                changed = commands.changed() => if changed.is_err() {
                    return self.release(None).await;
                },
                Some(done) = self.tasks.join_next() => match done {
                    Ok(done) => self.done(&done),
                    // Nothing in it panics; whoever takes the shard next begins at the position.
                    Err(_) => return Ended::Lost,
                },
                (back, fetch, page) = async {
                    match &mut fetching {
                        Some(fetching) => fetching.await,
                        None => std::future::pending().await,
                    }
                } => {
                    fetching = None;
                    reader = Some(back);
                    next_poll = self.read(fetch, page).max(gathered);
                }
                () = tokio::time::sleep_until(next_poll), if idle && may_read => {}
                Ok(()) = woken.changed(), if idle && may_read => next_poll = Instant::now().max(gathered),
                // It is tried again to finish it.
                () = tokio::time::sleep_until(write_again), if is_done => {}
                () = tokio::time::sleep_until(write_at), if needs_write && !is_done => {
                    if let Some(ended) = self.renew().await {
                        return ended;
                    }
                }
                // Nothing could be written for so long that it may be another's by now.
                () = tokio::time::sleep_until(self.hold.until() + self.times.tick), if !self.tasks.is_empty() => {
                    if !self.hold.is_safe() && let Some(ended) = self.renew().await {
                        return ended;
                    }
                    if !self.hold.is_safe() {
                        return Ended::Lost;
                    }
                }
            }
        }
    }

    /// When the position, or that we are at it, is written next.
    fn write_at(&self) -> Instant {
        let due = if !self.hold.is_safe() && !self.tasks.is_empty() {
            // Its records wait for it.
            self.write_again
        } else if self.unwritten.is_some() {
            self.wrote + self.times.checkpoint()
        } else {
            self.wrote.max(self.busy_since) + self.times.checkpoint()
        };
        due.max(self.write_again)
    }

    fn has_room(&self) -> bool {
        let bytes = self.record_bytes.unwrap_or(0) * self.hand.len();
        self.hand.len() < self.shard.definition.in_hand_max.div_ceil(2).max(1)
            && bytes < 8 * PAGE_BYTES
    }

    fn fetch(&self, mut reader: Reader) -> BoxFuture<Fetched> {
        let fits = self.record_bytes.map_or(FIRST_PAGE, |bytes| {
            let fits = PAGE_BYTES / bytes.max(1);
            i32::try_from(fits).map_or(PAGE_MAX, |fits| fits.clamp(1, PAGE_MAX))
        });
        let room = self.shard.definition.in_hand_max.div_ceil(2);
        let limit = i32::try_from(room).map_or(fits, |room| room.clamp(1, fits));
        let fetch = Fetch {
            sent: Instant::now(),
            limit,
            is_idle: self.hand.is_empty(),
            is_written: self.unwritten.is_none(),
        };
        Box::pin(async move {
            let page = tokio::time::timeout(ANSWER_TIME, reader.page(limit)).await;
            (reader, fetch, page.unwrap_or(Err(ReadError::Silent)))
        })
    }

    /// Takes a page into hand; when the next is due.
    fn read(&mut self, fetch: Fetch, page: Result<Page, ReadError>) -> Instant {
        let now = Instant::now();
        let page = match page {
            Ok(page) => page,
            Err(error) => {
                if matches!(error, ReadError::Gone) {
                    // Trimmed as a whole: nothing is left of it.
                    self.is_read = true;
                    self.gone = true;
                    return now;
                }
                self.failures += 1;
                tracing::warn!(
                    pipeline = %self.shard.definition.name, shard = %self.shard.id, %error,
                    "a shard could not be read; trying again"
                );
                let pause = self.shard.poll.max(Duration::from_millis(50));
                return now + jittered((pause * (1 << self.failures.min(6))).min(self.times.tick));
            }
        };
        self.failures = 0;
        if page.skipped_trimmed {
            self.shard.shared.trimmed();
            tracing::error!(
                pipeline = %self.shard.definition.name, shard = %self.shard.id,
                "KF3005: records were deleted from the stream before they were read; going on with the oldest there is"
            );
        }
        self.is_read = page.is_last;
        if page.records.is_empty() {
            if fetch.is_idle {
                self.shard.shared.idle(&self.shard.id, fetch.sent);
                if fetch.is_written {
                    self.hold.was_ours(fetch.sent);
                }
            }
            return now + self.shard.poll.min(self.times.tick);
        }
        let bytes = page.bytes / page.records.len();
        if self.hand.is_empty() {
            self.busy_since = now;
        }
        self.record_bytes = Some(
            self.record_bytes
                .map_or(bytes, |known| known.midpoint(bytes))
                .max(1),
        );
        let is_full = i32::try_from(page.records.len()).is_ok_and(|len| len >= fetch.limit);
        for record in page.records {
            self.take(record);
        }
        self.tell();
        if self.shard.is_woken && !is_full {
            now + AGAIN
        } else {
            now
        }
    }

    fn take(&mut self, record: Record) {
        let is_old = match (self.shard.since, record.created) {
            (Some(since), Some(created)) => created < since,
            _ => false,
        };
        if is_old || self.bench.routes(&record.change).1.is_empty() {
            self.hand.pass(&record);
            self.advance();
        } else {
            self.hand.push(record);
        }
    }

    /// Begins what may begin.
    fn begin(&mut self) {
        while let Some(begun) = self.hand.begin() {
            let work = self.bench.clone().work(begun, Arc::clone(&self.shard.id));
            let hold = Arc::clone(&self.hold);
            let shared = Arc::clone(&self.shard.shared);
            self.tasks
                .spawn(async move { work.run(|| hold.safely(), || shared.retried()).await });
        }
    }

    fn done(&mut self, done: &Done) {
        match done.outcome {
            Outcome::Handled => self.shard.shared.handled(),
            Outcome::Failed { .. } => self.shard.shared.set_aside(),
            // It stays in front of the position.
            Outcome::Dropped => return,
        }
        self.hand.done(done.lane, done.number);
        self.advance();
        self.tell();
    }

    fn advance(&mut self) {
        if let Some(position) = self.hand.advance() {
            self.unwritten = Some(position);
        }
    }

    fn tell(&self) {
        let position = self.unwritten.as_ref().or(self.written.as_ref());
        self.shard.shared.shard(&self.shard.id, |status| {
            status.in_hand = self.hand.len();
            status.oldest_in_hand = self.hand.oldest();
            status.position = position.map(|p| p.sequence_number.clone());
        });
    }

    fn key(&self) -> ShardRowKey {
        ShardRowKey {
            pipeline: self.shard.definition.name.to_string(),
            shard: self.shard.id.to_string(),
        }
    }

    /// Writes the position, which renews the lease too; how it ended, if it did.
    async fn renew(&mut self) -> Option<Ended> {
        let sent = Instant::now();
        let beat = self.shard.beat + 1;
        let mut patch = self.shard.streams.shards.patch(self.key()).beat(beat);
        if let Some(position) = &self.unwritten {
            patch = patch
                .position(Some(position.sequence_number.clone()))
                .position_created(position.created);
        }
        let lease = self.shard.lease.clone();
        let written = patch.when(|row| row.lease.eq(Some(lease))).send();
        // Should the answer not come, it may be another's before the handlers that run have ended.
        let limit = self.hold.until().max(sent) + self.times.tick;
        let Ok(written) = tokio::time::timeout_at(limit, written).await else {
            return Some(Ended::Lost);
        };
        match written {
            Ok(_) => {
                self.shard.beat = beat;
                self.wrote = sent;
                self.hold.was_ours(sent);
                if self.unwritten.is_some() {
                    self.written = self.unwritten.take();
                }
                None
            }
            Err(error) => self.unwritable(&error),
        }
    }

    fn unwritable(&mut self, error: &WriteError) -> Option<Ended> {
        if is_lost(error) {
            return Some(Ended::Lost);
        }
        tracing::warn!(
            pipeline = %self.shard.definition.name, shard = %self.shard.id, %error,
            "the position could not be written; trying again"
        );
        self.write_again = Instant::now() + jittered(self.times.checkpoint() / 2);
        None
    }

    /// The shard is closed, and all of it done with.
    async fn finish(&mut self) -> Option<Ended> {
        let until = remembered_until(self.shard.streams.now());
        let mut patch = self
            .shard
            .streams
            .shards
            .patch(self.key())
            .beat(self.shard.beat + 1)
            .finished(true)
            .until(until)
            .remove_owner()
            .remove_lease()
            .remove_wanted_by();
        if let Some(position) = &self.unwritten {
            patch = patch
                .position(Some(position.sequence_number.clone()))
                .position_created(position.created);
        }
        let lease = self.shard.lease.clone();
        match patch.when(|row| row.lease.eq(Some(lease))).send().await {
            Ok(_) => Some(Ended::Finished),
            Err(error) => self.unwritable(&error).or_else(|| {
                tracing::debug!(
                    gone = self.gone,
                    "a finished shard is not yet written as such"
                );
                None
            }),
        }
    }

    /// Lets what runs end, and the shard go.
    async fn release(mut self, to: Option<String>) -> Ended {
        self.stopping.send_replace(true);
        let limit = Instant::now() + self.shard.definition.time_limit;
        while !self.tasks.is_empty() {
            let write_at = (self.wrote + self.times.checkpoint()).max(self.write_again);
            tokio::select! {
                Some(done) = self.tasks.join_next() => match done {
                    Ok(done) => self.done(&done),
                    Err(_) => return Ended::Lost,
                },
                () = tokio::time::sleep_until(write_at) => {
                    if let Some(ended) = self.renew().await {
                        return ended;
                    }
                }
                () = tokio::time::sleep_until(limit) => break,
            }
        }
        let patch = self
            .shard
            .streams
            .shards
            .patch(self.key())
            .beat(self.shard.beat + 1);
        let mut patch = patch.remove_lease().remove_wanted_by();
        patch = match to {
            Some(worker) => patch.owner(Some(worker)),
            None => patch.remove_owner(),
        };
        if let Some(position) = &self.unwritten {
            patch = patch
                .position(Some(position.sequence_number.clone()))
                .position_created(position.created);
        }
        let lease = self.shard.lease.clone();
        let written = patch.when(|row| row.lease.eq(Some(lease))).send();
        match tokio::time::timeout(ANSWER_TIME, written).await {
            Ok(Ok(_)) => return Ended::Released,
            Ok(Err(error)) => {
                tracing::warn!(%error, "a shard could not be released; it is taken over later");
            }
            Err(_) => {
                tracing::warn!("a shard's release was not answered; it is taken over later");
            }
        }
        Ended::Lost
    }
}

/// Until when a shard that is finished now is remembered.
pub(crate) fn remembered_until(now: Timestamp) -> Option<Timestamp> {
    Timestamp::from_millisecond(now.as_millisecond().saturating_add(REMEMBERED_MS)).ok()
}

/// Whether another worker has the shard.
pub(crate) fn is_lost(error: &WriteError) -> bool {
    error.is_condition_failed() || error.is_not_found()
}
