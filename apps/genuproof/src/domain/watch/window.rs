//! The scans around a scan, counted without reading all of them.
//!
//! Scans are read newest first, a page of [`PAGE`]. For most products that is the whole window. A product that is scanned more
//! often has a [`Digest`]: for every country the last scan from there, over everything up to a moment that the newest page
//! overlaps. So what one scan costs does not grow with the number of scans, and nothing within the window is overlooked.

use std::collections::BTreeMap;

use keyfold::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::alert::DAY_MS;
use crate::domain::place::Place;

/// Scans that are read at once. More than the rules' thresholds, so that the newest page settles every rule but the one about
/// countries.
pub const PAGE: u32 = 32;

const HOUR_MS: i64 = 3_600_000;
/// Countries that a digest remembers: those seen last.
const COUNTRIES_MAX: usize = 64;

/// A scan, as far as the rules look at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// When.
    pub at: Timestamp,
    /// The country's code, when it is one.
    pub country: Option<String>,
}

impl Sighting {
    /// Of a scan; what is no country's code is no country.
    pub fn of(at: Timestamp, country: Option<&str>) -> Self {
        let code = country.filter(|country| Place::is_country(country));
        Self {
            at,
            country: code.map(|code| code.trim().to_ascii_uppercase()),
        }
    }
}

/// What the rules are told of the scans around a scan.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    /// Scans within the hour that ends with the scan, itself included; at most [`PAGE`] where there were more.
    pub in_hour: u64,
    /// Whether there were more than `in_hour`.
    pub is_more: bool,
    /// Different countries within the day that ends with the scan, in alphabetical order.
    pub countries: Vec<String>,
}

/// Where a product that is scanned often was scanned last, by country.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest {
    /// Every scan from here on …
    pub since: Timestamp,
    /// … up to here is in it.
    pub through: Timestamp,
    /// The last scan from each country, those of the day before `through`.
    pub countries: BTreeMap<String, Timestamp>,
}

impl Tally {
    /// Counts: `scans` are those of the window of a scan at `at`, itself included, newest first and as many as were read;
    /// `is_more` whether there are others in the window.
    pub fn of(at: Timestamp, scans: &[Sighting], is_more: bool, digest: Option<&Digest>) -> Self {
        let (day, hour) = (at.plus_ms(-DAY_MS), at.plus_ms(-HOUR_MS));
        let in_hour = scans
            .iter()
            .filter(|scan| (hour..=at).contains(&scan.at))
            .count();
        let in_day = scans
            .iter()
            .filter(|scan| (day..=at).contains(&scan.at))
            .filter_map(|scan| scan.country.clone());
        let remembered = digest.into_iter().flat_map(|digest| {
            let recent = digest
                .countries
                .iter()
                .filter(|(_, last)| (day..=at).contains(*last));
            recent.map(|(country, _)| country.clone())
        });
        let mut countries: Vec<_> = in_day.chain(remembered).collect();
        countries.sort_unstable();
        countries.dedup();
        Self {
            in_hour: u64::try_from(in_hour).unwrap_or(u64::MAX),
            is_more: is_more && in_hour == scans.len(),
            countries,
        }
    }

    /// The same with one more scan, at the end of its windows.
    #[must_use]
    pub fn with(mut self, scan: &Sighting) -> Self {
        self.in_hour += 1;
        if let Some(country) = &scan.country
            && let Err(place) = self.countries.binary_search(country)
        {
            self.countries.insert(place, country.clone());
        }
        self
    }

    /// The number in words.
    pub fn scans_in_hour(&self) -> String {
        let more = if self.is_more { "more than " } else { "" };
        format!("{more}{} scans", self.in_hour)
    }
}

impl Digest {
    /// Of scans that are all there were from `since` on.
    pub fn new(since: Timestamp, scans: &[Sighting]) -> Self {
        let mut digest = Self {
            since,
            through: since,
            countries: BTreeMap::new(),
        };
        digest.add(scans);
        digest
    }

    /// Whether it settles what happened in the day before `at` together with scans that were read back to `oldest_read`.
    pub fn settles(&self, at: Timestamp, oldest_read: Timestamp) -> bool {
        self.through >= oldest_read && self.since <= at.plus_ms(-DAY_MS)
    }

    /// Brings it forward by scans; those between `through` and the newest of them must all be among them.
    pub fn add(&mut self, scans: &[Sighting]) {
        for scan in scans {
            self.through = self.through.max(scan.at);
            if let Some(country) = &scan.country {
                let last = self.countries.entry(country.clone()).or_insert(scan.at);
                *last = scan.at.max(*last);
            }
        }
        let day = self.through.plus_ms(-DAY_MS);
        self.countries.retain(|_, last| *last >= day);
        if self.countries.len() > COUNTRIES_MAX {
            let mut moments: Vec<_> = self.countries.values().copied().collect();
            moments.sort_unstable();
            if let Some(oldest) = moments.get(moments.len() - COUNTRIES_MAX).copied() {
                self.countries.retain(|_, last| *last >= oldest);
            }
        }
    }

    /// Whether it should know of this scan and does not: one that was written late.
    pub fn misses(&self, scan: &Sighting) -> bool {
        let known = scan
            .country
            .as_ref()
            .is_none_or(|country| self.countries.get(country) >= Some(&scan.at));
        scan.at <= self.through && !known && scan.at >= self.through.plus_ms(-DAY_MS)
    }
}
