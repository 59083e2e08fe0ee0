//! Sets: `#[serde(with = "keyfold::set")]` stores a set, or a list, as DynamoDB's set of its members.
//!
//! For a field of an entity `#[attr(set)]` is shorter, and gives updates `insert_` and `delete_`
//! methods. This module is for sets inside documents. An empty one is stored as an empty list there:
//! DynamoDB has no empty set.

use aws_sdk_dynamodb::types::AttributeValue;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::ValueError;

const NAME: &str = "\u{37e}keyfold set\u{37e}";
/// Those of the crate `serde_dynamo`, whose modules say the same.
const KNOWN: [&str; 4] = [
    NAME,
    "\u{37e}STRINGSET\u{37e}",
    "\u{37e}NUMBERSET\u{37e}",
    "\u{37e}BINARYSET\u{37e}",
];

/// Writes the members as a set.
///
/// # Errors
/// If the members are not all text, all numbers or all bytes.
pub fn serialize<T: Serialize, S: Serializer>(
    members: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_newtype_struct(NAME, members)
}

/// Reads a set, or a list.
///
/// # Errors
/// If it is neither.
pub fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    T::deserialize(deserializer)
}

pub(super) fn is_set(name: &str) -> bool {
    KNOWN.contains(&name)
}

/// A list as a set; none for an empty one.
pub(crate) fn of_list(list: AttributeValue) -> Result<Option<AttributeValue>, ValueError> {
    let members = match list {
        AttributeValue::L(members) => members,
        AttributeValue::Ss(_) | AttributeValue::Ns(_) | AttributeValue::Bs(_) => {
            return Ok(Some(list));
        }
        _ => {
            return Err(ValueError::custom(
                "a set is written from a list of members",
            ));
        }
    };
    let (mut texts, mut numbers, mut binaries) = (Vec::new(), Vec::new(), Vec::new());
    for member in members {
        match member {
            AttributeValue::S(text) if !texts.contains(&text) => texts.push(text),
            AttributeValue::N(number) if !numbers.contains(&number) => numbers.push(number),
            AttributeValue::B(bytes) if !binaries.contains(&bytes) => binaries.push(bytes),
            AttributeValue::S(_) | AttributeValue::N(_) | AttributeValue::B(_) => {}
            _ => {
                return Err(ValueError::custom(
                    "the members of a set are text, numbers or bytes",
                ));
            }
        }
    }
    match (texts.is_empty(), numbers.is_empty(), binaries.is_empty()) {
        (true, true, true) => Ok(None),
        (false, true, true) => Ok(Some(AttributeValue::Ss(texts))),
        (true, false, true) => Ok(Some(AttributeValue::Ns(numbers))),
        (true, true, false) => Ok(Some(AttributeValue::Bs(binaries))),
        _ => Err(ValueError::custom(
            "the members of a set are all of one kind",
        )),
    }
}
