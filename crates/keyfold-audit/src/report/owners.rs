//! Who owns a file: `CODEOWNERS`, where GitHub looks for it.

use std::path::Path;

use globset::{Glob, GlobMatcher};

/// Patterns and their owners; the last that fits counts.
#[derive(Clone, Debug, Default)]
pub struct Owners {
    lines: Vec<(Vec<GlobMatcher>, String)>,
}

impl Owners {
    /// The file of a project, if it has one.
    pub fn of_project(root: &Path) -> Owners {
        [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"]
            .iter()
            .find_map(|name| std::fs::read_to_string(root.join(name)).ok())
            .map(|text| Owners::parse(&text))
            .unwrap_or_default()
    }

    /// From a file's text. A line that cannot be read says nothing.
    pub fn parse(text: &str) -> Owners {
        let mut lines = Vec::new();
        for line in text.lines() {
            let line = line.split(" #").next().unwrap_or(line).trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let mut words = line.split_whitespace();
            let Some(pattern) = words.next() else {
                continue;
            };
            let owner = words.collect::<Vec<_>>().join(" ");
            let matchers = globs(pattern)
                .iter()
                .filter_map(|glob| Glob::new(glob).ok())
                .map(|glob| glob.compile_matcher())
                .collect();
            lines.push((matchers, owner));
        }
        Owners { lines }
    }

    /// The owner of a path.
    pub fn of(&self, path: &str) -> Option<&str> {
        self.lines
            .iter()
            .rev()
            .find(|(matchers, _)| matchers.iter().any(|m| m.is_match(path)))
            .map(|(_, owner)| owner.as_str())
            .filter(|owner| !owner.is_empty())
    }

    /// Nobody is named.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }
}

/// A pattern as gitignore means it: anchored when a slash stands in it, a folder with all that is in it.
fn globs(pattern: &str) -> Vec<String> {
    let folder = pattern.ends_with('/');
    let bare = pattern.trim_matches('/');
    let anchored = pattern.trim_end_matches('/').contains('/');
    let base = if anchored {
        bare.to_owned()
    } else {
        format!("**/{bare}")
    };
    if bare == "*" {
        return vec!["**".to_owned()];
    }
    if folder {
        vec![format!("{base}/**")]
    } else {
        vec![base.clone(), format!("{base}/**")]
    }
}

#[cfg(test)]
mod tests {
    use super::Owners;

    #[test]
    fn the_last_pattern_that_fits_owns_a_file() {
        let owners = Owners::parse(
            "# all\n* @core\n/src/billing/ @billing @money\n*.tf @platform # ours\nsrc/legacy\n",
        );
        assert_eq!(owners.of("README.md"), Some("@core"));
        assert_eq!(owners.of("src/billing/a/b.ts"), Some("@billing @money"));
        assert_eq!(owners.of("other/src/billing/b.ts"), Some("@core"));
        assert_eq!(owners.of("infra/main.tf"), Some("@platform"));
        assert_eq!(owners.of("src/legacy/x.ts"), None);
    }
}
