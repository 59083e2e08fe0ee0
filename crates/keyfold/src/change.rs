//! A change of an item, as the table's stream tells it.

use std::fmt;

use keyfold_model::{EntityModel, StreamView, TableModel};

use crate::entity::Entity;
use crate::errors::{ImageError, ItemError};
use crate::item::{Item, from_item, is_of};
use crate::scope::ScopeIds;
use crate::update::SpecName;

/// What happened to an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChangeKind {
    /// It was not there before.
    Inserted,
    /// It is another than before.
    Modified,
    /// It is gone.
    Removed,
}

/// A change of an `E`.
///
/// Which images it holds depends on what happened, and on the stream's view: with
/// `new_and_old_images` a modified item has both. A handler that cannot do without one takes it by
/// [`into_new`](Change::into_new) or [`into_old`](Change::into_old), whose error says why it is not
/// there. Of a view without images an entity is still read if its key holds all its fields.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Change<E> {
    /// What happened.
    pub kind: ChangeKind,
    /// The item before.
    pub old: Option<E>,
    /// The item after.
    pub new: Option<E>,
    /// Whether the time to live removed it, and not a request.
    pub expired_by_ttl: bool,
    /// What the stream carries.
    pub view: StreamView,
    /// Whose it is, in a table with scopes.
    pub scope: ScopeIds,
}

impl<E> Change<E> {
    /// An item that came to be.
    pub fn inserted(new: E) -> Self {
        Self::of(ChangeKind::Inserted, None, Some(new))
    }

    /// An item that was changed.
    pub fn modified(old: E, new: E) -> Self {
        Self::of(ChangeKind::Modified, Some(old), Some(new))
    }

    /// An item that was deleted.
    pub fn removed(old: E) -> Self {
        Self::of(ChangeKind::Removed, Some(old), None)
    }

    /// An item that the time to live removed.
    pub fn expired(old: E) -> Self {
        Self {
            expired_by_ttl: true,
            ..Self::removed(old)
        }
    }

    fn of(kind: ChangeKind, old: Option<E>, new: Option<E>) -> Self {
        Self {
            kind,
            old,
            new,
            expired_by_ttl: false,
            view: StreamView::NewAndOldImages,
            scope: ScopeIds::default(),
        }
    }

    /// Whether it came to be with this change.
    pub fn is_insert(&self) -> bool {
        self.kind == ChangeKind::Inserted
    }

    /// Whether it was there before and is there still.
    pub fn is_modify(&self) -> bool {
        self.kind == ChangeKind::Modified
    }

    /// Whether it is gone.
    pub fn is_remove(&self) -> bool {
        self.kind == ChangeKind::Removed
    }
}

impl<E: Entity> Change<E> {
    /// The item after the change.
    ///
    /// # Errors
    /// If it is gone, or the stream does not carry it.
    pub fn into_new(self) -> Result<E, ImageError> {
        let missing = ImageError::new(E::spec_name(), "new", self.kind, self.view);
        self.new.ok_or(missing)
    }

    /// The item before the change.
    ///
    /// # Errors
    /// If it was not there before, or the stream does not carry it.
    pub fn into_old(self) -> Result<E, ImageError> {
        let missing = ImageError::new(E::spec_name(), "old", self.kind, self.view);
        self.old.ok_or(missing)
    }

    /// The item as it was last seen: after the change, or before it was removed.
    ///
    /// # Errors
    /// If the stream carries neither.
    pub fn into_latest(self) -> Result<E, ImageError> {
        match self.kind {
            ChangeKind::Removed => self.into_old(),
            _ => self.into_new(),
        }
    }
}

/// A change as the stream has it: attributes instead of a struct.
#[derive(Clone)]
#[non_exhaustive]
pub struct RawChange {
    /// What happened.
    pub kind: ChangeKind,
    /// The key attributes.
    pub keys: Item,
    /// The item before, where the stream carries it.
    pub old: Option<Item>,
    /// The item after, where the stream carries it.
    pub new: Option<Item>,
    /// Whether the time to live removed it, and not a request.
    pub expired_by_ttl: bool,
    /// What the stream carries.
    pub view: StreamView,
    /// Why it is not a change of an entity: it is of no declared one if this is empty.
    pub unread: Option<ItemError>,
}

impl RawChange {
    /// A change without images.
    pub fn new(kind: ChangeKind, keys: Item, view: StreamView) -> Self {
        Self {
            kind,
            keys,
            old: None,
            new: None,
            expired_by_ttl: false,
            view,
            unread: None,
        }
    }

    /// The place of its entity in the design: told by the tag, or by the keys.
    pub fn place(&self, table: &'static TableModel<'static>) -> Option<usize> {
        let seen = self.new.as_ref().or(self.old.as_ref());
        let item = seen.unwrap_or(&self.keys);
        table
            .entities
            .iter()
            .position(|spec| is_of(spec, table, item))
    }

    /// The change of an `E`.
    ///
    /// # Errors
    /// If an image does not fit the struct.
    pub fn decode<E: Entity>(
        &self,
        table: &'static TableModel<'static>,
    ) -> Result<Change<E>, ItemError> {
        let (mut old, mut new) = (self.old.clone(), self.new.clone());
        if old.is_none() && new.is_none() && is_in_key(E::spec(), table) {
            let before = self.kind != ChangeKind::Inserted;
            let after = self.kind != ChangeKind::Removed;
            old = before.then(|| self.keys.clone());
            new = after.then(|| self.keys.clone());
        }
        let read = |image: Option<Item>| image.map(|item| from_item(item, table)).transpose();
        Ok(Change {
            kind: self.kind,
            old: read(old)?,
            new: read(new)?,
            expired_by_ttl: self.expired_by_ttl,
            view: self.view,
            scope: ScopeIds::of(E::spec(), table, &self.keys),
        })
    }

    /// The change of an `E`, or itself with the reason.
    #[doc(hidden)]
    pub fn read<E: Entity, C>(
        mut self,
        table: &'static TableModel<'static>,
        known: fn(Change<E>) -> C,
        unknown: fn(RawChange) -> C,
    ) -> C {
        match self.decode(table) {
            Ok(change) => known(change),
            Err(error) => {
                self.unread = Some(error);
                unknown(self)
            }
        }
    }
}

/// Whether the key holds every field, so that it alone is the item.
fn is_in_key(spec: &EntityModel<'static>, table: &TableModel<'static>) -> bool {
    spec.fields.iter().all(|field| {
        let is_key = |name: &str| field.attribute == name;
        field.key_only
            || is_key(&table.pk.name)
            || table.sk.as_ref().is_some_and(|sk| is_key(&sk.name))
    })
}

/// Attributes hold customers' data: none is shown.
impl fmt::Debug for RawChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawChange")
            .field("kind", &self.kind)
            .field("expired_by_ttl", &self.expired_by_ttl)
            .field("view", &self.view)
            .field("unread", &self.unread)
            .finish_non_exhaustive()
    }
}

/// The changes of a table: the enum that `#[derive(Table)]` writes where the table has a stream.
#[diagnostic::on_unimplemented(
    message = "this table has no stream",
    note = "declare one: `#[table(.., stream = new_and_old_images)]`"
)]
pub trait TableChange: Sized + Send + 'static {
    /// Which entity's change it is.
    fn of(raw: RawChange) -> Self;
}

/// The changes of a table without a stream: none.
#[derive(Debug, Clone, Copy)]
pub enum NoStream {}
