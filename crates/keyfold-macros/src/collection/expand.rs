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
    let read = collection.members.iter().map(|own| match own.count {
        Count::One => {
            let member = member(p, &own.entity, "One");
            quote!(&[#member])
        }
        Count::Optional => {
            let member = member(p, &own.entity, "Optional");
            quote!(&[#member])
        }
        Count::Many => {
            let entity = &own.entity;
            quote_spanned!(entity.span()=> <#entity as #p::Gathered>::READ)
        }
    });
    let skipped = collection.skipped.iter().map(|skipped| {
        let member = member(p, skipped, "Skipped");
        quote!(&[#member])
    });
    let read = read.chain(skipped);
    let designs = collection.members.iter().map(|own| {
        let entity = &own.entity;
        match own.count {
            Count::Many => quote!(<#entity as #p::Gathered>::DESIGNS),
            Count::One | Count::Optional => quote!(&[const { &<#entity as #p::Entity>::SPEC }]),
        }
    });
    // What has a key of its own in the partition: an entity, or the parent of a nested collection.
    let entities: Vec<_> = collection
        .members
        .iter()
        .map(|own| {
            let entity = &own.entity;
            let span = entity.span();
            let head = match own.count {
                Count::Many => quote_spanned!(span=> <#entity as #p::Gathered>::Head),
                Count::One | Count::Optional => quote!(#entity),
            };
            (span, head)
        })
        .collect();
    let collection_name = name(ident);
    let nested = collection
        .members
        .iter()
        .filter(|own| own.count == Count::Many);
    let nested = nested.map(|own| {
        let (entity, span) = (&own.entity, own.entity.span());
        let p = p.spanned(span);
        quote_spanned! {span=>
            const _: () = #p::assert_nested(
                #collection_name,
                <#ident as #p::ItemCollection>::INDEX,
                <#entity as #p::Gathered>::ON,
                const { &<<#entity as #p::Gathered>::Head as #p::Entity>::SPEC },
                <#entity as #p::Gathered>::DESIGNS,
            );
        }
    });
    let fields = collection.members.iter().map(|member| {
        let (field, entity) = (&member.ident, &member.entity);
        match member.count {
            Count::One => quote!(#field: items.one::<#entity>()?,),
            Count::Optional => quote!(#field: items.optional::<#entity>()?,),
            Count::Many => quote!(#field: <#entity as #p::Gathered>::gather(items)?,),
        }
    });
    // Members lie in one partition, so the parts of their partition keys are of the same types.
    let in_index = collection.index.as_ref().map(|index| {
        let hash = Literal::u32_suffixed(literal_hash(&name(index)));
        quote_spanned!(index.span()=> #p::InIndex<#hash>)
    });
    let keyed = in_index.clone().unwrap_or_else(|| quote!(#p::Entity));
    let checks = entities.iter().map(|(span, entity)| {
        // `InIndex<1>` takes one argument more: `InIndex<1, Pk = ..>`.
        let same = if let Some(index) = &collection.index {
            let hash = Literal::u32_suffixed(literal_hash(&name(index)));
            quote!(#p::InIndex<#hash, Pk = <#of as #p::InIndex<#hash>>::Pk>)
        } else {
            quote!(#p::Entity<Pk = <#of as #p::Entity>::Pk>)
        };
        quote_spanned! {*span=>
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
            const MEMBERS: &'static [#p::Member<'static>] = {
                const LISTS: &[&[#p::Member<'static>]] = &[#(#read),*];
                &#p::join_members::<{ #p::count_all(LISTS) }>(LISTS)
            };
            const DESIGNS: &'static [&'static #p::EntityModel<'static>] = {
                const LISTS: &[&[&#p::EntityModel<'static>]] = &[#(#designs),*];
                &#p::join_designs::<{ #p::count_all(LISTS) }>(LISTS, const { &<#of as #p::Entity>::SPEC })
            };

            fn assemble(#items: &mut #p::Sorted) -> ::core::result::Result<Self, #p::ItemError> {
                #made
            }
        }

        #[automatically_derived]
        impl #p::Gathered for #ident {
            type Head = #of;

            const READ: &'static [#p::Member<'static>] = {
                const OWN: &[#p::Member<'static>] = <#ident as #p::ItemCollection>::MEMBERS;
                &#p::many_members::<{ OWN.len() }>(OWN)
            };
            const ON: ::core::option::Option<::core::option::Option<&'static str>> =
                ::core::option::Option::Some(<#ident as #p::ItemCollection>::INDEX);
            const DESIGNS: &'static [&'static #p::EntityModel<'static>] =
                <#ident as #p::ItemCollection>::DESIGNS;

            fn gather(
                items: &mut #p::Sorted,
            ) -> ::core::result::Result<::std::vec::Vec<Self>, #p::ItemError> {
                items.groups()
            }
        }

        #on_table
        #(#checks)*
        #(#nested)*
    }
}
