//! One record through its handlers: tried again with growing pauses, then set aside.

use std::sync::Arc;
use std::time::Duration;

use keyfold::{Policy, Randomness as _, RawChange, SystemRandomness, Table as _};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;

use super::hand::Begun;
use super::letter;
use crate::handler::{About, Context, HandlerError};
use crate::pipeline::{Definition, Route};
use crate::table::Streams;

/// What became of a record.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// Every handler that takes it has handled it.
    Handled,
    /// It will not be handled.
    Failed {
        reason: String,
        attempts: u32,
        /// Its handler says that trying again will not help.
        is_hopeless: bool,
    },
    /// It was given up before it began, because the worker stops.
    Dropped,
}

/// What attempts need besides the record.
#[derive(Clone)]
pub(crate) struct Bench {
    pub(crate) definition: Arc<Definition>,
    pub(crate) streams: Streams,
    /// How many handlers may run at the same time.
    pub(crate) slots: Arc<Semaphore>,
    /// No handler begins once this is true.
    pub(crate) stopping: watch::Receiver<bool>,
    /// Whether a record that fails is set aside; otherwise whoever gave it is told.
    pub(crate) keeps_letters: bool,
}

/// A record that was begun.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) lane: u64,
    pub(crate) number: u64,
    pub(crate) outcome: Outcome,
}

/// A record with what handles it.
pub(crate) struct Work {
    bench: Bench,
    begun: Begun,
    shard: Arc<str>,
}

impl Work {
    /// Handles it, or sets it aside.
    pub(crate) async fn run<F: Future<Output = ()>>(
        self,
        ready: impl Fn() -> F,
        failed: impl FnMut(),
    ) -> Done {
        let Self {
            bench,
            begun,
            shard,
        } = self;
        let Begun {
            lane,
            number,
            record,
        } = begun;
        let about = Arc::new(About {
            pipeline: Arc::clone(&bench.definition.name),
            id: record.id.clone(),
            sequence_number: record.sequence_number.clone(),
            shard,
            created: record.created,
            replayed: false,
        });
        let change = Arc::new(record.change.clone());
        let (entity, routes) = bench.routes(&change);
        let handling = bench.clone();
        let mut outcome = handling
            .handle(change, Arc::clone(&about), routes, ready, failed)
            .await;
        if let Outcome::Failed {
            reason,
            attempts,
            is_hopeless,
        } = &outcome
            && (bench.keeps_letters || *is_hopeless)
        {
            let now = bench.streams.now();
            let letter = letter::of(&about, record, entity, reason, *attempts, now);
            if !letter::keep(&bench, letter).await {
                outcome = Outcome::Dropped;
            }
        }
        Done {
            lane,
            number,
            outcome,
        }
    }
}

impl Bench {
    /// What handles this record.
    pub(crate) fn work(self, begun: Begun, shard: Arc<str>) -> Work {
        Work {
            bench: self,
            begun,
            shard,
        }
    }

    /// The handlers that take a change.
    pub(crate) fn routes(&self, change: &RawChange) -> (Option<&'static str>, Vec<Arc<dyn Route>>) {
        let model = self.definition.model;
        let spec = change.place(model).and_then(|at| model.entities.get(at));
        let entity = spec.map(|spec| &*spec.name);
        let routes = self.definition.routes.iter();
        let routes = routes.filter(|route| route.takes(entity)).cloned();
        (entity, routes.collect())
    }

    /// Handles a record; `ready` is waited for before each attempt.
    pub(crate) async fn handle<F: Future<Output = ()>>(
        mut self,
        change: Arc<RawChange>,
        about: Arc<About>,
        mut routes: Vec<Arc<dyn Route>>,
        ready: impl Fn() -> F,
        mut failed: impl FnMut(),
    ) -> Outcome {
        let mut attempt = 1;
        loop {
            let error = {
                let slots = Arc::clone(&self.slots);
                let permit = tokio::select! {
                    biased;
                    () = super::is_told(&mut self.stopping) => return Outcome::Dropped,
                    permit = slots.acquire() => permit,
                };
                if permit.is_err() {
                    return Outcome::Dropped;
                }
                ready().await;
                self.round(&change, &about, &mut routes, attempt).await
            };
            let Err(error) = error else {
                return Outcome::Handled;
            };
            failed();
            tracing::warn!(
                pipeline = %about.pipeline,
                record = %about.id,
                attempt,
                reason = %error.reason,
                "a handler failed"
            );
            if error.set_aside || attempt >= self.definition.policy.attempts_max {
                return Outcome::Failed {
                    reason: error.reason,
                    attempts: attempt,
                    is_hopeless: error.set_aside,
                };
            }
            let pause = pause(self.definition.policy, attempt);
            tokio::select! {
                biased;
                () = super::is_told(&mut self.stopping) => return Outcome::Dropped,
                () = tokio::time::sleep(pause) => {}
            }
            attempt += 1;
        }
    }

    /// Calls the handlers that have not succeeded yet.
    async fn round(
        &self,
        change: &Arc<RawChange>,
        about: &Arc<About>,
        routes: &mut Vec<Arc<dyn Route>>,
        attempt: u32,
    ) -> Result<(), HandlerError> {
        while let Some(route) = routes.first() {
            let cx = Context {
                record: Arc::clone(about),
                attempt,
                handler: Arc::clone(route.name()),
                streams: self.streams.clone(),
            };
            let (route, change) = (Arc::clone(route), Arc::clone(change));
            // A task of its own: a panic is a failure of this record, and a handler that blocks its
            // thread does not block ours.
            let mut call = Call(tokio::spawn(async move { route.call(&change, cx).await }));
            let limit = self.definition.time_limit;
            match tokio::time::timeout(limit, &mut call.0).await {
                Ok(Ok(handled)) => handled?,
                Ok(Err(ended)) => {
                    let what = if ended.is_panic() {
                        "panicked"
                    } else {
                        "was ended"
                    };
                    return Err(HandlerError::retry(format!("KF3003: the handler {what}")));
                }
                Err(_) => {
                    return Err(HandlerError::retry(format!(
                        "KF3004: the handler took longer than {limit:?}"
                    )));
                }
            }
            routes.remove(0);
        }
        Ok(())
    }
}

/// A call that ends with whoever waits for it.
struct Call<T>(JoinHandle<T>);

impl<T> Drop for Call<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The pause after an attempt: at random between half and the whole of what doubles each time.
pub(crate) fn pause(policy: Policy, attempt: u32) -> Duration {
    let doubled = policy
        .pause_first
        .saturating_mul(1 << attempt.saturating_sub(1).min(16));
    jittered(doubled.min(policy.pause_max))
}

/// Between half of it and all of it.
pub(crate) fn jittered(longest: Duration) -> Duration {
    let half = longest / 2;
    let micros = half.as_micros().max(1);
    let drawn = u64::try_from(SystemRandomness.bits() % micros).unwrap_or_default();
    half + Duration::from_micros(drawn)
}
