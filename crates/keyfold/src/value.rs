//! Values as DynamoDB has them: how serde writes and reads them, and types that Rust does not have.
//!
//! A number keeps all its digits, sets are sets, bytes are bytes. Whatever `serde_dynamo` writes is
//! written alike, also by its own `#[serde(with = "serde_dynamo::string_set")]` modules.

mod bytes;
mod de;
mod number;
mod ser;
pub mod set;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;

pub use bytes::Bytes;
pub(crate) use de::AttributeDeserializer;
pub use number::{Number, NumberError};
pub use ser::AttributeSerializer;
pub(crate) use ser::entry_name;

use crate::errors::ItemError;
use crate::item::Item;

/// A value that serde and DynamoDB do not have in common.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
#[doc(hidden)]
pub struct ValueError(String);

impl serde::ser::Error for ValueError {
    fn custom<T: std::fmt::Display>(reason: T) -> Self {
        Self(reason.to_string())
    }
}

impl serde::de::Error for ValueError {
    fn custom<T: std::fmt::Display>(reason: T) -> Self {
        Self(reason.to_string())
    }
}

/// An attribute value by `Serialize`.
pub(crate) fn to_attribute<T: Serialize + ?Sized>(value: &T) -> Result<AttributeValue, ItemError> {
    value
        .serialize(AttributeSerializer)
        .map_err(|error| ItemError::Unwritable {
            reason: error.to_string(),
        })
}

/// The attribute of a set: NULL stands for an empty one, which DynamoDB does not have.
pub(crate) fn to_set<T: Serialize + ?Sized>(value: &T) -> Result<AttributeValue, ItemError> {
    let members = set::of_list(to_attribute(value)?).map_err(|error| ItemError::Unwritable {
        reason: error.to_string(),
    })?;
    Ok(members.unwrap_or(AttributeValue::Null(true)))
}

/// The attributes of a struct.
pub(crate) fn to_item<T: Serialize>(value: &T) -> Result<Item, ValueError> {
    match value.serialize(AttributeSerializer)? {
        AttributeValue::M(item) => Ok(item),
        _ => Err(ValueError("it is no struct".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet, HashMap};

    use proptest::prelude::*;
    use serde::Deserialize;
    use serde::de::DeserializeOwned;

    use super::*;

    fn read<T: DeserializeOwned>(value: AttributeValue) -> Result<T, ValueError> {
        T::deserialize(AttributeDeserializer(value))
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    enum Kind {
        Unit,
        New(u8),
        Pair(String, i64),
        Struct { at: Option<f64> },
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct Newtype(u32);

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct Everything {
        text: String,
        letter: char,
        yes: bool,
        small: i8,
        large: u64,
        half: f64,
        single: f32,
        nothing: Option<u8>,
        something: Option<u8>,
        unit: (),
        pair: (u8, String),
        newtype: Newtype,
        kinds: Vec<Kind>,
        by_text: HashMap<String, u8>,
        by_number: BTreeMap<u16, bool>,
    }

    fn everything() -> impl Strategy<Value = Everything> {
        let kind = prop_oneof![
            Just(Kind::Unit),
            any::<u8>().prop_map(Kind::New),
            (".*", any::<i64>()).prop_map(|(text, number)| Kind::Pair(text, number)),
            proptest::option::of(-1e9..1e9_f64).prop_map(|at| Kind::Struct { at }),
        ];
        let scalars = (
            any::<(char, bool, i8, u64)>(),
            ".*",
            -1e9..1e9_f64,
            -1e9..1e9_f32,
        );
        let more = (any::<(Option<u8>, Option<u8>, u8, u32)>(), ".*");
        let lists = (
            proptest::collection::vec(kind, 0..4),
            proptest::collection::hash_map(".+", any::<u8>(), 0..4),
            proptest::collection::btree_map(any::<u16>(), any::<bool>(), 0..4),
        );
        (scalars, more, lists).prop_map(|(scalars, more, (kinds, by_text, by_number))| {
            let ((letter, yes, small, large), text, half, single) = scalars;
            let ((nothing, something, first, newtype), second) = more;
            Everything {
                text,
                letter,
                yes,
                small,
                large,
                half,
                single,
                nothing,
                something,
                unit: (),
                pair: (first, second),
                newtype: Newtype(newtype),
                kinds,
                by_text,
                by_number,
            }
        })
    }

    proptest! {
        #[test]
        fn values_are_written_as_serde_dynamo_writes_them_and_read_back(value in everything()) {
            let own = to_attribute(&value).expect("written");
            let known: AttributeValue = serde_dynamo::to_attribute_value(&value).expect("written");
            prop_assert_eq!(&own, &known);
            prop_assert_eq!(read::<Everything>(own).expect("read"), value);
        }
    }

    /// Serde buffers its value before it knows the type.
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "kind")]
    enum Tagged {
        Price { amount: Number },
    }

    #[test]
    fn a_number_keeps_all_its_digits() {
        let text = "12345678901234567890.123456789012345678";
        let number: Number = text.parse().expect("38 digits");
        let written = to_attribute(&number).expect("written");
        assert_eq!(written, AttributeValue::N(text.to_owned()));
        assert_eq!(read::<Number>(written), Ok(number.clone()));
        let json = serde_json::to_string(&number).expect("written");
        assert_eq!(json, format!("\"{text}\""));
        assert_eq!(serde_json::from_str::<Number>(&json).expect("read"), number);
        let tagged = Tagged::Price { amount: number };
        let written = to_attribute(&tagged).expect("written");
        assert_eq!(read::<Tagged>(written), Ok(tagged));
    }

    #[test]
    fn large_integers_are_exact_or_refused() {
        let fits = u128::pow(10, 37);
        assert_eq!(
            read::<u128>(to_attribute(&fits).expect("written")),
            Ok(fits)
        );
        assert_eq!(
            read::<i128>(to_attribute(&-7_i128).expect("written")),
            Ok(-7)
        );
        assert!(to_attribute(&u128::MAX).is_err(), "39 digits");
        assert!(to_attribute(&f64::NAN).is_err());
        assert!(to_attribute(&f32::INFINITY).is_err());
    }

    #[test]
    fn sets_are_of_one_kind() {
        let texts = BTreeSet::from(["a", "b"]);
        assert_eq!(
            to_set(&texts).expect("written"),
            AttributeValue::Ss(vec!["a".into(), "b".into()])
        );
        let numbers = to_set(&vec![Number::from(1_u8), "1.0".parse().expect("a number")]);
        assert_eq!(
            numbers.expect("written"),
            AttributeValue::Ns(vec!["1".into()])
        );
        let bytes = to_set(&[Bytes::from([1, 2])]).expect("written");
        assert_eq!(bytes, AttributeValue::Bs(vec![vec![1, 2].into()]));
        assert_eq!(
            read::<BTreeSet<Bytes>>(bytes),
            Ok(BTreeSet::from([Bytes::from([1, 2])]))
        );
        let empty = to_set(&BTreeSet::<u8>::new()).expect("written");
        assert_eq!(empty, AttributeValue::Null(true));
        assert!(to_set(&("a", 1)).is_err());
        assert!(to_set(&[true]).is_err());
    }

    #[test]
    fn sets_of_serde_dynamo_are_sets_here_too() {
        #[derive(Debug, PartialEq, Serialize, Deserialize)]
        struct Sets {
            #[serde(with = "serde_dynamo::string_set")]
            texts: BTreeSet<String>,
            #[serde(with = "set")]
            numbers: Vec<u8>,
            #[serde(with = "set")]
            none: Vec<u8>,
        }
        let sets = Sets {
            texts: BTreeSet::from(["a".to_owned()]),
            numbers: vec![3, 4],
            none: Vec::new(),
        };
        let item = to_item(&sets).expect("written");
        assert_eq!(item["texts"], AttributeValue::Ss(vec!["a".into()]));
        assert_eq!(
            item["numbers"],
            AttributeValue::Ns(vec!["3".into(), "4".into()])
        );
        assert_eq!(item["none"], AttributeValue::L(Vec::new()));
        assert_eq!(read::<Sets>(AttributeValue::M(item)), Ok(sets));
    }

    #[test]
    fn what_does_not_fit_is_told_by_its_kind() {
        let error = read::<u8>(AttributeValue::S("1".into())).expect_err("text");
        assert_eq!(error.to_string(), "expected a number, found text (S)");
        let error = read::<u8>(AttributeValue::N("256".into())).expect_err("too large");
        assert!(
            error.to_string().starts_with("a number that is no u8"),
            "{error}"
        );
    }
}
