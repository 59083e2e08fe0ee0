//! A table's stream as typed changes, given to handlers.
//!
//! ```
//! use keyfold::prelude::*;
//! use keyfold_stream::{Context, HandlerError, Pipeline, Source};
//!
//! #[derive(Table, Clone)]
//! #[table(pk = "PK", sk = "SK", stream = new_and_old_images)]
//! struct Shop { orders: Repo<Order>, totals: Repo<Total> }
//!
//! #[derive(Entity, Serialize, Deserialize)]
//! #[key(pk = "CUSTOMER#{customer}", sk = "ORDER#{number}")]
//! struct Order { customer: String, number: u32, cents: i64 }
//!
//! #[derive(Entity, Serialize, Deserialize)]
//! #[key(pk = "CUSTOMER#{customer}", sk = "TOTAL")]
//! struct Total { #[key_only] customer: String, #[counter] cents: i64 }
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let engine = keyfold::embedded::memory();
//! let shop = Shop::builder(engine.client()).build();
//! shop.create_table().if_missing().await?;
//!
//! let db = shop.clone();
//! let pipeline = Pipeline::new("totals").on(move |change: Change<Order>, cx: Context| {
//!     let db = db.clone();
//!     async move {
//!         let order = change.into_new()?;
//!         let add = db.totals.upsert(TotalKey { customer: order.customer }).add_cents(order.cents);
//!         cx.once(db.transact().apply(add)).commit().await?;
//!         Ok::<(), HandlerError>(())
//!     }
//! });
//! let running = pipeline.start(&shop, Source::embedded(&engine)).await?;
//!
//! shop.orders.put(Order { customer: "ada".into(), number: 1, cents: 250 }).await?;
//! running.caught_up().await;
//! let total = shop.totals.get(TotalKey { customer: "ada".into() }).await?;
//! assert_eq!(total.cents, 250);
//! running.stop().await;
//! # Ok(()) }
//! ```
//!
//! | to | look at |
//! |---|---|
//! | say what is done with changes, and how often it is tried | [`Pipeline`], [`Handler`], [`HandlerError`] |
//! | know a record again, write once for it | [`Context`] |
//! | run it | [`Pipeline::start`] with a [`Source`] |
//! | run it on AWS Lambda | [`lambda`] |
//! | see how far it is, stop it | [`Running`] |
//! | look after it from outside | [`operate`] |
//!
//! What is promised: every change is given to its handlers at least once, those of one item in the
//! order they were written and never two at a time. What is kept, in `<table>-streams`: the position
//! of each shard and who reads it, dead letters, markers. Without changes nothing is written there.
//!
//! Limits: order holds within an item, not between items. A record that is set aside, and one that
//! is replayed, has been overtaken by what came after it.

mod handler;
pub mod lambda;
mod once;
pub mod operate;
mod pipeline;
mod record;
mod running;
mod source;
pub mod table;
mod worker;

pub use handler::{Context, Handler, HandlerError};
pub use once::{Applied, Once};
pub use pipeline::{Pipeline, Start};
pub use record::{JsonRecord, Record};
pub use running::{Running, ShardStatus, StartError, Status};
pub use source::Source;

/// The guide's code, compiled.
#[cfg(all(doctest, feature = "embedded"))]
#[doc = include_str!("../../../docs/guide/streams.md")]
struct Guide;
