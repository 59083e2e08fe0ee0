//! `keyfold explain KF0002`: what an error code means.

use clap::Args;
use keyfold_model::errors::{ErrorCode, REGISTRY};
use serde_json::json;

use crate::failure::Failed;
use crate::format::{Format, FormatArgs};
use crate::say;

/// What to explain.
#[derive(Debug, Args)]
pub struct Explain {
    /// The code, such as KF0002; without one, all of them are listed.
    code: Option<String>,
    #[command(flatten)]
    format: FormatArgs,
}

/// Explains.
pub fn run(explain: &Explain) -> Result<(), Failed> {
    let format = explain.format.chosen();
    let Some(code) = &explain.code else {
        say::out(&match format {
            Format::Text => list(),
            Format::Json => {
                format!(
                    "{:#}\n",
                    REGISTRY.iter().map(as_json).collect::<serde_json::Value>()
                )
            }
        });
        return Ok(());
    };
    let entry = keyfold_model::errors::explain(code.trim()).ok_or_else(|| {
        Failed::wrong_use(format!(
            "there is no error code {code}\nhint: `keyfold explain` lists every code there is"
        ))
    })?;
    say::out(&match format {
        Format::Text => page(entry),
        Format::Json => format!("{:#}\n", as_json(entry)),
    });
    Ok(())
}

fn page(entry: &ErrorCode) -> String {
    format!(
        "{}: {}\n\nCause\n{}\nFix\n{}",
        entry.code,
        entry.title,
        indented(entry.cause),
        indented(entry.fix)
    )
}

fn list() -> String {
    REGISTRY.iter().fold(String::new(), |mut list, entry| {
        list.extend([entry.code, "  ", entry.title, "\n"]);
        list
    })
}

fn as_json(entry: &ErrorCode) -> serde_json::Value {
    json!({ "code": entry.code, "title": entry.title, "cause": entry.cause, "fix": entry.fix })
}

/// Two spaces in, and no line over 80 characters unless a word is.
fn indented(text: &str) -> String {
    let mut out = String::new();
    let mut width = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if width > 0 && width + 1 + length > 78 {
            out.push('\n');
            width = 0;
        }
        out.push_str(if width == 0 { "  " } else { " " });
        out.push_str(word);
        width += 1 + length;
    }
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_cause_and_fix_within_eighty_columns() {
        for entry in REGISTRY {
            let page = page(entry);
            assert!(page.starts_with(entry.code) && page.contains("\nFix\n"));
            let longest = page.lines().skip(1).map(|line| line.chars().count()).max();
            assert!(longest <= Some(80), "{page}");
        }
    }
}
