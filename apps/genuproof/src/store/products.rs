//! Finding products.

use super::{Listed, Store, StoreError};
use crate::domain::ids::BrandId;
use crate::domain::ids::ProductId;
use crate::domain::input::Target;
use crate::domain::verdict::StoredClaim;
use crate::table::Product;

impl Store {
    /// Products of a brand, newest first.
    ///
    /// # Errors
    /// [`StoreError`], also for a cursor that is not one of this list.
    pub async fn products(
        &self,
        brand: &BrandId,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<Listed<Product>, StoreError> {
        let _ = (brand, limit, cursor);
        todo!()
    }

    /// A product by its code (two reads) or its id (one).
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn product(&self, target: &Target) -> Result<Option<Product>, StoreError> {
        let _ = target;
        todo!()
    }

    /// The claim on a product, if there is one that has not expired.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn claim(&self, product: &ProductId) -> Result<Option<StoredClaim>, StoreError> {
        let _ = product;
        todo!()
    }
}
