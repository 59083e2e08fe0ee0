//! What ran: the guard's meter, and poorer sources. Key values are never in it, only digests of them.
//!
//! The guard's file is JSON, `keyfold.metered/1`; its schema is `schema/metered.schema.json`. A log of `CloudTrail`'s data
//! events gives calls and throttles by operation and table; a report of Contributor Insights gives hot keys; a
//! `GetMetricData` answer of `CloudWatch` whose labels are `${PROP('Dim.TableName')} ${PROP('MetricName')}` gives units.

use std::collections::BTreeMap;

use keyfold_cost::{CallTraffic, Traffic};
use serde::Deserialize;
use serde_json::Value;

/// The only schema there is.
pub const SCHEMA: &str = "keyfold.metered/1";

/// Why a metered file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MeteredError {
    /// It is no JSON, or not of a kind that is known.
    #[error("{0}")]
    Unreadable(String),
}

/// A span of time.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Window {
    /// Days it covers.
    #[serde(default)]
    pub days: f64,
    /// From when, for the report.
    #[serde(default)]
    pub from: Option<String>,
    /// Until when.
    #[serde(default)]
    pub to: Option<String>,
}

/// Pages that said that there is more.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub struct Pages {
    /// Answers with a `LastEvaluatedKey`.
    #[serde(default)]
    pub with_more: u64,
    /// Of these, how many were followed by a request with that key.
    #[serde(default)]
    pub continued: u64,
}

/// What a batch left over.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub struct Unprocessed {
    /// Items or keys left over.
    #[serde(default)]
    pub left: u64,
    /// Of these, how many were sent again within a minute.
    #[serde(default)]
    pub seen_again: u64,
}

/// A size at the start and at the end of 30 days, in bytes.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub struct Growth {
    /// At the start.
    #[serde(default)]
    pub before: f64,
    /// At the end.
    #[serde(default)]
    pub now: f64,
}

/// One kind of request: of a pattern, or of a shape that no pattern has.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Requests {
    /// The declared pattern.
    pub pattern: Option<String>,
    /// Nothing declared has its shape. Sources that know no patterns leave it out.
    pub undeclared: bool,
    /// It is allowed, with a reason, in the code or in the guard.
    pub allowed: bool,
    /// The table.
    pub table: String,
    /// The index.
    pub index: Option<String>,
    /// The operation.
    pub op: String,
    /// From where, as `src/list.ts:140` or a function.
    pub callers: Vec<String>,
    /// Requests.
    pub calls: u64,
    /// Of these, refused for throughput.
    pub throttles: u64,
    /// What was too small: `key`, `index`, `capacity`, `account`.
    pub throttle_cause: Option<String>,
    /// Items read.
    pub examined: u64,
    /// Items given back.
    pub returned: u64,
    /// Read units.
    pub read_units: f64,
    /// Write units.
    pub write_units: f64,
    /// Strongly consistent reads.
    pub consistent: u64,
    /// Of these, without a write to the key in the minute before.
    pub consistent_quiet: u64,
    /// Pages.
    pub pages: Pages,
    /// Left over.
    pub unprocessed: Unprocessed,
    /// Size of items at the 99th percentile.
    pub item_bytes_p99: Option<Growth>,
    /// Requests whose key's tenant was not the caller's.
    pub cross_tenant: u64,
    /// Items read more than seven days after their time to live.
    pub expired_read: u64,
    /// US dollars in the window before, scaled to a month.
    pub monthly_usd_before: Option<f64>,
}

/// One partition key value, as a digest.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Key {
    /// The table.
    pub table: String,
    /// The index.
    pub index: Option<String>,
    /// Its keyed digest.
    pub digest: String,
    /// Share of the table's units in the window, 0 to 1.
    pub share: f64,
    /// Most read units in a second.
    pub peak_read_units: f64,
    /// Most write units in a second.
    pub peak_write_units: f64,
    /// Bytes under it.
    pub bytes: f64,
}

/// A table in the window.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Items in it.
    pub items: Option<f64>,
    /// Mean bytes of an item.
    pub item_bytes: Option<f64>,
    /// Items under a partition key.
    pub items_per_partition: Option<f64>,
    /// Provisioned read units a second.
    pub provisioned_read: Option<f64>,
    /// Provisioned write units a second.
    pub provisioned_write: Option<f64>,
    /// Indexes that served at least one request.
    pub indexes_read: Option<Vec<String>>,
    /// Every index it has.
    pub indexes: Vec<String>,
    /// Attributes that no request of the window read.
    pub attributes_never_read: Vec<String>,
}

/// All that was metered.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Metered {
    /// The kind of file.
    pub schema: String,
    /// When.
    pub window: Window,
    /// The path it was read from, for findings that have no better place.
    #[serde(skip)]
    pub shown: String,
    /// It knows the callers, so that a place that is not there did not run.
    pub knows_callers: bool,
    /// Tables.
    pub tables: Vec<Table>,
    /// Requests by pattern or shape.
    pub requests: Vec<Requests>,
    /// Heavy keys.
    pub keys: Vec<Key>,
    /// Patterns that are declared: those that do not occur were not used.
    pub declared: Vec<String>,
    /// What may be spent a month, in US dollars.
    pub budget_usd: Option<f64>,
}

const HOURS_OF_MONTH: f64 = 730.0;

impl Metered {
    /// From a file's text; `shown` is its path.
    pub fn parse(text: &str, shown: &str) -> Result<Metered, MeteredError> {
        let value: Value = serde_json::from_str(text).map_err(|error| {
            MeteredError::Unreadable(format!("line {}: no JSON: {error}", error.line()))
        })?;
        let mut metered = if value.get("Records").is_some() {
            cloudtrail(&value)
        } else if value.get("Contributors").is_some() {
            insights(&value, shown)
        } else if value.get("MetricDataResults").is_some() {
            cloudwatch(&value)
        } else {
            match value.get("schema").and_then(Value::as_str) {
                Some(SCHEMA) => serde_json::from_value(value)
                    .map_err(|error| MeteredError::Unreadable(error.to_string()))?,
                Some(other) => {
                    return Err(MeteredError::Unreadable(format!(
                        "its schema is {other}, this version reads {SCHEMA}"
                    )));
                }
                None => {
                    return Err(MeteredError::Unreadable(format!(
                        "neither {SCHEMA}, nor CloudTrail's Records, Contributor Insights' Contributors or CloudWatch's MetricDataResults"
                    )));
                }
            }
        };
        shown.clone_into(&mut metered.shown);
        if !metered.window.days.is_finite() || metered.window.days <= 0.0 {
            metered.window.days = 30.0;
        }
        Ok(metered)
    }

    /// A count of the window as a month's.
    pub fn per_month(&self, count: f64) -> f64 {
        count * HOURS_OF_MONTH / (self.window.days * 24.0)
    }

    /// Its figures as a traffic file.
    pub fn traffic(&self) -> Traffic {
        let mut traffic = Traffic {
            basis: keyfold_cost::Origin::Metered,
            ..Traffic::default()
        };
        for table in &self.tables {
            let entry = traffic.tables.entry(table.name.clone()).or_default();
            entry.items = table.items;
            entry.item_bytes = table.item_bytes;
            entry.items_per_partition = table.items_per_partition;
        }
        let mut calls: BTreeMap<&str, f64> = BTreeMap::new();
        for requests in &self.requests {
            // Calls of several callers are nobody's alone.
            let names = match &requests.callers[..] {
                [one] => vec![one.as_str()],
                _ => Vec::new(),
            };
            for name in names.into_iter().chain(requests.pattern.as_deref()) {
                *calls.entry(name).or_default() += count(requests.calls);
            }
        }
        for (name, calls) in calls {
            traffic.calls.insert(
                name.to_owned(),
                CallTraffic {
                    per_month: Some(self.per_month(calls)),
                    ..CallTraffic::default()
                },
            );
        }
        traffic
    }
}

/// A count as a number; beyond 2^53 the last digits do not matter.
#[expect(clippy::cast_precision_loss, reason = "counts of requests")]
pub fn count(n: u64) -> f64 {
    n as f64
}

/// Data events: what was called on which table, and what was refused.
fn cloudtrail(value: &Value) -> Metered {
    let mut by: BTreeMap<(String, Option<String>, String), Requests> = BTreeMap::new();
    let (mut first, mut last): (Option<&str>, Option<&str>) = (None, None);
    for record in value["Records"].as_array().into_iter().flatten() {
        if record["eventSource"] != "dynamodb.amazonaws.com" {
            continue;
        }
        let (Some(op), Some(table)) = (
            record["eventName"].as_str(),
            record["requestParameters"]["tableName"].as_str(),
        ) else {
            continue;
        };
        let index = record["requestParameters"]["indexName"]
            .as_str()
            .map(str::to_owned);
        let table = table.rsplit('/').next().unwrap_or(table).to_owned();
        let time = record["eventTime"].as_str();
        first = match (first, time) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        last = last.max(time);
        let entry = by
            .entry((table.clone(), index.clone(), op.to_owned()))
            .or_insert_with(|| Requests {
                table,
                index,
                op: op.to_owned(),
                ..Requests::default()
            });
        entry.calls += 1;
        if record["errorCode"].as_str().is_some_and(|code| {
            code.contains("ThroughputExceeded")
                || code.contains("Throttling")
                || code.contains("RequestLimitExceeded")
        }) {
            entry.throttles += 1;
        }
    }
    Metered {
        window: Window {
            days: days_between(first, last).unwrap_or(30.0),
            from: first.map(str::to_owned),
            to: last.map(str::to_owned),
        },
        requests: by.into_values().collect(),
        ..Metered::default()
    }
}

/// The days between two moments as `CloudTrail` writes them; at least an hour.
fn days_between(first: Option<&str>, last: Option<&str>) -> Option<f64> {
    let number = |text: &str| -> Option<f64> {
        let part = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
        let (year, month, day, hour) = (part(0, 4)?, part(5, 7)?, part(8, 10)?, part(11, 13)?);
        // Days since an epoch, by the usual shift of the year to March.
        let (y, m) = if month <= 2 {
            (year - 1, month + 9)
        } else {
            (year, month - 3)
        };
        let days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1;
        let hours = u32::try_from((days * 24 + hour).rem_euclid(i64::from(u32::MAX))).ok()?;
        Some(f64::from(hours) / 24.0)
    };
    Some((number(last?)? - number(first?)?).max(1.0 / 24.0))
}

/// A report of the most accessed keys. Its keys are values, so only their rank is kept.
fn insights(value: &Value, shown: &str) -> Metered {
    let total = value["AggregateValue"].as_f64().unwrap_or_default();
    let name = shown.rsplit(['/', '\\']).next().unwrap_or(shown);
    let table = name.split('.').next().unwrap_or(name).to_owned();
    let keys = value["Contributors"]
        .as_array()
        .into_iter()
        .flatten()
        .zip(1u32..)
        .map(|(one, rank)| {
            let part = one["ApproximateAggregateValue"]
                .as_f64()
                .unwrap_or_default();
            Key {
                table: table.clone(),
                digest: format!("number {rank}"),
                share: if total > 0.0 { part / total } else { 0.0 },
                ..Key::default()
            }
        })
        .collect();
    Metered {
        keys,
        ..Metered::default()
    }
}

/// Sums of metrics whose labels name table and metric.
fn cloudwatch(value: &Value) -> Metered {
    let mut by: BTreeMap<String, Requests> = BTreeMap::new();
    for result in value["MetricDataResults"].as_array().into_iter().flatten() {
        let Some((table, metric)) = result["Label"].as_str().and_then(|l| l.rsplit_once(' '))
        else {
            continue;
        };
        let sum: f64 = result["Values"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_f64)
            .sum();
        let entry = by.entry(table.to_owned()).or_insert_with(|| Requests {
            table: table.to_owned(),
            op: "all".to_owned(),
            ..Requests::default()
        });
        match metric {
            "ConsumedReadCapacityUnits" => entry.read_units += sum,
            "ConsumedWriteCapacityUnits" => entry.write_units += sum,
            "ThrottledRequests" => entry.throttles += whole(sum),
            "SampleCount" | "SuccessfulRequestLatency" => entry.calls += whole(sum),
            _ => {}
        }
    }
    Metered {
        requests: by.into_values().collect(),
        ..Metered::default()
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a sum of counts, clamped"
)]
fn whole(sum: f64) -> u64 {
    sum.clamp(0.0, 9e15) as u64
}
