//! Requests about sources of events, and simulated journeys.

use super::keys::{GRACE_HOURS, GRACE_HOURS_MAX};
use super::{
    BadInput, Body, ID_CHARACTERS_MAX, LABEL_CHARACTERS_MAX, NAME_CHARACTERS_MAX,
    PARTY_CHARACTERS_MAX, and,
};
use crate::domain::canonical::Object;
use crate::domain::event::EventKind;
use crate::domain::ids::{BrandId, Ref};
use crate::domain::integration::{VENDORS, Vendor};
use crate::domain::journey::{self, Journey, Step, USUAL_DELAY_MINUTES};

/// `POST /api/integrations/configure`.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    missing_docs,
    reason = "the members of the body, under their own names"
)]
pub struct ConfigureIntegration {
    pub brand: Ref<BrandId>,
    pub vendor: &'static Vendor,
    pub config: Object,
}

/// `POST /api/integrations/rotate`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the members of the body, under their own names"
)]
pub struct RotateIngestKey {
    pub brand: Ref<BrandId>,
    pub integration: String,
    pub grace_hours: u32,
}

/// `POST /api/integrations/simulate`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the members of the body, under their own names"
)]
pub struct Simulate {
    pub brand: Ref<BrandId>,
    pub product_name: String,
    pub sku: Option<String>,
    pub category: Option<String>,
    pub journey: SimulatedStep,
}

/// What is simulated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SimulatedStep {
    /// One of the journeys there are.
    Known(&'static Journey),
    /// Steps of one's own.
    Custom(Vec<Step>),
}

/// A transaction holds 100 items, and a product comes with some of its own.
const STEPS_MAX: usize = 50;
/// A year.
const DELAY_HOURS_MAX: f64 = 8_784.0;

impl ConfigureIntegration {
    /// Reads the body.
    ///
    /// # Errors
    /// [`BadInput`].
    pub fn parse(bytes: &[u8]) -> Result<Self, BadInput> {
        let body = Body::parse(bytes)?;
        body.require(&["brandId", "type"])?;
        let kind = body.required_text("type", LABEL_CHARACTERS_MAX)?;
        let vendor = Vendor::find(&kind).ok_or_else(|| {
            let words: Vec<_> = VENDORS.iter().map(|vendor| vendor.id).collect();
            BadInput::new(format!("type must be one of {}", and(&words, "or")))
        })?;
        Ok(Self {
            brand: body.id("brandId")?,
            vendor,
            config: body.free_form("config")?,
        })
    }
}

impl RotateIngestKey {
    /// Reads the body.
    ///
    /// # Errors
    /// [`BadInput`].
    pub fn parse(bytes: &[u8]) -> Result<Self, BadInput> {
        let body = Body::parse(bytes)?;
        body.require(&["brandId", "integrationId"])?;
        Ok(Self {
            brand: body.id("brandId")?,
            integration: body.required_text("integrationId", ID_CHARACTERS_MAX)?,
            grace_hours: body.whole("graceHours", GRACE_HOURS, 0..=GRACE_HOURS_MAX)?,
        })
    }
}

impl Simulate {
    /// Reads the body.
    ///
    /// # Errors
    /// [`BadInput`].
    pub fn parse(bytes: &[u8]) -> Result<Self, BadInput> {
        let body = Body::parse(bytes)?;
        body.require(&["brandId", "productName", "journey"])?;
        let product_name = body.required_text("productName", NAME_CHARACTERS_MAX)?;
        if product_name.trim().is_empty() {
            return Err(BadInput::new(
                "productName is required: it has nothing but white space",
            ));
        }
        let word = body.required_text("journey", LABEL_CHARACTERS_MAX)?;
        let journey = match Journey::find(&word) {
            Some(journey) => SimulatedStep::Known(journey),
            None if word == "custom" => SimulatedStep::Custom(steps(&body)?),
            None => {
                return Err(BadInput::new(
                    "journey must be one of luxury_watch, fashion_handbag, pharmaceutical, electronics or custom",
                ));
            }
        };
        Ok(Self {
            brand: body.id("brandId")?,
            product_name,
            sku: body.text("sku", LABEL_CHARACTERS_MAX)?,
            category: body.text("category", LABEL_CHARACTERS_MAX)?,
            journey,
        })
    }
}

fn steps(body: &Body<'_>) -> Result<Vec<Step>, BadInput> {
    let steps = body.objects("steps", STEPS_MAX)?;
    let steps: Vec<Step> = steps
        .iter()
        .enumerate()
        .map(|(at, body)| step(body).map_err(|wrong| BadInput::new(format!("steps[{at}].{wrong}"))))
        .collect::<Result<_, _>>()?;
    match journey::impossible(&steps) {
        Some(at) => Err(BadInput::new(format!(
            "steps[{at}].type cannot follow: the product is recalled by a step before"
        ))),
        None => Ok(steps),
    }
}

fn step(body: &Body<'_>) -> Result<Step, BadInput> {
    body.require(&["type", "actor"])?;
    let kind = body.required_text("type", LABEL_CHARACTERS_MAX)?;
    let kind = EventKind::parse(&kind).ok_or_else(|| {
        let words = EventKind::ALL.map(EventKind::as_str);
        BadInput::new(format!("type must be one of {}", and(&words, "or")))
    })?;
    Ok(Step {
        kind,
        actor: body.required_text("actor", PARTY_CHARACTERS_MAX)?,
        location: body.text("location", PARTY_CHARACTERS_MAX)?,
        delay_minutes: delay_minutes(body)?,
        carrier: body.text("carrier", PARTY_CHARACTERS_MAX)?,
        tracking_number: body.text("trackingNumber", LABEL_CHARACTERS_MAX)?,
        platform: body.text("platform", LABEL_CHARACTERS_MAX)?,
        order_id: body.text("orderId", LABEL_CHARACTERS_MAX)?,
    })
}

fn delay_minutes(body: &Body<'_>) -> Result<u32, BadInput> {
    let Some(hours) = body.amount("delayHours")? else {
        return Ok(USUAL_DELAY_MINUTES);
    };
    let hours = hours
        .as_f64()
        .filter(|hours| (0.0..=DELAY_HOURS_MAX).contains(hours));
    let hours = hours.ok_or_else(|| {
        BadInput::new(format!(
            "delayHours must be a number from 0 to {DELAY_HOURS_MAX}"
        ))
    })?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and the minutes of a year"
    )]
    Ok((hours * 60.0).round() as u32)
}
