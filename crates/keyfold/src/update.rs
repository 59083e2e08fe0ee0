//! `patch`, `upsert` and `edit`: updates that cannot leave an index key, a mirror or a claim stale.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws_sdk_dynamodb::types::AttributeValue;
use keyfold_model::part::Encode;
use keyfold_model::template::Parts;
use keyfold_model::{
    EntityModel, FieldModel, FieldRole, KeptKind, KeyPart, PartError, PartText, TableModel,
    Template,
};
use serde::Serialize;

use crate::changes::{Changes, Op};
use crate::condition::{Comparison, Condition, Test};
use crate::entity::{Entity, KeyOf};
use crate::errors::{ItemError, WriteError};
use crate::field::Field;
use crate::item::{
    EntityParts, Item, KeptRow, KeyParts, expiry, from_item, index_keys, is_deleted, key_item,
    to_item,
};
use crate::place::Nested;
use crate::returning::{Returning, ReturningOld};
use crate::table::Core;
use crate::value::{to_attribute, to_set};
use crate::version::{is_current, lift};
use crate::write::{Action, Means, Operation, Plan, Step};

/// An update being put together. Generated types wrap it: `ProductPatch`, `ProductEdit`.
pub struct Update<E: Entity, M> {
    core: Arc<Core>,
    mode: M,
    change: Change<E>,
}

/// What an update changes, by field.
struct Change<E> {
    set: Vec<(u16, AttributeValue)>,
    remove: Vec<u16>,
    add: Vec<(u16, i64)>,
    parts: Vec<(u16, Option<Box<dyn Encode + Send + Sync>>)>,
    nested: Vec<Nested<E>>,
    conditions: Vec<Condition>,
    error: Option<ItemError>,
    entity: std::marker::PhantomData<fn() -> E>,
}

/// An update by key alone.
pub struct Blind<E: Entity> {
    key: E::Key,
    upsert: bool,
}

/// An update of a loaded item.
pub struct Loaded<'a, E> {
    old: &'a E,
}

/// How an update knows its item.
pub trait Mode<E: Entity>: Sized {
    #[doc(hidden)]
    fn operation(update: Update<E, Self>) -> Operation;
}

impl<E: Entity, M> Update<E, M> {
    fn new(core: Arc<Core>, mode: M) -> Self {
        let change = Change {
            set: Vec::new(),
            remove: Vec::new(),
            add: Vec::new(),
            parts: Vec::new(),
            nested: Vec::new(),
            conditions: Vec::new(),
            error: None,
            entity: std::marker::PhantomData,
        };
        Self { core, mode, change }
    }

    /// Sets a field.
    #[expect(clippy::needless_pass_by_value, reason = "a setter takes its value")]
    #[must_use]
    pub fn set<T>(mut self, field: Field<E, T>, value: T) -> Self {
        match (field.write)(&value) {
            Ok(value) => self.change.set.push((field.index, value)),
            Err(error) => self.change.error = Some(error),
        }
        self
    }

    /// Sets a field that is part of an index key.
    #[must_use]
    pub fn set_part<T: KeyPart + Send + Sync + 'static>(
        mut self,
        field: Field<E, T>,
        value: T,
    ) -> Self {
        match (field.write)(&value) {
            Ok(written) => self.change.set.push((field.index, written)),
            Err(error) => self.change.error = Some(error),
        }
        self.change.parts.push((field.index, Some(Box::new(value))));
        self
    }

    /// Sets a field that is part of an index key and may have no value.
    #[must_use]
    pub fn set_optional_part<T: KeyPart + Serialize + Send + Sync + 'static>(
        mut self,
        field: Field<E, Option<T>>,
        value: Option<T>,
    ) -> Self {
        match (field.write)(&value) {
            Ok(written) => self.change.set.push((field.index, written)),
            Err(error) => self.change.error = Some(error),
        }
        let part = value.map(|value| Box::new(value) as Box<dyn Encode + Send + Sync>);
        self.change.parts.push((field.index, part));
        self
    }

    /// Removes a field's attribute.
    #[must_use]
    pub fn remove<T>(mut self, field: Field<E, Option<T>>) -> Self {
        self.change.remove.push(field.index);
        self.change.parts.push((field.index, None));
        self
    }

    /// Raises a counter.
    #[must_use]
    pub fn add<T>(mut self, field: Field<E, T>, by: i64) -> Self {
        self.change.add.push((field.index, by));
        self
    }

    /// Changes what is within a field.
    #[must_use]
    pub fn nested(mut self, change: Nested<E>) -> Self {
        self.change.nested.push(change);
        self
    }

    /// Adds an element at the end of a list.
    #[must_use]
    pub fn push<T: Serialize>(self, field: Field<E, Vec<T>>, value: T) -> Self {
        self.nested(field.place().push(value))
    }

    /// Adds an element at the beginning of a list.
    #[must_use]
    pub fn prepend<T: Serialize>(self, field: Field<E, Vec<T>>, value: T) -> Self {
        self.nested(field.place().prepend(value))
    }

    /// Sets the element of a list at this place.
    #[must_use]
    pub fn set_at<T: Serialize>(self, field: Field<E, Vec<T>>, index: usize, value: T) -> Self {
        self.nested(field.at(index).set(value))
    }

    /// Removes the element of a list at this place.
    #[must_use]
    pub fn remove_at<T: Serialize>(self, field: Field<E, Vec<T>>, index: usize) -> Self {
        self.nested(field.at(index).remove())
    }

    /// Puts a member into a set.
    #[must_use]
    pub fn insert<S, T: Serialize>(self, field: Field<E, S>, member: T) -> Self {
        self.nested(field.change(to_set(&[member]).map(Op::Insert)))
    }

    /// Takes a member out of a set.
    #[must_use]
    pub fn delete<S, T: Serialize>(self, field: Field<E, S>, member: &T) -> Self {
        self.nested(field.change(to_set(&[member]).map(Op::Delete)))
    }

    /// Sets an entry of a map.
    #[must_use]
    pub fn insert_entry<S, K: Serialize, T: Serialize>(
        self,
        field: Field<E, S>,
        key: K,
        value: T,
    ) -> Self {
        self.nested(field.named::<K, T>(&key).set(value))
    }

    /// Removes an entry of a map.
    #[must_use]
    pub fn remove_entry<S, K: Serialize>(self, field: Field<E, S>, key: &K) -> Self {
        self.nested(field.named::<K, ()>(key).remove())
    }

    /// Only if this holds.
    #[must_use]
    pub fn when(mut self, condition: Condition) -> Self {
        self.change.conditions.push(condition);
        self
    }
}

impl<E: Entity, M: Mode<E>> Update<E, M> {
    /// The write it comes to.
    pub fn into_operation(self) -> Operation {
        M::operation(self)
    }

    /// Gives the item as it is afterwards.
    pub fn returning(self) -> Returning<E> {
        Returning::new(self.into_operation())
    }

    /// Gives the item as it was before.
    pub fn returning_old(self) -> ReturningOld<E> {
        ReturningOld::new(self.into_operation())
    }
}

impl<E: Entity> Update<E, Blind<E>> {
    pub(crate) fn blind(core: Arc<Core>, key: E::Key, upsert: bool) -> Self {
        Self::new(core, Blind { key, upsert })
    }
}

impl<'a, E: Entity> Update<E, Loaded<'a, E>> {
    pub(crate) fn loaded(core: Arc<Core>, old: &'a E) -> Self {
        Self::new(core, Loaded { old })
    }
}

impl<E: Entity> Mode<E> for Loaded<'_, E> {
    fn operation(update: Update<E, Self>) -> Operation {
        let Update { core, mode, change } = update;
        let steps = edit_steps(&core, mode.old, change, true);
        Operation::ready(core, "edit", E::spec_name(), steps)
    }
}

impl<E: Entity> Mode<E> for Blind<E> {
    fn operation(update: Update<E, Self>) -> Operation {
        let Update { core, mode, change } = update;
        let verb = if mode.upsert { "upsert" } else { "patch" };
        if !change.touches_kept(E::spec()) {
            let steps = patch_steps::<E>(&core, &mode, change);
            return Operation::ready(core, verb, E::spec_name(), steps);
        }
        // The rows kept in step lie under keys that only the stored item knows.
        let key = key_item(E::spec(), &core, &KeyParts::<E>(&mode.key)).map_err(WriteError::from);
        let inner = core.clone();
        let then = move |found: Option<Item>| match found {
            Some(item) if !is_deleted(E::spec(), &item) => {
                let old: E = from_item(item, inner.model)?;
                edit_steps(&inner, &old, change, false)
            }
            _ => Err(WriteError::NotFound {
                entity: E::spec_name(),
            }),
        };
        Operation {
            core,
            verb,
            entity: E::spec_name(),
            plan: Plan::AfterLoad(key, Box::new(then)),
        }
    }
}

/// The entity's name, for messages.
pub(crate) trait SpecName {
    fn spec_name() -> &'static str;
}

impl<E: Entity> SpecName for E {
    fn spec_name() -> &'static str {
        EntityModel::static_name(E::spec())
    }
}

impl<E: Entity> Change<E> {
    fn touched(&self) -> BTreeSet<u16> {
        let set = self.set.iter().map(|(field, _)| *field);
        set.chain(self.remove.iter().copied())
            .chain(self.add.iter().map(|(field, _)| *field))
            .chain(self.nested.iter().map(|change| change.index))
            .collect()
    }

    fn touches_kept(&self, spec: &EntityModel<'_>) -> bool {
        let touched = self.touched();
        spec.kept
            .iter()
            .flat_map(|kept| kept.fields.iter())
            .any(|(_, source)| {
                touched
                    .iter()
                    .any(|field| spec.fields[usize::from(*field)].name == *source)
            })
    }

    /// The changes as attributes; of two of one field the last counts, and what is added is added up.
    fn attributes(&mut self, core: &Core) -> Result<Changes, WriteError> {
        let spec = E::spec();
        let mut changes = Changes::default();
        let mut set: BTreeMap<String, Option<AttributeValue>> = BTreeMap::new();
        for (field, value) in &self.set {
            let (attribute, value) = stored(core.model, &spec.fields[usize::from(*field)], value);
            set.insert(attribute, value);
        }
        for field in &self.remove {
            let (attribute, _) = stored(
                core.model,
                &spec.fields[usize::from(*field)],
                &AttributeValue::Null(true),
            );
            set.insert(attribute, None);
        }
        for (attribute, value) in set {
            match value {
                Some(value) => changes.set.push((attribute, value)),
                None => changes.remove.push(attribute),
            }
        }
        let mut add: BTreeMap<u16, i64> = BTreeMap::new();
        for (field, by) in &self.add {
            let sum = add.entry(*field).or_default();
            *sum = sum.saturating_add(*by);
        }
        for (field, by) in add {
            let attribute = &spec.fields[usize::from(field)].attribute;
            changes.add.push((attribute.to_string(), by));
        }
        for change in std::mem::take(&mut self.nested) {
            let field = &spec.fields[usize::from(change.index)].name;
            if change.fixed {
                return Err(WriteError::Unsendable {
                    reason: format!(
                        "`{field}` of a `{}` is a key, a counter, a stamp or `#[readonly]`: no update changes \
                         what is within it",
                        spec.name
                    ),
                });
            }
            change.path.check()?;
            changes.push(change.path, change.op?);
        }
        match changes.overlap() {
            None => Ok(changes),
            Some(attribute) => Err(WriteError::Unsendable {
                reason: format!(
                    "two changes of `{attribute}` in one update of a `{}`, and DynamoDB makes one of them at a \
                     time; join them, or send two updates",
                    spec.name
                ),
            }),
        }
    }

    /// Fields that something is changed within.
    fn within(&self) -> Vec<u16> {
        self.nested.iter().map(|change| change.index).collect()
    }

    fn condition(self, mut conditions: Vec<Condition>) -> Option<Condition> {
        conditions.extend(self.conditions);
        all(conditions)
    }
}

fn all(mut conditions: Vec<Condition>) -> Option<Condition> {
    if conditions.len() > 1 {
        Some(Condition::All(conditions))
    } else {
        conditions.pop()
    }
}

/// The attribute a field is stored as, and its value there; none where it is left out.
pub(crate) fn stored(
    table: &TableModel<'_>,
    field: &FieldModel<'_>,
    value: &AttributeValue,
) -> (String, Option<AttributeValue>) {
    if field.role == FieldRole::Ttl {
        let attribute = table
            .ttl
            .as_ref()
            .map_or_else(|| field.attribute.to_string(), ToString::to_string);
        return (attribute, expiry(value));
    }
    let is_null = matches!(value, AttributeValue::Null(_));
    let omitted =
        is_null && (field.omit_none || field.set || is_key_attribute(table, &field.attribute));
    (
        field.attribute.to_string(),
        (!omitted).then(|| value.clone()),
    )
}

/// A bare key: NULL is no key, so it must not stand there.
fn is_key_attribute(table: &TableModel<'_>, attribute: &str) -> bool {
    table.indexes.iter().any(|index| {
        index.pk.name == attribute || index.sk.as_ref().is_some_and(|sk| sk.name == attribute)
    })
}

/// Stamps the moment of the update and raises the version.
fn stamp<E: Entity>(core: &Core, changes: &mut Changes, upsert: bool) -> Result<(), ItemError> {
    let now = to_attribute(&core.clock.now())?;
    for field in E::spec().fields.iter() {
        match field.role {
            FieldRole::Updated => changes.set.push((field.attribute.to_string(), now.clone())),
            FieldRole::Created if upsert => changes
                .set_once
                .push((field.attribute.to_string(), now.clone())),
            FieldRole::Version => changes.add.push((field.attribute.to_string(), 1)),
            _ => {}
        }
    }
    Ok(())
}

/// The item is there and has not expired.
pub(crate) fn alive<E: Entity>(core: &Core) -> Condition {
    let exists = Condition::exists(&core.model.pk.name);
    let exists = match (&core.model.ttl, E::spec().with_role(FieldRole::Ttl)) {
        (Some(ttl), Some(_)) => exists.and(Condition::absent(ttl).or(not_yet(core, ttl))),
        _ => exists,
    };
    match not_deleted::<E>() {
        Some(condition) => exists.and(condition),
        None => exists,
    }
}

/// The item was not deleted; nothing where items are deleted for good.
pub(crate) fn not_deleted<E: Entity>() -> Option<Condition> {
    let deleted = E::spec().with_role(FieldRole::Deleted)?;
    let null = Condition::equals(&*deleted.attribute, AttributeValue::Null(true));
    Some(Condition::absent(&deleted.attribute).or(null))
}

/// The item is not there, or has expired.
pub(crate) fn absent<E: Entity>(core: &Core) -> Condition {
    let absent = Condition::absent(&core.model.pk.name);
    match (&core.model.ttl, E::spec().with_role(FieldRole::Ttl)) {
        (Some(ttl), Some(_)) => absent.or(Condition::exists(ttl).and(!not_yet(core, ttl))),
        _ => absent,
    }
}

fn not_yet(core: &Core, ttl: &'static str) -> Condition {
    let seconds = core.clock.now().as_millisecond().div_euclid(1_000);
    let seconds = AttributeValue::N(seconds.to_string());
    Condition::Test(ttl.into(), Test::Compare(Comparison::Greater, seconds))
}

/// The parts an index key can be told from: the item's key, and what is set.
struct PatchParts<'a, E: Entity> {
    key: &'a E::Key,
    set: &'a [(u16, Option<Box<dyn Encode + Send + Sync>>)],
}

impl<E: Entity> Parts for PatchParts<'_, E> {
    fn write(&self, field: u16, out: &mut PartText<'_>) -> Result<bool, PartError> {
        match self.set.iter().rev().find(|(set, _)| *set == field) {
            Some((_, Some(value))) => value.encode_part(out).map(|()| true),
            Some((_, None)) => Ok(false),
            None => self.key.write_part(field, out),
        }
    }
}

fn patch_steps<E: Entity>(
    core: &Core,
    mode: &Blind<E>,
    mut change: Change<E>,
) -> Result<Vec<Step>, WriteError> {
    if let Some(error) = change.error.take() {
        return Err(error.into());
    }
    let spec = E::spec();
    for nested in &change.nested {
        let field = &spec.fields[usize::from(nested.index)].name;
        let reason = if is_derived_from(spec, nested.index) {
            "an index key is made of it; use `edit(&loaded)`, which knows the other parts"
        } else if mode.upsert && !nested.path.steps.is_empty() {
            "an upsert may begin the item, and there is nothing within it then; set it whole"
        } else {
            continue;
        };
        return Err(WriteError::Unsendable {
            reason: format!("a change within `{field}` of a `{}`: {reason}", spec.name),
        });
    }
    let mut changes = change.attributes(core)?;
    let parts = PatchParts::<E> {
        key: &mode.key,
        set: &change.parts,
    };
    let key = key_item(spec, core, &parts)?;
    for (attribute, template, value) in index_keys(spec, core, &parts)? {
        let touched = change
            .parts
            .iter()
            .any(|(field, _)| holds(template, spec, *field));
        if !template.bare && (touched || (mode.upsert && value.is_some())) {
            match value {
                Some(value) => changes.set.push((attribute.to_owned(), value)),
                None => changes.remove.push(attribute.to_owned()),
            }
        }
    }
    stamp::<E>(core, &mut changes, mode.upsert)?;
    let mut conditions = Vec::new();
    let is_current = is_current::<E>();
    if mode.upsert {
        if let Some(version) = &spec.version {
            let current = AttributeValue::N(version.current.to_string());
            changes.set.push((version.attribute.to_string(), current));
        }
        let none_yet = || Condition::absent(&core.model.pk.name);
        conditions.extend(is_current.map(|current| none_yet().or(current)));
        conditions.extend(not_deleted::<E>());
        changes.set_once.extend(key_fields::<E>(core, &mode.key)?);
        if let Some(tag) = &core.model.tag {
            changes
                .set
                .push((tag.to_string(), AttributeValue::S(spec.name.to_string())));
        }
    } else {
        conditions.push(alive::<E>(core));
        conditions.extend(is_current);
    }
    Ok(vec![Step {
        table: None,
        entity: E::spec_name(),
        unique: None,
        key,
        action: Action::Update(changes),
        condition: change.condition(conditions),
        means: Means::Condition,
        repair: None,
        former: None,
        lift: lift::<E>(),
    }])
}

/// The fields of a key that are stored beside it too, as their attributes: an item that an upsert begins
/// holds them, as one that was created does.
fn key_fields<E: Entity>(
    core: &Core,
    key: &E::Key,
) -> Result<Vec<(String, AttributeValue)>, ItemError> {
    let table = core.model;
    let is_key = |attribute: &str| {
        table.pk.name == attribute || table.sk.as_ref().is_some_and(|sk| sk.name == attribute)
    };
    let mut found = Vec::new();
    for (place, field) in (0_u16..).zip(E::spec().fields.iter()) {
        if is_key(&field.attribute) {
            continue;
        }
        let Some(value) = key.attribute(place)? else {
            continue;
        };
        if let (attribute, Some(value)) = stored(table, field, &value) {
            found.push((attribute, value));
        }
    }
    Ok(found)
}

fn holds(template: &Template<'_>, spec: &EntityModel<'_>, field: u16) -> bool {
    template
        .part(&spec.fields[usize::from(field)].name)
        .is_some()
}

/// `checked` is false where the caller never saw the item: its version is raised and not compared.
fn edit_steps<E: Entity>(
    core: &Core,
    old: &E,
    mut change: Change<E>,
    checked: bool,
) -> Result<Vec<Step>, WriteError> {
    if let Some(error) = change.error.take() {
        return Err(error.into());
    }
    let spec = E::spec();
    let table = core.model;
    let old_item = to_item(old, core)?;
    let key = key_item(spec, core, &EntityParts(old))?;
    let (touched, within) = (change.touched(), change.within());
    let mut changes = change.attributes(core)?;
    // What other items are given is made of the value as it was loaded, and must fit what is stored.
    let within = within
        .into_iter()
        .filter(|field| is_derived_from(spec, *field))
        .map(|field| spec.fields[usize::from(field)].name.to_string());
    let mut guard = Guard {
        old_item: &old_item,
        spec,
        fields: within.collect(),
    };
    let mut steps = Vec::new();

    if touched.iter().any(|field| is_derived_from(spec, *field)) {
        let new: E = from_item(changes.applied(&old_item), table)?;
        let was = index_keys(spec, core, &EntityParts(old))?;
        for ((attribute, template, before), (_, _, after)) in
            was.into_iter()
                .zip(index_keys(spec, core, &EntityParts(&new))?)
        {
            if before == after || template.bare {
                continue;
            }
            guard.fields.extend(template.fields().map(str::to_owned));
            match after {
                Some(value) => changes.set.push((attribute.to_owned(), value)),
                None => changes.remove.push(attribute.to_owned()),
            }
        }
        let (mut before, mut after) = (old.kept(core)?, new.kept(core)?);
        for place in 0..spec.kept.len() {
            match (take(&mut before, place), take(&mut after, place)) {
                (Some(before), Some(after)) => kept_steps(
                    core,
                    spec,
                    &change.add,
                    &before,
                    after,
                    &mut guard,
                    &mut steps,
                ),
                (before, after) => {
                    claimed_or_given_up(core, spec, place, before, after, &mut guard, &mut steps);
                }
            }
        }
    }

    let mut conditions = vec![alive::<E>(core)];
    conditions.extend(is_current::<E>());
    conditions.extend(guard.conditions());
    if checked && let Some(version) = spec.with_role(FieldRole::Version) {
        conditions.push(unchanged(
            &version.attribute,
            old_item.get(&*version.attribute),
        ));
    }
    stamp::<E>(core, &mut changes, false)?;
    let item = Step {
        table: None,
        entity: E::spec_name(),
        unique: None,
        key,
        action: Action::Update(changes),
        condition: change.condition(conditions),
        means: Means::Condition,
        repair: None,
        former: None,
        lift: lift::<E>(),
    };
    steps.insert(0, item);
    Ok(steps)
}

/// Whether an index key or a kept item is made from the field.
fn is_derived_from(spec: &EntityModel<'_>, field: u16) -> bool {
    let name = &spec.fields[usize::from(field)].name;
    let in_index = spec.indexes.iter().any(|index| {
        index.key.pk.part(name).is_some()
            || index
                .key
                .sk
                .as_ref()
                .is_some_and(|sk| sk.part(name).is_some())
    });
    in_index
        || spec
            .kept
            .iter()
            .flat_map(|kept| kept.fields.iter())
            .any(|(_, source)| source == name)
}

/// Fields that other items or keys are made from: they must still be as loaded.
struct Guard<'a> {
    old_item: &'a Item,
    spec: &'static EntityModel<'static>,
    fields: BTreeSet<String>,
}

impl Guard<'_> {
    fn conditions(&self) -> Vec<Condition> {
        self.fields
            .iter()
            .filter_map(|name| self.spec.field(name))
            .filter(|field| !field.key_only && !is_in_table_key(self.spec, &field.name))
            .map(|field| unchanged(&field.attribute, self.old_item.get(&*field.attribute)))
            .collect()
    }
}

pub(crate) fn is_in_table_key(spec: &EntityModel<'_>, field: &str) -> bool {
    spec.key.pk.part(field).is_some()
        || spec
            .key
            .sk
            .as_ref()
            .is_some_and(|sk| sk.part(field).is_some())
}

fn unchanged(attribute: &'static str, value: Option<&AttributeValue>) -> Condition {
    match value {
        Some(value) => Condition::equals(attribute, value.clone()),
        None => Condition::absent(attribute),
    }
}

/// The row at this place; an optional unique field without a value has none.
fn take(rows: &mut Vec<KeptRow>, place: usize) -> Option<KeptRow> {
    let at = rows.iter().position(|row| row.place == place)?;
    Some(rows.swap_remove(at))
}

/// What a kept item needs that is only there before or only after: an optional unique field lost
/// its value, or got one.
fn claimed_or_given_up(
    core: &Core,
    spec: &'static EntityModel<'static>,
    place: usize,
    before: Option<KeptRow>,
    after: Option<KeptRow>,
    guard: &mut Guard<'_>,
    steps: &mut Vec<Step>,
) {
    if before.is_none() && after.is_none() {
        return;
    }
    let kept = &spec.kept[place];
    guard
        .fields
        .extend(kept.fields.iter().map(|(_, source)| source.to_string()));
    if let Some(row) = before {
        steps.push(Step {
            table: None,
            entity: EntityModel::static_name(row.spec),
            unique: None,
            key: key_of(core.model, &row.item),
            action: Action::Delete,
            condition: None,
            means: Means::Condition,
            repair: None,
            former: None,
            lift: None,
        });
    }
    if let Some(row) = after {
        let unique = (kept.kind == KeptKind::Unique).then_some(&*kept.name);
        steps.push(put_row(core, unique, row));
    }
}

/// What a kept item needs: nothing, an update of what changed, or to move.
fn kept_steps(
    core: &Core,
    spec: &'static EntityModel<'static>,
    adds: &[(u16, i64)],
    before: &KeptRow,
    after: KeptRow,
    guard: &mut Guard<'_>,
    steps: &mut Vec<Step>,
) {
    let kept = &spec.kept[after.place];
    let unique = (kept.kind == KeptKind::Unique).then_some(&*kept.name);
    let row_key = |item: &Item| key_of(core.model, item);
    let (old_key, new_key) = (row_key(&before.item), row_key(&after.item));
    let entity = EntityModel::static_name(after.spec);
    if before.item == after.item {
        return;
    }
    // The row lies where these fields say: they must still say so.
    for (target, source) in kept.fields.iter() {
        if is_in_table_key(after.spec, target) {
            guard.fields.insert(source.to_string());
        }
    }
    if old_key != new_key {
        steps.push(Step {
            table: None,
            entity,
            unique: None,
            key: old_key,
            action: Action::Delete,
            condition: None,
            means: Means::Condition,
            repair: None,
            former: None,
            lift: None,
        });
        steps.push(put_row(core, unique, after));
        return;
    }
    let mut changes = Changes::default();
    for (attribute, value) in &after.item {
        if before.item.get(attribute) == Some(value) {
            continue;
        }
        match raised(spec, kept, after.spec, attribute, adds) {
            Some(by) => changes.add.push((attribute.clone(), by)),
            None => changes.set.push((attribute.clone(), value.clone())),
        }
    }
    changes.remove.extend(
        before
            .item
            .keys()
            .filter(|name| !after.item.contains_key(*name))
            .cloned(),
    );
    if !changes.is_empty() {
        let exists = Condition::exists(&core.model.pk.name);
        let version = after.spec.version.as_ref().filter(|_| after.lift.is_some());
        let condition = match version {
            Some(version) => {
                let current = AttributeValue::N(version.current.to_string());
                exists.and(Condition::equals(&*version.attribute, current))
            }
            None => exists,
        };
        steps.push(Step {
            table: None,
            entity,
            unique: None,
            key: new_key,
            action: Action::Update(changes),
            condition: Some(condition),
            means: Means::Condition,
            repair: Some(after.item),
            former: None,
            lift: after.lift,
        });
    }
}

/// By how much a mirrored counter is raised.
fn raised(
    spec: &EntityModel<'_>,
    kept: &keyfold_model::KeptItem<'_>,
    row: &EntityModel<'_>,
    attribute: &str,
    adds: &[(u16, i64)],
) -> Option<i64> {
    let target = row
        .fields
        .iter()
        .find(|field| field.attribute == attribute)?;
    let (_, source) = kept.fields.iter().find(|(name, _)| *name == target.name)?;
    let by: Vec<i64> = adds
        .iter()
        .filter(|(field, _)| spec.fields[usize::from(*field)].name == *source)
        .map(|(_, by)| *by)
        .collect();
    (!by.is_empty()).then(|| by.iter().sum())
}

pub(crate) fn key_of(table: &TableModel<'static>, item: &Item) -> Item {
    let names = std::iter::once(&table.pk)
        .chain(table.sk.as_ref())
        .map(|attribute| &*attribute.name);
    names
        .filter_map(|name| Some((name.to_owned(), item.get(name)?.clone())))
        .collect()
}

/// A kept item written whole; one that claims a value only if nobody holds it.
pub(crate) fn put_row(core: &Core, unique: Option<&'static str>, row: KeptRow) -> Step {
    Step {
        table: None,
        entity: EntityModel::static_name(row.spec),
        unique,
        key: key_of(core.model, &row.item),
        action: Action::Put(row.item),
        condition: unique.map(|_| Condition::absent(&core.model.pk.name)),
        means: Means::AlreadyThere,
        repair: None,
        former: None,
        lift: None,
    }
}
