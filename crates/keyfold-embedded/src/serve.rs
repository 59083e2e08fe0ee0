//! A `DynamoDB` endpoint over HTTP, for programs in other languages and for tools.

use std::net::SocketAddr;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::Engine;
use crate::wire::Payload;

/// A request of `DynamoDB` is at most 16 MB of items; as JSON they are longer, binary by a third.
const BODY_BYTES_MOST: usize = 32 * 1024 * 1024;
const CONTENT_TYPE: &str = "application/x-amz-json-1.0";

/// Why an endpoint could not be served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The address cannot be listened at.
    #[error(
        "KF5006: cannot listen at {address}: {source}. hint: choose another port, or stop what listens there"
    )]
    Listen {
        /// The address asked for.
        address: String,
        /// What the system said.
        source: std::io::Error,
    },
}

/// An endpoint that is being served, until stopped or dropped.
#[derive(Debug)]
pub struct Served {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Engine {
    /// Serves `DynamoDB` and `DynamoDB` Streams over HTTP at `address`; port 0 takes a free one. Any
    /// credentials are accepted, none are checked: whoever reaches the address may do everything,
    /// so let it be `127.0.0.1` unless the network is trusted.
    ///
    /// A request goes the way of those in process. While it is served, the folder's lock file names
    /// the endpoint.
    ///
    /// # Errors
    /// When the address is taken or not ours.
    pub async fn serve(&self, address: &str) -> Result<Served, ServeError> {
        let listening = async {
            let listener = TcpListener::bind(address).await?;
            let bound = listener.local_addr()?;
            Ok((listener, bound))
        };
        let (listener, bound) = listening.await.map_err(|source| ServeError::Listen {
            address: address.to_owned(),
            source,
        })?;
        Ok(self.serve_bound(listener, bound))
    }

    /// The same at a listener that exists already.
    ///
    /// # Errors
    /// When the listener has no address.
    pub fn serve_on(&self, listener: TcpListener) -> Result<Served, ServeError> {
        let bound = listener.local_addr().map_err(|source| ServeError::Listen {
            address: "a listener".to_owned(),
            source,
        })?;
        Ok(self.serve_bound(listener, bound))
    }

    fn serve_bound(&self, listener: TcpListener, address: SocketAddr) -> Served {
        let router = Router::new()
            .route("/", get(healthy).post(answer))
            .layer(DefaultBodyLimit::max(BODY_BYTES_MOST))
            .with_state(self.clone());
        let (stop, mut stopped) = watch::channel(false);
        self.announce(Some(endpoint(address)));
        let engine = self.clone();
        let task = tokio::spawn(async move {
            let told = async move {
                // An error is a dropped `Served`: told as well.
                let _ = stopped.wait_for(|stop| *stop).await;
            };
            let serving = axum::serve(listener, router).with_graceful_shutdown(told);
            if let Err(error) = serving.await {
                tracing::error!(%error, "the DynamoDB endpoint ended");
            }
            engine.announce(None);
        });
        Served {
            address,
            stop,
            task,
        }
    }
}

impl Served {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What a client's `endpoint_url` is set to.
    pub fn endpoint(&self) -> String {
        endpoint(self.address)
    }

    /// Takes no more requests and waits for those that are running. A client that never finishes
    /// sending one holds this up: whoever must end by a certain time bounds it with a time-out.
    pub async fn stop(self) {
        let Self { stop, task, .. } = self;
        stop.send_replace(true);
        // It is never cancelled, and what it panics with is on standard error already.
        let _ = task.await;
    }
}

fn endpoint(address: SocketAddr) -> String {
    // A client connects to a host, and 0.0.0.0 is none.
    let ip = match address.ip() {
        ip if !ip.is_unspecified() => ip,
        std::net::IpAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
        std::net::IpAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
    };
    format!("http://{}", SocketAddr::new(ip, address.port()))
}

async fn healthy() -> &'static str {
    "healthy: dynamodb"
}

async fn answer(State(engine): State<Engine>, headers: HeaderMap, body: Bytes) -> Response {
    // A page of another site cannot send this header without asking first, and we do not answer
    // such questions: no CORS.
    let target = headers
        .get("x-amz-target")
        .and_then(|target| target.to_str().ok())
        .unwrap_or_default();
    let reply = engine.call(target, Payload::Bytes(body)).await;
    let mut response = Response::new(Body::from(reply.body));
    *response.status_mut() =
        StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
    response
}
