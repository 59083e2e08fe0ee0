//! A tree of values whose maps keep their order, written as JSON or YAML.
//!
//! People read these files and compare them: `Type` stands before `Properties`, and the same design gives the
//! same bytes. `serde_json::Value` sorts its keys, or not, as some other crate of the build has asked.

use std::fmt::Write as _;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::Number;

/// A value of JSON or YAML.
#[derive(Debug, Clone, PartialEq)]
pub enum Tree {
    /// No value.
    Null,
    /// True or false.
    Bool(bool),
    /// A number.
    Number(Number),
    /// Text.
    Text(String),
    /// Values in order.
    List(Vec<Tree>),
    /// Named values, in order.
    Map(Vec<(String, Tree)>),
}

impl Tree {
    /// A map of what is named.
    pub fn map<K: Into<String>, V: Into<Tree>>(entries: impl IntoIterator<Item = (K, V)>) -> Self {
        Tree::Map(
            entries
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }

    /// A list.
    pub fn list<V: Into<Tree>>(values: impl IntoIterator<Item = V>) -> Self {
        Tree::List(values.into_iter().map(Into::into).collect())
    }

    /// Adds to a map; anything else is left as it is.
    pub fn add(&mut self, name: impl Into<String>, value: impl Into<Tree>) {
        if let Tree::Map(entries) = self {
            entries.push((name.into(), value.into()));
        }
    }

    /// What a map holds under a name.
    pub fn get(&self, name: &str) -> Option<&Tree> {
        self.entries()
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value)
    }

    /// The text, where it is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Tree::Text(text) => Some(text),
            _ => None,
        }
    }

    /// What a list holds; nothing where it is none.
    pub fn items(&self) -> &[Tree] {
        match self {
            Tree::List(values) => values,
            _ => &[],
        }
    }

    /// What a map holds; nothing where it is none.
    pub fn entries(&self) -> &[(String, Tree)] {
        match self {
            Tree::Map(entries) => entries,
            _ => &[],
        }
    }

    /// As JSON for people, with a newline at the end.
    pub fn to_json(&self) -> String {
        // Every key is text and every number is one of JSON: there is nothing that could fail.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// As JSON on one line.
    pub fn to_json_line(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// As YAML, with a newline at the end.
    pub fn to_yaml(&self) -> String {
        let mut out = String::new();
        match self {
            Tree::Map(entries) if !entries.is_empty() => yaml_map(&mut out, entries, 0),
            Tree::List(values) if !values.is_empty() => yaml_list(&mut out, values, 0),
            scalar => {
                yaml_scalar(&mut out, scalar);
                out.push('\n');
            }
        }
        out
    }

    /// Reads JSON.
    ///
    /// # Errors
    /// Where it is none, with the place.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }
}

impl From<&str> for Tree {
    fn from(text: &str) -> Self {
        Tree::Text(text.to_owned())
    }
}

impl From<&String> for Tree {
    fn from(text: &String) -> Self {
        Tree::Text(text.clone())
    }
}

impl From<String> for Tree {
    fn from(text: String) -> Self {
        Tree::Text(text)
    }
}

impl From<bool> for Tree {
    fn from(value: bool) -> Self {
        Tree::Bool(value)
    }
}

impl From<Vec<Tree>> for Tree {
    fn from(values: Vec<Tree>) -> Self {
        Tree::List(values)
    }
}

fn yaml_map(out: &mut String, entries: &[(String, Tree)], depth: usize) {
    for (at, (name, value)) in entries.iter().enumerate() {
        // The first entry stands on the line of the dash before it.
        if at > 0 || !out.ends_with("- ") {
            let _ = write!(out, "{:indent$}", "", indent = depth * 2);
        }
        yaml_text(out, name);
        out.push(':');
        yaml_value(out, value, depth);
    }
}

fn yaml_list(out: &mut String, values: &[Tree], depth: usize) {
    for value in values {
        let _ = write!(out, "{:indent$}- ", "", indent = depth * 2);
        match value {
            Tree::Map(entries) if !entries.is_empty() => yaml_map(out, entries, depth + 1),
            Tree::List(nested) if !nested.is_empty() => {
                out.push('\n');
                yaml_list(out, nested, depth + 1);
            }
            scalar => {
                yaml_scalar(out, scalar);
                out.push('\n');
            }
        }
    }
}

fn yaml_value(out: &mut String, value: &Tree, depth: usize) {
    match value {
        Tree::Map(entries) if !entries.is_empty() => {
            out.push('\n');
            yaml_map(out, entries, depth + 1);
        }
        Tree::List(values) if !values.is_empty() => {
            out.push('\n');
            yaml_list(out, values, depth + 1);
        }
        scalar => {
            out.push(' ');
            yaml_scalar(out, scalar);
            out.push('\n');
        }
    }
}

fn yaml_scalar(out: &mut String, value: &Tree) {
    match value {
        Tree::Text(text) => yaml_text(out, text),
        // JSON's own form is YAML for all of these.
        other => out.push_str(&other.to_json_line()),
    }
}

/// Plain where every reader of YAML agrees that it is text, else in quotes: YAML's double quotes know all that
/// JSON's know.
fn yaml_text(out: &mut String, text: &str) {
    const WORDS: [&str; 9] = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"];
    let starts_well = text.starts_with(|c: char| c.is_ascii_alphabetic());
    let is_plain = text.bytes().all(|byte| {
        byte.is_ascii_alphanumeric()
            || matches!(byte, b'_' | b'-' | b'.' | b'/' | b':' | b'\'' | b' ')
    });
    let is_word = WORDS.iter().any(|word| text.eq_ignore_ascii_case(word));
    let is_entry = text.contains(": ") || text.ends_with([':', ' ']);
    if starts_well && is_plain && !is_word && !is_entry {
        out.push_str(text);
    } else {
        out.push_str(&serde_json::to_string(text).unwrap_or_default());
    }
}

impl Serialize for Tree {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Tree::Null => serializer.serialize_unit(),
            Tree::Bool(value) => serializer.serialize_bool(*value),
            Tree::Number(number) => number.serialize(serializer),
            Tree::Text(text) => serializer.serialize_str(text),
            Tree::List(values) => values.serialize(serializer),
            Tree::Map(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                for (name, value) in entries {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyTree)
    }
}

struct AnyTree;

impl<'de> Visitor<'de> for AnyTree {
    type Value = Tree;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a value of JSON")
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
        Ok(Tree::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Tree, E> {
        Ok(Tree::Number(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Tree, E> {
        Ok(Tree::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Tree, E> {
        Ok(Number::from_f64(value).map_or(Tree::Null, Tree::Number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Tree, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Tree, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element()? {
            values.push(value);
        }
        Ok(Tree::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tree, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Tree::Map(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_keep_their_order_in_both_forms() {
        let tree = Tree::map([
            ("Type", Tree::from("AWS::DynamoDB::Table")),
            ("Empty", Tree::List(Vec::new())),
            (
                "A",
                Tree::list([Tree::map([("Z", "1"), ("B", "no")]), Tree::from("PRODUCT#")]),
            ),
        ]);
        assert_eq!(
            tree.to_yaml(),
            "Type: AWS::DynamoDB::Table\nEmpty: []\nA:\n  - Z: \"1\"\n    B: \"no\"\n  - \"PRODUCT#\"\n"
        );
        assert_eq!(Tree::from_json(&tree.to_json()).unwrap(), tree);
    }
}
