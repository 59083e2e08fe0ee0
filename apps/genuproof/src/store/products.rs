//! Finding products.

use super::{Listed, Store, StoreError};
use crate::domain::crypto::constant_time_eq;
use crate::domain::ids::{BrandId, Form as _, ProductId, Ref, VerificationCode};
use crate::domain::input::Target;
use crate::domain::verdict::StoredClaim;
use crate::table::{CodeLookup, Product};

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
        let pages = self.db.products_of_brand(&brand.into()).page_size(limit);
        Ok(pages.after(super::cursor(cursor)).page().await?.into())
    }

    /// A product by its code (two reads) or its id (one).
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn product(&self, target: &Target) -> Result<Option<Product>, StoreError> {
        match target {
            Target::Product(Ref::Named(id)) => Ok(self.db.products.find(id).consistent().await?),
            Target::Code(Ref::Named(code)) => {
                let Some(id) = self.lookup(code).await?.and_then(|lookup| lookup.product()) else {
                    return Ok(None);
                };
                let product = self.db.products.find(&id).consistent().await?;
                // A lookup can be pointed at another product by whoever writes the table; the product knows its own code.
                Ok(product.filter(|product| {
                    let own = product.verification_code.text();
                    own.is_some_and(|own| constant_time_eq(own, code.as_str()))
                }))
            }
            Target::Product(Ref::Unknown) | Target::Code(Ref::Unknown) => Ok(None),
        }
    }

    /// The claim on a product, if there is one that has not expired.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn claim(&self, product: &ProductId) -> Result<Option<StoredClaim>, StoreError> {
        let claim = self.db.claims.find(product).consistent().await?;
        Ok(claim.map(StoredClaim::from))
    }

    pub(super) async fn lookup(
        &self,
        code: &VerificationCode,
    ) -> Result<Option<CodeLookup>, StoreError> {
        Ok(self.db.codes.find(code).consistent().await?)
    }
}

impl CodeLookup {
    /// The product it names; none when what it names is no product.
    pub fn product(&self) -> Option<ProductId> {
        ProductId::parse(self.product_id.text()?)
    }

    /// The brand it names; none when what it names is no brand.
    pub fn brand(&self) -> Option<BrandId> {
        BrandId::parse(self.brand_id.text()?)
    }
}
