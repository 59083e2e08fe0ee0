//! Journeys that can be simulated: what happens to a product on its way, stage by stage.

use keyfold::Timestamp;

use super::canonical::Object;
use super::chain::NewEvent;
use super::event::EventKind;
use super::ids::{NoRandomness, Randomness, draw};
use super::product::Status;

/// A journey.
#[derive(Debug, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the members of the answer, under their own names"
)]
pub struct Journey {
    pub id: &'static str,
    pub name: &'static str,
    pub category: &'static str,
    pub route: &'static str,
    pub description: &'static str,
    pub carriers: &'static [&'static str],
    pub platforms: &'static [&'static str],
    pub stages: &'static [Stage],
}

/// A stage.
#[derive(Debug, PartialEq, Eq)]
pub struct Stage {
    /// What happens.
    pub kind: EventKind,
    /// By whom.
    pub actor: &'static str,
    /// Where.
    pub location: &'static str,
    /// Who reports it, and how their numbers begin.
    by: By,
}

#[derive(Debug, PartialEq, Eq)]
enum By {
    Nobody,
    Carrier(&'static str, &'static str),
    Platform(&'static str, &'static str),
}

/// A step of a journey, before it has its time.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the members of the request, under their own names"
)]
pub struct Step {
    pub kind: EventKind,
    pub actor: String,
    pub location: Option<String>,
    /// Hours after the step before.
    pub delay_minutes: u32,
    pub carrier: Option<String>,
    pub tracking_number: Option<String>,
    pub platform: Option<String>,
    pub order_id: Option<String>,
}

/// Between two steps, unless it is said otherwise.
const DELAY_MINUTES: u32 = 90;
const NUMBER_CHARACTERS: usize = 8;

use By::{Carrier, Nobody, Platform};
use EventKind::{Inspected, Manufactured, Received, Shipped, Sold};

const fn stage(kind: EventKind, actor: &'static str, location: &'static str, by: By) -> Stage {
    Stage {
        kind,
        actor,
        location,
        by,
    }
}

/// Every journey.
pub const JOURNEYS: [Journey; 4] = [
    Journey {
        id: "luxury_watch",
        name: "Luxury Watch",
        category: "Watches",
        route: "Switzerland → Germany → Memphis → New York",
        description: "A watch leaves its maker in the Vallée de Joux, is certified in Geneva, passes customs in Frankfurt and is sold on Fifth Avenue.",
        carriers: &["Swiss Post", "FedEx"],
        platforms: &["Shopify"],
        stages: &[
            stage(
                Manufactured,
                "Master Watchmaker",
                "Le Brassus, Switzerland",
                Nobody,
            ),
            stage(
                Inspected,
                "COSC Certification",
                "Geneva, Switzerland",
                Nobody,
            ),
            stage(
                Shipped,
                "Swiss Post International",
                "Geneva, Switzerland",
                Carrier("Swiss Post", "CH-"),
            ),
            stage(Inspected, "Customs Authority", "Frankfurt, Germany", Nobody),
            stage(
                Shipped,
                "FedEx International",
                "Frankfurt, Germany",
                Carrier("FedEx", "FX-"),
            ),
            stage(Received, "US Distribution Center", "Memphis, TN", Nobody),
            stage(Inspected, "Quality Assurance Team", "Memphis, TN", Nobody),
            stage(
                Shipped,
                "FedEx Priority",
                "Memphis, TN",
                Carrier("FedEx", "FX-"),
            ),
            stage(Received, "Authorized Dealer", "New York, NY", Nobody),
            stage(
                Sold,
                "Fifth Avenue Boutique",
                "New York, NY",
                Platform("shopify", "SHP-"),
            ),
        ],
    },
    Journey {
        id: "fashion_handbag",
        name: "Fashion Handbag",
        category: "Handbags",
        route: "Florence → Paris → Los Angeles → Beverly Hills",
        description: "A bag is sewn in Florence, goes by way of Paris to California, and is sold on Rodeo Drive.",
        carriers: &["DHL"],
        platforms: &["Square"],
        stages: &[
            stage(
                Manufactured,
                "Atelier Master Craftsman",
                "Florence, Italy",
                Nobody,
            ),
            stage(Inspected, "Quality Control", "Florence, Italy", Nobody),
            stage(
                Shipped,
                "DHL Express",
                "Florence, Italy",
                Carrier("DHL", "DHL-"),
            ),
            stage(Inspected, "EU Customs", "Paris, France", Nobody),
            stage(
                Received,
                "European Distribution Hub",
                "Paris, France",
                Nobody,
            ),
            stage(
                Shipped,
                "DHL International",
                "Paris, France",
                Carrier("DHL", "DHL-"),
            ),
            stage(
                Received,
                "Luxury Retailer Warehouse",
                "Los Angeles, CA",
                Nobody,
            ),
            stage(Shipped, "Internal Logistics", "Los Angeles, CA", Nobody),
            stage(
                Received,
                "Rodeo Drive Boutique",
                "Beverly Hills, CA",
                Nobody,
            ),
            stage(
                Sold,
                "Rodeo Drive Boutique",
                "Beverly Hills, CA",
                Platform("square", "SQ-"),
            ),
        ],
    },
    Journey {
        id: "pharmaceutical",
        name: "Pharmaceutical",
        category: "Pharmaceuticals",
        route: "Basel → JFK → New Jersey → Manhattan",
        description: "A medicine is made and tested in Basel, flies cold to New York, is inspected on the way and handed out in Manhattan.",
        carriers: &["DHL Medical", "McKesson"],
        platforms: &["WooCommerce"],
        stages: &[
            stage(
                Manufactured,
                "Pharmaceutical Lab",
                "Basel, Switzerland",
                Nobody,
            ),
            stage(Inspected, "FDA Quality Audit", "Basel, Switzerland", Nobody),
            stage(Inspected, "Batch Testing Lab", "Basel, Switzerland", Nobody),
            stage(
                Shipped,
                "Cold Chain Logistics",
                "Basel, Switzerland",
                Carrier("DHL Medical", "MED-"),
            ),
            stage(
                Inspected,
                "US FDA Import Inspection",
                "JFK Airport, NY",
                Nobody,
            ),
            stage(
                Received,
                "Pharmaceutical Warehouse",
                "New Brunswick, NJ",
                Nobody,
            ),
            stage(
                Inspected,
                "Temperature Verification",
                "New Brunswick, NJ",
                Nobody,
            ),
            stage(
                Shipped,
                "McKesson Distribution",
                "New Brunswick, NJ",
                Carrier("McKesson", "MCK-"),
            ),
            stage(Received, "CVS Pharmacy #4421", "Manhattan, NY", Nobody),
            stage(
                Sold,
                "CVS Pharmacy",
                "Manhattan, NY",
                Platform("woocommerce", "RX-"),
            ),
        ],
    },
    Journey {
        id: "electronics",
        name: "Electronics",
        category: "Electronics",
        route: "Shenzhen → Long Beach → San Bernardino → San Francisco",
        description: "A device is assembled in Shenzhen, crosses the Pacific by ship and reaches its buyer through a fulfilment centre.",
        carriers: &["Maersk", "Amazon Logistics"],
        platforms: &["Stripe"],
        stages: &[
            stage(Manufactured, "Assembly Line 7", "Shenzhen, China", Nobody),
            stage(Inspected, "QC Station", "Shenzhen, China", Nobody),
            stage(
                Shipped,
                "Maersk Shipping",
                "Shenzhen Port, China",
                Carrier("Maersk", "MAEU-"),
            ),
            stage(Received, "Port of Long Beach", "Long Beach, CA", Nobody),
            stage(
                Inspected,
                "US Customs & Border Protection",
                "Long Beach, CA",
                Nobody,
            ),
            stage(
                Received,
                "Amazon Fulfillment Center",
                "San Bernardino, CA",
                Nobody,
            ),
            stage(
                Shipped,
                "Amazon Logistics",
                "San Bernardino, CA",
                Carrier("Amazon", "TBA-"),
            ),
            stage(
                Received,
                "Local Delivery Station",
                "San Francisco, CA",
                Nobody,
            ),
            stage(
                Sold,
                "Amazon.com",
                "San Francisco, CA",
                Platform("stripe", "AMZ-"),
            ),
        ],
    },
];

impl Journey {
    /// The journey that is asked for by this word.
    pub fn find(id: &str) -> Option<&'static Self> {
        JOURNEYS.iter().find(|journey| journey.id == id)
    }

    /// Its steps, with numbers drawn for this one time.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn steps(&self, source: &dyn Randomness) -> Result<Vec<Step>, NoRandomness> {
        let step = |stage: &Stage| {
            let mut step = Step {
                kind: stage.kind,
                actor: stage.actor.to_owned(),
                location: Some(stage.location.to_owned()),
                delay_minutes: DELAY_MINUTES,
                carrier: None,
                tracking_number: None,
                platform: None,
                order_id: None,
            };
            match stage.by {
                Nobody => {}
                Carrier(carrier, prefix) => {
                    step.carrier = Some(carrier.to_owned());
                    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
                    step.tracking_number = Some(number(prefix, alphabet, source)?);
                }
                Platform(platform, prefix) => {
                    step.platform = Some(platform.to_owned());
                    step.order_id = Some(number(prefix, b"0123456789", source)?);
                }
            }
            Ok(step)
        };
        self.stages.iter().map(step).collect()
    }
}

/// Unless it is said otherwise.
pub const USUAL_DELAY_MINUTES: u32 = DELAY_MINUTES;

impl Step {
    /// Who reports it, as its event says.
    pub fn source(&self) -> &'static str {
        if self.kind == Sold {
            "pos_webhook"
        } else if self.carrier.is_some() {
            "shipping_webhook"
        } else {
            "warehouse_webhook"
        }
    }

    /// The same for people.
    pub fn reported_by(&self) -> String {
        match (&self.platform, &self.carrier) {
            (Some(platform), _) if self.kind == Sold => format!("{platform} webhook"),
            (_, Some(carrier)) => format!("{carrier} webhook"),
            _ => "WMS webhook".to_owned(),
        }
    }

    fn data(&self) -> Object {
        let mut data = Object::new();
        data.insert("source".to_owned(), self.source().into());
        data.insert("simulated".to_owned(), true.into());
        for (name, value) in [
            ("carrier", &self.carrier),
            ("trackingNumber", &self.tracking_number),
            ("platform", &self.platform),
            ("orderId", &self.order_id),
        ] {
            if let Some(value) = value {
                data.insert(name.to_owned(), value.as_str().into());
            }
        }
        data
    }
}

/// The steps as events that end at `now`, each strictly after the one before.
pub fn events(steps: &[Step], now: Timestamp) -> Vec<NewEvent> {
    let mut at = now;
    let mut events: Vec<_> = steps
        .iter()
        .rev()
        .map(|step| {
            let event = NewEvent {
                kind: step.kind,
                actor: step.actor.clone(),
                location: step.location.clone(),
                timestamp: at,
                data: step.data(),
            };
            at = at.plus_ms(-(i64::from(step.delay_minutes) * 60_000).max(1));
            event
        })
        .collect();
    events.reverse();
    events
}

/// The first step that cannot follow those before it: a recalled product is neither handed on nor recalled again.
pub fn impossible(steps: &[Step]) -> Option<usize> {
    let mut is_recalled = false;
    steps.iter().position(|step| {
        let sets = step.kind.sets_status();
        let is_wrong = is_recalled && sets.is_some();
        is_recalled |= sets == Some(Status::Recalled);
        is_wrong
    })
}

fn number(prefix: &str, alphabet: &[u8], source: &dyn Randomness) -> Result<String, NoRandomness> {
    let mut text = prefix.to_owned();
    for byte in draw::<NUMBER_CHARACTERS>(source)? {
        let place = usize::from(byte) % alphabet.len();
        text.push(char::from(alphabet.get(place).copied().unwrap_or(b'0')));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::super::ids::OsRandomness;
    use super::*;

    #[test]
    fn numbers_are_drawn_for_each_simulation() {
        let journey = Journey::find("luxury_watch").unwrap();
        let one = journey.steps(&OsRandomness).unwrap();
        let two = journey.steps(&OsRandomness).unwrap();
        assert_eq!(one.len(), 10);
        let parcel = one[2].tracking_number.as_deref().unwrap();
        assert!(parcel.starts_with("CH-") && parcel.len() == 11, "{parcel}");
        assert_ne!(one[2].tracking_number, two[2].tracking_number);
        let order = one[9].order_id.as_deref().unwrap();
        assert!(
            order
                .strip_prefix("SHP-")
                .unwrap()
                .bytes()
                .all(|byte| byte.is_ascii_digit())
        );
    }

    #[test]
    fn a_journey_ends_now_and_each_step_is_after_the_one_before() {
        let now: Timestamp = "2026-03-05T12:00:00.000Z".parse().unwrap();
        for journey in &JOURNEYS {
            let mut steps = journey.steps(&OsRandomness).unwrap();
            steps[1].delay_minutes = 0;
            let events = events(&steps, now);
            assert_eq!(events.last().unwrap().timestamp, now);
            assert!(
                events
                    .windows(2)
                    .all(|two| two[0].timestamp < two[1].timestamp)
            );
            assert_eq!(impossible(&steps), None);
        }
    }
}
