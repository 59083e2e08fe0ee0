//! A form's fields as the API reads them, and back with what is wrong: there is one set of rules.

use serde_json::{Map, Value};

use crate::domain::input::BadInput;
use crate::pages::form::Field;

/// The fields as the body of the API's request.
pub fn body(fields: &[(&str, &str)]) -> Vec<u8> {
    let members: Map<String, Value> = fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), Value::from(*value)))
        .collect();
    Value::Object(members).to_string().into_bytes()
}

/// A field with what was typed, and the refusal if it concerns this one. Refusals begin with the name of their field.
pub fn field(name: &str, value: &str, refusal: Option<&BadInput>) -> Field {
    let text = refusal.map(ToString::to_string);
    let own = text
        .as_deref()
        .and_then(|text| text.strip_prefix(name))
        .filter(|rest| rest.starts_with([' ', ',']));
    match own {
        Some(_) if value.trim().is_empty() => Field::of(value).refused("Fill this in."),
        Some(rest) => Field::of(value).refused(format!("This{}.", rest.trim_end_matches('.'))),
        None => Field::of(value),
    }
}

/// Fields that must be filled in and are not.
pub fn required(name: &str, value: &str) -> Field {
    let field = Field::of(value);
    if value.trim().is_empty() {
        field.refused(format!("Fill in the {name}."))
    } else {
        field
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::input::CreateBrand;

    #[test]
    fn a_refusal_stands_at_its_field() {
        let long = "x".repeat(300);
        let typed = [("name", "Maison"), ("domain", &*long), ("industry", "food")];
        let refusal = CreateBrand::parse(&body(&typed)).unwrap_err();
        let shown = typed.map(|(name, value)| field(name, value, Some(&refusal)).error);
        assert_eq!(
            shown,
            [
                None,
                Some("This is too long: at most 253 characters.".to_owned()),
                None
            ]
        );
    }

    #[test]
    fn white_space_is_not_filled_in() {
        assert!(required("name", " \t").error.is_some());
        assert!(required("name", "x").error.is_none());
    }
}
