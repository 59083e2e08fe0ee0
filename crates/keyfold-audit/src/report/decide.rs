//! What a decision-maker reads: where bypasses are and whose, the ten that cost and threaten most, the trend, and for
//! each family of findings what staying costs against what each way out costs.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Report;
use crate::finding::{Basis, Finding};

/// Bypasses of one folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Bypasses {
    /// The folder.
    pub folder: String,
    /// Who owns it.
    pub owner: Option<String>,
    /// How many.
    pub found: usize,
}

/// A way to deal with a family of findings.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Way {
    /// What is done.
    pub what: &'static str,
    /// US dollars a month then; `None` where prices of another service would be needed.
    pub monthly_usd: Option<f64>,
    /// Hours, once.
    pub hours: Option<f64>,
}

/// A family of findings, and the ways out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Decision {
    /// What it is about.
    pub family: &'static str,
    /// How many findings.
    pub found: usize,
    /// The poorest origin of the figures.
    pub basis: Basis,
    /// The ways; the first is to stay.
    pub ways: Vec<Way>,
    /// Months after which waiting has cost more than repairing.
    pub repaid_after_months: Option<f64>,
}

/// Everything of this page.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Decisions {
    /// Bypasses by folder, most first.
    pub bypasses: Vec<Bypasses>,
    /// Findings by owner.
    pub by_owner: BTreeMap<String, usize>,
    /// Fingerprints of the ten that cost most.
    pub top_money: Vec<String>,
    /// Fingerprints of the ten that threaten most.
    pub top_risk: Vec<String>,
    /// Findings after each write of the baseline, and now: date, count.
    pub trend: Vec<(String, usize)>,
    /// Family by family.
    pub families: Vec<Decision>,
}

struct Family {
    name: &'static str,
    rules: &'static [&'static str],
    /// What the repair in place is called.
    index: Option<&'static str>,
    search: bool,
    other_store: Option<&'static str>,
}

const FAMILIES: [Family; 6] = [
    Family {
        name: "whole tables are read",
        rules: &[
            "scan-on-data-path",
            "full-table-scan",
            "count-by-scan",
            "scan-seen",
        ],
        index: Some("an index or a counter answers"),
        search: true,
        other_store: None,
    },
    Family {
        name: "much is read, little is used",
        rules: &[
            "filter-after-query",
            "low-read-efficiency",
            "limit-with-filter",
        ],
        index: Some("the key condition does the filter's work"),
        search: true,
        other_store: None,
    },
    Family {
        name: "indexes",
        rules: &["gsi-proliferation", "unused-gsi", "projection-all"],
        index: Some("drop, overload, narrow"),
        search: true,
        other_store: None,
    },
    Family {
        name: "time series",
        rules: &["time-series-in-dynamodb"],
        index: Some("roll-ups from the stream, TTL on the points"),
        search: false,
        other_store: Some("a time-series store, or Parquet on S3"),
    },
    Family {
        name: "large or growing items",
        rules: &[
            "large-item",
            "unbounded-item-collection",
            "item-growing",
            "collection-growing",
        ],
        index: Some("an item per element"),
        search: false,
        other_store: Some("S3, and a pointer"),
    },
    Family {
        name: "reads stronger than needed",
        rules: &["strongly-consistent-by-default", "consistent-without-need"],
        index: Some("read eventually consistent"),
        search: false,
        other_store: None,
    },
];

/// Works it out from a report.
pub fn decide(report: &Report) -> Decisions {
    let mut out = Decisions {
        trend: report.history.clone(),
        families: FAMILIES.iter().filter_map(|f| family(report, f)).collect(),
        ..Decisions::default()
    };
    let mut folders: BTreeMap<String, usize> = BTreeMap::new();
    for finding in report.counted() {
        if finding.rule == "sdk-bypass" {
            let folder = finding
                .file
                .rsplit_once('/')
                .map_or(".", |(folder, _)| folder);
            *folders.entry(folder.to_owned()).or_default() += 1;
        }
        if !report.owners.is_empty() {
            let owner = report.owners.of(&finding.file).unwrap_or("nobody");
            *out.by_owner.entry(owner.to_owned()).or_default() += 1;
        }
    }
    out.bypasses = folders
        .into_iter()
        .map(|(folder, found)| Bypasses {
            owner: report.owners.of(&format!("{folder}/x")).map(str::to_owned),
            folder,
            found,
        })
        .collect();
    out.bypasses.sort_by(|a, b| {
        (std::cmp::Reverse(a.found), &a.folder).cmp(&(std::cmp::Reverse(b.found), &b.folder))
    });
    let mut money: Vec<&Finding> = report.counted().filter(|f| usd(f) > 0.0).collect();
    money.sort_by(|a, b| {
        usd(b)
            .total_cmp(&usd(a))
            .then_with(|| (&a.file, a.line, a.rule).cmp(&(&b.file, b.line, b.rule)))
    });
    out.top_money = money
        .iter()
        .take(10)
        .map(|f| f.fingerprint.clone())
        .collect();
    let mut risk: Vec<&Finding> = report.counted().collect();
    risk.sort_by(|a, b| {
        (
            a.severity,
            a.confidence,
            std::cmp::Reverse(a.effort_minutes),
            a.rule,
            &a.file,
            a.line,
        )
            .cmp(&(
                b.severity,
                b.confidence,
                std::cmp::Reverse(b.effort_minutes),
                b.rule,
                &b.file,
                b.line,
            ))
    });
    out.top_risk = risk
        .iter()
        .take(10)
        .map(|f| f.fingerprint.clone())
        .collect();
    out
}

fn usd(finding: &Finding) -> f64 {
    finding.cost.as_ref().map_or(0.0, |c| c.monthly_usd)
}

fn family(report: &Report, family: &Family) -> Option<Decision> {
    let found: Vec<&Finding> = report
        .counted()
        .filter(|f| family.rules.contains(&f.rule))
        .collect();
    if found.is_empty() {
        return None;
    }
    let stay: f64 = found.iter().map(|f| usd(f)).sum();
    let instead: Vec<f64> = found
        .iter()
        .filter_map(|f| f.cost.as_ref()?.instead_usd)
        .collect();
    let priced = found.iter().filter(|f| f.cost.is_some()).count();
    // Only where every finding that costs says what its repair would cost.
    let after = (priced > 0 && instead.len() == priced).then(|| instead.iter().sum::<f64>());
    let minutes: u32 = found.iter().map(|f| f.effort_minutes).sum();
    let hours = f64::from(minutes) / 60.0;
    let basis = found
        .iter()
        .filter_map(|f| f.cost.as_ref())
        .map(|c| c.basis)
        .min()
        .unwrap_or(Basis::Assumed);
    let mut ways = vec![Way {
        what: "stay in DynamoDB as it is",
        monthly_usd: (priced > 0).then_some(stay),
        hours: Some(0.0),
    }];
    if let Some(what) = family.index {
        ways.push(Way {
            what,
            monthly_usd: after,
            hours: Some(hours),
        });
    }
    if family.search {
        ways.push(Way {
            what: "a search engine fed by the stream",
            monthly_usd: None,
            hours: Some(hours.max(40.0)),
        });
    }
    if let Some(what) = family.other_store {
        ways.push(Way {
            what,
            monthly_usd: None,
            hours: Some(hours),
        });
    }
    let saved = after.map(|after| stay - after).filter(|saved| *saved > 0.0);
    Some(Decision {
        family: family.name,
        found: found.len(),
        basis,
        repaid_after_months: saved.map(|saved| hours * report.summary.hourly_rate / saved),
        ways,
    })
}

/// `3 months`, `2.5 years`.
pub fn months(months: f64) -> String {
    if months < 1.0 {
        "under a month".to_owned()
    } else if months < 24.0 {
        format!("{months:.0} months")
    } else if months < 1_200.0 {
        format!("{:.0} years", months / 12.0)
    } else {
        "over a hundred years".to_owned()
    }
}
