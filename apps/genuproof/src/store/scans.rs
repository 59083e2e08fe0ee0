//! Scans of a product.

use super::{Store, StoreError};
use crate::domain::ids::ProductId;
use crate::table::Scan;

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
        let _ = (product, limit);
        todo!()
    }
}
