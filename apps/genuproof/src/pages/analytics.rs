//! `/analytics`: how often, from where, when.

use maud::{Markup, html};

use super::shell::{Place, Shell};
use super::{SignedIn, Site, chart, words};

/// The figures of everybody, or of the brand that is signed in.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "named as the members of the API's answer")]
pub struct AnalyticsPage {
    pub signed_in: Option<SignedIn>,
    /// Whether they are the brand's own.
    pub is_own: bool,
    pub scans: u64,
    pub products: u64,
    pub days: Vec<(String, u64)>,
    pub hours: Vec<(String, u64)>,
    pub countries: Vec<(String, u64)>,
    pub categories: Vec<(String, u64)>,
    pub statuses: Vec<(String, u64)>,
    pub results: Vec<(String, u64)>,
}

const COUNTRIES: usize = 10;

impl AnalyticsPage {
    /// Samples for tests: empty, and filled.
    pub fn samples() -> Vec<Self> {
        let count = |pairs: &[(&str, u64)]| -> Vec<(String, u64)> {
            pairs
                .iter()
                .map(|(name, count)| ((*name).to_owned(), *count))
                .collect()
        };
        let days = |of: fn(u64) -> u64| {
            (1..=7)
                .map(|day| (format!("2026-03-0{day}"), of(day)))
                .collect()
        };
        let hours = |of: fn(u64) -> u64| {
            (0..24)
                .map(|hour| (format!("{hour:02}"), of(hour)))
                .collect()
        };
        let empty = Self {
            signed_in: None,
            is_own: false,
            scans: 0,
            products: 0,
            days: days(|_| 0),
            hours: hours(|_| 0),
            countries: Vec::new(),
            categories: Vec::new(),
            statuses: Vec::new(),
            results: Vec::new(),
        };
        let filled = Self {
            signed_in: Some(SignedIn::sample()),
            is_own: true,
            scans: 18_482,
            products: 1_204,
            days: days(|day| day * day * 411),
            hours: hours(|hour| (hour * 37) % 91),
            countries: count(&[("FR", 9_000), ("US", 4_211), ("JP", 800)]),
            categories: count(&[("Watches", 800), ("<b>Bags</b>", 404)]),
            statuses: count(&[("active", 1_180), ("recalled", 4), ("transferred", 20)]),
            results: count(&[("authentic", 18_400), ("suspicious", 82)]),
        };
        vec![empty, filled]
    }

    /// The page.
    pub fn render(&self, site: &Site) -> Markup {
        let mut shell = Shell::new(
            "Analytics · GenuProof",
            "Scans and products in figures.",
            Place::Dashboard,
        );
        shell.signed_in = self.signed_in.as_ref();
        let figures = [
            (self.scans, "scans"),
            (self.products, "products"),
            (
                u64::try_from(self.countries.len()).unwrap_or_default(),
                "countries",
            ),
            (
                u64::try_from(self.categories.len()).unwrap_or_default(),
                "categories",
            ),
        ];
        let short: Vec<_> = self
            .days
            .iter()
            .map(|(day, count)| (day.get(5..).unwrap_or(day).to_owned(), *count))
            .collect();
        let countries: Vec<_> = self.countries.iter().take(COUNTRIES).cloned().collect();
        shell.render(site, &html! {
            div class="stack" {
                div class="title flush" { div {
                    h1 { "Analytics" }
                    p { (if self.is_own { "Your products and their scans." } else { "The products of all brands and their scans." }) " Days and hours are in UTC." }
                } }
                @if self.signed_in.is_some() {
                    nav class="chips" aria-label="Whose figures" {
                        a href="/analytics" aria-current=[self.is_own.then_some("true")] { "Your brand" }
                        a href="/analytics?of=all" aria-current=[(!self.is_own).then_some("true")] { "All brands" }
                    }
                }
                dl class="figures figure four" {
                    @for (number, of) in figures { div { dt { (of) } dd { (words::grouped(number)) } } }
                }
                div class="two" {
                    (chart::bars("days", "Scans of the last seven days", "Day", &short))
                    (chart::bars("hours", "Scans by hour of the day", "Hour", &self.hours))
                }
                div class="two" {
                    (chart::shares("Countries", "Country", &countries, "No scan has told its country yet."))
                    (chart::shares("Results", "Result", &self.results, "Nothing was scanned yet."))
                    (chart::shares("Categories", "Category", &self.categories, "Nothing is registered yet."))
                    (chart::shares("Statuses", "Status", &self.statuses, "Nothing is registered yet."))
                }
            }
        })
    }
}
