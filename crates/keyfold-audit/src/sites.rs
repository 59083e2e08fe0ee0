//! Call sites and clients: where the program talks to `DynamoDB`, and with what request.

pub mod fluent;
pub mod request;

use rayon::prelude::*;
use smol_str::SmolStr;

use crate::facts::{FnId, Id, Kind};
use crate::link::eval::{Eval, Found, Value};
use crate::link::flow::{self, Use};
use crate::link::{At, FileId, Project};
use crate::op::Op;
use crate::surfaces::{Api, Handle, HandleKind};
use request::Params;

/// How a table or index is named at a call.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Named {
    /// By this name.
    Name(String),
    /// By an environment variable.
    Env(String),
    /// By something with this name in the source.
    Hole(String),
    /// Not known.
    Unknown,
}

impl Named {
    /// What the report prints; `None` when nothing is known.
    pub fn label(&self) -> Option<String> {
        match self {
            Named::Name(name) => Some(name.clone()),
            Named::Env(name) => Some(format!("${{{name}}}")),
            Named::Hole(_) | Named::Unknown => None,
        }
    }

    /// What names it: text, environment variable, or something else.
    pub fn of(eval: &Eval<'_>, at: At) -> Named {
        match eval.value(at) {
            Value::Text(pieces) => match &pieces[..] {
                [crate::link::eval::Piece::Lit(text)] => Named::Name(text.to_string()),
                pieces => {
                    let text: String = pieces
                        .iter()
                        .map(|piece| match piece {
                            crate::link::eval::Piece::Lit(text) => text.to_string(),
                            crate::link::eval::Piece::Hole(name, _) => format!("{{{name}}}"),
                        })
                        .collect();
                    if text.starts_with('{')
                        && text.ends_with('}')
                        && text.matches('{').count() == 1
                    {
                        Named::Hole(text)
                    } else {
                        Named::Name(text)
                    }
                }
            },
            Value::Ext(path) => {
                let env = [
                    "process.env.",
                    "os.environ.",
                    "Deno.env.",
                    "import.meta.env.",
                    "env.",
                ]
                .iter()
                .find_map(|head| path.strip_prefix(head))
                .filter(|name| !name.contains(['.', '(', '[']));
                match env {
                    Some(name) => Named::Env(name.to_owned()),
                    None => Named::Hole(eval.label(at).to_string()),
                }
            }
            _ => match eval.label(at) {
                label if label.is_empty() => Named::Unknown,
                label => Named::Hole(label.to_string()),
            },
        }
    }
}

/// One call.
#[derive(Clone, Debug)]
pub struct Site {
    /// The node that names the operation.
    pub at: At,
    /// The operation.
    pub op: Op,
    /// The library.
    pub api: Api,
    /// On what it is called.
    pub handle: Handle,
    /// Only the shape of the arguments tells.
    pub by_shape: bool,
    /// The request.
    pub params: Params,
    /// The innermost named function.
    pub function: FnId,
    /// The line of the token that names the operation.
    pub line: u32,
    /// The last line of the call.
    pub end_line: u32,
    /// The table.
    pub table: Named,
    /// The index; `None` for the table itself.
    pub index: Option<Named>,
    /// The nodes whose value is the response.
    pub responses: Vec<At>,
}

/// A client made in the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Where.
    pub at: At,
    /// Which library.
    pub api: Api,
    /// In which function; 0 is the module.
    pub function: FnId,
}

/// What one file does with `DynamoDB`.
#[derive(Debug, Default)]
pub struct FileSites {
    /// Its calls, in source order.
    pub sites: Vec<Site>,
    /// Its clients.
    pub clients: Vec<Client>,
}

/// Finds the calls and clients of every file.
pub fn collect(project: &Project) -> Vec<FileSites> {
    (0..u32::try_from(project.files.len()).unwrap_or(u32::MAX))
        .into_par_iter()
        .map(|file| of_file(&Eval::new(project), file))
        .collect()
}

/// The calls and clients of one file.
pub fn of_file(eval: &Eval<'_>, file: FileId) -> FileSites {
    let f = eval.project.file(file);
    let mut out = FileSites::default();
    if f.lang.is_document() {
        return out;
    }
    let mut found: Vec<(At, Found)> = Vec::new();
    for (id, node) in (0u32..).zip(&f.facts.nodes) {
        if !matches!(node.kind, Kind::Call(..) | Kind::Member(..)) {
            continue;
        }
        let at = At { file, node: id };
        let value = eval.value(at);
        if let Some(here) = eval.found(at) {
            found.push((at, here));
        } else if let (Value::Handle(handle), Kind::Call(..)) = (&value, &node.kind)
            && handle.origin == Some(at)
            && matches!(
                handle.kind,
                HandleKind::Client | HandleKind::Document | HandleKind::Service | HandleKind::Table
            )
            && !handle.api.is_mapper()
        {
            out.clients.push(Client {
                at,
                api: handle.api,
                function: f.named_function(id),
            });
        }
    }
    // A document client made around a client is the same client.
    let nested: Vec<Id> = out.clients.iter().map(|c| c.at.node).collect();
    out.clients.retain(|c| {
        !nested
            .iter()
            .any(|outer| *outer != c.at.node && f.contains(*outer, c.at.node))
    });
    same_receivers(eval, file, &mut found);
    found.sort_by_key(|(at, _)| f.span(at.node).start);
    for (at, found) in found {
        out.sites.push(site(eval, at, found));
    }
    out
}

/// What the shape of one call's arguments says of its receiver holds for the receiver's other calls.
fn same_receivers(eval: &Eval<'_>, file: FileId, found: &mut Vec<(At, Found)>) {
    let f = eval.project.file(file);
    let shaped: Vec<(String, Found)> = found
        .iter()
        .filter(|(_, found)| found.by_shape)
        .filter_map(|(at, found)| {
            let Kind::Call(callee, ..) = f.kind(at.node) else {
                return None;
            };
            let Kind::Member(obj, _) = f.kind(*callee) else {
                return None;
            };
            Some((receiver(eval, At { file, node: *obj })?, found.clone()))
        })
        .collect();
    if shaped.is_empty() {
        return;
    }
    for (id, node) in (0u32..).zip(&f.facts.nodes) {
        let Kind::Call(callee, args, _) = &node.kind else {
            continue;
        };
        let Kind::Member(obj, name) = f.kind(*callee) else {
            continue;
        };
        let at = At { file, node: id };
        if found.iter().any(|(other, _)| *other == at) {
            continue;
        }
        let op = match f.lang {
            lang if lang.is_js() => Op::from_camel(name).or_else(|| {
                Op::from_short(name).filter(|op| !matches!(op, Op::GetItem | Op::DeleteItem))
            }),
            crate::lang::Lang::Python => Op::from_snake(name),
            _ => None,
        };
        let (Some(op), Some(path)) = (op, receiver(eval, At { file, node: *obj })) else {
            continue;
        };
        let Some((_, like)) = shaped.iter().find(|(other, _)| *other == path) else {
            continue;
        };
        let params = match f.lang {
            crate::lang::Lang::Python => crate::link::eval::ParamsAt::Keywords(at),
            _ => args.first().map_or(crate::link::eval::ParamsAt::None, |a| {
                crate::link::eval::ParamsAt::Argument(At {
                    file,
                    node: a.value,
                })
            }),
        };
        found.push((
            at,
            Found {
                op,
                handle: like.handle.clone(),
                params,
                by_shape: true,
            },
        ));
    }
}

/// A receiver that has one place: a field of its class, or a name bound in one function.
fn receiver(eval: &Eval<'_>, at: At) -> Option<String> {
    let f = eval.project.file(at.file);
    match f.kind(at.node) {
        Kind::Name(name) => {
            let (function, binding) = eval.bindings(at, name).into_iter().next()?;
            Some(format!("{name}@{function}:{}", binding.node))
        }
        Kind::Member(obj, name) if matches!(f.kind(*obj), Kind::Name(own) if own == "self") => {
            let mut function = Some(f.owner[at.node as usize]);
            while let Some(id) = function {
                if let Some(class) = f.facts.function(id).class {
                    return Some(format!("self.{name}@{class}"));
                }
                function = f.facts.function(id).parent;
            }
            None
        }
        _ => None,
    }
}

fn site(eval: &Eval<'_>, at: At, found: Found) -> Site {
    let file = eval.project.file(at.file);
    let params = request::params(eval, found.op, &found);
    let responses = responses(eval, at, &found, &params);
    let table = params
        .get("TableName")
        .map(|name| Named::of(eval, name))
        .or_else(|| request_items_table(eval, &params))
        .or_else(|| found.handle.table.map(|name| Named::of(eval, name)))
        .or_else(|| model_table(eval, &found.handle))
        .unwrap_or(Named::Unknown);
    let index = params
        .get("IndexName")
        .map(|name| Named::of(eval, name))
        .or_else(|| model_index(eval, &found.handle));
    Site {
        at,
        op: found.op,
        api: found.handle.api,
        by_shape: found.by_shape,
        function: file.named_function(at.node),
        line: op_line(eval, at),
        end_line: responses
            .iter()
            .map(|r| file.span(r.node).end_line)
            .max()
            .unwrap_or(0)
            .max(file.span(at.node).end_line),
        table,
        index,
        responses,
        handle: found.handle,
        params,
    }
}

/// The line of the name: of `.put_item`, not of the statement's start.
fn op_line(eval: &Eval<'_>, at: At) -> u32 {
    let file = eval.project.file(at.file);
    match file.kind(at.node) {
        Kind::Call(callee, _, style) => match file.kind(*callee) {
            Kind::Member(..) if !style.new => file.span(*callee).end_line,
            _ => file.span(*callee).line,
        },
        _ => file.span(at.node).end_line,
    }
}

/// The only key of `RequestItems` is the table.
fn request_items_table(eval: &Eval<'_>, params: &Params) -> Option<Named> {
    let items = params.get("RequestItems")?;
    let Value::Object(object) = eval.value(items) else {
        return None;
    };
    let Kind::Object(fields) = eval.project.kind(object) else {
        return None;
    };
    match &fields[..] {
        [crate::facts::Field::Named(name, _)] => Some(Named::Name(name.to_string())),
        [crate::facts::Field::Computed(key, _)] => Some(Named::of(
            eval,
            At {
                file: object.file,
                node: *key,
            },
        )),
        _ => None,
    }
}

/// `PynamoDB`: `class Meta: table_name`.
fn model_table(eval: &Eval<'_>, handle: &Handle) -> Option<Named> {
    let (file, class) = handle.model?;
    let Value::Class(mf, meta) = eval.member(&Value::Class(file, class), "Meta", None) else {
        return None;
    };
    let f = eval.project.file(mf);
    let field = f
        .facts
        .class(meta)
        .fields
        .iter()
        .find(|field| field.name == "table_name")?;
    Some(Named::of(
        eval,
        At {
            file: mf,
            node: field.value?,
        },
    ))
}

fn model_index(eval: &Eval<'_>, handle: &Handle) -> Option<Named> {
    // `table.index("byDate")` of Java names it.
    if matches!(handle.api, Api::AwsSdkJavaV1 | Api::AwsSdkJavaV2) {
        return handle.index.map(|at| Named::of(eval, at));
    }
    if handle.kind != HandleKind::Index {
        return None;
    }
    let at = handle.index?;
    if let Value::Instance(file, class) = eval.value(at)
        && let Value::Class(mf, meta) = eval.member(&Value::Class(file, class), "Meta", None)
        && let Some(field) = eval
            .project
            .file(mf)
            .facts
            .class(meta)
            .fields
            .iter()
            .find(|f| f.name == "index_name")
        && let Some(value) = field.value
    {
        return Some(Named::of(
            eval,
            At {
                file: mf,
                node: value,
            },
        ));
    }
    Some(Named::Unknown)
}

/// Calls that send what was built.
fn sends(name: &str) -> bool {
    matches!(
        name,
        "send" | "go" | "exec" | "into_paginator" | "paginate" | "send_with" | "page"
    )
}

/// The nodes whose value is what came back.
fn responses(eval: &Eval<'_>, at: At, found: &Found, params: &Params) -> Vec<At> {
    let file = eval.project.file(at.file);
    if !params.chain.is_empty() {
        let sent: Vec<At> = params
            .chain
            .iter()
            .filter(|(name, _)| sends(name))
            .map(|(_, call)| *call)
            .collect();
        if !sent.is_empty() {
            return sent;
        }
        return params
            .chain
            .last()
            .map(|(_, call)| vec![*call])
            .unwrap_or_default();
    }
    let is_command = matches!(file.kind(at.node), Kind::Call(_, _, style) if style.new)
        && found.handle.api == Api::AwsSdkJsV3;
    if is_command {
        return flow::uses(eval, at)
            .into_iter()
            .filter_map(|u| match u {
                Use::Passed(call, _) => match eval.project.kind(call) {
                    Kind::Call(callee, ..)
                        if matches!(
                            flow::callee_name(eval.project.file(call.file), *callee).as_str(),
                            "send" | "doSend" | "execute" | "sendCommand"
                        ) =>
                    {
                        Some(call)
                    }
                    _ => None,
                },
                _ => None,
            })
            .collect();
    }
    vec![at]
}

impl Site {
    /// Its file.
    pub fn file(&self) -> FileId {
        self.at.file
    }

    /// What of the response is used: `None` when some of it cannot be seen.
    pub fn response_uses(&self, eval: &Eval<'_>) -> Vec<Use> {
        let mut out = Vec::new();
        for response in &self.responses {
            out.extend(flow::uses(eval, *response));
            // A callback gets the response as its second parameter.
            if self.api == Api::AwsSdkJsV2 || self.api == Api::AwsSdkJsV3 {
                out.extend(callback(eval, *response));
            }
        }
        out
    }

    /// A field of the request.
    pub fn param(&self, name: &str) -> Option<At> {
        self.params.get(name)
    }

    /// The name of the function it stands in.
    pub fn function_name(&self, project: &Project) -> SmolStr {
        SmolStr::from(project.file(self.at.file).function_name(self.function))
    }
}

/// `ddb.query(params, (err, data) => …)` and `client.send(command, callback)`.
fn callback(eval: &Eval<'_>, call: At) -> Vec<Use> {
    let Kind::Call(_, args, _) = eval.project.kind(call) else {
        return Vec::new();
    };
    let Some(last) = args.last().filter(|_| args.len() > 1) else {
        return Vec::new();
    };
    match eval.value(At {
        file: call.file,
        node: last.value,
    }) {
        Value::Function(file, function) => flow::callback_uses(eval, file, function, 1),
        Value::Unknown | Value::Ext(_) => vec![Use::Passed(call, args.len() - 1)],
        _ => Vec::new(),
    }
}
