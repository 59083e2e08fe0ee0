//! Examples whose arithmetic stands in the comments.

use keyfold_cost::units::{self, Consistency};
use keyfold_cost::{Origin, Prices, Quantity, Rates, Sum, Traffic, price};

fn near(left: f64, right: f64) {
    assert!(
        (left - right).abs() < right.abs() * 1e-9 + 1e-12,
        "{left} is not {right}"
    );
}

fn at_home() -> Rates {
    Rates::on_demand(&Prices::of_region("us-east-1").unwrap())
}

fn items(number: f64) -> Quantity {
    Quantity::declared("items", number, "items")
}

fn bytes(number: f64) -> Quantity {
    Quantity::declared("item size", number, "B")
}

fn calls(number: f64) -> Quantity {
    Quantity::declared("calls a month", number, "calls")
}

/// 100,000 items of 1 KB, listed 5,000 times a month.
///
/// By Scan: 100,000 × 1,024 B = 102,400,000 B = 25,000 steps of 4,096 B; halved, 12,500 units a call.
/// 5,000 calls: 62,500,000 units. At 0.125 USD per million: 7.8125 USD.
///
/// By Query for the 50 items that were meant: 51,200 B = 12.5, so 13 steps; halved, 6.5 units a call;
/// 32,500 a month; 0.0040625 USD.
#[test]
fn a_category_list_by_scan_and_by_query() {
    let scan = units::scan(&items(100_000.0), &bytes(1_024.0), Consistency::Eventual);
    near(scan.per_call, 12_500.0);
    let cost = price(&scan, &calls(5_000.0), &at_home());
    near(cost.monthly_usd, 7.8125);
    assert_eq!(cost.text(), "7.81");
    for part in [
        "100,000 items",
        "1,024 B",
        "12,500 units",
        "62,500,000 read units",
        "0.125",
    ] {
        assert!(cost.formula.contains(part), "no {part} in {}", cost.formula);
    }

    let query = units::query(&items(50.0), &bytes(1_024.0), Consistency::Eventual);
    near(query.per_call, 6.5);
    let cheap = price(&query, &calls(5_000.0), &at_home());
    near(cheap.monthly_usd, 0.004_062_5);
    assert_eq!(cheap.text(), "0.004");
    assert!(
        cheap.formula.contains("32,500 read units"),
        "{}",
        cheap.formula
    );

    let saved = cost.minus(&cheap);
    near(saved.monthly_usd, 7.808_437_5);
    assert_eq!(saved.text(), "7.81");
}

/// The same with items of 4 KB, read consistently: 100,000 × 4,096 B = 100,000 steps, each a unit;
/// 500,000,000 units a month; 62.50 USD. Before November 2024 a million cost 0.25 USD: 125 USD.
#[test]
fn larger_items_read_consistently() {
    let scan = units::scan(&items(100_000.0), &bytes(4_096.0), Consistency::Strong);
    near(scan.per_call, 100_000.0);
    let cost = price(&scan, &calls(5_000.0), &at_home());
    near(cost.monthly_usd, 62.5);
    assert_eq!(cost.text(), "62.50");
    let mut before = Prices::of_region("us-east-1").unwrap();
    before.read_units_per_million = 0.25;
    near(
        price(&scan, &calls(5_000.0), &Rates::on_demand(&before)).monthly_usd,
        125.0,
    );
}

/// An order of 2,300 B is created with its claim of 150 B in one transaction, and stands whole in one
/// index: ceil(2,300 / 1,024) = 3 steps, twice in a transaction: 6 units; the claim 1 step, twice: 2;
/// the index 3, which a transaction does not double. 11 units; 400,000 times a month: 4,400,000; at
/// 0.625 USD per million: 2.75 USD.
#[test]
fn a_create_with_a_claim_and_an_index() {
    let order = bytes(2_300.0);
    let units = units::write(&order, true)
        .plus(&units::write(&bytes(150.0).named("claim"), true))
        .plus(&units::index_write(&order, 1));
    near(units.per_call, 11.0);
    let cost = price(&units, &calls(400_000.0), &at_home());
    near(cost.monthly_usd, 2.75);
    assert_eq!(cost.text(), "2.75");
}

/// 3,000,000 items of 924 B, and 100 B with each: 3,000,000 × 1,024 B = 3,072,000,000 B; divided by
/// 1,073,741,824: 2.86102294921875 GB. Stored at 0.25: 0.7152557373046875 USD; recovered at 0.20:
/// 0.57220458984375 USD.
#[test]
fn what_is_stored_and_recovered() {
    let prices = Prices::of_region("us-east-1").unwrap();
    let stored = bytes(3_000_000.0 * (924.0 + 100.0));
    near(prices.storage(&stored).monthly_usd, 0.715_255_737_304_687_5);
    near(
        prices.pitr(&stored).unwrap().monthly_usd,
        0.572_204_589_843_75,
    );
}

/// A unit-hour of reads costs 0.00013 USD and is 3,600 units: 0.0361111 USD per million, where all is
/// used. On demand a million costs 0.125 USD. Provisioned is cheaper above 0.036111 / 0.125 = 28.9 %.
/// For writes 0.00065 / 3,600 = 0.180556 per million against 0.625: 28.9 % as well.
#[test]
fn where_provisioned_breaks_even() {
    let (read, write) = Prices::of_region("us-east-1")
        .unwrap()
        .break_even_used_share();
    near(read, 0.288_888_888_888_888_9);
    near(write, 0.288_888_888_888_888_9);
}

#[test]
fn several_pages_are_rounded_one_by_one() {
    // 2,000 items of 1,100 B: a page holds floor(1,048,576 / 1,100) = 953 of them, 1,048,300 B, which
    // are 256 steps. Two such pages, and 94 items: 103,400 B, 26 steps. 538 steps; halved: 269.
    let query = units::query(&items(2_000.0), &bytes(1_100.0), Consistency::Eventual);
    near(query.per_call, 269.0);
    assert!(query.formula.contains("3 pages"), "{}", query.formula);
    // Nothing found is still a read.
    near(
        units::query(&items(0.0), &bytes(1_100.0), Consistency::Strong).per_call,
        1.0,
    );
}

#[test]
fn keys_of_a_batch_round_up_one_by_one() {
    // 10 items of 100 B: a Query rounds once, 0.5; a BatchGetItem ten times, 5.
    let batch = units::batch_get(&items(10.0), &bytes(100.0), Consistency::Eventual);
    near(batch.per_call, 5.0);
    near(
        units::query(&items(10.0), &bytes(100.0), Consistency::Eventual).per_call,
        0.5,
    );
}

#[test]
fn a_sum_that_rests_on_an_assumption_is_a_range_of_two_figures() {
    let scan = units::scan(&items(100_000.0), &bytes(1_024.0), Consistency::Eventual);
    let traffic = Traffic::default();
    let assumed = traffic.calls_of(&["catalog.list"]);
    assert_eq!(assumed.origin, Origin::Assumed);
    let cost = price(&scan, &assumed, &at_home());
    // 12,500 × 1,000 × 0.125 per million = 1.5625
    assert_eq!(cost.text(), "1.6 (0.78–3.1)");
    let seven = Sum::of("seven of them", std::iter::repeat_n(&cost, 35));
    // 54.6875, from 27.34 to 109.375
    assert_eq!(seven.text(), "55 (27–110)");
    let json = serde_json::to_value(&seven).unwrap();
    assert_eq!(json["basis"], "assumed");
    assert_eq!(json["low_usd"], 27.34);
    assert!(
        json["inputs"]["calls a month"]
            .as_str()
            .unwrap()
            .contains("assumed")
    );
}

#[test]
fn metered_beats_declared_beats_assumed() {
    assert!(Origin::Metered < Origin::Declared && Origin::Declared < Origin::Assumed);
    let metered = Traffic::parse("basis = \"metered\"\ncalls.a = { per_month = 5 }").unwrap();
    assert_eq!(metered.calls_of(&["a"]).origin, Origin::Metered);
    let declared =
        Traffic::parse("calls.a = { per_month = 5 }\ncalls.\"*\" = { per_month = 7 }").unwrap();
    assert_eq!(declared.calls_of(&["a"]).origin, Origin::Declared);
    let rest = declared.calls_of(&["b"]);
    assert_eq!((rest.origin, rest.value), (Origin::Assumed, 7.0));
    assert!(rest.name.contains("\"*\""), "{}", rest.name);
}
