//! The engine where the SDK expects an HTTP client.

use aws_sdk_dynamodb::config::endpoint::Endpoint;
use aws_sdk_dynamodb::config::{
    BehaviorVersion, ConfigBag, Region, RuntimeComponents, StalledStreamProtectionConfig,
};
use aws_smithy_runtime_api::client::auth::{
    AuthSchemeId, AuthSchemeOption, AuthSchemeOptionsFuture,
};
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::endpoint::EndpointFuture;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;

use crate::Engine;
use crate::faults::{RequestName, TakeName};
use crate::wire::Payload;

/// The name the engine's own ARNs carry too.
const REGION: &str = "keyfold-embedded";
/// Never resolved: nothing leaves the process.
const URL: &str = "http://embedded.keyfold.invalid";
const NO_AUTH: AuthSchemeId = AuthSchemeId::new("noAuth");

impl Engine {
    /// An ordinary SDK client on this engine: in process, without credentials or signatures.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let client = keyfold_embedded::memory().client();
    /// let tables = client.list_tables().send().await?;
    /// assert!(tables.table_names().is_empty());
    /// # Ok(()) }
    /// ```
    pub fn client(&self) -> aws_sdk_dynamodb::Client {
        aws_sdk_dynamodb::Client::from_conf(self.config().build())
    }

    /// An ordinary client for the streams of this engine's tables.
    pub fn streams_client(&self) -> aws_sdk_dynamodbstreams::Client {
        aws_sdk_dynamodbstreams::Client::from_conf(self.streams_config().build())
    }

    /// What [`client`](Self::client) is built from, for those who add interceptors, retries or
    /// time-outs of their own.
    pub fn config(&self) -> aws_sdk_dynamodb::config::Builder {
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static(REGION))
            .endpoint_resolver(InProcess::new())
            .auth_scheme_resolver(InProcess::new())
            .stalled_stream_protection(no_network())
            .http_client(self.http_client());
        if self.has_faults() {
            config.interceptor(TakeName)
        } else {
            config
        }
    }

    /// What [`streams_client`](Self::streams_client) is built from.
    pub fn streams_config(&self) -> aws_sdk_dynamodbstreams::config::Builder {
        aws_sdk_dynamodbstreams::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static(REGION))
            .endpoint_resolver(InProcess::new())
            .auth_scheme_resolver(InProcess::new())
            .stalled_stream_protection(no_network())
            .http_client(self.http_client())
    }

    /// The engine as the SDK's HTTP client alone, to be put into any configuration: it answers
    /// whatever the URL, and ignores signatures.
    pub fn http_client(&self) -> SharedHttpClient {
        SharedHttpClient::new(Connector {
            connector: SharedHttpConnector::new(self.clone()),
        })
    }
}

/// No stream stalls where there is none: on a busy machine the SDK would take a late answer for one.
fn no_network() -> StalledStreamProtectionConfig {
    StalledStreamProtectionConfig::disabled()
}

impl HttpConnector for Engine {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let engine = self.clone();
        HttpConnectorFuture::new(async move {
            let target = request.headers().get("x-amz-target").unwrap_or_default();
            let target = target.to_owned();
            let name = request.extension::<RequestName>().copied();
            let reply = engine
                .call_in_process(&target, Payload::Sdk(request.into_body()), name)
                .await;
            if reply.lost {
                return Err(ConnectorError::timeout(
                    "the answer was lost: a fault".into(),
                ));
            }
            let status = StatusCode::try_from(reply.status)
                .map_err(|invalid| ConnectorError::other(invalid.into(), None))?;
            Ok(HttpResponse::new(status, SdkBody::from(reply.body)))
        })
    }
}

#[derive(Debug)]
struct Connector {
    connector: SharedHttpConnector,
}

impl HttpClient for Connector {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        self.connector.clone()
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        Some(ConnectorMetadata::new("keyfold-embedded", None))
    }
}

/// One endpoint, found without the SDK's rules, and no authentication.
#[derive(Debug)]
struct InProcess {
    endpoint: Endpoint,
    no_auth: AuthSchemeOption,
}

impl InProcess {
    fn new() -> Self {
        Self {
            endpoint: Endpoint::builder().url(URL).build(),
            no_auth: AuthSchemeOption::from(NO_AUTH),
        }
    }

    fn endpoint(&self) -> EndpointFuture<'_> {
        EndpointFuture::ready(Ok(self.endpoint.clone()))
    }

    fn auth(&self) -> AuthSchemeOptionsFuture<'_> {
        AuthSchemeOptionsFuture::ready(Ok(vec![self.no_auth.clone()]))
    }
}

impl aws_sdk_dynamodb::config::endpoint::ResolveEndpoint for InProcess {
    fn resolve_endpoint<'a>(
        &'a self,
        _: &'a aws_sdk_dynamodb::config::endpoint::Params,
    ) -> EndpointFuture<'a> {
        self.endpoint()
    }
}

impl aws_sdk_dynamodbstreams::config::endpoint::ResolveEndpoint for InProcess {
    fn resolve_endpoint<'a>(
        &'a self,
        _: &'a aws_sdk_dynamodbstreams::config::endpoint::Params,
    ) -> EndpointFuture<'a> {
        self.endpoint()
    }
}

impl aws_sdk_dynamodb::config::auth::ResolveAuthScheme for InProcess {
    fn resolve_auth_scheme<'a>(
        &'a self,
        _: &'a aws_sdk_dynamodb::config::auth::Params,
        _: &'a ConfigBag,
        _: &'a RuntimeComponents,
    ) -> AuthSchemeOptionsFuture<'a> {
        self.auth()
    }
}

impl aws_sdk_dynamodbstreams::config::auth::ResolveAuthScheme for InProcess {
    fn resolve_auth_scheme<'a>(
        &'a self,
        _: &'a aws_sdk_dynamodbstreams::config::auth::Params,
        _: &'a ConfigBag,
        _: &'a RuntimeComponents,
    ) -> AuthSchemeOptionsFuture<'a> {
        self.auth()
    }
}
