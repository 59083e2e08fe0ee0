//! The design as Markdown: access patterns first, then keys, then what items hold.

use std::borrow::Cow;
use std::fmt::Write as _;

use keyfold_model::{
    EntityModel, FieldModel, FieldRole, IndexModel, KeptKind, KeyAttribute, Projection, TableModel,
    WhenAbsent,
};

use crate::question::{Question, gives, shown, summary, unlinked};

/// The document.
pub fn markdown(model: &TableModel<'_>) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "# {}\n", text(&model.name));
    out.push_str("Made from the table's model; change the model, not this page.\n");
    patterns(&mut out, model);
    keys(&mut out, model);
    table(&mut out, model);
    out.push_str("\n## Entities\n");
    for entity in model.entities.iter() {
        self::entity(&mut out, model, entity);
    }
    out
}

fn patterns(out: &mut String, model: &TableModel<'_>) {
    for group in model.patterns.iter() {
        match &*group.name {
            "" => out.push_str("\n## Access patterns\n"),
            name => {
                let _ = write!(out, "\n## Access patterns: {}\n", text(name));
            }
        }
        out.push_str("\n| pattern | question | gives | on | asks for |\n|---|---|---|---|---|\n");
        for pattern in group.patterns.iter() {
            let question = Question::of(model, pattern);
            let on = question
                .as_ref()
                .and_then(|question| question.index)
                .map_or_else(|| "table".to_owned(), |index| code(&index.name));
            let asks = question.map(|question| question.condition(code));
            let _ = writeln!(
                out,
                "| {} | {} | {} | {on} | {} |",
                code(&pattern.id),
                text(&summary(&pattern.doc)),
                text(&gives(pattern)),
                asks.unwrap_or_default(),
            );
        }
    }
}

/// One row an entity, one column a key attribute: the picture people draw of a single table.
fn keys(out: &mut String, model: &TableModel<'_>) {
    let attributes = model.key_attributes();
    out.push_str("\n## Keys\n\n| entity |");
    for attribute in &attributes {
        let _ = write!(out, " {} |", code(&attribute.name));
    }
    out.push_str("\n|---|");
    out.push_str(&"---|".repeat(attributes.len()));
    out.push('\n');
    for entity in model.entities.iter() {
        let _ = write!(
            out,
            "| [{}](#{}) |",
            text(&entity.name),
            anchor(&entity.name)
        );
        for attribute in &attributes {
            match key_text(model, entity, attribute) {
                Some(key) => {
                    let _ = write!(out, " {} |", code(&key));
                }
                None => out.push_str(" |"),
            }
        }
        out.push('\n');
    }
}

/// The template that an entity writes a key attribute by.
fn key_text<'m>(
    model: &'m TableModel<'_>,
    entity: &'m EntityModel<'_>,
    attribute: &KeyAttribute<'_>,
) -> Option<Cow<'m, str>> {
    let table = (&model.pk, model.sk.as_ref(), Some(&entity.key));
    let indexes = model
        .indexes
        .iter()
        .map(|index| (&index.pk, index.sk.as_ref(), entity.key_in(Some(&index.id))));
    std::iter::once(table)
        .chain(indexes)
        .find_map(|(pk, sk, key)| {
            let key = key?;
            if pk.name == attribute.name {
                return Some(shown(&key.pk));
            }
            let sk = sk.filter(|sk| sk.name == attribute.name);
            sk.and(key.sk.as_ref()).map(shown)
        })
}

fn table(out: &mut String, model: &TableModel<'_>) {
    out.push_str("\n## Table\n\n| | |\n|---|---|\n");
    let _ = writeln!(out, "| key | {} |", key(&model.pk, model.sk.as_ref()));
    for scope in model.scopes.iter() {
        let _ = writeln!(
            out,
            "| scope {} | {} |",
            code(&scope.name),
            code(&scope.template.text)
        );
    }
    for index in model.indexes.iter() {
        let kind = if index.local { "local index" } else { "index" };
        let _ = writeln!(
            out,
            "| {kind} {} | {}; holds {} |",
            code(&index.name),
            key(&index.pk, index.sk.as_ref()),
            held(index)
        );
    }
    if let Some(ttl) = &model.ttl {
        let _ = writeln!(out, "| time to live | {} |", code(ttl));
    }
    if let Some(tag) = &model.tag {
        let _ = writeln!(out, "| entity's name in | {} |", code(tag));
    }
    if let Some(stream) = model.stream {
        let _ = writeln!(out, "| stream | {} |", code(stream.as_str()));
    }
}

fn entity(out: &mut String, model: &TableModel<'_>, entity: &EntityModel<'_>) {
    let _ = write!(out, "\n### {}\n", text(&entity.name));
    if !entity.doc.is_empty() {
        let _ = write!(out, "\n{}\n", unlinked(entity.doc.trim()));
    }
    for kept in entity.kept.iter() {
        let line = match kept.kind {
            KeptKind::Unique => format!(
                "- Unique {}: claimed by a {} in the same transaction.",
                text(&kept.name),
                text(&kept.entity)
            ),
            KeptKind::Mirror => format!(
                "- Repeated in a {} in the same transaction.",
                text(&kept.entity)
            ),
        };
        if !out
            .lines()
            .last()
            .is_some_and(|line| line.starts_with("- "))
        {
            out.push('\n');
        }
        let _ = writeln!(out, "{line}");
    }
    out.push_str("\n| attribute | type | |\n|---|---|---|\n");
    for field in entity.fields.iter() {
        let attribute = match (field.role, &model.ttl) {
            (FieldRole::Ttl, Some(ttl)) => ttl,
            _ => &field.attribute,
        };
        let _ = writeln!(
            out,
            "| {} | {} | {} |",
            code(attribute),
            code(&field.type_name),
            notes(field).join(", ")
        );
    }
}

fn notes(field: &FieldModel<'_>) -> Vec<&'static str> {
    let mut notes = Vec::new();
    if field.key_only {
        notes.push("in the key alone");
    }
    match field.role {
        FieldRole::Plain => {}
        FieldRole::Counter => notes.push("counter"),
        FieldRole::Created => notes.push("stamped on creation"),
        FieldRole::Updated => notes.push("stamped on update"),
        FieldRole::Version => notes.push("version"),
        FieldRole::Ttl => notes.push("expires"),
        FieldRole::Scope => notes.push("scope: the handle's own"),
        FieldRole::Deleted => notes.push("deleted since"),
    }
    match field.when_absent {
        _ if field.key_only || field.role == FieldRole::Counter => {}
        WhenAbsent::Error => {}
        WhenAbsent::Default => notes.push("may be absent"),
        WhenAbsent::Zero => notes.push("absent is 0"),
        WhenAbsent::EmptyList | WhenAbsent::EmptyMap => notes.push("absent is empty"),
    }
    notes
}

fn key(pk: &KeyAttribute<'_>, sk: Option<&KeyAttribute<'_>>) -> String {
    std::iter::once(pk)
        .chain(sk)
        .map(|attribute| format!("{} ({})", code(&attribute.name), attribute.kind.as_str()))
        .collect::<Vec<_>>()
        .join(", ")
}

fn held(index: &IndexModel<'_>) -> String {
    match &index.projection {
        Projection::All => "every attribute".to_owned(),
        Projection::Keys => "keys alone".to_owned(),
        Projection::Include(names) => {
            let names: Vec<String> = names.iter().map(|name| code(name)).collect();
            format!("keys, {}", names.join(", "))
        }
    }
}

/// Text inside a cell or heading: what Markdown would read as its own is escaped, code stays code.
fn text(text: &str) -> String {
    let mut out = String::new();
    let mut in_code = false;
    for c in text.chars() {
        match c {
            '\n' | '\r' => out.push(' '),
            '`' => {
                in_code = !in_code;
                out.push('`');
            }
            // A cell ends at a bar, in code too.
            '|' => out.push_str("\\|"),
            '<' | '>' | '*' | '_' | '[' | ']' | '\\' | '#' if !in_code => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

/// Text as code.
fn code(text: &str) -> String {
    let text: String = text.replace(['\n', '\r'], " ").replace('|', "\\|");
    if text.contains('`') {
        format!("`` {text} ``")
    } else {
        format!("`{text}`")
    }
}

fn anchor(heading: &str) -> String {
    heading
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
        .flat_map(char::to_lowercase)
        .collect()
}
