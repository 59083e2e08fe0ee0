//! Query values read by rule.

use crate::error::Failure;

/// Reads `limit`: absent is `default`, above `max` is `max`; anything but a plain integer of at least 1 is refused.
pub fn limit(value: Option<&str>, default: u32, max: u32) -> Result<u32, Failure> {
    let Some(text) = value else {
        return Ok(default);
    };
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !plain || text.bytes().all(|byte| byte == b'0') {
        return Err(Failure::bad_request(
            "limit must be a whole number of at least 1",
        ));
    }
    // All digits and still no u32 means too large for one, so above any maximum.
    Ok(text.parse().unwrap_or(max).min(max))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_a_plain_positive_integer_up_to_the_maximum() {
        for (text, read) in [
            (None, 100),
            (Some("1"), 1),
            (Some("007"), 7),
            (Some("200"), 200),
            (Some("201"), 200),
        ] {
            assert_eq!(limit(text, 100, 200).unwrap(), read, "{text:?}");
        }
        assert_eq!(limit(Some(&"9".repeat(1000)), 100, 200).unwrap(), 200);
        for text in ["", "0", "000", "-1", "+1", "1.0", "1e2", " 1", "abc", "١"] {
            assert!(limit(Some(text), 100, 200).is_err(), "{text:?}");
        }
    }
}
