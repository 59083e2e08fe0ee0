//! Attributes of a table as structs.

use keyfold_model::{AttributeType, StreamView};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{
    Attribute, Data, DeriveInput, Fields, GenericParam, Ident, LitStr, Token, Type, Visibility,
    parenthesized,
};

use super::scopes::{self, ScopeInput};
use crate::errors::{self, Errors, unknown};
use crate::krate::Private;
use crate::syntax::{self, arguments, value};
use crate::types::{argument_of, arguments_of};

pub(crate) struct TableInput {
    pub(crate) private: Private,
    pub(crate) vis: Visibility,
    pub(crate) ident: Ident,
    /// The parameter of a table with scopes: the `S` of `Crm<S = NoScope>`.
    pub(crate) scope: Option<Ident>,
    pub(crate) attributes: TableAttributes,
    pub(crate) repositories: Vec<Repository>,
}

#[derive(Default)]
pub(crate) struct TableAttributes {
    pub(crate) pk: Option<KeyAttributeInput>,
    pub(crate) sk: Option<KeyAttributeInput>,
    pub(crate) ttl: Option<LitStr>,
    pub(crate) tag: Tag,
    pub(crate) stream: Option<StreamView>,
    /// None for the block without a name.
    pub(crate) patterns: Vec<(Option<Ident>, proc_macro2::Span)>,
    pub(crate) indexes: Vec<IndexInput>,
    pub(crate) scopes: Vec<ScopeInput>,
}

/// The attribute that names the entity.
#[derive(Default)]
pub(crate) enum Tag {
    #[default]
    Default,
    None,
    Named(LitStr),
}

#[derive(Clone)]
pub(crate) struct KeyAttributeInput {
    pub(crate) name: LitStr,
    pub(crate) kind: AttributeType,
}

pub(crate) struct IndexInput {
    pub(crate) ident: Ident,
    pub(crate) name: Option<LitStr>,
    pub(crate) pk: Option<KeyAttributeInput>,
    pub(crate) sk: Option<KeyAttributeInput>,
    pub(crate) projection: ProjectionInput,
    pub(crate) local: bool,
}

#[derive(Default)]
pub(crate) enum ProjectionInput {
    #[default]
    All,
    Keys,
    Include(Vec<LitStr>),
}

/// A field of the table.
pub(crate) struct Repository {
    pub(crate) ident: Ident,
    /// The whole type, `Repo<Product>`.
    pub(crate) ty: Type,
    pub(crate) entity: Type,
    /// The `S` of `Repo<Product, S>`.
    pub(crate) scope: Option<Ident>,
}

pub(crate) fn parse(input: &DeriveInput, errors: &mut Errors) -> Option<TableInput> {
    let Data::Struct(data) = &input.data else {
        errors.attribute(&input.ident, "a table is a struct of repositories");
        return None;
    };
    let Fields::Named(fields) = &data.fields else {
        errors.attribute(
            &input.ident,
            "a table has named fields, one `Repo<Entity>` for each entity",
        );
        return None;
    };
    let mut parameters = input.generics.params.iter();
    let scope = match (parameters.next(), parameters.next()) {
        (None, _) => None,
        (Some(GenericParam::Type(parameter)), None) => Some(parameter.ident.clone()),
        _ => {
            errors.attribute(
                &input.generics,
                "a table has no generics, but for the scope of one with `scopes(..)`: `struct Crm<S = NoScope>`",
            );
            return None;
        }
    };
    let repositories = fields
        .named
        .iter()
        .filter_map(|field| {
            let found = repository(&field.ty);
            if found.is_none() {
                errors.attribute(
                    &field.ty,
                    "a table's fields are repositories, `Repo<Entity>`",
                );
            }
            let (entity, scope) = found?;
            Some(Repository {
                ident: field.ident.clone()?,
                ty: field.ty.clone(),
                entity,
                scope,
            })
        })
        .collect();
    let mut attributes = TableAttributes::default();
    let mut own = input
        .attrs
        .iter()
        .filter(|attribute| attribute.path().is_ident("table"))
        .peekable();
    if own.peek().is_none() {
        errors.attribute(
            &input.ident,
            "a table has keys: add `#[table(pk = \"PK\", sk = \"SK\")]` below the derive",
        );
    }
    for attribute in own {
        errors.keep(parse_table(attribute, &mut attributes));
    }
    Some(TableInput {
        private: Private::of(&input.attrs, errors),
        vis: input.vis.clone(),
        ident: input.ident.clone(),
        scope,
        attributes,
        repositories,
    })
}

const KNOWN: [&str; 8] = [
    "pk", "sk", "ttl", "tag", "stream", "patterns", "index", "scopes",
];

/// The entity and the scope of `Repo<Entity>` or `Repo<Entity, S>`.
fn repository(ty: &Type) -> Option<(Type, Option<Ident>)> {
    if let Some(entity) = argument_of(ty, "Repo") {
        return Some((entity.clone(), None));
    }
    match arguments_of(ty, "Repo")?.as_slice() {
        [entity, Type::Path(scope)] => {
            Some(((*entity).clone(), Some(scope.path.get_ident()?.clone())))
        }
        _ => None,
    }
}

fn parse_table(attribute: &Attribute, table: &mut TableAttributes) -> syn::Result<()> {
    attribute.parse_args_with(|input: ParseStream<'_>| {
        arguments(input, |name, input| {
            match name.to_string().as_str() {
                "pk" => table.pk = Some(key_attribute(input)?),
                "sk" => table.sk = Some(key_attribute(input)?),
                "ttl" => table.ttl = Some(value(input)?),
                "tag" => table.tag = tag(input)?,
                "stream" => table.stream = Some(stream(input)?),
                "patterns" => table.patterns = patterns(name, input)?,
                "index" => table.indexes.push(index(input)?),
                "scopes" => table.scopes = scopes::parse(input)?,
                _ => return Err(unknown(name, &KNOWN)),
            }
            Ok(())
        })
    })?;
    if table.pk.is_none() {
        return Err(errors::attribute(
            attribute,
            "a table has a partition key: `pk = \"PK\"`",
        ));
    }
    Ok(())
}

/// `= "PK"`, `= number("n")`, `= binary("b")`
fn key_attribute(input: ParseStream<'_>) -> syn::Result<KeyAttributeInput> {
    input.parse::<Token![=]>()?;
    if input.peek(LitStr) {
        return Ok(KeyAttributeInput {
            name: input.parse()?,
            kind: AttributeType::S,
        });
    }
    let form = "a key attribute is its name, `\"PK\"`, or `number(\"n\")`, `binary(\"b\")`";
    let word: Ident = input
        .parse()
        .map_err(|error| errors::attribute_at(error.span(), form))?;
    let kind = match word.to_string().as_str() {
        "number" => AttributeType::N,
        "binary" => AttributeType::B,
        _ => return Err(errors::attribute(&word, form)),
    };
    let inner;
    parenthesized!(inner in input);
    Ok(KeyAttributeInput {
        name: inner.parse()?,
        kind,
    })
}

fn tag(input: ParseStream<'_>) -> syn::Result<Tag> {
    input.parse::<Token![=]>()?;
    if input.peek(LitStr) {
        return Ok(Tag::Named(input.parse()?));
    }
    let word: Ident = input.parse()?;
    if word == "none" {
        Ok(Tag::None)
    } else {
        Err(unknown(&word, &["none"]))
    }
}

fn stream(input: ParseStream<'_>) -> syn::Result<StreamView> {
    let word: Ident = value(input)?;
    Ok(match word.to_string().as_str() {
        "new_and_old_images" => StreamView::NewAndOldImages,
        "new_image" => StreamView::NewImage,
        "old_image" => StreamView::OldImage,
        "keys_only" => StreamView::KeysOnly,
        _ => {
            return Err(unknown(
                &word,
                &["new_and_old_images", "new_image", "old_image", "keys_only"],
            ));
        }
    })
}

fn patterns(
    name: &Ident,
    input: ParseStream<'_>,
) -> syn::Result<Vec<(Option<Ident>, proc_macro2::Span)>> {
    if !input.peek(syn::token::Paren) {
        return Ok(vec![(None, name.span())]);
    }
    let inner;
    parenthesized!(inner in input);
    let groups = Punctuated::<Ident, Token![,]>::parse_terminated(&inner)?;
    Ok(groups
        .into_iter()
        .map(|group| (Some(group.clone()), group.span()))
        .collect())
}

fn index(input: ParseStream<'_>) -> syn::Result<IndexInput> {
    let inner;
    parenthesized!(inner in input);
    if inner.peek2(Token![=]) || !inner.peek(Ident::peek_any) {
        return Err(
            inner.error("KF0004: name the index first: `index(Gsi1, pk = \"..\", sk = \"..\")`")
        );
    }
    let mut index = IndexInput {
        ident: inner.parse()?,
        name: None,
        pk: None,
        sk: None,
        projection: ProjectionInput::All,
        local: false,
    };
    if !inner.is_empty() {
        inner.parse::<Token![,]>()?;
    }
    arguments(&inner, |name, input| {
        match name.to_string().as_str() {
            "name" => index.name = Some(value(input)?),
            "pk" => index.pk = Some(key_attribute(input)?),
            "sk" => index.sk = Some(key_attribute(input)?),
            "project" => index.projection = projection(input)?,
            "local" => index.local = true,
            _ => return Err(unknown(name, &["name", "pk", "sk", "project", "local"])),
        }
        Ok(())
    })?;
    Ok(index)
}

fn projection(input: ParseStream<'_>) -> syn::Result<ProjectionInput> {
    let word: Ident = value(input)?;
    Ok(match word.to_string().as_str() {
        "all" => ProjectionInput::All,
        "keys" => ProjectionInput::Keys,
        "include" => {
            let inner;
            parenthesized!(inner in input);
            let names = Punctuated::<LitStr, Token![,]>::parse_terminated(&inner)?;
            ProjectionInput::Include(names.into_iter().collect())
        }
        _ => return Err(unknown(&word, &["all", "keys", "include"])),
    })
}

impl Repository {
    /// The entity's last name.
    pub(crate) fn entity_name(&self) -> String {
        match &self.entity {
            Type::Path(path) => syntax::last_name(&path.path),
            _ => String::new(),
        }
    }
}
