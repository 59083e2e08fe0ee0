//! What `#[serde(..)]` says about stored names and absent attributes.

use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, Lit, LitStr, Meta, Path, Token};

use crate::errors::Errors;
use crate::names::Case;

/// Of a struct or enum.
#[derive(Default)]
pub(crate) struct SerdeContainer {
    pub(crate) rename_all: Option<Case>,
    pub(crate) default: bool,
}

/// Of a field or variant.
#[derive(Default)]
pub(crate) struct SerdeField {
    pub(crate) rename: Option<String>,
    pub(crate) skip: bool,
    pub(crate) default: bool,
    /// The function that writes it.
    pub(crate) serialize_with: Option<Path>,
    /// `skip_serializing_if = "Option::is_none"`: no value is no attribute.
    pub(crate) omit_none: bool,
}

/// Reads the attributes of a struct that is stored as an item.
pub(crate) fn of_struct(attributes: &[Attribute], errors: &mut Errors) -> SerdeContainer {
    let mut found = SerdeContainer::default();
    for meta in metas(attributes) {
        let Some(name) = meta.path().get_ident().map(ToString::to_string) else {
            continue;
        };
        match name.as_str() {
            "rename_all" => found.rename_all = case(&meta, errors).or(found.rename_all),
            "default" => found.default = true,
            "deny_unknown_fields" => errors.attribute(
                &meta,
                "`deny_unknown_fields` would refuse every item: it also holds the key attributes",
            ),
            "transparent" | "from" | "try_from" | "into" | "tag" | "untagged" | "remote" => errors.attribute(
                &meta,
                format!("`{name}` changes which attributes an item has, and conditions, projections and docs would be wrong; keep the entity a plain struct"),
            ),
            // `bound`, `crate`, `expecting`, `rename` change no attribute; the rest serde refuses itself.
            _ => {}
        }
    }
    found
}

/// Reads the attributes of an enum whose variants are key texts.
pub(crate) fn of_enum(attributes: &[Attribute], errors: &mut Errors) -> SerdeContainer {
    let mut found = SerdeContainer::default();
    for meta in metas(attributes).filter(|meta| meta.path().is_ident("rename_all")) {
        found.rename_all = case(&meta, errors).or(found.rename_all);
    }
    found
}

/// Reads the attributes of a field.
pub(crate) fn of_field(attributes: &[Attribute], errors: &mut Errors) -> SerdeField {
    let mut found = SerdeField::default();
    for meta in metas(attributes) {
        let Some(name) = meta.path().get_ident().map(ToString::to_string) else {
            continue;
        };
        match name.as_str() {
            "rename" => found.rename = text(&meta, errors).map(|text| text.value()),
            "skip" => found.skip = true,
            "default" => found.default = true,
            "serialize_with" => found.serialize_with = path(&meta, errors),
            "with" => {
                found.serialize_with = path(&meta, errors).map(|mut path| {
                    path.segments.push(syn::parse_quote!(serialize));
                    path
                });
            }
            "skip_serializing_if" => {
                let Some(predicate) = text(&meta, errors) else { continue };
                if predicate.value().replace(' ', "").ends_with("Option::is_none") {
                    found.omit_none = true;
                } else if !has_default(attributes) {
                    errors.attribute(
                        &meta,
                        "a field that is left out when it is written must be readable when it is absent: add `default`",
                    );
                }
            }
            "flatten" => errors.attribute(
                &meta,
                "`flatten` changes which attributes the item has, so that conditions, projections and docs would be wrong; \
                 write the fields out, or store the value as one attribute",
            ),
            "skip_serializing" | "skip_deserializing" => errors.attribute(
                &meta,
                format!("`{name}` makes what is read differ from what is written; use `skip`, or a struct of its own"),
            ),
            _ => {}
        }
    }
    found
}

/// Reads the name of a variant.
pub(crate) fn of_variant(attributes: &[Attribute], errors: &mut Errors) -> Option<String> {
    metas(attributes)
        .filter(|meta| meta.path().is_ident("rename"))
        .find_map(|meta| text(&meta, errors))
        .map(|text| text.value())
}

fn has_default(attributes: &[Attribute]) -> bool {
    metas(attributes).any(|meta| meta.path().is_ident("default"))
}

// What serde cannot read either, it reports itself.
fn metas(attributes: &[Attribute]) -> impl Iterator<Item = Meta> {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("serde"))
        .filter_map(|attribute| {
            attribute
                .parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)
                .ok()
        })
        .flatten()
}

fn case(meta: &Meta, errors: &mut Errors) -> Option<Case> {
    Case::parse(&text(meta, errors)?.value())
}

fn path(meta: &Meta, errors: &mut Errors) -> Option<Path> {
    let path = text(meta, errors)?.parse();
    errors.keep(path)
}

fn text(meta: &Meta, errors: &mut Errors) -> Option<LitStr> {
    match meta {
        Meta::NameValue(meta) => match &meta.value {
            Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            }) => Some(text.clone()),
            _ => None,
        },
        Meta::List(list) => {
            errors.attribute(
                list,
                "an attribute has one name, in what is written and in what is read",
            );
            None
        }
        Meta::Path(_) => None,
    }
}
