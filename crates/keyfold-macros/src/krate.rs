//! Where the runtime crate is found: `::keyfold`, or what `#[keyfold(crate = path)]` says.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::{Attribute, Ident, Path, Token};

use crate::errors::{Errors, unknown};

/// The path of the hidden module that expansions reach into.
pub(crate) struct Private(TokenStream);

impl Private {
    /// As the item's `#[keyfold(crate = path)]` says.
    pub(crate) fn of(attributes: &[Attribute], errors: &mut Errors) -> Self {
        let mut found = None;
        for attribute in attributes
            .iter()
            .filter(|attribute| attribute.path().is_ident("keyfold"))
        {
            let path = attribute.parse_args_with(|input: syn::parse::ParseStream<'_>| {
                let name = input.call(Ident::parse_any)?;
                if name != "crate" {
                    return Err(unknown(&name, &["crate"]));
                }
                input.parse::<Token![=]>()?;
                input.call(Path::parse_mod_style)
            });
            found = errors.keep(path).or(found);
        }
        Self::at(found.as_ref())
    }

    /// The alias that constants have for it.
    pub(crate) fn short() -> Self {
        Self(quote!(__k))
    }

    /// The same with this span: an expression is reported where its first token stands.
    pub(crate) fn spanned(&self, span: Span) -> TokenStream {
        let respan = |mut token: TokenTree| {
            token.set_span(span);
            token
        };
        self.0.clone().into_iter().map(respan).collect()
    }

    /// Under this path, or the crate's own name.
    pub(crate) fn at(path: Option<&Path>) -> Self {
        Self(path.map_or_else(
            || quote!(::keyfold::__private),
            |path| quote!(#path::__private),
        ))
    }
}

impl ToTokens for Private {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.0.to_tokens(tokens);
    }
}
