//! Attributes of a document as structs.

use syn::{Data, DeriveInput, Fields, Ident, Path, Type, Visibility};

use crate::errors::Errors;
use crate::krate::Private;
use crate::serde_attributes;
use crate::syntax::name;
use crate::types::is_byte_list;

pub(crate) struct DocumentInput {
    pub(crate) private: Private,
    pub(crate) ident: Ident,
    pub(crate) vis: Visibility,
    pub(crate) fields: Vec<DocumentField>,
}

pub(crate) struct DocumentField {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    /// What serde stores it as.
    pub(crate) attribute: String,
    pub(crate) serialize_with: Option<Path>,
}

pub(crate) fn parse(input: &DeriveInput, errors: &mut Errors) -> Option<DocumentInput> {
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
            "a document is a struct with named fields; an enum is changed whole",
        );
        return None;
    };
    if !input.generics.params.is_empty() {
        errors.attribute(&input.generics, "a document has no generics");
        return None;
    }
    let container = serde_attributes::of_struct(&input.attrs, errors);
    let mut read = Vec::new();
    for field in &fields.named {
        let Some(ident) = field.ident.clone() else {
            continue;
        };
        let serde = serde_attributes::of_field(&field.attrs, errors);
        if serde.skip {
            continue;
        }
        if is_byte_list(&field.ty) && serde.serialize_with.is_none() {
            errors.attribute(
                &field.ty,
                "a `Vec<u8>` would be stored as a list of numbers: make it `keyfold::Bytes`, or say how it is written with `#[serde(with = \"..\")]`",
            );
        }
        let attribute = serde.rename.unwrap_or_else(|| {
            let name = name(&ident);
            container
                .rename_all
                .map_or(name.clone(), |case| case.of_field(&name))
        });
        read.push(DocumentField {
            ident,
            ty: field.ty.clone(),
            attribute,
            serialize_with: serde.serialize_with,
        });
    }
    Some(DocumentInput {
        private: Private::of(&input.attrs, errors),
        ident: input.ident.clone(),
        vis: input.vis.clone(),
        fields: read,
    })
}
