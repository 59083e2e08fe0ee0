//! Numbers as `DynamoDB` has them. Source: Developer Guide, "Supported data types and naming rules".

const DIGITS_MOST: usize = 38;
const HIGHEST_EXPONENT: i64 = 125;
const LOWEST_EXPONENT: i64 = -130;

/// One text for each value, so that `1`, `1.0` and `10e-1` are one; `None` for what is no number of
/// `DynamoDB`.
pub fn canonical(text: &str) -> Option<String> {
    let (negative, magnitude) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = match magnitude.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, integer(exponent)?),
        None => (magnitude, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = [whole, fraction].concat();
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let significant = digits.trim_start_matches('0');
    let leading = digits.len() - significant.len();
    let significant = significant.trim_end_matches('0');
    if significant.is_empty() {
        return Some("0".to_owned());
    }
    // The power of ten of the first significant digit.
    let power = i64::try_from(whole.len()).ok()? - i64::try_from(leading).ok()? - 1;
    let power = power.checked_add(exponent)?;
    let fits =
        significant.len() <= DIGITS_MOST && (LOWEST_EXPONENT..=HIGHEST_EXPONENT).contains(&power);
    let sign = if negative { "-" } else { "" };
    fits.then(|| format!("{sign}{significant}e{power}"))
}

fn integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is_integer = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    is_integer.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn equal_numbers_have_one_text() {
        for (one, other) in [
            ("1", "1.0"),
            ("1", "+1"),
            ("1", "10e-1"),
            ("-0.5", "-5E-1"),
            ("0", "-0.00e9"),
            ("100", "1e2"),
            (".5", "0.5"),
        ] {
            assert!(canonical(one).is_some(), "{one}");
            assert_eq!(canonical(one), canonical(other), "{one} {other}");
        }
        assert_ne!(canonical("1"), canonical("-1"));
        assert_ne!(canonical("12"), canonical("1.2"));
    }

    #[test]
    fn what_dynamodb_refuses_is_none() {
        let digits_38 = "1".repeat(38);
        assert!(canonical(&digits_38).is_some());
        for refused in [
            "",
            "-",
            ".",
            "1e",
            "e1",
            "1.2.3",
            "0x1",
            "NaN",
            "1 ",
            "1e126",
            "1e-131",
            "1e99999999999999999999",
            &(digits_38 + "1"),
        ] {
            assert_eq!(canonical(refused), None, "{refused}");
        }
        assert!(canonical("9.9e125").is_some() && canonical("1e-130").is_some());
    }
}
