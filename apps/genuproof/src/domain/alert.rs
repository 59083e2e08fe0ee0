//! Alerts: their kinds, how serious each is, and for how long one stands for what repeats itself.

use std::fmt;

use keyfold::Timestamp;
use serde::{Deserialize, Serialize};

const HOUR_MS: i64 = 3_600_000;
/// Most rules look back for so long.
pub const DAY_MS: i64 = 24 * HOUR_MS;

/// What an alert is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    /// The record, its signature or its chain is not as it was registered.
    HashTampering,
    /// Scanned in too many countries within a day.
    GeographicAnomaly,
    /// A claimed product was scanned by another device.
    ClaimedProductScan,
    /// Scanned too often for its age.
    ScanVelocity,
    /// Scanned too often within an hour.
    BurstScan,
    /// Too long between two events.
    ChainGap,
    /// The brand called it back.
    ProductRecall,
    /// Somebody disputes a claim.
    OwnershipDispute,
}

/// How serious it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "they are what they are called")]
pub enum Severity {
    Low,
    Medium,
    High,
    Critical,
}

impl AlertKind {
    /// Every kind, the most serious first.
    pub const ALL: [Self; 8] = [
        Self::HashTampering,
        Self::ProductRecall,
        Self::OwnershipDispute,
        Self::GeographicAnomaly,
        Self::ClaimedProductScan,
        Self::ScanVelocity,
        Self::BurstScan,
        Self::ChainGap,
    ];

    /// The word that is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::HashTampering => "hash_tampering",
            Self::GeographicAnomaly => "geographic_anomaly",
            Self::ClaimedProductScan => "claimed_product_scan",
            Self::ScanVelocity => "scan_velocity",
            Self::BurstScan => "burst_scan",
            Self::ChainGap => "chain_gap",
            Self::ProductRecall => "product_recall",
            Self::OwnershipDispute => "ownership_dispute",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// How serious the rule takes it to be.
    pub fn severity(self) -> Severity {
        match self {
            Self::HashTampering | Self::ProductRecall | Self::OwnershipDispute => {
                Severity::Critical
            }
            Self::GeographicAnomaly | Self::ClaimedProductScan | Self::ScanVelocity => {
                Severity::High
            }
            Self::BurstScan | Self::ChainGap => Severity::Medium,
        }
    }

    /// For how long an alert stands for repeats of the same product; none where each is an alert of its own.
    pub fn window_ms(self) -> Option<i64> {
        match self {
            Self::GeographicAnomaly
            | Self::ScanVelocity
            | Self::ClaimedProductScan
            | Self::HashTampering => Some(DAY_MS),
            Self::BurstScan => Some(HOUR_MS),
            Self::ChainGap | Self::ProductRecall | Self::OwnershipDispute => None,
        }
    }

    /// Whether something at `at` repeats what an alert at `alerted_at` stands for.
    pub fn is_repeat(self, alerted_at: Timestamp, at: Timestamp) -> bool {
        let apart = at.as_millisecond().abs_diff(alerted_at.as_millisecond());
        self.window_ms()
            .and_then(|window| u64::try_from(window).ok())
            .is_some_and(|window| apart <= window)
    }
}

impl Severity {
    /// Every one, the least serious first.
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The word that is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// Reads the word, in whatever case.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|severity| severity.as_str().eq_ignore_ascii_case(text))
    }
}

/// What an alert is called by: its moment, its kind and what keeps it apart from others, as `moment~kind~suffix`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AlertId {
    /// The moment of what caused it.
    pub at: Timestamp,
    /// The word of its kind; others wrote words that are no [`AlertKind`].
    pub kind: String,
    /// Keeps alerts of one moment and kind apart.
    pub suffix: Option<String>,
}

const SUFFIX_CHARACTERS_MAX: usize = 64;

impl AlertId {
    /// Reads one; `None` when it has not the form of one.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('~');
        let at: Timestamp = parts.next()?.parse().ok()?;
        let kind = parts.next()?;
        let suffix = parts.next();
        let is_word = |text: &str| {
            (1..=SUFFIX_CHARACTERS_MAX).contains(&text.len())
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
        };
        if parts.next().is_some() || !is_word(kind) || !suffix.is_none_or(is_word) {
            return None;
        }
        Some(Self {
            at,
            kind: kind.to_owned(),
            suffix: suffix.map(str::to_owned),
        })
    }
}

impl fmt::Display for AlertId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}~{}", self.at, self.kind)?;
        match &self.suffix {
            Some(suffix) => write!(f, "~{suffix}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn words_are_read_back() {
        for kind in AlertKind::ALL {
            assert_eq!(AlertKind::parse(kind.as_str()), Some(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
        for severity in Severity::ALL {
            assert_eq!(Severity::parse(severity.as_str()), Some(severity));
            assert_eq!(
                Severity::parse(&severity.as_str().to_uppercase()),
                Some(severity)
            );
        }
        assert_eq!(AlertKind::parse("duplicate_scan"), None);
    }

    #[test]
    fn an_anomaly_is_one_until_the_very_end_of_its_window() {
        let alerted = at("2026-03-01T09:30:00.000Z");
        for (kind, last, next) in [
            (
                AlertKind::GeographicAnomaly,
                "2026-03-02T09:30:00.000Z",
                "2026-03-02T09:30:00.001Z",
            ),
            (
                AlertKind::BurstScan,
                "2026-03-01T10:30:00.000Z",
                "2026-03-01T10:30:00.001Z",
            ),
        ] {
            assert!(kind.is_repeat(alerted, at(last)), "{kind:?}");
            assert!(!kind.is_repeat(alerted, at(next)), "{kind:?}");
            assert!(kind.is_repeat(at(last), alerted), "also when it came late");
        }
        assert!(!AlertKind::ProductRecall.is_repeat(alerted, alerted));
    }

    #[test]
    fn an_id_is_read_back_and_nonsense_is_none() {
        for text in [
            "2026-03-01T09:30:00.000Z~burst_scan~0f3a",
            "2026-03-01T09:30:00.000Z~duplicate_scan",
        ] {
            assert_eq!(AlertId::parse(text).unwrap().to_string(), text);
        }
        for nonsense in [
            "",
            "~",
            "2026-03-01T09:30:00.000Z",
            "2026-03-01T09:30:00.000Z~",
            "2026-03-01T09:30:00.000Z~a#b~c",
            "2026-03-01T09:30:00.000Z~a~b~c",
            "yesterday~burst_scan~0f3a",
        ] {
            assert_eq!(AlertId::parse(nonsense), None, "{nonsense}");
        }
    }
}
