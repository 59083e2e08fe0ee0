//! Which entities share item collections, in the table and in each index: what diagrams show.

use std::borrow::Cow;

use keyfold_model::{EntityModel, IndexModel, PatternModel, TableModel};

use crate::question::{Question, shown};

/// The table or an index, with its item collections.
pub(crate) struct Place<'m, 'a> {
    /// The index; nothing for the table.
    pub index: Option<&'m IndexModel<'a>>,
    pub collections: Vec<Collection<'m, 'a>>,
}

/// What one partition key template holds.
pub(crate) struct Collection<'m, 'a> {
    /// The template of the partition key.
    pub partition: Cow<'m, str>,
    /// Entities with the template of their sort key.
    pub items: Vec<(&'m EntityModel<'a>, Option<Cow<'m, str>>)>,
    /// The patterns that read it.
    pub patterns: Vec<(&'m PatternModel<'a>, Question<'m, 'a>)>,
}

/// The table first, then its indexes.
pub(crate) fn places<'m, 'a>(model: &'m TableModel<'a>) -> Vec<Place<'m, 'a>> {
    std::iter::once(None)
        .chain(model.indexes.iter().map(Some))
        .map(|index| place(model, index))
        .collect()
}

fn place<'m, 'a>(model: &'m TableModel<'a>, index: Option<&'m IndexModel<'a>>) -> Place<'m, 'a> {
    let id = index.map(|index| &*index.id);
    let mut collections: Vec<Collection<'m, 'a>> = Vec::new();
    for entity in model.entities.iter() {
        let Some(key) = entity.key_in(id) else {
            continue;
        };
        let item = (entity, key.sk.as_ref().map(shown));
        let partition_shape = shape(&shown(&key.pk));
        // `BRAND#{id}` and `BRAND#{brand_id}` are one partition: names of parts are the entity's own affair.
        let same =
            |collection: &&mut Collection<'m, 'a>| shape(&collection.partition) == partition_shape;
        match collections.iter_mut().find(same) {
            Some(collection) => collection.items.push(item),
            None => collections.push(Collection {
                partition: shown(&key.pk),
                items: vec![item],
                patterns: Vec::new(),
            }),
        }
    }
    for pattern in model.all_patterns() {
        let Some(question) = Question::of(model, pattern) else {
            continue;
        };
        if question.index.map(|index| &*index.id) != id {
            continue;
        }
        let partition = shape(&question.partition.1);
        if let Some(collection) = collections
            .iter_mut()
            .find(|collection| shape(&collection.partition) == partition)
        {
            collection.patterns.push((pattern, question));
        }
    }
    Place { index, collections }
}

/// A template's text without the names of its parts: `BRAND#{}`.
fn shape(template: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for c in template.chars() {
        match c {
            '{' => {
                inside = true;
                out.push(c);
            }
            '}' => {
                inside = false;
                out.push(c);
            }
            _ if inside => {}
            c => out.push(c),
        }
    }
    out
}
