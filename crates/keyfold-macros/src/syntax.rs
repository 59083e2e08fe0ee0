//! Small readers that several attributes share.

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, Ident, Lit, Meta, Path, Token, parenthesized};

use crate::errors;

/// `name = value, name(..), name`: each name is given to `each`, which reads what belongs to it.
pub(crate) fn arguments(
    input: ParseStream<'_>,
    mut each: impl FnMut(&Ident, ParseStream<'_>) -> syn::Result<()>,
) -> syn::Result<()> {
    let mut seen = Vec::<Ident>::new();
    while !input.is_empty() {
        let name = input.call(Ident::parse_any)?;
        each(&name, input)?;
        // An index may be declared many times, anything else once.
        if name != "index" && seen.contains(&name) {
            return Err(errors::attribute(&name, format!("`{name}` is given twice")));
        }
        seen.push(name);
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(())
}

/// `= value`
pub(crate) fn value<T: syn::parse::Parse>(input: ParseStream<'_>) -> syn::Result<T> {
    input.parse::<Token![=]>()?;
    input.parse()
}

/// `(A, B)`
pub(crate) fn paths(input: ParseStream<'_>) -> syn::Result<Vec<Path>> {
    let inner;
    parenthesized!(inner in input);
    Ok(Punctuated::<Path, Token![,]>::parse_terminated(&inner)?
        .into_iter()
        .collect())
}

/// `#[skip(A, B)]`
pub(crate) fn path_list(attribute: &Attribute) -> syn::Result<Vec<Path>> {
    let paths = attribute.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated)?;
    if paths.is_empty() {
        return Err(errors::attribute(attribute, "name at least one entity"));
    }
    Ok(paths.into_iter().collect())
}

/// The last name of a path, without its arguments.
pub(crate) fn last_name(path: &Path) -> String {
    path.segments
        .last()
        .map_or_else(String::new, |segment| segment.ident.unraw().to_string())
}

/// A doc comment as one text.
pub(crate) fn doc(attributes: &[Attribute]) -> String {
    let lines = attributes
        .iter()
        .filter_map(|attribute| match &attribute.meta {
            Meta::NameValue(meta) if meta.path.is_ident("doc") => match &meta.value {
                Expr::Lit(expr) => match &expr.lit {
                    Lit::Str(text) => Some(text.value()),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        });
    let text = lines
        .map(|line| {
            line.strip_prefix(' ')
                .unwrap_or(&line)
                .trim_end()
                .to_owned()
        })
        .collect::<Vec<_>>()
        .join("\n");
    text.trim().to_owned()
}

/// Where an attribute stands.
pub(crate) fn span(attribute: &Attribute) -> Span {
    attribute
        .path()
        .get_ident()
        .map_or_else(Span::call_site, Ident::span)
}

/// An identifier as a name: `type` for `r#type`.
pub(crate) fn name(ident: &Ident) -> String {
    ident.unraw().to_string()
}
