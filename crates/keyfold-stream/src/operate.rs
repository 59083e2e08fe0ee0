//! What operators do with pipelines, from outside, whatever runs them: see how far they are, look at
//! what was set aside, have it tried again, watch the stream.

use std::collections::{HashMap, HashSet};

use aws_sdk_dynamodb::Client;
use keyfold::{GetError, QueryError, RequestError, Timestamp, Write as _, WriteError};

use crate::record::Record;
use crate::source::{Described, From, ReadError, Reader, Source, describe, stream_arn};
use crate::table::{
    DeadLetter, DeadLetterKey, PipelineListing, Replay, ReplayKey, ShardRow, Streams,
};

/// Records counted in one shard; behind that it is "more".
const COUNTED_MAX: usize = 10_000;

/// The pipelines of a table.
#[derive(Clone)]
pub struct Operator {
    client: Client,
    streams: aws_sdk_dynamodbstreams::Client,
    table: String,
    rows: Streams,
}

/// Something could not be looked at, or asked for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OperateError {
    /// The table has no stream.
    #[error("KF3007: table `{table}` has no stream")]
    NoStream {
        /// The table.
        table: String,
    },
    /// There is no such pipeline.
    #[error(
        "KF3010: no pipeline `{pipeline}` was ever started on table `{table}`{}",
        others(.known)
    )]
    NoPipeline {
        /// The one that was asked for.
        pipeline: String,
        /// The table.
        table: String,
        /// Those that were.
        known: Vec<String>,
    },
    /// There is no such dead letter.
    #[error("KF3009: pipeline `{pipeline}` has no dead letter `{record}`")]
    NoLetter {
        /// The pipeline.
        pipeline: String,
        /// The record's event id.
        record: String,
    },
    /// It was too large to be kept whole.
    #[error(
        "KF3009: the images of dead letter `{record}` were too large to be kept, so it cannot be replayed; mend what it would have changed from the table itself, then discard it"
    )]
    WithoutImages {
        /// The record's event id.
        record: String,
    },
    /// A request failed.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// A row cannot be read.
    #[error(transparent)]
    Get(#[from] GetError),
    /// Rows cannot be read.
    #[error(transparent)]
    Read(#[from] QueryError),
    /// A row cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

fn others(known: &[String]) -> String {
    if known.is_empty() {
        return String::new();
    }
    format!("; there are: {}", known.join(", "))
}

/// How far a pipeline is in a shard.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShardLag {
    /// The shard.
    pub shard: String,
    /// The worker that reads it.
    pub owner: Option<String>,
    /// All records up to this one are done with.
    pub position: Option<String>,
    /// How many are not.
    pub behind: usize,
    /// Whether there are even more: no further was counted.
    pub and_more: bool,
    /// About when the oldest of them was written.
    pub oldest: Option<Timestamp>,
}

impl Operator {
    /// The pipelines of `table`, by the client of its account and region and the source of its stream.
    pub fn new(client: Client, source: &Source, table: impl Into<String>) -> Self {
        let table = table.into();
        Self {
            rows: Streams::beside(client.clone(), &table),
            client,
            streams: source.streams.clone(),
            table,
        }
    }

    /// Every pipeline that was ever started.
    pub async fn pipelines(&self) -> Result<Vec<PipelineListing>, OperateError> {
        let mut found = Vec::new();
        let mut cursor = None;
        loop {
            let pages = self.rows.all_pipelines().after(cursor);
            let page = match pages.page().await {
                Ok(page) => page,
                // None was.
                Err(QueryError::Request(error)) if error.is_table_missing() => return Ok(found),
                Err(error) => return Err(error.into()),
            };
            found.extend(page.items);
            cursor = page.next;
            if cursor.is_none() {
                return Ok(found);
            }
        }
    }

    /// How far a pipeline is, by shard; shards that are done with are left out.
    pub async fn lag(&self, pipeline: &str) -> Result<Vec<ShardLag>, OperateError> {
        let state = self.rows.state(pipeline).consistent().find().await;
        let state = match state {
            Ok(Some(state)) => state,
            Ok(None) => return Err(self.unknown(pipeline).await?),
            Err(QueryError::Request(error)) if error.is_table_missing() => {
                return Err(self.unknown(pipeline).await?);
            }
            Err(error) => return Err(error.into()),
        };
        let since = state
            .pipeline
            .filter(|row| row.from_latest)
            .map(|row| row.started);
        let rows: HashMap<String, ShardRow> = state
            .shards
            .into_iter()
            .map(|row| (row.shard.clone(), row))
            .collect();
        let (arn, described) = self.described().await?;
        let mut found = Vec::new();
        for shard in &described.shards {
            let row = rows.get(&shard.id);
            if row.is_some_and(|row| row.finished) {
                continue;
            }
            let from = row
                .and_then(|row| row.position.clone())
                .map_or(From::Oldest, From::After);
            let mut lag = ShardLag {
                shard: shard.id.clone(),
                owner: row.and_then(|row| row.owner.clone()),
                position: row.and_then(|row| row.position.clone()),
                behind: 0,
                and_more: false,
                oldest: None,
            };
            self.count(self.reader(&arn, &shard.id, from), since, &mut lag)
                .await?;
            found.push(lag);
        }
        Ok(found)
    }

    async fn count(
        &self,
        mut reader: Reader,
        since: Option<Timestamp>,
        lag: &mut ShardLag,
    ) -> Result<(), OperateError> {
        loop {
            let page = match reader.page(1_000).await {
                Ok(page) => page,
                Err(ReadError::Gone | ReadError::Silent) => return Ok(()),
                Err(ReadError::Later(error)) => return Err(error.into()),
            };
            let is_empty = page.records.is_empty();
            for record in page.records {
                let is_old = match (since, record.created) {
                    (Some(since), Some(created)) => seconds(created) < seconds(since),
                    _ => false,
                };
                if !is_old {
                    lag.behind += 1;
                    lag.oldest = lag.oldest.or(record.created);
                }
            }
            lag.and_more = lag.behind >= COUNTED_MAX;
            if is_empty || page.is_last || lag.and_more {
                return Ok(());
            }
        }
    }

    /// What a pipeline set aside, oldest first.
    pub async fn dead_letters(&self, pipeline: &str) -> Result<Vec<DeadLetter>, OperateError> {
        let mut found = Vec::new();
        let mut cursor = None;
        loop {
            let pages = self.rows.dead_letters(pipeline).after(cursor);
            let page = match pages.page().await {
                Ok(page) => page,
                Err(QueryError::Request(error)) if error.is_table_missing() => break,
                Err(error) => return Err(error.into()),
            };
            found.extend(page.items);
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        if found.is_empty() {
            let known = self.pipelines().await?;
            if known.iter().all(|listing| listing.pipeline != pipeline) {
                return Err(self.unknown(pipeline).await?);
            }
        }
        found.sort_by(|a: &DeadLetter, b| {
            (a.set_aside, &a.sequence_number).cmp(&(b.set_aside, &b.sequence_number))
        });
        Ok(found)
    }

    /// One of them.
    pub async fn dead_letter(
        &self,
        pipeline: &str,
        record: &str,
    ) -> Result<DeadLetter, OperateError> {
        let key = DeadLetterKey {
            pipeline: pipeline.to_owned(),
            record: record.to_owned(),
        };
        let no_letter = || OperateError::NoLetter {
            pipeline: pipeline.to_owned(),
            record: record.to_owned(),
        };
        match self.rows.letters.find(key).consistent().await {
            Ok(found) => found.ok_or_else(no_letter),
            Err(GetError::Request(error)) if error.is_table_missing() => Err(no_letter()),
            Err(error) => Err(error.into()),
        }
    }

    /// Asks the pipeline's workers to try a dead letter again. One that is handled is removed; one
    /// that fails again stays, with the new reason.
    pub async fn replay(&self, pipeline: &str, record: &str) -> Result<(), OperateError> {
        let letter = self.dead_letter(pipeline, record).await?;
        if letter.without_images {
            return Err(OperateError::WithoutImages {
                record: record.to_owned(),
            });
        }
        let replay = Replay {
            pipeline: pipeline.to_owned(),
            record: record.to_owned(),
            taken_until: None,
        };
        match self.rows.replays.create(replay).send().await {
            Ok(_) => Ok(()),
            // It is asked for already.
            Err(error) if error.is_already_there() => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether a replay that was asked for is still to be done.
    pub async fn is_asked_for(&self, pipeline: &str, record: &str) -> Result<bool, OperateError> {
        let key = ReplayKey {
            pipeline: pipeline.to_owned(),
            record: record.to_owned(),
        };
        Ok(self.rows.replays.find(key).consistent().await?.is_some())
    }

    /// Removes a dead letter that will not be replayed.
    pub async fn discard(&self, pipeline: &str, record: &str) -> Result<(), OperateError> {
        let letter = self.dead_letter(pipeline, record).await?;
        self.rows.letters.delete(&letter).await?;
        Ok(())
    }

    /// The stream from now on, or with everything it still holds.
    pub async fn tail(&self, from_oldest: bool) -> Result<Tail, OperateError> {
        let (arn, described) = self.described().await?;
        let mut tail = Tail {
            operator: self.clone(),
            arn,
            described,
            finished: HashSet::new(),
            readers: HashMap::new(),
        };
        if !from_oldest {
            for shard in &tail.described.shards {
                if tail.described.has_children(&shard.id) {
                    tail.finished.insert(shard.id.clone());
                } else {
                    let mut reader = self.reader(&tail.arn, &shard.id, From::Now);
                    match reader.place().await {
                        Ok(_) => drop(tail.readers.insert(shard.id.clone(), reader)),
                        Err(ReadError::Gone | ReadError::Silent) => {}
                        Err(ReadError::Later(error)) => return Err(error.into()),
                    }
                }
            }
        }
        tail.open();
        Ok(tail)
    }

    async fn described(&self) -> Result<(String, Described), OperateError> {
        let arn = stream_arn(&self.client, &self.table).await?;
        let arn = arn.ok_or_else(|| OperateError::NoStream {
            table: self.table.clone(),
        })?;
        let described = describe(&self.streams, &arn, &self.table).await?;
        Ok((arn, described))
    }

    fn reader(&self, arn: &str, shard: &str, from: From) -> Reader {
        Reader::new(
            self.streams.clone(),
            arn.to_owned(),
            self.table.clone(),
            shard.to_owned(),
            from,
        )
    }

    async fn unknown(&self, pipeline: &str) -> Result<OperateError, OperateError> {
        let known = self.pipelines().await?;
        Ok(OperateError::NoPipeline {
            pipeline: pipeline.to_owned(),
            table: self.table.clone(),
            known: known.into_iter().map(|listing| listing.pipeline).collect(),
        })
    }
}

/// Records tell their time to the second.
fn seconds(at: Timestamp) -> i64 {
    at.as_millisecond().div_euclid(1_000)
}

/// A stream that is watched.
pub struct Tail {
    operator: Operator,
    arn: String,
    described: Described,
    finished: HashSet<String>,
    readers: HashMap<String, Reader>,
}

impl Tail {
    /// What came since the last call, if anything did: each shard in its order.
    pub async fn next(&mut self) -> Result<Vec<(String, Record)>, OperateError> {
        let mut found = Vec::new();
        let mut ended = Vec::new();
        for (shard, reader) in &mut self.readers {
            match reader.page(1_000).await {
                Ok(page) => {
                    let records = page.records.into_iter();
                    found.extend(records.map(|record| (shard.clone(), record)));
                    if page.is_last {
                        ended.push(shard.clone());
                    }
                }
                Err(ReadError::Gone) => ended.push(shard.clone()),
                Err(ReadError::Silent) => {}
                Err(ReadError::Later(error)) if error.is_throttled() => {}
                Err(ReadError::Later(error)) => return Err(error.into()),
            }
        }
        if !ended.is_empty() {
            for shard in ended {
                self.readers.remove(&shard);
                self.finished.insert(shard);
            }
            (self.arn, self.described) = self.operator.described().await?;
            self.open();
        }
        Ok(found)
    }

    fn open(&mut self) {
        let finished: HashSet<&str> = self.finished.iter().map(String::as_str).collect();
        for shard in self.described.open(&finished) {
            self.readers
                .entry(shard.id.clone())
                .or_insert_with(|| self.operator.reader(&self.arn, &shard.id, From::Oldest));
        }
    }
}
