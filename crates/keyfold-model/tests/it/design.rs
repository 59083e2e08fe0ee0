//! Designs made by hand: templates from their text, entities, tables; and random templates.

use std::borrow::Cow;

use keyfold_model::part::Encode;
use keyfold_model::template::{Parts, literal_hash};
use keyfold_model::{
    AttributeType, EntityModel, FieldModel, FieldRole, KeyAttribute, KeyModel, Modifier,
    ParsedTemplate, Part, PartError, PartText, Segment, TableModel, Template, WhenAbsent,
};
use proptest::prelude::*;
use proptest::sample::select;

use crate::values::{Type, Value};

/// The fields of an entity.
pub type Fields<'f> = &'f [(&'f str, Type)];

/// A template with the shapes of its fields; the name of a field alone is a bare one.
pub fn template(text: &str, fields: Fields<'_>) -> Template<'static> {
    let part = |name: &str, modifier, optional| {
        let at = fields
            .iter()
            .position(|(field, _)| *field == name)
            .unwrap_or_else(|| panic!("no field {name} for {text}"));
        Part {
            field: Cow::Owned(name.to_owned()),
            field_index: u16::try_from(at).expect("few fields"),
            modifier,
            shape: fields[at].1.shape(),
            optional,
        }
    };
    let bare = fields.iter().any(|(field, _)| *field == text);
    let segments = if bare {
        vec![Segment {
            literal: Cow::Borrowed(""),
            hash: literal_hash(""),
            part: Some(part(text, Modifier::None, false)),
            optional: false,
        }]
    } else {
        ParsedTemplate::parse(text)
            .unwrap_or_else(|error| panic!("{text}: {error}"))
            .segments
            .into_iter()
            .map(|segment| Segment {
                hash: literal_hash(&segment.literal),
                literal: Cow::Owned(segment.literal),
                part: segment
                    .part
                    .map(|(name, modifier, _)| part(&name, modifier, segment.optional)),
                optional: segment.optional,
            })
            .collect()
    };
    Template {
        text: Cow::Owned(text.to_owned()),
        bare,
        head: Template::head_of(bare, &segments),
        segments: Cow::Owned(segments),
    }
}

pub fn key(pk: &str, sk: &str, fields: Fields<'_>) -> KeyModel<'static> {
    KeyModel {
        pk: template(pk, fields),
        sk: Some(template(sk, fields)),
    }
}

pub fn field(name: &str, type_name: &str) -> FieldModel<'static> {
    FieldModel {
        name: name.to_owned().into(),
        attribute: name.to_owned().into(),
        type_name: type_name.to_owned().into(),
        role: FieldRole::Plain,
        optional: false,
        key_only: false,
        omit_none: false,
        set: false,
        when_absent: WhenAbsent::Error,
    }
}

pub fn entity(name: &str, pk: &str, sk: &str, fields: Fields<'_>) -> EntityModel<'static> {
    EntityModel {
        name: name.to_owned().into(),
        hash: literal_hash(name),
        doc: "".into(),
        key: key(pk, sk, fields),
        indexes: vec![].into(),
        fields: fields
            .iter()
            .map(|(name, kind)| field(name, &format!("{kind:?}")))
            .collect(),
        kept: vec![].into(),
        shared_with: vec![].into(),
        global: false,
        shard: None,
        version: None,
        allows: vec![].into(),
    }
}

pub fn attribute(name: &str) -> KeyAttribute<'static> {
    KeyAttribute {
        name: name.to_owned().into(),
        kind: AttributeType::S,
    }
}

pub fn table(entities: Vec<EntityModel<'static>>) -> TableModel<'static> {
    TableModel {
        name: "Shop".into(),
        pk: attribute("PK"),
        sk: Some(attribute("SK")),
        ttl: None,
        tag: None,
        stream: None,
        scopes: vec![].into(),
        allows: vec![].into(),
        indexes: vec![].into(),
        entities: entities.into(),
        patterns: vec![].into(),
    }
}

/// The values of an entity's fields, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Values(pub Vec<Option<Value>>);

impl Parts for Values {
    fn write(&self, field_index: u16, out: &mut PartText<'_>) -> Result<bool, PartError> {
        match &self.0[usize::from(field_index)] {
            Some(value) => value.encode_part(out).map(|()| true),
            None => Ok(false),
        }
    }
}

/// The key of some values, where each of them can be written.
pub fn rendered(template: &Template<'_>, values: &Values) -> Option<String> {
    template
        .render(values, "Thing", "SK", usize::MAX)
        .ok()
        .flatten()
}

/// A random template before it is put together.
#[derive(Debug, Clone)]
pub struct Sketch {
    segments: Vec<(&'static str, Option<(Type, Modifier)>)>,
    tail: Option<(&'static str, Type, Modifier)>,
}

impl Sketch {
    /// The types and modifiers of its parts in order; the tail is the last of them.
    pub fn parts(&self) -> Vec<(Type, Modifier)> {
        let tail = self.tail.map(|(_, kind, modifier)| (kind, modifier));
        let inner = self.segments.iter().filter_map(|(_, part)| *part);
        inner.chain(tail).collect()
    }

    /// The template, with fields `a`, `b`, … .
    pub fn template(&self) -> Template<'static> {
        let parts = self.parts();
        let names: Vec<String> = (0..parts.len()).map(field_name).collect();
        let mut next = names.iter().zip(&parts);
        let mut part = || {
            let (name, (_, modifier)) = next.next().expect("a name for each part");
            format!("{{{name}{}}}", modifier_text(*modifier))
        };
        let segments: Vec<String> = self
            .segments
            .iter()
            .map(|(literal, kind)| match kind {
                Some(_) => format!("{literal}{}", part()),
                None => (*literal).to_owned(),
            })
            .collect();
        let mut text = segments.join("#");
        if let Some((literal, ..)) = self.tail {
            text = format!("{text}[#{literal}{}]", part());
        }
        let fields: Vec<(&str, Type)> = names
            .iter()
            .zip(&parts)
            .map(|(name, (kind, _))| (name.as_str(), *kind))
            .collect();
        template(&text, &fields)
    }

    /// Values of its fields; the tail has one half of the time.
    pub fn values(&self, of: fn(Type) -> BoxedStrategy<Value>) -> BoxedStrategy<Values> {
        let parts = self.parts();
        let tail = self.tail.map(|_| parts.len() - 1);
        parts
            .into_iter()
            .enumerate()
            .map(|(at, (kind, _))| {
                if Some(at) == tail {
                    proptest::option::of(of(kind)).boxed()
                } else {
                    of(kind).prop_map(Some).boxed()
                }
            })
            .collect::<Vec<_>>()
            .prop_map(Values)
            .boxed()
    }
}

pub fn field_name(at: usize) -> String {
    char::from(b'a' + u8::try_from(at).expect("few parts")).to_string()
}

fn modifier_text(modifier: Modifier) -> String {
    match modifier {
        Modifier::None
        | Modifier::Bare
        | Modifier::Scope
        | Modifier::ScopeId
        | Modifier::Shard(_) => String::new(),
        Modifier::Desc => ":desc".into(),
        Modifier::Lower => ":lower".into(),
        Modifier::Raw => ":raw".into(),
        Modifier::Pad(width) => format!(":0{width}"),
        Modifier::Year => ":year".into(),
        Modifier::Month => ":month".into(),
        Modifier::Day => ":day".into(),
        Modifier::Hour => ":hour".into(),
    }
}

// Some are prefixes of others, some the text of values, some end at the edge of a byte's range.
const LITERALS: &[&str] = &[
    "A", "B", "AB", "META", "E", "EV", "EVENT", "F", "0", "2026-", "a:", "é", "ê", "A~", "\u{7f}",
];

/// Random templates of up to four segments. Raw parts stand last only, where ranges are exact.
pub fn sketches() -> impl Strategy<Value = Sketch> {
    let literal = || select(LITERALS);
    let glue = || prop_oneof![3 => Just(""), 1 => select(LITERALS)];
    let part = || {
        prop_oneof![2 => Just(Type::Text), 3 => select(Type::ALL)]
            .prop_flat_map(|kind| (Just(kind), select(kind.modifiers())))
    };
    let segment = prop_oneof![
        2 => literal().prop_map(|literal| (literal, None)),
        3 => (glue(), part()).prop_map(|(glue, part)| (glue, Some(part))),
    ];
    let tail = proptest::option::weighted(0.3, (glue(), part()));
    (prop::collection::vec(segment, 1..4), tail).prop_map(|(mut segments, tail)| {
        let tail = tail.map(|(glue, (kind, modifier))| (glue, kind, modifier));
        let last = segments.len() - 1;
        for (at, (_, part)) in segments.iter_mut().enumerate() {
            if let Some((_, modifier @ Modifier::Raw)) = part
                && (at < last || tail.is_some())
            {
                *modifier = Modifier::None;
            }
        }
        Sketch { segments, tail }
    })
}
