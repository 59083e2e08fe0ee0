//! Dead letters that somebody wants tried again.

use std::sync::Arc;

use keyfold::{Table as _, Timestamp, Write as _};

use super::attempt::{Bench, Outcome};
use super::hold::Times;
use super::letter;
use crate::handler::About;
use crate::record::{JsonRecord, Record};
use crate::running::Shared;
use crate::table::{DeadLetter, DeadLetterKey, Replay};

/// Tries one again, unless another worker is at it. A letter that fails again stays, with the new
/// reason; one that is handled is removed.
pub(crate) async fn run(bench: Bench, replay: Replay, shared: Arc<Shared>, times: Times) {
    if let Err(error) = attempt(bench, &replay, &shared, times).await {
        tracing::warn!(pipeline = %replay.pipeline, record = %replay.record, %error, "a dead letter could not be replayed; it is tried again");
    }
}

async fn attempt(
    bench: Bench,
    replay: &Replay,
    shared: &Shared,
    times: Times,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let streams = bench.streams.clone();
    let now = streams.now().as_millisecond();
    if replay
        .taken_until
        .is_some_and(|until| until.as_millisecond() > now)
    {
        return Ok(());
    }
    // As long as all attempts may take; then another may try.
    let definition = &bench.definition;
    let each = definition.time_limit + definition.policy.pause_max;
    let all = each * definition.policy.attempts_max + times.silence;
    let until = now.saturating_add(i64::try_from(all.as_millis()).unwrap_or(i64::MAX));
    let taken = streams
        .replays
        .patch(replay)
        .taken_until(Timestamp::from_millisecond(until).ok());
    let seen = replay.taken_until;
    let taken = taken.when(|row| match seen {
        Some(seen) => row.taken_until.eq(Some(seen)),
        None => row.taken_until.absent(),
    });
    match taken.send().await {
        Ok(_) => {}
        Err(error) if super::shard::is_lost(&error) => return Ok(()),
        Err(error) => return Err(error.into()),
    }
    let key = DeadLetterKey {
        pipeline: replay.pipeline.clone(),
        record: replay.record.clone(),
    };
    let Some(kept) = streams.letters.find(key).consistent().await? else {
        // Handled already, or discarded.
        streams.replays.delete(replay).await?;
        return Ok(());
    };
    let outcome = again(&bench, &kept, shared).await?;
    match outcome {
        Outcome::Handled => {
            shared.handled();
            streams.letters.delete(&kept).await?;
            streams.replays.delete(replay).await?;
        }
        Outcome::Failed {
            reason, attempts, ..
        } => {
            let letter = DeadLetter {
                reason,
                attempts: kept.attempts.saturating_add(attempts),
                set_aside: streams.now(),
                ..kept
            };
            if letter::keep(&bench, letter).await {
                streams.replays.delete(replay).await?;
            }
        }
        Outcome::Dropped => {
            let back = streams.replays.patch(replay).remove_taken_until();
            back.send().await?;
        }
    }
    Ok(())
}

async fn again(
    bench: &Bench,
    kept: &DeadLetter,
    shared: &Shared,
) -> Result<Outcome, Box<dyn std::error::Error + Send + Sync>> {
    let record = Record::from_json(serde_json::from_str::<JsonRecord>(&kept.json)?);
    let about = Arc::new(About {
        pipeline: Arc::clone(&bench.definition.name),
        id: record.id.clone(),
        sequence_number: record.sequence_number.clone(),
        shard: kept.shard.as_str().into(),
        created: record.created,
        replayed: true,
    });
    let (_, routes) = bench.routes(&record.change);
    let change = Arc::new(record.change);
    let ready = || std::future::ready(());
    Ok(bench
        .clone()
        .handle(change, about, routes, ready, || shared.retried())
        .await)
}
