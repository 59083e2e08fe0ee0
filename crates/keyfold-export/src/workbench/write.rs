//! A design as a Workbench file.

use keyfold_model::{
    AttributeType, EntityModel, FieldModel, FieldRole, KeyAttribute, KeyModel, Projection,
    TableModel, Template,
};

use super::names::{attribute_type, snake};
use super::template::written;
use super::{Written, read};
use crate::tree::Tree;

/// The file, with sample items in `DynamoDB`'s JSON: each goes to the entity whose keys it has. An entity without any
/// gets one made of its templates.
pub fn write(model: &TableModel<'_>, table: &str, items: &[Tree]) -> Written {
    let mut loose: Vec<&Tree> = Vec::new();
    let mut of_entity: Vec<Vec<&Tree>> = vec![Vec::new(); model.entities.len()];
    for item in items {
        let place = model
            .entities
            .iter()
            .position(|entity| is_of(model, entity, item));
        match place.and_then(|at| of_entity.get_mut(at)) {
            Some(own) => own.push(item),
            None => loose.push(item),
        }
    }
    let types = types(model, items);
    let facets = model.entities.iter().zip(of_entity).map(|(entity, items)| {
        // What a reader would conclude from the items alone may be less than the design says.
        let bare = facet(model, entity, &items, &types, false);
        let tells = !items.is_empty() && says_the_same(model, entity, &bare, items.len(), &types);
        if tells {
            bare
        } else {
            facet(model, entity, &items, &types, true)
        }
    });
    let facets = Tree::list(facets);
    let loose = Tree::list(loose.into_iter().cloned());
    let tree = document(model, table, facets, loose, &types);
    Written {
        document: tree,
        left_out: left_out(model),
    }
}

fn document(
    model: &TableModel<'_>,
    table: &str,
    facets: Tree,
    loose: Tree,
    types: &[(String, String)],
) -> Tree {
    let global = model.indexes.iter().filter(|index| !index.local);
    let indexes = global.map(|index| {
        let mut projection = Tree::map([("ProjectionType", index.projection.as_str())]);
        if let Projection::Include(names) = &index.projection {
            projection.add(
                "NonKeyAttributes",
                Tree::list(names.iter().map(|name| &**name)),
            );
        }
        Tree::map([
            ("IndexName", Tree::from(&*index.name)),
            ("KeyAttributes", keys(&index.pk, index.sk.as_ref())),
            ("Projection", projection),
        ])
    });
    let attributes = types
        .iter()
        .map(|(name, kind)| Tree::map([("AttributeName", name), ("AttributeType", kind)]));
    let table = Tree::map([
        ("TableName", Tree::from(table)),
        ("KeyAttributes", keys(&model.pk, model.sk.as_ref())),
        ("NonKeyAttributes", Tree::list(attributes)),
        ("TableFacets", facets),
        ("GlobalSecondaryIndexes", Tree::list(indexes)),
        ("TableData", loose),
        ("DataAccess", Tree::map([("MySql", Tree::Map(Vec::new()))])),
        ("BillingMode", "PAY_PER_REQUEST".into()),
    ]);
    // The same design gives the same file, so it has no date of its own.
    let date = "Jan 01, 1970, 12:00 AM";
    let metadata = [
        ("Author", ""),
        ("DateCreated", date),
        ("DateLastModified", date),
        ("Description", ""),
        ("AWSService", "Amazon DynamoDB"),
        ("Version", "3.0"),
    ];
    Tree::map([
        ("ModelName", Tree::from(&*model.name)),
        ("ModelMetadata", Tree::map(metadata)),
        ("DataModel", Tree::list([table])),
    ])
}

fn keys(pk: &KeyAttribute<'_>, sk: Option<&KeyAttribute<'_>>) -> Tree {
    let half = |attribute: &KeyAttribute<'_>| {
        Tree::map([
            ("AttributeName", &*attribute.name),
            ("AttributeType", attribute.kind.as_str()),
        ])
    };
    let mut keys = Tree::map([("PartitionKey", half(pk))]);
    if let Some(sk) = sk {
        keys.add("SortKey", half(sk));
    }
    keys
}

fn facet(
    model: &TableModel<'_>,
    entity: &EntityModel<'_>,
    items: &[&Tree],
    types: &[(String, String)],
    placeholder: bool,
) -> Tree {
    let mut aliases = Tree::map([("PartitionKeyAlias", text(entity, &entity.key.pk))]);
    if let Some(sk) = &entity.key.sk {
        aliases.add("SortKeyAlias", text(entity, sk));
    }
    let shown = placeholder.then(|| self::placeholder(model, entity, types));
    let items = shown
        .into_iter()
        .chain(items.iter().map(|item| (*item).clone()));
    let names = attributes(model, entity).into_iter().map(|(name, _)| name);
    Tree::map([
        ("FacetName", Tree::from(&*entity.name)),
        ("KeyAttributeAlias", aliases),
        ("TableData", Tree::list(items)),
        ("NonKeyAttributes", Tree::list(names)),
    ])
}

/// A template with its parts named as fields of attributes are named when the file is read.
fn text(entity: &EntityModel<'_>, template: &Template<'_>) -> String {
    written(template, |field| match entity.field(field) {
        Some(field) if !field.key_only => snake(&field.attribute),
        _ => field.to_owned(),
    })
}

/// An item made of templates and names.
fn placeholder(
    model: &TableModel<'_>,
    entity: &EntityModel<'_>,
    types: &[(String, String)],
) -> Tree {
    let mut item = Tree::Map(Vec::new());
    let mut add_key = |pk: &KeyAttribute<'_>, sk: Option<&KeyAttribute<'_>>, key: &KeyModel<'_>| {
        for (attribute, template) in std::iter::once((pk, &key.pk)).chain(sk.zip(key.sk.as_ref())) {
            if item.get(&attribute.name).is_none() {
                let value = match attribute.kind {
                    AttributeType::S => Tree::map([("S", text(entity, template))]),
                    kind => sample(kind.as_str(), ""),
                };
                item.add(&*attribute.name, value);
            }
        }
    };
    add_key(&model.pk, model.sk.as_ref(), &entity.key);
    for key in entity.indexes.iter() {
        if let Some(index) = model.index(&key.index).filter(|index| !index.local) {
            add_key(&index.pk, index.sk.as_ref(), &key.key);
        }
    }
    for (name, _) in attributes(model, entity) {
        if item.get(&name).is_none() {
            let kind = types.iter().find(|(known, _)| *known == name);
            item.add(&*name, sample(kind.map_or("S", |(_, kind)| kind), &name));
        }
    }
    item
}

fn sample(kind: &str, name: &str) -> Tree {
    let text = format!("{{{name}}}");
    let value = match kind {
        "N" => Tree::from("0"),
        "B" => Tree::from("AA=="),
        "BOOL" => Tree::from(false),
        "NULL" => Tree::from(true),
        "L" => Tree::List(Vec::new()),
        "M" => Tree::Map(Vec::new()),
        "NS" => Tree::list(["0"]),
        "BS" => Tree::list(["AA=="]),
        "SS" => Tree::list([text]),
        _ => Tree::from(text),
    };
    Tree::map([(kind, value)])
}

/// The attributes of an entity's items beside the table's key, with their types: fields, and keys in indexes that
/// templates write.
fn attributes(model: &TableModel<'_>, entity: &EntityModel<'_>) -> Vec<(String, &'static str)> {
    let mut found: Vec<(String, &'static str)> = Vec::new();
    let is_table_key = |name: &str| {
        std::iter::once(&model.pk)
            .chain(&model.sk)
            .any(|key| key.name == name)
    };
    let mut add = |name: &str, kind| {
        if !is_table_key(name) && !found.iter().any(|(known, _)| known == name) {
            found.push((name.to_owned(), kind));
        }
    };
    for field in entity.fields.iter().filter(|field| !field.key_only) {
        add(stored_as(model, field), field_type(model, field));
    }
    for key in entity.indexes.iter() {
        let index = model.index(&key.index).filter(|index| !index.local);
        for attribute in index
            .iter()
            .flat_map(|index| std::iter::once(&index.pk).chain(&index.sk))
        {
            add(&attribute.name, attribute.kind.as_str());
        }
    }
    found
}

fn stored_as<'f>(model: &'f TableModel<'_>, field: &'f FieldModel<'_>) -> &'f str {
    match (field.role, &model.ttl) {
        (FieldRole::Ttl, Some(ttl)) => ttl,
        _ => &field.attribute,
    }
}

fn field_type(model: &TableModel<'_>, field: &FieldModel<'_>) -> &'static str {
    let keys = model.key_attributes();
    if let Some(key) = keys.iter().find(|key| key.name == field.attribute) {
        return key.kind.as_str();
    }
    match field.role {
        FieldRole::Ttl | FieldRole::Counter | FieldRole::Version => "N",
        _ => attribute_type(&field.type_name),
    }
}

/// Each attribute once, with the type its samples have or else its first field: Workbench knows one a table.
fn types(model: &TableModel<'_>, items: &[Tree]) -> Vec<(String, String)> {
    let mut types: Vec<(String, String)> = Vec::new();
    for entity in model.entities.iter() {
        for (name, kind) in attributes(model, entity) {
            if types.iter().any(|(known, _)| *known == name) {
                continue;
            }
            let of_items = items.iter().find_map(|item| {
                let (kind, _) = item.get(&name)?.entries().first()?;
                (kind != "NULL").then(|| kind.clone())
            });
            types.push((name, of_items.unwrap_or_else(|| kind.to_owned())));
        }
    }
    types
}

/// Whether an item's keys are of this entity.
fn is_of(model: &TableModel<'_>, entity: &EntityModel<'_>, item: &Tree) -> bool {
    let tag = model
        .tag
        .as_ref()
        .and_then(|tag| item.get(tag)?.get("S")?.as_str());
    if let Some(tag) = tag {
        return tag == entity.name;
    }
    let half =
        |attribute: &KeyAttribute<'_>, template: &Template<'_>| match item.get(&attribute.name) {
            Some(value) => match value.get("S").and_then(Tree::as_str) {
                Some(text) => template.recognise(text).is_some(),
                None => template.bare,
            },
            None => false,
        };
    half(&model.pk, &entity.key.pk)
        && match (&model.sk, &entity.key.sk) {
            (Some(attribute), Some(template)) => half(attribute, template),
            _ => true,
        }
}

/// Whether the facet as it is, read again, is the entity with all its keys.
fn says_the_same(
    model: &TableModel<'_>,
    entity: &EntityModel<'_>,
    facet: &Tree,
    items: usize,
    types: &[(String, String)],
) -> bool {
    let alone = document(
        model,
        &model.name,
        Tree::list([facet.clone()]),
        Tree::List(Vec::new()),
        types,
    );
    let Ok(tables) = read(&alone.to_json_line()) else {
        return false;
    };
    let Some(table) = tables.first() else {
        return false;
    };
    // An item that is nothing but its templates' literal text would pass for one made of them.
    let Some(found) = table
        .model
        .entities
        .first()
        .filter(|_| table.items.len() == items)
    else {
        return false;
    };
    let texts = |owner: &EntityModel<'_>| -> Vec<(String, String, Option<String>)> {
        let key = |name: &str, key: &KeyModel<'_>| {
            let sk = key.sk.as_ref().map(|sk| text(owner, sk));
            (name.to_owned(), text(owner, &key.pk), sk)
        };
        let indexes = owner.indexes.iter().filter_map(|index| {
            let known = model.index(&index.index);
            let name = known.map_or(&*index.index, |known| &*known.name);
            let is_local = known.is_some_and(|known| known.local);
            (!is_local).then(|| key(&super::names::camel(name), &index.key))
        });
        std::iter::once(key("", &owner.key))
            .chain(indexes)
            .collect()
    };
    texts(entity) == texts(found)
}

fn left_out(model: &TableModel<'_>) -> Vec<String> {
    let mut out = Vec::new();
    let mut note = |is_there: bool, what: &str| {
        if is_there {
            out.push(what.to_owned());
        }
    };
    let any_field = |is: fn(&FieldModel<'_>) -> bool| {
        model
            .entities
            .iter()
            .any(|entity| entity.fields.iter().any(is))
    };
    note(model.all_patterns().next().is_some(), "access patterns");
    note(
        model.indexes.iter().any(|index| index.local),
        "local indexes",
    );
    note(model.stream.is_some(), "the stream");
    note(model.ttl.is_some(), "which attribute items expire by");
    note(model.tag.is_some(), "which attribute names the entity");
    note(
        model.entities.iter().any(|entity| !entity.kept.is_empty()),
        "unique and mirrored items",
    );
    note(
        any_field(|field| field.role != FieldRole::Plain),
        "roles of fields",
    );
    note(
        any_field(|field| field.optional),
        "which fields are optional, where no sample lacks them",
    );
    note(true, "Rust's types and documentation");
    out
}
