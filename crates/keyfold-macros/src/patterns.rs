//! `#[access_patterns]`.

mod expand;
mod parse;
mod validate;

use proc_macro2::TokenStream;
use quote::quote;

pub(crate) use expand::member;

use crate::errors::Errors;

pub(crate) fn expand(arguments: TokenStream, input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let expansion = errors.keep(syn::parse2(input)).and_then(|block| {
        let mut block = parse::parse(arguments, block, &mut errors)?;
        validate::validate(&mut block, &mut errors);
        Some(expand::expand(&block))
    });
    let errors = errors.into_tokens();
    quote!(#expansion #errors)
}
