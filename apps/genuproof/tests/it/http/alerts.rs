//! Alerts over HTTP: listed, told as they are raised, resolved.

use std::time::Duration;

use genuproof::server;
use genuproof::settings::Storage;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::http::events::Events;
use crate::http::site::{Answer, Brand, Site, encoded, settings, text};

const SOON: Duration = Duration::from_secs(10);

impl Site {
    pub fn follow(&self, brand: &Brand) -> RequestBuilder {
        let path = format!("/api/stream?brandId={}", brand.id);
        self.request(Method::GET, &path).bearer_auth(&brand.key)
    }

    /// Scans a product as somebody in a country, behind a proxy that is trusted.
    pub async fn scan_from(&self, product: &Value, country: &str, address: &str) -> Value {
        let path = format!(
            "/api/products/verify?code={}",
            text(&product["verificationCode"])
        );
        let request = self.request(Method::GET, &path);
        let request = request
            .header("x-forwarded-for", address)
            .header("x-vercel-ip-country", country)
            .header("x-vercel-ip-city", "S%C3%A3o%20Paulo");
        Answer::of(request).await.ok()
    }

    /// Scans a product from three countries.
    pub async fn scan_around(&self, product: &Value) {
        for country in ["FR", "DE", "NG"] {
            self.scan_from(product, country, "203.0.113.7").await;
        }
    }

    pub async fn threats(&self, brand: &Brand) -> Vec<Value> {
        let path = format!("/api/threats?brandId={}", brand.id);
        let answer = self.get_as(brand, &path).await.ok();
        let threats = answer["threats"].as_array().unwrap().clone();
        assert_eq!(answer["count"], threats.len());
        threats
    }
}

fn id_of(product: &Value) -> String {
    text(&product["productId"])
}

#[tokio::test]
async fn a_scan_warns_whoever_scans_and_alerts_the_brand() {
    let site = Site::start().await;
    let brand = site.brand("Maison").await;
    let product = site.product(&brand, "Watch").await;
    let mut feed = Events::open(site.follow(&brand)).await;
    site.scan_from(&product, "FR", "203.0.113.7").await;
    let second = site.scan_from(&product, "DE", "203.0.113.8").await;
    assert_eq!(second["warnings"], json!([]));
    let third = site.scan_from(&product, "NG", "203.0.113.9").await;
    let warnings = third["warnings"].to_string();
    assert!(warnings.contains("3 different countries"), "{warnings}");
    let threat = feed.threat(SOON).await.unwrap();
    assert_eq!(threat.id.as_deref(), Some("1"));
    assert_eq!(threat.data["type"], "geographic_anomaly");
    assert_eq!(threat.data["severity"], "high");
    assert_eq!(threat.data["productId"], product["productId"]);
    assert!(text(&threat.data["details"]).contains("DE, FR, NG"));
    assert_eq!(threat.data["city"], "São Paulo");
    site.running.caught_up().await;
    let threats = site.threats(&brand).await;
    assert_eq!(threats.len(), 1);
    assert_eq!(threats[0]["resolved"], false);
    assert_eq!(threats[0]["timestamp"], threat.data["timestamp"]);
    assert_eq!(threats[0]["aiAnalysis"]["severity"], "HIGH");
    let path = format!("/api/brands/stats?brandId={}", brand.id);
    let stats = site.get_as(&brand, &path).await.ok();
    assert_eq!(
        (&stats["threatCount"], &stats["unresolvedThreats"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(stats["statsCounter"]["threatCount"], 1);
}

#[tokio::test]
async fn eleven_scans_in_an_hour_and_more_than_twenty_are_warned_of_with_their_numbers() {
    let site = Site::start().await;
    let brand = site.brand("Maison").await;
    let product = site.product(&brand, "Watch").await;
    for number in 1..=21 {
        let scanned = site.scan_from(&product, "FR", "203.0.113.7").await;
        assert_eq!(scanned["scanCount"], number - 1);
        let warnings = scanned["warnings"].to_string();
        let burst =
            warnings.contains(&format!("{number} scans")) && warnings.contains("in the last hour");
        assert_eq!(burst, number > 10, "{number}: {warnings}");
        assert_eq!(
            warnings.contains("velocity"),
            number > 20,
            "{number}: {warnings}"
        );
    }
    site.running.caught_up().await;
    let mut kinds: Vec<_> = site
        .threats(&brand)
        .await
        .iter()
        .map(|threat| text(&threat["type"]))
        .collect();
    kinds.sort();
    assert_eq!(kinds, ["burst_scan", "scan_velocity"]);
    // A look without trace is no scan.
    let path = format!(
        "/api/products/verify?metadata=true&code={}",
        text(&product["verificationCode"])
    );
    assert_eq!(site.get(&path).await.ok()["warnings"], json!([]));
}

#[tokio::test]
async fn whoever_comes_back_is_told_what_was_missed_in_order_and_nothing_twice() {
    let site = Site::start().await;
    let brand = site.brand("Maison").await;
    let mut products = Vec::new();
    for name in ["A", "B", "C", "D"] {
        products.push(site.product(&brand, name).await);
    }
    let recall = async |at: usize| {
        let body = json!({ "productId": products[at]["productId"], "reason": "Water" });
        site.post_as(&brand, "/api/products/recall", &body)
            .await
            .ok();
    };
    let mut feed = Events::open(site.follow(&brand)).await;
    recall(0).await;
    let first = feed.threat(SOON).await.unwrap();
    drop(feed);
    for at in [1, 2] {
        recall(at).await;
        // One after the other, so that their order is known.
        site.running.caught_up().await;
    }
    let last = first.id.unwrap();
    let again = || site.follow(&brand).header("last-event-id", &last);
    let mut feed = Events::open(again()).await;
    assert_eq!(
        feed.products(2).await,
        [id_of(&products[1]), id_of(&products[2])]
    );
    recall(3).await;
    assert_eq!(feed.products(1).await, [id_of(&products[3])]);
    // The same again: what is told depends on what was said, and on nothing else.
    let mut feed = Events::open(again()).await;
    let missed: Vec<_> = products[1..].iter().map(id_of).collect();
    assert_eq!(feed.products(3).await, missed);
    // A page that knows its newest alert says so; what the browser says counts more.
    let path = format!("/api/stream?brandId={}&after=3", brand.id);
    let page = || site.request(Method::GET, &path).bearer_auth(&brand.key);
    assert_eq!(
        Events::open(page()).await.products(1).await,
        [id_of(&products[3])]
    );
    let mut feed = Events::open(page().header("last-event-id", "2")).await;
    assert_eq!(feed.products(2).await, missed[1..]);
    // Nonsense, and a number that was never given out, are as nothing.
    for nonsense in ["nonsense", "99", "-1", ""] {
        let mut feed = Events::open(site.follow(&brand).header("last-event-id", nonsense)).await;
        assert!(feed.products(0).await.is_empty(), "{nonsense}");
    }
    site.get_as(&brand, "/api/stream").await.error(400);
    site.get_as(&brand, &format!("/api/stream?brandId={}&after=x", brand.id))
        .await
        .error(400);
}

#[tokio::test]
async fn brands_are_told_their_own_alerts_by_key_or_session() {
    let site = Site::start().await;
    let (brand, other) = (site.brand("Maison").await, site.brand("Other").await);
    let (mine, theirs) = (
        site.product(&brand, "A").await,
        site.product(&other, "B").await,
    );
    let form = format!("key={}", encoded(&brand.key));
    let signed_in = Answer::of(
        site.request(Method::POST, "/dashboard/signin")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form),
    );
    let cookie = signed_in.await.cookie();
    let path = format!("/api/stream?brandId={}", brand.id);
    let by_session = site.request(Method::GET, &path).header("cookie", &cookie);
    let (mut by_key, mut by_session) = (
        Events::open(site.follow(&brand)).await,
        Events::open(by_session).await,
    );
    let foreign = format!("/api/stream?brandId={}", other.id);
    let request = site
        .request(Method::GET, &foreign)
        .header("cookie", &cookie);
    Answer::of(request).await.error(403);
    site.scan_around(&theirs).await;
    site.scan_around(&mine).await;
    for feed in [&mut by_key, &mut by_session] {
        assert_eq!(feed.products(1).await, [id_of(&mine)]);
    }
    assert_eq!(site.threats(&other).await.len(), 1);
}

#[tokio::test]
async fn a_heartbeat_comes_every_few_seconds_and_a_verdict_is_no_second_alert() {
    let site = Site::start().await;
    let brand = site.brand("Maison").await;
    let product = site.product(&brand, "Watch").await;
    let mut feed = Events::open(site.follow(&brand)).await;
    site.scan_around(&product).await;
    let (mut kinds, mut numbers) = (Vec::new(), Value::Null);
    while !kinds.contains(&"heartbeat".to_owned()) {
        let event = feed.next(Duration::from_secs(7)).await.unwrap();
        if event.kind == "verdict" {
            assert_eq!(event.id, None, "it does not move the position");
            assert!(text(&event.data["details"]).contains("DE, FR, NG"));
            assert_eq!(event.data["severity"], "high");
        }
        if event.kind == "numbers" {
            numbers = event.data;
            continue;
        }
        kinds.push(event.kind);
    }
    assert_eq!(kinds, ["threat", "verdict", "heartbeat"]);
    assert_eq!(
        numbers,
        json!({ "productCount": 1, "scanCount": 3, "threatCount": 1, "unresolvedThreats": 1 }),
        "the last ones"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dozens_follow_at_once_and_one_that_reads_nothing_holds_up_nobody() {
    let site = Site::start().await;
    let brand = site.brand("Maison").await;
    let mut asleep = Vec::new();
    for _ in 0..5 {
        asleep.push(site.follow(&brand).send().await.unwrap());
    }
    let mut feeds = Vec::new();
    for _ in 0..40 {
        feeds.push(Events::open(site.follow(&brand)).await);
    }
    assert_eq!(site.running.feeds.followers(), 45);
    let mut products = Vec::new();
    for name in ["A", "B", "C"] {
        let product = site.product(&brand, name).await;
        site.scan_around(&product).await;
        site.running.caught_up().await;
        products.push(id_of(&product));
    }
    for feed in &mut feeds {
        for product in &products {
            let threat = feed.threat(SOON).await.unwrap();
            assert_eq!(text(&threat.data["productId"]), *product);
        }
    }
    drop((feeds, asleep));
    // The server notices with the next event that it cannot write.
    for _ in 0..100 {
        if site.running.feeds.followers() == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!(
        "{} are still taken for followers",
        site.running.feeds.followers()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_loses_no_alert_and_repeats_none() {
    let folder = tempfile::tempdir().unwrap();
    let start = async || {
        let storage = Storage::Folder(folder.path().to_owned());
        Site::on(server::start(settings(storage)).await.unwrap())
    };
    let site = start().await;
    let brand = site.brand("Maison").await;
    let mut products = Vec::new();
    for number in 0..6 {
        products.push(site.product(&brand, &format!("Watch {number}")).await);
    }
    let mut feed = Events::open(site.follow(&brand)).await;
    site.scan_around(&products[0]).await;
    let first = feed.threat(SOON).await.unwrap();
    drop(feed);
    for product in &products[1..4] {
        site.scan_around(product).await;
    }
    // At once: what follows from the last scans may not be done.
    let begin = std::time::Instant::now();
    site.stop().await;
    assert!(begin.elapsed() < Duration::from_secs(5));

    let site = start().await;
    let resumed = site
        .follow(&brand)
        .header("last-event-id", first.id.unwrap());
    let mut feed = Events::open(resumed).await;
    for product in &products[4..] {
        site.scan_around(product).await;
    }
    let mut told = feed.products(5).await;
    told.sort();
    let mut expect: Vec<_> = products[1..].iter().map(id_of).collect();
    expect.sort();
    assert_eq!(told, expect);
    assert_eq!(site.threats(&brand).await.len(), 6);
    site.stop().await;
    assert!(
        feed.ends(Duration::from_secs(5)).await,
        "a server that stops ends its feeds"
    );
}

#[tokio::test]
async fn an_alert_is_resolved_and_reopened_and_the_numbers_follow() {
    let site = Site::start().await;
    let brand = site.brand("Maison").await;
    let other = site.brand("Other").await;
    let product = site.product(&brand, "Watch").await;
    site.scan_around(&product).await;
    site.running.caught_up().await;
    let id = text(&site.threats(&brand).await[0]["id"]);
    let unresolved = async || {
        let path = format!("/api/brands/stats?brandId={}", brand.id);
        site.get_as(&brand, &path).await.ok()["unresolvedThreats"].clone()
    };
    let body = json!({ "brandId": brand.id, "id": id, "by": "Ada", "note": "A fair" });
    site.post_as(&other, "/api/threats/resolve", &body)
        .await
        .error(403);
    let resolved = site
        .post_as(&brand, "/api/threats/resolve", &body)
        .await
        .ok();
    assert_eq!(
        (&resolved["resolved"], &resolved["resolvedBy"]),
        (&json!(true), &json!("Ada"))
    );
    assert_eq!(resolved["resolutionNote"], "A fair");
    assert_eq!(unresolved().await, 0);
    site.post_as(&brand, "/api/threats/resolve", &body)
        .await
        .error(409);
    let listed = site.threats(&brand).await;
    assert_eq!(listed[0]["resolved"], true);
    let reopened = site
        .post_as(&brand, "/api/threats/reopen", &body)
        .await
        .ok();
    assert_eq!(reopened["resolved"], false);
    assert_eq!(unresolved().await, 1);
}

#[tokio::test]
async fn the_operations_log_shows_a_brand_its_own_entries_and_sums_over_them() {
    let site = Site::start().await;
    let (brand, other) = (site.brand("Maison").await, site.brand("Other").await);
    for (brand, name) in [(&brand, "A"), (&brand, "B"), (&other, "C")] {
        let product = site.product(brand, name).await;
        site.scan_around(&product).await;
    }
    site.running.caught_up().await;
    let log = site.get_as(&brand, "/api/ops-log").await.ok();
    let entries = log["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 2);
    for entry in entries {
        assert_eq!(entry["brandId"], brand.id);
        assert_eq!(entry["agent"], "threat_detector");
        assert_eq!(entry["trigger"], "scan_event");
        assert_eq!(entry["anomalyFlags"], json!(["geographic_anomaly"]));
        assert_eq!(entry["aiSeverity"], "HIGH");
        assert_eq!(entry["fallback"], true);
    }
    let stats = &log["stats"];
    assert_eq!(stats["totalOperations"], 2);
    assert_eq!(stats["agentBreakdown"], json!({ "threat_detector": 2 }));
    assert_eq!(stats["severityBreakdown"], json!({ "HIGH": 2 }));
    assert_eq!(
        stats["attackVectorBreakdown"],
        json!({ "geographic_anomaly": 2 })
    );
    assert_eq!(stats["avgConfidence"], 50);
    let one = site.get_as(&brand, "/api/ops-log?limit=1").await.ok();
    assert_eq!(one["stats"]["totalOperations"], 1);
    let nobody = site.get("/api/ops-log").await.ok();
    assert_eq!(nobody["entries"], json!([]));
    assert_eq!(nobody["stats"]["totalOperations"], 0);
    for wrong in ["limit=0", "days=0", "days=x", "limit=x"] {
        site.get(&format!("/api/ops-log?{wrong}")).await.error(400);
    }
    site.get("/api/ops-log?days=100000").await.ok();
}
