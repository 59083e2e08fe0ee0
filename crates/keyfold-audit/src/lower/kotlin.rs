//! Kotlin.
//!
//! A lambda that only assigns, as builders take it (`client.query { tableName = "orders" }`), is an
//! object with these fields. `x.use { y -> … }`, `let` and `also` are blocks that bind `y` first.

use keyfold_grammars::tree_sitter::Node as Tree;
use smol_str::SmolStr;

use super::{Lowering, span_of, unquote};
use crate::facts::{
    Arg, CallStyle, ClassField, ClassId, Field, FnId, Id, Kind, LoopKind, Param, Span,
};

/// The whole file.
pub fn module(cx: &mut Lowering<'_>, root: Tree<'_>) -> Id {
    let statements = cx.children(root, lower);
    cx.block(statements, root)
}

/// Any statement or expression.
pub fn lower(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    cx.nested(node, |cx| lower_kind(cx, node))
}

fn named(node: Tree<'_>) -> Vec<Tree<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor)
        .filter(|child| !child.is_extra())
        .collect()
}

fn child<'t>(node: Tree<'t>, kind: &str) -> Option<Tree<'t>> {
    named(node).into_iter().find(|child| child.kind() == kind)
}

fn first(node: Tree<'_>) -> Option<Tree<'_>> {
    named(node).first().copied()
}

fn nothing(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    cx.add(Kind::Other(Vec::new()), node)
}

fn lower_field(cx: &mut Lowering<'_>, node: Tree<'_>, field: &str) -> Id {
    match node.child_by_field_name(field) {
        Some(child) => lower(cx, child),
        None => nothing(cx, node),
    }
}

fn operator<'s>(cx: &Lowering<'s>, node: Tree<'_>) -> &'s str {
    node.child_by_field_name("operator")
        .map(|op| cx.text(op))
        .unwrap_or_default()
}

fn is_type(node: Tree<'_>) -> bool {
    matches!(
        node.kind(),
        "user_type"
            | "nullable_type"
            | "function_type"
            | "parenthesized_type"
            | "non_nullable_type"
    )
}

#[expect(
    clippy::too_many_lines,
    reason = "one match over the grammar's node kinds"
)]
fn lower_kind(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    match node.kind() {
        "identifier" => match cx.text(node) {
            "true" => cx.add(Kind::Bool(true), node),
            "false" => cx.add(Kind::Bool(false), node),
            "null" => cx.add(Kind::Null, node),
            "break" | "continue" => cx.add(Kind::Jump, node),
            _ => cx.name(node),
        },
        "this_expression" | "super_expression" => {
            cx.add(Kind::Name(SmolStr::new_static("self")), node)
        }
        "string_literal" | "multiline_string_literal" => string(cx, node),
        "character_literal" => {
            let text = unquote(cx.text(node));
            cx.add(Kind::Str(text), node)
        }
        "number_literal" | "float_literal" => {
            let text = SmolStr::new(
                cx.text(node)
                    .trim_end_matches(['L', 'f', 'F', 'u', 'U'])
                    .replace('_', ""),
            );
            cx.add(Kind::Num(text), node)
        }
        "parenthesized_expression" | "annotated_expression" | "labeled_expression" => {
            match named(node)
                .into_iter()
                .rfind(|child| !matches!(child.kind(), "annotation" | "label"))
            {
                Some(inner) => lower(cx, inner),
                None => nothing(cx, node),
            }
        }
        "as_expression" => lower_field(cx, node, "left"),
        "is_expression" | "in_expression" => {
            let (left, right) = (
                lower_field(cx, node, "left"),
                node.child_by_field_name("right"),
            );
            let right = match right {
                Some(ty) if is_type(ty) => type_of(cx, ty),
                Some(value) => lower(cx, value),
                None => nothing(cx, node),
            };
            let op = if node.kind() == "is_expression" {
                "is"
            } else {
                "in"
            };
            cx.add(Kind::Binary(SmolStr::new_static(op), left, right), node)
        }
        "navigation_expression" => {
            let parts = named(node);
            match (parts.first(), parts.last()) {
                (Some(of), Some(name)) if parts.len() > 1 => {
                    let of = lower(cx, *of);
                    cx.member(of, *name)
                }
                (Some(one), _) => lower(cx, *one),
                _ => nothing(cx, node),
            }
        }
        "callable_reference" => cx.name(named(node).last().copied().unwrap_or(node)),
        "index_expression" => {
            let parts = cx.children(node, lower);
            match parts[..] {
                [object, index] => cx.add(Kind::Index(object, index), node),
                _ => cx.add(Kind::Other(parts), node),
            }
        }
        "call_expression" => call(cx, node),
        "collection_literal" => {
            let items = cx.children(node, lower);
            cx.add(Kind::Array(items), node)
        }
        "spread_expression" => match first(node) {
            Some(inner) => {
                let inner = lower(cx, inner);
                cx.add(Kind::Spread(inner), node)
            }
            None => nothing(cx, node),
        },
        "lambda_literal" => {
            let id = lambda(cx, node);
            cx.add(Kind::Lambda(id), node)
        }
        "annotated_lambda" => match child(node, "lambda_literal") {
            Some(inner) => lower(cx, inner),
            None => nothing(cx, node),
        },
        "anonymous_function" => {
            let id = function(cx, node, SmolStr::default(), true);
            cx.add(Kind::Lambda(id), node)
        }
        "object_literal" => {
            let id = class(cx, node, SmolStr::default());
            let made = cx.add(Kind::ClassDef(id), node);
            cx.add(Kind::Other(vec![made]), node)
        }
        "infix_expression" => {
            let parts = named(node);
            let [left, op, right] = parts[..] else {
                return cx.other(node, lower);
            };
            let (left, right) = (lower(cx, left), lower(cx, right));
            let op = cx.sym(op);
            cx.add(Kind::Binary(op, left, right), node)
        }
        "binary_expression" => {
            let (left, right) = (
                lower_field(cx, node, "left"),
                lower_field(cx, node, "right"),
            );
            match operator(cx, node) {
                "?:" => cx.add(Kind::Choice(vec![left, right]), node),
                "+" if cx.is_text(left) || cx.is_text(right) => cx.concat(left, right, node),
                op => cx.add(Kind::Binary(SmolStr::new(op), left, right), node),
            }
        }
        "unary_expression" => {
            let value = match node.child_by_field_name("argument").or_else(|| first(node)) {
                Some(inner) => lower(cx, inner),
                None => nothing(cx, node),
            };
            match operator(cx, node) {
                "++" | "--" => {
                    let one = cx.add(Kind::Num(SmolStr::new_static("1")), node);
                    let op = if operator(cx, node) == "++" {
                        "+="
                    } else {
                        "-="
                    };
                    cx.add(Kind::Assign(value, SmolStr::new_static(op), one), node)
                }
                op @ ("!" | "-") => cx.add(Kind::Unary(SmolStr::new(op), value), node),
                // `x!!` is `x`.
                _ => value,
            }
        }
        "assignment" => {
            let (target, value) = (
                lower_field(cx, node, "left"),
                lower_field(cx, node, "right"),
            );
            let op = match operator(cx, node) {
                "" => "=",
                op => op,
            };
            cx.add(Kind::Assign(target, SmolStr::new(op), value), node)
        }
        "property_declaration" => property(cx, node),
        "return_expression" => {
            let value = named(node)
                .into_iter()
                .rfind(|child| child.kind() != "label")
                .map(|value| lower(cx, value));
            cx.add(Kind::Return(value), node)
        }
        "throw_expression" => {
            let value = first(node).map(|value| lower(cx, value));
            cx.add(Kind::Throw(value), node)
        }
        "block" | "control_structure_body" => {
            let mut statements = cx.children(node, lower);
            super::java::maps(
                cx,
                &mut statements,
                &["mutableMapOf", "HashMap", "LinkedHashMap"],
            );
            cx.block(statements, node)
        }
        "if_expression" => {
            let parts = named(node);
            let cond = lower_field(cx, node, "condition");
            let condition = node.child_by_field_name("condition");
            let mut rest = parts.into_iter().filter(|part| Some(*part) != condition);
            let then = match rest.next() {
                Some(then) => lower(cx, then),
                None => nothing(cx, node),
            };
            let other = rest.next().map(|other| lower(cx, other));
            cx.add(Kind::If(cond, then, other), node)
        }
        "when_expression" => when(cx, node),
        "for_statement" => {
            let parts: Vec<Tree<'_>> = named(node)
                .into_iter()
                .filter(|p| !matches!(p.kind(), "annotation" | "label"))
                .collect();
            let [pat, over, ref body @ ..] = parts[..] else {
                return cx.other(node, lower);
            };
            let pat = pattern(cx, pat);
            let over = lower(cx, over);
            let body = match body.first() {
                Some(body) => lower(cx, *body),
                None => nothing(cx, node),
            };
            cx.loop_(LoopKind::Each, Some(pat), Some(over), body, node)
        }
        "while_statement" | "do_while_statement" => {
            let cond = lower_field(cx, node, "condition");
            let condition = node.child_by_field_name("condition");
            let body = named(node)
                .into_iter()
                .find(|part| Some(*part) != condition && part.kind() != "label");
            let body = match body {
                Some(body) => lower(cx, body),
                None => nothing(cx, node),
            };
            cx.loop_(LoopKind::While, None, Some(cond), body, node)
        }
        "try_expression" => try_expression(cx, node),
        "class_declaration" | "object_declaration" => {
            let name = node
                .child_by_field_name("name")
                .map(|name| cx.sym(name))
                .unwrap_or_default();
            let id = class(cx, node, name);
            cx.add(Kind::ClassDef(id), node)
        }
        // What a companion has, its class has.
        "companion_object" => match child(node, "class_body") {
            Some(body) => cx.other(body, lower),
            None => nothing(cx, node),
        },
        "function_declaration" => {
            let name = node
                .child_by_field_name("name")
                .map(|name| cx.sym(name))
                .unwrap_or_default();
            let id = function(cx, node, name, false);
            cx.add(Kind::FnDef(id), node)
        }
        "secondary_constructor" => {
            let id = function(cx, node, SmolStr::new_static("new"), false);
            cx.add(Kind::FnDef(id), node)
        }
        "type_alias" => {
            let name = node
                .child_by_field_name("type")
                .map(|name| cx.sym(name))
                .unwrap_or_default();
            let of = named(node).into_iter().find(|child| is_type(*child));
            let id = cx.class(name, node, |cx, id| {
                let base = of.map(|of| type_of(cx, of));
                cx.facts.classes[id as usize].bases.extend(base);
                cx.facts.classes[id as usize].interface = true;
            });
            cx.add(Kind::ClassDef(id), node)
        }
        "package_header" => {
            let name = first(node).map(|name| cx.sym(name));
            cx.facts.package = name.unwrap_or_default();
            nothing(cx, node)
        }
        "import" => import(cx, node),
        "line_comment" | "block_comment" | "modifiers" | "annotation" | "label" => {
            nothing(cx, node)
        }
        _ => cx.other(node, lower),
    }
}

/// `"A#$id"` has its short holes as bare content: a `$`, then the name and what follows it.
fn string(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    let raw = node.kind() == "multiline_string_literal";
    let mut parts: Vec<Id> = Vec::new();
    let mut text = String::new();
    let mut text_at: Option<Tree<'_>> = None;
    let mut after_dollar = false;
    for part in named(node) {
        if part.kind() == "interpolation" {
            flush(cx, &mut parts, &mut text, text_at.take(), raw);
            if let Some(inner) = first(part) {
                parts.push(lower(cx, inner));
            }
            after_dollar = false;
            continue;
        }
        let content = cx.text(part);
        if content == "$" {
            after_dollar = true;
            continue;
        }
        let mut rest = content;
        if std::mem::take(&mut after_dollar) {
            let name: &str = &rest[..rest
                .bytes()
                .take_while(|b| b.is_ascii_alphanumeric() || *b == b'_')
                .count()];
            if name.is_empty() {
                text.push('$');
            } else {
                flush(cx, &mut parts, &mut text, text_at.take(), raw);
                parts.push(cx.add(Kind::Name(SmolStr::new(name)), part));
                rest = &rest[name.len()..];
            }
        }
        if part.kind() == "escape_sequence" {
            text.push_str(&unquote(&format!("\"{rest}\"")));
        } else {
            text.push_str(rest);
        }
        text_at = text_at.or(Some(part));
    }
    flush(cx, &mut parts, &mut text, text_at, raw);
    match parts[..] {
        [] => cx.add(Kind::Str(SmolStr::default()), node),
        [one] if matches!(cx.facts.kind(one), Kind::Str(_)) => one,
        _ => cx.add(Kind::Template(parts), node),
    }
}

fn flush(
    cx: &mut Lowering<'_>,
    parts: &mut Vec<Id>,
    text: &mut String,
    at: Option<Tree<'_>>,
    raw: bool,
) {
    let Some(at) = at.filter(|_| !text.is_empty()) else {
        return;
    };
    let known = std::mem::take(text);
    let known = if raw {
        known.split_whitespace().collect::<Vec<_>>().join(" ")
    } else {
        known
    };
    parts.push(cx.add(Kind::Str(SmolStr::from(known)), at));
}

fn call(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    // `foo(x) { … }` is a call of a call: one call with the lambda last.
    let mut lambdas = Vec::new();
    let mut inner = node;
    let (callee, args) = loop {
        let parts = named(inner);
        lambdas.extend(
            parts
                .iter()
                .copied()
                .filter(|part| part.kind() == "annotated_lambda"),
        );
        let args = parts
            .iter()
            .copied()
            .find(|part| part.kind() == "value_arguments");
        let Some(callee) = parts.first().copied() else {
            return nothing(cx, node);
        };
        if args.is_none()
            && callee.kind() == "call_expression"
            && !lambdas.is_empty()
            && inner == node
        {
            inner = callee;
            continue;
        }
        break (callee, args);
    };
    if let Some(block) = scoped(cx, callee, args, &lambdas, node) {
        return block;
    }
    let callee = lower(cx, callee);
    let mut given: Vec<Arg> = Vec::new();
    for arg in args.map(named).unwrap_or_default() {
        given.push(argument(cx, arg));
    }
    for lambda in lambdas {
        let value = trailing(cx, lambda);
        given.push(Arg { name: None, value });
    }
    if let Some(literal) = collected(cx, callee, &given, node) {
        return literal;
    }
    let new = match cx.facts.kind(callee) {
        Kind::Name(name) | Kind::Member(_, name) => {
            name.chars().next().is_some_and(char::is_uppercase)
        }
        _ => false,
    };
    cx.call(
        callee,
        given,
        CallStyle {
            new,
            ..CallStyle::default()
        },
        node,
    )
}

fn argument(cx: &mut Lowering<'_>, node: Tree<'_>) -> Arg {
    let parts = named(node);
    match parts[..] {
        [name, value] if name.kind() == "identifier" => Arg {
            name: Some(cx.sym(name)),
            value: lower(cx, value),
        },
        [value] => Arg {
            name: None,
            value: lower(cx, value),
        },
        _ => Arg {
            name: None,
            value: nothing(cx, node),
        },
    }
}

/// A lambda after a call: an object, if all it does is to assign.
fn trailing(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    let Some(literal) = child(node, "lambda_literal") else {
        return lower(cx, node);
    };
    let statements = named(literal);
    let assigns = !statements.is_empty()
        && statements
            .iter()
            .all(|statement| assigned(cx, *statement).is_some());
    if !assigns {
        return lower(cx, literal);
    }
    let mut fields = Vec::new();
    for statement in statements {
        let Some(name) = assigned(cx, statement) else {
            continue;
        };
        let value = lower_field(cx, statement, "right");
        fields.push(cx.field(&name, value));
    }
    cx.add(Kind::Object(fields), literal)
}

/// The name that `tableName = …` or `this.tableName = …` assigns.
fn assigned(cx: &Lowering<'_>, node: Tree<'_>) -> Option<SmolStr> {
    if node.kind() != "assignment" || !matches!(operator(cx, node), "" | "=") {
        return None;
    }
    let left = node.child_by_field_name("left")?;
    match left.kind() {
        "identifier" => Some(cx.sym(left)),
        "navigation_expression" => {
            let parts = named(left);
            match parts[..] {
                [this, name] if this.kind() == "this_expression" => Some(cx.sym(name)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// `x.use { y -> … }`, `x?.let { … }`, `x.also { … }`: `y` is `x`.
fn scoped(
    cx: &mut Lowering<'_>,
    callee: Tree<'_>,
    args: Option<Tree<'_>>,
    lambdas: &[Tree<'_>],
    node: Tree<'_>,
) -> Option<Id> {
    let [lambda] = lambdas else { return None };
    if args.is_some() || callee.kind() != "navigation_expression" {
        return None;
    }
    let parts = named(callee);
    let (of, name) = (*parts.first()?, *parts.last()?);
    if !matches!(cx.text(name), "use" | "let" | "also") {
        return None;
    }
    let literal = child(*lambda, "lambda_literal")?;
    let value = lower(cx, of);
    let mut made = Vec::new();
    match child(literal, "lambda_parameters").map(named).as_deref() {
        Some([param]) => {
            let pat = pattern(cx, *param);
            made.push(cx.let_(pat, None, Some(value), *param));
        }
        Some(_) => return None,
        None => {
            let pat = cx.add(Kind::Name(SmolStr::new_static("it")), name);
            made.push(cx.let_(pat, None, Some(value), name));
        }
    }
    let statements = named(literal)
        .into_iter()
        .filter(|part| part.kind() != "lambda_parameters");
    made.extend(
        statements
            .map(|statement| lower(cx, statement))
            .collect::<Vec<_>>(),
    );
    Some(cx.block(made, node))
}

/// `mapOf("pk" to v)`, `listOf(a, b)`, `setOf(…)` as literals.
fn collected(cx: &mut Lowering<'_>, callee: Id, args: &[Arg], node: Tree<'_>) -> Option<Id> {
    let Kind::Name(name) = cx.facts.kind(callee).clone() else {
        return None;
    };
    match name.as_str() {
        "mapOf" | "mutableMapOf" | "hashMapOf" | "linkedMapOf" => {
            let mut fields = Vec::new();
            for arg in args {
                fields.push(match cx.facts.kind(arg.value).clone() {
                    Kind::Binary(op, key, value) if op == "to" => {
                        match cx.facts.kind(key).clone() {
                            Kind::Str(key) => cx.field(&key, value),
                            _ => Field::Computed(key, value),
                        }
                    }
                    _ => Field::Spread(arg.value),
                });
            }
            Some(cx.add(Kind::Object(fields), node))
        }
        "listOf" | "mutableListOf" | "arrayListOf" | "setOf" | "arrayOf" | "listOfNotNull" => {
            let items = args.iter().map(|arg| arg.value).collect();
            Some(cx.add(Kind::Array(items), node))
        }
        _ => None,
    }
}

fn pattern(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    match node.kind() {
        "multi_variable_declaration" => {
            let items = named(node)
                .into_iter()
                .map(|item| pattern(cx, item))
                .collect();
            cx.add(Kind::PatArray(items), node)
        }
        "variable_declaration" => match child(node, "identifier") {
            Some(name) => cx.name(name),
            None => cx.name(node),
        },
        _ => cx.name(node),
    }
}

fn declared(cx: &mut Lowering<'_>, node: Tree<'_>) -> Option<Id> {
    let ty = named(node).into_iter().find(|child| is_type(*child))?;
    Some(type_of(cx, ty))
}

fn type_of(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    cx.nested(node, |cx| match node.kind() {
        "user_type" => {
            let parts = named(node);
            let path: Vec<&str> = parts
                .iter()
                .filter(|p| p.kind() == "identifier")
                .map(|p| cx.text(*p))
                .collect();
            let path = SmolStr::from(path.join("."));
            let args = parts.iter().filter(|p| p.kind() == "type_arguments");
            let args: Vec<Tree<'_>> = args.flat_map(|args| named(*args)).collect();
            let args = args.into_iter().map(|arg| type_of(cx, arg)).collect();
            cx.add(Kind::Type(path, args), node)
        }
        "nullable_type" | "parenthesized_type" | "non_nullable_type" | "type_projection" => {
            match named(node).into_iter().find(|child| is_type(*child)) {
                Some(inner) => type_of(cx, inner),
                None => cx.add(Kind::Type(SmolStr::default(), Vec::new()), node),
            }
        }
        _ => cx.add(Kind::Type(SmolStr::default(), Vec::new()), node),
    })
}

/// A value that is not of a declaration's other parts.
fn initial(node: Tree<'_>) -> Option<Tree<'_>> {
    named(node).into_iter().rfind(|part| {
        !is_type(*part)
            && !matches!(
                part.kind(),
                "modifiers"
                    | "variable_declaration"
                    | "multi_variable_declaration"
                    | "getter"
                    | "setter"
                    | "property_delegate"
                    | "type_parameters"
                    | "type_constraints"
                    | "identifier"
            )
            || part.kind() == "identifier"
                && part
                    .prev_sibling()
                    .is_some_and(|before| before.kind() == "=")
    })
}

fn property(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    let Some(target) = named(node)
        .into_iter()
        .find(|part| part.kind().ends_with("variable_declaration"))
    else {
        return cx.other(node, lower);
    };
    let ty = declared(cx, target);
    let value = match (
        initial(node),
        child(node, "property_delegate"),
        child(node, "getter"),
    ) {
        (Some(value), ..) => Some(lower(cx, value)),
        (None, Some(delegate), _) => first(delegate).map(|inner| delegated(cx, inner)),
        (None, None, Some(getter)) => {
            let body = child(getter, "function_body").and_then(first);
            body.filter(|body| body.kind() != "block")
                .map(|body| lower(cx, body))
        }
        _ => None,
    };
    if let Some(class) = cx.class_here() {
        let decorators = annotations(cx, node);
        let (name, span) = (
            child(target, "identifier").map(|name| cx.sym(name)),
            span_of(node),
        );
        let field = ClassField {
            name: name.unwrap_or_default(),
            ty,
            value,
            decorators,
            span,
        };
        cx.facts.classes[class as usize].fields.push(field);
        return cx.add(Kind::Other(value.into_iter().collect()), node);
    }
    let pat = pattern(cx, target);
    cx.let_(pat, ty, value, node)
}

/// `by lazy { value }` is that value.
fn delegated(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    let parts = named(node);
    if node.kind() == "call_expression"
        && parts
            .first()
            .is_some_and(|callee| cx.text(*callee) == "lazy")
        && let Some(literal) = parts
            .iter()
            .find(|p| p.kind() == "annotated_lambda")
            .and_then(|l| child(*l, "lambda_literal"))
    {
        let mut statements: Vec<Id> = named(literal)
            .into_iter()
            .map(|statement| lower(cx, statement))
            .collect();
        return match statements[..] {
            [_] => statements.remove(0),
            _ => cx.block(statements, literal),
        };
    }
    lower(cx, node)
}

fn annotations(cx: &mut Lowering<'_>, node: Tree<'_>) -> Vec<Id> {
    let marks = child(node, "modifiers").map(named).unwrap_or_default();
    let mut made = Vec::new();
    for mark in marks.into_iter().filter(|mark| mark.kind() == "annotation") {
        let target = named(mark)
            .into_iter()
            .find(|part| matches!(part.kind(), "user_type" | "constructor_invocation"));
        let Some(target) = target else { continue };
        let (ty, args) = if target.kind() == "constructor_invocation" {
            (first(target), child(target, "value_arguments"))
        } else {
            (Some(target), None)
        };
        let Some(name) =
            ty.and_then(|ty| named(ty).into_iter().rfind(|p| p.kind() == "identifier"))
        else {
            continue;
        };
        let callee = cx.name(name);
        let args = args
            .map(named)
            .unwrap_or_default()
            .into_iter()
            .map(|arg| argument(cx, arg))
            .collect();
        made.push(cx.call(callee, args, CallStyle::default(), mark));
    }
    made
}

fn when(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    let subject = child(node, "when_subject").map(named).unwrap_or_default();
    let subject = match subject[..] {
        [pat, value] if pat.kind() == "variable_declaration" => {
            let value = lower(cx, value);
            let pat = pattern(cx, pat);
            cx.let_(pat, None, Some(value), node)
        }
        [.., value] => lower(cx, value),
        [] => nothing(cx, node),
    };
    let mut arms = Vec::new();
    for entry in named(node)
        .into_iter()
        .filter(|child| child.kind() == "when_entry")
    {
        let mut cursor = entry.walk();
        let conditions: Vec<Tree<'_>> = entry
            .children_by_field_name("condition", &mut cursor)
            .collect();
        let body = named(entry)
            .into_iter()
            .rfind(|part| !conditions.contains(part));
        let conditions = conditions
            .into_iter()
            .map(|condition| lower(cx, condition))
            .collect();
        let pat = cx.add(Kind::Other(conditions), entry);
        let body = match body {
            Some(body) => lower(cx, body),
            None => nothing(cx, entry),
        };
        arms.push((pat, body));
    }
    cx.add(Kind::Match(subject, arms), node)
}

fn try_expression(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    let body = match first(node) {
        Some(body) => lower(cx, body),
        None => nothing(cx, node),
    };
    let mut handlers = Vec::new();
    let mut finally = None;
    for part in named(node) {
        match part.kind() {
            "catch_block" => {
                let pat = child(part, "identifier").map(|name| cx.name(name));
                let ty = declared(cx, part);
                let body = child(part, "block").map(|body| lower(cx, body));
                let all = ty.into_iter().chain(body).collect();
                let body = cx.add(Kind::Other(all), part);
                handlers.push((pat, body));
            }
            "finally_block" => finally = child(part, "block").map(|body| lower(cx, body)),
            _ => {}
        }
    }
    cx.add(Kind::Try(body, handlers, finally), node)
}

fn lambda(cx: &mut Lowering<'_>, node: Tree<'_>) -> FnId {
    cx.function(SmolStr::default(), node, true, |cx, _| {
        let list = child(node, "lambda_parameters").map(named);
        let params = if let Some(list) = list {
            list.into_iter()
                .map(|param| lambda_param(cx, param))
                .collect()
        } else {
            let pat = cx.add(Kind::Name(SmolStr::new_static("it")), node);
            vec![Param {
                pat,
                ty: None,
                default: None,
                decorators: Vec::new(),
            }]
        };
        let statements: Vec<Tree<'_>> = named(node)
            .into_iter()
            .filter(|part| part.kind() != "lambda_parameters")
            .collect();
        let mut made: Vec<Id> = statements
            .into_iter()
            .map(|statement| lower(cx, statement))
            .collect();
        let body = match made[..] {
            [_] => made.remove(0),
            _ => cx.block(made, node),
        };
        (params, None, body)
    })
}

fn lambda_param(cx: &mut Lowering<'_>, node: Tree<'_>) -> Param {
    let ty = declared(cx, node);
    Param {
        pat: pattern(cx, node),
        ty,
        default: None,
        decorators: Vec::new(),
    }
}

/// Parameters; a default value stands after its parameter.
fn params_of(cx: &mut Lowering<'_>, list: Tree<'_>) -> Vec<Param> {
    let mut params: Vec<Param> = Vec::new();
    for part in named(list) {
        match part.kind() {
            "parameter" => {
                let Some(name) = child(part, "identifier") else {
                    continue;
                };
                let ty = declared(cx, part);
                params.push(Param {
                    pat: cx.name(name),
                    ty,
                    default: None,
                    decorators: Vec::new(),
                });
            }
            "parameter_modifiers" => {}
            _ => {
                let value = lower(cx, part);
                if let Some(param) = params.last_mut() {
                    param.default = Some(value);
                }
            }
        }
    }
    params
}

fn function(cx: &mut Lowering<'_>, node: Tree<'_>, name: SmolStr, lambda: bool) -> FnId {
    let decorators = annotations(cx, node);
    let test = decorators.iter().any(|mark| match cx.facts.kind(*mark) {
        Kind::Call(callee, ..) => matches!(
            cx.facts.kind(*callee),
            Kind::Name(name) if matches!(name.as_str(), "Test" | "ParameterizedTest" | "BeforeEach" | "BeforeAll" | "Before")
        ),
        _ => false,
    });
    let private = child(node, "modifiers")
        .is_some_and(|m| cx.text(m).split_whitespace().any(|w| w == "private"));
    let id = cx.function(name, node, lambda, |cx, _| {
        let list = child(node, "function_value_parameters");
        let params = list.map(|list| params_of(cx, list)).unwrap_or_default();
        // The type after the parameters; one before them is of an extension's receiver.
        let after = list.map_or(0, |list| list.end_byte());
        let ret = named(node)
            .into_iter()
            .find(|part| is_type(*part) && part.start_byte() >= after);
        let ret = ret.map(|ty| type_of(cx, ty));
        let mut parts = Vec::new();
        if let Some(call) = child(node, "constructor_delegation_call") {
            parts.push(cx.other(call, lower));
        }
        let body = child(node, "function_body")
            .and_then(first)
            .or_else(|| child(node, "block"));
        parts.extend(body.map(|body| lower(cx, body)));
        let body = match parts[..] {
            [one] => one,
            _ => cx.block(parts, node),
        };
        (params, ret, body)
    });
    let function = &mut cx.facts.functions[id as usize];
    function.decorators = decorators;
    function.exported = !private;
    function.test |= test;
    id
}

fn class(cx: &mut Lowering<'_>, node: Tree<'_>, name: SmolStr) -> ClassId {
    let decorators = annotations(cx, node);
    // The grammar has one kind for classes and interfaces.
    let mut cursor = node.walk();
    let interface = node
        .children(&mut cursor)
        .any(|part| part.kind() == "interface");
    let id = cx.class(name, node, |cx, id| {
        let mut bases = Vec::new();
        for specifier in child(node, "delegation_specifiers")
            .map(named)
            .unwrap_or_default()
        {
            let base = match first(specifier) {
                Some(call) if call.kind() == "constructor_invocation" => first(call),
                Some(delegation) if delegation.kind() == "explicit_delegation" => first(delegation),
                other => other,
            };
            bases.extend(
                base.filter(|base| is_type(*base))
                    .map(|base| type_of(cx, base)),
            );
        }
        cx.facts.classes[id as usize].bases = bases;
        if let Some(primary) = child(node, "primary_constructor") {
            constructor(cx, primary, id);
        }
        let body = child(node, "class_body").or_else(|| child(node, "enum_class_body"));
        for member in body.map(named).unwrap_or_default() {
            if member.kind() == "enum_entry" {
                enum_entry(cx, member, id);
            } else {
                lower(cx, member);
            }
        }
    });
    let class = &mut cx.facts.classes[id as usize];
    class.decorators = decorators;
    class.interface |= interface;
    class.exported = true;
    id
}

fn enum_entry(cx: &mut Lowering<'_>, node: Tree<'_>, class: ClassId) {
    let Some(name) = child(node, "identifier") else {
        return;
    };
    let args = child(node, "value_arguments")
        .map(named)
        .unwrap_or_default();
    let first_arg = args.into_iter().next().map(|arg| argument(cx, arg).value);
    let value = first_arg.unwrap_or_else(|| {
        let text = cx.sym(name);
        cx.add(Kind::Str(text), name)
    });
    let (name, span) = (cx.sym(name), span_of(node));
    let field = ClassField {
        name,
        ty: None,
        value: Some(value),
        decorators: Vec::new(),
        span,
    };
    cx.facts.classes[class as usize].fields.push(field);
}

/// Parameters of a primary constructor; those with `val` or `var` are fields, set from them.
fn constructor(cx: &mut Lowering<'_>, node: Tree<'_>, class: ClassId) {
    let list = child(node, "class_parameters")
        .map(named)
        .unwrap_or_default();
    let mut fields: Vec<ClassField> = Vec::new();
    cx.function(SmolStr::new_static("new"), node, false, |cx, _| {
        let mut params = Vec::new();
        let mut sets = Vec::new();
        for param in list {
            let Some(name) = child(param, "identifier") else {
                continue;
            };
            let ty = declared(cx, param);
            let default = named(param).into_iter().rfind(|part| {
                !is_type(*part) && !matches!(part.kind(), "modifiers") && *part != name
            });
            let default = default.map(|value| lower(cx, value));
            let decorators = annotations(cx, param);
            let mut cursor = param.walk();
            let is_field = param
                .children(&mut cursor)
                .any(|part| matches!(part.kind(), "val" | "var"));
            let pat = cx.name(name);
            if is_field {
                let own = cx.add(Kind::Name(SmolStr::new_static("self")), name);
                let member = cx.member(own, name);
                let value = cx.name(name);
                sets.push(cx.add(Kind::Assign(member, SmolStr::new_static("="), value), name));
                let span: Span = span_of(param);
                let field = ClassField {
                    name: cx.sym(name),
                    ty,
                    value: None,
                    decorators: decorators.clone(),
                    span,
                };
                fields.push(field);
            }
            params.push(Param {
                pat,
                ty,
                default,
                decorators,
            });
        }
        let body = cx.block(sets, node);
        (params, None, body)
    });
    cx.facts.classes[class as usize].fields.extend(fields);
}

fn import(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    let parts = named(node);
    let Some(path) = parts.first() else {
        return nothing(cx, node);
    };
    let text: String = cx.text(*path).split_whitespace().collect();
    let alias = parts
        .get(1)
        .filter(|part| part.kind() == "identifier")
        .map(|alias| cx.sym(*alias));
    if cx.text(node).trim_end().ends_with(".*") {
        cx.import("*", text, None, node);
    } else if let Some((module, name)) = text.rsplit_once('.') {
        let local = alias.unwrap_or_else(|| SmolStr::new(name));
        cx.import(local, module, Some(SmolStr::new(name)), node);
    }
    nothing(cx, node)
}
