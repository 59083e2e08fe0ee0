//! A single-table design as data.
//!
//! A [`TableModel`] holds the [entities](EntityModel), the [key templates](Template) they are
//! written under, the indexes and the access patterns. The same types are built as constants by
//! `#[derive(Table)]`, checked while compiling by [`check`], read at run time by everything that
//! works from the design, and written to and read from JSON.
//!
//! - [`part`]: how a value becomes text inside a key, injective and order-preserving; [`Timestamp`]
//!   and [`Id`] are such values.
//! - [`template`]: `PRODUCT#{id}` parsed, rendered and recognised.
//! - [`ranges`]: which sort keys a question covers.
//! - [`shard`]: which of several partitions an item is written to.
//! - [`check`]: entities that can write one item, patterns that read more than they say.
//! - [`errors`]: the registry of every error code.
//!
//! No I/O, no SDK.

mod build;
pub mod check;
pub mod errors;
pub mod id;
pub mod model;
pub mod part;
pub mod ranges;
pub mod shape;
pub mod shard;
pub mod template;
pub mod time;

pub use id::{Hex16, Id, IdFormat, UlidFormat, UuidFormat, UuidV7Format};
pub use model::{
    Allowance, Allowed, AttributeType, EntityModel, FieldModel, FieldRole, FormerPlace, IndexKey,
    IndexModel, KeptItem, KeptKind, KeyAttribute, KeyModel, Member, Multiplicity, PatternArgument,
    PatternGroupModel, PatternKind, PatternModel, Projection, RangeUse, ScopeModel, ShardModel,
    StreamView, TableModel, VersionModel, WhenAbsent,
};
pub use part::{KeyError, KeyPart, PartError, PartSource, PartText};
pub use shape::{Form, Modifier, Shape};
pub use template::{ParsedTemplate, Part, Segment, Template, TemplateError};
pub use time::{Timestamp, TimestampError, YearMonth};
