//! YAML, JSON and HCL.
//!
//! A tag of `CloudFormation` is written out as JSON has it: `!Ref X` is `{"Ref": "X"}`, `!Sub` is
//! `{"Fn::Sub": …}`. A block of HCL is a call of its type, with its labels and an object as arguments;
//! in that object an inner block is a field of its type's name.

use std::collections::HashMap;

use keyfold_grammars::tree_sitter::Node as Tree;
use smol_str::SmolStr;

use super::{Lowering, span_of, unquote};
use crate::facts::{Arg, CallStyle, Field, Id, Kind};

/// Anchors of a YAML document, by name.
type Anchors = HashMap<SmolStr, Id>;

/// A YAML file: a block of its documents.
pub fn yaml(cx: &mut Lowering<'_>, root: Tree<'_>) -> Id {
    let mut documents = Vec::new();
    for document in named(root)
        .into_iter()
        .filter(|child| child.kind() == "document")
    {
        let mut anchors = Anchors::new();
        for child in named(document) {
            documents.push(yaml_node(cx, child, &mut anchors));
        }
    }
    cx.block(documents, root)
}

/// A JSON file: a block of its one value.
pub fn json(cx: &mut Lowering<'_>, root: Tree<'_>) -> Id {
    let values = named(root)
        .into_iter()
        .map(|child| json_node(cx, child))
        .collect();
    cx.block(values, root)
}

/// An HCL file: a block of its blocks and attributes.
pub fn hcl(cx: &mut Lowering<'_>, root: Tree<'_>) -> Id {
    let bodies = named(root)
        .into_iter()
        .filter(|child| child.kind() == "body");
    let parts: Vec<Tree<'_>> = bodies.flat_map(named).collect();
    let mut made = Vec::new();
    for part in parts {
        match part.kind() {
            "block" => made.push(hcl_block(cx, part)),
            "attribute" => {
                let fields = hcl_attribute(cx, part).into_iter().collect();
                made.push(cx.add(Kind::Object(fields), part));
            }
            _ => {}
        }
    }
    cx.block(made, root)
}

fn named(node: Tree<'_>) -> Vec<Tree<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor)
        .filter(|child| !child.is_extra() && child.kind() != "comment")
        .collect()
}

fn nothing(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    cx.add(Kind::Other(Vec::new()), node)
}

fn yaml_node(cx: &mut Lowering<'_>, node: Tree<'_>, anchors: &mut Anchors) -> Id {
    cx.nested(node, |cx| match node.kind() {
        "block_node" | "flow_node" => tagged(cx, node, anchors),
        "block_mapping" | "flow_mapping" => mapping(cx, node, anchors),
        "block_sequence" | "flow_sequence" => {
            let items = named(node).into_iter().map(|item| {
                if item.kind() == "block_sequence_item" {
                    match named(item).first() {
                        Some(inner) => yaml_node(cx, *inner, anchors),
                        None => cx.add(Kind::Null, item),
                    }
                } else {
                    yaml_node(cx, item, anchors)
                }
            });
            let items = items.collect();
            cx.add(Kind::Array(items), node)
        }
        "plain_scalar" => {
            let kind = named(node).first().map(Tree::kind);
            scalar(cx, kind.unwrap_or_default(), node)
        }
        "double_quote_scalar" | "single_quote_scalar" => {
            let text = unquote(cx.text(node));
            cx.add(Kind::Str(text), node)
        }
        "block_scalar" => {
            let text = cx.text(node);
            let text = text.split_once('\n').map_or("", |(_, rest)| rest);
            let lines: Vec<&str> = text.lines().map(str::trim).collect();
            cx.add(Kind::Str(SmolStr::from(lines.join("\n"))), node)
        }
        "alias" => {
            let name = SmolStr::new(cx.text(node).trim_start_matches('*'));
            match anchors.get(&name) {
                Some(id) => *id,
                None => nothing(cx, node),
            }
        }
        _ => nothing(cx, node),
    })
}

/// A value with its tag and its anchor.
fn tagged(cx: &mut Lowering<'_>, node: Tree<'_>, anchors: &mut Anchors) -> Id {
    let (mut tag, mut anchor, mut value) = (None, None, None);
    for child in named(node) {
        match child.kind() {
            "tag" => tag = Some(cx.text(child)),
            "anchor" => anchor = Some(SmolStr::new(cx.text(child).trim_start_matches('&'))),
            _ => value = Some(yaml_node(cx, child, anchors)),
        }
    }
    let value = value.unwrap_or_else(|| cx.add(Kind::Null, node));
    if let Some(anchor) = anchor {
        anchors.insert(anchor, value);
    }
    let Some(tag) = tag
        .and_then(|tag| tag.strip_prefix('!'))
        .filter(|tag| !tag.starts_with('!'))
    else {
        return value;
    };
    let name = match tag {
        "Ref" | "Condition" => SmolStr::new(tag),
        "" => return value,
        function => SmolStr::from(format!("Fn::{function}")),
    };
    cx.add(Kind::Object(vec![Field::Named(name, value)]), node)
}

fn mapping(cx: &mut Lowering<'_>, node: Tree<'_>, anchors: &mut Anchors) -> Id {
    let mut fields = Vec::new();
    for pair in named(node) {
        let Some(key) = pair.child_by_field_name("key") else {
            continue;
        };
        let key_text = unquote(cx.text(key).trim());
        let value = match pair.child_by_field_name("value") {
            Some(value) => yaml_node(cx, value, anchors),
            None => cx.add(Kind::Null, pair),
        };
        if key_text == "<<" {
            fields.push(Field::Spread(value));
        } else {
            from_its_key(cx, value, pair);
            fields.push(Field::Named(key_text, value));
        }
    }
    cx.add(Kind::Object(fields), node)
}

/// What a key holds begins at the key: a resource stands where its name does.
fn from_its_key(cx: &mut Lowering<'_>, value: Id, pair: Tree<'_>) {
    let own = span_of(pair);
    let node = &mut cx.facts.nodes[value as usize];
    if matches!(node.kind, Kind::Object(_) | Kind::Array(_))
        && own.start <= node.span.start
        && node.span.end <= own.end
    {
        node.span = own;
    }
}

fn scalar(cx: &mut Lowering<'_>, kind: &str, node: Tree<'_>) -> Id {
    let text = cx.text(node).trim();
    let kind = match kind {
        "boolean_scalar" => Kind::Bool(text.eq_ignore_ascii_case("true")),
        "integer_scalar" | "float_scalar" => Kind::Num(SmolStr::new(text)),
        "null_scalar" => Kind::Null,
        _ => Kind::Str(SmolStr::new(text)),
    };
    cx.add(kind, node)
}

fn json_node(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    cx.nested(node, |cx| match node.kind() {
        "object" => {
            let mut fields = Vec::new();
            for pair in named(node) {
                let (Some(key), Some(value)) = (
                    pair.child_by_field_name("key"),
                    pair.child_by_field_name("value"),
                ) else {
                    continue;
                };
                let value = json_node(cx, value);
                from_its_key(cx, value, pair);
                fields.push(Field::Named(unquote(cx.text(key)), value));
            }
            cx.add(Kind::Object(fields), node)
        }
        "array" => {
            let items = named(node)
                .into_iter()
                .map(|item| json_node(cx, item))
                .collect();
            cx.add(Kind::Array(items), node)
        }
        "string" => {
            let text = unquote(cx.text(node));
            cx.add(Kind::Str(text), node)
        }
        "number" => {
            let text = cx.sym(node);
            cx.add(Kind::Num(text), node)
        }
        "true" | "false" => cx.add(Kind::Bool(node.kind() == "true"), node),
        "null" => cx.add(Kind::Null, node),
        _ => nothing(cx, node),
    })
}

fn hcl_block(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    cx.nested(node, |cx| {
        let mut callee = None;
        let mut args = Vec::new();
        let mut fields = Vec::new();
        for child in named(node) {
            match child.kind() {
                "identifier" if callee.is_none() => callee = Some(cx.name(child)),
                "identifier" | "string_lit" => {
                    let text = SmolStr::new(cx.text(child).trim_matches('"'));
                    let value = cx.add(Kind::Str(text), child);
                    args.push(Arg { name: None, value });
                }
                "body" => fields = hcl_body(cx, child),
                _ => {}
            }
        }
        let value = cx.add(Kind::Object(fields), node);
        args.push(Arg { name: None, value });
        let callee = callee.unwrap_or_else(|| nothing(cx, node));
        cx.call(callee, args, CallStyle::default(), node)
    })
}

fn hcl_body(cx: &mut Lowering<'_>, body: Tree<'_>) -> Vec<Field> {
    let mut fields = Vec::new();
    for part in named(body) {
        match part.kind() {
            "attribute" => fields.extend(hcl_attribute(cx, part)),
            "block" => {
                let made = hcl_block(cx, part);
                let name = named(part)
                    .first()
                    .map(|name| cx.sym(*name))
                    .unwrap_or_default();
                fields.push(Field::Named(name, made));
            }
            _ => {}
        }
    }
    fields
}

fn hcl_attribute(cx: &mut Lowering<'_>, node: Tree<'_>) -> Option<Field> {
    let parts = named(node);
    let [name, value] = parts[..] else {
        return None;
    };
    let value = hcl_value(cx, value);
    Some(Field::Named(cx.sym(name), value))
}

fn hcl_value(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    cx.nested(node, |cx| match node.kind() {
        "expression" => hcl_expression(cx, node),
        "literal_value" | "collection_value" | "template_expr" | "parenthesized_expression" => {
            let inner = named(node)
                .into_iter()
                .find(|child| !child.kind().ends_with("_start"));
            match inner {
                Some(inner) => hcl_value(cx, inner),
                None => nothing(cx, node),
            }
        }
        "string_lit" => {
            let text = unquote(cx.text(node));
            cx.add(Kind::Str(text), node)
        }
        "numeric_lit" => {
            let text = cx.sym(node);
            cx.add(Kind::Num(text), node)
        }
        "bool_lit" => {
            let value = cx.text(node) == "true";
            cx.add(Kind::Bool(value), node)
        }
        "null_lit" => cx.add(Kind::Null, node),
        "quoted_template" | "heredoc_template" => template(cx, node),
        "tuple" => {
            let items = named(node)
                .into_iter()
                .filter(|child| child.kind() == "expression");
            let items = items.map(|item| hcl_value(cx, item)).collect();
            cx.add(Kind::Array(items), node)
        }
        "object" => {
            let mut fields = Vec::new();
            for element in named(node)
                .into_iter()
                .filter(|child| child.kind() == "object_elem")
            {
                let (Some(key), Some(value)) = (
                    element.child_by_field_name("key"),
                    element.child_by_field_name("val"),
                ) else {
                    continue;
                };
                let value = hcl_value(cx, value);
                fields.push(Field::Named(
                    SmolStr::new(cx.text(key).trim_matches('"')),
                    value,
                ));
            }
            cx.add(Kind::Object(fields), node)
        }
        "conditional" => {
            let parts: Vec<Id> = named(node)
                .into_iter()
                .map(|part| hcl_value(cx, part))
                .collect();
            match parts[..] {
                [cond, then, other] => {
                    let choice = cx.add(Kind::Choice(vec![then, other]), node);
                    cx.add(Kind::If(cond, choice, None), node)
                }
                _ => cx.add(Kind::Other(parts), node),
            }
        }
        "function_call" => {
            let mut callee = None;
            let mut args = Vec::new();
            for child in named(node) {
                match child.kind() {
                    "identifier" => callee = Some(cx.name(child)),
                    "function_arguments" => {
                        for arg in named(child)
                            .into_iter()
                            .filter(|arg| arg.kind() == "expression")
                        {
                            args.push(Arg {
                                name: None,
                                value: hcl_value(cx, arg),
                            });
                        }
                    }
                    _ => {}
                }
            }
            let callee = callee.unwrap_or_else(|| nothing(cx, node));
            cx.call(callee, args, CallStyle::default(), node)
        }
        "variable_expr" => match named(node).first() {
            Some(name) => cx.name(*name),
            None => nothing(cx, node),
        },
        _ => {
            let children: Vec<Id> = named(node)
                .into_iter()
                .map(|child| hcl_value(cx, child))
                .collect();
            cx.add(Kind::Other(children), node)
        }
    })
}

/// `var.env`, `aws_dynamodb_table.orders.arn`, `local.tables["a"]`.
fn hcl_expression(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    let mut parts = named(node).into_iter();
    let Some(head) = parts.next() else {
        return nothing(cx, node);
    };
    let mut value = hcl_value(cx, head);
    for part in parts {
        value = match (part.kind(), named(part).first()) {
            ("get_attr", Some(name)) => cx.member(value, *name),
            ("index" | "new_index" | "legacy_index", Some(index)) => {
                let index = hcl_value(cx, *index);
                cx.add(Kind::Index(value, index), part)
            }
            _ => value,
        };
    }
    value
}

fn template(cx: &mut Lowering<'_>, node: Tree<'_>) -> Id {
    let mut parts = Vec::new();
    for child in named(node) {
        match child.kind() {
            "template_literal" => {
                let text = cx.sym(child);
                parts.push(cx.add(Kind::Str(text), child));
            }
            "template_interpolation" => {
                let inner = named(child)
                    .into_iter()
                    .find(|inner| inner.kind() == "expression");
                parts.extend(inner.map(|inner| hcl_value(cx, inner)));
            }
            _ => {}
        }
    }
    match parts[..] {
        [] => cx.add(Kind::Str(SmolStr::default()), node),
        [one] => one,
        _ => cx.add(Kind::Template(parts), node),
    }
}
