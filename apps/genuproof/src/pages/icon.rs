//! Icons, drawn on 24 × 24. They stand beside words, so screen readers skip them.

use maud::{Markup, html};

pub fn tick() -> Markup {
    line("m5 12.5 4.5 4.5L19 7.5")
}

pub fn cross() -> Markup {
    line("M6 6l12 12M18 6 6 18")
}

pub fn pass() -> Markup {
    line("M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M8 12.3l2.8 2.8L16 9.6")
}

pub fn fail() -> Markup {
    line("M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M9 9l6 6M15 9l-6 6")
}

pub fn warning() -> Markup {
    line("M12 4 2.8 20h18.4zM12 10v4.5M12 17.2v.3")
}

pub fn info() -> Markup {
    line("M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 11v5.5M12 7.6v.3")
}

pub fn chevron() -> Markup {
    html! {
        svg class="chevron" viewBox="0 0 24 24" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.8"
            stroke-linecap="round" stroke-linejoin="round" { path d="m6 9 6 6 6-6" {} }
    }
}

pub fn seal() -> Markup {
    line(
        "M12 2.5l2.4 2 3.1-.2.8 3 2.6 1.7-1.2 2.9 1.2 2.9-2.6 1.7-.8 3-3.1-.2-2.4 2-2.4-2-3.1.2-.8-3L3.1 14.8l1.2-2.9-1.2-2.9 2.6-1.7.8-3 3.1.2zM8.6 12l2.3 2.3 4.5-4.6",
    )
}

pub fn chain() -> Markup {
    line(
        "M10 14a4 4 0 0 0 5.7 0l3.1-3.1a4 4 0 0 0-5.7-5.7L12 6.3M14 10a4 4 0 0 0-5.7 0l-3.1 3.1a4 4 0 0 0 5.7 5.7L12 17.7",
    )
}

pub fn scan() -> Markup {
    line(
        "M4 8V5.5A1.5 1.5 0 0 1 5.5 4H8M16 4h2.5A1.5 1.5 0 0 1 20 5.5V8M20 16v2.5a1.5 1.5 0 0 1-1.5 1.5H16M8 20H5.5A1.5 1.5 0 0 1 4 18.5V16M4 12h16",
    )
}

pub fn sun() -> Markup {
    themed(
        "theme-dark",
        "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M18.7 5.3l-1.4 1.4M6.7 17.3l-1.4 1.4",
    )
}

pub fn moon() -> Markup {
    themed(
        "theme-light",
        "M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z",
    )
}

pub fn logo() -> Markup {
    html! {
        svg viewBox="0 0 24 24" aria-hidden="true" {
            circle cx="12" cy="12" r="11" fill="currentColor" {}
            path class="logo-tick" fill="none" stroke-width="2" stroke-linecap="round"
                stroke-linejoin="round" d="m7 12.4 3.4 3.4L17 8.8" {}
        }
    }
}

fn line(d: &str) -> Markup {
    html! {
        svg viewBox="0 0 24 24" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.8"
            stroke-linecap="round" stroke-linejoin="round" { path d=(d) {} }
    }
}

fn themed(class: &str, d: &str) -> Markup {
    html! {
        svg class=(class) viewBox="0 0 24 24" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.8"
            stroke-linecap="round" stroke-linejoin="round" { path d=(d) {} }
    }
}
