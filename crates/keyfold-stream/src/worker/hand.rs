//! The records of a shard that are in hand: those of one item one after the other, those of several
//! at the same time; and up to where all are done with.

use std::collections::{BTreeMap, HashMap, VecDeque};

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
    /// What lies behind the position, by number: every record that is not done with, and of each run of
    /// those that are the last one. So a record that takes long does not make it grow.
    window: BTreeMap<u64, Slot>,
    next: u64,
    count: usize,
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
        let Some(number) = self.note(&record, false) else {
            return false;
        };
        self.count += 1;
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
        if let Some(number) = self.note(record, true) {
            self.join(number);
        }
    }

    fn note(&mut self, record: &Record, done: bool) -> Option<u64> {
        let number = &record.sequence_number;
        if self
            .last_pushed
            .as_ref()
            .is_some_and(|last| !comes_after(number, last))
        {
            return None;
        }
        self.last_pushed = Some(number.clone());
        let place = self.next;
        self.next += 1;
        let slot = Slot {
            sequence_number: number.clone(),
            created: record.created,
            done,
        };
        self.window.insert(place, slot);
        Some(place)
    }

    /// One that is done with joins its neighbours that are.
    fn join(&mut self, number: u64) {
        let before = self.window.range(..number).next_back();
        if let Some((&before, Slot { done: true, .. })) = before {
            self.window.remove(&before);
        }
        let after = self.window.range(number + 1..).next();
        if let Some((_, Slot { done: true, .. })) = after {
            self.window.remove(&number);
        }
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
        self.count = self.count.saturating_sub(1);
        if let Some(waiting) = self.lanes.get_mut(&lane) {
            waiting.pop_front();
            if waiting.is_empty() {
                self.lanes.remove(&lane);
            } else {
                self.ready.push_back(lane);
            }
        }
        if let Some(slot) = self.window.get_mut(&number) {
            slot.done = true;
            self.join(number);
        }
    }

    /// The last record up to which all are done with, if there is a new one.
    pub(crate) fn advance(&mut self) -> Option<Position> {
        let mut last = None;
        while let Some(first) = self.window.first_entry().filter(|slot| slot.get().done) {
            last = Some(first.remove());
        }
        last.map(|slot| Position {
            sequence_number: slot.sequence_number,
            created: slot.created,
        })
    }

    /// How many are not done with.
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// Whether all are done with.
    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The first that is not done with.
    pub(crate) fn first_waiting(&self) -> Option<&str> {
        let waiting = self.window.values().find(|slot| !slot.done)?;
        Some(&waiting.sequence_number)
    }

    /// When the oldest that is not done with was written.
    pub(crate) fn oldest(&self) -> Option<Timestamp> {
        self.window.values().find(|slot| !slot.done)?.created
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
        assert!(hand.is_empty() && hand.window.is_empty());
    }

    #[test]
    fn a_record_that_takes_long_does_not_make_it_grow() {
        let mut hand = hand(&[("slow", 1)]);
        let slow = begun(&mut hand).remove(0);
        for number in 2..10_000 {
            hand.push(record("quick", number));
            let quick = begun(&mut hand).remove(0);
            hand.done(quick.lane, quick.number);
            hand.pass(&record("other", 10_000 * number));
            assert!(hand.window.len() <= 3 && hand.advance().is_none());
            hand.last_pushed = Some(number.to_string());
        }
        hand.done(slow.lane, slow.number);
        assert_eq!(advance(&mut hand).as_deref(), Some("99990000"));
        assert!(hand.window.is_empty());
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
