//! The shards of a stream, as a tree.
//!
//! The engine writes all records of a table in one line. A split cuts that line: what was written
//! up to the cut belongs to the shard that closes there, what follows to its children, each of
//! which holds the partition keys whose hash lies in its range. Cuts are kept in the file, so that
//! a reader's checkpoint names the same shard after a restart.

use dynoxide::DynoxideError;
use dynoxide::actions::get_records::StreamRecord;
use dynoxide::storage::{Storage, TableMetadata};
use dynoxide::types::AttributeValue;

/// More shards than this are not open at once: one of them is followed by one child.
const OPEN_MOST: usize = 4;
/// Of an id, as `DynamoDB` documents it; boto3 sends none that is shorter.
const ID_CHARACTERS_LEAST: usize = 28;

/// No table of `DynamoDB` can have a colon in its name, and all names share one space.
pub(super) const TABLES: &str = r#"
    CREATE TABLE IF NOT EXISTS "keyfold:shards" (
        table_name TEXT NOT NULL, label TEXT NOT NULL, id TEXT NOT NULL, parent TEXT,
        after INTEGER NOT NULL, last INTEGER, low INTEGER NOT NULL, high INTEGER NOT NULL,
        closed_at INTEGER,
        PRIMARY KEY (table_name, label, id)
    );
    CREATE TABLE IF NOT EXISTS "keyfold:trimmed" (table_name TEXT PRIMARY KEY, last INTEGER NOT NULL);
"#;

/// A part of a stream: of the records after `after` and up to `last`, those of some keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shard {
    pub(super) id: String,
    pub(super) parent: Option<String>,
    pub(super) after: i64,
    /// Nothing while it is open.
    pub(super) last: Option<i64>,
    low: u32,
    high: u32,
}

impl Shard {
    /// Before the first split.
    fn root(table: &str, label: &str) -> Self {
        Self {
            id: root_id(table),
            parent: None,
            after: before(label),
            last: None,
            low: 0,
            high: u32::MAX,
        }
    }

    pub(super) fn holds(&self, record: &StreamRecord, partition_key: &str) -> bool {
        let whole = self.low == 0 && self.high == u32::MAX;
        whole || (self.low..=self.high).contains(&hash(record.keys.get(partition_key)))
    }

    /// Where it begins is where its parent ends.
    fn child(&self, cut: i64, low: u32, high: u32) -> Self {
        let hash = crc32fast::hash(format!("{}{low}", self.id).as_bytes());
        Self {
            id: format!("shardId-{cut:020}-{hash:08x}"),
            parent: Some(self.id.clone()),
            after: cut,
            last: None,
            low,
            high,
        }
    }

    fn children(&self, cut: i64, split: bool) -> Vec<Self> {
        if !split || self.low == self.high {
            return vec![self.child(cut, self.low, self.high)];
        }
        let middle = self.low + (self.high - self.low) / 2;
        vec![
            self.child(cut, self.low, middle),
            self.child(cut, middle + 1, self.high),
        ]
    }
}

/// The engine's own id is shorter for a table with a short name: its number is filled up.
fn root_id(table: &str) -> String {
    let width = ID_CHARACTERS_LEAST.saturating_sub("shardId--".len() + table.len());
    format!("shardId-{:0width$}-{table}", 1, width = width.max(8))
}

/// Records of before the stream was enabled are those of a table that had this name: the engine
/// keeps them. Its sequence numbers are never below the microsecond they are given in, and a label
/// is the time, as `seconds.nanoseconds`.
fn before(label: &str) -> i64 {
    let microseconds = label.split_once('.').and_then(|(seconds, nanoseconds)| {
        let seconds: i64 = seconds.parse().ok()?;
        let nanoseconds: i64 = nanoseconds.parse().ok()?;
        seconds
            .checked_mul(1_000_000)?
            .checked_add(nanoseconds / 1_000)
    });
    microseconds.map_or(0, |microseconds| microseconds - 1)
}

/// The type of a key is its table's: its value tells it apart.
fn hash(key: Option<&AttributeValue>) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    match key {
        Some(AttributeValue::S(text) | AttributeValue::N(text)) => hasher.update(text.as_bytes()),
        Some(AttributeValue::B(bytes)) => hasher.update(bytes),
        _ => {}
    }
    hasher.finalize()
}

/// A table's stream: under which label, and by which attribute its keys are told apart.
pub(super) struct Stream {
    pub(super) table: String,
    label: String,
    pub(super) partition_key: String,
}

impl Stream {
    /// Nothing when the table has no stream.
    pub(super) fn of(table: &TableMetadata) -> Option<Self> {
        let schema: serde_json::Value = serde_json::from_str(&table.key_schema).ok()?;
        let partition_key = schema
            .as_array()?
            .iter()
            .find(|element| element["KeyType"] == "HASH")?["AttributeName"]
            .as_str()?
            .to_owned();
        Some(Self {
            table: table.table_name.clone(),
            label: table.stream_label.clone()?,
            partition_key,
        })
    }

    /// Its shards, parents first.
    pub(super) fn shards(&self, storage: &Storage) -> Result<Vec<Shard>, DynoxideError> {
        let sql = r#"SELECT id, parent, after, last, low, high FROM "keyfold:shards"
            WHERE table_name = ?1 AND label = ?2 ORDER BY after, rowid"#;
        let mut found = storage.conn().prepare_cached(sql)?;
        let found = found.query_map([&self.table, &self.label], |row| {
            Ok(Shard {
                id: row.get(0)?,
                parent: row.get(1)?,
                after: row.get(2)?,
                last: row.get(3)?,
                low: row.get(4)?,
                high: row.get(5)?,
            })
        })?;
        let mut shards = found.collect::<Result<Vec<_>, _>>()?;
        if shards.is_empty() {
            shards.push(Shard::root(&self.table, &self.label));
        }
        Ok(shards)
    }

    /// Closes an open shard after the last record there is, and opens its children. For whoever
    /// holds the writer. Nothing is done to a shard that is closed already.
    pub(super) fn split(
        &self,
        storage: &Storage,
        id: &str,
        now_unix_seconds: i64,
    ) -> Result<bool, DynoxideError> {
        let shards = self.shards(storage)?;
        let open = shards.iter().filter(|shard| shard.last.is_none()).count();
        let Some(shard) = shards
            .iter()
            .find(|shard| shard.id == id && shard.last.is_none())
        else {
            return Ok(false);
        };
        let last = "SELECT MAX(CAST(sequence_number AS INTEGER)) FROM _stream_records WHERE table_name = ?1";
        let last: Option<i64> = storage
            .conn()
            .query_row(last, [&self.table], |row| row.get(0))?;
        let cut = last.unwrap_or_default().max(shard.after);
        storage.conn().execute_batch("BEGIN IMMEDIATE")?;
        let mut closed = shard.clone();
        closed.last = Some(cut);
        self.put(storage, &closed, Some(now_unix_seconds))?;
        for child in shard.children(cut, open < OPEN_MOST) {
            self.put(storage, &child, None)?;
        }
        storage.conn().execute_batch("COMMIT")?;
        Ok(true)
    }

    fn put(
        &self,
        storage: &Storage,
        shard: &Shard,
        closed_at: Option<i64>,
    ) -> Result<(), DynoxideError> {
        storage
            .conn()
            .prepare_cached(
                r#"INSERT INTO "keyfold:shards" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
                   ON CONFLICT DO UPDATE SET last = excluded.last, closed_at = excluded.closed_at"#,
            )?
            .execute((
                &self.table,
                &self.label,
                &shard.id,
                &shard.parent,
                shard.after,
                shard.last,
                shard.low,
                shard.high,
                closed_at,
            ))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_as_long_as_dynamodbs() {
        for table in ["Orders", "a-b", "a-table-with-a-long-name"] {
            assert!(root_id(table).len() >= ID_CHARACTERS_LEAST, "{table}");
        }
        assert_eq!(root_id("Orders"), "shardId-0000000000001-Orders");
        assert_eq!(
            root_id("a-table-with-a-long-name"),
            "shardId-00000001-a-table-with-a-long-name",
            "the engine's own"
        );
    }

    #[test]
    fn children_hold_what_their_parent_held() {
        let root = Shard::root("Orders", "1700000000.000000000");
        assert_eq!(root.after, 1_699_999_999_999_999);
        let children = root.children(1_700_000_000_000_009, true);
        assert_eq!((children[0].low, children[1].high), (0, u32::MAX));
        assert_eq!(children[0].high + 1, children[1].low);
        assert_ne!(children[0].id, children[1].id);
        let only = children[0].children(1_700_000_000_000_019, false);
        assert_eq!(only.len(), 1);
        assert_eq!((only[0].low, only[0].high), (0, children[0].high));
        assert_eq!(only[0].parent.as_ref(), Some(&children[0].id));
    }
}
