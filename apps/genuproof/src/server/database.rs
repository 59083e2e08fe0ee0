//! The way from settings to a client: the embedded engine, an endpoint, or AWS.

use std::path::Path;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use keyfold::embedded::{Engine, OpenError, Options};
use keyfold_stream::Source;

use crate::settings::{Endpoint, Storage};

/// Where the table is reached.
#[derive(Debug)]
pub struct Database {
    /// What reaches it.
    pub client: Client,
    /// Its stream.
    pub source: Source,
    /// The embedded engine, when it is one.
    pub engine: Option<Engine>,
}

/// The table cannot be reached.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DatabaseError {
    /// The data folder cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// This program was built without what AWS needs.
    #[error(
        "{what} needs TLS, and this program was built without it\nhint: build it with the feature `aws`: cargo run --release -p genuproof --features aws -- …"
    )]
    NoTls {
        /// The flag or URL.
        what: String,
    },
}

/// Opens what the settings name; an embedded engine with these options.
///
/// # Errors
/// [`DatabaseError`] says why the engine cannot be opened, or what this program was built without.
pub async fn open(storage: &Storage, embedded_with: Options) -> Result<Database, DatabaseError> {
    let embedded = |engine: Engine| Database {
        client: engine.client(),
        source: Source::embedded(&engine),
        engine: Some(engine),
    };
    match storage {
        Storage::Memory => Ok(embedded(embedded_with.memory())),
        Storage::Folder(folder) => Ok(embedded(embedded_with.open(folder)?)),
        Storage::Engine { engine, .. } => Ok(embedded(engine.clone())),
        Storage::Endpoint(endpoint) => at(endpoint),
        Storage::Aws => aws().await,
    }
}

/// The folder in which things are kept beside the embedded data.
pub(super) fn folder(storage: &Storage) -> Option<&Path> {
    match storage {
        Storage::Folder(folder) => Some(folder),
        Storage::Engine { folder, .. } => folder.as_deref(),
        Storage::Memory | Storage::Endpoint(_) | Storage::Aws => None,
    }
}

fn at(endpoint: &Endpoint) -> Result<Database, DatabaseError> {
    let is_plain = endpoint.url.to_ascii_lowercase().starts_with("http://");
    let http = if is_plain {
        aws_smithy_http_client::Builder::new().build_http()
    } else {
        tls_client().ok_or_else(|| DatabaseError::NoTls {
            what: endpoint.url.clone(),
        })?
    };
    // Local endpoints check no credentials, but a request is always signed with some.
    let (id, secret, token) = endpoint
        .credentials
        .clone()
        .unwrap_or_else(|| ("local".to_owned(), "local".to_owned(), None));
    let credentials = Credentials::new(id, secret, token, None, "environment");
    let region = Region::new(endpoint.region.clone());
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(&endpoint.url)
        .region(region.clone())
        .credentials_provider(credentials.clone())
        .http_client(http.clone());
    // Whoever stands in for the table at an endpoint stands in for its stream too.
    let streams = aws_sdk_dynamodbstreams::Config::builder()
        .behavior_version(aws_sdk_dynamodbstreams::config::BehaviorVersion::latest())
        .endpoint_url(&endpoint.url)
        .region(region)
        .credentials_provider(credentials)
        .http_client(http);
    let streams = aws_sdk_dynamodbstreams::Client::from_conf(streams.build());
    Ok(Database {
        client: Client::from_conf(config.build()),
        source: Source::dynamodb(streams),
        engine: None,
    })
}

#[cfg(feature = "aws")]
fn tls_client() -> Option<aws_sdk_dynamodb::config::SharedHttpClient> {
    use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
    Some(
        aws_smithy_http_client::Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build_https(),
    )
}

#[cfg(not(feature = "aws"))]
fn tls_client() -> Option<aws_sdk_dynamodb::config::SharedHttpClient> {
    None
}

#[cfg(feature = "aws")]
async fn aws() -> Result<Database, DatabaseError> {
    let mut loader = aws_config::defaults(BehaviorVersion::latest()).region(
        aws_config::meta::region::RegionProviderChain::default_provider().or_else("us-east-1"),
    );
    if let Some(http) = tls_client() {
        loader = loader.http_client(http);
    }
    let config = loader.load().await;
    Ok(Database {
        client: Client::new(&config),
        source: Source::dynamodb(aws_sdk_dynamodbstreams::Client::new(&config)),
        engine: None,
    })
}

#[cfg(not(feature = "aws"))]
#[expect(
    clippy::unused_async,
    reason = "with the feature `aws` it waits for AWS's settings"
)]
async fn aws() -> Result<Database, DatabaseError> {
    Err(DatabaseError::NoTls {
        what: "--aws".to_owned(),
    })
}
