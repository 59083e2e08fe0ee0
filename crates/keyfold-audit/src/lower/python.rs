//! Python.

use keyfold_grammars::tree_sitter::Node as Tree;
use smol_str::SmolStr;

use super::{Lowering, span_of};
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

fn lower_field(cx: &mut Lowering<'_>, node: Tree<'_>, field: &str) -> Id {
    match node.child_by_field_name(field) {
        Some(child) => lower(cx, child),
        None => cx.add(Kind::Other(Vec::new()), node),
    }
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

#[expect(
    clippy::too_many_lines,
    reason = "one match over the grammar's node kinds"
)]
fn lower_kind(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    match node.kind() {
        "identifier" => {
            let text = cx.text(node);
            let name = if matches!(text, "self" | "cls") {
                SmolStr::new_static("self")
            } else {
                SmolStr::new(text)
            };
            cx.add(Kind::Name(name), node)
        }
        "string" => string(cx, node),
        "concatenated_string" => {
            let parts = cx.children(node, lower);
            let mut parts = parts.into_iter();
            let Some(head) = parts.next() else {
                return cx.add(Kind::Null, node);
            };
            let joined = parts.fold(head, |left, right| cx.concat(left, right, node));
            fold_text(cx, joined)
        }
        "integer" | "float" => {
            let text = cx.sym(node);
            cx.add(Kind::Num(text), node)
        }
        "true" | "false" => {
            let value = node.kind() == "true";
            cx.add(Kind::Bool(value), node)
        }
        "none" => cx.add(Kind::Null, node),
        "await" => match first(node) {
            Some(inner) => {
                let id = lower(cx, inner);
                cx.awaited(id)
            }
            None => cx.other(node, lower),
        },
        "parenthesized_expression" | "expression_statement" if node.named_child_count() == 1 => {
            match first(node) {
                Some(inner) => lower(cx, inner),
                None => cx.other(node, lower),
            }
        }
        "attribute" => {
            let obj = lower_field(cx, node, "object");
            match node.child_by_field_name("attribute") {
                Some(name) => cx.member(obj, name),
                None => obj,
            }
        }
        "subscript" => {
            let obj = lower_field(cx, node, "value");
            let index = lower_field(cx, node, "subscript");
            cx.add(Kind::Index(obj, index), node)
        }
        "call" => call(cx, node),
        "dictionary" => dictionary(cx, node),
        "list" | "tuple" | "set" | "expression_list" => {
            let items = cx.children(node, lower);
            cx.add(Kind::Array(items), node)
        }
        "list_splat" | "dictionary_splat" => match first(node) {
            Some(inner) => {
                let id = lower(cx, inner);
                cx.add(Kind::Spread(id), node)
            }
            None => cx.other(node, lower),
        },
        "lambda" => {
            let id = function(cx, node, SmolStr::default(), true);
            cx.add(Kind::Lambda(id), node)
        }
        "decorated_definition" => decorated(cx, node),
        "function_definition" => {
            let name = node
                .child_by_field_name("name")
                .map(|n| cx.sym(n))
                .unwrap_or_default();
            let id = function(cx, node, name, false);
            cx.add(Kind::FnDef(id), node)
        }
        "class_definition" => {
            let id = class(cx, node);
            cx.add(Kind::ClassDef(id), node)
        }
        "assignment" => assignment(cx, node),
        "augmented_assignment" => {
            let (target, value) = (
                lower_field(cx, node, "left"),
                lower_field(cx, node, "right"),
            );
            let op = node
                .child_by_field_name("operator")
                .map(|op| cx.sym(op))
                .unwrap_or_default();
            cx.add(Kind::Assign(target, op, value), node)
        }
        "named_expression" => {
            let (pat, value) = (
                lower_field(cx, node, "name"),
                lower_field(cx, node, "value"),
            );
            cx.let_(pat, None, Some(value), node)
        }
        "binary_operator" => {
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
                "%" if cx.is_text(left) => percent(cx, left, right, node),
                _ => cx.add(Kind::Binary(op, left, right), node),
            }
        }
        "boolean_operator" => {
            let (left, right) = (
                lower_field(cx, node, "left"),
                lower_field(cx, node, "right"),
            );
            if cx.text(node.child_by_field_name("operator").unwrap_or(node)) == "or" {
                cx.add(Kind::Choice(vec![left, right]), node)
            } else {
                cx.add(Kind::Binary(SmolStr::new_static("&&"), left, right), node)
            }
        }
        "comparison_operator" => {
            let operands = cx.children(node, lower);
            let mut cursor = node.walk();
            let op = node
                .children_by_field_name("operators", &mut cursor)
                .next()
                .map(|op| cx.sym(op))
                .unwrap_or_default();
            match operands[..] {
                [left, right] => cx.add(Kind::Binary(op, left, right), node),
                _ => cx.add(Kind::Other(operands), node),
            }
        }
        "not_operator" | "unary_operator" => {
            let value = lower_field(cx, node, "argument");
            let op = if node.kind() == "not_operator" {
                "!"
            } else {
                "-"
            };
            cx.add(Kind::Unary(SmolStr::new_static(op), value), node)
        }
        "conditional_expression" => {
            let parts = cx.children(node, lower);
            match parts[..] {
                [then, cond, other] => {
                    let choice = cx.add(Kind::Choice(vec![then, other]), node);
                    cx.add(Kind::If(cond, choice, None), node)
                }
                _ => cx.add(Kind::Other(parts), node),
            }
        }
        "return_statement" | "yield" => {
            let value = first(node).map(|value| lower(cx, value));
            if node.kind() == "yield" {
                let here = cx.here();
                cx.facts.functions[here as usize].generator = true;
            }
            cx.add(Kind::Return(value), node)
        }
        "raise_statement" => {
            let value = first(node).map(|value| lower(cx, value));
            cx.add(Kind::Throw(value), node)
        }
        "break_statement" | "continue_statement" => cx.add(Kind::Jump, node),
        "block" => {
            let statements = cx.children(node, lower);
            cx.block(statements, node)
        }
        "if_statement" => if_statement(cx, node),
        "for_statement" => {
            let pat = node
                .child_by_field_name("left")
                .map(|left| pattern(cx, left));
            let over = lower_field(cx, node, "right");
            let body = lower_field(cx, node, "body");
            cx.loop_(LoopKind::Each, pat, Some(over), body, node)
        }
        "while_statement" => {
            let cond = lower_field(cx, node, "condition");
            let body = lower_field(cx, node, "body");
            cx.loop_(LoopKind::While, None, Some(cond), body, node)
        }
        "list_comprehension"
        | "generator_expression"
        | "set_comprehension"
        | "dictionary_comprehension" => comprehension(cx, node),
        "try_statement" => try_statement(cx, node),
        "with_statement" => with_statement(cx, node),
        "match_statement" => cx.other(node, lower),
        "import_statement" => {
            for child in named(node) {
                if child.kind() == "aliased_import" {
                    let name = child
                        .child_by_field_name("name")
                        .map(|n| cx.sym(n))
                        .unwrap_or_default();
                    let local = child
                        .child_by_field_name("alias")
                        .map(|n| cx.sym(n))
                        .unwrap_or_default();
                    cx.import(local, name, None, child);
                } else {
                    // `import a.b` binds `a`; members are walked from there.
                    let text = cx.text(child);
                    let head = text.split('.').next().unwrap_or(text);
                    cx.import(head, head, None, child);
                }
            }
            cx.add(Kind::Other(Vec::new()), node)
        }
        "import_from_statement" => import_from(cx, node),
        "type" => match first(node) {
            Some(inner) => type_of(cx, inner),
            None => cx.other(node, lower),
        },
        "comment" => cx.add(Kind::Other(Vec::new()), node),
        _ => cx.other(node, lower),
    }
}

/// Adjacent literals are one literal.
fn fold_text(cx: &mut Lowering<'_>, id: Id) -> Id {
    let Kind::Template(parts) = cx.facts.kind(id).clone() else {
        return id;
    };
    let mut text = String::new();
    for part in &parts {
        match cx.facts.kind(*part) {
            Kind::Str(more) => text.push_str(more),
            _ => return id,
        }
    }
    let span = cx.facts.span(id);
    cx.add_at(Kind::Str(SmolStr::from(text)), span)
}

fn string(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    let mut parts = Vec::new();
    for child in named(node) {
        match child.kind() {
            "string_content" => {
                let text = SmolStr::from(cx.text(child).replace("{{", "{").replace("}}", "}"));
                let text = if cx.text(node).starts_with(['f', 'F']) {
                    text
                } else {
                    cx.sym(child)
                };
                parts.push(cx.add(Kind::Str(text), child));
            }
            "interpolation" => {
                if let Some(inner) = child
                    .child_by_field_name("expression")
                    .or_else(|| first(child))
                {
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

/// `"ORDER#%s" % id`.
fn percent(cx: &mut Lowering<'_>, left: Id, right: Id, node: Tree<'_>) -> Id {
    let Kind::Str(text) = cx.facts.kind(left).clone() else {
        return cx.add(Kind::Template(vec![left, right]), node);
    };
    let holes = match cx.facts.kind(right) {
        Kind::Array(items) => items.clone(),
        _ => vec![right],
    };
    holes_in(cx, &text, &["%s", "%d", "%i", "%r"], &holes, node)
}

/// A format string with its holes filled in order.
fn holes_in(cx: &mut Lowering<'_>, text: &str, marks: &[&str], holes: &[Id], node: Tree<'_>) -> Id {
    let mut parts = Vec::new();
    let mut rest = text;
    let mut holes = holes.iter();
    while let Some((at, mark)) = marks.iter().filter_map(|m| Some((rest.find(m)?, m))).min() {
        if at > 0 {
            parts.push(cx.add(Kind::Str(SmolStr::new(&rest[..at])), node));
        }
        match holes.next() {
            Some(hole) => parts.push(*hole),
            None => parts.push(cx.add(Kind::Other(Vec::new()), node)),
        }
        rest = &rest[at + mark.len()..];
    }
    if !rest.is_empty() {
        parts.push(cx.add(Kind::Str(SmolStr::new(rest)), node));
    }
    cx.add(Kind::Template(parts), node)
}

fn call(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    let callee = lower_field(cx, node, "function");
    let mut args = Vec::new();
    if let Some(list) = node.child_by_field_name("arguments") {
        if list.kind() == "generator_expression" {
            let value = lower(cx, list);
            args.push(Arg { name: None, value });
        } else {
            for child in named(list) {
                args.push(argument(cx, child));
            }
        }
    }
    // `"ORDER#{}".format(id)` is a template.
    if let Kind::Member(text, method) = cx.facts.kind(callee).clone()
        && method == "format"
        && let Kind::Str(text) = cx.facts.kind(text).clone()
        && args.iter().all(|arg| arg.name.is_none())
    {
        let holes: Vec<Id> = args.iter().map(|arg| arg.value).collect();
        return holes_in(cx, &text, &["{}", "{0}", "{1}", "{2}"], &holes, node);
    }
    let style = CallStyle {
        new: starts_upper(cx, callee),
        ..CallStyle::default()
    };
    cx.call(callee, args, style, node)
}

/// A call of a name in capitals makes an instance.
fn starts_upper(cx: &Lowering<'_>, callee: Id) -> bool {
    match cx.facts.kind(callee) {
        Kind::Name(name) | Kind::Member(_, name) => {
            name.chars().next().is_some_and(char::is_uppercase)
        }
        _ => false,
    }
}

fn argument(cx: &mut Lowering<'_>, child: Tree<'_>) -> Arg {
    match child.kind() {
        "keyword_argument" => {
            let name = child.child_by_field_name("name").map(|n| cx.sym(n));
            Arg {
                name,
                value: lower_field(cx, child, "value"),
            }
        }
        "dictionary_splat" => {
            let value = first(child).map(|inner| lower(cx, inner));
            let value = value.unwrap_or_else(|| cx.add(Kind::Other(Vec::new()), child));
            Arg {
                name: Some(SmolStr::new_static("**")),
                value,
            }
        }
        _ => Arg {
            name: None,
            value: lower(cx, child),
        },
    }
}

fn dictionary(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    let mut fields = Vec::new();
    for child in named(node) {
        match child.kind() {
            "pair" => {
                let (key, value) = (
                    lower_field(cx, child, "key"),
                    lower_field(cx, child, "value"),
                );
                fields.push(match cx.facts.kind(key).clone() {
                    Kind::Str(key) => cx.field(&key, value),
                    _ => Field::Computed(key, value),
                });
            }
            "dictionary_splat" => {
                if let Some(inner) = first(child) {
                    fields.push(Field::Spread(lower(cx, inner)));
                }
            }
            _ => {}
        }
    }
    cx.add(Kind::Object(fields), node)
}

fn assignment(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    let Some(left) = node.child_by_field_name("left") else {
        return cx.other(node, lower);
    };
    let ty = node
        .child_by_field_name("type")
        .and_then(first)
        .map(|ty| type_of(cx, ty));
    let value = node
        .child_by_field_name("right")
        .map(|value| lower(cx, value));
    let in_class = cx.class_here().filter(|_| left.kind() == "identifier");
    if let Some(class) = in_class {
        let field = ClassField {
            name: cx.sym(left),
            ty,
            value,
            decorators: Vec::new(),
            span: span_of(node),
        };
        cx.facts.classes[class as usize].fields.push(field);
    }
    match left.kind() {
        "identifier" | "pattern_list" | "tuple_pattern" | "list_pattern" => {
            let pat = pattern(cx, left);
            cx.let_(pat, ty, value, node)
        }
        _ => {
            let target = lower(cx, left);
            let value = value.unwrap_or_else(|| cx.add(Kind::Other(Vec::new()), node));
            cx.add(Kind::Assign(target, SmolStr::new_static("="), value), node)
        }
    }
}

fn pattern(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    match node.kind() {
        "pattern_list" | "tuple_pattern" | "list_pattern" => {
            let items = cx.children(node, pattern);
            cx.add(Kind::PatArray(items), node)
        }
        "as_pattern_target" => match first(node) {
            Some(inner) => pattern(cx, inner),
            None => cx.name(node),
        },
        _ => lower(cx, node),
    }
}

fn if_statement(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    let cond = lower_field(cx, node, "condition");
    let then = lower_field(cx, node, "consequence");
    let mut cursor = node.walk();
    let alternatives: Vec<_> = node
        .children_by_field_name("alternative", &mut cursor)
        .collect();
    let mut other = None;
    for alternative in alternatives.into_iter().rev() {
        other = Some(match alternative.kind() {
            "elif_clause" => {
                let cond = lower_field(cx, alternative, "condition");
                let then = lower_field(cx, alternative, "consequence");
                cx.add(Kind::If(cond, then, other), alternative)
            }
            _ => lower_field(cx, alternative, "body"),
        });
    }
    if cx.text(node).starts_with("if __name__") {
        let here = cx.here();
        // The file is a script where it is run by itself.
        cx.facts.functions[here as usize].name = SmolStr::new_static("__main__");
    }
    cx.add(Kind::If(cond, then, other), node)
}

/// `[f(x) for x in xs if …]`: a loop whose body is a lambda's value.
fn comprehension(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    let mut clauses = Vec::new();
    let mut conditions = Vec::new();
    for child in named(node) {
        match child.kind() {
            "for_in_clause" => {
                let pat = child
                    .child_by_field_name("left")
                    .map(|left| pattern(cx, left));
                let over = lower_field(cx, child, "right");
                clauses.push((pat, over));
            }
            "if_clause" => conditions.extend(first(child).map(|cond| lower(cx, cond))),
            _ => {}
        }
    }
    let mut body = lower_field(cx, node, "body");
    for cond in conditions {
        body = cx.add(Kind::If(cond, body, None), node);
    }
    for (pat, over) in clauses.into_iter().rev() {
        body = cx.loop_(LoopKind::Each, pat, Some(over), body, node);
    }
    body
}

fn try_statement(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    let body = lower_field(cx, node, "body");
    let mut handlers = Vec::new();
    let mut rest = Vec::new();
    let mut finally = None;
    for child in named(node) {
        match child.kind() {
            "except_clause" | "except_group_clause" => {
                let parts = cx.children(child, lower);
                let (body, pats) = match parts.split_last() {
                    Some((body, pats)) => (*body, pats.to_vec()),
                    None => continue,
                };
                let pat = cx.add(Kind::Other(pats), child);
                handlers.push((Some(pat), body));
            }
            "else_clause" => rest.push(lower_field(cx, child, "body")),
            "finally_clause" => finally = first(child).map(|body| lower(cx, body)),
            _ => {}
        }
    }
    let body = if rest.is_empty() {
        body
    } else {
        let all = std::iter::once(body).chain(rest).collect();
        cx.add(Kind::Other(all), node)
    };
    cx.add(Kind::Try(body, handlers, finally), node)
}

/// `with table.batch_writer() as batch:` binds `batch`.
fn with_statement(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    let mut parts = Vec::new();
    for clause in named(node)
        .into_iter()
        .filter(|c| c.kind() == "with_clause")
    {
        for item in named(clause) {
            let Some(value) = item.child_by_field_name("value") else {
                continue;
            };
            if value.kind() == "as_pattern" {
                let inner = named(value);
                let (Some(made), Some(target)) = (inner.first(), inner.last()) else {
                    continue;
                };
                let made = lower(cx, *made);
                let pat = pattern(cx, *target);
                parts.push(cx.let_(pat, None, Some(made), item));
            } else {
                parts.push(lower(cx, value));
            }
        }
    }
    parts.push(lower_field(cx, node, "body"));
    cx.add(Kind::Other(parts), node)
}

fn import_from(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    let module = node.child_by_field_name("module_name");
    let text = module.map(|m| cx.sym(m)).unwrap_or_default();
    for child in named(node) {
        if Some(child) == module {
            continue;
        }
        match child.kind() {
            "aliased_import" => {
                let name = child.child_by_field_name("name").map(|n| cx.sym(n));
                let local = child
                    .child_by_field_name("alias")
                    .map(|n| cx.sym(n))
                    .unwrap_or_default();
                cx.import(local, text.clone(), name, child);
            }
            "wildcard_import" => cx.import("*", text.clone(), None, child),
            _ => {
                let name = cx.sym(child);
                cx.import(name.clone(), text.clone(), Some(name), child);
            }
        }
    }
    cx.add(Kind::Other(Vec::new()), node)
}

fn decorated(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    let mut decorators = Vec::new();
    for child in named(node).into_iter().filter(|c| c.kind() == "decorator") {
        decorators.extend(first(child).map(|inner| lower(cx, inner)));
    }
    let made = lower_field(cx, node, "definition");
    match *cx.facts.kind(made) {
        Kind::FnDef(id) => cx.facts.functions[id as usize].decorators = decorators,
        Kind::ClassDef(id) => cx.facts.classes[id as usize].decorators = decorators,
        _ => {}
    }
    made
}

fn function(cx: &mut Lowering<'_>, node: Tree<'_>, name: SmolStr, lambda: bool) -> FnId {
    let method = cx.class_here().is_some();
    let name = if name == "__init__" {
        SmolStr::new_static("new")
    } else {
        name
    };
    let exported = !name.starts_with('_');
    let test = name.starts_with("test_");
    let id = cx.function(name, node, lambda, |cx, _| {
        let mut params = Vec::new();
        if let Some(list) = node.child_by_field_name("parameters") {
            for (at, child) in named(list).into_iter().enumerate() {
                if at == 0 && method && matches!(cx.text(child), "self" | "cls") {
                    continue;
                }
                params.push(param(cx, child));
            }
        }
        let ret = node
            .child_by_field_name("return_type")
            .and_then(first)
            .map(|ty| type_of(cx, ty));
        let body = lower_field(cx, node, "body");
        (params, ret, body)
    });
    cx.facts.functions[id as usize].exported = exported;
    cx.facts.functions[id as usize].test |= test;
    id
}

fn param(cx: &mut Lowering<'_>, node: Tree<'_>) -> Param {
    let ty = node
        .child_by_field_name("type")
        .and_then(first)
        .map(|ty| type_of(cx, ty));
    let default = node
        .child_by_field_name("value")
        .map(|value| lower(cx, value));
    let inner = match node.kind() {
        "identifier" => node,
        "default_parameter" | "typed_default_parameter" => {
            node.child_by_field_name("name").unwrap_or(node)
        }
        _ => first(node).unwrap_or(node),
    };
    Param {
        pat: cx.name(inner),
        ty,
        default,
        decorators: Vec::new(),
    }
}

fn type_of(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    cx.nested(node, |cx| match node.kind() {
        "identifier" | "attribute" => {
            let name = cx.sym(node);
            cx.add(Kind::Type(name, Vec::new()), node)
        }
        "string" => {
            let text = cx.text(node).trim_matches(['"', '\'']);
            let name = SmolStr::new(text);
            cx.add(Kind::Type(name, Vec::new()), node)
        }
        "generic_type" | "subscript" | "union_type" | "binary_operator" | "type_parameter"
        | "type" | "list" => {
            let parts = named(node)
                .into_iter()
                .map(|part| type_of(cx, part))
                .collect();
            cx.add(Kind::Type(SmolStr::new_static("|"), parts), node)
        }
        _ => cx.add(Kind::Type(SmolStr::default(), Vec::new()), node),
    })
}

fn class(cx: &mut Lowering<'_>, node: Tree<'_>) -> ClassId {
    let name = node
        .child_by_field_name("name")
        .map(|n| cx.sym(n))
        .unwrap_or_default();
    let exported = !name.starts_with('_');
    let test = name.starts_with("Test");
    let was = cx.in_test;
    cx.in_test |= test;
    let id = cx.class(name, node, |cx, id| {
        if let Some(bases) = node.child_by_field_name("superclasses") {
            let bases: Vec<Id> = named(bases)
                .into_iter()
                .filter(|base| base.kind() != "keyword_argument")
                .map(|base| lower(cx, base))
                .collect();
            cx.facts.classes[id as usize].bases = bases;
        }
        if let Some(body) = node.child_by_field_name("body") {
            for child in named(body) {
                lower(cx, child);
            }
        }
    });
    cx.in_test = was;
    cx.facts.classes[id as usize].exported = exported;
    id
}
