//! What a demonstration shows: two houses, five products that are genuine and one that was recalled, their journeys and scans.
//!
//! Plain data, dated back from a given moment; a seeding routine writes it the way requests would. No rule about scans fires on
//! it, and no gap between two events is longer than three days.

use keyfold::Timestamp;
use serde_json::json;

use self::products::{HOUSES, PRODUCTS, Row, Step};
use super::canonical::Object;
use super::chain::NewEvent;
use super::event::EventKind;
use super::ids::{BrandId, Form, ProductId, VerificationCode};
use super::input::ProductDetails;

mod products;

/// All of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Demo {
    /// The houses.
    pub brands: Vec<DemoBrand>,
    /// Their products; the last one is recalled.
    pub products: Vec<DemoProduct>,
}

/// A house.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    missing_docs,
    reason = "the attributes of the item, under their own names"
)]
pub struct DemoBrand {
    pub id: BrandId,
    pub name: String,
    pub domain: String,
    pub industry: String,
    pub created_at: Timestamp,
}

/// A product with its life so far.
#[derive(Debug, Clone, PartialEq)]
pub struct DemoProduct {
    /// Its id.
    pub id: ProductId,
    /// Its code.
    pub code: VerificationCode,
    /// Whose it is.
    pub brand: BrandId,
    /// What it is.
    pub details: ProductDetails,
    /// What happened to it. It is registered with the first event and at its time.
    pub events: Vec<NewEvent>,
    /// Who looked at it, oldest first.
    pub scans: Vec<DemoScan>,
    /// Who claimed it.
    pub claim: Option<DemoClaim>,
}

/// A scan.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the attributes of the item, under their own names"
)]
pub struct DemoScan {
    pub timestamp: Timestamp,
    pub country: &'static str,
    pub city: &'static str,
    pub user_agent: &'static str,
}

/// A claim.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the attributes of the item, under their own names"
)]
pub struct DemoClaim {
    pub consumer_name: &'static str,
    pub claimed_at: Timestamp,
}

/// The demonstration as it stands at `now`.
pub fn at(now: Timestamp) -> Demo {
    let brands: Vec<_> = HOUSES
        .iter()
        .filter_map(|house| {
            Some(DemoBrand {
                id: BrandId::parse(house.id)?,
                name: house.name.to_owned(),
                domain: house.domain.to_owned(),
                industry: "fashion".to_owned(),
                created_at: hours_before(now, house.founded_hours_ago),
            })
        })
        .collect();
    let products = PRODUCTS
        .iter()
        .filter_map(|row| product(row, &brands, now))
        .collect();
    Demo { brands, products }
}

/// A row whose texts have not the form of ids would be left out here; a test sees to it that none is.
fn product(row: &Row, brands: &[DemoBrand], now: Timestamp) -> Option<DemoProduct> {
    let brand = brands.get(row.house)?;
    Some(DemoProduct {
        id: ProductId::parse(row.id)?,
        code: VerificationCode::parse(row.code)?,
        brand: brand.id.clone(),
        details: ProductDetails {
            name: row.name.to_owned(),
            sku: Some(row.sku.to_owned()),
            category: Some(row.category.to_owned()),
            description: Some(row.description.to_owned()),
            image_url: None,
            metadata: row
                .metadata
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).into()))
                .collect(),
            manufacturing_location: row.journey.first().map(|step| step.location.to_owned()),
        },
        events: row
            .journey
            .iter()
            .enumerate()
            .map(|(index, step)| event(index, step, brand, now))
            .collect(),
        scans: row
            .scans
            .iter()
            .map(|(hours_ago, country, city, user_agent)| DemoScan {
                timestamp: hours_before(now, *hours_ago),
                country,
                city,
                user_agent,
            })
            .collect(),
        claim: row.claim.map(|(consumer_name, hours_ago)| DemoClaim {
            consumer_name,
            claimed_at: hours_before(now, hours_ago),
        }),
    })
}

fn event(index: usize, step: &Step, brand: &DemoBrand, now: Timestamp) -> NewEvent {
    let (actor, data) = match (index, step.tracking_number) {
        (0, _) => (brand.name.clone(), json!({"registeredBy": brand.id})),
        (_, Some(tracking_number)) => (
            format!("{} ({tracking_number})", step.actor),
            json!({
                "carrier": step.actor, "trackingNumber": tracking_number, "carrierStatus": "picked_up", "source": "shipping_webhook",
            }),
        ),
        (_, None) if step.kind == EventKind::Recalled => {
            (step.actor.to_owned(), json!({"reason": step.note}))
        }
        (_, None) if step.note.is_empty() => (step.actor.to_owned(), json!({})),
        (_, None) => (step.actor.to_owned(), json!({"notes": step.note})),
    };
    NewEvent {
        kind: step.kind,
        actor,
        location: Some(step.location.to_owned()).filter(|location| !location.is_empty()),
        timestamp: hours_before(now, step.hours_ago),
        data: data.as_object().cloned().unwrap_or_else(Object::new),
    }
}

fn hours_before(now: Timestamp, hours: i64) -> Timestamp {
    now.plus_ms(-hours * 3_600_000)
}

#[cfg(test)]
mod tests;
