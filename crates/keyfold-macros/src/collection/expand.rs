//! The code of a collection.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::parse::{CollectionInput, Count};
use crate::patterns::member;

pub(crate) fn expand(collection: &CollectionInput) -> TokenStream {
    let CollectionInput {
        private: p,
        ident,
        of,
        ..
    } = collection;
    let members = collection.members.iter().map(|own| {
        let multiplicity = match own.count {
            Count::One => "One",
            Count::Optional => "Optional",
            Count::Many => "Many",
        };
        member(p, &own.entity, multiplicity)
    });
    let skipped = collection
        .skipped
        .iter()
        .map(|skipped| member(p, skipped, "Skipped"));
    let members = members.chain(skipped);
    let entities: Vec<_> = collection
        .members
        .iter()
        .map(|member| &member.entity)
        .collect();
    let fields = collection.members.iter().map(|member| {
        let (field, entity) = (&member.ident, &member.entity);
        let take = match member.count {
            Count::One => quote!(one),
            Count::Optional => quote!(optional),
            Count::Many => quote!(many),
        };
        quote!(#field: items.#take::<#entity>()?,)
    });
    // Members lie in one partition, so the parts of their partition keys are of the same types.
    let checks = entities.iter().map(|entity| {
        quote_spanned! {entity.span()=>
            const _: () = {
                const fn same_partition<E: #p::Entity<Pk = <#of as #p::Entity>::Pk>>() {}
                same_partition::<#entity>();
            };
        }
    });
    let (items, made) = if collection.complete {
        (
            quote!(items),
            quote!(::core::result::Result::Ok(Self { #(#fields)* })),
        )
    } else {
        (quote!(_), quote!(::core::unreachable!()))
    };
    quote! {
        #[automatically_derived]
        impl #p::ItemCollection for #ident {
            type Of = #of;

            const MEMBERS: &'static [#p::Member<'static>] = &[#(#members),*];

            fn specs() -> ::std::vec::Vec<&'static #p::EntityModel<'static>> {
                ::std::vec![#(<#entities as #p::Entity>::spec()),*]
            }

            fn assemble(#items: &mut #p::Sorted) -> ::core::result::Result<Self, #p::ItemError> {
                #made
            }
        }

        #[automatically_derived]
        impl<S> #p::InScope<S> for #ident
        where
            #(#entities: #p::InScope<S>,)*
        {
        }

        #(#checks)*
    }
}
