//! `DescribeTable`, without counting the rows each time.
//!
//! `ItemCount` and the sizes come from counting every row of the table and its indexes. AWS
//! refreshes them about every six hours; here an answer serves until counting anew would cost less
//! than a thousandth of the time since, or six hours have passed. A table of a few items is thereby
//! exact within a second, one of a million costs no one anything. Every change of tables or indexes
//! empties the cache.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const AGE_LEAST: Duration = Duration::from_secs(1);
const AGE_MOST: Duration = Duration::from_hours(6);
const TIMES_THE_COST: u32 = 1_000;

#[derive(Debug, Default)]
pub(crate) struct Descriptions(Mutex<HashMap<String, Description>>);

#[derive(Debug)]
struct Description {
    // Of the tables and indexes as they were then.
    generation: u64,
    answer: Vec<u8>,
    taken: Instant,
    age_most: Duration,
}

impl Descriptions {
    pub(crate) fn get(&self, table: &str, generation: u64, now: Instant) -> Option<Vec<u8>> {
        let descriptions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let description = descriptions.get(table)?;
        let age = now.saturating_duration_since(description.taken);
        let serves = description.generation == generation && age < description.age_most;
        serves.then(|| description.answer.clone())
    }

    pub(crate) fn put(
        &self,
        table: String,
        generation: u64,
        answer: Vec<u8>,
        taken: Instant,
        cost: Duration,
    ) {
        let age_most = cost
            .saturating_mul(TIMES_THE_COST)
            .clamp(AGE_LEAST, AGE_MOST);
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(
                table,
                Description {
                    generation,
                    answer,
                    taken,
                    age_most,
                },
            );
    }

    pub(crate) fn forget(&self) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aged(cost: Duration, age: Duration) -> bool {
        let descriptions = Descriptions::default();
        let taken = Instant::now();
        descriptions.put("Orders".to_owned(), 1, b"{}".to_vec(), taken, cost);
        descriptions.get("Orders", 1, taken + age).is_some()
    }

    #[test]
    fn a_description_serves_for_a_thousand_times_its_cost() {
        let cost = Duration::from_millis(90);
        assert!(aged(cost, Duration::from_secs(89)));
        assert!(!aged(cost, Duration::from_secs(91)));
    }

    #[test]
    fn a_description_of_the_table_before_a_change_does_not_serve() {
        let descriptions = Descriptions::default();
        let now = Instant::now();
        descriptions.put("Orders".to_owned(), 1, b"{}".to_vec(), now, Duration::ZERO);
        assert!(descriptions.get("Orders", 2, now).is_none());
    }

    #[test]
    fn a_description_serves_at_least_a_second_and_at_most_six_hours() {
        assert!(aged(Duration::ZERO, Duration::from_millis(999)));
        assert!(!aged(Duration::ZERO, Duration::from_secs(1)));
        assert!(!aged(Duration::from_mins(1), Duration::from_hours(6)));
    }
}
