//! A call: which handle it needs, on which thread it runs, and who is told.
//!
//! The engine's calls never suspend. So that a loop of them leaves room for others, each yields
//! before it starts; what takes long runs on a thread for blocking work, what is short on the
//! caller's, for the way to a thread and back (50–70 µs) is as long as the call.

mod run;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use dynoxide::Database;
use dynoxide::actions::batch_execute_statement::BatchExecuteStatementRequest;
use dynoxide::actions::batch_get_item::BatchGetItemRequest;
use dynoxide::actions::batch_write_item::BatchWriteItemRequest;
use dynoxide::actions::describe_table::DescribeTableRequest;
use dynoxide::actions::execute_statement::ExecuteStatementRequest;
use dynoxide::actions::execute_transaction::ExecuteTransactionRequest;
use dynoxide::actions::query::QueryRequest;
use dynoxide::actions::scan::ScanRequest;
use dynoxide::actions::transact_write_items::TransactWriteItemsRequest;
use dynoxide::actions::vector_lifecycle::VectorIndexLifecycle;
use dynoxide::actions::{
    batch_get_item, describe_table, execute_statement, get_item, list_streams, list_tables,
    transact_get_items,
};
use dynoxide::storage::Storage;
use serde::de::DeserializeOwned;

use crate::changes::Written;
use crate::engine::Inner;
use crate::operation::Operation;
use crate::page::{self, RowSizes};
use crate::streams::{self, Refused};
use crate::wire::{Payload, Reply, to_json};
use run::{Answer, Length, change, of_one_moment, on_writer, paged, read, write};

pub(crate) use run::on_a_thread;

pub(crate) async fn call(inner: &Arc<Inner>, operation: Operation, payload: Payload) -> Reply {
    tokio::task::yield_now().await;
    match answer(inner, operation, payload).await {
        Ok(answer) => Reply::of(operation, Ok(answer)),
        Err(Refused::Engine(error)) => Reply::of(operation, Err(error)),
        Err(Refused::Trimmed) => Reply::service_error(
            400,
            "TrimmedDataAccessException",
            "The operation attempted to read past the oldest stream record in a shard",
        ),
    }
}

/// A read of the layer below `Database`, whose futures are always ready.
macro_rules! reading {
    ($action:ident) => {
        |storage, request| pollster::block_on($action::execute(storage, request))
    };
}

#[expect(clippy::too_many_lines, reason = "one table: each operation once")]
async fn answer(
    inner: &Arc<Inner>,
    operation: Operation,
    payload: Payload,
) -> Result<Vec<u8>, Refused> {
    use Operation as Op;
    Ok(match operation {
        Op::GetItem => read(inner, &payload, |_| Length::Short, reading!(get_item)).await?,
        Op::BatchGetItem => read(inner, &payload, many_keys, reading!(batch_get_item)).await?,
        Op::TransactGetItems => {
            // All of one moment, whatever is written meanwhile.
            read(
                inner,
                &payload,
                |request: &transact_get_items::TransactGetItemsRequest| {
                    Length::of_items(request.transact_items.len())
                },
                |storage, request| {
                    of_one_moment(storage, || {
                        pollster::block_on(transact_get_items::execute(storage, request))
                    })
                },
            )
            .await?
        }
        Op::Query => paged::<QueryRequest>(inner, payload).await?,
        Op::Scan => paged::<ScanRequest>(inner, payload).await?,
        Op::ListTables => read(inner, &payload, |_| Length::Short, reading!(list_tables)).await?,
        Op::ListStreams => read(inner, &payload, |_| Length::Short, reading!(list_streams)).await?,
        Op::DescribeStream => stream(inner, &payload, streams::describe).await?,
        Op::GetShardIterator => stream(inner, &payload, streams::iterator).await?,
        Op::GetRecords => stream(inner, &payload, streams::records).await?,
        Op::DescribeTable => describe(inner, &payload).await?,
        Op::PutItem => {
            let table =
                |request: &dynoxide::actions::put_item::PutItemRequest| one(&request.table_name);
            write(
                inner,
                &payload,
                |_| Length::Short,
                table,
                Database::put_item,
            )
            .await?
        }
        Op::UpdateItem => {
            let table = |request: &dynoxide::actions::update_item::UpdateItemRequest| {
                one(&request.table_name)
            };
            write(
                inner,
                &payload,
                |_| Length::Short,
                table,
                Database::update_item,
            )
            .await?
        }
        Op::DeleteItem => {
            let table = |request: &dynoxide::actions::delete_item::DeleteItemRequest| {
                one(&request.table_name)
            };
            write(
                inner,
                &payload,
                |_| Length::Short,
                table,
                Database::delete_item,
            )
            .await?
        }
        Op::BatchWriteItem => {
            let length = |request: &BatchWriteItemRequest| {
                Length::of_items(request.request_items.values().map(Vec::len).sum())
            };
            let tables = |request: &BatchWriteItemRequest| {
                Written::Tables(request.request_items.keys().cloned().collect())
            };
            write(inner, &payload, length, tables, Database::batch_write_item).await?
        }
        Op::TransactWriteItems => {
            let length = |request: &TransactWriteItemsRequest| {
                Length::of_items(request.transact_items.len())
            };
            write(
                inner,
                &payload,
                length,
                transacted,
                Database::transact_write_items,
            )
            .await?
        }
        Op::ExecuteStatement => statement(inner, &payload).await?,
        Op::BatchExecuteStatement => {
            let length =
                |request: &BatchExecuteStatementRequest| Length::of_items(request.statements.len());
            write(
                inner,
                &payload,
                length,
                |_| Written::Any,
                Database::batch_execute_statement,
            )
            .await?
        }
        Op::ExecuteTransaction => {
            let length = |request: &ExecuteTransactionRequest| {
                Length::of_items(request.transact_statements.len())
            };
            write(
                inner,
                &payload,
                length,
                |_| Written::Any,
                Database::execute_transaction,
            )
            .await?
        }
        Op::CreateTable => change(inner, &payload, Database::create_table).await?,
        Op::UpdateTable => change(inner, &payload, Database::update_table).await?,
        Op::DeleteTable => change(inner, &payload, Database::delete_table).await?,
        Op::UpdateTimeToLive => change(inner, &payload, Database::update_time_to_live).await?,
        // Few and small, and of what only the writer knows for certain.
        Op::DescribeTimeToLive => {
            on_writer(inner, &payload, Database::describe_time_to_live).await?
        }
        Op::ListTagsOfResource => {
            on_writer(inner, &payload, Database::list_tags_of_resource).await?
        }
        Op::TagResource => on_writer(inner, &payload, Database::tag_resource).await?,
        Op::UntagResource => on_writer(inner, &payload, Database::untag_resource).await?,
        Op::SearchVectors => on_writer(inner, &payload, Database::search_vectors).await?,
    })
}

/// The answer to a read on a connection whose transaction is under way; nothing for what is no read
/// that can be eventually consistent.
pub(crate) fn as_it_was(
    storage: &Storage,
    row_sizes: &RowSizes,
    operation: Operation,
    payload: &Payload,
) -> Option<Answer> {
    match operation {
        Operation::GetItem => Some(payload.parse().and_then(|request| {
            to_json(&pollster::block_on(get_item::execute(storage, request))?)
        })),
        Operation::Query => Some(page::page::<QueryRequest>(storage, payload, row_sizes)),
        Operation::Scan => Some(page::page::<ScanRequest>(storage, payload, row_sizes)),
        _ => None,
    }
}

async fn describe(inner: &Arc<Inner>, payload: &Payload) -> Answer {
    let request: DescribeTableRequest = payload.parse()?;
    let table = request.table_name.clone();
    let now = Instant::now();
    let mut reader = inner.handles.reader().await?;
    let generation = reader.generation();
    if let Some(answer) = inner.descriptions.get(&table, generation, now) {
        return Ok(answer);
    }
    let has_vectors = reader.run(|storage| {
        let table = storage.get_table_metadata(&table)?;
        Ok(table.is_some_and(|table| table.vector_index_definitions.is_some()))
    })?;
    if has_vectors {
        // How far its vector indexes are is known to the writer alone, and changes by itself.
        drop(reader);
        return on_writer(inner, payload, Database::describe_table).await;
    }
    let inner = Arc::clone(inner);
    on_a_thread(move || {
        let answer = reader.run(|storage| {
            of_one_moment(storage, || {
                let lifecycle = VectorIndexLifecycle::new();
                let description = describe_table::execute(storage, request, &lifecycle);
                to_json(&pollster::block_on(description)?)
            })
        })?;
        inner
            .descriptions
            .put(table, generation, answer.clone(), now, now.elapsed());
        Ok(answer)
    })
    .await
}

async fn stream<Q>(
    inner: &Arc<Inner>,
    payload: &Payload,
    run: fn(&Storage, Q) -> Result<Vec<u8>, Refused>,
) -> Result<Vec<u8>, Refused>
where
    Q: DeserializeOwned + Send + 'static,
{
    let request: Q = payload.parse()?;
    let mut reader = inner.handles.reader().await?;
    // A refusal is an answer: the connection is sound.
    on_a_thread(move || reader.run(|storage| of_one_moment(storage, || Ok(run(storage, request)))))
        .await?
}

async fn statement(inner: &Arc<Inner>, payload: &Payload) -> Answer {
    let request: ExecuteStatementRequest = payload.parse()?;
    let verb = request.statement.trim_start().get(..6).unwrap_or_default();
    if !verb.eq_ignore_ascii_case("select") {
        return write(
            inner,
            payload,
            |_| Length::Short,
            |_| Written::Any,
            Database::execute_statement,
        )
        .await;
    }
    read(
        inner,
        payload,
        |_| Length::Long,
        |storage, request| {
            of_one_moment(storage, || {
                pollster::block_on(execute_statement::execute(storage, request))
            })
        },
    )
    .await
}

fn many_keys(request: &BatchGetItemRequest) -> Length {
    Length::of_items(
        request
            .request_items
            .values()
            .map(|of_table| of_table.keys.len())
            .sum(),
    )
}

fn one(table: &str) -> Written {
    Written::Tables(vec![table.to_owned()])
}

fn transacted(request: &TransactWriteItemsRequest) -> Written {
    let tables: BTreeSet<&str> = request
        .transact_items
        .iter()
        .filter_map(|item| {
            let put = item.put.as_ref().map(|put| put.table_name.as_str());
            let update = item
                .update
                .as_ref()
                .map(|update| update.table_name.as_str());
            let delete = item
                .delete
                .as_ref()
                .map(|delete| delete.table_name.as_str());
            put.or(update).or(delete)
        })
        .collect();
    Written::Tables(tables.into_iter().map(str::to_owned).collect())
}
