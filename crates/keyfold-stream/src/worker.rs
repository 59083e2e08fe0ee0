//! A worker: which shards it has, which it takes, which it gives.
//!
//! ```text
//! tick ─► rows of <table>-streams, shard tree ─► claim · ask for a share · hand over · take over
//!                                                   │
//!            shard: read ─► hand (in order per item) ─► attempt ─► letter
//!                                 └─► position, which renews the lease
//! ```

mod attempt;
mod hand;
mod hold;
mod letter;
mod replay;
mod shard;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use keyfold::{
    QueryError, Randomness as _, RequestError, Table as _, Timestamp, Write as _, WriteError,
};
use tokio::sync::{Semaphore, watch};
use tokio::task::{self, AbortHandle, JoinError, JoinSet};
use tokio::time::Instant;

use attempt::jittered;
pub(crate) use attempt::{Bench, Outcome};
pub(crate) use hand::Hand;
use hold::Times;

use crate::pipeline::{Definition, Start};
use crate::running::{Shared, StartError};
use crate::source::{Described, From, ReadError, Reader, Source, describe, stream_arn};
use crate::table::{PipelineRow, PipelineRowKey, ShardRow, Streams};
use shard::{Command, Ended, Shard, is_lost};

/// The tree is looked at again after so long, also if no shard ended: a stream that was switched off
/// and on has another.
const DESCRIBED_FOR: Duration = Duration::from_mins(1);

/// A worker of a pipeline.
pub(crate) struct Worker {
    definition: Arc<Definition>,
    streams: Streams,
    client: aws_sdk_dynamodb::Client,
    table: String,
    source: Source,
    arn: String,
    name: String,
    times: Times,
    shared: Arc<Shared>,
    woken: watch::Receiver<u64>,
    since: Option<Timestamp>,
    described: Described,
    /// When it was; never if it must be looked at anew.
    described_at: Option<Instant>,
    held: HashMap<String, Held>,
    others: HashMap<String, Observed>,
    /// Whether rows under our name may be another run's: until the first look is done with.
    is_first: bool,
    /// Whether this worker began the pipeline, and so may begin shards with what comes now.
    is_beginner: bool,
    /// Leases of ours whose tasks have ended: nobody works by them.
    past: HashMap<String, String>,
    tasks: JoinSet<Ended>,
    replays: JoinSet<()>,
    stopping: watch::Sender<bool>,
}

/// A shard of ours.
struct Held {
    lease: String,
    commands: watch::Sender<Command>,
    task: AbortHandle,
}

/// What is seen of another's shard.
struct Observed {
    beat: u64,
    lease: Option<String>,
    /// Since when its row is as it is.
    since: Instant,
    /// Since when there are records behind its position.
    waiting_since: Option<Instant>,
    /// Since when we ask for it.
    wanted_since: Option<Instant>,
    reader: Option<Reader>,
}

/// A look at the leases failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TickError {
    #[error(transparent)]
    Read(#[from] QueryError),
    #[error(transparent)]
    Request(#[from] RequestError),
    #[error(transparent)]
    Write(#[from] WriteError),
    #[error(transparent)]
    Shard(#[from] ReadError),
}

impl Worker {
    /// Registers the pipeline and takes its first shards.
    pub(crate) async fn start(
        definition: Arc<Definition>,
        client: aws_sdk_dynamodb::Client,
        table: String,
        source: Source,
        shared: Arc<Shared>,
        woken: watch::Receiver<u64>,
    ) -> Result<Self, StartError> {
        let arn = stream_arn(&client, &table).await?;
        let arn = arn.ok_or_else(|| StartError::NoStream {
            table: table.clone(),
        })?;
        let streams = Streams::beside(client.clone(), &table);
        streams.create_table().if_missing().await?;
        let (row, is_beginner) = register(&streams, &definition).await?;
        let since = row.from_latest.then_some(row.started);
        let name = definition
            .worker
            .clone()
            .or_else(|| source.worker.map(str::to_owned))
            .unwrap_or_else(random);
        let times = Times::of(definition.lease);
        let mut worker = Self {
            definition,
            streams,
            client,
            table,
            source,
            arn,
            name,
            times,
            shared,
            woken,
            // To the second, as records tell it.
            since: since.and_then(|since| {
                Timestamp::from_millisecond(since.as_millisecond().div_euclid(1_000) * 1_000).ok()
            }),
            described: Described::default(),
            described_at: None,
            held: HashMap::new(),
            others: HashMap::new(),
            is_first: true,
            is_beginner,
            past: HashMap::new(),
            tasks: JoinSet::new(),
            replays: JoinSet::new(),
            stopping: watch::Sender::new(false),
        };
        if worker.is_beginner && worker.definition.start == Start::Latest {
            worker.pass_over_parents().await?;
        }
        // One try more than a busy minute needs; afterwards the worker tries for ever.
        for attempt in 1.. {
            match worker.tick().await {
                Ok(()) => break,
                Err(error) if attempt >= 8 => return Err(StartError::First(error.to_string())),
                Err(_) => tokio::time::sleep(jittered(Duration::from_millis(50 << attempt))).await,
            }
        }
        worker.is_first = false;
        worker.is_beginner = false;
        Ok(worker)
    }

    /// What is written from now on lies in the shards without children: the others count as done
    /// with. Should this not come to its end, they are read, and their records left out as too old.
    async fn pass_over_parents(&mut self) -> Result<(), StartError> {
        self.described = describe(&self.source.streams, &self.arn, &self.table).await?;
        self.described_at = Some(Instant::now());
        let until = shard::remembered_until(self.streams.now());
        let with_children = |id: &str| self.described.has_children(id);
        let shards = self.described.shards.iter();
        let parents: Vec<ShardRow> = shards
            .filter(|shard| with_children(&shard.id))
            .map(|shard| ShardRow {
                pipeline: self.definition.name.to_string(),
                shard: shard.id.clone(),
                owner: None,
                lease: None,
                beat: 0,
                wanted_by: None,
                position: None,
                position_created: None,
                finished: true,
                until,
            })
            .collect();
        let written = self.streams.shards.batch_put(parents).send().await;
        // Those that were not written are read, as above.
        let _left = written.map_err(|error| StartError::First(error.to_string()))?;
        Ok(())
    }

    /// Works until it is told to stop.
    pub(crate) async fn run(mut self, mut stop: watch::Receiver<bool>) {
        let mut next = Instant::now() + jittered(self.times.tick);
        let mut failures = 0_u32;
        loop {
            tokio::select! {
                () = is_told(&mut stop) => break,
                Some(ended) = self.tasks.join_next_with_id() => {
                    self.ended(ended);
                    next = Instant::now();
                }
                Some(_) = self.replays.join_next() => {}
                () = tokio::time::sleep_until(next) => {
                    next = Instant::now() + jittered(self.times.tick);
                    let ticked = tokio::time::timeout(DESCRIBED_FOR, self.tick()).await;
                    match ticked.unwrap_or(Err(TickError::Shard(ReadError::Silent))) {
                        Ok(()) => {
                            failures = 0;
                            self.shared.unsettled(false);
                        }
                        Err(error) => {
                            failures += 1;
                            if failures == 1 || failures.is_power_of_two() {
                                tracing::warn!(pipeline = %self.definition.name, %error, failures, "the leases could not be looked at; trying again");
                            }
                        }
                    }
                }
            }
        }
        self.stopping.send_replace(true);
        for held in self.held.values() {
            held.commands.send_replace(Command::Release(None));
        }
        while self.tasks.join_next().await.is_some() {}
        let limit = tokio::time::sleep(self.definition.time_limit);
        tokio::pin!(limit);
        while !self.replays.is_empty() {
            tokio::select! {
                _ = self.replays.join_next() => {}
                () = &mut limit => break,
            }
        }
    }

    /// A shard's task ended: by itself, because it was aborted, or in a panic.
    fn ended(&mut self, ended: Result<(task::Id, Ended), JoinError>) {
        let (task, ended) = ended.unwrap_or_else(|error| (error.id(), Ended::Lost));
        let of_it = |(_, held): &(&String, &Held)| held.task.id() == task;
        let Some(shard) = self.held.iter().find(of_it).map(|(id, _)| id.clone()) else {
            return;
        };
        tracing::debug!(%shard, ?ended, "a shard is let go");
        self.shared.unsettled(true);
        self.shared.forget(&shard);
        if let Some(held) = self.held.remove(&shard) {
            self.past.insert(shard, held.lease);
        }
        if ended == Ended::Finished {
            self.described_at = None;
        }
    }

    /// A look at the leases, and what follows from it.
    async fn tick(&mut self) -> Result<(), TickError> {
        let state = self
            .streams
            .state(&self.definition.name)
            .consistent()
            .find()
            .await?;
        let (rows, replays) =
            state.map_or_else(Default::default, |state| (state.shards, state.replays));
        let rows: BTreeMap<String, ShardRow> = rows
            .into_iter()
            .map(|row| (row.shard.clone(), row))
            .collect();
        let finished: HashSet<&str> = rows
            .values()
            .filter(|row| row.finished)
            .map(|row| &*row.shard)
            .collect();
        self.look(&finished).await?;
        let open: Vec<String> = self
            .described
            .open(&finished)
            .map(|shard| shard.id.clone())
            .collect();

        let owners: HashSet<&str> = open
            .iter()
            .filter_map(|id| rows.get(id)?.owner.as_deref())
            .chain([&*self.name])
            .collect();
        let share_min = open.len() / owners.len();
        let share_max = open.len().div_ceil(owners.len());
        self.give(&rows);
        for id in &open {
            let row = rows.get(id);
            let is_mine = row.is_some_and(|row| row.owner.as_deref() == Some(&self.name));
            let runs = self.held.contains_key(id);
            let free = row.is_none_or(|row| row.lease.is_none() || row.owner.is_none());
            let take = if runs {
                self.others.remove(id);
                false
            } else if is_mine {
                // Handed to us, or our own from before; a lease under our name that is neither is
                // another process's that has the same name.
                let was_ours = row.is_some_and(|row| row.lease.as_ref() == self.past.get(id));
                free || self.is_first || was_ours || self.observe(id, row).await?
            } else if free {
                row.is_none_or(|row| row.owner.is_none()) && self.held.len() < share_max
                    || self.observe(id, row).await?
            } else {
                self.observe(id, row).await?
            };
            if take {
                self.claim(id, row).await?;
            }
        }
        if self.held.len() < share_min {
            self.ask(&open, &rows).await?;
        }
        self.others.retain(|id, _| open.contains(id));
        self.past.retain(|id, _| open.contains(id));
        self.replay(replays);
        Ok(())
    }

    /// Looks at the tree, when there may be something new.
    async fn look(&mut self, finished: &HashSet<&str>) -> Result<(), TickError> {
        // That others finished a shard is seen in the rows alone.
        let has_end =
            self.described.shards.iter().any(|shard| {
                finished.contains(&*shard.id) && !self.described.has_children(&shard.id)
            });
        let is_old = self.described_at.is_none_or(|at| {
            at.elapsed()
                > if has_end {
                    self.times.tick * 4
                } else {
                    DESCRIBED_FOR
                }
        });
        if !is_old {
            return Ok(());
        }
        if let Some(arn) = stream_arn(&self.client, &self.table).await? {
            self.arn = arn;
        }
        self.described = describe(&self.source.streams, &self.arn, &self.table).await?;
        self.described_at = Some(Instant::now());
        Ok(())
    }

    /// Hands over what others ask for, and gives up what is no longer ours.
    fn give(&self, rows: &BTreeMap<String, ShardRow>) {
        for (id, held) in &self.held {
            let Some(row) = rows.get(id) else { continue };
            if row.lease.as_ref() != Some(&held.lease) {
                // It finds out by itself, when it writes; a shard without work does not write.
                held.task.abort();
            } else if let Some(to) = &row.wanted_by {
                held.commands.send_if_modified(|command| {
                    let new = Command::Release(Some(to.clone()));
                    let changed = *command != new;
                    *command = new;
                    changed
                });
            }
        }
    }

    /// Looks at a shard that another has; whether it is to be taken over.
    async fn observe(&mut self, id: &str, row: Option<&ShardRow>) -> Result<bool, TickError> {
        let Some(row) = row else { return Ok(true) };
        let now = Instant::now();
        let known = self.others.get(id);
        if known.is_none_or(|known| known.beat != row.beat || known.lease != row.lease) {
            self.others.insert(
                id.to_owned(),
                Observed {
                    beat: row.beat,
                    lease: row.lease.clone(),
                    since: now,
                    waiting_since: None,
                    wanted_since: None,
                    reader: None,
                },
            );
            return Ok(false);
        }
        let reader = || self.reader(id, position(row));
        let fresh = reader();
        let Some(seen) = self.others.get_mut(id) else {
            return Ok(false);
        };
        if seen.waiting_since.is_none() {
            let reader = seen.reader.get_or_insert(fresh);
            let page = match reader.page(16).await {
                Ok(page) => page,
                // Its holder would have finished it.
                Err(ReadError::Gone) => {
                    seen.waiting_since = Some(now);
                    return Ok(false);
                }
                Err(error) => return Err(error.into()),
            };
            let since = self.since;
            let counts = page
                .records
                .iter()
                .any(|record| match (since, record.created) {
                    (Some(since), Some(created)) => created >= since,
                    _ => true,
                });
            if counts || page.is_last {
                seen.waiting_since = Some(now);
                seen.reader = None;
            }
        }
        let silence = self.times.silence;
        let is_over = |since: Option<Instant>| since.is_some_and(|since| now - since >= silence);
        let waits = is_over(seen.waiting_since) || is_over(seen.wanted_since);
        Ok(waits && now - seen.since >= silence)
    }

    /// Asks whoever has most for one of its shards.
    async fn ask(
        &mut self,
        open: &[String],
        rows: &BTreeMap<String, ShardRow>,
    ) -> Result<(), TickError> {
        let mut by_owner: BTreeMap<&str, Vec<&ShardRow>> = BTreeMap::new();
        for row in open.iter().filter_map(|id| rows.get(id)) {
            if row.wanted_by.as_deref() == Some(&self.name) {
                // One at a time.
                if let Some(seen) = self.others.get_mut(&row.shard) {
                    seen.wanted_since.get_or_insert_with(Instant::now);
                }
                return Ok(());
            }
            match row.owner.as_deref() {
                Some(owner) if owner != self.name && row.wanted_by.is_none() => {
                    by_owner.entry(owner).or_default().push(row);
                }
                _ => {}
            }
        }
        let most = by_owner
            .into_values()
            .max_by_key(Vec::len)
            .unwrap_or_default();
        let Some(row) = most.first().filter(|_| most.len() > self.held.len()) else {
            return Ok(());
        };
        let beat = row.beat;
        let asked = self
            .streams
            .shards
            .patch(*row)
            .wanted_by(Some(self.name.clone()));
        match asked.when(|row| row.beat.eq(beat)).send().await {
            Err(error) if !is_lost(&error) => Err(error.into()),
            _ => Ok(()),
        }
    }

    fn reader(&self, id: &str, from: From) -> Reader {
        Reader::new(
            self.source.streams.clone(),
            self.arn.clone(),
            self.table.clone(),
            id.to_owned(),
            from,
        )
    }

    /// Takes a shard, if nobody is faster, and begins to work at it.
    async fn claim(&mut self, id: &str, row: Option<&ShardRow>) -> Result<(), TickError> {
        let from = match row {
            Some(row) => position(row),
            None if self.is_beginner && self.definition.start == Start::Latest => From::Now,
            None => From::Oldest,
        };
        let mut reader = self.reader(id, from);
        let skipped = match reader.place().await {
            Ok(skipped) => skipped,
            // The list is an old one.
            Err(ReadError::Gone) => {
                self.described_at = None;
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        if skipped {
            self.shared.trimmed();
            tracing::error!(
                pipeline = %self.definition.name, shard = %id,
                "KF3005: records were deleted from the stream before they were read; going on with the oldest there is"
            );
        }
        let (lease, held_since) = (random(), Instant::now());
        let beat = row.map_or(0, |row| row.beat + 1);
        let claimed = match row {
            None => {
                let row = ShardRow {
                    pipeline: self.definition.name.to_string(),
                    shard: id.to_owned(),
                    owner: Some(self.name.clone()),
                    lease: Some(lease.clone()),
                    beat,
                    wanted_by: None,
                    position: None,
                    position_created: None,
                    finished: false,
                    until: None,
                };
                self.streams.shards.create(row).send().await
            }
            Some(row) => {
                let seen = row.beat;
                let patch = self.streams.shards.patch(row);
                let patch = patch
                    .owner(Some(self.name.clone()))
                    .lease(Some(lease.clone()));
                let patch = patch.beat(beat).remove_wanted_by();
                patch.when(|row| row.beat.eq(seen)).send().await
            }
        };
        match claimed {
            Ok(_) => {}
            Err(error) if is_lost(&error) || error.is_already_there() => return Ok(()),
            Err(error) => return Err(error.into()),
        }
        tracing::info!(pipeline = %self.definition.name, shard = %id, worker = %self.name, "a shard is taken");
        self.others.remove(id);
        let (commands, told) = watch::channel(Command::Run);
        let shard = Shard {
            definition: Arc::clone(&self.definition),
            streams: self.streams.clone(),
            shared: Arc::clone(&self.shared),
            id: id.into(),
            lease: lease.clone(),
            beat,
            held_since,
            reader,
            since: self.since,
            poll: self.source.poll,
            gather: self.source.gather,
            is_woken: self.source.wake.is_some(),
            commands: told,
            woken: self.woken.clone(),
        };
        self.shared.hold(id);
        let held = Held {
            lease,
            commands,
            task: self.tasks.spawn(shard.run()),
        };
        self.held.insert(id.to_owned(), held);
        Ok(())
    }

    fn replay(&mut self, asked: Vec<crate::table::Replay>) {
        let bench = || Bench {
            definition: Arc::clone(&self.definition),
            streams: self.streams.clone(),
            slots: Arc::new(Semaphore::new(1)),
            stopping: self.stopping.subscribe(),
            keeps_letters: true,
        };
        for replay in asked {
            // The others are at the next look.
            if self.replays.len() >= self.definition.concurrency {
                break;
            }
            let work = replay::run(bench(), replay, Arc::clone(&self.shared), self.times);
            self.replays.spawn(work);
        }
    }
}

/// The row of a pipeline, and whether it is new.
async fn register(
    streams: &Streams,
    definition: &Definition,
) -> Result<(PipelineRow, bool), StartError> {
    let key = || PipelineRowKey {
        pipeline: definition.name.to_string(),
    };
    if let Some(row) = streams.pipelines.find(key()).consistent().await? {
        return Ok((row, false));
    }
    let row = PipelineRow {
        pipeline: definition.name.to_string(),
        started: streams.now(),
        from_latest: definition.start == Start::Latest,
    };
    match streams.pipelines.create(row.clone()).send().await {
        Ok(_) => Ok((row, true)),
        Err(error) if error.is_already_there() => {
            let row = streams.pipelines.get(key()).consistent().await?;
            Ok((row, false))
        }
        Err(error) => Err(error.into()),
    }
}

/// Waits until it is true, or nobody can say so any more.
pub(crate) async fn is_told(told: &mut watch::Receiver<bool>) {
    let _ = told.wait_for(|told| *told).await;
}

fn position(row: &ShardRow) -> From {
    row.position.clone().map_or(From::Oldest, From::After)
}

fn random() -> String {
    format!("{:032x}", keyfold::SystemRandomness.bits())
}
