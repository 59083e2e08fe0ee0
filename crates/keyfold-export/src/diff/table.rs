//! Changes of the table itself: its key, indexes, time to live, tag, stream.

use keyfold_model::{IndexModel, KeyAttribute, Projection, TableModel};

use super::{Change, Survival};

pub fn compare<'a>(old: &TableModel<'a>, new: &TableModel<'a>, changes: &mut Vec<Change>) {
    let of = "table";
    let (was, is) = (
        keys(&old.pk, old.sk.as_ref()),
        keys(&new.pk, new.sk.as_ref()),
    );
    if was != is {
        changes.push(
            Change::new(of, format!("key {was} → {is}"), Survival::Lost, "a table's key cannot be changed: the new design needs another table")
                .expand("create the new table under another name, write every change to both, read the old one")
                .backfill("copy the items with their new keys: `keyfold table copy` where only names stay the same, else a program that reads with the old types and writes with the new")
                .contract("read the new table, then stop writing the old one and delete it"),
        );
    }
    time_to_live(old, new, changes);
    tag(old, new, changes);
    stream(old, new, changes);
    scopes(old, new, changes);
    for index in new.indexes.iter() {
        match old.indexes.iter().find(|known| known.name == index.name) {
            Some(known) => changed_index(known, index, changes),
            None => added_index(index, changes),
        }
    }
    for index in old.indexes.iter() {
        if !new.indexes.iter().any(|known| known.name == index.name) {
            changes.push(removed_index(index));
        }
    }
}

fn time_to_live<'a>(old: &TableModel<'a>, new: &TableModel<'a>, changes: &mut Vec<Change>) {
    let of = "table";
    let change = match (&old.ttl, &new.ttl) {
        (None, Some(attribute)) => Change::new(
            of,
            format!("time to live on `{attribute}`, which was off"),
            Survival::Survive,
            "switch it on with UpdateTimeToLive; stored items without the attribute do not expire",
        ),
        (Some(attribute), None) => Change::new(
            of,
            format!("time to live off, which was `{attribute}`"),
            Survival::Survive,
            "switch it off with UpdateTimeToLive; items that were to expire stay",
        ),
        (Some(was), Some(is)) if was != is => Change::new(
            of,
            format!("time to live `{was}` → `{is}`"),
            Survival::Backfill,
            format!(
                "stored items expire by `{was}`, which nobody looks at any more: they stay for ever"
            ),
        )
        .expand(format!("write both `{was}` and `{is}`"))
        .backfill(format!("copy `{was}` to `{is}` on stored items"))
        .contract(format!(
            "switch time to live off and, an hour later, on with `{is}`; stop writing `{was}`"
        )),
        _ => return,
    };
    changes.push(change);
}

fn tag<'a>(old: &TableModel<'a>, new: &TableModel<'a>, changes: &mut Vec<Change>) {
    let of = "table";
    let change = match (&old.tag, &new.tag) {
        (None, Some(tag)) => Change::new(
            of,
            format!("entities are named in `{tag}`, and were not"),
            Survival::Survive,
            "stored items without it are told by their keys, as before",
        ),
        (Some(tag), None) => Change::new(
            of,
            format!("entities are no longer named in `{tag}`"),
            Survival::Survive,
            "items are told by their keys; what is stored stays on them unread",
        ),
        (Some(was), Some(is)) if was != is => Change::new(
            of,
            format!("entities are named in `{is}` and no longer in `{was}`"),
            Survival::Survive,
            "stored items without it are told by their keys; programs that filter or project by the name see a difference",
        ),
        _ => return,
    };
    changes.push(change);
}

fn stream<'a>(old: &TableModel<'a>, new: &TableModel<'a>, changes: &mut Vec<Change>) {
    let of = "table";
    let change = match (old.stream, new.stream) {
        (None, Some(view)) => Change::new(
            of,
            format!("stream {} on", view.as_str()),
            Survival::Survive,
            "switch it on with UpdateTable; it begins with the changes made from then on",
        ),
        (Some(view), None) => Change::new(
            of,
            format!("stream {} off", view.as_str()),
            Survival::Survive,
            "let its readers finish first: what they have not read when it is switched off can be read for 24 hours, by the old stream's ARN only",
        ),
        (Some(was), Some(is)) if was != is => Change::new(
            of,
            format!("stream {} → {}", was.as_str(), is.as_str()),
            Survival::Survive,
            "the view of a stream cannot be changed: let its readers finish, switch it off and on again with UpdateTable; it is then another stream, with another ARN",
        ),
        _ => return,
    };
    changes.push(change);
}

/// Keys begin with what a scope is written as. That a key begins with another scope is its entity's change.
fn scopes<'a>(old: &TableModel<'a>, new: &TableModel<'a>, changes: &mut Vec<Change>) {
    for scope in new.scopes.iter() {
        let of = format!("scope {}", scope.name);
        let Some(known) = old.scope(&scope.name) else {
            changes.push(Change::new(
                of,
                format!("added: \"{}\"", scope.template.text),
                Survival::Survive,
                "keys say themselves whether they begin with it",
            ));
            continue;
        };
        let (was, is) = (&known.template, &scope.template);
        if was.with_scopes(&old.scopes).segments == is.with_scopes(&new.scopes).segments {
            continue;
        }
        changes.push(
            Change::new(
                of,
                format!("\"{}\" → \"{}\"", was.text, is.text),
                Survival::Lost,
                "every key in this scope begins otherwise: stored items are not found any more",
            )
            .expand("declare both scopes, and entities under each")
            .backfill("read every item in the old scope and write it in the new one")
            .contract("drop the old scope and its entities"),
        );
    }
}

fn added_index(index: &IndexModel<'_>, changes: &mut Vec<Change>) {
    let of = format!("index {}", index.name);
    let what = format!("added: {}", keys(&index.pk, index.sk.as_ref()));
    changes.push(if index.local {
        Change::new(of, what, Survival::Lost, "local indexes are made with their table only: the new design needs another table")
            .expand("create the new table with the index, write every change to both, read the old one")
            .backfill("copy the items: `keyfold table copy`")
            .contract("read the new table, then stop writing the old one and delete it")
    } else {
        Change::new(of, what, Survival::Survive, "add it with UpdateTable before the code is deployed; it fills itself with the stored items that have its key attributes")
    });
}

fn removed_index(index: &IndexModel<'_>) -> Change {
    Change::new(
        format!("index {}", index.name),
        "removed",
        Survival::Survive,
        if index.local {
            "a local index goes with its table only: it stays, and costs what it costs"
        } else {
            "delete it with UpdateTable once no running release asks it"
        },
    )
}

fn changed_index<'a>(old: &IndexModel<'a>, new: &IndexModel<'a>, changes: &mut Vec<Change>) {
    let of = format!("index {}", new.name);
    let rebuild = |change: Change| {
        let other = if new.local {
            "a table with it"
        } else {
            "one like it under another name, with UpdateTable"
        };
        change
            .expand(format!("an index cannot be changed in place: add {other}, and write its keys beside the old ones"))
            .backfill("write the new keys on stored items; wait until the index is active")
            .contract("ask the new index, then stop writing the old keys and delete the old index")
    };
    let (was, is) = (
        keys(&old.pk, old.sk.as_ref()),
        keys(&new.pk, new.sk.as_ref()),
    );
    if was != is || old.local != new.local {
        let kind = |local| match (old.local == new.local, local) {
            (true, _) => "",
            (false, true) => ", local",
            (false, false) => ", global",
        };
        let what = format!("key {was}{} → {is}{}", kind(old.local), kind(new.local));
        let because = "the index that is there has other keys: its questions find nothing";
        changes.push(rebuild(Change::new(
            &*of,
            what,
            Survival::Backfill,
            because,
        )));
    }
    if old.id != new.id {
        changes.push(Change::new(
            &*of,
            format!("named `{}` in Rust, was `{}`", new.id, old.id),
            Survival::Survive,
            "nothing that is stored or sent holds this name",
        ));
    }
    let missing = missing(&old.projection, &new.projection);
    if old.projection == new.projection {
        return;
    }
    let what = format!(
        "holds {}, held {}",
        held(&new.projection),
        held(&old.projection)
    );
    changes.push(if missing {
        rebuild(Change::new(
            &*of,
            what,
            Survival::Backfill,
            "the index that is there lacks attributes its questions now expect",
        ))
    } else {
        Change::new(&*of, what, Survival::Survive, "what is asked for is there; the index costs less once it is built anew under another name")
    });
}

/// Whether the new projection holds something that the old one lacks.
fn missing<'a>(old: &Projection<'a>, new: &Projection<'a>) -> bool {
    match (old, new) {
        (Projection::All, _) | (_, Projection::Keys) => false,
        (_, Projection::All) => true,
        (Projection::Keys, Projection::Include(names)) => !names.is_empty(),
        (Projection::Include(old), Projection::Include(new)) => {
            new.iter().any(|name| !old.contains(name))
        }
    }
}

fn held(projection: &Projection<'_>) -> String {
    match projection {
        Projection::All => "every attribute".to_owned(),
        Projection::Keys => "keys alone".to_owned(),
        Projection::Include(names) => {
            let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
            format!("keys, {}", names.join(", "))
        }
    }
}

fn keys<'a>(pk: &KeyAttribute<'a>, sk: Option<&KeyAttribute<'a>>) -> String {
    std::iter::once(pk)
        .chain(sk)
        .map(|attribute| format!("{} ({})", attribute.name, attribute.kind.as_str()))
        .collect::<Vec<_>>()
        .join(", ")
}
