//! `genuproof mcp`: the Model Context Protocol over standard input and output. Every tool is one request to the API of a running
//! server, with the same names; what it answers is passed on.
//!
//! One JSON-RPC message a line. Source: modelcontextprotocol.io, specification 2025-06-18, "Transports" and "Tools".

use std::io::{BufRead, Write};
use std::time::Duration;

use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::routes::describe;

const PROTOCOLS: [&str; 3] = ["2025-06-18", "2025-03-26", "2024-11-05"];
const TIME_OUT: Duration = Duration::from_secs(30);

/// A tool: its name, and the endpoint it asks.
const TOOLS: [(&str, &str); 44] = [
    ("brands_create", "POST /api/brands"),
    ("brands_get", "GET /api/brands"),
    ("brands_list", "GET /api/brands/list"),
    ("brands_stats", "GET /api/brands/stats"),
    ("products_register", "POST /api/products/register"),
    ("products_batch", "POST /api/products/batch"),
    ("products_verify", "GET /api/products/verify"),
    ("products_list", "GET /api/products/list"),
    ("products_search", "GET /api/products/search"),
    ("products_events_add", "POST /api/products/events"),
    ("products_events_get", "GET /api/products/events"),
    ("products_history", "POST /api/products/history"),
    ("products_transfer", "POST /api/products/transfer"),
    ("products_recall", "POST /api/products/recall"),
    ("products_claim", "POST /api/products/claim"),
    ("products_claim_get", "GET /api/products/claim"),
    ("products_dispute", "POST /api/products/dispute"),
    ("products_dispute_get", "GET /api/products/dispute"),
    ("products_certificate", "GET /api/products/certificate"),
    ("products_qr", "GET /api/products/qr"),
    ("products_dpp_export", "GET /api/products/dpp-export"),
    ("ingest_shipping", "POST /api/ingest/shipping"),
    ("ingest_pos", "POST /api/ingest/pos"),
    ("ingest_warehouse", "POST /api/ingest/warehouse"),
    ("integrations_configure", "POST /api/integrations/configure"),
    ("integrations_list", "GET /api/integrations/configure"),
    ("integrations_simulate", "POST /api/integrations/simulate"),
    ("integrations_status", "GET /api/integrations/status"),
    ("integrations_journeys", "GET /api/integrations/journeys"),
    ("threats_list", "GET /api/threats"),
    ("ops_log", "GET /api/ops-log"),
    ("scans_list", "GET /api/scans"),
    ("catalog_categories", "GET /api/catalog/categories"),
    ("catalog_actors", "GET /api/catalog/actors"),
    ("catalog_locations", "GET /api/catalog/locations"),
    ("stripe_checkout", "POST /api/stripe/checkout"),
    ("stripe_plans", "GET /api/stripe/checkout"),
    ("health", "GET /api/health"),
    ("analytics", "GET /api/analytics"),
    ("audit_log", "GET /api/audit"),
    ("explore", "GET /api/explore"),
    ("webhooks_create", "POST /api/webhooks"),
    ("webhooks_list", "GET /api/webhooks"),
    ("webhooks_delete", "DELETE /api/webhooks"),
];

/// Where the API is, and with which keys it is asked.
#[derive(Clone)]
pub struct Mcp {
    base_url: String,
    api_key: Option<String>,
    ingest_key: Option<String>,
    client: reqwest::Client,
}

impl Mcp {
    /// From the environment: `GENUPROOF_BASE_URL`, else `BASE_URL`, else a server on this machine; `GENUPROOF_API_KEY`,
    /// `GENUPROOF_INGEST_KEY`.
    ///
    /// # Errors
    /// When the system has no means of encryption.
    pub fn of(environment: impl Fn(&str) -> Option<String>) -> Result<Self, reqwest::Error> {
        let get = |name: &str| environment(name).filter(|value| !value.trim().is_empty());
        let base = get("GENUPROOF_BASE_URL").or_else(|| get("BASE_URL"));
        let base = base.unwrap_or_else(|| "http://127.0.0.1:7401".to_owned());
        Ok(Self {
            base_url: base.trim_end_matches('/').to_owned(),
            api_key: get("GENUPROOF_API_KEY"),
            ingest_key: get("GENUPROOF_INGEST_KEY"),
            client: reqwest::Client::builder().timeout(TIME_OUT).build()?,
        })
    }

    /// Answers messages, one a line, until there are no more. A line is read beside what else goes on.
    ///
    /// # Errors
    /// When nobody writes or reads any more.
    pub async fn serve(
        &self,
        input: impl BufRead + Send + 'static,
        mut output: impl Write,
    ) -> std::io::Result<()> {
        let mut input = Some(input);
        while let Some(mut lines) = input.take() {
            let read = tokio::task::spawn_blocking(move || {
                let mut line = String::new();
                let read = lines.read_line(&mut line);
                (read, line, lines)
            });
            let (read, line, lines) = read.await.map_err(std::io::Error::other)?;
            if read? == 0 {
                return Ok(());
            }
            if !line.trim().is_empty()
                && let Some(answer) = self.answer(&line).await
            {
                writeln!(output, "{answer}")?;
                output.flush()?;
            }
            input = Some(lines);
        }
        Ok(())
    }

    /// The answer to a message; none to a notification.
    pub async fn answer(&self, line: &str) -> Option<Value> {
        let Ok(message) = serde_json::from_str::<Value>(line) else {
            return Some(failed(&Value::Null, -32700, "this is no JSON"));
        };
        let id = message.get("id").cloned();
        let Some(method) = message.get("method").and_then(Value::as_str) else {
            return Some(failed(
                &id.unwrap_or_default(),
                -32600,
                "this is no request",
            ));
        };
        // Notifications are not answered.
        let id = id?;
        let parameters = message.get("params").cloned().unwrap_or_default();
        let result = match method {
            "initialize" => {
                let asked = parameters.get("protocolVersion").and_then(Value::as_str);
                let version = asked
                    .filter(|asked| PROTOCOLS.contains(asked))
                    .unwrap_or(PROTOCOLS[0]);
                json!({
                    "protocolVersion": version,
                    "capabilities": { "tools": {} },
                    "serverInfo": { "name": "genuproof", "version": env!("CARGO_PKG_VERSION") },
                    "instructions": "Tools that change something need the key of a brand (GENUPROOF_API_KEY).",
                })
            }
            "ping" => json!({}),
            "tools/list" => json!({ "tools": tools() }),
            "tools/call" => match self.call(&parameters).await {
                Ok(result) => result,
                Err(unknown) => return Some(failed(&id, -32602, &unknown)),
            },
            _ => return Some(failed(&id, -32601, "there is no such method")),
        };
        Some(json!({ "jsonrpc": "2.0", "id": id, "result": result }))
    }

    async fn call(&self, parameters: &Value) -> Result<Value, String> {
        let name = parameters
            .get("name")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let tool = TOOLS.iter().find(|(own, _)| *own == name);
        let (_, endpoint) = tool.ok_or_else(|| format!("there is no tool named {name:?}"))?;
        let (method, path) = endpoint.split_once(' ').unwrap_or(("GET", endpoint));
        let arguments = parameters
            .get("arguments")
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default();
        let url = format!("{}{path}", self.base_url);
        let request = if method == "GET" {
            let pairs: Vec<(&String, String)> = arguments
                .iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(name, value)| {
                    let text = value
                        .as_str()
                        .map_or_else(|| value.to_string(), str::to_owned);
                    (name, text)
                })
                .collect();
            self.client.get(url).query(&pairs)
        } else {
            let method = if method == "DELETE" {
                Method::DELETE
            } else {
                Method::POST
            };
            self.client.request(method, url).json(&arguments)
        };
        let request = match &self.api_key {
            Some(key) => request.header("x-api-key", key),
            None => request,
        };
        let request = match &self.ingest_key {
            Some(key) => request.header("x-ingest-key", key),
            None => request,
        };
        Ok(match request.send().await {
            Ok(response) => {
                let is_error = !response.status().is_success();
                let kind = response.headers().get("content-type");
                let kind = kind
                    .and_then(|kind| kind.to_str().ok())
                    .unwrap_or_default()
                    .to_owned();
                let body = response.bytes().await.unwrap_or_default();
                content(&kind, &body, is_error)
            }
            Err(_) => told(
                "the GenuProof server cannot be reached: is GENUPROOF_BASE_URL right?",
                true,
            ),
        })
    }
}

/// The tools by group, with what each does, for the page about them.
pub fn groups() -> Vec<(String, Vec<(String, String)>)> {
    let mut groups: Vec<(String, Vec<(String, String)>)> = Vec::new();
    let shown = describe::shown();
    for (name, endpoint) in TOOLS {
        let is = shown
            .iter()
            .find(|shown| format!("{} {}", shown.method, shown.path) == endpoint);
        let entry = (
            name.to_owned(),
            is.map_or(String::new(), |shown| shown.is.to_owned()),
        );
        let group = match name.split_once('_') {
            Some((
                group @ ("brands" | "products" | "ingest" | "integrations" | "catalog" | "stripe"
                | "webhooks"),
                _,
            )) => group,
            _ => "watching",
        };
        match groups.iter_mut().find(|(own, _)| own == group) {
            Some((_, entries)) => entries.push(entry),
            None => groups.push((group.to_owned(), vec![entry])),
        }
    }
    groups
}

fn tools() -> Vec<Value> {
    let document = describe::document("");
    let tool = |(name, endpoint): &(&str, &str)| {
        let (method, path) = endpoint.split_once(' ').unwrap_or(("GET", endpoint));
        let operation = &document["paths"][path][method.to_lowercase()];
        let body = &operation["requestBody"]["content"]["application/json"]["schema"];
        let schema = if body.is_object() {
            body.clone()
        } else {
            let parameters = operation["parameters"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            let properties: Map<String, Value> = parameters
                .iter()
                .filter_map(|one| Some((one["name"].as_str()?.to_owned(), one["schema"].clone())))
                .collect();
            let needed: Vec<_> = parameters
                .iter()
                .filter(|one| one["required"] == true)
                .map(|one| one["name"].clone())
                .collect();
            json!({ "type": "object", "properties": properties, "required": needed })
        };
        json!({
            "name": name,
            "description": operation["summary"],
            "inputSchema": schema,
            "annotations": { "readOnlyHint": method == "GET" && *name != "products_verify", "destructiveHint": method == "DELETE" },
        })
    };
    TOOLS.iter().map(tool).collect()
}

fn content(kind: &str, body: &[u8], is_error: bool) -> Value {
    use base64::Engine as _;
    if kind.starts_with("image/") && kind != "image/svg+xml" {
        let data = base64::engine::general_purpose::STANDARD.encode(body);
        return json!({ "content": [{ "type": "image", "data": data, "mimeType": kind }], "isError": is_error });
    }
    told(&String::from_utf8_lossy(body), is_error)
}

fn told(text: &str, is_error: bool) -> Value {
    json!({ "content": [{ "type": "text", "text": text }], "isError": is_error })
}

fn failed(id: &Value, code: i64, message: &str) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": message } })
}
