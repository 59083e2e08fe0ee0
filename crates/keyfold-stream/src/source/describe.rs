//! The stream of a table and the tree of its shards.

use std::collections::HashSet;

use aws_sdk_dynamodb::Client as TableClient;
use aws_sdk_dynamodbstreams::Client;
use keyfold::RequestError;

/// A shard, and the one it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shard {
    pub(crate) id: String,
    pub(crate) parent: Option<String>,
}

/// A stream as it is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Described {
    pub(crate) shards: Vec<Shard>,
}

impl Described {
    /// Those that may be read: whose parent is done with, or no longer kept by the stream.
    pub(crate) fn open<'a>(
        &'a self,
        finished: &'a HashSet<&'a str>,
    ) -> impl Iterator<Item = &'a Shard> {
        let listed: HashSet<&str> = self.shards.iter().map(|shard| &*shard.id).collect();
        self.shards.iter().filter(move |shard| {
            let waits = shard
                .parent
                .as_deref()
                .is_some_and(|parent| listed.contains(parent) && !finished.contains(parent));
            !waits && !finished.contains(&*shard.id)
        })
    }

    /// Whether records of this shard are followed by those of another.
    pub(crate) fn has_children(&self, id: &str) -> bool {
        self.shards
            .iter()
            .any(|shard| shard.parent.as_deref() == Some(id))
    }
}

/// The stream that a table has now; nothing if it has none.
pub(crate) async fn stream_arn(
    client: &TableClient,
    table: &str,
) -> Result<Option<String>, RequestError> {
    let answer = client.describe_table().table_name(table).send().await;
    let answer = answer.map_err(|error| RequestError::new("DescribeTable", table, error))?;
    let table = answer.table;
    let is_on = table
        .as_ref()
        .and_then(|table| table.stream_specification())
        .is_some_and(aws_sdk_dynamodb::types::StreamSpecification::stream_enabled);
    Ok(table
        .filter(|_| is_on)
        .and_then(|table| table.latest_stream_arn))
}

/// All shards of a stream: a page holds a hundred.
pub(crate) async fn describe(
    streams: &Client,
    arn: &str,
    table: &str,
) -> Result<Described, RequestError> {
    let mut described = Described::default();
    let mut from = None;
    loop {
        let request = streams.describe_stream().stream_arn(arn);
        let answer = request.set_exclusive_start_shard_id(from).send().await;
        let answer = answer.map_err(|error| RequestError::new("DescribeStream", table, error))?;
        let Some(page) = answer.stream_description else {
            return Ok(described);
        };
        for shard in page.shards.unwrap_or_default() {
            if let Some(id) = shard.shard_id {
                described.shards.push(Shard {
                    id,
                    parent: shard.parent_shard_id,
                });
            }
        }
        from = page.last_evaluated_shard_id;
        if from.is_none() {
            return Ok(described);
        }
    }
}
