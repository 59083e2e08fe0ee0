//! `scan`: all items of an entity, for those who said why.

use std::marker::PhantomData;
use std::sync::Arc;

use crate::entity::Scannable;
use crate::errors::QueryError;
use crate::item::{Item, from_item, is_deleted, is_expired};
use crate::table::Core;
use crate::walk::{Progress, Walk, walk_settings};

/// Reading all items of an entity, in segments side by side: `repo.scan()`.
///
/// It reads, and pays for, the whole table: for exports and repairs, at a rate that leaves room for others.
#[must_use = "nothing is read until it is run"]
pub struct Scan<'w, E> {
    walk: Walk<'w>,
    entity: PhantomData<fn() -> E>,
}

impl<'w, E: Scannable> Scan<'w, E> {
    pub(crate) fn of(core: Arc<Core>) -> Self {
        Self {
            walk: Walk::new(core, E::spec(), "scan"),
            entity: PhantomData,
        }
    }

    walk_settings!();

    /// Gives the items of each round of requests to `each`, in no order. Expired and deleted ones are left out.
    ///
    /// # Errors
    /// What `each` says, or why an item cannot be read.
    pub async fn run<X>(
        self,
        mut each: impl AsyncFnMut(Vec<E>) -> Result<(), X>,
    ) -> Result<Progress, X>
    where
        X: From<QueryError>,
    {
        let core = self.walk.core.clone();
        self.walk
            .run(async |items: Vec<Item>| {
                let now = core.clock.now();
                let entities = items
                    .into_iter()
                    .filter(|item| {
                        !is_expired(core.model, item, now) && !is_deleted(E::spec(), item)
                    })
                    .map(|item| from_item::<E>(item, core.model))
                    .collect::<Result<Vec<E>, _>>()
                    .map_err(QueryError::from)?;
                each(entities).await?;
                Ok::<_, X>(0)
            })
            .await
    }
}
