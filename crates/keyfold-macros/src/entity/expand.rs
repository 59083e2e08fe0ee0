//! The code of an entity: its design as a constant, its key, its field handles.

use keyfold_model::template::literal_hash;
use keyfold_model::{FieldRole, Modifier, WhenAbsent};
use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use super::validate::{Entity, Field, Kept, Key, Template};
use super::{shard, updates};
use crate::krate::Private;
use crate::syntax::last_name;
use crate::types::{is_string, without_option, written};

pub(crate) fn expand(entity: &Entity) -> TokenStream {
    let key = key(entity);
    let fields = fields(entity);
    let updates = updates::expand(entity);
    let unique = unique(entity);
    let implementation = implementation(entity);
    quote!(#key #fields #updates #unique #implementation)
}

/// `ProductKey`, and what it is made from.
fn key(entity: &Entity) -> TokenStream {
    let Entity {
        private: p,
        ident,
        vis,
        names,
        ..
    } = entity;
    let key = &names.key;
    let parts: Vec<(usize, &Field)> = entity
        .key
        .parts()
        .into_iter()
        .map(|place| (place, &entity.fields[place]))
        .collect();
    let declared = parts.iter().map(|(_, field)| {
        let Field {
            ident, ty, name, ..
        } = field;
        let doc = format!(" The `{name}` in it.");
        quote!(#[doc = #doc] pub #ident: #ty,)
    });
    let idents: Vec<_> = parts.iter().map(|(_, field)| &field.ident).collect();
    let writes = parts
        .iter()
        .map(|(place, field)| write_part(entity, *place, field));
    let beside = beside_key(entity, &parts);
    let doc = format!(" The key of a [`{ident}`].");
    let conversions = conversions(entity, &parts);
    quote! {
        #[doc = #doc]
        #[derive(::core::clone::Clone)]
        #[allow(clippy::struct_field_names, private_interfaces)]
        #vis struct #key { #(#declared)* }

        #[automatically_derived]
        impl #p::KeyOf<#ident> for #key {
            fn write_part(&self, field: u16, out: &mut #p::PartText<'_>) -> ::core::result::Result<bool, #p::PartError> {
                match field {
                    #(#writes)*
                    _ => ::core::result::Result::Ok(false),
                }
            }

            #beside
        }

        #[automatically_derived]
        impl ::core::convert::From<&#ident> for #key {
            fn from(entity: &#ident) -> Self {
                Self { #(#idents: ::core::clone::Clone::clone(&entity.#idents),)* }
            }
        }

        #[automatically_derived]
        impl ::core::convert::From<&#key> for #key {
            fn from(key: &#key) -> Self {
                ::core::clone::Clone::clone(key)
            }
        }

        #conversions
    }
}

/// The fields that an upsert stores beside the key they stand in.
fn beside_key(entity: &Entity, parts: &[(usize, &Field)]) -> Option<TokenStream> {
    let (p, ident) = (&entity.private, &entity.ident);
    let arms: Vec<_> = parts
        .iter()
        .filter(|(_, field)| entity.upsertable && !field.key_only)
        .map(|(place, field)| {
            let (place, name) = (index(*place), &field.ident);
            quote!(#place => <#ident as #p::Entity>::fields().#name.written(&self.#name).map(::core::option::Option::Some),)
        })
        .collect();
    (!arms.is_empty()).then(|| {
        quote! {
            fn attribute(&self, field: u16) -> ::core::result::Result<::core::option::Option<#p::AttributeValue>, #p::ItemError> {
                match field {
                    #(#arms)*
                    _ => ::core::result::Result::Ok(::core::option::Option::None),
                }
            }
        }
    })
}

/// A key from its parts: by reference, text as `&str` too.
fn conversions(entity: &Entity, parts: &[(usize, &Field)]) -> TokenStream {
    let key = &entity.names.key;
    let make = |text_as_str: bool| {
        let types = parts.iter().map(|(_, field)| {
            let ty = without_option(&field.ty);
            let ty = if text_as_str && is_string(ty) {
                quote!(&str)
            } else {
                quote!(&#ty)
            };
            if field.is_optional() {
                quote!(::core::option::Option<#ty>)
            } else {
                ty
            }
        });
        let names: Vec<_> = parts.iter().map(|(_, field)| &field.ident).collect();
        let values = parts.iter().map(|(_, field)| {
            let name = &field.ident;
            let own = if text_as_str && is_string(without_option(&field.ty)) {
                quote!(::std::borrow::ToOwned::to_owned)
            } else {
                quote!(::core::clone::Clone::clone)
            };
            if field.is_optional() {
                quote!(#name.map(#own))
            } else {
                quote!(#own(#name))
            }
        });
        // One part needs no tuple.
        let (ty, pattern) = match parts {
            [_] => (quote!(#(#types)*), quote!(#(#names)*)),
            _ => (quote!((#(#types),*)), quote!((#(#names),*))),
        };
        quote! {
            #[automatically_derived]
            impl ::core::convert::From<#ty> for #key {
                fn from(#pattern: #ty) -> Self {
                    Self { #(#names: #values,)* }
                }
            }
        }
    };
    let by_reference = make(false);
    let has_text = parts
        .iter()
        .any(|(_, field)| is_string(without_option(&field.ty)));
    let by_str = has_text.then(|| make(true));
    quote!(#by_reference #by_str)
}

/// `ProductFields`
fn fields(entity: &Entity) -> TokenStream {
    let Entity {
        private: p,
        ident,
        vis,
        names,
        ..
    } = entity;
    let fields = &names.fields;
    let declared = entity.fields.iter().map(|field| {
        let Field {
            ident: name,
            ty,
            attribute,
            ..
        } = field;
        let doc = format!(" `{attribute}`");
        quote!(#[doc = #doc] pub #name: #p::Field<#ident, #ty>,)
    });
    let doc = format!(" The fields of a [`{ident}`], for conditions.");
    quote! {
        #[doc = #doc]
        #[derive(::core::clone::Clone, ::core::marker::Copy)]
        #[allow(clippy::struct_field_names, private_interfaces)]
        #vis struct #fields { #(#declared)* }
    }
}

/// `ProductUnique`
fn unique(entity: &Entity) -> Option<TokenStream> {
    let Entity {
        private: p,
        ident,
        vis,
        names,
        ..
    } = entity;
    let variants: Vec<_> = entity
        .kept
        .iter()
        .filter_map(|kept| kept.unique.as_ref())
        .collect();
    if variants.is_empty() {
        return None;
    }
    let (unique, texts) = (&names.unique, variants.iter().map(ToString::to_string));
    let doc = format!(" What only one [`{ident}`] may hold.");
    let docs = entity
        .kept
        .iter()
        .filter(|kept| kept.unique.is_some())
        .map(|kept| format!(" Claimed by a `{}`.", last_name(&kept.entity)));
    Some(quote! {
        #[doc = #doc]
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug, ::core::cmp::PartialEq, ::core::cmp::Eq)]
        #vis enum #unique { #(#[doc = #docs] #variants,)* }

        #[automatically_derived]
        impl #p::UniqueOf for #unique {
            type Entity = #ident;

            fn name(self) -> &'static str {
                match self { #(Self::#variants => #texts,)* }
            }
        }
    })
}

fn implementation(entity: &Entity) -> TokenStream {
    let Entity {
        private: p,
        ident,
        names,
        ..
    } = entity;
    let (key, fields, patch, edit) = (&names.key, &names.fields, &names.patch, &names.edit);
    let spec = spec(entity, &Private::short());
    let pk = entity
        .key
        .pk
        .parts()
        .map(|place| without_option(&entity.fields[place].ty));
    let handles = entity.fields.iter().enumerate().map(|(place, field)| {
        let (name, place) = (&field.ident, index(place));
        let fixed = (!updates::is_settable(field)).then(|| quote!(.fixed()));
        let handle = match &field.serialize_with {
            Some(with) => {
                let write = written_with(p, with);
                quote!(#p::Field::written_by(#place, #write))
            }
            None if field.set => quote!(#p::Field::set_of(#place)),
            None => quote!(#p::Field::new(#place)),
        };
        quote!(#name: #handle #fixed,)
    });
    let written = entity
        .fields
        .iter()
        .enumerate()
        .filter(|(_, field)| field.in_key || field.in_index)
        .map(|(place, field)| write_part(entity, place, field));
    let read = read_part(entity);
    let upcast = upcast(entity);
    let scannable = entity
        .scan
        .is_some()
        .then(|| quote!(#[automatically_derived] impl #p::Scannable for #ident {}));
    let soft = entity
        .fields
        .iter()
        .any(|field| field.role == FieldRole::Deleted)
        .then(|| quote!(#[automatically_derived] impl #p::SoftDelete for #ident {}));
    let kept = kept_rows(entity);
    let in_scope = in_scope(entity);
    let in_indexes = entity.indexes.iter().map(|(name, key)| {
        let hash = Literal::u32_suffixed(literal_hash(&crate::syntax::name(name)));
        let pk = key
            .pk
            .parts()
            .map(|place| without_option(&entity.fields[place].ty));
        quote! {
            #[automatically_derived]
            impl #p::InIndex<#hash> for #ident {
                type Pk = (#(#pk,)*);
            }
        }
    });
    let upsertable = entity
        .upsertable
        .then(|| quote!(#[automatically_derived] impl #p::Upsertable for #ident {}));
    quote! {
        #[automatically_derived]
        impl #p::Entity for #ident {
            type Key = #key;
            type Pk = (#(#pk,)*);
            type Fields = #fields;
            type Patch = #patch;
            type Edit<'a> = #edit<'a>;

            const SPEC: #p::EntityModel<'static> = {
                use #p as __k;
                #spec
            };

            fn fields() -> #fields {
                #fields { #(#handles)* }
            }

            fn key(&self) -> #key {
                ::core::convert::From::from(self)
            }

            fn write_part(&self, field: u16, out: &mut #p::PartText<'_>) -> ::core::result::Result<bool, #p::PartError> {
                match field {
                    #(#written)*
                    _ => ::core::result::Result::Ok(false),
                }
            }

            #read

            #upcast

            #kept
        }

        #(#in_indexes)*
        #upsertable

        #scannable

        #soft

        #in_scope
    }
}

/// Which handles serve it: any, or those that have its scopes. A trait of its own for each scope, for the sake
/// of what the compiler then says.
fn in_scope(entity: &Entity) -> TokenStream {
    let Entity {
        private: p,
        ident,
        vis,
        scopes,
        ..
    } = entity;
    if scopes.is_empty() {
        return quote! {
            #[automatically_derived]
            impl<S> #p::InScope<S> for #ident {}
        };
    }
    let traits: Vec<_> = scopes
        .iter()
        .map(|scope| format_ident!("__{}In{}", ident.unraw(), crate::names::pascal(scope)))
        .collect();
    let declared = scopes.iter().zip(&traits).map(|(scope, marker)| {
        let hash = keyfold_model::template::literal_hash(scope);
        let message = format!("KF0018: `{ident}` belongs to a {scope}, and this handle has none");
        let label = format!("this handle has no {scope}");
        let note = format!("call `db.{scope}({scope}_id)` first, and use what it gives");
        quote! {
            #[doc(hidden)]
            #[diagnostic::on_unimplemented(message = #message, label = #label, note = #note)]
            #vis trait #marker {}

            #[diagnostic::do_not_recommend]
            impl<S: #p::Holds<#p::ScopeName<#hash>>> #marker for S {}
        }
    });
    quote! {
        #(#declared)*

        #[automatically_derived]
        impl<S: #(#traits)+*> #p::InScope<S> for #ident {}
    }
}

/// A closure that writes a value as `#[serde(with = "..")]` says.
pub(crate) fn written_with(p: &Private, with: &syn::Path) -> TokenStream {
    quote! {
        |value| match #with(value, #p::AttributeSerializer::default()) {
            ::core::result::Result::Ok(value) => ::core::result::Result::Ok(::core::convert::Into::into(value)),
            ::core::result::Result::Err(error) => ::core::result::Result::Err(#p::ItemError::Unwritable {
                reason: ::std::string::ToString::to_string(&error),
            }),
        }
    }
}

/// An arm that writes one field into a key. Its span is the field's type: a type that is no key
/// part is reported there, in the words it is reported with for the design.
fn write_part(entity: &Entity, place: usize, field: &Field) -> TokenStream {
    let (span, place) = (field.ty.span(), index(place));
    let p = entity.private.spanned(span);
    let mut name = field.ident.clone();
    name.set_span(span);
    let call = if field.is_optional() {
        quote_spanned!(span=> #p::write_optional_part(&self.#name, out))
    } else {
        let ty = &field.ty;
        quote_spanned!(span=> <#ty as #p::KeyPart>::encode(&self.#name, out).map(|()| true))
    };
    quote!(#place => #call,)
}

/// Reads a key-only field; the library asks for no other.
fn read_part(entity: &Entity) -> TokenStream {
    let p = &entity.private;
    let fields = entity
        .fields
        .iter()
        .enumerate()
        .filter(|(_, field)| field.key_only);
    let arms: Vec<_> = fields
        .map(|(place, field)| {
            let (place, ty) = (index(place), without_option(&field.ty));
            quote!(#place => #p::read_part::<#ty>(source),)
        })
        .collect();
    let other = quote!(#p::read_part::<::std::string::String>(source));
    let (field, body) = if arms.is_empty() {
        (quote!(_), other)
    } else {
        (
            quote!(field),
            quote!(match field { #(#arms)* _ => #other, }),
        )
    };
    quote! {
        fn read_part(#field: u16, source: #p::PartSource<'_>) -> ::core::result::Result<#p::AttributeValue, #p::ItemError> {
            #body
        }
    }
}

/// From each older version, step by step, to this one.
fn upcast(entity: &Entity) -> Option<TokenStream> {
    let (p, version) = (&entity.private, entity.version.as_ref()?);
    if version.upcasts.is_empty() {
        return None;
    }
    let arms = version
        .upcasts
        .iter()
        .enumerate()
        .map(|(at, (number, first))| {
            let steps = version.upcasts.iter().skip(at).map(|(from, _)| {
                let to = version.upcasts.iter().find(|(next, _)| *next == from + 1);
                let to = to.map_or_else(|| quote!(Self), |(_, path)| quote!(#path));
                quote!(let value: #to = #p::upcast_step::<_, #to, Self>(#from, value)?;)
            });
            quote! {
                #number => {
                    let value: #first = #p::read_version::<#first, Self>(item)?;
                    #(#steps)*
                    ::core::result::Result::Ok(value)
                }
            }
        });
    Some(quote! {
        fn upcast(version: u32, item: #p::Item) -> ::core::result::Result<Self, #p::ItemError> {
            match version {
                #(#arms)*
                other => ::core::result::Result::Err(#p::unread_version::<Self>(other)),
            }
        }
    })
}

fn kept_rows(entity: &Entity) -> TokenStream {
    let p = &entity.private;
    let signature = |table: TokenStream| {
        quote! {
            fn kept(&self, #table: &#p::Core)
                -> ::core::result::Result<::std::vec::Vec<#p::KeptRow>, #p::ItemError>
        }
    };
    if entity.kept.is_empty() {
        let signature = signature(quote!(_));
        return quote!(#signature { ::core::result::Result::Ok(::std::vec::Vec::new()) });
    }
    let signature = signature(quote!(core));
    let kept: Vec<_> = entity
        .kept
        .iter()
        .enumerate()
        .filter(|(_, kept)| kept.complete)
        .collect();
    let rows = kept
        .iter()
        .map(|(place, kept)| kept_row(entity, *place, kept));
    if kept.iter().all(|(_, kept)| kept.only_with.is_none()) {
        return quote!(#signature { ::core::result::Result::Ok(::std::vec![#(#rows),*]) });
    }
    let rows = kept.iter().zip(rows).map(|((_, kept), row)| {
        let push = quote!(rows.push(#row););
        kept.only_with.map_or(push.clone(), |source| {
            let own = &entity.fields[source].ident;
            quote!(if let ::core::option::Option::Some(#own) = &self.#own { #push })
        })
    });
    quote! {
        #signature {
            let mut rows = ::std::vec::Vec::new();
            #(#rows)*
            ::core::result::Result::Ok(rows)
        }
    }
}

fn kept_row(entity: &Entity, place: usize, kept: &Kept) -> TokenStream {
    let (p, item, place) = (
        &entity.private,
        &kept.entity,
        Literal::usize_unsuffixed(place),
    );
    let fields = kept.fields.iter().map(|(name, source)| {
        let own = &entity.fields[*source].ident;
        if kept.only_with == Some(*source) {
            quote!(#name: ::core::clone::Clone::clone(#own),)
        } else {
            quote!(#name: ::core::clone::Clone::clone(&self.#own),)
        }
    });
    quote!(#p::KeptRow::of(core, #place, &#item { #(#fields)* })?)
}

fn spec(entity: &Entity, p: &Private) -> TokenStream {
    let (name, doc) = (crate::syntax::name(&entity.ident), &entity.doc);
    let key = key_model(p, entity, &entity.key);
    let indexes = entity.indexes.iter().map(|(index, key)| {
        let (index, key) = (crate::syntax::name(index), key_model(p, entity, key));
        quote!(#p::IndexKey::of(#index, #key))
    });
    let fields = entity.fields.iter().map(|field| field_model(p, field));
    let kept = entity.kept.iter().map(|kept| kept_model(p, entity, kept));
    let shared_with = &entity.shared_with;
    let global = entity.global.then(|| quote!(.global()));
    let (new, more) = more(entity, p);
    quote! {
        #p::EntityModel::#new(
            #name,
            #doc,
            #key,
            const { &[#(#indexes),*] },
            const { &[#(#fields),*] },
            const { &[#(#kept),*] },
            const { &[#(#p::Cow::Borrowed(#shared_with)),*] },
            #more
        ) #global
    }
}

/// What few entities have, and the constructor that takes it.
fn more(entity: &Entity, p: &Private) -> (TokenStream, Option<TokenStream>) {
    if entity.shard.is_none() && entity.version.is_none() && entity.scan.is_none() {
        return (quote!(of), None);
    }
    let shard = option(
        entity
            .shard
            .as_ref()
            .map(|shard| shard::model(p, shard, &entity.fields, |pk| template(p, entity, pk))),
    );
    let version = option(entity.version.as_ref().map(|version| {
        let (current, attribute) = (version.current, &version.attribute);
        let reads = version.upcasts.iter().map(|(number, _)| number);
        quote!(#p::VersionModel::of(#current, #attribute, &[#(#reads),*]))
    }));
    let scan = entity
        .scan
        .iter()
        .map(|reason| quote!(#p::Allowance::scan(#reason)));
    (
        quote!(with),
        Some(quote!(#shard, #version, const { &[#(#scan),*] },)),
    )
}

fn key_model(p: &Private, entity: &Entity, key: &Key) -> TokenStream {
    let pk = template(p, entity, &key.pk);
    let sk = option(key.sk.as_ref().map(|sk| template(p, entity, sk)));
    quote!(#p::KeyModel::of(#pk, #sk))
}

fn template(p: &Private, entity: &Entity, template: &Template) -> TokenStream {
    let text = &template.text;
    let segments = template.segments.iter().map(|segment| {
        let literal = &segment.literal;
        if let Some((name, modifier)) = &segment.placed {
            let modifier = modifier_tokens(p, *modifier);
            return quote!(#p::Segment::with(#literal, #p::Part::placed(#name, #modifier)));
        }
        let Some((place, modifier)) = segment.part else {
            return quote!(#p::Segment::literal(#literal));
        };
        let field = &entity.fields[place];
        let (name, optional, ty) = (&field.name, field.is_optional(), without_option(&field.ty));
        let (place, modifier) = (index(place), modifier_tokens(p, modifier));
        let shape = quote_spanned!(ty.span()=> <#ty as #p::KeyPart>::SHAPE);
        let kind = if segment.tail { quote!(tail) } else { quote!(with) };
        quote!(#p::Segment::#kind(#literal, #p::Part::of(#name, #place, #modifier, #shape, #optional)))
    });
    let kind = if template.bare {
        quote!(bare)
    } else {
        quote!(of)
    };
    quote!(#p::Template::#kind(#text, const { &[#(#segments),*] }))
}

fn modifier_tokens(p: &Private, modifier: Modifier) -> TokenStream {
    if let Modifier::Pad(width) = modifier {
        return quote!(#p::Modifier::Pad(#width));
    }
    if let Modifier::Shard(width) = modifier {
        return quote!(#p::Modifier::Shard(#width));
    }
    let name = format_ident!("{}", format!("{modifier:?}"));
    quote!(#p::Modifier::#name)
}

fn field_model(p: &Private, field: &Field) -> TokenStream {
    let (name, attribute, ty) = (&field.name, &field.attribute, written(&field.ty));
    let role = (field.role != FieldRole::Plain).then(|| {
        let role = format_ident!("{}", format!("{:?}", field.role));
        quote!(.role(#p::FieldRole::#role))
    });
    let optional = field.is_optional().then(|| quote!(.optional()));
    let key_only = field.key_only.then(|| quote!(.key_only()));
    let omit_none = field.omit_none.then(|| quote!(.omit_none()));
    let set = field.set.then(|| quote!(.set()));
    let when_absent = (field.when_absent != WhenAbsent::Error).then(|| {
        let absent = format_ident!("{}", format!("{:?}", field.when_absent));
        quote!(.when_absent(#p::WhenAbsent::#absent))
    });
    quote!(#p::FieldModel::of(#name, #attribute, #ty) #role #optional #key_only #omit_none #set #when_absent)
}

fn kept_model(p: &Private, entity: &Entity, kept: &Kept) -> TokenStream {
    let item = last_name(&kept.entity);
    let (kind, name) = match &kept.unique {
        Some(unique) => (quote!(Unique), unique.to_string()),
        None => (quote!(Mirror), item.clone()),
    };
    let fields = kept.fields.iter().map(|(name, source)| {
        let (name, source) = (crate::syntax::name(name), &entity.fields[*source].name);
        quote!((#p::Cow::Borrowed(#name), #p::Cow::Borrowed(#source)))
    });
    quote!(#p::KeptItem::of(#p::KeptKind::#kind, #name, #item, const { &[#(#fields),*] }))
}

/// A field's place, as `u16`.
pub(crate) fn index(place: usize) -> Literal {
    // A struct with more fields than that does not compile for other reasons.
    Literal::u16_suffixed(u16::try_from(place).unwrap_or(u16::MAX))
}

fn option(tokens: Option<TokenStream>) -> TokenStream {
    tokens.map_or_else(
        || quote!(::core::option::Option::None),
        |tokens| quote!(::core::option::Option::Some(#tokens)),
    )
}
