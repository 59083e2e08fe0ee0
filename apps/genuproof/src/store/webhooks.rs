//! Outgoing webhooks of a brand.

use keyfold::prelude::*;
use serde_json::Value;

use super::{Store, StoreError, failure};
use crate::domain::canonical::Object;
use crate::domain::crypto::sha256;
use crate::domain::hook::{Target, draw_secret};
use crate::domain::ids::{BrandId, draw_uuid};
use crate::table::{Delivery, DueDelivery, Webhook, WebhookKey};

/// Webhooks of one brand.
const HOOKS_MAX: usize = 50;
/// For how long a delivery can be looked at.
const KEPT_MS: i64 = 30 * 24 * 3_600_000;
const HOUR_MS: i64 = 3_600_000;

/// A webhook that was just created.
#[derive(Debug)]
pub struct NewHook {
    /// The webhook.
    pub webhook: Webhook,
    /// What its deliveries are signed with: shown this once.
    pub secret: String,
}

/// Why a webhook stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum HookError {
    /// There is no such webhook.
    #[error("no such webhook")]
    Unknown,
    /// There are too many.
    #[error("a brand has at most {HOOKS_MAX} webhooks: delete one first")]
    TooMany,
    /// There is no such delivery, or it is still to be tried.
    #[error("there is no such delivery, or it is still to be tried")]
    NoDelivery,
    /// The table.
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Refusal)]
enum Refused {
    There,
}

impl Store {
    /// Where a brand wants to be told.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn webhooks(&self, brand: &BrandId) -> Result<Vec<Webhook>, StoreError> {
        let pages = self.db.webhooks_of_brand(brand).consistent();
        Ok(pages.page().await?.items)
    }

    /// Creates a webhook.
    ///
    /// # Errors
    /// [`HookError`].
    pub async fn create_webhook(
        &self,
        brand: &BrandId,
        target: &Target,
        events: Vec<String>,
    ) -> Result<NewHook, HookError> {
        if self.webhooks(brand).await?.len() >= HOOKS_MAX {
            return Err(HookError::TooMany);
        }
        let secret = draw_secret(&self.randomness()).map_err(StoreError::from)?;
        let webhook = Webhook {
            id: draw_uuid(&self.randomness()).map_err(StoreError::from)?,
            brand_id: brand.clone(),
            url: target.as_str().to_owned(),
            events,
            active: true,
            created_at: self.now(),
            last_triggered: None,
            delivery_count: 0,
            secret: Some(secret.clone()),
            previous_secret: None,
            previous_secret_until: None,
            failing_since: None,
            paused_at: None,
        };
        let created = self.db.webhooks.create(webhook.clone()).await;
        created.map_err(StoreError::from)?;
        Ok(NewHook { webhook, secret })
    }

    /// A webhook of a brand.
    ///
    /// # Errors
    /// [`HookError::Unknown`], also for another brand's.
    pub async fn webhook(&self, brand: &BrandId, id: &str) -> Result<Webhook, HookError> {
        let found = self
            .db
            .webhooks
            .find(hook_key(brand, id))
            .consistent()
            .await;
        found.map_err(StoreError::from)?.ok_or(HookError::Unknown)
    }

    /// Deletes a webhook. It is told nothing more.
    ///
    /// # Errors
    /// [`HookError`].
    pub async fn delete_webhook(&self, brand: &BrandId, id: &str) -> Result<(), HookError> {
        self.webhook(brand, id).await?;
        let deleted = self.db.webhooks.delete(hook_key(brand, id)).await;
        deleted.map_err(StoreError::from)?;
        Ok(())
    }

    /// Gives a webhook a new secret; for so many hours its deliveries are signed with the present one too.
    ///
    /// # Errors
    /// [`HookError`].
    pub async fn rotate_secret(
        &self,
        brand: &BrandId,
        id: &str,
        grace_hours: u32,
    ) -> Result<NewHook, HookError> {
        let webhook = self.webhook(brand, id).await?;
        let secret = draw_secret(&self.randomness()).map_err(StoreError::from)?;
        let patch = self
            .db
            .webhooks
            .patch(hook_key(brand, id))
            .secret(secret.clone());
        let patch = match webhook.secret.clone().filter(|_| grace_hours > 0) {
            Some(previous) => patch
                .previous_secret(previous)
                .previous_secret_until(self.now().plus_ms(i64::from(grace_hours) * HOUR_MS)),
            None => patch
                .remove_previous_secret()
                .remove_previous_secret_until(),
        };
        patch.send().await.map_err(StoreError::from)?;
        Ok(NewHook { webhook, secret })
    }

    /// Lets a paused webhook be told again.
    ///
    /// # Errors
    /// [`HookError`].
    pub async fn resume_webhook(&self, brand: &BrandId, id: &str) -> Result<(), HookError> {
        self.webhook(brand, id).await?;
        let patch = self.db.webhooks.patch(hook_key(brand, id)).active(true);
        let patch = patch.remove_paused_at().remove_failing_since();
        patch.send().await.map_err(StoreError::from)?;
        Ok(())
    }

    /// Queues what a brand's webhooks are told of. What was queued before is not queued again: `cause` names it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn tell(
        &self,
        brand: &BrandId,
        kind: &str,
        cause: &str,
        at: Timestamp,
        data: &Object,
    ) -> Result<usize, StoreError> {
        let mut queued = 0;
        for hook in self.webhooks(brand).await? {
            if !hook.is_told(kind) {
                continue;
            }
            let digest = sha256(&format!("{}:{kind}:{cause}", hook.id)).to_string();
            let id = digest.get(..32).unwrap_or(&digest).to_owned();
            let body = serde_json::json!({
                "id": id,
                "type": kind,
                "brandId": brand,
                "createdAt": at,
                "data": Value::Object(data.clone()),
            });
            let due_at = self.now();
            let delivery = Delivery {
                webhook_id: hook.id.clone(),
                brand_id: brand.clone(),
                created_at: at,
                id: id.clone(),
                kind: kind.to_owned(),
                body: body.to_string(),
                state: "waiting".to_owned(),
                attempts: 0,
                due_at: Some(due_at),
                leased_until: None,
                first_tried_at: None,
                status: None,
                error: None,
                done_at: None,
                until: Some(due_at.plus_ms(KEPT_MS)),
            };
            let due = DueDelivery {
                due_at,
                id,
                webhook_id: hook.id,
                created_at: at,
            };
            let transact = self.db.transact().create(delivery).or(Refused::There);
            match transact.create(due).commit().await {
                Ok(_) => queued += 1,
                Err(TransactError::Refused(Refused::There)) => {}
                Err(error) => return Err(failure(error)),
            }
        }
        Ok(queued)
    }
}

pub(super) fn hook_key(brand: &BrandId, id: &str) -> WebhookKey {
    WebhookKey {
        brand_id: brand.clone(),
        // A key has no empty part.
        id: if id.is_empty() { "-" } else { id }.to_owned(),
    }
}

impl Webhook {
    /// Whether it is told of this.
    pub fn is_told(&self, kind: &str) -> bool {
        self.active && self.paused_at.is_none() && self.events.iter().any(|event| event == kind)
    }

    /// What deliveries are signed with at a moment.
    pub fn secrets(&self, now: Timestamp) -> Vec<&str> {
        let counts = self.previous_secret_until.is_some_and(|until| until > now);
        let previous = self.previous_secret.as_deref().filter(|_| counts);
        self.secret.as_deref().into_iter().chain(previous).collect()
    }
}
