//! Reports of others, taken into the chain once each.

use super::chain::{Happening, NewReport};
use super::{AppendError, Store, StoreError};
use crate::domain::crypto::sha256;
use crate::domain::event::EventKind;
use crate::domain::ids::ProductId;
use crate::domain::input::Reported;
use crate::table::{Integration, Report, ReportKey};

/// What came of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// What is in the chain.
    pub kind: String,
    /// Its hash.
    pub hash: String,
    /// Whether it was there before.
    pub is_repeat: bool,
}

/// Why a report is not taken in.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The chain does not take it.
    #[error(transparent)]
    Append(#[from] AppendError),
}

impl Store {
    /// Takes a report of a source into the chain of a product. The same report again, or another one with the same idempotency
    /// key, changes nothing: what is answered is the first one.
    ///
    /// # Errors
    /// [`ReportError`].
    pub async fn report(
        &self,
        integration: &Integration,
        product: &ProductId,
        reported: Reported,
        idempotency_key: Option<&str>,
    ) -> Result<Accepted, ReportError> {
        let chosen = idempotency_key.map(|key| {
            let digest = sha256(&format!("{}:{key}", integration.id));
            format!("key-{digest}")
        });
        let digests: Vec<String> = chosen.into_iter().chain([reported.identity]).collect();
        if let Some(before) = self.reported(product, &digests).await? {
            return Ok(before);
        }
        let report = NewReport {
            digests,
            brand: integration.brand_id.clone(),
            integration: integration.id.clone(),
        };
        let happening = Happening {
            kind: reported.kind,
            actor: reported.actor,
            location: reported.location,
            coordinates: None,
            data: reported.data,
        };
        match self.append_report(product, &happening, &report).await {
            Ok(appended) => Ok(Accepted {
                kind: appended.event.kind.as_str().to_owned(),
                hash: appended.event.hash,
                is_repeat: false,
            }),
            Err(AppendError::Reported) => {
                let before = self.reported(product, &report.digests).await?;
                Ok(before.ok_or(AppendError::Store(StoreError::Busy))?)
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn reported(
        &self,
        product: &ProductId,
        digests: &[String],
    ) -> Result<Option<Accepted>, AppendError> {
        for digest in digests {
            let key = ReportKey {
                product: product.clone(),
                digest: digest.clone(),
            };
            let found = self.db.reports.find(&key).consistent().await;
            if let Some(Report { hash, kind, .. }) = found.map_err(StoreError::from)? {
                return Ok(Some(Accepted {
                    kind: EventKind::parse(&kind).map_or(kind, |kind| kind.as_str().to_owned()),
                    hash,
                    is_repeat: true,
                }));
            }
        }
        Ok(None)
    }
}
