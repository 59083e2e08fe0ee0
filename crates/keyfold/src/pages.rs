//! Pages of one entity.

use std::marker::PhantomData;
use std::sync::Arc;

use aws_sdk_dynamodb::operation::query::QueryInput;
use keyfold_dynamo::limits::PARTITION_KEY_BYTES_MAX;
use keyfold_model::part::{Encode, PartText};
use keyfold_model::ranges::{Ask, Bound, Covered, sort_range};
use keyfold_model::template::Parts;
use keyfold_model::{EntityModel, KeyError, PartError, PatternModel, Timestamp};

use crate::condition::Condition;
use crate::cost::Cost;
use crate::cursor::Cursor;
use crate::entity::{Entity, SoftDelete};
use crate::errors::{CursorError, QueryError};
use crate::explain::Explanation;
use crate::field::Argument;
use crate::item::{Item, is_deleted, is_expired, is_of};
use crate::merge::{Bounds, Merge};
use crate::query::{Asked, Question};
use crate::scope::Placed;
use crate::shard::partitions;
use crate::table::Core;
use crate::view::{Readable, View};

/// Items of a page where the pattern does not say.
const PAGE_DEFAULT: u32 = 50;
/// Items read for a filtered page where nobody says.
const READ_FOR_FILTERED: u32 = 1_000;

/// A pattern that runs on an index: always eventually consistent.
#[derive(Debug, Clone, Copy)]
pub enum OnIndex {}

/// A pattern that runs on the table: may be read consistently.
#[derive(Debug, Clone, Copy)]
pub enum OnTable {}

/// A listing of one entity, or of a [view](crate::View) of it, a page at a time.
#[must_use = "nothing is read until a page is asked for"]
pub struct Pages<V, P = OnIndex> {
    question: Asked,
    page_items: u32,
    reading_at_most: Option<u32>,
    after: Option<Cursor>,
    kind: PhantomData<fn() -> (V, P)>,
}

/// One page.
#[derive(Debug)]
pub struct Page<E> {
    /// Its items.
    pub items: Vec<E>,
    /// Where the next page begins; none if this was the last.
    pub next: Option<Cursor>,
    /// How many items were read for it: more than it gives where a filter, or an expired item, held
    /// some back.
    pub read: u32,
    /// What reading it took.
    pub cost: Cost,
}

/// How many items there are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Count {
    /// Those meant: not expired, and let through by the filter.
    pub items: u64,
    /// Those read to count them.
    pub read: u64,
    /// What reading them took.
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
    let parts = Placed::new(core, spec, parts);
    let text = key
        .pk
        .render(&parts, &spec.name, &attribute.name, PARTITION_KEY_BYTES_MAX)?;
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
        let arguments = Arguments {
            spec,
            bounds: &bounds,
        };
        let question = partitions(spec, core, pattern, &arguments).and_then(|mut partitions| {
            // One is no listing over several.
            let partition = match partitions.as_mut_slice() {
                [only] => std::mem::take(only),
                several => several.first().cloned().unwrap_or_default(),
            };
            if partitions.len() == 1 {
                partitions.clear();
            }
            let key = spec.key_in(pattern.index.as_deref()).unwrap_or(&spec.key);
            let parts = Placed::new(core, spec, &arguments);
            let sort = match &key.sk {
                Some(template) => {
                    let template = template.with_places(&parts, &spec.name)?;
                    sort_range(&template, &spec.name, &bounds)?
                }
                None => Covered::from(keyfold_dynamo::SortRange::All),
            };
            Ok(Question {
                core: core.clone(),
                pattern,
                partition,
                partitions,
                sort,
                consistent: false,
                newest_first: pattern.newest_first,
                filter: None,
                projection: None,
                with_deleted: false,
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
}

impl<V: Readable, P> Pages<V, P> {
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
    /// page may then be short and still have a next one. A filtered page reads at most
    /// 1,000 unless told otherwise.
    pub fn reading_at_most(mut self, items: u32) -> Self {
        self.reading_at_most = Some(items.max(1));
        self
    }

    /// Gives only those of which this holds.
    ///
    /// DynamoDB reads, and charges for, the others too: [`Page::read`] says how many. Where most are
    /// held back, the pattern wants another key.
    pub fn filter(
        mut self,
        condition: impl FnOnce(<V::Of as Entity>::Fields) -> Condition,
    ) -> Self {
        if let Ok(question) = &mut self.question {
            let condition = condition(<V::Of as Entity>::fields());
            question.filter = Some(match question.filter.take() {
                Some(before) => before.and(condition),
                None => condition,
            });
        }
        self
    }

    /// Gives a view: only its attributes are sent.
    pub fn view<W: View<Of = V::Of> + Readable<Of = V::Of>>(mut self) -> Pages<W, P> {
        if let Ok(question) = &mut self.question {
            // An older version is read whole, to become the new one.
            let is_of_one_version = V::Of::spec().version.is_none();
            let attributes = question.attributes_of(V::Of::spec(), <W as View>::FIELDS);
            question.projection = is_of_one_version.then_some(attributes);
        }
        Pages {
            question: self.question,
            page_items: self.page_items,
            reading_at_most: self.reading_at_most,
            after: self.after,
            kind: PhantomData,
        }
    }

    /// Gives deleted items too. An index has none of them: they left it when they were deleted.
    pub fn with_deleted(mut self) -> Self
    where
        V::Of: SoftDelete,
    {
        if let Ok(question) = &mut self.question {
            question.with_deleted = true;
        }
        self
    }

    /// The other way round: what the pattern lists first comes last.
    pub fn reversed(mut self) -> Self {
        if let Ok(question) = &mut self.question {
            question.newest_first = !question.newest_first;
        }
        self
    }

    /// The first request that would be sent; nothing is. A sharded entity is asked for in every shard at once,
    /// and this is the request to the first of them.
    pub fn request(&self) -> Result<QueryInput, QueryError> {
        let question = self.question.as_ref().map_err(Clone::clone)?;
        if !question.partitions.is_empty() {
            return question.request(Some(limit(self.page_items)), None);
        }
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

    /// Reads one page: exactly so many items while there are more, and while it may read more.
    pub async fn page(self) -> Result<Page<V>, QueryError> {
        self.read(LookAhead::Yes).await
    }

    /// The first item of the listing.
    pub async fn first(mut self) -> Result<Option<V>, QueryError> {
        self.page_items = 1;
        loop {
            let page = self.read(LookAhead::No).await?;
            match (page.items.into_iter().next(), page.next) {
                (None, Some(next)) => self.after = Some(next),
                (first, _) => return Ok(first),
            }
        }
    }

    /// The last item of the listing.
    pub async fn last(self) -> Result<Option<V>, QueryError> {
        self.reversed().first().await
    }

    /// Counts the items: reads them all, and has only their keys sent.
    ///
    /// # Errors
    /// `QueryError::TooMany` where [`reading_at_most`](Self::reading_at_most) was said and there are
    /// more: never a silent cut.
    pub async fn count(mut self) -> Result<Count, QueryError> {
        if let Ok(question) = &mut self.question
            && !question.partitions.is_empty()
        {
            question.projection = Some(question.attributes_of(V::Of::spec(), &[]));
            return self.count_shards().await;
        }
        let mut start = self.start(self.question.as_ref().map_err(Clone::clone)?)?;
        let mut question = self.question?;
        question.projection = Some(question.attributes_of(V::Of::spec(), &[]));
        let now = question.core.clock.now();
        let mut count = Count {
            items: 0,
            read: 0,
            cost: Cost::default(),
        };
        loop {
            let answer = question.ask(None, start.take()).await?;
            count.read += u64::from(answer.read);
            count.cost += answer.cost;
            if let Some(most) = self.reading_at_most
                && count.read > u64::from(most)
            {
                return Err(QueryError::TooMany {
                    pattern: &question.pattern.id,
                    max_items: usize::try_from(most).unwrap_or(usize::MAX),
                });
            }
            let meant = |item: &&Item| question.means::<V::Of>(item, now);
            count.items += u64::try_from(answer.items.iter().filter(meant).count()).unwrap_or(0);
            match answer.last {
                Some(last) => start = Some(last),
                None => return Ok(count),
            }
        }
    }

    /// The shards side by side; each is counted whole.
    async fn count_shards(&self) -> Result<Count, QueryError> {
        let question = self.question.as_ref().map_err(Clone::clone)?;
        let most = self.reading_at_most.map(u64::from);
        let mut merge = Merge::start(question, self.after.as_ref())?;
        let now = question.core.clock.now();
        let means = |item: &Item| question.means::<V::Of>(item, now);
        let bounds = Bounds {
            wanted: usize::MAX,
            look_ahead: false,
            read_left: self.reading_at_most,
            filtered: false,
        };
        let merged = merge.page(bounds, &means).await?;
        if merged.more {
            return Err(QueryError::TooMany {
                pattern: &question.pattern.id,
                max_items: most.map_or(usize::MAX, |most| {
                    usize::try_from(most).unwrap_or(usize::MAX)
                }),
            });
        }
        Ok(Count {
            items: u64::try_from(merged.items.len()).unwrap_or_default(),
            read: u64::from(merged.read),
            cost: merged.cost,
        })
    }

    /// A page over several partitions.
    async fn read_merged(
        &self,
        question: &Question,
        look_ahead: LookAhead,
        wanted: usize,
    ) -> Result<Page<V>, QueryError> {
        let core = &question.core;
        let now = core.clock.now();
        let filtered = question.filter.is_some();
        let mut merge = Merge::start(question, self.after.as_ref())?;
        let bounds = Bounds {
            wanted,
            look_ahead: look_ahead == LookAhead::Yes,
            read_left: self
                .reading_at_most
                .or(filtered.then_some(READ_FOR_FILTERED)),
            filtered,
        };
        let means = |item: &Item| question.means::<V::Of>(item, now);
        let merged = merge.page(bounds, &means).await?;
        let items = merged.items.into_iter();
        Ok(Page {
            items: items
                .map(|item| V::read(item, core.model))
                .collect::<Result<_, _>>()?,
            next: merged.more.then(|| merge.cursor(question)),
            read: merged.read,
            cost: merged.cost,
        })
    }

    async fn read(&self, look_ahead: LookAhead) -> Result<Page<V>, QueryError> {
        let question = self.question.as_ref().map_err(Clone::clone)?;
        if !question.partitions.is_empty() {
            let wanted = usize::try_from(self.page_items).unwrap_or(usize::MAX);
            return self.read_merged(question, look_ahead, wanted).await;
        }
        let mut start = self.start(question)?;
        let core = &question.core;
        let now = core.clock.now();
        let wanted = usize::try_from(self.page_items).unwrap_or(usize::MAX);
        let filtered = question.filter.is_some();
        let mut read_left = self
            .reading_at_most
            .or(filtered.then_some(READ_FOR_FILTERED));
        let mut page = Page {
            items: Vec::new(),
            next: None,
            read: 0,
            cost: Cost::default(),
        };
        let mut last_given: Option<Item> = None;
        // Grows while a filter holds most of what is read back.
        let mut at_once = 0_u32;
        loop {
            let missing = u32::try_from(wanted - page.items.len()).unwrap_or(u32::MAX);
            // One more than wanted: it tells whether there is a next page.
            let ask = missing.saturating_add(u32::from(look_ahead == LookAhead::Yes));
            let ask = ask.max(at_once).min(read_left.unwrap_or(u32::MAX));
            if filtered {
                at_once = ask.saturating_mul(2);
            }
            let answer = question.ask(Some(limit_exactly(ask)), start.take()).await?;
            page.cost += answer.cost;
            page.read += answer.read;
            read_left = read_left.map(|left| left.saturating_sub(answer.read));
            for item in answer.items {
                if !question.means::<V::Of>(&item, now) {
                    continue;
                }
                if page.items.len() == wanted {
                    page.next = last_given.map(|key| seal(question, &key));
                    return Ok(page);
                }
                if page.items.len() + 1 == wanted {
                    last_given = Some(question.position(&item));
                }
                page.items.push(V::read(item, core.model)?);
                if look_ahead == LookAhead::No && page.items.len() == wanted {
                    return Ok(page);
                }
            }
            match answer.last {
                None => return Ok(page),
                Some(last) if read_left == Some(0) => {
                    page.next = Some(seal(question, &last));
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
    pub async fn all(mut self, max_items: usize) -> Result<Vec<V>, QueryError> {
        if let Ok(question) = &self.question
            && !question.partitions.is_empty()
        {
            self.reading_at_most = Some(u32::MAX);
            let question = self.question.as_ref().map_err(Clone::clone)?;
            let page = self
                .read_merged(question, LookAhead::Yes, max_items)
                .await?;
            return match page.next {
                None => Ok(page.items),
                Some(_) => Err(QueryError::TooMany {
                    pattern: &question.pattern.id,
                    max_items,
                }),
            };
        }
        let start = self.start(self.question.as_ref().map_err(Clone::clone)?)?;
        let question = self.question?;
        let items = drain(&question, start, max_items, &|core, item| {
            is_of(V::Of::spec(), core.model, item)
                && (question.with_deleted || !is_deleted(V::Of::spec(), item))
        })
        .await?;
        items
            .into_iter()
            .map(|item| Ok(V::read(item, question.core.model)?))
            .collect()
    }
}

impl<V: Readable> Pages<V, OnTable> {
    /// Sees every write acknowledged before it, at twice the price.
    pub fn consistent(mut self) -> Self {
        if let Ok(question) = &mut self.question {
            question.consistent = true;
        }
        self
    }
}

/// Whether one item more than wanted is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LookAhead {
    Yes,
    No,
}

impl Question {
    /// Where a listing goes on behind an item.
    pub(crate) fn position(&self, item: &Item) -> Item {
        let names = self.key_names();
        names
            .into_iter()
            .filter_map(|name| Some((name.to_owned(), item.get(name)?.clone())))
            .collect()
    }

    /// Whether an item that was read is one of those asked for, and still there.
    fn means<E: Entity>(&self, item: &Item, now: Timestamp) -> bool {
        self.sort_key_of(item)
            .is_none_or(|key| self.sort.contains(key))
            && !is_expired(self.core.model, item, now)
            && is_of(E::spec(), self.core.model, item)
            && (self.with_deleted || !is_deleted(E::spec(), item))
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
