//! Putting many items: `BatchWriteItem`s at once, and again what a table left unprocessed.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{PutRequest, WriteRequest};
use keyfold::{Item, Randomness as _, SystemRandomness};
use keyfold_dynamo::limits::BATCH_WRITE_REQUESTS_MAX;
use tokio::task::JoinSet;

use super::error::OperateError;
use super::place::Place;

/// A request is at most 16 MB. Its text is longer than the items: binary by a third, text by what is escaped.
const BATCH_BYTES_MOST: usize = 8 * 1_024 * 1_024;
const FIRST_WAIT: Duration = Duration::from_millis(50);
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// Attempts in a row without any item taken; with the waits above, about two minutes.
const ATTEMPTS_IN_VAIN: u32 = 20;

/// Puts items of one table.
#[derive(Debug, Clone)]
pub struct Writer {
    /// Where the table is.
    pub place: Place,
    /// Its name.
    pub table: String,
    /// How many requests run at once.
    pub at_once: usize,
}

impl Writer {
    /// Puts all of `items`, of which no two have the same key. Returns once all of them are there.
    pub async fn put(&self, items: Vec<Item>) -> Result<(), OperateError> {
        let mut batches = batches(items).into_iter();
        let mut running = JoinSet::new();
        loop {
            while running.len() < self.at_once
                && let Some(batch) = batches.next()
            {
                running.spawn(put_batch(self.place.clone(), self.table.clone(), batch));
            }
            match running.join_next().await {
                None => return Ok(()),
                Some(Ok(done)) => done?,
                Some(Err(error)) => {
                    return Err(OperateError::Task {
                        reason: error.to_string(),
                    });
                }
            }
        }
    }
}

fn batches(items: Vec<Item>) -> Vec<Vec<Item>> {
    let mut batches: Vec<Vec<Item>> = Vec::new();
    let mut bytes = 0;
    for item in items {
        let item_bytes = keyfold::item_size_bytes(&item);
        match batches.last_mut() {
            Some(batch)
                if batch.len() < BATCH_WRITE_REQUESTS_MAX
                    && bytes + item_bytes <= BATCH_BYTES_MOST =>
            {
                bytes += item_bytes;
                batch.push(item);
            }
            _ => {
                bytes = item_bytes;
                batches.push(vec![item]);
            }
        }
    }
    batches
}

async fn put_batch(place: Place, table: String, items: Vec<Item>) -> Result<(), OperateError> {
    let unbuilt = |error: aws_sdk_dynamodb::error::BuildError| OperateError::Task {
        reason: error.to_string(),
    };
    let mut requests = Vec::with_capacity(items.len());
    for item in items {
        let put = PutRequest::builder().set_item(Some(item)).build();
        requests.push(
            WriteRequest::builder()
                .put_request(put.map_err(unbuilt)?)
                .build(),
        );
    }
    let mut in_vain = 0;
    loop {
        let sent = requests.len();
        requests = send(&place.client, &place.text, &table, requests).await?;
        if requests.is_empty() {
            return Ok(());
        }
        in_vain = if requests.len() < sent {
            0
        } else {
            in_vain + 1
        };
        if in_vain == ATTEMPTS_IN_VAIN {
            return Err(OperateError::Unprocessed {
                table,
                left: requests.len(),
            });
        }
        tokio::time::sleep(wait(in_vain)).await;
    }
}

/// Sends them once; those that were left unprocessed.
async fn send(
    client: &Client,
    place: &str,
    table: &str,
    requests: Vec<WriteRequest>,
) -> Result<Vec<WriteRequest>, OperateError> {
    let request = client.batch_write_item().request_items(table, requests);
    let answer = request.send().await;
    let answer =
        answer.map_err(|error| OperateError::request("BatchWriteItem", table, place, error))?;
    let left = answer.unprocessed_items.unwrap_or_default();
    Ok(left.into_values().flatten().collect())
}

/// Any time up to one that doubles with each attempt in vain, so that many do not come back at once.
fn wait(in_vain: u32) -> Duration {
    let longest = FIRST_WAIT
        .saturating_mul(2_u32.saturating_pow(in_vain))
        .min(LONGEST_WAIT);
    let longest_us = u64::try_from(longest.as_micros())
        .unwrap_or(u64::MAX)
        .max(1);
    let bits = u64::try_from(SystemRandomness.bits() >> 64).unwrap_or(0);
    Duration::from_micros(bits % longest_us)
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::AttributeValue;

    use super::*;

    fn item(bytes: usize) -> Item {
        Item::from([("p".to_owned(), AttributeValue::S("x".repeat(bytes)))])
    }

    #[test]
    fn a_batch_has_at_most_25_items_and_stays_below_a_request() {
        let counts =
            |items: Vec<Item>| -> Vec<usize> { batches(items).iter().map(Vec::len).collect() };
        assert_eq!(counts(vec![item(10); 60]), [25, 25, 10]);
        assert_eq!(counts(vec![item(400_000); 25]), [20, 5]);
        assert!(counts(Vec::new()).is_empty());
    }

    #[test]
    fn waits_grow_up_to_a_bound() {
        for in_vain in 0..40 {
            assert!(wait(in_vain) <= LONGEST_WAIT);
        }
        let longest = (0..200).map(|_| wait(0)).max();
        assert!(longest <= Some(FIRST_WAIT));
    }
}
