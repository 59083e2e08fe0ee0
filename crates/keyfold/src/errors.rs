//! Errors: one enum for each job, each with its stable code, none with a key's value.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use keyfold_model::{KeyError, StreamView, TableModel};

use crate::change::ChangeKind;
use crate::entity::Entity;
use crate::item::{Item, from_item};

/// An item and its struct do not fit.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum ItemError {
    /// A stored item that cannot be read.
    #[error("KF1005: a stored `{entity}` does not fit its struct at `{path}`: {reason}")]
    Malformed {
        /// The entity.
        entity: &'static str,
        /// The attribute.
        path: String,
        /// What serde says.
        reason: String,
    },
    /// A value that cannot be stored.
    #[error("KF1006: a value cannot be stored: {reason}")]
    Unwritable {
        /// What serde says.
        reason: String,
    },
    /// An item that is too large.
    #[error(
        "KF1004: a `{entity}` takes {bytes} bytes, at most {bytes_max} are allowed; split it into an item collection"
    )]
    TooLarge {
        /// The entity.
        entity: &'static str,
        /// Its size.
        bytes: usize,
        /// The limit.
        bytes_max: usize,
    },
    /// An item of a version that is not read.
    #[error(
        "KF1021: a stored `{entity}` is of version {stored}, and this program reads up to {current}, older ones as `upcast(..)` lists them"
    )]
    UnknownVersion {
        /// The entity.
        entity: &'static str,
        /// The item's.
        stored: u32,
        /// The one that is written.
        current: u32,
    },
    /// An older item that cannot become one of the next version.
    #[error(
        "KF1022: a stored `{entity}` of version {from} cannot become one of the next: {reason}"
    )]
    Upcast {
        /// The entity.
        entity: &'static str,
        /// The version it was.
        from: u32,
        /// What the conversion says.
        reason: String,
    },
    /// A collection without the member it must have, or with two where one is expected.
    #[error("KF1016: the collection `{of}` {problem}")]
    Collection {
        /// The member.
        of: &'static str,
        /// What is wrong.
        problem: String,
    },
}

/// A change does not hold the image that is asked of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ImageError {
    /// There is none by nature.
    #[error("KF3001: {kind} `{entity}` has no {image} image; look at the change's `kind` first")]
    None {
        /// The entity.
        entity: &'static str,
        /// `new` or `old`.
        image: &'static str,
        /// `an inserted`, `a removed`.
        kind: &'static str,
    },
    /// The stream was made without it.
    #[error(
        "KF3001: the {image} image of a `{entity}` is needed, and the table's stream carries {carries}; declare `stream = new_and_old_images`, and switch the stream off and on with that view"
    )]
    NotCarried {
        /// The entity.
        entity: &'static str,
        /// `new` or `old`.
        image: &'static str,
        /// What it carries.
        carries: &'static str,
    },
}

impl ImageError {
    pub(crate) fn new(
        entity: &'static str,
        image: &'static str,
        kind: ChangeKind,
        view: StreamView,
    ) -> Self {
        match (kind, image) {
            (ChangeKind::Inserted, "old") => Self::None {
                entity,
                image,
                kind: "an inserted",
            },
            (ChangeKind::Removed, "new") => Self::None {
                entity,
                image,
                kind: "a removed",
            },
            _ => Self::NotCarried {
                entity,
                image,
                carries: match view {
                    StreamView::KeysOnly => "keys alone (KEYS_ONLY)",
                    StreamView::NewImage => "new images alone (NEW_IMAGE)",
                    StreamView::OldImage => "old images alone (OLD_IMAGE)",
                    StreamView::NewAndOldImages => "both, and this record does not",
                },
            },
        }
    }
}

/// DynamoDB, or the way to it, answered with an error.
#[derive(Debug, thiserror::Error)]
#[error("KF1014: {operation} on table `{table}` failed: {code}")]
pub struct RequestError {
    /// The operation.
    pub operation: &'static str,
    /// The table.
    pub table: String,
    /// The service's code, or what kind of failure it was.
    pub code: String,
    /// What the SDK says.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

impl RequestError {
    /// What went wrong with `operation` on `table`.
    pub fn new<E, R>(operation: &'static str, table: &str, error: SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        let code = match error.code() {
            Some(code) => code.to_owned(),
            None => match &error {
                SdkError::ConstructionFailure(_) => "the request could not be built",
                SdkError::TimeoutError(_) => "timed out",
                SdkError::DispatchFailure(_) => "no connection",
                SdkError::ResponseError(_) => "the answer could not be read",
                _ => "unknown",
            }
            .to_owned(),
        };
        Self {
            operation,
            table: table.to_owned(),
            code,
            source: Box::new(error),
        }
    }

    /// Whether the service asked to slow down.
    pub fn is_throttled(&self) -> bool {
        matches!(
            self.code.as_str(),
            "ProvisionedThroughputExceededException"
                | "ThrottlingException"
                | "RequestLimitExceeded"
        )
    }

    /// Whether the table is not there.
    pub fn is_table_missing(&self) -> bool {
        self.code == "ResourceNotFoundException"
    }
}

/// Reading one item failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GetError {
    /// The key cannot be written.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The item cannot be read.
    #[error(transparent)]
    Item(#[from] ItemError),
    /// The request failed.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// `get` of an item that is not there.
    #[error("KF1007: no such `{entity}`")]
    NotFound {
        /// The entity.
        entity: &'static str,
    },
}

impl GetError {
    /// Whether the item is not there.
    pub fn is_not_found(&self) -> bool {
        matches!(self, GetError::NotFound { .. })
    }
}

/// Reading several items failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum QueryError {
    /// An argument cannot be written into a key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// An item cannot be read.
    #[error(transparent)]
    Item(#[from] ItemError),
    /// The request failed.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The cursor is not one for this question.
    #[error(transparent)]
    Cursor(#[from] CursorError),
    /// `max_items` were read and there are more.
    #[error(
        "KF1011: `{pattern}` has more than {max_items} items; raise `max_items` if that is meant, or read it in pages"
    )]
    TooMany {
        /// The pattern.
        pattern: &'static str,
        /// The limit.
        max_items: usize,
    },
    /// A filter on an attribute of the key that is queried.
    #[error(
        "KF1017: the filter of `{pattern}` is about `{attribute}`, a key attribute of what it reads: ask for it by the pattern's arguments, which reads less"
    )]
    FilterOnKey {
        /// The pattern.
        pattern: &'static str,
        /// The attribute.
        attribute: &'static str,
    },
    /// `get` of a collection that is not there.
    #[error("KF1007: nothing found by `{pattern}`")]
    NotFound {
        /// The pattern.
        pattern: &'static str,
    },
}

impl QueryError {
    /// Whether the collection is not there.
    pub fn is_not_found(&self) -> bool {
        matches!(self, QueryError::NotFound { .. })
    }

    /// Whether the cursor was refused.
    pub fn is_cursor_refused(&self) -> bool {
        matches!(self, QueryError::Cursor(_))
    }
}

/// A cursor that is garbled, altered, sealed with another secret, or made for another question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("KF1010: the cursor does not belong to this question; start from the first page")]
pub struct CursorError;

/// Writing one item (with what is kept in step with it) failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The key cannot be written.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The item cannot be written.
    #[error(transparent)]
    Item(#[from] ItemError),
    /// The request failed.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// Reading the item first, which this write needs, failed.
    #[error("the item could not be read before it is written")]
    Read(#[source] Box<GetError>),
    /// `create` of an item that is there.
    #[error("KF1008: this `{entity}` is already there")]
    AlreadyThere {
        /// The entity.
        entity: &'static str,
    },
    /// A `#[unique]` value that another item holds.
    #[error("KF1008: the `{unique}` of this `{entity}` is taken")]
    Taken {
        /// The entity.
        entity: &'static str,
        /// The name of the unique value.
        unique: &'static str,
    },
    /// A write to an item that is not there.
    #[error("KF1007: no such `{entity}`")]
    NotFound {
        /// The entity.
        entity: &'static str,
    },
    /// The condition does not hold, or the item changed since it was loaded.
    #[error("KF1009: the condition on this `{entity}` does not hold")]
    Condition {
        /// The entity.
        entity: &'static str,
    },
    /// Another transaction held the item, and retrying did not help.
    #[error("KF1013: other transactions hold this `{entity}`; try again")]
    Conflict {
        /// The entity.
        entity: &'static str,
    },
    /// A change within a value that is not there.
    #[error(
        "KF1020: a change leads into a value that this `{entity}` does not have; set the value whole, or ask for it first: `when(|f| f.field.exists())`"
    )]
    NoPlace {
        /// The entity.
        entity: &'static str,
    },
    /// Nothing can be sent as asked.
    #[error("KF1012: {reason}")]
    Unsendable {
        /// Why.
        reason: String,
    },
}

impl WriteError {
    /// Whether the item, or a unique value of it, is already there.
    pub fn is_already_there(&self) -> bool {
        matches!(
            self,
            WriteError::AlreadyThere { .. } | WriteError::Taken { .. }
        )
    }

    /// Whether the item is not there.
    pub fn is_not_found(&self) -> bool {
        matches!(self, WriteError::NotFound { .. })
    }

    /// Whether a condition does not hold.
    pub fn is_condition_failed(&self) -> bool {
        matches!(self, WriteError::Condition { .. })
    }
}

/// The item that was there when a condition was refused. It shows nothing of itself in messages.
#[derive(Clone)]
pub struct Existing {
    item: Option<Box<Item>>,
    table: &'static TableModel<'static>,
}

impl Existing {
    pub(crate) fn new(item: Option<Item>, table: &'static TableModel<'static>) -> Self {
        Self {
            item: item.map(Box::new),
            table,
        }
    }

    /// Its attributes, if it is there.
    pub fn item(&self) -> Option<&Item> {
        self.item.as_deref()
    }

    /// The item as an `E`, if it is there.
    ///
    /// # Errors
    /// If it does not fit the struct.
    pub fn read<E: Entity>(self) -> Option<Result<E, ItemError>> {
        let item = *self.item?;
        Some(from_item(item, self.table))
    }
}

impl std::fmt::Debug for Existing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.item.is_some() {
            "an item"
        } else {
            "nothing"
        })
    }
}

/// A transaction failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransactError<R> {
    /// An operation was refused, and this is what you called it.
    #[error("refused")]
    Refused(R),
    /// An operation was refused, and no `.or(..)` names it.
    #[error("KF1013: operation {operation} of the transaction, {verb} `{entity}`, was refused")]
    Condition {
        /// Its place, from 0.
        operation: usize,
        /// What it does.
        verb: &'static str,
        /// The entity.
        entity: &'static str,
        /// The item that is there.
        existing: Existing,
    },
    /// Other transactions held the items, and retrying did not help.
    #[error("KF1013: other transactions hold these items; try again")]
    Conflict,
    /// An operation cannot be written, or nothing can be sent as asked.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl<R> TransactError<R> {
    /// The refusal, if it is one.
    pub fn refusal(&self) -> Option<&R> {
        match self {
            TransactError::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }
}

/// Creating or checking the table failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// The request failed.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The table is there.
    #[error("KF1008: table `{table}` is already there; `.if_missing()` leaves it as it is")]
    AlreadyThere {
        /// Its name.
        table: String,
    },
    /// The table did not become active.
    #[error(
        "table `{table}` did not become active within a minute; look at its status and try again"
    )]
    NotActive {
        /// Its name.
        table: String,
    },
    /// The model has what this table cannot be made with.
    #[error("table `{table}` cannot be made as modelled: {reason}")]
    Model {
        /// Its name.
        table: String,
        /// Why.
        reason: String,
    },
}
