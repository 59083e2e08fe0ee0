//! The code of a collection.

use keyfold_model::template::literal_hash;
use proc_macro2::{Literal, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::parse::{CollectionInput, Count};
use crate::patterns::member;
use crate::syntax::name;

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
    let in_index = collection.index.as_ref().map(|index| {
        let hash = Literal::u32_suffixed(literal_hash(&name(index)));
        quote_spanned!(index.span()=> #p::InIndex<#hash>)
    });
    let keyed = in_index.clone().unwrap_or_else(|| quote!(#p::Entity));
    let checks = entities.iter().map(|entity| {
        // `InIndex<1>` takes one argument more: `InIndex<1, Pk = ..>`.
        let same = if let Some(index) = &collection.index {
            let hash = Literal::u32_suffixed(literal_hash(&name(index)));
            quote!(#p::InIndex<#hash, Pk = <#of as #p::InIndex<#hash>>::Pk>)
        } else {
            quote!(#p::Entity<Pk = <#of as #p::Entity>::Pk>)
        };
        quote_spanned! {entity.span()=>
            const _: () = {
                const fn same_partition<E: #same>() {}
                same_partition::<#entity>();
            };
        }
    });
    let on_index = collection.index.as_ref().map(|index| {
        let index = name(index);
        quote!(const INDEX: ::core::option::Option<&'static str> = ::core::option::Option::Some(#index);)
    });
    let on_table = collection
        .index
        .is_none()
        .then(|| quote!(#[automatically_derived] impl #p::OnTableCollection for #ident {}));
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
            type Pk = <#of as #keyed>::Pk;

            #on_index
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

        #on_table
        #(#checks)*
    }
}
