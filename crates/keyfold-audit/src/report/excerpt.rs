//! Lines of source, columns and ranges.

use crate::finding::Finding;

/// A line of a text, from 1.
pub fn line(text: &str, number: u32) -> Option<&str> {
    text.lines()
        .nth(usize::try_from(number).ok()?.checked_sub(1)?)
}

/// The column of a byte in UTF-16 units, from 1.
pub fn column(text: &str, byte: u32) -> u32 {
    let byte = usize::try_from(byte).unwrap_or(usize::MAX).min(text.len());
    let start = text
        .get(..byte)
        .and_then(|before| before.rfind('\n'))
        .map_or(0, |at| at + 1);
    let units: usize = text
        .get(start..byte)
        .unwrap_or_default()
        .chars()
        .map(char::len_utf16)
        .sum();
    u32::try_from(units).unwrap_or(u32::MAX - 1) + 1
}

/// The excerpt of a finding: its line, and a mark under what matters.
pub fn excerpt(text: &str, finding: &Finding) -> Option<(String, String)> {
    let line = line(text, finding.line)?;
    let shown: String = line
        .chars()
        .take(160)
        .collect::<String>()
        .replace('\t', " ");
    let trimmed = shown.trim_start();
    let indent = shown.chars().count() - trimmed.chars().count();
    let column = usize::try_from(finding.column)
        .unwrap_or(1)
        .saturating_sub(1)
        .saturating_sub(indent);
    let width = trimmed.chars().count();
    let end = if finding.end_line == finding.line {
        usize::try_from(finding.end_column)
            .unwrap_or(0)
            .saturating_sub(1)
            .saturating_sub(indent)
    } else {
        width
    };
    let column = column.min(width.saturating_sub(1));
    // Of a call the name tells: what follows the bracket is not what is wrong.
    let end = match trimmed.chars().skip(column).position(|c| c == '(') {
        Some(open) if open > 2 => end.min(column + open),
        _ => end,
    };
    let marks = end
        .saturating_sub(column)
        .clamp(1, width.saturating_sub(column).max(1));
    Some((
        trimmed.trim_end().to_owned(),
        format!("{}{}", " ".repeat(column), "^".repeat(marks)),
    ))
}
