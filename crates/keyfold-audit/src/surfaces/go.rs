//! Go: AWS SDK versions 1 and 2, and guregu/dynamo.

use super::{Api, Handle, HandleKind, found};
use crate::facts::Kind;
use crate::link::eval::{CallView, Eval, Found, ParamsAt, Value};
use crate::op::Op;

const V2: &str = "github.com/aws/aws-sdk-go-v2/service/dynamodb";
const V1: &str = "github.com/aws/aws-sdk-go/service/dynamodb";
const GUREGU: [&str; 2] = ["github.com/guregu/dynamo", "gopkg.in/guregu/dynamo"];

pub(super) fn knows(path: &str) -> bool {
    path.starts_with(V2) || path.starts_with(V1) || is_guregu(path)
}

fn is_guregu(path: &str) -> bool {
    GUREGU.iter().any(|head| path.starts_with(head))
}

fn api(path: &str) -> Option<Api> {
    if path.starts_with(V2) {
        Some(Api::AwsSdkGoV2)
    } else if path.starts_with(V1) {
        Some(Api::AwsSdkGoV1)
    } else {
        is_guregu(path).then_some(Api::GureguDynamo)
    }
}

/// The name behind the package.
fn name_in(path: &str) -> &str {
    let last = path.rsplit('/').next().unwrap_or(path);
    last.split_once('.').map_or("", |(_, name)| name)
}

pub(super) fn of_type(path: &str) -> Option<Handle> {
    let api = api(path)?;
    let kind = match (api, name_in(path)) {
        // `DynamoDBAPI` is the interface of version 1, for tests and injection.
        (Api::AwsSdkGoV2, "Client") | (Api::AwsSdkGoV1, "DynamoDB" | "DynamoDBAPI") => {
            HandleKind::Client
        }
        (Api::GureguDynamo, "DB") => HandleKind::Service,
        (Api::GureguDynamo, "Table") => HandleKind::Table,
        (_, name) => {
            let op = name.strip_suffix("Output").and_then(Op::from_name)?;
            return Some(Handle {
                op: Some(op),
                ..Handle::new(api, HandleKind::Response)
            });
        }
    };
    Some(Handle::new(api, kind))
}

pub(super) fn external_call(eval: &Eval<'_>, path: &str, view: &CallView<'_>) -> Option<Value> {
    let api = api(path)?;
    let made = |kind| Some(Value::Handle(Handle::new(api, kind).made_at(view.at)));
    match (api, name_in(path)) {
        (Api::AwsSdkGoV2, "NewFromConfig" | "New") | (Api::AwsSdkGoV1, "New") => {
            made(HandleKind::Client)
        }
        (Api::GureguDynamo, "New" | "NewFromIface" | "NewFromConfig") => made(HandleKind::Service),
        // `dynamodb.NewQueryPaginator(client, &dynamodb.QueryInput{…})`.
        (Api::AwsSdkGoV2, name) => {
            let op = name
                .strip_prefix("New")?
                .strip_suffix("Paginator")
                .and_then(Op::from_name)?;
            let handle = Handle::new(api, HandleKind::Paginator);
            let params = view.arg(1).map_or(ParamsAt::None, ParamsAt::Argument);
            eval.note(
                view.at,
                Found {
                    op,
                    handle: handle.clone(),
                    params,
                    by_shape: false,
                },
            );
            Some(Value::Handle(handle.with_op(HandleKind::Paginator, op)))
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
    match (handle.api, handle.kind) {
        (Api::AwsSdkGoV1 | Api::AwsSdkGoV2, HandleKind::Client) => client(eval, handle, name, view),
        (Api::AwsSdkGoV2, HandleKind::Paginator) => match name {
            "NextPage" => Some(Value::Handle(handle.to(HandleKind::Response))),
            _ => None,
        },
        (Api::GureguDynamo, _) => guregu(eval, handle, name, view),
        _ => None,
    }
}

fn client(eval: &Eval<'_>, handle: &Handle, name: &str, view: &CallView<'_>) -> Option<Value> {
    // `QueryPagesWithContext(ctx, input, func …)` pages by itself.
    let bare = name.strip_suffix("WithContext").unwrap_or(name);
    let (bare, pages) = match bare.strip_suffix("Pages") {
        Some(bare) => (bare, true),
        None => (bare.strip_suffix("Request").unwrap_or(bare), false),
    };
    let op = match bare {
        "WaitUntilTableExists" | "WaitUntilTableNotExists" => Op::DescribeTable,
        bare => Op::from_name(bare)?,
    };
    // The input stands first, or after the context.
    let input = (0..2)
        .filter_map(|at| view.arg(at))
        .find(|at| match eval.project.kind(*at) {
            Kind::Call(_, _, style) => style.new,
            _ => false,
        });
    let after_context = name.ends_with("WithContext") || handle.api == Api::AwsSdkGoV2;
    let input = input.or_else(|| view.arg(usize::from(after_context)));
    let params = input.map_or(ParamsAt::None, ParamsAt::Argument);
    if pages {
        let handle = handle.to(HandleKind::Paginator);
        eval.note(
            view.at,
            Found {
                op,
                handle: handle.clone(),
                params,
                by_shape: false,
            },
        );
        return Some(Value::Handle(handle.with_op(HandleKind::Paginator, op)));
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

/// `db.Table("orders").Get("id", id).One(&out)`; it pages, retries and batches by itself.
fn guregu(eval: &Eval<'_>, handle: &Handle, name: &str, view: &CallView<'_>) -> Option<Value> {
    let chain = ParamsAt::Chain(view.at);
    match handle.kind {
        HandleKind::Service => match name {
            "Table" => Some(Value::Handle(Handle {
                table: view.arg(0),
                ..handle.to(HandleKind::Table)
            })),
            "CreateTable" => Some(builder(eval, Op::CreateTable, handle, chain, view)),
            "ListTables" => Some(builder(eval, Op::ListTables, handle, chain, view)),
            "WriteTx" => Some(builder(eval, Op::TransactWriteItems, handle, chain, view)),
            "GetTx" => Some(builder(eval, Op::TransactGetItems, handle, chain, view)),
            _ => None,
        },
        HandleKind::Table => {
            let op = match name {
                "Get" => got(eval, view),
                "Put" => Op::PutItem,
                "Update" => Op::UpdateItem,
                "Delete" => Op::DeleteItem,
                "Scan" => Op::Scan,
                "Batch" if chained(eval, view).contains(&"Write") => Op::BatchWriteItem,
                "Batch" => Op::BatchGetItem,
                "DeleteTable" => Op::DeleteTable,
                "Describe" => Op::DescribeTable,
                "UpdateTable" => Op::UpdateTable,
                "UpdateTTL" => Op::UpdateTimeToLive,
                _ => return None,
            };
            Some(builder(eval, op, handle, chain, view))
        }
        HandleKind::Builder => Some(Value::Handle(handle.clone())),
        _ => None,
    }
}

fn builder(
    eval: &Eval<'_>,
    op: Op,
    handle: &Handle,
    params: ParamsAt,
    view: &CallView<'_>,
) -> Value {
    let noted = if matches!(op, Op::Query | Op::Scan) {
        handle.to(HandleKind::Paginator)
    } else {
        handle.clone()
    };
    eval.note(
        view.at,
        Found {
            op,
            handle: noted,
            params,
            by_shape: false,
        },
    );
    Value::Handle(handle.with_op(HandleKind::Builder, op))
}

/// The names of the methods that follow a call.
fn chained<'e>(eval: &'e Eval<'_>, view: &CallView<'_>) -> Vec<&'e str> {
    let file = eval.project.file(view.at.file);
    file.ancestors(view.at.node)
        .take(40)
        .take_while(|id| matches!(file.kind(*id), Kind::Member(..) | Kind::Call(..)))
        .filter_map(|id| match file.kind(id) {
            Kind::Member(_, name) => Some(name.as_str()),
            _ => None,
        })
        .collect()
}

/// A `Get` that ends in `.One` without an index is one item; in `.All`, `.Iter` or `.Count` a Query.
fn got(eval: &Eval<'_>, view: &CallView<'_>) -> Op {
    let chain = chained(eval, view);
    let one = chain.iter().any(|name| name.starts_with("One"));
    let narrowed = chain
        .iter()
        .any(|name| matches!(*name, "Index" | "Filter" | "Order" | "Limit"));
    if one && !narrowed {
        Op::GetItem
    } else {
        Op::Query
    }
}

/// A call with an input literal of `dynamodb` on something unknown, such as an interface of the project.
pub(super) fn by_shape(eval: &Eval<'_>, name: &str, view: &CallView<'_>) -> Option<Value> {
    let bare = name.strip_suffix("WithContext").unwrap_or(name);
    let (bare, pages) = bare
        .strip_suffix("Pages")
        .map_or((bare, false), |bare| (bare, true));
    let op = Op::from_name(bare)?;
    let input = (0..2)
        .filter_map(|at| view.arg(at))
        .find_map(|at| match eval.value(at) {
            Value::Ext(path) if knows(&path) && path.ends_with(&format!(".{bare}Input()")) => {
                Some((at, api(&path)?))
            }
            _ => None,
        });
    let (at, api) = input?;
    let kind = if pages {
        HandleKind::Paginator
    } else {
        HandleKind::Client
    };
    let handle = Handle::new(api, kind);
    eval.note(
        view.at,
        Found {
            op,
            handle: handle.clone(),
            params: ParamsAt::Argument(at),
            by_shape: true,
        },
    );
    Some(Value::Handle(handle.with_op(HandleKind::Response, op)))
}
