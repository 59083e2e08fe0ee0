//! What a finding costs: the formulas are `keyfold-cost`'s, the inputs the traffic file's.

use std::collections::BTreeMap;

use keyfold_cost::units::{Consistency, query, scan, write};
use keyfold_cost::{Origin, Prices, Quantity, Rates, Sum, Traffic, price};

use crate::finding::{Basis, Cost};
use crate::rules::{Costing, Draft};

/// Prices and traffic of one run.
pub struct Money {
    /// Prices of the traffic file's region.
    pub prices: Prices,
    /// How much is asked.
    pub traffic: Traffic,
}

impl Money {
    /// The cost of a draft, if it has one.
    pub fn of(&self, draft: &Draft) -> Option<Cost> {
        let sum = self.sum(draft, draft.costing.as_ref()?)?;
        let inputs: BTreeMap<String, String> = sum
            .inputs
            .iter()
            .map(|q| (q.name.clone(), q.text()))
            .collect();
        Some(Cost {
            monthly_usd: round(sum.monthly_usd),
            formula: sum.formula.clone(),
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
        self.traffic.calls_of(&names)
    }

    fn sum(&self, draft: &Draft, costing: &Costing) -> Option<Sum> {
        let table = draft.table.as_deref().unwrap_or_default();
        let (items, bytes) = (
            self.traffic.items_of(table),
            self.traffic.item_bytes_of(table),
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
                let examined = self.traffic.items_per_partition_of(table);
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
            Costing::Recovery => self.prices.pitr(&total).ok()?,
            Costing::Growth => self.prices.storage(&total),
            Costing::Consistent => {
                let calls = self.calls(draft);
                let strong = price(
                    &query(
                        &self.traffic.items_per_partition_of(table),
                        &bytes,
                        Consistency::Strong,
                    ),
                    &calls,
                    &rates,
                );
                let eventual = price(
                    &query(
                        &self.traffic.items_per_partition_of(table),
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
