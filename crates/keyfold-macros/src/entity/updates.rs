//! `ProductUpdate`, and which of its methods exist where: a blind patch cannot leave a key stale,
//! because what would do so has no method.

use keyfold_model::FieldRole;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::ext::IdentExt;

use super::validate::{Entity, Field, METHODS};
use crate::types::{Container, argument, two_arguments};

pub(crate) fn expand(entity: &Entity) -> TokenStream {
    let Entity {
        private: p,
        ident,
        vis,
        names,
        ..
    } = entity;
    let (update, patch, edit) = (&names.update, &names.patch, &names.edit);
    let everywhere = everywhere(entity);
    let when_loaded = when_loaded(entity);
    let (blind, traits) = blind(entity);
    let doc = format!(" Changes to a [`{ident}`]; nothing happens before it is sent.");
    let patch_doc = format!(" Changes to a [`{ident}`] that was not loaded.");
    let edit_doc = format!(" Changes to a loaded [`{ident}`].");
    quote! {
        #[doc = #doc]
        #[must_use = "nothing is written before it is sent"]
        #vis struct #update<M>(#p::Update<#ident, M>);
        #[doc = #patch_doc]
        #vis type #patch = #update<#p::Blind<#ident>>;
        #[doc = #edit_doc]
        #vis type #edit<'a> = #update<#p::Loaded<'a, #ident>>;

        #[automatically_derived]
        impl<M> ::core::convert::From<#p::Update<#ident, M>> for #update<M> {
            fn from(update: #p::Update<#ident, M>) -> Self {
                Self(update)
            }
        }

        #[automatically_derived]
        impl<M: #p::Mode<#ident>> #p::Write for #update<M> {
            fn into_operation(self) -> #p::Operation {
                self.0.into_operation()
            }
        }

        #everywhere
        #when_loaded
        #blind
        #traits
    }
}

/// What every update can do: set what stands in no key, raise counters, ask a condition.
fn everywhere(entity: &Entity) -> TokenStream {
    let Entity {
        private: p,
        ident,
        names,
        ..
    } = entity;
    let (update, fields) = (&names.update, &names.fields);
    let setters = entity
        .fields
        .iter()
        .filter(|field| is_free(field))
        .map(|field| {
            let setter = setter(entity, field);
            let remove = field.is_optional().then(|| remove(entity, field));
            let members = members(entity, field);
            quote!(#setter #remove #members)
        });
    let counters = entity
        .fields
        .iter()
        .filter(|field| field.role == FieldRole::Counter)
        .map(|field| {
            let (name, method) = (&field.ident, format_ident!("add_{}", field.ident.unraw()));
            let doc = format!(
                " Adds to `{}`, whatever it is now; absent counts as 0.",
                field.name
            );
            quote! {
                #[doc = #doc]
                pub fn #method(self, by: i64) -> Self {
                    Self(self.0.add(<#ident as #p::Entity>::fields().#name, by))
                }
            }
        });
    quote! {
        #[automatically_derived]
        #[allow(private_interfaces, private_bounds)]
        impl<M: #p::Mode<#ident>> #update<M> {
            #(#setters)*
            #(#counters)*
            /// Only if the stored item meets this condition too.
            pub fn when(self, condition: impl ::core::ops::FnOnce(#fields) -> #p::Condition) -> Self {
                Self(self.0.when(condition(<#ident as #p::Entity>::fields())))
            }
            /// Changes what is within a field: `nested(|f| f.address.fields().zip.set("1201"))`.
            pub fn nested(self, change: impl ::core::ops::FnOnce(#fields) -> #p::Nested<#ident>) -> Self {
                Self(self.0.nested(change(<#ident as #p::Entity>::fields())))
            }
            /// Gives the item as it is afterwards.
            pub fn returning(self) -> #p::Returning<#ident> {
                self.0.returning()
            }
            /// Gives the item as it was before, if it was there.
            pub fn returning_old(self) -> #p::ReturningOld<#ident> {
                self.0.returning_old()
            }
        }
    }
}

/// What `edit` can do beyond: it knows the other parts, and the kept items.
fn when_loaded(entity: &Entity) -> Option<TokenStream> {
    let Entity {
        private: p,
        ident,
        names,
        ..
    } = entity;
    let update = &names.update;
    let setters: Vec<_> = entity
        .fields
        .iter()
        .filter(|field| is_settable(field) && !is_free(field))
        .map(|field| {
            let (setter, members) = (setter(entity, field), members(entity, field));
            quote!(#setter #members)
        })
        .collect();
    (!setters.is_empty()).then(|| {
        quote! {
            #[automatically_derived]
            #[allow(private_interfaces, private_bounds)]
            impl<'a> #update<#p::Loaded<'a, #ident>> { #(#setters)* }
        }
    })
}

/// What `patch` can do with parts of index keys: set them where that makes the key whole, together
/// where it takes several; and say so where one is set alone.
fn blind(entity: &Entity) -> (Option<TokenStream>, TokenStream) {
    let Entity {
        private: p,
        ident,
        names,
        ..
    } = entity;
    let update = &names.update;
    let (mut methods, mut traits) = (TokenStream::new(), TokenStream::new());
    for group in groups(entity) {
        let whole = group
            .iter()
            .all(|place| is_part_settable(&entity.fields[*place]));
        if whole {
            methods.extend(set_parts(entity, &group));
        }
        if group.len() == 1 {
            continue;
        }
        for place in group
            .iter()
            .filter(|place| is_part_settable(&entity.fields[**place]))
        {
            let (method, marker) = refuse_alone(entity, *place, whole.then_some(&group));
            methods.extend(method);
            traits.extend(marker);
        }
    }
    let methods = (!methods.is_empty()).then(|| {
        quote! {
            #[automatically_derived]
            #[allow(private_interfaces, private_bounds)]
            impl #update<#p::Blind<#ident>> { #methods }
        }
    });
    (methods, traits)
}

/// Fields of index keys that must be known together: those that share a key attribute, and what
/// these share others with. Parts of the table key are always known.
fn groups(entity: &Entity) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for template in entity.indexes.iter().flat_map(|(_, key)| key.templates()) {
        let mut joined: Vec<usize> = template
            .parts()
            .filter(|place| !entity.fields[*place].in_key)
            .collect();
        if joined.is_empty() {
            continue;
        }
        let mut apart = Vec::new();
        for group in groups {
            if group.iter().any(|place| joined.contains(place)) {
                joined.extend(group);
            } else {
                apart.push(group);
            }
        }
        joined.sort_unstable();
        joined.dedup();
        apart.push(joined);
        groups = apart;
    }
    groups
}

fn set_parts(entity: &Entity, group: &[usize]) -> TokenStream {
    let (p, ident) = (&entity.private, &entity.ident);
    let fields: Vec<&Field> = group.iter().map(|place| &entity.fields[*place]).collect();
    let method = together(&fields);
    let (names, types): (Vec<_>, Vec<_>) =
        fields.iter().map(|field| (&field.ident, &field.ty)).unzip();
    let sets = fields.iter().map(|field| {
        let name = &field.ident;
        let set = if field.is_optional() {
            quote!(set_optional_part)
        } else {
            quote!(set_part)
        };
        quote!(.#set(<#ident as #p::Entity>::fields().#name, #name.into()))
    });
    let listed = fields
        .iter()
        .map(|field| format!("`{}`", field.name))
        .collect::<Vec<_>>()
        .join(" and ");
    let doc = format!(" Sets {listed}, and the index keys made of them.");
    quote! {
        #[doc = #doc]
        pub fn #method(self, #(#names: impl ::core::convert::Into<#types>),*) -> Self {
            Self(self.0 #(#sets)*)
        }
    }
}

/// A method that cannot be called, for the sake of what the compiler then says.
fn refuse_alone(
    entity: &Entity,
    place: usize,
    group: Option<&Vec<usize>>,
) -> (TokenStream, TokenStream) {
    let (vis, field) = (&entity.vis, &entity.fields[place]);
    let name = &field.ident;
    let marker = format_ident!(
        "__{}Sets{}Alone",
        entity.ident.unraw(),
        crate::names::pascal(&field.name)
    );
    let stale = entity
        .indexes
        .iter()
        .flat_map(|(index, key)| {
            std::iter::once((index, "pk", &key.pk))
                .chain(key.sk.as_ref().map(|sk| (index, "sk", sk)))
        })
        .find(|(_, _, template)| {
            template.parts().any(|part| part == place)
                && template
                    .parts()
                    .any(|part| part != place && !entity.fields[part].in_key)
        });
    let stale = stale.map_or_else(String::new, |(index, part, template)| {
        // Braces are placeholders in a diagnostic, written twice they are themselves.
        let text = template.text.replace('{', "{{").replace('}', "}}");
        format!(": index {index}, {part} = \"{text}\" would go stale")
    });
    let message = format!("KF0015: `{}` cannot be set alone{stale}", field.name);
    let note = match group {
        Some(group) => {
            let fields: Vec<&Field> = group.iter().map(|place| &entity.fields[*place]).collect();
            format!(
                "use `.{}(..)`, or `edit(&loaded)`, which knows the other parts",
                together(&fields)
            )
        }
        None => "use `edit(&loaded)`, which knows the other parts".to_owned(),
    };
    let doc = format!(
        " Cannot be called: `{}` shares an index key with other fields.",
        field.name
    );
    let method = quote! {
        #[doc(hidden)]
        #[doc = #doc]
        pub fn #name<V: #marker>(self, _: V) -> Self {
            self
        }
    };
    let marker = quote! {
        #[doc(hidden)]
        #[diagnostic::on_unimplemented(message = #message, label = "set alone", note = #note)]
        #vis trait #marker {}
    };
    (method, marker)
}

/// `category_and_created_at`
fn together(fields: &[&Field]) -> syn::Ident {
    if let [field] = fields {
        return field.ident.clone();
    }
    let names: Vec<String> = fields.iter().map(|field| field.name.clone()).collect();
    format_ident!("{}", names.join("_and_"))
}

fn setter(entity: &Entity, field: &Field) -> TokenStream {
    let (p, ident, name, ty) = (&entity.private, &entity.ident, &field.ident, &field.ty);
    let doc = format!(" Sets `{}`.", field.name);
    quote! {
        #[doc = #doc]
        pub fn #name(self, value: impl ::core::convert::Into<#ty>) -> Self {
            Self(self.0.set(<#ident as #p::Entity>::fields().#name, value.into()))
        }
    }
}

fn remove(entity: &Entity, field: &Field) -> TokenStream {
    let (p, ident, name) = (&entity.private, &entity.ident, &field.ident);
    let method = format_ident!("remove_{}", name.unraw());
    let doc = format!(" Removes the attribute of `{}`.", field.name);
    quote! {
        #[doc = #doc]
        pub fn #method(self) -> Self {
            Self(self.0.remove(<#ident as #p::Entity>::fields().#name))
        }
    }
}

/// What can be done with the members of a list, a set or a map.
fn members(entity: &Entity, field: &Field) -> Option<TokenStream> {
    if field.serialize_with.is_some() {
        return None;
    }
    let (p, ident, name) = (&entity.private, &entity.ident, &field.ident);
    let handle = quote!(<#ident as #p::Entity>::fields().#name);
    let method = |before: &str, after: &str| format_ident!("{before}{}{after}", name.unraw());
    match field.container {
        Container::List => {
            let ty = argument(&field.ty)?;
            let (push, prepend) = (method("push_", ""), method("prepend_", ""));
            let (set_at, remove_at) = (method("set_", "_at"), method("remove_", "_at"));
            let docs = [
                format!(" Adds to the end of `{}`.", field.name),
                format!(" Adds to the beginning of `{}`.", field.name),
                format!(
                    " Sets one of `{}`, counted from 0; past the end it is added there.",
                    field.name
                ),
                format!(" Removes one of `{}`, counted from 0.", field.name),
            ];
            let [push_doc, prepend_doc, set_doc, remove_doc] = &docs;
            Some(quote! {
                #[doc = #push_doc]
                pub fn #push(self, value: impl ::core::convert::Into<#ty>) -> Self {
                    Self(self.0.push(#handle, value.into()))
                }
                #[doc = #prepend_doc]
                pub fn #prepend(self, value: impl ::core::convert::Into<#ty>) -> Self {
                    Self(self.0.prepend(#handle, value.into()))
                }
                #[doc = #set_doc]
                pub fn #set_at(self, index: usize, value: impl ::core::convert::Into<#ty>) -> Self {
                    Self(self.0.set_at(#handle, index, value.into()))
                }
                #[doc = #remove_doc]
                pub fn #remove_at(self, index: usize) -> Self {
                    Self(self.0.remove_at(#handle, index))
                }
            })
        }
        Container::Set if field.set => {
            let ty = argument(&field.ty)?;
            let (insert, delete) = (method("insert_", ""), method("delete_", ""));
            let insert_doc = format!(" Puts a member into `{}`, if it is not there.", field.name);
            let delete_doc = format!(" Takes a member out of `{}`, if it is there.", field.name);
            Some(quote! {
                #[doc = #insert_doc]
                pub fn #insert(self, member: impl ::core::convert::Into<#ty>) -> Self {
                    Self(self.0.insert::<_, #ty>(#handle, member.into()))
                }
                #[doc = #delete_doc]
                pub fn #delete(self, member: impl ::core::convert::Into<#ty>) -> Self {
                    Self(self.0.delete::<_, #ty>(#handle, &member.into()))
                }
            })
        }
        Container::Map => {
            let (key, value) = two_arguments(&field.ty)?;
            let (insert, remove) = (method("insert_", ""), method("remove_", ""));
            let insert_doc = format!(" Sets an entry of `{}`.", field.name);
            let remove_doc = format!(" Removes an entry of `{}`, if it is there.", field.name);
            Some(quote! {
                #[doc = #insert_doc]
                pub fn #insert(self, key: impl ::core::convert::Into<#key>, value: impl ::core::convert::Into<#value>) -> Self {
                    Self(self.0.insert_entry::<_, #key, #value>(#handle, key.into(), value.into()))
                }
                #[doc = #remove_doc]
                pub fn #remove(self, key: impl ::core::convert::Into<#key>) -> Self {
                    Self(self.0.remove_entry::<_, #key>(#handle, &key.into()))
                }
            })
        }
        _ => None,
    }
}

/// Can be set without a look at anything else.
fn is_free(field: &Field) -> bool {
    is_settable(field) && !field.in_index && !field.is_kept
}

/// Can be set where the whole item is known.
pub(super) fn is_settable(field: &Field) -> bool {
    // A field named like a method of every update is refused.
    !METHODS.contains(&field.name.as_str())
        && !field.in_key
        && !field.key_only
        && !field.readonly
        && matches!(field.role, FieldRole::Plain | FieldRole::Ttl)
}

/// Can be set as a part of an index key.
fn is_part_settable(field: &Field) -> bool {
    is_settable(field) && !field.is_kept
}
