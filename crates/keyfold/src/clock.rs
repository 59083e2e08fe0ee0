//! Time and randomness, as parameters.

use keyfold_model::Timestamp;

/// Tells the moment.
pub trait Clock: Send + Sync + 'static {
    /// The moment it is.
    fn now(&self) -> Timestamp;
}

/// Gives random bits.
pub trait Randomness: Send + Sync + 'static {
    /// 128 random bits.
    fn bits(&self) -> u128;
}

/// The system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

/// The system's source of randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandomness;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that the others take as a parameter"
    )]
    fn now(&self) -> Timestamp {
        let since_1970 = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        let ms = i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX);
        Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX)
    }
}

impl Randomness for SystemRandomness {
    fn bits(&self) -> u128 {
        let mut bytes = [0; 16];
        if getrandom::fill(&mut bytes).is_err() {
            // No source of randomness at all: two fresh hashers differ, which keeps ids apart.
            use std::hash::{BuildHasher, RandomState};
            let half = |state: RandomState| u128::from(state.hash_one(0_u8));
            return half(RandomState::new()) << 64 | half(RandomState::new());
        }
        u128::from_be_bytes(bytes)
    }
}
