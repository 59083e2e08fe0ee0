//! Changes of access patterns: items are not concerned, requests and cursors are.

use keyfold_model::{PatternModel, TableModel};

use super::{Change, Survival};
use crate::question::{Question, gives};

pub fn compare<'a>(old: &TableModel<'a>, new: &TableModel<'a>, changes: &mut Vec<Change>) {
    let asks = |model: &TableModel<'a>, pattern: &PatternModel<'a>| {
        let question = Question::of(model, pattern);
        question.map_or_else(String::new, |question| {
            let on = question.index.map_or("table", |index| &*index.name);
            format!("{on}: {}", question.condition(str::to_owned))
        })
    };
    for pattern in new.all_patterns() {
        let of = format!("pattern {}", pattern.id);
        match old.all_patterns().find(|known| known.id == pattern.id) {
            None => changes.push(Change::new(
                of,
                format!("added: {}; {}", gives(pattern), asks(new, pattern)),
                Survival::Survive,
                "it reads what is stored; whether every item is found there is said of entities and indexes",
            )),
            Some(known) => changed(
                &of,
                (known, asks(old, known)),
                (pattern, asks(new, pattern)),
                changes,
            ),
        }
    }
    for pattern in old.all_patterns() {
        if !new.all_patterns().any(|known| known.id == pattern.id) {
            changes.push(Change::new(
                format!("pattern {}", pattern.id),
                "removed",
                Survival::Survive,
                "nothing asks it any more; metrics and policies that name it lose it",
            ));
        }
    }
}

fn changed(
    of: &str,
    (old, asked): (&PatternModel<'_>, String),
    (new, asks): (&PatternModel<'_>, String),
    changes: &mut Vec<Change>,
) {
    let mut add = |was: String, is: String, because: &str| {
        if was != is {
            changes.push(Change::new(
                of,
                format!("{was} → {is}"),
                Survival::Survive,
                because,
            ));
        }
    };
    let other_request = "the request is another: cursors given out before are refused";
    add(asked.clone(), asks.clone(), other_request);
    add(gives(old), gives(new), "what is stored is read as before");
    let members = |pattern: &PatternModel<'_>| {
        let mut names: Vec<&str> = pattern
            .members
            .iter()
            .map(|member| &*member.entity)
            .collect();
        names.sort_unstable();
        format!("reads {}", names.join(", "))
    };
    add(
        members(old),
        members(new),
        "items of other entities in its range are an error or skipped, as it says",
    );
}
