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
    let validator = jsonschema::JSONSchema::compile(&schema).unwrap();
    let value: Value = serde_json::from_str(text).unwrap();
    let wrong: Vec<String> = match validator.validate(&value) {
        Ok(()) => Vec::new(),
        Err(errors) => errors
            .take(5)
            .map(|e| format!("{}: {e}", e.instance_path))
            .collect(),
    };
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

/// A small project with an owner, a bypass, a scan and an index: what the snapshots show.
fn shown() -> tempfile::TempDir {
    project(&[
        (
            "src/repository/orders.ts",
            "import { DynamoDBClient } from '@aws-sdk/client-dynamodb'\nimport { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb'\nconst doc = DynamoDBDocumentClient.from(new DynamoDBClient({}))\nexport const all = () => doc.send(new ScanCommand({ TableName: 'orders' }))\n",
        ),
        (
            "src/routes/admin.ts",
            "import { DynamoDBClient } from '@aws-sdk/client-dynamodb'\nimport { DynamoDBDocumentClient, DeleteCommand } from '@aws-sdk/lib-dynamodb'\nimport { all } from '../repository/orders'\nconst doc = DynamoDBDocumentClient.from(new DynamoDBClient({}))\nexport const drop = (id: string) => doc.send(new DeleteCommand({ TableName: 'orders', Key: { id } }))\nexport const list = () => all()\n",
        ),
        (
            "keyfold.toml",
            "[audit.layer]\npaths = [\"src/repository/**\"]\n",
        ),
        (
            "keyfold.traffic.toml",
            "tables.orders = { items = 100_000, item_bytes = 1_024, items_per_partition = 50 }\ncalls.all = { per_month = 5_000 }\n",
        ),
        (".github/CODEOWNERS", "* @core\n/src/routes/ @web\n"),
    ])
}

fn snapshot(name: &str, text: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/snapshots")
        .join(name);
    if std::env::var("KEYFOLD_DOCS").is_ok_and(|value| value == "write") {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        written, text,
        "KEYFOLD_DOCS=write writes {name} anew; read it as a stranger would"
    );
}

#[test]
fn text_and_markdown_read_as_they_were_written() {
    let folder = shown();
    for (name, format, all) in [
        ("report.txt", Format::Text, true),
        ("screen.txt", Format::Text, false),
        ("report.md", Format::Markdown, false),
    ] {
        let text = audit(&Options {
            formats: vec![format],
            all,
            ..options(folder.path())
        })
        .out;
        snapshot(name, &text);
    }
}

/// The scan: 12,500 units × 5,000 = 62.5 million, 7.81 USD. The Query of 50 items of 1 KB in its place: 13 steps of 4 KB,
/// halved, 6.5 units × 5,000 = 32,500, 0.004 USD. Repair is 2 h at 200 USD: 400 / 7.81 = 51 months.
#[test]
fn the_decision_names_both_sides_and_when_the_repair_is_repaid() {
    let folder = shown();
    let report: Value = serde_json::from_str(
        &audit(&Options {
            formats: vec![Format::Json],
            ..options(folder.path())
        })
        .out,
    )
    .unwrap();
    let d = &report["decisions"];
    let scans = &d["families"][0];
    assert_eq!(scans["family"], "whole tables are read");
    assert_eq!(scans["ways"][0]["monthly_usd"], 7.81);
    assert_eq!(scans["ways"][1]["monthly_usd"], 0.004_063);
    let months = scans["repaid_after_months"].as_f64().unwrap();
    assert!((51.0..51.5).contains(&months), "{months}");
    assert_eq!(d["bypasses"][0]["owner"], "@web");
    assert_eq!(d["bypasses"][0]["folder"], "src/routes");
}
