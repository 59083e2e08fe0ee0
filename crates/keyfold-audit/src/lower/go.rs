//! Go.
//!
//! Several results are lowered as their first one: `out, err := f()` binds `out` to what `f` gives, and
//! `return out, nil` returns `out`; the others stand beside it, so that they are seen.

use keyfold_grammars::tree_sitter::Node as Tree;
use smol_str::SmolStr;

use super::java::holes_in;
use super::{Lowering, span_of, unquote};
use crate::facts::{Arg, CallStyle, ClassField, ClassId, Field, FnId, Id, Kind, LoopKind, Param};

/// The whole file.
pub fn module(cx: &mut Lowering<'_>, root: Tree<'_>) -> Id {
    // Methods may stand before their type: types first.
    for child in named(root) {
        if child.kind() == "type_declaration" {
            types(cx, child);
        }
    }
    let statements = named(root)
        .into_iter()
        .filter(|child| child.kind() != "type_declaration")
        .map(|child| lower(cx, child))
        .collect();
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

#[expect(
    clippy::too_many_lines,
    reason = "one match over the grammar's node kinds"
)]
fn lower_kind(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    match node.kind() {
        "identifier" | "field_identifier" | "type_identifier" | "package_identifier" => {
            name(cx, node)
        }
        "interpreted_string_literal" | "raw_string_literal" | "rune_literal" => {
            let text = unquote(cx.text(node));
            cx.add(Kind::Str(text), node)
        }
        "int_literal" | "float_literal" => {
            let text = cx.sym(node);
            cx.add(Kind::Num(text), node)
        }
        "true" | "false" => {
            let value = node.kind() == "true";
            cx.add(Kind::Bool(value), node)
        }
        "nil" => cx.add(Kind::Null, node),
        "parenthesized_expression"
        | "expression_statement"
        | "go_statement"
        | "defer_statement"
        | "variadic_argument"
        | "literal_element"
        | "labeled_statement" => match named(node).last() {
            Some(inner) => lower(cx, *inner),
            None => nothing(cx, node),
        },
        "unary_expression" => {
            let value = lower_field(cx, node, "operand");
            let op = node
                .child_by_field_name("operator")
                .map(|op| cx.sym(op))
                .unwrap_or_default();
            if matches!(op.as_str(), "&" | "*" | "<-") {
                value
            } else {
                cx.add(Kind::Unary(op, value), node)
            }
        }
        "type_assertion_expression" | "type_conversion_expression" | "slice_expression" => {
            lower_field(cx, node, "operand")
        }
        "selector_expression" => {
            let object = lower_field(cx, node, "operand");
            match node.child_by_field_name("field") {
                Some(field) => cx.member(object, field),
                None => object,
            }
        }
        "index_expression" => {
            let (object, index) = (
                lower_field(cx, node, "operand"),
                lower_field(cx, node, "index"),
            );
            cx.add(Kind::Index(object, index), node)
        }
        "call_expression" => call(cx, node),
        "composite_literal" => composite(cx, node),
        "literal_value" => literal_value(cx, node),
        "func_literal" => {
            let id = function(cx, node, SmolStr::default(), true);
            cx.add(Kind::Lambda(id), node)
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
                cx.concat(left, right, node)
            } else {
                cx.add(Kind::Binary(op, left, right), node)
            }
        }
        "short_var_declaration" | "receive_statement" => {
            let left = node
                .child_by_field_name("left")
                .map(named)
                .unwrap_or_default();
            let right = node.child_by_field_name("right");
            let right = right.map(|list| {
                if list.kind() == "expression_list" {
                    named(list)
                } else {
                    vec![list]
                }
            });
            pairs(cx, &left, right.unwrap_or_default(), None, node)
        }
        "var_spec" | "const_spec" => {
            let mut cursor = node.walk();
            let names: Vec<Tree<'_>> = node
                .children_by_field_name("name", &mut cursor)
                .filter(Tree::is_named)
                .collect();
            let ty = node.child_by_field_name("type").map(|ty| type_of(cx, ty));
            let values = node
                .child_by_field_name("value")
                .map(named)
                .unwrap_or_default();
            pairs(cx, &names, values, ty, node)
        }
        "assignment_statement" => assignment(cx, node),
        "inc_statement" | "dec_statement" => {
            let target = first(node).map(|inner| lower(cx, inner));
            let one = cx.add(Kind::Num(SmolStr::new_static("1")), node);
            let op = if node.kind() == "inc_statement" {
                "+="
            } else {
                "-="
            };
            match target {
                Some(target) => cx.add(Kind::Assign(target, SmolStr::new_static(op), one), node),
                None => one,
            }
        }
        "return_statement" => {
            let values = first(node).map(named).unwrap_or_default();
            let mut values = values
                .into_iter()
                .map(|value| lower(cx, value))
                .collect::<Vec<_>>()
                .into_iter();
            let value = values.next();
            let given = cx.add(Kind::Return(value), node);
            let mut rest: Vec<Id> = values.collect();
            if rest.is_empty() {
                return given;
            }
            rest.push(given);
            cx.add(Kind::Other(rest), node)
        }
        "break_statement" | "continue_statement" | "goto_statement" | "fallthrough_statement" => {
            cx.add(Kind::Jump, node)
        }
        "block" | "statement_list" => {
            let mut statements = Vec::new();
            for child in named(node) {
                if child.kind() == "statement_list" {
                    statements.extend(cx.children(child, lower));
                } else {
                    statements.push(lower(cx, child));
                }
            }
            cx.block(statements, node)
        }
        "if_statement" => {
            let before = node
                .child_by_field_name("initializer")
                .map(|init| lower(cx, init));
            let cond = lower_field(cx, node, "condition");
            let then = lower_field(cx, node, "consequence");
            let other = node
                .child_by_field_name("alternative")
                .map(|other| lower(cx, other));
            let made = cx.add(Kind::If(cond, then, other), node);
            match before {
                Some(before) => cx.add(Kind::Other(vec![before, made]), node),
                None => made,
            }
        }
        "for_statement" => for_statement(cx, node),
        "expression_switch_statement" | "type_switch_statement" | "select_statement" => {
            switch(cx, node)
        }
        "function_declaration" => {
            let name = node
                .child_by_field_name("name")
                .map(|name| cx.sym(name))
                .unwrap_or_default();
            let id = function(cx, node, name, false);
            cx.add(Kind::FnDef(id), node)
        }
        "method_declaration" => {
            let id = method(cx, node);
            cx.add(Kind::FnDef(id), node)
        }
        "type_declaration" => {
            types(cx, node);
            nothing(cx, node)
        }
        "package_clause" => {
            cx.facts.package = first(node).map(|name| cx.sym(name)).unwrap_or_default();
            nothing(cx, node)
        }
        "import_declaration" => {
            imports(cx, node);
            nothing(cx, node)
        }
        "comment" => nothing(cx, node),
        _ => cx.other(node, lower),
    }
}

/// The receiver of a method is `self`, whatever its author calls it.
fn name(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    let text = cx.text(node);
    let own = node.kind() == "identifier" && receiver(cx, node) == Some(text);
    if own {
        cx.add(Kind::Name(SmolStr::new_static("self")), node)
    } else {
        cx.name(node)
    }
}

/// The receiver's name of the method that a node stands in.
fn receiver<'s>(cx: &Lowering<'s>, node: Tree<'_>) -> Option<&'s str> {
    let mut above = node.parent();
    while let Some(node) = above {
        if node.kind() == "method_declaration" {
            let list = node.child_by_field_name("receiver")?;
            let name = first(list)?.child_by_field_name("name")?;
            return Some(cx.text(name));
        }
        if node.kind() == "function_declaration" {
            return None;
        }
        above = node.parent();
    }
    None
}

fn call(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    let callee = lower_field(cx, node, "function");
    let list = node
        .child_by_field_name("arguments")
        .map(named)
        .unwrap_or_default();
    let mut args = Vec::new();
    for child in list {
        let value = if child.kind().ends_with("_type") {
            type_of(cx, child)
        } else {
            lower(cx, child)
        };
        args.push(Arg { name: None, value });
    }
    // `fmt.Sprintf("ORDER#%s", id)` is a template.
    if let Kind::Member(of, name) = cx.facts.kind(callee).clone()
        && matches!(name.as_str(), "Sprintf" | "Errorf")
        && matches!(cx.facts.kind(of), Kind::Name(package) if package == "fmt")
        && name == "Sprintf"
        && let Some(Kind::Str(text)) = args.first().map(|arg| cx.facts.kind(arg.value).clone())
    {
        let holes: Vec<Id> = args[1..].iter().map(|arg| arg.value).collect();
        return holes_in(cx, &text, &holes, node);
    }
    if matches!(cx.facts.kind(callee), Kind::Name(name) if name == "panic") {
        return cx.add(Kind::Throw(args.first().map(|arg| arg.value)), node);
    }
    cx.call(callee, args, CallStyle::default(), node)
}

/// `&dynamodb.QueryInput{…}` makes one; maps are objects, slices arrays.
fn composite(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    let body = lower_field(cx, node, "body");
    let Some(ty) = node.child_by_field_name("type") else {
        return body;
    };
    match ty.kind() {
        "map_type" => as_object(cx, body),
        "slice_type" | "array_type" | "implicit_length_array_type" => {
            match cx.facts.kind(body).clone() {
                Kind::Object(fields) if fields.is_empty() => cx.add(Kind::Array(Vec::new()), node),
                _ => body,
            }
        }
        _ => {
            let body = as_object(cx, body);
            let callee = type_as_value(cx, ty);
            let args = vec![Arg {
                name: None,
                value: body,
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
    }
}

/// `T{a, b}` gives its fields by their places.
fn as_object(cx: &mut Lowering<'_>, body: Id) -> Id {
    let Kind::Array(items) = cx.facts.kind(body).clone() else {
        return body;
    };
    let fields = items
        .into_iter()
        .enumerate()
        .map(|(at, item)| Field::Named(SmolStr::from(at.to_string()), item));
    let (fields, span) = (fields.collect(), cx.facts.span(body));
    cx.add_at(Kind::Object(fields), span)
}

fn literal_value(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    let elements = named(node);
    if !elements
        .iter()
        .any(|element| element.kind() == "keyed_element")
    {
        let items: Vec<Id> = elements
            .into_iter()
            .map(|element| lower(cx, element))
            .collect();
        return if items.is_empty() {
            cx.add(Kind::Object(Vec::new()), node)
        } else {
            cx.add(Kind::Array(items), node)
        };
    }
    let mut fields = Vec::new();
    for element in elements {
        let (Some(key), Some(value)) = (
            element.child_by_field_name("key"),
            element.child_by_field_name("value"),
        ) else {
            continue;
        };
        let value = lower(cx, value);
        let inner = first(key).unwrap_or(key);
        // A bare name as a key is a field's; in a map it may be a constant, which the evaluator looks up.
        fields.push(match inner.kind() {
            "identifier" if in_struct(node) => {
                let key = cx.sym(inner);
                cx.field(&key, value)
            }
            _ => {
                let key = lower(cx, inner);
                match cx.facts.kind(key).clone() {
                    Kind::Str(key) => cx.field(&key, value),
                    _ => Field::Computed(key, value),
                }
            }
        });
    }
    cx.add(Kind::Object(fields), node)
}

/// Whether a literal's keys are fields: it is of a struct, or of an element whose type is left out.
fn in_struct(node: Tree<'_>) -> bool {
    match node.parent() {
        Some(parent) if parent.kind() == "composite_literal" => parent
            .child_by_field_name("type")
            .is_none_or(|ty| ty.kind() != "map_type"),
        _ => true,
    }
}

fn type_as_value(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    match node.kind() {
        "qualified_type" => {
            let package = node.child_by_field_name("package");
            let name = node.child_by_field_name("name");
            match (package, name) {
                (Some(package), Some(name)) => {
                    let package = cx.name(package);
                    cx.member(package, name)
                }
                _ => cx.name(node),
            }
        }
        "generic_type" => match node.child_by_field_name("type") {
            Some(inner) => type_as_value(cx, inner),
            None => cx.name(node),
        },
        _ => cx.name(node),
    }
}

fn type_of(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    cx.nested(node, |cx| match node.kind() {
        "pointer_type" | "parenthesized_type" | "type_elem" => match first(node) {
            Some(inner) => type_of(cx, inner),
            None => cx.add(Kind::Type(SmolStr::default(), Vec::new()), node),
        },
        "slice_type" | "array_type" => {
            let element = node
                .child_by_field_name("element")
                .map(|element| type_of(cx, element));
            cx.add(
                Kind::Type(SmolStr::new_static("[]"), element.into_iter().collect()),
                node,
            )
        }
        "map_type" => {
            let value = node
                .child_by_field_name("value")
                .map(|value| type_of(cx, value));
            cx.add(
                Kind::Type(SmolStr::new_static("map"), value.into_iter().collect()),
                node,
            )
        }
        "generic_type" => {
            let name = node
                .child_by_field_name("type")
                .map(|ty| cx.sym(ty))
                .unwrap_or_default();
            let args = node
                .child_by_field_name("type_arguments")
                .map(named)
                .unwrap_or_default();
            let args = args.into_iter().map(|arg| type_of(cx, arg)).collect();
            cx.add(Kind::Type(name, args), node)
        }
        "type_identifier" | "qualified_type" => {
            let name = cx.sym(node);
            cx.add(Kind::Type(name, Vec::new()), node)
        }
        _ => cx.add(Kind::Type(SmolStr::default(), Vec::new()), node),
    })
}

/// `a, b := f()` and `a, b := x, y`.
fn pairs(
    cx: &mut Lowering<'_>,
    names: &[Tree<'_>],
    values: Vec<Tree<'_>>,
    ty: Option<Id>,
    node: Tree<'_>,
) -> Id {
    let single = values.len() < names.len();
    let mut values = values.into_iter();
    let mut made = Vec::new();
    for (at, name) in names.iter().enumerate() {
        let value = if single && at > 0 {
            None
        } else {
            values.next()
        };
        let value = value.map(|value| lower(cx, value));
        let pat = self::name(cx, *name);
        made.push(cx.let_(pat, ty, value, node));
    }
    match made[..] {
        [one] => one,
        _ => cx.add(Kind::Other(made), node),
    }
}

fn assignment(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    let left = node
        .child_by_field_name("left")
        .map(named)
        .unwrap_or_default();
    let right = node
        .child_by_field_name("right")
        .map(named)
        .unwrap_or_default();
    let op = node
        .child_by_field_name("operator")
        .map(|op| cx.sym(op))
        .unwrap_or_default();
    let single = right.len() < left.len();
    let mut right = right.into_iter();
    let mut made = Vec::new();
    for (at, target) in left.into_iter().enumerate() {
        let target = lower(cx, target);
        let value = if single && at > 0 { None } else { right.next() };
        let value = match value {
            Some(value) => lower(cx, value),
            None => nothing(cx, node),
        };
        made.push(cx.add(Kind::Assign(target, op.clone(), value), node));
    }
    match made[..] {
        [one] => one,
        _ => cx.add(Kind::Other(made), node),
    }
}

fn for_statement(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    let clause = named(node)
        .into_iter()
        .find(|child| child.kind() != "block");
    let body = |cx: &mut Lowering<'_>| lower_field(cx, node, "body");
    match clause {
        Some(range) if range.kind() == "range_clause" => {
            // `for i, x := range list`: the last name is the element.
            let names = range
                .child_by_field_name("left")
                .map(named)
                .unwrap_or_default();
            let pat = names.last().map(|last| name(cx, *last));
            let over = lower_field(cx, range, "right");
            let body = body(cx);
            cx.loop_(LoopKind::Each, pat, Some(over), body, node)
        }
        Some(clause) if clause.kind() == "for_clause" => {
            let mut parts: Vec<Id> = clause
                .child_by_field_name("initializer")
                .map(|i| lower(cx, i))
                .into_iter()
                .collect();
            let cond = clause
                .child_by_field_name("condition")
                .map(|cond| lower(cx, cond));
            let body = body(cx);
            parts.push(cx.loop_(LoopKind::While, None, cond, body, node));
            cx.add(Kind::Other(parts), node)
        }
        Some(cond) => {
            let cond = lower(cx, cond);
            let body = body(cx);
            cx.loop_(LoopKind::While, None, Some(cond), body, node)
        }
        None => {
            let body = body(cx);
            cx.loop_(LoopKind::While, None, None, body, node)
        }
    }
}

fn switch(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    let before = node
        .child_by_field_name("initializer")
        .map(|init| lower(cx, init));
    let subject = lower_field(cx, node, "value");
    let mut arms = Vec::new();
    for case in named(node)
        .into_iter()
        .filter(|child| child.kind().ends_with("_case"))
    {
        let mut pats = Vec::new();
        let mut body = Vec::new();
        for part in named(case) {
            if part.kind() == "statement_list" {
                body.extend(cx.children(part, lower));
            } else if part.kind().ends_with("_type") || part.kind() == "type_identifier" {
                pats.push(type_of(cx, part));
            } else {
                pats.push(lower(cx, part));
            }
        }
        let pat = cx.add(Kind::Other(pats), case);
        let body = cx.block(body, case);
        arms.push((pat, body));
    }
    let made = cx.add(Kind::Match(subject, arms), node);
    match before {
        Some(before) => cx.add(Kind::Other(vec![before, made]), node),
        None => made,
    }
}

fn params_of(cx: &mut Lowering<'_>, list: Tree<'_>) -> Vec<Param> {
    let mut params = Vec::new();
    for child in named(list) {
        let ty = child.child_by_field_name("type").map(|ty| type_of(cx, ty));
        let mut cursor = child.walk();
        let names: Vec<Tree<'_>> = child.children_by_field_name("name", &mut cursor).collect();
        for name in names {
            params.push(Param {
                pat: cx.name(name),
                ty,
                default: None,
                decorators: Vec::new(),
            });
        }
    }
    params
}

fn function(cx: &mut Lowering<'_>, node: Tree<'_>, name: SmolStr, lambda: bool) -> FnId {
    let exported = name.chars().next().is_some_and(char::is_uppercase);
    let test = name.starts_with("Test") || name.starts_with("Benchmark");
    let id = cx.function(name, node, lambda, |cx, _| {
        let params = node
            .child_by_field_name("parameters")
            .map(|list| params_of(cx, list));
        let ret = node.child_by_field_name("result").and_then(|result| {
            // `(*Order, error)`: the first.
            let ty = if result.kind() == "parameter_list" {
                first(result)?.child_by_field_name("type")?
            } else {
                result
            };
            Some(type_of(cx, ty))
        });
        let body = match node.child_by_field_name("body") {
            Some(body) => lower(cx, body),
            None => cx.block(Vec::new(), node),
        };
        (params.unwrap_or_default(), ret, body)
    });
    cx.facts.functions[id as usize].exported = exported;
    cx.facts.functions[id as usize].test |= test;
    id
}

fn method(cx: &mut Lowering<'_>, node: Tree<'_>) -> FnId {
    let name = node
        .child_by_field_name("name")
        .map(|name| cx.sym(name))
        .unwrap_or_default();
    let of = node
        .child_by_field_name("receiver")
        .and_then(first)
        .and_then(|param| param.child_by_field_name("type"))
        .map(|ty| {
            cx.text(ty)
                .trim_start_matches('*')
                .split('[')
                .next()
                .unwrap_or_default()
        });
    let of = SmolStr::new(of.unwrap_or_default());
    let class = class_named(cx, &of, node);
    let mut made = 0;
    cx.reopen(class, |cx, _| made = function(cx, node, name, false));
    made
}

/// The type of this file, or a part of a type that another file of the package declares.
fn class_named(cx: &mut Lowering<'_>, name: &SmolStr, node: Tree<'_>) -> ClassId {
    let known = cx
        .facts
        .classes
        .iter()
        .position(|class| class.name == *name);
    match known.and_then(|at| ClassId::try_from(at).ok()) {
        Some(id) => id,
        None => cx.class(name.clone(), node, |_, _| {}),
    }
}

fn types(cx: &mut Lowering<'_>, node: Tree<'_>) {
    for spec in named(node) {
        let (Some(name), Some(ty)) = (
            spec.child_by_field_name("name"),
            spec.child_by_field_name("type"),
        ) else {
            continue;
        };
        let exported = cx.text(name).chars().next().is_some_and(char::is_uppercase);
        let sym = cx.sym(name);
        let id = cx.class(sym, spec, |cx, id| match ty.kind() {
            "struct_type" => {
                for list in named(ty) {
                    for field in named(list) {
                        struct_field(cx, field, id);
                    }
                }
            }
            "interface_type" => interface(cx, ty, id),
            // `type Client dynamodb.Client`: it is what it names.
            _ => {
                let base = type_of(cx, ty);
                cx.facts.classes[id as usize].bases.push(base);
                cx.facts.classes[id as usize].interface = true;
            }
        });
        cx.facts.classes[id as usize].exported = exported;
    }
}

fn struct_field(cx: &mut Lowering<'_>, field: Tree<'_>, id: ClassId) {
    let ty = field.child_by_field_name("type").map(|ty| type_of(cx, ty));
    let tag = field.child_by_field_name("tag").map(|tag| {
        let text = SmolStr::new(cx.text(tag).trim_matches('`'));
        cx.add(Kind::Str(text), tag)
    });
    let mut cursor = field.walk();
    let names: Vec<Tree<'_>> = field.children_by_field_name("name", &mut cursor).collect();
    let span = span_of(field);
    for name in &names {
        let name = cx.sym(*name);
        let decorators = tag.into_iter().collect();
        let field = ClassField {
            name,
            ty,
            value: None,
            decorators,
            span,
        };
        cx.facts.classes[id as usize].fields.push(field);
    }
    // An embedded type is a base, and a field of its name.
    if let (true, Some(ty)) = (names.is_empty(), ty) {
        cx.facts.classes[id as usize].bases.push(ty);
        if let Kind::Type(path, _) = cx.facts.kind(ty).clone() {
            let name = SmolStr::new(path.rsplit('.').next().unwrap_or_default());
            let field = ClassField {
                name,
                ty: Some(ty),
                value: None,
                decorators: Vec::new(),
                span,
            };
            cx.facts.classes[id as usize].fields.push(field);
        }
    }
}

fn interface(cx: &mut Lowering<'_>, ty: Tree<'_>, id: ClassId) {
    cx.facts.classes[id as usize].interface = true;
    for element in named(ty) {
        if element.kind() == "method_elem" {
            let name = element
                .child_by_field_name("name")
                .map(|name| cx.sym(name))
                .unwrap_or_default();
            function(cx, element, name, false);
        } else {
            let base = type_of(cx, element);
            cx.facts.classes[id as usize].bases.push(base);
        }
    }
}

fn imports(cx: &mut Lowering<'_>, node: Tree<'_>) {
    for child in named(node) {
        if child.kind() == "import_spec_list" {
            imports(cx, child);
            continue;
        }
        let Some(path) = child.child_by_field_name("path") else {
            continue;
        };
        let path = cx.text(path).trim_matches(['"', '`']);
        let alias = child.child_by_field_name("name").map(|name| cx.text(name));
        match alias {
            Some(".") => cx.import("*", path, None, child),
            Some(alias) => cx.import(alias, path, None, child),
            None => cx.import(package_of(path), path, None, child),
        }
    }
}

/// The name a package has without an alias: the last part of its path that is no version.
fn package_of(path: &str) -> &str {
    let is_version = |part: &str| {
        part.strip_prefix('v')
            .is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    };
    let part = path
        .rsplit('/')
        .find(|part| !is_version(part))
        .unwrap_or(path);
    part.split(".v")
        .next()
        .unwrap_or(part)
        .trim_start_matches("go-")
}
