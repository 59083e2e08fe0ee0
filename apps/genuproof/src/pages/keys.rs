//! `/dashboard/keys`: a brand's keys and webhooks.

use maud::{Markup, html};

use keyfold_web::csrf;

use super::form::{Control, Field, Input};
use super::shell::{Place, Shell};
use super::{SignedIn, Site, icon};

/// A brand's keys and webhooks.
#[derive(Debug, Clone)]
pub struct KeysPage {
    /// The brand.
    pub signed_in: SignedIn,
    /// Its keys: the beginning of each, and until when it counts.
    pub keys: Vec<(String, Option<String>)>,
    /// Its webhooks.
    pub hooks: Vec<HookRow>,
    /// What was made just now, with its name: shown this once.
    pub made: Option<(String, String)>,
    /// The field `url` of a new webhook.
    pub url: Field,
}

/// A webhook.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "named as the members of the API's answer")]
pub struct HookRow {
    pub id: String,
    pub url: String,
    pub events: String,
    pub state: String,
    pub deliveries: u64,
}

impl KeysPage {
    /// Samples for tests: at first, and later.
    pub fn samples() -> Vec<Self> {
        let first = Self {
            signed_in: SignedIn::sample(),
            keys: vec![("gpk_0f9d2c7b".into(), None)],
            hooks: Vec::new(),
            made: None,
            url: Field::default(),
        };
        let later = Self {
            keys: vec![("gpk_11111111".into(), None), ("gpk_0f9d2c7b".into(), Some("2026-03-02T09:30:00.000Z".into()))],
            hooks: vec![HookRow {
                id: "3f2b8c1e".into(),
                url: "https://hooks.maison.example/a/very/long/path/that/goes/on/and/on/and/on/and/on".into(),
                events: "threat_alert, product_recall".into(),
                state: "Delivering".into(),
                deliveries: 12,
            }],
            made: Some(("Your new key".into(), "gpk_11111111_0123456789abcdef0123456789abcdef_0123456789abcdef0123456789abcdef0123456789abcdef".into())),
            url: Field::of("ftp://x").refused("This must be an http or https URL."),
            ..first.clone()
        };
        vec![first, later]
    }

    /// The page.
    pub fn render(&self, site: &Site) -> Markup {
        let mut shell = Shell::new(
            "Keys and webhooks · GenuProof",
            "A brand’s keys and webhooks.",
            Place::Dashboard,
        );
        shell.signed_in = Some(&self.signed_in);
        shell.listed = false;
        shell.render(site, &html! {
            div class="stack" {
                h1 { "Keys and webhooks" }
                @if let Some((name, secret)) = &self.made {
                    div class="notice good" role="status" { (icon::pass()) h2 { (name) } p { "It is not shown again." } }
                    div class="secret" {
                        code id="made" { (secret) }
                        button class="needs-js small-button" type="button" data-copy=(secret) { span data-label aria-live="polite" { "Copy" } }
                    }
                }
                (self.keys())
                (self.hooks())
            }
        })
    }

    fn csrf(&self) -> Markup {
        html! { input type="hidden" name=(csrf::FIELD) value=(self.signed_in.csrf); }
    }

    fn keys(&self) -> Markup {
        html! {
            section class="stack-s" aria-labelledby="keys" {
                h2 id="keys" { "API keys" }
                ul { @for (prefix, until) in &self.keys { li {
                    code { (prefix) "…" } " "
                    @match until {
                        None => span class="muted" { "the present one" },
                        Some(until) => {
                            span class="muted" { "counts until " (until) }
                            form class="row" method="post" action="/dashboard/keys/revoke" {
                                (self.csrf()) input type="hidden" name="prefix" value=(prefix);
                                button class="small-button" { "End it now" }
                            }
                        }
                    }
                } } }
                form class="form panel" method="post" action="/dashboard/keys/rotate" {
                    (self.csrf())
                    p { "A new key takes the place of the present one, which goes on counting for a day." }
                    div { button { "Make a new key" } }
                }
            }
        }
    }

    fn hooks(&self) -> Markup {
        let url = Input {
            name: "url",
            label: "Address",
            hint: "Your server is told of scans, alerts and recalls there, signed.",
            required: true,
            most: 2_048,
            control: Control::Text,
            ..Input::default()
        };
        html! {
            section class="stack-s" aria-labelledby="hooks" {
                h2 id="hooks" { "Webhooks" }
                @if !self.hooks.is_empty() {
                    div class="wide-table" role="region" aria-label="Table of webhooks" tabindex="0" { table {
                        thead { tr { th scope="col" { "Address" } th scope="col" { "Told of" } th scope="col" { "State" } th scope="col" class="number" { "Delivered" } th scope="col" { "Change" } } }
                        tbody { @for hook in &self.hooks { tr {
                            td { code { (hook.url) } } td { (hook.events) } td { (hook.state) } td class="number" { (hook.deliveries) }
                            td { form method="post" action="/dashboard/webhooks/delete" {
                                (self.csrf()) input type="hidden" name="webhookId" value=(hook.id);
                                button class="small-button" aria-label={ "Delete the webhook " (hook.url) } { "Delete" }
                            } }
                        } } }
                    } }
                }
                form class="form panel" method="post" action="/dashboard/webhooks" {
                    (self.csrf())
                    (url.render(&self.url, self.url.error.as_ref().map(|_| "url")))
                    div { button { "Add webhook" } }
                }
            }
        }
    }
}
