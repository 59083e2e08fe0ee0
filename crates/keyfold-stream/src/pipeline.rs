//! A pipeline: a name, the handlers, and how they are run.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use keyfold::{Change, Entity, EntityOf, Policy, RawChange, Table, TableChange};

use crate::handler::{BoxFuture, Context, Handler, HandlerError};
use crate::running::{Running, StartError};
use crate::source::Source;

/// Where a pipeline begins that was never started before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Start {
    /// With everything the stream still holds: the last 24 hours.
    #[default]
    TrimHorizon,
    /// With what is written from now on, to the second.
    Latest,
}

/// Handlers of the changes of a table, under a name that stays: positions, leases, markers and dead
/// letters are kept by it.
///
/// The same value runs in process, from DynamoDB Streams and as an AWS Lambda function.
///
/// A table without a stream has no changes, and no pipeline: *this table has no stream*, says the
/// compiler.
///
/// ```compile_fail,E0277
/// # use keyfold::prelude::*;
/// #[derive(Table, Clone)]
/// #[table(pk = "PK", sk = "SK")]
/// struct Shop { orders: Repo<Order> }
/// # #[derive(Entity, Serialize, Deserialize)]
/// # #[key(pk = "ORDER#{number}", sk = "META")]
/// # struct Order { number: u32 }
///
/// let pipeline = keyfold_stream::Pipeline::<Shop>::new("orders");
/// ```
pub struct Pipeline<T> {
    definition: Arc<Definition>,
    table: PhantomData<fn() -> T>,
}

/// Without its type.
#[derive(Clone)]
pub(crate) struct Definition {
    pub(crate) name: Arc<str>,
    pub(crate) model: &'static keyfold::model::TableModel<'static>,
    pub(crate) routes: Vec<Arc<dyn Route>>,
    pub(crate) start: Start,
    pub(crate) policy: Policy,
    pub(crate) time_limit: Duration,
    pub(crate) concurrency: usize,
    pub(crate) in_hand_max: usize,
    pub(crate) lease: Duration,
    pub(crate) worker: Option<String>,
}

impl<T> Clone for Pipeline<T> {
    fn clone(&self) -> Self {
        Self {
            definition: self.definition.clone(),
            table: PhantomData,
        }
    }
}

impl<T: Table> Pipeline<T>
where
    T::Change: TableChange,
{
    /// A pipeline without handlers.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            definition: Arc::new(Definition {
                name: name.into().into(),
                model: T::model(),
                routes: Vec::new(),
                start: Start::default(),
                policy: Policy {
                    attempts_max: 5,
                    pause_first: Duration::from_millis(200),
                    pause_max: Duration::from_secs(30),
                },
                time_limit: Duration::from_secs(30),
                concurrency: 16,
                in_hand_max: 1_000,
                lease: Duration::from_secs(10),
                worker: None,
            }),
            table: PhantomData,
        }
    }

    /// Adds a handler of the changes of one entity. One that cannot be read as its struct is set
    /// aside.
    #[must_use]
    pub fn on<E, H>(self, handler: H) -> Self
    where
        E: EntityOf<T>,
        H: Handler<Change<E>>,
    {
        self.route(E::spec().name.to_string(), |name, model| OnEntity {
            name,
            model,
            handler: Arc::new(handler),
            entity: PhantomData,
        })
    }

    /// Adds a handler of all changes: those of entities, and those of items of no declared entity.
    #[must_use]
    pub fn on_any<H: Handler<T::Change>>(self, handler: H) -> Self {
        self.route("*".to_owned(), |name, _| OnAny::<T, H> {
            name,
            handler: Arc::new(handler),
            table: PhantomData,
        })
    }

    /// Where it begins when it is started for the first time.
    #[must_use]
    pub fn start_at(self, start: Start) -> Self {
        self.with(|definition| definition.start = start)
    }

    /// How often a record is tried, with pauses that double and are drawn at random below that. By
    /// default five times within about three seconds. What still fails is set aside.
    #[must_use]
    pub fn retry(self, policy: Policy) -> Self {
        self.with(|definition| definition.policy = policy)
    }

    /// How long one call of a handler may take; then it is dropped and counts as failed. By default
    /// 30 seconds.
    #[must_use]
    pub fn time_limit(self, limit: Duration) -> Self {
        self.with(|definition| definition.time_limit = limit)
    }

    /// How many records of a shard are handled at the same time: those of one item never are. By
    /// default 16.
    #[must_use]
    pub fn concurrency(self, records: usize) -> Self {
        self.with(|definition| definition.concurrency = records.max(1))
    }

    /// How many records of a shard are held in memory: no more are read until some are done. By
    /// default 1,000.
    #[must_use]
    pub fn in_hand_max(self, records: usize) -> Self {
        self.with(|definition| definition.in_hand_max = records.max(1))
    }

    /// Within this time after its worker died a shard that has work is taken over. By default ten
    /// seconds, at least one.
    #[must_use]
    pub fn lease(self, lease: Duration) -> Self {
        self.with(|definition| definition.lease = lease.max(Duration::from_secs(1)))
    }

    /// The worker's name, one for each process; one that starts again under its name goes on at
    /// once. By default random, and `embedded` for the engine in process.
    #[must_use]
    pub fn worker(self, name: impl Into<String>) -> Self {
        self.with(|definition| definition.worker = Some(name.into()))
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.definition.name
    }

    /// Begins to read the stream of `table` from `source`, in tasks of their own. Makes
    /// `<table>-streams` when it is missing. When this returns, what is written is seen.
    ///
    /// # Errors
    /// If the table has no stream, or cannot be reached.
    pub async fn start(&self, table: &T, source: Source) -> Result<Running, StartError> {
        let (client, name) = (table.client().clone(), table.table_name().to_owned());
        Running::start(self.definition.clone(), client, name, source).await
    }

    pub(crate) fn definition(&self) -> &Arc<Definition> {
        &self.definition
    }

    fn with(mut self, change: impl FnOnce(&mut Definition)) -> Self {
        change(Arc::make_mut(&mut self.definition));
        self
    }

    fn route<R: Route + 'static>(
        self,
        entity: String,
        make: impl FnOnce(Arc<str>, &'static keyfold::model::TableModel<'static>) -> R,
    ) -> Self {
        let same = |route: &&Arc<dyn Route>| {
            let name: &str = route.name();
            name == entity
                || name
                    .split_once('.')
                    .is_some_and(|(first, _)| first == entity)
        };
        let before = self.definition.routes.iter().filter(same).count();
        // A second one of an entity has a name of its own: markers are kept by it.
        let name = match before {
            0 => entity,
            before => format!("{entity}.{}", before + 1),
        };
        self.with(|definition| {
            let route = make(name.into(), definition.model);
            definition.routes.push(Arc::new(route));
        })
    }
}

/// A handler with the change it takes.
pub(crate) trait Route: Send + Sync {
    /// The entity, and a number behind the first.
    fn name(&self) -> &Arc<str>;
    /// Whether it takes changes of this entity, or of none.
    fn takes(&self, entity: Option<&'static str>) -> bool;
    /// Calls it.
    fn call(&self, change: &RawChange, cx: Context) -> BoxFuture<Result<(), HandlerError>>;
}

struct OnEntity<E, H> {
    name: Arc<str>,
    model: &'static keyfold::model::TableModel<'static>,
    handler: Arc<H>,
    entity: PhantomData<fn() -> E>,
}

impl<E: Entity, H: Handler<Change<E>>> Route for OnEntity<E, H> {
    fn name(&self) -> &Arc<str> {
        &self.name
    }

    fn takes(&self, entity: Option<&'static str>) -> bool {
        entity == Some(&*E::spec().name)
    }

    fn call(&self, change: &RawChange, cx: Context) -> BoxFuture<Result<(), HandlerError>> {
        match change.decode::<E>(self.model) {
            Ok(change) => {
                let handler = self.handler.clone();
                Box::pin(async move { handler.handle(change, cx).await })
            }
            Err(error) => {
                let reason = format!("KF3002: the record cannot be read: {error}");
                Box::pin(async move { Err(HandlerError::set_aside(reason)) })
            }
        }
    }
}

struct OnAny<T, H> {
    name: Arc<str>,
    handler: Arc<H>,
    table: PhantomData<fn() -> T>,
}

impl<T: Table, H: Handler<T::Change>> Route for OnAny<T, H>
where
    T::Change: TableChange,
{
    fn name(&self) -> &Arc<str> {
        &self.name
    }

    fn takes(&self, _: Option<&'static str>) -> bool {
        true
    }

    fn call(&self, change: &RawChange, cx: Context) -> BoxFuture<Result<(), HandlerError>> {
        let change = T::Change::of(change.clone());
        let handler = self.handler.clone();
        Box::pin(async move { handler.handle(change, cx).await })
    }
}
