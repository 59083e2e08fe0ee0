//! `find`, `get` and `exists`: reading one item by its key.

use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;

use aws_sdk_dynamodb::operation::get_item::GetItemInput;
use aws_sdk_dynamodb::operation::get_item::builders::GetItemFluentBuilder;
use aws_sdk_dynamodb::types::ReturnConsumedCapacity;
use keyfold_model::KeyError;
use tracing::Instrument;

use crate::condition::Expression;
use crate::cost::Cost;
use crate::entity::{Entity, SoftDelete};
use crate::errors::{GetError, RequestError};
use crate::explain::Explanation;
use crate::former;
use crate::item::{Item, is_deleted, is_expired};
use crate::pattern::{Mark, PatternId};
use crate::shard::former_key;
use crate::table::Core;
use crate::update::SpecName;
use crate::view::{Readable, View, attributes};

/// Reading an item that may not be there: awaiting it gives an `Option`.
#[must_use = "nothing is read until it is awaited"]
pub struct Find<V> {
    read: Read,
    entity: PhantomData<fn() -> V>,
}

/// Reading an item that must be there: awaiting it gives the entity.
#[must_use = "nothing is read until it is awaited"]
pub struct Get<V>(Find<V>);

/// Asking whether an item is there: awaiting it gives a `bool`; `transact().require(..)` takes it.
#[must_use = "nothing is asked until it is awaited"]
pub struct Exists<E> {
    read: Read,
    entity: PhantomData<fn() -> E>,
}

#[derive(Clone)]
struct Read {
    core: Arc<Core>,
    key: Result<Item, KeyError>,
    consistent: bool,
    pattern: PatternId,
    entity: &'static str,
    /// The attributes that are sent; none for all.
    projection: Option<Vec<&'static str>>,
    with_deleted: bool,
}

impl Read {
    fn new(
        core: Arc<Core>,
        entity: &'static str,
        verb: &'static str,
        key: Result<Item, KeyError>,
    ) -> Self {
        Self {
            core,
            key,
            consistent: false,
            pattern: PatternId::operation(entity, verb),
            entity,
            projection: None,
            with_deleted: false,
        }
    }

    fn builder(&self, key: Item) -> GetItemFluentBuilder {
        let mut expression = Expression::default();
        let projection = self.projection.as_ref().map(|attributes| {
            let names = attributes.iter().map(|name| expression.name(name));
            names.collect::<Vec<_>>().join(", ")
        });
        self.core
            .client
            .get_item()
            .table_name(&self.core.table)
            .set_key(Some(key))
            .set_consistent_read(self.consistent.then_some(true))
            .set_projection_expression(projection)
            .set_expression_attribute_names(expression.names())
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
    }

    fn request(&self) -> Result<GetItemInput, GetError> {
        let key = self.key.clone()?;
        let request = self.builder(key).as_input().clone().build();
        request.map_err(|error| {
            GetError::Request(RequestError {
                operation: "GetItem",
                table: self.core.table.clone(),
                code: "the request could not be built".to_owned(),
                source: Box::new(error),
            })
        })
    }

    async fn item(mut self) -> Result<Option<Item>, GetError> {
        let key = std::mem::replace(&mut self.key, Ok(Item::new()))?;
        let before = self.former(&key);
        let Some(before) = before else {
            return self.item_at(key).await;
        };
        // Items are moved from there to here only, so that one which is read in this order is not missed.
        for key in [key.clone(), before, key] {
            if let Some(item) = Box::pin(self.clone().item_at(key)).await? {
                return Ok(Some(item));
            }
        }
        Ok(None)
    }

    /// Where it may lie instead.
    fn former(&self, key: &Item) -> Option<Item> {
        if !former::any_moving(&self.core) {
            return None;
        }
        former_key(&self.core, self.core.model.entity(self.entity)?, key)
    }

    async fn item_at(self, key: Item) -> Result<Option<Item>, GetError> {
        let span = tracing::debug_span!(
            "GetItem",
            table = %self.core.table,
            entity = self.entity,
            pattern = %self.pattern,
            read_units = tracing::field::Empty,
        );
        async {
            let answer = self
                .builder(key)
                .customize()
                .interceptor(Mark(self.pattern))
                .send()
                .await;
            let answer =
                answer.map_err(|error| RequestError::new("GetItem", &self.core.table, error))?;
            tracing::Span::current().record(
                "read_units",
                Cost::read(answer.consumed_capacity.as_ref()).read_units,
            );
            let now = self.core.clock.now();
            Ok(answer
                .item
                .filter(|item| !is_expired(self.core.model, item, now)))
        }
        .instrument(span)
        .await
    }
}

/// Reads an item for a write: consistently, whatever it is.
pub(crate) async fn load(
    core: &Arc<Core>,
    key: Item,
    pattern: PatternId,
) -> Result<Option<Item>, GetError> {
    let read = Read {
        core: core.clone(),
        key: Ok(key),
        consistent: true,
        pattern,
        entity: "",
        projection: None,
        with_deleted: true,
    };
    read.item().await
}

type Awaited<T> = Pin<Box<dyn Future<Output = Result<T, GetError>> + Send>>;

impl<E: Entity> Find<E> {
    pub(crate) fn new(core: Arc<Core>, verb: &'static str, key: Result<Item, KeyError>) -> Self {
        Self {
            read: Read::new(core, E::spec_name(), verb, key),
            entity: PhantomData,
        }
    }
}

impl<V: Readable> Find<V> {
    /// Gives a view: only its attributes are sent.
    pub fn view<W: View<Of = V::Of> + Readable<Of = V::Of>>(mut self) -> Find<W> {
        let table = self.read.core.model;
        let mut keys = vec![&*table.pk.name];
        keys.extend(table.sk.as_ref().map(|sk| &*sk.name));
        let fields = <W as View>::FIELDS;
        // An older version is read whole, to become the new one.
        let is_of_one_version = V::Of::spec().version.is_none();
        self.read.projection =
            is_of_one_version.then(|| attributes(V::Of::spec(), table, fields, &keys));
        Find {
            read: self.read,
            entity: PhantomData,
        }
    }

    /// Sees every write acknowledged before it, at twice the price.
    pub fn consistent(mut self) -> Self {
        self.read.consistent = true;
        self
    }

    /// Gives a deleted item too, until it is purged.
    pub fn with_deleted(mut self) -> Self
    where
        V::Of: SoftDelete,
    {
        self.read.with_deleted = true;
        self
    }

    /// The request that would be sent; nothing is.
    pub fn request(&self) -> Result<GetItemInput, GetError> {
        self.read.request()
    }

    /// What it reads, in words.
    pub fn explain(&self) -> Result<Explanation, GetError> {
        let key = self.read.key.clone()?;
        Ok(Explanation::of_get(
            &self.read.core,
            &self.read.pattern,
            &key,
            self.read.consistent,
        ))
    }

    /// Reads the item.
    pub async fn send(self) -> Result<Option<V>, GetError> {
        let core = self.read.core.clone();
        let with_deleted = self.read.with_deleted;
        match self.read.item().await? {
            Some(item) if with_deleted || !is_deleted(V::Of::spec(), &item) => {
                Ok(Some(V::read(item, core.model)?))
            }
            _ => Ok(None),
        }
    }
}

impl<V: Readable> IntoFuture for Find<V> {
    type Output = Result<Option<V>, GetError>;
    type IntoFuture = Awaited<Option<V>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

impl<V: Readable> Get<V> {
    pub(crate) fn new(find: Find<V>) -> Self {
        Self(find)
    }

    /// Gives a view: only its attributes are sent.
    pub fn view<W: View<Of = V::Of> + Readable<Of = V::Of>>(self) -> Get<W> {
        Get(self.0.view())
    }

    /// Sees every write acknowledged before it, at twice the price.
    pub fn consistent(self) -> Self {
        Self(self.0.consistent())
    }

    /// Gives a deleted item too, until it is purged.
    pub fn with_deleted(self) -> Self
    where
        V::Of: SoftDelete,
    {
        Self(self.0.with_deleted())
    }

    /// The request that would be sent; nothing is.
    pub fn request(&self) -> Result<GetItemInput, GetError> {
        self.0.request()
    }

    /// What it reads, in words.
    pub fn explain(&self) -> Result<Explanation, GetError> {
        self.0.explain()
    }

    /// Reads the item.
    ///
    /// # Errors
    /// `GetError::NotFound` where it is not there.
    pub async fn send(self) -> Result<V, GetError> {
        self.0.send().await?.ok_or(GetError::NotFound {
            entity: V::Of::spec_name(),
        })
    }
}

impl<V: Readable> IntoFuture for Get<V> {
    type Output = Result<V, GetError>;
    type IntoFuture = Awaited<V>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

impl<E: Entity> Exists<E> {
    pub(crate) fn new(core: Arc<Core>, key: Result<Item, KeyError>) -> Self {
        Self {
            read: Read::new(core, E::spec_name(), "exists", key),
            entity: PhantomData,
        }
    }

    pub(crate) fn into_key(self) -> (Arc<Core>, Result<Item, KeyError>) {
        (self.read.core, self.read.key)
    }

    /// Sees every write acknowledged before it, at twice the price.
    pub fn consistent(mut self) -> Self {
        self.read.consistent = true;
        self
    }

    /// The request that would be sent; nothing is.
    pub fn request(&self) -> Result<GetItemInput, GetError> {
        self.read.request()
    }

    /// Asks.
    pub async fn send(self) -> Result<bool, GetError> {
        let item = self.read.item().await?;
        Ok(item.is_some_and(|item| !is_deleted(E::spec(), &item)))
    }
}

impl<E: Entity> IntoFuture for Exists<E> {
    type Output = Result<bool, GetError>;
    type IntoFuture = Awaited<bool>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}
