//! A table on the embedded engine, a store over it, and an ordinary client beside it.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::interceptors::AfterDeserializationInterceptorContextRef;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use aws_sdk_dynamodb::operation::get_item::GetItemOutput;
use aws_sdk_dynamodb::operation::put_item::PutItemOutput;
use aws_sdk_dynamodb::operation::query::QueryOutput;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsOutput;
use aws_sdk_dynamodb::operation::update_item::UpdateItemOutput;
use aws_sdk_dynamodb::types::{AttributeValue, ConsumedCapacity};
use genuproof::domain::canonical::Object;
use genuproof::domain::chain::Unsealed;
use genuproof::domain::crypto::{Secret, Signer};
use genuproof::domain::event::EventKind;
use genuproof::domain::ids::{Form as _, ProductId, Ref, VerificationCode};
use genuproof::domain::input::{CreateBrand, ProductDetails, Target};
use genuproof::domain::place::Place;
use genuproof::domain::verdict::Caller;
use genuproof::feed::Feeds;
use genuproof::pipeline;
use genuproof::store::{Happening, Store, Verified};
use genuproof::table::{Brand, Genuproof, Product};
use keyfold::embedded::Engine;
use keyfold::prelude::*;
use keyfold::{Clock, Randomness, SystemRandomness};
use serde_json::{Value, json};

pub const TABLE: &str = "authentik";
pub const ADDRESS: &str = "203.0.113.7";
pub const AGENT: &str = "Mozilla/5.0 (Test)";

pub type Item = HashMap<String, AttributeValue>;

pub struct World {
    pub engine: Engine,
    /// A client that no repository knows of.
    pub client: Client,
    pub store: Store,
    pub requests: Requests,
    pub clock: HandClock,
    pub dice: Dice,
    unsealed: Unsealed,
}

/// A clock that is set by hand.
#[derive(Clone)]
pub struct HandClock(Arc<Mutex<Timestamp>>);

impl HandClock {
    pub fn set(&self, text: &str) {
        *self.0.lock().unwrap() = text.parse().unwrap();
    }

    pub fn advance_ms(&self, ms: i64) {
        let mut now = self.0.lock().unwrap();
        *now = now.plus_ms(ms);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

/// Randomness that first gives what it was told to.
#[derive(Clone, Default)]
pub struct Dice(Arc<Mutex<VecDeque<u128>>>);

impl Dice {
    pub fn next(&self, bytes: &[u8]) {
        let mut block = [0; 16];
        block[..bytes.len()].copy_from_slice(bytes);
        self.0.lock().unwrap().push_back(u128::from_be_bytes(block));
    }
}

impl Randomness for Dice {
    fn bits(&self) -> u128 {
        let told = self.0.lock().unwrap().pop_front();
        told.unwrap_or_else(|| SystemRandomness.bits())
    }
}

/// What was asked of the engine through the store's client, and what it took.
#[derive(Debug, Clone, Default)]
pub struct Requests(Arc<Mutex<BTreeMap<&'static str, (u32, f64)>>>);

impl Requests {
    /// Number and units by operation since the last time.
    pub fn take(&self) -> BTreeMap<&'static str, (u32, f64)> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl Intercept for Requests {
    fn name(&self) -> &'static str {
        "Requests"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let units = |capacity: Option<&ConsumedCapacity>| {
            capacity
                .and_then(ConsumedCapacity::capacity_units)
                .unwrap_or_default()
        };
        let Ok(output) = context.output_or_error() else {
            return Ok(());
        };
        let (name, units) = if let Some(get) = output.downcast_ref::<GetItemOutput>() {
            ("GetItem", units(get.consumed_capacity()))
        } else if let Some(query) = output.downcast_ref::<QueryOutput>() {
            ("Query", units(query.consumed_capacity()))
        } else if let Some(put) = output.downcast_ref::<PutItemOutput>() {
            ("PutItem", units(put.consumed_capacity()))
        } else if let Some(update) = output.downcast_ref::<UpdateItemOutput>() {
            ("UpdateItem", units(update.consumed_capacity()))
        } else if let Some(transact) = output.downcast_ref::<TransactWriteItemsOutput>() {
            let capacities = transact.consumed_capacity();
            (
                "TransactWriteItems",
                capacities
                    .iter()
                    .map(|capacity| units(Some(capacity)))
                    .sum(),
            )
        } else {
            ("other", 0.0)
        };
        let mut requests = self.0.lock().unwrap();
        let (count, sum) = requests.entry(name).or_default();
        *count += 1;
        *sum += units;
        Ok(())
    }
}

pub fn signer() -> Signer {
    Signer::new(Secret::new("genuproof-test-secret").unwrap())
}

pub async fn world() -> World {
    world_on(engine(), Unsealed::Never).await
}

/// In memory; with the faults that `KEYFOLD_FAULTS` names, so that the whole suite can be run as on
/// AWS: `KEYFOLD_FAULTS=aws-like cargo test -p genuproof`.
pub fn engine() -> Engine {
    let faults = std::env::var("KEYFOLD_FAULTS").ok();
    match faults.map(|name| name.parse().unwrap()) {
        Some(faults) => keyfold::embedded::Options::new().faults(faults).memory(),
        None => keyfold::embedded::memory(),
    }
}

pub async fn world_on(engine: Engine, unsealed: Unsealed) -> World {
    let requests = Requests::default();
    let config = engine.config().interceptor(requests.clone()).build();
    let clock = HandClock(Arc::new(Mutex::new(
        "2026-03-01T09:30:00.000Z".parse().unwrap(),
    )));
    let dice = Dice::default();
    let db = Genuproof::builder(Client::from_conf(config))
        .table(TABLE)
        .cursor_secret("0123456789abcdef")
        .clock(clock.clone())
        .randomness(dice.clone())
        .build();
    db.create_table().if_missing().await.unwrap();
    assert_eq!(db.verify().await.unwrap(), []);
    requests.take();
    World {
        engine: engine.clone(),
        client: engine.past_faults().client(),
        store: Store::new(db, signer(), unsealed.clone()),
        unsealed,
        requests,
        clock,
        dice,
    }
}

pub fn details(name: &str, sku: Option<&str>) -> ProductDetails {
    ProductDetails {
        name: name.to_owned(),
        sku: sku.map(str::to_owned),
        category: None,
        description: None,
        image_url: None,
        metadata: Object::new(),
        manufacturing_location: None,
    }
}

pub fn object(value: Value) -> Object {
    match value {
        Value::Object(object) => object,
        other => panic!("{other} is no object"),
    }
}

pub fn happening(kind: EventKind, actor: &str) -> Happening {
    Happening {
        kind,
        actor: actor.to_owned(),
        location: Some("Lyon, France".to_owned()),
        coordinates: None,
        data: object(json!({"note": actor})),
    }
}

pub fn place() -> Place {
    Place {
        country: "FR".to_owned(),
        city: "Lyon".to_owned(),
    }
}

pub fn caller() -> Caller<'static> {
    Caller {
        address: ADDRESS,
        user_agent: Some(AGENT),
    }
}

pub fn code_of(product: &Product) -> Target {
    Target::Code(Ref::Named(
        VerificationCode::parse(product.verification_code.text().unwrap()).unwrap(),
    ))
}

/// What follows from changes, running.
pub struct Watching(Vec<keyfold_stream::Running>);

impl Watching {
    /// Waits until everything that follows from what was written is done.
    pub async fn caught_up(&self) {
        // What the first one writes, the second one reads.
        for pipeline in self.0.iter().chain(&self.0) {
            pipeline.caught_up().await;
        }
    }

    pub async fn stop(self) {
        for pipeline in self.0 {
            assert_eq!(pipeline.status().set_aside, 0);
            pipeline.stop().await;
        }
    }
}

impl World {
    /// Starts what follows from changes.
    pub async fn watch(&self) -> Watching {
        let feeds = Feeds::new(None);
        let mut running = Vec::new();
        for pipeline in [
            pipeline::threats(&self.store, &feeds),
            pipeline::analyst(&self.store, None),
        ] {
            let source = keyfold_stream::Source::embedded(&self.engine);
            running.push(pipeline.start(self.store.table(), source).await.unwrap());
        }
        Watching(running)
    }

    /// Another process, as far as the table can tell.
    pub fn elsewhere(&self) -> Store {
        Store::new(self.store.table().clone(), signer(), self.unsealed.clone())
    }

    pub async fn brand(&self, name: &str) -> Brand {
        let new = self.store.create_brand(CreateBrand {
            name: name.to_owned(),
            domain: "maison.example".to_owned(),
            industry: "fashion".to_owned(),
            logo_url: None,
        });
        new.await.unwrap().brand
    }

    pub async fn product(&self, brand: &Brand, name: &str) -> Product {
        self.store
            .register(brand, details(name, None), false)
            .await
            .unwrap()
    }

    /// A product with three events.
    pub async fn travelled(&self, brand: &Brand, name: &str) -> Product {
        let product = self.product(brand, name).await;
        for (kind, actor) in [
            (EventKind::Shipped, "FedEx"),
            (EventKind::Received, "Boutique"),
        ] {
            self.store
                .append(&product.id, happening(kind, actor))
                .await
                .unwrap();
        }
        product
    }

    pub async fn look(&self, product: &Product) -> Verified {
        let looked = self.store.verify(&code_of(product), caller(), None).await;
        looked.unwrap().unwrap()
    }

    pub async fn scan(&self, product: &Product) -> Verified {
        let scanned = self
            .store
            .verify(&code_of(product), caller(), Some(&place()))
            .await;
        scanned.unwrap().unwrap()
    }

    pub async fn get(&self, pk: &str, sk: &str) -> Option<Item> {
        let get = self
            .client
            .get_item()
            .table_name(TABLE)
            .key("PK", text(pk))
            .key("SK", text(sk));
        get.consistent_read(true).send().await.unwrap().item
    }

    pub async fn put(&self, item: Item) {
        let put = self
            .client
            .put_item()
            .table_name(TABLE)
            .set_item(Some(item));
        put.send().await.unwrap();
    }

    pub async fn delete(&self, item: &Item) {
        let delete = self.client.delete_item().table_name(TABLE);
        delete
            .key("PK", item["PK"].clone())
            .key("SK", item["SK"].clone())
            .send()
            .await
            .unwrap();
    }

    pub async fn meta(&self, product: &ProductId) -> Item {
        self.get(&format!("PRODUCT#{product}"), "META")
            .await
            .unwrap()
    }

    /// The items of a partition whose sort keys begin so, in order.
    pub async fn items(&self, pk: &str, prefix: &str) -> Vec<Item> {
        let mut items = Vec::new();
        let mut start = None;
        loop {
            let page = self
                .client
                .query()
                .table_name(TABLE)
                .key_condition_expression("PK = :pk AND begins_with(SK, :sk)")
                .expression_attribute_values(":pk", text(pk))
                .expression_attribute_values(":sk", text(prefix))
                .set_exclusive_start_key(start)
                .send()
                .await
                .unwrap();
            items.extend(page.items.unwrap_or_default());
            start = page.last_evaluated_key;
            if start.is_none() {
                return items;
            }
        }
    }

    pub async fn events(&self, product: &ProductId) -> Vec<Item> {
        self.items(&format!("PRODUCT#{product}"), "EVENT#").await
    }

    /// Every item of the table, by its key.
    pub async fn everything(&self) -> BTreeMap<String, Item> {
        let mut items = BTreeMap::new();
        let mut start = None;
        loop {
            let scan = self
                .client
                .scan()
                .table_name(TABLE)
                .set_exclusive_start_key(start);
            let page = scan.send().await.unwrap();
            for item in page.items.unwrap_or_default() {
                let key = format!(
                    "{} {}",
                    item["PK"].as_s().unwrap(),
                    item["SK"].as_s().unwrap()
                );
                items.insert(key, item);
            }
            start = page.last_evaluated_key;
            if start.is_none() {
                return items;
            }
        }
    }
}

pub fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

pub fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// An item with its types, as the wire has it.
pub fn typed(item: &Item) -> Value {
    item.iter()
        .map(|(name, value)| (name.clone(), typed_value(value)))
        .collect()
}

fn typed_value(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) => json!({"S": text}),
        AttributeValue::N(number) => json!({"N": number}),
        AttributeValue::Bool(bool) => json!({"BOOL": bool}),
        AttributeValue::Null(_) => json!({"NULL": true}),
        AttributeValue::L(values) => {
            json!({"L": values.iter().map(typed_value).collect::<Vec<_>>()})
        }
        AttributeValue::M(members) => json!({"M": typed(members)}),
        other => panic!("{other:?} is nothing this program writes"),
    }
}

/// An attribute from plain JSON.
pub fn attribute(value: &Value) -> AttributeValue {
    match value {
        Value::Null => AttributeValue::Null(true),
        Value::Bool(bool) => AttributeValue::Bool(*bool),
        Value::Number(number) => AttributeValue::N(number.to_string()),
        Value::String(text) => AttributeValue::S(text.clone()),
        Value::Array(values) => AttributeValue::L(values.iter().map(attribute).collect()),
        Value::Object(members) => AttributeValue::M(item_of(members)),
    }
}

/// An item from plain JSON.
pub fn item_of(members: &Object) -> Item {
    members
        .iter()
        .map(|(name, value)| (name.clone(), attribute(value)))
        .collect()
}

/// The number of an attribute.
pub fn count_in(item: &Item, attribute: &str) -> u64 {
    item[attribute].as_n().unwrap().parse().unwrap()
}
