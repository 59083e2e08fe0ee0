//! The design: table, entities, indexes, access patterns.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::shape::Modifier;
use crate::template::{Part, Template, literal_hash};

/// Text that is borrowed in a constant and owned when read from JSON.
type Str<'a> = Cow<'a, str>;
/// A list that is borrowed in a constant and owned when read from JSON.
type List<'a, T> = Cow<'a, [T]>;

/// One table and everything in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableModel<'a> {
    /// The name of its type.
    pub name: Str<'a>,
    /// The partition key.
    pub pk: KeyAttribute<'a>,
    /// The sort key.
    pub sk: Option<KeyAttribute<'a>>,
    /// The time-to-live attribute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl: Option<Str<'a>>,
    /// The attribute that names the entity, written on every item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<Str<'a>>,
    /// The stream, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream: Option<StreamView>,
    /// What its keys begin with, so that each tenant's items lie apart.
    #[serde(default, skip_serializing_if = "no_items")]
    pub scopes: List<'a, ScopeModel<'a>>,
    /// What it accepts knowingly.
    #[serde(default, skip_serializing_if = "no_items")]
    pub allows: List<'a, Allowance<'a>>,
    /// Its indexes.
    pub indexes: List<'a, IndexModel<'a>>,
    /// The kinds of items.
    pub entities: List<'a, EntityModel<'a>>,
    /// The questions, by block.
    pub patterns: List<'a, PatternGroupModel<'a>>,
}

/// What keys of a table begin with: `tenant = "TENANT#{TenantId}"`, or, below another scope,
/// `capsule = "{tenant}#CAPSULE#{CapsuleId}"`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeModel<'a> {
    /// Its name, as templates use it: `{tenant}`.
    pub name: Str<'a>,
    /// The type of its identifier, as written.
    pub id: Str<'a>,
    /// What it is written as. The last part is its identifier and has the scope's name; the first one may be
    /// the scope above.
    pub template: Template<'a>,
}

impl<'a> ScopeModel<'a> {
    /// The scope above it.
    pub fn parent(&self) -> Option<&str> {
        let part = self.template.segments.first()?.part.as_ref()?;
        (part.modifier == Modifier::Scope).then_some(&*part.field)
    }

    /// The part that is its identifier.
    pub fn own_part(&self) -> Option<&Part<'a>> {
        self.template.segments.last()?.part.as_ref()
    }
}

/// Something that costs, and is accepted with a reason: audit, cost and docs repeat it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allowance<'a> {
    /// What is accepted.
    pub what: Allowed,
    /// Why.
    pub reason: Str<'a>,
}

/// What can be accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Allowed {
    /// Reading whole tables.
    Scan,
}

/// A key attribute of a table or index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyAttribute<'a> {
    /// Its name.
    pub name: Str<'a>,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: AttributeType,
}

/// The types a key attribute can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AttributeType {
    /// String.
    S,
    /// Number.
    N,
    /// Binary.
    B,
}

impl AttributeType {
    /// As DynamoDB writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            AttributeType::S => "S",
            AttributeType::N => "N",
            AttributeType::B => "B",
        }
    }
}

/// What a stream record holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum StreamView {
    /// The key alone.
    KeysOnly,
    /// The item after the change.
    NewImage,
    /// The item before the change.
    OldImage,
    /// Both.
    NewAndOldImages,
}

impl StreamView {
    /// As DynamoDB writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            StreamView::KeysOnly => "KEYS_ONLY",
            StreamView::NewImage => "NEW_IMAGE",
            StreamView::OldImage => "OLD_IMAGE",
            StreamView::NewAndOldImages => "NEW_AND_OLD_IMAGES",
        }
    }
}

/// A secondary index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexModel<'a> {
    /// The identifier entities use.
    pub id: Str<'a>,
    /// The name DynamoDB knows.
    pub name: Str<'a>,
    /// Its partition key.
    pub pk: KeyAttribute<'a>,
    /// Its sort key.
    pub sk: Option<KeyAttribute<'a>>,
    /// What it holds beside the keys.
    pub projection: Projection<'a>,
    /// Whether it shares the table's partition key and is made with the table.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub local: bool,
}

/// What an index holds beside the keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Projection<'a> {
    /// Every attribute.
    All,
    /// The keys alone.
    Keys,
    /// The keys and these attributes.
    Include(List<'a, Str<'a>>),
}

impl Projection<'_> {
    /// As DynamoDB writes it.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Projection::All => "ALL",
            Projection::Keys => "KEYS_ONLY",
            Projection::Include(_) => "INCLUDE",
        }
    }
}

/// A kind of item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "EntityData<'a>")]
pub struct EntityModel<'a> {
    /// The name of its type.
    pub name: Str<'a>,
    /// Of the name; comparing hashes first keeps the checks cheap while compiling.
    #[serde(skip_serializing)]
    pub hash: u32,
    /// What it is, from its doc comment.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub doc: Str<'a>,
    /// Where it is written.
    pub key: KeyModel<'a>,
    /// Where it appears in indexes.
    #[serde(skip_serializing_if = "no_items")]
    pub indexes: List<'a, IndexKey<'a>>,
    /// Its fields.
    pub fields: List<'a, FieldModel<'a>>,
    /// The items kept in step with it, in the same transaction.
    #[serde(skip_serializing_if = "no_items")]
    pub kept: List<'a, KeptItem<'a>>,
    /// Entities whose keys it may knowingly meet.
    #[serde(skip_serializing_if = "no_items")]
    pub shared_with: List<'a, Str<'a>>,
    /// Whether it belongs to no scope of its table.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub global: bool,
    /// How its items are spread over several partitions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shard: Option<ShardModel<'a>>,
    /// Which shape of the struct is written, where older ones are still read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<VersionModel<'a>>,
    /// What it accepts knowingly.
    #[serde(skip_serializing_if = "no_items")]
    pub allows: List<'a, Allowance<'a>>,
}

/// Items of one partition spread over several, by the hash of a part of their key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardModel<'a> {
    /// How many partitions.
    pub count: u16,
    /// The field whose text is hashed.
    pub by: Str<'a>,
    /// The field's place in [`EntityModel::fields`].
    #[serde(skip)]
    pub by_index: u16,
    /// Where its items were before, while they are moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<FormerPlace<'a>>,
}

/// Where the items of a sharded entity were before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FormerPlace<'a> {
    /// In so many shards under the same template.
    Shards(u16),
    /// In one partition, under the same sort key.
    Unsharded(Template<'a>),
}

/// The shape of an entity's stored items.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionModel<'a> {
    /// The one that is written.
    pub current: u32,
    /// The attribute that says an item's version; absent is version 1.
    pub attribute: Str<'a>,
    /// The older ones that are still read, oldest first.
    pub reads: List<'a, u32>,
}

#[derive(Deserialize)]
struct EntityData<'a> {
    name: Str<'a>,
    #[serde(default)]
    doc: Str<'a>,
    key: KeyModel<'a>,
    #[serde(default)]
    indexes: List<'a, IndexKey<'a>>,
    fields: List<'a, FieldModel<'a>>,
    #[serde(default)]
    kept: List<'a, KeptItem<'a>>,
    #[serde(default)]
    shared_with: List<'a, Str<'a>>,
    #[serde(default)]
    global: bool,
    #[serde(default)]
    shard: Option<ShardModel<'a>>,
    #[serde(default)]
    version: Option<VersionModel<'a>>,
    #[serde(default)]
    allows: List<'a, Allowance<'a>>,
}

impl<'a> From<EntityData<'a>> for EntityModel<'a> {
    fn from(mut data: EntityData<'a>) -> Self {
        data.key.place_fields(&data.fields);
        for index in data.indexes.to_mut() {
            index.key.place_fields(&data.fields);
        }
        if let Some(shard) = &mut data.shard {
            shard.by_index = place_of(&data.fields, &shard.by).unwrap_or_default();
            if let Some(FormerPlace::Unsharded(pk)) = &mut shard.was {
                pk.place_fields(&data.fields);
            }
        }
        Self {
            hash: literal_hash(&data.name),
            name: data.name,
            doc: data.doc,
            key: data.key,
            indexes: data.indexes,
            fields: data.fields,
            kept: data.kept,
            shared_with: data.shared_with,
            global: data.global,
            shard: data.shard,
            version: data.version,
            allows: data.allows,
        }
    }
}

fn place_of(fields: &[FieldModel<'_>], name: &str) -> Option<u16> {
    let place = fields.iter().position(|field| field.name == name)?;
    place.try_into().ok()
}

impl KeyModel<'_> {
    /// JSON names the fields of a key; their places follow from the list of fields.
    fn place_fields(&mut self, fields: &[FieldModel<'_>]) {
        for template in std::iter::once(&mut self.pk).chain(&mut self.sk) {
            template.place_fields(fields);
        }
    }
}

impl Template<'_> {
    fn place_fields(&mut self, fields: &[FieldModel<'_>]) {
        let segments = self.segments.to_mut().iter_mut();
        for part in segments.filter_map(|segment| segment.part.as_mut()) {
            part.field_index = if part.modifier.is_placed() {
                Part::NO_FIELD
            } else {
                place_of(fields, &part.field).unwrap_or(Part::NO_FIELD)
            };
        }
    }
}

/// A key: partition key and sort key templates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyModel<'a> {
    /// The partition key's.
    pub pk: Template<'a>,
    /// The sort key's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sk: Option<Template<'a>>,
}

/// An entity's key in an index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "IndexKeyData<'a>")]
pub struct IndexKey<'a> {
    /// The [`IndexModel::id`].
    pub index: Str<'a>,
    /// Of the index's id, see [`EntityModel::hash`].
    #[serde(skip_serializing)]
    pub hash: u32,
    /// Its templates.
    #[serde(flatten)]
    pub key: KeyModel<'a>,
}

#[derive(Deserialize)]
struct IndexKeyData<'a> {
    index: Str<'a>,
    #[serde(flatten)]
    key: KeyModel<'a>,
}

impl<'a> From<IndexKeyData<'a>> for IndexKey<'a> {
    fn from(data: IndexKeyData<'a>) -> Self {
        Self {
            hash: literal_hash(&data.index),
            index: data.index,
            key: data.key,
        }
    }
}

/// A field of an entity.
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent marks of a field, each a key of its JSON"
)]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldModel<'a> {
    /// The field's name in Rust.
    pub name: Str<'a>,
    /// The attribute it is stored as.
    pub attribute: Str<'a>,
    /// Its Rust type, as written.
    #[serde(rename = "type")]
    pub type_name: Str<'a>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "is_plain")]
    pub role: FieldRole,
    /// Whether it may have no value.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
    /// Written into the key alone, not as an attribute.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub key_only: bool,
    /// Whether no value means no attribute, instead of NULL.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub omit_none: bool,
    /// Whether it is stored as a set.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub set: bool,
    /// What it is when an item lacks the attribute.
    #[serde(default, skip_serializing_if = "is_an_error")]
    pub when_absent: WhenAbsent,
}

/// What a field is when an item lacks its attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhenAbsent {
    /// The item is not readable.
    #[default]
    Error,
    /// `None`, or what `#[serde(default)]` says.
    Default,
    /// 0.
    Zero,
    /// An empty list or set.
    EmptyList,
    /// An empty map.
    EmptyMap,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_an_error(absent: &WhenAbsent) -> bool {
    *absent == WhenAbsent::Error
}

/// What a field is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldRole {
    /// The application's own.
    #[default]
    Plain,
    /// A number that is raised by ADD; absent is 0.
    Counter,
    /// When the item came to be; an upsert stamps it once.
    Created,
    /// When it last changed; every update stamps it.
    Updated,
    /// Raised by every update, and checked by `edit`.
    Version,
    /// When it expires; stored as the table's time-to-live attribute.
    Ttl,
    /// The identifier of the scope it belongs to: the same as the handle's.
    Scope,
    /// When it was deleted; an item that has one is not found unless it is asked for.
    Deleted,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_plain(role: &FieldRole) -> bool {
    *role == FieldRole::Plain
}

fn no_items<T>(list: &[T]) -> bool {
    list.is_empty()
}

/// An item that is written with another, in one transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptItem<'a> {
    /// What it is for.
    pub kind: KeptKind,
    /// The name it has in refusals: `Code` for `#[unique(code, ..)]`.
    pub name: Str<'a>,
    /// The entity it is.
    pub entity: Str<'a>,
    /// Its fields, and the owner's fields they are set from.
    pub fields: List<'a, (Str<'a>, Str<'a>)>,
}

/// What a kept item is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeptKind {
    /// It claims a value: creating it twice is refused.
    Unique,
    /// It repeats some fields under another key.
    Mirror,
}

/// A block of access patterns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatternGroupModel<'a> {
    /// Its name; empty for the block without one.
    pub name: Str<'a>,
    /// Its patterns.
    pub patterns: List<'a, PatternModel<'a>>,
}

/// A question the application asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatternModel<'a> {
    /// Its stable id: `products-by-brand`.
    pub id: Str<'a>,
    /// What it answers, from its doc comment.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub doc: Str<'a>,
    /// Whether it gives pages of one entity or whole collections.
    pub kind: PatternKind,
    /// The entity or collection it gives.
    pub gives: Str<'a>,
    /// The entities it reads; for one entity, that one.
    pub members: List<'a, Member<'a>>,
    /// The [`IndexModel::id`] it runs on, or the table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<Str<'a>>,
    /// What is asked.
    pub arguments: List<'a, PatternArgument<'a>>,
    /// Whether it reads backwards.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub newest_first: bool,
    /// Items a page gives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// Items a collection may have before it is an error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_items: Option<u32>,
}

/// What a pattern gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PatternKind {
    /// Pages of one entity.
    Pages,
    /// One item collection, whole.
    Collect,
}

/// An entity that a pattern reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member<'a> {
    /// The entity.
    pub entity: Str<'a>,
    /// How many of it.
    pub multiplicity: Multiplicity,
}

/// How many items of a member a collection holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Multiplicity {
    /// Exactly one.
    One,
    /// One or none.
    Optional,
    /// Any number.
    Many,
    /// Read because it lies between, and dropped: `#[skip(Scan)]`.
    Skipped,
}

/// What a pattern asks of one key part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatternArgument<'a> {
    /// The field.
    pub field: Str<'a>,
    /// How.
    #[serde(rename = "use")]
    pub range: RangeUse,
}

/// How an argument bounds its key part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RangeUse {
    /// The same value.
    Equal,
    /// This value and what comes after.
    From,
    /// This value and what comes before.
    To,
    /// Two values and what lies between.
    Between,
    /// Text that starts so.
    Begins,
}

impl<'a> TableModel<'a> {
    /// The entity of this name.
    pub fn entity(&self, name: &str) -> Option<&EntityModel<'a>> {
        self.entities.iter().find(|entity| entity.name == name)
    }

    /// The scope of this name.
    pub fn scope(&self, name: &str) -> Option<&ScopeModel<'a>> {
        self.scopes.iter().find(|scope| scope.name == name)
    }

    /// The index of this identifier.
    pub fn index(&self, id: &str) -> Option<&IndexModel<'a>> {
        self.indexes.iter().find(|index| index.id == id)
    }

    /// The attributes that are keys of the table or of an index, each once, in the order they appear: what
    /// `CreateTable` has to define.
    pub fn key_attributes(&self) -> Vec<&KeyAttribute<'a>> {
        let of_indexes = self
            .indexes
            .iter()
            .flat_map(|index| std::iter::once(&index.pk).chain(&index.sk));
        let mut found: Vec<&KeyAttribute<'a>> = Vec::new();
        for attribute in std::iter::once(&self.pk).chain(&self.sk).chain(of_indexes) {
            if !found.iter().any(|known| known.name == attribute.name) {
                found.push(attribute);
            }
        }
        found
    }

    /// Every access pattern, of all blocks.
    pub fn all_patterns(&self) -> impl Iterator<Item = &PatternModel<'a>> {
        self.patterns.iter().flat_map(|group| group.patterns.iter())
    }
}

impl<'a> EntityModel<'a> {
    /// The key in an index, or the table's for none.
    pub fn key_in(&self, index: Option<&str>) -> Option<&KeyModel<'a>> {
        match index {
            None => Some(&self.key),
            Some(id) => self
                .indexes
                .iter()
                .find(|key| key.index == id)
                .map(|key| &key.key),
        }
    }

    /// The name of a constant model.
    #[doc(hidden)]
    pub const fn static_name(model: &'static EntityModel<'static>) -> &'static str {
        crate::shape::text(&model.name)
    }

    /// The field of this name.
    pub fn field(&self, name: &str) -> Option<&FieldModel<'a>> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The field with this role.
    pub fn with_role(&self, role: FieldRole) -> Option<&FieldModel<'a>> {
        self.fields.iter().find(|field| field.role == role)
    }
}
