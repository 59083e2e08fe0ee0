//! What is stored, recovered, replicated and read from the stream.

use std::collections::BTreeMap;

use keyfold_dynamo::size::STORED_OVERHEAD_BYTES;

use super::design::Design;
use super::modes::Throughput;
use crate::number::count;
use crate::price::{GB, NoPrice};
use crate::quantity::{Origin, Quantity};
use crate::sum::Sum;

/// How often a reader polls a shard a second, where nothing says.
const POLLS_DEFAULT: f64 = 1.0;
/// Seconds of a month of 730 hours.
pub(super) const SECONDS_A_MONTH: f64 = crate::price::HOURS_A_MONTH * 3_600.0;
/// Write units a second that one shard of a stream takes, as one partition does.
const WRITES_PER_SHARD: f64 = keyfold_dynamo::limits::PARTITION_WRITE_UNITS_PER_SECOND as f64;

/// What lies in one place.
#[derive(Clone)]
pub(super) struct InPlace {
    pub(super) items: f64,
    /// Overhead of each item included.
    pub(super) bytes: Quantity,
}

/// What lies in the table and in each index.
pub(super) struct Stored {
    pub(super) table: InPlace,
    indexes: BTreeMap<String, InPlace>,
    /// Of the table and its local indexes, which recovery and backups are billed by.
    pub(super) backed_up: Quantity,
}

#[expect(clippy::cast_precision_loss, reason = "100 bytes")]
const OVERHEAD: f64 = STORED_OVERHEAD_BYTES as f64;

pub(super) fn all(design: &Design<'_, '_>) -> Stored {
    let mut table = Tally::default();
    for entity in design.model.entities.iter() {
        table.add(&design.items(entity), None, &design.item_bytes(entity));
    }
    let mut indexes = BTreeMap::new();
    let mut local = 0.0;
    for index in design.model.indexes.iter() {
        let mut held = Tally::default();
        for entity in design.model.entities.iter() {
            if entity.key_in(Some(&index.id)).is_some() {
                let share = design.share(entity, &index.id);
                let bytes = design.entry(entity, index).bytes;
                held.add(&design.items(entity), share.as_ref(), &bytes);
            }
        }
        let held = held.named(&format!("{} with 100 B an entry", index.name));
        if index.local {
            local += held.bytes.value;
        }
        indexes.insert(index.id.to_string(), held);
    }
    let table = table.named("table with 100 B an item");
    let backed_up = Quantity::new(
        "table and local indexes",
        table.bytes.value + local,
        "B",
        table.bytes.origin,
    );
    Stored {
        table,
        indexes,
        backed_up,
    }
}

#[derive(Default)]
struct Tally {
    items: f64,
    bytes: f64,
    origin: Option<Origin>,
}

impl Tally {
    fn add(&mut self, items: &Quantity, share: Option<&Quantity>, item_bytes: &Quantity) {
        let there = items.value * share.map_or(1.0, |share| share.value);
        self.items += there;
        self.bytes += there * (item_bytes.value + OVERHEAD);
        if there > 0.0 {
            let worst = [
                Some(items.origin),
                share.map(|s| s.origin),
                Some(item_bytes.origin),
            ];
            self.origin = worst.into_iter().flatten().chain(self.origin).max();
        }
    }

    fn named(self, name: &str) -> InPlace {
        let origin = self.origin.unwrap_or(Origin::Declared);
        InPlace {
            items: self.items,
            bytes: Quantity::new(name, self.bytes, "B", origin),
        }
    }
}

impl Stored {
    pub(super) fn index(&self, id: &str) -> InPlace {
        self.indexes.get(id).cloned().unwrap_or_else(|| InPlace {
            items: 0.0,
            bytes: Quantity::declared("nothing", 0.0, "B"),
        })
    }

    /// Table and all indexes.
    pub(super) fn all_bytes(&self) -> Quantity {
        let indexes = self.indexes.values();
        let places = std::iter::once(&self.table).chain(indexes);
        let bytes: f64 = places.clone().map(|place| place.bytes.value).sum();
        let origin = places.map(|place| place.bytes.origin).max();
        Quantity::new(
            "table and indexes",
            bytes,
            "B",
            origin.unwrap_or(Origin::Declared),
        )
    }
}

/// What stands on the bill beside throughput and storage; or which price is missing.
pub(super) fn extras(
    design: &Design<'_, '_>,
    stored: &Stored,
    throughput: &Throughput,
) -> Vec<(String, Result<Sum, NoPrice>)> {
    let prices = design.prices;
    let mut extras = Vec::new();
    let Some(table) = design.table else {
        free_storage(design, stored, &mut extras);
        return extras;
    };
    if table.pitr {
        let cost = prices.pitr(&stored.backed_up);
        extras.push(("point-in-time recovery".to_owned(), cost));
    }
    if table.backups > 0.0 {
        let bytes = Quantity {
            name: format!("{} full backups", count(table.backups)),
            value: stored.backed_up.value * table.backups,
            ..stored.backed_up.clone()
        };
        extras.push(("on-demand backups".to_owned(), prices.backup(&bytes)));
    }
    if design.model.stream.is_some()
        && let Some(readers) = table.stream_readers
    {
        let reads = stream_reads(design, readers, throughput);
        extras.push(("reading the stream".to_owned(), prices.stream_reads(&reads)));
    }
    if table.replicas > 0.0 {
        let units = Quantity::new(
            format!("write units in {} further regions", count(table.replicas)),
            throughput.write_units() * table.replicas,
            "units",
            throughput.origin(),
        );
        extras.push((
            "writes to replicas".to_owned(),
            prices.replicated_writes(&units),
        ));
        let all = stored.all_bytes();
        let bytes = Quantity {
            name: format!("{} replicas", count(table.replicas)),
            value: all.value * table.replicas,
            ..all
        };
        extras.push(("storage of replicas".to_owned(), Ok(prices.storage(&bytes))));
    }
    free_storage(design, stored, &mut extras);
    extras
}

fn stream_reads(design: &Design<'_, '_>, readers: f64, throughput: &Throughput) -> Quantity {
    let polls = design.table.and_then(|table| table.stream_polls_per_second);
    let shards = (throughput.table_write_units() / SECONDS_A_MONTH / WRITES_PER_SHARD)
        .ceil()
        .max(1.0);
    let per_second = polls.unwrap_or(POLLS_DEFAULT);
    let free = if design.traffic.free_tier {
        design.prices.free.stream_reads
    } else {
        0.0
    };
    let reads = (readers * shards * per_second * SECONDS_A_MONTH - free).max(0.0);
    let name = format!(
        "{} readers × {} shards × {} polls a second × 2,628,000 s",
        count(readers),
        count(shards),
        count(per_second)
    );
    let origin = match polls {
        Some(_) => design.traffic.basis,
        None => Origin::Assumed,
    };
    Quantity::new(name, reads, "reads", origin)
}

fn free_storage(
    design: &Design<'_, '_>,
    stored: &Stored,
    extras: &mut Vec<(String, Result<Sum, NoPrice>)>,
) {
    if !design.traffic.free_tier {
        return;
    }
    let all = stored.all_bytes();
    let free = Quantity {
        name: "free storage".to_owned(),
        value: all.value.min(design.prices.free.storage_gb * GB),
        ..all
    };
    let cost = Sum::zero("free").minus(&design.prices.storage(&free));
    extras.push(("free tier: storage".to_owned(), Ok(cost)));
}
