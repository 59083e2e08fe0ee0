//! What a finding costs: the formulas are `keyfold-cost`'s, the inputs the traffic file's.

use std::collections::BTreeMap;

use keyfold_cost::units::{Consistency, query, scan, write};
use keyfold_cost::{Origin, Prices, Quantity, Rates, Sum, TableTraffic, Traffic, price};

use crate::finding::{Basis, Cost};
use crate::rules::{Costing, Draft};

/// Prices and traffic of one run.
pub struct Money {
    /// Prices of the traffic file's region.
    pub prices: Prices,
    /// How much is asked.
    pub traffic: Traffic,
    /// How much was asked, as metered: it goes before.
    pub metered: Option<Traffic>,
}

impl Money {
    /// The cost of a draft, if it has one.
    pub fn of(&self, draft: &Draft) -> Option<Cost> {
        let costing = draft.costing.as_ref()?;
        if let Costing::Metered {
            read_units,
            write_units,
        } = costing
        {
            return Some(self.metered(*read_units, *write_units));
        }
        let sum = self.sum(draft, costing)?;
        let inputs: BTreeMap<String, String> = sum
            .inputs
            .iter()
            .map(|q| (q.name.clone(), q.text()))
            .collect();
        Some(Cost {
            monthly_usd: round(sum.monthly_usd),
            formula: sum.formula.clone(),
            instead_usd: self.instead(draft, costing).map(round),
            inputs,
            basis: match sum.basis() {
                Origin::Metered => Basis::Metered,
                Origin::Declared => Basis::Declared,
                Origin::Assumed => Basis::Assumed,
            },
        })
    }

    fn calls(&self, draft: &Draft) -> Quantity {
        let function = draft.function.clone().unwrap_or_default();
        let stem = crate::link::modules::stem(&draft.file);
        let own = function.rsplit('.').next().unwrap_or(&function).to_owned();
        let names = [
            format!("{}:{}", draft.file, draft.span.line),
            function.clone(),
            format!("{stem}.{own}"),
            format!("{stem}.{function}"),
            own,
        ];
        let names: Vec<&str> = names
            .iter()
            .map(String::as_str)
            .filter(|n| !n.is_empty())
            .collect();
        let metered = self
            .metered
            .as_ref()
            .filter(|m| names.iter().any(|name| m.calls.contains_key(*name)));
        metered.unwrap_or(&self.traffic).calls_of(&names)
    }

    /// The source that has a figure of a table: the meter's, else the file's.
    fn of_table(&self, table: &str, has: impl Fn(&TableTraffic) -> bool) -> &Traffic {
        self.metered
            .as_ref()
            .filter(|m| m.tables.get(table).is_some_and(&has))
            .unwrap_or(&self.traffic)
    }

    /// What metered units cost.
    fn metered(&self, read_units: f64, write_units: f64) -> Cost {
        let (read, write) = (
            self.prices.read_units_per_million,
            self.prices.write_units_per_million,
        );
        let inputs = [
            ("read units a month", read_units),
            ("write units a month", write_units),
        ]
        .into_iter()
        .filter(|(_, units)| *units > 0.0)
        .map(|(name, units)| {
            (
                name.to_owned(),
                format!("{} (metered)", keyfold_cost::count(units)),
            )
        })
        .collect();
        Cost {
            monthly_usd: round((read_units * read + write_units * write) / 1e6),
            formula: format!(
                "{} read units × {read} USD + {} write units × {write} USD, each a million",
                keyfold_cost::count(read_units),
                keyfold_cost::count(write_units)
            ),
            inputs,
            instead_usd: None,
            basis: Basis::Metered,
        }
    }

    /// What the repair would cost a month: the Query in place of a Scan, half the units of a strong read, no index.
    fn instead(&self, draft: &Draft, costing: &Costing) -> Option<f64> {
        let table = draft.table.as_deref().unwrap_or_default();
        let bytes = self
            .of_table(table, |t| t.item_bytes.is_some())
            .item_bytes_of(table);
        let items = self
            .of_table(table, |t| t.items_per_partition.is_some())
            .items_per_partition_of(table);
        let rates = Rates::new(&self.prices, &self.traffic);
        match costing {
            Costing::Scan { .. } => {
                let one = query(&items, &bytes, Consistency::Eventual);
                Some(price(&one, &self.calls(draft), &rates).monthly_usd)
            }
            // The finding's sum is only what comes on top.
            Costing::Consistent => Some(0.0),
            Costing::Indexes(_) if draft.rule.id == "unused-gsi" => Some(0.0),
            Costing::Indexes(_)
            | Costing::Filtered
            | Costing::Recovery
            | Costing::Growth
            | Costing::Metered { .. } => None,
        }
    }

    fn sum(&self, draft: &Draft, costing: &Costing) -> Option<Sum> {
        let table = draft.table.as_deref().unwrap_or_default();
        let (items, bytes) = (
            self.of_table(table, |t| t.items.is_some()).items_of(table),
            self.of_table(table, |t| t.item_bytes.is_some())
                .item_bytes_of(table),
        );
        let rates = Rates::new(&self.prices, &self.traffic);
        let total = Quantity::new(
            "table bytes",
            items.value * bytes.value,
            "B",
            items.origin.max(bytes.origin),
        );
        Some(match costing {
            Costing::Scan { consistent } => {
                let how = if *consistent {
                    Consistency::Strong
                } else {
                    Consistency::Eventual
                };
                price(&scan(&items, &bytes, how), &self.calls(draft), &rates)
            }
            Costing::Filtered => {
                let examined = self
                    .of_table(table, |t| t.items_per_partition.is_some())
                    .items_per_partition_of(table);
                price(
                    &query(&examined, &bytes, Consistency::Eventual),
                    &self.calls(draft),
                    &rates,
                )
            }
            Costing::Indexes(n) => {
                let count = f64::from(u32::try_from(*n).unwrap_or(u32::MAX));
                let stored = Quantity::new("index bytes", total.value * count, "B", total.origin);
                let writes = Quantity::new(
                    "index writes a month",
                    self.traffic.calls_of(&[]).value * count,
                    "writes",
                    self.traffic.calls_of(&[]).origin,
                );
                self.prices
                    .storage(&stored)
                    .plus(&price(&write(&bytes, false), &writes, &rates))
            }
            Costing::Metered { .. } => return None,
            Costing::Recovery => self.prices.pitr(&total).ok()?,
            Costing::Growth => self.prices.storage(&total),
            Costing::Consistent => {
                let calls = self.calls(draft);
                let strong = price(
                    &query(
                        &self
                            .of_table(table, |t| t.items_per_partition.is_some())
                            .items_per_partition_of(table),
                        &bytes,
                        Consistency::Strong,
                    ),
                    &calls,
                    &rates,
                );
                let eventual = price(
                    &query(
                        &self
                            .of_table(table, |t| t.items_per_partition.is_some())
                            .items_per_partition_of(table),
                        &bytes,
                        Consistency::Eventual,
                    ),
                    &calls,
                    &rates,
                );
                strong.minus(&eventual)
            }
        })
    }
}

/// Cents, and below a cent two figures: never more precision than the inputs have.
fn round(usd: f64) -> f64 {
    if usd.abs() >= 0.01 {
        (usd * 100.0).round() / 100.0
    } else {
        (usd * 1e6).round() / 1e6
    }
}
