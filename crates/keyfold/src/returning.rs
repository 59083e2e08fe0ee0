//! Writes that give the item as it was, or as it is now.

use std::marker::PhantomData;

use aws_sdk_dynamodb::types::ReturnValue;
use keyfold_model::TableModel;

use crate::entity::Entity;
use crate::errors::WriteError;
use crate::item::{Item, from_item};
use crate::write::{
    Failure, Operation, Request, Single, futures_boxed::BoxFuture, meaning, send_single,
};

/// A write that gives the item as it is after it; awaiting it sends it.
///
/// One request, which costs no more than without it. A write that keeps other items in step is a
/// transaction, and a transaction returns nothing: it is refused before it is sent.
#[must_use = "nothing is written until it is sent"]
pub struct Returning<E> {
    operation: Operation,
    entity: PhantomData<fn() -> E>,
}

/// A write that gives the item as it was before it, if it was there; awaiting it sends it.
///
/// Where [`Returning`] is refused, this is too.
#[must_use = "nothing is written until it is sent"]
pub struct ReturningOld<E> {
    operation: Operation,
    entity: PhantomData<fn() -> E>,
}

impl<E: Entity> Returning<E> {
    pub(crate) fn new(operation: Operation) -> Self {
        Self {
            operation,
            entity: PhantomData,
        }
    }

    /// The request that would be sent; nothing is.
    pub fn request(self) -> Result<Request, WriteError> {
        request(self.operation, ReturnValue::AllNew)
    }

    /// Writes it, and gives what is there now.
    pub async fn send(self) -> Result<E, WriteError> {
        let (core, entity) = (self.operation.core.clone(), self.operation.entity);
        match answer(self.operation, ReturnValue::AllNew).await? {
            Some(item) => Ok(from_item(item, core.model)?),
            None => Err(WriteError::NotFound { entity }),
        }
    }
}

impl<E: Entity> ReturningOld<E> {
    pub(crate) fn new(operation: Operation) -> Self {
        Self {
            operation,
            entity: PhantomData,
        }
    }

    /// The request that would be sent; nothing is.
    pub fn request(self) -> Result<Request, WriteError> {
        request(self.operation, ReturnValue::AllOld)
    }

    /// Writes it, and gives what was there before.
    pub async fn send(self) -> Result<Option<E>, WriteError> {
        let core = self.operation.core.clone();
        let item = answer(self.operation, ReturnValue::AllOld).await?;
        let item = item.filter(|item| !is_bare_key::<E>(item, core.model));
        Ok(item.map(|item| from_item(item, core.model)).transpose()?)
    }
}

impl<E: Entity> IntoFuture for Returning<E> {
    type Output = Result<E, WriteError>;
    type IntoFuture = BoxFuture<Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

impl<E: Entity> IntoFuture for ReturningOld<E> {
    type Output = Result<Option<E>, WriteError>;
    type IntoFuture = BoxFuture<Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

/// Whether it is the key of an item that was not there, which is what dynoxide-rs 3.2.0 answers; AWS
/// answers nothing.
fn is_bare_key<E: Entity>(item: &Item, table: &TableModel<'static>) -> bool {
    let is_key = |name: &String| {
        table.pk.name == *name || table.sk.as_ref().is_some_and(|sk| sk.name == *name)
    };
    let holds_more = table.tag.is_some() || E::spec().fields.iter().any(|field| !field.key_only);
    holds_more && item.keys().all(is_key)
}

fn several(verb: &str, entity: &str) -> WriteError {
    WriteError::Unsendable {
        reason: format!(
            "`{verb}` of a `{entity}` writes other items in step with it, and a transaction returns \
             nothing; send it without `returning`, and read the item"
        ),
    }
}

fn request(operation: Operation, which: ReturnValue) -> Result<Request, WriteError> {
    let (core, verb, entity) = (operation.core.clone(), operation.verb, operation.entity);
    let steps = operation.steps_at_once()?;
    match steps.as_slice() {
        [step] => Single::of(&core, step)?.returning(which).into_request(),
        _ => Err(several(verb, entity)),
    }
}

async fn answer(operation: Operation, which: ReturnValue) -> Result<Option<Item>, WriteError> {
    let (core, verb, entity) = (operation.core.clone(), operation.verb, operation.entity);
    let pattern = operation.pattern();
    let steps = operation.steps().await?;
    let [step] = steps.as_slice() else {
        return Err(several(verb, entity));
    };
    let mut conflicts = core.retry.start();
    loop {
        let request = Single::of(&core, step)?.returning(which.clone());
        let failure = match send_single(&core, request, &pattern).await {
            Ok((_, item)) => return Ok(item.filter(|item| !item.is_empty())),
            Err(failure) => failure,
        };
        let pause = match failure {
            Failure::Conflict => conflicts.next(&*core.randomness),
            _ => None,
        };
        match pause {
            Some(pause) => tokio::time::sleep(pause).await,
            None => return Err(meaning(&core, entity, &steps, failure)),
        }
    }
}
