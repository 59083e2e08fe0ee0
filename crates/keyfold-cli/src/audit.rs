//! `keyfold audit`: reads source and infrastructure, and says what hurts. What it does lies in `keyfold-audit`.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::SystemTime;

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use keyfold_audit::command::{self, Options};
use keyfold_audit::finding;

use crate::failure::Failed;
use crate::say;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
    Sarif,
    Github,
    Markdown,
    Html,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    Critical,
    High,
    Medium,
    Low,
    Info,
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Sure {
    High,
    Medium,
    Low,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Fix {
    Apply,
    Preview,
}

/// What to audit, and how to say it.
#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line"
)]
pub struct Audit {
    /// Folders and files to read, as one project [default: .]
    paths: Vec<PathBuf>,
    /// How the report is written; several together with --output
    #[arg(long, value_name = "FORMAT")]
    format: Vec<Format>,
    /// Where it is written: the files of the last formats given
    #[arg(long, value_name = "FILE")]
    output: Vec<PathBuf>,
    /// Short for --format json
    #[arg(long)]
    json: bool,
    /// Findings that are known do not fail
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Write what is known; it only shrinks
    #[arg(long, value_name = "FILE", conflicts_with_all = ["diff", "staged"])]
    write_baseline: Option<PathBuf>,
    /// Let the baseline grow, for this reason
    #[arg(long, value_name = "REASON", requires = "write_baseline")]
    baseline_accept: Option<String>,
    /// Only what changed since the merge base with this revision
    #[arg(long, value_name = "REV")]
    diff: Option<String>,
    /// Only what is staged, as it is staged
    #[arg(long, conflicts_with = "diff")]
    staged: bool,
    /// The configuration [default: the nearest keyfold.toml upward]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// From which severity a new finding fails
    #[arg(long, value_name = "SEVERITY", default_value = "high")]
    fail_on: FailOn,
    /// How sure a finding is at least
    #[arg(long, value_name = "SURE", default_value = "medium")]
    min_confidence: Sure,
    /// Only these rules
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    only: Vec<String>,
    /// Not these rules
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    skip: Vec<String>,
    /// Only these languages
    #[arg(long, value_name = "LANGUAGE", value_delimiter = ',')]
    lang: Vec<String>,
    /// How much is asked of the tables [default: keyfold.traffic.toml]
    #[arg(long, value_name = "FILE")]
    traffic: Option<PathBuf>,
    /// Prices other than those that come with it
    #[arg(long, value_name = "FILE")]
    prices: Option<PathBuf>,
    /// What ran: the guard's meter, or an export of CloudTrail, Contributor Insights or CloudWatch
    #[arg(long, value_name = "FILE")]
    metered: Option<PathBuf>,
    /// Say what a rule finds, why, and what to do instead
    #[arg(long, value_name = "RULE")]
    explain: Option<String>,
    /// List all rules
    #[arg(long)]
    rules: bool,
    /// Print the map rather than the faults: clients, calls, tables, layer
    #[arg(long)]
    inventory: bool,
    /// Repair what can be repaired for certain, or show how
    #[arg(long, value_name = "HOW", num_args = 0..=1, require_equals = true, default_missing_value = "apply")]
    fix: Option<Fix>,
    /// Repair files with changes that are not committed, too
    #[arg(long, requires = "fix")]
    allow_dirty: bool,
    /// Neither read nor write the cache
    #[arg(long)]
    no_cache: bool,
    /// Where facts are cached [default: the user's cache folder]
    #[arg(long, value_name = "FOLDER")]
    cache_dir: Option<PathBuf>,
    /// Threads [default: all cores]
    #[arg(long, value_name = "N")]
    jobs: Option<usize>,
    /// Install a pre-commit hook that refuses new findings
    #[arg(long)]
    install_hook: bool,
    /// Write a keyfold.toml from what is inferred
    #[arg(long)]
    init: bool,
    /// Print the layer as configuration
    #[arg(long)]
    write_layer: bool,
    /// Every finding, not one screen
    #[arg(long)]
    all: bool,
    /// Only the totals
    #[arg(long, short)]
    quiet: bool,
    /// Say how long it took
    #[arg(long)]
    stats: bool,
    /// Files that cannot be read end with exit code 3
    #[arg(long)]
    strict: bool,
}

/// Audits. Exit codes: 0 nothing new, 1 something, 2 wrong use, 3 not all could be read.
pub fn run(audit: Audit) -> ExitCode {
    let options = options(audit);
    match command::run(
        &options,
        &mut std::io::stdout().lock(),
        &mut std::io::stderr().lock(),
    ) {
        Ok(code) => ExitCode::from(code),
        Err(error) => say::failed(&Failed::wrong_use(error)),
    }
}

fn options(audit: Audit) -> Options {
    let terminal = std::io::stdout().is_terminal();
    let actions = std::env::var("GITHUB_ACTIONS").is_ok_and(|value| value == "true");
    let mut formats: Vec<command::Format> = audit
        .format
        .iter()
        .map(|format| format_of(*format))
        .collect();
    if audit.json {
        formats.push(command::Format::Json);
    }
    if formats.is_empty() && actions && !terminal && !audit.inventory && !audit.rules {
        formats.push(command::Format::Github);
    }
    Options {
        paths: audit.paths,
        formats,
        outputs: audit.output,
        baseline: audit.baseline,
        write_baseline: audit.write_baseline,
        baseline_accept: audit.baseline_accept,
        diff: audit.diff,
        staged: audit.staged,
        config: audit.config,
        fail_on: match audit.fail_on {
            FailOn::Critical => Some(finding::Severity::Critical),
            FailOn::High => Some(finding::Severity::High),
            FailOn::Medium => Some(finding::Severity::Medium),
            FailOn::Low => Some(finding::Severity::Low),
            FailOn::Info => Some(finding::Severity::Info),
            FailOn::Never => None,
        },
        min_confidence: Some(match audit.min_confidence {
            Sure::High => finding::Confidence::High,
            Sure::Medium => finding::Confidence::Medium,
            Sure::Low => finding::Confidence::Low,
        }),
        only: audit.only,
        skip: audit.skip,
        languages: audit.lang,
        traffic: audit.traffic,
        prices: audit.prices,
        metered: audit.metered,
        explain: audit.explain,
        rules: audit.rules,
        inventory: audit.inventory,
        fix: match audit.fix {
            None => command::Fix::No,
            Some(Fix::Preview) => command::Fix::Preview,
            Some(Fix::Apply) => command::Fix::Apply,
        },
        allow_dirty: audit.allow_dirty,
        no_cache: audit.no_cache,
        cache_dir: audit.cache_dir,
        jobs: audit.jobs,
        install_hook: audit.install_hook,
        init: audit.init,
        write_layer: audit.write_layer,
        quiet: audit.quiet,
        all: audit.all,
        stats: audit.stats,
        strict: audit.strict,
        colour: terminal && std::env::var_os("NO_COLOR").is_none(),
        today: today(),
    }
}

fn format_of(format: Format) -> command::Format {
    match format {
        Format::Text => command::Format::Text,
        Format::Json => command::Format::Json,
        Format::Sarif => command::Format::Sarif,
        Format::Github => command::Format::Github,
        Format::Markdown => command::Format::Markdown,
        Format::Html => command::Format::Html,
    }
}

/// The day, for allowances that end.
#[expect(
    clippy::disallowed_methods,
    reason = "here the clock becomes a parameter"
)]
fn today() -> String {
    let now = SystemTime::now();
    match Timestamp::try_from(now) {
        Ok(now) => now.strftime("%Y-%m-%d").to_string(),
        Err(_) => String::new(),
    }
}
