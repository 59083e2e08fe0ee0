//! A design as text for people.

use std::fmt::Write as _;

use keyfold_export::{SortKeys, gives};
use keyfold_model::{
    EntityModel, FieldRole, IndexModel, KeptKind, KeyAttribute, KeyModel, Multiplicity,
    PatternKind, PatternModel, Projection, TableModel,
};

/// The whole design.
pub fn of(model: &TableModel<'_>) -> String {
    let mut out = String::new();
    table(&mut out, model);
    out.push_str("\nEntities\n");
    for entity in model.entities.iter() {
        self::entity(&mut out, model, entity);
    }
    for group in model.patterns.iter() {
        let name = match &*group.name {
            "" => String::new(),
            name => format!(" ({name})"),
        };
        let _ = writeln!(out, "\nAccess patterns{name}");
        for pattern in group.patterns.iter() {
            self::pattern(&mut out, model, pattern);
        }
    }
    out
}

fn table(out: &mut String, model: &TableModel<'_>) {
    let _ = writeln!(out, "Table {}", model.name);
    let _ = writeln!(
        out,
        "  key           {}",
        keys(&model.pk, model.sk.as_ref())
    );
    for scope in model.scopes.iter() {
        let _ = writeln!(
            out,
            "  {:<13} {} = {}",
            "scope", scope.name, scope.template.text
        );
    }
    for index in model.indexes.iter() {
        let kind = if index.local { "local index" } else { "index" };
        let _ = writeln!(
            out,
            "  {kind:<13} {} = {}: {}; holds {}",
            index.id,
            index.name,
            keys(&index.pk, index.sk.as_ref()),
            held(index)
        );
    }
    if let Some(ttl) = &model.ttl {
        let _ = writeln!(out, "  time to live  {ttl}");
    }
    if let Some(tag) = &model.tag {
        let _ = writeln!(out, "  entity tag    {tag}");
    }
    if let Some(stream) = &model.stream {
        let _ = writeln!(out, "  stream        {}", stream.as_str());
    }
}

fn entity(out: &mut String, model: &TableModel<'_>, entity: &EntityModel<'_>) {
    let _ = writeln!(out, "\n  {}{}", entity.name, about(&entity.doc));
    let _ = writeln!(out, "    {:<9} {}", "key", key(&entity.key));
    for index in entity.indexes.iter() {
        let _ = writeln!(out, "    {:<9} {}", index.index, key(&index.key));
    }
    let fields: Vec<String> = entity
        .fields
        .iter()
        .filter(|field| !field.key_only)
        .map(|field| {
            let role = match field.role {
                FieldRole::Plain => "",
                FieldRole::Counter => " counter",
                FieldRole::Created => " created",
                FieldRole::Updated => " updated",
                FieldRole::Version => " version",
                FieldRole::Ttl => " ttl",
                FieldRole::Scope => " scope",
                FieldRole::Deleted => " deleted",
            };
            let attribute = match (field.role, &model.ttl) {
                (FieldRole::Ttl, Some(ttl)) => ttl,
                _ => &field.attribute,
            };
            let optional = if field.optional { "?" } else { "" };
            format!("{attribute}{optional}{role}")
        })
        .collect();
    wrapped(out, "fields", &fields);
    for kept in entity.kept.iter() {
        let kind = match kept.kind {
            KeptKind::Unique => "unique",
            KeptKind::Mirror => "mirror",
        };
        let at = model
            .entity(&kept.entity)
            .map(|entity| format!("  {}", key(&entity.key)))
            .unwrap_or_default();
        let _ = writeln!(out, "    {kind:<9} {}{at}", kept.entity);
    }
    if !entity.shared_with.is_empty() {
        let names: Vec<&str> = entity.shared_with.iter().map(AsRef::as_ref).collect();
        let _ = writeln!(out, "    {:<9} {}", "shares", names.join(", "));
    }
}

fn pattern(out: &mut String, model: &TableModel<'_>, pattern: &PatternModel<'_>) {
    let _ = writeln!(out, "\n  {}{}", pattern.id, about(&pattern.doc));
    let index = pattern.index.as_deref();
    let _ = writeln!(out, "    {:<9} {}", "gives", gives(pattern));
    let place = index.and_then(|id| model.index(id)).map_or_else(
        || "table".to_owned(),
        |index| format!("index {}", index.name),
    );
    let _ = writeln!(out, "    {:<9} {place}", "on");
    let mut partition = true;
    for member in pattern.members.iter() {
        let found = model.entity(&member.entity);
        let Some(key) = found.and_then(|entity| entity.key_in(index)) else {
            continue;
        };
        if std::mem::take(&mut partition) {
            let _ = writeln!(out, "    {:<9} {}", "partition", key.pk.text);
        }
        let many = match member.multiplicity {
            Multiplicity::One => "one ",
            Multiplicity::Optional => "at most one ",
            Multiplicity::Many => "many ",
            Multiplicity::Skipped => "passes over ",
        };
        let many = if pattern.kind == PatternKind::Pages {
            ""
        } else {
            many
        };
        let range = match &key.sk {
            None => "the item".to_owned(),
            Some(_) if pattern.kind == PatternKind::Collect => key_text(key),
            Some(sk) => SortKeys::asked(sk, pattern).to_string(),
        };
        let _ = writeln!(
            out,
            "    {:<9} {many}{}: {range}",
            "sort keys", member.entity
        );
    }
}

fn key(key: &KeyModel<'_>) -> String {
    match &key.sk {
        Some(sk) => format!("{} / {}", key.pk.text, sk.text),
        None => key.pk.text.to_string(),
    }
}

fn key_text(key: &KeyModel<'_>) -> String {
    key.sk
        .as_ref()
        .map(|sk| sk.text.to_string())
        .unwrap_or_default()
}

fn keys(pk: &KeyAttribute<'_>, sk: Option<&KeyAttribute<'_>>) -> String {
    std::iter::once(pk)
        .chain(sk)
        .map(|attribute| format!("{} ({:?})", attribute.name, attribute.kind))
        .collect::<Vec<_>>()
        .join(", ")
}

fn held(index: &IndexModel<'_>) -> String {
    match &index.projection {
        Projection::All => "every attribute".to_owned(),
        Projection::Keys => "keys alone".to_owned(),
        Projection::Include(names) => {
            let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
            format!("keys, {}", names.join(", "))
        }
    }
}

fn about(doc: &str) -> String {
    match doc.lines().next().map(str::trim) {
        None | Some("") => String::new(),
        Some(line) => format!("  {line}"),
    }
}

fn wrapped(out: &mut String, label: &str, words: &[String]) {
    let mut line = String::new();
    let mut first = true;
    for word in words {
        if !line.is_empty() && line.len() + word.len() + 2 > 84 {
            let _ = writeln!(out, "    {:<9} {line},", if first { label } else { "" });
            first = false;
            line.clear();
        }
        if !line.is_empty() {
            line.push_str(", ");
        }
        line.push_str(word);
    }
    if !line.is_empty() {
        let _ = writeln!(out, "    {:<9} {line}", if first { label } else { "" });
    }
}
