//! Scans of a product.

use std::collections::HashMap;

use keyfold::prelude::*;

use super::{Store, StoreError, failure};
use crate::domain::ids::{BrandId, ProductId};
use crate::domain::place::Place;
use crate::domain::stored::Stored;
use crate::table::{Product, Scan};

/// Scans that places are counted over.
const LOCATED_MAX: u32 = 1_000;
const LOCATIONS_MAX: usize = 10;

/// Scans of a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scans {
    /// The newest ones, newest first.
    pub scans: Vec<Scan>,
    /// Where it was scanned most, at most ten places, over its last thousand scans.
    pub locations: Vec<Location>,
    /// How often it was scanned in all.
    pub total: u64,
}

/// A place where a product was scanned.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "they are what they are called")]
pub struct Location {
    pub country: String,
    pub city: String,
    pub count: u64,
    pub last_scan: String,
}

/// A scan that is to be written down.
pub(super) struct NewScan<'a> {
    pub(super) product: &'a Product,
    pub(super) at: Timestamp,
    pub(super) place: &'a Place,
    pub(super) user_agent: Option<&'a str>,
    /// `authentic` or `suspicious`.
    pub(super) result: &'static str,
    /// Whose counter is raised.
    pub(super) brand: Option<BrandId>,
    /// When the product was claimed, if by another device than the one that scans.
    pub(super) claimed_by_another_at: Option<String>,
    /// Whether the product's record is not the one that was registered.
    pub(super) is_altered: bool,
}

/// Why a scan is not counted as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Refusal)]
enum Uncounted {
    Product,
    Brand,
}

impl Store {
    /// Scans of a product; none when there is no such product.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn scans(
        &self,
        product: &ProductId,
        limit: u32,
    ) -> Result<Option<Scans>, StoreError> {
        let scans = self.db.scans_of_product(product).consistent();
        let (found, page) = tokio::join!(
            self.db.products.find(product).consistent().send(),
            scans.page_size(limit.max(LOCATED_MAX)).page(),
        );
        let (Some(found), mut scans) = (found?, page?.items) else {
            return Ok(None);
        };
        let locations = locations(&scans);
        scans.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(Some(Scans {
            scans,
            locations,
            total: found.scan_count.here().copied().unwrap_or_default(),
        }))
    }

    /// Writes a scan and raises what counts scans, in one transaction. Where the stored record is such that not all counters can
    /// be raised, those that can are: a scan is never lost to what somebody did to the record.
    pub(super) async fn record_scan(&self, new: NewScan<'_>) -> Result<(), StoreError> {
        let scan = self.scan(&new);
        let brand = new.brand.as_ref();
        if self.is_countable(&new).await? {
            match self
                .write_scan(scan.clone(), Some(new.product), brand)
                .await
            {
                Ok(()) => return Ok(()),
                Err(TransactError::Conflict) => return Err(StoreError::Busy),
                Err(error) => {
                    tracing::warn!(%error, "a scan's counters are not all as they should be");
                }
            }
        }
        match self.write_scan(scan.clone(), None, brand).await {
            Ok(()) => Ok(()),
            Err(TransactError::Conflict) => Err(StoreError::Busy),
            Err(_) => self.write_scan(scan, None, None).await.map_err(failure),
        }
    }

    fn scan(&self, new: &NewScan<'_>) -> Scan {
        Scan {
            product: new.product.id.clone(),
            at: new.at,
            suffix: Some(self.suffix()),
            product_id: (&new.product.id).into(),
            timestamp: new.at.to_string().into(),
            country: new.place.country.as_str().into(),
            city: new.place.city.as_str().into(),
            user_agent: new.user_agent.unwrap_or("unknown").into(),
            result: new.result.into(),
            brand_id: new.brand.as_ref().map(ToString::to_string).into(),
            claimed_by_another_at: new.claimed_by_another_at.clone().into(),
            ip: Stored::Absent,
        }
    }

    /// Whether the product's counter can be raised together with that of its listing. Where the listing lies is told by the
    /// record, so that an altered one may name a place where none is, and one must not be made there.
    async fn is_countable(&self, new: &NewScan<'_>) -> Result<bool, StoreError> {
        if !new.is_altered {
            return Ok(true);
        }
        let Stored::Here(created_at) = &new.product.created_at else {
            return Ok(false);
        };
        let key = (&Stored::Here(created_at.clone()), &new.product.id);
        Ok(self.db.listings.exists(key).await?)
    }

    async fn write_scan(
        &self,
        scan: Scan,
        product: Option<&Product>,
        brand: Option<&BrandId>,
    ) -> Result<(), TransactError<Uncounted>> {
        let mut transact = self.db.transact().create(scan).or(Uncounted::Product);
        if let Some(product) = product {
            transact = transact
                .apply(self.db.products.edit(product).add_scan_count(1))
                .or(Uncounted::Product);
        }
        if let Some(brand) = brand {
            transact = transact
                .apply(self.db.stats.patch(brand).add_scan_count(1))
                .or(Uncounted::Brand);
        }
        transact.commit().await.map(drop)
    }
}

fn locations(scans: &[Scan]) -> Vec<Location> {
    let mut places: HashMap<(&str, &str), (u64, &str)> = HashMap::new();
    for scan in scans {
        let place = (
            scan.country.text().unwrap_or("Unknown"),
            scan.city.text().unwrap_or("Unknown"),
        );
        // Newest first: the first one met is the last one made.
        let last_scan = scan.timestamp.text().unwrap_or_default();
        places.entry(place).or_insert((0, last_scan)).0 += 1;
    }
    let mut locations: Vec<_> = places
        .into_iter()
        .map(|((country, city), (count, last_scan))| Location {
            country: country.to_owned(),
            city: city.to_owned(),
            count,
            last_scan: last_scan.to_owned(),
        })
        .collect();
    locations.sort_by(|a, b| {
        let by_count = b.count.cmp(&a.count);
        by_count.then_with(|| {
            (&b.last_scan, &a.country, &a.city).cmp(&(&a.last_scan, &b.country, &b.city))
        })
    });
    locations.truncate(LOCATIONS_MAX);
    locations
}
