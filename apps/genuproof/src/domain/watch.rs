//! The rules about scans: what is unusual, as an alert for the brand and as a warning for whoever scans.
//!
//! Every rule is evaluated on every scan. What they are told is a [`Tally`] of the scans around it and a few facts.

use keyfold::Timestamp;

pub use self::window::{Digest, PAGE, Sighting, Tally};
use super::alert::{AlertKind, DAY_MS};

mod window;

/// Countries within a day from which on it is an anomaly.
const COUNTRIES: usize = 3;
/// Scans within an hour with which a brand is alerted.
const BURST_ALERT: u64 = 10;
/// Scans within an hour after which whoever scans is warned.
const BURST_WARNING: u64 = 10;
/// Scans in all, and a day on average, above which a product is scanned too often.
const VELOCITY_TOTAL: u64 = 20;
const VELOCITY_A_DAY: f64 = 5.0;

/// What the rules are told of a scan.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// When it was made.
    pub at: Timestamp,
    /// The scans around it, this one included.
    pub tally: &'a Tally,
    /// How often the product was scanned in all, this time included.
    pub total: u64,
    /// When the product was registered; none when that cannot be read.
    pub registered_at: Option<Timestamp>,
    /// The word that was recorded with the scan.
    pub result: &'a str,
    /// When the product was claimed, if this is another device than the one that claimed it.
    pub claimed_by_another_at: Option<&'a str>,
}

/// What a rule found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which rule.
    pub kind: AlertKind,
    /// What it saw, in words.
    pub details: String,
}

struct Velocity {
    total: u64,
    days: f64,
    a_day: f64,
}

impl Facts<'_> {
    /// What the brand is alerted about, the most serious first.
    pub fn findings(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut found = |kind: AlertKind, details: String| findings.push(Finding { kind, details });
        if self.result != "authentic" {
            found(
                AlertKind::HashTampering,
                format!(
                    "A scan's result is {:?}: record, signature, chain or code are not as they were registered.",
                    self.result
                ),
            );
        }
        let countries = &self.tally.countries;
        if countries.len() >= COUNTRIES {
            found(
                AlertKind::GeographicAnomaly,
                format!(
                    "Scanned from {} different countries within 24 hours: {}.",
                    countries.len(),
                    countries.join(", ")
                ),
            );
        }
        if let Some(claimed_at) = self.claimed_by_another_at {
            found(
                AlertKind::ClaimedProductScan,
                format!(
                    "Scanned by another device than the one that claimed the product at {claimed_at}."
                ),
            );
        }
        if let Some(Velocity { total, days, a_day }) = self.velocity() {
            found(
                AlertKind::ScanVelocity,
                format!(
                    "Scanned {a_day:.1} times a day on average: {total} scans in {days:.1} days since registration."
                ),
            );
        }
        if self.tally.in_hour >= BURST_ALERT {
            found(
                AlertKind::BurstScan,
                format!("{} within one hour.", self.tally.scans_in_hour()),
            );
        }
        findings
    }

    /// What whoever scans is warned about. The other rules' warnings are the verdict's own.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        let countries = self.tally.countries.len();
        if countries >= COUNTRIES {
            warnings.push(format!(
                "This product was scanned from {countries} different countries within 24 hours: its code may have been copied."
            ));
        }
        if self.tally.in_hour > BURST_WARNING {
            warnings.push(format!(
                "There were {} of this product in the last hour.",
                self.tally.scans_in_hour()
            ));
        }
        if let Some(Velocity { total, a_day, .. }) = self.velocity() {
            warnings.push(format!(
                "Unusual scan velocity: {total} scans in total, {a_day:.1} a day on average."
            ));
        }
        warnings
    }

    fn velocity(&self) -> Option<Velocity> {
        let age_ms = self.at.as_millisecond() - self.registered_at?.as_millisecond();
        #[expect(
            clippy::cast_precision_loss,
            reason = "milliseconds and scans are far below 2^53"
        )]
        let (days, total) = ((age_ms as f64 / DAY_MS as f64).max(1.0), self.total as f64);
        let a_day = total / days;
        (self.total > VELOCITY_TOTAL && a_day > VELOCITY_A_DAY).then_some(Velocity {
            total: self.total,
            days,
            a_day,
        })
    }
}

#[cfg(test)]
mod tests;
