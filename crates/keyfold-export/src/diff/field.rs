//! Changes of what items hold.

use keyfold_model::{EntityModel, FieldModel, FieldRole, TableModel, WhenAbsent};

use super::{Change, Survival};

pub fn compare<'a>(
    old_model: &TableModel<'a>,
    new_model: &TableModel<'a>,
    old: &EntityModel<'a>,
    new: &EntityModel<'a>,
    changes: &mut Vec<Change>,
) {
    let of = format!("entity {}", new.name);
    for field in new.fields.iter() {
        let known = old
            .fields
            .iter()
            .find(|known| known.attribute == field.attribute && known.key_only == field.key_only)
            .or_else(|| old.field(&field.name));
        match known {
            None => changes.extend(added(&of, field, new)),
            Some(known) => changed(&of, (old_model, known), (new_model, field), changes),
        }
    }
    for field in old.fields.iter().filter(|field| !field.key_only) {
        let stays = new
            .fields
            .iter()
            .any(|known| known.attribute == field.attribute || known.name == field.name);
        if !stays {
            changes.push(Change::new(
                &*of,
                format!("`{}` removed", field.attribute),
                Survival::Survive,
                "stored items keep it unread; `put` of an item drops it, `edit` and `patch` leave it",
            ));
        }
    }
}

fn reads_without(field: &FieldModel<'_>) -> bool {
    field.when_absent != WhenAbsent::Error || field.role == FieldRole::Counter
}

fn added<'a>(of: &str, field: &FieldModel<'a>, entity: &EntityModel<'a>) -> Option<Change> {
    let what = format!("`{}: {}` added", field.attribute, field.type_name);
    if field.key_only {
        // A part of the key: its change says what it means.
        let in_key = std::iter::once(&entity.key)
            .chain(entity.indexes.iter().map(|index| &index.key))
            .any(|key| {
                key.pk.part(&field.name).is_some()
                    || key
                        .sk
                        .as_ref()
                        .is_some_and(|sk| sk.part(&field.name).is_some())
            });
        return (!in_key).then(|| Change::new(of, what, Survival::Survive, "it is not stored"));
    }
    Some(if reads_without(field) {
        Change::new(
            of,
            what,
            Survival::Survive,
            "stored items are read without it",
        )
    } else {
        Change::new(
            of,
            what,
            Survival::Lost,
            "stored items lack it, and the new code does not read an item without it",
        )
        .expand(format!(
            "add it as `Option<{}>`, or with `#[serde(default)]`, and write it on every change",
            field.type_name
        ))
        .backfill("set it on stored items")
        .contract("make it required")
    })
}

fn changed<'a>(
    of: &str,
    (old_model, old): (&TableModel<'a>, &FieldModel<'a>),
    (new_model, new): (&TableModel<'a>, &FieldModel<'a>),
    changes: &mut Vec<Change>,
) {
    let stored_as = |model: &TableModel<'_>, field: &FieldModel<'_>| match (field.role, &model.ttl)
    {
        (FieldRole::Ttl, Some(ttl)) => ttl.to_string(),
        _ => field.attribute.to_string(),
    };
    let (was, is) = (stored_as(old_model, old), stored_as(new_model, new));
    // The attribute that items expire by is the table's, and so is its change.
    let both_expire = old.role == FieldRole::Ttl && new.role == FieldRole::Ttl;
    match (old.key_only, new.key_only) {
        (false, false) if was != is && both_expire => {}
        (false, false) if was != is => {
            let survival = if reads_without(new) { Survival::Backfill } else { Survival::Lost };
            changes.push(
                Change::new(of, format!("`{}` is stored as `{is}`, was `{was}`", new.name), survival, format!("stored items hold `{was}`, which the new code does not read"))
                    .expand(format!("read both, by `#[serde(alias = \"{was}\")]`, and write `{is}`"))
                    .backfill(format!("write every stored item again, which leaves it with `{is}`"))
                    .contract("drop the alias"),
            );
        }
        (true, false) if !reads_without(new) => changes.push(
            Change::new(of, format!("`{}` is stored, was in the key alone", new.name), Survival::Lost, "stored items lack the attribute, and the new code does not read an item without it")
                .expand("add it with `#[serde(default)]` under another name, and write it on every change")
                .backfill("set it on stored items from their keys")
                .contract("make it required"),
        ),
        (true, false) => changes.push(Change::new(of, format!("`{}` is stored, was in the key alone", new.name), Survival::Survive, "stored items are read without it")),
        (false, true) => changes.push(Change::new(of, format!("`{}` is in the key alone, was stored too", new.name), Survival::Survive, "it is read out of the key; the stored attribute stays unread")),
        _ => {}
    }
    if let Some(change) = kind(of, old, new) {
        changes.push(change);
    }
    if reads_without(old) && !reads_without(new) && !new.key_only && !old.key_only {
        changes.push(
            Change::new(of, format!("`{}` is required, and was not", new.attribute), Survival::Lost, "stored items may lack it, and the new code does not read an item without it")
                .backfill("set it on the stored items that lack it, while the code that reads them without it runs")
                .contract("make it required"),
        );
    }
    if !reads_without(old) && reads_without(new) && !new.key_only && !old.key_only {
        changes.push(Change::new(
            of,
            format!("`{}` may be absent, and could not be", new.attribute),
            Survival::Survive,
            "releases that still run do not read items that lack it: write it until they are gone",
        ));
    }
    role(of, old, new, changes);
}

/// A change of type, as far as names tell.
fn kind<'a>(of: &str, old: &FieldModel<'a>, new: &FieldModel<'a>) -> Option<Change> {
    let (was, is) = (plain(&old.type_name), plain(&new.type_name));
    if was == is || new.key_only {
        return None;
    }
    let what = format!(
        "`{}` is `{}`, was `{}`",
        new.attribute, new.type_name, old.type_name
    );
    let change =
        |survival, because: &str| Change::new(of, what.clone(), survival, because.to_owned());
    Some(match (range(&was), range(&is)) {
        (Some(was), Some(is)) if is.0 <= was.0 && was.1 <= is.1 && is.2 >= was.2 => {
            change(Survival::Survive, "every stored number fits")
        }
        (Some(_), Some(_)) => change(Survival::Unsure, "a stored number may not fit")
            .backfill("look whether all stored numbers do: `keyfold table export` and count"),
        (a, b) if is_known(&was, a.is_some()) && is_known(&is, b.is_some()) => change(
            Survival::Lost,
            "it is stored as another type of DynamoDB, which the new code does not read",
        )
        .expand("store it under another attribute's name beside the old one, write both, read the new one and then the old one")
        .backfill("set the new attribute on stored items")
        .contract("drop the old attribute"),
        _ => change(Survival::Unsure, "items survive if the new type reads what the old one wrote: a round trip of a stored item in a test tells"),
    })
}

fn plain(type_name: &str) -> String {
    let name: String = type_name.chars().filter(|c| !c.is_whitespace()).collect();
    name.strip_prefix("Option<")
        .and_then(|rest| rest.strip_suffix('>'))
        .map_or(name.clone(), str::to_owned)
}

/// Lowest, highest in powers of two, and whether fractions fit.
fn range(name: &str) -> Option<(i16, i16, bool)> {
    Some(match name {
        "u8" => (0, 8, false),
        "u16" => (0, 16, false),
        "u32" => (0, 32, false),
        "u64" | "usize" => (0, 64, false),
        "u128" => (0, 128, false),
        "i8" => (-7, 7, false),
        "i16" => (-15, 15, false),
        "i32" => (-31, 31, false),
        "i64" | "isize" => (-63, 63, false),
        "i128" => (-127, 127, false),
        // Whole numbers that are exact.
        "f32" => (-24, 24, true),
        "f64" => (-53, 53, true),
        _ => return None,
    })
}

fn is_known(name: &str, is_number: bool) -> bool {
    is_number
        || matches!(name, "String" | "bool" | "Vec<u8>" | "Timestamp")
        || name.starts_with("Vec<")
}

fn role<'a>(of: &str, old: &FieldModel<'a>, new: &FieldModel<'a>, changes: &mut Vec<Change>) {
    if old.role == new.role {
        return;
    }
    let name = |role| match role {
        FieldRole::Plain => "a plain field",
        FieldRole::Counter => "a counter",
        FieldRole::Created => "stamped on creation",
        FieldRole::Updated => "stamped on update",
        FieldRole::Version => "the version",
        FieldRole::Ttl => "when it expires",
        FieldRole::Scope => "its scope's identifier",
        FieldRole::Deleted => "when it was deleted",
    };
    let what = format!(
        "`{}` is {}, was {}",
        new.attribute,
        name(new.role),
        name(old.role)
    );
    let because = match (old.role, new.role) {
        (FieldRole::Ttl, _) | (_, FieldRole::Ttl) => {
            "stored items expire, or do not, by what they hold already"
        }
        (_, FieldRole::Version) => {
            "edits of stored items check it from now on: what they hold is taken for their version"
        }
        _ => "what is stored stays as it is; it is written in another way from now on",
    };
    changes.push(Change::new(of, what, Survival::Survive, because));
}
