//! Transactions whose refusals are your own errors.

use std::collections::HashSet;
use std::sync::Arc;

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsInput;
use aws_sdk_dynamodb::types::AttributeValue;
use keyfold_dynamo::limits::{TRANSACTION_ACTIONS_MAX, TRANSACTION_BYTES_MAX};

use crate::cost::Cost;
use crate::entity::{Entity, EntityOf, UniqueOf};
use crate::errors::{Existing, TransactError, WriteError};
use crate::explain::Explanation;
use crate::item::{Item, size_bytes};
use crate::pattern::PatternId;
use crate::read::Exists;
use crate::repo::Create;
use crate::scope::InScope;
use crate::table::{Core, Table};
use crate::update::{SpecName, alive};
use crate::write::{Action, Failure, Means, Operation, Step, Write, execute, transaction};

/// The errors of your domain that a transaction can be refused with: `#[derive(Refusal)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a refusal",
    note = "add `#[derive(Debug, Refusal)]` to the enum that names why the transaction is refused"
)]
pub trait Refusal: std::fmt::Debug + Send + Sync + 'static {}

/// The refusal type of a transaction before its first `.or(..)`.
#[derive(Debug)]
pub enum NoRefusal {}

/// A refusal type that can become `R`: itself, or none yet.
#[diagnostic::on_unimplemented(
    message = "this transaction is already refused with another type than `{R}`",
    note = "one transaction has one refusal type; convert, or name all refusals in one enum"
)]
pub trait WidensTo<R> {
    #[doc(hidden)]
    fn widen(self) -> R;
}

impl<R: Refusal> WidensTo<R> for R {
    fn widen(self) -> R {
        self
    }
}

impl<R: Refusal> WidensTo<R> for NoRefusal {
    fn widen(self) -> R {
        match self {}
    }
}

/// Writes of several items: all or none.
#[must_use = "nothing is written until it is committed"]
pub struct Transact<T, R = NoRefusal> {
    core: Arc<Core>,
    entries: Vec<Entry<R>>,
    token: Option<String>,
    misuse: Option<String>,
    table: std::marker::PhantomData<fn() -> T>,
}

struct Entry<R> {
    operation: Operation,
    or: Option<R>,
    or_taken: Vec<(&'static str, R)>,
}

impl<R> Entry<R> {
    fn widen<W>(self) -> Entry<W>
    where
        R: WidensTo<W>,
    {
        Entry {
            operation: self.operation,
            or: self.or.map(WidensTo::widen),
            or_taken: self
                .or_taken
                .into_iter()
                .map(|(name, refusal)| (name, refusal.widen()))
                .collect(),
        }
    }
}

impl<T> Transact<T, NoRefusal> {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self {
            core,
            entries: Vec::new(),
            token: None,
            misuse: None,
            table: std::marker::PhantomData,
        }
    }
}

impl<T: Table, R> Transact<T, R> {
    /// Adds an item that must not be there yet, with everything kept in step with it.
    pub fn create<E: EntityOf<T> + InScope<T::Scope>>(self, entity: E) -> Self {
        let create = Create::in_table(self.core.clone(), entity);
        self.add(create)
    }
}

impl<T, R> Transact<T, R> {
    /// Adds any write, also one of another table of the same account and region.
    #[expect(
        clippy::should_implement_trait,
        reason = "a transaction is not a number; `add` is the plain word"
    )]
    pub fn add(mut self, write: impl Write) -> Self {
        let operation = write.into_operation();
        self.entries.push(Entry {
            operation,
            or: None,
            or_taken: Vec::new(),
        });
        self
    }

    /// Puts a write before the others, so that its refusal is told first.
    #[doc(hidden)]
    pub fn add_first(mut self, write: impl Write) -> Self {
        let entry = Entry {
            operation: write.into_operation(),
            or: None,
            or_taken: Vec::new(),
        };
        self.entries.insert(0, entry);
        self
    }

    /// Adds an update: `patch`, `upsert` or `edit`.
    pub fn apply(self, update: impl Write) -> Self {
        self.add(update)
    }

    /// Adds the condition that an item is there.
    pub fn require<E: Entity>(mut self, exists: Exists<E>) -> Self {
        let (core, key) = exists.into_key();
        let steps = key.map_err(WriteError::from).map(|key| {
            vec![Step {
                table: None,
                entity: E::spec_name(),
                unique: None,
                key,
                action: Action::Check,
                condition: Some(alive::<E>(&core)),
                means: Means::Condition,
                repair: None,
                former: None,
                lift: None,
            }]
        });
        let operation = Operation::ready(core, "require", E::spec_name(), steps);
        self.entries.push(Entry {
            operation,
            or: None,
            or_taken: Vec::new(),
        });
        self
    }

    /// Adds a deletion.
    pub fn delete(self, delete: impl Write) -> Self {
        self.add(delete)
    }

    /// What it is called when the last added operation is refused.
    pub fn or<W>(self, refusal: W) -> Transact<T, W>
    where
        R: WidensTo<W>,
    {
        let mut widened = self.widen();
        match widened.entries.last_mut() {
            Some(entry) => entry.or = Some(refusal),
            None => widened.misuse = Some("`.or(..)` stands before any operation".to_owned()),
        }
        widened
    }

    /// What it is called when a `#[unique]` value of the last added item is taken.
    pub fn or_taken<U: UniqueOf, W>(self, unique: U, refusal: W) -> Transact<T, W>
    where
        R: WidensTo<W>,
    {
        let mut widened = self.widen();
        match widened.entries.last_mut() {
            Some(entry) if entry.operation.entity == U::Entity::spec_name() => {
                entry.or_taken.push((unique.name(), refusal));
            }
            _ => {
                widened.misuse = Some(format!(
                    "`.or_taken(..)` names a unique value of `{}` and does not stand behind an operation on one",
                    U::Entity::spec_name()
                ));
            }
        }
        widened
    }

    /// The client's token: the same transaction sent again within ten minutes has no further effect.
    pub fn token(mut self, token: impl Into<String>) -> Self {
        let token = token.into();
        if token.is_empty() || token.len() > 36 {
            self.misuse = Some("a token has 1 to 36 characters".to_owned());
        }
        self.token = Some(token);
        self
    }

    fn widen<W>(self) -> Transact<T, W>
    where
        R: WidensTo<W>,
    {
        Transact {
            core: self.core,
            entries: self.entries.into_iter().map(Entry::widen).collect(),
            token: self.token,
            misuse: self.misuse,
            table: std::marker::PhantomData,
        }
    }

    /// The request that would be sent; nothing is.
    pub async fn request(self) -> Result<TransactWriteItemsInput, WriteError> {
        let (core, token) = (self.core.clone(), self.token.clone());
        let (steps, _) = self.steps().await?;
        let request = transaction(&core, &steps, token.as_deref())?;
        request
            .as_input()
            .clone()
            .build()
            .map_err(|error| WriteError::Unsendable {
                reason: error.to_string(),
            })
    }

    /// What it does, in words.
    pub async fn explain(self) -> Result<Explanation, WriteError> {
        let core = self.core.clone();
        let (steps, _) = self.steps().await?;
        Ok(Explanation::of_steps(
            &core,
            "transact",
            &PatternId::operation("transaction", "commit"),
            &steps,
        ))
    }

    /// Writes all of it, or nothing. Conflicts with other transactions are tried again.
    ///
    /// # Errors
    /// `TransactError::Refused` with what `.or(..)` named; `TransactError::Condition` for a refusal
    /// that nothing names.
    pub async fn commit(self) -> Result<Cost, TransactError<R>> {
        let (core, token) = (self.core.clone(), self.token.clone());
        let pattern = self.pattern();
        let (steps, mut owners) = self.steps().await?;
        match execute(&core, &steps, token.as_deref(), &pattern).await {
            Ok(cost) => Ok(cost),
            Err(Failure::Conflict) => Err(TransactError::Conflict),
            Err(Failure::NoPlace) => {
                let entity = steps.first().map_or("", |step| step.entity);
                Err(WriteError::NoPlace { entity }.into())
            }
            Err(Failure::Item(error)) => Err(WriteError::from(error).into()),
            Err(Failure::Request(error)) => Err(WriteError::from(error).into()),
            Err(Failure::Refused(refused)) => {
                let (at, old) = refused.into_iter().next().unwrap_or_default();
                let model = steps.get(at).and_then(|step| step.table.as_ref());
                let model = model.map_or(core.model, |other| other.model);
                Err(owners.refusal(&steps, at, Existing::new(old, model)))
            }
        }
    }

    fn pattern(&self) -> PatternId {
        let entity = self
            .entries
            .first()
            .map_or("transaction", |entry| entry.operation.entity);
        PatternId::operation(entity, "transact")
    }

    /// Every step, and which entry it belongs to.
    async fn steps(self) -> Result<(Vec<Step>, Owners<R>), WriteError> {
        if let Some(reason) = self.misuse {
            return Err(WriteError::Unsendable { reason });
        }
        let mut steps = Vec::new();
        let mut scopes = self.core.scopes.clone();
        let mut owners = Owners {
            of_step: Vec::new(),
            entries: Vec::new(),
        };
        for (place, entry) in self.entries.into_iter().enumerate() {
            let (verb, entity) = (entry.operation.verb, entry.operation.entity);
            let core = entry.operation.core.clone();
            // One transaction is one tenant's.
            scopes.join(&core.scopes, entity)?;
            let mut own = entry.operation.steps().await?;
            if core.table != self.core.table {
                for step in &mut own {
                    step.table = Some(core.clone());
                }
            }
            owners.of_step.extend(std::iter::repeat_n(place, own.len()));
            owners.entries.push(Owner {
                verb,
                entity,
                or: entry.or,
                or_taken: entry.or_taken,
            });
            steps.extend(own);
        }
        check(&steps, &owners)?;
        Ok((steps, owners))
    }
}

struct Owners<R> {
    of_step: Vec<usize>,
    entries: Vec<Owner<R>>,
}

struct Owner<R> {
    verb: &'static str,
    entity: &'static str,
    or: Option<R>,
    or_taken: Vec<(&'static str, R)>,
}

impl<R> Owners<R> {
    fn refusal(&mut self, steps: &[Step], at: usize, existing: Existing) -> TransactError<R> {
        let operation = self.of_step.get(at).copied().unwrap_or_default();
        let Some(owner) = self.entries.get_mut(operation) else {
            return TransactError::Conflict;
        };
        let unique = steps.get(at).and_then(|step| step.unique);
        let taken = owner
            .or_taken
            .iter()
            .position(|(name, _)| Some(*name) == unique);
        let refusal = match taken {
            Some(place) => Some(owner.or_taken.swap_remove(place).1),
            None => owner.or.take(),
        };
        match refusal {
            Some(refusal) => TransactError::Refused(refusal),
            None => TransactError::Condition {
                operation,
                verb: owner.verb,
                entity: owner.entity,
                existing,
            },
        }
    }

    fn name(&self, step: usize) -> String {
        let place = self.of_step.get(step).copied().unwrap_or_default();
        self.entries.get(place).map_or_else(String::new, |owner| {
            format!("operation {place}, {} `{}`", owner.verb, owner.entity)
        })
    }
}

/// What DynamoDB would refuse anyway, told before anything is sent and with the operations named.
fn check<R>(steps: &[Step], owners: &Owners<R>) -> Result<(), WriteError> {
    let unsendable = |reason: String| Err(WriteError::Unsendable { reason });
    if steps.is_empty() {
        return unsendable(
            "the transaction has no operation; add one, or do not send it".to_owned(),
        );
    }
    if steps.len() > TRANSACTION_ACTIONS_MAX {
        return unsendable(format!(
            "the transaction writes {} items, at most {TRANSACTION_ACTIONS_MAX} are allowed; split it",
            steps.len()
        ));
    }
    let table = |step: &Step| step.table.as_ref().map(|core| core.table.clone());
    let mut seen = HashSet::new();
    for (at, step) in steps.iter().enumerate() {
        if !seen.insert((table(step), comparable(&step.key))) {
            let first = steps
                .iter()
                .position(|other| other.key == step.key && table(other) == table(step))
                .unwrap_or_default();
            return unsendable(format!(
                "two operations of the transaction write one item: {} and {}; join them into one",
                owners.name(first),
                owners.name(at)
            ));
        }
    }
    let bytes: usize = steps
        .iter()
        .map(|step| match &step.action {
            Action::Put(item) => size_bytes(item),
            _ => size_bytes(&step.key),
        })
        .sum();
    if bytes > TRANSACTION_BYTES_MAX {
        return unsendable(format!(
            "the transaction takes {bytes} bytes, at most 4 MB are allowed; split it"
        ));
    }
    Ok(())
}

fn comparable(key: &Item) -> Vec<(&str, String)> {
    let mut parts: Vec<(&str, String)> = key
        .iter()
        .map(|(name, value)| {
            let text = match value {
                AttributeValue::S(text) | AttributeValue::N(text) => text.clone(),
                AttributeValue::B(bytes) => format!("{:?}", bytes.as_ref()),
                _ => String::new(),
            };
            (name.as_str(), text)
        })
        .collect();
    parts.sort_unstable();
    parts
}
