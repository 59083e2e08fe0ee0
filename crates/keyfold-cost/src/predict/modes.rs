//! On demand against provisioned.

use std::collections::BTreeMap;

use serde::Serialize;

use super::design::Design;
use super::entities::Writes;
use super::patterns::Priced;
use super::storage::SECONDS_A_MONTH;
use crate::number::{count, figures};
use crate::price::{HOURS_A_MONTH, Prices};
use crate::quantity::{Origin, Quantity, join, weakest};
use crate::sum::Sum;

/// Both ways to pay for the same throughput.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Modes {
    /// On demand.
    pub on_demand: Sum,
    /// Provisioned, in whole units for the table and each global index.
    pub provisioned: Sum,
    /// The share of provisioned read units that has to be used for both to cost the same.
    pub break_even_read: f64,
    /// The same of write units.
    pub break_even_write: f64,
    /// The share that would be used.
    pub used_share: f64,
    /// Where the units go.
    pub places: Vec<ModeOfPlace>,
}

/// The table with its local indexes, or a global index: each has a throughput of its own.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ModeOfPlace {
    /// `table`, or the index's name.
    pub place: String,
    /// Read units a month.
    pub read_units: f64,
    /// Write units a month.
    pub write_units: f64,
    /// Read capacity it would be given.
    pub provisioned_read: f64,
    /// Write capacity it would be given.
    pub provisioned_write: f64,
    /// On demand, US dollars a month.
    pub on_demand_usd: f64,
    /// Provisioned, US dollars a month.
    pub provisioned_usd: f64,
}

/// Units a month, by place; the table first.
pub(super) struct Throughput {
    table: Used,
    indexes: BTreeMap<String, Used>,
    inputs: Vec<Quantity>,
}

#[derive(Default, Clone, Copy)]
struct Used {
    read: f64,
    write: f64,
    /// Of `write`, in local indexes: not what feeds the stream.
    in_local: f64,
}

pub(super) fn throughput(
    design: &Design<'_, '_>,
    patterns: &[Priced],
    writes: &[Writes],
) -> Throughput {
    let mut sum = Throughput {
        table: Used::default(),
        indexes: BTreeMap::new(),
        inputs: Vec::new(),
    };
    for pattern in patterns {
        let inputs = &pattern.cost.cost.inputs;
        sum.add(
            design,
            pattern.index.as_deref(),
            true,
            pattern.cost.units_a_month,
            inputs,
        );
    }
    for priced in writes.iter().flat_map(|entity| entity.priced.iter()) {
        let index = priced.index.as_deref();
        sum.add(
            design,
            index,
            priced.is_read,
            priced.units,
            &priced.cost.inputs,
        );
    }
    sum
}

impl Throughput {
    fn add(
        &mut self,
        design: &Design<'_, '_>,
        index: Option<&str>,
        is_read: bool,
        units: f64,
        inputs: &[Quantity],
    ) {
        let index = index.and_then(|id| design.model.index(id));
        let used = match index {
            Some(index) if !index.local => self.indexes.entry(index.name.to_string()).or_default(),
            // A local index is paid from its table's throughput.
            _ => &mut self.table,
        };
        if is_read {
            used.read += units;
        } else {
            used.write += units;
            if index.is_some_and(|index| index.local) {
                used.in_local += units;
            }
        }
        self.inputs = join(std::mem::take(&mut self.inputs), inputs);
    }

    pub(super) fn write_units(&self) -> f64 {
        self.table.write + self.indexes.values().map(|used| used.write).sum::<f64>()
    }

    /// Write units of the table itself, which its stream follows.
    pub(super) fn table_write_units(&self) -> f64 {
        self.table.write - self.table.in_local
    }

    pub(super) fn origin(&self) -> Origin {
        weakest(&self.inputs)
    }
}

pub(super) fn compare(design: &Design<'_, '_>, throughput: &Throughput) -> Modes {
    let prices = design.prices;
    let provisioned = &design.traffic.provisioned;
    let used = provisioned.used_share();
    let (break_even_read, break_even_write) = prices.break_even_used_share();
    let kept = provisioned.price_share();
    let table = std::iter::once(("table".to_owned(), throughput.table));
    let indexes = throughput
        .indexes
        .iter()
        .map(|(name, used)| (name.clone(), *used));
    let mut places: Vec<ModeOfPlace> = table
        .chain(indexes)
        .map(|(place, units)| of_place(prices, place, units, used.value, kept))
        .collect();
    if design.traffic.free_tier {
        take_free(prices, &mut places, kept);
    }
    // The mode is chosen before the traffic file's billing is: on-demand prices, whatever it says.
    let reads: f64 = places.iter().map(|place| place.read_units).sum();
    let writes: f64 = places.iter().map(|place| place.write_units).sum();
    let capacity = |of: fn(&ModeOfPlace) -> f64| places.iter().map(of).sum::<f64>();
    let own_inputs = match design.traffic.billing {
        crate::traffic::Billing::OnDemand => throughput.inputs.clone(),
        // Rates of provisioned capacity rest on how it is used; what is billed by the unit does not.
        crate::traffic::Billing::Provisioned => without(&throughput.inputs, &provisioned.inputs()),
    };
    Modes {
        on_demand: Sum {
            monthly_usd: places.iter().map(|place| place.on_demand_usd).sum(),
            formula: format!(
                "{} read units × {} USD per million + {} write units × {} USD per million",
                count(reads),
                count(prices.read_units_per_million),
                count(writes),
                count(prices.write_units_per_million)
            ),
            inputs: own_inputs.clone(),
        },
        provisioned: Sum {
            monthly_usd: places.iter().map(|place| place.provisioned_usd).sum(),
            formula: format!(
                "capacity = average a second / {} used, in whole units: {} read × {} USD × 730 h + {} write × {} USD × 730 h{}",
                count(used.value),
                count(capacity(|place| place.provisioned_read)),
                figures(prices.read_unit_hour, 3),
                count(capacity(|place| place.provisioned_write)),
                figures(prices.write_unit_hour, 3),
                provisioned.reserved_text()
            ),
            inputs: join(own_inputs, &provisioned.inputs()),
        },
        break_even_read,
        break_even_write,
        used_share: used.value,
        places,
    }
}

fn without(inputs: &[Quantity], others: &[Quantity]) -> Vec<Quantity> {
    let kept = inputs.iter().filter(|input| !others.contains(input));
    kept.cloned().collect()
}

fn of_place(prices: &Prices, place: String, units: Used, used: f64, kept: f64) -> ModeOfPlace {
    // Capacity comes in whole units, and in at least one.
    let capacity = |units: f64| (units / SECONDS_A_MONTH / used).ceil().max(1.0);
    let (read, write) = (capacity(units.read), capacity(units.write));
    ModeOfPlace {
        place,
        read_units: units.read,
        write_units: units.write,
        provisioned_read: read,
        provisioned_write: write,
        on_demand_usd: units.read / 1e6 * prices.read_units_per_million
            + units.write / 1e6 * prices.write_units_per_million,
        provisioned_usd: kept
            * HOURS_A_MONTH
            * (read * prices.read_unit_hour + write * prices.write_unit_hour),
    }
}

/// What is free is taken from the places in their order.
fn take_free(prices: &Prices, places: &mut [ModeOfPlace], kept: f64) {
    let mut read = prices.free.read_units_provisioned;
    let mut write = prices.free.write_units_provisioned;
    for place in places {
        let free_read = place.provisioned_read.min(read);
        let free_write = place.provisioned_write.min(write);
        read -= free_read;
        write -= free_write;
        place.provisioned_usd -= kept
            * HOURS_A_MONTH
            * (free_read * prices.read_unit_hour + free_write * prices.write_unit_hour);
    }
}
