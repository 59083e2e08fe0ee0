//! Sizes of items that nobody has measured yet, from their design.

use keyfold_dynamo::size::number_bytes;
use keyfold_model::{
    EntityModel, FieldModel, FieldRole, Form, IndexModel, KeyModel, Projection, TableModel,
    Template,
};

use crate::quantity::{Origin, Quantity};

/// Bytes of free text, where nothing says how long it is.
const TEXT: usize = 20;
/// Members of a list or map, where nothing says how many.
const MEMBERS: usize = 3;
/// Digits of a number, where nothing says how many.
const NUMBER: &str = "12345";

/// What an index holds of one item.
#[derive(Debug, Clone, PartialEq)]
pub struct EntrySize {
    /// Its bytes.
    pub bytes: Quantity,
    /// Whether only the keys are in it.
    pub keys_alone: bool,
}

/// About how many bytes an item takes: names, keys by their templates, values by their types.
pub fn estimated_item_bytes(model: &TableModel<'_>, entity: &EntityModel<'_>) -> Quantity {
    let mut bytes = key_bytes(model, entity, None);
    for index in entity.indexes.iter() {
        bytes += key_bytes(model, entity, Some(&index.index));
    }
    if let Some(tag) = &model.tag {
        bytes += tag.len() + entity.name.len();
    }
    let fields = entity.fields.iter().filter(|field| !field.key_only);
    bytes += fields
        .map(|field| field_bytes(model, entity, field))
        .sum::<usize>();
    let name = format!("{} size, from its fields", entity.name);
    Quantity::assumed(name, as_f64(bytes), "B")
}

/// Bytes of an entity's entry in an index: the whole item, the keys, or the keys and some attributes.
pub fn entry_bytes(
    model: &TableModel<'_>,
    entity: &EntityModel<'_>,
    index: &IndexModel<'_>,
    item_bytes: &Quantity,
) -> EntrySize {
    let name = format!("{} in {}", entity.name, index.name);
    if matches!(index.projection, Projection::All) {
        return EntrySize {
            bytes: item_bytes.clone().named(name),
            keys_alone: false,
        };
    }
    let mut bytes = key_bytes(model, entity, None) + key_bytes(model, entity, Some(&index.id));
    if let Projection::Include(names) = &index.projection {
        let held = entity
            .fields
            .iter()
            .filter(|field| !field.key_only && names.contains(&field.attribute));
        bytes += held
            .map(|field| field_bytes(model, entity, field))
            .sum::<usize>();
    }
    // Never more than the item, however it was measured.
    let bytes = as_f64(bytes).min(item_bytes.value);
    EntrySize {
        bytes: Quantity::new(name, bytes, "B", Origin::Assumed),
        keys_alone: matches!(index.projection, Projection::Keys),
    }
}

#[expect(clippy::cast_precision_loss, reason = "at most 400 KB")]
fn as_f64(bytes: usize) -> f64 {
    bytes as f64
}

fn key_bytes(model: &TableModel<'_>, entity: &EntityModel<'_>, index: Option<&str>) -> usize {
    let Some(key) = entity.key_in(index) else {
        return 0;
    };
    let (pk, sk) = match index.and_then(|id| model.index(id)) {
        Some(index) => (&index.pk, index.sk.as_ref()),
        None => (&model.pk, model.sk.as_ref()),
    };
    let of = |name: &str, template: &Template<'_>| {
        // A bare key is a field's own attribute, which is counted there.
        if template.bare {
            0
        } else {
            name.len() + template_bytes(template)
        }
    };
    let sort = sk.zip(key.sk.as_ref());
    of(&pk.name, &key.pk) + sort.map_or(0, |(sk, template)| of(&sk.name, template))
}

fn template_bytes(template: &Template<'_>) -> usize {
    let segments = template.segments.iter().map(|segment| {
        let part = segment
            .part
            .as_ref()
            .map_or(0, |part| form_bytes(&part.shape.form));
        segment.literal.len() + part
    });
    segments.sum::<usize>() + template.segments.len().saturating_sub(1)
}

fn form_bytes(form: &Form<'_>) -> usize {
    match form {
        Form::Any => TEXT,
        Form::Digits(digits) => usize::from(*digits),
        Form::Pattern(pattern) => pattern.len(),
        Form::OneOf(texts) => texts.iter().map(|text| text.len()).max().unwrap_or(TEXT),
    }
}

fn field_bytes(model: &TableModel<'_>, entity: &EntityModel<'_>, field: &FieldModel<'_>) -> usize {
    if field.role == FieldRole::Ttl {
        let name = model.ttl.as_ref().unwrap_or(&field.attribute);
        return name.len() + number_bytes("1772357400");
    }
    let known = std::iter::once(&entity.key)
        .chain(entity.indexes.iter().map(|index| &index.key))
        .find_map(|key| part_bytes(key, &field.name));
    let value = value_bytes(&field.type_name, known);
    field.attribute.len() + value
}

/// Bytes of a field's text in a key, which its attribute mostly has too.
fn part_bytes(key: &KeyModel<'_>, field: &str) -> Option<usize> {
    let templates = std::iter::once(&key.pk).chain(&key.sk);
    templates
        .flat_map(|template| template.segments.iter())
        .filter_map(|segment| segment.part.as_ref())
        .find(|part| part.field == field)
        .map(|part| form_bytes(&part.shape.form))
}

fn value_bytes(type_name: &str, known: Option<usize>) -> usize {
    let name: String = type_name.chars().filter(|c| !c.is_whitespace()).collect();
    let bare = name.rsplit("::").next().unwrap_or(&name);
    if let Some(inner) = name
        .strip_prefix("Option<")
        .and_then(|rest| rest.strip_suffix('>'))
    {
        return value_bytes(inner, known);
    }
    if name.starts_with("Vec<") || name.contains("Set<") {
        return 3 + MEMBERS * (1 + TEXT);
    }
    if name.contains("Map<") {
        return 3 + MEMBERS * (1 + 2 * TEXT);
    }
    let is_number = bare.len() <= 5
        && bare.starts_with(['u', 'i', 'f'])
        && bare[1..].bytes().all(|byte| byte.is_ascii_digit());
    match (bare, known) {
        ("bool", _) => 1,
        _ if is_number || matches!(bare, "usize" | "isize") => number_bytes(NUMBER),
        (_, Some(bytes)) => bytes,
        ("Timestamp", None) => "2026-03-01T09:30:00.000Z".len(),
        _ => TEXT,
    }
}
