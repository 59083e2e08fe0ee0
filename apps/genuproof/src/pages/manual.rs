//! `/docs`: the API, from the same table as the server. `/mcp`: how to connect an AI client.

use maud::{Markup, html};

use super::shell::{Place, Shell};
use super::{SignedIn, Site};
use crate::routes::Access;
use crate::routes::describe::{self, Shown};

/// The API.
#[derive(Debug, Clone)]
pub struct DocsPage {
    /// Who is signed in.
    pub signed_in: Option<SignedIn>,
}

/// How to connect an AI client.
#[derive(Debug, Clone)]
pub struct McpPage {
    /// Who is signed in.
    pub signed_in: Option<SignedIn>,
    /// The tools, by group: name and what it does.
    pub groups: Vec<(String, Vec<(String, String)>)>,
}

impl DocsPage {
    /// A sample for tests.
    pub fn sample() -> Self {
        Self { signed_in: None }
    }

    /// The page.
    pub fn render(&self, site: &Site) -> Markup {
        let mut shell = Shell::new(
            "API · GenuProof",
            "Every endpoint: what it takes, what it gives, who may.",
            Place::Docs,
        );
        shell.signed_in = self.signed_in.as_ref();
        shell.render(site, &html! {
            div class="stack" {
                div class="title flush" { div {
                    h1 { "API" }
                    p { "JSON in and out, below " code { (site.base_url) } ". The same as an OpenAPI 3.1 document: " a href="/api/openapi.json" { "/api/openapi.json" } "." }
                } }
                section class="stack-s" aria-labelledby="keys" {
                    h2 id="keys" { "Keys" }
                    p { "Send your brand’s key as " code { "Authorization: Bearer gpk_…" } " or " code { "X-Api-Key: gpk_…" } ". It is shown once, when the brand is created; rotate it on the dashboard." }
                    pre class="shape" tabindex="0" { "curl " (site.base_url) "/api/products/list?brandId=… -H 'X-Api-Key: gpk_…'" }
                }
                section class="stack-s" aria-labelledby="proof" {
                    h2 id="proof" { "What is proven" }
                    p { "A product’s hash is SHA-256 over " code { "{productId, brandId, name, sku, metadata, createdAt}" } " as compact JSON, the members of " code { "metadata" } " sorted. Its signature is HMAC-SHA256 over the hash. Each event holds the hash of the one before; the chain’s length, end and status are sealed. Webhook deliveries carry " code { "X-GenuProof-Signature: t=…,v1=…" } ": HMAC-SHA256 with the webhook’s secret over " code { "t.body" } "." }
                }
                section class="stack" aria-labelledby="endpoints" {
                    h2 id="endpoints" { "Endpoints" }
                    @for endpoint in describe::shown() { (endpoint_of(&endpoint)) }
                }
            }
        })
    }
}

fn endpoint_of(endpoint: &Shown) -> Markup {
    let who = match endpoint.access {
        Access::Public => "Everybody",
        Access::Key => "The brand’s key",
        Access::PublicOrKey => "Everybody; more with a key",
        Access::Ingest => "An ingest key",
        Access::Session => "Signed in",
    };
    let [asks, takes, gives] = endpoint.shapes;
    html! {
        section class="endpoint stack-s" {
            h3 { span class="badge plain" { (endpoint.method) } " " code { (endpoint.path) } }
            p { (endpoint.is) ". " span class="muted" { (who) "." } }
            @for (name, shape) in [("Query", asks), ("Body", takes), ("Answer", gives)] {
                @if !shape.is_empty() { p class="small muted" { (name) } pre class="shape" tabindex="0" { (shape) } }
            }
        }
    }
}

impl McpPage {
    /// A sample for tests.
    pub fn sample() -> Self {
        Self {
            signed_in: None,
            groups: vec![(
                "products".into(),
                vec![("products_verify".into(), "Is it genuine?".into())],
            )],
        }
    }

    /// The page.
    pub fn render(&self, site: &Site) -> Markup {
        let mut shell = Shell::new(
            "MCP · GenuProof",
            "Connect an AI client to GenuProof.",
            Place::Mcp,
        );
        shell.signed_in = self.signed_in.as_ref();
        let entry = format!(
            "{{\n  \"mcpServers\": {{\n    \"genuproof\": {{\n      \"command\": \"genuproof\",\n      \"args\": [\"mcp\"],\n      \"env\": {{\n        \"GENUPROOF_BASE_URL\": \"{}\",\n        \"GENUPROOF_API_KEY\": \"gpk_…\"\n      }}\n    }}\n  }}\n}}",
            site.base_url
        );
        let places = [
            ("Claude Desktop", "claude_desktop_config.json"),
            ("Claude Code", ".mcp.json in the project"),
            ("Cursor", ".cursor/mcp.json"),
            (
                "VS Code",
                ".vscode/mcp.json, with servers in place of mcpServers",
            ),
        ];
        shell.render(site, &html! {
            div class="stack" {
                div class="title flush" { div {
                    h1 { "MCP" }
                    p { "An AI client verifies, registers and watches products through the program " code { "genuproof mcp" } ": the Model Context Protocol over standard input and output." }
                } }
                section class="stack-s" aria-labelledby="connect" {
                    h2 id="connect" { "Connect" }
                    p { "Without a key the client can do what everybody can." }
                    pre class="shape" tabindex="0" { (entry) }
                    button class="needs-js small-button" type="button" data-copy=(entry) { span data-label aria-live="polite" { "Copy configuration" } }
                    ul { @for (client, file) in places { li { strong { (client) } ": " code { (file) } } } }
                }
                section class="stack-s" aria-labelledby="tools" {
                    h2 id="tools" { "Tools" }
                    @for (group, tools) in &self.groups {
                        h3 { (super::words::titled(group)) }
                        ul { @for (name, is) in tools { li { code { (name) } " " (is) } } }
                    }
                }
            }
        })
    }
}
