//! The table: its handle, its builder, and what all its repositories share.

use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use keyfold_model::{Id, IdFormat, PatternModel, TableModel, Timestamp};

use crate::clock::{Clock, Randomness, SystemClock, SystemRandomness};
use crate::cursor::CursorKey;
use crate::errors::{ItemError, TableError};
use crate::item::{Item, KeptRow};
use crate::manage::{CreateTable, Difference};
use crate::mirrors::VerifyMirrors;
use crate::retry::Policy;
use crate::scope::{NoScope, Scope, Scopes};
use crate::transact::{NoRefusal, Transact};

/// A table declared as a struct of repositories: implemented by `#[derive(Table)]`.
pub trait Table: Clone + Send + Sync + Sized + 'static {
    /// What a handle of this type serves: all there is in a table without scopes.
    type Scope: Scope;
    /// A change of one of its items: `GenuproofChange`, or [`NoStream`](crate::NoStream).
    type Change;
    /// Its whole design.
    const MODEL: TableModel<'static>;

    /// The items kept in step with an item of the entity at this place.
    #[doc(hidden)]
    fn kept_of(core: &Core, entity: usize, item: Item) -> Result<Vec<KeptRow>, ItemError>;

    /// The handle over a core.
    #[doc(hidden)]
    fn from_core(core: Arc<Core>) -> Self;

    /// What its repositories share.
    #[doc(hidden)]
    fn core(&self) -> &Arc<Core>;

    /// Its whole design, by reference.
    fn model() -> &'static TableModel<'static> {
        const { &Self::MODEL }
    }

    /// Starts a handle over an ordinary SDK client.
    fn builder(client: Client) -> TableBuilder<Self>
    where
        Self: Table<Scope = NoScope>,
    {
        TableBuilder {
            client,
            name: Self::MODEL.name.to_ascii_lowercase(),
            secret: None,
            clock: Arc::new(SystemClock),
            randomness: Arc::new(SystemRandomness),
            retry: Policy::default(),
            table: std::marker::PhantomData,
        }
    }

    /// A transaction over items of this table.
    fn transact(&self) -> Transact<Self, NoRefusal> {
        Transact::new(self.core().clone())
    }

    /// Creates the table as the model says: keys, indexes, stream, time to live.
    fn create_table(&self) -> CreateTable {
        CreateTable::new(self.core().clone())
    }

    /// What differs between the table that is there and the model; empty if nothing does.
    fn verify(&self) -> impl Future<Output = Result<Vec<Difference>, TableError>> + Send {
        crate::manage::verify_core(self.core().clone())
    }

    /// Checks everything that `#[unique]` and `#[mirror]` keep in step, and repairs it if told to.
    ///
    /// What is kept follows from the entities' types, so it is a command of the application's own:
    ///
    /// ```no_run
    /// # use keyfold::prelude::*;
    /// # async fn command<T: Table>(db: T, repair: bool) -> Result<(), WriteError> {
    /// let report = db.verify_mirrors().repair(repair).units_per_second(500.0).run().await?;
    /// println!("{report}");
    /// # Ok(()) }
    /// ```
    fn verify_mirrors(&self) -> VerifyMirrors {
        VerifyMirrors::new(self.core().clone(), Self::kept_of)
    }

    /// Its name in the account.
    fn table_name(&self) -> &str {
        &self.core().table
    }

    /// The client it was built over.
    fn client(&self) -> &Client {
        &self.core().client
    }

    /// The moment it is, by the handle's clock.
    fn now(&self) -> Timestamp {
        self.core().clock.now()
    }

    /// 128 random bits, by the handle's source of randomness: for identifiers of a form of your own.
    fn random(&self) -> u128 {
        self.core().randomness.bits()
    }

    /// A fresh identifier.
    fn new_id<E, F: IdFormat>(&self) -> Id<E, F> {
        let core = self.core();
        let ms = u64::try_from(core.clock.now().as_millisecond()).unwrap_or_default();
        Id::fresh(ms, core.randomness.bits())
    }
}

/// A block of access patterns of a table: implemented by `#[access_patterns]`.
#[diagnostic::on_unimplemented(
    message = "table `{Self}` lists a block of access patterns that does not exist",
    note = "write `#[access_patterns] impl {Self} {{ .. }}` (with `group = name` where the table lists `patterns(name)`), or drop `patterns` from `#[table(..)]`"
)]
pub trait PatternGroup<const NAME: u32> {
    /// Its patterns.
    const PATTERNS: &'static [PatternModel<'static>];
}

/// A table that lists this block: implemented by `#[derive(Table)]`.
#[diagnostic::on_unimplemented(
    message = "table `{Self}` does not list this block of access patterns",
    note = "add `patterns` (or `patterns(name)` for a block with `group = name`) to `#[table(..)]`"
)]
pub trait ListsPatterns<const NAME: u32> {}

/// What the repositories of one handle share.
#[doc(hidden)]
#[derive(Clone)]
pub struct Core {
    pub(crate) client: Client,
    pub(crate) table: String,
    pub(crate) model: &'static TableModel<'static>,
    pub(crate) scopes: Scopes,
    pub(crate) cursors: Arc<CursorKey>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) randomness: Arc<dyn Randomness>,
    pub(crate) retry: Policy,
}

/// Builds a table's handle.
pub struct TableBuilder<T> {
    client: Client,
    name: String,
    secret: Option<Vec<u8>>,
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
    retry: Policy,
    table: std::marker::PhantomData<fn() -> T>,
}

impl<T: Table> TableBuilder<T> {
    /// The table's name in the account; by default the type's name in lower case.
    #[must_use]
    pub fn table(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// The secret that cursors are sealed with. By default it is random for each process: a cursor
    /// then ends with the process that made it, and a second one refuses it. Give every process
    /// that serves the same users the same secret, of at least 16 random bytes.
    #[must_use]
    pub fn cursor_secret(mut self, secret: impl AsRef<[u8]>) -> Self {
        self.secret = Some(secret.as_ref().to_vec());
        self
    }

    /// The clock that stamps and expires items.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Where identifiers and nonces come from.
    #[must_use]
    pub fn randomness(mut self, randomness: impl Randomness) -> Self {
        self.randomness = Arc::new(randomness);
        self
    }

    /// How conflicts between transactions are retried.
    #[must_use]
    pub fn retry(mut self, policy: Policy) -> Self {
        self.retry = policy;
        self
    }

    /// The handle.
    pub fn build(self) -> T {
        let cursors = match &self.secret {
            Some(secret) => CursorKey::from_secret(secret),
            None => CursorKey::random(&*self.randomness),
        };
        T::from_core(Arc::new(Core {
            client: self.client,
            table: self.name,
            model: T::model(),
            scopes: Scopes::default(),
            cursors: Arc::new(cursors),
            clock: self.clock,
            randomness: self.randomness,
            retry: self.retry,
        }))
    }
}
