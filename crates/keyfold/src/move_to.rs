//! `move_to`: an item under another key.

use std::marker::PhantomData;
use std::sync::Arc;

use aws_sdk_dynamodb::types::AttributeValue;
use keyfold_model::{FieldRole, WhenAbsent};

use crate::condition::Condition;
use crate::cost::Cost;
use crate::entity::Entity;
use crate::errors::WriteError;
use crate::item::{EntityParts, key_item, to_item};
use crate::repo::{delete_step, rows_in_place_of};
use crate::table::Core;
use crate::update::{SpecName, absent, alive, is_in_table_key, stored};
use crate::value::to_attribute;
use crate::write::{Action, Means, Operation, Sending, Step, Write, sending};

/// A `move_to`: awaiting it sends it.
#[must_use = "nothing is written until it is sent"]
pub struct MoveTo<E> {
    core: Arc<Core>,
    steps: Result<Vec<Step>, WriteError>,
    entity: PhantomData<fn() -> E>,
}

impl<E: Entity> MoveTo<E> {
    pub(crate) fn new(core: Arc<Core>, old: &E, new: &E) -> Self {
        let steps = steps(&core, old, new);
        Self {
            core,
            steps,
            entity: PhantomData,
        }
    }
}

impl<E: Entity> Write for MoveTo<E> {
    fn into_operation(self) -> Operation {
        Operation::ready(self.core, "move_to", E::spec_name(), self.steps)
    }
}

impl<E: Entity> IntoFuture for MoveTo<E> {
    type Output = Result<Cost, WriteError>;
    type IntoFuture = Sending;

    fn into_future(self) -> Sending {
        sending(self)
    }
}

fn steps<E: Entity>(core: &Core, old: &E, new: &E) -> Result<Vec<Step>, WriteError> {
    let spec = E::spec();
    let from = key_item(spec, core, &EntityParts(old))?;
    let to = key_item(spec, core, &EntityParts(new))?;
    if from == to {
        return Err(WriteError::Unsendable {
            reason: format!(
                "`move_to` of a `{}` to the key it has; change it with `edit(&loaded)`",
                spec.name
            ),
        });
    }
    let mut item = to_item(new, core)?;
    for field in spec.fields.iter() {
        match field.role {
            FieldRole::Updated => {
                item.insert(
                    field.attribute.to_string(),
                    to_attribute(&core.clock.now())?,
                );
            }
            // What was read of the old place and is written to the new one is one change more.
            FieldRole::Version => {
                let version = as_loaded(core, old)?
                    .into_iter()
                    .find(|(attribute, _, _)| *attribute == field.attribute)
                    .and_then(|(_, value, _)| value?.as_n().ok()?.parse::<u64>().ok())
                    .unwrap_or_default();
                let next = AttributeValue::N(version.saturating_add(1).to_string());
                item.insert(field.attribute.to_string(), next);
            }
            _ => {}
        }
    }
    let mut steps = vec![
        Step {
            lift: crate::version::lift::<E>(),
            ..delete_step(E::spec_name(), from, Some(unchanged(core, old)?))
        },
        Step {
            table: None,
            entity: E::spec_name(),
            unique: None,
            key: to,
            action: Action::Put(item),
            condition: Some(absent::<E>(core)),
            means: Means::AlreadyThere,
            repair: None,
            former: None,
            lift: None,
        },
    ];
    rows_in_place_of(core, old, new, &mut steps)?;
    Ok(steps)
}

/// A field's attribute, its value in the item as it was loaded, and what it is where it is absent.
type AsLoaded = (String, Option<AttributeValue>, WhenAbsent);

fn as_loaded<E: Entity>(core: &Core, old: &E) -> Result<Vec<AsLoaded>, WriteError> {
    let item = to_item(old, core)?;
    let fields = E::spec()
        .fields
        .iter()
        .filter(|field| !field.key_only && !is_in_table_key(E::spec(), &field.name));
    Ok(fields
        .map(|field| {
            let (attribute, _) = stored(core.model, field, &AttributeValue::Null(true));
            let value = item.get(&attribute).cloned();
            (attribute, value, field.when_absent)
        })
        .collect())
}

/// Nothing of the item has changed since it was loaded: its version says so, or else each field, for
/// what was written meanwhile would be lost with the old place.
fn unchanged<E: Entity>(core: &Core, old: &E) -> Result<Condition, WriteError> {
    let mut condition = alive::<E>(core);
    let version = E::spec().with_role(FieldRole::Version);
    for (attribute, value, when_absent) in as_loaded(core, old)? {
        if version.is_some_and(|version| version.attribute != attribute) {
            continue;
        }
        let at = E::spec()
            .fields
            .iter()
            .map(|field| &*field.attribute)
            .chain(core.model.ttl.as_deref())
            .find(|known| *known == attribute)
            .unwrap_or_default();
        condition = condition.and(match value {
            // An item that was not written whole, by an upsert or before the field was there, lacks it.
            Some(value) if when_absent != WhenAbsent::Error => {
                Condition::equals(at, value).or(Condition::absent(at))
            }
            Some(value) => Condition::equals(at, value),
            None => Condition::absent(at),
        });
    }
    Ok(condition)
}
