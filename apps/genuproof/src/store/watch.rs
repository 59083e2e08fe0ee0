//! What the rules are told of a scan or an event, and what follows from it.

use keyfold::prelude::*;

use super::alerts::NewAlert;
use super::{Raised, Store, StoreError};
use crate::domain::alert::{AlertKind, DAY_MS};
use crate::domain::canonical::Object;
use crate::domain::event::{EventKind, StoredEvent};
use crate::domain::fingerprint;
use crate::domain::gap::{Neighbours, Step};
use crate::domain::ids::{BrandId, Form as _, ProductId, Ref, VerificationCode};
use crate::domain::stored::Stored;
use crate::domain::watch::{Digest, Facts, PAGE, Sighting, Tally};
use crate::table::{Claim, Dispute, Event, Product, Scan, ScanDigest};

/// A digest is brought forward when this many of the newest scans are not in it: half of a page, so that they always overlap.
const BEHIND_MAX: usize = PAGE as usize / 2;
/// How long a digest is kept after its last scan.
const DIGEST_MS: i64 = 2 * DAY_MS;

/// What a scan or an event raised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Which rule.
    pub kind: AlertKind,
    /// What came of it.
    pub raised: Raised,
}

/// The newest scans of a window, as they were read.
struct Window {
    scans: Vec<Sighting>,
    next: Option<Cursor>,
}

impl Store {
    /// The scans around a scan that is about to be written, itself included: what whoever scans is warned by. One query, and for
    /// products that are scanned very often one read more.
    pub(super) async fn tally_before(
        &self,
        product: &ProductId,
        scan: &Sighting,
    ) -> Result<Tally, StoreError> {
        let window = self.window(product, scan.at, None).await?;
        let is_more = window.next.is_some();
        let digest = if is_more {
            self.db.digests.find(product).await?
        } else {
            None
        };
        let digest = digest.as_ref().map(|item| &item.digest);
        Ok(Tally::of(scan.at, &window.scans, is_more, digest).with(scan))
    }

    /// Evaluates every rule on a scan that was written, and raises the alerts that are due.
    ///
    /// Reads the product, and the newest scans of the window; a product that is scanned more often than that fills has a digest,
    /// so that what a scan costs does not grow with their number.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn watch_scan(&self, scan: &Scan) -> Result<Vec<Outcome>, StoreError> {
        // Scans of one product one after the other: they bring one digest forward and raise one alert.
        let _turn = self.watches.turn(&scan.product).await;
        let (product, tally) = tokio::try_join!(
            async {
                Ok(self
                    .db
                    .products
                    .find(&scan.product)
                    .consistent()
                    .send()
                    .await?)
            },
            self.tally(scan),
        )?;
        let Some(product) = product else {
            return Ok(Vec::new());
        };
        let Some(brand) = self.brand_of_scan(scan, &product).await? else {
            return Ok(Vec::new());
        };
        let claimed_by_another_at = self.claimed_by_another_at(scan).await?;
        let facts = Facts {
            at: scan.at,
            tally: &tally,
            total: product.scan_count.here().copied().unwrap_or_default(),
            registered_at: product.created_at.text().and_then(|at| at.parse().ok()),
            result: scan.result.text().unwrap_or("authentic"),
            claimed_by_another_at: claimed_by_another_at.as_deref(),
        };
        let findings = facts.findings();
        let flags: Vec<String> = findings
            .iter()
            .map(|finding| finding.kind.as_str().to_owned())
            .collect();
        let mut outcomes = Vec::new();
        for finding in findings {
            let is_first = !outcomes
                .iter()
                .any(|outcome: &Outcome| matches!(outcome.raised, Raised::Now | Raised::Before));
            let raised = self
                .raise(&NewAlert {
                    kind: finding.kind,
                    brand: brand.clone(),
                    product: scan.product.clone(),
                    product_name: product.name.text().map(str::to_owned),
                    at: scan.at,
                    suffix: suffix_of(scan.suffix.as_deref(), &scan.product),
                    details: finding.details,
                    country: scan.country.text().map(str::to_owned),
                    city: scan.city.text().map(str::to_owned),
                    flags: flags.clone(),
                    is_logged: is_first,
                })
                .await?;
            outcomes.push(Outcome {
                kind: finding.kind,
                raised,
            });
        }
        Ok(outcomes)
    }

    /// The scans around one that was written, itself included.
    async fn tally(&self, scan: &Scan) -> Result<Tally, StoreError> {
        let this = Sighting::of(scan.at, scan.country.text());
        let window = self.window(&scan.product, scan.at, None).await?;
        let Some(oldest) = window.scans.last().map(|scan| scan.at) else {
            return Ok(Tally::default().with(&this));
        };
        if window.next.is_none() {
            return Ok(Tally::of(scan.at, &window.scans, false, None));
        }
        let kept = self.db.digests.find(&scan.product).consistent().await?;
        let settled = kept.filter(|kept| kept.digest.settles(scan.at, oldest));
        let digest = match settled {
            Some(kept) => self.forwarded(kept, &this, &window.scans).await?,
            None => {
                self.new_digest(scan, window.scans.clone(), window.next)
                    .await?
            }
        };
        Ok(Tally::of(scan.at, &window.scans, true, Some(&digest)))
    }

    /// A digest that overlaps the newest scans, brought forward when they are about to leave it behind.
    async fn forwarded(
        &self,
        kept: ScanDigest,
        this: &Sighting,
        scans: &[Sighting],
    ) -> Result<Digest, StoreError> {
        let mut digest = kept.digest.clone();
        let behind = scans.iter().filter(|scan| scan.at > digest.through).count();
        if behind >= BEHIND_MAX {
            digest.add(scans);
        } else if digest.misses(this) {
            digest.add(std::slice::from_ref(this));
        } else {
            return Ok(digest);
        }
        self.keep_digest(&kept.product, digest.clone()).await?;
        Ok(digest)
    }

    /// A digest of the whole window, read to its end: once, when a product begins to be scanned often.
    async fn new_digest(
        &self,
        scan: &Scan,
        mut scans: Vec<Sighting>,
        mut next: Option<Cursor>,
    ) -> Result<Digest, StoreError> {
        while let Some(cursor) = next {
            let more = self.window(&scan.product, scan.at, Some(cursor)).await?;
            scans.extend(more.scans);
            next = more.next;
        }
        let digest = Digest::new(scan.at.plus_ms(-DAY_MS), &scans);
        self.keep_digest(&scan.product, digest.clone()).await?;
        Ok(digest)
    }

    async fn keep_digest(&self, product: &ProductId, digest: Digest) -> Result<(), StoreError> {
        let until = digest.through.plus_ms(DIGEST_MS);
        let kept = ScanDigest {
            product: product.clone(),
            digest,
            until: Some(until),
        };
        self.db.digests.put(kept).await?;
        Ok(())
    }

    async fn window(
        &self,
        product: &ProductId,
        at: Timestamp,
        after: Option<Cursor>,
    ) -> Result<Window, StoreError> {
        let span = at.plus_ms(-DAY_MS)..=at;
        let is_first = after.is_none();
        let pages = self.db.scans_between(product, span).after(after);
        let size = if is_first { PAGE } else { 1_000 };
        let page = pages.page_size(size).consistent().page().await?;
        let seen = |scan: &Scan| Sighting::of(scan.at, scan.country.text());
        Ok(Window {
            scans: page.items.iter().map(seen).collect(),
            next: page.next,
        })
    }

    /// Whose scan it is: as it was recorded; of a scan that others wrote as the product says, or, where its record was altered,
    /// as the lookup of its code.
    async fn brand_of_scan(
        &self,
        scan: &Scan,
        product: &Product,
    ) -> Result<Option<BrandId>, StoreError> {
        match scan.brand_id.text().and_then(BrandId::parse) {
            Some(brand) => Ok(Some(brand)),
            None => self.brand_of(product).await,
        }
    }

    /// Whose scan it is; none when it is nobody's.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn brand_scanned(&self, scan: &Scan) -> Result<Option<BrandId>, StoreError> {
        match scan.brand_id.text().and_then(BrandId::parse) {
            Some(brand) => Ok(Some(brand)),
            None => self.brand_of_product(&scan.product).await,
        }
    }

    /// Whose product it is; none when it is nobody's.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn brand_of_product(&self, id: &ProductId) -> Result<Option<BrandId>, StoreError> {
        match self.product_by_id(id).await? {
            Some(product) => self.brand_of(&product).await,
            None => Ok(None),
        }
    }

    async fn brand_of(&self, product: &Product) -> Result<Option<BrandId>, StoreError> {
        if product.record().hash_matches(product.id.as_str()) {
            return Ok(product.brand());
        }
        let code = product.verification_code.text();
        let lookup = match code.and_then(VerificationCode::parse) {
            Some(code) => self.lookup(&code).await?,
            None => None,
        };
        let of_it = lookup.filter(|lookup| lookup.product().as_ref() == Some(&product.id));
        Ok(of_it
            .and_then(|lookup| lookup.brand())
            .or_else(|| product.brand()))
    }

    /// When the product was claimed, if another device scanned it. What others wrote says so by its address.
    async fn claimed_by_another_at(&self, scan: &Scan) -> Result<Option<String>, StoreError> {
        if let Some(at) = scan.claimed_by_another_at.text() {
            return Ok(Some(at.to_owned()));
        }
        let Some(address) = scan.ip.text() else {
            return Ok(None);
        };
        let claim: Option<Claim> = self.db.claims.find(&scan.product).consistent().await?;
        Ok(claim.and_then(|claim| {
            let claimed_at = claim.claimed_at.text()?;
            let device = claim.fingerprint.text()?;
            let is_its =
                fingerprint::is_device(&self.signer, address, scan.user_agent.text(), device);
            (!is_its && claimed_at <= scan.at.to_string().as_str()).then(|| claimed_at.to_owned())
        }))
    }

    /// Looks for gaps that an event leaves to its neighbours, and raises the alert of a recall.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn watch_event(&self, event: &Event) -> Result<Vec<Outcome>, StoreError> {
        let is_recall = event.kind == EventKind::Recalled.as_str();
        let gaps = self.gaps(event).await?;
        if gaps.is_empty() && !is_recall {
            return Ok(Vec::new());
        }
        let Some(product) = self.db.products.find(&event.product).consistent().await? else {
            return Ok(Vec::new());
        };
        let (Some(brand), Some(at)) = (self.brand_of(&product).await?, moment(event)) else {
            return Ok(Vec::new());
        };
        let base = suffix_of(
            event.hash.text().and_then(|hash| hash.get(..16)),
            &event.product,
        );
        let name = product.name.text();
        let alert = |kind: AlertKind, details: String, suffix: String| NewAlert {
            kind,
            brand: brand.clone(),
            product: event.product.clone(),
            product_name: name.map(str::to_owned),
            at,
            suffix,
            details,
            country: None,
            city: None,
            flags: match kind {
                AlertKind::ChainGap => vec![kind.as_str().to_owned()],
                _ => Vec::new(),
            },
            is_logged: kind == AlertKind::ChainGap,
        };
        let mut due = Vec::new();
        if is_recall {
            let reason = event.data.here().and_then(|data| data.get("reason"));
            let reason = reason
                .and_then(|reason| reason.as_str())
                .unwrap_or("no reason given");
            let named = name.unwrap_or(event.product.as_str());
            due.push(alert(
                AlertKind::ProductRecall,
                format!("{named} was recalled: {reason}"),
                base.clone(),
            ));
        }
        for (number, details) in gaps.into_iter().enumerate() {
            due.push(alert(
                AlertKind::ChainGap,
                details,
                format!("{base}-{number}"),
            ));
        }
        let mut outcomes = Vec::new();
        for new in due {
            let raised = self.raise(&new).await?;
            outcomes.push(Outcome {
                kind: new.kind,
                raised,
            });
        }
        Ok(outcomes)
    }

    /// What lies open beside an event, in words. Reads back from the newest event, as far as anything can still be nearer.
    async fn gaps(&self, event: &Event) -> Result<Vec<String>, StoreError> {
        let stored = StoredEvent::from(event.clone());
        let Some(step) = Step::of(&stored, &event.at) else {
            return Ok(Vec::new());
        };
        let mut neighbours = Neighbours::of(step);
        let mut next = None;
        'reading: loop {
            let pages = self.db.chain(&event.product).reversed().page_size(8);
            let page = pages.consistent().after(next).page().await?;
            for other in page.items {
                // Later ones are held against this one when their turn comes.
                if other.at > event.at || (&other.at, &other.kind) == (&event.at, &event.kind) {
                    continue;
                }
                if let Some(recorded_at) = moment(&other)
                    && !neighbours.may_be_nearer(recorded_at)
                {
                    break 'reading;
                }
                let at = other.at.clone();
                if let Some(step) = Step::of(&StoredEvent::from(other), &at) {
                    neighbours.meet(step);
                }
            }
            next = page.next;
            if next.is_none() {
                break;
            }
        }
        let gaps = neighbours.gaps();
        Ok(gaps.iter().map(crate::domain::gap::Gap::details).collect())
    }

    /// Raises the alert of a dispute.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn watch_dispute(&self, dispute: &Dispute) -> Result<Vec<Outcome>, StoreError> {
        let Some(product) = self.db.products.find(&dispute.product).consistent().await? else {
            return Ok(Vec::new());
        };
        let Some(brand) = self.brand_of(&product).await? else {
            return Ok(Vec::new());
        };
        let claimed_at = |claim: &Object| {
            let at = claim.get("claimedAt").and_then(|at| at.as_str());
            at.map(str::to_owned)
        };
        let claimed_at = dispute.original_claim.here().and_then(claimed_at);
        let claimed_at = claimed_at.unwrap_or_else(|| "an unknown time".to_owned());
        let named = product.name.text().unwrap_or(dispute.product.as_str());
        let order = match &dispute.order_number {
            Stored::Here(order) => format!(", order {order}"),
            Stored::Absent | Stored::Odd => String::new(),
        };
        let new = NewAlert {
            kind: AlertKind::OwnershipDispute,
            brand,
            product: dispute.product.clone(),
            product_name: product.name.text().map(str::to_owned),
            at: dispute.at,
            suffix: suffix_of(dispute.suffix.as_deref(), &dispute.product),
            details: format!("The claim on {named} made at {claimed_at} is disputed{order}."),
            country: None,
            city: None,
            flags: Vec::new(),
            is_logged: false,
        };
        let raised = self.raise(&new).await?;
        Ok(vec![Outcome {
            kind: new.kind,
            raised,
        }])
    }

    /// A product by its id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn product_by_id(&self, id: &ProductId) -> Result<Option<Product>, StoreError> {
        let target = crate::domain::input::Target::Product(Ref::Named(id.clone()));
        self.product(&target).await
    }
}

/// What keeps an alert apart from others of its moment: what kept its cause apart, or else the product.
fn suffix_of(own: Option<&str>, product: &ProductId) -> String {
    let is_plain = |text: &&str| {
        (1..=48).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    let digits = product.as_str();
    own.filter(is_plain)
        .unwrap_or_else(|| digits.get(..16).unwrap_or(digits))
        .to_owned()
}

fn moment(event: &Event) -> Option<Timestamp> {
    Timestamp::truncating(event.at.parse().ok()?).ok()
}
