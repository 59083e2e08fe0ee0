//! Writes, planned as steps and sent as one request: a single one when one item is written, a
//! transaction when others are kept in step.

use std::sync::Arc;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata as _, SdkError};
use aws_sdk_dynamodb::operation::delete_item::builders::DeleteItemFluentBuilder;
use aws_sdk_dynamodb::operation::delete_item::{DeleteItemError, DeleteItemInput};
use aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder;
use aws_sdk_dynamodb::operation::put_item::{PutItemError, PutItemInput};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsInput;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::operation::update_item::{UpdateItemError, UpdateItemInput};
use aws_sdk_dynamodb::types::{
    ConditionCheck, ConsumedCapacity, Delete, Put, ReturnConsumedCapacity, ReturnValue,
    ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use futures_boxed::BoxFuture;
use tracing::Instrument;

use crate::changes::Changes;
use crate::clock::{Randomness as _, SystemRandomness};
use crate::condition::{Condition, Expression};
use crate::cost::Cost;
use crate::errors::{ItemError, RequestError, WriteError};
use crate::explain::Explanation;
use crate::former::{self, Places};
use crate::item::{Item, is_deleted, is_expired};
use crate::pattern::{Mark, PatternId};
use crate::retry::Pauses;
use crate::table::Core;
use crate::version::{Lift, brought_up_to_date};

pub(crate) mod futures_boxed {
    use std::pin::Pin;

    /// A future on the heap.
    pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;
}

/// A write that can be sent by itself or in a transaction.
pub trait Write: Sized {
    /// What it comes to.
    #[doc(hidden)]
    fn into_operation(self) -> Operation;

    /// Sends it.
    fn send(self) -> impl Future<Output = Result<Cost, WriteError>> + Send {
        self.into_operation().send()
    }

    /// The request that would be sent; nothing is.
    fn request(self) -> Result<Request, WriteError> {
        self.into_operation().request()
    }

    /// What it does, in words: keys, conditions, expected units.
    fn explain(self) -> Result<Explanation, WriteError> {
        self.into_operation().explain()
    }
}

/// The request a write is sent as.
#[derive(Debug)]
#[non_exhaustive]
pub enum Request {
    /// `PutItem`.
    Put(Box<PutItemInput>),
    /// `UpdateItem`.
    Update(Box<UpdateItemInput>),
    /// `DeleteItem`.
    Delete(Box<DeleteItemInput>),
    /// `TransactWriteItems`, where other items are kept in step.
    Transact(TransactWriteItemsInput),
}

/// A planned write.
pub struct Operation {
    pub(crate) core: Arc<Core>,
    pub(crate) verb: &'static str,
    pub(crate) entity: &'static str,
    pub(crate) plan: Plan,
}

type Anew = Box<dyn FnOnce() -> Result<Step, WriteError> + Send>;
type AfterLoad = Box<dyn FnOnce(Option<Item>) -> Result<Vec<Step>, WriteError> + Send>;

/// The steps of a write, at once or after the item is read.
pub(crate) enum Plan {
    Ready(Result<Vec<Step>, WriteError>),
    /// One whole item. It is sent away, not copied; after a conflict it is made anew.
    Item(Result<Box<Step>, WriteError>, Anew),
    /// The item's key; kept items can only be told from what is stored.
    AfterLoad(Result<Item, WriteError>, AfterLoad),
}

/// One item that is written.
#[derive(Clone)]
pub(crate) struct Step {
    /// The table, where it is another than the transaction's own.
    pub(crate) table: Option<Arc<Core>>,
    pub(crate) entity: &'static str,
    /// The name of the `#[unique]` value it claims.
    pub(crate) unique: Option<&'static str>,
    pub(crate) key: Item,
    pub(crate) action: Action,
    pub(crate) condition: Option<Condition>,
    /// What a failed condition means when the item is there.
    pub(crate) means: Means,
    /// The whole row, for one that should be there and is not.
    pub(crate) repair: Option<Item>,
    /// Where it may lie instead, while a sharded entity is moved.
    pub(crate) former: Option<Places>,
    /// How an item of an older version is brought up to date, which it must be before it is changed.
    pub(crate) lift: Option<Lift>,
}

#[derive(Debug, Clone)]
pub(crate) enum Action {
    Put(Item),
    Update(Changes),
    Delete,
    Check,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Means {
    AlreadyThere,
    Condition,
}

/// Why steps were not written.
pub(crate) enum Failure {
    /// The conditions of these failed; with the item that is there.
    Refused(Vec<(usize, Option<Item>)>),
    /// Other transactions held the items.
    Conflict,
    /// A change within a value that is not there.
    NoPlace,
    Item(ItemError),
    Request(RequestError),
}

impl Operation {
    pub(crate) fn ready(
        core: Arc<Core>,
        verb: &'static str,
        entity: &'static str,
        steps: Result<Vec<Step>, WriteError>,
    ) -> Self {
        Self {
            core,
            verb,
            entity,
            plan: Plan::Ready(steps),
        }
    }

    pub(crate) fn pattern(&self) -> PatternId {
        PatternId::operation(self.entity, self.verb)
    }

    /// The steps, after reading the item where that is needed.
    pub(crate) async fn steps(self) -> Result<Vec<Step>, WriteError> {
        let pattern = self.pattern();
        let steps = match self.plan {
            Plan::Ready(steps) => steps,
            Plan::Item(step, _) => step.map(|step| vec![*step]),
            Plan::AfterLoad(key, then) => {
                let found = former::load(&self.core, self.entity, key?, pattern).await;
                let found = found.map_err(|error| WriteError::Read(Box::new(error)))?;
                then(found)
            }
        };
        Ok(former::with_former(
            &self.core,
            steps?,
            self.verb == "upsert",
        ))
    }

    /// The steps of one that needs no reading.
    pub(crate) fn steps_at_once(self) -> Result<Vec<Step>, WriteError> {
        let steps = match self.plan {
            Plan::Ready(steps) => steps,
            Plan::Item(step, _) => step.map(|step| vec![*step]),
            Plan::AfterLoad(..) => Err(WriteError::Unsendable {
                reason: format!(
                    "`{}` of a `{}` reads the item first, because other items are kept in step with it; \
                     load it and use `edit(&loaded)` to see the request",
                    self.verb, self.entity
                ),
            }),
        };
        Ok(former::with_former(
            &self.core,
            steps?,
            self.verb == "upsert",
        ))
    }

    async fn send(self) -> Result<Cost, WriteError> {
        let (core, entity, pattern) = (self.core.clone(), self.entity, self.pattern());
        if let Plan::Item(step, anew) = self.plan {
            if former::any_moving(&core) {
                let plan = Plan::Ready(step.map(|step| vec![*step]));
                return Box::pin(Operation { plan, ..self }.send()).await;
            }
            return send_item(&core, *step?, anew, &pattern).await;
        }
        let steps = self.steps().await?;
        match execute(&core, &steps, None, &pattern).await {
            Ok(cost) => Ok(cost),
            Err(failure) => Err(meaning(&core, entity, &steps, failure)),
        }
    }

    fn request(self) -> Result<Request, WriteError> {
        let core = self.core.clone();
        let steps = self.steps_at_once()?;
        let request = match steps.as_slice() {
            [step] => return Single::of(&core, step)?.into_request(),
            steps => transaction(&core, steps, None)?
                .as_input()
                .clone()
                .build()
                .map(Request::Transact),
        };
        request.map_err(|error| WriteError::Unsendable {
            reason: error.to_string(),
        })
    }

    fn explain(self) -> Result<Explanation, WriteError> {
        let (core, verb, pattern) = (self.core.clone(), self.verb, self.pattern());
        Ok(Explanation::of_steps(
            &core,
            verb,
            &pattern,
            &self.steps_at_once()?,
        ))
    }
}

/// What a failure means to the caller of a single write.
pub(crate) fn meaning(
    core: &Core,
    entity: &'static str,
    steps: &[Step],
    failure: Failure,
) -> WriteError {
    match failure {
        Failure::Conflict => WriteError::Conflict { entity },
        Failure::NoPlace => WriteError::NoPlace { entity },
        Failure::Item(error) => error.into(),
        Failure::Request(error) => error.into(),
        Failure::Refused(refused) => {
            let Some((step, old)) = refused
                .into_iter()
                .next()
                .and_then(|(at, old)| Some((steps.get(at)?, old)))
            else {
                return WriteError::Condition { entity };
            };
            match (step.unique, step.means) {
                (Some(unique), _) => WriteError::Taken { entity, unique },
                (None, Means::AlreadyThere) => WriteError::AlreadyThere {
                    entity: step.entity,
                },
                (None, Means::Condition) => match old {
                    Some(item) if is_there(core, step.entity, &item) => WriteError::Condition {
                        entity: step.entity,
                    },
                    _ => WriteError::NotFound {
                        entity: step.entity,
                    },
                },
            }
        }
    }
}

/// Whether an item that was found counts as one.
fn is_there(core: &Core, entity: &str, item: &Item) -> bool {
    let deleted = core
        .model
        .entity(entity)
        .is_some_and(|spec| is_deleted(spec, item));
    !deleted && !is_expired(core.model, item, core.clock.now())
}

async fn send_item(
    core: &Core,
    mut step: Step,
    anew: Anew,
    pattern: &PatternId,
) -> Result<Cost, WriteError> {
    let mut conflicts = core.retry.start();
    let request = Single::taking(core, &mut step)?;
    let span = span(core, step.entity, 1, pattern);
    let once = send_single(core, request, pattern).instrument(span.clone());
    let mut written = once.await.map(|(cost, _)| cost);
    if matches!(written, Err(Failure::Conflict))
        && let Some(pause) = conflicts.next(&*core.randomness)
    {
        step = anew()?;
        tokio::time::sleep(pause).await;
        let steps = std::slice::from_ref(&step);
        let again = attempts(core, steps, None, pattern, conflicts);
        // Rare: not to make every write's future larger.
        written = Box::pin(again.instrument(span.clone())).await;
    }
    record(&span, &written);
    written.map_err(|failure| meaning(core, step.entity, &[step], failure))
}

/// Writes the steps: all or none. They stay the caller's, for what a refusal means.
pub(crate) async fn execute(
    core: &Core,
    steps: &[Step],
    token: Option<&str>,
    pattern: &PatternId,
) -> Result<Cost, Failure> {
    let entity = steps.first().map_or("", |step| step.entity);
    let span = span(core, entity, steps.len(), pattern);
    let written = attempts(core, steps, token, pattern, core.retry.start())
        .instrument(span.clone())
        .await;
    record(&span, &written);
    written
}

fn span(core: &Core, entity: &'static str, items: usize, pattern: &PatternId) -> tracing::Span {
    tracing::debug_span!(
        "Write",
        table = %core.table,
        entity,
        pattern = %pattern,
        items,
        write_units = tracing::field::Empty,
    )
}

fn record(span: &tracing::Span, written: &Result<Cost, Failure>) {
    if let Ok(cost) = written {
        span.record("write_units", cost.write_units);
    }
}

async fn attempts(
    core: &Core,
    steps: &[Step],
    token: Option<&str>,
    pattern: &PatternId,
    mut conflicts: Pauses,
) -> Result<Cost, Failure> {
    // In place of the steps, while rows that were gone are written whole.
    let mut with_rows: Option<Vec<Step>> = None;
    let mut moves = 0;
    // Of this write, however often it is sent: one whose answer was lost, and that meets a conflict when
    // it is sent again, is not done twice.
    let mut own_token: Option<String> = None;
    loop {
        let result = match with_rows.as_deref().unwrap_or(steps) {
            [] => return Ok(Cost::default()),
            [step] if token.is_none() && !matches!(step.action, Action::Check) => {
                single(core, step, pattern).await
            }
            steps => {
                let token = match token {
                    Some(token) => token,
                    None => own_token.get_or_insert_with(fresh_token),
                };
                transact(core, steps, Some(token), pattern).await
            }
        };
        match result {
            Err(Failure::Refused(refused))
                if moves < 3 && former::moved(core, steps, &refused, pattern).await? =>
            {
                moves += 1;
                own_token = None;
                with_rows = None;
                continue;
            }
            Err(Failure::Refused(refused))
                if moves < 6 && brought_up_to_date(core, steps, &refused, pattern).await? =>
            {
                moves += 1;
                own_token = None;
                with_rows = None;
                continue;
            }
            Err(Failure::Refused(refused)) => match with_rows.take() {
                None => match repaired(core, steps, &refused) {
                    Some(mended) => {
                        with_rows = Some(mended);
                        // Other items are another transaction.
                        own_token = None;
                        continue;
                    }
                    None => return Err(Failure::Refused(refused)),
                },
                // Another writer was faster with the row: it is updated after all.
                Some(mended) if rows_are_back(&mended, steps, &refused) => own_token = None,
                Some(_) => return Err(Failure::Refused(refused)),
            },
            Err(Failure::Conflict) => {}
            result => return result,
        }
        match conflicts.next(&*core.randomness) {
            Some(pause) => tokio::time::sleep(pause).await,
            None => return Err(Failure::Conflict),
        }
    }
}

/// A token of 32 hex digits; `DynamoDB` takes up to 36.
fn fresh_token() -> String {
    format!("{:032x}", SystemRandomness.bits())
}

/// The steps with updates of rows that are gone turned into writes of the whole row, if that is all
/// there is to mend.
fn repaired(core: &Core, steps: &[Step], refused: &[(usize, Option<Item>)]) -> Option<Vec<Step>> {
    let mendable = |(at, old): &(usize, Option<Item>)| {
        old.is_none() && steps.get(*at).is_some_and(|step| step.repair.is_some())
    };
    if refused.is_empty() || !refused.iter().all(mendable) {
        return None;
    }
    let mut steps = steps.to_vec();
    for (at, _) in refused {
        if let Some(step) = steps.get_mut(*at)
            && let Some(row) = step.repair.take()
        {
            tracing::warn!(
                entity = step.entity,
                "a mirrored item was missing and is written anew"
            );
            step.action = Action::Put(row);
            // Only while it is gone: a row written meanwhile counts what this one does not.
            let model = step.table.as_ref().map_or(core.model, |other| other.model);
            step.condition = Some(Condition::absent(&model.pk.name));
        }
    }
    Some(steps)
}

/// Whether all that was refused is rows that were gone and are there again.
fn rows_are_back(
    steps: &[Step],
    before_repair: &[Step],
    refused: &[(usize, Option<Item>)],
) -> bool {
    refused.iter().all(|(at, _)| {
        let was_update = before_repair
            .get(*at)
            .is_some_and(|step| step.repair.is_some());
        was_update && steps.get(*at).is_some_and(|step| step.repair.is_none())
    })
}

pub(crate) enum Single {
    Put(PutItemFluentBuilder),
    Update(UpdateItemFluentBuilder),
    Delete(DeleteItemFluentBuilder),
}

impl Single {
    pub(crate) fn of(core: &Core, step: &Step) -> Result<Self, ItemError> {
        let item = match &step.action {
            Action::Put(item) => item.clone(),
            _ => Item::new(),
        };
        Self::with(core, step, item)
    }

    /// Asks for the item in the answer.
    pub(crate) fn returning(self, which: ReturnValue) -> Self {
        match self {
            Self::Put(put) => Self::Put(put.return_values(which)),
            Self::Update(update) => Self::Update(update.return_values(which)),
            Self::Delete(delete) => Self::Delete(delete.return_values(which)),
        }
    }

    pub(crate) fn into_request(self) -> Result<Request, WriteError> {
        let request = match self {
            Self::Put(put) => put
                .as_input()
                .clone()
                .build()
                .map(|input| Request::Put(Box::new(input))),
            Self::Update(update) => update
                .as_input()
                .clone()
                .build()
                .map(|input| Request::Update(Box::new(input))),
            Self::Delete(delete) => delete
                .as_input()
                .clone()
                .build()
                .map(|input| Request::Delete(Box::new(input))),
        };
        request.map_err(|error| WriteError::Unsendable {
            reason: error.to_string(),
        })
    }

    /// Takes the item out of the step.
    fn taking(core: &Core, step: &mut Step) -> Result<Self, ItemError> {
        let item = match &mut step.action {
            Action::Put(item) => std::mem::take(item),
            _ => Item::new(),
        };
        Self::with(core, step, item)
    }

    /// `item` is what is put, if the step puts one.
    fn with(core: &Core, step: &Step, item: Item) -> Result<Self, ItemError> {
        let mut expression = Expression::default();
        let update = match &step.action {
            Action::Update(changes) => changes.text(&mut expression),
            _ => None,
        };
        let condition = step
            .condition
            .as_ref()
            .map(|c| expression.condition(c))
            .transpose()?;
        let (names, values) = (expression.names(), expression.into_values());
        let old = condition
            .is_some()
            .then_some(ReturnValuesOnConditionCheckFailure::AllOld);
        Ok(match &step.action {
            Action::Put(_) => Self::Put(
                core.client
                    .put_item()
                    .table_name(&core.table)
                    .set_item(Some(item))
                    .set_condition_expression(condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .set_return_values_on_condition_check_failure(old)
                    .return_consumed_capacity(ReturnConsumedCapacity::Total),
            ),
            Action::Update(_) => Self::Update(
                core.client
                    .update_item()
                    .table_name(&core.table)
                    .set_key(Some(step.key.clone()))
                    .set_update_expression(update)
                    .set_condition_expression(condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .set_return_values_on_condition_check_failure(old)
                    .return_consumed_capacity(ReturnConsumedCapacity::Total),
            ),
            Action::Delete | Action::Check => Self::Delete(
                core.client
                    .delete_item()
                    .table_name(&core.table)
                    .set_key(Some(step.key.clone()))
                    .set_condition_expression(condition)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .set_return_values_on_condition_check_failure(old)
                    .return_consumed_capacity(ReturnConsumedCapacity::Total),
            ),
        })
    }
}

async fn single(core: &Core, step: &Step, pattern: &PatternId) -> Result<Cost, Failure> {
    let request = Single::of(core, step).map_err(Failure::Item)?;
    let (cost, _) = send_single(core, request, pattern).await?;
    Ok(cost)
}

/// What it took, and the item, where the request asks for it.
pub(crate) async fn send_single(
    core: &Core,
    request: Single,
    pattern: &PatternId,
) -> Result<(Cost, Option<Item>), Failure> {
    let mark = Mark(pattern.clone());
    match request {
        Single::Put(put) => {
            let answer = put.customize().interceptor(mark).send().await;
            let answer = answer.map_err(|error| match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(refused)) => {
                    Failure::Refused(vec![(0, refused.item().cloned())])
                }
                Some(PutItemError::TransactionConflictException(_)) => Failure::Conflict,
                _ => Failure::Request(RequestError::new("PutItem", &core.table, error)),
            })?;
            let cost = Cost::written(answer.consumed_capacity());
            Ok((cost, answer.attributes))
        }
        Single::Update(update) => {
            let answer = update.customize().interceptor(mark).send().await;
            let answer = answer.map_err(|error| match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(refused)) => {
                    Failure::Refused(vec![(0, refused.item().cloned())])
                }
                Some(UpdateItemError::TransactionConflictException(_)) => Failure::Conflict,
                Some(error) if is_no_place(error.message()) => Failure::NoPlace,
                _ => Failure::Request(RequestError::new("UpdateItem", &core.table, error)),
            })?;
            let cost = Cost::written(answer.consumed_capacity());
            Ok((cost, answer.attributes))
        }
        Single::Delete(delete) => {
            let answer = delete.customize().interceptor(mark).send().await;
            let answer = answer.map_err(|error| match error.as_service_error() {
                Some(DeleteItemError::ConditionalCheckFailedException(refused)) => {
                    Failure::Refused(vec![(0, refused.item().cloned())])
                }
                Some(DeleteItemError::TransactionConflictException(_)) => Failure::Conflict,
                _ => Failure::Request(RequestError::new("DeleteItem", &core.table, error)),
            })?;
            let cost = Cost::written(answer.consumed_capacity());
            Ok((cost, answer.attributes))
        }
    }
}

/// Whether `DynamoDB` found no value where a path leads into one: it has no code of its own for that.
fn is_no_place(message: Option<&str>) -> bool {
    message.is_some_and(|message| message.contains("document path"))
}

type TransactBuilder =
    aws_sdk_dynamodb::operation::transact_write_items::builders::TransactWriteItemsFluentBuilder;

pub(crate) fn transaction(
    core: &Core,
    steps: &[Step],
    token: Option<&str>,
) -> Result<TransactBuilder, ItemError> {
    let items = steps
        .iter()
        .map(|step| transact_item(core, step))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(core
        .client
        .transact_write_items()
        .set_transact_items(Some(items))
        .set_client_request_token(token.map(str::to_owned))
        .return_consumed_capacity(ReturnConsumedCapacity::Total))
}

fn transact_item(core: &Core, step: &Step) -> Result<TransactWriteItem, ItemError> {
    let unbuilt = |error: aws_smithy_types::error::operation::BuildError| ItemError::Unwritable {
        reason: error.to_string(),
    };
    let mut expression = Expression::default();
    let update = match &step.action {
        Action::Update(changes) => changes.text(&mut expression),
        _ => None,
    };
    let condition = step
        .condition
        .as_ref()
        .map(|c| expression.condition(c))
        .transpose()?;
    let (names, values) = (expression.names(), expression.into_values());
    let old = condition
        .is_some()
        .then_some(ReturnValuesOnConditionCheckFailure::AllOld);
    let builder = TransactWriteItem::builder();
    let table = step
        .table
        .as_ref()
        .map_or(&core.table, |other| &other.table);
    // An update that changes nothing is no update expression; checking says the same.
    let action = match (&step.action, update.is_some()) {
        (Action::Update(_), false) => &Action::Check,
        (action, _) => action,
    };
    Ok(match action {
        Action::Put(item) => builder.put(
            Put::builder()
                .table_name(table)
                .set_item(Some(item.clone()))
                .set_condition_expression(condition)
                .set_expression_attribute_names(names)
                .set_expression_attribute_values(values)
                .set_return_values_on_condition_check_failure(old)
                .build()
                .map_err(unbuilt)?,
        ),
        Action::Update(_) => builder.update(
            Update::builder()
                .table_name(table)
                .set_key(Some(step.key.clone()))
                .set_update_expression(update)
                .set_condition_expression(condition)
                .set_expression_attribute_names(names)
                .set_expression_attribute_values(values)
                .set_return_values_on_condition_check_failure(old)
                .build()
                .map_err(unbuilt)?,
        ),
        Action::Delete => builder.delete(
            Delete::builder()
                .table_name(table)
                .set_key(Some(step.key.clone()))
                .set_condition_expression(condition)
                .set_expression_attribute_names(names)
                .set_expression_attribute_values(values)
                .set_return_values_on_condition_check_failure(old)
                .build()
                .map_err(unbuilt)?,
        ),
        Action::Check => builder.condition_check(
            ConditionCheck::builder()
                .table_name(table)
                .set_key(Some(step.key.clone()))
                .set_condition_expression(condition)
                .set_expression_attribute_names(names)
                .set_expression_attribute_values(values)
                .set_return_values_on_condition_check_failure(old)
                .build()
                .map_err(unbuilt)?,
        ),
    }
    .build())
}

async fn transact(
    core: &Core,
    steps: &[Step],
    token: Option<&str>,
    pattern: &PatternId,
) -> Result<Cost, Failure> {
    let request = transaction(core, steps, token).map_err(Failure::Item)?;
    let answer = request
        .customize()
        .interceptor(Mark(pattern.clone()))
        .send()
        .await;
    match answer {
        Ok(answer) => {
            let capacities: &[ConsumedCapacity] = answer.consumed_capacity();
            Ok(capacities
                .iter()
                .map(|capacity| Cost::written(Some(capacity)))
                .sum())
        }
        Err(error) => Err(canceled(core, error)),
    }
}

fn canceled<R>(core: &Core, error: SdkError<TransactWriteItemsError, R>) -> Failure
where
    R: std::fmt::Debug + Send + Sync + 'static,
{
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(canceled)) => {
            let reasons = canceled.cancellation_reasons();
            let refused: Vec<_> = reasons
                .iter()
                .enumerate()
                .filter(|(_, reason)| reason.code() == Some("ConditionalCheckFailed"))
                .map(|(at, reason)| (at, reason.item().cloned().filter(|item| !item.is_empty())))
                .collect();
            if !refused.is_empty() {
                Failure::Refused(refused)
            } else if reasons
                .iter()
                .any(|reason| reason.code() == Some("TransactionConflict"))
            {
                Failure::Conflict
            } else if reasons.iter().any(|reason| is_no_place(reason.message())) {
                Failure::NoPlace
            } else {
                Failure::Request(RequestError::new("TransactWriteItems", &core.table, error))
            }
        }
        Some(TransactWriteItemsError::TransactionInProgressException(_)) => Failure::Conflict,
        _ => Failure::Request(RequestError::new("TransactWriteItems", &core.table, error)),
    }
}

/// A write as a future.
pub(crate) type Sending = BoxFuture<Result<Cost, WriteError>>;

pub(crate) fn sending(write: impl Write + Send + 'static) -> Sending {
    let operation = write.into_operation();
    Box::pin(operation.send())
}
