//! `--fix`: what is repaired is gone, what it leaves parses, and a second run changes nothing.

use keyfold_audit::command::{Fix, Options};

use crate::run::{audit, found, json, options, project};

/// Repairs a file; gives its text after, and checks that the rules named are gone and a second run does nothing.
fn repaired(path: &str, text: &str, rules: &[&str]) -> String {
    let folder = project(&[(path, text)]);
    let of_rule = || {
        found(&json(folder.path()), path)
            .into_iter()
            .filter(|(rule, _)| rules.contains(&rule.as_str()))
            .count()
    };
    assert!(of_rule() > 0, "{path}: {rules:?} was not found");
    let apply = Options {
        fix: Fix::Apply,
        allow_dirty: true,
        ..options(folder.path())
    };
    let outcome = audit(&apply);
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    let once = std::fs::read_to_string(folder.path().join(path)).unwrap();
    assert_eq!(
        of_rule(),
        0,
        "{path}: {rules:?} is still there:\n{once}\n{}",
        outcome.err
    );
    audit(&apply);
    let twice = std::fs::read_to_string(folder.path().join(path)).unwrap();
    assert_eq!(once, twice, "a second run changes nothing");
    once
}

#[test]
fn one_page_becomes_a_paginator_in_rust() {
    let after = repaired(
        "src/lib.rs",
        "use aws_sdk_dynamodb::Client;\n\npub async fn all(client: &Client) -> Result<Vec<Item>, Error> {\n    let items = client\n        .query()\n        .table_name(\"orders\")\n        .key_condition_expression(\"PK = :p\")\n        .send()\n        .await?\n        .items\n        .unwrap_or_default();\n    Ok(items)\n}\n",
        &["pagination-ignored"],
    );
    assert!(
        after.contains(".into_paginator().items().send().collect::<Result<Vec<_>, _>>().await?;"),
        "{after}"
    );
}

#[test]
fn one_page_becomes_a_paginator_in_boto3() {
    let after = repaired(
        "app/list.py",
        "import boto3\nclient = boto3.client(\"dynamodb\")\n\n\ndef orders(key):\n    return client.query(TableName=\"orders\", KeyConditionExpression=\"PK = :p\", ExpressionAttributeValues={\":p\": key})[\"Items\"]\n",
        &["pagination-ignored"],
    );
    assert!(
        after.contains(
            "[item for page in client.get_paginator(\"query\").paginate(TableName=\"orders\""
        ),
        "{after}"
    );
}

#[test]
fn a_page_whose_response_is_used_otherwise_is_left_alone() {
    let text = "import boto3\ntable = boto3.resource(\"dynamodb\").Table(\"orders\")\n\n\ndef orders(key):\n    return table.query(KeyConditionExpression=key)[\"Items\"]\n";
    let folder = project(&[("a.py", text)]);
    audit(&Options {
        fix: Fix::Apply,
        allow_dirty: true,
        ..options(folder.path())
    });
    assert_eq!(
        std::fs::read_to_string(folder.path().join("a.py")).unwrap(),
        text,
        "a table has no paginator"
    );
}

#[test]
fn terraform_gets_recovery_and_protection_in_one_run() {
    let after = repaired(
        "main.tf",
        "resource \"aws_dynamodb_table\" \"orders\" {\n  name     = \"orders\"\n  hash_key = \"PK\"\n}\n",
        &["missing-pitr", "missing-deletion-protection"],
    );
    assert!(
        after.contains("deletion_protection_enabled = true")
            && after.contains("point_in_time_recovery {"),
        "{after}"
    );
}

#[test]
fn a_table_that_is_destroyed_with_its_stack_is_retained() {
    let stack = "import { RemovalPolicy, Stack } from 'aws-cdk-lib'\nimport { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb'\n\nexport class Shop extends Stack {\n  constructor(scope, id) {\n    super(scope, id)\n    new Table(this, 'Orders', {\n      tableName: 'orders',\n      partitionKey: { name: 'PK', type: AttributeType.STRING },\n      removalPolicy: RemovalPolicy.DESTROY,\n    })\n  }\n}\n";
    let after = repaired(
        "lib/stack.ts",
        stack,
        &["missing-pitr", "missing-deletion-protection"],
    );
    assert!(
        after.contains("RemovalPolicy.RETAIN")
            && after.contains("      pointInTimeRecovery: true,\n      partitionKey:"),
        "{after}"
    );
    let template = "Resources:\n  Orders:\n    Type: AWS::DynamoDB::Table\n    DeletionPolicy: Delete\n    Properties:\n      TableName: orders\n      KeySchema: [{ AttributeName: id, KeyType: HASH }]\n";
    let after = repaired(
        "template.yaml",
        template,
        &["missing-pitr", "missing-deletion-protection"],
    );
    assert!(after.contains("DeletionPolicy: Retain"), "{after}");
}
