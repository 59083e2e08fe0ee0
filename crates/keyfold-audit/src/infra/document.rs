//! Reading a document: fields, texts with references in them, switches.

use crate::facts::{Arg, Field, FileFacts, Id, Kind};
use crate::tables::{IamStatement, Switch};

/// The fields of an object, or of a block of HCL; those of merged objects too.
pub(super) fn fields(facts: &FileFacts, id: Id) -> Vec<(&str, Id)> {
    let mut out = Vec::new();
    gather(facts, id, &mut out, 8);
    out
}

fn gather<'f>(facts: &'f FileFacts, id: Id, out: &mut Vec<(&'f str, Id)>, depth: u32) {
    if depth == 0 {
        return;
    }
    match facts.kind(id) {
        Kind::Object(list) => {
            for field in list {
                match field {
                    Field::Named(name, value) => out.push((name.as_str(), *value)),
                    Field::Spread(value) => gather(facts, *value, out, depth - 1),
                    Field::Computed(..) => {}
                }
            }
        }
        Kind::Call(_, args, _) => {
            if let Some(body) = args.last() {
                gather(facts, body.value, out, depth - 1);
            }
        }
        _ => {}
    }
}

/// A field by name.
pub(super) fn get(facts: &FileFacts, id: Id, name: &str) -> Option<Id> {
    let found = fields(facts, id)
        .into_iter()
        .find(|(field, _)| *field == name);
    found.map(|(_, value)| value)
}

/// A field inside fields.
pub(super) fn path(facts: &FileFacts, id: Id, names: &[&str]) -> Option<Id> {
    names.iter().try_fold(id, |at, name| get(facts, at, name))
}

/// The elements of a list; of `Fn::If`, those of the branch that has any.
pub(super) fn list(facts: &FileFacts, id: Id) -> Vec<Id> {
    match facts.kind(id) {
        Kind::Array(items) => items
            .iter()
            .filter_map(|item| branch(facts, *item))
            .collect(),
        Kind::Object(_) => branch(facts, id)
            .into_iter()
            .filter(|other| *other != id)
            .flat_map(|other| list(facts, other))
            .collect(),
        _ => Vec::new(),
    }
}

/// `{"Fn::If": [condition, a, b]}` is `a`, or `b` where `a` is `AWS::NoValue`.
pub(super) fn branch(facts: &FileFacts, id: Id) -> Option<Id> {
    let Some(choice) = get(facts, id, "Fn::If") else {
        return Some(id);
    };
    let Kind::Array(parts) = facts.kind(choice) else {
        return Some(id);
    };
    let no_value =
        |id: Id| get(facts, id, "Ref").and_then(|to| plain(facts, to)) == Some("AWS::NoValue");
    parts.iter().skip(1).copied().find(|part| !no_value(*part))
}

/// A text as it stands.
pub(super) fn plain(facts: &FileFacts, id: Id) -> Option<&str> {
    match facts.kind(id) {
        Kind::Str(text) | Kind::Num(text) => Some(text.as_str()),
        _ => None,
    }
}

/// A number.
pub(super) fn number(facts: &FileFacts, id: Id) -> Option<u32> {
    plain(facts, id)?.parse().ok()
}

/// On, off, or set by something that is not known here.
pub(super) fn switch(facts: &FileFacts, id: Option<Id>) -> Switch {
    let Some(id) = id else { return Switch::Absent };
    match facts.kind(id) {
        Kind::Bool(true) => Switch::On,
        Kind::Bool(false) => Switch::Off,
        Kind::Str(text) if text.eq_ignore_ascii_case("true") => Switch::On,
        Kind::Str(text) if text.eq_ignore_ascii_case("false") => Switch::Off,
        _ => Switch::Unknown,
    }
}

/// A text with its references written out: `${Orders.Arn}/index/*`.
pub(super) fn reference(facts: &FileFacts, id: Id) -> Option<String> {
    match facts.kind(id) {
        Kind::Str(text) | Kind::Num(text) => Some(text.to_string()),
        Kind::Template(parts) => {
            let parts: Option<Vec<String>> =
                parts.iter().map(|part| reference(facts, *part)).collect();
            Some(parts?.concat())
        }
        Kind::Name(name) => Some(format!("${{{name}}}")),
        Kind::Member(of, name) => {
            let of = reference(facts, *of)?;
            let of = of.trim_start_matches("${").trim_end_matches('}');
            Some(format!("${{{of}.{name}}}"))
        }
        Kind::Index(of, _) => reference(facts, *of),
        Kind::Object(_) => {
            let (function, value) = *fields(facts, id).first()?;
            match function {
                "Ref" => Some(format!("${{{}}}", plain(facts, value)?)),
                "Fn::GetAtt" => Some(format!("${{{}}}", joined(facts, value, ".")?)),
                "Fn::Sub" => match facts.kind(value) {
                    Kind::Array(parts) => reference(facts, *parts.first()?),
                    _ => reference(facts, value),
                },
                "Fn::Join" => {
                    let Kind::Array(parts) = facts.kind(value) else {
                        return None;
                    };
                    let [glue, list] = parts[..] else { return None };
                    joined(facts, list, plain(facts, glue)?)
                }
                "Fn::ImportValue" => Some("${import}".to_owned()),
                "Fn::If" => reference(facts, branch(facts, id)?),
                _ => None,
            }
        }
        _ => None,
    }
}

fn joined(facts: &FileFacts, id: Id, glue: &str) -> Option<String> {
    match facts.kind(id) {
        Kind::Array(items) => {
            let parts: Option<Vec<String>> =
                items.iter().map(|item| reference(facts, *item)).collect();
            Some(parts?.join(glue))
        }
        _ => reference(facts, id),
    }
}

/// Texts of a list, or the one text.
pub(super) fn texts(facts: &FileFacts, id: Id) -> Vec<String> {
    match facts.kind(id) {
        Kind::Array(items) => items
            .iter()
            .filter_map(|item| reference(facts, *item))
            .collect(),
        _ => reference(facts, id).into_iter().collect(),
    }
}

/// A statement of a policy: an object with an effect and actions.
pub(super) fn statement(facts: &FileFacts, id: Id) -> Option<IamStatement> {
    let effect = get(facts, id, "Effect").and_then(|effect| plain(facts, effect))?;
    let actions = get(facts, id, "Action").map(|actions| texts(facts, actions))?;
    let resources = get(facts, id, "Resource")
        .map(|resources| texts(facts, resources))
        .unwrap_or_default();
    let mut conditions = Vec::new();
    if let Some(condition) = get(facts, id, "Condition") {
        for (operator, keys) in fields(facts, condition) {
            conditions.extend(
                fields(facts, keys)
                    .into_iter()
                    .map(|(key, _)| format!("{operator} {key}")),
            );
        }
    }
    let span = facts.span(id);
    Some(IamStatement {
        line: span.line,
        end_line: span.end_line,
        allow: effect.eq_ignore_ascii_case("allow"),
        actions,
        resources,
        conditions,
        ..IamStatement::default()
    })
}

/// Calls `each` with every node below, and the name of the nearest field above it that has one of these
/// parents' depths.
pub(super) fn descend(
    facts: &FileFacts,
    id: Id,
    name: &str,
    depth: u32,
    each: &mut impl FnMut(&str, Id),
) {
    if depth == 0 {
        return;
    }
    each(name, id);
    match facts.kind(id) {
        Kind::Object(list) => {
            for field in list {
                match field {
                    Field::Named(own, value) => descend(facts, *value, own, depth - 1, each),
                    Field::Spread(value) | Field::Computed(_, value) => {
                        descend(facts, *value, name, depth - 1, each);
                    }
                }
            }
        }
        Kind::Array(items) | Kind::Block(items) | Kind::Other(items) | Kind::Choice(items) => {
            for item in items {
                descend(facts, *item, name, depth - 1, each);
            }
        }
        Kind::Call(_, args, _) => {
            for Arg { value, .. } in args {
                descend(facts, *value, name, depth - 1, each);
            }
        }
        Kind::If(_, then, other) => {
            descend(facts, *then, name, depth - 1, each);
            if let Some(other) = other {
                descend(facts, *other, name, depth - 1, each);
            }
        }
        _ => {}
    }
}
