//! `ElectroDB`: entities and services.

use super::{Handle, HandleKind, found};
use crate::facts::Kind;
use crate::link::At;
use crate::link::eval::{CallView, Eval, Found, ParamsAt, Value};
use crate::op::Op;

pub(super) fn method(
    eval: &Eval<'_>,
    handle: &Handle,
    name: &str,
    view: &CallView<'_>,
) -> Option<Value> {
    let chain = ParamsAt::Chain(view.at);
    let many = view.arg(0).is_some_and(|arg| {
        matches!(eval.project.kind(arg), Kind::Array(_))
            || matches!(eval.value(arg), Value::Array(_))
    });
    match handle.kind {
        HandleKind::Entity => {
            let op = match name {
                "get" if many => Op::BatchGetItem,
                "put" | "delete" | "remove" if many => Op::BatchWriteItem,
                "get" => Op::GetItem,
                "put" | "create" => Op::PutItem,
                "update" | "patch" | "upsert" => Op::UpdateItem,
                "delete" | "remove" => Op::DeleteItem,
                "find" | "match" => Op::Query,
                _ => return None,
            };
            Some(found(eval, view.at, op, handle, chain, HandleKind::Builder))
        }
        // `entity.query.byTenant({ … })`, `service.collections.orders({ … })`.
        HandleKind::Queries => Some(found(
            eval,
            view.at,
            Op::Query,
            handle,
            chain,
            HandleKind::Builder,
        )),
        HandleKind::Service => match name {
            "write" => Some(found(
                eval,
                view.at,
                Op::TransactWriteItems,
                handle,
                chain,
                HandleKind::Builder,
            )),
            "get" => Some(found(
                eval,
                view.at,
                Op::TransactGetItems,
                handle,
                chain,
                HandleKind::Builder,
            )),
            _ => None,
        },
        HandleKind::Builder => Some(Value::Handle(match name {
            "go" | "page" => handle.to(HandleKind::Response),
            _ => handle.clone(),
        })),
        HandleKind::Response => Some(Value::Handle(handle.clone())),
        _ => None,
    }
}

pub(super) fn member(eval: &Eval<'_>, handle: &Handle, name: &str, at: Option<At>) -> Value {
    let kind = match (handle.kind, name) {
        (HandleKind::Entity, "query") => HandleKind::Queries,
        (HandleKind::Entity, "scan") => {
            if let Some(at) = at {
                let params = ParamsAt::Chain(at);
                eval.note(
                    at,
                    Found {
                        op: Op::Scan,
                        handle: handle.clone(),
                        params,
                        by_shape: false,
                    },
                );
            }
            return Value::Handle(Handle {
                op: Some(Op::Scan),
                ..handle.to(HandleKind::Builder)
            });
        }
        (HandleKind::Service, "collections") => HandleKind::Queries,
        (HandleKind::Service, "entities" | "transaction") => HandleKind::Service,
        (HandleKind::Service, _) => return service_entity(eval, handle, name),
        _ => return Value::Unknown,
    };
    Value::Handle(handle.to(kind))
}

/// `service.entities.order`: the entity the service was made of.
fn service_entity(eval: &Eval<'_>, handle: &Handle, name: &str) -> Value {
    if let Some(origin) = handle.origin
        && let Kind::Call(_, args, _) = eval.project.kind(origin)
        && let Some(first) = args.first()
    {
        let entities = eval.value(At {
            file: origin.file,
            node: first.value,
        });
        if let Value::Handle(entity) = eval.member(&entities, name, None) {
            return Value::Handle(entity);
        }
    }
    Value::Handle(handle.to(HandleKind::Entity))
}
