//! Is it genuine? Two reads, and beside them the scan.

use keyfold::prelude::*;

use super::scans::NewScan;
use super::{Store, StoreError};
use crate::domain::event::StoredEvent;
use crate::domain::ids::{ProductId, Ref, VerificationCode};
use crate::domain::input::Target;
use crate::domain::place::Place;
use crate::domain::product::StoredProduct;
use crate::domain::verdict::{Caller, Certificate, Inquiry, StoredClaim, Verdict, judge};
use crate::domain::watch::{Facts, Sighting, Tally};
use crate::table::{CodeLookup, Product, ProductFile};

/// The verdict, with everything it was given on.
#[derive(Debug, Clone, PartialEq)]
pub struct Verified {
    /// The id under which the product lies.
    pub product_id: ProductId,
    /// The product as it was found.
    pub product: StoredProduct,
    /// Its chain as it was found, in order.
    pub events: Vec<StoredEvent>,
    /// The verdict: `authentic`, warnings, the claim as the caller may see it.
    pub verdict: Verdict,
    /// The two outcomes of the certificate.
    pub certificate: Certificate,
    /// How often it was scanned before.
    pub scan_count: u64,
    /// Whether this scan was written down; false when it was a look without trace.
    pub recorded: bool,
}

/// A product, its chain and its claim as they were read.
pub(super) struct File {
    pub(super) product: Product,
    pub(super) record: StoredProduct,
    pub(super) events: Vec<StoredEvent>,
    pub(super) claim: Option<StoredClaim>,
}

impl Store {
    /// Judges a product. `place` is where a scan was made; without it this is a look that leaves no trace.
    ///
    /// Two reads by code: the lookup, then product, claim and chain in one query; by id one. A verdict that finds the chain broken
    /// reads once more, because an event may have been added between two items of the query. A scan adds, beside the second read,
    /// a query of the scans before it, for the warnings; and one transaction of the scan and three counters. When either fails
    /// the verdict stands.
    ///
    /// # Errors
    /// [`StoreError`]. `None` is an unknown code or product.
    pub async fn verify(
        &self,
        target: &Target,
        caller: Caller<'_>,
        place: Option<&Place>,
    ) -> Result<Option<Verified>, StoreError> {
        let (id, code, lookup) = match target {
            Target::Product(Ref::Named(id)) => (id.clone(), None, None),
            Target::Code(Ref::Named(code)) => {
                let Some(lookup) = self.lookup(code).await? else {
                    return Ok(None);
                };
                let Some(id) = lookup.product() else {
                    return Ok(None);
                };
                (id, Some(code), Some(lookup))
            }
            Target::Product(Ref::Unknown) | Target::Code(Ref::Unknown) => return Ok(None),
        };
        let scan = place.map(|place| (place, Sighting::of(self.now(), Some(&place.country))));
        let (judged, tally) = tokio::join!(
            self.judged(&id, code, caller, scan.is_some()),
            self.tally_of(&id, scan.as_ref().map(|(_, sighting)| sighting)),
        );
        let Some((file, mut verdict)) = judged? else {
            return Ok(None);
        };
        let recorded = match scan {
            Some((place, Sighting { at, .. })) => {
                verdict
                    .warnings
                    .extend(tally.iter().flat_map(|tally| warnings(&file, tally, at)));
                self.note_scan(&file.product, &verdict, lookup, caller, place, at)
                    .await
            }
            None => false,
        };
        Ok(Some(Verified {
            certificate: Certificate::of(&file.record, &verdict),
            scan_count: file.record.scan_count.here().copied().unwrap_or_default(),
            product_id: id,
            product: file.record,
            events: file.events,
            verdict,
            recorded,
        }))
    }

    /// The scans before a scan; none when there is nothing to warn of, or they cannot be read.
    async fn tally_of(&self, product: &ProductId, scan: Option<&Sighting>) -> Option<Tally> {
        match self.tally_before(product, scan?).await {
            Ok(tally) => Some(tally),
            Err(error) => {
                tracing::warn!(%error, "the scans before a scan cannot be read");
                None
            }
        }
    }

    async fn judged(
        &self,
        id: &ProductId,
        code: Option<&VerificationCode>,
        caller: Caller<'_>,
        is_scan: bool,
    ) -> Result<Option<(File, Verdict)>, StoreError> {
        let mut again = true;
        loop {
            let Some(file) = self.file(id).await? else {
                return Ok(None);
            };
            let inquiry = Inquiry {
                product_id: id.as_str(),
                code: code.map(VerificationCode::as_str),
                product: &file.record,
                events: &file.events,
                claim: file.claim.as_ref(),
                caller,
                is_scan,
            };
            let verdict = judge(&inquiry, &self.signer, &self.unsealed);
            if verdict.chain.is_intact() || !again {
                return Ok(Some((file, verdict)));
            }
            // A query is no snapshot: a transaction may have written between two of its items.
            again = false;
        }
    }

    /// One query, consistent: a recall must show at once.
    pub(super) async fn file(&self, id: &ProductId) -> Result<Option<File>, StoreError> {
        let found = self.db.product_file(id).consistent().find().await?;
        let Some(ProductFile {
            product: Some(product),
            claim,
            events,
        }) = found
        else {
            return Ok(None);
        };
        Ok(Some(File {
            record: product.record(),
            product,
            events: events.into_iter().map(StoredEvent::from).collect(),
            claim: claim.map(StoredClaim::from),
        }))
    }

    async fn note_scan(
        &self,
        product: &Product,
        verdict: &Verdict,
        lookup: Option<CodeLookup>,
        caller: Caller<'_>,
        place: &Place,
        at: Timestamp,
    ) -> bool {
        let scan = NewScan {
            product,
            at,
            place,
            user_agent: caller.user_agent,
            result: verdict.scan_result(),
            // An altered record may name another brand; the lookup is the older witness.
            brand: match (verdict.hash_match, lookup) {
                (false, Some(lookup)) => lookup.brand(),
                _ => product.brand(),
            },
            claimed_by_another_at: verdict.scanned_by_another_device.then(|| {
                let claimed_at = verdict.claim.claimed_at.clone();
                claimed_at.unwrap_or_else(|| "an unknown time".to_owned())
            }),
            is_altered: !verdict.hash_match,
        };
        match self.record_scan(scan).await {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!(%error, "a scan could not be written down");
                false
            }
        }
    }
}

/// What whoever scans is warned of by the scans before.
fn warnings(file: &File, tally: &Tally, at: Timestamp) -> Vec<String> {
    let before = file.record.scan_count.here().copied().unwrap_or_default();
    let facts = Facts {
        at,
        tally,
        total: before + 1,
        registered_at: file
            .record
            .created_at
            .text()
            .and_then(|text| text.parse().ok()),
        result: "authentic",
        claimed_by_another_at: None,
    };
    facts.warnings()
}
