//! Outgoing webhooks, delivered to servers of somebody else.

use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use genuproof::domain::hook::{Target, TargetRules, mac};
use genuproof::outside::reach::{Names, Reach, Unreached};
use reqwest::Method;
use serde_json::{Value, json};

use crate::http::receiver::Receiver;
use crate::http::site::{Answer, Brand, Site, members, text};

async fn hook(site: &Site, brand: &Brand, url: &str, events: Value) -> Value {
    let body = json!({ "brandId": brand.id, "url": url, "events": events });
    site.post_as(brand, "/api/webhooks", &body).await.ok()
}

async fn deliveries(site: &Site, brand: &Brand, hook: &Value) -> Vec<Value> {
    let path = format!(
        "/api/webhooks/deliveries?brandId={}&webhookId={}",
        brand.id,
        text(&hook["id"])
    );
    let listed = site.get_as(brand, &path).await.ok();
    listed["deliveries"].as_array().unwrap().clone()
}

async fn settled(site: &Site, brand: &Brand, hook: &Value, state: &str) -> Vec<Value> {
    for _ in 0..500 {
        let found = deliveries(site, brand, hook).await;
        if !found.is_empty() && found.iter().all(|delivery| delivery["state"] == state) {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("not {state}: {:?}", deliveries(site, brand, hook).await);
}

async fn scan(site: &Site, product: &Value) {
    site.get(&format!(
        "/api/products/verify?code={}",
        text(&product["verificationCode"])
    ))
    .await
    .ok();
}

/// The original registers webhooks and never delivers anything.
#[tokio::test]
async fn scans_alerts_and_recalls_are_delivered_signed_to_those_who_chose_them() {
    let site = Site::start().await;
    let brand = site.brand("Maison").await;
    let product = site.product(&brand, "Watch").await;
    let (all, recalls) = (
        Receiver::start(|_, _| (204, String::new())).await,
        Receiver::start(|_, _| (200, String::new())).await,
    );
    let made = hook(&site, &brand, &all.url("/all?x=1"), Value::Null).await;
    assert_eq!(members(&made), ["active", "events", "id", "secret", "url"]);
    assert_eq!(
        made["events"],
        json!(["verification_scan", "threat_alert", "product_recall"])
    );
    let chosen = hook(&site, &brand, &recalls.url("/"), json!(["product_recall"])).await;
    scan(&site, &product).await;
    let body = json!({ "productId": product["productId"], "reason": "Water" });
    site.post_as(&brand, "/api/products/recall", &body)
        .await
        .ok();

    let got = all.got(3).await;
    let mut kinds: Vec<_> = got
        .iter()
        .map(|request| text(&request.json()["type"]))
        .collect();
    kinds.sort();
    assert_eq!(
        kinds,
        ["product_recall", "threat_alert", "verification_scan"]
    );
    for request in &got {
        assert_eq!(request.path, "/all?x=1");
        assert_eq!(request.header("content-type"), "application/json");
        let body = request.json();
        assert_eq!(
            members(&body),
            ["brandId", "createdAt", "data", "id", "type"]
        );
        assert_eq!(body["data"]["productId"], product["productId"]);
        let header = request.header("x-genuproof-signature");
        let (seconds, signature) = header
            .strip_prefix("t=")
            .unwrap()
            .split_once(",v1=")
            .unwrap();
        assert_eq!(
            signature,
            mac(
                &text(&made["secret"]),
                &format!("{seconds}.{}", request.body)
            )
        );
    }
    assert_eq!(recalls.got(1).await[0].json()["type"], "product_recall");
    settled(&site, &brand, &made, "delivered").await;
    settled(&site, &brand, &chosen, "delivered").await;
    let listed = site
        .get_as(&brand, &format!("/api/webhooks?brandId={}", brand.id))
        .await
        .ok();
    let shown = listed["webhooks"]
        .as_array()
        .unwrap()
        .iter()
        .find(|own| own["id"] == made["id"])
        .unwrap();
    assert_eq!(shown["deliveryCount"], 3);
    assert!(shown["lastTriggered"].is_string());
    assert!(!listed.to_string().contains("whsec_"), "{listed}");
    assert_eq!((all.requests().len(), recalls.requests().len()), (3, 1));
}

#[tokio::test]
async fn what_is_not_taken_in_is_tried_again_with_growing_pauses_and_the_same_id() {
    let site = Site::start().await;
    let brand = site.brand("Maison").await;
    let product = site.product(&brand, "Watch").await;
    let receiver =
        Receiver::start(|number, _| (if number < 3 { 500 } else { 200 }, String::new())).await;
    let made = hook(
        &site,
        &brand,
        &receiver.url("/"),
        json!(["verification_scan"]),
    )
    .await;
    scan(&site, &product).await;
    let got = receiver.got(3).await;
    let ids: std::collections::BTreeSet<_> = got
        .iter()
        .map(|request| text(&request.json()["id"]))
        .collect();
    assert_eq!(ids.len(), 1);
    let pauses: Vec<_> = got.windows(2).map(|two| two[1].at - two[0].at).collect();
    assert!(
        pauses[0] >= Duration::from_millis(900) && pauses[1] > pauses[0],
        "{pauses:?}"
    );
    let found = settled(&site, &brand, &made, "delivered").await;
    assert_eq!(
        (&found[0]["attempts"], &found[0]["status"]),
        (&json!(3), &json!(200))
    );

    let body =
        json!({ "brandId": brand.id, "webhookId": made["id"], "deliveryId": found[0]["id"] });
    site.post_as(&brand, "/api/webhooks/deliveries/resend", &body)
        .await
        .ok();
    let again = receiver.got(4).await;
    assert_eq!(again[3].json()["id"], again[0].json()["id"]);
    settled(&site, &brand, &made, "delivered").await;
}

#[tokio::test]
async fn a_slow_receiver_delays_neither_requests_nor_other_receivers_and_redirects_lead_nowhere() {
    let site = Site::start().await;
    let brand = site.brand("Maison").await;
    let product = site.product(&brand, "Watch").await;
    let slow = Receiver::slow(Duration::from_secs(5), |_, _| (200, String::new())).await;
    let quick = Receiver::start(|_, _| (200, String::new())).await;
    let elsewhere = quick.url("/stolen");
    let redirects = Receiver::start(move |_, _| (307, elsewhere.clone())).await;
    hook(&site, &brand, &slow.url("/"), Value::Null).await;
    hook(&site, &brand, &quick.url("/"), Value::Null).await;
    let turned = hook(&site, &brand, &redirects.url("/redirects"), Value::Null).await;
    let begin = std::time::Instant::now();
    scan(&site, &product).await;
    assert!(begin.elapsed() < Duration::from_secs(2));
    quick.got(1).await;
    redirects.got(1).await;
    assert!(
        begin.elapsed() < Duration::from_secs(5),
        "{:?}",
        begin.elapsed()
    );
    for _ in 0..200 {
        let found = deliveries(&site, &brand, &turned).await;
        if found
            .first()
            .is_some_and(|delivery| delivery["status"] == 307)
        {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(deliveries(&site, &brand, &turned).await[0]["status"], 307);
    assert!(quick.requests().iter().all(|request| request.path == "/"));
}

#[tokio::test]
async fn a_deleted_webhook_is_told_nothing_more_and_an_unknown_one_is_not_made() {
    let site = Site::start().await;
    let (brand, other) = (site.brand("Maison").await, site.brand("Other").await);
    let product = site.product(&brand, "Watch").await;
    let receiver = Receiver::start(|_, _| (503, String::new())).await;
    let made = hook(&site, &brand, &receiver.url("/"), Value::Null).await;
    scan(&site, &product).await;
    receiver.got(1).await;
    let delete = |brand: &Brand, id: &Value| {
        let request = site
            .request(Method::DELETE, "/api/webhooks")
            .bearer_auth(&brand.key);
        Answer::of(request.json(&json!({ "brandId": brand.id, "webhookId": id })))
    };
    delete(&other, &made["id"]).await.error(404);
    assert_eq!(
        delete(&brand, &made["id"]).await.ok(),
        json!({ "deleted": true })
    );
    let told = receiver.requests().len();
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(
        receiver.requests().len() <= told + 1,
        "one may have been on its way"
    );
    let before = site.items().await;
    delete(&brand, &made["id"]).await.error(404);
    delete(&brand, &json!("PROFILE")).await.error(404);
    assert_eq!(site.items().await, before);
    let listed = site
        .get_as(&brand, &format!("/api/webhooks?brandId={}", brand.id))
        .await
        .ok();
    assert_eq!(listed["webhooks"], json!([]));
}

#[tokio::test]
async fn deliveries_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let start = async || {
        let storage = genuproof::settings::Storage::Folder(folder.path().to_owned());
        Site::on(
            genuproof::server::start(crate::http::site::settings(storage))
                .await
                .unwrap(),
        )
    };
    // Nobody listens there yet.
    let place = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = place.local_addr().unwrap();
    drop(place);
    let site = start().await;
    let brand = site.brand("Maison").await;
    let product = site.product(&brand, "Watch").await;
    let made = hook(&site, &brand, &format!("http://{address}/"), Value::Null).await;
    scan(&site, &product).await;
    for _ in 0..500 {
        if deliveries(&site, &brand, &made)
            .await
            .first()
            .is_some_and(|one| one["attempts"].as_u64() >= Some(1))
        {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    site.stop().await;

    let listener = tokio::net::TcpListener::bind(address).await.unwrap();
    let router = axum::Router::new().fallback(|| async { "ok" });
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let site = start().await;
    let found = settled(&site, &brand, &made, "delivered").await;
    assert!(found[0]["attempts"].as_u64().unwrap() >= 2);
    site.stop().await;
}

#[tokio::test]
async fn a_rotated_secret_signs_beside_the_one_before_for_a_while() {
    let site = Site::start().await;
    let brand = site.brand("Maison").await;
    let product = site.product(&brand, "Watch").await;
    let receiver = Receiver::start(|_, _| (200, String::new())).await;
    let made = hook(
        &site,
        &brand,
        &receiver.url("/"),
        json!(["verification_scan"]),
    )
    .await;
    let body = json!({ "brandId": brand.id, "webhookId": made["id"], "graceHours": 1 });
    let second = site
        .post_as(&brand, "/api/webhooks/rotate", &body)
        .await
        .ok();
    scan(&site, &product).await;
    let got = receiver.got(1).await;
    let header = got[0].header("x-genuproof-signature").to_owned();
    let seconds = header
        .split(',')
        .next()
        .unwrap()
        .strip_prefix("t=")
        .unwrap()
        .to_owned();
    for secret in [&made["secret"], &second["secret"]] {
        assert!(
            header.contains(&mac(&text(secret), &format!("{seconds}.{}", got[0].body))),
            "{header}"
        );
    }
}

/// The original takes any scheme and address.
#[tokio::test]
async fn a_webhook_leads_to_no_address_that_is_not_delivered_to() {
    let site = Site::start().await;
    let brand = site.brand("Maison").await;
    for url in [
        "http://169.254.169.254/latest/meta-data",
        "http://[::ffff:169.254.169.254]/",
        "http://2852039166/",
        "http://0xa9.0xfe.0xa9.0xfe/",
        "http://0/",
        "http://[::]/",
        "http://224.0.0.1/",
        "http://10.0.0.1/",
        "http://192.168.1.1/",
        "http://user:word@maison.example/",
        "ftp://maison.example/",
        "file:///etc/passwd",
        "maison.example",
        "",
    ] {
        let body = json!({ "brandId": brand.id, "url": url });
        site.post_as(&brand, "/api/webhooks", &body)
            .await
            .error(400);
    }
    for events in [
        json!([]),
        json!(["eaten"]),
        json!("verification_scan"),
        json!([1]),
    ] {
        let body =
            json!({ "brandId": brand.id, "url": "https://maison.example", "events": events });
        site.post_as(&brand, "/api/webhooks", &body)
            .await
            .error(400);
    }
    hook(
        &site,
        &brand,
        "https://a-name-that-is-not-known.example/hook",
        Value::Null,
    )
    .await;
    let public = Site::with(|settings| settings.targets.public_only = true).await;
    let brand = public.brand("Maison").await;
    for url in [
        "http://127.0.0.1:9/",
        "http://localhost:9/",
        "http://[::1]/",
    ] {
        let body = json!({ "brandId": brand.id, "url": url });
        public
            .post_as(&brand, "/api/webhooks", &body)
            .await
            .error(400);
    }
}

/// Names that lead here the first time and elsewhere from then on.
struct Rebinding {
    asked: AtomicUsize,
    then: IpAddr,
}

impl Names for Rebinding {
    fn addresses(&self, _: &str) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>> {
        let is_first = self.asked.fetch_add(1, Ordering::SeqCst) == 0;
        let address = if is_first {
            [127, 0, 0, 1].into()
        } else {
            self.then
        };
        Box::pin(async move { Ok(vec![address]) })
    }
}

/// A name with an address that is not delivered to, and one that is.
struct Both;
impl Names for Both {
    fn addresses(&self, _: &str) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>> {
        Box::pin(async { Ok(vec![[10, 0, 0, 1].into(), [127, 0, 0, 1].into()]) })
    }
}

#[tokio::test]
async fn the_address_is_checked_after_resolution_and_the_connection_goes_to_the_checked_one() {
    let receiver = Receiver::start(|_, _| (200, String::new())).await;
    let rules = TargetRules::default();
    let target = |host: &str| {
        let url = format!("http://{host}:{}/hook", receiver.address.port());
        Target::parse(&url, rules).unwrap()
    };
    let names = Arc::new(Rebinding {
        asked: AtomicUsize::new(0),
        then: [169, 254, 169, 254].into(),
    });
    let reach = Reach::new(rules, names.clone()).unwrap();
    let post = async |host: &str| reach.post(&target(host), &[], "{}".to_owned()).await;
    assert_eq!(post("rebinding.example").await.unwrap(), 200);
    assert_eq!(
        names.asked.load(Ordering::SeqCst),
        1,
        "one look, whose answer is connected to"
    );
    let refused = post("rebinding.example").await.unwrap_err();
    assert!(matches!(refused, Unreached::Forbidden(_)), "{refused}");
    assert_eq!(receiver.requests().len(), 1);

    // Of several addresses those that are allowed are left.
    let reach = Reach::new(rules, Arc::new(Both)).unwrap();
    assert_eq!(
        reach
            .post(&target("both.example"), &[], String::new())
            .await
            .unwrap(),
        200
    );
    let public = TargetRules {
        public_only: true,
        ..rules
    };
    let reach = Reach::new(public, Arc::new(Both)).unwrap();
    let refused = reach
        .post(&target("both.example"), &[], String::new())
        .await
        .unwrap_err();
    assert!(matches!(refused, Unreached::Forbidden(_)), "{refused}");
}
