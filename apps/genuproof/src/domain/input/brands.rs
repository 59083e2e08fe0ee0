//! Requests about brands.

use super::{BadInput, Body, DOMAIN_CHARACTERS_MAX, INDUSTRY_CHARACTERS_MAX, Query};
use crate::domain::ids::{BrandId, Ref};

/// `POST /api/brands`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the members of the body, under their own names"
)]
pub struct CreateBrand {
    pub name: String,
    pub domain: String,
    pub industry: String,
    pub logo_url: Option<String>,
}

impl CreateBrand {
    /// Reads the body.
    ///
    /// # Errors
    /// [`BadInput`].
    pub fn parse(bytes: &[u8]) -> Result<Self, BadInput> {
        let body = Body::parse(bytes)?;
        body.require(&["name", "domain", "industry"])?;
        Ok(Self {
            name: body.name()?,
            domain: body.required_text("domain", DOMAIN_CHARACTERS_MAX)?,
            industry: body.required_text("industry", INDUSTRY_CHARACTERS_MAX)?,
            logo_url: body.url("logoUrl")?,
        })
    }
}

/// The brand named by a parameter: `id` of `GET /api/brands`, `brandId` elsewhere.
///
/// # Errors
/// [`BadInput`].
pub fn brand_of(query: &Query, parameter: &str) -> Result<Ref<BrandId>, BadInput> {
    query.id(parameter)
}

/// `GET /api/brands/list`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListBrands {
    /// How many at most.
    pub limit: u32,
    /// After which.
    pub cursor: Option<String>,
}

impl ListBrands {
    /// Reads the parameters.
    ///
    /// # Errors
    /// [`BadInput`].
    pub fn parse(query: &Query) -> Result<Self, BadInput> {
        Ok(Self {
            limit: query.limit(100, 200)?,
            cursor: query.cursor()?,
        })
    }
}
