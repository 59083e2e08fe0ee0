//! Templates and entities from their text, for designs that come without Rust types.

use std::borrow::Cow;

use keyfold_model::shape::{Kind, Shape};
use keyfold_model::template::literal_hash;
use keyfold_model::{
    EntityModel, FieldModel, FieldRole, IndexKey, KeyAttribute, KeyModel, Modifier, ParsedTemplate,
    Part, Segment, Template, WhenAbsent,
};

use super::names::{free, snake};

/// The text of a template as it stands in a file: a key that is a field's own attribute in braces too, since
/// Workbench would take a bare word for text.
pub fn written(template: &Template<'_>, rename: impl Fn(&str) -> String) -> String {
    let mut out = String::new();
    for (at, segment) in template.segments.iter().enumerate() {
        let mut text = segment.literal.to_string();
        if let Some(part) = &segment.part {
            text.push('{');
            text.push_str(&rename(&part.field));
            if !template.bare {
                text.push_str(&modifier(part.modifier));
            }
            text.push('}');
        }
        match (at, segment.optional) {
            (0, _) => out.push_str(&text),
            (_, false) => {
                out.push('#');
                out.push_str(&text);
            }
            (_, true) => {
                out.push_str("[#");
                out.push_str(&text);
                out.push(']');
            }
        }
    }
    out
}

fn modifier(modifier: Modifier) -> String {
    match modifier {
        Modifier::None | Modifier::Bare | Modifier::Scope | Modifier::Shard(0) => String::new(),
        Modifier::ScopeId => ":id".to_owned(),
        Modifier::Desc => ":desc".to_owned(),
        Modifier::Lower => ":lower".to_owned(),
        Modifier::Raw => ":raw".to_owned(),
        Modifier::Pad(width) | Modifier::Shard(width) => format!(":0{width}"),
        Modifier::Year => ":year".to_owned(),
        Modifier::Month => ":month".to_owned(),
        Modifier::Day => ":day".to_owned(),
        Modifier::Hour => ":hour".to_owned(),
    }
}

/// An attribute of an entity, before its fields have their types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    pub name: String,
    /// As Workbench names it: `S`, `BOOL`, `SS`.
    pub kind: String,
    /// Whether numbers among its samples are not all whole and positive.
    pub number: NumberKind,
    /// Whether some item lacks it.
    pub optional: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NumberKind {
    #[default]
    Whole,
    Negative,
    Fraction,
}

/// The text of a key's two halves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyText {
    pub pk: String,
    pub sk: Option<String>,
}

/// What an entity is made of.
pub struct EntityText {
    pub name: String,
    pub key: KeyText,
    /// The key attributes of the table.
    pub table: (KeyAttribute<'static>, Option<KeyAttribute<'static>>),
    /// Each index's id, key attributes and the entity's key in it.
    pub indexes: Vec<IndexText>,
    /// Beside key attributes of the table, and of indexes unless a key is the attribute itself.
    pub attributes: Vec<Attribute>,
}

pub struct IndexText {
    pub id: String,
    pub keys: (KeyAttribute<'static>, Option<KeyAttribute<'static>>),
    pub key: KeyText,
}

/// The entity; an error names the template that is none.
pub fn entity(text: &EntityText) -> Result<EntityModel<'static>, String> {
    let mut fields: Vec<FieldModel<'static>> = Vec::new();
    for attribute in &text.attributes {
        fields.push(field(attribute, &fields));
    }
    let halves = halves(text);
    let mut parsed = Vec::new();
    for (template, key) in halves {
        let found = ParsedTemplate::parse(template)
            .map_err(|error| format!("`{template}` is no key template: {}", error.message))?;
        for segment in &found.segments {
            let Some((name, modifier, _)) = &segment.part else {
                continue;
            };
            note_part(
                &mut fields,
                name,
                *modifier,
                segment.optional,
                is_whole(&found),
                key,
            );
        }
        parsed.push((template, key, found));
    }
    let mut templates = parsed
        .into_iter()
        .map(|(text, key, parsed)| template(text, &parsed, key, &fields));
    // The same order as in `halves`.
    let mut key = |has_sk: bool| {
        let pk = templates.next()?;
        let sk = if has_sk { templates.next() } else { None };
        Some(KeyModel { pk, sk })
    };
    let none = || format!("{} has no key", text.name);
    let own = key(text.key.sk.is_some()).ok_or_else(none)?;
    let mut indexes = Vec::new();
    for index in &text.indexes {
        indexes.push(IndexKey {
            hash: literal_hash(&index.id),
            index: Cow::Owned(index.id.clone()),
            key: key(index.key.sk.is_some()).ok_or_else(none)?,
        });
    }
    Ok(EntityModel {
        hash: literal_hash(&text.name),
        name: Cow::Owned(text.name.clone()),
        doc: Cow::Borrowed(""),
        key: own,
        indexes: indexes.into(),
        fields: fields.into(),
        kept: Cow::Borrowed(&[]),
        shared_with: Cow::Borrowed(&[]),
        global: false,
        shard: None,
        version: None,
        allows: Cow::Borrowed(&[]),
    })
}

/// Every template with the key attribute it is written to: the table's key, then each index's.
fn halves(text: &EntityText) -> Vec<(&str, &KeyAttribute<'static>)> {
    let mut halves = Vec::new();
    let all = std::iter::once((&text.key, &text.table))
        .chain(text.indexes.iter().map(|index| (&index.key, &index.keys)));
    for (key, (pk, sk)) in all {
        halves.push((&*key.pk, pk));
        if let (Some(template), Some(sk)) = (&key.sk, sk) {
            halves.push((&**template, sk));
        }
    }
    halves
}

/// Whether a template is one part and nothing else.
fn is_whole(template: &ParsedTemplate) -> bool {
    matches!(&*template.segments, [only] if only.literal.is_empty() && only.part.is_some() && !only.optional)
}

fn field(attribute: &Attribute, taken: &[FieldModel<'_>]) -> FieldModel<'static> {
    let name = free(snake(&attribute.name), |name| {
        taken.iter().any(|field| field.name == name)
    });
    let plain = rust_type(&attribute.kind, attribute.number);
    stored(name, &attribute.name, plain, attribute.optional)
}

fn stored(name: String, attribute: &str, plain: &str, optional: bool) -> FieldModel<'static> {
    FieldModel {
        name: Cow::Owned(name),
        attribute: Cow::Owned(attribute.to_owned()),
        type_name: Cow::Owned(if optional {
            format!("Option<{plain}>")
        } else {
            plain.to_owned()
        }),
        role: FieldRole::Plain,
        optional,
        key_only: false,
        omit_none: optional,
        set: false,
        // As the derive has it: collections may be absent, and are empty then.
        when_absent: if optional {
            WhenAbsent::Default
        } else if plain.starts_with("BTreeMap<") {
            WhenAbsent::EmptyMap
        } else if plain.starts_with("BTreeSet<") || plain.starts_with("Vec<") {
            WhenAbsent::EmptyList
        } else {
            WhenAbsent::Error
        },
    }
}

/// Makes a field for a part that is none of the attributes, and gives a field the type its part's modifier needs.
fn note_part(
    fields: &mut Vec<FieldModel<'static>>,
    name: &str,
    modifier: Modifier,
    tail: bool,
    whole: bool,
    key: &KeyAttribute<'_>,
) {
    if !fields.iter().any(|field| field.name == name) {
        // `{customer_id}` alone, written to `customer_id`: the key is the attribute.
        let is_attribute = whole && snake(&key.name) == name;
        let plain = if key.kind == keyfold_model::AttributeType::N {
            "u64"
        } else {
            "String"
        };
        let mut field = stored(
            name.to_owned(),
            if is_attribute { &key.name } else { name },
            plain,
            tail,
        );
        field.key_only = !is_attribute;
        field.omit_none = tail && is_attribute;
        fields.push(field);
    }
    let needed = match modifier {
        Modifier::Pad(_) => "u64",
        // `desc` is of numbers too; which of both, the text does not tell.
        Modifier::Year | Modifier::Month | Modifier::Day | Modifier::Hour | Modifier::Desc => {
            "Timestamp"
        }
        _ => return,
    };
    if let Some(field) = fields.iter_mut().find(|field| field.name == name)
        && !(needed == "Timestamp" && field.type_name.contains("u64"))
    {
        field.type_name = Cow::Owned(if field.optional {
            format!("Option<{needed}>")
        } else {
            needed.to_owned()
        });
    }
}

fn template(
    text: &str,
    parsed: &ParsedTemplate,
    key: &KeyAttribute<'_>,
    fields: &[FieldModel<'_>],
) -> Template<'static> {
    let field = |name: &str| fields.iter().find(|field| field.name == name);
    let bare = is_whole(parsed)
        && parsed.segments.iter().all(|segment| {
            let part = segment.part.as_ref();
            part.and_then(|(name, _, _)| field(name))
                .is_some_and(|field| field.attribute == key.name && !field.key_only)
        });
    let segments: Vec<Segment<'static>> = parsed
        .segments
        .iter()
        .map(|segment| Segment {
            hash: literal_hash(&segment.literal),
            literal: Cow::Owned(segment.literal.clone()),
            part: segment.part.as_ref().map(|(name, modifier, _)| {
                let place = fields.iter().position(|field| field.name == *name);
                let field = field(name);
                Part {
                    field: Cow::Owned(name.clone()),
                    field_index: place.and_then(|at| at.try_into().ok()).unwrap_or_default(),
                    modifier: if bare { Modifier::Bare } else { *modifier },
                    shape: shape(field.map_or("String", |field| &field.type_name)),
                    optional: field.is_some_and(|field| field.optional),
                }
            }),
            optional: segment.optional,
        })
        .collect();
    let text = match (bare, &*parsed.segments) {
        (true, [only]) => only
            .part
            .as_ref()
            .map_or_else(String::new, |part| part.0.clone()),
        _ => text.to_owned(),
    };
    Template {
        text: Cow::Owned(text),
        bare,
        head: Template::head_of(bare, &segments),
        segments: segments.into(),
    }
}

fn shape(type_name: &str) -> Shape<'static> {
    let plain = type_name
        .strip_prefix("Option<")
        .and_then(|rest| rest.strip_suffix('>'))
        .unwrap_or(type_name);
    match plain {
        "u64" | "i64" => Shape::digits(20),
        "Timestamp" => Shape::pattern("dddd-dd-ddTdd:dd:dd.dddZ", true, Kind::Moment),
        _ => Shape::TEXT,
    }
}

fn rust_type(kind: &str, number: NumberKind) -> &'static str {
    match kind {
        "N" => match number {
            NumberKind::Whole => "u64",
            NumberKind::Negative => "i64",
            NumberKind::Fraction => "f64",
        },
        "B" => "Vec<u8>",
        "BOOL" => "bool",
        "L" => "Vec<serde_json::Value>",
        "M" => "BTreeMap<String, serde_json::Value>",
        "SS" => "BTreeSet<String>",
        "NS" => "BTreeSet<u64>",
        "BS" => "BTreeSet<Vec<u8>>",
        _ => "String",
    }
}
