//! TypeScript and JavaScript.

use keyfold_grammars::tree_sitter::Node as Tree;
use smol_str::SmolStr;

use super::{Lowering, span_of, unquote};
use crate::facts::{Arg, CallStyle, ClassField, ClassId, Field, FnId, Id, Kind, LoopKind, Param};

/// The whole file.
pub fn module(cx: &mut Lowering<'_>, root: Tree<'_>) -> Id {
    let statements = cx.children(root, lower);
    cx.block(statements, root)
}

/// Any statement or expression.
pub fn lower(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    cx.nested(node, |cx| lower_kind(cx, node))
}

fn lower_opt(cx: &mut Lowering<'_>, node: Option<Tree<'_>>) -> Option<Id> {
    node.map(|node| lower(cx, node))
}

fn lower_field(cx: &mut Lowering<'_>, node: Tree<'_>, field: &str) -> Id {
    match node.child_by_field_name(field) {
        Some(child) => lower(cx, child),
        None => cx.add(Kind::Other(Vec::new()), node),
    }
}

fn first(node: Tree<'_>) -> Option<Tree<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor)
        .find(|child| !child.is_extra())
}

#[expect(
    clippy::too_many_lines,
    reason = "one match over the grammar's node kinds"
)]
fn lower_kind(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    match node.kind() {
        "identifier" | "shorthand_property_identifier" | "private_property_identifier" => {
            cx.name(node)
        }
        "this" | "super" => cx.add(Kind::Name(SmolStr::new_static("self")), node),
        "property_identifier" => {
            let text = cx.sym(node);
            cx.add(Kind::Str(text), node)
        }
        "string" => {
            let text = unquote(cx.text(node));
            cx.add(Kind::Str(text), node)
        }
        "number" => {
            let text = cx.sym(node);
            cx.add(Kind::Num(text), node)
        }
        "true" | "false" => {
            let value = node.kind() == "true";
            cx.add(Kind::Bool(value), node)
        }
        "null" | "undefined" => cx.add(Kind::Null, node),
        "template_string" => template(cx, node),
        "await_expression" => match first(node) {
            Some(inner) => {
                let id = lower(cx, inner);
                cx.awaited(id)
            }
            None => cx.other(node, lower),
        },
        "parenthesized_expression"
        | "as_expression"
        | "satisfies_expression"
        | "non_null_expression"
        | "type_assertion"
        | "expression_statement"
        | "instantiation_expression" => {
            // `<T>x` has its type first.
            let inner = if node.kind() == "type_assertion" {
                node.named_child(small(node.named_child_count()).saturating_sub(1))
            } else {
                first(node)
            };
            match inner {
                Some(inner) => lower(cx, inner),
                None => cx.other(node, lower),
            }
        }
        "member_expression" => {
            let obj = lower_field(cx, node, "object");
            match node.child_by_field_name("property") {
                Some(property) => cx.member(obj, property),
                None => obj,
            }
        }
        "subscript_expression" => {
            let (obj, index) = (
                lower_field(cx, node, "object"),
                lower_field(cx, node, "index"),
            );
            cx.add(Kind::Index(obj, index), node)
        }
        "call_expression" => call(cx, node, "function", false),
        "new_expression" => call(cx, node, "constructor", true),
        "object" => object(cx, node),
        "array" => {
            let items = cx.children(node, lower);
            cx.add(Kind::Array(items), node)
        }
        "spread_element" => match first(node) {
            Some(inner) => {
                let id = lower(cx, inner);
                cx.add(Kind::Spread(id), node)
            }
            None => cx.other(node, lower),
        },
        "arrow_function" | "function_expression" | "function" | "generator_function" => {
            let function = function(cx, node, SmolStr::default(), true);
            cx.add(Kind::Lambda(function), node)
        }
        "function_declaration" | "generator_function_declaration" | "function_signature" => {
            let name = node
                .child_by_field_name("name")
                .map(|n| cx.sym(n))
                .unwrap_or_default();
            let id = function(cx, node, name, false);
            cx.facts.functions[id as usize].generator =
                node.kind() == "generator_function_declaration";
            cx.add(Kind::FnDef(id), node)
        }
        "class_declaration" | "class" | "abstract_class_declaration" | "interface_declaration" => {
            let class = class(cx, node);
            cx.add(Kind::ClassDef(class), node)
        }
        "enum_declaration" => enumeration(cx, node),
        "lexical_declaration" | "variable_declaration" => {
            let statements = cx.children(node, lower);
            match statements[..] {
                [one] => one,
                _ => cx.add(Kind::Other(statements), node),
            }
        }
        "variable_declarator" => {
            let Some(name) = node.child_by_field_name("name") else {
                return cx.other(node, lower);
            };
            let pat = pattern(cx, name);
            let ty = node.child_by_field_name("type").map(|ty| type_of(cx, ty));
            let value = lower_opt(cx, node.child_by_field_name("value"));
            if let Some(value) = value {
                require(cx, pat, value, node);
            }
            cx.let_(pat, ty, value, node)
        }
        "assignment_expression" | "augmented_assignment_expression" => {
            let target = match node.child_by_field_name("left") {
                Some(left) if matches!(left.kind(), "object_pattern" | "array_pattern") => {
                    pattern(cx, left)
                }
                _ => lower_field(cx, node, "left"),
            };
            let value = lower_field(cx, node, "right");
            let op = node
                .child_by_field_name("operator")
                .map_or(SmolStr::new_static("="), |op| cx.sym(op));
            if let Kind::Member(_, name) | Kind::Name(name) = cx.facts.kind(target).clone() {
                cx.name_lambda(value, &name);
            }
            cx.add(Kind::Assign(target, op, value), node)
        }
        "update_expression" => {
            let target = lower_field(cx, node, "argument");
            let one = cx.add(Kind::Num(SmolStr::new_static("1")), node);
            let op = if cx.text(node).contains("++") {
                "+="
            } else {
                "-="
            };
            cx.add(Kind::Assign(target, SmolStr::new_static(op), one), node)
        }
        "binary_expression" => binary(cx, node),
        "unary_expression" => {
            let value = lower_field(cx, node, "argument");
            let op = node
                .child_by_field_name("operator")
                .map(|op| cx.sym(op))
                .unwrap_or_default();
            cx.add(Kind::Unary(op, value), node)
        }
        "ternary_expression" => {
            let cond = lower_field(cx, node, "condition");
            let values = vec![
                lower_field(cx, node, "consequence"),
                lower_field(cx, node, "alternative"),
            ];
            let choice = cx.add(Kind::Choice(values), node);
            // The condition is read too: it stands before the value.
            cx.add(Kind::If(cond, choice, None), node)
        }
        "return_statement" => {
            let value = first(node).map(|value| lower(cx, value));
            cx.add(Kind::Return(value), node)
        }
        "yield_expression" => {
            let value = first(node).map(|value| lower(cx, value));
            let here = cx.here();
            cx.facts.functions[here as usize].generator = true;
            cx.add(Kind::Return(value), node)
        }
        "throw_statement" => {
            let value = first(node).map(|value| lower(cx, value));
            cx.add(Kind::Throw(value), node)
        }
        "break_statement" | "continue_statement" => cx.add(Kind::Jump, node),
        "statement_block" | "class_static_block" => {
            let statements = cx.children(node, lower);
            cx.block(statements, node)
        }
        "if_statement" => {
            let cond = lower_field(cx, node, "condition");
            let then = lower_field(cx, node, "consequence");
            let other = node
                .child_by_field_name("alternative")
                .and_then(first)
                .map(|other| lower(cx, other));
            cx.add(Kind::If(cond, then, other), node)
        }
        "for_in_statement" => {
            let over = lower_field(cx, node, "right");
            let pat = node
                .child_by_field_name("left")
                .map(|left| pattern(cx, left));
            let body = lower_field(cx, node, "body");
            cx.loop_(LoopKind::Each, pat, Some(over), body, node)
        }
        "for_statement" => {
            let init = node
                .child_by_field_name("initializer")
                .map(|init| lower(cx, init));
            let cond = node
                .child_by_field_name("condition")
                .map(|cond| lower(cx, cond));
            let step = node
                .child_by_field_name("increment")
                .map(|step| lower(cx, step));
            let body = lower_field(cx, node, "body");
            let inside: Vec<Id> = std::iter::once(body).chain(step).collect();
            let inside = cx.add(Kind::Block(inside), node);
            let kind = if counts(cx, cond) {
                LoopKind::Each
            } else {
                LoopKind::While
            };
            let repeated = cx.loop_(kind, None, cond, inside, node);
            let all = init.into_iter().chain([repeated]).collect();
            cx.add(Kind::Other(all), node)
        }
        "while_statement" | "do_statement" => {
            let body = lower_field(cx, node, "body");
            let cond = lower_field(cx, node, "condition");
            cx.loop_(LoopKind::While, None, Some(cond), body, node)
        }
        "switch_statement" => switch(cx, node),
        "try_statement" => {
            let body = lower_field(cx, node, "body");
            let handler = node.child_by_field_name("handler").map(|handler| {
                let pat = handler
                    .child_by_field_name("parameter")
                    .map(|p| pattern(cx, p));
                (pat, lower_field(cx, handler, "body"))
            });
            let finally = node
                .child_by_field_name("finalizer")
                .map(|f| lower_field(cx, f, "body"));
            cx.add(
                Kind::Try(body, handler.into_iter().collect(), finally),
                node,
            )
        }
        "import_statement" => import(cx, node),
        "export_statement" => export(cx, node),
        "type_alias_declaration" => {
            let name = node
                .child_by_field_name("name")
                .map(|n| cx.sym(n))
                .unwrap_or_default();
            let value = node.child_by_field_name("value");
            let id = cx.class(name, node, |cx, id| {
                let base = value.map(|ty| type_of(cx, ty));
                cx.facts.classes[id as usize].bases.extend(base);
                cx.facts.classes[id as usize].interface = true;
            });
            cx.add(Kind::ClassDef(id), node)
        }
        "ambient_declaration" | "comment" | "type_annotation" | "type_arguments" | "decorator" => {
            cx.add(Kind::Other(Vec::new()), node)
        }
        _ => cx.other(node, lower),
    }
}

fn small(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// `i < items.length`: a loop over a collection.
fn counts(cx: &Lowering<'_>, cond: Option<Id>) -> bool {
    let Some(cond) = cond else { return false };
    match cx.facts.kind(cond) {
        Kind::Binary(op, _, right) if op.starts_with('<') => {
            matches!(cx.facts.kind(*right), Kind::Member(_, name) if name == "length")
        }
        _ => false,
    }
}

fn template(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    let mut parts = Vec::new();
    let mut cursor = node.walk();
    let children: Vec<_> = node.named_children(&mut cursor).collect();
    for child in children {
        match child.kind() {
            "string_fragment" | "escape_sequence" => {
                let text = cx.sym(child);
                parts.push(cx.add(Kind::Str(text), child));
            }
            "template_substitution" => {
                if let Some(inner) = first(child) {
                    parts.push(lower(cx, inner));
                }
            }
            _ => {}
        }
    }
    match parts[..] {
        [] => cx.add(Kind::Str(SmolStr::default()), node),
        [one] if matches!(cx.facts.kind(one), Kind::Str(_)) => one,
        _ => cx.add(Kind::Template(parts), node),
    }
}

fn call(cx: &mut Lowering<'_>, node: Tree<'_>, callee: &str, new: bool) -> Id {
    let callee_tree = node.child_by_field_name(callee);
    if callee_tree.is_some_and(|callee| callee.kind() == "import") {
        return dynamic_import(cx, node);
    }
    let callee = lower_field(cx, node, callee);
    let args = node
        .child_by_field_name("arguments")
        .map(|args| match args.kind() {
            "arguments" => {
                let values = cx.children(args, lower);
                values
                    .into_iter()
                    .map(|value| Arg { name: None, value })
                    .collect()
            }
            // A tagged template: the text is the argument.
            _ => vec![Arg {
                name: None,
                value: template(cx, args),
            }],
        });
    // A type argument tells what `get<DynamoDBClient>()` gives.
    cx.call(
        callee,
        args.unwrap_or_default(),
        CallStyle {
            new,
            ..CallStyle::default()
        },
        node,
    )
}

/// `import('./x')`: the module as a value.
fn dynamic_import(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    let callee = cx.add(Kind::Name(SmolStr::new_static("require")), node);
    let args = node
        .child_by_field_name("arguments")
        .map(|args| cx.children(args, lower))
        .unwrap_or_default();
    let args = args
        .into_iter()
        .map(|value| Arg { name: None, value })
        .collect();
    cx.call(callee, args, CallStyle::default(), node)
}

fn object(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    let mut fields = Vec::new();
    let mut cursor = node.walk();
    let children: Vec<_> = node.named_children(&mut cursor).collect();
    for child in children {
        match child.kind() {
            "pair" => {
                let value = lower_field(cx, child, "value");
                match child.child_by_field_name("key") {
                    Some(key) if key.kind() == "computed_property_name" => {
                        let key = first(key).map(|inner| lower(cx, inner));
                        fields.extend(key.map(|key| Field::Computed(key, value)));
                    }
                    Some(key) => {
                        let key = unquote(cx.text(key));
                        fields.push(cx.field(&key, value));
                    }
                    None => {}
                }
            }
            "shorthand_property_identifier" => {
                let value = cx.name(child);
                fields.push(Field::Named(cx.sym(child), value));
            }
            "spread_element" => {
                if let Some(inner) = first(child) {
                    fields.push(Field::Spread(lower(cx, inner)));
                }
            }
            "method_definition" => {
                let name = child
                    .child_by_field_name("name")
                    .map(|n| cx.sym(n))
                    .unwrap_or_default();
                let id = function(cx, child, name.clone(), true);
                let value = cx.add(Kind::Lambda(id), child);
                fields.push(Field::Named(name, value));
            }
            _ => {}
        }
    }
    cx.add(Kind::Object(fields), node)
}

fn binary(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    let (left, right) = (
        lower_field(cx, node, "left"),
        lower_field(cx, node, "right"),
    );
    let op = node
        .child_by_field_name("operator")
        .map(|op| cx.sym(op))
        .unwrap_or_default();
    match op.as_str() {
        "+" if cx.is_text(left) || cx.is_text(right) => cx.concat(left, right, node),
        "||" | "??" => cx.add(Kind::Choice(vec![left, right]), node),
        _ => cx.add(Kind::Binary(op, left, right), node),
    }
}

fn switch(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    let subject = lower_field(cx, node, "value");
    let mut arms = Vec::new();
    if let Some(body) = node.child_by_field_name("body") {
        let mut cursor = body.walk();
        let cases: Vec<_> = body.named_children(&mut cursor).collect();
        for case in cases {
            let pat = match case.child_by_field_name("value") {
                Some(value) => lower(cx, value),
                None => cx.add(Kind::Null, case),
            };
            let mut cursor = case.walk();
            let bodies: Vec<_> = case.children_by_field_name("body", &mut cursor).collect();
            let statements = bodies.into_iter().map(|body| lower(cx, body)).collect();
            let body = cx.block(statements, case);
            arms.push((pat, body));
        }
    }
    cx.add(Kind::Match(subject, arms), node)
}

/// A pattern: names are bound, not read.
fn pattern(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    match node.kind() {
        "object_pattern" => {
            let mut fields = Vec::new();
            let mut cursor = node.walk();
            let children: Vec<_> = node.named_children(&mut cursor).collect();
            for child in children {
                match child.kind() {
                    "shorthand_property_identifier_pattern" => {
                        let pat = cx.name(child);
                        fields.push((cx.sym(child), pat));
                    }
                    "object_assignment_pattern" => {
                        if let Some(left) = child.child_by_field_name("left") {
                            let pat = pattern(cx, left);
                            fields.push((cx.sym(left), pat));
                        }
                    }
                    "pair_pattern" => {
                        let key = child
                            .child_by_field_name("key")
                            .map(|key| unquote(cx.text(key)));
                        if let (Some(key), Some(value)) = (key, child.child_by_field_name("value"))
                        {
                            let pat = pattern(cx, value);
                            fields.push((key, pat));
                        }
                    }
                    "rest_pattern" => {
                        if let Some(inner) = first(child) {
                            let pat = pattern(cx, inner);
                            fields.push((SmolStr::new_static("..."), pat));
                        }
                    }
                    _ => {}
                }
            }
            cx.add(Kind::PatObject(fields), node)
        }
        "array_pattern" => {
            let items = cx.children(node, pattern);
            cx.add(Kind::PatArray(items), node)
        }
        "assignment_pattern" => match node.child_by_field_name("left") {
            Some(left) => pattern(cx, left),
            None => cx.other(node, lower),
        },
        "rest_pattern" => match first(node) {
            Some(inner) => pattern(cx, inner),
            None => cx.other(node, lower),
        },
        "identifier" | "shorthand_property_identifier_pattern" => cx.name(node),
        _ => lower(cx, node),
    }
}

fn function(cx: &mut Lowering<'_>, node: Tree<'_>, name: SmolStr, lambda: bool) -> FnId {
    let generator = {
        let mut cursor = node.walk();
        node.children(&mut cursor).any(|child| child.kind() == "*")
    };
    let id = cx.function(name, node, lambda, |cx, _| {
        let mut params = Vec::new();
        if let Some(one) = node.child_by_field_name("parameter") {
            params.push(Param {
                pat: pattern(cx, one),
                ty: None,
                default: None,
                decorators: Vec::new(),
            });
        }
        if let Some(list) = node.child_by_field_name("parameters") {
            let mut cursor = list.walk();
            let children: Vec<_> = list
                .named_children(&mut cursor)
                .filter(|c| !c.is_extra())
                .collect();
            for child in children {
                params.push(param(cx, child));
            }
        }
        let ret = node
            .child_by_field_name("return_type")
            .map(|ty| type_of(cx, ty));
        let body = lower_field(cx, node, "body");
        (params, ret, body)
    });
    cx.facts.functions[id as usize].generator |= generator;
    id
}

fn param(cx: &mut Lowering<'_>, node: Tree<'_>) -> Param {
    let inner = node.child_by_field_name("pattern").unwrap_or(node);
    let pat = pattern(cx, inner);
    let ty = node.child_by_field_name("type").map(|ty| type_of(cx, ty));
    let default = node
        .child_by_field_name("value")
        .or_else(|| node.child_by_field_name("right"))
        .map(|value| lower(cx, value));
    let mut cursor = node.walk();
    let decorators: Vec<_> = node
        .named_children(&mut cursor)
        .filter(|c| c.kind() == "decorator")
        .collect();
    let decorators = decorators.into_iter().map(|d| decorator(cx, d)).collect();
    Param {
        pat,
        ty,
        default,
        decorators,
    }
}

fn decorator(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    match first(node) {
        Some(inner) => lower(cx, inner),
        None => cx.add(Kind::Other(Vec::new()), node),
    }
}

/// A type, reduced to its path and arguments.
fn type_of(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    cx.nested(node, |cx| match node.kind() {
        "type_annotation" | "parenthesized_type" | "readonly_type" => match first(node) {
            Some(inner) => type_of(cx, inner),
            None => cx.add(Kind::Type(SmolStr::default(), Vec::new()), node),
        },
        "generic_type" => {
            let name = node
                .child_by_field_name("name")
                .map(|n| cx.sym(n))
                .unwrap_or_default();
            let args = node.child_by_field_name("type_arguments");
            let args = args
                .map(|args| cx.children(args, type_of))
                .unwrap_or_default();
            cx.add(Kind::Type(name, args), node)
        }
        "union_type" | "intersection_type" | "array_type" | "tuple_type" => {
            let parts = cx.children(node, type_of);
            cx.add(Kind::Type(SmolStr::new_static("|"), parts), node)
        }
        "object_type" | "interface_body" => {
            let id = cx.class(SmolStr::default(), node, |cx, id| members(cx, node, id));
            cx.facts.classes[id as usize].interface = true;
            cx.add(Kind::ClassDef(id), node)
        }
        "type_identifier"
        | "nested_type_identifier"
        | "predefined_type"
        | "identifier"
        | "member_expression"
        | "literal_type" => {
            let name = cx.sym(node);
            cx.add(Kind::Type(name, Vec::new()), node)
        }
        "type_query" => {
            let name = SmolStr::new(cx.text(node).trim_start_matches("typeof").trim());
            cx.add(Kind::Type(name, Vec::new()), node)
        }
        _ => cx.add(Kind::Type(SmolStr::default(), Vec::new()), node),
    })
}

fn class(cx: &mut Lowering<'_>, node: Tree<'_>) -> ClassId {
    let name = node
        .child_by_field_name("name")
        .map(|n| cx.sym(n))
        .unwrap_or_default();
    cx.class(name, node, |cx, id| {
        let mut cursor = node.walk();
        let children: Vec<_> = node.named_children(&mut cursor).collect();
        for child in children {
            match child.kind() {
                "class_heritage" | "extends_type_clause" => {
                    let mut bases = Vec::new();
                    heritage(cx, child, &mut bases);
                    cx.facts.classes[id as usize].bases.extend(bases);
                }
                "decorator" => {
                    let made = decorator(cx, child);
                    cx.facts.classes[id as usize].decorators.push(made);
                }
                "class_body" | "interface_body" | "object_type" => members(cx, child, id),
                _ => {}
            }
        }
        cx.facts.classes[id as usize].interface = node.kind() == "interface_declaration";
    })
}

fn heritage(cx: &mut Lowering<'_>, node: Tree<'_>, bases: &mut Vec<Id>) {
    let mut cursor = node.walk();
    let children: Vec<_> = node.named_children(&mut cursor).collect();
    for child in children {
        match child.kind() {
            "extends_clause" | "implements_clause" => heritage(cx, child, bases),
            "type_arguments" => {}
            "identifier" | "member_expression" | "call_expression" => bases.push(lower(cx, child)),
            _ => bases.push(type_of(cx, child)),
        }
    }
}

fn members(cx: &mut Lowering<'_>, body: Tree<'_>, id: ClassId) {
    let mut cursor = body.walk();
    let children: Vec<_> = body.named_children(&mut cursor).collect();
    let mut decorators = Vec::new();
    for child in children {
        match child.kind() {
            "decorator" => decorators.push(decorator(cx, child)),
            "method_definition" | "method_signature" | "abstract_method_signature" => {
                let mut name = child
                    .child_by_field_name("name")
                    .map(|n| cx.sym(n))
                    .unwrap_or_default();
                if name == "constructor" {
                    name = SmolStr::new_static("new");
                }
                let constructor = name == "new";
                let mut marks = child.walk();
                let mark = child
                    .children(&mut marks)
                    .find(|c| matches!(c.kind(), "get" | "set"))
                    .map(|c| c.kind());
                if mark == Some("set") {
                    // A setter has its getter's name and is none.
                    name = SmolStr::from(format!("set {name}"));
                }

                let method = function(cx, child, name, false);
                if mark == Some("get") {
                    let property = cx.add(Kind::Name(SmolStr::new_static("property")), child);
                    decorators.push(property);
                }
                cx.facts.functions[method as usize]
                    .decorators
                    .append(&mut decorators);
                if constructor {
                    parameter_properties(cx, child, method, id);
                }
            }
            "public_field_definition" | "field_definition" | "property_signature" => {
                let name = child
                    .child_by_field_name("name")
                    .or_else(|| child.child_by_field_name("property"))
                    .map(|n| unquote(cx.text(n)))
                    .unwrap_or_default();
                let ty = child.child_by_field_name("type").map(|ty| type_of(cx, ty));
                // A field's value belongs to the class, so a method inside it is a function of the module.
                let value = child
                    .child_by_field_name("value")
                    .map(|value| lower(cx, value));
                if let Some(value) = value {
                    cx.name_lambda(value, &name);
                    if let Kind::Lambda(function) = *cx.facts.kind(value) {
                        cx.facts.functions[function as usize].class = Some(id);
                        cx.facts.classes[id as usize].methods.push(function);
                    }
                }
                let mut own = std::mem::take(&mut decorators);
                let mut cursor = child.walk();
                let inside: Vec<_> = child
                    .named_children(&mut cursor)
                    .filter(|c| c.kind() == "decorator")
                    .collect();
                own.extend(inside.into_iter().map(|d| decorator(cx, d)));
                let field = ClassField {
                    name,
                    ty,
                    value,
                    decorators: own,
                    span: span_of(child),
                };
                cx.facts.classes[id as usize].fields.push(field);
            }
            _ => {}
        }
    }
}

/// `constructor(private readonly client: DynamoDBClient)` declares a field.
fn parameter_properties(cx: &mut Lowering<'_>, node: Tree<'_>, method: FnId, class: ClassId) {
    let Some(list) = node.child_by_field_name("parameters") else {
        return;
    };
    let mut cursor = list.walk();
    let children: Vec<_> = list
        .named_children(&mut cursor)
        .filter(|c| !c.is_extra())
        .collect();
    for (at, child) in children.into_iter().enumerate() {
        let mut inner = child.walk();
        let property = child.children(&mut inner).any(|c| {
            matches!(
                c.kind(),
                "accessibility_modifier" | "readonly" | "override_modifier"
            )
        });
        let Some(param) = cx.facts.functions[method as usize].params.get(at).cloned() else {
            continue;
        };
        if let (true, Kind::Name(name)) = (property, cx.facts.kind(param.pat).clone()) {
            let field = ClassField {
                name,
                ty: param.ty,
                value: Some(param.pat),
                decorators: param.decorators,
                span: span_of(child),
            };
            cx.facts.classes[class as usize].fields.push(field);
        }
    }
}

/// An enum is an object of constants.
fn enumeration(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    let mut fields = Vec::new();
    if let Some(body) = node.child_by_field_name("body") {
        let mut cursor = body.walk();
        let children: Vec<_> = body.named_children(&mut cursor).collect();
        for child in children {
            if let (Some(name), Some(value)) = (
                child.child_by_field_name("name"),
                child.child_by_field_name("value"),
            ) {
                let value = lower(cx, value);
                fields.push(Field::Named(unquote(cx.text(name)), value));
            }
        }
    }
    let value = cx.add(Kind::Object(fields), node);
    match node.child_by_field_name("name") {
        Some(name) => {
            let pat = cx.name(name);
            cx.let_(pat, None, Some(value), node)
        }
        None => value,
    }
}

fn import(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    let made = cx.add(Kind::Other(Vec::new()), node);
    let Some(source) = node.child_by_field_name("source") else {
        return made;
    };
    let module = unquote(cx.text(source));
    let type_only = cx.text(node).starts_with("import type");
    let from = cx.facts.imports.len();
    let mut cursor = node.walk();
    let clauses: Vec<_> = node
        .named_children(&mut cursor)
        .filter(|c| c.kind() == "import_clause")
        .collect();
    for clause in clauses {
        let mut cursor = clause.walk();
        let children: Vec<_> = clause.named_children(&mut cursor).collect();
        for child in children {
            match child.kind() {
                "identifier" => {
                    let local = cx.sym(child);
                    cx.import(
                        local,
                        module.clone(),
                        Some(SmolStr::new_static("default")),
                        child,
                    );
                }
                "namespace_import" => {
                    if let Some(name) = first(child) {
                        let local = cx.sym(name);
                        cx.import(local, module.clone(), None, child);
                    }
                }
                "named_imports" => {
                    let mut cursor = child.walk();
                    let specifiers: Vec<_> = child.named_children(&mut cursor).collect();
                    for specifier in specifiers {
                        let Some(name) = specifier.child_by_field_name("name") else {
                            continue;
                        };
                        let local = specifier.child_by_field_name("alias").unwrap_or(name);
                        let (local, name) = (cx.sym(local), cx.sym(name));
                        cx.import(local, module.clone(), Some(name), specifier);
                    }
                }
                _ => {}
            }
        }
    }
    for import in &mut cx.facts.imports[from..] {
        import.type_only = type_only;
    }
    made
}

/// `const AWS = require('aws-sdk')` is an import, also destructured or with a member behind it.
fn require(cx: &mut Lowering<'_>, pat: Id, value: Id, node: Tree<'_>) {
    let (call, member) = match cx.facts.kind(value) {
        Kind::Member(inner, name) => (*inner, Some(name.clone())),
        _ => (value, None),
    };
    let Kind::Call(callee, args, _) = cx.facts.kind(call) else {
        return;
    };
    if !matches!(cx.facts.kind(*callee), Kind::Name(name) if name == "require") {
        return;
    }
    let Some(Kind::Str(module)) = args.first().map(|arg| cx.facts.kind(arg.value)) else {
        return;
    };
    let module = module.clone();
    match cx.facts.kind(pat).clone() {
        Kind::Name(local) => cx.import(local, module, member, node),
        Kind::PatObject(fields) => {
            for (key, inner) in fields {
                if let Kind::Name(local) = cx.facts.kind(inner).clone() {
                    cx.import(local, module.clone(), Some(key), node);
                }
            }
        }
        _ => {}
    }
}

fn export(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    let source = node
        .child_by_field_name("source")
        .map(|s| unquote(cx.text(s)));
    let functions = cx.facts.functions.len();
    let classes = cx.facts.classes.len();
    let here = cx.here();
    let mut made = Vec::new();
    let mut decorators = Vec::new();
    let mut cursor = node.walk();
    let children: Vec<_> = node.children(&mut cursor).collect();
    let default = children.iter().any(|child| child.kind() == "default");
    let glob = children.iter().any(|child| child.kind() == "*");
    for child in children
        .iter()
        .filter(|child| child.is_named() && !child.is_extra())
    {
        match child.kind() {
            "export_clause" => {
                let mut cursor = child.walk();
                let specifiers: Vec<_> = child.named_children(&mut cursor).collect();
                for specifier in specifiers {
                    let Some(name) = specifier.child_by_field_name("name") else {
                        continue;
                    };
                    let public = specifier.child_by_field_name("alias").unwrap_or(name);
                    let (public, name) = (cx.sym(public), cx.sym(name));
                    match &source {
                        Some(module) => {
                            cx.import(public, module.clone(), Some(name), specifier);
                            if let Some(last) = cx.facts.imports.last_mut() {
                                last.reexport = true;
                            }
                        }
                        None => cx.facts.exports.push((public, name)),
                    }
                }
            }
            "namespace_export" => {
                if let (Some(name), Some(module)) = (first(*child), &source) {
                    let local = cx.sym(name);
                    cx.import(local, module.clone(), None, *child);
                }
            }
            "string" if source.is_some() => {}
            "decorator" => decorators.push(decorator(cx, *child)),
            _ => made.push(lower(cx, *child)),
        }
    }
    if let (true, Some(module)) = (glob, source) {
        cx.import("*", module, None, node);
        if let Some(last) = cx.facts.imports.last_mut() {
            last.reexport = true;
        }
    }
    for function in &mut cx.facts.functions[functions..] {
        function.exported |= function.parent == Some(here);
    }
    for class in &mut cx.facts.classes[classes..] {
        class.exported = true;
        class.decorators.append(&mut decorators);
    }
    if default && let Some(value) = made.first().copied() {
        let name = match cx.facts.kind(value) {
            Kind::FnDef(function) => cx.facts.function(*function).name.clone(),
            Kind::ClassDef(class) => cx.facts.class(*class).name.clone(),
            Kind::Name(name) => name.clone(),
            _ => SmolStr::default(),
        };
        if name.is_empty() {
            let pat = cx.add(Kind::Name(SmolStr::new_static("default")), node);
            made[0] = cx.let_(pat, None, Some(value), node);
        } else {
            cx.facts
                .exports
                .push((SmolStr::new_static("default"), name));
        }
    }
    match made[..] {
        [one] => one,
        _ => cx.add(Kind::Other(made), node),
    }
}
