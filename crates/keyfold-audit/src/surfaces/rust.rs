//! AWS SDK for Rust, rusoto, dynomite.

use super::{Api, Handle, HandleKind, found};
use crate::facts::Kind;
use crate::link::At;
use crate::link::eval::{CallView, Eval, Found, ParamsAt, Value};
use crate::op::Op;

pub(super) fn knows(path: &str) -> bool {
    let head = path.split('.').next().unwrap_or(path);
    matches!(
        head,
        "aws_sdk_dynamodb" | "rusoto_dynamodb" | "dynomite" | "modyne"
    )
}

pub(super) fn of_type(path: &str) -> Option<Handle> {
    match path {
        "aws_sdk_dynamodb.Client" | "aws_sdk_dynamodb.client.Client" => {
            Some(Handle::new(Api::AwsSdkRust, HandleKind::Client))
        }
        "rusoto_dynamodb.DynamoDbClient" | "rusoto_dynamodb.DynamoDb" => {
            Some(Handle::new(Api::Rusoto, HandleKind::Client))
        }
        "dynomite.DynamoDbClient"
        | "dynomite.dynamodb.DynamoDbClient"
        | "dynomite.dynamodb.DynamoDb"
        | "dynomite.retry.RetryingDynamoDb" => Some(Handle::new(Api::Dynomite, HandleKind::Client)),
        _ => {
            // `aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder`
            let name = path
                .strip_prefix("aws_sdk_dynamodb.operation.")?
                .rsplit('.')
                .next()?;
            let op = Op::from_name(name.strip_suffix("FluentBuilder")?)?;
            Some(Handle {
                op: Some(op),
                ..Handle::new(Api::AwsSdkRust, HandleKind::Builder)
            })
        }
    }
}

pub(super) fn external_call(path: &str, view: &CallView<'_>) -> Option<Value> {
    let (of, name) = path.rsplit_once('.')?;
    let handle = of_type(of).filter(|handle| handle.kind == HandleKind::Client)?;
    match name {
        "new" | "from_conf" | "new_with" | "new_with_client" | "default" => {
            Some(Value::Handle(handle.made_at(view.at)))
        }
        _ => None,
    }
}

pub(super) fn method(
    eval: &Eval<'_>,
    handle: &Handle,
    name: &str,
    view: &CallView<'_>,
) -> Option<Value> {
    match handle.kind {
        // A cell or lock that holds the client gives it.
        HandleKind::Client
            if matches!(
                name,
                "get"
                    | "get_or_init"
                    | "get_or_try_init"
                    | "read"
                    | "write"
                    | "lock"
                    | "load"
                    | "load_full"
                    | "force"
                    | "get_or_insert_with"
            ) =>
        {
            Some(Value::Handle(handle.clone()))
        }
        HandleKind::Client => {
            let op = Op::from_snake(name)?;
            if handle.api == Api::AwsSdkRust {
                if !view.args.is_empty() {
                    return None;
                }
                return Some(found(
                    eval,
                    view.at,
                    op,
                    handle,
                    ParamsAt::Chain(view.at),
                    HandleKind::Builder,
                ));
            }
            // rusoto takes an input: a struct literal.
            let input = view.arg(0)?;
            let params = match eval.project.kind(input) {
                Kind::Call(_, args, style) if style.new => match args.first() {
                    Some(object) => ParamsAt::Argument(At {
                        file: input.file,
                        node: object.value,
                    }),
                    None => ParamsAt::None,
                },
                _ => ParamsAt::Argument(input),
            };
            Some(found(
                eval,
                view.at,
                op,
                handle,
                params,
                HandleKind::Response,
            ))
        }
        HandleKind::Builder => Some(Value::Handle(match name {
            "send" | "customize" | "send_with" => handle.to(HandleKind::Response),
            "into_paginator" => handle.to(HandleKind::Paginator),
            _ => handle.clone(),
        })),
        HandleKind::Paginator => Some(Value::Handle(handle.clone())),
        _ => None,
    }
}

/// `.get_item()` on something unknown, with a table's name set further on.
pub(super) fn by_shape(eval: &Eval<'_>, name: &str, view: &CallView<'_>) -> Option<Value> {
    if !view.args.is_empty() {
        return None;
    }
    let op = Op::from_snake(name)?;
    let file = eval.project.file(view.at.file);
    let named = file
        .ancestors(view.at.node)
        .take(40)
        .take_while(|id| matches!(file.kind(*id), Kind::Member(..) | Kind::Call(..)))
        .any(|id| matches!(file.kind(id), Kind::Member(_, name) if matches!(name.as_str(), "table_name" | "set_table_name" | "request_items" | "set_request_items" | "transact_items" | "set_transact_items")));
    if !named {
        return None;
    }
    let handle = Handle::new(Api::AwsSdkRust, HandleKind::Client);
    eval.note(
        view.at,
        Found {
            op,
            handle: handle.clone(),
            params: ParamsAt::Chain(view.at),
            by_shape: true,
        },
    );
    Some(Value::Handle(Handle {
        op: Some(op),
        ..handle.to(HandleKind::Builder)
    }))
}
