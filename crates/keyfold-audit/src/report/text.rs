//! The report for a terminal.

use std::collections::BTreeMap;

use super::{Report, decide, excerpt};
use crate::finding::{Finding, Severity, State};

/// How it is written.
#[derive(Clone, Copy, Debug, Default)]
pub struct Style {
    /// With colour.
    pub colour: bool,
    /// Every finding rather than one screen.
    pub all: bool,
    /// Only the totals.
    pub quiet: bool,
}

fn paint(style: Style, code: &str, text: &str) -> String {
    if style.colour {
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    } else {
        text.to_owned()
    }
}

fn colour_of(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "1;31",
        Severity::High => "31",
        Severity::Medium => "33",
        Severity::Low => "36",
        Severity::Info => "2",
    }
}

/// So many findings of a rule are shown before the rest is counted.
const PER_RULE: usize = 2;
/// So many findings fill a screen.
const SCREEN: usize = 10;

/// Findings by file, then totals.
pub fn render(report: &Report, style: Style, fail_on: Option<Severity>) -> String {
    let mut out = String::new();
    if !style.quiet {
        findings(report, style, &mut out);
    }
    totals(report, style, fail_on, &mut out);
    out
}

fn findings(report: &Report, style: Style, out: &mut String) {
    let mut shown: Vec<&Finding> = Vec::new();
    let mut per_rule: BTreeMap<&str, usize> = BTreeMap::new();
    let mut rest: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in report.counted().filter(|f| f.state == State::New) {
        let n = per_rule.entry(finding.rule).or_default();
        *n += 1;
        if style.all || *n <= PER_RULE && shown.len() < SCREEN && finding.severity < Severity::Info
        {
            shown.push(finding);
        } else {
            *rest.entry(finding.rule).or_default() += 1;
        }
    }
    shown.sort_by(|a, b| (&a.file, a.line, a.severity).cmp(&(&b.file, b.line, b.severity)));
    let mut file = "";
    for finding in shown {
        if finding.file != file {
            file = &finding.file;
            out.push_str(&format!("{}\n", paint(style, "1", file)));
        }
        one(report, style, finding, out);
    }
    if !rest.is_empty() {
        let list: Vec<String> = rest
            .iter()
            .map(|(rule, n)| format!("{n} × {rule}"))
            .collect();
        out.push_str(&format!("and {}; --all shows them\n\n", list.join(", ")));
    }
}

fn one(report: &Report, style: Style, finding: &Finding, out: &mut String) {
    let head = format!("{:>5}:{:<3} ", finding.line, finding.column);
    let severity = paint(style, colour_of(finding.severity), finding.severity.name());
    let sure = if finding.confidence == crate::finding::Confidence::High {
        String::new()
    } else {
        format!(" ({} confidence)", finding.confidence.name())
    };
    out.push_str(&format!(
        "{head}{severity} {}{sure}: {}\n",
        paint(style, "1", finding.rule),
        finding.message
    ));
    if let Some((line, marks)) = report
        .texts
        .get(&finding.file)
        .and_then(|text| excerpt::excerpt(text, finding))
    {
        out.push_str(&format!(
            "          | {line}\n          | {}\n",
            paint(style, colour_of(finding.severity), &marks)
        ));
    }
    for related in finding.related.iter().take(3) {
        out.push_str(&format!(
            "          {}:{} {}\n",
            related.file, related.line, related.message
        ));
    }
    out.push_str(&format!(
        "          why: {}\n          fix: {}\n",
        finding.why, finding.fix
    ));
    if let Some(cost) = &finding.cost {
        out.push_str(&format!(
            "          cost: {} a month: {}\n",
            money(cost),
            cost.formula
        ));
    }
    out.push('\n');
}

/// A sum with its range where an input is assumed.
pub fn money(cost: &crate::finding::Cost) -> String {
    let usd = cost.monthly_usd;
    match cost.basis {
        crate::finding::Basis::Assumed => format!(
            "{} USD ({}–{}, assumed)",
            figures(usd),
            figures(usd / 2.0),
            figures(usd * 2.0)
        ),
        basis => format!("{} USD ({})", keyfold_cost::usd(usd), basis.name()),
    }
}

/// Two figures.
pub fn figures(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    if value >= 100.0 {
        let scale = 10f64.powf(value.log10().floor() - 1.0);
        return keyfold_cost::count((value / scale).round() * scale);
    }
    if value >= 10.0 {
        return format!("{value:.0}");
    }
    if value >= 1.0 {
        return format!("{value:.1}");
    }
    if value >= 0.01 {
        format!("{value:.2}")
    } else {
        format!("{value:.4}")
    }
}

/// Rows of the totals: rule, found, new, known, money, minutes.
pub struct Row<'a> {
    /// The rule.
    pub rule: &'a str,
    /// How many.
    pub found: usize,
    /// How many are new.
    pub new: usize,
    /// How many are known.
    pub known: usize,
    /// Money a month.
    pub usd: f64,
    /// The poorest basis.
    pub basis: Option<crate::finding::Basis>,
    /// Minutes to repair.
    pub minutes: u32,
    /// The worst severity.
    pub severity: Severity,
}

/// The totals by rule, the worst first.
pub fn rows(report: &Report) -> Vec<Row<'_>> {
    let mut rows: Vec<Row<'_>> = Vec::new();
    for finding in report.counted() {
        let at = rows
            .iter()
            .position(|row| row.rule == finding.rule)
            .unwrap_or_else(|| {
                rows.push(Row {
                    rule: finding.rule,
                    found: 0,
                    new: 0,
                    known: 0,
                    usd: 0.0,
                    basis: None,
                    minutes: 0,
                    severity: finding.severity,
                });
                rows.len() - 1
            });
        let row = &mut rows[at];
        row.found += 1;
        match finding.state {
            State::New => row.new += 1,
            State::Known => row.known += 1,
        }
        row.minutes += finding.effort_minutes;
        row.severity = row.severity.min(finding.severity);
        if let Some(cost) = &finding.cost {
            row.usd += cost.monthly_usd;
            row.basis = Some(row.basis.map_or(cost.basis, |b| b.min(cost.basis)));
        }
    }
    rows.sort_by(|a, b| {
        (a.severity, std::cmp::Reverse(a.minutes), a.rule).cmp(&(
            b.severity,
            std::cmp::Reverse(b.minutes),
            b.rule,
        ))
    });
    rows
}

/// A row's money.
pub fn row_money(row: &Row<'_>) -> String {
    match row.basis {
        None => "–".to_owned(),
        Some(crate::finding::Basis::Assumed) => format!(
            "{} ({}–{})",
            figures(row.usd),
            figures(row.usd / 2.0),
            figures(row.usd * 2.0)
        ),
        Some(basis) => format!("{} ({})", keyfold_cost::usd(row.usd), basis.name()),
    }
}

/// The first line of every form.
pub fn headline(report: &Report) -> String {
    let lines: u64 = report.project.languages.values().sum();
    let layer = match (report.layer.paths.len(), report.layer.configured) {
        (0, _) => "none found".to_owned(),
        (_, true) => format!(
            "{} (configured)",
            report
                .layer
                .paths
                .keys()
                .cloned()
                .collect::<Vec<_>>()
                .join(", ")
        ),
        (1, false) => format!(
            "{} (inferred)",
            report.layer.paths.keys().cloned().collect::<String>()
        ),
        (n, false) => format!("{n} files (inferred)"),
    };
    let lines = u32::try_from(lines).unwrap_or(u32::MAX);
    format!(
        "DynamoDB audit: {} lines in {} files, {} tables, {} call sites, layer: {layer}",
        keyfold_cost::count(f64::from(lines)),
        report.project.files,
        report.inventory.tables.len(),
        report.inventory.calls.len(),
    )
}

fn totals(report: &Report, style: Style, fail_on: Option<Severity>, out: &mut String) {
    out.push_str(&format!("{}\n", headline(report)));
    let rows = rows(report);
    if rows.is_empty() {
        out.push_str("\n  nothing found\n");
    } else {
        out.push_str(&format!(
            "\n  {:<32} {:>5} {:>4} {:>6}  {:>22} {:>9}\n",
            "rule", "found", "new", "known", "a month (USD)", "effort"
        ));
        for row in &rows {
            let hours = f64::from(row.minutes) / 60.0;
            let name = format!("{:<32}", row.rule);
            let usd = format!(
                "{} USD",
                keyfold_cost::count((hours * report.summary.hourly_rate).round())
            );
            let effort = if row.minutes == 0 {
                "–".to_owned()
            } else {
                format!("{hours:.1} h   {usd}")
            };
            out.push_str(&format!(
                "  {} {:>5} {:>4} {:>6}  {:>22} {:>9}\n",
                paint(style, colour_of(row.severity), &name),
                row.found,
                row.new,
                row.known,
                row_money(row),
                effort
            ));
        }
    }
    let s = &report.summary;
    let once = (s.effort_hours * s.hourly_rate).round();
    let stays = if s.monthly_assumed {
        format!("{} (assumed inputs)", figures(s.monthly_usd))
    } else {
        keyfold_cost::usd(s.monthly_usd)
    };
    let verdict = match fail_on {
        None => String::new(),
        Some(at) => match report.failing(at) {
            0 => format!(" · no new finding at or above {}", at.name()),
            n => format!(
                " · {n} new finding{} at or above {}: failing",
                if n == 1 { "" } else { "s" },
                at.name()
            ),
        },
    };
    out.push_str(&format!(
        "\n  once {} USD to repair · {stays} USD a month while it stays{verdict}\n",
        keyfold_cost::count(once)
    ));
    decisions(report, style, out);
    if s.suppressed > 0 {
        out.push_str(&format!("  {} suppressed with a reason\n", s.suppressed));
    }
    if s.unsure > 0 {
        out.push_str(&format!(
            "  {} of low confidence; --min-confidence low shows them\n",
            s.unsure
        ));
    }
    for ceiling in &report.ceilings {
        if ceiling.found > ceiling.ceiling {
            out.push_str(&format!(
                "  {}: {} found, the ceiling is {}: failing\n",
                ceiling.rule, ceiling.found, ceiling.ceiling
            ));
        } else {
            out.push_str(&format!(
                "  {}: {} found, lower the ceiling of {}\n",
                ceiling.rule, ceiling.found, ceiling.ceiling
            ));
        }
    }
    for unparsed in s.unparsed.iter().take(10) {
        out.push_str(&format!(
            "  not read: {}: {}\n",
            unparsed.file, unparsed.reason
        ));
    }
}

/// A finding by its fingerprint.
pub fn of_fingerprint<'r>(report: &'r Report, fingerprint: &str) -> Option<&'r Finding> {
    report
        .findings
        .iter()
        .find(|f| f.fingerprint == fingerprint)
}

/// Where bypasses are and whose, the trend; with `--all` the top tens and the ways out too.
fn decisions(report: &Report, style: Style, out: &mut String) {
    let d = &report.decisions;
    if !d.bypasses.is_empty() {
        let shown = if style.all { d.bypasses.len() } else { 3 };
        let list: Vec<String> = d
            .bypasses
            .iter()
            .take(shown)
            .map(|b| {
                let owner = b
                    .owner
                    .as_ref()
                    .map(|o| format!(" ({o})"))
                    .unwrap_or_default();
                format!("{} {}{owner}", b.found, b.folder)
            })
            .collect();
        let more = d.bypasses.len().saturating_sub(shown);
        let more = if more == 0 {
            String::new()
        } else {
            format!(", and {more} more folders")
        };
        out.push_str(&format!("  bypasses: {}{more}\n", list.join(", ")));
    }
    if let (Some((date, first)), now) = (d.trend.first(), report.counted().count()) {
        out.push_str(&format!("  trend: {first} on {date}, {now} now\n"));
    }
    if !style.all {
        return;
    }
    if !d.by_owner.is_empty() {
        let list: Vec<String> = d
            .by_owner
            .iter()
            .map(|(owner, n)| format!("{owner} {n}"))
            .collect();
        out.push_str(&format!("  by owner: {}\n", list.join(", ")));
    }
    for (title, list) in [("most money", &d.top_money), ("most risk", &d.top_risk)] {
        if list.is_empty() {
            continue;
        }
        out.push_str(&format!("\n  {title}\n"));
        for finding in list.iter().filter_map(|f| of_fingerprint(report, f)) {
            let usd = finding
                .cost
                .as_ref()
                .map(|c| format!(", {} a month", money(c)))
                .unwrap_or_default();
            out.push_str(&format!(
                "    {} {} {}:{}{usd}\n",
                finding.severity.name(),
                finding.rule,
                finding.file,
                finding.line
            ));
        }
    }
    for decision in &d.families {
        out.push_str(&format!(
            "\n  {} ({} found, {})\n",
            decision.family,
            decision.found,
            decision.basis.name()
        ));
        for way in &decision.ways {
            let monthly = way.monthly_usd.map_or_else(
                || "not priced".to_owned(),
                |usd| format!("{} USD a month", figures(usd)),
            );
            let hours = way
                .hours
                .map_or_else(|| "–".to_owned(), |h| format!("{h:.0} h once"));
            out.push_str(&format!("    {:<44} {monthly:>22}  {hours}\n", way.what));
        }
        if let Some(months) = decision.repaid_after_months {
            out.push_str(&format!("    repaid after {}\n", decide::months(months)));
        }
    }
}

/// The map: `--inventory`.
pub fn inventory(report: &Report) -> String {
    let mut out = format!("{}\n\n", headline(report));
    let inv = &report.inventory;
    out.push_str("tables\n");
    for table in &inv.tables {
        let key = format!(
            "{}{}",
            table.pk.clone().unwrap_or_else(|| "?".to_owned()),
            table
                .sk
                .as_ref()
                .map(|sk| format!(" / {sk}"))
                .unwrap_or_default()
        );
        let gsi: Vec<&str> = table.gsi.iter().map(|i| i.name.as_str()).collect();
        out.push_str(&format!(
            "  {:<28} {key:<20} {:<16} {}:{}{}\n",
            table.name.as_deref().unwrap_or("?"),
            table.source,
            table.file,
            table.line,
            if gsi.is_empty() {
                String::new()
            } else {
                format!("  indexes: {}", gsi.join(", "))
            }
        ));
    }
    out.push_str("\nclients\n");
    for client in &inv.clients {
        out.push_str(&format!(
            "  {:<20} {}:{}\n",
            client.api, client.file, client.line
        ));
    }
    out.push_str("\ncalls\n");
    for call in &inv.calls {
        out.push_str(&format!(
            "  {:<20} {:<18} {:<11} {}:{} {}{}{}\n",
            call.op,
            call.api,
            call.layer,
            call.file,
            call.line,
            call.function.as_deref().unwrap_or("-"),
            call.table
                .as_ref()
                .map(|t| format!(" on {t}"))
                .unwrap_or_default(),
            call.index
                .as_ref()
                .map(|i| format!(" / {i}"))
                .unwrap_or_default(),
        ));
    }
    matrix(report, &mut out);
    out.push_str("\nlayer\n");
    for (path, reason) in &report.layer.paths {
        out.push_str(&format!("  {path}: {reason}\n"));
    }
    for (path, reason) in &report.layer.runners_up {
        out.push_str(&format!("  not {path}: {reason}\n"));
    }
    out
}

fn matrix(report: &Report, out: &mut String) {
    let mut cells: BTreeMap<String, BTreeMap<&str, usize>> = BTreeMap::new();
    for call in &report.inventory.calls {
        let table = call.table.clone().unwrap_or_else(|| "(unknown)".to_owned());
        *cells.entry(table).or_default().entry(call.op).or_default() += 1;
    }
    out.push_str("\ntables × operations\n");
    for (table, ops) in cells {
        let ops: Vec<String> = ops.iter().map(|(op, n)| format!("{op} {n}")).collect();
        out.push_str(&format!("  {table:<28} {}\n", ops.join(", ")));
    }
}
