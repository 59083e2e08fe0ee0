//! Brands.

use keyfold::prelude::*;

use super::{Listed, Store, StoreError, failure};
use crate::domain::access::ApiKey;
use crate::domain::ids::BrandId;
use crate::domain::input::CreateBrand;
use crate::domain::product::Status;
use crate::domain::stored::Stored;
use crate::table::{Brand, BrandListing, BrandStats, Product};

/// The plan of a brand that has not chosen one.
const FIRST_PLAN: &str = "free";
/// Products counted at a time.
const NUMBERS_PAGE: u32 = 1_000;

/// A brand that was just created.
#[derive(Debug)]
pub struct NewBrand {
    /// The brand.
    pub brand: Brand,
    /// Its key: shown this once, stored as a hash.
    pub api_key: ApiKey,
}

/// A brand and what is counted of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrandProfile {
    /// The brand.
    pub brand: Brand,
    /// Its counters.
    pub stats: BrandStats,
}

/// The numbers of a brand.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are what they are called")]
pub struct BrandNumbers {
    pub products: u64,
    pub active: u64,
    pub recalled: u64,
    pub transferred: u64,
    /// The sum of its products' scans.
    pub scans: u64,
    /// Its counters.
    pub stats: BrandStats,
}

impl Store {
    /// Creates a brand: profile, counters and its entry in the list, in one transaction.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn create_brand(&self, brand: CreateBrand) -> Result<NewBrand, StoreError> {
        let id = BrandId::draw(&self.randomness())?;
        let api_key = ApiKey::draw(&id, &self.randomness())?;
        self.write_brand(id, brand, self.now(), api_key).await
    }

    pub(super) async fn write_brand(
        &self,
        id: BrandId,
        brand: CreateBrand,
        created_at: Timestamp,
        api_key: ApiKey,
    ) -> Result<NewBrand, StoreError> {
        let brand = Brand {
            id,
            name: brand.name,
            domain: brand.domain,
            industry: brand.industry,
            logo_url: brand.logo_url,
            plan: FIRST_PLAN.to_owned(),
            created_at,
            product_count: 0,
            scan_count: 0,
            api_key_hash: Some(api_key.hash().to_string()),
            api_key_prefix: Some(api_key.prefix().to_owned()),
            previous_key_hash: None,
            previous_key_prefix: None,
            previous_key_until: None,
            stripe_customer: None,
            stripe_subscription: None,
        };
        self.db
            .transact()
            .create(brand.clone())
            .create(zeros(&brand.id))
            .commit()
            .await
            .map_err(failure)?;
        Ok(NewBrand { brand, api_key })
    }

    /// A brand with its counters: two reads by key.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn brand(&self, id: &BrandId) -> Result<Option<BrandProfile>, StoreError> {
        let (brand, stats) = tokio::try_join!(
            self.db.brands.find(id).consistent().send(),
            self.db.stats.find(id).consistent().send(),
        )?;
        Ok(brand.map(|brand| BrandProfile {
            brand,
            stats: stats.unwrap_or_else(|| zeros(id)),
        }))
    }

    /// All brands, newest first.
    ///
    /// # Errors
    /// [`StoreError`], also for a cursor that is not one of this list.
    pub async fn brands(
        &self,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<Listed<BrandListing>, StoreError> {
        let pages = self.db.all_brands().page_size(limit).consistent();
        Ok(pages.after(super::cursor(cursor)).page().await?.into())
    }

    /// The numbers of a brand; none when there is no such brand.
    ///
    /// Cost: all its products are read through the index, a page of at most 1 MB (128 units, about a thousand products) at a
    /// time, because items of the first `GenuProof` were never counted by status.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn brand_numbers(&self, id: &BrandId) -> Result<Option<BrandNumbers>, StoreError> {
        let Some(BrandProfile { stats, .. }) = self.brand(id).await? else {
            return Ok(None);
        };
        let mut numbers = BrandNumbers {
            products: 0,
            active: 0,
            recalled: 0,
            transferred: 0,
            scans: 0,
            stats,
        };
        let mut next = None;
        loop {
            let pages = self.db.products_of_brand(&id.into());
            let page = pages.page_size(NUMBERS_PAGE).after(next).page().await?;
            for product in &page.items {
                numbers.add(product);
            }
            next = page.next;
            if next.is_none() {
                return Ok(Some(numbers));
            }
        }
    }

    /// The brand whose key this is, the one before included as long as it counts: one read, compared in constant time.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn authenticate(&self, key: &ApiKey) -> Result<Option<Brand>, StoreError> {
        let brand = self.db.brands.find(key.brand()).consistent().await?;
        let now = self.now();
        Ok(brand.filter(|brand| {
            let is = |hash: Option<&str>| hash.is_some_and(|hash| key.is(hash));
            let previous = brand
                .previous_key_hash
                .as_deref()
                .filter(|_| brand.previous_key_until.is_some_and(|until| until > now));
            // Both are compared, so that the time does not tell which one fits.
            is(brand.api_key_hash.as_deref()) | is(previous)
        }))
    }
}

impl BrandNumbers {
    fn add(&mut self, product: &Product) {
        self.products += 1;
        self.scans += product.scan_count.here().copied().unwrap_or_default();
        match product.status.text().and_then(Status::parse) {
            Some(Status::Active) => self.active += 1,
            Some(Status::Recalled) => self.recalled += 1,
            Some(Status::Transferred) => self.transferred += 1,
            Some(Status::Flagged) | None => {}
        }
    }
}

fn zeros(brand: &BrandId) -> BrandStats {
    BrandStats {
        brand: brand.clone(),
        product_count: 0,
        scan_count: 0,
        threat_count: 0,
        resolved_count: Stored::Absent,
        feed_number: Stored::Absent,
    }
}
