//! The same handlers as an AWS Lambda function.
//!
//! ```no_run
//! # use keyfold::prelude::*;
//! # use keyfold_stream::{Context, HandlerError, Pipeline};
//! # #[derive(Table, Clone)]
//! # #[table(pk = "PK", sk = "SK", stream = new_and_old_images)]
//! # struct Shop { orders: Repo<Order> }
//! # #[derive(Entity, Serialize, Deserialize)]
//! # #[key(pk = "ORDER#{number}", sk = "META")]
//! # struct Order { number: u32 }
//! # fn pipeline() -> Pipeline<Shop> { Pipeline::new("totals") }
//! # async fn run(client: aws_sdk_dynamodb::Client) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! let shop = Shop::builder(client).table("shop").build();
//! // The pipeline that runs in process too.
//! let function = pipeline().lambda(&shop);
//! # #[cfg(feature = "lambda")]
//! function.run().await?;
//! # Ok(()) }
//! ```
//!
//! Lambda follows the shards and keeps the positions; it gives a function the records of one shard, and
//! gives them again until they are handled. So the event source mapping must have
//! `FunctionResponseTypes: [ReportBatchItemFailures]`: the answer names the first record that was not
//! handled, and Lambda begins with that one the next time.
//!
//! Records that fail are tried again as the pipeline's policy says, while the invocation has time, and
//! then set aside in `<table>-streams`. With [`Function::report_failures`] they are told to Lambda
//! instead, whose own `MaximumRetryAttempts` and on-failure destination then decide; the function needs
//! no right to write there unless its handlers use [`Context::once`](crate::Context::once).

use std::sync::Arc;
use std::time::Duration;

use keyfold::{Table, TableChange};
use serde::{Deserialize, Serialize};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::pipeline::{Definition, Pipeline};
use crate::record::{JsonRecord, Record};
use crate::table::Streams;
use crate::worker::{Bench, Hand, Outcome};

/// Before the end of an invocation, handlers are ended so much earlier that the answer arrives.
const ANSWER_TIME: Duration = Duration::from_millis(300);

/// What Lambda gives a function with a stream: a batch of one shard's records.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Event {
    /// The records, in the order of the shard.
    #[serde(rename = "Records")]
    pub records: Vec<JsonRecord>,
}

/// What the function answers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// The first record that was not handled; empty if all were.
    pub batch_item_failures: Vec<Failure>,
}

/// A record that was not handled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// Its sequence number.
    pub item_identifier: String,
}

/// A pipeline as a function.
#[derive(Clone)]
pub struct Function {
    definition: Arc<Definition>,
    streams: Streams,
    keeps_letters: bool,
}

impl<T: Table> Pipeline<T>
where
    T::Change: TableChange,
{
    /// The function that handles the stream of `table`.
    pub fn lambda(&self, table: &T) -> Function {
        Function {
            definition: Arc::clone(self.definition()),
            streams: Streams::beside(table.client().clone(), table.table_name()),
            keeps_letters: true,
        }
    }
}

impl Function {
    /// Tries a record once, and tells Lambda of those that fail instead of setting them aside.
    /// Those whose handler sets them aside itself still are.
    #[must_use]
    pub fn report_failures(mut self) -> Self {
        Arc::make_mut(&mut self.definition).policy.attempts_max = 1;
        self.keeps_letters = false;
        self
    }

    /// Answers invocations until the environment is shut down. Makes `<table>-streams` when it is
    /// missing.
    ///
    /// # Errors
    /// Outside of Lambda, or when `<table>-streams` cannot be made.
    #[cfg(feature = "lambda")]
    pub async fn run(self) -> Result<(), lambda_runtime::Error> {
        use lambda_runtime::{LambdaEvent, service_fn};

        if self.keeps_letters {
            self.streams.create_table().if_missing().await?;
        }
        let function = &self;
        lambda_runtime::run(service_fn(async |event: LambdaEvent<Event>| {
            let deadline = Duration::from_millis(event.context.deadline);
            let now = u64::try_from(function.streams.now().as_millisecond()).unwrap_or_default();
            let left = deadline.saturating_sub(Duration::from_millis(now));
            let answer = function.handle(event.payload, left).await;
            Ok::<_, lambda_runtime::Error>(answer)
        }))
        .await
    }

    /// Handles one batch within this time: for programs with a runtime of their own, and for tests.
    pub async fn handle(&self, event: Event, time: Duration) -> Answer {
        let deadline = Instant::now() + time.saturating_sub(ANSWER_TIME);
        let (stop, stopping) = watch::channel(false);
        let bench = Bench {
            definition: Arc::clone(&self.definition),
            streams: self.streams.clone(),
            slots: Arc::new(Semaphore::new(self.definition.concurrency)),
            stopping,
            keeps_letters: self.keeps_letters,
        };
        // Lambda does not say which shard it is.
        let shard: Arc<str> = "lambda".into();
        let mut hand = Hand::default();
        for json in event.records {
            let record = Record::from_json(json);
            if bench.routes(&record.change).1.is_empty() {
                hand.pass(&record);
            } else {
                hand.push(record);
            }
        }
        let mut tasks = JoinSet::new();
        loop {
            while !*stop.borrow()
                && let Some(begun) = hand.begin()
            {
                let work = bench.clone().work(begun, Arc::clone(&shard));
                tasks.spawn(work.run(|| std::future::ready(()), || ()));
            }
            tokio::select! {
                done = tasks.join_next() => match done {
                    Some(Ok(done)) => match done.outcome {
                        Outcome::Handled => hand.done(done.lane, done.number),
                        Outcome::Failed { is_hopeless, .. } if self.keeps_letters || is_hopeless => hand.done(done.lane, done.number),
                        // What comes after it is delivered again: no more is begun.
                        _ => {
                            stop.send_replace(true);
                        }
                    },
                    Some(Err(_)) => {
                        stop.send_replace(true);
                    }
                    None => break,
                },
                () = tokio::time::sleep_until(deadline) => {
                    tracing::warn!(pipeline = %self.definition.name, "KF3004: the invocation's time is over; what is left is delivered again");
                    break;
                }
            }
        }
        hand.advance();
        let first = hand.first_waiting().map(|number| Failure {
            item_identifier: number.to_owned(),
        });
        Answer {
            batch_item_failures: first.into_iter().collect(),
        }
    }
}
