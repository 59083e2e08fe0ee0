//! Canonical JSON: the one text of a value that is hashed.
//!
//! Compact; object keys of free-form objects sorted by Unicode code point at every depth, because a `DynamoDB` map keeps no
//! order; numbers as ECMAScript writes them, so that a browser recomputes the same hash; strings with the escapes that
//! `JSON.stringify` and `serde_json` write and nothing else. The outer object of a hash has its own fixed order: [`Writer`].

use serde_json::{Map, Value};

pub use self::number::{NumberRefusal, check_number, check_numbers};

mod number;

/// A free-form object, as it is stored and hashed.
pub type Object = Map<String, Value>;

/// The canonical text of a value.
pub fn text_of(value: &Value) -> String {
    let mut out = String::new();
    write_value(&mut out, value);
    out
}

/// The canonical text of a free-form object.
pub fn text_of_object(object: &Object) -> String {
    let mut out = String::new();
    write_object(&mut out, object);
    out
}

/// Writes an object whose keys stand in the order in which they are given.
///
/// ```
/// use genuproof::domain::canonical::Writer;
///
/// let text = Writer::new().text("productId", "p1").null("location").finish();
/// assert_eq!(text, r#"{"productId":"p1","location":null}"#);
/// ```
#[derive(Debug)]
pub struct Writer {
    out: String,
}

impl Default for Writer {
    fn default() -> Self {
        Self::new()
    }
}

impl Writer {
    /// An object without members yet.
    pub fn new() -> Self {
        Self {
            out: String::from("{"),
        }
    }

    /// A member that is text.
    #[must_use]
    pub fn text(mut self, key: &str, value: &str) -> Self {
        self.key(key);
        write_text(&mut self.out, value);
        self
    }

    /// A member that is text or null.
    #[must_use]
    pub fn text_or_null(self, key: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.text(key, value),
            None => self.null(key),
        }
    }

    /// A member that is null.
    #[must_use]
    pub fn null(mut self, key: &str) -> Self {
        self.key(key);
        self.out.push_str("null");
        self
    }

    /// A member that is a count.
    #[must_use]
    pub fn count(mut self, key: &str, value: u64) -> Self {
        self.key(key);
        self.out.push_str(&value.to_string());
        self
    }

    /// A member that is a free-form object, with its keys sorted.
    #[must_use]
    pub fn object(mut self, key: &str, value: &Object) -> Self {
        self.key(key);
        write_object(&mut self.out, value);
        self
    }

    /// A member that is any value, inner keys sorted.
    #[must_use]
    pub fn value(mut self, key: &str, value: &Value) -> Self {
        self.key(key);
        write_value(&mut self.out, value);
        self
    }

    /// A member that was written by another `Writer`, so with keys in their own order.
    #[must_use]
    pub fn written(mut self, key: &str, object: Self) -> Self {
        self.key(key);
        self.out.push_str(&object.finish());
        self
    }

    /// The text.
    pub fn finish(mut self) -> String {
        self.out.push('}');
        self.out
    }

    fn key(&mut self, key: &str) {
        if self.out.len() > 1 {
            self.out.push(',');
        }
        write_text(&mut self.out, key);
        self.out.push(':');
    }
}

fn write_value(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(value) => number::write(out, value),
        Value::String(value) => write_text(out, value),
        Value::Array(values) => {
            out.push('[');
            for (index, value) in values.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_value(out, value);
            }
            out.push(']');
        }
        Value::Object(object) => write_object(out, object),
    }
}

fn write_object(out: &mut String, object: &Object) {
    // Sorted here although a `Map` usually is: serde_json's `preserve_order`, switched on by any crate of the build, would change
    // every hash. `str` sorts by UTF-8 bytes, which is the order of code points.
    let mut members: Vec<_> = object.iter().collect();
    members.sort_unstable_by_key(|(key, _)| key.as_str());
    out.push('{');
    for (index, (key, value)) in members.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write_text(out, key);
        out.push(':');
        write_value(out, value);
    }
    out.push('}');
}

fn write_text(out: &mut String, text: &str) {
    const HEX: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
    ];
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if control < ' ' => {
                let code = control as usize;
                out.push_str("\\u00");
                out.push(HEX[code >> 4]);
                out.push(HEX[code & 15]);
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn check(sent: &str, expect: &str) {
        let value: Value = serde_json::from_str(sent).unwrap();
        assert_eq!(text_of(&value), expect);
    }

    #[test]
    fn keys_are_sorted_by_code_point_at_every_depth_and_arrays_keep_their_order() {
        check(
            r#"{"é":[2,1],"a":{"d":1.0,"c":"x"},"2":0.25,"B":-3,"10":1e21}"#,
            r#"{"10":1e+21,"2":0.25,"B":-3,"a":{"c":"x","d":1},"é":[2,1]}"#,
        );
        // UTF-16 order, which JavaScript's `sort` uses, would put the emoji (a surrogate pair) before U+FFFD.
        check("{\"😀\":1,\"\u{fffd}\":2}", "{\"\u{fffd}\":2,\"😀\":1}");
    }

    #[test]
    fn text_is_escaped_as_json_stringify_escapes_it() {
        check(
            "\"\\u0000\\u0001\\b\\t\\n\\u000b\\f\\r\\u001f\\u007f\\u2028/<\\\"\\\\é腕\"",
            "\"\\u0000\\u0001\\b\\t\\n\\u000b\\f\\r\\u001f\u{7f}\u{2028}/<\\\"\\\\é腕\"",
        );
    }

    #[test]
    fn a_writer_keeps_the_order_of_its_members() {
        let inner = Writer::new().count("z", 1).text("a", "x");
        let text = Writer::new()
            .text("z", "1")
            .text_or_null("y", None)
            .object("m", json!({"b": 1, "a": 2}).as_object().unwrap())
            .value("v", &json!([true]))
            .written("w", inner)
            .finish();
        assert_eq!(
            text,
            r#"{"z":"1","y":null,"m":{"a":2,"b":1},"v":[true],"w":{"z":1,"a":"x"}}"#
        );
        assert_eq!(Writer::new().finish(), "{}");
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::vec((any::<String>(), inner), 0..6)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn canonical_text_is_json_and_is_its_own_canonical_text(value in any_value()) {
            let text = text_of(&value);
            let back: Value = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(text_of(&back), text);
        }

        #[test]
        fn the_order_in_which_members_arrive_does_not_show(members in prop::collection::btree_map(any::<String>(), any::<i32>(), 0..8)) {
            let forward: Vec<_> = members.iter().map(|(k, v)| format!("{}:{v}", Value::from(k.as_str()))).collect();
            let mut backward = forward.clone();
            backward.reverse();
            let read = |members: &[String]| text_of(&serde_json::from_str(&format!("{{{}}}", members.join(","))).unwrap());
            prop_assert_eq!(read(&forward), read(&backward));
        }

        #[test]
        fn strings_are_written_as_serde_json_writes_them(text: String) {
            let value = Value::String(text);
            prop_assert_eq!(text_of(&value), value.to_string());
        }
    }
}
