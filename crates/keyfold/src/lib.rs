//! Single-table design on DynamoDB, declared once as Rust types.
//!
//! Declare what the items are ([`Entity`]), which questions are asked of them
//! ([`access_patterns`]) and the table that holds them ([`Table`]); keys, repositories, transactions
//! and the design as data follow from that. Below is always an ordinary
//! [`aws_sdk_dynamodb::Client`].
//!
//! | to | look at |
//! |---|---|
//! | read and write one item | [`Repo`] |
//! | change part of an item | [`Repo::patch`], [`Document`], [`Place`] |
//! | list, count, filter | [`Pages`] |
//! | read some fields of an entity | [`View`] |
//! | read an item collection into a struct | [`Collect`] |
//! | write several items, all or none | [`Transact`], [`retry()`] |
//! | create or check the table | [`Table::create_table`], [`Table::verify`] |
//! | keep tenants apart by type | [`Scope`], [`InScope`] |
//! | spread, move, upgrade or scan all items of an entity | [`Reshard`], [`Backfill`], [`Scan`] |
//! | see what would be sent | `request()` and `explain()` of every operation |
//! | run without AWS | `embedded` |

pub mod model;

mod batch;
mod change;
mod changes;
mod clock;
mod collect;
mod condition;
mod cost;
mod cursor;
mod entity;
mod errors;
mod explain;
mod field;
mod former;
mod item;
mod manage;
mod merge;
mod mirrors;
mod move_to;
mod pages;
mod pattern;
mod place;
mod query;
mod read;
mod repo;
mod reshard;
mod retry;
mod returning;
mod scan;
mod scope;
mod shard;
mod snapshot;
mod table;
mod transact;
mod update;
mod value;
mod version;
mod view;
mod walk;
mod write;

pub mod prelude;
pub mod testing;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

#[cfg(feature = "embedded")]
pub use keyfold_embedded as embedded;

pub use batch::{BatchError, BatchGet, BatchWrite, Found, Written};
pub use change::{Change, ChangeKind, NoStream, RawChange, TableChange};
pub use clock::{Clock, Randomness, SystemClock, SystemRandomness};
pub use collect::Collect;
pub use condition::Condition;
pub use cost::Cost;
pub use cursor::Cursor;
pub use entity::{
    Entity, EntityOf, Gathered, InIndex, ItemCollection, KeyOf, OnTableCollection, Scannable,
    SoftDelete, UniqueOf, Upsertable,
};
pub use errors::{
    CursorError, Existing, GetError, ImageError, ItemError, QueryError, RequestError, TableError,
    TransactError, WriteError,
};
pub use explain::Explanation;
pub use field::Field;
pub use item::{Item, size_bytes as item_size_bytes};
pub use keyfold_macros::{
    Document, Entity, ItemCollection, KeyPart, Refusal, Table, View, access_patterns,
};
pub use keyfold_model::{
    Hex16, Id, IdFormat, KeyError, KeyPart, PartError, StreamView, Timestamp, TimestampError,
    UlidFormat, UuidFormat, UuidV7Format, YearMonth,
};
pub use manage::{CreateTable, Difference};
pub use mirrors::{Drift, DriftKind, MirrorReport, VerifyMirrors};
pub use move_to::MoveTo;
pub use pages::{Count, OnIndex, OnTable, Page, Pages};
pub use pattern::PatternId;
pub use place::{Document, Nested, Place, Size, Stored};
pub use read::{Exists, Find, Get};
pub use repo::{Create, Purge, PutWhole, Remove, Repo, Restore};
pub use reshard::Reshard;
pub use retry::{Attempt, Policy, retry};
pub use returning::{Returning, ReturningOld};
pub use scan::Scan;
pub use scope::{InScope, NoScope, Scope, ScopeIds};
pub use table::{ListsPatterns, PatternGroup, Table, TableBuilder};
pub use transact::{NoRefusal, Refusal, Transact, WidensTo};
pub use value::{Bytes, Number, NumberError, set};
pub use version::Backfill;
pub use view::{Readable, View};
pub use walk::Progress;
pub use write::{Request, Write};

/// The guide's code, compiled.
#[cfg(doctest)]
mod guide {
    #[doc = include_str!("../../../docs/guide/keys.md")]
    struct Keys;
    #[cfg(feature = "embedded")]
    #[doc = include_str!("../../../docs/guide/repositories.md")]
    struct Repositories;
    #[cfg(feature = "embedded")]
    #[doc = include_str!("../../../docs/guide/access-patterns.md")]
    struct AccessPatterns;
    #[cfg(feature = "embedded")]
    #[doc = include_str!("../../../docs/guide/transactions.md")]
    struct Transactions;
    #[cfg(feature = "embedded")]
    #[doc = include_str!("../../../docs/guide/adopting.md")]
    struct Adopting;
    #[cfg(feature = "embedded")]
    #[doc = include_str!("../../../docs/guide/tenants.md")]
    struct Tenants;
    #[cfg(feature = "embedded")]
    #[doc = include_str!("../../../docs/guide/growing.md")]
    struct Growing;
    #[cfg(feature = "embedded")]
    #[doc = include_str!("../../../docs/guide/faults.md")]
    struct Faults;
}
