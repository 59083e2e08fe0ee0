//! The queue of deliveries: taken by one worker at a time, tried again for a day, kept to be looked at and sent again.

use std::fmt;

use keyfold::prelude::*;

use super::webhooks::hook_key;
use super::{HookError, Listed, Store, StoreError, failure};
use crate::domain::hook::{PAUSED_AFTER_MS, next_try};
use crate::domain::ids::BrandId;
use crate::table::{Delivery, DeliveryKey, DueDelivery, Webhook};

/// Longer than a delivery takes, time-out included; whoever died meanwhile is replaced then.
const LEASE_MS: i64 = 30_000;

/// A delivery that is about to be sent, by nobody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// What is told.
    pub delivery: Delivery,
    /// Whom.
    pub webhook: Webhook,
}

/// What came of sending it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was taken in.
    Delivered {
        /// With this status.
        status: u16,
    },
    /// It was not.
    Failed {
        /// The status, if there was an answer.
        status: Option<u16>,
        /// What went wrong.
        error: String,
    },
}

/// What a delivery is called by: `moment~id`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryId {
    at: Timestamp,
    id: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Refusal)]
enum Refused {
    Moved,
}

impl DeliveryId {
    /// Reads one; `None` when it has not the form of one.
    pub fn parse(text: &str) -> Option<Self> {
        let (at, id) = text.split_once('~')?;
        let is_id = id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        Some(Self {
            at: at.parse().ok()?,
            id: is_id.then(|| id.to_owned())?,
        })
    }

    /// Of a delivery.
    pub fn of(delivery: &Delivery) -> Self {
        Self {
            at: delivery.created_at,
            id: delivery.id.clone(),
        }
    }
}

impl fmt::Display for DeliveryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}~{}", self.at, self.id)
    }
}

impl Store {
    /// Deliveries that are due, the longest due first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn deliveries_due(&self, limit: u32) -> Result<Vec<DueDelivery>, StoreError> {
        let pages = self.db.deliveries_due(self.now()).page_size(limit);
        Ok(pages.consistent().page().await?.items)
    }

    /// Takes a delivery to send it. None when somebody else does, or nothing is to be sent any more.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn take_delivery(&self, due: &DueDelivery) -> Result<Option<Taken>, StoreError> {
        let key = key_of(&due.webhook_id, due.created_at, &due.id);
        let Some(delivery) = self.db.deliveries.find(&key).consistent().await? else {
            self.db.due_deliveries.delete(due).await?;
            return Ok(None);
        };
        if delivery.state != "waiting" || delivery.due_at != Some(due.due_at) {
            self.db.due_deliveries.delete(due).await?;
            return Ok(None);
        }
        let now = self.now();
        if delivery.leased_until.is_some_and(|until| until > now) {
            return Ok(None);
        }
        let hook = self
            .db
            .webhooks
            .find(hook_key(&delivery.brand_id, &delivery.webhook_id));
        let Some(webhook) = hook.consistent().await?.filter(|hook| hook.active) else {
            self.end(&delivery, due, "cancelled", "the webhook was deleted")
                .await?;
            return Ok(None);
        };
        if webhook.paused_at.is_some() {
            self.end(&delivery, due, "dead", "the webhook is paused")
                .await?;
            return Ok(None);
        }
        let was = delivery.attempts;
        let first = delivery.first_tried_at.unwrap_or(now);
        let leased_before = delivery.leased_until;
        let patch = self
            .db
            .deliveries
            .patch(&key)
            .attempts(was + 1)
            .leased_until(now.plus_ms(LEASE_MS))
            .first_tried_at(first)
            .when(|found| {
                let same = found.attempts.eq(was);
                same.and(match leased_before {
                    Some(until) => found.leased_until.eq(Some(until)),
                    None => found.leased_until.absent(),
                })
            });
        match self
            .db
            .transact()
            .apply(patch)
            .or(Refused::Moved)
            .commit()
            .await
        {
            Ok(_) => Ok(Some(Taken {
                delivery: Delivery {
                    attempts: was + 1,
                    first_tried_at: Some(first),
                    ..delivery
                },
                webhook,
            })),
            Err(TransactError::Refused(Refused::Moved) | TransactError::Conflict) => Ok(None),
            Err(error) => Err(failure(error)),
        }
    }

    /// Notes what came of a delivery: done, to be tried again later, or given up.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn note_delivery(
        &self,
        due: &DueDelivery,
        taken: &Taken,
        outcome: &Outcome,
    ) -> Result<(), StoreError> {
        let (delivery, now) = (&taken.delivery, self.now());
        let key = key_of(&due.webhook_id, due.created_at, &due.id);
        let patch = self.db.deliveries.patch(&key).remove_leased_until();
        let hook = self
            .db
            .webhooks
            .patch(hook_key(&delivery.brand_id, &delivery.webhook_id));
        let transact = self.db.transact();
        let (patch, hook, transact) = match outcome {
            Outcome::Delivered { status } => {
                let patch = patch
                    .state("delivered")
                    .status(u64::from(*status))
                    .done_at(now);
                let hook = hook.add_delivery_count(1).last_triggered(now);
                (
                    patch.remove_due_at().remove_error(),
                    hook.remove_failing_since(),
                    transact,
                )
            }
            Outcome::Failed { status, error } => {
                let since = taken.webhook.failing_since.unwrap_or(now);
                let is_paused = now.as_millisecond() - since.as_millisecond() >= PAUSED_AFTER_MS;
                let hook = hook.failing_since(since);
                let hook = if is_paused { hook.paused_at(now) } else { hook };
                let patch = match status {
                    Some(status) => patch.status(u64::from(*status)),
                    None => patch.remove_status(),
                };
                let patch = patch.error(error.clone());
                match next_try(delivery.attempts, now) {
                    Some(due_at) => {
                        let next = DueDelivery {
                            due_at,
                            ..due.clone()
                        };
                        (patch.due_at(due_at), hook, transact.create(next))
                    }
                    None => (
                        patch.state("dead").done_at(now).remove_due_at(),
                        hook,
                        transact,
                    ),
                }
            }
        };
        let attempts = delivery.attempts;
        let transact = transact
            .apply(patch.when(|found| found.attempts.eq(attempts)))
            .delete(self.db.due_deliveries.delete(due));
        // Somebody may delete the webhook meanwhile: then there is nothing to note on it.
        let is_there = self
            .db
            .webhooks
            .exists(hook_key(&delivery.brand_id, &delivery.webhook_id));
        let transact = if is_there.consistent().await? {
            transact.apply(hook)
        } else {
            transact
        };
        match transact.commit().await {
            // Somebody else took it after the lease ended, or the webhook went: what they note counts.
            Ok(_) | Err(TransactError::Condition { .. }) => Ok(()),
            Err(error) => Err(failure(error)),
        }
    }

    /// What a webhook was told, newest first.
    ///
    /// # Errors
    /// [`StoreError`], also for a cursor that is not one of this list.
    pub async fn deliveries(
        &self,
        webhook: &str,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<Listed<Delivery>, StoreError> {
        let pages = self.db.deliveries_of_webhook(webhook).page_size(limit);
        let pages = pages.after(super::cursor(cursor)).consistent();
        Ok(pages.page().await?.into())
    }

    /// Sends a delivery that was done with once more, with a new day of tries.
    ///
    /// # Errors
    /// [`HookError`].
    pub async fn resend(
        &self,
        brand: &BrandId,
        webhook: &str,
        id: &DeliveryId,
    ) -> Result<(), HookError> {
        let webhook = self.webhook(brand, webhook).await?;
        let key = key_of(&webhook.id, id.at, &id.id);
        let found = self.db.deliveries.find(&key).consistent().await;
        let found = found.map_err(StoreError::from)?;
        let delivery = found.filter(|delivery| delivery.state != "waiting");
        let delivery = delivery.ok_or(HookError::NoDelivery)?;
        let due_at = self.now();
        let due = DueDelivery {
            due_at,
            id: delivery.id.clone(),
            webhook_id: delivery.webhook_id.clone(),
            created_at: delivery.created_at,
        };
        let was = delivery.state.clone();
        let patch = self
            .db
            .deliveries
            .patch(&key)
            .state("waiting")
            .attempts(0_u64)
            .due_at(due_at)
            .remove_leased_until()
            .remove_first_tried_at()
            .remove_done_at();
        let transact = self
            .db
            .transact()
            .apply(patch.when(|found| found.state.eq(was)));
        let transact = transact.or(Refused::Moved).create(due);
        match transact.commit().await {
            Ok(_) => Ok(()),
            Err(TransactError::Refused(Refused::Moved)) => Err(HookError::NoDelivery),
            Err(error) => Err(failure(error).into()),
        }
    }

    async fn end(
        &self,
        delivery: &Delivery,
        due: &DueDelivery,
        state: &str,
        why: &str,
    ) -> Result<(), StoreError> {
        let attempts = delivery.attempts;
        let patch = self
            .db
            .deliveries
            .patch(key_of(&due.webhook_id, due.created_at, &due.id))
            .state(state)
            .error(why.to_owned())
            .done_at(self.now())
            .remove_due_at();
        let transact = self
            .db
            .transact()
            .apply(patch.when(|found| found.attempts.eq(attempts)))
            .delete(self.db.due_deliveries.delete(due));
        match transact.commit().await {
            Ok(_) | Err(TransactError::Condition { .. }) => Ok(()),
            Err(error) => Err(failure(error)),
        }
    }
}

fn key_of(webhook: &str, at: Timestamp, id: &str) -> DeliveryKey {
    DeliveryKey {
        webhook_id: webhook.to_owned(),
        created_at: at,
        id: id.to_owned(),
    }
}
