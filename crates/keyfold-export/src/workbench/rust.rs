//! An imported design as the Rust types that declare it.

use std::fmt::Write as _;

use keyfold_model::{
    AttributeType, EntityModel, FieldModel, IndexModel, KeyAttribute, KeyModel, Projection,
    TableModel, Template,
};

use super::names::{free, snake};

/// The source of a file: the table's type and one for each entity. Access patterns are not in Workbench's files, and
/// are the next thing to write.
pub fn rust(model: &TableModel<'_>) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "//! The table `{}`.\n", model.name);
    let uses = |name: &str| {
        let mut fields = model
            .entities
            .iter()
            .flat_map(|entity| entity.fields.iter());
        fields.any(|field| field.type_name.contains(name))
    };
    match (uses("BTreeMap"), uses("BTreeSet")) {
        (true, true) => out.push_str("use std::collections::{BTreeMap, BTreeSet};\n\n"),
        (true, false) => out.push_str("use std::collections::BTreeMap;\n\n"),
        (false, true) => out.push_str("use std::collections::BTreeSet;\n\n"),
        (false, false) => {}
    }
    out.push_str("use keyfold::prelude::*;\n");
    table(&mut out, model);
    for entity in model.entities.iter() {
        self::entity(&mut out, entity);
    }
    out
}

fn table(out: &mut String, model: &TableModel<'_>) {
    let mut arguments = keys(&model.pk, model.sk.as_ref());
    arguments.push("tag = none".to_owned());
    arguments.extend(model.indexes.iter().map(index));
    let _ = write!(
        out,
        "\n/// The table.\n#[derive(Table, Clone)]\n#[table({})]\npub struct {} {{\n",
        in_lines(&arguments),
        model.name
    );
    let mut names: Vec<String> = Vec::new();
    for entity in model.entities.iter() {
        let one = snake(&entity.name);
        let many = if one.ends_with('s') { one } else { one + "s" };
        let name = free(many, |name| names.iter().any(|known| known == name));
        let _ = writeln!(out, "    pub {name}: Repo<{}>,", entity.name);
        names.push(name);
    }
    out.push_str("}\n");
}

/// As rustfmt would have it.
fn in_lines(arguments: &[String]) -> String {
    let line = arguments.join(", ");
    if line.len() <= 88 {
        return line;
    }
    format!("\n    {}\n", arguments.join(",\n    "))
}

fn keys(pk: &KeyAttribute<'_>, sk: Option<&KeyAttribute<'_>>) -> Vec<String> {
    let key = |word: &str, attribute: &KeyAttribute<'_>| match attribute.kind {
        AttributeType::S => format!("{word} = {}", quoted(&attribute.name)),
        AttributeType::N => format!("{word} = number({})", quoted(&attribute.name)),
        AttributeType::B => format!("{word} = binary({})", quoted(&attribute.name)),
    };
    std::iter::once(key("pk", pk))
        .chain(sk.map(|sk| key("sk", sk)))
        .collect()
}

fn index(index: &IndexModel<'_>) -> String {
    let mut arguments = vec![
        index.id.to_string(),
        format!("name = {}", quoted(&index.name)),
    ];
    arguments.extend(keys(&index.pk, index.sk.as_ref()));
    match &index.projection {
        Projection::All => {}
        Projection::Keys => arguments.push("project = keys".to_owned()),
        Projection::Include(names) => {
            let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
            arguments.push(format!("project = include({})", names.join(", ")));
        }
    }
    format!("index({})", arguments.join(", "))
}

fn entity(out: &mut String, entity: &EntityModel<'_>) {
    out.push_str("\n#[derive(Debug, Clone, PartialEq, Entity, Serialize, Deserialize)]\n");
    let _ = writeln!(out, "#[key({})]", key(&entity.key).join(", "));
    for index in entity.indexes.iter() {
        let arguments = key(&index.key).join(", ");
        let _ = writeln!(out, "#[index({}, {arguments})]", index.index);
    }
    let _ = writeln!(out, "pub struct {} {{", entity.name);
    for field in entity.fields.iter() {
        self::field(out, field);
    }
    out.push_str("}\n");
}

fn key(key: &KeyModel<'_>) -> Vec<String> {
    let half = |word: &str, template: &Template<'_>| {
        // A bare field's name stands without quotes.
        if template.bare {
            format!("{word} = {}", template.text)
        } else {
            format!("{word} = {}", quoted(&template.text))
        }
    };
    std::iter::once(half("pk", &key.pk))
        .chain(key.sk.as_ref().map(|sk| half("sk", sk)))
        .collect()
}

fn field(out: &mut String, field: &FieldModel<'_>) {
    if field.key_only {
        out.push_str("    #[key_only]\n");
    }
    if field.omit_none {
        out.push_str("    #[attr(omit_none)]\n");
    }
    if field.attribute != field.name {
        let _ = writeln!(out, "    #[serde(rename = {})]", quoted(&field.attribute));
    }
    let _ = writeln!(out, "    pub {}: {},", field.name, field.type_name);
}

fn quoted(text: &str) -> String {
    format!("{text:?}")
}
