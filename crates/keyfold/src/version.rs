//! Versions: items of older shapes are read by a chain of conversions, and written in the new one.

use std::sync::Arc;

use aws_sdk_dynamodb::types::AttributeValue;
use keyfold_model::EntityModel;
use serde::de::DeserializeOwned;

use crate::changes::Changes;
use crate::condition::Condition;
use crate::entity::Entity;
use crate::errors::{ItemError, WriteError};
use crate::item::{Item, attributes, from_item, to_item};
use crate::pattern::PatternId;
use crate::table::Core;
use crate::update::{SpecName, key_of};
use crate::walk::{Progress, Walk, walk_settings};
use crate::write::{Action, Failure, Means, Step, execute};

/// How often an item that keeps changing is tried to be brought up to date.
const TRIES_MAX: u32 = 8;

/// Brings a stored item up to date: the whole item as it is written now.
pub(crate) type Lift = fn(Item, &Core) -> Result<Item, WriteError>;

/// How an entity's older items are brought up to date, if it has any.
pub(crate) fn lift<E: Entity>() -> Option<Lift> {
    let version = E::spec().version.as_ref()?;
    (!version.reads.is_empty()).then_some(lifted::<E> as Lift)
}

fn lifted<E: Entity>(item: Item, core: &Core) -> Result<Item, WriteError> {
    let entity: E = from_item(item, core.model)?;
    to_item(&entity, core)
}

/// The version of an item, if it is an older one.
///
/// # Errors
/// If it is newer than what is known.
pub(crate) fn older<E: Entity>(item: &Item) -> Result<Option<u32>, ItemError> {
    let Some(version) = &E::spec().version else {
        return Ok(None);
    };
    let stored = stored_version(E::spec(), item);
    match stored.cmp(&version.current) {
        std::cmp::Ordering::Less => Ok(Some(stored)),
        std::cmp::Ordering::Equal => Ok(None),
        std::cmp::Ordering::Greater => Err(unread_version::<E>(stored)),
    }
}

/// What an item without the attribute has is version 1.
fn stored_version(spec: &EntityModel<'_>, item: &Item) -> u32 {
    let attribute = spec.version.as_ref().map(|version| &*version.attribute);
    match attribute.and_then(|attribute| item.get(attribute)) {
        Some(AttributeValue::N(number)) => number.parse().unwrap_or(u32::MAX),
        Some(_) => u32::MAX,
        None => 1,
    }
}

/// That an item's version is not read; for generated code.
#[doc(hidden)]
pub fn unread_version<E: Entity>(stored: u32) -> ItemError {
    ItemError::UnknownVersion {
        entity: E::spec_name(),
        stored,
        current: E::spec()
            .version
            .as_ref()
            .map_or(1, |version| version.current),
    }
}

/// The struct of an older item; for generated code.
#[doc(hidden)]
pub fn read_version<V: DeserializeOwned, E: Entity>(item: Item) -> Result<V, ItemError> {
    attributes::read(item).map_err(|unfit| ItemError::Malformed {
        entity: E::spec_name(),
        path: unfit.path,
        reason: unfit.reason,
    })
}

/// From one version to the next; for generated code.
#[doc(hidden)]
pub fn upcast_step<A, B, E: Entity>(from: u32, value: A) -> Result<B, ItemError>
where
    B: TryFrom<A>,
    B::Error: std::fmt::Display,
{
    B::try_from(value).map_err(|error| ItemError::Upcast {
        entity: E::spec_name(),
        from,
        reason: error.to_string(),
    })
}

/// The stored item is of the version that is written; nothing for an entity that has one only.
pub(crate) fn is_current<E: Entity>() -> Option<Condition> {
    lift::<E>()?;
    let version = E::spec().version.as_ref()?;
    let current = AttributeValue::N(version.current.to_string());
    Some(Condition::equals(&*version.attribute, current))
}

/// Brings items up to date that refused steps met in an older version; `true` if there was one.
pub(crate) async fn brought_up_to_date(
    core: &Core,
    steps: &[Step],
    refused: &[(usize, Option<Item>)],
    pattern: &PatternId,
) -> Result<bool, Failure> {
    let mut any = false;
    for (at, found) in refused {
        let Some((step, lift)) = steps.get(*at).and_then(|step| Some((step, step.lift?))) else {
            continue;
        };
        let core = step.table.as_deref().unwrap_or(core);
        let Some((item, spec)) = found.as_ref().zip(core.model.entity(step.entity)) else {
            continue;
        };
        let current = spec.version.as_ref().map_or(1, |version| version.current);
        if stored_version(spec, item) >= current {
            continue;
        }
        let now = lift(item.clone(), core).map_err(|error| match error {
            WriteError::Item(error) => Failure::Item(error),
            other => Failure::Item(ItemError::Unwritable {
                reason: other.to_string(),
            }),
        })?;
        Box::pin(replace(core, step.entity, item.clone(), now, pattern)).await?;
        any = true;
    }
    Ok(any)
}

/// Writes an item anew that is still as it was read; `false` if it is not.
async fn replace(
    core: &Core,
    entity: &'static str,
    was: Item,
    now: Item,
    pattern: &PatternId,
) -> Result<bool, Failure> {
    let step = Step {
        table: None,
        entity,
        unique: None,
        key: key_of(core.model, &now),
        action: Action::Put(now),
        condition: Some(Condition::Same(was)),
        means: Means::Condition,
        repair: None,
        former: None,
        lift: None,
    };
    written(execute(core, &[step], None, pattern).await)
}

fn written<T>(result: Result<T, Failure>) -> Result<bool, Failure> {
    match result {
        Ok(_) => Ok(true),
        Err(Failure::Refused(_)) => Ok(false),
        Err(failure) => Err(failure),
    }
}

/// Writing an entity's stored items as they are written now: `repo.backfill()`.
///
/// Items of older versions are written whole in the new one; of others only key attributes of indexes are added or
/// put right, which is what a new index needs. It reads the table once; an item is written only while it is as it
/// was read. After it ended without a checkpoint, older versions can be dropped from `upcast(..)`.
#[must_use = "nothing is written until it is run"]
pub struct Backfill<'w> {
    walk: Walk<'w>,
    lift: Lift,
    dry_run: bool,
}

impl<'w> Backfill<'w> {
    pub(crate) fn of<E: Entity>(core: Arc<Core>) -> Self {
        Self {
            walk: Walk::new(core, E::spec(), "backfill"),
            lift: lifted::<E>,
            dry_run: false,
        }
    }

    walk_settings!();

    /// Counts what would be written, and writes nothing.
    pub fn dry_run(mut self) -> Self {
        self.dry_run = true;
        self
    }

    /// Writes them.
    ///
    /// # Errors
    /// `ItemError::UnknownVersion` and `ItemError::Upcast` for an item that cannot be read.
    pub async fn run(self) -> Result<Progress, WriteError> {
        let (core, spec) = (self.walk.core.clone(), self.walk.spec);
        let (pattern, lift, dry_run) = (self.walk.pattern(), self.lift, self.dry_run);
        let core = &core;
        self.walk
            .run(async |items: Vec<Item>| {
                let mut changed = 0;
                for item in items {
                    changed += u64::from(one(core, spec, item, lift, dry_run, &pattern).await?);
                }
                Ok::<_, WriteError>(changed)
            })
            .await
    }
}

async fn one(
    core: &Core,
    spec: &'static EntityModel<'static>,
    mut item: Item,
    lift: Lift,
    dry_run: bool,
    pattern: &PatternId,
) -> Result<bool, WriteError> {
    let entity = EntityModel::static_name(spec);
    let failed = |failure| match failure {
        Failure::Item(error) => error.into(),
        Failure::Request(error) => error.into(),
        Failure::Conflict | Failure::Refused(_) | Failure::NoPlace => {
            WriteError::Conflict { entity }
        }
    };
    for _ in 0..TRIES_MAX {
        let now = lift(item.clone(), core)?;
        let is_older = spec
            .version
            .as_ref()
            .is_some_and(|version| stored_version(spec, &item) < version.current);
        let changes = keys_put_right(core, &item, &now);
        if !is_older && changes.is_empty() {
            return Ok(false);
        }
        if dry_run {
            return Ok(true);
        }
        let done = if is_older {
            replace(core, entity, item.clone(), now, pattern).await
        } else {
            let step = Step {
                table: None,
                entity,
                unique: None,
                key: key_of(core.model, &item),
                action: Action::Update(changes),
                condition: Some(Condition::Same(item.clone())),
                means: Means::Condition,
                repair: None,
                former: None,
                lift: None,
            };
            written(execute(core, &[step], None, pattern).await)
        };
        if done.map_err(failed)? {
            return Ok(true);
        }
        // It changed meanwhile: as it is now.
        let again = crate::former::stored(core, key_of(core.model, &item), pattern).await;
        match again.map_err(failed)? {
            Some(found) => item = found,
            None => return Ok(false),
        }
    }
    Err(WriteError::Conflict { entity })
}

/// Key attributes of indexes that are missing or not as they are written now.
fn keys_put_right(core: &Core, was: &Item, now: &Item) -> Changes {
    let mut changes = Changes::default();
    let indexes = core.model.indexes.iter();
    for attribute in indexes.flat_map(|index| std::iter::once(&index.pk).chain(&index.sk)) {
        let name = &*attribute.name;
        if let Some(value) = now.get(name).filter(|value| was.get(name) != Some(value))
            && changes.set.iter().all(|(known, _)| known != name)
        {
            changes.set.push((name.to_owned(), value.clone()));
        }
    }
    changes
}
