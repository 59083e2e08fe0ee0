//! `keyfold.toml`: the `[audit]` section. Everything works without it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::finding::Severity;
use crate::op::Op;
use crate::rules;

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It cannot be read.
    #[error("{path}: {reason}")]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
    /// It says something that has no meaning.
    #[error("{path}: {reason}{hint}")]
    Wrong {
        /// The file.
        path: String,
        /// Line and what is wrong.
        reason: String,
        /// The nearest valid word.
        hint: String,
    },
}

#[derive(Debug, Default, Deserialize)]
struct Document {
    #[serde(default)]
    audit: Config,
    #[serde(default)]
    tenancy: Tenancy,
    #[serde(default)]
    tables: BTreeMap<String, TableHint>,
}

/// The `[audit]` section.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Paths to read when none are given.
    pub paths: Vec<String>,
    /// Paths not to read.
    pub exclude: Vec<String>,
    /// Languages to read.
    pub languages: Vec<String>,
    /// Read tests too.
    pub tests: bool,
    /// Where the repository layer is.
    pub layer: LayerConfig,
    /// Tenancy, here or at the top level.
    pub tenancy: Tenancy,
    /// Personal data.
    pub pii: PiiConfig,
    /// Severities by rule.
    pub severity: BTreeMap<String, Severity>,
    /// Only these rules.
    pub enable: Vec<String>,
    /// Not these rules.
    pub disable: Vec<String>,
    /// More global secondary indexes than this on one table are many.
    pub gsi_max: Option<usize>,
    /// Loops shorter than this are no loops.
    pub loop_min: Option<usize>,
    /// Items known to be of this size, in KB.
    pub item_kb: Option<f64>,
    /// Ceilings by rule.
    pub ceiling: BTreeMap<String, usize>,
    /// Effort by rule, in minutes.
    pub effort: BTreeMap<String, u32>,
    /// Share of the effort for further findings of a rule in one function.
    pub repeat_factor: Option<f64>,
    /// Files or functions that are entry points.
    pub entry_points: Vec<String>,
    /// In-house helpers: function to operation.
    pub wrappers: BTreeMap<String, Wrapper>,
    /// Types that are clients.
    pub clients: Vec<String>,
    /// Test and preview stacks.
    pub stages: Vec<String>,
    /// Indexes that others use, by table.
    pub external_indexes: BTreeMap<String, Vec<String>>,
    /// A customer key is required.
    pub require_cmk: bool,
    /// What is allowed, by path.
    pub allow: Vec<Allow>,
    /// Rules that it names and that do not exist, with the line.
    #[serde(skip)]
    pub unknown_rules: Vec<(String, u32)>,
    /// The file, relative to the project's root where it lies inside.
    #[serde(skip)]
    pub shown: String,
}

/// Where the repository layer is.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LayerConfig {
    /// Path patterns.
    pub paths: Vec<String>,
    /// Modules.
    pub modules: Vec<String>,
    /// Type name patterns.
    pub types: Vec<String>,
    /// Exceptions.
    pub except: Vec<String>,
    /// Layers for some tables only.
    pub of: Vec<LayerOf>,
}

/// A layer for some tables only.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayerOf {
    /// The tables.
    pub tables: Vec<String>,
    /// Path patterns.
    pub paths: Vec<String>,
}

/// How tenants are told apart.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tenancy {
    /// The attribute or variable that holds the tenant.
    pub attribute: Option<String>,
    /// The prefix in keys.
    pub prefix: Option<String>,
    /// Entities, tables or functions that are not of one tenant.
    pub global: Vec<String>,
    /// Paths of administrative code.
    pub admin: Vec<String>,
}

/// Personal data.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PiiConfig {
    /// Extra words.
    pub words: Vec<String>,
    /// Words to ignore.
    pub ignore: Vec<String>,
    /// Functions that encrypt.
    pub encrypt: Vec<String>,
    /// The layer encrypts centrally.
    pub central: bool,
}

/// An in-house helper.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wrapper {
    /// The operation.
    pub op: String,
    /// It pages by itself.
    #[serde(default)]
    pub pages: bool,
    /// Which argument names the table.
    #[serde(default)]
    pub table_arg: Option<usize>,
}

/// An allowance by path.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allow {
    /// The rule.
    pub rule: String,
    /// Path patterns.
    pub paths: Vec<String>,
    /// Why.
    pub reason: String,
    /// Until when, as a date.
    #[serde(default)]
    pub until: Option<String>,
}

/// What is known of a table's size.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct TableHint {
    /// Never more items than this.
    #[serde(default)]
    pub max_items: Option<u64>,
    /// So large is an item.
    #[serde(default)]
    pub item_bytes: Option<f64>,
}

/// A configuration and where it came from.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// The section.
    pub config: Config,
    /// The file.
    pub path: Option<PathBuf>,
    /// Sizes of tables.
    pub tables: BTreeMap<String, TableHint>,
}

/// The nearest `keyfold.toml` upward.
pub fn find(start: &Path) -> Option<PathBuf> {
    start
        .ancestors()
        .map(|folder| folder.join("keyfold.toml"))
        .find(|path| path.is_file())
}

/// Reads a configuration.
pub fn load(path: &Path) -> Result<Loaded, ConfigError> {
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| ConfigError::Unreadable {
        path: shown.clone(),
        reason: error.to_string(),
    })?;
    let (config, tables) = parse(&text, &shown)?;
    Ok(Loaded {
        config,
        path: Some(path.to_path_buf()),
        tables,
    })
}

/// Reads a configuration's text.
pub fn parse(
    text: &str,
    shown: &str,
) -> Result<(Config, BTreeMap<String, TableHint>), ConfigError> {
    let document: Document = toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, |span| {
            text[..span.start.min(text.len())].matches('\n').count() + 1
        });
        ConfigError::Wrong {
            path: shown.to_owned(),
            reason: format!("line {line}: {}", error.message()),
            hint: nearest_in_message(error.message()),
        }
    })?;
    let mut config = document.audit;
    if config.tenancy.attribute.is_none() && config.tenancy.prefix.is_none() {
        config.tenancy = document.tenancy;
    }
    let mut unknown = Vec::new();
    for name in config
        .severity
        .keys()
        .chain(config.ceiling.keys())
        .chain(config.effort.keys())
        .chain(&config.enable)
        .chain(&config.disable)
        .chain(config.allow.iter().map(|a| &a.rule))
    {
        if rules::by_id(name).is_none() {
            let line = (1u32..)
                .zip(text.lines())
                .find(|(_, line)| line.contains(name.as_str()))
                .map_or(1, |(number, _)| number);
            unknown.push((name.clone(), line));
        }
    }
    unknown.sort();
    unknown.dedup();
    config.unknown_rules = unknown;
    shown.clone_into(&mut config.shown);
    for (name, wrapper) in &config.wrappers {
        if Op::from_name(&wrapper.op).is_none() {
            return Err(ConfigError::Wrong {
                path: shown.to_owned(),
                reason: format!("wrappers.{name}: there is no operation {}", wrapper.op),
                hint: "; they are named as the service names them: Query, PutItem".to_owned(),
            });
        }
    }
    for allow in &config.allow {
        if allow.reason.trim().is_empty() {
            return Err(ConfigError::Wrong {
                path: shown.to_owned(),
                reason: format!("[[audit.allow]] of {} has no reason", allow.rule),
                hint: String::new(),
            });
        }
    }
    Ok((config, document.tables))
}

/// "unknown field `x`, expected one of `a`, `b`": the nearest of them.
fn nearest_in_message(message: &str) -> String {
    let mut quoted = message.split('`').skip(1).step_by(2);
    let (Some(wrong), true) = (quoted.next(), message.starts_with("unknown field")) else {
        return String::new();
    };
    quoted
        .map(|right| (strsim::damerau_levenshtein(wrong, right), right))
        .min()
        .filter(|(distance, _)| *distance <= 4)
        .map(|(_, right)| format!("; did you mean {right}?"))
        .unwrap_or_default()
}

/// What a first configuration is written from.
#[derive(Clone, Debug, Default)]
pub struct Inferred {
    /// Paths of the layer, each with its reason.
    pub layer: Vec<(String, String)>,
    /// The word for a tenant.
    pub tenant: Option<String>,
    /// Findings by rule.
    pub found: BTreeMap<String, usize>,
    /// Tables that are known by name.
    pub tables: Vec<String>,
}

/// A commented configuration from what was inferred.
pub fn initial(inferred: &Inferred) -> String {
    use std::fmt::Write as _;
    let mut out = String::from(
        "# What `keyfold audit` reads. Everything works without it; what stands here was inferred.\n[audit]\n\
         # exclude = [\"legacy/**\"]     # paths not to read; .gitignore holds anyway\n\
         # tests = true                # tests are not read by default\n\
         # gsi_max = 3                 # more indexes than this on one table are many\n\
         # loop_min = 4                # loops of fewer turns are no loops\n\
         # item_kb = 4.0               # how large items are, where the traffic file does not say\n\
         # entry_points = [\"src/worker.ts\"]\n\
         # stages = [\"infra/preview/**\"]  # stacks that may be deleted\n\
         # clients = [\"CompanyDynamo\"] # types of your own that are DynamoDB clients\n\n\
         # Calls outside the layer are `sdk-bypass`.\n[audit.layer]\n",
    );
    if inferred.layer.is_empty() {
        out.push_str("# No repository layer was found. Name the folder once there is one:\n# paths = [\"src/repository/**\"]\n");
    } else {
        for (path, reason) in &inferred.layer {
            let _ = writeln!(out, "# {path}: {reason}");
        }
        let _ = writeln!(out, "{}", layer_paths(inferred));
    }
    out.push_str("# types = [\"*Repository\"]\n# except = [\"src/repository/raw.ts\"]\n");
    match &inferred.tenant {
        Some(tenant) => {
            let _ = write!(
                out,
                "\n# Keys hold this word: every key and condition of a tenant's table must.\n[audit.tenancy]\nattribute = {tenant:?}\n\
                 # global = [\"plans\"]           # what is not of one tenant\n# admin = [\"src/admin/**\"]\n"
            );
        }
        None => out.push_str("\n# [audit.tenancy]\n# attribute = \"tenantId\"\n"),
    }
    out.push_str("\n# [audit.pii]\n# words = [\"matriculation\"]\n# encrypt = [\"seal\"]         # functions that encrypt\n");
    out.push_str("\n# Helpers of your own: function to operation.\n# [audit.wrappers]\n# query_all = { op = \"Query\", pages = true, table_arg = 0 }\n");
    if !inferred.found.is_empty() {
        out.push_str("\n# Ceilings fail a run that finds more, and ask to be lowered when it finds fewer.\n# [audit.ceiling]\n");
        for (rule, found) in &inferred.found {
            let _ = writeln!(out, "# {rule} = {found}");
        }
    }
    out.push_str("\n# [[audit.allow]]\n# rule = \"scan-in-job\"\n# paths = [\"scripts/**\"]\n# reason = \"nightly, 200 items\"\n");
    for table in &inferred.tables {
        let _ = write!(
            out,
            "\n# [tables.{table:?}]\n# max_items = 100           # small and bounded: its scans are info\n"
        );
    }
    out
}

fn layer_paths(inferred: &Inferred) -> String {
    let paths: Vec<String> = inferred
        .layer
        .iter()
        .map(|(path, _)| format!("{path:?}"))
        .collect();
    format!("paths = [{}]", paths.join(", "))
}

/// A configuration's text with the inferred layer in it; the rest stays as it is.
pub fn with_layer(text: &str, inferred: &Inferred) -> String {
    let paths = layer_paths(inferred);
    let lines: Vec<&str> = text.lines().collect();
    let Some(head) = lines.iter().position(|line| line.trim() == "[audit.layer]") else {
        return format!("{}\n\n[audit.layer]\n{paths}\n", text.trim_end());
    };
    let end = lines[head + 1..]
        .iter()
        .position(|line| line.trim_start().starts_with('['))
        .map_or(lines.len(), |n| head + 1 + n);
    let mut out: Vec<String> = lines[..=head].iter().map(ToString::to_string).collect();
    out.push(paths);
    let mut inside = false;
    for line in &lines[head + 1..end] {
        let start = line.trim_start();
        if start.starts_with("paths") && start[5..].trim_start().starts_with('=') {
            inside = !closes(line);
            continue;
        }
        if inside {
            inside = !closes(line);
            continue;
        }
        out.push((*line).to_owned());
    }
    out.extend(lines[end..].iter().map(ToString::to_string));
    let mut text = out.join("\n");
    text.push('\n');
    text
}

/// The list of paths ends on this line; a comment after it does not count.
fn closes(line: &str) -> bool {
    line.split('#')
        .next()
        .unwrap_or(line)
        .trim_end()
        .ends_with(']')
}
