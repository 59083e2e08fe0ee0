//! The list of scans.

use genuproof::domain::place::Place;

use crate::world::*;

#[tokio::test]
async fn scans_are_listed_newest_first_with_the_true_total_and_the_places() {
    let world = world().await;
    let brand = world.brand("Maison").await;
    let product = world.product(&brand, "Régate").await;
    for (number, (country, city)) in [
        ("FR", "Lyon"),
        ("IT", "Milan"),
        ("FR", "Lyon"),
        ("CH", "Geneva"),
        ("FR", "Paris"),
    ]
    .into_iter()
    .enumerate()
    {
        world.clock.set(&format!("2026-03-02T10:00:0{number}.000Z"));
        let place = Place {
            country: country.to_owned(),
            city: city.to_owned(),
        };
        world
            .store
            .verify(&code_of(&product), caller(), Some(&place))
            .await
            .unwrap()
            .unwrap();
    }
    let scans = world.store.scans(&product.id, 2).await.unwrap().unwrap();
    assert_eq!(scans.total, 5);
    let cities: Vec<_> = scans
        .scans
        .iter()
        .map(|scan| scan.city.text().unwrap())
        .collect();
    assert_eq!(cities, ["Paris", "Geneva"]);
    let first = &scans.locations[0];
    assert_eq!(
        (first.country.as_str(), first.city.as_str(), first.count),
        ("FR", "Lyon", 2)
    );
    assert_eq!(first.last_scan, "2026-03-02T10:00:02.000Z");
    let all: Vec<_> = scans
        .locations
        .iter()
        .map(|location| location.city.as_str())
        .collect();
    assert_eq!(
        all,
        ["Lyon", "Paris", "Geneva", "Milan"],
        "by count, then the last one first"
    );
}

#[tokio::test]
async fn scans_of_the_first_program_and_odd_ones_are_listed_too() {
    let world = world().await;
    let brand = world.brand("Maison").await;
    let product = world.product(&brand, "Régate").await;
    let pk = format!("PRODUCT#{}", product.id);
    let old = serde_json::json!({
        "PK": pk, "SK": "SCAN#2026-02-01T10:00:00.000Z", "productId": product.id, "timestamp": "2026-02-01T10:00:00.000Z",
        "ip": "203.0.113.9", "country": "FR", "city": "Lyon", "userAgent": "x", "result": "authentic",
    });
    world.put(item_of(&object(old))).await;
    let odd = serde_json::json!({"PK": pk, "SK": "SCAN#2026-02-02T10:00:00.000Z", "country": 7, "city": ["x"]});
    world.put(item_of(&object(odd))).await;
    let scans = world.store.scans(&product.id, 10).await.unwrap().unwrap();
    assert_eq!(scans.scans.len(), 2);
    assert_eq!(scans.scans[1].country.text(), Some("FR"));
    assert_eq!(scans.locations.len(), 2);
}
