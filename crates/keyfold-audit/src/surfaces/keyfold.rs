//! Keyfold's own repositories and access patterns. They are the layer: their calls are known, and judged by the compiler.

use super::{Api, Handle, HandleKind, found};
use crate::facts::{FnId, Kind};
use crate::link::FileId;
use crate::link::eval::{CallView, Eval, ParamsAt, Value};
use crate::link::flow::callee_name;
use crate::op::Op;

pub(super) fn knows(path: &str) -> bool {
    matches!(
        path,
        "keyfold.Repo" | "keyfold.prelude.Repo" | "keyfold.repo.Repo"
    )
}

pub(super) fn of_type(path: &str) -> Option<Handle> {
    knows(path).then(|| Handle::new(Api::Keyfold, HandleKind::Entity))
}

/// A repository's method, in the service's words.
pub(super) fn method(
    eval: &Eval<'_>,
    handle: &Handle,
    name: &str,
    view: &CallView<'_>,
) -> Option<Value> {
    if handle.kind != HandleKind::Entity {
        return Some(Value::Handle(handle.clone()));
    }
    let op = match name {
        "find" | "get" | "exists" => Op::GetItem,
        "batch_get" => Op::BatchGetItem,
        "batch_put" | "batch_delete" => Op::BatchWriteItem,
        "create" | "put" => Op::PutItem,
        "upsert" | "patch" | "edit" => Op::UpdateItem,
        "delete" => Op::DeleteItem,
        _ => return None,
    };
    Some(found(
        eval,
        view.at,
        op,
        handle,
        ParamsAt::None,
        HandleKind::Response,
    ))
}

/// `#[query(Parcel, page = 10)] pub fn parcels_on(…)` inside `#[access_patterns]`: a call of it is a Query.
pub(super) fn declared(
    eval: &Eval<'_>,
    file: FileId,
    function: FnId,
    view: &CallView<'_>,
) -> Option<Value> {
    let f = eval.project.file(file);
    let keyfold = f
        .facts
        .imports
        .iter()
        .any(|import| import.module.starts_with("keyfold"));
    if !keyfold {
        return None;
    }
    let op = f
        .facts
        .function(function)
        .decorators
        .iter()
        .find_map(|decorator| match f.kind(*decorator) {
            Kind::Call(callee, ..) => match callee_name(f, *callee).as_str() {
                "query" => Some(Op::Query),
                "scan" => Some(Op::Scan),
                _ => None,
            },
            _ => None,
        })?;
    let handle = Handle::new(Api::Keyfold, HandleKind::Entity);
    Some(found(
        eval,
        view.at,
        op,
        &handle,
        ParamsAt::None,
        HandleKind::Response,
    ))
}
