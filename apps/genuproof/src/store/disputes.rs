//! Disputes about claims: opened by consumers, decided by the brand.

use std::fmt;

use keyfold::prelude::*;
use keyfold::{Condition, Field};

use super::claims::NAMELESS;
use super::{Store, StoreError, failure};
use crate::domain::canonical::Object;
use crate::domain::dispute::DisputeStatus;
use crate::domain::ids::ProductId;
use crate::domain::stored::Stored;
use crate::domain::verdict::Caller;
use crate::table::{Claim, Dispute, DisputeKey};

/// Disputes of one claim that may be open at once.
const OPEN_MAX: u64 = 100;
/// Disputes that are listed.
const LISTED_MAX: u32 = 20;

/// Who disputes a claim.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(
    missing_docs,
    reason = "the members of the request, under their own names"
)]
pub struct NewDispute {
    pub consumer_name: Option<String>,
    pub email: Option<String>,
    pub order_number: Option<String>,
    pub notes: Option<String>,
}

/// What a dispute is called by: its moment and what keeps it apart from others, as `moment~suffix`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisputeId {
    at: Timestamp,
    suffix: Option<String>,
}

/// What the brand decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruling {
    /// The dispute's state from now on.
    pub status: DisputeStatus,
    /// Who decides.
    pub by: String,
    /// Why.
    pub note: Option<String>,
}

/// Why a claim is not disputed.
#[derive(Debug, thiserror::Error)]
pub enum DisputeError {
    /// There is no such product.
    #[error("no such product")]
    UnknownProduct,
    /// Nobody has claimed it.
    #[error("the product has no claim that could be disputed")]
    NoClaim,
    /// So many are open that one more tells nothing.
    #[error("too many disputes about this product are open")]
    TooMany,
    /// The table.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a dispute stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum RulingError {
    /// There is no such dispute.
    #[error("no such dispute")]
    Unknown,
    /// It is resolved, or in this state already.
    #[error("the dispute is {} and cannot become {}", .from.as_str(), .to.as_str())]
    NotFrom {
        /// What it is.
        from: DisputeStatus,
        /// What it was to become.
        to: DisputeStatus,
    },
    /// The table.
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Refusal)]
enum Refused {
    Moved,
}

impl DisputeId {
    /// Reads one; `None` when it has not the form of one.
    pub fn parse(text: &str) -> Option<Self> {
        let (at, suffix) = match text.split_once('~') {
            Some((at, suffix)) => (at, Some(suffix)),
            None => (text, None),
        };
        let is_hex = |text: &str| text.len() <= 32 && text.bytes().all(|b| b.is_ascii_hexdigit());
        if suffix.is_some_and(|suffix| suffix.is_empty() || !is_hex(suffix)) {
            return None;
        }
        Some(Self {
            at: at.parse().ok()?,
            suffix: suffix.map(str::to_owned),
        })
    }

    /// Of a dispute.
    pub fn of(dispute: &Dispute) -> Self {
        Self {
            at: dispute.at,
            suffix: dispute.suffix.clone(),
        }
    }
}

impl fmt::Display for DisputeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.suffix {
            Some(suffix) => write!(f, "{}~{suffix}", self.at),
            None => write!(f, "{}", self.at),
        }
    }
}

impl Store {
    /// Opens a dispute: the dispute and the claim's marks, in one transaction. As long as one is open its claim does not expire.
    /// The alert follows from the dispute.
    ///
    /// # Errors
    /// [`DisputeError`].
    pub async fn dispute_claim(
        &self,
        product: &ProductId,
        new: &NewDispute,
        caller: Caller<'_>,
    ) -> Result<Dispute, DisputeError> {
        let _turn = self.queues.turn(product).await;
        retry(Policy::default(), |_| {
            self.try_dispute(product, new, caller)
        })
        .await
    }

    async fn try_dispute(
        &self,
        product: &ProductId,
        new: &NewDispute,
        caller: Caller<'_>,
    ) -> Attempt<Dispute, DisputeError> {
        let claim = match self.claim_to_dispute(product).await {
            Ok(claim) => claim,
            Err(error) => return Attempt::Failed(error),
        };
        let dispute = self.dispute(product, new, &claim, caller);
        let at = dispute.at.to_string();
        let mut marks = self
            .db
            .claims
            .patch(product)
            .disputed(true)
            .disputed_at(at)
            .add_dispute_count(1);
        if let Some(until) = claim.until {
            marks = marks.kept_until(until.to_string()).remove_until();
        }
        let written = self
            .db
            .transact()
            .apply(marks.when(|found| found.claimed_at.eq(claim.claimed_at.clone())))
            .or(Refused::Moved)
            .create(dispute.clone())
            .or(Refused::Moved)
            .commit()
            .await;
        match written {
            Ok(_) => Attempt::Done(dispute),
            Err(TransactError::Refused(Refused::Moved) | TransactError::Conflict) => {
                Attempt::Again(StoreError::Busy.into())
            }
            Err(error) => Attempt::Failed(failure(error).into()),
        }
    }

    async fn claim_to_dispute(&self, product: &ProductId) -> Result<Claim, DisputeError> {
        let claim = self.db.claims.find(product).consistent().await;
        let Some(claim) = claim.map_err(StoreError::from)? else {
            let exists = self.db.products.exists(product).consistent().await;
            return Err(if exists.map_err(StoreError::from)? {
                DisputeError::NoClaim
            } else {
                DisputeError::UnknownProduct
            });
        };
        if open_disputes(&claim) >= OPEN_MAX {
            return Err(DisputeError::TooMany);
        }
        Ok(claim)
    }

    fn dispute(
        &self,
        product: &ProductId,
        new: &NewDispute,
        claim: &Claim,
        caller: Caller<'_>,
    ) -> Dispute {
        let now = self.now();
        let text =
            |stored: &Stored<String>| stored.text().map_or(serde_json::Value::Null, Into::into);
        Dispute {
            product: product.clone(),
            at: now,
            suffix: Some(self.suffix()),
            product_id: product.into(),
            consumer_name: new.consumer_name.as_deref().unwrap_or(NAMELESS).into(),
            email: self.email_hash(new.email.as_deref()),
            order_number: new.order_number.clone().into(),
            notes: new.notes.clone().into(),
            fingerprint: self.device_hash(caller),
            status: DisputeStatus::Open.as_str().into(),
            created_at: now.to_string().into(),
            original_claim: Stored::Here(Object::from_iter([
                ("claimedAt".to_owned(), text(&claim.claimed_at)),
                ("claimedBy".to_owned(), text(&claim.consumer_name)),
            ])),
            changed_at: Stored::Absent,
            changed_by: Stored::Absent,
            note: Stored::Absent,
        }
    }

    /// The newest disputes about a product.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn disputes(&self, product: &ProductId) -> Result<Vec<Dispute>, StoreError> {
        let pages = self.db.disputes_of_product(product).page_size(LISTED_MAX);
        Ok(pages.consistent().page().await?.items)
    }

    /// Moves a dispute to another state. `resolved_disputant` hands the claim to whoever disputed it, `resolved_original` keeps it,
    /// and the claim is disputed as long as another one is open.
    ///
    /// # Errors
    /// [`RulingError`].
    pub async fn rule(
        &self,
        product: &ProductId,
        id: &DisputeId,
        ruling: &Ruling,
    ) -> Result<Dispute, RulingError> {
        let _turn = self.queues.turn(product).await;
        retry(Policy::default(), |_| self.try_rule(product, id, ruling)).await
    }

    async fn try_rule(
        &self,
        product: &ProductId,
        id: &DisputeId,
        ruling: &Ruling,
    ) -> Attempt<Dispute, RulingError> {
        let key = DisputeKey {
            product: product.clone(),
            at: id.at,
            suffix: id.suffix.clone(),
        };
        let (dispute, claim) = match tokio::try_join!(
            async { Ok::<_, StoreError>(self.db.disputes.find(&key).consistent().send().await?) },
            async { Ok::<_, StoreError>(self.db.claims.find(product).consistent().send().await?) },
        ) {
            Ok((Some(dispute), claim)) => (dispute, claim),
            Ok((None, _)) => return Attempt::Failed(RulingError::Unknown),
            Err(error) => return Attempt::Failed(error.into()),
        };
        let from = dispute.status.text().and_then(DisputeStatus::parse);
        let from = from.unwrap_or(DisputeStatus::Open);
        if !from.may_become(ruling.status) {
            return Attempt::Failed(RulingError::NotFrom {
                from,
                to: ruling.status,
            });
        }
        match self.write_ruling(&dispute, claim, ruling).await {
            Ok(dispute) => Attempt::Done(dispute),
            Err(TransactError::Refused(Refused::Moved) | TransactError::Conflict) => {
                Attempt::Again(StoreError::Busy.into())
            }
            Err(error) => Attempt::Failed(failure(error).into()),
        }
    }

    async fn write_ruling(
        &self,
        dispute: &Dispute,
        claim: Option<Claim>,
        ruling: &Ruling,
    ) -> Result<Dispute, TransactError<Refused>> {
        let now = self.now();
        let before = dispute.status.clone();
        let edit = self
            .db
            .disputes
            .edit(dispute)
            .status(ruling.status.as_str())
            .changed_at(now.to_string())
            .changed_by(ruling.by.clone())
            .note(ruling.note.clone());
        let transact = self
            .db
            .transact()
            .apply(edit.when(|found| found.status.eq(before)))
            .or(Refused::Moved);
        let transact = match claim {
            Some(claim) if !ruling.status.is_open() => {
                let is_handed_over = ruling.status == DisputeStatus::ResolvedDisputant;
                let settled = self.settled(&claim, dispute, is_handed_over, now);
                let unchanged = (claim.dispute_count.clone(), claim.resolved_count.clone());
                let transact = transact
                    .apply(settled.when(|found| {
                        let counted = still(found.dispute_count, unchanged.0);
                        counted.and(still(found.resolved_count, unchanged.1))
                    }))
                    .or(Refused::Moved);
                if is_handed_over {
                    let product = self.db.products.patch(&dispute.product).claimed(true);
                    transact.apply(product.claimed_at(now.to_string()))
                } else {
                    transact
                }
            }
            Some(_) | None => transact,
        };
        transact.commit().await?;
        let mut changed = dispute.clone();
        changed.status = ruling.status.as_str().into();
        changed.changed_at = now.to_string().into();
        changed.changed_by = ruling.by.clone().into();
        changed.note = ruling.note.clone().into();
        Ok(changed)
    }

    /// The claim with one dispute less that is open.
    fn settled(
        &self,
        claim: &Claim,
        dispute: &Dispute,
        is_handed_over: bool,
        now: Timestamp,
    ) -> crate::table::ClaimPatch {
        let mut patch = self.db.claims.patch(&claim.product).add_resolved_count(1);
        let kept_until = claim.kept_until.text().and_then(|text| text.parse().ok());
        let mut until = kept_until.or(claim.until);
        if is_handed_over {
            until = Some(now.plus_ms(self.claim_ms));
            patch = patch
                .consumer_name(dispute.consumer_name.clone())
                .email(dispute.email.clone())
                .fingerprint(dispute.fingerprint.clone())
                .claimed_at(now.to_string());
        }
        if open_disputes(claim) > 1 {
            return match until {
                Some(until) => patch.kept_until(until.to_string()),
                None => patch,
            };
        }
        let patch = patch.disputed(false).kept_until(Stored::Absent);
        match until {
            Some(until) => patch.until(until),
            None => patch,
        }
    }

    /// What keeps items of one millisecond apart.
    pub(super) fn suffix(&self) -> String {
        format!("{:032x}", self.db.random())[..16].to_owned()
    }
}

/// That a number is what was read; one that is not there is read as 0.
fn still(field: Field<Claim, Stored<u64>>, was: Stored<u64>) -> Condition {
    match was {
        Stored::Here(0) => field.eq(was).or(field.absent()),
        Stored::Here(_) => field.eq(was),
        Stored::Absent | Stored::Odd => field.absent(),
    }
}

fn open_disputes(claim: &Claim) -> u64 {
    let count = |count: &Stored<u64>| count.here().copied().unwrap_or_default();
    count(&claim.dispute_count).saturating_sub(count(&claim.resolved_count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_back_and_nonsense_is_none() {
        for text in ["2026-03-01T09:30:00.000Z~0f3a", "2026-03-01T09:30:00.000Z"] {
            assert_eq!(DisputeId::parse(text).unwrap().to_string(), text);
        }
        for nonsense in [
            "",
            "~",
            "2026-03-01T09:30:00.000Z~",
            "x~0f",
            "2026-03-01T09:30:00.000Z~#",
        ] {
            assert_eq!(DisputeId::parse(nonsense), None, "{nonsense}");
        }
    }
}
