//! What the engine's streams lack: an index, an end, and shards that close and have children.

mod read;
mod shards;

use dynoxide::DynoxideError;
use dynoxide::storage::Storage;

pub(crate) use read::{Refused, describe, iterator, records, split};

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
    storage.conn().execute_batch(shards::TABLES)?;
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
    let stretch = (
        first.saturating_add(TRIMMED_AT_ONCE),
        now_unix_seconds - KEPT_SECONDS,
    );
    let connection = storage.conn();
    connection.execute_batch("BEGIN IMMEDIATE")?;
    connection
        .prepare_cached(
            r#"INSERT INTO "keyfold:trimmed"
               SELECT table_name, MAX(CAST(sequence_number AS INTEGER)) FROM _stream_records
               WHERE id < ?1 AND created_at < ?2 GROUP BY table_name
               ON CONFLICT DO UPDATE SET last = MAX(last, excluded.last)"#,
        )?
        .execute(stretch)?;
    connection
        .prepare_cached("DELETE FROM _stream_records WHERE id < ?1 AND created_at < ?2")?
        .execute(stretch)?;
    connection
        .prepare_cached(r#"DELETE FROM "keyfold:shards" WHERE closed_at < ?1"#)?
        .execute([now_unix_seconds - KEPT_SECONDS])?;
    connection.execute_batch("COMMIT")?;
    Ok(())
}
