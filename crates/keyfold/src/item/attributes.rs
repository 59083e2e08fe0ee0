//! The attributes of an item to the fields of a struct, and which of them does not fit.
//!
//! The item itself is read here, its names as they stand; its values by [`AttributeDeserializer`].
//! Bench: `repository`, get.

use std::collections::hash_map::IntoIter;
use std::fmt;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, Visitor,
};
use serde_path_to_error::Track;

use super::Item;
use crate::value::AttributeDeserializer;

/// The struct of an item.
pub(crate) fn read<T: DeserializeOwned>(item: Item) -> Result<T, Unfit> {
    T::deserialize(Attributes(item))
}

/// An item and its struct do not fit.
#[derive(Debug, PartialEq)]
pub(crate) struct Unfit {
    /// The attribute, and the place within it.
    pub(crate) path: String,
    pub(crate) reason: String,
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.reason)
    }
}

impl std::error::Error for Unfit {}

impl serde::de::Error for Unfit {
    fn custom<T: fmt::Display>(reason: T) -> Self {
        Self {
            path: ".".to_owned(),
            reason: reason.to_string(),
        }
    }

    fn missing_field(field: &'static str) -> Self {
        Self {
            path: field.to_owned(),
            reason: "it is missing".to_owned(),
        }
    }
}

struct Attributes(Item);

impl<'de> Deserializer<'de> for Attributes {
    type Error = Unfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        visitor.visit_map(Fields {
            rest: self.0.into_iter(),
            current: None,
        })
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Unfit> {
        visitor.visit_newtype_struct(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

struct Fields {
    rest: IntoIter<String, AttributeValue>,
    current: Option<(String, AttributeValue)>,
}

impl<'de> MapAccess<'de> for Fields {
    type Error = Unfit;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Unfit> {
        self.current = self.rest.next();
        let Some((name, _)) = &self.current else {
            return Ok(None);
        };
        let name: StrDeserializer<'_, Unfit> = name.as_str().into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Unfit> {
        let Some((name, value)) = self.current.take() else {
            return Err(serde::de::Error::custom("a value without a name"));
        };
        let value = AttributeDeserializer(value);
        let mut track = Track::new();
        seed.deserialize(serde_path_to_error::Deserializer::new(value, &mut track))
            .map_err(|error| Unfit {
                path: joined(name, &track.path().to_string()),
                reason: error.to_string(),
            })
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

/// `lines` and `[2].price` are `lines[2].price`.
fn joined(name: String, within: &str) -> String {
    match within {
        "." => name,
        within if within.starts_with('[') => name + within,
        within => name + "." + within,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashMap};

    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Order {
        name: String,
        count: u64,
        note: Option<String>,
        lines: Vec<Line>,
        #[serde(flatten)]
        more: BTreeMap<String, String>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Line {
        price: u32,
    }

    fn text(value: &str) -> AttributeValue {
        AttributeValue::S(value.to_owned())
    }

    fn number(value: &str) -> AttributeValue {
        AttributeValue::N(value.to_owned())
    }

    fn line(price: AttributeValue) -> AttributeValue {
        AttributeValue::M(HashMap::from([("price".to_owned(), price)]))
    }

    fn item(changed: &str, value: Option<AttributeValue>) -> Item {
        let lines = vec![line(number("1")), line(number("2"))];
        let mut item = Item::from([
            ("name".to_owned(), text("Ada")),
            ("count".to_owned(), number("7")),
            ("note".to_owned(), AttributeValue::Null(true)),
            ("lines".to_owned(), AttributeValue::L(lines)),
        ]);
        match value {
            Some(value) => item.insert(changed.to_owned(), value),
            None => item.remove(changed),
        };
        item
    }

    fn unfit(changed: &str, value: Option<AttributeValue>) -> (String, String) {
        let unfit = read::<Order>(item(changed, value)).unwrap_err();
        (unfit.path, unfit.reason)
    }

    #[test]
    fn an_item_becomes_its_struct() {
        let order: Order = read(item("extra", Some(text("kept")))).unwrap();
        let expected = Order {
            name: "Ada".to_owned(),
            count: 7,
            note: None,
            lines: vec![Line { price: 1 }, Line { price: 2 }],
            more: BTreeMap::from([("extra".to_owned(), "kept".to_owned())]),
        };
        assert_eq!(order, expected);
        let absent: Order = read(item("note", None)).unwrap();
        assert_eq!(absent.note, None);
    }

    #[test]
    fn what_does_not_fit_is_told_with_its_place() {
        assert_eq!(unfit("name", Some(number("1"))).0, "name");
        assert_eq!(unfit("count", Some(text("seven"))).0, "count");
        assert_eq!(
            unfit("count", None),
            ("count".into(), "it is missing".into())
        );
        let lines = AttributeValue::L(vec![line(number("1")), line(text("two"))]);
        assert_eq!(unfit("lines", Some(lines)).0, "lines[1].price");
        let short = AttributeValue::L(vec![AttributeValue::M(HashMap::new())]);
        let (path, reason) = unfit("lines", Some(short));
        assert!(
            path == "lines[0]" && reason.contains("price"),
            "{path}: {reason}"
        );
    }
}
