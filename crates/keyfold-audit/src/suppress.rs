//! `keyfold: allow(rule) reason="…"`: what is known and accepted, with its reason.

use crate::facts::{Directive, FileFacts, Kind};

/// A suppression as it stands in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allow {
    /// Line of the comment.
    pub line: u32,
    /// First line it speaks for.
    pub from: u32,
    /// Last line it speaks for.
    pub to: u32,
    /// The rules it names.
    pub rules: Vec<String>,
    /// Why; empty when it is missing.
    pub reason: String,
    /// Until when: `2027-01-31`.
    pub until: Option<String>,
}

/// The suppressions of a file, each with the lines it speaks for.
pub fn allows(facts: &FileFacts, text: &str) -> Vec<Allow> {
    facts
        .directives
        .iter()
        .filter_map(|directive| allow(facts, text, directive))
        .collect()
}

fn allow(facts: &FileFacts, text: &str, directive: &Directive) -> Option<Allow> {
    let rest = directive
        .text
        .strip_prefix("keyfold:")?
        .trim_start()
        .strip_prefix("allow")?
        .trim_start();
    let (rules, rest) = rest.strip_prefix('(')?.split_once(')')?;
    let rules: Vec<String> = rules
        .split(',')
        .map(|rule| rule.trim().to_owned())
        .filter(|r| !r.is_empty())
        .collect();
    let (from, to) = span_of(facts, text, directive);
    Some(Allow {
        line: directive.line,
        from,
        to,
        rules,
        reason: quoted(rest, "reason=").unwrap_or_default(),
        until: word(rest, "until="),
    })
}

fn quoted(text: &str, key: &str) -> Option<String> {
    let (_, rest) = text.split_once(key)?;
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (inside, _) = rest[1..].split_once(quote)?;
    Some(inside.trim().to_owned())
}

fn word(text: &str, key: &str) -> Option<String> {
    let (_, rest) = text.split_once(key)?;
    rest.split_whitespace().next().map(str::to_owned)
}

/// On a line of its own it speaks for the next line of code, and for the whole function, class or
/// resource that begins there; beside code for its line.
fn span_of(facts: &FileFacts, text: &str, directive: &Directive) -> (u32, u32) {
    if !directive.alone {
        return (directive.line, directive.line);
    }
    let lines: Vec<&str> = text.lines().collect();
    let mut next = directive.line;
    while let Some(line) = lines.get(next as usize) {
        next += 1;
        let line = line.trim_start();
        let comment = ["//", "#", "--", "/*", "*"]
            .iter()
            .any(|mark| line.starts_with(mark))
            && !line.starts_with("#[");
        let attribute = line.starts_with('@') || line.starts_with("#[");
        if !line.is_empty() && !comment && !attribute {
            break;
        }
    }
    let mut to = next;
    for function in facts
        .functions
        .iter()
        .skip(1)
        .filter(|f| !f.lambda || !f.name.is_empty())
    {
        if (directive.line..=next).contains(&function.span.line) {
            to = to.max(function.span.end_line);
        }
    }
    for class in &facts.classes {
        if (directive.line..=next).contains(&class.span.line) {
            to = to.max(class.span.end_line);
        }
    }
    // A statement or resource that begins on that line.
    for node in &facts.nodes {
        if node.span.line == next
            && matches!(
                node.kind,
                Kind::Let(..)
                    | Kind::Call(..)
                    | Kind::Return(_)
                    | Kind::Assign(..)
                    | Kind::Object(_)
            )
        {
            to = to.max(node.span.end_line);
        }
    }
    (directive.line, to)
}
