//! Requests of those who watch: alerts, their feed, the operations log, the gallery.

use super::{
    BadInput, Body, ID_CHARACTERS_MAX, LABEL_CHARACTERS_MAX, NOTE_CHARACTERS_MAX,
    PARTY_CHARACTERS_MAX, Query, is_longer,
};
use crate::domain::ids::{BrandId, Ref};

/// `GET /api/threats`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListThreats {
    /// Whose.
    pub brand: Ref<BrandId>,
    /// How many at most.
    pub limit: u32,
}

/// `GET /api/stream`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Follow {
    /// Whose.
    pub brand: Ref<BrandId>,
    /// The last entry that is known, where a page knows it; a browser that comes back says it in a header.
    pub after: Option<u64>,
}

/// `POST /api/threats/resolve` and `/api/threats/reopen`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the members of the body, under their own names"
)]
pub struct SettleThreat {
    pub brand: Ref<BrandId>,
    pub id: String,
    pub by: Option<String>,
    pub note: Option<String>,
}

/// `GET /api/ops-log`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListOps {
    /// How many at most.
    pub limit: u32,
    /// Of how many days.
    pub days: u32,
}

/// `GET /api/explore`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explore {
    /// How many at most.
    pub limit: u32,
    /// In which state. A word that is no state is one that no product has.
    pub status: String,
}

impl ListThreats {
    /// Reads the parameters.
    ///
    /// # Errors
    /// [`BadInput`].
    pub fn parse(query: &Query) -> Result<Self, BadInput> {
        Ok(Self {
            brand: query.id("brandId")?,
            limit: query.limit(50, 200)?,
        })
    }
}

impl Follow {
    /// Reads the parameters.
    ///
    /// # Errors
    /// [`BadInput`].
    pub fn parse(query: &Query) -> Result<Self, BadInput> {
        let after = query.get("after").map(|text| {
            let number = text.parse::<u64>();
            number.map_err(|_| BadInput::new("after must be the number of an entry"))
        });
        Ok(Self {
            brand: query.id("brandId")?,
            after: after.transpose()?,
        })
    }
}

impl SettleThreat {
    /// Reads the body.
    ///
    /// # Errors
    /// [`BadInput`].
    pub fn parse(bytes: &[u8]) -> Result<Self, BadInput> {
        let body = Body::parse(bytes)?;
        body.require(&["brandId", "id"])?;
        Ok(Self {
            brand: body.id("brandId")?,
            id: body.required_text("id", ID_CHARACTERS_MAX)?,
            by: body.text("by", PARTY_CHARACTERS_MAX)?,
            note: body.text("note", NOTE_CHARACTERS_MAX)?,
        })
    }
}

impl ListOps {
    /// Reads the parameters.
    ///
    /// # Errors
    /// [`BadInput`].
    pub fn parse(query: &Query) -> Result<Self, BadInput> {
        Ok(Self {
            limit: query.limit(50, 200)?,
            days: query.count("days", 7, 90)?,
        })
    }
}

impl Explore {
    /// Reads the parameters.
    ///
    /// # Errors
    /// [`BadInput`].
    pub fn parse(query: &Query) -> Result<Self, BadInput> {
        let status = query.get("status").unwrap_or("active");
        if is_longer(status, LABEL_CHARACTERS_MAX) {
            return Err(BadInput::too_long("status", LABEL_CHARACTERS_MAX));
        }
        Ok(Self {
            limit: query.limit(50, 200)?,
            status: status.to_owned(),
        })
    }
}
