//! What access patterns read.

use keyfold_model::{Multiplicity, PatternKind, PatternModel};

use super::PatternCost;
use super::design::Design;
use crate::price::price;
use crate::quantity::{Origin, Quantity};
use crate::units::{self, Consistency, Units};

/// Items of a page where the pattern does not say; the repositories ask for as many.
const PAGE_DEFAULT: u32 = 50;

/// A pattern with its price.
pub(super) struct Priced {
    /// The identifier of the index.
    pub(super) index: Option<String>,
    pub(super) cost: PatternCost,
}

pub(super) fn all(design: &Design<'_, '_>) -> Vec<Priced> {
    let patterns = design.model.all_patterns();
    patterns.map(|pattern| priced(design, pattern)).collect()
}

fn priced(design: &Design<'_, '_>, pattern: &PatternModel<'_>) -> Priced {
    let calls = design.traffic.calls_of(&[&pattern.id]);
    let units = units_of(design, pattern);
    let index = pattern.index.as_deref();
    let on = index.and_then(|id| design.model.index(id));
    let items_per_call = units.inputs.first().map_or(0.0, |items| items.value);
    Priced {
        index: index.map(ToOwned::to_owned),
        cost: PatternCost {
            id: pattern.id.to_string(),
            on: on.map_or_else(|| "table".to_owned(), |index| index.name.to_string()),
            calls: calls.value,
            items_per_call,
            units_per_call: units.per_call,
            units_a_month: units.per_call * calls.value,
            cost: price(&units, &calls, &design.rates),
        },
    }
}

/// Read units of one call, with the number of items it examines as the first input.
fn units_of(design: &Design<'_, '_>, pattern: &PatternModel<'_>) -> Units {
    let call = design.traffic.calls.get(&*pattern.id);
    let is_consistent = call.is_some_and(|call| call.consistent);
    let consistency = if is_consistent {
        Consistency::Strong
    } else {
        Consistency::Eventual
    };
    let declared = call
        .and_then(|call| call.items)
        .map(|items| design.traffic.given("items examined", items, "items"));
    match pattern.kind {
        PatternKind::Pages => {
            let bytes = bytes_in_place(design, pattern, &pattern.gives);
            let items = declared.unwrap_or_else(|| page_items(design, pattern));
            units::query(&items, &bytes, consistency)
        }
        PatternKind::Collect => collection(design, pattern, declared, consistency),
    }
}

/// A page examines as many items as it gives and one more, which tells whether another follows; or
/// what the partition has.
fn page_items(design: &Design<'_, '_>, pattern: &PatternModel<'_>) -> Quantity {
    let page = f64::from(pattern.page.unwrap_or(PAGE_DEFAULT)) + 1.0;
    let entity = design.model.entity(&pattern.gives);
    match entity.map(|entity| design.per_partition(entity)) {
        Some(there) if there.origin != Origin::Assumed => Quantity {
            name: "items examined".to_owned(),
            value: there.value.min(page),
            ..there
        },
        _ => Quantity::assumed("items examined, a full page and one more", page, "items"),
    }
}

/// A collection's single members once, its lists as long as a partition says.
fn collection(
    design: &Design<'_, '_>,
    pattern: &PatternModel<'_>,
    declared: Option<Quantity>,
    consistency: Consistency,
) -> Units {
    let mut single_items = 0.0;
    let mut single_bytes = 0.0;
    let mut lists = Vec::new();
    let mut origin = Origin::Metered;
    for member in pattern.members.iter() {
        let bytes = bytes_in_place(design, pattern, &member.entity);
        origin = origin.max(bytes.origin);
        match member.multiplicity {
            Multiplicity::One | Multiplicity::Optional => {
                single_items += 1.0;
                single_bytes += bytes.value;
            }
            Multiplicity::Many | Multiplicity::Skipped => {
                let per_partition = design
                    .model
                    .entity(&member.entity)
                    .map(|entity| design.per_partition(entity));
                lists.push((per_partition, bytes.value));
            }
        }
    }
    let in_lists: f64 = lists
        .iter()
        .flat_map(|(items, _)| items)
        .map(|i| i.value)
        .sum();
    let list_bytes: f64 = lists
        .iter()
        .map(|(items, bytes)| items.as_ref().map_or(0.0, |items| items.value) * bytes)
        .sum();
    let expected = single_items + in_lists;
    let items = declared.unwrap_or_else(|| {
        let weakest = lists
            .iter()
            .flat_map(|(items, _)| items)
            .map(|i| i.origin)
            .max();
        let origin = weakest.unwrap_or(Origin::Declared);
        Quantity::new("items examined", expected, "items", origin)
    });
    // With another number than expected, the lists are longer or shorter in proportion.
    let factor = if in_lists > 0.0 {
        ((items.value - single_items).max(0.0)) / in_lists
    } else {
        1.0
    };
    let bytes = Quantity::new(
        "bytes examined",
        single_bytes + list_bytes * factor,
        "B",
        origin.max(items.origin),
    );
    units::pages_of(&items, &bytes, consistency)
}

/// Bytes of an entity where the pattern reads it.
fn bytes_in_place(design: &Design<'_, '_>, pattern: &PatternModel<'_>, entity: &str) -> Quantity {
    let Some(entity) = design.model.entity(entity) else {
        return Quantity::assumed(entity.to_owned(), 0.0, "B");
    };
    match pattern
        .index
        .as_deref()
        .and_then(|id| design.model.index(id))
    {
        Some(index) => design.entry(entity, index).bytes,
        None => design.item_bytes(entity),
    }
}
