//! The chain of a product, and one more event in it.

use super::{Store, StoreError};
use crate::domain::canonical::Object;
use crate::domain::chain::{NotExtendable, SealedEvent};
use crate::domain::event::{EventKind, StoredEvent};
use crate::domain::ids::ProductId;
use crate::domain::input::Coordinates;
use crate::table::Product;

/// The chain of a product.
#[derive(Debug, Clone, PartialEq)]
pub struct Chain {
    /// The product.
    pub product: Product,
    /// Its events, in order.
    pub events: Vec<StoredEvent>,
    /// Whether it is whole, and sealed as it should be.
    pub is_valid: bool,
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    missing_docs,
    reason = "the attributes of the item, under their own names"
)]
pub struct Happening {
    pub kind: EventKind,
    pub actor: String,
    pub location: Option<String>,
    pub coordinates: Option<Coordinates>,
    pub data: Object,
}

/// An event that is in the chain.
#[derive(Debug, Clone, PartialEq)]
pub struct Appended {
    /// The event.
    pub event: SealedEvent,
    /// The product as it is from now on.
    pub status: crate::domain::product::Status,
}

/// Why an event is not appended.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// There is no such product.
    #[error("no such product")]
    UnknownProduct,
    /// Somebody tampered with the chain; a new seal would make it good.
    #[error(transparent)]
    Broken(#[from] NotExtendable),
    /// The table.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// The chain of a product, checked; none when there is no such product. One query.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn chain(&self, product: &ProductId) -> Result<Option<Chain>, StoreError> {
        let _ = product;
        todo!()
    }

    /// Appends an event: writers of one product come one after the other, each later than the one before.
    ///
    /// # Errors
    /// [`AppendError`].
    pub async fn append(
        &self,
        product: &ProductId,
        happening: Happening,
    ) -> Result<Appended, AppendError> {
        let _ = (product, happening);
        todo!()
    }
}
