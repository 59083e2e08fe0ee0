//! While a sharded entity is moved to other shards: every operation finds an item where it was and where it is,
//! and a write brings it to its place first.

use std::sync::Arc;

use keyfold_model::EntityModel;

use crate::changes::Changes;
use crate::condition::Condition;
use crate::errors::RequestError;
use crate::item::Item;
use crate::pattern::{Mark, PatternId};
use crate::shard::{former_key, index_keys, is_moving};
use crate::table::Core;
use crate::update::key_of;
use crate::write::{Action, Failure, Means, Step, execute};

/// How often an item that keeps changing is tried to be moved.
const MOVES_MAX: u32 = 8;

/// The two places of an item.
#[derive(Debug, Clone)]
pub(crate) struct Places {
    pub(crate) before: Item,
    pub(crate) now: Item,
}

/// Whether any entity of the table is being moved.
pub(crate) fn any_moving(core: &Core) -> bool {
    core.model.entities.iter().any(is_moving)
}

/// What steps need beside themselves while their items may lie in another place.
pub(crate) fn with_former(core: &Core, steps: Vec<Step>, upsert: bool) -> Vec<Step> {
    if !any_moving(core) {
        return steps;
    }
    let mut all = Vec::with_capacity(steps.len() * 2);
    for mut step in steps {
        let spec = core.model.entity(step.entity);
        let before = spec.and_then(|spec| former_key(core, spec, &step.key));
        let Some(before) = before else {
            all.push(step);
            continue;
        };
        let places = Places {
            before: before.clone(),
            now: step.key.clone(),
        };
        let beside = |action, condition, means, unique, former| Step {
            table: None,
            entity: step.entity,
            unique,
            key: before,
            action,
            condition,
            means,
            repair: None,
            former,
            lift: None,
        };
        let other = match &step.action {
            // New: in neither place is anything that is not expired.
            Action::Put(_) if step.means == Means::AlreadyThere && step.condition.is_some() => {
                Some(beside(
                    Action::Check,
                    step.condition.clone(),
                    Means::AlreadyThere,
                    step.unique,
                    None,
                ))
            }
            Action::Put(_) => Some(beside(Action::Delete, None, Means::Condition, None, None)),
            Action::Update(_) if upsert => {
                let absent = Condition::absent(&core.model.pk.name);
                let former = Some(places.clone());
                Some(beside(
                    Action::Check,
                    Some(absent),
                    Means::Condition,
                    None,
                    former,
                ))
            }
            Action::Delete if step.condition.is_none() => {
                Some(beside(Action::Delete, None, Means::Condition, None, None))
            }
            Action::Update(_) | Action::Delete | Action::Check => None,
        };
        step.former = Some(places);
        all.push(step);
        all.extend(other);
    }
    all
}

/// Moves the items that refused steps did not find; `true` if one was moved, so that it is worth another try.
pub(crate) async fn moved(
    core: &Core,
    steps: &[Step],
    refused: &[(usize, Option<Item>)],
    pattern: &PatternId,
) -> Result<bool, Failure> {
    let mut any = false;
    for (at, found) in refused {
        let Some((step, places)) = steps
            .get(*at)
            .and_then(|step| Some((step, step.former.as_ref()?)))
        else {
            continue;
        };
        // It is in its place, and the condition is about something else.
        if found.is_some() && step.key == places.now {
            continue;
        }
        let core = step.table.as_deref().unwrap_or(core);
        if let Some(spec) = core.model.entity(step.entity) {
            any |= Box::pin(move_item(core, spec, places, pattern)).await?
                // Another has moved it since.
                || stored(core, places.now.clone(), pattern).await?.is_some();
        }
    }
    Ok(any)
}

/// Moves an item as it is, if it still lies in its former place; `false` if it does not.
pub(crate) async fn move_item(
    core: &Core,
    spec: &'static EntityModel<'static>,
    places: &Places,
    pattern: &PatternId,
) -> Result<bool, Failure> {
    for _ in 0..MOVES_MAX {
        let Some(item) = stored(core, places.before.clone(), pattern).await? else {
            return Ok(false);
        };
        let mut there = item.clone();
        for (attribute, _, now) in index_keys(core, spec, &item) {
            there.insert(attribute.to_owned(), now);
        }
        there.extend(places.now.clone());
        let entity = EntityModel::static_name(spec);
        let step = |key: &Item, action, condition| Step {
            table: None,
            entity,
            unique: None,
            key: key.clone(),
            action,
            condition: Some(condition),
            means: Means::Condition,
            repair: None,
            former: None,
            lift: None,
        };
        let absent = Condition::absent(&core.model.pk.name);
        let steps = [
            step(&places.now, Action::Put(there), absent),
            step(
                &places.before,
                Action::Delete,
                Condition::Same(item.clone()),
            ),
        ];
        match Box::pin(execute(core, &steps, None, pattern)).await {
            Ok(_) => return Ok(true),
            // It was changed, or moved by another, meanwhile.
            Err(Failure::Refused(_)) => {}
            Err(failure) => return Err(failure),
        }
    }
    Err(Failure::Conflict)
}

/// Writes the index keys of an item anew that hold the number of another shard; `false` if none does, or it changed.
pub(crate) async fn rekey(
    core: &Core,
    spec: &'static EntityModel<'static>,
    item: &Item,
    pattern: &PatternId,
) -> Result<bool, Failure> {
    let mut changes = Changes::default();
    let mut condition = Condition::exists(&core.model.pk.name);
    for (attribute, was, now) in index_keys(core, spec, item) {
        changes.set.push((attribute.to_owned(), now));
        condition = condition.and(Condition::equals(attribute, was));
    }
    if changes.is_empty() {
        return Ok(false);
    }
    let step = Step {
        table: None,
        entity: EntityModel::static_name(spec),
        unique: None,
        key: key_of(core.model, item),
        action: Action::Update(changes),
        condition: Some(condition),
        means: Means::Condition,
        repair: None,
        former: None,
        lift: None,
    };
    match Box::pin(execute(core, &[step], None, pattern)).await {
        Ok(_) => Ok(true),
        // A write since then has written the key itself.
        Err(Failure::Refused(_)) => Ok(false),
        Err(failure) => Err(failure),
    }
}

/// What lies there, expired or not.
pub(crate) async fn stored(
    core: &Core,
    key: Item,
    pattern: &PatternId,
) -> Result<Option<Item>, Failure> {
    let answer = core
        .client
        .get_item()
        .table_name(&core.table)
        .set_key(Some(key))
        .consistent_read(true)
        .customize()
        .interceptor(Mark(pattern.clone()))
        .send()
        .await;
    let answer = answer
        .map_err(|error| Failure::Request(RequestError::new("GetItem", &core.table, error)))?;
    Ok(answer.item)
}

/// Reads an item for a write; one that lies in its former place is moved first.
pub(crate) async fn load(
    core: &Arc<Core>,
    entity: &'static str,
    key: Item,
    pattern: PatternId,
) -> Result<Option<Item>, crate::errors::GetError> {
    let found = crate::read::load(core, key.clone(), pattern.clone()).await?;
    let Some(spec) = core
        .model
        .entity(entity)
        .filter(|spec| found.is_none() && is_moving(spec))
    else {
        return Ok(found);
    };
    let Some(before) = former_key(core, spec, &key) else {
        return Ok(None);
    };
    let places = Places {
        before,
        now: key.clone(),
    };
    match move_item(core, spec, &places, &pattern).await {
        Ok(_) => crate::read::load(core, key, pattern).await,
        Err(Failure::Request(error)) => Err(error.into()),
        // It is being changed all the time: it is there, and the write that follows tells.
        Err(_) => Ok(None),
    }
}
