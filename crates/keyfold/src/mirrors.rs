//! Whether what `#[unique]` and `#[mirror]` keep in step is in step, and putting it right.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::types::{Get, ReturnConsumedCapacity, TransactGetItem};
use keyfold_model::{EntityModel, TableModel};
use sha2::{Digest, Sha256};

use crate::condition::Condition;
use crate::cost::Cost;
use crate::entity::Entity;
use crate::errors::{ItemError, RequestError, WriteError};
use crate::item::{Item, KeptRow, from_item, is_deleted, is_of};
use crate::pattern::{Mark, PatternId};
use crate::repo::{delete_step, unchanged_sources};
use crate::table::Core;
use crate::update::key_of;
use crate::write::{Action, Failure, Means, Step, execute, meaning};

/// How often one item is looked at again when others write it meanwhile.
const ATTEMPTS: u32 = 5;

/// The items kept in step with an item of an `E`; for generated code.
#[doc(hidden)]
pub fn kept_of<E: Entity>(item: Item, core: &Core) -> Result<Vec<KeptRow>, ItemError> {
    // Nothing is kept in step with a deleted item until it is restored.
    if E::spec().kept.is_empty() || is_deleted(E::spec(), &item) {
        return Ok(Vec::new());
    }
    let own = core.in_scope_of(E::spec(), &item);
    from_item::<E>(item, core.model)?.kept(own.as_ref().unwrap_or(core))
}

type KeptOf = fn(&Core, usize, Item) -> Result<Vec<KeptRow>, ItemError>;

/// A check of everything that `#[unique]` and `#[mirror]` keep in step, and, with
/// [`repair`](VerifyMirrors::repair), what puts it right. Made by
/// [`Table::verify_mirrors`](crate::Table::verify_mirrors).
///
/// Nothing written through the repositories drifts: an item and what is kept in step with it are one
/// transaction. What writes around them does, as do items written before the `#[mirror]` was declared:
/// this is how those get theirs.
#[must_use = "nothing is read until it is run"]
pub struct VerifyMirrors {
    core: Arc<Core>,
    kept_of: KeptOf,
    repair: bool,
    units_per_second: Option<f64>,
    page: i32,
}

/// What a check found.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct MirrorReport {
    /// Items read.
    pub scanned: u64,
    /// Items that others are kept in step with.
    pub owners: u64,
    /// Items kept in step that there should be.
    pub rows: u64,
    /// What is not in step.
    pub drift: Vec<Drift>,
    /// What reading and writing took.
    pub cost: Cost,
}

/// An item that is not in step.
#[non_exhaustive]
pub struct Drift {
    /// The entity that it is kept in step with; of an orphan, the one it would be.
    pub owner: &'static str,
    /// The entity it is.
    pub entity: &'static str,
    /// What is wrong.
    pub kind: DriftKind,
    /// Whether it has been put right.
    pub repaired: bool,
    key: Item,
}

/// How an item is not in step.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DriftKind {
    /// It is not there.
    Missing,
    /// These attributes are others.
    Differs(Vec<String>),
    /// It is there and no item asks for it.
    Orphan,
    /// Two items claim it; which of them may is not for a program to say.
    Contested,
    /// The item that says what it shall be cannot be read.
    Unreadable(String),
}

/// Its key holds customers' data: [`Drift::key`] gives it.
impl fmt::Debug for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Drift")
            .field("owner", &self.owner)
            .field("entity", &self.entity)
            .field("kind", &self.kind)
            .field("repaired", &self.repaired)
            .finish_non_exhaustive()
    }
}

impl Drift {
    /// The key of the item; it may hold customers' data.
    pub fn key(&self) -> &Item {
        &self.key
    }
}

impl MirrorReport {
    /// Whether everything is in step, or has been put right.
    pub fn is_clean(&self) -> bool {
        self.drift.iter().all(|drift| drift.repaired)
    }
}

impl fmt::Display for MirrorReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} items read; {} of {} kept in step with {} items are",
            self.scanned,
            self.rows.saturating_sub(self.wrong()),
            self.rows,
            self.owners
        )?;
        let mut counted: Vec<(String, usize)> = Vec::new();
        for drift in &self.drift {
            let what = match &drift.kind {
                DriftKind::Missing => "missing".to_owned(),
                DriftKind::Differs(attributes) => format!("differs in {}", attributes.join(", ")),
                DriftKind::Orphan => "no item asks for it".to_owned(),
                DriftKind::Contested => "two items claim it".to_owned(),
                DriftKind::Unreadable(reason) => format!("its original cannot be read: {reason}"),
            };
            let done = if drift.repaired { ", repaired" } else { "" };
            let line = format!("{} of {}: {what}{done}", drift.entity, drift.owner);
            match counted.iter_mut().find(|(known, _)| *known == line) {
                Some((_, count)) => *count += 1,
                None => counted.push((line, 1)),
            }
        }
        for (line, count) in counted {
            writeln!(f, "{count:>8}  {line}")?;
        }
        Ok(())
    }
}

impl MirrorReport {
    fn wrong(&self) -> u64 {
        let counts = self
            .drift
            .iter()
            .filter(|drift| matches!(drift.kind, DriftKind::Missing | DriftKind::Differs(_)));
        u64::try_from(counts.count()).unwrap_or(u64::MAX)
    }
}

impl VerifyMirrors {
    pub(crate) fn new(core: Arc<Core>, kept_of: KeptOf) -> Self {
        Self {
            core,
            kept_of,
            repair: false,
            units_per_second: None,
            page: 200,
        }
    }

    /// Puts right what is not in step; without it nothing is written. What is missing or differs is
    /// written from its original, under the condition that neither has changed since it was read. What
    /// no item asks for is deleted, if it is still as it was read.
    pub fn repair(mut self, repair: bool) -> Self {
        self.repair = repair;
        self
    }

    /// How many read and write units it may take in a second; as many as it can without.
    pub fn units_per_second(mut self, units: f64) -> Self {
        self.units_per_second = (units > 0.0).then_some(units);
        self
    }

    /// Items read in one request.
    #[doc(hidden)]
    pub fn page_size(mut self, items: u16) -> Self {
        self.page = i32::from(items.max(1));
        self
    }

    /// Reads the whole table, consistently, and compares. Items that nobody seems to ask for are looked
    /// for by a second reading. Each pair of an original and what is kept in step with it is read once more, at
    /// one moment. It keeps 32 bytes in memory for each item kept in step.
    ///
    /// # Errors
    /// If a request fails; what was repaired until then is.
    pub async fn run(self) -> Result<MirrorReport, WriteError> {
        let mut run = Run {
            report: MirrorReport::default(),
            unasked: HashMap::new(),
            asked: HashMap::new(),
            verify: &self,
        };
        let mut next = None;
        loop {
            let (items, last) = run.page(next).await?;
            run.compare(items).await?;
            next = last;
            if next.is_none() {
                break;
            }
        }
        if !run.unasked.is_empty() {
            run.orphans().await?;
        }
        Ok(run.report)
    }

    fn model(&self) -> &'static TableModel<'static> {
        self.core.model
    }

    /// The entity of an item.
    fn place(&self, item: &Item) -> Option<(usize, &'static EntityModel<'static>)> {
        let model = self.model();
        let entities = model.entities.iter().enumerate();
        let mut own = entities.filter(|(_, spec)| is_of(spec, model, item));
        own.next()
    }

    /// The first entity that items of this one are kept in step with.
    fn keeper(&self, spec: &EntityModel<'_>) -> Option<&'static EntityModel<'static>> {
        let keeps =
            |owner: &&EntityModel<'_>| owner.kept.iter().any(|kept| kept.entity == spec.name);
        self.model().entities.iter().find(keeps)
    }
}

type Hash = [u8; 16];

struct Run<'a> {
    verify: &'a VerifyMirrors,
    report: MirrorReport,
    /// Items seen that no item has asked for yet.
    unasked: HashMap<Hash, Item>,
    /// Items asked for, and by whom.
    asked: HashMap<Hash, Hash>,
}

/// A row that should be there, and the item that says so.
struct Expected {
    place: usize,
    owner: &'static EntityModel<'static>,
    owner_key: Item,
    row: KeptRow,
}

impl Run<'_> {
    async fn page(&mut self, from: Option<Item>) -> Result<(Vec<Item>, Option<Item>), WriteError> {
        let core = &self.verify.core;
        let answer = core
            .client
            .scan()
            .table_name(&core.table)
            .consistent_read(true)
            .limit(self.verify.page)
            .set_exclusive_start_key(from)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .customize()
            .interceptor(Mark(pattern()))
            .send()
            .await
            .map_err(|error| RequestError::new("Scan", &core.table, error))?;
        let cost = Cost::read(answer.consumed_capacity());
        self.pay(cost).await;
        let items = answer.items.unwrap_or_default();
        self.report.scanned += u64::try_from(items.len()).unwrap_or_default();
        Ok((items, answer.last_evaluated_key))
    }

    /// Notes a cost, and waits as long as it takes to earn it.
    async fn pay(&mut self, cost: Cost) {
        self.report.cost += cost;
        if let Some(limit) = self.verify.units_per_second {
            let seconds = (cost.read_units + cost.write_units) / limit;
            tokio::time::sleep(Duration::from_secs_f64(seconds.clamp(0.0, 60.0))).await;
        }
    }

    async fn compare(&mut self, items: Vec<Item>) -> Result<(), WriteError> {
        for item in items {
            let Some((place, spec)) = self.verify.place(&item) else {
                continue;
            };
            let key = key_of(self.verify.model(), &item);
            if self.verify.keeper(spec).is_some() && !self.asked.contains_key(&hash(&key)) {
                self.unasked.insert(hash(&key), key.clone());
            }
            if spec.kept.is_empty() {
                continue;
            }
            self.report.owners += 1;
            match (self.verify.kept_of)(&self.verify.core, place, item) {
                Ok(rows) => {
                    for row in rows {
                        let expected = Expected {
                            place,
                            owner: spec,
                            owner_key: key.clone(),
                            row,
                        };
                        self.row(expected).await?;
                    }
                }
                Err(error) => self.report.drift.push(Drift {
                    owner: EntityModel::static_name(spec),
                    entity: EntityModel::static_name(spec),
                    kind: DriftKind::Unreadable(error.to_string()),
                    repaired: false,
                    key,
                }),
            }
        }
        Ok(())
    }

    /// Compares one row with what it should be; when it is not, both are read again, at one moment.
    async fn row(&mut self, mut expected: Expected) -> Result<(), WriteError> {
        self.report.rows += 1;
        let model = self.verify.model();
        let kept = expected.row.place;
        let key = key_of(model, &expected.row.item);
        let owner_hash = hash(&expected.owner_key);
        self.unasked.remove(&hash(&key));
        let other = self.asked.insert(hash(&key), owner_hash);
        if other.is_some_and(|other| other != owner_hash) {
            self.found(&expected, key, DriftKind::Contested, false);
            return Ok(());
        }
        for _ in 0..ATTEMPTS {
            let key = key_of(model, &expected.row.item);
            let (owner, row) = self.both(&expected.owner_key, &key).await?;
            let Some(owner) = owner else {
                return Ok(());
            };
            let rows = (self.verify.kept_of)(&self.verify.core, expected.place, owner.clone())
                .map_err(WriteError::from)?;
            let Some(now) = rows.into_iter().find(|row| row.place == kept) else {
                return Ok(());
            };
            if key_of(model, &now.item) != key {
                expected.row = now;
                continue;
            }
            expected.row = now;
            let Some(kind) = drift(&expected.row.item, row.as_ref()) else {
                return Ok(());
            };
            if !self.verify.repair {
                self.found(&expected, key, kind, false);
                return Ok(());
            }
            if self.put_right(&expected, &owner, row.as_ref()).await? {
                self.found(&expected, key, kind, true);
                return Ok(());
            }
        }
        // Written faster than it can be looked at: by repositories, which keep it in step.
        Ok(())
    }

    fn found(&mut self, expected: &Expected, key: Item, kind: DriftKind, repaired: bool) {
        self.report.drift.push(Drift {
            owner: EntityModel::static_name(expected.owner),
            entity: EntityModel::static_name(expected.row.spec),
            kind,
            repaired,
            key,
        });
    }

    /// Two items as they are at one moment.
    async fn both(
        &mut self,
        a: &Item,
        b: &Item,
    ) -> Result<(Option<Item>, Option<Item>), WriteError> {
        let core = &self.verify.core;
        let mut request = core.client.transact_get_items();
        for key in [a, b] {
            let get = Get::builder()
                .table_name(&core.table)
                .set_key(Some(key.clone()));
            let get = get.build().map_err(|error| WriteError::Unsendable {
                reason: error.to_string(),
            })?;
            request = request.transact_items(TransactGetItem::builder().get(get).build());
        }
        let answer = request
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .customize()
            .interceptor(Mark(pattern()))
            .send()
            .await
            .map_err(|error| RequestError::new("TransactGetItems", &core.table, error))?;
        let costs = answer.consumed_capacity().iter();
        let cost = costs.map(|capacity| Cost::read(Some(capacity))).sum();
        let mut found = answer
            .responses
            .unwrap_or_default()
            .into_iter()
            .map(|response| response.item.filter(|item| !item.is_empty()));
        let pair = (found.next().flatten(), found.next().flatten());
        self.pay(cost).await;
        Ok(pair)
    }

    /// Writes the row whole; false if it, or its original, changed meanwhile.
    async fn put_right(
        &mut self,
        expected: &Expected,
        owner: &Item,
        row: Option<&Item>,
    ) -> Result<bool, WriteError> {
        let model = self.verify.model();
        let there = Condition::exists(&model.pk.name);
        let owner_is = match unchanged_sources(expected.owner, owner) {
            Some(sources) => there.and(sources),
            None => there,
        };
        let row_is = match row {
            Some(row) => as_read(expected.row.spec, model, row),
            None => Condition::absent(&model.pk.name),
        };
        let name = EntityModel::static_name(expected.row.spec);
        let steps = [
            step(
                EntityModel::static_name(expected.owner),
                expected.owner_key.clone(),
                Action::Check,
                owner_is,
            ),
            step(
                name,
                key_of(model, &expected.row.item),
                Action::Put(expected.row.item.clone()),
                row_is,
            ),
        ];
        self.write(name, &steps).await
    }

    /// What is written; false if it is not as it was read.
    async fn write(&mut self, entity: &'static str, steps: &[Step]) -> Result<bool, WriteError> {
        let core = &self.verify.core;
        match execute(core, steps, None, &pattern()).await {
            Ok(cost) => {
                self.pay(cost).await;
                Ok(true)
            }
            Err(Failure::Refused(_)) => Ok(false),
            Err(failure) => Err(meaning(core, entity, steps, failure)),
        }
    }

    /// Of the items that nobody asked for, those that nobody asks for in a second reading either: an
    /// original written behind the first one's back is seen by it.
    async fn orphans(&mut self) -> Result<(), WriteError> {
        let mut seen: HashMap<Hash, Item> = HashMap::new();
        let mut next = None;
        let scanned = self.report.scanned;
        loop {
            let (items, last) = self.page(next).await?;
            for item in items {
                let Some((place, _)) = self.verify.place(&item) else {
                    continue;
                };
                let key = hash(&key_of(self.verify.model(), &item));
                if self.unasked.contains_key(&key) {
                    seen.insert(key, item.clone());
                }
                for row in (self.verify.kept_of)(&self.verify.core, place, item).unwrap_or_default()
                {
                    let asked = hash(&key_of(self.verify.model(), &row.item));
                    self.unasked.remove(&asked);
                    seen.remove(&asked);
                }
            }
            next = last;
            if next.is_none() {
                break;
            }
        }
        self.report.scanned = scanned;
        // An original that cannot be read may ask for any of them.
        let certain = !self
            .report
            .drift
            .iter()
            .any(|drift| matches!(drift.kind, DriftKind::Unreadable(_)));
        for item in seen.into_values() {
            let model = self.verify.model();
            let Some((_, spec)) = self.verify.place(&item) else {
                continue;
            };
            let Some(owner) = self.verify.keeper(spec) else {
                continue;
            };
            let key = key_of(model, &item);
            let entity = EntityModel::static_name(spec);
            let repaired = if self.verify.repair && certain {
                let condition = as_read(spec, model, &item);
                let steps = [delete_step(entity, key.clone(), Some(condition))];
                self.write(entity, &steps).await?
            } else {
                false
            };
            self.report.drift.push(Drift {
                owner: EntityModel::static_name(owner),
                entity,
                kind: DriftKind::Orphan,
                repaired,
                key,
            });
        }
        Ok(())
    }
}

fn pattern() -> PatternId {
    PatternId::operation("table", "verify_mirrors")
}

fn step(entity: &'static str, key: Item, action: Action, condition: Condition) -> Step {
    Step {
        table: None,
        entity,
        unique: None,
        key,
        action,
        condition: Some(condition),
        means: Means::Condition,
        repair: None,
        former: None,
        lift: None,
    }
}

/// What is not as it should be. What a row has beyond is left alone: it may be of a later version.
fn drift(expected: &Item, found: Option<&Item>) -> Option<DriftKind> {
    let Some(found) = found else {
        return Some(DriftKind::Missing);
    };
    let mut differ: Vec<String> = expected
        .iter()
        .filter(|(name, value)| found.get(*name) != Some(value))
        .map(|(name, _)| name.clone())
        .collect();
    differ.sort_unstable();
    (!differ.is_empty()).then_some(DriftKind::Differs(differ))
}

/// The item is still as it was read, as far as its entity knows.
fn as_read(
    spec: &'static EntityModel<'static>,
    model: &'static TableModel<'static>,
    item: &Item,
) -> Condition {
    let is_key =
        |name: &str| name == model.pk.name || model.sk.as_ref().is_some_and(|sk| sk.name == name);
    let fields = spec.fields.iter().map(|field| &*field.attribute);
    let indexes = model.key_attributes().into_iter().map(|key| &*key.name);
    let names = fields.chain(indexes).chain(model.ttl.as_deref());
    let mut condition = Condition::exists(&model.pk.name);
    let mut known = Vec::new();
    for name in names {
        if is_key(name) || known.contains(&name) {
            continue;
        }
        known.push(name);
        condition = condition.and(match item.get(name) {
            Some(value) => Condition::equals(name, value.clone()),
            None => Condition::absent(name),
        });
    }
    condition
}

fn hash(key: &Item) -> Hash {
    let mut parts: Vec<String> = key
        .iter()
        .map(|(name, value)| format!("{name}\0{value:?}"))
        .collect();
    parts.sort_unstable();
    let digest = Sha256::digest(parts.join("\0\0").as_bytes());
    let mut hash = Hash::default();
    hash.copy_from_slice(&digest[..16]);
    hash
}
