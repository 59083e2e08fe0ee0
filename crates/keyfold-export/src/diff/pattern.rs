//! Changes of access patterns: items are not concerned, requests and cursors are.

use keyfold_model::{PatternModel, TableModel};

use super::{Change, Survival};
use crate::question::{Question, gives};

pub fn compare<'a>(old: &TableModel<'a>, new: &TableModel<'a>, changes: &mut Vec<Change>) {
    let said = |model: &TableModel<'_>, pattern: &PatternModel<'_>| {
        let asks = Question::of(model, pattern).map(|question| {
            let on = question
                .index
                .map_or("table", |index| &*index.name)
                .to_owned();
            (on, question.condition(str::to_owned))
        });
        let (on, asks) = asks.unwrap_or_default();
        format!("{}; {on}: {asks}", gives(pattern))
    };
    for pattern in new.all_patterns() {
        let of = format!("pattern {}", pattern.id);
        match old.all_patterns().find(|known| known.id == pattern.id) {
            None => changes.push(Change::new(
                of,
                format!("added: {}", said(new, pattern)),
                Survival::Survive,
                "it reads what is stored; whether every item is found there is said of entities and indexes",
            )),
            Some(known) => {
                let (was, is) = (said(old, known), said(new, pattern));
                let members = |pattern: &PatternModel<'_>| {
                    let mut names: Vec<String> = pattern.members.iter().map(|member| member.entity.to_string()).collect();
                    names.sort_unstable();
                    names
                };
                if was != is {
                    changes.push(Change::new(
                        of,
                        format!("{was} → {is}"),
                        Survival::Survive,
                        "cursors given out before are refused if it asks in another way",
                    ));
                } else if members(known) != members(pattern) {
                    changes.push(Change::new(
                        of,
                        format!("reads {}, read {}", members(pattern).join(", "), members(known).join(", ")),
                        Survival::Survive,
                        "the request is the same",
                    ));
                }
            }
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
