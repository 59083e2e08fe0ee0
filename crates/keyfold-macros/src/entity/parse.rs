//! Attributes of an entity as structs, nothing checked against anything else.

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{
    Attribute, Data, DeriveInput, Expr, FieldValue, Fields, Ident, LitInt, LitStr, Member, Path,
    Token, Type, Visibility, braced, parenthesized,
};

use super::shard::{self, ShardInput};
use crate::errors::{self, Errors, unknown};
use crate::krate::Private;
use crate::serde_attributes::{self, SerdeContainer, SerdeField};
use crate::syntax::{self, arguments};

pub(crate) struct EntityInput {
    pub(crate) private: Private,
    pub(crate) ident: Ident,
    pub(crate) vis: Visibility,
    pub(crate) doc: String,
    pub(crate) names: Names,
    /// `#[entity(global)]`: in no scope of its table.
    pub(crate) global: Option<Span>,
    pub(crate) serde: SerdeContainer,
    pub(crate) key: Option<KeyInput>,
    pub(crate) shared_with: Vec<Path>,
    pub(crate) indexes: Vec<(Ident, KeyInput)>,
    pub(crate) kept: Vec<KeptInput>,
    pub(crate) shard: Option<ShardInput>,
    pub(crate) version: Option<VersionInput>,
    /// `allow(scan, reason = "..")`
    pub(crate) scan: Option<LitStr>,
    pub(crate) fields: Vec<FieldInput>,
}

/// `version = 3, upcast(1 = ProductV1, 2 = ProductV2), version_attribute = "v"`
#[derive(Default)]
pub(crate) struct VersionInput {
    pub(crate) current: Option<LitInt>,
    pub(crate) attribute: Option<LitStr>,
    pub(crate) upcasts: Vec<(LitInt, Path)>,
}

/// `pk = .., sk = ..`
pub(crate) struct KeyInput {
    pub(crate) pk: TemplateInput,
    pub(crate) sk: Option<TemplateInput>,
}

pub(crate) enum TemplateInput {
    Text(LitStr),
    /// A bare field: its own attribute is the key.
    Bare(Ident),
}

/// `#[unique(name, item = Entity { .. })]` or `#[mirror(Entity { .. })]`.
pub(crate) struct KeptInput {
    /// Of a unique item.
    pub(crate) name: Option<Ident>,
    pub(crate) entity: Path,
    /// Its field, the owner's field.
    pub(crate) fields: Vec<(Ident, Ident)>,
}

pub(crate) struct FieldInput {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    pub(crate) serde: SerdeField,
    pub(crate) marks: Vec<(Mark, Span)>,
}

/// An attribute of a field.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mark {
    KeyOnly,
    Created,
    Updated,
    Ttl,
    Counter,
    Version,
    Readonly,
    Scope,
    SoftDelete,
    OmitNone,
    Set,
}

impl Mark {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "key_only" => Mark::KeyOnly,
            "created" => Mark::Created,
            "updated" => Mark::Updated,
            "ttl" => Mark::Ttl,
            "counter" => Mark::Counter,
            "version" => Mark::Version,
            "readonly" => Mark::Readonly,
            "scope" => Mark::Scope,
            "soft_delete" => Mark::SoftDelete,
            _ => return None,
        })
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Mark::KeyOnly => "#[key_only]",
            Mark::Created => "#[created]",
            Mark::Updated => "#[updated]",
            Mark::Ttl => "#[ttl]",
            Mark::Counter => "#[counter]",
            Mark::Version => "#[version]",
            Mark::Readonly => "#[readonly]",
            Mark::Scope => "#[scope]",
            Mark::SoftDelete => "#[soft_delete]",
            Mark::OmitNone => "#[attr(omit_none)]",
            Mark::Set => "#[attr(set)]",
        }
    }
}

/// Names given with `#[entity(names(..))]`.
#[derive(Default)]
pub(crate) struct Names {
    pub(crate) key: Option<Ident>,
    pub(crate) fields: Option<Ident>,
    pub(crate) update: Option<Ident>,
    pub(crate) patch: Option<Ident>,
    pub(crate) edit: Option<Ident>,
    pub(crate) unique: Option<Ident>,
}

pub(crate) fn parse(input: &DeriveInput, errors: &mut Errors) -> Option<EntityInput> {
    let Data::Struct(data) = &input.data else {
        errors.attribute(
            &input.ident,
            "an entity is a struct; an enum can be the type of a field",
        );
        return None;
    };
    let Fields::Named(fields) = &data.fields else {
        errors.attribute(
            &input.ident,
            "an entity has named fields: its key templates name them",
        );
        return None;
    };
    if !input.generics.params.is_empty() {
        errors.attribute(
            &input.generics,
            "an entity has no generics: one entity is one kind of item",
        );
        return None;
    }
    let mut entity = EntityInput {
        private: Private::of(&input.attrs, errors),
        ident: input.ident.clone(),
        vis: input.vis.clone(),
        doc: syntax::doc(&input.attrs),
        names: Names::default(),
        global: None,
        serde: serde_attributes::of_struct(&input.attrs, errors),
        key: None,
        shared_with: Vec::new(),
        indexes: Vec::new(),
        kept: Vec::new(),
        shard: None,
        version: None,
        scan: None,
        fields: fields
            .named
            .iter()
            .filter_map(|field| parse_field(field, errors))
            .collect(),
    };
    let mut has_key = false;
    for attribute in &input.attrs {
        let name = attribute.path().get_ident().map(ToString::to_string);
        let read = match name.as_deref() {
            Some("key") if has_key => Err(errors::attribute(
                attribute,
                "an entity has one `#[key(..)]`",
            )),
            Some("key") => {
                has_key = true;
                parse_key(attribute, &mut entity)
            }
            Some("index") => parse_index(attribute, &mut entity),
            Some("unique") => parse_unique(attribute).map(|kept| entity.kept.push(kept)),
            Some("mirror") => attribute
                .parse_args_with(parse_literal)
                .map(|(path, fields)| {
                    entity.kept.push(KeptInput {
                        name: None,
                        entity: path,
                        fields,
                    });
                }),
            Some("shard") => shard::parse(attribute).map(|shard| entity.shard = Some(shard)),
            Some("entity") => parse_entity(attribute, &mut entity),
            _ => Ok(()),
        };
        errors.keep(read);
    }
    if !has_key {
        errors.attribute(
            &input.ident,
            "an entity has a key: add `#[key(pk = \"..\", sk = \"..\")]` below the derive",
        );
    }
    Some(entity)
}

fn parse_field(field: &syn::Field, errors: &mut Errors) -> Option<FieldInput> {
    let mut marks = Vec::new();
    for attribute in &field.attrs {
        let Some(name) = attribute.path().get_ident().map(ToString::to_string) else {
            continue;
        };
        let read = if name == "attr" {
            attribute.parse_args_with(|input: ParseStream<'_>| {
                arguments(input, |argument, _| {
                    let mark = match argument.to_string().as_str() {
                        "omit_none" => Mark::OmitNone,
                        "set" => Mark::Set,
                        _ => return Err(unknown(argument, &["omit_none", "set"])),
                    };
                    marks.push((mark, argument.span()));
                    Ok(())
                })
            })
        } else if let Some(mark) = Mark::of(&name) {
            marks.push((mark, syntax::span(attribute)));
            attribute.meta.require_path_only().map(|_| ())
        } else {
            Ok(())
        };
        errors.keep(read);
    }
    Some(FieldInput {
        ident: field.ident.clone()?,
        ty: field.ty.clone(),
        serde: serde_attributes::of_field(&field.attrs, errors),
        marks,
    })
}

/// Reads what is given of `pk` and `sk`.
#[derive(Default)]
struct KeyArguments {
    pk: Option<TemplateInput>,
    sk: Option<TemplateInput>,
}

impl KeyArguments {
    /// Whether the name was one of the two.
    fn read(&mut self, name: &Ident, input: ParseStream<'_>) -> syn::Result<bool> {
        let place = match name.to_string().as_str() {
            "pk" => &mut self.pk,
            "sk" => &mut self.sk,
            _ => return Ok(false),
        };
        input.parse::<Token![=]>()?;
        *place = Some(if input.peek(LitStr) {
            TemplateInput::Text(input.parse()?)
        } else if input.peek(Ident::peek_any) {
            TemplateInput::Bare(input.parse()?)
        } else {
            return Err(input
                .error("KF0004: a key is a template, `\"PRODUCT#{id}\"`, or the name of a field"));
        });
        Ok(true)
    }

    fn finish(self, attribute: &Attribute) -> syn::Result<KeyInput> {
        let Some(pk) = self.pk else {
            return Err(errors::attribute(
                attribute,
                "a key has a partition key: `pk = \"..\"`",
            ));
        };
        Ok(KeyInput { pk, sk: self.sk })
    }
}

fn parse_key(attribute: &Attribute, entity: &mut EntityInput) -> syn::Result<()> {
    let mut key = KeyArguments::default();
    attribute.parse_args_with(|input: ParseStream<'_>| {
        arguments(input, |name, input| {
            if name == "shared_with" {
                entity.shared_with = syntax::paths(input)?;
                return Ok(());
            }
            if key.read(name, input)? {
                Ok(())
            } else {
                Err(unknown(name, &["pk", "sk", "shared_with"]))
            }
        })
    })?;
    entity.key = Some(key.finish(attribute)?);
    Ok(())
}

fn parse_index(attribute: &Attribute, entity: &mut EntityInput) -> syn::Result<()> {
    let mut key = KeyArguments::default();
    let index = attribute.parse_args_with(|input: ParseStream<'_>| {
        if input.peek2(Token![=]) || !input.peek(Ident::peek_any) {
            return Err(input.error(
                "KF0004: name the index first: `#[index(Gsi1, pk = \"..\", sk = \"..\")]`",
            ));
        }
        let index = input.parse::<Ident>()?;
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
        arguments(input, |name, input| {
            if key.read(name, input)? {
                Ok(())
            } else {
                Err(unknown(name, &["pk", "sk"]))
            }
        })?;
        Ok(index)
    })?;
    if entity.indexes.iter().any(|(known, _)| *known == index) {
        return Err(errors::attribute(
            &index,
            format!("`{index}` is given twice; an item has one key in an index"),
        ));
    }
    entity.indexes.push((index, key.finish(attribute)?));
    Ok(())
}

fn parse_unique(attribute: &Attribute) -> syn::Result<KeptInput> {
    let form = "write `#[unique(name, item = Entity { field, other: field })]`";
    attribute.parse_args_with(|input: ParseStream<'_>| {
        let name: Ident = input
            .parse()
            .map_err(|error| errors::attribute_at(error.span(), form))?;
        input
            .parse::<Token![,]>()
            .map_err(|error| errors::attribute_at(error.span(), form))?;
        let item: Ident = input
            .parse()
            .map_err(|error| errors::attribute_at(error.span(), form))?;
        if item != "item" {
            return Err(unknown(&item, &["item"]));
        }
        input.parse::<Token![=]>()?;
        let (entity, fields) = parse_literal(input)?;
        Ok(KeptInput {
            name: Some(name),
            entity,
            fields,
        })
    })
}

/// `Entity { field, other: field }`
fn parse_literal(input: ParseStream<'_>) -> syn::Result<(Path, Vec<(Ident, Ident)>)> {
    let entity = input.call(Path::parse_mod_style)?;
    if !input.peek(syn::token::Brace) {
        return Err(errors::attribute(
            &entity,
            "say what its fields are set from: `Entity { field, other: field }`",
        ));
    }
    let inner;
    braced!(inner in input);
    let mut fields = Vec::new();
    while !inner.is_empty() {
        let field: FieldValue = inner.parse()?;
        let Member::Named(name) = field.member else {
            return Err(errors::attribute(&field.member, "name the field"));
        };
        match &field.expr {
            Expr::Path(path) if path.path.get_ident().is_some() => {
                let source = path.path.require_ident()?.clone();
                fields.push((name, source));
            }
            other => {
                return Err(errors::attribute(
                    other,
                    "the value is a field of this entity, so that it can be kept in step",
                ));
            }
        }
        if !inner.is_empty() {
            inner.parse::<Token![,]>()?;
        }
    }
    if input.peek(Token![,]) {
        input.parse::<Token![,]>()?;
    }
    Ok((entity, fields))
}

/// `#[entity(global, names(..))]`
fn parse_entity(attribute: &Attribute, entity: &mut EntityInput) -> syn::Result<()> {
    attribute.parse_args_with(|input: ParseStream<'_>| {
        arguments(input, |name, input| {
            match name.to_string().as_str() {
                "names" => parse_names(input, &mut entity.names)?,
                "global" => entity.global = Some(name.span()),
                "version" => version(entity).current = Some(syntax::value(input)?),
                "version_attribute" => version(entity).attribute = Some(syntax::value(input)?),
                "upcast" => version(entity).upcasts = upcasts(input)?,
                "allow" => entity.scan = Some(allow(input)?),
                _ => {
                    return Err(unknown(
                        name,
                        &[
                            "names",
                            "global",
                            "version",
                            "version_attribute",
                            "upcast",
                            "allow",
                        ],
                    ));
                }
            }
            Ok(())
        })
    })
}

fn version(entity: &mut EntityInput) -> &mut VersionInput {
    entity.version.get_or_insert_with(VersionInput::default)
}

/// `(1 = ProductV1, 2 = ProductV2)`
fn upcasts(input: ParseStream<'_>) -> syn::Result<Vec<(LitInt, Path)>> {
    let inner;
    parenthesized!(inner in input);
    let mut upcasts = Vec::new();
    while !inner.is_empty() {
        let version: LitInt = inner.parse()?;
        inner.parse::<Token![=]>()?;
        upcasts.push((version, inner.call(Path::parse_mod_style)?));
        if !inner.is_empty() {
            inner.parse::<Token![,]>()?;
        }
    }
    Ok(upcasts)
}

/// `(scan, reason = "..")`
fn allow(input: ParseStream<'_>) -> syn::Result<LitStr> {
    let inner;
    parenthesized!(inner in input);
    let what: Ident = inner.parse()?;
    if what != "scan" {
        return Err(unknown(&what, &["scan"]));
    }
    let form = "say why: `allow(scan, reason = \"..\")`; audit, cost and docs repeat it";
    inner
        .parse::<Token![,]>()
        .map_err(|error| errors::attribute_at(error.span(), form))?;
    let name: Ident = inner.parse()?;
    if name != "reason" {
        return Err(unknown(&name, &["reason"]));
    }
    let reason: LitStr = syntax::value(&inner)?;
    if reason.value().trim().is_empty() {
        return Err(errors::attribute(&reason, form));
    }
    Ok(reason)
}

fn parse_names(input: ParseStream<'_>, names: &mut Names) -> syn::Result<()> {
    let inner;
    parenthesized!(inner in input);
    arguments(&inner, |name, input| {
        let place = match name.to_string().as_str() {
            "key" => &mut names.key,
            "fields" => &mut names.fields,
            "update" => &mut names.update,
            "patch" => &mut names.patch,
            "edit" => &mut names.edit,
            "unique" => &mut names.unique,
            _ => {
                return Err(unknown(
                    name,
                    &["key", "fields", "update", "patch", "edit", "unique"],
                ));
            }
        };
        *place = Some(syntax::value(input)?);
        Ok(())
    })
}

impl FieldInput {
    pub(crate) fn name(&self) -> String {
        self.ident.unraw().to_string()
    }

    pub(crate) fn has(&self, mark: Mark) -> bool {
        self.marks.iter().any(|(own, _)| *own == mark)
    }
}
