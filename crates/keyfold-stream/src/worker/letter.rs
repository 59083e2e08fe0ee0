//! Records that were set aside.

use std::time::Duration;

use keyfold::{Timestamp, WriteError};

use super::attempt::{Bench, jittered};
use crate::handler::About;
use crate::record::Record;
use crate::table::DeadLetter;

/// Of what a handler says, so much is kept.
const REASON_BYTES_MAX: usize = 2_000;
/// An item has 400 KB; what is around the record takes a part of it.
const JSON_BYTES_MAX: usize = 380_000;

/// The letter of a record.
pub(crate) fn of(
    about: &About,
    mut record: Record,
    entity: Option<&'static str>,
    reason: &str,
    attempts: u32,
    now: Timestamp,
) -> DeadLetter {
    let mut json = text(record.clone());
    let without_images = json.len() > JSON_BYTES_MAX;
    if without_images {
        (record.change.old, record.change.new) = (None, None);
        json = text(record);
    }
    DeadLetter {
        pipeline: about.pipeline.to_string(),
        record: about.id.clone(),
        shard: about.shard.to_string(),
        sequence_number: about.sequence_number.clone(),
        entity: entity.map(str::to_owned),
        set_aside: now,
        reason: shortened(reason),
        attempts,
        json,
        without_images,
    }
}

/// Keeps a letter, however long it takes: a record is not passed over before it is kept. `false` if
/// the worker stops meanwhile.
pub(crate) async fn keep(bench: &Bench, letter: DeadLetter) -> bool {
    let mut stopping = bench.stopping.clone();
    let mut pause = Duration::from_millis(100);
    loop {
        match bench.streams.letters.put(letter.clone()).await {
            Ok(_) => {
                tracing::error!(
                    pipeline = %letter.pipeline, record = %letter.record, attempts = letter.attempts,
                    reason = %letter.reason, "KF3006: a record was set aside"
                );
                return true;
            }
            Err(WriteError::Item(error)) => {
                // Cannot be: the sizes are bounded above.
                tracing::error!(%error, "a dead letter cannot be stored");
                return true;
            }
            Err(error) => {
                tracing::warn!(%error, "a dead letter could not be written; trying again");
            }
        }
        tokio::select! {
            () = super::is_told(&mut stopping) => return false,
            () = tokio::time::sleep(jittered(pause)) => {}
        }
        pause = (pause * 2).min(Duration::from_secs(10));
    }
}

fn text(record: Record) -> String {
    serde_json::to_string(&record.into_json(None)).unwrap_or_default()
}

fn shortened(reason: &str) -> String {
    let mut end = reason.len().min(REASON_BYTES_MAX);
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    reason.get(..end).unwrap_or_default().to_owned()
}
