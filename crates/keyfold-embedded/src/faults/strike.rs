//! A call with faults before, in and after it.

use std::sync::Arc;
use std::time::Duration;

use dynoxide::DynoxideError;
use dynoxide::storage::Storage;
use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::asked::Asked;
use super::{Fault, Injector, RequestName};
use crate::call::{as_it_was, on_a_thread};
use crate::engine::Inner;
use crate::operation::Operation;
use crate::streams;
use crate::upkeep::unix_seconds;
use crate::wire::{Payload, Reply, service_type};

pub(crate) async fn call(
    injector: &Injector,
    inner: &Arc<Inner>,
    operation: Operation,
    payload: Payload,
    name: Option<RequestName>,
) -> Reply {
    // What a request is about is told by its tables' keys, which a reader knows.
    let asked = match inner.handles.reader().await {
        Ok(mut reader) => reader.run(|storage| Ok(Asked::read(payload.bytes(), name, storage))),
        Err(error) => return Reply::of(operation, Err(error)),
    };
    let Ok(Some(mut asked)) = asked else {
        return crate::call::call(inner, operation, payload).await;
    };
    if let Some(refusal) = refusal(injector, operation, &asked) {
        return refusal;
    }
    if is_stale(injector, operation, &asked)
        && let Some(reply) = stale(inner, operation, &asked, injector.faults.lag).await
    {
        return reply;
    }
    let left_out = left_out(injector, operation, &mut asked);
    let metered = metered(&mut asked);
    let iterator = asked.json.get("ShardIterator").cloned();
    let request = Payload::Bytes(asked.json.to_string().into());
    let mut reply = crate::call::call(inner, operation, request).await;
    if reply.status == 200 {
        let answer = Answer {
            metered,
            left_out,
            iterator: iterator
                .clone()
                .filter(|_| injector.strikes(Fault::Redelivered, operation, &asked)),
        };
        let records = answer.into_reply(injector, operation, &asked, &mut reply);
        if let (true, Some(iterator)) = (records, iterator) {
            split(inner, injector, operation, &asked, iterator).await;
        }
        reply.lost =
            touches_items(operation) && injector.strikes(Fault::AnswerLost, operation, &asked);
    }
    reply
}

fn touches_items(operation: Operation) -> bool {
    use Operation as Op;
    is_write(operation)
        || matches!(
            operation,
            Op::GetItem | Op::BatchGetItem | Op::TransactGetItems | Op::Query | Op::Scan
        )
}

fn is_write(operation: Operation) -> bool {
    use Operation as Op;
    matches!(
        operation,
        Op::PutItem | Op::UpdateItem | Op::DeleteItem | Op::BatchWriteItem | Op::TransactWriteItems
    )
}

fn is_transaction(operation: Operation) -> bool {
    matches!(
        operation,
        Operation::TransactWriteItems | Operation::TransactGetItems
    )
}

fn error(kind: &str, message: &str) -> Reply {
    Reply::service_error(400, kind, message)
}

fn refusal(injector: &Injector, operation: Operation, asked: &Asked) -> Option<Reply> {
    if touches_items(operation) {
        let throttled = injector.strikes(Fault::Throttled, operation, asked);
        if throttled || is_hot(injector, operation, asked) {
            return Some(error(
                "ProvisionedThroughputExceededException",
                "The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.",
            ));
        }
        let may_conflict = is_transaction(operation)
            || matches!(
                operation,
                Operation::PutItem | Operation::UpdateItem | Operation::DeleteItem
            );
        if may_conflict && injector.strikes(Fault::Conflict, operation, asked) {
            return Some(conflict(operation, asked));
        }
    }
    let expired = operation == Operation::GetRecords
        && injector.strikes(Fault::IteratorExpired, operation, asked);
    expired.then(|| error("ExpiredIteratorException", "Iterator expired"))
}

fn is_hot(injector: &Injector, operation: Operation, asked: &Asked) -> bool {
    let mut state = injector.lock();
    let hot = state
        .hot
        .as_mut()
        .is_some_and(|hot| hot.is_hot(&asked.keys, is_write(operation)));
    if hot {
        state.count(Fault::HotPartition, operation, asked);
    }
    hot
}

fn conflict(operation: Operation, asked: &Asked) -> Reply {
    const HELD: &str = "Transaction is ongoing for the item";
    if !is_transaction(operation) {
        return error("TransactionConflictException", HELD);
    }
    let items = asked
        .json
        .get("TransactItems")
        .and_then(Value::as_array)
        .map_or(1, Vec::len);
    let mut reasons = vec![json!({ "Code": "None" }); items];
    let mut codes = vec!["None"; items];
    if let (Some(reason), Some(code)) = (reasons.first_mut(), codes.first_mut()) {
        *reason = json!({ "Code": "TransactionConflict", "Message": HELD });
        *code = "TransactionConflict";
    }
    let message = format!(
        "Transaction cancelled, please refer cancellation reasons for specific reasons [{}]",
        codes.join(", ")
    );
    let body = json!({
        "__type": service_type("TransactionCanceledException"),
        "Message": message,
        "CancellationReasons": reasons,
    });
    Reply::json(400, &body)
}

fn is_stale(injector: &Injector, operation: Operation, asked: &Asked) -> bool {
    let reads = matches!(
        operation,
        Operation::GetItem | Operation::Query | Operation::Scan
    );
    let fault = if asked.index.is_some() {
        Fault::StaleIndex
    } else {
        Fault::StaleRead
    };
    reads && !asked.consistent && injector.strikes(fault, operation, asked)
}

/// A connection that goes on seeing what was there when its transaction began.
pub(crate) struct Before {
    storage: Storage,
    since: Instant,
}

/// The answer as of a moment ago: of a snapshot that an earlier stale read, at most `lag` ago, began.
async fn stale(
    inner: &Arc<Inner>,
    operation: Operation,
    asked: &Asked,
    lag: Duration,
) -> Option<Reply> {
    let held = Arc::clone(&inner.before).lock_owned().await;
    let payload = Payload::Bytes(asked.json.to_string().into());
    let of = Arc::clone(inner);
    let answer = on_a_thread(move || {
        let mut held = held;
        let now = Instant::now();
        let before = match held.take() {
            Some(before) if now.duration_since(before.since) < lag => before,
            _ => Before {
                storage: of.handles.begin_snapshot()?,
                since: now,
            },
        };
        let answer = as_it_was(&before.storage, &of.row_sizes, operation, &payload);
        *held = Some(before);
        Ok(answer)
    })
    .await;
    answer
        .ok()
        .flatten()
        .map(|answer: Result<Vec<u8>, DynoxideError>| Reply::of(operation, answer))
}

/// Takes a part of a batch out of the request; at least one item stays in.
fn left_out(injector: &Injector, operation: Operation, asked: &mut Asked) -> Option<Value> {
    let is_batch = matches!(
        operation,
        Operation::BatchWriteItem | Operation::BatchGetItem
    );
    if !is_batch || !injector.strikes(Fault::Unprocessed, operation, asked) {
        return None;
    }
    let tables = asked.json.get_mut("RequestItems")?.as_object_mut()?;
    let mut left_out = Map::new();
    let mut kept = 0;
    for (table, requests) in tables.iter_mut() {
        let mut unprocessed = requests.clone();
        let list = match requests.get_mut("Keys") {
            Some(keys) => keys.as_array_mut()?,
            None => requests.as_array_mut()?,
        };
        // The second half of each; of a first single one, none.
        let stay = if kept == 0 {
            list.len().div_ceil(2)
        } else {
            list.len() / 2
        };
        kept += stay;
        let rest = list.split_off(stay);
        if rest.is_empty() {
            continue;
        }
        match unprocessed.get_mut("Keys") {
            Some(keys) => *keys = Value::Array(rest),
            None => unprocessed = Value::Array(rest),
        }
        left_out.insert(table.clone(), unprocessed);
    }
    tables.retain(|_, requests| {
        let list = requests.get("Keys").unwrap_or(requests);
        list.as_array().is_none_or(|list| !list.is_empty())
    });
    Some(Value::Object(left_out))
}

/// Asks for the capacity, if the request does not; whether it did not.
fn metered(asked: &mut Asked) -> bool {
    if asked.keys.is_empty() || asked.json.get("ReturnConsumedCapacity").is_some() {
        return false;
    }
    if let Some(request) = asked.json.as_object_mut() {
        request.insert("ReturnConsumedCapacity".to_owned(), json!("TOTAL"));
    }
    true
}

/// What an answer is changed by.
struct Answer {
    /// The client did not ask for the capacity.
    metered: bool,
    left_out: Option<Value>,
    /// The iterator to be given again.
    iterator: Option<Value>,
}

impl Answer {
    /// Whether there are records of a stream in it.
    fn into_reply(
        self,
        injector: &Injector,
        operation: Operation,
        asked: &Asked,
        reply: &mut Reply,
    ) -> bool {
        let Ok(Value::Object(mut answer)) = serde_json::from_slice(&reply.body) else {
            return false;
        };
        if let Some(hot) = &mut injector.lock().hot {
            let units = units(answer.get("ConsumedCapacity"));
            hot.charge(&asked.keys, units, is_write(operation));
        }
        if self.metered {
            answer.remove("ConsumedCapacity");
        }
        if let Some(left_out) = self.left_out {
            let member = match operation {
                Operation::BatchGetItem => "UnprocessedKeys",
                _ => "UnprocessedItems",
            };
            answer.insert(member.to_owned(), left_out);
        }
        if let Some(iterator) = self.iterator {
            answer.insert("NextShardIterator".to_owned(), iterator);
        }
        let records = answer.get("Records").and_then(Value::as_array);
        let has_records = records.is_some_and(|records| !records.is_empty());
        reply.body = Value::Object(answer).to_string().into_bytes();
        has_records
    }
}

/// Closes the shard that was read, as a hot one closes on AWS: between two reads of it.
async fn split(
    inner: &Arc<Inner>,
    injector: &Injector,
    operation: Operation,
    asked: &Asked,
    iterator: Value,
) {
    let iterator = iterator.as_str().unwrap_or_default().to_owned();
    if !injector.draws(Fault::ShardSplit, operation, asked) {
        return;
    }
    let writer = inner.handles.writer().await;
    let file = inner.file();
    // A connection of its own, as for trimming.
    let split = on_a_thread(move || {
        let split = streams::split(&Storage::new(&file)?, &iterator, unix_seconds());
        drop(writer);
        split
    });
    match split.await {
        Ok(true) => injector.lock().count(Fault::ShardSplit, operation, asked),
        Ok(false) => {}
        Err(error) => tracing::warn!(%error, "a shard could not be split"),
    }
}

/// Of one table, or of several.
fn units(capacity: Option<&Value>) -> f64 {
    let of_one = |capacity: &Value| capacity.get("CapacityUnits").and_then(Value::as_f64);
    match capacity {
        Some(Value::Array(tables)) => tables.iter().filter_map(of_one).sum(),
        Some(capacity) => of_one(capacity).unwrap_or_default(),
        None => 0.0,
    }
}
