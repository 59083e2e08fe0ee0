//! `DynamoDB`'s operations, as the auditor speaks of them.

use serde::Serialize;

/// An operation of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[expect(missing_docs, reason = "the names are the service's own")]
pub enum Op {
    GetItem,
    PutItem,
    UpdateItem,
    DeleteItem,
    Query,
    Scan,
    BatchGetItem,
    BatchWriteItem,
    TransactGetItems,
    TransactWriteItems,
    ExecuteStatement,
    BatchExecuteStatement,
    ExecuteTransaction,
    CreateTable,
    UpdateTable,
    DeleteTable,
    DescribeTable,
    ListTables,
    UpdateTimeToLive,
    DescribeTimeToLive,
    UpdateContinuousBackups,
    DescribeContinuousBackups,
    TagResource,
    UntagResource,
    ListTagsOfResource,
    CreateBackup,
    DeleteBackup,
    DescribeBackup,
    ListBackups,
    RestoreTableFromBackup,
    RestoreTableToPointInTime,
    ExportTableToPointInTime,
    ImportTable,
    DescribeLimits,
    DescribeEndpoints,
    CreateGlobalTable,
    UpdateGlobalTable,
    DescribeGlobalTable,
    ListGlobalTables,
    UpdateTableReplicaAutoScaling,
    DescribeTableReplicaAutoScaling,
    EnableKinesisStreamingDestination,
    DisableKinesisStreamingDestination,
    DescribeKinesisStreamingDestination,
    UpdateContributorInsights,
    DescribeContributorInsights,
    ListContributorInsights,
    DescribeExport,
    ListExports,
    DescribeImport,
    ListImports,
    PutResourcePolicy,
    GetResourcePolicy,
    DeleteResourcePolicy,
}

macro_rules! names {
    ($($op:ident),* $(,)?) => {
        impl Op {
            /// Every operation.
            pub const ALL: &'static [Op] = &[$(Op::$op),*];

            /// The service's name of it.
            pub fn name(self) -> &'static str {
                match self { $(Op::$op => stringify!($op)),* }
            }

            /// The operation of a name as the service writes it.
            pub fn from_name(name: &str) -> Option<Op> {
                match name { $(stringify!($op) => Some(Op::$op),)* _ => None }
            }
        }
    };
}

names!(
    GetItem,
    PutItem,
    UpdateItem,
    DeleteItem,
    Query,
    Scan,
    BatchGetItem,
    BatchWriteItem,
    TransactGetItems,
    TransactWriteItems,
    ExecuteStatement,
    BatchExecuteStatement,
    ExecuteTransaction,
    CreateTable,
    UpdateTable,
    DeleteTable,
    DescribeTable,
    ListTables,
    UpdateTimeToLive,
    DescribeTimeToLive,
    UpdateContinuousBackups,
    DescribeContinuousBackups,
    TagResource,
    UntagResource,
    ListTagsOfResource,
    CreateBackup,
    DeleteBackup,
    DescribeBackup,
    ListBackups,
    RestoreTableFromBackup,
    RestoreTableToPointInTime,
    ExportTableToPointInTime,
    ImportTable,
    DescribeLimits,
    DescribeEndpoints,
    CreateGlobalTable,
    UpdateGlobalTable,
    DescribeGlobalTable,
    ListGlobalTables,
    UpdateTableReplicaAutoScaling,
    DescribeTableReplicaAutoScaling,
    EnableKinesisStreamingDestination,
    DisableKinesisStreamingDestination,
    DescribeKinesisStreamingDestination,
    UpdateContributorInsights,
    DescribeContributorInsights,
    ListContributorInsights,
    DescribeExport,
    ListExports,
    DescribeImport,
    ListImports,
    PutResourcePolicy,
    GetResourcePolicy,
    DeleteResourcePolicy,
);

impl Op {
    /// The operation of a camelCase method: `getItem`, `transactWriteItems`.
    pub fn from_camel(name: &str) -> Option<Op> {
        let mut chars = name.chars();
        let head = chars.next()?;
        if !head.is_ascii_lowercase() {
            return None;
        }
        let pascal: String = head.to_uppercase().chain(chars).collect();
        Op::from_name(&pascal)
    }

    /// The operation of a `snake_case` method: `get_item`.
    pub fn from_snake(name: &str) -> Option<Op> {
        if name.contains(|c: char| c.is_ascii_uppercase()) {
            return None;
        }
        Op::from_name(&pascal(name))
    }

    /// The operation of a document client's short name.
    pub fn from_short(name: &str) -> Option<Op> {
        Some(match name {
            "get" => Op::GetItem,
            "put" => Op::PutItem,
            "update" => Op::UpdateItem,
            "delete" => Op::DeleteItem,
            "query" => Op::Query,
            "scan" => Op::Scan,
            "batchGet" => Op::BatchGetItem,
            "batchWrite" => Op::BatchWriteItem,
            "transactGet" => Op::TransactGetItems,
            "transactWrite" => Op::TransactWriteItems,
            "executeStatement" => Op::ExecuteStatement,
            "batchExecuteStatement" => Op::BatchExecuteStatement,
            "executeTransaction" => Op::ExecuteTransaction,
            _ => return None,
        })
    }

    /// Changes items.
    pub fn writes(self) -> bool {
        matches!(
            self,
            Op::PutItem
                | Op::UpdateItem
                | Op::DeleteItem
                | Op::BatchWriteItem
                | Op::TransactWriteItems
        )
    }

    /// Reads items.
    pub fn reads(self) -> bool {
        matches!(
            self,
            Op::GetItem | Op::Query | Op::Scan | Op::BatchGetItem | Op::TransactGetItems
        )
    }

    /// Concerns items rather than tables.
    pub fn on_items(self) -> bool {
        self.reads()
            || self.writes()
            || matches!(
                self,
                Op::ExecuteStatement | Op::BatchExecuteStatement | Op::ExecuteTransaction
            )
    }
}

/// `key_condition_expression` as the service writes it: `KeyConditionExpression`.
pub fn pascal(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut up = true;
    for c in name.chars() {
        if c == '_' {
            up = true;
        } else if up {
            out.extend(c.to_uppercase());
            up = false;
        } else {
            out.push(c);
        }
    }
    out
}
