//! `GET /api/products/verify` and `GET /api/scans`.

use reqwest::Method;
use serde_json::{Value, json};

use crate::http::site::{Answer, Site, members, text};

async fn start() -> (Site, String, String) {
    let site = Site::start().await;
    let brand = site.brand("Maison").await;
    let registered = site.product(&brand, "Watch").await;
    let code = text(&registered["verificationCode"]);
    (site, code, text(&registered["productId"]))
}

#[tokio::test]
async fn the_verdict_has_exactly_the_published_fields() {
    let (site, code, id) = start().await;
    let answer = site.get(&format!("/api/products/verify?code={code}")).await;
    let verified = answer.ok();
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(
        members(&verified),
        [
            "authentic",
            "certificate",
            "claim",
            "events",
            "product",
            "scanCount",
            "warnings"
        ]
    );
    assert_eq!(
        members(&verified["product"]),
        [
            "brandId",
            "brandName",
            "category",
            "createdAt",
            "description",
            "hash",
            "imageUrl",
            "name",
            "productId",
            "signature",
            "sku",
            "status",
            "updatedAt",
            "verificationCode"
        ]
    );
    assert_eq!(
        members(&verified["events"][0]),
        [
            "actor",
            "data",
            "hash",
            "location",
            "previousHash",
            "productId",
            "timestamp",
            "type"
        ]
    );
    assert_eq!(verified["authentic"], true);
    assert_eq!(verified["warnings"], json!([]));
    assert_eq!(
        verified["claim"],
        json!({ "claimed": false, "isClaimant": false })
    );
    assert_eq!(
        verified["certificate"],
        json!({ "hash": verified["product"]["hash"], "signatureValid": true, "chainIntegrity": true })
    );
    assert_eq!(verified["product"]["sku"], Value::Null);
    assert_eq!(text(&verified["product"]["productId"]), id);
}

#[tokio::test]
async fn a_scan_counts_and_a_look_does_not() {
    let (site, code, id) = start().await;
    let items = site.items_like("SCAN#").await;
    let scan = format!("/api/products/verify?code={code}");
    let look = format!("/api/products/verify?productId={id}&metadata=true");
    for before in 0..3 {
        assert_eq!(site.get(&look).await.ok()["scanCount"], before);
        Answer::of(site.request(Method::HEAD, &scan)).await;
        assert_eq!(site.get(&scan).await.ok()["scanCount"], before);
    }
    assert_eq!(
        site.items_like("SCAN#").await,
        items + 3,
        "a scan is an item"
    );
    let scans = site.get(&format!("/api/scans?productId={id}")).await.ok();
    assert_eq!(scans["totalScans"], 3);
}

#[tokio::test]
async fn what_is_not_asked_for_or_not_known_is_said() {
    let (site, _, _) = start().await;
    let items = site.items().await;
    assert!(
        site.get("/api/products/verify")
            .await
            .error(400)
            .contains("required")
    );
    for query in [
        "code=AAAAAAAAAAAA",
        "code=x",
        "code=%23%22%27",
        "code=%E8%85%95%E6%99%82%E8%A8%88",
        "code=%ff%fe",
        "productId=00112233445566778899aabbccddeeff",
        "productId=nonsense",
    ] {
        let answer = site.get(&format!("/api/products/verify?{query}")).await;
        answer.error(404);
        assert_eq!(answer.json()["authentic"], false);
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    let long = format!("/api/products/verify?code={}", "x".repeat(65));
    site.get(&long).await.error(400);
    assert_eq!(site.items().await, items);
}

#[tokio::test]
async fn scans_tell_the_place_and_never_the_person() {
    let (site, code, id) = start().await;
    let scan = async |headers: &[(&str, &str)]| {
        let path = format!("/api/products/verify?code={code}");
        let mut request = site.request(Method::GET, &path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Answer::of(request).await.ok();
    };
    let (country, city) = ("x-vercel-ip-country", "x-vercel-ip-city");
    let address = ("x-forwarded-for", "203.0.113.7, 10.0.0.1");
    scan(&[address, (country, "FR"), (city, "Saint-%C3%89tienne")]).await;
    scan(&[address, (country, "FR"), (city, "Saint-%C3%89tienne")]).await;
    scan(&[address, (country, "XX"), (city, "Nowhere")]).await;
    scan(&[("user-agent", "Mozilla/5.0 (Test)")]).await;

    let scans = site
        .get(&format!("/api/scans?productId={id}&limit=3"))
        .await
        .ok();
    assert_eq!(members(&scans), ["locations", "scans", "totalScans"]);
    assert_eq!(scans["totalScans"], 4);
    let listed = scans["scans"].as_array().unwrap();
    assert_eq!(listed.len(), 3);
    assert_eq!(
        members(&listed[0]),
        ["city", "country", "result", "timestamp"]
    );
    let places: Vec<_> = listed
        .iter()
        .map(|scan| (text(&scan["country"]), text(&scan["city"])))
        .collect();
    let place = |country: &str, city: &str| (country.to_owned(), city.to_owned());
    assert_eq!(
        places,
        [
            place("Local", "Localhost"),
            place("Unknown", "Unknown"),
            place("FR", "Saint-Étienne")
        ]
    );
    let most = &scans["locations"][0];
    assert_eq!(members(most), ["city", "count", "country", "lastScan"]);
    assert_eq!(
        (&most["count"], &most["city"]),
        (&json!(2), &json!("Saint-Étienne"))
    );
    let all = scans.to_string();
    assert!(
        !all.contains("203.0.113.7") && !all.contains("Mozilla"),
        "{all}"
    );

    site.get("/api/scans").await.error(400);
    site.get("/api/scans?productId=unknown").await.error(404);
    site.get(&format!("/api/scans?productId={id}&limit=0"))
        .await
        .error(400);
}

#[tokio::test]
async fn malformed_forwarding_headers_are_as_none() {
    let (site, code, id) = start().await;
    let malformed = [
        ("x-forwarded-for", ", ,"),
        ("x-vercel-ip-city", "%E0%A4%A"),
        ("x-vercel-ip-country", "France"),
    ];
    let scan = site.request(Method::GET, &format!("/api/products/verify?code={code}"));
    let scan = malformed
        .iter()
        .fold(scan, |request, (name, value)| request.header(*name, *value));
    Answer::of(scan).await.ok();
    let scans = site.get(&format!("/api/scans?productId={id}")).await.ok();
    assert_eq!(scans["scans"][0]["country"], "Local");
}
