//! The table: every entity, every key and every access pattern, top to bottom.
//!
//! | PK | SK | Item | GSI1PK / GSI1SK |
//! |---|---|---|---|
//! | `BRAND#<id>` | `PROFILE` | [`Brand`] | `BRAND#<id>` / `PROFILE` |
//! | `BRAND#<id>` | `STATS` | [`BrandStats`] | |
//! | `BRAND_INDEX` | `BRAND#<createdAt>#<id>` | [`BrandListing`] | |
//! | `PRODUCT#<id>` | `META` | [`Product`] | `BRAND#<brandId>` / `PRODUCT#<createdAt>` |
//! | `VERIFY#<code>` | `META` | [`CodeLookup`] | |
//! | `HASH#<hash>` | `META` | [`HashLookup`] | |
//! | `PRODUCT_INDEX` | `PRODUCT#<createdAt>#<id>` | [`ProductListing`] | |
//! | `UNIQUE#<brandId>#<hash of name>` | `NAME` | [`NameClaim`] | |
//! | `UNIQUE#<brandId>#<hash of name>` | `SKU#<hash of sku>` | [`SkuClaim`] | |
//! | `PRODUCT#<id>` | `EVENT#<timestamp>#<type>` | [`Event`] | |
//! | `PRODUCT#<id>` | `SCAN#<timestamp>#<suffix>` | [`Scan`] | |
//! | `PRODUCT#<id>` | `CLAIM` | [`Claim`] | |
//! | `PRODUCT#<id>` | `DISPUTE#<timestamp>#<suffix>` | [`Dispute`] | |
//! | `THREAT#<brandId>#<month>` | `ALERT#<timestamp>#<type>#<suffix>` | [`Alert`] | `BRAND#<brandId>` / `THREAT#<timestamp>#<suffix>` |
//! | `FEED#<brandId>` | `<number>` | [`FeedEntry`] | |
//! | `ANOMALY#<productId>` | `<type>` | [`Anomaly`] | |
//! | `WINDOW#<productId>` | `DIGEST` | [`ScanDigest`] | |
//! | `OPS_LOG#<day>` | `<timestamp>#<agent>#<suffix>` | [`OpsEntry`] | `OPS_LOG` / `<timestamp>` |
//! | `OPS#<brandId>` | `<timestamp>#<agent>#<suffix>` | [`OpsOfBrand`] | |
//! | `COUNT#<scope>` | `<what>#<value>` | [`Count`] | |
//! | `AUDIT#<brandId>#<month>` | `<timestamp>#<suffix>` | [`AuditEntry`] | |
//! | `AUDIT_ALL#<day>` | `<timestamp>#<suffix>` | [`AuditOfAll`] | |
//! | `BRAND#<id>` | `WEBHOOK#<id>` | [`Webhook`] | |
//! | `DELIVERY#<webhookId>` | `<timestamp>#<id>` | [`Delivery`] | |
//! | `DELIVERIES_DUE` | `<timestamp>#<id>` | [`DueDelivery`] | |
//! | `BRAND#<id>` | `INTEGRATION#<id>` | [`Integration`] | |
//! | `INGEST_KEY#<hash>` | `META` | [`IngestKey`] | |
//! | `REPORT#<productId>` | `<digest>` | [`Report`] | |
//! | `PAYMENT#<id>` | `EVENT` | [`PaymentEvent`] | |
//!
//! Items have no tag, because the first `GenuProof` wrote them without one; their keys tell them apart.
//!
//! A verdict must be given on whatever lies in the table, tampered with or not. So what it is given on is read leniently: the
//! attributes of products, events, scans and claims are [`Stored`], and what must be relied upon, such as the product an event
//! belongs to, is read out of the key, under `#[key_only]`.

use std::ops::RangeInclusive;

use keyfold::model::shape::{Kind, Shape};
use keyfold::model::{PartError, PartSource, PartText};
use keyfold::prelude::*;

use crate::domain::audit::AuditLine;
use crate::domain::canonical::Object;
use crate::domain::event::StoredEvent;
use crate::domain::ids::{BrandId, Form as _, ProductId, VerificationCode};
use crate::domain::product::StoredProduct;
use crate::domain::stored::Stored;
use crate::domain::verdict::StoredClaim;
use crate::domain::watch::Digest;

/// Text as it was found.
pub type Text = Stored<String>;

/// The table.
#[derive(Table, Clone)]
#[table(pk = "PK", sk = "SK", ttl = "ttl", tag = none, stream = new_and_old_images, patterns,
        index(Gsi1, name = "GSI1", pk = "GSI1PK", sk = "GSI1SK"))]
#[expect(missing_docs, reason = "the entities say what they are")]
pub struct Genuproof {
    pub brands: Repo<Brand>,
    pub stats: Repo<BrandStats>,
    pub brand_listings: Repo<BrandListing>,
    pub products: Repo<Product>,
    pub codes: Repo<CodeLookup>,
    pub hashes: Repo<HashLookup>,
    pub listings: Repo<ProductListing>,
    pub names: Repo<NameClaim>,
    pub skus: Repo<SkuClaim>,
    pub events: Repo<Event>,
    pub scans: Repo<Scan>,
    pub claims: Repo<Claim>,
    pub disputes: Repo<Dispute>,
    pub alerts: Repo<Alert>,
    pub feed: Repo<FeedEntry>,
    pub anomalies: Repo<Anomaly>,
    pub digests: Repo<ScanDigest>,
    pub ops: Repo<OpsEntry>,
    pub ops_of_brands: Repo<OpsOfBrand>,
    pub counts: Repo<Count>,
    pub audits: Repo<AuditEntry>,
    pub audits_of_all: Repo<AuditOfAll>,
    pub webhooks: Repo<Webhook>,
    pub deliveries: Repo<Delivery>,
    pub due_deliveries: Repo<DueDelivery>,
    pub integrations: Repo<Integration>,
    pub ingest_keys: Repo<IngestKey>,
    pub reports: Repo<Report>,
    pub payments: Repo<PaymentEvent>,
}

/// A brand.
#[derive(Debug, Clone, PartialEq, Eq, Entity, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[key(pk = "BRAND#{id}", sk = "PROFILE")]
#[index(Gsi1, pk = "BRAND#{id}", sk = "PROFILE")]
#[mirror(BrandListing { brand_id: id, name, domain, industry, plan, created_at })]
#[expect(
    missing_docs,
    reason = "the attributes of the item, under their own names"
)]
pub struct Brand {
    pub id: BrandId,
    pub name: String,
    pub domain: String,
    pub industry: String,
    pub logo_url: Option<String>,
    /// `free` at first.
    pub plan: String,
    pub created_at: Timestamp,
    /// Stays 0: the numbers are in [`BrandStats`].
    #[serde(default)]
    pub product_count: u64,
    /// Stays 0: the numbers are in [`BrandStats`].
    #[serde(default)]
    pub scan_count: u64,
    /// SHA-256 of the API key. Brands of the first `GenuProof` have none.
    #[attr(omit_none)]
    pub api_key_hash: Option<String>,
    /// What lists show of the key.
    #[attr(omit_none)]
    pub api_key_prefix: Option<String>,
    /// The key before, for as long as it still counts.
    #[attr(omit_none)]
    pub previous_key_hash: Option<String>,
    #[attr(omit_none)]
    pub previous_key_prefix: Option<String>,
    #[attr(omit_none)]
    pub previous_key_until: Option<Timestamp>,
    /// Who pays, and for what, at Stripe.
    #[attr(omit_none)]
    pub stripe_customer: Option<String>,
    #[attr(omit_none)]
    pub stripe_subscription: Option<String>,
}

/// What is counted of a brand, raised in the transaction of what is counted.
#[derive(Debug, Clone, PartialEq, Eq, Entity, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[key(pk = "BRAND#{brand}", sk = "STATS")]
#[expect(
    missing_docs,
    reason = "the attributes of the item, under their own names"
)]
pub struct BrandStats {
    #[key_only]
    pub brand: BrandId,
    #[counter]
    pub product_count: u64,
    #[counter]
    pub scan_count: u64,
    #[counter]
    pub threat_count: u64,
    /// Alerts that are resolved.
    #[counter]
    #[serde(default, skip_serializing_if = "Stored::is_absent")]
    pub resolved_count: Stored<u64>,
    /// The number of the last entry of its feed.
    #[serde(default, skip_serializing_if = "Stored::is_absent")]
    pub feed_number: Stored<u64>,
}

/// A brand in the list of all brands.
#[derive(Debug, Clone, PartialEq, Eq, Entity, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[key(pk = "BRAND_INDEX", sk = "BRAND#{created_at}#{brand_id}")]
#[expect(
    missing_docs,
    reason = "the attributes of the item, under their own names"
)]
pub struct BrandListing {
    pub brand_id: BrandId,
    pub name: String,
    pub domain: String,
    pub industry: String,
    pub plan: String,
    pub created_at: Timestamp,
}

/// A product.
#[derive(Debug, Clone, PartialEq, Eq, Entity, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[key(pk = "PRODUCT#{id}", sk = "META")]
#[index(Gsi1, pk = "BRAND#{brand_id}", sk = "PRODUCT#{created_at}")]
#[unique(code, item = CodeLookup { code: verification_code, product_id, brand_id })]
#[unique(hash, item = HashLookup { hash, product_id, brand_id })]
#[mirror(ProductListing {
    id, product_id, brand_id, name, brand_name, sku, category, description, status, verification_code, hash, created_at, scan_count,
})]
#[expect(
    missing_docs,
    reason = "the attributes of the item, under their own names"
)]
pub struct Product {
    /// The id under which it lies.
    #[key_only]
    pub id: ProductId,
    /// The id it shows.
    #[serde(default)]
    pub product_id: Text,
    #[serde(default)]
    pub brand_id: Text,
    #[serde(default)]
    pub brand_name: Text,
    #[serde(default)]
    pub name: Text,
    #[serde(default)]
    pub sku: Text,
    #[serde(default)]
    pub category: Text,
    #[serde(default)]
    pub description: Text,
    #[serde(default)]
    pub image_url: Text,
    #[serde(default)]
    pub verification_code: Text,
    #[serde(default)]
    pub hash: Text,
    #[serde(default)]
    pub signature: Text,
    #[serde(default)]
    pub status: Text,
    #[serde(default)]
    pub metadata: Stored<Object>,
    #[serde(default)]
    pub created_at: Text,
    #[serde(default)]
    pub updated_at: Text,
    #[counter]
    #[serde(default)]
    pub scan_count: Stored<u64>,
    /// Events in the sealed chain.
    #[serde(default, skip_serializing_if = "Stored::is_absent")]
    pub event_count: Stored<u64>,
    /// The hash of its last event.
    #[serde(default, skip_serializing_if = "Stored::is_absent")]
    pub chain_head: Text,
    /// The seal over both and the status.
    #[serde(default, skip_serializing_if = "Stored::is_absent")]
    pub chain_seal: Text,
    /// Who has it, once it was handed on.
    #[serde(default, skip_serializing_if = "Stored::is_absent")]
    pub current_owner: Text,
    #[serde(default, skip_serializing_if = "Stored::is_absent")]
    pub claimed: Stored<bool>,
    #[serde(default, skip_serializing_if = "Stored::is_absent")]
    pub claimed_at: Text,
}

/// Which product a printed code is on.
#[derive(Debug, Clone, PartialEq, Eq, Entity, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[key(pk = "VERIFY#{code}", sk = "META")]
#[index(Gsi1, pk = "VERIFY#{code}", sk = "META")]
#[expect(
    missing_docs,
    reason = "the attributes of the item, under their own names"
)]
pub struct CodeLookup {
    #[key_only]
    pub code: Text,
    #[serde(default)]
    pub product_id: Text,
    #[serde(default)]
    pub brand_id: Text,
}

/// Which product has a hash.
#[derive(Debug, Clone, PartialEq, Eq, Entity, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[key(pk = "HASH#{hash}", sk = "META")]
#[expect(
    missing_docs,
    reason = "the attributes of the item, under their own names"
)]
pub struct HashLookup {
    #[key_only]
    pub hash: Text,
    #[serde(default)]
    pub product_id: Text,
    #[serde(default)]
    pub brand_id: Text,
}

/// A product in the gallery of all products.
#[derive(Debug, Clone, PartialEq, Eq, Entity, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[key(pk = "PRODUCT_INDEX", sk = "PRODUCT#{created_at}#{id}")]
#[expect(
    missing_docs,
    reason = "the attributes of the item, under their own names"
)]
pub struct ProductListing {
    #[key_only]
    pub id: ProductId,
    #[serde(default)]
    pub product_id: Text,
    #[serde(default)]
    pub brand_id: Text,
    #[serde(default)]
    pub name: Text,
    #[serde(default)]
    pub brand_name: Text,
    #[serde(default)]
    pub sku: Text,
    #[serde(default)]
    pub category: Text,
    #[serde(default)]
    pub description: Text,
    #[serde(default)]
    pub status: Text,
    #[serde(default)]
    pub verification_code: Text,
    #[serde(default)]
    pub hash: Text,
    #[serde(default)]
    pub created_at: Text,
    #[counter]
    #[serde(default)]
    pub scan_count: Stored<u64>,
}

/// A name that a brand has given. It is taken alone by a product without a sku, or shared by products that each have a sku of
/// their own; together with [`SkuClaim`] this is the rule that two products are the same when they have one name and either has
/// no sku or both skus are equal.
///
/// Names are as long as they like, so their hash stands in the key.
#[derive(Debug, Clone, PartialEq, Eq, Entity, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[key(pk = "UNIQUE#{brand}#{name_hash}", sk = "NAME")]
#[expect(
    missing_docs,
    reason = "the attributes of the item, under their own names"
)]
pub struct NameClaim {
    #[key_only]
    pub brand: BrandId,
    #[key_only]
    pub name_hash: String,
    /// The product without a sku that has the name alone.
    #[attr(omit_none)]
    pub product_id: Option<ProductId>,
    /// How many products with a sku share the name.
    #[counter]
    pub sku_count: u64,
}

/// A sku under a name that a brand has given.
#[derive(Debug, Clone, PartialEq, Eq, Entity, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[key(pk = "UNIQUE#{brand}#{name_hash}", sk = "SKU#{sku_hash}")]
#[expect(
    missing_docs,
    reason = "the attributes of the item, under their own names"
)]
pub struct SkuClaim {
    #[key_only]
    pub brand: BrandId,
    #[key_only]
    pub name_hash: String,
    #[key_only]
    pub sku_hash: String,
    pub product_id: ProductId,
}

/// An event in a product's life. Others wrote any text for a type and for a time, so the key is taken as it is.
#[derive(Debug, Clone, PartialEq, Eq, Entity, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[key(
    pk = "PRODUCT#{product}",
    sk = "EVENT#{at:raw}#{kind:raw}[#{suffix:raw}]"
)]
#[expect(
    missing_docs,
    reason = "the attributes of the item, under their own names"
)]
pub struct Event {
    #[key_only]
    pub product: ProductId,
    #[key_only]
    pub at: String,
    #[key_only]
    pub kind: String,
    #[key_only]
    pub suffix: Option<String>,
    #[serde(default)]
    pub product_id: Text,
    #[serde(default, rename = "type")]
    pub shown_kind: Text,
    #[serde(default)]
    pub actor: Text,
    #[serde(default)]
    pub location: Text,
    /// Where on the map, where it was asked for; not covered by the hash.
    #[serde(default, skip_serializing_if = "was_not_asked")]
    pub coordinates: Option<Stored<Object>>,
    #[serde(default)]
    pub timestamp: Text,
    #[serde(default)]
    pub data: Stored<Object>,
    #[serde(default)]
    pub hash: Text,
    #[serde(default)]
    pub previous_hash: Text,
    /// The rule by which the hash was made; absent on items of the first `GenuProof`.
    #[serde(default, skip_serializing_if = "Stored::is_absent")]
    pub hash_version: Stored<u64>,
}

/// Somebody looked at a product's code. Neither an address nor a device is kept.
#[derive(Debug, Clone, PartialEq, Eq, Entity, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[key(pk = "PRODUCT#{product}", sk = "SCAN#{at}[#{suffix}]")]
#[expect(
    missing_docs,
    reason = "the attributes of the item, under their own names"
)]
pub struct Scan {
    #[key_only]
    pub product: ProductId,
    #[key_only]
    pub at: Timestamp,
    /// Keeps scans of one millisecond apart.
    #[key_only]
    pub suffix: Option<String>,
    #[serde(default)]
    pub product_id: Text,
    #[serde(default)]
    pub timestamp: Text,
    #[serde(default)]
    pub country: Text,
    #[serde(default)]
    pub city: Text,
    #[serde(default)]
    pub user_agent: Text,
    #[serde(default)]
    pub result: Text,
    /// Whose scan it counts as; absent on items of others.
    #[serde(default, skip_serializing_if = "Stored::is_absent")]
    pub brand_id: Text,
    /// When the product was claimed, if by another device than this one.
    #[serde(default, skip_serializing_if = "Stored::is_absent")]
    pub claimed_by_another_at: Text,
    /// The address, as the first `GenuProof` kept it. Read, so that its scans can be told from the claimant's; never written.
    #[serde(default, skip_serializing_if = "Stored::is_absent")]
    pub ip: Text,
}

/// A consumer's claim on a product.
#[derive(Debug, Clone, PartialEq, Eq, Entity, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[key(pk = "PRODUCT#{product}", sk = "CLAIM")]
#[expect(
    missing_docs,
    reason = "the attributes of the item, under their own names"
)]
pub struct Claim {
    #[key_only]
    pub product: ProductId,
    #[serde(default)]
    pub product_id: Text,
    #[serde(default)]
    pub consumer_name: Text,
    #[serde(default)]
    pub email: Text,
    #[serde(default)]
    pub fingerprint: Text,
    #[serde(default)]
    pub claimed_at: Text,
    #[serde(default, skip_serializing_if = "Stored::is_absent")]
    pub disputed: Stored<bool>,
    #[serde(default, skip_serializing_if = "Stored::is_absent")]
    pub disputed_at: Text,
    #[counter]
    #[serde(default, skip_serializing_if = "Stored::is_absent")]
    pub dispute_count: Stored<u64>,
    /// How many of its disputes are resolved.
    #[counter]
    #[serde(default, skip_serializing_if = "Stored::is_absent")]
    pub resolved_count: Stored<u64>,
    /// Until when it would count if it were not disputed.
    #[serde(default, skip_serializing_if = "Stored::is_absent")]
    pub kept_until: Text,
    /// From when on it no longer counts. An open dispute keeps a claim: then there is none.
    #[ttl]
    pub until: Option<Timestamp>,
}

/// Somebody disputes a claim.
#[derive(Debug, Clone, PartialEq, Eq, Entity, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[key(pk = "PRODUCT#{product}", sk = "DISPUTE#{at}[#{suffix}]")]
#[expect(
    missing_docs,
    reason = "the attributes of the item, under their own names"
)]
pub struct Dispute {
    #[key_only]
    pub product: ProductId,
    #[key_only]
    pub at: Timestamp,
    /// Keeps disputes of one millisecond apart.
    #[key_only]
    pub suffix: Option<String>,
    #[serde(default)]
    pub product_id: Text,
    #[serde(default)]
    pub consumer_name: Text,
    #[serde(default)]
    pub email: Text,
    #[serde(default)]
    pub order_number: Text,
    #[serde(default)]
    pub notes: Text,
    #[serde(default)]
    pub fingerprint: Text,
    #[serde(default)]
    pub status: Text,
    #[serde(default)]
    pub created_at: Text,
    /// The claim that is disputed: `claimedAt`, `claimedBy`.
    #[serde(default)]
    pub original_claim: Stored<Object>,
    /// When its state changed last, by whom, and why.
    #[serde(default, skip_serializing_if = "Stored::is_absent")]
    pub changed_at: Text,
    #[serde(default, skip_serializing_if = "Stored::is_absent")]
    pub changed_by: Text,
    #[serde(default, skip_serializing_if = "Stored::is_absent")]
    pub note: Text,
}

/// Something a brand is told of. One anomaly is one alert: what repeats itself within its window is counted on it.
#[derive(Debug, Clone, PartialEq, Eq, Entity, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[key(pk = "THREAT#{brand}#{at:month}", sk = "ALERT#{at}#{kind}[#{suffix}]")]
#[index(Gsi1, pk = "BRAND#{brand}", sk = "THREAT#{at}[#{suffix}]")]
#[expect(
    missing_docs,
    reason = "the attributes of the item, under their own names"
)]
pub struct Alert {
    #[key_only]
    pub brand: BrandId,
    #[key_only]
    pub at: Timestamp,
    #[key_only]
    pub kind: String,
    /// Keeps alerts of one millisecond apart; made from what caused it, so that it is written once.
    #[key_only]
    pub suffix: Option<String>,
    #[serde(default)]
    pub brand_id: Text,
    #[serde(default, rename = "type")]
    pub shown_kind: Text,
    #[serde(default)]
    pub severity: Text,
    #[serde(default)]
    pub product_id: Text,
    #[serde(default)]
    pub details: Text,
    #[serde(default)]
    pub timestamp: Text,
    #[serde(default)]
    pub resolved: Stored<bool>,
    #[serde(default, skip_serializing_if = "Stored::is_absent")]
    pub country: Text,
    #[serde(default, skip_serializing_if = "Stored::is_absent")]
    pub city: Text,
    #[serde(default)]
    pub source: Text,
    #[serde(default)]
    pub ai_analysis: Stored<Object>,
    #[serde(default, skip_serializing_if = "Stored::is_absent")]
    pub product_name: Text,
    /// Every rule that fired on the scan.
    #[serde(default, skip_serializing_if = "Stored::is_absent")]
    pub anomaly_flags: Stored<Vec<String>>,
    /// Whether it is the one, of those that one scan caused, for which the operations log has an entry.
    #[serde(default, skip_serializing_if = "Stored::is_absent")]
    pub is_logged: Stored<bool>,
    /// How often it was repeated.
    #[counter]
    #[serde(default, skip_serializing_if = "Stored::is_absent")]
    pub repeats: Stored<u64>,
    #[serde(default, skip_serializing_if = "Stored::is_absent")]
    pub repeated_at: Text,
    #[serde(default, skip_serializing_if = "Stored::is_absent")]
    pub resolved_at: Text,
    #[serde(default, skip_serializing_if = "Stored::is_absent")]
    pub resolved_by: Text,
    #[serde(default, skip_serializing_if = "Stored::is_absent")]
    pub resolution_note: Text,
}

/// An alert in its brand's feed. The numbers rise by one, so that whoever reads the feed knows whether something is missing, and
/// goes on where it ended. Written in the transaction of the alert.
#[derive(Debug, Clone, PartialEq, Eq, Entity, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[key(pk = "FEED#{brand}", sk = "{number}")]
#[expect(
    missing_docs,
    reason = "the attributes of the item, under their own names"
)]
pub struct FeedEntry {
    #[key_only]
    pub brand: BrandId,
    #[key_only]
    pub number: u64,
    /// [`crate::domain::alert::AlertId`].
    pub alert_id: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub severity: String,
    pub product_id: String,
    pub product_name: Option<String>,
    pub details: String,
    pub timestamp: Timestamp,
    pub source: String,
    pub country: Option<String>,
    pub city: Option<String>,
    #[ttl]
    pub until: Option<Timestamp>,
}

/// The alert that stands for an anomaly of a product, for as long as its window.
#[derive(Debug, Clone, PartialEq, Eq, Entity, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[key(pk = "ANOMALY#{product}", sk = "{kind}")]
#[expect(
    missing_docs,
    reason = "the attributes of the item, under their own names"
)]
pub struct Anomaly {
    #[key_only]
    pub product: ProductId,
    #[key_only]
    pub kind: String,
    pub brand: BrandId,
    /// When the alert's scan was made.
    pub alerted_at: Timestamp,
    /// The suffix of the alert's key.
    pub suffix: String,
    #[ttl]
    pub until: Option<Timestamp>,
}

/// Where a product that is scanned often was scanned last: see [`Digest`].
#[derive(Debug, Clone, PartialEq, Eq, Entity, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[key(pk = "WINDOW#{product}", sk = "DIGEST")]
#[expect(
    missing_docs,
    reason = "the attributes of the item, under their own names"
)]
pub struct ScanDigest {
    #[key_only]
    pub product: ProductId,
    pub digest: Digest,
    #[ttl]
    pub until: Option<Timestamp>,
}

/// What an analyst judged.
#[derive(Debug, Clone, PartialEq, Eq, Entity, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[key(pk = "OPS_LOG#{at:day}", sk = "{at}#{by}[#{suffix}]")]
#[index(Gsi1, pk = "OPS_LOG", sk = "{at}")]
#[mirror(OpsOfBrand {
    at, by, suffix, agent, trigger, product_id, brand_id, anomaly_flags, gemini_model, ai_severity, ai_attack_vector, ai_confidence,
    latency_ms, timestamp, is_fallback, tokens_in, tokens_out, error,
})]
#[expect(
    missing_docs,
    reason = "the attributes of the item, under their own names"
)]
pub struct OpsEntry {
    #[key_only]
    pub at: Timestamp,
    #[key_only]
    pub by: String,
    #[key_only]
    pub suffix: Option<String>,
    #[serde(default)]
    pub agent: Text,
    #[serde(default)]
    pub trigger: Text,
    #[serde(default)]
    pub product_id: Text,
    #[serde(default)]
    pub brand_id: Text,
    #[serde(default)]
    pub anomaly_flags: Stored<Vec<String>>,
    #[serde(default)]
    pub gemini_model: Text,
    #[serde(default)]
    pub ai_severity: Text,
    #[serde(default)]
    pub ai_attack_vector: Text,
    #[serde(default)]
    pub ai_confidence: Stored<u64>,
    #[serde(default)]
    pub latency_ms: Stored<u64>,
    #[serde(default)]
    pub timestamp: Text,
    /// Whether the model was not asked, or its answer was of no use.
    #[serde(default)]
    pub is_fallback: Stored<bool>,
    #[serde(default)]
    pub tokens_in: Stored<u64>,
    #[serde(default)]
    pub tokens_out: Stored<u64>,
    #[serde(default)]
    pub error: Text,
}

/// The same, where a brand finds its own.
#[derive(Debug, Clone, PartialEq, Eq, Entity, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[key(pk = "OPS#{brand_id}", sk = "{at}#{by}[#{suffix}]")]
#[expect(
    missing_docs,
    reason = "the attributes of the item, under their own names"
)]
pub struct OpsOfBrand {
    #[key_only]
    pub at: Timestamp,
    #[key_only]
    pub by: String,
    #[key_only]
    pub suffix: Option<String>,
    #[serde(default)]
    pub agent: Text,
    #[serde(default)]
    pub trigger: Text,
    #[serde(default)]
    pub product_id: Text,
    #[serde(default)]
    pub brand_id: Text,
    #[serde(default)]
    pub anomaly_flags: Stored<Vec<String>>,
    #[serde(default)]
    pub gemini_model: Text,
    #[serde(default)]
    pub ai_severity: Text,
    #[serde(default)]
    pub ai_attack_vector: Text,
    #[serde(default)]
    pub ai_confidence: Stored<u64>,
    #[serde(default)]
    pub latency_ms: Stored<u64>,
    #[serde(default)]
    pub timestamp: Text,
    #[serde(default)]
    pub is_fallback: Stored<bool>,
    #[serde(default)]
    pub tokens_in: Stored<u64>,
    #[serde(default)]
    pub tokens_out: Stored<u64>,
    #[serde(default)]
    pub error: Text,
}

/// How often something was met: `PLACE`, `DAY` and `HOUR` of scans, `CATEGORY` and `STATUS` of products, `SOURCE` of events. The scope
/// is a brand, or one of the shards that all brands together are counted in, because a single item takes 1,000 writes a second.
///
/// Written by the stream, once for each record.
#[derive(Debug, Clone, PartialEq, Eq, Entity, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[key(pk = "COUNT#{scope}", sk = "{what}#{value}")]
#[expect(
    missing_docs,
    reason = "the attributes of the item, under their own names"
)]
pub struct Count {
    #[key_only]
    pub scope: String,
    #[key_only]
    pub what: String,
    #[key_only]
    pub value: String,
    #[counter]
    #[serde(default)]
    pub count: i64,
    /// Of these, scans whose result was not `authentic`.
    #[counter]
    #[serde(default)]
    pub suspicious: i64,
    /// When it was met last.
    #[attr(omit_none)]
    pub last_at: Option<Timestamp>,
}

/// Something that happened to a brand's products: an event, a scan, an alert.
#[derive(Debug, Clone, PartialEq, Eq, Entity, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[key(pk = "AUDIT#{brand}#{month}", sk = "{at}#{suffix}")]
#[expect(
    missing_docs,
    reason = "the attributes of the item, under their own names"
)]
pub struct AuditEntry {
    #[key_only]
    pub brand: BrandId,
    /// `2026-03`.
    #[key_only]
    pub month: String,
    #[key_only]
    pub at: Timestamp,
    #[key_only]
    pub suffix: String,
    pub line: AuditLine,
}

/// The same, where everybody finds what is of no brand alone: no alerts.
#[derive(Debug, Clone, PartialEq, Eq, Entity, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[key(pk = "AUDIT_ALL#{day}", sk = "{at}#{suffix}")]
#[expect(
    missing_docs,
    reason = "the attributes of the item, under their own names"
)]
pub struct AuditOfAll {
    /// `2026-03-01`.
    #[key_only]
    pub day: String,
    #[key_only]
    pub at: Timestamp,
    #[key_only]
    pub suffix: String,
    pub line: AuditLine,
}

/// Where a brand wants to be told of what happens.
#[derive(Debug, Clone, PartialEq, Eq, Entity, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[key(pk = "BRAND#{brand_id}", sk = "WEBHOOK#{id}")]
#[expect(
    missing_docs,
    reason = "the attributes of the item, under their own names"
)]
pub struct Webhook {
    pub id: String,
    pub brand_id: BrandId,
    pub url: String,
    pub events: Vec<String>,
    pub active: bool,
    pub created_at: Timestamp,
    pub last_triggered: Option<Timestamp>,
    #[counter]
    #[serde(default)]
    pub delivery_count: u64,
    /// What its deliveries are signed with; those of the first `GenuProof` have none.
    #[attr(omit_none)]
    pub secret: Option<String>,
    /// The secret before, for as long as deliveries are signed with it too.
    #[attr(omit_none)]
    pub previous_secret: Option<String>,
    #[attr(omit_none)]
    pub previous_secret_until: Option<Timestamp>,
    /// Since when nothing came through.
    #[attr(omit_none)]
    pub failing_since: Option<Timestamp>,
    /// Since when nothing is sent, because nothing came through for days.
    #[attr(omit_none)]
    pub paused_at: Option<Timestamp>,
}

/// Something that a webhook is told, with how far that is.
#[derive(Debug, Clone, PartialEq, Eq, Entity, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[key(pk = "DELIVERY#{webhook_id}", sk = "{created_at}#{id}")]
#[expect(
    missing_docs,
    reason = "the attributes of the item, under their own names"
)]
pub struct Delivery {
    pub webhook_id: String,
    pub brand_id: BrandId,
    /// The moment of what caused it.
    pub created_at: Timestamp,
    /// Made from what caused it, so that it is written once.
    pub id: String,
    #[serde(rename = "type")]
    pub kind: String,
    /// The body, as it is signed and sent.
    pub body: String,
    /// `waiting`, `delivered`, `dead`, `cancelled`.
    pub state: String,
    pub attempts: u64,
    /// Where its [`DueDelivery`] lies.
    #[attr(omit_none)]
    pub due_at: Option<Timestamp>,
    /// Until when somebody is sending it.
    #[attr(omit_none)]
    pub leased_until: Option<Timestamp>,
    /// When it was tried first; the day of retries begins then.
    #[attr(omit_none)]
    pub first_tried_at: Option<Timestamp>,
    /// The status of the last answer.
    #[attr(omit_none)]
    pub status: Option<u64>,
    /// What went wrong the last time.
    #[attr(omit_none)]
    pub error: Option<String>,
    #[attr(omit_none)]
    pub done_at: Option<Timestamp>,
    #[ttl]
    pub until: Option<Timestamp>,
}

/// A delivery in the order in which deliveries are due.
#[derive(Debug, Clone, PartialEq, Eq, Entity, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[key(pk = "DELIVERIES_DUE", sk = "{due_at}#{id}")]
#[expect(
    missing_docs,
    reason = "the attributes of the item, under their own names"
)]
pub struct DueDelivery {
    #[key_only]
    pub due_at: Timestamp,
    pub id: String,
    pub webhook_id: String,
    pub created_at: Timestamp,
}

/// Where events of a brand's products come from.
#[derive(Debug, Clone, PartialEq, Eq, Entity, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[key(pk = "BRAND#{brand_id}", sk = "INTEGRATION#{id}")]
#[expect(
    missing_docs,
    reason = "the attributes of the item, under their own names"
)]
pub struct Integration {
    pub id: String,
    pub brand_id: BrandId,
    #[serde(rename = "type")]
    pub kind: String,
    /// The first 8 characters of the key.
    pub ingest_key: String,
    /// SHA-256 of the key: where its [`IngestKey`] lies.
    #[attr(omit_none)]
    pub ingest_key_hash: Option<String>,
    pub active: bool,
    #[serde(default)]
    pub config: Object,
    pub created_at: Timestamp,
    pub last_event: Option<Timestamp>,
    #[counter]
    #[serde(default)]
    pub event_count: u64,
}

/// Whose ingest key it is.
#[derive(Debug, Clone, PartialEq, Eq, Entity, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[key(pk = "INGEST_KEY#{hash}", sk = "META")]
#[expect(
    missing_docs,
    reason = "the attributes of the item, under their own names"
)]
pub struct IngestKey {
    #[key_only]
    pub hash: String,
    pub brand_id: BrandId,
    pub integration_id: String,
    /// From when on it no longer counts, once there is a new one.
    #[ttl]
    pub until: Option<Timestamp>,
}

/// A report that was taken in, so that the same one adds no second event.
#[derive(Debug, Clone, PartialEq, Eq, Entity, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[key(pk = "REPORT#{product}", sk = "{digest}")]
#[expect(
    missing_docs,
    reason = "the attributes of the item, under their own names"
)]
pub struct Report {
    #[key_only]
    pub product: ProductId,
    #[key_only]
    pub digest: String,
    /// The hash of its event.
    pub hash: String,
    #[serde(rename = "type")]
    pub kind: String,
    #[ttl]
    pub until: Option<Timestamp>,
}

/// An event of the payment service that was acted upon.
#[derive(Debug, Clone, PartialEq, Eq, Entity, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[key(pk = "PAYMENT#{id}", sk = "EVENT")]
#[expect(
    missing_docs,
    reason = "the attributes of the item, under their own names"
)]
pub struct PaymentEvent {
    #[key_only]
    pub id: String,
    pub brand_id: BrandId,
    pub at: Timestamp,
    #[ttl]
    pub until: Option<Timestamp>,
}

/// Everything a verdict is given on, in the order of the sort keys: claim, chain, product. Disputes lie between.
#[derive(Debug, ItemCollection)]
#[collection(Product)]
#[skip(Dispute)]
#[expect(missing_docs, reason = "the entities say what they are")]
pub struct ProductFile {
    #[one]
    pub product: Option<Product>,
    #[one]
    pub claim: Option<Claim>,
    #[many]
    pub events: Vec<Event>,
}

#[access_patterns]
impl Genuproof {
    /// All brands, newest first.
    #[query(BrandListing, newest_first, page = 100)]
    pub fn all_brands(&self) -> Pages<BrandListing>;

    /// Products of a brand, newest first.
    #[query(Product, index = Gsi1, newest_first, page = 100)]
    pub fn products_of_brand(&self, brand_id: &Text) -> Pages<Product>;

    /// All products, newest first.
    #[query(ProductListing, newest_first, page = 50)]
    pub fn all_products(&self) -> Pages<ProductListing>;

    /// A product with its claim and its whole chain.
    #[query(ProductFile, max_items = 1_000_000)]
    pub fn product_file(&self, id: &ProductId) -> Collect<ProductFile>;

    /// The chain of a product, oldest event first.
    #[query(Event, page = 1_000)]
    pub fn chain(&self, product: &ProductId) -> Pages<Event>;

    /// Scans of a product, newest first.
    #[query(Scan, newest_first, page = 50)]
    pub fn scans_of_product(&self, product: &ProductId) -> Pages<Scan>;

    /// Scans of a product in a span of time, newest first.
    #[query(Scan, newest_first, page = 32)]
    pub fn scans_between(
        &self,
        product: &ProductId,
        #[between] at: RangeInclusive<Timestamp>,
    ) -> Pages<Scan>;

    /// Disputes about a product, newest first.
    #[query(Dispute, newest_first, page = 20)]
    pub fn disputes_of_product(&self, product: &ProductId) -> Pages<Dispute>;

    /// Alerts of a brand over all months, newest first.
    #[query(Alert, index = Gsi1, newest_first, page = 50)]
    pub fn alerts_of_brand(&self, brand: &BrandId) -> Pages<Alert>;

    /// The feed of a brand from a number on, in order.
    #[query(FeedEntry, page = 100)]
    pub fn feed_of_brand(&self, brand: &BrandId, #[from] number: u64) -> Pages<FeedEntry>;

    /// The operations log since a moment, newest first.
    #[query(OpsEntry, index = Gsi1, newest_first, page = 50)]
    pub fn ops_since(&self, #[from] at: Timestamp) -> Pages<OpsEntry>;

    /// What concerned a brand since a moment, newest first.
    #[query(OpsOfBrand, newest_first, page = 50)]
    pub fn ops_of_brand_since(&self, brand_id: &Text, #[from] at: Timestamp) -> Pages<OpsOfBrand>;

    /// What was counted of one thing, in the order of its values.
    #[query(Count, page = 1_000)]
    pub fn counts_of(&self, scope: &str, what: &str) -> Pages<Count>;

    /// What was counted of one thing from a value on.
    #[query(Count, page = 100)]
    pub fn counts_from(&self, scope: &str, what: &str, #[from] value: &str) -> Pages<Count>;

    /// What happened to a brand's products in a month, newest first.
    #[query(AuditEntry, newest_first, page = 30)]
    pub fn audit_of_month(&self, brand: &BrandId, month: &str) -> Pages<AuditEntry>;

    /// What happened to anybody's products in a day, newest first.
    #[query(AuditOfAll, newest_first, page = 30)]
    pub fn audit_of_day(&self, day: &str) -> Pages<AuditOfAll>;

    /// Where a brand wants to be told.
    #[query(Webhook, page = 100)]
    pub fn webhooks_of_brand(&self, brand_id: &BrandId) -> Pages<Webhook>;

    /// What a webhook was told, newest first.
    #[query(Delivery, newest_first, page = 50)]
    pub fn deliveries_of_webhook(&self, webhook_id: &str) -> Pages<Delivery>;

    /// Deliveries that are due until a moment, the longest due first.
    #[query(DueDelivery, page = 32)]
    pub fn deliveries_due(&self, #[to] due_at: Timestamp) -> Pages<DueDelivery>;

    /// Where events of a brand's products come from.
    #[query(Integration, page = 100)]
    pub fn integrations_of_brand(&self, brand_id: &BrandId) -> Pages<Integration>;
}

/// Not `Option::is_none`, which would also leave out an answer that is null.
#[expect(clippy::ref_option, reason = "serde passes the field by reference")]
fn was_not_asked(coordinates: &Option<Stored<Object>>) -> bool {
    coordinates.is_none()
}

impl Product {
    /// What the rules are told of it.
    pub fn record(&self) -> StoredProduct {
        let product = self.clone();
        StoredProduct {
            product_id: product.product_id,
            brand_id: product.brand_id,
            brand_name: product.brand_name,
            name: product.name,
            sku: product.sku,
            category: product.category,
            description: product.description,
            image_url: product.image_url,
            verification_code: product.verification_code,
            hash: product.hash,
            signature: product.signature,
            status: product.status,
            metadata: product.metadata,
            created_at: product.created_at,
            updated_at: product.updated_at,
            scan_count: product.scan_count,
            event_count: product.event_count,
            chain_head: product.chain_head,
            chain_seal: product.chain_seal,
        }
    }

    /// The brand it shows; none when what it shows is no brand.
    pub fn brand(&self) -> Option<BrandId> {
        BrandId::parse(self.brand_id.text()?)
    }
}

impl From<Event> for StoredEvent {
    fn from(event: Event) -> Self {
        Self {
            product_id: event.product_id,
            kind: event.shown_kind,
            actor: event.actor,
            location: event.location,
            timestamp: event.timestamp,
            data: event.data,
            hash: event.hash,
            previous_hash: event.previous_hash,
            hash_version: event.hash_version,
        }
    }
}

impl From<OpsEntry> for OpsOfBrand {
    fn from(entry: OpsEntry) -> Self {
        Self {
            at: entry.at,
            by: entry.by,
            suffix: entry.suffix,
            agent: entry.agent,
            trigger: entry.trigger,
            product_id: entry.product_id,
            brand_id: entry.brand_id,
            anomaly_flags: entry.anomaly_flags,
            gemini_model: entry.gemini_model,
            ai_severity: entry.ai_severity,
            ai_attack_vector: entry.ai_attack_vector,
            ai_confidence: entry.ai_confidence,
            latency_ms: entry.latency_ms,
            timestamp: entry.timestamp,
            is_fallback: entry.is_fallback,
            tokens_in: entry.tokens_in,
            tokens_out: entry.tokens_out,
            error: entry.error,
        }
    }
}

impl From<Claim> for StoredClaim {
    fn from(claim: Claim) -> Self {
        let seconds =
            |until: Timestamp| u64::try_from(until.as_second_rounded_up()).unwrap_or_default();
        Self {
            product_id: claim.product_id,
            consumer_name: claim.consumer_name,
            email: claim.email,
            fingerprint: claim.fingerprint,
            claimed_at: claim.claimed_at,
            disputed: claim.disputed,
            ttl: claim.until.map(seconds).into(),
        }
    }
}

impl From<&VerificationCode> for CodeLookupKey {
    fn from(code: &VerificationCode) -> Self {
        Self {
            code: code.as_str().into(),
        }
    }
}

impl From<&BrandId> for Text {
    fn from(id: &BrandId) -> Self {
        id.as_str().into()
    }
}

impl From<&ProductId> for Text {
    fn from(id: &ProductId) -> Self {
        id.as_str().into()
    }
}

/// An attribute that is not as it should be stands in no key.
impl<T: KeyPart> KeyPart for Stored<T> {
    const SHAPE: Shape<'static> = T::SHAPE;
    const MAX_LEN: Option<usize> = T::MAX_LEN;

    fn encode(&self, out: &mut PartText<'_>) -> Result<(), PartError> {
        match self {
            Self::Here(value) => value.encode(out),
            Self::Absent => Err(PartError::Empty),
            Self::Odd => Err(PartError::Malformed),
        }
    }

    fn decode(source: PartSource<'_>) -> Result<Self, PartError> {
        T::decode(source).map(Self::Here)
    }
}

impl KeyPart for ProductId {
    const SHAPE: Shape<'static> =
        Shape::pattern("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", true, Kind::Other);
    const MAX_LEN: Option<usize> = Some(32);

    fn encode(&self, out: &mut PartText<'_>) -> Result<(), PartError> {
        out.verbatim(format_args!("{self}"))
    }

    fn decode(source: PartSource<'_>) -> Result<Self, PartError> {
        Self::parse(source.as_str()).ok_or(PartError::Malformed)
    }
}

impl KeyPart for BrandId {
    const SHAPE: Shape<'static> =
        Shape::pattern("xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", true, Kind::Other);
    const MAX_LEN: Option<usize> = Some(36);

    fn encode(&self, out: &mut PartText<'_>) -> Result<(), PartError> {
        out.verbatim(format_args!("{self}"))
    }

    fn decode(source: PartSource<'_>) -> Result<Self, PartError> {
        Self::parse(source.as_str()).ok_or(PartError::Malformed)
    }
}
