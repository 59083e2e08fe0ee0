//! Figures: how often, from where, what. Counted by the stream, once for each change, and read without looking at what was counted.

use std::collections::BTreeMap;

use keyfold::Transact;
use keyfold::prelude::*;

use super::{Store, StoreError};
use crate::domain::alert::DAY_MS;
use crate::domain::ids::{BrandId, ProductId};
use crate::domain::integration::SOURCES;
use crate::domain::place::Place;
use crate::table::{Count, CountKey, Event, Genuproof, Product, Scan};

/// Everybody together is counted in so many items, because a single one takes 1,000 writes a second.
const SHARDS: u32 = 4;
/// Places that are read of one scope.
const READ_MAX: usize = 5_000;
const UNCATEGORIZED: &str = "Uncategorized";
/// Days of a chart.
const DAYS: i64 = 7;

const PLACE: &str = "PLACE";
const DAY: &str = "DAY";
const HOUR: &str = "HOUR";
const CATEGORY: &str = "CATEGORY";
const STATUS: &str = "STATUS";
const SOURCE: &str = "SOURCE";

/// What is known of scans and products, of a brand or of everybody.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are what they are called")]
pub struct Figures {
    pub scans: u64,
    pub products: u64,
    /// Seven days in UTC, the oldest first, today last.
    pub days: Vec<(String, u64)>,
    /// By hour of the day in UTC.
    pub hours: [u64; 24],
    /// The most frequent first.
    pub countries: Vec<(String, u64)>,
    pub results: BTreeMap<String, u64>,
    pub categories: Vec<(String, u64)>,
    pub statuses: BTreeMap<String, u64>,
}

/// Where a brand's products were scanned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// The most frequent first.
    pub places: Vec<Spot>,
    /// Those of scans that were not authentic.
    pub hotspots: Vec<Spot>,
    /// How often in all.
    pub scans: u64,
}

/// A place.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are what they are called")]
pub struct Spot {
    pub country: String,
    pub city: String,
    pub count: u64,
    pub last_scan: Option<Timestamp>,
}

impl Store {
    /// Counts a scan, for its brand and for everybody. To be committed once for each scan.
    pub fn count_scan(&self, brand: &BrandId, scan: &Scan) -> Transact<Genuproof> {
        let country = scan.country.text().unwrap_or("Unknown");
        let city = scan.city.text().unwrap_or("Unknown");
        let is_suspicious = scan.result.text() != Some("authentic");
        let mut transact = self.db.transact();
        let place = format!("{country}|{city}");
        let (day, hour) = (day_of(scan.at), hour_of(scan.at));
        for scope in [brand.to_string(), shard_of(&scan.product)] {
            for (what, value) in [(PLACE, &place), (DAY, &day), (HOUR, &hour)] {
                let count = self.db.counts.upsert(key(&scope, what, value)).add_count(1);
                let count = count.add_suspicious(i64::from(is_suspicious));
                transact = transact.apply(count.last_at(scan.at));
            }
        }
        transact
    }

    /// Counts where an event came from. To be committed once for each event.
    pub fn count_event(&self, brand: &BrandId, event: &Event) -> Transact<Genuproof> {
        let source = event.data.here().and_then(|data| data.get("source"));
        let source = source.and_then(|source| source.as_str());
        let source = source.filter(|source| SOURCES.contains(source));
        let value = source.unwrap_or(SOURCES[0]);
        let count = self.db.counts.upsert(key(brand.as_str(), SOURCE, value));
        self.db.transact().apply(count.add_count(1))
    }

    /// Counts a product that came, changed or went; none when nothing that is counted changed. To be committed once for each change.
    pub fn count_product(
        &self,
        old: Option<&Product>,
        new: Option<&Product>,
    ) -> Option<Transact<Genuproof>> {
        let mut moves: BTreeMap<(String, &str, String), i64> = BTreeMap::new();
        for (product, by) in [(old, -1), (new, 1)] {
            let Some(product) = product else { continue };
            let Some(brand) = product.brand() else {
                continue;
            };
            let category = product.category.text().unwrap_or(UNCATEGORIZED);
            let status = product.status.text().unwrap_or("unknown");
            for scope in [brand.to_string(), shard_of(&product.id)] {
                for (what, value) in [(CATEGORY, category), (STATUS, status)] {
                    let place = (scope.clone(), what, value.to_owned());
                    *moves.entry(place).or_default() += by;
                }
            }
        }
        moves.retain(|_, by| *by != 0);
        if moves.is_empty() {
            return None;
        }
        let mut transact = self.db.transact();
        for ((scope, what, value), by) in moves {
            let count = self.db.counts.upsert(key(&scope, what, &value));
            transact = transact.apply(count.add_count(by));
        }
        Some(transact)
    }

    /// The figures of a brand, or of everybody.
    ///
    /// Six queries for a brand, each of at most 1 MB unless its products were scanned in thousands of places.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn figures(&self, brand: Option<&BrandId>) -> Result<Figures, StoreError> {
        let (mut days, mut hours) = (BTreeMap::new(), [0_u64; 24]);
        let (mut countries, mut categories) = (BTreeMap::new(), BTreeMap::new());
        let (mut statuses, mut suspicious, mut scans) = (BTreeMap::new(), 0_u64, 0_u64);
        let now = self.now();
        let dates: Vec<_> = (0..DAYS)
            .rev()
            .map(|ago| day_of(now.plus_ms(-ago * DAY_MS)))
            .collect();
        let first = dates.first().cloned().unwrap_or_default();
        for scope in scopes(brand) {
            let (places, by_day, by_hour, by_category, by_status) = tokio::try_join!(
                self.counts(&scope, PLACE),
                self.counts_since(&scope, DAY, &first),
                self.counts(&scope, HOUR),
                self.counts(&scope, CATEGORY),
                self.counts(&scope, STATUS),
            )?;
            for place in &places {
                let (country, _) = place.value.split_once('|').unwrap_or((&place.value, ""));
                scans += positive(place.count);
                suspicious += positive(place.suspicious);
                // What is no country is not counted among them.
                if Place::is_country(country) {
                    add(&mut countries, country, place.count);
                }
            }
            for day in &by_day {
                add(&mut days, &day.value, day.count);
            }
            for count in &by_category {
                add(&mut categories, &count.value, count.count);
            }
            for count in &by_status {
                add(&mut statuses, &count.value, count.count);
            }
            for hour in &by_hour {
                let at = hour.value.parse::<usize>().ok();
                if let Some(slot) = at.and_then(|at| hours.get_mut(at)) {
                    *slot += positive(hour.count);
                }
            }
        }
        statuses.retain(|_, count| *count > 0);
        categories.retain(|_, count| *count > 0);
        let mut results = BTreeMap::new();
        for (word, count) in [
            ("authentic", scans - suspicious.min(scans)),
            ("suspicious", suspicious),
        ] {
            if count > 0 {
                results.insert(word.to_owned(), count);
            }
        }
        Ok(Figures {
            scans,
            products: statuses.values().sum(),
            days: dates
                .into_iter()
                .map(|day| {
                    let count = days.get(&day).copied().unwrap_or_default();
                    (day, count)
                })
                .collect(),
            hours,
            countries: most_first(countries),
            results,
            categories: most_first(categories),
            statuses,
        })
    }

    /// Where a brand's products were scanned.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn places(&self, brand: &BrandId) -> Result<Places, StoreError> {
        let (counts, stats) = tokio::join!(
            self.counts(brand.as_str(), PLACE),
            self.db.stats.find(brand).consistent().send(),
        );
        let spot = |count: &Count, number: i64| {
            let (country, city) = count.value.split_once('|').unwrap_or((&count.value, ""));
            Spot {
                country: country.to_owned(),
                city: city.to_owned(),
                count: positive(number),
                last_scan: count.last_at,
            }
        };
        let counts = counts?;
        let known = || {
            counts
                .iter()
                .filter(|count| !count.value.starts_with("Unknown|"))
        };
        let sorted = |mut spots: Vec<Spot>| {
            spots.retain(|spot| spot.count > 0);
            spots.sort_by_key(|spot| std::cmp::Reverse((spot.count, spot.last_scan)));
            spots
        };
        Ok(Places {
            places: sorted(known().map(|count| spot(count, count.count)).collect()),
            hotspots: sorted(known().map(|count| spot(count, count.suspicious)).collect()),
            scans: stats?.map_or(0, |stats| stats.scan_count),
        })
    }

    /// How many events of a brand came from where, in the order of [`SOURCES`].
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sources(&self, brand: &BrandId) -> Result<[u64; 4], StoreError> {
        let counts = self.counts(brand.as_str(), SOURCE).await?;
        Ok(SOURCES.map(|source| {
            let count = counts.iter().find(|count| count.value == source);
            count.map_or(0, |count| positive(count.count))
        }))
    }

    async fn counts(&self, scope: &str, what: &str) -> Result<Vec<Count>, StoreError> {
        let mut counts = Vec::new();
        let mut next = None;
        loop {
            let pages = self.db.counts_of(scope, what).consistent().after(next);
            let page = pages.page().await?;
            counts.extend(page.items);
            next = page.next;
            if next.is_none() || counts.len() >= READ_MAX {
                return Ok(counts);
            }
        }
    }

    async fn counts_since(
        &self,
        scope: &str,
        what: &str,
        value: &str,
    ) -> Result<Vec<Count>, StoreError> {
        let pages = self.db.counts_from(scope, what, value).consistent();
        Ok(pages.page().await?.items)
    }
}

fn key(scope: &str, what: &str, value: &str) -> CountKey {
    CountKey {
        scope: scope.to_owned(),
        what: what.to_owned(),
        // A key has no empty part.
        value: if value.is_empty() { "-" } else { value }.to_owned(),
    }
}

fn scopes(brand: Option<&BrandId>) -> Vec<String> {
    match brand {
        Some(brand) => vec![brand.to_string()],
        None => (0..SHARDS).map(|shard| format!("ALL-{shard}")).collect(),
    }
}

/// Ids are random, so their first digit spreads them.
fn shard_of(product: &ProductId) -> String {
    let digit = product
        .as_str()
        .chars()
        .next()
        .and_then(|digit| digit.to_digit(16));
    format!("ALL-{}", digit.unwrap_or_default() % SHARDS)
}

/// `2026-03-01`.
pub(super) fn day_of(at: Timestamp) -> String {
    at.to_string().get(..10).unwrap_or_default().to_owned()
}

fn hour_of(at: Timestamp) -> String {
    at.to_string().get(11..13).unwrap_or_default().to_owned()
}

fn positive(count: i64) -> u64 {
    u64::try_from(count).unwrap_or_default()
}

fn add(counts: &mut BTreeMap<String, u64>, value: &str, count: i64) {
    *counts.entry(value.to_owned()).or_default() += positive(count);
}

fn most_first(counts: BTreeMap<String, u64>) -> Vec<(String, u64)> {
    let mut counts: Vec<_> = counts.into_iter().collect();
    // The sort is stable: equals stay in the order of their names.
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts
}
