//! Partition keys that get more than a partition gives.

use std::collections::HashMap;

use tokio::time::Instant;

use crate::faults::asked::KeyAsked;

/// Keys that are full again are forgotten when there are so many.
const KEYS_MOST: usize = 10_000;

/// A bucket of a second's units for each partition key, refilled as time goes. A request may take
/// more than is left, as on AWS, where its size is known only afterwards; the next ones pay.
pub(super) struct HotPartitions {
    read: f64,
    write: f64,
    left: HashMap<KeyAsked, Left>,
}

struct Left {
    read: f64,
    write: f64,
    at: Instant,
}

impl HotPartitions {
    pub(super) fn new(read: f64, write: f64) -> Self {
        Self {
            read,
            write,
            left: HashMap::new(),
        }
    }

    /// Whether one of these keys has nothing left.
    pub(super) fn is_hot(&mut self, keys: &[KeyAsked], is_write: bool) -> bool {
        let now = Instant::now();
        keys.iter().any(|key| {
            let (read, write) = (self.read, self.write);
            self.left.get_mut(key).is_some_and(|left| {
                left.refill(read, write, now);
                if is_write {
                    left.write <= 0.0
                } else {
                    left.read <= 0.0
                }
            })
        })
    }

    /// Takes what a request consumed, its keys to equal shares.
    pub(super) fn charge(&mut self, keys: &[KeyAsked], units: f64, is_write: bool) {
        let now = Instant::now();
        let (read, write) = (self.read, self.write);
        if self.left.len() > KEYS_MOST {
            self.left.retain(|_, left| {
                left.refill(read, write, now);
                left.read < read || left.write < write
            });
        }
        let share = units / f64::from(u32::try_from(keys.len().max(1)).unwrap_or(u32::MAX));
        for key in keys {
            let left = self.left.entry(key.clone()).or_insert(Left {
                read,
                write,
                at: now,
            });
            left.refill(read, write, now);
            if is_write {
                left.write -= share;
            } else {
                left.read -= share;
            }
        }
    }
}

impl Left {
    fn refill(&mut self, read: f64, write: f64, now: Instant) {
        let seconds = now.duration_since(self.at).as_secs_f64();
        self.read = (self.read + read * seconds).min(read);
        self.write = (self.write + write * seconds).min(write);
        self.at = now;
    }
}
