//! Who may what: every route is tried as a stranger, with no key, a wrong one, another brand's, and the right one.

use std::collections::BTreeSet;

use genuproof::routes::{self, Access};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::http::site::{Answer, Brand, Site, text};

/// What a route that needs a key is asked for. A route that is missing here fails the test below.
#[expect(clippy::too_many_lines, reason = "a list: one entry for each route")]
fn asked(brand: &Brand, product: &str) -> Vec<(Method, &'static str, String, Value)> {
    let id = &brand.id;
    vec![
        (
            Method::GET,
            "/api/brands/stats",
            format!("brandId={id}"),
            Value::Null,
        ),
        (
            Method::GET,
            "/api/products/list",
            format!("brandId={id}"),
            Value::Null,
        ),
        (
            Method::GET,
            "/api/products/search",
            format!("brandId={id}"),
            Value::Null,
        ),
        (
            Method::POST,
            "/api/products/register",
            String::new(),
            json!({ "brandId": id, "name": "A new one" }),
        ),
        (
            Method::POST,
            "/api/products/events",
            String::new(),
            json!({ "productId": product, "type": "sold", "actor": "Shop" }),
        ),
        (
            Method::POST,
            "/api/products/history",
            String::new(),
            json!({ "productIds": [product], "type": "sold", "actor": "Shop" }),
        ),
        (
            Method::POST,
            "/api/products/transfer",
            String::new(),
            json!({ "productId": product, "newOwner": "Ada" }),
        ),
        (
            Method::POST,
            "/api/products/recall",
            String::new(),
            json!({ "productId": product, "reason": "Water" }),
        ),
        (
            Method::GET,
            "/api/threats",
            format!("brandId={id}"),
            Value::Null,
        ),
        (
            Method::GET,
            "/api/brands/scans",
            format!("brandId={id}"),
            Value::Null,
        ),
        (
            Method::GET,
            "/api/brands/keys",
            format!("brandId={id}"),
            Value::Null,
        ),
        (
            Method::POST,
            "/api/products/batch",
            String::new(),
            json!({ "brandId": id, "products": [{ "name": "One of many" }] }),
        ),
        (
            Method::POST,
            "/api/integrations/configure",
            String::new(),
            json!({ "brandId": id, "type": "fedex" }),
        ),
        (
            Method::GET,
            "/api/integrations/configure",
            format!("brandId={id}"),
            Value::Null,
        ),
        (
            Method::GET,
            "/api/integrations/status",
            format!("brandId={id}"),
            Value::Null,
        ),
        (
            Method::POST,
            "/api/integrations/simulate",
            String::new(),
            json!({ "brandId": id, "productName": "Simulated", "journey": "electronics" }),
        ),
        (
            Method::POST,
            "/api/webhooks",
            String::new(),
            json!({ "brandId": id, "url": "http://127.0.0.1:9/hook" }),
        ),
        (
            Method::GET,
            "/api/webhooks",
            format!("brandId={id}"),
            Value::Null,
        ),
        (
            Method::GET,
            "/api/analytics",
            format!("brandId={id}"),
            Value::Null,
        ),
    ]
}

/// Routes that need a key and something that is not there yet, or do not end: strangers are refused, and the right key is
/// answered with this.
fn asked_otherwise(
    brand: &Brand,
    product: &str,
) -> Vec<(Method, &'static str, String, Value, u16)> {
    let id = &brand.id;
    let alert = "2026-03-01T09:30:00.000Z~burst_scan~0f3a";
    vec![
        (
            Method::POST,
            "/api/threats/resolve",
            String::new(),
            json!({ "brandId": id, "id": alert }),
            404,
        ),
        (
            Method::POST,
            "/api/threats/reopen",
            String::new(),
            json!({ "brandId": id, "id": alert }),
            404,
        ),
        (
            Method::POST,
            "/api/products/dispute/status",
            String::new(),
            json!({ "productId": product, "disputeId": "2026-03-01T09:30:00.000Z~0f", "status": "investigating" }),
            404,
        ),
        (
            Method::GET,
            "/api/stream",
            format!("brandId={id}"),
            Value::Null,
            200,
        ),
        (
            Method::POST,
            "/api/brands/keys/revoke",
            String::new(),
            json!({ "brandId": id, "prefix": "gpk_00000000" }),
            404,
        ),
        (
            Method::POST,
            "/api/integrations/rotate",
            String::new(),
            json!({ "brandId": id, "integrationId": "none" }),
            404,
        ),
        (
            Method::DELETE,
            "/api/webhooks",
            String::new(),
            json!({ "brandId": id, "webhookId": "none" }),
            404,
        ),
        (
            Method::POST,
            "/api/webhooks/rotate",
            String::new(),
            json!({ "brandId": id, "webhookId": "none" }),
            404,
        ),
        (
            Method::POST,
            "/api/webhooks/resume",
            String::new(),
            json!({ "brandId": id, "webhookId": "none" }),
            404,
        ),
        (
            Method::GET,
            "/api/webhooks/deliveries",
            format!("brandId={id}&webhookId=none"),
            Value::Null,
            404,
        ),
        (
            Method::POST,
            "/api/webhooks/deliveries/resend",
            String::new(),
            json!({ "brandId": id, "webhookId": "none", "deliveryId": "2026-03-01T09:30:00.000Z~0f" }),
            404,
        ),
        (
            Method::POST,
            "/api/stripe/checkout",
            String::new(),
            json!({ "brandId": id, "plan": "starter" }),
            200,
        ),
        // Last: after it there is another key.
        (
            Method::POST,
            "/api/brands/keys/rotate",
            String::new(),
            json!({ "brandId": id }),
            200,
        ),
    ]
}

/// Routes that everybody may use. `GET /api/scans` answers everybody alike; what a key adds to disputes and the operations log is
/// tried in `ownership` and `alerts`.
const PUBLIC: &[(&str, &str)] = &[
    ("POST", "/api/brands"),
    ("GET", "/api/brands"),
    ("GET", "/api/brands/list"),
    ("GET", "/api/products/verify"),
    ("GET", "/api/products/events"),
    ("GET", "/api/products/qr"),
    ("GET", "/api/products/claim"),
    ("POST", "/api/products/claim"),
    ("GET", "/api/products/dispute"),
    ("POST", "/api/products/dispute"),
    ("GET", "/api/explore"),
    ("GET", "/api/ops-log"),
    ("GET", "/api/scans"),
    ("GET", "/api/health"),
    ("GET", "/api/products/certificate"),
    ("GET", "/api/products/dpp-export"),
    ("GET", "/api/og"),
    ("GET", "/api/catalog/categories"),
    ("GET", "/api/catalog/actors"),
    ("GET", "/api/catalog/locations"),
    ("GET", "/api/integrations/journeys"),
    ("GET", "/api/stripe/checkout"),
    ("POST", "/api/stripe/webhook"),
    ("GET", "/api/audit"),
    ("GET", "/api/openapi.json"),
    ("GET", "/"),
    ("GET", "/verify"),
    ("GET", "/verify/{code}"),
    ("POST", "/verify/{code}/scan"),
    ("POST", "/verify/{code}/claim"),
    ("POST", "/verify/{code}/dispute"),
    ("GET", "/explore"),
    ("GET", "/product/{id}"),
    ("GET", "/qr/{code}"),
    ("POST", "/dashboard/signin"),
    ("POST", "/dashboard/brands"),
    ("GET", "/analytics"),
    ("GET", "/ops-log"),
    ("GET", "/audit"),
    ("GET", "/status"),
    ("GET", "/pricing"),
    ("GET", "/docs"),
    ("GET", "/mcp"),
    ("GET", "/embed/{code}"),
    ("GET", "/compare"),
    ("GET", "/integrations"),
];

/// Routes that lead a stranger to signing in; `sessions` tries them with one.
const SESSION: &[(&str, &str)] = &[
    ("GET", "/dashboard"),
    ("POST", "/dashboard/signout"),
    ("POST", "/dashboard/products"),
    ("GET", "/dashboard/alerts"),
    ("POST", "/dashboard/alerts/resolve"),
    ("POST", "/dashboard/alerts/reopen"),
    ("POST", "/product/{id}/transfer"),
    ("POST", "/product/{id}/recall"),
    ("POST", "/pricing/checkout"),
    ("GET", "/dashboard/keys"),
    ("POST", "/dashboard/keys/rotate"),
    ("POST", "/dashboard/keys/revoke"),
    ("POST", "/dashboard/webhooks"),
    ("POST", "/dashboard/webhooks/delete"),
    ("POST", "/integrations/connect"),
    ("POST", "/integrations/test"),
    ("POST", "/integrations/simulate"),
];

async fn start(open_demo: bool) -> (Site, Brand, Brand, String) {
    let site = Site::with(|settings| settings.open_demo = open_demo).await;
    let brand = site.brand("Maison").await;
    let other = site.brand("Other").await;
    let product = text(&site.product(&brand, "Watch").await["productId"]);
    (site, brand, other, product)
}

#[tokio::test]
async fn every_route_is_in_one_of_the_lists() {
    let (_, brand, _, product) = start(false).await;
    let of = |list: &[(&str, &str)]| -> BTreeSet<String> {
        list.iter()
            .map(|(method, path)| format!("{method} {path}"))
            .collect()
    };
    let keyed: BTreeSet<_> = asked(&brand, &product)
        .iter()
        .map(|(method, path, ..)| format!("{method} {path}"))
        .chain(
            asked_otherwise(&brand, &product)
                .iter()
                .map(|(method, path, ..)| format!("{method} {path}")),
        )
        .collect();
    for route in routes::all() {
        let name = format!("{} {}", route.method, route.path);
        let listed = match route.access {
            Access::Public => of(PUBLIC).contains(&name),
            Access::Key => keyed.contains(&name),
            Access::PublicOrKey => keyed.contains(&name) || of(PUBLIC).contains(&name),
            Access::Session => of(SESSION).contains(&name),
            // Tried in `ingest`.
            Access::Ingest => route.path.starts_with("/api/ingest/"),
        };
        assert!(listed, "{name} is in no list of this file");
    }
}

#[tokio::test]
async fn a_key_opens_what_is_its_own_brands_and_nothing_else() {
    let (site, brand, other, product) = start(false).await;
    let items = site.items().await;
    let forged = format!("{}0", &brand.key[..brand.key.len() - 1]);
    let replaced = if forged == brand.key {
        format!("{}1", &brand.key[..brand.key.len() - 1])
    } else {
        forged
    };
    for (method, path, query, body) in asked(&brand, &product) {
        let request = || with(&site, &method, path, &query, &body);
        let answer = Answer::of(request()).await;
        answer.error(401);
        assert_eq!(answer.header("www-authenticate"), "Bearer");
        assert_eq!(answer.header("cache-control"), "no-store");
        for wrong in ["nonsense", &replaced, &"gpk_".repeat(3000)] {
            Answer::of(request().header("x-api-key", wrong))
                .await
                .error(401);
        }
        Answer::of(request().bearer_auth(&other.key))
            .await
            .error(403);
    }
    for (method, path, query, body, status) in asked_otherwise(&brand, &product) {
        let request = || with(&site, &method, path, &query, &body);
        Answer::of(request()).await.error(401);
        Answer::of(request().bearer_auth(&other.key))
            .await
            .error(403);
        let answer = request().bearer_auth(&brand.key).send().await.unwrap();
        assert_eq!(answer.status(), status, "{path}");
    }
    assert_eq!(site.items().await, items, "nothing was written");
    for (method, path, query, body) in asked(&brand, &product) {
        let request = || with(&site, &method, path, &query, &body);
        let answer = Answer::of(request().bearer_auth(&brand.key)).await;
        answer.ok();
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
    }
    let stats = format!("/api/brands/stats?brandId={}", brand.id);
    let request = || site.request(Method::GET, &stats);
    Answer::of(request().header("x-api-key", &brand.key))
        .await
        .ok();
    let both = request()
        .bearer_auth(&other.key)
        .header("x-api-key", &brand.key);
    Answer::of(both).await.ok();
    let either = request()
        .bearer_auth("nonsense")
        .header("x-api-key", &brand.key);
    Answer::of(either).await.ok();
}

#[tokio::test]
async fn a_request_that_lacks_something_is_400_even_without_credentials() {
    let (site, brand, ..) = start(false).await;
    for (method, path) in [
        (Method::GET, "/api/brands/stats"),
        (Method::GET, "/api/products/list"),
        (Method::POST, "/api/products/register"),
        (Method::POST, "/api/products/events"),
    ] {
        let answer = Answer::of(with(&site, &method, path, "", &json!({}))).await;
        assert!(answer.error(400).contains("required"), "{path}");
    }
    let unknown = "brandId=3f2b8c1e-5d47-4a90-9c11-7e0a6b2d4f55";
    let path = format!("/api/brands/stats?{unknown}");
    let status = site.get_as(&brand, &path).await.status.as_u16();
    assert!(matches!(status, 401 | 403 | 404), "{status}");
    let path = "/api/brands/stats?brandId=nonsense";
    let status = site.get_as(&brand, path).await.status.as_u16();
    assert!(matches!(status, 401 | 403 | 404), "{status}");
}

#[tokio::test]
async fn the_brand_of_a_product_is_read_from_the_table() {
    let (site, brand, other, product) = start(false).await;
    let body =
        json!({ "productId": product, "brandId": other.id, "type": "sold", "actor": "Thief" });
    site.post_as(&other, "/api/products/events", &body)
        .await
        .error(403);
    site.post_as(&brand, "/api/products/events", &body)
        .await
        .ok();
}

#[tokio::test]
async fn an_open_demonstration_answers_without_a_key_and_still_checks_one_that_is_sent() {
    let (site, brand, other, product) = start(true).await;
    for (method, path, query, body) in asked(&brand, &product) {
        let request = || with(&site, &method, path, &query, &body);
        Answer::of(request().bearer_auth("nonsense"))
            .await
            .error(401);
        Answer::of(request().bearer_auth(&other.key))
            .await
            .error(403);
        Answer::of(request()).await.ok();
    }
    let unknown = json!({ "brandId": "3f2b8c1e-5d47-4a90-9c11-7e0a6b2d4f55", "name": "x" });
    site.post("/api/products/register", &unknown)
        .await
        .error(404);
    assert_eq!(site.get("/api/health").await.ok()["openDemo"], true);
    for page in ["/", "/verify", "/dashboard", "/nothing"] {
        let html = site.get(page).await.text();
        assert!(html.contains("Open demonstration"), "{page}");
    }
}

fn with(site: &Site, method: &Method, path: &str, query: &str, body: &Value) -> RequestBuilder {
    let request = site.request(method.clone(), &format!("{path}?{query}"));
    if *method == Method::POST || *method == Method::DELETE {
        request.json(body)
    } else {
        request
    }
}
