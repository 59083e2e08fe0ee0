//! Registering a product.

use super::{Store, StoreError};
use crate::domain::input::ProductDetails;
use crate::table::{Brand, Product};

/// Why a product is not registered.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// The brand is gone.
    #[error("no such brand")]
    UnknownBrand,
    /// The brand has it already: the same name, and either has no sku or both skus are equal.
    #[error("a product with this name already exists")]
    Duplicate,
    /// The table.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Registers a product: one transaction of its item, its two lookups, its listing, its first event, the claims of its name
    /// and the brand's counter.
    ///
    /// `batch` marks the first event of a product that was sent with others.
    ///
    /// # Errors
    /// [`RegisterError`]. Of several identical products registered at once exactly one is.
    pub async fn register(
        &self,
        brand: &Brand,
        details: ProductDetails,
        batch: bool,
    ) -> Result<Product, RegisterError> {
        let _ = (brand, details, batch);
        todo!()
    }
}
