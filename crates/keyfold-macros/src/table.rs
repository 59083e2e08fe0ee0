//! `#[derive(Table)]`.

mod expand;
mod parse;
mod scopes;
mod validate;

use proc_macro2::TokenStream;
use quote::quote;

pub(crate) use expand::group_hash;

use crate::errors::Errors;

pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let expansion = errors
        .keep(syn::parse2(input))
        .and_then(|input| parse::parse(&input, &mut errors))
        .map(|input| {
            validate::validate(&input, &mut errors);
            expand::expand(&input, errors.is_empty())
        });
    let errors = errors.into_tokens();
    quote!(#expansion #errors)
}
