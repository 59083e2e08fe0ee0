//! Requests about outgoing webhooks.

use super::keys::{GRACE_HOURS, GRACE_HOURS_MAX};
use super::{BadInput, Body, ID_CHARACTERS_MAX, Query};
use crate::domain::hook::{KINDS, Target, TargetRules};
use crate::domain::ids::{BrandId, Ref};

/// `POST /api/webhooks`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the members of the body, under their own names"
)]
pub struct CreateWebhook {
    pub brand: Ref<BrandId>,
    pub target: Target,
    pub events: Vec<String>,
}

/// A webhook of a brand: `DELETE /api/webhooks`, `POST /api/webhooks/resume`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedWebhook {
    /// Whose.
    pub brand: Ref<BrandId>,
    /// Which; what cannot be an id names none.
    pub webhook: String,
}

/// `POST /api/webhooks/rotate`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RotateSecret {
    /// Whose, and which.
    pub webhook: NamedWebhook,
    /// For how many hours more deliveries are signed with the present secret too.
    pub grace_hours: u32,
}

/// `GET /api/webhooks/deliveries`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the parameters, under their own names")]
pub struct ListDeliveries {
    pub brand: Ref<BrandId>,
    pub webhook: String,
    pub limit: u32,
    pub cursor: Option<String>,
}

/// `POST /api/webhooks/deliveries/resend`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedDelivery {
    /// Whose, and of which webhook.
    pub webhook: NamedWebhook,
    /// Which: `moment~id`.
    pub delivery: String,
}

impl CreateWebhook {
    /// Reads the body.
    ///
    /// # Errors
    /// [`BadInput`], also for a target that is never delivered to.
    pub fn parse(bytes: &[u8], rules: TargetRules) -> Result<Self, BadInput> {
        let body = Body::parse(bytes)?;
        body.require(&["brandId", "url"])?;
        let brand = body.id("brandId")?;
        let url = body.url("url")?.unwrap_or_default();
        let target = Target::parse(&url, rules)
            .map_err(|refused| BadInput::new(format!("url {refused}")))?;
        let events = body.words("events", &KINDS)?.unwrap_or(KINDS.to_vec());
        Ok(Self {
            brand,
            target,
            events: events.into_iter().map(str::to_owned).collect(),
        })
    }
}

impl NamedWebhook {
    /// Reads the body.
    ///
    /// # Errors
    /// [`BadInput`].
    pub fn parse(bytes: &[u8]) -> Result<Self, BadInput> {
        Self::of(&Body::parse(bytes)?)
    }

    fn of(body: &Body<'_>) -> Result<Self, BadInput> {
        body.require(&["brandId", "webhookId"])?;
        Ok(Self {
            brand: body.id("brandId")?,
            webhook: body.required_text("webhookId", ID_CHARACTERS_MAX)?,
        })
    }
}

impl RotateSecret {
    /// Reads the body.
    ///
    /// # Errors
    /// [`BadInput`].
    pub fn parse(bytes: &[u8]) -> Result<Self, BadInput> {
        let body = Body::parse(bytes)?;
        Ok(Self {
            webhook: NamedWebhook::of(&body)?,
            grace_hours: body.whole("graceHours", GRACE_HOURS, 0..=GRACE_HOURS_MAX)?,
        })
    }
}

impl ListDeliveries {
    /// Reads the parameters.
    ///
    /// # Errors
    /// [`BadInput`].
    pub fn parse(query: &Query) -> Result<Self, BadInput> {
        let webhook = query.get("webhookId");
        let webhook = webhook.ok_or_else(|| BadInput::required(&["webhookId"]))?;
        if super::is_longer(webhook, ID_CHARACTERS_MAX) {
            return Err(BadInput::too_long("webhookId", ID_CHARACTERS_MAX));
        }
        Ok(Self {
            brand: query.id("brandId")?,
            webhook: webhook.to_owned(),
            limit: query.limit(50, 200)?,
            cursor: query.cursor()?,
        })
    }
}

impl NamedDelivery {
    /// Reads the body.
    ///
    /// # Errors
    /// [`BadInput`].
    pub fn parse(bytes: &[u8]) -> Result<Self, BadInput> {
        let body = Body::parse(bytes)?;
        body.require(&["brandId", "webhookId", "deliveryId"])?;
        Ok(Self {
            webhook: NamedWebhook::of(&body)?,
            delivery: body.required_text("deliveryId", ID_CHARACTERS_MAX)?,
        })
    }
}
