//! `keyfold audit`: options to exit code. The command line itself is `keyfold-cli`'s.

use std::io::Write;
use std::path::{Path, PathBuf};

use keyfold_cost::{Prices, Traffic};

use crate::audit::{self, Ask};
use crate::baseline::{Baseline, BaselineError};
use crate::config::{self, ConfigError, Loaded};
use crate::finding::{Confidence, Severity};
use crate::lang::Lang;
use crate::load::cache::{Cache, default_folder};
use crate::load::{Contents, WorkTree};
use crate::metered::Metered;
use crate::report::{self, Report, text::Style};
use crate::walk::{self, WalkError};
use crate::{explain, fix, git, hook, rules};

/// A form of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For a terminal.
    Text,
    /// For programs.
    Json,
    /// For code scanning.
    Sarif,
    /// For GitHub Actions.
    Github,
    /// For a pull request.
    Markdown,
    /// For a browser.
    Html,
}

impl Format {
    /// The format of a name.
    pub fn from_name(name: &str) -> Option<Format> {
        Some(match name {
            "text" => Format::Text,
            "json" => Format::Json,
            "sarif" => Format::Sarif,
            "github" => Format::Github,
            "markdown" | "md" => Format::Markdown,
            "html" => Format::Html,
            _ => return None,
        })
    }
}

/// Whether findings are repaired.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fix {
    /// No.
    #[default]
    No,
    /// Print what would be done.
    Preview,
    /// Do it.
    Apply,
}

/// What the command line says.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line"
)]
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Paths; `.` when there are none.
    pub paths: Vec<PathBuf>,
    /// Forms of the report.
    pub formats: Vec<Format>,
    /// Where each form goes; standard output for those without.
    pub outputs: Vec<PathBuf>,
    /// What is known.
    pub baseline: Option<PathBuf>,
    /// Write what is known.
    pub write_baseline: Option<PathBuf>,
    /// Why a baseline may grow.
    pub baseline_accept: Option<String>,
    /// Only what changed since.
    pub diff: Option<String>,
    /// Only what is staged.
    pub staged: bool,
    /// The configuration.
    pub config: Option<PathBuf>,
    /// From which severity a new finding fails; `None` never.
    pub fail_on: Option<Severity>,
    /// How sure a finding is at least.
    pub min_confidence: Option<Confidence>,
    /// Only these rules.
    pub only: Vec<String>,
    /// Not these rules.
    pub skip: Vec<String>,
    /// Only these languages.
    pub languages: Vec<String>,
    /// The traffic file.
    pub traffic: Option<PathBuf>,
    /// The price file.
    pub prices: Option<PathBuf>,
    /// What was metered.
    pub metered: Option<PathBuf>,
    /// A rule's page.
    pub explain: Option<String>,
    /// All rules.
    pub rules: bool,
    /// The map.
    pub inventory: bool,
    /// Repair.
    pub fix: Fix,
    /// Repair files that are not committed, too.
    pub allow_dirty: bool,
    /// Read nothing from the cache, and write nothing.
    pub no_cache: bool,
    /// The cache's folder.
    pub cache_dir: Option<PathBuf>,
    /// Threads.
    pub jobs: Option<usize>,
    /// Install the hook.
    pub install_hook: bool,
    /// Write a first configuration.
    pub init: bool,
    /// Write the layer into the configuration.
    pub write_layer: bool,
    /// Only totals.
    pub quiet: bool,
    /// Every finding.
    pub all: bool,
    /// How long it took.
    pub stats: bool,
    /// Unparsed files fail.
    pub strict: bool,
    /// With colour.
    pub colour: bool,
    /// Today, as `2026-01-31`.
    pub today: String,
}

/// Why nothing was audited: wrong use, exit code 2.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// A path.
    #[error(transparent)]
    Walk(#[from] WalkError),
    /// The configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The baseline.
    #[error(transparent)]
    Baseline(#[from] BaselineError),
    /// The repository.
    #[error(transparent)]
    Git(#[from] git::GitError),
    /// The hook.
    #[error(transparent)]
    Hook(#[from] hook::HookError),
    /// A file of traffic or prices.
    #[error("{path}: {reason}")]
    File {
        /// The file.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// A word that means nothing.
    #[error("there is no {what} {name}{hint}")]
    Unknown {
        /// What it should be.
        what: &'static str,
        /// The word.
        name: String,
        /// The nearest.
        hint: String,
    },
    /// The output.
    #[error("writing {path}: {reason}")]
    Output {
        /// Where.
        path: String,
        /// Why.
        reason: String,
    },
    /// Both cannot be.
    #[error("{0}")]
    Use(&'static str),
}

/// Runs the command. Results go to `out`, everything else to `err`.
///
/// # Errors
/// [`CommandError`] for wrong use; the exit code is 2.
pub fn run(
    options: &Options,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<u8, CommandError> {
    let started = std::time::Instant::now();
    if options.rules {
        let text = if options.formats.contains(&Format::Json) {
            explain::list_json()
        } else {
            explain::list()
        };
        return print(out, &text).map(|()| 0);
    }
    for name in options
        .only
        .iter()
        .chain(&options.skip)
        .chain(&options.explain)
    {
        if rules::by_id(name).is_none() {
            let hint = rules::nearest(name)
                .map(|near| format!("; did you mean {near}?"))
                .unwrap_or_default();
            return Err(CommandError::Unknown {
                what: "rule",
                name: name.clone(),
                hint,
            });
        }
    }
    let paths = if options.paths.is_empty() {
        vec![PathBuf::from(".")]
    } else {
        options.paths.clone()
    };
    if options.install_hook {
        return install_hook(&paths[0], out);
    }
    if options.diff.is_some() && options.staged {
        return Err(CommandError::Use(
            "--diff and --staged cannot be used together",
        ));
    }
    if let (Some(name), true) = (&options.explain, options.paths.is_empty()) {
        let Some(rule) = rules::by_id(name) else {
            return Ok(2);
        };
        return print(out, &explain::explain(rule, None)).map(|()| 0);
    }
    let root = root_of(&paths)?;
    let loaded = configuration(options, &root)?;
    let ask = ask(options, &root, &loaded)?;
    let report = in_pool(options.jobs, || {
        audited(options, &root, &paths, &loaded, &ask)
    })??;
    finish(options, &root, &ask, report, started, out, err)
}

fn install_hook(path: &Path, out: &mut dyn Write) -> Result<u8, CommandError> {
    let text = match hook::install(path)? {
        hook::Installed::Written(path) => format!("wrote {}\n", path.display()),
        hook::Installed::Chained(path) => format!(
            "wrote {}; the hook that was there runs before it\n",
            path.display()
        ),
        hook::Installed::Already(path) => format!("{} is there already\n", path.display()),
    };
    print(out, &text).map(|()| 0)
}

fn print(out: &mut dyn Write, text: &str) -> Result<(), CommandError> {
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // A reader that has seen enough is no failure.
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(CommandError::Output {
            path: "standard output".to_owned(),
            reason: error.to_string(),
        }),
        _ => Ok(()),
    }
}

/// The folder that paths are relative to: the one that holds all of them.
fn root_of(paths: &[PathBuf]) -> Result<PathBuf, CommandError> {
    let mut root: Option<PathBuf> = None;
    for path in paths {
        let full = std::fs::canonicalize(path).map_err(|_| WalkError::Missing {
            path: path.display().to_string(),
        })?;
        let folder = if full.is_dir() {
            full
        } else {
            full.parent().map(Path::to_path_buf).unwrap_or(full)
        };
        root = Some(match root {
            None => folder,
            Some(before) => {
                let common: PathBuf = before
                    .components()
                    .zip(folder.components())
                    .take_while(|(a, b)| a == b)
                    .map(|(a, _)| a)
                    .collect();
                common
            }
        });
    }
    Ok(root.unwrap_or_else(|| PathBuf::from(".")))
}

fn configuration(options: &Options, root: &Path) -> Result<Loaded, CommandError> {
    Ok(
        match options.config.clone().or_else(|| config::find(root)) {
            Some(path) => {
                let mut loaded = config::load(&path)?;
                let full = std::fs::canonicalize(&path).unwrap_or(path);
                loaded.config.shown = full
                    .strip_prefix(root)
                    .unwrap_or(&full)
                    .display()
                    .to_string();
                loaded
            }
            None => Loaded::default(),
        },
    )
}

fn ask(options: &Options, root: &Path, loaded: &Loaded) -> Result<Ask, CommandError> {
    let mut languages = Vec::new();
    for name in options.languages.iter().chain(
        loaded
            .config
            .languages
            .iter()
            .filter(|_| options.languages.is_empty()),
    ) {
        let Some(lang) = Lang::from_name(name) else {
            let hint = Lang::ALL
                .iter()
                .map(|l| (strsim::damerau_levenshtein(name, l.name()), l.name()))
                .min();
            let hint = hint
                .filter(|(d, _)| *d <= 3)
                .map(|(_, n)| format!("; did you mean {n}?"))
                .unwrap_or_default();
            return Err(CommandError::Unknown {
                what: "language",
                name: name.clone(),
                hint,
            });
        };
        languages.push(lang);
        if lang == Lang::TypeScript {
            languages.push(Lang::JavaScript);
        }
    }
    let read = |path: &Path| {
        std::fs::read_to_string(path).map_err(|error| CommandError::File {
            path: path.display().to_string(),
            reason: error.to_string(),
        })
    };
    let beside = root.join("keyfold.traffic.toml");
    let traffic = options
        .traffic
        .clone()
        .or_else(|| beside.is_file().then_some(beside));
    let traffic = match traffic {
        Some(path) => Traffic::parse(&read(&path)?).map_err(|error| CommandError::File {
            path: path.display().to_string(),
            reason: error.to_string(),
        })?,
        None => Traffic::default(),
    };
    let prices = match &options.prices {
        Some(path) => Prices::parse(&read(path)?).map_err(|error| CommandError::File {
            path: path.display().to_string(),
            reason: error.to_string(),
        })?,
        None => Prices::of_region(&traffic.region).map_err(|error| CommandError::File {
            path: "prices".to_owned(),
            reason: error.to_string(),
        })?,
    };
    let metered = match &options.metered {
        Some(path) => {
            let shown = path.display().to_string();
            let metered = Metered::parse(&read(path)?, &shown);
            Some(metered.map_err(|error| CommandError::File {
                path: shown,
                reason: error.to_string(),
            })?)
        }
        None => None,
    };
    Ok(Ask {
        metered,
        root: root.to_path_buf(),
        config: loaded.config.clone(),
        tables: loaded.tables.clone(),
        languages,
        only: options.only.clone(),
        skip: options.skip.clone(),
        min_confidence: options.min_confidence.unwrap_or(Confidence::Medium),
        traffic,
        prices,
        today: options.today.clone(),
        revision: git::revision(root),
    })
}

/// Deep trees need deep stacks.
const STACK: usize = 32 << 20;

fn in_pool<T: Send>(
    jobs: Option<usize>,
    work: impl FnOnce() -> T + Send,
) -> Result<T, CommandError> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(jobs.unwrap_or(0))
        .stack_size(STACK)
        .build()
        .map_err(|_| CommandError::Use("the threads could not be started"))?;
    Ok(pool.install(work))
}

fn audited(
    options: &Options,
    root: &Path,
    paths: &[PathBuf],
    loaded: &Loaded,
    ask: &Ask,
) -> Result<Report, CommandError> {
    let cache = match (
        options.no_cache,
        options.cache_dir.clone().or_else(default_folder),
    ) {
        (false, Some(folder)) => Some(Cache::new(&folder)),
        _ => None,
    };
    let (entries, contents): (Vec<walk::Entry>, Box<dyn Contents>) = if options.staged {
        let staged = git::Staged::new(root)?;
        let entries = staged.entries(root)?;
        (entries, Box::new(staged.contents()?))
    } else {
        let full: Vec<PathBuf> = paths
            .iter()
            .map(|p| std::fs::canonicalize(p).unwrap_or_else(|_| p.clone()))
            .collect();
        let full = if options.paths.is_empty() && !loaded.config.paths.is_empty() {
            loaded.config.paths.iter().map(|p| root.join(p)).collect()
        } else {
            full
        };
        (
            walk::walk(root, &full, &loaded.config.exclude)?,
            Box::new(WorkTree),
        )
    };
    let mut report = audit::run(ask, &entries, contents.as_ref(), cache.as_ref());
    if let Some(path) = &options.baseline {
        let baseline = Baseline::read(path)?;
        report.history.clone_from(&baseline.history);
        let contents = audit::contents(&report);
        let root = root.to_path_buf();
        baseline.mark(&mut report.findings, &contents, &|file| {
            root.join(file).exists()
        });
        let known = report
            .findings
            .iter()
            .filter(|f| f.state == crate::finding::State::Known)
            .count();
        report.fixed = baseline.findings.len().saturating_sub(known);
    }
    if options.staged || options.diff.is_some() {
        let top = git::top(root)?;
        let prefix = git::prefix(&top, root);
        let changed = git::changed(root, options.diff.as_deref())?;
        let touched = |file: &str, from: u32, to: u32| {
            changed
                .get(&format!("{prefix}{file}"))
                .is_some_and(|ranges| ranges.iter().any(|(a, b)| from <= *b && *a <= to))
        };
        report.findings.retain(|f| {
            touched(&f.file, f.line, f.end_line)
                || f.related.iter().any(|r| touched(&r.file, r.line, r.line))
        });
    }
    audit::summarise(ask, &mut report);
    Ok(report)
}

fn finish(
    options: &Options,
    root: &Path,
    ask: &Ask,
    mut report: Report,
    started: std::time::Instant,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<u8, CommandError> {
    if let Some(rule) = options.explain.as_deref().and_then(rules::by_id) {
        return print(out, &explain::explain(rule, Some(&report))).map(|()| 0);
    }
    if options.init || options.write_layer {
        let found = options
            .config
            .is_none()
            .then(|| config::find(root))
            .flatten();
        return write_config(options, root, found.as_deref(), &report, out);
    }
    if options.fix != Fix::No {
        return repair(options, root, &mut report, out, err);
    }
    if let Some(path) = &options.write_baseline {
        return write_baseline(options, root, ask, &mut report, path, out);
    }
    write_report(options, &report, out)?;
    for unparsed in &report.summary.unparsed {
        let _ = writeln!(
            err,
            "warning: {} was not read: {}",
            unparsed.file, unparsed.reason
        );
    }
    if options.stats {
        let _ = writeln!(
            err,
            "{:.3} s, {} files",
            started.elapsed().as_secs_f64(),
            report.project.files
        );
    }
    if options.strict && !report.summary.unparsed.is_empty() {
        return Ok(3);
    }
    let over = report.ceilings.iter().any(|c| c.found > c.ceiling);
    let failing = options.fail_on.is_some_and(|at| report.failing(at) > 0);
    Ok(u8::from(failing || over))
}

fn render(options: &Options, report: &Report, format: Format) -> String {
    match format {
        Format::Text if options.inventory => report::text::inventory(report),
        Format::Text => {
            let style = Style {
                colour: options.colour,
                all: options.all,
                quiet: options.quiet,
            };
            report::text::render(report, style, options.fail_on)
        }
        Format::Json => report::json::render(report),
        Format::Sarif => report::sarif::render(report, options.inventory),
        Format::Github => report::github::render(report),
        Format::Markdown => report::markdown::render(report, options.fail_on),
        Format::Html => report::html::render(report),
    }
}

fn write_report(
    options: &Options,
    report: &Report,
    out: &mut dyn Write,
) -> Result<(), CommandError> {
    let formats = if options.formats.is_empty() {
        vec![Format::Text]
    } else {
        options.formats.clone()
    };
    // Outputs belong to the last formats; the first without one goes to standard output.
    let without = formats.len().saturating_sub(options.outputs.len());
    for (at, format) in formats.iter().enumerate() {
        let text = render(options, report, *format);
        match at.checked_sub(without).and_then(|n| options.outputs.get(n)) {
            Some(path) => {
                let failed = |error: std::io::Error| CommandError::Output {
                    path: path.display().to_string(),
                    reason: error.to_string(),
                };
                let beside = path.with_extension("keyfold-tmp");
                std::fs::write(&beside, text).map_err(failed)?;
                std::fs::rename(&beside, path).map_err(failed)?;
            }
            None => print(out, &text)?,
        }
    }
    Ok(())
}

fn write_config(
    options: &Options,
    root: &Path,
    loaded: Option<&Path>,
    report: &Report,
    out: &mut dyn Write,
) -> Result<u8, CommandError> {
    let path = options
        .config
        .clone()
        .or_else(|| loaded.map(Path::to_path_buf))
        .unwrap_or_else(|| root.join("keyfold.toml"));
    let shown = path.display().to_string();
    let inferred = audit::inferred(report);
    let text = if options.write_layer {
        if report.layer.configured {
            return print(out, &format!("{shown} says already where the layer is\n")).map(|()| 0);
        }
        if inferred.layer.is_empty() {
            return Err(CommandError::File {
                path: shown,
                reason: "no repository layer was found that could be written; --inventory shows what came near".to_owned(),
            });
        }
        let before = if path.exists() {
            std::fs::read_to_string(&path).map_err(|error| CommandError::File {
                path: shown.clone(),
                reason: error.to_string(),
            })?
        } else {
            String::new()
        };
        config::with_layer(&before, &inferred)
    } else {
        if path.exists() {
            return Err(CommandError::File {
                path: shown,
                reason: "it is there already; --write-layer adds the layer to it".to_owned(),
            });
        }
        config::initial(&inferred)
    };
    config::parse(&text, &shown)?;
    std::fs::write(&path, text).map_err(|error| CommandError::Output {
        path: shown.clone(),
        reason: error.to_string(),
    })?;
    print(out, &format!("wrote {shown}\n")).map(|()| 0)
}

fn write_baseline(
    options: &Options,
    root: &Path,
    ask: &Ask,
    report: &mut Report,
    path: &Path,
    out: &mut dyn Write,
) -> Result<u8, CommandError> {
    let first = !path.exists();
    let before = if first {
        Baseline::empty()
    } else {
        Baseline::read(path)?
    };
    let contents = audit::contents(report);
    let folder = root.to_path_buf();
    before.mark(&mut report.findings, &contents, &|file| {
        folder.join(file).exists()
    });
    let next = before.next(
        &report.findings,
        &contents,
        options.baseline_accept.as_deref(),
        &ask.today,
        first,
    )?;
    next.write(path)?;
    let text = format!(
        "wrote {}: {} findings, {} before\n",
        path.display(),
        next.findings.len(),
        before.findings.len()
    );
    print(out, &text).map(|()| 0)
}

fn repair(
    options: &Options,
    root: &Path,
    report: &mut Report,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<u8, CommandError> {
    let fixes = fix::fixes(&report.findings, &report.texts);
    let mut changed = 0;
    for fixed in &fixes {
        for dropped in &fixed.dropped {
            let _ = writeln!(err, "not changed: {dropped}");
        }
        if fixed.before == fixed.after {
            continue;
        }
        if options.fix == Fix::Preview {
            print(out, &fix::preview(fixed))?;
            continue;
        }
        let path = root.join(&fixed.file);
        if !options.allow_dirty && git::dirty(root, &path) {
            let _ = writeln!(
                err,
                "not changed: {} has changes that are not committed; --allow-dirty changes it all the same",
                fixed.file
            );
            continue;
        }
        std::fs::write(&path, &fixed.after).map_err(|error| CommandError::Output {
            path: path.display().to_string(),
            reason: error.to_string(),
        })?;
        changed += 1;
        print(
            out,
            &format!("{}: {}\n", fixed.file, fixed.rules.join(", ")),
        )?;
    }
    if options.fix == Fix::Apply {
        print(out, &format!("{changed} files changed\n"))?;
    }
    Ok(0)
}
