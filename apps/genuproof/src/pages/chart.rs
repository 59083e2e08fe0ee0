//! Bars, drawn on the server: few lines, direct labels, from zero; and a table of the same numbers behind a disclosure.

use maud::{Markup, html};

use super::words;

const WIDTH: u64 = 320;
const HEIGHT: u64 = 120;
const BASE: u64 = 104;
const TOP: u64 = 14;

/// A chart of counts. `name` says what is counted; `of` what a bar stands for.
pub fn bars(id: &str, name: &str, of: &str, counts: &[(String, u64)]) -> Markup {
    let most = counts
        .iter()
        .map(|(_, count)| *count)
        .max()
        .unwrap_or_default();
    let step = WIDTH / u64::try_from(counts.len().max(1)).unwrap_or(1);
    let every = counts.len().div_ceil(8);
    let total: u64 = counts.iter().map(|(_, count)| count).sum();
    html! {
        figure class="stack-s" {
            figcaption { strong { (name) } }
            svg class="chart" viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img"
                aria-label={ (name) ": " (words::grouped(total)) " in all; the numbers are in the table below" } {
                line x1="0" y1=(BASE) x2=(WIDTH) y2=(BASE) {}
                @for (at, (label, count)) in counts.iter().enumerate() {
                    @let left = u64::try_from(at).unwrap_or_default() * step;
                    @let height = (count * (BASE - TOP)).checked_div(most).unwrap_or_default();
                    @if *count > 0 {
                        rect x=(left + step / 8) y=(BASE - height.max(1)) width=(step - step / 4) height=(height.max(1)) {}
                        @if step >= 24 || *count == most {
                            text class="value" x=(left + step / 2) y=(BASE - height.max(1) - 3) text-anchor="middle" { (words::grouped(*count)) }
                        }
                    }
                    @if at % every == 0 {
                        text x=(left + step / 2) y=(HEIGHT - 4) text-anchor="middle" { (label) }
                    }
                }
            }
            details class="fold" {
                summary { "As a table" }
                div class="wide-table" role="region" aria-label={ "Table: " (name) } tabindex="0" {
                    table id=(id) {
                        thead { tr { th scope="col" { (of) } th scope="col" class="number" { "Count" } } }
                        tbody { @for (label, count) in counts {
                            tr { th scope="row" { (label) } td class="number" { (words::grouped(*count)) } }
                        } }
                    }
                }
            }
        }
    }
}

/// Counts with their share of all, as a table.
pub fn shares(name: &str, of: &str, counts: &[(String, u64)], empty: &str) -> Markup {
    let total: u64 = counts.iter().map(|(_, count)| count).sum();
    html! {
        section class="stack-s" {
            h2 { (name) }
            @if total == 0 {
                p class="muted" { (empty) }
            } @else {
                div class="wide-table" role="region" aria-label={ "Table: " (name) } tabindex="0" {
                    table {
                        thead { tr { th scope="col" { (of) } th scope="col" class="number" { "Count" } th scope="col" class="number" { "Share" } } }
                        tbody { @for (label, count) in counts {
                            tr {
                                th scope="row" { (label) }
                                td class="number" { (words::grouped(*count)) }
                                td class="number" { ((count * 100 + total / 2) / total) " %" }
                            }
                        } }
                    }
                }
            }
        }
    }
}
