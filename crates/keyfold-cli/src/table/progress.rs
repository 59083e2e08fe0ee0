//! How far long work is, on standard error: one line that changes on a terminal, a line now and then elsewhere.

use std::io::IsTerminal as _;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::say;

/// Counts, and tells.
#[derive(Debug)]
pub struct Progress {
    verb: &'static str,
    total: Option<u64>,
    on_terminal: bool,
    begun: Instant,
    counted: Mutex<Counted>,
}

#[derive(Debug)]
struct Counted {
    before: u64,
    items: u64,
    shown: Instant,
}

impl Progress {
    /// `verb` is `exported`; `before` of about `total` items were done by an earlier run.
    pub fn new(verb: &'static str, before: u64, total: Option<u64>) -> Self {
        let begun = Instant::now();
        Self {
            verb,
            total: total.filter(|total| *total > 0),
            on_terminal: std::io::stderr().is_terminal(),
            begun,
            counted: Mutex::new(Counted {
                before,
                items: 0,
                shown: begun,
            }),
        }
    }

    /// So many more are done.
    pub fn add(&self, items: u64) {
        let every = if self.on_terminal {
            Duration::from_millis(100)
        } else {
            Duration::from_secs(5)
        };
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        counted.items += items;
        if counted.shown.elapsed() >= every {
            counted.shown = Instant::now();
            self.show(&counted);
        }
    }

    /// The last word.
    pub fn end(&self) {
        let counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        self.show(&counted);
        if self.on_terminal {
            say::aside("\n");
        }
    }

    fn show(&self, counted: &Counted) {
        let done = grouped(counted.before + counted.items);
        let total = self
            .total
            .map_or_else(String::new, |total| format!(" of about {}", grouped(total)));
        let ms = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let rate = grouped(counted.items.saturating_mul(1_000) / ms.max(1));
        let line = format!("{} {done}{total} items, {rate} a second", self.verb);
        say::aside(&if self.on_terminal {
            format!("\r{line}\x1b[K")
        } else {
            format!("{line}\n")
        });
    }
}

/// `1,234,567`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn thousands_are_set_apart() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(grouped(number), text);
        }
    }
}
