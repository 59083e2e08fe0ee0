//! Finding products.

use std::collections::BTreeMap;

use super::{Listed, Store, StoreError};
use crate::domain::crypto::constant_time_eq;
use crate::domain::ids::{BrandId, Form as _, ProductId, Ref, VerificationCode};
use crate::domain::input::Target;
use crate::domain::verdict::StoredClaim;
use crate::table::{CodeLookup, Product, ProductListing};

/// Entries that are read for a gallery, at once and in all.
const GALLERY_PAGE: u32 = 200;
const GALLERY_READ_MAX: usize = 5_000;

/// Some of all products.
#[derive(Debug, Clone, Default)]
pub struct Gallery {
    /// The newest ones.
    pub products: Vec<ProductListing>,
    /// The categories that were met, with how many products were.
    pub categories: BTreeMap<String, usize>,
    /// How many products in the state were met.
    pub total: usize,
}

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

    /// The newest products in a state, of all brands; with a category only those in it. Reads on until there are enough, and at
    /// most so far that a gallery of other states stays quick.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn gallery(
        &self,
        limit: u32,
        status: &str,
        category: Option<&str>,
    ) -> Result<Gallery, StoreError> {
        self.read_gallery(limit, status, category, false).await
    }

    /// The same, read to its end, so that the categories are counted over all.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn whole_gallery(
        &self,
        limit: u32,
        status: &str,
        category: Option<&str>,
    ) -> Result<Gallery, StoreError> {
        self.read_gallery(limit, status, category, true).await
    }

    async fn read_gallery(
        &self,
        limit: u32,
        status: &str,
        category: Option<&str>,
        is_whole: bool,
    ) -> Result<Gallery, StoreError> {
        let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut gallery = Gallery::default();
        let (mut next, mut read) = (None, 0);
        while read < GALLERY_READ_MAX {
            let pages = self.db.all_products().page_size(GALLERY_PAGE).consistent();
            let page = pages.after(next).page().await?;
            read += page.items.len();
            for product in page.items {
                if product.status.text() != Some(status) {
                    continue;
                }
                if let Some(category) = product.category.text() {
                    *gallery.categories.entry(category.to_owned()).or_default() += 1;
                }
                gallery.total += 1;
                let fits = category.is_none_or(|wanted| product.category.text() == Some(wanted));
                if fits && gallery.products.len() < wanted {
                    gallery.products.push(product);
                }
            }
            next = page.next;
            if next.is_none() || (!is_whole && gallery.products.len() >= wanted) {
                break;
            }
        }
        Ok(gallery)
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
