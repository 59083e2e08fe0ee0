//! A key part as it is declared.

use syn::{Data, DeriveInput, Fields, Ident, Index, LitStr, Member, Type};

use crate::errors::Errors;
use crate::krate::Private;
use crate::names::Case;
use crate::serde_attributes;
use crate::syntax::name;

pub(crate) struct PartInput {
    pub(crate) private: Private,
    pub(crate) ident: Ident,
    pub(crate) kind: KindInput,
}

pub(crate) enum KindInput {
    /// A struct around one value.
    Newtype { member: Member, ty: Box<Type> },
    /// Variants and the texts serde gives them.
    Enum(Vec<(Ident, String)>),
    /// `#[part("{region}-{ulid}")]`
    Joined {
        template: LitStr,
        fields: Vec<(Ident, Type)>,
    },
}

pub(crate) fn parse(input: &DeriveInput, errors: &mut Errors) -> Option<PartInput> {
    if !input.generics.params.is_empty() {
        errors.attribute(
            &input.generics,
            "a derived key part has no generics; implement `KeyPart` by hand",
        );
        return None;
    }
    let mut template = None;
    let mut has_template = false;
    for attribute in input
        .attrs
        .iter()
        .filter(|attribute| attribute.path().is_ident("part"))
    {
        has_template = true;
        template = errors.keep(attribute.parse_args::<LitStr>());
    }
    let kind = match &input.data {
        Data::Struct(data) if has_template => {
            let Fields::Named(fields) = &data.fields else {
                errors.attribute(
                    &input.ident,
                    "`#[part(\"{a}-{b}\")]` names fields: give them names",
                );
                return None;
            };
            let fields = fields
                .named
                .iter()
                .filter_map(|field| Some((field.ident.clone()?, field.ty.clone())));
            KindInput::Joined {
                template: template?,
                fields: fields.collect(),
            }
        }
        Data::Struct(data) => {
            let mut fields = data.fields.iter();
            let (Some(field), None) = (fields.next(), fields.next()) else {
                errors.attribute(
                    &input.ident,
                    "a key part is a newtype of one value; join several with `#[part(\"{a}-{b}\")]`, whose glue is part of the key",
                );
                return None;
            };
            let member = field
                .ident
                .clone()
                .map_or_else(|| Member::Unnamed(Index::from(0)), Member::Named);
            KindInput::Newtype {
                member,
                ty: Box::new(field.ty.clone()),
            }
        }
        Data::Enum(data) => KindInput::Enum(variants(data, input, errors)?),
        Data::Union(_) => {
            errors.attribute(&input.ident, "a union has no text");
            return None;
        }
    };
    Some(PartInput {
        private: Private::of(&input.attrs, errors),
        ident: input.ident.clone(),
        kind,
    })
}

fn variants(
    data: &syn::DataEnum,
    input: &DeriveInput,
    errors: &mut Errors,
) -> Option<Vec<(Ident, String)>> {
    let container = serde_attributes::of_enum(&input.attrs, errors);
    let mut variants = Vec::new();
    let mut complete = true;
    for variant in &data.variants {
        if !matches!(variant.fields, Fields::Unit) {
            errors.attribute(
                variant,
                "a variant that carries data has no one text; a key takes an enum of plain variants, or a part of its own for the data",
            );
            complete = false;
        }
        let plain = name(&variant.ident);
        let text = serde_attributes::of_variant(&variant.attrs, errors).unwrap_or_else(|| {
            container
                .rename_all
                .map_or_else(|| plain.clone(), |case: Case| case.of_variant(&plain))
        });
        variants.push((variant.ident.clone(), text));
    }
    if variants.is_empty() {
        errors.attribute(&input.ident, "an enum without variants has no text");
        complete = false;
    }
    complete.then_some(variants)
}
