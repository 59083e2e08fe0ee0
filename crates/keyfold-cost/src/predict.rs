//! What a design costs a month with a traffic.

mod design;
mod entities;
mod modes;
mod patterns;
mod savings;
mod storage;

use keyfold_model::TableModel;
use serde::Serialize;

use self::design::Design;
pub use self::modes::{ModeOfPlace, Modes};
pub use self::savings::{Saving, SavingKind};
use crate::number::count;
use crate::price::Prices;
use crate::sum::Sum;
use crate::traffic::{Billing, Traffic};

/// The answer: every table of it, with formula and inputs beside each sum.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// `keyfold.cost/1`.
    pub schema: &'static str,
    /// The table.
    pub table: String,
    /// Of the prices.
    pub region: String,
    /// The day the prices were read.
    pub prices_read: String,
    /// Where they were read.
    pub prices_source: String,
    /// `on-demand` or `provisioned`.
    pub billing: &'static str,
    /// Access patterns, the dearest first.
    pub patterns: Vec<PatternCost>,
    /// Entities, the dearest first.
    pub entities: Vec<EntityCost>,
    /// Indexes, in their order.
    pub indexes: Vec<IndexCost>,
    /// Every line of the bill.
    pub bill: Vec<BillLine>,
    /// Their sum.
    pub total: Sum,
    /// On demand against provisioned.
    pub modes: Modes,
    /// What could be saved.
    pub savings: Vec<Saving>,
    /// What was taken for granted, and what has no price.
    pub notes: Vec<String>,
}

/// What an access pattern costs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PatternCost {
    /// Its id.
    pub id: String,
    /// The table, or the index by its name.
    pub on: String,
    /// Calls a month.
    pub calls: f64,
    /// Items examined in a call.
    pub items_per_call: f64,
    /// Read units of a call.
    pub units_per_call: f64,
    /// Read units a month.
    pub units_a_month: f64,
    /// The money.
    pub cost: Sum,
}

/// What reading and writing an entity by key costs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EntityCost {
    /// Its name.
    pub name: String,
    /// Items there are.
    pub items: f64,
    /// Bytes of one.
    pub item_bytes: f64,
    /// Write units a month, in the table and its indexes, kept items included.
    pub write_units: f64,
    /// Read units a month of reads by key.
    pub read_units: f64,
    /// The money for both.
    pub cost: Sum,
}

/// What an index costs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IndexCost {
    /// Its name.
    pub name: String,
    /// Entries in it.
    pub entries: f64,
    /// Bytes stored, overhead included.
    pub bytes: f64,
    /// Write units a month.
    pub write_units: f64,
    /// Read units a month.
    pub read_units: f64,
    /// The patterns that read it.
    pub read_by: Vec<String>,
    /// Keeping it up to date and stored.
    pub keeping: Sum,
    /// Reading it.
    pub reading: Sum,
}

/// A line of the bill.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BillLine {
    /// For what.
    pub what: String,
    /// The money.
    pub cost: Sum,
}

/// Predicts what `model` costs a month with `traffic`, at `prices`.
///
/// Names in the traffic that the model lacks are not looked at here: ask [`Traffic::check`] first.
pub fn predict(model: &TableModel<'_>, traffic: &Traffic, prices: &Prices) -> Report {
    let design = Design::new(model, traffic, prices);
    let mut notes = Vec::new();
    let patterns = patterns::all(&design);
    let writes = entities::all(&design, &mut notes);
    let throughput = modes::throughput(&design, &patterns, &writes);
    let modes = modes::compare(&design, &throughput);
    let stored = storage::all(&design);
    let indexes = index_costs(&design, &patterns, &writes, &stored);
    let savings = savings::all(&design, &indexes, &stored);
    let bill = bill(
        &design,
        &patterns,
        &writes,
        &stored,
        &throughput,
        &mut notes,
    );
    let total = Sum::of("all lines", bill.iter().map(|line| &line.cost));
    let mut patterns: Vec<PatternCost> = patterns.into_iter().map(|p| p.cost).collect();
    patterns.sort_by(|a, b| by_cost(&a.cost, &b.cost).then_with(|| a.id.cmp(&b.id)));
    let mut entities: Vec<EntityCost> = writes.into_iter().map(entities::Writes::total).collect();
    entities.sort_by(|a, b| by_cost(&a.cost, &b.cost).then_with(|| a.name.cmp(&b.name)));
    Report {
        schema: "keyfold.cost/1",
        table: model.name.to_string(),
        region: prices.region.clone(),
        prices_read: prices.read.clone(),
        prices_source: prices.source.clone(),
        billing: match traffic.billing {
            Billing::OnDemand => "on-demand",
            Billing::Provisioned => "provisioned",
        },
        patterns,
        entities,
        indexes,
        bill,
        total,
        modes,
        savings,
        notes,
    }
}

fn by_cost(a: &Sum, b: &Sum) -> std::cmp::Ordering {
    b.monthly_usd.total_cmp(&a.monthly_usd)
}

fn index_costs(
    design: &Design<'_, '_>,
    patterns: &[patterns::Priced],
    writes: &[entities::Writes],
    stored: &storage::Stored,
) -> Vec<IndexCost> {
    let indexes = design.model.indexes.iter();
    indexes
        .map(|index| {
            let readers: Vec<_> = patterns
                .iter()
                .filter(|pattern| pattern.index.as_deref() == Some(&*index.id))
                .collect();
            let writing: Vec<_> = writes
                .iter()
                .flat_map(|entity| entity.priced.iter())
                .filter(|priced| priced.index.as_deref() == Some(&*index.id))
                .collect();
            let stored = stored.index(&index.id);
            let writing_it = Sum::of("writes", writing.iter().map(|priced| &priced.cost));
            let storage = design.prices.storage(&stored.bytes);
            let keeping = Sum::of("writes to it and its storage", [&writing_it, &storage]);
            IndexCost {
                name: index.name.to_string(),
                entries: stored.items,
                bytes: stored.bytes.value,
                write_units: writing.iter().map(|priced| priced.units).sum(),
                read_units: readers.iter().map(|p| p.cost.units_a_month).sum(),
                read_by: readers.iter().map(|p| p.cost.id.clone()).collect(),
                keeping,
                reading: Sum::of("its patterns", readers.iter().map(|p| &p.cost.cost)),
            }
        })
        .collect()
}

fn bill(
    design: &Design<'_, '_>,
    patterns: &[patterns::Priced],
    writes: &[entities::Writes],
    stored: &storage::Stored,
    throughput: &modes::Throughput,
    notes: &mut Vec<String>,
) -> Vec<BillLine> {
    let mut lines = Vec::new();
    let mut line = |what: String, cost: Sum| {
        if cost.monthly_usd != 0.0 {
            lines.push(BillLine { what, cost });
        }
    };
    line(
        "reads by access patterns".to_owned(),
        Sum::of("all patterns", patterns.iter().map(|p| &p.cost.cost)),
    );
    let priced = || writes.iter().flat_map(|entity| entity.priced.iter());
    line(
        "reads by key".to_owned(),
        Sum::of(
            "all entities",
            priced().filter(|p| p.is_read).map(|p| &p.cost),
        ),
    );
    line(
        "writes to the table".to_owned(),
        Sum::of(
            "all entities",
            priced()
                .filter(|p| !p.is_read && p.index.is_none())
                .map(|p| &p.cost),
        ),
    );
    for index in design.model.indexes.iter() {
        let of_index = priced().filter(|p| p.index.as_deref() == Some(&*index.id));
        line(
            format!("writes to {}", index.name),
            Sum::of("all entities", of_index.map(|p| &p.cost)),
        );
    }
    line(
        "storage of the table".to_owned(),
        design.prices.storage(&stored.table.bytes),
    );
    for index in design.model.indexes.iter() {
        let bytes = &stored.index(&index.id).bytes;
        line(
            format!("storage of {}", index.name),
            design.prices.storage(bytes),
        );
    }
    for (what, cost) in storage::extras(design, stored, throughput) {
        match cost {
            Ok(cost) => line(what, cost),
            Err(missing) => notes.push(missing.to_string().replace("\nhint: ", "; ")),
        }
    }
    if let Some(growth) = design.table.and_then(|table| table.growth_per_month) {
        let storage = design.prices.storage(&stored.all_bytes());
        let later = storage.monthly_usd * (1.0 + growth).powi(12);
        notes.push(format!(
            "in a year the storage alone costs {} USD a month: {} USD × (1 + {})^12",
            crate::number::usd(later),
            crate::number::usd(storage.monthly_usd),
            count(growth)
        ));
    }
    lines
}
