//! Workflow commands of GitHub Actions.

use super::Report;
use crate::finding::{Severity, State};

/// One command per new finding.
pub fn render(report: &Report) -> String {
    let mut out = String::new();
    for finding in report.counted().filter(|f| f.state == State::New) {
        let kind = match finding.severity {
            Severity::Critical | Severity::High => "error",
            Severity::Medium => "warning",
            Severity::Low | Severity::Info => "notice",
        };
        let message = format!("{}. {} {}", finding.message, finding.why, finding.fix);
        out.push_str(&format!(
            "::{kind} file={},line={},endLine={},col={},title={}::{}\n",
            property(&finding.file),
            finding.line,
            finding.end_line,
            finding.column,
            property(finding.rule),
            data(&message)
        ));
    }
    out
}

/// A command's message.
pub fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// A command's property.
pub fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
