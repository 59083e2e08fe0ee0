//! The size of an item as DynamoDB counts it. Source: Developer Guide, "DynamoDB item sizes and
//! formats".

use std::collections::HashMap;
use std::hash::BuildHasher;

/// Bytes that storage is billed for with each item, and with each entry of an index, beside their
/// own. Source: Developer Guide, "Using Global Secondary Indexes" (storage considerations), and the
/// pricing page, "Data storage".
pub const STORED_OVERHEAD_BYTES: usize = 100;

/// One attribute value, seen without a copy; `V` is the type the client library gives values.
#[derive(Debug)]
pub enum View<'a, V> {
    /// `S`.
    Text(&'a str),
    /// `N`, as text.
    Number(&'a str),
    /// `B`, by its length.
    Binary(usize),
    /// `BOOL`.
    Bool,
    /// `NULL`.
    Null,
    /// `SS`.
    TextSet(&'a [String]),
    /// `NS`.
    NumberSet(&'a [String]),
    /// `BS`, by the sum of the lengths of its members.
    BinarySet(usize),
    /// `L`.
    List(&'a [V]),
    /// `M`.
    Map(&'a HashMap<String, V>),
}

/// How a client library's value is seen: its own type is foreign here, so the caller says.
pub type Look<V> = for<'a> fn(&'a V) -> View<'a, V>;

/// Bytes of one value, its name not counted.
pub fn attribute_bytes<V>(value: &V, look: Look<V>) -> usize {
    match look(value) {
        View::Text(text) => text.len(),
        View::Number(number) => number_bytes(number),
        View::Binary(bytes) | View::BinarySet(bytes) => bytes,
        View::Bool | View::Null => 1,
        View::TextSet(members) => members.iter().map(String::len).sum(),
        View::NumberSet(members) => members.iter().map(|n| number_bytes(n)).sum(),
        // A list or map takes 3 bytes, and each of its members one more.
        View::List(members) => {
            3 + members
                .iter()
                .map(|v| 1 + attribute_bytes(v, look))
                .sum::<usize>()
        }
        View::Map(members) => {
            3 + members
                .iter()
                .map(|(name, v)| 1 + name.len() + attribute_bytes(v, look))
                .sum::<usize>()
        }
    }
}

/// Bytes of an item: the names and values of all its attributes.
pub fn item_size_bytes<V, S: BuildHasher>(item: &HashMap<String, V, S>, look: Look<V>) -> usize {
    item.iter()
        .map(|(name, value)| name.len() + attribute_bytes(value, look))
        .sum()
}

/// Bytes of a number: one for each two significant digits, one more, and one for a minus sign;
/// leading and trailing zeros do not count.
pub fn number_bytes(number: &str) -> usize {
    let (negative, magnitude) = match number.strip_prefix('-') {
        Some(rest) => (1, rest),
        None => (0, number),
    };
    let mantissa = magnitude.split(['e', 'E']).next().unwrap_or(magnitude);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: String = [whole, fraction].concat();
    // Pairs are counted from the decimal point, so an odd whole part starts with half a pair.
    let lead = whole.len() % 2;
    let kept = digits.trim_start_matches('0');
    if kept.is_empty() {
        return 1;
    }
    let skipped = digits.len() - kept.len();
    let end = digits.trim_end_matches('0').len();
    let pair = |position: usize| usize::midpoint(position, lead);
    (pair(end - 1) - pair(skipped) + 1 + 1 + negative).min(21)
}

#[cfg(test)]
mod tests {
    use super::*;

    enum Value {
        S(&'static str),
        N(&'static str),
        Bool,
        List(Vec<Value>),
        Map(HashMap<String, Value>),
    }

    fn look(value: &Value) -> View<'_, Value> {
        match value {
            Value::S(text) => View::Text(text),
            Value::N(number) => View::Number(number),
            Value::Bool => View::Bool,
            Value::List(members) => View::List(members),
            Value::Map(members) => View::Map(members),
        }
    }

    #[test]
    fn numbers_take_a_byte_for_two_significant_digits_and_one_more() {
        for (number, bytes) in [
            ("0", 1),
            ("7", 2),
            ("42", 2),
            ("-42", 3),
            ("100", 2),
            ("12345", 4),
            ("0.5", 2),
            ("-0.0012", 3),
        ] {
            assert_eq!(number_bytes(number), bytes, "{number}");
        }
    }

    #[test]
    fn an_item_is_its_names_and_values() {
        let item = HashMap::from([
            ("PK".to_owned(), Value::S("PRODUCT#1")),
            ("n".to_owned(), Value::N("42")),
            ("ok".to_owned(), Value::Bool),
            (
                "tags".to_owned(),
                Value::List(vec![Value::S("a"), Value::S("bc")]),
            ),
            (
                "m".to_owned(),
                Value::Map(HashMap::from([("k".to_owned(), Value::S("v"))])),
            ),
        ]);
        // PK 2+9, n 1+2, ok 2+1, tags 4+3+(1+1)+(1+2), m 1+3+(1+1+1)
        assert_eq!(item_size_bytes(&item, look), 11 + 3 + 3 + 12 + 7);
    }
}
