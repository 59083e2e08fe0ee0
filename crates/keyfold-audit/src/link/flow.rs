//! Where a value goes: what of a response is read, and who gets it.

use smol_str::SmolStr;

use super::eval::Eval;
use super::scope::Step;
use super::{At, SourceFile};
use crate::facts::{FnId, Id, Kind};
use crate::lang::Lang;

/// One use of a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Use {
    /// A part of it is read; the node of the part.
    Field(SmolStr, At),
    /// A function gives it back.
    Returned(FnId, At),
    /// A call gets it; the position among its arguments.
    Passed(At, usize),
    /// A method of it that is not known is called.
    Method(SmolStr, At),
    /// It goes into an object, an array or a field.
    Stored(At),
    /// Only whether it is there.
    Tested(At),
    /// It is iterated.
    Iterated(At),
    /// Something else.
    Other(At),
}

/// Methods whose result stands for what they were called on.
const THROUGH: [&str; 40] = [
    "promise",
    "send",
    "exec",
    "go",
    "unwrap",
    "expect",
    "map_err",
    "context",
    "with_context",
    "clone",
    "as_ref",
    "into",
    "catch",
    "finally",
    "ok",
    "ok_or",
    "ok_or_else",
    "unwrap_or_default",
    "unwrap_or",
    "unwrap_or_else",
    "instrument",
    "into_service_error",
    "to_owned",
    "as_deref",
    "compat",
    "boxed",
    "wrap_err",
    "wrap_err_with",
    "change_context",
    "result",
    "join",
    "get",
    "block",
    "await",
    "or_else",
    "inspect_err",
    "into_report",
    "attach_printable",
    "toPromise",
    "to_dict",
];

/// Functions whose result stands for their argument.
const WRAPS: [&str; 16] = [
    "Ok",
    "Some",
    "resolve",
    "all",
    "gather",
    "new",
    "pin",
    "wait_for",
    "run",
    "block_on",
    "timeout",
    "join",
    "try_join",
    "allSettled",
    "run_until_complete",
    "from",
];

/// Functions that only show a value.
const SHOWS: [&str; 22] = [
    "log",
    "info",
    "debug",
    "warn",
    "error",
    "trace",
    "print",
    "pprint",
    "println",
    "eprintln",
    "dbg",
    "warning",
    "exception",
    "dumps",
    "write",
    "verbose",
    "annotate",
    "addBreadcrumb",
    "captureException",
    "putAnnotation",
    "addMetadata",
    "assert",
];

/// Every use of a node's value that can be seen, in order. Logging is no use.
pub fn uses(eval: &Eval<'_>, at: At) -> Vec<Use> {
    let mut out = Vec::new();
    climb(eval, at, None, 24, &mut out);
    out
}

fn position_of(file: &SourceFile, call: Id, node: Id) -> Option<usize> {
    match file.kind(call) {
        Kind::Call(_, args, _) => args.iter().position(|arg| arg.value == node),
        Kind::Array(items) => items.iter().position(|item| *item == node),
        _ => None,
    }
}

/// The last name of a callee.
pub fn callee_name(file: &SourceFile, callee: Id) -> SmolStr {
    match file.kind(callee) {
        Kind::Name(name) | Kind::Member(_, name) => name.clone(),
        _ => SmolStr::default(),
    }
}

#[expect(
    clippy::too_many_lines,
    reason = "one match over what can stand around a value"
)]
fn climb(eval: &Eval<'_>, at: At, position: Option<usize>, depth: u32, out: &mut Vec<Use>) {
    if depth == 0 {
        out.push(Use::Other(at));
        return;
    }
    let file = eval.project.file(at.file);
    let here = |node: Id| At {
        file: at.file,
        node,
    };
    let Some(parent) = file.parent(at.node) else {
        let function = file.owner[at.node as usize];
        if file.facts.function(function).body == at.node {
            out.push(Use::Returned(function, at));
        }
        return;
    };
    match file.kind(parent) {
        Kind::Member(_, name) => {
            let call = file
                .parent(parent)
                .filter(|up| matches!(file.kind(*up), Kind::Call(callee, ..) if *callee == parent));
            let Some(call) = call else {
                out.push(Use::Field(name.clone(), here(parent)));
                return;
            };
            let Kind::Call(_, args, _) = file.kind(call) else {
                return;
            };
            let first = args.first().map(|arg| here(arg.value));
            match (name.as_str(), first) {
                (
                    "get" | "__getitem__" | "pop" | "setdefault" | "has" | "contains_key",
                    Some(key),
                ) if eval.text(key).is_some() => {
                    let key = eval.text(key).unwrap_or_default();
                    out.push(Use::Field(key, here(call)));
                }
                (
                    "then" | "map" | "and_then" | "thenApply" | "thenCompose" | "thenAccept"
                    | "map_ok" | "tap",
                    Some(first),
                ) if matches!(file.kind(first.node), Kind::Lambda(_)) => {
                    if let Kind::Lambda(function) = *file.kind(first.node) {
                        parameter(eval, at, function, 0, depth, out);
                        // What the lambda gives is what the whole gives.
                        if out
                            .iter()
                            .any(|u| matches!(u, Use::Returned(f, _) if *f == function))
                        {
                            out.retain(|u| !matches!(u, Use::Returned(f, _) if *f == function));
                            climb(eval, here(call), None, depth - 1, out);
                        }
                    }
                }
                // `items().get(0)` of Java.
                ("get" | "elementAt" | "getOrNull", Some(key)) if matches!(file.kind(key.node), Kind::Num(n) if n == "0") =>
                {
                    out.push(Use::Field(SmolStr::new_static("0"), here(call)));
                }
                ("stream" | "iterator" | "orEmpty", None)
                    if matches!(file.lang, Lang::Java | Lang::Kotlin) =>
                {
                    climb(eval, here(call), position, depth - 1, out);
                }
                (name, _) if THROUGH.contains(&name) => {
                    climb(eval, here(call), position, depth - 1, out);
                }
                (_, None) if matches!(file.lang, Lang::Rust | Lang::Java | Lang::Kotlin) => {
                    out.push(Use::Field(name.clone(), here(call)));
                }
                _ => out.push(Use::Method(name.clone(), here(call))),
            }
        }
        Kind::Index(obj, index) if *obj == at.node => match eval.text(here(*index)) {
            Some(key) => out.push(Use::Field(key, here(parent))),
            None => out.push(Use::Other(here(parent))),
        },
        Kind::Call(callee, _, style) => {
            if *callee == at.node {
                out.push(Use::Other(here(parent)));
                return;
            }
            let name = callee_name(file, *callee);
            let place = position_of(file, parent, at.node).unwrap_or(0);
            if SHOWS.contains(&name.as_str()) {
                return;
            }
            if style.macro_call && !matches!(name.as_str(), "join" | "try_join" | "vec") {
                return;
            }
            if WRAPS.contains(&name.as_str()) && !style.new {
                let many = matches!(name.as_str(), "gather" | "join" | "try_join");
                climb(eval, here(parent), many.then_some(place), depth - 1, out);
                return;
            }
            out.push(Use::Passed(here(parent), place));
        }
        Kind::Array(_) => {
            let gathered = file.parent(parent).is_some_and(|up| match file.kind(up) {
                Kind::Call(callee, ..) => WRAPS.contains(&callee_name(file, *callee).as_str()),
                _ => false,
            });
            if gathered {
                let place = position_of(file, parent, at.node);
                if let Some(up) = file.parent(parent) {
                    climb(eval, here(up), place, depth - 1, out);
                }
            } else {
                out.push(Use::Stored(here(parent)));
            }
        }
        Kind::Object(_) => out.push(Use::Stored(here(parent))),
        Kind::Spread(_) => match file.parent(parent).map(|up| file.kind(up)) {
            Some(Kind::Call(..)) => out.push(Use::Passed(here(parent), 0)),
            _ => out.push(Use::Stored(here(parent))),
        },
        Kind::Let(pat, _, value) if *value == Some(at.node) => {
            bound(eval, here(parent), here(*pat), position, depth, out);
            // `if let Some(x) = …`, `while let`: whether it is there is read too.
            if file
                .parent(parent)
                .is_some_and(|up| matches!(file.kind(up), Kind::If(cond, ..) if *cond == parent))
            {
                out.push(Use::Tested(here(parent)));
            }
        }
        Kind::Assign(target, op, value) if *value == at.node && op == "=" => {
            match file.kind(*target) {
                Kind::Name(_) | Kind::PatObject(_) | Kind::PatArray(_) | Kind::Array(_) => {
                    bound(eval, here(parent), here(*target), position, depth, out);
                }
                _ => out.push(Use::Stored(here(parent))),
            }
        }
        Kind::Return(_) => out.push(Use::Returned(file.owner[at.node as usize], at)),
        Kind::Lambda(function) => out.push(Use::Returned(*function, at)),
        Kind::Block(list) => {
            let tail = list.last() == Some(&at.node);
            if tail && file.lang == Lang::Rust {
                climb(eval, here(parent), position, depth - 1, out);
            }
        }
        Kind::If(cond, ..) if *cond == at.node => out.push(Use::Tested(here(parent))),
        Kind::If(..) if file.lang == Lang::Rust => {
            climb(eval, here(parent), position, depth - 1, out);
        }
        Kind::If(_, then, None) if matches!(file.kind(*then), Kind::Choice(_)) => {
            climb(eval, here(parent), position, depth - 1, out);
        }
        Kind::If(..) => {}
        Kind::Choice(_) => climb(eval, here(parent), position, depth - 1, out),
        Kind::Match(subject, arms) => {
            if *subject == at.node {
                for (pat, _) in arms {
                    bound(eval, here(*pat), here(*pat), position, depth, out);
                }
            } else {
                climb(eval, here(parent), position, depth - 1, out);
            }
        }
        Kind::Loop(_, _, over, _) if *over == Some(at.node) => {
            out.push(Use::Iterated(here(parent)));
        }
        Kind::Binary(op, left, right) => {
            if matches!(op.as_str(), "in" | "not in")
                && *right == at.node
                && let Some(key) = eval.text(here(*left))
            {
                out.push(Use::Field(key, here(parent)));
                return;
            }
            if matches!(op.as_str(), "&&" | "and") && *right == at.node {
                climb(eval, here(parent), position, depth - 1, out);
                return;
            }
            out.push(Use::Tested(here(parent)));
        }
        Kind::Unary(..) => out.push(Use::Tested(here(parent))),
        Kind::Throw(_) => {}
        Kind::Other(list) => {
            // A statement in a `with` or the like: nobody reads it.
            let statement = file
                .parent(parent)
                .is_none_or(|up| matches!(file.kind(up), Kind::Block(_)));
            if list.len() == 1 && !statement {
                climb(eval, here(parent), position, depth - 1, out);
            }
        }
        Kind::Try(..) | Kind::Loop(..) | Kind::Jump => {}
        _ => out.push(Use::Other(here(parent))),
    }
}

/// The value is bound by a pattern: the uses of each name in it.
fn bound(
    eval: &Eval<'_>,
    binder: At,
    pat: At,
    position: Option<usize>,
    depth: u32,
    out: &mut Vec<Use>,
) {
    let file = eval.project.file(pat.file);
    let here = |node: Id| At {
        file: pat.file,
        node,
    };
    match file.kind(pat.node) {
        Kind::Name(name)
            // `_` is not read.
            if name.as_str() != "_" => {
                name_uses(eval, binder, name, depth, out);
            }
        Kind::PatObject(fields) => {
            for (key, inner) in fields {
                match key.as_str() {
                    "..." => out.push(Use::Other(here(*inner))),
                    _ => out.push(Use::Field(key.clone(), here(*inner))),
                }
            }
        }
        Kind::PatArray(items) | Kind::Array(items) => match position {
            Some(n) => {
                if let Some(item) = items.get(n) {
                    bound(eval, binder, here(*item), None, depth, out);
                }
            }
            None => {
                for item in items {
                    bound(eval, binder, here(*item), None, depth, out);
                }
            }
        },
        Kind::PatWrap(ctor, items) if ctor != "Err" => {
            for item in items {
                bound(eval, binder, here(*item), position, depth, out);
            }
        }
        _ => {}
    }
}

/// The uses of a name that this node binds.
pub fn name_uses(eval: &Eval<'_>, binder: At, name: &SmolStr, depth: u32, out: &mut Vec<Use>) {
    for place in name_places(eval, binder, name) {
        climb(eval, place, None, depth.saturating_sub(1), out);
    }
}

/// Where a name that this node binds is read.
pub fn name_places(eval: &Eval<'_>, binder: At, name: &SmolStr) -> Vec<At> {
    let file = eval.project.file(binder.file);
    let Some(places) = file.names.get(name) else {
        return Vec::new();
    };
    places
        .iter()
        .filter(|id| !is_pattern(file, **id))
        .map(|id| At {
            file: binder.file,
            node: *id,
        })
        .filter(|at| {
            eval.bindings(*at, name).iter().any(|(_, b)| {
                b.node == binder.node
                    && !b
                        .path
                        .iter()
                        .any(|step| matches!(step, Step::Field(f) if f == "!"))
            })
        })
        .collect()
}

/// A name that is bound here rather than read.
fn is_pattern(file: &SourceFile, id: Id) -> bool {
    let mut child = id;
    for up in file.ancestors(id) {
        match file.kind(up) {
            Kind::PatObject(_) | Kind::PatArray(_) | Kind::PatWrap(..) => child = up,
            Kind::Let(pat, ..) => return *pat == child,
            Kind::Assign(target, ..) => {
                return *target == child && matches!(file.kind(child), Kind::Name(_));
            }
            Kind::Loop(_, pat, ..) => return *pat == Some(child),
            Kind::Match(_, arms) => return arms.iter().any(|(pat, _)| *pat == child),
            _ => return false,
        }
    }
    // A parameter has no parent.
    file.parent(id).is_none()
}

fn parameter(
    eval: &Eval<'_>,
    at: At,
    function: FnId,
    position: usize,
    depth: u32,
    out: &mut Vec<Use>,
) {
    let file = eval.project.file(at.file);
    if let Some(param) = file.facts.function(function).params.get(position) {
        let pat = At {
            file: at.file,
            node: param.pat,
        };
        bound(eval, pat, pat, None, depth, out);
    }
}

/// The uses of what a callback gets as its parameter.
pub fn callback_uses(eval: &Eval<'_>, file: u32, function: FnId, position: usize) -> Vec<Use> {
    let mut out = Vec::new();
    parameter(eval, At { file, node: 0 }, function, position, 24, &mut out);
    out
}
