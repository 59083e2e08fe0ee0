//! Binding, draining, stopping.

use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use axum::Router;
use axum::serve::ListenerExt as _;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// How long running requests may take to end once the server was told to stop. A second less than the five that the
/// whole process has.
pub const DRAIN_MAX: Duration = Duration::from_secs(4);

/// The server cannot run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// Somebody else listens there.
    #[error(
        "{address} is in use by another process\nhint: choose another address with {flag}, or stop the process that listens there"
    )]
    Busy {
        /// The address that was asked for.
        address: SocketAddr,
        /// The command-line flag that changes it.
        flag: String,
    },
    /// The address cannot be listened on for another reason.
    #[error("cannot listen on {address}: {source}\nhint: choose another address with {flag}")]
    Bind {
        /// The address that was asked for.
        address: SocketAddr,
        /// The command-line flag that changes it.
        flag: String,
        /// What the system says.
        source: io::Error,
    },
    /// The signals that stop the server cannot be received.
    #[error("cannot receive the signals that stop the server: {0}")]
    Signal(#[source] io::Error),
    /// The listener broke.
    #[error("the server stopped: {0}")]
    Broken(#[source] io::Error),
}

/// Listens on `address`; `flag` is named by the error when that cannot be.
pub async fn bind(address: SocketAddr, flag: &str) -> Result<TcpListener, ServeError> {
    TcpListener::bind(address).await.map_err(|source| {
        let flag = flag.to_owned();
        if source.kind() == io::ErrorKind::AddrInUse {
            ServeError::Busy { address, flag }
        } else {
            ServeError::Bind {
                address,
                flag,
                source,
            }
        }
    })
}

/// A reader who takes nothing for so long, while there is something to take, is dropped: a page that was put to sleep comes
/// back and asks again.
pub const STALLED_MAX: Duration = Duration::from_secs(30);

/// Serves `router` until `shutdown` is ready, then takes no new connection, lets running requests end, and returns
/// after [`DRAIN_MAX`] at the latest. Handlers may extract `ConnectInfo<SocketAddr>`. Drops readers who have stalled for
/// [`STALLED_MAX`].
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    run(listener, router, shutdown, STALLED_MAX).await
}

async fn run(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
    stalled_max: Duration,
) -> Result<(), ServeError> {
    let stalled_ms = u32::try_from(stalled_max.as_millis()).unwrap_or(u32::MAX);
    let listener = listener.tap_io(move |connection| {
        // Small answers and events go out at once, and not with the next ones.
        let at_once = connection.set_nodelay(true);
        // The kernel closes a connection whose reader acknowledges nothing, or has had no room for so long. Source: tcp(7),
        // `TCP_USER_TIMEOUT`; Linux also counts probes of a window that stays closed.
        let bounded = rustix::net::sockopt::set_tcp_user_timeout(&*connection, stalled_ms);
        if let (Err(error), _) | (_, Err(error)) = (at_once, bounded.map_err(io::Error::from)) {
            tracing::debug!(%error, "a connection keeps its usual options");
        }
    });
    let (told, mut stopping) = watch::channel(false);
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let server = axum::serve(listener, service).with_graceful_shutdown(async move {
        shutdown.await;
        // Without a receiver the server has already returned.
        let _ = told.send(true);
    });
    let deadline = async {
        if stopping.wait_for(|told| *told).await.is_err() {
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(DRAIN_MAX).await;
    };
    tokio::select! {
        ended = server.into_future() => ended.map_err(ServeError::Broken),
        () = deadline => {
            tracing::warn!("requests were still running {} s after the stop and were cut off", DRAIN_MAX.as_secs());
            Ok(())
        }
    }
}

/// Whether `GET path` at `address` is answered with 200, asked again and again for `within`. What listens need not answer
/// yet, and an address is told to people once it does.
pub async fn answers(address: SocketAddr, path: &str, within: Duration) -> bool {
    let asking = async {
        while !matches!(ask(address, path).await, Ok(true)) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(within, asking).await.is_ok()
}

/// An address as a client reaches it: one that stands for every interface is none to connect to.
pub fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        ip if !ip.is_unspecified() => ip,
        IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
    };
    SocketAddr::new(ip, address.port())
}

async fn ask(address: SocketAddr, path: &str) -> io::Result<bool> {
    let mut stream = TcpStream::connect(reachable(address)).await?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut status = [0; "HTTP/1.1 200".len()];
    stream.read_exact(&mut status).await?;
    Ok(status.ends_with(b" 200"))
}

/// Ready once the process is told to stop, by Ctrl-C or SIGTERM. The signals are caught from the call on, not only
/// from the first poll.
pub fn stop_signal() -> Result<impl Future<Output = ()> + Send + 'static, ServeError> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).map_err(ServeError::Signal)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(ServeError::Signal)?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, Bytes};
    use axum::routing::get;
    use futures_util::stream::unfold;
    use std::sync::Arc;

    use super::*;

    type Outcome = Result<(), Box<dyn std::error::Error>>;

    #[tokio::test]
    async fn a_reader_who_takes_nothing_is_dropped_and_others_are_not() -> Outcome {
        // Alive as long as the answer is.
        let alive = Arc::new(());
        let held = Arc::clone(&alive);
        let endless = move || {
            let frames = unfold(Arc::clone(&held), |held| async move {
                Some((Ok::<_, io::Error>(Bytes::from(vec![0; 64 * 1024])), held))
            });
            async move { Body::from_stream(frames) }
        };
        let listener = bind(([127, 0, 0, 1], 0).into(), "--listen").await?;
        let address = listener.local_addr()?;
        let router = Router::new().route("/", get(endless));
        let stalled_max = Duration::from_millis(1_500);
        let server = tokio::spawn(run(listener, router, std::future::pending(), stalled_max));
        let mut asleep = TcpStream::connect(address).await?;
        let mut awake = TcpStream::connect(address).await?;
        for reader in [&mut asleep, &mut awake] {
            reader
                .write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                .await?;
        }
        // Beside the router's own and this one.
        let answers = || Arc::strong_count(&alive) - 2;
        let mut buffer = vec![0; 64 * 1024];
        let begin = tokio::time::Instant::now();
        let mut most = 0;
        while begin.elapsed() < Duration::from_secs(20) {
            most = most.max(answers());
            assert!(
                awake.read(&mut buffer).await? > 0,
                "somebody who reads was dropped"
            );
            if most == 2 && answers() == 1 {
                server.abort();
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Err(format!("{} of {most} answers still go on", answers()).into())
    }
}
