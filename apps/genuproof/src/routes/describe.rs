//! What each endpoint takes and gives, and the OpenAPI document made of it and the table of routes.
//!
//! Shapes are written in a small language: `{ name: text, sku?: text|null, list: [id], counts: {*: int}, kind: 'a'|'b' }`. A `?` after a
//! name means that the member may be missing. Words: `text`, `id`, `code`, `time`, `int`, `number`, `bool`, `object`, `any`, `null`.
//! A test holds that every endpoint is described and every description is of one; another one that answers are as described.

use serde_json::{Map, Value, json};

use super::{Access, Kind, Route};

/// What an endpoint is.
struct Described {
    at: &'static str,
    /// In a few words.
    is: &'static str,
    /// Its query parameters.
    asks: &'static str,
    /// Its body; empty for none.
    takes: &'static str,
    /// Its answer; what does not begin like a shape is a content type.
    gives: &'static str,
}

const fn d(
    at: &'static str,
    is: &'static str,
    asks: &'static str,
    takes: &'static str,
    gives: &'static str,
) -> Described {
    Described {
        at,
        is,
        asks,
        takes,
        gives,
    }
}

const BRAND: &str = "{ brandId: id }";
const TARGET: &str = "{ code?: code, productId?: id }";
const OK: &str = "{ success: bool, hash: text, timestamp: time }";
const REPORTED: &str =
    "{ success: bool, eventType: text, hash: text, productId: id, message: text }";
const CONNECTED: &str = "{ id: text, type: text, ingestKey: text, active: bool, webhookUrl: text, instructions: {*: text} }";
const ALERT: &str = "{ id: text, type: text|null, severity: text|null, productId: text|null, details: text|null, timestamp: text|null, resolved: bool, source: text|null }";

const ALL: &[Described] = &[
    d(
        "POST /api/brands",
        "Create a brand; its key is shown this once",
        "",
        "{ name: text, domain: text, industry: text, logoUrl?: text|null }",
        "{ id: id, name: text, domain: text, industry: text, plan: text, createdAt: time, apiKey: text }",
    ),
    d(
        "GET /api/brands",
        "A brand and its counters",
        "{ id: id }",
        "",
        "{ id: id, name: text, domain: text, industry: text, logoUrl: text|null, plan: text, createdAt: time, productCount: int, scanCount: int, threatCount: int }",
    ),
    d(
        "GET /api/brands/list",
        "All brands, newest first",
        "{ limit?: int, cursor?: text }",
        "",
        "{ brands: [{ id: id, name: text, domain: text, industry: text, plan: text, createdAt: time }], count: int, nextCursor?: text|null }",
    ),
    d(
        "GET /api/brands/stats",
        "The numbers of a brand",
        BRAND,
        "",
        "{ productCount: int, activeProducts: int, recalledProducts: int, transferredProducts: int, totalScans: int, threatCount: int, unresolvedThreats: int, statsCounter: { productCount: int, scanCount: int, threatCount: int } }",
    ),
    d(
        "GET /api/brands/scans",
        "Where a brand's products were scanned",
        BRAND,
        "",
        "{ locations: [{ country: text, city: text, count: int, lastScan: time|null }], threatHotspots: [{ country: text, city: text, count: int }], totalScans: int }",
    ),
    d(
        "GET /api/brands/keys",
        "The keys of a brand, by their beginnings",
        BRAND,
        "",
        "{ keys: [{ prefix: text, present: bool, until: time|null }], count: int }",
    ),
    d(
        "POST /api/brands/keys/rotate",
        "A new key; the present one counts for a while",
        "",
        "{ brandId: id, graceHours?: int }",
        "{ apiKey: text, prefix: text, previousUntil: time|null }",
    ),
    d(
        "POST /api/brands/keys/revoke",
        "End the key before, at once",
        "",
        "{ brandId: id, prefix: text }",
        "{ revoked: text }",
    ),
    d(
        "POST /api/products/register",
        "Register a product",
        "",
        "{ brandId: id, name: text, sku?: text|null, category?: text|null, description?: text|null, imageUrl?: text|null, metadata?: object, manufacturingLocation?: text|null }",
        "{ productId: id, verificationCode: code, hash: text, signature: text, verifyUrl: text, qrData: text }",
    ),
    d(
        "POST /api/products/batch",
        "Register up to 50 products",
        "",
        "{ brandId: id, products: [{ name?: text, sku?: text|null, metadata?: object }] }",
        "{ registered: int, products: [{ productId: id, name: text, verificationCode: code, hash: text }], skipped?: [{ index: int, name: text, error: text }] }",
    ),
    d(
        "GET /api/products/list",
        "Products of a brand, newest first",
        "{ brandId: id, limit?: int, cursor?: text }",
        "",
        "{ products: [{ productId: id, name: text|null, status: text|null, scanCount: int }], count: int, nextCursor?: text|null }",
    ),
    d(
        "GET /api/products/search",
        "A product by code or id; with a key those of a brand",
        "{ code?: code, productId?: id, brandId?: id }",
        "",
        "{ found: bool, product?: object, products?: [object], count?: int }",
    ),
    d(
        "GET /api/products/verify",
        "Is it genuine? Every call is a scan, unless metadata is true",
        "{ code?: code, productId?: id, metadata?: 'true'|'false' }",
        "",
        "{ authentic: bool, product: object, events: [object], warnings: [text], scanCount: int, certificate: { hash: text|null, signatureValid: bool, chainIntegrity: bool }, claim: { claimed: bool, isClaimant: bool } }",
    ),
    d(
        "POST /api/products/events",
        "Append an event",
        "",
        "{ productId: id, type: text, actor: text, location?: text|null, coordinates?: { lat: number, lng: number }|null, data?: object }",
        "{ hash: text, previousHash: text, timestamp: time, type: text }",
    ),
    d(
        "GET /api/products/events",
        "The chain of a product",
        "{ productId: id }",
        "",
        "{ events: [object], count: int, chainValid: bool }",
    ),
    d(
        "POST /api/products/history",
        "One event on many products",
        "",
        "{ productIds: [id], type: text, actor: text, location?: text|null }",
        "{ processed: int, events: [{ productId: id, hash: text }], failed?: [{ productId: id, error: text }] }",
    ),
    d(
        "POST /api/products/transfer",
        "Hand a product on",
        "",
        "{ productId: id, newOwner: text, location?: text|null, reason?: text|null }",
        "{ success: bool, hash: text, previousHash: text, timestamp: time, newOwner: text }",
    ),
    d(
        "POST /api/products/recall",
        "Call a product back",
        "",
        "{ productId: id, reason: text, issuedBy?: text|null }",
        OK,
    ),
    d(
        "POST /api/products/claim",
        "Claim a product",
        "",
        "{ productId: id, consumerName?: text|null, email?: text|null }",
        "{ success: bool, claimedAt: time, message: text }",
    ),
    d(
        "GET /api/products/claim",
        "Whether a product is claimed",
        "{ productId: id }",
        "",
        "{ claimed: bool, claimedAt?: text|null, consumerName?: text|null }",
    ),
    d(
        "POST /api/products/dispute",
        "Dispute a claim",
        "",
        "{ productId: id, consumerName?: text|null, email?: text|null, orderNumber?: text|null, notes?: text|null }",
        "{ success: bool, disputeId: text, status: text, message: text }",
    ),
    d(
        "GET /api/products/dispute",
        "Disputes about a product; who and why only for its brand",
        "{ productId: id }",
        "",
        "{ disputes: [object], count: int }",
    ),
    d(
        "POST /api/products/dispute/status",
        "Decide a dispute",
        "",
        "{ productId: id, disputeId: text, status: 'investigating'|'resolved_original'|'resolved_disputant', by?: text|null, note?: text|null }",
        "{ success: bool, disputeId: text, status: text }",
    ),
    d(
        "GET /api/products/certificate",
        "The certificate as a file",
        TARGET,
        "",
        "{ version: text, issuer: text, issuedAt: time, product: object, cryptography: object, provenance: object, verification: object }",
    ),
    d(
        "GET /api/products/dpp-export",
        "The digital product passport as a file",
        TARGET,
        "",
        "{ dppVersion: text, dppStandard: text, identification: object, product: object, manufacturer: object, supplyChain: object, verification: object, sustainability: object, metadata: object }",
    ),
    d(
        "GET /api/products/qr",
        "The QR code of a code or id",
        "{ code?: text, productId?: text, format?: 'png'|'svg' }",
        "",
        "image/*",
    ),
    d(
        "GET /api/og",
        "The picture for previews of links",
        "{ brand?: text, product?: text, status?: text, hash?: text }",
        "",
        "image/png",
    ),
    d(
        "GET /api/explore",
        "The gallery of all products",
        "{ limit?: int, status?: text }",
        "",
        "{ products: [object], count: int }",
    ),
    d(
        "GET /api/catalog/categories",
        "Categories",
        "",
        "",
        "{ categories: [{ id: text, label: text, industries: [text] }], count: int }",
    ),
    d(
        "GET /api/catalog/actors",
        "Actors",
        "{ type?: text }",
        "",
        "{ type?: text, actors: any, count: any }",
    ),
    d(
        "GET /api/catalog/locations",
        "Places",
        "{ type?: text, region?: text }",
        "",
        "{ type?: text, locations: any, count: any }",
    ),
    d(
        "POST /api/ingest/shipping",
        "A carrier's report",
        "",
        "{ productId?: id, verificationCode?: code, trackingNumber: text, carrier: text, status: 'picked_up'|'in_transit'|'out_for_delivery'|'delivered'|'exception', location?: text|null, city?: text|null, country?: text|null, timestamp?: text|null, signedBy?: text|null }",
        REPORTED,
    ),
    d(
        "POST /api/ingest/pos",
        "A shop's report",
        "",
        "{ productId?: id, verificationCode?: code, orderId: text, platform: text, storeName?: text|null, storeLocation?: text|null, amount?: number|null, currency?: text|null, timestamp?: text|null }",
        REPORTED,
    ),
    d(
        "POST /api/ingest/warehouse",
        "A warehouse's report",
        "",
        "{ productId?: id, verificationCode?: code, action: 'received'|'stored'|'inspected'|'dispatched'|'returned', warehouseName: text, warehouseLocation?: text|null, bay?: text|null, inspectorId?: text|null, notes?: text|null, timestamp?: text|null }",
        REPORTED,
    ),
    d(
        "POST /api/integrations/configure",
        "Connect a source of events; its key is shown this once",
        "",
        "{ brandId: id, type: text, config?: object }",
        CONNECTED,
    ),
    d(
        "GET /api/integrations/configure",
        "The sources of a brand",
        BRAND,
        "",
        "{ integrations: [{ id: text, type: text, active: bool, ingestKey: text, createdAt: time, lastEvent: time|null, eventCount: int }], count: int }",
    ),
    d(
        "POST /api/integrations/rotate",
        "A new key for a source",
        "",
        "{ brandId: id, integrationId: text, graceHours?: int }",
        CONNECTED,
    ),
    d(
        "GET /api/integrations/status",
        "Sources, and what came from where",
        BRAND,
        "",
        "{ brand: { id: id, name: text }, integrations: { configured: [object], available: [object], connectedCount: int, totalAvailable: int }, stats: object, sourceBreakdown: {*: int} }",
    ),
    d(
        "GET /api/integrations/journeys",
        "Journeys that can be simulated",
        "",
        "",
        "{ journeys: [{ id: text, name: text, category: text, steps: int, stages: [object] }], count: int }",
    ),
    d(
        "POST /api/integrations/simulate",
        "Register a product with a journey behind it",
        "",
        "{ brandId: id, productName: text, journey: text, sku?: text|null, category?: text|null, steps?: [{ type: text, actor: text, location?: text|null, delayHours?: number|null }] }",
        "{ success: bool, product: object, journey: { type: text, totalSteps: int, events: [object] }, urls: { verify: text, qr: text, product: text } }",
    ),
    d(
        "POST /api/webhooks",
        "Create a webhook; its secret is shown this once",
        "",
        "{ brandId: id, url: text, events?: ['verification_scan'|'threat_alert'|'product_recall'] }",
        "{ id: text, url: text, events: [text], active: bool, secret: text }",
    ),
    d(
        "GET /api/webhooks",
        "The webhooks of a brand",
        BRAND,
        "",
        "{ webhooks: [{ id: text, url: text, events: [text], active: bool, createdAt: time, lastTriggered: time|null, deliveryCount: int, failingSince: time|null, pausedAt: time|null }] }",
    ),
    d(
        "DELETE /api/webhooks",
        "Delete a webhook",
        "",
        "{ brandId: id, webhookId: text }",
        "{ deleted: bool }",
    ),
    d(
        "POST /api/webhooks/rotate",
        "A new secret for a webhook",
        "",
        "{ brandId: id, webhookId: text, graceHours?: int }",
        "{ id: text, secret: text }",
    ),
    d(
        "POST /api/webhooks/resume",
        "Resume a paused webhook",
        "",
        "{ brandId: id, webhookId: text }",
        "{ id: text, active: bool }",
    ),
    d(
        "GET /api/webhooks/deliveries",
        "What a webhook was told",
        "{ brandId: id, webhookId: text, limit?: int, cursor?: text }",
        "",
        "{ deliveries: [{ id: text, type: text, state: text, createdAt: time, attempts: int, status: int|null, error: text|null, nextTryAt: time|null, doneAt: time|null }], count: int, nextCursor?: text|null }",
    ),
    d(
        "POST /api/webhooks/deliveries/resend",
        "Send a delivery once more",
        "",
        "{ brandId: id, webhookId: text, deliveryId: text }",
        "{ id: text, state: text }",
    ),
    d(
        "GET /api/threats",
        "The alerts of a brand",
        "{ brandId: id, limit?: int }",
        "",
        "{ threats: [object], count: int }",
    ),
    d(
        "POST /api/threats/resolve",
        "Resolve an alert",
        "",
        "{ brandId: id, id: text, by?: text|null, note?: text|null }",
        ALERT,
    ),
    d(
        "POST /api/threats/reopen",
        "Open an alert again",
        "",
        "{ brandId: id, id: text, by?: text|null, note?: text|null }",
        ALERT,
    ),
    d(
        "GET /api/stream",
        "Alerts as they are raised, as server-sent events",
        "{ brandId: id, after?: int }",
        "",
        "text/event-stream",
    ),
    d(
        "GET /api/scans",
        "When and where a product was scanned",
        "{ productId: id, limit?: int }",
        "",
        "{ scans: [{ timestamp: text|null, country: text|null, city: text|null, result: text|null }], locations: [{ country: text, city: text, count: int, lastScan: text }], totalScans: int }",
    ),
    d(
        "GET /api/ops-log",
        "What the analyst judged",
        "{ limit?: int, days?: int }",
        "",
        "{ entries: [object], stats: { totalOperations: int, agentBreakdown: {*: int}, severityBreakdown: {*: int}, attackVectorBreakdown: {*: int}, avgLatencyMs: int, avgConfidence: int, geminiModel: text } }",
    ),
    d(
        "GET /api/analytics",
        "Figures of everybody, or of a brand",
        "{ brandId?: id }",
        "",
        "{ totalScans: int, totalProducts: int, dailyScans: [{ date: text, count: int }], topCountries: [{ country: text, count: int }], resultBreakdown: {*: int}, hourlyDistribution: [int], categoryBreakdown: [{ category: text, count: int }], statusBreakdown: {*: int} }",
    ),
    d(
        "GET /api/audit",
        "What happened last",
        "{ limit?: int }",
        "",
        "{ entries: [{ type: 'event'|'scan'|'alert', action: text, actor: text|null, productId: text, location: text|null, timestamp: text, hash: text|null }], count: int }",
    ),
    d(
        "POST /api/stripe/checkout",
        "The page on which a plan is paid",
        "",
        "{ plan: 'starter'|'brand'|'business', brandId?: id|null, email?: text|null }",
        "{ url?: text, free?: bool, plan?: object, message?: text }",
    ),
    d(
        "GET /api/stripe/checkout",
        "The plans",
        "",
        "",
        "{ plans: {*: { name: text, amount: int, products: text, features: [text], priceId?: text }} }",
    ),
    d(
        "POST /api/stripe/webhook",
        "What the payment service tells, signed",
        "",
        "object",
        "{ received: bool }",
    ),
    d(
        "GET /api/health",
        "Whether everything answers",
        "",
        "",
        "{ status: 'operational'|'degraded', timestamp: time, services: { api: text, database: text, dbLatency: text }, version: text, endpoints: int, pages: int }",
    ),
    d("GET /api/openapi.json", "This document", "", "", "object"),
];

/// An endpoint with its description, for the page about the API.
pub struct Shown {
    /// `GET`, `POST`, `DELETE`.
    pub method: String,
    /// Its path.
    pub path: &'static str,
    /// What it is.
    pub is: &'static str,
    /// Who may.
    pub access: Access,
    /// Query, body and answer as shapes; empty for none.
    pub shapes: [&'static str; 3],
}

/// Every endpoint, in the order of the table of routes.
pub fn shown() -> Vec<Shown> {
    let endpoints = super::all()
        .into_iter()
        .filter(|route| route.kind == Kind::Endpoint);
    endpoints
        .filter_map(|route| {
            let found = of(&route)?;
            Some(Shown {
                method: route.method.to_string(),
                path: route.path,
                is: found.is,
                access: route.access,
                shapes: [found.asks, found.takes, found.gives],
            })
        })
        .collect()
}

/// The OpenAPI document.
pub fn document(base: &str) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for route in super::all() {
        if route.kind != Kind::Endpoint {
            continue;
        }
        let Some(found) = of(&route) else { continue };
        let methods = paths.entry(route.path).or_insert_with(|| json!({}));
        methods[route.method.as_str().to_lowercase()] = operation(&route, found);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "GenuProof",
            "version": "1.0.0",
            "description": "Products that prove they are genuine. Errors are JSON with a text in `error`.",
        },
        "servers": [{ "url": base }],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "bearer": { "type": "http", "scheme": "bearer" },
                "apiKey": { "type": "apiKey", "in": "header", "name": "X-Api-Key" },
                "ingestKey": { "type": "apiKey", "in": "header", "name": "X-Ingest-Key" },
            },
            "schemas": {
                "Error": {
                    "type": "object",
                    "required": ["error"],
                    "properties": { "error": { "type": "string", "minLength": 1 } },
                },
            },
        },
    })
}

fn of(route: &Route) -> Option<&'static Described> {
    let at = format!("{} {}", route.method, route.path);
    ALL.iter().find(|described| described.at == at)
}

fn operation(route: &Route, found: &Described) -> Value {
    let content = |shape: &str| {
        if shape.contains('/') && !shape.contains('{') {
            json!({ shape: {} })
        } else {
            json!({ "application/json": { "schema": schema(shape) } })
        }
    };
    let mut operation = json!({
        "summary": found.is,
        "operationId": format!("{}{}", route.method.as_str().to_lowercase(), route.path.replace(['/', '-', '.'], "_")),
        "responses": {
            "200": { "description": "Done.", "content": content(found.gives) },
            "default": {
                "description": "Not done; `error` says why.",
                "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Error" } } },
            },
        },
    });
    let parameters: Vec<Value> = members(found.asks)
        .into_iter()
        .map(|(name, is_needed, shape)| {
            json!({ "name": name, "in": "query", "required": is_needed, "schema": schema(shape) })
        })
        .collect();
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    if !found.takes.is_empty() {
        operation["requestBody"] = json!({ "required": true, "content": content(found.takes) });
    }
    let keys = json!([{ "bearer": [] }, { "apiKey": [] }]);
    match route.access {
        Access::Key => operation["security"] = keys,
        Access::PublicOrKey => {
            operation["security"] = json!([{}, { "bearer": [] }, { "apiKey": [] }]);
        }
        Access::Ingest => operation["security"] = json!([{ "ingestKey": [] }]),
        Access::Public | Access::Session => {}
    }
    operation
}

/// A shape as a JSON schema.
fn schema(shape: &str) -> Value {
    let choices = split(shape.trim(), '|');
    if choices.len() > 1 {
        let words: Vec<&str> = choices.iter().filter_map(|choice| quoted(choice)).collect();
        if words.len() == choices.len() {
            return json!({ "type": "string", "enum": words });
        }
        return json!({ "anyOf": choices.into_iter().map(schema).collect::<Vec<_>>() });
    }
    let shape = shape.trim();
    if let Some(inner) = shape
        .strip_prefix('[')
        .and_then(|shape| shape.strip_suffix(']'))
    {
        return json!({ "type": "array", "items": schema(inner) });
    }
    if shape.starts_with('{') {
        let members = members(shape);
        if let [("*", _, value)] = members[..] {
            return json!({ "type": "object", "additionalProperties": schema(value) });
        }
        let needed: Vec<_> = members
            .iter()
            .filter(|member| member.1)
            .map(|member| member.0)
            .collect();
        let properties: Map<_, _> = members
            .iter()
            .map(|(name, _, shape)| ((*name).to_owned(), schema(shape)))
            .collect();
        let mut object = json!({ "type": "object", "properties": properties });
        if !needed.is_empty() {
            object["required"] = json!(needed);
        }
        return object;
    }
    match shape {
        "text" => json!({ "type": "string" }),
        "id" => json!({ "type": "string", "maxLength": 128 }),
        "code" => json!({ "type": "string", "maxLength": 64 }),
        "time" => json!({ "type": "string", "format": "date-time" }),
        "int" => json!({ "type": "integer", "minimum": 0 }),
        "number" => json!({ "type": "number" }),
        "bool" => json!({ "type": "boolean" }),
        "object" => json!({ "type": "object" }),
        "null" => json!({ "type": "null" }),
        word => match quoted(word) {
            Some(word) => json!({ "type": "string", "enum": [word] }),
            None => json!({}),
        },
    }
}

/// Name, whether it must be there, and shape of each member.
fn members(shape: &str) -> Vec<(&str, bool, &str)> {
    let inner = shape
        .trim()
        .strip_prefix('{')
        .and_then(|shape| shape.strip_suffix('}'));
    let parts = split(inner.unwrap_or_default(), ',');
    let member = |part: &'_ str| -> Option<(usize, usize)> { Some((0, part.find(':')?)) };
    parts
        .into_iter()
        .filter_map(|part| {
            let (from, to) = member(part)?;
            let name = part.get(from..to)?.trim();
            let shape = part.get(to + 1..)?;
            Some((name.trim_end_matches('?'), !name.ends_with('?'), shape))
        })
        .collect()
}

/// Splits at a sign that stands in no bracket.
fn split(text: &str, sign: char) -> Vec<&str> {
    let (mut parts, mut depth, mut from) = (Vec::new(), 0_u32, 0);
    for (at, c) in text.char_indices() {
        match c {
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.saturating_sub(1),
            c if c == sign && depth == 0 => {
                parts.push(text.get(from..at).unwrap_or_default());
                from = at + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(text.get(from..).unwrap_or_default());
    parts
}

fn quoted(word: &str) -> Option<&str> {
    word.trim().strip_prefix('\'')?.strip_suffix('\'')
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_endpoint_is_described_once_and_nothing_else_is() {
        let endpoints: BTreeSet<_> = super::super::all()
            .iter()
            .filter(|route| route.kind == Kind::Endpoint)
            .map(|route| format!("{} {}", route.method, route.path))
            .collect();
        let described: BTreeSet<_> = ALL
            .iter()
            .map(|described| described.at.to_owned())
            .collect();
        assert_eq!(described.len(), ALL.len());
        assert_eq!(endpoints, described);
    }

    #[test]
    fn a_shape_becomes_a_schema() {
        assert_eq!(
            schema("{ a: text, b?: [int|null], c: {*: bool}, d: 'x'|'y' }"),
            json!({
                "type": "object",
                "properties": {
                    "a": { "type": "string" },
                    "b": { "type": "array", "items": { "anyOf": [{ "type": "integer", "minimum": 0 }, { "type": "null" }] } },
                    "c": { "type": "object", "additionalProperties": { "type": "boolean" } },
                    "d": { "type": "string", "enum": ["x", "y"] },
                },
                "required": ["a", "c", "d"],
            })
        );
    }
}
