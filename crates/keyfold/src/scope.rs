//! Scopes: what keys begin with, so that each tenant's items lie apart.
//!
//! A scope is part of a handle's type: [`NoScope`] serves what is everybody's, and what belongs to a tenant has
//! no operations before `db.tenant(id)`. The text itself is in the handle, and every key is written with it: no
//! operation takes it as an argument, so none can be given another's.

use std::sync::Arc;

use keyfold_model::template::Parts;
use keyfold_model::{
    EntityModel, KeyError, KeyPart, Modifier, Part, PartError, PartText, ScopeModel,
};

use crate::table::Core;

/// The scope of a handle: [`NoScope`], or what `#[derive(Table)]` made of a declared one, `CrmTenant`.
pub trait Scope: Clone + Send + Sync + 'static {}

/// No scope: of a table without any, and of a handle before `db.tenant(id)`.
#[derive(Debug, Clone, Copy)]
pub enum NoScope {}

impl Scope for NoScope {}

/// An entity, or a collection, that handles of scope `S` serve.
///
/// Where code is generic over the scope, it is the bound that says what it works on:
///
/// ```ignore
/// fn newest<S: Scope>(crm: &Crm<S>) -> Pages<Lead> where Lead: InScope<S> { crm.leads() }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not served by this handle",
    note = "its scope is another than the handle's: call the methods that lead to it, `db.tenant(id)`"
)]
pub trait InScope<S> {}

/// The name of a scope, as a type: by its hash.
#[doc(hidden)]
pub enum ScopeName<const HASH: u32> {}

/// A handle's scope that is, or lies in, the one of this name.
#[doc(hidden)]
pub trait Holds<N> {}

/// The scopes a handle has, from the outermost on.
#[derive(Clone, Default)]
pub(crate) struct Scopes {
    levels: Vec<Level>,
    /// Why the last one could not be written.
    unwritable: Option<KeyError>,
}

#[derive(Clone)]
struct Level {
    name: &'static str,
    /// `TENANT#1#CAPSULE#2`
    whole: String,
    /// `2`
    id: String,
}

impl Scopes {
    fn level(&self, entity: &str, name: &str) -> Result<&Level, KeyError> {
        if let Some(error) = &self.unwritable {
            return Err(error.clone());
        }
        let found = self.levels.iter().find(|level| level.name == name);
        found.ok_or_else(|| KeyError::NoScope {
            entity: entity.to_owned(),
            scope: name.to_owned(),
        })
    }

    /// Refuses an identifier, in the text of a key, that is not the handle's.
    pub(crate) fn check(&self, entity: &str, name: &str, id: &str) -> Result<(), KeyError> {
        if self.level(entity, name)?.id == id {
            return Ok(());
        }
        Err(KeyError::ForeignScope {
            entity: entity.to_owned(),
            scope: name.to_owned(),
        })
    }

    /// Takes in the scopes of another handle; refuses one that is another's.
    pub(crate) fn join(&mut self, other: &Self, entity: &str) -> Result<(), KeyError> {
        for level in &other.levels {
            match self.levels.iter().find(|known| known.name == level.name) {
                Some(known) if known.whole != level.whole => {
                    return Err(KeyError::ForeignScope {
                        entity: entity.to_owned(),
                        scope: level.name.to_owned(),
                    });
                }
                Some(_) => {}
                None => self.levels.push(level.clone()),
            }
        }
        Ok(())
    }

    /// What a cursor is bound to; nothing without a scope.
    pub(crate) fn innermost(&self) -> Option<&str> {
        self.levels.last().map(|level| &*level.whole)
    }

    fn add_text(&mut self, scope: &'static ScopeModel<'static>, id: String) {
        match self.level_of(scope, id) {
            Ok(level) => self.levels.push(level),
            Err(error) => self.unwritable = self.unwritable.take().or(Some(error)),
        }
    }

    fn add<T: KeyPart>(&mut self, scope: &'static ScopeModel<'static>, id: &T) {
        match self.written(scope, id) {
            Ok(level) => self.levels.push(level),
            Err(error) => self.unwritable = self.unwritable.take().or(Some(error)),
        }
    }

    fn written<T: KeyPart>(
        &self,
        scope: &'static ScopeModel<'static>,
        id: &T,
    ) -> Result<Level, KeyError> {
        let mut own = String::new();
        id.encode(&mut PartText::new(&mut own, Modifier::None))
            .map_err(|source| KeyError::Part {
                entity: scope.id.to_string(),
                part: scope.name.to_string(),
                source,
            })?;
        self.level_of(scope, own)
    }

    fn level_of(
        &self,
        scope: &'static ScopeModel<'static>,
        own: String,
    ) -> Result<Level, KeyError> {
        let mut whole = String::new();
        for (at, segment) in scope.template.segments.iter().enumerate() {
            if at > 0 {
                whole.push('#');
            }
            whole.push_str(&segment.literal);
            match &segment.part {
                Some(part) if part.modifier == Modifier::Scope => {
                    whole.push_str(&self.level(&scope.id, &part.field)?.whole);
                }
                Some(_) => whole.push_str(&own),
                None => {}
            }
        }
        Ok(Level {
            name: &scope.name,
            whole,
            id: own,
        })
    }
}

impl Core {
    /// The core of a handle that has the scopes an item lies in; nothing in a table without scopes.
    pub(crate) fn in_scope_of(
        &self,
        spec: &EntityModel<'static>,
        item: &crate::item::Item,
    ) -> Option<Self> {
        if self.model.scopes.is_empty() {
            return None;
        }
        let ids = ScopeIds::of(spec, self.model, item);
        let mut inner = self.clone();
        // In the order of their declaration: the outer ones first.
        for scope in self.model.scopes.iter() {
            let found = ids.0.iter().find(|(name, _)| *name == scope.name);
            let known = inner
                .scopes
                .levels
                .iter()
                .any(|level| level.name == scope.name);
            if let (Some((_, id)), false) = (found, known) {
                inner.scopes.add_text(scope, id.clone());
            }
        }
        Some(inner)
    }
}

/// The core of a handle that is in one scope more.
#[doc(hidden)]
pub fn in_scope<T: KeyPart>(core: &Arc<Core>, name: &str, id: &T) -> Arc<Core> {
    let mut inner = Core::clone(core);
    if let Some(scope) = core.model.scopes.iter().find(|scope| scope.name == name) {
        inner.scopes.add(scope, id);
    }
    Arc::new(inner)
}

/// Parts, with what the handle knows.
pub(crate) struct Placed<'a> {
    pub(crate) core: &'a Core,
    pub(crate) spec: &'a EntityModel<'static>,
    pub(crate) parts: &'a dyn Parts,
    /// The number of the shard, where it is not the one that follows from the parts.
    pub(crate) shard: Option<u16>,
}

impl<'a> Placed<'a> {
    pub(crate) fn new(
        core: &'a Core,
        spec: &'a EntityModel<'static>,
        parts: &'a dyn Parts,
    ) -> Self {
        Self {
            core,
            spec,
            parts,
            shard: None,
        }
    }
}

impl Parts for Placed<'_> {
    fn write(&self, field_index: u16, out: &mut PartText<'_>) -> Result<bool, PartError> {
        self.parts.write(field_index, out)
    }

    fn place(&self, part: &Part<'_>, entity: &str, out: &mut String) -> Result<(), KeyError> {
        match part.modifier {
            Modifier::Shard(width) => {
                let number = match self.shard {
                    Some(number) => number,
                    None => crate::shard::number(self.spec, self.parts)?,
                };
                keyfold_model::shard::write(number, width, out);
            }
            Modifier::ScopeId => out.push_str(&self.core.scopes.level(entity, &part.field)?.id),
            _ => out.push_str(&self.core.scopes.level(entity, &part.field)?.whole),
        }
        Ok(())
    }
}

/// The identifiers of the scopes that an item lies in, told from its key.
///
/// ```ignore
/// let tenant: Option<TenantId> = change.scope.get("tenant");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ScopeIds(Vec<(&'static str, String)>);

impl ScopeIds {
    /// The identifier of the scope of this name.
    pub fn get<T: KeyPart>(&self, name: &str) -> Option<T> {
        let (_, text) = self.0.iter().find(|(known, _)| *known == name)?;
        T::decode(keyfold_model::PartSource::new(text, Modifier::None)).ok()
    }

    pub(crate) fn of(
        spec: &EntityModel<'static>,
        table: &'static keyfold_model::TableModel<'static>,
        keys: &crate::item::Item,
    ) -> Self {
        let mut found = Self::default();
        if table.scopes.is_empty() {
            return found;
        }
        let templates = std::iter::once((&spec.key.pk, &table.pk))
            .chain(spec.key.sk.as_ref().zip(table.sk.as_ref()));
        for (template, attribute) in templates {
            let Some(text) = keys
                .get(&*attribute.name)
                .and_then(|value| value.as_s().ok())
            else {
                continue;
            };
            let whole = template.with_scopes(&table.scopes);
            for (part, text) in whole.recognise(text).unwrap_or_default() {
                let scope = table
                    .scope(&part.field)
                    .filter(|_| part.field_index == Part::NO_FIELD);
                if let (Some(scope), Some(text)) = (scope, text)
                    && found.0.iter().all(|(name, _)| *name != scope.name)
                {
                    found.0.push((&scope.name, text.to_owned()));
                }
            }
        }
        found
    }
}
