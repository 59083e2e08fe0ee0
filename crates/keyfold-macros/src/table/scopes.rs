//! `scopes(tenant = "TENANT#{TenantId}", capsule = "{tenant}#CAPSULE#{CapsuleId}")`: what keys begin with, and
//! the handles that follow from it.

use keyfold_model::template::literal_hash;
use keyfold_model::{Modifier, ParsedTemplate};
use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::parse::ParseStream;
use syn::spanned::Spanned;
use syn::{Ident, LitStr, Token, Type, parenthesized};

use super::parse::TableInput;
use crate::errors::{self, Errors};
use crate::krate::Private;
use crate::names::pascal;
use crate::syntax::name;
use crate::types::{is_string, written};

/// A declared scope.
pub(crate) struct ScopeInput {
    pub(crate) ident: Ident,
    text: String,
    /// The type of its identifier.
    id: Type,
    parent: Option<Ident>,
    /// Literal text between the parent and the identifier, by segment; the last one stands before the identifier.
    literals: Vec<String>,
}

pub(crate) fn parse(input: ParseStream<'_>) -> syn::Result<Vec<ScopeInput>> {
    let inner;
    parenthesized!(inner in input);
    let mut scopes: Vec<ScopeInput> = Vec::new();
    while !inner.is_empty() {
        let ident: Ident = inner.parse()?;
        inner.parse::<Token![=]>()?;
        let template: LitStr = inner.parse()?;
        if scopes.iter().any(|known| known.ident == ident) {
            return Err(errors::attribute(
                &ident,
                format!("scope `{ident}` is declared twice"),
            ));
        }
        let scope = read(ident, &template, &scopes)?;
        scopes.push(scope);
        if !inner.is_empty() {
            inner.parse::<Token![,]>()?;
        }
    }
    Ok(scopes)
}

fn read(ident: Ident, template: &LitStr, known: &[ScopeInput]) -> syn::Result<ScopeInput> {
    let form = "a scope is written as `\"TENANT#{TenantId}\"`, with the type of its identifier last; below another scope as \
                `\"{tenant}#CAPSULE#{CapsuleId}\"`";
    let text = template.value();
    let (before, id) = text
        .strip_suffix('}')
        .and_then(|text| text.rsplit_once('{'))
        .ok_or_else(|| errors::attribute(template, form))?;
    let id: Type = syn::parse_str(id).map_err(|_| errors::attribute(template, form))?;
    let readable = format!("{before}{{{}}}", name(&ident));
    let parsed = ParsedTemplate::parse(&readable)
        .map_err(|error| syn::Error::new(template.span(), error))?;
    let last = parsed.segments.len() - 1;
    let (mut parent, mut literals) = (None, Vec::new());
    for (at, segment) in parsed.segments.into_iter().enumerate() {
        match segment.part {
            Some((part, Modifier::None, _))
                if at == 0 && last > 0 && segment.literal.is_empty() =>
            {
                let Some(above) = known.iter().find(|scope| name(&scope.ident) == part) else {
                    return Err(errors::attribute(
                        template,
                        format!("no scope `{part}` is declared before `{ident}`"),
                    ));
                };
                parent = Some(above.ident.clone());
            }
            None | Some((_, Modifier::None, _)) if at == last || segment.part.is_none() => {
                literals.push(segment.literal);
            }
            _ => return Err(errors::attribute(template, form)),
        }
    }
    if let (None, true) = (&parent, literals.first().is_none_or(String::is_empty)) {
        return Err(errors::attribute(
            template,
            "a scope begins with literal text, so that its keys are told from others: `\"TENANT#{TenantId}\"`",
        ));
    }
    Ok(ScopeInput {
        ident,
        text,
        id: respanned(id, template),
        parent,
        literals,
    })
}

/// A type that is no key part is reported at the template.
fn respanned(ty: Type, at: &LitStr) -> Type {
    let tokens: TokenStream = quote!(#ty)
        .into_iter()
        .map(|mut token| {
            token.set_span(at.span());
            token
        })
        .collect();
    syn::parse2(tokens).unwrap_or(ty)
}

/// `ScopeModel`s.
pub(crate) fn models(p: &Private, scopes: &[ScopeInput]) -> TokenStream {
    let models = scopes.iter().map(|scope| {
        let (own, id, text, ty) = (name(&scope.ident), written(&scope.id), &scope.text, &scope.id);
        let parent = scope.parent.as_ref().map(|parent| {
            let parent = name(parent);
            quote!(#p::Segment::with("", #p::Part::placed(#parent, #p::Modifier::Scope)),)
        });
        let last = scope.literals.len() - 1;
        let segments = scope.literals.iter().enumerate().map(|(at, literal)| {
            if at < last {
                return quote!(#p::Segment::literal(#literal));
            }
            let shape = quote_spanned!(ty.span()=> <#ty as #p::KeyPart>::SHAPE);
            quote! {
                #p::Segment::with(
                    #literal,
                    #p::Part::of(#own, u16::MAX, #p::Modifier::None, #shape, false),
                )
            }
        });
        quote! {
            #p::ScopeModel::of(#own, #id, #p::Template::of(#text, const { &[#parent #(#segments),*] }))
        }
    });
    quote!(#p::Cow::Borrowed(const { &[#(#models),*] }))
}

/// The type of a handle's scope: `CrmTenant`.
fn marker(table: &TableInput, scope: &Ident) -> Ident {
    format_ident!(
        "{}{}",
        table.ident,
        pascal(&name(scope)),
        span = scope.span()
    )
}

/// The types of the scopes, and the methods that lead from handle to handle.
pub(crate) fn handles(table: &TableInput) -> TokenStream {
    let (p, vis, ident, scopes) = (
        &table.private,
        &table.vis,
        &table.ident,
        &table.attributes.scopes,
    );
    if table.scope.is_none() || scopes.is_empty() {
        return TokenStream::new();
    }
    let markers = scopes.iter().map(|scope| {
        let marker = marker(table, &scope.ident);
        let doc = format!(" What a [`{ident}`] for one {} is told by.", scope.ident);
        let mut held = vec![literal_hash(&name(&scope.ident))];
        let mut above = scope.parent.as_ref();
        while let Some(parent) = above {
            held.push(literal_hash(&name(parent)));
            let found = scopes.iter().find(|scope| scope.ident == *parent);
            above = found.and_then(|scope| scope.parent.as_ref());
        }
        quote! {
            #[doc = #doc]
            #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
            #vis enum #marker {}

            #[automatically_derived]
            impl #p::Scope for #marker {}

            #(
                #[automatically_derived]
                impl #p::Holds<#p::ScopeName<#held>> for #marker {}
            )*
        }
    });
    let steps = scopes.iter().map(|scope| {
        let (method, own, ty) = (&scope.ident, name(&scope.ident), &scope.id);
        let to = marker(table, &scope.ident);
        let from = scope.parent.as_ref().map_or_else(
            || quote!(#p::NoScope),
            |parent| {
                let parent = marker(table, parent);
                quote!(#parent)
            },
        );
        let (taken, id) = if is_string(ty) {
            (
                quote!(impl ::core::convert::Into<::std::string::String>),
                quote!(&::core::convert::Into::<::std::string::String>::into(#method)),
            )
        } else {
            (
                quote!(impl ::std::borrow::Borrow<#ty>),
                quote!(::std::borrow::Borrow::<#ty>::borrow(&#method)),
            )
        };
        let doc = format!(
            " The handle for one {own}: what it reads and writes begins with `{}`.",
            scope.text
        );
        quote! {
            #[automatically_derived]
            impl #ident<#from> {
                #[doc = #doc]
                #vis fn #method(&self, #method: #taken) -> #ident<#to> {
                    #p::Table::from_core(#p::in_scope::<#ty>(#p::Table::core(self), #own, #id))
                }
            }
        }
    });
    quote! {
        #(#markers)*

        #[automatically_derived]
        impl #ident<#p::NoScope> {
            /// Starts a handle over an ordinary SDK client.
            #vis fn builder(client: #p::Client) -> #p::TableBuilder<Self> {
                <Self as #p::Table>::builder(client)
            }
        }

        #(#steps)*
    }
}

/// A table with scopes has their type as its argument, and so have its repositories.
pub(crate) fn validate(table: &TableInput, errors: &mut Errors) {
    match (&table.scope, table.attributes.scopes.as_slice()) {
        (None, [first, ..]) => errors.attribute(
            &table.ident,
            format!(
                "a table with scopes says in its type which of them a handle has: `struct {}<S = NoScope> {{ .. }}`, for `{}`",
                table.ident, first.ident
            ),
        ),
        (Some(scope), []) if errors.is_empty() => errors.attribute(
            scope,
            "a table has no generics, unless it has scopes: `#[table(.., scopes(tenant = \"TENANT#{TenantId}\"))]`",
        ),
        _ => {}
    }
    for repository in &table.repositories {
        match (&table.scope, &repository.scope) {
            (Some(scope), None) if !table.attributes.scopes.is_empty() => errors.attribute(
                &repository.ty,
                format!(
                    "a repository of a table with scopes says so: `Repo<{}, {scope}>`; otherwise it would serve without one",
                    repository.entity_name()
                ),
            ),
            (Some(scope), Some(own)) if *own != *scope => errors.attribute(
                &repository.ty,
                format!("the repositories have the table's own scope: `Repo<{}, {scope}>`", repository.entity_name()),
            ),
            (None, Some(_)) => errors.attribute(
                &repository.ty,
                "this table has no scopes: `Repo<Entity>`",
            ),
            _ => {}
        }
    }
}
