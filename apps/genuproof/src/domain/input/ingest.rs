//! Reports of carriers, shops and warehouses.

use keyfold::Timestamp;
use serde_json::Value;

use super::{
    BadInput, Body, CODE_CHARACTERS_MAX, LABEL_CHARACTERS_MAX, NOTE_CHARACTERS_MAX,
    PARTY_CHARACTERS_MAX, and,
};
use crate::domain::canonical::{Object, text_of_object};
use crate::domain::crypto::sha256;
use crate::domain::event::EventKind;
use crate::domain::ids::{Form as _, ProductId, Ref, VerificationCode};
use crate::domain::integration::Feed;

/// `POST /api/ingest/shipping`, `/pos`, `/warehouse`: an event as somebody else's program reports it.
#[derive(Debug, Clone, PartialEq)]
pub struct Reported {
    /// Of which product.
    pub target: ReportTarget,
    /// What happened.
    pub kind: EventKind,
    /// Who did it.
    pub actor: String,
    /// Where.
    pub location: Option<String>,
    /// What else is known, `reportedAt` included.
    pub data: Object,
    /// What tells this report from others of its product.
    pub identity: String,
}

/// A product, as reports name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReportTarget {
    /// By its id.
    Product(Ref<ProductId>),
    /// By its code.
    Code(Ref<VerificationCode>),
}

/// How far a sender's clock may be ahead.
const AHEAD_MS: i64 = 5 * 60_000;

/// Words of carriers, and what they mean.
const STATUSES: [(&str, EventKind); 5] = [
    ("picked_up", EventKind::Shipped),
    ("in_transit", EventKind::Shipped),
    ("out_for_delivery", EventKind::Shipped),
    ("delivered", EventKind::Received),
    ("exception", EventKind::Custom),
];
/// Words of warehouses.
const ACTIONS: [(&str, EventKind); 5] = [
    ("received", EventKind::Received),
    ("stored", EventKind::Received),
    ("returned", EventKind::Received),
    ("inspected", EventKind::Inspected),
    ("dispatched", EventKind::Shipped),
];

/// Reads a report of a feed. `now` bounds the time it may have.
///
/// # Errors
/// [`BadInput`].
pub fn report_of(feed: Feed, bytes: &[u8], now: Timestamp) -> Result<Reported, BadInput> {
    let body = Body::parse(bytes)?;
    match feed {
        Feed::Shipping => shipping(&body, now),
        Feed::Pos => pos(&body, now),
        Feed::Warehouse => warehouse(&body, now),
    }
}

fn shipping(body: &Body<'_>, now: Timestamp) -> Result<Reported, BadInput> {
    body.require(&["trackingNumber", "carrier", "status"])?;
    let target = target(body)?;
    let number = body.required_text("trackingNumber", LABEL_CHARACTERS_MAX)?;
    let carrier = body.required_text("carrier", PARTY_CHARACTERS_MAX)?;
    let status = body.required_text("status", LABEL_CHARACTERS_MAX)?;
    let kind = meaning("status", &status, &STATUSES)?;
    let place = ["city", "country"]
        .iter()
        .map(|field| body.text(field, PARTY_CHARACTERS_MAX))
        .collect::<Result<Vec<_>, _>>()?;
    let place: Vec<String> = place.into_iter().flatten().collect();
    let location = body.text("location", PARTY_CHARACTERS_MAX)?;
    let location = location.or_else(|| (!place.is_empty()).then(|| place.join(", ")));
    let mut data = Members::new();
    data.text("trackingNumber", Some(&number));
    data.text("carrier", Some(&carrier));
    data.text("carrierStatus", Some(&status));
    data.text(
        "signedBy",
        body.text("signedBy", PARTY_CHARACTERS_MAX)?.as_deref(),
    );
    let identity = [
        &number,
        &carrier,
        &status,
        location.as_deref().unwrap_or_default(),
    ]
    .map(ToString::to_string);
    Ok(Reported {
        target,
        kind,
        actor: format!("{carrier} ({number})"),
        location,
        identity: data.finish(
            Feed::Shipping,
            &identity,
            reported_at(body, now)?.as_deref(),
        ),
        data: data.0,
    })
}

fn pos(body: &Body<'_>, now: Timestamp) -> Result<Reported, BadInput> {
    body.require(&["orderId", "platform"])?;
    let target = target(body)?;
    let order = body.required_text("orderId", LABEL_CHARACTERS_MAX)?;
    let platform = body.required_text("platform", LABEL_CHARACTERS_MAX)?;
    let store = body.text("storeName", PARTY_CHARACTERS_MAX)?;
    // Checked, and kept nowhere: whoever bought it is nobody else's business.
    if let Some(address) = body.text("customerEmail", super::EMAIL_CHARACTERS_MAX)?
        && !address.contains('@')
    {
        return Err(BadInput::new("customerEmail must be an address with an @"));
    }
    body.text("sku", LABEL_CHARACTERS_MAX)?;
    let mut data = Members::new();
    data.text("orderId", Some(&order));
    data.text("platform", Some(&platform));
    if let Some(amount) = body.amount("amount")? {
        data.0.insert("amount".to_owned(), Value::Number(amount));
    }
    data.text(
        "currency",
        body.text("currency", LABEL_CHARACTERS_MAX)?.as_deref(),
    );
    let reported_at = reported_at(body, now)?;
    // A sale is one whenever it is reported.
    let identity = data.finish(Feed::Pos, &[order, platform.clone()], None);
    data.text("reportedAt", reported_at.as_deref());
    Ok(Reported {
        target,
        kind: EventKind::Sold,
        actor: store.unwrap_or_else(|| format!("{platform} Store")),
        location: body.text("storeLocation", PARTY_CHARACTERS_MAX)?,
        identity,
        data: data.0,
    })
}

fn warehouse(body: &Body<'_>, now: Timestamp) -> Result<Reported, BadInput> {
    body.require(&["action", "warehouseName"])?;
    let target = target(body)?;
    let action = body.required_text("action", LABEL_CHARACTERS_MAX)?;
    let name = body.required_text("warehouseName", PARTY_CHARACTERS_MAX)?;
    let kind = meaning("action", &action, &ACTIONS)?;
    let bay = body.text("bay", LABEL_CHARACTERS_MAX)?;
    let mut data = Members::new();
    data.text("action", Some(&action));
    data.text("bay", bay.as_deref());
    data.text(
        "inspectorId",
        body.text("inspectorId", LABEL_CHARACTERS_MAX)?.as_deref(),
    );
    data.text("notes", body.text("notes", NOTE_CHARACTERS_MAX)?.as_deref());
    let identity = [action, name.clone(), bay.unwrap_or_default()];
    Ok(Reported {
        target,
        kind,
        actor: name,
        location: body.text("warehouseLocation", PARTY_CHARACTERS_MAX)?,
        identity: data.finish(
            Feed::Warehouse,
            &identity,
            reported_at(body, now)?.as_deref(),
        ),
        data: data.0,
    })
}

/// What is written with an event; what was not sent is not there.
struct Members(Object);

impl Members {
    fn new() -> Self {
        Self(Object::new())
    }

    fn text(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.0.insert(name.to_owned(), value.into());
        }
    }

    /// Adds source and time, and gives what tells the report from others.
    fn finish(&mut self, feed: Feed, identity: &[String], reported_at: Option<&str>) -> String {
        self.text("source", Some(feed.source()));
        self.text("reportedAt", reported_at);
        let mut told = Object::new();
        told.insert("source".to_owned(), feed.source().into());
        told.insert("identity".to_owned(), identity.to_vec().into());
        told.insert("reportedAt".to_owned(), reported_at.into());
        sha256(&text_of_object(&told)).to_string()
    }
}

fn target(body: &Body<'_>) -> Result<ReportTarget, BadInput> {
    if body.require(&["productId"]).is_ok() {
        return Ok(ReportTarget::Product(body.id("productId")?));
    }
    let code = body.text("verificationCode", CODE_CHARACTERS_MAX)?;
    let code = code.ok_or_else(|| BadInput::new("productId or verificationCode is required"))?;
    Ok(ReportTarget::Code(
        VerificationCode::parse(&code).map_or(Ref::Unknown, Ref::Named),
    ))
}

fn meaning(field: &str, word: &str, known: &[(&str, EventKind)]) -> Result<EventKind, BadInput> {
    let found = known.iter().find(|(known, _)| *known == word);
    found.map(|(_, kind)| *kind).ok_or_else(|| {
        let words: Vec<_> = known.iter().map(|(word, _)| *word).collect();
        BadInput::new(format!("{field} must be one of {}", and(&words, "or")))
    })
}

/// When it happened by the sender's clock: a full date-time with zone, not ahead of now by more than clocks differ. As UTC.
fn reported_at(body: &Body<'_>, now: Timestamp) -> Result<Option<String>, BadInput> {
    let wrong = || {
        BadInput::new(
            "timestamp must be a date and time with zone, such as 2026-03-01T09:30:00Z, and not in the future",
        )
    };
    let Some(text) = body
        .text("timestamp", LABEL_CHARACTERS_MAX)
        .map_err(|_| wrong())?
    else {
        return Ok(None);
    };
    // What is no digit between date and time is no ISO 8601 date-time; the parser takes more than that.
    let is_full = text.len() >= 20
        && text
            .as_bytes()
            .get(10)
            .is_some_and(|byte| matches!(byte, b'T' | b't'));
    let at: jiff::Timestamp = text.parse().map_err(|_| wrong())?;
    let at = Timestamp::truncating(at).map_err(|_| wrong())?;
    if !is_full || at > now.plus_ms(AHEAD_MS) {
        return Err(wrong());
    }
    Ok(Some(at.to_string()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn now() -> Timestamp {
        "2026-03-05T12:00:00.000Z".parse().unwrap()
    }

    fn read(feed: Feed, body: &Value) -> Result<Reported, String> {
        report_of(feed, body.to_string().as_bytes(), now()).map_err(|wrong| wrong.to_string())
    }

    fn parcel() -> Value {
        json!({"productId": "00112233445566778899aabbccddeeff", "trackingNumber": "FX-1", "carrier": "FedEx", "status": "picked_up"})
    }

    #[test]
    fn a_parcel_is_read_as_the_published_second_event() {
        let read = read(Feed::Shipping, &parcel()).unwrap();
        assert_eq!(
            (read.kind, read.actor.as_str()),
            (EventKind::Shipped, "FedEx (FX-1)")
        );
        assert_eq!(read.location, None);
        assert_eq!(
            text_of_object(&read.data),
            r#"{"carrier":"FedEx","carrierStatus":"picked_up","source":"shipping_webhook","trackingNumber":"FX-1"}"#
        );
    }

    #[test]
    fn a_place_is_the_location_or_what_is_known_of_it() {
        for (more, expect) in [
            (
                json!({"location": "Dock 4", "city": "Lyon"}),
                Some("Dock 4"),
            ),
            (
                json!({"city": "Lyon", "country": "France"}),
                Some("Lyon, France"),
            ),
            (json!({"country": "France"}), Some("France")),
            (json!({}), None),
        ] {
            let mut body = parcel();
            body.as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            assert_eq!(
                read(Feed::Shipping, &body).unwrap().location.as_deref(),
                expect
            );
        }
    }

    #[test]
    fn times_are_full_and_not_ahead() {
        for (time, expect) in [
            (
                json!("2026-03-05T11:59:59Z"),
                Some("2026-03-05T11:59:59.000Z"),
            ),
            (
                json!("2026-03-05T13:30:00+02:00"),
                Some("2026-03-05T11:30:00.000Z"),
            ),
            (
                json!("2026-03-05T12:04:00Z"),
                Some("2026-03-05T12:04:00.000Z"),
            ),
            (json!("2026-03-05T12:06:00Z"), None),
            (json!("2026-03-05"), None),
            (json!("2026-03-05T12:00:00"), None),
            (json!(1_772_445_600), None),
            (json!("yesterday"), None),
        ] {
            let mut body = parcel();
            body["timestamp"] = time.clone();
            let found = read(Feed::Shipping, &body).ok();
            let found = found.map(|read| read.data["reportedAt"].as_str().unwrap().to_owned());
            assert_eq!(found.as_deref(), expect, "{time}");
        }
    }

    #[test]
    fn a_sale_is_one_whenever_it_is_reported_and_says_nothing_of_the_buyer() {
        let sale = |at: &str| {
            json!({"verificationCode": "x7Kp-2mQ_9aZ", "orderId": "1", "platform": "shopify", "amount": 12.50,
                "customerEmail": "jane@mail.example", "timestamp": at})
        };
        let one = read(Feed::Pos, &sale("2026-03-05T11:00:00Z")).unwrap();
        let two = read(Feed::Pos, &sale("2026-03-05T11:30:00Z")).unwrap();
        assert_eq!(one.identity, two.identity);
        assert_eq!(one.actor, "shopify Store");
        assert!(!text_of_object(&one.data).contains("jane"));
        assert_eq!(one.data["amount"], json!(12.5));
    }

    #[test]
    fn unknown_words_are_refused_with_those_that_are_known() {
        let mut body = parcel();
        body["status"] = json!("constructor");
        assert!(
            read(Feed::Shipping, &body)
                .unwrap_err()
                .contains("picked_up")
        );
        let stored = json!({"productId": "00112233445566778899aabbccddeeff", "action": "eaten", "warehouseName": "W"});
        assert!(
            read(Feed::Warehouse, &stored)
                .unwrap_err()
                .contains("dispatched")
        );
        let nothing = json!({"action": "stored", "warehouseName": "W"});
        assert!(
            read(Feed::Warehouse, &nothing)
                .unwrap_err()
                .contains("required")
        );
    }
}
