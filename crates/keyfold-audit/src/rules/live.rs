//! # Live rules: `undeclared-access`, `scan-seen`, `hot-key`, `low-read-efficiency`, `throttled`, `pattern-unused`, `pages-abandoned`, `unprocessed-dropped`, `item-growing`, `collection-growing`, `consistent-without-need`, `cross-tenant`, `ttl-not-deleting`, `idle-table`, `over-provisioned`, `cost-jump`
//!
//! What the guard's meter saw, with `--metered FILE`. Key values are never in it, only digests.
//!
//! | rule | severity | fires when |
//! |---|---|---|
//! | `undeclared-access` | high | a request's shape matches no declared pattern |
//! | `scan-seen` | high | a Scan outside the allowed ones; with its share of the table's units |
//! | `hot-key` | high | one key takes over 10 % of a table's units, or over 500 write or 1,500 read units in a second |
//! | `low-read-efficiency` | medium | returned / examined below 0.2, over at least 1,000 items examined |
//! | `throttled` | high | throttles above 0.1 % of requests; names what was too small |
//! | `pattern-unused` | low | a declared pattern, index or attribute that nothing used in the window |
//! | `pages-abandoned` | medium | there was a next page, and it was never asked for |
//! | `unprocessed-dropped` | high | what a batch left over was not seen again within a minute |
//! | `item-growing`, `collection-growing` | medium | items doubled in 30 days or passed 100 KB; a partition passed 5 GB |
//! | `consistent-without-need` | low | over 90 % of strong reads without a write to the key in the minute before |
//! | `cross-tenant` | critical | a key's tenant was not the caller's |
//! | `ttl-not-deleting` | medium | items were read a week after their time to live |
//! | `idle-table`, `over-provisioned` | medium | no traffic for 30 days; under 20 % of the provisioned capacity used |
//! | `cost-jump` | high | the month will pass its budget, or last month's cost by 30 %; names the pattern that grew |
//!
//! A finding stands at the line that the caller or the pattern names, else at the only call of that shape, else at the
//! table's definition. What the meter confirms is sure, and its figures replace assumed ones; a finding whose code did
//! not run in the window says so.
//!
//! **Stays silent**: what is allowed with a reason; a window under a day for what needs a month.

use std::collections::BTreeMap;

use keyfold_cost::Prices;

use super::{Context, Costing, Draft, Rule};
use crate::finding::{Confidence, Severity};
use crate::metered::{Metered, Requests, Table, count};
use crate::sites::{Named, Site};

const PAGE: &str = include_str!("live.rs");

const fn rule(
    id: &'static str,
    severity: Severity,
    effort: u32,
    title: &'static str,
    why: &'static str,
    fix: &'static str,
) -> Rule {
    Rule {
        id,
        severity,
        effort,
        title,
        why,
        fix,
        security: None,
        page: PAGE,
    }
}

/// Nobody declared it.
pub static UNDECLARED_ACCESS: Rule = rule(
    "undeclared-access",
    Severity::High,
    45,
    "A request that no access pattern declares",
    "Nobody has thought about its key, its index and its cost.",
    "Declare the pattern, or remove the call.",
);
/// It happened.
pub static SCAN_SEEN: Rule = rule(
    "scan-seen",
    Severity::High,
    120,
    "A Scan ran",
    "It reads and bills the whole table, and more as the table grows.",
    "Answer the question from a key or an index; or allow it, with the reason.",
);
/// One key for all.
pub static HOT_KEY: Rule = rule(
    "hot-key",
    Severity::High,
    90,
    "One key takes much of the table's units",
    "A partition takes 1,000 write and 3,000 read units a second, whatever the table has.",
    "Shard the key's writes by a stable hash; cache its reads.",
);
/// Much read, little used.
pub static LOW_READ_EFFICIENCY: Rule = rule(
    "low-read-efficiency",
    Severity::Medium,
    60,
    "Most of what is read is dropped",
    "Items examined are billed, not items returned.",
    "Let the key condition do the filter's work: sort key, sparse index.",
);
/// Refused.
pub static THROTTLED: Rule = rule(
    "throttled",
    Severity::High,
    60,
    "Requests are throttled",
    "They come late, or not at all once the retries end.",
    "By its cause: shard the key, raise the index's or the table's capacity, ask for the account's limit.",
);
/// Declared and not used.
pub static PATTERN_UNUSED: Rule = rule(
    "pattern-unused",
    Severity::Low,
    20,
    "Declared, and not used",
    "It is maintained, and an index is paid for with every write.",
    "Remove it, once a full period has passed.",
);
/// There was more.
pub static PAGES_ABANDONED: Rule = rule(
    "pages-abandoned",
    Severity::Medium,
    30,
    "Next pages that nobody asks for",
    "Results were cut, and nobody knows.",
    "Read on, or hand out a cursor.",
);
/// Lost.
pub static UNPROCESSED_DROPPED: Rule = rule(
    "unprocessed-dropped",
    Severity::High,
    20,
    "What a batch left over was not sent again",
    "These items are lost without an error.",
    "Send the rest again with backoff and jitter.",
);
/// Larger and larger.
pub static ITEM_GROWING: Rule = rule(
    "item-growing",
    Severity::Medium,
    90,
    "Items grow",
    "Every touch bills the whole item; 400 KB is the end.",
    "An item per element, or S3 and a pointer.",
);
/// More and more under one key.
pub static COLLECTION_GROWING: Rule = rule(
    "collection-growing",
    Severity::Medium,
    90,
    "A partition of more than 5 GB",
    "With a local index it ends at 10 GB; without, its reads and writes share one partition's units.",
    "Put a time bucket into the partition key, or a TTL on the items.",
);
/// Twice the price for nothing.
pub static CONSISTENT_WITHOUT_NEED: Rule = rule(
    "consistent-without-need",
    Severity::Low,
    15,
    "Strong reads of what was not just written",
    "They cost twice as much as eventually consistent ones.",
    "Read eventually consistent where nothing was written a moment before.",
);
/// A leak.
pub static CROSS_TENANT: Rule = Rule {
    id: "cross-tenant",
    severity: Severity::Critical,
    effort: 60,
    title: "A key of another tenant",
    why: "One customer reads or changes another's data.",
    fix: "Take the tenant from the authenticated identity, and let the guard refuse others.",
    security: Some("9.1"),
    page: PAGE,
};
/// Still there.
pub static TTL_NOT_DELETING: Rule = rule(
    "ttl-not-deleting",
    Severity::Medium,
    20,
    "Expired items are still read",
    "The TTL is off, names another attribute, or holds milliseconds.",
    "Check the attribute's name and unit; compare the time when reading.",
);
/// Nobody comes.
pub static IDLE_TABLE: Rule = rule(
    "idle-table",
    Severity::Medium,
    30,
    "A table without traffic",
    "Its storage and backups are paid for.",
    "Export it to S3 and delete it, or say what it is kept for.",
);
/// Too much.
pub static OVER_PROVISIONED: Rule = rule(
    "over-provisioned",
    Severity::Medium,
    30,
    "Provisioned capacity that is not used",
    "It is paid for by the hour, used or not.",
    "Lower it, let it scale, or use on-demand.",
);
/// Dearer.
pub static COST_JUMP: Rule = rule(
    "cost-jump",
    Severity::High,
    60,
    "The month costs more than it should",
    "It goes on until somebody looks.",
    "Look at the pattern that grew.",
);

/// Every live rule.
pub const RULES: [&Rule; 16] = [
    &UNDECLARED_ACCESS,
    &SCAN_SEEN,
    &HOT_KEY,
    &LOW_READ_EFFICIENCY,
    &THROTTLED,
    &PATTERN_UNUSED,
    &PAGES_ABANDONED,
    &UNPROCESSED_DROPPED,
    &ITEM_GROWING,
    &COLLECTION_GROWING,
    &CONSISTENT_WITHOUT_NEED,
    &CROSS_TENANT,
    &TTL_NOT_DELETING,
    &IDLE_TABLE,
    &OVER_PROVISIONED,
    &COST_JUMP,
];

/// What was metered, judged.
pub fn check(cx: &Context<'_>, metered: &Metered, prices: &Prices, out: &mut Vec<Draft>) {
    let place = Placing { cx, metered };
    for requests in &metered.requests {
        of_requests(&place, requests, out);
    }
    keys(&place, out);
    tables(&place, out);
    unused(&place, out);
    jump(&place, prices, out);
}

struct Placing<'a, 'p> {
    cx: &'a Context<'p>,
    metered: &'a Metered,
}

impl Placing<'_, '_> {
    /// At the caller, the pattern, the only call of that shape, or the table.
    fn of(&self, rule: &'static Rule, requests: &Requests, message: String) -> Draft {
        let mut draft = self
            .caller(rule, requests, &message)
            .or_else(|| self.pattern(rule, requests.pattern.as_deref(), &message))
            .or_else(|| self.only_call(rule, requests, &message))
            .unwrap_or_else(|| self.table(rule, &requests.table, message));
        draft.table = Some(requests.table.clone());
        draft
    }

    fn caller(&self, rule: &'static Rule, requests: &Requests, message: &str) -> Option<Draft> {
        let sites = || self.cx.sites.iter().flat_map(|file| &file.sites);
        requests.callers.iter().find_map(|caller| {
            let site = match caller.rsplit_once(':') {
                Some((path, line)) => {
                    let line: u32 = line.parse().ok()?;
                    sites().find(|site| {
                        self.cx.project.file(site.at.file).path == path
                            && site.line.abs_diff(line) <= 2
                    })
                }
                None => sites().find(|site| {
                    let file = self.cx.project.file(site.at.file);
                    site.op.name() == requests.op && file.function_name(site.function) == *caller
                }),
            }?;
            Some(Draft::at_site(rule, self.cx, site, message))
        })
    }

    fn pattern(&self, rule: &'static Rule, id: Option<&str>, message: &str) -> Option<Draft> {
        let (_, file, line) = self
            .cx
            .infra
            .patterns
            .iter()
            .find(|(pattern, ..)| Some(pattern.as_str()) == id)?;
        Some(Draft::in_file(rule, file, *line, *line, message))
    }

    fn only_call(&self, rule: &'static Rule, requests: &Requests, message: &str) -> Option<Draft> {
        let mut same = self
            .cx
            .sites
            .iter()
            .flat_map(|file| &file.sites)
            .filter(|site| concerns(self.cx, site, requests));
        match (same.next(), same.next()) {
            (Some(site), None) => Some(Draft::at_site(rule, self.cx, site, message)),
            _ => None,
        }
    }

    fn table(&self, rule: &'static Rule, table: &str, message: String) -> Draft {
        let defined = self
            .cx
            .infra
            .tables
            .iter()
            .find(|t| t.name.as_deref() == Some(table) || t.logical.as_deref() == Some(table));
        let mut draft = match defined {
            Some(t) => Draft::in_file(rule, &t.file, t.line, t.end_line, message),
            None => Draft::in_file(rule, &self.metered.shown, 1, 1, message),
        };
        draft.table = Some(table.to_owned());
        draft
    }
}

/// A call of the operation, table and index that were metered.
fn concerns(cx: &Context<'_>, site: &Site, requests: &Requests) -> bool {
    if site.op.name() != requests.op {
        return false;
    }
    let table = match &site.table {
        Named::Name(name) => *name == requests.table,
        Named::Env(variable) => cx.infra.environment.iter().any(|(name, target)| {
            name == variable
                && cx.infra.tables.iter().any(|t| {
                    t.name.as_ref() == Some(&requests.table)
                        && (t.name.as_ref() == Some(target) || t.logical.as_ref() == Some(target))
                })
        }),
        _ => false,
    };
    let index = match (&site.index, &requests.index) {
        (None, None) => true,
        (Some(Named::Name(name)), Some(index)) => name == index,
        _ => false,
    };
    table && index
}

fn whole(n: u64) -> String {
    keyfold_cost::count(count(n))
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

fn ratio(part: u64, of: u64) -> f64 {
    if of == 0 {
        0.0
    } else {
        count(part) / count(of)
    }
}

fn shape(requests: &Requests) -> String {
    let on = match &requests.index {
        Some(index) => format!("{} of {}", index, requests.table),
        None => requests.table.clone(),
    };
    match &requests.pattern {
        Some(pattern) => format!("{pattern} ({} on {on})", requests.op),
        None => format!("{} on {on}", requests.op),
    }
}

fn of_requests(place: &Placing<'_, '_>, requests: &Requests, out: &mut Vec<Draft>) {
    let metered = place.metered;
    let units = Costing::Metered {
        read_units: metered.per_month(requests.read_units),
        write_units: metered.per_month(requests.write_units),
    };
    let what = shape(requests);
    if requests.undeclared && !requests.allowed {
        let message = format!(
            "{what}: {} calls that no pattern declares",
            whole(requests.calls)
        );
        out.push(
            place
                .of(&UNDECLARED_ACCESS, requests, message)
                .costs(units.clone()),
        );
    }
    if requests.op == "Scan" && !requests.allowed && requests.calls > 0 {
        let table: f64 = metered
            .requests
            .iter()
            .filter(|r| r.table == requests.table)
            .map(|r| r.read_units)
            .sum();
        let share = if table > 0.0 {
            format!(
                ", {} of the table's read units",
                percent(requests.read_units / table)
            )
        } else {
            String::new()
        };
        let message = format!("{what}: {} Scans{share}", whole(requests.calls));
        out.push(place.of(&SCAN_SEEN, requests, message).costs(units.clone()));
    }
    if requests.examined >= 1_000 && ratio(requests.returned, requests.examined) < 0.2 {
        let message = format!(
            "{what}: {} items examined, {} returned ({})",
            whole(requests.examined),
            whole(requests.returned),
            percent(ratio(requests.returned, requests.examined))
        );
        out.push(
            place
                .of(&LOW_READ_EFFICIENCY, requests, message)
                .costs(units.clone()),
        );
    }
    if requests.throttles > 0
        && ratio(requests.throttles, requests.calls.max(requests.throttles)) > 0.001
    {
        let cause = match requests.throttle_cause.as_deref() {
            Some("key") => "one key's partition",
            Some("index") => "the index's capacity",
            Some("capacity") => "the table's capacity",
            Some("account") => "the account's limit",
            _ => "a cause that this source does not name",
        };
        let message = format!(
            "{what}: {} of {} requests throttled by {cause}",
            whole(requests.throttles),
            whole(requests.calls)
        );
        out.push(place.of(&THROTTLED, requests, message));
    }
    lost(place, requests, &what, out);
    habits(place, requests, &what, out);
}

/// What did not come back.
fn lost(place: &Placing<'_, '_>, requests: &Requests, what: &str, out: &mut Vec<Draft>) {
    let abandoned = requests
        .pages
        .with_more
        .saturating_sub(requests.pages.continued);
    if abandoned > 0 && ratio(requests.pages.continued, requests.pages.with_more) < 0.01 {
        let message = format!(
            "{what}: {} pages had a next one, and nobody asked for it",
            whole(abandoned)
        );
        out.push(place.of(&PAGES_ABANDONED, requests, message));
    }
    let lost = requests
        .unprocessed
        .left
        .saturating_sub(requests.unprocessed.seen_again);
    if lost > 0 {
        let message = format!(
            "{what}: {} left over and not seen again within a minute",
            whole(lost)
        );
        out.push(place.of(&UNPROCESSED_DROPPED, requests, message));
    }
}

/// How items are read and how they grow.
fn habits(place: &Placing<'_, '_>, requests: &Requests, what: &str, out: &mut Vec<Draft>) {
    if let Some(growth) = requests.item_bytes_p99
        && (growth.now > 100.0 * 1024.0 || growth.before > 0.0 && growth.now >= 2.0 * growth.before)
    {
        let message = format!(
            "{what}: the largest hundredth of its items went from {:.1} KB to {:.1} KB",
            growth.before / 1024.0,
            growth.now / 1024.0
        );
        out.push(place.of(&ITEM_GROWING, requests, message));
    }
    if requests.consistent >= 100 && ratio(requests.consistent_quiet, requests.consistent) > 0.9 {
        let message = format!(
            "{what}: {} strong reads, {} of them of what nobody had just written",
            whole(requests.consistent),
            percent(ratio(requests.consistent_quiet, requests.consistent))
        );
        out.push(place.of(&CONSISTENT_WITHOUT_NEED, requests, message));
    }
    if requests.cross_tenant > 0 {
        let message = format!(
            "{what}: {} requests with another tenant's key",
            whole(requests.cross_tenant)
        );
        out.push(place.of(&CROSS_TENANT, requests, message));
    }
    if requests.expired_read > 0 {
        let message = format!(
            "{what}: {} items read a week or more after their time to live",
            whole(requests.expired_read)
        );
        out.push(place.of(&TTL_NOT_DELETING, requests, message));
    }
}

fn keys(place: &Placing<'_, '_>, out: &mut Vec<Draft>) {
    for key in &place.metered.keys {
        let on = match &key.index {
            Some(index) => format!("{index} of {}", key.table),
            None => key.table.clone(),
        };
        let mut reasons = Vec::new();
        if key.share > 0.1 {
            reasons.push(format!("takes {} of the units", percent(key.share)));
        }
        if key.peak_write_units > 500.0 {
            reasons.push(format!(
                "{:.0} write units in a second",
                key.peak_write_units
            ));
        }
        if key.peak_read_units > 1_500.0 {
            reasons.push(format!("{:.0} read units in a second", key.peak_read_units));
        }
        if !reasons.is_empty() {
            let message = format!("key {} of {on}: {}", key.digest, reasons.join(", "));
            out.push(place.table(&HOT_KEY, &key.table, message));
        }
        if key.bytes > 5e9 {
            let message = format!("key {} of {on} holds {:.1} GB", key.digest, key.bytes / 1e9);
            out.push(place.table(&COLLECTION_GROWING, &key.table, message));
        }
    }
}

fn tables(place: &Placing<'_, '_>, out: &mut Vec<Draft>) {
    let metered = place.metered;
    for table in &metered.tables {
        let of: Vec<&Requests> = metered
            .requests
            .iter()
            .filter(|r| r.table == table.name)
            .collect();
        let calls: u64 = of.iter().map(|r| r.calls).sum();
        if calls == 0 && metered.window.days >= 30.0 {
            let message = format!(
                "{} had no traffic in {:.0} days",
                table.name, metered.window.days
            );
            out.push(place.table(&IDLE_TABLE, &table.name, message));
            continue;
        }
        provisioned(place, table, &of, out);
    }
}

fn provisioned(place: &Placing<'_, '_>, table: &Table, of: &[&Requests], out: &mut Vec<Draft>) {
    let seconds = place.metered.window.days * 86_400.0;
    let base = |r: &&&Requests| r.index.is_none();
    let used_read: f64 = of.iter().filter(base).map(|r| r.read_units).sum::<f64>() / seconds;
    let used_write: f64 = of.iter().map(|r| r.write_units).sum::<f64>() / seconds;
    let mut low = Vec::new();
    for (what, used, provisioned) in [
        ("read", used_read, table.provisioned_read),
        ("write", used_write, table.provisioned_write),
    ] {
        // Five units are free, and the least worth provisioning.
        if let Some(provisioned) = provisioned.filter(|p| *p > 5.0)
            && used < 0.2 * provisioned
        {
            low.push(format!(
                "{used:.1} of {provisioned:.0} {what} units a second"
            ));
        }
    }
    if !low.is_empty() {
        let message = format!("{} uses {}", table.name, low.join(" and "));
        out.push(place.table(&OVER_PROVISIONED, &table.name, message));
    }
}

fn unused(place: &Placing<'_, '_>, out: &mut Vec<Draft>) {
    let metered = place.metered;
    // A day says nothing of what runs once a month.
    if metered.window.days < 7.0 {
        return;
    }
    let days = format!("{:.0} days", metered.window.days);
    for id in &metered.declared {
        let used = metered
            .requests
            .iter()
            .any(|r| r.pattern.as_ref() == Some(id) && r.calls > 0);
        if !used {
            let message = format!("{id} is declared and was not used in {days}");
            let draft = place
                .pattern(&PATTERN_UNUSED, Some(id), &message)
                .unwrap_or_else(|| Draft::in_file(&PATTERN_UNUSED, &metered.shown, 1, 1, message));
            out.push(draft);
        }
    }
    for table in &metered.tables {
        if let Some(read) = &table.indexes_read {
            for index in table.indexes.iter().filter(|i| !read.contains(i)) {
                let message = format!("nothing read the index {index} of {} in {days}", table.name);
                out.push(
                    place
                        .table(&PATTERN_UNUSED, &table.name, message)
                        .costs(Costing::Indexes(1)),
                );
            }
        }
        if !table.attributes_never_read.is_empty() {
            let message = format!(
                "nothing read {} of {} in {days}",
                table.attributes_never_read.join(", "),
                table.name
            );
            out.push(place.table(&PATTERN_UNUSED, &table.name, message));
        }
    }
}

fn monthly(metered: &Metered, prices: &Prices, requests: &Requests) -> f64 {
    let million = |units: f64, price: f64| metered.per_month(units) / 1e6 * price;
    million(requests.read_units, prices.read_units_per_million)
        + million(requests.write_units, prices.write_units_per_million)
}

fn jump(place: &Placing<'_, '_>, prices: &Prices, out: &mut Vec<Draft>) {
    let metered = place.metered;
    let mut now = 0.0;
    let mut before = 0.0;
    let mut known = false;
    let mut grown: Option<(&Requests, f64)> = None;
    let mut by_table: BTreeMap<&str, f64> = BTreeMap::new();
    for requests in &metered.requests {
        let cost = monthly(metered, prices, requests);
        now += cost;
        *by_table.entry(&requests.table).or_default() += cost;
        if let Some(was) = requests.monthly_usd_before {
            known = true;
            before += was;
        }
        let rise = cost - requests.monthly_usd_before.unwrap_or_default();
        if grown.is_none_or(|(_, most)| rise > most) {
            grown = Some((requests, rise));
        }
    }
    let Some((requests, rise)) = grown else {
        return;
    };
    let over = metered.budget_usd.filter(|budget| now > *budget);
    let jumped = known && before > 0.0 && now > 1.3 * before;
    // Cents are no jump.
    if over.is_none() && !jumped || now < 1.0 {
        return;
    }
    let against = match over {
        Some(budget) => format!("the budget is {budget:.0} USD"),
        None => format!("it was {before:.2} USD"),
    };
    let message = format!(
        "throughput will cost {now:.2} USD this month, {against}; {} grew most, by {rise:.2} USD",
        shape(requests)
    );
    out.push(place.of(&COST_JUMP, requests, message));
}

/// What the meter says of static findings: what ran is sure, what did not run says so.
pub fn confirm(metered: &Metered, drafts: &mut [Draft]) {
    let tables: Vec<&str> = metered.requests.iter().map(|r| r.table.as_str()).collect();
    for draft in drafts.iter_mut() {
        let (Some(op), Some(table)) = (draft.op, draft.table.clone()) else {
            continue;
        };
        if RULES.iter().any(|rule| rule.id == draft.rule.id) {
            continue;
        }
        let here = |r: &&Requests| {
            r.callers
                .iter()
                .any(|caller| match caller.rsplit_once(':') {
                    Some((path, line)) => {
                        path == draft.file
                            && line
                                .parse::<u32>()
                                .is_ok_and(|line| line.abs_diff(draft.span.line) <= 2)
                    }
                    None => draft.function.as_deref() == Some(caller.as_str()),
                })
        };
        let same: Vec<&Requests> = metered
            .requests
            .iter()
            .filter(|r| r.table == table && r.op == op)
            .collect();
        let calls: u64 = same.iter().filter(|r| here(r)).map(|r| r.calls).sum();
        if calls > 0 {
            draft.confidence = Confidence::High;
            draft.message = format!(
                "{}; it ran {} times in {:.0} days",
                draft.message,
                whole(calls),
                metered.window.days
            );
        } else if metered.knows_callers && tables.contains(&table.as_str()) {
            draft.message = format!(
                "{}; it did not run in {:.0} days",
                draft.message, metered.window.days
            );
        }
    }
}
