//! Requests about scans.

use super::{BadInput, Query};
use crate::domain::ids::{ProductId, Ref};

/// `GET /api/scans`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListScans {
    /// Whose.
    pub product: Ref<ProductId>,
    /// How many at most.
    pub limit: u32,
}

impl ListScans {
    /// Reads the parameters.
    ///
    /// # Errors
    /// [`BadInput`].
    pub fn parse(query: &Query) -> Result<Self, BadInput> {
        Ok(Self {
            product: query.id("productId")?,
            limit: query.limit(50, 500)?,
        })
    }
}
