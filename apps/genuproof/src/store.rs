//! The questions the application asks of its table. No HTTP.
//!
//! | Question | Module |
//! |---|---|
//! | Who is this brand, which are there, whose key is it? | `brands` |
//! | Register a product | `registration` |
//! | Which products are there? | `products` |
//! | Is it genuine? And the scan is written down | `verification` |
//! | The chain, and one more event in it; handing on, calling back | `chain`, `custody` |
//! | Whose is it, and who says otherwise? | `claims`, `disputes` |
//! | Who scanned it, from where? | `scans` |
//! | Is a scan or an event unusual, and what does the brand hear of it? | `watch`, `alerts` |
//! | What was made of it? | `ops` |
//! | How often, from where, what, and what happened last? | `counting`, `audit` |
//! | A new key for a brand | `keys` |
//! | Who reports events, and what was reported? | `integrations`, `reports` |
//! | Whom does a brand tell, and were they told? | `webhooks`, `deliveries` |
//! | Which plan is a brand on? | `payment` |
//! | What a demonstration shows | `seed` |

use std::sync::Arc;

use keyfold::prelude::*;

use crate::domain::alert::DAY_MS;
use crate::domain::chain::Unsealed;
use crate::domain::crypto::Signer;
use crate::domain::ids::{BrandId, Form as _, NoRandomness, Randomness};
use crate::table::Genuproof;

pub use self::alerts::{NewAlert, Raised, SettleError, Settlement};
pub use self::audit::Audited;
pub use self::brands::{BrandNumbers, BrandProfile, NewBrand};
pub use self::chain::{AppendError, Appended, Chain, Happening};
pub use self::claims::{ClaimError, NewClaim};
pub use self::counting::{Figures, Places, Spot};
pub use self::custody::{Recall, Transfer};
pub use self::deliveries::{DeliveryId, Outcome as DeliveryOutcome, Taken};
pub use self::disputes::{DisputeError, DisputeId, NewDispute, Ruling, RulingError};
pub use self::integrations::{IntegrationError, NewIntegration};
pub use self::keys::{KeyError, KeyShown, NewKey};
pub use self::payment::PlanChange;
pub use self::products::Gallery;
pub use self::registration::{RegisterError, Registered};
pub use self::reports::{Accepted, ReportError};
pub use self::scans::{Location, Scans};
pub use self::seed::{SeedError, Seeded, SeededBrand};
pub use self::verification::Verified;
pub use self::watch::Outcome;
pub use self::webhooks::{HookError, NewHook};

mod alerts;
mod audit;
mod brands;
mod chain;
mod claims;
mod counting;
mod custody;
mod deliveries;
mod disputes;
mod integrations;
mod keys;
mod ops;
mod payment;
mod products;
mod registration;
mod reports;
mod scans;
mod seed;
mod verification;
mod watch;
mod webhooks;

/// The table, and what is needed to judge and to sign.
#[derive(Clone)]
pub struct Store {
    db: Genuproof,
    signer: Arc<Signer>,
    unsealed: Arc<Unsealed>,
    queues: Arc<chain::Queues>,
    /// Where scans of one product wait for each other to be watched.
    watches: Arc<chain::Queues>,
    /// Where registrations of one brand wait for each other, where its plan is bounded.
    registrations: Arc<chain::Queues>,
    claim_ms: i64,
    enforces_plans: bool,
}

/// How long a claim counts, unless another time is set: five years.
pub const CLAIM_DAYS: u32 = 1_825;

/// A page of a list.
#[derive(Debug, Clone)]
pub struct Listed<T> {
    /// At most as many as were asked for.
    pub items: Vec<T>,
    /// Where it goes on; none at the end.
    pub next: Option<Cursor>,
}

/// The table could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// A read failed.
    #[error(transparent)]
    Get(#[from] GetError),
    /// A query failed, or its cursor was refused ([`StoreError::is_cursor_refused`]).
    #[error(transparent)]
    Query(#[from] QueryError),
    /// A write failed.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// Others wrote the same items all the time, and trying again did not help.
    #[error("too many writers at once; try again")]
    Busy,
    /// Ids and keys could not be drawn.
    #[error(transparent)]
    Random(#[from] NoRandomness),
}

impl StoreError {
    /// Whether the cursor that was passed is not one of this list.
    pub fn is_cursor_refused(&self) -> bool {
        matches!(self, Self::Query(error) if error.is_cursor_refused())
    }
}

impl Store {
    /// Over a table. Time and randomness are the table's.
    pub fn new(db: Genuproof, signer: Signer, unsealed: Unsealed) -> Self {
        Self {
            db,
            signer: Arc::new(signer),
            unsealed: Arc::new(unsealed),
            queues: Arc::default(),
            watches: Arc::default(),
            registrations: Arc::default(),
            enforces_plans: false,
            claim_ms: i64::from(CLAIM_DAYS) * DAY_MS,
        }
    }

    /// With claims that count for so many days.
    #[must_use]
    pub fn claims_for_days(mut self, days: u32) -> Self {
        self.claim_ms = i64::from(days) * DAY_MS;
        self
    }

    /// With plans that bound how many products a brand registers.
    #[must_use]
    pub fn enforcing_plans(mut self, enforces: bool) -> Self {
        self.enforces_plans = enforces;
        self
    }

    /// The table.
    pub fn table(&self) -> &Genuproof {
        &self.db
    }

    /// What signs.
    pub fn signer(&self) -> &Signer {
        &self.signer
    }

    /// The moment it is, by the table's clock.
    pub fn now(&self) -> Timestamp {
        self.db.now()
    }

    /// Asks the table for an item that is not there: whether it answers. No scan.
    ///
    /// # Errors
    /// [`StoreError`] when it does not.
    pub async fn probe(&self) -> Result<(), StoreError> {
        if let Some(nobody) = BrandId::parse("00000000-0000-0000-0000-000000000000") {
            self.db.brands.find(&nobody).await?;
        }
        Ok(())
    }

    /// The table's randomness, for ids and keys.
    fn randomness(&self) -> TableRandomness<'_> {
        TableRandomness(&self.db)
    }
}

/// Neither the table's client nor the secret prints itself.
impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

struct TableRandomness<'a>(&'a Genuproof);

impl Randomness for TableRandomness<'_> {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
        for chunk in bytes.chunks_mut(16) {
            let drawn = self.0.random().to_be_bytes();
            chunk.copy_from_slice(&drawn[..chunk.len()]);
        }
        Ok(())
    }
}

impl<E> From<Page<E>> for Listed<E> {
    fn from(page: Page<E>) -> Self {
        Self {
            items: page.items,
            next: page.next,
        }
    }
}

fn cursor(text: Option<&str>) -> Option<Cursor> {
    text.map(|text| Cursor::from(text.to_owned()))
}

/// What is left of a transaction's errors once its refusals are taken out.
fn failure<R>(error: TransactError<R>) -> StoreError {
    match error {
        TransactError::Write(error) => error.into(),
        TransactError::Condition { entity, .. } => WriteError::Condition { entity }.into(),
        _ => StoreError::Busy,
    }
}
