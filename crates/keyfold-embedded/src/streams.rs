//! What the engine's stream records lack: an index, an end, and `DynamoDB`'s shape of an identity.

use dynoxide::DynoxideError;
use dynoxide::actions::get_records::{self, GetRecordsRequest};
use dynoxide::storage::Storage;
use serde_json::Value;

use crate::wire::to_json;

/// Streams keep their records so long. Source: Amazon `DynamoDB` Developer Guide, "Change data
/// capture for `DynamoDB` Streams".
const KEPT_SECONDS: i64 = 24 * 60 * 60;
/// Records removed under one hold of the writer.
const TRIMMED_AT_ONCE: i64 = 1_000;

/// Every streamed write asks for the table's highest sequence number, and every read for what
/// follows one; without this index each reads all records there are.
const INDEX: &str = "CREATE INDEX IF NOT EXISTS keyfold_stream_records
    ON _stream_records (table_name, CAST(sequence_number AS INTEGER), shard_id)";

/// `DynamoDB` streams no record of a write that leaves the item as it was. Objects are compared by
/// their leaves, for the engine writes their members in no order of its own; what differs in length
/// differs.
const UNCHANGED: &str = "CREATE TRIGGER IF NOT EXISTS keyfold_unchanged
    BEFORE INSERT ON _stream_records
    WHEN NEW.event_name = 'MODIFY' AND CASE
        WHEN NEW.new_image IS NULL OR NEW.old_image IS NULL THEN 0
        WHEN length(NEW.new_image) <> length(NEW.old_image) THEN 0
        ELSE NOT EXISTS (
            SELECT fullkey, type, atom FROM json_tree(NEW.new_image)
            EXCEPT SELECT fullkey, type, atom FROM json_tree(NEW.old_image)
        ) END
    BEGIN SELECT RAISE(IGNORE); END";

/// Readies the file for streams that stay as fast as they begin.
pub(crate) fn prepare(storage: &Storage) -> Result<(), DynoxideError> {
    storage.conn().execute_batch(INDEX)?;
    storage.conn().execute_batch(UNCHANGED)?;
    Ok(())
}

/// The first record, if it is older than a day.
pub(crate) fn too_old(
    storage: &Storage,
    now_unix_seconds: i64,
) -> Result<Option<i64>, DynoxideError> {
    let oldest = "SELECT id, created_at FROM _stream_records ORDER BY id LIMIT 1";
    let mut oldest = storage.conn().prepare_cached(oldest)?;
    let mut rows = oldest.query([])?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    let (id, created_at): (i64, i64) = (row.get(0)?, row.get(1)?);
    Ok((created_at < now_unix_seconds - KEPT_SECONDS).then_some(id))
}

/// Removes some of the records that are older than a day, from this one on. For whoever holds the
/// writer.
pub(crate) fn trim(
    storage: &Storage,
    first: i64,
    now_unix_seconds: i64,
) -> Result<(), DynoxideError> {
    // Ids rise by one with each record: a stretch of them is a stretch of time.
    storage
        .conn()
        .prepare_cached("DELETE FROM _stream_records WHERE id < ?1 AND created_at < ?2")?
        .execute([
            first.saturating_add(TRIMMED_AT_ONCE),
            now_unix_seconds - KEPT_SECONDS,
        ])?;
    Ok(())
}

/// `GetRecords`, with the identity of a deletion by time to live as `DynamoDB` names its members:
/// the engine's spelling leaves both out of what the SDK reads.
pub(crate) fn records(
    storage: &Storage,
    request: GetRecordsRequest,
) -> Result<Vec<u8>, DynoxideError> {
    let answer = pollster::block_on(get_records::execute(storage, request))?;
    let json = to_json(&answer)?;
    if answer
        .records
        .iter()
        .all(|record| record.user_identity.is_none())
    {
        return Ok(json);
    }
    let mut json: Value = serde_json::from_slice(&json)
        .map_err(|error| DynoxideError::InternalServerError(error.to_string()))?;
    let records = json.get_mut("Records").and_then(Value::as_array_mut);
    for identity in records
        .into_iter()
        .flatten()
        .filter_map(|record| record.get_mut("userIdentity"))
    {
        if let Some(members) = identity.as_object_mut() {
            for (engines, dynamodbs) in [("type", "Type"), ("principalId", "PrincipalId")] {
                if let Some(value) = members.remove(engines) {
                    members.insert(dynamodbs.to_owned(), value);
                }
            }
        }
    }
    to_json(&json)
}
