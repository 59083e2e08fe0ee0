//! Attributes of an item collection as structs.

use syn::parse::ParseStream;
use syn::{Data, DeriveInput, Fields, Ident, Path, Token, Type};

use crate::errors::{Errors, unknown};
use crate::krate::Private;
use crate::syntax::{arguments, path_list, value};
use crate::types::{Container, argument, container};

pub(crate) struct CollectionInput {
    pub(crate) private: Private,
    pub(crate) ident: Ident,
    pub(crate) of: Path,
    /// The index it is read from, if not the table.
    pub(crate) index: Option<Ident>,
    pub(crate) skipped: Vec<Path>,
    pub(crate) members: Vec<MemberInput>,
    /// Whether every field is a member.
    pub(crate) complete: bool,
}

pub(crate) struct MemberInput {
    pub(crate) ident: Ident,
    pub(crate) entity: Type,
    pub(crate) count: Count,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Count {
    One,
    Optional,
    Many,
}

pub(crate) fn parse(input: &DeriveInput, errors: &mut Errors) -> Option<CollectionInput> {
    let fields = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => Some(fields),
            _ => None,
        },
        _ => None,
    };
    let Some(fields) = fields else {
        errors.attribute(
            &input.ident,
            "a collection is a struct with a named field for each member",
        );
        return None;
    };
    if !input.generics.params.is_empty() {
        errors.attribute(&input.generics, "a collection has no generics");
        return None;
    }
    let private = Private::of(&input.attrs, errors);
    let (mut of, mut index, mut skipped) = (None, None, Vec::new());
    let mut has_collection = false;
    for attribute in &input.attrs {
        if attribute.path().is_ident("collection") {
            has_collection = true;
            if let Some((entity, on)) = errors.keep(attribute.parse_args_with(parse_collection)) {
                of = Some(entity);
                index = on;
            }
        } else if attribute.path().is_ident("skip") {
            skipped.extend(errors.keep(path_list(attribute)).unwrap_or_default());
        }
    }
    if !has_collection {
        errors.attribute(
            &input.ident,
            "a collection says whose partition it is: add `#[collection(Entity)]` below the derive",
        );
    }
    let members: Vec<_> = fields
        .named
        .iter()
        .filter_map(|field| parse_member(field, errors))
        .collect();
    let complete = members.len() == fields.named.len();
    Some(CollectionInput {
        private,
        ident: input.ident.clone(),
        of: of?,
        index,
        skipped,
        members,
        complete,
    })
}

/// `Entity`, or `Entity, index = Gsi1`
fn parse_collection(input: ParseStream<'_>) -> syn::Result<(Path, Option<Ident>)> {
    let entity = input.call(Path::parse_mod_style)?;
    let mut index = None;
    if !input.is_empty() {
        input.parse::<Token![,]>()?;
        arguments(input, |name, input| {
            if name != "index" {
                return Err(unknown(name, &["index"]));
            }
            index = Some(value(input)?);
            Ok(())
        })?;
    }
    Ok((entity, index))
}

fn parse_member(field: &syn::Field, errors: &mut Errors) -> Option<MemberInput> {
    let has = |name: &str| {
        field
            .attrs
            .iter()
            .any(|attribute| attribute.path().is_ident(name))
    };
    let ident = field.ident.clone()?;
    let (entity, count) = match (has("one"), has("many"), container(&field.ty)) {
        (true, false, Container::Option) => (argument(&field.ty)?.clone(), Count::Optional),
        (true, false, Container::Other) => (field.ty.clone(), Count::One),
        (false, true, Container::List) => (argument(&field.ty)?.clone(), Count::Many),
        (true, false, _) => {
            errors.attribute(
                &field.ty,
                "`#[one]` is an entity, or `Option` of one that may be missing",
            );
            return None;
        }
        (false, true, _) => {
            errors.attribute(&field.ty, "`#[many]` is a `Vec` of one entity");
            return None;
        }
        _ => {
            errors.attribute(&ident, "say how many there are: `#[one]` or `#[many]`");
            return None;
        }
    };
    Some(MemberInput {
        ident,
        entity,
        count,
    })
}
