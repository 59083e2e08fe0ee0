//! `#[derive(Refusal)]`: a marker, so it needs no steps.

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

use crate::errors::Errors;
use crate::krate::Private;

pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.into_compile_error(),
    };
    let mut errors = Errors::default();
    let private = Private::of(&input.attrs, &mut errors);
    let (ident, (generics, arguments, bounds)) = (&input.ident, input.generics.split_for_impl());
    let errors = errors.into_tokens();
    quote! {
        #[automatically_derived]
        impl #generics #private::Refusal for #ident #arguments #bounds {}
        #errors
    }
}
