//! Which operations there are, and what to use instead of those there are not.

macro_rules! operations {
    ($($name:ident),+ $(,)?) => {
        /// An operation the engine serves.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Operation { $($name),+ }

        impl Operation {
            /// Its name, such as `GetItem`.
            pub(crate) fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),+ }
            }

            /// By the header `X-Amz-Target`, such as `DynamoDB_20120810.GetItem`.
            pub(crate) fn of_target(target: &str) -> Result<Self, NotServed> {
                let name = target
                    .strip_prefix("DynamoDB_20120810.")
                    .or_else(|| target.strip_prefix("DynamoDBStreams_20120810."))
                    .ok_or(NotServed::Unknown)?;
                match name {
                    $(stringify!($name) => Ok(Self::$name),)+
                    _ => Err(NotServed::of(name)),
                }
            }
        }
    };
}

operations!(
    BatchExecuteStatement,
    BatchGetItem,
    BatchWriteItem,
    CreateTable,
    DeleteItem,
    DeleteTable,
    DescribeStream,
    DescribeTable,
    DescribeTimeToLive,
    ExecuteStatement,
    ExecuteTransaction,
    GetItem,
    GetRecords,
    GetShardIterator,
    ListStreams,
    ListTables,
    ListTagsOfResource,
    PutItem,
    Query,
    Scan,
    SearchVectors,
    TagResource,
    TransactGetItems,
    TransactWriteItems,
    UntagResource,
    UpdateItem,
    UpdateTable,
    UpdateTimeToLive,
);

/// Why there is no such operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotServed {
    /// No operation of `DynamoDB`.
    Unknown,
    /// One of `DynamoDB`'s that the embedded engine has not, and what serves instead.
    Instead {
        operation: &'static str,
        instead: &'static str,
    },
}

const BACKUP: &str = "take a consistent copy of the running engine with `Engine::snapshot`, and open a folder that holds it as `engine.sqlite`";
const POINT_IN_TIME: &str = "there is no history to go back to: take copies with `Engine::snapshot` at the times that matter";
const EXPORT: &str =
    "read the table with a parallel Scan, or copy the engine with `Engine::snapshot`";
const IMPORT: &str = "create the table and write the items with BatchWriteItem";
const LIMITS: &str = "no account limits apply here; DynamoDB's own are in `keyfold_dynamo::limits`";
const REPLICAS: &str =
    "the engine is one region: open one engine per region and copy between them from their streams";
const CAPACITY: &str =
    "capacity is not provisioned here; ReturnConsumedCapacity says what a request takes";
const KINESIS: &str = "enable the table's own stream and read it with the streams client";
const INSIGHTS: &str = "meter the client's requests: each answers ReturnConsumedCapacity";
const POLICY: &str = "the engine checks no permissions: whoever can open it may do everything";
const ENDPOINTS: &str =
    "the client is connected already; the address of a served engine is `Served::endpoint`";

const INSTEAD: &[(&[&str], &str)] = &[
    (
        &[
            "CreateBackup",
            "DeleteBackup",
            "DescribeBackup",
            "ListBackups",
            "RestoreTableFromBackup",
        ],
        BACKUP,
    ),
    (
        &[
            "DescribeContinuousBackups",
            "RestoreTableToPointInTime",
            "UpdateContinuousBackups",
        ],
        POINT_IN_TIME,
    ),
    (
        &["DescribeExport", "ExportTableToPointInTime", "ListExports"],
        EXPORT,
    ),
    (&["DescribeImport", "ImportTable", "ListImports"], IMPORT),
    (&["DescribeLimits"], LIMITS),
    (
        &[
            "CreateGlobalTable",
            "DescribeGlobalTable",
            "DescribeGlobalTableSettings",
            "ListGlobalTables",
            "UpdateGlobalTable",
            "UpdateGlobalTableSettings",
        ],
        REPLICAS,
    ),
    (
        &[
            "DescribeTableReplicaAutoScaling",
            "UpdateTableReplicaAutoScaling",
        ],
        CAPACITY,
    ),
    (
        &[
            "DescribeKinesisStreamingDestination",
            "DisableKinesisStreamingDestination",
            "EnableKinesisStreamingDestination",
            "UpdateKinesisStreamingDestination",
        ],
        KINESIS,
    ),
    (
        &[
            "DescribeContributorInsights",
            "ListContributorInsights",
            "UpdateContributorInsights",
        ],
        INSIGHTS,
    ),
    (
        &[
            "DeleteResourcePolicy",
            "GetResourcePolicy",
            "PutResourcePolicy",
        ],
        POLICY,
    ),
    (&["DescribeEndpoints"], ENDPOINTS),
];

impl NotServed {
    fn of(name: &str) -> Self {
        for (operations, instead) in INSTEAD {
            if let Some(operation) = operations.iter().find(|operation| **operation == name) {
                return Self::Instead { operation, instead };
            }
        }
        Self::Unknown
    }

    pub(crate) fn reply(self) -> crate::wire::Reply {
        let message = match self {
            Self::Unknown => "KF5001: no such operation: the header X-Amz-Target names none of DynamoDB's. hint: it reads DynamoDB_20120810.GetItem".to_owned(),
            Self::Instead { operation, instead } => {
                format!("KF5001: the embedded engine has no {operation}. hint: {instead}")
            }
        };
        crate::wire::Reply::refused(
            "com.amazon.coral.service#UnknownOperationException",
            &message,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_names_its_operation() {
        assert_eq!(
            Operation::of_target("DynamoDB_20120810.GetItem"),
            Ok(Operation::GetItem)
        );
        assert_eq!(
            Operation::of_target("DynamoDBStreams_20120810.GetRecords"),
            Ok(Operation::GetRecords)
        );
        for unknown in [
            "",
            "GetItem",
            "DynamoDB_20120810.Nothing",
            "DynamoDB_2011.GetItem",
        ] {
            assert_eq!(Operation::of_target(unknown), Err(NotServed::Unknown));
        }
    }

    #[test]
    fn no_operation_is_both_served_and_refused() {
        for (operations, instead) in INSTEAD {
            for operation in *operations {
                let target = format!("DynamoDB_20120810.{operation}");
                assert_eq!(
                    Operation::of_target(&target),
                    Err(NotServed::Instead { operation, instead })
                );
            }
        }
    }
}
