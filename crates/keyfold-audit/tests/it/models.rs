//! A model beside the code: the best source of a table.

use serde_json::Value;

use crate::run::{found, json, project};

const MODEL: &str = r#"{
  "name": "ShopFloor",
  "pk": { "name": "PK", "type": "S" },
  "sk": { "name": "SK", "type": "S" },
  "ttl": "expires",
  "stream": "NEW_IMAGE",
  "indexes": [
    { "id": "Gsi1", "name": "GSI1", "pk": { "name": "GSI1PK", "type": "S" }, "projection": "all" },
    { "id": "Gsi2", "name": "GSI2", "pk": { "name": "GSI2PK", "type": "S" }, "projection": "all" }
  ],
  "entities": [
    { "name": "Order", "key": { "pk": { "text": "TENANT#{tenant}" }, "sk": { "text": "ORDER#{id}" } }, "fields": [] },
    { "name": "Member", "key": { "pk": { "text": "TENANT#{tenant}#M" }, "sk": { "text": "MEMBER#{id}" } }, "fields": [] },
    { "name": "Invoice", "key": { "pk": { "text": "TENANT#{tenant}#I" }, "sk": { "text": "INVOICE#{id}" } }, "fields": [] },
    { "name": "Listing", "key": { "pk": { "text": "ORDERS" }, "sk": { "text": "{id}" } }, "fields": [] },
    { "name": "LoginSession", "key": { "pk": { "text": "SESSION#{id}" }, "sk": { "text": "META" } }, "fields": [{ "name": "user", "attribute": "user" }] },
    { "name": "CartSession", "key": { "pk": { "text": "CART#{id}" }, "sk": { "text": "META" } }, "fields": [{ "name": "expires", "attribute": "expires", "role": "ttl" }] }
  ],
  "patterns": [ { "name": "", "patterns": [ { "id": "orders-by-state", "kind": "pages", "index": "Gsi1" } ] } ]
}
"#;

#[test]
fn a_model_is_read_as_the_table_it_declares() {
    let folder = project(&[("keyfold.model.json", MODEL)]);
    let report: Value = json(folder.path());
    let table = &report["inventory"]["tables"][0];
    assert_eq!(
        (
            table["name"].as_str(),
            table["source"].as_str(),
            table["pk"].as_str(),
            table["ttl"].as_str()
        ),
        (
            Some("shop_floor"),
            Some("model"),
            Some("PK"),
            Some("expires")
        )
    );
    assert_eq!(table["gsi"].as_array().unwrap().len(), 2);
    let mut rules = found(&report, "keyfold.model.json");
    rules.sort();
    assert_eq!(
        rules,
        [
            ("hot-partition-key".to_owned(), 15),
            ("no-ttl-on-ephemeral".to_owned(), 16),
            ("unused-gsi".to_owned(), 9),
        ]
    );
}

#[test]
fn the_models_entities_say_who_the_tenant_is() {
    let program = "import boto3\ntable = boto3.resource('dynamodb').Table('shop_floor')\n\n\ndef order(order_id):\n    return table.get_item(Key={'PK': f'ORDER#{order_id}', 'SK': 'META'})['Item']\n";
    let folder = project(&[("keyfold.model.json", MODEL), ("app/store.py", program)]);
    let report = json(folder.path());
    assert!(
        found(&report, "app/store.py").contains(&("tenant-scope-missing".to_owned(), 6)),
        "{}",
        report["findings"]
    );
}

#[test]
fn an_index_that_the_model_lacks_fails_for_certain() {
    let program = "import boto3\nfrom boto3.dynamodb.conditions import Key\ntable = boto3.resource('dynamodb').Table('shop_floor')\n\n\ndef order(tenant):\n    page = table.query(IndexName='GSI9', KeyConditionExpression=Key('GSI9PK').eq(f'TENANT#{tenant}'))\n    return page['Items'], page['LastEvaluatedKey']\n";
    let folder = project(&[("keyfold.model.json", MODEL), ("app/store.py", program)]);
    assert!(
        found(&json(folder.path()), "app/store.py").contains(&("index-name-unknown".to_owned(), 7))
    );
}
