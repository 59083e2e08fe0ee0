//! What an update does to the attributes of an item, and how it is said to DynamoDB.

use aws_sdk_dynamodb::types::AttributeValue;

use crate::condition::Expression;
use crate::item::Item;
use crate::place::{Path, PathStep};

/// What an update does to attributes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Changes {
    pub(crate) set: Vec<(String, AttributeValue)>,
    pub(crate) set_once: Vec<(String, AttributeValue)>,
    pub(crate) add: Vec<(String, i64)>,
    pub(crate) remove: Vec<String>,
    /// What is more than an attribute set, raised or removed.
    pub(crate) ops: Vec<(Path, Op)>,
}

/// A change at one place.
#[derive(Debug, Clone, PartialEq)]
#[doc(hidden)]
pub enum Op {
    Set(AttributeValue),
    Remove,
    /// A number more, absent counting as 0.
    Add(AttributeValue),
    /// Elements after those of a list.
    Append(Vec<AttributeValue>),
    /// Elements before those of a list.
    Prepend(Vec<AttributeValue>),
    /// Members more in a set.
    Insert(AttributeValue),
    /// Members less in a set.
    Delete(AttributeValue),
}

impl Changes {
    pub(crate) fn is_empty(&self) -> bool {
        self.set.is_empty()
            && self.set_once.is_empty()
            && self.add.is_empty()
            && self.remove.is_empty()
            && self.ops.is_empty()
    }

    /// One more change at a place; what goes together with the last one there is joined with it.
    pub(crate) fn push(&mut self, path: Path, op: Op) {
        let before = self.ops.iter_mut().find(|(known, _)| *known == path);
        match (before, op) {
            (Some((_, Op::Append(before))), Op::Append(more)) => before.extend(more),
            (Some((_, Op::Prepend(before))), Op::Prepend(mut more)) => {
                // What is said last stands first.
                more.append(before);
                *before = more;
            }
            (Some((_, Op::Insert(before))), Op::Insert(more))
            | (Some((_, Op::Delete(before))), Op::Delete(more))
                if is_same_set(before, &more) =>
            {
                join(before, more);
            }
            (Some((_, before @ Op::Set(_))), op @ Op::Set(_)) => *before = op,
            (_, op) => self.ops.push((path, op)),
        }
    }

    /// An attribute of which two changes are asked that DynamoDB does not make at once.
    pub(crate) fn overlap(&self) -> Option<&str> {
        let whole = |attribute: &str| {
            self.set
                .iter()
                .map(|(name, _)| name)
                .chain(&self.remove)
                .chain(self.add.iter().map(|(name, _)| name))
                .any(|name| name == attribute)
        };
        let ops = self.ops.iter().enumerate();
        for (at, (path, _)) in ops {
            let met = self.ops[..at].iter().any(|(other, _)| path.overlaps(other));
            if met || whole(path.attribute) {
                return Some(path.attribute);
            }
        }
        let mut once: Vec<&String> = Vec::new();
        let names = self.set.iter().map(|(name, _)| name);
        let names = names
            .chain(&self.remove)
            .chain(self.add.iter().map(|(name, _)| name));
        for name in names {
            if once.contains(&name) {
                return Some(name);
            }
            once.push(name);
        }
        None
    }

    /// The item as it would be after the changes, as far as DynamoDB would make them.
    pub(crate) fn applied(&self, item: &Item) -> Item {
        let mut item = item.clone();
        for (attribute, value) in &self.set {
            item.insert(attribute.clone(), value.clone());
        }
        for attribute in &self.remove {
            item.remove(attribute);
        }
        for (attribute, by) in &self.add {
            let sum = sum(item.get(attribute), &AttributeValue::N(by.to_string()));
            item.insert(attribute.clone(), sum);
        }
        for (path, op) in &self.ops {
            apply(&mut item, path, op);
        }
        item
    }

    /// The update expression, if anything changes.
    pub(crate) fn text(&self, expression: &mut Expression) -> Option<String> {
        let (mut sets, mut removes) = (Vec::new(), Vec::new());
        let (mut adds, mut deletes) = (Vec::new(), Vec::new());
        for (attribute, value) in &self.set {
            sets.push(format!(
                "{} = {}",
                expression.name(attribute),
                expression.value(value.clone())
            ));
        }
        for (attribute, value) in &self.set_once {
            let name = expression.name(attribute);
            sets.push(format!(
                "{name} = if_not_exists({name}, {})",
                expression.value(value.clone())
            ));
        }
        for attribute in &self.remove {
            removes.push(expression.name(attribute));
        }
        for (attribute, by) in &self.add {
            let by = AttributeValue::N(by.to_string());
            adds.push(format!(
                "{} {}",
                expression.name(attribute),
                expression.value(by)
            ));
        }
        for (path, op) in &self.ops {
            let at = expression.path(path);
            match op {
                Op::Set(value) => sets.push(format!("{at} = {}", expression.value(value.clone()))),
                Op::Remove => removes.push(at),
                // Not by ADD, which is documented for whole attributes alone.
                Op::Add(by) => {
                    let zero = expression.value(AttributeValue::N("0".to_owned()));
                    let by = expression.value(by.clone());
                    sets.push(format!("{at} = if_not_exists({at}, {zero}) + {by}"));
                }
                Op::Append(values) => {
                    let empty = expression.value(AttributeValue::L(Vec::new()));
                    let values = expression.value(AttributeValue::L(values.clone()));
                    sets.push(format!(
                        "{at} = list_append(if_not_exists({at}, {empty}), {values})"
                    ));
                }
                Op::Prepend(values) => {
                    let empty = expression.value(AttributeValue::L(Vec::new()));
                    let values = expression.value(AttributeValue::L(values.clone()));
                    sets.push(format!(
                        "{at} = list_append({values}, if_not_exists({at}, {empty}))"
                    ));
                }
                Op::Insert(members) => {
                    adds.push(format!("{at} {}", expression.value(members.clone())));
                }
                Op::Delete(members) => {
                    deletes.push(format!("{at} {}", expression.value(members.clone())));
                }
            }
        }
        let clauses = [
            ("SET", sets),
            ("REMOVE", removes),
            ("ADD", adds),
            ("DELETE", deletes),
        ];
        let clauses: Vec<String> = clauses
            .into_iter()
            .filter(|(_, changes)| !changes.is_empty())
            .map(|(word, changes)| format!("{word} {}", changes.join(", ")))
            .collect();
        (!clauses.is_empty()).then(|| clauses.join(" "))
    }
}

fn is_same_set(a: &AttributeValue, b: &AttributeValue) -> bool {
    std::mem::discriminant(a) == std::mem::discriminant(b)
}

fn join(set: &mut AttributeValue, more: AttributeValue) {
    fn new<T: PartialEq>(set: &mut Vec<T>, more: Vec<T>) {
        for member in more {
            if !set.contains(&member) {
                set.push(member);
            }
        }
    }
    match (set, more) {
        (AttributeValue::Ss(set), AttributeValue::Ss(more))
        | (AttributeValue::Ns(set), AttributeValue::Ns(more)) => new(set, more),
        (AttributeValue::Bs(set), AttributeValue::Bs(more)) => new(set, more),
        _ => {}
    }
}

/// Members less; false if none is left, for DynamoDB has no empty set.
fn less(set: &mut AttributeValue, less: &AttributeValue) -> bool {
    match (set, less) {
        (AttributeValue::Ss(set), AttributeValue::Ss(less))
        | (AttributeValue::Ns(set), AttributeValue::Ns(less)) => {
            set.retain(|member| !less.contains(member));
            !set.is_empty()
        }
        (AttributeValue::Bs(set), AttributeValue::Bs(less)) => {
            set.retain(|member| !less.contains(member));
            !set.is_empty()
        }
        _ => true,
    }
}

fn sum(value: Option<&AttributeValue>, by: &AttributeValue) -> AttributeValue {
    let number = |value: Option<&AttributeValue>| match value {
        Some(AttributeValue::N(text)) => text.parse::<i128>().unwrap_or_default(),
        _ => 0,
    };
    AttributeValue::N((number(value) + number(Some(by))).to_string())
}

/// Makes a change at its place, if the way there exists.
fn apply(item: &mut Item, path: &Path, op: &Op) {
    let Some((last, way)) = path.steps.split_last() else {
        let value = item.remove(path.attribute);
        if let Some(value) = after(value, op) {
            item.insert(path.attribute.to_owned(), value);
        }
        return;
    };
    let mut value = item.get_mut(path.attribute);
    for step in way {
        value = match (value, step) {
            (Some(AttributeValue::M(map)), PathStep::Entry(name)) => map.get_mut(&**name),
            (Some(AttributeValue::L(list)), PathStep::Index(at)) => list.get_mut(*at),
            _ => None,
        };
    }
    match (value, last) {
        (Some(AttributeValue::M(map)), PathStep::Entry(name)) => {
            let value = map.remove(&**name);
            if let Some(value) = after(value, op) {
                map.insert(name.to_string(), value);
            }
        }
        (Some(AttributeValue::L(list)), PathStep::Index(at)) => {
            let value = (*at < list.len()).then(|| list.remove(*at));
            if let Some(value) = after(value, op) {
                // Past its end DynamoDB appends.
                list.insert((*at).min(list.len()), value);
            }
        }
        _ => {}
    }
}

/// A value after a change of it.
fn after(value: Option<AttributeValue>, op: &Op) -> Option<AttributeValue> {
    match op {
        Op::Set(value) => Some(value.clone()),
        Op::Remove => None,
        Op::Add(by) => Some(sum(value.as_ref(), by)),
        Op::Append(more) | Op::Prepend(more) => {
            let mut list = match value {
                Some(AttributeValue::L(list)) => list,
                _ => Vec::new(),
            };
            let at = if matches!(op, Op::Append(_)) {
                list.len()
            } else {
                0
            };
            list.splice(at..at, more.iter().cloned());
            Some(AttributeValue::L(list))
        }
        Op::Insert(more) => {
            let Some(mut set) = value else {
                return Some(more.clone());
            };
            join(&mut set, more.clone());
            Some(set)
        }
        Op::Delete(members) => {
            let mut set = value?;
            less(&mut set, members).then_some(set)
        }
    }
}
