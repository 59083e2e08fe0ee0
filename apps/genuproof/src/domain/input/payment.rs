//! Requests about plans and payment.

use super::{BadInput, Body, LABEL_CHARACTERS_MAX};
use crate::domain::ids::{BrandId, Ref};
use crate::domain::plan::Plan;

/// `POST /api/stripe/checkout`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the members of the body, under their own names"
)]
pub struct Checkout {
    pub plan: &'static Plan,
    pub brand: Option<Ref<BrandId>>,
    pub email: Option<String>,
}

impl Checkout {
    /// Reads the body.
    ///
    /// # Errors
    /// [`BadInput`].
    pub fn parse(bytes: &[u8]) -> Result<Self, BadInput> {
        let body = Body::parse(bytes)?;
        body.require(&["plan"])?;
        let id = body.required_text("plan", LABEL_CHARACTERS_MAX)?;
        let plan = Plan::find(&id)
            .ok_or_else(|| BadInput::new("plan must be one of starter, brand or business"))?;
        let has_brand = body.require(&["brandId"]).is_ok();
        Ok(Self {
            plan,
            brand: has_brand.then(|| body.id("brandId")).transpose()?,
            email: body.email()?,
        })
    }
}
