//! Alerts: what raises one, once, and what repeats it.

use genuproof::domain::alert::AlertKind;
use genuproof::domain::event::EventKind;
use genuproof::domain::place::Place;
use genuproof::domain::verdict::Caller;
use genuproof::store::{NewClaim, NewDispute, Raised, Recall, Settlement};
use genuproof::table::{Alert, Brand, Product};
use serde_json::json;

use crate::world::*;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

impl World {
    async fn scan_in(&self, product: &Product, country: &str) {
        let place = Place {
            country: country.to_owned(),
            city: "Somewhere".to_owned(),
        };
        self.store
            .verify(&code_of(product), caller(), Some(&place))
            .await
            .unwrap()
            .unwrap();
    }

    /// Every rule on every scan of a product that no rule has seen, in order.
    async fn watch_all(&self, product: &Product) -> Vec<Vec<AlertKind>> {
        let mut raised = Vec::new();
        for item in self
            .items(&format!("PRODUCT#{}", product.id), "SCAN#")
            .await
        {
            let sk = item["SK"].as_s().unwrap().clone();
            let scans = self.store.scans(&product.id, 500).await.unwrap().unwrap();
            let scan = scans.scans.into_iter().find(|scan| {
                let suffix = scan.suffix.clone().map(|s| format!("#{s}"));
                sk == format!("SCAN#{}{}", scan.at, suffix.unwrap_or_default())
            });
            let outcomes = self.store.watch_scan(&scan.unwrap()).await.unwrap();
            let new = outcomes
                .into_iter()
                .filter(|outcome| outcome.raised == Raised::Now);
            raised.push(new.map(|outcome| outcome.kind).collect());
        }
        raised
    }

    async fn alerts(&self, brand: &Brand) -> Vec<Alert> {
        self.store.alerts(&brand.id, 200).await.unwrap()
    }
}

fn kinds(alerts: &[Alert]) -> Vec<&str> {
    alerts.iter().map(|alert| alert.kind.as_str()).collect()
}

#[tokio::test]
async fn the_third_country_within_a_day_raises_one_alert_with_its_keys_and_its_number() {
    let world = world().await;
    let pipelines = world.watch().await;
    let brand = world.brand("Maison").await;
    let product = world.product(&brand, "Régate").await;
    for (country, minutes) in [("FR", 1), ("DE", 5), ("NG", 9)] {
        world.clock.advance_ms(minutes * MINUTE);
        world.scan_in(&product, country).await;
    }
    pipelines.caught_up().await;
    let pk = format!("THREAT#{}#2026-03", brand.id);
    let items = world.items(&pk, "ALERT#").await;
    assert_eq!(items.len(), 1);
    let item = typed(&items[0]);
    let at = "2026-03-01T09:45:00.000Z";
    assert!(
        item["SK"]["S"]
            .as_str()
            .unwrap()
            .starts_with(&format!("ALERT#{at}#geographic_anomaly#"))
    );
    assert_eq!(item["GSI1PK"]["S"], format!("BRAND#{}", brand.id));
    assert!(
        item["GSI1SK"]["S"]
            .as_str()
            .unwrap()
            .starts_with(&format!("THREAT#{at}#"))
    );
    for (attribute, expect) in [
        ("brandId", json!({"S": brand.id})),
        ("type", json!({"S": "geographic_anomaly"})),
        ("severity", json!({"S": "high"})),
        ("productId", json!({"S": product.id})),
        ("timestamp", json!({"S": at})),
        ("resolved", json!({"BOOL": false})),
        ("country", json!({"S": "NG"})),
        ("city", json!({"S": "Somewhere"})),
        ("source", json!({"S": "lambda-stream"})),
    ] {
        assert_eq!(item[attribute], expect, "{attribute}");
    }
    assert!(
        item["details"]["S"]
            .as_str()
            .unwrap()
            .contains("DE, FR, NG")
    );
    let stats = world
        .get(&format!("BRAND#{}", brand.id), "STATS")
        .await
        .unwrap();
    assert_eq!(count_in(&stats, "threatCount"), 1);
    let feed = world.store.feed(&brand.id, 1, 10).await.unwrap();
    assert_eq!(feed.len(), 1);
    assert_eq!(
        (feed[0].number, feed[0].kind.as_str()),
        (1, "geographic_anomaly")
    );
    pipelines.stop().await;
}

#[tokio::test]
async fn a_storm_of_scans_is_a_handful_of_alerts_and_the_rest_is_counted_on_them() {
    let world = world().await;
    let pipelines = world.watch().await;
    let brand = world.brand("Maison").await;
    let product = world.product(&brand, "Régate").await;
    for number in 0..40 {
        world.clock.advance_ms(1_000);
        world
            .scan_in(&product, ["FR", "DE", "NG", "JP"][number % 4])
            .await;
    }
    pipelines.caught_up().await;
    let alerts = world.alerts(&brand).await;
    let mut found = kinds(&alerts);
    found.sort_unstable();
    assert_eq!(found, ["burst_scan", "geographic_anomaly", "scan_velocity"]);
    let repeats = |kind: &str| {
        let alert = alerts.iter().find(|alert| alert.kind == kind).unwrap();
        alert.repeats.here().copied().unwrap_or_default()
    };
    // Alerted by the third and the tenth, repeated by all that came after.
    assert_eq!(
        (repeats("geographic_anomaly"), repeats("burst_scan")),
        (37, 30)
    );
    let profile = world.store.brand(&brand.id).await.unwrap().unwrap();
    assert_eq!(profile.stats.threat_count, 3);
    pipelines.stop().await;
}

#[tokio::test]
async fn an_alert_stands_until_the_end_of_its_window_and_then_there_is_another() {
    let world = world().await;
    let brand = world.brand("Maison").await;
    let product = world.product(&brand, "Régate").await;
    for _ in 0..10 {
        world.scan_in(&product, "FR").await;
    }
    // To the millisecond an hour after the alert, and one more.
    world.clock.advance_ms(HOUR);
    for _ in 0..10 {
        world.scan_in(&product, "FR").await;
    }
    world.clock.advance_ms(1);
    for _ in 0..2 {
        world.scan_in(&product, "FR").await;
    }
    let raised = world.watch_all(&product).await;
    let alerts = world.alerts(&brand).await;
    let bursts: Vec<_> = alerts
        .iter()
        .filter(|alert| alert.kind == "burst_scan")
        .map(|alert| alert.at.to_string())
        .collect();
    assert_eq!(
        bursts,
        ["2026-03-01T10:30:00.001Z", "2026-03-01T09:30:00.000Z"]
    );
    assert_eq!(raised.len(), 22);
    assert!(
        kinds(&alerts).contains(&"scan_velocity"),
        "22 scans of a new product"
    );
}

#[tokio::test]
async fn a_record_that_is_delivered_again_changes_nothing() {
    let world = world().await;
    let brand = world.brand("Maison").await;
    let product = world.product(&brand, "Régate").await;
    for country in ["FR", "DE", "NG", "JP"] {
        world.clock.advance_ms(1_000);
        world.scan_in(&product, country).await;
    }
    let first = world.watch_all(&product).await;
    assert_eq!(
        first,
        [vec![], vec![], vec![AlertKind::GeographicAnomaly], vec![]]
    );
    let before = world.everything().await;
    for _ in 0..2 {
        let again = world.watch_all(&product).await;
        assert_eq!(again, vec![Vec::<AlertKind>::new(); 4]);
    }
    assert_eq!(world.everything().await, before);
}

#[tokio::test]
async fn scans_that_others_wrote_count_and_what_is_older_than_a_day_does_not() {
    let world = world().await;
    let pipelines = world.watch().await;
    let brand = world.brand("Maison").await;
    let product = world.product(&brand, "Régate").await;
    world.clock.set("2026-03-03T09:30:00.000Z");
    let put = async |at: &str, country: &str| {
        let scan = json!({
            "PK": format!("PRODUCT#{}", product.id), "SK": format!("SCAN#{at}"), "productId": product.id, "timestamp": at,
            "country": country, "city": "X", "userAgent": "x", "result": "authentic",
        });
        world.put(item_of(&object(scan))).await;
    };
    put("2026-03-02T09:28:59.999Z", "NG").await;
    put("2026-03-03T09:29:00.000Z", "DE").await;
    put("2026-03-03T09:29:59.000Z", "FR").await;
    pipelines.caught_up().await;
    assert_eq!(world.alerts(&brand).await, []);
    put("2026-03-02T10:00:00.000Z", "JP").await;
    pipelines.caught_up().await;
    assert_eq!(
        world.alerts(&brand).await,
        [],
        "at its time it was the only one"
    );
    world.scan_in(&product, "FR").await;
    pipelines.caught_up().await;
    let alerts = world.alerts(&brand).await;
    assert_eq!(kinds(&alerts), ["geographic_anomaly"]);
    assert!(alerts[0].details.text().unwrap().contains("DE, FR, JP"));
    pipelines.stop().await;
}

#[tokio::test]
async fn what_a_suspicious_scan_raises_goes_to_the_brand_of_the_code_and_not_of_the_altered_record()
{
    let world = world().await;
    let pipelines = world.watch().await;
    let brand = world.brand("Maison").await;
    let thief = world.brand("Thief").await;
    let product = world.product(&brand, "Régate").await;
    let mut meta = world.meta(&product.id).await;
    meta.insert("brandId".to_owned(), text(thief.id.as_str()));
    world.put(meta).await;
    world.scan_in(&product, "FR").await;
    pipelines.caught_up().await;
    assert_eq!(kinds(&world.alerts(&brand).await), ["hash_tampering"]);
    assert_eq!(world.alerts(&thief).await, []);
    let details = world.alerts(&brand).await[0]
        .details
        .text()
        .unwrap()
        .to_owned();
    assert!(details.contains("suspicious"), "{details}");
    pipelines.stop().await;
}

#[tokio::test]
async fn only_a_device_other_than_the_claimants_raises_an_alert() {
    let world = world().await;
    let pipelines = world.watch().await;
    let brand = world.brand("Maison").await;
    let product = world.product(&brand, "Régate").await;
    world
        .store
        .claim_product(&product.id, NewClaim::default(), caller())
        .await
        .unwrap();
    world.scan_in(&product, "FR").await;
    pipelines.caught_up().await;
    assert_eq!(world.alerts(&brand).await, []);
    let other = Caller {
        address: "198.51.100.9",
        user_agent: Some("Other"),
    };
    for _ in 0..2 {
        let target = code_of(&product);
        let scanned = world.store.verify(&target, other, Some(&place())).await;
        let warnings = scanned.unwrap().unwrap().verdict.warnings;
        assert!(
            warnings[0].contains("registered to another"),
            "{warnings:?}"
        );
    }
    pipelines.caught_up().await;
    let alerts = world.alerts(&brand).await;
    assert_eq!(kinds(&alerts), ["claimed_product_scan"]);
    assert_eq!(alerts[0].repeats.here(), Some(&1));
    assert!(
        alerts[0]
            .details
            .text()
            .unwrap()
            .contains("2026-03-01T09:30:00.000Z")
    );
    pipelines.stop().await;
}

#[tokio::test]
async fn recalls_disputes_and_gaps_raise_an_alert_each() {
    let world = world().await;
    let pipelines = world.watch().await;
    let brand = world.brand("Maison").await;
    let product = world.product(&brand, "Régate").await;
    world.clock.advance_ms(72 * HOUR);
    let shipped = happening(EventKind::Shipped, "FedEx");
    world.store.append(&product.id, shipped).await.unwrap();
    world.clock.advance_ms(72 * HOUR + 1);
    let received = happening(EventKind::Received, "Boutique");
    world.store.append(&product.id, received).await.unwrap();
    let claimed = world
        .store
        .claim_product(&product.id, NewClaim::default(), caller())
        .await
        .unwrap();
    let dispute = NewDispute {
        order_number: Some("O-7".to_owned()),
        ..NewDispute::default()
    };
    for _ in 0..2 {
        world
            .store
            .dispute_claim(&product.id, &dispute, caller())
            .await
            .unwrap();
    }
    let recall = Recall {
        reason: "The crown may let water in".to_owned(),
        issued_by: None,
    };
    world.store.recall(&product.id, recall).await.unwrap();
    pipelines.caught_up().await;
    let alerts = world.alerts(&brand).await;
    let mut found: Vec<_> = alerts
        .iter()
        .map(|alert| (alert.kind.as_str(), alert.severity.text().unwrap()))
        .collect();
    found.sort_unstable();
    assert_eq!(
        found,
        [
            ("chain_gap", "medium"),
            ("ownership_dispute", "critical"),
            ("ownership_dispute", "critical"),
            ("product_recall", "critical"),
        ]
    );
    let details = |kind: &str| {
        let alert = alerts.iter().find(|alert| alert.kind == kind).unwrap();
        alert.details.text().unwrap().to_owned()
    };
    for (kind, parts) in [
        ("chain_gap", vec!["72 hours", "FedEx", "Boutique"]),
        (
            "ownership_dispute",
            vec!["Régate", "O-7", &*claimed.to_string()],
        ),
        (
            "product_recall",
            vec!["Régate", "The crown may let water in"],
        ),
    ] {
        let details = details(kind);
        assert!(parts.iter().all(|part| details.contains(part)), "{details}");
    }
    pipelines.stop().await;
}

#[tokio::test]
async fn an_analyst_judges_beside_the_pipeline_and_is_written_down_once_for_each_scan() {
    let world = world().await;
    let pipelines = world.watch().await;
    let brand = world.brand("Maison").await;
    let product = world.product(&brand, "Régate").await;
    for number in 0..10 {
        world.clock.advance_ms(1_000);
        world
            .scan_in(
                &product,
                if number < 8 {
                    "FR"
                } else {
                    ["DE", "NG"][number - 8]
                },
            )
            .await;
    }
    pipelines.caught_up().await;
    // The tenth scan broke two rules.
    let alerts = world.alerts(&brand).await;
    assert_eq!(alerts.len(), 2);
    for alert in &alerts {
        let analysis = alert.ai_analysis.here().unwrap();
        assert_eq!(analysis["model"], "rules");
        let details = alert.details.text().unwrap();
        assert!(
            details.contains(analysis["narrative"].as_str().unwrap()),
            "{details}"
        );
        assert!(
            details.contains("within"),
            "what the rule said is kept: {details}"
        );
    }
    let log = world
        .items(
            "OPS_LOG#2026-03-01",
            "2026-03-01T09:30:10.000Z#threat_detector",
        )
        .await;
    assert_eq!(log.len(), 1);
    let entry = typed(&log[0]);
    assert_eq!(entry["GSI1PK"]["S"], "OPS_LOG");
    assert_eq!(entry["GSI1SK"]["S"], "2026-03-01T09:30:10.000Z");
    assert_eq!(
        entry["anomalyFlags"]["L"],
        json!([{"S": "geographic_anomaly"}, {"S": "burst_scan"}])
    );
    assert_eq!(entry["aiSeverity"]["S"], "HIGH");
    assert_eq!(entry["aiConfidence"]["N"], "50");
    let own = world.store.ops_of_brand(&brand.id, 7, 10).await.unwrap();
    assert_eq!(own.len(), 1);
    assert_eq!(world.store.ops(7, 10).await.unwrap().len(), 1);
    pipelines.stop().await;
}

#[tokio::test]
async fn an_alert_is_resolved_and_reopened_with_who_when_and_why() {
    let world = world().await;
    let brand = world.brand("Maison").await;
    let product = world.product(&brand, "Régate").await;
    for country in ["FR", "DE", "NG"] {
        world.scan_in(&product, country).await;
    }
    world.watch_all(&product).await;
    let alert = world.alerts(&brand).await.remove(0);
    let settle = |is_resolved| Settlement {
        is_resolved,
        by: "Ada".to_owned(),
        note: Some("A trade fair".to_owned()),
    };
    let unresolved = async || {
        let profile = world.store.brand(&brand.id).await.unwrap().unwrap();
        profile.stats.unresolved()
    };
    assert_eq!(unresolved().await, 1);
    let id = alert.id();
    let settled = world
        .store
        .settle(&brand.id, &id, &settle(true))
        .await
        .unwrap();
    assert!(settled.is_resolved());
    let stored = world.alerts(&brand).await.remove(0);
    assert_eq!(stored.resolved_by.text(), Some("Ada"));
    assert_eq!(stored.resolution_note.text(), Some("A trade fair"));
    assert_eq!(unresolved().await, 0);
    assert!(
        world
            .store
            .settle(&brand.id, &id, &settle(true))
            .await
            .is_err()
    );
    world
        .store
        .settle(&brand.id, &id, &settle(false))
        .await
        .unwrap();
    assert_eq!(unresolved().await, 1);
    let other = world.brand("Other").await;
    assert!(
        world
            .store
            .settle(&other.id, &id, &settle(true))
            .await
            .is_err()
    );
}

#[tokio::test]
async fn what_a_scan_of_a_busy_product_costs_does_not_grow_with_its_scans() {
    let world = world().await;
    let brand = world.brand("Maison").await;
    let product = world.product(&brand, "Régate").await;
    let cost = async |written: usize| {
        for _ in 0..written {
            world.clock.advance_ms(1_000);
            let scan = json!({
                "PK": format!("PRODUCT#{}", product.id),
                "SK": format!("SCAN#{}", world.store.now()), "productId": product.id,
                "timestamp": world.store.now(), "country": "FR", "city": "Lyon", "userAgent": "x", "result": "authentic",
                "brandId": brand.id,
            });
            world.put(item_of(&object(scan))).await;
        }
        let scans = world
            .store
            .scans(&product.id, 20)
            .await
            .unwrap()
            .unwrap()
            .scans;
        let mut units = Vec::new();
        for scan in scans.iter().rev() {
            world.requests.take();
            world.store.watch_scan(scan).await.unwrap();
            let taken = world.requests.take();
            units.push(taken.values().map(|(_, units)| units).sum::<f64>());
        }
        // The first one reads those that nobody watched.
        units.into_iter().skip(1).fold(0.0, f64::max)
    };
    let first = cost(100).await;
    cost(500).await;
    let later = cost(1_000).await;
    assert!(later <= first.min(40.0), "{first} units, then {later}");
}
