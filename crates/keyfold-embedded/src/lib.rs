//! `DynamoDB` in the process that uses it: an [`Engine`] in a folder or in memory, below the
//! ordinary SDK client.
//!
//! ```
//! use aws_sdk_dynamodb::types::{
//!     AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType,
//!     ScalarAttributeType,
//! };
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let client = keyfold_embedded::memory().client();
//! client
//!     .create_table()
//!     .table_name("Notes")
//!     .attribute_definitions(
//!         AttributeDefinition::builder()
//!             .attribute_name("pk")
//!             .attribute_type(ScalarAttributeType::S)
//!             .build()?,
//!     )
//!     .key_schema(KeySchemaElement::builder().attribute_name("pk").key_type(KeyType::Hash).build()?)
//!     .billing_mode(BillingMode::PayPerRequest)
//!     .send()
//!     .await?;
//! client
//!     .put_item()
//!     .table_name("Notes")
//!     .item("pk", AttributeValue::S("NOTE#1".into()))
//!     .send()
//!     .await?;
//! let note = client
//!     .get_item()
//!     .table_name("Notes")
//!     .key("pk", AttributeValue::S("NOTE#1".into()))
//!     .send()
//!     .await?;
//! assert!(note.item().is_some());
//! # Ok(()) }
//! ```
//!
//! The map:
//!
//! - [`memory`], [`open()`], [`Options`]: where the tables live and what a write survives
//! - [`Engine`]: clients, [`Changes`] of a table, snapshots, and a [`Served`] endpoint for programs
//!   in other languages, by the same way as the clients in process
//! - [`Faults`]: what AWS does and one machine does not, on demand: throttling, conflicts, stale reads,
//!   answers that are lost
//! - [`holder`]: who has a data folder open
//!
//! The engine is the crate `dynoxide-rs`, with `SQLite` inside. Its answers, errors and capacity
//! units are given on unchanged, but for one count that differs from `DynamoDB`'s documentation
//! (`ScannedCount` of a page that ends at 1 MB). What `DynamoDB` has and the engine has not, such as
//! backups, is refused with what to use instead. In front of it stand: no authentication, pages read
//! no further than they reach, reads beside a writer, long calls on threads of their own, streams
//! that stay as fast as they begin and end after a day, expired items deleted.
//!
//! Limits: one process holds a folder. A token of a transaction is remembered for ten minutes and
//! not beyond the process.

mod call;
mod changes;
mod connector;
mod describe;
mod engine;
mod faults;
mod folder;
mod handles;
mod operation;
mod options;
mod page;
mod scratch;
mod serve;
mod streams;
mod upkeep;
mod wire;

pub use changes::{Changed, Changes};
pub use engine::Engine;
pub use faults::{Fault, FaultReport, Faults, RequestName, Requests, UnknownFaults};
pub use folder::{Holder, OpenError, holder};
pub use options::{Durability, Options};
pub use serve::{ServeError, Served};

/// An engine whose tables are gone with its last handle: for tests and trying out.
///
/// Cannot fail; where no memory can be had for it, its clients answer each call with the reason
/// ([`Engine::open_error`]). The tables are in a folder of their own on a tmpfs (`/dev/shm`), or
/// the system's temporary folder; it is removed with the engine, and what a killed process leaves
/// is removed by the next.
pub fn memory() -> Engine {
    Options::new().memory()
}

/// An engine whose tables are in the folder `dir`, created where it is missing. An acknowledged
/// write survives the death of the process and the loss of power ([`Durability`]).
///
/// The folder's files: `engine.sqlite` with `engine.sqlite-wal` and `engine.sqlite-shm`, and
/// `keyfold.lock`. One process has a folder open at a time.
///
/// # Errors
/// [`OpenError::Held`] names the process that has it open; the others say what is wrong with the
/// folder or the file.
pub fn open(dir: impl AsRef<std::path::Path>) -> Result<Engine, OpenError> {
    Options::new().open(dir)
}
