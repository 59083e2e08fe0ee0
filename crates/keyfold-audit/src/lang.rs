//! The languages that are read, and what differs between them besides their grammar.

use keyfold_grammars::Grammar;
use serde::{Deserialize, Serialize};

/// A language or document format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// TypeScript
    TypeScript,
    /// JavaScript
    JavaScript,
    /// Python
    Python,
    /// Rust
    Rust,
    /// Java
    Java,
    /// Kotlin
    Kotlin,
    /// Go
    Go,
    /// Terraform, `OpenTofu`
    Hcl,
    /// YAML
    Yaml,
    /// JSON
    Json,
}

impl Lang {
    /// Every language, in the order of the report.
    pub const ALL: [Lang; 10] = [
        Lang::TypeScript,
        Lang::JavaScript,
        Lang::Python,
        Lang::Rust,
        Lang::Java,
        Lang::Kotlin,
        Lang::Go,
        Lang::Hcl,
        Lang::Yaml,
        Lang::Json,
    ];

    /// Its name in the report and in `--lang`.
    pub fn name(self) -> &'static str {
        match self {
            Lang::TypeScript => "typescript",
            Lang::JavaScript => "javascript",
            Lang::Python => "python",
            Lang::Rust => "rust",
            Lang::Java => "java",
            Lang::Kotlin => "kotlin",
            Lang::Go => "go",
            Lang::Hcl => "hcl",
            Lang::Yaml => "yaml",
            Lang::Json => "json",
        }
    }

    /// The language of a name in `--lang`; short forms count.
    pub fn from_name(name: &str) -> Option<Lang> {
        let name = match name {
            "ts" | "tsx" => "typescript",
            "js" | "jsx" => "javascript",
            "py" => "python",
            "rs" => "rust",
            "kt" => "kotlin",
            "golang" => "go",
            "terraform" | "tf" => "hcl",
            "yml" | "cloudformation" | "sam" => "yaml",
            other => other,
        };
        Lang::ALL.into_iter().find(|lang| lang.name() == name)
    }

    /// Language and grammar of a path, by its extension.
    pub fn of_path(path: &str) -> Option<(Lang, Grammar)> {
        let name = path.rsplit('/').next().unwrap_or(path);
        let extension = name.rsplit_once('.')?.1;
        Some(match extension {
            "ts" | "mts" | "cts" => (Lang::TypeScript, Grammar::TypeScript),
            "tsx" => (Lang::TypeScript, Grammar::Tsx),
            "js" | "jsx" | "mjs" | "cjs" => (Lang::JavaScript, Grammar::JavaScript),
            "py" => (Lang::Python, Grammar::Python),
            "rs" => (Lang::Rust, Grammar::Rust),
            "java" => (Lang::Java, Grammar::Java),
            "kt" | "kts" => (Lang::Kotlin, Grammar::Kotlin),
            "go" => (Lang::Go, Grammar::Go),
            "tf" | "tofu" => (Lang::Hcl, Grammar::Hcl),
            "yml" | "yaml" | "template" => (Lang::Yaml, Grammar::Yaml),
            "json" => (Lang::Json, Grammar::Json),
            _ => return None,
        })
    }

    /// A document rather than a program.
    pub fn is_document(self) -> bool {
        matches!(self, Lang::Hcl | Lang::Yaml | Lang::Json)
    }

    /// TypeScript and JavaScript are one language to linking.
    pub fn is_js(self) -> bool {
        matches!(self, Lang::TypeScript | Lang::JavaScript)
    }
}
