//! The code of a key part.

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Ident, Member, Type};

use super::validate::{Kind, PartType};

pub(crate) fn expand(part: &PartType) -> TokenStream {
    let PartType {
        private: p,
        ident,
        kind,
    } = part;
    let Code {
        shape,
        max_len,
        encode,
        decode,
        checks,
    } = match kind {
        Kind::Newtype { member, ty } => newtype(p, member, ty),
        Kind::Enum(variants) => variants_code(p, variants),
        Kind::Joined(fields) => joined(p, fields),
    };
    quote! {
        #[automatically_derived]
        impl #p::KeyPart for #ident {
            const SHAPE: #p::Shape<'static> = #shape;
            const MAX_LEN: ::core::option::Option<usize> = #max_len;

            fn encode(&self, out: &mut #p::PartText<'_>) -> ::core::result::Result<(), #p::PartError> {
                #encode
            }

            fn decode(source: #p::PartSource<'_>) -> ::core::result::Result<Self, #p::PartError> {
                #decode
            }
        }
        #checks
    }
}

struct Code {
    shape: TokenStream,
    max_len: TokenStream,
    encode: TokenStream,
    decode: TokenStream,
    checks: TokenStream,
}

fn newtype(p: &impl ToTokens, member: &Member, ty: &Type) -> Code {
    let inner = quote_spanned!(ty.span()=> <#ty as #p::KeyPart>);
    Code {
        shape: quote!(#inner::SHAPE),
        max_len: quote!(#inner::MAX_LEN),
        encode: quote!(#inner::encode(&self.#member, out)),
        decode: quote!(::core::result::Result::Ok(Self { #member: #inner::decode(source)? })),
        checks: TokenStream::new(),
    }
}

fn variants_code(p: &impl ToTokens, variants: &[(Ident, String)]) -> Code {
    let (names, texts): (Vec<_>, Vec<_>) = variants
        .iter()
        .map(|(name, text)| (name, text.as_str()))
        .unzip();
    let keys: Vec<String> = texts.iter().map(|text| escaped(text)).collect();
    let max_len = Literal::usize_unsuffixed(keys.iter().map(String::len).max().unwrap_or_default());
    // What holds nothing up to `%` stands in the key as it is.
    let plain = keys.iter().zip(&texts).all(|(key, text)| key == text);
    let encode = if plain {
        quote! {
            let text = match self { #(Self::#names => #texts,)* };
            out.verbatim(::core::format_args!("{text}"))
        }
    } else {
        quote!(out.text(match self { #(Self::#names => #texts,)* }))
    };
    let text = if plain {
        quote!(source.as_str())
    } else {
        quote!(source.text()?.as_str())
    };
    Code {
        shape: quote!(#p::Shape::one_of(const { &[#(#p::Cow::Borrowed(#keys)),*] })),
        max_len: quote!(::core::option::Option::Some(#max_len)),
        encode,
        decode: quote! {
            match #text {
                #(#texts => ::core::result::Result::Ok(Self::#names),)*
                _ => ::core::result::Result::Err(#p::PartError::Malformed),
            }
        },
        checks: TokenStream::new(),
    }
}

/// Text as `keyfold_model` escapes it.
fn escaped(text: &str) -> String {
    let mut key = String::new();
    // Free text without a modifier cannot fail but for being empty, which is refused before.
    let mut out = keyfold_model::PartText::new(&mut key, keyfold_model::Modifier::None);
    let _ = out.text(text);
    key
}

fn joined(p: &impl ToTokens, fields: &[(Ident, Type, Option<String>)]) -> Code {
    let encodes = fields.iter().map(|(field, ty, glue)| {
        let part = quote_spanned!(ty.span()=> <#ty as #p::KeyPart>);
        let Some(glue) = glue else {
            return quote!(#part::encode(&self.#field, out));
        };
        let byte = Literal::byte_character(u8::try_from(first_char(glue)).unwrap_or(b'-'));
        quote! {
            #part::encode(&self.#field, &mut out.before_glue(#byte))?;
            out.glue(#glue);
        }
    });
    let decodes = fields.iter().map(|(field, ty, glue)| {
        let part = quote_spanned!(ty.span()=> <#ty as #p::KeyPart>);
        let Some(glue) = glue else {
            return quote!(let #field = #part::decode(source.piece(rest))?;);
        };
        // Glue in the value was escaped by its first byte; the rest of it is the type's own.
        let first = first_char(glue);
        let escape = format!("%{:02X}", u32::from(first));
        let first = first.to_string();
        quote! {
            let (piece, rest) = rest.split_once(#glue).ok_or(#p::PartError::Malformed)?;
            let #field = #part::decode(source.piece(&piece.replace(#escape, #first)))?;
        }
    });
    let names = fields.iter().map(|(field, ..)| field);
    // Inside another, a joined part would write its own glue where the outer one looks for its.
    let checks = fields.iter().filter(|(.., glue)| glue.is_some()).map(|(field, ty, _)| {
        let message = format!(
            "KF0004: `{field}` is itself made of several values, so it stands last in a joined part, or as a part of its own in the template"
        );
        quote_spanned! {ty.span()=>
            const _: () = ::core::assert!(!const { &<#ty as #p::KeyPart>::SHAPE }.is_joined(), #message);
        }
    });
    Code {
        shape: quote!(#p::Shape::JOINED),
        max_len: quote!(::core::option::Option::None),
        encode: quote!(#(#encodes)*),
        decode: quote! {
            let rest = source.as_str();
            #(#decodes)*
            ::core::result::Result::Ok(Self { #(#names),* })
        },
        checks: quote!(#(#checks)*),
    }
}

/// Glue is ASCII, and not empty.
fn first_char(glue: &str) -> char {
    glue.chars().next().unwrap_or('-')
}
