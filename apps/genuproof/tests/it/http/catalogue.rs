//! `GET /api/catalog/…`, `GET /api/integrations/journeys`.

use serde_json::json;

use crate::http::site::{Site, members};

#[tokio::test]
async fn the_catalogue_lists_groups_and_takes_unknown_words_for_none() {
    let site = Site::start().await;
    let categories = site.get("/api/catalog/categories").await.ok();
    assert_eq!(categories["count"], 14);
    assert_eq!(
        categories["categories"][0],
        json!({ "id": "watches", "label": "Watches", "industries": ["fashion", "electronics"] })
    );
    let carriers = site.get("/api/catalog/actors?type=carriers").await.ok();
    assert_eq!(members(&carriers), ["actors", "count", "type"]);
    assert_eq!(carriers["count"], 13);
    assert_eq!(
        carriers["actors"][0],
        json!({ "id": "fedex_express", "name": "FedEx Express", "type": "air", "regions": ["global"] })
    );
    for word in ["", "?type=all", "?type=constructor", "?type=__proto__"] {
        let all = site.get(&format!("/api/catalog/actors{word}")).await.ok();
        assert_eq!(
            all["count"],
            json!({ "carriers": 13, "warehouses": 8, "inspection": 8, "retailers": 8, "total": 37 })
        );
        assert_eq!(all["actors"]["retailers"].as_array().unwrap().len(), 8);
    }
    let all = site.get("/api/catalog/locations").await.ok();
    assert_eq!(
        all["count"],
        json!({ "manufacturing": 16, "distribution": 9, "retail": 12, "total": 37 })
    );
    let asia = site
        .get("/api/catalog/locations?type=retail&region=asia")
        .await
        .ok();
    assert_eq!(asia["count"], 3);
    assert_eq!(
        asia["locations"][0],
        json!({ "city": "Tokyo", "country": "Japan", "region": "asia", "district": "Ginza" })
    );
    let nowhere = site
        .get("/api/catalog/locations?region=atlantis")
        .await
        .ok();
    assert_eq!(nowhere["count"]["total"], 0);

    let journeys = site.get("/api/integrations/journeys").await.ok();
    assert_eq!(journeys["count"], 4);
    let steps: Vec<_> = journeys["journeys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|journey| journey["steps"].as_u64().unwrap())
        .collect();
    assert_eq!(steps, [10, 10, 10, 9]);
    assert_eq!(
        journeys["journeys"][3]["stages"][5],
        json!({ "type": "received", "actor": "Amazon Fulfillment Center", "location": "San Bernardino, CA" })
    );
}
