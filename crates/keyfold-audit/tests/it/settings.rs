//! Configuration and money.

use keyfold_audit::command::Options;
use serde_json::Value;

use crate::run::{audit, found, json, options, project};

const SCAN: &str = "import boto3\ntable = boto3.resource('dynamodb').Table('catalog')\n\n\ndef list_products_by_category():\n    page = table.scan()\n    return page['Items'], page['LastEvaluatedKey']\n";

#[test]
fn a_wrong_key_is_named_with_its_line_and_the_nearest() {
    let folder = project(&[
        ("a.py", SCAN),
        ("keyfold.toml", "[audit]\n\ngsi_maks = 3\n"),
    ]);
    let outcome = audit(&options(folder.path()));
    assert_eq!(outcome.code, 2);
    assert!(
        outcome.err.contains("line 3") && outcome.err.contains("did you mean gsi_max?"),
        "{}",
        outcome.err
    );
}

#[test]
fn severities_ceilings_and_allowances_come_from_the_configuration() {
    let folder = project(&[
        ("a.py", SCAN),
        (
            "keyfold.toml",
            "[audit.severity]\nscan-on-data-path = \"low\"\n",
        ),
    ]);
    assert_eq!(json(folder.path())["findings"][0]["severity"], "low");
    let folder = project(&[
        ("a.py", SCAN),
        ("keyfold.toml", "[audit.ceiling]\nscan-on-data-path = 0\n"),
    ]);
    let outcome = audit(&Options {
        fail_on: None,
        ..options(folder.path())
    });
    assert_eq!(outcome.code, 1, "over the ceiling");
    let allow = "[[audit.allow]]\nrule = \"scan-on-data-path\"\npaths = [\"a.py\"]\nreason = \"ten items\"\n";
    let folder = project(&[("a.py", SCAN), ("keyfold.toml", allow)]);
    assert!(found(&json(folder.path()), "a.py").is_empty());
}

#[test]
fn a_table_that_is_small_is_info() {
    let folder = project(&[
        ("a.py", SCAN),
        ("keyfold.toml", "[tables.catalog]\nmax_items = 100\n"),
    ]);
    assert_eq!(json(folder.path())["findings"][0]["severity"], "info");
}

/// The worked example: 100,000 items of 1 KB are 100,000 KB; a scan reads them in steps of 4 KB, halved:
/// 12,500 units. 5,000 times a month 62.5 million units, at 0.125 USD a million 7.81 USD.
#[test]
fn the_worked_example_costs_7_81_usd() {
    let traffic = "region = \"us-east-1\"\n[tables.catalog]\nitems = 100_000\nitem_bytes = 1_024\n[calls.\"a.list_products_by_category\"]\nper_month = 5_000\n";
    let folder = project(&[("a.py", SCAN), ("keyfold.traffic.toml", traffic)]);
    let report: Value = json(folder.path());
    let cost = &report["findings"][0]["cost"];
    assert_eq!(cost["monthly_usd"], 7.81, "{cost}");
    assert_eq!(cost["basis"], "declared");
    assert!(cost["formula"].as_str().unwrap().contains("12,500"));
}

/// The same with 4 KB items read consistently: 100,000 units a call, 500 million a month, 62.50 USD.
#[test]
fn consistent_reads_of_larger_items_cost_62_50_usd() {
    let traffic = "[tables.catalog]\nitems = 100_000\nitem_bytes = 4_096\n[calls.\"a.list_products_by_category\"]\nper_month = 5_000\n";
    let source = SCAN.replace("table.scan()", "table.scan(ConsistentRead=True)");
    let folder = project(&[("a.py", &source), ("keyfold.traffic.toml", traffic)]);
    assert_eq!(
        json(folder.path())["findings"][0]["cost"]["monthly_usd"],
        62.5
    );
}

/// Without a traffic file: 1,000 calls of the assumed 100,000 items of 1 KB, 12.5 million units, 1.56 USD, assumed.
#[test]
fn without_a_traffic_file_a_sum_says_that_it_is_assumed() {
    let folder = project(&[("a.py", SCAN)]);
    let report = json(folder.path());
    assert_eq!(report["findings"][0]["cost"]["monthly_usd"], 1.56);
    assert_eq!(report["findings"][0]["cost"]["basis"], "assumed");
    let text = audit(&options(folder.path())).out;
    assert!(text.contains("1.6 USD (0.78–3.1, assumed)"), "{text}");
}

#[test]
fn a_configured_layer_is_certain_and_others_are_bypasses() {
    let folder = project(&[
        ("src/store/a.py", SCAN),
        ("src/web.py", &SCAN.replace("list_products", "show")),
        (
            "keyfold.toml",
            "[audit.layer]\npaths = [\"src/store/**\"]\n",
        ),
    ]);
    let report = json(folder.path());
    let bypass: Vec<&Value> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|f| f["rule"] == "sdk-bypass")
        .collect();
    assert_eq!(bypass.len(), 1);
    assert_eq!(
        (bypass[0]["file"].as_str(), bypass[0]["confidence"].as_str()),
        (Some("src/web.py"), Some("high"))
    );
}

#[test]
fn keyfold_audits_itself_without_a_finding() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let outcome = audit(&Options {
        fail_on: Some(keyfold_audit::finding::Severity::Info),
        all: true,
        ..options(&root)
    });
    assert_eq!(outcome.code, 0, "{}\n{}", outcome.out, outcome.err);
}

#[test]
fn clients_and_helpers_of_ones_own_are_known_by_configuration() {
    let program = "import { CompanyDynamo } from '@company/db'\nimport { queryAll } from '@company/db/helpers'\n\nexport class Orders {\n  constructor(private db: CompanyDynamo) {}\n  all() {\n    return this.db.scan({ TableName: 'orders' })\n  }\n  open(tenant: string) {\n    return queryAll('orders', { KeyConditionExpression: 'PK = :t', ExpressionAttributeValues: { ':t': tenant } })\n  }\n}\n";
    let config = "[audit]\nclients = [\"CompanyDynamo\"]\n\n[audit.wrappers]\nqueryAll = { op = \"Query\", pages = true, table_arg = 0 }\n";
    let folder = project(&[("src/orders.ts", program), ("keyfold.toml", config)]);
    let report = json(folder.path());
    let calls: Vec<(&str, &str, u64)> = report["inventory"]["calls"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| {
            (
                c["op"].as_str().unwrap(),
                c["table"].as_str().unwrap(),
                c["line"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(calls, [("Scan", "orders", 7), ("Query", "orders", 10)]);
    let rules = found(&report, "src/orders.ts");
    assert!(rules.iter().all(|(rule, _)| rule != "pagination-ignored"
        || rules.contains(&("pagination-ignored".to_owned(), 7))));
    assert!(
        !rules.contains(&("pagination-ignored".to_owned(), 10)),
        "it pages by itself"
    );
    let wrong = config.replace("\"Query\"", "\"Find\"");
    let folder = project(&[("src/orders.ts", program), ("keyfold.toml", &wrong)]);
    let outcome = audit(&options(folder.path()));
    assert_eq!(outcome.code, 2);
    assert!(
        outcome.err.contains("there is no operation Find"),
        "{}",
        outcome.err
    );
}

const STORE: &str = "import boto3\ntable = boto3.resource('dynamodb').Table('orders')\n\n\ndef find(tenant_id, key):\n    return table.get_item(Key={'PK': f'TENANT#{tenant_id}', 'SK': key})\n";

#[test]
fn init_writes_what_was_inferred_and_the_next_run_reads_it() {
    let folder = project(&[
        ("app/repository/orders.py", STORE),
        (
            "app/views.py",
            "from app.repository.orders import find\n\n\ndef show(request):\n    return find('t', request.id)\n",
        ),
    ]);
    let init = Options {
        init: true,
        ..options(folder.path())
    };
    let outcome = audit(&init);
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    let text = std::fs::read_to_string(folder.path().join("keyfold.toml")).unwrap();
    assert!(text.contains("paths = [\"app/repository/**\"]"), "{text}");
    let report = json(folder.path());
    assert_eq!(report["layer"]["configured"], true, "{report}");
    assert_eq!(audit(&init).code, 2, "it overwrites nothing");
}

#[test]
fn write_layer_adds_to_a_configuration_and_leaves_the_rest() {
    let before = "# ours\n[audit]\ngsi_max = 4\n\n[audit.pii]\nwords = [\"matriculation\"]\n";
    let folder = project(&[
        ("app/repository/orders.py", STORE),
        (
            "app/views.py",
            "from app.repository.orders import find\n\n\ndef show(request):\n    return find('t', request.id)\n",
        ),
        ("keyfold.toml", before),
    ]);
    let write = Options {
        write_layer: true,
        ..options(folder.path())
    };
    let outcome = audit(&write);
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    let text = std::fs::read_to_string(folder.path().join("keyfold.toml")).unwrap();
    assert!(text.starts_with(before.trim_end()), "{text}");
    assert!(
        text.ends_with("[audit.layer]\npaths = [\"app/repository/**\"]\n"),
        "{text}"
    );
    assert!(
        audit(&write).out.contains("already"),
        "twice changes nothing"
    );
}
