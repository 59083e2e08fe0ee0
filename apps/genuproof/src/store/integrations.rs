//! Sources of events that a brand has connected.

use keyfold::prelude::*;

use super::{Store, StoreError, failure};
use crate::domain::canonical::Object;
use crate::domain::ids::{BrandId, draw_ingest_key, draw_uuid};
use crate::domain::integration::{Vendor, key_hash, key_prefix};
use crate::table::{IngestKey, Integration, IntegrationKey};

/// Sources of one brand.
const INTEGRATIONS_MAX: usize = 100;
const HOUR_MS: i64 = 3_600_000;

/// A source that was just connected, or has a new key.
#[derive(Debug)]
pub struct NewIntegration {
    /// The source.
    pub integration: Integration,
    /// Its key: shown this once.
    pub key: String,
}

/// Why a source stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum IntegrationError {
    /// There is no such source.
    #[error("no such integration")]
    Unknown,
    /// There are too many.
    #[error("a brand has at most {INTEGRATIONS_MAX} integrations")]
    TooMany,
    /// The table.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Where events of a brand's products come from.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn integrations(&self, brand: &BrandId) -> Result<Vec<Integration>, StoreError> {
        let pages = self.db.integrations_of_brand(brand).consistent();
        Ok(pages.page().await?.items)
    }

    /// Connects a source, with a key of its own.
    ///
    /// # Errors
    /// [`IntegrationError`].
    pub async fn connect(
        &self,
        brand: &BrandId,
        vendor: &Vendor,
        config: Object,
    ) -> Result<NewIntegration, IntegrationError> {
        if self.integrations(brand).await?.len() >= INTEGRATIONS_MAX {
            return Err(IntegrationError::TooMany);
        }
        let key = draw_ingest_key(&self.randomness()).map_err(StoreError::from)?;
        let hash = key_hash(&key).ok_or(StoreError::Busy)?.to_string();
        let integration = Integration {
            id: draw_uuid(&self.randomness()).map_err(StoreError::from)?,
            brand_id: brand.clone(),
            kind: vendor.id.to_owned(),
            ingest_key: key_prefix(&key).to_owned(),
            ingest_key_hash: Some(hash.clone()),
            active: true,
            config,
            created_at: self.now(),
            last_event: None,
            event_count: 0,
        };
        let lookup = lookup(&integration, hash);
        let transact = self
            .db
            .transact()
            .create(integration.clone())
            .create(lookup);
        transact.commit().await.map_err(failure)?;
        Ok(NewIntegration { integration, key })
    }

    /// Gives a source a new key; the present one counts for so many hours more.
    ///
    /// # Errors
    /// [`IntegrationError`].
    pub async fn rotate_ingest_key(
        &self,
        brand: &BrandId,
        id: &str,
        grace_hours: u32,
    ) -> Result<NewIntegration, IntegrationError> {
        let found = self
            .db
            .integrations
            .find(integration_key(brand, id))
            .consistent()
            .await;
        let integration = found
            .map_err(StoreError::from)?
            .ok_or(IntegrationError::Unknown)?;
        let key = draw_ingest_key(&self.randomness()).map_err(StoreError::from)?;
        let hash = key_hash(&key).ok_or(StoreError::Busy)?.to_string();
        let was = integration.ingest_key_hash.clone();
        let patch = self
            .db
            .integrations
            .patch(integration_key(brand, id))
            .ingest_key(key_prefix(&key).to_owned())
            .ingest_key_hash(hash.clone());
        let unchanged = was.clone();
        let transact = self
            .db
            .transact()
            .apply(patch.when(|found| match unchanged {
                Some(was) => found.ingest_key_hash.eq(Some(was)),
                None => found.ingest_key_hash.absent(),
            }))
            .create(lookup(&integration, hash));
        let transact = match was {
            Some(was) if grace_hours > 0 => {
                let until = self.now().plus_ms(i64::from(grace_hours) * HOUR_MS);
                transact.apply(self.db.ingest_keys.patch(was.as_str()).until(until))
            }
            Some(was) => transact.delete(self.db.ingest_keys.delete(was.as_str())),
            None => transact,
        };
        transact.commit().await.map_err(failure)?;
        Ok(NewIntegration { integration, key })
    }

    /// The source whose key this is: two reads. None for a key that is none, or no longer.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn integration_of_key(&self, key: &str) -> Result<Option<Integration>, StoreError> {
        let Some(hash) = key_hash(key) else {
            return Ok(None);
        };
        let found = self
            .db
            .ingest_keys
            .find(hash.to_string().as_str())
            .consistent()
            .await?;
        // What was found lies under the very hash; it is compared all the same, in constant time.
        let Some(found) = found.filter(|found| hash.matches(&found.hash)) else {
            return Ok(None);
        };
        let integration = integration_key(&found.brand_id, &found.integration_id);
        let integration = self.db.integrations.find(integration).consistent().await?;
        Ok(integration.filter(|integration| integration.active))
    }
}

pub(super) fn integration_key(brand: &BrandId, id: &str) -> IntegrationKey {
    IntegrationKey {
        brand_id: brand.clone(),
        // A key has no empty part.
        id: if id.is_empty() { "-" } else { id }.to_owned(),
    }
}

fn lookup(integration: &Integration, hash: String) -> IngestKey {
    IngestKey {
        hash,
        brand_id: integration.brand_id.clone(),
        integration_id: integration.id.clone(),
        until: None,
    }
}
