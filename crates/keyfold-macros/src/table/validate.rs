//! What a table must have before its entities are looked at; the rest is checked over the whole
//! design, as a constant, by `keyfold_model::check`.

use super::parse::{TableInput, Tag};
use crate::errors::Errors;

pub(crate) fn validate(table: &TableInput, errors: &mut Errors) {
    if table.repositories.is_empty() && errors.is_empty() {
        errors.attribute(
            &table.ident,
            "a table has at least one entity: add a field `Repo<Entity>`",
        );
    }
    let mut seen = Vec::new();
    for repository in &table.repositories {
        if seen.contains(&repository.entity_name()) {
            errors.attribute(
                &repository.ty,
                format!(
                    "`{}` is listed twice; one repository serves it",
                    repository.entity_name()
                ),
            );
        }
        if table.attributes.stream.is_some() && repository.entity_name() == "Unknown" {
            errors.attribute(
                &repository.ty,
                format!(
                    "`{}Change::Unknown` is a change of no declared entity; give this one another name",
                    table.ident
                ),
            );
        }
        seen.push(repository.entity_name());
    }
    let attributes = &table.attributes;
    let mut seen = Vec::new();
    for index in &attributes.indexes {
        if seen.contains(&&index.ident) {
            errors.attribute(
                &index.ident,
                format!("index `{}` is declared twice", index.ident),
            );
        }
        seen.push(&index.ident);
        match (index.local, &index.pk, &index.sk) {
            (true, Some(pk), _) => errors.attribute(
                &pk.name,
                "a local index has the table's partition key: leave `pk` out",
            ),
            (true, None, None) => errors.attribute(
                &index.ident,
                "a local index has a sort key of its own: `sk = \"..\"`",
            ),
            (false, None, _) => {
                errors.attribute(&index.ident, "an index has a partition key: `pk = \"..\"`");
            }
            _ => {}
        }
    }
    check_names(table, errors);
    super::scopes::validate(table, errors);
}

/// The table's own attributes have names of their own.
fn check_names(table: &TableInput, errors: &mut Errors) {
    let attributes = &table.attributes;
    let mut keys: Vec<String> = Vec::new();
    for key in attributes.pk.iter().chain(&attributes.sk) {
        if keys.contains(&key.name.value()) {
            errors.attribute(&key.name, "partition key and sort key are two attributes");
        }
        keys.push(key.name.value());
    }
    for index in &attributes.indexes {
        keys.extend(index.pk.iter().chain(&index.sk).map(|key| key.name.value()));
    }
    let tag = match &attributes.tag {
        Tag::Named(name) => Some(name),
        Tag::Default | Tag::None => None,
    };
    for name in attributes.ttl.iter().chain(tag) {
        if keys.contains(&name.value()) {
            errors.attribute(
                name,
                format!("`{}` is a key attribute already", name.value()),
            );
        }
        keys.push(name.value());
    }
}
