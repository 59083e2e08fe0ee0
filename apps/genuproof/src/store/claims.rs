//! Claims: one for each product, as long as it counts.

use keyfold::prelude::*;

use super::{Store, StoreError, failure};
use crate::domain::fingerprint;
use crate::domain::ids::ProductId;
use crate::domain::stored::Stored;
use crate::domain::verdict::Caller;
use crate::table::Claim;

/// Who claims a product.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(
    missing_docs,
    reason = "the members of the request, under their own names"
)]
pub struct NewClaim {
    pub consumer_name: Option<String>,
    pub email: Option<String>,
}

/// Why a product is not claimed.
#[derive(Debug, thiserror::Error)]
pub enum ClaimError {
    /// There is no such product.
    #[error("no such product")]
    UnknownProduct,
    /// Somebody was first.
    #[error("the product is already claimed")]
    Claimed {
        /// When.
        at: Option<String>,
    },
    /// The table.
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Refusal)]
enum Refused {
    UnknownProduct,
    Claimed,
}

pub(super) const NAMELESS: &str = "Anonymous";

impl Store {
    /// Claims a product for the caller's device: the claim and the product's mark, in one transaction. Of several at once exactly
    /// one does. A claim whose time is over is none, whether or not it still lies there.
    ///
    /// # Errors
    /// [`ClaimError`].
    pub async fn claim_product(
        &self,
        product: &ProductId,
        new: NewClaim,
        caller: Caller<'_>,
    ) -> Result<Timestamp, ClaimError> {
        let _turn = self.queues.turn(product).await;
        let now = self.now();
        let claim = Claim {
            product: product.clone(),
            product_id: product.into(),
            consumer_name: new.consumer_name.as_deref().unwrap_or(NAMELESS).into(),
            email: self.email_hash(new.email.as_deref()),
            fingerprint: self.device_hash(caller),
            claimed_at: now.to_string().into(),
            disputed: Stored::Absent,
            disputed_at: Stored::Absent,
            dispute_count: Stored::Absent,
            resolved_count: Stored::Absent,
            kept_until: Stored::Absent,
            until: Some(now.plus_ms(self.claim_ms)),
        };
        let mark = self.db.products.patch(product).claimed(true);
        let written = self
            .db
            .transact()
            .apply(mark.claimed_at(now.to_string()))
            .or(Refused::UnknownProduct)
            .create(claim)
            .or(Refused::Claimed)
            .commit()
            .await;
        match written {
            Ok(_) => Ok(now),
            Err(TransactError::Refused(Refused::UnknownProduct)) => Err(ClaimError::UnknownProduct),
            Err(TransactError::Refused(Refused::Claimed)) => {
                let claim = self.claim(product).await?;
                Err(ClaimError::Claimed {
                    at: claim.and_then(|claim| claim.claimed_at.text().map(str::to_owned)),
                })
            }
            Err(error) => Err(failure(error).into()),
        }
    }

    pub(super) fn email_hash(&self, address: Option<&str>) -> Stored<String> {
        address
            .map(|address| fingerprint::email(&self.signer, address).to_string())
            .into()
    }

    pub(super) fn device_hash(&self, caller: Caller<'_>) -> Stored<String> {
        fingerprint::device(&self.signer, caller.address, caller.user_agent)
            .to_string()
            .into()
    }
}
