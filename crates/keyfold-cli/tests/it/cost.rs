//! `keyfold cost`.

use std::path::Path;

use crate::{keyfold, run, text, words};

const TRAFFIC: &str = "
[entities]
Product = { items = 20_000, item_bytes = 900, create = 500, get = 40_000 }
[calls]
products-of-brand = { per_month = 3_000 }
";

fn in_folder(folder: &Path, args: &[&str]) -> std::process::Output {
    keyfold(args).current_dir(folder).output().unwrap()
}

#[test]
fn a_design_and_its_traffic_come_to_tables_with_formulas() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("keyfold.traffic.toml"), TRAFFIC).unwrap();
    let said = in_folder(folder.path(), &["cost", "--app", "genuproof"]);
    assert!(said.status.success(), "{}", text(&said.stderr));
    let page = text(&said.stdout);
    for part in [
        "USD a month",
        "products-of-brand",
        "The bill",
        "On demand against provisioned",
        "dropping GSI1",
        "How it was worked out",
        "USD per million",
    ] {
        assert!(page.contains(part), "no {part} in\n{page}");
    }
    let markdown = in_folder(
        folder.path(),
        &["cost", "--app", "genuproof", "--format", "markdown"],
    );
    assert!(text(&markdown.stdout).contains("| pattern | on |"));
    let json = in_folder(folder.path(), &["cost", "--app", "genuproof", "--json"]);
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["schema"], "keyfold.cost/1");
}

#[test]
fn a_chart_is_written_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bill.svg");
    let done = in_folder(
        folder.path(),
        &["cost", "--app", "genuproof", "--svg", "bill.svg"],
    );
    assert!(done.status.success(), "{}", text(&done.stderr));
    assert!(std::fs::read_to_string(&file).unwrap().contains("</svg>"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);

    let nowhere = in_folder(
        folder.path(),
        &["cost", "--app", "genuproof", "--svg", "no/bill.svg"],
    );
    assert_eq!(nowhere.status.code(), Some(3));
    assert!(nowhere.stdout.is_empty(), "{}", text(&nowhere.stdout));
    assert!(words(&nowhere.stderr).contains("no/bill.svg cannot be written"));
}

#[test]
fn a_traffic_file_that_does_not_fit_is_refused_with_line_and_nearest_name() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("t.toml");
    let with = |traffic: &str| {
        std::fs::write(&file, traffic).unwrap();
        in_folder(
            folder.path(),
            &["cost", "--app", "genuproof", "--traffic", "t.toml"],
        )
    };
    for (traffic, parts) in [
        (
            "[calls]\nproduct-of-brand = { per_month = 5 }",
            &[
                "t.toml: line 2",
                "the design has no access pattern",
                "did you mean `products-of-brand`",
            ][..],
        ),
        (
            "[entities]\nProdukt = { items = 4 }",
            &["line 2", "did you mean `Product`"],
        ),
        ("biling = 4", &["line 1", "did you mean `billing`"]),
        (
            "region = \"mars-1\"",
            &["no prices for the region `mars-1`", "--prices"],
        ),
        ("region = ", &["t.toml: line 1"]),
        (
            "[calls]\na = { per_month = 5 }\nb = { per_month = 5 }",
            &["does not fit the design", "line 2", "line 3"],
        ),
    ] {
        let refused = with(traffic);
        assert_eq!(refused.status.code(), Some(2), "{traffic}");
        assert!(refused.stdout.is_empty());
        let error = words(&refused.stderr);
        for part in parts {
            assert!(error.contains(part), "no {part} in {error}");
        }
    }
    std::fs::write(&file, b"region = \"\xff\"").unwrap();
    let bytes = in_folder(
        folder.path(),
        &["cost", "--app", "genuproof", "--traffic", "t.toml"],
    );
    assert_eq!(bytes.status.code(), Some(2));
    let absent = run(&["cost", "--app", "genuproof", "--traffic", "absent.toml"]);
    assert_eq!(absent.status.code(), Some(2));
    assert!(words(&absent.stderr).contains("absent.toml"));
}

#[test]
fn prices_of_ones_own_replace_those_that_come_with_keyfold() {
    let folder = tempfile::tempdir().unwrap();
    let prices = include_str!("../../../keyfold-cost/prices/us-east-1.toml");
    let dearer = prices.replace(
        "read_units_per_million = 0.125",
        "read_units_per_million = 0.5",
    );
    std::fs::write(folder.path().join("p.toml"), dearer).unwrap();
    let args = ["cost", "--app", "genuproof", "--prices", "p.toml"];
    let page = in_folder(folder.path(), &args);
    assert!(page.status.success(), "{}", text(&page.stderr));
    assert!(text(&page.stdout).contains("0.5 USD per million"));
    std::fs::write(folder.path().join("p.toml"), "region = \"x\"").unwrap();
    let broken = in_folder(folder.path(), &args);
    assert_eq!(broken.status.code(), Some(2));
    assert!(words(&broken.stderr).contains("p.toml: line 1"));
}

#[test]
fn more_than_the_budget_is_exit_code_1() {
    let folder = tempfile::tempdir().unwrap();
    let over = in_folder(
        folder.path(),
        &["cost", "--app", "genuproof", "--budget", "0"],
    );
    assert_eq!(over.status.code(), Some(1));
    assert!(words(&over.stderr).contains("the budget is 0 USD"));
    let within = in_folder(
        folder.path(),
        &["cost", "--app", "genuproof", "--budget", "1000"],
    );
    assert_eq!(within.status.code(), Some(0));
    assert!(words(&within.stderr).contains("every figure is assumed"));
    let nonsense = in_folder(
        folder.path(),
        &["cost", "--app", "genuproof", "--budget", "-3"],
    );
    assert_eq!(nonsense.status.code(), Some(2));
}
