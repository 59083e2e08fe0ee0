//! The code of a document.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::ext::IdentExt;

use super::parse::DocumentInput;
use crate::entity::written_with;

pub(crate) fn expand(document: &DocumentInput) -> TokenStream {
    let DocumentInput {
        private: p,
        ident,
        vis,
        fields,
    } = document;
    let places = format_ident!("{}Places", ident.unraw());
    let doc = format!(" The fields of a [`{ident}`] within an `E`.");
    let declared = fields.iter().map(|field| {
        let (name, ty) = (&field.ident, &field.ty);
        let doc = format!(" `{}`", field.attribute);
        quote!(#[doc = #doc] pub #name: #p::Place<E, #ty>,)
    });
    let made = fields.iter().map(|field| {
        let (name, attribute) = (&field.ident, &field.attribute);
        if let Some(with) = &field.serialize_with {
            let write = written_with(p, with);
            quote!(#name: at.written_by(#attribute, #write),)
        } else {
            quote!(#name: at.field(#attribute),)
        }
    });
    quote! {
        #[doc = #doc]
        #[allow(clippy::struct_field_names, private_interfaces, dead_code)]
        #vis struct #places<E> { #(#declared)* }

        #[automatically_derived]
        impl #p::Document for #ident {
            type Places<E: #p::Entity> = #places<E>;

            fn places<E: #p::Entity>(at: &#p::Root) -> #places<E> {
                #places { #(#made)* }
            }
        }
    }
}
