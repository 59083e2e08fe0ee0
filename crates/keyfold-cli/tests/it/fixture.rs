//! Tables in folders, their items, and what an export holds.

use std::collections::{BTreeMap, HashMap};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, PutRequest,
    ScalarAttributeType, WriteRequest,
};
use serde_json::Value;

pub type Item = HashMap<String, AttributeValue>;

pub const TABLE: &str = "Things";

pub fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

/// A table of text `pk` and `sk`.
pub async fn create(client: &Client, table: &str) {
    create_with(client, table, ScalarAttributeType::S).await;
}

pub async fn create_with(client: &Client, table: &str, sk: ScalarAttributeType) {
    let mut request = client
        .create_table()
        .table_name(table)
        .billing_mode(BillingMode::PayPerRequest);
    let keys = [
        ("pk", KeyType::Hash, ScalarAttributeType::S),
        ("sk", KeyType::Range, sk),
    ];
    for (name, role, kind) in keys {
        let definition = AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(kind);
        let element = KeySchemaElement::builder()
            .attribute_name(name)
            .key_type(role);
        request = request
            .attribute_definitions(definition.build().unwrap())
            .key_schema(element.build().unwrap());
    }
    request.send().await.unwrap();
}

pub async fn put(client: &Client, table: &str, items: Vec<Item>) {
    for batch in items.chunks(25) {
        let requests = batch.iter().map(|item| {
            let put = PutRequest::builder().set_item(Some(item.clone())).build();
            WriteRequest::builder().put_request(put.unwrap()).build()
        });
        let request = client
            .batch_write_item()
            .request_items(table, requests.collect());
        request.send().await.unwrap();
    }
}

/// So many items, in a tenth as many partitions.
pub fn items(count: usize) -> Vec<Item> {
    (0..count)
        .map(|number| {
            Item::from([
                ("pk".to_owned(), s(format!("THING#{}", number / 10))),
                ("sk".to_owned(), s(format!("PART#{number}"))),
                ("note".to_owned(), s(format!("number {number}"))),
            ])
        })
        .collect()
}

/// An item with every type there is, at its edges.
pub fn everything() -> Item {
    let n = |text: &str| AttributeValue::N(text.to_owned());
    let b = |bytes: &[u8]| Blob::new(bytes);
    let nested = Item::from([
        (
            "deep".to_owned(),
            AttributeValue::L(vec![s(""), n("-1"), AttributeValue::Null(true)]),
        ),
        ("ü \"quoted\" \n".to_owned(), AttributeValue::M(Item::new())),
    ]);
    Item::from([
        ("pk".to_owned(), s("TYPES#1")),
        ("sk".to_owned(), s("ü \"quoted\" \u{1} \u{10ffff}")),
        (
            "digits".to_owned(),
            n("12345678901234567890123456789012345678"),
        ),
        (
            "tiny".to_owned(),
            n("-1.2345678901234567890123456789012345678E-100"),
        ),
        ("binary".to_owned(), AttributeValue::B(b(&[0, 255, 10, 13]))),
        ("nothing".to_owned(), AttributeValue::B(b(&[]))),
        ("empty".to_owned(), s("")),
        ("yes".to_owned(), AttributeValue::Bool(true)),
        ("null".to_owned(), AttributeValue::Null(true)),
        (
            "texts".to_owned(),
            AttributeValue::Ss(vec!["a".to_owned(), "b".to_owned()]),
        ),
        (
            "numbers".to_owned(),
            AttributeValue::Ns(vec!["1".to_owned(), "2.5".to_owned()]),
        ),
        (
            "binaries".to_owned(),
            AttributeValue::Bs(vec![b(&[1]), b(&[2])]),
        ),
        ("list".to_owned(), AttributeValue::L(Vec::new())),
        ("map".to_owned(), AttributeValue::M(nested)),
    ])
}

/// All items of a table by key, each of them once.
pub async fn all(client: &Client, table: &str) -> BTreeMap<String, Item> {
    let mut found = BTreeMap::new();
    let mut pages = client
        .scan()
        .table_name(table)
        .into_paginator()
        .items()
        .send();
    while let Some(item) = pages.next().await {
        let item = sorted(item.unwrap());
        found.insert(format!("{:?} {:?}", item.get("pk"), item.get("sk")), item);
    }
    found
}

/// Sets have no order.
fn sorted(mut item: Item) -> Item {
    for value in item.values_mut() {
        match value {
            AttributeValue::Ss(texts) | AttributeValue::Ns(texts) => texts.sort(),
            AttributeValue::Bs(all) => all.sort_by(|a, b| a.as_ref().cmp(b.as_ref())),
            _ => {}
        }
    }
    item
}

/// A folder with the table `Things` and these items, closed.
pub async fn folder_with(items: Vec<Item>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let client = keyfold_embedded::open(folder.path()).unwrap().client();
    create(&client, TABLE).await;
    put(&client, TABLE, items).await;
    folder
}

/// All items of the table `Things` in a folder that nobody holds.
pub async fn all_in(folder: &Path) -> BTreeMap<String, Item> {
    let client = keyfold_embedded::open(folder).unwrap().client();
    all(&client, TABLE).await
}

/// The only export in a folder.
pub fn export_in(folder: &Path) -> PathBuf {
    let exports = std::fs::read_dir(folder.join("AWSDynamoDB")).unwrap();
    let exports: Vec<PathBuf> = exports.map(|entry| entry.unwrap().path()).collect();
    assert_eq!(exports.len(), 1, "{exports:?}");
    exports[0].clone()
}

/// The lines of all files that the manifest of an export lists, after comparing what it says of them.
pub fn lines_of(export: &Path) -> Vec<String> {
    let manifest = std::fs::read_to_string(export.join("manifest-files.json")).unwrap();
    let mut all = Vec::new();
    for entry in manifest.lines() {
        let entry: Value = serde_json::from_str(entry).unwrap();
        let key = entry["dataFileS3Key"].as_str().unwrap();
        // The key begins at the folder that was named.
        let path = export.parent().unwrap().parent().unwrap().join(key);
        let gzip = std::fs::read(&path).unwrap();
        let mut text = String::new();
        flate2::read::MultiGzDecoder::new(&*gzip)
            .read_to_string(&mut text)
            .unwrap();
        assert_eq!(entry["itemCount"], text.lines().count());
        all.extend(text.lines().map(str::to_owned));
    }
    all
}
