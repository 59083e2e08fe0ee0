//! A request in words.

use std::fmt;

use keyfold_model::check;

use crate::condition::Expression;
use crate::item::{Item, size_bytes};
use crate::pattern::PatternId;
use crate::query::{Question, shown};
use crate::table::Core;
use crate::write::{Action, Step};

/// What a request does: where, by which keys, at which price. Shows the values of keys; do not log it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    lines: Vec<(&'static str, String)>,
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, text) in &self.lines {
            writeln!(f, "{name:>10}  {text}")?;
        }
        Ok(())
    }
}

impl Explanation {
    pub(crate) fn of_get(core: &Core, pattern: &PatternId, key: &Item, consistent: bool) -> Self {
        let units = if consistent {
            "1 read unit for each 4 KB"
        } else {
            "half a read unit for each 4 KB"
        };
        Self {
            lines: vec![
                ("request", "GetItem".to_owned()),
                ("pattern", pattern.to_string()),
                ("table", core.table.clone()),
                ("key", key_text(key)),
                ("expected", format!("{units} of the item (at most 400 KB)")),
            ],
        }
    }

    pub(crate) fn of_question(question: &Question, page_items: Option<u32>) -> Self {
        let mut expression = Expression::default();
        let condition = question.condition(&mut expression);
        let condition = filled(condition, expression);
        let model = question.core.model;
        let place = match question.index_name() {
            Some(index) => format!("{} / index {index}", question.core.table),
            None => question.core.table.clone(),
        };
        let skipped: Vec<&str> = question
            .pattern
            .members
            .iter()
            .filter(|member| member.multiplicity == keyfold_model::Multiplicity::Skipped)
            .map(|member| &*member.entity)
            .collect();
        let beside = match (
            check::pattern_mistake(model, question.pattern),
            skipped.as_slice(),
        ) {
            (Some(mistake), _) => mistake.to_string(),
            (None, []) => "nothing else lies in the range".to_owned(),
            (None, skipped) => format!("also reads, and drops, {}", skipped.join(", ")),
        };
        let unit = if question.consistent {
            "1 read unit"
        } else {
            "half a read unit"
        };
        let expected = match page_items {
            Some(items) => format!(
                "one Query a page of {items}: {unit} for each 4 KB of the {} items read",
                items + 1
            ),
            None => format!("one Query for each 1 MB: {unit} for each 4 KB read"),
        };
        let request = match question.partitions.len() {
            0 => "Query".to_owned(),
            shards => format!("{shards} Queries at once, one for each shard, merged by sort key"),
        };
        let mut explained = Self {
            lines: vec![
                ("request", request),
                ("pattern", question.id().to_string()),
                ("table", place),
                ("condition", condition),
                (
                    "order",
                    if question.newest_first {
                        "newest first"
                    } else {
                        "oldest first"
                    }
                    .to_owned(),
                ),
                ("beside", beside),
                ("expected", expected),
            ],
        };
        if let Some(filter) = &question.filter {
            let mut expression = Expression::default();
            let filter = match expression.condition(filter) {
                Ok(text) => filled(text, expression),
                Err(error) => error.to_string(),
            };
            let filter = format!("{filter}; what it holds back is read and charged too");
            explained.lines.push(("filter", filter));
        }
        if let Some(attributes) = &question.projection {
            let sent = format!("{}; charged are whole items", attributes.join(", "));
            explained.lines.push(("sent", sent));
        }
        explained
    }

    pub(crate) fn of_steps(
        core: &Core,
        verb: &'static str,
        pattern: &PatternId,
        steps: &[Step],
    ) -> Self {
        let transaction = steps.len() > 1 || verb == "transact";
        let mut lines = vec![
            (
                "request",
                if transaction {
                    "TransactWriteItems".to_owned()
                } else {
                    verb_request(steps).to_owned()
                },
            ),
            ("pattern", pattern.to_string()),
            ("table", core.table.clone()),
        ];
        let mut units = 0.0;
        let mut open = false;
        for step in steps {
            let (name, bytes) = match &step.action {
                Action::Put(item) => ("put", Some(size_bytes(item))),
                Action::Update(_) => ("update", None),
                Action::Delete => ("delete", None),
                Action::Check => ("check", None),
            };
            units += keyfold_dynamo::units::write_units(bytes.unwrap_or(1), transaction);
            if let (Action::Put(item), Some(bytes)) = (&step.action, bytes) {
                units += index_units(core, item, bytes);
            }
            open |= bytes.is_none();
            let mut text = format!("{} {}", step.entity, key_text(&step.key));
            if let Some(condition) = &step.condition {
                let mut expression = Expression::default();
                if let Ok(mut condition) = expression.condition(condition) {
                    for (placeholder, attribute) in expression.names().unwrap_or_default() {
                        condition = condition.replace(&placeholder, &attribute);
                    }
                    text.push_str(" if ");
                    text.push_str(&condition);
                }
            }
            lines.push((name, text));
        }
        let at_least = if open { "at least " } else { "" };
        lines.push(("expected", format!("{at_least}{units} write units")));
        Self { lines }
    }
}

/// Units for the entries an item has in indexes: each is one more write.
fn index_units(core: &Core, item: &Item, bytes: usize) -> f64 {
    let holds = |index: &&keyfold_model::IndexModel<'_>| {
        std::iter::once(&index.pk)
            .chain(&index.sk)
            .all(|key| item.contains_key(&*key.name))
    };
    let entries = core.model.indexes.iter().filter(holds);
    entries
        .map(|_| keyfold_dynamo::units::write_units(bytes, false))
        .sum()
}

fn verb_request(steps: &[Step]) -> &'static str {
    match steps.first().map(|step| &step.action) {
        Some(Action::Put(_)) => "PutItem",
        Some(Action::Update(_)) => "UpdateItem",
        Some(Action::Delete | Action::Check) => "DeleteItem",
        None => "nothing to write",
    }
}

/// An expression with names and values in the places of their placeholders.
fn filled(mut text: String, expression: Expression) -> String {
    let names = expression.names().unwrap_or_default();
    let values = expression.into_values().unwrap_or_default();
    let mut placeholders: Vec<(String, String)> = names.into_iter().collect();
    placeholders.extend(
        values
            .iter()
            .map(|(name, value)| (name.clone(), shown(value))),
    );
    // `#n10` before `#n1`.
    placeholders.sort_by_key(|(placeholder, _)| std::cmp::Reverse(placeholder.len()));
    for (placeholder, meaning) in &placeholders {
        text = text.replace(placeholder.as_str(), meaning);
    }
    text
}

fn key_text(key: &Item) -> String {
    let mut parts: Vec<String> = key
        .iter()
        .map(|(name, value)| format!("{name} = {}", shown(value)))
        .collect();
    parts.sort_unstable();
    parts.join(", ")
}
