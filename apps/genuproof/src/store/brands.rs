//! Brands.

use super::{Listed, Store, StoreError};
use crate::domain::access::ApiKey;
use crate::domain::ids::BrandId;
use crate::domain::input::CreateBrand;
use crate::table::{Brand, BrandListing, BrandStats};

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
        let _ = brand;
        todo!()
    }

    /// A brand with its counters: two reads by key.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn brand(&self, id: &BrandId) -> Result<Option<BrandProfile>, StoreError> {
        let _ = id;
        todo!()
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
        let _ = (limit, cursor);
        todo!()
    }

    /// The numbers of a brand; none when there is no such brand.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn brand_numbers(&self, id: &BrandId) -> Result<Option<BrandNumbers>, StoreError> {
        let _ = id;
        todo!()
    }

    /// The brand whose key this is: one read, compared in constant time.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn authenticate(&self, key: &ApiKey) -> Result<Option<Brand>, StoreError> {
        let _ = key;
        todo!()
    }
}
