//! The code of a table: its design as a constant, its repositories, its changes, and one check for
//! each entity.

use keyfold_model::{AttributeType, StreamView};
use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens as _, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Ident, Type};

use super::parse::{IndexInput, KeyAttributeInput, ProjectionInput, TableInput, Tag};
use super::scopes;
use crate::krate::Private;

/// Of a table with mistakes only so much that what uses it still has its types.
pub(crate) fn expand(table: &TableInput, sound: bool) -> TokenStream {
    let TableInput { private: p, .. } = table;
    let model = model(table, &Private::short(), sound);
    let (generics, this) = (generics(table), this(table));
    let whole = concrete(table);
    let implementation = implementation(table, &model, sound);
    let mut listed = Vec::new();
    let mut is_new = |name: String| {
        let new = !listed.contains(&name);
        listed.push(name);
        new
    };
    let entities = table
        .repositories
        .iter()
        .filter(|repository| is_new(repository.entity_name()))
        .map(|repository| {
            let entity = &repository.entity;
            quote! {
                #[automatically_derived]
                impl #generics #p::EntityOf<#this> for #entity {}
            }
        });
    let lists = table.attributes.patterns.iter().map(|(group, span)| {
        let hash = group_hash(group.as_ref());
        // A block that does not exist is reported where it is listed.
        quote_spanned! {*span=>
            #[automatically_derived]
            impl #generics #p::ListsPatterns<#hash> for #this {}
        }
    });
    // One check for each entity, so that each mistake is reported where it is and all at once.
    let checks = table.repositories.iter().enumerate().filter(|_| sound).map(|(at, repository)| {
        let (at, span) = (Literal::usize_unsuffixed(at), repository.ty.span());
        let p = p.spanned(span);
        quote_spanned! {span=>
            const _: () = #p::check::assert_entity(const { &<#whole as #p::Table>::MODEL }, #at);
        }
    });
    let entities: Vec<_> = entities.collect();
    let changes = changes(table, sound);
    let handles = scopes::handles(table);
    quote! {
        #implementation
        #changes
        #handles
        #(#entities)*
        #(#lists)*
        #(#checks)*
    }
}

fn implementation(table: &TableInput, model: &TokenStream, sound: bool) -> TokenStream {
    let p = &table.private;
    let (generics, this) = (generics(table), this(table));
    let scope = table
        .scope
        .as_ref()
        .map_or_else(|| quote!(#p::NoScope), |scope| quote!(#scope));
    let repositories = table.repositories.iter().map(|repository| {
        let field = &repository.ident;
        quote!(#field: #p::Repo::new(#p::Arc::clone(&core)),)
    });
    let (make, core) = match table.repositories.first().filter(|_| sound) {
        Some(first) => {
            let field = &first.ident;
            (
                quote!(Self { #(#repositories)* }),
                quote!(self.#field.core()),
            )
        }
        None => (
            quote!(::core::unreachable!()),
            quote!(::core::unreachable!()),
        ),
    };
    // In the order of the model's entities.
    let repositories_in_order = table.repositories.iter().enumerate().filter(|_| sound);
    let kept = repositories_in_order.map(|(at, repository)| {
        let (at, entity) = (Literal::usize_unsuffixed(at), &repository.entity);
        quote!(#at => #p::kept_of::<#entity>(item, core),)
    });
    let change = if table.attributes.stream.is_some() {
        change_ident(table).to_token_stream()
    } else {
        quote!(#p::NoStream)
    };
    quote! {
        #[automatically_derived]
        impl #generics #p::Table for #this {
            type Scope = #scope;
            type Change = #change;
            const MODEL: #p::TableModel<'static> = {
                use #p as __k;
                #model
            };

            fn kept_of(
                core: &#p::Core,
                entity: usize,
                item: #p::Item,
            ) -> ::core::result::Result<::std::vec::Vec<#p::KeptRow>, #p::ItemError> {
                match entity {
                    #(#kept)*
                    _ => ::core::result::Result::Ok(::std::vec::Vec::new()),
                }
            }

            fn from_core(core: #p::Arc<#p::Core>) -> Self {
                #make
            }

            fn core(&self) -> &#p::Arc<#p::Core> {
                #core
            }
        }
    }
}

/// The enum of changes, where there is a stream to tell them.
fn changes(table: &TableInput, sound: bool) -> Option<TokenStream> {
    table.attributes.stream?;
    let TableInput {
        private: p,
        vis,
        ident,
        ..
    } = table;
    let change = change_ident(table);
    let whole = concrete(table);
    let mut known: Vec<(Ident, &Type)> = Vec::new();
    for repository in &table.repositories {
        let name = Ident::new(&repository.entity_name(), repository.entity.span());
        if name != "Unknown" && known.iter().all(|(other, _)| *other != name) {
            known.push((name, &repository.entity));
        }
    }
    let variants = known.iter().map(|(name, entity)| {
        let about = format!(" Of a `{name}`.");
        quote!(#[doc = #about] #name(#p::Change<#entity>),)
    });
    let arms = known.iter().enumerate().map(|(at, (name, _))| {
        let at = Literal::usize_unsuffixed(at);
        quote!(::core::option::Option::Some(#at) => raw.read(model, Self::#name, Self::Unknown),)
    });
    let body = if sound {
        quote! {
            let model = <#whole as #p::Table>::model();
            match raw.place(model) {
                #(#arms)*
                _ => Self::Unknown(raw),
            }
        }
    } else {
        quote!(Self::Unknown(raw))
    };
    let about = format!(" A change of an item of [`{ident}`], from its stream.");
    Some(quote! {
        #[doc = #about]
        #[allow(dead_code, private_interfaces, clippy::large_enum_variant)]
        #vis enum #change {
            #(#variants)*
            /// Of an item that is of no declared entity, or that cannot be read.
            Unknown(#p::RawChange),
        }

        #[automatically_derived]
        impl #p::TableChange for #change {
            fn of(raw: #p::RawChange) -> Self {
                #body
            }
        }
    })
}

/// `<S: Scope>` of a table with scopes.
fn generics(table: &TableInput) -> Option<TokenStream> {
    let p = &table.private;
    table
        .scope
        .as_ref()
        .map(|scope| quote!(<#scope: #p::Scope>))
}

/// The table's type in such an `impl`.
fn this(table: &TableInput) -> TokenStream {
    let ident = &table.ident;
    if let Some(scope) = &table.scope {
        quote!(#ident<#scope>)
    } else {
        quote!(#ident)
    }
}

/// The table's type where nothing is left open.
fn concrete(table: &TableInput) -> TokenStream {
    let (p, ident) = (&table.private, &table.ident);
    if table.scope.is_some() {
        quote!(#ident<#p::NoScope>)
    } else {
        quote!(#ident)
    }
}

fn change_ident(table: &TableInput) -> Ident {
    format_ident!("{}Change", table.ident)
}

fn model(table: &TableInput, p: &Private, sound: bool) -> TokenStream {
    let TableInput {
        ident, attributes, ..
    } = table;
    let name = crate::syntax::name(ident);
    let pk = attributes
        .pk
        .as_ref()
        .map_or_else(|| key_attribute(p, "PK", AttributeType::S), |pk| key(p, pk));
    let sk = option(attributes.sk.as_ref().map(|sk| key(p, sk)));
    let ttl = option(
        attributes
            .ttl
            .as_ref()
            .map(|name| quote!(#p::Cow::Borrowed(#name))),
    );
    let tag = option(match &attributes.tag {
        Tag::Default => Some(quote!(#p::Cow::Borrowed("entity"))),
        Tag::Named(name) => Some(quote!(#p::Cow::Borrowed(#name))),
        Tag::None => None,
    });
    let stream = option(attributes.stream.map(|stream| {
        let view = format_ident!(
            "{}",
            match stream {
                StreamView::KeysOnly => "KeysOnly",
                StreamView::NewImage => "NewImage",
                StreamView::OldImage => "OldImage",
                StreamView::NewAndOldImages => "NewAndOldImages",
            }
        );
        quote!(#p::StreamView::#view)
    }));
    let scopes = scopes::models(p, &attributes.scopes);
    let whole = if table.scope.is_some() {
        quote!(#ident<#p::NoScope>)
    } else {
        quote!(#ident)
    };
    let indexes = attributes
        .indexes
        .iter()
        .map(|declared| index(p, declared, attributes.pk.as_ref()));
    let entities = table
        .repositories
        .iter()
        .filter(|_| sound)
        .map(|repository| {
            let entity = &repository.entity;
            quote!(<#entity as #p::Entity>::SPEC)
        });
    let patterns = attributes.patterns.iter().map(|(group, span)| {
        let name = group.as_ref().map(crate::syntax::name).unwrap_or_default();
        let hash = group_hash(group.as_ref());
        let patterns = quote_spanned!(*span=> <#whole as #p::PatternGroup<#hash>>::PATTERNS);
        quote!(#p::PatternGroupModel { name: #p::Cow::Borrowed(#name), patterns: #p::Cow::Borrowed(#patterns) })
    });
    quote! {
        #p::TableModel {
            name: #p::Cow::Borrowed(#name),
            pk: #pk,
            sk: #sk,
            ttl: #ttl,
            tag: #tag,
            stream: #stream,
            scopes: #scopes,
            allows: #p::Cow::Borrowed(&[]),
            indexes: #p::Cow::Borrowed(const { &[#(#indexes),*] }),
            entities: #p::Cow::Borrowed(const { &[#(#entities),*] }),
            patterns: #p::Cow::Borrowed(const { &[#(#patterns),*] }),
        }
    }
}

fn index(p: &Private, index: &IndexInput, table_pk: Option<&KeyAttributeInput>) -> TokenStream {
    let id = crate::syntax::name(&index.ident);
    let name = index
        .name
        .as_ref()
        .map_or_else(|| id.clone(), syn::LitStr::value);
    let pk = if index.local {
        table_pk
    } else {
        index.pk.as_ref()
    };
    let pk = pk.map_or_else(|| key_attribute(p, "PK", AttributeType::S), |pk| key(p, pk));
    let sk = option(index.sk.as_ref().map(|sk| key(p, sk)));
    let projection = match &index.projection {
        ProjectionInput::All => quote!(All),
        ProjectionInput::Keys => quote!(Keys),
        ProjectionInput::Include(names) => {
            quote!(Include(#p::Cow::Borrowed(const { &[#(#p::Cow::Borrowed(#names)),*] })))
        }
    };
    let local = index.local;
    quote! {
        #p::IndexModel {
            id: #p::Cow::Borrowed(#id),
            name: #p::Cow::Borrowed(#name),
            pk: #pk,
            sk: #sk,
            projection: #p::Projection::#projection,
            local: #local,
        }
    }
}

fn key(p: &Private, key: &KeyAttributeInput) -> TokenStream {
    key_attribute(p, &key.name.value(), key.kind)
}

fn key_attribute(p: &Private, name: &str, kind: AttributeType) -> TokenStream {
    let kind = match kind {
        AttributeType::S => quote!(S),
        AttributeType::N => quote!(N),
        AttributeType::B => quote!(B),
    };
    quote!(#p::KeyAttribute { name: #p::Cow::Borrowed(#name), kind: #p::AttributeType::#kind })
}

fn option(tokens: Option<TokenStream>) -> TokenStream {
    tokens.map_or_else(
        || quote!(::core::option::Option::None),
        |tokens| quote!(::core::option::Option::Some(#tokens)),
    )
}

/// A block of patterns by the hash of its name; the one without a name has an empty one.
pub(crate) fn group_hash(group: Option<&syn::Ident>) -> u32 {
    keyfold_model::template::literal_hash(&group.map(crate::syntax::name).unwrap_or_default())
}
