//! Rust.

use keyfold_grammars::tree_sitter::Node as Tree;
use smol_str::SmolStr;

use super::{Lowering, span_of, unquote};
use crate::facts::{Arg, CallStyle, ClassField, ClassId, Field, FnId, Id, Kind, LoopKind, Param};

/// The whole file.
pub fn module(cx: &mut Lowering<'_>, root: Tree<'_>) -> Id {
    // `impl` blocks may stand before their type: types first.
    declare(cx, root);
    let statements = statements(cx, root);
    cx.block(statements, root)
}

fn named(node: Tree<'_>) -> Vec<Tree<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor)
        .filter(|child| !child.is_extra())
        .collect()
}

fn first(node: Tree<'_>) -> Option<Tree<'_>> {
    named(node).first().copied()
}

fn lower_field(cx: &mut Lowering<'_>, node: Tree<'_>, field: &str) -> Id {
    match node.child_by_field_name(field) {
        Some(child) => lower(cx, child),
        None => cx.add(Kind::Other(Vec::new()), node),
    }
}

/// Types of this level and of the modules inside it.
fn declare(cx: &mut Lowering<'_>, node: Tree<'_>) {
    let mut derives = Vec::new();
    for child in named(node) {
        match child.kind() {
            "attribute_item" => derives.push(child),
            "struct_item" | "enum_item" | "trait_item" => {
                let name = child
                    .child_by_field_name("name")
                    .map(|n| cx.sym(n))
                    .unwrap_or_default();
                let attributes = std::mem::take(&mut derives);
                let id = cx.class(name, child, |cx, id| fields(cx, child, id));
                for attribute in attributes {
                    let base = attribute_of(cx, attribute);
                    cx.facts.classes[id as usize].decorators.push(base);
                }
                cx.facts.classes[id as usize].interface = child.kind() == "trait_item";
                cx.facts.classes[id as usize].exported = is_pub(child);
            }
            "mod_item" => {
                derives.clear();
                if let Some(body) = child.child_by_field_name("body") {
                    declare(cx, body);
                }
            }
            _ => derives.clear(),
        }
    }
}

fn is_pub(node: Tree<'_>) -> bool {
    named(node)
        .iter()
        .any(|child| child.kind() == "visibility_modifier")
}

/// An attribute as a call: `#[derive(Model)]`, `#[dynomite(partition_key)]`.
fn attribute_of(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    let text = cx.text(node).trim_start_matches("#[").trim_end_matches(']');
    let name = text.split(['(', '=']).next().unwrap_or(text).trim();
    let inside = text[name.len().min(text.len())..]
        .trim()
        .trim_start_matches(['(', '='])
        .trim_end_matches(')');
    let (name, inside) = (SmolStr::new(name), SmolStr::new(inside.trim()));
    let callee = cx.add(Kind::Name(name), node);
    let value = cx.add(Kind::Str(inside), node);
    cx.call(
        callee,
        vec![Arg { name: None, value }],
        CallStyle::default(),
        node,
    )
}

fn fields(cx: &mut Lowering<'_>, node: Tree<'_>, id: ClassId) {
    let Some(body) = node.child_by_field_name("body") else {
        return;
    };
    let mut attributes = Vec::new();
    for (at, child) in named(body).into_iter().enumerate() {
        match child.kind() {
            "attribute_item" => attributes.push(attribute_of(cx, child)),
            "field_declaration" => {
                let name = child
                    .child_by_field_name("name")
                    .map(|n| cx.sym(n))
                    .unwrap_or_default();
                let ty = child.child_by_field_name("type").map(|ty| type_of(cx, ty));
                let decorators = std::mem::take(&mut attributes);
                let field = ClassField {
                    name,
                    ty,
                    value: None,
                    decorators,
                    span: span_of(child),
                };
                cx.facts.classes[id as usize].fields.push(field);
            }
            // A tuple struct's fields are numbered.
            kind if body.kind() == "ordered_field_declaration_list"
                && kind != "visibility_modifier" =>
            {
                let ty = Some(type_of(cx, child));
                let name = SmolStr::from(at.to_string());
                let field = ClassField {
                    name,
                    ty,
                    value: None,
                    decorators: Vec::new(),
                    span: span_of(child),
                };
                cx.facts.classes[id as usize].fields.push(field);
            }
            _ => {}
        }
    }
}

fn statements(cx: &mut Lowering<'_>, node: Tree<'_>) -> Vec<Id> {
    let mut out = Vec::new();
    let mut attributes: Vec<Tree<'_>> = Vec::new();
    for child in named(node) {
        if child.kind() == "attribute_item" {
            attributes.push(child);
            continue;
        }
        let test = attributes.iter().any(|a| {
            let text = cx.text(*a);
            text.contains("test")
                && (text.contains("cfg(") || text.ends_with("test]") || text.contains("test("))
        });
        let was = cx.in_test;
        cx.in_test |= test;
        let before = cx.facts.functions.len();
        let id = lower(cx, child);
        cx.in_test = was;
        if let (Kind::FnDef(function), false) = (cx.facts.kind(id).clone(), attributes.is_empty()) {
            let made: Vec<Id> = attributes.iter().map(|a| attribute_of(cx, *a)).collect();
            cx.facts.functions[function as usize].decorators = made;
        }
        debug_assert!(before <= cx.facts.functions.len());
        attributes.clear();
        out.push(id);
    }
    out
}

/// Any statement or expression.
pub fn lower(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    cx.nested(node, |cx| lower_kind(cx, node))
}

#[expect(
    clippy::too_many_lines,
    reason = "one match over the grammar's node kinds"
)]
fn lower_kind(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    match node.kind() {
        "identifier"
        | "field_identifier"
        | "shorthand_field_identifier"
        | "crate"
        | "super"
        | "metavariable" => cx.name(node),
        "self" => cx.add(Kind::Name(SmolStr::new_static("self")), node),
        "scoped_identifier" | "scoped_type_identifier" => {
            let Some(name) = node.child_by_field_name("name") else {
                return cx.other(node, lower);
            };
            match node.child_by_field_name("path") {
                Some(path) => {
                    let path = lower(cx, path);
                    cx.member(path, name)
                }
                None => cx.name(name),
            }
        }
        "type_identifier" => {
            let text = cx.text(node);
            let name = if text == "Self" {
                own_type(cx)
            } else {
                SmolStr::new(text)
            };
            cx.add(Kind::Name(name), node)
        }
        "generic_function" => lower_field(cx, node, "function"),
        "generic_type" | "bracketed_type" => {
            match node.child_by_field_name("type").or_else(|| first(node)) {
                Some(inner) => lower(cx, inner),
                None => cx.other(node, lower),
            }
        }
        "string_literal" | "raw_string_literal" => {
            let text = cx.text(node);
            let text = if node.kind() == "raw_string_literal" {
                SmolStr::new(
                    text.trim_start_matches('r')
                        .trim_matches('#')
                        .trim_matches('"'),
                )
            } else {
                unquote(text)
            };
            cx.add(Kind::Str(text), node)
        }
        "integer_literal" | "float_literal" => {
            let text = cx.sym(node);
            cx.add(Kind::Num(text), node)
        }
        "boolean_literal" => {
            let value = cx.text(node) == "true";
            cx.add(Kind::Bool(value), node)
        }
        "char_literal" => {
            let text = unquote(cx.text(node));
            cx.add(Kind::Str(text), node)
        }
        "await_expression" => match first(node) {
            Some(inner) => {
                let id = lower(cx, inner);
                cx.awaited(id)
            }
            None => cx.other(node, lower),
        },
        "try_expression"
        | "parenthesized_expression"
        | "reference_expression"
        | "expression_statement"
        | "type_cast_expression"
        | "unsafe_block"
        | "async_block"
        | "const_block"
        | "try_block" => {
            let inner = node.child_by_field_name("value").or_else(|| {
                named(node)
                    .into_iter()
                    .find(|c| c.kind() != "mutable_specifier" && c.kind() != "label")
            });
            match inner {
                Some(inner) => lower(cx, inner),
                None => cx.other(node, lower),
            }
        }
        "unary_expression" => {
            let value = first(node).map(|inner| lower(cx, inner));
            let value = value.unwrap_or_else(|| cx.add(Kind::Null, node));
            match cx.text(node).chars().next() {
                Some('*') => value,
                op => {
                    let op = SmolStr::from(op.unwrap_or('-').to_string());
                    cx.add(Kind::Unary(op, value), node)
                }
            }
        }
        "field_expression" => {
            let obj = lower_field(cx, node, "value");
            match node.child_by_field_name("field") {
                Some(field) => cx.member(obj, field),
                None => obj,
            }
        }
        "index_expression" => {
            let parts = cx.children(node, lower);
            match parts[..] {
                [obj, index] => cx.add(Kind::Index(obj, index), node),
                _ => cx.add(Kind::Other(parts), node),
            }
        }
        "call_expression" => {
            let callee = lower_field(cx, node, "function");
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
        "struct_expression" => struct_literal(cx, node),
        "macro_invocation" => macro_call(cx, node),
        "array_expression" | "tuple_expression" => {
            let items = cx.children(node, lower);
            cx.add(Kind::Array(items), node)
        }
        "closure_expression" => {
            let id = function(cx, node, SmolStr::default(), true);
            cx.add(Kind::Lambda(id), node)
        }
        "function_item" | "function_signature_item" => {
            let name = node
                .child_by_field_name("name")
                .map(|n| cx.sym(n))
                .unwrap_or_default();
            let id = function(cx, node, name, false);
            cx.facts.functions[id as usize].exported = is_pub(node);
            cx.add(Kind::FnDef(id), node)
        }
        "impl_item" => implementation(cx, node),
        "trait_item" => {
            let name = node
                .child_by_field_name("name")
                .map(|n| cx.sym(n))
                .unwrap_or_default();
            if let (Some(class), Some(body)) =
                (class_named(cx, &name), node.child_by_field_name("body"))
            {
                cx.reopen(class, |cx, _| {
                    statements(cx, body);
                });
                return cx.add(Kind::ClassDef(class), node);
            }
            cx.add(Kind::Other(Vec::new()), node)
        }
        "struct_item"
        | "enum_item"
        | "union_item"
        | "type_item"
        | "macro_definition"
        | "extern_crate_declaration"
        | "foreign_mod_item"
        | "inner_attribute_item"
        | "line_comment"
        | "block_comment" => cx.add(Kind::Other(Vec::new()), node),
        "mod_item" => match node.child_by_field_name("body") {
            Some(body) => {
                let inside = statements(cx, body);
                cx.add(Kind::Other(inside), node)
            }
            None => cx.add(Kind::Other(Vec::new()), node),
        },
        "use_declaration" => {
            if let Some(argument) = node.child_by_field_name("argument") {
                let from = cx.facts.imports.len();
                use_tree(cx, argument, "");
                let reexport = is_pub(node);
                for import in &mut cx.facts.imports[from..] {
                    import.reexport = reexport;
                }
            }
            cx.add(Kind::Other(Vec::new()), node)
        }
        "let_declaration" | "const_item" | "static_item" => declaration(cx, node),
        "let_condition" => {
            let value = lower_field(cx, node, "value");
            match node.child_by_field_name("pattern") {
                Some(pat) => {
                    let pat = pattern(cx, pat);
                    cx.let_(pat, None, Some(value), node)
                }
                None => value,
            }
        }
        "assignment_expression" | "compound_assignment_expr" => {
            let (target, value) = (
                lower_field(cx, node, "left"),
                lower_field(cx, node, "right"),
            );
            let op = node
                .child_by_field_name("operator")
                .map_or(SmolStr::new_static("="), |op| cx.sym(op));
            cx.add(Kind::Assign(target, op, value), node)
        }
        "binary_expression" => {
            let (left, right) = (
                lower_field(cx, node, "left"),
                lower_field(cx, node, "right"),
            );
            let op = node
                .child_by_field_name("operator")
                .map(|op| cx.sym(op))
                .unwrap_or_default();
            if op == "+" && (cx.is_text(left) || cx.is_text(right)) {
                return cx.concat(left, right, node);
            }
            cx.add(Kind::Binary(op, left, right), node)
        }
        "return_expression" => {
            let value = first(node).map(|value| lower(cx, value));
            cx.add(Kind::Return(value), node)
        }
        "break_expression" | "continue_expression" => cx.add(Kind::Jump, node),
        "block" => {
            let inside = statements(cx, node);
            cx.block(inside, node)
        }
        "if_expression" => {
            let cond = lower_field(cx, node, "condition");
            let then = lower_field(cx, node, "consequence");
            let other = node
                .child_by_field_name("alternative")
                .and_then(first)
                .map(|other| lower(cx, other));
            cx.add(Kind::If(cond, then, other), node)
        }
        "for_expression" => {
            let pat = node
                .child_by_field_name("pattern")
                .map(|pat| pattern(cx, pat));
            let over = lower_field(cx, node, "value");
            let body = lower_field(cx, node, "body");
            cx.loop_(LoopKind::Each, pat, Some(over), body, node)
        }
        "while_expression" => {
            let cond = lower_field(cx, node, "condition");
            let body = lower_field(cx, node, "body");
            cx.loop_(LoopKind::While, None, Some(cond), body, node)
        }
        "loop_expression" => {
            let body = lower_field(cx, node, "body");
            cx.loop_(LoopKind::While, None, None, body, node)
        }
        "match_expression" => {
            let subject = lower_field(cx, node, "value");
            let mut arms = Vec::new();
            if let Some(body) = node.child_by_field_name("body") {
                for arm in named(body)
                    .into_iter()
                    .filter(|arm| arm.kind() == "match_arm")
                {
                    let pat = arm.child_by_field_name("pattern").and_then(first);
                    let pat = match pat {
                        Some(pat) => pattern(cx, pat),
                        None => cx.add(Kind::Null, arm),
                    };
                    let value = lower_field(cx, arm, "value");
                    arms.push((pat, value));
                }
            }
            cx.add(Kind::Match(subject, arms), node)
        }
        _ => cx.other(node, lower),
    }
}

fn own_type(cx: &Lowering<'_>) -> SmolStr {
    let class = cx
        .facts
        .functions
        .get(cx.here() as usize)
        .and_then(|f| f.class)
        .or(cx.class_here());
    class.map_or(SmolStr::new_static("Self"), |class| {
        cx.facts.class(class).name.clone()
    })
}

fn class_named(cx: &Lowering<'_>, name: &str) -> Option<ClassId> {
    let at = cx
        .facts
        .classes
        .iter()
        .position(|class| class.name == name)?;
    u32::try_from(at).ok()
}

fn struct_literal(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    let callee = lower_field(cx, node, "name");
    let mut fields = Vec::new();
    if let Some(body) = node.child_by_field_name("body") {
        for child in named(body) {
            match child.kind() {
                "field_initializer" => {
                    let name = child
                        .child_by_field_name("field")
                        .or_else(|| child.child_by_field_name("name"));
                    let name = name.map(|n| cx.sym(n)).unwrap_or_default();
                    let value = lower_field(cx, child, "value");
                    fields.push(cx.field(&name, value));
                }
                "shorthand_field_initializer" => {
                    if let Some(inner) = first(child) {
                        let value = cx.name(inner);
                        fields.push(Field::Named(cx.sym(inner), value));
                    }
                }
                "base_field_initializer" => {
                    if let Some(inner) = first(child) {
                        fields.push(Field::Spread(lower(cx, inner)));
                    }
                }
                _ => {}
            }
        }
    }
    let object = cx.add(Kind::Object(fields), node);
    let args = vec![Arg {
        name: None,
        value: object,
    }];
    cx.call(
        callee,
        args,
        CallStyle {
            new: true,
            ..CallStyle::default()
        },
        node,
    )
}

/// A macro's tokens are not a tree of expressions: `format!` is read as a template, of any other
/// macro the names and strings are kept, so that a use is still a use.
fn macro_call(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    let name = node
        .child_by_field_name("macro")
        .map(|n| cx.sym(n))
        .unwrap_or_default();
    let tokens = named(node)
        .into_iter()
        .find(|child| child.kind() == "token_tree");
    let short = name.rsplit("::").next().unwrap_or(&name).to_owned();
    let Some(tokens) = tokens else {
        return cx.add(Kind::Other(Vec::new()), node);
    };
    if matches!(
        short.as_str(),
        "format" | "format_args" | "format_smolstr" | "concat"
    ) && let Some(made) = format_template(cx, tokens, node)
    {
        return made;
    }
    if matches!(short.as_str(), "panic" | "bail" | "unreachable") {
        let inside = token_values(cx, tokens);
        let value = cx.add(Kind::Other(inside), node);
        return cx.add(Kind::Throw(Some(value)), node);
    }
    let callee = cx.add(Kind::Name(SmolStr::from(short)), node);
    let args = token_values(cx, tokens)
        .into_iter()
        .map(|value| Arg { name: None, value })
        .collect();
    cx.call(
        callee,
        args,
        CallStyle {
            macro_call: true,
            ..CallStyle::default()
        },
        node,
    )
}

/// Names (with their members), calls of methods and strings of a token tree, in order.
fn token_values(cx: &mut Lowering<'_>, tokens: Tree<'_>) -> Vec<Id> {
    let mut out: Vec<Id> = Vec::new();
    let mut joined = false;
    let mut cursor = tokens.walk();
    let children: Vec<_> = tokens.children(&mut cursor).collect();
    for child in children {
        match child.kind() {
            "identifier" | "self" | "crate" | "primitive_type" => match (joined, out.pop()) {
                (true, Some(obj)) => out.push(cx.member(obj, child)),
                (_, before) => {
                    out.extend(before);
                    let name = cx.sym(child);
                    out.push(cx.add(Kind::Name(name), child));
                }
            },
            "." | "::" => {
                joined = true;
                continue;
            }
            "string_literal" | "raw_string_literal" | "integer_literal" => {
                out.push(lower(cx, child));
            }
            "token_tree" => {
                let inside = token_values(cx, child);
                match out.last().copied() {
                    Some(last)
                        if cx.text(child).starts_with('(')
                            && matches!(cx.facts.kind(last), Kind::Member(..) | Kind::Name(_)) =>
                    {
                        out.pop();
                        let args = inside
                            .into_iter()
                            .map(|value| Arg { name: None, value })
                            .collect();
                        out.push(cx.call(last, args, CallStyle::default(), child));
                    }
                    _ => out.push(cx.add(Kind::Array(inside), child)),
                }
            }
            _ => {}
        }
        joined = false;
    }
    out
}

fn format_template(cx: &mut Lowering<'_>, tokens: Tree<'_>, node: Tree<'_>) -> Option<Id> {
    let text = named(tokens)
        .into_iter()
        .find(|c| matches!(c.kind(), "string_literal" | "raw_string_literal"))?;
    let pattern = match cx.text(text) {
        raw if raw.starts_with('r') => SmolStr::new(
            raw.trim_start_matches('r')
                .trim_matches('#')
                .trim_matches('"'),
        ),
        quoted => unquote(quoted),
    };
    // Arguments are what stands between the commas after the text.
    let mut args: Vec<Vec<Id>> = Vec::new();
    let mut joined = false;
    let mut cursor = tokens.walk();
    let after: Vec<_> = tokens
        .children(&mut cursor)
        .skip_while(|c| c.id() != text.id())
        .skip(1)
        .collect();
    for child in after {
        match child.kind() {
            "," => args.push(Vec::new()),
            "." | "::" => {
                joined = true;
                continue;
            }
            "identifier" | "self" => {
                let Some(arg) = args.last_mut() else { continue };
                let id = match (joined, arg.pop()) {
                    (true, Some(obj)) => cx.member(obj, child),
                    _ => cx.add(Kind::Name(SmolStr::new(cx.text(child))), child),
                };
                arg.push(id);
            }
            "token_tree" => {
                let inside = token_values(cx, child);
                let Some(arg) = args.last_mut() else { continue };
                if let Some(callee) = arg.pop() {
                    let values = inside
                        .into_iter()
                        .map(|value| Arg { name: None, value })
                        .collect();
                    arg.push(cx.call(callee, values, CallStyle::default(), child));
                } else {
                    arg.push(cx.add(Kind::Other(inside), child));
                }
            }
            "string_literal" | "integer_literal" => {
                let id = lower(cx, child);
                if let Some(arg) = args.last_mut() {
                    arg.push(id);
                }
            }
            _ => {}
        }
        joined = false;
    }
    let mut parts = Vec::new();
    let mut rest = pattern.as_str();
    let mut next = 0;
    while let Some(open) = rest.find('{') {
        if rest[open..].starts_with("{{") {
            let literal = SmolStr::new(&rest[..=open]);
            parts.push(cx.add(Kind::Str(literal), text));
            rest = &rest[open + 2..];
            continue;
        }
        let close = open + rest[open..].find('}')?;
        if open > 0 {
            parts.push(cx.add(Kind::Str(SmolStr::new(&rest[..open])), text));
        }
        let inside = rest[open + 1..close]
            .split(':')
            .next()
            .unwrap_or_default()
            .trim();
        if inside.is_empty() || inside.chars().all(|c| c.is_ascii_digit()) {
            let at = inside.parse().unwrap_or(next);
            next += 1;
            match args.get(at).and_then(|arg| arg.last()) {
                Some(id) => parts.push(*id),
                None => parts.push(cx.add(Kind::Other(Vec::new()), text)),
            }
        } else {
            parts.push(cx.add(Kind::Name(SmolStr::new(inside)), text));
        }
        rest = &rest[close + 1..];
    }
    if !rest.is_empty() {
        parts.push(cx.add(Kind::Str(SmolStr::from(rest.replace("}}", "}"))), text));
    }
    Some(match parts[..] {
        [one] if matches!(cx.facts.kind(one), Kind::Str(_)) => one,
        _ => cx.add(Kind::Template(parts), node),
    })
}

fn declaration(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    let value = node
        .child_by_field_name("value")
        .map(|value| lower(cx, value));
    let ty = node.child_by_field_name("type").map(|ty| type_of(cx, ty));
    let pat = node
        .child_by_field_name("pattern")
        .or_else(|| node.child_by_field_name("name"));
    let Some(pat) = pat else {
        return cx.other(node, lower);
    };
    let pat = pattern(cx, pat);
    let made = cx.let_(pat, ty, value, node);
    match node.child_by_field_name("alternative") {
        Some(other) => {
            let other = lower(cx, other);
            cx.add(Kind::Other(vec![made, other]), node)
        }
        None => made,
    }
}

fn pattern(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    match node.kind() {
        "tuple_struct_pattern" => {
            let ctor = node
                .child_by_field_name("type")
                .map(|ty| cx.text(ty))
                .unwrap_or_default();
            let ctor = SmolStr::new(ctor.rsplit("::").next().unwrap_or(ctor));
            let inside: Vec<_> = named(node).into_iter().skip(1).collect();
            let inside = inside.into_iter().map(|pat| pattern(cx, pat)).collect();
            cx.add(Kind::PatWrap(ctor, inside), node)
        }
        "tuple_pattern" | "slice_pattern" => {
            let items = named(node)
                .into_iter()
                .map(|pat| pattern(cx, pat))
                .collect();
            cx.add(Kind::PatArray(items), node)
        }
        "struct_pattern" => {
            let mut fields = Vec::new();
            for child in named(node)
                .into_iter()
                .filter(|c| c.kind() == "field_pattern")
            {
                let name = child.child_by_field_name("name");
                let key = name.map(|n| cx.sym(n)).unwrap_or_default();
                let inner = match (child.child_by_field_name("pattern"), name) {
                    (Some(pat), _) => pattern(cx, pat),
                    (None, Some(name)) => cx.name(name),
                    _ => continue,
                };
                fields.push((key, inner));
            }
            cx.add(Kind::PatObject(fields), node)
        }
        "mut_pattern" | "ref_pattern" | "reference_pattern" | "captured_pattern"
        | "match_pattern" => {
            match named(node)
                .into_iter()
                .find(|c| c.kind() != "mutable_specifier")
            {
                Some(inner) => pattern(cx, inner),
                None => cx.add(Kind::Null, node),
            }
        }
        _ => lower(cx, node),
    }
}

fn function(cx: &mut Lowering<'_>, node: Tree<'_>, name: SmolStr, lambda: bool) -> FnId {
    cx.function(name, node, lambda, |cx, _| {
        let mut params = Vec::new();
        if let Some(list) = node.child_by_field_name("parameters") {
            for child in named(list) {
                match child.kind() {
                    "self_parameter" | "attribute_item" => {}
                    "parameter" => {
                        let ty = child.child_by_field_name("type").map(|ty| type_of(cx, ty));
                        let pat = match child.child_by_field_name("pattern") {
                            Some(pat) => pattern(cx, pat),
                            None => cx.add(Kind::Null, child),
                        };
                        params.push(Param {
                            pat,
                            ty,
                            default: None,
                            decorators: Vec::new(),
                        });
                    }
                    _ => {
                        let pat = pattern(cx, child);
                        params.push(Param {
                            pat,
                            ty: None,
                            default: None,
                            decorators: Vec::new(),
                        });
                    }
                }
            }
        }
        let ret = node
            .child_by_field_name("return_type")
            .map(|ty| type_of(cx, ty));
        let body = lower_field(cx, node, "body");
        (params, ret, body)
    })
}

fn implementation(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    let ty = node
        .child_by_field_name("type")
        .map(|ty| cx.text(ty))
        .unwrap_or_default();
    let name = ty.split('<').next().unwrap_or(ty);
    let name = SmolStr::new(
        name.rsplit("::")
            .next()
            .unwrap_or(name)
            .trim_start_matches('&'),
    );
    let class = match class_named(cx, &name) {
        Some(class) => class,
        None => cx.class(name, node, |_, _| {}),
    };
    if let Some(interface) = node.child_by_field_name("trait") {
        let base = type_of(cx, interface);
        cx.facts.classes[class as usize].bases.push(base);
    }
    if let Some(body) = node.child_by_field_name("body") {
        cx.reopen(class, |cx, _| {
            statements(cx, body);
        });
    }
    cx.add(Kind::ClassDef(class), node)
}

fn type_of(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    cx.nested(node, |cx| match node.kind() {
        "reference_type" | "pointer_type" => {
            let inner = node.child_by_field_name("type").map(|ty| type_of(cx, ty));
            inner.unwrap_or_else(|| cx.add(Kind::Type(SmolStr::default(), Vec::new()), node))
        }
        "generic_type" => {
            let name = node
                .child_by_field_name("type")
                .map(|n| cx.sym(n))
                .unwrap_or_default();
            let args = node.child_by_field_name("type_arguments");
            let args = args
                .map(|args| cx.children(args, type_of))
                .unwrap_or_default();
            cx.add(Kind::Type(name, args), node)
        }
        "dynamic_type" | "abstract_type" | "tuple_type" | "array_type" | "bounded_type"
        | "type_arguments" | "type_binding" => {
            let parts = cx.children(node, type_of);
            cx.add(Kind::Type(SmolStr::new_static("|"), parts), node)
        }
        "type_identifier" | "scoped_type_identifier" | "primitive_type" | "identifier" => {
            let text = cx.text(node);
            let name = if text == "Self" {
                own_type(cx)
            } else {
                SmolStr::new(text)
            };
            cx.add(Kind::Type(name, Vec::new()), node)
        }
        _ => cx.add(Kind::Type(SmolStr::default(), Vec::new()), node),
    })
}

/// `use a::{b, c as d}`: an import per name. The module is written with `::`.
fn use_tree(cx: &mut Lowering<'_>, node: Tree<'_>, prefix: &str) {
    let join = |prefix: &str, text: &str| {
        if prefix.is_empty() {
            text.to_owned()
        } else {
            format!("{prefix}::{text}")
        }
    };
    match node.kind() {
        "scoped_use_list" => {
            let path = node
                .child_by_field_name("path")
                .map(|path| cx.text(path))
                .unwrap_or_default();
            let prefix = join(prefix, path);
            if let Some(list) = node.child_by_field_name("list") {
                for child in named(list) {
                    use_tree(cx, child, &prefix);
                }
            }
        }
        "use_list" => {
            for child in named(node) {
                use_tree(cx, child, prefix);
            }
        }
        "use_as_clause" => {
            let path = node
                .child_by_field_name("path")
                .map(|path| cx.text(path))
                .unwrap_or_default();
            let local = node
                .child_by_field_name("alias")
                .map(|a| cx.sym(a))
                .unwrap_or_default();
            add_use(cx, &join(prefix, path), local, node);
        }
        "use_wildcard" => {
            let path = first(node).map(|path| cx.text(path)).unwrap_or_default();
            cx.import("*", join(prefix, path), None, node);
        }
        "self" => {
            let local = SmolStr::new(prefix.rsplit("::").next().unwrap_or(prefix));
            add_use(cx, prefix, local, node);
        }
        _ => {
            let path = join(prefix, cx.text(node));
            let local = SmolStr::new(path.rsplit("::").next().unwrap_or(&path));
            add_use(cx, &path, local, node);
        }
    }
}

fn add_use(cx: &mut Lowering<'_>, path: &str, local: SmolStr, node: Tree<'_>) {
    match path.rsplit_once("::") {
        Some((module, name)) => cx.import(local, module, Some(SmolStr::new(name)), node),
        None => cx.import(local, path, None, node),
    }
}
