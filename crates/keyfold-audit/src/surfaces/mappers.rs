//! Object mappers of JavaScript: what makes their values, and the methods of `OneTable` and Dynamoose.

use super::{Api, Handle, HandleKind, found, object_field, object_of, toolbox};
use crate::link::eval::{CallView, Eval, ParamsAt, Value};
use crate::op::Op;

pub(super) fn knows(path: &str) -> bool {
    [
        "electrodb",
        "dynamodb-toolbox",
        "dynamodb-onetable",
        "dynamoose",
    ]
    .iter()
    .any(|name| {
        path.strip_prefix(name)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '/']))
    })
}

pub(super) fn external_call(eval: &Eval<'_>, path: &str, view: &CallView<'_>) -> Option<Value> {
    let (library, name) = (
        path.split(['.', '/']).next()?,
        path.rsplit(['.', '/']).next()?,
    );
    let made = |api: Api, kind: HandleKind| Handle::new(api, kind).made_at(view.at);
    match library {
        "electrodb" if view.style.new || name.starts_with("create") => {
            let table =
                object_of(eval, view.arg(1)).and_then(|config| object_field(eval, config, "table"));
            match name {
                "Entity" | "createEntity" => Some(Value::Handle(Handle {
                    table,
                    ..made(Api::Electrodb, HandleKind::Entity)
                })),
                "Service" | "createService" => Some(Value::Handle(Handle {
                    table,
                    ..made(Api::Electrodb, HandleKind::Service)
                })),
                _ => None,
            }
        }
        "dynamodb-toolbox" => match name {
            "Table" if view.style.new => {
                let table = toolbox::table_name(eval, view);
                Some(Value::Handle(Handle {
                    table,
                    ..made(Api::DynamodbToolbox, HandleKind::Table)
                }))
            }
            "Entity" if view.style.new => {
                let table = object_of(eval, view.arg(0))
                    .and_then(|config| object_field(eval, config, "table"))
                    .and_then(|table| eval.value(table).handle().and_then(|h| h.table));
                Some(Value::Handle(Handle {
                    table,
                    ..made(Api::DynamodbToolbox, HandleKind::Entity)
                }))
            }
            // `Table.build(QueryCommand)` of an entity repository, `EntityRepository`, `TableRepository`.
            _ => toolbox::external_call(eval, name, view),
        },
        "dynamodb-onetable" if view.style.new => match name {
            "Table" => {
                let table = object_of(eval, view.arg(0))
                    .and_then(|config| object_field(eval, config, "name"));
                Some(Value::Handle(Handle {
                    table,
                    ..made(Api::DynamodbOnetable, HandleKind::Table)
                }))
            }
            "Model" => {
                let table = view
                    .arg(0)
                    .and_then(|arg| eval.value(arg).handle().and_then(|h| h.table));
                Some(Value::Handle(Handle {
                    table,
                    ..made(Api::DynamodbOnetable, HandleKind::Entity)
                }))
            }
            _ => None,
        },
        "dynamoose" => match name {
            "model" => Some(Value::Handle(Handle {
                table: view.arg(0),
                ..made(Api::Dynamoose, HandleKind::Entity)
            })),
            "Table" if view.style.new => Some(Value::Handle(Handle {
                table: view.arg(0),
                ..made(Api::Dynamoose, HandleKind::Table)
            })),
            "transaction" => {
                let handle = Handle::new(Api::Dynamoose, HandleKind::Service);
                Some(found(
                    eval,
                    view.at,
                    Op::TransactWriteItems,
                    &handle,
                    ParamsAt::Positional(view.at),
                    HandleKind::Response,
                ))
            }
            _ => None,
        },
        _ => None,
    }
}

/// `new User({ … })` of a Dynamoose model is a record.
pub(super) fn called(handle: &Handle, view: &CallView<'_>) -> Option<Value> {
    (handle.api == Api::Dynamoose && handle.kind == HandleKind::Entity && view.style.new)
        .then(|| Value::Handle(handle.to(HandleKind::Record)))
}

pub(super) fn method(
    eval: &Eval<'_>,
    handle: &Handle,
    name: &str,
    view: &CallView<'_>,
) -> Option<Value> {
    match handle.api {
        Api::DynamodbOnetable => onetable(eval, handle, name, view),
        _ => dynamoose(eval, handle, name, view),
    }
}

fn onetable(eval: &Eval<'_>, handle: &Handle, name: &str, view: &CallView<'_>) -> Option<Value> {
    let positional = ParamsAt::Positional(view.at);
    if handle.kind == HandleKind::Table && name == "getModel" {
        return Some(Value::Handle(handle.to(HandleKind::Entity)));
    }
    if !matches!(handle.kind, HandleKind::Table | HandleKind::Entity) {
        return None;
    }
    let op = match name {
        "get" | "getItem" => Op::GetItem,
        "create" | "putItem" => Op::PutItem,
        "update" | "upsert" | "updateItem" => Op::UpdateItem,
        "remove" | "deleteItem" => Op::DeleteItem,
        "find" | "queryItems" | "fetch" => Op::Query,
        "scan" | "scanItems" => Op::Scan,
        "batchGet" => Op::BatchGetItem,
        "batchWrite" => Op::BatchWriteItem,
        "transact" => Op::TransactWriteItems,
        "createTable" if handle.kind == HandleKind::Table => Op::CreateTable,
        "deleteTable" if handle.kind == HandleKind::Table => Op::DeleteTable,
        "describeTable" if handle.kind == HandleKind::Table => Op::DescribeTable,
        "listTables" if handle.kind == HandleKind::Table => Op::ListTables,
        _ => return None,
    };
    Some(found(
        eval,
        view.at,
        op,
        handle,
        positional,
        HandleKind::Response,
    ))
}

fn dynamoose(eval: &Eval<'_>, handle: &Handle, name: &str, view: &CallView<'_>) -> Option<Value> {
    let positional = ParamsAt::Positional(view.at);
    let chain = ParamsAt::Chain(view.at);
    match handle.kind {
        HandleKind::Entity => {
            let (op, params, gives) = match name {
                "get" => (Op::GetItem, positional, HandleKind::Record),
                "create" => (Op::PutItem, positional, HandleKind::Record),
                "update" => (Op::UpdateItem, positional, HandleKind::Record),
                "delete" => (Op::DeleteItem, positional, HandleKind::Response),
                "batchGet" => (Op::BatchGetItem, positional, HandleKind::Response),
                "batchPut" | "batchDelete" => {
                    (Op::BatchWriteItem, positional, HandleKind::Response)
                }
                "query" => (Op::Query, chain, HandleKind::Builder),
                "scan" => (Op::Scan, chain, HandleKind::Builder),
                _ => return None,
            };
            Some(found(eval, view.at, op, handle, params, gives))
        }
        HandleKind::Record => {
            let op = match name {
                "save" => Op::PutItem,
                "delete" => Op::DeleteItem,
                _ => return None,
            };
            Some(found(
                eval,
                view.at,
                op,
                handle,
                positional,
                HandleKind::Response,
            ))
        }
        HandleKind::Builder => Some(Value::Handle(match name {
            "exec" => handle.to(HandleKind::Response),
            _ => handle.clone(),
        })),
        _ => None,
    }
}
