//! Whether the attributes of an entity agree: templates name fields, marks go together, kept items
//! are made of fields. What is wrong is reported and left out, so that the rest still expands.

use keyfold_model::{FieldRole, Modifier, ParsedTemplate, WhenAbsent};
use proc_macro2::Span;
use quote::format_ident;
use syn::ext::IdentExt;
use syn::{Ident, LitInt, LitStr, Path, Type, Visibility};

use super::parse::{
    EntityInput, FieldInput, KeptInput, KeyInput, Mark, Names, TemplateInput, VersionInput,
};
use super::shard::{self, Shard};
use crate::errors::{Errors, nearest};
use crate::krate::Private;
use crate::names::{Case, pascal};
use crate::syntax::last_name;
use crate::types::{Container, container, is_byte_list};

pub(crate) struct Entity {
    pub(crate) private: Private,
    pub(crate) ident: Ident,
    pub(crate) vis: Visibility,
    pub(crate) doc: String,
    pub(crate) names: Generated,
    pub(crate) global: bool,
    /// The scopes that its keys name, each once.
    pub(crate) scopes: Vec<String>,
    pub(crate) key: Key,
    pub(crate) indexes: Vec<(Ident, Key)>,
    pub(crate) shared_with: Vec<String>,
    pub(crate) kept: Vec<Kept>,
    pub(crate) shard: Option<Shard>,
    pub(crate) version: Option<Version>,
    /// Why all of its items may be read.
    pub(crate) scan: Option<String>,
    /// What is stored, or stands in a key.
    pub(crate) fields: Vec<Field>,
    pub(crate) upsertable: bool,
}

/// The names of the generated types.
pub(crate) struct Generated {
    pub(crate) key: Ident,
    pub(crate) fields: Ident,
    pub(crate) update: Ident,
    pub(crate) patch: Ident,
    pub(crate) edit: Ident,
    pub(crate) unique: Ident,
}

pub(crate) struct Key {
    pub(crate) pk: Template,
    pub(crate) sk: Option<Template>,
}

#[derive(Default)]
pub(crate) struct Template {
    pub(crate) text: String,
    pub(crate) bare: bool,
    /// None where the template is wrong; the checks then leave it alone.
    pub(crate) segments: Vec<Segment>,
}

pub(crate) struct Segment {
    pub(crate) literal: String,
    /// The place of the field, and how it is written.
    pub(crate) part: Option<(usize, Modifier)>,
    /// What is no field: a scope.
    pub(crate) placed: Option<(String, Modifier)>,
    pub(crate) tail: bool,
}

impl Key {
    pub(crate) fn templates(&self) -> impl Iterator<Item = &Template> {
        std::iter::once(&self.pk).chain(&self.sk)
    }

    /// The places of its fields, each once, in the order of the key.
    pub(crate) fn parts(&self) -> Vec<usize> {
        let mut parts = Vec::new();
        for part in self.templates().flat_map(Template::parts) {
            if !parts.contains(&part) {
                parts.push(part);
            }
        }
        parts
    }
}

impl Template {
    /// The places of its fields.
    pub(crate) fn parts(&self) -> impl Iterator<Item = usize> {
        self.segments
            .iter()
            .filter_map(|segment| segment.part)
            .map(|(place, _)| place)
    }
}

/// An item written in the same transaction.
pub(crate) struct Kept {
    /// The variant of a unique item.
    pub(crate) unique: Option<Ident>,
    pub(crate) entity: Path,
    /// Its field, and the place of the owner's.
    pub(crate) fields: Vec<(Ident, usize)>,
    /// Whether all its fields are known.
    pub(crate) complete: bool,
    /// The optional field without which there is nothing to claim.
    pub(crate) only_with: Option<usize>,
}

#[expect(
    clippy::struct_excessive_bools,
    reason = "independent marks, and the places where the field stands"
)]
pub(crate) struct Field {
    pub(crate) ident: Ident,
    pub(crate) name: String,
    pub(crate) attribute: String,
    pub(crate) ty: Type,
    pub(crate) container: Container,
    pub(crate) role: FieldRole,
    pub(crate) key_only: bool,
    pub(crate) readonly: bool,
    pub(crate) omit_none: bool,
    pub(crate) set: bool,
    pub(crate) when_absent: WhenAbsent,
    pub(crate) serialize_with: Option<Path>,
    pub(crate) in_key: bool,
    pub(crate) in_index: bool,
    pub(crate) is_kept: bool,
}

impl Field {
    pub(crate) fn is_optional(&self) -> bool {
        self.container == Container::Option
    }
}

#[expect(
    clippy::too_many_lines,
    reason = "one step for each attribute, in their order"
)]
pub(crate) fn validate(input: EntityInput, errors: &mut Errors) -> Entity {
    check_marks(&input.fields, errors);
    let stored: Vec<&FieldInput> = input
        .fields
        .iter()
        .filter(|field| !field.serde.skip)
        .collect();
    let names = Lookup {
        stored: stored.iter().map(|field| field.name()).collect(),
        skipped: input
            .fields
            .iter()
            .filter(|field| field.serde.skip)
            .map(FieldInput::name)
            .collect(),
        scopes: stored
            .iter()
            .filter(|field| field.has(Mark::Scope))
            .map(|field| field.name())
            .collect(),
        global: input.global.is_some(),
        sharded: input.shard.is_some(),
    };
    let place = |key: &KeyInput, table_key: bool, errors: &mut Errors| {
        read_key(key, &names, &stored, table_key, errors)
    };
    let unread = || Key {
        pk: Template::default(),
        sk: Some(Template::default()),
    };
    let key = input
        .key
        .as_ref()
        .map_or_else(unread, |key| place(key, true, errors));
    let indexes: Vec<(Ident, Key)> = input
        .indexes
        .iter()
        .map(|(index, key)| (index.clone(), place(key, false, errors)))
        .collect();
    let kept: Vec<Kept> = input
        .kept
        .iter()
        .map(|kept| read_kept(kept, &names, &stored, errors))
        .collect();
    check_unique_names(&input.kept, errors);

    let key_parts = key.parts();
    let index_parts: Vec<usize> = indexes.iter().flat_map(|(_, key)| key.parts()).collect();
    let fields: Vec<Field> = stored
        .iter()
        .enumerate()
        .map(|(at, field)| {
            let mut field = read_field(field, &input);
            // A scope's field is as fixed as the key.
            field.in_key = key_parts.contains(&at) || field.role == FieldRole::Scope;
            field.in_index = index_parts.contains(&at);
            field.is_kept = kept
                .iter()
                .any(|kept| kept.fields.iter().any(|(_, place)| *place == at));
            field
        })
        .collect();
    if errors.is_empty() {
        check_fields(&fields, &stored, errors);
    }
    let scopes = scopes(&key, &indexes);
    if let (Some(span), [scope, ..]) = (input.global, scopes.as_slice()) {
        errors.at(
            span,
            "KF0017",
            format!("a `global` entity is in no scope, and `{{{scope}}}` in its keys names one"),
        );
    }
    if input.global.is_some() {
        for field in stored.iter().filter(|field| field.has(Mark::Scope)) {
            errors.at(
                mark_span(field, Mark::Scope),
                "KF0017",
                "a `global` entity is in no scope: drop `#[scope]`, or `global`",
            );
        }
    }
    let index_keys: Vec<&Key> = indexes.iter().map(|(_, key)| key).collect();
    let shard = input
        .shard
        .as_ref()
        .filter(|_| errors.is_empty())
        .and_then(|shard| {
            let read = |pk: &LitStr, errors: &mut Errors| {
                let pk = TemplateInput::Text(pk.clone());
                read_template(&pk, &names, &stored, true, true, errors)
            };
            shard::validate(shard, &key, &index_keys, &fields, read, errors)
        });
    let version = input
        .version
        .as_ref()
        .and_then(|version| read_version(version, &input, &fields, errors));
    let upsertable = kept.is_empty() && fields.iter().all(can_be_absent);
    let shared_with = input.shared_with.iter().map(last_name).collect();
    Entity {
        names: generated(&input.ident, input.names),
        private: input.private,
        ident: input.ident,
        vis: input.vis,
        doc: input.doc,
        global: input.global.is_some(),
        scopes,
        key,
        indexes,
        shared_with,
        kept,
        shard,
        version,
        scan: input.scan.as_ref().map(LitStr::value),
        fields,
        upsertable,
    }
}

/// The versions of an entity: the one that is written, and those that are read.
pub(crate) struct Version {
    pub(crate) current: u32,
    pub(crate) attribute: String,
    pub(crate) upcasts: Vec<(u32, Path)>,
}

fn read_version(
    version: &VersionInput,
    input: &EntityInput,
    fields: &[Field],
    errors: &mut Errors,
) -> Option<Version> {
    let Some(current) = &version.current else {
        errors.attribute(
            &input.ident,
            "`upcast(..)` leads to a version: add `version = 2`",
        );
        return None;
    };
    let number = |literal: &LitInt, errors: &mut Errors| {
        let number = literal
            .base10_parse::<u32>()
            .ok()
            .filter(|number| *number > 0);
        if number.is_none() {
            errors.attribute(literal, "versions are numbers from 1 on");
        }
        number
    };
    let last = number(current, errors)?;
    let mut upcasts = Vec::new();
    for (literal, path) in &version.upcasts {
        upcasts.push((number(literal, errors)?, path.clone()));
    }
    let first = last
        - u32::try_from(upcasts.len())
            .unwrap_or_default()
            .min(last - 1);
    if !upcasts.iter().map(|(number, _)| *number).eq(first..last) {
        errors.attribute(
            current,
            format!("the versions that are read lie before {last} without a gap, the oldest first: `upcast(1 = {0}V1, 2 = {0}V2)`", input.ident),
        );
        return None;
    }
    let attribute = version
        .attribute
        .as_ref()
        .map_or_else(|| "v".to_owned(), LitStr::value);
    if let Some(field) = fields.iter().find(|field| field.attribute == attribute) {
        errors.attribute(
            &field.ident,
            format!("`{attribute}` is the attribute of the item's version; rename the field's, or say `version_attribute = \"..\"`"),
        );
        return None;
    }
    Some(Version {
        current: last,
        attribute,
        upcasts,
    })
}

/// Whether an upsert that does not give the field leaves a whole item: one that can be read, and
/// whose index keys are those its values make.
fn can_be_absent(field: &Field) -> bool {
    let readable = field.when_absent != WhenAbsent::Error
        || matches!(field.role, FieldRole::Created | FieldRole::Updated);
    if field.role == FieldRole::Scope {
        return field.key_only;
    }
    field.in_key || (readable && (!field.in_index || field.is_optional()))
}

fn generated(ident: &Ident, names: Names) -> Generated {
    let or = |given: Option<Ident>, suffix: &str| {
        given.unwrap_or_else(|| format_ident!("{}{}", ident.unraw(), suffix))
    };
    Generated {
        key: or(names.key, "Key"),
        fields: or(names.fields, "Fields"),
        update: or(names.update, "Update"),
        patch: or(names.patch, "Patch"),
        edit: or(names.edit, "Edit"),
        unique: or(names.unique, "Unique"),
    }
}

/// The fields by name.
struct Lookup {
    stored: Vec<String>,
    skipped: Vec<String>,
    /// Marked `#[scope]`.
    scopes: Vec<String>,
    global: bool,
    sharded: bool,
}

impl Lookup {
    /// What a part is if it is no field: all of a scope at the beginning of a partition key, or its identifier.
    fn placed(&self, name: &str, modifier: Modifier, first_of_pk: bool) -> Option<Modifier> {
        if modifier == Modifier::ScopeId {
            return Some(modifier);
        }
        if self.sharded && name == "shard" {
            return match modifier {
                Modifier::None => Some(Modifier::Shard(0)),
                Modifier::Pad(width) => Some(Modifier::Shard(width)),
                _ => None,
            };
        }
        if modifier != Modifier::None {
            return None;
        }
        let is_scope_field = self.scopes.iter().any(|scope| scope == name);
        let is_field = self
            .stored
            .iter()
            .chain(&self.skipped)
            .any(|known| known == name);
        let known = self.stored.iter().map(String::as_str);
        match (is_scope_field, first_of_pk) {
            (true, true) => Some(Modifier::Scope),
            (true, false) => Some(Modifier::ScopeId),
            // A name that is nearly a field is a mistake, not a scope.
            (false, true) if !is_field && !self.global && nearest(name, known).is_none() => {
                Some(Modifier::Scope)
            }
            (false, _) => None,
        }
    }

    fn find(&self, name: &str, span: Span, errors: &mut Errors) -> Option<usize> {
        let place = self.stored.iter().position(|known| known == name);
        if place.is_none() {
            if self.skipped.iter().any(|known| known == name) {
                errors.attribute_at(
                    span,
                    format!("`{name}` is `#[serde(skip)]`, so no item holds it; a key is made of what is stored"),
                );
            } else {
                errors.unknown_field(span, name, &self.stored);
            }
        }
        place
    }
}

fn read_key(
    key: &KeyInput,
    names: &Lookup,
    stored: &[&FieldInput],
    table_key: bool,
    errors: &mut Errors,
) -> Key {
    let mut read = |template: &TemplateInput, is_pk: bool| {
        read_template(template, names, stored, is_pk, table_key, errors).unwrap_or_default()
    };
    Key {
        pk: read(&key.pk, true),
        sk: key.sk.as_ref().map(|sk| read(sk, false)),
    }
}

fn read_template(
    template: &TemplateInput,
    names: &Lookup,
    stored: &[&FieldInput],
    is_pk: bool,
    table_key: bool,
    errors: &mut Errors,
) -> Option<Template> {
    let literal = match template {
        TemplateInput::Bare(field) => {
            let text = field.unraw().to_string();
            let place = names.find(&text, field.span(), errors)?;
            let segment = Segment {
                literal: String::new(),
                part: Some((place, Modifier::Bare)),
                placed: None,
                tail: false,
            };
            return Some(Template {
                text,
                bare: true,
                segments: vec![segment],
            });
        }
        TemplateInput::Text(literal) => literal,
    };
    let (text, span) = (literal.value(), literal.span());
    let parsed = match ParsedTemplate::parse(&text) {
        Ok(parsed) => parsed,
        Err(error) => {
            errors.push(syn::Error::new(span, error));
            return None;
        }
    };
    let mut segments = Vec::with_capacity(parsed.segments.len());
    let mut complete = true;
    for (at, segment) in parsed.segments.into_iter().enumerate() {
        let (mut part, mut placed) = (None, None);
        let first_of_pk = is_pk && at == 0 && segment.literal.is_empty();
        if let Some((name, modifier, _)) = segment.part {
            if let Some(modifier) = names.placed(&name, modifier, first_of_pk) {
                if !is_pk && matches!(modifier, Modifier::Shard(_)) {
                    errors.at(
                        span,
                        "KF0019",
                        "`{shard}` stands in a partition key: what is spread is a partition",
                    );
                    complete = false;
                }
                if segment.optional {
                    errors.at(
                        span,
                        "KF0001",
                        format!(
                            "`{name}` is always there: write `#{{{name}}}` without the brackets"
                        ),
                    );
                    complete = false;
                }
                placed = Some((name, modifier));
                segments.push(Segment {
                    literal: segment.literal,
                    part,
                    placed,
                    tail: false,
                });
                continue;
            }
            let Some(place) = names.find(&name, span, errors) else {
                complete = false;
                continue;
            };
            let optional = container(&stored[place].ty) == Container::Option;
            if segment.optional && !optional {
                let ty = crate::types::written(&stored[place].ty);
                errors.at(span, "KF0001", format!("`[#{{{name}}}]` is left out where `{name}` has no value: make it `Option<{ty}>`, or write `#{{{name}}}`"));
                complete = false;
            }
            if optional && !segment.optional && table_key {
                errors.at(span, "KF0013", format!(
                    "`{name}` may have no value, and every item needs its key: write `[#{{{name}}}]` at the end of the sort key, or make the field no `Option`"
                ));
                complete = false;
            }
            part = Some((place, modifier));
        }
        if segment.optional && is_pk {
            errors.at(
                span,
                "KF0001",
                "an optional tail stands at the end of a sort key; a partition key is always whole",
            );
            complete = false;
        }
        segments.push(Segment {
            literal: segment.literal,
            part,
            placed,
            tail: segment.optional,
        });
    }
    complete.then_some(Template {
        text,
        bare: false,
        segments,
    })
}

/// The scopes that keys name, each once, in the order they are named.
fn scopes(key: &Key, indexes: &[(Ident, Key)]) -> Vec<String> {
    let templates = key
        .templates()
        .chain(indexes.iter().flat_map(|(_, key)| key.templates()));
    let mut names = Vec::new();
    for (name, modifier) in templates
        .flat_map(|template| &template.segments)
        .filter_map(|segment| segment.placed.as_ref())
    {
        if modifier.is_of_scope() && !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

fn read_kept(
    kept: &KeptInput,
    names: &Lookup,
    stored: &[&FieldInput],
    errors: &mut Errors,
) -> Kept {
    let fields: Vec<(Ident, usize)> = kept
        .fields
        .iter()
        .filter_map(|(field, source)| {
            let place = names.find(&source.unraw().to_string(), source.span(), errors)?;
            Some((field.clone(), place))
        })
        .collect();
    let complete = fields.len() == kept.fields.len();
    let only_with = kept.name.as_ref().and_then(|name| {
        let name = name.unraw().to_string();
        let place = names.stored.iter().position(|known| *known == name)?;
        (container(&stored[place].ty) == Container::Option).then_some(place)
    });
    let unique = kept
        .name
        .as_ref()
        .map(|name| Ident::new(&pascal(&name.unraw().to_string()), name.span()));
    Kept {
        unique,
        entity: kept.entity.clone(),
        fields,
        complete,
        only_with,
    }
}

fn check_unique_names(kept: &[KeptInput], errors: &mut Errors) {
    let mut seen = Vec::new();
    for name in kept.iter().filter_map(|kept| kept.name.as_ref()) {
        if seen.contains(&name) {
            errors.attribute(
                name,
                format!("`{name}` names two unique items; each refusal has a name of its own"),
            );
        }
        seen.push(name);
    }
}

/// Marks that exclude each other, and marks that are there once.
fn check_marks(fields: &[FieldInput], errors: &mut Errors) {
    let roles = [
        Mark::Created,
        Mark::Updated,
        Mark::Version,
        Mark::Ttl,
        Mark::SoftDelete,
        Mark::Scope,
    ];
    // An entity may be in several scopes, one below the other.
    let once = &roles[..5];
    let mut taken = Vec::<Mark>::new();
    for field in fields {
        let mut role = None;
        for (mark, span) in &field.marks {
            let is_role = roles.contains(mark) || *mark == Mark::Counter;
            if let Some(other) = role.filter(|_| is_role) {
                let (other, mark): (Mark, &Mark) = (other, mark);
                errors.attribute_at(
                    *span,
                    format!(
                        "`{}` and `{}` on one field: it has one role",
                        other.name(),
                        mark.name()
                    ),
                );
            } else if once.contains(mark) && taken.contains(mark) {
                errors.attribute_at(
                    *span,
                    format!("a second `{}` field: an entity has one", mark.name()),
                );
            } else if is_role {
                role = Some(*mark);
                taken.push(*mark);
            }
            if *mark == Mark::SoftDelete && container(&field.ty) != Container::Option {
                errors.attribute_at(
                    *span,
                    "`#[soft_delete]` is a moment that most items do not have: `Option<Timestamp>`",
                );
            }
            if *mark == Mark::OmitNone && container(&field.ty) != Container::Option {
                errors.attribute_at(
                    *span,
                    "`omit_none` is about `None`, and this field is no `Option`",
                );
            }
            if *mark == Mark::Set && container(&field.ty) != Container::Set {
                errors.attribute_at(
                    *span,
                    "`set` stores a `BTreeSet` or `HashSet` as DynamoDB's set, and this field is none; inside a document write `#[serde(with = \"keyfold::set\")]`",
                );
            }
            if *mark == Mark::Set && field.serde.serialize_with.is_some() {
                errors.attribute_at(
                    *span,
                    "the field already says how it is written, with `#[serde(with = \"..\")]`: keep one of the two",
                );
            }
            if field.serde.skip {
                errors.attribute_at(
                    *span,
                    format!(
                        "`{}` on a field that is `#[serde(skip)]`, so no item holds it",
                        mark.name()
                    ),
                );
            }
        }
    }
}

/// Methods of every update.
pub(super) const METHODS: [&str; 4] = ["when", "nested", "returning", "returning_old"];

/// What depends on where a field stands.
fn check_fields(fields: &[Field], stored: &[&FieldInput], errors: &mut Errors) {
    for (at, (field, input)) in fields.iter().zip(stored).enumerate() {
        if field.key_only && !field.in_key {
            errors.attribute_at(
                mark_span(input, Mark::KeyOnly),
                format!("`{}` is `#[key_only]`, and the table key does not hold it: where would it be stored?", field.name),
            );
        }
        let raised = match field.role {
            FieldRole::Counter => Some(Mark::Counter),
            FieldRole::Version => Some(Mark::Version),
            FieldRole::Updated => Some(Mark::Updated),
            _ => None,
        };
        if let Some(mark) = raised.filter(|_| field.in_key || field.in_index) {
            errors.attribute_at(
                mark_span(input, mark),
                format!("`{}` changes `{}` without looking at the item, so it cannot stand in a key, which would go stale", mark.name(), field.name),
            );
        }
        if let Some(other) = fields[..at]
            .iter()
            .find(|other| other.attribute == field.attribute)
        {
            errors.attribute(
                &field.ident,
                format!(
                    "`{}` and `{}` are both stored as `{}`",
                    other.name, field.name, field.attribute
                ),
            );
        }
        if METHODS.contains(&field.name.as_str()) {
            let name = &field.name;
            errors.attribute(&field.ident, format!("a field `{name}` would hide the method `{name}(..)` of updates; name it otherwise and keep the attribute: `#[serde(rename = \"{name}\")]`"));
        }
        if is_byte_list(&field.ty) && field.serialize_with.is_none() {
            errors.attribute(
                &field.ty,
                "a `Vec<u8>` would be stored as a list of numbers: make it `keyfold::Bytes`, or say how it is written with `#[serde(with = \"..\")]`",
            );
        }
    }
}

fn mark_span(field: &FieldInput, mark: Mark) -> Span {
    field
        .marks
        .iter()
        .find(|(own, _)| *own == mark)
        .map_or_else(|| field.ident.span(), |(_, span)| *span)
}

fn read_field(field: &FieldInput, input: &EntityInput) -> Field {
    let name = field.name();
    let role = [
        (Mark::Counter, FieldRole::Counter),
        (Mark::Created, FieldRole::Created),
        (Mark::Updated, FieldRole::Updated),
        (Mark::Version, FieldRole::Version),
        (Mark::Ttl, FieldRole::Ttl),
        (Mark::Scope, FieldRole::Scope),
        (Mark::SoftDelete, FieldRole::Deleted),
    ]
    .into_iter()
    .find(|(mark, _)| field.has(*mark))
    .map_or(FieldRole::Plain, |(_, role)| role);
    let container = container(&field.ty);
    let when_absent = match (role, container) {
        (FieldRole::Counter | FieldRole::Version, _) => WhenAbsent::Zero,
        _ if field.serde.default || input.serde.default => WhenAbsent::Default,
        // serde takes an absent `Option` for `None`, unless a function of its own reads it.
        (_, Container::Option) if field.serde.serialize_with.is_none() => WhenAbsent::Default,
        (_, Container::List | Container::Set) => WhenAbsent::EmptyList,
        (_, Container::Map) => WhenAbsent::EmptyMap,
        _ => WhenAbsent::Error,
    };
    Field {
        attribute: field.serde.rename.clone().unwrap_or_else(|| {
            input
                .serde
                .rename_all
                .map_or_else(|| name.clone(), |case: Case| case.of_field(&name))
        }),
        ident: field.ident.clone(),
        name,
        ty: field.ty.clone(),
        container,
        role,
        key_only: field.has(Mark::KeyOnly),
        readonly: field.has(Mark::Readonly),
        omit_none: field.has(Mark::OmitNone)
            || field.has(Mark::SoftDelete)
            || field.serde.omit_none,
        set: field.has(Mark::Set),
        when_absent,
        serialize_with: field.serde.serialize_with.clone(),
        in_key: false,
        in_index: false,
        is_kept: false,
    }
}
