//! The grammars that `keyfold-audit` parses with, and nothing else.
//!
//! They are C and take a minute to compile. In a crate that hardly changes, an edit of a rule
//! compiles none of them.

pub use tree_sitter;

use tree_sitter::Language;

/// A grammar, named for the files it reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Grammar {
    /// `.go`
    Go,
    /// `.tf`, `.hcl`
    Hcl,
    /// `.java`
    Java,
    /// `.js`, `.jsx`, `.mjs`, `.cjs`
    JavaScript,
    /// `.json`
    Json,
    /// `.kt`, `.kts`
    Kotlin,
    /// `.py`
    Python,
    /// `.rs`
    Rust,
    /// `.ts`, `.mts`, `.cts`
    TypeScript,
    /// `.tsx`
    Tsx,
    /// `.yml`, `.yaml`
    Yaml,
}

impl Grammar {
    /// The grammar itself; `None` where it was not compiled in.
    pub fn language(self) -> Option<Language> {
        match self {
            #[cfg(feature = "go")]
            Grammar::Go => Some(tree_sitter_go::LANGUAGE.into()),
            #[cfg(feature = "hcl")]
            Grammar::Hcl => Some(tree_sitter_hcl::LANGUAGE.into()),
            #[cfg(feature = "java")]
            Grammar::Java => Some(tree_sitter_java::LANGUAGE.into()),
            #[cfg(feature = "javascript")]
            Grammar::JavaScript => Some(tree_sitter_javascript::LANGUAGE.into()),
            #[cfg(feature = "json")]
            Grammar::Json => Some(tree_sitter_json::LANGUAGE.into()),
            #[cfg(feature = "kotlin")]
            Grammar::Kotlin => Some(tree_sitter_kotlin_ng::LANGUAGE.into()),
            #[cfg(feature = "python")]
            Grammar::Python => Some(tree_sitter_python::LANGUAGE.into()),
            #[cfg(feature = "rust")]
            Grammar::Rust => Some(tree_sitter_rust::LANGUAGE.into()),
            #[cfg(feature = "typescript")]
            Grammar::TypeScript => Some(tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into()),
            #[cfg(feature = "typescript")]
            Grammar::Tsx => Some(tree_sitter_typescript::LANGUAGE_TSX.into()),
            #[cfg(feature = "yaml")]
            Grammar::Yaml => Some(tree_sitter_yaml::LANGUAGE.into()),
            #[expect(
                unreachable_patterns,
                reason = "reached when a grammar's feature is off"
            )]
            _ => None,
        }
    }
}
