//! Shards: which partitions the items of a sharded entity lie in, and where they were before.

use keyfold_model::template::Parts;
use keyfold_model::{EntityModel, KeyError, Modifier, PartText, shard};

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
