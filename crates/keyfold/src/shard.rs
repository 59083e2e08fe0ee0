//! Shards: which partitions the items of a sharded entity lie in, and where they were before.

use aws_sdk_dynamodb::types::AttributeValue;
use keyfold_dynamo::limits::PARTITION_KEY_BYTES_MAX;
use keyfold_model::template::Parts;
use keyfold_model::{
    EntityModel, FormerPlace, KeyError, Modifier, PartText, PatternModel, Template, shard,
};

use crate::item::Item;
use crate::scope::Placed;
use crate::table::Core;

/// The shard that parts lead to.
pub(crate) fn number(spec: &EntityModel<'_>, parts: &dyn Parts) -> Result<u16, KeyError> {
    let Some(model) = &spec.shard else {
        return Ok(0);
    };
    let text = hashed(spec, parts)?.ok_or_else(|| KeyError::Missing {
        entity: spec.name.to_string(),
        part: model.by.to_string(),
        template: spec.key.pk.text.to_string(),
    })?;
    Ok(shard::of(&text, model.count))
}

/// The text whose hash is the shard; nothing where it is not among the parts.
pub(crate) fn hashed(
    spec: &EntityModel<'_>,
    parts: &dyn Parts,
) -> Result<Option<String>, KeyError> {
    let Some(model) = &spec.shard else {
        return Ok(None);
    };
    let mut text = String::new();
    let present = parts
        .write(
            model.by_index,
            &mut PartText::new(&mut text, Modifier::None),
        )
        .map_err(|source| KeyError::Part {
            entity: spec.name.to_string(),
            part: model.by.to_string(),
            source,
        })?;
    Ok(present.then_some(text))
}

/// The partitions that a pattern reads: one, or all shards of its entity and where its items were before.
pub(crate) fn partitions(
    spec: &'static EntityModel<'static>,
    core: &Core,
    pattern: &'static PatternModel<'static>,
    parts: &dyn Parts,
) -> Result<Vec<String>, KeyError> {
    let key = spec.key_in(pattern.index.as_deref()).unwrap_or(&spec.key);
    let sharded = spec.shard.as_ref().filter(|_| key.pk.is_sharded());
    let Some(model) = sharded else {
        return Ok(vec![crate::pages::partition(spec, core, pattern, parts)?]);
    };
    // Asked for the very part that is hashed, it is one shard.
    let known = hashed(spec, parts)?;
    let numbers = |count: u16| match &known {
        Some(text) => {
            let number = shard::of(text, count);
            number..number + 1
        }
        None => 0..count,
    };
    let mut found: Vec<String> = Vec::new();
    let mut add = |template: &Template<'static>, number: u16| {
        let placed = Placed {
            shard: Some(number),
            ..Placed::new(core, spec, parts)
        };
        let text = template.render(
            &placed,
            &spec.name,
            &core.model.pk.name,
            PARTITION_KEY_BYTES_MAX,
        )?;
        let text = text.ok_or_else(|| KeyError::Missing {
            entity: spec.name.to_string(),
            part: template.fields().next().unwrap_or_default().to_owned(),
            template: template.text.to_string(),
        })?;
        if !found.contains(&text) {
            found.push(text);
        }
        Ok(())
    };
    for number in numbers(model.count) {
        add(&key.pk, number)?;
    }
    match &model.was {
        Some(FormerPlace::Shards(count)) => {
            for number in numbers(*count) {
                add(&key.pk, number)?;
            }
        }
        Some(FormerPlace::Unsharded(pk)) => add(pk, 0)?,
        None => {}
    }
    Ok(found)
}

/// Whether items of this entity may lie under another key than the one that is written.
pub(crate) fn is_moving(spec: &EntityModel<'_>) -> bool {
    let moving = spec.shard.as_ref().is_some_and(|shard| shard.was.is_some());
    moving && spec.key.pk.is_sharded()
}

/// The key an item was written under before, where it differs.
pub(crate) fn former_key(
    core: &Core,
    spec: &'static EntityModel<'static>,
    key: &Item,
) -> Option<Item> {
    if !is_moving(spec) {
        return None;
    }
    let model = spec.shard.as_ref()?;
    let (template, count) = match model.was.as_ref()? {
        FormerPlace::Shards(count) => (&spec.key.pk, *count),
        FormerPlace::Unsharded(pk) => (pk, 1),
    };
    let texts = Texts::of(core, &spec.key.pk, spec.key.sk.as_ref(), key)?;
    let partition = texts.write(core, template, &model.by, count)?;
    replaced(core, key, partition)
}

/// The key an item is written under now, told from one it may have been written under before.
pub(crate) fn present_key(
    core: &Core,
    spec: &'static EntityModel<'static>,
    key: &Item,
) -> Option<Item> {
    let model = spec.shard.as_ref().filter(|_| spec.key.pk.is_sharded())?;
    let former = match model.was.as_ref()? {
        FormerPlace::Shards(_) => &spec.key.pk,
        FormerPlace::Unsharded(pk) => pk,
    };
    let texts = Texts::of(core, former, spec.key.sk.as_ref(), key)
        .or_else(|| Texts::of(core, &spec.key.pk, spec.key.sk.as_ref(), key))?;
    let partition = texts.write(core, &spec.key.pk, &model.by, model.count)?;
    replaced(core, key, partition)
}

/// The index keys of an item that are to be written anew, each with the attribute's name.
pub(crate) fn index_keys(
    core: &Core,
    spec: &'static EntityModel<'static>,
    item: &Item,
) -> Vec<(&'static str, AttributeValue, AttributeValue)> {
    let mut found = Vec::new();
    let Some(model) = &spec.shard else {
        return found;
    };
    let table = Texts::of(core, &spec.key.pk, spec.key.sk.as_ref(), item);
    for keys in spec.indexes.iter().filter(|keys| keys.key.pk.is_sharded()) {
        let Some(index) = core.model.index(&keys.index) else {
            continue;
        };
        let former = match &model.was {
            Some(FormerPlace::Unsharded(pk)) => pk,
            _ => &keys.key.pk,
        };
        let Some(AttributeValue::S(was)) = item.get(&*index.pk.name) else {
            continue;
        };
        let mut texts = Texts::default();
        let read = texts.add(core, former, was) || texts.add(core, &keys.key.pk, was);
        texts
            .0
            .extend(table.iter().flat_map(|table| table.0.clone()));
        let is = texts.write(core, &keys.key.pk, &model.by, model.count);
        if let (true, Some(is)) = (read, is.filter(|is| is != was)) {
            let value = |text: &String| AttributeValue::S(text.clone());
            found.push((&*index.pk.name, value(was), value(&is)));
        }
    }
    found
}

fn replaced(core: &Core, key: &Item, partition: String) -> Option<Item> {
    let mut other = crate::update::key_of(core.model, key);
    let name = &*core.model.pk.name;
    let partition = AttributeValue::S(partition);
    if other.get(name) == Some(&partition) {
        return None;
    }
    other.insert(name.to_owned(), partition);
    Some(other)
}

/// The texts of a key's parts, by field and how they are written.
#[derive(Default)]
struct Texts(Vec<(String, Modifier, String)>);

impl Texts {
    fn of(
        core: &Core,
        pk: &Template<'static>,
        sk: Option<&Template<'static>>,
        key: &Item,
    ) -> Option<Self> {
        let table = core.model;
        let mut texts = Self::default();
        let text = |name: &str| key.get(name).and_then(|value| value.as_s().ok());
        let partition = text(&table.pk.name)?;
        if !texts.add(core, pk, partition) {
            return None;
        }
        if let (Some(template), Some(attribute)) = (sk, &table.sk)
            && let Some(sort) = text(&attribute.name)
        {
            texts.add(core, template, sort);
        }
        Some(texts)
    }

    /// `false` if the key is not of this template.
    fn add(&mut self, core: &Core, template: &Template<'static>, key: &str) -> bool {
        let whole = template.with_scopes(&core.model.scopes);
        let Some(parts) = whole.recognise(key) else {
            return false;
        };
        for (part, text) in parts {
            if let Some(text) = text {
                self.0
                    .push((part.field.to_string(), part.modifier, text.to_owned()));
            }
        }
        true
    }

    fn find(&self, field: &str, modifier: Modifier) -> Option<&str> {
        let found = self
            .0
            .iter()
            .find(|(name, how, _)| name == field && *how == modifier);
        found.map(|(_, _, text)| text.as_str())
    }

    fn write(
        &self,
        core: &Core,
        template: &Template<'static>,
        by: &str,
        count: u16,
    ) -> Option<String> {
        let whole = template.with_scopes(&core.model.scopes);
        let mut key = String::new();
        for (at, segment) in whole.segments.iter().enumerate() {
            if at > 0 {
                key.push('#');
            }
            key.push_str(&segment.literal);
            let Some(part) = &segment.part else { continue };
            match part.modifier {
                Modifier::Shard(width) => {
                    let hashed = self.find(by, Modifier::None)?;
                    shard::write(shard::of(hashed, count), width, &mut key);
                }
                modifier => key.push_str(self.find(&part.field, modifier)?),
            }
        }
        Some(key)
    }
}
