//! What can be told of a type by how it is written.

use quote::ToTokens;
use syn::{GenericArgument, PathArguments, Type};

/// What a field is by its type's name; aliases are not seen through.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Container {
    Option,
    List,
    Set,
    Map,
    Other,
}

pub(crate) fn container(ty: &Type) -> Container {
    match last_segment(ty)
        .map(|segment| segment.ident.to_string())
        .as_deref()
    {
        Some("Option") => Container::Option,
        Some("Vec") => Container::List,
        Some("HashSet" | "BTreeSet") => Container::Set,
        Some("HashMap" | "BTreeMap") => Container::Map,
        _ => Container::Other,
    }
}

/// The `T` of `Option<T>`, or the type itself.
pub(crate) fn without_option(ty: &Type) -> &Type {
    if container(ty) == Container::Option {
        argument(ty).unwrap_or(ty)
    } else {
        ty
    }
}

/// The first argument of `Name<T>`.
pub(crate) fn argument(ty: &Type) -> Option<&Type> {
    match &last_segment(ty)?.arguments {
        PathArguments::AngleBracketed(list) => {
            list.args.iter().find_map(|argument| match argument {
                GenericArgument::Type(ty) => Some(ty),
                _ => None,
            })
        }
        _ => None,
    }
}

/// The first two arguments of `Name<K, V>`.
pub(crate) fn two_arguments(ty: &Type) -> Option<(&Type, &Type)> {
    let PathArguments::AngleBracketed(list) = &last_segment(ty)?.arguments else {
        return None;
    };
    let mut types = list.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    Some((types.next()?, types.next()?))
}

/// Whether it is `Vec<u8>`, which serde writes as a list of numbers.
pub(crate) fn is_byte_list(ty: &Type) -> bool {
    let is_byte = |ty: &Type| matches!(ty, Type::Path(path) if path.path.is_ident("u8"));
    container(ty) == Container::List && argument(ty).is_some_and(is_byte)
}

/// The `T` of a `Name<T>` with exactly this name and one argument.
pub(crate) fn argument_of<'t>(ty: &'t Type, name: &str) -> Option<&'t Type> {
    let segment = last_segment(ty)?;
    let PathArguments::AngleBracketed(list) = &segment.arguments else {
        return None;
    };
    (segment.ident == name && list.args.len() == 1)
        .then(|| argument(ty))
        .flatten()
}

/// The types of a `Name<A, B>` with exactly this name.
pub(crate) fn arguments_of<'t>(ty: &'t Type, name: &str) -> Option<Vec<&'t Type>> {
    let segment = last_segment(ty).filter(|segment| segment.ident == name)?;
    let PathArguments::AngleBracketed(list) = &segment.arguments else {
        return None;
    };
    let types = list.args.iter().map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    types.collect()
}

pub(crate) fn is_string(ty: &Type) -> bool {
    last_segment(ty).is_some_and(|segment| segment.ident == "String")
}

fn last_segment(ty: &Type) -> Option<&syn::PathSegment> {
    match ty {
        Type::Path(path) if path.qself.is_none() => path.path.segments.last(),
        Type::Group(group) => last_segment(&group.elem),
        Type::Paren(paren) => last_segment(&paren.elem),
        _ => None,
    }
}

/// A type as it is written, for the model: `Option<Id<Brand>>`.
pub(crate) fn written(ty: &Type) -> String {
    let tokens = ty.to_token_stream().to_string();
    let mut out = String::with_capacity(tokens.len());
    let mut letters = tokens.chars().peekable();
    while let Some(letter) = letters.next() {
        // Token streams print with a space on each side of punctuation.
        let wanted = letter != ' '
            || (out.ends_with(|c: char| {
                c.is_alphanumeric() || matches!(c, '_' | ',' | ';' | '>' | ']' | ')')
            }) && letters.peek().is_some_and(|c| {
                c.is_alphanumeric() || matches!(c, '_' | '&' | '(' | '[' | '=' | '+')
            }) && !(out.ends_with(['>', ']', ')']) && letters.peek() != Some(&'=')));
        if wanted {
            out.push(letter);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_written_as_a_person_writes_it() {
        for ty in [
            "Option<Id<Brand>>",
            "std::collections::BTreeMap<String, Vec<u8>>",
            "[u8; 32]",
            "(u8, Id<A, B>)",
        ] {
            assert_eq!(written(&syn::parse_str(ty).expect("a type")), ty);
        }
    }
}
