//! `/api/integrations/…`.

use serde_json::{Value, json};

use crate::http::site::{Site, members, text};

#[tokio::test]
#[expect(
    clippy::too_many_lines,
    reason = "one source after the other, from connecting to listing"
)]
async fn a_source_is_connected_with_a_key_that_is_shown_once() {
    let site = Site::start().await;
    let brand = site.brand("Maison").await;
    for (kind, feed) in [
        ("fedex", "shipping"),
        ("woocommerce", "pos"),
        ("wms_custom", "warehouse"),
    ] {
        let body = json!({ "brandId": brand.id, "type": kind, "config": { "depot": "Lyon" } });
        let answer = site
            .post_as(&brand, "/api/integrations/configure", &body)
            .await;
        let new = answer.ok();
        assert_eq!(
            members(&new),
            [
                "active",
                "id",
                "ingestKey",
                "instructions",
                "type",
                "webhookUrl"
            ]
        );
        assert_eq!(
            text(&new["webhookUrl"]),
            site.url(&format!("/api/ingest/{feed}"))
        );
        let key = text(&new["ingestKey"]);
        assert!(key.starts_with("aik_") && key.len() == 36, "{key}");
        let steps = new["instructions"].to_string();
        assert!(steps.contains(&key) && steps.contains(&text(&new["webhookUrl"])));
        assert_eq!(
            members(&new["instructions"]),
            ["step1", "step2", "step3", "step4", "step5"]
        );
        let listed = site
            .get_as(
                &brand,
                &format!("/api/integrations/configure?brandId={}", brand.id),
            )
            .await
            .ok();
        let shown = &listed["integrations"]
            .as_array()
            .unwrap()
            .iter()
            .find(|own| own["id"] == new["id"])
            .unwrap()
            .clone();
        assert_eq!(text(&shown["ingestKey"]), format!("{}...", &key[..8]));
        assert_eq!(shown["eventCount"], 0);
        assert!(!listed.to_string().contains(&key));
    }
    for kind in ["constructor", "", "FEDEX"] {
        let body = json!({ "brandId": brand.id, "type": kind });
        let error = site
            .post_as(&brand, "/api/integrations/configure", &body)
            .await
            .error(400);
        assert!(
            kind.is_empty() || error.contains("must be one of") && error.contains("wms_custom"),
            "{error}"
        );
    }
    let status = site
        .get_as(
            &brand,
            &format!("/api/integrations/status?brandId={}", brand.id),
        )
        .await
        .ok();
    assert_eq!(status["integrations"]["connectedCount"], 3);
    assert_eq!(status["integrations"]["totalAvailable"], 8);
    assert_eq!(
        members(&status["sourceBreakdown"]),
        [
            "manual",
            "pos_webhook",
            "shipping_webhook",
            "warehouse_webhook"
        ]
    );
    // No whole key lies in the table.
    let key = text(
        &site
            .post_as(
                &brand,
                "/api/integrations/configure",
                &json!({ "brandId": brand.id, "type": "ups" }),
            )
            .await
            .ok()["ingestKey"],
    );
    let pages = site
        .engine
        .past_faults()
        .client()
        .scan()
        .table_name("authentik")
        .send()
        .await
        .unwrap();
    assert!(!format!("{:?}", pages.items()).contains(&key[8..]));
}

#[tokio::test]
async fn a_simulated_journey_is_a_product_whose_chain_is_valid_and_can_go_on() {
    let site = Site::start().await;
    let brand = site.brand("Maison").await;
    for (journey, steps) in [
        ("luxury_watch", 10),
        ("fashion_handbag", 10),
        ("pharmaceutical", 10),
        ("electronics", 9),
    ] {
        let body = json!({ "brandId": brand.id, "productName": format!("A {journey}"), "journey": journey, "category": "Pharma" });
        let done = site
            .post_as(&brand, "/api/integrations/simulate", &body)
            .await
            .ok();
        assert_eq!(members(&done), ["journey", "product", "success", "urls"]);
        assert_eq!(done["journey"]["totalSteps"], steps);
        let id = text(&done["product"]["productId"]);
        let chain = site
            .get(&format!("/api/products/events?productId={id}"))
            .await
            .ok();
        assert_eq!(
            (&chain["count"], &chain["chainValid"]),
            (&json!(steps), &json!(true))
        );
        for (event, shown) in chain["events"]
            .as_array()
            .unwrap()
            .iter()
            .zip(done["journey"]["events"].as_array().unwrap())
        {
            assert_eq!(event["type"], shown["type"]);
            assert_eq!(
                text(&shown["hash"]),
                format!("{}...", &text(&event["hash"])[..16])
            );
            assert_eq!(event["data"]["simulated"], true);
            assert!(
                text(&event["timestamp"]) <= text(&site.get("/api/health").await.ok()["timestamp"])
            );
        }
        let sold = json!({ "productId": id, "type": "custom", "actor": "Owner" });
        site.post_as(&brand, "/api/products/events", &sold)
            .await
            .ok();
        let code = text(&done["product"]["verificationCode"]);
        let verified = site
            .get(&format!("/api/products/verify?code={code}"))
            .await
            .ok();
        assert_eq!(
            (&verified["authentic"], &verified["warnings"]),
            (&json!(true), &json!([]))
        );
    }
    site.running.caught_up().await;
    let threats = site
        .get_as(&brand, &format!("/api/threats?brandId={}", brand.id))
        .await
        .ok();
    assert_eq!(threats["count"], 0, "{threats}");
    let status = site
        .get_as(
            &brand,
            &format!("/api/integrations/status?brandId={}", brand.id),
        )
        .await
        .ok();
    assert_eq!(status["stats"]["productCount"], 4);
    let breakdown = &status["sourceBreakdown"];
    assert_eq!(
        (&breakdown["manual"], &breakdown["pos_webhook"]),
        (&json!(4), &json!(4)),
        "{breakdown}"
    );
}

#[tokio::test]
async fn a_journey_of_ones_own_is_read_step_by_step() {
    let site = Site::start().await;
    let brand = site.brand("Maison").await;
    let simulate = async |journey: &str, steps: Value| {
        let body = json!({ "brandId": brand.id, "productName": "Own", "journey": journey, "steps": steps });
        site.post_as(&brand, "/api/integrations/simulate", &body)
            .await
    };
    let steps = json!([
        { "type": "manufactured", "actor": "Atelier" },
        { "type": "shipped", "actor": "Post", "carrier": "La Poste", "trackingNumber": "LP-1", "delayHours": 100 },
        { "type": "transferred", "actor": "Ada", "location": "Lyon" },
    ]);
    let done = simulate("custom", steps).await.ok();
    let sources: Vec<_> = done["journey"]["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| text(&event["source"]))
        .collect();
    assert_eq!(sources, ["WMS webhook", "La Poste webhook", "WMS webhook"]);
    let id = text(&done["product"]["productId"]);
    let found = site
        .get(&format!("/api/products/search?productId={id}"))
        .await
        .ok();
    assert_eq!(found["product"]["status"], "transferred");
    for (journey, steps, word) in [
        ("custom", Value::Null, "required"),
        ("custom", json!([]), "steps"),
        (
            "custom",
            json!([{ "type": "eaten", "actor": "x" }]),
            "steps[0].type",
        ),
        ("custom", json!([{ "type": "sold" }]), "steps[0].actor"),
        (
            "custom",
            json!([{ "type": "recalled", "actor": "x" }, { "type": "transferred", "actor": "y" }]),
            "steps[1]",
        ),
        (
            "custom",
            json!([{ "type": "sold", "actor": "x", "delayHours": -1 }]),
            "delayHours",
        ),
        ("constructor", Value::Null, "journey"),
    ] {
        let error = simulate(journey, steps).await.error(400);
        assert!(error.contains(word), "{word}: {error}");
    }
    site.running.caught_up().await;
    let threats = site
        .get_as(&brand, &format!("/api/threats?brandId={}", brand.id))
        .await
        .ok();
    assert_eq!(threats["count"], 0, "simulated gaps are none: {threats}");
}
