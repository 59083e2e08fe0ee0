//! Requests that are built by methods: `QueryRequest.builder().tableName(…)`, `new ScanRequest().withLimit(5)`,
//! `request.setTableName(…)`, and the lambdas that the clients of version 2 give a builder to.

use smol_str::SmolStr;

use super::request::Params;
use crate::facts::{Id, Kind};
use crate::link::At;
use crate::link::eval::{Eval, Found, Value};
use crate::link::flow;
use crate::link::scope::Source;
use crate::op::{Op, pascal};
use crate::surfaces::{Api, HandleKind};

/// The fields of the request that `at` is.
pub fn read(eval: &Eval<'_>, at: At, out: &mut Params) {
    // `index.query(QueryConditional.keyEqualTo(…))`: the condition is all of the request.
    if matches!(eval.value(at), Value::Ext(path) if path.contains(".QueryConditional.")) {
        out.fields
            .push((SmolStr::new_static("KeyConditionExpression"), at));
        return;
    }
    let mut seen = Vec::new();
    of(eval, at, out, &mut seen, 12);
}

fn of(eval: &Eval<'_>, at: At, out: &mut Params, seen: &mut Vec<At>, depth: u32) {
    if depth == 0 {
        out.open = true;
        return;
    }
    let file = eval.project.file(at.file);
    let here = |node: Id| At {
        file: at.file,
        node,
    };
    match file.kind(at.node) {
        // Kotlin's builders: `QueryRequest { tableName = … }` is given an object.
        Kind::Object(fields) => {
            out.literal = Some(at);
            for field in fields {
                if let crate::facts::Field::Named(name, value) = field {
                    out.fields.push((service_name(name), here(*value)));
                }
            }
        }
        Kind::Lambda(function) => {
            let Some(param) = file.facts.function(*function).params.first() else {
                return;
            };
            if let Kind::Name(name) = file.kind(param.pat) {
                for place in flow::name_places(eval, here(param.pat), name) {
                    upward(eval, place, out, seen, 40);
                }
            }
        }
        Kind::Name(name) => {
            let bindings = eval.bindings(at, name);
            if bindings.is_empty() {
                out.open = true;
            }
            for (_, binding) in bindings {
                match binding.source {
                    Source::Value(value) => of(eval, here(value), out, seen, depth - 1),
                    _ => out.open = true,
                }
            }
        }
        Kind::Call(callee, args, style) => {
            let object = match file.kind(*callee) {
                Kind::Member(object, name) if !style.new && !starts(name) => Some(*object),
                _ => None,
            };
            match object {
                // Down to where the chain began; what is chained is read from there upward.
                Some(object) if is_chained(file.kind(object)) => {
                    of(eval, here(object), out, seen, depth);
                }
                _ => {
                    if style.new {
                        constructed(eval, at, out);
                        if let Some(first) = args.first()
                            && matches!(file.kind(first.value), Kind::Object(_))
                        {
                            of(eval, here(first.value), out, seen, depth - 1);
                        }
                    } else if object.is_some() || matches!(file.kind(*callee), Kind::Name(_)) {
                        // A helper made it: what it gives back is read, and what else it does is not.
                        helper(eval, here(*callee), out, seen, depth);
                    }
                    upward(eval, at, out, seen, 40);
                }
            }
        }
        Kind::Choice(values) => values
            .iter()
            .for_each(|value| of(eval, here(*value), out, seen, depth - 1)),
        _ => out.open = true,
    }
}

/// `QueryRequest.builder()`, `QuerySpec.create()`: where a chain begins.
fn starts(name: &str) -> bool {
    matches!(name, "builder" | "newBuilder" | "standard")
}

fn is_chained(kind: &Kind) -> bool {
    matches!(kind, Kind::Call(..) | Kind::Name(_))
}

fn helper(eval: &Eval<'_>, callee: At, out: &mut Params, seen: &mut Vec<At>, depth: u32) {
    let Value::Function(file, function) = eval.value(callee) else {
        out.open = true;
        return;
    };
    for node in eval.returns(file, function) {
        of(eval, At { file, node }, out, seen, depth.saturating_sub(4));
    }
}

/// `new GetItemRequest("orders", key)`.
fn constructed(eval: &Eval<'_>, at: At, out: &mut Params) {
    let Kind::Call(callee, args, _) = eval.project.kind(at) else {
        return;
    };
    let name = flow::callee_name(eval.project.file(at.file), *callee);
    let names: &[&str] = match name.as_str() {
        "GetItemRequest" | "DeleteItemRequest" => &["TableName", "Key"],
        "PutItemRequest" => &["TableName", "Item"],
        "UpdateItemRequest" => &["TableName", "Key", "AttributeUpdates"],
        "QueryRequest" | "ScanRequest" | "DescribeTableRequest" | "DeleteTableRequest" => {
            &["TableName"]
        }
        "BatchWriteItemRequest" | "BatchGetItemRequest" => &["RequestItems"],
        _ => &[],
    };
    for (name, arg) in names.iter().zip(args) {
        let value = At {
            file: at.file,
            node: arg.value,
        };
        if !matches!(eval.project.kind(value), Kind::Object(_)) || *name != "TableName" {
            out.fields.push((SmolStr::new_static(name), value));
        }
    }
}

/// A client of version 1 of Java's SDK also takes its request in pieces.
pub fn in_pieces(found: &Found) -> bool {
    found.handle.api == Api::AwsSdkJavaV1 && found.handle.kind == HandleKind::Client
}

/// `client.getItem("orders", key, true)`.
pub fn pieces(op: Op, eval: &Eval<'_>, call: At, out: &mut Params) {
    let names: &[&str] = match op {
        Op::GetItem => &["TableName", "Key", "ConsistentRead"],
        Op::PutItem => &["TableName", "Item", "ReturnValues"],
        Op::UpdateItem => &["TableName", "Key", "AttributeUpdates", "ReturnValues"],
        Op::DeleteItem => &["TableName", "Key", "ReturnValues"],
        _ => &["TableName"],
    };
    let Kind::Call(_, args, _) = eval.project.kind(call) else {
        return;
    };
    for (name, arg) in names.iter().zip(args) {
        out.fields.push((
            SmolStr::new_static(name),
            At {
                file: call.file,
                node: arg.value,
            },
        ));
    }
}

/// What is chained on a value, and on the names it is bound to.
fn upward(eval: &Eval<'_>, at: At, out: &mut Params, seen: &mut Vec<At>, depth: u32) {
    if depth == 0 || seen.contains(&at) {
        return;
    }
    seen.push(at);
    let file = eval.project.file(at.file);
    let here = |node: Id| At {
        file: at.file,
        node,
    };
    let Some(parent) = file.parent(at.node) else {
        return;
    };
    match file.kind(parent) {
        Kind::Member(_, name) => {
            let Some(up) = file.parent(parent) else {
                return;
            };
            match file.kind(up) {
                Kind::Call(callee, args, _) if *callee == parent => {
                    set(name, args.first().map(|arg| here(arg.value)), out);
                    upward(eval, here(up), out, seen, depth - 1);
                }
                // Kotlin: `request.tableName = …`.
                Kind::Assign(target, _, value) if *target == parent => {
                    out.fields.push((service_name(name), here(*value)));
                }
                _ => {}
            }
        }
        Kind::Let(pat, _, Some(value)) if *value == at.node => {
            bound(eval, here(parent), *pat, out, seen, depth);
        }
        Kind::Assign(target, op, value) if *value == at.node && op == "=" => {
            bound(eval, here(parent), *target, out, seen, depth);
        }
        Kind::Choice(_) => upward(eval, here(parent), out, seen, depth - 1),
        _ => {}
    }
}

fn bound(eval: &Eval<'_>, binder: At, pat: Id, out: &mut Params, seen: &mut Vec<At>, depth: u32) {
    let file = eval.project.file(binder.file);
    if let Kind::Name(name) = file.kind(pat) {
        for place in flow::name_places(eval, binder, name) {
            upward(eval, place, out, seen, depth - 1);
        }
    }
}

fn set(name: &str, value: Option<At>, out: &mut Params) {
    if matches!(name, "build" | "builder" | "toBuilder" | "clone") {
        return;
    }
    // A getter reads, it sets nothing.
    let Some(value) = value else { return };
    out.fields.push((service_name(name), value));
}

/// `tableName`, `withTableName` and `setTableName` are `TableName`; the mappers have words of their own.
fn service_name(name: &str) -> SmolStr {
    let bare = ["with", "set", "add"]
        .iter()
        .find_map(|prefix| {
            name.strip_prefix(prefix)
                .filter(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))
        })
        .unwrap_or(name);
    let field = match bare {
        "queryConditional" | "HashKey" | "HashKeyValues" | "RangeKeyCondition" => {
            "KeyConditionExpression"
        }
        "QueryFilters"
        | "QueryFilter"
        | "FilterConditionEntry"
        | "ScanFilters"
        | "QueryFilterEntry" => "FilterExpression",
        "ConsistentReads" => "ConsistentRead",
        "MaxResultSize" | "MaxPageSize" => "Limit",
        "PrimaryKey" => "Key",
        "ExpectedEntry" | "Expected" => "Expected",
        "NameMap" => "ExpressionAttributeNames",
        "ValueMap" => "ExpressionAttributeValues",
        "KeyConditionsEntry" => "KeyConditions",
        other => return SmolStr::from(pascal(other)),
    };
    SmolStr::new_static(field)
}
