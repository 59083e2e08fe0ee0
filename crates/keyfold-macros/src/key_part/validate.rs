//! Whether texts tell values apart, and whether glue can be found again.

use syn::{Ident, LitStr, Member, Type};

use super::parse::{KindInput, PartInput};
use crate::errors::Errors;
use crate::krate::Private;
use crate::syntax::name;

pub(crate) struct PartType {
    pub(crate) private: Private,
    pub(crate) ident: Ident,
    pub(crate) kind: Kind,
}

pub(crate) enum Kind {
    Newtype {
        member: Member,
        ty: Box<Type>,
    },
    Enum(Vec<(Ident, String)>),
    /// Each field and the glue after it; the last has none.
    Joined(Vec<(Ident, Type, Option<String>)>),
}

pub(crate) fn validate(input: PartInput, errors: &mut Errors) -> Option<PartType> {
    let kind = match input.kind {
        KindInput::Newtype { member, ty } => Kind::Newtype { member, ty },
        KindInput::Enum(variants) => {
            check_texts(&variants, errors);
            Kind::Enum(variants)
        }
        KindInput::Joined { template, fields } => Kind::Joined(joined(&template, fields, errors)?),
    };
    Some(PartType {
        private: input.private,
        ident: input.ident,
        kind,
    })
}

fn check_texts(variants: &[(Ident, String)], errors: &mut Errors) {
    let mut seen = Vec::<&String>::new();
    for (variant, text) in variants {
        if text.is_empty() {
            errors.attribute(variant, "an empty text cannot stand in a key");
        }
        if seen.contains(&text) {
            errors.attribute(
                variant,
                format!("two variants are written \"{text}\", so a key could not tell them apart"),
            );
        }
        seen.push(text);
    }
}

fn joined(
    template: &LitStr,
    fields: Vec<(Ident, Type)>,
    errors: &mut Errors,
) -> Option<Vec<(Ident, Type, Option<String>)>> {
    let text = template.value();
    let mut rest = text.as_str();
    let mut fields = fields;
    let known: Vec<String> = fields.iter().map(|(ident, _)| name(ident)).collect();
    let mut parts = Vec::new();
    while !rest.is_empty() {
        let piece = rest.strip_prefix('{').and_then(|rest| rest.split_once('}'));
        let Some((field, after)) = piece else {
            errors.at(
                template.span(),
                "KF0001",
                "a joined part is fields with glue between them: `{region}-{ulid}`",
            );
            return None;
        };
        let (glue, next) = after.split_at(after.find('{').unwrap_or(after.len()));
        if !check_glue(glue, next.is_empty(), template, errors) {
            return None;
        }
        let Some(place) = fields.iter().position(|(ident, _)| name(ident) == field) else {
            if known.iter().any(|known| known == field) {
                errors.at(
                    template.span(),
                    "KF0001",
                    format!("`{{{field}}}` stands there twice"),
                );
            } else {
                errors.unknown_field(template.span(), field, &known);
            }
            return None;
        };
        let (ident, ty) = fields.swap_remove(place);
        parts.push((ident, ty, (!next.is_empty()).then(|| glue.to_owned())));
        rest = next;
    }
    for (ident, _) in &fields {
        errors.attribute(
            ident,
            format!("`{ident}` is not in \"{text}\", so that two values would have one text"),
        );
    }
    if parts.is_empty() {
        errors.at(
            template.span(),
            "KF0001",
            "a joined part is fields with glue between them: `{region}-{ulid}`",
        );
    }
    (fields.is_empty() && !parts.is_empty()).then_some(parts)
}

/// Glue is found again by its first byte, which is escaped in what stands before it. Digits and
/// letters are not, so they would be ambiguous; what sorts up to `%` bounds the ranges.
fn check_glue(glue: &str, last: bool, template: &LitStr, errors: &mut Errors) -> bool {
    let message = if last {
        (!glue.is_empty()).then(|| "a joined part ends with a field".to_owned())
    } else if glue.is_empty() {
        Some(
            "between two fields stands glue, `{region}-{ulid}`, or their ends could not be told"
                .to_owned(),
        )
    } else {
        glue.chars().find(|c| !c.is_ascii_graphic() || *c <= '%' || c.is_ascii_alphanumeric() || *c == '}').map(|odd| {
            format!("{odd:?} cannot be glue: take ASCII punctuation above `%`, such as `-`, `.`, `:`, `_`, `~`")
        })
    };
    if let Some(message) = &message {
        errors.at(template.span(), "KF0001", message);
    }
    message.is_none()
}
