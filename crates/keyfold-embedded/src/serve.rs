//! A `DynamoDB` endpoint over HTTP, for programs in other languages and for tools.

use std::hash::{BuildHasher as _, RandomState};
use std::net::SocketAddr;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::serve::ListenerExt as _;
use http_body_util::BodyExt as _;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::Engine;
use crate::wire::{Payload, Reply};

/// A request of `DynamoDB` is at most 16 MB of items; as JSON they are longer, binary by a third.
const BODY_BYTES_MOST: usize = 32 * 1024 * 1024;
/// What is read of a larger one before the connection is closed on it.
const BODY_BYTES_DISCARDED_MOST: usize = 4 * BODY_BYTES_MOST;
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
        let router = Router::new().fallback(answer).with_state(self.clone());
        // An answer is written at once and waited for: nothing to gather it with.
        let listener = listener.tap_io(|socket| {
            if let Err(error) = socket.set_nodelay(true) {
                tracing::debug!(%error, "a connection without TCP_NODELAY");
            }
        });
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

/// `DynamoDB` looks at the method and the headers, not at the path.
async fn answer(State(engine): State<Engine>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    if head.method == Method::GET {
        return "healthy: dynamodb".into_response();
    }
    // A page of another site cannot send this header without asking first, and we do not answer
    // such questions: no CORS.
    let target = head
        .headers
        .get("x-amz-target")
        .and_then(|target| target.to_str().ok())
        .unwrap_or_default();
    let reply = match whole(body).await {
        Ok(body) => engine.call(target, Payload::Bytes(body)).await,
        Err(refused) => refused,
    };
    respond(reply)
}

/// With the headers that AWS's clients look at: the checksum of the body as it is sent, and an id
/// for people who compare logs.
fn respond(reply: Reply) -> Response {
    let checksum = crc32fast::hash(&reply.body);
    let mut response = Response::new(Body::from(reply.body));
    *response.status_mut() =
        StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
    headers.insert("x-amz-crc32", HeaderValue::from(checksum));
    if let Ok(id) = HeaderValue::from_str(&request_id()) {
        headers.insert("x-amzn-requestid", id);
    }
    response
}

/// Reads the body. Of one that is too large the rest is still taken and thrown away, within
/// bounds: a client that is writing does not read, and closing on it would lose the answer.
async fn whole(mut body: Body) -> Result<Bytes, Reply> {
    let mut whole = Vec::new();
    let mut length = 0_usize;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| {
            let message = format!("the request did not arrive whole: {error}");
            Reply::refused("com.amazon.coral.service#SerializationException", &message)
        })?;
        // Trailers carry nothing that DynamoDB has a use for.
        let data = frame.into_data().unwrap_or_default();
        length = length.saturating_add(data.len());
        if length <= BODY_BYTES_MOST {
            whole.extend_from_slice(&data);
        } else if length > BODY_BYTES_DISCARDED_MOST {
            break;
        } else {
            whole = Vec::new();
        }
    }
    if length > BODY_BYTES_MOST {
        let message = format!(
            "a request of more than {} MB. hint: a batch or a transaction holds at most 16 MB of items",
            BODY_BYTES_MOST >> 20
        );
        let kind = "com.amazon.coral.service#RequestEntityTooLargeException";
        return Err(Reply {
            status: 413,
            ..Reply::refused(kind, &message)
        });
    }
    Ok(whole.into())
}

/// Unlike the others' of this and of other processes. No secret.
fn request_id() -> String {
    static SERVED: AtomicU64 = AtomicU64::new(0);
    static PROCESS: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    let number = SERVED.fetch_add(1, Ordering::Relaxed);
    let random = PROCESS.hash_one(number);
    format!("{random:016X}{number:016X}")
}
