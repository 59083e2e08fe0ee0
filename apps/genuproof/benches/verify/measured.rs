//! So many at once, for a while.

use std::fmt;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::connection::Connection;

const LASTS: Duration = Duration::from_secs(3);
/// Of one connection, whatever the time.
const REQUESTS_MAX: usize = 20_000;
const WARM_UP: usize = 50;

pub struct Measured {
    requests: usize,
    took: Duration,
    median: Duration,
    slowest_of_99_percent: Duration,
}

impl Measured {
    pub const HEAD: &str = "  requests/s        p50        p99";

    /// Each connection sends its next request when it has the answer to the one before.
    pub async fn of(address: SocketAddr, requests: &[Vec<u8>], concurrency: usize) -> Self {
        let mut connections = Vec::new();
        for number in 0..concurrency {
            let mut connection = Connection::open(address).await;
            for request in requests.iter().cycle().skip(number).take(WARM_UP) {
                connection.send(request).await;
            }
            connections.push(connection);
        }
        let begin = Instant::now();
        let mut tasks = JoinSet::new();
        for (number, mut connection) in connections.into_iter().enumerate() {
            // Each begins elsewhere: they do not go through the products in step.
            let skip = number * requests.len() / concurrency;
            let requests: Vec<Vec<u8>> = [&requests[skip..], &requests[..skip]].concat();
            tasks.spawn(async move {
                let mut took = Vec::new();
                for request in requests.iter().cycle().take(REQUESTS_MAX) {
                    let sent = Instant::now();
                    connection.send(request).await;
                    took.push(sent.elapsed());
                    if begin.elapsed() > LASTS {
                        break;
                    }
                }
                took
            });
        }
        let mut each: Vec<Duration> = tasks.join_all().await.into_iter().flatten().collect();
        let took = begin.elapsed();
        each.sort_unstable();
        Self {
            requests: each.len(),
            took,
            median: each[each.len() / 2],
            slowest_of_99_percent: each[each.len() * 99 / 100],
        }
    }
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52")]
        let rate = self.requests as f64 / self.took.as_secs_f64();
        let ms = |time: Duration| time.as_secs_f64() * 1e3;
        write!(
            f,
            "{rate:12.0} {:7.2} ms {:7.2} ms",
            ms(self.median),
            ms(self.slowest_of_99_percent)
        )
    }
}
