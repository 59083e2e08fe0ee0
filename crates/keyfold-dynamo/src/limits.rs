//! Service limits. Source: Amazon DynamoDB Developer Guide, "Quotas in Amazon DynamoDB" and
//! "Constraints in Amazon DynamoDB".

/// The longest partition key value, in bytes.
pub const PARTITION_KEY_BYTES_MAX: usize = 2_048;
/// The longest sort key value, in bytes.
pub const SORT_KEY_BYTES_MAX: usize = 1_024;
/// The largest item, attribute names and values together, in bytes.
pub const ITEM_BYTES_MAX: usize = 400 * 1_024;
/// Actions in one `TransactWriteItems` or `TransactGetItems`.
pub const TRANSACTION_ACTIONS_MAX: usize = 100;
/// Bytes of all items of one transaction together.
pub const TRANSACTION_BYTES_MAX: usize = 4 * 1_024 * 1_024;
/// Keys in one `BatchGetItem`.
pub const BATCH_GET_KEYS_MAX: usize = 100;
/// Requests in one `BatchWriteItem`.
pub const BATCH_WRITE_REQUESTS_MAX: usize = 25;
/// Bytes one `Query` or `Scan` reads before it stops and answers with `LastEvaluatedKey`.
pub const PAGE_BYTES_MAX: usize = 1_024 * 1_024;
/// Global secondary indexes of one table (default quota).
pub const GLOBAL_INDEXES_MAX: usize = 20;
/// Local secondary indexes of one table.
pub const LOCAL_INDEXES_MAX: usize = 5;
/// Read units one partition serves a second.
pub const PARTITION_READ_UNITS_PER_SECOND: u32 = 3_000;
/// Write units one partition serves a second.
pub const PARTITION_WRITE_UNITS_PER_SECOND: u32 = 1_000;
