//! Attributes of a view as structs.

use syn::{Data, DeriveInput, Fields, Ident, Path, Type};

use crate::errors::Errors;
use crate::krate::Private;
use crate::serde_attributes;
use crate::syntax::name;

pub(crate) struct ViewInput {
    pub(crate) private: Private,
    pub(crate) ident: Ident,
    pub(crate) of: Path,
    pub(crate) fields: Vec<ViewField>,
}

pub(crate) struct ViewField {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    /// What serde reads it from.
    pub(crate) attribute: String,
}

pub(crate) fn parse(input: &DeriveInput, errors: &mut Errors) -> Option<ViewInput> {
    let fields = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) if !fields.named.is_empty() => Some(fields),
            _ => None,
        },
        _ => None,
    };
    let Some(fields) = fields else {
        errors.attribute(
            &input.ident,
            "a view is a struct of some of its entity's fields, by their names",
        );
        return None;
    };
    if !input.generics.params.is_empty() {
        errors.attribute(&input.generics, "a view has no generics");
        return None;
    }
    let private = Private::of(&input.attrs, errors);
    let mut of = None;
    let mut has_view = false;
    for attribute in &input.attrs {
        if attribute.path().is_ident("view") {
            has_view = true;
            of = errors
                .keep(attribute.parse_args_with(Path::parse_mod_style))
                .or(of);
        }
    }
    if !has_view {
        errors.attribute(
            &input.ident,
            "a view says of what: add `#[view(Entity)]` below the derive",
        );
    }
    let container = serde_attributes::of_struct(&input.attrs, errors);
    let fields = fields
        .named
        .iter()
        .filter_map(|field| {
            let ident = field.ident.clone()?;
            let serde = serde_attributes::of_field(&field.attrs, errors);
            if serde.skip {
                return None;
            }
            let attribute = serde.rename.unwrap_or_else(|| {
                let name = name(&ident);
                container
                    .rename_all
                    .map_or(name.clone(), |case| case.of_field(&name))
            });
            Some(ViewField {
                ident,
                ty: field.ty.clone(),
                attribute,
            })
        })
        .collect();
    Some(ViewInput {
        private,
        ident: input.ident.clone(),
        of: of?,
        fields,
    })
}
