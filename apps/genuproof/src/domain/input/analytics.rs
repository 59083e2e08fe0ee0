//! Requests for figures and for the audit.

use super::{BadInput, Query};
use crate::domain::ids::{BrandId, Ref};

/// `GET /api/analytics`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Analytics {
    /// Whose; none is everybody's together.
    pub brand: Option<Ref<BrandId>>,
}

/// `GET /api/audit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListAudit {
    /// How many at most.
    pub limit: u32,
}

impl Analytics {
    /// Reads the parameters.
    ///
    /// # Errors
    /// [`BadInput`].
    pub fn parse(query: &Query) -> Result<Self, BadInput> {
        Ok(Self {
            brand: query.optional_id("brandId")?,
        })
    }
}

impl ListAudit {
    /// Reads the parameters.
    ///
    /// # Errors
    /// [`BadInput`].
    pub fn parse(query: &Query) -> Result<Self, BadInput> {
        Ok(Self {
            limit: query.limit(30, 200)?,
        })
    }
}
