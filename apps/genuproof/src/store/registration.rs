//! Registering a product.

use keyfold::prelude::*;
use serde_json::Value;
use tokio::sync::MutexGuard;

use super::{Store, StoreError, failure};
use crate::domain::canonical::Object;
use crate::domain::chain::{ChainState, NewEvent, SealedEvent};
use crate::domain::crypto::sha256;
use crate::domain::event::EventKind;
use crate::domain::ids::{BrandId, ProductId, VerificationCode};
use crate::domain::input::ProductDetails;
use crate::domain::plan::Plan;
use crate::domain::product::{HashedFields, signature};
use crate::domain::stored::Stored;
use crate::table::{Brand, Event, NameClaim, NameClaimKey, Product, SkuClaim};

/// How often an id and a code are drawn. Two codes of 72 random bits are never alike twice in a row.
const DRAWS_MAX: u32 = 4;

/// Why a product is not registered.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// The brand is gone.
    #[error("no such brand")]
    UnknownBrand,
    /// The brand has it already: the same name, and either has no sku or both skus are equal.
    #[error("a product with this name already exists")]
    Duplicate,
    /// The brand's plan is used up.
    #[error("the brand's plan allows {products_max} products, and has no room for these")]
    PlanLimit {
        /// How many.
        products_max: u64,
    },
    /// The table.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why the transaction of a registration is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Refusal)]
pub(super) enum Refused {
    UnknownBrand,
    Duplicate,
    PlanLimit,
    /// Id or code are another product's.
    Drawn,
}

/// A product that is about to be registered.
pub(super) struct Registration<'a> {
    pub(super) id: ProductId,
    pub(super) code: VerificationCode,
    pub(super) brand: &'a Brand,
    pub(super) details: &'a ProductDetails,
    /// The product is registered at its time.
    pub(super) first_event: NewEvent,
    /// What happened since.
    pub(super) later_events: Vec<NewEvent>,
}

/// A product that was registered, with its chain so far.
#[derive(Debug, Clone, PartialEq)]
pub struct Registered {
    /// The product.
    pub product: Product,
    /// Its events, in order.
    pub events: Vec<SealedEvent>,
}

/// What came of one product of several.
pub type Entry = (usize, Result<Product, RegisterError>);

impl Store {
    /// Registers a product: one transaction of its item, its two lookups, its listing, its first event, the claims of its name
    /// and the brand's counter.
    ///
    /// `batch` marks the first event of a product that was sent with others.
    ///
    /// # Errors
    /// [`RegisterError`]. Of several identical products registered at once exactly one is.
    pub async fn register(
        &self,
        brand: &Brand,
        details: ProductDetails,
        batch: bool,
    ) -> Result<Product, RegisterError> {
        let events = || vec![first_event(brand, &details, self.now(), batch)];
        let registered = self.register_with(brand, &details, events).await?;
        Ok(registered.product)
    }

    /// Registers products one after the other, each whole or not at all; each entry keeps its place.
    ///
    /// # Errors
    /// [`RegisterError::PlanLimit`] when the brand's plan has no room for all of them: then none is. What concerns one product is
    /// with that product.
    pub async fn register_many(
        &self,
        brand: &Brand,
        products: Vec<(usize, ProductDetails)>,
    ) -> Result<Vec<Entry>, RegisterError> {
        // Those of this process come one after the other, so that what was counted still holds when it is written.
        let _turn = self.turn_to_register(brand).await;
        if let Some(products_max) = self.products_max(brand) {
            let stats = self.db.stats.find(&brand.id).consistent().await;
            let stats = stats.map_err(StoreError::from)?;
            let used = stats.map_or(0, |stats| stats.product_count);
            let wanted = u64::try_from(products.len()).unwrap_or(u64::MAX);
            if used.saturating_add(wanted) > products_max {
                return Err(RegisterError::PlanLimit { products_max });
            }
        }
        let mut entries = Vec::with_capacity(products.len());
        for (at, details) in products {
            let events = || vec![first_event(brand, &details, self.now(), true)];
            let registered = self.draw_and_write(brand, &details, events).await;
            match registered {
                // What is not there for one is not there for the others: whoever sends the rest again finds these as duplicates.
                Err(RegisterError::Store(error)) if entries.is_empty() => return Err(error.into()),
                registered => entries.push((at, registered.map(|registered| registered.product))),
            }
        }
        Ok(entries)
    }

    /// Registers a product together with what happened to it so far, in one transaction. `events` is asked for each time an id is
    /// drawn; the first of them is the product's time.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub async fn register_with(
        &self,
        brand: &Brand,
        details: &ProductDetails,
        events: impl Fn() -> Vec<NewEvent>,
    ) -> Result<Registered, RegisterError> {
        let _turn = self.turn_to_register(brand).await;
        self.draw_and_write(brand, details, events).await
    }

    async fn draw_and_write(
        &self,
        brand: &Brand,
        details: &ProductDetails,
        events: impl Fn() -> Vec<NewEvent>,
    ) -> Result<Registered, RegisterError> {
        for _ in 0..DRAWS_MAX {
            let mut events = events().into_iter();
            let first_event = events.next();
            let first_event =
                first_event.unwrap_or_else(|| self::first_event(brand, details, self.now(), false));
            let registration = Registration {
                id: ProductId::draw(&self.randomness()).map_err(StoreError::from)?,
                code: VerificationCode::draw(&self.randomness()).map_err(StoreError::from)?,
                brand,
                details,
                first_event,
                later_events: events.collect(),
            };
            match self.write_product(registration).await {
                Ok(registered) => return Ok(registered),
                Err(TransactError::Refused(Refused::Drawn)) => {}
                Err(TransactError::Refused(Refused::Duplicate)) => {
                    return Err(RegisterError::Duplicate);
                }
                Err(TransactError::Refused(Refused::UnknownBrand)) => {
                    return Err(RegisterError::UnknownBrand);
                }
                Err(TransactError::Refused(Refused::PlanLimit)) => {
                    let products_max = self.products_max(brand).unwrap_or_default();
                    return Err(RegisterError::PlanLimit { products_max });
                }
                Err(error) => return Err(failure(error).into()),
            }
        }
        Err(StoreError::Busy.into())
    }

    /// How many products a brand may register; none is any number.
    fn products_max(&self, brand: &Brand) -> Option<u64> {
        let limit = Plan::products_max(&brand.plan);
        limit.filter(|_| self.enforces_plans)
    }

    async fn turn_to_register(&self, brand: &Brand) -> Option<MutexGuard<'_, ()>> {
        self.products_max(brand)?;
        self.registrations.turn_of(brand.id.as_str()).await
    }

    #[expect(
        clippy::too_many_lines,
        reason = "one transaction: what it writes stands together"
    )]
    pub(super) async fn write_product(
        &self,
        registration: Registration<'_>,
    ) -> Result<Registered, TransactError<Refused>> {
        let Registration {
            id,
            code,
            brand,
            details,
            first_event,
            later_events,
        } = registration;
        let created_at = first_event.timestamp;
        let (mut chain, event) = ChainState::new().append(id.as_str(), first_event);
        let mut events = vec![event];
        for event in later_events {
            let (next, event) = chain.append(id.as_str(), event);
            chain = next;
            events.push(event);
        }
        let changed = events
            .iter()
            .rev()
            .find(|event| event.kind.sets_status().is_some());
        let updated_at = changed.map_or(created_at, |event| event.timestamp);
        let owner = events
            .iter()
            .rev()
            .find(|event| event.kind == EventKind::Transferred);
        let hash = HashedFields {
            product_id: id.as_str(),
            brand_id: brand.id.as_str(),
            name: &details.name,
            sku: details.sku.as_deref(),
            metadata: &details.metadata,
            created_at: &created_at.to_string(),
        }
        .hash();
        let product = Product {
            id: id.clone(),
            product_id: (&id).into(),
            brand_id: (&brand.id).into(),
            brand_name: brand.name.clone().into(),
            name: details.name.clone().into(),
            sku: details.sku.clone().into(),
            category: details.category.clone().into(),
            description: details.description.clone().into(),
            image_url: details.image_url.clone().into(),
            verification_code: code.as_str().into(),
            hash: hash.to_string().into(),
            signature: signature(&self.signer, &hash).to_string().into(),
            status: chain.status.as_str().into(),
            metadata: details.metadata.clone().into(),
            created_at: created_at.to_string().into(),
            updated_at: updated_at.to_string().into(),
            scan_count: 0.into(),
            event_count: chain.event_count.into(),
            chain_head: chain.head.to_string().into(),
            chain_seal: chain.seal(id.as_str(), &self.signer).to_string().into(),
            current_owner: owner.map(|event| event.actor.clone()).into(),
            claimed: Stored::Absent,
            claimed_at: Stored::Absent,
        };
        let brand_is_there = self.db.transact().require(self.db.brands.exists(&brand.id));
        let transact = brand_is_there.or(Refused::UnknownBrand);
        let name = name_claim(&brand.id, &details.name);
        let transact = match &details.sku {
            None => transact
                .create(NameClaim {
                    brand: name.brand,
                    name_hash: name.name_hash,
                    product_id: Some(id.clone()),
                    sku_count: 0,
                })
                .or(Refused::Duplicate),
            Some(sku) => {
                let share = self.db.names.upsert(name.clone()).add_sku_count(1);
                transact
                    .apply(share.when(|claim| claim.product_id.absent()))
                    .or(Refused::Duplicate)
                    .create(SkuClaim {
                        brand: name.brand,
                        name_hash: name.name_hash,
                        sku_hash: sha256(sku).to_string(),
                        product_id: id.clone(),
                    })
                    .or(Refused::Duplicate)
            }
        };
        let counted = self.db.stats.upsert(&brand.id).add_product_count(1);
        let counted = match self.products_max(brand) {
            Some(most) => counted.when(|found| {
                found
                    .product_count
                    .lt(most)
                    .or(found.product_count.absent())
            }),
            None => counted,
        };
        let mut transact = transact
            .create(product.clone())
            .or(Refused::Drawn)
            .apply(counted)
            .or(Refused::PlanLimit);
        for event in &events {
            transact = transact.create(Event::of(id.clone(), event.clone(), None));
        }
        transact.commit().await?;
        Ok(Registered { product, events })
    }
}

fn first_event(
    brand: &Brand,
    details: &ProductDetails,
    timestamp: Timestamp,
    batch: bool,
) -> NewEvent {
    let mut data = Object::new();
    data.insert("registeredBy".to_owned(), Value::from(brand.id.as_str()));
    if batch {
        data.insert("batch".to_owned(), Value::Bool(true));
    }
    NewEvent {
        kind: EventKind::Manufactured,
        actor: brand.name.clone(),
        location: details.manufacturing_location.clone(),
        timestamp,
        data,
    }
}

fn name_claim(brand: &BrandId, name: &str) -> NameClaimKey {
    NameClaimKey {
        brand: brand.clone(),
        name_hash: sha256(name).to_string(),
    }
}
