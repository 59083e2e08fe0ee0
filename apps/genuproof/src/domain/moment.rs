//! Moments as text: ISO 8601 in UTC with exactly three fraction digits, `2026-03-01T09:30:00.000Z`.
//!
//! Exactly three, because the text stands in sort keys: with any number of digits `…30.500Z` would sort after `…30.5001Z`.

use jiff::{SignedDuration, Timestamp};

/// The text of a moment, cut to milliseconds.
///
/// ```
/// use genuproof::domain::moment;
///
/// assert_eq!(moment::text("2026-03-01T09:30:00.1239Z".parse().unwrap()), "2026-03-01T09:30:00.123Z");
/// ```
pub fn text(moment: Timestamp) -> String {
    format!("{:.3}", cut(moment))
}

/// Reads the text that [`text`] writes, and nothing else.
pub fn parse(text: &str) -> Option<Timestamp> {
    let moment: Timestamp = text.parse().ok()?;
    (self::text(moment) == text).then_some(moment)
}

/// The moment at which something is recorded that must come after `previous`: now, or one millisecond after `previous` when the
/// clock has not advanced.
pub fn after(previous: Timestamp, now: Timestamp) -> Timestamp {
    let next = cut(previous)
        .checked_add(SignedDuration::from_millis(1))
        .unwrap_or(Timestamp::MAX);
    cut(now).max(next)
}

fn cut(moment: Timestamp) -> Timestamp {
    let millis = moment.as_nanosecond().div_euclid(1_000_000);
    i64::try_from(millis)
        .ok()
        .and_then(|millis| Timestamp::from_millisecond(millis).ok())
        .unwrap_or(moment)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_moment_has_three_fraction_digits() {
        for (moment, expect) in [
            ("2026-03-01T09:30:00Z", "2026-03-01T09:30:00.000Z"),
            ("2026-03-01T09:30:00.5Z", "2026-03-01T09:30:00.500Z"),
            ("2026-03-01T09:30:59.9999Z", "2026-03-01T09:30:59.999Z"),
            ("1969-12-31T23:59:59.9999Z", "1969-12-31T23:59:59.999Z"),
            ("2026-03-01T10:30:00+01:00", "2026-03-01T09:30:00.000Z"),
        ] {
            assert_eq!(text(at(moment)), expect);
            assert_eq!(parse(expect), Some(at(expect)));
        }
    }

    #[test]
    fn another_form_of_the_same_moment_is_not_read() {
        for odd in [
            "2026-03-01T09:30:00Z",
            "2026-03-01T09:30:00.0000Z",
            "2026-03-01 09:30:00.000Z",
            "2026-03-01T10:30:00.000+01:00",
            "",
            "x",
        ] {
            assert_eq!(parse(odd), None, "{odd}");
        }
    }

    #[test]
    fn what_follows_is_at_least_a_millisecond_later() {
        let previous = at("2026-03-01T09:30:00.000Z");
        assert_eq!(
            text(after(previous, at("2026-03-01T09:30:00.000Z"))),
            "2026-03-01T09:30:00.001Z"
        );
        assert_eq!(
            text(after(previous, at("2020-01-01T00:00:00Z"))),
            "2026-03-01T09:30:00.001Z"
        );
        assert_eq!(
            text(after(previous, at("2026-03-01T09:30:01.2349Z"))),
            "2026-03-01T09:30:01.234Z"
        );
    }
}
