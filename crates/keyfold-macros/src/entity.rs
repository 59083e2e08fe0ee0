//! `#[derive(Entity)]`.

mod expand;
mod parse;
mod shard;
mod updates;
mod validate;

use proc_macro2::TokenStream;
use quote::quote;

use crate::errors::Errors;

pub(crate) use expand::written_with;

pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let expansion = errors
        .keep(syn::parse2(input))
        .and_then(|input| parse::parse(&input, &mut errors))
        .map(|input| expand::expand(&validate::validate(input, &mut errors)));
    let errors = errors.into_tokens();
    quote!(#expansion #errors)
}
