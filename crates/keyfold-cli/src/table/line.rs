//! An item as one line of an export: `{"Item":{"pk":{"S":"…"},…}}`.
//!
//! Source: Developer Guide, "DynamoDB table export output format" and "DynamoDB low-level API".

use std::collections::{BTreeMap, HashMap, HashSet};

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keyfold::Item;
use serde_json::{Map, Value, json};

use super::number;

/// The line of an item, with its end.
pub fn write(item: &Item) -> Result<String, String> {
    Ok(format!("{}\n", json!({ "Item": attributes_json(item)? })))
}

/// The item of a line. What is wrong with it is told without any value of it.
pub fn read(line: &[u8]) -> Result<Item, String> {
    let value: Value = serde_json::from_slice(line)
        .map_err(|error| format!("not JSON, at column {}", error.column()))?;
    let Value::Object(mut members) = value else {
        return Err("not a JSON object".to_owned());
    };
    let Some(item) = members.remove("Item") else {
        let incremental = ["Keys", "NewImage", "OldImage"];
        return Err(
            if incremental.iter().any(|name| members.contains_key(*name)) {
                "a change of an incremental export, not an item of a full one".to_owned()
            } else {
                "there is no \"Item\" in it".to_owned()
            },
        );
    };
    attributes(item)
}

/// Attributes in `DynamoDB`'s JSON, by name.
pub fn attributes_json(item: &Item) -> Result<Value, String> {
    let sorted: BTreeMap<&str, &AttributeValue> =
        item.iter().map(|(name, value)| (&**name, value)).collect();
    let members: Result<Map<String, Value>, String> = sorted
        .into_iter()
        .map(|(name, value)| Ok((name.to_owned(), to_json(value)?)))
        .collect();
    Ok(Value::Object(members?))
}

/// Attributes from `DynamoDB`'s JSON.
pub fn attributes(value: Value) -> Result<Item, String> {
    let Value::Object(members) = value else {
        return Err("the item is not a JSON object".to_owned());
    };
    let attribute = |(name, value): (String, Value)| {
        // Names of attributes are the design; names within a map can be data.
        let value = of_json(value).map_err(|reason| format!("attribute `{name}`: {reason}"))?;
        Ok((name, value))
    };
    members.into_iter().map(attribute).collect()
}

fn to_json(value: &AttributeValue) -> Result<Value, String> {
    Ok(match value {
        AttributeValue::S(text) => json!({ "S": text }),
        AttributeValue::N(number) => json!({ "N": number }),
        AttributeValue::B(bytes) => json!({ "B": STANDARD.encode(bytes) }),
        AttributeValue::Bool(is) => json!({ "BOOL": is }),
        AttributeValue::Null(_) => json!({ "NULL": true }),
        AttributeValue::Ss(texts) => json!({ "SS": texts }),
        AttributeValue::Ns(numbers) => json!({ "NS": numbers }),
        AttributeValue::Bs(all) => {
            json!({ "BS": all.iter().map(|bytes| STANDARD.encode(bytes)).collect::<Vec<_>>() })
        }
        AttributeValue::L(members) => {
            let members: Result<Vec<Value>, String> = members.iter().map(to_json).collect();
            json!({ "L": members? })
        }
        AttributeValue::M(members) => json!({ "M": attributes_json(members)? }),
        _ => {
            return Err("an item holds a kind of value that this version does not know".to_owned());
        }
    })
}

fn of_json(value: Value) -> Result<AttributeValue, &'static str> {
    const ONE_TYPE: &str = "not a value with its one type, such as {\"S\":…}";
    let Value::Object(typed) = value else {
        return Err(ONE_TYPE);
    };
    let mut typed = typed.into_iter();
    let (Some((kind, value)), None) = (typed.next(), typed.next()) else {
        return Err(ONE_TYPE);
    };
    match (&*kind, value) {
        ("S", Value::String(text)) => Ok(AttributeValue::S(text)),
        ("N", Value::String(number)) => match number::canonical(&number) {
            Some(_) => Ok(AttributeValue::N(number)),
            None => Err("N is not a number of DynamoDB"),
        },
        ("B", Value::String(text)) => Ok(AttributeValue::B(binary(&text)?)),
        ("BOOL", Value::Bool(is)) => Ok(AttributeValue::Bool(is)),
        ("NULL", Value::Bool(true)) => Ok(AttributeValue::Null(true)),
        ("SS", Value::Array(members)) => {
            let texts = texts(members)?;
            distinct(texts.iter())?;
            Ok(AttributeValue::Ss(texts))
        }
        ("NS", Value::Array(members)) => {
            let numbers = texts(members)?;
            let values: Option<Vec<String>> =
                numbers.iter().map(|text| number::canonical(text)).collect();
            distinct(
                values
                    .ok_or("NS holds what is not a number of DynamoDB")?
                    .iter(),
            )?;
            Ok(AttributeValue::Ns(numbers))
        }
        ("BS", Value::Array(members)) => {
            let all: Result<Vec<Blob>, _> =
                texts(members)?.iter().map(|text| binary(text)).collect();
            let all = all?;
            distinct(all.iter().map(AsRef::as_ref))?;
            Ok(AttributeValue::Bs(all))
        }
        ("L", Value::Array(members)) => {
            let members: Result<Vec<_>, _> = members.into_iter().map(of_json).collect();
            Ok(AttributeValue::L(members?))
        }
        ("M", Value::Object(members)) => {
            let members: Result<HashMap<_, _>, &'static str> = members
                .into_iter()
                .map(|(name, value)| Ok((name, of_json(value)?)))
                .collect();
            Ok(AttributeValue::M(members?))
        }
        ("S" | "N" | "B" | "BOOL" | "NULL" | "SS" | "NS" | "BS" | "L" | "M", _) => {
            Err("the value does not fit its type")
        }
        _ => Err("a type that DynamoDB does not have"),
    }
}

fn texts(members: Vec<Value>) -> Result<Vec<String>, &'static str> {
    let text = |member| match member {
        Value::String(text) => Ok(text),
        _ => Err("a set holds what is not a text in quotes"),
    };
    members.into_iter().map(text).collect()
}

fn distinct<T: std::hash::Hash + Eq>(
    members: impl ExactSizeIterator<Item = T>,
) -> Result<(), &'static str> {
    let count = members.len();
    let distinct: HashSet<T> = members.collect();
    match count {
        0 => Err("a set is empty"),
        _ if distinct.len() < count => Err("a set holds a member twice"),
        _ => Ok(()),
    }
}

fn binary(text: &str) -> Result<Blob, &'static str> {
    let bytes = STANDARD.decode(text).map_err(|_| "binary is not Base64")?;
    Ok(Blob::new(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_comes_back_as_it_was() {
        let text = concat!(
            r#"{"Item":{"b":{"B":"AP8="},"bs":{"BS":["AQ==","Ag=="]},"e":{"S":""},"#,
            r#""l":{"L":[{"BOOL":true},{"NULL":true},{"M":{"x":{"N":"-1.50"}}}]},"#,
            r#""n":{"N":"12345678901234567890123456789012345678"},"ns":{"NS":["1","2"]},"ss":{"SS":["a",""]}}}"#,
            "\n"
        );
        let item = read(text.as_bytes()).unwrap();
        assert_eq!(
            item["n"],
            AttributeValue::N("12345678901234567890123456789012345678".into())
        );
        assert_eq!(write(&item).unwrap(), text);
    }

    #[test]
    fn what_is_no_item_is_told_without_its_values() {
        for (line, reason) in [
            (r"secret", "not JSON"),
            (r#"["secret"]"#, "not a JSON object"),
            (r#"{"pk":{"S":"secret"}}"#, "no \"Item\""),
            (r#"{"Keys":{"pk":{"S":"secret"}}}"#, "incremental"),
            (r#"{"Item":["secret"]}"#, "not a JSON object"),
            (r#"{"Item":{"pk":"secret"}}"#, "attribute `pk`: not a value"),
            (r#"{"Item":{"pk":{"S":"secret","N":"1"}}}"#, "not a value"),
            (r#"{"Item":{"pk":{"N":"secret"}}}"#, "not a number"),
            (r#"{"Item":{"pk":{"N":1}}}"#, "does not fit"),
            (r#"{"Item":{"pk":{"B":"secret!"}}}"#, "not Base64"),
            (r#"{"Item":{"pk":{"NULL":false}}}"#, "does not fit"),
            (r#"{"Item":{"pk":{"X":"secret"}}}"#, "does not have"),
            (r#"{"Item":{"pk":{"SS":[]}}}"#, "empty"),
            (r#"{"Item":{"pk":{"SS":["secret","secret"]}}}"#, "twice"),
            (r#"{"Item":{"pk":{"NS":["1","1.0"]}}}"#, "twice"),
            (r#"{"Item":{"pk":{"NS":[1]}}}"#, "in quotes"),
            (
                r#"{"Item":{"m":{"M":{"secret":{"N":"x"}}}}}"#,
                "attribute `m`",
            ),
        ] {
            let told = read(line.as_bytes()).unwrap_err();
            assert!(told.contains(reason), "{line}: {told}");
            assert!(!told.contains("secret"), "{told}");
        }
    }
}
