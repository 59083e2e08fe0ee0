//! The keys of a brand: a new one in place of the present one, which goes on counting for a while.

use keyfold::prelude::*;

use super::{Store, StoreError, failure};
use crate::domain::access::ApiKey;
use crate::domain::ids::BrandId;
use crate::table::Brand;

/// A key that was just made.
#[derive(Debug)]
pub struct NewKey {
    /// The key: shown this once.
    pub key: ApiKey,
    /// Until when the one before counts; none when it counts no longer.
    pub previous_until: Option<Timestamp>,
}

/// A key as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyShown {
    /// Its beginning.
    pub prefix: String,
    /// Whether it is the present one.
    pub is_present: bool,
    /// Until when it counts; none is for ever.
    pub until: Option<Timestamp>,
}

/// Why a key stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// There is no such brand.
    #[error("no such brand")]
    UnknownBrand,
    /// No key of the brand begins so.
    #[error("no key of this brand begins so")]
    UnknownKey,
    /// Without it nobody could act for the brand.
    #[error(
        "this is the brand's only key: rotate it with graceHours 0 instead, which ends it at once"
    )]
    OnlyKey,
    /// The table.
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Refusal)]
enum Refused {
    /// Somebody else changed the keys meanwhile.
    Moved,
}

const HOUR_MS: i64 = 3_600_000;

impl Store {
    /// Gives a brand a new key; the present one counts for so many hours more, and the one before that no longer.
    ///
    /// # Errors
    /// [`KeyError`].
    pub async fn rotate_key(&self, id: &BrandId, grace_hours: u32) -> Result<NewKey, KeyError> {
        let key = ApiKey::draw(id, &self.randomness()).map_err(StoreError::from)?;
        retry(Policy::default(), |_| {
            self.try_rotate(id, &key, grace_hours)
        })
        .await
    }

    async fn try_rotate(
        &self,
        id: &BrandId,
        key: &ApiKey,
        grace_hours: u32,
    ) -> Attempt<NewKey, KeyError> {
        let brand = match self.brand_or_not(id).await {
            Ok(brand) => brand,
            Err(error) => return Attempt::Failed(error),
        };
        let until = self.now().plus_ms(i64::from(grace_hours) * HOUR_MS);
        let edit = self
            .db
            .brands
            .edit(&brand)
            .api_key_hash(key.hash().to_string())
            .api_key_prefix(key.prefix().to_owned());
        let previous = brand.api_key_hash.clone().filter(|_| grace_hours > 0);
        let edit = match &previous {
            Some(previous) => edit
                .previous_key_hash(previous.clone())
                .previous_key_prefix(brand.api_key_prefix.clone())
                .previous_key_until(until),
            None => edit
                .remove_previous_key_hash()
                .remove_previous_key_prefix()
                .remove_previous_key_until(),
        };
        let was = brand.api_key_hash.clone();
        let edit = edit.when(|found| match was {
            Some(was) => found.api_key_hash.eq(Some(was)),
            None => found.api_key_hash.absent(),
        });
        match self
            .db
            .transact()
            .apply(edit)
            .or(Refused::Moved)
            .commit()
            .await
        {
            Ok(_) => Attempt::Done(NewKey {
                key: key.clone(),
                previous_until: previous.map(|_| until),
            }),
            Err(TransactError::Refused(Refused::Moved) | TransactError::Conflict) => {
                Attempt::Again(StoreError::Busy.into())
            }
            Err(error) => Attempt::Failed(failure(error).into()),
        }
    }

    /// Ends the key that begins so, at once. The present one can be ended only by a new one.
    ///
    /// # Errors
    /// [`KeyError`].
    pub async fn revoke_key(&self, id: &BrandId, prefix: &str) -> Result<(), KeyError> {
        let brand = self.brand_or_not(id).await?;
        if brand.previous_key_prefix.as_deref() == Some(prefix) {
            let edit = self
                .db
                .brands
                .edit(&brand)
                .remove_previous_key_hash()
                .remove_previous_key_prefix()
                .remove_previous_key_until();
            let was = brand.previous_key_hash.clone();
            let edit = edit.when(|found| found.previous_key_hash.eq(was));
            return match self
                .db
                .transact()
                .apply(edit)
                .or(Refused::Moved)
                .commit()
                .await
            {
                Ok(_) => Ok(()),
                Err(TransactError::Refused(Refused::Moved)) => Err(KeyError::UnknownKey),
                Err(error) => Err(failure(error).into()),
            };
        }
        if brand.api_key_prefix.as_deref() == Some(prefix) {
            return Err(KeyError::OnlyKey);
        }
        Err(KeyError::UnknownKey)
    }

    async fn brand_or_not(&self, id: &BrandId) -> Result<Brand, KeyError> {
        let brand = self.db.brands.find(id).consistent().await;
        brand
            .map_err(StoreError::from)?
            .ok_or(KeyError::UnknownBrand)
    }
}

impl Brand {
    /// Its keys that count at a moment, the present one first.
    pub fn keys(&self, now: Timestamp) -> Vec<KeyShown> {
        let present = self.api_key_prefix.clone().map(|prefix| KeyShown {
            prefix,
            is_present: true,
            until: None,
        });
        let until = self.previous_key_until.filter(|until| *until > now);
        let previous = self.previous_key_prefix.clone().zip(until);
        let previous = previous.map(|(prefix, until)| KeyShown {
            prefix,
            is_present: false,
            until: Some(until),
        });
        present.into_iter().chain(previous).collect()
    }
}
