//! Who may: keys, sessions, and the open demonstration.

use axum::http::HeaderMap;
use keyfold_web::csrf;
use keyfold_web::error::Failure;
use keyfold_web::session::Session;

use crate::app::App;
use crate::domain::access::Presented;
use crate::domain::ids::{BrandId, Form as _, ProductId, Ref};
use crate::pages::SignedIn;
use crate::routes::answer::{unknown_brand, unknown_product};
use crate::routes::request::text;
use crate::store::StoreError;
use crate::table::{Brand, Product};

/// Whether a request changes something: with a session's cookie it then needs a proof that our own page sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    /// It only reads.
    Read,
    /// It changes something.
    Change,
}

/// Who makes a request that needs a key.
pub enum Caller {
    /// Anybody: the server is an open demonstration and no key was sent.
    Anybody,
    /// The brands whose keys were sent, or the one that is signed in.
    Brands(Vec<Brand>),
}

/// Who is behind a request: 401 for nobody. It says nothing yet about what they may.
pub async fn caller(app: &App, headers: &HeaderMap, intent: Intent) -> Result<Caller, Failure> {
    let presented = Presented::of(text(headers, "authorization"), text(headers, "x-api-key"));
    if presented.is_anything {
        let mut brands = Vec::new();
        for key in &presented.keys {
            brands.extend(app.store.authenticate(key).await?);
        }
        if brands.is_empty() {
            return Err(Failure::unauthorized(
                "this API key is not valid: send the key that was shown when the brand was created",
            ));
        }
        return Ok(Caller::Brands(brands));
    }
    // A session only narrows what anybody may do there, so it does not count.
    if app.open_demo {
        return Ok(Caller::Anybody);
    }
    let Some((session, brand)) = signed_in(app, headers).await? else {
        return Err(Failure::unauthorized(
            "an API key is required: send it as `Authorization: Bearer <key>` or `X-Api-Key: <key>`",
        ));
    };
    if intent == Intent::Change {
        csrf::check(&app.sessions, &session, headers, None)?;
    }
    Ok(Caller::Brands(vec![brand]))
}

/// Who is behind a request that needs no key: nobody when nothing was sent; 401 for a key that is none.
pub async fn visitor(app: &App, headers: &HeaderMap) -> Result<Option<Caller>, Failure> {
    let presented = Presented::of(text(headers, "authorization"), text(headers, "x-api-key"));
    if presented.is_anything || app.open_demo {
        return caller(app, headers, Intent::Read).await.map(Some);
    }
    let signed_in = signed_in(app, headers).await?;
    Ok(signed_in.map(|(_, brand)| Caller::Brands(vec![brand])))
}

/// Whether the product is the caller's, on whom a request that everybody may make does not depend.
pub async fn is_owner(app: &App, headers: &HeaderMap, product: &Product) -> Result<bool, Failure> {
    let caller = visitor(app, headers).await?;
    Ok(caller.is_some_and(|caller| caller.may_change(product).is_ok()))
}

/// The product that was named, if it is the caller's: 404 for none at all, 403 for somebody else's.
pub async fn owned(
    app: &App,
    headers: &HeaderMap,
    intent: Intent,
    named: Ref<ProductId>,
) -> Result<Product, Failure> {
    let caller = caller(app, headers, intent).await?;
    let id = named.named().ok_or_else(unknown_product)?;
    let product = app.store.product_by_id(&id).await?;
    let product = product.ok_or_else(unknown_product)?;
    caller.may_change(&product)?;
    Ok(product)
}

impl Caller {
    /// The brand that was named, if it is the caller's: 403 for somebody else's, 404 for none at all.
    pub async fn brand(self, app: &App, named: Ref<BrandId>) -> Result<Brand, Failure> {
        let id = named.named().ok_or_else(unknown_brand)?;
        match self {
            Self::Brands(brands) => brands
                .into_iter()
                .find(|brand| brand.id == id)
                .ok_or_else(not_yours),
            Self::Anybody => {
                let found = app.store.brand(&id).await?;
                found.map(|found| found.brand).ok_or_else(unknown_brand)
            }
        }
    }

    /// Refuses somebody else's product. Whose it is, the table says.
    pub fn may_change(&self, product: &Product) -> Result<(), Failure> {
        match self {
            Self::Anybody => Ok(()),
            Self::Brands(brands) => {
                let owner = product.brand();
                if brands.iter().any(|brand| Some(&brand.id) == owner.as_ref()) {
                    Ok(())
                } else {
                    Err(not_yours())
                }
            }
        }
    }
}

fn not_yours() -> Failure {
    Failure::forbidden("this belongs to another brand than the one whose key was sent")
}

/// What a session's cookie carries: the brand, and the beginning of its key's hash, so that a new key ends the sessions of the
/// old one. None for a brand without a key, which nobody can sign in to.
pub fn subject(brand: &Brand) -> Option<String> {
    let hash = brand.api_key_hash.as_deref()?;
    Some(format!("{}:{}", brand.id, hash.get(..16)?))
}

/// The session of a request and its brand.
pub async fn signed_in(
    app: &App,
    headers: &HeaderMap,
) -> Result<Option<(Session, Brand)>, StoreError> {
    let Some(session) = app.sessions.read(headers, app.system_now()) else {
        return Ok(None);
    };
    let id = session.subject().split_once(':').map(|(id, _)| id);
    let Some(id) = id.and_then(BrandId::parse) else {
        return Ok(None);
    };
    let found = app.store.brand(&id).await?;
    Ok(found
        .map(|found| found.brand)
        .filter(|brand| subject(brand).as_deref() == Some(session.subject()))
        .map(|brand| (session, brand)))
}

/// As pages show who is signed in.
pub async fn shown(app: &App, headers: &HeaderMap) -> Result<Option<SignedIn>, StoreError> {
    let found = signed_in(app, headers).await?;
    Ok(found.map(|(session, brand)| SignedIn {
        csrf: app.sessions.csrf_token(&session),
        brand_name: brand.name,
    }))
}
