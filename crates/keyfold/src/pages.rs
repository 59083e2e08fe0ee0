//! Pages of one entity.

use std::marker::PhantomData;
use std::sync::Arc;

use aws_sdk_dynamodb::operation::query::QueryInput;
use keyfold_dynamo::limits::PARTITION_KEY_BYTES_MAX;
use keyfold_model::part::{Encode, PartText};
use keyfold_model::ranges::{Ask, Bound, Covered, sort_range};
use keyfold_model::template::Parts;
use keyfold_model::{EntityModel, KeyError, PartError, PatternModel};

use crate::cost::Cost;
use crate::cursor::Cursor;
use crate::entity::Entity;
use crate::errors::{CursorError, QueryError};
use crate::explain::Explanation;
use crate::field::Argument;
use crate::item::{Item, from_item, is_expired, is_of};
use crate::query::{Asked, Question};
use crate::table::Core;

/// Items of a page where the pattern does not say.
const PAGE_DEFAULT: u32 = 50;

/// A pattern that runs on an index: always eventually consistent.
#[derive(Debug, Clone, Copy)]
pub enum OnIndex {}

/// A pattern that runs on the table: may be read consistently.
#[derive(Debug, Clone, Copy)]
pub enum OnTable {}

/// A listing of one entity, a page at a time.
#[must_use = "nothing is read until a page is asked for"]
pub struct Pages<E, P = OnIndex> {
    question: Asked,
    page_items: u32,
    reading_at_most: Option<u32>,
    after: Option<Cursor>,
    kind: PhantomData<fn() -> (E, P)>,
}

/// One page.
#[derive(Debug)]
pub struct Page<E> {
    /// Its items.
    pub items: Vec<E>,
    /// Where the next page begins; none if this was the last.
    pub next: Option<Cursor>,
    /// What reading it took.
    pub cost: Cost,
}

/// The arguments of a pattern as the parts of its partition key.
struct Arguments<'a> {
    spec: &'static EntityModel<'static>,
    bounds: &'a [Bound<'a>],
}

impl Parts for Arguments<'_> {
    fn write(&self, field: u16, out: &mut PartText<'_>) -> Result<bool, PartError> {
        let name = &self.spec.fields[usize::from(field)].name;
        match self.bounds.iter().find(|bound| bound.field == name) {
            Some(Bound {
                ask: Ask::Equal(value),
                ..
            }) => value.encode_part(out).map(|()| true),
            _ => Ok(false),
        }
    }
}

/// Parts given in their order, whatever their names.
pub(crate) struct InOrder<'a> {
    pub(crate) fields: Vec<u16>,
    pub(crate) values: &'a [crate::field::PartRef<'a>],
}

impl Parts for InOrder<'_> {
    fn write(&self, field: u16, out: &mut PartText<'_>) -> Result<bool, PartError> {
        let place = self.fields.iter().position(|known| *known == field);
        match place.and_then(|place| self.values.get(place)) {
            Some(value) => value.encode_part(out).map(|()| true),
            None => Ok(false),
        }
    }
}

pub(crate) fn partition(
    spec: &'static EntityModel<'static>,
    core: &Core,
    pattern: &'static PatternModel<'static>,
    parts: &dyn Parts,
) -> Result<String, KeyError> {
    let key = spec.key_in(pattern.index.as_deref()).unwrap_or(&spec.key);
    let attribute = pattern
        .index
        .as_ref()
        .and_then(|id| core.model.index(id))
        .map_or(&core.model.pk, |i| &i.pk);
    let text = key
        .pk
        .render(parts, &spec.name, &attribute.name, PARTITION_KEY_BYTES_MAX)?;
    text.ok_or_else(|| KeyError::Missing {
        entity: spec.name.to_string(),
        part: key.pk.fields().next().unwrap_or_default().to_owned(),
        template: key.pk.text.to_string(),
    })
}

impl<E: Entity, P> Pages<E, P> {
    #[doc(hidden)]
    pub fn new(
        core: &Arc<Core>,
        pattern: &'static PatternModel<'static>,
        arguments: &[Argument<'_>],
    ) -> Self {
        let spec = E::spec();
        let bounds: Vec<Bound<'_>> = arguments.iter().map(Argument::bound).collect();
        let question = partition(
            spec,
            core,
            pattern,
            &Arguments {
                spec,
                bounds: &bounds,
            },
        )
        .and_then(|partition| {
            let key = spec.key_in(pattern.index.as_deref()).unwrap_or(&spec.key);
            let sort = match &key.sk {
                Some(template) => sort_range(template, &spec.name, &bounds)?,
                None => Covered::from(keyfold_dynamo::SortRange::All),
            };
            Ok(Question {
                core: core.clone(),
                pattern,
                partition,
                sort,
                consistent: false,
                newest_first: pattern.newest_first,
            })
        });
        Self {
            question,
            page_items: pattern.page.unwrap_or(PAGE_DEFAULT),
            reading_at_most: None,
            after: None,
            kind: PhantomData,
        }
    }

    /// Goes on where a page ended; `None` is the beginning.
    pub fn after(mut self, cursor: impl Into<Option<Cursor>>) -> Self {
        self.after = cursor.into();
        self
    }

    /// How many items a page gives.
    pub fn page_size(mut self, items: u32) -> Self {
        self.page_items = items.max(1);
        self
    }

    /// How many items may be read for a page, also those that are not given (expired ones, say); the
    /// page may then be short and still have a next one.
    pub fn reading_at_most(mut self, items: u32) -> Self {
        self.reading_at_most = Some(items.max(1));
        self
    }

    /// The other way round: what the pattern lists first comes last.
    pub fn reversed(mut self) -> Self {
        if let Ok(question) = &mut self.question {
            question.newest_first = !question.newest_first;
        }
        self
    }

    /// The first request that would be sent; nothing is.
    pub fn request(&self) -> Result<QueryInput, QueryError> {
        let question = self.question.as_ref().map_err(Clone::clone)?;
        question.request(Some(limit(self.page_items)), self.start(question)?)
    }

    /// What it reads, in words: key condition, range, what else lies in it, expected units.
    pub fn explain(&self) -> Result<Explanation, QueryError> {
        let question = self.question.as_ref().map_err(Clone::clone)?;
        Ok(Explanation::of_question(question, Some(self.page_items)))
    }

    fn start(&self, question: &Question) -> Result<Option<Item>, CursorError> {
        let open = |cursor| question.core.cursors.open(&question.fingerprint(), cursor);
        self.after.as_ref().map(open).transpose()
    }

    /// Reads one page: exactly so many items while there are more.
    pub async fn page(self) -> Result<Page<E>, QueryError> {
        let mut start = self.start(self.question.as_ref().map_err(Clone::clone)?)?;
        let question = self.question?;
        let core = question.core.clone();
        let now = core.clock.now();
        let wanted = usize::try_from(self.page_items).unwrap_or(usize::MAX);
        let mut read_left = self.reading_at_most;
        let mut page = Page {
            items: Vec::new(),
            next: None,
            cost: Cost::default(),
        };
        let mut last_given: Option<Item> = None;
        loop {
            // One more than wanted: it tells whether there is a next page.
            let missing = u32::try_from(wanted - page.items.len()).unwrap_or(u32::MAX);
            let ask = read_left.map_or(missing.saturating_add(1), |left| {
                left.min(missing.saturating_add(1))
            });
            let answer = question.ask(Some(limit_exactly(ask)), start.take()).await?;
            page.cost += answer.cost;
            read_left = read_left
                .map(|left| left.saturating_sub(u32::try_from(answer.items.len()).unwrap_or(left)));
            for item in answer.items {
                let meant = question
                    .sort_key_of(&item)
                    .is_none_or(|key| question.sort.contains(key));
                if !meant
                    || is_expired(core.model, &item, now)
                    || !is_of(E::spec(), core.model, &item)
                {
                    continue;
                }
                if page.items.len() == wanted {
                    page.next = last_given.map(|key| seal(&question, &key));
                    return Ok(page);
                }
                if page.items.len() + 1 == wanted {
                    last_given = Some(position(&question, &item));
                }
                page.items.push(from_item(item, core.model)?);
            }
            match answer.last {
                None => return Ok(page),
                Some(last) if read_left == Some(0) => {
                    page.next = Some(seal(&question, &last));
                    return Ok(page);
                }
                last => start = last,
            }
        }
    }

    /// Reads every page, up to so many items.
    ///
    /// # Errors
    /// `QueryError::TooMany` if there are more: never a silent cut.
    pub async fn all(self, max_items: usize) -> Result<Vec<E>, QueryError> {
        let start = self.start(self.question.as_ref().map_err(Clone::clone)?)?;
        let question = self.question?;
        let items = drain(&question, start, max_items, &|core, item| {
            is_of(E::spec(), core.model, item)
        })
        .await?;
        items
            .into_iter()
            .map(|item| Ok(from_item(item, question.core.model)?))
            .collect()
    }
}

impl<E: Entity> Pages<E, OnTable> {
    /// Sees every write acknowledged before it, at twice the price.
    pub fn consistent(mut self) -> Self {
        if let Ok(question) = &mut self.question {
            question.consistent = true;
        }
        self
    }
}

/// Everything a question covers, up to so many items.
pub(crate) async fn drain(
    question: &Question,
    mut start: Option<Item>,
    max_items: usize,
    wanted: &(dyn Fn(&Core, &Item) -> bool + Sync),
) -> Result<Vec<Item>, QueryError> {
    let now = question.core.clock.now();
    let mut items = Vec::new();
    loop {
        let answer = question.ask(None, start.take()).await?;
        for item in answer.items {
            let meant = question
                .sort_key_of(&item)
                .is_none_or(|key| question.sort.contains(key));
            if !meant
                || is_expired(question.core.model, &item, now)
                || !wanted(&question.core, &item)
            {
                continue;
            }
            if items.len() == max_items {
                return Err(QueryError::TooMany {
                    pattern: &question.pattern.id,
                    max_items,
                });
            }
            items.push(item);
        }
        match answer.last {
            Some(last) => start = Some(last),
            None => return Ok(items),
        }
    }
}

fn position(question: &Question, item: &Item) -> Item {
    let names = question.key_names();
    names
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), item.get(name)?.clone())))
        .collect()
}

fn seal(question: &Question, key: &Item) -> Cursor {
    question
        .core
        .cursors
        .seal(&question.fingerprint(), key, &*question.core.randomness)
}

fn limit(items: u32) -> i32 {
    limit_exactly(items.saturating_add(1))
}

fn limit_exactly(items: u32) -> i32 {
    i32::try_from(items).unwrap_or(i32::MAX)
}
