//! Alerts: raised once for each anomaly, numbered in their brand's feed, resolved and reopened by the brand.

use keyfold::prelude::*;
use keyfold::{Condition, Field, Transact};

use super::{Store, StoreError, failure};
use crate::domain::alert::{AlertId, AlertKind, DAY_MS};
use crate::domain::ids::{BrandId, ProductId};
use crate::domain::stored::Stored;
use crate::table::{Alert, AlertKey, Anomaly, AnomalyKey, BrandStats, FeedEntry, Genuproof};

/// For how long the feed can be followed from an old entry on.
const FEED_MS: i64 = 90 * DAY_MS;
/// What writes alerts.
pub(crate) const SOURCE: &str = "lambda-stream";

/// An alert that is to be raised.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    missing_docs,
    reason = "the attributes of the item, under their own names"
)]
pub struct NewAlert {
    pub kind: AlertKind,
    pub brand: BrandId,
    pub product: ProductId,
    pub product_name: Option<String>,
    /// The moment of what caused it.
    pub at: Timestamp,
    /// Made from what caused it.
    pub suffix: String,
    pub details: String,
    pub country: Option<String>,
    pub city: Option<String>,
    /// Every rule that fired with it.
    pub flags: Vec<String>,
    /// Whether the operations log has an entry for this one.
    pub is_logged: bool,
}

/// What came of an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Raised {
    /// It is new.
    Now,
    /// It had been written before: the same cause was seen again.
    Before,
    /// It repeats what another alert stands for.
    Repeat {
        /// Whose.
        brand: BrandId,
        /// Which.
        alert: AlertId,
    },
}

/// What a brand makes of an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// Resolved, or open again.
    pub is_resolved: bool,
    /// By whom.
    pub by: String,
    /// Why.
    pub note: Option<String>,
}

/// Why an alert stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum SettleError {
    /// There is no such alert.
    #[error("no such alert")]
    Unknown,
    /// It is resolved, or open, already.
    #[error("the alert is {} already", if *.is_resolved { "resolved" } else { "open" })]
    Already {
        /// What it is.
        is_resolved: bool,
    },
    /// The table.
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Refusal)]
enum Refused {
    /// It was raised before.
    There,
    /// Somebody else wrote meanwhile.
    Moved,
}

impl Store {
    /// Raises an alert: the alert, its entry in the feed, the brand's counter and the mark by which repeats are known, in one
    /// transaction. The key follows from the cause, so that a cause that is seen again raises nothing.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn raise(&self, new: &NewAlert) -> Result<Raised, StoreError> {
        retry(Policy::default(), |_| self.try_raise(new)).await
    }

    async fn try_raise(&self, new: &NewAlert) -> Attempt<Raised, StoreError> {
        let key = AnomalyKey {
            product: new.product.clone(),
            kind: new.kind.as_str().to_owned(),
        };
        let read = tokio::try_join!(
            async { Ok::<_, StoreError>(self.db.anomalies.find(&key).consistent().send().await?) },
            async { Ok(self.db.stats.find(&new.brand).consistent().send().await?) },
        );
        let (known, stats) = match read {
            Ok(read) => read,
            Err(error) => return Attempt::Failed(error),
        };
        if let Some(known) = &known {
            if known.alerted_at == new.at && known.suffix == new.suffix {
                return Attempt::Done(Raised::Before);
            }
            if new.kind.is_repeat(known.alerted_at, new.at) {
                return Attempt::Done(Raised::Repeat {
                    brand: known.brand.clone(),
                    alert: AlertId {
                        at: known.alerted_at,
                        kind: new.kind.as_str().to_owned(),
                        suffix: Some(known.suffix.clone()),
                    },
                });
            }
        }
        match self.write_alert(new, known.as_ref(), stats.as_ref()).await {
            Ok(()) => Attempt::Done(Raised::Now),
            Err(TransactError::Refused(Refused::There)) => Attempt::Done(Raised::Before),
            Err(TransactError::Refused(Refused::Moved) | TransactError::Conflict) => {
                Attempt::Again(StoreError::Busy)
            }
            Err(error) => Attempt::Failed(failure(error)),
        }
    }

    async fn write_alert(
        &self,
        new: &NewAlert,
        known: Option<&Anomaly>,
        stats: Option<&BrandStats>,
    ) -> Result<(), TransactError<Refused>> {
        let was = stats.map_or(Stored::Absent, |stats| stats.feed_number.clone());
        let number = was.here().copied().unwrap_or_default() + 1;
        let alert = new.item();
        let entry = new.entry(number, self.now().plus_ms(FEED_MS));
        let mut transact = self
            .db
            .transact()
            .create(alert)
            .or(Refused::There)
            .create(entry)
            .or(Refused::Moved)
            .apply(
                self.db
                    .stats
                    .upsert(&new.brand)
                    .add_threat_count(1)
                    .feed_number(number)
                    .when(|found| still(found.feed_number, was)),
            )
            .or(Refused::Moved);
        if let Some(window) = new.kind.window_ms() {
            let mark = new.mark(window);
            transact = match known {
                None => transact.create(mark).or(Refused::Moved),
                // What happened long before the last one is no reason to forget that one.
                Some(known) if known.alerted_at > new.at => transact,
                Some(known) => {
                    let moved = self
                        .db
                        .anomalies
                        .patch(known)
                        .brand(mark.brand)
                        .alerted_at(mark.alerted_at)
                        .suffix(mark.suffix)
                        .until(mark.until);
                    let (alerted_at, suffix) = (known.alerted_at, known.suffix.clone());
                    let unchanged = moved.when(|found| {
                        let same = found.alerted_at.eq(alerted_at);
                        same.and(found.suffix.eq(suffix))
                    });
                    transact.apply(unchanged).or(Refused::Moved)
                }
            };
        }
        transact.commit().await.map(drop)
    }

    /// Counts a repeat on an alert. To be committed once for each repeat.
    pub fn count_repeat(
        &self,
        brand: &BrandId,
        alert: &AlertId,
        at: Timestamp,
    ) -> Transact<Genuproof> {
        let repeat = self.db.alerts.patch(key(brand, alert)).add_repeats(1);
        self.db.transact().apply(repeat.repeated_at(at.to_string()))
    }

    /// The newest alerts of a brand, over all months.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn alerts(&self, brand: &BrandId, limit: u32) -> Result<Vec<Alert>, StoreError> {
        let page = self.db.alerts_of_brand(brand).page_size(limit).page().await;
        Ok(page?.items)
    }

    /// Resolves an alert, or opens it again.
    ///
    /// # Errors
    /// [`SettleError`].
    pub async fn settle(
        &self,
        brand: &BrandId,
        id: &AlertId,
        settlement: &Settlement,
    ) -> Result<Alert, SettleError> {
        retry(Policy::default(), |_| {
            self.try_settle(brand, id, settlement)
        })
        .await
    }

    async fn try_settle(
        &self,
        brand: &BrandId,
        id: &AlertId,
        settlement: &Settlement,
    ) -> Attempt<Alert, SettleError> {
        let key = key(brand, id);
        let alert = match self.db.alerts.find(&key).consistent().await {
            Ok(Some(alert)) => alert,
            Ok(None) => return Attempt::Failed(SettleError::Unknown),
            Err(error) => return Attempt::Failed(StoreError::from(error).into()),
        };
        let is_resolved = settlement.is_resolved;
        if alert.is_resolved() == is_resolved {
            return Attempt::Failed(SettleError::Already { is_resolved });
        }
        let now = self.now();
        let was = alert.resolved.clone();
        let edit = self
            .db
            .alerts
            .patch(&key)
            .resolved(is_resolved)
            .resolved_at(now.to_string())
            .resolved_by(settlement.by.clone())
            .resolution_note(settlement.note.clone());
        let counted = self.db.stats.upsert(brand);
        let written = self
            .db
            .transact()
            .apply(edit.when(|found| match was {
                Stored::Here(was) => found.resolved.eq(was),
                Stored::Absent | Stored::Odd => found.resolved_at.absent(),
            }))
            .or(Refused::Moved)
            .apply(counted.add_resolved_count(if is_resolved { 1 } else { -1 }))
            .commit()
            .await;
        match written {
            Ok(_) => {
                let mut settled = alert;
                settled.resolved = is_resolved.into();
                settled.resolved_at = now.to_string().into();
                settled.resolved_by = settlement.by.clone().into();
                settled.resolution_note = settlement.note.clone().into();
                Attempt::Done(settled)
            }
            Err(TransactError::Refused(_) | TransactError::Conflict) => {
                Attempt::Again(StoreError::Busy.into())
            }
            Err(error) => Attempt::Failed(failure(error).into()),
        }
    }

    /// The feed of a brand from an entry on, in order, at most so many.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn feed(
        &self,
        brand: &BrandId,
        from: u64,
        limit: u32,
    ) -> Result<Vec<FeedEntry>, StoreError> {
        let pages = self.db.feed_of_brand(brand, from).page_size(limit);
        Ok(pages.consistent().page().await?.items)
    }

    /// The number of the last entry of a brand's feed; 0 when there is none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn feed_end(&self, brand: &BrandId) -> Result<u64, StoreError> {
        let stats = self.db.stats.find(brand).consistent().await?;
        Ok(stats.map_or(0, |stats| stats.feed_end()))
    }
}

fn key(brand: &BrandId, id: &AlertId) -> AlertKey {
    AlertKey {
        brand: brand.clone(),
        at: id.at,
        kind: id.kind.clone(),
        suffix: id.suffix.clone(),
    }
}

impl NewAlert {
    fn id(&self) -> AlertId {
        AlertId {
            at: self.at,
            kind: self.kind.as_str().to_owned(),
            suffix: Some(self.suffix.clone()),
        }
    }

    fn item(&self) -> Alert {
        Alert {
            brand: self.brand.clone(),
            at: self.at,
            kind: self.kind.as_str().to_owned(),
            suffix: Some(self.suffix.clone()),
            brand_id: (&self.brand).into(),
            shown_kind: self.kind.as_str().into(),
            severity: self.kind.severity().as_str().into(),
            product_id: (&self.product).into(),
            details: self.details.as_str().into(),
            timestamp: self.at.to_string().into(),
            resolved: false.into(),
            country: self.country.clone().into(),
            city: self.city.clone().into(),
            source: SOURCE.into(),
            ai_analysis: Stored::Absent,
            product_name: self.product_name.clone().into(),
            anomaly_flags: Some(self.flags.clone())
                .filter(|flags| !flags.is_empty())
                .into(),
            is_logged: self.is_logged.then_some(true).into(),
            repeats: Stored::Absent,
            repeated_at: Stored::Absent,
            resolved_at: Stored::Absent,
            resolved_by: Stored::Absent,
            resolution_note: Stored::Absent,
        }
    }

    fn entry(&self, number: u64, until: Timestamp) -> FeedEntry {
        FeedEntry {
            brand: self.brand.clone(),
            number,
            alert_id: self.id().to_string(),
            kind: self.kind.as_str().to_owned(),
            severity: self.kind.severity().as_str().to_owned(),
            product_id: self.product.as_str().to_owned(),
            product_name: self.product_name.clone(),
            details: self.details.clone(),
            timestamp: self.at,
            source: SOURCE.to_owned(),
            country: self.country.clone(),
            city: self.city.clone(),
            until: Some(until),
        }
    }

    fn mark(&self, window_ms: i64) -> Anomaly {
        Anomaly {
            product: self.product.clone(),
            kind: self.kind.as_str().to_owned(),
            brand: self.brand.clone(),
            alerted_at: self.at,
            suffix: self.suffix.clone(),
            // A second more than it is asked for: times to live are in seconds.
            until: Some(self.at.plus_ms(window_ms + 1_000)),
        }
    }
}

impl Alert {
    /// What it is called by.
    pub fn id(&self) -> AlertId {
        AlertId {
            at: self.at,
            kind: self.kind.clone(),
            suffix: self.suffix.clone(),
        }
    }

    /// Whether the brand resolved it.
    pub fn is_resolved(&self) -> bool {
        self.resolved.here() == Some(&true)
    }
}

impl BrandStats {
    /// The number of the last entry of its feed.
    pub fn feed_end(&self) -> u64 {
        self.feed_number.here().copied().unwrap_or_default()
    }

    /// Alerts that are not resolved.
    pub fn unresolved(&self) -> u64 {
        let resolved = self.resolved_count.here().copied().unwrap_or_default();
        self.threat_count.saturating_sub(resolved)
    }
}

fn still(field: Field<BrandStats, Stored<u64>>, was: Stored<u64>) -> Condition {
    match was {
        Stored::Here(_) => field.eq(was),
        Stored::Absent | Stored::Odd => field.absent(),
    }
}
