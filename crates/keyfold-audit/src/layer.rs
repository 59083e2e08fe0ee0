//! The repository layer: what may talk to `DynamoDB` directly.

use std::collections::BTreeMap;

use globset::{Glob, GlobSet, GlobSetBuilder};
use rustc_hash::FxHashSet;

use crate::config::Config;
use crate::facts::Kind;
use crate::link::eval::{Eval, Value};
use crate::link::{FileId, Project, Role};
use crate::sites::FileSites;
use crate::surfaces::Api;

/// Which layer a call stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// In the repository layer.
    Repository,
    /// In production code outside it.
    Bypass,
    /// A script or a migration.
    Script,
    /// A test.
    Test,
    /// An example.
    Example,
    /// Infrastructure code.
    Infrastructure,
    /// Production code of a project without a layer.
    None,
}

impl Place {
    /// Its name in the report.
    pub fn name(self) -> &'static str {
        match self {
            Place::Repository => "repository",
            Place::Bypass => "bypass",
            Place::Script => "script",
            Place::Test => "test",
            Place::Example => "example",
            Place::Infrastructure => "infrastructure",
            Place::None => "none",
        }
    }
}

/// The layer, and how it was found.
#[derive(Debug, Default)]
pub struct Layer {
    /// Files of the layer.
    pub files: FxHashSet<FileId>,
    /// It was configured rather than inferred.
    pub configured: bool,
    /// The paths of the layer, for the report, with the reason.
    pub reasons: BTreeMap<String, String>,
    /// Folders that nearly were one: score and reason.
    pub runners_up: BTreeMap<String, String>,
    /// Layers for some tables only: tables, files.
    pub of: Vec<(Vec<String>, FxHashSet<FileId>)>,
}

impl Layer {
    /// Where a file's calls stand.
    pub fn place(&self, project: &Project, file: FileId) -> Place {
        match project.file(file).role {
            Role::Test => Place::Test,
            Role::Script => Place::Script,
            Role::Example => Place::Example,
            Role::Infrastructure => Place::Infrastructure,
            Role::Production if self.files.contains(&file) => Place::Repository,
            Role::Production if self.files.is_empty() && !self.configured => Place::None,
            Role::Production => Place::Bypass,
        }
    }
}

/// A set of path patterns; one that cannot be read matches nothing.
pub fn patterns(list: &[String]) -> GlobSet {
    let mut set = GlobSetBuilder::new();
    for pattern in list {
        if let Ok(glob) = Glob::new(pattern) {
            set.add(glob);
        }
    }
    set.build().unwrap_or_default()
}

const FOLDERS: [&str; 22] = [
    "repository",
    "repositories",
    "repo",
    "repos",
    "dao",
    "daos",
    "persistence",
    "store",
    "stores",
    "storage",
    "db",
    "database",
    "dynamodb",
    "dynamo",
    "adapter",
    "adapters",
    "gateway",
    "gateways",
    "models",
    "data-access",
    "data_access",
    "dal",
];

/// Words at the end of a file's or type's name.
const ENDINGS: [&str; 8] = [
    "repository",
    "repo",
    "dao",
    "store",
    "storage",
    "persistence",
    "gateway",
    "dal",
];

fn named_so(path: &str) -> Option<String> {
    let lower = path.to_ascii_lowercase();
    let mut parts: Vec<&str> = lower.split('/').collect();
    let name = parts.pop().unwrap_or_default();
    // The nearest folder counts: `db/handlers/list.ts` is not a layer.
    if let Some(folder) = parts
        .iter()
        .rev()
        .take(2)
        .find(|part| FOLDERS.contains(part))
        && !parts.iter().rev().take(1).any(|p| {
            matches!(
                *p,
                "handlers" | "routes" | "controllers" | "lambdas" | "functions"
            )
        })
    {
        return Some(format!("folder {folder}"));
    }
    let stem = name.split('.').next().unwrap_or(name);
    let words: Vec<&str> = name.split(['.', '_', '-']).collect();
    let hit = FOLDERS.contains(&stem)
        || words.iter().any(|word| {
            ENDINGS.contains(word) || matches!(*word, "dynamodb" | "dynamo" | "ddb" | "db")
        })
        || ENDINGS
            .iter()
            .any(|ending| stem.len() > ending.len() && stem.ends_with(ending));
    hit.then(|| format!("file {stem}"))
}

fn type_named_so(name: &str) -> bool {
    [
        "Repository",
        "Repo",
        "Dao",
        "DAO",
        "Store",
        "Storage",
        "Gateway",
        "Persistence",
    ]
    .iter()
    .any(|ending| name.ends_with(ending))
}

/// Files that hold an entry point.
pub type Entries = FxHashSet<FileId>;

/// Finds the layer.
pub fn find(project: &Project, sites: &[FileSites], config: &Config, entries: &Entries) -> Layer {
    let mut layer = Layer::default();
    let with_sites: Vec<FileId> = (0u32..)
        .zip(sites)
        .filter(|(_, s)| s.sites.iter().any(|site| site.api != Api::Keyfold))
        .map(|(id, _)| id)
        .collect();
    let asked = &config.layer;
    for of in &asked.of {
        let set = patterns(&of.paths);
        let files = project
            .ids()
            .filter(|(_, f)| set.is_match(&f.path))
            .map(|(id, _)| id)
            .collect();
        layer.of.push((of.tables.clone(), files));
    }
    if !asked.paths.is_empty()
        || !asked.modules.is_empty()
        || !asked.types.is_empty()
        || !asked.of.is_empty()
    {
        layer.configured = true;
        let modules: Vec<String> = asked
            .modules
            .iter()
            .flat_map(|m| {
                let path = m.replace(['.', ':'], "/").replace("//", "/");
                [
                    format!("**/{path}.*"),
                    format!("**/{path}/**"),
                    format!("{path}.*"),
                    format!("{path}/**"),
                ]
            })
            .collect();
        let all: Vec<String> = asked
            .paths
            .iter()
            .chain(&modules)
            .chain(asked.of.iter().flat_map(|o| &o.paths))
            .cloned()
            .collect();
        let (set, except, types) = (
            patterns(&all),
            patterns(&asked.except),
            patterns(&asked.types),
        );
        for (id, file) in project.ids() {
            let typed = file
                .facts
                .classes
                .iter()
                .any(|class| types.is_match(class.name.as_str()));
            if (set.is_match(&file.path) || typed) && !except.is_match(&file.path) {
                layer.files.insert(id);
            }
        }
        for path in &all {
            layer.reasons.insert(path.clone(), "configured".to_owned());
        }
        return layer;
    }
    let eval = Eval::new(project);
    let mut unused: Vec<(FileId, String)> = Vec::new();
    for file in with_sites {
        let f = project.file(file);
        if f.role != Role::Production {
            continue;
        }
        if entries.contains(&file) {
            layer
                .runners_up
                .insert(f.path.clone(), "has an entry point".to_owned());
            continue;
        }
        let modelled = sites[file as usize]
            .sites
            .iter()
            .any(|s| s.handle.model.is_some_and(|(at, _)| at == file));
        let typed = f
            .facts
            .classes
            .iter()
            .find(|class| type_named_so(&class.name));
        let reason = if modelled {
            Some("holds a modelling library's models".to_owned())
        } else if let Some(reason) = named_so(&f.path) {
            Some(reason)
        } else {
            typed.map(|class| format!("type {}", class.name))
        };
        let Some(reason) = reason else { continue };
        if used_from_outside(&eval, file) {
            layer.files.insert(file);
            layer.reasons.insert(f.path.clone(), reason);
        } else {
            unused.push((file, reason));
        }
    }
    // What is named like the layer is no way around it, but by itself it makes none.
    for (file, reason) in unused {
        let path = project.file(file).path.clone();
        if layer.files.is_empty() {
            layer
                .runners_up
                .insert(path, format!("{reason}, but nothing outside calls it"));
        } else {
            layer.files.insert(file);
            layer
                .reasons
                .insert(path, format!("{reason}, though nothing outside calls it"));
        }
    }
    if layer.files.is_empty() {
        most_calls(project, sites, entries, &eval, &mut layer);
    }
    layer
}

/// The module that holds most calls, if others use it.
fn most_calls(
    project: &Project,
    sites: &[FileSites],
    entries: &Entries,
    eval: &Eval<'_>,
    layer: &mut Layer,
) {
    let production: Vec<(FileId, usize)> = (0u32..)
        .zip(sites)
        .filter(|(id, _)| project.file(*id).role == Role::Production)
        .map(|(id, s)| (id, s.sites.iter().filter(|site| site.op.on_items()).count()))
        .collect();
    let all: usize = production.iter().map(|(_, n)| n).sum();
    for (file, count) in production {
        if count * 2 > all
            && count >= 3
            && !entries.contains(&file)
            && used_from_outside(eval, file)
        {
            layer.files.insert(file);
            let path = project.file(file).path.clone();
            layer.reasons.insert(
                path,
                format!("holds {count} of {all} calls and is used from elsewhere"),
            );
        }
    }
}

/// A function, method or class of the file is used by another production file.
fn used_from_outside(eval: &Eval<'_>, file: FileId) -> bool {
    let project = eval.project;
    let f = project.file(file);
    // An import of it is use enough.
    let imported = project.ids().any(|(id, other)| {
        id != file
            && other.role != Role::Test
            && other.facts.imports.iter().any(|import| {
                crate::link::modules::resolve(project, id, &import.module) == Some(file)
                    || import
                        .name
                        .as_ref()
                        .is_some_and(|name| match eval.exported(id, name) {
                            Value::Function(at, _) | Value::Class(at, _) | Value::Module(at) => {
                                at == file && import.reexport
                            }
                            _ => false,
                        })
                    || import.name.as_ref().is_some_and(|name| {
                        f.lang == crate::lang::Lang::Rust
                            && f.facts
                                .classes
                                .iter()
                                .any(|c| c.name == *name && !c.interface)
                    })
            })
    });
    imported
        || (1u32..)
            .zip(f.facts.functions.iter().skip(1))
            .any(|(id, function)| {
                !function.lambda
                    && function.name.len() > 2
                    && eval.callers_of(file, id).iter().any(|(call, _)| {
                        call.file != file
                            && project.file(call.file).role != Role::Test
                            && matches!(project.kind(*call), Kind::Call(..))
                    })
            })
}
