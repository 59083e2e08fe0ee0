//! `#[shard(16, by = id, was = 8)]`: items of one partition spread over several.

use keyfold_model::Modifier;
use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Attribute, Ident, LitInt, LitStr, Token, parenthesized};

use super::expand::index;
use super::validate::{Field, Key, Template};
use crate::errors::{self, Errors, unknown};
use crate::krate::Private;
use crate::syntax::{arguments, value};

/// As it is written.
pub(crate) struct ShardInput {
    pub(crate) span: Span,
    count: u16,
    by: Ident,
    was: Option<WasInput>,
}

enum WasInput {
    Shards(u16),
    /// The partition key, and the sort key for whoever reads it.
    Unsharded(LitStr, Option<LitStr>),
}

/// What it means.
pub(crate) struct Shard {
    count: u16,
    by: usize,
    was: Option<Was>,
}

enum Was {
    Shards(u16),
    Unsharded(Template),
}

pub(crate) fn parse(attribute: &Attribute) -> syn::Result<ShardInput> {
    attribute.parse_args_with(|input: ParseStream<'_>| {
        let count = shards(&input.parse()?)?;
        input.parse::<Token![,]>()?;
        let (mut by, mut was) = (None, None);
        arguments(input, |name, input| {
            match name.to_string().as_str() {
                "by" => by = Some(value(input)?),
                "was" => was = Some(parse_was(input)?),
                _ => return Err(unknown(name, &["by", "was"])),
            }
            Ok(())
        })?;
        let Some(by) = by else {
            return Err(errors::attribute(
                attribute,
                "say by which part of the key items are spread: `#[shard(16, by = id)]`",
            ));
        };
        Ok(ShardInput {
            span: crate::syntax::span(attribute),
            count,
            by,
            was,
        })
    })
}

fn parse_was(input: ParseStream<'_>) -> syn::Result<WasInput> {
    input.parse::<Token![=]>()?;
    if input.peek(LitInt) {
        return Ok(WasInput::Shards(shards(&input.parse()?)?));
    }
    let form = "where its items were: `was = 8`, or `was = unsharded(\"LISTING\")`";
    let word: Ident = input
        .parse()
        .map_err(|error| errors::attribute_at(error.span(), form))?;
    if word != "unsharded" {
        return Err(errors::attribute(&word, form));
    }
    let inner;
    parenthesized!(inner in input);
    let pk = inner.parse()?;
    let mut sk = None;
    if inner.peek(Token![,]) {
        inner.parse::<Token![,]>()?;
        sk = Some(inner.parse()?);
    }
    Ok(WasInput::Unsharded(pk, sk))
}

fn shards(count: &LitInt) -> syn::Result<u16> {
    match count.base10_parse::<u16>() {
        Ok(shards @ 1..=1_000) => Ok(shards),
        _ => Err(errors::attribute(
            count,
            "a number of shards, from 1 to 1000: each listing asks all of them",
        )),
    }
}

/// `read` makes a template of the former partition key.
pub(crate) fn validate(
    input: &ShardInput,
    key: &Key,
    index_keys: &[&Key],
    fields: &[Field],
    read: impl FnOnce(&LitStr, &mut Errors) -> Option<Template>,
    errors: &mut Errors,
) -> Option<Shard> {
    let mut fail = |span: Span, message: String| errors.at(span, "KF0019", message);
    let sharded: Vec<&Template> = std::iter::once(key)
        .chain(index_keys.iter().copied())
        .map(|key| &key.pk)
        .filter(|template| is_sharded(template))
        .collect();
    if sharded.is_empty() {
        fail(
            input.span,
            "`#[shard(..)]` and no `{shard}`: it stands in the partition key of the table or of an index, `pk = \"LISTING#{shard}\"`".to_owned(),
        );
        return None;
    }
    let name = input.by.unraw().to_string();
    let plain = |template: &Template| {
        template.segments.iter().any(|segment| {
            segment.part.is_some_and(|(place, modifier)| {
                fields[place].name == name && modifier == Modifier::None && !segment.tail
            })
        })
    };
    let by = fields.iter().position(|field| field.name == name);
    let Some(by) = by.filter(|_| key.templates().any(plain)) else {
        fail(
            input.by.span(),
            format!(
                "`{name}` is no part of the table's key, as it is and always there: a shard that is not told by the key cannot be found by it"
            ),
        );
        return None;
    };
    let was = match &input.was {
        None => None,
        Some(WasInput::Shards(count)) => Some(Was::Shards(*count)),
        Some(WasInput::Unsharded(pk, sk)) => {
            if sharded.len() > 1 {
                fail(
                    pk.span(),
                    "there is a `{shard}` in several keys; `unsharded` is about one".to_owned(),
                );
                return None;
            }
            let now = std::iter::once(key)
                .chain(index_keys.iter().copied())
                .find(|key| is_sharded(&key.pk))
                .and_then(|key| key.sk.as_ref());
            if let (Some(sk), Some(now)) = (sk, now)
                && sk.value() != now.text
            {
                fail(
                    sk.span(),
                    format!(
                        "the sort key stays the same while items are moved: \"{}\"",
                        now.text
                    ),
                );
                return None;
            }
            Some(Was::Unsharded(read(pk, errors)?))
        }
    };
    Some(Shard {
        count: input.count,
        by,
        was,
    })
}

fn is_sharded(template: &Template) -> bool {
    let mut placed = template
        .segments
        .iter()
        .filter_map(|segment| segment.placed.as_ref());
    placed.any(|(_, modifier)| matches!(modifier, Modifier::Shard(_)))
}

/// Its model.
pub(crate) fn model(
    p: &Private,
    shard: &Shard,
    fields: &[Field],
    template: impl FnOnce(&Template) -> TokenStream,
) -> TokenStream {
    let Shard { count, by, was } = shard;
    let (name, place) = (&fields[*by].name, index(*by));
    let was = match was {
        None => quote!(::core::option::Option::None),
        Some(Was::Shards(count)) => {
            quote!(::core::option::Option::Some(#p::FormerPlace::Shards(#count)))
        }
        Some(Was::Unsharded(pk)) => {
            let pk = template(pk);
            quote!(::core::option::Option::Some(#p::FormerPlace::Unsharded(#pk)))
        }
    };
    quote!(#p::ShardModel::of(#count, #name, #place, #was))
}
