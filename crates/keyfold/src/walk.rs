//! Walking over all items of an entity: what re-sharding, backfills and parallel scans share. A table is read whole
//! for it, in segments side by side, at a rate, with progress; it can be stopped, and goes on from its checkpoint.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::types::ReturnConsumedCapacity;
use keyfold_model::EntityModel;

use crate::cost::Cost;
use crate::cursor::Cursor;
use crate::errors::{QueryError, RequestError};
use crate::item::{Item, is_of};
use crate::merge::{Position, together};
use crate::pattern::{Mark, PatternId};
use crate::table::Core;

/// Items of one request where no rate says less.
const PAGE_ITEMS: u32 = 500;

/// How far a walk over an entity's items is.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Progress {
    /// Items of the table read, of any entity.
    pub read: u64,
    /// Items of the entity among them.
    pub found: u64,
    /// Items of the entity that were changed, or would be in a dry run.
    pub changed: u64,
    /// What reading took.
    pub cost: Cost,
    /// Where it goes on; none at the end.
    pub checkpoint: Option<Cursor>,
}

/// What is told of the progress, after each round of requests.
pub(crate) type Watch<'w> = Box<dyn FnMut(&Progress) -> ControlFlow<()> + Send + 'w>;

/// How a walk is done.
pub(crate) struct Walk<'w> {
    pub(crate) core: Arc<Core>,
    pub(crate) spec: &'static EntityModel<'static>,
    pub(crate) verb: &'static str,
    pub(crate) segments: u16,
    pub(crate) items_per_second: Option<u32>,
    pub(crate) after: Option<Cursor>,
    pub(crate) watch: Option<Watch<'w>>,
}

impl Walk<'_> {
    pub(crate) fn new(
        core: Arc<Core>,
        spec: &'static EntityModel<'static>,
        verb: &'static str,
    ) -> Self {
        Self {
            core,
            spec,
            verb,
            segments: 1,
            items_per_second: None,
            after: None,
            watch: None,
        }
    }

    pub(crate) fn pattern(&self) -> PatternId {
        PatternId::operation(EntityModel::static_name(self.spec), self.verb)
    }

    fn fingerprint(&self) -> [u8; 32] {
        crate::cursor::question(&[
            &self.core.table,
            &self.spec.name,
            self.verb,
            &self.segments.to_string(),
        ])
    }

    /// Gives the entity's items, a round of requests at a time, to `each`, which says how many it changed.
    pub(crate) async fn run<F, E>(mut self, mut each: F) -> Result<Progress, E>
    where
        F: AsyncFnMut(Vec<Item>) -> Result<u64, E>,
        E: From<QueryError>,
    {
        let mut watch = self.watch.take();
        let fingerprint = self.fingerprint();
        let reader = Reader {
            core: self.core.clone(),
            pattern: self.pattern(),
            segments: self.segments,
        };
        let mut positions = match &self.after {
            Some(cursor) => self
                .core
                .cursors
                .open_positions(&fingerprint, cursor)
                .map_err(QueryError::from)?,
            None => vec![Position::Start; usize::from(self.segments)],
        };
        let mut progress = Progress {
            read: 0,
            found: 0,
            changed: 0,
            cost: Cost::default(),
            checkpoint: None,
        };
        loop {
            let open: Vec<usize> = (0..positions.len())
                .filter(|at| {
                    positions
                        .get(*at)
                        .is_some_and(|position| *position != Position::End)
                })
                .collect();
            if open.is_empty() {
                return Ok(progress);
            }
            let limit = self.limit(open.len());
            let requests = open.iter().map(|at| {
                let request: std::pin::Pin<Box<dyn Future<Output = _> + Send + '_>> =
                    Box::pin(reader.scan(*at, positions.get(*at), limit));
                request
            });
            let answers = together(requests.collect()).await;
            let (mut round, mut items) = (0_u64, Vec::new());
            for (at, answer) in open.iter().zip(answers) {
                let (found, read, last, cost) = answer?;
                round += u64::from(read);
                progress.cost += cost;
                items.extend(found);
                if let Some(position) = positions.get_mut(*at) {
                    *position = last.map_or(Position::End, Position::After);
                }
            }
            items.retain(|item| is_of(self.spec, self.core.model, item));
            progress.read += round;
            progress.found += u64::try_from(items.len()).unwrap_or_default();
            progress.changed += each(items).await?;
            let done = positions.iter().all(|position| *position == Position::End);
            progress.checkpoint = (!done).then(|| {
                let randomness = &*self.core.randomness;
                self.core
                    .cursors
                    .seal_positions(&fingerprint, &positions, randomness)
            });
            if let Some(watch) = &mut watch
                && watch(&progress).is_break()
            {
                return Ok(progress);
            }
            if let (Some(rate), false) = (self.items_per_second, done) {
                let rate = f64::from(rate.max(1));
                #[expect(clippy::cast_precision_loss, reason = "of a round, and only to pause")]
                tokio::time::sleep(Duration::from_secs_f64(round as f64 / rate)).await;
            }
        }
    }

    /// A second's items, divided among the segments.
    fn limit(&self, open: usize) -> i32 {
        let open = u32::try_from(open).unwrap_or(u32::MAX).max(1);
        let most = self
            .items_per_second
            .map_or(PAGE_ITEMS, |rate| (rate / open).clamp(1, PAGE_ITEMS));
        i32::try_from(most).unwrap_or(i32::MAX)
    }
}

/// What a request needs, apart from who is told of it.
struct Reader {
    core: Arc<Core>,
    pattern: PatternId,
    segments: u16,
}

impl Reader {
    async fn scan(
        &self,
        segment: usize,
        from: Option<&Position>,
        limit: i32,
    ) -> Result<(Vec<Item>, u32, Option<Item>, Cost), QueryError> {
        let start = match from {
            Some(Position::After(key)) => Some(key.clone()),
            _ => None,
        };
        let several = self.segments > 1;
        let core = &self.core;
        let answer = core
            .client
            // keyfold: allow(scan-on-data-path) reason="re-sharding, backfills and declared scans read the table once, at the caller's rate"
            .scan()
            .table_name(&core.table)
            .set_total_segments(several.then(|| i32::from(self.segments)))
            .set_segment(several.then(|| i32::try_from(segment).unwrap_or_default()))
            .limit(limit)
            .set_exclusive_start_key(start)
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .customize()
            .interceptor(Mark(self.pattern.clone()))
            .send()
            .await
            .map_err(|error| RequestError::new("Scan", &core.table, error))?;
        let cost = Cost::read(answer.consumed_capacity.as_ref());
        let read = u32::try_from(answer.scanned_count).unwrap_or_default();
        let last = answer.last_evaluated_key.filter(|key| !key.is_empty());
        Ok((answer.items.unwrap_or_default(), read, last, cost))
    }
}

/// The settings that every walk has.
macro_rules! walk_settings {
    () => {
        /// Reads in so many segments side by side; one by default.
        pub fn segments(mut self, segments: u16) -> Self {
            self.walk.segments = segments.clamp(1, 1_000);
            self
        }

        /// Reads no more items a second than this, of any entity: they lie in one table.
        pub fn items_per_second(mut self, items: u32) -> Self {
            self.walk.items_per_second = Some(items.max(1));
            self
        }

        /// Goes on from the checkpoint of one that was stopped, with as many segments as it had. A checkpoint is
        /// sealed as cursors are: over a restart it needs the same `cursor_secret`.
        pub fn after(mut self, checkpoint: impl Into<Option<crate::cursor::Cursor>>) -> Self {
            self.walk.after = checkpoint.into();
            self
        }

        /// Is told of the progress after each round of requests, and stops it with `ControlFlow::Break`; what was
        /// done until then is done.
        pub fn watch(
            mut self,
            watch: impl FnMut(&crate::walk::Progress) -> std::ops::ControlFlow<()> + Send + 'w,
        ) -> Self {
            self.walk.watch = Some(Box::new(watch));
            self
        }
    };
}
pub(crate) use walk_settings;
