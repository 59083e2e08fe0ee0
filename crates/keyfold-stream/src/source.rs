//! Where records come from: DynamoDB Streams, by any client of it; the embedded engine's own tells
//! besides when there is something to read.

mod describe;
mod read;

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodbstreams::Client;
use tokio::sync::watch;

use crate::handler::BoxFuture;

pub(crate) use describe::{Described, describe, stream_arn};
pub(crate) use read::{From, Page, ReadError, Reader};

/// Between two looks at a shard that had nothing. AWS asks for no more than five reads a second of
/// one, by all readers together. Source: Amazon `DynamoDB` Developer Guide, "Service quotas".
const POLL: Duration = Duration::from_millis(400);

/// The embedded engine tells of each write. A read for each would cost more than what it brings.
#[cfg(feature = "embedded")]
const GATHER: Duration = Duration::from_millis(2);

/// Where records come from.
#[derive(Clone)]
pub struct Source {
    pub(crate) streams: Client,
    pub(crate) poll: Duration,
    pub(crate) gather: Duration,
    pub(crate) wake: Option<Wake>,
    pub(crate) worker: Option<&'static str>,
}

/// Begins to tell of writes to a table.
pub(crate) type Wake = Arc<dyn Fn(&str, Arc<watch::Sender<u64>>) -> BoxFuture<()> + Send + Sync>;

impl Source {
    /// DynamoDB Streams, or what speaks as it does: the client of the table's account and region.
    pub fn dynamodb(streams: Client) -> Self {
        Self {
            streams,
            poll: POLL,
            gather: Duration::ZERO,
            wake: None,
            worker: None,
        }
    }

    /// The embedded engine: its stream, and a call with each write.
    #[cfg(feature = "embedded")]
    pub fn embedded(engine: &keyfold::embedded::Engine) -> Self {
        use keyfold::embedded::Changed;

        let client = engine.streams_client();
        let engine = engine.clone();
        let wake = move |table: &str, woken: Arc<watch::Sender<u64>>| -> BoxFuture<()> {
            // Subscribed now: what is written before the future is first polled is told too.
            let mut changes = engine.changes(table);
            Box::pin(async move {
                while changes.changed().await == Changed::Written {
                    woken.send_modify(|count| *count += 1);
                }
            })
        };
        Self {
            streams: client,
            // What nobody tells of: other processes write through the engine's endpoint, which
            // tells. This is a net below the net.
            poll: Duration::from_secs(1),
            gather: GATHER,
            wake: Some(Arc::new(wake)),
            // One process holds the engine's folder: whoever had its shards before is gone.
            worker: Some("embedded"),
        }
    }

    /// How long after one read of a shard the next one waits, so that more records come with it: what
    /// a read costs is then shared by them. By default 2 ms for the embedded engine, and nothing else
    /// where each read takes its time on the way.
    #[must_use]
    pub fn gather_for(mut self, pause: Duration) -> Self {
        self.gather = pause;
        self
    }

    /// How long to wait before looking again at a shard that had nothing. By default 400 ms.
    #[must_use]
    pub fn poll_every(mut self, pause: Duration) -> Self {
        self.poll = pause.max(Duration::from_millis(1));
        self
    }
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Source")
            .field("poll", &self.poll)
            .field("gather", &self.gather)
            .field("woken", &self.wake.is_some())
            .finish_non_exhaustive()
    }
}
