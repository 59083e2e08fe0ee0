//! Registering a product.

use keyfold::prelude::*;
use serde_json::Value;

use super::{Store, StoreError, failure};
use crate::domain::canonical::Object;
use crate::domain::chain::{ChainState, NewEvent};
use crate::domain::crypto::sha256;
use crate::domain::event::EventKind;
use crate::domain::ids::{BrandId, ProductId, VerificationCode};
use crate::domain::input::ProductDetails;
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
    /// The table.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why the transaction of a registration is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Refusal)]
pub(super) enum Refused {
    UnknownBrand,
    Duplicate,
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
}

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
        for _ in 0..DRAWS_MAX {
            let registration = Registration {
                id: ProductId::draw(&self.randomness()).map_err(StoreError::from)?,
                code: VerificationCode::draw(&self.randomness()).map_err(StoreError::from)?,
                brand,
                details: &details,
                first_event: first_event(brand, &details, self.now(), batch),
            };
            match self.write_product(registration).await {
                Ok(product) => return Ok(product),
                Err(TransactError::Refused(Refused::Drawn)) => {}
                Err(TransactError::Refused(Refused::Duplicate)) => {
                    return Err(RegisterError::Duplicate);
                }
                Err(TransactError::Refused(Refused::UnknownBrand)) => {
                    return Err(RegisterError::UnknownBrand);
                }
                Err(error) => return Err(failure(error).into()),
            }
        }
        Err(StoreError::Busy.into())
    }

    pub(super) async fn write_product(
        &self,
        registration: Registration<'_>,
    ) -> Result<Product, TransactError<Refused>> {
        let Registration {
            id,
            code,
            brand,
            details,
            first_event,
        } = registration;
        let created_at = first_event.timestamp;
        let (chain, event) = ChainState::new().append(id.as_str(), first_event);
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
            updated_at: created_at.to_string().into(),
            scan_count: 0.into(),
            event_count: chain.event_count.into(),
            chain_head: chain.head.to_string().into(),
            chain_seal: chain.seal(id.as_str(), &self.signer).to_string().into(),
            current_owner: Stored::Absent,
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
        transact
            .create(product.clone())
            .or(Refused::Drawn)
            .create(Event::of(id, event, None))
            .apply(self.db.stats.upsert(&brand.id).add_product_count(1))
            .commit()
            .await?;
        Ok(product)
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
