//! `GET /api/analytics`, `/api/audit`, `/api/brands/scans`.

use serde_json::{Value, json};

use crate::http::site::{Answer, Brand, Site, members, text};

async fn scan(site: &Site, product: &Value, country: &str, city: &str) {
    let path = format!(
        "/api/products/verify?code={}",
        text(&product["verificationCode"])
    );
    let request = site.request(reqwest::Method::GET, &path);
    let request = request
        .header("x-vercel-ip-country", country)
        .header("x-vercel-ip-city", city);
    Answer::of(request).await.ok();
}

async fn product(site: &Site, brand: &Brand, name: &str, category: &str) -> Value {
    let body = json!({ "brandId": brand.id, "name": name, "category": category });
    site.post_as(brand, "/api/products/register", &body)
        .await
        .ok()
}

/// The original samples 200 products and 50 scans of each.
#[tokio::test]
async fn figures_are_exact_and_follow_at_once() {
    let site = Site::start().await;
    let (brand, other) = (site.brand("Maison").await, site.brand("Other").await);
    let watch = product(&site, &brand, "Watch", "Watches").await;
    let bag = product(&site, &brand, "Bag", "Handbags").await;
    let plain = product(&site, &brand, "Plain", "").await;
    let foreign = product(&site, &other, "Foreign", "Watches").await;
    for _ in 0..3 {
        scan(&site, &watch, "FR", "Lyon").await;
    }
    scan(&site, &bag, "DE", "K%C3%B6ln").await;
    scan(&site, &plain, "XX", "").await;
    scan(&site, &foreign, "US", "Boston").await;
    let body = json!({ "productId": bag["productId"], "reason": "Water" });
    site.post_as(&brand, "/api/products/recall", &body)
        .await
        .ok();
    site.running.caught_up().await;

    let figures = site
        .get_as(&brand, &format!("/api/analytics?brandId={}", brand.id))
        .await
        .ok();
    assert_eq!(
        members(&figures),
        [
            "categoryBreakdown",
            "dailyScans",
            "hourlyDistribution",
            "resultBreakdown",
            "statusBreakdown",
            "topCountries",
            "totalProducts",
            "totalScans"
        ]
    );
    assert_eq!(
        (&figures["totalScans"], &figures["totalProducts"]),
        (&json!(5), &json!(3))
    );
    assert_eq!(
        figures["topCountries"],
        json!([{ "country": "FR", "count": 3 }, { "country": "DE", "count": 1 }])
    );
    assert_eq!(
        figures["statusBreakdown"],
        json!({ "active": 2, "recalled": 1 })
    );
    let categories: Vec<_> = figures["categoryBreakdown"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| text(&one["category"]))
        .collect();
    assert_eq!(categories, ["Handbags", "Uncategorized", "Watches"]);
    assert_eq!(figures["resultBreakdown"], json!({ "authentic": 5 }));
    let days = figures["dailyScans"].as_array().unwrap();
    assert_eq!((days.len(), &days[6]["count"]), (7, &json!(5)));
    let today = text(&site.get("/api/health").await.ok()["timestamp"]);
    assert_eq!(text(&days[6]["date"]), today[..10]);
    let hours = figures["hourlyDistribution"].as_array().unwrap();
    assert_eq!(
        (
            hours.len(),
            hours.iter().map(|hour| hour.as_u64().unwrap()).sum::<u64>()
        ),
        (24, 5)
    );

    let all = site.get("/api/analytics").await.ok();
    assert_eq!(
        (&all["totalScans"], &all["totalProducts"]),
        (&json!(6), &json!(4))
    );

    let places = site
        .get_as(&brand, &format!("/api/brands/scans?brandId={}", brand.id))
        .await
        .ok();
    assert_eq!(places["totalScans"], 5);
    assert_eq!(
        (
            &places["locations"][0]["city"],
            &places["locations"][0]["count"]
        ),
        (&json!("Lyon"), &json!(3))
    );
    let cities: Vec<_> = places["locations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| text(&one["city"]))
        .collect();
    assert!(cities.contains(&"Köln".to_owned()), "{cities:?}");
    assert!(places["locations"][0]["lastScan"].is_string());
    assert_eq!(places["threatHotspots"], json!([]));
}

#[tokio::test]
async fn the_audit_holds_events_scans_and_alerts_each_once_and_alerts_are_the_brands_own() {
    let site = Site::start().await;
    let (brand, other) = (site.brand("Maison").await, site.brand("Other").await);
    let watch = product(&site, &brand, "Watch", "Watches").await;
    product(&site, &other, "Foreign", "Watches").await;
    scan(&site, &watch, "FR", "Lyon").await;
    let body = json!({ "productId": watch["productId"], "reason": "Water" });
    site.post_as(&brand, "/api/products/recall", &body)
        .await
        .ok();
    site.running.caught_up().await;
    let own = site.get_as(&brand, "/api/audit").await.ok();
    let kinds: Vec<_> = own["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (text(&entry["type"]), text(&entry["action"])))
        .collect();
    assert_eq!(own["count"], 4, "{own}");
    for (kind, action) in [
        ("event", "manufactured"),
        ("event", "recalled"),
        ("scan", "verification_scan"),
        ("alert", "product_recall"),
    ] {
        assert!(
            kinds.contains(&(kind.to_owned(), action.to_owned())),
            "{kind} {action}: {kinds:?}"
        );
    }
    let times: Vec<_> = own["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| text(&entry["timestamp"]))
        .collect();
    assert!(times.is_sorted_by(|a, b| a >= b), "{times:?}");
    let scan = own["entries"]
        .as_array()
        .unwrap()
        .iter()
        .find(|entry| entry["type"] == "scan")
        .unwrap();
    assert_eq!(
        (
            &scan["location"],
            &scan["result"],
            &scan["actor"],
            &scan["hash"]
        ),
        (
            &json!("Lyon, FR"),
            &json!("authentic"),
            &Value::Null,
            &Value::Null
        )
    );
    let event = own["entries"]
        .as_array()
        .unwrap()
        .iter()
        .find(|entry| entry["action"] == "manufactured")
        .unwrap();
    assert_eq!(
        (text(&event["hash"]).len(), &event["actor"]),
        (12, &json!("Maison"))
    );

    let all = site.get("/api/audit").await.ok();
    assert_eq!(all["count"], 4);
    assert!(!all.to_string().contains("\"alert\""), "{all}");
    assert_eq!(site.get_as(&other, "/api/audit").await.ok()["count"], 1);
    assert_eq!(site.get("/api/audit?limit=1").await.ok()["count"], 1);
    site.get("/api/audit?limit=0").await.error(400);
}
