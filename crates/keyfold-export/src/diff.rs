//! What a change of the design means for the items that are stored.
//!
//! A change is a line of the difference between two designs with a verdict: whether the new code finds and reads what
//! the old code wrote. Where it does not, the change has steps, expand, backfill, contract, each of them a release
//! that works on its own.

mod entity;
mod field;
mod key;
mod pattern;
mod table;

use std::fmt::{self, Write as _};

use keyfold_model::TableModel;
use serde::Serialize;

/// Whether stored items survive a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Survival {
    /// The new code finds and reads every item.
    Survive,
    /// Items are kept, and some questions miss them until they are rewritten.
    Backfill,
    /// The model does not hold what would decide it: types are names there.
    Unsure,
    /// The new code does not find or not read items.
    Lost,
}

impl Survival {
    /// In words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Survival::Survive => "stored items survive",
            Survival::Backfill => "stored items are missed until they are rewritten",
            Survival::Unsure => "the model cannot tell whether stored items survive",
            Survival::Lost => "stored items do not survive",
        }
    }
}

/// When a step is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// A release that reads old and new, and writes both.
    Expand,
    /// Stored items are rewritten, while that release runs.
    Backfill,
    /// A release that knows only the new.
    Contract,
}

impl Phase {
    const fn as_str(self) -> &'static str {
        match self {
            Phase::Expand => "expand",
            Phase::Backfill => "backfill",
            Phase::Contract => "contract",
        }
    }
}

/// A step of a migration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// When.
    pub phase: Phase,
    /// What.
    pub action: String,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What it is of: `entity Product`, `pattern chain`.
    pub of: String,
    /// What changed: `sort key META → DETAILS`.
    pub what: String,
    /// Whether stored items survive it.
    pub survival: Survival,
    /// Why, and what else it means.
    pub because: String,
    /// How to get there; empty where it is enough to deploy.
    pub steps: Vec<Step>,
}

/// All differences, those of the table first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diff {
    /// The name of the new design.
    pub name: String,
    /// The worst of all changes.
    pub survival: Survival,
    /// What changed.
    pub changes: Vec<Change>,
}

/// Compares two designs.
pub fn diff<'a>(old: &TableModel<'a>, new: &TableModel<'a>) -> Diff {
    let mut changes = Vec::new();
    table::compare(old, new, &mut changes);
    entity::compare(old, new, &mut changes);
    pattern::compare(old, new, &mut changes);
    let worst = changes.iter().map(|change| change.survival).max();
    Diff {
        name: new.name.to_string(),
        survival: worst.unwrap_or(Survival::Survive),
        changes,
    }
}

impl Change {
    fn new(
        of: impl Into<String>,
        what: impl Into<String>,
        survival: Survival,
        because: impl Into<String>,
    ) -> Self {
        Self {
            of: of.into(),
            what: what.into(),
            survival,
            because: because.into(),
            steps: Vec::new(),
        }
    }

    fn expand(self, action: impl Into<String>) -> Self {
        self.step(Phase::Expand, action)
    }

    fn backfill(self, action: impl Into<String>) -> Self {
        self.step(Phase::Backfill, action)
    }

    fn contract(self, action: impl Into<String>) -> Self {
        self.step(Phase::Contract, action)
    }

    fn step(mut self, phase: Phase, action: impl Into<String>) -> Self {
        let action = action.into();
        self.steps.push(Step { phase, action });
        self
    }
}

impl Diff {
    /// Whether the new code can be deployed over the stored items as they are.
    pub fn is_safe(&self) -> bool {
        self.survival == Survival::Survive
    }
}

impl fmt::Display for Diff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut of = "";
        for change in &self.changes {
            if change.of != of {
                if !of.is_empty() {
                    f.write_char('\n')?;
                }
                writeln!(f, "{}", change.of)?;
                of = &change.of;
            }
            let sign = match change.survival {
                Survival::Survive => "  ok      ",
                Survival::Backfill => "  backfill",
                Survival::Unsure => "  unsure  ",
                Survival::Lost => "  LOST    ",
            };
            writeln!(f, "{sign}  {}", change.what)?;
            for line in wrapped(&change.because, 88) {
                writeln!(f, "            {line}")?;
            }
            for (at, step) in change.steps.iter().enumerate() {
                let mut lines = wrapped(&step.action, 74).into_iter();
                let first = lines.next().unwrap_or_default();
                writeln!(
                    f,
                    "            {}. {:<9} {first}",
                    at + 1,
                    step.phase.as_str()
                )?;
                for line in lines {
                    writeln!(f, "                         {line}")?;
                }
            }
        }
        if !self.changes.is_empty() {
            f.write_char('\n')?;
        }
        let count = |survival| {
            self.changes
                .iter()
                .filter(|change| change.survival == survival)
                .count()
        };
        let changes = match self.changes.len() {
            0 => {
                return writeln!(
                    f,
                    "{}: nothing changed that stored items or requests would show",
                    self.name
                );
            }
            1 => "1 change".to_owned(),
            many => format!("{many} changes"),
        };
        write!(f, "{}: {changes}", self.name)?;
        let not_safe = [Survival::Lost, Survival::Unsure, Survival::Backfill]
            .map(|survival| (survival, count(survival)));
        if self.is_safe() {
            return writeln!(f, "; stored items survive: deploy as it is");
        }
        for (survival, count) in not_safe.into_iter().filter(|(_, count)| *count > 0) {
            write!(f, "; {count} where {}", survival.as_str())?;
        }
        writeln!(f)
    }
}

fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
