//! Attribute values to Rust.

use std::collections::hash_map;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::de::value::StringDeserializer;
use serde::de::{
    self, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess, SeqAccess,
    Unexpected, VariantAccess, Visitor,
};

use super::{ValueError, number};

type Result<T> = std::result::Result<T, ValueError>;

/// Reads an attribute value.
pub(crate) struct AttributeDeserializer(pub(crate) AttributeValue);

impl AttributeDeserializer {
    fn unexpected(&self, expected: &str) -> ValueError {
        let found = match &self.0 {
            AttributeValue::S(_) => Unexpected::Other("text (S)"),
            AttributeValue::N(_) => Unexpected::Other("a number (N)"),
            AttributeValue::B(_) => Unexpected::Other("bytes (B)"),
            AttributeValue::Bool(_) => Unexpected::Other("a truth value (BOOL)"),
            AttributeValue::Null(_) => Unexpected::Other("NULL"),
            AttributeValue::M(_) => Unexpected::Map,
            AttributeValue::L(_) => Unexpected::Other("a list (L)"),
            AttributeValue::Ss(_) | AttributeValue::Ns(_) | AttributeValue::Bs(_) => {
                Unexpected::Other("a set")
            }
            _ => Unexpected::Other("a value of a kind this version does not know"),
        };
        de::Error::custom(format_args!("expected {expected}, found {found}"))
    }
}

macro_rules! numbers {
    ($($method:ident $visit:ident $ty:ty),*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            match &self.0 {
                AttributeValue::N(text) => match text.parse::<$ty>() {
                    Ok(value) => visitor.$visit(value),
                    Err(error) => Err(de::Error::custom(format_args!(
                        concat!("a number that is no ", stringify!($ty), ": {}"), error
                    ))),
                },
                _ => Err(self.unexpected("a number")),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for AttributeDeserializer {
    type Error = ValueError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.0 {
            AttributeValue::S(text) => visitor.visit_string(text),
            AttributeValue::N(text) => any_number(text, visitor),
            AttributeValue::B(bytes) => visitor.visit_byte_buf(bytes.into_inner()),
            AttributeValue::Bool(value) => visitor.visit_bool(value),
            AttributeValue::Null(_) => visitor.visit_unit(),
            AttributeValue::M(_) => self.deserialize_map(visitor),
            AttributeValue::L(_)
            | AttributeValue::Ss(_)
            | AttributeValue::Ns(_)
            | AttributeValue::Bs(_) => self.deserialize_seq(visitor),
            _ => Err(self.unexpected("a value")),
        }
    }

    numbers!(
        deserialize_i8 visit_i8 i8, deserialize_i16 visit_i16 i16, deserialize_i32 visit_i32 i32,
        deserialize_i64 visit_i64 i64, deserialize_i128 visit_i128 i128, deserialize_u8 visit_u8 u8,
        deserialize_u16 visit_u16 u16, deserialize_u32 visit_u32 u32, deserialize_u64 visit_u64 u64,
        deserialize_u128 visit_u128 u128, deserialize_f32 visit_f32 f32, deserialize_f64 visit_f64 f64
    );

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.0 {
            AttributeValue::Bool(value) => visitor.visit_bool(value),
            _ => Err(self.unexpected("a truth value")),
        }
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_string(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_string(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.0 {
            AttributeValue::S(text) => visitor.visit_string(text),
            _ => Err(self.unexpected("text")),
        }
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_byte_buf(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.0 {
            AttributeValue::B(bytes) => visitor.visit_byte_buf(bytes.into_inner()),
            _ => Err(self.unexpected("bytes")),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.0 {
            AttributeValue::Null(_) => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.0 {
            AttributeValue::Null(_) => visitor.visit_unit(),
            _ => Err(self.unexpected("NULL")),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        match self.0 {
            // The text, whole: no type of Rust holds 38 digits.
            AttributeValue::N(text) if name == number::NAME => visitor.visit_string(text),
            _ => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.0 {
            AttributeValue::L(values) => visitor.visit_seq(Values(values.into_iter())),
            AttributeValue::Ss(members) => {
                visitor.visit_seq(Values(members.into_iter().map(AttributeValue::S)))
            }
            AttributeValue::Ns(members) => {
                visitor.visit_seq(Values(members.into_iter().map(AttributeValue::N)))
            }
            AttributeValue::Bs(members) => {
                visitor.visit_seq(Values(members.into_iter().map(AttributeValue::B)))
            }
            _ => Err(self.unexpected("a list or set")),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _length: usize, visitor: V) -> Result<V::Value> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _length: usize,
        visitor: V,
    ) -> Result<V::Value> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.0 {
            AttributeValue::M(entries) => visitor.visit_map(Entries {
                rest: entries.into_iter(),
                value: None,
            }),
            _ => Err(self.unexpected("a map")),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        match self.0 {
            AttributeValue::L(_) => self.deserialize_seq(visitor),
            _ => self.deserialize_map(visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        match self.0 {
            AttributeValue::S(name) => {
                let unit: StringDeserializer<ValueError> = name.into_deserializer();
                visitor.visit_enum(unit)
            }
            AttributeValue::M(entries) if entries.len() == 1 => {
                let mut entries = entries.into_iter();
                match entries.next() {
                    Some((name, value)) => visitor.visit_enum(Variant(name, value)),
                    None => Err(de::Error::custom("an enum without a variant")),
                }
            }
            _ => Err(self.unexpected("a variant: its name, or a map of its name alone")),
        }
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_string(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_unit()
    }
}

/// A number where the type asks for nothing in particular: exact, or as its text.
fn any_number<'de, V: Visitor<'de>>(text: String, visitor: V) -> Result<V::Value> {
    if let Ok(value) = text.parse::<u64>() {
        return visitor.visit_u64(value);
    }
    if let Ok(value) = text.parse::<i64>() {
        return visitor.visit_i64(value);
    }
    match text.parse::<f64>() {
        Ok(value) if value.to_string() == text => visitor.visit_f64(value),
        _ => visitor.visit_string(text),
    }
}

struct Values<I>(I);

impl<'de, I: Iterator<Item = AttributeValue>> SeqAccess<'de> for Values<I> {
    type Error = ValueError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        let next = self.0.next();
        next.map(|value| seed.deserialize(AttributeDeserializer(value)))
            .transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint().1
    }
}

struct Entries {
    rest: hash_map::IntoIter<String, AttributeValue>,
    value: Option<AttributeValue>,
}

impl<'de> MapAccess<'de> for Entries {
    type Error = ValueError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        let Some((name, value)) = self.rest.next() else {
            return Ok(None);
        };
        self.value = Some(value);
        seed.deserialize(EntryName(name)).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value> {
        match self.value.take() {
            Some(value) => seed.deserialize(AttributeDeserializer(value)),
            None => Err(de::Error::custom("a value of a map without its key")),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

/// The name of a map's entry: text, and numbers as text.
struct EntryName(String);

macro_rules! named {
    ($($method:ident $visit:ident $ty:ty),*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            match self.0.parse::<$ty>() {
                Ok(value) => visitor.$visit(value),
                Err(_) => Err(de::Error::custom(
                    concat!("the key of a map's entry is no ", stringify!($ty))
                )),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for EntryName {
    type Error = ValueError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_string(self.0)
    }

    named!(
        deserialize_i8 visit_i8 i8, deserialize_i16 visit_i16 i16, deserialize_i32 visit_i32 i32,
        deserialize_i64 visit_i64 i64, deserialize_i128 visit_i128 i128, deserialize_u8 visit_u8 u8,
        deserialize_u16 visit_u16 u16, deserialize_u32 visit_u32 u32, deserialize_u64 visit_u64 u64,
        deserialize_u128 visit_u128 u128, deserialize_bool visit_bool bool
    );

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        let unit: StringDeserializer<ValueError> = self.0.into_deserializer();
        visitor.visit_enum(unit)
    }

    serde::forward_to_deserialize_any! {
        f32 f64 char str string bytes byte_buf option unit unit_struct seq tuple tuple_struct map struct
        identifier ignored_any
    }
}

/// A variant with data: its name and what it holds.
struct Variant(String, AttributeValue);

impl<'de> EnumAccess<'de> for Variant {
    type Error = ValueError;
    type Variant = Held;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Held)> {
        let name: StringDeserializer<ValueError> = self.0.into_deserializer();
        Ok((seed.deserialize(name)?, Held(self.1)))
    }
}

struct Held(AttributeValue);

impl<'de> VariantAccess<'de> for Held {
    type Error = ValueError;

    fn unit_variant(self) -> Result<()> {
        match self.0 {
            AttributeValue::Null(_) => Ok(()),
            other => Err(AttributeDeserializer(other).unexpected("a variant without data")),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value> {
        seed.deserialize(AttributeDeserializer(self.0))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _length: usize, visitor: V) -> Result<V::Value> {
        AttributeDeserializer(self.0).deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        AttributeDeserializer(self.0).deserialize_map(visitor)
    }
}
