//! What AWS does and an engine on one machine does not: refuse, delay, forget, repeat.
//!
//! Each fault is one that an application on `DynamoDB` meets and must survive. They are drawn from a
//! seed, in the order of the requests, so that a run of one task is the same each time.

mod asked;
mod hot;
mod strike;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_sdk_dynamodb::config::interceptors::BeforeTransmitInterceptorContextMut;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint;
use aws_smithy_types::config_bag::{Storable, StoreReplace};

use asked::Asked;
use hot::HotPartitions;
pub(crate) use strike::{Before, call};

use crate::operation::Operation;

/// A way in which AWS fails, or answers what a careless client does not expect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// A request on items is refused with `ProvisionedThroughputExceededException`; nothing is done.
    Throttled,
    /// The same, because a partition key got more than a partition gives in a second
    /// ([`Faults::partition_units`]).
    HotPartition,
    /// A write or a transaction is refused because another transaction holds an item.
    Conflict,
    /// A batch is done in part; the rest is returned as unprocessed.
    Unprocessed,
    /// An eventually consistent read of a table is answered as of a moment ago.
    StaleRead,
    /// A read of a global secondary index is answered as of a moment ago.
    StaleIndex,
    /// A request is done, and its answer never arrives: a time-out in process, status 500 over HTTP.
    AnswerLost,
    /// A stream's iterator has expired.
    IteratorExpired,
    /// A stream's records are given, and given again to the next call.
    Redelivered,
    /// A shard of a stream closes after records were read from it; its children hold what follows.
    ShardSplit,
}

/// Which faults there are, how often, and for which requests; for
/// [`Options::faults`](crate::Options::faults).
///
/// ```
/// use keyfold_embedded::{Fault, Faults, Options, Requests};
///
/// let faults = Faults::seeded(7)
///     .often(Fault::Throttled, 0.01)
///     .often_for(Fault::Conflict, 0.2, Requests::all().operation("TransactWriteItems"));
/// let engine = Options::new().faults(faults).memory();
/// println!("{}", engine.faults());
///
/// let as_on_aws: Faults = "aws-like:42".parse()?;
/// # Ok::<(), keyfold_embedded::UnknownFaults>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Faults {
    seed: u64,
    rules: Vec<(Fault, f64, Requests)>,
    partition_units: Option<(f64, f64)>,
    lag: Duration,
    pub(crate) late_ttl: Duration,
}

impl Faults {
    /// No faults yet; chances are drawn from `seed`.
    pub fn seeded(seed: u64) -> Self {
        Self {
            seed,
            rules: Vec::new(),
            partition_units: None,
            lag: Duration::from_millis(50),
            late_ttl: Duration::ZERO,
        }
    }

    /// All of them, each about as rare as in a busy AWS account on a bad day: often enough to be met
    /// in a test's run, rare enough for three attempts to get through. Partitions have their
    /// documented limits.
    pub fn aws_like(seed: u64) -> Self {
        let rates = [
            (Fault::Throttled, 0.01),
            (Fault::Conflict, 0.02),
            (Fault::Unprocessed, 0.1),
            (Fault::StaleRead, 0.05),
            (Fault::StaleIndex, 0.05),
            (Fault::AnswerLost, 0.005),
            (Fault::IteratorExpired, 0.01),
            (Fault::Redelivered, 0.05),
            (Fault::ShardSplit, 0.02),
        ];
        rates
            .into_iter()
            .fold(Self::seeded(seed), |faults, (fault, rate)| {
                faults.often(fault, rate)
            })
            .partition_units(3_000.0, 1_000.0)
            .late_ttl(Duration::from_secs(5))
    }

    /// Lets a fault happen to this share of the requests it can happen to.
    #[must_use]
    pub fn often(self, fault: Fault, rate: f64) -> Self {
        self.often_for(fault, rate, Requests::all())
    }

    /// The same for some requests only.
    #[must_use]
    pub fn often_for(mut self, fault: Fault, rate: f64, requests: Requests) -> Self {
        self.rules.push((fault, rate.clamp(0.0, 1.0), requests));
        self
    }

    /// Throttles a partition key that has had more capacity units in a second than these; one
    /// partition gives 3,000 read and 1,000 write units. Source: Amazon `DynamoDB` Developer Guide,
    /// "Designing partition keys to distribute your workload".
    #[must_use]
    pub fn partition_units(mut self, read: f64, write: f64) -> Self {
        self.partition_units = Some((read, write));
        self
    }

    /// How old a stale answer may be; 50 ms unless told otherwise.
    #[must_use]
    pub fn lag(mut self, lag: Duration) -> Self {
        self.lag = lag;
        self
    }

    /// Leaves an expired item in place for this long.
    #[must_use]
    pub fn late_ttl(mut self, late: Duration) -> Self {
        self.late_ttl = late;
        self
    }
}

/// `aws-like`, or `aws-like:42` with a seed.
impl FromStr for Faults {
    type Err = UnknownFaults;

    fn from_str(text: &str) -> Result<Self, UnknownFaults> {
        let (name, seed) = text.split_once(':').unwrap_or((text, "1"));
        match (name, seed.parse()) {
            ("aws-like", Ok(seed)) => Ok(Self::aws_like(seed)),
            _ => Err(UnknownFaults(text.to_owned())),
        }
    }
}

/// No faults go by this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "there are no faults called `{0}`. hint: write `aws-like`, or `aws-like:42` to choose the seed"
)]
pub struct UnknownFaults(String);

/// Some of the requests; each call narrows them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Requests {
    table: Option<String>,
    index: Option<String>,
    operation: Option<String>,
    key_prefix: Option<String>,
    pattern: Option<String>,
}

impl Requests {
    /// Every request.
    pub fn all() -> Self {
        Self::default()
    }

    /// Those on this table.
    #[must_use]
    pub fn table(mut self, name: impl Into<String>) -> Self {
        self.table = Some(name.into());
        self
    }

    /// Those that read this index.
    #[must_use]
    pub fn index(mut self, name: impl Into<String>) -> Self {
        self.index = Some(name.into());
        self
    }

    /// Those of this operation, such as `PutItem`.
    #[must_use]
    pub fn operation(mut self, name: impl Into<String>) -> Self {
        self.operation = Some(name.into());
        self
    }

    /// Those on a partition key that begins so.
    #[must_use]
    pub fn key_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.key_prefix = Some(prefix.into());
        self
    }

    /// Those of this access pattern, such as `products-by-brand` or `Product.get`: what a request
    /// of a repository is [named](RequestName) by. None that comes through an endpoint has a name.
    #[must_use]
    pub fn pattern(mut self, id: impl Into<String>) -> Self {
        self.pattern = Some(id.into());
        self
    }

    fn include(&self, operation: Operation, asked: &Asked) -> bool {
        let is = |wanted: &Option<String>, found: &str| {
            wanted.as_deref().is_none_or(|wanted| wanted == found)
        };
        is(&self.operation, operation.name())
            && is(&self.index, asked.index.as_deref().unwrap_or_default())
            && is(&self.pattern, asked.name.as_deref().unwrap_or_default())
            && self
                .table
                .as_ref()
                .is_none_or(|table| asked.tables.contains(table))
            && self
                .key_prefix
                .as_ref()
                .is_none_or(|prefix| asked.keys.iter().any(|key| key.text.starts_with(prefix)))
    }
}

/// What a request is called by who sends it: an interceptor puts it into the SDK's config bag. The
/// repositories of `keyfold` name theirs by the access pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestName {
    /// `products-by-brand`
    Pattern(&'static str),
    /// `Product.get`
    Operation {
        /// Of what.
        entity: &'static str,
        /// What is done.
        verb: &'static str,
    },
}

impl Storable for RequestName {
    type Storer = StoreReplace<Self>;
}

impl fmt::Display for RequestName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pattern(id) => f.write_str(id),
            Self::Operation { entity, verb } => write!(f, "{entity}.{verb}"),
        }
    }
}

/// Takes the name from the config bag to the connector; only an engine with faults asks for it.
#[derive(Debug)]
pub(crate) struct TakeName;

#[dyn_dispatch_hint]
impl Intercept for TakeName {
    fn name(&self) -> &'static str {
        "KeyfoldRequestName"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _runtime_components: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(name) = cfg.load::<RequestName>() {
            context.request_mut().add_extension(*name);
        }
        Ok(())
    }
}

/// What the faults did so far; its text is a line for each kind, table and operation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FaultReport {
    seed: Option<u64>,
    struck: BTreeMap<(Fault, String, &'static str), u64>,
}

impl FaultReport {
    /// How often a fault happened.
    pub fn count(&self, fault: Fault) -> u64 {
        self.struck
            .iter()
            .filter(|((struck, ..), _)| *struck == fault)
            .map(|(_, count)| count)
            .sum()
    }

    /// How many faults happened in all.
    pub fn total(&self) -> u64 {
        self.struck.values().sum()
    }
}

impl fmt::Display for FaultReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(seed) = self.seed else {
            return f.write_str("no faults were asked for");
        };
        write!(f, "faults of seed {seed}: {}", self.total())?;
        for ((fault, table, operation), count) in &self.struck {
            write!(f, "\n  {count:>7}  {fault:?}  {operation}  {table}")?;
        }
        Ok(())
    }
}

/// The faults of an open engine.
pub(crate) struct Injector {
    pub(crate) faults: Faults,
    state: Mutex<State>,
}

struct State {
    chance: fastrand::Rng,
    hot: Option<HotPartitions>,
    report: FaultReport,
}

impl Injector {
    pub(crate) fn new(faults: Faults) -> Self {
        let state = State {
            chance: fastrand::Rng::with_seed(faults.seed),
            hot: faults
                .partition_units
                .map(|(read, write)| HotPartitions::new(read, write)),
            report: FaultReport {
                seed: Some(faults.seed),
                struck: BTreeMap::new(),
            },
        };
        Self {
            faults,
            state: Mutex::new(state),
        }
    }

    pub(crate) fn report(&self) -> FaultReport {
        self.lock().report.clone()
    }

    /// Draws, and counts the fault if it happens.
    fn strikes(&self, fault: Fault, operation: Operation, asked: &Asked) -> bool {
        let happens = self.draws(fault, operation, asked);
        if happens {
            self.lock().count(fault, operation, asked);
        }
        happens
    }

    fn draws(&self, fault: Fault, operation: Operation, asked: &Asked) -> bool {
        let mut state = self.lock();
        self.faults.rules.iter().any(|(kind, rate, requests)| {
            *kind == fault && requests.include(operation, asked) && state.chance.f64() < *rate
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn count(&mut self, fault: Fault, operation: Operation, asked: &Asked) {
        let table = asked.tables.first().cloned().unwrap_or_default();
        *self
            .report
            .struck
            .entry((fault, table, operation.name()))
            .or_default() += 1;
    }
}
