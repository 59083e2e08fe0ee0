//! What follows from a change of the table: alerts, verdicts, and what those who follow are told.
//!
//! Four pipelines read the stream, none waits for another. `threats` is the one writer of all alerts: it evaluates every rule on every
//! scan, looks for gaps beside every event, and hands alerts on to those who follow. `analyst` judges alerts, by a model where there
//! is one. `ledger` counts and keeps the audit. `hooks` queues what webhooks are told.

use std::sync::Arc;
use std::time::{Duration, Instant};

use keyfold::{Change, Transact, TransactError};
use keyfold_stream::{Context, HandlerError, Pipeline};
use serde_json::{Value, json};

use crate::domain::alert::AlertKind;
use crate::domain::analyst::{self, Case, Judgement};
use crate::domain::canonical::Object;
use crate::domain::ids::{Form as _, ProductId};
use crate::feed::Feeds;
use crate::limits::{Limiter, RateLimits, Who};
use crate::outside::courier::Bell;
use crate::outside::gemini::Gemini;
use crate::store::{Outcome, Raised, Store};
use crate::table::{
    Alert, BrandStats, Delivery, Dispute, Event, FeedEntry, Genuproof, Product, Scan,
};

/// A handler that takes longer is told to try again.
const TIME_LIMIT: Duration = Duration::from_secs(10);
/// A question to the model, with its own time-out, and what is read and written around it.
const JUDGING_LIMIT: Duration = Duration::from_secs(25);
/// Questions to the model, for each brand.
const BUDGET: RateLimits = RateLimits {
    per_minute: 30,
    burst: 30,
    loopback_is_exempt: false,
};

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

/// Judges alerts, beside the pipeline that raises them: by the model, if there is one, and by rules where that does not answer.
pub fn analyst(store: &Store, gemini: Option<Gemini>) -> Pipeline<Genuproof> {
    let store = store.clone();
    let budget = Arc::new(Limiter::new(BUDGET));
    Pipeline::new("analyst").time_limit(JUDGING_LIMIT).on(
        move |change: Change<Alert>, _: Context| {
            let (store, gemini, budget) = (store.clone(), gemini.clone(), Arc::clone(&budget));
            async move {
                if !change.is_insert() {
                    return Ok::<(), HandlerError>(());
                }
                let alert = change.into_new()?;
                let Some(by_rule) = AlertKind::parse(&alert.kind).and_then(analyst::judge) else {
                    return Ok(());
                };
                let begin = Instant::now();
                let judgement = match &gemini {
                    Some(gemini) => judged(&store, gemini, &budget, &alert, by_rule).await?,
                    None => by_rule,
                };
                let latency_ms = u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX);
                store.note_judgement(&alert, &judgement, latency_ms).await?;
                Ok(())
            }
        },
    )
}

/// Counts, and keeps the audit.
pub fn ledger(store: &Store) -> Pipeline<Genuproof> {
    let (on_scan, on_event) = (store.clone(), store.clone());
    let (on_alert, on_product) = (store.clone(), store.clone());
    Pipeline::new("ledger")
        .time_limit(TIME_LIMIT)
        // One after the other: they write the same counters, and whoever scans is not to wait behind sixteen of them.
        .concurrency(1)
        .on(move |change: Change<Scan>, cx: Context| {
            let store = on_scan.clone();
            async move {
                if !change.is_insert() {
                    return Ok::<(), HandlerError>(());
                }
                let scan = change.into_new()?;
                let Some(brand) = store.brand_scanned(&scan).await? else {
                    return Ok(());
                };
                let counted = store.count_scan(&brand, &scan);
                once(&cx, store.audit_scan(counted, &brand, &scan)).await
            }
        })
        .on(move |change: Change<Event>, cx: Context| {
            let store = on_event.clone();
            async move {
                if !change.is_insert() {
                    return Ok::<(), HandlerError>(());
                }
                let event = change.into_new()?;
                let Some(brand) = store.brand_of_product(&event.product).await? else {
                    return Ok(());
                };
                let counted = store.count_event(&brand, &event);
                once(&cx, store.audit_event(counted, &brand, &event)).await
            }
        })
        .on(move |change: Change<Alert>, cx: Context| {
            let store = on_alert.clone();
            async move {
                if change.is_insert() {
                    once(&cx, store.audit_alert(&change.into_new()?)).await?;
                }
                Ok::<(), HandlerError>(())
            }
        })
        .on(move |change: Change<Product>, cx: Context| {
            let store = on_product.clone();
            async move {
                match store.count_product(change.old.as_ref(), change.new.as_ref()) {
                    Some(counted) => once(&cx, counted).await,
                    None => Ok::<(), HandlerError>(()),
                }
            }
        })
}

/// Queues what webhooks are told, and rings for it.
pub fn hooks(store: &Store, bell: &Bell) -> Pipeline<Genuproof> {
    let (on_scan, on_alert, bell) = (store.clone(), store.clone(), bell.clone());
    Pipeline::new("hooks")
        .time_limit(TIME_LIMIT)
        .on(move |change: Change<Scan>, _: Context| {
            let store = on_scan.clone();
            async move {
                if !change.is_insert() {
                    return Ok::<(), HandlerError>(());
                }
                let scan = change.into_new()?;
                let Some(brand) = store.brand_scanned(&scan).await? else {
                    return Ok(());
                };
                let suffix = scan.suffix.as_deref().unwrap_or_default();
                let cause = format!("{}:{}:{suffix}", scan.product, scan.at);
                let data = members(json!({
                    "productId": scan.product,
                    "result": scan.result,
                    "country": scan.country,
                    "city": scan.city,
                    "timestamp": scan.at,
                }));
                store
                    .tell(&brand, "verification_scan", &cause, scan.at, &data)
                    .await?;
                Ok(())
            }
        })
        .on(move |change: Change<Alert>, _: Context| {
            let store = on_alert.clone();
            async move {
                if !change.is_insert() {
                    return Ok::<(), HandlerError>(());
                }
                let alert = change.into_new()?;
                let cause = alert.id().to_string();
                let data = members(json!({
                    "id": cause,
                    "productId": alert.product_id,
                    "productName": alert.product_name,
                    "type": alert.kind,
                    "severity": alert.severity,
                    "details": alert.details,
                    "timestamp": alert.at,
                    "country": alert.country,
                    "city": alert.city,
                }));
                store
                    .tell(&alert.brand, "threat_alert", &cause, alert.at, &data)
                    .await?;
                if alert.kind == AlertKind::ProductRecall.as_str() {
                    store
                        .tell(&alert.brand, "product_recall", &cause, alert.at, &data)
                        .await?;
                }
                Ok(())
            }
        })
        .on(move |change: Change<Delivery>, _: Context| {
            let bell = bell.clone();
            async move {
                if !change.is_remove() {
                    bell.ring();
                }
                Ok::<(), HandlerError>(())
            }
        })
}

/// The model's judgement, or that of the rules with why it is not the model's.
async fn judged(
    store: &Store,
    gemini: &Gemini,
    budget: &Limiter,
    alert: &Alert,
    by_rule: Judgement,
) -> Result<Judgement, HandlerError> {
    let fallback = |error: String, tokens| Judgement {
        error: Some(error),
        tokens,
        ..by_rule.clone()
    };
    if budget.take(&Who::address(alert.brand.as_str())).is_err() {
        return Ok(fallback(
            "the brand's questions of this minute are used up".to_owned(),
            (0, 0),
        ));
    }
    let product = match alert.product_id.text().and_then(ProductId::parse) {
        Some(id) => store.product_by_id(&id).await?,
        None => None,
    };
    let text = |of: fn(&Product) -> &crate::table::Text| {
        let text = product.as_ref().and_then(|product| of(product).text());
        text.unwrap_or("unknown").to_owned()
    };
    let (name, category) = (
        text(|product| &product.name),
        text(|product| &product.category),
    );
    let brand = text(|product| &product.brand_name);
    let flags = alert.anomaly_flags.here().cloned().unwrap_or_default();
    let kind = by_rule.kind;
    let question = analyst::question(&Case {
        kind,
        flags: &flags,
        details: alert.details.text().unwrap_or_default(),
        product_name: &name,
        category: &category,
        brand_name: &brand,
        country: alert.country.text().unwrap_or("unknown"),
        at: &alert.at.to_string(),
    });
    let Some((prompt, tokens_max)) = question else {
        return Ok(by_rule);
    };
    Ok(match gemini.ask(&prompt, tokens_max).await {
        Err(error) => fallback(error, (0, 0)),
        Ok(said) => {
            let tokens = (said.tokens_in, said.tokens_out);
            match analyst::answer(kind, &said.text) {
                Some(judgement) => Judgement {
                    tokens,
                    ..judgement
                },
                None => fallback("the answer is not what was asked for".to_owned(), tokens),
            }
        }
    })
}

/// Writes what follows from a record, once.
async fn once(cx: &Context, transact: Transact<Genuproof>) -> Result<(), HandlerError> {
    cx.once(transact).commit().await?;
    Ok(())
}

fn members(value: Value) -> Object {
    match value {
        Value::Object(members) => members,
        _ => Object::new(),
    }
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
