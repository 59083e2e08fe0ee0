//! What the derives implement: [`Entity`], its [key](KeyOf), and the [item collection](ItemCollection).

use std::borrow::Cow;

use aws_sdk_dynamodb::types::AttributeValue;
use keyfold_model::{EntityModel, KeyModel, Member, Multiplicity, PartError, PartSource, PartText};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::collect::Sorted;
use crate::errors::ItemError;
use crate::item::{Item, KeptRow};
use crate::table::Core;
use crate::update::{Blind, Loaded, Update};
use crate::version::unread_version;

/// A kind of item: implemented by `#[derive(Entity)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an entity",
    note = "add `#[derive(Entity, Serialize, Deserialize)]` and a `#[key(..)]` to `{Self}`"
)]
pub trait Entity: Serialize + DeserializeOwned + Send + Sync + Sized + 'static {
    /// Its key: `ProductKey { id }`.
    type Key: KeyOf<Self>;
    /// The types of the partition key's parts; members of a collection share them.
    type Pk;
    /// Handles of its fields, for conditions and arguments.
    type Fields: Copy;
    /// What `patch` and `upsert` give.
    type Patch: From<Update<Self, Blind<Self>>>;
    /// What `edit` gives.
    type Edit<'a>: From<Update<Self, Loaded<'a, Self>>>
    where
        Self: 'a;
    /// Its design.
    const SPEC: EntityModel<'static>;

    /// Handles of its fields.
    fn fields() -> Self::Fields;

    /// Its key.
    fn key(&self) -> Self::Key;

    /// Its design, by reference.
    #[doc(hidden)]
    fn spec() -> &'static EntityModel<'static> {
        const { &Self::SPEC }
    }

    /// Writes the field with this place into a key; `false` if it has no value.
    #[doc(hidden)]
    fn write_part(&self, field: u16, out: &mut PartText<'_>) -> Result<bool, PartError>;

    /// The attribute of a key-only field, from its text in the key.
    #[doc(hidden)]
    fn read_part(field: u16, source: PartSource<'_>) -> Result<AttributeValue, ItemError>;

    /// The entity of an item that was stored in an older version.
    #[doc(hidden)]
    fn upcast(version: u32, _item: Item) -> Result<Self, ItemError> {
        Err(unread_version::<Self>(version))
    }

    /// The items kept in step with this one.
    #[doc(hidden)]
    fn kept(&self, core: &Core) -> Result<Vec<KeptRow>, ItemError>;
}

/// The key of an `E`.
pub trait KeyOf<E>: Clone + Send + Sync + 'static {
    /// Writes the field with this place; `false` if the key does not hold it.
    #[doc(hidden)]
    fn write_part(&self, field: u16, out: &mut PartText<'_>) -> Result<bool, PartError>;

    /// The attribute of a field that stands in the key and is stored beside it too: what an upsert
    /// writes of the key, so that the item can be read back. None for entities that are not upserted.
    #[doc(hidden)]
    fn attribute(&self, _field: u16) -> Result<Option<AttributeValue>, ItemError> {
        Ok(None)
    }
}

/// An entity that a table lists: emitted by `#[derive(Table)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an entity of table `{T}`",
    label = "not in this table",
    note = "add a field `Repo<{Self}>` to `{T}`"
)]
pub trait EntityOf<T>: Entity {}

/// An entity of which any field may be absent, so that `upsert` never leaves half an item.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be upserted: a field that is not given would be missing from the item",
    note = "`upsert` needs every field outside the key to be a `#[counter]`, an `Option`, a list, set or map, or to have `#[serde(default)]`; use `create`, `put`, `patch` or `edit`"
)]
pub trait Upsertable: Entity {}

/// An entity of which all items may be read: it says `#[entity(allow(scan, reason = ".."))]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not allow to be scanned",
    note = "a scan reads the whole table, and costs that; where it is meant, say why: `#[entity(allow(scan, reason = \"..\"))]` on `{Self}`"
)]
pub trait Scannable: Entity {}

/// An entity with a `#[soft_delete]` field: what is deleted can be restored.
#[diagnostic::on_unimplemented(
    message = "a deleted `{Self}` is gone",
    note = "add `#[soft_delete] deleted: Option<Timestamp>` to `{Self}`, so that what is deleted can be restored"
)]
pub trait SoftDelete: Entity {}

/// A name in `#[unique(name, ..)]`: the variants of `ProductUnique`.
pub trait UniqueOf: Copy + Send + 'static {
    /// The entity.
    type Entity: Entity;
    /// The name the kept item has in the model.
    #[doc(hidden)]
    fn name(self) -> &'static str;
}

/// A parent and its children in one struct: implemented by `#[derive(ItemCollection)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an item collection",
    note = "a pattern gives `Pages<Entity>` of one entity, or `Collect<Collection>` of a `#[derive(ItemCollection)]`"
)]
pub trait ItemCollection: Sized + Send + 'static {
    /// The entity whose partition it is.
    type Of: Entity;
    /// The types of that partition key's parts.
    type Pk;
    /// The index it is read from; none for the table.
    const INDEX: Option<&'static str> = None;
    /// Its members.
    const MEMBERS: &'static [Member<'static>];
    /// The designs of its members, in the order of [`ItemCollection::MEMBERS`], `Skipped` ones left out.
    #[doc(hidden)]
    const DESIGNS: &'static [&'static EntityModel<'static>];
    /// Puts it together from sorted items.
    #[doc(hidden)]
    fn assemble(items: &mut Sorted) -> Result<Self, ItemError>;
}

/// What a collection gathers many of: an entity, or a collection that lies under each item of its parent.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither an entity nor an item collection",
    note = "`#[many]` is a `Vec` of an entity, or of a `#[derive(ItemCollection)]` whose items lie under each parent"
)]
pub trait Gathered: Sized {
    /// The entity itself, or the parent of the collection.
    type Head: Entity;
    /// The entities that are read for it.
    #[doc(hidden)]
    const READ: &'static [Member<'static>];
    /// The index it is read from, where it says so.
    #[doc(hidden)]
    const ON: Option<Option<&'static str>>;
    /// Their designs, but for what is skipped.
    #[doc(hidden)]
    const DESIGNS: &'static [&'static EntityModel<'static>];
    /// All of them.
    #[doc(hidden)]
    fn gather(items: &mut Sorted) -> Result<Vec<Self>, ItemError>;
}

impl<E: Entity> Gathered for E {
    type Head = E;

    const READ: &'static [Member<'static>] = &[Member {
        entity: Cow::Borrowed(EntityModel::static_name(const { &E::SPEC })),
        multiplicity: Multiplicity::Many,
    }];
    const ON: Option<Option<&'static str>> = None;
    const DESIGNS: &'static [&'static EntityModel<'static>] = &[const { &E::SPEC }];

    fn gather(items: &mut Sorted) -> Result<Vec<Self>, ItemError> {
        items.many()
    }
}

/// How many these lists have together.
#[doc(hidden)]
pub const fn count_all<T>(lists: &[&[T]]) -> usize {
    let (mut count, mut i) = (0, 0);
    while i < lists.len() {
        count += lists[i].len();
        i += 1;
    }
    count
}

/// The designs of several lists.
#[doc(hidden)]
pub const fn join_designs<const N: usize>(
    lists: &'static [&'static [&'static EntityModel<'static>]],
    first: &'static EntityModel<'static>,
) -> [&'static EntityModel<'static>; N] {
    let mut joined = [first; N];
    let (mut place, mut i) = (0, 0);
    while i < lists.len() {
        let mut at = 0;
        while at < lists[i].len() {
            joined[place] = lists[i][at];
            place += 1;
            at += 1;
        }
        i += 1;
    }
    joined
}

/// The members of several lists.
#[doc(hidden)]
pub const fn join_members<const N: usize>(
    lists: &'static [&'static [Member<'static>]],
) -> [Member<'static>; N] {
    let mut joined = [const {
        Member {
            entity: Cow::Borrowed(""),
            multiplicity: Multiplicity::Many,
        }
    }; N];
    let (mut place, mut i) = (0, 0);
    while i < lists.len() {
        let mut at = 0;
        while at < lists[i].len() {
            let copy = lists[i][at].counted(lists[i][at].multiplicity);
            // What stood there borrows a constant: there is nothing to drop.
            core::mem::forget(core::mem::replace(&mut joined[place], copy));
            place += 1;
            at += 1;
        }
        i += 1;
    }
    joined
}

/// The members of a nested collection, as the outer one has them: many of each.
#[doc(hidden)]
pub const fn many_members<const N: usize>(
    members: &'static [Member<'static>],
) -> [Member<'static>; N] {
    let mut many = [const {
        Member {
            entity: Cow::Borrowed(""),
            multiplicity: Multiplicity::Many,
        }
    }; N];
    let mut at = 0;
    while at < N {
        let multiplicity = match members[at].multiplicity {
            Multiplicity::Skipped => Multiplicity::Skipped,
            _ => Multiplicity::Many,
        };
        let copy = members[at].counted(multiplicity);
        core::mem::forget(core::mem::replace(&mut many[at], copy));
        at += 1;
    }
    many
}

/// An entity with a key in the index whose name has this hash: emitted by `#[derive(Entity)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no key in the index of this collection",
    label = "not in this index",
    note = "add `#[index(..)]` with that index to `{Self}`"
)]
pub trait InIndex<const NAME: u32>: Entity {
    /// The types of its partition key's parts there.
    type Pk;
}

/// A collection that is read from the table, and so may be read consistently.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is read from an index, which has no consistent reads",
    note = "read it without `.consistent()`"
)]
pub trait OnTableCollection: ItemCollection {}

/// The index of a collection, as a pattern has it.
#[doc(hidden)]
pub const fn index_of<C: ItemCollection>() -> Option<Cow<'static, str>> {
    match C::INDEX {
        Some(index) => Some(Cow::Borrowed(index)),
        None => None,
    }
}

/// The sort-key templates that bound a collection.
pub(crate) fn member_keys(
    specs: &[&'static EntityModel<'static>],
    index: Option<&str>,
) -> Vec<&'static KeyModel<'static>> {
    specs.iter().filter_map(|spec| spec.key_in(index)).collect()
}
