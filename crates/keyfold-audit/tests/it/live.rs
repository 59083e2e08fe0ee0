//! Metered input: how it strengthens what is found in the code, poorer sources, and what is refused.

use keyfold_audit::command::Options;
use serde_json::Value;

use crate::run::{audit, options, project, with_meter};

const LIST: &str = "import boto3\ntable = boto3.resource('dynamodb').Table('catalog')\n\n\ndef by_category():\n    page = table.scan()\n    return page['Items'], page['LastEvaluatedKey']\n";

fn of_rule<'a>(report: &'a Value, rule: &str) -> &'a Value {
    report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|f| f["rule"] == rule)
        .unwrap_or_else(|| panic!("no {rule}: {}", report["findings"]))
}

/// 5,000 calls in a window of 365/12 days (730 hours) are 5,000 a month; 100,000 items of 1,024 B are 12,500 units a
/// call: 62.5 million units, 7.81 USD. The meter's figures replace what would be assumed.
#[test]
fn what_ran_is_sure_and_its_figures_replace_assumed_ones() {
    let meter = r#"{"schema":"keyfold.metered/1","window":{"days":30.4166666667},"knows_callers":true,
        "tables":[{"name":"catalog","items":100000,"item_bytes":1024}],
        "requests":[{"table":"catalog","op":"Scan","calls":5000,"callers":["a.py:6"],"allowed":true}]}"#;
    let folder = project(&[("a.py", LIST), ("meter.json", meter)]);
    let report = with_meter(folder.path(), Some(folder.path().join("meter.json")));
    let scan = of_rule(&report, "scan-on-data-path");
    assert_eq!(scan["cost"]["monthly_usd"], 7.81, "{scan}");
    assert_eq!(scan["cost"]["basis"], "metered");
    assert_eq!(scan["confidence"], "high");
    assert!(
        scan["message"]
            .as_str()
            .unwrap()
            .contains("ran 5,000 times"),
        "{scan}"
    );
}

#[test]
fn what_did_not_run_says_so() {
    let meter = r#"{"schema":"keyfold.metered/1","window":{"days":30},"knows_callers":true,
        "requests":[{"table":"catalog","op":"Query","calls":9,"callers":["b.py:1"]}]}"#;
    let folder = project(&[("a.py", LIST), ("meter.json", meter)]);
    let report = with_meter(folder.path(), Some(folder.path().join("meter.json")));
    let scan = of_rule(&report, "scan-on-data-path");
    assert!(
        scan["message"]
            .as_str()
            .unwrap()
            .contains("did not run in 30 days"),
        "{scan}"
    );
}

#[test]
fn cloudtrails_data_events_tell_of_scans_and_throttles() {
    let mut records = Vec::new();
    for hour in 0..20 {
        records.push(format!(
            r#"{{"eventSource":"dynamodb.amazonaws.com","eventName":"Scan","eventTime":"2026-05-{:02}T{hour:02}:00:00Z","requestParameters":{{"tableName":"catalog"}}{}}}"#,
            1 + hour / 2,
            if hour == 3 { r#","errorCode":"ProvisionedThroughputExceededException""# } else { "" }
        ));
    }
    records.push(r#"{"eventSource":"s3.amazonaws.com","eventName":"Scan","requestParameters":{"tableName":"catalog"}}"#.to_owned());
    let meter = format!(r#"{{"Records":[{}]}}"#, records.join(","));
    let folder = project(&[("a.py", LIST), ("trail.json", &meter)]);
    let report = with_meter(folder.path(), Some(folder.path().join("trail.json")));
    assert_eq!(of_rule(&report, "scan-seen")["line"], 6);
    let throttled = of_rule(&report, "throttled");
    assert!(
        throttled["message"]
            .as_str()
            .unwrap()
            .contains("1 of 20 requests"),
        "{throttled}"
    );
}

#[test]
fn contributor_insights_tell_of_a_hot_key_and_its_value_is_nowhere() {
    let meter = r#"{"KeyLabels":["PK"],"AggregateValue":1000,"Contributors":[
        {"Keys":["CUSTOMER#anna@example.com"],"ApproximateAggregateValue":620},
        {"Keys":["CUSTOMER#b"],"ApproximateAggregateValue":20}]}"#;
    let folder = project(&[("a.py", LIST), ("catalog.json", meter)]);
    let report = with_meter(folder.path(), Some(folder.path().join("catalog.json")));
    let hot = of_rule(&report, "hot-key");
    assert!(
        hot["message"]
            .as_str()
            .unwrap()
            .contains("number 1 of catalog: takes 62 %"),
        "{hot}"
    );
    assert!(!report.to_string().contains("anna"));
}

#[test]
fn a_meter_that_cannot_be_read_is_wrong_use() {
    for (text, says) in [
        ("{", "no JSON"),
        (
            r#"{"schema":"keyfold.metered/9"}"#,
            "this version reads keyfold.metered/1",
        ),
        ("{}", "neither"),
    ] {
        let folder = project(&[("a.py", LIST), ("meter.json", text)]);
        let outcome = audit(&Options {
            metered: Some(folder.path().join("meter.json")),
            ..options(folder.path())
        });
        assert_eq!(outcome.code, 2);
        assert!(outcome.err.contains(says), "{}", outcome.err);
    }
}

#[test]
fn the_figures_of_every_metered_case_fit_the_published_schema() {
    let schema: Value =
        serde_json::from_str(include_str!("../../schema/metered.schema.json")).unwrap();
    let schema = jsonschema::JSONSchema::compile(&schema).unwrap();
    for rule in keyfold_audit::rules::live::RULES {
        for case in keyfold_audit::cases::of(rule.id) {
            let meter = case
                .files
                .iter()
                .find(|f| f.path == "metered.json")
                .unwrap();
            let value: Value = serde_json::from_str(&meter.text).unwrap();
            assert!(schema.is_valid(&value), "{}: {value}", rule.id);
        }
    }
}
