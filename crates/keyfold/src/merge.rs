//! A listing over several partitions at once: asked side by side, merged by sort key.

use std::cmp::Ordering;
use std::collections::VecDeque;
use std::pin::Pin;
use std::task::Poll;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::cost::Cost;
use crate::cursor::Cursor;
use crate::errors::{CursorError, QueryError};
use crate::item::Item;
use crate::query::{Answer, Question};

/// Where the listing of one partition goes on.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Position {
    Start,
    After(Item),
    End,
}

/// What is read of one partition, and not yet given.
struct Shard {
    question: Question,
    waiting: VecDeque<Item>,
    /// Behind what was given.
    given: Position,
    /// Behind what was read.
    read: Position,
}

/// The partitions of one listing.
pub(crate) struct Merge {
    shards: Vec<Shard>,
    newest_first: bool,
}

/// How much one page may take.
pub(crate) struct Bounds {
    pub(crate) wanted: usize,
    /// Whether one item more is looked for, which tells whether there is a next page.
    pub(crate) look_ahead: bool,
    pub(crate) read_left: Option<u32>,
    pub(crate) filtered: bool,
}

/// What a page came to.
pub(crate) struct Merged {
    pub(crate) items: Vec<Item>,
    pub(crate) more: bool,
    pub(crate) read: u32,
    pub(crate) cost: Cost,
}

impl Merge {
    pub(crate) fn start(question: &Question, after: Option<&Cursor>) -> Result<Self, CursorError> {
        let positions = match after {
            Some(cursor) => opened(question, cursor)?,
            None => vec![Position::Start; question.partitions.len()],
        };
        if positions.len() != question.partitions.len() {
            return Err(CursorError);
        }
        let shards = question.partitions.iter().zip(positions);
        let shards = shards.map(|(partition, position)| Shard {
            question: question.of_partition(partition),
            waiting: VecDeque::new(),
            given: position.clone(),
            read: position,
        });
        Ok(Self {
            shards: shards.collect(),
            newest_first: question.newest_first,
        })
    }

    /// Reads until so many items are found, in the order of their sort keys over all partitions.
    ///
    /// A partition is asked for as many items as are missing, since all of them may lie in it: so the first page
    /// is one round of requests, whatever lies where.
    pub(crate) async fn page(
        &mut self,
        bounds: Bounds,
        means: &(dyn Fn(&Item) -> bool + Sync),
    ) -> Result<Merged, QueryError> {
        let Bounds {
            wanted,
            look_ahead,
            mut read_left,
            filtered,
        } = bounds;
        let mut merged = Merged {
            items: Vec::new(),
            more: false,
            read: 0,
            cost: Cost::default(),
        };
        let mut at_once = 0_u32;
        loop {
            if merged.items.len() == wanted && !look_ahead {
                return Ok(merged);
            }
            let dry = self.dry();
            if !dry.is_empty() {
                if read_left == Some(0) {
                    merged.more = true;
                    return Ok(merged);
                }
                let missing = u32::try_from(wanted - merged.items.len()).unwrap_or(u32::MAX);
                let mut ask = missing.saturating_add(u32::from(look_ahead)).max(at_once);
                if filtered {
                    at_once = ask.saturating_mul(2);
                }
                if let Some(left) = read_left {
                    let share = left / u32::try_from(dry.len()).unwrap_or(u32::MAX);
                    ask = ask.min(share.max(1));
                }
                let (read, cost) = self.ask(&dry, ask).await?;
                merged.read += read;
                merged.cost += cost;
                read_left = read_left.map(|left| left.saturating_sub(read));
                continue;
            }
            let Some(next) = self.next() else {
                return Ok(merged);
            };
            let shard = &mut self.shards[next];
            if shard.waiting.front().is_none_or(|item| !means(item)) {
                shard.give();
                continue;
            }
            if merged.items.len() == wanted {
                merged.more = true;
                return Ok(merged);
            }
            merged.items.extend(shard.give());
        }
    }

    /// Where it goes on, sealed.
    pub(crate) fn cursor(&self, question: &Question) -> Cursor {
        let (pk, _) = question.attributes();
        let positions = self.shards.iter().map(|shard| match &shard.given {
            // The partition is the question's.
            Position::After(key) => {
                let mut key = key.clone();
                key.remove(&*pk.name);
                Position::After(key)
            }
            other => other.clone(),
        });
        question.core.cursors.seal_positions(
            &question.fingerprint(),
            &positions.collect::<Vec<_>>(),
            &*question.core.randomness,
        )
    }

    /// Those of which nothing is waiting and something may be left.
    fn dry(&self) -> Vec<usize> {
        let is_dry = |shard: &Shard| shard.waiting.is_empty() && shard.read != Position::End;
        let shards = self.shards.iter().enumerate();
        shards
            .filter(|(_, shard)| is_dry(shard))
            .map(|(at, _)| at)
            .collect()
    }

    async fn ask(&mut self, dry: &[usize], items: u32) -> Result<(u32, Cost), QueryError> {
        let limit = i32::try_from(items).unwrap_or(i32::MAX);
        let requests = dry.iter().map(|at| {
            let shard = &self.shards[*at];
            let start = match &shard.read {
                Position::After(key) => Some(key.clone()),
                Position::Start | Position::End => None,
            };
            let request: Request<'_> = Box::pin(shard.question.ask(Some(limit), start));
            request
        });
        let answers = together(requests.collect()).await;
        let (mut read, mut cost) = (0, Cost::default());
        for (at, answer) in dry.iter().zip(answers) {
            let answer = answer?;
            read += answer.read;
            cost += answer.cost;
            let shard = &mut self.shards[*at];
            shard.waiting.extend(answer.items);
            shard.read = answer.last.map_or(Position::End, Position::After);
            if shard.waiting.is_empty() {
                shard.given = shard.read.clone();
            }
        }
        Ok((read, cost))
    }

    /// The partition whose next item comes first; of equal ones the first, or backwards the last.
    fn next(&self) -> Option<usize> {
        let fronts = self
            .shards
            .iter()
            .enumerate()
            .filter_map(|(at, shard)| Some((at, shard.waiting.front()?)));
        let order = |a: &(usize, &Item), b: &(usize, &Item)| {
            self.shards[a.0]
                .question
                .compare(a.1, b.1)
                .then(a.0.cmp(&b.0))
        };
        let found = if self.newest_first {
            fronts.max_by(order)
        } else {
            fronts.min_by(order)
        };
        found.map(|(at, _)| at)
    }
}

impl Shard {
    /// Takes the next item as given.
    fn give(&mut self) -> Option<Item> {
        let item = self.waiting.pop_front()?;
        self.given = if self.waiting.is_empty() {
            self.read.clone()
        } else {
            Position::After(self.question.position(&item))
        };
        Some(item)
    }
}

impl Question {
    /// The order of two items by their sort keys.
    fn compare(&self, a: &Item, b: &Item) -> Ordering {
        let Some(sk) = self.attributes().1 else {
            return Ordering::Equal;
        };
        match (a.get(&*sk.name), b.get(&*sk.name)) {
            (Some(AttributeValue::S(a)), Some(AttributeValue::S(b))) => a.cmp(b),
            (Some(AttributeValue::N(a)), Some(AttributeValue::N(b))) => numbers(a, b),
            (Some(AttributeValue::B(a)), Some(AttributeValue::B(b))) => a.as_ref().cmp(b.as_ref()),
            _ => Ordering::Equal,
        }
    }
}

fn numbers(a: &str, b: &str) -> Ordering {
    if let (Ok(a), Ok(b)) = (a.parse::<i128>(), b.parse::<i128>()) {
        return a.cmp(&b);
    }
    let number = |text: &str| text.parse::<f64>().unwrap_or_default();
    number(a).total_cmp(&number(b))
}

fn opened(question: &Question, cursor: &Cursor) -> Result<Vec<Position>, CursorError> {
    let (pk, _) = question.attributes();
    let cursors = &question.core.cursors;
    let mut positions = cursors.open_positions(&question.fingerprint(), cursor)?;
    for (position, partition) in positions.iter_mut().zip(&question.partitions) {
        if let Position::After(key) = position {
            let value = crate::item::key_value(pk, partition.clone());
            key.insert(pk.name.to_string(), value);
        }
    }
    Ok(positions)
}

type Request<'r> = Pin<Box<dyn Future<Output = Result<Answer, QueryError>> + Send + 'r>>;

/// Waits for all of them side by side; the answers are in their order.
pub(crate) async fn together<T: Send>(
    mut futures: Vec<Pin<Box<dyn Future<Output = T> + Send + '_>>>,
) -> Vec<T> {
    let mut answers: Vec<Option<T>> = futures.iter().map(|_| None).collect();
    std::future::poll_fn(move |cx| {
        let mut pending = false;
        for (future, answer) in futures.iter_mut().zip(&mut answers) {
            if answer.is_some() {
                continue;
            }
            match future.as_mut().poll(cx) {
                Poll::Ready(value) => *answer = Some(value),
                Poll::Pending => pending = true,
            }
        }
        if pending {
            Poll::Pending
        } else {
            Poll::Ready(answers.drain(..).flatten().collect())
        }
    })
    .await
}
