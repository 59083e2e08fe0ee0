//! The code of a block: a body for each signature, the patterns as a constant, a check for each.

use keyfold_model::RangeUse;
use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{GenericArgument, Ident, PathArguments, Type, parse_quote};

use super::parse::{Argument, Block, Gives, Pattern};
use crate::krate::Private;
use crate::syntax::name;
use crate::table::group_hash;

pub(crate) fn expand(block: &Block) -> TokenStream {
    let Block {
        private: p,
        table,
        attributes,
        others,
        ..
    } = block;
    let hash = group_hash(block.group.as_ref());
    let generics = block
        .scope
        .as_ref()
        .map(|scope| quote!(<#scope: #p::Scope>));
    let whole = concrete(block);
    let functions = block
        .patterns
        .iter()
        .enumerate()
        .map(|(at, pattern)| function(block, at, pattern));
    let models = block
        .patterns
        .iter()
        .map(|pattern| model(&Private::short(), pattern));
    let checks = block
        .patterns
        .iter()
        .enumerate()
        .map(|(at, pattern)| check(block, at, pattern));
    let listed = quote_spanned! {table.span()=>
        const _: () = {
            const fn listed<T: #p::ListsPatterns<#hash>>() {}
            listed::<#whole>();
        };
    };
    quote! {
        #(#attributes)*
        impl #generics #table {
            #(#functions)*
            #(#others)*
        }

        #[automatically_derived]
        impl #generics #p::PatternGroup<#hash> for #table {
            const PATTERNS: &'static [#p::PatternModel<'static>] = {
                use #p as __k;
                &[#(#models),*]
            };
        }

        #listed
        #(#checks)*
    }
}

fn function(block: &Block, at: usize, pattern: &Pattern) -> TokenStream {
    let p = &block.private;
    let Pattern {
        attributes,
        vis,
        ident,
        ..
    } = pattern;
    let arguments = pattern.arguments.iter().map(|argument| {
        let Argument { ident, ty, .. } = argument;
        quote!(#ident: #ty)
    });
    let model = {
        let (hash, at) = (
            group_hash(block.group.as_ref()),
            Literal::usize_unsuffixed(at),
        );
        quote!(&<Self as #p::PatternGroup<#hash>>::PATTERNS[#at])
    };
    let (gives, body) = match &pattern.gives {
        Gives::Pages { .. } => {
            let place = if pattern.query.index.is_some() {
                quote!(OnIndex)
            } else {
                quote!(OnTable)
            };
            let asked = pattern
                .arguments
                .iter()
                .map(|argument| asked(block, pattern, argument));
            // As it is written, so that its import is used.
            let mut gives = pattern.gives.written().clone();
            with_argument(&mut gives, parse_quote!(#p::#place));
            (
                quote!(#gives),
                quote!(#p::Pages::new(#p::Table::core(self), #model, &[#(#asked),*])),
            )
        }
        Gives::Collect { .. } => {
            let parts = pattern.arguments.iter().map(|argument| {
                let value = by_reference(argument);
                if argument.is_str() {
                    quote!(#p::PartRef::Text(#value))
                } else {
                    quote_spanned!(argument.ident.span()=> #p::part(#value))
                }
            });
            let (typed, gives) = (typed(block, pattern), pattern.gives.written());
            let new = quote_spanned!(pattern.gives.ty().span()=> <#gives>::new);
            (
                quote!(#gives),
                quote! {
                    #typed
                    #new(#p::Table::core(self), #model, &[#(#parts),*])
                },
            )
        }
    };
    let id = id(pattern);
    let place = pattern.query.index.as_ref().map_or_else(
        || "the table".to_owned(),
        |index| format!("index `{index}`"),
    );
    let order = if pattern.query.newest_first.is_some() {
        ", newest first"
    } else {
        ""
    };
    let doc = format!(" Access pattern `{id}`: one query of {place}{order}.");
    let bound = block.scope.as_ref().map(|scope| {
        let ty = pattern.gives.ty();
        quote!(where #ty: #p::InScope<#scope>)
    });
    quote! {
        #(#attributes)*
        #[doc = ""]
        #[doc = #doc]
        #vis fn #ident(&self, #(#arguments),*) -> #gives #bound {
            #body
        }
    }
}

/// `Pages<Product>` → `Pages<Product, OnTable>`
fn with_argument(ty: &mut Type, argument: GenericArgument) {
    if let Type::Path(path) = ty
        && let Some(last) = path.path.segments.last_mut()
        && let PathArguments::AngleBracketed(list) = &mut last.arguments
    {
        list.args.push(argument);
    }
}

/// `Product::fields().brand.same(brand)`: a name that is no field, or a value of another type, is
/// an error at the argument.
fn asked(block: &Block, pattern: &Pattern, argument: &Argument) -> TokenStream {
    let (p, entity) = (&block.private, pattern.gives.ty());
    let field = &argument.ident;
    let method = Ident::new(
        match argument.range {
            RangeUse::Equal => "same",
            RangeUse::From => "from",
            RangeUse::To => "to",
            RangeUse::Between => "between",
            RangeUse::Begins => "begins",
        },
        field.span(),
    );
    let value = by_reference(argument);
    quote_spanned!(field.span()=> <#entity as #p::Entity>::fields().#field.#method(#value))
}

fn by_reference(argument: &Argument) -> TokenStream {
    let ident = &argument.ident;
    if argument.is_reference() {
        quote!(#ident)
    } else {
        quote_spanned!(ident.span()=> &#ident)
    }
}

/// The arguments as the partition key's types, never called: a wrong one is an E0308 at it.
fn typed(block: &Block, pattern: &Pattern) -> TokenStream {
    let (p, collection) = (&block.private, pattern.gives.ty());
    let values = pattern.arguments.iter().map(|argument| {
        let (ident, value) = (&argument.ident, by_reference(argument));
        if argument.is_str() {
            quote_spanned!(ident.span()=> ::std::string::String::from(#value))
        } else {
            quote_spanned!(ident.span()=> ::core::clone::Clone::clone(#value))
        }
    });
    let tuple = quote_spanned!(pattern.ident.span()=> (#(#values,)*));
    quote! {
        let _ = || -> <#collection as #p::ItemCollection>::Pk { #tuple };
    }
}

fn model(p: &Private, pattern: &Pattern) -> TokenStream {
    let (id, doc, gives) = (id(pattern), &pattern.doc, pattern.gives.name());
    let (kind, members) = match &pattern.gives {
        Gives::Pages { entity, .. } => {
            let skipped = pattern
                .skipped
                .iter()
                .map(|skipped| member(p, skipped, "Skipped"));
            let own = member(p, entity, "Many");
            (quote!(Pages), quote!(const { &[#own, #(#skipped),*] }))
        }
        Gives::Collect { collection, .. } => (
            quote!(Collect),
            quote!(<#collection as #p::ItemCollection>::MEMBERS),
        ),
    };
    let index = match &pattern.gives {
        Gives::Collect { collection, .. } => quote!(#p::index_of::<#collection>()),
        Gives::Pages { .. } => option(pattern.query.index.as_ref().map(|index| {
            let index = name(index);
            quote!(#p::Cow::Borrowed(#index))
        })),
    };
    let arguments = pattern.arguments.iter().map(|argument| {
        let (field, range) = (argument.field(), format_ident!("{}", format!("{:?}", argument.range)));
        quote!(#p::PatternArgument { field: #p::Cow::Borrowed(#field), range: #p::RangeUse::#range })
    });
    let newest_first = pattern.query.newest_first.is_some();
    let page = option(pattern.query.page.as_ref().map(|page| quote!(#page)));
    let max_items = option(pattern.query.max_items.as_ref().map(|items| quote!(#items)));
    quote! {
        #p::PatternModel {
            id: #p::Cow::Borrowed(#id),
            doc: #p::Cow::Borrowed(#doc),
            kind: #p::PatternKind::#kind,
            gives: #p::Cow::Borrowed(#gives),
            members: #p::Cow::Borrowed(#members),
            index: #index,
            arguments: #p::Cow::Borrowed(const { &[#(#arguments),*] }),
            newest_first: #newest_first,
            page: #page,
            max_items: #max_items,
        }
    }
}

/// A member, by the name its design has.
pub(crate) fn member(
    p: &Private,
    entity: &impl quote::ToTokens,
    multiplicity: &str,
) -> TokenStream {
    let multiplicity = format_ident!("{multiplicity}");
    quote! {
        #p::Member {
            entity: #p::Cow::Borrowed(#p::EntityModel::static_name(const { &<#entity as #p::Entity>::SPEC })),
            multiplicity: #p::Multiplicity::#multiplicity,
        }
    }
}

/// The check of the pattern against the table, and of its entities being the table's.
fn check(block: &Block, at: usize, pattern: &Pattern) -> TokenStream {
    let p = &block.private;
    let table = concrete(block);
    let (hash, at) = (
        group_hash(block.group.as_ref()),
        Literal::usize_unsuffixed(at),
    );
    let spanned = p.spanned(pattern.ident.span());
    let check = quote_spanned! {pattern.ident.span()=>
        const _: () = #spanned::check::assert_pattern(
            const { &<#table as #p::Table>::MODEL },
            &<#table as #p::PatternGroup<#hash>>::PATTERNS[#at],
        );
    };
    let mut entities: Vec<&dyn quote::ToTokens> = Vec::new();
    if let Gives::Pages { entity, .. } = &pattern.gives {
        entities.push(entity);
    }
    entities.extend(
        pattern
            .skipped
            .iter()
            .map(|skipped| skipped as &dyn quote::ToTokens),
    );
    let ours = entities.into_iter().map(|entity| {
        quote_spanned! {entity.span()=>
            const _: () = {
                const fn in_table<E: #p::EntityOf<#table>>() {}
                in_table::<#entity>();
            };
        }
    });
    // With a parameter, the function itself says what scope it needs.
    let in_scope = block.scope.is_none().then(|| {
        let ty = pattern.gives.ty();
        quote_spanned! {ty.span()=>
            const _: () = {
                const fn in_scope<E: #p::InScope<<#table as #p::Table>::Scope>>() {}
                in_scope::<#ty>();
            };
        }
    });
    quote!(#check #(#ours)* #in_scope)
}

/// The table's type where nothing is left open.
fn concrete(block: &Block) -> Type {
    let p = &block.private;
    let mut table = block.table.clone();
    if block.scope.is_some()
        && let Type::Path(path) = &mut table
        && let Some(last) = path.path.segments.last_mut()
    {
        last.arguments = PathArguments::AngleBracketed(parse_quote!(<#p::NoScope>));
    }
    table
}

/// `products-by-brand`
fn id(pattern: &Pattern) -> String {
    name(&pattern.ident).replace('_', "-")
}

fn option(tokens: Option<TokenStream>) -> TokenStream {
    tokens.map_or_else(
        || quote!(::core::option::Option::None),
        |tokens| quote!(::core::option::Option::Some(#tokens)),
    )
}
