//! A report as text, Markdown, JSON and, with the feature `chart`, SVG.

mod grid;

#[cfg(feature = "chart")]
mod chart;

use std::fmt::Write as _;

#[cfg(feature = "chart")]
pub use self::chart::{ChartError, svg};
use self::grid::{Grid, Style};
use crate::number::{count, usd};
use crate::predict::{Report, SavingKind};
use crate::sum::Sum;

/// For people, in a terminal.
pub fn text(report: &Report) -> String {
    page(report, Style::Text)
}

/// For a pull request.
pub fn markdown(report: &Report) -> String {
    page(report, Style::Markdown)
}

/// For programs.
///
/// # Errors
/// None of a report that [`crate::predict()`] made; a sum that is not a number has no JSON.
pub fn json(report: &Report) -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(report)?;
    text.push('\n');
    Ok(text)
}

fn page(report: &Report, style: Style) -> String {
    let mut out = String::new();
    style.heading(
        &mut out,
        1,
        &format!("{}: {} USD a month", report.table, report.total.text()),
    );
    style.line(
        &mut out,
        &format!(
            "{}, {}; prices read {} from {}",
            report.region, report.billing, report.prices_read, report.prices_source
        ),
    );
    if report.total.range_usd().is_some() {
        style.line(
            &mut out,
            "Some inputs are assumed: such sums have two figures, and half to twice of them as their range.",
        );
    }
    patterns(&mut out, report, style);
    entities(&mut out, report, style);
    indexes(&mut out, report, style);
    bill(&mut out, report, style);
    modes(&mut out, report, style);
    savings(&mut out, report, style);
    worked_out(&mut out, report, style);
    if !report.notes.is_empty() {
        style.heading(&mut out, 2, "Taken for granted");
        for note in &report.notes {
            style.item(&mut out, note);
        }
    }
    out
}

fn patterns(out: &mut String, report: &Report, style: Style) {
    style.heading(out, 2, "Access patterns");
    let mut grid = Grid::new(
        &[
            "pattern",
            "on",
            "calls",
            "items",
            "units a call",
            "units",
            "USD a month",
        ],
        2,
    );
    for pattern in &report.patterns {
        grid.row([
            pattern.id.clone(),
            pattern.on.clone(),
            count(pattern.calls),
            count(pattern.items_per_call),
            count(pattern.units_per_call),
            count(pattern.units_a_month),
            pattern.cost.text(),
        ]);
    }
    grid.print(out, style);
}

fn entities(out: &mut String, report: &Report, style: Style) {
    style.heading(out, 2, "Entities, read and written by key");
    let mut grid = Grid::new(
        &[
            "entity",
            "items",
            "bytes",
            "read units",
            "write units",
            "USD a month",
        ],
        1,
    );
    for entity in &report.entities {
        grid.row([
            entity.name.clone(),
            count(entity.items),
            count(entity.item_bytes),
            count(entity.read_units),
            count(entity.write_units),
            entity.cost.text(),
        ]);
    }
    grid.print(out, style);
}

fn indexes(out: &mut String, report: &Report, style: Style) {
    if report.indexes.is_empty() {
        return;
    }
    style.heading(out, 2, "Indexes");
    let mut grid = Grid::new(
        &[
            "index",
            "entries",
            "bytes",
            "write units",
            "read units",
            "keeping it, USD",
            "reading it, USD",
        ],
        1,
    );
    for index in &report.indexes {
        grid.row([
            index.name.clone(),
            count(index.entries),
            count(index.bytes),
            count(index.write_units),
            count(index.read_units),
            index.keeping.text(),
            index.reading.text(),
        ]);
    }
    grid.print(out, style);
}

fn bill(out: &mut String, report: &Report, style: Style) {
    style.heading(out, 2, "The bill");
    let mut grid = Grid::new(&["for", "USD a month"], 1);
    for line in &report.bill {
        grid.row([line.what.clone(), line.cost.text()]);
    }
    grid.row(["all of it".to_owned(), report.total.text()]);
    grid.print(out, style);
}

fn modes(out: &mut String, report: &Report, style: Style) {
    let modes = &report.modes;
    style.heading(out, 2, "On demand against provisioned");
    let mut grid = Grid::new(
        &[
            "where",
            "read units",
            "write units",
            "on demand, USD",
            "capacity read",
            "capacity write",
            "provisioned, USD",
        ],
        1,
    );
    for place in &modes.places {
        grid.row([
            place.place.clone(),
            count(place.read_units),
            count(place.write_units),
            usd(place.on_demand_usd),
            count(place.provisioned_read),
            count(place.provisioned_write),
            usd(place.provisioned_usd),
        ]);
    }
    grid.print(out, style);
    let cheaper = if modes.provisioned.monthly_usd < modes.on_demand.monthly_usd {
        "Provisioned is cheaper here"
    } else {
        "On demand is cheaper here"
    };
    style.line(
        out,
        &format!(
            "{cheaper}: on demand {} USD, provisioned {} USD. They cost the same where {} % of the provisioned reads and {} % of the writes are used; taken is {} %.",
            modes.on_demand.text(),
            modes.provisioned.text(),
            count((modes.break_even_read * 1_000.0).round() / 10.0),
            count((modes.break_even_write * 1_000.0).round() / 10.0),
            count((modes.used_share * 1_000.0).round() / 10.0)
        ),
    );
}

fn savings(out: &mut String, report: &Report, style: Style) {
    if report.savings.is_empty() {
        return;
    }
    style.heading(out, 2, "What would be saved");
    let mut grid = Grid::new(&["by", "USD a month", "but"], 1);
    for saving in &report.savings {
        let by = match saving.kind {
            SavingKind::DropIndex => format!("dropping {}", saving.of),
            SavingKind::TimeToLive => format!("a time to live on {}", saving.of),
        };
        grid.row([by, saving.saves.text(), saving.note.clone()]);
    }
    grid.print(out, style);
}

/// No sum is printed without its inputs and its formula.
fn worked_out(out: &mut String, report: &Report, style: Style) {
    style.heading(out, 2, "How it was worked out");
    for pattern in &report.patterns {
        explained(out, style, &pattern.id, &pattern.cost);
    }
    let with_traffic = report.entities.iter().filter(|e| !e.cost.inputs.is_empty());
    for entity in with_traffic {
        explained(out, style, &entity.name, &entity.cost);
    }
    for index in &report.indexes {
        explained(out, style, &index.name, &index.keeping);
    }
    for line in &report.bill {
        explained(out, style, &line.what, &line.cost);
    }
    explained(out, style, "on demand", &report.modes.on_demand);
    explained(out, style, "provisioned", &report.modes.provisioned);
    for saving in report
        .savings
        .iter()
        .filter(|s| s.kind == SavingKind::TimeToLive)
    {
        explained(
            out,
            style,
            &format!("a time to live on {}", saving.of),
            &saving.saves,
        );
    }
}

/// More inputs than these are those of the lines above, which list them.
const INPUTS_SHOWN: usize = 12;

fn explained(out: &mut String, style: Style, what: &str, sum: &Sum) {
    let formula = sum.formula.replace("; plus ", "\n      + ");
    style.item(out, &format!("{what}: {} USD = {formula}", sum.text()));
    let of_its_own = sum.formula.contains('×');
    if of_its_own && (1..=INPUTS_SHOWN).contains(&sum.inputs.len()) {
        let inputs: Vec<String> = sum
            .inputs
            .iter()
            .map(|input| format!("{}: {}", input.name, input.text()))
            .collect();
        let _ = writeln!(out, "      with {}", inputs.join("; "));
    }
}
