//! Code shown in Markdown that also exists as a file is the file's code, word for word.
//!
//! A block is tied to its file by the comment `<!-- from PATH -->` on the line above it, PATH
//! relative to the repository's root.

use cargo_metadata::camino::Utf8Path;

use super::Offence;
use super::repository::{Repository, offence};

/// Finds blocks that no longer are what their file says.
pub fn check(repository: &Repository) -> anyhow::Result<Vec<Offence>> {
    let mut found = Vec::new();
    for file in repository.files_ending(".md") {
        for excerpt in excerpts(&repository.text(file)?) {
            let source = Utf8Path::new(&excerpt.from);
            let what = if !repository.files.contains(source) {
                format!("there is no file `{source}` to take this code from")
            } else if !repository.text(source)?.contains(&excerpt.code) {
                format!("this code is not in `{source}` word for word: copy it from there")
            } else {
                continue;
            };
            found.push(offence(file, excerpt.line, what));
        }
    }
    Ok(found)
}

struct Excerpt {
    line: usize,
    from: String,
    code: String,
}

fn excerpts(text: &str) -> Vec<Excerpt> {
    let lines: Vec<_> = text.lines().collect();
    let tied = lines.iter().enumerate().filter_map(|(at, line)| {
        let from = line.strip_prefix("<!-- from ")?.strip_suffix(" -->")?;
        // The line after the comment opens the block.
        let block = lines.get(at + 2..).unwrap_or_default();
        let code = block.iter().take_while(|line| **line != "```");
        let code = code.fold(String::new(), |code, line| code + line + "\n");
        Some(Excerpt {
            line: at + 1,
            from: from.to_owned(),
            code,
        })
    });
    tied.collect()
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::fixture::Fixture;

    const EXAMPLE: &str = "//! An example.\n\nfn main() {\n    let a = 1;\n}\n";

    fn offences(readme: &str) -> Vec<String> {
        Fixture::new()
            .file("examples/a.rs", EXAMPLE)
            .file("README.md", readme)
            .offences(check)
    }

    #[test]
    fn the_files_own_code_and_untied_blocks_are_silent() {
        let tied =
            "# A\n\n<!-- from examples/a.rs -->\n```rust\nfn main() {\n    let a = 1;\n```\n";
        assert_eq!(offences(tied), [""; 0]);
        assert_eq!(offences("```rust\nfn other() {}\n```\n"), [""; 0]);
    }

    #[test]
    fn code_that_has_moved_on_and_a_missing_file_are_found() {
        let changed =
            "# A\n\n<!-- from examples/a.rs -->\n```rust\nfn main() {\n    let b = 1;\n```\n";
        let found = offences(changed);
        assert!(found[0].starts_with("README.md:3: this code is not in `examples/a.rs`"));
        let found = offences(&changed.replace("a.rs", "gone.rs"));
        assert!(found[0].starts_with("README.md:3: there is no file `examples/gone.rs`"));
    }
}
