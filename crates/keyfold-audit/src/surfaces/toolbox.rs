//! DynamoDB-Toolbox: `Entity` and `Table`, by method (v0) and by command (v1 and later).

use super::{Api, Handle, HandleKind, found};
use crate::link::At;
use crate::link::eval::{CallView, Eval, ParamsAt, Value};
use crate::op::Op;

/// The operation of a command class of the library.
pub(super) fn command(name: &str) -> Option<Op> {
    Some(match name {
        "GetItemCommand" => Op::GetItem,
        "PutItemCommand" => Op::PutItem,
        "UpdateItemCommand" | "UpdateAttributesCommand" => Op::UpdateItem,
        "DeleteItemCommand" => Op::DeleteItem,
        "QueryCommand" => Op::Query,
        "ScanCommand" => Op::Scan,
        "BatchGetCommand" | "BatchGetTableItemsCommand" => Op::BatchGetItem,
        "BatchWriteCommand" => Op::BatchWriteItem,
        _ => return None,
    })
}

/// `new QueryCommand(table)` and `execute(…)`.
pub(super) fn external_call(eval: &Eval<'_>, name: &str, view: &CallView<'_>) -> Option<Value> {
    let base = Handle::new(Api::DynamodbToolbox, HandleKind::Entity);
    if view.style.new {
        let op = command(name)?;
        let table = view.arg(0).map(|arg| eval.value(arg));
        let handle = table.and_then(|v| v.handle().cloned()).unwrap_or(base);
        return Some(found(
            eval,
            view.at,
            op,
            &handle,
            ParamsAt::Chain(view.at),
            HandleKind::Builder,
        ));
    }
    let op = match name {
        "executeBatchGet" => Op::BatchGetItem,
        "executeBatchWrite" => Op::BatchWriteItem,
        "executeTransactGet" => Op::TransactGetItems,
        "executeTransactWrite" => Op::TransactWriteItems,
        _ => return None,
    };
    Some(found(
        eval,
        view.at,
        op,
        &base,
        ParamsAt::Positional(view.at),
        HandleKind::Response,
    ))
}

pub(super) fn method(
    eval: &Eval<'_>,
    handle: &Handle,
    name: &str,
    view: &CallView<'_>,
) -> Option<Value> {
    match handle.kind {
        HandleKind::Entity | HandleKind::Table => {
            if name == "build" {
                let class = eval.value(view.arg(0)?);
                let Value::Ext(path) = class else { return None };
                let op = command(path.rsplit('.').next().unwrap_or_default())?;
                return Some(found(
                    eval,
                    view.at,
                    op,
                    handle,
                    ParamsAt::Chain(view.at),
                    HandleKind::Builder,
                ));
            }
            let op = match (handle.kind, name) {
                (_, "get") => Op::GetItem,
                (_, "put") => Op::PutItem,
                (_, "update") => Op::UpdateItem,
                (_, "delete") => Op::DeleteItem,
                (_, "query") => Op::Query,
                (_, "scan") => Op::Scan,
                (HandleKind::Table, "batchGet") => Op::BatchGetItem,
                (HandleKind::Table, "batchWrite") => Op::BatchWriteItem,
                (HandleKind::Table, "transactGet") => Op::TransactGetItems,
                (HandleKind::Table, "transactWrite") => Op::TransactWriteItems,
                _ => return None,
            };
            Some(found(
                eval,
                view.at,
                op,
                handle,
                ParamsAt::Positional(view.at),
                HandleKind::Response,
            ))
        }
        HandleKind::Builder => Some(Value::Handle(match name {
            "send" => handle.to(HandleKind::Response),
            _ => handle.clone(),
        })),
        _ => None,
    }
}

pub(super) fn member(handle: &Handle, name: &str) -> Value {
    match (handle.kind, name) {
        (HandleKind::Entity, "table") => Value::Handle(handle.to(HandleKind::Table)),
        _ => Value::Unknown,
    }
}

/// The table's name in what it was made of.
pub(super) fn table_name(eval: &Eval<'_>, view: &CallView<'_>) -> Option<At> {
    super::object_field(eval, super::object_of(eval, view.arg(0))?, "name")
}
