//! Whether the keys that one template wrote are the keys that another writes.

use keyfold_model::shape::Form;
use keyfold_model::{EntityModel, Modifier, Part, Segment, Template};

/// How the keys of two templates relate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Keys {
    /// Every stored key is the key its values have now.
    Same,
    /// The template is the same, and the type of a part is another: whether its text is, the model does not know.
    Unsure,
    /// Stored keys are not those.
    Other,
}

/// Compares what two entities write by these templates.
pub fn compare<'a>(
    (old_entity, old): (&EntityModel<'a>, &Template<'a>),
    (new_entity, new): (&EntityModel<'a>, &Template<'a>),
) -> Keys {
    if old.bare != new.bare {
        // Whole values, unescaped, and the same text where there is nothing to escape: not for certain.
        return Keys::Other;
    }
    let (old_segments, new_segments) = (&*old.segments, &*new.segments);
    let added = new_segments.get(old_segments.len()..).unwrap_or_default();
    // A tail that is new is absent on stored items.
    let only_a_tail = matches!(added, [tail] if tail.optional);
    if old_segments.len() > new_segments.len() || !(added.is_empty() || only_a_tail) {
        return Keys::Other;
    }
    old_segments
        .iter()
        .zip(new_segments)
        .map(|(old, new)| segment((old_entity, old), (new_entity, new)))
        .max()
        .unwrap_or(Keys::Same)
}

fn segment<'a>(
    (old_entity, old): (&EntityModel<'a>, &Segment<'a>),
    (new_entity, new): (&EntityModel<'a>, &Segment<'a>),
) -> Keys {
    if old.literal != new.literal || (old.optional && !new.optional) {
        return Keys::Other;
    }
    match (&old.part, &new.part) {
        (None, None) => Keys::Same,
        (Some(old), Some(new)) => part((old_entity, old), (new_entity, new)),
        _ => Keys::Other,
    }
}

fn part<'a>(
    (old_entity, old): (&EntityModel<'a>, &Part<'a>),
    (new_entity, new): (&EntityModel<'a>, &Part<'a>),
) -> Keys {
    // Another value in the same place, unless it is the same field under another name in Rust.
    let stored = |entity: &EntityModel<'_>, part: &Part<'_>| {
        entity
            .field(&part.field)
            .filter(|field| !field.key_only)
            .map(|field| field.attribute.to_string())
    };
    if old.field != new.field {
        let differ = matches!(
            (stored(old_entity, old), stored(new_entity, new)),
            (Some(was), Some(is)) if was != is
        );
        if differ || new_entity.field(&old.field).is_some() {
            return Keys::Other;
        }
    }
    if old.modifier != new.modifier {
        let raw = |modifier| matches!(modifier, Modifier::None | Modifier::Raw);
        // Escaped or not: the same for text with nothing to escape, which the model cannot see.
        return if raw(old.modifier) && raw(new.modifier) {
            Keys::Unsure
        } else {
            Keys::Other
        };
    }
    let (was, is) = (&old.shape, &new.shape);
    if was.form == is.form && was.kind == is.kind {
        return Keys::Same;
    }
    match (&was.form, &is.form) {
        // More values of an enum, or free text instead.
        (Form::OneOf(was), Form::OneOf(is)) if was.iter().all(|text| is.contains(text)) => {
            Keys::Same
        }
        (Form::Digits(was), Form::Digits(is)) if was != is => Keys::Other,
        (Form::OneOf(_), Form::OneOf(_)) => Keys::Other,
        // Free text from now on, or a fixed form of the same length: the same text, or not.
        _ => Keys::Unsure,
    }
}
