//! # Scans: `scan-on-data-path`, `scan-in-job`, `full-table-scan`, `count-by-scan`, `health-check-scan`
//!
//! A Scan reads every item of a table or index and bills every one of them, whatever it gives back.
//! Its price grows with the table, not with the answer.
//!
//! A scan site carries exactly one of the five names:
//!
//! - `full-table-scan`: with a filter. The question has a key in it: the filter runs after reading.
//! - `count-by-scan`: only the number of items is used.
//! - `health-check-scan`: `Limit: 1`, no filter, in a health check. Allowed; it costs half a read unit.
//! - `scan-in-job`: in a script, a migration or a scheduled job.
//! - `scan-on-data-path`: any other. Medium where nobody knows how the function is reached.
//!
//! ```ts
//! // bad: reads the whole table for one tenant's orders
//! await ddb.send(new ScanCommand({ TableName, FilterExpression: 'tenantId = :t', … }));
//! // good: reads that tenant's partition
//! await ddb.send(new QueryCommand({ TableName, KeyConditionExpression: 'PK = :t', … }));
//! ```
//! ```python
//! table.scan(FilterExpression=Attr("status").eq("open"))                    # bad
//! table.query(IndexName="GSI1", KeyConditionExpression=Key("GSI1PK").eq("STATUS#open"))  # good
//! ```
//!
//! **Instead**: a Query on a key or an index that answers the question; a sparse index for "all with flag X";
//! a counter item written in the same transaction for counts, or `DescribeTable.ItemCount` when six hours of age will do;
//! for jobs segments with a rate limit, or an export to S3.
//!
//! **Cost**: `table bytes / 8192 × calls × price` (eventually consistent; `/ 4096` when consistent).
//!
//! **Stays silent**: a `scan` of another library; the continuation of a scan in its page loop; a table declared
//! small (`[tables.flags] max_items = 100` gives `info`).
//!
//! Source: Developer Guide, "Best practices for querying and scanning data".

use super::evidence::{self, ItemsUse};
use super::{Context, Costing, Draft, Rule, filters};
use crate::finding::{Confidence, Severity};
use crate::layer::Place;
use crate::link::FileId;
use crate::link::eval::{Eval, Value};
use crate::op::Op;
use crate::reach::Reach;
use crate::sites::{Named, Site};
use crate::surfaces::Api;

const PAGE: &str = include_str!("scans.rs");

/// A scan where a request waits for it.
pub static SCAN_ON_DATA_PATH: Rule = Rule {
    id: "scan-on-data-path",
    severity: Severity::High,
    effort: 120,
    title: "Scan on the data path",
    why: "A Scan reads and bills every item of the table; its price and latency grow with the table.",
    fix: "Query by a key or an index that answers this question; add a sparse index for \"all with flag X\".",
    security: None,
    page: PAGE,
};
/// A scan in a job.
pub static SCAN_IN_JOB: Rule = Rule {
    id: "scan-in-job",
    severity: Severity::Info,
    effort: 30,
    title: "Scan in a job or script",
    why: "A scan without a limit on its rate takes the capacity that requests need.",
    fix: "Limit its rate, split it into segments, or export the table to S3 and read that.",
    security: None,
    page: PAGE,
};
/// A scan with a filter.
pub static FULL_TABLE_SCAN: Rule = Rule {
    id: "full-table-scan",
    severity: Severity::High,
    effort: 120,
    title: "Scan with a filter",
    why: "The filter runs after reading: every item is billed, few are returned.",
    fix: "Put what is filtered into a key: equality attributes as partition key of an index, the range as its sort key.",
    security: None,
    page: PAGE,
};
/// Counting by reading.
pub static COUNT_BY_SCAN: Rule = Rule {
    id: "count-by-scan",
    severity: Severity::High,
    effort: 60,
    title: "Scan only to count",
    why: "Counting by Scan bills the whole table for one number.",
    fix: "Keep a counter item in the writing transaction, or read DescribeTable.ItemCount when six hours of age will do.",
    security: None,
    page: PAGE,
};
/// Allowed.
pub static HEALTH_CHECK_SCAN: Rule = Rule {
    id: "health-check-scan",
    severity: Severity::Info,
    effort: 0,
    title: "Scan as a health check",
    why: "It costs half a read unit and finds a missing table and missing rights.",
    fix: "Use DescribeTable, or a GetItem of a fixed key where the role must not scan.",
    security: None,
    page: PAGE,
};

/// One finding per scan.
pub fn check(cx: &Context<'_>, eval: &Eval<'_>, file: FileId, out: &mut Vec<Draft>) {
    for site in cx.calls(file) {
        if site.op == Op::ExecuteStatement {
            partiql(cx, eval, site, out);
        }
        if site.op == Op::Scan && !continues(cx, file, site) {
            out.push(judge(cx, eval, site));
        }
    }
}

/// The next page of a scan that was found before it.
fn continues(cx: &Context<'_>, file: FileId, site: &Site) -> bool {
    let f = cx.project.file(file);
    let inside = |inner: u32, outer: u32| {
        std::iter::successors(Some(inner), |id| f.facts.function(*id).parent)
            .any(|id| id == outer && id != 0)
    };
    site.params.has("ExclusiveStartKey")
        && cx.calls(file).any(|other| {
            let near =
                inside(site.function, other.function) || inside(other.function, site.function);
            let first = !other.params.has("ExclusiveStartKey") || other.line < site.line;
            other.op == Op::Scan
                && other.at != site.at
                && near
                && first
                && other.table == site.table
        })
}

fn judge(cx: &Context<'_>, eval: &Eval<'_>, site: &Site) -> Draft {
    let consistent = evidence::consistent(eval, site).is_some();
    let uses = site.response_uses(eval);
    let items = evidence::items_use(eval, &uses);
    let filter = evidence::filter(site);
    let reach = cx.reach(site);
    let of = of_index(site);
    let job = reach == Reach::Job || cx.place(site.at.file) == Place::Script;
    let health = health_function(cx, site) && filter.is_none();
    if health
        && evidence::limit(eval, site) == Some(1)
        && matches!(items, ItemsUse::None | ItemsUse::Count)
    {
        return Draft::at_site(
            &HEALTH_CHECK_SCAN,
            cx,
            site,
            format!("Scan{of} with Limit 1 as a health check"),
        );
    }
    let small = match &site.table {
        Named::Name(name) => cx
            .tables
            .get(name)
            .is_some_and(|hint| hint.max_items.is_some()),
        _ => false,
    };
    if job {
        return Draft::at_site(&SCAN_IN_JOB, cx, site, format!("Scan{of} in a job"))
            .costs(Costing::Scan { consistent });
    }
    let counts = site.param("Select").is_some_and(|at| is_count(eval, at))
        || site.param("Count").is_some() && site.api == Api::DynamodbOnetable;
    let only_count = items == ItemsUse::Count
        && !uses.is_empty()
        && filter.is_none()
        && evidence::limit(eval, site).is_none();
    let mapper_count = counted_by_name(eval, site);
    let mut draft = if counts || only_count || mapper_count {
        let draft = Draft::at_site(
            &COUNT_BY_SCAN,
            cx,
            site,
            format!("Scan{of} reads all items to count them"),
        );
        if only_count && !counts && !mapper_count {
            draft.at_most(Confidence::Medium)
        } else {
            draft
        }
    } else if let Some(at) = filter {
        let names = filtered(eval, site, at);
        let on = if names.is_empty() {
            String::new()
        } else {
            format!(" on {}", names.join(", "))
        };
        let fix = match names.first() {
            Some(name) => format!(
                "Add an index with {name} in its partition key, or put it into the key, and Query that."
            ),
            None => FULL_TABLE_SCAN.fix.to_owned(),
        };
        Draft::at_site(
            &FULL_TABLE_SCAN,
            cx,
            site,
            format!("Scan{of} with a filter{on}: every item is read and billed"),
        )
        .fix(fix)
    } else if let Some((name, at)) = filters::memory_filter(eval, site) {
        Draft::at_site(
            &FULL_TABLE_SCAN,
            cx,
            site,
            format!(
                "Scan{of}, filtered in memory on {name}: every item is read, billed and transferred"
            ),
        )
        .at_most(Confidence::Medium)
        .related(cx.project, at, "filtered here")
        .fix(format!(
            "Add an index with {name} in its partition key, or put it into the key, and Query that."
        ))
    } else {
        let draft = Draft::at_site(
            &SCAN_ON_DATA_PATH,
            cx,
            site,
            format!("Scan{of} reads the whole table"),
        );
        if reach == Reach::Unknown {
            draft.severity(Severity::Medium)
        } else {
            draft
        }
    };
    if small {
        draft = draft.severity(Severity::Info);
    }
    draft.costs(Costing::Scan { consistent })
}

fn of_index(site: &Site) -> String {
    match &site.index {
        Some(index) => format!(
            " of index {}",
            index.label().unwrap_or_else(|| "(unnamed)".to_owned())
        ),
        None => match site.table.label() {
            Some(table) => format!(" of {table}"),
            None => String::new(),
        },
    }
}

fn is_count(eval: &Eval<'_>, at: crate::link::At) -> bool {
    eval.text(at)
        .is_some_and(|text| text.eq_ignore_ascii_case("COUNT"))
        || matches!(eval.value(at), Value::Ext(path) if path.rsplit('.').next().is_some_and(|n| n.eq_ignore_ascii_case("count")))
        || matches!(eval.value(at), Value::Handle(_))
}

/// `Model.count()`.
fn counted_by_name(eval: &Eval<'_>, site: &Site) -> bool {
    let file = eval.project.file(site.at.file);
    matches!(file.kind(site.at.node), crate::facts::Kind::Call(callee, ..) if crate::link::flow::callee_name(file, *callee) == "count")
}

fn health_function(cx: &Context<'_>, site: &Site) -> bool {
    let file = cx.project.file(site.at.file);
    let named = |name: &str| {
        evidence::has_word(
            name,
            &[
                "health",
                "healthcheck",
                "healthz",
                "ready",
                "readiness",
                "live",
                "liveness",
                "ping",
                "status",
                "probe",
            ],
        )
    };
    named(&file.function_name(site.function))
        || named(file.path.rsplit('/').next().unwrap_or_default())
}

/// The attributes a filter names.
pub fn filtered(eval: &Eval<'_>, site: &Site, at: crate::link::At) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    if let Some((pieces, _)) = evidence::expression(eval, site, "FilterExpression") {
        let known = evidence::attribute_names(eval, site).unwrap_or_default();
        for clause in evidence::clauses(&evidence::shown(&pieces)) {
            let name = known
                .iter()
                .find(|(p, _)| *p == clause.attribute)
                .map_or(clause.attribute.clone(), |(_, n)| n.to_string());
            if !name.starts_with(['#', ':', '{']) && !names.contains(&name) {
                names.push(name);
            }
        }
    } else {
        let mut parts = Vec::new();
        evidence::boto_conditions(eval, at, &mut parts, false);
        for part in parts {
            if !names.contains(&part.attribute.to_string()) {
                names.push(part.attribute.to_string());
            }
        }
    }
    names
}

/// `SELECT` without an equality on a key.
fn partiql(cx: &Context<'_>, eval: &Eval<'_>, site: &Site, out: &mut Vec<Draft>) {
    let Some(at) = site.param("Statement") else {
        return;
    };
    let text = evidence::shown(&eval.pieces(at));
    let upper = text.to_ascii_uppercase();
    if !upper.trim_start().starts_with("SELECT") || upper.contains('{') && !upper.contains("WHERE")
    {
        return;
    }
    let scans = match upper.split_once("WHERE") {
        None => true,
        Some((_, condition)) => !condition.contains('=') && !condition.contains(" IN"),
    };
    if scans {
        out.push(
            Draft::at_site(
                &SCAN_ON_DATA_PATH,
                cx,
                site,
                "PartiQL SELECT without an equality on the partition key is a Scan",
            )
            .costs(Costing::Scan { consistent: false }),
        );
    }
}
