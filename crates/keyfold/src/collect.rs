//! An item collection into one struct.

use std::collections::{HashMap, VecDeque};
use std::marker::PhantomData;
use std::sync::Arc;

use aws_sdk_dynamodb::operation::query::QueryInput;
use aws_sdk_dynamodb::types::AttributeValue;
use keyfold_model::ranges::{Covered, collection_range};
use keyfold_model::{EntityModel, KeyPart, PatternModel, TableModel};

use crate::entity::{Entity, ItemCollection, OnTableCollection, member_keys};
use crate::errors::{ItemError, QueryError};
use crate::explain::Explanation;
use crate::field::PartRef;
use crate::item::{Item, from_item, is_deleted, is_of};
use crate::pages::{InOrder, drain, partition};
use crate::query::{Asked, Question};
use crate::scope::Placed;
use crate::table::Core;
use crate::update::SpecName;

/// Items a collection may have where the pattern does not say.
const MAX_ITEMS_DEFAULT: u32 = 1_000;

/// One item collection, whole: one `Query` (and more where it is larger than 1 MB).
#[must_use = "nothing is read until it is asked for"]
pub struct Collect<C> {
    question: Asked,
    max_items: usize,
    kind: PhantomData<fn() -> C>,
}

/// The items of a collection, by entity. For generated code.
#[doc(hidden)]
pub struct Sorted {
    table: &'static TableModel<'static>,
    /// The attribute the items are sorted by.
    sort_key: &'static str,
    items: HashMap<&'static str, Vec<Item>>,
}

/// A key part by reference. For generated code.
#[doc(hidden)]
pub fn part<T: KeyPart + Sync>(value: &T) -> PartRef<'_> {
    PartRef::Value(value)
}

impl<C: ItemCollection> Collect<C> {
    #[doc(hidden)]
    pub fn new(
        core: &Arc<Core>,
        pattern: &'static PatternModel<'static>,
        parts: &[PartRef<'_>],
    ) -> Self {
        let spec = <C::Of as Entity>::spec();
        let key = spec.key_in(pattern.index.as_deref()).unwrap_or(&spec.key);
        let fields = key
            .pk
            .segments
            .iter()
            .filter_map(|segment| segment.part.as_ref())
            .filter(|part| !part.modifier.is_placed());
        let values = InOrder {
            fields: fields.map(|part| part.field_index).collect(),
            values: parts,
        };
        let question = partition(spec, core, pattern, &values).and_then(|partition| {
            let keys = member_keys(C::DESIGNS, pattern.index.as_deref());
            let parts = Placed::new(core, spec, &values);
            let templates = keys
                .iter()
                .filter_map(|key| key.sk.as_ref())
                .map(|template| template.with_places(&parts, &spec.name))
                .collect::<Result<Vec<_>, _>>()?;
            let templates: Vec<_> = templates.iter().map(|template| &**template).collect();
            Ok(Question {
                core: core.clone(),
                pattern,
                partition,
                partitions: Vec::new(),
                sort: Covered::from(collection_range(&templates)),
                consistent: false,
                newest_first: false,
                filter: None,
                projection: None,
                with_deleted: false,
            })
        });
        let max_items = pattern.max_items.unwrap_or(MAX_ITEMS_DEFAULT);
        Self {
            question,
            max_items: usize::try_from(max_items).unwrap_or(usize::MAX),
            kind: PhantomData,
        }
    }

    /// Sees every write acknowledged before it, at twice the price.
    pub fn consistent(mut self) -> Self
    where
        C: OnTableCollection,
    {
        if let Ok(question) = &mut self.question {
            question.consistent = true;
        }
        self
    }

    /// How many items there may be before it is an error.
    pub fn max_items(mut self, items: usize) -> Self {
        self.max_items = items;
        self
    }

    /// The first request that would be sent; nothing is.
    pub fn request(&self) -> Result<QueryInput, QueryError> {
        self.question
            .as_ref()
            .map_err(Clone::clone)?
            .request(None, None)
    }

    /// What it reads, in words: key condition, range, what else lies in it, expected units.
    pub fn explain(&self) -> Result<Explanation, QueryError> {
        Ok(Explanation::of_question(
            self.question.as_ref().map_err(Clone::clone)?,
            None,
        ))
    }

    /// The collection, if it has any item.
    ///
    /// # Errors
    /// `QueryError::TooMany` if it has more items than allowed, `QueryError::Item` if a member that
    /// must be there is missing.
    pub async fn find(self) -> Result<Option<C>, QueryError> {
        let question = self.question?;
        let specs = C::DESIGNS;
        let is_member = |core: &Core, item: &Item| {
            let mut of = specs.iter().filter(|spec| is_of(spec, core.model, item));
            of.any(|spec| !is_deleted(spec, item))
        };
        let found = drain(&question, None, self.max_items, &is_member).await?;
        if found.is_empty() {
            return Ok(None);
        }
        let mut sorted = Sorted {
            table: question.core.model,
            sort_key: question.sort_key_name().unwrap_or_default(),
            items: HashMap::new(),
        };
        for item in found {
            if let Some(spec) = specs.iter().find(|spec| is_of(spec, sorted.table, &item)) {
                sorted
                    .items
                    .entry(EntityModel::static_name(spec))
                    .or_default()
                    .push(item);
            }
        }
        Ok(Some(C::assemble(&mut sorted)?))
    }

    /// The collection, which must be there.
    ///
    /// # Errors
    /// As [`Collect::find`], and `QueryError::NotFound` where there is none.
    pub async fn get(self) -> Result<C, QueryError> {
        let pattern = self
            .question
            .as_ref()
            .map(|question| &*question.pattern.id)
            .unwrap_or_default();
        self.find().await?.ok_or(QueryError::NotFound { pattern })
    }
}

impl Sorted {
    fn take<E: Entity>(&mut self) -> Vec<Item> {
        self.items.remove(E::spec_name()).unwrap_or_default()
    }

    /// The only item of a member.
    pub fn one<E: Entity>(&mut self) -> Result<E, ItemError> {
        self.optional()?.ok_or_else(|| ItemError::Collection {
            of: E::spec_name(),
            problem: "has items and not the one that must be there".to_owned(),
        })
    }

    /// The only item of a member, if there is one.
    pub fn optional<E: Entity>(&mut self) -> Result<Option<E>, ItemError> {
        let mut items = self.take::<E>();
        match (items.pop(), items.len()) {
            (Some(item), 0) => Ok(Some(from_item(item, self.table)?)),
            (None, _) => Ok(None),
            (Some(_), more) => Err(ItemError::Collection {
                of: E::spec_name(),
                problem: format!("has {} items where one is expected", more + 1),
            }),
        }
    }

    /// All collections of a member: each is a parent and what lies under it. Parents and children come in
    /// the order of their keys, and `#` sorts before whatever a value is written with, so the children
    /// of one parent all come before those of the next.
    ///
    /// # Errors
    /// If an item lies under no parent, or one of the collections does not fit.
    pub fn groups<C: ItemCollection>(&mut self) -> Result<Vec<C>, ItemError> {
        let parents = self.take::<C::Of>();
        let mut children: Vec<(&'static str, VecDeque<Item>)> = C::DESIGNS
            .iter()
            .map(|spec| EntityModel::static_name(spec))
            .filter(|name| *name != C::Of::spec_name())
            .map(|name| (name, self.items.remove(name).unwrap_or_default().into()))
            .collect();
        let text = |item: &Item| match item.get(self.sort_key) {
            Some(AttributeValue::S(text)) => text.clone(),
            _ => String::new(),
        };
        let mut groups = Vec::with_capacity(parents.len());
        for parent in parents {
            let prefix = text(&parent) + "#";
            let mut group = Sorted {
                table: self.table,
                sort_key: self.sort_key,
                items: HashMap::from([(C::Of::spec_name(), vec![parent])]),
            };
            for (name, items) in &mut children {
                let own = group.items.entry(name).or_default();
                while let Some(child) = items.pop_front_if(|item| text(item).starts_with(&prefix)) {
                    own.push(child);
                }
            }
            groups.push(C::assemble(&mut group)?);
        }
        match children.iter().find(|(_, items)| !items.is_empty()) {
            None => Ok(groups),
            Some((of, items)) => Err(ItemError::Collection {
                of,
                problem: format!(
                    "has {} items that lie under no `{}`",
                    items.len(),
                    C::Of::spec_name()
                ),
            }),
        }
    }

    /// All items of a member, in the order of their keys.
    pub fn many<E: Entity>(&mut self) -> Result<Vec<E>, ItemError> {
        self.take::<E>()
            .into_iter()
            .map(|item| from_item(item, self.table))
            .collect()
    }
}
