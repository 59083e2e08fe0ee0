//! `POST /api/products/batch`.

use serde_json::{Value, json};

use crate::http::site::{Site, members, text};

#[tokio::test]
async fn a_batch_registers_each_product_whole_and_says_which_it_left_out() {
    let site = Site::start().await;
    let brand = site.brand("Maison").await;
    site.product(&brand, "Taken").await;
    let before = site.items().await;
    let body = json!({ "brandId": brand.id, "products": [
        { "name": "One", "sku": "1", "category": "Watches", "metadata": { "batchId": "B-1" } },
        { "sku": "nameless" },
        { "name": "Taken" },
        { "name": "One", "sku": "2" },
        { "name": "One", "sku": "1" },
        { "name": "" },
    ] });
    let answer = site
        .post_as(&brand, "/api/products/batch", &body)
        .await
        .ok();
    assert_eq!(answer["registered"], 2);
    let products = answer["products"].as_array().unwrap();
    assert_eq!(
        members(&products[0]),
        ["hash", "name", "productId", "verificationCode"]
    );
    let skipped: Vec<_> = answer["skipped"].as_array().unwrap().iter().collect();
    let indexes: Vec<_> = skipped
        .iter()
        .map(|entry| entry["index"].as_u64().unwrap())
        .collect();
    assert_eq!(indexes, [2, 4]);
    for entry in &skipped {
        assert!(text(&entry["error"]).contains("already exists"), "{entry}");
    }
    // The same items as a single registration: product, code, hash, event, listing, sku; the name once; and one more of the audit
    // and of counts from the stream.
    site.running.caught_up().await;
    assert!(site.items().await >= before + 13);
    for product in products {
        let path = format!(
            "/api/products/verify?metadata=true&code={}",
            text(&product["verificationCode"])
        );
        let verified = site.get(&path).await.ok();
        assert_eq!(verified["authentic"], true);
        assert_eq!(verified["events"][0]["data"]["batch"], true);
    }
    let stats = site
        .get_as(&brand, &format!("/api/brands/stats?brandId={}", brand.id))
        .await
        .ok();
    assert_eq!(
        (
            &stats["productCount"],
            &stats["statsCounter"]["productCount"]
        ),
        (&json!(3), &json!(3))
    );
}

#[tokio::test]
async fn a_batch_that_is_none_registers_nothing() {
    let site = Site::start().await;
    let brand = site.brand("Maison").await;
    let before = site.items().await;
    let fifty_one: Vec<Value> = (0..51)
        .map(|n| json!({ "name": format!("P {n}") }))
        .collect();
    for (products, word) in [
        (json!([]), "products"),
        (json!("x"), "products"),
        (json!({}), "products"),
        (json!([1]), "products[0]"),
        (json!([{ "name": "ok" }, null]), "products[1]"),
        (
            json!([{ "name": "ok" }, { "name": "x", "sku": 3 }]),
            "products[1].sku",
        ),
        (json!([{ "name": " " }]), "products[0].name"),
        (json!(fifty_one), "50"),
        (Value::Null, "required"),
    ] {
        let body = json!({ "brandId": brand.id, "products": products });
        let error = site
            .post_as(&brand, "/api/products/batch", &body)
            .await
            .error(400);
        assert!(error.contains(word), "{word}: {error}");
    }
    assert_eq!(site.items().await, before);
    let nameless = json!({ "brandId": brand.id, "products": [{ "sku": "1" }] });
    let answer = site
        .post_as(&brand, "/api/products/batch", &nameless)
        .await
        .ok();
    assert_eq!(answer["registered"], 0);
}
