//! Where a case runs: an engine, clients of it, and a table of the case's own.

use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::OnceLock;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, GlobalSecondaryIndex, KeySchemaElement,
    KeyType, LocalSecondaryIndex, Projection, ProjectionType, ScalarAttributeType,
    StreamSpecification, StreamViewType, TableStatus,
};
use keyfold_embedded::Engine as Embedded;

use crate::local::Local;

pub type Item = HashMap<String, AttributeValue>;

/// A global index of `status` and `sk`, with all attributes.
pub const BY_STATUS: &str = "by-status";
/// A global index of `region`, with the keys only.
pub const BY_REGION: &str = "by-region";
/// A local index of `amount`, with all attributes.
pub const BY_AMOUNT: &str = "by-amount";

/// Whose behaviour a difference is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Embedded,
    DynamoDbLocal,
    Aws,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Memory,
    Disk,
    DynamoDbLocal,
    Aws,
}

impl Place {
    pub const ALL: [Self; 4] = [Self::Memory, Self::Disk, Self::DynamoDbLocal, Self::Aws];

    pub fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Disk => "disk",
            Self::DynamoDbLocal => "dynamodb_local",
            Self::Aws => "aws",
        }
    }

    fn engine(self) -> Engine {
        match self {
            Self::Memory | Self::Disk => Engine::Embedded,
            Self::DynamoDbLocal => Engine::DynamoDbLocal,
            Self::Aws => Engine::Aws,
        }
    }
}

/// What has been started for the cases, each at its first.
#[derive(Default)]
pub struct Places {
    memory: OnceLock<Embedded>,
    disk: OnceLock<(Embedded, tempfile::TempDir)>,
    local: OnceLock<Local>,
}

type StreamsClient = aws_sdk_dynamodbstreams::Client;

impl Places {
    fn clients(&self, place: Place) -> (Client, StreamsClient) {
        match place {
            Place::Memory => {
                let engine = self.memory.get_or_init(keyfold_embedded::memory);
                (engine.client(), engine.streams_client())
            }
            Place::Disk => {
                let (engine, _) = self.disk.get_or_init(|| {
                    let folder = tempfile::tempdir().unwrap();
                    (keyfold_embedded::open(folder.path()).unwrap(), folder)
                });
                (engine.client(), engine.streams_client())
            }
            Place::DynamoDbLocal => {
                let endpoint = self.local.get_or_init(Local::start).endpoint();
                // It keeps tables apart by key and region, and the key has letters only.
                let anyone = Credentials::new("anyone", "anything", None, None, "contract");
                over_http("eu-central-1", anyone, Some(endpoint))
            }
            Place::Aws => {
                let setting = |name| std::env::var(name).ok();
                let credentials = Credentials::new(
                    setting("AWS_ACCESS_KEY_ID").unwrap(),
                    setting("AWS_SECRET_ACCESS_KEY").unwrap(),
                    setting("AWS_SESSION_TOKEN"),
                    None,
                    "environment",
                );
                over_http(&setting("AWS_REGION").unwrap(), credentials, None)
            }
        }
    }
}

/// Why the cases cannot be run on AWS.
pub fn aws_missing() -> Option<String> {
    if !cfg!(feature = "aws-tests") {
        return Some("that is on demand: --features aws-tests".to_owned());
    }
    let needed = ["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
    let missing = needed.into_iter().find(|name| std::env::var(name).is_err());
    missing.map(|name| format!("{name} is not set"))
}

fn over_http(
    region: &str,
    credentials: Credentials,
    endpoint: Option<String>,
) -> (Client, StreamsClient) {
    let http = aws_smithy_http_client::Builder::new();
    #[cfg(feature = "aws-tests")]
    let http = {
        use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
        http.tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build_https()
    };
    #[cfg(not(feature = "aws-tests"))]
    let http = http.build_http();
    let region = Region::new(region.to_owned());
    let mut config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(region.clone())
        .credentials_provider(credentials.clone())
        .http_client(http.clone());
    let mut streams = aws_sdk_dynamodbstreams::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(region)
        .credentials_provider(credentials)
        .http_client(http);
    config.set_endpoint_url(endpoint.clone());
    streams.set_endpoint_url(endpoint);
    (
        Client::from_conf(config.build()),
        StreamsClient::from_conf(streams.build()),
    )
}

pub struct On {
    engine: Engine,
    pub client: Client,
    pub streams: StreamsClient,
    pub table: String,
}

impl On {
    pub async fn new(places: &Places, place: Place, case: &str) -> Self {
        let (client, streams) = places.clients(place);
        let on = Self {
            engine: place.engine(),
            client,
            streams,
            table: format!(
                "contract-{}-{}",
                std::process::id(),
                case.replace("::", ".").replace('_', "-")
            ),
        };
        on.create_table().await;
        on
    }

    /// Leaves nothing behind that costs.
    pub async fn done(&self) {
        let delete = self.client.delete_table().table_name(&self.table);
        delete.send().await.unwrap();
    }

    /// What AWS documents, to be compared with what is.
    pub fn documented<T: PartialEq + Debug>(&self, aws: T) -> Documented<T> {
        Documented::on(self.engine, aws)
    }

    pub async fn put(&self, item: Item) {
        let put = self.client.put_item().table_name(&self.table);
        put.set_item(Some(item)).send().await.unwrap();
    }

    pub async fn get(&self, pk: &str, sk: &str) -> Option<Item> {
        let get = self.client.get_item().table_name(&self.table);
        let get = get.set_key(Some(key(pk, sk))).consistent_read(true);
        get.send().await.unwrap().item
    }

    /// Asks again until the answer is `expected`: global indexes are a moment behind.
    pub async fn eventually<T: PartialEq + Debug>(&self, expected: T, ask: impl AsyncFn() -> T) {
        let tries = if self.engine == Engine::Aws { 100 } else { 1 };
        for _ in 1..tries {
            if ask().await == expected {
                return;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        assert_eq!(ask().await, expected);
    }

    /// Of `pk` and `sk`, with two global indexes, a local one, and a stream of both images. Items
    /// are in an index if they have its attribute.
    async fn create_table(&self) {
        use ScalarAttributeType::{N, S};

        let keys_only = Projection::builder()
            .projection_type(ProjectionType::KeysOnly)
            .build();
        let all = Projection::builder()
            .projection_type(ProjectionType::All)
            .build();
        let global = |name: &str, keys: Vec<KeySchemaElement>, projection: &Projection| {
            let index = GlobalSecondaryIndex::builder().index_name(name);
            let index = index.set_key_schema(Some(keys));
            index.projection(projection.clone()).build().unwrap()
        };
        let attributes = [
            ("pk", S),
            ("sk", S),
            ("status", S),
            ("region", S),
            ("amount", N),
        ];
        let attributes = attributes.map(|(name, kind)| {
            let attribute = AttributeDefinition::builder().attribute_name(name);
            attribute.attribute_type(kind).build().unwrap()
        });
        let local = LocalSecondaryIndex::builder()
            .index_name(BY_AMOUNT)
            .set_key_schema(Some(key_schema("pk", Some("amount"))))
            .projection(all.clone())
            .build()
            .unwrap();
        let stream = StreamSpecification::builder()
            .stream_enabled(true)
            .stream_view_type(StreamViewType::NewAndOldImages)
            .build()
            .unwrap();
        self.client
            .create_table()
            .table_name(&self.table)
            .billing_mode(BillingMode::PayPerRequest)
            .set_attribute_definitions(Some(attributes.into()))
            .set_key_schema(Some(key_schema("pk", Some("sk"))))
            .global_secondary_indexes(global(BY_STATUS, key_schema("status", Some("sk")), &all))
            .global_secondary_indexes(global(BY_REGION, key_schema("region", None), &keys_only))
            .local_secondary_indexes(local)
            .stream_specification(stream)
            .send()
            .await
            .unwrap();
        loop {
            let described = self.client.describe_table().table_name(&self.table);
            let table = described.send().await.unwrap().table.unwrap();
            if table.table_status == Some(TableStatus::Active) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

/// AWS's documented answer, and those of engines that are known to differ from it.
pub struct Documented<T> {
    engine: Engine,
    aws: T,
    theirs: Option<T>,
}

impl<T: PartialEq + Debug> Documented<T> {
    pub fn on(engine: Engine, aws: T) -> Self {
        Self {
            engine,
            aws,
            theirs: None,
        }
    }

    /// States that `engine` answers `theirs` instead, in the words of `docs/guide/differences.md`.
    pub fn differs(mut self, engine: Engine, what: &str, theirs: T) -> Self {
        assert_ne!(self.aws, theirs, "no difference: {what}");
        assert!(engine != Engine::Aws, "AWS is right: {what}");
        if engine == self.engine {
            self.theirs = Some(theirs);
        }
        self
    }

    pub fn is(self, actual: &T) {
        if let Err(wrong) = self.compare(actual) {
            panic!("{wrong}");
        }
    }

    pub fn compare(self, actual: &T) -> Result<(), String> {
        let (engine, aws) = (self.engine, self.aws);
        match self.theirs {
            None if *actual == aws => Ok(()),
            None => Err(format!(
                "{engine:?} gives {actual:?}, documented is {aws:?}"
            )),
            Some(_) if *actual == aws => Err(format!(
                "{engine:?} does as documented now: take the difference out of the case and the list"
            )),
            Some(theirs) if *actual == theirs => Ok(()),
            Some(theirs) => Err(format!(
                "{engine:?} differs otherwise than stated: it gives {actual:?}, not {theirs:?}; documented is {aws:?}"
            )),
        }
    }
}

fn key_schema(partition: &str, sort: Option<&str>) -> Vec<KeySchemaElement> {
    let keys = [(Some(partition), KeyType::Hash), (sort, KeyType::Range)];
    let keys = keys.into_iter().filter_map(|(name, kind)| {
        let key = KeySchemaElement::builder().attribute_name(name?);
        Some(key.key_type(kind).build().unwrap())
    });
    keys.collect()
}

pub fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

#[expect(clippy::needless_pass_by_value, reason = "`n(1)` reads as it is meant")]
pub fn n(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

pub fn key(pk: &str, sk: &str) -> Item {
    item(pk, sk, [])
}

pub fn item<const N: usize>(pk: &str, sk: &str, others: [(&str, AttributeValue); N]) -> Item {
    let keys = [("pk", s(pk)), ("sk", s(sk))];
    let all = keys.into_iter().chain(others);
    all.map(|(name, value)| (name.to_owned(), value)).collect()
}

/// An item of so many bytes, as `DynamoDB` counts them: names and values, in UTF-8.
pub fn sized(pk: &str, sk: &str, bytes: usize) -> Item {
    let others = "pk".len() + pk.len() + "sk".len() + sk.len() + "padding".len();
    item(pk, sk, [("padding", s(&"x".repeat(bytes - others)))])
}

/// `ok`, or the code of the error.
pub fn outcome<T, E: ProvideErrorMetadata, R>(result: &Result<T, SdkError<E, R>>) -> &str {
    match result {
        Ok(_) => "ok",
        Err(error) => error.code().unwrap_or("no answer"),
    }
}

/// The values of one attribute, in the order of the items.
pub fn texts(items: &[Item], name: &str) -> Vec<String> {
    let value = |item: &Item| match &item[name] {
        AttributeValue::S(value) | AttributeValue::N(value) => value.clone(),
        other => panic!("{name} is {other:?}"),
    };
    items.iter().map(value).collect()
}
