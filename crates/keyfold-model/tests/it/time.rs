//! Moments: the edges, what is cut and what is refused.

use keyfold_model::{Timestamp, TimestampError, YearMonth};
use proptest::prelude::*;

use crate::rounds;
use crate::values::{few_moments, moments};

#[test]
fn the_first_and_the_last_moment_are_written_and_read() {
    for (moment, text) in [
        (Timestamp::MIN, "0000-01-01T00:00:00.000Z"),
        (Timestamp::MAX, "9999-12-30T21:59:59.999Z"),
    ] {
        assert_eq!(moment.to_string(), text);
        assert_eq!(text.parse(), Ok(moment));
        assert_eq!(
            Timestamp::from_millisecond(moment.as_millisecond()),
            Ok(moment)
        );
        assert_eq!(
            Timestamp::try_from(jiff::Timestamp::from(moment)),
            Ok(moment)
        );
    }
    assert_eq!(Timestamp::MIN.plus_ms(-1), Timestamp::MIN);
    assert_eq!(Timestamp::MAX.plus_ms(1), Timestamp::MAX);
    assert_eq!(Timestamp::MAX.plus_ms(i64::MAX), Timestamp::MAX);
    assert_eq!(Timestamp::MIN.plus_ms(i64::MIN), Timestamp::MIN);
}

#[test]
fn what_lies_outside_the_years_is_refused() {
    for ms in [
        Timestamp::MIN.as_millisecond() - 1,
        Timestamp::MAX.as_millisecond() + 1,
        i64::MIN,
        i64::MAX,
    ] {
        assert_eq!(
            Timestamp::from_millisecond(ms),
            Err(TimestampError::OutOfRange)
        );
    }
    for moment in [jiff::Timestamp::MIN, jiff::Timestamp::MAX] {
        assert_eq!(
            Timestamp::truncating(moment),
            Err(TimestampError::OutOfRange)
        );
    }
    assert_eq!(
        "-000001-12-31T23:59:59.999Z".parse::<Timestamp>(),
        Err(TimestampError::OutOfRange)
    );
    assert!("9999-12-31T23:59:59.999Z".parse::<Timestamp>().is_err());
}

#[test]
fn anything_finer_than_a_millisecond_is_cut_only_where_that_is_said() {
    for (text, cut) in [
        ("2026-03-01T09:30:00.500000001Z", "2026-03-01T09:30:00.500Z"),
        ("2026-03-01T09:30:00.999999999Z", "2026-03-01T09:30:00.999Z"),
        // Before 1970 too, cutting goes to the earlier millisecond.
        ("1969-12-31T23:59:59.999999999Z", "1969-12-31T23:59:59.999Z"),
        ("1969-12-31T23:59:58.000000001Z", "1969-12-31T23:59:58.000Z"),
    ] {
        let fine: jiff::Timestamp = text.parse().expect("a moment");
        assert_eq!(text.parse::<Timestamp>(), Err(TimestampError::TooFine));
        assert_eq!(Timestamp::try_from(fine), Err(TimestampError::TooFine));
        let moment = Timestamp::truncating(fine).expect("within the years");
        assert_eq!(moment.to_string(), cut);
        assert!(jiff::Timestamp::from(moment) <= fine);
    }
}

#[test]
fn other_spellings_of_a_moment_are_that_moment() {
    let moment: Timestamp = "2026-03-01T09:30:00.000Z".parse().expect("a moment");
    for text in [
        "2026-03-01T09:30:00Z",
        "2026-03-01T09:30Z",
        "2026-03-01T09:30:00.0Z",
        "2026-03-01T09:30:00.000000000Z",
        "2026-03-01T10:30:00+01:00",
        "2026-03-01T04:30:00.000-05:00",
        "2026-03-01T09:30:00+00:00",
        "20260301T093000Z",
    ] {
        assert_eq!(text.parse(), Ok(moment), "{text}");
    }
    for text in [
        "",
        "2026-03-01",
        "2026-03-01T09:30:00",
        "2026-02-30T09:30:00Z",
        "2026-03-01T25:30:00Z",
        "1772357400",
        "now",
        " 2026-03-01T09:30:00Z",
    ] {
        assert_eq!(
            text.parse::<Timestamp>(),
            Err(TimestampError::Malformed),
            "{text}"
        );
    }
}

#[test]
fn a_time_to_live_is_never_early() {
    let cases = prop_oneof![few_moments(), moments()];
    rounds::check(500, &cases, |moment| {
        let (seconds, ms) = (moment.as_second_rounded_up(), moment.as_millisecond());
        prop_assert!(seconds * 1_000 >= ms && seconds * 1_000 - ms < 1_000);
        Ok(())
    });
    for (ms, seconds) in [
        (0, 0),
        (1, 1),
        (999, 1),
        (1_000, 1),
        (1_001, 2),
        (-1, 0),
        (-1_000, -1),
    ] {
        let moment = Timestamp::from_millisecond(ms).expect("within the years");
        assert_eq!(moment.as_second_rounded_up(), seconds);
    }
}

#[test]
fn every_moment_has_one_text_of_one_width_that_sorts() {
    let cases = (
        prop_oneof![few_moments(), moments()],
        prop_oneof![few_moments(), moments()],
    );
    rounds::check(1_000, &cases, |(a, b)| {
        let (text_a, text_b) = (a.to_string(), b.to_string());
        prop_assert_eq!(text_a.len(), 24);
        prop_assert_eq!(text_a.parse(), Ok(a));
        prop_assert_eq!(text_a.cmp(&text_b), a.cmp(&b));
        let json = serde_json::to_string(&a).map_err(|e| TestCaseError::fail(e.to_string()))?;
        prop_assert_eq!(&json, &format!("\"{text_a}\""));
        prop_assert_eq!(serde_json::from_str::<Timestamp>(&json).ok(), Some(a));
        prop_assert_eq!(&text_a[..10], &a.date().to_string()[..]);
        prop_assert_eq!(&text_a[..7], &a.month().to_string()[..]);
        Ok(())
    });
}

#[test]
fn months_sort_as_their_texts() {
    let month = |year, month| YearMonth { year, month };
    assert_eq!(month(7, 3).to_string(), "0007-03");
    assert!(month(2025, 12) < month(2026, 1) && month(2026, 1) < month(2026, 2));
}
