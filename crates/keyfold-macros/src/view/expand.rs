//! The code of a view.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;

use super::parse::ViewInput;
use crate::syntax::name;

pub(crate) fn expand(view: &ViewInput) -> TokenStream {
    let ViewInput {
        private: p,
        ident,
        of,
        fields,
    } = view;
    let names: Vec<String> = fields.iter().map(|field| name(&field.ident)).collect();
    let attributes = fields.iter().map(|field| &field.attribute);
    // The entity has the field, and it is of this type.
    let same_types = fields.iter().map(|field| {
        let (field, ty) = (&field.ident, &field.ty);
        quote_spanned! {ty.span()=>
            let _: #p::Field<#of, #ty> = <#of as #p::Entity>::fields().#field;
        }
    });
    let view_name = name(ident);
    quote! {
        #[automatically_derived]
        impl #p::View for #ident {
            type Of = #of;

            const FIELDS: &'static [&'static str] = &[#(#names),*];
        }

        #[automatically_derived]
        impl #p::Readable for #ident {
            type Of = #of;

            const FIELDS: ::core::option::Option<&'static [&'static str]> =
                ::core::option::Option::Some(<Self as #p::View>::FIELDS);

            fn read(
                item: #p::Item,
                table: &#p::TableModel<'static>,
            ) -> ::core::result::Result<Self, #p::ItemError> {
                #p::read_view(item, table)
            }
        }

        const _: fn() = || {
            #(#same_types)*
        };

        const _: () = {
            const SPEC: &#p::EntityModel<'static> = &<#of as #p::Entity>::SPEC;
            #p::assert_view(#view_name, SPEC, &[#((#names, #attributes)),*]);
        };
    }
}
