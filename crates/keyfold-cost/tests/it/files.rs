//! Traffic files and price files that are wrong.

use keyfold_cost::{Prices, Traffic};

const SHOP: &str = include_str!("../../../keyfold/tests/shop.model.json");

fn refused(text: &str) -> String {
    Traffic::parse(text).unwrap_err().to_string()
}

#[test]
fn an_unknown_key_names_its_line_and_the_nearest_one() {
    for (text, parts) in [
        (
            "region = \"us-east-1\"\nbiling = \"on-demand\"",
            ["line 2, column 1", "`billing`"],
        ),
        (
            "[tables.shop]\nitems = 5\nitem_byte = 7",
            ["line 3, column 1", "`item_bytes`"],
        ),
        (
            "[entities.Order]\n  updates = 5",
            ["line 2, column 3", "`update`"],
        ),
        (
            "calls.\"a\" = { per_moth = 5 }",
            ["line 1, column 15", "`per_month`"],
        ),
        (
            "billing = \"ondemand\"",
            ["line 1, column 11", "`on-demand`"],
        ),
    ] {
        let error = refused(text);
        for part in parts {
            assert!(error.contains(part), "no {part} in {error}");
        }
        assert!(error.contains("hint: did you mean"), "{error}");
    }
}

#[test]
fn a_value_of_another_kind_or_out_of_bounds_is_refused_with_its_line() {
    for (text, part) in [
        (
            "[tables.shop]\nitems = \"many\"",
            "line 2, column 9: `items` in `tables.shop` is a number",
        ),
        ("[tables.shop]\nitems = -4", "line 2, column 9"),
        ("[tables.shop]\nitem_bytes = 500_000", "from 0 to 409600"),
        ("tables = 4", "`tables` in the file is a table"),
        ("[entities.Order.indexes.Gsi1]\nshare = 1.5", "from 0 to 1"),
        ("[provisioned]\nutilization = 0", "from 0.01 to 1"),
        ("region = \"us-east-1", "line 1"),
        ("a = 1\na = 2", "line 2"),
        ("calls.a = { per_month = nan }", "of at least 0"),
        (
            "calls.a = { per_month = inf }\ncalls.b = { per_month = 99999999999999999999 }",
            "line 2",
        ),
    ] {
        let error = refused(text);
        assert!(error.contains(part), "no {part} in {error}");
    }
}

#[test]
fn columns_count_characters() {
    let error = refused("calls.\"größe\" = { per_moth = 5 }");
    assert!(error.contains("line 1, column 19"), "{error}");
}

#[test]
fn what_the_design_does_not_have_is_named_with_the_nearest_that_it_has() {
    let model = serde_json::from_str(SHOP).unwrap();
    let text = "\
[tables.Shopp]
items = 5
[entities.Ordre]
items = 5
[entities.Order.indexes.Gsi2]
share = 0.5
[calls]
\"order-due\" = { per_month = 5 }
\"orders-due\" = { per_month = 5 }
\"src/main.rs:14\" = { per_month = 5 }
\"catalog.list\" = { per_month = 5 }
\"*\" = { per_month = 5 }
\"orders-of\" = { per_month = 5, consistent = true }
";
    let wrong = Traffic::parse(text).unwrap().check(&model);
    let all: Vec<String> = wrong.iter().map(ToString::to_string).collect();
    assert_eq!(all.len(), 5, "{all:#?}");
    for (error, parts) in all.iter().zip([
        ["line 1, ", "no table `Shopp`", "`Shop`"],
        ["line 3, ", "no entity `Ordre`", "`Order`"],
        ["line 5, ", "no index of Order `Gsi2`", "`Gsi1`"],
        ["line 8, ", "no access pattern `order-due`", "`orders-due`"],
        ["line 13, ", "`orders-of`", "ByNumber"],
    ]) {
        for part in parts {
            assert!(error.contains(part), "no {part} in {error}");
        }
    }
}

#[test]
fn a_region_without_prices_is_an_error_that_says_what_to_do() {
    let error = Prices::of_region("eu-west-2").unwrap_err().to_string();
    for part in ["eu-west-2", "`eu-west-1`", "--prices"] {
        assert!(error.contains(part), "no {part} in {error}");
    }
    let traffic = Traffic::parse("region = \"eu-west-1\"").unwrap();
    let other = Prices::of_region("us-east-1").unwrap().check(&traffic);
    assert!(other.unwrap_err().to_string().contains("`us-east-1`"));
}

#[test]
fn a_price_file_must_say_region_day_and_source() {
    let good = include_str!("../../prices/us-east-1.toml");
    assert_eq!(
        Prices::parse(good).unwrap(),
        Prices::of_region("us-east-1").unwrap()
    );
    for (from, to, part) in [
        ("read = ", "raed = ", "did you mean `read`?"),
        (
            "read_unit_hour = 0.00013",
            "",
            "`read_unit_hour` is missing",
        ),
        ("[on_demand]", "[ondemand]", "did you mean `on_demand`?"),
        ("0.125", "\"0.125\"", "is a number, not string"),
    ] {
        let error = Prices::parse(&good.replacen(from, to, 1))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains(part) && error.contains("line "),
            "no {part} in {error}"
        );
    }
}

#[test]
fn what_has_no_price_is_said_and_not_guessed() {
    let prices = Prices::of_region("eu-west-1").unwrap();
    let bytes = keyfold_cost::Quantity::declared("table", 1e9, "B");
    let missing = prices.pitr(&bytes).unwrap_err().to_string();
    assert!(missing.contains("storage.pitr_gb_month"), "{missing}");
}
