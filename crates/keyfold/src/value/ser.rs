//! Rust to attribute values.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::ser::{self, Serialize};

use super::{ValueError, number, set};

type Result<T = AttributeValue> = std::result::Result<T, ValueError>;

/// Writes an attribute value.
#[derive(Debug, Clone, Copy, Default)]
pub struct AttributeSerializer;

macro_rules! numbers {
    ($($method:ident($ty:ty)),*) => {$(
        fn $method(self, value: $ty) -> Result {
            Ok(AttributeValue::N(value.to_string()))
        }
    )*};
}

macro_rules! exact {
    ($($method:ident($ty:ty)),*) => {$(
        fn $method(self, value: $ty) -> Result {
            let number = number::Number::from_text(&value.to_string());
            Ok(AttributeValue::N(number.map_err(ser::Error::custom)?.to_string()))
        }
    )*};
}

macro_rules! finite {
    ($($method:ident($ty:ty)),*) => {$(
        fn $method(self, value: $ty) -> Result {
            if value.is_finite() {
                Ok(AttributeValue::N(value.to_string()))
            } else {
                Err(ser::Error::custom("DynamoDB has no infinity and no NaN"))
            }
        }
    )*};
}

impl ser::Serializer for AttributeSerializer {
    type Ok = AttributeValue;
    type Error = ValueError;
    type SerializeSeq = List;
    type SerializeTuple = List;
    type SerializeTupleStruct = List;
    type SerializeTupleVariant = List;
    type SerializeMap = Map;
    type SerializeStruct = Map;
    type SerializeStructVariant = Map;

    numbers!(
        serialize_i8(i8),
        serialize_i16(i16),
        serialize_i32(i32),
        serialize_i64(i64),
        serialize_u8(u8),
        serialize_u16(u16),
        serialize_u32(u32),
        serialize_u64(u64)
    );
    // Of 39 digits or more DynamoDB would refuse the request.
    exact!(serialize_i128(i128), serialize_u128(u128));
    finite!(serialize_f32(f32), serialize_f64(f64));

    fn serialize_bool(self, value: bool) -> Result {
        Ok(AttributeValue::Bool(value))
    }

    fn serialize_char(self, value: char) -> Result {
        Ok(AttributeValue::S(value.to_string()))
    }

    fn serialize_str(self, value: &str) -> Result {
        Ok(AttributeValue::S(value.to_owned()))
    }

    fn serialize_bytes(self, value: &[u8]) -> Result {
        Ok(AttributeValue::B(value.into()))
    }

    fn serialize_none(self) -> Result {
        Ok(AttributeValue::Null(true))
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result {
        Ok(AttributeValue::Null(true))
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result {
        Ok(AttributeValue::Null(true))
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result {
        Ok(AttributeValue::S(variant.to_owned()))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result {
        let written = value.serialize(self)?;
        match (name, written) {
            (number::NAME, AttributeValue::S(text)) => Ok(AttributeValue::N(text)),
            (name, written) if set::is_set(name) => {
                Ok(set::of_list(written)?.unwrap_or(AttributeValue::L(Vec::new())))
            }
            (_, written) => Ok(written),
        }
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result {
        Ok(of_variant(variant, value.serialize(self)?))
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<List> {
        Ok(List {
            values: Vec::with_capacity(length.unwrap_or_default()),
            variant: None,
        })
    }

    fn serialize_tuple(self, length: usize) -> Result<List> {
        self.serialize_seq(Some(length))
    }

    fn serialize_tuple_struct(self, _name: &'static str, length: usize) -> Result<List> {
        self.serialize_seq(Some(length))
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<List> {
        Ok(List {
            values: Vec::with_capacity(length),
            variant: Some(variant),
        })
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Map> {
        Ok(Map {
            entries: HashMap::with_capacity(length.unwrap_or_default()),
            key: None,
            variant: None,
        })
    }

    fn serialize_struct(self, _name: &'static str, length: usize) -> Result<Map> {
        self.serialize_map(Some(length))
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Map> {
        Ok(Map {
            entries: HashMap::with_capacity(length),
            key: None,
            variant: Some(variant),
        })
    }
}

fn of_variant(variant: &'static str, value: AttributeValue) -> AttributeValue {
    AttributeValue::M(HashMap::from([(variant.to_owned(), value)]))
}

/// A list being written.
pub struct List {
    values: Vec<AttributeValue>,
    variant: Option<&'static str>,
}

impl List {
    fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.values.push(value.serialize(AttributeSerializer)?);
        Ok(())
    }

    fn finish(self) -> AttributeValue {
        let list = AttributeValue::L(self.values);
        match self.variant {
            Some(variant) => of_variant(variant, list),
            None => list,
        }
    }
}

macro_rules! lists {
    ($($of:ident $method:ident),*) => {$(
        impl ser::$of for List {
            type Ok = AttributeValue;
            type Error = ValueError;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
                self.push(value)
            }

            fn end(self) -> Result {
                Ok(self.finish())
            }
        }
    )*};
}

lists!(
    SerializeSeq serialize_element,
    SerializeTuple serialize_element,
    SerializeTupleStruct serialize_field,
    SerializeTupleVariant serialize_field
);

/// A map being written.
pub struct Map {
    entries: HashMap<String, AttributeValue>,
    key: Option<String>,
    variant: Option<&'static str>,
}

impl Map {
    fn finish(self) -> AttributeValue {
        let map = AttributeValue::M(self.entries);
        match self.variant {
            Some(variant) => of_variant(variant, map),
            None => map,
        }
    }
}

/// The name of a map's entry: text, or a number as text.
pub(crate) fn entry_name<T: Serialize + ?Sized>(key: &T) -> Result<String> {
    match key.serialize(AttributeSerializer)? {
        AttributeValue::S(text) | AttributeValue::N(text) => Ok(text),
        AttributeValue::Bool(value) => Ok(value.to_string()),
        _ => Err(ser::Error::custom(
            "the keys of a map are text or numbers in DynamoDB",
        )),
    }
}

impl ser::SerializeMap for Map {
    type Ok = AttributeValue;
    type Error = ValueError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<()> {
        self.key = Some(entry_name(key)?);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        let Some(key) = self.key.take() else {
            return Err(ser::Error::custom("a value of a map without its key"));
        };
        self.entries
            .insert(key, value.serialize(AttributeSerializer)?);
        Ok(())
    }

    fn end(self) -> Result {
        Ok(self.finish())
    }
}

macro_rules! structs {
    ($($of:ident),*) => {$(
        impl ser::$of for Map {
            type Ok = AttributeValue;
            type Error = ValueError;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                key: &'static str,
                value: &T,
            ) -> Result<()> {
                self.entries.insert(key.to_owned(), value.serialize(AttributeSerializer)?);
                Ok(())
            }

            fn end(self) -> Result {
                Ok(self.finish())
            }
        }
    )*};
}

structs!(SerializeStruct, SerializeStructVariant);
