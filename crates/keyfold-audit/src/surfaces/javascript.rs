//! AWS SDK for JavaScript, versions 2 and 3.

use super::{Api, Handle, HandleKind, found, object_field, object_of};
use crate::facts::Kind;
use crate::link::eval::{CallView, Eval, Found, ParamsAt, Value};
use crate::link::flow::callee_name;
use crate::op::Op;

const V3_CLIENT: &str = "@aws-sdk/client-dynamodb";
const V3_LIB: &str = "@aws-sdk/lib-dynamodb";

pub(super) fn knows(path: &str) -> bool {
    path.starts_with(V3_CLIENT) || path.starts_with(V3_LIB) || v2(path).is_some()
}

/// What version 2 calls it, whichever way it was imported.
fn v2(path: &str) -> Option<&str> {
    let rest = path
        .strip_prefix("aws-sdk.")
        .or_else(|| path.strip_prefix("aws-sdk/global."))
        .or_else(|| path.strip_prefix("aws-sdk/index."))
        .or_else(|| path.strip_prefix("AWS."));
    if let Some(rest) = rest {
        return rest.starts_with("DynamoDB").then_some(rest);
    }
    let rest = path
        .strip_prefix("aws-sdk/clients/dynamodb")
        .or_else(|| path.strip_prefix("aws-sdk/clients/all.DynamoDB"))?;
    Some(match rest.trim_start_matches('.') {
        "" => "DynamoDB",
        "DocumentClient" => "DynamoDB.DocumentClient",
        other if other.starts_with("DynamoDB") => other,
        _ => return None,
    })
}

fn v3(path: &str) -> Option<&str> {
    let rest = path
        .strip_prefix(V3_CLIENT)
        .or_else(|| path.strip_prefix(V3_LIB))
        // `dist-cjs/commands/…`, `dist-types`: the same names.
        .or_else(|| path.strip_prefix("@aws-sdk/smithy-client-dynamodb"))?;
    rest.rsplit_once('.')
        .map(|(_, name)| name)
        .filter(|name| !name.ends_with("()"))
}

pub(super) fn of_type(path: &str) -> Option<Handle> {
    if let Some(rest) = path
        .strip_prefix(V3_CLIENT)
        .or_else(|| path.strip_prefix(V3_LIB))
    {
        return match rest.trim_start_matches('.') {
            "DynamoDBClient" | "DynamoDB" | "DynamoDBDocumentClient" => {
                Some(Handle::new(Api::AwsSdkJsV3, HandleKind::Client))
            }
            "DynamoDBDocument" => Some(Handle::new(Api::AwsSdkJsV3, HandleKind::Document)),
            _ => None,
        };
    }
    match v2(path)? {
        "DynamoDB" => Some(Handle::new(Api::AwsSdkJsV2, HandleKind::Client)),
        "DynamoDB.DocumentClient" => Some(Handle::new(Api::AwsSdkJsV2, HandleKind::Document)),
        _ => None,
    }
}

/// The operation of a command: `QueryCommand`, `BatchGetCommand`.
fn command(name: &str) -> Option<Op> {
    let name = name.strip_suffix("Command")?;
    Op::from_name(name).or(match name {
        "Get" => Some(Op::GetItem),
        "Put" => Some(Op::PutItem),
        "Update" => Some(Op::UpdateItem),
        "Delete" => Some(Op::DeleteItem),
        "BatchGet" => Some(Op::BatchGetItem),
        "BatchWrite" => Some(Op::BatchWriteItem),
        "TransactGet" => Some(Op::TransactGetItems),
        "TransactWrite" => Some(Op::TransactWriteItems),
        _ => None,
    })
}

pub(super) fn external_call(eval: &Eval<'_>, path: &str, view: &CallView<'_>) -> Option<Value> {
    if let Some(kind) = v2(path) {
        let made = match kind {
            "DynamoDB" => Handle::new(Api::AwsSdkJsV2, HandleKind::Client),
            "DynamoDB.DocumentClient" => Handle::new(Api::AwsSdkJsV2, HandleKind::Document),
            _ => return None,
        };
        return view.style.new.then(|| Value::Handle(made.made_at(view.at)));
    }
    let name = v3(path)?;
    let client = Handle::new(Api::AwsSdkJsV3, HandleKind::Client);
    if view.style.new {
        if let Some(op) = command(name) {
            let params = view.arg(0).map_or(ParamsAt::None, ParamsAt::Argument);
            return Some(found(
                eval,
                view.at,
                op,
                &client,
                params,
                HandleKind::Command,
            ));
        }
        return matches!(name, "DynamoDBClient" | "DynamoDB")
            .then(|| Value::Handle(client.made_at(view.at)));
    }
    match name {
        "from" if path.ends_with("DynamoDBDocumentClient.from") => {
            Some(Value::Handle(client.made_at(view.at)))
        }
        "from" if path.ends_with("DynamoDBDocument.from") => Some(Value::Handle(
            client.to(HandleKind::Document).made_at(view.at),
        )),
        _ => {
            let op = match name {
                "paginateQuery" => Op::Query,
                "paginateScan" => Op::Scan,
                "paginateListTables" => Op::ListTables,
                _ if name.starts_with("waitUntilTable") || name.starts_with("waitForTable") => {
                    Op::DescribeTable
                }
                _ => return None,
            };
            let params = view.arg(1).map_or(ParamsAt::None, ParamsAt::Argument);
            Some(found(
                eval,
                view.at,
                op,
                &client,
                params,
                HandleKind::Paginator,
            ))
        }
    }
}

pub(super) fn method(
    eval: &Eval<'_>,
    handle: &Handle,
    name: &str,
    view: &CallView<'_>,
) -> Option<Value> {
    let params = view.arg(0).map_or(ParamsAt::None, ParamsAt::Argument);
    match handle.kind {
        HandleKind::Client | HandleKind::Document if name == "send" => {
            let sent = eval.value(view.arg(0)?);
            let op = sent.handle().and_then(|command| command.op);
            Some(Value::Handle(Handle {
                op,
                ..handle.to(HandleKind::Response)
            }))
        }
        HandleKind::Client => match Op::from_camel(name) {
            Some(op) => Some(found(
                eval,
                view.at,
                op,
                handle,
                params,
                HandleKind::Response,
            )),
            None if name == "waitFor" => Some(found(
                eval,
                view.at,
                Op::DescribeTable,
                handle,
                params,
                HandleKind::Response,
            )),
            None => None,
        },
        HandleKind::Document => {
            let op =
                Op::from_short(name).or_else(|| Op::from_camel(name).filter(|op| op.on_items()))?;
            Some(found(
                eval,
                view.at,
                op,
                handle,
                params,
                HandleKind::Response,
            ))
        }
        HandleKind::Response | HandleKind::Paginator => matches!(
            name,
            "promise" | "catch" | "finally" | "on" | "createReadStream"
        )
        .then(|| Value::Handle(handle.clone())),
        _ => None,
    }
}

pub(super) fn by_shape(
    eval: &Eval<'_>,
    receiver: &Value,
    name: &str,
    view: &CallView<'_>,
) -> Option<Value> {
    let short = Op::from_short(name);
    let op = short.or_else(|| Op::from_camel(name))?;
    let object = object_of(eval, view.arg(0))?;
    let has = |field: &str| object_field(eval, object, field).is_some();
    let fits = match op {
        Op::Scan => has("TableName") && short.is_some(),
        Op::GetItem | Op::DeleteItem | Op::UpdateItem => has("TableName") && has("Key"),
        Op::PutItem => has("TableName") && has("Item"),
        Op::Query => has("TableName") && (has("KeyConditionExpression") || has("KeyConditions")),
        Op::BatchGetItem | Op::BatchWriteItem => has("RequestItems"),
        Op::TransactGetItems | Op::TransactWriteItems => has("TransactItems"),
        Op::CreateTable => has("TableName") && has("KeySchema"),
        Op::UpdateTimeToLive | Op::DescribeTimeToLive => has("TableName"),
        Op::DescribeTable | Op::DeleteTable | Op::UpdateTable => {
            has("TableName") && eval.project.file(view.at.file).speaks
        }
        _ => false,
    };
    // A document client's short names, or the service's own: which SDK it is, the arguments do not say.
    let api = match receiver {
        Value::Ext(path) if path.starts_with('@') => Api::AwsSdkJsV3,
        _ if fits && eval.project.newer_js(view.at.file) => Api::AwsSdkJsV3,
        _ => Api::AwsSdkJsV2,
    };
    if !fits || matches!(receiver, Value::Unknown) && handed_on(eval, name) {
        return None;
    }
    let kind = if short.is_some() {
        HandleKind::Document
    } else {
        HandleKind::Client
    };
    let handle = Handle::new(api, kind);
    eval.note(
        view.at,
        Found {
            op,
            handle: handle.clone(),
            params: ParamsAt::Argument(object),
            by_shape: true,
        },
    );
    Some(Value::Handle(Handle {
        op: Some(op),
        ..handle.to(HandleKind::Response)
    }))
}

/// The project has a method of that name that hands its argument on as a request: a wrapper, whose own
/// call is counted where it is made.
fn handed_on(eval: &Eval<'_>, name: &str) -> bool {
    eval.project.functions(name).iter().any(|(file, function)| {
        let f = eval.project.file(*file);
        let own = f.facts.function(*function);
        let Some(Kind::Name(param)) = own.params.first().map(|p| f.kind(p.pat)) else {
            return false;
        };
        own.class.is_some()
            && f.names.get(param).into_iter().flatten().any(|place| {
                f.named_function(*place) == *function
                    && f.parent(*place).is_some_and(|up| match f.kind(up) {
                        Kind::Call(callee, args, _) => {
                            let called = callee_name(f, *callee);
                            args.first().is_some_and(|a| a.value == *place)
                                && (command(&called).is_some() || called == name)
                        }
                        _ => false,
                    })
            })
    })
}
