//! What generated code reaches. No promise of stability.

pub use std::borrow::Cow;
pub use std::sync::Arc;

pub use aws_sdk_dynamodb::Client;
pub use aws_sdk_dynamodb::types::AttributeValue;
pub use keyfold_model::check::{assert_entity, assert_nested, assert_pattern, assert_view};
pub use keyfold_model::shape::Kind;
pub use keyfold_model::template::literal_hash;
pub use keyfold_model::*;

pub use crate::change::{Change, NoStream, RawChange, TableChange};
pub use crate::collect::{Collect, Sorted, part};
pub use crate::condition::Condition;
pub use crate::entity::{
    Entity, EntityOf, Gathered, InIndex, ItemCollection, KeyOf, OnTableCollection, Scannable,
    SoftDelete, UniqueOf, Upsertable, count_all, index_of, join_designs, join_members,
    many_members,
};
pub use crate::errors::ItemError;
pub use crate::field::{Argument, AsPart, AsPartRange, Field, PartRef};
pub use crate::item::{Item, KeptRow, read_part, write_optional_part, write_part};
pub use crate::mirrors::kept_of;
pub use crate::pages::{OnIndex, OnTable, Pages};
pub use crate::place::{Document, Nested, Place, Root};
pub use crate::repo::Repo;
pub use crate::returning::{Returning, ReturningOld};
pub use crate::scope::{Holds, InScope, NoScope, Scope, ScopeName, in_scope};
pub use crate::table::{Core, ListsPatterns, PatternGroup, Table, TableBuilder};
pub use crate::transact::Refusal;
pub use crate::update::{Blind, Loaded, Mode, Update};
pub use crate::value::AttributeSerializer;
pub use crate::version::{read_version, unread_version, upcast_step};
pub use crate::view::{Readable, View, read_view};
pub use crate::write::{Operation, Write};
