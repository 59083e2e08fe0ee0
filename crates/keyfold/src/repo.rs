//! The repository of one entity: a thin, typed face over functions that know only its design.

use std::marker::PhantomData;
use std::sync::Arc;

use aws_sdk_dynamodb::types::AttributeValue;
use keyfold_model::{EntityModel, FieldRole, KeptKind, KeyError};

use crate::batch::{BatchGet, BatchWrite};
use crate::changes::Changes;
use crate::condition::Condition;
use crate::cost::Cost;
use crate::entity::{Entity, Scannable, SoftDelete, Upsertable};
use crate::errors::WriteError;
use crate::item::{EntityParts, Item, KeptRow, KeyParts, from_item, is_deleted, key_item, to_item};
use crate::move_to::MoveTo;
use crate::read::{Exists, Find, Get};
use crate::reshard::Reshard;
use crate::returning::ReturningOld;
use crate::scan::Scan;
use crate::scope::{InScope, NoScope};
use crate::table::Core;
use crate::update::{Blind, Loaded, SpecName, Update, absent, alive, key_of, not_deleted, put_row};
use crate::value::to_attribute;
use crate::version::Backfill;
use crate::write::{Action, Means, Operation, Plan, Sending, Step, Write, sending};

/// The items of one entity.
///
/// Reads: [`find`](Repo::find) (an `Option`), [`get`](Repo::get) (absent is an error),
/// [`exists`](Repo::exists). Writes: [`create`](Repo::create), [`put`](Repo::put),
/// [`upsert`](Repo::upsert), [`patch`](Repo::patch) (blind), [`edit`](Repo::edit) (of a loaded item),
/// [`move_to`](Repo::move_to) (another key), [`delete`](Repo::delete); many at once, each by itself: [`batch_get`](Repo::batch_get),
/// [`batch_put`](Repo::batch_put), [`batch_delete`](Repo::batch_delete). Each gives a value with `request()` and `explain()`, which send nothing,
/// and `send()`; reads, `create`, `put` and `delete` can simply be awaited.
///
/// In a table with scopes it is `Repo<E, S>`, and serves what a handle of scope `S` may see.
pub struct Repo<E, S = NoScope> {
    core: Arc<Core>,
    entity: PhantomData<fn() -> (E, S)>,
}

impl<E, S> Clone for Repo<E, S> {
    fn clone(&self) -> Self {
        Self {
            core: self.core.clone(),
            entity: PhantomData,
        }
    }
}

impl<E: Entity, S> Repo<E, S> {
    #[doc(hidden)]
    pub fn new(core: Arc<Core>) -> Self {
        Self {
            core,
            entity: PhantomData,
        }
    }

    #[doc(hidden)]
    pub fn core(&self) -> &Arc<Core> {
        &self.core
    }

    /// The item with this key, if it is there. One `GetItem`; half a read unit for each 4 KB, twice
    /// that when `.consistent()`.
    pub fn find(&self, key: impl Into<E::Key>) -> Find<E>
    where
        E: InScope<S>,
    {
        Find::new(self.core.clone(), "find", self.key(&key.into()))
    }

    /// The item with this key, which must be there. Costs what [`find`](Repo::find) does.
    pub fn get(&self, key: impl Into<E::Key>) -> Get<E>
    where
        E: InScope<S>,
    {
        Get::new(Find::new(self.core.clone(), "get", self.key(&key.into())))
    }

    /// Whether an item with this key is there. One `GetItem`, which reads it whole.
    pub fn exists(&self, key: impl Into<E::Key>) -> Exists<E>
    where
        E: InScope<S>,
    {
        Exists::new(self.core.clone(), self.key(&key.into()))
    }

    /// The items with these keys, however many: read 100 to a request, and what DynamoDB leaves is read
    /// again. A key that is given twice counts once.
    pub fn batch_get<K: Into<E::Key>>(&self, keys: impl IntoIterator<Item = K>) -> BatchGet<E>
    where
        E: InScope<S>,
    {
        BatchGet::new(
            self.core.clone(),
            keys.into_iter().map(Into::into).collect(),
        )
    }

    /// Writes items whole, each by itself, whatever was there: 25 to a request, and what DynamoDB
    /// leaves is sent again. Of two with one key the last counts. For entities that no other items are
    /// kept in step with.
    pub fn batch_put(&self, entities: impl IntoIterator<Item = E>) -> BatchWrite<E>
    where
        E: InScope<S>,
    {
        BatchWrite::puts(self.core.clone(), entities)
    }

    /// Deletes the items with these keys, each by itself, as [`batch_put`](Repo::batch_put) writes.
    pub fn batch_delete<K: Into<E::Key>>(
        &self,
        keys: impl IntoIterator<Item = K>,
    ) -> BatchWrite<E::Key>
    where
        E: InScope<S>,
    {
        BatchWrite::deletes::<E>(self.core.clone(), keys.into_iter().map(Into::into))
    }

    /// Writes stored items as they are written now: in the newest version, with the keys of new indexes. See
    /// [`Backfill`].
    pub fn backfill<'w>(&self) -> Backfill<'w>
    where
        E: InScope<S>,
    {
        Backfill::of::<E>(self.core.clone())
    }

    /// Reads all items of an entity that allows it: `#[entity(allow(scan, reason = ".."))]`. See [`Scan`].
    pub fn scan<'w>(&self) -> Scan<'w, E>
    where
        E: InScope<S> + Scannable,
    {
        Scan::of(self.core.clone())
    }

    /// Brings a deleted item back: into the indexes, with what is kept in step with it.
    ///
    /// Its unique values were free since it was deleted: where another holds one now, it is refused with
    /// `WriteError::Taken`, and stays deleted.
    pub fn restore(&self, key: impl Into<E::Key>) -> Restore<E>
    where
        E: InScope<S> + SoftDelete,
    {
        Restore {
            core: self.core.clone(),
            key: key.into(),
        }
    }

    /// Deletes an item for good, deleted before or not.
    pub fn purge(&self, key: impl Into<E::Key>) -> Purge<E>
    where
        E: InScope<S> + SoftDelete,
    {
        Purge {
            core: self.core.clone(),
            key: key.into(),
        }
    }

    /// Moves the items of a sharded entity to the shards they are written to now, and writes index keys anew that
    /// hold the number of a shard. See [`Reshard`].
    pub fn reshard<'w>(&self) -> Reshard<'w>
    where
        E: InScope<S>,
    {
        Reshard::of::<E>(self.core.clone())
    }

    /// Writes an item that must not be there yet; one that has expired counts as not there.
    pub fn create(&self, entity: E) -> Create<E>
    where
        E: InScope<S>,
    {
        Create {
            core: self.core.clone(),
            entity,
        }
    }

    /// Writes an item whole, whatever was there. Where other items are kept in step with it, the old
    /// one is read first and they are put right in the same transaction.
    pub fn put(&self, entity: E) -> PutWhole<E>
    where
        E: InScope<S>,
    {
        PutWhole {
            core: self.core.clone(),
            entity,
            condition: None,
        }
    }

    /// Changes the item with this key, or begins it.
    pub fn upsert(&self, key: impl Into<E::Key>) -> E::Patch
    where
        E: InScope<S>,
        E: Upsertable,
    {
        E::Patch::from(Update::<E, Blind<E>>::blind(
            self.core.clone(),
            key.into(),
            true,
        ))
    }

    /// Changes fields of the item with this key, which must be there.
    pub fn patch(&self, key: impl Into<E::Key>) -> E::Patch
    where
        E: InScope<S>,
    {
        E::Patch::from(Update::<E, Blind<E>>::blind(
            self.core.clone(),
            key.into(),
            false,
        ))
    }

    /// Changes fields of a loaded item: index keys, mirrors and claims follow, and what they are made
    /// from must not have changed since.
    pub fn edit<'a>(&self, loaded: &'a E) -> E::Edit<'a>
    where
        E: InScope<S>,
    {
        E::Edit::from(Update::<E, Loaded<'a, E>>::loaded(
            self.core.clone(),
            loaded,
        ))
    }

    /// Puts a loaded item under another key: `moved` is the item as it shall be, with another value in
    /// a part of its key. One transaction deletes the old and writes the new, and what is kept in step
    /// moves along; `#[version]` is raised and `#[updated]` stamped. It costs what both writes cost, twice.
    ///
    /// The item must still be as it was loaded: the `#[version]` is compared, or every field where there
    /// is none. Items of other entities under the old key stay where they are.
    ///
    /// # Errors
    /// `Condition` if it changed since it was loaded, `NotFound` if it is gone, `AlreadyThere` if
    /// the new key is taken, `Taken` for a unique value of it; `Unsendable` if the key is the same.
    pub fn move_to(&self, loaded: &E, moved: &E) -> MoveTo<E> {
        MoveTo::new(self.core.clone(), loaded, moved)
    }

    /// Deletes the item with this key, with the items kept in step with it; deleting what is not there
    /// is no error.
    pub fn delete(&self, key: impl Into<E::Key>) -> Remove<E>
    where
        E: InScope<S>,
    {
        Remove {
            core: self.core.clone(),
            key: key.into(),
            condition: None,
        }
    }

    fn key(&self, key: &E::Key) -> Result<Item, KeyError> {
        key_item(E::spec(), &self.core, &KeyParts::<E>(key))
    }
}

/// A `create`.
#[must_use = "nothing is written until it is sent"]
pub struct Create<E> {
    core: Arc<Core>,
    entity: E,
}

/// A `put`.
#[must_use = "nothing is written until it is sent"]
pub struct PutWhole<E> {
    core: Arc<Core>,
    entity: E,
    condition: Option<Condition>,
}

/// A `restore`.
#[must_use = "nothing is restored until it is sent"]
pub struct Restore<E: Entity> {
    core: Arc<Core>,
    key: E::Key,
}

/// A `purge`.
#[must_use = "nothing is deleted until it is sent"]
pub struct Purge<E: Entity> {
    core: Arc<Core>,
    key: E::Key,
}

/// A `delete`.
#[must_use = "nothing is deleted until it is sent"]
pub struct Remove<E: Entity> {
    core: Arc<Core>,
    key: E::Key,
    condition: Option<Condition>,
}

impl<E: Entity> Create<E> {
    pub(crate) fn in_table(core: Arc<Core>, entity: E) -> Self {
        Self { core, entity }
    }
}

impl<E: Entity> PutWhole<E> {
    /// Gives the item that was there before, if there was one.
    pub fn returning_old(self) -> ReturningOld<E> {
        ReturningOld::new(self.into_operation())
    }

    /// Only if this holds for what is there.
    pub fn when(mut self, condition: impl FnOnce(E::Fields) -> Condition) -> Self {
        self.condition = Some(condition(E::fields()));
        self
    }
}

impl<E: Entity> Remove<E> {
    /// Gives the item that was deleted, if there was one.
    pub fn returning_old(self) -> ReturningOld<E> {
        ReturningOld::new(self.into_operation())
    }

    /// Only if this holds for what is there.
    pub fn when(mut self, condition: impl FnOnce(E::Fields) -> Condition) -> Self {
        self.condition = Some(condition(E::fields()));
        self
    }
}

impl<E: Entity> Write for Create<E> {
    fn into_operation(self) -> Operation {
        let condition = absent::<E>(&self.core);
        if E::spec().kept.is_empty() {
            return whole(
                self.core,
                "create",
                self.entity,
                Some(condition),
                Means::AlreadyThere,
            );
        }
        let steps = create_steps(&self.core, &self.entity, condition, Means::AlreadyThere);
        Operation::ready(self.core, "create", E::spec_name(), steps)
    }
}

impl<E: Entity> Write for PutWhole<E> {
    fn into_operation(self) -> Operation {
        let Self {
            core,
            entity,
            condition,
        } = self;
        if E::spec().kept.is_empty() {
            return whole(core, "put", entity, condition, Means::Condition);
        }
        let key = key_item(E::spec(), &core, &EntityParts(&entity)).map_err(WriteError::from);
        let inner = core.clone();
        let then = move |found: Option<Item>| replace_steps(&inner, &entity, found, condition);
        Operation {
            core,
            verb: "put",
            entity: E::spec_name(),
            plan: Plan::AfterLoad(key, Box::new(then)),
        }
    }
}

impl<E: Entity> Write for Remove<E> {
    fn into_operation(self) -> Operation {
        let Self {
            core,
            key,
            condition,
        } = self;
        let key = key_item(E::spec(), &core, &KeyParts::<E>(&key)).map_err(WriteError::from);
        let is_soft = E::spec().with_role(FieldRole::Deleted).is_some();
        if E::spec().kept.is_empty() {
            let steps = key.and_then(|key| {
                Ok(vec![if is_soft {
                    mark_deleted::<E>(&core, key, condition)?
                } else {
                    delete_step(E::spec_name(), key, condition)
                }])
            });
            return Operation::ready(core, "delete", E::spec_name(), steps);
        }
        let inner = core.clone();
        let then = move |found: Option<Item>| {
            let found = found.filter(|item| !is_deleted(E::spec(), item));
            let Some(item) = found else {
                if is_soft {
                    return Err(WriteError::NotFound {
                        entity: E::spec_name(),
                    });
                }
                return Ok(Vec::new());
            };
            let main = key_of(inner.model, &item);
            let guard = unchanged_sources(E::spec(), &item);
            let old: E = from_item(item, inner.model)?;
            let condition = both(condition, guard);
            let mut steps = vec![if is_soft {
                mark_deleted::<E>(&inner, main, condition)?
            } else {
                delete_step(E::spec_name(), main, condition)
            }];
            for row in old.kept(&inner)? {
                let entity = keyfold_model::EntityModel::static_name(row.spec);
                steps.push(delete_step(entity, key_of(inner.model, &row.item), None));
            }
            Ok(steps)
        };
        Operation {
            core,
            verb: "delete",
            entity: E::spec_name(),
            plan: Plan::AfterLoad(key, Box::new(then)),
        }
    }
}

impl<E: SoftDelete> Write for Restore<E> {
    fn into_operation(self) -> Operation {
        let Self { core, key } = self;
        let key = key_item(E::spec(), &core, &KeyParts::<E>(&key)).map_err(WriteError::from);
        let inner = core.clone();
        let then = move |found: Option<Item>| restore_steps::<E>(&inner, found);
        Operation {
            core,
            verb: "restore",
            entity: E::spec_name(),
            plan: Plan::AfterLoad(key, Box::new(then)),
        }
    }
}

impl<E: SoftDelete> Write for Purge<E> {
    fn into_operation(self) -> Operation {
        let Self { core, key } = self;
        let key = key_item(E::spec(), &core, &KeyParts::<E>(&key)).map_err(WriteError::from);
        if E::spec().kept.is_empty() {
            let steps = key.map(|key| vec![delete_step(E::spec_name(), key, None)]);
            return Operation::ready(core, "purge", E::spec_name(), steps);
        }
        let inner = core.clone();
        let then = move |found: Option<Item>| {
            let Some(item) = found else {
                return Ok(Vec::new());
            };
            let main = key_of(inner.model, &item);
            if is_deleted(E::spec(), &item) {
                // What was kept in step is gone since, and may be another's.
                return Ok(vec![delete_step(
                    E::spec_name(),
                    main,
                    Some(still_deleted::<E>()),
                )]);
            }
            let guard = unchanged_sources(E::spec(), &item);
            let old: E = from_item(item, inner.model)?;
            let mut steps = vec![delete_step(
                E::spec_name(),
                main,
                both(not_deleted::<E>(), guard),
            )];
            for row in old.kept(&inner)? {
                let entity = keyfold_model::EntityModel::static_name(row.spec);
                steps.push(delete_step(entity, key_of(inner.model, &row.item), None));
            }
            Ok(steps)
        };
        Operation {
            core,
            verb: "purge",
            entity: E::spec_name(),
            plan: Plan::AfterLoad(key, Box::new(then)),
        }
    }
}

fn still_deleted<E: Entity>() -> Condition {
    not_deleted::<E>().map_or(Condition::All(Vec::new()), |condition| !condition)
}

/// Sets the moment, and takes the item out of every index.
fn mark_deleted<E: Entity>(
    core: &Core,
    key: Item,
    condition: Option<Condition>,
) -> Result<Step, WriteError> {
    let spec = E::spec();
    let mut changes = Changes::default();
    let now = to_attribute(&core.clock.now())?;
    for field in spec.fields.iter() {
        match field.role {
            FieldRole::Deleted | FieldRole::Updated => {
                changes.set.push((field.attribute.to_string(), now.clone()));
            }
            FieldRole::Version => changes.add.push((field.attribute.to_string(), 1)),
            _ => {}
        }
    }
    for keys in spec.indexes.iter() {
        let index = core.model.index(&keys.index);
        let templates = index.map(|index| {
            [(&keys.key.pk, Some(&index.pk))].into_iter().chain(
                keys.key
                    .sk
                    .as_ref()
                    .map(|template| (template, index.sk.as_ref())),
            )
        });
        for (template, attribute) in templates.into_iter().flatten() {
            // A bare key is a field of its own, which restoring needs.
            if let Some(attribute) = attribute.filter(|_| !template.bare) {
                changes.remove.push(attribute.name.to_string());
            }
        }
    }
    changes.remove.sort_unstable();
    changes.remove.dedup();
    Ok(Step {
        table: None,
        entity: E::spec_name(),
        unique: None,
        key,
        action: Action::Update(changes),
        condition: both(Some(alive::<E>(core)), condition),
        means: Means::Condition,
        repair: None,
        former: None,
        lift: None,
    })
}

/// The item without its moment, in the indexes again; and what is kept in step, as if it were created.
fn restore_steps<E: Entity>(core: &Core, found: Option<Item>) -> Result<Vec<Step>, WriteError> {
    let spec = E::spec();
    let Some(mut item) = found.filter(|item| is_deleted(spec, item)) else {
        return Err(WriteError::NotFound {
            entity: E::spec_name(),
        });
    };
    let key = key_of(core.model, &item);
    let was = item.clone();
    if let Some(field) = spec.with_role(FieldRole::Deleted) {
        item.remove(&*field.attribute);
    }
    let entity: E = from_item(item, core.model)?;
    let mut whole = to_item(&entity, core)?;
    let now = to_attribute(&core.clock.now())?;
    for field in spec.fields.iter() {
        let attribute = field.attribute.to_string();
        match field.role {
            FieldRole::Updated => drop(whole.insert(attribute, now.clone())),
            FieldRole::Version => {
                let raised = match whole.get(&attribute) {
                    Some(AttributeValue::N(number)) => {
                        number.parse::<u64>().unwrap_or_default() + 1
                    }
                    _ => 1,
                };
                whole.insert(attribute, AttributeValue::N(raised.to_string()));
            }
            _ => {}
        }
    }
    // Attributes that the struct does not know stay.
    let mut changes = Changes::default();
    for (name, value) in whole {
        if was.get(&name) != Some(&value) && !key.contains_key(&name) {
            changes.set.push((name, value));
        }
    }
    if let Some(field) = spec.with_role(FieldRole::Deleted) {
        changes.remove.push(field.attribute.to_string());
    }
    let mut steps = vec![Step {
        table: None,
        entity: E::spec_name(),
        unique: None,
        key,
        action: Action::Update(changes),
        condition: Some(Condition::Same(was)),
        means: Means::Condition,
        repair: None,
        former: None,
        lift: None,
    }];
    for row in entity.kept(core)? {
        let kept = &spec.kept[row.place];
        let unique = (kept.kind == KeptKind::Unique).then_some(&*kept.name);
        steps.push(put_row(core, unique, row));
    }
    Ok(steps)
}

pub(crate) fn delete_step(entity: &'static str, key: Item, condition: Option<Condition>) -> Step {
    Step {
        table: None,
        entity,
        unique: None,
        key,
        action: Action::Delete,
        condition,
        means: Means::Condition,
        repair: None,
        former: None,
        lift: None,
    }
}

/// A write of one item, with nothing kept in step.
fn whole<E: Entity>(
    core: Arc<Core>,
    verb: &'static str,
    entity: E,
    condition: Option<Condition>,
    means: Means,
) -> Operation {
    let step = item_step(&core, &entity, condition.clone(), means);
    let inner = core.clone();
    let anew = move || item_step(&inner, &entity, condition, means);
    Operation {
        core,
        verb,
        entity: E::spec_name(),
        plan: Plan::Item(step.map(Box::new), Box::new(anew)),
    }
}

fn item_step<E: Entity>(
    core: &Core,
    entity: &E,
    condition: Option<Condition>,
    means: Means,
) -> Result<Step, WriteError> {
    let item = to_item(entity, core)?;
    Ok(Step {
        table: None,
        entity: E::spec_name(),
        unique: None,
        key: key_of(core.model, &item),
        action: Action::Put(item),
        condition,
        means,
        repair: None,
        former: None,
        lift: None,
    })
}

/// The item and everything kept in step with it, all new.
fn create_steps<E: Entity>(
    core: &Core,
    entity: &E,
    condition: Condition,
    means: Means,
) -> Result<Vec<Step>, WriteError> {
    let mut steps = vec![item_step(core, entity, Some(condition), means)?];
    for row in entity.kept(core)? {
        let kept = &E::spec().kept[row.place];
        let unique = (kept.kind == KeptKind::Unique).then_some(&*kept.name);
        steps.push(put_row(core, unique, row));
    }
    Ok(steps)
}

/// The item whole in place of the old one, and the kept items moved from where they were.
fn replace_steps<E: Entity>(
    core: &Core,
    entity: &E,
    found: Option<Item>,
    condition: Option<Condition>,
) -> Result<Vec<Step>, WriteError> {
    let deleted = found
        .as_ref()
        .is_some_and(|item| is_deleted(E::spec(), item));
    let Some(item) = found.filter(|_| !deleted) else {
        let none = if deleted {
            still_deleted::<E>()
        } else {
            absent::<E>(core)
        };
        let mut steps = create_steps(core, entity, none, Means::Condition)?;
        if let (Some(step), Some(condition)) = (steps.first_mut(), condition) {
            step.condition = both(step.condition.take(), Some(condition));
        }
        return Ok(steps);
    };
    let guard = unchanged_sources(E::spec(), &item);
    let old: E = from_item(item, core.model)?;
    let mut steps = vec![item_step(
        core,
        entity,
        both(condition, guard),
        Means::Condition,
    )?];
    rows_in_place_of(core, &old, entity, &mut steps)?;
    Ok(steps)
}

/// The kept items of an item that is written whole in place of an old one.
pub(crate) fn rows_in_place_of<E: Entity>(
    core: &Core,
    old: &E,
    new: &E,
    steps: &mut Vec<Step>,
) -> Result<(), WriteError> {
    let before: Vec<_> = old.kept(core)?;
    let after: Vec<_> = new.kept(core)?;
    let keys = |rows: &[KeptRow]| -> Vec<(usize, Item)> {
        let key = |row: &KeptRow| (row.place, key_of(core.model, &row.item));
        rows.iter().map(key).collect()
    };
    let (old_keys, new_keys) = (keys(&before), keys(&after));
    for (row, key) in before.iter().zip(&old_keys) {
        if !new_keys.contains(key) {
            let entity = keyfold_model::EntityModel::static_name(row.spec);
            steps.push(delete_step(entity, key.1.clone(), None));
        }
    }
    for (row, key) in after.into_iter().zip(&new_keys) {
        let kept = &E::spec().kept[row.place];
        // A claim that stays where it was is this item's own.
        let claims = kept.kind == KeptKind::Unique && !old_keys.contains(key);
        steps.push(put_row(core, claims.then_some(&*kept.name), row));
    }
    Ok(())
}

/// The fields that kept items are found by are still as they were read.
pub(crate) fn unchanged_sources(
    spec: &'static EntityModel<'static>,
    item: &Item,
) -> Option<Condition> {
    let conditions = spec
        .kept
        .iter()
        .flat_map(|kept| kept.fields.iter())
        .filter_map(|(_, source)| spec.field(source))
        .filter(|field| !field.key_only && field.role != keyfold_model::FieldRole::Counter)
        .map(|field| match item.get(&*field.attribute) {
            Some(value) => Condition::equals(&field.attribute, value.clone()),
            None => Condition::absent(&field.attribute),
        });
    conditions.reduce(Condition::and)
}

fn both(a: Option<Condition>, b: Option<Condition>) -> Option<Condition> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.and(b)),
        (one, None) | (None, one) => one,
    }
}

macro_rules! awaited_writes {
    ($($write:ident),*) => {$(
        impl<E: Entity> IntoFuture for $write<E> {
            type Output = Result<Cost, WriteError>;
            type IntoFuture = Sending;

            fn into_future(self) -> Sending {
                sending(self)
            }
        }
    )*};
}

awaited_writes!(Create, PutWhole, Remove);

macro_rules! awaited_soft_writes {
    ($($write:ident),*) => {$(
        impl<E: SoftDelete> IntoFuture for $write<E> {
            type Output = Result<Cost, WriteError>;
            type IntoFuture = Sending;

            fn into_future(self) -> Sending {
                sending(self)
            }
        }
    )*};
}

awaited_soft_writes!(Restore, Purge);
