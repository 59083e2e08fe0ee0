//! Reading what was stored, whatever it has become.
//!
//! The table can be written by others. A stored attribute is there in the form it should have, absent, or odd; odd ones count
//! against the record, they never make reading it fail.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Serialize, Serializer};
use serde_json::{Number, Value};

use super::canonical::Object;

/// A stored attribute.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Stored<T> {
    /// There, as it should be.
    Here(T),
    /// Not there, or null.
    #[default]
    Absent,
    /// There, as something else.
    Odd,
}

impl<T> Stored<T> {
    /// The value, when it is as it should be.
    pub fn here(&self) -> Option<&T> {
        match self {
            Self::Here(value) => Some(value),
            Self::Absent | Self::Odd => None,
        }
    }

    /// The value or its absence; `None` when it is odd.
    pub fn here_or_absent(&self) -> Option<Option<&T>> {
        match self {
            Self::Here(value) => Some(Some(value)),
            Self::Absent => Some(None),
            Self::Odd => None,
        }
    }
}

impl Stored<String> {
    /// The text, when it is one.
    pub fn text(&self) -> Option<&str> {
        self.here().map(String::as_str)
    }
}

impl<T> Stored<T> {
    /// Whether it is not there, or null.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}

impl<T> From<T> for Stored<T> {
    fn from(value: T) -> Self {
        Self::Here(value)
    }
}

impl<T> From<Option<T>> for Stored<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Self::Here)
    }
}

impl From<&str> for Stored<String> {
    fn from(value: &str) -> Self {
        Self::Here(value.to_owned())
    }
}

/// What a stored attribute can be read as.
pub trait FromStored: Sized {
    /// Reads a value that is not null; `None` when it is something else.
    fn from_stored(value: Value) -> Option<Self>;
}

impl FromStored for String {
    fn from_stored(value: Value) -> Option<Self> {
        match value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }
}

impl FromStored for Object {
    fn from_stored(value: Value) -> Option<Self> {
        match value {
            Value::Object(object) => Some(object),
            _ => None,
        }
    }
}

impl FromStored for u64 {
    fn from_stored(value: Value) -> Option<Self> {
        value.as_u64()
    }
}

impl FromStored for bool {
    fn from_stored(value: Value) -> Option<Self> {
        value.as_bool()
    }
}

impl FromStored for Vec<String> {
    fn from_stored(value: Value) -> Option<Self> {
        let Value::Array(values) = value else {
            return None;
        };
        values.into_iter().map(String::from_stored).collect()
    }
}

impl<'de, T: FromStored> Deserialize<'de> for Stored<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match deserializer.deserialize_any(Anything)? {
            Some(Value::Null) => Self::Absent,
            Some(value) => T::from_stored(value).map_or(Self::Odd, Self::Here),
            None => Self::Odd,
        })
    }
}

impl<T: Serialize> Serialize for Stored<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.here().serialize(serializer)
    }
}

/// Reads any attribute as JSON; `None` for what JSON does not have (binary data, numbers no double holds).
struct Anything;

impl<'de> Visitor<'de> for Anything {
    type Value = Option<Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any attribute")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Some(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Some(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Some(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Number::from_f64(value).map(Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Some(value.into()))
    }

    fn visit_string<E>(self, value: String) -> Result<Self::Value, E> {
        Ok(Some(value.into()))
    }

    fn visit_bytes<E>(self, _: &[u8]) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Some(Value::Null))
    }

    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(Some(Value::Null))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(Self)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(Self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut values = Some(Vec::new());
        while let Some(Element(item)) = items.next_element()? {
            values = values.zip(item).map(|(mut values, item)| {
                values.push(item);
                values
            });
        }
        Ok(values.map(Value::Array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut object = Some(Object::new());
        while let Some(key) = members.next_key::<String>()? {
            if object.is_none() {
                members.next_value::<IgnoredAny>()?;
                continue;
            }
            let Element(value) = members.next_value()?;
            object = object.zip(value).map(|(mut object, value)| {
                object.insert(key, value);
                object
            });
        }
        Ok(object.map(Value::Object))
    }
}

struct Element(Option<Value>);

impl<'de> Deserialize<'de> for Element {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Anything).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde::de::value::{BytesDeserializer, Error};

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Record {
        #[serde(default)]
        name: Stored<String>,
        #[serde(default)]
        count: Stored<u64>,
        #[serde(default)]
        data: Stored<Object>,
    }

    #[test]
    fn odd_attributes_are_odd_and_the_rest_is_read() {
        let record: Record =
            serde_json::from_str(r#"{"name":42,"count":3,"data":{"a":[1,{"b":null}]},"more":[]}"#)
                .unwrap();
        assert_eq!(record.name, Stored::Odd);
        assert_eq!(record.count, Stored::Here(3));
        assert_eq!(
            Value::Object(record.data.here().unwrap().clone()).to_string(),
            r#"{"a":[1,{"b":null}]}"#
        );
        let record: Record =
            serde_json::from_str(r#"{"name":null,"count":-1,"data":"x"}"#).unwrap();
        assert_eq!(
            record,
            Record {
                name: Stored::Absent,
                count: Stored::Odd,
                data: Stored::Odd
            }
        );
        let record: Record = serde_json::from_str("{}").unwrap();
        assert_eq!(record.name, Stored::Absent);
    }

    #[test]
    fn binary_data_is_odd() {
        let read = Stored::<String>::deserialize(BytesDeserializer::<Error>::new(b"x")).unwrap();
        assert_eq!(read, Stored::Odd);
    }
}
