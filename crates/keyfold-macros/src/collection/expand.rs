//! The code of a collection.

use keyfold_model::template::literal_hash;
use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Ident;
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
    let (members, designs) = (members(collection), designs(collection));
    let keyed = collection.index.as_ref().map_or_else(
        || quote!(#p::Entity),
        |index| {
            let hash = index_hash(index);
            quote_spanned!(index.span()=> #p::InIndex<#hash>)
        },
    );
    let on_index = collection.index.as_ref().map(|index| {
        let index = name(index);
        quote!(const INDEX: ::core::option::Option<&'static str> = ::core::option::Option::Some(#index);)
    });
    let on_table = collection
        .index
        .is_none()
        .then(|| quote!(#[automatically_derived] impl #p::OnTableCollection for #ident {}));
    let (items, made) = if collection.complete {
        let fields = fields(collection);
        (
            quote!(items),
            quote!(::core::result::Result::Ok(Self { #(#fields)* })),
        )
    } else {
        (quote!(_), quote!(::core::unreachable!()))
    };
    let (gathered, checks) = (gathered(collection), checks(collection));
    let scoped = collection.members.iter().map(|member| &member.entity);
    quote! {
        #[automatically_derived]
        impl #p::ItemCollection for #ident {
            type Of = #of;
            type Pk = <#of as #keyed>::Pk;

            #on_index
            const MEMBERS: &'static [#p::Member<'static>] = {
                const LISTS: &[&[#p::Member<'static>]] = &[#(#members),*];
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

        #gathered

        #[automatically_derived]
        impl<S> #p::InScope<S> for #ident
        where
            #(#scoped: #p::InScope<S>,)*
        {
        }

        #on_table
        #(#checks)*
    }
}

/// A list of what is read for each member, and what is skipped.
fn members(collection: &CollectionInput) -> Vec<TokenStream> {
    let p = &collection.private;
    let one = |entity: &dyn ToTokens, multiplicity: &str| {
        let member = member(p, &entity, multiplicity);
        quote!(&[#member])
    };
    let read = collection.members.iter().map(|own| {
        let entity = &own.entity;
        match own.count {
            Count::One => one(entity, "One"),
            Count::Optional => one(entity, "Optional"),
            Count::Many => quote_spanned!(entity.span()=> <#entity as #p::Gathered>::READ),
        }
    });
    let skipped = collection.skipped.iter();
    read.chain(skipped.map(|skipped| one(skipped, "Skipped")))
        .collect()
}

fn designs(collection: &CollectionInput) -> Vec<TokenStream> {
    let p = &collection.private;
    let designs = collection.members.iter().map(|own| {
        let entity = &own.entity;
        match own.count {
            Count::Many => quote!(<#entity as #p::Gathered>::DESIGNS),
            Count::One | Count::Optional => quote!(&[const { &<#entity as #p::Entity>::SPEC }]),
        }
    });
    designs.collect()
}

fn fields(collection: &CollectionInput) -> Vec<TokenStream> {
    let p = &collection.private;
    let fields = collection.members.iter().map(|member| {
        let (field, entity) = (&member.ident, &member.entity);
        match member.count {
            Count::One => quote!(#field: items.one::<#entity>()?,),
            Count::Optional => quote!(#field: items.optional::<#entity>()?,),
            Count::Many => quote!(#field: <#entity as #p::Gathered>::gather(items)?,),
        }
    });
    fields.collect()
}

/// What lets another collection hold many of this one.
fn gathered(collection: &CollectionInput) -> TokenStream {
    let CollectionInput {
        private: p,
        ident,
        of,
        ..
    } = collection;
    quote! {
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
    }
}

/// Members lie in one partition, so the parts of their partition keys are of the same types; and what is
/// nested lies under its parent.
fn checks(collection: &CollectionInput) -> Vec<TokenStream> {
    let CollectionInput {
        private: p,
        ident,
        of,
        ..
    } = collection;
    // `InIndex<1>` takes one argument more: `InIndex<1, Pk = ..>`.
    let same = if let Some(index) = &collection.index {
        let hash = index_hash(index);
        quote!(#p::InIndex<#hash, Pk = <#of as #p::InIndex<#hash>>::Pk>)
    } else {
        quote!(#p::Entity<Pk = <#of as #p::Entity>::Pk>)
    };
    let collection_name = name(ident);
    let checks = collection.members.iter().map(|own| {
        let (entity, span) = (&own.entity, own.entity.span());
        let spanned = p.spanned(span);
        // What has a key of its own in the partition: an entity, or the parent of a nested collection.
        let (head, nested) = match own.count {
            Count::One | Count::Optional => (quote!(#entity), None),
            Count::Many => (
                quote_spanned!(span=> <#entity as #p::Gathered>::Head),
                Some(quote_spanned! {span=>
                    const _: () = #spanned::assert_nested(
                        #collection_name,
                        <#ident as #p::ItemCollection>::INDEX,
                        <#entity as #p::Gathered>::ON,
                        const { &<<#entity as #p::Gathered>::Head as #p::Entity>::SPEC },
                        <#entity as #p::Gathered>::DESIGNS,
                    );
                }),
            ),
        };
        quote_spanned! {span=>
            const _: () = {
                const fn same_partition<E: #same>() {}
                same_partition::<#head>();
            };
            #nested
        }
    });
    checks.collect()
}

fn index_hash(index: &Ident) -> Literal {
    Literal::u32_suffixed(literal_hash(&name(index)))
}
