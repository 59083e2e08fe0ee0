//! The forms of the report.

use keyfold_audit::command::{Format, Options};
use keyfold_audit::report::{github, json, sarif};
use serde_json::Value;

use crate::run::{audit, fixtures, options, project};

fn rendered(format: Format) -> String {
    audit(&Options {
        formats: vec![format],
        ..options(&fixtures())
    })
    .out
}

fn valid(schema: &str, text: &str) {
    let schema: Value = serde_json::from_str(schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let value: Value = serde_json::from_str(text).unwrap();
    let wrong: Vec<String> = validator
        .iter_errors(&value)
        .take(5)
        .map(|e| format!("{}: {e}", e.instance_path))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn sarif_of_all_fixtures_is_valid_against_the_oasis_schema() {
    let text = rendered(Format::Sarif);
    valid(include_str!("../sarif-schema-2.1.0.json"), &text);
    let log: Value = serde_json::from_str(&text).unwrap();
    let run = &log["runs"][0];
    assert_eq!(run["columnKind"], "utf16CodeUnits");
    assert!(run["results"].as_array().unwrap().len() > 40);
    for result in run["results"].as_array().unwrap() {
        let rule = &run["tool"]["driver"]["rules"]
            [usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
    }
}

#[test]
fn sarif_with_the_inventory_is_valid_too() {
    let text = audit(&Options {
        formats: vec![Format::Sarif],
        inventory: true,
        ..options(&fixtures())
    })
    .out;
    valid(include_str!("../sarif-schema-2.1.0.json"), &text);
    assert!(text.contains("\"sdk-call\""));
}

#[test]
fn json_of_all_fixtures_is_valid_against_its_own_schema() {
    valid(json::JSON_SCHEMA, &rendered(Format::Json));
}

#[test]
fn a_path_with_a_space_and_a_hash_is_encoded_in_sarif() {
    assert_eq!(sarif::uri("src/a b#c/ä.ts"), "src/a%20b%23c/%C3%A4.ts");
}

#[test]
fn github_commands_escape_what_would_end_them() {
    assert_eq!(github::property("a,b:c%"), "a%2Cb%3Ac%25");
    assert_eq!(github::data("a\r\nb"), "a%0D%0Ab");
    let out = rendered(Format::Github);
    assert!(out.lines().all(|line| line.starts_with("::error file=")
        || line.starts_with("::warning file=")
        || line.starts_with("::notice file=")));
}

#[test]
fn html_holds_everything_and_asks_nobody() {
    let folder = project(&[(
        "a.ts",
        "import { ScanCommand } from '@aws-sdk/lib-dynamodb';\nexport const x = (c: any) => c.send(new ScanCommand({ TableName: '<b>' }));\n",
    )]);
    let html = audit(&Options {
        formats: vec![Format::Html],
        ..options(folder.path())
    })
    .out;
    assert!(
        html.contains("&lt;b&gt;") && !html.contains("'<b>'"),
        "what is shown is escaped"
    );
    assert!(!html.contains("http://") && !html.contains("https://") && !html.contains("src="));
}

#[test]
fn markdown_names_new_findings_and_money() {
    let out = rendered(Format::Markdown);
    assert!(out.starts_with("## DynamoDB audit: "));
    assert!(
        out.contains("### New")
            && out.contains("| `scan-on-data-path` |")
            && out.contains("USD a month")
    );
}

#[test]
fn the_text_fits_a_screen_unless_all_is_asked_for() {
    let short = rendered(Format::Text);
    let all = audit(&Options {
        all: true,
        ..options(&fixtures())
    })
    .out;
    assert!(
        short.matches("why: ").count() <= 10,
        "{}",
        short.matches("why: ").count()
    );
    assert!(all.matches("why: ").count() > 40);
}

#[test]
fn several_formats_go_to_several_places() {
    let folder = project(&[(
        "a.py",
        "import boto3\nboto3.resource('dynamodb').Table('t').scan()\n",
    )]);
    let sarif = folder.path().join("out.sarif");
    let outcome = audit(&Options {
        formats: vec![Format::Markdown, Format::Sarif],
        outputs: vec![sarif.clone()],
        ..options(folder.path())
    });
    assert!(outcome.out.starts_with("## "));
    assert!(
        std::fs::read_to_string(sarif)
            .unwrap()
            .contains("\"2.1.0\"")
    );
}

#[test]
fn columns_count_utf16_units() {
    let folder = project(&[(
        "a.ts",
        "import { ScanCommand } from '@aws-sdk/lib-dynamodb';\nexport const x = (c: any) => [ '😀', c.send(new ScanCommand({ TableName: 't' }))];\n",
    )]);
    let report = crate::run::json(folder.path());
    let finding = &report["findings"][0];
    // The emoji is two units: the constructor begins at the 45th.
    assert_eq!(finding["column"], 45, "{finding}");
}
