//! The report as JSON: versioned, described by `schema/report.schema.json`.

use super::Report;

/// The JSON Schema of the report.
pub const JSON_SCHEMA: &str = include_str!("../../schema/report.schema.json");

/// The report.
pub fn render(report: &Report) -> String {
    let mut text = serde_json::to_string_pretty(report).unwrap_or_default();
    text.push('\n');
    text
}
