//! The request of a call, whichever way a library writes it, under the service's own names.

use smol_str::SmolStr;

use crate::facts::{Field, Id, Kind};
use crate::link::At;
use crate::link::eval::{Eval, Found, ParamsAt, Value};
use crate::link::flow::{self, Use};
use crate::link::scope::Source;
use crate::op::{Op, pascal};
use crate::surfaces::Api;

/// What is known of a request.
#[derive(Clone, Debug, Default)]
pub struct Params {
    /// Fields under the service's names, in source order; a name can come more than once.
    pub fields: Vec<(SmolStr, At)>,
    /// Some of it cannot be seen.
    pub open: bool,
    /// The methods chained on it, with their calls.
    pub chain: Vec<(SmolStr, At)>,
    /// The literal object it was written as.
    pub literal: Option<At>,
}

impl Params {
    /// The last value of a field.
    pub fn get(&self, name: &str) -> Option<At> {
        self.fields
            .iter()
            .rev()
            .find(|(field, _)| field == name)
            .map(|(_, at)| *at)
    }

    /// All values of a field.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = At> + 'a {
        self.fields
            .iter()
            .filter(move |(field, _)| field == name)
            .map(|(_, at)| *at)
    }

    /// Whether a field is set.
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// A method of the chain.
    pub fn chained(&self, name: &str) -> Option<At> {
        self.chain
            .iter()
            .find(|(method, _)| method == name)
            .map(|(_, call)| *call)
    }
}

/// Reads the request of a call.
pub fn params(eval: &Eval<'_>, op: Op, found: &Found) -> Params {
    let mut out = Params::default();
    match found.params {
        ParamsAt::None => {}
        ParamsAt::Argument(at) => argument(eval, at, &mut out, 6),
        ParamsAt::Keywords(call) => keywords(eval, call, &mut out),
        ParamsAt::Chain(node) => {
            let mut seen = Vec::new();
            chain(eval, node, &mut out, &mut seen, 60);
            // What belongs to the call that names the operation itself.
            if let Kind::Call(_, args, _) = eval.project.kind(node) {
                for arg in args {
                    if let Some(name) = &arg.name {
                        out.fields.push((
                            name.clone(),
                            At {
                                file: node.file,
                                node: arg.value,
                            },
                        ));
                    }
                }
            }
            chained(eval, op, found, &mut out);
        }
        ParamsAt::Positional(call) if super::fluent::in_pieces(found) => {
            super::fluent::pieces(op, eval, call, &mut out);
        }
        ParamsAt::Fluent(at) => super::fluent::read(eval, at, &mut out),
        ParamsAt::Positional(call) => positional(eval, found.handle.api, op, call, &mut out),
    }
    out
}

fn argument(eval: &Eval<'_>, at: At, out: &mut Params, depth: u32) {
    if depth == 0 {
        out.open = true;
        return;
    }
    let file = eval.project.file(at.file);
    if let Kind::Name(name) = file.kind(at.node) {
        assigned_later(eval, at, name, out);
    }
    if let Value::Object(object) = eval.value(at) {
        object_fields(eval, object, out, depth - 1);
    } else {
        // `new GetCommand(cond ? a : b)`, a parameter, a function's result.
        if let Kind::Call(_, args, style) = file.kind(at.node)
            && style.new
            && let Some(first) = args.first()
        {
            return argument(
                eval,
                At {
                    file: at.file,
                    node: first.value,
                },
                out,
                depth - 1,
            );
        }
        // `input := &dynamodb.QueryInput{…}`: what the name was made as.
        if let Kind::Name(name) = file.kind(at.node) {
            let made: Vec<Id> = eval
                .bindings(at, name)
                .into_iter()
                .filter_map(|(_, binding)| match binding.source {
                    Source::Value(value) if matches!(file.kind(value), Kind::Call(_, _, style) if style.new) => Some(value),
                    _ => None,
                })
                .collect();
            if !made.is_empty() {
                for node in made {
                    argument(
                        eval,
                        At {
                            file: at.file,
                            node,
                        },
                        out,
                        depth - 1,
                    );
                }
                return;
            }
        }
        // `dict(TableName=…)`.
        if let Kind::Call(callee, args, _) = file.kind(at.node)
            && flow::callee_name(file, *callee) == "dict"
            && args.iter().all(|arg| arg.name.is_some())
        {
            keywords(eval, at, out);
            return;
        }
        out.open = true;
    }
}

fn object_fields(eval: &Eval<'_>, object: At, out: &mut Params, depth: u32) {
    out.literal = Some(object);
    let Kind::Object(fields) = eval.project.kind(object) else {
        return;
    };
    for field in fields {
        match field {
            Field::Named(name, value) => out.fields.push((
                service_name(name),
                At {
                    file: object.file,
                    node: *value,
                },
            )),
            Field::Computed(..) => out.open = true,
            Field::Spread(value) => spread(
                eval,
                At {
                    file: object.file,
                    node: *value,
                },
                out,
                depth,
            ),
        }
    }
}

/// `...(cond && { Limit: 1 })`, `...base`.
fn spread(eval: &Eval<'_>, at: At, out: &mut Params, depth: u32) {
    let literal = out.literal;
    let file = eval.project.file(at.file);
    match file.kind(at.node) {
        Kind::Binary(op, _, right) if op == "&&" => argument(
            eval,
            At {
                file: at.file,
                node: *right,
            },
            out,
            depth,
        ),
        Kind::If(_, then, _) => spread(
            eval,
            At {
                file: at.file,
                node: *then,
            },
            out,
            depth,
        ),
        Kind::Choice(values) => {
            for value in values {
                argument(
                    eval,
                    At {
                        file: at.file,
                        node: *value,
                    },
                    out,
                    depth.saturating_sub(1),
                );
            }
        }
        _ => argument(eval, at, out, depth),
    }
    out.literal = literal;
}

/// rusoto writes its fields in `snake_case`.
fn service_name(name: &SmolStr) -> SmolStr {
    if name.contains('_')
        || name.chars().all(|c| c.is_ascii_lowercase())
            && matches!(name.as_str(), "key" | "item" | "limit" | "select")
    {
        SmolStr::from(pascal(name))
    } else {
        name.clone()
    }
}

/// `params.Limit = 5`, `kwargs['Limit'] = 5`, `Object.assign(params, …)`, `kwargs.update(…)`.
fn assigned_later(eval: &Eval<'_>, at: At, name: &SmolStr, out: &mut Params) {
    let file = eval.project.file(at.file);
    let bindings = eval.bindings(at, name);
    for (_, binding) in &bindings {
        for place in flow::name_places(
            eval,
            At {
                file: at.file,
                node: binding.node,
            },
            name,
        ) {
            let Some(parent) = file.parent(place.node) else {
                continue;
            };
            let here = |node: Id| At {
                file: at.file,
                node,
            };
            match file.kind(parent) {
                Kind::Member(_, field) => {
                    let Some(up) = file.parent(parent) else {
                        continue;
                    };
                    match file.kind(up) {
                        Kind::Assign(target, _, value)
                            if *target == parent && !other_branch(file, up, at.node) =>
                        {
                            out.fields.push((field.clone(), here(*value)));
                        }
                        Kind::Call(callee, args, _)
                            if *callee == parent
                                && (field == "update" || field == "setdefault") =>
                        {
                            for arg in args {
                                match &arg.name {
                                    Some(name) if name != "**" => {
                                        out.fields.push((name.clone(), here(arg.value)));
                                    }
                                    _ => argument(eval, here(arg.value), out, 2),
                                }
                            }
                        }
                        _ => {}
                    }
                }
                Kind::Index(obj, index) if *obj == place.node => {
                    if let Some(up) = file.parent(parent)
                        && let Kind::Assign(target, _, value) = file.kind(up)
                        && *target == parent
                    {
                        match eval.text(here(*index)) {
                            Some(field) => out.fields.push((field, here(*value))),
                            None => out.open = true,
                        }
                    }
                }
                Kind::Call(callee, args, _) if flow::callee_name(file, *callee) == "assign" => {
                    for arg in args.iter().skip(1) {
                        argument(eval, here(arg.value), out, 2);
                    }
                }
                _ => {}
            }
        }
    }
}

/// An assignment in another arm of the same switch, or in the other half of the same `if`.
fn other_branch(file: &crate::link::SourceFile, assignment: Id, call: Id) -> bool {
    file.ancestors(assignment).any(|up| {
        let branches: Vec<Id> = match file.kind(up) {
            Kind::Match(_, arms) => arms.iter().map(|(_, body)| *body).collect(),
            Kind::If(_, then, other) => std::iter::once(*then).chain(*other).collect(),
            _ => return false,
        };
        let of = |id: Id| {
            branches
                .iter()
                .position(|branch| file.contains(*branch, id))
        };
        matches!((of(assignment), of(call)), (Some(a), Some(b)) if a != b)
    })
}

/// The keyword arguments of a call, unpacked ones too.
pub fn keywords(eval: &Eval<'_>, call: At, out: &mut Params) {
    let Kind::Call(_, args, _) = eval.project.kind(call) else {
        return;
    };
    for arg in args {
        let value = At {
            file: call.file,
            node: arg.value,
        };
        match arg.name.as_deref() {
            Some("**") => argument(eval, value, out, 4),
            Some(name) => out.fields.push((SmolStr::new(name), value)),
            None => {}
        }
    }
}

/// The methods chained on a value, through the names it is bound to.
fn chain(eval: &Eval<'_>, at: At, out: &mut Params, seen: &mut Vec<At>, depth: u32) {
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
            if let Kind::Call(callee, ..) = file.kind(up)
                && *callee == parent
            {
                out.chain.push((name.clone(), here(up)));
                chain(eval, here(up), out, seen, depth - 1);
            } else {
                // `scan.where(…)`: a member in between, as `query.byTenant`.
                chain(eval, here(parent), out, seen, depth - 1);
            }
        }
        Kind::Let(pat, _, Some(value)) if *value == at.node => {
            if let Kind::Name(name) = file.kind(*pat) {
                for place in flow::name_places(eval, here(parent), name) {
                    chain(eval, place, out, seen, depth - 1);
                }
            }
        }
        Kind::Assign(target, op, value) if *value == at.node && op == "=" => {
            if let Kind::Name(name) = file.kind(*target) {
                for place in flow::name_places(eval, here(parent), name) {
                    chain(eval, place, out, seen, depth - 1);
                }
            }
        }
        Kind::Choice(_) | Kind::Block(_) | Kind::If(..) | Kind::Match(..) => {
            chain(eval, here(parent), out, seen, depth - 1);
        }
        Kind::Return(_) => out.open = true,
        Kind::Call(callee, ..) if *callee != at.node => out.open = true,
        _ => {}
    }
}

/// Chained methods under the service's names.
#[expect(clippy::too_many_lines, reason = "one match over a library's methods")]
fn chained(eval: &Eval<'_>, op: Op, found: &Found, out: &mut Params) {
    for (name, call) in out.chain.clone() {
        let Kind::Call(_, args, _) = eval.project.kind(call) else {
            continue;
        };
        let first = args.first().map(|arg| At {
            file: call.file,
            node: arg.value,
        });
        let field: Option<SmolStr> = match found.handle.api {
            Api::AwsSdkRust | Api::Rusoto | Api::AwsSdkJavaV2 | Api::AwsSdkKotlin => {
                let name = name.strip_prefix("set_").unwrap_or(&name);
                Some(match name {
                    "key" => SmolStr::new_static("Key"),
                    "item" => SmolStr::new_static("Item"),
                    name => SmolStr::from(pascal(name)),
                })
            }
            Api::Electrodb => match name.as_str() {
                "where" if op == Op::Query || op == Op::Scan => {
                    Some(SmolStr::new_static("FilterExpression"))
                }
                "where" => Some(SmolStr::new_static("ConditionExpression")),
                "go" | "page" => {
                    options(eval, first, out);
                    None
                }
                "set" | "add" | "subtract" | "append" | "remove" | "data" => {
                    Some(SmolStr::new_static("UpdateExpression"))
                }
                _ => None,
            },
            Api::DynamodbToolbox => match name.as_str() {
                "options" => {
                    options(eval, first, out);
                    None
                }
                "query" | "key" | "item" => {
                    let field = if name == "query" {
                        "KeyConditionExpression"
                    } else {
                        "Key"
                    };
                    if name == "query"
                        && let Some(index) = super::super::surfaces::object_of(eval, first)
                            .and_then(|o| crate::surfaces::object_field(eval, o, "index"))
                    {
                        out.fields.push((SmolStr::new_static("IndexName"), index));
                    }
                    Some(SmolStr::new_static(field))
                }
                _ => None,
            },
            Api::Dynamoose => match name.as_str() {
                "filter" | "where" if op == Op::Scan => {
                    Some(SmolStr::new_static("FilterExpression"))
                }
                "filter" => Some(SmolStr::new_static("FilterExpression")),
                "limit" => Some(SmolStr::new_static("Limit")),
                "startAt" => Some(SmolStr::new_static("ExclusiveStartKey")),
                "consistent" => Some(SmolStr::new_static("ConsistentRead")),
                "using" => Some(SmolStr::new_static("IndexName")),
                "sort" => Some(SmolStr::new_static("ScanIndexForward")),
                "attributes" => Some(SmolStr::new_static("ProjectionExpression")),
                "all" => Some(SmolStr::new_static("AllPages")),
                "count" => Some(SmolStr::new_static("Select")),
                _ => None,
            },
            Api::GureguDynamo => match name.as_str() {
                "Index" => Some(SmolStr::new_static("IndexName")),
                "Range" => Some(SmolStr::new_static("KeyConditionExpression")),
                "Filter" => Some(SmolStr::new_static("FilterExpression")),
                "If" => Some(SmolStr::new_static("ConditionExpression")),
                "Consistent" => Some(SmolStr::new_static("ConsistentRead")),
                "Limit" | "SearchLimit" => Some(SmolStr::new_static("Limit")),
                "StartFrom" => Some(SmolStr::new_static("ExclusiveStartKey")),
                "Project" | "ProjectExpr" => Some(SmolStr::new_static("ProjectionExpression")),
                "Order" => Some(SmolStr::new_static("ScanIndexForward")),
                "Set" | "Add" | "Remove" | "Append" | "SetExpr" | "SetIfNotExists" => {
                    Some(SmolStr::new_static("UpdateExpression"))
                }
                "Count" => Some(SmolStr::new_static("Select")),
                _ => None,
            },
            Api::Boto3 | Api::Aioboto3 => {
                if name == "paginate" {
                    keywords(eval, call, out);
                }
                None
            }
            _ => None,
        };
        if let Some(field) = field {
            out.fields.push((field, first.unwrap_or(call)));
        }
    }
    // `Model.query("hash").eq(…).where("x")`: the condition is part of the chain.
    if found.handle.api == Api::Dynamoose
        && op == Op::Scan
        && let ParamsAt::Chain(node) = found.params
        && let Kind::Call(_, args, _) = eval.project.kind(node)
        && let Some(first) = args.first()
    {
        out.fields.push((
            SmolStr::new_static("FilterExpression"),
            At {
                file: node.file,
                node: first.value,
            },
        ));
    }
}

/// A mapper's options, under the service's names.
fn options(eval: &Eval<'_>, at: Option<At>, out: &mut Params) {
    let Some(at) = at else { return };
    let mut own = Params::default();
    argument(eval, at, &mut own, 4);
    out.open |= own.open;
    for (name, value) in own.fields {
        if let Some(field) = option_name(&name) {
            out.fields.push((SmolStr::new_static(field), value));
        }
    }
}

fn option_name(name: &str) -> Option<&'static str> {
    Some(match name {
        "limit" | "Limit" => "Limit",
        "count" => "Count",
        "consistent" | "consistentRead" | "consistent_read" => "ConsistentRead",
        "cursor" | "exclusiveStartKey" | "ExclusiveStartKey" | "startKey" | "next"
        | "last_evaluated_key" => "ExclusiveStartKey",
        "pages" | "maxPages" | "follow" => "AllPages",
        "filter" | "filters" | "where" | "filter_condition" => "FilterExpression",
        "condition" | "conditions" | "exists" => "ConditionExpression",
        "index" | "IndexName" | "index_name" => "IndexName",
        "attributes" | "fields" | "attributes_to_get" => "ProjectionExpression",
        "select" => "Select",
        "reverse" | "order" | "scan_index_forward" => "ScanIndexForward",
        "maxAttempts" => "MaxAttempts",
        "range_key_condition" | "beginsWith" | "between" | "eq" | "lt" | "gt" | "lte" | "gte" => {
            "KeyConditionExpression"
        }
        "actions" => "UpdateExpression",
        "params" | "parse" | "hidden" => return None,
        "batch" => "Batch",
        "transaction" => "Transaction",
        _ => return None,
    })
}

fn positional(eval: &Eval<'_>, api: Api, op: Op, call: At, out: &mut Params) {
    let Kind::Call(_, args, _) = eval.project.kind(call) else {
        return;
    };
    let at = |id: Id| At {
        file: call.file,
        node: id,
    };
    let mut place = 0;
    for arg in args {
        match arg.name.as_deref() {
            Some("**") => out.open = true,
            Some(name) => {
                if let Some(field) = option_name(name) {
                    out.fields.push((SmolStr::new_static(field), at(arg.value)));
                } else if name == "hash_key" {
                    out.fields.push((SmolStr::new_static("Key"), at(arg.value)));
                }
            }
            None => {
                match (api, place) {
                    (Api::Pynamodb, 0) => {
                        out.fields.push((SmolStr::new_static("Key"), at(arg.value)));
                    }
                    (Api::Pynamodb, 1) if op == Op::Query => {
                        out.fields
                            .push((SmolStr::new_static("KeyConditionExpression"), at(arg.value)));
                    }
                    (_, 0) => out.fields.push((
                        SmolStr::new_static(if op == Op::PutItem { "Item" } else { "Key" }),
                        at(arg.value),
                    )),
                    _ => options(eval, Some(at(arg.value)), out),
                }
                place += 1;
            }
        }
    }
}

/// Whether a value passed on is read by some use, as far as can be seen.
pub fn reads_any(uses: &[Use], names: &[&str]) -> bool {
    uses.iter().any(|u| matches!(u, Use::Field(name, _) | Use::Method(name, _) if names.contains(&name.as_str())))
}
