//! What requests may contain: bodies and query parameters as typed values, every field bounded.
//!
//! Whatever is wrong is a [`BadInput`] whose text says what to change. An id or code that cannot exist is not wrong: it names
//! nothing ([`super::ids::Ref::Unknown`]), and the answer to it is the one for unknown things.
//!
//! | Request | Type |
//! |---|---|
//! | `POST /api/brands` | [`CreateBrand`] |
//! | `GET /api/brands`, `/stats`, `/list` | [`brand_of`], [`ListBrands`] |
//! | `POST /api/products/register` | [`RegisterProduct`] |
//! | `GET /api/products/list`, `/search`, `/verify`, `/qr` | [`ListProducts`], [`Search`], [`Verify`], [`Qr`] |
//! | `POST`, `GET /api/products/events` | [`AppendEvent`], [`product_of`] |
//! | `POST /api/products/history`, `/transfer`, `/recall` | [`AppendToMany`], [`TransferProduct`], [`RecallProduct`] |
//! | `POST /api/products/claim`, `/dispute`, `/dispute/status` | [`ClaimProduct`], [`DisputeClaim`], [`RuleDispute`] |
//! | `GET /api/scans`, `/threats`, `/stream`, `/ops-log`, `/explore` | [`ListScans`], [`ListThreats`], [`Follow`], [`ListOps`], [`Explore`] |
//! | `POST /api/threats/resolve`, `/api/threats/reopen` | [`SettleThreat`] |
//! | `POST /api/brands/keys/rotate`, `/revoke` | [`RotateKey`], [`RevokeKey`] |
//! | `POST /api/products/batch` | [`RegisterMany`] |
//! | `GET /api/products/certificate`, `/dpp-export`, `/api/og` | [`Document`], [`Picture`] |
//! | `GET /api/analytics`, `/api/audit` | [`Analytics`], [`ListAudit`] |
//! | `POST /api/ingest/shipping`, `/pos`, `/warehouse` | [`Reported`] |
//! | `POST /api/integrations/configure`, `/rotate`, `/simulate` | [`ConfigureIntegration`], [`RotateIngestKey`], [`Simulate`] |
//! | `/api/webhooks`, and what is below it | [`CreateWebhook`], [`NamedWebhook`], [`RotateSecret`], [`ListDeliveries`], [`NamedDelivery`] |
//! | `POST /api/stripe/checkout` | [`Checkout`] |

pub use self::analytics::{Analytics, ListAudit};
pub use self::batch::RegisterMany;
pub use self::body::Body;
pub use self::brands::{CreateBrand, ListBrands, brand_of};
pub use self::claims::{ClaimProduct, DisputeClaim, RuleDispute};
pub use self::custody::{RecallProduct, TransferProduct};
pub use self::documents::{Document, Picture};
pub use self::events::{AppendEvent, AppendToMany, Coordinates};
pub use self::ingest::{ReportTarget, Reported, report_of};
pub use self::integrations::{ConfigureIntegration, RotateIngestKey, Simulate, SimulatedStep};
pub use self::keys::{RevokeKey, RotateKey};
pub use self::payment::Checkout;
pub use self::products::{
    ListProducts, ProductDetails, Qr, QrContent, QrFormat, RegisterProduct, Search, Target, Verify,
    product_of,
};
pub use self::query::Query;
pub use self::scans::ListScans;
pub use self::watching::{Explore, Follow, ListOps, ListThreats, SettleThreat};
pub use self::webhooks::{
    CreateWebhook, ListDeliveries, NamedDelivery, NamedWebhook, RotateSecret,
};

mod analytics;
mod batch;
mod body;
mod brands;
mod claims;
mod custody;
mod documents;
mod events;
mod free_form;
mod ingest;
mod integrations;
mod keys;
mod payment;
mod products;
mod query;
mod scans;
mod watching;
mod webhooks;

/// The largest body that is read.
pub const BODY_BYTES_MAX: usize = 1 << 20;

const NAME_CHARACTERS_MAX: usize = 300;
const DOMAIN_CHARACTERS_MAX: usize = 253;
const INDUSTRY_CHARACTERS_MAX: usize = 100;
/// Sku, category, order number, tracking number.
const LABEL_CHARACTERS_MAX: usize = 100;
/// Actor, owner, location, store, warehouse, consumer.
const PARTY_CHARACTERS_MAX: usize = 200;
/// Reasons and notes.
const NOTE_CHARACTERS_MAX: usize = 2_000;
const EMAIL_CHARACTERS_MAX: usize = 254;
const DESCRIPTION_CHARACTERS_MAX: usize = 5_000;
const URL_CHARACTERS_MAX: usize = 2_048;
const CODE_CHARACTERS_MAX: usize = 64;
const ID_CHARACTERS_MAX: usize = 128;
const CURSOR_CHARACTERS_MAX: usize = 2_048;

/// A request that cannot be served as it is. The text says what to change; it shows nothing of what was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct BadInput {
    message: String,
}

impl BadInput {
    fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
        }
    }

    fn required(fields: &[&str]) -> Self {
        let verb = if fields.len() == 1 { "is" } else { "are" };
        Self::new(format!("{} {verb} required", and(fields, "and")))
    }

    fn too_long(field: &str, characters_max: usize) -> Self {
        Self::new(format!(
            "{field} is too long: at most {characters_max} characters"
        ))
    }
}

fn and(words: &[&str], joint: &str) -> String {
    match words {
        [] => String::new(),
        [word] => (*word).to_owned(),
        [first @ .., last] => format!("{} {joint} {last}", first.join(", ")),
    }
}

/// Whether the text has more characters (Unicode scalar values) than allowed, without counting all of a huge one.
fn is_longer(text: &str, characters_max: usize) -> bool {
    text.len() > characters_max && text.chars().nth(characters_max).is_some()
}

#[cfg(test)]
mod tests;
