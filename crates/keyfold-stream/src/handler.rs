//! What is done with a change, and what it is told besides.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use keyfold::{ImageError, Timestamp};

use crate::once::Once;
use crate::table::Streams;

pub(crate) type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// What is done with a change `C`: `Change<Scan>`, or the table's whole enum.
///
/// Closures and functions `async fn(C, Context) -> Result<(), HandlerError>` are handlers. One is
/// called again for a record whose worker died, or whose checkpoint was not yet written: a handler
/// does the same thing once however often it is called ([`Context::once`] is the way for writes).
pub trait Handler<C>: Send + Sync + 'static {
    /// Handles one change.
    fn handle(
        &self,
        change: C,
        cx: Context,
    ) -> impl Future<Output = Result<(), HandlerError>> + Send;
}

impl<C, F, Fut> Handler<C> for F
where
    F: Fn(C, Context) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<(), HandlerError>> + Send,
{
    fn handle(
        &self,
        change: C,
        cx: Context,
    ) -> impl Future<Output = Result<(), HandlerError>> + Send {
        self(change, cx)
    }
}

/// Why a change was not handled, and what is to happen with it.
///
/// Any error becomes one by `?`, and is tried again; an image that the stream does not carry never
/// will be there, and is set aside at once.
pub struct HandlerError {
    pub(crate) reason: String,
    pub(crate) set_aside: bool,
}

impl HandlerError {
    /// Try again, later and later, as the pipeline's policy says; then set it aside.
    pub fn retry(reason: impl fmt::Display) -> Self {
        Self {
            reason: reason.to_string(),
            set_aside: false,
        }
    }

    /// Trying again will not help: put the record with the dead letters now.
    pub fn set_aside(reason: impl fmt::Display) -> Self {
        Self {
            reason: reason.to_string(),
            set_aside: true,
        }
    }

    /// Whether it is set aside without another attempt.
    pub fn is_set_aside(&self) -> bool {
        self.set_aside
    }

    /// What went wrong.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Debug for HandlerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = if self.set_aside { "set aside" } else { "retry" };
        write!(f, "{what}: {}", self.reason)
    }
}

impl<E: std::error::Error + 'static> From<E> for HandlerError {
    fn from(error: E) -> Self {
        let hopeless = (&error as &dyn std::error::Error).is::<ImageError>();
        let mut reason = error.to_string();
        let mut source = error.source();
        while let Some(deeper) = source {
            let text = deeper.to_string();
            // Some errors print their sources themselves.
            if !reason.contains(&text) {
                reason = format!("{reason}: {text}");
            }
            source = deeper.source();
        }
        Self {
            reason,
            set_aside: hopeless,
        }
    }
}

/// What is known of the record a change comes from.
#[derive(Clone)]
pub struct Context {
    pub(crate) record: Arc<About>,
    pub(crate) attempt: u32,
    pub(crate) handler: Arc<str>,
    pub(crate) streams: Streams,
}

/// What is the same in every attempt.
#[derive(Debug)]
pub(crate) struct About {
    pub(crate) pipeline: Arc<str>,
    pub(crate) id: String,
    pub(crate) sequence_number: String,
    pub(crate) shard: Arc<str>,
    pub(crate) created: Option<Timestamp>,
    pub(crate) replayed: bool,
}

impl Context {
    /// The idempotency key: the record's event id, the same however often it is delivered, and in
    /// every source.
    pub fn id(&self) -> &str {
        &self.record.id
    }

    /// The record's place in its shard. Numbers of one item rise with each change.
    pub fn sequence_number(&self) -> &str {
        &self.record.sequence_number
    }

    /// About when the item was changed: to the second.
    pub fn created_at(&self) -> Option<Timestamp> {
        self.record.created
    }

    /// 1 for the first call with this record by this worker. AWS Lambda does not tell how often it
    /// has delivered a record before.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// The shard the record lies in.
    pub fn shard(&self) -> &str {
        &self.record.shard
    }

    /// The pipeline's name.
    pub fn pipeline(&self) -> &str {
        &self.record.pipeline
    }

    /// Whether somebody asked for this dead letter to be tried again: what came after it was
    /// handled long ago.
    pub fn is_replay(&self) -> bool {
        self.record.replayed
    }

    /// Writes once for this record: the transaction is committed together with a marker in
    /// `<table>-streams`, so that a record that is delivered again changes nothing.
    ///
    /// ```ignore
    /// let done = cx.once(db.transact().apply(db.stats.upsert(&key).add_scan_count(1))).commit().await?;
    /// ```
    ///
    /// The marker is kept for seven days, and counts as one more write of the transaction: two
    /// write units, and one of its hundred items. A handler with a second transaction names it:
    /// [`once_as`](Self::once_as).
    pub fn once<T, R>(&self, transaction: keyfold::Transact<T, R>) -> Once<T, R> {
        self.once_as("", transaction)
    }

    /// As [`once`](Self::once), of which a handler has one for each name.
    pub fn once_as<T, R>(&self, name: &str, transaction: keyfold::Transact<T, R>) -> Once<T, R> {
        Once::new(self, name, transaction)
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("record", &self.record)
            .field("attempt", &self.attempt)
            .finish_non_exhaustive()
    }
}
