//! What handlers answer with: failures with the words clients look for, lists, stored attributes as they are shown.

use std::time::Duration;

use keyfold::prelude::{Cursor, GetError, QueryError, WriteError};
use keyfold_web::error::Failure;
use serde_json::{Map, Value, json};

use crate::domain::event::StoredEvent;
use crate::domain::input::BadInput;
use crate::store::{AppendError, RegisterError, StoreError};
use crate::table::Product;

impl From<BadInput> for Failure {
    fn from(wrong: BadInput) -> Self {
        Self::bad_request(wrong.to_string())
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        if error.is_cursor_refused() {
            return Self::bad_request(
                "cursor is not one that was given out for this list: pass nextCursor as it is, or start without one",
            );
        }
        if matches!(error, StoreError::Busy) || is_throttled(&error) {
            return Self::unavailable(
                "too many requests are written at once: nothing was changed, try again",
                RETRY_AFTER.as_secs(),
            );
        }
        tracing::error!(error = chain(&error), "the table failed");
        Self::internal()
    }
}

impl From<RegisterError> for Failure {
    fn from(error: RegisterError) -> Self {
        match error {
            RegisterError::UnknownBrand => unknown_brand(),
            RegisterError::Duplicate => Self::conflict(
                "a product with this name and sku already exists for this brand: change one of them",
            ),
            RegisterError::Store(error) => error.into(),
        }
    }
}

impl From<AppendError> for Failure {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::UnknownProduct => unknown_product(),
            AppendError::Broken(broken) => Self::conflict(broken.to_string()),
            // 400 and these words are what clients of the original expect.
            AppendError::Recalled | AppendError::AlreadyRecalled => {
                Self::bad_request(error.to_string())
            }
            AppendError::Store(error) => error.into(),
        }
    }
}

const RETRY_AFTER: Duration = Duration::from_secs(1);

/// 404: what names no brand.
pub fn unknown_brand() -> Failure {
    Failure::not_found("there is no such brand")
}

/// 404: what names no product.
pub fn unknown_product() -> Failure {
    Failure::not_found("there is no such product")
}

/// `{"<name>": […], "count": n, "nextCursor": …}`; without the cursor at the end.
pub fn list(name: &str, items: Vec<Value>, next: Option<&Cursor>) -> Value {
    let mut body = Map::new();
    body.insert("count".to_owned(), items.len().into());
    body.insert(name.to_owned(), items.into());
    if let Some(next) = next {
        body.insert("nextCursor".to_owned(), next.as_str().into());
    }
    Value::Object(body)
}

/// A product in a list of its brand.
pub fn product(product: &Product) -> Value {
    json!({
        "productId": product.id,
        "name": product.name,
        "sku": product.sku,
        "category": product.category,
        "status": product.status,
        "verificationCode": product.verification_code,
        "createdAt": product.created_at,
        "scanCount": scan_count(product),
    })
}

/// How often a product was scanned; items of others may lack the number.
pub fn scan_count(product: &Product) -> u64 {
    product.scan_count.here().copied().unwrap_or_default()
}

/// An event, as readers are shown it: everything its hash covers.
pub fn event(event: &StoredEvent) -> Value {
    json!({
        "type": event.kind,
        "actor": event.actor,
        "location": event.location,
        "timestamp": event.timestamp,
        "data": event.data,
        "hash": event.hash,
        "previousHash": event.previous_hash,
    })
}

/// Whether the service asks to slow down.
fn is_throttled(error: &StoreError) -> bool {
    match error {
        StoreError::Get(GetError::Request(request))
        | StoreError::Query(QueryError::Request(request))
        | StoreError::Write(WriteError::Request(request)) => request.is_throttled(),
        _ => false,
    }
}

fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let texts: Vec<_> = causes(error).map(ToString::to_string).collect();
    texts.join(": ")
}

fn causes<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error| error.source())
}
