//! Numbers of 38 digits.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Told apart from other newtypes by this name.
pub(super) const NAME: &str = "\u{37e}keyfold number\u{37e}";

// Developer Guide, "Naming rules and data types", Number: up to 38 digits of precision, magnitudes from
// 1E-130 to 9.9999999999999999999999999999999999999E+125.
const DIGITS_MAX: usize = 38;
const EXPONENT_MIN: i64 = -130;
const EXPONENT_MAX: i64 = 125;

/// A number as DynamoDB has it: up to 38 decimal digits, exact. Money, rates, measures: what `f64`
/// rounds and `u64` does not hold.
///
/// Two numbers are equal if they are the same number, however they were written. Where the format is
/// JSON it is written as text, since readers of JSON round numbers.
///
/// ```
/// use keyfold::Number;
///
/// let price: Number = "12345678901234567890.000000000000000001".parse()?;
/// assert!(price > Number::from(12_345_678_901_234_567_890_u64));
/// assert_eq!("1.50".parse::<Number>()?, "15e-1".parse()?);
/// assert!("123456789012345678901234567890123456789".parse::<Number>().is_err(), "39 digits");
/// # Ok::<(), keyfold::NumberError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Number {
    /// As it is stored: no exponent, no superfluous zero.
    text: String,
}

/// Text that is no number of DynamoDB's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NumberError {
    /// It is no number.
    #[error("is not a decimal number")]
    Malformed,
    /// It has too many digits.
    #[error("has more than 38 digits, which DynamoDB would refuse")]
    TooPrecise,
    /// It is too large, or too close to zero.
    #[error("is outside 1E-130 to 9.99E+125, which DynamoDB would refuse")]
    OutOfRange,
}

impl Number {
    /// Its decimal text, without an exponent.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The nearest `f64`.
    pub fn to_f64_lossy(&self) -> f64 {
        self.text.parse().unwrap_or(f64::NAN)
    }

    /// The integer, if it is one that fits.
    pub fn to_i128(&self) -> Option<i128> {
        self.text.parse().ok()
    }

    pub(super) fn from_text(text: &str) -> Result<Self, NumberError> {
        let (negative, rest) = match text.as_bytes() {
            [b'-', ..] => (true, &text[1..]),
            [b'+', ..] => (false, &text[1..]),
            _ => (false, text),
        };
        let (mantissa, exponent) = match rest.find(['e', 'E']) {
            Some(at) => {
                let exponent = rest[at + 1..].parse::<i32>();
                (
                    &rest[..at],
                    i64::from(exponent.map_err(|_| NumberError::Malformed)?),
                )
            }
            None => (rest, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if (whole.is_empty() && fraction.is_empty()) || !is_digits(whole) || !is_digits(fraction) {
            return Err(NumberError::Malformed);
        }
        let all = [whole, fraction].concat();
        let digits = all.trim_start_matches('0');
        let leading = all.len() - digits.len();
        let digits = digits.trim_end_matches('0');
        if digits.is_empty() {
            return Ok(Self {
                text: "0".to_owned(),
            });
        }
        if digits.len() > DIGITS_MAX {
            return Err(NumberError::TooPrecise);
        }
        // The place of the point, counted from the first digit that is not 0.
        let length = |text: usize| i64::try_from(text).unwrap_or(i64::MAX);
        let point = length(whole.len()) - length(leading) + exponent;
        if !(EXPONENT_MIN..=EXPONENT_MAX).contains(&(point - 1)) {
            return Err(NumberError::OutOfRange);
        }
        Ok(Self {
            text: plain(negative, digits, point),
        })
    }
}

fn plain(negative: bool, digits: &str, point: i64) -> String {
    let mut text = String::new();
    if negative {
        text.push('-');
    }
    match usize::try_from(point) {
        Ok(0) | Err(_) => {
            text.push_str("0.");
            let zeros = usize::try_from(-point).unwrap_or_default();
            text.extend(std::iter::repeat_n('0', zeros));
            text.push_str(digits);
        }
        Ok(point) if point >= digits.len() => {
            text.push_str(digits);
            text.extend(std::iter::repeat_n('0', point - digits.len()));
        }
        Ok(point) => {
            text.push_str(&digits[..point]);
            text.push('.');
            text.push_str(&digits[point..]);
        }
    }
    text
}

impl FromStr for Number {
    type Err = NumberError;

    fn from_str(text: &str) -> Result<Self, NumberError> {
        Self::from_text(text)
    }
}

macro_rules! from_integers {
    ($($ty:ty),*) => {$(
        impl From<$ty> for Number {
            fn from(value: $ty) -> Self {
                Self { text: value.to_string() }
            }
        }
    )*};
}

from_integers!(u8, u16, u32, u64, i8, i16, i32, i64);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Number({})", self.text)
    }
}

impl Default for Number {
    fn default() -> Self {
        Self::from(0_u8)
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        let split = |text: &str| -> (bool, String, String) {
            let (negative, rest) = match text.strip_prefix('-') {
                Some(rest) => (true, rest),
                None => (false, text),
            };
            let (whole, fraction) = rest.split_once('.').unwrap_or((rest, ""));
            (negative, whole.to_owned(), fraction.to_owned())
        };
        let (own, others) = (split(&self.text), split(&other.text));
        let magnitude = (own.1.len(), &own.1, &own.2).cmp(&(others.1.len(), &others.1, &others.2));
        match (own.0, others.0) {
            (false, false) => magnitude,
            (true, true) => magnitude.reverse(),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(NAME, &self.text)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;

        impl<'de> Visitor<'de> for Read {
            type Value = Number;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Number, E> {
                Number::from_text(text)
                    .map_err(|error| E::custom(format_args!("the number {error}")))
            }

            fn visit_u64<E: Error>(self, value: u64) -> Result<Number, E> {
                Ok(Number::from(value))
            }

            fn visit_i64<E: Error>(self, value: i64) -> Result<Number, E> {
                Ok(Number::from(value))
            }

            fn visit_f64<E: Error>(self, value: f64) -> Result<Number, E> {
                self.visit_str(&value.to_string())
            }

            fn visit_newtype_struct<D: Deserializer<'de>>(
                self,
                deserializer: D,
            ) -> Result<Number, D::Error> {
                deserializer.deserialize_any(self)
            }
        }

        deserializer.deserialize_newtype_struct(NAME, Read)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn number(text: &str) -> Number {
        text.parse().unwrap()
    }

    #[test]
    fn a_number_has_one_text() {
        for (text, expected) in [
            ("0", "0"),
            ("-0.00", "0"),
            ("007", "7"),
            ("1.50", "1.5"),
            ("+15E-1", "1.5"),
            ("1e3", "1000"),
            (".5", "0.5"),
            ("-0.0012e1", "-0.012"),
            (
                "99999999999999999999999999999999999999",
                "99999999999999999999999999999999999999",
            ),
        ] {
            assert_eq!(number(text).as_str(), expected, "{text}");
        }
        assert_eq!(number("1e125").as_str().len(), 126);
        assert_eq!(number("1e-130").as_str().len(), 132);
    }

    #[test]
    fn what_dynamodb_refuses_is_refused() {
        for text in ["", "-", ".", "1e", "1.2.3", "0x1", "1 ", "NaN", "inf", "١"] {
            assert_eq!(
                text.parse::<Number>(),
                Err(NumberError::Malformed),
                "{text}"
            );
        }
        assert_eq!(
            "1".repeat(39).parse::<Number>(),
            Err(NumberError::TooPrecise)
        );
        assert_eq!("1e126".parse::<Number>(), Err(NumberError::OutOfRange));
        assert_eq!("1e-131".parse::<Number>(), Err(NumberError::OutOfRange));
    }

    #[test]
    fn numbers_sort_by_value() {
        let sorted = [
            "-100", "-2.5", "-2.45", "0", "0.09", "0.1", "2", "10", "10.01",
        ];
        for pair in sorted.windows(2) {
            assert!(number(pair[0]) < number(pair[1]), "{pair:?}");
        }
    }

    proptest! {
        #[test]
        fn integers_sort_and_read_back(a: i64, b: i64) {
            let (x, y) = (Number::from(a), Number::from(b));
            prop_assert_eq!(x.cmp(&y), a.cmp(&b));
            prop_assert_eq!(x.to_i128(), Some(i128::from(a)));
            prop_assert_eq!(number(x.as_str()), x);
        }
    }
}
