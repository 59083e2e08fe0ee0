//! Where a table is: a data folder, an endpoint, or AWS.

use std::path::{Path, PathBuf};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::types::{ScalarAttributeType, TableDescription};
use clap::Args;
use genuproof::server::{Database, DatabaseError};
use genuproof::settings::{Endpoint, Storage};
use keyfold_embedded::OpenError;
use keyfold_stream::Source;

use super::error::OperateError;
use crate::failure::Failed;

/// Where the table is; without a flag, the embedded engine's folder `.keyfold`.
#[derive(Debug, Args)]
pub struct PlaceArgs {
    /// The embedded engine's data folder [default: .keyfold]; while `keyfold up` holds it, its endpoint is used.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// A DynamoDB endpoint [env: `AWS_ENDPOINT_URL_DYNAMODB`]; credentials and region as in `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`.
    #[arg(long, value_name = "URL", conflicts_with = "data")]
    pub endpoint: Option<String>,
    /// AWS, with the account that AWS's own variables and files name.
    #[arg(long, conflicts_with_all = ["data", "endpoint"])]
    pub aws: bool,
}

/// A place that was reached.
#[derive(Debug, Clone)]
pub struct Place {
    /// The way there.
    pub client: Client,
    /// And to its streams.
    pub source: Source,
    /// Whether this process holds the data, so that no other works on it.
    pub is_ours: bool,
    /// Which it is, the same in every run.
    pub id: String,
    /// The same for people, behind "there is no table": `in the folder data`.
    pub text: String,
}

/// A table as it is.
#[derive(Debug, Clone)]
pub struct Described {
    /// Partition key, and sort key if it has one.
    pub keys: Vec<(String, ScalarAttributeType)>,
    /// As of some hours ago, on AWS.
    pub items: u64,
    /// Likewise.
    pub bytes: u64,
    /// Its name in the account.
    pub arn: String,
    /// Its identity.
    pub id: String,
}

// Work of hours is not given up for a busy minute.
const ATTEMPTS: u32 = 10;

impl PlaceArgs {
    /// The place these flags name.
    pub fn storage(&self) -> Result<Storage, Failed> {
        let get = |name: &str| {
            std::env::var(name)
                .ok()
                .filter(|value| !value.trim().is_empty())
        };
        Storage::chosen(
            self.data.as_deref(),
            self.endpoint.as_deref(),
            self.aws,
            &get,
        )
        .map_err(Failed::wrong_use)
    }

    /// Goes to a place that is there.
    pub async fn reach(&self) -> Result<Place, Failed> {
        existing(self.storage()?).await
    }
}

/// Whether the embedded engine has data in `dir`.
pub fn has_data(dir: &Path) -> bool {
    dir.join("engine.sqlite").is_file()
}

/// Goes to a place that is there; a folder without data is not made into one with some.
pub async fn existing(storage: Storage) -> Result<Place, Failed> {
    match &storage {
        Storage::Folder(dir) if !has_data(dir) => {
            Err(OperateError::NoData { dir: dir.clone() }.into())
        }
        _ => reach(storage).await,
    }
}

/// Goes to a place; a folder is made where it is missing.
pub async fn reach(storage: Storage) -> Result<Place, Failed> {
    let opened = match genuproof::server::open(&storage, keyfold_embedded::Options::new()).await {
        // Whoever holds the folder serves it.
        Err(DatabaseError::Open(OpenError::Held { dir, holder })) => {
            let Some(url) = holder.endpoint.clone() else {
                return Err(Failed::not_finished(OpenError::Held { dir, holder }));
            };
            let endpoint = Endpoint {
                url,
                region: "us-east-1".to_owned(),
                credentials: None,
            };
            genuproof::server::open(
                &Storage::Endpoint(endpoint),
                keyfold_embedded::Options::new(),
            )
            .await
        }
        opened => opened,
    };
    let Database {
        client,
        source,
        engine,
    } = opened.map_err(Failed::not_finished)?;
    let retries = RetryConfig::standard().with_max_attempts(ATTEMPTS);
    let client = Client::from_conf(client.config().to_builder().retry_config(retries).build());
    let (id, text) = named(&storage, &client);
    Ok(Place {
        client,
        source,
        is_ours: engine.is_some(),
        id,
        text,
    })
}

fn named(storage: &Storage, client: &Client) -> (String, String) {
    match storage {
        Storage::Folder(dir) => {
            let whole = dir.canonicalize().unwrap_or_else(|_| dir.clone());
            (
                format!("folder {}", whole.display()),
                format!("in the folder {}", dir.display()),
            )
        }
        Storage::Endpoint(endpoint) => {
            let url = endpoint.url.trim_end_matches('/');
            (format!("endpoint {url}"), format!("at {url}"))
        }
        Storage::Aws => {
            let region = client
                .config()
                .region()
                .map_or("", |region| region.as_ref());
            (format!("aws {region}"), format!("on AWS in {region}"))
        }
        Storage::Memory | Storage::Engine { .. } => ("memory".to_owned(), "in memory".to_owned()),
    }
}

impl Place {
    /// What is known about a table that must be there.
    pub async fn describe(&self, table: &str) -> Result<Described, OperateError> {
        let answer = self.client.describe_table().table_name(table).send().await;
        let answer = answer
            .map_err(|error| OperateError::request("DescribeTable", table, &self.text, error))?;
        let described = answer
            .table
            .unwrap_or_else(|| TableDescription::builder().build());
        let mut schema: Vec<_> = described.key_schema().iter().collect();
        schema.sort_by_key(|part| *part.key_type() != aws_sdk_dynamodb::types::KeyType::Hash);
        let kind = |name: &str| {
            let mut all = described.attribute_definitions().iter();
            all.find(|definition| definition.attribute_name() == name)
                .map_or(ScalarAttributeType::S, |found| {
                    found.attribute_type().clone()
                })
        };
        let count = |number: Option<i64>| number.and_then(|n| u64::try_from(n).ok()).unwrap_or(0);
        Ok(Described {
            keys: schema
                .iter()
                .map(|part| {
                    (
                        part.attribute_name().to_owned(),
                        kind(part.attribute_name()),
                    )
                })
                .collect(),
            items: count(described.item_count()),
            bytes: count(described.table_size_bytes()),
            arn: described.table_arn().unwrap_or_default().to_owned(),
            id: described.table_id().unwrap_or_default().to_owned(),
        })
    }
}

impl Described {
    /// `PK S, SK S`.
    pub fn keys_text(&self) -> String {
        let key = |(name, kind): &(String, ScalarAttributeType)| format!("{name} {kind}");
        self.keys.iter().map(key).collect::<Vec<_>>().join(", ")
    }
}
