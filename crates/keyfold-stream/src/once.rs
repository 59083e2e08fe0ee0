//! Effects once: a transaction and a marker, both or neither.

use keyfold::{Table as _, Timestamp, Transact, TransactError};

use crate::handler::Context;
use crate::table::Marker;

/// Longer than a stream keeps a record, and than an operator takes to look at dead letters.
const KEPT_MS: i64 = 7 * 24 * 60 * 60 * 1_000;

/// A transaction that is done at most once for a record.
#[must_use = "nothing is written until it is committed"]
pub struct Once<T, R> {
    transaction: Transact<T, R>,
}

/// What came of [`Once::commit`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// It was written now.
    Now,
    /// It had been written before; nothing was changed.
    Before,
}

impl Applied {
    /// Whether it was written now.
    pub fn is_now(self) -> bool {
        self == Self::Now
    }
}

impl<T, R> Once<T, R> {
    pub(crate) fn new(cx: &Context, name: &str, transaction: Transact<T, R>) -> Self {
        let now = cx.streams.now();
        let until = Timestamp::from_millisecond(now.as_millisecond().saturating_add(KEPT_MS));
        let marker = Marker {
            pipeline: cx.pipeline().to_owned(),
            record: cx.id().to_owned(),
            name: format!("{}.{name}", cx.handler),
            until: until.ok(),
        };
        // First, so that its refusal is what is told when others are refused too.
        let transaction = transaction.add_first(cx.streams.markers.create(marker));
        Self { transaction }
    }

    /// Writes all of it with the marker, or nothing.
    ///
    /// # Errors
    /// As of [`Transact::commit`]. That it was done before is no error, also when its conditions no
    /// longer hold for that reason.
    pub async fn commit(self) -> Result<Applied, TransactError<R>> {
        match self.transaction.commit().await {
            Ok(_) => Ok(Applied::Now),
            Err(TransactError::Condition { operation: 0, .. }) => Ok(Applied::Before),
            Err(error) => Err(error),
        }
    }
}
