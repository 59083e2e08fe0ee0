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
