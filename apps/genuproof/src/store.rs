//! The questions the application asks of its table. No HTTP.
//!
//! | Question | Module |
//! |---|---|
//! | Who is this brand, which are there, whose key is it? | `brands` |
//! | Register a product | `registration` |
//! | Which products are there? | `products` |
//! | Is it genuine? And the scan is written down | `verification` |
//! | The chain, and one more event in it | `chain` |
//! | Who scanned it, from where? | `scans` |
//! | What a demonstration shows | `seed` |

use std::sync::Arc;

use keyfold::prelude::*;

use crate::domain::chain::Unsealed;
use crate::domain::crypto::Signer;
use crate::domain::ids::{BrandId, Form as _, NoRandomness, Randomness};
use crate::table::Genuproof;

pub use self::brands::{BrandNumbers, BrandProfile, NewBrand};
pub use self::chain::{AppendError, Appended, Chain, Happening};
pub use self::registration::RegisterError;
pub use self::scans::{Location, Scans};
pub use self::seed::{SeedError, Seeded, SeededBrand};
pub use self::verification::Verified;

mod brands;
mod chain;
mod products;
mod registration;
mod scans;
mod seed;
mod verification;

/// The table, and what is needed to judge and to sign.
#[derive(Clone)]
pub struct Store {
    db: Genuproof,
    signer: Arc<Signer>,
    unsealed: Arc<Unsealed>,
    queues: Arc<chain::Queues>,
}

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
        }
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
