//! Whole predictions.

use keyfold_cost::{Prices, Report, SavingKind, Traffic, predict, render};

const SHOP: &str = include_str!("../../../keyfold/tests/shop.model.json");

fn report(traffic: &str) -> Report {
    let model = serde_json::from_str(SHOP).unwrap();
    let traffic = Traffic::parse(traffic).unwrap();
    assert_eq!(traffic.check(&model), []);
    let prices = Prices::of_region(&traffic.region).unwrap();
    predict(&model, &traffic, &prices)
}

fn near(left: f64, right: f64) {
    assert!(
        (left - right).abs() < right.abs() * 1e-9 + 1e-12,
        "{left} is not {right}"
    );
}

fn line(report: &Report, what: &str) -> f64 {
    let line = report.bill.iter().find(|line| line.what == what);
    line.unwrap_or_else(|| panic!("no line {what}"))
        .cost
        .monthly_usd
}

/// All that is asked for is declared, so no sum is a range.
const DECLARED: &str = "
[tables.Shop]
items = 1_000_000
pitr = true
stream_readers = 1
stream_polls_per_second = 2

[entities]
Customer = { items = 100_000, item_bytes = 600, create = 2_000, indexes.Gsi1 = { share = 1 } }
EmailClaim = { items = 100_000, item_bytes = 120 }
Card = { items = 100_000, item_bytes = 150 }
Order = { items = 600_000, item_bytes = 1_500, create = 50_000, update = 150_000, get = 1_000_000, items_per_partition = 6, indexes.Gsi1 = { share = 1, moved = 0.5 }, indexes.ByNumber = { share = 0.5, touched = 0 } }
Note = { items = 50_000, item_bytes = 400 }
Session = { items = 40_000, item_bytes = 200 }
Totals = { items = 10_000, item_bytes = 300 }

[calls]
customers-in = { per_month = 10_000, items = 3 }
cards = { per_month = 20_000 , items = 4 }
cards-since = { per_month = 0, items = 50 }
orders-between = { per_month = 300_000, items = 6 }
orders-due = { per_month = 5_000, items = 50 }
orders-of = { per_month = 1_000, items = 50 }
notes-named = { per_month = 2_000, items = 5 }
file = { per_month = 100_000 }
";

#[test]
fn every_line_can_be_worked_out_by_hand() {
    let report = report(DECLARED);
    // orders-between: 6 × 1,500 B = 9,000 B = 3 steps, halved 1.5 units; 300,000 calls: 450,000 units.
    let pattern = report
        .patterns
        .iter()
        .find(|p| p.id == "orders-between")
        .unwrap();
    near(pattern.units_per_call, 1.5);
    near(pattern.cost.monthly_usd, 0.45 * 0.125);
    // file: a customer of 600 B and 6 orders of 1,500 B: 9,600 B = 3 steps, 1.5 units.
    let pattern = report.patterns.iter().find(|p| p.id == "file").unwrap();
    near(pattern.units_per_call, 1.5);
    near(pattern.items_per_call, 7.0);
    // Orders read by key: 1 step, 0.5 units, a million times: 0.5 million × 0.125.
    near(line(&report, "reads by key"), 0.0625);
    // Written to the table: 200,000 orders of 2 units each; 2,000 customers in a transaction with a
    // claim and a card, 2 units each: 400,000 + 12,000 units.
    near(line(&report, "writes to the table"), 0.412 * 0.625);
    // In GSI1: 50,000 created × 2; 150,000 updated, half in place × 2 and half moved × 4: 450,000;
    // customers 2,000 × 1.
    near(
        line(&report, "writes to GSI1"),
        (0.1 + 0.45 + 0.002) * 0.625,
    );
    // ByNumber has half of them, and updates change nothing it holds: 50,000 × 0.5 × 2. Its entries
    // are whole items.
    near(line(&report, "writes to ByNumber"), 0.05 * 0.625);
    // Stored, with 100 B each: customers 70, claims 22, cards 25, orders 960, notes 25, sessions 12
    // and totals 4 million bytes.
    let table = 1_118_000_000.0;
    near(
        line(&report, "storage of the table"),
        table / 1_073_741_824.0 * 0.25,
    );
    near(
        line(&report, "point-in-time recovery"),
        table / 1_073_741_824.0 * 0.20,
    );
    // One reader, one shard, twice a second for 2,628,000 seconds: 5,256,000 reads.
    near(line(&report, "reading the stream"), 5.256 * 0.20);
    near(
        report.total.monthly_usd,
        report.bill.iter().map(|line| line.cost.monthly_usd).sum(),
    );
    assert_eq!(report.total.range_usd(), None, "{:?}", report.total.inputs);
}

#[test]
fn on_demand_is_what_throughput_costs_and_provisioned_comes_in_whole_units() {
    let report = report(&format!(
        "{DECLARED}\n[provisioned]\nutilization = 0.5\npeak_to_average = 2\n"
    ));
    let modes = &report.modes;
    let throughput: f64 = report
        .bill
        .iter()
        .filter(|line| line.what.starts_with("reads") || line.what.starts_with("writes"))
        .map(|line| line.cost.monthly_usd)
        .sum();
    near(modes.on_demand.monthly_usd, throughput);
    near(modes.used_share, 0.25);
    // The table is written 412,000 times in 2,628,000 s: 0.157 a second; at 25 % used 0.63: one unit.
    // It is read (450 + 150 + 500 + 10 + 1) thousand times or so: below one a second, so at 25 % two or
    // one; each index less than one.
    let table = &modes.places[0];
    near(table.provisioned_write, 1.0);
    assert_eq!(modes.places.len(), 3);
    for place in &modes.places {
        let money = 730.0 * (place.provisioned_read * 0.00013 + place.provisioned_write * 0.00065);
        near(place.provisioned_usd, money);
    }
}

#[test]
fn a_file_in_the_provisioned_mode_prices_each_unit_as_a_share_of_a_unit_hour() {
    let traffic = format!(
        "billing = \"provisioned\"\n{DECLARED}\n[provisioned]\nutilization = 0.5\npeak_to_average = 2\nreserved_share = 0.5\nreserved_discount = 0.4\n"
    );
    let report = report(&traffic);
    // A read unit at 25 % use: 0.00013 / 3,600 / 0.25; four fifths of it with the half reserved at 40 % off.
    let unit = 0.00013 / 3_600.0 / 0.25 * 0.8;
    let pattern = report
        .patterns
        .iter()
        .find(|p| p.id == "orders-between")
        .unwrap();
    near(pattern.cost.monthly_usd, 450_000.0 * unit);
    assert!(
        pattern.cost.formula.contains("unit-hour"),
        "{}",
        pattern.cost.formula
    );
    assert!(report.modes.provisioned.formula.contains("reserved"));
}

#[test]
fn an_index_less_saves_its_writes_and_storage_and_names_who_reads_it() {
    let report = report(DECLARED);
    let saving = report
        .savings
        .iter()
        .find(|saving| saving.kind == SavingKind::DropIndex && saving.of == "GSI1")
        .unwrap();
    // 100,000 customers of 700 B and 600,000 orders of 1,600 B.
    let stored = (70e6 + 960e6) / 1_073_741_824.0 * 0.25;
    near(saving.saves.monthly_usd, 0.552 * 0.625 + stored);
    assert!(
        saving.note.contains("customers-in") && saving.note.contains("orders-due"),
        "{}",
        saving.note
    );
}

#[test]
fn a_time_to_live_saves_what_nobody_needs_any_more() {
    let aged = DECLARED.replace(
        "Note = { ",
        "Note = { create = 1_000, useful_days = 60.875, ",
    );
    let report = report(&aged);
    let saving = report
        .savings
        .iter()
        .find(|s| s.kind == SavingKind::TimeToLive)
        .unwrap();
    // 1,000 a month are of use for two months: 2,000 stay of 50,000. 48,000 × 500 B.
    let gb = 48_000.0 * 500.0 / 1_073_741_824.0;
    near(saving.saves.monthly_usd, gb * (0.25 + 0.20));
    assert_eq!(saving.of, "Note");
    // A session has one already.
    let sessions = DECLARED.replace("Session = { ", "Session = { create = 9, useful_days = 1, ");
    let none = self::report(&sessions);
    assert!(
        none.savings
            .iter()
            .all(|saving| saving.kind == SavingKind::DropIndex)
    );
}

#[test]
fn replicas_backups_and_the_free_tier_are_lines_of_their_own() {
    let more = DECLARED.replace("pitr = true", "pitr = true\nbackups = 3\nreplicas = 2");
    let report = report(&format!("free_tier = true\n{more}"));
    let gb = 1_118_000_000.0 / 1_073_741_824.0;
    near(line(&report, "on-demand backups"), 3.0 * gb * 0.10);
    near(
        line(&report, "writes to replicas"),
        2.0 * (0.412 + 0.552 + 0.05) * 0.625,
    );
    assert!(line(&report, "free tier: storage") < 0.0);
    // 5,256,000 reads less 2,500,000.
    near(line(&report, "reading the stream"), 2.756 * 0.20);
}

#[test]
fn what_nobody_declared_is_assumed_and_shown_as_a_range() {
    let report = report("");
    assert!(report.total.range_usd().is_some());
    let text = render::text(&report);
    assert!(text.contains("(assumed)") && text.contains('–'), "{text}");
}

#[test]
fn a_region_without_a_price_says_which_is_missing() {
    let abroad = format!("region = \"eu-west-1\"\n{DECLARED}");
    let report = report(&abroad);
    let missing = report
        .notes
        .iter()
        .find(|note| note.contains("storage.pitr_gb_month"));
    assert!(missing.is_some(), "{:?}", report.notes);
    assert!(
        report
            .bill
            .iter()
            .all(|line| line.what != "point-in-time recovery")
    );
}

#[test]
fn a_report_has_the_same_figures_for_people_pull_requests_and_programs() {
    let report = report(DECLARED);
    let text = render::text(&report);
    let markdown = render::markdown(&report);
    let json: serde_json::Value = serde_json::from_str(&render::json(&report).unwrap()).unwrap();
    for part in [
        "orders-between",
        "GSI1",
        "point-in-time recovery",
        "28.9 %",
        "dropping GSI1",
    ] {
        assert!(text.contains(part), "no {part} in\n{text}");
        assert!(markdown.contains(part), "no {part} in\n{markdown}");
    }
    assert_eq!(json["schema"], "keyfold.cost/1");
    assert!(json["total"]["formula"].is_string() && json["total"]["inputs"].is_object());
    // Twice the same: nothing depends on time or hash order.
    assert_eq!(text, render::text(&self::report(DECLARED)));
}

#[test]
fn no_sum_of_the_report_lacks_its_formula() {
    fn look(value: &serde_json::Value, sums: &mut usize) {
        match value {
            serde_json::Value::Object(map) => {
                if map.contains_key("monthly_usd") {
                    *sums += 1;
                    assert!(!map["formula"].as_str().unwrap().is_empty(), "{map:?}");
                    assert!(map["inputs"].is_object(), "{map:?}");
                }
                map.values().for_each(|value| look(value, sums));
            }
            serde_json::Value::Array(list) => list.iter().for_each(|value| look(value, sums)),
            _ => {}
        }
    }
    let mut sums = 0;
    look(&serde_json::to_value(report(DECLARED)).unwrap(), &mut sums);
    assert!(sums > 20, "{sums}");
}

#[cfg(feature = "chart")]
#[test]
fn a_chart_has_a_bar_for_every_line() {
    let report = report(DECLARED);
    let svg = render::svg(&report).unwrap();
    assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
    for line in &report.bill {
        assert!(svg.contains(&line.what), "no {} in {svg}", line.what);
    }
}
