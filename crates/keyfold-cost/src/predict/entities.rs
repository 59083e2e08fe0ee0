//! What reading and writing items by key takes.

use keyfold_model::{EntityModel, FieldRole, IndexModel, Projection};

use super::EntityCost;
use super::design::Design;
use crate::price::price;
use crate::quantity::Quantity;
use crate::sum::Sum;
use crate::units::{self, Axis, Consistency, Units};

/// An entity's operations, priced.
pub(super) struct Writes {
    name: String,
    items: f64,
    item_bytes: f64,
    pub(super) priced: Vec<Priced>,
}

/// One operation in one place.
pub(super) struct Priced {
    /// The identifier of the index; none for the table.
    pub(super) index: Option<String>,
    pub(super) is_read: bool,
    pub(super) units: f64,
    pub(super) cost: Sum,
}

impl Writes {
    pub(super) fn total(self) -> EntityCost {
        let units = |read: bool| {
            let priced = self.priced.iter().filter(|p| p.is_read == read);
            priced.map(|p| p.units).sum()
        };
        let formula = if self.priced.is_empty() {
            "the traffic has no reads or writes of it by key".to_owned()
        } else {
            let formulas: Vec<_> = self
                .priced
                .iter()
                .map(|p| p.cost.formula.as_str())
                .collect();
            formulas.join("; plus ")
        };
        EntityCost {
            write_units: units(false),
            read_units: units(true),
            cost: Sum::under(formula, self.priced.iter().map(|p| &p.cost)),
            name: self.name,
            items: self.items,
            item_bytes: self.item_bytes,
        }
    }
}

/// How an operation changes the item.
#[derive(Clone, Copy, PartialEq)]
enum Change {
    /// It appears or goes.
    Whole,
    /// It stays, and changes.
    InPlace,
}

pub(super) fn all(design: &Design<'_, '_>, notes: &mut Vec<String>) -> Vec<Writes> {
    let entities = design.model.entities.iter();
    entities.map(|entity| of(design, entity, notes)).collect()
}

fn of(design: &Design<'_, '_>, entity: &EntityModel<'_>, notes: &mut Vec<String>) -> Writes {
    let mut writes = Writes {
        name: entity.name.to_string(),
        items: design.items(entity).value,
        item_bytes: design.item_bytes(entity).value,
        priced: Vec::new(),
    };
    let Some(traffic) = design.of_entity(entity) else {
        return writes;
    };
    let keeps = !entity.kept.is_empty();
    let calls = |what: &str, value: f64| {
        design
            .traffic
            .given(format!("{} {what}", entity.name), value, "calls")
    };
    for (what, value, consistency) in [
        ("get", traffic.get, Consistency::Eventual),
        (
            "get, consistent",
            traffic.get_consistent,
            Consistency::Strong,
        ),
    ] {
        if value > 0.0 {
            writes.read(design, entity, &calls(what, value), consistency);
        }
    }
    for (what, value, change, reads_first) in [
        ("create", traffic.create, Change::Whole, false),
        ("put", traffic.put, Change::InPlace, keeps),
        ("delete", traffic.delete, Change::Whole, keeps),
    ] {
        if value > 0.0 {
            let calls = calls(what, value);
            if reads_first {
                writes.read(design, entity, &calls, Consistency::Strong);
            }
            writes.write(design, entity, &calls, change, keeps);
        }
    }
    if traffic.update > 0.0 {
        let mirrored = match (keeps, traffic.mirrored) {
            (false, _) => 0.0,
            (true, Some(share)) => share,
            (true, None) => {
                notes.push(format!(
                    "every update of {0} is taken to change what its kept items repeat; say how many do: `entities.{0}.mirrored = 0.1`",
                    entity.name
                ));
                1.0
            }
        };
        let with = calls("update, kept items too", traffic.update * mirrored);
        if with.value > 0.0 {
            writes.read(design, entity, &with, Consistency::Strong);
            writes.write(design, entity, &with, Change::InPlace, true);
        }
        let plain = calls("update", traffic.update * (1.0 - mirrored));
        if plain.value > 0.0 {
            writes.write(design, entity, &plain, Change::InPlace, false);
        }
        note_moves(design, entity, notes);
    }
    writes
}

impl Writes {
    fn read(
        &mut self,
        design: &Design<'_, '_>,
        entity: &EntityModel<'_>,
        calls: &Quantity,
        consistency: Consistency,
    ) {
        let units = units::get(&design.item_bytes(entity), consistency);
        self.push(design, None, &units, calls);
    }

    /// A write of the item, and with `kept` of those kept in step with it, in one transaction.
    fn write(
        &mut self,
        design: &Design<'_, '_>,
        entity: &EntityModel<'_>,
        calls: &Quantity,
        change: Change,
        kept: bool,
    ) {
        let units = units::write(&design.item_bytes(entity), kept);
        self.push(design, None, &units, calls);
        self.indexes(design, entity, calls, change);
        if !kept {
            return;
        }
        let others = entity.kept.iter();
        for other in others.filter_map(|kept| design.model.entity(&kept.entity)) {
            let units = units::write(&design.item_bytes(other), true);
            self.push(design, None, &units, calls);
            self.indexes(design, other, calls, change);
        }
    }

    fn indexes(
        &mut self,
        design: &Design<'_, '_>,
        entity: &EntityModel<'_>,
        calls: &Quantity,
        change: Change,
    ) {
        for key in entity.indexes.iter() {
            let Some(index) = design.model.index(&key.index) else {
                continue;
            };
            if let Some(units) = index_units(design, entity, index, change) {
                self.push(design, Some(&index.id), &units, calls);
            }
        }
    }

    fn push(
        &mut self,
        design: &Design<'_, '_>,
        index: Option<&str>,
        units: &Units,
        calls: &Quantity,
    ) {
        self.priced.push(Priced {
            index: index.map(ToOwned::to_owned),
            is_read: units.axis == Axis::Read,
            units: units.per_call * calls.value,
            cost: price(units, calls, &design.rates),
        });
    }
}

/// Write units an index takes for one such write, on average.
fn index_units(
    design: &Design<'_, '_>,
    entity: &EntityModel<'_>,
    index: &IndexModel<'_>,
    change: Change,
) -> Option<Units> {
    let entry = design.entry(entity, index);
    let share = design.share(entity, &index.id);
    let of_share = |units: Units| match &share {
        Some(share) => units.times(share),
        None => units,
    };
    if change == Change::Whole {
        return Some(of_share(units::index_write(&entry.bytes, 1)));
    }
    let declared = design.in_index(entity, &index.id);
    let moved = declared.and_then(|index| index.moved).unwrap_or_default();
    let touched = declared.and_then(|index| index.touched).unwrap_or({
        // An index of keys alone changes when its key does, and then it moves.
        if matches!(index.projection, Projection::Keys) {
            moved
        } else {
            1.0
        }
    });
    let given = |name: &str, value: f64| design.traffic.given(name.to_owned(), value, "");
    let in_place = touched.max(moved) - moved;
    let mut units: Option<Units> = None;
    for (changes, name, often) in [(1, "changed in place", in_place), (2, "moved", moved)] {
        if often > 0.0 {
            let some = units::index_write(&entry.bytes, changes);
            let some = if (often - 1.0).abs() < f64::EPSILON {
                some
            } else {
                some.times(&given(name, often))
            };
            units = Some(match units {
                Some(units) => units.plus(&some),
                None => some,
            });
        }
    }
    units.map(of_share)
}

/// Says where updates are taken not to change an index's key although they could.
fn note_moves(design: &Design<'_, '_>, entity: &EntityModel<'_>, notes: &mut Vec<String>) {
    let fixed: Vec<&str> = std::iter::once(&entity.key.pk)
        .chain(&entity.key.sk)
        .flat_map(keyfold_model::Template::fields)
        .collect();
    for key in entity.indexes.iter() {
        let says = design
            .in_index(entity, &key.index)
            .and_then(|index| index.moved);
        let templates = std::iter::once(&key.key.pk).chain(&key.key.sk);
        let can_change = templates
            .flat_map(keyfold_model::Template::fields)
            .any(|name| {
                let created = entity
                    .field(name)
                    .is_some_and(|field| field.role == FieldRole::Created);
                !created && !fixed.contains(&name)
            });
        if says.is_none() && can_change {
            notes.push(format!(
                "updates of {0} are taken not to change its key in {1}, which would cost a second write there; if some do: `entities.{0}.indexes.{1}.moved = 0.1`",
                entity.name, key.index
            ));
        }
    }
}
