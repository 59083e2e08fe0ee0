//! Requests about whose a product is.

use super::{
    BadInput, Body, ID_CHARACTERS_MAX, LABEL_CHARACTERS_MAX, NOTE_CHARACTERS_MAX,
    PARTY_CHARACTERS_MAX, and,
};
use crate::domain::dispute::DisputeStatus;
use crate::domain::ids::{ProductId, Ref};

/// `POST /api/products/claim`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the members of the body, under their own names"
)]
pub struct ClaimProduct {
    pub product: Ref<ProductId>,
    pub consumer_name: Option<String>,
    pub email: Option<String>,
}

/// `POST /api/products/dispute`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the members of the body, under their own names"
)]
pub struct DisputeClaim {
    pub product: Ref<ProductId>,
    pub consumer_name: Option<String>,
    pub email: Option<String>,
    pub order_number: Option<String>,
    pub notes: Option<String>,
}

/// `POST /api/products/dispute/status`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the members of the body, under their own names"
)]
pub struct RuleDispute {
    pub product: Ref<ProductId>,
    pub dispute: String,
    pub status: DisputeStatus,
    pub by: Option<String>,
    pub note: Option<String>,
}

impl ClaimProduct {
    /// Reads the body.
    ///
    /// # Errors
    /// [`BadInput`].
    pub fn parse(bytes: &[u8]) -> Result<Self, BadInput> {
        let body = Body::parse(bytes)?;
        body.require(&["productId"])?;
        Ok(Self {
            product: body.id("productId")?,
            consumer_name: body.text("consumerName", PARTY_CHARACTERS_MAX)?,
            email: body.email()?,
        })
    }
}

impl DisputeClaim {
    /// Reads the body.
    ///
    /// # Errors
    /// [`BadInput`].
    pub fn parse(bytes: &[u8]) -> Result<Self, BadInput> {
        let body = Body::parse(bytes)?;
        body.require(&["productId"])?;
        Ok(Self {
            product: body.id("productId")?,
            consumer_name: body.text("consumerName", PARTY_CHARACTERS_MAX)?,
            email: body.email()?,
            order_number: body.text("orderNumber", LABEL_CHARACTERS_MAX)?,
            notes: body.text("notes", NOTE_CHARACTERS_MAX)?,
        })
    }
}

impl RuleDispute {
    /// Reads the body.
    ///
    /// # Errors
    /// [`BadInput`].
    pub fn parse(bytes: &[u8]) -> Result<Self, BadInput> {
        let body = Body::parse(bytes)?;
        body.require(&["productId", "disputeId", "status"])?;
        let status = body.required_text("status", LABEL_CHARACTERS_MAX)?;
        Ok(Self {
            product: body.id("productId")?,
            dispute: body.required_text("disputeId", ID_CHARACTERS_MAX)?,
            status: DisputeStatus::parse(&status).ok_or_else(|| {
                let words = DisputeStatus::ALL.map(DisputeStatus::as_str);
                BadInput::new(format!("status must be one of {}", and(&words, "or")))
            })?,
            by: body.text("by", PARTY_CHARACTERS_MAX)?,
            note: body.text("note", NOTE_CHARACTERS_MAX)?,
        })
    }
}
