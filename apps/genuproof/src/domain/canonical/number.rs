//! Numbers: ECMAScript's text of a double, and which numbers come back from storage as they were sent.

use std::fmt;

use serde_json::Number;

// DynamoDB stores 38 significant digits between 1E-130 and 9.99…E+125; a double needs at most 17 digits, so only its size can
// be too much. Source: Developer Guide, "Supported data types", Number.
const SMALLEST_EXPONENT: i64 = -130;
const LARGEST_EXPONENT: i64 = 125;

/// Why a number is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberRefusal {
    /// It has more digits than a double keeps, so a reader would get another number.
    Inexact,
    /// It is larger or smaller than the database can store.
    OutOfRange,
}

impl fmt::Display for NumberRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Inexact => {
                "has a number with more digits than a double holds, which would come back changed: send it as text, or with at most 15 digits"
            }
            Self::OutOfRange => {
                "has a number that cannot be stored (its size must lie between 1e-130 and 1e126): send it as text"
            }
        })
    }
}

/// Checks that the number written as `text` (valid JSON) is the same number after it was stored and read by anybody.
///
/// # Errors
/// See [`NumberRefusal`].
pub fn check_number(text: &str) -> Result<(), NumberRefusal> {
    let Ok(value) = text.parse::<f64>() else {
        return Err(NumberRefusal::Inexact);
    };
    if !value.is_finite() {
        return Err(NumberRefusal::OutOfRange);
    }
    let sent = Decimal::of(text);
    if sent.digits.is_empty() {
        return Ok(());
    }
    if !(SMALLEST_EXPONENT..=LARGEST_EXPONENT).contains(&sent.exponent) {
        return Err(NumberRefusal::OutOfRange);
    }
    let kept = Decimal::of(ryu_js::Buffer::new().format(value));
    if sent == kept {
        Ok(())
    } else {
        Err(NumberRefusal::Inexact)
    }
}

/// Checks every number in `json`, which is valid JSON text.
///
/// # Errors
/// That of the first number that is refused.
pub fn check_numbers(json: &str) -> Result<(), NumberRefusal> {
    let bytes = json.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => {
                at += 1;
                while at < bytes.len() && bytes[at] != b'"' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                at += 1;
            }
            b'-' | b'0'..=b'9' => {
                let start = at;
                while at < bytes.len()
                    && matches!(bytes[at], b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9')
                {
                    at += 1;
                }
                check_number(&json[start..at])?;
            }
            _ => at += 1,
        }
    }
    Ok(())
}

/// Writes the number as ECMAScript's `Number::toString` does. Source: ECMA-262, 6.1.6.1.20.
pub(super) fn write(out: &mut String, number: &Number) {
    // Every number is a double here: 1, 1.0 and 1e0 are one value, whichever of them storage gives back.
    let value = number.as_f64().unwrap_or_default();
    // Not `{:e}`: of two shortest texts that read back the same, ECMAScript wants the even one.
    out.push_str(ryu_js::Buffer::new().format(value));
}

/// A decimal number without its sign's zero forms: `d.ddd × 10^exponent`, no zero digit at either end; zero has no digits.
#[derive(Debug, PartialEq, Eq)]
struct Decimal {
    negative: bool,
    digits: String,
    exponent: i64,
}

impl Decimal {
    /// Reads a JSON number, or what `{:e}` writes.
    fn of(text: &str) -> Self {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        // Beyond i64 the sign alone decides, and half of i64 keeps the sums below from overflowing.
        let exponent = exponent
            .strip_prefix('+')
            .unwrap_or(exponent)
            .parse::<i64>()
            .unwrap_or(if exponent.starts_with('-') {
                i64::MIN / 2
            } else {
                i64::MAX / 2
            });
        let all = format!("{whole}{fraction}");
        let significant = all.trim_start_matches('0');
        let leading = i64::try_from(all.len() - significant.len()).unwrap_or(i64::MAX / 4);
        let whole_digits = i64::try_from(whole.len()).unwrap_or(i64::MAX / 4);
        let digits = significant.trim_end_matches('0').to_owned();
        if digits.is_empty() {
            return Self {
                negative: false,
                digits,
                exponent: 0,
            };
        }
        let exponent = exponent.clamp(i64::MIN / 2, i64::MAX / 2) + whole_digits - leading - 1;
        Self {
            negative,
            digits,
            exponent,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn written(sent: &str) -> String {
        super::super::text_of(&serde_json::from_str::<Value>(sent).unwrap())
    }

    #[test]
    fn numbers_are_written_as_ecmascript_writes_them() {
        for (sent, expect) in [
            ("1.0", "1"),
            ("-0", "0"),
            ("-0.0", "0"),
            ("0e99", "0"),
            ("0.25", "0.25"),
            ("2.5e-7", "2.5e-7"),
            ("0.000001", "0.000001"),
            ("0.0000001", "1e-7"),
            ("1e21", "1e+21"),
            ("1000000000000000000000", "1e+21"),
            ("999999999999999900000", "999999999999999900000"),
            ("123456789012345680000", "123456789012345680000"),
            ("-1.5e300", "-1.5e+300"),
            ("1E2", "100"),
            ("9007199254740991", "9007199254740991"),
            ("5e-324", "5e-324"),
            ("0.1", "0.1"),
            ("0.30000000000000004", "0.30000000000000004"),
        ] {
            assert_eq!(written(sent), expect, "{sent}");
        }
    }

    #[test]
    fn a_number_that_would_come_back_changed_is_refused() {
        for sent in [
            "9007199254740993",
            "18446744073709551615",
            // A double holds it, but ECMAScript writes 18446744073709552000.
            "18446744073709551616",
            "12345678901234567890123",
            "0.1000000000000000055",
            "123456789012345678901234567890123456789",
            "0.12345678901234567890",
        ] {
            assert_eq!(check_number(sent), Err(NumberRefusal::Inexact), "{sent}");
        }
        for sent in [
            "1e126",
            "-1e126",
            "9.9e-131",
            "1e-400",
            "1e400",
            "5e-324",
            "1e99999999999999999999",
            "1e-99999999999999999999",
        ] {
            assert_eq!(check_number(sent), Err(NumberRefusal::OutOfRange), "{sent}");
        }
    }

    #[test]
    fn a_number_that_comes_back_the_same_is_accepted() {
        for sent in [
            "0",
            "-0",
            "0.0",
            "0e5",
            "0e-99999999999999999999",
            "1",
            "1.0",
            "1.50",
            "-3",
            "1e21",
            "1e125",
            "1e-130",
            "0.1",
            "100e-2",
            "9007199254740992",
            "1.7976931348623157e100",
        ] {
            assert_eq!(check_number(sent), Ok(()), "{sent}");
        }
    }

    #[test]
    fn numbers_are_found_anywhere_but_not_inside_strings() {
        assert_eq!(
            check_numbers(r#"{"9007199254740993":"\"9007199254740993","a":[1,-2.5e3,{"b":0.5}]}"#),
            Ok(())
        );
        assert_eq!(
            check_numbers(r#"{"a":"\\","b":[{"c":9007199254740993}]}"#),
            Err(NumberRefusal::Inexact)
        );
        assert_eq!(
            check_numbers(r#"["é",1e126]"#),
            Err(NumberRefusal::OutOfRange)
        );
    }

    /// What `DynamoDB` gives back for a number: plain decimal digits, at most 38 of them significant, no exponent.
    fn stored(text: &str) -> String {
        let decimal = Decimal::of(text);
        assert!(decimal.digits.len() <= 38);
        let sign = if decimal.negative { "-" } else { "" };
        format!(
            "{sign}{}e{}",
            decimal.digits,
            decimal.exponent - i64::try_from(decimal.digits.len()).unwrap() + 1
        )
    }

    #[test]
    fn of_two_shortest_texts_the_even_one_is_written() {
        // The double is …116.25.
        assert_eq!(written("-2010137324900116.3"), "-2010137324900116.2");
        assert_eq!(check_number("2010137324900116.2"), Ok(()));
    }

    proptest! {
        #[test]
        fn any_double_is_written_as_a_javascript_engine_writes_it(value in any::<f64>().prop_filter("finite", |v| v.is_finite())) {
            let mut out = String::new();
            write(&mut out, &Number::from_f64(value).unwrap());
            let expect = ryu_js::Buffer::new().format(value).to_owned();
            prop_assert_eq!(out, expect);
        }

        #[test]
        fn an_accepted_number_hashes_the_same_after_storage(mantissa in any::<i64>(), exponent in -140_i32..140) {
            let sent = format!("{mantissa}e{exponent}");
            if check_number(&sent).is_ok() && mantissa != 0 {
                prop_assert_eq!(written(&stored(&sent)), written(&sent));
            }
        }

        #[test]
        fn integers_that_a_double_holds_are_accepted_and_written_plainly(value in -9_007_199_254_740_992_i64..=9_007_199_254_740_992) {
            let sent = value.to_string();
            prop_assert_eq!(check_number(&sent), Ok(()));
            prop_assert_eq!(written(&sent), sent);
        }
    }
}
