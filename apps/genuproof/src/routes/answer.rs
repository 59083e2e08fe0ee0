//! What handlers answer with: failures with the words clients look for, lists, stored attributes as they are shown.

use std::time::Duration;

use axum::Json;
use axum::http::header::CONTENT_DISPOSITION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use keyfold::prelude::{Cursor, GetError, QueryError, WriteError};
use keyfold_web::error::Failure;
use serde_json::{Map, Value, json};

use crate::domain::event::StoredEvent;
use crate::domain::input::BadInput;
use crate::store::{
    AppendError, ClaimError, DisputeError, HookError, IntegrationError, KeyError, RegisterError,
    ReportError, RulingError, SettleError, StoreError,
};
use crate::table::{Alert, Product};

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
            RegisterError::PlanLimit { .. } => Self::new(
                StatusCode::PAYMENT_REQUIRED,
                format!("{error}: choose a larger plan on the page about prices"),
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
            AppendError::Reported => Self::conflict(error.to_string()),
            // 400 and these words are what clients of the original expect.
            AppendError::Recalled | AppendError::AlreadyRecalled => {
                Self::bad_request(error.to_string())
            }
            AppendError::Store(error) => error.into(),
        }
    }
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::UnknownBrand => unknown_brand(),
            KeyError::UnknownKey => Self::not_found(error.to_string()),
            KeyError::OnlyKey => Self::conflict(error.to_string()),
            KeyError::Store(error) => error.into(),
        }
    }
}

impl From<IntegrationError> for Failure {
    fn from(error: IntegrationError) -> Self {
        match error {
            IntegrationError::Unknown => unknown_integration(),
            IntegrationError::TooMany => Self::conflict(error.to_string()),
            IntegrationError::Store(error) => error.into(),
        }
    }
}

impl From<ReportError> for Failure {
    fn from(error: ReportError) -> Self {
        match error {
            ReportError::Append(error) => error.into(),
        }
    }
}

impl From<HookError> for Failure {
    fn from(error: HookError) -> Self {
        match error {
            HookError::Unknown => Self::not_found("there is no such webhook"),
            HookError::NoDelivery => unknown_delivery(),
            HookError::TooMany => Self::conflict(error.to_string()),
            HookError::Store(error) => error.into(),
        }
    }
}

impl From<ClaimError> for Failure {
    fn from(error: ClaimError) -> Self {
        match error {
            ClaimError::UnknownProduct => unknown_product(),
            ClaimError::Claimed { at } => Self::conflict("this product is already claimed")
                .with("claimed", true)
                .with("claimedAt", at),
            ClaimError::Store(error) => error.into(),
        }
    }
}

impl From<DisputeError> for Failure {
    fn from(error: DisputeError) -> Self {
        match error {
            DisputeError::UnknownProduct => unknown_product(),
            DisputeError::NoClaim => {
                Self::bad_request("there is no claim on this product that could be disputed")
            }
            DisputeError::TooMany => Self::too_many(
                "too many disputes about this product are open: its brand has to look into them first",
                DISPUTES_RETRY_AFTER.as_secs(),
            ),
            DisputeError::Store(error) => error.into(),
        }
    }
}

impl From<RulingError> for Failure {
    fn from(error: RulingError) -> Self {
        match error {
            RulingError::Unknown => unknown_dispute(),
            RulingError::NotFrom { .. } => Self::conflict(error.to_string()),
            RulingError::Store(error) => error.into(),
        }
    }
}

impl From<SettleError> for Failure {
    fn from(error: SettleError) -> Self {
        match error {
            SettleError::Unknown => unknown_alert(),
            SettleError::Already { .. } => Self::conflict(error.to_string()),
            SettleError::Store(error) => error.into(),
        }
    }
}

const DISPUTES_RETRY_AFTER: Duration = Duration::from_hours(1);
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// 404: what names no brand.
pub fn unknown_brand() -> Failure {
    Failure::not_found("there is no such brand")
}

/// 404: what names no product.
pub fn unknown_product() -> Failure {
    Failure::not_found("there is no such product")
}

/// 404: what names no dispute.
pub fn unknown_dispute() -> Failure {
    Failure::not_found("there is no such dispute")
}

/// 404: what names no alert.
pub fn unknown_alert() -> Failure {
    Failure::not_found("there is no such alert")
}

/// 404: what names no source of events.
pub fn unknown_integration() -> Failure {
    Failure::not_found("there is no such integration")
}

/// 404: what names no delivery that could be sent again.
pub fn unknown_delivery() -> Failure {
    Failure::not_found("there is no such delivery, or it is still to be tried")
}

/// JSON that a browser keeps as a file.
pub fn attachment(name: &str, body: &Value) -> Response {
    let mut response = Json(body).into_response();
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""));
    if let Ok(disposition) = disposition {
        response
            .headers_mut()
            .insert(CONTENT_DISPOSITION, disposition);
    }
    response
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

/// An alert in the list of its brand.
pub fn alert(alert: &Alert) -> Value {
    json!({
        "id": alert.id().to_string(),
        "type": alert.shown_kind,
        "severity": alert.severity,
        "productId": alert.product_id,
        "productName": alert.product_name,
        "details": alert.details,
        "timestamp": alert.timestamp,
        "resolved": alert.is_resolved(),
        "country": alert.country,
        "city": alert.city,
        "source": alert.source,
        "aiAnalysis": alert.ai_analysis,
        "repeats": alert.repeats.here().copied().unwrap_or_default(),
        "repeatedAt": alert.repeated_at,
        "resolvedAt": alert.resolved_at,
        "resolvedBy": alert.resolved_by,
        "resolutionNote": alert.resolution_note,
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
