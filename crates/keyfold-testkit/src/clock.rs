//! A clock that is set by hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A clock that stands still until it is told to move. Clones show the same time.
#[derive(Debug, Clone)]
pub struct ManualClock {
    since_epoch_ms: Arc<AtomicU64>,
}

impl ManualClock {
    /// A clock at this many milliseconds since 1970.
    pub fn at_ms(since_epoch_ms: u64) -> Self {
        Self {
            since_epoch_ms: Arc::new(AtomicU64::new(since_epoch_ms)),
        }
    }

    /// The time it shows.
    pub fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(self.now_ms())
    }

    /// The time it shows, in milliseconds since 1970.
    pub fn now_ms(&self) -> u64 {
        self.since_epoch_ms.load(Ordering::SeqCst)
    }

    /// Moves it forward; fractions of a millisecond are left out.
    pub fn advance(&self, by: Duration) {
        let by_ms = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        self.since_epoch_ms.fetch_add(by_ms, Ordering::SeqCst);
    }

    /// Sets it, back as well: clocks do that.
    pub fn set_ms(&self, since_epoch_ms: u64) {
        self.since_epoch_ms.store(since_epoch_ms, Ordering::SeqCst);
    }
}

/// 2026-03-01 09:30 UTC.
impl Default for ManualClock {
    fn default() -> Self {
        Self::at_ms(1_772_357_400_000)
    }
}
