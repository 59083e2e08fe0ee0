//! The plan a brand is on, as the payment service says.

use keyfold::prelude::*;

use super::{Store, StoreError, failure};
use crate::domain::ids::BrandId;
use crate::table::PaymentEvent;

/// Longer than the service tries to tell the same again.
const KEPT_MS: i64 = 90 * 24 * 3_600_000;

/// A change that was paid for, or ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanChange {
    /// The event that says so; each is acted upon once.
    pub event: String,
    /// Whose.
    pub brand: BrandId,
    /// The plan from now on; none leaves it as it is.
    pub plan: Option<String>,
    /// Who pays.
    pub customer: Option<String>,
    /// For what; `None` inside ends it.
    pub subscription: Option<Option<String>>,
    /// Only if the brand pays for this one: an older one that ends later ends nothing.
    pub of_subscription: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Refusal)]
enum Refused {
    Before,
}

impl Store {
    /// Puts a brand on another plan. Whether that was done now; not when the event was acted upon before, or the brand is gone.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn change_plan(&self, change: &PlanChange) -> Result<bool, StoreError> {
        retry(Policy::default(), |_| self.try_change_plan(change)).await
    }

    async fn try_change_plan(&self, change: &PlanChange) -> Attempt<bool, StoreError> {
        let brand = match self.db.brands.find(&change.brand).consistent().await {
            Ok(Some(brand)) => brand,
            Ok(None) => return Attempt::Done(false),
            Err(error) => return Attempt::Failed(error.into()),
        };
        if let (Some(own), Some(of)) = (&brand.stripe_subscription, &change.of_subscription)
            && own != of
        {
            return Attempt::Done(false);
        }
        let now = self.now();
        let mut edit = self.db.brands.edit(&brand);
        if let Some(plan) = &change.plan {
            edit = edit.plan(plan.clone());
        }
        if let Some(customer) = &change.customer {
            edit = edit.stripe_customer(customer.clone());
        }
        match &change.subscription {
            Some(Some(subscription)) => edit = edit.stripe_subscription(subscription.clone()),
            Some(None) => edit = edit.remove_stripe_subscription(),
            None => {}
        }
        let seen = PaymentEvent {
            id: change.event.clone(),
            brand_id: change.brand.clone(),
            at: now,
            until: Some(now.plus_ms(KEPT_MS)),
        };
        let transact = self.db.transact().create(seen).or(Refused::Before);
        let transact = if change.plan.is_some()
            || change.customer.is_some()
            || change.subscription.is_some()
        {
            transact.apply(edit)
        } else {
            transact
        };
        match transact.commit().await {
            Ok(_) => Attempt::Done(true),
            Err(TransactError::Refused(Refused::Before)) => Attempt::Done(false),
            Err(TransactError::Conflict | TransactError::Condition { .. }) => {
                Attempt::Again(StoreError::Busy)
            }
            Err(error) => Attempt::Failed(failure(error)),
        }
    }
}
