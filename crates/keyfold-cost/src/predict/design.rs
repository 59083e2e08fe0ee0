//! The design with its traffic: sizes and numbers of every entity.

use std::collections::BTreeMap;

use keyfold_model::{EntityModel, IndexModel, TableModel};

use crate::price::{Prices, Rates};
use crate::quantity::Quantity;
use crate::sizes::{EntrySize, entry_bytes, estimated_item_bytes};
use crate::traffic::{EntityTraffic, IndexTraffic, TableTraffic, Traffic};

/// Everything a prediction looks at.
pub(super) struct Design<'a, 'm> {
    pub(super) model: &'a TableModel<'m>,
    pub(super) traffic: &'a Traffic,
    pub(super) prices: &'a Prices,
    pub(super) rates: Rates,
    pub(super) table: Option<&'a TableTraffic>,
    items: BTreeMap<String, Quantity>,
    item_bytes: BTreeMap<String, Quantity>,
}

impl<'a, 'm> Design<'a, 'm> {
    pub(super) fn new(model: &'a TableModel<'m>, traffic: &'a Traffic, prices: &'a Prices) -> Self {
        let table = traffic.tables.get(&*model.name);
        let declared = |entity: &EntityModel<'_>| traffic.entities.get(&*entity.name);
        let open = model
            .entities
            .iter()
            .filter(|entity| declared(entity).and_then(|e| e.items).is_none())
            .count();
        let known: f64 = model
            .entities
            .iter()
            .filter_map(|entity| declared(entity).and_then(|e| e.items))
            .sum();
        // What the table holds beyond the entities that say how many they are, in equal shares.
        #[expect(
            clippy::cast_precision_loss,
            reason = "a table has a few dozen entities"
        )]
        let share = (traffic.items_of(&model.name).value - known).max(0.0) / open.max(1) as f64;
        let items = model.entities.iter().map(|entity| {
            let items = declared(entity).and_then(|e| e.items);
            let name = format!("{} items", entity.name);
            let items = traffic.or_assumed(name, items, share.floor(), "items");
            (entity.name.to_string(), items)
        });
        let item_bytes = model.entities.iter().map(|entity| {
            let bytes = declared(entity).and_then(|e| e.item_bytes);
            let bytes = match (bytes, table.and_then(|table| table.item_bytes)) {
                (Some(bytes), _) => traffic.given(format!("{} size", entity.name), bytes, "B"),
                (None, Some(bytes)) => {
                    Quantity::assumed(format!("{} size, as the table's", entity.name), bytes, "B")
                }
                (None, None) => estimated_item_bytes(model, entity),
            };
            (entity.name.to_string(), bytes)
        });
        Self {
            items: items.collect(),
            item_bytes: item_bytes.collect(),
            rates: Rates::new(prices, traffic),
            model,
            traffic,
            prices,
            table,
        }
    }

    pub(super) fn items(&self, entity: &EntityModel<'_>) -> Quantity {
        known(&self.items, entity)
    }

    pub(super) fn item_bytes(&self, entity: &EntityModel<'_>) -> Quantity {
        known(&self.item_bytes, entity)
    }

    pub(super) fn of_entity(&self, entity: &EntityModel<'_>) -> Option<&'a EntityTraffic> {
        self.traffic.entities.get(&*entity.name)
    }

    pub(super) fn in_index(
        &self,
        entity: &EntityModel<'_>,
        index: &str,
    ) -> Option<&'a IndexTraffic> {
        self.of_entity(entity)?.indexes.get(index)
    }

    pub(super) fn entry(&self, entity: &EntityModel<'_>, index: &IndexModel<'_>) -> EntrySize {
        entry_bytes(self.model, entity, index, &self.item_bytes(entity))
    }

    /// The share of an entity's items that an index holds; none where it is all of them.
    pub(super) fn share(&self, entity: &EntityModel<'_>, index: &str) -> Option<Quantity> {
        let name = format!("share of {} in {index}", entity.name);
        if let Some(share) = self.in_index(entity, index).and_then(|index| index.share) {
            return Some(self.traffic.given(name, share, ""));
        }
        let key = entity.key_in(Some(index))?;
        let templates = std::iter::once(&key.pk).chain(&key.sk);
        let optional = templates
            .flat_map(|template| template.segments.iter())
            .filter(|segment| !segment.optional)
            .filter_map(|segment| segment.part.as_ref())
            .filter_map(|part| entity.field(&part.field))
            .any(|field| field.optional);
        // Of an index that may skip items it is not known how many it skips.
        optional.then(|| Quantity::assumed(name, 1.0, ""))
    }

    /// Items of an entity under one partition key.
    pub(super) fn per_partition(&self, entity: &EntityModel<'_>) -> Quantity {
        let declared = self.of_entity(entity).and_then(|e| e.items_per_partition);
        match declared {
            Some(items) => {
                let name = format!("{} per partition", entity.name);
                self.traffic.given(name, items, "items")
            }
            None => self.traffic.items_per_partition_of(&self.model.name),
        }
    }
}

fn known(map: &BTreeMap<String, Quantity>, entity: &EntityModel<'_>) -> Quantity {
    let found = map.get(&*entity.name).cloned();
    found.unwrap_or_else(|| Quantity::declared(entity.name.to_string(), 0.0, ""))
}
