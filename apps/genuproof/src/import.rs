//! `genuproof import --from ENDPOINT/TABLE`: carries a table of the first `GenuProof` over into ours.
//!
//! Items keep their keys and attributes, except where the first one kept them in other places or kept what ours never does: alerts
//! and log entries move under their month and day, addresses of consumers stay behind, ingest keys become hashes, claims get their
//! end. What each product needs besides (lookups, listing, its name's claim, counters) is made, and a chain that checks by the first
//! one's own rules gets its seal; one that does not is carried and named in the report.
//!
//! An item that is there already stays as it is: so an import that broke off is simply run again.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use keyfold::Timestamp;

use crate::doctor::{self, DoctorError};
use crate::domain::crypto::sha256;
use crate::domain::ids::{Form as _, ProductId};
use crate::domain::integration::{key_hash, key_prefix};
use crate::store::{AppendError, Store};

type Item = HashMap<String, AttributeValue>;

/// What came of it.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Imported {
    /// Items that were read.
    pub read: usize,
    /// Items that were written.
    pub written: usize,
    /// Items that were there before.
    pub there: usize,
    /// Chains that were sealed.
    pub sealed: usize,
    /// Lookups, listings, index keys and counters that were made.
    pub made: usize,
    /// What was not carried, or not as a whole, and why.
    pub left: Vec<String>,
}

/// Carries everything over. `store` is over the table that is written, and accepts chains without a seal.
///
/// # Errors
/// [`DoctorError`]; what was written stays, and running it again goes on.
pub async fn import(
    source: &Client,
    source_table: &str,
    client: &Client,
    table: &str,
    store: &Store,
    claim_days: u32,
) -> Result<Imported, DoctorError> {
    let mut done = Imported::default();
    let mut names: BTreeMap<(String, String), Name> = BTreeMap::new();
    let mut products = Vec::new();
    let mut unknown: BTreeMap<String, usize> = BTreeMap::new();
    let mut pages = source
        .scan()
        .table_name(source_table)
        .into_paginator()
        .send();
    while let Some(page) = pages.next().await {
        let page =
            page.map_err(|error| DoctorError::Request(error.into_service_error().to_string()))?;
        for item in page.items.unwrap_or_default() {
            done.read += 1;
            note(&item, &mut names, &mut products);
            match carried(item, claim_days) {
                Ok(items) => {
                    for item in items {
                        if write(client, table, item).await? {
                            done.written += 1;
                        } else {
                            done.there += 1;
                        }
                    }
                }
                Err(kind) => *unknown.entry(kind).or_default() += 1,
            }
        }
    }
    for ((brand, hash), name) in names {
        for item in name.items(&brand, &hash) {
            done.made += usize::from(write(client, table, item).await?);
        }
        if name.clashes() {
            done.left.push(format!("brand {}: several products have one name and no SKU to tell them apart; all are carried", short(&brand)));
        }
    }
    for id in products.iter().filter_map(|id| ProductId::parse(id)) {
        match store.seal(&id).await {
            Ok(true) => done.sealed += 1,
            Ok(false) => {}
            Err(AppendError::Store(error)) => return Err(error.into()),
            Err(_) => done.left.push(format!(
                "product {}: its record or chain does not check with this signing secret, so it is carried without a seal and does not verify",
                short(id.as_str())
            )),
        }
    }
    let found = doctor::examine(client, table, store).await?;
    done.made += doctor::repair(client, table, &found.findings).await?;
    for (kind, count) in unknown {
        done.left.push(format!(
            "{count} items of a kind that is not known ({kind}) are not carried"
        ));
    }
    Ok(done)
}

/// What is known of a name of a brand.
#[derive(Default)]
struct Name {
    alone: Vec<String>,
    skus: BTreeMap<String, String>,
    with_sku: usize,
}

impl Name {
    fn clashes(&self) -> bool {
        self.alone.len() + usize::from(self.with_sku > 0) > 1 || self.with_sku > self.skus.len()
    }

    fn items(&self, brand: &str, hash: &str) -> Vec<Item> {
        let pk = format!("UNIQUE#{brand}#{hash}");
        let mut name = Item::from([
            ("PK".to_owned(), s(&pk)),
            ("SK".to_owned(), s("NAME")),
            (
                "skuCount".to_owned(),
                AttributeValue::N(self.skus.len().to_string()),
            ),
        ]);
        if let Some(product) = self.alone.first() {
            name.insert("productId".to_owned(), s(product));
        }
        let sku = |(sku, product): (&String, &String)| {
            Item::from([
                ("PK".to_owned(), s(&pk)),
                ("SK".to_owned(), s(&format!("SKU#{}", sha256(sku)))),
                ("productId".to_owned(), s(product)),
            ])
        };
        std::iter::once(name)
            .chain(self.skus.iter().map(sku))
            .collect()
    }
}

fn note(item: &Item, names: &mut BTreeMap<(String, String), Name>, products: &mut Vec<String>) {
    if text(item, "SK") != "META" || !text(item, "PK").starts_with("PRODUCT#") {
        return;
    }
    let id = text(item, "PK").trim_start_matches("PRODUCT#").to_owned();
    let key = (
        text(item, "brandId").to_owned(),
        sha256(text(item, "name")).to_string(),
    );
    let name = names.entry(key).or_default();
    match text(item, "sku") {
        "" => name.alone.push(id.clone()),
        sku => {
            name.with_sku += 1;
            name.skus
                .entry(sku.to_owned())
                .or_insert_with(|| id.clone());
        }
    }
    products.push(id);
}

/// An item as ours has it; `Err` with its kind when it is not known.
fn carried(mut item: Item, claim_days: u32) -> Result<Vec<Item>, String> {
    let (pk, sk) = (text(&item, "PK").to_owned(), text(&item, "SK").to_owned());
    let kind = pk.split('#').next().unwrap_or_default();
    match (kind, sk.split('#').next().unwrap_or_default()) {
        ("BRAND", "PROFILE" | "STATS" | "WEBHOOK")
        | ("BRAND_INDEX" | "PRODUCT_INDEX", _)
        | ("PRODUCT", "META" | "EVENT" | "DISPUTE")
        | ("VERIFY" | "HASH", "META") => Ok(vec![item]),
        ("PRODUCT", "SCAN") => {
            item.remove("ip");
            Ok(vec![item])
        }
        ("PRODUCT", "CLAIM") => {
            item.remove("ip");
            let is_disputed =
                item.get("disputed").and_then(|value| value.as_bool().ok()) == Some(&true);
            let claimed_at: Option<jiff::Timestamp> = text(&item, "claimedAt").parse().ok();
            if let (Some(at), false, false) = (claimed_at, is_disputed, item.contains_key("ttl")) {
                let until = at.as_second() + i64::from(claim_days) * 86_400;
                item.insert("ttl".to_owned(), AttributeValue::N(until.to_string()));
            }
            Ok(vec![item])
        }
        ("BRAND", "INTEGRATION") => {
            let key = text(&item, "ingestKey").to_owned();
            let Some(hash) = key_hash(&key) else {
                return Ok(vec![item]);
            };
            let lookup = Item::from([
                ("PK".to_owned(), s(&format!("INGEST_KEY#{hash}"))),
                ("SK".to_owned(), s("META")),
                ("brandId".to_owned(), s(pk.trim_start_matches("BRAND#"))),
                (
                    "integrationId".to_owned(),
                    s(sk.trim_start_matches("INTEGRATION#")),
                ),
            ]);
            item.insert("ingestKey".to_owned(), s(key_prefix(&key)));
            item.insert("ingestKeyHash".to_owned(), s(&hash.to_string()));
            Ok(vec![item, lookup])
        }
        ("THREAT", "ALERT") => Ok(vec![alert(item, &pk, &sk)]),
        ("OPS_LOG", _) => Ok(operation(item, &pk, &sk)),
        (kind, _) => Err(kind.chars().take(24).collect()),
    }
}

/// Under its month, with its index keys.
fn alert(mut item: Item, pk: &str, sk: &str) -> Item {
    let brand = pk.split('#').nth(1).unwrap_or_default().to_owned();
    let mut parts = sk.split('#').skip(1);
    let at = parts.next().unwrap_or_default().to_owned();
    let kind = parts
        .next()
        .map_or_else(|| text(&item, "type").to_owned(), str::to_owned);
    // Alerts of one moment overwrote each other there; what keeps them apart here follows from what they say.
    let suffix = sha256(&format!("{at}{kind}{}", text(&item, "productId"))).to_string();
    let suffix = parts.next().map_or_else(
        || suffix.get(..16).unwrap_or_default().to_owned(),
        str::to_owned,
    );
    let month = at.get(..7).unwrap_or_default();
    item.insert("PK".to_owned(), s(&format!("THREAT#{brand}#{month}")));
    item.insert("SK".to_owned(), s(&format!("ALERT#{at}#{kind}#{suffix}")));
    item.insert("GSI1PK".to_owned(), s(&format!("BRAND#{brand}")));
    item.insert("GSI1SK".to_owned(), s(&format!("THREAT#{at}#{suffix}")));
    item.entry("type".to_owned()).or_insert_with(|| s(&kind));
    item.entry("timestamp".to_owned()).or_insert_with(|| s(&at));
    item
}

/// Under its day, and where its brand finds it.
fn operation(mut item: Item, pk: &str, sk: &str) -> Vec<Item> {
    let at = sk.split('#').next().unwrap_or_default().to_owned();
    if pk == "OPS_LOG" {
        let day = at.get(..10).unwrap_or_default();
        item.insert("PK".to_owned(), s(&format!("OPS_LOG#{day}")));
    }
    let agent = text(&item, "agent").to_owned();
    let key = if sk.contains('#') {
        sk.to_owned()
    } else {
        format!("{at}#{agent}")
    };
    item.insert("SK".to_owned(), s(&key));
    item.insert("GSI1PK".to_owned(), s("OPS_LOG"));
    item.insert("GSI1SK".to_owned(), s(&at));
    let brand = text(&item, "brandId").to_owned();
    if brand.is_empty() {
        return vec![item];
    }
    let mut of_brand = item.clone();
    of_brand.insert("PK".to_owned(), s(&format!("OPS#{brand}")));
    of_brand.remove("GSI1PK");
    of_brand.remove("GSI1SK");
    vec![item, of_brand]
}

/// Whether it was written; not when it was there.
async fn write(client: &Client, table: &str, item: Item) -> Result<bool, DoctorError> {
    let put = client
        .put_item()
        .table_name(table)
        .set_item(Some(item))
        .condition_expression("attribute_not_exists(PK)");
    match put.send().await {
        Ok(_) => Ok(true),
        Err(error) => {
            let error = error.into_service_error();
            if error.is_conditional_check_failed_exception() {
                Ok(false)
            } else {
                Err(DoctorError::Request(error.to_string()))
            }
        }
    }
}

/// Products registered until now need no seal while they are carried over.
pub fn until_now(now: Timestamp) -> crate::domain::chain::Unsealed {
    crate::domain::chain::Unsealed::RegisteredBefore(now)
}

fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    item.get(name)
        .and_then(|value| value.as_s().ok())
        .map_or("", String::as_str)
}

fn s(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn short(id: &str) -> &str {
    id.get(..8).unwrap_or(id)
}
