//! What a reader of a stream asks: its shards, a place in one, and the records from there on.

use dynoxide::DynoxideError;
use dynoxide::actions::describe_stream::{self, DescribeStreamRequest};
use dynoxide::actions::get_records::{self, GetRecordsRequest};
use dynoxide::actions::get_shard_iterator::{
    self, GetShardIteratorRequest, decode_shard_iterator, encode_shard_iterator,
};
use dynoxide::storage::{Storage, TableMetadata};
use dynoxide::streams::shard_id;
use serde_json::{Value, json};

use crate::streams::shards::{Shard, Stream};
use crate::wire::to_json;

/// At most so many shards are in one answer, as on AWS.
const SHARDS_MOST: usize = 100;
/// A public sequence number is the stored one, lifted to 21 digits.
const LIFTED_BY: u128 = 100_000_000_000_000_000_000;

/// Why a reader gets no answer.
#[derive(Debug)]
pub(crate) enum Refused {
    Engine(DynoxideError),
    /// It asks for records that are gone.
    Trimmed,
}

impl From<DynoxideError> for Refused {
    fn from(error: DynoxideError) -> Self {
        Self::Engine(error)
    }
}

/// `DescribeStream`: the engine's answer, with the tree of shards in place of its only one.
pub(crate) fn describe(
    storage: &Storage,
    request: DescribeStreamRequest,
) -> Result<Vec<u8>, Refused> {
    let limit = request.limit.unwrap_or(SHARDS_MOST).clamp(1, SHARDS_MOST);
    let start_after = request.exclusive_start_shard_id.clone();
    let stream = by_arn(storage, &request.stream_arn)?;
    let described = pollster::block_on(describe_stream::execute(storage, request))?;
    let mut shards = stream.shards(storage)?;
    if let Some(id) = start_after {
        let at = shards.iter().position(|shard| shard.id == id);
        shards.drain(..at.map_or(shards.len(), |at| at + 1));
    }
    let more = shards.len() > limit;
    shards.truncate(limit);
    let mut answer = serde_json::to_value(&described).map_err(|error| internal(&error))?;
    let description = &mut answer["StreamDescription"];
    if let (true, Some(last)) = (more, shards.last()) {
        description["LastEvaluatedShardId"] = json!(last.id);
    }
    description["Shards"] = shards.iter().map(described_shard).collect();
    Ok(to_json(&answer)?)
}

fn described_shard(shard: &Shard) -> Value {
    let mut range = json!({ "StartingSequenceNumber": public(shard.after + 1) });
    if let Some(last) = shard.last {
        range["EndingSequenceNumber"] = json!(public(last.max(shard.after + 1)));
    }
    let mut described = json!({ "ShardId": shard.id, "SequenceNumberRange": range });
    if let Some(parent) = &shard.parent {
        described["ParentShardId"] = json!(parent);
    }
    described
}

/// `GetShardIterator`.
pub(crate) fn iterator(
    storage: &Storage,
    mut request: GetShardIteratorRequest,
) -> Result<Vec<u8>, Refused> {
    let stream = by_arn(storage, &request.stream_arn)?;
    let shard = stream.shard(storage, &request.shard_id)?;
    let named = request.sequence_number.is_some();
    request.shard_id = shard_id(&stream.table);
    let of_engine = pollster::block_on(get_shard_iterator::execute(storage, request))?;
    let position = of_engine
        .shard_iterator
        .as_deref()
        .and_then(decode_shard_iterator)
        .map_or(0, |(_, _, position)| position);
    let last = shard.last.unwrap_or(i64::MAX);
    if named {
        if position < trimmed(storage, &stream.table)? {
            return Err(Refused::Trimmed);
        }
        if position < shard.after || position > last {
            return Err(DynoxideError::ValidationException(
                "Invalid SequenceNumber for the shard".to_owned(),
            )
            .into());
        }
    }
    let position = position.clamp(shard.after, last);
    let iterator = encode_shard_iterator(&stream.table, &shard.id, position);
    Ok(to_json(&json!({ "ShardIterator": iterator }))?)
}

/// `GetRecords`: those of the iterator's shard. A page may be empty although more follow, as on
/// AWS; the end of a closed shard is an answer without an iterator.
///
/// Also, the identity of a deletion by time to live as `DynamoDB` names its members: the engine's
/// spelling leaves both out of what the SDK reads.
pub(crate) fn records(
    storage: &Storage,
    mut request: GetRecordsRequest,
) -> Result<Vec<u8>, Refused> {
    let invalid = || DynoxideError::ValidationException("Invalid ShardIterator".to_owned());
    let (table, id, position) =
        decode_shard_iterator(&request.shard_iterator).ok_or_else(invalid)?;
    let stream = by_table(storage, &table)?.ok_or_else(|| not_found(&table))?;
    let shard = stream.shard(storage, &id)?;
    if position > shard.after && position < trimmed(storage, &table)? {
        return Err(Refused::Trimmed);
    }
    request.shard_iterator = encode_shard_iterator(&table, &shard_id(&table), position);
    let answer = pollster::block_on(get_records::execute(storage, request))?;
    let reached = answer
        .next_shard_iterator
        .as_deref()
        .and_then(decode_shard_iterator)
        .map_or(position, |(_, _, reached)| reached);
    let at_end = |last| reached >= last || answer.records.is_empty();
    let next = match shard.last {
        Some(last) if at_end(last) => None,
        _ => Some(encode_shard_iterator(&table, &shard.id, reached)),
    };
    let last = shard.last.map(public);
    let of_shard = answer.records.iter().filter(|record| {
        let up_to = last
            .as_ref()
            .is_none_or(|last| &record.dynamodb.sequence_number <= last);
        up_to && shard.holds(&record.dynamodb, &stream.partition_key)
    });
    let records = of_shard
        .map(|record| serde_json::to_value(record).map(spelt_as_dynamodb))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| internal(&error))?;
    let mut answer = json!({ "Records": records });
    if let Some(next) = next {
        answer["NextShardIterator"] = json!(next);
    }
    Ok(to_json(&answer)?)
}

/// Splits the shard that an iterator is in.
pub(crate) fn split(
    storage: &Storage,
    iterator: &str,
    now_unix_seconds: i64,
) -> Result<bool, DynoxideError> {
    let Some((table, id, _)) = decode_shard_iterator(iterator) else {
        return Ok(false);
    };
    match by_table(storage, &table)? {
        Some(stream) => stream.split(storage, &id, now_unix_seconds),
        None => Ok(false),
    }
}

impl Stream {
    fn shard(&self, storage: &Storage, id: &str) -> Result<Shard, DynoxideError> {
        self.shards(storage)?
            .into_iter()
            .find(|shard| shard.id == id)
            .ok_or_else(|| {
                DynoxideError::ResourceNotFoundException(
                    "Requested resource not found: Shard does not exist".to_owned(),
                )
            })
    }
}

fn by_table(storage: &Storage, table: &str) -> Result<Option<Stream>, DynoxideError> {
    let table = storage.get_table_metadata(table)?;
    Ok(table
        .filter(|table| table.stream_enabled)
        .as_ref()
        .and_then(Stream::of))
}

/// Such as `arn:aws:dynamodb:<region>:<account>:table/Orders/stream/<label>`. A table that was made
/// anew has another stream.
fn by_arn(storage: &Storage, arn: &str) -> Result<Stream, DynoxideError> {
    let mut parts = arn.split('/').skip(1);
    let (table, label) = (parts.next().unwrap_or_default(), parts.nth(1));
    let has_label =
        |table: &TableMetadata| table.stream_enabled && table.stream_label.as_deref() == label;
    storage
        .get_table_metadata(table)?
        .filter(has_label)
        .as_ref()
        .and_then(Stream::of)
        .ok_or_else(|| not_found(arn))
}

fn not_found(stream: &str) -> DynoxideError {
    DynoxideError::ResourceNotFoundException(format!(
        "Requested resource not found: Stream: {stream}"
    ))
}

/// The last record of the table that was removed for its age.
fn trimmed(storage: &Storage, table: &str) -> Result<i64, DynoxideError> {
    let sql = r#"SELECT COALESCE(MAX(last), 0) FROM "keyfold:trimmed" WHERE table_name = ?1"#;
    let mut trimmed = storage.conn().prepare_cached(sql)?;
    Ok(trimmed.query_row([table], |row| row.get(0))?)
}

fn public(sequence_number: i64) -> String {
    (LIFTED_BY + u128::from(sequence_number.max(0).unsigned_abs())).to_string()
}

fn spelt_as_dynamodb(mut record: Value) -> Value {
    let identity = record
        .get_mut("userIdentity")
        .and_then(Value::as_object_mut);
    if let Some(members) = identity {
        for (engines, dynamodbs) in [("type", "Type"), ("principalId", "PrincipalId")] {
            if let Some(value) = members.remove(engines) {
                members.insert(dynamodbs.to_owned(), value);
            }
        }
    }
    record
}

fn internal(error: &serde_json::Error) -> DynoxideError {
    DynoxideError::InternalServerError(error.to_string())
}
