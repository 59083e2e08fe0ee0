//! `keyfold.traffic.toml`: what there is and how often it is asked for.

use std::collections::BTreeMap;

use keyfold_model::TableModel;

use crate::number::count;
use crate::quantity::{Origin, Quantity};
use crate::toml_file::{FileError, Keys, Place, Source, nearest};

/// Calls a month of what the file does not name.
const CALLS_DEFAULT: f64 = 1_000.0;
/// Items of a table that the file does not name.
const ITEMS_DEFAULT: f64 = 100_000.0;
/// Bytes of such an item.
const ITEM_BYTES_DEFAULT: f64 = 1_024.0;
/// Items under one partition key of such a table; also what a page without a number has.
const ITEMS_PER_PARTITION_DEFAULT: f64 = 50.0;
/// How much higher capacity is set than the month's average, for days and nights.
const PEAK_DEFAULT: f64 = 2.0;
/// The share of set capacity that is used at the peak: autoscaling's usual target.
const UTILIZATION_DEFAULT: f64 = 0.7;
/// The name under which a default for all calls stands.
const EVERY_CALL: &str = "*";

/// How throughput is paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Billing {
    /// For each unit.
    #[default]
    OnDemand,
    /// For each hour that a unit a second could have been used.
    Provisioned,
}

/// A traffic file; [`Traffic::default`] is what holds without one.
#[derive(Debug, Clone, PartialEq)]
pub struct Traffic {
    /// Where the tables are.
    pub region: String,
    /// How throughput is paid for.
    pub billing: Billing,
    /// Of an engineer, in US dollars.
    pub hourly_rate: Option<f64>,
    /// Whether what is free each month is taken off.
    pub free_tier: bool,
    /// Of the figures in the file: declared, or metered where the guard wrote it.
    pub basis: Origin,
    /// How capacity would be provisioned.
    pub provisioned: Provisioned,
    /// Tables by name.
    pub tables: BTreeMap<String, TableTraffic>,
    /// Entities by name.
    pub entities: BTreeMap<String, EntityTraffic>,
    /// Calls by pattern id, function or `path:line`.
    pub calls: BTreeMap<String, CallTraffic>,
}

/// What holds of a table.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TableTraffic {
    /// Items in it.
    pub items: Option<f64>,
    /// Bytes of one, on average.
    pub item_bytes: Option<f64>,
    /// Items under one partition key.
    pub items_per_partition: Option<f64>,
    /// The share by which it grows each month.
    pub growth_per_month: Option<f64>,
    /// Whether it has point-in-time recovery.
    pub pitr: bool,
    /// Full on-demand backups kept.
    pub backups: f64,
    /// Further regions it is replicated to.
    pub replicas: f64,
    /// Processes that poll its stream; Lambda's polling is free.
    pub stream_readers: Option<f64>,
    /// How often each polls each shard a second.
    pub stream_polls_per_second: Option<f64>,
    /// Where in the file.
    pub at: Place,
}

/// What holds of an entity, each month.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EntityTraffic {
    /// Items there are.
    pub items: Option<f64>,
    /// Bytes of one, on average.
    pub item_bytes: Option<f64>,
    /// Items under one partition key.
    pub items_per_partition: Option<f64>,
    /// Items created.
    pub create: f64,
    /// Items written whole over an old one.
    pub put: f64,
    /// Items updated in part.
    pub update: f64,
    /// Items deleted by request; expiry is free.
    pub delete: f64,
    /// Items read by key, eventually consistent.
    pub get: f64,
    /// Items read by key, strongly consistent.
    pub get_consistent: f64,
    /// The share of updates that change what kept items repeat.
    pub mirrored: Option<f64>,
    /// Days after which nobody needs the item.
    pub useful_days: Option<f64>,
    /// In indexes, by identifier.
    pub indexes: BTreeMap<String, IndexTraffic>,
    /// Where in the file.
    pub at: Place,
}

/// What holds of an entity in an index.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct IndexTraffic {
    /// The share of items the index holds.
    pub share: Option<f64>,
    /// The share of updates that change an attribute it holds.
    pub touched: Option<f64>,
    /// The share of updates that change its key.
    pub moved: Option<f64>,
    /// Where in the file.
    pub at: Place,
}

/// How often a pattern or a call site runs.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CallTraffic {
    /// Calls a month.
    pub per_month: Option<f64>,
    /// Items examined in one call.
    pub items: Option<f64>,
    /// Whether it reads strongly consistent.
    pub consistent: bool,
    /// Where in the file.
    pub at: Place,
}

/// How capacity would be provisioned.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Provisioned {
    /// How many times the month's average capacity is set to.
    pub peak_to_average: Option<f64>,
    /// The share of set capacity that is used at the peak.
    pub utilization: Option<f64>,
    /// The share of capacity that is reserved.
    pub reserved_share: f64,
    /// The discount on that share.
    pub reserved_discount: f64,
}

impl Default for Traffic {
    fn default() -> Self {
        Self {
            region: "us-east-1".to_owned(),
            billing: Billing::OnDemand,
            hourly_rate: None,
            free_tier: false,
            basis: Origin::Declared,
            provisioned: Provisioned::default(),
            tables: BTreeMap::new(),
            entities: BTreeMap::new(),
            calls: BTreeMap::new(),
        }
    }
}

impl Traffic {
    /// From a file's text.
    pub fn parse(text: &str) -> Result<Self, FileError> {
        let source = Source::new(text);
        let root = source.parse()?;
        let file = Keys::root(&source, &root);
        file.only(&[
            "region",
            "billing",
            "hourly_rate",
            "free_tier",
            "basis",
            "provisioned",
            "tables",
            "entities",
            "calls",
        ])?;
        let mut traffic = Self {
            hourly_rate: file.number("hourly_rate", f64::INFINITY)?,
            free_tier: file.flag("free_tier")?.unwrap_or_default(),
            ..Self::default()
        };
        if let Some((region, _)) = file.text("region")? {
            region.clone_into(&mut traffic.region);
        }
        traffic.billing = word(
            &file,
            "billing",
            &[
                ("on-demand", Billing::OnDemand),
                ("provisioned", Billing::Provisioned),
            ],
        )?
        .unwrap_or_default();
        traffic.basis = word(
            &file,
            "basis",
            &[("declared", Origin::Declared), ("metered", Origin::Metered)],
        )?
        .unwrap_or(Origin::Declared);
        if let Some(keys) = file.inside("provisioned")? {
            traffic.provisioned = provisioned(&keys)?;
        }
        traffic.tables = named(&file, "tables", table)?;
        traffic.entities = named(&file, "entities", entity)?;
        traffic.calls = named(&file, "calls", call)?;
        Ok(traffic)
    }

    /// What in the file is not in the design, each with the nearest name there is.
    ///
    /// Keys of `calls` that name a place in code (`module.function`, `path:line`) are for the audit,
    /// which reads the same file.
    pub fn check(&self, model: &TableModel<'_>) -> Vec<FileError> {
        let mut wrong = Vec::new();
        let mut unknown = |at, what: &str, name: &str, valid: Vec<&str>| {
            let message = format!("the design has no {what} `{name}`");
            wrong.push(FileError::new(at, message).hint(nearest(name, valid)));
        };
        for (name, table) in &self.tables {
            if *name != model.name {
                unknown(table.at, "table", name, vec![&model.name]);
            }
        }
        for (name, entity) in &self.entities {
            let Some(known) = model.entity(name) else {
                let valid = model.entities.iter().map(|entity| &*entity.name);
                unknown(entity.at, "entity", name, valid.collect());
                continue;
            };
            for (index, traffic) in &entity.indexes {
                if known.key_in(Some(index)).is_none() {
                    let valid = known.indexes.iter().map(|key| &*key.index);
                    let what = format!("index of {name}");
                    unknown(traffic.at, &what, index, valid.collect());
                }
            }
        }
        for (name, call) in &self.calls {
            let is_pattern = model.all_patterns().any(|pattern| pattern.id == *name);
            if !is_pattern && name != EVERY_CALL && !names_code(name) {
                let valid = model.all_patterns().map(|pattern| &*pattern.id);
                unknown(call.at, "access pattern", name, valid.collect());
            }
        }
        for pattern in model.all_patterns() {
            let Some(call) = self.calls.get(&*pattern.id).filter(|call| call.consistent) else {
                continue;
            };
            let index = pattern.index.as_deref().and_then(|id| model.index(id));
            if let Some(index) = index.filter(|index| !index.local) {
                let message = format!(
                    "`{}` runs on the index {}, which cannot be read consistently",
                    pattern.id, index.name
                );
                wrong.push(FileError::new(call.at, message).hint("leave `consistent` out"));
            }
        }
        wrong.sort_by_key(|error| (error.at.line, error.at.column));
        wrong
    }

    /// Calls a month of the first of these names that the file has, else of `"*"`, else a default.
    pub fn calls_of(&self, names: &[&str]) -> Quantity {
        let per_month = |name: &str| self.calls.get(name).and_then(|call| call.per_month);
        if let Some(calls) = names.iter().find_map(|name| per_month(name)) {
            return Quantity::new("calls a month", calls, "calls", self.basis);
        }
        match per_month(EVERY_CALL) {
            Some(calls) => Quantity::assumed("calls a month, by \"*\"", calls, "calls"),
            None => Quantity::assumed("calls a month", CALLS_DEFAULT, "calls"),
        }
    }

    /// Items of a table.
    pub fn items_of(&self, table: &str) -> Quantity {
        let items = self.tables.get(table).and_then(|table| table.items);
        self.or_assumed("items", items, ITEMS_DEFAULT, "items")
    }

    /// Bytes of an item of a table.
    pub fn item_bytes_of(&self, table: &str) -> Quantity {
        let bytes = self.tables.get(table).and_then(|table| table.item_bytes);
        self.or_assumed("item size", bytes, ITEM_BYTES_DEFAULT, "B")
    }

    /// Items under one partition key of a table.
    pub fn items_per_partition_of(&self, table: &str) -> Quantity {
        let items = self.tables.get(table).and_then(|t| t.items_per_partition);
        let name = "items per partition";
        self.or_assumed(name, items, ITEMS_PER_PARTITION_DEFAULT, "items")
    }

    pub(crate) fn or_assumed(
        &self,
        name: impl Into<String>,
        value: Option<f64>,
        default: f64,
        unit: &'static str,
    ) -> Quantity {
        match value {
            Some(value) => Quantity::new(name, value, unit, self.basis),
            None => Quantity::assumed(name, default, unit),
        }
    }

    /// A figure of the file.
    pub(crate) fn given(
        &self,
        name: impl Into<String>,
        value: f64,
        unit: &'static str,
    ) -> Quantity {
        Quantity::new(name, value, unit, self.basis)
    }
}

/// Whether a key of `calls` names a place in code.
fn names_code(name: &str) -> bool {
    name.contains(['.', ':', '/'])
}

impl Provisioned {
    /// The share of provisioned capacity that is used over a month.
    pub(crate) fn used_share(&self) -> Quantity {
        let utilization = self.utilization.unwrap_or(UTILIZATION_DEFAULT);
        let peak = self.peak_to_average.unwrap_or(PEAK_DEFAULT);
        Quantity::new("capacity used", utilization / peak, "", self.origin())
    }

    pub(crate) fn price_share(&self) -> f64 {
        1.0 - self.reserved_share * self.reserved_discount
    }

    pub(crate) fn reserved_text(&self) -> String {
        if self.reserved_share > 0.0 {
            format!(
                " × {} (a share of {} is reserved at a discount of {})",
                count(self.price_share()),
                count(self.reserved_share),
                count(self.reserved_discount)
            )
        } else {
            String::new()
        }
    }

    pub(crate) fn inputs(&self) -> Vec<Quantity> {
        let origin = |value: Option<f64>| match value {
            Some(_) => Origin::Declared,
            None => Origin::Assumed,
        };
        vec![
            Quantity::new(
                "peak to average",
                self.peak_to_average.unwrap_or(PEAK_DEFAULT),
                "",
                origin(self.peak_to_average),
            ),
            Quantity::new(
                "utilization at the peak",
                self.utilization.unwrap_or(UTILIZATION_DEFAULT),
                "",
                origin(self.utilization),
            ),
        ]
    }

    fn origin(&self) -> Origin {
        if self.utilization.is_some() && self.peak_to_average.is_some() {
            Origin::Declared
        } else {
            Origin::Assumed
        }
    }
}

fn word<T: Copy>(
    file: &Keys<'_, '_>,
    key: &str,
    meanings: &[(&str, T)],
) -> Result<Option<T>, FileError> {
    let Some((text, at)) = file.text(key)? else {
        return Ok(None);
    };
    let found = meanings.iter().find(|(known, _)| *known == text);
    found.map(|(_, meaning)| Some(*meaning)).ok_or_else(|| {
        FileError::new(at, format!("`{key}` cannot be `{text}`"))
            .hint(nearest(text, meanings.iter().map(|(known, _)| *known)))
    })
}

fn named<T>(
    file: &Keys<'_, '_>,
    section: &str,
    read: impl Fn(&Keys<'_, '_>) -> Result<T, FileError>,
) -> Result<BTreeMap<String, T>, FileError> {
    let Some(section) = file.inside(section)? else {
        return Ok(BTreeMap::new());
    };
    section
        .each()?
        .into_iter()
        .map(|(name, keys)| Ok((name, read(&keys)?)))
        .collect()
}

fn provisioned(keys: &Keys<'_, '_>) -> Result<Provisioned, FileError> {
    keys.only(&[
        "peak_to_average",
        "utilization",
        "reserved_share",
        "reserved_discount",
    ])?;
    let above = |key: &str, least: f64, most: f64| match keys.number(key, most)? {
        Some(value) if value < least => Err(FileError::new(
            keys.at(),
            format!("`{key}` in `provisioned` is a number from {least} to {most}"),
        )),
        value => Ok(value),
    };
    Ok(Provisioned {
        peak_to_average: above("peak_to_average", 1.0, 1_000.0)?,
        utilization: above("utilization", 0.01, 1.0)?,
        reserved_share: keys.number("reserved_share", 1.0)?.unwrap_or_default(),
        reserved_discount: keys.number("reserved_discount", 1.0)?.unwrap_or_default(),
    })
}

const ANY: f64 = f64::INFINITY;

fn table(keys: &Keys<'_, '_>) -> Result<TableTraffic, FileError> {
    keys.only(&[
        "items",
        "item_bytes",
        "items_per_partition",
        "growth_per_month",
        "pitr",
        "backups",
        "replicas",
        "stream_readers",
        "stream_polls_per_second",
    ])?;
    Ok(TableTraffic {
        items: keys.number("items", ANY)?,
        item_bytes: keys.number("item_bytes", ITEM_BYTES_MOST)?,
        items_per_partition: keys.number("items_per_partition", ANY)?,
        growth_per_month: keys.number("growth_per_month", ANY)?,
        pitr: keys.flag("pitr")?.unwrap_or_default(),
        backups: keys.number("backups", ANY)?.unwrap_or_default(),
        replicas: keys.number("replicas", 100.0)?.unwrap_or_default(),
        stream_readers: keys.number("stream_readers", ANY)?,
        stream_polls_per_second: keys.number("stream_polls_per_second", ANY)?,
        at: keys.at(),
    })
}

#[expect(clippy::cast_precision_loss, reason = "400 KB")]
const ITEM_BYTES_MOST: f64 = keyfold_dynamo::limits::ITEM_BYTES_MAX as f64;

fn entity(keys: &Keys<'_, '_>) -> Result<EntityTraffic, FileError> {
    keys.only(&[
        "items",
        "item_bytes",
        "items_per_partition",
        "create",
        "put",
        "update",
        "delete",
        "get",
        "get_consistent",
        "mirrored",
        "useful_days",
        "indexes",
    ])?;
    let times = |key| Ok::<_, FileError>(keys.number(key, ANY)?.unwrap_or_default());
    Ok(EntityTraffic {
        items: keys.number("items", ANY)?,
        item_bytes: keys.number("item_bytes", ITEM_BYTES_MOST)?,
        items_per_partition: keys.number("items_per_partition", ANY)?,
        create: times("create")?,
        put: times("put")?,
        update: times("update")?,
        delete: times("delete")?,
        get: times("get")?,
        get_consistent: times("get_consistent")?,
        mirrored: keys.number("mirrored", 1.0)?,
        useful_days: keys.number("useful_days", ANY)?,
        indexes: named(keys, "indexes", index)?,
        at: keys.at(),
    })
}

fn index(keys: &Keys<'_, '_>) -> Result<IndexTraffic, FileError> {
    keys.only(&["share", "touched", "moved"])?;
    Ok(IndexTraffic {
        share: keys.number("share", 1.0)?,
        touched: keys.number("touched", 1.0)?,
        moved: keys.number("moved", 1.0)?,
        at: keys.at(),
    })
}

fn call(keys: &Keys<'_, '_>) -> Result<CallTraffic, FileError> {
    keys.only(&["per_month", "items", "consistent"])?;
    Ok(CallTraffic {
        per_month: keys.number("per_month", ANY)?,
        items: keys.number("items", ANY)?,
        consistent: keys.flag("consistent")?.unwrap_or_default(),
        at: keys.at(),
    })
}
