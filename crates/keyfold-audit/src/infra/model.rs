//! `keyfold.model.json`: the design of a table as its program declares it. Nothing says more of a table, so it comes first.

use super::document::{fields, get, list, plain};
use crate::facts::{FileFacts, Id, Kind};
use crate::lang::Lang;
use crate::link::{Project, SourceFile};
use crate::tables::{DeclaredEntity, IndexDef, Infrastructure, TableDef};

/// The name of such a file, or its end.
pub const FILE: &str = "keyfold.model.json";

pub(super) fn collect(project: &Project, found: &mut Infrastructure) {
    for (_, file) in project.ids() {
        if file.lang == Lang::Json && file.path.ends_with(FILE) {
            read(file, found);
        }
    }
}

fn read(file: &SourceFile, found: &mut Infrastructure) {
    let facts = &file.facts;
    let Kind::Block(documents) = file.kind(facts.function(0).body) else {
        return;
    };
    let Some(root) = documents.first().copied() else {
        return;
    };
    let (Some(logical), Some(entities)) = (text(facts, root, "name"), get(facts, root, "entities"))
    else {
        return;
    };
    let attribute =
        |of: Id, name: &str| get(facts, of, name).and_then(|key| text(facts, key, "name"));
    let mut ids: Vec<(String, String)> = Vec::new();
    let mut gsi = Vec::new();
    for index in elements(facts, get(facts, root, "indexes")) {
        let name = text(facts, index, "name").unwrap_or_default();
        ids.push((text(facts, index, "id").unwrap_or_default(), name.clone()));
        gsi.push(IndexDef {
            name,
            pk: attribute(index, "pk"),
            sk: attribute(index, "sk"),
            projection: text(facts, index, "projection").map(|p| p.to_uppercase()),
            line: facts.span(index).line,
            write_capacity: None,
        });
    }
    let index_name = |id: &str| {
        ids.iter()
            .find(|(known, _)| known == id)
            .map_or_else(|| id.to_owned(), |(_, name)| name.clone())
    };
    let ttl = text(facts, root, "ttl");
    let name = snake(&logical);
    for entity in elements(facts, Some(entities)) {
        let key = |of: Option<Id>, part: &str| {
            of.and_then(|key| get(facts, key, part))
                .and_then(|key| text(facts, key, "text"))
        };
        let own = get(facts, entity, "key");
        let expires = elements(facts, get(facts, entity, "fields"))
            .into_iter()
            .any(|field| {
                text(facts, field, "role").as_deref() == Some("ttl")
                    || ttl.is_some() && text(facts, field, "attribute") == ttl
            });
        found.entities.push(DeclaredEntity {
            file: file.path.clone(),
            line: facts.span(entity).line,
            table: name.clone(),
            name: text(facts, entity, "name").unwrap_or_default(),
            pk: key(own, "pk").unwrap_or_default(),
            sk: key(own, "sk"),
            expires,
        });
    }
    for scope in elements(facts, get(facts, root, "patterns")) {
        for pattern in elements(facts, get(facts, scope, "patterns")) {
            if let Some(index) = text(facts, pattern, "index") {
                found
                    .declared_indexes
                    .push((name.clone(), index_name(&index)));
            }
            if let Some(id) = text(facts, pattern, "id") {
                found
                    .patterns
                    .push((id, file.path.clone(), facts.span(pattern).line));
            }
        }
    }
    let span = facts.span(root);
    found.tables.push(TableDef {
        file: file.path.clone(),
        line: span.line,
        end_line: span.line,
        name: Some(name),
        logical: Some(logical),
        source: "model",
        pk: attribute(root, "pk"),
        sk: attribute(root, "sk"),
        gsi,
        ttl,
        stream: text(facts, root, "stream"),
        ..TableDef::default()
    });
}

fn text(facts: &FileFacts, of: Id, name: &str) -> Option<String> {
    get(facts, of, name)
        .and_then(|value| plain(facts, value))
        .map(str::to_owned)
}

fn elements(facts: &FileFacts, of: Option<Id>) -> Vec<Id> {
    of.map(|of| match facts.kind(of) {
        Kind::Object(_) => fields(facts, of)
            .into_iter()
            .map(|(_, value)| value)
            .collect(),
        _ => list(facts, of),
    })
    .unwrap_or_default()
}

/// `GenuproofEvents` is the table `genuproof_events`, as the builder names it.
fn snake(name: &str) -> String {
    let mut out = String::new();
    for (at, c) in name.char_indices() {
        if c.is_uppercase() && at > 0 {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}
