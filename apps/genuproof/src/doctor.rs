//! `genuproof doctor`: reads a whole table and says what does not fit: lookups of nothing, products that no lookup leads to, listings
//! and index keys that are not their product's, counters that are not what they count, chains that are broken.
//!
//! What follows from something else can be put right with `--repair`; a broken chain cannot, because a new seal would make it good. It
//! is meant for a table that nobody writes meanwhile: what is written while it reads looks as if it did not fit.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;

use crate::domain::ids::{Form as _, ProductId};
use crate::store::{Store, StoreError};

type Item = HashMap<String, AttributeValue>;

/// Something that does not fit.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// What, and where: of which kind of item, and the beginning of its key.
    pub what: String,
    /// Whether it can be put right.
    pub is_repairable: bool,
    repair: Option<Repair>,
}

#[derive(Debug, Clone, PartialEq)]
enum Repair {
    Put(Item),
    Delete {
        pk: String,
        sk: String,
    },
    Set {
        pk: String,
        sk: String,
        values: Vec<(&'static str, AttributeValue)>,
    },
}

/// What was found.
#[derive(Debug, Default)]
pub struct Examined {
    /// Items that were read.
    pub items: usize,
    /// Products among them.
    pub products: usize,
    /// What does not fit.
    pub findings: Vec<Finding>,
}

/// Why nothing can be said.
#[derive(Debug, thiserror::Error)]
pub enum DoctorError {
    /// A request failed.
    #[error("the table cannot be read or written: {0}")]
    Request(String),
    /// A chain cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        if self.is_repairable {
            Ok(())
        } else {
            f.write_str(" (cannot be repaired)")
        }
    }
}

/// The parts of the table that say something about each other.
#[derive(Default)]
struct Parts {
    brands: BTreeMap<String, Item>,
    stats: BTreeMap<String, Item>,
    products: BTreeMap<String, Item>,
    codes: BTreeMap<String, Item>,
    hashes: BTreeMap<String, Item>,
    listings: BTreeMap<String, Vec<(String, Item)>>,
    brand_listings: BTreeMap<String, String>,
    scans: BTreeMap<String, u64>,
    alerts: BTreeMap<String, (u64, u64)>,
}

/// Reads the whole table.
///
/// # Errors
/// [`DoctorError`].
pub async fn examine(client: &Client, table: &str, store: &Store) -> Result<Examined, DoctorError> {
    let mut parts = Parts::default();
    let mut examined = Examined::default();
    let mut pages = client
        .scan()
        .table_name(table)
        .consistent_read(true)
        .into_paginator()
        .send();
    while let Some(page) = pages.next().await {
        let page =
            page.map_err(|error| DoctorError::Request(error.into_service_error().to_string()))?;
        for item in page.items.unwrap_or_default() {
            examined.items += 1;
            parts.take(item, &mut examined.findings);
        }
    }
    examined.products = parts.products.len();
    parts.lookups(&mut examined.findings);
    parts.products(&mut examined.findings);
    parts.counters(&mut examined.findings);
    for id in parts.products.keys().filter_map(|id| ProductId::parse(id)) {
        let chain = store.chain(&id).await?;
        if chain.is_some_and(|chain| !chain.is_valid) {
            examined.findings.push(Finding {
                what: format!("the chain of product {} is broken", short(id.as_str())),
                is_repairable: false,
                repair: None,
            });
        }
    }
    Ok(examined)
}

/// Puts right what can be.
///
/// # Errors
/// [`DoctorError`]; what was put right before stays so, and doing it again is safe.
pub async fn repair(
    client: &Client,
    table: &str,
    findings: &[Finding],
) -> Result<usize, DoctorError> {
    let mut repaired = 0;
    let failed = |error: String| DoctorError::Request(error);
    for finding in findings {
        let Some(repair) = &finding.repair else {
            continue;
        };
        match repair.clone() {
            Repair::Put(item) => {
                let put = client.put_item().table_name(table).set_item(Some(item));
                put.send()
                    .await
                    .map_err(|error| failed(error.into_service_error().to_string()))?;
            }
            Repair::Delete { pk, sk } => {
                let delete = client
                    .delete_item()
                    .table_name(table)
                    .key("PK", s(&pk))
                    .key("SK", s(&sk));
                delete
                    .send()
                    .await
                    .map_err(|error| failed(error.into_service_error().to_string()))?;
            }
            Repair::Set { pk, sk, values } => {
                let mut update = client
                    .update_item()
                    .table_name(table)
                    .key("PK", s(&pk))
                    .key("SK", s(&sk));
                let mut sets = Vec::new();
                for (at, (name, value)) in values.into_iter().enumerate() {
                    sets.push(format!("#n{at} = :v{at}"));
                    update = update.expression_attribute_names(format!("#n{at}"), name);
                    update = update.expression_attribute_values(format!(":v{at}"), value);
                }
                let update = update
                    .update_expression(format!("SET {}", sets.join(", ")))
                    .condition_expression("attribute_exists(PK)");
                update
                    .send()
                    .await
                    .map_err(|error| failed(error.into_service_error().to_string()))?;
            }
        }
        repaired += 1;
    }
    Ok(repaired)
}

impl Parts {
    fn take(&mut self, item: Item, findings: &mut Vec<Finding>) {
        let (pk, sk) = (text(&item, "PK").to_owned(), text(&item, "SK").to_owned());
        let (kind, id) = pk.split_once('#').unwrap_or((&pk, ""));
        let id = id.to_owned();
        match (kind, sk.as_str()) {
            ("BRAND", "PROFILE") => _ = self.brands.insert(id, item),
            ("BRAND", "STATS") => _ = self.stats.insert(id, item),
            ("PRODUCT", "META") => _ = self.products.insert(id, item),
            ("PRODUCT", sk) if sk.starts_with("SCAN#") => *self.scans.entry(id).or_default() += 1,
            ("VERIFY", "META") => _ = self.codes.insert(id, item),
            ("HASH", "META") => _ = self.hashes.insert(id, item),
            ("PRODUCT_INDEX", _) => {
                let product = text(&item, "productId").to_owned();
                self.listings.entry(product).or_default().push((sk, item));
            }
            ("BRAND_INDEX", _) => {
                self.brand_listings
                    .insert(text(&item, "brandId").to_owned(), sk);
            }
            ("THREAT", sk) if sk.starts_with("ALERT#") => {
                let brand = id.split('#').next().unwrap_or_default();
                let (all, resolved) = self.alerts.entry(brand.to_owned()).or_default();
                *all += 1;
                *resolved += u64::from(
                    item.get("resolved").and_then(|value| value.as_bool().ok()) == Some(&true),
                );
                if text(&item, "GSI1PK") != format!("BRAND#{brand}")
                    || !text(&item, "GSI1SK").starts_with("THREAT#")
                {
                    let at = sk.split('#').nth(1).unwrap_or_default();
                    let suffix = sk
                        .split('#')
                        .nth(3)
                        .map(|suffix| format!("#{suffix}"))
                        .unwrap_or_default();
                    let values = vec![
                        ("GSI1PK", s(&format!("BRAND#{brand}"))),
                        ("GSI1SK", s(&format!("THREAT#{at}{suffix}"))),
                    ];
                    findings.push(set(
                        format!("an alert of brand {} lacks its index keys", short(brand)),
                        &pk,
                        sk,
                        values,
                    ));
                }
            }
            _ => {}
        }
    }

    /// Lookups and listings that lead nowhere.
    fn lookups(&self, findings: &mut Vec<Finding>) {
        for (kind, lookups) in [("VERIFY", &self.codes), ("HASH", &self.hashes)] {
            for (value, item) in lookups {
                if !self.products.contains_key(text(item, "productId")) {
                    let what = format!("a {kind} lookup leads to a product that is not there");
                    findings.push(delete(what, &format!("{kind}#{value}"), "META"));
                }
            }
        }
        for (product, listings) in &self.listings {
            for (sk, _) in listings
                .iter()
                .filter(|_| !self.products.contains_key(product))
            {
                findings.push(delete(
                    "a listing is of a product that is not there".to_owned(),
                    "PRODUCT_INDEX",
                    sk,
                ));
            }
        }
        for (brand, sk) in &self.brand_listings {
            if !self.brands.contains_key(brand) {
                findings.push(delete(
                    "a listing is of a brand that is not there".to_owned(),
                    "BRAND_INDEX",
                    sk,
                ));
            }
        }
        for (id, brand) in &self.brands {
            if !self.brand_listings.contains_key(id) {
                let sk = format!("BRAND#{}#{id}", text(brand, "createdAt"));
                let mut item = copy(brand, &["name", "domain", "industry", "plan", "createdAt"]);
                item.extend([
                    ("PK".to_owned(), s("BRAND_INDEX")),
                    ("SK".to_owned(), s(&sk)),
                    ("brandId".to_owned(), s(id)),
                ]);
                findings.push(put(format!("brand {} is in no list", short(id)), item));
            }
        }
    }

    /// What must follow from each product.
    fn products(&self, findings: &mut Vec<Finding>) {
        for (id, product) in &self.products {
            let (pk, brand) = (format!("PRODUCT#{id}"), text(product, "brandId"));
            let created_at = text(product, "createdAt");
            for (kind, attribute, lookups) in [
                ("VERIFY", "verificationCode", &self.codes),
                ("HASH", "hash", &self.hashes),
            ] {
                let value = text(product, attribute);
                let leads_here = lookups
                    .get(value)
                    .is_some_and(|item| text(item, "productId") == id);
                if !leads_here && !value.is_empty() {
                    let key = format!("{kind}#{value}");
                    let mut item: Item = HashMap::from([
                        ("PK".to_owned(), s(&key)),
                        ("SK".to_owned(), s("META")),
                        ("productId".to_owned(), s(id)),
                        ("brandId".to_owned(), s(brand)),
                    ]);
                    if kind == "VERIFY" {
                        item.extend([
                            ("GSI1PK".to_owned(), s(&key)),
                            ("GSI1SK".to_owned(), s("META")),
                        ]);
                    }
                    // A lookup that leads to another product that is there may be that one's own: it is not taken away.
                    let is_taken = lookups
                        .get(value)
                        .is_some_and(|item| self.products.contains_key(text(item, "productId")));
                    let mut finding = put(
                        format!("no {kind} lookup leads to product {}", short(id)),
                        item,
                    );
                    if is_taken {
                        finding.is_repairable = false;
                        finding.repair = None;
                    }
                    findings.push(finding);
                }
            }
            if text(product, "GSI1PK") != format!("BRAND#{brand}")
                || text(product, "GSI1SK") != format!("PRODUCT#{created_at}")
            {
                let values = vec![
                    ("GSI1PK", s(&format!("BRAND#{brand}"))),
                    ("GSI1SK", s(&format!("PRODUCT#{created_at}"))),
                ];
                findings.push(set(
                    format!("product {} lacks its index keys", short(id)),
                    &pk,
                    "META",
                    values,
                ));
            }
            let scans = self.scans.get(id).copied().unwrap_or_default();
            if number(product, "scanCount") != scans {
                let what = format!(
                    "product {} counts {} scans and has {scans}",
                    short(id),
                    number(product, "scanCount")
                );
                findings.push(set(what, &pk, "META", vec![("scanCount", n(scans))]));
            }
            self.listing(id, product, scans, findings);
        }
    }

    fn listing(&self, id: &str, product: &Item, scans: u64, findings: &mut Vec<Finding>) {
        let mut wanted = copy(
            product,
            &[
                "brandId",
                "name",
                "brandName",
                "sku",
                "category",
                "description",
                "status",
                "verificationCode",
                "hash",
                "createdAt",
            ],
        );
        let sk = format!("PRODUCT#{}#{id}", text(product, "createdAt"));
        wanted.extend([
            ("PK".to_owned(), s("PRODUCT_INDEX")),
            ("SK".to_owned(), s(&sk)),
            ("productId".to_owned(), s(id)),
            ("scanCount".to_owned(), n(scans)),
        ]);
        let own = self.listings.get(id).map(Vec::as_slice).unwrap_or_default();
        let fits = own.iter().any(|(own, item)| {
            *own == sk
                && wanted
                    .iter()
                    .all(|(name, value)| item.get(name) == Some(value))
        });
        if !fits {
            findings.push(put(
                format!("the listing of product {} is missing or old", short(id)),
                wanted,
            ));
        }
        for (own, _) in own.iter().filter(|(own, _)| *own != sk) {
            findings.push(delete(
                format!("product {} is listed twice", short(id)),
                "PRODUCT_INDEX",
                own,
            ));
        }
    }

    /// Counters that are not what they count.
    fn counters(&self, findings: &mut Vec<Finding>) {
        let mut facts: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
        for (id, product) in &self.products {
            let (products, scans) = facts.entry(text(product, "brandId")).or_default();
            *products += 1;
            *scans += self.scans.get(id).copied().unwrap_or_default();
        }
        for id in self.brands.keys() {
            let (products, scans) = facts.get(id.as_str()).copied().unwrap_or_default();
            let (alerts, resolved) = self.alerts.get(id).copied().unwrap_or_default();
            let empty = Item::new();
            let stats = self.stats.get(id).unwrap_or(&empty);
            for (name, fact) in [
                ("productCount", products),
                ("scanCount", scans),
                ("threatCount", alerts),
                ("resolvedCount", resolved),
            ] {
                if number(stats, name) == fact {
                    continue;
                }
                let what = format!(
                    "{name} of brand {} is {} and should be {fact}",
                    short(id),
                    number(stats, name)
                );
                let pk = format!("BRAND#{id}");
                findings.push(if stats.is_empty() {
                    put(
                        what,
                        HashMap::from([
                            ("PK".to_owned(), s(&pk)),
                            ("SK".to_owned(), s("STATS")),
                            ("productCount".to_owned(), n(products)),
                            ("scanCount".to_owned(), n(scans)),
                            ("threatCount".to_owned(), n(alerts)),
                        ]),
                    )
                } else {
                    set(what, &pk, "STATS", vec![(name, n(fact))])
                });
            }
        }
    }
}

fn put(what: String, item: Item) -> Finding {
    Finding {
        what,
        is_repairable: true,
        repair: Some(Repair::Put(item)),
    }
}

fn delete(what: String, pk: &str, sk: &str) -> Finding {
    let repair = Repair::Delete {
        pk: pk.to_owned(),
        sk: sk.to_owned(),
    };
    Finding {
        what,
        is_repairable: true,
        repair: Some(repair),
    }
}

fn set(what: String, pk: &str, sk: &str, values: Vec<(&'static str, AttributeValue)>) -> Finding {
    let repair = Repair::Set {
        pk: pk.to_owned(),
        sk: sk.to_owned(),
        values,
    };
    Finding {
        what,
        is_repairable: true,
        repair: Some(repair),
    }
}

fn copy(item: &Item, names: &[&str]) -> Item {
    let found = names
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), item.get(*name)?.clone())));
    found.collect()
}

fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    item.get(name)
        .and_then(|value| value.as_s().ok())
        .map_or("", String::as_str)
}

fn number(item: &Item, name: &str) -> u64 {
    let value = item.get(name).and_then(|value| value.as_n().ok());
    value
        .and_then(|value| value.parse().ok())
        .unwrap_or_default()
}

fn s(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn n(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// Enough of an id to find it by, and not all of it.
fn short(id: &str) -> &str {
    id.get(..8).unwrap_or(id)
}
