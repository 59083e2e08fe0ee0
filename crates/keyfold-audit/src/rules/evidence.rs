//! What several rules ask: of keys, expressions, loops and responses.

use smol_str::SmolStr;

use crate::facts::{Field, Id, Kind, LoopKind};
use crate::link::eval::{Eval, Piece, Value};
use crate::link::flow::{self, Use, callee_name};
use crate::link::{At, FileId, SourceFile};
use crate::op::Op;
use crate::sites::Site;
use crate::surfaces::{Api, HandleKind};

/// Names under which the key of the next page is read.
pub const PAGE_KEYS: [&str; 20] = [
    "LastEvaluatedKey",
    "lastEvaluatedKey",
    "last_evaluated_key",
    "getLastEvaluatedKey",
    "hasLastEvaluatedKey",
    "NextToken",
    "nextToken",
    "next_token",
    "cursor",
    "lastKey",
    "next",
    "LastEvaluatedTableName",
    "last_evaluated_table_name",
    "startKey",
    "set_last_evaluated_key",
    "page_iter",
    "ExclusiveStartKey",
    "prev",
    "nextPage",
    "hasMorePages",
];

/// Names under which a batch's rest is read.
pub const UNPROCESSED: [&str; 14] = [
    "UnprocessedItems",
    "UnprocessedKeys",
    "unprocessed_items",
    "unprocessed_keys",
    "unprocessedItems",
    "unprocessedKeys",
    "unprocessed",
    "getUnprocessedItems",
    "getUnprocessedKeys",
    "hasUnprocessedItems",
    "hasUnprocessedKeys",
    "unprocessedPutItemsForTable",
    "unprocessedDeleteItemsForTable",
    "unprocessedKeysForTable",
];

/// A part of a key, as a request writes it.
#[derive(Clone, Debug)]
pub struct KeyPart {
    /// The attribute.
    pub attribute: SmolStr,
    /// Its value: text with holes, or nothing known.
    pub pieces: Vec<Piece>,
    /// The value's node.
    pub at: At,
    /// It is compared with equality or given whole, rather than as a range.
    pub whole: bool,
    /// In a condition of a Query, rather than in a key or an item.
    pub in_condition: bool,
}

/// The value inside what a library wraps it in: `{ S: x }`, `AttributeValue::S(x)`.
pub fn plain(eval: &Eval<'_>, at: At) -> At {
    let file = eval.project.file(at.file);
    match file.kind(at.node) {
        Kind::Object(fields) => match &fields[..] {
            [Field::Named(kind, value)]
                if matches!(kind.as_str(), "S" | "N" | "s" | "n" | "Value") =>
            {
                At {
                    file: at.file,
                    node: *value,
                }
            }
            _ => at,
        },
        Kind::Call(callee, args, _) if args.len() == 1 => {
            let name = callee_name(file, *callee);
            if matches!(
                name.as_str(),
                "S" | "N"
                    | "fromS"
                    | "marshall"
                    | "to_owned"
                    | "to_string"
                    | "clone"
                    | "AttributeValueMemberS"
                    | "AttributeValueMemberN"
                    | "AttributeValue"
                    | "s"
                    | "n"
                    | "fromN"
                    | "withS"
                    | "withN"
                    | "valueOf"
            ) || name == "String" && file.lang == crate::lang::Lang::Go
            {
                return plain(
                    eval,
                    At {
                        file: at.file,
                        node: args[0].value,
                    },
                );
            }
            at
        }
        Kind::Call(callee, args, _) if args.is_empty() => match file.kind(*callee) {
            Kind::Member(obj, name)
                if matches!(
                    name.as_str(),
                    "to_string" | "to_owned" | "into" | "clone" | "build" | "toString"
                ) =>
            {
                plain(
                    eval,
                    At {
                        file: at.file,
                        node: *obj,
                    },
                )
            }
            _ => at,
        },
        _ => at,
    }
}

/// The text of an expression of the service.
pub fn expression(eval: &Eval<'_>, site: &Site, name: &str) -> Option<(Vec<Piece>, At)> {
    let at = site.param(name)?;
    match eval.value(at) {
        Value::Text(pieces) => Some((pieces.to_vec(), at)),
        _ => None,
    }
}

/// The text of pieces, with `{name}` for holes.
pub fn shown(pieces: &[Piece]) -> String {
    pieces
        .iter()
        .map(|piece| match piece {
            Piece::Lit(text) => text.to_string(),
            Piece::Hole(name, _) => format!("{{{name}}}"),
        })
        .collect()
}

/// `ExpressionAttributeNames`: placeholder and attribute. `None` when some cannot be seen.
pub fn attribute_names(eval: &Eval<'_>, site: &Site) -> Option<Vec<(SmolStr, SmolStr)>> {
    let mut out = Vec::new();
    let pairs = placeholder_pairs(eval, site, "ExpressionAttributeNames")?;
    for (name, at) in pairs {
        out.push((name, eval.text(at)?));
    }
    Some(out)
}

/// `ExpressionAttributeValues`: placeholder and value. `None` when some cannot be seen.
pub fn attribute_values(eval: &Eval<'_>, site: &Site) -> Option<Vec<(SmolStr, At)>> {
    placeholder_pairs(eval, site, "ExpressionAttributeValues")
}

fn placeholder_pairs(eval: &Eval<'_>, site: &Site, field: &str) -> Option<Vec<(SmolStr, At)>> {
    let mut out = Vec::new();
    for at in site.params.all(field) {
        if site.api == Api::AwsSdkRust {
            // One call per pair: the first argument is the placeholder.
            let call = eval.project.file(at.file).parent(at.node).map(|node| At {
                file: at.file,
                node,
            })?;
            let Kind::Call(_, args, _) = eval.project.kind(call) else {
                return None;
            };
            let [name, value] = &args[..] else {
                return None;
            };
            out.push((
                eval.text(At {
                    file: at.file,
                    node: name.value,
                })?,
                At {
                    file: at.file,
                    node: value.value,
                },
            ));
            continue;
        }
        let object = match eval.value(at) {
            Value::Object(object) => object,
            _ => match eval.project.kind(at) {
                // `marshall({ … })`.
                Kind::Call(_, args, _) if args.len() == 1 => {
                    match eval.value(At {
                        file: at.file,
                        node: args[0].value,
                    }) {
                        Value::Object(object) => object,
                        _ => return None,
                    }
                }
                _ => return None,
            },
        };
        let Kind::Object(fields) = eval.project.kind(object) else {
            return None;
        };
        for pair in fields {
            match pair {
                Field::Named(name, value) => out.push((
                    name.clone(),
                    At {
                        file: object.file,
                        node: *value,
                    },
                )),
                Field::Computed(..) | Field::Spread(_) => return None,
            }
        }
        // `values[':x'] = …` later.
        if let Kind::Name(name) = eval.project.kind(at)
            && assigned_members(eval, at, name)
        {
            return None;
        }
    }
    Some(out)
}

fn assigned_members(eval: &Eval<'_>, at: At, name: &SmolStr) -> bool {
    let file = eval.project.file(at.file);
    eval.bindings(at, name).iter().any(|(_, binding)| {
        flow::name_places(
            eval,
            At {
                file: at.file,
                node: binding.node,
            },
            name,
        )
        .into_iter()
        .any(|place| {
            let Some(parent) = file.parent(place.node) else {
                return false;
            };
            match file.kind(parent) {
                Kind::Index(obj, _) | Kind::Member(obj, _) if *obj == place.node => {
                    file.parent(parent).is_some_and(
                        |up| matches!(file.kind(up), Kind::Assign(target, ..) if *target == parent),
                    )
                }
                _ => false,
            }
        })
    })
}

/// The parts of keys a request writes: of a condition, of `Key`, of `Item`.
pub fn key_parts(eval: &Eval<'_>, site: &Site) -> Vec<KeyPart> {
    let mut out = Vec::new();
    if let Some((condition, _)) = expression(eval, site, "KeyConditionExpression") {
        let names = attribute_names(eval, site).unwrap_or_default();
        let values = attribute_values(eval, site).unwrap_or_default();
        for clause in clauses(&shown(&condition)) {
            let attribute = names
                .iter()
                .find(|(p, _)| *p == clause.attribute)
                .map_or(SmolStr::from(clause.attribute.clone()), |(_, n)| n.clone());
            let Some((_, at)) = values.iter().find(|(p, _)| *p == clause.value) else {
                continue;
            };
            let at = plain(eval, *at);
            out.push(KeyPart {
                attribute,
                pieces: eval.pieces(at),
                at,
                whole: clause.equals,
                in_condition: true,
            });
        }
    } else if let Some(at) = site.param("KeyConditionExpression") {
        boto_conditions(eval, at, &mut out, true);
    }
    for field in ["Key", "Item"] {
        for at in site.params.all(field) {
            object_parts(eval, site, at, &mut out);
        }
    }
    out
}

fn object_parts(eval: &Eval<'_>, site: &Site, at: At, out: &mut Vec<KeyPart>) {
    if site.api == Api::AwsSdkRust {
        let Some(call) = eval.project.file(at.file).parent(at.node) else {
            return;
        };
        let Kind::Call(_, args, _) = eval.project.file(at.file).kind(call) else {
            return;
        };
        if let [name, value] = &args[..]
            && let Some(attribute) = eval.text(At {
                file: at.file,
                node: name.value,
            })
        {
            let value = plain(
                eval,
                At {
                    file: at.file,
                    node: value.value,
                },
            );
            out.push(KeyPart {
                attribute,
                pieces: eval.pieces(value),
                at: value,
                whole: true,
                in_condition: false,
            });
        } else if args.len() == 1 {
            let mut pairs = Vec::new();
            rust_map(eval, at, 5, &mut pairs);
            for (attribute, value) in pairs {
                let value = plain(eval, value);
                out.push(KeyPart {
                    attribute,
                    pieces: eval.pieces(value),
                    at: value,
                    whole: true,
                    in_condition: false,
                });
            }
        }
        return;
    }
    let Value::Object(object) = eval.value(plain(eval, at)) else {
        return;
    };
    let Kind::Object(fields) = eval.project.kind(object) else {
        return;
    };
    for field in fields {
        match field {
            Field::Named(name, value) => {
                let value = plain(
                    eval,
                    At {
                        file: object.file,
                        node: *value,
                    },
                );
                out.push(KeyPart {
                    attribute: name.clone(),
                    pieces: eval.pieces(value),
                    at: value,
                    whole: true,
                    in_condition: false,
                });
            }
            Field::Spread(value) => {
                let inner = At {
                    file: object.file,
                    node: *value,
                };
                if matches!(eval.value(inner), Value::Object(other) if other != object) {
                    object_parts(eval, site, inner, out);
                }
            }
            Field::Computed(..) => {}
        }
    }
}

/// The pairs of a map in Rust: `Some(HashMap::from([("pk".into(), v)]))`, a name that is filled by `insert`, a function of
/// the project that gives one.
fn rust_map(eval: &Eval<'_>, at: At, depth: u32, out: &mut Vec<(SmolStr, At)>) {
    if depth == 0 {
        return;
    }
    let file = eval.project.file(at.file);
    let here = |node: Id| At {
        file: at.file,
        node,
    };
    let mut pair = |key: Id, value: Id| {
        if let Some(key) = eval.text(plain(eval, here(key))) {
            out.push((key, here(value)));
        }
    };
    match file.kind(at.node) {
        Kind::Array(pairs) => {
            for each in pairs {
                if let Kind::Array(parts) = file.kind(*each)
                    && let [key, value] = &parts[..]
                {
                    pair(*key, *value);
                }
            }
        }
        Kind::Name(name) => {
            for (_, binding) in eval.bindings(at, name) {
                let binder = here(binding.node);
                for place in flow::name_places(eval, binder, name) {
                    let Some(member) = file.parent(place.node) else {
                        continue;
                    };
                    if let Kind::Member(_, method) = file.kind(member)
                        && method == "insert"
                        && let Some(call) = file.parent(member)
                        && let Kind::Call(_, args, _) = file.kind(call)
                        && let [key, value] = &args[..]
                    {
                        pair(key.value, value.value);
                    }
                }
                if let crate::link::scope::Source::Value(value) = binding.source {
                    let mut made = Vec::new();
                    rust_map(eval, here(value), depth - 1, &mut made);
                    out.extend(made);
                    return;
                }
            }
        }
        Kind::Call(callee, args, _) => {
            if let Value::Function(f, id) = eval.value(here(*callee)) {
                for node in eval.returns(f, id) {
                    rust_map(eval, At { file: f, node }, depth - 1, out);
                }
                return;
            }
            match (callee_name(file, *callee).as_str(), &args[..]) {
                ("Some" | "from" | "from_iter", [one]) => {
                    rust_map(eval, here(one.value), depth - 1, out);
                }
                ("clone" | "to_owned" | "into", []) => {
                    if let Kind::Member(obj, _) = file.kind(*callee) {
                        rust_map(eval, here(*obj), depth - 1, out);
                    }
                }
                _ => {}
            }
        }
        _ => {}
    }
}

/// `Key('pk').eq(x) & Key('sk').begins_with(y)`.
pub fn boto_conditions(eval: &Eval<'_>, at: At, out: &mut Vec<KeyPart>, keys: bool) {
    let file = eval.project.file(at.file);
    let here = |node: Id| At {
        file: at.file,
        node,
    };
    match file.kind(at.node) {
        Kind::Binary(_, left, right) => {
            boto_conditions(eval, here(*left), out, keys);
            boto_conditions(eval, here(*right), out, keys);
        }
        Kind::Name(name) => {
            for (_, binding) in eval.bindings(at, name) {
                if let crate::link::scope::Source::Value(value) = binding.source
                    && value != at.node
                {
                    boto_conditions(eval, here(value), out, keys);
                }
            }
        }
        Kind::Call(callee, args, _) => {
            let Kind::Member(obj, method) = file.kind(*callee) else {
                return;
            };
            let Kind::Call(maker, names, _) = file.kind(*obj) else {
                return;
            };
            let wanted = if keys { "Key" } else { "Attr" };
            if callee_name(file, *maker) != wanted {
                return;
            }
            let Some(attribute) = names.first().and_then(|arg| eval.text(here(arg.value))) else {
                return;
            };
            let at = args.first().map_or(at, |arg| here(arg.value));
            out.push(KeyPart {
                attribute,
                pieces: eval.pieces(at),
                at,
                whole: method == "eq",
                in_condition: true,
            });
        }
        _ => {}
    }
}

/// One comparison of a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// Attribute or its placeholder.
    pub attribute: String,
    /// Placeholder of the value.
    pub value: String,
    /// It is an equality.
    pub equals: bool,
}

/// The comparisons of a condition's text.
pub fn clauses(text: &str) -> Vec<Clause> {
    let mut out = Vec::new();
    let spaced = text
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace(',', " , ")
        .replace("<=", " <= ")
        .replace(">=", " >= ");
    let spaced = spaced
        .replace('=', " = ")
        .replace("<  =", "<=")
        .replace(">  =", ">=");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    for (at, word) in words.iter().enumerate() {
        match *word {
            "=" if at > 0 && at + 1 < words.len() && !matches!(words[at - 1], "<" | ">") => out
                .push(Clause {
                    attribute: words[at - 1].to_owned(),
                    value: words[at + 1].to_owned(),
                    equals: true,
                }),
            "begins_with" if words.get(at + 1) == Some(&"(") && words.len() > at + 4 => {
                out.push(Clause {
                    attribute: words[at + 2].to_owned(),
                    value: words[at + 4].to_owned(),
                    equals: false,
                });
            }
            "<" | ">" | "<=" | ">=" if at > 0 && at + 1 < words.len() => out.push(Clause {
                attribute: words[at - 1].to_owned(),
                value: words[at + 1].to_owned(),
                equals: false,
            }),
            word if word.eq_ignore_ascii_case("between") && at > 0 && at + 1 < words.len() => out
                .push(Clause {
                    attribute: words[at - 1].to_owned(),
                    value: words[at + 1].to_owned(),
                    equals: false,
                }),
            _ => {}
        }
    }
    out
}

/// The library gives all pages by itself.
pub fn pages_by_itself(eval: &Eval<'_>, site: &Site) -> bool {
    let all = || match site.param("AllPages") {
        Some(at) => !matches!(eval.value(at), Value::Bool(false) | Value::Number(_)),
        None => false,
    };
    match site.api {
        Api::Pynamodb
        | Api::Modyne
        | Api::Dynomite
        | Api::GureguDynamo
        | Api::SpringDataDynamodb => true,
        Api::Electrodb => site.param("AllPages").is_some_and(|at| {
            eval.text(at).is_some_and(|t| t == "all")
                || matches!(eval.value(at), Value::Unknown | Value::Ext(_))
        }),
        Api::DynamodbToolbox | Api::DynamodbOnetable | Api::Dynamoose => all(),
        _ => site.params.chained("into_paginator").is_some()
            || site.params.chained("paginate").is_some()
            || matches!(eval.value(site.at).handle(), Some(h) if h.kind == HandleKind::Paginator)
            || site.responses.iter().any(
                |r| matches!(eval.value(*r).handle(), Some(h) if h.kind == HandleKind::Paginator),
            ),
    }
}

/// A limit that the source knows.
pub fn limit(eval: &Eval<'_>, site: &Site) -> Option<u64> {
    let at = site.param("Limit")?;
    match eval.value(plain(eval, at)) {
        Value::Number(text) => text
            .trim_end_matches(|c: char| c.is_alphabetic())
            .parse()
            .ok(),
        _ => None,
    }
}

/// The site has a filter.
pub fn filter(site: &Site) -> Option<At> {
    ["FilterExpression", "QueryFilter", "ScanFilter"]
        .iter()
        .find_map(|name| site.param(name))
}

/// Reading is strongly consistent for certain.
pub fn consistent(eval: &Eval<'_>, site: &Site) -> Option<At> {
    let at = site.param("ConsistentRead")?;
    (eval.value(at) == Value::Bool(true) || site.api == Api::Dynamoose).then_some(at)
}

/// What of the items of a response is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemsUse {
    /// Only the first.
    First,
    /// Only how many, or whether any.
    Count,
    /// All of them.
    All,
    /// Nobody looks.
    None,
}

/// What of the items of a response is used, from the uses of the response.
pub fn items_use(eval: &Eval<'_>, uses: &[Use]) -> ItemsUse {
    let mut first = false;
    let mut count = false;
    for u in uses {
        match u {
            Use::Field(name, at)
                if matches!(name.as_str(), "Items" | "items" | "data" | "getItems") =>
            {
                // A destructured part is a name: its own uses.
                let inner = part_uses(eval, *at);
                if inner.is_empty() {
                    return ItemsUse::All;
                }
                for u in inner {
                    match u {
                        Use::Field(name, _)
                            if matches!(
                                name.as_str(),
                                "length" | "len" | "is_empty" | "size" | "isEmpty" | "count"
                            ) =>
                        {
                            count = true;
                        }
                        Use::Field(name, _)
                            if matches!(
                                name.as_str(),
                                "first"
                                    | "pop"
                                    | "shift"
                                    | "into_iter"
                                    | "0"
                                    | "getFirst"
                                    | "firstOrNull"
                                    | "findFirst"
                                    | "findAny"
                                    | "next"
                            ) =>
                        {
                            first = true;
                        }
                        Use::Method(name, _)
                            if matches!(
                                name.as_str(),
                                "shift" | "pop" | "first" | "at" | "next" | "firstOrNull"
                            ) =>
                        {
                            first = true;
                        }
                        Use::Method(name, _)
                            if matches!(
                                name.as_str(),
                                "isEmpty"
                                    | "isNullOrEmpty"
                                    | "isNotEmpty"
                                    | "count"
                                    | "none"
                                    | "any"
                            ) =>
                        {
                            count = true;
                        }
                        Use::Other(at) if is_zero_index(eval, at) => first = true,
                        Use::Passed(call, _)
                            if call_named(eval, call, &["len", "bool", "first", "head"]) =>
                        {
                            count = true;
                        }
                        Use::Tested(_) => count = true,
                        _ => return ItemsUse::All,
                    }
                }
            }
            Use::Field(name, _)
                if matches!(
                    name.as_str(),
                    "Count"
                        | "count"
                        | "ScannedCount"
                        | "scanned_count"
                        | "getCount"
                        | "scannedCount"
                        | "hasItems"
                ) =>
            {
                count = true;
            }
            Use::Field(..) | Use::Tested(_) => {}
            Use::Method(name, _) if matches!(name.as_str(), "shift" | "pop" | "first") => {
                first = true;
            }
            _ => return ItemsUse::All,
        }
    }
    match (first, count) {
        (true, _) => ItemsUse::First,
        (false, true) => ItemsUse::Count,
        _ => ItemsUse::None,
    }
}

/// The uses of a part: of the expression, or of the name it is destructured to.
pub fn part_uses(eval: &Eval<'_>, at: At) -> Vec<Use> {
    let file = eval.project.file(at.file);
    if let Kind::Name(name) = file.kind(at.node)
        && let Some(binder) = binder_of(file, at.node)
    {
        let mut out = Vec::new();
        flow::name_uses(
            eval,
            At {
                file: at.file,
                node: binder,
            },
            name,
            20,
            &mut out,
        );
        return out;
    }
    flow::uses(eval, at)
}

/// The node that binds a name inside a pattern.
fn binder_of(file: &SourceFile, id: Id) -> Option<Id> {
    let mut child = id;
    for up in file.ancestors(id) {
        match file.kind(up) {
            Kind::PatObject(_) | Kind::PatArray(_) | Kind::PatWrap(..) => child = up,
            Kind::Let(pat, ..) => return (*pat == child).then_some(up),
            Kind::Match(_, arms) => {
                return arms.iter().any(|(pat, _)| *pat == child).then_some(child);
            }
            _ => return None,
        }
    }
    // A parameter's pattern binds at its root.
    (child != id).then_some(child)
}

fn is_zero_index(eval: &Eval<'_>, at: At) -> bool {
    match eval.project.kind(at) {
        Kind::Index(_, index) => {
            matches!(eval.project.file(at.file).kind(*index), Kind::Num(n) if n == "0" || n == "1")
        }
        _ => false,
    }
}

fn call_named(eval: &Eval<'_>, call: At, names: &[&str]) -> bool {
    let file = eval.project.file(call.file);
    matches!(file.kind(call.node), Kind::Call(callee, ..) if names.contains(&callee_name(file, *callee).as_str()))
}

/// A repetition around a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeat {
    /// The loop, or the call that takes the lambda.
    pub at: At,
    /// What is iterated.
    pub over: Option<Id>,
    /// The turns run together rather than one after the other.
    pub together: bool,
}

const EACH: [&str; 22] = [
    "map",
    "forEach",
    "for_each",
    "flatMap",
    "flat_map",
    "filter_map",
    "for_each_concurrent",
    "then",
    "mapSeries",
    "each",
    "try_for_each",
    "parallelStream",
    "forEachAsync",
    "mapAsync",
    "pMap",
    "concurrentMap",
    "eachSeries",
    "eachLimit",
    "mapNotNull",
    "associateWith",
    "onEach",
    "mapIndexed",
];

/// The innermost loop over a collection around a node, inside its own function.
pub fn repeat(eval: &Eval<'_>, at: At) -> Option<Repeat> {
    let file = eval.project.file(at.file);
    let here = |node: Id| At {
        file: at.file,
        node,
    };
    let mut child = at.node;
    for up in file.ancestors(at.node) {
        match file.kind(up) {
            Kind::Loop(LoopKind::Each, _, over, body)
                if *body == child || !over.is_some_and(|o| file.contains(o, at.node)) =>
            {
                return Some(Repeat {
                    at: here(up),
                    over: *over,
                    together: gathered(file, up),
                });
            }
            Kind::Loop(LoopKind::While, ..) => return None,
            Kind::Lambda(_) => {
                let parent = file.parent(up)?;
                let Kind::Call(callee, args, _) = file.kind(parent) else {
                    return None;
                };
                if !args.iter().any(|arg| arg.value == up) {
                    return None;
                }
                let Kind::Member(obj, name) = file.kind(*callee) else {
                    // `pMap(items, fn)`, `async.each(items, fn)`.
                    let name = callee_name(file, *callee);
                    if matches!(name.as_str(), "pMap" | "asyncMap" | "mapLimit") {
                        return Some(Repeat {
                            at: here(parent),
                            over: args.first().map(|a| a.value),
                            together: true,
                        });
                    }
                    child = up;
                    continue;
                };
                if name == "then" || !EACH.contains(&name.as_str()) {
                    child = up;
                    continue;
                }
                // `Option::map` and `Result::map` are no loops: Rust's have `iter` before them.
                if file.lang == crate::lang::Lang::Rust && !iterates(file, *obj) {
                    child = up;
                    continue;
                }
                // So are those of `Optional` and `CompletableFuture`: Java's collections have `stream` before them.
                if file.lang == crate::lang::Lang::Java && name != "forEach" && !streams(file, *obj)
                {
                    child = up;
                    continue;
                }
                return Some(Repeat {
                    at: here(parent),
                    over: Some(*obj),
                    together: gathered(file, parent) || name != "forEach",
                });
            }
            _ => {}
        }
        child = up;
    }
    None
}

fn iterates(file: &SourceFile, mut id: Id) -> bool {
    loop {
        match file.kind(id) {
            Kind::Call(callee, ..) => match file.kind(*callee) {
                Kind::Member(obj, name) => {
                    if matches!(
                        name.as_str(),
                        "iter"
                            | "into_iter"
                            | "iter_mut"
                            | "chunks"
                            | "values"
                            | "keys"
                            | "drain"
                            | "buffer_unordered"
                    ) {
                        return true;
                    }
                    id = *obj;
                }
                Kind::Name(_) => return true,
                _ => return false,
            },
            Kind::Member(obj, name) => {
                if name == "iter" {
                    return true;
                }
                id = *obj;
            }
            _ => return false,
        }
    }
}

/// A Java stream, or a publisher of several.
fn streams(file: &SourceFile, mut id: Id) -> bool {
    loop {
        match file.kind(id) {
            Kind::Call(callee, ..) => id = *callee,
            Kind::Member(obj, name) => {
                if matches!(
                    name.as_str(),
                    "stream"
                        | "parallelStream"
                        | "fromIterable"
                        | "fromStream"
                        | "range"
                        | "rangeClosed"
                ) {
                    return true;
                }
                id = *obj;
            }
            _ => return false,
        }
    }
}

/// Inside `Promise.all`, `gather`, `join_all`.
fn gathered(file: &SourceFile, id: Id) -> bool {
    file.ancestors(id).take(4).any(|up| {
        matches!(file.kind(up), Kind::Call(callee, ..)
            if matches!(callee_name(file, *callee).as_str(), "all" | "allSettled" | "gather" | "join_all" | "try_join_all"))
    })
}

/// A collection with at most this many elements, as far as the source says.
pub fn few(eval: &Eval<'_>, file: FileId, over: Option<Id>, max: usize) -> bool {
    let Some(over) = over else { return false };
    match eval.value(At { file, node: over }) {
        Value::Array(at) => match eval.project.kind(at) {
            Kind::Array(items) => {
                items.len() <= max
                    && !items
                        .iter()
                        .any(|i| matches!(eval.project.file(at.file).kind(*i), Kind::Spread(_)))
            }
            _ => false,
        },
        _ => match eval.project.file(file).kind(over) {
            Kind::Call(callee, args, _)
                if callee_name(eval.project.file(file), *callee) == "range" =>
            {
                args.last()
                    .and_then(|arg| {
                        match eval.value(At {
                            file,
                            node: arg.value,
                        }) {
                            Value::Number(n) => n.parse::<usize>().ok(),
                            _ => None,
                        }
                    })
                    .is_some_and(|n| n <= max)
            }
            _ => false,
        },
    }
}

/// Words of an identifier: camelCase, `snake_case`, kebab-case; lower case.
pub fn words(name: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut last_lower = false;
    for c in name.chars() {
        if !c.is_alphanumeric() {
            last_lower = false;
            out.push(String::new());
            continue;
        }
        if c.is_uppercase() && last_lower || out.is_empty() {
            out.push(String::new());
        }
        last_lower = c.is_lowercase() || c.is_numeric();
        if let Some(word) = out.last_mut() {
            word.extend(c.to_lowercase());
        }
    }
    out.retain(|word| !word.is_empty());
    out
}

/// Whether any word of an identifier is one of these.
pub fn has_word(name: &str, of: &[&str]) -> bool {
    words(name).iter().any(|word| of.contains(&word.as_str()))
}

/// Whether a value comes from a request: its expression, or what its names are bound to.
pub fn from_request(eval: &Eval<'_>, at: At) -> bool {
    request_path(eval, at, 5)
}

fn request_path(eval: &Eval<'_>, at: At, depth: u32) -> bool {
    if depth == 0 {
        return false;
    }
    let file = eval.project.file(at.file);
    let here = |node: Id| At {
        file: at.file,
        node,
    };
    match file.kind(at.node) {
        Kind::Member(obj, name) => {
            let root = root_name(file, *obj);
            let source = matches!(
                name.as_str(),
                "body"
                    | "query"
                    | "params"
                    | "headers"
                    | "pathParameters"
                    | "queryStringParameters"
                    | "args"
                    | "json"
                    | "form"
                    | "arguments"
                    | "path_params"
                    | "query_params"
            );
            let request = root.as_deref().is_some_and(|r| {
                matches!(
                    r,
                    "req" | "request" | "event" | "ctx" | "context" | "args" | "evt"
                )
            });
            if request && (source || contains_source(file, *obj)) {
                return true;
            }
            request_path(eval, here(*obj), depth - 1)
        }
        Kind::Index(obj, index) => {
            let root = root_name(file, *obj);
            let request = root
                .as_deref()
                .is_some_and(|r| matches!(r, "req" | "request" | "event" | "evt"));
            let key = eval.text(here(*index));
            if request
                && key.is_some_and(|k| {
                    matches!(
                        k.as_str(),
                        "body"
                            | "pathParameters"
                            | "queryStringParameters"
                            | "headers"
                            | "arguments"
                    )
                })
            {
                return true;
            }
            request_path(eval, here(*obj), depth - 1)
        }
        Kind::Name(name) => eval.bindings(at, name).iter().any(|(_, b)| match b.source {
            crate::link::scope::Source::Value(value) => request_path(eval, here(value), depth - 1),
            _ => false,
        }),
        Kind::Call(callee, args, _) => {
            let name = callee_name(file, *callee);
            // What parses or converts passes it on; anything else may check it.
            if matches!(
                name.as_str(),
                "parse"
                    | "loads"
                    | "get"
                    | "toString"
                    | "trim"
                    | "toLowerCase"
                    | "decodeURIComponent"
                    | "str"
                    | "String"
                    | "unmarshall"
                    | "to_string"
                    | "json"
            ) {
                return args
                    .iter()
                    .any(|arg| request_path(eval, here(arg.value), depth - 1))
                    || matches!(file.kind(*callee), Kind::Member(obj, _) if request_path(eval, here(*obj), depth - 1));
            }
            false
        }
        Kind::Choice(values) => values
            .iter()
            .any(|v| request_path(eval, here(*v), depth - 1)),
        Kind::Template(parts) => parts
            .iter()
            .any(|v| request_path(eval, here(*v), depth - 1)),
        _ => false,
    }
}

fn contains_source(file: &SourceFile, id: Id) -> bool {
    match file.kind(id) {
        Kind::Member(obj, name) => {
            matches!(
                name.as_str(),
                "body"
                    | "query"
                    | "params"
                    | "headers"
                    | "pathParameters"
                    | "queryStringParameters"
                    | "args"
                    | "arguments"
            ) || contains_source(file, *obj)
        }
        Kind::Index(obj, _) => contains_source(file, *obj),
        _ => false,
    }
}

/// The name at the root of a path.
pub fn root_name(file: &SourceFile, id: Id) -> Option<SmolStr> {
    match file.kind(id) {
        Kind::Name(name) => Some(name.clone()),
        Kind::Member(obj, _) | Kind::Index(obj, _) => root_name(file, *obj),
        Kind::Call(callee, ..) => root_name(file, *callee),
        _ => None,
    }
}

/// Whether the items of a site are writes with a condition.
pub fn has_condition(site: &Site) -> bool {
    ["ConditionExpression", "Expected", "ConditionalOperator"]
        .iter()
        .any(|name| site.params.has(name))
        || site.api == Api::Electrodb && site.params.chain.iter().any(|(name, _)| name == "where")
}

/// The full key is given: at most one item.
pub fn full_key(eval: &Eval<'_>, site: &Site) -> bool {
    site.op == Op::Query
        && key_parts(eval, site)
            .iter()
            .filter(|part| part.in_condition && part.whole)
            .count()
            >= 2
}
