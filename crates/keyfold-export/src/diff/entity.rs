//! Changes of entities: come and gone, renamed, their keys, their kept items.

use keyfold_model::check::entity_overlap;
use keyfold_model::{EntityModel, KeptItem, KeptKind, KeyModel, TableModel};

use super::key::{self, Keys};
use super::{Change, Survival, field};
use crate::question::shown;

pub fn compare<'a>(old: &TableModel<'a>, new: &TableModel<'a>, changes: &mut Vec<Change>) {
    let gone: Vec<&EntityModel<'_>> = old
        .entities
        .iter()
        .filter(|entity| new.entity(&entity.name).is_none())
        .collect();
    let mut renamed: Vec<&str> = Vec::new();
    for entity in new.entities.iter() {
        if let Some(known) = old.entity(&entity.name) {
            changed(old, new, known, entity, changes);
            continue;
        }
        // The same keys under another name are the same items.
        let known = gone
            .iter()
            .find(|known| same_place((known, &known.key), (entity, &entity.key)));
        match known {
            Some(known) => {
                renamed.push(&known.name);
                changes.push(renaming(new, known, entity));
                changed(old, new, known, entity, changes);
            }
            None => changes.push(added(new, entity, &gone)),
        }
    }
    for entity in gone {
        if !renamed.contains(&&*entity.name) {
            changes.push(removed(new, entity));
        }
    }
}

fn same_place<'a>(
    (old_entity, old): (&EntityModel<'a>, &KeyModel<'a>),
    (new_entity, new): (&EntityModel<'a>, &KeyModel<'a>),
) -> bool {
    compare_keys((old_entity, old), (new_entity, new)) == Keys::Same
}

fn compare_keys<'a>(
    (old_entity, old): (&EntityModel<'a>, &KeyModel<'a>),
    (new_entity, new): (&EntityModel<'a>, &KeyModel<'a>),
) -> Keys {
    let pk = key::compare((old_entity, &old.pk), (new_entity, &new.pk));
    let sk = match (&old.sk, &new.sk) {
        (None, None) => Keys::Same,
        (Some(old), Some(new)) => key::compare((old_entity, old), (new_entity, new)),
        _ => Keys::Other,
    };
    pk.max(sk)
}

fn of(entity: &EntityModel<'_>) -> String {
    format!("entity {}", entity.name)
}

fn renaming<'a>(new: &TableModel<'a>, old: &EntityModel<'a>, entity: &EntityModel<'a>) -> Change {
    let what = format!("renamed from `{}`", old.name);
    match &new.tag {
        None => Change::new(of(entity), what, Survival::Survive, "items do not hold the name"),
        Some(tag) => Change::new(
            of(entity),
            what,
            Survival::Lost,
            format!("stored items say `{}` in `{tag}`, and an item that says another name is not read as this one", old.name),
        )
        .expand(format!("keep the old name while both are stored: read with both types, write `{}`", old.name))
        .backfill(format!("set `{tag}` to `{}` on stored items", entity.name))
        .contract("rename the type"),
    }
}

/// A new entity whose keys meet those of items whose entity is gone reads them as its own.
fn added<'a>(new: &TableModel<'a>, entity: &EntityModel<'a>, gone: &[&EntityModel<'a>]) -> Change {
    let what = format!("added at {}", text(&entity.key));
    for known in gone {
        let both = TableModel {
            entities: vec![(*known).clone(), entity.clone()].into(),
            patterns: (&[]).into(),
            ..new.clone()
        };
        if entity_overlap(&both, 0).is_some() {
            return Change::new(
                of(entity),
                what,
                Survival::Lost,
                format!("its keys meet those of stored `{}` items, which would be overwritten or read as this one", known.name),
            )
            .expand("give it keys of its own, or")
            .backfill(format!("delete the stored `{}` items first", known.name));
        }
    }
    Change::new(
        of(entity),
        what,
        Survival::Survive,
        "there are no items of it yet",
    )
}

fn removed<'a>(new: &TableModel<'a>, entity: &EntityModel<'a>) -> Change {
    let readers = readers_of_place(new, entity);
    let because = if readers.is_empty() {
        "its stored items stay in the table and nothing reads them".to_owned()
    } else {
        format!(
            "its stored items stay in the table, in item collections that {} read",
            readers.join(", ")
        )
    };
    Change::new(of(entity), "removed", Survival::Lost, because)
        .expand("stop writing it; let collections that span its items skip them: `#[skip(..)]`")
        .backfill("delete its stored items, after an export if they are worth keeping")
        .contract("remove the entity")
}

/// New patterns over a partition that the old entity's items lie in too.
fn readers_of_place<'a>(new: &TableModel<'a>, entity: &EntityModel<'a>) -> Vec<String> {
    let mut readers = Vec::new();
    for pattern in new.all_patterns().filter(|pattern| pattern.index.is_none()) {
        let meets = pattern.members.iter().any(|member| {
            new.entity(&member.entity).is_some_and(|member| {
                key::compare((entity, &entity.key.pk), (member, &member.key.pk)) != Keys::Other
            })
        });
        if meets {
            readers.push(format!("`{}`", pattern.id));
        }
    }
    readers
}

fn changed<'a>(
    old_model: &TableModel<'a>,
    new_model: &TableModel<'a>,
    old: &EntityModel<'a>,
    new: &EntityModel<'a>,
    changes: &mut Vec<Change>,
) {
    own_key(old, new, changes);
    index_keys(old_model, new_model, old, new, changes);
    field::compare(old_model, new_model, old, new, changes);
    kept(old, new, changes);
}

fn own_key<'a>(old: &EntityModel<'a>, new: &EntityModel<'a>, changes: &mut Vec<Change>) {
    let keys = compare_keys((old, &old.key), (new, &new.key));
    let what = format!("key {} → {}", text(&old.key), text(&new.key));
    match keys {
        Keys::Same if text(&old.key) == text(&new.key) => {}
        Keys::Same => changes.push(Change::new(
            of(new),
            what,
            Survival::Survive,
            "every stored key is still the key of its values",
        )),
        Keys::Unsure => changes.push(Change::new(
            of(new),
            what,
            Survival::Unsure,
            "a part's type is another; stored keys survive if it writes the same text",
        )),
        Keys::Other => changes.push(
            Change::new(of(new), what, Survival::Lost, "stored items stay under their old keys, where the new code does not look")
                .expand(format!("declare the new form as an entity of its own, `{0}Moved`, write both in one transaction, read the new one and then the old one", new.name))
                .backfill("read every item of the old form and write the new one beside it, on the condition that it is not there")
                .contract("read the new form only, stop writing the old one, delete what is stored of it"),
        ),
    }
}

fn index_keys<'a>(
    old_model: &TableModel<'a>,
    new_model: &TableModel<'a>,
    old: &EntityModel<'a>,
    new: &EntityModel<'a>,
    changes: &mut Vec<Change>,
) {
    let places: Vec<(Place, &KeyModel<'_>)> = old
        .indexes
        .iter()
        .map(|index| (Place::of(old_model, &index.index), &index.key))
        .collect();
    for index in new.indexes.iter() {
        let at = Place::of(new_model, &index.index);
        let place = &at.name;
        match places.iter().find(|(known, _)| known.attributes == at.attributes) {
            None => changes.push(
                Change::new(
                    of(new),
                    format!("in index {place} by {}", text(&index.key)),
                    Survival::Backfill,
                    "stored items lack the index's attributes, so its questions do not find them",
                )
                .expand("deploy the code, which writes the keys on every change; nothing asks the index yet")
                .backfill("write every stored item again: the keys are made of what it holds")
                .contract("ask the index"),
            ),
            Some((_, known)) => {
                let was = text(known);
                let is = text(&index.key);
                match compare_keys((old, known), (new, &index.key)) {
                    Keys::Same if was == is => {}
                    Keys::Same => changes.push(Change::new(
                        of(new),
                        format!("in index {place}, key {was} → {is}"),
                        Survival::Survive,
                        "every stored key is still the key of its values",
                    )),
                    Keys::Unsure => changes.push(Change::new(
                        of(new),
                        format!("in index {place}, key {was} → {is}"),
                        Survival::Unsure,
                        "a part's type is another; stored keys survive if it writes the same text",
                    )),
                    Keys::Other => changes.push(
                        Change::new(
                            of(new),
                            format!("in index {place}, key {was} → {is}"),
                            Survival::Backfill,
                            "stored items lie in the index under their old keys, where its questions do not look",
                        )
                        .expand("ask both forms, or write the new form into another index")
                        .backfill("write every stored item again: the keys are made of what it holds")
                        .contract("ask the new form only"),
                    ),
                }
            }
        }
    }
    for (at, _) in places {
        let stays = new
            .indexes
            .iter()
            .any(|index| Place::of(new_model, &index.index).attributes == at.attributes);
        // An index that is gone takes its keys with it.
        let is_there = new_model
            .indexes
            .iter()
            .any(|index| Place::of(new_model, &index.id).attributes == at.attributes);
        let place = at.name;
        if !stays && is_there {
            changes.push(
                Change::new(
                    of(new),
                    format!("no longer in index {place}"),
                    Survival::Backfill,
                    "stored items stay in the index until they are written again, and questions that share its partitions meet them",
                )
                .backfill("remove the index's attributes from stored items"),
            );
        }
    }
}

/// An index, which is the same one to stored items as long as they hold its attributes, whatever its name.
struct Place {
    name: String,
    attributes: Vec<String>,
}

impl Place {
    fn of(model: &TableModel<'_>, id: &str) -> Self {
        match model.index(id) {
            Some(index) => Self {
                name: index.name.to_string(),
                attributes: std::iter::once(&index.pk)
                    .chain(&index.sk)
                    .map(|attribute| attribute.name.to_string())
                    .collect(),
            },
            None => Self {
                name: id.to_owned(),
                attributes: Vec::new(),
            },
        }
    }
}

fn kept<'a>(old: &EntityModel<'a>, new: &EntityModel<'a>, changes: &mut Vec<Change>) {
    let same = |a: &KeptItem<'_>, b: &KeptItem<'_>| a.kind == b.kind && a.name == b.name;
    for item in new.kept.iter() {
        match old.kept.iter().find(|known| same(known, item)) {
            Some(known) if known.fields == item.fields && known.entity == item.entity => {}
            found => {
                let verb = if found.is_some() { "changed" } else { "added" };
                let (what, because) = match item.kind {
                    KeptKind::Unique => (
                        format!("unique {} {verb}", item.name),
                        "stored items have no claim yet, so a value of theirs can be taken a second time",
                    ),
                    KeptKind::Mirror => (
                        format!("mirror {} {verb}", item.entity),
                        "stored items have no such mirror yet, so what reads it does not find them",
                    ),
                };
                changes.push(
                    Change::new(of(new), what, Survival::Backfill, because)
                        .expand("deploy the code, which writes them on every change")
                        .backfill(format!("write the `{}` of every stored item, on the condition that it is not there; look at those that are", item.entity))
                        .contract("rely on it"),
                );
            }
        }
    }
    for item in old.kept.iter() {
        if !new.kept.iter().any(|known| same(known, item)) {
            changes.push(Change::new(
                of(new),
                match item.kind {
                    KeptKind::Unique => format!("no longer unique by {}", item.name),
                    KeptKind::Mirror => format!("no longer mirrored in {}", item.entity),
                },
                Survival::Survive,
                format!("stored `{}` items stay, and are no longer kept in step: delete them when no running release reads them", item.entity),
            ));
        }
    }
}

fn text(key: &KeyModel<'_>) -> String {
    match &key.sk {
        Some(sk) => format!("{} / {}", shown(&key.pk), shown(sk)),
        None => shown(&key.pk).into_owned(),
    }
}
