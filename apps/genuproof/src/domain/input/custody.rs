//! Requests about who has a product.

use super::{BadInput, Body, NOTE_CHARACTERS_MAX, PARTY_CHARACTERS_MAX};
use crate::domain::ids::{ProductId, Ref};

/// `POST /api/products/transfer`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the members of the body, under their own names"
)]
pub struct TransferProduct {
    pub product: Ref<ProductId>,
    pub new_owner: String,
    pub location: Option<String>,
    pub reason: Option<String>,
}

/// `POST /api/products/recall`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the members of the body, under their own names"
)]
pub struct RecallProduct {
    pub product: Ref<ProductId>,
    pub reason: String,
    pub issued_by: Option<String>,
}

impl TransferProduct {
    /// Reads the body.
    ///
    /// # Errors
    /// [`BadInput`].
    pub fn parse(bytes: &[u8]) -> Result<Self, BadInput> {
        let body = Body::parse(bytes)?;
        body.require(&["productId", "newOwner"])?;
        Ok(Self {
            product: body.id("productId")?,
            new_owner: body.required_text("newOwner", PARTY_CHARACTERS_MAX)?,
            location: body.text("location", PARTY_CHARACTERS_MAX)?,
            reason: body.text("reason", NOTE_CHARACTERS_MAX)?,
        })
    }
}

impl RecallProduct {
    /// Reads the body.
    ///
    /// # Errors
    /// [`BadInput`].
    pub fn parse(bytes: &[u8]) -> Result<Self, BadInput> {
        let body = Body::parse(bytes)?;
        body.require(&["productId", "reason"])?;
        Ok(Self {
            product: body.id("productId")?,
            reason: body.required_text("reason", NOTE_CHARACTERS_MAX)?,
            issued_by: body.text("issuedBy", PARTY_CHARACTERS_MAX)?,
        })
    }
}
