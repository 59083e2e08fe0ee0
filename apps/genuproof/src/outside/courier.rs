//! Takes deliveries out of the queue and sends them: side by side, each by one worker at a time, without anybody waiting for it.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, Semaphore, watch};
use tokio::task::{JoinHandle, JoinSet};

use super::reach::{Reach, Unreached};
use crate::domain::hook::{Target, TargetRules, signature};
use crate::store::{DeliveryOutcome, Store, StoreError, Taken};
use crate::table::DueDelivery;

/// Deliveries on their way at once.
const AT_ONCE: usize = 16;
/// Deliveries that are looked at: those on their way are among them.
const LOOKED_AT: u32 = 200;
/// How often the queue is looked at when nobody rings: a try that is due, or what another process queued.
const LOOKS_EVERY: Duration = Duration::from_secs(1);

/// Rung when there is something new to deliver.
#[derive(Debug, Clone, Default)]
pub struct Bell(Arc<Notify>);

impl Bell {
    /// Rings.
    pub fn ring(&self) {
        self.0.notify_one();
    }
}

/// A courier at work.
#[derive(Debug)]
pub struct Courier {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Courier {
    /// Starts one.
    pub fn start(store: Store, reach: Reach, rules: TargetRules, bell: Bell) -> Self {
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(work(store, reach, rules, bell, stopped));
        Self { stop, task }
    }

    /// Stops it. What is on its way is sent again by whoever comes next, once its lease has ended.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        // A task that panicked has stopped as well.
        let _ = self.task.await;
    }
}

async fn work(
    store: Store,
    reach: Reach,
    rules: TargetRules,
    bell: Bell,
    mut stopped: watch::Receiver<bool>,
) {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let on_the_way: Arc<Mutex<HashSet<String>>> = Arc::default();
    let mut tasks = JoinSet::new();
    loop {
        let due = match store.deliveries_due(LOOKED_AT).await {
            Ok(due) => due,
            Err(error) => {
                tracing::warn!(%error, "the queue of deliveries cannot be read");
                Vec::new()
            }
        };
        for due in due {
            let is_new = on_the_way
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(due.id.clone());
            if !is_new {
                continue;
            }
            let place = tokio::select! {
                place = Arc::clone(&places).acquire_owned() => place,
                _ = stopped.wait_for(|stop| *stop) => return,
            };
            let (store, reach, on_the_way) =
                (store.clone(), reach.clone(), Arc::clone(&on_the_way));
            tasks.spawn(async move {
                let _place = place;
                if let Err(error) = deliver(&store, &reach, rules, &due).await {
                    tracing::warn!(%error, "a delivery stays in the queue");
                }
                let mut on_the_way = on_the_way.lock().unwrap_or_else(PoisonError::into_inner);
                on_the_way.remove(&due.id);
            });
        }
        while tasks.try_join_next().is_some() {}
        tokio::select! {
            () = bell.0.notified() => {}
            () = tokio::time::sleep(LOOKS_EVERY) => {}
            _ = stopped.wait_for(|stop| *stop) => return,
        }
    }
}

/// Sends what is due, if nobody else does.
async fn deliver(
    store: &Store,
    reach: &Reach,
    rules: TargetRules,
    due: &DueDelivery,
) -> Result<(), StoreError> {
    let Some(taken) = store.take_delivery(due).await? else {
        return Ok(());
    };
    let outcome = send(store, reach, rules, &taken).await;
    store.note_delivery(due, &taken, &outcome).await
}

async fn send(store: &Store, reach: &Reach, rules: TargetRules, taken: &Taken) -> DeliveryOutcome {
    let failed = |status, error: String| DeliveryOutcome::Failed { status, error };
    let target = match Target::parse(&taken.webhook.url, rules) {
        Ok(target) => target,
        Err(refused) => return failed(None, format!("the URL {refused}")),
    };
    let now = store.now();
    let body = taken.delivery.body.clone();
    let seconds = now.as_millisecond().div_euclid(1_000);
    let secrets = taken.webhook.secrets(now);
    let mut headers = vec![
        ("x-genuproof-delivery", taken.delivery.id.clone()),
        ("x-genuproof-event", taken.delivery.kind.clone()),
    ];
    if !secrets.is_empty() {
        headers.push(("x-genuproof-signature", signature(&secrets, seconds, &body)));
    }
    match reach.post(&target, &headers, body).await {
        Ok(status @ 200..300) => DeliveryOutcome::Delivered { status },
        Ok(status) => failed(Some(status), format!("the receiver answered {status}")),
        Err(error @ (Unreached::Forbidden(_) | Unreached::Failed(_))) => {
            failed(None, error.to_string())
        }
    }
}
