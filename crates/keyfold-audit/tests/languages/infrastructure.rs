//! Tables, rights and stream consumers of every kind of infrastructure.

use std::fmt::Write as _;

use keyfold_audit::tables::{IndexDef, Switch, TableDef};

use crate::read;

fn index(index: &IndexDef) -> String {
    let keys: Vec<&str> = index
        .pk
        .iter()
        .chain(&index.sk)
        .map(String::as_str)
        .collect();
    let projection = index
        .projection
        .as_ref()
        .map(|projection| format!(" {projection}"));
    format!(
        "{}({}){}",
        index.name,
        keys.join(","),
        projection.unwrap_or_default()
    )
}

fn switch(name: &str, switch: Switch) -> String {
    match switch {
        Switch::Absent => String::new(),
        switch => format!(" {name}={switch:?}").to_lowercase(),
    }
}

/// A table in one line, with what it says of itself.
fn line(table: &TableDef) -> String {
    let keys: Vec<&str> = table
        .pk
        .iter()
        .chain(&table.sk)
        .map(String::as_str)
        .collect();
    let mut out = format!(
        "{}:{} {} {} {} ({})",
        table.file,
        table.line,
        table.source,
        table.logical.as_deref().unwrap_or("-"),
        table.name.as_deref().unwrap_or("-"),
        keys.join(",")
    );
    let lists = [("gsi", &table.gsi), ("lsi", &table.lsi)];
    for (name, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
        let list: Vec<String> = list.iter().map(index).collect();
        let _ = write!(out, " {name}=[{}]", list.join(" "));
    }
    let texts = [
        ("ttl", &table.ttl),
        ("billing", &table.billing),
        ("encryption", &table.encryption),
        ("stream", &table.stream),
        ("removal", &table.removal),
    ];
    for (name, text) in texts {
        if let Some(text) = text.as_ref().filter(|text| *text != "AWS_OWNED") {
            let _ = write!(out, " {name}={text}");
        }
    }
    out.push_str(&switch("pitr", table.pitr));
    out.push_str(&switch("protected", table.deletion_protection));
    if let Some((read, write)) = table.capacity {
        let _ = write!(out, " capacity={read}/{write}");
    }
    for (name, is) in [
        ("autoscaling", table.autoscaling),
        ("repeated", table.repeated),
        ("open", table.open),
    ] {
        if is {
            let _ = write!(out, " {name}");
        }
    }
    if !table.replicas.is_empty() {
        let _ = write!(out, " replicas={}", table.replicas.join(","));
    }
    out
}

const TABLES: &str = "
ShopStack.java:10 cdk Carts carts (id) gsi=[byOwner(owner)] billing=PAY_PER_REQUEST removal=DESTROY pitr=on
ShopStack.java:21 cdk Plain - (key) billing=PROVISIONED
create.sh:3 cli - local-orders (PK,SK) gsi=[GSI1(GSI1PK,GSI1SK) ALL] billing=PAY_PER_REQUEST
main.tf:16 terraform orders orders-{env} (PK,SK) gsi=[GSI1(GSI1PK) ALL GSI2(GSI2PK) ALL] ttl=expires billing=PAY_PER_REQUEST encryption=CUSTOMER_MANAGED stream=NEW_IMAGE removal=RETAIN pitr=on protected=on replicas=eu-west-1
main.tf:62 terraform shops - (id) gsi=[byOwner(owner) KEYS_ONLY] billing=PROVISIONED pitr=unknown capacity=10/10 autoscaling repeated
main.tf:88 terraform sessions sessions (token) gsi=[byUser(user) ALL] billing=PAY_PER_REQUEST pitr=off
pulumi.ts:3 pulumi ledger ledger (account,at) gsi=[byDay(day) ALL] billing=PAY_PER_REQUEST pitr=on
serverless.ts:7 serverless Guests guests (id) gsi=[byHost(host) ALL] billing=PROVISIONED removal=RETAIN
serverless.yml:31 serverless Carts carts-{stage} (id) billing=PAY_PER_REQUEST
sst.config.ts:3 sst Notes - (user,id) gsi=[byDay(day)] billing=PAY_PER_REQUEST pitr=unknown
stack.go:10 cdk Gifts gifts (id) gsi=[byGiver(giver)] billing=PAY_PER_REQUEST pitr=on
stack.json:3 cloudformation Invoices invoices-{Stage} (tenant,id) billing=PAY_PER_REQUEST pitr=on replicas=eu-west-1,us-east-1
stack.py:8 cdk Visits visits (shop,at) gsi=[byVisitor(visitor) INCLUDE] billing=PAY_PER_REQUEST removal=RETAIN pitr=off
stack.ts:18 cdk Orders orders (PK,SK) gsi=[byShop(shop) KEYS_ONLY GSI1(GSI1PK) GSI2(GSI2PK)] ttl=expires billing=PAY_PER_REQUEST encryption=AWS_MANAGED stream=NEW_IMAGE removal=DESTROY pitr=on protected=on
stack.ts:37 cdk Plain - (id) gsi=[byDay(day)] billing=PAY_PER_REQUEST replicas=eu-west-1
stack.ts:55 cdk - ledger-entries (account) billing=PROVISIONED pitr=on protected=on
template.yaml:18 sam Orders {Stage}-orders (PK,SK) gsi=[GSI1(GSI1PK) ALL] ttl=expires billing=PAY_PER_REQUEST encryption=CUSTOMER_MANAGED stream=NEW_AND_OLD_IMAGES removal=RETAIN pitr=unknown protected=on
template.yaml:51 sam Sessions sessions (token) billing=PAY_PER_REQUEST
template.yaml:58 sam Metrics - (id) billing=PROVISIONED capacity=20/10 autoscaling
";

#[test]
fn tables_of_every_kind_of_infrastructure_are_read_with_keys_indexes_and_settings() {
    let found: Vec<String> = read("infra").infra.tables.iter().map(line).collect();
    assert_eq!(found.join("\n"), TABLES.trim());
}

const RIGHTS: &str = "
main.tf:99 reader [dynamodb:GetItem dynamodb:Scan] on [${aws_dynamodb_table.orders.arn} ${aws_dynamodb_table.orders.arn}/index/*] ForAllValues:StringEquals dynamodb:LeadingKeys
main.tf:116 wide [dynamodb:*] on [*]
serverless.ts:39 provider [dynamodb:Query dynamodb:GetItem] on [${Guests.Arn}]
serverless.yml:12 provider [dynamodb:GetItem dynamodb:PutItem] on [${Carts.Arn}]
stack.ts:46 worker [dynamodb:*] on [${Plain.Arn}]
stack.ts:48 - [dynamodb:Scan] on [*]
template.yaml:73 Reader [dynamodb:GetItem dynamodb:Scan dynamodb:Query dynamodb:BatchGetItem dynamodb:DescribeTable] on [${Orders}]
template.yaml:76 Reader [dynamodb:*] on [*]
template.yaml:92 Tenant [dynamodb:GetItem dynamodb:Query] on [${Orders.Arn} ${Orders.Arn}/index/*] ForAllValues:StringEquals dynamodb:LeadingKeys
";

#[test]
fn rights_are_read_with_actions_resources_and_conditions() {
    let found = read("infra").infra.iam;
    let found = found.iter().map(|s| {
        format!(
            "{}:{} {} [{}] on [{}] {}",
            s.file,
            s.line,
            s.principal.as_deref().unwrap_or("-"),
            s.actions.join(" "),
            s.resources.join(" "),
            s.conditions.join(", ")
        )
    });
    let found: Vec<String> = found.map(|line| line.trim_end().to_owned()).collect();
    assert_eq!(found.join("\n"), RIGHTS.trim());
}

const CONSUMERS: &str = "
main.tf:124 of orders filter false failures false
serverless.yml:22 of Carts filter true failures true
stack.ts:45 of Orders filter false failures true
template.yaml:82 of Orders filter false failures false
CART_TABLE = carts-{stage}
GUESTS = guests
ORDERS = orders
ORDERS_TABLE = Orders
STAGE = Stage
";

#[test]
fn consumers_of_streams_and_names_of_tables_in_the_environment() {
    let infra = read("infra").infra;
    let consumers = infra.consumers.iter().map(|c| {
        format!(
            "{}:{} of {} filter {} failures {}",
            c.file,
            c.line,
            c.table.as_deref().unwrap_or("-"),
            c.filter,
            c.failure_handling
        )
    });
    let environment = infra
        .environment
        .iter()
        .map(|(name, table)| format!("{name} = {table}"));
    let found: Vec<String> = consumers.chain(environment).collect();
    assert_eq!(found.join("\n"), CONSUMERS.trim());
}
