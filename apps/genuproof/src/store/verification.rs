//! Is it genuine? Two reads, and beside them the scan.

use super::{Store, StoreError};
use crate::domain::event::StoredEvent;
use crate::domain::ids::ProductId;
use crate::domain::input::Target;
use crate::domain::place::Place;
use crate::domain::product::StoredProduct;
use crate::domain::verdict::{Caller, Certificate, Verdict};

/// The verdict, with everything it was given on.
#[derive(Debug, Clone, PartialEq)]
pub struct Verified {
    /// The id under which the product lies.
    pub product_id: ProductId,
    /// The product as it was found.
    pub product: StoredProduct,
    /// Its chain as it was found, in order.
    pub events: Vec<StoredEvent>,
    /// The verdict: `authentic`, warnings, the claim as the caller may see it.
    pub verdict: Verdict,
    /// The two outcomes of the certificate.
    pub certificate: Certificate,
    /// How often it was scanned before.
    pub scan_count: u64,
    /// Whether this scan was written down; false when it was a look without trace.
    pub recorded: bool,
}

impl Store {
    /// Judges a product. `place` is where a scan was made; without it this is a look that leaves no trace.
    ///
    /// Two reads by code: the lookup, then product, claim and chain in one query; by id one. A verdict that finds the chain broken
    /// reads once more, because an event may have been added between two items of the query. A scan adds one transaction of the
    /// scan and three counters; when that fails the verdict stands.
    ///
    /// # Errors
    /// [`StoreError`]. `None` is an unknown code or product.
    pub async fn verify(
        &self,
        target: &Target,
        caller: Caller<'_>,
        place: Option<&Place>,
    ) -> Result<Option<Verified>, StoreError> {
        let _ = (target, caller, place);
        todo!()
    }
}
