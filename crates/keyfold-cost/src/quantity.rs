//! A number with its name, unit and origin.

use serde::{Serialize, Serializer};

use crate::number::count;

/// Where a figure comes from. A sum has the weakest origin among its inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Counted by the guard.
    Metered,
    /// Written in the traffic file, or certain from the design.
    Declared,
    /// A default. The truth is taken to lie between half and twice of it.
    Assumed,
}

impl Origin {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Origin::Metered => "metered",
            Origin::Declared => "declared",
            Origin::Assumed => "assumed",
        }
    }
}

/// One input of a sum.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantity {
    /// What it is: `items`, `calls a month`.
    pub name: String,
    /// How much.
    pub value: f64,
    /// Of what: `B`, `items`; may be empty.
    pub unit: &'static str,
    /// Where it comes from.
    pub origin: Origin,
}

impl Quantity {
    /// A quantity of this origin.
    pub fn new(name: impl Into<String>, value: f64, unit: &'static str, origin: Origin) -> Self {
        Self {
            name: name.into(),
            value,
            unit,
            origin,
        }
    }

    /// From the guard's meter.
    pub fn metered(name: impl Into<String>, value: f64, unit: &'static str) -> Self {
        Self::new(name, value, unit, Origin::Metered)
    }

    /// From the traffic file, or certain from the design.
    pub fn declared(name: impl Into<String>, value: f64, unit: &'static str) -> Self {
        Self::new(name, value, unit, Origin::Declared)
    }

    /// A default.
    pub fn assumed(name: impl Into<String>, value: f64, unit: &'static str) -> Self {
        Self::new(name, value, unit, Origin::Assumed)
    }

    /// The same under another name.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// `1,024 B (declared)`.
    pub fn text(&self) -> String {
        format!("{} ({})", self.amount(), self.origin.word())
    }

    /// `1,024 B`.
    pub fn amount(&self) -> String {
        let value = count(self.value);
        if self.unit.is_empty() {
            value
        } else {
            format!("{value} {}", self.unit)
        }
    }
}

/// As a map from names to texts, which is how people and reports read it.
pub(crate) fn as_map<S: Serializer>(inputs: &[Quantity], to: S) -> Result<S::Ok, S::Error> {
    to.collect_map(inputs.iter().map(|input| (&input.name, input.text())))
}

/// Adds what is not among them yet.
pub(crate) fn join(mut inputs: Vec<Quantity>, others: &[Quantity]) -> Vec<Quantity> {
    for other in others {
        if !inputs.contains(other) {
            inputs.push(other.clone());
        }
    }
    inputs
}

/// The weakest origin among them.
pub(crate) fn weakest(inputs: &[Quantity]) -> Origin {
    let worst = inputs.iter().map(|input| input.origin).max();
    worst.unwrap_or(Origin::Declared)
}
