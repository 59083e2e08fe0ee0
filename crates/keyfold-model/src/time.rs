//! Moments with one text form, so that they sort as text.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize, Serializer};

use crate::part::{KeyPart, PartError, PartSource, PartText};
use crate::shape::{Kind, Modifier, Shape};

/// 0000-01-01T00:00:00.000Z in milliseconds from 1970.
const MIN_MS: i64 = -62_167_219_200_000;
/// 9999-12-31T23:59:59.999Z, but for the last day: `jiff` keeps a margin for time zones.
const MAX_MS: i64 = 253_402_207_200_000 - 1;
/// Digits of the reversed milliseconds of a moment.
pub(crate) const DESC_MOMENT_DIGITS: u8 = 15;
/// Digits of the reversed days of a date.
pub(crate) const DESC_DATE_DIGITS: u8 = 7;

/// A moment, to the millisecond, in UTC.
///
/// Its text, in attributes and in keys, is always `YYYY-MM-DDTHH:MM:SS.mmmZ` with the years
/// 0000–9999: a fixed width, so that moments sort as their texts do. Anything finer is cut off
/// only where the name says so ([`Timestamp::truncating`]).
///
/// ```
/// use keyfold_model::Timestamp;
/// let at: Timestamp = "2026-03-01T09:30:00.000Z".parse()?;
/// assert_eq!(at.as_millisecond(), 1_772_357_400_000);
/// assert!(at < at.plus_ms(1));
/// # Ok::<(), keyfold_model::TimestampError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// A text or number that is no [`Timestamp`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TimestampError {
    /// Not a date-time with a zone.
    #[error("not a moment: write it like 2026-03-01T09:30:00.000Z")]
    Malformed,
    /// Finer than a millisecond.
    #[error("finer than a millisecond: cut it with `Timestamp::truncating`")]
    TooFine,
    /// Outside the years 0000–9999.
    #[error("outside the years 0000 to 9999")]
    OutOfRange,
}

impl Timestamp {
    /// The first moment there is.
    pub const MIN: Self = Self(MIN_MS);
    /// The last moment there is.
    pub const MAX: Self = Self(MAX_MS);

    /// The moment so many milliseconds from 1970.
    pub const fn from_millisecond(ms: i64) -> Result<Self, TimestampError> {
        if ms < MIN_MS || ms > MAX_MS {
            return Err(TimestampError::OutOfRange);
        }
        Ok(Self(ms))
    }

    /// Milliseconds from 1970.
    pub const fn as_millisecond(self) -> i64 {
        self.0
    }

    /// Seconds from 1970, rounded up: what a time-to-live attribute holds.
    pub const fn as_second_rounded_up(self) -> i64 {
        self.0.div_euclid(1_000) + if self.0.rem_euclid(1_000) > 0 { 1 } else { 0 }
    }

    /// Later by so many milliseconds, within the range there is.
    #[must_use]
    pub fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms).clamp(MIN_MS, MAX_MS))
    }

    /// The moment, with anything finer than a millisecond cut off.
    pub fn truncating(moment: jiff::Timestamp) -> Result<Self, TimestampError> {
        Self::from_millisecond(
            moment
                .as_nanosecond()
                .div_euclid(1_000_000)
                .try_into()
                .unwrap_or(i64::MAX),
        )
    }

    /// The UTC date and time.
    pub fn datetime(self) -> DateTime {
        jiff::Timestamp::from_millisecond(self.0)
            .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
            .to_zoned(TimeZone::UTC)
            .datetime()
    }

    /// The UTC date.
    pub fn date(self) -> Date {
        self.datetime().date()
    }

    /// The UTC month.
    pub fn month(self) -> YearMonth {
        let date = self.date();
        YearMonth {
            year: date.year(),
            month: date.month(),
        }
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.datetime();
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
            at.year(),
            at.month(),
            at.day(),
            at.hour(),
            at.minute(),
            at.second(),
            at.millisecond()
        )
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let moment: jiff::Timestamp = text.parse().map_err(|_| TimestampError::Malformed)?;
        Self::try_from(moment)
    }
}

impl TryFrom<jiff::Timestamp> for Timestamp {
    type Error = TimestampError;

    fn try_from(moment: jiff::Timestamp) -> Result<Self, Self::Error> {
        if moment.subsec_nanosecond() % 1_000_000 != 0 {
            return Err(TimestampError::TooFine);
        }
        Self::truncating(moment)
    }
}

impl From<Timestamp> for jiff::Timestamp {
    fn from(moment: Timestamp) -> Self {
        jiff::Timestamp::from_millisecond(moment.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

impl KeyPart for Timestamp {
    const SHAPE: Shape<'static> = Shape::pattern("dddd-dd-ddTdd:dd:dd.dddZ", true, Kind::Moment);

    fn encode(&self, out: &mut PartText<'_>) -> Result<(), PartError> {
        let at = self.datetime();
        match out.modifier() {
            Modifier::Desc => {
                out.digits((MAX_MS - self.0).unsigned_abs().into(), DESC_MOMENT_DIGITS)
            }
            Modifier::Year => out.verbatim(format_args!("{:04}", at.year())),
            Modifier::Month => out.verbatim(format_args!("{}", self.month())),
            Modifier::Day => out.verbatim(format_args!(
                "{:04}-{:02}-{:02}",
                at.year(),
                at.month(),
                at.day()
            )),
            Modifier::Hour => out.verbatim(format_args!(
                "{:04}-{:02}-{:02}T{:02}",
                at.year(),
                at.month(),
                at.day(),
                at.hour()
            )),
            Modifier::None
            | Modifier::Lower
            | Modifier::Raw
            | Modifier::Bare
            | Modifier::Pad(_)
            | Modifier::Scope
            | Modifier::ScopeId
            | Modifier::Shard(_) => out.verbatim(format_args!("{self}")),
        }
    }

    fn decode(source: PartSource<'_>) -> Result<Self, PartError> {
        if source.modifier() == Modifier::Desc {
            let reversed = source.digits(DESC_MOMENT_DIGITS)?;
            let ms = i64::try_from(reversed)
                .ok()
                .and_then(|r| MAX_MS.checked_sub(r));
            return ms
                .and_then(|ms| Self::from_millisecond(ms).ok())
                .ok_or(PartError::Malformed);
        }
        let moment: Timestamp = source.as_str().parse().map_err(|_| PartError::Malformed)?;
        // Exactly one text for each moment: another spelling is no key of ours.
        if moment.to_string() == source.as_str() {
            Ok(moment)
        } else {
            Err(PartError::Malformed)
        }
    }
}

/// A month of a year, `2026-03`: what a pattern asks a `{at:month}` bucket for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct YearMonth {
    /// 0 to 9999.
    pub year: i16,
    /// 1 to 12.
    pub month: i8,
}

impl fmt::Display for YearMonth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl KeyPart for YearMonth {
    const SHAPE: Shape<'static> = Shape::pattern("dddd-dd", true, Kind::Other);

    fn encode(&self, out: &mut PartText<'_>) -> Result<(), PartError> {
        if !(0..=9_999).contains(&self.year) || !(1..=12).contains(&self.month) {
            return Err(PartError::OutOfRange);
        }
        match out.modifier() {
            Modifier::Year => out.verbatim(format_args!("{:04}", self.year)),
            // Of a day or an hour it would be a beginning, which equals none.
            Modifier::Day | Modifier::Hour => Err(PartError::OutOfRange),
            _ => out.verbatim(format_args!("{self}")),
        }
    }

    fn decode(source: PartSource<'_>) -> Result<Self, PartError> {
        let (year, month) = source
            .as_str()
            .split_once('-')
            .ok_or(PartError::Malformed)?;
        // `parse` would take a sign.
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if year.len() != 4 || month.len() != 2 || !digits(year) || !digits(month) {
            return Err(PartError::Malformed);
        }
        let parsed = YearMonth {
            year: year.parse().map_err(|_| PartError::Malformed)?,
            month: month.parse().map_err(|_| PartError::Malformed)?,
        };
        if (1..=12).contains(&parsed.month) {
            Ok(parsed)
        } else {
            Err(PartError::Malformed)
        }
    }
}

const DATE_ZERO: Date = jiff::civil::date(0, 1, 1);
const DATE_DAYS_MAX: i64 = 3_652_424;

impl KeyPart for Date {
    const SHAPE: Shape<'static> = Shape::pattern("dddd-dd-dd", true, Kind::Date);

    fn encode(&self, out: &mut PartText<'_>) -> Result<(), PartError> {
        if self.year() < 0 {
            return Err(PartError::OutOfRange);
        }
        match out.modifier() {
            Modifier::Desc => {
                let days = i64::from((*self - DATE_ZERO).get_days());
                out.digits(
                    (DATE_DAYS_MAX - days).unsigned_abs().into(),
                    DESC_DATE_DIGITS,
                )
            }
            Modifier::Year => out.verbatim(format_args!("{:04}", self.year())),
            Modifier::Month => out.verbatim(format_args!("{:04}-{:02}", self.year(), self.month())),
            Modifier::Hour => Err(PartError::OutOfRange),
            _ => out.verbatim(format_args!(
                "{:04}-{:02}-{:02}",
                self.year(),
                self.month(),
                self.day()
            )),
        }
    }

    fn decode(source: PartSource<'_>) -> Result<Self, PartError> {
        if source.modifier() == Modifier::Desc {
            let reversed = i64::try_from(source.digits(DESC_DATE_DIGITS)?)
                .map_err(|_| PartError::Malformed)?;
            let days = DATE_DAYS_MAX - reversed;
            if days < 0 {
                return Err(PartError::Malformed);
            }
            return DATE_ZERO
                .checked_add(
                    jiff::Span::new()
                        .try_days(days)
                        .map_err(|_| PartError::Malformed)?,
                )
                .map_err(|_| PartError::Malformed);
        }
        let date: Date = source.as_str().parse().map_err(|_| PartError::Malformed)?;
        // Exactly one text for each date.
        if source.as_str().len() == 10 && date.to_string() == source.as_str() {
            Ok(date)
        } else {
            Err(PartError::Malformed)
        }
    }
}
