//! Every mistake of one derive, each at its own span.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;

/// Mistakes found so far.
#[derive(Default)]
pub(crate) struct Errors(Vec<syn::Error>);

impl Errors {
    /// An attribute that cannot be read.
    pub(crate) fn attribute(&mut self, at: impl ToTokens, message: impl std::fmt::Display) {
        self.push(attribute(at, message));
    }

    /// The same, where only a span is at hand.
    pub(crate) fn attribute_at(&mut self, span: Span, message: impl std::fmt::Display) {
        self.push(attribute_at(span, message));
    }

    /// A mistake with another code.
    pub(crate) fn at(&mut self, span: Span, code: &str, message: impl std::fmt::Display) {
        self.push(syn::Error::new(span, format!("{code}: {message}")));
    }

    /// A name that is no field.
    pub(crate) fn unknown_field(&mut self, span: Span, name: &str, known: &[String]) {
        let hint = nearest(name, known.iter().map(String::as_str)).map_or_else(
            || format!("; there are {}", list(known)),
            |near| format!("; did you mean `{near}`?"),
        );
        self.at(span, "KF0005", format!("no field `{name}`{hint}"));
    }

    pub(crate) fn push(&mut self, error: syn::Error) {
        self.0.push(error);
    }

    /// Keeps the value, or the mistake.
    pub(crate) fn keep<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                self.push(error);
                None
            }
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The compile errors.
    pub(crate) fn into_tokens(self) -> TokenStream {
        self.0
            .into_iter()
            .map(|error| with_code(error).into_compile_error())
            .collect()
    }
}

/// An attribute that cannot be read.
pub(crate) fn attribute(at: impl ToTokens, message: impl std::fmt::Display) -> syn::Error {
    syn::Error::new_spanned(at, format!("KF0004: {message}"))
}

/// The same, where only a span is at hand.
pub(crate) fn attribute_at(span: Span, message: impl std::fmt::Display) -> syn::Error {
    syn::Error::new(span, format!("KF0004: {message}"))
}

/// An argument that is not known in this place.
pub(crate) fn unknown(ident: &syn::Ident, known: &[&str]) -> syn::Error {
    let name = ident.to_string();
    let hint = nearest(&name, known.iter().copied())
        .map_or_else(String::new, |near| format!("did you mean `{near}`? "));
    attribute(
        ident,
        format!("no `{name}` here; {hint}known are {}", list(known)),
    )
}

/// What syn itself says has no code yet; it is about the form of an attribute.
fn with_code(error: syn::Error) -> syn::Error {
    error
        .into_iter()
        .map(|error| {
            let message = error.to_string();
            if message.starts_with("KF") {
                error
            } else {
                syn::Error::new(error.span(), format!("KF0004: {message}"))
            }
        })
        .reduce(|mut all, next| {
            all.combine(next);
            all
        })
        .unwrap_or_else(|| attribute_at(Span::call_site(), "unreadable"))
}

/// The known name that is most like this one, if any is.
pub(crate) fn nearest<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    known
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}

fn list<T: AsRef<str>>(names: &[T]) -> String {
    names
        .iter()
        .map(|name| format!("`{}`", name.as_ref()))
        .collect::<Vec<_>>()
        .join(", ")
}
