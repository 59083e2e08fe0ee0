//! Who is told that a table was written.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

/// Says that a table was written through this engine, each time after the write is visible to
/// reads. Several writes may be told as one; none is missed.
///
/// From [`Engine::changes`](crate::Engine::changes). Writes by other processes are impossible, for
/// a folder has one holder; writes through a served endpoint are told like any other.
#[derive(Debug)]
pub struct Changes {
    receiver: watch::Receiver<u64>,
}

impl Changes {
    /// Waits until the table has been written since the last call, or since the subscription.
    ///
    /// Ends at once, forever, when the engine is gone. Cancel safe.
    pub async fn changed(&mut self) -> Changed {
        match self.receiver.changed().await {
            Ok(()) => Changed::Written,
            Err(_) => Changed::Closed,
        }
    }

    /// How many writes there were since the engine was opened and first watched for this table.
    pub fn count(&self) -> u64 {
        *self.receiver.borrow()
    }
}

/// What [`Changes::changed`] waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    /// The table was written.
    Written,
    /// The engine is gone; nothing will follow.
    Closed,
}

/// The tables a request writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Written {
    /// Nothing that concerns a table's items.
    Nothing,
    Tables(Vec<String>),
    /// Any: the names are inside a statement's text.
    Any,
}

#[derive(Debug, Default)]
pub(crate) struct Watchers {
    // Read before the lock: while nobody watches, a write pays one load.
    tables: AtomicUsize,
    senders: Mutex<HashMap<String, watch::Sender<u64>>>,
}

impl Watchers {
    pub(crate) fn subscribe(&self, table: &str) -> Changes {
        let mut senders = self.lock();
        let receiver = senders
            .entry(table.to_owned())
            .or_insert_with(|| watch::Sender::new(0))
            .subscribe();
        self.tables.store(senders.len(), Ordering::Release);
        Changes { receiver }
    }

    pub(crate) fn tell(&self, written: &Written) {
        // Looked at after the write: who subscribed before it ended is counted here.
        if self.tables.load(Ordering::Acquire) == 0 {
            return;
        }
        let senders = self.lock();
        match written {
            Written::Nothing => {}
            Written::Tables(tables) => {
                for table in tables {
                    if let Some(sender) = senders.get(table) {
                        sender.send_modify(|count| *count += 1);
                    }
                }
            }
            Written::Any => {
                for sender in senders.values() {
                    sender.send_modify(|count| *count += 1);
                }
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, watch::Sender<u64>>> {
        self.senders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
