//! The records of a shard that are in hand: those of one item one after the other, those of several
//! at the same time; and up to where all are done with.

use std::collections::{HashMap, VecDeque};

use keyfold::Timestamp;

use crate::record::Record;

/// The records in hand, in the order of the shard.
#[derive(Debug, Default)]
pub(crate) struct Hand {
    /// By item: a lane is there while one of its records is in hand, and its first is being handled
    /// or about to be.
    lanes: HashMap<u64, VecDeque<(u64, Record)>>,
    /// Lanes whose first record may begin.
    ready: VecDeque<u64>,
    /// Every record behind the position, done or not.
    window: VecDeque<Slot>,
    /// The number of the window's first.
    first: u64,
    in_hand: usize,
    last_pushed: Option<String>,
}

#[derive(Debug)]
struct Slot {
    sequence_number: String,
    created: Option<Timestamp>,
    done: bool,
}

/// A record that may be handled now.
#[derive(Debug)]
pub(crate) struct Begun {
    pub(crate) lane: u64,
    pub(crate) number: u64,
    pub(crate) record: Record,
}

/// Up to where a shard is done with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) sequence_number: String,
    pub(crate) created: Option<Timestamp>,
}

impl Hand {
    /// Takes a record; whether it is a new one. One that was read before is in hand already, or done.
    pub(crate) fn push(&mut self, record: Record) -> bool {
        if !self.note(&record, false) {
            return false;
        }
        self.in_hand += 1;
        let number = self.first + self.window.len() as u64 - 1;
        let key = record.item_hash();
        let lane = self.lanes.entry(key).or_default();
        lane.push_back((number, record));
        if lane.len() == 1 {
            self.ready.push_back(key);
        }
        true
    }

    /// Passes over a record that nobody wants.
    pub(crate) fn pass(&mut self, record: &Record) {
        self.note(record, true);
    }

    fn note(&mut self, record: &Record, done: bool) -> bool {
        let number = &record.sequence_number;
        if self
            .last_pushed
            .as_ref()
            .is_some_and(|last| !comes_after(number, last))
        {
            return false;
        }
        self.last_pushed = Some(number.clone());
        self.window.push_back(Slot {
            sequence_number: number.clone(),
            created: record.created,
            done,
        });
        true
    }

    /// A record whose item has no other in the works.
    pub(crate) fn begin(&mut self) -> Option<Begun> {
        let lane = self.ready.pop_front()?;
        let (number, record) = self.lanes.get(&lane)?.front()?;
        Some(Begun {
            lane,
            number: *number,
            record: record.clone(),
        })
    }

    /// A record is done with.
    pub(crate) fn done(&mut self, lane: u64, number: u64) {
        self.in_hand = self.in_hand.saturating_sub(1);
        if let Some(waiting) = self.lanes.get_mut(&lane) {
            waiting.pop_front();
            if waiting.is_empty() {
                self.lanes.remove(&lane);
            } else {
                self.ready.push_back(lane);
            }
        }
        let place = usize::try_from(number.saturating_sub(self.first)).unwrap_or(usize::MAX);
        if let Some(slot) = self.window.get_mut(place) {
            slot.done = true;
        }
    }

    /// The last record up to which all are done with, if there is a new one.
    pub(crate) fn advance(&mut self) -> Option<Position> {
        let mut last = None;
        while self.window.front().is_some_and(|slot| slot.done) {
            last = self.window.pop_front();
            self.first += 1;
        }
        last.map(|slot| Position {
            sequence_number: slot.sequence_number,
            created: slot.created,
        })
    }

    /// How many are not done with.
    pub(crate) fn len(&self) -> usize {
        self.in_hand
    }

    /// Whether all are done with.
    pub(crate) fn is_empty(&self) -> bool {
        self.in_hand == 0
    }

    /// How many lie behind the position: all of them are delivered again should the worker die.
    pub(crate) fn behind(&self) -> usize {
        self.window.len()
    }

    /// The first that is not done with.
    pub(crate) fn first_waiting(&self) -> Option<&str> {
        let waiting = self.window.iter().find(|slot| !slot.done)?;
        Some(&waiting.sequence_number)
    }

    /// When the oldest that is not done with was written.
    pub(crate) fn oldest(&self) -> Option<Timestamp> {
        self.window.iter().find(|slot| !slot.done)?.created
    }
}

/// Whether a sequence number is the later one. They are decimal numbers of up to 40 digits.
fn comes_after(number: &str, other: &str) -> bool {
    let digits = |text: &str| text.trim_start_matches('0').len();
    (digits(number), number.trim_start_matches('0'))
        > (digits(other), other.trim_start_matches('0'))
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::AttributeValue;
    use keyfold::{ChangeKind, Item, RawChange, StreamView};

    use super::*;

    fn record(item: &str, number: u64) -> Record {
        let keys = Item::from([("pk".to_owned(), AttributeValue::S(item.to_owned()))]);
        Record {
            id: number.to_string(),
            sequence_number: number.to_string(),
            created: None,
            change: RawChange::new(ChangeKind::Modified, keys, StreamView::KeysOnly),
        }
    }

    fn hand(records: &[(&str, u64)]) -> Hand {
        let mut hand = Hand::default();
        for (item, number) in records {
            hand.push(record(item, *number));
        }
        hand
    }

    fn begun(hand: &mut Hand) -> Vec<Begun> {
        std::iter::from_fn(|| hand.begin()).collect()
    }

    fn numbers(begun: &[Begun]) -> Vec<&str> {
        begun.iter().map(|b| &*b.record.sequence_number).collect()
    }

    fn advance(hand: &mut Hand) -> Option<String> {
        hand.advance().map(|position| position.sequence_number)
    }

    #[test]
    fn records_of_one_item_wait_for_each_other_and_others_do_not() {
        let mut hand = hand(&[("a", 1), ("a", 2), ("b", 3), ("a", 4), ("c", 5)]);
        let first = begun(&mut hand);
        assert_eq!(numbers(&first), ["1", "3", "5"]);
        hand.done(first[1].lane, first[1].number);
        assert!(begun(&mut hand).is_empty());
        hand.done(first[0].lane, first[0].number);
        let second = begun(&mut hand);
        assert_eq!(numbers(&second), ["2"]);
        hand.done(second[0].lane, second[0].number);
        assert_eq!(numbers(&begun(&mut hand)), ["4"]);
    }

    #[test]
    fn the_position_stays_before_the_first_that_is_not_done() {
        let mut hand = hand(&[("a", 1), ("b", 2), ("c", 3)]);
        let all = begun(&mut hand);
        hand.done(all[2].lane, all[2].number);
        assert_eq!(advance(&mut hand), None);
        hand.done(all[0].lane, all[0].number);
        assert_eq!(advance(&mut hand).as_deref(), Some("1"));
        hand.done(all[1].lane, all[1].number);
        assert_eq!(advance(&mut hand).as_deref(), Some("3"));
        assert!(hand.is_empty() && hand.behind() == 0);
    }

    #[test]
    fn what_was_read_before_is_not_taken_again() {
        let mut hand = hand(&[("a", 9), ("b", 10)]);
        assert!(!hand.push(record("a", 9)));
        assert!(!hand.push(record("b", 10)));
        assert!(hand.push(record("b", 11)));
        assert_eq!(hand.len(), 3);
    }

    #[test]
    fn what_nobody_wants_moves_the_position() {
        let mut hand = hand(&[("a", 1)]);
        hand.pass(&record("x", 2));
        assert_eq!(advance(&mut hand), None);
        let all = begun(&mut hand);
        hand.done(all[0].lane, all[0].number);
        assert_eq!(advance(&mut hand).as_deref(), Some("2"));
    }

    #[test]
    fn sequence_numbers_are_compared_as_numbers() {
        assert!(comes_after("10", "9") && !comes_after("9", "10"));
        assert!(comes_after("010", "9") && !comes_after("9", "9"));
    }
}
