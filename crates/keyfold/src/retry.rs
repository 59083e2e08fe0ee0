//! Retrying: conflicts inside, and the read–build–commit loop.

use std::time::Duration;

use crate::clock::{Randomness, SystemRandomness};

/// How often and how long something is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Tries in all, the first one included.
    pub attempts_max: u32,
    /// The pause before the second try; each further one is twice as long.
    pub pause_first: Duration,
    /// No pause is longer.
    pub pause_max: Duration,
}

impl Default for Policy {
    /// 16 tries, from 2 ms to 200 ms apart: dozens of writers to one item all get through.
    fn default() -> Self {
        Self {
            attempts_max: 16,
            pause_first: Duration::from_millis(2),
            pause_max: Duration::from_millis(200),
        }
    }
}

impl Policy {
    pub(crate) fn start(self) -> Pauses {
        Pauses {
            policy: self,
            made: 1,
        }
    }
}

/// The pauses of one run.
pub(crate) struct Pauses {
    policy: Policy,
    made: u32,
}

impl Pauses {
    /// The pause before the next try, if there is one: with full jitter, so that writers who met once
    /// do not meet again.
    pub(crate) fn next(&mut self, randomness: &dyn Randomness) -> Option<Duration> {
        if self.made >= self.policy.attempts_max {
            return None;
        }
        let doubled = self
            .policy
            .pause_first
            .saturating_mul(1 << (self.made - 1).min(16));
        let longest = doubled.min(self.policy.pause_max);
        self.made += 1;
        let micros = u128::max(longest.as_micros(), 1);
        let jittered = u64::try_from(randomness.bits() % micros).unwrap_or_default();
        Some(Duration::from_micros(jittered))
    }
}

/// How one try of [`retry`] ended.
#[derive(Debug)]
pub enum Attempt<T, E> {
    /// It is done.
    Done(T),
    /// It failed, and trying again would not help.
    Failed(E),
    /// Somebody else was faster; read anew and try again. The error is given when no try is left.
    Again(E),
}

/// The read–build–commit loop: runs `attempt` until it is done, fails, or no try is left.
///
/// # Errors
/// What the last attempt gave.
pub async fn retry<T, E, F>(policy: Policy, mut attempt: impl FnMut(u32) -> F) -> Result<T, E>
where
    F: Future<Output = Attempt<T, E>>,
{
    let mut pauses = policy.start();
    let mut number = 0;
    loop {
        match attempt(number).await {
            Attempt::Done(value) => return Ok(value),
            Attempt::Failed(error) => return Err(error),
            Attempt::Again(error) => match pauses.next(&SystemRandomness) {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return Err(error),
            },
        }
        number += 1;
    }
}
