//! What a finding is recognised by when lines move.

use std::collections::HashMap;

use crate::finding::Finding;

/// Rule, path, function, normalised text of the site, and ordinal among equals.
pub fn assign(findings: &mut [Finding], text_of: &dyn Fn(&Finding) -> String) {
    let mut seen: HashMap<String, u32> = HashMap::new();
    for finding in findings {
        let text = text_of(finding);
        let function = finding.function.clone().unwrap_or_default();
        let base = format!("{}\0{}\0{function}\0{text}", finding.rule, finding.file);
        let ordinal = seen.entry(base.clone()).or_default();
        let mut hasher = blake3::Hasher::new();
        hasher.update(base.as_bytes());
        hasher.update(&ordinal.to_le_bytes());
        *ordinal += 1;
        hasher.finalize().to_hex()[..32].clone_into(&mut finding.fingerprint);
    }
}

/// The text of a site without white space, quotes and numbers of lines.
pub fn normalised(text: &str) -> String {
    let kept: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '"' | '\'' | '`' | ';'))
        .collect();
    // A trailing comma comes and goes with reformatting.
    kept.replace(",)", ")")
        .replace(",}", "}")
        .replace(",]", "]")
}

/// The same without the path: a renamed file is followed by content.
pub fn content(finding: &Finding, text: &str) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(finding.rule.as_bytes());
    hasher.update(finding.function.clone().unwrap_or_default().as_bytes());
    hasher.update(text.as_bytes());
    hasher.finalize().to_hex()[..32].to_owned()
}
