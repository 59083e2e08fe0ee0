//! `POST /api/brands`, `GET /api/brands`, `/list`, `/stats`.

use serde_json::json;

use crate::http::site::{Site, members, text};

#[tokio::test]
async fn a_brand_is_created_with_a_key_that_is_shown_once() {
    let site = Site::start().await;
    let body = json!({
        "name": "Maison Ærø 腕時計", "domain": "maison.example", "industry": "watches", "logoUrl": "https://maison.example/logo.png",
        "unknown": [1],
    });
    let answer = site.post("/api/brands", &body).await;
    let created = answer.ok();
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(
        members(&created),
        [
            "apiKey",
            "createdAt",
            "domain",
            "id",
            "industry",
            "name",
            "plan"
        ]
    );
    assert_eq!(created["name"], "Maison Ærø 腕時計");
    assert_eq!(created["plan"], "free");
    assert_eq!(text(&created["createdAt"]).len(), 24);
    assert!(text(&created["createdAt"]).ends_with('Z'));
    let id = text(&created["id"]);
    assert_eq!((id.len(), &id[14..15]), (36, "4"), "a UUID of version 4");

    let shown = site.get(&format!("/api/brands?id={id}")).await.ok();
    assert_eq!(
        members(&shown),
        [
            "createdAt",
            "domain",
            "id",
            "industry",
            "logoUrl",
            "name",
            "plan",
            "productCount",
            "scanCount",
            "threatCount"
        ]
    );
    assert_eq!(shown["logoUrl"], "https://maison.example/logo.png");
    assert_eq!(shown["productCount"], 0);
    assert!(!shown.to_string().contains("gpk_"));
}

#[tokio::test]
async fn what_is_missing_or_out_of_bounds_is_named() {
    let site = Site::start().await;
    let body =
        |name: &str, domain: &str| json!({ "name": name, "domain": domain, "industry": "x" });
    for (sent, word) in [
        (json!({}), "name, domain and industry are required"),
        (
            json!({ "name": "a", "domain": "", "industry": null }),
            "domain and industry are required",
        ),
        (body(" \t", "a"), "name is required"),
        (body(&"n".repeat(301), "a"), "300"),
        (body("n", &"d".repeat(254)), "253"),
        (
            json!({ "name": 7, "domain": "a", "industry": "b" }),
            "name must be text",
        ),
        (
            json!({ "name": "a", "domain": "a", "industry": "b", "logoUrl": "ftp://x" }),
            "logoUrl",
        ),
    ] {
        let error = site.post("/api/brands", &sent).await.error(400);
        assert!(error.contains(word), "{error}");
    }
    assert_eq!(site.items().await, 0, "nothing was written");
    site.get("/api/brands").await.error(400);
    site.get("/api/brands?id=").await.error(400);
    site.get("/api/brands?id=nonsense%23%22").await.error(404);
    let unknown = "/api/brands?id=3f2b8c1e-5d47-4a90-9c11-7e0a6b2d4f55";
    site.get(unknown).await.error(404);
    site.get(&format!("/api/brands?id={}", "x".repeat(129)))
        .await
        .error(400);
}

#[tokio::test]
async fn the_list_is_walked_in_pages_newest_first() {
    let site = Site::start().await;
    let mut ids = Vec::new();
    for number in 0..7 {
        ids.insert(0, site.brand(&format!("House {number}")).await.id);
    }
    let all = site.get("/api/brands/list").await.ok();
    assert_eq!(members(&all), ["brands", "count"]);
    assert_eq!(all["count"], 7);
    assert_eq!(
        members(&all["brands"][0]),
        ["createdAt", "domain", "id", "industry", "name", "plan"]
    );

    let (mut walked, mut path) = (Vec::new(), "/api/brands/list?limit=3".to_owned());
    loop {
        let page = site.get(&path).await.ok();
        let brands = page["brands"].as_array().unwrap();
        assert!(brands.len() <= 3);
        walked.extend(brands.iter().map(|brand| text(&brand["id"])));
        match page["nextCursor"].as_str() {
            Some(cursor) => path = format!("/api/brands/list?limit=3&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(walked, ids);

    for limit in ["0", "-1", "1.5", "x", ""] {
        site.get(&format!("/api/brands/list?limit={limit}"))
            .await
            .error(400);
    }
    site.get("/api/brands/list?limit=99999999999999999999")
        .await
        .ok();
    site.get("/api/brands/list?cursor=garbled").await.error(400);
}

#[tokio::test]
async fn the_numbers_of_a_brand_are_counted() {
    let site = Site::start().await;
    let brand = site.brand("Maison").await;
    let path = format!("/api/brands/stats?brandId={}", brand.id);
    let first = site.product(&brand, "One").await;
    site.product(&brand, "Two").await;
    let code = text(&first["verificationCode"]);
    for _ in 0..3 {
        site.get(&format!("/api/products/verify?code={code}"))
            .await
            .ok();
    }
    let event = json!({ "productId": first["productId"], "type": "transferred", "actor": "Jane" });
    site.post_as(&brand, "/api/products/events", &event)
        .await
        .ok();
    let answer = site.get_as(&brand, &path).await;
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(
        answer.ok(),
        json!({
            "productCount": 2, "activeProducts": 1, "recalledProducts": 0, "transferredProducts": 1, "totalScans": 3,
            "threatCount": 0, "unresolvedThreats": 0, "statsCounter": { "productCount": 2, "scanCount": 3, "threatCount": 0 },
        })
    );
    site.get_as(&brand, "/api/brands/stats").await.error(400);
}
