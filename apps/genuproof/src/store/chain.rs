//! The chain of a product, and one more event in it.

use std::time::Duration;

use keyfold::prelude::*;
use tokio::sync::{Mutex, MutexGuard};

use super::integrations::integration_key;
use super::verification::File;
use super::{Store, StoreError, failure};
use crate::domain::canonical::Object;
use crate::domain::chain::{self, ChainState, NewEvent, NotExtendable, SealedEvent};
use crate::domain::event::{EventKind, StoredEvent};
use crate::domain::ids::{BrandId, ProductId};
use crate::domain::input::Coordinates;
use crate::domain::product::{Status, StoredProduct};
use crate::domain::stored::Stored;
use crate::table::{Event, Product, Report};

/// Writers of one product meet often; each try that fails lets another one through, so that as many tries as writers are enough.
const APPENDING: Policy = Policy {
    attempts_max: 100,
    pause_first: Duration::from_millis(2),
    pause_max: Duration::from_millis(100),
};

/// The chain of a product.
#[derive(Debug, Clone, PartialEq)]
pub struct Chain {
    /// The product.
    pub product: Product,
    /// Its events, in order.
    pub events: Vec<StoredEvent>,
    /// Whether it is whole, and sealed as it should be.
    pub is_valid: bool,
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    missing_docs,
    reason = "the attributes of the item, under their own names"
)]
pub struct Happening {
    pub kind: EventKind,
    pub actor: String,
    pub location: Option<String>,
    pub coordinates: Option<Coordinates>,
    pub data: Object,
}

/// An event that is in the chain.
#[derive(Debug, Clone, PartialEq)]
pub struct Appended {
    /// The event.
    pub event: SealedEvent,
    /// The product's status from now on.
    pub status: Status,
}

/// Why an event is not appended.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// There is no such product.
    #[error("no such product")]
    UnknownProduct,
    /// A recalled product is not handed on.
    #[error("the product is recalled, so it cannot be transferred")]
    Recalled,
    /// A product is recalled once.
    #[error("the product is already recalled")]
    AlreadyRecalled,
    /// The same was reported before.
    #[error("the same was reported before")]
    Reported,
    /// Somebody tampered with the chain; a new seal would make it good.
    #[error(transparent)]
    Broken(#[from] NotExtendable),
    /// The table.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Where writers of one product wait for each other, so that those of this process need not find out by trying that another
/// one was faster. What keeps the chain whole is the condition on the seal, which holds for writers anywhere.
pub(super) struct Queues(Vec<Mutex<()>>);

impl Default for Queues {
    fn default() -> Self {
        Self((0..=u8::MAX).map(|_| Mutex::default()).collect())
    }
}

impl Queues {
    /// Ids are random, so their first two digits spread them.
    pub(super) async fn turn(&self, product: &ProductId) -> Option<MutexGuard<'_, ()>> {
        self.turn_of(product.as_str()).await
    }

    /// The same for an id of another kind.
    pub(super) async fn turn_of(&self, id: &str) -> Option<MutexGuard<'_, ()>> {
        let digits = id.get(..2)?;
        let queue = self.0.get(usize::from_str_radix(digits, 16).ok()?)?;
        Some(queue.lock().await)
    }
}

/// Why an event is not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Refusal)]
enum Refused {
    /// Another event came first.
    Moved,
    /// The same was reported before.
    Reported,
}

/// A report that becomes an event: counted on its source, and marked so that it becomes one only once.
pub(super) struct NewReport {
    /// What tells it from others; any of them.
    pub(super) digests: Vec<String>,
    pub(super) brand: BrandId,
    pub(super) integration: String,
}

/// Longer than anybody sends a report again.
const REPORT_MS: i64 = 400 * 24 * 3_600_000;

/// The end of a chain, to which an event can be added.
struct Tail {
    product: Product,
    state: ChainState,
    /// The time in the last event's key.
    last_at: String,
}

/// Why the end of a chain is not known.
enum NoTail {
    Failed(AppendError),
    /// An event was added between two reads.
    Moved,
}

impl Store {
    /// The chain of a product, checked; none when there is no such product. One query, and another where it is not whole.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn chain(&self, product: &ProductId) -> Result<Option<Chain>, StoreError> {
        let mut again = true;
        loop {
            let Some(file) = self.file(product).await? else {
                return Ok(None);
            };
            let is_valid = self.is_whole(product, &file);
            if is_valid || !again {
                return Ok(Some(Chain {
                    product: file.product,
                    events: file.events,
                    is_valid,
                }));
            }
            // A query is no snapshot: a transaction may have written between two of its items.
            again = false;
        }
    }

    /// Seals a chain that never was, after checking all of it. Whether it was sealed now; not when it has a seal.
    ///
    /// # Errors
    /// [`AppendError::Broken`] when it does not check.
    pub async fn seal(&self, id: &ProductId) -> Result<bool, AppendError> {
        let found = self.db.products.find(id).consistent().await;
        let product = found
            .map_err(StoreError::from)?
            .ok_or(AppendError::UnknownProduct)?;
        if !product.chain_seal.is_absent() {
            return Ok(false);
        }
        let tail = match self.first_tail(id).await {
            Ok(tail) => tail,
            Err(NoTail::Failed(error)) => return Err(error),
            Err(NoTail::Moved) => return Err(StoreError::Busy.into()),
        };
        let edit = self
            .db
            .products
            .edit(&tail.product)
            .event_count(tail.state.event_count)
            .chain_head(tail.state.head.to_string())
            .chain_seal(tail.state.seal(id.as_str(), &self.signer).to_string());
        let edit = edit.when(|found| found.chain_seal.absent());
        let sealed = self.db.transact().apply(edit).commit().await;
        sealed.map_err(failure)?;
        Ok(true)
    }

    /// Appends an event: writers of one product come one after the other, each later than the one before.
    ///
    /// # Errors
    /// [`AppendError`].
    pub async fn append(
        &self,
        product: &ProductId,
        happening: Happening,
    ) -> Result<Appended, AppendError> {
        self.append_at(product, &happening, None).await
    }

    /// Appends an event that depends on how the product is at that moment.
    pub(super) async fn append_to(
        &self,
        product: &ProductId,
        happening: &(dyn Fn(&Product) -> Happening + Sync),
    ) -> Result<Appended, AppendError> {
        let _turn = self.queues.turn(product).await;
        retry(APPENDING, |_| {
            self.try_append(product, happening, None, None)
        })
        .await
    }

    /// Appends what was reported, unless it was before.
    pub(super) async fn append_report(
        &self,
        product: &ProductId,
        happening: &Happening,
        report: &NewReport,
    ) -> Result<Appended, AppendError> {
        let _turn = self.queues.turn(product).await;
        let happening = |_: &Product| happening.clone();
        retry(APPENDING, |_| {
            self.try_append(product, &happening, None, Some(report))
        })
        .await
    }

    /// Appends an event that happened at `at`, or now; later where the chain's last event is.
    pub(super) async fn append_at(
        &self,
        product: &ProductId,
        happening: &Happening,
        at: Option<Timestamp>,
    ) -> Result<Appended, AppendError> {
        let _turn = self.queues.turn(product).await;
        let happening = |_: &Product| happening.clone();
        retry(APPENDING, |_| {
            self.try_append(product, &happening, at, None)
        })
        .await
    }

    async fn try_append(
        &self,
        product: &ProductId,
        happening: &(dyn Fn(&Product) -> Happening + Sync),
        at: Option<Timestamp>,
        report: Option<&NewReport>,
    ) -> Attempt<Appended, AppendError> {
        let tail = match self.tail(product).await {
            Ok(tail) => tail,
            Err(NoTail::Moved) => return Attempt::Again(StoreError::Busy.into()),
            Err(NoTail::Failed(error)) => return Attempt::Failed(error),
        };
        let happening = happening(&tail.product);
        if tail.state.status == Status::Recalled {
            match happening.kind {
                EventKind::Recalled => return Attempt::Failed(AppendError::AlreadyRecalled),
                EventKind::Transferred => return Attempt::Failed(AppendError::Recalled),
                _ => {}
            }
        }
        let Some(timestamp) = after(&tail.last_at, at.unwrap_or_else(|| self.now())) else {
            return Attempt::Failed(NotExtendable.into());
        };
        let (state, event) = tail.state.append(
            product.as_str(),
            NewEvent {
                kind: happening.kind,
                actor: happening.actor,
                location: happening.location,
                timestamp,
                data: happening.data,
            },
        );
        match self
            .write_event(&tail.product, &state, &event, happening.coordinates, report)
            .await
        {
            Ok(()) => Attempt::Done(Appended {
                event,
                status: state.status,
            }),
            Err(TransactError::Refused(Refused::Moved) | TransactError::Conflict) => {
                Attempt::Again(StoreError::Busy.into())
            }
            Err(TransactError::Refused(Refused::Reported)) => {
                Attempt::Failed(AppendError::Reported)
            }
            Err(error) => Attempt::Failed(failure(error).into()),
        }
    }

    /// The event and the seal that goes with it, in one transaction, if the chain still ends where it did.
    async fn write_event(
        &self,
        product: &Product,
        state: &ChainState,
        event: &SealedEvent,
        coordinates: Option<Coordinates>,
        report: Option<&NewReport>,
    ) -> Result<(), TransactError<Refused>> {
        let mut edit = self
            .db
            .products
            .edit(product)
            .event_count(state.event_count)
            .chain_head(state.head.to_string())
            .chain_seal(state.seal(product.id.as_str(), &self.signer).to_string());
        if event.kind.sets_status().is_some() {
            edit = edit
                .status(state.status.as_str())
                .updated_at(event.timestamp.to_string());
        }
        if event.kind == EventKind::Transferred {
            edit = edit.current_owner(event.actor.clone());
        }
        let edit = edit.when(|found| {
            let same_status = found.status.eq(product.status.clone());
            match &product.chain_seal {
                Stored::Here(seal) => same_status.and(found.chain_seal.eq(seal.clone())),
                Stored::Absent | Stored::Odd => same_status.and(found.chain_seal.absent()),
            }
        });
        let mut transact = self
            .db
            .transact()
            .apply(edit)
            .or(Refused::Moved)
            .create(Event::of(
                product.id.clone(),
                event.clone(),
                Some(point(coordinates)),
            ))
            .or(Refused::Moved);
        if let Some(report) = report {
            let until = self.now().plus_ms(REPORT_MS);
            for digest in &report.digests {
                let mark = Report {
                    product: product.id.clone(),
                    digest: digest.clone(),
                    hash: event.hash.clone(),
                    kind: event.kind.as_str().to_owned(),
                    until: Some(until),
                };
                transact = transact.create(mark).or(Refused::Reported);
            }
            let source = integration_key(&report.brand, &report.integration);
            let source = self.db.integrations.patch(source).add_event_count(1);
            transact = transact.apply(source.last_event(event.timestamp));
        }
        transact.commit().await.map(drop)
    }

    async fn tail(&self, id: &ProductId) -> Result<Tail, NoTail> {
        let found = self.db.products.find(id).consistent().await;
        let product = found
            .map_err(failed)?
            .ok_or(NoTail::Failed(AppendError::UnknownProduct))?;
        let record = product.record();
        if product.chain_seal.is_absent()
            && product.event_count.is_absent()
            && product.chain_head.is_absent()
        {
            return self.first_tail(id).await;
        }
        let state = ChainState::resume(id.as_str(), &record, &self.signer)
            .map_err(|broken| NoTail::Failed(broken.into()))?;
        let page = self
            .db
            .chain(id)
            .reversed()
            .page_size(1)
            .consistent()
            .page()
            .await;
        let last = page.map_err(failed)?.items.pop();
        match last.and_then(|last| sealed_at(&state, &record, id, last)) {
            Some(last_at) => Ok(Tail {
                product,
                state,
                last_at,
            }),
            None => Err(self.misread(id, &product).await),
        }
    }

    /// Why the last event is not the sealed one: somebody tampered with it, or added one meanwhile, which shows in the seal.
    async fn misread(&self, id: &ProductId, read: &Product) -> NoTail {
        match self.db.products.find(id).consistent().await {
            Ok(Some(now)) if now.chain_seal == read.chain_seal => {
                NoTail::Failed(NotExtendable.into())
            }
            Ok(_) => NoTail::Moved,
            Err(error) => failed(error),
        }
    }

    /// The end of a chain that was never sealed, after checking all of it.
    async fn first_tail(&self, id: &ProductId) -> Result<Tail, NoTail> {
        let file = self
            .file(id)
            .await
            .map_err(|error| NoTail::Failed(error.into()))?;
        let File {
            product,
            record,
            events,
            ..
        } = file.ok_or(NoTail::Failed(AppendError::UnknownProduct))?;
        let state =
            ChainState::take_over(id.as_str(), &record, &events, &self.signer, &self.unsealed)
                .map_err(|broken| NoTail::Failed(broken.into()))?;
        let last = events.last().and_then(|event| event.timestamp.text());
        let last_at = last.ok_or(NoTail::Failed(NotExtendable.into()))?.to_owned();
        Ok(Tail {
            product,
            state,
            last_at,
        })
    }

    fn is_whole(&self, id: &ProductId, file: &File) -> bool {
        chain::verify(
            id.as_str(),
            &file.record,
            &file.events,
            &self.signer,
            &self.unsealed,
        )
        .is_intact()
    }
}

impl Event {
    /// The item of an event in its place. `coordinates` are left out where they are not asked for.
    pub(super) fn of(
        product: ProductId,
        event: SealedEvent,
        coordinates: Option<Stored<Object>>,
    ) -> Self {
        Self {
            at: event.timestamp.to_string(),
            kind: event.kind.as_str().to_owned(),
            suffix: None,
            product_id: (&product).into(),
            shown_kind: event.kind.as_str().into(),
            actor: event.actor.into(),
            location: event.location.into(),
            coordinates,
            timestamp: event.timestamp.to_string().into(),
            data: event.data.into(),
            hash: event.hash.into(),
            previous_hash: event.previous_hash.into(),
            hash_version: event.hash_version.into(),
            product,
        }
    }
}

/// The time in the key of a chain's last event, if it is the sealed one and in its place. The time of the next event follows
/// from it, so it must be the one that the hash covers.
fn sealed_at(
    state: &ChainState,
    record: &StoredProduct,
    id: &ProductId,
    last: Event,
) -> Option<String> {
    let at = last.at.clone();
    let last = StoredEvent::from(last);
    let is_sealed = state.head.matches(last.hash.text()?)
        && last.hash_matches(id.as_str(), record.brand_id.text())
        && last.timestamp.text() == Some(at.as_str());
    is_sealed.then_some(at)
}

fn point(coordinates: Option<Coordinates>) -> Stored<Object> {
    let of = |Coordinates { lat, lng }| {
        Object::from_iter([
            ("lat".to_owned(), lat.into()),
            ("lng".to_owned(), lng.into()),
        ])
    };
    coordinates.map(of).into()
}

/// The time of an event that comes after one at `last_at`: its key must sort behind. Others wrote times of any form.
fn after(last_at: &str, now: Timestamp) -> Option<Timestamp> {
    let last: Option<jiff::Timestamp> = last_at.parse().ok();
    let last = last.and_then(|last| Timestamp::truncating(last).ok());
    let next = last.map_or(now, |last| now.max(last.plus_ms(1)));
    (next.to_string().as_str() > last_at).then_some(next)
}

fn failed(error: impl Into<StoreError>) -> NoTail {
    NoTail::Failed(AppendError::Store(error.into()))
}
