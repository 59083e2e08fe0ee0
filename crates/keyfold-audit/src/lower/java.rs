//! Java.

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

fn lower_first(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    match first(node) {
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
        "identifier" | "type_identifier" => cx.name(node),
        "this" | "super" => cx.add(Kind::Name(SmolStr::new_static("self")), node),
        "scoped_identifier" => {
            let scope = lower_field(cx, node, "scope");
            match node.child_by_field_name("name") {
                Some(name) => cx.member(scope, name),
                None => scope,
            }
        }
        "string_literal" | "character_literal" => string(cx, node),
        "decimal_integer_literal"
        | "hex_integer_literal"
        | "octal_integer_literal"
        | "binary_integer_literal"
        | "decimal_floating_point_literal"
        | "hex_floating_point_literal" => {
            let text = SmolStr::new(
                cx.text(node)
                    .trim_end_matches(['l', 'L', 'f', 'F', 'd', 'D']),
            );
            cx.add(Kind::Num(text), node)
        }
        "true" | "false" => {
            let value = node.kind() == "true";
            cx.add(Kind::Bool(value), node)
        }
        "null_literal" => cx.add(Kind::Null, node),
        "parenthesized_expression" | "expression_statement" => lower_first(cx, node),
        "cast_expression" | "array_creation_expression" => lower_field(cx, node, "value"),
        "field_access" => {
            let object = lower_field(cx, node, "object");
            match node.child_by_field_name("field") {
                Some(name) => cx.member(object, name),
                None => object,
            }
        }
        "array_access" => {
            let (array, index) = (
                lower_field(cx, node, "array"),
                lower_field(cx, node, "index"),
            );
            cx.add(Kind::Index(array, index), node)
        }
        "method_invocation" => invocation(cx, node),
        "object_creation_expression" => creation(cx, node),
        "explicit_constructor_invocation" => {
            let callee = lower_field(cx, node, "constructor");
            let args = arguments(cx, node);
            cx.call(callee, args, CallStyle::default(), node)
        }
        "method_reference" => {
            // `Order::getId` as a value: the method's name on what it is taken from.
            let parts = named(node);
            match (parts.first(), parts.last()) {
                (Some(of), Some(name)) if of != name => {
                    let of = lower(cx, *of);
                    cx.member(of, *name)
                }
                _ => cx.other(node, lower),
            }
        }
        "array_initializer" | "element_value_array_initializer" => {
            let items = cx.children(node, lower);
            cx.add(Kind::Array(items), node)
        }
        "lambda_expression" => {
            let id = lambda(cx, node);
            cx.add(Kind::Lambda(id), node)
        }
        "binary_expression" => binary(cx, node),
        "unary_expression" => {
            let value = lower_field(cx, node, "operand");
            let op = node.child_by_field_name("operator").map(|op| cx.sym(op));
            cx.add(Kind::Unary(op.unwrap_or_default(), value), node)
        }
        "update_expression" => {
            let target = lower_first(cx, node);
            let one = cx.add(Kind::Num(SmolStr::new_static("1")), node);
            let op = if cx.text(node).contains("--") {
                "-="
            } else {
                "+="
            };
            cx.add(Kind::Assign(target, SmolStr::new_static(op), one), node)
        }
        "assignment_expression" => {
            let (target, value) = (
                lower_field(cx, node, "left"),
                lower_field(cx, node, "right"),
            );
            let op = node.child_by_field_name("operator").map(|op| cx.sym(op));
            cx.add(Kind::Assign(target, op.unwrap_or_default(), value), node)
        }
        "ternary_expression" => {
            let cond = lower_field(cx, node, "condition");
            let then = lower_field(cx, node, "consequence");
            let other = lower_field(cx, node, "alternative");
            let choice = cx.add(Kind::Choice(vec![then, other]), node);
            cx.add(Kind::If(cond, choice, None), node)
        }
        "local_variable_declaration" => declarators(cx, node),
        "return_statement" | "yield_statement" => {
            let value = first(node).map(|value| lower(cx, value));
            cx.add(Kind::Return(value), node)
        }
        "throw_statement" => {
            let value = first(node).map(|value| lower(cx, value));
            cx.add(Kind::Throw(value), node)
        }
        "break_statement" | "continue_statement" => cx.add(Kind::Jump, node),
        "block" | "constructor_body" => {
            let mut statements = cx.children(node, lower);
            maps(
                cx,
                &mut statements,
                &["HashMap", "LinkedHashMap", "TreeMap", "ConcurrentHashMap"],
            );
            cx.block(statements, node)
        }
        "if_statement" => {
            let cond = lower_field(cx, node, "condition");
            let then = lower_field(cx, node, "consequence");
            let other = node
                .child_by_field_name("alternative")
                .map(|other| lower(cx, other));
            cx.add(Kind::If(cond, then, other), node)
        }
        "enhanced_for_statement" => {
            let pat = node.child_by_field_name("name").map(|name| cx.name(name));
            let over = lower_field(cx, node, "value");
            let body = lower_field(cx, node, "body");
            cx.loop_(LoopKind::Each, pat, Some(over), body, node)
        }
        "for_statement" => counted(cx, node),
        "while_statement" | "do_statement" => {
            let cond = lower_field(cx, node, "condition");
            let body = lower_field(cx, node, "body");
            cx.loop_(LoopKind::While, None, Some(cond), body, node)
        }
        "try_statement" | "try_with_resources_statement" => try_statement(cx, node),
        "switch_expression" => switch(cx, node),
        "class_declaration"
        | "record_declaration"
        | "interface_declaration"
        | "enum_declaration"
        | "annotation_type_declaration" => {
            let id = class(cx, node);
            cx.add(Kind::ClassDef(id), node)
        }
        "method_declaration" | "constructor_declaration" | "compact_constructor_declaration" => {
            let id = method(cx, node);
            cx.add(Kind::FnDef(id), node)
        }
        "field_declaration" | "constant_declaration" => fields(cx, node),
        "package_declaration" => {
            let name = named(node)
                .into_iter()
                .rfind(|child| child.kind().ends_with("identifier"));
            cx.facts.package = name.map(|name| cx.sym(name)).unwrap_or_default();
            nothing(cx, node)
        }
        "import_declaration" => import(cx, node),
        "annotation" | "marker_annotation" => annotation(cx, node),
        "line_comment" | "block_comment" | "modifiers" => nothing(cx, node),
        _ => cx.other(node, lower),
    }
}

/// A literal; a text block is one too.
fn string(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    let text = cx.text(node);
    let text = match text
        .strip_prefix("\"\"\"")
        .and_then(|rest| rest.strip_suffix("\"\"\""))
    {
        Some(block) => {
            let lines: Vec<&str> = block
                .lines()
                .map(str::trim)
                .filter(|line| !line.is_empty())
                .collect();
            SmolStr::from(lines.join(" "))
        }
        None => unquote(text),
    };
    cx.add(Kind::Str(text), node)
}

fn arguments(cx: &mut Lowering<'_>, node: Tree<'_>) -> Vec<Arg> {
    let Some(list) = node.child_by_field_name("arguments") else {
        return Vec::new();
    };
    let values = named(list).into_iter().map(|child| lower(cx, child));
    values.map(|value| Arg { name: None, value }).collect()
}

fn invocation(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    let Some(name) = node.child_by_field_name("name") else {
        return cx.other(node, lower);
    };
    let callee = match node.child_by_field_name("object") {
        Some(object) => {
            let object = lower(cx, object);
            cx.member(object, name)
        }
        None => cx.name(name),
    };
    let args = arguments(cx, node);
    if let Some(template) = formatted(cx, callee, &args, node) {
        return template;
    }
    if let Some(literal) = collected(cx, callee, &args, node) {
        return literal;
    }
    cx.call(callee, args, CallStyle::default(), node)
}

/// `String.format("ORDER#%s", id)` and `"ORDER#%s".formatted(id)` are templates; `"a".concat(b)` too.
fn formatted(cx: &mut Lowering<'_>, callee: Id, args: &[Arg], node: Tree<'_>) -> Option<Id> {
    let Kind::Member(object, name) = cx.facts.kind(callee).clone() else {
        return None;
    };
    let of_string = matches!(cx.facts.kind(object), Kind::Name(name) if name == "String");
    match name.as_str() {
        "format" if of_string => {
            let at = args
                .iter()
                .position(|arg| matches!(cx.facts.kind(arg.value), Kind::Str(_)))?;
            let Kind::Str(text) = cx.facts.kind(args[at].value).clone() else {
                return None;
            };
            let holes: Vec<Id> = args[at + 1..].iter().map(|arg| arg.value).collect();
            Some(holes_in(cx, &text, &holes, node))
        }
        "formatted" => {
            let Kind::Str(text) = cx.facts.kind(object).clone() else {
                return None;
            };
            let holes: Vec<Id> = args.iter().map(|arg| arg.value).collect();
            Some(holes_in(cx, &text, &holes, node))
        }
        "concat" if args.len() == 1 && cx.is_text(object) => {
            Some(cx.concat(object, args[0].value, node))
        }
        _ => None,
    }
}

/// A format string with its holes filled in order.
pub(super) fn holes_in(cx: &mut Lowering<'_>, text: &str, holes: &[Id], node: Tree<'_>) -> Id {
    let mut parts = Vec::new();
    let mut rest = text;
    let mut holes = holes.iter();
    while let Some((before, after)) = next_hole(rest) {
        if !before.is_empty() {
            let text = SmolStr::new(before.replace("%%", "%"));
            parts.push(cx.add(Kind::Str(text), node));
        }
        parts.push(match holes.next() {
            Some(hole) => *hole,
            None => cx.add(Kind::Other(Vec::new()), node),
        });
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(cx.add(Kind::Str(SmolStr::new(rest.replace("%%", "%"))), node));
    }
    cx.add(Kind::Template(parts), node)
}

/// What stands before and after the next `%s`, `%05d`, `%.2f`, `%v`.
fn next_hole(text: &str) -> Option<(&str, &str)> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] != b'%' {
            at += 1;
            continue;
        }
        let flags = bytes[at + 1..]
            .iter()
            .take_while(|b| b.is_ascii_digit() || b"-+.,#$ ".contains(b))
            .count();
        let end = at + 1 + flags;
        match bytes.get(end) {
            Some(b'%') if flags == 0 => at = end + 1,
            Some(b) if b.is_ascii_alphabetic() => return Some((&text[..at], &text[end + 1..])),
            _ => at += 1,
        }
    }
    None
}

/// `Map.of("pk", v)`, `Map.entry`, `List.of(a, b)`, `Arrays.asList(…)` as literals.
fn collected(cx: &mut Lowering<'_>, callee: Id, args: &[Arg], node: Tree<'_>) -> Option<Id> {
    let Kind::Member(object, name) = cx.facts.kind(callee).clone() else {
        return None;
    };
    let Kind::Name(of) = cx.facts.kind(object).clone() else {
        return None;
    };
    let values: Vec<Id> = args.iter().map(|arg| arg.value).collect();
    match (of.as_str(), name.as_str()) {
        ("Map" | "ImmutableMap", "of") | ("Collections", "singletonMap") => {
            let fields = values
                .chunks_exact(2)
                .map(|pair| keyed(cx, pair[0], pair[1]))
                .collect();
            Some(cx.add(Kind::Object(fields), node))
        }
        ("Map", "ofEntries") => {
            let fields = values
                .iter()
                .map(|entry| match cx.facts.kind(*entry).clone() {
                    Kind::Object(mut one) if one.len() == 1 => one.remove(0),
                    _ => Field::Spread(*entry),
                });
            let fields = fields.collect();
            Some(cx.add(Kind::Object(fields), node))
        }
        ("Map", "entry") if values.len() == 2 => {
            let field = keyed(cx, values[0], values[1]);
            Some(cx.add(Kind::Object(vec![field]), node))
        }
        ("List" | "Set" | "ImmutableList" | "ImmutableSet" | "Stream", "of")
        | ("Arrays", "asList")
        | ("Collections", "singletonList" | "singleton") => Some(cx.add(Kind::Array(values), node)),
        _ => None,
    }
}

fn keyed(cx: &mut Lowering<'_>, key: Id, value: Id) -> Field {
    match cx.facts.kind(key).clone() {
        Kind::Str(key) => cx.field(&key, value),
        _ => Field::Computed(key, value),
    }
}

fn creation(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    let Some(ty) = node.child_by_field_name("type") else {
        return cx.other(node, lower);
    };
    let callee = type_as_value(cx, ty);
    let args = arguments(cx, node);
    let body = named(node)
        .into_iter()
        .find(|child| child.kind() == "class_body");
    let style = CallStyle {
        new: true,
        ..CallStyle::default()
    };
    let Some(body) = body else {
        return cx.call(callee, args, style, node);
    };
    // `new HashMap<>() {{ put("a", b); }}` is an object; another anonymous class is a class of its own.
    if let Some(object) = double_brace(cx, body, node) {
        return object;
    }
    let base = type_of(cx, ty);
    let id = cx.class(SmolStr::default(), body, |cx, id| {
        cx.facts.classes[id as usize].bases = vec![base];
        for member in named(body) {
            lower(cx, member);
        }
    });
    let class = cx.add(Kind::ClassDef(id), body);
    let made = cx.call(callee, args, style, node);
    cx.add(Kind::Choice(vec![made, class]), node)
}

fn double_brace(cx: &mut Lowering<'_>, body: Tree<'_>, node: Tree<'_>) -> Option<Id> {
    let members = named(body);
    let [block] = members[..] else { return None };
    if block.kind() != "block" {
        return None;
    }
    let mut fields = Vec::new();
    for statement in named(block) {
        let call = first(statement).filter(|call| call.kind() == "method_invocation")?;
        let name = call.child_by_field_name("name")?;
        if call.child_by_field_name("object").is_some() || cx.text(name) != "put" {
            return None;
        }
        let args = arguments(cx, call);
        let [key, value] = args[..].as_ref() else {
            return None;
        };
        fields.push(keyed(cx, key.value, value.value));
    }
    (!fields.is_empty()).then(|| cx.add(Kind::Object(fields), node))
}

/// `Map<…> item = new HashMap<>(); item.put("id", v); …` is an object with these fields, where nothing else is put.
pub(super) fn maps(cx: &mut Lowering<'_>, statements: &mut [Id], makers: &[&str]) {
    for at in 0..statements.len() {
        let Kind::Let(pat, ty, Some(value)) = cx.facts.kind(statements[at]).clone() else {
            continue;
        };
        let Kind::Name(name) = cx.facts.kind(pat).clone() else {
            continue;
        };
        let empty = match cx.facts.kind(value) {
            Kind::Call(callee, args, style) => {
                let made = matches!(cx.facts.kind(*callee), Kind::Name(of) if makers.contains(&of.as_str()));
                made && args.is_empty() && (style.new || makers.contains(&"mutableMapOf"))
            }
            Kind::Object(fields) => fields.is_empty() && makers.contains(&"mutableMapOf"),
            _ => false,
        };
        if !empty {
            continue;
        }
        let mut fields = Vec::new();
        for statement in statements.iter().skip(at + 1).copied() {
            let Some((key, value)) = put_in(cx, statement, &name) else {
                continue;
            };
            fields.push(keyed(cx, key, value));
            // What was put stands in the object now.
            cx.facts.nodes[statement as usize].kind = Kind::Other(Vec::new());
        }
        if fields.is_empty() {
            continue;
        }
        let more = statements[at + 1..]
            .iter()
            .any(|statement| puts(cx, *statement, &name, 24));
        let span = cx.facts.span(value);
        if more {
            // More is put under conditions or in loops: what the object has in the end is not known.
            let unknown = cx.add_at(Kind::Other(Vec::new()), span);
            fields.push(Field::Spread(unknown));
        }
        let object = cx.add_at(Kind::Object(fields), span);
        cx.facts.nodes[statements[at] as usize].kind = Kind::Let(pat, ty, Some(object));
    }
}

/// `name.put(key, value)` and `name[key] = value` as a statement.
fn put_in(cx: &Lowering<'_>, statement: Id, name: &SmolStr) -> Option<(Id, Id)> {
    let named = |id: Id| matches!(cx.facts.kind(id), Kind::Name(of) if of == name);
    match cx.facts.kind(statement) {
        Kind::Call(callee, args, _) => match (cx.facts.kind(*callee), &args[..]) {
            (Kind::Member(of, method), [key, value]) if method == "put" && named(*of) => {
                Some((key.value, value.value))
            }
            _ => None,
        },
        Kind::Assign(target, op, value) if op == "=" => match cx.facts.kind(*target) {
            Kind::Index(of, key) if named(*of) => Some((*key, *value)),
            _ => None,
        },
        _ => None,
    }
}

/// Whether anything below puts into the map, or gives it to somebody who may.
fn puts(cx: &Lowering<'_>, id: Id, name: &SmolStr, depth: u32) -> bool {
    if depth == 0 {
        return true;
    }
    let named = |id: Id| matches!(cx.facts.kind(id), Kind::Name(of) if of == name);
    let here = match cx.facts.kind(id) {
        Kind::Member(of, method) => named(*of) && method.starts_with("put"),
        Kind::Assign(target, ..) => {
            matches!(cx.facts.kind(*target), Kind::Index(of, _) if named(*of))
        }
        _ => false,
    };
    if here {
        return true;
    }
    let mut found = false;
    cx.facts
        .children(id, |child| found |= puts(cx, child, name, depth - 1));
    found
}

/// A type where a value is written: `new X(…)`, `X.builder()`.
fn type_as_value(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    cx.nested(node, |cx| match node.kind() {
        "generic_type" => match first(node) {
            Some(inner) => type_as_value(cx, inner),
            None => nothing(cx, node),
        },
        "scoped_type_identifier" => {
            let parts: Vec<Tree<'_>> = named(node)
                .into_iter()
                .filter(|p| !p.kind().ends_with("annotation"))
                .collect();
            match parts[..] {
                [scope, name] => {
                    let scope = type_as_value(cx, scope);
                    cx.member(scope, name)
                }
                _ => cx.name(node),
            }
        }
        _ => cx.name(node),
    })
}

fn type_of(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    cx.nested(node, |cx| match node.kind() {
        "generic_type" => {
            let name = first(node).map(|name| cx.sym(name)).unwrap_or_default();
            let args = named(node)
                .into_iter()
                .filter(|child| child.kind() == "type_arguments")
                .flat_map(|child| named(child))
                .map(|arg| type_of(cx, arg))
                .collect();
            cx.add(Kind::Type(name, args), node)
        }
        "array_type" => {
            let element = node
                .child_by_field_name("element")
                .map(|element| type_of(cx, element));
            cx.add(
                Kind::Type(SmolStr::new_static("[]"), element.into_iter().collect()),
                node,
            )
        }
        "annotated_type" | "wildcard" => match named(node).last() {
            Some(inner) => type_of(cx, *inner),
            None => cx.add(Kind::Type(SmolStr::default(), Vec::new()), node),
        },
        _ => {
            let name = cx.sym(node);
            cx.add(Kind::Type(name, Vec::new()), node)
        }
    })
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
    if op != "+" || !(cx.is_text(left) || cx.is_text(right)) {
        return cx.add(Kind::Binary(op, left, right), node);
    }
    let joined = cx.concat(left, right, node);
    // Literals over several lines are one.
    let Kind::Template(parts) = cx.facts.kind(joined).clone() else {
        return joined;
    };
    let mut text = String::new();
    for part in &parts {
        match cx.facts.kind(*part) {
            Kind::Str(more) => text.push_str(more),
            _ => return joined,
        }
    }
    cx.add(Kind::Str(SmolStr::from(text)), node)
}

/// `var` says nothing about the type.
fn declared(cx: &mut Lowering<'_>, node: Tree<'_>) -> Option<Id> {
    let ty = node.child_by_field_name("type")?;
    (cx.text(ty) != "var").then(|| type_of(cx, ty))
}

fn declarators(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    let ty = declared(cx, node);
    let mut cursor = node.walk();
    let each: Vec<Tree<'_>> = node
        .children_by_field_name("declarator", &mut cursor)
        .collect();
    let mut made = Vec::new();
    for declarator in each {
        let Some(name) = declarator.child_by_field_name("name") else {
            continue;
        };
        let pat = cx.name(name);
        let value = declarator
            .child_by_field_name("value")
            .map(|value| lower(cx, value));
        made.push(cx.let_(pat, ty, value, declarator));
    }
    match made[..] {
        [one] => one,
        _ => cx.add(Kind::Other(made), node),
    }
}

fn counted(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    let mut cursor = node.walk();
    let init: Vec<Tree<'_>> = node.children_by_field_name("init", &mut cursor).collect();
    let mut parts: Vec<Id> = init.into_iter().map(|init| lower(cx, init)).collect();
    let cond = node
        .child_by_field_name("condition")
        .map(|cond| lower(cx, cond));
    let body = lower_field(cx, node, "body");
    parts.push(cx.loop_(LoopKind::While, None, cond, body, node));
    cx.add(Kind::Other(parts), node)
}

fn try_statement(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    let mut before = Vec::new();
    if let Some(resources) = node.child_by_field_name("resources") {
        for resource in named(resources) {
            let name = resource.child_by_field_name("name");
            let value = resource
                .child_by_field_name("value")
                .map(|value| lower(cx, value));
            let ty = declared(cx, resource);
            if let Some(name) = name {
                let pat = cx.name(name);
                before.push(cx.let_(pat, ty, value, resource));
            }
        }
    }
    before.push(lower_field(cx, node, "body"));
    let body = match before[..] {
        [one] => one,
        _ => cx.block(before, node),
    };
    let mut handlers = Vec::new();
    let mut finally = None;
    for child in named(node) {
        match child.kind() {
            "catch_clause" => {
                let caught = named(child)
                    .into_iter()
                    .find(|c| c.kind() == "catch_formal_parameter");
                let pat = caught
                    .and_then(|c| c.child_by_field_name("name"))
                    .map(|name| cx.name(name));
                let body = lower_field(cx, child, "body");
                // What is caught stands in the handler, so that rules can read it.
                let types = caught
                    .into_iter()
                    .flat_map(named)
                    .filter(|c| c.kind() == "catch_type");
                let mut parts: Vec<Id> = types.flat_map(named).map(|ty| type_of(cx, ty)).collect();
                parts.push(body);
                let body = cx.add(Kind::Other(parts), child);
                handlers.push((pat, body));
            }
            "finally_clause" => finally = Some(lower_first(cx, child)),
            _ => {}
        }
    }
    cx.add(Kind::Try(body, handlers, finally), node)
}

fn switch(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    let subject = lower_field(cx, node, "condition");
    let mut arms = Vec::new();
    let groups = node
        .child_by_field_name("body")
        .map(named)
        .unwrap_or_default();
    for group in groups {
        let parts = named(group);
        let (labels, rest): (Vec<_>, Vec<_>) =
            parts.into_iter().partition(|p| p.kind() == "switch_label");
        let labels: Vec<Id> = labels
            .into_iter()
            .flat_map(named)
            .map(|label| lower(cx, label))
            .collect();
        let pat = cx.add(Kind::Other(labels), group);
        let mut body: Vec<Id> = rest
            .into_iter()
            .map(|statement| lower(cx, statement))
            .collect();
        let body = match body[..] {
            [_] => body.remove(0),
            _ => cx.block(body, group),
        };
        arms.push((pat, body));
    }
    cx.add(Kind::Match(subject, arms), node)
}

fn lambda(cx: &mut Lowering<'_>, node: Tree<'_>) -> FnId {
    cx.function(SmolStr::default(), node, true, |cx, _| {
        let params = match node.child_by_field_name("parameters") {
            Some(one) if one.kind() == "identifier" => vec![bare_param(cx, one)],
            Some(list) if list.kind() == "inferred_parameters" => named(list)
                .into_iter()
                .map(|name| bare_param(cx, name))
                .collect(),
            Some(list) => params_of(cx, list),
            None => Vec::new(),
        };
        let body = lower_field(cx, node, "body");
        (params, None, body)
    })
}

fn bare_param(cx: &mut Lowering<'_>, name: Tree<'_>) -> Param {
    Param {
        pat: cx.name(name),
        ty: None,
        default: None,
        decorators: Vec::new(),
    }
}

fn params_of(cx: &mut Lowering<'_>, list: Tree<'_>) -> Vec<Param> {
    let mut params = Vec::new();
    for child in named(list) {
        let name = child.child_by_field_name("name").or_else(|| {
            let declarator = named(child)
                .into_iter()
                .find(|c| c.kind() == "variable_declarator");
            declarator.and_then(|d| d.child_by_field_name("name"))
        });
        let Some(name) = name else { continue };
        let ty = child
            .child_by_field_name("type")
            .or_else(|| named(child).into_iter().find(|c| c.kind().contains("type")));
        let ty = ty.map(|ty| type_of(cx, ty));
        let decorators = annotations(cx, child);
        params.push(Param {
            pat: cx.name(name),
            ty,
            default: None,
            decorators,
        });
    }
    params
}

fn modifiers(node: Tree<'_>) -> Option<Tree<'_>> {
    named(node)
        .into_iter()
        .find(|child| child.kind() == "modifiers")
}

fn is_marked(cx: &Lowering<'_>, node: Tree<'_>, word: &str) -> bool {
    modifiers(node).is_some_and(|m| cx.text(m).split_whitespace().any(|w| w == word))
}

fn annotations(cx: &mut Lowering<'_>, node: Tree<'_>) -> Vec<Id> {
    let marks = modifiers(node).map(named).unwrap_or_default();
    let marks = marks
        .into_iter()
        .filter(|m| m.kind().ends_with("annotation"));
    marks.map(|mark| annotation(cx, mark)).collect()
}

/// `@DynamoDbSecondaryPartitionKey(indexNames = {"a"})` as a call with named arguments.
fn annotation(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    let callee = lower_field(cx, node, "name");
    let mut args = Vec::new();
    if let Some(list) = node.child_by_field_name("arguments") {
        for child in named(list) {
            args.push(if child.kind() == "element_value_pair" {
                let name = child.child_by_field_name("key").map(|key| cx.sym(key));
                Arg {
                    name,
                    value: lower_field(cx, child, "value"),
                }
            } else {
                Arg {
                    name: None,
                    value: lower(cx, child),
                }
            });
        }
    }
    cx.call(callee, args, CallStyle::default(), node)
}

fn class(cx: &mut Lowering<'_>, node: Tree<'_>) -> ClassId {
    let name = node
        .child_by_field_name("name")
        .map(|name| cx.sym(name))
        .unwrap_or_default();
    let decorators = annotations(cx, node);
    let id = cx.class(name, node, |cx, id| {
        let mut bases = Vec::new();
        for child in named(node) {
            match child.kind() {
                "superclass" => bases.extend(first(child).map(|base| type_of(cx, base))),
                "super_interfaces" | "extends_interfaces" => {
                    let types = named(child).into_iter().flat_map(named).collect::<Vec<_>>();
                    bases.extend(types.into_iter().map(|base| type_of(cx, base)));
                }
                _ => {}
            }
        }
        cx.facts.classes[id as usize].bases = bases;
        // A record's components are its fields.
        if let Some(list) = node.child_by_field_name("parameters") {
            for param in params_of(cx, list) {
                let (name, span) = match cx.facts.kind(param.pat).clone() {
                    Kind::Name(name) => (name, cx.facts.span(param.pat)),
                    _ => continue,
                };
                let field = ClassField {
                    name,
                    ty: param.ty,
                    value: None,
                    decorators: param.decorators,
                    span,
                };
                cx.facts.classes[id as usize].fields.push(field);
            }
        }
        if let Some(body) = node.child_by_field_name("body") {
            members(cx, body);
        }
    });
    let class = &mut cx.facts.classes[id as usize];
    class.decorators = decorators;
    class.interface = node.kind() == "interface_declaration";
    class.exported = true;
    id
}

fn members(cx: &mut Lowering<'_>, body: Tree<'_>) {
    for member in named(body) {
        match member.kind() {
            "enum_body_declarations" => members(cx, member),
            "enum_constant" => {
                let Some(name) = member.child_by_field_name("name") else {
                    continue;
                };
                let args = arguments(cx, member);
                // `ORDERS("orders")`: the first argument is what the constant stands for.
                let value = args.first().map_or_else(
                    || {
                        let text = cx.sym(name);
                        cx.add(Kind::Str(text), name)
                    },
                    |arg| arg.value,
                );
                push_field(cx, name, None, Some(value), Vec::new(), member);
            }
            _ => {
                lower(cx, member);
            }
        }
    }
}

fn push_field(
    cx: &mut Lowering<'_>,
    name: Tree<'_>,
    ty: Option<Id>,
    value: Option<Id>,
    decorators: Vec<Id>,
    node: Tree<'_>,
) {
    let (name, span) = (cx.sym(name), span_of(node));
    if let Some(class) = cx.class_here() {
        let field = ClassField {
            name,
            ty,
            value,
            decorators,
            span,
        };
        cx.facts.classes[class as usize].fields.push(field);
    }
}

fn fields(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    let ty = declared(cx, node);
    let decorators = annotations(cx, node);
    let mut cursor = node.walk();
    let each: Vec<Tree<'_>> = node
        .children_by_field_name("declarator", &mut cursor)
        .collect();
    let mut values = Vec::new();
    for declarator in each {
        let Some(name) = declarator.child_by_field_name("name") else {
            continue;
        };
        let value = declarator
            .child_by_field_name("value")
            .map(|value| lower(cx, value));
        values.extend(value);
        push_field(cx, name, ty, value, decorators.clone(), node);
    }
    cx.add(Kind::Other(values), node)
}

fn method(cx: &mut Lowering<'_>, node: Tree<'_>) -> FnId {
    let constructor = node.kind() != "method_declaration";
    let name = if constructor {
        SmolStr::new_static("new")
    } else {
        node.child_by_field_name("name")
            .map(|name| cx.sym(name))
            .unwrap_or_default()
    };
    let decorators = annotations(cx, node);
    let test = decorators.iter().any(|d| match cx.facts.kind(*d) {
        Kind::Call(callee, ..) => matches!(
            cx.facts.kind(*callee),
            Kind::Name(name) if matches!(name.as_str(), "Test" | "ParameterizedTest" | "BeforeEach" | "BeforeAll" | "Before" | "BeforeClass")
        ),
        _ => false,
    });
    let id = cx.function(name, node, false, |cx, _| {
        let params = node
            .child_by_field_name("parameters")
            .map(|list| params_of(cx, list));
        let ret = node
            .child_by_field_name("type")
            .filter(|ty| ty.kind() != "void_type")
            .map(|ty| type_of(cx, ty));
        let body = match node.child_by_field_name("body") {
            Some(body) => lower(cx, body),
            None => cx.block(Vec::new(), node),
        };
        (params.unwrap_or_default(), ret, body)
    });
    let exported = !is_marked(cx, node, "private");
    let function = &mut cx.facts.functions[id as usize];
    function.decorators = decorators;
    function.exported = exported;
    function.test |= test;
    id
}

fn import(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    let parts = named(node);
    let Some(path) = parts
        .iter()
        .find(|part| part.kind().ends_with("identifier"))
    else {
        return nothing(cx, node);
    };
    let text = cx.text(*path);
    if parts.iter().any(|part| part.kind() == "asterisk") {
        cx.import("*", text, None, node);
    } else if let Some((module, name)) = text.rsplit_once('.') {
        cx.import(name, module, Some(SmolStr::new(name)), node);
    }
    nothing(cx, node)
}
