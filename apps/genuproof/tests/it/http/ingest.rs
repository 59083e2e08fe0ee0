//! `POST /api/ingest/…`.

use reqwest::Method;
use serde_json::{Value, json};

use crate::http::site::{Answer, Brand, Site, text};

async fn source(site: &Site, brand: &Brand, kind: &str) -> String {
    let body = json!({ "brandId": brand.id, "type": kind });
    text(
        &site
            .post_as(brand, "/api/integrations/configure", &body)
            .await
            .ok()["ingestKey"],
    )
}

async fn report(site: &Site, key: &str, feed: &str, body: &Value) -> Answer {
    let request = site.request(Method::POST, &format!("/api/ingest/{feed}"));
    Answer::of(request.header("x-ingest-key", key).json(body)).await
}

async fn chain(site: &Site, product: &str) -> Value {
    site.get(&format!("/api/products/events?productId={product}"))
        .await
        .ok()
}

#[tokio::test]
async fn carriers_shops_and_warehouses_report_into_one_valid_chain() {
    let site = Site::start().await;
    let brand = site.brand("Maison").await;
    let product = site.product(&brand, "Watch").await;
    let (id, code) = (
        text(&product["productId"]),
        text(&product["verificationCode"]),
    );
    let (carrier, shop, warehouse) = (
        source(&site, &brand, "fedex").await,
        source(&site, &brand, "shopify").await,
        source(&site, &brand, "wms_custom").await,
    );
    let parcel = json!({ "productId": id, "trackingNumber": "FX-1", "carrier": "DHL", "status": "in_transit", "city": "Lyon", "country": "France",
        "timestamp": "2026-01-01T10:00:00+01:00", "signedBy": "Ada" });
    let done = report(&site, &carrier, "shipping", &parcel).await.ok();
    assert_eq!(
        (&done["success"], &done["eventType"], &done["productId"]),
        (&json!(true), &json!("shipped"), &json!(id))
    );
    let stored = json!({ "verificationCode": code, "action": "stored", "warehouseName": "Hub", "bay": "4", "notes": "cold" });
    report(&site, &warehouse, "warehouse", &stored).await.ok();
    let sale = json!({ "productId": id, "orderId": "1001", "platform": "shopify", "amount": 99.5, "currency": "EUR",
        "customerEmail": "jane@mail.example", "storeName": "Boutique", "storeLocation": "Paris" });
    report(&site, &shop, "pos", &sale).await.ok();

    let chain = chain(&site, &id).await;
    assert_eq!(
        (&chain["count"], &chain["chainValid"]),
        (&json!(4), &json!(true))
    );
    let events = chain["events"].as_array().unwrap();
    assert_eq!(events[1]["actor"], "DHL (FX-1)");
    assert_eq!(events[1]["location"], "Lyon, France");
    assert_eq!(
        events[1]["data"],
        json!({ "trackingNumber": "FX-1", "carrier": "DHL", "carrierStatus": "in_transit", "signedBy": "Ada",
            "source": "shipping_webhook", "reportedAt": "2026-01-01T09:00:00.000Z" })
    );
    assert_eq!(
        events[2]["data"],
        json!({ "action": "stored", "bay": "4", "notes": "cold", "source": "warehouse_webhook" })
    );
    assert_eq!(events[3]["actor"], "Boutique");
    assert!(!chain.to_string().contains("jane"));
    let status = site
        .get_as(
            &brand,
            &format!("/api/integrations/configure?brandId={}", brand.id),
        )
        .await
        .ok();
    for source in status["integrations"].as_array().unwrap() {
        assert_eq!(source["eventCount"], 1, "{source}");
        assert!(source["lastEvent"].is_string());
    }
}

/// The original hands keys out and never looks at them.
#[tokio::test]
async fn without_the_key_of_the_products_brand_nothing_is_written() {
    let site = Site::start().await;
    let (brand, other) = (site.brand("Maison").await, site.brand("Other").await);
    let product = text(&site.product(&brand, "Watch").await["productId"]);
    let key = source(&site, &brand, "fedex").await;
    let foreign = source(&site, &other, "fedex").await;
    let pos = source(&site, &brand, "square").await;
    let parcel = json!({ "productId": product, "trackingNumber": "1", "carrier": "UPS", "status": "delivered" });
    let before = site.items().await;
    Answer::of(
        site.request(Method::POST, "/api/ingest/shipping")
            .json(&parcel),
    )
    .await
    .error(401);
    let guessed = format!("aik_{}", "0".repeat(32));
    for wrong in ["nonsense", "aik_", &guessed, &brand.key] {
        report(&site, wrong, "shipping", &parcel).await.error(401);
    }
    report(&site, &foreign, "shipping", &parcel)
        .await
        .error(403);
    report(&site, &pos, "shipping", &parcel).await.error(403);
    let unknown = json!({ "productId": "00000000000000000000000000000000", "trackingNumber": "1", "carrier": "UPS", "status": "delivered" });
    report(&site, &key, "shipping", &unknown).await.error(404);
    let unknown = json!({ "verificationCode": "AAAAAAAAAAAA", "trackingNumber": "1", "carrier": "UPS", "status": "delivered" });
    report(&site, &key, "shipping", &unknown).await.error(400);
    for wrong in [
        json!({}),
        json!({ "trackingNumber": "1", "carrier": "UPS", "status": "delivered" }),
        json!({ "productId": product, "trackingNumber": "1", "carrier": "UPS", "status": "eaten" }),
        json!({ "productId": product, "trackingNumber": "1", "carrier": "UPS", "status": "delivered", "timestamp": "2026-01-01" }),
        json!({ "productId": product, "trackingNumber": "1", "carrier": "UPS", "status": "delivered", "timestamp": 1 }),
        json!({ "productId": product, "trackingNumber": "1", "carrier": "UPS", "status": "delivered", "timestamp": "2999-01-01T00:00:00Z" }),
    ] {
        report(&site, &key, "shipping", &wrong).await.error(400);
        Answer::of(
            site.request(Method::POST, "/api/ingest/shipping")
                .json(&wrong),
        )
        .await
        .error(400);
    }
    assert_eq!(site.items().await, before);
}

#[tokio::test]
async fn the_same_report_again_adds_no_event_also_when_many_come_at_once() {
    let site = Site::start().await;
    let brand = site.brand("Maison").await;
    let product = text(&site.product(&brand, "Watch").await["productId"]);
    let (carrier, shop) = (
        source(&site, &brand, "ups").await,
        source(&site, &brand, "stripe").await,
    );
    let parcel = |status: &str| json!({ "productId": product, "trackingNumber": "1", "carrier": "UPS", "status": status, "timestamp": "2026-02-01T10:00:00Z" });
    let (picked, sale) = (
        parcel("picked_up"),
        |at: &str| json!({ "productId": product, "orderId": "7", "platform": "stripe", "timestamp": at }),
    );
    let (a, b, c, d) = tokio::join!(
        report(&site, &carrier, "shipping", &picked),
        report(&site, &carrier, "shipping", &picked),
        report(&site, &carrier, "shipping", &picked),
        report(&site, &carrier, "shipping", &picked),
    );
    let hash = a.ok()["hash"].clone();
    for again in [b, c, d] {
        assert_eq!(again.ok()["hash"], hash);
    }
    // Late, and out of order: it is appended at the end.
    report(&site, &carrier, "shipping", &parcel("in_transit"))
        .await
        .ok();
    let first = report(&site, &shop, "pos", &sale("2026-02-03T10:00:00Z"))
        .await
        .ok();
    let again = report(&site, &shop, "pos", &sale("2026-02-03T10:30:00Z"))
        .await
        .ok();
    assert_eq!(first["hash"], again["hash"]);
    let keyed = |number: &str| {
        let body = json!({ "productId": product, "trackingNumber": number, "carrier": "UPS", "status": "delivered" });
        let request = site
            .request(Method::POST, "/api/ingest/shipping")
            .header("x-ingest-key", &carrier);
        Answer::of(request.header("idempotency-key", "one-of-mine").json(&body))
    };
    let first = keyed("8").await.ok();
    assert_eq!(keyed("9").await.ok()["hash"], first["hash"]);
    let chain = chain(&site, &product).await;
    assert_eq!(
        (&chain["count"], &chain["chainValid"]),
        (&json!(5), &json!(true)),
        "{chain}"
    );
    let status = site
        .get_as(
            &brand,
            &format!("/api/integrations/configure?brandId={}", brand.id),
        )
        .await
        .ok();
    let counts: Vec<_> = status["integrations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|source| source["eventCount"].as_u64().unwrap())
        .collect();
    assert_eq!(counts.iter().sum::<u64>(), 4);
}

#[tokio::test]
async fn an_ingest_key_is_rotated_with_a_grace_period_or_at_once() {
    let site = Site::start().await;
    let brand = site.brand("Maison").await;
    let product = text(&site.product(&brand, "Watch").await["productId"]);
    let body = json!({ "brandId": brand.id, "type": "fedex" });
    let made = site
        .post_as(&brand, "/api/integrations/configure", &body)
        .await
        .ok();
    let (id, first) = (text(&made["id"]), text(&made["ingestKey"]));
    let parcel = |number: u32| json!({ "productId": product, "trackingNumber": number.to_string(), "carrier": "UPS", "status": "delivered" });
    let rotate = async |hours: u32| {
        let body = json!({ "brandId": brand.id, "integrationId": id, "graceHours": hours });
        text(
            &site
                .post_as(&brand, "/api/integrations/rotate", &body)
                .await
                .ok()["ingestKey"],
        )
    };
    let second = rotate(1).await;
    report(&site, &first, "shipping", &parcel(1)).await.ok();
    report(&site, &second, "shipping", &parcel(2)).await.ok();
    let third = rotate(0).await;
    report(&site, &second, "shipping", &parcel(3))
        .await
        .error(401);
    report(&site, &third, "shipping", &parcel(3)).await.ok();
}

#[tokio::test]
async fn an_open_demonstration_takes_reports_without_a_key() {
    let site = Site::with(|settings| settings.open_demo = true).await;
    let brand = site.brand("Maison").await;
    let product = text(&site.product(&brand, "Watch").await["productId"]);
    let parcel = json!({ "productId": product, "trackingNumber": "1", "carrier": "UPS", "status": "delivered" });
    let first = site.post("/api/ingest/shipping", &parcel).await.ok();
    assert_eq!(
        site.post("/api/ingest/shipping", &parcel).await.ok()["hash"],
        first["hash"]
    );
    report(&site, "nonsense", "shipping", &parcel)
        .await
        .error(401);
}
