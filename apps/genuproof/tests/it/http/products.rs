//! `POST /api/products/register`, `GET /api/products/list`, `/search`.

use genuproof::domain::canonical::Object;
use genuproof::domain::crypto::{Secret, Signer};
use genuproof::domain::product::{HashedFields, signature};
use serde_json::{Value, json};

use crate::http::site::{SECRET, Site, members, text};

#[tokio::test]
async fn a_product_is_registered_with_a_hash_that_anybody_can_recompute() {
    let site = Site::start().await;
    let brand = site.brand("Maison").await;
    let metadata =
        json!({ "é": [2, 1], "a": { "d": 1.0, "c": "x" }, "2": 0.25, "B": -3, "10": 1e21 });
    let body = json!({
        "brandId": brand.id, "name": "Régate \"42\" \\ 腕時計", "sku": "RG-42", "category": "Watches", "description": "A watch.",
        "imageUrl": "https://maison.example/42.jpg", "metadata": metadata, "manufacturingLocation": "Geneva, Switzerland",
    });
    let answer = site.post_as(&brand, "/api/products/register", &body).await;
    let registered = answer.ok();
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(
        members(&registered),
        [
            "hash",
            "productId",
            "qrData",
            "signature",
            "verificationCode",
            "verifyUrl"
        ]
    );
    let (id, code) = (
        text(&registered["productId"]),
        text(&registered["verificationCode"]),
    );
    assert_eq!((id.len(), code.len()), (32, 12));
    assert_eq!(
        text(&registered["verifyUrl"]),
        site.url(&format!("/verify/{code}"))
    );
    assert_eq!(
        text(&registered["qrData"]),
        format!(r#"{{"v":1,"code":"{code}","pid":"{id}"}}"#)
    );

    let path = format!("/api/products/verify?code={code}&metadata=true");
    let verified = site.get(&path).await.ok();
    let created_at = text(&verified["product"]["createdAt"]);
    let metadata: Object = serde_json::from_value(metadata).unwrap();
    let hash = HashedFields {
        product_id: &id,
        brand_id: &brand.id,
        name: "Régate \"42\" \\ 腕時計",
        sku: Some("RG-42"),
        metadata: &metadata,
        created_at: &created_at,
    }
    .hash();
    assert_eq!(text(&registered["hash"]), hash.to_string());
    let signer = Signer::new(Secret::new(SECRET).unwrap());
    assert_eq!(
        text(&registered["signature"]),
        signature(&signer, &hash).to_string()
    );
    let first = &verified["events"][0];
    assert_eq!(first["type"], "manufactured");
    assert_eq!(first["actor"], "Maison");
    assert_eq!(first["location"], "Geneva, Switzerland");
    assert_eq!(first["timestamp"], verified["product"]["createdAt"]);
    assert_eq!(first["data"], json!({ "registeredBy": brand.id }));
}

#[tokio::test]
async fn one_name_may_have_several_skus_and_nothing_twice() {
    let site = Site::start().await;
    let brand = site.brand("Maison").await;
    let other = site.brand("Other").await;
    let register = async |brand: &crate::http::site::Brand, name: &str, sku: Option<&str>| {
        let body = json!({ "brandId": brand.id, "name": name, "sku": sku });
        site.post_as(brand, "/api/products/register", &body).await
    };
    register(&brand, "Bag", Some("1")).await.ok();
    register(&brand, "Bag", Some("2")).await.ok();
    register(&brand, "bag", None).await.ok();
    register(&other, "Bag", Some("1")).await.ok();
    let items = site.items().await;
    for sku in [Some("1"), Some("2"), None, Some("")] {
        let error = register(&brand, "Bag", sku).await.error(409);
        assert!(error.contains("already exists"), "{error}");
    }
    assert!(
        register(&brand, "bag", Some("9"))
            .await
            .error(409)
            .contains("already exists")
    );
    assert_eq!(site.items().await, items, "nothing was written");
}

#[tokio::test]
async fn a_registration_out_of_bounds_is_refused_and_nothing_is_written() {
    let site = Site::start().await;
    let brand = site.brand("Maison").await;
    let items = site.items().await;
    let with = |field: &str, value: Value| {
        let mut body = json!({ "brandId": brand.id, "name": "Watch" });
        body[field] = value;
        body
    };
    let mut deep = json!({});
    for _ in 0..11 {
        deep = json!({ "d": deep });
    }
    for (body, word) in [
        (json!({}), "required"),
        (json!({ "name": "x" }), "required"),
        (with("name", json!("")), "required"),
        (with("name", json!(["x"])), "text"),
        (with("sku", json!(7)), "text"),
        (with("sku", json!("s".repeat(101))), "100"),
        (with("category", json!("s".repeat(101))), "100"),
        (with("description", json!("s".repeat(5_001))), "5000"),
        (with("imageUrl", json!("javascript:alert(1)")), "imageUrl"),
        (with("metadata", json!("text")), "object"),
        (
            with("metadata", json!({ "a": "x".repeat(17_000) })),
            "16384",
        ),
        (with("metadata", deep), "levels"),
        (with("manufacturingLocation", json!("s".repeat(201))), "200"),
    ] {
        let answer = site.post_as(&brand, "/api/products/register", &body).await;
        let error = answer.error(400);
        assert!(error.contains(word), "{error}");
    }
    let raw = |body: &'static str| {
        let request = site.request(reqwest::Method::POST, "/api/products/register");
        crate::http::site::Answer::of(request.bearer_auth(&brand.key).body(body))
    };
    for body in [
        "",
        " ",
        "{",
        "[]",
        "null",
        "7",
        "\"x\"",
        "{\"name\":\"\\ud800\"}",
        "\u{feff}{}",
    ] {
        raw(body).await.error(400);
    }
    let huge = json!({ "brandId": brand.id, "name": "x".repeat(1 << 20) });
    let answer = site.post_as(&brand, "/api/products/register", &huge).await;
    assert!(answer.error(413).contains("1 MiB"));
    assert_eq!(site.items().await, items);
}

#[tokio::test]
async fn products_are_listed_newest_first_and_a_cursor_belongs_to_its_brand() {
    let site = Site::start().await;
    let brand = site.brand("Maison").await;
    let other = site.brand("Other").await;
    let mut names = Vec::new();
    for number in 0..5 {
        let name = format!("Watch {number}");
        site.product(&brand, &name).await;
        names.insert(0, name);
    }
    let of = |brand: &crate::http::site::Brand, rest: &str| {
        format!("/api/products/list?brandId={}{rest}", brand.id)
    };
    let page = site.get_as(&brand, &of(&brand, "&limit=3")).await.ok();
    assert_eq!(members(&page), ["count", "nextCursor", "products"]);
    assert_eq!(
        members(&page["products"][0]),
        [
            "category",
            "createdAt",
            "hash",
            "name",
            "productId",
            "scanCount",
            "sku",
            "status",
            "verificationCode"
        ]
    );
    let cursor = text(&page["nextCursor"]);
    let rest = site
        .get_as(&brand, &of(&brand, &format!("&limit=3&cursor={cursor}")))
        .await
        .ok();
    let seen: Vec<_> = [&page, &rest]
        .iter()
        .flat_map(|page| page["products"].as_array().unwrap())
        .map(|product| text(&product["name"]))
        .collect();
    assert_eq!(seen, names);
    assert!(rest["nextCursor"].is_null());

    let stolen = of(&other, &format!("&cursor={cursor}"));
    site.get_as(&other, &stolen).await.error(400);
    let letter = if &cursor[30..31] == "A" { "B" } else { "A" };
    let altered = format!("&cursor={}{letter}{}", &cursor[..30], &cursor[31..]);
    site.get_as(&brand, &of(&brand, &altered)).await.error(400);
    site.get_as(&brand, "/api/products/list").await.error(400);
}

#[tokio::test]
async fn a_product_is_found_by_code_by_id_and_among_those_of_its_brand() {
    let site = Site::start().await;
    let brand = site.brand("Maison").await;
    let registered = site.product(&brand, "Watch").await;
    let (code, id) = (
        text(&registered["verificationCode"]),
        text(&registered["productId"]),
    );
    for query in [
        format!("code={code}"),
        format!("productId={id}"),
        format!("brandId=nonsense&productId=unknown&code={code}"),
    ] {
        let found = site
            .get(&format!("/api/products/search?{query}"))
            .await
            .ok();
        assert_eq!(found["found"], true);
        assert_eq!(
            members(&found["product"]),
            [
                "brandName",
                "category",
                "createdAt",
                "hash",
                "name",
                "productId",
                "scanCount",
                "sku",
                "status",
                "verificationCode"
            ]
        );
        assert_eq!(text(&found["product"]["productId"]), id);
    }
    for query in ["code=unknown", "productId=%23%22", "code=AAAAAAAAAAAA"] {
        let answer = site.get(&format!("/api/products/search?{query}")).await;
        answer.error(404);
        assert_eq!(answer.json()["found"], false);
    }
    site.get("/api/products/search").await.error(400);
    let path = format!("/api/products/search?brandId={}", brand.id);
    site.get(&path).await.error(401);
    let found = site.get_as(&brand, &path).await.ok();
    assert_eq!(members(&found), ["count", "found", "products"]);
    assert_eq!(found["count"], 1);
    assert_eq!(
        members(&found["products"][0]),
        [
            "category",
            "createdAt",
            "name",
            "productId",
            "scanCount",
            "sku",
            "status",
            "verificationCode"
        ]
    );
}
