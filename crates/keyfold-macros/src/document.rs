//! `#[derive(Document)]`.

mod expand;
mod parse;

use proc_macro2::TokenStream;
use quote::quote;

use crate::errors::Errors;

pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let expansion = errors
        .keep(syn::parse2(input))
        .and_then(|input| parse::parse(&input, &mut errors))
        .map(|input| expand::expand(&input));
    let errors = errors.into_tokens();
    quote!(#expansion #errors)
}
