//! A server for one test, and a client that speaks to it as other people's programs do.

use genuproof::domain::crypto::Secret;
use genuproof::server::{self, Running};
use genuproof::settings::{DEFAULT_TABLE, Settings, Storage};
use keyfold::embedded::Engine;
use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

use crate::world::Item;

pub const SECRET: &str = "genuproof-test-secret";

pub struct Site {
    pub running: Running,
    pub engine: Engine,
    pub http: reqwest::Client,
}

/// A brand that was created over HTTP.
pub struct Brand {
    pub id: String,
    pub key: String,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Site {
    pub async fn start() -> Self {
        Self::with(|_| {}).await
    }

    pub async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let engine = crate::world::engine();
        let mut settings = settings(Storage::Engine {
            engine: engine.clone(),
            folder: None,
        });
        change(&mut settings);
        let running = server::start(settings).await.unwrap();
        Self::of(running, engine)
    }

    /// Over a server that opened its own engine.
    pub fn on(running: Running) -> Self {
        let engine = running.engine.clone().unwrap();
        Self::of(running, engine)
    }

    /// Stops the server, and lets go of its data.
    pub async fn stop(self) {
        self.running.until(std::future::ready(())).await.unwrap();
    }

    fn of(running: Running, engine: Engine) -> Self {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self {
            running,
            engine,
            http,
        }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.running.local_url)
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, self.url(path))
    }

    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path)).await
    }

    pub async fn get_as(&self, brand: &Brand, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path).bearer_auth(&brand.key)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        Answer::of(self.request(Method::POST, path).json(body)).await
    }

    pub async fn post_as(&self, brand: &Brand, path: &str, body: &Value) -> Answer {
        let request = self.request(Method::POST, path).json(body);
        Answer::of(request.bearer_auth(&brand.key)).await
    }

    pub async fn brand(&self, name: &str) -> Brand {
        let body = json!({ "name": name, "domain": "maison.example", "industry": "fashion" });
        let created = self.post("/api/brands", &body).await.ok();
        Brand {
            id: text(&created["id"]),
            key: text(&created["apiKey"]),
        }
    }

    pub async fn product(&self, brand: &Brand, name: &str) -> Value {
        let body = json!({ "brandId": brand.id, "name": name });
        self.post_as(brand, "/api/products/register", &body)
            .await
            .ok()
    }

    /// How many items the table holds, once everything that follows from what was written is there too.
    pub async fn items(&self) -> usize {
        self.items_like("").await
    }

    /// How many of them have a sort key that begins so.
    pub async fn items_like(&self, prefix: &str) -> usize {
        self.running.caught_up().await;
        let mut pages = self
            .engine
            .past_faults()
            .client()
            .scan()
            .table_name(DEFAULT_TABLE)
            .into_paginator()
            .send();
        let mut items = 0;
        while let Some(page) = pages.next().await {
            let page = page.unwrap();
            let fits = |item: &&Item| item["SK"].as_s().unwrap().starts_with(prefix);
            items += page.items().iter().filter(fits).count();
        }
        items
    }
}

impl Answer {
    pub async fn of(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        Self {
            status: response.status(),
            headers: response.headers().clone(),
            body: response.bytes().await.unwrap().to_vec(),
        }
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("{}: {}", self.status, self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value: &HeaderValue| value.to_str().unwrap())
    }

    /// The body of a 200.
    pub fn ok(&self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text());
        self.json()
    }

    /// The `error` of an answer with this status.
    pub fn error(&self, status: u16) -> String {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        let error = text(&self.json()["error"]);
        assert!(!error.is_empty(), "{}", self.text());
        error
    }

    /// The cookie that was set, as it is sent back.
    pub fn cookie(&self) -> String {
        let cookie = self.header("set-cookie").split(';').next().unwrap();
        assert!(!cookie.is_empty(), "no cookie: {}", self.text());
        cookie.to_owned()
    }
}

pub fn settings(storage: Storage) -> Settings {
    let usual = Settings::usual(([127, 0, 0, 1], 0).into(), storage).unwrap();
    Settings {
        signing_secret: Some(Secret::new(SECRET).unwrap()),
        ..usual
    }
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The names of an object's members, sorted.
pub fn members(value: &Value) -> Vec<&str> {
    let object = value.as_object().unwrap_or_else(|| panic!("{value}"));
    let mut names: Vec<_> = object.keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

/// As a value in a URL or a form: every byte encoded.
pub fn encoded(text: &str) -> String {
    percent_encoding::percent_encode(text.as_bytes(), percent_encoding::NON_ALPHANUMERIC)
        .to_string()
}
