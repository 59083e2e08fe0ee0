//! Claims, disputes, transfers, recalls and bulk events over HTTP.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::http::site::{Answer, Site, members, text};

const JANE: &str = "203.0.113.7";
const ADA: &str = "198.51.100.9";

fn from(request: RequestBuilder, address: &str) -> RequestBuilder {
    request
        .header("x-forwarded-for", address)
        .header("user-agent", "Mozilla/5.0 (Test)")
}

impl Site {
    async fn post_from(&self, address: &str, path: &str, body: &Value) -> Answer {
        let request = self.request(Method::POST, path).json(body);
        Answer::of(from(request, address)).await
    }

    async fn get_from(&self, address: &str, path: &str) -> Value {
        Answer::of(from(self.request(Method::GET, path), address))
            .await
            .ok()
    }
}

#[tokio::test]
async fn a_claim_shows_its_name_to_the_claimant_and_the_brand_and_to_nobody_else() {
    let site = Site::start().await;
    let brand = site.brand("Maison").await;
    let other = site.brand("Other").await;
    let id = text(&site.product(&brand, "Watch").await["productId"]);
    let path = format!("/api/products/claim?productId={id}");
    assert_eq!(site.get(&path).await.ok(), json!({ "claimed": false }));
    let unknown = "/api/products/claim?productId=00112233445566778899aabbccddeeff";
    assert_eq!(site.get(unknown).await.ok(), json!({ "claimed": false }));
    let body = json!({ "productId": id, "consumerName": "Jane Doe", "email": "jane@mail.example" });
    let claimed = site
        .post_from(JANE, "/api/products/claim", &body)
        .await
        .ok();
    assert_eq!(members(&claimed), ["claimedAt", "message", "success"]);
    let second = site.post_from(ADA, "/api/products/claim", &body).await;
    assert!(second.error(409).contains("already claimed"));
    let second = second.json();
    assert_eq!(
        (&second["claimed"], &second["claimedAt"]),
        (&json!(true), &claimed["claimedAt"])
    );
    assert!(!second.to_string().contains("Jane"));
    assert_eq!(site.get_from(JANE, &path).await["consumerName"], "Jane Doe");
    assert_eq!(
        site.get_as(&brand, &path).await.ok()["consumerName"],
        "Jane Doe"
    );
    for stranger in [
        site.get_from(ADA, &path).await,
        site.get_as(&other, &path).await.ok(),
    ] {
        assert_eq!(stranger["claimed"], true);
        assert!(!stranger.to_string().contains("Jane"), "{stranger}");
    }
    site.post("/api/products/claim", &json!({}))
        .await
        .error(400);
    let wrong = json!({ "productId": id, "email": "jane" });
    assert!(
        site.post("/api/products/claim", &wrong)
            .await
            .error(400)
            .contains("email")
    );
    let unknown = json!({ "productId": "00112233445566778899aabbccddeeff" });
    site.post("/api/products/claim", &unknown).await.error(404);
}

#[tokio::test]
async fn a_dispute_is_opened_by_a_consumer_and_decided_by_the_brand() {
    let site = Site::start().await;
    let brand = site.brand("Maison").await;
    let other = site.brand("Other").await;
    let id = text(&site.product(&brand, "Watch").await["productId"]);
    let body = json!({ "productId": id, "consumerName": "Ada", "orderNumber": "O-7", "notes": "Bought in Lyon" });
    let refused = site.post_from(ADA, "/api/products/dispute", &body).await;
    assert!(refused.error(400).contains("claim"));
    let claim = json!({ "productId": id, "consumerName": "Jane Doe" });
    site.post_from(JANE, "/api/products/claim", &claim)
        .await
        .ok();
    let opened = site
        .post_from(ADA, "/api/products/dispute", &body)
        .await
        .ok();
    assert_eq!(
        members(&opened),
        ["disputeId", "message", "status", "success"]
    );
    assert_eq!(opened["status"], "open");
    let path = format!("/api/products/dispute?productId={id}");
    let listed = site.get_as(&brand, &path).await.ok();
    assert_eq!(listed["count"], 1);
    let dispute = &listed["disputes"][0];
    assert_eq!(
        (&dispute["consumerName"], &dispute["orderNumber"]),
        (&json!("Ada"), &json!("O-7"))
    );
    assert_eq!(dispute["originalClaim"]["claimedBy"], "Jane Doe");
    for stranger in [
        site.get(&path).await.ok(),
        site.get_as(&other, &path).await.ok(),
    ] {
        assert_eq!(stranger["disputes"][0]["status"], "open");
        for secret in ["Ada", "Jane", "O-7", "Lyon"] {
            assert!(!stranger.to_string().contains(secret), "{stranger}");
        }
    }
    site.running.caught_up().await;
    let threats = site.threats(&brand).await;
    assert_eq!(threats[0]["type"], "ownership_dispute");
    assert!(text(&threats[0]["details"]).contains("O-7"));

    let rule = |status: &str| json!({ "productId": id, "disputeId": opened["disputeId"], "status": status });
    let path = "/api/products/dispute/status";
    site.post_as(&other, path, &rule("investigating"))
        .await
        .error(403);
    assert!(
        site.post_as(&brand, path, &rule("lost"))
            .await
            .error(400)
            .contains("must be one of")
    );
    site.post_as(&brand, path, &rule("investigating"))
        .await
        .ok();
    site.post_as(&brand, path, &rule("resolved_disputant"))
        .await
        .ok();
    site.post_as(&brand, path, &rule("resolved_original"))
        .await
        .error(409);
    let claim = format!("/api/products/claim?productId={id}");
    assert_eq!(site.get_from(ADA, &claim).await["consumerName"], "Ada");
    assert!(site.get_from(JANE, &claim).await["consumerName"].is_null());
}

#[tokio::test]
async fn a_product_is_handed_on_and_recalled_once() {
    let site = Site::start().await;
    let brand = site.brand("Maison").await;
    let product = site.product(&brand, "Watch").await;
    let id = text(&product["productId"]);
    let transfer = |owner: &str| json!({ "productId": id, "newOwner": owner });
    let first = site
        .post_as(&brand, "/api/products/transfer", &transfer("Ada"))
        .await
        .ok();
    assert_eq!(
        members(&first),
        ["hash", "newOwner", "previousHash", "success", "timestamp"]
    );
    site.post_as(&brand, "/api/products/transfer", &transfer("Bob"))
        .await
        .ok();
    let events = site
        .get(&format!("/api/products/events?productId={id}"))
        .await
        .ok();
    assert_eq!(events["chainValid"], true);
    assert_eq!(
        events["events"][2]["data"],
        json!({ "reason": "ownership_transfer", "previousOwner": "Ada" })
    );
    assert_eq!(events["events"][1]["data"]["previousOwner"], "Maison");
    let recall = json!({ "productId": id, "reason": "The crown may let water in" });
    let recalled = site
        .post_as(&brand, "/api/products/recall", &recall)
        .await
        .ok();
    assert_eq!(
        members(&recalled),
        ["hash", "status", "success", "timestamp"]
    );
    assert_eq!(recalled["status"], "recalled");
    let again = site
        .post_as(&brand, "/api/products/recall", &recall)
        .await
        .error(400);
    assert!(again.contains("already recalled"));
    let refused = site
        .post_as(&brand, "/api/products/transfer", &transfer("Eve"))
        .await
        .error(400);
    assert!(refused.contains("recalled"));
    let scanned = site.scan_from(&product, "FR", JANE).await;
    assert!(
        scanned["warnings"]
            .to_string()
            .contains("The crown may let water in")
    );
    assert_eq!(scanned["authentic"], true);
    site.running.caught_up().await;
    let threats = site.threats(&brand).await;
    assert_eq!(threats.len(), 1);
    assert_eq!(
        (&threats[0]["type"], &threats[0]["severity"]),
        (&json!("product_recall"), &json!("critical"))
    );
    let gallery = site.get("/api/explore").await.ok();
    assert_eq!(gallery["count"], 0);
    let recalled = site.get("/api/explore?status=recalled").await.ok();
    assert_eq!(recalled["products"][0]["productId"], id);
    assert_eq!(recalled["products"][0]["scanCount"], 1);
    assert_eq!(text(&recalled["products"][0]["hash"]).len(), 19);
}

#[tokio::test]
async fn one_event_is_appended_to_many_products_or_to_none() {
    let site = Site::start().await;
    let brand = site.brand("Maison").await;
    let other = site.brand("Other").await;
    let mut ids = Vec::new();
    for name in ["A", "B", "C"] {
        ids.push(text(&site.product(&brand, name).await["productId"]));
    }
    let foreign = text(&site.product(&other, "D").await["productId"]);
    let path = "/api/products/history";
    let body = |ids: &[String]| json!({ "productIds": ids, "type": "shipped", "actor": "FedEx" });
    let items = site.items().await;
    let with = |last: &str| [ids.clone(), vec![last.to_owned()]].concat();
    site.post_as(&brand, path, &body(&with(&foreign)))
        .await
        .error(403);
    site.post_as(
        &brand,
        path,
        &body(&with("00112233445566778899aabbccddeeff")),
    )
    .await
    .error(404);
    for wrong in [json!([]), json!("x"), json!([7]), json!(vec!["x"; 51])] {
        let body = json!({ "productIds": wrong, "type": "shipped", "actor": "FedEx" });
        site.post_as(&brand, path, &body).await.error(400);
    }
    assert_eq!(site.items().await, items, "nothing was written");
    let done = site.post_as(&brand, path, &body(&ids)).await.ok();
    assert_eq!(done["processed"], 3);
    let order: Vec<_> = done["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| text(&event["productId"]))
        .collect();
    assert_eq!(order, ids);
    let events = site
        .get(&format!("/api/products/events?productId={}", ids[0]))
        .await
        .ok();
    assert_eq!(events["events"][1]["data"], json!({ "bulk": true }));
    assert_eq!(events["events"][1]["hash"], done["events"][0]["hash"]);
}
