//! Structs to items and back: key attributes, tag, time to live, key-only fields.

pub(crate) mod attributes;

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use keyfold_dynamo::limits::{ITEM_BYTES_MAX, PARTITION_KEY_BYTES_MAX, SORT_KEY_BYTES_MAX};
use keyfold_dynamo::{View, item_size_bytes};
use keyfold_model::template::Parts;
use keyfold_model::{
    AttributeType, EntityModel, FieldRole, KeyAttribute, KeyError, KeyModel, KeyPart, Modifier,
    PartError, PartSource, PartText, TableModel, Template, Timestamp, WhenAbsent,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::entity::{Entity, KeyOf};
use crate::errors::{ItemError, WriteError};
use crate::scope::Placed;
use crate::table::Core;
use crate::value::{set, to_attribute};
use crate::version::{Lift, lift, older};

/// An item as the SDK has it.
pub type Item = HashMap<String, AttributeValue>;

/// An item kept in step with another: its key and attributes, ready to be written.
#[doc(hidden)]
pub struct KeptRow {
    /// Its place in [`EntityModel::kept`].
    pub(crate) place: usize,
    pub(crate) spec: &'static EntityModel<'static>,
    pub(crate) item: Item,
    pub(crate) lift: Option<Lift>,
}

impl KeptRow {
    /// The row that `entity` is written as.
    pub fn of<E: Entity>(core: &Core, place: usize, entity: &E) -> Result<Self, ItemError> {
        let item = to_item(entity, core).map_err(|error| match error {
            WriteError::Item(error) => error,
            other => ItemError::Unwritable {
                reason: other.to_string(),
            },
        })?;
        Ok(Self {
            place,
            spec: E::spec(),
            item,
            lift: lift::<E>(),
        })
    }
}

/// Writes a part; for generated code.
#[doc(hidden)]
pub fn write_part<T: KeyPart>(value: &T, out: &mut PartText<'_>) -> Result<bool, PartError> {
    value.encode(out).map(|()| true)
}

/// Writes a part that may have no value; for generated code.
#[doc(hidden)]
pub fn write_optional_part<T: KeyPart>(
    value: &Option<T>,
    out: &mut PartText<'_>,
) -> Result<bool, PartError> {
    match value {
        Some(value) => value.encode(out).map(|()| true),
        None => Ok(false),
    }
}

/// Reads a key-only field out of the key; for generated code.
#[doc(hidden)]
pub fn read_part<T: KeyPart + Serialize>(
    source: PartSource<'_>,
) -> Result<AttributeValue, ItemError> {
    let value = T::decode(source).map_err(|error| ItemError::Unwritable {
        reason: error.to_string(),
    })?;
    to_attribute(&value)
}

/// The parts of an entity.
pub(crate) struct EntityParts<'a, E>(pub(crate) &'a E);

impl<E: Entity> Parts for EntityParts<'_, E> {
    fn write(&self, field: u16, out: &mut PartText<'_>) -> Result<bool, PartError> {
        self.0.write_part(field, out)
    }
}

/// The parts of a key.
pub(crate) struct KeyParts<'a, E: Entity>(pub(crate) &'a E::Key);

impl<E: Entity> Parts for KeyParts<'_, E> {
    fn write(&self, field: u16, out: &mut PartText<'_>) -> Result<bool, PartError> {
        self.0.write_part(field, out)
    }
}

/// The whole item of an entity.
pub(crate) fn to_item<E: Entity>(entity: &E, core: &Core) -> Result<Item, WriteError> {
    check_scope(entity, core)?;
    let item = crate::value::to_item(entity).map_err(|error| ItemError::Unwritable {
        reason: format!("`{}`: {error}", E::spec().name),
    })?;
    finish(E::spec(), core, item, &EntityParts(entity))
}

/// The fields that say whose it is say the same as the handle.
fn check_scope<E: Entity>(entity: &E, core: &Core) -> Result<(), KeyError> {
    let spec = E::spec();
    if core.model.scopes.is_empty() {
        return Ok(());
    }
    for (place, field) in (0_u16..).zip(spec.fields.iter()) {
        if field.role != FieldRole::Scope {
            continue;
        }
        let mut id = String::new();
        entity
            .write_part(place, &mut PartText::new(&mut id, Modifier::None))
            .map_err(|source| KeyError::Part {
                entity: spec.name.to_string(),
                part: field.name.to_string(),
                source,
            })?;
        core.scopes.check(&spec.name, &field.name, &id)?;
    }
    Ok(())
}

fn finish(
    spec: &'static EntityModel<'static>,
    core: &Core,
    mut item: Item,
    parts: &dyn Parts,
) -> Result<Item, WriteError> {
    let table = core.model;
    for field in spec.fields.iter() {
        if field.key_only {
            item.remove(&*field.attribute);
        } else if field.role == FieldRole::Ttl {
            let moment = item.remove(&*field.attribute);
            if let (Some(ttl), Some(seconds)) =
                (&table.ttl, moment.and_then(|value| expiry(&value)))
            {
                item.insert(ttl.to_string(), seconds);
            }
        } else if field.set {
            let members = item.remove(&*field.attribute).map(set::of_list);
            let members = members.transpose().map_err(|error| ItemError::Unwritable {
                reason: format!("`{}.{}`: {error}", spec.name, field.name),
            })?;
            if let Some(members) = members.flatten() {
                item.insert(field.attribute.to_string(), members);
            }
        } else if field.omit_none
            && matches!(item.get(&*field.attribute), Some(AttributeValue::Null(_)))
        {
            item.remove(&*field.attribute);
        }
    }
    if let Some(tag) = &table.tag {
        item.insert(tag.to_string(), AttributeValue::S(spec.name.to_string()));
    }
    if let Some(version) = &spec.version {
        let current = AttributeValue::N(version.current.to_string());
        item.insert(version.attribute.to_string(), current);
    }
    item.extend(key_item(spec, core, parts)?);
    let deleted = is_deleted(spec, &item);
    for keys in spec.indexes.iter().filter(|_| !deleted) {
        let Some(index) = table.index(&keys.index) else {
            continue;
        };
        let parts = Placed::new(core, spec, parts);
        index_key(
            spec,
            &keys.key,
            &index.pk,
            index.sk.as_ref(),
            &parts,
            &mut item,
        )?;
    }
    let bytes = size_bytes(&item);
    if bytes > ITEM_BYTES_MAX {
        let entity = EntityModel::static_name(spec);
        return Err(ItemError::TooLarge {
            entity,
            bytes,
            bytes_max: ITEM_BYTES_MAX,
        }
        .into());
    }
    Ok(item)
}

/// The time-to-live attribute of a moment that serde wrote as text.
pub(crate) fn expiry(value: &AttributeValue) -> Option<AttributeValue> {
    match value {
        AttributeValue::S(text) => {
            let moment: Timestamp = text.parse().ok()?;
            Some(AttributeValue::N(moment.as_second_rounded_up().to_string()))
        }
        AttributeValue::N(_) => Some(value.clone()),
        _ => None,
    }
}

/// The key attributes of the table.
pub(crate) fn key_item(
    spec: &EntityModel<'static>,
    core: &Core,
    parts: &dyn Parts,
) -> Result<Item, KeyError> {
    let table = core.model;
    let parts = Placed::new(core, spec, parts);
    let mut key = Item::with_capacity(2);
    let attributes = [
        (Some(&spec.key.pk), Some(&table.pk), PARTITION_KEY_BYTES_MAX),
        (spec.key.sk.as_ref(), table.sk.as_ref(), SORT_KEY_BYTES_MAX),
    ];
    for (template, attribute, bytes_max) in attributes {
        if let (Some(template), Some(attribute)) = (template, attribute) {
            let text = template.render(&parts, &spec.name, &attribute.name, bytes_max)?;
            let Some(text) = text else {
                return Err(KeyError::Missing {
                    entity: spec.name.to_string(),
                    part: template.fields().next().unwrap_or_default().to_owned(),
                    template: template.text.to_string(),
                });
            };
            key.insert(attribute.name.to_string(), key_value(attribute, text));
        }
    }
    Ok(key)
}

/// Puts the key attributes of an index into an item, each by itself: where one has no value the item
/// is not in the index, and setting that one alone later brings it there.
fn index_key(
    spec: &EntityModel<'static>,
    key: &KeyModel<'static>,
    pk: &KeyAttribute<'static>,
    sk: Option<&KeyAttribute<'static>>,
    parts: &dyn Parts,
    item: &mut Item,
) -> Result<(), KeyError> {
    if let Some(partition) = index_value(spec, &key.pk, pk, PARTITION_KEY_BYTES_MAX, parts, item)? {
        item.insert(pk.name.to_string(), partition);
    }
    if let (Some(template), Some(sk)) = (&key.sk, sk)
        && let Some(sort) = index_value(spec, template, sk, SORT_KEY_BYTES_MAX, parts, item)?
    {
        item.insert(sk.name.to_string(), sort);
    }
    Ok(())
}

/// The value of one key attribute of an index. A bare field is already an attribute of the item; it
/// must not stand there as NULL.
fn index_value(
    spec: &EntityModel<'static>,
    template: &Template<'static>,
    attribute: &KeyAttribute<'static>,
    bytes_max: usize,
    parts: &dyn Parts,
    item: &mut Item,
) -> Result<Option<AttributeValue>, KeyError> {
    let text = template.render(parts, &spec.name, &attribute.name, bytes_max)?;
    if text.is_none() && template.bare {
        item.remove(&*attribute.name);
    }
    Ok(text.map(|text| key_value(attribute, text)))
}

/// A key attribute of an index, its template, and its value if all its parts have one.
pub(crate) type IndexValue = (
    &'static str,
    &'static Template<'static>,
    Option<AttributeValue>,
);

/// The index keys of an item, by attribute; absent ones are `None`.
pub(crate) fn index_keys(
    spec: &'static EntityModel<'static>,
    core: &Core,
    parts: &dyn Parts,
) -> Result<Vec<IndexValue>, KeyError> {
    let table = core.model;
    let parts = Placed::new(core, spec, parts);
    let mut found = Vec::new();
    for keys in spec.indexes.iter() {
        let Some(index) = table.index(&keys.index) else {
            continue;
        };
        let mut attributes = vec![(&keys.key.pk, &index.pk, PARTITION_KEY_BYTES_MAX)];
        if let (Some(template), Some(attribute)) = (&keys.key.sk, &index.sk) {
            attributes.push((template, attribute, SORT_KEY_BYTES_MAX));
        }
        for (template, attribute, bytes_max) in attributes {
            let text = template.render(&parts, &spec.name, &attribute.name, bytes_max)?;
            let value = text.map(|text| key_value(attribute, text));
            found.push((&*attribute.name, template, value));
        }
    }
    Ok(found)
}

/// The value of a key attribute from its text.
pub(crate) fn key_value(attribute: &KeyAttribute<'_>, text: String) -> AttributeValue {
    match attribute.kind {
        AttributeType::S => AttributeValue::S(text),
        AttributeType::N => AttributeValue::N(text),
        AttributeType::B => AttributeValue::B(text.into_bytes().into()),
    }
}

/// Whether an item is of an entity: by its tag, or by its key.
pub(crate) fn is_of(spec: &EntityModel<'static>, table: &TableModel<'static>, item: &Item) -> bool {
    if let Some(AttributeValue::S(tag)) = table.tag.as_ref().and_then(|tag| item.get(&**tag)) {
        return *tag == *spec.name;
    }
    let matches = |template: &Template<'static>, attribute: &KeyAttribute<'static>| match item
        .get(&*attribute.name)
    {
        Some(AttributeValue::S(text)) => {
            let whole = template.with_scopes(&table.scopes);
            whole.recognise(text).is_some()
        }
        Some(_) => template.bare,
        None => false,
    };
    matches(&spec.key.pk, &table.pk)
        && match (&spec.key.sk, &table.sk) {
            (Some(template), Some(attribute)) => matches(template, attribute),
            _ => true,
        }
}

/// Whether an item has expired and only waits to be deleted.
pub(crate) fn is_expired(table: &TableModel<'static>, item: &Item, now: Timestamp) -> bool {
    let Some(AttributeValue::N(seconds)) = table.ttl.as_ref().and_then(|ttl| item.get(&**ttl))
    else {
        return false;
    };
    let seconds = seconds.parse::<i64>();
    seconds.is_ok_and(|seconds| seconds.saturating_mul(1_000) <= now.as_millisecond())
}

/// Whether an item was deleted and can be restored.
pub(crate) fn is_deleted(spec: &EntityModel<'_>, item: &Item) -> bool {
    let deleted = spec.with_role(FieldRole::Deleted);
    let value = deleted.and_then(|field| item.get(&*field.attribute));
    value.is_some_and(|value| !matches!(value, AttributeValue::Null(_)))
}

/// The struct of an item.
pub(crate) fn from_item<E: Entity>(
    mut item: Item,
    table: &TableModel<'static>,
) -> Result<E, ItemError> {
    match older::<E>(&item)? {
        Some(version) => {
            prepare(E::spec(), table, &mut item, E::read_part)?;
            E::upcast(version, item)
        }
        None => read_as::<E, E>(item, table),
    }
}

/// A struct of some fields of an `E`, or of all.
pub(crate) fn view_of<E: Entity, V: DeserializeOwned>(
    item: Item,
    table: &TableModel<'static>,
) -> Result<V, ItemError> {
    if older::<E>(&item)?.is_none() {
        return read_as::<E, V>(item, table);
    }
    let whole: E = from_item(item, table)?;
    let item = crate::value::to_item(&whole).map_err(|error| ItemError::Unwritable {
        reason: error.to_string(),
    })?;
    attributes::read(item).map_err(|unfit| ItemError::Malformed {
        entity: EntityModel::static_name(E::spec()),
        path: unfit.path,
        reason: unfit.reason,
    })
}

fn read_as<E: Entity, V: DeserializeOwned>(
    mut item: Item,
    table: &TableModel<'static>,
) -> Result<V, ItemError> {
    prepare(E::spec(), table, &mut item, E::read_part)?;
    attributes::read(item).map_err(|unfit| ItemError::Malformed {
        entity: EntityModel::static_name(E::spec()),
        path: unfit.path,
        reason: unfit.reason,
    })
}

type ReadPart = fn(u16, PartSource<'_>) -> Result<AttributeValue, ItemError>;

fn prepare(
    spec: &'static EntityModel<'static>,
    table: &TableModel<'static>,
    item: &mut Item,
    read_part: ReadPart,
) -> Result<(), ItemError> {
    for (place, field) in (0_u16..).zip(spec.fields.iter()) {
        let attribute = &*field.attribute;
        if field.key_only {
            let value = read_from_key(spec, table, item, place, read_part)?;
            item.insert(attribute.to_owned(), value);
        } else if field.role == FieldRole::Ttl {
            let seconds = table.ttl.as_ref().and_then(|ttl| item.remove(&**ttl));
            if let Some(moment) = seconds.as_ref().and_then(moment_of) {
                item.insert(attribute.to_owned(), AttributeValue::S(moment.to_string()));
            }
        } else {
            let value = match field.when_absent {
                WhenAbsent::Error | WhenAbsent::Default => continue,
                _ if item.contains_key(attribute) => continue,
                WhenAbsent::Zero => AttributeValue::N("0".to_owned()),
                WhenAbsent::EmptyList => AttributeValue::L(Vec::new()),
                WhenAbsent::EmptyMap => AttributeValue::M(HashMap::new()),
            };
            item.insert(attribute.to_owned(), value);
        }
    }
    Ok(())
}

fn moment_of(seconds: &AttributeValue) -> Option<Timestamp> {
    let AttributeValue::N(seconds) = seconds else {
        return None;
    };
    Timestamp::from_millisecond(seconds.parse::<i64>().ok()?.checked_mul(1_000)?).ok()
}

fn read_from_key(
    spec: &'static EntityModel<'static>,
    table: &TableModel<'static>,
    item: &Item,
    place: u16,
    read_part: ReadPart,
) -> Result<AttributeValue, ItemError> {
    let entity = EntityModel::static_name(spec);
    let field = &spec.fields[usize::from(place)];
    let malformed = |reason: &str| ItemError::Malformed {
        entity,
        path: field.name.to_string(),
        reason: reason.to_owned(),
    };
    let keys = [
        (Some(&spec.key.pk), Some(&table.pk)),
        (spec.key.sk.as_ref(), table.sk.as_ref()),
    ];
    for (template, attribute) in keys {
        let (Some(template), Some(attribute)) = (template, attribute) else {
            continue;
        };
        let template = template.with_scopes(&table.scopes);
        if template.part(&field.name).is_none() {
            continue;
        }
        let Some(AttributeValue::S(text)) = item.get(&*attribute.name) else {
            return Err(malformed("the key attribute is missing"));
        };
        let parts = template
            .recognise(text)
            .ok_or_else(|| malformed("the key is not of this entity's template"))?;
        let found = parts
            .into_iter()
            .find(|(part, _)| part.field == field.name && !part.modifier.loses());
        return match found {
            Some((part, Some(text))) => read_part(place, PartSource::new(text, part.modifier))
                .map_err(|error| malformed(&error.to_string())),
            Some((_, None)) => Ok(AttributeValue::Null(true)),
            None => continue,
        };
    }
    Err(malformed("no key holds it"))
}

/// Bytes of an item as DynamoDB counts them: the names and values of all its attributes.
pub fn size_bytes(item: &Item) -> usize {
    item_size_bytes(item, look)
}

fn look(value: &AttributeValue) -> View<'_, AttributeValue> {
    match value {
        AttributeValue::S(text) => View::Text(text),
        AttributeValue::N(number) => View::Number(number),
        AttributeValue::B(bytes) => View::Binary(bytes.as_ref().len()),
        AttributeValue::Bool(_) => View::Bool,
        AttributeValue::Ss(members) => View::TextSet(members),
        AttributeValue::Ns(members) => View::NumberSet(members),
        AttributeValue::Bs(members) => {
            View::BinarySet(members.iter().map(|bytes| bytes.as_ref().len()).sum())
        }
        AttributeValue::L(members) => View::List(members),
        AttributeValue::M(members) => View::Map(members),
        // NULL, and whatever kind a later service adds.
        _ => View::Null,
    }
}
