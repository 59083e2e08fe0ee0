//! Java and Kotlin: AWS SDK version 1 with its document API and mapper, version 2 with its enhanced
//! client, the SDK for Kotlin, Spring Data.

use super::{Api, Handle, HandleKind, found};
use crate::facts::{ClassId, Kind};
use crate::link::FileId;
use crate::link::eval::{CallView, Eval, Found, ParamsAt, Value};
use crate::op::Op;

const V2: &str = "software.amazon.awssdk.";
const V1: &str = "com.amazonaws.services.dynamodbv2";
const KOTLIN: &str = "aws.sdk.kotlin.services.dynamodb";
const SPRING: &str = "org.socialsignin.spring.data.dynamodb";

/// Names that every file has without an import: a glob import does not explain them.
const COMMON: [&str; 24] = [
    "String",
    "Integer",
    "Long",
    "Double",
    "Boolean",
    "Object",
    "Exception",
    "RuntimeException",
    "List",
    "Map",
    "Set",
    "Optional",
    "Override",
    "System",
    "Math",
    "Collectors",
    "ArrayList",
    "HashMap",
    "Arrays",
    "Collections",
    "Instant",
    "Int",
    "Any",
    "Unit",
];

pub(super) fn knows(path: &str) -> bool {
    !COMMON.contains(&last(path)) && of_library(path)
}

fn of_library(path: &str) -> bool {
    path.starts_with(V2) && path.contains("dynamodb")
        || path.starts_with(V1)
        || path.starts_with(KOTLIN)
        || path.starts_with(SPRING)
}

/// The type's own name.
fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

pub(super) fn of_type(path: &str) -> Option<Handle> {
    if !knows(path) || path.contains('(') {
        return None;
    }
    let name = last(path);
    let (api, kind) = if path.starts_with(V2) {
        let kind = match name {
            "DynamoDbClient" | "DynamoDbAsyncClient" => HandleKind::Client,
            "DynamoDbEnhancedClient" | "DynamoDbEnhancedAsyncClient" => HandleKind::Service,
            "DynamoDbTable" | "DynamoDbAsyncTable" | "MappedTableResource" => HandleKind::Table,
            "DynamoDbIndex" | "DynamoDbAsyncIndex" => HandleKind::Index,
            _ => return response(Api::AwsSdkJavaV2, name),
        };
        (Api::AwsSdkJavaV2, kind)
    } else if path.starts_with(V1) {
        let kind = match name {
            "AmazonDynamoDB"
            | "AmazonDynamoDBClient"
            | "AmazonDynamoDBAsync"
            | "AmazonDynamoDBAsyncClient" => HandleKind::Client,
            "DynamoDB" => HandleKind::Service,
            "DynamoDBMapper" | "IDynamoDBMapper" | "DynamoDBTableMapper" => HandleKind::Document,
            "Table" => HandleKind::Table,
            "Index" => HandleKind::Index,
            _ => return response(Api::AwsSdkJavaV1, name),
        };
        (Api::AwsSdkJavaV1, kind)
    } else if path.starts_with(KOTLIN) {
        match name {
            "DynamoDbClient" => (Api::AwsSdkKotlin, HandleKind::Client),
            _ => return response(Api::AwsSdkKotlin, name),
        }
    } else {
        match name {
            "DynamoDBTemplate" | "DynamoDBOperations" => {
                (Api::SpringDataDynamodb, HandleKind::Document)
            }
            _ => return None,
        }
    };
    Some(Handle::new(api, kind))
}

/// `QueryResponse`, `ScanResult`: what came back, where only its type is written.
fn response(api: Api, name: &str) -> Option<Handle> {
    let op = name
        .strip_suffix("Response")
        .or_else(|| name.strip_suffix("Result"))?;
    let op = Op::from_name(op)?;
    Some(Handle {
        op: Some(op),
        ..Handle::new(api, HandleKind::Response)
    })
}

pub(super) fn of_subclass(path: &str, file: FileId, class: ClassId) -> Option<Handle> {
    let repository = path.starts_with(SPRING) && last(path).ends_with("Repository");
    repository.then(|| Handle {
        model: Some((file, class)),
        ..Handle::new(Api::SpringDataDynamodb, HandleKind::Entity)
    })
}

/// `DynamoDbClient.create()`, `….builder().region(…).build()`, `new DynamoDB(client)`.
pub(super) fn external_call(path: &str, view: &CallView<'_>) -> Option<Value> {
    if !knows(path) {
        return None;
    }
    if view.style.new {
        // `DynamoDbClient { region = … }` of Kotlin is a constructor too.
        return made(path, view, !view.args.is_empty());
    }
    let (before, name) = path.rsplit_once('.')?;
    // The type that the chain of calls began at.
    let of = before.split("()").next().unwrap_or(before);
    let of = of
        .rsplit_once('.')
        .filter(|_| before.contains("()"))
        .map_or(of, |(of, _)| of);
    match name {
        "create" | "defaultClient" | "fromEnvironment" => made(of, view, false),
        "build" => made(of, view, before.contains("dynamoDbClient")),
        _ => None,
    }
}

/// A mapper or document client around a client that was made already opens no connections of its own.
fn made(path: &str, view: &CallView<'_>, around: bool) -> Option<Value> {
    let plain = path.strip_suffix("Builder").unwrap_or(path);
    let handle = of_type(plain)?;
    let makes = matches!(
        handle.kind,
        HandleKind::Client | HandleKind::Service | HandleKind::Document
    );
    makes.then(|| {
        Value::Handle(if around && handle.kind != HandleKind::Client {
            handle
        } else {
            handle.made_at(view.at)
        })
    })
}

pub(super) fn method(
    eval: &Eval<'_>,
    handle: &Handle,
    name: &str,
    view: &CallView<'_>,
) -> Option<Value> {
    match (handle.api, handle.kind) {
        (_, HandleKind::Client) => client(eval, handle, name, view),
        (Api::AwsSdkJavaV2, HandleKind::Service) => enhanced(eval, handle, name, view),
        (Api::AwsSdkJavaV1, HandleKind::Service) => document(eval, handle, name, view),
        (_, HandleKind::Table | HandleKind::Index) => table(eval, handle, name, view),
        (_, HandleKind::Document) => mapper(eval, handle, name, view),
        (_, HandleKind::Response | HandleKind::Paginator) => match name {
            "join" | "get" | "iterator" | "stream" | "iterable" => {
                Some(Value::Handle(handle.clone()))
            }
            _ => None,
        },
        _ => None,
    }
}

/// The only argument is a request or builds one, rather than being a key or an item.
fn is_request(eval: &Eval<'_>, view: &CallView<'_>) -> bool {
    let Some(first) = view.arg(0) else {
        return false;
    };
    if matches!(eval.project.kind(first), Kind::Lambda(_)) {
        return true;
    }
    match eval.value(first) {
        Value::Ext(path) => path.contains("Request") || path.contains("Spec"),
        _ => false,
    }
}

/// The request is the first argument; without one it is empty.
fn request(view: &CallView<'_>) -> ParamsAt {
    view.arg(0).map_or(ParamsAt::None, ParamsAt::Fluent)
}

fn client(eval: &Eval<'_>, handle: &Handle, name: &str, view: &CallView<'_>) -> Option<Value> {
    let bare = name
        .strip_suffix("Paginator")
        .or_else(|| name.strip_suffix("Paginated"));
    if let Some(op) = bare.and_then(Op::from_camel) {
        return Some(paged(eval, op, handle, request(view), view));
    }
    let bare = name.strip_suffix("Async").unwrap_or(name);
    let op = Op::from_camel(bare)?;
    // A method without a request is one of another client, or of a test double's set-up.
    if view.args.is_empty() && op.on_items() {
        return None;
    }
    // `client.query { tableName = … }` and its named arguments are Kotlin's.
    Some(found(
        eval,
        view.at,
        op,
        handle,
        positional(eval, op, view),
        HandleKind::Response,
    ))
}

/// Version 1 also takes the request in pieces: `client.getItem("orders", key)`.
fn positional(eval: &Eval<'_>, op: Op, view: &CallView<'_>) -> ParamsAt {
    let in_pieces = view.args.len() > 1
        && matches!(
            op,
            Op::GetItem | Op::PutItem | Op::UpdateItem | Op::DeleteItem | Op::Scan
        )
        && view
            .arg(0)
            .is_some_and(|first| !matches!(eval.project.kind(first), Kind::Lambda(_)));
    let by_name = matches!(op, Op::DescribeTable | Op::DeleteTable)
        && view.arg(0).is_some_and(|first| eval.text(first).is_some());
    if in_pieces || by_name {
        ParamsAt::Positional(view.at)
    } else {
        request(view)
    }
}

/// An operation that pages by itself.
fn paged(eval: &Eval<'_>, op: Op, handle: &Handle, params: ParamsAt, view: &CallView<'_>) -> Value {
    let handle = handle.to(HandleKind::Paginator);
    let made = handle.with_op(HandleKind::Paginator, op);
    eval.note(
        view.at,
        Found {
            op,
            handle,
            params,
            by_shape: false,
        },
    );
    Value::Handle(made)
}

fn enhanced(eval: &Eval<'_>, handle: &Handle, name: &str, view: &CallView<'_>) -> Option<Value> {
    if name == "table" {
        return Some(Value::Handle(Handle {
            table: view.arg(0),
            ..handle.to(HandleKind::Table)
        }));
    }
    let bare = name.strip_suffix("WithResponse").unwrap_or(name);
    let op = Op::from_camel(bare).filter(|op| op.on_items())?;
    // Its batches of reads are pages, the rest among them.
    let gives = if op == Op::BatchGetItem {
        HandleKind::Batch
    } else {
        HandleKind::Response
    };
    Some(found(eval, view.at, op, handle, request(view), gives))
}

fn document(eval: &Eval<'_>, handle: &Handle, name: &str, view: &CallView<'_>) -> Option<Value> {
    let op = match name {
        "getTable" => {
            return Some(Value::Handle(Handle {
                table: view.arg(0),
                ..handle.to(HandleKind::Table)
            }));
        }
        "batchGetItem" | "batchGetItemUnprocessed" => Op::BatchGetItem,
        "batchWriteItem" | "batchWriteItemUnprocessed" => Op::BatchWriteItem,
        "createTable" => Op::CreateTable,
        "listTables" => Op::ListTables,
        _ => return None,
    };
    Some(found(
        eval,
        view.at,
        op,
        handle,
        request(view),
        HandleKind::Response,
    ))
}

/// A table or index of the document API and of the enhanced client. Their queries and scans give
/// collections that page while they are read.
fn table(eval: &Eval<'_>, handle: &Handle, name: &str, view: &CallView<'_>) -> Option<Value> {
    let bare = name.strip_suffix("WithResponse").unwrap_or(name);
    let op = match bare {
        "index" | "getIndex" => {
            return Some(Value::Handle(Handle {
                index: view.arg(0),
                ..handle.to(HandleKind::Index)
            }));
        }
        "query" => Op::Query,
        "scan" => Op::Scan,
        _ if handle.kind == HandleKind::Index => return None,
        "getItem" | "getItemOutcome" => Op::GetItem,
        "putItem" => Op::PutItem,
        "updateItem" => Op::UpdateItem,
        "deleteItem" => Op::DeleteItem,
        "createTable" => Op::CreateTable,
        "deleteTable" | "delete" => Op::DeleteTable,
        "describeTable" | "describe" | "waitForActive" => Op::DescribeTable,
        "updateTable" => Op::UpdateTable,
        _ => return None,
    };
    let params = match op {
        _ if view.args.len() > 1 => ParamsAt::Positional(view.at),
        Op::GetItem | Op::PutItem | Op::UpdateItem | Op::DeleteItem if !is_request(eval, view) => {
            ParamsAt::Positional(view.at)
        }
        _ => request(view),
    };
    if matches!(op, Op::Query | Op::Scan) {
        return Some(paged(eval, op, handle, params, view));
    }
    Some(found(
        eval,
        view.at,
        op,
        handle,
        params,
        HandleKind::Response,
    ))
}

fn mapper(eval: &Eval<'_>, handle: &Handle, name: &str, view: &CallView<'_>) -> Option<Value> {
    let (op, pages) = match name {
        "load" => (Op::GetItem, false),
        "save" => (Op::PutItem, false),
        "delete" => (Op::DeleteItem, false),
        "query" => (Op::Query, true),
        "queryPage" => (Op::Query, false),
        "scan" | "parallelScan" => (Op::Scan, true),
        "scanPage" => (Op::Scan, false),
        "count" => (counted(eval, view), true),
        "batchLoad" => (Op::BatchGetItem, false),
        "batchSave" | "batchDelete" | "batchWrite" => (Op::BatchWriteItem, false),
        "transactionLoad" => (Op::TransactGetItems, false),
        "transactionWrite" => (Op::TransactWriteItems, false),
        _ => return None,
    };
    if view.args.is_empty() {
        return None;
    }
    // `query(Order.class, expression)`: the class is no part of the request.
    let expression = match op {
        Op::Query | Op::Scan => view.arg(1).or_else(|| view.arg(0)),
        _ => view.arg(0),
    };
    let params = match op {
        Op::GetItem | Op::PutItem | Op::DeleteItem => ParamsAt::Positional(view.at),
        _ => expression.map_or(ParamsAt::None, ParamsAt::Fluent),
    };
    if pages {
        return Some(paged(eval, op, handle, params, view));
    }
    // The mapper reads the rest of a batch by itself; what it could not write it gives back.
    let gives = if op == Op::BatchGetItem {
        HandleKind::Batch
    } else {
        HandleKind::Response
    };
    Some(found(eval, view.at, op, handle, params, gives))
}

/// `count(Order.class, expression)` is a Query or a Scan by its expression.
fn counted(eval: &Eval<'_>, view: &CallView<'_>) -> Op {
    let is_query = view.arg(1).is_some_and(|at| match eval.value(at) {
        Value::Ext(path) => path.contains("QueryExpression"),
        _ => eval.label(at).to_lowercase().contains("query"),
    });
    if is_query { Op::Query } else { Op::Scan }
}

/// The methods of a Spring Data repository, where it does not declare one with a body.
pub(super) fn repository(
    eval: &Eval<'_>,
    handle: &Handle,
    name: &str,
    view: &CallView<'_>,
) -> Option<Value> {
    let op = match name {
        "findById" | "existsById" | "findOne" => Op::GetItem,
        "findAllById" => Op::BatchGetItem,
        "save" => Op::PutItem,
        "saveAll" | "deleteAll" => Op::BatchWriteItem,
        "delete" | "deleteById" => Op::DeleteItem,
        "findAll" | "count" => Op::Scan,
        name if name.starts_with("findBy")
            || name.starts_with("queryBy")
            || name.starts_with("findAllBy") =>
        {
            Op::Query
        }
        name if name.starts_with("deleteBy") => Op::DeleteItem,
        _ => return None,
    };
    let params = ParamsAt::Positional(view.at);
    if matches!(op, Op::Query | Op::Scan) {
        return Some(paged(eval, op, handle, params, view));
    }
    Some(found(
        eval,
        view.at,
        op,
        handle,
        params,
        HandleKind::Response,
    ))
}

/// `client.query(QueryRequest.builder()…)` on something unknown: the request's type tells.
pub(super) fn by_shape(eval: &Eval<'_>, name: &str, view: &CallView<'_>) -> Option<Value> {
    let bare = name.strip_suffix("Paginator").unwrap_or(name);
    let op = Op::from_camel(bare)?;
    let first = view.arg(0)?;
    let Value::Ext(path) = eval.value(first) else {
        return None;
    };
    if !knows(&path) || !path.contains(&format!(".{}Request", op.name())) {
        return None;
    }
    let api = if path.starts_with(V1) {
        Api::AwsSdkJavaV1
    } else if path.starts_with(KOTLIN) {
        Api::AwsSdkKotlin
    } else {
        Api::AwsSdkJavaV2
    };
    let handle = Handle::new(api, HandleKind::Client);
    let params = ParamsAt::Fluent(first);
    let of = if bare == name {
        handle.clone()
    } else {
        handle.to(HandleKind::Paginator)
    };
    eval.note(
        view.at,
        Found {
            op,
            handle: of,
            params,
            by_shape: true,
        },
    );
    let gives = if bare == name {
        HandleKind::Response
    } else {
        HandleKind::Paginator
    };
    Some(Value::Handle(handle.with_op(gives, op)))
}
