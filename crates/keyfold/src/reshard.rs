//! `reshard`: moves the items of an entity to the shards they are written to now.

use std::sync::Arc;

use crate::entity::Entity;
use crate::errors::{QueryError, WriteError};
use crate::former::{Places, move_item, rekey};
use crate::item::Item;
use crate::pattern::PatternId;
use crate::shard::{index_keys, present_key};
use crate::table::Core;
use crate::update::key_of;
use crate::walk::{Progress, Walk, walk_settings};
use crate::write::Failure;

/// Moving the items of a sharded entity, while it is read and written: `repo.reshard()`.
///
/// It reads the table once. An item is moved in a transaction that holds as long as nobody changes it; who wants
/// to change an item meanwhile finds it in either place. After it ended without a checkpoint, `was` can be dropped
/// from the entity with the next release.
///
/// ```no_run
/// # use keyfold::prelude::*;
/// # #[derive(Table, Clone)] #[table(pk = "PK", sk = "SK")] struct Shop { listings: Repo<Listing> }
/// # #[derive(Entity, Serialize, Deserialize)]
/// # #[key(pk = "LISTING#{shard}", sk = "PRODUCT#{id}")] #[shard(16, by = id, was = 8)]
/// # struct Listing { id: String }
/// # async fn run(db: &Shop) -> Result<(), WriteError> {
/// let would = db.listings.reshard().dry_run().run().await?;
/// let done = db.listings.reshard().segments(4).items_per_second(1_000).run().await?;
/// assert_eq!(done.changed, would.changed);
/// # Ok(()) }
/// ```
#[must_use = "nothing is moved until it is run"]
pub struct Reshard<'w> {
    walk: Walk<'w>,
    dry_run: bool,
}

impl<'w> Reshard<'w> {
    pub(crate) fn of<E: Entity>(core: Arc<Core>) -> Self {
        Self {
            walk: Walk::new(core, E::spec(), "reshard"),
            dry_run: false,
        }
    }

    walk_settings!();

    /// Counts what would be moved, and moves nothing.
    pub fn dry_run(mut self) -> Self {
        self.dry_run = true;
        self
    }

    /// Moves them.
    ///
    /// # Errors
    /// `WriteError::Conflict` where an item changes so fast that it cannot be moved: try again from the checkpoint.
    pub async fn run(self) -> Result<Progress, WriteError> {
        let (core, spec) = (self.walk.core.clone(), self.walk.spec);
        let (pattern, dry_run) = (self.walk.pattern(), self.dry_run);
        let core = &core;
        self.walk
            .run(async |items: Vec<Item>| {
                let mut changed = 0;
                for item in items {
                    changed += u64::from(one(core, spec, &item, dry_run, &pattern).await?);
                }
                Ok::<_, WriteError>(changed)
            })
            .await
    }
}

async fn one(
    core: &Core,
    spec: &'static keyfold_model::EntityModel<'static>,
    item: &Item,
    dry_run: bool,
    pattern: &PatternId,
) -> Result<bool, WriteError> {
    let entity = keyfold_model::EntityModel::static_name(spec);
    let now = present_key(core, spec, item);
    if dry_run {
        return Ok(now.is_some() || !index_keys(core, spec, item).is_empty());
    }
    let moved = match now {
        Some(now) => {
            let before = key_of(core.model, item);
            move_item(core, spec, &Places { before, now }, pattern).await
        }
        None => rekey(core, spec, item, pattern).await,
    };
    moved.map_err(|failure| match failure {
        Failure::Item(error) => error.into(),
        Failure::Request(error) => error.into(),
        Failure::Conflict | Failure::Refused(_) | Failure::NoPlace => {
            WriteError::Conflict { entity }
        }
    })
}

impl From<QueryError> for WriteError {
    fn from(error: QueryError) -> Self {
        match error {
            QueryError::Key(error) => error.into(),
            QueryError::Item(error) => error.into(),
            QueryError::Request(error) => error.into(),
            other => WriteError::Unsendable {
                reason: other.to_string(),
            },
        }
    }
}
