//! One run: from paths to a report.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use keyfold_cost::{Prices, Traffic};
use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::config::{self, Config, TableHint};
use crate::facts::Kind;
use crate::finding::{Confidence, Finding, Severity, State, Suppressed};
use crate::lang::Lang;
use crate::layer::{self, Layer, Place};
use crate::link::eval::Eval;
use crate::link::{At, FileId, Own, OwnCall, Project};
use crate::load::cache::Cache;
use crate::load::{self, Contents, Loaded, Narrow, Unparsed};
use crate::metered::Metered;
use crate::money::Money;
use crate::op::Op;
use crate::reach::{self, Reachability};
use crate::report::decide::{self, Decisions};
use crate::report::owners::Owners;
use crate::report::{
    CallRow, Ceiling, ClientRow, Inventory, LayerInfo, ProjectInfo, Report, SCHEMA, Summary,
    TableRow, excerpt,
};
use crate::rules::{self, CHECKS, Check, Context, Draft};
use crate::sites::{self, FileSites};
use crate::suppress::{self, Allow};
use crate::tables::Infrastructure;
use crate::walk::Entry;
use crate::{fingerprint, infra};

/// What is asked of a run.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The project's root: paths are relative to it.
    pub root: PathBuf,
    /// The configuration.
    pub config: Config,
    /// Sizes of tables.
    pub tables: BTreeMap<String, TableHint>,
    /// Only these languages.
    pub languages: Vec<Lang>,
    /// Only these rules.
    pub only: Vec<String>,
    /// Not these rules.
    pub skip: Vec<String>,
    /// No finding less sure than this.
    pub min_confidence: Confidence,
    /// How much is asked of the tables.
    pub traffic: Traffic,
    /// Prices.
    pub prices: Prices,
    /// What ran.
    pub metered: Option<Metered>,
    /// Today, for suppressions with a date.
    pub today: String,
    /// The commit.
    pub revision: Option<String>,
}

/// Runs the audit over files.
pub fn run(ask: &Ask, entries: &[Entry], contents: &dyn Contents, cache: Option<&Cache>) -> Report {
    let narrow = Narrow {
        languages: ask.languages.clone(),
        tests: ask.config.tests,
        own: ask
            .config
            .clients
            .iter()
            .chain(ask.config.wrappers.keys())
            .cloned()
            .collect(),
    };
    let loaded = load::load(entries, contents, &narrow, cache);
    let Loaded {
        files,
        texts,
        scripts,
        mut unparsed,
        lines,
        walked,
        ..
    } = loaded;
    let mut project = Project::new(files);
    project.own = own(&ask.config);
    let sites = collect(&project, &mut unparsed);
    let infra = infra::collect(&project, &sites, &scripts);
    let reach = reach::find(&project, &ask.config);
    let layer = layer::find(&project, &sites, &ask.config, &reach.entry_files);
    let tenant = configured_tenant(ask).or_else(|| rules::tenants::infer(&project, &sites, &infra));
    let hints = hints(ask);
    let cx = Context {
        project: &project,
        sites: &sites,
        layer: &layer,
        reach: &reach,
        infra: &infra,
        config: &ask.config,
        tables: &hints,
        tenant,
        tests: ask.config.tests,
    };
    let mut drafts = judge(&cx, &mut unparsed);
    if let Some(metered) = &ask.metered {
        rules::live::confirm(metered, &mut drafts);
        rules::live::check(&cx, metered, &ask.prices, &mut drafts);
    }
    let money = money(ask);
    let mut findings = place(ask, &texts, drafts, &money);
    let unsure = drop_unsure(ask, &mut findings);
    findings.extend(unknown_rules(ask, &money));
    suppressions(ask, &project, &texts, &mut findings);
    findings.sort_by(|a, b| {
        (a.severity, a.rule, &a.file, a.line, a.column, &a.message)
            .cmp(&(b.severity, b.rule, &b.file, b.line, b.column, &b.message))
    });
    findings.dedup_by(|a, b| {
        (a.rule, &a.file, a.line, a.column) == (b.rule, &b.file, b.line, b.column)
    });
    fingerprint::assign(&mut findings, &|finding| site_text(&texts, finding));
    unparsed.sort();
    unparsed.dedup();
    let inventory = inventory(&project, &sites, &layer, &reach, &infra);
    let mut report = Report {
        schema: SCHEMA,
        project: ProjectInfo {
            root: ".".to_owned(),
            revision: ask.revision.clone(),
            languages: lines
                .into_iter()
                .map(|(name, n)| (name.to_owned(), n))
                .collect(),
            files: walked,
        },
        inventory,
        layer: LayerInfo {
            configured: layer.configured,
            paths: layer.reasons.clone(),
            runners_up: layer.runners_up.clone(),
        },
        tenant: cx.tenant.clone(),
        owners: Owners::of_project(&ask.root),
        history: Vec::new(),
        decisions: Decisions::default(),
        findings,
        summary: Summary {
            unparsed,
            unsure,
            ..Summary::default()
        },
        ceilings: Vec::new(),
        texts,
        fixed: 0,
    };
    summarise(ask, &mut report);
    report
}

/// The word for a tenant that the configuration gives.
fn configured_tenant(ask: &Ask) -> Option<String> {
    ask.config
        .tenancy
        .attribute
        .clone()
        .or_else(|| {
            ask.config.tenancy.prefix.clone().map(|p| {
                p.trim_end_matches(['#', '|', ':', '/'])
                    .to_ascii_lowercase()
            })
        })
        .map(|name| {
            rules::evidence::words(&name)
                .into_iter()
                .next()
                .unwrap_or(name)
        })
}

/// Helpers and clients that the configuration names.
fn own(config: &Config) -> Own {
    Own {
        clients: config.clients.clone(),
        wrappers: config
            .wrappers
            .iter()
            .filter_map(|(name, wrapper)| {
                let call = OwnCall {
                    op: Op::from_name(&wrapper.op)?,
                    pages: wrapper.pages,
                    table: wrapper.table_arg,
                };
                Some((name.clone(), call))
            })
            .collect(),
    }
}

fn money(ask: &Ask) -> Money {
    Money {
        prices: ask.prices.clone(),
        traffic: ask.traffic.clone(),
        metered: ask.metered.as_ref().map(Metered::traffic),
    }
}

/// Sizes of tables, from the configuration and the traffic file.
fn hints(ask: &Ask) -> BTreeMap<String, TableHint> {
    let mut hints = ask.tables.clone();
    let metered = ask.metered.as_ref().map(Metered::traffic);
    let metered = metered.iter().flat_map(|m| &m.tables);
    for (name, table) in metered.chain(&ask.traffic.tables) {
        let hint = hints.entry(name.clone()).or_default();
        hint.item_bytes = hint.item_bytes.or(table.item_bytes);
    }
    hints
}

fn collect(project: &Project, unparsed: &mut Vec<Unparsed>) -> Vec<FileSites> {
    let all: Vec<Result<FileSites, FileId>> = (0..u32::try_from(project.files.len())
        .unwrap_or(u32::MAX))
        .into_par_iter()
        .map(|file| {
            catch_unwind(AssertUnwindSafe(|| {
                sites::of_file(&Eval::new(project), file)
            }))
            .map_err(|_| file)
        })
        .collect();
    all.into_iter()
        .map(|result| {
            result.unwrap_or_else(|file| {
                failed(project, file, unparsed);
                FileSites::default()
            })
        })
        .collect()
}

fn failed(project: &Project, file: FileId, unparsed: &mut Vec<Unparsed>) {
    unparsed.push(Unparsed {
        file: project.file(file).path.clone(),
        reason: "judging it failed inside the auditor; please report it".to_owned(),
    });
}

/// Every check over every file. A crash in one is that file's.
fn judge(cx: &Context<'_>, unparsed: &mut Vec<Unparsed>) -> Vec<Draft> {
    let files = u32::try_from(cx.project.files.len()).unwrap_or(u32::MAX);
    let of_files: Vec<Result<Vec<Draft>, FileId>> = (0..files)
        .into_par_iter()
        .map(|file| {
            catch_unwind(AssertUnwindSafe(|| {
                let eval = Eval::new(cx.project);
                let mut out = Vec::new();
                for check in CHECKS {
                    if let Check::File(check) = check {
                        check(cx, &eval, file, &mut out);
                    }
                }
                out
            }))
            .map_err(|_| file)
        })
        .collect();
    let mut drafts = Vec::new();
    for result in of_files {
        match result {
            Ok(more) => drafts.extend(more),
            Err(file) => failed(cx.project, file, unparsed),
        }
    }
    let of_project: Vec<Vec<Draft>> = CHECKS
        .par_iter()
        .filter_map(|check| match check {
            Check::Project(check) => Some(check),
            Check::File(_) => None,
        })
        .map(|check| {
            catch_unwind(AssertUnwindSafe(|| {
                let mut out = Vec::new();
                check(cx, &Eval::new(cx.project), &mut out);
                out
            }))
            .unwrap_or_default()
        })
        .collect();
    drafts.extend(of_project.into_iter().flatten());
    drafts
}

fn wanted(ask: &Ask, rule: &str) -> bool {
    let config = &ask.config;
    (ask.only.is_empty() || ask.only.iter().any(|only| only == rule))
        && !ask.skip.iter().any(|skip| skip == rule)
        && (config.enable.is_empty() || config.enable.iter().any(|r| r == rule))
        && !config.disable.iter().any(|r| r == rule)
}

/// Drafts with columns, money and effort.
fn place(
    ask: &Ask,
    texts: &BTreeMap<String, String>,
    drafts: Vec<Draft>,
    money: &Money,
) -> Vec<Finding> {
    let mut repeated: FxHashMap<(&'static str, String, String), u32> = FxHashMap::default();
    drafts
        .into_iter()
        .filter(|draft| wanted(ask, draft.rule.id))
        .map(|draft| {
            let cost = money.of(&draft);
            let text = texts.get(&draft.file).map_or("", String::as_str);
            let (start, end) = range(text, &draft);
            let minutes = draft
                .effort
                .or_else(|| ask.config.effort.get(draft.rule.id).copied())
                .unwrap_or(draft.rule.effort);
            let again = repeated
                .entry((
                    draft.rule.id,
                    draft.file.clone(),
                    draft.function.clone().unwrap_or_default(),
                ))
                .and_modify(|n| *n += 1)
                .or_insert(0);
            let factor = if *again > 0 {
                ask.config.repeat_factor.unwrap_or(1.0)
            } else {
                1.0
            };
            let severity = ask
                .config
                .severity
                .get(draft.rule.id)
                .copied()
                .unwrap_or(draft.severity);
            Finding {
                rule: draft.rule.id,
                line: draft.span.line,
                column: excerpt::column(text, start),
                end_line: draft.span.end_line.max(draft.span.line),
                end_column: excerpt::column(text, end),
                severity,
                confidence: draft.confidence,
                message: draft.message,
                why: draft.rule.why.to_owned(),
                fix: draft.fix.unwrap_or_else(|| draft.rule.fix.to_owned()),
                suggestion: draft.suggestion,
                related: draft.related,
                op: draft.op,
                function: draft.function,
                table: draft.table,
                cost,
                effort_minutes: scaled(minutes, factor),
                fingerprint: String::new(),
                state: State::New,
                suppressed: None,
                bytes: (start, end),
                file: draft.file,
            }
        })
        .collect()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "minutes, clamped to what fits"
)]
fn scaled(minutes: u32, factor: f64) -> u32 {
    (f64::from(minutes) * factor).round().clamp(0.0, 1e9) as u32
}

/// The bytes of a finding: from its line on, so that a chain's head does not widen it.
fn range(text: &str, draft: &Draft) -> (u32, u32) {
    let start_of = |line: u32| {
        let mut at = 0;
        for (n, l) in text.split_inclusive('\n').enumerate() {
            if n + 1 == usize::try_from(line).unwrap_or(0) {
                return Some((at, l));
            }
            at += l.len();
        }
        None
    };
    let Some((at, line)) = start_of(draft.span.line) else {
        return (draft.span.start, draft.span.end);
    };
    let first = at + (line.len() - line.trim_start().len());
    let (start, end) = (
        usize::try_from(draft.span.start).unwrap_or(0),
        usize::try_from(draft.span.end).unwrap_or(0),
    );
    let start = if start >= at && start < at + line.len() && end > 0 {
        start
    } else {
        first
    };
    let end = if end > start {
        end
    } else {
        at + line.trim_end().len()
    };
    (
        u32::try_from(start).unwrap_or(0),
        u32::try_from(end).unwrap_or(0),
    )
}

fn drop_unsure(ask: &Ask, findings: &mut Vec<Finding>) -> usize {
    let before = findings.len();
    findings.retain(|f| f.confidence <= ask.min_confidence);
    before - findings.len()
}

fn site_text(texts: &BTreeMap<String, String>, finding: &Finding) -> String {
    let text = texts.get(&finding.file).map_or("", String::as_str);
    let (start, end) = (
        usize::try_from(finding.bytes.0).unwrap_or(0),
        usize::try_from(finding.bytes.1).unwrap_or(0),
    );
    fingerprint::normalised(text.get(start..end.min(text.len())).unwrap_or_default())
}

/// The fingerprints without paths, in the order of the findings.
pub fn contents(report: &Report) -> Vec<String> {
    report
        .findings
        .iter()
        .map(|f| fingerprint::content(f, &site_text(&report.texts, f)))
        .collect()
}

/// Rules that the configuration names and that do not exist.
fn unknown_rules(ask: &Ask, money: &Money) -> Vec<Finding> {
    let drafts = ask
        .config
        .unknown_rules
        .iter()
        .filter(|_| wanted(ask, rules::meta::UNKNOWN_RULE_IN_CONFIG.id))
        .map(|(name, line)| {
            Draft::in_file(
                &rules::meta::UNKNOWN_RULE_IN_CONFIG,
                &ask.config.shown,
                *line,
                *line,
                no_rule(name),
            )
        })
        .collect();
    place(ask, &BTreeMap::new(), drafts, money)
}

fn no_rule(name: &str) -> String {
    let near = rules::nearest(name)
        .map(|near| format!("; did you mean {near}?"))
        .unwrap_or_default();
    format!("there is no rule {name}{near}")
}

/// Hides what is allowed, and says what is wrong with allowances.
fn suppressions(
    ask: &Ask,
    project: &Project,
    texts: &BTreeMap<String, String>,
    findings: &mut Vec<Finding>,
) {
    let mut more = Vec::new();
    for file in &project.files {
        if file.facts.directives.is_empty() {
            continue;
        }
        let text = texts.get(&file.path).map_or("", String::as_str);
        for allow in suppress::allows(&file.facts, text) {
            apply(ask, &file.path, &allow, findings, &mut more);
        }
    }
    for allow in &ask.config.allow {
        let set = layer::patterns(&allow.paths);
        let expired = allow
            .until
            .as_deref()
            .is_some_and(|until| until < ask.today.as_str());
        for finding in findings
            .iter_mut()
            .filter(|f| f.rule == allow.rule && set.is_match(&f.file) && !expired)
        {
            finding.suppressed = Some(Suppressed {
                kind: "external",
                reason: allow.reason.clone(),
                until: allow.until.clone(),
            });
        }
    }
    findings.extend(more);
}

fn apply(ask: &Ask, path: &str, allow: &Allow, findings: &mut [Finding], more: &mut Vec<Finding>) {
    let mut say = |rule: &'static rules::Rule, message: String| {
        if wanted(ask, rule.id) {
            let draft = Draft::in_file(rule, path, allow.line, allow.line, message);
            more.extend(place(ask, &BTreeMap::new(), vec![draft], &money(ask)));
        }
    };
    for name in allow.rules.iter().filter(|n| rules::by_id(n).is_none()) {
        say(&rules::meta::UNKNOWN_RULE_IN_CONFIG, no_rule(name));
    }
    let list = allow.rules.join(", ");
    if allow.reason.is_empty() {
        say(
            &rules::meta::SUPPRESSION_WITHOUT_REASON,
            format!("allow({list}) has no reason"),
        );
        return;
    }
    if let Some(until) = allow
        .until
        .as_deref()
        .filter(|until| *until < ask.today.as_str())
    {
        say(
            &rules::meta::SUPPRESSION_EXPIRED,
            format!("allow({list}) ended on {until}"),
        );
        return;
    }
    let mut hides = false;
    for finding in findings.iter_mut() {
        let here = finding.file == path && (allow.from..=allow.to).contains(&finding.line);
        if here && allow.rules.iter().any(|rule| rule == finding.rule) {
            hides = true;
            finding.suppressed = Some(Suppressed {
                kind: "inSource",
                reason: allow.reason.clone(),
                until: allow.until.clone(),
            });
        }
    }
    // A rule that was not asked for cannot be hidden.
    let known = |rule: &String| rules::by_id(rule).is_some() && wanted(ask, rule);
    if !hides && allow.rules.iter().any(known) {
        say(
            &rules::meta::SUPPRESSION_UNUSED,
            format!("allow({list}) hides nothing"),
        );
    }
}

fn inventory(
    project: &Project,
    sites: &[FileSites],
    layer: &Layer,
    reach: &Reachability,
    infra: &Infrastructure,
) -> Inventory {
    let mut out = Inventory::default();
    for (id, file) in project.ids() {
        let here: &FileSites = &sites[id as usize];
        for client in &here.clients {
            let span = file.span(client.at.node);
            out.clients.push(ClientRow {
                file: file.path.clone(),
                line: constructor_line(project, client.at),
                end_line: span.end_line,
                api: client.api.name(),
                language: file.lang.name(),
            });
        }
        let place = layer.place(project, id);
        for site in &here.sites {
            out.calls.push(CallRow {
                file: file.path.clone(),
                line: site.line,
                end_line: site.end_line,
                op: site.op.name(),
                api: site.api.name(),
                layer: if file.facts.function(site.function).test {
                    Place::Test.name()
                } else {
                    place.name()
                },
                function: Some(file.function_name(site.function)).filter(|n| !n.is_empty()),
                table: site.table.label(),
                index: site.index.as_ref().and_then(sites::Named::label),
                via: None,
                reach: reach.of(project, id, site.function),
            });
        }
    }
    for table in &infra.tables {
        out.tables.push(TableRow {
            file: table.file.clone(),
            line: table.line,
            name: table.name.clone().or_else(|| table.logical.clone()),
            source: table.source,
            pk: table.pk.clone(),
            sk: table.sk.clone(),
            gsi: table.gsi.clone(),
            lsi: table.lsi.clone(),
            ttl: table.ttl.clone(),
            pitr: table.pitr.as_bool(),
            billing: table.billing.clone(),
            encryption: table.encryption.clone(),
            stream: table.stream.clone(),
            deletion_protection: table.deletion_protection.as_bool(),
        });
    }
    out
}

/// The line of the constructor's name.
fn constructor_line(project: &Project, at: At) -> u32 {
    let file = project.file(at.file);
    match file.kind(at.node) {
        Kind::Call(callee, _, style) if !style.new => file.span(*callee).end_line,
        _ => file.span(at.node).line,
    }
}

/// Counts again, after states are known.
pub fn summarise(ask: &Ask, report: &mut Report) {
    let mut summary = Summary {
        unparsed: std::mem::take(&mut report.summary.unparsed),
        unsure: report.summary.unsure,
        hourly_rate: ask.traffic.hourly_rate.unwrap_or(200.0),
        ..Summary::default()
    };
    for call in &report.inventory.calls {
        *summary.by_layer.entry(call.layer.to_owned()).or_default() += 1;
    }
    let mut minutes = 0u64;
    for finding in &report.findings {
        if finding.suppressed.is_some() {
            summary.suppressed += 1;
            continue;
        }
        *summary.by_rule.entry(finding.rule.to_owned()).or_default() += 1;
        *summary
            .by_severity
            .entry(finding.severity.name().to_owned())
            .or_default() += 1;
        minutes += u64::from(finding.effort_minutes);
        if let Some(cost) = &finding.cost {
            summary.monthly_usd += cost.monthly_usd;
            summary.monthly_assumed |= cost.basis == crate::finding::Basis::Assumed;
        }
        match finding.state {
            State::New => summary.new += 1,
            State::Known => summary.known += 1,
        }
    }
    summary.monthly_usd = (summary.monthly_usd * 100.0).round() / 100.0;
    summary.effort_hours = f64::from(u32::try_from(minutes).unwrap_or(u32::MAX)) / 60.0;
    report.ceilings = ask
        .config
        .ceiling
        .iter()
        .map(|(rule, ceiling)| Ceiling {
            rule: rule.clone(),
            ceiling: *ceiling,
            found: summary.by_rule.get(rule).copied().unwrap_or(0),
        })
        .filter(|c| c.found != c.ceiling)
        .collect();
    report.summary = summary;
    report.decisions = decide::decide(report);
}

/// What a first configuration is written from.
pub fn inferred(report: &Report) -> config::Inferred {
    let mut layer: BTreeMap<String, String> = BTreeMap::new();
    for (path, reason) in &report.layer.paths {
        let folder = match path.rsplit_once('/') {
            Some(_) if path.contains('*') => path.clone(),
            Some((folder, _)) => format!("{folder}/**"),
            None => path.clone(),
        };
        layer.entry(folder).or_insert_with(|| reason.clone());
    }
    config::Inferred {
        layer: layer.into_iter().collect(),
        tenant: report.tenant.clone(),
        found: report.summary.by_rule.clone(),
        tables: report
            .inventory
            .tables
            .iter()
            .filter_map(|t| t.name.clone())
            .filter(|name| !name.contains(['{', '$']))
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .collect(),
    }
}

/// The severity of a name, for `--fail-on`; `None` is never.
pub fn fail_on(name: &str) -> Option<Option<Severity>> {
    if name == "never" {
        Some(None)
    } else {
        Severity::from_name(name).map(Some)
    }
}
