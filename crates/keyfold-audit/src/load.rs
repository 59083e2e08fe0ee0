//! Reads a project: which files matter, their facts from the cache or by parsing, in parallel.

pub mod cache;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, MatchKind};
use rayon::prelude::*;
use rustc_hash::FxHashSet;

use crate::lang::Lang;
use crate::link::{Role, SourceFile, modules};
use crate::lower::{self, Unread};
use crate::walk::{self, Entry};
use cache::Cache;

/// A parse may take this long.
const PARSE_MAX: Duration = Duration::from_secs(4);

/// Where a file's bytes come from.
pub trait Contents: Sync {
    /// The bytes, or why there are none.
    fn read(&self, entry: &Entry) -> Result<Vec<u8>, String>;
}

/// The work tree.
pub struct WorkTree;

impl Contents for WorkTree {
    fn read(&self, entry: &Entry) -> Result<Vec<u8>, String> {
        let size = std::fs::metadata(&entry.full)
            .map_err(|error| error.to_string())?
            .len();
        if size > walk::BYTES_MAX {
            return Ok(Vec::new());
        }
        std::fs::read(&entry.full).map_err(|error| error.to_string())
    }
}

/// A file that could not be read or parsed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Unparsed {
    /// File, relative to the project's root.
    pub file: String,
    /// Why.
    pub reason: String,
}

/// What was read.
#[derive(Default)]
pub struct Loaded {
    /// The files that matter.
    pub files: Vec<SourceFile>,
    /// Their text, by path.
    pub texts: BTreeMap<String, String>,
    /// Shell scripts that speak of tables: path, text.
    pub scripts: Vec<(String, String)>,
    /// Files that could not be read.
    pub unparsed: Vec<Unparsed>,
    /// Lines per language, of every file walked.
    pub lines: BTreeMap<&'static str, u64>,
    /// Files walked.
    pub walked: usize,
    /// Facts that came from the cache.
    pub cached: usize,
}

/// What narrows reading.
#[derive(Clone, Debug, Default)]
pub struct Narrow {
    /// Only these languages.
    pub languages: Vec<Lang>,
    /// Test files too.
    pub tests: bool,
    /// Names of helpers and clients of one's own.
    pub own: Vec<String>,
}

struct Raw {
    path: String,
    text: String,
    relevant: bool,
    cold: bool,
}

/// A file's text, and its facts with whether they came from the cache.
type Parsed = (Raw, Result<(SourceFile, bool), Unparsed>);

/// Words without which a file has nothing to do with `DynamoDB` by itself.
const WORDS: [&str; 14] = [
    "keyfold::",
    "modyne",
    "dynamo",
    "pynamodb",
    "electrodb",
    "onetable",
    "KeyConditionExpression",
    "ExpressionAttribute",
    "batch_writer",
    "RequestItems",
    "TransactItems",
    "TableName",
    "table_name",
    "LastEvaluatedKey",
];

fn words(own: &[String]) -> Option<AhoCorasick> {
    let last = |name: &String| name.rsplit('.').next().unwrap_or(name).to_owned();
    AhoCorasickBuilder::new()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::Standard)
        .build(
            WORDS
                .iter()
                .map(ToString::to_string)
                .chain(own.iter().map(last)),
        )
        .ok()
}

/// Reads the files of `entries` that matter.
pub fn load(
    entries: &[Entry],
    contents: &dyn Contents,
    narrow: &Narrow,
    cache: Option<&Cache>,
) -> Loaded {
    let mut out = Loaded {
        walked: entries.len(),
        ..Loaded::default()
    };
    let words = words(&narrow.own);
    let raws: Vec<Result<Raw, Unparsed>> = entries
        .par_iter()
        .filter(|entry| wanted(entry, narrow))
        .map(|entry| {
            let bytes = contents.read(entry).map_err(|reason| Unparsed {
                file: entry.path.clone(),
                reason,
            })?;
            let text = match String::from_utf8(bytes) {
                Ok(text) => text,
                Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
            };
            let text = match text.strip_prefix('\u{feff}') {
                Some(rest) => rest.to_owned(),
                None => text,
            };
            let relevant = (words.as_ref().is_none_or(|words| words.is_match(&text))
                || entry.path.ends_with(crate::infra::model::FILE))
                && !walk::generated(&text);
            Ok(Raw {
                path: entry.path.clone(),
                text,
                relevant,
                cold: false,
            })
        })
        .collect();
    let mut files: Vec<Raw> = Vec::new();
    for raw in raws {
        match raw {
            Ok(raw) => {
                if let Some((lang, _)) = Lang::of_path(&raw.path) {
                    *out.lines.entry(lang.name()).or_default() += raw.text.lines().count() as u64;
                }
                files.push(raw);
            }
            Err(unparsed) => out.unparsed.push(unparsed),
        }
    }
    out.scripts = files
        .iter()
        .filter(|raw| raw.relevant && walk::shell(raw.path.rsplit('/').next().unwrap_or_default()))
        .map(|raw| (raw.path.clone(), raw.text.clone()))
        .collect();
    reach(&mut files);
    let parsed: Vec<Parsed> = files
        .into_par_iter()
        .filter(|raw| raw.relevant && Lang::of_path(&raw.path).is_some())
        .map(|raw| {
            let facts = facts(&raw, cache);
            (raw, facts)
        })
        .collect();
    for (raw, facts) in parsed {
        match facts {
            Ok((file, cached)) => {
                out.cached += usize::from(cached);
                out.files.push(file);
                out.texts.insert(raw.path, raw.text);
            }
            Err(unparsed) => out.unparsed.push(unparsed),
        }
    }
    out.unparsed.sort();
    out
}

fn wanted(entry: &Entry, narrow: &Narrow) -> bool {
    let Some((lang, _)) = Lang::of_path(&entry.path) else {
        return narrow.languages.is_empty()
            && walk::shell(entry.path.rsplit('/').next().unwrap_or_default());
    };
    let role = walk::role(&entry.path);
    (narrow.languages.is_empty() || narrow.languages.contains(&lang))
        && (narrow.tests || role != Role::Test)
}

/// Files that import, or are imported by, one that matters: constants, wrappers and callers live there.
fn reach(files: &mut [Raw]) {
    for round in 0..2 {
        let stems: FxHashSet<String> = files
            .iter()
            .filter(|raw| {
                raw.relevant
                    && Lang::of_path(&raw.path).is_some_and(|(lang, _)| !lang.is_document())
            })
            .map(|raw| modules::stem(&raw.path).to_string())
            .collect();
        let named: FxHashSet<String> = if round == 0 {
            files
                .par_iter()
                .filter(|raw| raw.relevant)
                .flat_map_iter(|raw| import_words(&raw.text))
                .collect()
        } else {
            FxHashSet::default()
        };
        let hits: Vec<bool> = files
            .par_iter()
            .map(|raw| {
                let Some((lang, _)) = Lang::of_path(&raw.path) else {
                    return false;
                };
                if raw.relevant || lang.is_document() || walk::generated(&raw.text) {
                    return false;
                }
                named.contains(modules::stem(&raw.path).as_str())
                    || import_words(&raw.text).any(|word| stems.contains(&word))
            })
            .collect();
        for (raw, hit) in files.iter_mut().zip(hits) {
            if hit {
                raw.relevant = true;
                raw.cold = true;
            }
        }
    }
}

/// The words in a file's import lines.
fn import_words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.lines()
        .filter(|line| {
            let line = line.trim_start();
            line.starts_with("import ")
                || line.starts_with("from ")
                || line.starts_with("use ")
                || line.starts_with("pub use ")
                || line.starts_with("} from ")
                || line.starts_with("mod ")
                || line.starts_with("pub mod ")
                || line.starts_with("export ") && line.contains(" from ")
                || line.contains("require(")
                || line.contains("crate::")
        })
        .flat_map(|line| line.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-'))))
        .filter(|word| word.len() > 1)
        .map(str::to_owned)
}

fn facts(raw: &Raw, cache: Option<&Cache>) -> Result<(SourceFile, bool), Unparsed> {
    let unparsed = |reason: &str| Unparsed {
        file: raw.path.clone(),
        reason: reason.to_owned(),
    };
    let (lang, grammar) =
        Lang::of_path(&raw.path).ok_or_else(|| unparsed("no language reads it"))?;
    let role = walk::role(&raw.path);
    let key = cache.map(|_| Cache::key(raw.text.as_bytes(), lang, grammar));
    if let (Some(cache), Some(key)) = (cache, &key)
        && let Some(facts) = cache.get(key)
    {
        return Ok((SourceFile::new(raw.path.clone(), lang, role, facts), true));
    }
    // A crash in one file is that file's.
    let read = catch_unwind(AssertUnwindSafe(|| {
        lower::read(&raw.text, lang, grammar, PARSE_MAX)
    }));
    let facts = match read {
        Ok(Ok(facts)) => facts,
        Ok(Err(Unread::NoGrammar)) => return Err(unparsed("its language is not in this build")),
        Ok(Err(Unread::TooSlow)) => return Err(unparsed("it took too long to parse")),
        Err(_) => {
            return Err(unparsed(
                "reading it failed inside the auditor; please report it",
            ));
        }
    };
    if let (Some(cache), Some(key)) = (cache, &key) {
        cache.put(key, &facts);
    }
    Ok((SourceFile::new(raw.path.clone(), lang, role, facts), false))
}
