//! A record of the stream, from the SDK's types and from `DynamoDB`'s JSON, as Lambda gets it.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_dynamodbstreams::types::{
    AttributeValue as StreamValue, Identity, OperationType, Record as SdkRecord, StreamViewType,
};
use keyfold::{ChangeKind, Item, RawChange, StreamView, Timestamp};
use serde::{Deserialize, Serialize};

/// Who deletes what has expired. Source: Amazon `DynamoDB` Developer Guide, "`DynamoDB` Streams and
/// Time to Live".
const TTL_TYPE: &str = "Service";
const TTL_PRINCIPAL: &str = "dynamodb.amazonaws.com";

/// One record.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Record {
    /// The event id: stays, however often it is delivered.
    pub id: String,
    /// Its place in its shard.
    pub sequence_number: String,
    /// About when the item was changed.
    pub created: Option<Timestamp>,
    /// What changed.
    pub change: RawChange,
}

impl Record {
    /// As the SDK gives it; nothing for one without what every record has.
    pub fn from_sdk(record: SdkRecord) -> Option<Self> {
        let change = record.dynamodb?;
        let kind = match record.event_name? {
            OperationType::Insert => ChangeKind::Inserted,
            OperationType::Modify => ChangeKind::Modified,
            OperationType::Remove => ChangeKind::Removed,
            _ => return None,
        };
        let view = match change.stream_view_type {
            Some(StreamViewType::KeysOnly) => StreamView::KeysOnly,
            Some(StreamViewType::NewImage) => StreamView::NewImage,
            Some(StreamViewType::OldImage) => StreamView::OldImage,
            _ => StreamView::NewAndOldImages,
        };
        let mut raw = RawChange::new(kind, from_stream(change.keys?), view);
        raw.old = change.old_image.map(from_stream);
        raw.new = change.new_image.map(from_stream);
        raw.expired_by_ttl = record.user_identity.as_ref().is_some_and(is_ttl);
        let created = change.approximate_creation_date_time;
        Some(Self {
            id: record.event_id?,
            sequence_number: change.sequence_number?,
            created: created
                .and_then(|at| at.to_millis().ok())
                .and_then(|ms| Timestamp::from_millisecond(ms).ok()),
            change: raw,
        })
    }

    /// As Lambda's events have it.
    pub fn from_json(json: JsonRecord) -> Self {
        let change = json.dynamodb;
        let view = change
            .stream_view_type
            .unwrap_or(StreamView::NewAndOldImages);
        let mut raw = RawChange::new(json.event_name.into(), change.keys.into(), view);
        raw.old = change.old_image.map(Into::into);
        raw.new = change.new_image.map(Into::into);
        raw.expired_by_ttl = json.user_identity.is_some_and(|who| {
            who.kind.as_deref() == Some(TTL_TYPE)
                && who.principal_id.as_deref() == Some(TTL_PRINCIPAL)
        });
        Self {
            id: json.event_id,
            sequence_number: change.sequence_number,
            created: change.created.and_then(|seconds| {
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "a moment of this age in milliseconds is far below 2^53"
                )]
                let ms = (seconds * 1_000.0).round() as i64;
                Timestamp::from_millisecond(ms).ok()
            }),
            change: raw,
        }
    }

    /// As Lambda's events have it.
    pub fn into_json(self, source_arn: Option<String>) -> JsonRecord {
        let raw = self.change;
        JsonRecord {
            event_id: self.id,
            event_name: raw.kind.into(),
            event_source: "aws:dynamodb".to_owned(),
            event_source_arn: source_arn,
            user_identity: raw.expired_by_ttl.then(|| JsonIdentity {
                kind: Some(TTL_TYPE.to_owned()),
                principal_id: Some(TTL_PRINCIPAL.to_owned()),
            }),
            dynamodb: JsonChange {
                keys: raw.keys.into(),
                new_image: raw.new.map(Into::into),
                old_image: raw.old.map(Into::into),
                sequence_number: self.sequence_number,
                stream_view_type: Some(raw.view),
                #[expect(
                    clippy::cast_precision_loss,
                    reason = "milliseconds of our time are below 2^53"
                )]
                created: self
                    .created
                    .map(|created| created.as_millisecond() as f64 / 1_000.0),
            },
        }
    }

    /// Equal for records of one item, which must be handled one after the other. Those of two items
    /// that happen to be equal too merely wait for each other.
    pub fn item_hash(&self) -> u64 {
        let mut parts: Vec<_> = self.change.keys.iter().collect();
        parts.sort_unstable_by_key(|(name, _)| name.as_str());
        let mut hasher = DefaultHasher::new();
        for (name, value) in parts {
            name.hash(&mut hasher);
            match value {
                AttributeValue::S(text) | AttributeValue::N(text) => text.hash(&mut hasher),
                AttributeValue::B(bytes) => bytes.as_ref().hash(&mut hasher),
                _ => {}
            }
        }
        hasher.finish()
    }
}

fn is_ttl(who: &Identity) -> bool {
    who.r#type() == Some(TTL_TYPE) && who.principal_id() == Some(TTL_PRINCIPAL)
}

/// The streams client has types of its own for the same values.
fn from_stream(item: HashMap<String, StreamValue>) -> Item {
    serde_dynamo::Item::from(item).into()
}

/// A record in the form of Lambda's events.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JsonRecord {
    #[serde(rename = "eventID")]
    event_id: String,
    event_name: EventName,
    #[serde(default)]
    event_source: String,
    #[serde(
        default,
        rename = "eventSourceARN",
        skip_serializing_if = "Option::is_none"
    )]
    pub(crate) event_source_arn: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user_identity: Option<JsonIdentity>,
    dynamodb: JsonChange,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum EventName {
    Insert,
    Modify,
    Remove,
}

impl From<EventName> for ChangeKind {
    fn from(name: EventName) -> Self {
        match name {
            EventName::Insert => Self::Inserted,
            EventName::Modify => Self::Modified,
            EventName::Remove => Self::Removed,
        }
    }
}

impl From<ChangeKind> for EventName {
    fn from(kind: ChangeKind) -> Self {
        match kind {
            ChangeKind::Inserted => Self::Insert,
            ChangeKind::Modified => Self::Modify,
            ChangeKind::Removed => Self::Remove,
        }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct JsonIdentity {
    // Lambda's events have both spellings.
    #[serde(default, rename = "type", alias = "Type")]
    kind: Option<String>,
    #[serde(default, rename = "principalId", alias = "PrincipalId")]
    principal_id: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct JsonChange {
    keys: serde_dynamo::Item,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    new_image: Option<serde_dynamo::Item>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    old_image: Option<serde_dynamo::Item>,
    sequence_number: String,
    #[serde(default)]
    stream_view_type: Option<StreamView>,
    #[serde(
        default,
        rename = "ApproximateCreationDateTime",
        skip_serializing_if = "Option::is_none"
    )]
    created: Option<f64>,
}
