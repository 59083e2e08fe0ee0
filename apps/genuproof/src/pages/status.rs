//! `/status`: whether everything answers.

use maud::{Markup, html};

use super::shell::{Place, Shell};
use super::{SignedIn, Site, icon, words};

/// Whether everything answers.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "named as the members of the API's answer")]
pub struct StatusPage {
    pub signed_in: Option<SignedIn>,
    pub is_healthy: bool,
    pub database_ms: u64,
    pub endpoints: usize,
    pub pages: usize,
    pub checks: Vec<Check>,
}

/// One of the checks.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "they are what they are called")]
pub struct Check {
    pub name: &'static str,
    pub path: &'static str,
    pub is_up: bool,
    pub latency_ms: u64,
}

impl StatusPage {
    /// Samples for tests: all well, and one that is not.
    pub fn samples() -> Vec<Self> {
        let check = |name, path, is_up| Check {
            name,
            path,
            is_up,
            latency_ms: 3,
        };
        let well = Self {
            signed_in: None,
            is_healthy: true,
            database_ms: 1,
            endpoints: 60,
            pages: 18,
            checks: vec![
                check("Landing page", "/", true),
                check("Health", "/api/health", true),
            ],
        };
        let mut ill = well.clone();
        ill.is_healthy = false;
        ill.signed_in = Some(SignedIn::sample());
        ill.checks.push(check("Explore", "/api/explore", false));
        vec![well, ill]
    }

    /// The page.
    pub fn render(&self, site: &Site) -> Markup {
        let mut shell = Shell::new(
            "Status · GenuProof",
            "Whether everything answers, and how quickly.",
            Place::Home,
        );
        shell.signed_in = self.signed_in.as_ref();
        let is_well = self.is_healthy && self.checks.iter().all(|check| check.is_up);
        shell.render(site, &html! {
            div class="stack" {
                h1 { "Status" }
                @if is_well {
                    div class="notice good" { (icon::pass()) h2 { "Everything answers" } p { "Checked just now, from this server." } }
                } @else {
                    div class="notice warn" { (icon::warning()) h2 { "Something does not answer" } p { "What was stored is safe; see below what is not reached." } }
                }
                dl class="figures figure four" {
                    div { dt { "ms, database" } dd { (words::grouped(self.database_ms)) } }
                    div { dt { "version" } dd { "1.0.0" } }
                    div { dt { "endpoints" } dd { (self.endpoints) } }
                    div { dt { "pages" } dd { (self.pages) } }
                }
                div class="wide-table" role="region" aria-label="Table of checks" tabindex="0" { table {
                    thead { tr { th scope="col" { "What" } th scope="col" { "Address" } th scope="col" { "State" } th scope="col" class="number" { "ms" } } }
                    tbody { @for check in &self.checks { tr {
                        th scope="row" { (check.name) }
                        td class="mono" { (check.path) }
                        td { span class={ "badge " (if check.is_up { "good" } else { "bad" }) } {
                            @if check.is_up { (icon::tick()) "Up" } @else { (icon::warning()) "Down" }
                        } }
                        td class="number" { (words::grouped(check.latency_ms)) }
                    } } }
                } }
            }
        })
    }
}
