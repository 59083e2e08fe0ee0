//! Thousands of requests that nobody should send: none is answered with 5xx, none writes anything.

use keyfold_testkit::seeded::Seeded;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Map, Value, json};

use crate::http::site::{Answer, Brand, Site, encoded, text};

const REQUESTS: usize = 2_000;

/// Text that programs stumble over.
const HOSTILE: &[&str] = &[
    "",
    " ",
    "\u{0}",
    "\u{202e}gnp.exe",
    "\u{fffe}\u{ffff}",
    "e\u{301}\u{301}\u{301}",
    "\u{feff}",
    "😀👩‍👩‍👧‍👦",
    "<script>alert(1)</script>",
    "' OR 1=1 --",
    "PRODUCT#1#META",
    "#$%&?/\\..",
    "../../etc/passwd",
    "{{7*7}}",
    "${jndi:ldap://x}",
    "null",
    "-0",
    "1e999",
    "BRAND#",
    "\r\nSet-Cookie: a=b",
];

struct Fuzz<'a> {
    seeded: Seeded,
    brand: &'a Brand,
    product: &'a str,
    code: &'a str,
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_requests_are_refused_and_write_nothing() {
    let site = Site::start().await;
    let brand = site.brand("Maison").await;
    let registered = site.product(&brand, "Watch").await;
    let (product, code) = (
        text(&registered["productId"]),
        text(&registered["verificationCode"]),
    );
    let items = site.items().await;
    let stats_path = format!("/api/brands/stats?brandId={}", brand.id);
    let stats = site.get_as(&brand, &stats_path).await.ok();

    let rounds: usize = std::env::var("KEYFOLD_ROUNDS")
        .ok()
        .and_then(|rounds| rounds.parse().ok())
        .unwrap_or(1);
    let mut fuzz = Fuzz {
        seeded: Seeded::new(20_260_301),
        brand: &brand,
        product: &product,
        code: &code,
    };
    let mut refused = 0;
    for number in 0..REQUESTS * rounds.max(1) {
        let (request, sent) = fuzz.request(&site);
        let answer = Answer::of(request).await;
        let status = answer.status;
        assert!(
            !status.is_server_error(),
            "request {number}: {status} to {sent}"
        );
        if status.is_client_error() {
            refused += 1;
            if sent.contains(" /api/") {
                let error = answer.json()["error"].as_str().map(str::to_owned);
                assert!(
                    error.is_some_and(|error| !error.is_empty()),
                    "request {number}: {sent}"
                );
            }
        } else {
            assert_ne!(status, StatusCode::CREATED);
        }
    }
    assert!(
        refused > REQUESTS * rounds / 2,
        "only {refused} were bad requests"
    );
    assert_eq!(site.items().await, items, "something was written");
    assert_eq!(site.get_as(&brand, &stats_path).await.ok(), stats);
    let verified = site
        .get(&format!("/api/products/verify?metadata=true&code={code}"))
        .await
        .ok();
    assert_eq!(verified["authentic"], true);
}

impl Fuzz<'_> {
    /// A request that must not write, and what it was.
    fn request(&mut self, site: &Site) -> (RequestBuilder, String) {
        match self.seeded.below(10) {
            0..=3 => self.body(site),
            4..=6 => self.query(site),
            7 => self.raw_body(site),
            8 => self.page(site),
            _ => self.odd(site),
        }
    }

    /// A JSON body with at least one thing wrong with it.
    fn body(&mut self, site: &Site) -> (RequestBuilder, String) {
        let (path, mut body, required) = match self.seeded.below(3) {
            0 => (
                "/api/brands",
                json!({ "name": "N", "domain": "d.example", "industry": "other" }),
                ["name", "domain", "industry"],
            ),
            1 => (
                "/api/products/register",
                json!({ "brandId": self.brand.id, "name": format!("N{}", self.seeded.next_u64()) }),
                ["brandId", "name", "name"],
            ),
            _ => (
                "/api/products/events",
                json!({ "productId": self.product, "type": "sold", "actor": "Shop" }),
                ["productId", "type", "actor"],
            ),
        };
        let wrong = *self.seeded.pick(&required).unwrap();
        let members = body.as_object_mut().unwrap();
        match self.seeded.below(5) {
            0 => _ = members.remove(wrong),
            1 => _ = members.insert(wrong.to_owned(), self.not_text()),
            2 => {
                let long = "é".repeat(400 + self.seeded.below(3000));
                members.insert(wrong.to_owned(), long.into());
            }
            3 => self.wrong_option(path, members),
            _ => {
                // Free text stands in many fields, but an id or a type is never any of these.
                let strict = if path == "/api/brands" {
                    "logoUrl"
                } else {
                    required[0]
                };
                let text = self.hostile();
                let text = if text.is_empty() {
                    "?".to_owned()
                } else {
                    text
                };
                members.insert(strict.to_owned(), text.into());
            }
        }
        let text = body.to_string();
        let request = self
            .as_somebody(site.request(Method::POST, path))
            .json(&body);
        (
            request,
            format!("POST {path} {}", text.chars().take(300).collect::<String>()),
        )
    }

    fn wrong_option(&mut self, path: &str, members: &mut Map<String, Value>) {
        let object = |seeded: &mut Seeded| {
            let mut value = json!({ "leaf": seeded.next_u64() });
            for _ in 0..12 {
                value = json!({ "deeper": value });
            }
            value
        };
        let (field, value) = match (path, self.seeded.below(4)) {
            ("/api/brands", _) => ("logoUrl", json!("javascript:alert(1)")),
            ("/api/products/register", 0) => ("metadata", object(&mut self.seeded)),
            ("/api/products/register", 1) => ("metadata", json!({ "": 1 })),
            ("/api/products/register", 2) => ("sku", json!("s".repeat(101))),
            ("/api/products/register", _) => ("imageUrl", json!("//no.scheme")),
            (_, 0) => ("data", object(&mut self.seeded)),
            (_, 1) => ("coordinates", json!({ "lat": 1e300, "lng": 0 })),
            (_, 2) => ("coordinates", json!([1, 2])),
            (_, _) => ("location", json!({ "city": "Paris" })),
        };
        members.insert(field.to_owned(), value);
    }

    fn not_text(&mut self) -> Value {
        match self.seeded.below(6) {
            0 => Value::Null,
            1 => json!(self.seeded.next_u64()),
            2 => json!(true),
            3 => json!([null]),
            4 => json!({ "$ne": "" }),
            _ => json!(-1.5e300),
        }
    }

    /// Bytes that are no JSON object.
    fn raw_body(&mut self, site: &Site) -> (RequestBuilder, String) {
        let mut body = match self.seeded.below(6) {
            0 => Vec::new(),
            1 => b"[".repeat(self.seeded.below(200_000)),
            2 => b"{\"name\":".to_vec(),
            3 => b"{\"name\":\"\\ud800\",\"domain\":\"\\udfff\",\"industry\":\"x\"}".to_vec(),
            4 => vec![b' '; 1 + (1 << 20)],
            _ => self.seeded.bytes::<64>().to_vec(),
        };
        if self.seeded.below(4) == 0 {
            body.insert(0, 0xff);
        }
        let path = *self
            .seeded
            .pick(&[
                "/api/brands",
                "/api/products/register",
                "/api/products/events",
            ])
            .unwrap();
        let sent = format!(
            "POST {path} {} raw bytes {:?}",
            body.len(),
            &body[..body.len().min(40)]
        );
        let types = [
            "application/json",
            "text/plain",
            "multipart/form-data",
            "application/x-www-form-urlencoded",
            "x",
        ];
        let kind = *self.seeded.pick(&types).unwrap();
        let request = self.as_somebody(site.request(Method::POST, path));
        (request.header("content-type", kind).body(body), sent)
    }

    /// A query with values that name nothing, or too much.
    fn query(&mut self, site: &Site) -> (RequestBuilder, String) {
        let paths = [
            ("/api/brands", "id"),
            ("/api/brands/list", "cursor"),
            ("/api/brands/list", "limit"),
            ("/api/brands/stats", "brandId"),
            ("/api/products/list", "brandId"),
            ("/api/products/search", "code"),
            ("/api/products/search", "productId"),
            ("/api/products/search", "brandId"),
            ("/api/products/verify", "code"),
            ("/api/products/verify", "productId"),
            ("/api/products/events", "productId"),
            ("/api/products/qr", "format"),
            ("/api/scans", "productId"),
        ];
        let (path, name) = *self.seeded.pick(&paths).unwrap();
        let value = match self.seeded.below(4) {
            0 => encoded(&"x".repeat(self.seeded.below(3_000))),
            1 => "%".to_owned(),
            2 => "%ff%00%E0%A4%A".to_owned(),
            _ => encoded(&self.hostile()),
        };
        let target = format!("{path}?{name}={value}&limit={}", self.seeded.below(3));
        let request = self.as_somebody(site.request(Method::GET, &target));
        (request, format!("GET {target}"))
    }

    fn page(&mut self, site: &Site) -> (RequestBuilder, String) {
        let value = encoded(&self.hostile());
        let (method, target) = match self.seeded.below(6) {
            0 => (Method::GET, format!("/verify/{value}")),
            1 => (Method::GET, format!("/qr/{value}")),
            2 => (Method::POST, format!("/verify/{value}/scan")),
            3 => (Method::GET, format!("/verify?pid={value}")),
            4 => (Method::POST, "/dashboard/signin".to_owned()),
            _ => (Method::POST, "/dashboard/products".to_owned()),
        };
        let mut request = site.request(method.clone(), &target);
        if method == Method::POST {
            let body = format!("key={value}&name={value}&csrf={value}&%ff=%");
            request = request
                .header("content-type", "application/x-www-form-urlencoded")
                .body(body);
        }
        (
            request.header("cookie", format!("genuproof={value}")),
            format!("{method} {target}"),
        )
    }

    /// Wrong methods, unknown paths, odd headers.
    fn odd(&mut self, site: &Site) -> (RequestBuilder, String) {
        let methods = [Method::DELETE, Method::PUT, Method::PATCH, Method::OPTIONS];
        let method = self.seeded.pick(&methods).unwrap().clone();
        let known = [
            "/api/brands",
            "/api/products/verify",
            "/verify",
            "/",
            "/assets/style.css",
        ];
        let target = match self.seeded.below(3) {
            0 => (*self.seeded.pick(&known).unwrap()).to_owned(),
            1 => format!("/api/{}", encoded(&self.hostile())),
            _ => format!("/assets/{}", encoded(&self.hostile())),
        };
        let request = site
            .request(method.clone(), &target)
            .header("x-forwarded-for", "not, an, address")
            .header("accept", "application/problem+json;q=0.1, */*")
            .header("authorization", "Bearer \t");
        (request, format!("odd {method}:{target}"))
    }

    fn hostile(&mut self) -> String {
        let one = *self.seeded.pick(HOSTILE).unwrap();
        match self.seeded.below(4) {
            0 => one.repeat(1 + self.seeded.below(50)),
            1 => format!("{one}x{}", self.code),
            2 => format!("{}x{one}", self.product),
            _ => one.to_owned(),
        }
    }

    /// With the brand's key, a wrong one, or none: what is wrong is wrong for everybody.
    fn as_somebody(&mut self, request: RequestBuilder) -> RequestBuilder {
        match self.seeded.below(4) {
            0 => request,
            1 => request.header("x-api-key", "gpk_00000000_wrong"),
            _ => request.bearer_auth(&self.brand.key),
        }
    }
}
