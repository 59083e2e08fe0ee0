//! What a time to live, or an index less, would save.

use keyfold_model::{EntityModel, FieldRole};
use serde::Serialize;

use super::IndexCost;
use super::design::Design;
use super::storage::Stored;
use crate::number::count;
use crate::quantity::Quantity;
use crate::sum::Sum;

/// Days of an average month.
const DAYS_A_MONTH: f64 = 365.25 / 12.0;

/// Something that could be saved.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Saving {
    /// By what.
    pub kind: SavingKind,
    /// Of which index or entity.
    pub of: String,
    /// What it would save a month.
    pub saves: Sum,
    /// What stands against it, or speaks for it.
    pub note: String,
}

/// How to save.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SavingKind {
    /// Dropping an index.
    DropIndex,
    /// Letting items expire.
    TimeToLive,
}

pub(super) fn all(design: &Design<'_, '_>, indexes: &[IndexCost], stored: &Stored) -> Vec<Saving> {
    let mut savings: Vec<Saving> = indexes.iter().map(dropped).collect();
    let entities = design.model.entities.iter();
    savings.extend(entities.filter_map(|entity| expiring(design, entity, stored)));
    savings.sort_by(|a, b| b.saves.monthly_usd.total_cmp(&a.saves.monthly_usd));
    savings
}

fn dropped(index: &IndexCost) -> Saving {
    let note = if index.read_by.is_empty() {
        "no access pattern reads it".to_owned()
    } else {
        format!(
            "{} need{} it: {}",
            index.read_by.len(),
            if index.read_by.len() == 1 { "s" } else { "" },
            index.read_by.join(", ")
        )
    };
    Saving {
        kind: SavingKind::DropIndex,
        of: index.name.clone(),
        saves: index.keeping.clone(),
        note,
    }
}

/// With a time to live, there would be as many items as are created while one is of use.
fn expiring(design: &Design<'_, '_>, entity: &EntityModel<'_>, stored: &Stored) -> Option<Saving> {
    let traffic = design.of_entity(entity)?;
    let days = traffic.useful_days?;
    if entity.with_role(FieldRole::Ttl).is_some() {
        return None;
    }
    let now = design.items(entity);
    let created = traffic.create + traffic.put;
    let needed = (created * days / DAYS_A_MONTH).min(now.value);
    let gone = now.value - needed;
    let share = gone / now.value.max(1.0);
    let in_table = now.value * (design.item_bytes(entity).value + 100.0);
    let in_indexes: f64 = entity
        .indexes
        .iter()
        .filter_map(|key| design.model.index(&key.index))
        .map(|index| {
            let held = design
                .share(entity, &index.id)
                .map_or(1.0, |share| share.value);
            now.value * held * (design.entry(entity, index).bytes.value + 100.0)
        })
        .sum();
    let bytes = Quantity::new(
        format!(
            "{} of {} {} unneeded after {} days",
            count(gone),
            count(now.value),
            entity.name,
            count(days)
        ),
        share * (in_table + in_indexes),
        "B",
        stored.table.bytes.origin.max(now.origin),
    );
    let mut saves = design.prices.storage(&bytes);
    let mut note = "expiry takes no write units".to_owned();
    if traffic.delete > 0.0 {
        note = format!(
            "expiry takes no write units: the {} deletes a month by request could end too",
            count(traffic.delete)
        );
    }
    if design.table.is_some_and(|table| table.pitr) {
        let recovered = Quantity {
            name: format!("{} under recovery", entity.name),
            value: share * in_table,
            ..bytes
        };
        if let Ok(pitr) = design.prices.pitr(&recovered) {
            saves = saves.plus(&pitr);
        }
    }
    Some(Saving {
        kind: SavingKind::TimeToLive,
        of: entity.name.to_string(),
        saves,
        note,
    })
}
