//! Reading one page becomes reading all, where the items are taken from the response in the same expression: nothing else
//! of it can be missed.

use super::Edit;
use crate::finding::Finding;

/// Of a dropped page, in Rust and in boto3.
pub(super) fn all_pages(finding: &Finding, text: &str) -> Vec<Edit> {
    let from = usize::try_from(finding.bytes.0).unwrap_or(0);
    if !text.is_char_boundary(from) {
        return Vec::new();
    }
    match finding.file.rsplit('.').next() {
        Some("rs") => rust(text, from),
        Some("py") => boto3(text, from),
        _ => None,
    }
    .unwrap_or_default()
}

/// `.send().await?.items.unwrap_or_default()` is a collected paginator.
fn rust(text: &str, from: usize) -> Option<Vec<Edit>> {
    let end = from + text[from..].find(';')?;
    let statement = &text[from..end];
    if statement.contains(".limit(") || statement.contains("into_paginator") {
        return None;
    }
    let send = from + statement.find(".send()")?;
    let mut at = skip(text, send + ".send()".len(), end);
    at = past(text, at, end, ".await")?;
    let tries = at;
    at = past(text, at, end, "?").or_else(|| past(text, at, end, ".unwrap()"))?;
    let handled = text[tries..at].trim().to_owned();
    at = skip(text, at, end);
    let after = past(text, at, end, ".items.unwrap_or_default()")
        .or_else(|| past(text, at, end, ".items().to_vec()"))?;
    // Nothing may follow that is of the response.
    if skip(text, after, end) != end {
        return None;
    }
    Some(vec![Edit {
        start: send,
        end: after,
        text: format!(
            ".into_paginator().items().send().collect::<Result<Vec<_>, _>>().await{handled}"
        ),
    }])
}

/// `client.query(…)["Items"]` of a client, which a table is not.
fn boto3(text: &str, from: usize) -> Option<Vec<Edit>> {
    let line_start = text[..from].rfind('\n').map_or(0, |n| n + 1);
    let (op, dot) = ["query", "scan"].iter().find_map(|op| {
        let call = format!(".{op}(");
        let end = (from + call.len() + 200).min(text.len());
        let end = (end..=text.len()).find(|n| text.is_char_boundary(*n))?;
        text[line_start..end]
            .find(&call)
            .map(|n| (*op, line_start + n))
    })?;
    let open = dot + op.len() + 1;
    let close = matching(text, open)?;
    let arguments = &text[open + 1..close];
    if !arguments.contains("TableName")
        || arguments.contains("Limit")
        || arguments.contains("ExclusiveStartKey")
    {
        return None;
    }
    let after = [
        "[\"Items\"]",
        "['Items']",
        ".get(\"Items\", [])",
        ".get('Items', [])",
    ]
    .iter()
    .find_map(|suffix| past(text, close + 1, text.len(), suffix))?;
    let receiver = text[line_start..dot]
        .rfind(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.')))
        .map_or(line_start, |n| line_start + n + 1);
    if receiver >= dot {
        return None;
    }
    Some(vec![Edit {
        start: receiver,
        end: after,
        text: format!(
            "[item for page in {}.get_paginator(\"{op}\").paginate({arguments}) for item in page[\"Items\"]]",
            &text[receiver..dot]
        ),
    }])
}

fn skip(text: &str, from: usize, end: usize) -> usize {
    let rest = &text[from..end];
    from + (rest.len() - rest.trim_start().len())
}

/// The place behind a word, white space before it and between its parts left out.
fn past(text: &str, from: usize, end: usize, word: &str) -> Option<usize> {
    let mut at = from;
    for part in word.split_inclusive(')') {
        for (n, piece) in part.split('.').enumerate() {
            if n > 0 {
                at = skip(text, at, end);
                at = text[at..end].starts_with('.').then_some(at + 1)?;
            }
            if piece.is_empty() {
                continue;
            }
            at = text[at..end]
                .starts_with(piece)
                .then_some(at + piece.len())?;
        }
    }
    Some(at)
}

/// The bracket that closes this one; strings may hold any.
fn matching(text: &str, open: usize) -> Option<usize> {
    let mut depth = 0u32;
    let mut quote: Option<char> = None;
    let mut escaped = false;
    for (n, c) in text[open..].char_indices() {
        match (quote, c) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(q), c) if c == q => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => {
                depth -= 1;
                if depth == 0 {
                    return Some(open + n);
                }
            }
            (None, _) => {}
        }
    }
    None
}
