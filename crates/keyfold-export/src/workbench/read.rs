//! A Workbench file as designs.

use std::borrow::Cow;

use keyfold_model::{
    AttributeType, EntityModel, IndexModel, KeyAttribute, ParsedTemplate, Projection, TableModel,
};

use super::infer::{self, Keys};
use super::names::{camel, free, snake};
use super::template::{self, Attribute, EntityText, IndexText, KeyText, NumberKind};
use super::{Table, WorkbenchError};
use crate::tree::Tree;

/// The tables of a file, with their sample items.
///
/// # Errors
/// Where the file is not one of Workbench's.
pub fn read(text: &str) -> Result<Vec<Table>, WorkbenchError> {
    let file = Tree::from_json(text)?;
    let tables = file
        .get("DataModel")
        .ok_or_else(|| missing("`DataModel`"))?;
    tables.items().iter().map(table).collect()
}

fn missing(what: &str) -> WorkbenchError {
    WorkbenchError::NotWorkbench {
        missing: what.to_owned(),
    }
}

/// Key attributes, as a file and a model have them.
type Keyed = (KeyAttribute<'static>, Option<KeyAttribute<'static>>);

fn table(table: &Tree) -> Result<Table, WorkbenchError> {
    let name = text_of(table, "TableName").ok_or_else(|| missing("`TableName`"))?;
    let place = format!("table `{name}`");
    let keys = keyed(table, &place)?;
    let indexes = indexes(table)?;
    let types = attribute_types(table);
    let mut notes = Vec::new();
    let mut items: Vec<Tree> = Vec::new();
    let mut entities: Vec<EntityModel<'static>> = Vec::new();
    let mut add = |entity: EntityText, notes: &mut Vec<String>| match template::entity(&entity) {
        Ok(entity) => entities.push(entity),
        Err(reason) => notes.push(format!("{} is left out: {reason}", entity.name)),
    };
    let facets = table.get("TableFacets").map_or(&[][..], Tree::items);
    let mut names: Vec<String> = Vec::new();
    for facet in facets {
        let facet = Facet::read(facet, &keys);
        let name = free(camel(facet.name), |name| {
            names.iter().any(|known| known == name)
        });
        names.push(name.clone());
        if let Some(entity) = facet.entity(name, &keys, &indexes, &types, &mut notes) {
            add(entity, &mut notes);
        }
        items.extend(facet.items.iter().map(|item| (*item).clone()));
    }
    let loose = table.get("TableData").map_or(&[][..], Tree::items);
    let sk = keys.1.as_ref().map(|sk| &*sk.name);
    let mut inferred: Vec<String> = Vec::new();
    for group in infer::groups(loose, &keys.0.name, sk) {
        let name = free(group.name, |name| names.iter().any(|known| known == name));
        names.push(name.clone());
        inferred.push(format!("{name} ({})", group.items.len()));
        let facet = Facet {
            name: &name,
            aliases: (None, None),
            attributes: Vec::new(),
            placeholder: None,
            items: group.items,
        };
        if let Some(entity) = facet.entity(name.clone(), &keys, &indexes, &types, &mut notes) {
            add(entity, &mut notes);
        }
    }
    if !inferred.is_empty() {
        notes.push(format!(
            "entities and their keys were found in sample items, look at them: {}",
            inferred.join(", ")
        ));
    }
    items.extend(loose.iter().cloned());
    let (pk, sk) = keys;
    let model = TableModel {
        name: Cow::Owned(camel(name)),
        pk,
        sk,
        ttl: None,
        tag: None,
        stream: None,
        scopes: Cow::Borrowed(&[]),
        allows: Cow::Borrowed(&[]),
        indexes: indexes.into(),
        entities: entities.into(),
        patterns: Cow::Borrowed(&[]),
    };
    notes.push("access patterns are not in such files: declare them".to_owned());
    Ok(Table {
        name: name.to_owned(),
        model,
        items,
        notes,
    })
}

/// One entity of a file.
struct Facet<'f> {
    name: &'f str,
    aliases: (Option<&'f str>, Option<&'f str>),
    attributes: Vec<&'f str>,
    /// The item that shows templates and is no data.
    placeholder: Option<&'f Tree>,
    items: Vec<&'f Tree>,
}

impl<'f> Facet<'f> {
    fn read(facet: &'f Tree, keys: &Keyed) -> Self {
        let alias = |name| {
            let alias = facet.get("KeyAttributeAlias")?.get(name)?.as_str()?;
            (!alias.is_empty()).then_some(alias)
        };
        let aliases = (alias("PartitionKeyAlias"), alias("SortKeyAlias"));
        let attributes = facet.get("NonKeyAttributes").map_or(&[][..], Tree::items);
        let mut items: Vec<&Tree> = facet
            .get("TableData")
            .map_or(&[][..], Tree::items)
            .iter()
            .collect();
        let placeholder = items
            .first()
            .copied()
            .filter(|item| is_placeholder(item, aliases, keys));
        if placeholder.is_some() {
            items.remove(0);
        }
        Self {
            name: facet
                .get("FacetName")
                .and_then(Tree::as_str)
                .unwrap_or("Item"),
            aliases,
            attributes: attributes.iter().filter_map(Tree::as_str).collect(),
            placeholder,
            items,
        }
    }

    /// The key templates that the aliases are, if that is what they are.
    fn templates(&self, keys: &Keyed) -> Option<KeyText> {
        let (pk, sk) = (self.aliases.0?, self.aliases.1);
        let all = std::iter::once(pk).chain(sk);
        let says = self.placeholder.is_some() || all.clone().any(|alias| alias.contains('{'));
        let is_read = all
            .clone()
            .all(|alias| ParsedTemplate::parse(alias).is_ok());
        (says && is_read && sk.is_some() == keys.1.is_some()).then(|| KeyText {
            pk: pk.to_owned(),
            sk: sk.map(str::to_owned),
        })
    }

    fn entity(
        &self,
        name: String,
        keys: &Keyed,
        indexes: &[IndexModel<'static>],
        types: &[(&str, &str)],
        notes: &mut Vec<String>,
    ) -> Option<EntityText> {
        let key_attributes: Vec<String> = std::iter::once(&keys.0)
            .chain(&keys.1)
            .chain(
                indexes
                    .iter()
                    .flat_map(|index| std::iter::once(&index.pk).chain(&index.sk)),
            )
            .map(|attribute| attribute.name.to_string())
            .collect();
        let mut found = Keys::of(self.items.clone(), key_attributes);
        let halves = (&*keys.0.name, keys.1.as_ref().map(|sk| &*sk.name));
        let inferred = found.key(halves, self.aliases, false);
        let Some(key) = self.templates(keys).or(inferred) else {
            notes.push(format!(
                "{name} is left out: it has neither sample items nor key templates, such as `ORDER#{{id}}`, as aliases"
            ));
            return None;
        };
        let mut in_indexes = Vec::new();
        for index in indexes {
            let halves = (&*index.pk.name, index.sk.as_ref().map(|sk| &*sk.name));
            let shown = self.placeholder.and_then(|item| {
                let half = |attribute: &KeyAttribute<'_>| shown(item, attribute);
                Some(KeyText {
                    pk: half(&index.pk)?,
                    sk: match &index.sk {
                        Some(sk) => Some(half(sk)?),
                        None => None,
                    },
                })
            });
            let key = match (self.placeholder, shown) {
                (Some(_), shown) => shown,
                (None, _) => found.key(halves, (None, None), true),
            };
            if let Some(key) = key {
                in_indexes.push(IndexText {
                    id: index.id.to_string(),
                    keys: (index.pk.clone(), index.sk.clone()),
                    key,
                });
            }
        }
        Some(EntityText {
            attributes: self.attributes(keys, &key, &in_indexes, types),
            name,
            key,
            table: keys.clone(),
            indexes: in_indexes,
        })
    }

    /// What items hold beside keys, in the order of the facet, of the table, of the items.
    fn attributes(
        &self,
        keys: &Keyed,
        key: &KeyText,
        indexes: &[IndexText],
        types: &[(&str, &str)],
    ) -> Vec<Attribute> {
        let mut names: Vec<&str> = self.attributes.clone();
        let in_items = |name: &str| self.items.iter().any(|item| item.get(name).is_some());
        let declared = types
            .iter()
            .map(|(name, _)| *name)
            .filter(|name| in_items(name));
        let held = self
            .items
            .iter()
            .flat_map(|item| item.entries())
            .map(|(name, _)| &**name);
        for name in declared.chain(held) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names.retain(|name| !is_written_by_template(name, keys, key, indexes));
        names
            .into_iter()
            .map(|name| self.attribute(name, types))
            .collect()
    }

    fn attribute(&self, name: &str, types: &[(&str, &str)]) -> Attribute {
        let values: Vec<&Tree> = self
            .items
            .iter()
            .filter_map(|item| item.get(name))
            .collect();
        let of_value = values.iter().find_map(|value| {
            let (kind, _) = value.entries().first()?;
            (kind != "NULL").then_some(&**kind)
        });
        let declared = types.iter().find(|(known, _)| *known == name);
        let kind = of_value.or(declared.map(|(_, kind)| *kind)).unwrap_or("S");
        let numbers: Vec<&str> = values
            .iter()
            .filter_map(|value| value.get("N")?.as_str())
            .collect();
        Attribute {
            name: name.to_owned(),
            kind: kind.to_owned(),
            number: if numbers.iter().any(|n| n.contains(['.', 'e', 'E'])) {
                NumberKind::Fraction
            } else if numbers.iter().any(|n| n.starts_with('-')) {
                NumberKind::Negative
            } else {
                NumberKind::Whole
            },
            optional: self.items.iter().any(|item| {
                item.get(name)
                    .is_none_or(|value| value.get("NULL").is_some())
            }),
        }
    }
}

/// Whether an attribute is a key that a template writes, and so no field of its own.
fn is_written_by_template(name: &str, keys: &Keyed, key: &KeyText, indexes: &[IndexText]) -> bool {
    let all =
        std::iter::once((keys, key)).chain(indexes.iter().map(|index| (&index.keys, &index.key)));
    for ((pk, sk), text) in all {
        let is_own = |attribute: &KeyAttribute<'_>, template: &str| {
            attribute.name == name && template != format!("{{{}}}", snake(name))
        };
        if is_own(pk, &text.pk) {
            return true;
        }
        if let (Some(sk), Some(template)) = (sk, &text.sk)
            && is_own(sk, template)
        {
            return true;
        }
    }
    false
}

/// Whether an item's keys are the aliases themselves, and its text the names of its attributes.
fn is_placeholder(item: &Tree, aliases: (Option<&str>, Option<&str>), keys: &Keyed) -> bool {
    let half = |attribute: &KeyAttribute<'_>, alias: Option<&str>| {
        shown(item, attribute).as_deref() == alias && alias.is_some()
    };
    half(&keys.0, aliases.0) && keys.1.as_ref().is_none_or(|sk| half(sk, aliases.1))
}

/// The template that a placeholder shows under a key attribute: numbers and bytes cannot show one, and can only be
/// the attribute itself.
fn shown(item: &Tree, attribute: &KeyAttribute<'_>) -> Option<String> {
    let value = item.get(&attribute.name)?;
    match attribute.kind {
        AttributeType::S => value.get("S")?.as_str().map(str::to_owned),
        AttributeType::N | AttributeType::B => Some(format!("{{{}}}", snake(&attribute.name))),
    }
}

fn indexes(table: &Tree) -> Result<Vec<IndexModel<'static>>, WorkbenchError> {
    let mut found: Vec<IndexModel<'static>> = Vec::new();
    for index in table
        .get("GlobalSecondaryIndexes")
        .map_or(&[][..], Tree::items)
    {
        let name = text_of(index, "IndexName").ok_or_else(|| missing("`IndexName`"))?;
        let (pk, sk) = keyed(index, &format!("index `{name}`"))?;
        let projection = index.get("Projection");
        let kind = projection.and_then(|projection| text_of(projection, "ProjectionType"));
        let projection = match kind {
            Some("KEYS_ONLY") => Projection::Keys,
            Some("INCLUDE") => Projection::Include(
                projection
                    .and_then(|projection| projection.get("NonKeyAttributes"))
                    .map_or(&[][..], Tree::items)
                    .iter()
                    .filter_map(Tree::as_str)
                    .map(|name| Cow::Owned(name.to_owned()))
                    .collect(),
            ),
            _ => Projection::All,
        };
        let id = free(camel(name), |id| found.iter().any(|index| index.id == id));
        found.push(IndexModel {
            id: Cow::Owned(id),
            name: Cow::Owned(name.to_owned()),
            pk,
            sk,
            projection,
            local: false,
        });
    }
    Ok(found)
}

fn keyed(of: &Tree, place: &str) -> Result<Keyed, WorkbenchError> {
    let keys = of
        .get("KeyAttributes")
        .ok_or_else(|| missing(&format!("`KeyAttributes` of {place}")))?;
    let half = |name: &str| {
        let key = keys.get(name)?;
        Some(KeyAttribute {
            name: Cow::Owned(text_of(key, "AttributeName")?.to_owned()),
            kind: match text_of(key, "AttributeType") {
                Some("N") => AttributeType::N,
                Some("B") => AttributeType::B,
                _ => AttributeType::S,
            },
        })
    };
    let pk = half("PartitionKey").ok_or_else(|| missing(&format!("`PartitionKey` of {place}")))?;
    Ok((pk, half("SortKey")))
}

fn attribute_types(table: &Tree) -> Vec<(&str, &str)> {
    let attributes = table.get("NonKeyAttributes").map_or(&[][..], Tree::items);
    attributes
        .iter()
        .filter_map(|attribute| {
            Some((
                text_of(attribute, "AttributeName")?,
                text_of(attribute, "AttributeType")?,
            ))
        })
        .collect()
}

fn text_of<'t>(tree: &'t Tree, name: &str) -> Option<&'t str> {
    tree.get(name)?.as_str()
}
