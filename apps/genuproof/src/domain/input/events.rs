//! Requests about events.

use super::{BadInput, Body, LABEL_CHARACTERS_MAX, PARTY_CHARACTERS_MAX, and};
use crate::domain::canonical::Object;
use crate::domain::event::EventKind;
use crate::domain::ids::{ProductId, Ref};

/// `POST /api/products/events`.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    missing_docs,
    reason = "the members of the body, under their own names"
)]
pub struct AppendEvent {
    pub product: Ref<ProductId>,
    pub kind: EventKind,
    pub actor: String,
    pub location: Option<String>,
    pub coordinates: Option<Coordinates>,
    pub data: Object,
}

/// `POST /api/products/history`: one event on many products.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    missing_docs,
    reason = "the members of the body, under their own names"
)]
pub struct AppendToMany {
    pub products: Vec<Ref<ProductId>>,
    pub kind: EventKind,
    pub actor: String,
    pub location: Option<String>,
}

/// Products of one request.
const PRODUCTS_MAX: usize = 50;

impl AppendToMany {
    /// Reads the body.
    ///
    /// # Errors
    /// [`BadInput`].
    pub fn parse(bytes: &[u8]) -> Result<Self, BadInput> {
        let body = Body::parse(bytes)?;
        body.require(&["productIds", "type", "actor"])?;
        Ok(Self {
            products: body.ids("productIds", PRODUCTS_MAX)?,
            kind: kind(&body)?,
            actor: body.required_text("actor", PARTY_CHARACTERS_MAX)?,
            location: body.text("location", PARTY_CHARACTERS_MAX)?,
        })
    }
}

/// A point on the earth, in degrees.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Coordinates {
    /// Latitude, −90 to 90.
    pub lat: f64,
    /// Longitude, −180 to 180.
    pub lng: f64,
}

impl AppendEvent {
    /// Reads the body.
    ///
    /// # Errors
    /// [`BadInput`].
    pub fn parse(bytes: &[u8]) -> Result<Self, BadInput> {
        let body = Body::parse(bytes)?;
        body.require(&["productId", "type", "actor"])?;
        Ok(Self {
            product: body.id("productId")?,
            kind: kind(&body)?,
            actor: body.required_text("actor", PARTY_CHARACTERS_MAX)?,
            location: body.text("location", PARTY_CHARACTERS_MAX)?,
            coordinates: body
                .object("coordinates")?
                .map(|point| {
                    Ok(Coordinates {
                        lat: point.number("lat", "coordinates", 90.0)?,
                        lng: point.number("lng", "coordinates", 180.0)?,
                    })
                })
                .transpose()?,
            data: body.free_form("data")?,
        })
    }
}

fn kind(body: &Body<'_>) -> Result<EventKind, BadInput> {
    let text = body.required_text("type", LABEL_CHARACTERS_MAX)?;
    EventKind::parse(&text).ok_or_else(|| {
        let words = EventKind::ALL.map(EventKind::as_str);
        BadInput::new(format!("type must be one of {}", and(&words, "or")))
    })
}
