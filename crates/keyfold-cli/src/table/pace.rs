//! `--items-per-second`: long work that leaves the table's capacity to others.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Keeps all that runs together below a number of items a second.
#[derive(Debug)]
pub struct Pace {
    per_second: Option<NonZeroU32>,
    begun: Instant,
    items: AtomicU64,
}

impl Pace {
    /// From now on.
    pub fn new(per_second: Option<NonZeroU32>) -> Self {
        Self {
            per_second,
            begun: Instant::now(),
            items: AtomicU64::new(0),
        }
    }

    /// How many items one of `parts` may take at once: a quarter of a second's.
    pub fn at_once(&self, parts: u32) -> Option<u32> {
        let per_second = self.per_second?.get();
        Some((per_second / 4 / parts.max(1)).max(1))
    }

    /// Waits until it is time for more.
    pub async fn ready(&self) {
        if let Some(per_second) = self.per_second {
            let items = self.items.load(Ordering::Relaxed);
            let due_ms = items.saturating_mul(1_000) / u64::from(per_second.get());
            let due = self.begun + Duration::from_millis(due_ms);
            tokio::time::sleep_until(due.into()).await;
        }
    }

    /// These are done.
    pub fn took(&self, items: u64) {
        self.items.fetch_add(items, Ordering::Relaxed);
    }
}
