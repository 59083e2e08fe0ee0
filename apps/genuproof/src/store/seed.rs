//! Writing the demonstration's data.

use keyfold::prelude::*;

use super::registration::{Refused, Registration};
use super::scans::NewScan;
use super::{AppendError, Happening, Store, StoreError, failure};
use crate::domain::access::ApiKey;
use crate::domain::crypto::Signer;
use crate::domain::demo::{self, Demo, DemoBrand, DemoClaim, DemoProduct, DemoScan};
use crate::domain::fingerprint;
use crate::domain::ids::{BrandId, NoRandomness, Randomness};
use crate::domain::input::CreateBrand;
use crate::domain::place::Place;
use crate::domain::stored::Stored;
use crate::table::{Brand, Claim, Product};

/// What was seeded.
#[derive(Debug)]
pub struct Seeded {
    /// The demonstration's brands.
    pub brands: Vec<SeededBrand>,
    /// A code to try.
    pub code: String,
}

/// A brand of the demonstration.
#[derive(Debug)]
pub struct SeededBrand {
    /// The brand.
    pub brand: Brand,
    /// Its key, which follows from the secret and is the same at every start; none once it was replaced by another.
    pub api_key: Option<ApiKey>,
}

/// Why nothing was seeded.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// It holds other things.
    #[error(
        "the table is neither empty nor the demonstration's; start the demonstration on an empty one"
    )]
    NotEmpty,
    /// Somebody else has an id, a code or a name.
    #[error("a product of the demonstration cannot be registered: its id, code or name is taken")]
    Taken,
    /// The table.
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Refusal)]
enum Unclaimed {
    Claimed,
}

impl Store {
    /// Writes the demonstration's data, through the same code as requests. What is there already stays as it is.
    ///
    /// # Errors
    /// [`SeedError`].
    pub async fn seed_demo(&self) -> Result<Seeded, SeedError> {
        let demo = demo::at(self.now());
        self.refuse_other_tables(&demo).await?;
        let mut seeded = Seeded {
            brands: Vec::new(),
            // One that nobody claimed: whoever tries it first is not warned.
            code: demo
                .products
                .iter()
                .find(|product| product.claim.is_none())
                .map(|product| product.code.to_string())
                .unwrap_or_default(),
        };
        for brand in &demo.brands {
            seeded.brands.push(self.seed_brand(brand).await?);
        }
        for product in &demo.products {
            let brand = seeded
                .brands
                .iter()
                .find(|seeded| seeded.brand.id == product.brand);
            if let Some(brand) = brand {
                self.seed_product(&brand.brand, product).await?;
            }
        }
        Ok(seeded)
    }

    /// A table is the demonstration's when its first brand is there, which is written before everything else.
    async fn refuse_other_tables(&self, demo: &Demo) -> Result<(), SeedError> {
        if let Some(first) = demo.brands.first()
            && self.find_brand(&first.id).await?.is_some()
        {
            return Ok(());
        }
        let brands = self.db.all_brands().page_size(1).consistent().page();
        let products = self.db.all_products().page_size(1).consistent().page();
        let (brands, products) = tokio::try_join!(brands, products).map_err(StoreError::from)?;
        if brands.items.is_empty() && products.items.is_empty() {
            Ok(())
        } else {
            Err(SeedError::NotEmpty)
        }
    }

    async fn find_brand(&self, id: &BrandId) -> Result<Option<Brand>, StoreError> {
        Ok(self.db.brands.find(id).consistent().await?)
    }

    async fn seed_brand(&self, demo: &DemoBrand) -> Result<SeededBrand, SeedError> {
        let derived = Derived {
            signer: &self.signer,
            of: &demo.id,
        };
        let key = ApiKey::draw(&demo.id, &derived).map_err(StoreError::from)?;
        let brand = if let Some(brand) = self.find_brand(&demo.id).await? {
            brand
        } else {
            let brand = CreateBrand {
                name: demo.name.clone(),
                domain: demo.domain.clone(),
                industry: demo.industry.clone(),
                logo_url: None,
            };
            let (id, created_at) = (demo.id.clone(), demo.created_at);
            let new = self.write_brand(id, brand, created_at, key.clone()).await?;
            new.brand
        };
        let is_its_key = brand
            .api_key_hash
            .as_deref()
            .is_some_and(|hash| key.is(hash));
        Ok(SeededBrand {
            brand,
            api_key: is_its_key.then_some(key),
        })
    }

    async fn seed_product(&self, brand: &Brand, demo: &DemoProduct) -> Result<(), SeedError> {
        let product = match self.find_product(demo).await? {
            Some(product) => product,
            None => self.seed_registration(brand, demo).await?,
        };
        let written = |count: &Stored<u64>| {
            let count = count.here().copied().unwrap_or_default();
            usize::try_from(count).unwrap_or(usize::MAX)
        };
        for event in demo.events.iter().skip(written(&product.event_count)) {
            let happening = Happening {
                kind: event.kind,
                actor: event.actor.clone(),
                location: event.location.clone(),
                coordinates: None,
                data: event.data.clone(),
            };
            let at = Some(event.timestamp);
            match self.append_at(&demo.id, &happening, at).await {
                Ok(_) => {}
                Err(AppendError::Store(error)) => return Err(error.into()),
                Err(error) => {
                    tracing::warn!(%error, "an event of the demonstration is left out");
                    break;
                }
            }
        }
        for scan in demo.scans.iter().skip(written(&product.scan_count)) {
            self.seed_scan(&product, brand, scan).await?;
        }
        if let Some(claim) = &demo.claim
            && product.claimed.is_absent()
        {
            self.seed_claim(&product, claim).await?;
        }
        Ok(())
    }

    async fn find_product(&self, demo: &DemoProduct) -> Result<Option<Product>, StoreError> {
        Ok(self.db.products.find(&demo.id).consistent().await?)
    }

    async fn seed_registration(
        &self,
        brand: &Brand,
        demo: &DemoProduct,
    ) -> Result<Product, SeedError> {
        let Some(first_event) = demo.events.first().cloned() else {
            return Err(SeedError::Taken);
        };
        let registration = Registration {
            id: demo.id.clone(),
            code: demo.code.clone(),
            brand,
            details: &demo.details,
            first_event,
            later_events: Vec::new(),
        };
        match self.write_product(registration).await {
            Ok(registered) => Ok(registered.product),
            // Another process may be seeding too.
            Err(TransactError::Refused(Refused::Drawn | Refused::Duplicate)) => {
                self.find_product(demo).await?.ok_or(SeedError::Taken)
            }
            Err(error) => Err(failure(error).into()),
        }
    }

    async fn seed_scan(
        &self,
        product: &Product,
        brand: &Brand,
        demo: &DemoScan,
    ) -> Result<(), StoreError> {
        let place = Place {
            country: demo.country.to_owned(),
            city: demo.city.to_owned(),
        };
        self.record_scan(NewScan {
            product,
            at: demo.timestamp,
            place: &place,
            user_agent: Some(demo.user_agent),
            result: "authentic",
            brand: Some(brand.id.clone()),
            claimed_by_another_at: None,
            is_altered: false,
        })
        .await
    }

    async fn seed_claim(&self, product: &Product, demo: &DemoClaim) -> Result<(), StoreError> {
        let claimed_at = demo.claimed_at.to_string();
        let claim = Claim {
            product: product.id.clone(),
            product_id: (&product.id).into(),
            consumer_name: demo.consumer_name.into(),
            email: Stored::Absent,
            fingerprint: fingerprint::device(&self.signer, "demonstration", None)
                .to_string()
                .into(),
            claimed_at: claimed_at.as_str().into(),
            disputed: Stored::Absent,
            disputed_at: Stored::Absent,
            dispute_count: Stored::Absent,
            resolved_count: Stored::Absent,
            kept_until: Stored::Absent,
            until: Some(demo.claimed_at.plus_ms(self.claim_ms)),
        };
        let mark = self.db.products.edit(product).claimed(true);
        let transact = self.db.transact().create(claim).or(Unclaimed::Claimed);
        match transact.apply(mark.claimed_at(claimed_at)).commit().await {
            Ok(_) | Err(TransactError::Refused(Unclaimed::Claimed)) => Ok(()),
            Err(error) => Err(failure(error)),
        }
    }
}

/// Bytes that follow from the secret, so that the demonstration's keys are the same at every start.
struct Derived<'a> {
    signer: &'a Signer,
    of: &'a BrandId,
}

impl Randomness for Derived<'_> {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
        for (block, chunk) in bytes.chunks_mut(32).enumerate() {
            let digest = self
                .signer
                .sign(&format!("demonstration:{}:{block}", self.of));
            chunk.copy_from_slice(&digest.bytes()[..chunk.len()]);
        }
        Ok(())
    }
}
