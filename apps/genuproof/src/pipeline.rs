//! What follows from a change of the table: alerts, verdicts, and what those who follow are told.
//!
//! Two pipelines read the stream. `threats` is the one writer of all alerts: it evaluates every rule on every scan, looks for gaps
//! beside every event, and hands alerts on to those who follow. `analyst` stands beside it and judges alerts; however long that
//! takes, no alert waits for it.

use std::time::{Duration, Instant};

use keyfold::{Change, TransactError};
use keyfold_stream::{Context, HandlerError, Pipeline};

use crate::domain::alert::AlertKind;
use crate::domain::analyst;
use crate::feed::Feeds;
use crate::store::{Outcome, Raised, Store};
use crate::table::{Alert, BrandStats, Dispute, Event, FeedEntry, Genuproof, Scan};

/// A handler that takes longer is told to try again.
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// Raises alerts and hands them on.
pub fn threats(store: &Store, feeds: &Feeds) -> Pipeline<Genuproof> {
    let (on_scan, on_event, on_dispute) = (store.clone(), store.clone(), store.clone());
    let (on_entry, on_verdict, on_numbers) = (feeds.clone(), feeds.clone(), feeds.clone());
    Pipeline::new("threats")
        .time_limit(TIME_LIMIT)
        .on(move |change: Change<Scan>, cx: Context| {
            let store = on_scan.clone();
            async move { watch_scan(&store, change, &cx).await }
        })
        .on(move |change: Change<Event>, _: Context| {
            let store = on_event.clone();
            async move {
                if change.is_insert() {
                    store.watch_event(&change.into_new()?).await?;
                }
                Ok::<(), HandlerError>(())
            }
        })
        .on(move |change: Change<Dispute>, _: Context| {
            let store = on_dispute.clone();
            async move {
                if change.is_insert() {
                    store.watch_dispute(&change.into_new()?).await?;
                }
                Ok::<(), HandlerError>(())
            }
        })
        .on(move |change: Change<FeedEntry>, _: Context| {
            let feeds = on_entry.clone();
            async move {
                if change.is_insert() {
                    feeds.publish(change.into_new()?);
                }
                Ok::<(), HandlerError>(())
            }
        })
        .on(move |change: Change<BrandStats>, _: Context| {
            let feeds = on_numbers.clone();
            async move {
                if !change.is_remove() {
                    feeds.publish_numbers(change.into_new()?);
                }
                Ok::<(), HandlerError>(())
            }
        })
        .on(move |change: Change<Alert>, _: Context| {
            let feeds = on_verdict.clone();
            async move {
                let judged = |alert: &Option<Alert>| {
                    let alert = alert.as_ref();
                    alert.is_some_and(|alert| alert.ai_analysis.here().is_some())
                };
                if change.is_modify() && judged(&change.new) && !judged(&change.old) {
                    feeds.publish_verdict(change.into_new()?);
                }
                Ok::<(), HandlerError>(())
            }
        })
}

/// Judges alerts, beside the pipeline that raises them.
pub fn analyst(store: &Store) -> Pipeline<Genuproof> {
    let store = store.clone();
    Pipeline::new("analyst")
        .time_limit(TIME_LIMIT)
        .on(move |change: Change<Alert>, _: Context| {
            let store = store.clone();
            async move {
                if !change.is_insert() {
                    return Ok::<(), HandlerError>(());
                }
                let alert = change.into_new()?;
                let begin = Instant::now();
                if let Some(judgement) = AlertKind::parse(&alert.kind).and_then(analyst::judge) {
                    let latency_ms = u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX);
                    store.note_judgement(&alert, &judgement, latency_ms).await?;
                }
                Ok(())
            }
        })
}

async fn watch_scan(store: &Store, change: Change<Scan>, cx: &Context) -> Result<(), HandlerError> {
    if !change.is_insert() {
        return Ok(());
    }
    let scan = change.into_new()?;
    for Outcome { kind, raised } in store.watch_scan(&scan).await? {
        let Raised::Repeat { brand, alert } = raised else {
            continue;
        };
        let counted = store.count_repeat(&brand, &alert, scan.at);
        match cx.once_as(kind.as_str(), counted).commit().await {
            // Somebody deleted the alert: there is nothing to count on.
            Ok(_) | Err(TransactError::Condition { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
