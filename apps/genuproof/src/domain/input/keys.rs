//! Requests about a brand's keys.

use super::{BadInput, Body, LABEL_CHARACTERS_MAX};
use crate::domain::ids::{BrandId, Ref};

/// `POST /api/brands/keys/rotate`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RotateKey {
    /// Whose.
    pub brand: Ref<BrandId>,
    /// For how many hours more the present key counts.
    pub grace_hours: u32,
}

/// `POST /api/brands/keys/revoke`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevokeKey {
    /// Whose.
    pub brand: Ref<BrandId>,
    /// How the key begins.
    pub prefix: String,
}

/// Long enough to bring a new key to every program.
pub(super) const GRACE_HOURS: u32 = 24;
/// A month.
pub(super) const GRACE_HOURS_MAX: u32 = 720;

impl RotateKey {
    /// Reads the body.
    ///
    /// # Errors
    /// [`BadInput`].
    pub fn parse(bytes: &[u8]) -> Result<Self, BadInput> {
        let body = Body::parse(bytes)?;
        body.require(&["brandId"])?;
        Ok(Self {
            brand: body.id("brandId")?,
            grace_hours: body.whole("graceHours", GRACE_HOURS, 0..=GRACE_HOURS_MAX)?,
        })
    }
}

impl RevokeKey {
    /// Reads the body.
    ///
    /// # Errors
    /// [`BadInput`].
    pub fn parse(bytes: &[u8]) -> Result<Self, BadInput> {
        let body = Body::parse(bytes)?;
        body.require(&["brandId", "prefix"])?;
        Ok(Self {
            brand: body.id("brandId")?,
            prefix: body.required_text("prefix", LABEL_CHARACTERS_MAX)?,
        })
    }
}
