//! Many at once.

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::http::chain::{assert_links, chain};
use crate::http::site::{Answer, Brand, Site, text};

/// Sends all at once and collects the statuses.
async fn at_once(site: &Site, brand: &Brand, path: &str, bodies: Vec<Value>) -> Vec<u16> {
    let mut running = JoinSet::new();
    for body in bodies {
        let request = site.request(reqwest::Method::POST, path);
        running.spawn(Answer::of(request.bearer_auth(&brand.key).json(&body)));
    }
    let mut statuses: Vec<_> = running
        .join_all()
        .await
        .into_iter()
        .map(|answer| answer.status.as_u16())
        .collect();
    statuses.sort_unstable();
    statuses
}

#[tokio::test(flavor = "multi_thread")]
async fn of_thirty_equal_registrations_one_succeeds() {
    let site = Site::start().await;
    let brand = site.brand("Maison").await;
    let body = json!({ "brandId": brand.id, "name": "Watch", "sku": "W-1" });
    let statuses = at_once(&site, &brand, "/api/products/register", vec![body; 30]).await;
    assert_eq!(statuses[0], 200);
    assert_eq!(&statuses[1..], &[409; 29]);
    let stats = site
        .get_as(&brand, &format!("/api/brands/stats?brandId={}", brand.id))
        .await
        .ok();
    assert_eq!(stats["productCount"], 1);
    assert_eq!(stats["statsCounter"]["productCount"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn thirty_different_registrations_all_succeed() {
    let site = Site::start().await;
    let brand = site.brand("Maison").await;
    let body =
        |number| json!({ "brandId": brand.id, "name": "Watch", "sku": format!("W-{number}") });
    let bodies = (0..30).map(body).collect();
    let statuses = at_once(&site, &brand, "/api/products/register", bodies).await;
    assert_eq!(statuses, [200; 30]);
    let found = site.get(&format!("/api/brands?id={}", brand.id)).await.ok();
    assert_eq!(found["productCount"], 30);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_that_arrive_at_once_make_one_chain() {
    let site = Site::start().await;
    let brand = site.brand("Maison").await;
    let id = text(&site.product(&brand, "Watch").await["productId"]);
    let body =
        |number| json!({ "productId": id, "type": "custom", "actor": format!("Writer {number}") });
    let bodies = (0..24).map(body).collect();
    let statuses = at_once(&site, &brand, "/api/products/events", bodies).await;
    assert_eq!(statuses, [200; 24]);
    let chain = chain(&site, &id).await;
    assert_eq!(chain["chainValid"], true);
    assert_links(&chain, 25);
}

#[tokio::test(flavor = "multi_thread")]
async fn scans_that_arrive_at_once_are_all_counted() {
    let site = Site::start().await;
    let brand = site.brand("Maison").await;
    let product = site.product(&brand, "Watch").await;
    let path = format!(
        "/api/products/verify?code={}",
        text(&product["verificationCode"])
    );
    let mut running = JoinSet::new();
    for _ in 0..40 {
        running.spawn(Answer::of(site.request(reqwest::Method::GET, &path)));
    }
    for answer in running.join_all().await {
        assert_eq!(answer.ok()["authentic"], true);
    }
    let scans = site
        .get(&format!(
            "/api/scans?productId={}&limit=500",
            text(&product["productId"])
        ))
        .await
        .ok();
    assert_eq!(scans["totalScans"], 40);
    assert_eq!(scans["scans"].as_array().unwrap().len(), 40);
    let found = site.get(&format!("/api/brands?id={}", brand.id)).await.ok();
    assert_eq!(found["scanCount"], 40);
}
