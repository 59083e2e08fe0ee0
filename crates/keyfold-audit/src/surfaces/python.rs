//! boto3, aioboto3, aiobotocore and `PynamoDB`.

use super::{Api, Handle, HandleKind, found};
use crate::facts::{ClassId, Kind};
use crate::link::eval::{CallView, Eval, Found, ParamsAt, Value};
use crate::link::{At, FileId};
use crate::op::Op;

pub(super) fn knows(path: &str) -> bool {
    let head = path.split('.').next().unwrap_or(path);
    matches!(
        head,
        "boto3"
            | "aioboto3"
            | "aiobotocore"
            | "botocore"
            | "pynamodb"
            | "mypy_boto3_dynamodb"
            | "types_boto3_dynamodb"
            | "types_aiobotocore_dynamodb"
            | "types_aioboto3_dynamodb"
    )
}

pub(super) fn of_type(path: &str) -> Option<Handle> {
    let head = path.split('.').next()?;
    let api = match head {
        "mypy_boto3_dynamodb" | "types_boto3_dynamodb" | "boto3" => Api::Boto3,
        "types_aiobotocore_dynamodb" | "types_aioboto3_dynamodb" => Api::Aioboto3,
        _ => return None,
    };
    match path.rsplit('.').next()? {
        "DynamoDBClient" => Some(Handle::new(api, HandleKind::Client)),
        "DynamoDBServiceResource" => Some(Handle::new(api, HandleKind::Service)),
        "Table" if path.contains("dynamodb") => Some(Handle::new(api, HandleKind::Table)),
        _ => None,
    }
}

pub(super) fn of_subclass(path: &str, file: FileId, class: ClassId) -> Option<Handle> {
    let rest = path.strip_prefix("pynamodb.")?;
    let kind = match rest.rsplit('.').next()? {
        "Model" => HandleKind::Entity,
        "GlobalSecondaryIndex" | "LocalSecondaryIndex" => HandleKind::Index,
        _ => return None,
    };
    Some(Handle {
        model: Some((file, class)),
        ..Handle::new(Api::Pynamodb, kind)
    })
}

/// A session of one of the libraries: what a call on the module gave.
fn session(path: &str) -> Option<Api> {
    let head = path.split(['.', '(']).next()?;
    match head {
        "boto3" | "botocore" => Some(Api::Boto3),
        "aioboto3" | "aiobotocore" => Some(Api::Aioboto3),
        _ => None,
    }
}

fn makes(eval: &Eval<'_>, name: &str, api: Api, view: &CallView<'_>) -> Option<Value> {
    let service = view.arg(0).or_else(|| view.keyword("service_name"))?;
    if eval.text(service)? != "dynamodb" {
        return None;
    }
    let kind = match name {
        "client" | "create_client" => HandleKind::Client,
        "resource" => HandleKind::Service,
        _ => return None,
    };
    Some(Value::Handle(Handle::new(api, kind).made_at(view.at)))
}

pub(super) fn external_call(eval: &Eval<'_>, path: &str, view: &CallView<'_>) -> Option<Value> {
    let api = session(path)?;
    let (_, name) = path.rsplit_once('.')?;
    makes(eval, name, api, view)
}

/// `Table` of a name.
fn table(handle: &Handle, view: &CallView<'_>) -> Handle {
    Handle {
        table: view.arg(0).or_else(|| view.keyword("name")),
        ..handle.to(HandleKind::Table)
    }
}

fn table_op(name: &str) -> Option<Op> {
    Op::from_snake(name).filter(|op| {
        matches!(
            op,
            Op::GetItem | Op::PutItem | Op::UpdateItem | Op::DeleteItem | Op::Query | Op::Scan
        )
    })
}

#[expect(clippy::too_many_lines, reason = "one match over a library's methods")]
pub(super) fn method(
    eval: &Eval<'_>,
    handle: &Handle,
    name: &str,
    view: &CallView<'_>,
) -> Option<Value> {
    if handle.api == Api::Pynamodb {
        return pynamodb(eval, handle, name, view);
    }
    let keywords = ParamsAt::Keywords(view.at);
    match handle.kind {
        HandleKind::Client => match name {
            "get_paginator" => {
                let op = paginated(
                    &eval.text(view.arg(0).or_else(|| view.keyword("operation_name"))?)?,
                )?;
                Some(found(
                    eval,
                    view.at,
                    op,
                    handle,
                    ParamsAt::Chain(view.at),
                    HandleKind::Paginator,
                ))
            }
            "get_waiter" => Some(found(
                eval,
                view.at,
                Op::DescribeTable,
                handle,
                ParamsAt::None,
                HandleKind::Paginator,
            )),
            _ => {
                let op = Op::from_snake(name)?;
                Some(found(
                    eval,
                    view.at,
                    op,
                    handle,
                    keywords,
                    HandleKind::Response,
                ))
            }
        },
        HandleKind::Service => {
            if name == "Table" {
                Some(Value::Handle(table(handle, view)))
            } else {
                let op = Op::from_snake(name).filter(|op| {
                    matches!(op, Op::BatchGetItem | Op::BatchWriteItem | Op::CreateTable)
                })?;
                let gives = if op == Op::CreateTable {
                    HandleKind::Table
                } else {
                    HandleKind::Response
                };
                Some(found(eval, view.at, op, handle, keywords, gives))
            }
        }
        HandleKind::Table => {
            if let Some(op) = table_op(name) {
                return Some(found(
                    eval,
                    view.at,
                    op,
                    handle,
                    keywords,
                    HandleKind::Response,
                ));
            }
            match name {
                "batch_writer" => Some(found(
                    eval,
                    view.at,
                    Op::BatchWriteItem,
                    handle,
                    keywords,
                    HandleKind::Batch,
                )),
                "delete" => Some(found(
                    eval,
                    view.at,
                    Op::DeleteTable,
                    handle,
                    keywords,
                    HandleKind::Response,
                )),
                "update" => Some(found(
                    eval,
                    view.at,
                    Op::UpdateTable,
                    handle,
                    keywords,
                    HandleKind::Response,
                )),
                "load" | "reload" | "wait_until_exists" | "wait_until_not_exists" => Some(found(
                    eval,
                    view.at,
                    Op::DescribeTable,
                    handle,
                    keywords,
                    HandleKind::Response,
                )),
                _ => None,
            }
        }
        HandleKind::Paginator => Some(Value::Handle(handle.clone())),
        _ => None,
    }
}

fn paginated(name: &str) -> Option<Op> {
    Op::from_snake(name)
}

pub(super) fn member(eval: &Eval<'_>, handle: &Handle, name: &str, at: Option<At>) -> Value {
    match (handle.kind, name) {
        (HandleKind::Service | HandleKind::Table, "meta") if handle.api != Api::Pynamodb => {
            Value::Handle(handle.to(HandleKind::Command))
        }
        (HandleKind::Command, "client") => Value::Handle(handle.to(HandleKind::Client)),
        (HandleKind::Service, "tables") => Value::Handle(handle.to(HandleKind::Queries)),
        (HandleKind::Client | HandleKind::Table, _) if handle.api != Api::Pynamodb => {
            passed_on(eval, handle, name, at);
            Value::Unknown
        }
        _ => Value::Unknown,
    }
}

/// `to_thread(table.get_item, Key=…)`: a method as a value, with its arguments beside it.
fn passed_on(eval: &Eval<'_>, handle: &Handle, name: &str, at: Option<At>) {
    let Some(at) = at else { return };
    let file = eval.project.file(at.file);
    let Some(parent) = file.parent(at.node) else {
        return;
    };
    let Kind::Call(callee, args, _) = file.kind(parent) else {
        return;
    };
    if *callee == at.node || !args.iter().any(|arg| arg.value == at.node) {
        return;
    }
    let op = if handle.kind == HandleKind::Table {
        table_op(name)
    } else {
        Op::from_snake(name)
    };
    if let Some(op) = op {
        let params = ParamsAt::Keywords(At {
            file: at.file,
            node: parent,
        });
        eval.note(
            at,
            Found {
                op,
                handle: handle.clone(),
                params,
                by_shape: false,
            },
        );
    }
}

#[expect(clippy::too_many_lines, reason = "one match over a library's methods")]
pub(super) fn by_shape(
    eval: &Eval<'_>,
    receiver: &Value,
    name: &str,
    view: &CallView<'_>,
) -> Option<Value> {
    // A session whose making is not seen: the service's name tells.
    if matches!(name, "client" | "resource" | "create_client")
        && let Some(made) = makes(
            eval,
            name,
            match receiver {
                Value::Ext(path) => session(path).unwrap_or(Api::Boto3),
                _ => Api::Boto3,
            },
            view,
        )
    {
        return Some(made);
    }
    if let Value::Ext(path) = receiver
        && session(path).is_none()
        && path.contains('.')
        && !path.contains("()")
    {
        return None;
    }
    let known = |receiver: &Value| matches!(receiver, Value::Unknown | Value::Ext(_));
    let note = |op: Op, kind: HandleKind, gives: HandleKind, params: ParamsAt| {
        let handle = Handle::new(Api::Boto3, kind);
        eval.note(
            view.at,
            Found {
                op,
                handle: handle.clone(),
                params,
                by_shape: true,
            },
        );
        Some(Value::Handle(Handle {
            op: Some(op),
            ..handle.to(gives)
        }))
    };
    if !known(receiver) {
        return None;
    }
    match name {
        "batch_writer" => {
            return note(
                Op::BatchWriteItem,
                HandleKind::Table,
                HandleKind::Batch,
                ParamsAt::Keywords(view.at),
            );
        }
        // `conn.Table(name)` in a file that speaks of the service.
        "Table" if view.args.len() == 1 && eval.project.file(view.at.file).speaks => {
            return Some(Value::Handle(table(
                &Handle::new(Api::Boto3, HandleKind::Service),
                view,
            )));
        }
        "get_waiter" => {
            let waits = view.arg(0).and_then(|arg| eval.text(arg))?;
            if !matches!(waits.as_str(), "table_exists" | "table_not_exists") {
                return None;
            }
            return note(
                Op::DescribeTable,
                HandleKind::Client,
                HandleKind::Paginator,
                ParamsAt::None,
            );
        }
        "get_paginator" => {
            let of = view
                .arg(0)
                .or_else(|| view.keyword("operation_name"))
                .and_then(|arg| eval.text(arg))?;
            let speaks = eval.project.file(view.at.file).speaks;
            if of != "scan" && !(speaks && matches!(of.as_str(), "query" | "list_tables")) {
                return None;
            }
            return note(
                Op::from_snake(&of)?,
                HandleKind::Client,
                HandleKind::Paginator,
                ParamsAt::Chain(view.at),
            );
        }
        _ => {}
    }
    let op = Op::from_snake(name)?;
    let mut given = crate::sites::request::Params::default();
    crate::sites::request::keywords(eval, view.at, &mut given);
    let has = |keyword: &str| given.has(keyword);
    let fits = match op {
        Op::GetItem | Op::UpdateItem | Op::DeleteItem => has("Key"),
        Op::PutItem => has("Item"),
        Op::Query => has("KeyConditionExpression") || has("KeyConditions"),
        Op::Scan => has("TableName") || has("FilterExpression") || has("ExclusiveStartKey"),
        Op::BatchGetItem | Op::BatchWriteItem => has("RequestItems"),
        Op::TransactGetItems | Op::TransactWriteItems => has("TransactItems"),
        Op::DescribeTimeToLive
        | Op::UpdateTimeToLive
        | Op::UpdateContinuousBackups
        | Op::DescribeContinuousBackups => has("TableName"),
        // Timestream has a database beside the table.
        Op::CreateTable | Op::DescribeTable | Op::UpdateTable | Op::DeleteTable => {
            has("TableName") && !has("DatabaseName")
        }
        _ => false,
    };
    if !fits {
        return None;
    }
    let client = has("TableName") || has("RequestItems") || has("TransactItems");
    let kind = if client {
        HandleKind::Client
    } else {
        HandleKind::Table
    };
    note(op, kind, HandleKind::Response, ParamsAt::Keywords(view.at))
}

/// An index of a `PynamoDB` model.
pub(super) fn class_member(eval: &Eval<'_>, handle: &Handle, name: &str) -> Value {
    let Some((file, class)) = handle.model else {
        return Value::Unknown;
    };
    if handle.api != Api::Pynamodb {
        return Value::Unknown;
    }
    let Some(field) = eval
        .project
        .file(file)
        .facts
        .class(class)
        .fields
        .iter()
        .find(|f| f.name == name)
    else {
        return Value::Unknown;
    };
    let Some(value) = field.value else {
        return Value::Unknown;
    };
    match eval.value(At { file, node: value }) {
        Value::Instance(f, c) => match eval.class_handle(f, c, 4) {
            Some(index) if index.kind == HandleKind::Index => Value::Handle(Handle {
                index: Some(At { file, node: value }),
                model: handle.model,
                ..index
            }),
            _ => Value::Unknown,
        },
        _ => Value::Unknown,
    }
}

/// The methods of a model's class.
pub(super) fn class_method(
    eval: &Eval<'_>,
    handle: &Handle,
    name: &str,
    view: &CallView<'_>,
) -> Option<Value> {
    let model = handle.to(HandleKind::Entity);
    let positional = ParamsAt::Positional(view.at);
    let hash_key = view.arg(0).is_some() || view.keyword("hash_key").is_some();
    let instance = || {
        handle
            .model
            .map_or(Value::Unknown, |(file, class)| Value::Instance(file, class))
    };
    let op = match name {
        "get" => {
            found(
                eval,
                view.at,
                Op::GetItem,
                &model,
                positional,
                HandleKind::Response,
            );
            return Some(instance());
        }
        "query" => Op::Query,
        "scan" | "rate_limited_scan" => Op::Scan,
        "count" if hash_key => Op::Query,
        "count" => Op::Scan,
        "batch_get" => Op::BatchGetItem,
        "batch_write" => {
            return Some(found(
                eval,
                view.at,
                Op::BatchWriteItem,
                &model,
                positional,
                HandleKind::Batch,
            ));
        }
        "create_table" => Op::CreateTable,
        "delete_table" => Op::DeleteTable,
        "describe_table" | "exists" => Op::DescribeTable,
        "update_ttl" => Op::UpdateTimeToLive,
        _ => return None,
    };
    Some(found(
        eval,
        view.at,
        op,
        &model,
        positional,
        HandleKind::Response,
    ))
}

/// The methods of a record.
pub(super) fn instance_method(
    eval: &Eval<'_>,
    handle: &Handle,
    name: &str,
    view: &CallView<'_>,
) -> Option<Value> {
    if handle.kind == HandleKind::Index {
        return None;
    }
    let op = match name {
        "save" => Op::PutItem,
        "update" => Op::UpdateItem,
        "delete" => Op::DeleteItem,
        "refresh" => Op::GetItem,
        _ => return class_method(eval, handle, name, view),
    };
    let record = handle.to(HandleKind::Record);
    Some(found(
        eval,
        view.at,
        op,
        &record,
        ParamsAt::Positional(view.at),
        HandleKind::Response,
    ))
}

/// The methods of an index.
fn pynamodb(eval: &Eval<'_>, handle: &Handle, name: &str, view: &CallView<'_>) -> Option<Value> {
    let positional = ParamsAt::Positional(view.at);
    match handle.kind {
        HandleKind::Index => {
            let hash_key = view.arg(0).is_some() || view.keyword("hash_key").is_some();
            let op = match name {
                "query" => Op::Query,
                "count" if hash_key => Op::Query,
                "scan" | "count" => Op::Scan,
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
        HandleKind::Entity => class_method(eval, handle, name, view),
        _ => None,
    }
}
