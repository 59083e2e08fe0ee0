//! Many items at once, each for itself: what the service leaves is asked for again, and what is left
//! in the end is given back.

use std::collections::HashMap;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::types::{
    DeleteRequest, KeysAndAttributes, PutRequest, ReturnConsumedCapacity, WriteRequest,
};
use keyfold_dynamo::limits::{BATCH_GET_KEYS_MAX, BATCH_WRITE_REQUESTS_MAX};
use keyfold_model::FieldRole;
use tracing::Instrument;

use crate::cost::Cost;
use crate::entity::Entity;
use crate::errors::{GetError, ItemError, RequestError, WriteError};
use crate::item::{Item, KeyParts, from_item, is_deleted, is_expired, key_item, to_item};
use crate::pattern::{Mark, PatternId};
use crate::retry::Pauses;
use crate::shard::{former_key, is_moving};
use crate::table::Core;
use crate::update::{SpecName, key_of};

/// Reading many items by their keys.
#[must_use = "nothing is read until it is awaited"]
pub struct BatchGet<E: Entity> {
    core: Arc<Core>,
    keys: Vec<E::Key>,
    consistent: bool,
}

/// What a `batch_get` read.
#[must_use = "`left` holds what could not be read"]
pub struct Found<E: Entity> {
    /// The items that are there, in the order of their keys.
    pub found: Vec<E>,
    /// Keys that DynamoDB would not read now, after all tries; of the others, those that are not in
    /// `found` have no item.
    pub left: Vec<E::Key>,
    /// What it took.
    pub cost: Cost,
}

/// Writing or deleting many items, each by itself: some may be written and others not.
#[must_use = "nothing is written until it is awaited"]
pub struct BatchWrite<T> {
    core: Arc<Core>,
    entity: &'static str,
    verb: &'static str,
    rows: Result<Vec<Row<T>>, WriteError>,
}

/// What a batch of writes came to.
#[must_use = "`left` holds what was not written"]
pub struct Written<T> {
    /// What DynamoDB would not write now, after all tries.
    pub left: Vec<T>,
    /// What it took.
    pub cost: Cost,
}

/// A batch of writes failed on its way.
pub struct BatchError<T> {
    /// What is not known to be written.
    pub left: Vec<T>,
    /// Why.
    pub source: WriteError,
}

impl<T> fmt::Debug for BatchError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BatchError")
            .field("left", &self.left.len())
            .field("source", &self.source)
            .finish()
    }
}

impl<T> fmt::Display for BatchError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}; {} of the batch are left",
            self.source,
            self.left.len()
        )
    }
}

impl<T> std::error::Error for BatchError<T> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

struct Row<T> {
    /// What the caller gave, to be given back.
    given: T,
    write: WriteRequest,
}

/// The keys of a batch: DynamoDB refuses one that is there twice.
#[derive(Default)]
struct Places(HashMap<String, usize>);

impl Places {
    /// Where this key was first; nothing if this is the first time.
    fn of(&mut self, key: &Item) -> Option<usize> {
        let mut attributes: Vec<_> = key.iter().collect();
        attributes.sort_by_key(|(name, _)| *name);
        let next = self.0.len();
        let place = *self.0.entry(format!("{attributes:?}")).or_insert(next);
        (place < next).then_some(place)
    }
}

impl<E: Entity> BatchGet<E> {
    pub(crate) fn new(core: Arc<Core>, keys: Vec<E::Key>) -> Self {
        Self {
            core,
            keys,
            consistent: false,
        }
    }

    /// Sees every write acknowledged before it, at twice the price.
    pub fn consistent(mut self) -> Self {
        self.consistent = true;
        self
    }

    /// Reads them.
    pub async fn send(self) -> Result<Found<E>, GetError> {
        let Self {
            core,
            keys,
            consistent,
        } = self;
        let span = tracing::debug_span!(
            "BatchGetItem",
            table = %core.table,
            entity = E::spec_name(),
            items = keys.len(),
        );
        read(&core, keys, consistent).instrument(span).await
    }
}

async fn read<E: Entity>(
    core: &Core,
    keys: Vec<E::Key>,
    consistent: bool,
) -> Result<Found<E>, GetError> {
    let mut waiting: Vec<(usize, E::Key, Item)> = Vec::with_capacity(keys.len());
    let mut places = Places::default();
    for key in keys {
        let item = key_item(E::spec(), core, &KeyParts::<E>(&key))?;
        if places.of(&item).is_none() {
            waiting.push((waiting.len(), key, item));
        }
    }
    let mut read = rounds::<E>(core, waiting, consistent).await?;
    if is_moving(E::spec()) {
        // What is not in its place may lie where it was.
        let missing = std::mem::take(&mut read.missing).into_iter();
        let before: Vec<_> = missing
            .filter_map(|(place, key, item)| {
                Some((place, key, former_key(core, E::spec(), &item)?))
            })
            .collect();
        let more = rounds::<E>(core, before, consistent).await?;
        read.found.extend(more.found);
        read.left.extend(more.left);
        read.cost += more.cost;
    }
    read.found.sort_by_key(|(place, _)| *place);
    Ok(Found {
        found: read.found.into_iter().map(|(_, entity)| entity).collect(),
        left: read.left.into_iter().map(|(_, key, _)| key).collect(),
        cost: read.cost,
    })
}

/// What rounds of requests came to.
struct Rounds<E: Entity> {
    found: Vec<(usize, E)>,
    missing: Vec<(usize, E::Key, Item)>,
    left: Vec<(usize, E::Key, Item)>,
    cost: Cost,
}

async fn rounds<E: Entity>(
    core: &Core,
    mut waiting: Vec<(usize, E::Key, Item)>,
    consistent: bool,
) -> Result<Rounds<E>, GetError> {
    let pattern = PatternId::operation(E::spec_name(), "batch_get");
    let now = core.clock.now();
    let mut found: Vec<(usize, E)> = Vec::with_capacity(waiting.len());
    let mut missing = Vec::new();
    let mut cost = Cost::default();
    let mut pauses = Patience::new(core);
    while !waiting.is_empty() {
        let mut left = Vec::new();
        let asked = waiting.len();
        for chunk in chunks(waiting, BATCH_GET_KEYS_MAX) {
            let answer = core
                .client
                .batch_get_item()
                .request_items(&core.table, wanted(&chunk, consistent)?)
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .customize()
                .interceptor(Mark(pattern.clone()))
                .send()
                .await
                .map_err(|error| RequestError::new("BatchGetItem", &core.table, error));
            let answer = match answer {
                Ok(answer) => answer,
                Err(error) if error.is_throttled() => {
                    left.extend(chunk);
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            cost += answer
                .consumed_capacity()
                .iter()
                .map(|capacity| Cost::read(Some(capacity)))
                .sum();
            let unread = answer
                .unprocessed_keys
                .and_then(|mut tables| tables.remove(&core.table))
                .map(|keys| keys.keys)
                .unwrap_or_default();
            let items = answer
                .responses
                .and_then(|mut tables| tables.remove(&core.table))
                .unwrap_or_default();
            for item in items {
                let key = key_of(core.model, &item);
                let place = chunk.iter().find(|(_, _, asked)| *asked == key);
                if let Some((place, ..)) = place
                    && !is_expired(core.model, &item, now)
                    && !is_deleted(E::spec(), &item)
                {
                    found.push((*place, from_item(item, core.model)?));
                }
            }
            for row in chunk {
                if unread.contains(&row.2) {
                    left.push(row);
                } else if found.iter().all(|(place, _)| *place != row.0) {
                    missing.push(row);
                }
            }
        }
        if !pauses.wait(asked, left.len()).await {
            waiting = left;
            break;
        }
        waiting = left;
    }
    Ok(Rounds {
        found,
        missing,
        left: waiting,
        cost,
    })
}

fn wanted<K>(chunk: &[(usize, K, Item)], consistent: bool) -> Result<KeysAndAttributes, ItemError> {
    KeysAndAttributes::builder()
        .set_keys(Some(chunk.iter().map(|(_, _, key)| key.clone()).collect()))
        .set_consistent_read(consistent.then_some(true))
        .build()
        .map_err(|error| unwritable(&error))
}

impl<E: Entity> BatchWrite<E> {
    pub(crate) fn puts(core: Arc<Core>, entities: impl IntoIterator<Item = E>) -> Self {
        let rows = each_by_itself::<E>("batch_put").and_then(|()| {
            let mut rows: Vec<Row<E>> = Vec::new();
            let mut places = Places::default();
            for entity in entities {
                let item = to_item(&entity, &core)?;
                let key = key_of(core.model, &item);
                let put = PutRequest::builder().set_item(Some(item)).build();
                let write =
                    WriteRequest::builder().put_request(put.map_err(|error| unwritable(&error))?);
                let row = Row {
                    given: entity,
                    write: write.build(),
                };
                // As one after the other: the last counts.
                match places.of(&key).and_then(|place| rows.get_mut(place)) {
                    Some(known) => *known = row,
                    None => rows.push(row),
                }
            }
            Ok(rows)
        });
        Self {
            core,
            entity: E::spec_name(),
            verb: "batch_put",
            rows,
        }
    }
}

impl<K> BatchWrite<K> {
    pub(crate) fn deletes<E: Entity<Key = K>>(
        core: Arc<Core>,
        keys: impl IntoIterator<Item = K>,
    ) -> Self {
        let rows = each_by_itself::<E>("batch_delete").and_then(|()| {
            let mut rows: Vec<Row<K>> = Vec::new();
            let mut places = Places::default();
            for given in keys {
                let key = key_item(E::spec(), &core, &KeyParts::<E>(&given))?;
                if places.of(&key).is_some() {
                    continue;
                }
                let delete = DeleteRequest::builder().set_key(Some(key)).build();
                let write = WriteRequest::builder()
                    .delete_request(delete.map_err(|error| unwritable(&error))?);
                rows.push(Row {
                    given,
                    write: write.build(),
                });
            }
            Ok(rows)
        });
        Self {
            core,
            entity: E::spec_name(),
            verb: "batch_delete",
            rows,
        }
    }
}

impl<T> BatchWrite<T> {
    /// Writes them.
    ///
    /// # Errors
    /// [`BatchError`] holds what is not known to be written.
    pub async fn send(self) -> Result<Written<T>, BatchError<T>> {
        let Self {
            core,
            entity,
            verb,
            rows,
        } = self;
        let rows = rows.map_err(|source| BatchError {
            left: Vec::new(),
            source,
        })?;
        let span = tracing::debug_span!(
            "BatchWriteItem",
            table = %core.table,
            entity,
            items = rows.len(),
        );
        let pattern = PatternId::operation(entity, verb);
        write(&core, rows, &pattern).instrument(span).await
    }
}

async fn write<T>(
    core: &Core,
    rows: Vec<Row<T>>,
    pattern: &PatternId,
) -> Result<Written<T>, BatchError<T>> {
    let given = |rows: Vec<Row<T>>| rows.into_iter().map(|row| row.given).collect();
    let mut waiting = rows;
    let mut cost = Cost::default();
    let mut pauses = Patience::new(core);
    while !waiting.is_empty() {
        let mut left: Vec<Row<T>> = Vec::new();
        let asked = waiting.len();
        // Of 400 KB each, so many items stay below the limit of 16 MB.
        let mut chunks = chunks(waiting, BATCH_WRITE_REQUESTS_MAX).into_iter();
        while let Some(chunk) = chunks.next() {
            let writes = chunk.iter().map(|row| row.write.clone()).collect();
            let answer = core
                .client
                .batch_write_item()
                .request_items(&core.table, writes)
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .customize()
                .interceptor(Mark(pattern.clone()))
                .send()
                .await
                .map_err(|error| RequestError::new("BatchWriteItem", &core.table, error));
            match answer {
                Ok(answer) => {
                    cost += answer
                        .consumed_capacity()
                        .iter()
                        .map(|capacity| Cost::written(Some(capacity)))
                        .sum();
                    let unwritten = answer
                        .unprocessed_items
                        .and_then(|mut tables| tables.remove(&core.table))
                        .unwrap_or_default();
                    left.extend(
                        chunk
                            .into_iter()
                            .filter(|row| unwritten.contains(&row.write)),
                    );
                }
                Err(error) if error.is_throttled() => left.extend(chunk),
                Err(error) => {
                    left.extend(chunk);
                    left.extend(chunks.flatten());
                    return Err(BatchError {
                        left: given(left),
                        source: error.into(),
                    });
                }
            }
        }
        if !pauses.wait(asked, left.len()).await {
            waiting = left;
            break;
        }
        waiting = left;
    }
    Ok(Written {
        left: given(waiting),
        cost,
    })
}

/// How long it is asked again: as long as something gets through, and then as often as after conflicts.
struct Patience<'c> {
    core: &'c Core,
    pauses: Pauses,
}

impl<'c> Patience<'c> {
    fn new(core: &'c Core) -> Self {
        Self {
            core,
            pauses: core.retry.start(),
        }
    }

    /// Waits, if something is left; `false` when it has been asked for often enough.
    async fn wait(&mut self, asked: usize, left: usize) -> bool {
        if left < asked {
            self.pauses = self.core.retry.start();
        }
        if left == 0 {
            return true;
        }
        match self.pauses.next(&*self.core.randomness) {
            // What was throttled wants more time than what met a conflict.
            Some(pause) => {
                tokio::time::sleep(pause.saturating_mul(4).max(Duration::from_millis(1))).await;
                true
            }
            None => false,
        }
    }
}

/// Batches have no transactions: what is kept in step with an item would fall out of step.
fn each_by_itself<E: Entity>(verb: &str) -> Result<(), WriteError> {
    if is_moving(E::spec()) {
        return Err(WriteError::Unsendable {
            reason: format!(
                "`{verb}` writes each item in one place, and a `{}` may lie in two while it is moved to other shards; write it with `put`, `delete` or `transact()`",
                E::spec_name()
            ),
        });
    }
    if verb == "batch_delete" && E::spec().with_role(FieldRole::Deleted).is_some() {
        return Err(WriteError::Unsendable {
            reason: format!(
                "`batch_delete` deletes for good, and a `{}` can be restored; use `delete`, or `purge`",
                E::spec_name()
            ),
        });
    }
    if E::spec().kept.is_empty() {
        return Ok(());
    }
    Err(WriteError::Unsendable {
        reason: format!(
            "`{verb}` writes each item by itself, and other items are kept in step with a `{}`; write it with `put`, `delete` or `transact()`",
            E::spec_name()
        ),
    })
}

fn unwritable(error: &aws_smithy_types::error::operation::BuildError) -> ItemError {
    ItemError::Unwritable {
        reason: error.to_string(),
    }
}

fn chunks<T>(items: Vec<T>, len: usize) -> Vec<Vec<T>> {
    let mut items = items.into_iter();
    let mut chunks = Vec::new();
    loop {
        let chunk: Vec<T> = items.by_ref().take(len).collect();
        if chunk.is_empty() {
            return chunks;
        }
        chunks.push(chunk);
    }
}

impl<E: Entity> IntoFuture for BatchGet<E> {
    type Output = Result<Found<E>, GetError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

impl<T: Send + 'static> IntoFuture for BatchWrite<T> {
    type Output = Result<Written<T>, BatchError<T>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}
