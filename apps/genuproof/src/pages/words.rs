//! How times, statuses and kinds of events are put into words.

use jiff::Timestamp;
use maud::{Markup, html};

use super::icon;

/// Date and minute in UTC; the page's script makes it local.
pub fn minute(at: Timestamp) -> Markup {
    html! { time datetime=(at) { (at.strftime("%-d %b %Y, %H:%M UTC")) } }
}

/// The date in UTC; the page's script makes it local.
pub fn day(at: Timestamp) -> Markup {
    html! { time datetime=(at) data-day { (at.strftime("%-d %b %Y")) } }
}

/// `1 scan`, `2 scans`.
pub fn counted(count: u64, one: &str, many: &str) -> String {
    if count == 1 {
        format!("1 {one}")
    } else {
        format!("{count} {many}")
    }
}

/// A kind of event as a title: `manufactured` is `Manufactured`.
pub fn titled(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// The status of a product as a badge: sign, word, colour.
pub fn status(status: &str) -> Markup {
    let (class, sign) = match status {
        "active" => ("good", icon::tick()),
        "recalled" => ("bad", icon::warning()),
        "flagged" => ("warn", icon::warning()),
        _ => ("plain", icon::chain()),
    };
    html! { span class={ "badge " (class) } { (sign) (titled(status)) } }
}

/// A number with its digits in groups of three.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 2);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('\u{2009}');
        }
        text.push(digit);
    }
    text
}

/// What an alert is about, as a title.
pub fn alert(kind: &str) -> &str {
    match kind {
        "geographic_anomaly" => "Scanned in many countries",
        "burst_scan" => "Many scans at once",
        "scan_velocity" => "Scanned too often",
        "claimed_product_scan" | "duplicate_scan" => "Claimed product scanned elsewhere",
        "hash_tampering" => "Record altered",
        "chain_gap" => "Gap in the history",
        "product_recall" => "Product recalled",
        "ownership_dispute" => "Ownership disputed",
        other => other,
    }
}

/// How serious something is, as a badge: sign, word, colour.
pub fn severity(severity: &str) -> Markup {
    let class = severity_class(severity);
    html! { span class={ "badge " (class) } { (icon::warning()) span data-word { (titled(severity)) } } }
}

/// The colour that goes with a severity.
pub fn severity_class(severity: &str) -> &'static str {
    match severity {
        "critical" | "high" => "bad",
        "medium" => "warn",
        _ => "info",
    }
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn digits_stand_in_groups_of_three() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1\u{2009}000"),
            (1_234_567, "1\u{2009}234\u{2009}567"),
        ] {
            assert_eq!(grouped(number), text);
        }
    }
}
