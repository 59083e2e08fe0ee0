//! Free-form objects (`metadata`, `data`): bounded, and such that they come back from storage as they were sent.

use serde_json::Value;
use serde_json::value::RawValue;

use super::BadInput;
use crate::domain::canonical::{Object, check_numbers, text_of_object};

const CANONICAL_BYTES_MAX: usize = 16 * 1024;
const LEVELS_MAX: usize = 10;

/// Reads the member `field`.
pub(super) fn read(field: &str, value: &RawValue) -> Result<Object, BadInput> {
    let text = value.get();
    if !text.starts_with('{') {
        return Err(BadInput::new(format!("{field} must be an object")));
    }
    if levels_are_too_many(text) {
        return Err(BadInput::new(format!(
            "{field} is nested too deeply: at most {LEVELS_MAX} levels"
        )));
    }
    let object: Object = serde_json::from_str(text).map_err(|_| {
        BadInput::new(format!("{field} has text that is not valid (half of a surrogate pair) or a number that is too large"))
    })?;
    check_numbers(text).map_err(|refusal| BadInput::new(format!("{field} {refusal}")))?;
    if has_empty_key(&object) {
        return Err(BadInput::new(format!(
            "{field} has a member with an empty name, which cannot be stored: give it a name"
        )));
    }
    if text_of_object(&object).len() > CANONICAL_BYTES_MAX {
        return Err(BadInput::new(format!(
            "{field} is too large: at most {CANONICAL_BYTES_MAX} bytes as compact JSON"
        )));
    }
    Ok(object)
}

/// Counted in the text, before anything recursive reads it. The outer object is level 1.
fn levels_are_too_many(json: &str) -> bool {
    let mut levels = 0;
    let mut in_string = false;
    let mut bytes = json.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => in_string = !in_string,
            b'\\' if in_string => _ = bytes.next(),
            b'{' | b'[' if !in_string => {
                levels += 1;
                if levels > LEVELS_MAX {
                    return true;
                }
            }
            b'}' | b']' if !in_string => levels -= 1,
            _ => {}
        }
    }
    false
}

fn has_empty_key(object: &Object) -> bool {
    fn inside(value: &Value) -> bool {
        match value {
            Value::Object(object) => has_empty_key(object),
            Value::Array(values) => values.iter().any(inside),
            _ => false,
        }
    }
    object
        .iter()
        .any(|(key, value)| key.is_empty() || inside(value))
}
