//! modyne: entities by derive, requests as values that are executed on a table.

use super::{Api, Handle, HandleKind, found};
use crate::facts::ClassId;
use crate::link::FileId;
use crate::link::eval::{CallView, Eval, ParamsAt, Value};
use crate::op::Op;

/// What modyne's traits make of a type.
pub(super) fn of_subclass(path: &str, file: FileId, class: ClassId) -> Option<Handle> {
    let kind = match path.strip_prefix("modyne.")?.rsplit('.').next()? {
        "Entity" | "EntityDef" => HandleKind::Entity,
        "QueryInput" | "ScanInput" => HandleKind::Queries,
        "Table" => HandleKind::Table,
        _ => return None,
    };
    Some(Handle {
        model: Some((file, class)),
        ..Handle::new(Api::Modyne, kind)
    })
}

/// `User::get(key)`, `User::update(key)`, `User::delete(key)`.
pub(super) fn class_method(
    eval: &Eval<'_>,
    handle: &Handle,
    name: &str,
    view: &CallView<'_>,
) -> Option<Value> {
    let op = match (handle.kind, name) {
        (HandleKind::Entity, "get") => Op::GetItem,
        (HandleKind::Entity, "update") => Op::UpdateItem,
        (HandleKind::Entity, "delete") => Op::DeleteItem,
        _ => return None,
    };
    Some(request(eval, handle, op, view))
}

/// `user.create()`, `user.put()`, `user.replace()`; `query.query()`, `scan.scan()`; and what follows on a request.
pub(super) fn method(
    eval: &Eval<'_>,
    handle: &Handle,
    name: &str,
    view: &CallView<'_>,
) -> Option<Value> {
    let op = match (handle.kind, name) {
        (HandleKind::Builder, _) => {
            return Some(Value::Handle(match name {
                "execute" => handle.to(HandleKind::Response),
                _ => handle.clone(),
            }));
        }
        (HandleKind::Entity, "create" | "put" | "replace") => Op::PutItem,
        (HandleKind::Queries, "query") => Op::Query,
        (HandleKind::Queries, "scan") => Op::Scan,
        _ => return None,
    };
    Some(request(eval, handle, op, view))
}

fn request(eval: &Eval<'_>, handle: &Handle, op: Op, view: &CallView<'_>) -> Value {
    found(
        eval,
        view.at,
        op,
        handle,
        ParamsAt::None,
        HandleKind::Builder,
    )
}
