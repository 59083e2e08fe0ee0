//! How often somebody may ask: a bucket for each address and each key.
//!
//! A bucket is one number, the moment from which on it is full again (the generic cell rate algorithm, ITU-T I.371): asking moves
//! it forward, and who is too far ahead of now has to wait. Buckets are bounded in number; those that are full again are forgotten.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::crypto::sha256;

/// How much is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimits {
    /// Requests a minute, in the long run.
    pub per_minute: u32,
    /// Requests at once.
    pub burst: u32,
    /// Whether peers on this machine, and whoever they forward for, may ask as often as they like.
    pub loopback_is_exempt: bool,
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Who(String);

/// Buckets for everybody.
#[derive(Debug)]
pub struct Limiter {
    limits: RateLimits,
    begin: Instant,
    hasher: RandomState,
    shards: Vec<Mutex<HashMap<Who, u64>>>,
}

const SHARDS: usize = 16;
/// Buckets of one shard: 130,000 in all, some 15 MB.
const BUCKETS_MAX: usize = 8_192;
const MINUTE_US: u64 = 60_000_000;

impl Default for RateLimits {
    /// 1,000 requests a minute, 100 at once, for everybody who is not on this machine.
    fn default() -> Self {
        Self {
            per_minute: 1_000,
            burst: 100,
            loopback_is_exempt: true,
        }
    }
}

impl Who {
    /// An address. Of IPv6 the first half: the other is for one household to choose from.
    pub fn address(text: &str) -> Self {
        match text.parse::<IpAddr>() {
            Ok(IpAddr::V6(address)) => {
                let [a, b, c, d, ..] = address.segments();
                Self(format!("{a:x}:{b:x}:{c:x}:{d:x}::/64"))
            }
            _ => Self(text.to_owned()),
        }
    }

    /// A key, by its hash: memory is no place for keys.
    pub fn key(text: &str) -> Self {
        Self(sha256(text).to_string())
    }
}

impl Limiter {
    /// Nobody has asked yet.
    pub fn new(limits: RateLimits) -> Self {
        Self {
            limits,
            begin: Instant::now(),
            hasher: RandomState::new(),
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
        }
    }

    /// Whether whoever is at the other end of the connection may ask as often as they like.
    pub fn exempts(&self, peer: Option<IpAddr>) -> bool {
        self.limits.loopback_is_exempt && peer.is_some_and(|peer| peer.to_canonical().is_loopback())
    }

    /// Takes one request out of a bucket.
    ///
    /// # Errors
    /// How long to wait.
    pub fn take(&self, who: &Who) -> Result<(), Duration> {
        self.ask(who, true)
    }

    /// Whether a bucket has a request left, without taking it.
    ///
    /// # Errors
    /// How long to wait.
    pub fn look(&self, who: &Who) -> Result<(), Duration> {
        self.ask(who, false)
    }

    fn ask(&self, who: &Who, takes: bool) -> Result<(), Duration> {
        let now = u64::try_from(self.begin.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.ask_at(now, who, takes)
    }

    fn ask_at(&self, now: u64, who: &Who, takes: bool) -> Result<(), Duration> {
        let step = MINUTE_US / u64::from(self.limits.per_minute.max(1));
        let ahead_max = step.saturating_mul(u64::from(self.limits.burst.max(1)));
        let shard = usize::try_from(self.hasher.hash_one(who) % SHARDS as u64).unwrap_or_default();
        let Some(shard) = self.shards.get(shard) else {
            return Ok(());
        };
        let mut buckets = shard.lock().unwrap_or_else(PoisonError::into_inner);
        let full_at = buckets.get(who).copied().unwrap_or_default().max(now);
        let next = full_at.saturating_add(step);
        let ahead = next.saturating_sub(now);
        if ahead > ahead_max {
            return Err(Duration::from_micros(ahead - ahead_max));
        }
        if takes {
            if buckets.len() >= BUCKETS_MAX && !buckets.contains_key(who) {
                buckets.retain(|_, full_at| *full_at > now);
                // Everybody in here asks too often: whoever is forgotten begins with a full bucket, which costs less than memory
                // that grows without end.
                if buckets.len() >= BUCKETS_MAX {
                    buckets.clear();
                }
            }
            buckets.insert(who.clone(), next);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limiter(per_minute: u32, burst: u32) -> Limiter {
        Limiter::new(RateLimits {
            per_minute,
            burst,
            loopback_is_exempt: true,
        })
    }

    #[test]
    fn a_burst_passes_then_a_steady_rate() {
        let limiter = limiter(60, 5);
        let (one, other) = (Who::address("192.0.2.1"), Who::address("192.0.2.2"));
        let take = |at_s: u64, who: &Who| limiter.ask_at(at_s * 1_000_000, who, true);
        for _ in 0..5 {
            assert_eq!(take(0, &one), Ok(()));
        }
        let wait = take(0, &one).unwrap_err();
        assert!(wait <= Duration::from_secs(1), "{wait:?}");
        assert_eq!(take(0, &other), Ok(()), "others go on");
        assert_eq!(limiter.ask_at(1_000_000, &one, false), Ok(()));
        assert_eq!(take(1, &one), Ok(()), "looking takes nothing");
        assert!(take(1, &one).is_err());
        for _ in 0..5 {
            assert_eq!(take(3_600, &one), Ok(()));
        }
        assert!(take(3_600, &one).is_err(), "a long rest saves up one burst");
    }

    #[test]
    fn a_flood_of_addresses_is_bounded() {
        let limiter = limiter(60, 1);
        for number in 0..300_000_u32 {
            let _ = limiter.ask_at(0, &Who::address(&number.to_string()), true);
        }
        let shards = limiter.shards.iter();
        let kept: usize = shards.map(|shard| shard.lock().unwrap().len()).sum();
        assert!(kept <= SHARDS * BUCKETS_MAX, "{kept}");
    }

    #[test]
    fn one_household_has_one_bucket_and_keys_are_not_kept() {
        let of = Who::address;
        assert_eq!(of("2001:db8:1:2:3::4"), of("2001:db8:1:2:ffff::1"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert!(!format!("{:?}", Who::key("gpk_secret")).contains("gpk_"));
        assert!(limiter(1, 1).exempts("::ffff:127.0.0.1".parse().ok()));
        assert!(!limiter(1, 1).exempts("192.0.2.1".parse().ok()));
        assert!(!limiter(1, 1).exempts(None));
    }
}
